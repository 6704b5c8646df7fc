/* The core's commands without a network; whole calls are in tests/sim. */
#include "engine/core.h"
#include "engine/trust/device_code.h"
#include "signaling/wire.h"
#include "unit.h"

static struct trust *trust;
static struct core *core;

static void set_up(void) {
  crypto_init();
  need(trust = trust_new(1767268800));
  struct core_config config = {.trust = trust, .seed = 1, .wall_offset = SEC(INT64_C(1767268800))};
  core = core_new(&config);
  if (!core) {
    trust_free(trust);
    trust = NULL;
  }
  need(core);
}

static void tear_down(void) {
  core_free(core);
  trust_free(trust);
}

static int drain(enum core_output_type type) {
  struct core_output out;
  int count = 0;
  while (core_poll(core, 0, &out))
    count += out.type == type;
  return count;
}

static void it_asks_for_a_connection_and_then_sleeps(void **state) {
  (void)state;
  set_up();
  assert_int_equal(drain(CORE_CONNECT), 1);
  assert_int_equal(drain(CORE_CONNECT), 0);
  assert_true(core_deadline(core) > 0);
  core_signaling_up(core, 0);
  struct core_output out;
  int sent = 0, online = 0;
  while (core_poll(core, 0, &out)) {
    sent += out.type == CORE_SEND;
    online += out.type == CORE_EVENT && out.event.type == SOTTO_EVENT_ONLINE;
  }
  assert_int_equal(sent, 1); /* dummies hide that nobody is known yet */
  assert_int_equal(online, 1);
  tear_down();
}

static void a_new_store_shows_a_device_code_once(void **state) {
  (void)state;
  char text[SOTTO_INVITE_TEXT_SIZE];
  set_up();
  sotto_status status = core_device_show(core, 0, text, sizeof text);
  if (status)
    tear_down();
  need_ok(status);
  struct device_code code;
  assert_int_equal(device_code_parse(text, &code), SOTTO_OK);
  assert_memory_equal(code.dx, trust->identity.device.dx, KEY_SIZE);
  assert_int_equal(core_device_show(core, 0, text, sizeof text), SOTTO_ERR_STATE);
  assert_int_equal(core_invite_create(core, 0, "Bob", 0, "wss://x", text, SOTTO_INVITE_TEXT_SIZE), SOTTO_ERR_STATE);
  tear_down();
}

static void an_unknown_handle_is_an_error_and_harmless(void **state) {
  (void)state;
  sotto_stats stats = SOTTO_STATS_INIT;
  uint8_t data[20] = {22};
  struct candidate candidate = {0};
  set_up();
  assert_int_equal(core_call_accept(core, 0, 9, SOTTO_AUDIO), SOTTO_ERR_STATE);
  assert_int_equal(core_call_decline(core, 0, 9), SOTTO_ERR_STATE);
  assert_int_equal(core_call_consent(core, 0, 9), SOTTO_ERR_STATE);
  assert_int_equal(core_call_compare(core, 0, 9), SOTTO_ERR_STATE);
  assert_int_equal(core_call_confirm(core, 0, 9, true), SOTTO_ERR_STATE);
  assert_int_equal(core_call_set_media(core, 0, 9, SOTTO_AUDIO), SOTTO_ERR_STATE);
  assert_int_equal(core_call_set_max_bitrate(core, 0, 9, 1000), SOTTO_ERR_STATE);
  assert_int_equal(core_call_restart_ice(core, 0, 9), SOTTO_ERR_STATE);
  assert_int_equal(core_call_stats(core, 0, 9, &stats), SOTTO_ERR_STATE);
  core_call_hangup(core, 0, 9);
  core_call_forget(core, 0, 9);
  core_datagram(core, 0, 9, data, sizeof data);
  core_ice_local(core, 0, 9, "ufrag", "password");
  core_ice_local_candidate(core, 0, 9, &candidate);
  core_ice_changed(core, 0, 9, CORE_ICE_FAILED, NULL);
  core_audio_encoded(core, 0, 9, 0, data, sizeof data, 960);
  core_video_encoded(core, 0, 9, 0, data, sizeof data, true, 0);
  core_playout_delay(core, 0, 9, 0);
  core_request_key_frame(core, 0, 9);
  assert_int_equal(drain(CORE_EVENT), 0);
  tear_down();
}

static void arguments_out_of_their_domain_are_refused(void **state) {
  (void)state;
  char text[SOTTO_INVITE_TEXT_SIZE], number[SOTTO_SAFETY_NUMBER_SIZE];
  uint32_t call;
  sotto_id nobody = {{1}};
  sotto_contact contact = SOTTO_CONTACT_INIT;
  set_up();
  assert_int_equal(core_call_start(core, 0, &nobody, 0, &call), SOTTO_ERR_INVALID);
  assert_int_equal(core_call_start(core, 0, &nobody, 8, &call), SOTTO_ERR_INVALID);
  assert_int_equal(core_call_start(core, 0, &nobody, SOTTO_AUDIO, &call), SOTTO_ERR_NOT_FOUND);
  assert_int_equal(core_contact_get(core, &nobody, &contact), SOTTO_ERR_NOT_FOUND);
  assert_int_equal(core_contact_rename(core, &nobody, "bob"), SOTTO_ERR_NOT_FOUND);
  assert_int_equal(core_contact_block(core, 0, &nobody, true), SOTTO_ERR_NOT_FOUND);
  assert_int_equal(core_contact_reset(core, 0, &nobody, "123456"), SOTTO_ERR_NOT_FOUND);
  assert_int_equal(core_safety_number(core, &nobody, number, sizeof number), SOTTO_ERR_NOT_FOUND);
  assert_int_equal(core_invite_create(core, 0, "bob", 0, "", text, 10), SOTTO_ERR_SPACE);
  assert_int_equal(core_invite_create(core, 0, "bob", 64, "", text, sizeof text), SOTTO_ERR_INVALID);
  assert_int_equal(core_invite_create(core, 0, "a\nb", 0, "", text, sizeof text), SOTTO_ERR_INVALID);
  assert_int_equal(core_invite_accept(core, 0, "bob", "SOTTO:I/NONSENSE"), SOTTO_ERR_INVALID);
  assert_int_equal(core_contacts(core, NULL, 0), 0);
  tear_down();
}

static void an_invite_is_saved_before_it_is_out_and_names_stay_unique(void **state) {
  (void)state;
  char text[SOTTO_INVITE_TEXT_SIZE];
  set_up();
  assert_int_equal(core_invite_create(core, 0, "bob", 0, "wss://signal.example", text, sizeof text), SOTTO_OK);
  assert_true(strncmp(text, "SOTTO:I/", 8) == 0);
  assert_int_equal(drain(CORE_SAVE), 1);
  assert_int_equal(core_invite_create(core, 0, "bob", 0, "", text, sizeof text), SOTTO_ERR_STATE);
  assert_int_equal(core_invite_accept(core, 0, "alice", text), SOTTO_ERR_INVALID); /* our own */
  tear_down();
}

static void a_rolled_back_store_is_told(void **state) {
  (void)state;
  crypto_init();
  need(trust = trust_new(1767268800));
  trust->rolled_back = true;
  struct core_config config = {.trust = trust, .seed = 1};
  core = core_new(&config);
  if (!core)
    trust_free(trust);
  need(core);
  struct core_output out;
  assert_true(core_poll(core, 0, &out));
  assert_int_equal(out.event.alarm, SOTTO_ALARM_STORE_ROLLBACK);
  tear_down();
}

static void garbage_from_the_server_is_dropped(void **state) {
  (void)state;
  uint64_t random = 5;
  uint8_t bytes[FRAME_CELL_SIZE];
  set_up();
  drain(CORE_CONNECT);
  core_signaling_up(core, 0);
  drain(CORE_SEND);
  for (int i = 0; i < 500; i++) {
    size_t size = unit_random(&random) % (sizeof bytes + 1);
    for (size_t k = 0; k < size; k++)
      bytes[k] = (uint8_t)unit_random(&random);
    if (i % 2)
      bytes[0] = 0x81;
    core_signaling_input(core, 0, bytes, size);
    drain(CORE_EVENT);
  }
  assert_int_equal(core_contacts(core, NULL, 0), 0);
  tear_down();
}

UNIT_TESTS(test(it_asks_for_a_connection_and_then_sleeps), test(a_new_store_shows_a_device_code_once),
           test(an_unknown_handle_is_an_error_and_harmless), test(arguments_out_of_their_domain_are_refused),
           test(an_invite_is_saved_before_it_is_out_and_names_stay_unique), test(a_rolled_back_store_is_told),
           test(garbage_from_the_server_is_dropped))
