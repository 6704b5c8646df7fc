#include "listener.h"

#include <stdlib.h>

#include "examples/caller/speech.h"
#include "recorded.h"

static const usec tail = SEC(1); /* what was said last is still on its way */

void listener_init(struct listener *listener) {
  *listener = (struct listener){0};
  listener->pcm = recorded_speech(&listener->samples);
  listener->speech = listener->pcm ? "recorded" : "synthetic";
}

void listener_deinit(struct listener *listener) {
  for (int i = 0; i < LISTENER_ENDS; i++) {
    tape_free(&listener->said[i]);
    tape_free(&listener->heard[i]);
  }
  trace_free(&listener->trace);
  free(listener->pcm);
  *listener = (struct listener){0};
}

struct call_media listener_media(struct listener *listener) {
  for (int i = 0; i < LISTENER_ENDS; i++)
    listener->said[i].blocks = listener->heard[i].blocks = 0;
  return (struct call_media){.audio = &audio_codec_opus,
                             .speech = listener->pcm,
                             .speech_samples = listener->samples,
                             .said = listener->said,
                             .heard = listener->heard,
                             .trace = &listener->trace};
}

static struct sound sound_of(const struct tape *tape) {
  return (struct sound){tape->pcm, tape->at, tape->blocks};
}

bool listener_judge(struct listener *listener, struct call_figures *into) {
  for (int i = 0; i < LISTENER_ENDS; i++) {
    struct sound said = sound_of(&listener->said[i]), heard = sound_of(&listener->heard[1 - i]);
    struct speech_quality quality;
    if (!said.blocks || !heard.blocks)
      continue;
    if (!measure_speech(&said, &heard, 0, said.at[said.blocks - 1] - tail, &quality))
      return false;
    into->speech_windows += quality.windows;
    into->similarity += (int64_t)(quality.similarity * quality.windows * 1e6);
    into->distance += (int64_t)(quality.distance * quality.windows * 1e3);
  }
  return true;
}
