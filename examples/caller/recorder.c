#include "recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wav.h"

struct track { /* one file being written */
  int fd;      /* -1: none yet */
  int part;
  uint64_t whole; /* bytes of the file that are complete */
};

struct recorder {
  int dir, rate;
  struct y4m format; /* of the film; its size follows what is received */
  struct track sound, film;
  atomic_int error;
};

struct recorder *recorder_new(const char *dir, int audio_rate, const struct y4m *video) {
  if (mkdir(dir, 0700) != 0 && errno != EEXIST)
    return NULL;
  int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return NULL;
  struct recorder *recorder = calloc(1, sizeof *recorder);
  if (!recorder) {
    close(fd);
    errno = ENOMEM;
    return NULL;
  }
  *recorder = (struct recorder){.dir = fd, .rate = audio_rate, .format = *video, .sound.fd = -1, .film.fd = -1};
  recorder->format.width = recorder->format.height = 0;
  return recorder;
}

static void fail(struct recorder *recorder, int error) {
  atomic_store(&recorder->error, error ? error : EIO);
}

static bool write_all(struct recorder *recorder, struct track *track, const void *bytes, size_t size) {
  const uint8_t *from = bytes;
  for (size_t at = 0; at < size;) {
    ssize_t n = write(track->fd, from + at, size - at);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0) {
      fail(recorder, errno);
      return false;
    }
    at += (size_t)n;
  }
  return true;
}

static bool open_part(struct recorder *recorder, struct track *track, const char *name, const char *ending) {
  char file[64];
  if (++track->part == 1)
    snprintf(file, sizeof file, "%s.%s", name, ending);
  else
    snprintf(file, sizeof file, "%s-%d.%s", name, track->part, ending);
  track->whole = 0;
  track->fd = openat(recorder->dir, file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (track->fd < 0)
    fail(recorder, errno);
  return track->fd >= 0;
}

/* Room that the file has already: this can be done on a full disk. */
static void rewrite_wav_header(struct recorder *recorder) {
  uint8_t header[WAV_HEADER_SIZE];
  wav_header(header, recorder->rate, (uint32_t)(recorder->sound.whole - WAV_HEADER_SIZE));
  if (pwrite(recorder->sound.fd, header, sizeof header, 0) != (ssize_t)sizeof header)
    fail(recorder, errno);
}

static void close_track(struct recorder *recorder, struct track *track) {
  if (track->fd < 0)
    return;
  if (ftruncate(track->fd, (off_t)track->whole) != 0 && errno != EINVAL) /* EINVAL: a device */
    fail(recorder, errno);
  if (track == &recorder->sound && track->whole)
    rewrite_wav_header(recorder);
  if (close(track->fd) != 0)
    fail(recorder, errno);
  track->fd = -1;
}

void recorder_free(struct recorder *recorder) {
  if (!recorder)
    return;
  close_track(recorder, &recorder->sound);
  close_track(recorder, &recorder->film);
  close(recorder->dir);
  free(recorder);
}

static bool begin_sound(struct recorder *recorder) {
  uint8_t header[WAV_HEADER_SIZE];
  if (!open_part(recorder, &recorder->sound, "received-audio", "wav"))
    return false;
  wav_header(header, recorder->rate, 0);
  if (!write_all(recorder, &recorder->sound, header, sizeof header))
    return false;
  recorder->sound.whole = sizeof header;
  return true;
}

void recorder_audio(struct recorder *recorder, const int16_t *pcm, int samples) {
  struct track *track = &recorder->sound;
  size_t size = (size_t)samples * sizeof *pcm; /* little-endian in memory as in the file, on what Debian runs on */
  if (recorder_error(recorder))
    return;
  if (track->fd >= 0 && track->whole + size > WAV_DATA_MAX)
    close_track(recorder, track);
  if (track->fd < 0 && !begin_sound(recorder))
    return;
  if (!write_all(recorder, track, pcm, size))
    return;
  uint64_t second = (uint64_t)recorder->rate * 2;
  bool next_second = track->whole / second != (track->whole + size) / second;
  track->whole += size;
  if (next_second) /* a file that is cut off by a power failure plays all the same */
    rewrite_wav_header(recorder);
}

static bool begin_film(struct recorder *recorder, int width, int height) {
  char header[Y4M_HEADER_MAX];
  close_track(recorder, &recorder->film);
  recorder->format.width = width;
  recorder->format.height = height;
  if (!open_part(recorder, &recorder->film, "received-video", "y4m"))
    return false;
  size_t length = y4m_header(header, &recorder->format);
  if (!write_all(recorder, &recorder->film, header, length))
    return false;
  recorder->film.whole = length;
  return true;
}

void recorder_video(struct recorder *recorder, const struct picture *picture) {
  static const char frame[] = "FRAME\n";
  if (recorder_error(recorder))
    return;
  bool same = picture->width == recorder->format.width && picture->height == recorder->format.height;
  if (!same && !begin_film(recorder, picture->width, picture->height))
    return;
  size_t size = picture_size(picture->width, picture->height); /* one block: see picture.h */
  if (write_all(recorder, &recorder->film, frame, sizeof frame - 1) &&
      write_all(recorder, &recorder->film, picture->plane[0], size))
    recorder->film.whole += sizeof frame - 1 + size;
}

int recorder_error(const struct recorder *recorder) {
  return atomic_load(&recorder->error);
}
