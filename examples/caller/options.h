/* options.h - the command line: global options before or after the command, a command's own after it.
 *
 * "--name value" and "--name=value" are the same; "--" ends the options. No option takes a secret: those come
 * from a file descriptor, a file or the terminal. What is unknown or outside its range is refused with a sentence.
 */
#ifndef OPTIONS_H
#define OPTIONS_H
#include <stdbool.h>
#include <stddef.h>

#include "sotto.h"

enum { OPTIONS_ARGUMENTS_MAX = 4, OPTIONS_PATH_SIZE = 512, OPTIONS_WHY_SIZE = 200 };

struct secret_place { /* where a secret is to be read from */
  int fd;             /* -1: not given */
  const char *file;
};

struct options {
  const char *command; /* NULL: none was given */
  const char *argument[OPTIONS_ARGUMENTS_MAX];
  int arguments;
  /* who and where */
  const char *store;
  char default_store[OPTIONS_PATH_SIZE];
  const char *server, *ca, *stun, *turn, *turn_user, *local;
  struct secret_place passphrase, turn_password, code;
  bool relay_only, lan, constant_rate, browser_e2ee;
  int cover;
  sotto_policy policy;
  sotto_video_codec codec;
  bool show_new_devices, replace;
  /* how it talks */
  bool json_events, json, help;
  /* media */
  const char *audio, *video, *record, *report;
  int seconds; /* 0: until somebody hangs up */
  int width, height, fps;
  bool no_video, screen;
  int variant; /* which end's pictures and speech these are: 0 or 1 */
  /* of one command */
  bool in_person, wait, once, automatic, quick, yes;
  int settle; /* seconds */
  int port;   /* -1: not given */
  const char *number, *uri, *svg, *json_file, *places;
};

/* argv without the program's name. The strings stay argv's. false: `why` is a sentence for the user. */
bool options_parse(struct options *options, int argc, char **argv, char why[OPTIONS_WHY_SIZE]);

#endif
