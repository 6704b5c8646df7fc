/* recorder.h - writes what was received: DIR/received-audio.wav and DIR/received-video.y4m.
 *
 * Sound goes in as it is read; a picture is written at every tick of the nominal rate, the last one again when no
 * new one came, so that the film keeps its pace. A change of the picture's size, or a WAV at its 4 GiB limit,
 * begins another file with a number in its name. When a write fails (a full disk) recording stops for good, the
 * files are cut back to what is whole, and recorder_error() says why.
 */
#ifndef RECORDER_H
#define RECORDER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "picture.h"
#include "y4m.h"

struct recorder;

/* Makes the folder (mode 0700) when it is not there. NULL: errno says why. */
struct recorder *recorder_new(const char *dir, int audio_rate, const struct y4m *video);
/* Completes the files. */
void recorder_free(struct recorder *recorder);
void recorder_audio(struct recorder *recorder, const int16_t *pcm, int samples);
void recorder_video(struct recorder *recorder, const struct picture *picture);
int recorder_error(const struct recorder *recorder); /* an errno, 0: all is well; from any thread */

#endif
