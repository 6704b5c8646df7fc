#include "packetizer_opus.h"

#include "rtp.h"

static const usec capture_pause = MS(120); /* twice the longest frame: more is no jitter of a sound card's */

void packetizer_opus_init(struct packetizer_opus *p, uint32_t ssrc, struct random *random) {
  *p = (struct packetizer_opus){
      .ssrc = ssrc,
      .seq = random_below(random, 0x8000), /* no wrap within the first packets: SRTP guesses the cycle */
      .timestamp = (uint32_t)random_next(random),
  };
}

uint32_t packetizer_opus_begin(struct packetizer_opus *p, usec captured) {
  usec late = p->started ? captured - p->due : 0;
  if (late > capture_pause) {
    p->timestamp += (uint32_t)(uint64_t)(late * 48 / 1000);
    p->due = captured;
  } else {
    p->due = p->started ? p->due + late / 16 : captured; /* clocks drift apart; jitter averages out */
  }
  p->started = true;
  return p->timestamp;
}

size_t packetizer_opus_write(struct packetizer_opus *p, uint8_t payload_type, const uint8_t *payload, size_t size,
                             int samples, uint8_t packet[SESSION_PACKET_MAX]) {
  if (size == 0 || size > SESSION_PACKET_MAX - RTP_HEADER_SIZE)
    return 0;
  struct writer w = writer_of(packet, SESSION_PACKET_MAX);
  rtp_write(&w,
            &(struct rtp_header){
                .payload_type = payload_type, .seq = (uint16_t)p->seq, .timestamp = p->timestamp, .ssrc = p->ssrc});
  write_bytes(&w, payload, size);
  p->seq++;
  p->timestamp += (uint32_t)samples;
  p->due += (usec)samples * 1000 / 48;
  return RTP_HEADER_SIZE + size;
}
