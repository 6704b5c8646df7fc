#include "delivery.h"

void delivery_init(struct delivery *delivery) {
  delivery->count = delivery->head = 0;
  delivery->rate = delivery->capacity = 0;
}

static const struct delivery_batch *batch_of(const struct delivery *delivery, int age) {
  return &delivery->batch[(delivery->head - age + DELIVERY_BATCHES) % DELIVERY_BATCHES];
}

static void add(struct delivery *delivery, usec last, int64_t bits, bool busy) {
  struct delivery_batch *newest = &delivery->batch[delivery->head];
  if (delivery->count == 0) { /* nothing to measure from: this batch only begins the time */
    *newest = (struct delivery_batch){.from = last, .to = last};
    delivery->count = 1;
    return;
  }
  if (last <= newest->to) {
    newest->bits += bits;
    return;
  }
  usec from = newest->to;
  delivery->head = (delivery->head + 1) % DELIVERY_BATCHES;
  if (delivery->count < DELIVERY_BATCHES)
    delivery->count++;
  delivery->batch[delivery->head] = (struct delivery_batch){.bits = bits, .from = from, .to = last, .busy = busy};
}

static bps over(const struct delivery *delivery, usec window, bool busy_only, usec least) {
  int64_t bits = 0;
  usec span = 0;
  for (int age = 0; age < delivery->count && span < window; age++) {
    const struct delivery_batch *batch = batch_of(delivery, age);
    if (busy_only && !batch->busy)
      break;
    bits += batch->bits;
    span += batch->to - batch->from;
  }
  return span > 0 && span >= least ? bits * SEC(1) / span : 0;
}

void delivery_input(struct delivery *delivery, usec last, int64_t bits, bool busy) {
  add(delivery, last, bits, busy);
  delivery->rate = over(delivery, DELIVERY_WINDOW, false, DELIVERY_BUSY_MIN);
  delivery->capacity = over(delivery, DELIVERY_BUSY_MIN, true, DELIVERY_BUSY_MIN);
}
