/* main.c - sotto, the caller: a table of subcommands. */
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "commands.h"
#include "complain.h"
#include "exit.h"
#include "json_events.h"
#include "stop.h"

static int command_help(const struct options *options);
static int command_version(const struct options *options);

static const struct {
  const char *name;
  int (*run)(const struct options *);
  int least, most; /* arguments */
  const char *arguments, *line;
} commands[] = {
    {"id", command_id, 0, 0, "[--json] [--svg FILE]", "show who you are: ID, contact URI and its QR code"},
    {"invite", command_invite, 1, 1, "NAME [--in-person] [--wait] [--svg FILE]", "make a one-time invite for NAME"},
    {"accept", command_accept, 2, 2, "NAME INVITE|-", "meet the person who made INVITE, known to you as NAME"},
    {"contacts", command_contacts, 0, 0, "[--json]", "list the people you know and how far you trust them"},
    {"verify", command_verify, 1, 1, "NAME [--number DIGITS | --uri URI]",
     "compare with NAME, or show what to compare"},
    {"block", command_block, 1, 1, "NAME", "refuse NAME's calls"},
    {"unblock", command_unblock, 1, 1, "NAME", "take NAME's calls again"},
    {"reset", command_reset, 2, 2, "NAME DIGITS", "trust NAME's new key: the last six digits of the safety number"},
    {"rename", command_rename, 2, 2, "NAME NEW", "call NAME by another name"},
    {"evidence", command_evidence, 3, 3, "save NAME FILE | check ID FILE",
     "prove that somebody's key signed two lists of devices"},
    {"call", command_call, 1, 1, "NAME", "call NAME"},
    {"answer", command_answer, 0, 0, "[--once] [--auto]", "wait for calls"},
    {"device", command_device, 1, 2, "list | show | add CODE|- [--yes] | revoke ID",
     "the devices that are you: list them, be added, add, revoke"},
    {"identity", command_identity, 1, 1, "rotate | end [--yes] [--seconds N]",
     "leave this identity for another one, or for none"},
    {"backup", command_backup, 1, 1, "FILE [--replace]",
     "write who you are and whom you know to FILE, and show its code"},
    {"restore", command_restore, 1, 1, "FILE [--code-fd N | --code-file F]",
     "be again who wrote FILE, in a new store"},
    {"web", command_web, 0, 0, "[--port N]", "serve the page for a browser on this machine"},
    {"demo", command_demo, 0, 0, "[--quick] [--json FILE]", "make one real call on this machine and measure it"},
    {"help", command_help, 0, 0, "", "show this"},
    {"version", command_version, 0, 0, "", "show the version"},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_usage(FILE *out) {
  fputs("usage: sotto [OPTION...] COMMAND [ARGUMENT...]\n\n", out);
  for (int i = 0; i < COMMANDS; i++) {
    char call[64];
    snprintf(call, sizeof call, "%s %s", commands[i].name, commands[i].arguments);
    fprintf(out, "  %-42s %s\n", call, commands[i].line);
  }
  fputs("\n"
        "  --store DIR --server URL --ca FILE          who you are and where the signaling server is\n"
        "  --passphrase-fd N | --passphrase-file FILE  otherwise it is asked for\n"
        "  --stun HOST:PORT --turn HOST:PORT --turn-user NAME --turn-password-fd N | --turn-password-file FILE\n"
        "  --relay-only --lan --local ADDRESS --policy sas-first|require-verified|warn\n"
        "  --show-new-devices                          of verified contacts, instead of asking\n"
        "  --audio FILE.wav --video FILE.y4m --no-video --screen --size WxH --fps N --record DIR --seconds N\n"
        "  --json-events                               one JSON line an event, commands on standard input\n"
        "\nThe manual is sotto(1).\n",
        out);
}

static int command_help(const struct options *options) {
  (void)options;
  print_usage(stdout);
  return EXIT_OK;
}

static int command_version(const struct options *options) {
  unsigned v = sotto_version();
  (void)options;
  printf("sotto %u.%u.%u\n", v >> 16 & 0xff, v >> 8 & 0xff, v & 0xff);
  return EXIT_OK;
}

static int run(const struct options *options) {
  if (options->help)
    return command_help(options);
  if (!options->command) {
    print_usage(stderr);
    return complain(EXIT_USAGE, "no command was given");
  }
  for (int i = 0; i < COMMANDS; i++) {
    if (strcmp(commands[i].name, options->command) != 0)
      continue;
    if (options->arguments < commands[i].least || options->arguments > commands[i].most)
      return complain(EXIT_USAGE, "usage: sotto %s %s", commands[i].name, commands[i].arguments);
    return commands[i].run(options);
  }
  return complain(EXIT_USAGE, "no such command: %.40s (see sotto help)", options->command);
}

int main(int argc, char **argv) {
  static struct options options;
  char why[OPTIONS_WHY_SIZE];
  setlocale(LC_CTYPE, "");
  prctl(PR_SET_DUMPABLE, 0); /* the passphrase and what it opens stay out of core files */
  if (!stop_install())
    return complain(EXIT_SYSTEM, "the signals could not be set up");
  if (!options_parse(&options, argc - 1, argv + 1, why))
    return complain(EXIT_USAGE, "%s", why);
  int code = run(&options);
  if (options.json_events)
    json_event_say("exit", json_pack("{s:i, s:s}", "code", code, "text", complain_last()));
  return code;
}
