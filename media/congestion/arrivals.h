/* arrivals.h - when the packets of one stream arrived, for congestion control feedback (RFC 8888).
 *
 * Each packet is in two reports in a row, so that a lost report loses nothing and a reordered packet is seen. The
 * first arrival of a packet counts, as the RFC wants; sequence numbers come unwrapped and without duplicates
 * (seq.h). Bounded by ARRIVALS: what came before is no longer told.
 */
#ifndef ARRIVALS_H
#define ARRIVALS_H
#include "../limits.h"
#include "../rtp/ccfb.h"

struct arrivals {
  bool started, news; /* news: something came since the last report */
  int64_t begin;      /* of the next report */
  int64_t fresh;      /* not in any report yet, nor what follows */
  int64_t highest;    /* the newest that came */
  usec at[ARRIVALS];  /* by seq % ARRIVALS; USEC_NEVER: not come */
};

void arrivals_init(struct arrivals *arrivals); /* also: the source began anew */
void arrivals_input(struct arrivals *arrivals, usec now, int64_t seq);
/* All but the SSRC; false: nothing new came. */
bool arrivals_report(struct arrivals *arrivals, usec now, struct ccfb_report *report);
/* The same for transport-wide feedback: sequence numbers from *begin on, *count of them, at most `most`, whose
 * arrivals arrivals_at() tells. */
bool arrivals_run(struct arrivals *arrivals, int most, int64_t *begin, int *count);
static inline usec arrivals_at(const struct arrivals *arrivals, int64_t seq) {
  return arrivals->at[seq % ARRIVALS];
}
/* The report timestamp of now, a whole number of the offsets' units: so both count the same ticks. */
uint32_t arrivals_timestamp(usec now);

#endif
