#include "engine/sotto.h"

#include "engine/log.h"
#include "unit.h"

static int16_t pcm[4096];
static uint8_t plane[64 * 64];

static sotto_frame frame_of(int width, int height) {
  return (sotto_frame){.size = sizeof(sotto_frame),
                       .width = width,
                       .height = height,
                       .stride = {64, 64, 64},
                       .plane = {plane, plane, plane}};
}

static void the_version_is_that_of_the_header(void **state) {
  (void)state;
  assert_int_equal(sotto_version(), SOTTO_VERSION_MAJOR << 16 | SOTTO_VERSION_MINOR << 8 | SOTTO_VERSION_PATCH);
}

static void every_status_has_its_own_text(void **state) {
  (void)state;
  for (int i = 0; i >= SOTTO_ERR_TRUST; i--) {
    assert_string_not_equal(sotto_status_text((sotto_status)i), "unknown status");
    for (int j = 0; j > i; j--)
      assert_string_not_equal(sotto_status_text((sotto_status)i), sotto_status_text((sotto_status)j));
  }
  assert_string_equal(sotto_status_text((sotto_status)1), "unknown status");
  assert_string_equal(sotto_status_text((sotto_status)(SOTTO_ERR_TRUST - 1)), "unknown status");
  assert_string_equal(sotto_status_text((sotto_status)INT32_MIN), "unknown status");
}

static void an_id_is_the_same_after_text_and_uri(void **state) {
  (void)state;
  sotto_id id, back;
  char text[SOTTO_ID_TEXT_SIZE], uri[SOTTO_CONTACT_URI_SIZE];
  for (int i = 0; i < 32; i++)
    id.bytes[i] = (uint8_t)(i * 7 + 1);
  assert_int_equal(sotto_id_format(&id, text, sizeof text), SOTTO_OK);
  assert_int_equal(strncmp(text, "sotto1", 6), 0);
  assert_int_equal(sotto_id_parse(text, &back), SOTTO_OK);
  assert_memory_equal(&id, &back, sizeof id);
  assert_int_equal(sotto_id_uri(&id, uri, sizeof uri), SOTTO_OK);
  memset(&back, 0, sizeof back);
  assert_int_equal(sotto_id_parse(uri, &back), SOTTO_OK);
  assert_memory_equal(&id, &back, sizeof id);
  assert_int_equal(sotto_id_format(&id, text, 10), SOTTO_ERR_SPACE);
  assert_int_equal(sotto_id_uri(&id, uri, 10), SOTTO_ERR_SPACE);
  assert_int_equal(sotto_id_format(NULL, text, sizeof text), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_id_format(&id, NULL, sizeof text), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_id_uri(NULL, uri, sizeof uri), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_id_uri(&id, NULL, sizeof uri), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_id_parse(NULL, &back), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_id_parse(text, NULL), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_id_parse("", &back), SOTTO_ERR_INVALID);
}

static void there_are_64_emoji_and_the_name_is_optional(void **state) {
  (void)state;
  const char *name;
  for (unsigned i = 0; i < 64; i++) {
    assert_non_null(sotto_sas_emoji(i, NULL));
    assert_non_null(sotto_sas_emoji(i, &name));
    assert_true(strlen(name) > 1);
  }
  assert_null(sotto_sas_emoji(64, &name));
  assert_null(sotto_sas_emoji(UINT32_MAX, NULL));
}

/* Whatever is checked first, no engine and no call is an error and never a crash. */
static void without_an_engine_or_a_call_everything_is_refused(void **state) {
  (void)state;
  sotto_id id = {{0}};
  sotto_contact contact = SOTTO_CONTACT_INIT;
  sotto_event event = SOTTO_EVENT_INIT;
  sotto_stats stats = SOTTO_STATS_INIT;
  sotto_engine *engine;
  sotto_call *call;
  char text[400];
  sotto_frame frame = frame_of(64, 32);
  assert_int_equal(sotto_engine_new(NULL, &engine), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_engine_new(&(sotto_config){.size = sizeof(sotto_config)}, NULL), SOTTO_ERR_INVALID);
  sotto_engine_free(NULL);
  sotto_engine_id(NULL, &id);
  assert_int_equal(sotto_engine_fd(NULL), -1);
  assert_false(sotto_engine_next_event(NULL, &event));
  assert_false(sotto_engine_wait_event(NULL, &event, -1));
  assert_int_equal(sotto_invite_create(NULL, "a", 0, text, sizeof text), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_invite_accept(NULL, "a", "text"), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_contacts(NULL, &contact, 1), 0);
  assert_int_equal(sotto_contact_get(NULL, &id, &contact), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_contact_rename(NULL, &id, "b"), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_safety_number(NULL, &id, text, sizeof text), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_contact_verify_number(NULL, &id, "1"), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_contact_verify_uri(NULL, &id, "1"), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_contact_block(NULL, &id, true), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_contact_reset(NULL, &id, "1"), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_call_start(NULL, &id, SOTTO_AUDIO, &call), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_call_accept(NULL, SOTTO_AUDIO), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_call_decline(NULL), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_call_consent(NULL), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_call_compare(NULL), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_call_confirm(NULL, true), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_call_set_media(NULL, SOTTO_AUDIO), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_call_set_max_bitrate(NULL, 100000), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_call_set_content(NULL, SOTTO_CONTENT_SCREEN), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_call_restart_ice(NULL), SOTTO_ERR_INVALID);
  sotto_call_hangup(NULL);
  sotto_call_free(NULL);
  sotto_call_set_user(NULL, text);
  assert_null(sotto_call_user(NULL));
  assert_int_equal(sotto_call_stats(NULL, &stats), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_audio_write(NULL, pcm, 480), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_audio_read(NULL, pcm, 480), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_video_lend(NULL, &frame), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_video_write(NULL, &frame), SOTTO_ERR_INVALID);
  assert_false(sotto_video_read(NULL, &frame));
  sotto_frame_release(NULL);
  sotto_frame_release(&frame); /* one of the embedder's own */
}

UNIT_TESTS(test(the_version_is_that_of_the_header), test(every_status_has_its_own_text),
           test(an_id_is_the_same_after_text_and_uri), test(there_are_64_emoji_and_the_name_is_optional),
           test(without_an_engine_or_a_call_everything_is_refused))
