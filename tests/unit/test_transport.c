/* Two transports back to back: real DTLS and SRTP, no network, no clock but for libssl's own. */
#include "engine/call/binding.h"
#include "engine/call/transport.h"
#include "unit.h"

enum { SERVER, CLIENT, PAYLOAD = 80 };

static struct transport side[2];
static uint8_t fingerprint[2][DTLS_FINGERPRINT_SIZE];
static int64_t audio_received[2], video_received[2], datagrams[2], key_requests[2];
static int64_t strange[2]; /* frames that are not as they were sent */

/* What both send: an Opus packet (its TOC: one frame of 20 ms, RFC 6716 section 3.1), a VP8 key frame of 16x16 in
 * its first bytes (RFC 6386 section 9.1). */
static const uint8_t sound[PAYLOAD] = {0xf8}, key_frame[64] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 16, 0, 16, 0};

static bool as_sent(const struct core_output *out) {
  const uint8_t *sent = out->type == CORE_AUDIO ? sound : key_frame;
  size_t size = out->type == CORE_AUDIO ? sizeof sound : sizeof key_frame;
  return out->size == size && memcmp(out->data, sent, size) == 0;
}

/* Carries out one side's outputs: datagrams go to the other at once. */
static void drain(int from, usec now) {
  struct core_output out;
  uint8_t copy[1500];
  while (transport_poll(&side[from], now, &out)) {
    if (out.type == CORE_DATAGRAM) {
      datagrams[from]++;
      memcpy(copy, out.data, out.size);
      transport_input(&side[1 - from], now, copy, out.size);
    }
    audio_received[from] += out.type == CORE_AUDIO;
    video_received[from] += out.type == CORE_VIDEO;
    strange[from] += (out.type == CORE_AUDIO || out.type == CORE_VIDEO) && !as_sent(&out);
    key_requests[from] += out.type == CORE_ENCODER && out.key_frame;
  }
}

static bool server_waits; /* for a path: its own agent has not found the pair that the client's has */

static void set_up(void) {
  struct dtls_certificate *certificate[2] = {NULL, NULL};
  memset(audio_received, 0, sizeof audio_received);
  memset(video_received, 0, sizeof video_received);
  memset(datagrams, 0, sizeof datagrams);
  memset(strange, 0, sizeof strange);
  memset(key_requests, 0, sizeof key_requests);
  crypto_init();
  need(certificate[0] = dtls_certificate_new(NULL));
  certificate[1] = dtls_certificate_new(NULL);
  if (!certificate[1])
    dtls_certificate_free(certificate[0]);
  need(certificate[1]);
  for (int i = 0; i < 2; i++)
    dtls_certificate_fingerprint(certificate[i], fingerprint[i]);
  bool started = true;
  for (int i = 0; i < 2; i++) {
    struct dtls_config config = {
        .certificate = certificate[i], .server = i == SERVER, .profiles = 1, .profile = {SRTP_PROFILE_AES_256_GCM}};
    struct session_config session = {.seed = (uint64_t)i + 1,
                                     .audio_ssrc = 10u + (unsigned)i,
                                     .video_ssrc = 20u + (unsigned)i,
                                     .peer_audio_ssrc = 11u - (unsigned)i,
                                     .peer_video_ssrc = 21u - (unsigned)i,
                                     .cname = "cname"};
    memcpy(config.peer_fingerprint, fingerprint[1 - i], sizeof config.peer_fingerprint);
    transport_init(&side[i]);
    transport_describe(&side[i], &session);
    transport_open_firewall(&side[i], i == SERVER);
    started = started && transport_start_dtls(&side[i], &config);
    if (i == CLIENT || !server_waits)
      transport_path_found(&side[i]);
  }
  for (int i = 0; i < 2; i++)
    dtls_certificate_free(certificate[i]);
  if (!started)
    for (int i = 0; i < 2; i++)
      transport_deinit(&side[i]);
  need(started);
  for (int round = 0; round < 8; round++) {
    drain(CLIENT, 0);
    drain(SERVER, 0);
  }
  for (int i = 0; i < 2; i++)
    assert_int_equal(dtls_state(side[i].dtls), server_waits ? DTLS_HANDSHAKING : DTLS_CONNECTED);
}

static void tear_down(void) {
  for (int i = 0; i < 2; i++)
    transport_deinit(&side[i]);
}

static void set_gates(sotto_gate gate) {
  for (int i = 0; i < 2; i++) {
    bool good = transport_set_gate(&side[i], 0, gate);
    if (!good) {
      tear_down();
      need(good);
    }
    transport_set_media(&side[i], SOTTO_AUDIO | SOTTO_VIDEO);
  }
}

static void send_second(usec from) {
  for (usec now = from; now < from + SEC(1); now += MS(20)) {
    for (int i = 0; i < 2; i++) {
      transport_audio_encoded(&side[i], now, now, sound, sizeof sound, 960);
      transport_video_encoded(&side[i], now, now, key_frame, sizeof key_frame, true, 0);
      drain(i, now);
    }
  }
}

static void a_shut_gate_lets_nothing_out_or_in_and_makes_no_keys(void **state) {
  (void)state;
  set_up();
  int64_t before = datagrams[0] + datagrams[1];
  send_second(0);
  for (int i = 0; i < 2; i++) {
    uint8_t rtp[60] = {0x80, 111}, rtcp[60] = {0x80, 200};
    transport_input(&side[i], 0, rtp, sizeof rtp);
    transport_input(&side[i], 0, rtcp, sizeof rtcp);
    assert_null(side[i].srtp);
    assert_null(side[i].session);
    assert_int_equal(side[i].stats.gate_dropped_in, 2);
    assert_int_equal(side[i].stats.gate_dropped_out, 100);
    assert_int_equal(side[i].stats.auth_failed, 0);
    assert_int_equal(audio_received[i] + video_received[i], 0);
  }
  assert_int_equal(datagrams[0] + datagrams[1], before);
  tear_down();
}

static int64_t sent_in_a_second(usec from) {
  int64_t before = datagrams[0];
  send_second(from);
  return datagrams[0] - before;
}

static void at_constant_rate_video_slots_begin_with_the_open_gate_and_stay(void **state) {
  (void)state;
  set_up();
  side[0].config.constant_rate = side[1].config.constant_rate = true;
  set_gates(SOTTO_GATE_AUDIO_UNVERIFIED);
  assert_in_range(sent_in_a_second(0), 50, 60); /* and a few reports and feedback */
  set_gates(SOTTO_GATE_OPEN);
  int64_t open = sent_in_a_second(SEC(1));
  assert_in_range(open, 149, 180);
  for (int i = 0; i < 2; i++)
    transport_set_media(&side[i], SOTTO_AUDIO);
  assert_in_range(sent_in_a_second(SEC(2)), 149, 180);
  tear_down();
}

static void an_open_gate_carries_both_media_both_ways(void **state) {
  (void)state;
  set_up();
  set_gates(SOTTO_GATE_OPEN);
  send_second(0);
  for (int i = 0; i < 2; i++) {
    assert_in_range(audio_received[i], 48, 50);
    assert_true(video_received[i] >= 45);
    assert_int_equal(side[i].stats.gate_dropped_in, 0);
  }
  tear_down();
}

/* The sides in `mask` seal their frames, as a page and a native do. */
static void seal(unsigned mask) {
  struct frame_keys keys = {{1}, {1}};
  for (int i = 0; i < 2; i++) {
    side[i].config.audio_samples = 960;
    bool good = !(mask & 1u << i) || transport_seal_frames(&side[i], &keys);
    if (!good) {
      tear_down();
      need(good);
    }
  }
}

static void sealed_frames_arrive_as_they_were_sent(void **state) {
  (void)state;
  set_up();
  seal(1u << SERVER | 1u << CLIENT);
  set_gates(SOTTO_GATE_OPEN);
  send_second(0);
  for (int i = 0; i < 2; i++) {
    assert_in_range(audio_received[i], 48, 50);
    assert_true(video_received[i] >= 45);
    assert_int_equal(strange[i], 0);
    assert_int_equal(side[i].stats.unopened, 0);
  }
  tear_down();
}

/* The client is somebody who has the keys of DTLS and SRTP and none of Noise. */
static void who_has_the_keys_of_srtp_alone_hears_nothing_and_is_not_heard(void **state) {
  (void)state;
  set_up();
  seal(1u << SERVER);
  set_gates(SOTTO_GATE_OPEN);
  send_second(0);
  assert_int_equal(strange[CLIENT], audio_received[CLIENT] + video_received[CLIENT]);
  assert_int_equal(audio_received[SERVER] + video_received[SERVER], 0);
  assert_in_range(side[SERVER].stats.unopened, 90, 100);
  tear_down();
}

/* As after a picture that the decoder lost: deltas are of no use until a key frame comes, which is asked for. */
static void a_picture_that_does_not_open_holds_back_all_before_the_next_key_frame(void **state) {
  (void)state;
  static const uint8_t delta[64] = {0x11};
  set_up();
  seal(1u << SERVER | 1u << CLIENT);
  set_gates(SOTTO_GATE_OPEN);
  transport_video_encoded(&side[CLIENT], 0, 0, key_frame, sizeof key_frame, true, 0);
  drain(CLIENT, 0), drain(SERVER, 0);
  assert_int_equal(video_received[SERVER], 1);
  struct frame_seal *true_one = side[CLIENT].seal;
  struct frame_keys others = {{2}, {1}};
  side[CLIENT].seal = frame_seal_new(&others);
  if (!side[CLIENT].seal) {
    frame_seal_free(true_one);
    tear_down();
    need(side[CLIENT].seal);
  }
  transport_video_encoded(&side[CLIENT], MS(33), MS(33), delta, sizeof delta, false, 0);
  drain(CLIENT, MS(33)), drain(SERVER, MS(33));
  frame_seal_free(side[CLIENT].seal);
  side[CLIENT].seal = true_one;
  for (usec now = MS(66); now < SEC(1); now += MS(33)) {
    transport_video_encoded(&side[CLIENT], now, now, delta, sizeof delta, false, 0);
    drain(CLIENT, now), drain(SERVER, now), drain(CLIENT, now);
  }
  assert_int_equal(video_received[SERVER], 1);
  assert_int_equal(side[SERVER].stats.unopened, 1);
  assert_true(key_requests[CLIENT] > 0);
  transport_video_encoded(&side[CLIENT], SEC(1), SEC(1), key_frame, sizeof key_frame, true, 0);
  drain(CLIENT, SEC(1)), drain(SERVER, SEC(1));
  assert_int_equal(video_received[SERVER], 2);
  tear_down();
}

static void an_unverified_gate_carries_audio_alone(void **state) {
  (void)state;
  set_up();
  set_gates(SOTTO_GATE_AUDIO_UNVERIFIED);
  send_second(0);
  for (int i = 0; i < 2; i++) {
    assert_in_range(audio_received[i], 48, 50);
    assert_int_equal(video_received[i], 0);
    assert_int_equal(side[i].stats.gate_dropped_out, 50);
  }
  /* A peer whose gate is wider than ours: its video is dropped before it is decrypted. */
  assert_true(transport_set_gate(&side[CLIENT], SEC(1), SOTTO_GATE_OPEN));
  send_second(SEC(1));
  assert_int_equal(video_received[SERVER], 0);
  assert_true(side[SERVER].stats.gate_dropped_in > 20);
  tear_down();
}

static void closing_the_gate_again_stops_everything(void **state) {
  (void)state;
  set_up();
  set_gates(SOTTO_GATE_OPEN);
  send_second(0);
  assert_true(transport_set_gate(&side[SERVER], SEC(1), SOTTO_GATE_SHUT));
  int64_t heard[2] = {audio_received[0], audio_received[1]}, sent = datagrams[SERVER];
  send_second(SEC(1));
  assert_int_equal(audio_received[SERVER], heard[SERVER]);
  assert_true(audio_received[CLIENT] <= heard[CLIENT] + 1);
  assert_int_equal(datagrams[SERVER], sent);
  tear_down();
}

/* What still waits in the pacer when a call ends stays there: the peer gets BYE and close_notify. */
static void the_last_word_is_rtcp_and_close_notify_alone(void **state) {
  (void)state;
  static uint8_t frame[40000];
  struct core_output out;
  int bye = 0, dtls = 0;
  memcpy(frame, key_frame, sizeof key_frame);
  set_up();
  set_gates(SOTTO_GATE_OPEN);
  send_second(0);
  transport_video_encoded(&side[SERVER], SEC(1), SEC(1), frame, sizeof frame, true, 0);
  transport_close(&side[SERVER], SEC(1));
  while (transport_poll(&side[SERVER], SEC(1), &out)) {
    assert_int_not_equal(out.type, CORE_AUDIO);
    assert_int_not_equal(out.type, CORE_VIDEO);
    if (out.type == CORE_ENCODER)
      assert_int_equal(out.audio_bitrate + out.video_bitrate, 0);
    if (out.type != CORE_DATAGRAM)
      continue;
    assert_int_not_equal(demux_classify(out.data, out.size), DEMUX_RTP);
    bye += demux_classify(out.data, out.size) == DEMUX_RTCP;
    dtls += demux_classify(out.data, out.size) == DEMUX_DTLS;
  }
  assert_int_equal(bye, 1);
  assert_int_equal(dtls, 1);
  tear_down();
}

static void there_is_one_association_a_call(void **state) {
  (void)state;
  set_up();
  struct dtls_certificate *certificate = dtls_certificate_new(NULL);
  need(certificate);
  struct dtls_config config = {
      .certificate = certificate, .server = true, .profiles = 1, .profile = {SRTP_PROFILE_AES_256_GCM}};
  struct dtls *before = side[SERVER].dtls;
  assert_false(transport_start_dtls(&side[SERVER], &config));
  assert_ptr_equal(side[SERVER].dtls, before);
  dtls_certificate_free(certificate);
  tear_down();
}

static void a_forged_packet_is_counted_and_heard_by_nobody(void **state) {
  (void)state;
  set_up();
  set_gates(SOTTO_GATE_OPEN);
  for (int i = 0; i < 100; i++) {
    uint8_t rtp[100] = {0x80, 111, 0, (uint8_t)i, 0, 0, 0, 0, 0, 0, 0, 11};
    transport_input(&side[SERVER], 0, rtp, sizeof rtp);
  }
  drain(SERVER, 0);
  assert_int_equal(side[SERVER].stats.auth_failed, 100);
  assert_int_equal(audio_received[SERVER], 0);
  tear_down();
}

static struct message state_binding(int who, const uint8_t call_id[CALL_ID_SIZE], const uint8_t h[HASH_SIZE]) {
  struct message bind;
  assert_true(binding_state(&bind, side[who].dtls, who == SERVER, fingerprint[who]));
  assert_true(binding_state_keys(&bind, side[who].dtls, call_id, h));
  return bind;
}

static void both_sides_state_the_same_binding_and_any_difference_is_found(void **state) {
  (void)state;
  struct message bind[2], bad;
  uint8_t call_id[CALL_ID_SIZE] = {1}, other_call[CALL_ID_SIZE] = {2}, h[HASH_SIZE] = {3}, other_h[HASH_SIZE] = {4};
  set_up();
  bind[SERVER] = state_binding(SERVER, call_id, h);
  bind[CLIENT] = state_binding(CLIENT, call_id, h);
  assert_int_equal(binding_compare(&bind[SERVER], &bind[CLIENT]), BINDING_EQUAL);
  assert_int_equal(binding_compare(&bind[CLIENT], &bind[SERVER]), BINDING_EQUAL);

  bad = bind[CLIENT], bad.ekm[31] ^= 1;
  assert_int_equal(binding_compare(&bind[SERVER], &bad), BINDING_EKM);
  bad = bind[CLIENT], bad.fp_self[0] ^= 1;
  assert_int_equal(binding_compare(&bind[SERVER], &bad), BINDING_FINGERPRINT_THEIRS);
  bad = bind[CLIENT], bad.fp_peer[0] ^= 1;
  assert_int_equal(binding_compare(&bind[SERVER], &bad), BINDING_FINGERPRINT_OURS);
  bad = bind[CLIENT], bad.dtls_role = bind[SERVER].dtls_role;
  assert_int_equal(binding_compare(&bind[SERVER], &bad), BINDING_ROLE);
  bad = bind[CLIENT], bad.profile = SRTP_PROFILE_AES_128_GCM;
  assert_int_equal(binding_compare(&bind[SERVER], &bad), BINDING_PROFILE);
  bad = bind[CLIENT], bad.cipher++;
  assert_int_equal(binding_compare(&bind[SERVER], &bad), BINDING_CIPHER);

  /* Another call's statement, or another association's (a man in the middle has two): neither fits. */
  bad = state_binding(CLIENT, other_call, h);
  assert_int_equal(binding_compare(&bind[SERVER], &bad), BINDING_EKM);
  /* A call of the same number with somebody else (a caller chooses it) is another handshake. */
  bad = state_binding(CLIENT, call_id, other_h);
  assert_int_equal(binding_compare(&bind[SERVER], &bad), BINDING_EKM);
  tear_down();
  set_up();
  bad = state_binding(CLIENT, call_id, h);
  memcpy(bad.fp_self, bind[CLIENT].fp_self, HASH_SIZE);
  memcpy(bad.fp_peer, bind[CLIENT].fp_peer, HASH_SIZE);
  assert_int_equal(binding_compare(&bind[SERVER], &bad), BINDING_EKM);
  tear_down();
}

static void with_a_page_certificates_and_roles_are_bound_and_keys_by_nobody(void **state) {
  (void)state;
  struct message bind[2], bad;
  uint8_t call_id[CALL_ID_SIZE] = {1}, h[HASH_SIZE] = {3};
  set_up();
  for (int who = 0; who < 2; who++)
    assert_true(binding_state(&bind[who], side[who].dtls, who == SERVER, fingerprint[who]));
  assert_int_equal(binding_compare(&bind[SERVER], &bind[CLIENT]), BINDING_EQUAL);
  bad = bind[CLIENT], bad.fp_peer[0] ^= 1;
  assert_int_equal(binding_compare(&bind[SERVER], &bad), BINDING_FINGERPRINT_OURS);
  bad = bind[CLIENT], bad.dtls_role = bind[SERVER].dtls_role;
  assert_int_equal(binding_compare(&bind[SERVER], &bad), BINDING_ROLE);
  bad = state_binding(CLIENT, call_id, h); /* what a page can't know, and what one native may not leave out */
  assert_int_equal(binding_compare(&bind[SERVER], &bad), BINDING_EKM);
  assert_int_equal(binding_compare(&bad, &bind[SERVER]), BINDING_EKM);
  tear_down();
}

static void what_dtls_answers_before_there_is_a_path_is_sent_when_there_is_one(void **state) {
  (void)state;
  server_waits = true;
  set_up();
  server_waits = false;
  assert_int_equal(datagrams[SERVER], 0);
  assert_int_equal(transport_deadline(&side[SERVER]), USEC_NEVER);
  transport_path_found(&side[SERVER]);
  for (int round = 0; round < 8; round++) { /* at once: no timer of DTLS has passed */
    drain(SERVER, 0);
    drain(CLIENT, 0);
  }
  for (int i = 0; i < 2; i++)
    assert_int_equal(dtls_state(side[i].dtls), DTLS_CONNECTED);
  tear_down();
}

UNIT_TESTS(test(a_shut_gate_lets_nothing_out_or_in_and_makes_no_keys),
           test(at_constant_rate_video_slots_begin_with_the_open_gate_and_stay),
           test(an_open_gate_carries_both_media_both_ways), test(sealed_frames_arrive_as_they_were_sent),
           test(who_has_the_keys_of_srtp_alone_hears_nothing_and_is_not_heard),
           test(a_picture_that_does_not_open_holds_back_all_before_the_next_key_frame),
           test(an_unverified_gate_carries_audio_alone), test(closing_the_gate_again_stops_everything),
           test(the_last_word_is_rtcp_and_close_notify_alone), test(there_is_one_association_a_call),
           test(a_forged_packet_is_counted_and_heard_by_nobody),
           test(what_dtls_answers_before_there_is_a_path_is_sent_when_there_is_one),
           test(both_sides_state_the_same_binding_and_any_difference_is_found),
           test(with_a_page_certificates_and_roles_are_bound_and_keys_by_nobody))
