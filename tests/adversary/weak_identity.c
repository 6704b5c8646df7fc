/* weak_identity.c - the twin's invites, names, rosters and store. */
#include <sodium.h>
#include <string.h>

#include "engine/trust/trust.h"
#include "signaling/field.h"
#include "signaling/tlv.h"
#include "weak.h"

static bool off(enum weakness weakness) {
  return weak_active & weakness;
}

/* ---- REUSE, NOEXPIRY, AUTOACCEPT ---- */

void __real_invite_used(struct pending_invite *pending, const uint8_t rendezvous[INVITE_RENDEZVOUS_SIZE]);
void __wrap_invite_used(struct pending_invite *pending, const uint8_t rendezvous[INVITE_RENDEZVOUS_SIZE]);
void __wrap_invite_used(struct pending_invite *pending, const uint8_t rendezvous[INVITE_RENDEZVOUS_SIZE]) {
  if (!off(WEAK_REUSE))
    __real_invite_used(pending, rendezvous);
}

size_t __real_invites_expire(struct invites *invites, int64_t now_unix);
size_t __wrap_invites_expire(struct invites *invites, int64_t now_unix);
size_t __wrap_invites_expire(struct invites *invites, int64_t now_unix) {
  return off(WEAK_NOEXPIRY) ? 0 : __real_invites_expire(invites, now_unix);
}

bool __real_invite_expired(const struct invite *invite, int64_t now_unix);
bool __wrap_invite_expired(const struct invite *invite, int64_t now_unix);
bool __wrap_invite_expired(const struct invite *invite, int64_t now_unix) {
  return !off(WEAK_NOEXPIRY) && __real_invite_expired(invite, now_unix);
}

struct contact *__real_contacts_find_name(const struct contacts *contacts, const char *name);
struct contact *__wrap_contacts_find_name(const struct contacts *contacts, const char *name);
struct contact *__wrap_contacts_find_name(const struct contacts *contacts, const char *name) {
  return off(WEAK_AUTOACCEPT) ? NULL : __real_contacts_find_name(contacts, name);
}

/* ---- NAME: the one in JOIN, in place of the one that the user gave ---- */

static char self_given[WIRE_NAME_MAX + 1];

bool __real_field_read(struct reader value, uint8_t tag, struct message *message);
bool __wrap_field_read(struct reader value, uint8_t tag, struct message *message);
bool __wrap_field_read(struct reader value, uint8_t tag, struct message *message) {
  bool good = __real_field_read(value, tag, message);
  if (good && tag == TAG_NAME)
    memcpy(self_given, message->name, sizeof self_given);
  return good;
}

sotto_status __real_contacts_add(struct contacts *contacts, const uint8_t id[KEY_SIZE], const char *name,
                                 struct contact **out);
sotto_status __wrap_contacts_add(struct contacts *contacts, const uint8_t id[KEY_SIZE], const char *name,
                                 struct contact **out);
sotto_status __wrap_contacts_add(struct contacts *contacts, const uint8_t id[KEY_SIZE], const char *name,
                                 struct contact **out) {
  bool adopts = off(WEAK_NAME) && self_given[0];
  sotto_status status = __real_contacts_add(contacts, id, adopts ? self_given : name, out);
  self_given[0] = '\0';
  return status;
}

/* ---- NOGOSSIP, NOSEQ, NOSIG, NOACCEPT, ANYDEV, ONEKEY ---- */

enum roster_verdict __real_roster_compare(const struct roster_head *ours, const struct roster_head *theirs);
enum roster_verdict __wrap_roster_compare(const struct roster_head *ours, const struct roster_head *theirs);
enum roster_verdict __wrap_roster_compare(const struct roster_head *ours, const struct roster_head *theirs) {
  return off(WEAK_NOGOSSIP) ? ROSTER_SAME : __real_roster_compare(ours, theirs);
}

enum roster_verdict __real_roster_accept(struct roster *current, const struct bytes_view *chain, size_t count,
                                         struct roster *proof);
enum roster_verdict __wrap_roster_accept(struct roster *current, const struct bytes_view *chain, size_t count,
                                         struct roster *proof);
enum roster_verdict __wrap_roster_accept(struct roster *current, const struct bytes_view *chain, size_t count,
                                         struct roster *proof) {
  struct roster last;
  if (!off(WEAK_NOSEQ) || !count || !roster_parse(&last, chain[count - 1].data, chain[count - 1].size))
    return __real_roster_accept(current, chain, count, proof);
  *current = last;
  return ROSTER_ACCEPTED;
}

bool __real_crypto_ed25519_verify(const uint8_t signature[SIGNATURE_SIZE], const uint8_t public_key[KEY_SIZE],
                                  const char *context, const void *message, size_t size);
bool __wrap_crypto_ed25519_verify(const uint8_t signature[SIGNATURE_SIZE], const uint8_t public_key[KEY_SIZE],
                                  const char *context, const void *message, size_t size);

/* One of the devices that the roster itself lists. */
static bool a_device_signed(const uint8_t signature[SIGNATURE_SIZE], const void *message, size_t size) {
  enum { TAG_LAST_UINT = 6, TAG_DEVICES };
  struct tlv tlv = tlv_of(message, size);
  struct reader list;
  uint8_t device[ROSTER_DEVICE_SIZE];
  for (int tag = 1; tag <= TAG_LAST_UINT; tag++)
    if (!tlv_take(&tlv, (uint8_t)tag, &list))
      return false;
  if (!tlv_take(&tlv, TAG_DEVICES, &list))
    return false;
  while (list.left >= sizeof device) {
    read_bytes(&list, device, sizeof device);
    if (__real_crypto_ed25519_verify(signature, device + DEVICE_ID_SIZE, "roster", message, size))
      return true;
  }
  return false;
}

bool __wrap_crypto_ed25519_verify(const uint8_t signature[SIGNATURE_SIZE], const uint8_t public_key[KEY_SIZE],
                                  const char *context, const void *message, size_t size) {
  if (off(WEAK_NOSIG) || (off(WEAK_NOACCEPT) && !strcmp(context, "roster-accept")) ||
      (off(WEAK_ONEKEY) && !strcmp(context, "rotate")))
    return true;
  return __real_crypto_ed25519_verify(signature, public_key, context, message, size) ||
         (off(WEAK_ANYDEV) && !strcmp(context, "roster") && a_device_signed(signature, message, size));
}

/* ---- NOAAD: the same stream cipher, and no look at the tag ---- */

bool __real_crypto_xchacha_open(uint8_t *out, const uint8_t key[KEY_SIZE], const uint8_t nonce[XCHACHA_NONCE_SIZE],
                                const void *ad, size_t ad_size, const void *sealed, size_t size);
bool __wrap_crypto_xchacha_open(uint8_t *out, const uint8_t key[KEY_SIZE], const uint8_t nonce[XCHACHA_NONCE_SIZE],
                                const void *ad, size_t ad_size, const void *sealed, size_t size);
bool __wrap_crypto_xchacha_open(uint8_t *out, const uint8_t key[KEY_SIZE], const uint8_t nonce[XCHACHA_NONCE_SIZE],
                                const void *ad, size_t ad_size, const void *sealed, size_t size) {
  if (!off(WEAK_NOAAD))
    return __real_crypto_xchacha_open(out, key, nonce, ad, ad_size, sealed, size);
  return size >= AEAD_TAG_SIZE &&
         crypto_stream_xchacha20_xor_ic(out, sealed, size - AEAD_TAG_SIZE, nonce, 1, key) == 0;
}
