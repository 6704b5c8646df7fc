#include "packetizer_video.h"

#include "rtp.h"

void packetizer_video_init(struct packetizer_video *p, const struct payload_descriptor *descriptor,
                           uint8_t payload_type, uint32_t ssrc, struct random *random) {
  *p = (struct packetizer_video){
      .descriptor = descriptor,
      .payload_type = payload_type,
      .ssrc = ssrc,
      .timestamp_offset = (uint32_t)random_next(random),
      .seq = random_below(random, 0x8000), /* no wrap within the first packets: SRTP guesses the cycle */
      .picture_id = (uint16_t)random_below(random, 0x8000),
      .tl0picidx = (uint8_t)random_below(random, 0x100),
      .packet_max = SESSION_PACKET_MAX,
  };
}

int packetizer_video_count(const struct packetizer_video *p, size_t size, bool key, int temporal_id) {
  size_t room = p->packet_max - RTP_HEADER_SIZE - p->descriptor->size(p, key, temporal_id);
  return (int)((size + room - 1) / room);
}

static void next_picture(struct packetizer_video *p) {
  p->picture_id = (p->picture_id + 1) & 0x7fff;
}

void packetizer_video_leave_out(struct packetizer_video *p) {
  next_picture(p);
}

void packetizer_video_begin(struct packetizer_video *p, usec captured, const uint8_t *frame, size_t size, bool key,
                            int temporal_id) {
  p->at = frame;
  p->left = size;
  p->packets_left = packetizer_video_count(p, size, key, temporal_id);
  p->first = true;
  p->key = key;
  p->temporal_id = temporal_id;
  p->timestamp = p->timestamp_offset + (uint32_t)(uint64_t)(captured * 9 / 100);
  next_picture(p);
  if (temporal_id <= 0)
    p->tl0picidx++;
}

size_t packetizer_video_next(struct packetizer_video *p, uint8_t packet[SESSION_PACKET_MAX]) {
  if (p->packets_left == 0)
    return 0;
  size_t size = p->left / (size_t)p->packets_left; /* equal sizes: the last ones are a byte longer */
  struct writer w = writer_of(packet, SESSION_PACKET_MAX);
  rtp_write(&w, &(struct rtp_header){.marker = p->packets_left == 1,
                                     .payload_type = p->payload_type,
                                     .seq = (uint16_t)p->seq,
                                     .timestamp = p->timestamp,
                                     .ssrc = p->ssrc});
  p->descriptor->write(p, &w);
  write_bytes(&w, p->at, size);
  p->seq++;
  p->at += size;
  p->left -= size;
  p->packets_left--;
  p->first = false;
  return SESSION_PACKET_MAX - w.left;
}
