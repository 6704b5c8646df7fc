/* test_session_feedback.c - what a browser tells and is told: transport-wide feedback, FIR, REMB. */
#include "world.h"

/* A page's: both put something of theirs around each packet. */
static void numbers_and_repairs_fit_into_packets_together(void **state) {
  (void)state;
  const struct session_config like = {
      .rtx_ssrc = 1, .transport_cc = 5, .payload_types = world_media_alone.payload_types};
  struct world *world;
  need((world = world_like(75, MS(25), 0, 30, &like)) != NULL);
  world_run_and_stop(world, SEC(10));
  for (int i = 0; i < SIDES; i++) {
    assert_true(world->side[i].repeated > 10);
    assert_int_equal(world->side[i].video_received, world->side[!i].video_number);
    assert_int_equal(world->side[i].chain_breaks, 0);
  }
  world_end(world);
}

/* As towards a browser: transport-wide sequence numbers and feedback by them, no slots. */
static const struct session_config numbered = {.transport_cc = 5};

static void with_transport_wide_feedback_a_bottleneck_is_found_and_left_again(void **state) {
  (void)state;
  struct world *world;
  need((world = world_like(5, MS(20), 0, 0, &numbered)) != NULL);
  struct side *sender = &world->side[0];
  world_run(world, SEC(5));
  struct media_stats stats = world_stats(world, 0);
  assert_in_range(stats.available_outgoing_bitrate, 2000000, RATE_MAX);
  sender->link.rate = 500000;
  sender->link.queue = MS(200);
  world_run(world, SEC(5));
  int64_t lost = sender->link.lost;
  world_run(world, SEC(5));
  stats = world_stats(world, 0);
  assert_in_range(stats.available_outgoing_bitrate, 400000, 560000);
  assert_in_range(sender->link.lost - lost, 0, 5);
  sender->link.rate = 0;
  world_run(world, SEC(15));
  stats = world_stats(world, 0);
  assert_in_range(stats.available_outgoing_bitrate, 1000000, RATE_MAX);
  world_end(world);
}

static void with_transport_wide_feedback_losses_are_repaired_and_known(void **state) {
  (void)state;
  struct world *world;
  need((world = world_like(6, MS(20), MS(5), 0, &numbered)) != NULL);
  world_run(world, MS(300));
  world->side[0].link.loss = world->side[1].link.loss = 50;
  world_run(world, SEC(8));
  for (int i = 0; i < SIDES; i++) {
    const struct session *session = world->side[i].session;
    assert_true(world->side[i].retransmissions > 20); /* the same bytes, number and all: world.h looks */
    assert_int_equal(world->side[i].chain_breaks, 0);
    assert_true(session->steps.copies > 0);
    assert_in_range(session->rate.loss.usual, 10000, 120000);
  }
  world_end(world);
}

/* As browsers make it: each packet is in one report, and who loses that knows nothing of the packet. */
static void run_telling_once(struct world *world, usec span) {
  for (usec end = world->now + span; world->now < end; world_run(world, MS(10)))
    for (int i = 0; i < SIDES; i++)
      world->side[i].session->numbered.begin = world->side[i].session->numbered.fresh;
}

static void feedback_that_is_lost_is_no_loss_of_what_it_was_about(void **state) {
  (void)state;
  struct session_config like = numbered;
  like.rtx_ssrc = 1;
  for (uint64_t seed = 76; seed < 80; seed++) {
    struct world *world;
    need((world = world_like(seed, MS(25), 0, 0, &like)) != NULL);
    run_telling_once(world, SEC(3));
    world->side[0].link.loss = world->side[1].link.loss = 100;
    run_telling_once(world, SEC(30));
    for (int i = 0; i < SIDES; i++) {
      const struct session *session = world->side[i].session;
      assert_in_range(session->rate.loss.usual, 70000, 140000);
      assert_true(session->rate.target > 1000000);
      assert_in_range(session->fec_steps.lost * 1000, 70 * session->fec_steps.packets,
                      130 * session->fec_steps.packets);
      assert_true(world->side[i].repeated > 100);
    }
    world_end(world);
  }
}

static void feedback_of_the_form_that_was_not_agreed_on_is_ignored(void **state) {
  (void)state;
  struct world *world;
  need((world = world_like(7, MS(20), 0, 0, &numbered)) != NULL);
  world->side[1].session->config.transport_cc = 0;
  world_run(world, SEC(5));
  for (int i = 0; i < SIDES; i++)
    assert_true(world->side[i].session->rate.capacity_at < 0 && world->side[i].session->rate.before_silence > 0);
  world_end(world);
}

static void input_rtcp(struct world *world, const uint8_t *data, size_t size) {
  session_input(world->side[0].session, world->now, data, size);
  world_run(world, MS(1));
}

static void a_fir_is_answered_like_a_pli_and_a_remb_bounds_the_rate(void **state) {
  (void)state;
  static const uint8_t fir[] = {0x84, 206, 0, 4, 0, 0, 0, 0xb1, 0, 0, 0, 0, 0, 0, 0, 0xa2, 9, 0, 0, 0};
  static const uint8_t remb[] = {0x8f, 206, 0,   5,   0, 0,    0,    0xb1, 0, 0, 0, 0,
                                 'R',  'E', 'M', 'B', 1, 0x04, 0xc3, 0x50, 0, 0, 0, 0xa2}; /* 2 * 50000 */
  struct world *world;
  need((world = world_new(8, MS(20), 0, 0)) != NULL);
  world_run(world, SEC(3));
  int keys = world->side[0].key_requests;
  input_rtcp(world, fir, sizeof fir);
  assert_int_equal(world->side[0].key_requests, keys + 1);
  assert_true(world_stats(world, 0).available_outgoing_bitrate > 1000000);
  input_rtcp(world, remb, sizeof remb);
  assert_int_equal(world_stats(world, 0).available_outgoing_bitrate, 100000);
  world_end(world);
}

UNIT_TESTS(test(numbers_and_repairs_fit_into_packets_together),
           test(with_transport_wide_feedback_a_bottleneck_is_found_and_left_again),
           test(with_transport_wide_feedback_losses_are_repaired_and_known),
           test(feedback_that_is_lost_is_no_loss_of_what_it_was_about),
           test(feedback_of_the_form_that_was_not_agreed_on_is_ignored),
           test(a_fir_is_answered_like_a_pli_and_a_remb_bounds_the_rate))
