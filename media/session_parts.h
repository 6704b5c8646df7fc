/* session_parts.h - the inside of a session, for session.c and the session_*.c.
 *
 * Only these know the parts; the parts do not know each other. The drawing is in DESIGN.md. Everything is one
 * allocation, made by session_new(), beside the frame buffer's own.
 */
#ifndef SESSION_PARTS_H
#define SESSION_PARTS_H
#include "congestion/arrivals.h"
#include "congestion/audio_steps.h"
#include "congestion/bwe_delay.h"
#include "congestion/constant_rate.h"
#include "congestion/fec_steps.h"
#include "congestion/feedback.h"
#include "congestion/pacer.h"
#include "congestion/rate_control.h"
#include "congestion/transport_seq.h"
#include "limits.h"
#include "random.h"
#include "recovery/copies.h"
#include "recovery/fec.h"
#include "recovery/history.h"
#include "recovery/nack.h"
#include "recovery/rtx.h"
#include "rtp/packetizer_opus.h"
#include "rtp/packetizer_video.h"
#include "rtp/red.h"
#include "rtp/report.h"
#include "rtp/rtcp.h"
#include "rtp/rtp.h"
#include "rtp/rtp_ext.h"
#include "rtp/slot.h"
#include "seq.h"
#include "session.h"
#include "video/av_sync.h"
#include "video/frame_buffer.h"

enum medium { AUDIO, VIDEO, MEDIA };

struct outgoing { /* a source that we are */
  uint32_t ssrc;
  int64_t next; /* the sequence number after the newest one */
  struct history history;
  struct report_sender report;
};

struct incoming { /* a source of the peer's */
  uint32_t ssrc;
  uint8_t payload_type;
  struct seq seq;
  struct timestamp timestamp;
  struct report_receiver report;
  struct nack nack;
  int64_t request[NACK_BATCH]; /* to be asked for in the next feedback packet */
  int requests;
  bool heard;
  usec arrived; /* the last packet */
};

struct arrived_audio {
  int64_t seq, rtp_time;
  usec arrival;
  size_t size;
  uint8_t payload[SESSION_PACKET_MAX];
};

enum session_state { /* RUNNING --session_bye()--> LEAVING --the BYE is polled--> GONE */
                     SESSION_RUNNING,
                     SESSION_LEAVING,
                     SESSION_GONE,
};

struct session {
  struct session_config config;
  enum session_state state;
  struct random random;
  struct packetizer_opus opus;
  struct packetizer_video video;
  struct audio_steps steps;
  struct copies copies;
  int64_t fate; /* of the audio packets, the first that the steps have not heard of */
  struct fec_steps fec_steps;
  int64_t video_fate;    /* as fate, of video */
  uint16_t rtx_seq;      /* of the next one */
  int64_t parity_credit; /* hundredths of a packet */
  struct outgoing out[MEDIA];
  struct incoming in[MEDIA];
  struct pacer pacer;
  struct constant_rate constant;
  uint32_t slot_time[MEDIA]; /* outer timestamps of tick 0 */
  bool constant_behind;      /* the encoder makes less until the queue is empty */
  struct rate_control rate;
  bool probing;
  struct feedback feedback;     /* of what we send */
  struct transport_seq numbers; /* with transport_cc, as are those three */
  uint8_t numbers_report;       /* of the peer's reports, the next one's number */
  struct seq peer_numbers;
  struct arrivals numbered;        /* what the peer sends, by its transport-wide numbers */
  uint8_t numbered_reports;        /* sent so far */
  struct arrivals arrivals[MEDIA]; /* of what the peer sends */
  usec ccfb_due, ccfb_sent;        /* due USEC_NEVER: nothing came since */
  int64_t ccfb_credit;             /* bytes that feedback may take */
  struct bwe_delay coming;         /* how long the peer's sound waits on its way */
  struct av_sync sync;
  struct fec_decoder fec;
  struct frame_buffer *frames;

  int64_t resend_credit; /* millionths of a bit */
  usec resend_at;        /* of the credit */

  /* our video encoder */
  struct rate_targets targets;
  bool targets_changed;
  bool layered;        /* is to make temporal layers */
  bool layers_told;    /* frames say which is theirs: for good, once layers were asked for */
  bool video_begun;    /* the peer has all that the next delta frame refers to, but for loss */
  usec video_sent;     /* the last frame */
  usec key_sent;       /* the last key frame */
  bool key_wanted;     /* by the peer, or because video has not begun */
  usec key_wanted_due; /* not before */

  /* the peer's video */
  int64_t video_first; /* the oldest packet that came; -1: none */
  bool decoder_lost;
  usec pli_due; /* not before */

  usec round_trip;   /* smoothed; 0: not known yet */
  usec report_due;   /* -1: not yet running */
  usec reported;     /* the last report of ours */
  int reports;       /* sent so far, up to RTCP_EARLY_REPORTS */
  usec feedback_due; /* not before */
  usec answered;     /* the last moment at which nothing was left of what came; USEC_NEVER: something came since */

  struct media_stats stats;
  uint8_t packet[SESSION_PACKET_MAX + SESSION_PACKET_ROOM];
  int64_t
      handed_newest; /* frames of sound that went to the playout: the newest, and a bit for each of the 64 to it */
  uint64_t handed;
  int arrived_head, arrived_count;
  struct arrived_audio arrived[AUDIO_ARRIVED];
  struct sent_packet sent_audio[SENT_AUDIO_PACKETS], sent_video[SENT_VIDEO_PACKETS];
};

static inline struct media_stream_stats *stats_of(struct session *session, int medium) {
  return medium == AUDIO ? &session->stats.audio : &session->stats.video;
}

static inline uint8_t video_payload_type(const struct session_config *config, enum session_video_codec codec) {
  return codec == SESSION_VP9 ? config->payload_types.vp9 : config->payload_types.vp8;
}

static inline int incoming_of(const struct session *session, uint32_t ssrc) { /* the medium; -1: not the peer's */
  for (int medium = 0; medium < MEDIA; medium++)
    if (session->in[medium].ssrc == ssrc)
      return medium;
  return -1;
}

static inline size_t session_header_size(const struct session *session) { /* of what we send, to the payload */
  return RTP_HEADER_SIZE + (session->config.transport_cc ? RTP_EXT_SIZE : 0);
}

static inline bool session_in_red(const struct session *session, int medium, const uint8_t *packet) {
  const struct session_payload_types *types = &session->config.payload_types;
  return (packet[1] & 0x7f) == (medium == AUDIO ? types->red : types->video_red);
}

/* session_send.c */
void session_make_room(const struct session *session, struct sent_packet *packet);
void session_send_init(struct session *session);
void session_want_key(struct session *session);
void session_resend(struct session *session, usec now, int medium, uint16_t number);
bool session_poll_encoder(struct session *session, usec now, struct session_output *out);
bool session_poll_packet(struct session *session, usec now, struct session_output *out);
usec session_packet_deadline(const struct session *session);

/* session_audio.c */
void session_audio_init(struct session *session);
size_t session_write_audio(struct session *session, usec captured, const uint8_t *frame, size_t size, int samples,
                           uint8_t packet[SESSION_PACKET_MAX]);
void session_step_audio(struct session *session, usec now); /* after feedback, another target, or the beginning */
void session_input_audio(struct session *session, usec now, int64_t seq, int64_t rtp_time, uint8_t payload_type,
                         struct reader payload);

/* session_repair.c */
void session_repair_init(struct session *session);
void session_step_fec(struct session *session, usec now);                         /* after feedback */
void session_wrap_red(const struct session *session, struct sent_packet *packet); /* if it is to be */
void session_protect(struct session *session, usec now, int64_t first);           /* the frame from there on */
/* The packet as a retransmission in a source of its own: its size; 0: the same packet is to leave again. */
size_t session_write_rtx(struct session *session, const struct sent_packet *packet,
                         uint8_t out[SESSION_PACKET_MAX]);
/* The packet of video that a retransmission repeats: its size; 0: it repeats none. */
size_t session_read_rtx(const struct session *session, const uint8_t *data, size_t size,
                        uint8_t out[SESSION_PACKET_MAX]);
/* Not parity or padding: late, they are worth nothing. */
bool session_worth_repeating(const struct session *session, const struct sent_packet *packet);
/* header and payload become those inside; false: malformed. */
bool session_unwrap_red(const struct session *session, struct rtp_header *header, struct reader *payload);
/* A packet of video or of parity, of which header and payload are what is inside RED. */
void session_input_fec(struct session *session, usec now, int64_t seq, const struct rtp_header *header,
                       const uint8_t *data, size_t size, struct reader payload);

/* session_receive.c */
void session_receive_init(struct session *session);
void session_input_rtp(struct session *session, usec now, const uint8_t *packet, size_t size);
void session_input_recovered(struct session *session, usec now, int64_t seq, const uint8_t *packet, size_t size);
void session_collect_requests(struct session *session, usec now);
bool session_wants_pli(const struct session *session); /* look after polling video */
bool session_poll_audio(struct session *session, struct session_output *out);
bool session_poll_video(struct session *session, usec now, struct session_output *out);

/* session_feedback.c */
void session_feedback_init(struct session *session);
void session_arrived(struct session *session, usec now, int medium, int64_t seq, int64_t rtp_time, size_t size);
void session_number_arrived(struct session *session, usec now, const struct rtp_header *header);
bool session_write_feedback(struct session *session, usec now, struct writer *w); /* false: none is due */
void session_input_feedback(struct session *session, usec now, struct rtcp_packet *packet);
bool session_probes(struct session *session, usec now); /* a cluster at a higher rate is being sent */
void session_hold(struct session *session, usec now);   /* video waits while feedback is late, as all is */
void session_pace(struct session *session, usec now);   /* by the rate control's target */

/* session_rtcp.c */
void session_update_round_trip(struct session *session, usec sample);
void session_input_rtcp(struct session *session, usec now, const uint8_t *packet, size_t size);
bool session_poll_rtcp(struct session *session, usec now, struct session_output *out);

#endif
