#include "engine/call/description.h"
#include "engine/path/srtp.h"
#include "unit.h"

static struct call_description fresh(void) {
  static const uint8_t fingerprint[HASH_SIZE] = {1, 2, 3};
  static const struct codec_list codecs = {0};
  struct call_description ours;
  crypto_init();
  description_init(&ours, fingerprint, &codecs);
  return ours;
}

static void no_two_calls_share_a_name_or_a_stream(void **state) {
  (void)state;
  struct call_description one = fresh(), two = fresh();
  assert_int_not_equal(one.audio_ssrc, one.video_ssrc);
  assert_int_not_equal(one.audio_ssrc, two.audio_ssrc);
  assert_int_not_equal(one.video_ssrc, two.video_ssrc);
  assert_string_not_equal(one.cname, two.cname);
  assert_int_equal(strlen(one.cname), CNAME_SIZE);
}

static void the_stream_of_repairs_is_one_a_call_and_another_than_both(void **state) {
  (void)state;
  struct call_description ours = fresh();
  assert_int_equal(ours.repair_ssrc, 0);
  uint32_t repair = description_repair_ssrc(&ours);
  assert_int_not_equal(repair, 0);
  assert_int_not_equal(repair, ours.audio_ssrc);
  assert_int_not_equal(repair, ours.video_ssrc);
  assert_int_equal(description_repair_ssrc(&ours), repair);
}

static void profiles_are_those_of_both_by_our_preference(void **state) {
  (void)state;
  struct call_description ours = fresh(), theirs = fresh();
  uint16_t profile[DESCRIPTION_PROFILES];
  theirs.profile[0] = SRTP_PROFILE_AES_128_GCM;
  theirs.profile[1] = SRTP_PROFILE_AES_256_GCM;
  assert_int_equal(description_profiles(&ours, &theirs, profile), 2);
  assert_int_equal(profile[0], SRTP_PROFILE_AES_256_GCM);
  assert_int_equal(profile[1], SRTP_PROFILE_AES_128_GCM);
  theirs.profiles = 1;
  assert_int_equal(description_profiles(&ours, &theirs, profile), 1);
  assert_int_equal(profile[0], SRTP_PROFILE_AES_128_GCM);
}

static void what_they_say_twice_counts_once_and_what_we_lack_never(void **state) {
  (void)state;
  struct call_description ours = fresh(), theirs = fresh();
  uint16_t profile[DESCRIPTION_PROFILES];
  theirs.profiles = PROFILES_MAX;
  for (int i = 0; i < PROFILES_MAX; i++)
    theirs.profile[i] = SRTP_PROFILE_AES_128_GCM;
  assert_int_equal(description_profiles(&ours, &theirs, profile), 1);
  for (int i = 0; i < PROFILES_MAX; i++)
    theirs.profile[i] = 1; /* SRTP_AES128_CM_HMAC_SHA1_80 */
  assert_int_equal(description_profiles(&ours, &theirs, profile), 0);
}

UNIT_TESTS(test(no_two_calls_share_a_name_or_a_stream),
           test(the_stream_of_repairs_is_one_a_call_and_another_than_both),
           test(profiles_are_those_of_both_by_our_preference),
           test(what_they_say_twice_counts_once_and_what_we_lack_never))
