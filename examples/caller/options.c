#include "options.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { FLAG, TEXT, NUMBER, SIZE, POLICY, CODEC };

struct option {
  const char *name;
  const char *command; /* the only one that takes it; NULL: all */
  enum kind kind;
  size_t offset; /* of the field */
  int min, max;  /* of a NUMBER */
};

#define FIELD(name) offsetof(struct options, name)
static const struct option table[] = {
    {"store", NULL, TEXT, FIELD(store), 0, 0},
    {"server", NULL, TEXT, FIELD(server), 0, 0},
    {"ca", NULL, TEXT, FIELD(ca), 0, 0},
    {"stun", NULL, TEXT, FIELD(stun), 0, 0},
    {"turn", NULL, TEXT, FIELD(turn), 0, 0},
    {"turn-user", NULL, TEXT, FIELD(turn_user), 0, 0},
    {"turn-password-fd", NULL, NUMBER, FIELD(turn_password.fd), 0, 1023},
    {"turn-password-file", NULL, TEXT, FIELD(turn_password.file), 0, 0},
    {"relay-only", NULL, FLAG, FIELD(relay_only), 0, 0},
    {"lan", NULL, FLAG, FIELD(lan), 0, 0},
    {"constant-rate", NULL, FLAG, FIELD(constant_rate), 0, 0},
    {"browser-e2ee", NULL, FLAG, FIELD(browser_e2ee), 0, 0},
    {"cover", NULL, NUMBER, FIELD(cover), 6, 600},
    {"local", NULL, TEXT, FIELD(local), 0, 0},
    {"policy", NULL, POLICY, FIELD(policy), 0, 0},
    {"show-new-devices", NULL, FLAG, FIELD(show_new_devices), 0, 0},
    {"passphrase-fd", NULL, NUMBER, FIELD(passphrase.fd), 0, 1023},
    {"code-fd", NULL, NUMBER, FIELD(code.fd), 0, 1023},
    {"code-file", NULL, TEXT, FIELD(code.file), 0, 0},
    {"replace", NULL, FLAG, FIELD(replace), 0, 0},
    {"passphrase-file", NULL, TEXT, FIELD(passphrase.file), 0, 0},
    {"json-events", NULL, FLAG, FIELD(json_events), 0, 0},
    {"help", NULL, FLAG, FIELD(help), 0, 0},
    {"audio", NULL, TEXT, FIELD(audio), 0, 0},
    {"video", NULL, TEXT, FIELD(video), 0, 0},
    {"no-video", NULL, FLAG, FIELD(no_video), 0, 0},
    {"screen", NULL, FLAG, FIELD(screen), 0, 0},
    {"codec", NULL, CODEC, FIELD(codec), 0, 0},
    {"record", NULL, TEXT, FIELD(record), 0, 0},
    {"report", NULL, TEXT, FIELD(report), 0, 0},
    {"variant", NULL, NUMBER, FIELD(variant), 0, 1},
    {"seconds", NULL, NUMBER, FIELD(seconds), 1, 86400},
    {"size", NULL, SIZE, FIELD(width), 0, 0},
    {"fps", NULL, NUMBER, FIELD(fps), 1, 120},
    {"json", "id", FLAG, FIELD(json), 0, 0},
    {"svg", "id", TEXT, FIELD(svg), 0, 0},
    {"svg", "invite", TEXT, FIELD(svg), 0, 0},
    {"in-person", "invite", FLAG, FIELD(in_person), 0, 0},
    {"wait", "invite", FLAG, FIELD(wait), 0, 0},
    {"json", "contacts", FLAG, FIELD(json), 0, 0},
    {"json", "device", FLAG, FIELD(json), 0, 0},
    {"number", "verify", TEXT, FIELD(number), 0, 0},
    {"uri", "verify", TEXT, FIELD(uri), 0, 0},
    {"once", "answer", FLAG, FIELD(once), 0, 0},
    {"yes", "device", FLAG, FIELD(yes), 0, 0},
    {"yes", "identity", FLAG, FIELD(yes), 0, 0},
    {"auto", "answer", FLAG, FIELD(automatic), 0, 0},
    {"port", "web", NUMBER, FIELD(port), 0, 65535},
    {"json", "demo", TEXT, FIELD(json_file), 0, 0},
    {"places", "demo", TEXT, FIELD(places), 0, 0},
    {"settle", "demo", NUMBER, FIELD(settle), 0, 3600},
    {"quick", "demo", FLAG, FIELD(quick), 0, 0},
};

static bool refuse(char why[OPTIONS_WHY_SIZE], const char *before, const char *name, const char *after) {
  snprintf(why, OPTIONS_WHY_SIZE, "%s%.60s%s", before, name, after);
  return false;
}

static const struct option *find(const char *name, size_t length, const char *command) {
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    const struct option *option = &table[i];
    bool takes = !option->command || (command && strcmp(option->command, command) == 0);
    if (takes && strlen(option->name) == length && memcmp(option->name, name, length) == 0)
      return option;
  }
  return NULL;
}

static bool parse_number(const char *text, int min, int max, int *out) {
  char *end;
  if (*text < '0' || *text > '9' || strlen(text) > 9)
    return false;
  long value = strtol(text, &end, 10);
  *out = (int)value;
  return !*end && value >= min && value <= max;
}

static bool parse_side(const char *text, size_t length, int min, int *out) {
  char digits[8] = "";
  if (length == 0 || length >= sizeof digits)
    return false;
  memcpy(digits, text, length);
  return parse_number(digits, min, 4096, out) && *out % 2 == 0;
}

/* At least as large as the mark of the pattern. */
static bool parse_size(const char *text, struct options *options) {
  const char *by = strchr(text, 'x');
  return by && parse_side(text, (size_t)(by - text), 64, &options->width) &&
         parse_side(by + 1, strlen(by + 1), 32, &options->height);
}

static bool parse_policy(const char *text, sotto_policy *policy) {
  static const char *const names[] = {[SOTTO_POLICY_SAS_FIRST] = "sas-first",
                                      [SOTTO_POLICY_REQUIRE_VERIFIED] = "require-verified",
                                      [SOTTO_POLICY_WARN] = "warn"};
  for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(names[i], text) == 0) {
      *policy = (sotto_policy)i;
      return true;
    }
  return false;
}

static bool parse_codec(const char *text, sotto_video_codec *codec) {
  *codec = strcmp(text, "vp9") == 0 ? SOTTO_VP9 : SOTTO_VP8;
  return *codec == SOTTO_VP9 || strcmp(text, "vp8") == 0;
}

static bool set(struct options *options, const struct option *option, const char *value) {
  void *field = (char *)options + option->offset;
  switch (option->kind) {
  case FLAG:
    *(bool *)field = true;
    return true;
  case TEXT:
    memcpy(field, &value, sizeof value);
    return *value;
  case NUMBER:
    return parse_number(value, option->min, option->max, field);
  case SIZE:
    return parse_size(value, options);
  case POLICY:
    return parse_policy(value, field);
  case CODEC:
    return parse_codec(value, field);
  }
  return false;
}

/* One option; returns how many words it took, 0: refused. */
static int parse_option(struct options *options, int argc, char **argv, char why[OPTIONS_WHY_SIZE]) {
  const char *name = argv[0] + 2, *equals = strchr(name, '=');
  size_t length = equals ? (size_t)(equals - name) : strlen(name);
  const struct option *option = find(name, length, options->command);
  if (!option)
    return refuse(why, "unknown option ", argv[0], " (a command's own options come after its name)");
  if (option->kind == FLAG && equals)
    return refuse(why, "--", option->name, " takes no value");
  if (option->kind != FLAG && !equals && argc < 2)
    return refuse(why, "--", option->name, " needs a value");
  const char *value = equals ? equals + 1 : option->kind == FLAG ? NULL : argv[1];
  if (!set(options, option, value))
    return refuse(why, "--", option->name, ": this value is not possible");
  return option->kind == FLAG || equals ? 1 : 2;
}

static bool take_word(struct options *options, const char *word, char why[OPTIONS_WHY_SIZE]) {
  if (!options->command)
    options->command = word;
  else if (options->arguments < OPTIONS_ARGUMENTS_MAX)
    options->argument[options->arguments++] = word;
  else
    return refuse(why, "too many words: ", word, "");
  return true;
}

static bool check(struct options *options, char why[OPTIONS_WHY_SIZE]) {
  if (options->code.fd >= 0 && options->code.file)
    return refuse(why, "--code-fd and ", "--code-file", " exclude each other");
  if (options->passphrase.fd >= 0 && options->passphrase.file)
    return refuse(why, "--passphrase-fd and ", "--passphrase-file", " exclude each other");
  if (options->turn_password.fd >= 0 && options->turn_password.file)
    return refuse(why, "--turn-password-fd and ", "--turn-password-file", " exclude each other");
  if (options->relay_only && !options->turn)
    return refuse(why, "--relay-only needs a relay: ", "--turn", " HOST:PORT");
  if (options->number && options->uri)
    return refuse(why, "--number and ", "--uri", " exclude each other");
  if (!options->store)
    return refuse(why, "no place for the store: give ", "--store", " DIR");
  return true;
}

static void find_default_store(struct options *options) {
  const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
  int n = 0;
  if (data && *data == '/')
    n = snprintf(options->default_store, OPTIONS_PATH_SIZE, "%s/sotto", data);
  else if (home && *home == '/')
    n = snprintf(options->default_store, OPTIONS_PATH_SIZE, "%s/.local/share/sotto", home);
  if (n > 0 && n < OPTIONS_PATH_SIZE)
    options->store = options->default_store;
}

bool options_parse(struct options *options, int argc, char **argv, char why[OPTIONS_WHY_SIZE]) {
  *options = (struct options){.passphrase.fd = -1,
                              .turn_password.fd = -1,
                              .code.fd = -1,
                              .width = 640,
                              .height = 360,
                              .fps = 30,
                              .port = -1};
  bool words_only = false;
  find_default_store(options);
  for (int i = 0; i < argc;) {
    if (!words_only && strcmp(argv[i], "--") == 0) {
      words_only = true;
      i++;
    } else if (words_only || strncmp(argv[i], "--", 2) != 0) {
      if (!take_word(options, argv[i++], why))
        return false;
    } else {
      int took = parse_option(options, argc - i, argv + i, why);
      if (!took)
        return false;
      i += took;
    }
  }
  return check(options, why);
}
