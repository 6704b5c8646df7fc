/* nack.h - asks again for lost packets (generic NACK, RFC 4585 section 6.2.1).
 *
 * Tell it of every new packet; it lists what to request, what to give up, and when to look again. A hole is first
 * asked for when packets that the path merely reorders would have come, as learnt from those that did.
 * Sequence numbers are unwrapped (seq.h). Memory is bounded by NACK_WINDOW: beyond it the oldest hole is
 * forgotten, and the frame buffer's patience does the rest.
 */
#ifndef NACK_H
#define NACK_H
#include <stdbool.h>

#include "../limits.h"

enum nack_verdict { NACK_NONE, NACK_REQUEST, NACK_GIVE_UP };

struct nack {
  struct nack_hole {
    int64_t seq;
    usec seen, asked, due; /* since when; the first time; the next time */
    int tries;
  } hole[NACK_WINDOW]; /* by seq */
  int holes;
  int64_t highest;      /* -1 until the first packet */
  usec patience;        /* nothing is given up sooner */
  int at_once;          /* requests for one packet under way */
  usec rtt, answer_min; /* what comes sooner after a request was only late */
  usec grace;           /* how long a packet may be late before it is asked for */
};

void nack_init(struct nack *nack, usec patience);
void nack_set_rtt(struct nack *nack, usec rtt);
/* Many requests and answers are lost: do not wait for an answer before asking again. */
void nack_set_lossy(struct nack *nack, bool lossy);
bool nack_input(struct nack *nack, usec now, int64_t seq); /* true: the answer to a request */
/* Nothing came before that packet, but it is not the first: up to NACK_BEFORE may be missing. */
void nack_before(struct nack *nack, usec now, int64_t seq);
/* The next that is due; NACK_NONE leaves *seq alone. */
enum nack_verdict nack_poll(struct nack *nack, usec now, int64_t *seq);
void nack_found(struct nack *nack, int64_t seq);  /* came by another way: it is not missing */
void nack_passed(struct nack *nack, int64_t seq); /* what was before seq is of no use any more */
void nack_forget(struct nack *nack);              /* all that is missing now */
void nack_skip(struct nack *nack, int64_t seq);   /* and all that is missing before seq, which comes next */
usec nack_deadline(const struct nack *nack);

#endif
