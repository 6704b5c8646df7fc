#include "roster_news.h"

static int count_new(const struct roster *before, const struct roster *after) {
  int count = 0;
  for (size_t i = 0; i < after->devices; i++)
    count += !roster_find(before, after->device[i].id);
  return count;
}

static void tell(struct call_env *env, const struct contact *contact, sotto_alarm alarm, int added, int revoked) {
  sotto_id peer;
  memcpy(peer.bytes, contact->id, sizeof peer.bytes);
  struct sotto_event *event = outbox_event(env->outbox, SOTTO_EVENT_ALARM, 0, &peer);
  event->alarm = alarm;
  event->trust = contact->state;
  event->devices_added = added;
  event->devices_revoked = revoked;
}

static void changed_trust(struct call_env *env, const struct contact *contact) {
  sotto_id peer;
  memcpy(peer.bytes, contact->id, sizeof peer.bytes);
  outbox_event(env->outbox, SOTTO_EVENT_CONTACT, 0, &peer)->trust = contact->state;
}

enum roster_verdict roster_news_take(struct call_env *env, struct contact *contact, int64_t now_unix,
                                     const uint8_t *links, size_t size) {
  struct bytes_view link[ROSTER_LINKS_MAX];
  struct roster before = contact->roster;
  sotto_trust trust = contact->state;
  size_t count = roster_links_split(links, size, link);
  enum roster_verdict verdict = contact_roster(contact, link, count, now_unix);
  switch (verdict) {
  case ROSTER_ACCEPTED:
    outbox_add(env->outbox, CORE_SAVE, 0);
    tell(env, contact, SOTTO_ALARM_ROSTER_CHANGED, count_new(&before, &contact->roster),
         count_new(&contact->roster, &before));
    break;
  case ROSTER_FORK:
    outbox_add(env->outbox, CORE_SAVE, 0);
    if (contact->state != trust)
      changed_trust(env, contact);
    tell(env, contact, SOTTO_ALARM_ROSTER_FORK, 0, 0);
    break;
  case ROSTER_STALE:
    tell(env, contact, SOTTO_ALARM_ROSTER_STALE, 0, 0);
    break;
  case ROSTER_SAME:
  case ROSTER_BAD:
    break;
  }
  return verdict;
}
