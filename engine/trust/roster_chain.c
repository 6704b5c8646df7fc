/* roster_chain.c - the accept rule: what one roster says against what was known before. */
#include <string.h>

#include "roster.h"

enum roster_verdict roster_compare(const struct roster_head *ours, const struct roster_head *theirs) {
  if (theirs->seq != ours->seq)
    return theirs->seq < ours->seq ? ROSTER_STALE : ROSTER_ACCEPTED;
  return memcmp(theirs->hash, ours->hash, HASH_SIZE) == 0 ? ROSTER_SAME : ROSTER_FORK;
}

/* Whoever is new says so; nobody leaves without a revocation. */
static bool devices_follow(const struct roster *before, const struct roster *next) {
  for (size_t i = 0; i < next->devices; i++) {
    const struct roster_device *device = &next->device[i], *old = roster_find(before, device->id);
    if (old ? old->added_seq != device->added_seq : device->added_seq != next->seq)
      return false;
    if (roster_find_revoked(before, device->id))
      return false;
  }
  for (size_t i = 0; i < before->devices; i++)
    if (!roster_find(next, before->device[i].id) && !roster_find_revoked(next, before->device[i].id))
      return false;
  return true;
}

/* A revocation is for good; only a full list may forget one. */
static bool revocations_follow(const struct roster *before, const struct roster *next) {
  for (size_t i = 0; i < before->revocations; i++)
    if (!roster_find_revoked(next, before->revoked[i].id) && next->revocations < ROSTER_MAX_REVOKED)
      return false;
  return true;
}

/* One link beyond `last`. A root that signs seq + 1 over another history has signed two statements. */
static enum roster_verdict step(const struct roster *last, const struct roster *next) {
  enum roster_verdict verdict = roster_compare(&last->head, &next->head);
  if (verdict != ROSTER_ACCEPTED)
    return verdict;
  if (next->seq - last->seq != 1)
    return ROSTER_BAD;
  if (memcmp(next->prev, last->head.hash, HASH_SIZE) != 0)
    return ROSTER_FORK;
  return devices_follow(last, next) && revocations_follow(last, next) ? ROSTER_ACCEPTED : ROSTER_BAD;
}

enum roster_verdict roster_accept(struct roster *current, const struct bytes_view *chain, size_t count,
                                  struct roster *proof) {
  struct roster last = *current, next;
  enum roster_verdict verdict = count == 0 ? ROSTER_BAD : ROSTER_STALE;
  for (size_t i = 0; i < count; i++) {
    if (!roster_parse(&next, chain[i].data, chain[i].size) || memcmp(next.id, current->id, KEY_SIZE) != 0)
      return ROSTER_BAD;
    enum roster_verdict now = step(&last, &next);
    if (now == ROSTER_FORK && last.seq == current->seq && proof)
      *proof = next;
    if (now == ROSTER_BAD || now == ROSTER_FORK)
      return now == ROSTER_FORK && last.seq == current->seq ? ROSTER_FORK : ROSTER_BAD;
    if (now == ROSTER_ACCEPTED)
      last = next;
    if (now != ROSTER_STALE && verdict != ROSTER_ACCEPTED)
      verdict = now;
  }
  if (verdict == ROSTER_ACCEPTED)
    *current = last;
  return verdict;
}

/* Two statements of one number, or a next one over another history. */
static bool contradict(const struct roster *before, const struct roster *after) {
  if (before->seq == after->seq)
    return memcmp(before->head.hash, after->head.hash, HASH_SIZE) != 0;
  return after->seq - before->seq == 1 && memcmp(after->prev, before->head.hash, HASH_SIZE) != 0;
}

bool roster_fork_proven(const uint8_t id[KEY_SIZE], const struct bytes_view *one, const struct bytes_view *other) {
  struct roster a, b;
  if (!roster_parse(&a, one->data, one->size) || !roster_parse(&b, other->data, other->size) ||
      memcmp(a.id, id, KEY_SIZE) != 0 || memcmp(b.id, id, KEY_SIZE) != 0)
    return false;
  return a.seq <= b.seq ? contradict(&a, &b) : contradict(&b, &a);
}
