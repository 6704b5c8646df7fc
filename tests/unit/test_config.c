#include "engine/config.h"

#include "media/limits.h"
#include "unit.h"

static sotto_config good(void) {
  return (sotto_config){.size = sizeof(sotto_config),
                        .store_path = "/nowhere",
                        .store_passphrase = "secret",
                        .signaling_url = "wss://example.org"};
}

static sotto_status status_of(const sotto_config *from) {
  struct config config;
  sotto_status status = config_init(&config, from);
  if (!status)
    config_deinit(&config);
  return status;
}

static void the_smallest_config_has_the_documented_defaults(void **state) {
  (void)state;
  sotto_config from = good();
  struct config config;
  need_ok(config_init(&config, &from));
  assert_string_equal(config.signaling_url, from.signaling_url);
  assert_ptr_not_equal(config.signaling_url, from.signaling_url);
  assert_int_equal(config.frame_samples, 960);
  assert_int_equal(config.policy, SOTTO_POLICY_SAS_FIRST);
  assert_int_equal(config.max_bitrate, 0);
  assert_null(config.turn_host);
  config_deinit(&config);
}

static void every_other_size_is_another_version(void **state) {
  (void)state;
  for (uint32_t size = 0; size < 2 * sizeof(sotto_config); size++) {
    sotto_config from = good();
    from.size = size;
    sotto_status status = status_of(&from);
    if (size != sizeof(sotto_config))
      assert_int_equal(status, SOTTO_ERR_VERSION);
  }
}

static void what_is_required_or_out_of_range_is_refused(void **state) {
  (void)state;
  sotto_config bad[32];
  size_t count = 0;
#define BAD(assignment) (bad[count] = good(), bad[count].assignment, count++)
  BAD(store_path = NULL);
  BAD(store_path = "");
  BAD(store_passphrase = NULL);
  BAD(store_passphrase = "");
  BAD(signaling_url = "");
  BAD(signaling_url = "http://example.org");
  BAD(signaling_url = "wss://");
  BAD(signaling_url = "ws:///path");
  BAD(ca_file = "");
  BAD(stun_server = "");
  BAD(stun_server = ":3478");
  BAD(stun_server = "host:");
  BAD(stun_server = "host:0");
  BAD(stun_server = "host:65536");
  BAD(stun_server = "host:34a");
  BAD(stun_server = "[::1");
  BAD(stun_server = "[::1]x");
  BAD(turn_server = "host:3478"); /* without user and password */
  BAD(relay_only = true);         /* without a relay no call could ever connect */
  BAD(local_address = "localhost");
  BAD(local_address = "1.2.3");
  BAD(audio_frame_ms = 30);
  BAD(audio_frame_ms = -20);
  BAD(policy = (sotto_policy)3);
  BAD(policy = (sotto_policy)-1);
  BAD(video_codec = (sotto_video_codec)2);
  BAD(max_bitrate = RATE_MIN - 1);
  BAD(max_bitrate = RATE_CEILING + 1);
  BAD(max_bitrate = -1);
  BAD(cover = 5);
  BAD(audio_frame_ms = 10);
  bad[count - 1].constant_rate = true; /* its cadence is 20 ms */
  for (size_t i = 0; i < count; i++)
    if (status_of(&bad[i]) != SOTTO_ERR_INVALID)
      fail_msg("number %zu was not refused", i);
}

static void an_engine_without_a_server_is_allowed(void **state) {
  (void)state;
  sotto_config from = good();
  from.signaling_url = NULL;
  need_ok(status_of(&from));
}

static void all_of_it_is_copied_for_the_agents(void **state) {
  (void)state;
  sotto_config from = good();
  from.stun_server = "stun.example.org";
  from.turn_server = "[2001:db8::1]:5349";
  from.turn_user = "user";
  from.turn_password = "word";
  from.local_address = "127.0.0.1";
  from.relay_only = from.lan = true;
  from.audio_frame_ms = 60;
  from.max_bitrate = RATE_MIN;
  struct config config;
  need_ok(config_init(&config, &from));
  int context;
  struct ice_config ice = config_ice(&config, &context, true, false);
  assert_ptr_equal(ice.context, &context);
  assert_true(ice.controlling && ice.relay_only && config.lan);
  assert_string_equal(ice.stun.host, "stun.example.org");
  assert_int_equal(ice.stun.port, 0);
  assert_string_equal(ice.turn.host, "2001:db8::1");
  assert_int_equal(ice.turn.port, 5349);
  assert_string_equal(ice.turn_user, "user");
  assert_string_equal(ice.turn_password, "word");
  assert_string_equal(ice.local_address, "127.0.0.1");
  assert_int_equal(config.frame_samples, 2880);
  config.relay_only = false;
  assert_false(config_ice(&config, &context, true, false).relay_only);
  assert_true(config_ice(&config, &context, true, true).relay_only); /* the call's policy */
  config_deinit(&config);
  from.audio_frame_ms = 20;
  from.constant_rate = from.browser_e2ee = true;
  from.video_codec = SOTTO_VP9;
  from.cover = 120;
  need_ok(config_init(&config, &from));
  assert_true(config.constant_rate && config.browser_e2ee);
  assert_int_equal(config.video_codec, SOTTO_VP9);
  assert_int_equal(config.cover, 500000);
  config_deinit(&config);
}

UNIT_TESTS(test(the_smallest_config_has_the_documented_defaults), test(every_other_size_is_another_version),
           test(what_is_required_or_out_of_range_is_refused), test(an_engine_without_a_server_is_allowed),
           test(all_of_it_is_copied_for_the_agents))
