/* fake_server.h - a signaling server that misbehaves, on a thread of the test. */
#ifndef FAKE_SERVER_H
#define FAKE_SERVER_H
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

enum misbehaviour {
  FAKE_CLOSES,         /* takes the connection and closes it */
  FAKE_STALLS,         /* takes it and says nothing */
  FAKE_GARBAGE,        /* random bytes instead of HTTP */
  FAKE_CLOSES_LATER,   /* a proper upgrade, then closed at once, every time */
  FAKE_FLOODS,         /* a proper upgrade, then cells without end */
  FAKE_GARBAGE_FRAMES, /* a proper upgrade, then frames of random bytes */
  FAKE_HUGE_FRAME,     /* a proper upgrade, then a frame that says it has 2^62 bytes */
  FAKE_KINDS,
};

struct fake_server {
  enum misbehaviour kind;
  int listening;
  char url[64];
  pthread_t thread;
  atomic_bool stop;
  atomic_long connections;
  _Atomic uint64_t sent; /* bytes */
};

void fake_start(struct fake_server *fake, enum misbehaviour kind);
void fake_stop(struct fake_server *fake);

#endif
