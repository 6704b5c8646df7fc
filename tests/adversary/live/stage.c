#include "stage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "examples/caller/complain.h"
#include "examples/caller/stop.h"

enum { PATIENCE_S = 90 };
static const char passphrase[] = "correct horse battery staple";

static int64_t patience(void) {
  return clock_now() + (int64_t)PATIENCE_S * 1000000;
}

static void join(char out[STAGE_PATH], const char *a, const char *b) {
  if (snprintf(out, STAGE_PATH, "%.300s/%.180s", a, b) >= STAGE_PATH)
    out[0] = 0;
}

/* ---- folders ---- */

static bool write_password(struct stage *stage) {
  join(stage->password_file, stage->dir, "relay-password");
  FILE *file = fopen(stage->password_file, "we");
  bool ok = file && fprintf(file, "%s\n", hostile_turn_password()) > 0;
  return file && fclose(file) == 0 && ok && chmod(stage->password_file, 0600) == 0;
}

static bool copy_file(const char *from, const char *to) {
  struct stat info;
  int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  bool ok = in >= 0 && out >= 0 && fstat(in, &info) == 0;
  ok = ok && sendfile(out, in, NULL, (size_t)info.st_size) == (ssize_t)info.st_size;
  if (in >= 0)
    close(in);
  if (out >= 0)
    close(out);
  return ok;
}

static bool copy_folder(const char *from, const char *to) {
  DIR *folder = opendir(from);
  bool ok = folder && mkdir(to, 0700) == 0;
  for (struct dirent *entry; ok && (entry = readdir(folder));) {
    char source[STAGE_PATH], target[STAGE_PATH];
    join(source, from, entry->d_name);
    join(target, to, entry->d_name);
    if (entry->d_name[0] != '.')
      ok = copy_file(source, target);
  }
  if (folder)
    closedir(folder);
  return ok;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where) {
  (void)info, (void)kind, (void)where;
  return remove(path);
}

bool stage_open(struct stage *stage) {
  const char *base = getenv("TMPDIR");
  *stage = (struct stage){.victim = {{.name = "alice", .other = "bob"}, {.name = "bob", .other = "alice"}}};
  ssize_t n = readlink("/proc/self/exe", stage->bin, sizeof stage->bin - 1);
  char *slash = n > 0 ? strrchr(stage->bin, '/') : NULL;
  join(stage->dir, base && *base ? base : "/tmp", "sotto-live-XXXXXX");
  if (!slash || !mkdtemp(stage->dir))
    return complain(EXIT_SYSTEM, "no folder: %s", strerror(errno)), false;
  *slash = 0;
  stage->hostile = hostile_new();
  return write_password(stage) || (complain(EXIT_SYSTEM, "%s cannot be written", stage->dir), false);
}

void stage_close(struct stage *stage) {
  stage_end_victims(stage);
  hostile_free(stage->hostile);
  nftw(stage->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- victims ---- */

bool victim_start(struct stage *stage, int victim, const char *const *words) {
  struct victim *v = &stage->victim[victim];
  char program[STAGE_PATH], log[STAGE_PATH], *argv[STAGE_WORDS] = {program};
  int n = 1;
  join(program, stage->bin, stage->weakness ? "sotto-victim" : "sotto");
  join(log, stage->dir, v->name);
  strncat(log, ".log", sizeof log - strlen(log) - 1);
  const char *fixed[] = {"--json-events",   "--lan",
                         "--local",         "127.0.0.1",
                         "--passphrase-fd", "3",
                         "--store",         v->store,
                         "--server",        hostile_url(stage->hostile),
                         "--report",        v->report,
                         "--size",          "160x120",
                         "--fps",           "10",
                         "--variant",       victim == BOB ? "1" : "0"};
  const char *relay[] = {"--relay-only",      "--turn", hostile_turn(stage->hostile),
                         "--turn-user",       v->name,  "--turn-password-file",
                         stage->password_file};

  for (unsigned i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
    argv[n++] = (char *)fixed[i];
  for (unsigned i = 0; !stage->direct && i < sizeof relay / sizeof relay[0]; i++)
    argv[n++] = (char *)relay[i];
  for (; *words && n < STAGE_WORDS - 1; words++)
    argv[n++] = (char *)*words;
  child_end(&v->child);
  v->read_to = 0;
  hostile_expect(stage->hostile, victim);
  if (stage->weakness)
    setenv("SOTTO_VICTIM", stage->weakness, 1); /* asked for by the twin alone */
  bool ok = child_start(&v->child, argv, passphrase, log);
  unsetenv("SOTTO_VICTIM");
  return ok;
}

json_t *victim_await(struct stage *stage, int victim, const char *event, const char *key, const char *value) {
  struct victim *v = &stage->victim[victim];
  return child_await(&v->child, &v->read_to, event, key, value, patience());
}

bool victim_say(struct stage *stage, int victim, const char *line) {
  return child_send(&stage->victim[victim].child, line);
}

int victim_ends(struct stage *stage, int victim) {
  return child_wait(&stage->victim[victim].child, patience());
}

void stage_end_victims(struct stage *stage) {
  for (int i = 0; i < VICTIMS; i++)
    child_end(&stage->victim[i].child);
}

int victim_count(struct stage *stage, int victim, const char *event, const char *key, const char *value) {
  int count = 0;
  size_t i;
  json_t *line;
  json_array_foreach(stage->victim[victim].child.seen, i, line) {
    const char *name = json_string_value(json_object_get(line, "event"));
    const char *text = key ? json_string_value(json_object_get(line, key)) : value;
    count += name && strcmp(name, event) == 0 && (!key || (text && strcmp(text, value) == 0));
  }
  return count;
}

const char *victim_last(struct stage *stage, int victim, const char *event, const char *key) {
  const char *text = json_string_value(json_object_get(child_last(&stage->victim[victim].child, event), key));
  return text ? text : "";
}

double victim_stat(struct stage *stage, int victim, const char *group, const char *key) {
  const json_t *stats = child_last(&stage->victim[victim].child, "stats");
  return json_number_value(json_object_get(json_object_get(stats, group), key));
}

void stage_wait(struct stage *stage, int ms) {
  int64_t until = clock_now() + (int64_t)ms * 1000;
  while (clock_now() < until && !stop_signal()) {
    for (int i = 0; i < VICTIMS; i++)
      if (stage->victim[i].child.seen)
        while (child_read(&stage->victim[i].child, clock_now() + 1000)) {
        }
    clock_sleep_until(clock_now() + 10000);
  }
}

/* ---- meeting ---- */

static void place(struct stage *stage, const char *folder) {
  char dir[STAGE_PATH];
  join(dir, stage->dir, folder);
  mkdir(dir, 0700);
  for (int i = 0; i < VICTIMS; i++) {
    struct victim *v = &stage->victim[i];
    join(v->store, dir, v->name);
    join(v->report, dir, i == ALICE ? "alice.report" : "bob.report");
  }
}

/* No cell of an earlier trial waits for anybody. */
static bool fresh_servers(struct stage *stage) {
  hostile_free(stage->hostile);
  stage->hostile = hostile_new();
  return stage->hostile;
}

bool stage_strangers(struct stage *stage) {
  char folder[32];
  stage_end_victims(stage);
  snprintf(folder, sizeof folder, "stores-%d", ++stage->met);
  place(stage, folder);
  return fresh_servers(stage);
}

static bool meet(struct stage *stage) {
  if (!victim_start(stage, ALICE, WORDS("invite", "bob", "--wait")))
    return false;
  json_t *invite = victim_await(stage, ALICE, "invite", NULL, NULL);
  const char *text = json_string_value(json_object_get(invite, "text"));
  if (!text || !victim_start(stage, BOB, WORDS("accept", "alice", "-")) ||
      !victim_await(stage, BOB, "online", NULL, NULL) || !victim_say(stage, BOB, text))
    return false;
  return victim_ends(stage, BOB) == EXIT_OK && victim_ends(stage, ALICE) == EXIT_OK;
}

/* As two people do who show each other their codes. */
static bool verify(struct stage *stage) {
  for (int i = 0; i < VICTIMS; i++) {
    char uri[128];
    if (!victim_start(stage, 1 - i, WORDS("id")) || !victim_await(stage, 1 - i, "id", NULL, NULL))
      return false;
    snprintf(uri, sizeof uri, "%s", victim_last(stage, 1 - i, "id", "uri"));
    if (victim_ends(stage, 1 - i) != EXIT_OK ||
        !victim_start(stage, i, WORDS("verify", stage->victim[i].other, "--uri", uri)) ||
        victim_ends(stage, i) != EXIT_OK)
      return false;
  }
  return true;
}

static bool make_friends(struct stage *stage) {
  const char *weakness = stage->weakness;
  stage->weakness = NULL; /* whoever they become later, they met with the real program */
  place(stage, "friends");
  bool ok = meet(stage) && verify(stage);
  stage->weakness = weakness;
  return ok;
}

bool stage_friends(struct stage *stage) {
  char base[STAGE_PATH], from[STAGE_PATH];
  bool ok = true;
  join(base, stage->dir, "friends");
  stage_end_victims(stage);
  if (access(base, F_OK) != 0 && !make_friends(stage))
    return complain(EXIT_INTERNAL, "the victims did not meet"), false;
  ok = stage_strangers(stage);
  for (int i = 0; ok && i < VICTIMS; i++) {
    join(from, base, stage->victim[i].name);
    ok = copy_folder(from, stage->victim[i].store);
  }
  return ok;
}

bool stage_call(struct stage *stage, const char *const *more) {
  const char *alice[STAGE_WORDS] = {0}, *bob[STAGE_WORDS] = {0};
  int n = 0;
  for (; more && more[n]; n++)
    alice[n] = bob[n] = more[n];
  alice[n] = "call", alice[n + 1] = "bob";
  bob[n] = "answer", bob[n + 1] = "--once", bob[n + 2] = "--auto";
  return victim_start(stage, BOB, bob) && victim_await(stage, BOB, "online", NULL, NULL) &&
         victim_start(stage, ALICE, alice) && victim_await(stage, ALICE, "online", NULL, NULL);
}
