#include "history.h"

enum { NO_PLACE = UINT16_MAX };

void history_init(struct history *history, struct sent_packet *packet, int slots) {
  *history = (struct history){.packet = packet, .slots = slots};
  for (int i = 0; i < slots; i++)
    history->place[i] = NO_PLACE;
}

static uint16_t *place_of(struct history *history, int64_t seq) {
  return &history->place[seq & (history->slots - 1)];
}

/* The oldest packet's, when nobody asks for that any more; else one that was never used. */
static uint16_t free_place(struct history *history) {
  uint16_t *oldest = place_of(history, history->oldest), place = *oldest;
  if (place == NO_PLACE || history->packet[place].sent > history->sent - SENT_AGE)
    return history->used++;
  *oldest = NO_PLACE;
  history->oldest++;
  return place;
}

struct sent_packet *history_add(struct history *history, int64_t seq) {
  uint16_t *place = place_of(history, seq);
  if (history->used == 0)
    history->oldest = seq;
  if (*place == NO_PLACE)
    *place = free_place(history);
  else if (history->oldest <= seq - history->slots) /* that was the oldest's */
    history->oldest++;
  struct sent_packet *packet = &history->packet[*place];
  packet->seq = seq;
  packet->sent = USEC_NEVER;
  packet->resends = 0;
  packet->size = 0;
  return packet;
}

struct sent_packet *history_find(struct history *history, int64_t seq) {
  if (seq < 0 || *place_of(history, seq) == NO_PLACE)
    return NULL;
  struct sent_packet *packet = &history->packet[*place_of(history, seq)];
  return packet->seq == seq ? packet : NULL;
}

void history_sent(struct history *history, struct sent_packet *packet, usec now) {
  packet->sent = history->sent = now;
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
