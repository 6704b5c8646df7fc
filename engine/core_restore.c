/* core_restore.c - the identity comes back from a backup (protocol A.3): who knows of a newer roster of ours is
 * asked before the root signs the next one, in which this device stands and the one that made the backup is
 * revoked.
 *
 * Signing over a roster that was not the newest would be a second history, a fork, and shut us out with everybody.
 * So nothing is signed before somebody has answered; whoever can be called can also answer. A contact answers with
 * the newest roster of ours that it has, which our own root signed: it counts even when links before it are lost.
 */
#include <string.h>

#include "core_parts.h"

#define ASK_INTERVAL     SEC(1)  /* between two contacts */
#define ASK_AGAIN        SEC(60) /* a round later: cells live so long */
#define SETTLE           SEC(10) /* after the last answer with news */
#define ANSWER_INTERVAL  SEC(1)  /* between two answers to contacts who ask */
#define SELF_ALARM_EVERY SEC(60)
enum { REASON_LOST_DEVICE = 1 };

/* ---- asking ---- */

static bool nobody_to_ask(const struct core *core) {
  const struct trust *trust = core->trust;
  return trust->contacts.count == 0 &&
         trust->own.devices == (roster_find(&trust->own, trust->replaces) != NULL ? 1u : 0u);
}

static bool asked_all(const struct core *core) {
  return core->restore.asked > core->trust->contacts.count; /* our devices first, as one */
}

static void ask_next(struct core *core, usec now) {
  const struct trust *trust = core->trust;
  core->restore.ask_at = now + ASK_INTERVAL;
  if (core->restore.asked++ == 0) {
    core_tell_own_devices(core, now);
    return;
  }
  if (core->restore.asked <= trust->contacts.count + 1)
    core_post_roster(core, now, trust->contacts.list[core->restore.asked - 2], trust->own.seq);
  if (!asked_all(core))
    return;
  core->restore.round_done = true;
  core->restore.asked = 0;
  core->restore.ask_at = now + ASK_AGAIN;
}

/* ---- signing ---- */

static bool sign(struct trust *trust, const uint8_t drop[DEVICE_ID_SIZE], uint64_t unix_seconds) {
  const struct identity *identity = &trust->identity;
  struct roster next;
  struct roster_device device = {.added_seq = trust->own.seq + 1};
  roster_next(&next, &trust->own, unix_seconds);
  roster_revoke_device(&next, trust->replaces, REASON_LOST_DEVICE); /* unless it was already */
  roster_revoke_device(&next, drop, 0);
  memcpy(device.id, identity->device.id, DEVICE_ID_SIZE);
  memcpy(device.dk, identity->device.dk, KEY_SIZE);
  memcpy(device.dx, identity->device.dx, KEY_SIZE);
  roster_accept_sign(&device, identity->ik, identity->device.dk_secret);
  if (!roster_add_device(&next, &device) || !roster_sign(&next, identity->ik_secret))
    return false;
  trust_adopt_roster(trust, &next);
  memset(trust->replaces, 0, sizeof trust->replaces);
  return true;
}

static void enrol(struct core *core, usec now) {
  sotto_id own;
  memcpy(own.bytes, core->trust->identity.ik, sizeof own.bytes);
  core->restore.ask_at = USEC_NEVER;
  if (!sign(core->trust, core->restore.drop, (uint64_t)core_unix(core, now))) { /* eight others stand in it */
    outbox_event(&core->outbox, SOTTO_EVENT_LINK_FAILED, 0, NULL)->status = SOTTO_ERR_FULL;
    return;
  }
  memset(core->restore.drop, 0, sizeof core->restore.drop);
  outbox_add(&core->outbox, CORE_SAVE, 0);
  outbox_event(&core->outbox, SOTTO_EVENT_LINKED, 0, &own);
}

void core_restore_online(struct core *core, usec now) {
  struct restore *restore = &core->restore;
  restore->ask_at = trust_is_restored(core->trust) && !trust_is_dead(core->trust) ? now : USEC_NEVER;
  restore->asked = 0;
  restore->round_done = restore->heard = false;
}

sotto_status core_restore_drop(struct core *core, const uint8_t device[DEVICE_ID_SIZE]) {
  struct restore *restore = &core->restore;
  if (!trust_is_restored(core->trust) || trust_is_dead(core->trust))
    return SOTTO_ERR_STATE;
  memcpy(restore->drop, device, DEVICE_ID_SIZE);
  if (restore->heard && restore->round_done)
    restore->ask_at = restore->sign_at;
  return SOTTO_OK;
}

void core_restore_timer(struct core *core, usec now) {
  struct restore *restore = &core->restore;
  if (now < restore->ask_at)
    return;
  bool settled = restore->heard && restore->round_done && now >= restore->sign_at;
  if (settled || nobody_to_ask(core))
    enrol(core, now);
  else if (restore->heard && restore->round_done)
    restore->ask_at = restore->sign_at;
  else
    ask_next(core, now);
}

/* ---- being told of our own rosters ---- */

void core_restore_heard(struct core *core, usec now, bool news) {
  struct restore *restore = &core->restore;
  if (!trust_is_restored(core->trust))
    return;
  if (news || !restore->heard)
    restore->sign_at = now + SETTLE;
  restore->heard = true;
  if (restore->round_done)
    restore->ask_at = restore->sign_at;
}

void core_tell_self(struct core *core, usec now, const struct contact *contact, sotto_alarm alarm) {
  sotto_id peer;
  if (now < core->next_self_alarm)
    return;
  core->next_self_alarm = now + SELF_ALARM_EVERY;
  memcpy(peer.bytes, contact->id, sizeof peer.bytes);
  outbox_alarm(&core->outbox, 0, &peer, alarm);
}

/* Back from a backup we need not see the links between: our root signed this one. Any other device takes its roster
 * from its own kind alone: a thief of the root key could have handed this to the contact, and is noticed only as
 * long as we stay with what we know. */
static void catch_up(struct core *core, const struct roster *newest) {
  struct trust *trust = core->trust;
  bool follows = newest->seq - trust->own.seq == 1 && memcmp(newest->prev, trust->own.head.hash, HASH_SIZE) == 0;
  if (!trust_is_restored(trust))
    return;
  if (!follows)
    trust->links.size = 0;
  trust_adopt_roster(trust, newest);
  outbox_add(&core->outbox, CORE_SAVE, 0);
}

void core_hear_of_us(struct core *core, usec now, struct contact *contact, const struct roster *newest) {
  struct trust *trust = core->trust;
  switch (roster_links_compare(&trust->links, &trust->own.head, &newest->head)) {
  case ROSTER_ACCEPTED:
    core_tell_self(core, now, contact, SOTTO_ALARM_SELF_ROSTER_ROLLBACK);
    catch_up(core, newest);
    contact_was_told(contact, newest->seq);
    core_restore_heard(core, now, true);
    break;
  case ROSTER_FORK:
    core_tell_self(core, now, contact, SOTTO_ALARM_SELF_ROSTER_FORK);
    break;
  case ROSTER_SAME:
  case ROSTER_STALE:
    if (contact_was_told(contact, newest->seq))
      outbox_add(&core->outbox, CORE_SAVE, 0);
    core_restore_heard(core, now, false);
    break;
  case ROSTER_BAD:
    break;
  }
}

/* ---- answering a contact who is behind, or new ---- */

void core_answer_roster(struct core *core, usec now, const struct contact *contact,
                        const uint8_t device[DEVICE_ID_SIZE], enum roster_verdict verdict) {
  bool behind = verdict == ROSTER_STALE, unknown = !roster_find(&contact->roster, device);
  if (now < core->next_told || (!behind && !(verdict == ROSTER_SAME && unknown)))
    return;
  core->next_told = now + ANSWER_INTERVAL;
  core_post_theirs(core, now, contact, device);
}
