#include "needles.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void needles_add(struct needles *n, const char *what, const char *form, const void *bytes, size_t size) {
  if (n->count == NEEDLES_MAX || size > NEEDLE_SIZE || size < 4)
    abort(); /* a test that looks for less than it says is none */
  struct needle *one = &n->list[n->count++];
  snprintf(one->what, sizeof one->what, "%.50s (%.8s)", what, form);
  memcpy(one->bytes, bytes, size);
  one->size = size;
}

static void add_hex(struct needles *n, const char *what, const uint8_t *bytes, size_t size, const char *format,
                    size_t each, size_t cut) {
  char text[200] = "";
  for (size_t i = 0; i < size; i++)
    snprintf(text + i * each, sizeof text - i * each, format, bytes[i]);
  needles_add(n, what, format, text, size * each - cut);
}

/* Whatever stands before it: the characters that depend on the neighbours are left out. */
static void add_base64(struct needles *n, const char *what, const uint8_t *bytes, size_t size) {
  for (size_t before = 0; before < 3; before++) {
    uint8_t padded[64] = {0}, text[128];
    memcpy(padded + before, bytes, size);
    size_t whole = (size + before) / 3 * 3;
    int length = EVP_EncodeBlock(text, padded, (int)whole);
    size_t skip = before ? 4 : 0;
    needles_add(n, what, "base64", text + skip, (size_t)length - skip);
  }
}

void needles_add_key(struct needles *n, const char *what, const uint8_t *bytes, size_t size) {
  uint8_t reversed[64];
  for (size_t i = 0; i < size; i++)
    reversed[i] = bytes[size - 1 - i];
  needles_add(n, what, "raw", bytes, size);
  needles_add(n, what, "reversed", reversed, size);
  add_hex(n, what, bytes, size, "%02x", 2, 0);
  add_hex(n, what, bytes, size, "%02X", 2, 0);
  add_hex(n, what, bytes, size, "%02X:", 3, 1);
  add_hex(n, what, bytes, size, "%02x:", 3, 1);
  add_base64(n, what, bytes, size);
}

void needles_add_text(struct needles *n, const char *what, const char *text) {
  needles_add(n, what, "text", text, strlen(text));
}

void needles_add_address(struct needles *n, const char *what, const char *text) {
  struct in6_addr raw;
  needles_add_text(n, what, text);
  if (inet_pton(AF_INET, text, &raw) == 1)
    needles_add(n, what, "raw", &raw, 4);
  else if (inet_pton(AF_INET6, text, &raw) == 1)
    needles_add(n, what, "raw", &raw, 16);
  else
    abort();
}

size_t needles_scan(const struct needles *n, const uint8_t *bytes, size_t size, bool quiet) {
  size_t hits = 0;
  for (size_t i = 0; i < n->count; i++)
    if (size && memmem(bytes, size, n->list[i].bytes, n->list[i].size)) {
      if (!quiet)
        fprintf(stderr, "found on the wire: %s\n", n->list[i].what);
      hits++;
    }
  return hits;
}

uint8_t *needles_planted(const struct needles *n, size_t *size) {
  uint8_t *planted = malloc((size_t)NEEDLES_MAX * NEEDLE_SIZE);
  if (!planted)
    abort();
  *size = 0;
  for (size_t i = 0; i < n->count; i++) {
    memcpy(planted + *size, n->list[i].bytes, n->list[i].size);
    *size += n->list[i].size;
  }
  return planted;
}
