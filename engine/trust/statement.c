#include "statement.h"

#include <string.h>

#include "../../media/bytes.h"

static void end(struct statement *out, const struct writer *w, const struct identity *identity) {
  out->size = (size_t)(w->at - out->bytes);
  memcpy(out->device, identity->device.id, DEVICE_ID_SIZE);
}

void statement_tombstone(struct statement *out, const struct identity *identity) {
  uint8_t sig[SIGNATURE_SIZE];
  *out = (struct statement){0};
  struct writer w = writer_of(out->bytes, sizeof out->bytes);
  crypto_ed25519_sign(sig, identity->ik_secret, "tombstone", identity->ik, KEY_SIZE);
  write_u8(&w, STATEMENT_TOMBSTONE);
  write_bytes(&w, identity->ik, KEY_SIZE);
  write_bytes(&w, sig, sizeof sig);
  end(out, &w, identity);
}

void statement_rotate(struct statement *out, const struct identity *identity, const struct identity *successor,
                      const struct roster *first) {
  uint8_t sig[SIGNATURE_SIZE], keys[2 * KEY_SIZE];
  *out = (struct statement){0};
  struct writer w = writer_of(out->bytes, sizeof out->bytes);
  memcpy(keys, identity->ik, KEY_SIZE);
  memcpy(keys + KEY_SIZE, successor->ik, KEY_SIZE);
  write_u8(&w, STATEMENT_ROTATE);
  write_bytes(&w, keys, sizeof keys);
  crypto_ed25519_sign(sig, identity->ik_secret, "rotate", keys, sizeof keys);
  write_bytes(&w, sig, sizeof sig);
  crypto_ed25519_sign(sig, successor->ik_secret, "rotate", keys, sizeof keys);
  write_bytes(&w, sig, sizeof sig);
  write_bytes(&w, first->encoded, first->size);
  end(out, &w, identity);
}

static bool parse_tombstone(struct reader *r, struct statement_view *out) {
  out->ik = read_span(r, KEY_SIZE);
  const uint8_t *sig = read_span(r, SIGNATURE_SIZE);
  return out->ik && sig && r->left == 0 && crypto_ed25519_verify(sig, out->ik, "tombstone", out->ik, KEY_SIZE);
}

/* Nobody follows themselves, and a successor begins with its first roster. */
static bool parse_rotate(struct reader *r, struct statement_view *out) {
  struct roster roster;
  const uint8_t *keys = read_span(r, 2 * KEY_SIZE), *sig = read_span(r, SIGNATURE_SIZE),
                *sig_next = read_span(r, SIGNATURE_SIZE);
  if (!keys || !sig || !sig_next)
    return false;
  out->ik = keys;
  out->next = keys + KEY_SIZE;
  out->roster = (struct bytes_view){r->at, r->left};
  return memcmp(out->ik, out->next, KEY_SIZE) != 0 &&
         crypto_ed25519_verify(sig, out->ik, "rotate", keys, 2 * KEY_SIZE) &&
         crypto_ed25519_verify(sig_next, out->next, "rotate", keys, 2 * KEY_SIZE) &&
         roster_parse(&roster, out->roster.data, out->roster.size) && roster.seq == 0 &&
         memcmp(roster.id, out->next, KEY_SIZE) == 0;
}

bool statement_parse(const void *bytes, size_t size, struct statement_view *out) {
  struct reader r = reader_of(bytes, size);
  *out = (struct statement_view){.kind = read_u8(&r), .whole = {bytes, size}};
  if (size > STATEMENT_MAX)
    return false;
  return out->kind == STATEMENT_TOMBSTONE ? parse_tombstone(&r, out)
                                          : out->kind == STATEMENT_ROTATE && parse_rotate(&r, out);
}

void statement_acknowledge(uint8_t sig[SIGNATURE_SIZE], const struct device *device,
                           const struct bytes_view *statement) {
  crypto_ed25519_sign(sig, device->dk_secret, "heard", statement->data, statement->size);
}

bool statement_acknowledged(const uint8_t sig[SIGNATURE_SIZE], const struct roster_device *device,
                            const struct bytes_view *statement) {
  return crypto_ed25519_verify(sig, device->dk, "heard", statement->data, statement->size);
}
