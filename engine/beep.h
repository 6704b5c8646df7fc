/* beep.h - the tone that says "not verified" to who listens: a fifth of a second every ten (protocol D.2).
 *
 * Counted in samples of what is heard (48 kHz mono), mixed into it. Pure.
 */
#ifndef BEEP_H
#define BEEP_H
#include <stdint.h>

enum {
  BEEP_PERIOD = 48000 * 10, /* samples from one beep to the next; the first comes at once */
  BEEP_LENGTH = 48000 / 5,
};

struct beep {
  int at; /* sample within the period */
};

void beep_start(struct beep *beep);
void beep_mix(struct beep *beep, int16_t *pcm, int samples);

#endif
