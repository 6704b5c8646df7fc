#include "dtls.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "../../media/bytes.h"
#include "../../signaling/crypto.h"

enum { OUTBOX = 16, INBOX = 8 };
enum { EXTENSION_USE_SRTP = 14, EXTENSION_EXTENDED_MASTER_SECRET = 23 };

static const usec first_timeout =
    MS(400); /* a call can't wait the TLS second; RFC 9147 section 5.8.2 allows less */
static const usec longest_timeout = SEC(3);

struct dtls_certificate {
  X509 *x509;
  EVP_PKEY *key;
  uint8_t fingerprint[DTLS_FINGERPRINT_SIZE];
};

struct message {
  size_t size;
  uint8_t data[DTLS_DATAGRAM_MAX];
};

struct dtls {
  struct dtls_config config; /* certificate is not kept */
  SSL *ssl;                  /* NULL once closed or failed: its keys are gone */
  BIO_METHOD *method;
  enum dtls_state state;
  enum dtls_failure failure;
  usec deadline;
  bool started, confirmed;
  const uint8_t *input; /* the datagram that is being read, once */
  size_t input_size;
  bool peer_seen, extended; /* the server's hello has the extended master secret: libssl tells only at the end */
  uint8_t peer_fingerprint[DTLS_FINGERPRINT_SIZE];
  struct message outbox[OUTBOX], inbox[INBOX];
  size_t out_first, out_count, in_first, in_count;
};

/* ---- certificate ---- */

static bool set_serial(X509 *x509, const uint8_t *serial) {
  uint8_t random[DTLS_SERIAL_SIZE];
  if (!serial) {
    crypto_random(random, sizeof random);
    random[0] = (uint8_t)((random[0] & 0x7f) | 0x40); /* positive, and always 20 bytes */
    serial = random;
  }
  BIGNUM *number = BN_bin2bn(serial, DTLS_SERIAL_SIZE, NULL);
  bool ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509));
  BN_free(number);
  return ok;
}

static bool set_name(X509 *x509) {
  X509_NAME *name = X509_get_subject_name(x509);
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"WebRTC", -1, -1, 0) &&
         X509_set_issuer_name(x509, name);
}

static bool fill_certificate(X509 *x509, EVP_PKEY *key, const uint8_t *serial) {
  enum { DAY = 24 * 60 * 60, VERSION_3 = 2 };
  uint32_t back;
  crypto_random(&back, sizeof back); /* who listens on the path sees these times, and not when it was made */
  long begin = -DAY - (long)(back % DAY);
  return X509_set_version(x509, VERSION_3) && set_serial(x509, serial) && set_name(x509) &&
         X509_gmtime_adj(X509_getm_notBefore(x509), begin) &&
         X509_gmtime_adj(X509_getm_notAfter(x509), begin + 31 * DAY) && X509_set_pubkey(x509, key) &&
         X509_sign(x509, key, EVP_sha256());
}

struct dtls_certificate *dtls_certificate_new(const uint8_t *serial) {
  struct dtls_certificate *certificate = calloc(1, sizeof *certificate);
  if (!certificate)
    return NULL;
  certificate->key = EVP_EC_gen("P-256");
  certificate->x509 = X509_new();
  if (!certificate->key || !certificate->x509 || !fill_certificate(certificate->x509, certificate->key, serial) ||
      !X509_digest(certificate->x509, EVP_sha256(), certificate->fingerprint, NULL)) {
    dtls_certificate_free(certificate);
    return NULL;
  }
  return certificate;
}

void dtls_certificate_free(struct dtls_certificate *certificate) {
  if (!certificate)
    return;
  X509_free(certificate->x509);
  EVP_PKEY_free(certificate->key); /* wipes what it frees, once no association holds it */
  free(certificate);
}

void dtls_certificate_fingerprint(const struct dtls_certificate *certificate, uint8_t out[DTLS_FINGERPRINT_SIZE]) {
  memcpy(out, certificate->fingerprint, DTLS_FINGERPRINT_SIZE);
}

/* ---- datagrams in memory, as libssl sees them ---- */

static int bio_write(BIO *bio, const char *data, int size) {
  struct dtls *dtls = BIO_get_data(bio);
  BIO_clear_retry_flags(bio);
  if (size <= 0 || size > DTLS_DATAGRAM_MAX || dtls->out_count == OUTBOX)
    return size; /* lost, as a network loses it: it will be sent again */
  struct message *slot = &dtls->outbox[(dtls->out_first + dtls->out_count++) % OUTBOX];
  slot->size = (size_t)size;
  memcpy(slot->data, data, slot->size);
  return size;
}

static int bio_read(BIO *bio, char *out, int room) {
  struct dtls *dtls = BIO_get_data(bio);
  BIO_clear_retry_flags(bio);
  if (!dtls->input || room <= 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  size_t size = dtls->input_size < (size_t)room ? dtls->input_size : (size_t)room;
  memcpy(out, dtls->input, size);
  dtls->input = NULL;
  return (int)size;
}

static long bio_control(BIO *bio, int command, long number, void *pointer) {
  (void)bio, (void)number, (void)pointer;
  switch (command) {
  case BIO_CTRL_FLUSH:
    return 1;
  case BIO_CTRL_DGRAM_QUERY_MTU:
  case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
    return DTLS_DATAGRAM_MAX;
  default:
    return 0;
  }
}

static bool attach_bio(struct dtls *dtls) {
  dtls->method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "datagrams");
  if (!dtls->method || !BIO_meth_set_write(dtls->method, bio_write) || !BIO_meth_set_read(dtls->method, bio_read) ||
      !BIO_meth_set_ctrl(dtls->method, bio_control))
    return false;
  BIO *bio = BIO_new(dtls->method);
  if (!bio)
    return false;
  BIO_set_data(bio, dtls);
  BIO_set_init(bio, 1);
  SSL_set_bio(dtls->ssl, bio, bio);
  return true;
}

/* ---- what libssl asks during the handshake ---- */

/* In place of chain building: exactly one certificate, and exactly the one announced (D.3 D2, D3). */
static int verify_peer(X509_STORE_CTX *context, void *user) {
  struct dtls *dtls = user;
  X509 *x509 = X509_STORE_CTX_get0_cert(context);
  if (!x509 || sk_X509_num(X509_STORE_CTX_get0_untrusted(context)) != 1) {
    dtls->failure = DTLS_NO_CERTIFICATE;
    goto refuse;
  }
  if (!X509_digest(x509, EVP_sha256(), dtls->peer_fingerprint, NULL)) {
    dtls->failure = DTLS_NO_MEMORY;
    goto refuse;
  }
  dtls->peer_seen = true;
  if (crypto_equal(dtls->peer_fingerprint, dtls->config.peer_fingerprint, DTLS_FINGERPRINT_SIZE))
    return 1;
  dtls->failure = DTLS_FP_MISMATCH;
refuse:
  X509_STORE_CTX_set_error(context, X509_V_ERR_CERT_REJECTED);
  return 0;
}

static bool profile_allowed(const struct dtls *dtls, unsigned long profile) {
  for (size_t i = 0; i < dtls->config.profiles; i++)
    if (dtls->config.profile[i] == profile)
      return true;
  return false;
}

/* RFC 5764 section 4.1.1: length 16 | profiles 16 each | MKI */
static bool profile_offered(const struct dtls *dtls, const uint8_t *extension, size_t size) {
  struct reader r = reader_of(extension, size);
  size_t length = read_u16(&r);
  struct reader list = reader_of(read_span(&r, length), length);
  while (!r.bad && list.left > 0) {
    uint16_t profile = read_u16(&list);
    if (!list.bad && profile_allowed(dtls, profile))
      return true;
  }
  return false;
}

static int refuse_hello(struct dtls *dtls, enum dtls_failure failure, int *alert) {
  dtls->failure = failure;
  *alert = SSL_AD_HANDSHAKE_FAILURE;
  return SSL_CLIENT_HELLO_ERROR;
}

/* A server ends a handshake that it could not accept before it shows its certificate. */
static int judge_client_hello(SSL *ssl, int *alert, void *user) {
  struct dtls *dtls = user;
  const uint8_t *extension;
  size_t size;
  if (!SSL_client_hello_get0_ext(ssl, EXTENSION_EXTENDED_MASTER_SECRET, &extension, &size))
    return refuse_hello(dtls, DTLS_NO_EMS, alert);
  if (!SSL_client_hello_get0_ext(ssl, EXTENSION_USE_SRTP, &extension, &size) ||
      !profile_offered(dtls, extension, size))
    return refuse_hello(dtls, DTLS_PROFILE, alert);
  return SSL_CLIENT_HELLO_SUCCESS;
}

static void read_server_hello(int sent, int version, int content, const void *data, size_t size, SSL *ssl,
                              void *user) {
  (void)version, (void)ssl;
  enum { REST_OF_HEADER = 11, VERSION_AND_RANDOM = 34, SUITE_AND_COMPRESSION = 3 };
  struct dtls *dtls = user;
  struct reader r = reader_of(data, size);
  if (sent || content != SSL3_RT_HANDSHAKE || read_u8(&r) != SSL3_MT_SERVER_HELLO)
    return;
  read_span(&r, REST_OF_HEADER + VERSION_AND_RANDOM);
  read_span(&r, read_u8(&r)); /* session */
  read_span(&r, SUITE_AND_COMPRESSION + sizeof(uint16_t));
  while (!r.bad && r.left > 0) {
    bool found = read_u16(&r) == EXTENSION_EXTENDED_MASTER_SECRET;
    read_span(&r, read_u16(&r));
    dtls->extended |= found && !r.bad;
  }
}

static unsigned retransmit_after(SSL *ssl, unsigned last) {
  const struct dtls *dtls = SSL_get_app_data(ssl);
  if (last == 0)
    return (unsigned)dtls->config.first_timeout;
  return (unsigned)earlier(2 * (usec)last, longest_timeout);
}

/* ---- set up ---- */

static const char *profile_word(uint16_t profile) { /* libssl's */
  return profile == SRTP_PROFILE_AES_256_GCM ? "SRTP_AEAD_AES_256_GCM" : "SRTP_AEAD_AES_128_GCM";
}

static bool set_profiles(SSL_CTX *context, const struct dtls_config *config) {
  char list[64];
  bool two = config->profiles == 2;
  snprintf(list, sizeof list, "%s%s%s", profile_word(config->profile[0]), two ? ":" : "",
           two ? profile_word(config->profile[1]) : "");
  return SSL_CTX_set_tlsext_use_srtp(context, list) == 0; /* 0 is success here alone */
}

static bool set_rules(SSL_CTX *context) {
  static const char suites[] =
      "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305";
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_NO_QUERY_MTU | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(context, 8192);
  return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) &&
         SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) && SSL_CTX_set_cipher_list(context, suites) &&
         SSL_CTX_set1_groups_list(context, "X25519:P-256") && SSL_CTX_set1_sigalgs_list(context, "ECDSA+SHA256") &&
         SSL_CTX_set1_client_sigalgs_list(context, "ECDSA+SHA256");
}

static SSL_CTX *new_context(struct dtls *dtls, const struct dtls_certificate *certificate) {
  SSL_CTX *context = SSL_CTX_new(DTLS_method());
  if (!context)
    return NULL;
  if (!set_rules(context) || !set_profiles(context, &dtls->config) ||
      !SSL_CTX_use_certificate(context, certificate->x509) || !SSL_CTX_use_PrivateKey(context, certificate->key)) {
    SSL_CTX_free(context);
    return NULL;
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  SSL_CTX_set_cert_verify_callback(context, verify_peer, dtls);
  SSL_CTX_set_client_hello_cb(context, judge_client_hello, dtls);
  return context;
}

static bool config_valid(const struct dtls_config *config) {
  if (!config->certificate || config->profiles < 1 || config->profiles > 2)
    return false;
  for (size_t i = 0; i < config->profiles; i++)
    if (!srtp_profile_key_size(config->profile[i]))
      return false;
  return true;
}

struct dtls *dtls_new(const struct dtls_config *config) {
  struct dtls *dtls = config_valid(config) ? calloc(1, sizeof *dtls) : NULL;
  if (!dtls)
    return NULL;
  dtls->config = *config;
  dtls->config.certificate = NULL;
  if (!dtls->config.first_timeout)
    dtls->config.first_timeout = first_timeout;
  dtls->deadline = config->server ? USEC_NEVER : 0;
  SSL_CTX *context = new_context(dtls, config->certificate);
  if (context)
    dtls->ssl = SSL_new(context);
  SSL_CTX_free(context);
  if (!dtls->ssl || !attach_bio(dtls)) {
    dtls_free(dtls);
    return NULL;
  }
  SSL_set_app_data(dtls->ssl, dtls);
  SSL_set_msg_callback(dtls->ssl, read_server_hello);
  SSL_set_msg_callback_arg(dtls->ssl, dtls);
  SSL_set_mtu(dtls->ssl, DTLS_DATAGRAM_MAX);
  DTLS_set_timer_cb(dtls->ssl, retransmit_after);
  if (config->server)
    SSL_set_accept_state(dtls->ssl);
  else
    SSL_set_connect_state(dtls->ssl);
  return dtls;
}

void dtls_set_first_timeout(struct dtls *dtls, usec timeout) {
  dtls->config.first_timeout = timeout;
}

static void drop_keys(struct dtls *dtls) {
  SSL_free(dtls->ssl); /* wipes its secrets */
  dtls->ssl = NULL;
  dtls->deadline = USEC_NEVER;
}

void dtls_free(struct dtls *dtls) {
  if (!dtls)
    return;
  drop_keys(dtls);
  BIO_meth_free(dtls->method);
  crypto_wipe(dtls, sizeof *dtls);
  free(dtls);
}

/* ---- running ---- */

static enum dtls_failure failure_of(unsigned long error) {
  int reason = ERR_GET_REASON(error);
  if (ERR_GET_LIB(error) != ERR_LIB_SSL)
    return reason == ERR_R_MALLOC_FAILURE ? DTLS_NO_MEMORY : DTLS_PROTOCOL;
  if (reason > SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256)
    return DTLS_ALERT;
  switch (reason) {
  case SSL_R_UNSUPPORTED_PROTOCOL:
  case SSL_R_WRONG_SSL_VERSION:
  case SSL_R_WRONG_VERSION_NUMBER:
  case SSL_R_VERSION_TOO_LOW:
    return DTLS_VERSION;
  case SSL_R_NO_SHARED_CIPHER:
  case SSL_R_WRONG_CIPHER_RETURNED:
  case SSL_R_UNKNOWN_CIPHER_RETURNED:
  case SSL_R_WRONG_CURVE:
    return DTLS_CIPHER;
  case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
    return DTLS_NO_CERTIFICATE;
  case ERR_R_MALLOC_FAILURE:
    return DTLS_NO_MEMORY;
  default:
    return DTLS_PROTOCOL;
  }
}

static void fail(struct dtls *dtls, enum dtls_failure failure) {
  if (dtls->failure == DTLS_OK) /* a callback may have known better */
    dtls->failure = failure;
  dtls->state = DTLS_FAILED;
  drop_keys(dtls);
}

/* What a call of libssl's that made no progress means. */
static void stopped(struct dtls *dtls, int result) {
  switch (SSL_get_error(dtls->ssl, result)) {
  case SSL_ERROR_WANT_READ:
  case SSL_ERROR_WANT_WRITE:
    return;
  case SSL_ERROR_ZERO_RETURN:
    if (dtls->state == DTLS_HANDSHAKING) {
      fail(dtls, DTLS_ALERT);
      return;
    }
    dtls->state = DTLS_CLOSED;
    drop_keys(dtls);
    return;
  default:
    fail(dtls, failure_of(ERR_peek_error()));
  }
}

static void shake_hands(struct dtls *dtls) {
  int result = SSL_do_handshake(dtls->ssl);
  if (result != 1) {
    stopped(dtls, result);
    return;
  }
  if (SSL_get_extms_support(dtls->ssl) != 1)
    fail(dtls, DTLS_NO_EMS);
  else if (!dtls->peer_seen || SSL_version(dtls->ssl) != DTLS1_2_VERSION)
    fail(dtls, DTLS_PROTOCOL);
  else if (!SSL_get_selected_srtp_profile(dtls->ssl) ||
           !profile_allowed(dtls, SSL_get_selected_srtp_profile(dtls->ssl)->id))
    fail(dtls, DTLS_PROFILE);
  else
    dtls->state = DTLS_CONNECTED;
}

static void read_messages(struct dtls *dtls) {
  struct message spare; /* keeps the association running when the inbox is full */
  for (;;) {
    bool full = dtls->in_count == INBOX;
    struct message *slot = full ? &spare : &dtls->inbox[(dtls->in_first + dtls->in_count) % INBOX];
    int size = SSL_read(dtls->ssl, slot->data, sizeof slot->data);
    if (size <= 0) {
      stopped(dtls, size);
      break;
    }
    slot->size = (size_t)size;
    if (!full && size <= DTLS_MESSAGE_MAX)
      dtls->in_count++;
  }
  crypto_wipe(&spare, sizeof spare);
}

static void schedule(struct dtls *dtls, usec now) {
  struct timeval left;
  if (dtls->ssl && DTLSv1_get_timeout(dtls->ssl, &left) == 1)
    dtls->deadline = now + SEC(left.tv_sec) + left.tv_usec;
  else
    dtls->deadline = USEC_NEVER;
}

static void run(struct dtls *dtls, usec now) {
  dtls->started = true;
  ERR_clear_error();
  if (dtls->state == DTLS_HANDSHAKING)
    shake_hands(dtls);
  if (dtls->state == DTLS_CONNECTED)
    read_messages(dtls);
  ERR_clear_error();
  schedule(dtls, now);
}

void dtls_input(struct dtls *dtls, usec now, const uint8_t *datagram, size_t size) {
  if (!dtls->ssl || size == 0)
    return;
  dtls->input = datagram;
  dtls->input_size = size;
  run(dtls, now);
  dtls->input = NULL;
}

static void retransmit(struct dtls *dtls, usec now) {
  ERR_clear_error();
  if (DTLSv1_handle_timeout(dtls->ssl) < 0)
    fail(dtls, failure_of(ERR_peek_error()));
  ERR_clear_error();
  schedule(dtls, now);
}

bool dtls_poll(struct dtls *dtls, usec now, const uint8_t **datagram, size_t *size) {
  if (dtls->ssl && now >= dtls->deadline) {
    if (dtls->started)
      retransmit(dtls, now);
    else
      run(dtls, now);
  }
  if (dtls->out_count == 0)
    return false;
  struct message *slot = &dtls->outbox[dtls->out_first];
  dtls->out_first = (dtls->out_first + 1) % OUTBOX;
  dtls->out_count--;
  *datagram = slot->data;
  *size = slot->size;
  return true;
}

usec dtls_deadline(const struct dtls *dtls) {
  return dtls->deadline;
}

enum dtls_state dtls_state(const struct dtls *dtls) {
  return dtls->state;
}

enum dtls_failure dtls_failure(const struct dtls *dtls) {
  return dtls->failure;
}

/* ---- what a finished handshake gives ---- */

bool dtls_peer_fingerprint(const struct dtls *dtls, uint8_t out[DTLS_FINGERPRINT_SIZE]) {
  if (dtls->peer_seen)
    memcpy(out, dtls->peer_fingerprint, DTLS_FINGERPRINT_SIZE);
  return dtls->peer_seen;
}

bool dtls_agreed(const struct dtls *dtls) {
  bool sent = dtls->state == DTLS_HANDSHAKING && !dtls->config.server && dtls->peer_seen && dtls->extended &&
              SSL_get_finished(dtls->ssl, NULL, 0) > 0 && SSL_get_selected_srtp_profile(dtls->ssl);
  return sent || dtls->state == DTLS_CONNECTED;
}

void dtls_confirm(struct dtls *dtls) {
  dtls->confirmed = dtls_agreed(dtls);
}

static bool export_key(const struct dtls *dtls, const char *label, uint8_t *out, size_t size) {
  return SSL_export_keying_material(dtls->ssl, out, size, label, strlen(label), NULL, 0, 0) == 1;
}

bool dtls_export_binding(const struct dtls *dtls, uint8_t ekm[DTLS_EXPORT_SIZE]) {
  return dtls_agreed(dtls) && export_key(dtls, "EXPORTER-Channel-Binding", ekm, DTLS_EXPORT_SIZE);
}

/* RFC 5764 section 4.2: client key | server key | client salt | server salt */
bool dtls_export_srtp(const struct dtls *dtls, struct srtp_master *local, struct srtp_master *remote) {
  uint8_t keys[2 * (SRTP_KEY_MAX + SRTP_SALT_SIZE)];
  size_t key_size = srtp_profile_key_size(dtls_profile(dtls));
  bool may = dtls->state == DTLS_CONNECTED || (dtls->confirmed && dtls->state == DTLS_HANDSHAKING);
  if (!may || !key_size || !export_key(dtls, "EXTRACTOR-dtls_srtp", keys, 2 * (key_size + SRTP_SALT_SIZE)))
    return false;
  struct srtp_master *client = dtls->config.server ? remote : local;
  struct srtp_master *server = dtls->config.server ? local : remote;
  *client = *server = (struct srtp_master){{0}, {0}};
  struct reader r = reader_of(keys, sizeof keys);
  read_bytes(&r, client->key, key_size);
  read_bytes(&r, server->key, key_size);
  read_bytes(&r, client->salt, SRTP_SALT_SIZE);
  read_bytes(&r, server->salt, SRTP_SALT_SIZE);
  crypto_wipe(keys, sizeof keys);
  return true;
}

uint16_t dtls_profile(const struct dtls *dtls) {
  return dtls_agreed(dtls) ? (uint16_t)SSL_get_selected_srtp_profile(dtls->ssl)->id : 0;
}

uint16_t dtls_cipher(const struct dtls *dtls) {
  return dtls_agreed(dtls) ? SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(dtls->ssl)) : 0;
}

const char *dtls_cipher_name(const struct dtls *dtls) {
  return dtls_agreed(dtls) ? SSL_CIPHER_standard_name(SSL_get_current_cipher(dtls->ssl)) : "";
}

/* ---- application data and the end ---- */

bool dtls_write(struct dtls *dtls, usec now, const void *data, size_t size) {
  if (dtls->state != DTLS_CONNECTED || size == 0 || size > DTLS_MESSAGE_MAX)
    return false;
  ERR_clear_error();
  int result = SSL_write(dtls->ssl, data, (int)size);
  if (result <= 0)
    stopped(dtls, result);
  ERR_clear_error();
  schedule(dtls, now);
  return result > 0;
}

size_t dtls_read(struct dtls *dtls, void *out, size_t room) {
  if (dtls->in_count == 0)
    return 0;
  struct message *slot = &dtls->inbox[dtls->in_first];
  size_t size = slot->size < room ? slot->size : room;
  memcpy(out, slot->data, size);
  crypto_wipe(slot, sizeof *slot);
  dtls->in_first = (dtls->in_first + 1) % INBOX;
  dtls->in_count--;
  return size;
}

void dtls_close(struct dtls *dtls, usec now) {
  (void)now;
  if (dtls->state == DTLS_CONNECTED) {
    SSL_shutdown(dtls->ssl);
    ERR_clear_error();
  }
  if (dtls->state == DTLS_CONNECTED || dtls->state == DTLS_HANDSHAKING)
    dtls->state = DTLS_CLOSED;
  drop_keys(dtls);
}
