#include "unit.h"

#include "media/video/cpu_policy.h"

/* A camera of 30 pictures a second and an encoder that needs `cost` of the processor for a whole one. */

static const int speed_percent[] = {100, 85, 75};

struct world {
  struct cpu_policy policy;
  usec now, cost;
  usec due;  /* of the next picture: earlier ones are left out */
  usec free; /* when the encoder is done with it */
  int steps; /* changes of the choice */
  int sizes; /* of them, of the size: each costs a key frame */
};

static void world_init(struct world *w, usec cost) {
  *w = (struct world){.now = SEC(5), .cost = cost};
  cpu_policy_init(&w->policy);
}

static usec cost_of(const struct world *w, struct cpu_choice choice) {
  return w->cost * choice.eighths * choice.eighths / 64 * speed_percent[choice.speed] / 100;
}

static void encode(struct world *w, usec cost, bool key) {
  struct cpu_choice before = cpu_policy_choice(&w->policy);
  usec wanted = w->now > w->free ? w->now : w->free;
  w->free = wanted + cost;
  cpu_policy_encoded(&w->policy, w->free, cost, key);
  struct cpu_choice after = cpu_policy_choice(&w->policy);
  w->steps += memcmp(&before, &after, sizeof before) != 0;
  w->sizes += before.eighths != after.eighths;
}

/* What comes while the encoder is busy is replaced by the next: it begins with a new one at once. */
static void run(struct world *w, usec span) {
  for (usec end = w->now + span; w->now < end; w->now += SEC(1) / 30) {
    struct cpu_choice choice = cpu_policy_choice(&w->policy);
    usec interval = SEC(1) / (choice.fps < 30 ? choice.fps : 30);
    if (w->free > w->now + SEC(1) / 30 || w->now + MS(5) < w->due)
      continue;
    w->due = (w->due > w->now - interval ? w->due : w->now) + interval;
    encode(w, cost_of(w, choice), false);
  }
}

static usec second_of_work(const struct world *w) {
  struct cpu_choice choice = cpu_policy_choice(&w->policy);
  return cost_of(w, choice) * (choice.fps < 30 ? choice.fps : 30);
}

static void a_fast_processor_is_spared_nothing(void **state) {
  (void)state;
  struct world w;
  world_init(&w, MS(18));
  run(&w, SEC(60));
  assert_int_equal(w.steps, 0);
  assert_int_equal(cpu_policy_choice(&w.policy).speed, 0);
  assert_int_equal(cpu_policy_choice(&w.policy).eighths, 8);
  assert_int_equal(cpu_policy_choice(&w.policy).fps, CPU_POLICY_FPS);
}

static void the_encoder_becomes_faster_before_pictures_become_smaller(void **state) {
  (void)state;
  struct world w;
  world_init(&w, MS(25));
  run(&w, SEC(60));
  assert_int_equal(w.sizes, 0);
  assert_in_range(cpu_policy_choice(&w.policy).speed, 1, 2);
}

static void pictures_become_smaller_before_they_become_fewer(void **state) {
  (void)state;
  struct world w;
  world_init(&w, MS(60));
  run(&w, SEC(10));
  assert_int_equal(cpu_policy_choice(&w.policy).speed, 2);
  assert_in_range(cpu_policy_choice(&w.policy).eighths, 4, 6);
  assert_int_equal(cpu_policy_choice(&w.policy).fps, CPU_POLICY_FPS);
  assert_true(second_of_work(&w) < MS(700));
}

static void even_a_tenth_of_the_processor_that_is_needed_is_enough_within_eight_seconds(void **state) {
  (void)state;
  struct world w;
  world_init(&w, MS(330));
  run(&w, SEC(8));
  print_message("%d eighths at %d\n", cpu_policy_choice(&w.policy).eighths, cpu_policy_choice(&w.policy).fps);
  assert_true(second_of_work(&w) <= MS(700));
}

static void a_screen_keeps_its_size(void **state) {
  (void)state;
  struct world w;
  world_init(&w, MS(60));
  cpu_policy_set_screen(&w.policy, true);
  run(&w, SEC(20));
  assert_int_equal(cpu_policy_choice(&w.policy).eighths, 8);
  assert_in_range(cpu_policy_choice(&w.policy).fps, 5, 15);
  assert_true(second_of_work(&w) < MS(700));
  cpu_policy_set_screen(&w.policy, false); /* another content begins anew */
  assert_int_equal(cpu_policy_choice(&w.policy).fps, CPU_POLICY_FPS);
  assert_int_equal(cpu_policy_choice(&w.policy).speed, 0);
}

static void key_frames_alone_change_nothing_however_long_they_take(void **state) {
  (void)state;
  struct world w;
  world_init(&w, MS(18));
  for (int i = 0; i < 120; i++) { /* two a second, each six intervals long */
    encode(&w, MS(200), true);
    w.now += MS(200);
    run(&w, MS(300));
  }
  assert_int_equal(w.steps, 0);
}

static void between_key_frames_too_much_is_still_too_much(void **state) {
  (void)state;
  struct world w;
  world_init(&w, MS(30));
  for (int i = 0; i < 10; i++) {
    encode(&w, MS(130), true);
    w.now += MS(130);
    run(&w, MS(370));
  }
  assert_true(cpu_policy_choice(&w.policy).speed > 0);
}

static void a_moment_of_something_else_changes_nothing(void **state) {
  (void)state;
  struct world w;
  world_init(&w, MS(10));
  for (int i = 0; i < 10; i++) {
    encode(&w, MS(500), false);
    w.now += MS(500);
    run(&w, SEC(3));
  }
  assert_int_equal(w.steps, 0);
}

static void it_is_up_again_when_the_processor_is_free(void **state) {
  (void)state;
  struct world w;
  world_init(&w, MS(120));
  run(&w, SEC(10));
  assert_true(cpu_policy_choice(&w.policy).eighths < 8);
  w.cost = MS(8);
  run(&w, SEC(15));
  assert_int_equal(cpu_policy_choice(&w.policy).eighths, 8);
  assert_int_equal(cpu_policy_choice(&w.policy).speed, 0);
}

/* Every size is a key frame, so a cost between two steps must not make it swing. */
static void it_does_not_swing_at_any_cost(void **state) {
  (void)state;
  for (usec cost = MS(5); cost < MS(400); cost += cost / 10) {
    struct world w;
    world_init(&w, cost);
    run(&w, SEC(15));
    w.steps = 0;
    run(&w, SEC(120));
    assert_in_range(w.steps, 0, 4);
  }
}

/* Where the step above costs far more than the ladder promises: tried ever more seldom. */
static void a_step_up_that_fails_is_tried_ever_more_seldom(void **state) {
  (void)state;
  struct world w;
  int steps[4];
  world_init(&w, MS(60));
  for (int minute = 0; minute < 4; minute++) {
    w.steps = 0;
    for (usec end = w.now + SEC(60); w.now < end;) {
      w.cost = cpu_policy_choice(&w.policy).speed == 0 ? MS(100) : MS(2);
      run(&w, MS(100));
    }
    steps[minute] = w.steps;
  }
  print_message("steps a minute: %d %d %d %d\n", steps[0], steps[1], steps[2], steps[3]);
  assert_in_range(steps[0], 2, 20);
  assert_in_range(steps[3], 0, 3);
}

UNIT_TESTS(test(a_fast_processor_is_spared_nothing),
           test(the_encoder_becomes_faster_before_pictures_become_smaller),
           test(pictures_become_smaller_before_they_become_fewer),
           test(even_a_tenth_of_the_processor_that_is_needed_is_enough_within_eight_seconds),
           test(a_screen_keeps_its_size), test(key_frames_alone_change_nothing_however_long_they_take),
           test(between_key_frames_too_much_is_still_too_much), test(a_moment_of_something_else_changes_nothing),
           test(it_is_up_again_when_the_processor_is_free), test(it_does_not_swing_at_any_cost),
           test(a_step_up_that_fails_is_tried_ever_more_seldom))
