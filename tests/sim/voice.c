#include "voice.h"

enum { RATE = 48000, HARMONICS = 10, LOUD = 5000, HISS = 700, ROOM = 12, PITCH_LOW = 9000, PITCH_SPREAD = 8000 };

/* The harmonics' strengths, of 1000: two formants. */
static const int strength[HARMONICS] = {700, 900, 1000, 650, 420, 380, 300, 180, 90, 60};

/* Bhaskara's approximation, -1000..1000; `turn` is 2^32 a circle. */
static int sine(uint32_t turn) {
  int64_t x = (turn & 0x7fffffff) >> 16, half = 0x8000; /* of half a circle */
  int64_t p = x * (half - x);
  int value = (int)(16000 * p / (5 * half * half - 4 * p));
  return turn & 0x80000000 ? -value : value;
}

void voice_init(struct voice *voice, uint64_t seed) {
  *voice = (struct voice){.random = {seed}, .pitch = PITCH_LOW};
}

static int between(struct voice *voice, int low, int high) {
  return low + (int)random_below(&voice->random, (uint32_t)(high - low));
}

static void next_sound(struct voice *voice) {
  if (voice->sound == VOICE_VOWEL && --voice->syllables <= 0) {
    voice->sound = VOICE_PAUSE;
    voice->left = between(voice, RATE / 4, RATE);
  } else if (voice->sound == VOICE_CONSONANT) {
    voice->sound = VOICE_VOWEL;
    voice->left = between(voice, RATE / 10, RATE / 4);
  } else {
    if (voice->sound == VOICE_PAUSE) {
      voice->syllables = between(voice, 4, 16);
      voice->pitch = between(voice, PITCH_LOW, PITCH_LOW + PITCH_SPREAD);
    }
    voice->sound = VOICE_CONSONANT;
    voice->left = between(voice, RATE / 25, RATE / 10);
  }
  voice->length = voice->left;
}

static int vowel(struct voice *voice) {
  voice->phase += (uint32_t)((int64_t)voice->pitch * 4294967296 / (RATE * INT64_C(100)));
  int64_t sum = 0;
  for (uint32_t h = 1; h <= HARMONICS; h++)
    sum += sine(voice->phase * h) * strength[h - 1];
  return (int)(sum * LOUD / 3000000);
}

static int sample(struct voice *voice) {
  if (voice->left-- == 0)
    next_sound(voice);
  if (voice->left % 64 == 0) /* the glide */
    voice->pitch += between(voice, -15, 14);
  int fresh = between(voice, -1000, 1001);
  voice->noise = (voice->noise + fresh) / 2;
  int room = voice->noise * ROOM / 1000, done = voice->length - voice->left;
  int edge = done < voice->left ? done : voice->left; /* sounds begin and end within 10 ms */
  int level = edge < 480 ? edge : 480;
  if (voice->sound == VOICE_VOWEL)
    return room + vowel(voice) * level / 480;
  if (voice->sound == VOICE_CONSONANT)
    return room + (fresh - voice->noise) * HISS / 1000 * level / 480;
  return room;
}

void voice_make(struct voice *voice, int16_t *pcm, int samples) {
  for (int i = 0; i < samples; i++)
    pcm[i] = (int16_t)sample(voice);
}
