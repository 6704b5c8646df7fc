#include "history.h"

void history_init(struct history *history, struct sent_packet *slot, int slots) {
  *history = (struct history){.slot = slot, .slots = slots};
  for (int i = 0; i < slots; i++)
    slot[i].seq = -1;
}

struct sent_packet *history_add(struct history *history, int64_t seq) {
  struct sent_packet *packet = &history->slot[seq % history->slots];
  packet->seq = seq;
  packet->sent = USEC_NEVER;
  packet->resends = 0;
  packet->size = 0;
  return packet;
}

struct sent_packet *history_find(struct history *history, int64_t seq) {
  if (seq < 0)
    return NULL;
  struct sent_packet *packet = &history->slot[seq % history->slots];
  return packet->seq == seq ? packet : NULL;
}

void history_sent(struct sent_packet *packet, usec now) {
  packet->sent = now;
}

struct sent_packet *history_resend(struct history *history, usec now, int64_t seq, usec spacing) {
  struct sent_packet *packet = history_find(history, seq);
  if (!packet || packet->sent == USEC_NEVER || packet->resends == RESENDS_MAX)
    return NULL;
  if (packet->resends > 0 && now - packet->sent < spacing)
    return NULL;
  packet->resends++;
  packet->sent = now; /* so that the next request of a burst is one too many */
  return packet;
}
