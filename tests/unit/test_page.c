#include "unit.h"

#include "../../engine/call/page.h"
#include "../vectors/hex.h"
#include "../vectors/messages.h"

static struct channel_party party(uint8_t id, uint8_t device) {
  struct channel_party party;
  memset(&party, 0xff, sizeof party);
  memset(party.id, id, sizeof party.id);
  memset(party.device, device, sizeof party.device);
  return party;
}

/* From Python's hashlib; the digest begins with 0x85, whose top bit goes. */
static void the_serial_number_is_these_bytes(void **state) {
  (void)state;
  struct channel_party a = party(0xa1, 0xda), b = party(0xb1, 0xdb);
  uint8_t h[HASH_SIZE], call_id[CALL_ID_SIZE], serial[DTLS_SERIAL_SIZE], expected[DTLS_SERIAL_SIZE];
  sample_fill(h, sizeof h, 0x70);
  h[0] = 0x71;
  sample_fill(call_id, sizeof call_id, 0x10);
  page_serial(serial, h, call_id, &a, &b);
  assert_int_equal(unhex(expected, "0005b4cd2abdd607698d9558d27a5677cac5232b"), sizeof expected);
  assert_memory_equal(serial, expected, sizeof serial);
}

static void the_serial_number_names_session_call_and_both_ends_in_their_roles(void **state) {
  (void)state;
  struct channel_party a = party(1, 2), b = party(3, 4), other_id = party(5, 4), other_device = party(3, 6);
  uint8_t h[HASH_SIZE] = {7}, h2[HASH_SIZE] = {8}, call[CALL_ID_SIZE] = {9}, call2[CALL_ID_SIZE] = {10};
  uint8_t serial[6][DTLS_SERIAL_SIZE];
  page_serial(serial[0], h, call, &a, &b);
  page_serial(serial[1], h2, call, &a, &b);
  page_serial(serial[2], h, call2, &a, &b);
  page_serial(serial[3], h, call, &b, &a);
  page_serial(serial[4], h, call, &a, &other_id);
  page_serial(serial[5], h, call, &a, &other_device);
  for (int i = 0; i < 6; i++)
    for (int k = 0; k < i; k++)
      assert_memory_not_equal(serial[i], serial[k], DTLS_SERIAL_SIZE);
}

static void what_we_offer_we_answer(void **state) {
  (void)state;
  struct format_list offer, answer;
  page_offer(&offer, SESSION_VP8);
  assert_true(formats_fit(&offer));
  assert_true(page_answer(&answer, &offer, SESSION_VP8));
  assert_int_equal(answer.count, offer.count);
  assert_memory_equal(answer.entry, offer.entry, sizeof offer.entry[0] * (size_t)offer.count);
}

static void pictures_have_the_format_that_the_callee_would_rather_have(void **state) {
  (void)state;
  for (int preferred = SESSION_VP8; preferred <= SESSION_VP9; preferred++)
    for (int theirs = SESSION_VP8; theirs <= SESSION_VP9; theirs++) {
      struct format_list offer, answer;
      struct session_config session = {0};
      page_offer(&offer, (enum session_video_codec)theirs);
      assert_true(page_answer(&answer, &offer, (enum session_video_codec)preferred));
      page_session(&session, &answer);
      assert_int_equal(session.video_codec, preferred);
      assert_int_equal(session.peer_video_codec, preferred);
    }
}

static void an_answer_takes_the_place_of_our_offer_if_it_is_of_it(void **state) {
  (void)state;
  struct format_list formats, answer = {.entry = {{96, FORMAT_VP8, 0}, {111, FORMAT_OPUS, 0}}, .count = 2};
  page_offer(&formats, SESSION_VP8);
  assert_true(page_answered(&formats, &answer));
  assert_int_equal(formats.count, 2);
  assert_int_equal(formats.entry[0].type, 96);
  answer.entry[0].type = 97;
  assert_false(page_answered(&formats, &answer));
}

static void a_session_has_the_numbers_and_codec_of_the_answer(void **state) {
  (void)state;
  struct session_config session = {.constant_rate = true};
  struct format_list formats = {.entry = {{111, FORMAT_OPUS, 0},
                                          {35, FORMAT_VP9, 0},
                                          {96, FORMAT_VP8, 0},
                                          {36, FORMAT_RTX, 35},
                                          {63, FORMAT_RED_AUDIO, 111}},
                                .count = 5};
  page_session(&session, &formats);
  assert_int_equal(session.payload_types.opus, 111);
  assert_int_equal(session.payload_types.red, 63);
  assert_int_equal(session.payload_types.vp8, 96);
  assert_int_equal(session.payload_types.vp9, 35);
  assert_int_equal(session.payload_types.rtx_vp8, PAYLOAD_TYPE_NONE);
  assert_int_equal(session.payload_types.rtx_vp9, 36);
  assert_int_equal(session.payload_types.video_red, PAYLOAD_TYPE_NONE);
  assert_int_equal(session.payload_types.rtx_red, PAYLOAD_TYPE_NONE);
  assert_int_equal(session.payload_types.slot, PAYLOAD_TYPE_NONE);
  assert_int_equal(session.video_codec, SESSION_VP9);
  assert_int_equal(session.peer_video_codec, SESSION_VP9);
  assert_int_equal(session.audio_samples, 960);
  assert_false(session.constant_rate);
  assert_int_equal(session.transport_cc, 0);
  assert_true(session.reports_alone);
  formats.entry[1] = (struct format){98, FORMAT_ULPFEC, 0};
  formats.count = 3;
  session.transport_cc = 5;
  page_session(&session, &formats);
  assert_int_equal(session.video_codec, SESSION_VP8);
  assert_int_equal(session.transport_cc, 5);
  assert_false(session.reports_alone); /* it tells of every packet */
  assert_int_equal(session.payload_types.vp9, PAYLOAD_TYPE_NONE);
}

static void what_we_offer_has_parity_and_retransmissions_of_all_pictures(void **state) {
  (void)state;
  struct session_config session = {0};
  struct format_list formats;
  page_offer(&formats, SESSION_VP8);
  page_session(&session, &formats);
  assert_int_equal(session.payload_types.rtx_vp8, 97);
  assert_int_equal(session.payload_types.rtx_vp9, 99);
  assert_int_equal(session.payload_types.video_red, 116);
  assert_int_equal(session.payload_types.ulpfec, 117);
  assert_int_equal(session.payload_types.rtx_red, 118);
}

UNIT_TESTS(test(the_serial_number_is_these_bytes),
           test(the_serial_number_names_session_call_and_both_ends_in_their_roles), test(what_we_offer_we_answer),
           test(pictures_have_the_format_that_the_callee_would_rather_have),
           test(an_answer_takes_the_place_of_our_offer_if_it_is_of_it),
           test(a_session_has_the_numbers_and_codec_of_the_answer),
           test(what_we_offer_has_parity_and_retransmissions_of_all_pictures))
