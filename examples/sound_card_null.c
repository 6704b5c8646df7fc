/* sound_card_null.c - a sound card for machines that have none: records silence, plays to nobody. */
#define _POSIX_C_SOURCE 200809L /* clock_nanosleep under plain C11 */
#include "sound_card.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { SAMPLES_MAX = 1920, PERIOD_NS = 10000000 };

struct sound_card {
  pthread_t thread;
  atomic_bool closing;
  int samples;
  sound_fn *fn;
  void *user;
  int16_t mic[SAMPLES_MAX], speaker[SAMPLES_MAX];
};

static void *run(void *arg) {
  struct sound_card *card = arg;
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  while (!card->closing) {
    card->fn(card->user, card->mic, card->speaker, card->samples);
    next.tv_nsec += PERIOD_NS;
    if (next.tv_nsec >= 1000000000) {
      next.tv_nsec -= 1000000000;
      next.tv_sec++;
    }
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
  }
  return NULL;
}

struct sound_card *sound_card_open(int rate, sound_fn *fn, void *user) {
  struct sound_card *card = calloc(1, sizeof *card);
  if (!card)
    return NULL;
  card->samples = rate / 100;
  card->fn = fn;
  card->user = user;
  if (card->samples < 1 || card->samples > SAMPLES_MAX || pthread_create(&card->thread, NULL, run, card)) {
    free(card);
    return NULL;
  }
  return card;
}

void sound_card_close(struct sound_card *card) {
  if (!card)
    return;
  card->closing = 1;
  pthread_join(card->thread, NULL);
  free(card);
}
