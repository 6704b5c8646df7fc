/* session.h - one call's media: RTP, RTCP and recovery between encoded frames and plain packets.
 *
 * Told the time, seeded; no clock, thread or socket, no allocation after session_new(). Packets leave and
 * enter unprotected: SRTP is the caller's. The session knows its parts; they do not know each other.
 * A retransmission leaves as the same bytes again, so SRTP needs allow_repeat_tx and, both ways, a replay
 * window of SEQ_WINDOW (recovery/history.h); or in a source of its own (RFC 4588), as the configuration says.
 * One RTP session carries both media (BUNDLE, RFC 9143) with RTCP multiplexed (RFC 5761).
 *
 * After any input, drain session_poll() until it returns false, then sleep until session_deadline().
 */
#ifndef SESSION_H
#define SESSION_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats.h"
#include "units.h"

enum { SESSION_AUDIO = 1, SESSION_VIDEO = 2 }; /* bits */

enum {
  SESSION_PACKET_MAX = 1200, /* bytes of a plain RTP or RTCP packet */
  SESSION_PACKET_ROOM = 64,  /* writable bytes behind it, for the SRTP tag and trailer */
};

/* What natives call the formats between themselves: every receiver takes all of them. */
enum {
  PAYLOAD_TYPE_OPUS = 111,
  PAYLOAD_TYPE_RED = 63, /* sound with copies of earlier sound (rtp/red.h) */
  PAYLOAD_TYPE_VP8 = 96,
  PAYLOAD_TYPE_VP9 = 98,
  PAYLOAD_TYPE_RTX_VP8 = 99, /* retransmissions of it, in a source of their own (RFC 4588) */
  PAYLOAD_TYPE_RTX_VP9 = 100,
  PAYLOAD_TYPE_VIDEO_RED = 116, /* a packet of video, or of its FEC */
  PAYLOAD_TYPE_ULPFEC = 117,    /* inside VIDEO_RED (RFC 5109) */
  PAYLOAD_TYPE_RTX_RED = 118,   /* retransmissions of VIDEO_RED, as it was */
  PAYLOAD_TYPE_SLOT = 97,       /* either medium, in the constant-rate mode (rtp/slot.h) */
  PAYLOAD_TYPE_NONE = 0xff, /* the peer does not take this format: it is not sent, and not known when it comes */
};

/* As negotiated, both ways; 0: the number above. */
struct session_payload_types {
  uint8_t opus, red, vp8, vp9, rtx_vp8, rtx_vp9, video_red, ulpfec, rtx_red, slot;
};

enum session_video_codec { SESSION_VP8, SESSION_VP9 };

struct session_config {
  uint64_t seed;                             /* first sequence numbers and timestamps */
  uint32_t audio_ssrc, video_ssrc;           /* ours */
  uint32_t peer_audio_ssrc, peer_video_ssrc; /* the only ones taken, with: */
  uint32_t rtx_ssrc,
      peer_rtx_ssrc; /* of retransmitted video, ours and the peer's; 0: the same packet comes again */
  struct session_payload_types payload_types;
  enum session_video_codec video_codec, peer_video_codec; /* of what we send; of what comes */
  char cname[17];                                         /* random a call (RFC 7022) */
  int64_t wall_offset; /* Unix time minus the monotonic clock, usec: for sender reports */
  bps max_bitrate;     /* 0: the default of limits.h */
  int audio_samples;   /* of each audio frame, at 48 kHz; 0: the session chooses, and says so with the targets */
  int seal_size; /* bytes that sealing has added to each frame, end to end; 0: none. Sealed sound is taken as it
                    comes, in frames of audio_samples */
  bool reports_alone; /* the peer tells of losses in its receiver reports, and of no single packet */
  bool constant_rate; /* what leaves has one size and cadence whatever is said and shown; audio frames are 20 ms */
  int transport_cc;   /* for browsers: the id, 1..14, of the header extension with transport-wide sequence numbers
                         (rtp/rtp_ext.h), and feedback by those both ways (rtp/transport_cc.h). 0: no extension,
                         and feedback as of RFC 8888. Not with constant_rate */
};

enum session_output_type {
  SESSION_OUT_PACKET,  /* send it: RTP or RTCP, `data` with SESSION_PACKET_ROOM behind it */
  SESSION_OUT_AUDIO,   /* a received audio packet, for the playout (audio/playout.h) */
  SESSION_OUT_VIDEO,   /* a whole encoded frame, in decoding order */
  SESSION_OUT_ENCODER, /* new targets for the encoders */
};

struct session_output {
  enum session_output_type type;
  uint8_t *data; /* the session's memory, valid until the next call on it */
  size_t size;
  /* SESSION_OUT_PACKET */
  bool rtcp;
  /* SESSION_OUT_AUDIO */
  int64_t seq, rtp_time; /* unwrapped */
  usec arrival;
  /* SESSION_OUT_VIDEO */
  usec captured; /* on the sender's clock, Unix time; 0: not known yet */
  usec render;   /* when to show it on ours (lip sync) */
  bool key;
  /* SESSION_OUT_ENCODER */
  bps audio_bitrate, video_bitrate;
  int audio_samples; /* of each audio frame from the next one on */
  int audio_loss;    /* per cent of the packets of sound, in coarse steps */
  bool audio_fec;    /* the codec's own, in-band */
  bool key_frame;    /* the peer needs one */
  bool layered;      /* so much is lost that temporal layers are worth what they cost */
};

struct session *session_new(const struct session_config *config); /* NULL: no memory */
void session_free(struct session *session);

/* Encoded frames to send. `captured` is on the monotonic clock. false: nothing is sent of it (empty, too large, no
 * room, or video that cannot begin without a key frame: SESSION_OUT_ENCODER then asks for one). temporal_id 0, or
 * 1: no later frame leans on this one. */
bool session_send_audio(struct session *session, usec now, usec captured, const uint8_t *payload, size_t size,
                        int samples);
bool session_send_video(struct session *session, usec now, usec captured, const uint8_t *frame, size_t size,
                        bool key, int temporal_id);

/* Constant rate: video may be sent, and from now on has its slots for good, on or off. */
void session_begin_video(struct session *session);

/* One authenticated, decrypted packet. What does not parse is counted. The first byte pair tells RTP from RTCP
 * (RFC 5761). */
void session_input(struct session *session, usec now, const uint8_t *packet, size_t size);

/* How long audio waits in the playout now, from arrival to the ear, for lip sync. */
void session_set_playout_delay(struct session *session, usec now, usec delay);
void session_set_max_bitrate(struct session *session, usec now, bps bitrate);
/* The decoder lost its way (a decode error): ask for a key frame, rate-limited. */
void session_request_key_frame(struct session *session, usec now);
void session_bye(struct session *session, usec now); /* queues an RTCP BYE */

bool session_poll(struct session *session, usec now, struct session_output *out);
usec session_deadline(const struct session *session);
void session_stats(const struct session *session, usec now, struct media_stats *stats);

#endif
