/* transport.h - one call's secured media path: the one DTLS association behind its firewall, SRTP, and the media
 * session, between the datagrams of the selected pair and encoded frames (protocol D.1, D.3-D.5).
 *
 * The gate is enforced here: while it is SHUT there is no SRTP context and no session, what arrives is dropped
 * before decryption and what the encoders made goes nowhere, both counted. Keys come from DTLS with the first
 * opening and stay in it until then.
 *
 * Towards a page frames are sealed before the session and opened behind it (frame_seal.h): what does not open is
 * counted and reaches no decoder.
 */
#ifndef TRANSPORT_H
#define TRANSPORT_H
#include "../core.h"
#include "../path/demux.h"
#include "../path/dtls.h"
#include "../path/srtp.h"
#include "frame_seal.h"

struct transport_stats {
  int64_t gate_dropped_in, gate_dropped_out; /* packets; encoded frames */
  int64_t auth_failed, replayed, malformed, not_demuxed;
  int64_t unopened; /* frames that did not come out of the seal */
};

struct transport {
  struct dtls_firewall firewall;
  struct dtls *dtls;
  int associations; /* ever made: 1 at most */
  bool has_path;
  struct srtp_path *srtp;
  struct session *session;
  struct session_config config;
  struct frame_seal *seal; /* NULL: DTLS-SRTP is end to end by itself */
  bool picture_missing;    /* one did not open: those up to the next key frame are of no use */
  sotto_gate gate;
  unsigned media;   /* what we send: SOTTO_AUDIO | SOTTO_VIDEO */
  bool encoder_due; /* the encoders' targets are to be told again */
  bool key_frame, layered;
  bps audio_bitrate, video_bitrate;
  int audio_samples, audio_loss;
  bool audio_fec;
  bool expired; /* a key's lifetime is over: the call must end */
  struct transport_stats stats;
};

void transport_init(struct transport *transport);
void transport_deinit(struct transport *transport); /* wipes all keys */
/* Both descriptions are authenticated: from now on DTLS may arrive. */
void transport_open_firewall(struct transport *transport, bool server);
/* Makes the association; false when there was one before, or no memory. */
bool transport_start_dtls(struct transport *transport, const struct dtls_config *config);
/* From now on there is somewhere to send to: what DTLS has said meanwhile follows. */
void transport_path_found(struct transport *transport);
/* What the media session will need when the gate opens. */
void transport_describe(struct transport *transport, const struct session_config *config);
/* Frames are sealed from now on. After transport_describe() and before the gate opens; false: no memory. */
bool transport_seal_frames(struct transport *transport, const struct frame_keys *keys);
/* The gate's new position; false: SRTP or the session could not be made (the gate is then SHUT). */
bool transport_set_gate(struct transport *transport, usec now, sotto_gate gate);
void transport_set_media(struct transport *transport, unsigned media);

void transport_input(struct transport *transport, usec now, uint8_t *data, size_t size);
void transport_audio_encoded(struct transport *transport, usec now, usec captured, const uint8_t *payload,
                             size_t size, int samples);
void transport_video_encoded(struct transport *transport, usec now, usec captured, const uint8_t *frame,
                             size_t size, bool key, int temporal_id);
/* DATAGRAM, AUDIO, VIDEO or ENCODER; the caller fills in the call's handle. */
bool transport_poll(struct transport *transport, usec now, struct core_output *out);
usec transport_deadline(const struct transport *transport);
/* A last word: RTCP BYE and close_notify, to be polled once more. */
void transport_close(struct transport *transport, usec now);

#endif
