#include "mailboxes.h"

#include <stdlib.h>
#include <string.h>

#include "server.h"
#include "siphash.h"

static const usec tick_length = MS(250);

bool mailboxes_init(struct mailboxes *mailboxes, const uint8_t key[16], size_t max_boxes, size_t max_cells) {
  *mailboxes = (struct mailboxes){.mask = 15};
  memcpy(mailboxes->key, key, sizeof mailboxes->key);
  while (mailboxes->mask < max_boxes)
    mailboxes->mask = mailboxes->mask * 2 + 1;
  pool_init(&mailboxes->cells, sizeof(struct waiting), max_cells);
  pool_init(&mailboxes->boxes, sizeof(struct box), max_boxes);
  mailboxes->table = calloc(mailboxes->mask + 1, sizeof(struct box *));
  return mailboxes->table;
}

void mailboxes_deinit(struct mailboxes *mailboxes) {
  free(mailboxes->table);
  pool_deinit(&mailboxes->cells);
  pool_deinit(&mailboxes->boxes);
}

static struct box **chain_of(struct mailboxes *mailboxes, const uint8_t id[MAILBOX_SIZE]) {
  return &mailboxes->table[siphash(mailboxes->key, id, MAILBOX_SIZE) & mailboxes->mask];
}

struct box *mailboxes_open(struct mailboxes *mailboxes, const uint8_t id[MAILBOX_SIZE]) {
  struct box **chain = chain_of(mailboxes, id);
  for (struct box *box = *chain; box; box = box->next)
    if (!memcmp(box->id, id, MAILBOX_SIZE))
      return box;
  struct box *box = pool_take(&mailboxes->boxes);
  if (!box)
    return NULL;
  memcpy(box->id, id, MAILBOX_SIZE);
  box->next = *chain;
  *chain = box;
  return box;
}

void mailboxes_release(struct mailboxes *mailboxes, struct box *mailbox) {
  if (mailbox->cells || mailbox->readers)
    return;
  struct box **link = chain_of(mailboxes, mailbox->id);
  while (*link != mailbox)
    link = &(*link)->next;
  *link = mailbox->next;
  pool_give(&mailboxes->boxes, mailbox);
}

static void wheel_insert(struct mailboxes *mailboxes, struct waiting *cell) {
  struct waiting **slot = &mailboxes->wheel[cell->expires / tick_length % MAILBOXES_WHEEL];
  cell->wheel_next = *slot;
  cell->wheel_link = slot;
  if (*slot)
    (*slot)->wheel_link = &cell->wheel_next;
  *slot = cell;
}

static void drop_cell(struct mailboxes *mailboxes, struct waiting *cell) {
  struct box *box = cell->mailbox;
  struct waiting *before = NULL;
  for (struct waiting *at = box->first; at != cell; at = at->next)
    before = at;
  *(before ? &before->next : &box->first) = cell->next;
  if (box->last == cell)
    box->last = before;
  box->cells--;
  *cell->wheel_link = cell->wheel_next;
  if (cell->wheel_next)
    cell->wheel_next->wheel_link = cell->wheel_link;
  pool_give(&mailboxes->cells, cell);
}

static bool holds(const struct box *mailbox, const uint8_t cell[CELL_SIZE]) {
  for (const struct waiting *at = mailbox->first; at; at = at->next)
    if (!memcmp(at->frame + FRAME_CELL_SIZE - CELL_SIZE, cell, CELL_SIZE))
      return true;
  return false;
}

static bool make_room(struct mailboxes *mailboxes, struct box *mailbox) {
  if (mailbox->cells < SERVER_CELLS_A_MAILBOX)
    return true;
  for (struct waiting *at = mailbox->first; at; at = at->next)
    if (at->read) {
      drop_cell(mailboxes, at);
      return true;
    }
  return false;
}

enum box_put mailboxes_put(struct mailboxes *mailboxes, usec now, struct box *mailbox, int ttl,
                           const uint8_t cell[CELL_SIZE]) {
  if (holds(mailbox, cell))
    return BOX_KNOWN;
  struct waiting *new = make_room(mailboxes, mailbox) ? pool_take(&mailboxes->cells) : NULL;
  if (!new)
    return BOX_FULL;
  const struct frame frame = {.type = FRAME_CELL, .mailbox = mailbox->id, .cell = cell};
  frame_write(new->frame, sizeof new->frame, &frame);
  new->mailbox = mailbox;
  new->number = ++mailboxes->numbers;
  new->expires = now + SEC(ttl);
  *(mailbox->last ? &mailbox->last->next : &mailbox->first) = new;
  mailbox->last = new;
  mailbox->cells++;
  wheel_insert(mailboxes, new);
  return BOX_STORED;
}

struct waiting *box_next(const struct box *mailbox, usec now, uint64_t number) {
  for (struct waiting *at = mailbox->first; at; at = at->next)
    if (at->number > number && at->expires > now)
      return at;
  return NULL;
}

static void expire_slot(struct mailboxes *mailboxes, struct waiting **slot) {
  while (*slot) {
    struct box *box = (*slot)->mailbox;
    drop_cell(mailboxes, *slot);
    mailboxes_release(mailboxes, box);
  }
}

void mailboxes_expire(struct mailboxes *mailboxes, usec now) {
  int64_t tick = now / tick_length; /* what expires within it is not due yet */
  if (tick - mailboxes->tick > MAILBOXES_WHEEL)
    mailboxes->tick = tick - MAILBOXES_WHEEL;
  for (; mailboxes->tick < tick; mailboxes->tick++)
    expire_slot(mailboxes, &mailboxes->wheel[mailboxes->tick % MAILBOXES_WHEEL]);
}

usec mailboxes_deadline(const struct mailboxes *mailboxes) {
  if (mailboxes->cells.used == 0)
    return USEC_NEVER;
  for (int64_t tick = mailboxes->tick; tick < mailboxes->tick + MAILBOXES_WHEEL; tick++)
    if (mailboxes->wheel[tick % MAILBOXES_WHEEL])
      return (tick + 1) * tick_length;
  return USEC_NEVER;
}
