/* call_messages.c - what the two ends of a call tell each other, and in which state each message counts
 * (protocol B.3, D.6). A message out of its state is dropped: the server may replay and reorder as it likes. */
#include "../../media/bytes.h"
#include "call_parts.h"
#include "page.h"

/* ---- out ---- */

/* Through the server, and by DTLS once there is one, so that a server can't hold it back (D.7). */
void call_tell_leg(struct call *call, usec now, struct call_leg *leg, const struct message *message,
                   uint8_t hash[HASH_SIZE]) {
  struct channel *channel = &leg->channel;
  if (!channel_send(channel, now, call_unix(call, now), message, hash))
    return;
  struct dtls *dtls = call->transport.dtls;
  if (dtls && !leg->page && dtls_state(dtls) == DTLS_CONNECTED && channel->datagram_size)
    dtls_write(dtls, now, channel->datagram, channel->datagram_size);
}

void call_tell(struct call *call, usec now, const struct message *message, uint8_t hash[HASH_SIZE]) {
  call_tell_leg(call, now, call->leg[0], message, hash);
}

void call_tell_type(struct call *call, usec now, enum message_type type, enum wire_reason reason) {
  struct message message = {.type = (uint8_t)type, .reason = (uint8_t)reason};
  call_tell(call, now, &message, NULL);
}

/* What both handshake messages carry: who we are and what we know of each other (A.5, gossip). */
static struct message greeting(const struct call *call, const struct call_leg *leg, enum message_type type) {
  struct message message = {.type = (uint8_t)type, .version = WIRE_VERSION, .caps = call->env->caps};
  memcpy(message.call_id, call->call_id, sizeof message.call_id);
  call_head(&message.my_head, &leg->ours);
  call_head(&message.your_head, &call->contact->roster.head);
  return message;
}

bool call_send_knock(struct call *call, usec now, struct call_leg *leg) {
  struct message knock = greeting(call, leg, MESSAGE_KNOCK);
  knock.time = (uint64_t)call_unix(call, now);
  return channel_send_handshake(&leg->channel, now, call_unix(call, now), &knock);
}

void call_send_hello(struct call *call, usec now) {
  struct call_leg *leg = call->leg[0];
  leg->ours = call->env->trust->own.head;
  struct message hello = greeting(call, leg, MESSAGE_HELLO);
  struct bytes_view links = call_links_for(call->env->trust, &leg->known);
  if (links.size) {
    hello.roster = links.data;
    hello.roster_size = links.size;
  }
  call->hello_pending = false;
  if (!channel_send_handshake(&leg->channel, now, call_unix(call, now), &hello))
    call_finish(call, now, SOTTO_END_INTERNAL);
}

static enum wire_policy wire_policy(sotto_policy policy) {
  switch (policy) {
  case SOTTO_POLICY_REQUIRE_VERIFIED:
    return POLICY_REQUIRE_VERIFIED;
  case SOTTO_POLICY_WARN:
    return POLICY_WARN;
  case SOTTO_POLICY_SAS_FIRST:
    break;
  }
  return POLICY_SAS_FIRST;
}

/* Relayed candidates may be in it: with no relay there are none, and all others wait for the answer, so that a
 * callee who does not pick up learns no address of ours. */
static int add_relayed(const struct call *call, struct message *message) {
  const struct call_ice *local = &call->local;
  for (int i = 0; call->hidden && i < local->candidates; i++)
    message->candidate[message->candidates++] = local->candidate[i];
  return message->candidates;
}

static void describe(struct call *call, usec now, struct call_leg *leg, enum message_type type,
                     uint8_t hash[HASH_SIZE]) {
  const struct call_description *ours = &call->ours;
  unsigned media = call->media ? call->media : SOTTO_AUDIO; /* a description names one; MEDIA takes it back */
  struct message message = {.type = (uint8_t)type,
                            .setup = leg->server ? SETUP_PASSIVE : SETUP_ACTIVE,
                            .profiles = ours->profiles,
                            .media = (uint8_t)media,
                            .audio_ssrc = ours->audio_ssrc,
                            .video_ssrc = ours->video_ssrc,
                            .policy = (uint8_t)wire_policy(call->env->policy),
                            .formats = leg->formats,
                            .transport_cc = leg->page ? ours->transport_cc : 0};
  if (!leg->page) /* whose formats say it */
    message.codecs = ours->codecs;
  if (formats_find(&leg->formats, FORMAT_RTX))
    message.repair_ssrc = description_repair_ssrc(&call->ours);
  memcpy(message.call_id, call->call_id, sizeof message.call_id);
  memcpy(message.offer_hash, leg->offer_hash, sizeof message.offer_hash);
  memcpy(message.fingerprint, leg->certificate ? leg->fingerprint : ours->fingerprint, sizeof message.fingerprint);
  memcpy(message.ufrag, call->local.ufrag, sizeof message.ufrag);
  memcpy(message.pwd, call->local.pwd, sizeof message.pwd);
  memcpy(message.profile_list, ours->profile, sizeof message.profile_list);
  memcpy(message.cname, ours->cname, sizeof message.cname);
  memcpy(message.handshake, leg->channel.h, sizeof message.handshake);
  leg->media_told = media;
  leg->candidates_told = add_relayed(call, &message);
  call_tell_leg(call, now, leg, &message, hash);
}

void call_offer(struct call *call, usec now, struct call_leg *leg) {
  if (!call_is_dialing(call) || leg->offered || !leg->channel.open || !*call->local.ufrag)
    return;
  if (!call_certify(call, leg))
    return; /* it rings elsewhere, or nowhere */
  leg->offered = true;
  if (leg->page)
    page_offer(&leg->formats, call->env->video_codec);
  describe(call, now, leg, MESSAGE_OFFER, leg->offer_hash);
  if (call->state == CALL_KNOCKING)
    call_enter(call, now, CALL_OFFERED);
}

static void answer(struct call *call, usec now) {
  if (!call_certify(call, call->leg[0])) {
    call_end(call, now, SOTTO_END_INTERNAL);
    return;
  }
  describe(call, now, call->leg[0], MESSAGE_ANSWER, call->answer_hash);
  call->local.told = call->leg[0]->candidates_told;
}

void call_describe(struct call *call, usec now) {
  for (int i = 0; i < call->legs; i++)
    call_offer(call, now, call->leg[i]);
  if (call->state == CALL_ANSWERED)
    answer(call, now);
}

static bool may_send_candidates(const struct call *call) {
  return call->state >= CALL_ANSWERED && call->state != CALL_ENDED && !call->restart_pending &&
         (call->outgoing || *call->local.ufrag);
}

void call_send_candidates(struct call *call, usec now) {
  struct call_ice *local = &call->local;
  if (local->told == local->candidates || !may_send_candidates(call))
    return;
  struct message message = {.type = MESSAGE_CAND, .generation = local->generation};
  while (local->told < local->candidates)
    message.candidate[message.candidates++] = local->candidate[local->told++];
  call_tell(call, now, &message, NULL);
}

void call_send_restart(struct call *call, usec now) {
  struct message message = {.type = MESSAGE_RESTART, .generation = call->local.generation};
  call->restart_pending = false;
  memcpy(message.ufrag, call->local.ufrag, sizeof message.ufrag);
  memcpy(message.pwd, call->local.pwd, sizeof message.pwd);
  call_tell(call, now, &message, NULL);
}

/* ---- in ---- */

static enum wire_setup their_setup(const struct call_leg *leg) {
  return leg->server ? SETUP_ACTIVE : SETUP_PASSIVE;
}

static bool save_description(struct call *call, const struct call_leg *leg, const struct message *message) {
  struct call_description *theirs = &call->theirs;
  if (!crypto_equal(message->call_id, call->call_id, CALL_ID_SIZE) ||
      !crypto_equal(message->handshake, leg->channel.h, HASH_SIZE) || message->setup != their_setup(leg) ||
      (message->formats.count > 0) != leg->page)
    return false;
  memcpy(theirs->fingerprint, message->fingerprint, sizeof theirs->fingerprint);
  memcpy(theirs->cname, message->cname, sizeof theirs->cname);
  memcpy(theirs->profile, message->profile_list, sizeof theirs->profile);
  theirs->profiles = message->profiles;
  if (!leg->page)
    theirs->codecs = message->codecs;
  theirs->audio_ssrc = message->audio_ssrc;
  theirs->video_ssrc = message->video_ssrc;
  theirs->transport_cc = message->transport_cc;
  theirs->repair_ssrc = message->repair_ssrc;
  memcpy(call->remote.ufrag, message->ufrag, sizeof call->remote.ufrag);
  memcpy(call->remote.pwd, message->pwd, sizeof call->remote.pwd);
  call->peer_media = message->media;
  return true;
}

/* Is there a profile that both may use? */
static bool profile_in_common(const struct call *call) {
  uint16_t profile[DESCRIPTION_PROFILES];
  return description_profiles(&call->ours, &call->theirs, profile) > 0;
}

static void refuse_description(struct call *call, usec now) {
  call_alarm(call, now, SOTTO_ALARM_AUTH_FAIL);
  call_end(call, now, SOTTO_END_SECURITY);
}

/* D.6: a second description is nothing, but one with another certificate or role is an attack. */
static void check_late_description(struct call *call, usec now, const struct message *message) {
  if (call->state < CALL_RINGING ||
      (message->setup == their_setup(call->leg[0]) &&
       crypto_equal(message->fingerprint, call->theirs.fingerprint, sizeof call->theirs.fingerprint)))
    return;
  call_alarm(call, now, SOTTO_ALARM_FP_CHANGED);
  call_end(call, now, SOTTO_END_SECURITY);
}

static void on_offer(struct call *call, usec now, const struct message *offer, const uint8_t hash[HASH_SIZE]) {
  struct call_leg *leg = call->leg[0];
  if (call->state != CALL_HELLOED) {
    check_late_description(call, now, offer);
    return;
  }
  struct call *crossed =
      call_gives_way(call->env, call->contact) ? call_find_dialing(call->env, call->contact) : NULL;
  if (crossed) { /* not before: the KNOCK may be an old one, which ends no call of ours */
    call_yield(crossed, call, now);
    on_offer(crossed, now, offer, hash);
    call_read_messages(crossed, now, leg); /* what came ahead of the OFFER */
    return;
  }
  if (!call_check_heads(call, now, leg) || !save_description(call, leg, offer) ||
      (leg->page && !page_answer(&leg->formats, &offer->formats, call->env->video_codec))) {
    call_finish(call, now, SOTTO_END_SECURITY);
    return;
  }
  if (!profile_in_common(call)) {
    call_alarm(call, now, SOTTO_ALARM_PROFILE_DOWNGRADE);
    call_end(call, now, SOTTO_END_SECURITY);
    return;
  }
  call->ours.transport_cc = offer->transport_cc;
  memcpy(leg->offer_hash, hash, sizeof leg->offer_hash);
  call_add_remote(call, offer->candidate, offer->candidates);
  if (!call->auto_accept)
    call_event(call, SOTTO_EVENT_INCOMING)->state = SOTTO_CALL_RINGING;
  call_enter(call, now, CALL_RINGING);
  call_tell_type(call, now, MESSAGE_RINGING, 0);
  if (call->env
          ->relay) /* allocates while it rings; tells nothing, and checks nothing, before a person has accepted */
    call_start_ice(call);
  if (call->auto_accept)
    call_accept(call, now, call->media);
}

/* The first answer counts: the other devices stop ringing, and what they may still say is of a leg that is gone. */
static void on_answer(struct call *call, usec now, struct call_leg *leg, const struct message *answer,
                      const uint8_t hash[HASH_SIZE]) {
  if (call->state != CALL_OFFERED || !leg->offered)
    return;
  if (!crypto_equal(answer->offer_hash, leg->offer_hash, HASH_SIZE) || !save_description(call, leg, answer) ||
      (leg->page && !page_answered(&leg->formats, &answer->formats)) ||
      (answer->transport_cc && answer->transport_cc != call->ours.transport_cc)) {
    refuse_description(call, now);
    return;
  }
  if (!profile_in_common(call)) {
    call_alarm(call, now, SOTTO_ALARM_PROFILE_DOWNGRADE);
    call_end(call, now, SOTTO_END_SECURITY);
    return;
  }
  call_keep_leg(call, now, leg, REASON_ANSWERED_ELSEWHERE);
  call->local.told = leg->candidates_told;
  memcpy(call->answer_hash, hash, sizeof call->answer_hash);
  struct message confirm = {.type = MESSAGE_CONFIRM};
  memcpy(confirm.offer_hash, leg->offer_hash, sizeof confirm.offer_hash);
  memcpy(confirm.answer_hash, call->answer_hash, sizeof confirm.answer_hash);
  call_tell(call, now, &confirm, NULL);
  call_use_remote(call);
  call_add_remote(call, answer->candidate, answer->candidates);
  call_event(call, SOTTO_EVENT_PEER_MEDIA);
  call_connect(call, now);
}

static void on_confirm(struct call *call, usec now, const struct message *confirm) {
  if (call->state != CALL_ANSWERED)
    return;
  if (crypto_equal(confirm->offer_hash, call->leg[0]->offer_hash, HASH_SIZE) &&
      crypto_equal(confirm->answer_hash, call->answer_hash, HASH_SIZE))
    call_connect(call, now);
  else
    refuse_description(call, now);
}

static void on_candidates(struct call *call, const struct message *message) {
  if (call->state >= CALL_CONNECTING && message->generation == call->remote.generation)
    call_add_remote(call, message->candidate, message->candidates);
}

/* D.6: the generation goes up by one; everything that authenticates the media stays as it was. Both descriptions
 * are authenticated from CONNECTING on. */
static void on_restart(struct call *call, const struct message *message) {
  if (call->state < CALL_CONNECTING || message->generation != (uint8_t)(call->remote.generation + 1))
    return;
  bool ours_too = call->local.generation == call->remote.generation; /* theirs came first: answer with our own */
  if (ours_too && call->restart_pending)
    return; /* they have not seen our answer to the last one: nobody restarts like that */
  if (ours_too)
    call_begin_restart(call);
  call->remote.generation++;
  call->remote.candidates = 0;
  memcpy(call->remote.ufrag, message->ufrag, sizeof call->remote.ufrag);
  memcpy(call->remote.pwd, message->pwd, sizeof call->remote.pwd);
  call_use_remote(call);
  call_add_remote(call, message->candidate, message->candidates);
}

static void on_media(struct call *call, const struct message *message) {
  if (call->state < CALL_CONNECTING || message->generation != (uint8_t)(call->peer_media_generation + 1))
    return;
  call->peer_media_generation++;
  call->peer_media = message->media;
  call_event(call, SOTTO_EVENT_PEER_MEDIA);
}

/* While several devices ring: what counts from each of them. A person who declines does so for all of them; a
 * device that is busy or fails is out. */
static void read_from_leg(struct call *call, usec now, struct call_leg *leg, const struct message *message,
                          const uint8_t hash[HASH_SIZE]) {
  switch (message->type) {
  case MESSAGE_ANSWER:
    on_answer(call, now, leg, message, hash);
    break;
  case MESSAGE_DECLINE:
    if (message->reason == REASON_DECLINED)
      call_keep_leg(call, now, leg, REASON_ANSWERED_ELSEWHERE);
    call_drop_leg(call, now, leg, end_reason_from_wire(message->reason));
    break;
  case MESSAGE_HANGUP:
    call_drop_leg(call, now, leg, end_reason_from_wire(message->reason));
    break;
  case MESSAGE_RINGING: /* the caller's state OFFERED says as much */
    if (!call->stats.setup_ringing_us)
      call->stats.setup_ringing_us = now - call->started;
    break;
  default:
    leg->channel.rejected++;
    break;
  }
}

static void on_roster(struct call *call, usec now, const struct message *message) {
  if (call_roster_received(call, now, message))
    return;
  if (call->state == CALL_HELLOED && !call->auto_accept)
    call_finish(call, now, SOTTO_END_SECURITY);
  else
    call_end(call, now, SOTTO_END_SECURITY);
}

static void read_message(struct call *call, usec now, const struct message *message,
                         const uint8_t hash[HASH_SIZE]) {
  bool gives_up = message->type == MESSAGE_CANCEL || message->type == MESSAGE_HANGUP;
  if (gives_up && call->state == CALL_HELLOED) /* perhaps for what it knows of us, and we do not */
    call_check_ours(call, now, call->leg[0]);
  switch (message->type) {
  case MESSAGE_OFFER:
    on_offer(call, now, message, hash);
    break;
  case MESSAGE_ANSWER:
    check_late_description(call, now, message);
    break;
  case MESSAGE_ROSTER:
    on_roster(call, now, message);
    break;
  case MESSAGE_CONFIRM:
    on_confirm(call, now, message);
    break;
  case MESSAGE_BIND:
    call_bind_received(call, now, message);
    break;
  case MESSAGE_CAND:
    on_candidates(call, message);
    break;
  case MESSAGE_RESTART:
    on_restart(call, message);
    break;
  case MESSAGE_MEDIA:
    on_media(call, message);
    break;
  case MESSAGE_SAS_COMMIT:
  case MESSAGE_SAS_REPLY:
  case MESSAGE_SAS_OPEN:
  case MESSAGE_SAS_RESULT:
  case MESSAGE_SAS_REQUEST:
    call_sas_message(call, now, message);
    break;
  case MESSAGE_CANCEL:
    if (call->state == CALL_HELLOED || call->state == CALL_RINGING || call->state == CALL_ANSWERED)
      call_finish(call, now, end_reason_from_wire(message->reason));
    break;
  case MESSAGE_HANGUP:
    call_finish(call, now, end_reason_from_wire(message->reason));
    break;
  default: /* of a handshake or a first contact: not in a call */
    call_channel(call)->rejected++;
    break;
  }
}

void call_read_messages(struct call *call, usec now, struct call_leg *leg) {
  struct message message;
  uint8_t hash[HASH_SIZE];
  while (!call_ended(call) && call_leg_lives(call, leg) && channel_next(&leg->channel, now, &message, hash)) {
    if (call->outgoing && call->state < CALL_CONNECTING)
      read_from_leg(call, now, leg, &message, hash);
    else
      read_message(call, now, &message, hash);
  }
}

void call_send_media(struct call *call, usec now) {
  if (call->media == call->leg[0]->media_told || call->state < CALL_CONNECTING || call_ended(call))
    return; /* before, the OFFER or ANSWER says it; what changed after it was written is said when connected */
  call->leg[0]->media_told = call->media;
  struct message message = {
      .type = MESSAGE_MEDIA, .generation = ++call->media_generation, .media = (uint8_t)call->media};
  call_tell(call, now, &message, NULL);
}

sotto_status call_set_media(struct call *call, usec now, unsigned media) {
  if (call_ended(call))
    return SOTTO_ERR_STATE;
  if (media == call->media)
    return SOTTO_OK;
  call->media = media;
  transport_set_media(&call->transport, media);
  call_send_media(call, now);
  return SOTTO_OK;
}
