/* stats.h - what the media parts count. Names are those of W3C webrtc-stats where one exists. */
#ifndef STATS_H
#define STATS_H
#include <stdint.h>

#include "units.h"

struct media_stream_stats { /* one direction of one medium */
  int64_t packets_sent, bytes_sent, retransmitted_packets_sent, nack_count, pli_count;
  int64_t packets_received, bytes_received, packets_lost, packets_duplicated, packets_recovered, jitter_us;
  int64_t frames_sent, key_frames_sent, frames_received, key_frames_received, frames_dropped, frames_assembled;
  int64_t remote_packets_lost; /* as the peer's receiver reports say */
  double remote_fraction_lost;
};

struct media_stats {
  struct media_stream_stats audio, video; /* both directions of each */
  usec round_trip_time;                   /* 0: not known yet */
  bps target_bitrate, available_outgoing_bitrate;
  int64_t packets_malformed, packets_unknown_ssrc, rtcp_received, rtcp_malformed;
};

struct playout_stats {
  int64_t total_samples_received, concealed_samples, silent_concealed_samples, concealment_events;
  int64_t inserted_samples_for_deceleration, removed_samples_for_acceleration;
  int64_t packets_discarded_late, packets_duplicated, jitter_buffer_emitted_count;
  usec jitter_buffer_delay, jitter_buffer_target_delay; /* now */
};

#endif
