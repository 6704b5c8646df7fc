/* unit.h - what every test includes: cmocka, and the allocation-failure mode.
 *
 *   UNIT_TESTS(test(a_reordered_packet_is_never_requested), test(...))   defines main()
 *
 * `test_X` runs the tests. `test_X --alloc` then runs each of them again in a child process for every allocation
 * that our own code made in it, with that one failing. Wrap each call that may allocate in need(): when it fails
 * because of an injected failure, the call must have left no allocation behind, and the test then ends well. Any
 * other failure of need() fails the test.
 *
 * unit_skip("needs root") leaves a test out that can't run here. The program then ends with 77, which CTest shows
 * as skipped, unless something failed.
 */
#ifndef UNIT_H
#define UNIT_H
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define test(name)    cmocka_unit_test(name)
#define need(call)    unit_need((unit_mark(), (call) ? true : false), #call, __FILE__, __LINE__)
#define need_ok(call) need((call) == 0) /* for calls that return a status */

#define UNIT_TESTS(...)                                                                                            \
  int main(int argc, char **argv) {                                                                                \
    const struct CMUnitTest tests[] = {__VA_ARGS__};                                                               \
    return unit_main(argc, argv, tests, sizeof tests / sizeof tests[0]);                                           \
  }

int unit_main(int argc, char **argv, const struct CMUnitTest *tests, size_t count);
void unit_mark(void);
void unit_need(bool ok, const char *call, const char *file, int line);
void unit_skip(const char *why);
bool unit_alloc_failed(void); /* an injected failure has happened: what follows may rightly fail */

/* A small seeded generator for tests (xorshift64*); the state must not be zero. */
static inline uint64_t unit_random(uint64_t *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * 2685821657736338717u;
}

#endif
