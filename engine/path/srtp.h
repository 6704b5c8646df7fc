/* srtp.h - SRTP and SRTCP of one call (RFC 3711), AEAD AES-GCM profiles only (RFC 7714, protocol D.4).
 *
 * libsrtp keeps the protocol: roll-over counter, replay windows of SRTP_REPLAY_WINDOW packets, key derivation.
 * Any SSRC may be used, at most SRTP_SSRCS_MAX of them in a direction. Allocates at setup and with the first
 * packet of an SSRC, none a packet after that. The keys live as long as the path and are wiped with it.
 */
#ifndef PATH_SRTP_H
#define PATH_SRTP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { /* DTLS-SRTP protection profile numbers (RFC 7714 section 14.2); 0 is none */
       SRTP_PROFILE_AES_128_GCM = 0x0007,
       SRTP_PROFILE_AES_256_GCM = 0x0008,
};

enum {
  SRTP_KEY_MAX = 32,
  SRTP_SALT_SIZE = 12,
  SRTP_RTP_OVERHEAD = 16,  /* the tag */
  SRTP_RTCP_OVERHEAD = 20, /* the tag, E flag and index */
  SRTP_REPLAY_WINDOW = 1024,
  SRTP_SSRCS_MAX = 8,
};

#define SRTP_RTP_LIFETIME  (INT64_C(1) << 47) /* packets under one key (D.4) */
#define SRTP_RTCP_LIFETIME (INT64_C(1) << 31)

struct srtp_master {         /* one direction's master key and salt: secret */
  uint8_t key[SRTP_KEY_MAX]; /* the first 16 bytes under AES-128 */
  uint8_t salt[SRTP_SALT_SIZE];
};

enum srtp_result {
  SRTP_OK = 0,
  SRTP_AUTH_FAIL, /* the tag is wrong: not the peer's, or changed on the way */
  SRTP_REPLAY,    /* seen before, or older than the window */
  SRTP_MALFORMED, /* no RTP or RTCP packet, or no room for the overhead */
  SRTP_UNKNOWN,   /* one SSRC more than SRTP_SSRCS_MAX */
  SRTP_EXPIRED,   /* the key's lifetime is over: end the call */
  SRTP_FAILED,    /* no memory for a new SSRC */
};

struct srtp_path;

/* Takes a tenth of a second, once a process: before the first call, lest that waits for it. Any thread. */
void srtp_start(void);
const char *srtp_profile_name(uint16_t profile); /* "AEAD_AES_256_GCM"; NULL: not one of ours */
size_t srtp_profile_key_size(uint16_t profile);  /* 16 or 32; 0: not one of ours */
const char *srtp_engine_name(void);              /* whose AES-GCM it is: "ipsec-mb", "openssl", "libsrtp" */

/* NULL: no memory or an unknown profile. */
struct srtp_path *srtp_path_new(uint16_t profile, const struct srtp_master *local,
                                const struct srtp_master *remote);
void srtp_path_free(struct srtp_path *path); /* wipes the keys */

/* In place. *size grows by the overhead; `room` is what the buffer holds in all. */
enum srtp_result srtp_path_protect_rtp(struct srtp_path *path, uint8_t *packet, size_t *size, size_t room);
enum srtp_result srtp_path_protect_rtcp(struct srtp_path *path, uint8_t *packet, size_t *size, size_t room);
/* In place. Only after SRTP_OK are the *size bytes the peer's; otherwise the contents are undefined. */
enum srtp_result srtp_path_unprotect_rtp(struct srtp_path *path, uint8_t *packet, size_t *size)
    __attribute__((warn_unused_result));
enum srtp_result srtp_path_unprotect_rtcp(struct srtp_path *path, uint8_t *packet, size_t *size)
    __attribute__((warn_unused_result));

#endif
