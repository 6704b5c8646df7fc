/* description.h - what one side of a call says of itself in its OFFER or ANSWER, and keeps to (PROTOCOL.md section
 * 7): certificate, SRTP profiles, codecs, and the names of its streams, all of them fresh for each call (RFC 7022,
 * RFC 3550 section 8.1).
 */
#ifndef DESCRIPTION_H
#define DESCRIPTION_H
#include "../../signaling/message.h"

struct call_description {
  uint8_t fingerprint[HASH_SIZE];
  uint32_t audio_ssrc, video_ssrc;
  char cname[CNAME_SIZE + 1];
  uint16_t profile[PROFILES_MAX];
  int profiles;
  struct codec_list codecs; /* none with a page, or: VP8 alone */
  uint8_t transport_cc;     /* with a page; 0: none */
  uint32_t repair_ssrc;     /* with a page; 0: none */
};

enum { DESCRIPTION_PROFILES = 2 }; /* of ours: AES-256-GCM, AES-128-GCM */

void description_init(struct call_description *ours, const uint8_t fingerprint[HASH_SIZE],
                      const struct codec_list *codecs);
uint32_t description_repair_ssrc(struct call_description *ours); /* of retransmissions to a page; one a call */
/* The SRTP profiles of both, by our preference; returns how many. The first is the one to use (protocol D.4). */
int description_profiles(const struct call_description *ours, const struct call_description *theirs,
                         uint16_t profile[DESCRIPTION_PROFILES]);

#endif
