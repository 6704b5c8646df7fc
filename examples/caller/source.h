/* source.h - what a call without a microphone and a camera sends: files, or what this program makes up.
 *
 * Sound is held in memory as 48 kHz mono (at most SOURCE_WAV_MAX bytes of file) and repeated for ever; without a
 * file it is the spoken channel names that Debian's alsa-utils ships. Pictures come from a Y4M file or from
 * pattern.c and carry the mark of pattern.h; picture n can be drawn again at any time, so the receiving end can
 * compare with what was sent.
 */
#ifndef SOURCE_H
#define SOURCE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "picture.h"
#include "y4m.h"

enum { SOURCE_RATE = 48000, SOURCE_WAV_MAX = 256 << 20, SOURCE_FRAMES_MAX = 1 << 20, SOURCE_WHY_SIZE = 256 };

struct audio_source {
  int16_t *pcm;
  size_t samples, at;
};

/* path NULL: speech. `skip` seconds into it, so that two ends do not say the same. false: `why` is a sentence. */
bool audio_source_open(struct audio_source *source, const char *path, double skip, char why[SOURCE_WHY_SIZE]);
void audio_source_close(struct audio_source *source);
void audio_source_read(struct audio_source *source, int16_t *pcm, int samples);

struct video_source {
  struct y4m format;
  int variant;
  int fd;          /* -1: the pattern */
  int64_t *offset; /* of each frame's samples in the file */
  size_t frames;
};

/* path NULL: the pattern, of `format`; a file brings its own and replaces it. */
bool video_source_open(struct video_source *source, const char *path, const struct y4m *format, int variant,
                       char why[SOURCE_WHY_SIZE]);
void video_source_close(struct video_source *source);
/* Picture number `counter`, into one of the source's size; false: the file could not be read any more. */
bool video_source_draw(const struct video_source *source, int64_t counter, struct picture *picture);

#endif
