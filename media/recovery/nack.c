#include "nack.h"

#include <string.h>

void nack_init(struct nack *nack) {
  *nack = (struct nack){.highest = -1, .rtt = NACK_RTT_DEFAULT};
}

void nack_set_rtt(struct nack *nack, usec rtt) {
  nack->rtt = rtt < NACK_RTT_MIN ? NACK_RTT_MIN : rtt;
}

static void remove_hole(struct nack *nack, int i) {
  nack->holes--;
  memmove(&nack->hole[i], &nack->hole[i + 1], (size_t)(nack->holes - i) * sizeof nack->hole[0]);
}

static void add_hole(struct nack *nack, int64_t seq, usec due) {
  if (nack->holes == NACK_WINDOW)
    remove_hole(nack, 0);
  nack->hole[nack->holes++] = (struct nack_hole){.seq = seq, .due = due};
}

static bool fill_hole(struct nack *nack, int64_t seq) {
  for (int i = 0; i < nack->holes; i++)
    if (nack->hole[i].seq == seq) {
      bool requested = nack->hole[i].tries > 0;
      remove_hole(nack, i);
      return requested;
    }
  return false;
}

bool nack_input(struct nack *nack, usec now, int64_t seq) {
  if (seq <= nack->highest) /* late or retransmitted: maybe it fills a hole */
    return fill_hole(nack, seq);
  int64_t first = nack->highest < 0 ? seq : nack->highest + 1;
  if (seq - first > NACK_WINDOW) /* a jump this long is not loss; see the file comment */
    first = seq - NACK_WINDOW;
  for (int64_t lost = first; lost < seq; lost++)
    add_hole(nack, lost, now + NACK_REORDER_GRACE);
  nack->highest = seq;
  return false;
}

enum nack_verdict nack_poll(struct nack *nack, usec now, int64_t *seq) {
  for (int i = 0; i < nack->holes; i++) {
    struct nack_hole *hole = &nack->hole[i];
    if (hole->due > now)
      continue;
    *seq = hole->seq;
    if (hole->tries == NACK_MAX_TRIES) {
      remove_hole(nack, i);
      return NACK_GIVE_UP;
    }
    hole->tries++;
    hole->due = now + nack->rtt;
    return NACK_REQUEST;
  }
  return NACK_NONE;
}

void nack_forget(struct nack *nack) {
  nack->holes = 0;
}

void nack_skip(struct nack *nack, int64_t seq) {
  nack_forget(nack);
  nack->highest = seq - 1;
}

usec nack_deadline(const struct nack *nack) {
  usec deadline = USEC_NEVER;
  for (int i = 0; i < nack->holes; i++)
    deadline = earlier(deadline, nack->hole[i].due);
  return deadline;
}
