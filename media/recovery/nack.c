#include "nack.h"

#include <string.h>

void nack_init(struct nack *nack, usec patience) {
  *nack = (struct nack){.highest = -1,
                        .rtt = NACK_RTT_DEFAULT,
                        .answer_min = NACK_RTT_DEFAULT / 2,
                        .grace = NACK_GRACE_MIN,
                        .at_once = 1,
                        .patience = patience};
}

void nack_set_rtt(struct nack *nack, usec rtt) {
  nack->rtt = rtt < NACK_RTT_MIN ? NACK_RTT_MIN : rtt;
  nack->answer_min = rtt / 2;
}

void nack_set_lossy(struct nack *nack, bool lossy) {
  nack->at_once = lossy ? NACK_AT_ONCE : 1;
}

static void remove_hole(struct nack *nack, int i) {
  nack->holes--;
  memmove(&nack->hole[i], &nack->hole[i + 1], (size_t)(nack->holes - i) * sizeof nack->hole[0]);
}

static void add_hole(struct nack *nack, int64_t seq, usec now) {
  if (nack->holes == NACK_WINDOW)
    remove_hole(nack, 0);
  nack->hole[nack->holes++] = (struct nack_hole){.seq = seq, .seen = now, .due = now + nack->grace};
}

/* This late do packets come on this path by themselves: at once when it grows, slowly forgotten. */
static void reordered(struct nack *nack, usec late) {
  usec grace = late * 5 / 4 < NACK_GRACE_MAX ? late * 5 / 4 : NACK_GRACE_MAX;
  if (grace > nack->grace)
    nack->grace = grace;
}

/* An answer takes a round trip: what comes within half of one was never lost. */
static bool fill_hole(struct nack *nack, usec now, int64_t seq) {
  for (int i = 0; i < nack->holes; i++) {
    struct nack_hole hole = nack->hole[i];
    if (hole.seq != seq)
      continue;
    remove_hole(nack, i);
    bool answer = hole.tries > 0 && now - hole.asked > nack->answer_min;
    if (!answer)
      reordered(nack, now - hole.seen);
    return answer;
  }
  return false;
}

static void in_order(struct nack *nack) {
  usec grace = nack->grace - nack->grace / NACK_GRACE_MEMORY;
  nack->grace = grace > NACK_GRACE_MIN ? grace : NACK_GRACE_MIN;
}

bool nack_input(struct nack *nack, usec now, int64_t seq) {
  if (seq <= nack->highest) /* late or retransmitted: maybe it fills a hole */
    return fill_hole(nack, now, seq);
  int64_t first = nack->highest < 0 ? seq : nack->highest + 1;
  if (seq == nack->highest + 1)
    in_order(nack);
  if (seq - first > NACK_WINDOW) /* a jump this long is not loss; see the file comment */
    first = seq - NACK_WINDOW;
  for (int64_t lost = first; lost < seq; lost++)
    add_hole(nack, lost, now);
  nack->highest = seq;
  return false;
}

void nack_before(struct nack *nack, usec now, int64_t seq) {
  for (int64_t lost = seq - 1; lost >= seq - NACK_BEFORE && lost >= 0 && nack->holes < NACK_WINDOW; lost--) {
    if (nack->holes > 0 && nack->hole[0].seq <= lost)
      continue;
    memmove(&nack->hole[1], &nack->hole[0], (size_t)nack->holes++ * sizeof nack->hole[0]);
    nack->hole[0] = (struct nack_hole){.seq = lost, .seen = now, .due = now + nack->grace};
  }
}

enum nack_verdict nack_poll(struct nack *nack, usec now, int64_t *seq) {
  for (int i = 0; i < nack->holes; i++) {
    struct nack_hole *hole = &nack->hole[i];
    if (hole->due > now)
      continue;
    *seq = hole->seq;
    if (hole->tries >= NACK_MAX_TRIES * nack->at_once && now - hole->seen >= nack->patience) {
      remove_hole(nack, i);
      return NACK_GIVE_UP;
    }
    if (hole->tries++ == 0)
      hole->asked = now;
    hole->due = now + nack->rtt / nack->at_once;
    return NACK_REQUEST;
  }
  return NACK_NONE;
}

void nack_found(struct nack *nack, int64_t seq) {
  for (int i = 0; i < nack->holes; i++)
    if (nack->hole[i].seq == seq) {
      remove_hole(nack, i);
      return;
    }
}

void nack_passed(struct nack *nack, int64_t seq) {
  int passed = 0;
  while (passed < nack->holes && nack->hole[passed].seq < seq)
    passed++;
  nack->holes -= passed;
  memmove(&nack->hole[0], &nack->hole[passed], (size_t)nack->holes * sizeof nack->hole[0]);
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
