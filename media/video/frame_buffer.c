#include "frame_buffer.h"

#include <stdlib.h>
#include <string.h>

enum {
  START_REORDER = 32, /* packets older than the first to arrive that may still belong to the first frame */
};
#define SEQ_BOUND ((int64_t)1 << 60) /* no unwrapped number comes near it; keeps the arithmetic in range */

/*
 *   SEARCHING --- a whole key frame ---> FLOWING --- a gap is given up ---> UNCERTAIN (temporal layers told)
 *       ^  ^                              |   ^                              |   |
 *       |  +--- a gap is given up --------+   +--- the base layer goes on ---+   |
 *       +--------------------- a base frame is missing ------------------------- +
 */
enum state { SEARCHING, UNCERTAIN, FLOWING };

enum slot_state { SLOT_EMPTY, SLOT_HELD, SLOT_GIVEN_UP };

struct slot {
  enum slot_state state;
  bool marker, begins_frame, key, layer_sync;
  uint16_t place; /* of a held one's payload */
  int picture_id, tl0picidx, tid;
  size_t size;
  int64_t rtp_time;
  usec arrival;
};

struct frame_buffer {
  enum state state;
  bool started, needs_key;
  bool upper_lost;       /* frames above the base layer may refer to a lost one */
  int64_t next, highest; /* what leaves next; the newest held. Slots hold next..next + FRAME_BUFFER_PACKETS - 1 */
  int64_t gap;           /* the packet that holds everything up since gap_since */
  usec gap_since, search_since, deadline;
  int last_tl0picidx, last_picture_id; /* of what left; -1: the stream tells none */
  struct frame_buffer_stats stats;
  struct slot slot[FRAME_BUFFER_PACKETS];
  int free;
  uint16_t free_place[FRAME_BUFFER_PACKETS]; /* in payload[]; the last is taken first, so few are ever touched */
  uint8_t payload[FRAME_BUFFER_PACKETS][FRAME_BUFFER_PAYLOAD_MAX];
  uint8_t frame[FRAME_BUFFER_FRAME_MAX];
};

struct span {  /* of a frame in the ring */
  int64_t end; /* behind its last packet, or the packet that is missing */
  size_t size;
  usec arrival;
};

enum wholeness { WHOLE, PARTIAL, BROKEN };

static struct slot *slot_of(struct frame_buffer *fb, int64_t seq) {
  return &fb->slot[(uint64_t)seq % FRAME_BUFFER_PACKETS];
}

struct frame_buffer *frame_buffer_new(void) {
  struct frame_buffer *fb = calloc(1, sizeof *fb);
  if (!fb)
    return NULL;
  fb->deadline = fb->gap_since = USEC_NEVER;
  fb->last_tl0picidx = fb->last_picture_id = -1;
  while (fb->free < FRAME_BUFFER_PACKETS) {
    fb->free_place[fb->free] = (uint16_t)(FRAME_BUFFER_PACKETS - 1 - fb->free);
    fb->free++;
  }
  return fb;
}

void frame_buffer_free(struct frame_buffer *fb) {
  free(fb);
}

static void search(struct frame_buffer *fb, usec since) {
  fb->state = SEARCHING;
  fb->search_since = since;
  fb->upper_lost = false;
  fb->last_tl0picidx = -1;
}

/* Lets go of all before `to`. Frames that began there and were not handed out are counted as dropped. */
static void advance(struct frame_buffer *fb, int64_t to, bool dropped) {
  int64_t last = to - fb->next > FRAME_BUFFER_PACKETS ? fb->next + FRAME_BUFFER_PACKETS : to;
  for (int64_t seq = fb->next; seq < last; seq++) {
    struct slot *slot = slot_of(fb, seq);
    fb->stats.frames_dropped += dropped && slot->state == SLOT_HELD && slot->begins_frame;
    if (slot->state == SLOT_HELD)
      fb->free_place[fb->free++] = slot->place;
    slot->state = SLOT_EMPTY;
  }
  fb->next = to;
  if (fb->highest < to - 1)
    fb->highest = to - 1;
}

static void begin_at(struct frame_buffer *fb, usec now, int64_t seq) {
  advance(fb, fb->next + FRAME_BUFFER_PACKETS, true);
  fb->started = true;
  fb->next = seq - START_REORDER;
  fb->highest = fb->next - 1;
  fb->last_picture_id = -1;
  search(fb, now);
}

/* Makes the packet's slot available. false: it comes too late. */
static bool make_room(struct frame_buffer *fb, usec now, int64_t seq) {
  if (!fb->started || fb->next - seq > FRAME_BUFFER_PACKETS) /* a stream, or its sender began anew */
    begin_at(fb, now, seq);
  if (seq < fb->next)
    return false;
  if (seq - fb->next >= FRAME_BUFFER_PACKETS) { /* an outage, or a frame beyond all bounds */
    advance(fb, seq - FRAME_BUFFER_PACKETS + 1, true);
    search(fb, now - FRAME_BUFFER_START_PATIENCE);
  }
  return true;
}

void frame_buffer_input(struct frame_buffer *fb, usec now, const struct video_packet *packet) {
  bool in_range = packet->seq > -SEQ_BOUND && packet->seq < SEQ_BOUND;
  if (packet->size > FRAME_BUFFER_PAYLOAD_MAX || !in_range) {
    fb->stats.packets_refused++;
    return;
  }
  if (!make_room(fb, now, packet->seq)) {
    fb->stats.packets_late++;
    return;
  }
  struct slot *slot = slot_of(fb, packet->seq);
  if (slot->state == SLOT_HELD) {
    fb->stats.packets_duplicated++;
    return;
  }
  *slot = (struct slot){.state = SLOT_HELD,
                        .marker = packet->marker,
                        .begins_frame = packet->begins_frame && packet->size > 0,
                        .key = packet->key,
                        .layer_sync = packet->layer_sync,
                        .place = fb->free_place[--fb->free],
                        .picture_id = packet->picture_id,
                        .tl0picidx = packet->tl0picidx < 0 ? -1 : packet->tl0picidx % 256,
                        .tid = packet->tid,
                        .size = packet->size,
                        .rtp_time = packet->rtp_time,
                        .arrival = packet->arrival};
  if (packet->size)
    memcpy(fb->payload[slot->place], packet->payload, packet->size);
  if (packet->seq > fb->highest)
    fb->highest = packet->seq;
  fb->deadline = now;
}

void frame_buffer_give_up(struct frame_buffer *fb, int64_t seq) {
  if (!fb->started || seq < fb->next || seq - fb->next >= FRAME_BUFFER_PACKETS)
    return;
  struct slot *slot = slot_of(fb, seq);
  if (slot->state == SLOT_EMPTY)
    slot->state = SLOT_GIVEN_UP;
  fb->deadline = 0; /* look at once */
}

/* Walks the frame that begins at `first`. It ends with the marker or where the next frame begins. */
static enum wholeness measure(struct frame_buffer *fb, int64_t first, struct span *span) {
  int64_t rtp_time = slot_of(fb, first)->rtp_time;
  *span = (struct span){.end = first};
  for (; span->end <= fb->highest; span->end++) {
    const struct slot *slot = slot_of(fb, span->end);
    if (slot->state != SLOT_HELD)
      return PARTIAL;
    if (slot->size == 0) /* padding */
      continue;
    if (slot->rtp_time != rtp_time)
      return slot->begins_frame ? WHOLE : BROKEN;
    span->size += slot->size;
    if (span->size > FRAME_BUFFER_FRAME_MAX || (slot->begins_frame && span->end != first))
      return BROKEN;
    if (slot->arrival > span->arrival || span->end == first)
      span->arrival = slot->arrival;
    if (slot->marker) {
      span->end++;
      return WHOLE;
    }
  }
  return PARTIAL;
}

enum { SHORT_ID_MAX = 0x7f, ID_MAX = 0x7fff }; /* of picture ids: a sender's have 7 bits or 15 */

/* How many pictures the sender numbered between these two. */
static int ids_between(int before, int id) {
  int max = before > SHORT_ID_MAX || id > SHORT_ID_MAX ? ID_MAX : SHORT_ID_MAX;
  return before < 0 || id < 0 || id == before ? 0 : (id - before - 1) & max;
}

static void hand_out(struct frame_buffer *fb, const struct span *span, struct video_frame *out) {
  const struct slot *first = slot_of(fb, fb->next);
  *out = (struct video_frame){
      .data = fb->frame, .rtp_time = first->rtp_time, .arrival = span->arrival, .key = first->key};
  for (int64_t seq = fb->next; seq < span->end; seq++) {
    const struct slot *slot = slot_of(fb, seq);
    memcpy(fb->frame + out->size, fb->payload[slot->place], slot->size);
    out->size += slot->size;
  }
  fb->stats.frames_lost += ids_between(fb->last_picture_id, first->picture_id);
  fb->last_picture_id = first->picture_id;
  if (first->tid == 0)
    fb->last_tl0picidx = first->tl0picidx;
  if (first->key || first->layer_sync)
    fb->upper_lost = false;
  fb->stats.frames_assembled++;
  fb->stats.key_frames_assembled += first->key;
  fb->state = FLOWING;
  fb->needs_key = false;
  fb->gap_since = USEC_NEVER;
  advance(fb, span->end, false);
}

/* The first frame start at or after `from`; beyond `highest` when there is none. */
static int64_t find_start(struct frame_buffer *fb, int64_t from, bool key) {
  int64_t seq = from;
  while (seq <= fb->highest) {
    const struct slot *slot = slot_of(fb, seq);
    if (slot->state == SLOT_HELD && slot->begins_frame && (slot->key || !key))
      break;
    seq++;
  }
  return seq;
}

static bool whole_key_waits(struct frame_buffer *fb, int64_t from) {
  struct span span;
  for (int64_t seq = from; (seq = find_start(fb, seq, true)) <= fb->highest; seq++)
    if (measure(fb, seq, &span) == WHOLE)
      return true;
  return false;
}

/* When to give up the gap because the base layer goes on behind it: what is missing is of the upper one. */
static usec upper_due(struct frame_buffer *fb, int64_t from) {
  struct span span;
  int64_t seq = find_start(fb, from, false);
  if (fb->last_tl0picidx < 0 || seq > fb->highest)
    return USEC_NEVER;
  const struct slot *slot = slot_of(fb, seq);
  bool next_base = slot->tid == 0 && slot->tl0picidx == (fb->last_tl0picidx + 1) % 256;
  return next_base && measure(fb, seq, &span) == WHOLE ? span.arrival + FRAME_BUFFER_UPPER_PATIENCE : USEC_NEVER;
}

/* A packet is missing. true: it is not worth waiting for any longer. */
static bool gap_is_lost(struct frame_buffer *fb, usec now, int64_t seq) {
  if (slot_of(fb, seq)->state == SLOT_GIVEN_UP && seq <= fb->highest)
    return true;
  if (fb->gap_since == USEC_NEVER || fb->gap != seq) {
    fb->gap = seq;
    fb->gap_since = now;
  }
  usec patience = whole_key_waits(fb, seq) ? FRAME_BUFFER_KEY_PATIENCE : FRAME_BUFFER_PATIENCE;
  usec due = earlier(fb->gap_since + patience, upper_due(fb, seq));
  if (now >= due)
    return true;
  fb->deadline = due;
  return false;
}

/* What begins at `next` will never be whole. Go on behind `lost`, if anything there can be decoded. */
static void lose(struct frame_buffer *fb, usec now, int64_t lost) {
  advance(fb, lost + 1, true);
  fb->gap_since = USEC_NEVER;
  fb->upper_lost = true;
  if (fb->state == SEARCHING)
    return;
  if (fb->last_tl0picidx < 0)
    search(fb, now - FRAME_BUFFER_START_PATIENCE);
  else
    fb->state = UNCERTAIN;
}

enum usable { USABLE, SKIP, BASE_LOST };

/* May the frame that begins at `next` be decoded, by what is known of the layers (RFC 7741 section 4.2)? */
static enum usable usable(struct frame_buffer *fb) {
  const struct slot *slot = slot_of(fb, fb->next);
  if (slot->key)
    return USABLE;
  if (slot->tid > 0)
    return slot->layer_sync && slot->tl0picidx == fb->last_tl0picidx ? USABLE : fb->upper_lost ? SKIP : USABLE;
  if (fb->state == UNCERTAIN && slot->tl0picidx != (fb->last_tl0picidx + 1) % 256)
    return BASE_LOST;
  return USABLE;
}

/* Padding and parity came since, but nothing of a picture: the next one's id will tell whether one is missing. */
static bool no_picture_follows(struct frame_buffer *fb) {
  for (int64_t seq = fb->next; seq <= fb->highest; seq++)
    if (slot_of(fb, seq)->state == SLOT_HELD && slot_of(fb, seq)->size > 0)
      return false;
  return fb->state == FLOWING && fb->last_picture_id >= 0;
}

/* The picture after the last one begins behind the gap: what is missing is no part of a picture (padding, parity).
 */
static bool gap_is_empty(struct frame_buffer *fb) {
  int64_t start = find_start(fb, fb->next, false);
  if (fb->state != FLOWING || fb->last_picture_id < 0 || start > fb->highest)
    return false;
  int id = slot_of(fb, start)->picture_id, last = fb->last_picture_id;
  if (id != last + 1 && !(id == 0 && (last == SHORT_ID_MAX || last == ID_MAX)))
    return false;
  advance(fb, start, false);
  return true;
}

enum step { AGAIN, WAIT, FRAME }; /* of frame_buffer_poll */

/* A frame begins at `next`. */
static enum step step_frame(struct frame_buffer *fb, usec now, struct video_frame *out) {
  struct span span;
  enum wholeness wholeness = measure(fb, fb->next, &span);
  enum usable use = usable(fb);
  if (use == BASE_LOST) {
    search(fb, now - FRAME_BUFFER_START_PATIENCE);
    return AGAIN;
  }
  if (wholeness == PARTIAL) {
    if (!gap_is_lost(fb, now, span.end)) /* also when its rest has not come yet */
      return WAIT;
    lose(fb, now, span.end <= fb->highest ? span.end : fb->highest);
    return AGAIN;
  }
  if (wholeness == BROKEN) {
    lose(fb, now, fb->next);
    return AGAIN;
  }
  if (use == SKIP) {
    advance(fb, span.end, true);
    return AGAIN;
  }
  hand_out(fb, &span, out);
  return FRAME;
}

static enum step step_searching(struct frame_buffer *fb, usec now, struct video_frame *out) {
  int64_t key = find_start(fb, fb->next, true);
  if (key <= fb->highest) {
    fb->needs_key = false;
    advance(fb, key, true);
    return step_frame(fb, now, out);
  }
  usec due = fb->search_since + FRAME_BUFFER_START_PATIENCE;
  fb->needs_key = now >= due;
  fb->deadline = fb->needs_key ? USEC_NEVER : due;
  return WAIT;
}

static enum step step(struct frame_buffer *fb, usec now, struct video_frame *out) {
  if (fb->state == SEARCHING)
    return step_searching(fb, now, out);
  if (fb->state == UNCERTAIN)
    advance(fb, find_start(fb, fb->next, false), true);
  if (fb->next > fb->highest)
    return WAIT;
  const struct slot *slot = slot_of(fb, fb->next);
  if (slot->state != SLOT_HELD) {
    if (gap_is_empty(fb))
      return AGAIN;
    if (no_picture_follows(fb) || !gap_is_lost(fb, now, fb->next))
      return WAIT;
    lose(fb, now, fb->next);
  } else if (slot->size == 0)
    advance(fb, fb->next + 1, false);
  else if (slot->begins_frame)
    return step_frame(fb, now, out);
  else
    lose(fb, now, fb->next);
  return AGAIN;
}

bool frame_buffer_poll(struct frame_buffer *fb, usec now, struct video_frame *out) {
  fb->deadline = USEC_NEVER;
  if (!fb->started)
    return false;
  enum step result;
  do /* ends: whatever comes AGAIN has moved `next` on or begun to search */
    result = step(fb, now, out);
  while (result == AGAIN);
  return result == FRAME;
}

usec frame_buffer_deadline(const struct frame_buffer *fb) {
  return fb->deadline;
}

int64_t frame_buffer_next(const struct frame_buffer *fb) {
  return fb->next;
}

bool frame_buffer_needs_key(const struct frame_buffer *fb) {
  return fb->needs_key;
}

const struct frame_buffer_stats *frame_buffer_stats(const struct frame_buffer *fb) {
  return &fb->stats;
}
