/* spectrogram.h - sound as an ear's filters take it apart: the level of SPECTROGRAM_BANDS bands, frame by frame.
 *
 * Frames of 32 ms under a Hann window. The bands are triangles of equal width on the ERB-rate scale (Glasberg and
 * Moore, Derivation of auditory filter shapes from notched-noise data, 1990) from 50 to 8000 Hz. Pure functions;
 * memory as long as the sound.
 */
#ifndef SPECTROGRAM_H
#define SPECTROGRAM_H
#include <stdbool.h>
#include <stddef.h>

enum { SPECTROGRAM_RATE = 16000, SPECTROGRAM_BANDS = 21 };

struct spectrogram {
  size_t frames;
  float (*level)[SPECTROGRAM_BANDS]; /* dB; a full-scale sine has about 120 in its band, silence 0 */
};

/* Frame i is centred on sample i * hop of `samples` at SPECTROGRAM_RATE. false: no memory. */
bool spectrogram_new(struct spectrogram *spectrogram, const float *pcm, size_t samples, int hop);
void spectrogram_free(struct spectrogram *spectrogram);

#endif
