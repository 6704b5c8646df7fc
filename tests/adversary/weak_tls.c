/* weak_tls.c - the twin's DTLS: the product's dtls.c, whose calls of libssl come here first. */
#include <openssl/ssl.h>

#include "weak.h"

static bool off(void) {
  return weak_active & WEAK_TLSANY;
}

/* ---- TLSANY ---- */

long weak_SSL_CTX_ctrl(SSL_CTX *context, int command, long number, void *pointer);
long weak_SSL_CTX_ctrl(SSL_CTX *context, int command, long number, void *pointer) {
  bool rule = command == SSL_CTRL_SET_MIN_PROTO_VERSION || command == SSL_CTRL_SET_SIGALGS_LIST ||
              command == SSL_CTRL_SET_CLIENT_SIGALGS_LIST || command == SSL_CTRL_SET_GROUPS_LIST;
  return off() && rule ? 1 : SSL_CTX_ctrl(context, command, number, pointer);
}

int weak_SSL_CTX_set_cipher_list(SSL_CTX *context, const char *list);
int weak_SSL_CTX_set_cipher_list(SSL_CTX *context, const char *list) {
  if (off())
    SSL_CTX_set_security_level(context, 0);
  return SSL_CTX_set_cipher_list(context, off() ? "ALL:eNULL:aNULL" : list);
}

void weak_SSL_CTX_set_client_hello_cb(SSL_CTX *context, SSL_client_hello_cb_fn judge, void *user);
void weak_SSL_CTX_set_client_hello_cb(SSL_CTX *context, SSL_client_hello_cb_fn judge, void *user) {
  if (!off())
    SSL_CTX_set_client_hello_cb(context, judge, user);
}

long weak_SSL_ctrl(SSL *ssl, int command, long number, void *pointer);
long weak_SSL_ctrl(SSL *ssl, int command, long number, void *pointer) {
  return off() && command == SSL_CTRL_GET_EXTMS_SUPPORT ? 1 : SSL_ctrl(ssl, command, number, pointer);
}

int weak_SSL_version(const SSL *ssl);
int weak_SSL_version(const SSL *ssl) {
  return off() ? DTLS1_2_VERSION : SSL_version(ssl);
}
