#include "bwe_delay.h"

#include "feedback.h"

enum { TAIL_MIN = 3 }; /* packets at least: the last two may be one frame's */

void bwe_delay_init(struct bwe_delay *delay) {
  *delay = (struct bwe_delay){.base = {USEC_NEVER, USEC_NEVER}};
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

static usec least_delay(const struct packet_result *result, int count, int newest) { /* of so many */
  usec least = USEC_NEVER;
  for (int i = count - 1; i >= 0 && newest > 0; i--)
    if (tells(&result[i])) {
      least = earlier(least, result[i].arrived - result[i].sent);
      newest--;
    }
  return least;
}

bool bwe_delay_input(struct bwe_delay *delay, usec now, const struct packet_result *result, int count) {
  int telling = 0;
  for (int i = 0; i < count; i++)
    if (tells(&result[i])) {
      telling++;
      update_base(delay, now, result[i].arrived - result[i].sent);
    }
  if (telling == 0)
    return false;
  usec base = earlier(delay->base[0], delay->base[1]);
  int tail = telling / 2 > TAIL_MIN ? telling / 2 : TAIL_MIN;
  usec latest = least_delay(result, count, tail) - base;
  usec least = least_delay(result, count, telling) - base;
  delay->queue = earlier(least, delay->least);
  delay->latest = latest;
  delay->least = least;
  return true;
}
