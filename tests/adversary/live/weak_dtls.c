/* weak_dtls.c - the live victim's twin of dtls.c: the product's own file, in which the comparison with the
 * announced fingerprint asks the twin (NOPIN), and one function more: a stack that begins again in mid-call
 * (REDTLS).
 */
#define crypto_equal weak_pin_equal
#include "engine/path/dtls.c" /* NOLINT(bugprone-suspicious-include): the same code, another question */

void dtls_stub_begin_again(struct dtls *dtls);
void dtls_stub_begin_again(struct dtls *dtls) {
  if (!dtls->ssl || !dtls->config.server)
    return;
  SSL_clear(dtls->ssl);
  SSL_set_accept_state(dtls->ssl);
  dtls->state = DTLS_HANDSHAKING;
}
