/* recorded.h - recorded speech: eight spoken channel names, which Debian's alsa-utils ships. */
#ifndef RECORDED_H
#define RECORDED_H
#include <stdint.h>

/* 48 kHz mono, to be freed; NULL: not installed, or no memory. */
int16_t *recorded_speech(uint32_t *samples);

#endif
