#include "unit.h"

#include "../../signaling/format.h"

static struct format_list list_of(const struct format *entries, int count) {
  struct format_list list = {.count = count};
  memcpy(list.entry, entries, (size_t)count * sizeof *entries);
  return list;
}
#define LIST(...)                                                                                                  \
  list_of((const struct format[]){__VA_ARGS__}, (int)(sizeof(struct format[]){__VA_ARGS__} / sizeof(struct format)))

static const struct format opus = {111, FORMAT_OPUS, 0}, red = {63, FORMAT_RED_AUDIO, 111},
                           vp8 = {96, FORMAT_VP8, 0}, rtx = {97, FORMAT_RTX, 96}, vp9 = {98, FORMAT_VP9, 0};

static void a_list_is_read_as_it_was_written(void **state) {
  (void)state;
  struct format_list sent = LIST(opus, red, vp8, rtx, vp9), got;
  uint8_t bytes[3 * FORMATS_MAX];
  struct writer writer = writer_of(bytes, sizeof bytes);
  formats_write(&writer, &sent);
  struct reader reader = reader_of(bytes, (size_t)(writer.at - bytes));
  formats_read(&reader, &got);
  assert_false(reader.bad || reader.left);
  assert_true(formats_fit(&got));
  assert_int_equal(got.count, 5);
  assert_memory_equal(got.entry, sent.entry, 5 * sizeof sent.entry[0]);
}

static void a_cut_list_is_bad_and_a_long_one_is_not_read_to_its_end(void **state) {
  (void)state;
  uint8_t bytes[3 * (FORMATS_MAX + 1)] = {0};
  struct format_list got;
  struct reader reader = reader_of(bytes, 4);
  formats_read(&reader, &got);
  assert_true(reader.bad);
  reader = reader_of(bytes, sizeof bytes);
  formats_read(&reader, &got);
  assert_int_equal(reader.left, 3);
}

static void refused(struct format_list list) {
  assert_false(formats_fit(&list));
}

static void what_makes_no_sense_is_refused(void **state) {
  (void)state;
  refused((struct format_list){.count = 0});
  refused(LIST(opus, {111, FORMAT_VP8, 0})); /* a number twice */
  refused(LIST({0, FORMAT_OPUS, 0}));        /* none */
  refused(LIST({64, FORMAT_OPUS, 0}));       /* RTCP's numbers */
  refused(LIST({95, FORMAT_OPUS, 0}));
  refused(LIST({128, FORMAT_OPUS, 0}));
  refused(LIST({111, 0, 0}));
  refused(LIST({111, FORMAT_KIND_LAST + 1, 0}));
  refused(LIST(opus, {96, FORMAT_VP8, 111}));     /* of something */
  refused(LIST({63, FORMAT_RED_AUDIO, 111}));     /* of nothing */
  refused(LIST(vp8, {63, FORMAT_RED_AUDIO, 96})); /* of pictures */
  refused(LIST(opus, {97, FORMAT_RTX, 111}));     /* sound is not repeated */
  refused(LIST(opus, vp8, rtx, {99, FORMAT_RTX, 97}));
  struct format_list list =
      LIST(opus, vp8, {100, FORMAT_RED_VIDEO, 0}, {101, FORMAT_RTX, 100}, {1, FORMAT_ULPFEC, 0});
  assert_true(formats_fit(&list));
}

static void an_answer_takes_the_offers_numbers_in_its_own_order(void **state) {
  (void)state;
  struct format_list ours = LIST({111, FORMAT_OPUS, 0}, {63, FORMAT_RED_AUDIO, 111}, {98, FORMAT_VP9, 0},
                                 {96, FORMAT_VP8, 0}, {97, FORMAT_RTX, 96}, {99, FORMAT_RTX, 98});
  struct format_list offer = LIST({100, FORMAT_VP8, 0}, {101, FORMAT_RTX, 100}, {35, FORMAT_VP9, 0},
                                  {40, FORMAT_ULPFEC, 0}, {109, FORMAT_OPUS, 0}, {9, FORMAT_RED_AUDIO, 109});
  struct format_list answer;
  assert_true(formats_answer(&answer, &ours, &offer));
  assert_true(formats_fit(&answer) && formats_are_of(&answer, &offer));
  static const struct format expected[] = {{109, FORMAT_OPUS, 0},
                                           {9, FORMAT_RED_AUDIO, 109},
                                           {35, FORMAT_VP9, 0},
                                           {100, FORMAT_VP8, 0},
                                           {101, FORMAT_RTX, 100}};
  assert_int_equal(answer.count, 5);
  assert_memory_equal(answer.entry, expected, sizeof expected);
  assert_int_equal(formats_find(&answer, FORMAT_VP8)->type, 100);
  assert_int_equal(formats_find_of(&answer, FORMAT_RTX, 100)->type, 101);
  assert_null(formats_find_of(&answer, FORMAT_RTX, 35));
}

static void without_sound_or_pictures_there_is_no_answer(void **state) {
  (void)state;
  struct format_list ours = LIST(opus, vp8), answer, offer = LIST(opus, vp9);
  assert_false(formats_answer(&answer, &ours, &offer));
  offer = LIST(vp8);
  assert_false(formats_answer(&answer, &ours, &offer));
}

static void an_answer_of_what_was_not_offered_is_none(void **state) {
  (void)state;
  struct format_list offer = LIST(opus, vp8), answer = LIST(opus, vp8);
  assert_true(formats_are_of(&answer, &offer));
  answer = LIST(opus, vp9);
  assert_false(formats_are_of(&answer, &offer));
  answer = LIST(opus, {98, FORMAT_VP8, 0});
  assert_false(formats_are_of(&answer, &offer));
  answer = LIST(opus, vp8, red);
  assert_false(formats_are_of(&answer, &offer));
  answer = LIST(opus);
  assert_false(formats_are_of(&answer, &offer));
}

UNIT_TESTS(test(a_list_is_read_as_it_was_written), test(a_cut_list_is_bad_and_a_long_one_is_not_read_to_its_end),
           test(what_makes_no_sense_is_refused), test(an_answer_takes_the_offers_numbers_in_its_own_order),
           test(without_sound_or_pictures_there_is_no_answer), test(an_answer_of_what_was_not_offered_is_none))
