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

bool trust_links_lead_to_us(const struct trust *trust) {
  struct bytes_view link[ROSTER_LINKS_MAX];
  size_t links = roster_links_split(trust->links.bytes, trust->links.size, link);
  return links && trust->own.size == link[links - 1].size &&
         memcmp(trust->own.encoded, link[links - 1].data, trust->own.size) == 0;
}

bool trust_is_restored(const struct trust *trust) {
  static const uint8_t none[DEVICE_ID_SIZE];
  return memcmp(trust->replaces, none, sizeof none) != 0;
}

void trust_free(struct trust *trust) {
  if (!trust)
    return;
  contacts_deinit(&trust->contacts);
  crypto_secret_free(trust);
}
