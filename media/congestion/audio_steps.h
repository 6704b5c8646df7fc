/* audio_steps.h - how sound is packed: coarse steps that follow the path and never what is said.
 *
 *   20 ms frames, plain -> 10 ms frames, plain: where the rate has plenty, and as a call begins, for less delay
 *                       -> with one, two or three copies of those before, in frames of 10 ms where they fit
 *                       -> with in-band FEC: where copies are wanted, none fits, and asking again takes long
 *
 * From the fate of each packet of sound, in order: how many would have been missing with none, one, two or three
 * copies in the packets after them. The least number that leaves hardly any is wanted, and taken as far as the rate
 * has room. Up at once, down after a long while. Frames of 10 ms cost headers, but a copy then comes 10 ms later
 * and not 20. Losses in a row beyond STEPS_OUTAGE are an outage, which no copy helps. Constant size.
 */
#ifndef AUDIO_STEPS_H
#define AUDIO_STEPS_H
#include <stdbool.h>
#include <stdint.h>

#include "../limits.h"

struct audio_step {
  int samples; /* of a frame, at 48 kHz */
  int copies;  /* of earlier frames in each packet */
  bool inband; /* the codec's own coarse word of the frame before, within the frame's size */
};

struct audio_steps {
  struct audio_step now;
  int young;                  /* packets that are still to be short */
  bool chosen;                /* the step that there is, after those */
  int fixed_samples;          /* of every step; 0: as above */
  int most;                   /* copies that the peer takes */
  int copies;                 /* wanted */
  usec since;                 /* of the wanted number */
  int run;                    /* lost since the last one that arrived */
  int64_t packets;            /* told of */
  uint8_t lost[STEPS_MEMORY]; /* of each: how many in a row were lost up to this one; a ring by packets */
};

/* samples: of every frame, whatever the step; 0: the step's. most: copies, 0 for a peer that takes none. */
void audio_steps_init(struct audio_steps *steps, int samples, int most);
/* One packet has left; true: it was the last that the beginning is made of, so choose anew. */
bool audio_steps_sent(struct audio_steps *steps);
void audio_steps_input(struct audio_steps *steps, bool lost); /* one packet's fate, in the order of sending */

struct audio_path {
  bps target;  /* what may be sent of all */
  bps audio;   /* of it, the encoder's rate */
  bool shared; /* pictures are sent, too */
  usec round_trip;
};

bool audio_steps_choose(struct audio_steps *steps, usec now,
                        const struct audio_path *path); /* true: another step */
/* What a step takes of the wire beyond the encoder's rate: headers and copies. */
bps audio_steps_overhead(struct audio_step step, bps audio);

#endif
