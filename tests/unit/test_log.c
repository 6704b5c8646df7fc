#include "engine/log.h"
#include "unit.h"

struct seen {
  int lines;
  sotto_log_level level;
  char line[2 * LOG_LINE_MAX];
};

static void keep(void *user, sotto_log_level level, const char *line) {
  struct seen *seen = user;
  seen->lines++;
  seen->level = level;
  snprintf(seen->line, sizeof seen->line, "%s", line);
}

static void nothing_is_logged_without_a_sink_or_above_the_level(void **state) {
  (void)state;
  struct seen seen = {0};
  log_set(SOTTO_LOG_DEBUG, NULL, NULL);
  assert_false(log_wants(SOTTO_LOG_ERROR));
  log_line(SOTTO_LOG_ERROR, "engine: lost");
  log_set(SOTTO_LOG_WARN, keep, &seen);
  log_line(SOTTO_LOG_INFO, "engine: too low");
  assert_int_equal(seen.lines, 0);
  log_line(SOTTO_LOG_WARN, "engine: %d", 7);
  assert_int_equal(seen.lines, 1);
  assert_int_equal(seen.level, SOTTO_LOG_WARN);
  assert_string_equal(seen.line, "engine: 7");
  log_set(SOTTO_LOG_WARN, NULL, NULL);
  log_line(SOTTO_LOG_ERROR, "engine: after");
  assert_int_equal(seen.lines, 1);
}

static void a_line_has_no_line_break_and_a_bounded_length(void **state) {
  (void)state;
  struct seen seen = {0};
  char text[4 * LOG_LINE_MAX];
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = 0;
  log_set(SOTTO_LOG_DEBUG, keep, &seen);
  log_line(SOTTO_LOG_WARN, "a\nb\rc\td\x1b[31m");
  assert_null(strpbrk(seen.line, "\n\r\t\x1b"));
  log_line(SOTTO_LOG_DEBUG, "%s", text);
  assert_int_equal(strlen(seen.line), LOG_LINE_MAX - 1);
  log_line(SOTTO_LOG_WARN, "%s", text); /* through the redaction */
  assert_true(strlen(seen.line) < LOG_LINE_MAX);
  log_set(SOTTO_LOG_DEBUG, NULL, NULL);
}

static const char *const secrets[] = {
    "10.0.0.1",
    "192.168.100.200:65535",
    "[2001:db8::1]:443",
    "2001:db8:0:0:0:0:0:1",
    "fe80::1%eth0",
    "::1",
    "wss://calls.example.org/x",
    "WS://10.0.0.1:8080",
    "turn:relay.example.org",
    "b1946ac92492d234.local",
    "sotto1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0jqxuzx4",
    "SOTTO:C/SOTTO1QQQ",
    "00112233445566778899aabbccddeeff",
    "AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89",
    "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjQ=",
};

static void addresses_names_and_keys_never_leave_at_info_and_above(void **state) {
  (void)state;
  struct seen seen = {0};
  static const char *const forms[] = {"ice: %s", "ice: to %s failed", "ice: (%s)", "ice: \"%s\", again", "at=%s."};
  log_set(SOTTO_LOG_DEBUG, keep, &seen);
  for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
    for (size_t form = 0; form < sizeof forms / sizeof forms[0]; form++)
      for (int level = SOTTO_LOG_ERROR; level <= SOTTO_LOG_INFO; level++) {
        char line[256];
        snprintf(line, sizeof line, forms[form], secrets[i]);
        log_line((sotto_log_level)level, "%s", line);
        if (strstr(seen.line, secrets[i]) || !strstr(seen.line, "[redacted]"))
          fail_msg("%s", seen.line);
        log_line(SOTTO_LOG_DEBUG, "%s", line);
        assert_string_equal(seen.line, line);
      }
  log_set(SOTTO_LOG_DEBUG, NULL, NULL);
}

static void ordinary_words_and_numbers_are_left_alone(void **state) {
  (void)state;
  static const char *const lines[] = {
      "engine: signaling is down: the server closed with 1006",
      "loop: one turn took 23 ms",
      "engine: version 0.1.0, libnice 0.1.21",
      "store: 12 contacts, generation 1234567890",
      "call: AEAD_AES_256_GCM",
      "ice: 3 candidates: host, srflx, relay.",
  };
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
    char line[LOG_LINE_MAX];
    snprintf(line, sizeof line, "%s", lines[i]);
    log_redact(line, sizeof line);
    assert_string_equal(line, lines[i]);
  }
}

static void redaction_survives_any_text_and_any_room(void **state) {
  (void)state;
  uint64_t seed = 99;
  for (int round = 0; round < 2000; round++) {
    static const char letters[] = "0123456789abcdef.:/[] =\"xyzQ-_+%,\x80\xff";
    char line[LOG_LINE_MAX];
    size_t size = 1 + unit_random(&seed) % sizeof line;
    for (size_t i = 0; i + 1 < size; i++)
      line[i] = letters[unit_random(&seed) % (sizeof letters - 1)];
    line[size - 1] = 0;
    log_redact(line, size);
    assert_true(strlen(line) < size);
  }
}

UNIT_TESTS(test(nothing_is_logged_without_a_sink_or_above_the_level),
           test(a_line_has_no_line_break_and_a_bounded_length),
           test(addresses_names_and_keys_never_leave_at_info_and_above),
           test(ordinary_words_and_numbers_are_left_alone), test(redaction_survives_any_text_and_any_room))
