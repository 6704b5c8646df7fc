/* demo.c - one real call on this machine: a server, two identities, two processes of this program, measured.
 *
 * Every wait has an end (DEMO_* below), every child is reaped by its number, and what was made is removed.
 */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "commands.h"
#include "complain.h"
#include "demo_places.h"
#include "demo_table.h"
#include "exit.h"
#include "stop.h"

enum { START_S = 30, MEET_S = 60, SETUP_S = 60, END_S = 20, QUICK_S = 3, USUAL_S = 10 };
enum { PATH = 600, SECRET_HEX = 33, ARGUMENTS = 48 };

struct demo {
  const struct options *options;
  int seconds;
  char dir[PATH], self[PATH], signald[PATH], server[64];
  char secret[DEMO_ENDS][SECRET_HEX];
  struct place place[PLACES];
  struct child signald_child;
  struct demo_end end[DEMO_ENDS];
  int64_t judged_from;
};

static int64_t in_seconds(int seconds) {
  return clock_now() + (int64_t)seconds * 1000000;
}

/* On a terminal one line that changes, elsewhere a line for each step. */
static void progress(const char *text) {
  if (isatty(STDOUT_FILENO))
    printf("\r\033[K%s", text);
  else
    puts(text);
  fflush(stdout);
}

static void progress_done(void) {
  if (isatty(STDOUT_FILENO))
    fputs("\r\033[K", stdout);
}

/* ---- making and removing what it needs ---- */

static bool make_secret(char secret[SECRET_HEX]) {
  unsigned char bytes[SECRET_HEX / 2];
  if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
    return false;
  for (unsigned i = 0; i < sizeof bytes; i++)
    snprintf(secret + 2 * i, 3, "%02x", bytes[i]);
  explicit_bzero(bytes, sizeof bytes);
  return true;
}

static void path_in(char path[PATH], const char *dir, const char *name) {
  if (snprintf(path, PATH, "%.500s/%.90s", dir, name) >= PATH)
    path[0] = 0;
}

static int make_place(struct demo *demo) {
  const char *base = getenv("TMPDIR");
  ssize_t n = readlink("/proc/self/exe", demo->self, sizeof demo->self - 1);
  if (n <= 0)
    return complain(EXIT_SYSTEM, "this program's own path is unknown: %s", strerror(errno));
  demo->self[n] = 0;
  path_in(demo->dir, base && *base ? base : "/tmp", "sotto-demo-XXXXXX");
  if (!mkdtemp(demo->dir)) /* mode 0700 */ {
    demo->dir[0] = 0;
    return complain(EXIT_SYSTEM, "no folder for the demonstration: %s", strerror(errno));
  }
  if (!make_secret(demo->secret[0]) || !make_secret(demo->secret[1]))
    return complain(EXIT_SYSTEM, "no random numbers: %s", strerror(errno));
  snprintf(demo->signald, sizeof demo->signald, "%s", demo->self);
  char *slash = strrchr(demo->signald, '/');
  snprintf(slash ? slash + 1 : demo->signald, 16, "sotto-signald");
  if (access(demo->signald, X_OK) != 0)
    snprintf(demo->signald, sizeof demo->signald, "sotto-signald");
  return EXIT_OK;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where) {
  (void)info;
  (void)kind;
  (void)where;
  return remove(path);
}

static void clean_up(struct demo *demo) {
  for (int i = 0; i < DEMO_ENDS; i++)
    child_end(&demo->end[i].child);
  child_end(&demo->signald_child);
  if (demo->dir[0])
    nftw(demo->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
  explicit_bzero(demo->secret, sizeof demo->secret);
}

/* What an end or the server wrote to its standard error, for when something went wrong. */
static void show_log(const struct demo *demo, const char *name) {
  char path[PATH], file[64], text[4096];
  snprintf(file, sizeof file, "%s.log", name);
  path_in(path, demo->dir, file);
  FILE *log = fopen(path, "re");
  size_t n = log ? fread(text, 1, sizeof text, log) : 0;
  if (n)
    fprintf(stderr, "--- what %s said:\n%.*s", name, (int)n, text);
  if (log)
    fclose(log);
}

static int failed(const struct demo *demo, const char *what) {
  progress_done();
  if (stop_signal())
    return complain(EXIT_SIGNAL + stop_signal(), "ended by a signal");
  for (int i = 0; i < DEMO_ENDS; i++)
    show_log(demo, demo->end[i].name);
  show_log(demo, "signald");
  return complain(EXIT_DEMO, "%s", what);
}

/* ---- the processes ---- */

struct arguments {
  char *argv[ARGUMENTS];
  int count;
};

static void add(struct arguments *a, const char *text) {
  if (a->count < ARGUMENTS - 1)
    a->argv[a->count++] = (char *)text; /* execvp() does not change them */
}

/* Into the place's network first. */
static void add_program(struct arguments *a, const struct place *place, const char *program) {
  if (place->enter[0])
    add(a, "nsenter"), add(a, place->enter), add(a, "--");
  add(a, program);
}

static int start_server(struct demo *demo) {
  const struct place *place = &demo->place[PLACE_SERVER];
  struct arguments a = {0};
  char log[PATH], listen[PLACE_ADDRESS + 4];
  snprintf(listen, sizeof listen, "%s:0", place->address);
  add_program(&a, place, demo->signald);
  add(&a, "--listen"), add(&a, listen);
  path_in(log, demo->dir, "signald.log");
  if (!child_start(&demo->signald_child, a.argv, NULL, log))
    return complain(EXIT_SYSTEM, "sotto-signald did not start: %s", strerror(errno));
  json_t *line = child_await(&demo->signald_child, NULL, "text", NULL, NULL, in_seconds(START_S));
  const char *text = json_string_value(json_object_get(line, "text"));
  static const char before[] = "listening on ";
  if (!text || strncmp(text, before, sizeof before - 1) != 0)
    return failed(demo, "sotto-signald did not say where it listens");
  snprintf(demo->server, sizeof demo->server, "ws://%.50s", text + sizeof before - 1);
  return EXIT_OK;
}

static void add_media(struct arguments *a, const struct options *o) {
  static char size[32], fps[16];
  if (o->audio)
    add(a, "--audio"), add(a, o->audio);
  if (o->video)
    add(a, "--video"), add(a, o->video);
  snprintf(size, sizeof size, "%dx%d", o->quick ? 320 : o->width, o->quick ? 180 : o->height);
  snprintf(fps, sizeof fps, "%d", o->quick ? 15 : o->fps);
  add(a, "--codec"), add(a, o->codec == SOTTO_VP9 ? "vp9" : "vp8");
  add(a, "--size"), add(a, size);
  add(a, "--fps"), add(a, fps);
}

/* One end with a command and its words, NULL at their end. */
static bool start_end(struct demo *demo, int i, const char *const *words) {
  struct demo_end *end = &demo->end[i];
  const struct place *place = &demo->place[i];
  struct arguments a = {0};
  char store[PATH], log[PATH], report[PATH], record[PATH], file[64];
  path_in(store, demo->dir, end->name);
  snprintf(file, sizeof file, "%s.log", end->name);
  path_in(log, demo->dir, file);
  snprintf(file, sizeof file, "%s.report", end->name);
  path_in(report, demo->dir, file);
  const char *fixed[] = {"--json-events", "--lan",      "--local",  place->address, "--passphrase-fd", "3",
                         "--store",       store,        "--server", demo->server,   "--report",        report,
                         "--variant",     i ? "1" : "0"};
  add_program(&a, place, demo->self);
  for (unsigned k = 0; k < sizeof fixed / sizeof fixed[0]; k++)
    add(&a, fixed[k]);
  add_media(&a, demo->options);
  if (demo->options->record) {
    path_in(record, demo->options->record, end->name);
    add(&a, "--record");
    add(&a, record);
  }
  for (; *words; words++)
    add(&a, *words);
  child_end(&end->child);
  end->read_to = 0;
  return child_start(&end->child, a.argv, demo->secret[i], log);
}

static bool start_ends(struct demo *demo, const char *const *alice, const char *const *bob) {
  return start_end(demo, 1, bob) && start_end(demo, 0, alice);
}

static json_t *await(struct demo_end *end, const char *event, const char *key, const char *value, int seconds) {
  return child_await(&end->child, &end->read_to, event, key, value, in_seconds(seconds));
}

/* ---- the steps ---- */

static int meet(struct demo *demo) {
  struct demo_end *alice = &demo->end[0], *bob = &demo->end[1];
  progress("Alice invites Bob, and Bob accepts...");
  if (!start_ends(demo, (const char *const[]){"invite", "bob", "--wait", NULL},
                  (const char *const[]){"accept", "alice", "-", NULL}))
    return failed(demo, "the two ends did not start");
  const char *invite = json_string_value(json_object_get(await(alice, "invite", NULL, NULL, START_S), "text"));
  if (!invite)
    return failed(demo, "Alice got no invite");
  if (!await(bob, "online", NULL, NULL, START_S) || !child_send(&bob->child, invite))
    return failed(demo, "Bob did not take the invite");
  if (child_wait(&bob->child, in_seconds(MEET_S)) != EXIT_OK)
    return failed(demo, "Bob could not accept the invite");
  if (child_wait(&alice->child, in_seconds(MEET_S)) != EXIT_OK)
    return failed(demo, "Alice did not meet Bob");
  return EXIT_OK;
}

static int ring(struct demo *demo) {
  progress("Alice calls Bob...");
  if (!start_end(demo, 1, (const char *const[]){"answer", "--once", "--auto", NULL}) ||
      !await(&demo->end[1], "online", NULL, NULL, START_S))
    return failed(demo, "Bob did not get ready for calls");
  if (!start_end(demo, 0, (const char *const[]){"call", "bob", NULL}))
    return failed(demo, "Alice did not start");
  for (int i = 0; i < DEMO_ENDS; i++) {
    demo->end[i].secure = await(&demo->end[i], "secure", NULL, NULL, SETUP_S);
    if (!demo->end[i].secure)
      return failed(demo, "no secure connection came about");
  }
  return EXIT_OK;
}

/* What two people do: agree to talk, read the words to each other, say whether they are the same. */
static int compare(struct demo *demo) {
  progress("They compare the safety words...");
  for (int i = 0; i < DEMO_ENDS; i++)
    if (!await(&demo->end[i], "consent", NULL, NULL, SETUP_S) || !child_send(&demo->end[i].child, "consent"))
      return failed(demo, "an end was not asked for consent");
  for (int i = 0; i < DEMO_ENDS; i++) {
    demo->end[i].sas = await(&demo->end[i], "sas", NULL, NULL, SETUP_S);
    if (!demo->end[i].sas)
      return failed(demo, "an end got no words to compare");
  }
  bool same = demo_same_words(demo->end[0].sas, demo->end[1].sas);
  for (int i = 0; i < DEMO_ENDS; i++)
    child_send(&demo->end[i].child, same ? "confirm yes" : "confirm no");
  if (!same)
    return failed(demo, "the words were NOT the same at both ends");
  for (int i = 0; i < DEMO_ENDS; i++)
    if (!await(&demo->end[i], "gate", "gate", "open", SETUP_S))
      return failed(demo, "a gate did not open");
  return EXIT_OK;
}

static json_t *look(struct demo_end *end) {
  return child_send(&end->child, "stats") ? await(end, "stats", NULL, NULL, END_S) : NULL;
}

static int pass(struct demo *demo, int from, int until_second, int of) {
  for (int second = from; second < until_second; second++) {
    char text[80];
    snprintf(text, sizeof text, "They talk and see each other: %d of %d s", second + 1, of);
    if (isatty(STDOUT_FILENO) || second + 1 == of) /* elsewhere one line is enough */
      progress(text);
    int64_t until = in_seconds(1);
    while (child_read(&demo->end[0].child, until)) {
    }
    while (child_read(&demo->end[1].child, clock_now() + 1000)) {
    }
    if (stop_signal() || demo->end[0].child.lines.ended || demo->end[1].child.lines.ended)
      return failed(demo, "the call ended too early");
  }
  return EXIT_OK;
}

/* What is judged begins after the time to settle. */
static int talk(struct demo *demo) {
  int settle = demo->options->settle, of = settle + demo->seconds;
  int code = pass(demo, 0, settle, of);
  demo->judged_from = clock_now();
  for (int i = 0; !code && i < DEMO_ENDS; i++)
    if (!(demo->end[i].before = look(&demo->end[i])))
      return failed(demo, "an end gave no statistics");
  if (!code)
    code = pass(demo, settle, of, of);
  for (int i = 0; !code && i < DEMO_ENDS; i++)
    if (!(demo->end[i].after = look(&demo->end[i])))
      return failed(demo, "an end gave no statistics");
  return code;
}

/* Its state when it hung up: what its last events said. */
static void note_state(struct demo_end *end) {
  end->gate = json_string_value(json_object_get(child_last(&end->child, "gate"), "gate"));
  end->trust = json_string_value(json_object_get(child_last(&end->child, "contact"), "trust"));
}

static int part(struct demo *demo) {
  progress("They hang up; measuring what arrived...");
  for (int i = 0; i < DEMO_ENDS; i++)
    note_state(&demo->end[i]);
  child_send(&demo->end[0].child, "hangup");
  for (int i = 0; i < DEMO_ENDS; i++)
    if (child_wait(&demo->end[i].child, in_seconds(END_S)) != EXIT_OK)
      return failed(demo, "an end did not hang up well");
  char path[DEMO_ENDS][PATH];
  path_in(path[0], demo->dir, "alice.report");
  path_in(path[1], demo->dir, "bob.report");
  if (!demo_measure(demo->end, (const char *const[]){path[0], path[1]}, demo->judged_from))
    return failed(demo, "an end wrote no report");
  return EXIT_OK;
}

static int write_json(const struct demo *demo, bool passed) {
  if (!demo->options->json_file)
    return EXIT_OK;
  json_t *root = demo_table_json(demo->end, passed);
  bool ok = root && json_dump_file(root, demo->options->json_file, JSON_INDENT(2)) == 0;
  json_decref(root);
  return ok ? EXIT_OK : complain(EXIT_SYSTEM, "%s could not be written", demo->options->json_file);
}

static int conclude(struct demo *demo) {
  const char *wrong = NULL;
  progress_done();
  demo_table_print(demo->end);
  for (int i = 0; i < DEMO_ENDS && !wrong; i++) {
    wrong = demo_shortfall(&demo->end[i]);
    if (wrong)
      complain(EXIT_DEMO, "at %s: %s", demo->end[i].name, wrong);
  }
  int code = write_json(demo, !wrong);
  if (wrong)
    return EXIT_DEMO;
  puts("\nBoth ends heard and saw each other, and the words were the same.");
  return code;
}

int command_demo(const struct options *options) {
  static struct demo demo;
  demo.options = options;
  demo.seconds = options->seconds ? options->seconds : options->quick ? QUICK_S : USUAL_S;
  demo.end[0].name = "alice";
  demo.end[1].name = "bob";
  int (*const steps[])(struct demo *) = {make_place, start_server, meet, ring, compare, talk, part, conclude};
  int code = EXIT_OK;
  if (!places_parse(options->places, demo.place))
    return complain(EXIT_USAGE, "--places is ALICE,BOB,SERVER, each [NETNS@]ADDRESS");
  if (options->record && mkdir(options->record, 0700) != 0 && errno != EEXIST)
    return complain(EXIT_DISK, "cannot record into %s: %s", options->record, strerror(errno));
  for (unsigned i = 0; !code && i < sizeof steps / sizeof steps[0]; i++)
    code = steps[i](&demo);
  clean_up(&demo);
  return code;
}
