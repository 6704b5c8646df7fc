#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <speex/speex_resampler.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pattern.h"
#include "wav.h"

#define SPEECH "/usr/share/sounds/alsa/"
static const char *const speech[] = {SPEECH "Front_Center.wav", SPEECH "Front_Left.wav", SPEECH "Front_Right.wav",
                                     SPEECH "Rear_Center.wav",  SPEECH "Rear_Left.wav",  SPEECH "Rear_Right.wav",
                                     SPEECH "Side_Left.wav",    SPEECH "Side_Right.wav"};

enum { RESAMPLER_QUALITY = 8 };

static bool refuse(char why[SOURCE_WHY_SIZE], const char *path, const char *text) {
  snprintf(why, SOURCE_WHY_SIZE, "%.150s: %s", path, text);
  return false;
}

static bool read_all(int fd, uint8_t *bytes, size_t size) {
  for (size_t at = 0; at < size;) {
    ssize_t n = read(fd, bytes + at, size - at);
    if (n == 0 || (n < 0 && errno != EINTR))
      return false;
    at += n > 0 ? (size_t)n : 0;
  }
  return true;
}

/* The whole file, to be freed; NULL: `why` says it. */
static uint8_t *load_file(const char *path, size_t *size, char why[SOURCE_WHY_SIZE]) {
  struct stat info;
  uint8_t *bytes = NULL;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &info) != 0)
    refuse(why, path, strerror(errno));
  else if (!S_ISREG(info.st_mode) || info.st_size <= 0 || info.st_size > SOURCE_WAV_MAX)
    refuse(why, path, "it is empty, too long or no file");
  else if (!(bytes = malloc((size_t)info.st_size)))
    refuse(why, path, "no memory for it");
  else if (!read_all(fd, bytes, *size = (size_t)info.st_size)) {
    refuse(why, path, "it cannot be read");
    free(bytes);
    bytes = NULL;
  }
  if (fd >= 0)
    close(fd);
  return bytes;
}

static bool make_room(struct audio_source *source, size_t more) {
  int16_t *grown = realloc(source->pcm, (source->samples + more) * sizeof *grown);
  if (grown)
    source->pcm = grown;
  return grown;
}

static bool append_as_is(struct audio_source *source, const struct wav *wav) {
  if (!make_room(source, wav->frames))
    return false;
  for (size_t i = 0; i < wav->frames; i++)
    source->pcm[source->samples++] = wav_sample(wav, i);
  return true;
}

static bool append_resampled(struct audio_source *source, const struct wav *wav) {
  enum { CHUNK = 1024 };
  int status;
  if (!make_room(source, wav->frames * SOURCE_RATE / (size_t)wav->rate + CHUNK))
    return false;
  SpeexResamplerState *resampler =
      speex_resampler_init(1, (spx_uint32_t)wav->rate, SOURCE_RATE, RESAMPLER_QUALITY, &status);
  if (!resampler)
    return false;
  speex_resampler_skip_zeros(resampler);
  size_t room = wav->frames * SOURCE_RATE / (size_t)wav->rate + CHUNK;
  for (size_t at = 0; at < wav->frames;) {
    int16_t chunk[CHUNK];
    spx_uint32_t in = 0, out = (spx_uint32_t)room;
    for (; in < CHUNK && at + in < wav->frames; in++)
      chunk[in] = wav_sample(wav, at + in);
    speex_resampler_process_int(resampler, 0, chunk, &in, source->pcm + source->samples, &out);
    source->samples += out;
    room -= out;
    at += in;
  }
  speex_resampler_destroy(resampler);
  return true;
}

static bool append_file(struct audio_source *source, const char *path, char why[SOURCE_WHY_SIZE]) {
  struct wav wav;
  const char *text;
  size_t size = 0;
  uint8_t *bytes = load_file(path, &size, why);
  if (!bytes)
    return false;
  bool ok = wav_parse(bytes, size, &wav, &text);
  if (ok && !(wav.rate == SOURCE_RATE ? append_as_is : append_resampled)(source, &wav)) {
    ok = false;
    text = "no memory for it";
  }
  free(bytes);
  return ok || refuse(why, path, text);
}

bool audio_source_open(struct audio_source *source, const char *path, double skip, char why[SOURCE_WHY_SIZE]) {
  *source = (struct audio_source){0};
  bool ok = path ? append_file(source, path, why) : true;
  for (size_t i = 0; !path && ok && i < sizeof speech / sizeof speech[0]; i++)
    ok = append_file(source, speech[i], why);
  if (ok && source->samples)
    source->at = (size_t)(skip * SOURCE_RATE) % source->samples;
  else
    audio_source_close(source);
  return ok;
}

void audio_source_close(struct audio_source *source) {
  free(source->pcm);
  *source = (struct audio_source){0};
}

void audio_source_read(struct audio_source *source, int16_t *pcm, int samples) {
  for (int i = 0; i < samples; i++) {
    pcm[i] = source->pcm[source->at++];
    if (source->at == source->samples)
      source->at = 0;
  }
}

/* ---- pictures ---- */

static bool add_frame(struct video_source *source, int64_t offset, size_t *room) {
  if (source->frames == *room) {
    *room = *room ? *room * 2 : 256;
    int64_t *grown = realloc(source->offset, *room * sizeof *grown);
    if (!grown)
      return false;
    source->offset = grown;
  }
  source->offset[source->frames++] = offset;
  return true;
}

/* Notes where each frame of the file lies, and that all of them are whole. */
static const char *index_frames(struct video_source *source, int64_t at, int64_t end) {
  size_t room = 0;
  int64_t size = (int64_t)picture_size(source->format.width, source->format.height);
  while (at < end) {
    uint8_t line[Y4M_FRAME_MAX];
    ssize_t n = pread(source->fd, line, sizeof line, at);
    size_t length = n > 0 ? y4m_parse_frame(line, (size_t)n) : 0;
    if (!length)
      return "a frame's header is malformed";
    at += (int64_t)length;
    if (end - at < size)
      return "its last frame is cut";
    if (source->frames == SOURCE_FRAMES_MAX)
      return "it has too many frames";
    if (!add_frame(source, at, &room))
      return "no memory for it";
    at += size;
  }
  return source->frames ? NULL : "it has no frame";
}

static const char *open_y4m(struct video_source *source) {
  uint8_t header[Y4M_HEADER_MAX];
  const char *text = "it cannot be read";
  struct stat info;
  ssize_t n = pread(source->fd, header, sizeof header, 0);
  if (n < 0 || fstat(source->fd, &info) != 0)
    return text;
  size_t length = y4m_parse(header, (size_t)n, &source->format, &text);
  if (!length)
    return text;
  if (source->format.width < PATTERN_WIDTH_MIN || source->format.height < PATTERN_HEIGHT_MIN)
    return "its pictures are smaller than 64x32";
  return index_frames(source, (int64_t)length, (int64_t)info.st_size);
}

bool video_source_open(struct video_source *source, const char *path, const struct y4m *format, int variant,
                       char why[SOURCE_WHY_SIZE]) {
  *source = (struct video_source){.format = *format, .variant = variant, .fd = -1};
  if (!path)
    return true;
  source->fd = open(path, O_RDONLY | O_CLOEXEC);
  if (source->fd < 0)
    return refuse(why, path, strerror(errno));
  const char *text = open_y4m(source);
  if (text)
    video_source_close(source);
  return !text || refuse(why, path, text);
}

void video_source_close(struct video_source *source) {
  if (source->fd >= 0)
    close(source->fd);
  free(source->offset);
  *source = (struct video_source){.fd = -1};
}

static bool read_frame(const struct video_source *source, int64_t counter, struct picture *picture) {
  int64_t offset = source->offset[(size_t)counter % source->frames];
  size_t size = picture_size(picture->width, picture->height);
  for (size_t at = 0; at < size;) {
    ssize_t n = pread(source->fd, picture->plane[0] + at, size - at, offset + (int64_t)at);
    if (n <= 0)
      return false;
    at += (size_t)n;
  }
  return true;
}

bool video_source_draw(const struct video_source *source, int64_t counter, struct picture *picture) {
  if (source->fd < 0)
    pattern_draw(picture, source->variant, counter);
  else if (!read_frame(source, counter, picture))
    return false;
  pattern_mark(picture, source->variant, counter);
  return true;
}
