#include "core.h"

#include <stdlib.h>
#include <string.h>

#include "call/roster_news.h"
#include "core_parts.h"

struct core *core_new(const struct core_config *config) {
  struct core *core = calloc(1, sizeof *core);
  if (!core)
    return NULL;
  core->trust = config->trust;
  core->env = (struct call_env){.trust = config->trust,
                                .outbox = &core->outbox,
                                .calls = &core->calls,
                                .random = {config->seed},
                                .wall_offset = config->wall_offset,
                                .first_wall_offset = config->wall_offset,
                                .caps = CAPS_SFRAME,
                                .policy = config->policy,
                                .new_device = config->new_device,
                                .relay = config->relay,
                                .relay_only = config->relay_only,
                                .lan = config->lan,
                                .browser_e2ee = config->browser_e2ee,
                                .max_bitrate = config->max_bitrate,
                                .constant_rate = config->constant_rate,
                                .audio_samples = config->audio_samples,
                                .video_codec = config->video_codec};
  core->told_seq = config->trust->own.seq;
  core->announce_at = USEC_NEVER;
  core->restore.ask_at = USEC_NEVER;
  core->state_at = USEC_NEVER;
  core->client = client_new(random_next(&core->env.random));
  core->env.client = core->client;
  if (core->client)
    client_set_cover(core->client, config->cover);
  if (!outbox_init(&core->outbox) || !core->client) {
    core_free(core);
    return NULL;
  }
  if (core->trust->rolled_back)
    outbox_alarm(&core->outbox, 0, NULL, SOTTO_ALARM_STORE_ROLLBACK);
  return core;
}

void core_free(struct core *core) {
  if (!core)
    return;
  while (core->calls) {
    struct call *call = core->calls;
    core->calls = call->next;
    call_free(call);
  }
  for (int i = 0; i < FIRST_CONTACTS_MAX; i++)
    first_contact_deinit(&core->first_contact[i]);
  device_link_deinit(&core->link);
  client_free(core->client);
  spare_certificate_deinit(&core->env.spare);
  outbox_deinit(&core->outbox);
  crypto_wipe(core, sizeof *core);
  free(core);
}

void core_set_wall_offset(struct core *core, int64_t wall_offset) {
  core->env.wall_offset = wall_offset;
  core->relisten_at = 0;
}

int64_t core_unix(const struct core *core, usec now) {
  return (now + core->env.wall_offset) / SEC(1);
}

struct first_contact_env core_first_contact_env(struct core *core) {
  return (struct first_contact_env){.trust = core->trust, .client = core->client, .outbox = &core->outbox};
}

struct call *core_find_call(struct core *core, uint32_t handle) {
  for (struct call *call = core->calls; call; call = call->next)
    if (call->handle == handle)
      return call;
  return NULL;
}

int core_count_calls(const struct core *core) {
  int count = 0;
  for (const struct call *call = core->calls; call; call = call->next)
    count++;
  return count;
}

uint32_t core_new_handle(struct core *core) {
  if (++core->last_handle == 0)
    core->last_handle = 1;
  return core->last_handle;
}

void core_link_call(struct core *core, struct call *call) {
  call->next = core->calls;
  core->calls = call;
}

void core_trust_changed(struct core *core, usec now) {
  core->relisten_at = 0;
  for (struct call *call = core->calls; call; call = call->next)
    call_trust_changed(call, now);
}

/* ---- cells ---- */

static void tell_rarely(struct core *core, usec now, usec *next, const struct contact *contact, sotto_alarm alarm) {
  sotto_id peer;
  if (now < *next)
    return;
  *next = now + ALARM_INTERVAL;
  if (contact)
    memcpy(peer.bytes, contact->id, sizeof peer.bytes);
  outbox_alarm(&core->outbox, 0, contact ? &peer : NULL, alarm);
}

static void reject_cell(struct core *core, usec now) {
  core->cells_rejected++;
  tell_rarely(core, now, &core->next_alarm, NULL, SOTTO_ALARM_AUTH_FAIL);
}

/* false: this ephemeral was seen, or the contact knocks more than once a second. */
static bool remember_knock(struct core *core, usec now, const struct contact *contact, const struct cell *cell) {
  int recent = 0;
  unsigned known = core->knocks < KNOCKS_REMEMBERED ? core->knocks : KNOCKS_REMEMBERED;
  for (unsigned i = 0; i < known; i++) {
    const struct knock *knock = &core->knock[i];
    if (memcmp(knock->ephemeral, cell->body, sizeof knock->ephemeral) == 0) {
      tell_rarely(core, now, &core->next_replay_alarm, contact, SOTTO_ALARM_REPLAY);
      return false;
    }
    recent += knock->contact == contact && now - knock->at < SEC(KNOCK_BURST);
  }
  if (recent >= KNOCK_BURST)
    return false;
  struct knock *knock = &core->knock[core->knocks++ % KNOCKS_REMEMBERED];
  memcpy(knock->ephemeral, cell->body, sizeof knock->ephemeral);
  knock->contact = contact;
  knock->at = now;
  return true;
}

static struct call *find_session(struct core *core, const struct contact *contact, const uint8_t *session) {
  for (struct call *call = core->calls; call; call = call->next)
    if (call->contact == contact && call_has_session(call, session))
      return call;
  return NULL;
}

/* Knocks that no person has answered: one contact's, and everybody's (NULL). */
static int count_unanswered(const struct core *core, const struct contact *contact) {
  int count = 0;
  for (const struct call *call = core->calls; call; call = call->next)
    count += (!contact || call->contact == contact) && (call->state == CALL_HELLOED || call->state == CALL_RINGING);
  return count;
}

/* A contact's newest knock counts for more than its oldest that no OFFER has followed: after a restart the server
 * shows us those of a minute at once. */
static bool make_room(struct core *core, usec now, const struct contact *contact) {
  struct call *oldest = NULL;
  if (count_unanswered(core, contact) < UNANSWERED_MAX)
    return true;
  for (struct call *call = core->calls; call; call = call->next) /* the newest first */
    if (call->contact == contact && call->state == CALL_HELLOED)
      oldest = call;
  if (oldest)
    call_end(oldest, now, SOTTO_END_UNREACHABLE);
  return oldest;
}

/* Knocks are answered by the device and shown to nobody before an OFFER proves that the caller is there (B.3). */
static void take_knock(struct core *core, usec now, struct contact *contact, const struct cell *cell) {
  if (cell->size < KEY_SIZE || cell->fragments != 1 || !remember_knock(core, now, contact, cell))
    return;
  if (roster_find_revoked(&contact->roster, cell->header.device)) {
    sotto_id peer;
    memcpy(peer.bytes, contact->id, sizeof peer.bytes);
    outbox_alarm(&core->outbox, 0, &peer, SOTTO_ALARM_DEVICE_REVOKED);
    return;
  }
  if (call_find_dialing(&core->env, contact) && !call_gives_way(&core->env, contact))
    return; /* glare: they hear from us */
  if (!make_room(core, now, contact) || count_unanswered(core, NULL) >= CALLS_MAX / 2 ||
      core_count_calls(core) >= CALLS_MAX)
    return; /* hostile contacts must leave room for others, and for our own calls */
  struct call *call = call_knocked(&core->env, core_new_handle(core), contact, cell, now);
  if (call)
    core_link_call(core, call);
  else
    reject_cell(core, now);
}

/* A roster proves itself, so it needs no session. */
static void take_roster(struct core *core, usec now, struct contact *contact, const struct cell *cell,
                        const struct message *message) {
  struct bytes_view link[ROSTER_LINKS_MAX];
  struct roster newest;
  size_t count = roster_links_split(message->roster, message->roster_size, link);
  if (!count || !roster_parse(&newest, link[count - 1].data, link[count - 1].size)) {
    reject_cell(core, now);
    return;
  }
  if (memcmp(newest.id, core->trust->identity.ik, KEY_SIZE) == 0) {
    core_hear_of_us(core, now, contact, &newest);
    return;
  }
  enum roster_verdict verdict =
      roster_news_take(&core->env, contact, core_unix(core, now), message->roster, message->roster_size);
  if (verdict == ROSTER_BAD)
    reject_cell(core, now);
  else
    core_answer_roster(core, now, contact, cell->header.device, verdict);
}

/* What signs for itself. */
static void take_signed(struct core *core, usec now, struct contact *contact, const struct cell *cell) {
  struct message message;
  bool good = cell->fragments == 1 && message_parse(cell->body, cell->size, &message);
  if (good && message.type == MESSAGE_STATEMENT)
    good = core_statement_heard(core, now, contact, &cell->header, &message);
  else if (good && message.type == MESSAGE_HEARD)
    core_heard(core, now, contact, cell->header.device, &message);
  else if (good && message.type == MESSAGE_ROSTER && contact_callable(contact))
    take_roster(core, now, contact, cell, &message);
  else if (good && message.type == MESSAGE_ROSTER)
    core_tell_back(core, now, contact, cell); /* somebody who is shut */
  else
    good = false;
  if (!good)
    reject_cell(core, now);
}

static void take_contact_cell(struct core *core, usec now, struct contact *contact, const struct cell *cell) {
  struct call *call = find_session(core, contact, cell->header.session);
  if (cell->header.type == CELL_ROSTER) {
    take_signed(core, now, contact, cell);
    return;
  }
  if (!contact_callable(contact)) {
    if (cell->header.type == CELL_KNOCK)
      core_tell_back(core, now, contact, cell);
    return;
  }
  if (trust_is_dead(core->trust))
    core_state_again(core, now, contact);
  if (!core_is_enrolled(core))
    return; /* not yet again, or no more */
  enum channel_verdict verdict = call ? call_cell(call, now, cell) : CHANNEL_TAKEN;
  if (verdict == CHANNEL_REJECTED)
    reject_cell(core, now);
  else if (verdict == CHANNEL_REPLAYED)
    tell_rarely(core, now, &core->next_replay_alarm, contact, SOTTO_ALARM_REPLAY);
  else if (call)
    return;
  else if (cell->header.type == CELL_KNOCK)
    take_knock(core, now, contact, cell);
  /* anything else is cover, or of a call that is over */
}

struct first_contact *core_free_first_contact(struct core *core) {
  for (int i = 0; i < FIRST_CONTACTS_MAX; i++)
    if (core->first_contact[i].state == FIRST_CONTACT_IDLE)
      return &core->first_contact[i];
  return NULL;
}

/* Who holds one invite may not take every slot: not those of other invites, nor those of our own joining. */
static struct first_contact *free_for_joiner(struct core *core, const struct pending_invite *pending) {
  int same = 0, idle = 0;
  for (int i = 0; i < FIRST_CONTACTS_MAX; i++) {
    const struct first_contact *contact = &core->first_contact[i];
    idle += contact->state == FIRST_CONTACT_IDLE;
    same += contact->state != FIRST_CONTACT_IDLE && contact->pending == pending;
  }
  return same < JOINERS_MAX && idle > FIRST_CONTACTS_OURS ? core_free_first_contact(core) : NULL;
}

static void take_invite_cell(struct core *core, usec now, struct pending_invite *pending, const struct cell *cell) {
  struct first_contact_env env = core_first_contact_env(core);
  for (int i = 0; i < FIRST_CONTACTS_MAX; i++) {
    struct first_contact *contact = &core->first_contact[i];
    if (contact->state != FIRST_CONTACT_IDLE && contact->pending == pending &&
        memcmp(contact->session, cell->header.session, SESSION_SIZE) == 0) {
      first_contact_cell(contact, &env, now, core_unix(core, now), cell);
      return;
    }
  }
  if (cell->header.type != CELL_INVITE_1)
    return;
  struct first_contact *contact = free_for_joiner(core, pending);
  if (pending->state == INVITE_OPEN && !contact)
    return; /* not counted as a try */
  enum invite_use use = invite_session(pending, cell->header.session);
  if (use == INVITE_USE_REUSED) {
    outbox_alarm(&core->outbox, 0, NULL, SOTTO_ALARM_INVITE_REUSED);
    outbox_add(&core->outbox, CORE_SAVE, 0);
  }
  if (use == INVITE_USE_JOINER && contact && !invite_expired(&pending->invite, core_unix(core, now)))
    first_contact_asked(contact, &env, now, pending, cell);
}

static void take_cell(struct core *core, usec now, const uint8_t *address, const uint8_t *sealed) {
  struct cell cell;
  struct listening *listening = NULL;
  for (int i = 0; i < core->listenings && !listening; i++)
    if (memcmp(core->listening[i].mailbox.address, address, MAILBOX_SIZE) == 0)
      listening = &core->listening[i];
  if (!listening)
    return; /* we have just stopped to listen to it */
  if (!cell_open(&cell, listening->mailbox.key, sealed)) {
    reject_cell(core, now);
    return;
  }
  struct first_contact_env env = core_first_contact_env(core);
  struct device_link_env link = core_device_link_env(core);
  struct first_contact *contact = listening->owner;
  switch (listening->kind) {
  case MAILBOX_CONTACT:
    take_contact_cell(core, now, listening->owner, &cell);
    break;
  case MAILBOX_INVITER:
    take_invite_cell(core, now, listening->owner, &cell);
    break;
  case MAILBOX_LINK:
    device_link_cell(&core->link, &link, now, core_unix(core, now), &cell);
    core->relisten_at = 0;
    break;
  case MAILBOX_OWN:
    core_own_cell(core, now, &cell);
    break;
  case MAILBOX_FORMER:
    core_former_cell(core, now, listening->owner, &cell);
    break;
  case MAILBOX_JOINER:
    if (memcmp(contact->session, cell.header.session, SESSION_SIZE) == 0)
      first_contact_cell(contact, &env, now, core_unix(core, now), &cell);
    break;
  }
}

void core_signaling_up(struct core *core, usec now) {
  client_connected(core->client, now);
}

void core_signaling_down(struct core *core, usec now) {
  client_disconnected(core->client, now);
}

void core_signaling_input(struct core *core, usec now, const uint8_t *message, size_t size) {
  client_input(core->client, now, message, size);
}

/* ---- poll ---- */

/* true: `out` is for the shell. What is for us is done at once. */
static bool poll_client(struct core *core, usec now, struct core_output *out, bool *busy) {
  struct client_output from;
  if (!client_poll(core->client, now, &from))
    return false;
  *busy = true;
  switch (from.type) {
  case CLIENT_CONNECT:
    out->type = CORE_CONNECT;
    return true;
  case CLIENT_CLOSE:
    out->type = CORE_DISCONNECT;
    return true;
  case CLIENT_SEND:
    out->type = CORE_SEND;
    out->data = from.data;
    out->size = from.size;
    return true;
  case CLIENT_CELL:
    take_cell(core, now, from.mailbox, from.data);
    return false;
  case CLIENT_COVER:
    core_send_cover(core, now);
    *busy = true;
    return false;
  case CLIENT_UP:
    outbox_event(&core->outbox, SOTTO_EVENT_ONLINE, 0, NULL);
    core_tell_roster(core, now);
    core_restore_online(core, now);
    core_state(core, now);
    return false;
  case CLIENT_DOWN:
    outbox_event(&core->outbox, SOTTO_EVENT_OFFLINE, 0, NULL);
    core->restore.ask_at = USEC_NEVER;
    return false;
  }
  return false;
}

static void free_forgotten(struct core *core) {
  for (struct call **at = &core->calls; *at;) {
    struct call *call = *at;
    if (call->gone && call->forgotten) {
      *at = call->next;
      call_free(call);
    } else {
      at = &call->next;
    }
  }
}

static void run_timers(struct core *core, usec now) {
  struct first_contact_env env = core_first_contact_env(core);
  for (int i = 0; i < FIRST_CONTACTS_MAX; i++)
    first_contact_timer(&core->first_contact[i], &env, now);
  struct device_link_env link = core_device_link_env(core);
  device_link_timer(&core->link, &link, now);
  core_devices_timer(core, now);
  core_restore_timer(core, now);
  core_statements_timer(core, now);
  if (now >= core->relisten_at)
    core_relisten(core, now);
}

bool core_poll(struct core *core, usec now, struct core_output *out) {
  out->call = 0;
  for (bool busy = true; busy;) {
    busy = false;
    run_timers(core, now);
    if (outbox_take(&core->outbox, out)) {
      if (out->type == CORE_SAVE)
        core_trust_changed(core, now);
      return true;
    }
    for (struct call *call = core->calls; call; call = call->next)
      if (call_poll(call, now, out))
        return true;
    free_forgotten(core);
    if (poll_client(core, now, out, &busy))
      return true;
    busy |= core->outbox.count > 0;
  }
  spare_certificate_make(&core->env.spare, core_unix(core, now)); /* whoever waited for us has all there is */
  return false;
}

usec core_deadline(const struct core *core) {
  usec deadline = earlier(core->relisten_at, client_deadline(core->client));
  for (int i = 0; i < FIRST_CONTACTS_MAX; i++)
    if (core->first_contact[i].state != FIRST_CONTACT_IDLE)
      deadline = earlier(deadline, core->first_contact[i].deadline);
  if (core->link.state != DEVICE_LINK_IDLE)
    deadline = earlier(deadline, core->link.deadline);
  deadline = earlier(deadline, earlier(core->announce_at, core->restore.ask_at));
  deadline = earlier(deadline, core->state_at);
  for (const struct call *call = core->calls; call; call = call->next)
    deadline = earlier(deadline, call_deadline(call));
  return deadline;
}

void core_shutdown(struct core *core, usec now) {
  for (struct call *call = core->calls; call; call = call->next)
    call_end(call, now, SOTTO_END_HANGUP);
  for (int i = 0; i < FIRST_CONTACTS_MAX; i++)
    first_contact_deinit(&core->first_contact[i]);
  device_link_deinit(&core->link);
}

/* ---- from a call's agent and workers ---- */

void core_ice_local(struct core *core, usec now, uint32_t handle, const char *ufrag, const char *pwd) {
  struct call *call = core_find_call(core, handle);
  if (call)
    call_ice_local(call, now, ufrag, pwd);
}

void core_ice_local_candidate(struct core *core, usec now, uint32_t handle, const struct candidate *candidate) {
  struct call *call = core_find_call(core, handle);
  if (call)
    call_ice_local_candidate(call, now, candidate);
}

void core_ice_changed(struct core *core, usec now, uint32_t handle, enum core_ice_state state,
                      const struct core_ice_pair *pair) {
  struct call *call = core_find_call(core, handle);
  if (call)
    call_ice_changed(call, now, state, pair);
}

void core_datagram(struct core *core, usec now, uint32_t handle, uint8_t *data, size_t size) {
  struct call *call = core_find_call(core, handle);
  if (call)
    call_datagram(call, now, data, size);
}

void core_audio_encoded(struct core *core, usec now, uint32_t handle, usec captured, const uint8_t *payload,
                        size_t size, int samples) {
  struct call *call = core_find_call(core, handle);
  if (call && call->state != CALL_ENDED)
    transport_audio_encoded(&call->transport, now, captured, payload, size, samples);
}

void core_video_encoded(struct core *core, usec now, uint32_t handle, usec captured, const uint8_t *frame,
                        size_t size, bool key, int temporal_id) {
  struct call *call = core_find_call(core, handle);
  if (call && call->state != CALL_ENDED)
    transport_video_encoded(&call->transport, now, captured, frame, size, key, temporal_id);
}

void core_playout_delay(struct core *core, usec now, uint32_t handle, usec delay) {
  struct call *call = core_find_call(core, handle);
  if (call && call->transport.session)
    session_set_playout_delay(call->transport.session, now, delay);
}

void core_request_key_frame(struct core *core, usec now, uint32_t handle) {
  struct call *call = core_find_call(core, handle);
  if (call && call->transport.session)
    session_request_key_frame(call->transport.session, now);
}
