/* roster_change.c - what a root says next: a device more, a device less. */
#include <string.h>

#include "roster.h"

void roster_next(struct roster *next, const struct roster *last, uint64_t now_unix) {
  *next = *last;
  next->seq = last->seq + 1;
  memcpy(next->prev, last->head.hash, HASH_SIZE);
  next->issued = now_unix;
  next->not_after = now_unix + ROSTER_LIFE_DAYS * 86400ull;
  next->size = 0; /* until it is signed */
}

bool roster_add_device(struct roster *roster, const struct roster_device *device) {
  size_t at = 0;
  if (roster->devices == ROSTER_MAX_DEVICES || roster_find(roster, device->id) ||
      roster_find_revoked(roster, device->id))
    return false;
  while (at < roster->devices && memcmp(roster->device[at].id, device->id, DEVICE_ID_SIZE) < 0)
    at++;
  memmove(&roster->device[at + 1], &roster->device[at], (roster->devices - at) * sizeof roster->device[0]);
  roster->device[at] = *device;
  roster->devices++;
  return true;
}

static void remove_revocation(struct roster *roster, size_t at) {
  roster->revocations--;
  memmove(&roster->revoked[at], &roster->revoked[at + 1], (roster->revocations - at) * sizeof roster->revoked[0]);
}

/* When the list is full, the oldest revocation makes room: that device is in no roster either. */
static void make_room(struct roster *roster) {
  size_t oldest = 0;
  for (size_t i = 1; i < roster->revocations; i++)
    if (roster->revoked[i].at_seq < roster->revoked[oldest].at_seq)
      oldest = i;
  if (roster->revocations == ROSTER_MAX_REVOKED)
    remove_revocation(roster, oldest);
}

bool roster_revoke_device(struct roster *roster, const uint8_t id[DEVICE_ID_SIZE], uint8_t reason) {
  struct roster_revoked revoked = {.at_seq = roster->seq, .reason = reason};
  size_t at = 0;
  const struct roster_device *device = roster_find(roster, id);
  if (!device)
    return false;
  memcpy(revoked.id, id, DEVICE_ID_SIZE);
  size_t gone = (size_t)(device - roster->device);
  roster->devices--;
  memmove(&roster->device[gone], &roster->device[gone + 1], (roster->devices - gone) * sizeof roster->device[0]);
  make_room(roster);
  while (at < roster->revocations && memcmp(roster->revoked[at].id, id, DEVICE_ID_SIZE) < 0)
    at++;
  memmove(&roster->revoked[at + 1], &roster->revoked[at], (roster->revocations - at) * sizeof roster->revoked[0]);
  roster->revoked[at] = revoked;
  roster->revocations++;
  return true;
}
