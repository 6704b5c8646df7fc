#include "rate_policy.h"

enum { WHOLE = RATE_POLICY_WHOLE, STEPS = 7, WINDOW_PICTURES = 3, FAR = 5 };
#define WINDOW       MS(1500) /* what scrolls or enters the room is over in less */
#define SETTLE       SEC(2)   /* after a step: until its key frame is paid for */
#define PATIENCE     SEC(2)
#define PATIENCE_MAX SEC(60)
#define LASTING      SEC(10) /* a step up that is taken back sooner was a mistake */

/* Quantizers of libvpx, whose step grows by half every 8: a step of the ladder halves the bits a second at most. */
static const struct ladder {
  int high, low; /* the mean of a window: step down; step up */
  struct {
    int eighths, fps; /* of the sides; at most */
  } step[STEPS];
} ladders[] = {
    [CONTENT_CAMERA] =
        {54,
         44,
         {{8, RATE_POLICY_FPS}, {6, RATE_POLICY_FPS}, {4, RATE_POLICY_FPS}, {4, 20}, {3, 20}, {3, 15}, {2, 15}}},
    [CONTENT_SCREEN] = {44, 32, {{8, RATE_POLICY_FPS}, {8, 15}, {8, 10}, {8, 7}, {8, 5}, {8, 3}, {8, 2}}},
};

static void begin_window(struct rate_policy *policy, usec at) {
  policy->window = at;
  policy->pictures = policy->quantizers = 0;
}

void rate_policy_init(struct rate_policy *policy) {
  *policy = (struct rate_policy){.window = USEC_NEVER,
                                 .good_since = USEC_NEVER,
                                 .patience = PATIENCE,
                                 .limit_eighths = WHOLE,
                                 .limit_fps = RATE_POLICY_FPS};
}

void rate_policy_set_content(struct rate_policy *policy, enum rate_content content) {
  if (content == policy->content)
    return;
  rate_policy_init(policy);
  policy->content = content;
}

void rate_policy_set_limit(struct rate_policy *policy, int eighths, int fps) {
  policy->limit_eighths = eighths;
  policy->limit_fps = fps;
}

static int side(int full, int eighths) {
  int scaled = (full * eighths + WHOLE) / (2 * WHOLE) * 2; /* to the nearest even number */
  return scaled < 16 ? 16 : scaled;
}

static int smaller(int a, int b) {
  return a < b ? a : b;
}

/* The choice of the step within the limit, but never below POLICY_SIDE_MIN for what is larger. */
static struct rate_choice choice_of(const struct rate_policy *policy, int width, int height) {
  int longer = width > height ? width : height;
  int eighths = ladders[policy->content].step[policy->step].eighths;
  int fps = ladders[policy->content].step[policy->step].fps;
  bool by_cpu = policy->limit_eighths < eighths || policy->limit_fps < fps;
  enum quality_limit limited = by_cpu ? LIMIT_CPU : policy->step ? LIMIT_BANDWIDTH : LIMIT_NONE;
  eighths = smaller(eighths, policy->limit_eighths);
  fps = smaller(fps, policy->limit_fps);
  while (eighths < WHOLE && longer * eighths < POLICY_SIDE_MIN * WHOLE)
    eighths++;
  if (eighths == WHOLE)
    return (struct rate_choice){width, height, fps, limited};
  return (struct rate_choice){side(width, eighths), side(height, eighths), fps, limited};
}

/* Pictures come when the camera has them: a quarter of an interval early is in time. */
static bool in_time(struct rate_policy *policy, usec now, int fps) {
  usec interval = SEC(1) / fps;
  bool jumped = policy->due - now > 2 * interval;
  if (fps < RATE_POLICY_FPS && !jumped && now + interval / 4 < policy->due)
    return false;
  usec next = policy->due + interval;
  policy->due = next > now + interval / 2 && !jumped ? next : now + interval;
  return true;
}

bool rate_policy_picture(struct rate_policy *policy, usec now, int width, int height, bps rate,
                         struct rate_choice *out) {
  policy->rate = rate;
  if (policy->failed && rate > policy->failed + policy->failed / 2) { /* another network: try again soon */
    policy->failed = 0;
    policy->patience = PATIENCE;
  }
  *out = choice_of(policy, width, height);
  return in_time(policy, now, out->fps);
}

static void take_step(struct rate_policy *policy, usec now, int by) {
  int step = policy->step + by;
  policy->step = step < 0 ? 0 : step < STEPS ? step : STEPS - 1;
  policy->good_since = USEC_NEVER;
  begin_window(policy, now + SETTLE);
}

static void step_down(struct rate_policy *policy, usec now, int by) {
  if (policy->step == STEPS - 1)
    return;
  if (policy->stepped_up && now - policy->stepped_up < LASTING) {
    policy->patience = policy->patience < PATIENCE_MAX / 2 ? 2 * policy->patience : PATIENCE_MAX;
    policy->failed = policy->rate;
  }
  take_step(policy, now, by);
}

static void step_up(struct rate_policy *policy, usec now, int by) {
  if (policy->good_since == USEC_NEVER)
    policy->good_since = now;
  if (policy->step == 0 || now - policy->good_since < policy->patience)
    return;
  policy->stepped_up = now;
  take_step(policy, now, -by);
}

void rate_policy_encoded(struct rate_policy *policy, usec now, int quantizer) {
  if (policy->window > now + SETTLE) /* the first, or a clock that jumped */
    begin_window(policy, now + SETTLE / 2);
  if (now < policy->window)
    return;
  policy->pictures++;
  policy->quantizers += quantizer;
  if (now - policy->window < WINDOW || policy->pictures < WINDOW_PICTURES)
    return;
  const struct ladder *ladder = &ladders[policy->content];
  int mean = policy->quantizers / policy->pictures;
  begin_window(policy, now);
  if (mean >= ladder->high)
    step_down(policy, now, mean >= ladder->high + FAR ? 2 : 1);
  else if (mean <= ladder->low)
    step_up(policy, now, mean <= ladder->low / 2 ? 2 : 1);
  else
    policy->good_since = USEC_NEVER;
}
