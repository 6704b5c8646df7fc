/* media_loop.h - the thread that plays sound card, camera and screen for one call.
 *
 * Every 10 ms by the monotonic clock it hands in what was "captured" in them and takes as much to be "heard"; at
 * the picture rate it hands in a picture; it looks for a picture to show every 5 ms. When the machine keeps it
 * from running it catches up block by block, as a sound card's buffer would, up to half a second; pictures
 * that it missed are skipped, as a camera would.
 */
#ifndef MEDIA_LOOP_H
#define MEDIA_LOOP_H
#include <stdbool.h>

#include "sotto.h"
#include "studio.h"

struct media_loop;

/* The studio and the call must outlive it. NULL: no memory or no thread. */
struct media_loop *media_loop_start(sotto_call *call, struct studio *studio);
void media_loop_set_video(struct media_loop *loop, bool on);
void media_loop_stop(struct media_loop *loop); /* NULL is fine */

#endif
