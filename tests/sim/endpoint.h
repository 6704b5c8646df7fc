/* endpoint.h - the shell of one leg of a call under simulated time, as the engine's workers and the devices would
 * be: microphone and camera, encoders, playout and speaker, decoder and screen. Measures what the person at it
 * hears and sees, in the terms of W3C webrtc-stats.
 *
 * Mouth to ear is from a sample before the microphone to the same sample handed to the speaker: the frame that must
 * fill, the codec's look-ahead, the network, the playout. A sound card adds its own buffers, the same whoever
 * calls: they are not in it. Capture to render has ENDPOINT_ENCODE and ENDPOINT_DECODE in it, which is what VP8
 * takes for 640x360 on one core (`./run bench encode` measures it on yours).
 */
#ifndef ENDPOINT_H
#define ENDPOINT_H
#include "histogram.h"
#include "media/audio/playout.h"
#include "sim.h"
#include "tape.h"
#include "voice.h"

enum { ENDPOINT_FRAMES = 8192, ENDPOINT_PAYLOADS = 512, ENDPOINT_FREEZE_MEAN_OF = 30, ENDPOINT_FPS = 30 };
#define ENDPOINT_LOOK_AHEAD ((usec)6500) /* Opus at 48 kHz */
#define ENDPOINT_ENCODE     MS(2)
#define ENDPOINT_DECODE     MS(1)

struct endpoint_config {
  const struct audio_codec *audio;
  bool video;
  int skew;              /* of this end's device clocks, millionths */
  const int16_t *speech; /* said again and again, from a place of the seed's on; NULL: the synthetic voice */
  uint32_t speech_samples;
  struct tape *said, *heard; /* NULL: not kept */
  uint64_t seed;
};

struct endpoint_figures {
  struct histogram audio, video; /* mouth to ear, each 10 ms heard; capture to render, each frame */
  int64_t samples, concealed, silent;
  int64_t frames_sent, frames_lost, frames_shown, freezes;
  usec freeze_time;
  int64_t audio_bits, video_bits; /* that the encoders made */
};

struct endpoint {
  struct sim *sim;
  struct endpoint_config config;
  const struct endpoint *other;
  int peer;
  uint32_t call;
  void *audio_encoder, *video_encoder, *video_decoder;
  struct playout *playout;
  struct voice voice;
  uint32_t spoken; /* the next sample of the speech */
  bool open;       /* the gate let an encoder target through */
  bps audio_bitrate, video_bitrate;
  int audio_loss;
  bool audio_fec;
  int frame, wanted_frame; /* samples: of the one that is being filled, and of the next */
  bool key_frame, layered;
  usec opened; /* the clocks below count from it */
  usec microphone_phase, speaker_phase, camera_phase;
  int64_t audio_frames, reads, pictures; /* so far: the next one's number */
  int64_t audio_samples;                 /* in those frames */
  usec picture_due;                      /* at which the encoder is done with the last picture; USEC_NEVER */
  struct {
    uint64_t hash;
    usec captured;
  } payload[ENDPOINT_PAYLOADS];                       /* sent, newest last, a ring */
  usec captured[ENDPOINT_FRAMES];                     /* of each picture */
  bool sent[ENDPOINT_FRAMES], shown[ENDPOINT_FRAMES]; /* ours; the other's */
  struct {
    int64_t rtp_time;
    usec captured;
  } heard;                       /* what the newest packet says: the other's */
  usec first_heard, first_shown; /* 0: not yet */
  usec last_shown, interval[ENDPOINT_FREEZE_MEAN_OF];
  int64_t intervals;
  usec measured_from;
  struct playout_stats playout_before;
  usec newest_audio, newest_video; /* delays as in the figures, of the newest; 0: none yet */
  struct endpoint_figures figures;
  uint64_t hash; /* of all that was heard and seen, and when */
};

/* `other` is the far end, whose clocks tell when what arrives was captured. */
void endpoint_init(struct endpoint *endpoint, struct sim *sim, int peer, uint32_t call,
                   const struct endpoint_config *config, const struct endpoint *other);
void endpoint_deinit(struct endpoint *endpoint);
bool endpoint_output(struct endpoint *endpoint, const struct core_output *out); /* as sim_world's */
void endpoint_run(struct endpoint *endpoint);
usec endpoint_deadline(const struct endpoint *endpoint);
void endpoint_measure(struct endpoint *endpoint); /* forgets figures and tapes: they count from now on */
/* Frames captured in the last second may still be on their way: they are left out of frames_lost. */
void endpoint_finish(struct endpoint *endpoint);

#endif
