#include "trust.h"

#include <string.h>

struct trust *trust_new_empty(void) {
  struct trust *trust = crypto_secret_new(sizeof *trust);
  if (!trust)
    return NULL;
  memset(trust, 0, sizeof *trust);
  contacts_init(&trust->contacts);
  return trust;
}

struct trust *trust_new(int64_t now_unix) {
  struct trust *trust = trust_new_empty();
  if (!trust)
    return NULL;
  identity_make(&trust->identity);
  roster_first(&trust->own, &trust->identity, (uint64_t)now_unix);
  roster_links_add(&trust->links, &trust->own);
  crypto_random(trust->own_secret, sizeof trust->own_secret);
  return trust;
}

void trust_adopt_roster(struct trust *trust, const struct roster *next) {
  trust->own = *next;
  roster_links_add(&trust->links, next);
}

void trust_free(struct trust *trust) {
  if (!trust)
    return;
  contacts_deinit(&trust->contacts);
  crypto_secret_free(trust);
}
