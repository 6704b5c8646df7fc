#include "pacer.h"

enum { SCALE = 1000000 }; /* credit's unit; also microseconds a second, so that rate * span needs no division */

static int64_t bits(const struct pacer_item *item) {
  return (int64_t)item->size * 8;
}

static bps pace(const struct pacer *pacer) {
  return pacer->drain > pacer->rate ? pacer->drain : pacer->rate;
}

void pacer_init(struct pacer *pacer, bps target, int percent) {
  *pacer = (struct pacer){.rate = target * percent / 100, .at = -1};
  pacer->queue[PACE_AUDIO] = (struct pacer_queue){.capacity = PACER_AUDIO, .item = pacer->audio};
  pacer->queue[PACE_RETRANSMIT] = (struct pacer_queue){.capacity = PACER_RETRANSMIT, .item = pacer->retransmit};
  pacer->queue[PACE_VIDEO] = (struct pacer_queue){.capacity = PACER_VIDEO, .item = pacer->video};
  pacer->queue[PACE_PADDING] = (struct pacer_queue){.capacity = PACER_PADDING, .item = pacer->padding};
}

static void refill(struct pacer *pacer, usec now) {
  usec span = pacer->at < 0 ? PACER_BURST : now - pacer->at;
  pacer->at = now;
  int64_t most = pace(pacer) * PACER_BURST;
  if (span > SEC(1)) /* longer than any debt */
    span = SEC(1);
  pacer->credit += pace(pacer) * span;
  if (pacer->credit > most)
    pacer->credit = most;
}

void pacer_set_target(struct pacer *pacer, usec now, bps target, int percent) {
  refill(pacer, now);
  pacer->rate = target * percent / 100;
}

void pacer_set_ahead(struct pacer *pacer, usec ahead) {
  pacer->ahead = ahead;
}

void pacer_hold(struct pacer *pacer, usec now, bool held) {
  if (held != pacer->held)
    refill(pacer, now);
  pacer->held = held;
}

int pacer_room(const struct pacer *pacer, enum pacer_priority priority) {
  return pacer->queue[priority].capacity - pacer->queue[priority].count;
}

bool pacer_input(struct pacer *pacer, usec now, const struct pacer_item *item) {
  struct pacer_queue *queue = &pacer->queue[item->priority];
  if (queue->count == queue->capacity)
    return false;
  refill(pacer, now);
  queue->item[(queue->head + queue->count++) % queue->capacity] = *item;
  if (item->priority == PACE_AUDIO)
    return true;
  pacer->queued += bits(item);
  bps drain = pacer->queued * SEC(1) / PACER_DRAIN;
  if (drain > pacer->drain)
    pacer->drain = drain;
  return true;
}

static void pop(struct pacer *pacer, struct pacer_queue *queue, struct pacer_item *out) {
  *out = queue->item[queue->head];
  queue->head = (queue->head + 1) % queue->capacity;
  queue->count--;
  int64_t most_debt = pace(pacer) * PACER_DEBT;
  pacer->credit -= bits(out) * SCALE;
  if (pacer->credit < -most_debt)
    pacer->credit = -most_debt;
  if (out->priority == PACE_AUDIO)
    return;
  pacer->queued -= bits(out);
  if (pacer->queued == 0)
    pacer->drain = 0;
}

bool pacer_poll(struct pacer *pacer, usec now, struct pacer_item *out) {
  refill(pacer, now);
  bool due = pacer->credit >= -pace(pacer) * pacer->ahead && !pacer->held;
  for (int priority = PACE_AUDIO; priority < PACE_PRIORITIES; priority++) {
    struct pacer_queue *queue = &pacer->queue[priority];
    if (queue->count > 0 && (priority == PACE_AUDIO || due)) {
      pop(pacer, queue, out);
      return true;
    }
  }
  return false;
}

bool pacer_take(struct pacer *pacer, bool audio, struct pacer_item *out) {
  int last = audio ? PACE_AUDIO : PACE_VIDEO;
  for (int priority = audio ? PACE_AUDIO : PACE_RETRANSMIT; priority <= last; priority++)
    if (pacer->queue[priority].count > 0) {
      pop(pacer, &pacer->queue[priority], out);
      return true;
    }
  return false;
}

static usec credit_deadline(const struct pacer *pacer) {
  if (pacer->held)
    return USEC_NEVER;
  return pacer->credit >= 0 ? pacer->at : pacer->at + (-pacer->credit + pace(pacer) - 1) / pace(pacer);
}

bool pacer_wants_padding(struct pacer *pacer, usec now) {
  refill(pacer, now);
  return !pacer->held && pacer->queued == 0 && pacer->queue[PACE_AUDIO].count == 0 && pacer->credit >= 0;
}

usec pacer_padding_deadline(const struct pacer *pacer) {
  return credit_deadline(pacer);
}

usec pacer_deadline(const struct pacer *pacer) {
  if (pacer->queue[PACE_AUDIO].count > 0)
    return pacer->at;
  if (pacer->queued == 0)
    return USEC_NEVER;
  return credit_deadline(pacer);
}
