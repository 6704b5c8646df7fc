/* outputs.c - carries out what a core asks for, and notes what it tells the embedder. */
#include <stdio.h>
#include <string.h>

#include "parts.h"
#include "signaling/server/server.h"
#include "unit/unit.h"

static void note_event(struct sim *sim, int index, uint32_t call, const struct sotto_event *event) {
  struct sim_peer *peer = &sim->peer[index];
  char text[200];
  snprintf(text, sizeof text,
           "%s: event %d call %u state %d gate %d trust %d reason %d alarm %d media %u status %d", peer->name,
           event->type, call, event->state, event->gate, event->trust, event->reason, event->alarm, event->media,
           event->status);
  sim_log(sim, text);
  struct sim_leg *leg = call ? sim_new_leg(sim, index, call) : NULL;
  switch (event->type) {
  case SOTTO_EVENT_ONLINE:
    peer->online = true;
    break;
  case SOTTO_EVENT_OFFLINE:
    peer->online = false;
    break;
  case SOTTO_EVENT_INVITE_FAILED:
    peer->invite_failures++;
    peer->invite_status = event->status;
    break;
  case SOTTO_EVENT_INCOMING:
    peer->incoming = call;
    peer->rings++;
    leg->peer_media = event->media;
    break;
  case SOTTO_EVENT_CALL_STATE:
    leg->state = event->state;
    leg->reason = event->reason;
    break;
  case SOTTO_EVENT_GATE:
    leg->gate = event->gate;
    leg->opened |= event->gate != SOTTO_GATE_SHUT;
    break;
  case SOTTO_EVENT_SECURE:
    leg->secure = true;
    break;
  case SOTTO_EVENT_UNVERIFIED:
    leg->warned = true;
    break;
  case SOTTO_EVENT_CONSENT:
    leg->consent_asked++;
    break;
  case SOTTO_EVENT_SAS:
    leg->have_sas = true;
    leg->sas = event->sas;
    sim_log(sim, event->sas.words);
    break;
  case SOTTO_EVENT_PEER_MEDIA:
    leg->peer_media = event->media;
    break;
  case SOTTO_EVENT_NEW_DEVICE:
    leg->wants_acknowledgement = true;
    break;
  case SOTTO_EVENT_ALARM:
    peer->alarms[event->alarm & 31]++;
    break;
  case SOTTO_EVENT_LINKED:
    peer->links++;
    break;
  case SOTTO_EVENT_LINK_FAILED:
    peer->link_failures++;
    break;
  case SOTTO_EVENT_IDENTITY:
    peer->identities++;
    break;
  case SOTTO_EVENT_TOLD:
    peer->told++;
    break;
  case SOTTO_EVENT_CONTACT:
  case SOTTO_EVENT_SAS_RESULT:
    break;
  }
}

static void show_video(struct sim *sim, int peer, struct sim_leg *leg, const struct core_output *out) {
  struct picture picture;
  if (video_codec_fake.decode(leg->video_decoder, out->data, out->size, &picture))
    leg->video_frames_shown++;
  else
    core_request_key_frame(sim->peer[peer].core, sim->now, out->call);
}

void sim_carry_out(struct sim *sim, int index, const struct core_output *out) {
  struct sim_peer *peer = &sim->peer[index];
  struct sim_leg *leg = out->call ? sim_leg(sim, index, out->call) : NULL;
  if (out->call && !leg && out->type != CORE_CALL_GONE) /* one that ends before it rang is nothing to the shell */
    leg = sim_new_leg(sim, index, out->call);
  if (sim->world && sim->world->output(sim->user, index, out))
    return;
  switch (out->type) {
  case CORE_CONNECT:
    if (peer->unplugged)
      break;
    if (!sim->server_dead)
      sim_push(sim,
               (struct sim_event){.at = sim->now + 2 * sim->signaling.delay, .type = SIM_CONNECTED, .peer = index},
               0, 0);
    else
      sim_push(sim, (struct sim_event){.at = sim->now + SEC(1), .type = SIM_DOWN, .peer = index}, 0, 0);
    break;
  case CORE_DISCONNECT:
    server_disconnected(sim->server, sim->now, peer->connection);
    peer->connected = false;
    break;
  case CORE_SEND:
    sim_send_to_server(sim, index, out->data, out->size);
    break;
  case CORE_SAVE:
    peer->saves++;
    break;
  case CORE_EVENT:
    note_event(sim, index, out->call, &out->event);
    break;
  case CORE_ICE_START:
    sim_start_agent(sim, index, leg, false, out->relay_only);
    break;
  case CORE_ICE_RESTART:
    sim_start_agent(sim, index, leg, true, out->relay_only);
    break;
  case CORE_ICE_REMOTE:
    memcpy(leg->remote_ufrag, out->ufrag, sizeof leg->remote_ufrag);
    leg->remote_known = true;
    break;
  case CORE_ICE_CANDIDATE:
    leg->remote_candidates++;
    break;
  case CORE_DATAGRAM:
    sim_send_datagram(sim, index, leg, out->data, out->size);
    break;
  case CORE_AUDIO:
    if (sim->ear)
      sim->ear(sim->user, index, out->call, out->data, out->size);
    playout_input(leg->playout, out->arrival, out->seq, out->rtp_time, out->data, out->size);
    core_playout_delay(peer->core, sim->now, out->call, playout_delay(leg->playout));
    break;
  case CORE_VIDEO:
    if (sim->ear)
      sim->ear(sim->user, index, out->call, out->data, out->size);
    show_video(sim, index, leg, out);
    break;
  case CORE_ENCODER:
    leg->audio_bitrate = out->audio_bitrate;
    leg->video_bitrate = out->video_bitrate;
    leg->key_frame |= out->key_frame;
    break;
  case CORE_CALL_GONE:
    if (leg) {
      leg->gone = true;
      sim_leave_pair(sim, leg);
      sim_free_leg(leg);
    }
    break;
  }
}
