#include "cpu_policy.h"

enum {
  STEPS = 8,
  TOO_MUCH = 70, /* per cent of the time: beyond it pictures wait in line, and two calls share a worker */
  ENOUGH = 65,   /* what a step down must reach */
  ROOM = 50,     /* what a step up must promise */
};
#define WINDOW       MS(1500) /* a machine that was busy with something else for half a second is no reason */
#define PATIENCE     SEC(3)
#define PATIENCE_MAX SEC(60)
#define LASTING      SEC(10) /* a step up that is taken back sooner was a mistake */

struct step {
  struct cpu_choice choice;
  int cost; /* of a second of 30 pictures, per mille of step 0's: a guess, the next window corrects it */
};

/* What the speeds spare is measured (DESIGN.md, "Size and frame rate"), sizes are taken to cost as their pixels do.
 */
static const struct step ladders[2][STEPS] = {
    {{{0, 8, CPU_POLICY_FPS}, 1000},
     {{1, 8, CPU_POLICY_FPS}, 850},
     {{2, 8, CPU_POLICY_FPS}, 750},
     {{2, 6, CPU_POLICY_FPS}, 420},
     {{2, 4, CPU_POLICY_FPS}, 188},
     {{2, 4, 20}, 125},
     {{2, 4, 15}, 94},
     {{2, 3, 15}, 53}},
    {{{0, 8, CPU_POLICY_FPS}, 1000},
     {{1, 8, CPU_POLICY_FPS}, 850},
     {{2, 8, CPU_POLICY_FPS}, 750},
     {{2, 8, 20}, 500},
     {{2, 8, 15}, 375},
     {{2, 8, 10}, 250},
     {{2, 8, 7}, 175},
     {{2, 8, 5}, 125}},
};

void cpu_policy_init(struct cpu_policy *policy) {
  *policy = (struct cpu_policy){.window = USEC_NEVER, .good_since = USEC_NEVER, .patience = PATIENCE};
}

void cpu_policy_set_screen(struct cpu_policy *policy, bool screen) {
  if (screen == policy->screen)
    return;
  cpu_policy_init(policy);
  policy->screen = screen;
}

struct cpu_choice cpu_policy_choice(const struct cpu_policy *policy) {
  return ladders[policy->screen][policy->step].choice;
}

/* What the load would be there. */
static int load_at(const struct cpu_policy *policy, int step, int load) {
  const struct step *ladder = ladders[policy->screen];
  return load * ladder[step].cost / ladder[policy->step].cost;
}

static void step_down(struct cpu_policy *policy, usec now, int load) {
  policy->good_since = USEC_NEVER;
  if (policy->step == STEPS - 1)
    return;
  if (policy->stepped_up && now - policy->stepped_up < LASTING)
    policy->patience = policy->patience < PATIENCE_MAX / 2 ? 2 * policy->patience : PATIENCE_MAX;
  int step = policy->step + 1;
  while (step < STEPS - 1 && load_at(policy, step, load) > ENOUGH)
    step++;
  policy->step = step;
}

static void step_up(struct cpu_policy *policy, usec now, int load) {
  if (policy->good_since == USEC_NEVER)
    policy->good_since = now;
  if (now - policy->good_since < policy->patience)
    return;
  int step = policy->step - 1;
  while (step > 0 && load_at(policy, step - 1, load) <= ROOM)
    step--;
  policy->step = step;
  policy->stepped_up = now;
  policy->good_since = USEC_NEVER;
}

static void weigh(struct cpu_policy *policy, usec now, int load) {
  if (load > TOO_MUCH)
    step_down(policy, now, load);
  else if (policy->step > 0 && load_at(policy, policy->step - 1, load) <= ROOM)
    step_up(policy, now, load);
  else
    policy->good_since = USEC_NEVER;
}

void cpu_policy_encoded(struct cpu_policy *policy, usec now, usec busy, bool key) {
  if (policy->window == USEC_NEVER)
    policy->window = now - busy;
  if (key)
    policy->window += busy;
  else
    policy->busy += busy;
  usec span = now - policy->window;
  if (span < WINDOW)
    return;
  int load = policy->busy < span ? (int)(100 * policy->busy / span) : 100;
  policy->window = now;
  policy->busy = 0;
  weigh(policy, now, load);
}
