/* stats.h - what the media parts count. Names are those of W3C webrtc-stats where one exists. */
#ifndef STATS_H
#define STATS_H
#include <stdint.h>

#include "units.h"

struct media_stream_stats {         /* one medium: what we send of it, then what we receive */
  int64_t packets_sent, bytes_sent; /* retransmissions included; bytes of payload only */
  int64_t retransmitted_packets_sent;
  int64_t fec_packets_sent;      /* parity, of those above: video only */
  int64_t red_packets_sent;      /* in RED (RFC 2198), of those above: video with parity, sound with copies */
  int64_t nack_count, pli_count; /* feedback packets that the peer sent us */
  int64_t frames_sent, key_frames_sent; /* these and the frames below: video only */
  int64_t frames_discarded;             /* given to the session but not sent: no key frame yet, or no room */
  int64_t remote_packets_lost;          /* as the peer's receiver reports say */
  double remote_fraction_lost;

  int64_t packets_received, bytes_received; /* recovered ones included, duplicates not */
  int64_t packets_lost;                     /* expected minus received (RFC 3550 section 6.4.1) */
  int64_t packets_duplicated;
  int64_t packets_recovered;    /* were missing, were asked for, and came */
  int64_t packets_repaired;     /* came first as a copy in a later packet, or from parity, being lost or late */
  int64_t fec_packets_received; /* parity, of those above */
  int64_t red_packets_received; /* in RED, of those above */
  int64_t packets_discarded;    /* received, and of no use: out of every window, or no room */
  int64_t jitter_us;
  int64_t nacks_sent, plis_sent;                /* feedback packets that we sent */
  int64_t frames_received, key_frames_received; /* whole, and handed on to the decoder */
  int64_t frames_dropped;                       /* began to arrive but were never handed on */
  int64_t frames_lost; /* numbered by the peer and never handed on, though a later one was: none is on its way */
};

struct media_stats {
  struct media_stream_stats audio, video; /* both directions of each */
  usec round_trip_time;                   /* 0: not known yet */
  bps target_bitrate;                     /* what the encoders were told, together */
  bps available_outgoing_bitrate;         /* what the path is believed to carry */
  int64_t packets_malformed, packets_unknown_ssrc, rtcp_received, rtcp_malformed;
};

struct playout_stats {
  int64_t total_samples_received, concealed_samples, silent_concealed_samples, concealment_events;
  int64_t inserted_samples_for_deceleration, removed_samples_for_acceleration;
  int64_t packets_discarded_late, packets_duplicated, packets_refused; /* refused: no payload of this codec */
  int64_t fec_packets_received;  /* that told of the frame before them as well */
  int64_t fec_packets_discarded; /* of those: it was not missing, or is not yet */
  int64_t jitter_buffer_emitted_count;
  usec jitter_buffer_delay, jitter_buffer_target_delay; /* now */
};

#endif
