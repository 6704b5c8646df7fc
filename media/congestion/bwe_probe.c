#include "bwe_probe.h"

#include "feedback.h"

void bwe_probe_init(struct bwe_probe *probe) {
  *probe = (struct bwe_probe){.wait = PROBE_WAIT_MIN};
}

void bwe_probe_start(struct bwe_probe *probe, usec now, bps rate) {
  *probe = (struct bwe_probe){.state = BWE_PROBE_SENDING,
                              .rate = rate,
                              .begun = now,
                              .ended = now + PROBE_LENGTH,
                              .due = now + probe->wait,
                              .wait = probe->wait};
}

bool bwe_probe_sending(struct bwe_probe *probe, usec now) {
  if (probe->state == BWE_PROBE_SENDING && now >= probe->ended)
    probe->state = BWE_PROBE_WAITING;
  return probe->state == BWE_PROBE_SENDING;
}

static void add(struct bwe_probe *probe, const struct packet_result *result) {
  if (result->lost || result->again || result->sent < probe->begun || result->sent > probe->ended)
    return;
  if (probe->packets++ == 0) {
    probe->sent[0] = probe->sent[1] = result->sent;
    probe->arrived[0] = probe->arrived[1] = result->arrived;
    return;
  }
  probe->bits += (int64_t)result->size * 8;
  probe->sent[1] = result->sent > probe->sent[1] ? result->sent : probe->sent[1];
  probe->arrived[1] = result->arrived > probe->arrived[1] ? result->arrived : probe->arrived[1];
}

static bps carried(const struct bwe_probe *probe) {
  usec sending = probe->sent[1] - probe->sent[0], arriving = probe->arrived[1] - probe->arrived[0];
  usec longer = arriving > sending ? arriving : sending;
  if (probe->packets < PROBE_PACKETS || sending < PROBE_LENGTH / 2)
    return 0;
  return probe->bits * SEC(1) / longer;
}

bps bwe_probe_input(struct bwe_probe *probe, usec now, const struct packet_result *result, int count) {
  if (probe->state == BWE_PROBE_IDLE)
    return 0;
  bool past = false;
  for (int i = 0; i < count; i++) {
    add(probe, &result[i]);
    past |= result[i].sent > probe->ended && !result[i].lost;
  }
  if (!past && now - probe->ended < PROBE_PATIENCE)
    return 0;
  probe->state = BWE_PROBE_IDLE;
  return carried(probe);
}

void bwe_probe_judge(struct bwe_probe *probe, usec now, bool through, bool bounded) {
  if (through && bounded) {
    probe->due = now + PROBE_WAIT_LOSSY;
    return;
  }
  probe->due = through ? now : now + probe->wait;
  probe->wait = through ? PROBE_WAIT_MIN : earlier(2 * probe->wait, PROBE_WAIT_MAX);
}

void bwe_probe_later(struct bwe_probe *probe, usec now) {
  if (probe->due < now + PROBE_WAIT_MIN)
    probe->due = now + PROBE_WAIT_MIN;
}

void bwe_probe_anew(struct bwe_probe *probe, usec now) {
  probe->wait = PROBE_WAIT_MIN;
  probe->due = now + probe->wait;
}
