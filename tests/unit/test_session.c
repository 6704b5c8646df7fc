#include "media/session.h"
#include "media/video/av_sync.h"

#include "world.h"

static void both_media_flow_both_ways_and_the_numbers_agree(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(1, MS(20), 0, 0)) != NULL);
  world_run(world, SEC(10));
  for (int i = 0; i < SIDES; i++) {
    struct side *here = &world->side[i], *there = &world->side[!i];
    here->audio = here->video = there->audio = there->video = false;
  }
  world_run(world, SEC(2));
  for (int i = 0; i < SIDES; i++) {
    struct side *here = &world->side[i], *there = &world->side[!i];
    struct media_stats mine = world_stats(world, i), theirs = world_stats(world, !i);
    assert_int_equal(here->audio_received, there->audio_number);
    assert_int_equal(here->video_received, there->video_number);
    assert_int_equal(here->keys_received, 1);
    assert_in_range(there->audio_number, 900, 1002); /* short frames since the rate is known */
    assert_int_equal(mine.audio.packets_received, theirs.audio.packets_sent);
    assert_int_equal(mine.audio.bytes_received, theirs.audio.bytes_sent);
    assert_in_range(mine.audio.bytes_received, 40 * 1000, 40 * 1004); /* 32 kbit/s in frames of any length */
    assert_int_equal(mine.video.packets_received, theirs.video.packets_sent);
    assert_int_equal(mine.video.bytes_received, theirs.video.bytes_sent);
    assert_int_equal(mine.video.frames_received, theirs.video.frames_sent);
    assert_int_equal(mine.video.key_frames_received, theirs.video.key_frames_sent);
    assert_int_equal(mine.audio.packets_lost | mine.video.packets_lost, 0);
    assert_int_equal(mine.video.retransmitted_packets_sent + mine.video.nack_count + mine.video.pli_count, 0);
    assert_int_equal(mine.video.nacks_sent + mine.video.plis_sent + mine.video.frames_dropped, 0);
    assert_int_equal(mine.packets_malformed + mine.packets_unknown_ssrc + mine.rtcp_malformed, 0);
    assert_in_range(mine.round_trip_time, MS(40), MS(41));
    assert_true(mine.rtcp_received > 5);
    assert_true(mine.target_bitrate <= mine.available_outgoing_bitrate);
    assert_true(mine.audio.jitter_us < MS(1));
  }
  world_end(world);
}

static void with_5_percent_loss_every_frame_arrives_by_retransmission(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 5; seed++) {
    struct world *world;
    need((world = world_like(seed, MS(20), MS(5), 0, &world_media_alone)) != NULL);
    world_run(world, MS(300)); /* nobody can ask for what went before the first packet */
    world->side[0].link.loss = world->side[1].link.loss = 50;
    world_run(world, SEC(20));
    world->side[0].link.loss = world->side[1].link.loss = 0;
    world_run(world, MS(500));
    for (int i = 0; i < SIDES; i++)
      world->side[i].audio = world->side[i].video = false;
    world_run(world, SEC(1));
    for (int i = 0; i < SIDES; i++) {
      struct side *here = &world->side[i], *there = &world->side[!i];
      struct media_stats mine = world_stats(world, i), theirs = world_stats(world, !i);
      assert_true(there->link.lost > 50);
      assert_int_equal(here->video_received, there->video_number);
      assert_int_equal(here->audio_received, there->audio_number);
      assert_int_equal(here->chain_breaks, 0);
      assert_int_equal(mine.video.packets_lost, 0);
      assert_true(mine.audio.packets_lost <= mine.audio.packets_repaired);
      assert_true(mine.video.packets_recovered > 20 && mine.audio.packets_repaired > 20);
      assert_true(theirs.video.retransmitted_packets_sent >= mine.video.packets_recovered);
      assert_true(there->retransmissions > 0); /* and each was the same bytes: world.h looks */
      assert_int_equal(mine.video.plis_sent, 0);
      assert_true(here->longest_delay < MS(600));
    }
    world_end(world);
  }
}

/* What reordering alone delays is not asked for, and what is lost comes in time to be seen. */
static void with_jitter_that_reorders_and_2_percent_loss_pictures_are_shown_soon(void **state) {
  (void)state;
  int frozen = 0;
  for (uint64_t seed = 1; seed <= 4; seed++) {
    struct world *world;
    need((world = world_like(seed, MS(10), MS(20), 0, &world_media_alone)) != NULL);
    session_set_playout_delay(world->side[1].session, world->now, MS(35));
    world_run(world, SEC(4)); /* the reordering is learnt, and the delay settles */
    world->side[0].link.loss = world->side[1].link.loss = 20;
    memset(world->side[1].shown, 0, sizeof world->side[1].shown);
    world->side[1].longest_gap = 0;
    world_run(world, SEC(20));
    struct media_stats mine = world_stats(world, 1), theirs = world_stats(world, 0);
    assert_true(side_delay(&world->side[1], 50) <= MS(60));
    assert_true(side_delay(&world->side[1], 95) <= MS(120));
    frozen += world->side[1].longest_gap >= MS(33 + 150); /* a freeze */
    assert_int_equal(world->side[1].chain_breaks, 0);
    assert_true(mine.video.packets_recovered > 20);
    assert_true(theirs.video.retransmitted_packets_sent < 2 * mine.video.packets_recovered);
    world_end(world);
  }
  assert_in_range(frozen, 0, 1); /* what is lost three times in a row freezes one call in twenty */
}

static uint64_t hash_of(uint64_t seed) {
  struct world *world;
  need((world = world_new(seed, MS(30), MS(40), 100)) != NULL);
  world_run(world, SEC(5));
  uint64_t hash = world->hash;
  world_end(world);
  return hash;
}

static void the_same_seed_is_the_same_call_and_another_is_another(void **state) {
  (void)state;
  uint64_t first = hash_of(7);
  assert_true(hash_of(7) == first);
  assert_true(hash_of(8) != first);
}

static void numbers_and_timestamps_wrap_without_a_trace(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(3, MS(20), MS(10), 0)) != NULL);
  for (int i = 0; i < SIDES; i++) {
    struct session *session = world->side[i].session;
    session->opus.seq = session->out[AUDIO].next = 0xffe0;
    session->video.seq = session->out[VIDEO].next = 0xffe0;
    session->opus.timestamp = (uint32_t)-48000;
    session->video.timestamp_offset = (uint32_t)(-world->now * 9 / 100 - 90000);
    session->video.picture_id = 0x7ff0;
  }
  world_run(world, MS(300));
  world->side[0].link.loss = world->side[1].link.loss = 50;
  world_run(world, SEC(5));
  world->side[0].link.loss = world->side[1].link.loss = 0;
  world_run(world, SEC(1));
  for (int i = 0; i < SIDES; i++) {
    struct media_stats mine = world_stats(world, i);
    assert_true(world->side[i].session->out[VIDEO].next > 0x10000 + 100);
    assert_in_range(world->side[!i].video_number - world->side[i].video_received, 0, 3);
    assert_in_range(world->side[!i].audio_number - world->side[i].audio_received, 0, 3);
    assert_int_equal(world->side[i].chain_breaks, 0);
    assert_true(mine.audio.jitter_us < MS(20));
    assert_int_equal(mine.video.plis_sent, 0);
  }
  world_end(world);
}

static void after_an_outage_one_key_frame_restores_the_picture(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(4, MS(20), 0, 0)) != NULL);
  world_run(world, SEC(2));
  world->side[0].link.loss = 1000;
  world_run(world, SEC(2));
  world->side[0].link.loss = 0;
  world_run(world, MS(600));
  struct side *sender = &world->side[0], *receiver = &world->side[1];
  struct media_stats mine = world_stats(world, 1), theirs = world_stats(world, 0);
  assert_true(sender->video_number - receiver->last_video <= 3); /* it goes on */
  assert_int_equal(receiver->keys_received, 2);
  assert_int_equal(receiver->chain_breaks, 0);
  assert_in_range(mine.video.plis_sent, 1, 5); /* some into the outage: nobody knows how long it will be */
  assert_in_range(theirs.video.pli_count, 1, mine.video.plis_sent);
  assert_in_range(sender->key_requests, 1, theirs.video.pli_count);
  assert_true(mine.video.packets_lost > 50);
  assert_true(theirs.video.retransmitted_packets_sent < 20); /* seconds-old video is not worth sending again */
  world_end(world);
}

static void a_decoder_that_lost_its_way_gets_a_key_frame(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(5, MS(20), 0, 0)) != NULL);
  world_run(world, SEC(2));
  for (int i = 0; i < 10; i++)
    session_request_key_frame(world->side[1].session, world->now);
  world_run(world, MS(400));
  assert_int_equal(world->side[1].keys_received, 2);
  assert_int_equal(world_stats(world, 1).video.plis_sent, 1);
  for (int i = 0; i < 40; i++) { /* a decoder that never recovers: the limits hold */
    session_request_key_frame(world->side[1].session, world->now);
    world_run(world, MS(100));
  }
  assert_in_range(world_stats(world, 1).video.plis_sent, 7, 9);
  assert_in_range(world->side[0].key_requests, 7, 9);
  world_end(world);
}

static void lost_requests_for_a_key_frame_are_repeated_but_not_into_silence(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(6, MS(20), 0, 0)) != NULL);
  world_run(world, SEC(2));
  world->side[1].link.loss = 1000;
  session_request_key_frame(world->side[1].session, world->now);
  world_run(world, SEC(2));
  assert_in_range(world_stats(world, 1).video.plis_sent, 4, 5);
  world->side[0].video = false;
  world_run(world, SEC(20));
  assert_in_range(world_stats(world, 1).video.plis_sent, 7, 12);
  world_end(world);
}

static void video_begins_and_begins_again_with_a_key_frame(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(7, MS(20), 0, 0)) != NULL);
  struct side *side = &world->side[0];
  side->video = world->side[1].video = false;
  assert_false(side_send_frame(world, side, 1000, false));
  world_run(world, MS(100));
  assert_int_equal(side->key_requests, 1);
  assert_true(side_send_frame(world, side, 1000, true));
  assert_true(side_send_frame(world, side, 1000, false));
  world_run(world, VIDEO_PAUSE - MS(100));
  assert_true(side_send_frame(world, side, 1000, false));
  world_run(world, VIDEO_PAUSE + MS(100));
  assert_false(side_send_frame(world, side, 1000, false));
  world_run(world, MS(100));
  assert_int_equal(side->key_requests, 2);
  assert_true(side_send_frame(world, side, 1000, true));
  world_run(world, MS(100));
  assert_int_equal(world->side[1].video_received, 4);
  assert_int_equal(world_stats(world, 0).video.frames_discarded, 2);
  assert_int_equal(world_stats(world, 0).video.frames_sent, 4);
  world_end(world);
}

static void what_is_empty_or_too_large_is_not_sent(void **state) {
  (void)state;
  static uint8_t big[FRAME_BUFFER_FRAME_MAX + 1];
  struct world *world;
  need((world = world_new(8, MS(20), 0, 0)) != NULL);
  struct session *session = world->side[0].session;
  usec now = world->now;
  assert_false(session_send_audio(session, now, now, big, 0, 960));
  assert_false(session_send_audio(session, now, now, big, SESSION_PACKET_MAX - 11, 960));
  assert_false(session_send_audio(session, now, now, big, 80, 0));
  assert_false(session_send_audio(session, now, now, big, 80, 5761));
  assert_true(session_send_audio(session, now, now, big, SESSION_PACKET_MAX - 12, 960));
  assert_false(session_send_video(session, now, now, big, 0, true, 0));
  assert_false(session_send_video(session, now, now, big, sizeof big, true, 0));
  assert_true(side_send_frame(world, &world->side[0], FRAME_BUFFER_FRAME_MAX, true));
  world->side[0].audio = world->side[0].video = false;
  world->side[1].audio = world->side[1].video = false;
  assert_false(side_send_frame(world, &world->side[0], 100000, false)); /* no room beside the other */
  assert_int_equal(world_stats(world, 0).audio.frames_discarded, 4);
  assert_int_equal(world_stats(world, 0).video.frames_discarded, 3);
  session->in[AUDIO].heard = false;
  struct session_output out;
  while (session_poll(session, now, &out)) /* the peer's test would refuse this audio packet's form */
    if (out.type == SESSION_OUT_PACKET) {
      assert_in_range(out.size, 1, SESSION_PACKET_MAX);
      if (!out.rtcp && out.data[11] == 0xa2) /* the peer may ask for it again */
        side_check_rtp(&world->side[0], &out);
    }
  world_run(world, SEC(2));
  world_end(world);
}

static void a_frame_of_the_largest_size_arrives_whole(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(9, MS(20), 0, 0)) != NULL);
  world->side[0].video = world->side[1].video = false;
  assert_true(side_send_frame(world, &world->side[0], FRAME_BUFFER_FRAME_MAX, true));
  world_run(world, SEC(2));
  assert_int_equal(world->side[1].video_received, 1);
  world_end(world);
}

static void only_the_peers_sources_are_taken(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(10, MS(20), 0, 0)) != NULL);
  struct session *session = world->side[1].session;
  uint8_t packet[] = {0x80, 111, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0xa1, 0xf8, 1};
  struct session_output out;
  while (session_poll(session, world->now, &out))
    ;
  session_input(session, world->now, packet, sizeof packet);
  assert_true(session_poll(session, world->now, &out));
  assert_int_equal(out.type, SESSION_OUT_AUDIO);
  packet[3]++;
  packet[11] = 0xa3; /* a stranger; our own source, reflected; audio under the video's name */
  session_input(session, world->now, packet, sizeof packet);
  packet[11] = 0xb1;
  session_input(session, world->now, packet, sizeof packet);
  packet[11] = 0xa2;
  session_input(session, world->now, packet, sizeof packet);
  uint8_t report[] = {0x80, 201, 0, 1, 0, 0, 0, 0xa3};
  session_input(session, world->now, report, sizeof report);
  while (session_poll(session, world->now, &out)) /* feedback on the one that was taken */
    assert_true(out.type == SESSION_OUT_PACKET && out.rtcp);
  struct media_stats stats = world_stats(world, 1);
  assert_int_equal(stats.packets_unknown_ssrc, 3);
  assert_int_equal(stats.packets_malformed, 1);
  assert_int_equal(stats.audio.packets_received, 1);
  world_end(world);
}

static void a_hostile_peer_cannot_break_a_session(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(11, MS(20), MS(20), 30)) != NULL);
  struct side *side = &world->side[1];
  uint64_t random = 99;
  side->audio_received = INT64_MIN; /* what is injected is not the test's own media: look at bounds alone */
  struct session *session = side->session;
  for (int round = 0; round < 20000; round++) {
    uint8_t packet[SESSION_PACKET_MAX + 8];
    size_t size = unit_random(&random) % (round % 10 ? 80 : sizeof packet);
    for (size_t i = 0; i < size; i++)
      packet[i] = (uint8_t)unit_random(&random);
    static const uint8_t types[] = {111, 96, 224, 200, 201, 205, 206, 203};
    uint8_t ssrc = (uint8_t)(0xa1 + round % 2);
    if (size >= 12 && round % 3) { /* a plausible header */
      packet[0] = (uint8_t)(0x80 | (round % 7 ? unit_random(&random) % 2 : unit_random(&random) & 0x3f));
      packet[1] = types[unit_random(&random) % sizeof types];
      bool rtcp = packet[1] >= 192 && packet[1] < 224;
      packet[2] = (uint8_t)(round / 100); /* numbers that may follow each other */
      memcpy(packet + (rtcp ? 4 : 8), ((uint8_t[]){0, 0, 0, ssrc}), 4);
      if (rtcp) {
        size = size / 4 * 4;
        packet[2] = 0;
        packet[3] = (uint8_t)(size / 4 - 1);
        memcpy(packet + 8, ((uint8_t[]){0, 0, 0, (uint8_t)(0xb1 + round % 2)}), 4);
      }
    }
    session_input(session, world->now, packet, size);
    struct session_output out;
    int outputs = 0;
    while (session_poll(session, world->now, &out))
      assert_true(++outputs < 2000 && out.size <= FRAME_BUFFER_FRAME_MAX);
    assert_true(session_deadline(session) > world->now);
    world->now += (usec)(unit_random(&random) % 3000);
    if (round % 8 == 0) {
      side_send_audio(world, side);
      side_send_frame(world, side, 3000, round % 64 == 0);
    }
  }
  struct media_stats stats = world_stats(world, 1);
  assert_true(stats.packets_malformed > 100 && stats.rtcp_malformed > 100 && stats.packets_unknown_ssrc > 10);
  assert_true(stats.audio.packets_received > 100 && stats.video.nack_count > 10);
  assert_in_range(stats.available_outgoing_bitrate, RATE_MIN, RATE_MAX);
  world_end(world);
}

static void a_flood_of_requests_is_answered_a_bounded_number_of_times(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(12, MS(20), 0, 0)) != NULL);
  world_run(world, SEC(2));
  struct session *session = world->side[0].session;
  int64_t sent = world_stats(world, 0).video.packets_sent;
  for (int round = 0; round < 200; round++) {
    uint8_t packet[SESSION_PACKET_MAX];
    struct writer w = writer_of(packet, sizeof packet);
    int64_t seq[800];
    for (int i = 0; i < 800; i++)
      seq[i] = session->out[VIDEO].next - 800 + i;
    rtcp_write_nack(&w, 0xb1, 0xa2, seq, 800);
    assert_false(w.bad);
    session_input(session, world->now, packet, sizeof packet - w.left);
    world_run(world, MS(10));
  }
  struct media_stats stats = world_stats(world, 0);
  assert_true(stats.video.retransmitted_packets_sent > 50);
  assert_true(stats.video.retransmitted_packets_sent <= RESENDS_MAX * (stats.video.packets_sent - sent + 800));
  bps paced = stats.video.retransmitted_packets_sent * 1200 * 8 / 2;
  assert_true(paced < 3 * RATE_MAX);                /* the pacer's limit, whatever is asked */
  assert_true(world->side[1].audio_received > 190); /* audio goes first */
  world_end(world);
}

static void a_flood_of_key_frame_requests_makes_two_a_second(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(21, MS(20), 0, 0)) != NULL);
  world_run(world, SEC(2));
  uint8_t pli[12];
  struct writer w = writer_of(pli, sizeof pli);
  rtcp_write_pli(&w, 0xb1, 0xa2);
  for (int i = 0; i < 400; i++) {
    session_input(world->side[0].session, world->now, pli, sizeof pli);
    world_run(world, MS(10));
  }
  assert_int_equal(world_stats(world, 0).video.pli_count, 400);
  assert_in_range(world->side[0].key_requests, 6, 9);
  world_end(world);
}

static void a_bottleneck_is_found_and_left_again(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(13, MS(20), 0, 0)) != NULL);
  struct side *sender = &world->side[0];
  world_run(world, SEC(10));
  assert_true(world_stats(world, 0).available_outgoing_bitrate > 1500000);
  sender->link.rate = 500000;
  sender->link.queue = MS(300);
  world_run(world, SEC(20));
  bps narrow = world_stats(world, 0).available_outgoing_bitrate;
  assert_in_range(narrow, 200000, 700000);
  int64_t before = world->side[1].video_received;
  world_run(world, SEC(10));
  assert_true(world->side[1].video_received - before > 150); /* the picture goes on */
  sender->link.rate = 0;
  world_run(world, SEC(30));
  assert_true(world_stats(world, 0).available_outgoing_bitrate > 2 * narrow);
  world_end(world);
}

static void losses_that_the_rate_does_not_cause_leave_it_alone(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(14, MS(20), 0, 200)) != NULL);
  world_run(world, SEC(20));
  assert_true(world_stats(world, 0).available_outgoing_bitrate > RATE_START);
  assert_true(world_stats(world, 0).video.remote_fraction_lost < 0.25); /* hardly more than the path's own */
  world_end(world);
}

static void over_a_long_path_lost_audio_is_not_asked_for(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(15, MS(150), 0, 0)) != NULL);
  world_run(world, SEC(2));
  struct media_stats before = world_stats(world, 0);
  world->side[0].link.loss = world->side[1].link.loss = 50;
  world_run(world, SEC(5));
  struct media_stats stats = world_stats(world, 0);
  assert_int_equal(stats.audio.nacks_sent, before.audio.nacks_sent);
  assert_true(stats.audio.packets_lost > 0);
  assert_true(stats.video.nacks_sent > 0);
  world_end(world);
}

static void the_picture_waits_for_the_sound(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(16, MS(20), 0, 0)) != NULL);
  session_set_playout_delay(world->side[1].session, world->now, MS(120));
  world_run(world, SEC(10));
  struct side *side = &world->side[1];
  /* captured is the sender's Unix time; sound is captured 20 ms before it is sent, 20 ms on the way, 120 ms waiting
   */
  usec delay = side->last_render + SEC(WALL) - side->last_captured;
  assert_in_range(delay, MS(150) - AV_SYNC_LEAD, MS(170) - AV_SYNC_LEAD);
  world_end(world);
}

static void a_bye_is_the_last_packet(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(17, MS(20), 0, 0)) != NULL);
  world_run(world, SEC(1));
  struct side *side = &world->side[0];
  session_bye(side->session, world->now);
  assert_true(session_deadline(side->session) <= world->now);
  struct session_output out;
  assert_true(session_poll(side->session, world->now, &out));
  assert_int_equal(out.type, SESSION_OUT_PACKET);
  assert_true(out.rtcp && rtcp_valid(out.data, out.size));
  struct reader r = reader_of(out.data, out.size);
  struct rtcp_packet packet = {0};
  while (rtcp_next(&r, &packet))
    ;
  assert_int_equal(packet.type, RTCP_BYE);
  session_input(world->side[1].session, world->now, out.data, out.size);
  int64_t packets = side->packets;
  world_run(world, SEC(2)); /* the other end goes on: hanging up is signaling's */
  assert_int_equal(side->packets, packets);
  assert_true(session_deadline(side->session) == USEC_NEVER);
  assert_true(world->side[1].last_packet > world->now - MS(100));
  assert_true(world_stats(world, 0).video.frames_discarded > 0);
  world_end(world);
}

static void reports_are_spread_at_random_and_frequent_at_first(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(18, MS(20), 0, 0)) != NULL);
  for (int i = 0; i < SIDES; i++)
    world->side[i].audio = world->side[i].video = false;
  world_run(world, MS(1300));
  assert_in_range(world->side[0].rtcp_packets, 3, 5);
  int64_t early = world->side[0].rtcp_packets;
  world_run(world, SEC(60));
  assert_in_range(world->side[0].rtcp_packets - early, 50, 70);
  assert_true(world->side[0].rtcp_packets == world->side[0].packets); /* nothing else in a silent call */
  world_end(world);
}

static void duplicates_are_counted_and_go_no_further(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(19, MS(20), 0, 0)) != NULL);
  struct session *session = world->side[1].session;
  const uint8_t packet[] = {0x80, 111, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0xa1, 0xf8, 1};
  struct session_output out;
  for (int i = 0; i < 3; i++)
    session_input(session, world->now, packet, sizeof packet);
  int audio = 0;
  while (session_poll(session, world->now, &out))
    audio += out.type == SESSION_OUT_AUDIO;
  assert_int_equal(audio, 1);
  assert_int_equal(world_stats(world, 1).audio.packets_duplicated, 2);
  assert_int_equal(world_stats(world, 1).audio.packets_received, 1);
  world_end(world);
}

static void a_batch_that_nobody_drains_is_bounded(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(20, MS(20), 0, 0)) != NULL);
  struct session *session = world->side[1].session;
  uint8_t packet[] = {0x80, 111, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0xa1, 0xf8, 1};
  for (int i = 0; i < 100; i++, packet[3]++)
    session_input(session, world->now, packet, sizeof packet);
  assert_true(session_deadline(session) <= world->now);
  struct session_output out;
  int audio = 0;
  for (int64_t last = -1; session_poll(session, world->now, &out);)
    if (out.type == SESSION_OUT_AUDIO) {
      assert_true(out.seq > last);
      last = out.seq;
      audio++;
    }
  assert_int_equal(audio, AUDIO_ARRIVED);
  assert_int_equal(world_stats(world, 1).audio.packets_discarded, 100 - AUDIO_ARRIVED);
  world_end(world);
}

/* ---- the constant-rate mode ---- */

enum scene { SILENCE_AND_A_STILL, SPEECH_AND_MOTION, SOUND_OF_ALL_SIZES, NOTHING, SCENES };

static void play(struct side *side, enum scene scene) {
  side->audio = side->video = scene != NOTHING;
  side->whispers = scene == SOUND_OF_ALL_SIZES;
  side->still = scene == SILENCE_AND_A_STILL ? 100 : 0;
}

/* What an observer of one side sees of ten seconds: a hash of all times, sizes and RTP headers. */
static uint64_t observe(enum scene scene, bool constant_rate) {
  struct world *world;
  uint64_t wire = 0;
  if (!(world = world_with(11, MS(20), 0, 0, constant_rate)))
    return 0;
  for (int i = 0; i < SIDES; i++) {
    session_begin_video(world->side[i].session);
    play(&world->side[i], scene);
  }
  world_run(world, SEC(10));
  const struct side *here = &world->side[0], *there = &world->side[1];
  struct media_stats stats = world_stats(world, 0);
  if (constant_rate) {
    assert_int_equal(here->size[AUDIO], SLOT_AUDIO_SIZE);
    assert_int_equal(here->size[VIDEO], SLOT_VIDEO_SIZE);
    assert_in_range(stats.audio.packets_sent, 500, 501);
    assert_int_equal(stats.video.packets_sent, 2 * stats.audio.packets_sent);
  }
  if (scene != NOTHING) { /* and it is a call all the same */
    assert_in_range(there->audio_number - (uint32_t)here->audio_received, 0, 4);
    assert_in_range(there->video_number - (uint32_t)here->video_received, 0, 12);
    assert_true(here->video_received > 280);
    assert_int_equal(here->chain_breaks, 0);
  }
  wire = here->wire;
  world_end(world);
  return wire;
}

static void at_constant_rate_the_wire_is_the_same_whatever_is_said_and_shown(void **state) {
  (void)state;
  uint64_t first, other;
  need((first = observe(SILENCE_AND_A_STILL, true)) != 0);
  for (enum scene scene = SPEECH_AND_MOTION; scene < SCENES; scene++) {
    need((other = observe(scene, true)) != 0);
    assert_true(first == other);
  }
}

static void without_it_the_same_calls_differ(void **state) { /* the observer above is not blind */
  (void)state;
  uint64_t first, other;
  need((first = observe(SPEECH_AND_MOTION, false)) != 0);
  for (enum scene scene = SILENCE_AND_A_STILL; scene < SCENES; scene++) {
    need((other = observe(scene, false)) != 0);
    assert_int_equal(first == other, scene == SPEECH_AND_MOTION);
  }
}

static void at_constant_rate_lost_pictures_are_repaired_within_their_slots(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 3; seed++) {
    struct world *world;
    need((world = world_with(seed, MS(20), MS(5), 0, true)) != NULL);
    for (int i = 0; i < SIDES; i++)
      session_begin_video(world->side[i].session);
    world_run(world, MS(500));
    world->side[0].link.loss = world->side[1].link.loss = 50;
    world_run(world, SEC(10));
    world->side[0].link.loss = world->side[1].link.loss = 0;
    world_run(world, MS(500));
    for (int i = 0; i < SIDES; i++)
      world->side[i].audio = world->side[i].video = false;
    world_run(world, SEC(2));
    for (int i = 0; i < SIDES; i++) {
      struct side *here = &world->side[i], *there = &world->side[!i];
      struct media_stats theirs = world_stats(world, !i);
      assert_int_equal(here->video_received, there->video_number);
      assert_int_equal(here->chain_breaks, 0);
      assert_true(there->retransmissions > 0); /* the same bytes: world.h looks */
      assert_int_equal(theirs.audio.retransmitted_packets_sent, 0);
      assert_in_range(theirs.video.packets_sent, 2 * theirs.audio.packets_sent - 2, 2 * theirs.audio.packets_sent);
      assert_true(here->audio_received > there->audio_number * 9 / 10);
    }
    world_end(world);
  }
}

/* Counts the packets of each type in what a side sends; what it sends arrives. */
static void run_counting_types(struct world *world, usec span, int64_t count[128]) {
  for (usec end = world->now + span; world->now < end;) {
    struct link *link = &world->side[0].link;
    int64_t before = link->order;
    world_run(world, MS(1));
    for (int i = 0; i < link->flights; i++)
      if (link->flight[i].order >= before && !rtp_is_rtcp(link->flight[i].data, link->flight[i].size))
        count[link->flight[i].data[1] & 0x7f]++;
  }
}

static void packets_are_of_the_types_that_were_negotiated(void **state) {
  (void)state;
  const struct session_config like = {
      .payload_types = {.opus = 109, .red = 121, .vp8 = 120, .slot = PAYLOAD_TYPE_NONE}};
  struct world *world = world_like(60, MS(20), 0, 20, &like);
  if (!world)
    return;
  int64_t count[128] = {0};
  run_counting_types(world, SEC(10), count);
  assert_true(count[109] > 0);
  assert_true(count[121] > 0); /* copies: there is loss */
  assert_true(count[120] > 0);
  assert_in_range(world->side[0].audio_loss, 1, 100); /* which the encoder is told */
  assert_int_equal(count[PAYLOAD_TYPE_OPUS] + count[PAYLOAD_TYPE_RED] + count[PAYLOAD_TYPE_VP8], 0);
  assert_int_equal(count[PAYLOAD_TYPE_SLOT], 0);
  struct media_stats stats = world_stats(world, 1);
  assert_int_equal(stats.packets_malformed, 0);
  assert_true(world->side[1].video_received > 200);
  world_end(world);
}

static void a_call_begins_with_a_dozen_short_frames_whatever_is_reported(void **state) {
  (void)state;
  struct world *world;
  need((world = world_new(63, SEC(1), 0, 0)) != NULL); /* no report comes so soon */
  for (int i = 0; i < SIDES; i++)
    world->side[i].video = false;
  world_run(world, MS(100));
  assert_int_equal(world->side[0].audio_samples, 480);
  world_run(world, MS(100));
  assert_int_equal(world->side[0].audio_samples, 960);
  world_end(world);
}

static void a_peer_that_takes_no_copies_gets_none(void **state) {
  (void)state;
  const struct session_config like = {.payload_types = {.red = PAYLOAD_TYPE_NONE}};
  struct world *world = world_like(61, MS(20), 0, 100, &like);
  if (!world)
    return;
  int64_t count[128] = {0};
  run_counting_types(world, SEC(10), count);
  assert_int_equal(count[PAYLOAD_TYPE_RED], 0);
  assert_int_equal(world->side[0].audio_loss, 0);
  assert_in_range(count[PAYLOAD_TYPE_OPUS], 400, 600); /* with no copies, no short frames either */
  world_end(world);
}

static void a_far_peer_that_takes_no_copies_gets_the_codecs_own(void **state) {
  (void)state;
  const struct session_config like = {.payload_types = {.red = PAYLOAD_TYPE_NONE}};
  struct world *world = world_like(62, MS(60), 0, 100, &like);
  if (!world)
    return;
  assert_false(world->side[0].audio_fec);
  world_run(world, SEC(4));
  assert_true(world->side[0].audio_fec);
  assert_in_range(world->side[0].audio_loss, 6, 10); /* from 6 on libopus makes room for it */
  assert_int_equal(world->side[0].audio_samples, 960);
  world_end(world);
}

/* Where one packet in ten is lost, copies bring most of what is missing, whatever is in them. */
static void sealed_sound_is_taken_as_it_comes_and_repaired_by_its_copies(void **state) {
  (void)state;
  const struct session_config like = {.seal_size = 20, .audio_samples = 960};
  struct world *world = world_like(63, MS(20), MS(5), 100, &like);
  if (!world)
    return;
  world_run(world, SEC(20));
  for (int i = 0; i < SIDES; i++) {
    struct media_stats stats = world_stats(world, i);
    assert_int_equal(stats.packets_malformed, 0);
    assert_true(stats.audio.packets_repaired > 40);
    assert_in_range(world->side[i].audio_received, 980, 1000);
    assert_int_equal(world->side[i].audio_samples, 960);
  }
  world_end(world);
}

static void each_way_has_its_own_format_of_pictures(void **state) {
  (void)state;
  const struct session_config like = {.video_codec = SESSION_VP9, .peer_video_codec = SESSION_VP8};
  struct world *world = world_like(62, MS(20), MS(5), 50, &like);
  if (!world)
    return;
  world->side[1].video = true;
  int64_t count[128] = {0};
  run_counting_types(world, SEC(10), count);
  assert_true(count[PAYLOAD_TYPE_VP9] + count[PAYLOAD_TYPE_VIDEO_RED] > 300); /* from the first side */
  assert_int_equal(count[PAYLOAD_TYPE_VP8], 0);
  assert_int_equal(world->side[1].session->video.payload_type, PAYLOAD_TYPE_VP8);
  for (int i = 0; i < SIDES; i++) {
    struct media_stats stats = world_stats(world, i);
    assert_int_equal(stats.packets_malformed, 0);
    assert_true(world->side[i].video_received > 270);
    assert_int_equal(world->side[i].chain_breaks, 0);
  }
  world_end(world);
}

static void what_is_not_of_the_format_agreed_on_is_not_taken(void **state) {
  (void)state;
  const struct session_config like = {.video_codec = SESSION_VP9, .peer_video_codec = SESSION_VP9};
  struct world *world = world_like(63, MS(20), 0, 0, &like);
  if (!world)
    return;
  world->side[0].session->video.payload_type = PAYLOAD_TYPE_VP8;
  world_run(world, SEC(2));
  struct media_stats stats = world_stats(world, 1);
  assert_true(stats.packets_malformed > 50);
  assert_int_equal(world->side[1].video_received, 0);
  world_end(world);
}

UNIT_TESTS(
    test(each_way_has_its_own_format_of_pictures), test(what_is_not_of_the_format_agreed_on_is_not_taken),
    test(packets_are_of_the_types_that_were_negotiated),
    test(a_call_begins_with_a_dozen_short_frames_whatever_is_reported), test(a_peer_that_takes_no_copies_gets_none),
    test(a_far_peer_that_takes_no_copies_gets_the_codecs_own),
    test(sealed_sound_is_taken_as_it_comes_and_repaired_by_its_copies),
    test(at_constant_rate_the_wire_is_the_same_whatever_is_said_and_shown), test(without_it_the_same_calls_differ),
    test(at_constant_rate_lost_pictures_are_repaired_within_their_slots),
    test(both_media_flow_both_ways_and_the_numbers_agree),
    test(with_5_percent_loss_every_frame_arrives_by_retransmission),
    test(with_jitter_that_reorders_and_2_percent_loss_pictures_are_shown_soon),
    test(the_same_seed_is_the_same_call_and_another_is_another), test(numbers_and_timestamps_wrap_without_a_trace),
    test(after_an_outage_one_key_frame_restores_the_picture), test(a_decoder_that_lost_its_way_gets_a_key_frame),
    test(lost_requests_for_a_key_frame_are_repeated_but_not_into_silence),
    test(video_begins_and_begins_again_with_a_key_frame), test(what_is_empty_or_too_large_is_not_sent),
    test(a_frame_of_the_largest_size_arrives_whole), test(only_the_peers_sources_are_taken),
    test(a_hostile_peer_cannot_break_a_session), test(a_flood_of_requests_is_answered_a_bounded_number_of_times),
    test(a_flood_of_key_frame_requests_makes_two_a_second), test(a_bottleneck_is_found_and_left_again),
    test(losses_that_the_rate_does_not_cause_leave_it_alone), test(over_a_long_path_lost_audio_is_not_asked_for),
    test(the_picture_waits_for_the_sound), test(a_bye_is_the_last_packet),
    test(reports_are_spread_at_random_and_frequent_at_first), test(duplicates_are_counted_and_go_no_further),
    test(a_batch_that_nobody_drains_is_bounded))
