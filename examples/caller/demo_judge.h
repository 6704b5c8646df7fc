/* demo_judge.h - what the demonstration measured at each end, and whether it is good enough.
 *
 * Each end's log says what it sent and what it heard, by the one monotonic clock of this machine; what an end
 * heard is compared with what the other end sent, from the moment that both gates were open and the time to settle
 * (--settle) was over until a second before the hang-up. The limits are those of sotto(1).
 */
#ifndef DEMO_JUDGE_H
#define DEMO_JUDGE_H
#include <jansson.h>

#include "child.h"
#include "media_log.h"
#include "speech.h"

enum { DEMO_ENDS = 2, DEMO_SHOWN_PERCENT = 80, DEMO_PSNR_DB = 25, DEMO_CORRELATION_PERCENT = 80 };

struct demo_end {
  const char *name;
  struct child child;
  size_t read_to;         /* events awaited so far */
  json_t *sas, *secure;   /* borrowed from the child's events; NULL: it never came */
  json_t *before, *after; /* statistics at the opening of the gate and before the hang-up */
  const char *trust, *gate;
  struct audio_quality audio;
  struct speech_quality speech;
  struct video_quality video;
  long stalls;
};

/* Reads both reports; judges what was sent from `from` on. false: one is missing. */
bool demo_measure(struct demo_end end[DEMO_ENDS], const char *const report[DEMO_ENDS], int64_t from);
/* The first thing that falls short, in words; NULL: nothing. */
const char *demo_shortfall(const struct demo_end *end);
bool demo_same_words(const json_t *a, const json_t *b);

#endif
