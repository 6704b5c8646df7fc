#include "known.h"

#include <openssl/sha.h>
#include <time.h>

#include "engine/trust/store.h"

void known_person(struct needles *n, const struct world *world, const char *name) {
  char path[WORLD_PATH], text[SOTTO_ID_TEXT_SIZE], what[32];
  struct store *store = NULL;
  world_path(world, name, path);
  assert_int_equal(store_open(path, world_secret(), strlen(world_secret()), time(NULL), &store), SOTTO_OK);
  const struct roster *own = &store_trust(store)->own;
  sotto_id id;
  memcpy(id.bytes, own->id, sizeof id.bytes);
  assert_int_equal(sotto_id_format(&id, text, sizeof text), SOTTO_OK);
  needles_add_text(n, "ID", text);
  needles_add_text(n, "petname", name);
  snprintf(what, sizeof what, "IK of %.10s", name);
  needles_add_key(n, what, own->id, sizeof own->id);
  assert_int_equal(own->devices, 1);
  snprintf(what, sizeof what, "DK of %.10s", name);
  needles_add_key(n, what, own->device[0].dk, sizeof own->device[0].dk);
  snprintf(what, sizeof what, "DX of %.10s", name);
  needles_add_key(n, what, own->device[0].dx, sizeof own->device[0].dx);
  snprintf(what, sizeof what, "device of %.10s", name);
  needles_add_key(n, what, own->device[0].id, sizeof own->device[0].id);
  assert_int_equal(store_trust(store)->contacts.count, 1);
  needles_add_key(n, "pair secret", store_trust(store)->contacts.list[0]->ps, KEY_SIZE);
  store_free(store);
}

size_t known_fingerprints(struct needles *n, const struct capture *capture) {
  const uint8_t *der[8];
  size_t size[8], certificates = capture_certificates(capture, der, size, 8);
  for (size_t i = 0; i < certificates; i++) {
    uint8_t fingerprint[SHA256_DIGEST_LENGTH];
    SHA256(der[i], size[i], fingerprint);
    needles_add_key(n, "fingerprint", fingerprint, sizeof fingerprint);
    assert_null(memmem(der[i], size[i], "sotto", 5));
  }
  return certificates;
}
