/* rate_control.h - how much to send, and how it is shared between audio and video.
 *
 * From feedback on every packet: the rate is steered so that a small standing queue stays (gradual control as in
 * RFC 8698 section 4.3, with the aim in bits so that flows come to equal shares), drops at once to what the
 * bottleneck was measured to carry when the queue is long, gives losses their due only when they depend on the
 * rate, and yields by loss alone beside flows that fill the queue. Audio keeps its constant rate, in two coarse
 * steps that follow the network and never speech (protocol F); video has the rest. Rates are those of the wire.
 * A peer that tells of losses in its receiver reports and of no single packet is believed as in section 6 of
 * draft-ietf-rmcat-gcc-02. Integers only, so that a call is the same on every machine; targets stay within RATE_MIN
 * and the maximum, whatever feedback says.
 */
#ifndef RATE_CONTROL_H
#define RATE_CONTROL_H
#include <stdbool.h>
#include <stddef.h>

#include "../limits.h"
#include "bwe_delay.h"
#include "bwe_loss.h"
#include "bwe_probe.h"
#include "delivery.h"
#include "hold.h"

struct rate_targets {
  bps audio, video; /* for the encoders; video 0: send none */
};

struct rate_control {
  /*   STARTING --- a queue, or loss ---> STEADY <--- the queue is gone ---+------------------+
   *                                        |                              |                  |
   *                                        +--- a long queue ---> DRAINING +--- stays ---> COMPETING */
  enum rate_state { RATE_STARTING, RATE_STEADY, RATE_DRAINING, RATE_COMPETING } state;
  bps target;                 /* of all that is sent */
  bps max, own_max, peer_max; /* of it: the lower of the embedder's and the peer's */
  struct bwe_delay delay;
  struct bwe_loss loss;
  struct bwe_probe probe;
  struct delivery delivery;
  struct hold hold;                 /* whether it holds: the session's to set */
  int64_t resent_told;              /* packet_result.resent of the newest that feedback named */
  bps capacity;                     /* of the bottleneck when it was last measured */
  usec capacity_at;                 /* then; -1: never */
  usec drain_since;                 /* DRAINING and COMPETING */
  usec decreased;                   /* COMPETING: the last time */
  bps drain_before;                 /* the target then */
  bps drain_capacity;               /* the most that was measured since; 0: not yet */
  bps drain_least;                  /* DRAINING */
  usec wait_least, wait_most;       /* DRAINING, after RATE_DRAIN; USEC_NEVER: not yet */
  usec queue_before, latest_before; /* the last batch's */

  usec heard;                         /* the last feedback, then the first packet after it; -1: nothing was sent */
  bool reports_alone;                 /* no feedback on single packets: the session's to set */
  bps before_silence;                 /* the target, while no feedback comes; 0: it comes, */
  usec resumed;                       /* since then */
  usec vain_since;                    /* a third of what is sent or less arrives, since then */
  int64_t sent_bits;                  /* since the last feedback */
  int64_t window_bits, window_resent; /* sent in this window of DELIVERY_WINDOW */
  usec window_since;
  bps sent, resent;   /* in the last one */
  int64_t waiting;    /* bits in the pacer's queue */
  int parity_percent; /* of the pictures' packets that follow them as parity: the session's to set */
  bps audio_overhead; /* headers and copies of the sound, as it is packed now: the session's to set */

  bool audio_low, video_on;
  struct rate_targets given; /* the last ones polled */
};

void rate_control_init(struct rate_control *rate, bps max);
void rate_control_set_max(struct rate_control *rate, bps max);
void rate_control_set_peer_max(struct rate_control *rate, bps max); /* the peer wants no more */
/* size: on the wire; again: a retransmission. */
void rate_control_input_sent(struct rate_control *rate, usec now, int size, bool again);
/* A batch of feedback in the order of sending; round_trip: 0 when not known. */
void rate_control_input_feedback(struct rate_control *rate, usec now, const struct packet_result *result, int count,
                                 usec round_trip);
/* From a peer whose reports are all there is: the share that it lost since the last one, of 256 (RFC 3550). */
void rate_control_input_report(struct rate_control *rate, usec now, int fraction_lost);
/* The rate of a cluster of packets that asks whether there is more, padded where there is too little to send: of
 * one that runs, or begins now if one is due; 0: none. Call it where padding may be sent. */
bps rate_control_probe(struct rate_control *rate, usec now);
/* What waits to be sent: video makes room for it. */
void rate_control_set_waiting(struct rate_control *rate, int64_t bits);
/* For the pacer, percent of the target: near the bottleneck frames are to be spread, or each is a queue of its own.
 */
int rate_control_pace(const struct rate_control *rate, usec now);
/* The same: how long before its time may leave what makes one batch. 0 unless packets arrive and nothing is in
 * their way. */
usec rate_control_ahead(const struct rate_control *rate, usec now);
/* How much of the target repairs may take: what the path loses by itself is no reason to save. */
int rate_control_repair_percent(const struct rate_control *rate);
/* What is lost now is lost to a queue, or because there is too much of it: no parity helps. */
bool rate_control_congested(const struct rate_control *rate);
bool rate_control_poll(struct rate_control *rate, usec now, struct rate_targets *out); /* false: as before */
usec rate_control_deadline(const struct rate_control *rate);

#endif
