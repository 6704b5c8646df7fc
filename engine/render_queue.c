#include "render_queue.h"

bool render_queue_init(struct render_queue *queue) {
  for (int i = 0; i < RENDER_PICTURES; i++)
    queue->picture[i].queue = queue;
  return pthread_mutex_init(&queue->lock, NULL) == 0;
}

void render_queue_deinit(struct render_queue *queue) {
  for (int i = 0; i < RENDER_PICTURES; i++)
    picture_buffer_deinit(&queue->picture[i].buffer);
  pthread_mutex_destroy(&queue->lock);
}

static void forget_oldest(struct render_queue *queue) {
  queue->waiting[0]->used = false;
  queue->count--;
  for (int i = 0; i < queue->count; i++)
    queue->waiting[i] = queue->waiting[i + 1];
}

void render_queue_set_open(struct render_queue *queue, bool open) {
  pthread_mutex_lock(&queue->lock);
  queue->open = open;
  while (!open && queue->count)
    forget_oldest(queue);
  if (!open)
    queue->last_shown = 0; /* a shut gate is no freeze */
  pthread_mutex_unlock(&queue->lock);
}

void render_queue_paused(struct render_queue *queue) {
  pthread_mutex_lock(&queue->lock);
  queue->last_shown = 0;
  pthread_mutex_unlock(&queue->lock);
}

static struct rendered *free_picture(struct render_queue *queue) {
  for (int i = 0; i < RENDER_PICTURES; i++)
    if (!queue->picture[i].used)
      return &queue->picture[i];
  return NULL;
}

/* Under the lock: where to copy to, making room at the oldest's cost; NULL when all are lent, or the gate is shut.
 */
static struct rendered *add_begin(struct render_queue *queue) {
  if (!queue->open)
    return NULL;
  struct rendered *place = free_picture(queue);
  if (queue->count && (!place || queue->count == RENDER_WAITING)) {
    forget_oldest(queue);
    queue->stats.frames_dropped++;
    place = free_picture(queue);
  }
  if (place)
    place->used = true;
  else
    queue->stats.frames_dropped++;
  return place;
}

void render_queue_add(struct render_queue *queue, const struct picture *picture, usec render) {
  pthread_mutex_lock(&queue->lock);
  struct rendered *place = add_begin(queue);
  pthread_mutex_unlock(&queue->lock);
  if (!place)
    return;
  bool copied = picture_buffer_copy(&place->buffer, picture);
  pthread_mutex_lock(&queue->lock);
  if (copied && queue->open) {
    place->render = render;
    queue->waiting[queue->count++] = place;
  } else {
    place->used = false;
    queue->stats.frames_dropped += !copied;
  }
  pthread_mutex_unlock(&queue->lock);
}

static void note_freeze(struct render_queue *queue, usec gap) {
  int64_t known = queue->intervals < FREEZE_MEAN_OF ? queue->intervals : FREEZE_MEAN_OF;
  usec sum = 0;
  for (int64_t i = 0; i < known; i++)
    sum += queue->interval[i];
  usec mean = known ? sum / known : 0, limit = 3 * mean > mean + MS(150) ? 3 * mean : mean + MS(150);
  if (known && gap >= limit) {
    queue->stats.freeze_count++;
    queue->stats.freezes_duration += gap;
  }
  queue->interval[queue->intervals++ % FREEZE_MEAN_OF] = gap;
}

struct rendered *render_queue_take(struct render_queue *queue, usec now) {
  struct rendered *due = NULL;
  pthread_mutex_lock(&queue->lock);
  while (queue->count > 1 && queue->waiting[1]->render <= now) {
    forget_oldest(queue);
    queue->stats.frames_dropped++;
  }
  if (queue->count && queue->waiting[0]->render <= now) {
    due = queue->waiting[0];
    forget_oldest(queue);
    due->used = true; /* lent */
    queue->stats.frames_rendered++;
    if (queue->last_shown)
      note_freeze(queue, now - queue->last_shown);
    queue->last_shown = now;
  }
  pthread_mutex_unlock(&queue->lock);
  return due;
}

void render_queue_give_back(struct rendered *picture) {
  struct render_queue *queue = picture->queue;
  pthread_mutex_lock(&queue->lock);
  picture->used = false;
  pthread_mutex_unlock(&queue->lock);
}

void render_queue_stats(struct render_queue *queue, struct render_stats *stats) {
  pthread_mutex_lock(&queue->lock);
  *stats = queue->stats;
  pthread_mutex_unlock(&queue->lock);
}
