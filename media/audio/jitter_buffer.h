/* jitter_buffer.h - audio packets in the order of their time, and how long they should wait.
 *
 * Each packet's transit (arrival minus the sender's time at its end) enters a window of the newest JITTER_WINDOW.
 * The target is the wait that costs least, when each percent of packets that would come too late costs as much as
 * JITTER_PRICE of waiting. A packet that redundancy or a retransmission brought counts by when it came, so the
 * target covers recovery as far as that is worth its delay, and so does one that the packet behind it tells of;
 * rare peaks are not waited for, frequent ones are. Time is told by the packets; nothing is decoded here. Bounded
 * by JITTER_PACKETS, the oldest gives way. A stream whose time jumps by more than JITTER_JUMP begins anew.
 */
#ifndef JITTER_BUFFER_H
#define JITTER_BUFFER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../codec/codec.h"
#include "../units.h"

enum {
  JITTER_PACKETS = 128, /* held: 1.28 s of 10 ms packets */
  JITTER_WINDOW = 128,  /* transits remembered: 2.5 s of 20 ms packets; one that comes too late costs 39 ms */
  JITTER_SETTLED = 50,  /* packets until the target may fall below JITTER_TARGET_START */
  JITTER_SEEN = 512,    /* sequence numbers in which duplicates are told from late packets */
};
#define JITTER_PRICE        MS(50) /* of one percent too late */
#define JITTER_MARGIN       MS(2)
#define JITTER_TARGET_MIN   MS(7)
#define JITTER_TARGET_START MS(20)
#define JITTER_TARGET_MAX   MS(400)
#define JITTER_JUMP         SEC(2)

struct jitter_packet {
  int64_t seq, rtp_time; /* unwrapped */
  usec arrival;
  int samples;     /* its duration at AUDIO_RATE */
  int told_before; /* samples just before it that it tells of as well */
  size_t size;
  uint8_t payload[AUDIO_PAYLOAD_MAX];
};

struct jitter_buffer {
  int held;
  uint8_t order[JITTER_PACKETS]; /* indices of packet[]: `held` by time, then the free ones */
  int transits, oldest;
  usec transit[JITTER_WINDOW]; /* a ring */
  usec sorted[JITTER_WINDOW];
  usec wait; /* of least cost, for the window as it is */
  bool seen_any;
  int64_t newest_seq;
  uint64_t seen[JITTER_SEEN / 64];
  int64_t discarded, duplicated;
  struct jitter_packet packet[JITTER_PACKETS];
};

enum jitter_verdict { JITTER_STORED, JITTER_DUPLICATE, JITTER_RESTARTED /* stored, and all before it is void */ };

/* Samples at AUDIO_RATE to usec and back. */
static inline usec jitter_usec(int64_t samples) {
  return samples * 125 / 6;
}
static inline int64_t jitter_samples(usec span) {
  return span * 6 / 125;
}

void jitter_buffer_init(struct jitter_buffer *jb);
/* The payload is copied; size is at most AUDIO_PAYLOAD_MAX. told_before: samples of the packet before it that it
 * can stand for, 0: none. */
enum jitter_verdict jitter_buffer_input(struct jitter_buffer *jb, usec arrival, int64_t seq, int64_t rtp_time,
                                        int samples, int told_before, const uint8_t *payload, size_t size);
/* The earliest packet that reaches beyond `position`; those that do not are discarded. NULL: none. */
const struct jitter_packet *jitter_buffer_first(struct jitter_buffer *jb, int64_t position);
void jitter_buffer_take(struct jitter_buffer *jb); /* lets go of the earliest */

/* How long the packet of least transit waits when most are in time. */
usec jitter_buffer_target(const struct jitter_buffer *jb);
/* What now minus a packet's RTP time should be when its decoding begins. */
usec jitter_buffer_offset(const struct jitter_buffer *jb, int samples);

#endif
