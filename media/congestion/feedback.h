/* feedback.h - what was sent, and what the peer's feedback says of it: sent, arrived, size, lost.
 *
 * The one form in which congestion control hears of packets, whatever format the feedback has on the wire. A packet
 * is lost once the reports have gone past it without naming it, or once it is sent again; a packet that was sent
 * again and arrived says nothing of the path's delay, since nobody knows which one it was, and mostly arrives when
 * the reports are past it: what becomes of the second sending is not told. Bounded by
 * FEEDBACK_SENT packets a stream and FEEDBACK_RESULTS a batch; what a peer claims of other packets is ignored.
 */
#ifndef FEEDBACK_H
#define FEEDBACK_H
#include <stddef.h>

#include "../limits.h"
#include "../rtp/ccfb.h"

enum { FEEDBACK_STREAMS = 2 };

struct packet_result {
  usec sent;    /* on our clock */
  usec arrived; /* on the peer's, whose beginning is its own; meaningless when lost */
  int size;     /* bytes on the wire, all headers included */
  bool lost;
  bool again;     /* was sent more than once */
  int64_t resent; /* bytes sent again up to it, all together */
};

struct feedback {
  bool clocked;
  int64_t clock;  /* the last report's timestamp or reference time, unwrapped, in its own unit */
  usec told;      /* when the peer made that report, by its clock, as far as it says so */
  int64_t resent; /* bytes */
  int results;
  struct packet_result result[FEEDBACK_RESULTS];
  struct feedback_stream {
    int64_t settled; /* everything before it is known or lost; -1: nothing was sent */
    int64_t next;    /* after the newest one sent */
    struct feedback_packet {
      int64_t seq;
      usec sent;
      int size;
      bool known, again, untold; /* untold: it has come or not */
      int64_t resent;
    } packet[FEEDBACK_SENT];
  } stream[FEEDBACK_STREAMS];
};

void feedback_init(struct feedback *feedback);
/* Sequence numbers of new packets ascend by any step; an older one is sent again. size: as in packet_result. */
void feedback_sent(struct feedback *feedback, usec now, int stream, int64_t seq, int size);
/* RFC 8888: a report on that stream, its timestamp first told by feedback_clock(). Results gather until taken. */
void feedback_clock(struct feedback *feedback, uint32_t timestamp);
void feedback_report(struct feedback *feedback, int stream, const struct ccfb_report *report);
/* And when all of a packet's reports were: a stream of which nothing comes is lost as the others go by. */
void feedback_all_told(struct feedback *feedback);
/* Transport-wide feedback, packet by packet: its reference time as a time of the peer's; what came; and that the
 * reports have gone past all before `seq`. told: none is missing that may have named them; else nothing is known.
 */
usec feedback_reference(struct feedback *feedback, uint32_t reference);
void feedback_arrived(struct feedback *feedback, int stream, int64_t seq, usec arrived);
void feedback_past(struct feedback *feedback, int stream, int64_t seq, bool told);
/* How long the peer had a packet that arrived then when it made its last report: not part of the round trip. */
usec feedback_held(const struct feedback *feedback, usec arrived);
/* The results of one datagram of RTCP, in the order of sending; they are taken: the next call has new ones. */
int feedback_take(struct feedback *feedback, const struct packet_result **result);

enum packet_fate {
  PACKET_UNDECIDED, /* not known yet */
  PACKET_ARRIVED,   /* with the first sending */
  PACKET_LOST,
  PACKET_UNTOLD, /* the report that may have named it did not come */
};

enum packet_fate feedback_fate(const struct feedback *feedback, int stream, int64_t seq);

#endif
