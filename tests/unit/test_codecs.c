#include "engine/call/codecs.h"

#include "unit.h"

static void each_side_sends_what_it_prefers(void **state) {
  (void)state;
  struct codec_list vp8 = codecs_ours(SESSION_VP8), vp9 = codecs_ours(SESSION_VP9);
  assert_int_equal(codecs_sent(&vp8, &vp8), SESSION_VP8);
  assert_int_equal(codecs_sent(&vp8, &vp9), SESSION_VP8);
  assert_int_equal(codecs_sent(&vp9, &vp8), SESSION_VP9);
  assert_int_equal(codecs_sent(&vp9, &vp9), SESSION_VP9);
}

static void who_lists_nothing_takes_and_sends_vp8(void **state) {
  (void)state;
  struct codec_list none = {.count = 0}, vp9 = codecs_ours(SESSION_VP9);
  assert_int_equal(codecs_sent(&vp9, &none), SESSION_VP8);
  assert_int_equal(codecs_sent(&none, &vp9), SESSION_VP8);
}

static void what_we_do_not_know_is_passed_over(void **state) {
  (void)state;
  const struct codec_list theirs = {.codec = {77, CODEC_VP9, 78}, .count = 3};
  struct codec_list ours = codecs_ours(SESSION_VP8);
  assert_int_equal(codecs_sent(&theirs, &ours), SESSION_VP9);
  assert_int_equal(codecs_sent(&ours, &theirs), SESSION_VP9);
  const struct codec_list foreign = {.codec = {77, 78}, .count = 2};
  assert_int_equal(codecs_sent(&ours, &foreign), SESSION_VP8);
  assert_int_equal(codecs_sent(&foreign, &ours), SESSION_VP8);
}

UNIT_TESTS(test(each_side_sends_what_it_prefers), test(who_lists_nothing_takes_and_sends_vp8),
           test(what_we_do_not_know_is_passed_over))
