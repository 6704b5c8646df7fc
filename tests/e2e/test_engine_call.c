/* Two engines in one process and a real server on loopback: what an embedder sees of a call, from the invite to the
 * end, and what it sees when something dies. */
#include <errno.h>
#include <ftw.h>
#include <netinet/udp.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "kernel.h"
#include "peer.h"
#include "unit/unit.h"

static char directory[64];
static struct server server;
static struct peer ann, bob;

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk) {
  (void)st, (void)type, (void)walk;
  return remove(path);
}

static int set_up(void **state) {
  (void)state;
  strcpy(directory, "/tmp/sotto-e2e-XXXXXX");
  assert_non_null(mkdtemp(directory));
  server_start(&server, directory, 0);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  if (ann.engine)
    peer_close(&ann);
  if (bob.engine)
    peer_close(&bob);
  server_stop(&server, SIGTERM);
  nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
  return 0;
}

/* ---- what to wait for ---- */

static bool both_online(const struct peer *a, const struct peer *b) {
  return a->online && b->online;
}
static bool both_know(const struct peer *a, const struct peer *b) {
  return a->has_contact && b->has_contact;
}
static bool b_rings(const struct peer *a, const struct peer *b) {
  return a->state == SOTTO_CALL_RINGING && b->incoming;
}
static bool both_asked(const struct peer *a, const struct peer *b) {
  return a->consent && b->consent;
}
static bool both_show_words(const struct peer *a, const struct peer *b) {
  return a->sas_shown && b->sas_shown;
}
static bool both_open(const struct peer *a, const struct peer *b) {
  return a->gate == SOTTO_GATE_OPEN && b->gate == SOTTO_GATE_OPEN;
}
static bool both_hear(const struct peer *a, const struct peer *b) {
  return peer_hears(a, b->tone) > 0.9 && peer_hears(b, a->tone) > 0.9;
}
/* The beep of the unverified, a fifth of a second at 800 Hz: in what her program was given to play. */
static bool a_beeps(const struct peer *a, const struct peer *b) {
  (void)b;
  return peer_hears(a, 800) > 0.03;
}
static bool b_beeps(const struct peer *a, const struct peer *b) {
  (void)a;
  return peer_hears(b, 800) > 0.03;
}
static bool b_hears_silence(const struct peer *a, const struct peer *b) {
  (void)a;
  return peer_hears_silence(b);
}
static bool both_see(const struct peer *a, const struct peer *b) {
  return a->pictures >= 15 && b->pictures >= 15;
}
static bool b_learns_audio_only(const struct peer *a, const struct peer *b) {
  (void)a;
  return b->peer_media == SOTTO_AUDIO;
}
static bool b_learns_both(const struct peer *a, const struct peer *b) {
  (void)a;
  return b->peer_media == (SOTTO_AUDIO | SOTTO_VIDEO);
}
static bool both_ended(const struct peer *a, const struct peer *b) {
  return a->state == SOTTO_CALL_ENDED && b->state == SOTTO_CALL_ENDED;
}
static bool a_ended(const struct peer *a, const struct peer *b) {
  (void)b;
  return a->state == SOTTO_CALL_ENDED;
}
static bool both_offline(const struct peer *a, const struct peer *b) {
  return !a->online && !b->online;
}

#define WAIT(condition, ms) assert_true(peers_run(&ann, &bob, condition, ms))

/* ---- steps ---- */

static void open_both(sotto_policy policy) {
  peer_open(&ann, "ann", directory, &server, policy);
  peer_open(&bob, "bob", directory, &server, policy);
  WAIT(both_online, 10000);
}

static void meet(void) {
  char invite[SOTTO_INVITE_TEXT_SIZE];
  assert_int_equal(sotto_invite_create(ann.engine, "bob", 0, invite, sizeof invite), SOTTO_OK);
  assert_int_equal(sotto_invite_accept(bob.engine, "ann", invite), SOTTO_OK);
  WAIT(both_know, 15000);
  assert_int_equal(ann.trust, SOTTO_TRUST_TOFU);
  assert_int_equal(bob.trust, SOTTO_TRUST_TOFU);
}

static void ring(unsigned media) {
  assert_int_equal(sotto_call_start(ann.engine, &ann.contact, media, &ann.call), SOTTO_OK);
  WAIT(b_rings, 15000);
}

static void open_call(unsigned media) {
  ring(media);
  assert_int_equal(sotto_call_accept(bob.call, media), SOTTO_OK);
  WAIT(both_open, 20000);
}

static void hang_up(void) {
  sotto_call_hangup(ann.call);
  WAIT(both_ended, 10000);
  assert_int_equal(ann.reason, SOTTO_END_HANGUP);
  assert_int_equal(bob.reason, SOTTO_END_HANGUP);
}

static void compare_words(void) {
  WAIT(both_asked, 20000);
  assert_int_equal(ann.gate, SOTTO_GATE_SHUT);
  assert_false(peer_hears(&bob, ann.tone) > 0.1);
  assert_false(a_beeps(&ann, &bob) || b_beeps(&ann, &bob));
  assert_int_equal(sotto_call_consent(ann.call), SOTTO_OK);
  WAIT(a_beeps, 8000);
  assert_int_equal(sotto_call_consent(bob.call), SOTTO_OK);
  WAIT(b_beeps, 8000);
  WAIT(both_show_words, 10000);
  assert_memory_equal(ann.sas.emoji, bob.sas.emoji, sizeof ann.sas.emoji);
  assert_string_equal(ann.sas.words, bob.sas.words);
  assert_string_equal(ann.sas.digits, bob.sas.digits);
  WAIT(both_hear, 8000);
  assert_int_equal(ann.gate, SOTTO_GATE_AUDIO_UNVERIFIED);
  assert_int_equal(ann.pictures + bob.pictures, 0); /* no picture before the words */
  assert_int_equal(sotto_call_confirm(ann.call, true), SOTTO_OK);
  assert_int_equal(sotto_call_confirm(bob.call, true), SOTTO_OK);
  WAIT(both_open, 10000);
}

static sotto_stats stats_of(const struct peer *peer) {
  sotto_stats stats = SOTTO_STATS_INIT;
  assert_int_equal(sotto_call_stats(peer->call, &stats), SOTTO_OK);
  return stats;
}

/* ---- tests ---- */

static int64_t now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* What carries the call; its cipher is the one that main() asked for. */
static void check_carried_by(const struct peer *peer, const char *send, const char *receive) {
  sotto_stats stats = stats_of(peer);
  assert_string_equal(stats.srtp_engine, "openssl");
  assert_string_equal(stats.send_path, send);
  assert_string_equal(stats.receive_path, receive);
}

static void check_stats(const struct peer *peer) {
  sotto_stats stats = stats_of(peer);
  assert_int_equal(stats.size, sizeof stats);
  assert_true(stats.audio.packets_sent > 100 && stats.audio.packets_received > 100);
  assert_true(stats.video.packets_sent > 10 && stats.video.packets_received > 10);
  assert_true(stats.total_samples_received > 48000);
  assert_true(stats.frames_captured >= stats.frames_encoded && stats.frames_encoded > 10);
  assert_true(stats.key_frames_encoded >= 1 && stats.key_frames_decoded >= 1);
  assert_true(stats.frames_decoded > 10 && stats.frames_rendered > 10);
  assert_true(stats.frames_received >= stats.frames_decoded);
  assert_int_equal(stats.frame_width, PEER_WIDTH);
  assert_int_equal(stats.frame_height, PEER_HEIGHT);
  assert_true(stats.total_encode_time_us > 0 && stats.total_decode_time_us > 0);
  assert_true(stats.setup_open_us > 0 && stats.setup_first_audio_us > 0 && stats.setup_first_video_us > 0);
  assert_true(stats.setup_heard_us >= stats.setup_first_audio_us && stats.engine_wakeups > 0);
  assert_string_equal(stats.audio_codec, "opus");
  assert_string_equal(stats.video_codec, "VP8");
  assert_string_equal(stats.srtp_profile, "AEAD_AES_256_GCM");
  assert_string_equal(stats.local_candidate_type, "host");
  assert_false(stats.relayed);
  check_carried_by(peer, "segmented", "merged");
}

static void from_the_invite_to_the_end(void **state) {
  (void)state;
  open_both(SOTTO_POLICY_SAS_FIRST);
  meet();
  ring(SOTTO_AUDIO | SOTTO_VIDEO);
  assert_int_equal(sotto_call_accept(bob.call, SOTTO_AUDIO | SOTTO_VIDEO), SOTTO_OK);
  compare_words();
  assert_int_equal(ann.trust, SOTTO_TRUST_VERIFIED);
  assert_int_equal(bob.trust, SOTTO_TRUST_VERIFIED);
  WAIT(both_see, 10000);
  peer_listen(&ann);
  peer_listen(&bob);
  WAIT(both_see, 5000);
  WAIT(both_hear, 5000);
  assert_int_equal(ann.picture_errors + bob.picture_errors, 0);
  peers_run(&ann, &bob, NULL, 2000);
  check_stats(&ann);
  check_stats(&bob);

  /* Muted, with and without writing: as many packets of the same size, and nothing to hear. */
  assert_int_equal(sotto_call_set_media(ann.call, SOTTO_VIDEO), SOTTO_OK);
  for (int writes = 1; writes >= 0; writes--) {
    ann.speaks = writes;
    peers_run(&ann, &bob, NULL, 300);
    sotto_stats before = stats_of(&ann);
    int64_t begun = now_ms();
    peers_run(&ann, &bob, NULL, 1000);
    sotto_stats after = stats_of(&ann);
    int64_t due = (now_ms() - begun) / 20; /* a slow machine takes longer than a second */
    int64_t packets = after.audio.packets_sent - before.audio.packets_sent;
    due *= packets > due * 3 / 2 ? 2 : 1; /* of 10 ms, where the rate has plenty */
    int64_t bytes = after.audio.bytes_sent - before.audio.bytes_sent;
    assert_in_range(packets, due - due / 10 - 1, due + due / 10 + 1);
    assert_int_equal(bytes % packets, 0);
    peer_listen(&bob);
    WAIT(b_hears_silence, 3000);
  }
  ann.speaks = true;

  /* Video off and on again. */
  assert_int_equal(sotto_call_set_media(ann.call, SOTTO_AUDIO), SOTTO_OK);
  WAIT(b_learns_audio_only, 5000);
  peers_run(&ann, &bob, NULL, 700);
  peer_listen(&bob);
  peers_run(&ann, &bob, NULL, 500);
  assert_int_equal(bob.pictures, 0);
  assert_int_equal(sotto_call_set_media(ann.call, SOTTO_AUDIO | SOTTO_VIDEO), SOTTO_OK);
  WAIT(b_learns_both, 5000);
  peer_listen(&ann);
  WAIT(both_see, 8000);
  WAIT(both_hear, 3000);

  /* A new path: nothing is lost for long. */
  assert_int_equal(sotto_call_restart_ice(ann.call), SOTTO_OK);
  peers_run(&ann, &bob, NULL, 4000);
  peer_listen(&ann);
  peer_listen(&bob);
  WAIT(both_hear, 3000);
  WAIT(both_see, 3000);
  assert_int_equal(ann.alarms | bob.alarms, 0);

  hang_up();
  sotto_stats last = stats_of(&bob); /* they outlive the call */
  assert_true(last.audio.packets_received > 100);
  peer_listen(&bob);
  peers_run(&ann, &bob, NULL, 600);
  assert_true(peer_hears_silence(&bob));
  assert_int_equal(sotto_call_set_media(ann.call, SOTTO_AUDIO), SOTTO_ERR_STATE);
  peer_drop(&ann);
  peer_drop(&bob);

  /* Verified once: the next call needs no words. The server dies in the middle of it. */
  open_call(SOTTO_AUDIO);
  assert_true(ann.verified && bob.verified);
  assert_false(ann.consent || ann.sas_shown);
  server_stop(&server, SIGKILL);
  WAIT(both_offline, 5000);
  peers_run(&ann, &bob, NULL, 1500);
  peer_listen(&ann);
  peer_listen(&bob);
  WAIT(both_hear, 3000);
  hang_up();
  peer_drop(&ann);
  peer_drop(&bob);
  server_start(&server, directory, server.port);
  WAIT(both_online, 40000);
}

/* She prefers VP9 and he does not say: each sends their own, takes the other's, and both go on after a pause. */
static void pictures_are_vp9_where_an_end_prefers_it(void **state) {
  (void)state;
  peer_open_showing(&ann, "ann", directory, &server, SOTTO_POLICY_WARN, SOTTO_VP9);
  peer_open(&bob, "bob", directory, &server, SOTTO_POLICY_WARN);
  WAIT(both_online, 10000);
  meet();
  open_call(SOTTO_AUDIO | SOTTO_VIDEO);
  for (int pause = 0; pause < 2; pause++) {
    peer_listen(&ann);
    peer_listen(&bob);
    WAIT(both_see, 15000);
    assert_int_equal(ann.picture_errors + bob.picture_errors, 0);
    assert_int_equal(sotto_call_set_media(ann.call, SOTTO_AUDIO), SOTTO_OK);
    WAIT(b_learns_audio_only, 5000);
    assert_int_equal(sotto_call_set_media(ann.call, SOTTO_AUDIO | SOTTO_VIDEO), SOTTO_OK);
    WAIT(b_learns_both, 5000);
  }
  sotto_stats anns = stats_of(&ann), bobs = stats_of(&bob);
  assert_string_equal(anns.video_codec, "VP9");
  assert_string_equal(anns.peer_video_codec, "VP8");
  assert_string_equal(bobs.video_codec, "VP8");
  assert_string_equal(bobs.peer_video_codec, "VP9");
  assert_true(bobs.key_frames_decoded >= 2);
  assert_int_equal(ann.alarms | bob.alarms, 0);
  hang_up();
}

/* At both ends, and again after a restart. */
static void call_carried_by(const char *send, const char *receive) {
  open_call(SOTTO_AUDIO | SOTTO_VIDEO);
  for (int restart = 0; restart < 2; restart++) {
    peer_listen(&ann);
    peer_listen(&bob);
    WAIT(both_hear, 8000);
    WAIT(both_see, 10000);
    assert_int_equal(ann.picture_errors + bob.picture_errors, 0);
    check_carried_by(&ann, send, receive);
    check_carried_by(&bob, send, receive);
    if (!restart)
      assert_int_equal(sotto_call_restart_ice(ann.call), SOTTO_OK);
    peers_run(&ann, &bob, NULL, restart ? 0 : 1000);
  }
  assert_int_equal(ann.alarms | bob.alarms, 0);
  hang_up();
  peer_drop(&ann);
  peer_drop(&bob);
}

static void a_call_is_the_same_where_the_system_refuses_what_is_fast(void **state) {
  (void)state;
  open_both(SOTTO_POLICY_WARN);
  meet();
  kernel.many = ENOSYS;
  kernel.option = UDP_GRO;
  call_carried_by("agent", "batched");
  kernel.option = SO_REUSEPORT;
  call_carried_by("agent", "agent");
  kernel.many = kernel.option = 0;
}

static void nobody_is_there_and_nobody_answers(void **state) {
  (void)state;
  open_both(SOTTO_POLICY_WARN);
  meet();
  ring(SOTTO_AUDIO);
  sotto_call_hangup(ann.call);
  WAIT(both_ended, 10000);
  assert_int_equal(bob.reason, SOTTO_END_CANCELED);
  peer_drop(&ann);
  peer_drop(&bob);
  ring(SOTTO_AUDIO);
  assert_int_equal(sotto_call_decline(bob.call), SOTTO_OK);
  WAIT(both_ended, 10000);
  assert_int_equal(ann.reason, SOTTO_END_DECLINED);
  peer_drop(&ann);
  peer_drop(&bob);
  peer_close(&bob);
  assert_int_equal(sotto_call_start(ann.engine, &ann.contact, SOTTO_AUDIO, &ann.call), SOTTO_OK);
  assert_true(peers_run(&ann, NULL, a_ended, 35000));
  assert_int_equal(ann.reason, SOTTO_END_UNREACHABLE);
}

static bool reached(const struct peer *a, const struct peer *b);
static sotto_call_state wanted;
static bool reached(const struct peer *a, const struct peer *b) {
  (void)b;
  return a->state >= wanted;
}

static void an_engine_may_go_in_every_state(void **state) {
  (void)state;
  static const sotto_call_state states[] = {SOTTO_CALL_DIALING, SOTTO_CALL_RINGING, SOTTO_CALL_CONNECTING,
                                            SOTTO_CALL_SECURING, SOTTO_CALL_OPEN};
  open_both(SOTTO_POLICY_WARN);
  meet();
  for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
    wanted = states[i];
    assert_int_equal(sotto_call_start(ann.engine, &ann.contact, SOTTO_AUDIO | SOTTO_VIDEO, &ann.call), SOTTO_OK);
    if (wanted > SOTTO_CALL_DIALING)
      WAIT(b_rings, 15000);
    if (wanted > SOTTO_CALL_RINGING)
      assert_int_equal(sotto_call_accept(bob.call, SOTTO_AUDIO | SOTTO_VIDEO), SOTTO_OK);
    WAIT(reached, 15000);
    sotto_id contact = ann.contact;
    int64_t begun = now_ms();
    if (i % 2)
      peer_drop(&ann); /* with its call freed, and with an embedder that forgot to */
    sotto_call *late = ann.call;
    sotto_engine_free(ann.engine);
    ann.engine = NULL;
    assert_in_range(now_ms() - begun, 0, 1500);
    if (late) { /* an error of the embedder's, and harmless */
      sotto_stats stats = SOTTO_STATS_INIT;
      int16_t pcm[480] = {0};
      assert_int_equal(sotto_call_stats(late, &stats), SOTTO_ERR_STATE);
      sotto_audio_write(late, pcm, 480);
      sotto_call_free(late);
      ann.call = NULL;
    }
    if (wanted > SOTTO_CALL_DIALING)
      assert_true(peers_run(&bob, NULL, a_ended, 5000)); /* the other end is told */
    peer_drop(&bob);
    peer_open(&ann, "ann", directory, &server, SOTTO_POLICY_WARN);
    ann.contact = contact;
    WAIT(both_online, 10000);
  }
}

static void a_wrong_passphrase_and_a_second_engine_are_told(void **state) {
  (void)state;
  open_both(SOTTO_POLICY_WARN);
  sotto_config config = {.size = sizeof config, .store_path = ann.store, .store_passphrase = "wrong"};
  sotto_engine *engine = NULL;
  assert_int_equal(sotto_engine_new(&config, &engine), SOTTO_ERR_STATE); /* in use */
  sotto_id id, again;
  sotto_engine_id(ann.engine, &id);
  peer_close(&ann);
  assert_int_equal(sotto_engine_new(&config, &engine), SOTTO_ERR_PASSPHRASE);
  assert_null(engine);
  config.store_passphrase = "correct horse";
  assert_int_equal(sotto_engine_new(&config, &engine), SOTTO_OK); /* without a server */
  sotto_engine_id(engine, &again);
  assert_memory_equal(&id, &again, sizeof id);
  char text[SOTTO_INVITE_TEXT_SIZE];
  assert_int_equal(sotto_invite_create(engine, "carl", 0, text, sizeof text), SOTTO_ERR_STATE);
  sotto_event event = SOTTO_EVENT_INIT;
  assert_false(sotto_engine_wait_event(engine, &event, 50000));
  sotto_engine_free(engine);
}

int main(void) {
  if (setenv("SOTTO_SRTP_CIPHER", "openssl", 1) !=
      0) /* not the one that the machine would take, where that differs */
    return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(from_the_invite_to_the_end, set_up, tear_down),
      cmocka_unit_test_setup_teardown(pictures_are_vp9_where_an_end_prefers_it, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_call_is_the_same_where_the_system_refuses_what_is_fast, set_up, tear_down),
      cmocka_unit_test_setup_teardown(nobody_is_there_and_nobody_answers, set_up, tear_down),
      cmocka_unit_test_setup_teardown(an_engine_may_go_in_every_state, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_wrong_passphrase_and_a_second_engine_are_told, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
