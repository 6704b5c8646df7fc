#include "certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "unit/unit.h"

static X509 *make(EVP_PKEY *key, const char *common_name, X509 *issuer, EVP_PKEY *issuer_key, int extension,
                  const char *value) {
  static int serial;
  X509 *cert = X509_new();
  assert_non_null(cert);
  X509_set_version(cert, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(cert), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
  X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
  X509_set_pubkey(cert, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC, (const unsigned char *)common_name,
                             -1, -1, 0);
  X509_set_issuer_name(cert, X509_get_subject_name(issuer ? issuer : cert));
  X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, extension, value);
  assert_non_null(ext);
  X509_add_ext(cert, ext, -1);
  X509_EXTENSION_free(ext);
  assert_true(X509_sign(cert, issuer_key, EVP_sha256()));
  return cert;
}

static FILE *create(const char *directory, const char *name, const char *what) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s-%s.pem", directory, name, what);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  return file;
}

static void write_cert(FILE *file, X509 *cert) {
  assert_true(PEM_write_X509(file, cert));
  fclose(file);
}

void certificate_make(const char *directory, const char *name) {
  EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
  X509 *ca = make(ca_key, "test authority", NULL, ca_key, NID_basic_constraints, "critical,CA:TRUE");
  X509 *cert = make(key, "localhost", ca, ca_key, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  write_cert(create(directory, name, "ca"), ca);
  write_cert(create(directory, name, "cert"), cert);
  FILE *file = create(directory, name, "key");
  assert_true(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL));
  fclose(file);
  X509_free(ca);
  X509_free(cert);
  EVP_PKEY_free(ca_key);
  EVP_PKEY_free(key);
}
