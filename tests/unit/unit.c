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

/* The child's exit code: 0 fine, 1 a check failed, 2 a leak, 3 no failure was left to inject. */
static int run_child(const struct CMUnitTest *test, long n) {
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) {
    if (!freopen("/dev/null", "w", stdout))
      _exit(1);
    alloc.fail_at = n;
    alloc.counting = true;
    int failed = _cmocka_run_group_tests("alloc", test, 1, NULL, NULL);
    _exit(failed ? 1 : alloc.failed ? 0 : 3);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run_alloc(const struct CMUnitTest *tests, size_t count) {
  enum { MOST = 300 }; /* allocations a test; more would only be repetition */
  int bad = 0;
  for (size_t i = 0; i < count; i++)
    for (long n = 1; n <= MOST; n++) {
      int code = run_child(&tests[i], n);
      if (code == 3)
        break;
      if (code) {
        printf("%s: allocation %ld failing: exit %d\n", tests[i].name, n, code);
        bad++;
        break;
      }
    }
  printf("%zu tests under failing allocations, %d bad\n", count, bad);
  return bad ? 1 : 0;
}

int unit_main(int argc, char **argv, const struct CMUnitTest *tests, size_t count) {
  if (argc > 1 && strcmp(argv[1], "--alloc") == 0)
    return run_alloc(tests, count);
  alloc.counting = true;
  return _cmocka_run_group_tests(argv[0], tests, count, NULL, NULL);
}
