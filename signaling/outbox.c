#include "outbox.h"

#include <string.h>

void outbox_init(struct outbox *outbox) {
  memset(outbox, 0, sizeof *outbox);
}

static void expire(struct outbox *outbox, usec now) {
  for (int i = 0; i < OUTBOX_SIZE; i++) {
    struct outbox_cell *cell = &outbox->cell[i];
    if (!cell->pending || cell->expires > now)
      continue;
    cell->pending = false;
    outbox->expired += cell->tries == 0;
  }
}

bool outbox_put(struct outbox *outbox, usec now, const uint8_t mailbox[MAILBOX_SIZE], int ttl,
                const uint8_t cell[CELL_SIZE]) {
  expire(outbox, now);
  struct outbox_cell *slot = &outbox->cell[outbox->puts % OUTBOX_SIZE];
  if (slot->pending)
    return false;
  outbox->puts++;
  memcpy(slot->mailbox, mailbox, MAILBOX_SIZE);
  memcpy(slot->cell, cell, CELL_SIZE);
  slot->expires = now + SEC(ttl);
  slot->sent_at = 0;
  slot->tries = 0;
  slot->pending = true;
  return true;
}

struct outbox_cell *outbox_next(struct outbox *outbox, usec now) {
  expire(outbox, now);
  for (unsigned i = 0; i < OUTBOX_SIZE; i++) {
    struct outbox_cell *cell = &outbox->cell[(outbox->puts + i) % OUTBOX_SIZE];
    if (cell->pending)
      return cell;
  }
  return NULL;
}

int outbox_ttl(const struct outbox_cell *cell, usec now) {
  usec left = (cell->expires - now + SEC(1) - 1) / SEC(1);
  return left < 1 ? 1 : left > CELL_TTL_MAX ? CELL_TTL_MAX : (int)left;
}

void outbox_sent(struct outbox_cell *cell, usec now) {
  cell->pending = false;
  cell->sent_at = now;
  cell->tries++;
}

void outbox_again(struct outbox *outbox, usec now, usec span) {
  for (int i = 0; i < OUTBOX_SIZE; i++) {
    struct outbox_cell *cell = &outbox->cell[i];
    if (cell->tries > 0 && cell->tries < OUTBOX_TRIES && now - cell->sent_at <= span && cell->expires > now)
      cell->pending = true;
  }
}

bool outbox_due(const struct outbox *outbox) {
  for (int i = 0; i < OUTBOX_SIZE; i++)
    if (outbox->cell[i].pending)
      return true;
  return false;
}
