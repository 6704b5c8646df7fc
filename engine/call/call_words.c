/* call_words.c - the words that two people compare: runs of the comparison in a call that is bound, what the peer
 * says in them, and what the user says of the words (protocol C.3-C.5; the game itself is trust/sas.h).
 */
#include "call_parts.h"

#define SAS_TIMEOUT SEC(30) /* from COMMIT to the words */

static void set_party(struct sas_party *party, const struct channel_party *from, const struct roster_head *head,
                      const uint8_t fingerprint[HASH_SIZE]) {
  memcpy(party->ik, from->id, sizeof party->ik);
  memcpy(party->dev_id, from->device, sizeof party->dev_id);
  memcpy(party->dx, from->dx, sizeof party->dx);
  party->head = *head;
  memcpy(party->fp, fingerprint, sizeof party->fp);
}

void call_prepare_sas(struct call *call) {
  const struct call_leg *leg = call->leg[0];
  const struct message *bind = &call->bind_ours;
  struct sas_transcript transcript = {.version = WIRE_VERSION,
                                      .mode = leg->page ? SAS_MODE_CERT : SAS_MODE_EKM,
                                      .dtls_client_is_initiator = leg->server != call->outgoing,
                                      .srtp_profile = bind->profile,
                                      .cipher = bind->cipher,
                                      .has_ekm = !leg->page};
  struct sas_party us, them;
  set_party(&us, &leg->channel.us, &leg->ours, bind->fp_self);
  set_party(&them, &leg->channel.them, &leg->theirs, bind->fp_peer);
  transcript.initiator = call->outgoing ? us : them;
  transcript.responder = call->outgoing ? them : us;
  memcpy(transcript.call_id, call->call_id, sizeof transcript.call_id);
  memcpy(transcript.h, leg->channel.h, sizeof transcript.h);
  memcpy(transcript.offer, leg->offer_hash, sizeof transcript.offer);
  memcpy(transcript.answer, call->answer_hash, sizeof transcript.answer);
  memcpy(transcript.ekm, bind->ekm, sizeof transcript.ekm);
  sas_init(&call->sas, call->outgoing, &transcript);
  call->sas_ready = true;
}

/* The wall clock as it was when the engine began: one that is set a day ahead since then ends no lock. */
static int64_t words_unix(const struct call *call, usec now) {
  return (now + call->env->first_wall_offset) / SEC(1);
}

/* Three runs a day, then the words are locked (C.5). What begins no run costs none: or the peer could lock them. */
static bool may_run(const struct call *call, usec now) {
  return contact_sas_runs_left(call->contact, words_unix(call, now)) > 0;
}

static void count_run(struct call *call, usec now) {
  contact_sas_begin(call->contact, words_unix(call, now));
  outbox_add(call->env->outbox, CORE_SAVE, 0);
}

bool call_sas_start(struct call *call, usec now) {
  struct message message = {.type = MESSAGE_SAS_COMMIT};
  if (sas_under_way(&call->sas))
    return true;
  if (!may_run(call, now) || !sas_start(&call->sas, message.commitment))
    return false;
  count_run(call, now);
  message.run = call->sas.run;
  call->sas_deadline = now + SAS_TIMEOUT;
  call_tell(call, now, &message, NULL);
  return true;
}

static void show_words(struct call *call) {
  call->sas_deadline = USEC_NEVER;
  contact_sas_shown(call->contact);
  outbox_add(call->env->outbox, CORE_SAVE, 0);
  sas_render(call->sas.value, &call_event(call, SOTTO_EVENT_SAS)->sas);
}

static void tell_result(struct call *call, usec now, uint8_t run, enum wire_result result) {
  struct message message = {.type = MESSAGE_SAS_RESULT, .run = run, .result = (uint8_t)result};
  call_tell(call, now, &message, NULL);
}

static void sas_failed(struct call *call, usec now, sotto_alarm alarm) {
  call->sas_deadline = USEC_NEVER;
  call_alarm(call, now, alarm);
}

static void on_commit(struct call *call, usec now, const struct message *message) {
  struct message reply = {.type = MESSAGE_SAS_REPLY, .run = message->run};
  if (!may_run(call, now)) {
    tell_result(call, now, message->run, RESULT_CANCEL);
    return;
  }
  if (!sas_commit(&call->sas, message->run, message->commitment, reply.random)) {
    sas_failed(call, now, SOTTO_ALARM_SAS_COMMIT_BAD);
    return;
  }
  count_run(call, now);
  call->sas_deadline = now + SAS_TIMEOUT;
  call_tell(call, now, &reply, NULL);
}

static void on_reply(struct call *call, usec now, const struct message *message) {
  struct message open = {.type = MESSAGE_SAS_OPEN, .run = message->run};
  if (!sas_reply(&call->sas, message->run, message->random, open.random)) {
    sas_failed(call, now, SOTTO_ALARM_SAS_COMMIT_BAD);
    return;
  }
  call_tell(call, now, &open, NULL);
  show_words(call);
}

static void tell_answers(struct call *call, bool remote) {
  struct sotto_event *event = call_event(call, SOTTO_EVENT_SAS_RESULT);
  event->local = call->sas.local == SAS_MATCH;
  event->remote = remote;
}

static void on_result(struct call *call, usec now, const struct message *message) {
  if (message->result ==
      RESULT_MISMATCH) { /* of any run: it shuts our gate too; what we think of them is our user's */
    tell_answers(call, false);
    call_alarm(call, now, SOTTO_ALARM_SAS_MISMATCH);
    call_end(call, now, SOTTO_END_SECURITY);
    return;
  }
  if (sas_under_way(&call->sas) && message->run == call->sas.run) { /* given up before the words were there */
    sas_abort(&call->sas);
    sas_failed(call, now, SOTTO_ALARM_SAS_ABORTED);
    return;
  }
  if (!sas_result(&call->sas, message->run, (enum sas_answer)message->result))
    return;
  tell_answers(call, message->result == RESULT_MATCH);
}

void call_sas_message(struct call *call, usec now, const struct message *message) {
  if (!call->sas_ready) /* BIND comes first */
    return;
  switch (message->type) {
  case MESSAGE_SAS_REQUEST:
    if (call->outgoing)
      call_sas_start(call, now);
    break;
  case MESSAGE_SAS_COMMIT:
    on_commit(call, now, message);
    break;
  case MESSAGE_SAS_REPLY:
    on_reply(call, now, message);
    break;
  case MESSAGE_SAS_OPEN:
    if (sas_open(&call->sas, message->run, message->random))
      show_words(call);
    else
      sas_failed(call, now, SOTTO_ALARM_SAS_COMMIT_BAD);
    break;
  default:
    on_result(call, now, message);
    break;
  }
}

void call_sas_timer(struct call *call, usec now) {
  if (now < call->sas_deadline)
    return;
  call->sas_deadline = USEC_NEVER;
  if (sas_abort(&call->sas))
    call_alarm(call, now, SOTTO_ALARM_SAS_ABORTED);
}

sotto_status call_compare(struct call *call, usec now) {
  if (!call->sas_ready || call_ended(call))
    return SOTTO_ERR_STATE;
  if (call->outgoing)
    return call_sas_start(call, now) ? SOTTO_OK : SOTTO_ERR_STATE;
  call_tell_type(call, now, MESSAGE_SAS_REQUEST, 0);
  return SOTTO_OK;
}

sotto_status call_confirm(struct call *call, usec now, bool matches) {
  if (call_ended(call) || !call->sas_ready || !sas_confirm(&call->sas, matches ? SAS_MATCH : SAS_MISMATCH))
    return SOTTO_ERR_STATE;
  tell_result(call, now, call->sas.run, matches ? RESULT_MATCH : RESULT_MISMATCH);
  struct sotto_event *event = call_event(call, SOTTO_EVENT_SAS_RESULT);
  event->local = matches;
  event->remote = call->sas.remote == SAS_MATCH;
  if (matches) {
    if (roster_compare(&call->contact->roster.head, &call->leg[0]->theirs) == ROSTER_SAME)
      contact_user_acknowledged(call->contact); /* the words cover their devices */
    if (contact_user_confirmed_sas(call->contact, call_unix(call, now)))
      call_changed_trust(call);
    call_ask_gate(call, now);
    return SOTTO_OK;
  }
  if (contact_sas_mismatch(call->contact, call_unix(call, now)))
    call_changed_trust(call);
  call_alarm(call, now, SOTTO_ALARM_SAS_MISMATCH);
  call_end(call, now, SOTTO_END_SECURITY);
  return SOTTO_OK;
}
