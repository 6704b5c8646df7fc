#include <string.h>

#include "cell.h"

void reassembler_init(struct reassembler *reassembler) {
  memset(reassembler, 0, sizeof *reassembler);
}

static bool same_message(const struct cell_header *a, const struct cell_header *b) {
  return a->type == b->type && a->n == b->n && memcmp(a->device, b->device, DEVICE_SIZE) == 0 &&
         memcmp(a->session, b->session, SESSION_SIZE) == 0;
}

/* The slot of the cell's message, or a free one, or the oldest. */
static struct reassembler_slot *find_slot(struct reassembler *reassembler, const struct cell *cell) {
  struct reassembler_slot *best = &reassembler->slot[0];
  for (int i = 0; i < REASSEMBLER_SLOTS; i++) {
    struct reassembler_slot *slot = &reassembler->slot[i];
    if (slot->fragments && same_message(&slot->header, &cell->header))
      return slot;
    if (best->fragments && (!slot->fragments || slot->age - reassembler->age < best->age - reassembler->age))
      best = slot;
  }
  *best =
      (struct reassembler_slot){.header = cell->header, .fragments = cell->fragments, .age = reassembler->age++};
  return best;
}

bool reassembler_input(struct reassembler *reassembler, const struct cell *cell, const uint8_t **message,
                       size_t *size) {
  if (cell->fragments == 1) {
    *message = cell->body;
    *size = cell->size;
    return true;
  }
  struct reassembler_slot *slot = find_slot(reassembler, cell);
  unsigned bit = 1u << cell->fragment;
  if (slot->fragments != cell->fragments || (slot->have & bit))
    return false;
  memcpy(slot->message + (size_t)cell->fragment * CELL_BODY_MAX, cell->body, cell->size);
  slot->have = (uint8_t)(slot->have | bit);
  slot->size += cell->size;
  if (slot->have != (1u << slot->fragments) - 1)
    return false;
  *message = slot->message;
  *size = slot->size;
  slot->fragments = 0;
  return true;
}
