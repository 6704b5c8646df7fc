#include "core.h"

#include <stdlib.h>
#include <string.h>

#include "call/call.h"
#include "first_contact.h"
#include "trust/safety_number.h"

enum {
  CALLS_MAX = 32,           /* at a time, knocks that have not rung included */
  HALF_OPEN_MAX = 5,        /* knocks of one contact that have not rung (B.3) */
  KNOCKS_REMEMBERED = 4096, /* ephemerals seen */
  KNOCK_BURST = 5,          /* of one contact within KNOCK_BURST seconds: one a second, lasting */
  FIRST_CONTACTS_MAX = 8,
  MAILBOXES_MAX = CLIENT_LISTEN_MAX,
};
#define ALARM_INTERVAL SEC(10) /* AUTH_FAIL is told at most this often */

enum mailbox_kind { MAILBOX_CONTACT, MAILBOX_INVITER, MAILBOX_JOINER };

struct listening {
  struct mailbox mailbox;
  enum mailbox_kind kind;
  void *owner; /* struct contact, pending_invite or first_contact */
};

struct knock {
  uint8_t ephemeral[8];
  const struct contact *contact;
  usec at;
};

struct core {
  struct trust *trust;
  struct client *client;
  struct outbox outbox;
  struct call_env env;
  struct call *calls;
  uint32_t last_handle;
  struct first_contact first_contact[FIRST_CONTACTS_MAX];
  struct listening listening[MAILBOXES_MAX];
  int listenings;
  usec relisten_at; /* 0: at once */
  struct knock knock[KNOCKS_REMEMBERED];
  unsigned knocks;
  usec next_alarm;
  int64_t cells_rejected;
};

struct core *core_new(const struct core_config *config) {
  struct core *core = calloc(1, sizeof *core);
  if (!core)
    return NULL;
  core->trust = config->trust;
  core->env = (struct call_env){.trust = config->trust,
                                .outbox = &core->outbox,
                                .random = {config->seed},
                                .wall_offset = config->wall_offset,
                                .policy = config->policy,
                                .relay_only = config->relay_only,
                                .lan = config->lan,
                                .max_bitrate = config->max_bitrate};
  core->client = client_new(random_next(&core->env.random));
  core->env.client = core->client;
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
  client_free(core->client);
  outbox_deinit(&core->outbox);
  crypto_wipe(core, sizeof *core);
  free(core);
}

void core_set_wall_offset(struct core *core, int64_t wall_offset) {
  core->env.wall_offset = wall_offset;
  core->relisten_at = 0;
}

static int64_t unix_now(const struct core *core, usec now) {
  return (now + core->env.wall_offset) / SEC(1);
}

static struct first_contact_env first_contact_env(struct core *core) {
  return (struct first_contact_env){.trust = core->trust, .client = core->client, .outbox = &core->outbox};
}

static struct call *find_call(struct core *core, uint32_t handle) {
  for (struct call *call = core->calls; call; call = call->next)
    if (call->handle == handle)
      return call;
  return NULL;
}

static int count_calls(const struct core *core) {
  int count = 0;
  for (const struct call *call = core->calls; call; call = call->next)
    count++;
  return count;
}

static uint32_t new_handle(struct core *core) {
  if (++core->last_handle == 0)
    core->last_handle = 1;
  return core->last_handle;
}

static void link_call(struct core *core, struct call *call) {
  call->next = core->calls;
  core->calls = call;
}

/* ---- which mailboxes we listen to ---- */

static void add_listening(struct core *core, const struct mailbox *mailbox, enum mailbox_kind kind, void *owner) {
  if (core->listenings < MAILBOXES_MAX)
    core->listening[core->listenings++] = (struct listening){*mailbox, kind, owner};
}

/* The present day's first: when there are too many contacts, the neighbours of midnight are what is left out. */
static void listen_to_contacts(struct core *core, int64_t unix_seconds) {
  uint32_t epochs[3];
  int count = mailbox_epochs(epochs, unix_seconds);
  const struct identity *us = &core->trust->identity;
  for (int e = 0; e < count; e++)
    for (size_t i = 0; i < core->trust->contacts.count; i++) {
      struct contact *contact = core->trust->contacts.list[i];
      struct mailbox mailbox;
      if (!contact_callable(contact))
        continue;
      mailbox_derive(&mailbox, contact->ps, contact->id, us->ik, us->device.id, epochs[e]);
      add_listening(core, &mailbox, MAILBOX_CONTACT, contact);
    }
}

static void listen_to_invites(struct core *core) {
  struct mailbox mailbox;
  for (int i = 0; i < INVITES_MAX; i++) {
    struct pending_invite *pending = &core->trust->invites.slot[i];
    if (pending->state == INVITE_OPEN) {
      mailbox_derive_invite(&mailbox, pending->invite.secret, INVITE_INVITER);
      add_listening(core, &mailbox, MAILBOX_INVITER, pending);
    } else if (pending->state == INVITE_USED) { /* only to notice that somebody else has it too */
      memcpy(mailbox.read_token, pending->rendezvous, READ_TOKEN_SIZE);
      memcpy(mailbox.key, pending->rendezvous + READ_TOKEN_SIZE, KEY_SIZE);
      mailbox_address(mailbox.address, mailbox.read_token);
      add_listening(core, &mailbox, MAILBOX_INVITER, pending);
    }
  }
  for (int i = 0; i < FIRST_CONTACTS_MAX; i++) {
    struct first_contact *contact = &core->first_contact[i];
    if (contact->state == FIRST_CONTACT_JOINING || contact->state == FIRST_CONTACT_JOINED)
      add_listening(core, &contact->in, MAILBOX_JOINER, contact);
  }
  crypto_wipe(&mailbox, sizeof mailbox);
}

static bool is_listening(const struct listening *list, int count, const uint8_t *address) {
  for (int i = 0; i < count; i++)
    if (memcmp(list[i].mailbox.address, address, MAILBOX_SIZE) == 0)
      return true;
  return false;
}

static void relisten(struct core *core, usec now) {
  struct listening before[MAILBOXES_MAX];
  int count = core->listenings;
  int64_t unix_seconds = unix_now(core, now);
  memcpy(before, core->listening, sizeof before);
  core->listenings = 0;
  if (invites_expire(&core->trust->invites, unix_seconds))
    outbox_add(&core->outbox, CORE_SAVE, 0);
  listen_to_invites(core);
  listen_to_contacts(core, unix_seconds);
  for (int i = 0; i < count; i++)
    if (!is_listening(core->listening, core->listenings, before[i].mailbox.address))
      client_unlisten(core->client, now, before[i].mailbox.read_token);
  for (int i = 0; i < core->listenings; i++)
    client_listen(core->client, now, core->listening[i].mailbox.read_token);
  crypto_wipe(before, sizeof before);

  int64_t change = mailbox_epochs_change(unix_seconds), expiry = invites_deadline(&core->trust->invites);
  if (expiry < change)
    change = expiry > unix_seconds ? expiry : unix_seconds + 1;
  core->relisten_at = SEC(change) - core->env.wall_offset;
}

/* What a person or the protocol just changed about a contact counts for everything under way. */
static void trust_changed(struct core *core, usec now) {
  core->relisten_at = 0;
  for (struct call *call = core->calls; call; call = call->next)
    call_trust_changed(call, now);
}

/* ---- cells ---- */

static void reject_cell(struct core *core, usec now) {
  core->cells_rejected++;
  if (now < core->next_alarm)
    return;
  core->next_alarm = now + ALARM_INTERVAL;
  outbox_alarm(&core->outbox, 0, NULL, SOTTO_ALARM_AUTH_FAIL);
}

/* false: this ephemeral was seen, or the contact knocks more than once a second. */
static bool remember_knock(struct core *core, usec now, const struct contact *contact, const struct cell *cell) {
  int recent = 0;
  unsigned known = core->knocks < KNOCKS_REMEMBERED ? core->knocks : KNOCKS_REMEMBERED;
  for (unsigned i = 0; i < known; i++) {
    const struct knock *knock = &core->knock[i];
    if (memcmp(knock->ephemeral, cell->body, sizeof knock->ephemeral) == 0) {
      sotto_id peer;
      memcpy(peer.bytes, contact->id, sizeof peer.bytes);
      outbox_alarm(&core->outbox, 0, &peer, SOTTO_ALARM_REPLAY);
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
    if (call->contact == contact && memcmp(call->channel.session, session, SESSION_SIZE) == 0)
      return call;
  return NULL;
}

static int count_half_open(const struct core *core, const struct contact *contact) {
  int count = 0;
  for (const struct call *call = core->calls; call; call = call->next)
    count += call->contact == contact && call->state == CALL_HELLOED;
  return count;
}

/* Our own call to them that has not been answered. */
static struct call *find_dialing(struct core *core, const struct contact *contact) {
  for (struct call *call = core->calls; call; call = call->next)
    if (call->contact == contact && call->outgoing && (call->state == CALL_KNOCKING || call->state == CALL_OFFERED))
      return call;
  return NULL;
}

/* Knocks are answered by the device and shown to nobody before an OFFER proves that the caller is there (B.3). */
static void take_knock(struct core *core, usec now, struct contact *contact, const struct cell *cell) {
  if (cell->size < KEY_SIZE || cell->fragments != 1 || !remember_knock(core, now, contact, cell))
    return;
  struct call *dialing = find_dialing(core, contact);
  if (dialing) { /* glare: the session that the lower ID began survives */
    if (memcmp(core->trust->identity.ik, contact->id, KEY_SIZE) > 0 && !call_yield(dialing, cell, now))
      reject_cell(core, now);
    return;
  }
  if (count_half_open(core, contact) >= HALF_OPEN_MAX || count_calls(core) >= CALLS_MAX)
    return;
  struct call *call = call_knocked(&core->env, new_handle(core), contact, cell, now);
  if (call)
    link_call(core, call);
  else
    reject_cell(core, now);
}

static void take_contact_cell(struct core *core, usec now, struct contact *contact, const struct cell *cell) {
  struct call *call = find_session(core, contact, cell->header.session);
  if (!contact_callable(contact))
    return;
  if (call)
    call_cell(call, now, cell);
  else if (cell->header.type == CELL_KNOCK)
    take_knock(core, now, contact, cell);
  /* anything else is cover, or of a call that is over */
}

static struct first_contact *free_first_contact(struct core *core) {
  for (int i = 0; i < FIRST_CONTACTS_MAX; i++)
    if (core->first_contact[i].state == FIRST_CONTACT_IDLE)
      return &core->first_contact[i];
  return NULL;
}

static void take_invite_cell(struct core *core, usec now, struct pending_invite *pending, const struct cell *cell) {
  struct first_contact_env env = first_contact_env(core);
  for (int i = 0; i < FIRST_CONTACTS_MAX; i++) {
    struct first_contact *contact = &core->first_contact[i];
    if (contact->state != FIRST_CONTACT_IDLE && contact->pending == pending &&
        memcmp(contact->session, cell->header.session, SESSION_SIZE) == 0) {
      first_contact_cell(contact, &env, now, unix_now(core, now), cell);
      return;
    }
  }
  if (cell->header.type != CELL_INVITE_1)
    return;
  enum invite_use use = invite_session(pending, cell->header.session);
  if (use == INVITE_USE_REUSED) {
    outbox_alarm(&core->outbox, 0, NULL, SOTTO_ALARM_INVITE_REUSED);
    outbox_add(&core->outbox, CORE_SAVE, 0);
  }
  struct first_contact *contact = free_first_contact(core);
  if (use == INVITE_USE_JOINER && contact && !invite_expired(&pending->invite, unix_now(core, now)))
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
  struct first_contact_env env = first_contact_env(core);
  struct first_contact *contact = listening->owner;
  switch (listening->kind) {
  case MAILBOX_CONTACT:
    take_contact_cell(core, now, listening->owner, &cell);
    break;
  case MAILBOX_INVITER:
    take_invite_cell(core, now, listening->owner, &cell);
    break;
  case MAILBOX_JOINER:
    if (memcmp(contact->session, cell.header.session, SESSION_SIZE) == 0)
      first_contact_cell(contact, &env, now, unix_now(core, now), &cell);
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
  case CLIENT_UP:
    outbox_event(&core->outbox, SOTTO_EVENT_ONLINE, 0, NULL);
    return false;
  case CLIENT_DOWN:
    outbox_event(&core->outbox, SOTTO_EVENT_OFFLINE, 0, NULL);
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
  struct first_contact_env env = first_contact_env(core);
  for (int i = 0; i < FIRST_CONTACTS_MAX; i++)
    first_contact_timer(&core->first_contact[i], &env, now);
  if (now >= core->relisten_at)
    relisten(core, now);
}

bool core_poll(struct core *core, usec now, struct core_output *out) {
  out->call = 0;
  for (bool busy = true; busy;) {
    busy = false;
    run_timers(core, now);
    if (outbox_take(&core->outbox, out)) {
      if (out->type == CORE_SAVE)
        trust_changed(core, now);
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
  return false;
}

usec core_deadline(const struct core *core) {
  usec deadline = earlier(core->relisten_at, client_deadline(core->client));
  for (int i = 0; i < FIRST_CONTACTS_MAX; i++)
    if (core->first_contact[i].state != FIRST_CONTACT_IDLE)
      deadline = earlier(deadline, core->first_contact[i].deadline);
  for (const struct call *call = core->calls; call; call = call->next)
    deadline = earlier(deadline, call_deadline(call));
  return deadline;
}

void core_shutdown(struct core *core, usec now) {
  for (struct call *call = core->calls; call; call = call->next)
    call_end(call, now, SOTTO_END_HANGUP);
  for (int i = 0; i < FIRST_CONTACTS_MAX; i++)
    first_contact_deinit(&core->first_contact[i]);
}

/* ---- from a call's agent and workers ---- */

void core_ice_local(struct core *core, usec now, uint32_t handle, const char *ufrag, const char *pwd) {
  struct call *call = find_call(core, handle);
  if (call)
    call_ice_local(call, now, ufrag, pwd);
}

void core_ice_local_candidate(struct core *core, usec now, uint32_t handle, const struct candidate *candidate) {
  struct call *call = find_call(core, handle);
  if (call)
    call_ice_local_candidate(call, now, candidate);
}

void core_ice_changed(struct core *core, usec now, uint32_t handle, enum core_ice_state state,
                      const struct core_ice_pair *pair) {
  struct call *call = find_call(core, handle);
  if (call)
    call_ice_changed(call, now, state, pair);
}

void core_datagram(struct core *core, usec now, uint32_t handle, uint8_t *data, size_t size) {
  struct call *call = find_call(core, handle);
  if (call)
    call_datagram(call, now, data, size);
}

void core_audio_encoded(struct core *core, usec now, uint32_t handle, usec captured, const uint8_t *payload,
                        size_t size, int samples) {
  struct call *call = find_call(core, handle);
  if (call && call->state != CALL_ENDED)
    transport_audio_encoded(&call->transport, now, captured, payload, size, samples);
}

void core_video_encoded(struct core *core, usec now, uint32_t handle, usec captured, const uint8_t *frame,
                        size_t size, bool key) {
  struct call *call = find_call(core, handle);
  if (call && call->state != CALL_ENDED)
    transport_video_encoded(&call->transport, now, captured, frame, size, key);
}

void core_playout_delay(struct core *core, usec now, uint32_t handle, usec delay) {
  struct call *call = find_call(core, handle);
  if (call && call->transport.session)
    session_set_playout_delay(call->transport.session, now, delay);
}

void core_request_key_frame(struct core *core, usec now, uint32_t handle) {
  struct call *call = find_call(core, handle);
  if (call && call->transport.session)
    session_request_key_frame(call->transport.session, now);
}

/* ---- commands about calls ---- */

sotto_status core_call_start(struct core *core, usec now, const sotto_id *peer, unsigned media, uint32_t *handle) {
  struct contact *contact = contacts_find(&core->trust->contacts, peer->bytes);
  if (!media || media & ~(unsigned)(SOTTO_AUDIO | SOTTO_VIDEO))
    return SOTTO_ERR_INVALID;
  if (!contact)
    return SOTTO_ERR_NOT_FOUND;
  if (!contact_callable(contact) || !contact->roster.devices)
    return SOTTO_ERR_TRUST;
  if (count_calls(core) >= CALLS_MAX)
    return SOTTO_ERR_FULL;
  struct call *call = call_dial(&core->env, new_handle(core), contact, media, now);
  if (!call)
    return SOTTO_ERR_NOMEM;
  link_call(core, call);
  *handle = call->handle;
  return SOTTO_OK;
}

sotto_status core_call_accept(struct core *core, usec now, uint32_t handle, unsigned media) {
  struct call *call = find_call(core, handle);
  if (!media || media & ~(unsigned)(SOTTO_AUDIO | SOTTO_VIDEO))
    return SOTTO_ERR_INVALID;
  return call ? call_accept(call, now, media) : SOTTO_ERR_STATE;
}

sotto_status core_call_decline(struct core *core, usec now, uint32_t handle) {
  struct call *call = find_call(core, handle);
  if (!call || call->state != CALL_RINGING)
    return SOTTO_ERR_STATE;
  call_end(call, now, SOTTO_END_DECLINED);
  return SOTTO_OK;
}

sotto_status core_call_consent(struct core *core, usec now, uint32_t handle) {
  struct call *call = find_call(core, handle);
  return call ? call_consent(call, now) : SOTTO_ERR_STATE;
}

sotto_status core_call_compare(struct core *core, usec now, uint32_t handle) {
  struct call *call = find_call(core, handle);
  return call ? call_compare(call, now) : SOTTO_ERR_STATE;
}

sotto_status core_call_confirm(struct core *core, usec now, uint32_t handle, bool sas_matches) {
  struct call *call = find_call(core, handle);
  return call ? call_confirm(call, now, sas_matches) : SOTTO_ERR_STATE;
}

sotto_status core_call_set_media(struct core *core, usec now, uint32_t handle, unsigned media) {
  struct call *call = find_call(core, handle);
  if (media & ~(unsigned)(SOTTO_AUDIO | SOTTO_VIDEO))
    return SOTTO_ERR_INVALID;
  return call ? call_set_media(call, now, media) : SOTTO_ERR_STATE;
}

sotto_status core_call_set_max_bitrate(struct core *core, usec now, uint32_t handle, bps bitrate) {
  struct call *call = find_call(core, handle);
  if (bitrate <= 0)
    return SOTTO_ERR_INVALID;
  if (!call || call->state == CALL_ENDED)
    return SOTTO_ERR_STATE;
  call->transport.config.max_bitrate = bitrate;
  if (call->transport.session)
    session_set_max_bitrate(call->transport.session, now, bitrate);
  return SOTTO_OK;
}

sotto_status core_call_restart_ice(struct core *core, usec now, uint32_t handle) {
  struct call *call = find_call(core, handle);
  return call ? call_restart_ice(call, now) : SOTTO_ERR_STATE;
}

void core_call_hangup(struct core *core, usec now, uint32_t handle) {
  struct call *call = find_call(core, handle);
  if (call)
    call_end(call, now, SOTTO_END_HANGUP);
}

sotto_status core_call_stats(struct core *core, usec now, uint32_t handle, sotto_stats *stats) {
  struct call *call = find_call(core, handle);
  if (!call)
    return SOTTO_ERR_STATE;
  call_stats(call, now, stats);
  return SOTTO_OK;
}

void core_call_forget(struct core *core, usec now, uint32_t handle) {
  struct call *call = find_call(core, handle);
  if (!call)
    return;
  call_end(call, now, SOTTO_END_HANGUP);
  call->forgotten = true;
  outbox_forget(&core->outbox, handle);
}

/* ---- commands about people ---- */

/* A name that stands for somebody, or will, is not given to somebody else. */
static bool name_is_taken(const struct core *core, const char *name) {
  if (contacts_find_name(&core->trust->contacts, name))
    return true;
  for (int i = 0; i < INVITES_MAX; i++)
    if (core->trust->invites.slot[i].state == INVITE_OPEN && !strcmp(core->trust->invites.slot[i].name, name))
      return true;
  return false;
}

sotto_status core_invite_create(struct core *core, usec now, const char *name, unsigned flags, const char *url,
                                char *text, size_t size) {
  struct invite invite;
  struct pending_invite *pending;
  int64_t unix_seconds = unix_now(core, now);
  if (size < SOTTO_INVITE_TEXT_SIZE)
    return SOTTO_ERR_SPACE;
  if (name_is_taken(core, name))
    return SOTTO_ERR_STATE;
  sotto_status status = invite_make(&invite, &core->trust->identity, flags, url, unix_seconds);
  if (!status)
    status = invites_add(&core->trust->invites, &invite, name, unix_seconds, &pending);
  if (!status)
    status = invite_format(&invite, text, size);
  crypto_wipe(&invite, sizeof invite);
  if (!status)
    outbox_add(&core->outbox, CORE_SAVE, 0);
  return status;
}

sotto_status core_invite_accept(struct core *core, usec now, const char *name, const char *text) {
  struct invite invite;
  struct first_contact_env env = first_contact_env(core);
  struct first_contact *contact = free_first_contact(core);
  if (!petname_valid(name) || invite_parse(text, &invite))
    return SOTTO_ERR_INVALID;
  sotto_status status = SOTTO_OK;
  if (invite_expired(&invite, unix_now(core, now)))
    status = SOTTO_ERR_EXPIRED;
  else if (crypto_equal(invite.ik, core->trust->identity.ik, KEY_SIZE))
    status = SOTTO_ERR_INVALID; /* our own */
  else if (name_is_taken(core, name) && !contacts_find(&core->trust->contacts, invite.ik))
    status = SOTTO_ERR_STATE;
  else if (!contact || !first_contact_join(contact, &env, now, &invite, name))
    status = SOTTO_ERR_FULL;
  crypto_wipe(&invite, sizeof invite);
  core->relisten_at = 0;
  return status;
}

static void describe_contact(const struct contact *contact, sotto_contact *out) {
  memcpy(out->id.bytes, contact->id, sizeof out->id.bytes);
  memcpy(out->name, contact->name, sizeof out->name);
  out->trust = contact->state;
  out->method = contact->method;
  out->verified_at = contact->verified_at;
}

size_t core_contacts(struct core *core, sotto_contact *out, size_t max) {
  for (size_t i = 0; i < core->trust->contacts.count && i < max; i++) {
    out[i].size = out[0].size;
    describe_contact(core->trust->contacts.list[i], &out[i]);
  }
  return core->trust->contacts.count;
}

sotto_status core_contact_get(struct core *core, const sotto_id *id, sotto_contact *out) {
  struct contact *contact = contacts_find(&core->trust->contacts, id->bytes);
  if (!contact)
    return SOTTO_ERR_NOT_FOUND;
  describe_contact(contact, out);
  return SOTTO_OK;
}

static void contact_changed(struct core *core, const struct contact *contact) {
  sotto_id peer;
  memcpy(peer.bytes, contact->id, sizeof peer.bytes);
  outbox_add(&core->outbox, CORE_SAVE, 0);
  outbox_event(&core->outbox, SOTTO_EVENT_CONTACT, 0, &peer)->trust = contact->state;
}

sotto_status core_contact_rename(struct core *core, const sotto_id *id, const char *name) {
  struct contact *contact = contacts_find(&core->trust->contacts, id->bytes);
  if (!contact)
    return SOTTO_ERR_NOT_FOUND;
  if (name_is_taken(core, name))
    return SOTTO_ERR_STATE;
  sotto_status status = contact_rename(contact, name);
  if (!status)
    contact_changed(core, contact);
  return status;
}

sotto_status core_safety_number(struct core *core, const sotto_id *peer, char *text, size_t size) {
  if (!contacts_find(&core->trust->contacts, peer->bytes))
    return SOTTO_ERR_NOT_FOUND;
  return safety_number(core->trust->identity.ik, peer->bytes, text, size);
}

/* A comparison by a person, outside of a call: equal verifies, different is an alarm and changes nothing. */
static sotto_status compared(struct core *core, usec now, const sotto_id *peer, struct contact *contact, bool equal,
                             bool user_confirmed(struct contact *, int64_t)) {
  if (!equal) {
    outbox_alarm(&core->outbox, 0, peer, SOTTO_ALARM_ID_MISMATCH);
    return SOTTO_ERR_TRUST;
  }
  if (!contact_callable(contact))
    return SOTTO_ERR_TRUST;
  if (user_confirmed(contact, unix_now(core, now)))
    contact_changed(core, contact);
  return SOTTO_OK;
}

sotto_status core_contact_verify_number(struct core *core, usec now, const sotto_id *peer, const char *digits) {
  char number[SOTTO_SAFETY_NUMBER_SIZE];
  struct contact *contact = contacts_find(&core->trust->contacts, peer->bytes);
  if (!contact)
    return SOTTO_ERR_NOT_FOUND;
  sotto_status status = safety_number(core->trust->identity.ik, peer->bytes, number, sizeof number);
  if (status)
    return status;
  return compared(core, now, peer, contact, safety_number_equal(number, digits), contact_user_compared_number);
}

sotto_status core_contact_verify_uri(struct core *core, usec now, const sotto_id *peer, const char *uri) {
  uint8_t scanned[KEY_SIZE];
  struct contact *contact = contacts_find(&core->trust->contacts, peer->bytes);
  if (!contact)
    return SOTTO_ERR_NOT_FOUND;
  if (id_parse(uri, scanned))
    return SOTTO_ERR_INVALID;
  return compared(core, now, peer, contact, crypto_equal(scanned, peer->bytes, KEY_SIZE),
                  contact_user_scanned_in_person);
}

sotto_status core_contact_block(struct core *core, usec now, const sotto_id *id, bool blocked) {
  struct contact *contact = contacts_find(&core->trust->contacts, id->bytes);
  if (!contact)
    return SOTTO_ERR_NOT_FOUND;
  if (contact_user_blocked(contact, blocked))
    contact_changed(core, contact);
  trust_changed(core, now);
  return SOTTO_OK;
}

sotto_status core_contact_reset(struct core *core, usec now, const sotto_id *id, const char *last_digits) {
  (void)now;
  struct contact *contact = contacts_find(&core->trust->contacts, id->bytes);
  if (!contact)
    return SOTTO_ERR_NOT_FOUND;
  sotto_status status = contact_user_reset(contact, core->trust->identity.ik, last_digits);
  if (!status)
    contact_changed(core, contact);
  return status;
}
