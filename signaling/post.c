#include "post.h"

bool post_message(struct client *client, usec now, const struct mailbox *mailbox, const struct cell_header *header,
                  const uint8_t *message, size_t size) {
  int cells = cell_count(size);
  for (int i = 0; i < cells; i++) {
    uint8_t cell[CELL_SIZE];
    cell_seal(cell, mailbox->key, header, message, size, i);
    if (!client_put(client, now, mailbox->address, CELL_TTL_MAX, cell))
      return false;
  }
  return cells > 0;
}
