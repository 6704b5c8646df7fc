#include "media/congestion/transport_seq.h"

#include "unit.h"

static struct transport_seq numbers;

static void a_number_leads_back_to_its_packet(void **state) {
  (void)state;
  transport_seq_init(&numbers);
  uint16_t first = transport_seq_next(&numbers, 0, 700), second = transport_seq_next(&numbers, 1, 30);
  assert_int_equal(second, first + 1);
  const struct transport_packet *packet = transport_seq_find(&numbers, transport_seq_unwrap(&numbers, first));
  assert_non_null(packet);
  assert_int_equal(packet->stream, 0);
  assert_int_equal(packet->seq, 700);
  packet = transport_seq_find(&numbers, transport_seq_unwrap(&numbers, second));
  assert_true(packet && packet->stream == 1 && packet->seq == 30);
}

static void numbers_wrap_and_old_or_unknown_ones_are_nobodys(void **state) {
  (void)state;
  transport_seq_init(&numbers);
  assert_null(transport_seq_find(&numbers, transport_seq_unwrap(&numbers, 5)));
  assert_null(transport_seq_find(&numbers, transport_seq_unwrap(&numbers, 0xfff0)));
  uint16_t number = 0;
  for (int i = 0; i < 70000; i++)
    number = transport_seq_next(&numbers, 0, i);
  const struct transport_packet *packet = transport_seq_find(&numbers, transport_seq_unwrap(&numbers, number));
  assert_true(packet && packet->seq == 69999);
  assert_null(transport_seq_find(&numbers, numbers.next));
  assert_null(transport_seq_find(&numbers, numbers.next - 1 - FEEDBACK_SENT));
  assert_non_null(transport_seq_find(&numbers, numbers.next - FEEDBACK_SENT));
}

UNIT_TESTS(test(a_number_leads_back_to_its_packet), test(numbers_wrap_and_old_or_unknown_ones_are_nobodys))
