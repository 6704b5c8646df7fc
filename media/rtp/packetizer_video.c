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

static size_t share(size_t size, size_t parts) {
  return (size + parts - 1) / parts;
}

/* What each packet carries: as many as must be of equal size, the last one having what is left. A batch of equal
 * ones with a shorter last one is one message to the kernel (UDP_SEGMENT). */
static size_t stride(const struct packetizer_video *p, size_t size, bool key, int temporal_id) {
  size_t room = p->packet_max - RTP_HEADER_SIZE - p->descriptor->size(p, key, temporal_id);
  return share(size, share(size, room));
}

int packetizer_video_count(const struct packetizer_video *p, size_t size, bool key, int temporal_id) {
  return (int)share(size, stride(p, size, key, temporal_id));
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
  p->stride = stride(p, size, key, temporal_id);
  p->first = true;
  p->key = key;
  p->temporal_id = temporal_id;
  p->timestamp = p->timestamp_offset + (uint32_t)(uint64_t)(captured * 9 / 100);
  next_picture(p);
  if (temporal_id <= 0)
    p->tl0picidx++;
}

bool packetizer_video_last(const struct packetizer_video *p) {
  return p->left <= p->stride;
}

size_t packetizer_video_next(struct packetizer_video *p, uint8_t packet[SESSION_PACKET_MAX]) {
  if (p->left == 0)
    return 0;
  bool last = packetizer_video_last(p);
  size_t size = last ? p->left : p->stride;
  struct writer w = writer_of(packet, SESSION_PACKET_MAX);
  rtp_write(&w, &(struct rtp_header){.marker = last,
                                     .payload_type = p->payload_type,
                                     .seq = (uint16_t)p->seq,
                                     .timestamp = p->timestamp,
                                     .ssrc = p->ssrc});
  p->descriptor->write(p, &w);
  write_bytes(&w, p->at, size);
  p->seq++;
  p->at += size;
  p->left -= size;
  p->first = false;
  return SESSION_PACKET_MAX - w.left;
}
