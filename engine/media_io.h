/* media_io.h - one call's sound and pictures between the embedder's threads, the workers and the engine's thread.
 *
 *   write -> encode_audio, encode_video -> [worker] -> media_io_take_*() -> the core
 *   the core -> media_io_audio() -> playout -> read     media_io_video() -> [worker] -> render_queue -> read
 *
 * Reference-counted, for a worker or a lent picture may outlive the call. Each part has its own lock and none is
 * held while another is taken, so no read or write ever waits for a codec but an audio read for its own decoder.
 */
#ifndef MEDIA_IO_H
#define MEDIA_IO_H
#include <stdatomic.h>

#include "../media/audio/playout.h"
#include "decode_video.h"
#include "encode_audio.h"
#include "encode_video.h"

struct media_io_config {
  const struct audio_codec *audio_codec;
  const struct video_codec *video_codec; /* both ways, until they are set */
  int frame_samples;
  struct worker *audio, *encode, *decode; /* borrowed; they outlive every write */
  void (*ready)(void *user);              /* on a worker's thread: there is something to take */
  void *user;
};

struct media_io;

struct media_io *media_io_new(const struct media_io_config *config); /* NULL: no memory */
void media_io_release(struct media_io *io);

/* ---- the engine's thread ---- */

/* Of our pictures and of the peer's, before the gate opens for the first time and never later. */
void media_io_set_codecs(struct media_io *io, const struct video_codec *ours, const struct video_codec *theirs);
void media_io_set_gate(struct media_io *io, sotto_gate gate);
void media_io_set_media(struct media_io *io, usec now, unsigned media); /* what we send */
void media_io_set_screen(struct media_io *io, bool screen); /* what our pictures are of; from any thread */
void media_io_set_peer_media(struct media_io *io, unsigned media);
/* Of our packets; the codec is to tell of each frame in the next one, too. */
void media_io_set_audio_loss(struct media_io *io, int percent, bool inband_fec);
void media_io_set_layered(struct media_io *io, bool layered); /* our pictures, in two temporal layers */
void media_io_set_targets(struct media_io *io, bps audio_bitrate, int audio_samples, bps video_bitrate,
                          bool key_frame);
/* A received packet; returns the delay of the playout. */
usec media_io_audio(struct media_io *io, usec arrival, int64_t seq, int64_t rtp_time, const uint8_t *data,
                    size_t size);
void media_io_video(struct media_io *io, const uint8_t *data, size_t size, bool key, usec captured, usec render);
bool media_io_take_key_request(struct media_io *io); /* the decoder lost its way */
/* In place until the taken() of the same kind; NULL: none. */
const struct encoded_audio *media_io_take_audio(struct media_io *io);
void media_io_audio_taken(struct media_io *io);
const struct stored_frame *media_io_take_video(struct media_io *io);
void media_io_video_taken(struct media_io *io);
void media_io_tick(struct media_io *io, usec now); /* silence that is due */
usec media_io_deadline(struct media_io *io);
/* Its own fields of sotto_stats, the set-up times from `started` on. */
void media_io_stats(struct media_io *io, usec started, sotto_stats *stats);

/* ---- the embedder's threads; the arguments were checked ---- */

sotto_status media_io_write_audio(struct media_io *io, usec now, const int16_t *pcm, int samples);
void media_io_read_audio(struct media_io *io, usec now, int16_t *pcm, int samples);
sotto_status media_io_lend_video(struct media_io *io, int width, int height, struct picture *picture);
sotto_status media_io_write_video(struct media_io *io, const struct picture *picture);
/* NULL: none is due. Owns a reference until media_io_give_back(). */
struct rendered *media_io_read_video(struct media_io *io, usec now);
void media_io_give_back(struct rendered *picture);

#endif
