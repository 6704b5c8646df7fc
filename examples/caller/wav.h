/* wav.h - RIFF WAVE files with 16-bit PCM, read strictly and written.
 *
 * Takes mono or stereo at 8 to 192 kHz whose chunk sizes agree with the file's; anything else is refused with a
 * sentence that says why. Works on bytes in memory: it opens no file and allocates nothing.
 * Multimedia Programming Interface and Data Specifications 1.0 (IBM and Microsoft, 1991), sections 2 and 3.
 */
#ifndef WAV_H
#define WAV_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WAV_HEADER_SIZE = 44, WAV_RATE_MIN = 8000, WAV_RATE_MAX = 192000 };
#define WAV_DATA_MAX (UINT32_MAX - WAV_HEADER_SIZE) /* bytes of samples that a header can announce */

struct wav {
  int rate, channels;
  size_t frames;       /* samples of each channel */
  const uint8_t *data; /* inside the bytes parsed; little-endian, channels interleaved */
};

/* false: *why says what is wrong, a constant. */
bool wav_parse(const uint8_t *bytes, size_t size, struct wav *wav, const char **why);
/* The mean of the channels. */
int16_t wav_sample(const struct wav *wav, size_t frame);

/* The header of a mono file with `bytes` of samples; at most WAV_DATA_MAX. */
void wav_header(uint8_t header[WAV_HEADER_SIZE], int rate, uint32_t bytes);

#endif
