#include "studio.h"

#include <errno.h>
#include <string.h>

#include "complain.h"
#include "exit.h"

static const double skip_of_the_other_end = 5.3; /* seconds: the two ends say different things */

static int open_sources(struct studio *studio, const struct options *o) {
  char why[SOURCE_WHY_SIZE];
  struct y4m format = {o->width, o->height, o->fps, 1};
  if (!audio_source_open(&studio->audio, o->audio, o->variant * skip_of_the_other_end, why))
    return complain(EXIT_MEDIA, "no sound to send: %s", why);
  if (!video_source_open(&studio->video, o->video, &format, o->variant, why) ||
      !video_source_open(&studio->reference, o->video, &format, 1 - o->variant, why))
    return complain(EXIT_MEDIA, "no pictures to send: %s", why);
  return EXIT_OK;
}

static int open_recorder(struct studio *studio, const struct options *o) {
  if (o->record && !(studio->recorder = recorder_new(o->record, SOURCE_RATE, &studio->video.format)))
    return complain(EXIT_DISK, "cannot record into %s: %s", o->record, strerror(errno));
  if (o->report && !(studio->log = media_log_new()))
    return complain(EXIT_INTERNAL, "no memory for the report");
  return EXIT_OK;
}

static void close_all(struct studio *studio) {
  audio_source_close(&studio->audio);
  video_source_close(&studio->video);
  video_source_close(&studio->reference);
  recorder_free(studio->recorder);
  media_log_free(studio->log);
  *studio = (struct studio){.video.fd = -1, .reference.fd = -1};
}

int studio_open(struct studio *studio, const struct options *options) {
  *studio = (struct studio){.video.fd = -1, .reference.fd = -1};
  int code = open_sources(studio, options);
  if (!code)
    code = open_recorder(studio, options);
  if (code)
    close_all(studio);
  return code;
}

int studio_check(const struct studio *studio, const struct options *options) {
  int error = studio->recorder ? recorder_error(studio->recorder) : 0;
  return error ? complain(EXIT_DISK, "recording into %s stopped: %s", options->record, strerror(error)) : EXIT_OK;
}

int studio_close(struct studio *studio, const struct options *options) {
  int code = EXIT_OK, error = studio->log ? media_log_save(studio->log, options->report) : 0;
  if (error)
    code = complain(EXIT_DISK, "the report cannot be written into %s: %s", options->report, strerror(error));
  close_all(studio);
  return code;
}
