/* packetizer_video.h - one encoded frame to RTP packets of equal size but for the last, whatever the format.
 *
 * Each packet begins with the format's payload descriptor (packetizer_vp8.h, packetizer_vp9.h), which holds the
 * 15-bit picture id. The marker is set on a frame's last packet (RFC 7741 section 4.1, RFC 9628 section 4.1): the
 * receiver needs it, and the sizes show as much anyway. The timestamp is the capture time at 90 kHz plus a random
 * offset.
 */
#ifndef PACKETIZER_VIDEO_H
#define PACKETIZER_VIDEO_H
#include "../bytes.h"
#include "../random.h"
#include "../session.h"

enum { VIDEO_NO_LAYERS = -1 };

struct packetizer_video;

struct payload_descriptor {
  size_t (*size)(const struct packetizer_video *p, bool key, int temporal_id); /* at most, of each packet */
  void (*write)(const struct packetizer_video *p, struct writer *w);           /* of the next packet */
};

struct packetizer_video {
  const struct payload_descriptor *descriptor;
  uint8_t payload_type;
  uint32_t ssrc, timestamp_offset;
  int64_t seq; /* of the next packet; its low 16 bits are sent */
  uint16_t picture_id;
  uint8_t tl0picidx;
  size_t packet_max; /* SESSION_PACKET_MAX unless set lower */
  bool layered;      /* the next frames take turns in two temporal layers: for a key frame to tell */
  /* the frame under way */
  const uint8_t *at; /* the caller's memory */
  size_t left, stride;
  bool first, key;
  int temporal_id;
  uint32_t timestamp;
};

void packetizer_video_init(struct packetizer_video *p, const struct payload_descriptor *descriptor,
                           uint8_t payload_type, uint32_t ssrc, struct random *random);
/* Into how many packets such a frame goes, of `size` 1 and more. */
int packetizer_video_count(const struct packetizer_video *p, size_t size, bool key, int temporal_id);
/* An upper frame will not be sent: the others keep their places in the pattern. */
void packetizer_video_leave_out(struct packetizer_video *p);
/* `frame` must stay until packetizer_video_next() has returned 0. temporal_id 0..3 or VIDEO_NO_LAYERS. */
void packetizer_video_begin(struct packetizer_video *p, usec captured, const uint8_t *frame, size_t size, bool key,
                            int temporal_id);
bool packetizer_video_last(const struct packetizer_video *p); /* the next packet is the frame's last */
size_t packetizer_video_next(struct packetizer_video *p, uint8_t packet[SESSION_PACKET_MAX]); /* size; 0: done */

#endif
