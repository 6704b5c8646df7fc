#include "stock_srtp.h"

#include <srtp2/srtp.h>
#include <stdlib.h>
#include <string.h>

#include "engine/path/srtp.h"

static bool open_end(void **out, uint16_t profile, const struct srtp_master *master, srtp_ssrc_type_t type) {
  uint8_t key[SRTP_KEY_MAX + SRTP_SALT_SIZE] = {0};
  srtp_policy_t policy = {.ssrc.type = type, .key = key, .window_size = SRTP_REPLAY_WINDOW, .allow_repeat_tx = 1};
  memcpy(key, master->key, srtp_profile_key_size(profile));
  memcpy(key + srtp_profile_key_size(profile), master->salt, SRTP_SALT_SIZE);
  if (profile == SRTP_PROFILE_AES_256_GCM)
    srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
  else
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
  policy.rtcp = policy.rtp;
  srtp_t stream = NULL;
  bool ok = srtp_create(&stream, &policy) == srtp_err_status_ok;
  *out = stream;
  return ok;
}

bool stock_srtp_open(struct stock_srtp *stock, uint16_t profile, const struct srtp_master *master) {
  if (setenv("SOTTO_SRTP_CIPHER", "libsrtp", 1) != 0)
    return false;
  srtp_start();
  return strcmp(srtp_engine_name(), "libsrtp") == 0 &&
         open_end(&stock->sender, profile, master, ssrc_any_outbound) &&
         open_end(&stock->receiver, profile, master, ssrc_any_inbound);
}

void stock_srtp_close(struct stock_srtp *stock) {
  if (stock->sender)
    srtp_dealloc(stock->sender);
  if (stock->receiver)
    srtp_dealloc(stock->receiver);
  *stock = (struct stock_srtp){0};
}

bool stock_srtp_protect(struct stock_srtp *stock, uint8_t *packet, size_t *size) {
  int length = (int)*size;
  bool ok = srtp_protect(stock->sender, packet, &length) == srtp_err_status_ok;
  *size = (size_t)length;
  return ok;
}

bool stock_srtp_unprotect(struct stock_srtp *stock, uint8_t *packet, size_t *size) {
  int length = (int)*size;
  bool ok = srtp_unprotect(stock->receiver, packet, &length) == srtp_err_status_ok;
  *size = (size_t)length;
  return ok;
}
