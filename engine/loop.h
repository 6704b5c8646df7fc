/* loop.h - the engine thread's loop: a private GMainContext, one deadline, and a wake-up for other threads.
 *
 * The context is the thread's default while loop_run() runs, so libnice and libsoup, used on that thread alone,
 * deliver there. Deadlines are a timerfd (GLib's own are whole milliseconds). A turn longer than LOOP_TURN_MAX is
 * counted and logged: the loop has packets to send.
 */
#ifndef LOOP_H
#define LOOP_H
#include <stdbool.h>
#include <stdint.h>

#include "../media/units.h"

#define LOOP_TURN_MAX MS(20)

struct loop;

usec loop_now(void);     /* the monotonic clock */
int64_t loop_wall(void); /* Unix time, usec */

struct loop *loop_new(void); /* NULL: no memory, or the system refuses */
void loop_free(struct loop *loop);
void *loop_context(struct loop *loop); /* its GMainContext, for path/ice.h */
/* Calls turn(user) first and after whatever happened, until it returns false. */
void loop_run(struct loop *loop, bool (*turn)(void *user), void *user);
void loop_wake(struct loop *loop);                    /* from any thread: turn soon */
void loop_set_deadline(struct loop *loop, usec when); /* from turn: turn again then; USEC_NEVER: not by itself */
int64_t loop_wakeups(const struct loop *loop);        /* on its thread: since it runs */
int64_t loop_long_turns(const struct loop *loop);     /* on the loop's thread */

#endif
