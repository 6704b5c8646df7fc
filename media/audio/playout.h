/* playout.h - from received audio packets to an unbroken stream of samples.
 *
 * Owns the adaptive jitter buffer (jitter_buffer.h) and a decoder; time-stretch and concealment live behind
 * it. Pulled by the sound device at its own pace: every read returns exactly what was asked for. Whoever
 * owns it serializes input and read (the engine holds one lock, the simulator needs none).
 */
#ifndef PLAYOUT_H
#define PLAYOUT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../codec/codec.h"
#include "../stats.h"
#include "../units.h"

struct playout *playout_new(const struct audio_codec *codec); /* NULL: no memory */
void playout_free(struct playout *playout);
/* seq and rtp_time are unwrapped; the payload is copied. */
void playout_input(struct playout *playout, usec arrival, int64_t seq, int64_t rtp_time, const uint8_t *payload,
                   size_t size);
/* Fills pcm with `samples` (1..2880) at 48 kHz. false: nothing was ever received, pcm is silence. */
bool playout_read(struct playout *playout, usec now, int16_t *pcm, int samples);
/* From a packet's arrival to the last sample handed out, smoothed: the delay this buffer adds. */
usec playout_delay(const struct playout *playout);
/* The unwrapped RTP time of the next sample that a read will hand out; -1 before the first packet. */
int64_t playout_position(const struct playout *playout);
void playout_stats(const struct playout *playout, struct playout_stats *stats);

#endif
