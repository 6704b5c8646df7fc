#include "bwe_loss.h"

enum { MILLION = 1000000 };

void bwe_loss_init(struct bwe_loss *loss) {
  *loss = (struct bwe_loss){.bound = BWE_UNBOUND, .before_lift = BWE_UNBOUND};
}

void bwe_loss_forget(struct bwe_loss *loss, usec now) {
  loss->seen = (struct bwe_losses){0};
  loss->since = now;
}

void bwe_loss_lift(struct bwe_loss *loss, bps rate) {
  if (loss->bound == BWE_UNBOUND || rate <= loss->bound)
    return;
  loss->before_lift = loss->bound;
  loss->bound = rate;
}

static int64_t fraction(const struct bwe_loss *loss) {
  return loss->seen.lost * MILLION / loss->seen.packets;
}

/* How many times more than single losses those in runs vary: 2 n - 1 where a run has n of them on average. */
static int64_t burstiness(const struct bwe_losses *seen) {
  return seen->runs > 0 ? 2 * seen->lost / seen->runs - 1 : 1;
}

/* More than BWE_LOSS_EXCESS above the usual, and by three standard deviations of a binomial. */
static bool unusual(const struct bwe_loss *loss) {
  const struct bwe_losses *seen = &loss->seen;
  int64_t excess = seen->lost * MILLION - loss->usual * seen->packets; /* millionths of a packet */
  int64_t usual = loss->usual > BWE_LOSS_EXCESS ? loss->usual : BWE_LOSS_EXCESS;
  int64_t variance = seen->packets * usual / 1000 * (MILLION - usual) / 1000 * burstiness(seen); /* millionths */
  return excess > seen->packets * BWE_LOSS_EXCESS && excess / 1000 * (excess / 1000) > 9 * variance;
}

static void test(struct bwe_loss *loss, usec now, bps rate) {
  loss->suspect = fraction(loss);
  loss->bound = earlier(rate, loss->before_lift) * BWE_LOSS_TEST_PERCENT / 100;
  loss->state = BWE_LOSS_SETTLING;
  bwe_loss_forget(loss, now);
}

static void watch(struct bwe_loss *loss, usec now, bps rate) {
  if (unusual(loss)) {
    test(loss, now, rate);
    return;
  }
  loss->usual += (fraction(loss) - loss->usual) / 8;
  loss->before_lift = BWE_UNBOUND;
  if (loss->bound != BWE_UNBOUND)
    loss->bound += loss->bound * BWE_LOSS_GROWTH_PERCENT / 100 * (now - loss->since) / SEC(1);
  if (loss->bound > RATE_CEILING)
    loss->bound = BWE_UNBOUND;
  bwe_loss_forget(loss, now);
}

static void judge(struct bwe_loss *loss, usec now) {
  int64_t now_lost = fraction(loss), halfway = loss->usual + (loss->suspect - loss->usual) / 2;
  if (now_lost > halfway) { /* it does not depend on the rate */
    loss->usual = now_lost;
    loss->bound = BWE_UNBOUND;
  }
  loss->state = BWE_LOSS_WATCHING;
  bwe_loss_forget(loss, now);
}

void bwe_loss_input(struct bwe_loss *loss, usec now, const struct bwe_losses *told, bool queueing, bps rate,
                    usec settle) {
  if (loss->state == BWE_LOSS_SETTLING && now - loss->since >= settle) {
    loss->state = BWE_LOSS_TESTING;
    bwe_loss_forget(loss, now);
  }
  if (queueing && loss->state == BWE_LOSS_WATCHING) { /* what it overflows with is told of later */
    bwe_loss_forget(loss, now + BWE_LOSS_SETTLE);
    return;
  }
  if (now < loss->since)
    return;
  loss->seen.packets += told->packets;
  loss->seen.lost += told->lost;
  loss->seen.runs += told->runs;
  if (loss->seen.packets < BWE_LOSS_PACKETS || now - loss->since < BWE_LOSS_WINDOW)
    return;
  if (loss->state == BWE_LOSS_WATCHING)
    watch(loss, now, rate);
  else if (loss->state == BWE_LOSS_TESTING)
    judge(loss, now);
}
