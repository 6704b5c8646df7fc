#include "bwe_delay.h"

#include "feedback.h"

enum { TAIL_MIN = 3 }; /* packets at least: the last two may be one frame's */

void bwe_delay_init(struct bwe_delay *delay) {
  *delay = (struct bwe_delay){.base = {USEC_NEVER, USEC_NEVER}};
}

void bwe_delay_rebase(struct bwe_delay *delay, usec now, usec more) {
  delay->base[0] = earlier(delay->base[0], delay->base[1]) + more;
  delay->base[1] = USEC_NEVER;
  delay->base_since = now;
}

static bool tells(const struct packet_result *result) {
  return !result->lost && !result->again;
}

static void update_base(struct bwe_delay *delay, usec now, usec sample) {
  if (now - delay->base_since > BWE_BASE_WINDOW) {
    delay->base[1] = delay->base[0];
    delay->base[0] = USEC_NEVER;
    delay->base_since = now;
  }
  delay->base[0] = earlier(delay->base[0], sample);
}

/* Most of those before it took much longer: it did not stand in their queue. */
static bool overtook(const struct bwe_delay *delay, usec sample) {
  int longer = 0;
  for (int i = 0; i < BWE_NEIGHBOURS; i++)
    longer += i < delay->samples && delay->sample[i] > sample + BWE_OVERTAKING;
  return longer > BWE_NEIGHBOURS / 2;
}

static void remember(struct bwe_delay *delay, usec sample) {
  delay->sample[delay->next] = sample;
  delay->next = (delay->next + 1) % BWE_NEIGHBOURS;
  delay->samples += delay->samples < BWE_NEIGHBOURS;
}

static int tellers(const struct packet_result *result, int count) {
  int telling = 0;
  for (int i = 0; i < count; i++)
    telling += tells(&result[i]);
  return telling;
}

bool bwe_delay_input(struct bwe_delay *delay, usec now, const struct packet_result *result, int count) {
  int left = tellers(result, count), tail = left / 2 > TAIL_MIN ? left / 2 : TAIL_MIN;
  usec least = USEC_NEVER, latest = USEC_NEVER;
  for (int i = 0; i < count; i++) {
    usec sample = result[i].arrived - result[i].sent;
    if (!tells(&result[i]))
      continue;
    if (!overtook(delay, sample)) {
      update_base(delay, now, sample);
      least = earlier(least, sample);
      latest = left <= tail ? earlier(latest, sample) : latest;
    }
    remember(delay, sample);
    left--;
  }
  if (least == USEC_NEVER)
    return false;
  usec base = earlier(delay->base[0], delay->base[1]), before = delay->least;
  delay->least = least - base;
  delay->latest = latest == USEC_NEVER ? delay->least : latest - base;
  delay->queue = earlier(delay->least, before);
  return true;
}
