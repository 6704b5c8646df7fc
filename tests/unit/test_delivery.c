#include "media/congestion/delivery.h"

#include "unit.h"

static void the_rate_is_that_of_the_last_half_second(void **state) {
  (void)state;
  struct delivery delivery;
  delivery_init(&delivery);
  assert_int_equal(delivery.rate, 0);
  for (int i = 0; i <= 20; i++)
    delivery_input(&delivery, MS(50) * i, 50000, false);
  assert_int_equal(delivery.rate, 1000000);
  for (int i = 21; i <= 31; i++)
    delivery_input(&delivery, MS(50) * i, 25000, false);
  assert_int_equal(delivery.rate, 500000);
  assert_int_equal(delivery.capacity, 0); /* the bottleneck was never seen busy */
}

static void the_capacity_is_measured_while_the_bottleneck_is_busy(void **state) {
  (void)state;
  struct delivery delivery;
  delivery_init(&delivery);
  for (int i = 0; i <= 10; i++)
    delivery_input(&delivery, MS(50) * i, 10000, false);
  delivery_input(&delivery, MS(550), 40000, true);
  assert_int_equal(delivery.capacity, 0); /* too short */
  delivery_input(&delivery, MS(600), 40000, true);
  assert_int_equal(delivery.capacity, 800000);
  delivery_input(&delivery, MS(650), 10000, false);
  assert_int_equal(delivery.capacity, 0); /* that was then */
}

static void batches_without_progress_join_the_last(void **state) {
  (void)state;
  struct delivery delivery;
  delivery_init(&delivery);
  delivery_input(&delivery, SEC(1), 1000, true);
  delivery_input(&delivery, SEC(1) + MS(100), 1000, true);
  delivery_input(&delivery, SEC(1) + MS(90), 4000, true);
  assert_int_equal(delivery.rate, 50000);
}

UNIT_TESTS(test(the_rate_is_that_of_the_last_half_second),
           test(the_capacity_is_measured_while_the_bottleneck_is_busy),
           test(batches_without_progress_join_the_last))
