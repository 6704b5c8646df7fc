/* hostile.h - the adversary's servers on real sockets, on a thread of their own: a drop-in signaling server (the
 * product's core, so that honest traffic works) and a TURN relay, with a hook where each thing passes.
 *
 * The hooks run on the servers' thread with the lock held; hostile_lock() lets the rest of the program look at what
 * they share. A hook may look, change in place, return false to keep something, and inject more.
 */
#ifndef HOSTILE_H
#define HOSTILE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "signaling/frame.h"

enum { ALICE, BOB, VICTIMS };

struct hostile_hooks {
  bool (*on_cell)(void *user, int to, uint8_t *frame);                         /* FRAME_CELL_SIZE, to a victim */
  bool (*on_packet)(void *user, int from, int to, uint8_t *data, size_t size); /* through the relay */
  void (*on_tick)(void *user);                                                 /* every 10 ms */
  void *user;
};

struct hostile;

struct hostile *hostile_new(void); /* NULL: no memory, socket or thread */
void hostile_free(struct hostile *hostile);
const char *hostile_url(const struct hostile *hostile);  /* "ws://127.0.0.1:PORT" */
const char *hostile_turn(const struct hostile *hostile); /* "127.0.0.1:PORT"; the users are "alice" and "bob" */
const char *hostile_turn_password(void);
/* What connects from now on is that victim. */
void hostile_expect(struct hostile *hostile, int victim);
void hostile_set_hooks(struct hostile *hostile, const struct hostile_hooks *hooks); /* NULL: honest */
void hostile_lock(struct hostile *hostile);
void hostile_unlock(struct hostile *hostile);

/* From hooks only. */
void hostile_send_packet(struct hostile *hostile, int to, const uint8_t *data, size_t size);
/* A cell of the attacker's making, into the mailbox that this victim got a cell from last; false: none yet. */
bool hostile_send_cell(struct hostile *hostile, int to, const uint8_t cell[CELL_SIZE]);

#endif
