#include <stdlib.h>
#include <string.h>

#include "engine/trust/contacts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct identity old, next;

/* A contact who is whoever said it hears it once. */
static void hear(const void *bytes, size_t size) {
  struct statement_view view;
  struct contact contact = {.state = SOTTO_TRUST_VERIFIED};
  if (!statement_parse(bytes, size, &view))
    return;
  memcpy(contact.id, view.ik, KEY_SIZE);
  bool dies = view.kind == STATEMENT_TOMBSTONE;
  if (contact_statement(&contact, &view, 1) != STATEMENT_NEWS ||
      contact_statement(&contact, &view, 1) != STATEMENT_KNOWN ||
      contact.state != (dies ? SOTTO_TRUST_REVOKED : SOTTO_TRUST_CHANGED) || contact.disputed ||
      (!dies && !contact_adopt_successor(&contact)) || (!dies && memcmp(contact.id, view.ik, KEY_SIZE) == 0))
    abort();
  free(contact.rotation);
}

/* The input as it is; and with everything signed as it should be around it, so that what lies behind the signatures
 * is reached too: it is then the roster without its own. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const uint8_t seed[KEY_SIZE] = {1};
  static uint8_t bytes[STATEMENT_MAX];
  struct statement statement;
  struct roster roster;
  if (!old.root) {
    crypto_random_seed(seed);
    identity_make(&old);
    identity_make(&next);
  }
  hear(data, size);
  if (size + SIGNATURE_SIZE > sizeof bytes - STATEMENT_ROSTER)
    return 0;
  roster_first(&roster, &next, 1);
  statement_rotate(&statement, &old, &next, &roster);
  memcpy(bytes, statement.bytes, STATEMENT_ROSTER);
  uint8_t *body = bytes + STATEMENT_ROSTER;
  if (size)
    memcpy(body, data, size);
  if (size >= 7 + KEY_SIZE)
    memcpy(body + 7, next.ik, KEY_SIZE); /* where a canonical one has its ID */
  crypto_ed25519_sign(body + size, next.ik_secret, "roster", body, size);
  hear(bytes, STATEMENT_ROSTER + size + SIGNATURE_SIZE);
  return 0;
}
