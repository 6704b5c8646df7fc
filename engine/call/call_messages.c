/* call_messages.c - what the two ends of a call tell each other, and in which state each message counts
 * (protocol B.3, D.6). A message out of its state is dropped: the server may replay and reorder as it likes. */
#include "../../media/bytes.h"
#include "call_parts.h"

/* ---- out ---- */

/* Through the server, and by DTLS once there is one, so that a server can't hold it back (D.7). */
void call_tell(struct call *call, usec now, const struct message *message, uint8_t hash[HASH_SIZE]) {
  if (!channel_send(&call->channel, now, call_unix(call, now), message, hash))
    return;
  struct dtls *dtls = call->transport.dtls;
  if (dtls && dtls_state(dtls) == DTLS_CONNECTED && call->channel.datagram_size)
    dtls_write(dtls, now, call->channel.datagram, call->channel.datagram_size);
}

void call_tell_type(struct call *call, usec now, enum message_type type, enum wire_reason reason) {
  struct message message = {.type = (uint8_t)type, .reason = (uint8_t)reason};
  call_tell(call, now, &message, NULL);
}

static void set_head(struct wire_head *out, const struct roster_head *head) {
  out->seq = head->seq;
  memcpy(out->hash, head->hash, sizeof out->hash);
}

/* What both handshake messages carry: who we are and what we know of each other (A.5, gossip). */
static struct message greeting(const struct call *call, enum message_type type) {
  struct message message = {.type = (uint8_t)type, .version = WIRE_VERSION};
  memcpy(message.call_id, call->call_id, sizeof message.call_id);
  set_head(&message.my_head, &call->env->trust->own.head);
  set_head(&message.your_head, &call->contact->roster.head);
  return message;
}

bool call_send_knock(struct call *call, usec now) {
  struct message knock = greeting(call, MESSAGE_KNOCK);
  knock.time = (uint64_t)call_unix(call, now);
  return channel_send_handshake(&call->channel, now, call_unix(call, now), &knock);
}

void call_send_hello(struct call *call, usec now) {
  struct message hello = greeting(call, MESSAGE_HELLO);
  call->hello_pending = false;
  if (!channel_send_handshake(&call->channel, now, call_unix(call, now), &hello))
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

/* OFFER, in KNOCKING, or ANSWER. Neither carries candidates: the caller's wait for the answer, so that a callee who
 * does not pick up learns no address, and the callee's follow. */
void call_describe(struct call *call, usec now) {
  const struct call_description *ours = &call->ours;
  bool offer = call->state == CALL_KNOCKING && call->channel.open;
  if (!offer && call->state != CALL_ANSWERED)
    return;
  unsigned media = call->media ? call->media : SOTTO_AUDIO; /* a description names one; MEDIA takes it back */
  struct message message = {.type = offer ? MESSAGE_OFFER : MESSAGE_ANSWER,
                            .setup = offer ? SETUP_PASSIVE : SETUP_ACTIVE,
                            .profiles = ours->profiles,
                            .media = (uint8_t)media,
                            .audio_ssrc = ours->audio_ssrc,
                            .video_ssrc = ours->video_ssrc,
                            .policy = (uint8_t)wire_policy(call->env->policy)};
  memcpy(message.call_id, call->call_id, sizeof message.call_id);
  memcpy(message.offer_hash, call->offer_hash, sizeof message.offer_hash);
  memcpy(message.fingerprint, ours->fingerprint, sizeof message.fingerprint);
  memcpy(message.ufrag, call->local.ufrag, sizeof message.ufrag);
  memcpy(message.pwd, call->local.pwd, sizeof message.pwd);
  memcpy(message.profile_list, ours->profile, sizeof message.profile_list);
  memcpy(message.cname, ours->cname, sizeof message.cname);
  memcpy(message.handshake, call->channel.h, sizeof message.handshake);
  call->media_told = media;
  call_tell(call, now, &message, offer ? call->offer_hash : call->answer_hash);
  if (offer)
    call_enter(call, now, CALL_OFFERED);
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

/* From inside the handshake (A.5), and only from a peer that has answered a fresh key of ours: what a KNOCK says
 * may be old, or made with our own stolen key. */
bool call_check_heads(struct call *call, usec now, const struct wire_head *its, const struct wire_head *of_us) {
  struct roster_head theirs = {.seq = its->seq}, ours = {.seq = of_us->seq};
  memcpy(theirs.hash, its->hash, sizeof theirs.hash);
  memcpy(ours.hash, of_us->hash, sizeof ours.hash);
  enum roster_verdict own = roster_compare(&call->env->trust->own.head, &ours);
  if (own == ROSTER_FORK || own == ROSTER_ACCEPTED) /* somebody signs with our key, or we were rolled back */
    call_alarm(call, now, own == ROSTER_FORK ? SOTTO_ALARM_SELF_ROSTER_FORK : SOTTO_ALARM_SELF_ROSTER_ROLLBACK);
  switch (roster_compare(&call->contact->roster.head, &theirs)) {
  case ROSTER_SAME:
    if (contact_head_confirmed(call->contact, &theirs))
      call_changed_trust(call);
    return true;
  case ROSTER_FORK:
    if (contact_roster_forked(call->contact, call_unix(call, now)))
      call_changed_trust(call);
    call_alarm(call, now, SOTTO_ALARM_ROSTER_FORK);
    return false;
  case ROSTER_STALE:
    call_alarm(call, now, SOTTO_ALARM_ROSTER_STALE);
    return false;
  case ROSTER_ACCEPTED: /* devices that we have no signed statement of */
  case ROSTER_BAD:
    break;
  }
  call_alarm(call, now, SOTTO_ALARM_ROSTER_CHANGED);
  return false;
}

static bool save_description(struct call *call, const struct message *message) {
  struct call_description *theirs = &call->theirs;
  if (!crypto_equal(message->call_id, call->call_id, CALL_ID_SIZE) ||
      !crypto_equal(message->handshake, call->channel.h, HASH_SIZE))
    return false;
  memcpy(theirs->fingerprint, message->fingerprint, sizeof theirs->fingerprint);
  memcpy(theirs->cname, message->cname, sizeof theirs->cname);
  memcpy(theirs->profile, message->profile_list, sizeof theirs->profile);
  theirs->profiles = message->profiles;
  theirs->audio_ssrc = message->audio_ssrc;
  theirs->video_ssrc = message->video_ssrc;
  memcpy(call->remote.ufrag, message->ufrag, sizeof call->remote.ufrag);
  memcpy(call->remote.pwd, message->pwd, sizeof call->remote.pwd);
  call->peer_media = message->media;
  return true;
}

/* Is there a profile that both may use? */
static bool profile_in_common(const struct call *call) {
  for (int i = 0; i < call->theirs.profiles; i++)
    if (srtp_profile_name(call->theirs.profile[i]))
      return true;
  return false;
}

static void refuse_description(struct call *call, usec now) {
  call_alarm(call, now, SOTTO_ALARM_AUTH_FAIL);
  call_end(call, now, SOTTO_END_SECURITY);
}

/* D.6: a second description is nothing, but one with another certificate or role is an attack. */
static void check_late_description(struct call *call, usec now, const struct message *message,
                                   enum wire_setup setup) {
  if (call->state < CALL_RINGING ||
      (message->setup == setup &&
       crypto_equal(message->fingerprint, call->theirs.fingerprint, sizeof call->theirs.fingerprint)))
    return;
  call_alarm(call, now, SOTTO_ALARM_FP_CHANGED);
  call_end(call, now, SOTTO_END_SECURITY);
}

static void on_offer(struct call *call, usec now, const struct message *offer, const uint8_t hash[HASH_SIZE]) {
  if (call->state != CALL_HELLOED) {
    check_late_description(call, now, offer, SETUP_PASSIVE);
    return;
  }
  if (!call_check_heads(call, now, &call->knock_my_head, &call->knock_your_head) ||
      !save_description(call, offer) || offer->setup != SETUP_PASSIVE) {
    call_finish(call, now, SOTTO_END_SECURITY);
    return;
  }
  if (!profile_in_common(call)) {
    call_alarm(call, now, SOTTO_ALARM_PROFILE_DOWNGRADE);
    call_end(call, now, SOTTO_END_SECURITY);
    return;
  }
  memcpy(call->offer_hash, hash, sizeof call->offer_hash);
  call_add_remote(call, offer->candidate, offer->candidates);
  if (!call->auto_accept)
    call_event(call, SOTTO_EVENT_INCOMING)->state = SOTTO_CALL_RINGING;
  call_enter(call, now, CALL_RINGING);
  call_tell_type(call, now, MESSAGE_RINGING, 0);
  if (call->auto_accept)
    call_accept(call, now, call->media);
}

static void on_answer(struct call *call, usec now, const struct message *answer, const uint8_t hash[HASH_SIZE]) {
  if (call->state != CALL_OFFERED) {
    check_late_description(call, now, answer, SETUP_ACTIVE);
    return;
  }
  if (!crypto_equal(answer->offer_hash, call->offer_hash, HASH_SIZE) || !save_description(call, answer) ||
      answer->setup != SETUP_ACTIVE) {
    refuse_description(call, now);
    return;
  }
  if (!profile_in_common(call)) {
    call_alarm(call, now, SOTTO_ALARM_PROFILE_DOWNGRADE);
    call_end(call, now, SOTTO_END_SECURITY);
    return;
  }
  memcpy(call->answer_hash, hash, sizeof call->answer_hash);
  struct message confirm = {.type = MESSAGE_CONFIRM};
  memcpy(confirm.offer_hash, call->offer_hash, sizeof confirm.offer_hash);
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
  if (crypto_equal(confirm->offer_hash, call->offer_hash, HASH_SIZE) &&
      crypto_equal(confirm->answer_hash, call->answer_hash, HASH_SIZE))
    call_connect(call, now);
  else
    refuse_description(call, now);
}

static void on_candidates(struct call *call, const struct message *message) {
  if (call->state >= CALL_CONNECTING && message->generation == call->remote.generation)
    call_add_remote(call, message->candidate, message->candidates);
}

/* D.6: the generation goes up by one; everything that authenticates the media stays as it was. */
static void on_restart(struct call *call, usec now, const struct message *message) {
  bool settled = call->state == CALL_GATED || call->state == CALL_OPEN || call->state == CALL_RECONNECTING;
  if (!settled || message->generation != (uint8_t)(call->remote.generation + 1))
    return;
  bool ours_too = call->local.generation == call->remote.generation; /* theirs came first: answer with our own */
  if (ours_too && call->restart_pending)
    return; /* they have not seen our answer to the last one: nobody restarts like that */
  if (ours_too)
    call_restart_ice(call, now);
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

static sotto_end_reason reason_from_peer(uint8_t reason) {
  switch (reason) {
  case REASON_DECLINED:
    return SOTTO_END_DECLINED;
  case REASON_BUSY:
    return SOTTO_END_BUSY;
  case REASON_CANCELED:
  case REASON_ANSWERED_ELSEWHERE:
    return SOTTO_END_CANCELED;
  case REASON_NO_ANSWER:
    return SOTTO_END_NO_ANSWER;
  case REASON_UNREACHABLE:
    return SOTTO_END_UNREACHABLE;
  case REASON_LOST:
    return SOTTO_END_LOST;
  case REASON_TIMEOUT:
    return SOTTO_END_TIMEOUT;
  case REASON_UNVERIFIED:
    return SOTTO_END_UNVERIFIED;
  case REASON_SECURITY:
    return SOTTO_END_SECURITY;
  case REASON_INTERNAL:
    return SOTTO_END_INTERNAL;
  default:
    return SOTTO_END_HANGUP;
  }
}

static void read_message(struct call *call, usec now, const struct message *message,
                         const uint8_t hash[HASH_SIZE]) {
  switch (message->type) {
  case MESSAGE_OFFER:
    on_offer(call, now, message, hash);
    break;
  case MESSAGE_RINGING: /* the caller's phase OFFERED says as much */
    break;
  case MESSAGE_ANSWER:
    on_answer(call, now, message, hash);
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
    on_restart(call, now, message);
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
  case MESSAGE_DECLINE:
    if (call->state == CALL_OFFERED)
      call_finish(call, now, reason_from_peer(message->reason));
    break;
  case MESSAGE_CANCEL:
    if (call->state == CALL_HELLOED || call->state == CALL_RINGING || call->state == CALL_ANSWERED)
      call_finish(call, now, reason_from_peer(message->reason));
    break;
  case MESSAGE_HANGUP:
    call_finish(call, now, reason_from_peer(message->reason));
    break;
  default: /* of a handshake or a first contact: not in a call */
    call->channel.rejected++;
    break;
  }
}

void call_read_messages(struct call *call, usec now) {
  struct message message;
  uint8_t hash[HASH_SIZE];
  while (!call_ended(call) && channel_next(&call->channel, now, &message, hash))
    read_message(call, now, &message, hash);
}

void call_send_media(struct call *call, usec now) {
  if (call->media == call->media_told || call->state < CALL_CONNECTING || call_ended(call))
    return; /* before, the OFFER or ANSWER says it; what changed after it was written is said when connected */
  call->media_told = call->media;
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
