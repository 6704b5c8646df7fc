#include "media/congestion/bwe_delay.h"

#include "media/congestion/feedback.h"
#include "unit.h"

enum { COUNT = 8 };
static const usec skewed = SEC(5000); /* the peer's clock */

static void batch_of(struct packet_result *result, usec now, usec wait, usec step) {
  for (int i = 0; i < COUNT; i++)
    result[i] = (struct packet_result){
        .sent = now + MS(5) * i, .arrived = now + MS(5) * i + skewed + MS(25) + wait + step * i, .size = 1000};
}

static void a_wait_is_what_exceeds_the_least_delay(void **state) {
  (void)state;
  struct bwe_delay delay;
  struct packet_result result[COUNT];
  bwe_delay_init(&delay);
  batch_of(result, SEC(1), 0, 0);
  assert_true(bwe_delay_input(&delay, SEC(1), result, COUNT));
  assert_int_equal(delay.latest | delay.queue, 0);
  batch_of(result, SEC(2), MS(30), MS(1));
  assert_true(bwe_delay_input(&delay, SEC(2), result, COUNT));
  assert_int_equal(delay.least, MS(30));
  assert_int_equal(delay.latest, MS(34)); /* least of the newer half */
  assert_int_equal(delay.queue, 0);       /* not standing yet */
  assert_true(bwe_delay_input(&delay, SEC(2), result, COUNT));
  assert_int_equal(delay.queue, MS(30));
}

static void jitter_of_single_packets_is_no_queue(void **state) {
  (void)state;
  struct bwe_delay delay;
  struct packet_result result[COUNT];
  uint64_t random = 4;
  usec sum = 0;
  bwe_delay_init(&delay);
  for (int round = 0; round < 200; round++) {
    batch_of(result, MS(50) * round, 0, 0);
    for (int i = 0; i < COUNT; i++)
      result[i].arrived += (usec)(unit_random(&random) % 20000);
    bwe_delay_input(&delay, MS(50) * round, result, COUNT);
    sum += delay.queue;
  }
  assert_true(sum / 200 < MS(3));
}

static void lost_and_repeated_packets_tell_nothing(void **state) {
  (void)state;
  struct bwe_delay delay;
  struct packet_result result[COUNT];
  bwe_delay_init(&delay);
  batch_of(result, SEC(1), 0, 0);
  for (int i = 0; i < COUNT; i++) {
    result[i].lost = i % 2;
    result[i].again = !(i % 2);
  }
  assert_false(bwe_delay_input(&delay, SEC(1), result, COUNT));
}

static void a_longer_way_becomes_the_base(void **state) {
  (void)state;
  struct bwe_delay delay;
  struct packet_result result[COUNT];
  bwe_delay_init(&delay);
  batch_of(result, SEC(1), 0, 0);
  bwe_delay_input(&delay, SEC(1), result, COUNT);
  for (usec now = SEC(2); now <= SEC(2) + 2 * BWE_BASE_WINDOW + SEC(2); now += MS(100)) {
    batch_of(result, now, MS(80), 0);
    bwe_delay_input(&delay, now, result, COUNT);
    if (now == SEC(3))
      assert_int_equal(delay.queue, MS(80));
  }
  assert_int_equal(delay.queue, 0);
}

static void a_longer_way_can_be_told(void **state) {
  (void)state;
  struct bwe_delay delay;
  struct packet_result result[COUNT];
  bwe_delay_init(&delay);
  for (usec now = SEC(1); now <= SEC(3); now += MS(100)) {
    batch_of(result, now, now < SEC(2) ? 0 : MS(80), 0);
    bwe_delay_input(&delay, now, result, COUNT);
  }
  bwe_delay_rebase(&delay, SEC(3), MS(70));
  batch_of(result, SEC(4), MS(80), 0);
  bwe_delay_input(&delay, SEC(4), result, COUNT);
  assert_int_equal(delay.least, MS(10));
  batch_of(result, SEC(5), MS(40), 0); /* it was not: a shorter one is the base at once */
  bwe_delay_input(&delay, SEC(5), result, COUNT);
  assert_int_equal(delay.least, 0);
}

/* One in twenty takes another way, 200 ms shorter. */
static void packets_that_overtake_most_before_them_neither_hide_a_queue_nor_make_one(void **state) {
  (void)state;
  struct bwe_delay delay;
  struct packet_result result[COUNT];
  int packets = 0;
  bwe_delay_init(&delay);
  for (int round = 0; round < 200; round++) {
    usec wait = MS(200) + (round < 100 ? 0 : MS(60));
    batch_of(result, MS(50) * round, wait, 0);
    for (int i = 0; i < COUNT; i++)
      result[i].arrived -= ++packets % 20 == 0 ? wait : 0;
    bwe_delay_input(&delay, MS(50) * round, result, COUNT);
    if (round != 100)
      assert_int_equal(delay.queue, round < 100 ? 0 : MS(60));
  }
}

static void a_shorter_way_is_the_base_once_most_packets_take_it(void **state) {
  (void)state;
  struct bwe_delay delay;
  struct packet_result result[COUNT];
  bwe_delay_init(&delay);
  for (int round = 0; round < 20; round++) {
    batch_of(result, MS(50) * round, round < 10 ? MS(100) : 0, 0);
    bwe_delay_input(&delay, MS(50) * round, result, COUNT);
  }
  assert_int_equal(delay.queue, 0);
  assert_int_equal(delay.base[0], skewed + MS(25));
}

UNIT_TESTS(test(a_wait_is_what_exceeds_the_least_delay), test(jitter_of_single_packets_is_no_queue),
           test(lost_and_repeated_packets_tell_nothing), test(a_longer_way_becomes_the_base),
           test(a_longer_way_can_be_told),
           test(packets_that_overtake_most_before_them_neither_hide_a_queue_nor_make_one),
           test(a_shorter_way_is_the_base_once_most_packets_take_it))
