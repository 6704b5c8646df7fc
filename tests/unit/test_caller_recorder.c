#include "examples/caller/recorder.h"

#include <errno.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "examples/caller/wav.h"
#include "unit.h"

static char dir[64];

static int make_dir(void **state) {
  (void)state;
  snprintf(dir, sizeof dir, "/tmp/sotto-unit-XXXXXX");
  return mkdtemp(dir) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where) {
  (void)info;
  (void)kind;
  (void)where;
  return remove(path);
}

static int remove_dir(void **state) {
  (void)state;
  return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static size_t load(const char *name, uint8_t *bytes, size_t max) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  size_t n = fread(bytes, 1, max, file);
  fclose(file);
  return n;
}

static const struct y4m rate = {64, 32, 15, 1};

static void sound_becomes_a_wav_that_our_own_parser_takes(void **state) {
  (void)state;
  static uint8_t bytes[300000];
  int16_t pcm[480];
  struct recorder *recorder = NULL;
  struct wav wav;
  const char *why;
  need(recorder = recorder_new(dir, 48000, &rate));
  for (int block = 0; block < 250; block++) {
    for (int i = 0; i < 480; i++)
      pcm[i] = (int16_t)(block * 100 + i);
    recorder_audio(recorder, pcm, 480);
    if (block == 200) { /* cut off by a power failure: the header is at most a second old */
      size_t size = load("received-audio.wav", bytes, sizeof bytes);
      assert_int_equal(size, WAV_HEADER_SIZE + 201 * 960);
      uint32_t said = (uint32_t)bytes[40] | (uint32_t)bytes[41] << 8 | (uint32_t)bytes[42] << 16;
      assert_true(said >= 95000 && said <= 201 * 960);
    }
  }
  assert_int_equal(recorder_error(recorder), 0);
  recorder_free(recorder);
  size_t size = load("received-audio.wav", bytes, sizeof bytes);
  assert_true(wav_parse(bytes, size, &wav, &why));
  assert_int_equal(wav.frames, 250 * 480);
  assert_int_equal(wav_sample(&wav, 249 * 480 + 7), 249 * 100 + 7);
}

static void pictures_become_a_y4m_and_another_size_another_file(void **state) {
  (void)state;
  static uint8_t bytes[100000];
  struct picture small, large;
  struct recorder *recorder = NULL;
  struct y4m y4m;
  const char *why;
  need(picture_new(&small, 64, 32));
  need(picture_new(&large, 128, 64));
  need(recorder = recorder_new(dir, 48000, &rate));
  memset(small.plane[0], 7, 64 * 32);
  recorder_video(recorder, &small);
  recorder_video(recorder, &small);
  recorder_video(recorder, &large);
  recorder_free(recorder);
  size_t size = load("received-video.y4m", bytes, sizeof bytes), head = y4m_parse(bytes, size, &y4m, &why);
  assert_true(head);
  assert_int_equal(y4m.width, 64);
  assert_int_equal(y4m.rate_num, 15);
  assert_int_equal(size, head + 2 * (6 + picture_size(64, 32)));
  assert_int_equal(y4m_parse_frame(bytes + head, size - head), 6);
  assert_int_equal(bytes[head + 6], 7);
  size = load("received-video-2.y4m", bytes, sizeof bytes);
  head = y4m_parse(bytes, size, &y4m, &why);
  assert_int_equal(y4m.width, 128);
  assert_int_equal(size, head + 6 + picture_size(128, 64));
  picture_free(&small);
  picture_free(&large);
}

static void a_full_disk_is_an_error_that_stays(void **state) {
  (void)state;
  char path[128];
  int16_t pcm[480] = {0};
  struct recorder *recorder = NULL;
  snprintf(path, sizeof path, "%s/received-audio.wav", dir);
  assert_int_equal(symlink("/dev/full", path), 0);
  need(recorder = recorder_new(dir, 48000, &rate));
  recorder_audio(recorder, pcm, 480);
  assert_int_equal(recorder_error(recorder), ENOSPC);
  recorder_audio(recorder, pcm, 480);
  recorder_free(recorder);
}

static void a_folder_that_cannot_be_made_is_refused(void **state) {
  (void)state;
  char path[128];
  snprintf(path, sizeof path, "%s/no/such", dir);
  assert_null(recorder_new(path, 48000, &rate));
  assert_int_equal(errno, ENOENT);
}

#define in_dir(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)
UNIT_TESTS(in_dir(sound_becomes_a_wav_that_our_own_parser_takes),
           in_dir(pictures_become_a_y4m_and_another_size_another_file), in_dir(a_full_disk_is_an_error_that_stays),
           in_dir(a_folder_that_cannot_be_made_is_refused))
