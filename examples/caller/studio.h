/* studio.h - what stands in for microphone, camera, loudspeaker and screen: sources, recorder and log.
 *
 * Opened before a call rings, so that a missing file is known at once.
 */
#ifndef STUDIO_H
#define STUDIO_H
#include "media_log.h"
#include "options.h"
#include "recorder.h"
#include "source.h"

struct studio {
  struct audio_source audio;
  struct video_source video, reference; /* reference: what the other end sends, with --report */
  struct recorder *recorder;            /* NULL: not asked for */
  struct media_log *log;                /* NULL: not asked for */
};

/* 0, or an exit code, complained of. */
int studio_open(struct studio *studio, const struct options *options);
/* Completes the recording and saves the log; 0 or an exit code, complained of. */
int studio_close(struct studio *studio, const struct options *options);
/* EXIT_DISK, complained of, when recording has failed. */
int studio_check(const struct studio *studio, const struct options *options);

#endif
