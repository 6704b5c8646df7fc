#include "srtp.h"

#include <pthread.h>
#include <srtp2/srtp.h>
#include <stdlib.h>
#include <string.h>

#include "../../media/bytes.h"
#include "../../signaling/crypto.h"
#include "srtp_cipher.h"

enum { RTP_HEADER = 12, RTCP_HEADER = 8, RTP_SEQ_OFFSET = 2, RTP_SSRC_OFFSET = 8, RTCP_SSRC_OFFSET = 4 };

/* A retransmission is protected again under the same index, and so under the same GCM nonce: safe only while the
 * packet is the same to the last bit. The tag tells: what was sent under an index within the window keeps its tag
 * here, and a packet that would leave under the same index with another tag does not leave. */
struct sent {
  int64_t index; /* unwrapped sequence number + 1; 0: none */
  uint64_t tag;  /* its first half, as it lies in memory */
};

struct source { /* one SSRC of one direction */
  uint32_t ssrc;
  int64_t highest; /* unwrapped sequence number; sending RTP only */
  struct sent sent[SRTP_REPLAY_WINDOW];
};

struct direction {
  srtp_t context;
  int64_t rtp_packets, rtcp_packets;
  size_t ssrcs;
  uint32_t ssrc[SRTP_SSRCS_MAX];
};

struct srtp_path {
  struct direction local, remote;
  size_t sources;
  struct source source[SRTP_SSRCS_MAX]; /* that we send RTP from */
};

static bool library_ready;
static const char stock[] = "libsrtp";

/* Debian's libsrtp derives keys with NSS, and loads it from disk for a context whenever there is no other one:
 * 8 ms a call. This one secures nothing and stays. */
static srtp_t keeper;

static void keep_loaded(void) {
  uint8_t key[SRTP_AES_ICM_128_KEY_LEN_WSALT] = {0};
  srtp_policy_t policy = {.ssrc.type = ssrc_any_outbound, .key = key, .window_size = SRTP_REPLAY_WINDOW};
  srtp_crypto_policy_set_aes_cm_128_null_auth(&policy.rtp);
  srtp_crypto_policy_set_aes_cm_128_null_auth(&policy.rtcp);
  if (srtp_create(&keeper, &policy) != srtp_err_status_ok)
    keeper = NULL; /* then calls open a little later */
}

/* Tests can ask for one by name, the library's own among them; all of them are the same AES-GCM. */
static void choose_cipher(void) {
  const char *name = secure_getenv("SOTTO_SRTP_CIPHER");
  if (name && strcmp(name, stock) == 0)
    return;
  const struct srtp_cipher_engine *engine = srtp_cipher_named(name);
  if (!engine)
    engine = srtp_cipher_named(NULL);
  srtp_cipher_install(engine); /* refused: the library's own stays */
}

static void start_library(void) {
  library_ready = srtp_init() == srtp_err_status_ok;
  if (library_ready)
    choose_cipher();
  if (library_ready)
    keep_loaded();
}

static bool start_library_once(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, start_library);
  return library_ready;
}

void srtp_start(void) {
  start_library_once();
}

const char *srtp_profile_name(uint16_t profile) {
  switch (profile) {
  case SRTP_PROFILE_AES_128_GCM:
    return "AEAD_AES_128_GCM";
  case SRTP_PROFILE_AES_256_GCM:
    return "AEAD_AES_256_GCM";
  default:
    return NULL;
  }
}

size_t srtp_profile_key_size(uint16_t profile) {
  switch (profile) {
  case SRTP_PROFILE_AES_128_GCM:
    return 16;
  case SRTP_PROFILE_AES_256_GCM:
    return 32;
  default:
    return 0;
  }
}

const char *srtp_engine_name(void) {
  start_library_once();
  const struct srtp_cipher_engine *engine = srtp_cipher_installed();
  return engine ? engine->name : stock;
}

static bool open_direction(struct direction *direction, uint16_t profile, const struct srtp_master *master,
                           srtp_ssrc_type_t type) {
  uint8_t key[SRTP_KEY_MAX + SRTP_SALT_SIZE]; /* key | salt, as libsrtp wants them */
  size_t key_size = srtp_profile_key_size(profile);
  struct writer w = writer_of(key, sizeof key);
  write_bytes(&w, master->key, key_size);
  write_bytes(&w, master->salt, SRTP_SALT_SIZE);
  srtp_policy_t policy = {.ssrc.type = type, .key = key, .window_size = SRTP_REPLAY_WINDOW, .allow_repeat_tx = 1};
  if (profile == SRTP_PROFILE_AES_256_GCM) {
    srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp);
  } else {
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
  }
  bool ok = srtp_create(&direction->context, &policy) == srtp_err_status_ok;
  crypto_wipe(key, sizeof key);
  return ok;
}

struct srtp_path *srtp_path_new(uint16_t profile, const struct srtp_master *local,
                                const struct srtp_master *remote) {
  if (!srtp_profile_key_size(profile) || !start_library_once())
    return NULL;
  struct srtp_path *path = calloc(1, sizeof *path);
  if (!path)
    return NULL;
  if (!open_direction(&path->local, profile, local, ssrc_any_outbound) ||
      !open_direction(&path->remote, profile, remote, ssrc_any_inbound)) {
    srtp_path_free(path);
    return NULL;
  }
  return path;
}

void srtp_path_free(struct srtp_path *path) {
  if (!path)
    return;
  if (path->local.context) /* libsrtp wipes its keys */
    srtp_dealloc(path->local.context);
  if (path->remote.context)
    srtp_dealloc(path->remote.context);
  free(path);
}

static enum srtp_result result_of(srtp_err_status_t status) {
  switch (status) {
  case srtp_err_status_ok:
    return SRTP_OK;
  case srtp_err_status_auth_fail:
  case srtp_err_status_cipher_fail:
    return SRTP_AUTH_FAIL;
  case srtp_err_status_replay_fail:
  case srtp_err_status_replay_old:
  case srtp_err_status_pkt_idx_old:
    return SRTP_REPLAY;
  case srtp_err_status_key_expired:
    return SRTP_EXPIRED;
  case srtp_err_status_alloc_fail:
    return SRTP_FAILED;
  default:
    return SRTP_MALFORMED;
  }
}

static struct reader reader_at(const uint8_t *packet, size_t size, size_t offset) {
  struct reader r = reader_of(packet, size);
  read_span(&r, offset);
  return r;
}

static uint32_t ssrc_at(const uint8_t *packet, size_t size, size_t offset) {
  struct reader r = reader_at(packet, size, offset);
  return read_u32(&r);
}

static bool ssrc_known(const struct direction *direction, uint32_t ssrc) {
  for (size_t i = 0; i < direction->ssrcs; i++)
    if (direction->ssrc[i] == ssrc)
      return true;
  return false;
}

static bool ssrc_allowed(const struct direction *direction, uint32_t ssrc) {
  return direction->ssrcs < SRTP_SSRCS_MAX || ssrc_known(direction, ssrc);
}

static void remember_ssrc(struct direction *direction, uint32_t ssrc) {
  if (direction->ssrcs < SRTP_SSRCS_MAX && !ssrc_known(direction, ssrc))
    direction->ssrc[direction->ssrcs++] = ssrc;
}

/* NULL: one SSRC too many. */
static struct source *source_of(struct srtp_path *path, uint32_t ssrc, uint16_t seq) {
  for (size_t i = 0; i < path->sources; i++)
    if (path->source[i].ssrc == ssrc)
      return &path->source[i];
  if (!ssrc_allowed(&path->local, ssrc))
    return NULL;
  remember_ssrc(&path->local, ssrc);
  struct source *source = &path->source[path->sources++]; /* there are as many as SSRCs */
  source->ssrc = ssrc;
  source->highest = seq;
  return source;
}

/* false: another packet has used this index, and with it this nonce. */
static bool nonce_is_fresh(struct source *source, uint16_t seq, uint64_t tag) {
  int64_t index = source->highest + (int16_t)(uint16_t)(seq - (uint16_t)source->highest);
  struct sent *sent = &source->sent[seq % SRTP_REPLAY_WINDOW];
  if (sent->index == index + 1)
    return sent->tag == tag;
  *sent = (struct sent){.index = index + 1, .tag = tag};
  if (index > source->highest)
    source->highest = index;
  return true;
}

enum srtp_result srtp_path_protect_rtp(struct srtp_path *path, uint8_t *packet, size_t *size, size_t room) {
  struct direction *local = &path->local;
  if (*size < RTP_HEADER || *size > INT32_MAX / 2 || room < *size + SRTP_RTP_OVERHEAD)
    return SRTP_MALFORMED;
  if (local->rtp_packets >= SRTP_RTP_LIFETIME)
    return SRTP_EXPIRED;
  struct reader header = reader_at(packet, *size, RTP_SEQ_OFFSET);
  uint16_t seq = read_u16(&header);
  struct source *source = source_of(path, ssrc_at(packet, *size, RTP_SSRC_OFFSET), seq);
  if (!source)
    return SRTP_UNKNOWN;
  int length = (int)*size;
  enum srtp_result result = result_of(srtp_protect(local->context, packet, &length));
  if (result != SRTP_OK)
    return result;
  uint64_t tag;
  struct reader end = reader_at(packet, (size_t)length, *size);
  read_bytes(&end, &tag, sizeof tag);
  if (!nonce_is_fresh(source, seq, tag)) {
    crypto_wipe(packet, (size_t)length);
    return SRTP_REPLAY;
  }
  local->rtp_packets++;
  *size = (size_t)length;
  return SRTP_OK;
}

enum srtp_result srtp_path_protect_rtcp(struct srtp_path *path, uint8_t *packet, size_t *size, size_t room) {
  struct direction *local = &path->local;
  if (*size < RTCP_HEADER || *size > INT32_MAX / 2 || room < *size + SRTP_RTCP_OVERHEAD)
    return SRTP_MALFORMED;
  if (local->rtcp_packets >= SRTP_RTCP_LIFETIME)
    return SRTP_EXPIRED;
  uint32_t ssrc = ssrc_at(packet, *size, RTCP_SSRC_OFFSET);
  if (!ssrc_allowed(local, ssrc))
    return SRTP_UNKNOWN;
  int length = (int)*size;
  enum srtp_result result = result_of(srtp_protect_rtcp(local->context, packet, &length));
  if (result != SRTP_OK)
    return result;
  remember_ssrc(local, ssrc);
  local->rtcp_packets++;
  *size = (size_t)length;
  return SRTP_OK;
}

enum srtp_result srtp_path_unprotect_rtp(struct srtp_path *path, uint8_t *packet, size_t *size) {
  struct direction *remote = &path->remote;
  if (*size < RTP_HEADER + SRTP_RTP_OVERHEAD || *size > INT32_MAX / 2)
    return SRTP_MALFORMED;
  if (remote->rtp_packets >= SRTP_RTP_LIFETIME)
    return SRTP_EXPIRED;
  uint32_t ssrc = ssrc_at(packet, *size, RTP_SSRC_OFFSET);
  if (!ssrc_allowed(remote, ssrc))
    return SRTP_UNKNOWN;
  int length = (int)*size;
  enum srtp_result result = result_of(srtp_unprotect(remote->context, packet, &length));
  if (result != SRTP_OK)
    return result;
  remember_ssrc(remote, ssrc);
  remote->rtp_packets++;
  *size = (size_t)length;
  return SRTP_OK;
}

enum srtp_result srtp_path_unprotect_rtcp(struct srtp_path *path, uint8_t *packet, size_t *size) {
  struct direction *remote = &path->remote;
  if (*size < RTCP_HEADER + SRTP_RTCP_OVERHEAD || *size > INT32_MAX / 2)
    return SRTP_MALFORMED;
  if (remote->rtcp_packets >= SRTP_RTCP_LIFETIME)
    return SRTP_EXPIRED;
  uint32_t ssrc = ssrc_at(packet, *size, RTCP_SSRC_OFFSET);
  if (!ssrc_allowed(remote, ssrc))
    return SRTP_UNKNOWN;
  int length = (int)*size;
  enum srtp_result result = result_of(srtp_unprotect_rtcp(remote->context, packet, &length));
  if (result != SRTP_OK)
    return result;
  remember_ssrc(remote, ssrc);
  remote->rtcp_packets++;
  *size = (size_t)length;
  return SRTP_OK;
}
