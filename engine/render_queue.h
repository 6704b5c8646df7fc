/* render_queue.h - decoded pictures between the decode worker and the embedder, until it is time to show them.
 *
 * A picture leaves when its render time has come and no later one is due as well; those it overtakes are counted
 * as dropped. Pictures are lent: memory is RENDER_PICTURES buffers, allocated only to grow, at most RENDER_WAITING
 * of them waiting. Freezes are counted as in W3C webrtc-stats (freezeCount): the time between two pictures was
 * max(3 x mean, mean + 150 ms) or more, the mean being that of the last 30.
 */
#ifndef RENDER_QUEUE_H
#define RENDER_QUEUE_H
#include <pthread.h>

#include "picture_buffer.h"

enum { RENDER_PICTURES = 24, RENDER_WAITING = 18 /* 0.6 s at 30/s: more than lip sync ever holds back */ };
enum { FREEZE_MEAN_OF = 30 };

struct render_stats {
  int64_t frames_rendered, frames_dropped, freeze_count;
  usec freezes_duration;
};

struct render_queue {
  pthread_mutex_t lock;
  bool open;
  struct rendered {
    struct picture_buffer buffer; /* first: a lent picture is found by its address */
    struct render_queue *queue;
    bool used; /* being filled, waiting, or lent */
    usec render;
  } picture[RENDER_PICTURES];
  struct rendered *waiting[RENDER_WAITING]; /* oldest first */
  int count;
  usec last_shown, interval[FREEZE_MEAN_OF];
  int64_t intervals;
  struct render_stats stats;
};

bool render_queue_init(struct render_queue *queue);
void render_queue_deinit(struct render_queue *queue); /* nothing is lent any more */
/* While not open nothing is taken or given, and closing forgets what waits. */
void render_queue_set_open(struct render_queue *queue, bool open);
void render_queue_paused(struct render_queue *queue); /* the sender turned video off: the gap is no freeze */
void render_queue_add(struct render_queue *queue, const struct picture *picture, usec render); /* copies */
/* The newest that is due, NULL: none. Lent until render_queue_give_back(). */
struct rendered *render_queue_take(struct render_queue *queue, usec now);
void render_queue_give_back(struct rendered *picture);
void render_queue_stats(struct render_queue *queue, struct render_stats *stats);

#endif
