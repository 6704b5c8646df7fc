#include "putting.h"

#include <string.h>

void putting_init(struct putting *putting) {
  memset(putting, 0, sizeof *putting);
}

static void expire(struct putting *putting, usec now) {
  for (int i = 0; i < PUTTING_SIZE; i++) {
    struct putting_cell *cell = &putting->cell[i];
    if (!cell->pending || cell->expires > now)
      continue;
    cell->pending = false;
    putting->expired += cell->tries == 0;
  }
}

bool putting_put(struct putting *putting, usec now, const uint8_t mailbox[MAILBOX_SIZE], int ttl,
                 const uint8_t cell[CELL_SIZE]) {
  expire(putting, now);
  struct putting_cell *slot = &putting->cell[putting->puts % PUTTING_SIZE];
  if (slot->pending)
    return false;
  putting->puts++;
  memcpy(slot->mailbox, mailbox, MAILBOX_SIZE);
  memcpy(slot->cell, cell, CELL_SIZE);
  slot->expires = now + SEC(ttl);
  slot->sent_at = 0;
  slot->tries = 0;
  slot->pending = true;
  return true;
}

struct putting_cell *putting_next(struct putting *putting, usec now) {
  expire(putting, now);
  for (unsigned i = 0; i < PUTTING_SIZE; i++) {
    struct putting_cell *cell = &putting->cell[(putting->puts + i) % PUTTING_SIZE];
    if (cell->pending)
      return cell;
  }
  return NULL;
}

int putting_ttl(const struct putting_cell *cell, usec now) {
  usec left = (cell->expires - now + SEC(1) - 1) / SEC(1);
  return left < 1 ? 1 : left > CELL_TTL_MAX ? CELL_TTL_MAX : (int)left;
}

void putting_sent(struct putting_cell *cell, usec now) {
  cell->pending = false;
  cell->sent_at = now;
  cell->tries++;
}

void putting_again(struct putting *putting, usec now, usec span) {
  for (int i = 0; i < PUTTING_SIZE; i++) {
    struct putting_cell *cell = &putting->cell[i];
    if (cell->tries > 0 && cell->tries < PUTTING_TRIES && now - cell->sent_at <= span && cell->expires > now)
      cell->pending = true;
  }
}

bool putting_due(const struct putting *putting) {
  for (int i = 0; i < PUTTING_SIZE; i++)
    if (putting->cell[i].pending)
      return true;
  return false;
}
