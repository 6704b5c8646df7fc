/* link.h - one direction of a network path under simulated time: seeded, integer arithmetic only, so that the same
 * seed is the same network on every machine. Packets go in with the time; what survives comes out when it is due.
 *
 *   link_input() -> queue (drop-tail or CoDel, RFC 8289) -> transmission at `rate` -> loss -> delay -> link_poll()
 *
 * A schedule of steps says what the path is like at what time; rows of a measured trace are steps too. Bounded by
 * LINK_PACKETS on their way at once; the queue's own limit comes first.
 */
#ifndef LINK_H
#define LINK_H
#include <stdbool.h>
#include <stddef.h>

#include "histogram.h"
#include "media/random.h"
#include "media/units.h"

enum { LINK_PACKETS = 4096, LINK_DATA_MAX = 1472, LINK_OVERHEAD = 28 /* bytes of IPv4 and UDP before each */ };

enum link_jitter {
  LINK_UNIFORM,  /* within +-jitter, each packet for itself: reorders */
  LINK_PARETO,   /* jitter is the deviation; many early, few very late: reorders */
  LINK_IN_ORDER, /* uniform, but no packet overtakes another */
};

struct link_step {
  usec from;   /* since link_start() */
  bps rate;    /* of the bottleneck; 0: no bottleneck */
  usec delay;  /* propagation; a change of it is a change of route, which may reorder once */
  usec jitter; /* about the delay, 0: none */
  enum link_jitter jitter_shape;
  int jitter_memory; /* percent of a packet's jitter that is its predecessor's */
  int loss;          /* tenths of a percent; 1000: an outage */
  int burst;         /* mean length of a loss in tenths of packets (simple Gilbert); 0: each packet for itself */
  int good_loss;     /* Gilbert-Elliott: losses outside of a burst, tenths of a percent */
  int burst_loss;    /* and within, tenths of a percent; 0: all */
  int duplicate;     /* tenths of a percent */
  int hurry;         /* tenths of a percent that skip the delay: overtake */
};

struct link_config {
  const struct link_step *step; /* by time, the first from 0; borrowed */
  int steps;
  usec period;        /* the schedule begins again after this; 0: its last step lasts */
  usec queue;         /* the queue's limit at the step's rate; 0: none */
  size_t queue_bytes; /* the same in bytes; 0: none */
  bool codel;         /* target 5 ms, interval 100 ms, on top of the limit */
  const char *bitmap; /* packets lost, one '1' each, repeated; in place of the step's loss. NULL: none */
};

struct link_packet {
  usec at;      /* entered; then, in flight, when it arrives */
  int owner;    /* who sent it and whom it is for: the caller's */
  uint32_t tag; /* the caller's */
  size_t size;  /* of the data; the wire carries LINK_OVERHEAD more */
  uint8_t data[LINK_DATA_MAX];
};

struct link_stats {
  int64_t packets, queue_dropped, lost, duplicated, delivered;
  int64_t bytes; /* on the wire, of all that was sent */
  int64_t delivered_bytes;
  struct histogram queue_delay; /* of each packet that left the queue */
  usec queue_newest;            /* of the last of them */
};

struct link;

struct link *link_new(const struct link_config *config, uint64_t seed); /* NULL: no memory */
void link_free(struct link *link);
void link_start(struct link *link, usec now); /* the schedule's time 0; until then its first step holds */
/* data may be NULL: a packet of that size with nothing in it. */
void link_input(struct link *link, usec now, int owner, uint32_t tag, const uint8_t *data, size_t size);
/* The next that has arrived, in the link's memory until the next call; NULL: none. Also lets the queue move on. */
struct link_packet *link_poll(struct link *link, usec now);
usec link_deadline(const struct link *link);
const struct link_step *link_now(const struct link *link, usec now);
int64_t link_capacity(const struct link *link, usec from, usec to); /* bits; 0: no bottleneck */
const struct link_stats *link_stats(const struct link *link);
void link_stats_reset(struct link *link);

#endif
