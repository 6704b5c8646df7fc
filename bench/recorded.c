#include "recorded.h"

#include "examples/caller/source.h"

int16_t *recorded_speech(uint32_t *samples) {
  struct audio_source source;
  char why[SOURCE_WHY_SIZE];
  if (!audio_source_open(&source, NULL, 0, why))
    return NULL;
  *samples = (uint32_t)source.samples;
  return source.pcm;
}
