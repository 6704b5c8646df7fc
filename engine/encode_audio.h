/* encode_audio.h - one call's sound from the embedder's writes to encoded frames, on the audio worker.
 *
 * Cuts what is written into frames of the length that is told, from one frame to the next. Muted, what is written
 * goes nowhere and frames of silence are made at the same cadence whether the embedder writes or not: an observer
 * sees no difference (protocol F, hard CBR). While the gate is shut nothing is encoded; the first frame behind it
 * is full with the first write, and begins with silence. Bounds: AUDIO_FRAMES_WAITING before the encoder (a write
 * is then refused) and AUDIO_ENCODED_WAITING behind it (the newest is then dropped); all of the memory is allocated
 * at init, the encoder with the first frame.
 */
#ifndef ENCODE_AUDIO_H
#define ENCODE_AUDIO_H
#include <pthread.h>

#include "../media/codec/codec.h"
#include "sotto.h"
#include "worker.h"

enum { AUDIO_FRAMES_WAITING = 16, AUDIO_ENCODED_WAITING = 16, AUDIO_SAMPLES_MAX = 48000 /* in one write */ };

struct encode_audio {
  struct task task; /* first: the worker hands it back */
  pthread_mutex_t lock;
  const struct audio_codec *codec;
  void *encoder;                      /* the worker's */
  struct audio_encoder_config config; /* of the encoder, the worker's */
  int frame_samples;                  /* of the frame that is being filled */
  int wanted_samples;                 /* of the next one */
  bps bitrate;
  int loss;
  bool inband_fec;
  bool open, muted;
  bool begun;    /* something was written since the gate opened */
  usec next_end; /* when the frame after the last one ends */
  int partial;   /* samples in the frame that is being filled, at the ring's end */
  unsigned head, count;
  struct pcm_frame {
    usec captured; /* of its first sample */
    int samples;
    int16_t pcm[AUDIO_FRAME_MAX];
  } frame[AUDIO_FRAMES_WAITING];
  unsigned out_head, out_count;
  struct encoded_audio {
    usec captured;
    int samples;
    size_t size;
    uint8_t payload[AUDIO_PAYLOAD_MAX];
  } out[AUDIO_ENCODED_WAITING];
  int64_t frames_dropped, encoder_errors;
};

bool encode_audio_init(struct encode_audio *audio, const struct audio_codec *codec, int frame_samples);
void encode_audio_deinit(struct encode_audio *audio);

/* The engine's thread. */
void encode_audio_set_open(struct encode_audio *audio, bool open);
void encode_audio_set_muted(struct encode_audio *audio, usec now, bool muted);
void encode_audio_set_target(struct encode_audio *audio, bps bitrate, int frame_samples); /* 0: as before */
void encode_audio_set_loss(struct encode_audio *audio, int percent, bool inband_fec);
usec encode_audio_deadline(struct encode_audio *audio);          /* of the next frame of silence */
bool encode_audio_silence(struct encode_audio *audio, usec now); /* makes those due; true: post the task */
/* The oldest encoded frame, in place until encode_audio_taken(); NULL: none. */
const struct encoded_audio *encode_audio_take(struct encode_audio *audio);
void encode_audio_taken(struct encode_audio *audio);

/* The embedder's thread. The last of the samples was captured at `now`; *post: there is a frame to encode. */
sotto_status encode_audio_write(struct encode_audio *audio, usec now, const int16_t *pcm, int samples, bool *post);

/* The worker's: encodes one frame. *encoded: there is something to take. True: more waits. */
bool encode_audio_run(struct encode_audio *audio, bool *encoded);

#endif
