#include "examples/caller/options.h"
#include "unit.h"

static bool parse(struct options *options, const char *line) {
  static char text[1024];
  char *argv[32], why[OPTIONS_WHY_SIZE] = "", *rest = NULL;
  int argc = 0;
  snprintf(text, sizeof text, "%s", line);
  for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
    argv[argc++] = word;
  bool ok = options_parse(options, argc, argv, why);
  assert_true(ok == !*why); /* a refusal always says why */
  return ok;
}

static void options_stand_before_and_after_the_command(void **state) {
  (void)state;
  struct options o;
  assert_true(parse(
      &o, "--store /tmp/x call --server=wss://example.org bob --lan --constant-rate --browser-e2ee --codec vp9 "
          "--size 320x180 --fps 15"));
  assert_string_equal(o.store, "/tmp/x");
  assert_string_equal(o.command, "call");
  assert_string_equal(o.server, "wss://example.org");
  assert_int_equal(o.arguments, 1);
  assert_string_equal(o.argument[0], "bob");
  assert_true(o.lan && o.constant_rate && o.browser_e2ee);
  assert_int_equal(o.codec, SOTTO_VP9);
  assert_int_equal(o.width, 320);
  assert_int_equal(o.height, 180);
  assert_int_equal(o.fps, 15);
}

static void the_defaults_are_what_the_manual_says(void **state) {
  (void)state;
  struct options o;
  setenv("XDG_DATA_HOME", "/data", 1);
  assert_true(parse(&o, "answer"));
  assert_string_equal(o.store, "/data/sotto");
  assert_int_equal(o.policy, SOTTO_POLICY_SAS_FIRST);
  assert_int_equal(o.codec, SOTTO_VP8);
  assert_int_equal(o.width, 640);
  assert_int_equal(o.height, 360);
  assert_int_equal(o.fps, 30);
  assert_int_equal(o.passphrase.fd, -1);
  assert_false(o.lan || o.constant_rate || o.browser_e2ee || o.relay_only || o.json_events || o.automatic);
  unsetenv("XDG_DATA_HOME");
  setenv("HOME", "/home/a", 1);
  assert_true(parse(&o, "answer"));
  assert_string_equal(o.store, "/home/a/.local/share/sotto");
}

static void a_command_s_option_is_unknown_to_the_others(void **state) {
  (void)state;
  struct options o;
  assert_true(parse(&o, "--store s answer --auto --once"));
  assert_false(parse(&o, "--store s call bob --auto"));
  assert_false(parse(&o, "--store s --auto answer"));
  assert_true(parse(&o, "--store s contacts --json"));
  assert_true(o.json);
  assert_true(parse(&o, "--store s demo --json file"));
  assert_string_equal(o.json_file, "file");
  assert_false(parse(&o, "--store s call bob --json"));
}

static void what_is_out_of_range_or_contradicts_is_refused(void **state) {
  (void)state;
  static const char *const bad[] = {"--store s --fps 0 call a",
                                    "--store s --fps 121 call a",
                                    "--store s --fps x call a",
                                    "--store s --seconds -1 call a",
                                    "--store s --seconds 99999999999999999999 call a",
                                    "--store s --size 640 call a",
                                    "--store s --size 640x call a",
                                    "--store s --size x360 call a",
                                    "--store s --size 641x360 call a",
                                    "--store s --size 32x32 call a",
                                    "--store s --size 8192x360 call a",
                                    "--store s --policy none call a",
                                    "--store s --codec av1 call a",
                                    "--store s --lan=yes call a",
                                    "--store s call a --server",
                                    "--store= call a",
                                    "--store s --relay-only call a",
                                    "--store s verify a --number 1 --uri x",
                                    "--store s --passphrase-fd 3 --passphrase-file f id",
                                    "--store s --passphrase secret id",
                                    "--store s --turn-password secret id",
                                    "--store s a b c d e f",
                                    "--stores s id"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct options o;
    if (parse(&o, bad[i]))
      fail_msg("taken: %s", bad[i]);
  }
}

static void two_dashes_end_the_options(void **state) {
  (void)state;
  struct options o;
  assert_true(parse(&o, "--store s call -- --name"));
  assert_string_equal(o.argument[0], "--name");
  assert_true(parse(&o, "--store s accept bob -"));
  assert_string_equal(o.argument[1], "-");
}

UNIT_TESTS(test(options_stand_before_and_after_the_command), test(the_defaults_are_what_the_manual_says),
           test(a_command_s_option_is_unknown_to_the_others), test(what_is_out_of_range_or_contradicts_is_refused),
           test(two_dashes_end_the_options))
