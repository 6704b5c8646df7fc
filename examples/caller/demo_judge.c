#include "demo_judge.h"

#include <string.h>

enum { TAIL_US = 1000000 }; /* what was sent last may still be on its way */

static int64_t later(int64_t a, int64_t b) {
  return a > b ? a : b;
}

static bool judge(struct demo_end *end, const struct media_log *theirs, const struct media_log *own, int64_t from) {
  struct sound sent = media_log_sent_sound(theirs), heard = media_log_heard_sound(own);
  if (!theirs->opened_at || !own->opened_at || !theirs->blocks || !own->blocks)
    return true; /* no media: the quality stays nothing */
  from = later(from, later(theirs->opened_at, own->opened_at));
  int64_t until = theirs->captured_at[theirs->blocks - 1] - TAIL_US;
  return measure_audio(&sent, &heard, from, until, &end->audio) &&
         measure_speech(&sent, &heard, from, until, &end->speech) &&
         measure_video(theirs->sent, theirs->sent_count, own->shown, own->shown_count, from, until, &end->video);
}

bool demo_measure(struct demo_end end[DEMO_ENDS], const char *const report[DEMO_ENDS], int64_t from) {
  struct media_log *log[DEMO_ENDS] = {media_log_load(report[0]), media_log_load(report[1])};
  bool ok = log[0] && log[1];
  for (int i = 0; ok && i < DEMO_ENDS; i++) {
    end[i].stalls = log[i]->stalls;
    ok = judge(&end[i], log[1 - i], log[i], from);
  }
  media_log_free(log[0]);
  media_log_free(log[1]);
  return ok;
}

const char *demo_shortfall(const struct demo_end *end) {
  if (!end->trust || strcmp(end->trust, "verified") != 0)
    return "the contact is not verified";
  if (!end->gate || strcmp(end->gate, "open") != 0)
    return "the gate was not open";
  if (!end->audio.windows)
    return "no sound arrived";
  if (end->audio.correlation * 100 < DEMO_CORRELATION_PERCENT)
    return "what was heard is too unlike what was sent";
  if (!end->video.shown)
    return "no picture arrived";
  if (end->video.shown * 100 < end->video.sent * DEMO_SHOWN_PERCENT)
    return "too many pictures are missing";
  if (end->video.psnr < DEMO_PSNR_DB)
    return "the pictures are too unlike what was sent";
  return NULL;
}

bool demo_same_words(const json_t *a, const json_t *b) {
  static const char *const keys[] = {"emoji", "words", "digits"};
  for (unsigned i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    const json_t *x = json_object_get(a, keys[i]), *y = json_object_get(b, keys[i]);
    if (!x || !y || !json_equal(x, y))
      return false;
  }
  return true;
}
