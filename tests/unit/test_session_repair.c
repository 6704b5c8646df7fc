/* test_session_repair.c - what a session does about losses: parity, layers, retransmissions
 * (media/session_repair.c). */
#include "world.h"

static void with_10_percent_loss_parity_brings_most_of_it_back(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 3; seed++) {
    struct world *world;
    need((world = world_new(seed, MS(25), 0, 100)) != NULL);
    world_run_and_stop(world, SEC(20));
    for (int i = 0; i < SIDES; i++) {
      struct side *here = &world->side[i], *there = &world->side[!i];
      struct media_stats mine = world_stats(world, i), theirs = world_stats(world, !i);
      int64_t parity_lost = theirs.video.fec_packets_sent - mine.video.fec_packets_received;
      assert_int_equal(here->video_received, there->video_number);
      assert_int_equal(here->chain_breaks, 0);
      assert_int_equal(mine.packets_malformed, 0);
      assert_true(mine.video.packets_repaired > 2 * mine.video.packets_recovered);
      assert_in_range(theirs.video.fec_packets_sent * 100, 15 * theirs.video.packets_sent,
                      40 * theirs.video.packets_sent);
      assert_true(parity_lost > 0); /* nobody waits for it, or has it again */
      assert_true(mine.video.packets_lost >= mine.video.packets_repaired * 9 / 10); /* as the path lost them */
      assert_true(mine.video.packets_lost <= mine.video.packets_repaired + parity_lost);
      assert_true(side_delay(here, 50) < MS(60));
    }
    world_end(world);
  }
}

static void upper_layer_lost_over(enum session_video_codec codec) {
  struct session_config like = world_media_alone;
  struct world *world;
  like.video_codec = like.peer_video_codec = codec;
  need((world = world_like(74, MS(25), 0, 0, &like)) != NULL);
  struct side *sender = &world->side[0], *receiver = &world->side[1];
  world_run(world, SEC(1));
  sender->session->layered = sender->session->layers_told = true; /* as after heavy losses */
  sender->session->video.layered = true;
  sender->session->targets_changed = true;
  world_run(world, SEC(1));
  sender->link.loses_upper = true;
  receiver->longest_gap = 0;
  world_run(world, SEC(10));
  sender->link.loses_upper = false;
  world_run(world, SEC(1));
  sender->video = false;
  world_run(world, SEC(1));
  assert_true(sender->layered);
  assert_in_range(receiver->skipped, 140, 155); /* every other one of 10 s */
  assert_int_equal(receiver->video_received + receiver->skipped, sender->video_number);
  assert_int_equal(world_stats(world, 1).video.frames_lost, receiver->skipped);
  assert_int_equal(receiver->chain_breaks, 0);
  assert_int_equal(receiver->keys_received, 1);
  assert_int_equal(world_stats(world, 1).video.plis_sent, 0);
  assert_int_equal(sender->key_requests, 0);
  assert_true(receiver->longest_gap < MS(67 + 150)); /* beyond is a freeze */
  world_end(world);
}

static void with_layers_the_upper_one_may_be_lost_and_nothing_freezes(void **state) {
  (void)state;
  upper_layer_lost_over(SESSION_VP8);
  upper_layer_lost_over(SESSION_VP9);
}

static void of_parity_the_base_layer_has_three_parts_of_four(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(76, MS(25), 0, 0)) != NULL);
  struct side *side = &world->side[0];
  struct session *session = side->session;
  world_run(world, SEC(1));
  session->layered = session->layers_told = side->layered = true;
  session->fec_steps.percent = FEC_MUCH;
  side->upper_next = false;
  for (int upper = 0; upper <= 1; upper++) {
    int64_t first = session->out[VIDEO].next, parity = world_stats(world, 0).video.fec_packets_sent;
    session->parity_credit = 0;
    assert_true(side_send_frame(world, side, 9000, false));
    assert_int_equal(session->video.temporal_id, upper);
    parity = world_stats(world, 0).video.fec_packets_sent - parity;
    assert_int_equal(session->out[VIDEO].next - first - parity, 8);
    assert_int_equal(parity, upper ? 2 : 6);
  }
  world_end(world);
}

static void layers_are_for_losses_beyond_what_parity_brings_back(void **state) {
  (void)state;
  for (int loss = 0; loss <= 350; loss += 50) {
    struct world *world;
    need((world = world_new(75, MS(25), 0, loss)) != NULL);
    world_run(world, SEC(10));
    for (int i = 0; i < SIDES; i++) {
      if (loss <= 150)
        assert_false(world->side[i].session->layers_told);
      if (loss >= 350)
        assert_true(world->side[i].layered);
      assert_int_equal(world->side[i].chain_breaks, 0);
    }
    world_end(world);
  }
}

static void without_loss_or_for_a_peer_that_takes_none_there_is_no_parity(void **state) {
  (void)state;
  const struct session_config natives = {0}, no_red = {.payload_types = {.video_red = PAYLOAD_TYPE_NONE}};
  for (int i = 0; i < 3; i++) {
    struct world *world;
    need((world = world_like(70, MS(25), 0, i == 0 ? 0 : 100,
                             i == 0   ? &natives
                             : i == 1 ? &no_red
                                      : &world_media_alone)) != NULL);
    world_run_and_stop(world, SEC(10));
    assert_int_equal(world_stats(world, 0).video.fec_packets_sent, 0);
    assert_int_equal(world->side[0].session->rate.parity_percent, 0);
    assert_int_equal(world->side[1].video_received, world->side[0].video_number);
    world_end(world);
  }
}

/* As with a page: numbers, retransmissions in a source of their own, no slots. */
static const struct session_config page = {
    .rtx_ssrc = 1, .transport_cc = 5, .payload_types = {.slot = PAYLOAD_TYPE_NONE}};

static void towards_a_browser_all_video_is_in_red_and_retransmissions_repeat_that(void **state) {
  (void)state;
  for (int loss = 0; loss <= 20; loss += 20) { /* too little for parity */
    struct world *world;
    need((world = world_like(77, MS(5), 0, loss, &page)) != NULL);
    world_run_and_stop(world, SEC(10));
    for (int i = 0; i < SIDES; i++) {
      struct media_stats mine = world_stats(world, i), theirs = world_stats(world, !i);
      assert_true(theirs.video.packets_sent > 500);
      assert_int_equal(theirs.video.red_packets_sent, theirs.video.packets_sent);
      assert_int_equal(theirs.video.fec_packets_sent, 0);
      assert_int_equal(mine.video.red_packets_received, mine.video.packets_received);
      assert_int_equal(world->side[i].video_received, world->side[!i].video_number);
      assert_int_equal(mine.packets_malformed + mine.packets_unknown_ssrc, 0);
      assert_true(loss ? world->side[!i].repeated > 5 : world->side[!i].repeated == 0);
    }
    world_end(world);
  }
}

static void parity_covers_the_numbers_of_a_browser_as_zeros(void **state) {
  (void)state;
  struct world *world;
  need((world = world_like(78, MS(25), 0, 100, &page)) != NULL);
  world_run_and_stop(world, SEC(20));
  for (int i = 0; i < SIDES; i++) {
    struct media_stats mine = world_stats(world, i), theirs = world_stats(world, !i);
    assert_true(theirs.video.fec_packets_sent * 100 > 15 * theirs.video.packets_sent);
    assert_true(mine.video.packets_repaired > mine.video.packets_recovered);
    assert_int_equal(world->side[i].video_received, world->side[!i].video_number);
    assert_int_equal(world->side[i].chain_breaks, 0);
    assert_int_equal(mine.packets_malformed, 0);
    assert_true(side_delay(&world->side[i], 50) < MS(60));
  }
  world_end(world);
}

static void a_peer_that_repeats_no_red_gets_what_is_inside(void **state) {
  (void)state;
  struct session_config like = page;
  struct world *world;
  like.payload_types.rtx_red = PAYLOAD_TYPE_NONE;
  need((world = world_like(79, MS(25), 0, 100, &like)) != NULL);
  world_run_and_stop(world, SEC(5));
  for (int i = 0; i < SIDES; i++) {
    assert_true(world->side[i].repeated > 5); /* world.h looks at each */
    assert_int_equal(world->side[i].video_received, world->side[!i].video_number);
    assert_int_equal(world_stats(world, i).packets_malformed, 0);
  }
  world_end(world);
}

static void retransmissions_may_have_a_source_of_their_own(void **state) {
  (void)state;
  for (int parity = 0; parity <= 1; parity++) {
    struct session_config like = {.rtx_ssrc = 1};
    if (!parity)
      like.payload_types = world_media_alone.payload_types;
    struct world *world;
    need((world = world_like(72, MS(25), 0, 100, &like)) != NULL);
    world_run_and_stop(world, SEC(10));
    for (int i = 0; i < SIDES; i++) {
      struct side *here = &world->side[i], *there = &world->side[!i];
      struct media_stats mine = world_stats(world, i), theirs = world_stats(world, !i);
      assert_true(there->repeated > 20);
      assert_int_equal(there->repeated, theirs.video.retransmitted_packets_sent);
      assert_int_equal(here->video_received, there->video_number);
      assert_int_equal(here->chain_breaks, 0);
      assert_int_equal(mine.packets_malformed + mine.packets_unknown_ssrc, 0);
      assert_true(mine.video.packets_lost >= mine.video.packets_recovered); /* as the path lost them */
    }
    world_end(world);
  }
}

static void a_retransmission_of_nothing_is_padding(void **state) {
  (void)state;
  const struct session_config like = {.rtx_ssrc = 1};
  struct world *world;
  need((world = world_like(73, MS(25), 0, 0, &like)) != NULL);
  static const uint8_t empty[] = {0x80, PAYLOAD_TYPE_RTX_VP8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0xb3};
  static const uint8_t other[] = {0x80, PAYLOAD_TYPE_RTX_VP8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0xb4, 0, 1, 2};
  world_run(world, MS(100));
  session_input(world->side[0].session, world->now, empty, sizeof empty);
  struct media_stats stats = world_stats(world, 0);
  assert_int_equal(stats.packets_malformed + stats.packets_unknown_ssrc, 0);
  session_input(world->side[0].session, world->now, other, sizeof other);
  assert_int_equal(world_stats(world, 0).packets_unknown_ssrc, 1);
  world_end(world);
}

static void the_beginning_of_the_first_picture_is_asked_for(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(71, MS(25), 0, 0)) != NULL);
  struct link *link = &world->side[0].link;
  world->side[0].audio = world->side[1].audio = world->side[1].video = false;
  world->side[0].still = 5000;
  world_run(world, MS(20));
  assert_true(link->flights > 4);
  for (int i = 0; i < link->flights; i++)
    if (link->flight[i].order < 4) /* are lost */
      link->flight[i--] = link->flight[--link->flights];
  world_run(world, SEC(1));
  assert_int_equal(world_stats(world, 1).video.plis_sent, 0);
  assert_int_equal(world->side[1].keys_received, 1);
  assert_true(world->side[1].video_received >= 28);
  world_end(world);
}

UNIT_TESTS(test(with_10_percent_loss_parity_brings_most_of_it_back),
           test(with_layers_the_upper_one_may_be_lost_and_nothing_freezes),
           test(of_parity_the_base_layer_has_three_parts_of_four),
           test(layers_are_for_losses_beyond_what_parity_brings_back),
           test(without_loss_or_for_a_peer_that_takes_none_there_is_no_parity),
           test(towards_a_browser_all_video_is_in_red_and_retransmissions_repeat_that),
           test(parity_covers_the_numbers_of_a_browser_as_zeros),
           test(a_peer_that_repeats_no_red_gets_what_is_inside),
           test(retransmissions_may_have_a_source_of_their_own), test(a_retransmission_of_nothing_is_padding),
           test(the_beginning_of_the_first_picture_is_asked_for))
