#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "examples/caller/wav.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct wav wav;
  const char *why = NULL;
  if (!wav_parse(data, size, &wav, &why))
    return why ? 0 : (abort(), 0); /* a refusal always says why */
  int sum = 0;
  for (size_t i = 0; i < wav.frames; i++)
    sum ^= wav_sample(&wav, i);
  return wav.rate < WAV_RATE_MIN || sum == INT32_MAX ? (abort(), 0) : 0;
}
