/* test_page.c - calls with a page in a browser at one end (PROTOCOL.md section 9a), which page.c plays. */
#include "engine/call/page.h"
#include "inside.h"
#include "media/limits.h"
#include "page.h"
#include "unit/unit.h"

enum { ALICE, BOB, PHONE }; /* Bob is the page */

static void set_up(struct sim *sim, uint64_t seed, sotto_policy policy) {
  sim_friends(sim, seed, policy);
  sim_become_page(sim, BOB);
}

/* As a browser would that numbers them in its own way. */
static bool browsers_numbers;

void __real_page_offer(struct format_list *formats, enum session_video_codec preferred);
void __wrap_page_offer(struct format_list *formats, enum session_video_codec preferred);
void __wrap_page_offer(struct format_list *formats, enum session_video_codec preferred) {
  static const struct format_list other = {
      .entry = {{45, FORMAT_VP8, 0}, {109, FORMAT_OPUS, 0}, {46, FORMAT_ULPFEC, 0}}, .count = 3};
  if (browsers_numbers)
    *formats = other;
  else
    __real_page_offer(formats, preferred);
}

static sotto_stats stats_of(struct sim *sim, int peer, uint32_t call) {
  sotto_stats stats = SOTTO_STATS_INIT;
  assert_int_equal(core_call_stats(sim->peer[peer].core, sim->now, call, &stats), SOTTO_OK);
  return stats;
}

static void confirm_both(struct sim *sim, int caller, uint32_t call[2]) {
  struct sim_leg *leg[2] = {sim_leg(sim, ALICE, call[ALICE]), sim_leg(sim, BOB, call[BOB])};
  assert_true(leg[ALICE]->have_sas && leg[BOB]->have_sas);
  assert_string_equal(leg[ALICE]->sas.words, leg[BOB]->sas.words);
  for (int i = 0; i < 2; i++)
    assert_int_equal(core_call_confirm(sim->peer[i].core, sim->now, call[i], true), SOTTO_OK);
  sim_run(sim, SEC(4));
  for (int i = 0; i < 2; i++) {
    assert_int_equal(leg[i]->gate, SOTTO_GATE_OPEN);
    assert_true(leg[i]->samples_heard > leg[i]->samples_read / 2);
    assert_string_equal(stats_of(sim, i, call[i]).binding, "cert");
    assert_int_equal(sim_inside(sim, i, call[i])->leg[0]->server, i == ALICE);
    assert_int_equal(sim_all_alarms(sim, i), 0);
  }
  core_call_hangup(sim->peer[caller].core, sim->now, call[caller]);
  sim_run(sim, SEC(1));
  assert_int_equal(leg[1 - caller]->reason, SOTTO_END_HANGUP);
}

static void a_page_calls_and_is_called_and_the_native_is_the_server_in_both(void **state) {
  (void)state;
  for (int caller = ALICE; caller <= BOB; caller++) {
    struct sim sim;
    uint32_t call[2];
    set_up(&sim, 1 + (uint64_t)caller, SOTTO_POLICY_SAS_FIRST);
    sim_call(&sim, caller, 1 - caller, SOTTO_AUDIO | SOTTO_VIDEO, &call[caller], &call[1 - caller]);
    confirm_both(&sim, caller, call);
    sim_deinit(&sim);
  }
}

/* Sealed where both can, in a call with a page: nothing that the other end makes of it is strange to it. */
static void frames_are_sealed_with_a_page_that_can_and_between_natives_never(void **state) {
  (void)state;
  enum { PAGE, OLD_PAGE, NATIVE };
  for (int end = PAGE; end <= NATIVE; end++) {
    struct sim sim;
    uint32_t call[2];
    sim_friends(&sim, 20, SOTTO_POLICY_WARN);
    if (end != NATIVE)
      sim_become_page(&sim, BOB);
    if (end == PAGE)
      sim.peer[BOB].core->env.caps |= CAPS_SFRAME;
    sim_call(&sim, ALICE, BOB, SOTTO_AUDIO | SOTTO_VIDEO, &call[ALICE], &call[BOB]);
    sim_run(&sim, SEC(5));
    for (int i = 0; i < 2; i++) {
      struct sim_leg *leg = sim_leg(&sim, i, call[i]);
      sotto_stats stats = stats_of(&sim, i, call[i]);
      assert_int_equal(stats.frames_sealed, end == PAGE);
      assert_int_equal(stats.frames_unopened, 0);
      assert_true(leg->samples_heard > leg->samples_read / 2);
      assert_true(leg->video_frames_shown > 60);
    }
    sim_deinit(&sim);
  }
}

static void who_wants_sealed_frames_has_no_call_with_a_page_that_cannot(void **state) {
  (void)state;
  for (int caller = ALICE; caller <= BOB; caller++)
    for (int can = 0; can < 2; can++) {
      struct sim sim;
      set_up(&sim, 21, SOTTO_POLICY_WARN);
      sim.peer[ALICE].core->env.browser_e2ee = true;
      if (can)
        sim.peer[BOB].core->env.caps |= CAPS_SFRAME;
      uint32_t call = sim_dial(&sim, caller, 1 - caller, SOTTO_AUDIO);
      sim_run(&sim, SEC(35));
      assert_int_equal(sim.peer[1 - caller].incoming != 0, can);
      if (!can)
        assert_int_equal(sim_leg(&sim, caller, call)->reason, SOTTO_END_UNREACHABLE);
      assert_int_equal(sim_all_alarms(&sim, ALICE) + sim_all_alarms(&sim, BOB), 0);
      sim_deinit(&sim);
    }
}

/* The page's script, or who wrote it, has let somebody else do DTLS: its frames are not the ones that Noise knows.
 */
static void frames_of_somebody_who_has_no_part_in_noise_are_counted_and_not_heard(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  set_up(&sim, 22, SOTTO_POLICY_WARN);
  sim.peer[BOB].core->env.caps |= CAPS_SFRAME;
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  struct transport *transport = &sim_inside(&sim, BOB, b)->transport;
  frame_seal_free(transport->seal);
  transport->seal = NULL;
  sim_run(&sim, SEC(1));
  int64_t heard = sim_leg(&sim, ALICE, a)->samples_heard;
  sim_run(&sim, SEC(3));
  assert_int_equal(sim_leg(&sim, ALICE, a)->samples_heard, heard);
  assert_in_range(stats_of(&sim, ALICE, a).frames_unopened, 150, 220);
  sim_deinit(&sim);
}

static void two_natives_bind_by_the_exporter(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  sim_friends(&sim, 3, SOTTO_POLICY_WARN);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  assert_string_equal(stats_of(&sim, ALICE, a).binding, "ekm");
  assert_null(sim_inside(&sim, ALICE, a)->leg[0]->certificate);
  sim_deinit(&sim);
}

/* Each ring has the mode of the device that it is for. */
static void of_a_page_and_a_native_that_ring_either_can_answer(void **state) {
  (void)state;
  for (int taker = BOB; taker <= PHONE; taker++) {
    struct sim sim;
    set_up(&sim, 4, SOTTO_POLICY_WARN);
    sim_add_device(&sim, BOB, "phone");
    sim_run(&sim, SEC(3));
    uint32_t call = sim_ring(&sim, ALICE, BOB);
    sim_accept(&sim, taker);
    assert_int_equal(sim_leg(&sim, ALICE, call)->state, SOTTO_CALL_OPEN);
    assert_string_equal(stats_of(&sim, ALICE, call).binding, taker == BOB ? "cert" : "ekm");
    sim_deinit(&sim);
  }
}

struct seen_types {
  bool type[128];
};

static bool see_type(void *user, int from, int to, uint8_t *data, size_t *size) {
  struct seen_types *seen = user;
  (void)from, (void)to;
  if (demux_classify(data, *size) == DEMUX_RTP)
    seen->type[data[1] & 0x7f] = true;
  return true;
}

static void media_have_the_numbers_of_the_offer_both_ways_and_no_copies_that_nobody_takes(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  struct seen_types seen = {{false}};
  set_up(&sim, 10, SOTTO_POLICY_WARN);
  sim.link.loss = 0.05; /* enough for copies of sound, if the other end could read them */
  sim.datagram_filter = see_type;
  sim.user = &seen;
  browsers_numbers = true;
  sim_call(&sim, BOB, ALICE, SOTTO_AUDIO | SOTTO_VIDEO, &b, &a);
  browsers_numbers = false;
  sim_run(&sim, SEC(20));
  const struct sim_leg *leg[2] = {sim_leg(&sim, ALICE, a), sim_leg(&sim, BOB, b)};
  for (int i = 0; i < 2; i++) {
    assert_true(leg[i]->samples_heard > leg[i]->samples_read * 8 / 10);
    assert_true(leg[i]->video_frames_shown > leg[1 - i]->video_frames_sent * 8 / 10);
  }
  for (int type = 0; type < 128; type++)
    assert_int_equal(seen.type[type], type == 45 || type == 109);
  sim_deinit(&sim);
}

static void a_page_restarts_ice_in_an_open_call(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  set_up(&sim, 5, SOTTO_POLICY_WARN);
  sim_call(&sim, BOB, ALICE, SOTTO_AUDIO, &b, &a);
  assert_int_equal(core_call_restart_ice(sim.peer[BOB].core, sim.now, b), SOTTO_OK);
  sim_run(&sim, SEC(2));
  assert_int_equal(sim_inside(&sim, ALICE, a)->remote.generation, 1);
  int64_t heard = sim_leg(&sim, ALICE, a)->samples_heard;
  sim_run(&sim, SEC(2));
  assert_true(sim_leg(&sim, ALICE, a)->samples_heard - heard > 48000);
  sim_deinit(&sim);
}

static void a_page_that_says_another_role_or_no_formats_is_refused(void **state) {
  (void)state;
  for (int lie = 0; lie < 2; lie++) {
    struct sim sim;
    set_up(&sim, 6, SOTTO_POLICY_WARN);
    uint32_t call = sim_ring(&sim, ALICE, BOB);
    struct call_leg *bob = sim_inside(&sim, BOB, sim.peer[BOB].incoming)->leg[0];
    if (lie == 0)
      bob->server = true;
    else
      bob->formats.count = sim_inside(&sim, BOB, sim.peer[BOB].incoming)->ours.transport_cc = 0;
    assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, sim.peer[BOB].incoming, SOTTO_AUDIO), SOTTO_OK);
    sim_run(&sim, SEC(1));
    assert_int_equal(sim_leg(&sim, ALICE, call)->reason, SOTTO_END_SECURITY);
    assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_AUTH_FAIL], 1);
    sim_deinit(&sim);
  }
}

static void an_answer_with_a_format_that_was_not_offered_is_refused(void **state) {
  (void)state;
  struct sim sim;
  set_up(&sim, 7, SOTTO_POLICY_WARN);
  uint32_t call = sim_ring(&sim, ALICE, BOB);
  struct call_leg *bob = sim_inside(&sim, BOB, sim.peer[BOB].incoming)->leg[0];
  bob->formats.entry[bob->formats.count++] = (struct format){120, FORMAT_ULPFEC, 0};
  assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, sim.peer[BOB].incoming, SOTTO_AUDIO), SOTTO_OK);
  sim_run(&sim, SEC(1));
  assert_int_equal(sim_leg(&sim, ALICE, call)->reason, SOTTO_END_SECURITY);
  assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_AUTH_FAIL], 1);
  sim_deinit(&sim);
}

static void feedback_is_of_every_packet_when_both_say_so(void **state) {
  (void)state;
  for (int caller = ALICE; caller <= BOB; caller++) {
    struct sim sim;
    uint32_t call[2];
    set_up(&sim, 11, SOTTO_POLICY_WARN);
    sim_call(&sim, caller, 1 - caller, SOTTO_AUDIO | SOTTO_VIDEO, &call[caller], &call[1 - caller]);
    sim_run(&sim, SEC(10));
    for (int i = 0; i < 2; i++) {
      assert_int_equal(sim_inside(&sim, i, call[i])->transport.config.transport_cc, PAGE_TRANSPORT_CC);
      assert_true(stats_of(&sim, i, call[i]).available_outgoing_bitrate > RATE_START);
    }
    sim_deinit(&sim);
  }
}

static void lost_pictures_are_repeated_in_a_source_of_their_own(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  struct seen_types seen = {{false}};
  set_up(&sim, 13, SOTTO_POLICY_WARN);
  sim.link.loss = 0.03;
  sim.datagram_filter = see_type;
  sim.user = &seen;
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO | SOTTO_VIDEO, &a, &b);
  sim_run(&sim, SEC(10));
  const struct session_config *alice = &sim_inside(&sim, ALICE, a)->transport.config,
                              *bob = &sim_inside(&sim, BOB, b)->transport.config;
  assert_true(alice->rtx_ssrc && alice->rtx_ssrc == bob->peer_rtx_ssrc);
  assert_true(bob->rtx_ssrc && bob->rtx_ssrc == alice->peer_rtx_ssrc);
  assert_true(seen.type[118] && !seen.type[97]); /* RTX of RED, in which all of it is */
  assert_true(stats_of(&sim, BOB, b).video.packets_recovered + stats_of(&sim, ALICE, a).video.packets_recovered >
              0);
  sim_deinit(&sim);
}

static void between_natives_no_source_of_repairs_is_named(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  sim_friends(&sim, 14, SOTTO_POLICY_WARN);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  const struct session_config *alice = &sim_inside(&sim, ALICE, a)->transport.config;
  assert_false(alice->rtx_ssrc || alice->peer_rtx_ssrc || alice->transport_cc || alice->reports_alone);
  sim_deinit(&sim);
}

static void an_answer_with_another_number_of_the_extension_is_refused(void **state) {
  (void)state;
  struct sim sim;
  set_up(&sim, 12, SOTTO_POLICY_WARN);
  uint32_t call = sim_ring(&sim, ALICE, BOB);
  sim_inside(&sim, BOB, sim.peer[BOB].incoming)->ours.transport_cc = PAGE_TRANSPORT_CC + 1;
  assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, sim.peer[BOB].incoming, SOTTO_AUDIO), SOTTO_OK);
  sim_run(&sim, SEC(1));
  assert_int_equal(sim_leg(&sim, ALICE, call)->reason, SOTTO_END_SECURITY);
  assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_AUTH_FAIL], 1);
  sim_deinit(&sim);
}

/* A native says nothing of exporters to a page, and takes nothing of them from one. */
static void a_page_that_states_keys_is_a_mismatch(void **state) {
  (void)state;
  struct sim sim;
  set_up(&sim, 8, SOTTO_POLICY_WARN);
  uint32_t call = sim_ring(&sim, ALICE, BOB);
  struct call_leg *bob = sim_inside(&sim, BOB, sim.peer[BOB].incoming)->leg[0];
  assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, sim.peer[BOB].incoming, SOTTO_AUDIO), SOTTO_OK);
  bob->page = false; /* from here on it states what two natives do */
  sim_run(&sim, SEC(2));
  assert_int_equal(sim_leg(&sim, ALICE, call)->reason, SOTTO_END_SECURITY);
  assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_BIND_MISMATCH], 1);
  sim_deinit(&sim);
}

static bool bob_has_answered(struct sim *sim) {
  static const uint8_t none[HASH_SIZE];
  return memcmp(sim_inside(sim, BOB, sim->peer[BOB].incoming)->answer_hash, none, HASH_SIZE) != 0;
}

/* As if the native had made its certificate for another: after its ANSWER nobody but the page reads the page's h.
 */
static void a_certificate_of_another_session_is_refused_before_anything_is_heard(void **state) {
  (void)state;
  struct sim sim;
  set_up(&sim, 9, SOTTO_POLICY_WARN);
  uint32_t a = sim_ring(&sim, ALICE, BOB), b = sim.peer[BOB].incoming;
  assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, b, SOTTO_AUDIO), SOTTO_OK);
  assert_true(sim_run_until(&sim, bob_has_answered, SEC(1)));
  sim_inside(&sim, BOB, b)->leg[0]->channel.h[0] ^= 1;
  sim_run(&sim, SEC(2));
  assert_int_equal(sim.peer[BOB].alarms[SOTTO_ALARM_FP_MISMATCH], 1);
  assert_int_equal(sim_leg(&sim, BOB, b)->reason, SOTTO_END_SECURITY);
  assert_int_equal(sim_leg(&sim, ALICE, a)->gate, SOTTO_GATE_SHUT);
  assert_int_equal(sim.media_datagrams, 0);
  sim_deinit(&sim);
}

UNIT_TESTS(test(a_page_calls_and_is_called_and_the_native_is_the_server_in_both),
           test(frames_are_sealed_with_a_page_that_can_and_between_natives_never),
           test(who_wants_sealed_frames_has_no_call_with_a_page_that_cannot),
           test(frames_of_somebody_who_has_no_part_in_noise_are_counted_and_not_heard),
           test(two_natives_bind_by_the_exporter), test(of_a_page_and_a_native_that_ring_either_can_answer),
           test(media_have_the_numbers_of_the_offer_both_ways_and_no_copies_that_nobody_takes),
           test(a_page_restarts_ice_in_an_open_call), test(a_page_that_says_another_role_or_no_formats_is_refused),
           test(an_answer_with_a_format_that_was_not_offered_is_refused),
           test(feedback_is_of_every_packet_when_both_say_so),
           test(lost_pictures_are_repeated_in_a_source_of_their_own),
           test(between_natives_no_source_of_repairs_is_named),
           test(an_answer_with_another_number_of_the_extension_is_refused),
           test(a_page_that_states_keys_is_a_mismatch),
           test(a_certificate_of_another_session_is_refused_before_anything_is_heard))
