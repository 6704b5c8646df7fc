#include "stop.h"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static volatile sig_atomic_t first;
static int event = -1;

static void on_signal(int signal) {
  if (first && signal != SIGPIPE)
    _exit(128 + signal);
  if (first)
    return;
  first = signal;
  uint64_t one = 1;
  if (write(event, &one, sizeof one) < 0) /* the counter is full: it is readable all the same */
    return;
}

bool stop_install(void) {
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
  struct sigaction action = {.sa_handler = on_signal};
  sigemptyset(&action.sa_mask);
  event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  bool ok = event >= 0;
  for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
    ok = ok && sigaction(signals[i], &action, NULL) == 0;
  return ok;
}

int stop_fd(void) {
  return event;
}

int stop_signal(void) {
  return first;
}
