#include "roster.h"

#include <string.h>

#include "../../signaling/tlv.h"

enum { ROSTER_VERSION = 1 };
enum { TAG_VERSION = 1, TAG_ID, TAG_SEQ, TAG_PREV, TAG_ISSUED, TAG_NOT_AFTER, TAG_DEVICES, TAG_REVOKED };

/* ---- encoding ---- */

static void write_device(struct writer *w, const struct roster_device *device) {
  write_bytes(w, device->id, DEVICE_ID_SIZE);
  write_bytes(w, device->dk, KEY_SIZE);
  write_bytes(w, device->dx, KEY_SIZE);
  write_u32(w, device->caps);
  write_u32(w, device->added_seq);
  write_bytes(w, device->accept_sig, SIGNATURE_SIZE);
}

static void write_fields(struct writer *w, const struct roster *roster) {
  tlv_write_uint(w, TAG_VERSION, ROSTER_VERSION, 1);
  tlv_write(w, TAG_ID, roster->id, KEY_SIZE);
  tlv_write_uint(w, TAG_SEQ, roster->seq, 4);
  tlv_write(w, TAG_PREV, roster->prev, HASH_SIZE);
  tlv_write_uint(w, TAG_ISSUED, roster->issued, 8);
  tlv_write_uint(w, TAG_NOT_AFTER, roster->not_after, 8);
  uint8_t *begun = tlv_begin(w, TAG_DEVICES);
  for (size_t i = 0; i < roster->devices; i++)
    write_device(w, &roster->device[i]);
  tlv_finish(w, begun);
  begun = tlv_begin(w, TAG_REVOKED);
  for (size_t i = 0; i < roster->revocations; i++) {
    write_bytes(w, roster->revoked[i].id, DEVICE_ID_SIZE);
    write_u32(w, roster->revoked[i].at_seq);
    write_u8(w, roster->revoked[i].reason);
  }
  tlv_finish(w, begun);
}

/* ---- what one roster alone can prove ---- */

static size_t accept_message(uint8_t out[KEY_SIZE + 4 + DEVICE_ID_SIZE], const uint8_t ik[KEY_SIZE],
                             const struct roster_device *device) {
  struct writer w = writer_of(out, KEY_SIZE + 4 + DEVICE_ID_SIZE);
  write_bytes(&w, ik, KEY_SIZE);
  write_u32(&w, device->added_seq);
  write_bytes(&w, device->id, DEVICE_ID_SIZE);
  return KEY_SIZE + 4 + DEVICE_ID_SIZE;
}

void roster_accept_sign(struct roster_device *device, const uint8_t ik[KEY_SIZE],
                        const uint8_t dk_secret[SIGN_SECRET_SIZE]) {
  uint8_t message[KEY_SIZE + 4 + DEVICE_ID_SIZE];
  size_t size = accept_message(message, ik, device);
  crypto_ed25519_sign(device->accept_sig, dk_secret, "roster-accept", message, size);
}

/* A point of low order makes every shared secret zero, whatever the scalar. */
static bool dx_is_sound(const uint8_t dx[KEY_SIZE]) {
  static const uint8_t scalar[KEY_SIZE] = {9};
  uint8_t shared[KEY_SIZE];
  return crypto_x25519(shared, scalar, dx);
}

static bool device_is_sound(const struct roster *roster, const struct roster_device *device) {
  uint8_t id[DEVICE_ID_SIZE], message[KEY_SIZE + 4 + DEVICE_ID_SIZE];
  device_id(id, device->dk, device->dx);
  if (memcmp(id, device->id, DEVICE_ID_SIZE) != 0 || device->added_seq > roster->seq || !dx_is_sound(device->dx))
    return false;
  size_t size = accept_message(message, roster->id, device);
  return crypto_ed25519_verify(device->accept_sig, device->dk, "roster-accept", message, size);
}

/* Ascending ids: one order, and nobody twice. */
static bool lists_are_sound(const struct roster *roster) {
  if (roster->devices > ROSTER_MAX_DEVICES || roster->revocations > ROSTER_MAX_REVOKED)
    return false;
  for (size_t i = 0; i < roster->devices; i++) {
    const uint8_t *id = roster->device[i].id;
    if (roster_find_revoked(roster, id) || (i > 0 && memcmp(roster->device[i - 1].id, id, DEVICE_ID_SIZE) >= 0))
      return false;
  }
  for (size_t i = 0; i < roster->revocations; i++) {
    const struct roster_revoked *revoked = &roster->revoked[i];
    if (revoked->at_seq == 0 || revoked->at_seq > roster->seq ||
        (i > 0 && memcmp(roster->revoked[i - 1].id, revoked->id, DEVICE_ID_SIZE) >= 0))
      return false;
  }
  return true;
}

static bool is_sound(const struct roster *roster) {
  static const uint8_t zero[HASH_SIZE];
  if (!lists_are_sound(roster) || roster->issued > roster->not_after)
    return false;
  if (roster->seq == 0 && memcmp(roster->prev, zero, HASH_SIZE) != 0)
    return false;
  for (size_t i = 0; i < roster->devices; i++)
    if (!device_is_sound(roster, &roster->device[i]))
      return false;
  return true;
}

/* ---- making ---- */

static void set_head(struct roster *roster) {
  const struct bytes_view all = {roster->encoded, roster->size};
  roster->head.seq = roster->seq;
  crypto_sha256(roster->head.hash, &all, 1);
}

bool roster_sign(struct roster *roster, const uint8_t ik_secret[SIGN_SECRET_SIZE]) {
  if (!is_sound(roster))
    return false;
  struct writer w = writer_of(roster->encoded, sizeof roster->encoded);
  write_fields(&w, roster);
  size_t size = (size_t)(w.at - roster->encoded);
  uint8_t *signature = write_span(&w, SIGNATURE_SIZE);
  if (!signature)
    return false;
  crypto_ed25519_sign(signature, ik_secret, "roster", roster->encoded, size);
  roster->size = size + SIGNATURE_SIZE;
  set_head(roster);
  return true;
}

void roster_first(struct roster *roster, const struct identity *identity, uint64_t now_unix) {
  *roster = (struct roster){.issued = now_unix, .not_after = now_unix + ROSTER_LIFE_DAYS * 86400ull, .devices = 1};
  memcpy(roster->id, identity->ik, KEY_SIZE);
  struct roster_device *device = &roster->device[0];
  memcpy(device->id, identity->device.id, DEVICE_ID_SIZE);
  memcpy(device->dk, identity->device.dk, KEY_SIZE);
  memcpy(device->dx, identity->device.dx, KEY_SIZE);
  roster_accept_sign(device, identity->ik, identity->device.dk_secret);
  roster_sign(roster, identity->ik_secret);
}

/* ---- parsing ---- */

static bool take_bytes(struct tlv *tlv, uint8_t tag, void *out, size_t size) {
  struct reader value;
  if (!tlv_take(tlv, tag, &value) || value.left != size)
    return false;
  read_bytes(&value, out, size);
  return true;
}

static bool take_uint(struct tlv *tlv, uint8_t tag, int size, uint64_t *out) {
  struct reader value;
  if (!tlv_take(tlv, tag, &value) || value.left != (size_t)size)
    return false;
  *out = read_uint(&value, size);
  return true;
}

static bool take_devices(struct tlv *tlv, struct roster *out) {
  struct reader r;
  if (!tlv_take(tlv, TAG_DEVICES, &r) || r.left % ROSTER_DEVICE_SIZE ||
      r.left / ROSTER_DEVICE_SIZE > ROSTER_MAX_DEVICES)
    return false;
  while (r.left) {
    struct roster_device *device = &out->device[out->devices++];
    read_bytes(&r, device->id, DEVICE_ID_SIZE);
    read_bytes(&r, device->dk, KEY_SIZE);
    read_bytes(&r, device->dx, KEY_SIZE);
    device->caps = read_u32(&r);
    device->added_seq = read_u32(&r);
    read_bytes(&r, device->accept_sig, SIGNATURE_SIZE);
  }
  return true;
}

static bool take_revoked(struct tlv *tlv, struct roster *out) {
  struct reader r;
  if (!tlv_take(tlv, TAG_REVOKED, &r) || r.left % ROSTER_REVOKED_SIZE ||
      r.left / ROSTER_REVOKED_SIZE > ROSTER_MAX_REVOKED)
    return false;
  while (r.left) {
    struct roster_revoked *revoked = &out->revoked[out->revocations++];
    read_bytes(&r, revoked->id, DEVICE_ID_SIZE);
    revoked->at_seq = read_u32(&r);
    revoked->reason = read_u8(&r);
  }
  return true;
}

static bool take_fields(struct tlv *tlv, struct roster *out) {
  uint64_t version, seq;
  if (!take_uint(tlv, TAG_VERSION, 1, &version) || version != ROSTER_VERSION ||
      !take_bytes(tlv, TAG_ID, out->id, KEY_SIZE) || !take_uint(tlv, TAG_SEQ, 4, &seq) ||
      !take_bytes(tlv, TAG_PREV, out->prev, HASH_SIZE) || !take_uint(tlv, TAG_ISSUED, 8, &out->issued) ||
      !take_uint(tlv, TAG_NOT_AFTER, 8, &out->not_after) || !take_devices(tlv, out) || !take_revoked(tlv, out))
    return false;
  out->seq = (uint32_t)seq;
  return tlv_end(tlv);
}

bool roster_parse(struct roster *out, const void *encoded, size_t size) {
  *out = (struct roster){0};
  if (size < SIGNATURE_SIZE || size > ROSTER_MAX_SIZE)
    return false;
  size_t signed_size = size - SIGNATURE_SIZE;
  struct tlv tlv = tlv_of(encoded, signed_size);
  if (!take_fields(&tlv, out))
    return false;
  struct writer w = writer_of(out->encoded, sizeof out->encoded);
  write_fields(&w, out);
  if (!tlv_is_canonical(&tlv, out->encoded, (size_t)(w.at - out->encoded)))
    return false;
  memcpy(out->encoded, encoded, size); /* with the extensions we do not know: they are signed too */
  if (!crypto_ed25519_verify(out->encoded + signed_size, out->id, "roster", out->encoded, signed_size) ||
      !is_sound(out))
    return false;
  out->size = size;
  set_head(out);
  return true;
}

const struct roster_device *roster_find(const struct roster *roster, const uint8_t id[DEVICE_ID_SIZE]) {
  for (size_t i = 0; i < roster->devices; i++)
    if (memcmp(roster->device[i].id, id, DEVICE_ID_SIZE) == 0)
      return &roster->device[i];
  return NULL;
}

bool roster_expired(const struct roster *roster, uint64_t now_unix) {
  return now_unix > roster->not_after;
}

const struct roster_revoked *roster_find_revoked(const struct roster *roster, const uint8_t id[DEVICE_ID_SIZE]) {
  for (size_t i = 0; i < roster->revocations; i++)
    if (memcmp(roster->revoked[i].id, id, DEVICE_ID_SIZE) == 0)
      return &roster->revoked[i];
  return NULL;
}
