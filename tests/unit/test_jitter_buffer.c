#include "unit.h"

#include "media/audio/jitter_buffer.h"

enum { FIRST = 1000000 }; /* RTP time of packet 0; packets of 20 ms */

static struct jitter_buffer jb;

static int64_t rtp_of(int64_t seq) {
  return FIRST + seq * 960;
}

static enum jitter_verdict put(int64_t seq, usec delay) {
  uint8_t payload[4] = {(uint8_t)seq, (uint8_t)(seq >> 8), 0, 0};
  return jitter_buffer_input(&jb, SEC(9) + seq * MS(20) + delay, seq, rtp_of(seq), 960, 0, payload, sizeof payload);
}

static int64_t take(int64_t position) {
  const struct jitter_packet *packet = jitter_buffer_first(&jb, position);
  if (!packet)
    return -1;
  int64_t seq = packet->seq;
  assert_int_equal(packet->size, 4);
  assert_int_equal(packet->payload[0], seq & 0xff);
  assert_int_equal(packet->payload[1], seq >> 8 & 0xff);
  assert_int_equal(packet->rtp_time, rtp_of(seq));
  jitter_buffer_take(&jb);
  return seq;
}

static void packets_leave_in_the_order_of_their_time(void **state) {
  (void)state;
  jitter_buffer_init(&jb);
  uint64_t seed = 3;
  for (int round = 0; round < 200; round++) {
    int64_t order[20];
    for (int i = 0; i < 20; i++)
      order[i] = i;
    for (int i = 19; i > 0; i--) {
      int j = (int)(unit_random(&seed) % (unsigned)(i + 1));
      int64_t swap = order[i];
      order[i] = order[j];
      order[j] = swap;
    }
    for (int i = 0; i < 20; i++)
      assert_int_equal(put(round * 20 + order[i], MS(30)), JITTER_STORED);
    for (int64_t i = 0; i < 20; i++)
      assert_int_equal(take(INT64_MIN), round * 20 + i);
    assert_int_equal(take(INT64_MIN), -1);
  }
  assert_int_equal(jb.discarded, 0);
  jitter_buffer_take(&jb); /* harmless when empty */
}

static void a_duplicate_is_counted_even_after_the_original_was_taken(void **state) {
  (void)state;
  jitter_buffer_init(&jb);
  assert_int_equal(put(5, 0), JITTER_STORED);
  assert_int_equal(put(5, MS(1)), JITTER_DUPLICATE);
  assert_int_equal(take(INT64_MIN), 5);
  assert_int_equal(put(6, 0), JITTER_STORED);
  assert_int_equal(put(5, MS(30)), JITTER_DUPLICATE);
  assert_int_equal(jb.duplicated, 2);
  uint8_t payload = 0; /* another number for a time that is taken */
  assert_int_equal(jitter_buffer_input(&jb, SEC(9), 90, rtp_of(6), 960, 0, &payload, 1), JITTER_DUPLICATE);
  assert_int_equal(take(INT64_MIN), 6);
  assert_int_equal(take(INT64_MIN), -1);
}

static void a_packet_before_the_position_is_discarded_and_counted(void **state) {
  (void)state;
  jitter_buffer_init(&jb);
  for (int64_t seq = 0; seq < 5; seq++)
    put(seq, 0);
  assert_int_equal(take(rtp_of(2)), 2);
  assert_int_equal(jb.discarded, 2);
  assert_int_equal(take(rtp_of(3) + 959), 3); /* its last sample can still be used */
  assert_int_equal(take(rtp_of(5)), -1);
  assert_int_equal(jb.discarded, 3);
}

static void when_full_the_oldest_gives_way(void **state) {
  (void)state;
  jitter_buffer_init(&jb);
  for (int64_t seq = 0; seq < 10 + JITTER_PACKETS; seq++)
    assert_int_equal(put(seq, 0), JITTER_STORED);
  assert_int_equal(jb.discarded, 10);
  for (int64_t seq = 10; seq < 10 + JITTER_PACKETS; seq++)
    assert_int_equal(take(INT64_MIN), seq);
}

static void on_a_clean_network_the_target_falls_to_its_minimum(void **state) {
  (void)state;
  jitter_buffer_init(&jb);
  assert_int_equal(jitter_buffer_target(&jb), JITTER_TARGET_START);
  for (int64_t seq = 0; seq < 200; seq++) {
    put(seq, MS(40));
    take(INT64_MIN);
    assert_int_equal(jitter_buffer_target(&jb), seq < JITTER_SETTLED - 1 ? JITTER_TARGET_START : JITTER_TARGET_MIN);
  }
  usec transit = SEC(9) + MS(40) - jitter_usec(rtp_of(1)); /* counted from a packet's end */
  assert_in_range(jitter_buffer_offset(&jb, 960) - transit - MS(20), JITTER_TARGET_MIN - 50,
                  JITTER_TARGET_MIN + 50);
  assert_in_range(jitter_buffer_offset(&jb, 2880) - jitter_buffer_offset(&jb, 960), MS(40), MS(40));
}

static void the_target_covers_most_of_the_jitter_and_forgets_it(void **state) {
  (void)state;
  jitter_buffer_init(&jb);
  uint64_t seed = 17;
  int64_t seq = 0;
  for (; seq < 500; seq++) {
    put(seq, MS(40) + (usec)(unit_random(&seed) % 60000));
    take(INT64_MIN);
    if (seq > 100)
      assert_in_range(jitter_buffer_target(&jb), MS(50), MS(62));
  }
  for (; seq < 500 + JITTER_WINDOW; seq++) {
    put(seq, MS(40));
    take(INT64_MIN);
  }
  assert_int_equal(jitter_buffer_target(&jb), JITTER_TARGET_MIN);
}

/* Each tenth packet is lost, and the one behind it has word of it. */
static void what_the_packet_behind_tells_is_waited_for(void **state) {
  (void)state;
  for (int told = 0; told <= 960; told += 960) {
    jitter_buffer_init(&jb);
    for (int64_t seq = 0; seq < 300; seq++)
      if (seq % 10 != 9) {
        uint8_t payload = (uint8_t)seq;
        jitter_buffer_input(&jb, SEC(9) + seq * MS(20), seq, rtp_of(seq), 960, told, &payload, 1);
        jitter_buffer_take(&jb);
      }
    assert_int_equal(jitter_buffer_target(&jb), told ? MS(20) + JITTER_MARGIN : JITTER_TARGET_MIN);
  }
}

static void a_rare_straggler_does_not_raise_the_target(void **state) {
  (void)state;
  jitter_buffer_init(&jb);
  for (int64_t seq = 0; seq < 1000; seq++) {
    put(seq, MS(40) + (seq % 64 == 63 ? MS(300) : 0));
    take(INT64_MIN);
    if (seq > JITTER_WINDOW)
      assert_int_equal(jitter_buffer_target(&jb), JITTER_TARGET_MIN);
  }
}

static void what_one_packet_in_thirty_suffers_is_waited_for(void **state) {
  (void)state;
  jitter_buffer_init(&jb);
  for (int64_t seq = 0; seq < 1000; seq++) {
    put(seq, MS(40) + (seq % 30 == 29 ? MS(30) : 0));
    take(INT64_MIN);
    if (seq > JITTER_WINDOW)
      assert_int_equal(jitter_buffer_target(&jb), MS(30) + JITTER_MARGIN);
  }
}

/* The original of every tenth is lost, and what follows one packet later brings it. */
static void what_redundancy_brings_is_waited_for_when_it_is_often_needed(void **state) {
  (void)state;
  jitter_buffer_init(&jb);
  for (int64_t seq = 0; seq < 1000; seq++) {
    put(seq, MS(40) + (seq % 10 == 9 ? MS(20) : 0));
    take(INT64_MIN);
    if (seq > JITTER_SETTLED)
      assert_int_equal(jitter_buffer_target(&jb), MS(20) + JITTER_MARGIN);
  }
}

static void the_target_is_bounded_whatever_arrives(void **state) {
  (void)state;
  jitter_buffer_init(&jb);
  uint64_t seed = 23;
  for (int64_t seq = 0; seq < 3000; seq++) {
    put(seq, (usec)(unit_random(&seed) % SEC(4)));
    assert_in_range(jitter_buffer_target(&jb), JITTER_TARGET_MIN, JITTER_TARGET_MAX);
    assert_in_range(jb.held, 1, JITTER_PACKETS);
  }
}

static void a_slow_path_is_followed_without_raising_the_target(void **state) {
  (void)state;
  jitter_buffer_init(&jb);
  for (int64_t seq = 0; seq < 1000; seq++) {
    put(seq, seq < 300 ? MS(20) : MS(120)); /* another route */
    take(INT64_MIN);
  }
  assert_int_equal(jitter_buffer_target(&jb), JITTER_TARGET_MIN);
}

static void a_jump_of_time_begins_anew(void **state) {
  (void)state;
  jitter_buffer_init(&jb);
  for (int64_t seq = 0; seq < 5; seq++)
    put(seq, 0);
  uint8_t payload = 9;
  const int64_t to[] = {rtp_of(6) + 48000 * 3, rtp_of(7) - 48000 * 5, 1ll << 49, -(1ll << 49)};
  int64_t seq = 6;
  for (int i = 0; i < 4; i++, seq++) {
    assert_int_equal(jitter_buffer_input(&jb, SEC(9) + seq * MS(20), seq, to[i], 960, 0, &payload, 1),
                     JITTER_RESTARTED);
    assert_int_equal(jb.held, 1);
    assert_int_equal(jb.transits, 1);
  }
  assert_int_equal(jb.discarded, 5 + 3);
}

static void a_jump_of_the_sequence_is_no_duplicate(void **state) {
  (void)state;
  jitter_buffer_init(&jb);
  assert_int_equal(put(0, 0), JITTER_STORED);
  assert_int_equal(put(50, 0), JITTER_STORED);
  for (int64_t seq = 1; seq < 50; seq++)
    assert_int_equal(put(seq, 0), JITTER_STORED);
  assert_int_equal(put(50 + JITTER_SEEN, 0), JITTER_STORED); /* the bit of 50 is clear again */
  assert_int_equal(put(51, 0), JITTER_STORED);
}

UNIT_TESTS(test(packets_leave_in_the_order_of_their_time),
           test(a_duplicate_is_counted_even_after_the_original_was_taken),
           test(a_packet_before_the_position_is_discarded_and_counted), test(when_full_the_oldest_gives_way),
           test(on_a_clean_network_the_target_falls_to_its_minimum),
           test(the_target_covers_most_of_the_jitter_and_forgets_it),
           test(what_the_packet_behind_tells_is_waited_for), test(a_rare_straggler_does_not_raise_the_target),
           test(what_one_packet_in_thirty_suffers_is_waited_for),
           test(what_redundancy_brings_is_waited_for_when_it_is_often_needed),
           test(the_target_is_bounded_whatever_arrives), test(a_slow_path_is_followed_without_raising_the_target),
           test(a_jump_of_time_begins_anew), test(a_jump_of_the_sequence_is_no_duplicate))
