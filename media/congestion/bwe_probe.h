/* bwe_probe.h - finds out at once whether the path carries more: a short cluster of packets at a higher rate.
 *
 * If it arrives as fast as it was sent the path carries that rate; if it arrives spread out, the spacing is the
 * bottleneck's. A cluster lasts PROBE_LENGTH, with padding where there is not enough media; the next comes at once
 * after one that went through, and after one that did not, each time twice as late, up to PROBE_WAIT_MAX. Where
 * losses have set a bound, one that went through gives them PROBE_WAIT_LOSSY to speak. Constant size; integers
 * only.
 */
#ifndef BWE_PROBE_H
#define BWE_PROBE_H
#include <stdbool.h>

#include "../limits.h"

struct packet_result;

struct bwe_probe {
  /*  IDLE --- bwe_probe_start() ---> SENDING --- PROBE_LENGTH ---> WAITING --- feedback, or none comes ---> IDLE */
  enum bwe_probe_state { BWE_PROBE_IDLE, BWE_PROBE_SENDING, BWE_PROBE_WAITING } state;
  bps rate;
  usec begun, ended;        /* of sending */
  usec due, wait;           /* the next one: not before; how long after this one if it fails */
  int packets;              /* of it that arrived */
  int64_t bits;             /* in them, but for the first */
  usec sent[2], arrived[2]; /* the first and the last of them */
};

void bwe_probe_init(struct bwe_probe *probe);
void bwe_probe_start(struct bwe_probe *probe, usec now, bps rate);
bool bwe_probe_sending(struct bwe_probe *probe, usec now); /* at `rate` */
/* What the path carries as the cluster shows it, at most what was sent; 0: not known yet, or it told nothing. */
bps bwe_probe_input(struct bwe_probe *probe, usec now, const struct packet_result *result, int count);
/* A later cluster is worth trying sooner, or later; bounded: losses have spoken against it, and need time to speak
 * again. */
void bwe_probe_judge(struct bwe_probe *probe, usec now, bool through, bool bounded);
void bwe_probe_later(struct bwe_probe *probe, usec now); /* the path loses what there is already */
void bwe_probe_anew(struct bwe_probe *probe, usec now); /* the path has changed: what failed before tells nothing */

#endif
