#include "raw_dtls.h"

#include <openssl/err.h>
#include <openssl/x509.h>

static X509 *self_signed(EVP_PKEY *key) {
  X509 *x509 = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 7);
  X509_gmtime_adj(X509_getm_notBefore(x509), 0);
  X509_gmtime_adj(X509_getm_notAfter(x509), 1000);
  X509_set_pubkey(x509, key);
  X509_sign(x509, key, EVP_sha256());
  return x509;
}

static int any_certificate(int ok, X509_STORE_CTX *context) {
  (void)ok, (void)context;
  return 1;
}

/* One a size and process: they are slow to make. */
static EVP_PKEY *rsa_key(int bits) {
  static EVP_PKEY *key;
  if (!key || EVP_PKEY_get_bits(key) != bits) {
    EVP_PKEY_free(key);
    key = EVP_RSA_gen((size_t)bits);
  }
  EVP_PKEY_up_ref(key);
  return key;
}

static void set_certificate(SSL_CTX *context, const struct raw_dtls_config *config, uint8_t *fingerprint) {
  EVP_PKEY *key = config->rsa_bits ? rsa_key(config->rsa_bits) : EVP_EC_gen("P-256");
  X509 *x509 = self_signed(key);
  X509_digest(x509, EVP_sha256(), fingerprint, NULL);
  if (!config->no_certificate) {
    SSL_CTX_use_certificate(context, x509);
    SSL_CTX_use_PrivateKey(context, key);
    if (config->chain)
      SSL_CTX_add1_chain_cert(context, x509);
  }
  X509_free(x509);
  EVP_PKEY_free(key);
}

static int add_bulk(SSL *ssl, unsigned type, const unsigned char **out, size_t *size, int *alert, void *user) {
  static const uint8_t bulk[2000];
  (void)ssl, (void)type, (void)alert;
  *out = bulk;
  *size = ((const struct raw_dtls_config *)user)->bulk;
  return 1;
}

static SSL_CTX *context_of(const struct raw_dtls_config *config, uint8_t *fingerprint) {
  SSL_CTX *context = SSL_CTX_new(DTLS_method());
  SSL_CTX_set_security_level(context, 0);
  if (config->version) {
    SSL_CTX_set_min_proto_version(context, config->version);
    SSL_CTX_set_max_proto_version(context, config->version);
  }
  SSL_CTX_set_cipher_list(context, config->ciphers ? config->ciphers : "ALL");
  if (!config->null_profile)
    SSL_CTX_set_tlsext_use_srtp(context, config->profiles ? config->profiles : "SRTP_AEAD_AES_256_GCM");
  if (config->no_ems)
    SSL_CTX_set_options(context, SSL_OP_NO_EXTENDED_MASTER_SECRET);
  SSL_CTX_set_options(context, SSL_OP_ALLOW_CLIENT_RENEGOTIATION | SSL_OP_NO_QUERY_MTU);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, any_certificate);
  if (config->bulk)
    SSL_CTX_add_client_custom_ext(context, 0xfafa, add_bulk, NULL, (void *)(uintptr_t)config, NULL, NULL);
  set_certificate(context, config, fingerprint);
  return context;
}

struct raw_dtls raw_dtls_new(const struct raw_dtls_config *config, uint8_t fingerprint[DTLS_FINGERPRINT_SIZE]) {
  SSL_CTX *context = context_of(config, fingerprint);
  struct raw_dtls raw = {.ssl = SSL_new(context), .in = BIO_new(BIO_s_mem()), .out = BIO_new(BIO_s_mem())};
  BIO_set_mem_eof_return(raw.in, -1);
  BIO_set_mem_eof_return(raw.out, -1);
  SSL_set_bio(raw.ssl, raw.in, raw.out);
  SSL_set_mtu(raw.ssl, DTLS_DATAGRAM_MAX);
  if (config->server)
    SSL_set_accept_state(raw.ssl);
  else
    SSL_set_connect_state(raw.ssl);
  SSL_CTX_free(context);
  return raw;
}

void raw_dtls_free(struct raw_dtls *raw) {
  SSL_free(raw->ssl);
  *raw = (struct raw_dtls){0};
}

static void run(struct raw_dtls *raw) {
  uint8_t unwanted[RAW_DTLS_ROOM];
  if (SSL_is_init_finished(raw->ssl))
    SSL_read(raw->ssl, unwanted, sizeof unwanted);
  else
    SSL_do_handshake(raw->ssl);
  ERR_clear_error();
}

void raw_dtls_input(struct raw_dtls *raw, const uint8_t *datagram, size_t size) {
  BIO_write(raw->in, datagram, (int)size);
  run(raw);
}

size_t raw_dtls_output(struct raw_dtls *raw, uint8_t out[RAW_DTLS_ROOM]) {
  run(raw);
  int size = BIO_read(raw->out, out, RAW_DTLS_ROOM);
  return size > 0 ? (size_t)size : 0;
}
