#include "examples/caller/lines.h"

#include <unistd.h>

#include "examples/caller/command.h"
#include "unit.h"

static struct lines lines;
static int writer;

static void begin(void) {
  int fds[2];
  assert_int_equal(pipe(fds), 0);
  writer = fds[1];
  lines_init(&lines, fds[0]);
}

static void put(const char *text, size_t size) {
  assert_int_equal(write(writer, text, size), size);
  lines_read(&lines);
}

static void end(void) {
  close(writer);
  lines_read(&lines);
  assert_true(lines.ended);
}

static void lines_come_whole_however_they_are_cut(void **state) {
  (void)state;
  begin();
  put("sta", 3);
  assert_null(lines_next(&lines));
  put("ts\r\nmute on\nla", 14);
  assert_string_equal(lines_next(&lines), "stats");
  assert_string_equal(lines_next(&lines), "mute on");
  assert_null(lines_next(&lines));
  put("st", 2);
  end();
  assert_string_equal(lines_next(&lines), "last"); /* without an end of line */
  assert_null(lines_next(&lines));
  close(lines.fd);
}

static void a_line_that_is_too_long_is_dropped_whole(void **state) {
  (void)state;
  static char much[30000];
  memset(much, 'x', sizeof much);
  begin();
  for (int i = 0; i < 4; i++)
    put(much, sizeof much);
  put("tail\nnext\n", 10);
  const char *line = NULL;
  for (int i = 0; i < 10 && !(line = lines_next(&lines)); i++)
    lines_read(&lines);
  assert_string_equal(line, "next");
  assert_int_equal(lines.dropped, 1);
  close(writer);
  close(lines.fd);
}

static void commands_are_the_documented_words_and_nothing_else(void **state) {
  (void)state;
  assert_int_equal(command_parse("confirm yes").verb, VERB_CONFIRM);
  assert_true(command_parse("confirm yes").on);
  assert_false(command_parse("confirm no").on);
  assert_int_equal(command_parse("hangup").verb, VERB_HANGUP);
  static const char *const bad[] = {"", "confirm", "confirm  yes", "Confirm yes", "confirm yes ", "mute", "y"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_int_equal(command_parse(bad[i]).verb, VERB_UNKNOWN);
}

static void a_line_that_is_put_back_comes_again(void **state) {
  (void)state;
  begin();
  put("yes\r\nno\nlast", 12);
  end();
  for (int again = 0; again < 2; again++) {
    assert_string_equal(lines_next(&lines), "yes");
    lines_put_back(&lines);
  }
  assert_string_equal(lines_next(&lines), "yes");
  assert_string_equal(lines_next(&lines), "no");
  assert_string_equal(lines_next(&lines), "last");
  lines_put_back(&lines);
  assert_string_equal(lines_next(&lines), "last");
  assert_null(lines_next(&lines));
  lines_put_back(&lines);
}

UNIT_TESTS(test(lines_come_whole_however_they_are_cut), test(a_line_that_is_put_back_comes_again),
           test(a_line_that_is_too_long_is_dropped_whole), test(commands_are_the_documented_words_and_nothing_else))
