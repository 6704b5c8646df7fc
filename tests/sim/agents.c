/* agents.c - the calls as the shell keeps them, and who found whom: two agents of equal credentials are a pair. */
#include <stdio.h>
#include <string.h>

#include "parts.h"
#include "unit/unit.h"

enum { CONSENT_TIMEOUT_MS = 10000 };

struct sim_leg *sim_leg(struct sim *sim, int peer, uint32_t call) {
  for (int i = 0; i < SIM_LEGS; i++)
    if (sim->peer[peer].leg[i].used && sim->peer[peer].leg[i].call == call)
      return &sim->peer[peer].leg[i];
  return NULL;
}

struct sim_leg *sim_new_leg(struct sim *sim, int peer, uint32_t call) {
  struct sim_leg *leg = sim_leg(sim, peer, call);
  for (int i = 0; !leg && i < SIM_LEGS; i++)
    if (!sim->peer[peer].leg[i].used) {
      leg = &sim->peer[peer].leg[i];
      *leg = (struct sim_leg){.used = true, .call = call, .other_peer = -1};
      leg->playout = playout_new(&audio_codec_fake);
      leg->audio_encoder =
          audio_codec_fake.encoder_new(&(struct audio_encoder_config){.frame_samples = 960, .bitrate = 32000});
      leg->video_encoder = video_codec_fake.encoder_new(
          &(struct video_encoder_config){.width = 640, .height = 360, .fps = 30, .threads = 1, .bitrate = 500000});
      leg->video_decoder = video_codec_fake.decoder_new();
      assert_true(leg->playout && leg->audio_encoder && leg->video_encoder && leg->video_decoder);
    }
  assert_non_null(leg);
  return leg;
}

void sim_free_leg(struct sim_leg *leg) {
  if (!leg->playout)
    return;
  playout_free(leg->playout);
  audio_codec_fake.encoder_free(leg->audio_encoder);
  video_codec_fake.encoder_free(leg->video_encoder);
  video_codec_fake.decoder_free(leg->video_decoder);
  leg->playout = NULL;
}

static bool ready_to_connect(const struct sim_leg *leg) {
  return leg->used && !leg->gone && !leg->connected && leg->remote_known && leg->remote_candidates;
}

/* Two agents find each other when each has the other's credentials and a candidate (a round trip of checks). */
void sim_try_pairs(struct sim *sim) {
  for (int a = 0; a < sim->peers && !sim->path_broken; a++)
    for (int b = a + 1; b < sim->peers; b++)
      for (int i = 0; i < SIM_LEGS; i++)
        for (int k = 0; k < SIM_LEGS; k++) {
          struct sim_leg *x = &sim->peer[a].leg[i], *y = &sim->peer[b].leg[k];
          if (!ready_to_connect(x))
            break;
          if (!ready_to_connect(y) || strcmp(x->ufrag, y->remote_ufrag) || strcmp(y->ufrag, x->remote_ufrag))
            continue;
          x->connected = y->connected = true;
          x->other_peer = b, x->other_leg = k;
          y->other_peer = a, y->other_leg = i;
          usec checks = 2 * sim->link.delay;
          sim_push(sim,
                   (struct sim_event){.at = sim->now + checks, .type = SIM_ICE_FOUND, .peer = a, .call = x->call},
                   0, 0);
          sim_push(sim,
                   (struct sim_event){.at = sim->now + checks, .type = SIM_ICE_FOUND, .peer = b, .call = y->call},
                   0, 0);
        }
}

void sim_break_path(struct sim *sim, bool broken) {
  sim->path_broken = broken;
  for (int p = 0; broken && p < sim->peers; p++)
    for (int i = 0; i < SIM_LEGS; i++)
      if (sim->peer[p].leg[i].connected) {
        sim->peer[p].leg[i].connected = false;
        sim_push(sim,
                 (struct sim_event){.at = sim->now + MS(CONSENT_TIMEOUT_MS),
                                    .type = SIM_ICE_LOST,
                                    .peer = p,
                                    .call = sim->peer[p].leg[i].call},
                 0, 0);
      }
}

/* An agent that is closed answers no consent check (RFC 7675): the other end notices. */
void sim_leave_pair(struct sim *sim, struct sim_leg *leg) {
  if (!leg->connected)
    return;
  struct sim_leg *other = &sim->peer[leg->other_peer].leg[leg->other_leg];
  leg->connected = other->connected = false;
  sim_push(sim,
           (struct sim_event){.at = sim->now + MS(CONSENT_TIMEOUT_MS),
                              .type = SIM_ICE_LOST,
                              .peer = leg->other_peer,
                              .call = other->call},
           0, 0);
}

void sim_start_agent(struct sim *sim, int peer, struct sim_leg *leg, bool restart, bool relay_only) {
  leg->relay_only = relay_only;
  leg->connected = false;
  leg->remote_candidates = restart ? 0 : leg->remote_candidates;
  leg->remote_known = restart ? false : leg->remote_known;
  leg->generation++;
  snprintf(leg->ufrag, sizeof leg->ufrag, "u%08llx", (unsigned long long)(random_next(&sim->random) >> 32));
  snprintf(leg->pwd, sizeof leg->pwd, "p%016llx%016llx", (unsigned long long)random_next(&sim->random),
           (unsigned long long)random_next(&sim->random));
  sim_push(sim,
           (struct sim_event){.at = sim->now + 1,
                              .type = SIM_ICE_LOCAL,
                              .peer = peer,
                              .call = leg->call,
                              .generation = leg->generation},
           0, 0);
}
