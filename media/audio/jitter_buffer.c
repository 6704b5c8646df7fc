#include "jitter_buffer.h"

#include <string.h>

void jitter_buffer_init(struct jitter_buffer *jb) {
  memset(jb, 0, offsetof(struct jitter_buffer, packet));
  for (int i = 0; i < JITTER_PACKETS; i++)
    jb->order[i] = (uint8_t)i;
}

/* true: this sequence number came before. Numbers older than the map count as new; their time will tell. */
static bool note_seen(struct jitter_buffer *jb, int64_t seq) {
  if (!jb->seen_any || seq > jb->newest_seq + JITTER_SEEN || seq < jb->newest_seq - JITTER_SEEN) {
    memset(jb->seen, 0, sizeof jb->seen);
    jb->newest_seq = seq;
    jb->seen_any = true;
  }
  while (jb->newest_seq < seq) {
    uint64_t next = (uint64_t)++jb->newest_seq % JITTER_SEEN;
    jb->seen[next / 64] &= ~(1ull << next % 64);
  }
  if (seq <= jb->newest_seq - JITTER_SEEN)
    return false;
  uint64_t bit = (uint64_t)seq % JITTER_SEEN, mask = 1ull << bit % 64;
  bool before = jb->seen[bit / 64] & mask;
  jb->seen[bit / 64] |= mask;
  return before;
}

static bool was_seen(const struct jitter_buffer *jb, int64_t seq) {
  uint64_t bit = (uint64_t)seq % JITTER_SEEN;
  return seq <= jb->newest_seq - JITTER_SEEN || jb->seen[bit / 64] >> bit % 64 & 1;
}

static void sorted_remove(struct jitter_buffer *jb, int count, usec value) {
  int at = 0;
  while (jb->sorted[at] != value)
    at++;
  memmove(&jb->sorted[at], &jb->sorted[at + 1], (size_t)(count - at - 1) * sizeof jb->sorted[0]);
}

static void sorted_insert(struct jitter_buffer *jb, int count, usec value) {
  int at = count;
  while (at > 0 && jb->sorted[at - 1] > value)
    at--;
  memmove(&jb->sorted[at + 1], &jb->sorted[at], (size_t)(count - at) * sizeof jb->sorted[0]);
  jb->sorted[at] = value;
}

/* Of the waits that each let one more packet come in time, the one of least cost. */
static usec cheapest_wait(const struct jitter_buffer *jb) {
  usec best = 0, least = INT64_MAX;
  for (int i = 0; i < jb->transits && jb->sorted[i] - jb->sorted[0] <= JITTER_TARGET_MAX; i++) {
    usec wait = jb->sorted[i] - jb->sorted[0];
    int too_late = jb->transits - 1 - i;
    usec cost = wait + too_late * 100 * JITTER_PRICE / jb->transits;
    if (cost <= least) {
      least = cost;
      best = wait;
    }
  }
  return best;
}

static void note_transit(struct jitter_buffer *jb, usec transit) {
  if (jb->transits == JITTER_WINDOW) {
    sorted_remove(jb, jb->transits--, jb->transit[jb->oldest]);
    jb->transit[jb->oldest] = transit;
    jb->oldest = (jb->oldest + 1) % JITTER_WINDOW;
  } else
    jb->transit[jb->transits] = transit; /* while it fills, the oldest is the first */
  sorted_insert(jb, jb->transits++, transit);
  jb->wait = cheapest_wait(jb);
}

static bool is_jump(const struct jitter_buffer *jb, usec transit) {
  return jb->transits > 0 &&
         (transit - jb->sorted[0] > JITTER_JUMP || jb->sorted[jb->transits - 1] - transit > JITTER_JUMP);
}

static void restart(struct jitter_buffer *jb) {
  jb->discarded += jb->held;
  jb->held = 0;
  jb->transits = jb->oldest = 0;
}

/* The place of `rtp_time` among the held; -1: one of this time is there already. */
static int place_of(const struct jitter_buffer *jb, int64_t rtp_time) {
  int at = jb->held;
  while (at > 0 && jb->packet[jb->order[at - 1]].rtp_time > rtp_time)
    at--;
  return at > 0 && jb->packet[jb->order[at - 1]].rtp_time == rtp_time ? -1 : at;
}

static struct jitter_packet *insert(struct jitter_buffer *jb, int at) {
  uint8_t index = jb->order[jb->held];
  memmove(&jb->order[at + 1], &jb->order[at], (size_t)(jb->held - at));
  jb->order[at] = index;
  jb->held++;
  return &jb->packet[index];
}

enum jitter_verdict jitter_buffer_input(struct jitter_buffer *jb, usec arrival, int64_t seq, int64_t rtp_time,
                                        int samples, int told_before, const uint8_t *payload, size_t size) {
  if (note_seen(jb, seq)) {
    jb->duplicated++;
    return JITTER_DUPLICATE;
  }
  usec transit = arrival - jitter_usec(rtp_time + samples);
  bool jump = is_jump(jb, transit);
  if (jump)
    restart(jb);
  if (jb->held == JITTER_PACKETS) {
    jitter_buffer_take(jb);
    jb->discarded++;
  }
  int at = place_of(jb, rtp_time);
  if (at < 0) {
    jb->duplicated++;
    return JITTER_DUPLICATE;
  }
  note_transit(jb, transit);
  if (told_before > 0 && !was_seen(jb, seq - 1))
    note_transit(jb, arrival - jitter_usec(rtp_time));
  struct jitter_packet *packet = insert(jb, at);
  packet->seq = seq;
  packet->rtp_time = rtp_time;
  packet->arrival = arrival;
  packet->samples = samples;
  packet->told_before = told_before;
  packet->size = size;
  memcpy(packet->payload, payload, size);
  return jump ? JITTER_RESTARTED : JITTER_STORED;
}

const struct jitter_packet *jitter_buffer_first(struct jitter_buffer *jb, int64_t position) {
  while (jb->held > 0) {
    const struct jitter_packet *first = &jb->packet[jb->order[0]];
    if (first->rtp_time + first->samples > position)
      return first;
    jitter_buffer_take(jb);
    jb->discarded++;
  }
  return NULL;
}

void jitter_buffer_take(struct jitter_buffer *jb) {
  if (jb->held == 0)
    return;
  uint8_t index = jb->order[0];
  jb->held--;
  memmove(&jb->order[0], &jb->order[1], (size_t)jb->held);
  jb->order[jb->held] = index;
}

usec jitter_buffer_target(const struct jitter_buffer *jb) {
  usec least = jb->transits < JITTER_SETTLED ? JITTER_TARGET_START : JITTER_TARGET_MIN;
  usec target = jb->transits ? jb->wait + JITTER_MARGIN : least;
  return target < least ? least : target > JITTER_TARGET_MAX ? JITTER_TARGET_MAX : target;
}

usec jitter_buffer_offset(const struct jitter_buffer *jb, int samples) {
  return (jb->transits ? jb->sorted[0] : 0) + jitter_usec(samples) + jitter_buffer_target(jb);
}
