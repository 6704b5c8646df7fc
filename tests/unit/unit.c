#include "unit.h"

#include <sys/wait.h>
#include <unistd.h>

static struct {
  long fail_at; /* 0: never */
  long calls;   /* of our own code, since the test began */
  bool failed;  /* the injected failure happened */
  long live, marked;
  bool counting;
} alloc;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
void __wrap_free(void *block);

static bool refuse(void) {
  if (!alloc.counting || __atomic_add_fetch(&alloc.calls, 1, __ATOMIC_RELAXED) != alloc.fail_at)
    return false; /* threads of the code under test allocate too */
  __atomic_store_n(&alloc.failed, true, __ATOMIC_RELAXED);
  return true;
}

static void *counted(void *block) {
  if (block)
    __atomic_add_fetch(&alloc.live, 1, __ATOMIC_RELAXED);
  return block;
}

void *__wrap_malloc(size_t size) {
  return refuse() ? NULL : counted(__real_malloc(size));
}
void *__wrap_calloc(size_t count, size_t size) {
  return refuse() ? NULL : counted(__real_calloc(count, size));
}
void *__wrap_realloc(void *old, size_t size) {
  if (refuse())
    return NULL;
  return old ? __real_realloc(old, size) : counted(__real_realloc(old, size));
}
char *__wrap_strdup(const char *text) {
  return refuse() ? NULL : counted(__real_strdup(text));
}
void __wrap_free(void *block) {
  if (block)
    __atomic_sub_fetch(&alloc.live, 1, __ATOMIC_RELAXED);
  __real_free(block);
}

bool unit_alloc_failed(void) {
  return __atomic_load_n(&alloc.failed, __ATOMIC_RELAXED);
}

void unit_mark(void) {
  alloc.marked = __atomic_load_n(&alloc.live, __ATOMIC_RELAXED);
}

void unit_need(bool ok, const char *call, const char *file, int line) {
  if (ok)
    return;
  if (!unit_alloc_failed()) {
    print_error("%s:%d: failed: %s\n", file, line, call);
    fail();
  }
  if (alloc.live != alloc.marked) {
    fprintf(stderr, "%s:%d: %s failed and left %ld allocations behind\n", file, line, call,
            alloc.live - alloc.marked);
    _exit(2);
  }
  _exit(0); /* told of the failure, and nothing was left: what the mode wants to see */
}

/* ---- first as they are, then with failing allocations ---- */

enum { TESTS_MAX = 128, FAILURES_MAX = 300 }; /* allocations a test; more would only be repetition */
enum { SKIPPED = 77 };                        /* SKIP_RETURN_CODE */

static bool skipped;

void unit_skip(const char *why) {
  print_message("skipped: %s\n", why);
  skipped = true;
  skip();
}

static const struct CMUnitTest *original;
static size_t current; /* they run in order */
static long calls_of[TESTS_MAX];

static int begin_counting(void **state) {
  alloc.calls = 0;
  return original[current].setup_func ? original[current].setup_func(state) : 0;
}

static int note_count(void **state) {
  const struct CMUnitTest *test = &original[current];
  calls_of[current++] = alloc.calls;
  return test->teardown_func ? test->teardown_func(state) : 0;
}

static int run_as_they_are(const char *name, const struct CMUnitTest *tests, size_t count) {
  static struct CMUnitTest counted_test[TESTS_MAX];
  original = tests;
  for (size_t i = 0; i < count; i++) {
    counted_test[i] = tests[i];
    counted_test[i].setup_func = begin_counting;
    counted_test[i].teardown_func = note_count;
  }
  alloc.counting = true;
  return _cmocka_run_group_tests(name, counted_test, count, NULL, NULL);
}

/* In a child of its own: 0 fine, 1 a check failed, 2 something was left behind. */
static int run_failing(const struct CMUnitTest *test, long n) {
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) {
    if (!freopen("/dev/null", "w", stdout))
      _exit(1);
    alloc.calls = 0;
    alloc.fail_at = n;
    _exit(_cmocka_run_group_tests("alloc", test, 1, NULL, NULL) ? 1 : 0);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run_with_failures(const struct CMUnitTest *tests, size_t count) {
  long runs = 0;
  int bad = 0;
  for (size_t i = 0; i < count; i++)
    for (long n = 1; n <= calls_of[i] && n <= FAILURES_MAX; n++, runs++) {
      int code = run_failing(&tests[i], n);
      if (code) {
        printf("%s: allocation %ld failing: exit %d\n", tests[i].name, n, code);
        bad++;
        break;
      }
    }
  printf("%zu tests again, %ld times with an allocation failing: %d bad\n", count, runs, bad);
  return bad;
}

int unit_main(int argc, char **argv, const struct CMUnitTest *tests, size_t count) {
  if (count > TESTS_MAX)
    return 1;
  int failed = run_as_they_are(argv[0], tests, count);
  if (!failed && argc > 1 && strcmp(argv[1], "--alloc") == 0)
    failed = run_with_failures(tests, count);
  return failed ? 1 : skipped ? SKIPPED : 0;
}
