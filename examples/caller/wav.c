#include "wav.h"

#include <string.h>

enum { FORMAT_PCM = 1, FMT_SIZE = 16, CHUNK_HEADER = 8, RIFF_HEADER = 12 };

static uint16_t le16(const uint8_t *p) {
  return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t le32(const uint8_t *p) {
  return (uint32_t)le16(p) | (uint32_t)le16(p + 2) << 16;
}

static bool refuse(const char **why, const char *text) {
  *why = text;
  return false;
}

/*  format u16 | channels u16 | rate u32 | bytes a second u32 | bytes a frame u16 | bits a sample u16  */
static bool parse_format(const uint8_t *p, size_t size, struct wav *wav, const char **why) {
  if (size < FMT_SIZE)
    return refuse(why, "its format chunk is too short");
  if (le16(p) != FORMAT_PCM || le16(p + 14) != 16)
    return refuse(why, "it is not 16-bit PCM");
  wav->channels = le16(p + 2);
  if (wav->channels != 1 && wav->channels != 2)
    return refuse(why, "it is neither mono nor stereo");
  uint32_t rate = le32(p + 4);
  if (rate < WAV_RATE_MIN || rate > WAV_RATE_MAX)
    return refuse(why, "its sample rate is outside 8000 to 192000 Hz");
  wav->rate = (int)rate;
  uint32_t frame = (uint32_t)wav->channels * 2;
  if (le16(p + 12) != frame || le32(p + 8) != rate * frame)
    return refuse(why, "its format chunk contradicts itself");
  return true;
}

static bool parse_data(const uint8_t *p, size_t size, struct wav *wav, const char **why) {
  if (!wav->channels)
    return refuse(why, "its samples come before their format");
  size_t frame = (size_t)wav->channels * 2;
  if (!size || size % frame)
    return refuse(why, "its samples are empty or cut");
  wav->data = p;
  wav->frames = size / frame;
  return true;
}

bool wav_parse(const uint8_t *bytes, size_t size, struct wav *wav, const char **why) {
  *wav = (struct wav){0};
  if (size < RIFF_HEADER || memcmp(bytes, "RIFF", 4) != 0 || memcmp(bytes + 8, "WAVE", 4) != 0)
    return refuse(why, "it is not a RIFF WAVE file");
  if (le32(bytes + 4) != size - CHUNK_HEADER)
    return refuse(why, "its length is not the one in its header");
  for (size_t at = RIFF_HEADER; !wav->data;) {
    if (size - at < CHUNK_HEADER)
      return refuse(why, "it ends before its samples");
    const uint8_t *chunk = bytes + at;
    size_t length = le32(chunk + 4);
    at += CHUNK_HEADER;
    if (length > size - at)
      return refuse(why, "a chunk is longer than the file");
    if (memcmp(chunk, "fmt ", 4) == 0 && !parse_format(bytes + at, length, wav, why))
      return false;
    if (memcmp(chunk, "data", 4) == 0)
      return parse_data(bytes + at, length, wav, why);
    at += length;
    at += at < size && (length & 1); /* chunks are padded to even sizes */
  }
  return true;
}

int16_t wav_sample(const struct wav *wav, size_t frame) {
  const uint8_t *p = wav->data + frame * (size_t)wav->channels * 2;
  int left = (int16_t)le16(p);
  return (int16_t)(wav->channels == 1 ? left : (left + (int16_t)le16(p + 2)) / 2);
}

static void put16(uint8_t *p, uint32_t value) {
  p[0] = (uint8_t)value;
  p[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *p, uint32_t value) {
  put16(p, value);
  put16(p + 2, value >> 16);
}

void wav_header(uint8_t header[WAV_HEADER_SIZE], int rate, uint32_t bytes) {
  memcpy(header, "RIFF....WAVEfmt ", 16);
  put32(header + 4, bytes + WAV_HEADER_SIZE - CHUNK_HEADER);
  put32(header + 16, FMT_SIZE);
  put16(header + 20, FORMAT_PCM);
  put16(header + 22, 1);
  put32(header + 24, (uint32_t)rate);
  put32(header + 28, (uint32_t)rate * 2);
  put16(header + 32, 2);
  put16(header + 34, 16);
  memcpy(header + 36, "data", 4);
  put32(header + 40, bytes);
}
