#include "link.h"

#include <stdlib.h>
#include <string.h>

#include "codel.h"

enum { TENTHS = 1000 /* of a percent */, PARETO_POINTS = 17 };

/* Quantiles 0/16..16/16 (the last: 99.9 %) of a Pareto distribution of shape 3, moved to mean 0 and scaled to
 * deviation 1, in thousandths; between them it is interpolated. */
static const int pareto[PARETO_POINTS] = {-577, -552, -525, -495, -461, -424, -382, -333, -277,
                                          -211, -131, -30,  101,  285,  577,  1178, 9815};

struct link {
  struct link_config config;
  struct random random;
  usec started; /* -1: not yet */
  struct link_packet *packet;
  int *idle;      /* a stack of indices of packet[] */
  int idle_count; /* the others are queued or in flight */
  int *queue;     /* a ring of indices */
  int queue_head, queue_count;
  size_t queue_bytes; /* on the wire */
  usec free_at;       /* the transmitter's */
  int *flight;        /* indices by arrival */
  int flights;
  int polled; /* lent to the caller; -1: none */
  struct codel codel;
  bool in_burst;
  size_t bit;       /* of the bitmap */
  usec last_jitter; /* for its memory */
  usec last_arrival;
  struct link_stats stats;
};

struct link *link_new(const struct link_config *config, uint64_t seed) {
  struct link *link = calloc(1, sizeof *link);
  if (!link)
    return NULL;
  link->config = *config;
  link->random.state = seed;
  link->started = link->polled = -1;
  link->packet = calloc(LINK_PACKETS, sizeof *link->packet);
  link->idle = calloc(LINK_PACKETS, sizeof *link->idle);
  link->queue = calloc(LINK_PACKETS, sizeof *link->queue);
  link->flight = calloc(LINK_PACKETS, sizeof *link->flight);
  if (!link->packet || !link->idle || !link->queue || !link->flight) {
    link_free(link);
    return NULL;
  }
  for (int i = 0; i < LINK_PACKETS; i++)
    link->idle[link->idle_count++] = LINK_PACKETS - 1 - i;
  return link;
}

void link_free(struct link *link) {
  if (!link)
    return;
  free(link->packet);
  free(link->idle);
  free(link->queue);
  free(link->flight);
  free(link);
}

void link_start(struct link *link, usec now) {
  link->started = now;
}

static usec schedule_time(const struct link *link, usec now) {
  usec since = link->started < 0 || now < link->started ? 0 : now - link->started;
  return link->config.period ? since % link->config.period : since;
}

const struct link_step *link_now(const struct link *link, usec now) {
  usec since = schedule_time(link, now);
  int i = link->config.steps - 1;
  while (i > 0 && link->config.step[i].from > since)
    i--;
  return &link->config.step[i];
}

static bool chance(struct link *link, int tenths) {
  return tenths > 0 && random_below(&link->random, TENTHS) < (uint32_t)tenths;
}

static size_t wire_size(const struct link_packet *packet) {
  return packet->size + LINK_OVERHEAD;
}

static usec transmission(bps rate, size_t bytes) {
  return rate ? ((int64_t)bytes * 8 * SEC(1) + rate - 1) / rate : 0;
}

static bool queue_full(const struct link *link, bps rate, size_t more) {
  const struct link_config *config = &link->config;
  size_t bytes = link->queue_bytes + more;
  return (config->queue_bytes && bytes > config->queue_bytes) ||
         (config->queue && rate && link->queue_count > 0 && transmission(rate, bytes) > config->queue);
}

static int take_idle(struct link *link) {
  return link->idle_count ? link->idle[--link->idle_count] : -1;
}

static void give_back(struct link *link, int index) {
  link->idle[link->idle_count++] = index;
}

void link_input(struct link *link, usec now, int owner, uint32_t tag, const uint8_t *data, size_t size) {
  link->stats.packets++;
  link->stats.bytes += (int64_t)size + LINK_OVERHEAD;
  int index = size <= LINK_DATA_MAX && !queue_full(link, link_now(link, now)->rate, size + LINK_OVERHEAD)
                  ? take_idle(link)
                  : -1;
  if (index < 0) {
    link->stats.queue_dropped++;
    return;
  }
  struct link_packet *packet = &link->packet[index];
  packet->at = now;
  packet->owner = owner;
  packet->tag = tag;
  packet->size = size;
  if (data)
    memcpy(packet->data, data, size);
  link->queue[(link->queue_head + link->queue_count++) % LINK_PACKETS] = index;
  link->queue_bytes += wire_size(packet);
}

/* ---- what happens behind the queue ---- */

/* A simple Gilbert channel whose share of lost packets is `loss` and whose bursts have the mean length `burst`: out
 * of a burst with 1 / burst, into one with what gives that share; Gilbert-Elliott with the losses in both states.
 */
static bool burst_loses(struct link *link, const struct link_step *step) {
  uint32_t draw = random_below(&link->random, 1000000);
  int64_t leave = 10000000 / step->burst;
  int64_t enter = leave * step->loss / (TENTHS - (step->loss < TENTHS ? step->loss : TENTHS - 1));
  link->in_burst = link->in_burst ? draw >= leave : draw < enter;
  if (!link->in_burst)
    return chance(link, step->good_loss);
  return step->burst_loss == 0 || chance(link, step->burst_loss);
}

static bool loses(struct link *link, const struct link_step *step) {
  const char *bitmap = link->config.bitmap;
  if (bitmap) {
    if (!bitmap[link->bit])
      link->bit = 0;
    return bitmap[link->bit++] == '1';
  }
  return step->burst && step->loss < TENTHS ? burst_loses(link, step) : chance(link, step->loss);
}

static usec draw_jitter(struct link *link, const struct link_step *step) {
  enum { FINE = 1000 };
  if (step->jitter_shape != LINK_PARETO)
    return (usec)random_below(&link->random, (uint32_t)(2 * step->jitter + 1)) - step->jitter;
  int at = (int)random_below(&link->random, (PARETO_POINTS - 1) * FINE), i = at / FINE, rest = at % FINE;
  int64_t way = rest; /* from one quantile to the next; the tail rises late */
  for (int power = 1; i + 2 == PARETO_POINTS && power < 6; power++)
    way = way * rest / FINE;
  return step->jitter * (pareto[i] + (pareto[i + 1] - pareto[i]) * way / FINE) / FINE;
}

static usec path_delay(struct link *link, const struct link_step *step) {
  if (chance(link, step->hurry))
    return 1;
  usec jitter = 0;
  if (step->jitter) {
    jitter = draw_jitter(link, step);
    jitter = (link->last_jitter * step->jitter_memory + jitter * (100 - step->jitter_memory)) / 100;
    link->last_jitter = jitter;
  }
  usec delay = step->delay + jitter;
  return delay > 1 ? delay : 1;
}

static void fly(struct link *link, const struct link_step *step, usec left, int index) {
  usec arrival = left + path_delay(link, step);
  if (step->jitter_shape == LINK_IN_ORDER && arrival < link->last_arrival)
    arrival = link->last_arrival;
  link->last_arrival = arrival;
  link->packet[index].at = arrival;
  int i = link->flights++;
  for (; i > 0 && link->packet[link->flight[i - 1]].at > arrival; i--)
    link->flight[i] = link->flight[i - 1];
  link->flight[i] = index;
}

static void transmitted(struct link *link, const struct link_step *step, usec left, int index) {
  if (loses(link, step)) {
    link->stats.lost++;
    give_back(link, index);
    return;
  }
  int copy = chance(link, step->duplicate) ? take_idle(link) : -1;
  if (copy >= 0) {
    link->packet[copy] = link->packet[index];
    link->stats.duplicated++;
    fly(link, step, left, copy);
  }
  fly(link, step, left, index);
}

static usec next_transmission(const struct link *link) {
  if (link->queue_count == 0)
    return USEC_NEVER;
  usec entered = link->packet[link->queue[link->queue_head]].at;
  return entered > link->free_at ? entered : link->free_at;
}

/* Packets begin to be sent at their own time, whenever the caller looks. */
static void advance(struct link *link, usec now) {
  for (usec at; (at = next_transmission(link)) <= now;) {
    const struct link_step *step = link_now(link, at);
    int index = link->queue[link->queue_head];
    struct link_packet *packet = &link->packet[index];
    usec waited = at - packet->at;
    link->queue_head = (link->queue_head + 1) % LINK_PACKETS;
    link->queue_count--;
    link->queue_bytes -= wire_size(packet);
    if (link->config.codel && codel_drops(&link->codel, at, waited, link->queue_count == 0)) {
      link->stats.queue_dropped++;
      give_back(link, index);
      continue;
    }
    histogram_add(&link->stats.queue_delay, waited, 1);
    link->stats.queue_newest = waited;
    link->free_at = at + transmission(step->rate, wire_size(packet));
    transmitted(link, step, link->free_at, index);
  }
}

struct link_packet *link_poll(struct link *link, usec now) {
  advance(link, now);
  if (link->polled >= 0)
    give_back(link, link->polled);
  link->polled = -1;
  if (link->flights == 0 || link->packet[link->flight[0]].at > now)
    return NULL;
  link->polled = link->flight[0];
  memmove(link->flight, link->flight + 1, (size_t)--link->flights * sizeof *link->flight);
  struct link_packet *packet = &link->packet[link->polled];
  link->stats.delivered++;
  link->stats.delivered_bytes += (int64_t)wire_size(packet);
  return packet;
}

usec link_deadline(const struct link *link) {
  usec arrival = link->flights ? link->packet[link->flight[0]].at : USEC_NEVER;
  return earlier(arrival, next_transmission(link));
}

int64_t link_capacity(const struct link *link, usec from, usec to) {
  int64_t bits = 0;
  for (usec at = from; at < to; at += MS(10)) {
    bps rate = link_now(link, at)->rate;
    if (rate == 0)
      return 0;
    bits += rate * (earlier(to, at + MS(10)) - at) / SEC(1);
  }
  return bits;
}

const struct link_stats *link_stats(const struct link *link) {
  return &link->stats;
}

void link_stats_reset(struct link *link) {
  memset(&link->stats, 0, sizeof link->stats);
}
