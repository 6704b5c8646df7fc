#include "description.h"

#include <string.h>

#include "../path/srtp.h"
#include "page.h"

static uint32_t fresh_ssrc(const struct call_description *ours) {
  uint32_t ssrc;
  do
    crypto_random(&ssrc, sizeof ssrc);
  while (!ssrc || ssrc == ours->audio_ssrc || ssrc == ours->video_ssrc);
  return ssrc;
}

uint32_t description_repair_ssrc(struct call_description *ours) {
  if (!ours->repair_ssrc)
    ours->repair_ssrc = fresh_ssrc(ours);
  return ours->repair_ssrc;
}

void description_init(struct call_description *ours, const uint8_t fingerprint[HASH_SIZE],
                      const struct codec_list *codecs) {
  static const char letter[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint8_t raw[CNAME_SIZE];
  *ours = (struct call_description){.transport_cc = PAGE_TRANSPORT_CC, .codecs = *codecs};
  memcpy(ours->fingerprint, fingerprint, sizeof ours->fingerprint);
  ours->audio_ssrc = fresh_ssrc(ours);
  ours->video_ssrc = fresh_ssrc(ours);
  crypto_random(raw, sizeof raw); /* RFC 7022: 96 random bits a call */
  for (int i = 0; i < CNAME_SIZE; i++)
    ours->cname[i] = letter[raw[i] & 63];
  ours->profile[0] = SRTP_PROFILE_AES_256_GCM;
  ours->profile[1] = SRTP_PROFILE_AES_128_GCM;
  ours->profiles = DESCRIPTION_PROFILES;
}

int description_profiles(const struct call_description *ours, const struct call_description *theirs,
                         uint16_t profile[DESCRIPTION_PROFILES]) {
  int profiles = 0;
  for (int i = 0; i < ours->profiles; i++) {
    bool common = false;
    for (int k = 0; k < theirs->profiles; k++)
      common |= theirs->profile[k] == ours->profile[i];
    if (common)
      profile[profiles++] = ours->profile[i];
  }
  return profiles;
}
