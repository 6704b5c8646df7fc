/* ear.h - what the adversary has of one victim's voice: a recording with the time of every 10 ms, a WAV that one
 * can play, and how like it is to what the victim said (the demonstration's own measure,
 * examples/caller/measure.h).
 *
 * Keeps EAR_S seconds at most; allocates at the start.
 */
#ifndef EAR_H
#define EAR_H
#include "examples/caller/measure.h"

enum { EAR_S = 60, EAR_BLOCKS = EAR_S * 100 };

struct ear {
  int16_t *pcm;
  int64_t *at;
  size_t blocks;
  void *opus;
};

bool ear_init(struct ear *ear);
void ear_deinit(struct ear *ear);
/* Blocks of 480 samples, as heard at `at` (monotonic, microseconds). */
void ear_hear(struct ear *ear, int64_t at, const int16_t *pcm, size_t samples);
/* A packet of sound that was decrypted: RTP with Opus in it; anything else is no sound. */
void ear_hear_rtp(struct ear *ear, int64_t at, const uint8_t *packet, size_t size);
/* A packet of sound as it went by: its bytes, played as samples for the 20 ms that it stands for. */
void ear_hear_sealed(struct ear *ear, int64_t at, const uint8_t *packet, size_t size);

/* What was said is in a victim's report (sotto --report). windows 0: nothing was said, or there is no report. */
struct audio_quality ear_compare(const struct ear *ear, const char *report);
/* How like two ends' reports are: what `from` said and `to` heard. */
struct audio_quality ear_compare_ends(const char *from, const char *to);
/* The loudest sample. */
int ear_peak(const struct ear *ear);
bool ear_save(const struct ear *ear, const char *path);

#endif
