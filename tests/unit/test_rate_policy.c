#include "unit.h"

#include "media/video/rate_policy.h"

/* An encoder whose quantizer grows by 8 for half of the bits a pixel, and that leaves pictures out beyond 56. */

enum { WIDTH = 640, HEIGHT = 360 };

struct world {
  struct rate_policy policy;
  struct rate_choice choice; /* the last */
  usec now;
  double need; /* bits a pixel for quantizer 40 */
  int steps;   /* changes of the choice */
  int encoded;
};

static void world_init(struct world *w, double need) {
  *w = (struct world){.choice = {WIDTH, HEIGHT, RATE_POLICY_FPS}, .now = SEC(5), .need = need};
  rate_policy_init(&w->policy);
}

static int quantizer_of(const struct world *w, bps rate) {
  int fps = w->choice.fps < 30 ? w->choice.fps : 30;
  double bits = (double)rate / fps / (w->choice.width * w->choice.height), quantizer = 40;
  for (; bits < w->need && quantizer < QUANTIZER_WORST; bits *= 1.09)
    quantizer++;
  for (; bits > w->need && quantizer > 2; bits /= 1.09)
    quantizer--;
  return quantizer > 56 ? QUANTIZER_WORST : (int)quantizer;
}

static void run(struct world *w, bps rate, usec span) {
  for (usec end = w->now + span; w->now < end; w->now += SEC(1) / 30) {
    struct rate_choice before = w->choice;
    bool taken = rate_policy_picture(&w->policy, w->now, WIDTH, HEIGHT, rate, &w->choice);
    w->steps += memcmp(&before, &w->choice, sizeof before) != 0;
    if (!taken)
      continue;
    w->encoded++;
    rate_policy_encoded(&w->policy, w->now, quantizer_of(w, rate));
  }
}

static void enough_rate_changes_nothing(void **state) {
  (void)state;
  struct world w;
  world_init(&w, 0.05);
  run(&w, 1000000, SEC(30));
  assert_int_equal(w.steps, 0);
  assert_int_equal(w.choice.width, WIDTH);
  assert_in_range(w.encoded, 899, 901);
}

static void a_simple_picture_keeps_its_size_where_a_hard_one_shrinks(void **state) {
  (void)state;
  struct world simple, hard;
  world_init(&simple, 0.015);
  world_init(&hard, 0.08);
  run(&simple, 150000, SEC(10));
  run(&hard, 150000, SEC(10));
  assert_int_equal(simple.choice.width, WIDTH);
  print_message("hard: %dx%d at %d\n", hard.choice.width, hard.choice.height, hard.choice.fps);
  assert_in_range(hard.choice.width, 160, 480);
  assert_true(quantizer_of(&hard, 150000) < 50);
}

static void it_is_down_within_four_seconds_and_up_again_within_twenty(void **state) {
  (void)state;
  struct world w;
  world_init(&w, 0.1);
  run(&w, 1200000, SEC(5));
  assert_int_equal(w.steps, 0);
  run(&w, 100000, SEC(4));
  assert_true(w.choice.width <= WIDTH / 2);
  run(&w, 1200000, SEC(20));
  assert_int_equal(w.choice.width, WIDTH);
  assert_int_equal(w.choice.fps, RATE_POLICY_FPS);
}

/* Every size is a key frame, so a rate between two steps must not make it swing. */
static void it_does_not_swing_at_any_rate(void **state) {
  (void)state;
  for (bps rate = 60000; rate < 2000000; rate += rate / 10) {
    struct world w;
    world_init(&w, 0.08);
    run(&w, rate, SEC(10));
    w.steps = 0;
    run(&w, rate, SEC(120));
    assert_in_range(w.steps, 0, 8);
  }
}

/* Where the way up costs more than the model of the ladder: tried ever more seldom. */
static void a_step_up_that_fails_is_tried_ever_more_seldom(void **state) {
  (void)state;
  struct world w;
  world_init(&w, 0.08);
  int steps[4];
  for (int minute = 0; minute < 4; minute++) {
    w.steps = 0;
    for (usec end = w.now + SEC(60); w.now < end;) {
      w.need = w.policy.step == 0 ? 1 : 0.001; /* far too much or nothing at all */
      run(&w, 150000, MS(100));
    }
    steps[minute] = w.steps;
  }
  print_message("steps a minute: %d %d %d %d\n", steps[0], steps[1], steps[2], steps[3]);
  assert_in_range(steps[0], 2, 20);
  assert_in_range(steps[3], 0, 3);
  w.need = 0.001; /* and a much better network is tried at once */
  run(&w, 1000000, SEC(10));
  assert_int_equal(w.choice.width, WIDTH);
}

static void a_screen_keeps_its_size_and_loses_pictures(void **state) {
  (void)state;
  struct world w;
  world_init(&w, 0.2);
  rate_policy_set_content(&w.policy, CONTENT_SCREEN);
  run(&w, 200000, SEC(20));
  assert_int_equal(w.choice.width, WIDTH);
  assert_int_equal(w.choice.height, HEIGHT);
  assert_in_range(w.choice.fps, 2, 15);
  w.encoded = 0;
  run(&w, 200000, SEC(10));
  assert_in_range(w.encoded, w.choice.fps * 10 - 2, w.choice.fps * 10 + 2);
  rate_policy_set_content(&w.policy, CONTENT_CAMERA);
  run(&w, 5000000, MS(50));
  assert_int_equal(w.choice.fps, RATE_POLICY_FPS);
}

static void sizes_are_even_and_never_tiny(void **state) {
  (void)state;
  static const int sizes[][2] = {{640, 360}, {360, 640}, {320, 180}, {166, 94}, {64, 48}, {4096, 16}, {1280, 720}};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    struct rate_policy policy;
    struct rate_choice choice;
    rate_policy_init(&policy);
    int width = sizes[i][0], height = sizes[i][1], longer = width > height ? width : height;
    for (usec now = 0; now < SEC(20); now += MS(33)) {
      if (!rate_policy_picture(&policy, now, width, height, 60000, &choice))
        continue;
      rate_policy_encoded(&policy, now, QUANTIZER_WORST);
      assert_in_range(choice.width, 16, width);
      assert_in_range(choice.height, 16, height);
      assert_int_equal(choice.width % 2 + choice.height % 2, 0);
      assert_true((choice.width > choice.height ? choice.width : choice.height) >=
                  (longer < POLICY_SIDE_MIN ? longer : POLICY_SIDE_MIN));
    }
    print_message("%dx%d: %dx%d at %d\n", width, height, choice.width, choice.height, choice.fps);
  }
}

static void a_limit_holds_whatever_the_rate_and_says_so(void **state) {
  (void)state;
  struct world w;
  world_init(&w, 0.05);
  run(&w, 1000000, SEC(2));
  assert_int_equal(w.choice.limited, LIMIT_NONE);
  rate_policy_set_limit(&w.policy, 4, 20);
  w.encoded = 0;
  run(&w, 1000000, SEC(10));
  assert_int_equal(w.choice.limited, LIMIT_CPU);
  assert_int_equal(w.choice.width, WIDTH / 2);
  assert_int_equal(w.choice.height, HEIGHT / 2);
  assert_in_range(w.encoded, 198, 202);
  rate_policy_set_limit(&w.policy, RATE_POLICY_WHOLE, RATE_POLICY_FPS);
  run(&w, 1000000, SEC(2));
  assert_int_equal(w.choice.limited, LIMIT_NONE);
  assert_int_equal(w.choice.width, WIDTH);
}

static void of_rate_and_limit_the_narrower_holds(void **state) {
  (void)state;
  struct world w;
  world_init(&w, 0.1);
  run(&w, 60000, SEC(10));
  struct rate_choice before = w.choice;
  assert_int_equal(before.limited, LIMIT_BANDWIDTH);
  assert_true(before.width < WIDTH * 6 / 8);
  rate_policy_set_limit(&w.policy, 6, RATE_POLICY_FPS);
  run(&w, 60000, SEC(1) / 30);
  assert_memory_equal(&before, &w.choice, sizeof before);
}

static void a_clock_that_jumps_stops_nothing(void **state) {
  (void)state;
  struct world w;
  world_init(&w, 5);
  run(&w, 100000, SEC(5));
  assert_true(w.choice.width < WIDTH);
  w.now = SEC(1);
  w.encoded = 0;
  run(&w, 100000, SEC(2));
  assert_in_range(w.encoded, 20, 61);
  w.now += SEC(86400);
  w.encoded = 0;
  w.need = 0.001;
  run(&w, 1000000, SEC(30));
  assert_true(w.encoded > 400);
  assert_int_equal(w.choice.width, WIDTH);
}

UNIT_TESTS(test(enough_rate_changes_nothing), test(a_simple_picture_keeps_its_size_where_a_hard_one_shrinks),
           test(it_is_down_within_four_seconds_and_up_again_within_twenty), test(it_does_not_swing_at_any_rate),
           test(a_step_up_that_fails_is_tried_ever_more_seldom), test(a_screen_keeps_its_size_and_loses_pictures),
           test(sizes_are_even_and_never_tiny), test(a_limit_holds_whatever_the_rate_and_says_so),
           test(of_rate_and_limit_the_narrower_holds), test(a_clock_that_jumps_stops_nothing))
