/* sound_card.h - what embed.c asks of a sound card: a callback every 10 ms on a thread of its own. */
#ifndef SOUND_CARD_H
#define SOUND_CARD_H
#include <stdint.h>

struct sound_card;
/* mic: what was just recorded; speaker: to be filled with what is played next. 16-bit mono. */
typedef void sound_fn(void *user, const int16_t *mic, int16_t *speaker, int samples);

struct sound_card *sound_card_open(int rate, sound_fn *fn, void *user); /* NULL: no memory or no thread */
void sound_card_close(struct sound_card *card);                         /* joins the thread; NULL is allowed */

#endif
