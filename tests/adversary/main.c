/* main.c - sotto-evil: plays attacks, and judges how they ended.
 *
 * sotto-evil holds when every expectation is met and the attacker got nothing; the twin must be beaten. Each run is
 * a process of its own, so that a crash is one more failure and no more. A table of all asks the twin, a second
 * program beside this one, for its column.
 */
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "evil.h"

enum { SEEDS_MAX = 100000 };

static const struct attack *const themes[] = {attacks_signaling, attacks_sas,      attacks_dtls,
                                              attacks_path,      attacks_identity, attacks_metadata,
                                              attacks_roster,    attacks_link,     attacks_downgrade};
enum { THEMES = sizeof themes / sizeof themes[0], ATTACKS_MAX = 128 };

struct options {
  const char *attack;
  bool all, list, twin, terse, verbose;
  uint64_t seed, seeds;
  int jobs;
};

struct tally {
  uint64_t runs, good;
  struct evil_result first; /* of the first seed */
  char bad_seeds[160];      /* the first of them, "3,14", "" when there is none */
  struct evil_result bad;   /* of the first of them */
};

static int by_id(const void *a, const void *b) {
  const struct attack *const *x = a, *const *y = b;
  return strcmp((*x)->id, (*y)->id);
}

static size_t collect(const struct attack **list) {
  size_t count = 0;
  for (size_t t = 0; t < THEMES; t++)
    for (const struct attack *attack = themes[t]; attack->id; attack++)
      list[count++] = attack;
  qsort(list, count, sizeof *list, by_id);
  return count;
}

static bool is_good(const struct evil_result *result) {
  return weak_linked ? result->done && result->beaten : result->done && !result->beaten && !*result->failed;
}

/* One run less; a crash, or what a sanitizer found at its end, undoes its result. */
static int reap(struct evil_result *results, uint64_t count) {
  int status;
  pid_t pid = wait(&status);
  for (uint64_t i = 0; i < count; i++)
    if (results[i].pid == pid && status)
      results[i].done = false;
  return pid > 0 || errno != EINTR;
}

static void note_bad(struct tally *tally, const struct evil_result *result, uint64_t seed) {
  size_t used = strlen(tally->bad_seeds);
  if (!used)
    tally->bad = *result;
  if (used + 24 < sizeof tally->bad_seeds)
    snprintf(tally->bad_seeds + used, sizeof tally->bad_seeds - used, "%s%llu", used ? "," : "",
             (unsigned long long)seed);
}

/* How to repeat each that went wrong. */
static void print_bad(const struct attack *attack, const char *seeds, bool twin) {
  char list[sizeof((struct tally *)0)->bad_seeds], *rest = list;
  snprintf(list, sizeof list, "%s", seeds);
  for (char *seed; (seed = strsep(&rest, ","));)
    printf("    sotto-evil --attack %s --seed %s%s --verbose\n", attack->id, seed, twin ? " --twin" : "");
}

/* The runs' results come back through shared memory. */
static bool run_seeds(const struct attack *attack, const struct options *options, struct tally *tally) {
  size_t bytes = options->seeds * sizeof(struct evil_result);
  struct evil_result *results = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (results == MAP_FAILED)
    return false;
  int running = 0;
  for (uint64_t i = 0; i < options->seeds; i++) {
    if (running == options->jobs)
      running -= reap(results, options->seeds);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
      evil_run(attack, options->seed + i, options->verbose, &results[i]);
      exit(0);
    }
    results[i].pid = pid;
    running += pid > 0;
  }
  while (running > 0)
    running -= reap(results, options->seeds);
  *tally = (struct tally){.runs = options->seeds, .first = results[0]};
  for (uint64_t i = 0; i < options->seeds; i++)
    if (is_good(&results[i]))
      tally->good++;
    else
      note_bad(tally, &results[i], options->seed + i);
  munmap(results, bytes);
  return true;
}

static void explain(const struct attack *attack, const struct tally *tally) {
  if (tally->good == tally->runs)
    return;
  const struct evil_result *bad = &tally->bad;
  printf("  %s, seeds %s%s; the first: ", attack->id, tally->bad_seeds, weak_linked ? ", twin" : "");
  if (!bad->done)
    printf("the run crashed\n");
  else if (weak_linked)
    printf("the attacker did not win\n");
  else if (bad->beaten)
    printf("BEATEN: %s%s%s\n", bad->how, *bad->failed ? "; " : "", bad->failed);
  else
    printf("not as expected: %s\n", bad->failed);
  print_bad(attack, tally->bad_seeds, weak_linked);
}

/* ---- the twin ---- */

static void twin_path(char *out, size_t size) {
  char self[PATH_MAX] = "";
  if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
    *self = 0;
  snprintf(out, size, "%s/sotto-evil-twin", dirname(self));
}

/* "GOOD RUNS BAD HOW", as run_terse() prints it. */
static bool ask_twin(const struct attack *attack, const struct options *options, struct tally *tally) {
  char path[PATH_MAX + 32], command[PATH_MAX + 200], line[400] = "", bad[160] = "";
  unsigned long long good = 0, runs = 0;
  int at = 0;
  twin_path(path, sizeof path);
  snprintf(command, sizeof command, "'%s' --attack %s --seed %llu --seeds %llu --jobs %d --terse", path, attack->id,
           (unsigned long long)options->seed, (unsigned long long)options->seeds, options->jobs);
  FILE *pipe = popen(command, "r");
  if (!pipe)
    return false;
  bool read = fgets(line, sizeof line, pipe) && sscanf(line, "%llu %llu %159s %n", &good, &runs, bad, &at) == 3;
  pclose(pipe);
  line[strcspn(line, "\n")] = 0;
  *tally = (struct tally){.good = good, .runs = runs};
  if (strcmp(bad, "-") != 0)
    memcpy(tally->bad_seeds, bad, sizeof bad);
  if (read)
    snprintf(tally->first.how, sizeof tally->first.how, "%.95s", line + at);
  return read;
}

/* ---- what is printed ---- */

static void print_weaknesses(uint64_t weak) {
  static const char *const name[] = {
#define WEAK_NAME(name, text) #name,
      WEAKNESSES(WEAK_NAME)
#undef WEAK_NAME
  };
  const char *between = "";
  for (int i = 0; i < WEAKNESS_COUNT; i++)
    if (weak & UINT64_C(1) << i) {
      printf("%s%s", between, name[i]);
      between = "+";
    }
}

static int run_terse(const struct attack *attack, const struct options *options) {
  struct tally tally = {0};
  if (!run_seeds(attack, options, &tally))
    return 1;
  printf("%llu %llu %s %s\n", (unsigned long long)tally.good, (unsigned long long)tally.runs,
         *tally.bad_seeds ? tally.bad_seeds : "-", tally.first.how);
  return tally.good == tally.runs ? 0 : 1;
}

static int run_one(const struct attack *attack, const struct options *options) {
  struct tally tally = {0};
  if (weak_linked && !attack->weak) {
    printf("%s: no twin, there is no one defence to leave out\n", attack->id);
    return 0;
  }
  if (!run_seeds(attack, options, &tally))
    return 1;
  printf("%s: %s\n", attack->id, attack->tried);
  printf("  %s %llu of %llu", weak_linked ? "won" : "held", (unsigned long long)tally.good,
         (unsigned long long)tally.runs);
  if (weak_linked) {
    printf(", without ");
    print_weaknesses(attack->weak);
    printf(": %s", tally.first.how);
  }
  printf("\n  seen: %s\n", *tally.first.events ? tally.first.events : "nothing");
  explain(attack, &tally);
  return tally.good == tally.runs ? 0 : 1;
}

static bool print_row(const struct attack *attack, const struct options *options) {
  struct tally strong = {0}, twin = {0};
  bool good = run_seeds(attack, options, &strong) && strong.good == strong.runs;
  printf("%-4s %-66s %4llu/%-4llu ", attack->id, attack->tried, (unsigned long long)strong.good,
         (unsigned long long)strong.runs);
  if (attack->weak) {
    good = ask_twin(attack, options, &twin) && twin.good == twin.runs && twin.runs == options->seeds && good;
    printf("%4llu/%-4llu ", (unsigned long long)twin.good, (unsigned long long)options->seeds);
  } else {
    printf("%9s ", "-");
  }
  printf("%s\n", *strong.first.events ? strong.first.events : "-");
  if (attack->weak) {
    printf("%-4s   without ", "");
    print_weaknesses(attack->weak);
    printf(": %s\n", twin.first.how);
  }
  explain(attack, &strong);
  if (attack->weak && twin.good != options->seeds) {
    printf("  %s, seeds %s, twin: the attacker did not win\n", attack->id, twin.bad_seeds);
    print_bad(attack, twin.bad_seeds, true);
  }
  fflush(stdout);
  return good;
}

static int print_table(const struct options *options) {
  const struct attack *list[ATTACKS_MAX];
  size_t count = collect(list), good = 0, twins = 0;
  printf("%-4s %-66s %9s %9s %s\n", "", "what is tried", "held", "twin lost", "what the victims saw");
  for (size_t i = 0; i < count; i++) {
    good += print_row(list[i], options);
    twins += list[i]->weak != 0;
  }
  printf("%zu attacks of %zu, %zu of them with a twin that must lose, %llu seeds each: %s\n", good, count, twins,
         (unsigned long long)options->seeds, good == count ? "all held" : "NOT ALL HELD");
  return good == count ? 0 : 1;
}

static int print_list(void) {
  const struct attack *list[ATTACKS_MAX];
  size_t count = collect(list);
  for (size_t i = 0; i < count; i++) {
    printf("%-4s %-66s  ", list[i]->id, list[i]->tried);
    print_weaknesses(list[i]->weak);
    printf("%s\n", list[i]->weak ? "" : "-");
  }
  return 0;
}

static int usage(void) {
  fputs("usage: sotto-evil --list\n"
        "       sotto-evil --attack ID [--seed N] [--seeds N] [--twin] [--jobs N] [--verbose]\n"
        "       sotto-evil --all [--seed N] [--seeds N] [--jobs N]\n"
        "An adversary that owns the server, the relay and two identities. --twin: the same attack on a sotto "
        "without\n"
        "the defence in question, where it must succeed.\n",
        stderr);
  return 2;
}

static uint64_t number(const char *text, uint64_t most) {
  char *end;
  unsigned long long value = strtoull(text, &end, 10);
  if (!*text || *end || value > most)
    exit(usage());
  return value;
}

static struct options read_options(int argc, char **argv) {
  static const struct option names[] = {
      {"attack", required_argument, NULL, 'a'}, {"seed", required_argument, NULL, 's'},
      {"seeds", required_argument, NULL, 'n'},  {"jobs", required_argument, NULL, 'j'},
      {"all", no_argument, NULL, 'A'},          {"list", no_argument, NULL, 'l'},
      {"twin", no_argument, NULL, 't'},         {"terse", no_argument, NULL, 'T'},
      {"verbose", no_argument, NULL, 'v'},      {0}};
  struct options options = {.seed = 1, .seeds = 1, .jobs = 1};
  for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;)
    switch (c) {
    case 'a':
      options.attack = optarg;
      break;
    case 's':
      options.seed = number(optarg, UINT32_MAX);
      break;
    case 'n':
      options.seeds = number(optarg, SEEDS_MAX);
      break;
    case 'j':
      options.jobs = (int)number(optarg, 64);
      break;
    case 'A':
      options.all = true;
      break;
    case 'l':
      options.list = true;
      break;
    case 't':
      options.twin = true;
      break;
    case 'T':
      options.terse = true;
      break;
    case 'v':
      options.verbose = true;
      break;
    default:
      exit(usage());
    }
  if (optind != argc || !options.seeds || !options.jobs || !(options.all || options.list || options.attack))
    exit(usage());
  return options;
}

int main(int argc, char **argv) {
  struct options options = read_options(argc, argv);
  if (options.twin && !weak_linked) {
    char path[PATH_MAX + 32];
    twin_path(path, sizeof path);
    execv(path, argv);
    perror(path);
    return 2;
  }
  if (options.list)
    return print_list();
  if (options.all)
    return print_table(&options);
  const struct attack *list[ATTACKS_MAX];
  for (size_t i = 0, count = collect(list); i < count; i++)
    if (!strcmp(list[i]->id, options.attack))
      return options.terse ? run_terse(list[i], &options) : run_one(list[i], &options);
  fprintf(stderr, "sotto-evil: no attack %s; see --list\n", options.attack);
  return 2;
}
