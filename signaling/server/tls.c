#include "tls.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

struct tls_context {
  SSL_CTX *ssl;
};

struct tls {
  SSL *ssl;
  BIO *in, *out; /* owned by ssl */
};

/* A key under a passphrase is unusable: a server asks nobody. */
static int no_passphrase(char *out, int size, int writing, void *user) {
  (void)out, (void)size, (void)writing, (void)user;
  return -1;
}

static bool configure(SSL_CTX *ssl, const char *cert_file, const char *key_file) {
  SSL_CTX_set_options(ssl, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                               SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(ssl, 0);
  SSL_CTX_set_default_passwd_cb(ssl, no_passphrase);
  return SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION) &&
         SSL_CTX_set_cipher_list(ssl, "ECDHE+AESGCM:ECDHE+CHACHA20") &&
         SSL_CTX_use_certificate_chain_file(ssl, cert_file) == 1 &&
         SSL_CTX_use_PrivateKey_file(ssl, key_file, SSL_FILETYPE_PEM) == 1 && SSL_CTX_check_private_key(ssl) == 1;
}

struct tls_context *tls_context_new(const char *cert_file, const char *key_file) {
  struct tls_context *context = calloc(1, sizeof *context);
  if (context && (context->ssl = SSL_CTX_new(TLS_server_method())) && configure(context->ssl, cert_file, key_file))
    return context;
  ERR_clear_error();
  tls_context_free(context);
  return NULL;
}

void tls_context_free(struct tls_context *context) {
  if (!context)
    return;
  SSL_CTX_free(context->ssl);
  free(context);
}

struct tls *tls_new(struct tls_context *context) {
  struct tls *tls = calloc(1, sizeof *tls);
  if (!tls)
    return NULL;
  tls->ssl = SSL_new(context->ssl);
  tls->in = BIO_new(BIO_s_mem());
  tls->out = BIO_new(BIO_s_mem());
  if (!tls->ssl || !tls->in || !tls->out) {
    BIO_free(tls->in);
    BIO_free(tls->out);
    SSL_free(tls->ssl);
    free(tls);
    return NULL;
  }
  SSL_set_bio(tls->ssl, tls->in, tls->out);
  SSL_set_accept_state(tls->ssl);
  return tls;
}

void tls_free(struct tls *tls) {
  if (!tls)
    return;
  SSL_free(tls->ssl);
  free(tls);
}

bool tls_input(struct tls *tls, const void *bytes, size_t size) {
  return size <= INT_MAX && BIO_write(tls->in, bytes, (int)size) == (int)size;
}

ssize_t tls_read(struct tls *tls, void *out, size_t size) {
  ERR_clear_error();
  int got = SSL_read(tls->ssl, out, size > INT_MAX ? INT_MAX : (int)size);
  if (got > 0)
    return got;
  return SSL_get_error(tls->ssl, got) == SSL_ERROR_WANT_READ ? 0 : -1;
}

bool tls_write(struct tls *tls, const void *bytes, size_t size) {
  ERR_clear_error();
  return size <= INT_MAX && SSL_write(tls->ssl, bytes, (int)size) == (int)size;
}

size_t tls_output(struct tls *tls, void *out, size_t size) {
  int got = BIO_read(tls->out, out, size > INT_MAX ? INT_MAX : (int)size);
  return got > 0 ? (size_t)got : 0;
}
