/* certificate.h - a certificate authority and a server's certificate, made for a test. */
#ifndef E2E_CERTIFICATE_H
#define E2E_CERTIFICATE_H

/* Writes NAME-ca.pem, NAME-cert.pem (for 127.0.0.1 and localhost) and NAME-key.pem into the directory. */
void certificate_make(const char *directory, const char *name);

#endif
