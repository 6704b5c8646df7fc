#include "engine/trust/roster.h"
#include "media/bytes.h"
#include "unit.h"

static void the_first_roster_proves_itself(void **state) {
  (void)state;
  struct identity identity;
  struct roster roster, parsed;
  identity_make(&identity);
  roster_first(&roster, &identity, 1000);
  assert_int_equal(roster.seq, 0);
  assert_int_equal(roster.not_after, 1000 + 400 * 86400);
  assert_true(roster_parse(&parsed, roster.encoded, roster.size));
  assert_memory_equal(&parsed, &roster, sizeof parsed);
  const struct bytes_view all = {roster.encoded, roster.size};
  uint8_t hash[HASH_SIZE];
  crypto_sha256(hash, &all, 1);
  assert_memory_equal(parsed.head.hash, hash, HASH_SIZE);
  const struct roster_device *device = roster_find(&parsed, identity.device.id);
  assert_non_null(device);
  assert_memory_equal(device->dx, identity.device.dx, KEY_SIZE);
  assert_false(roster_expired(&parsed, parsed.not_after));
  assert_true(roster_expired(&parsed, parsed.not_after + 1));
}

static void every_flip_and_cut_is_refused(void **state) {
  (void)state;
  struct identity identity;
  struct roster roster, parsed;
  identity_make(&identity);
  roster_first(&roster, &identity, 1000);
  for (size_t i = 0; i < roster.size * 8; i++) {
    roster.encoded[i / 8] ^= (uint8_t)(1 << i % 8);
    assert_false(roster_parse(&parsed, roster.encoded, roster.size));
    roster.encoded[i / 8] ^= (uint8_t)(1 << i % 8);
  }
  for (size_t cut = 0; cut < roster.size; cut++)
    assert_false(roster_parse(&parsed, roster.encoded, cut));
  assert_false(roster_parse(&parsed, roster.encoded, roster.size + 1));
  assert_false(roster_parse(&parsed, NULL, 0));
}

/* A device of its own, with its consent to be added at `seq`. */
static void add_device(struct roster *roster, const struct identity *owner, uint32_t seq) {
  struct identity other;
  identity_make(&other);
  struct roster_device device = {.added_seq = seq};
  memcpy(device.id, other.device.id, DEVICE_ID_SIZE);
  memcpy(device.dk, other.device.dk, KEY_SIZE);
  memcpy(device.dx, other.device.dx, KEY_SIZE);
  roster_accept_sign(&device, owner->ik, other.device.dk_secret);
  size_t at = 0;
  while (at < roster->devices && memcmp(roster->device[at].id, device.id, DEVICE_ID_SIZE) < 0)
    at++;
  memmove(&roster->device[at + 1], &roster->device[at], (roster->devices - at) * sizeof device);
  roster->device[at] = device;
  roster->devices++;
}

static void a_full_roster_fits_and_comes_back(void **state) {
  (void)state;
  struct identity identity;
  struct roster roster, parsed;
  identity_make(&identity);
  roster_first(&roster, &identity, 1000);
  roster.seq = 9;
  memset(roster.prev, 7, HASH_SIZE);
  while (roster.devices < ROSTER_MAX_DEVICES)
    add_device(&roster, &identity, 9);
  for (size_t i = 0; i < ROSTER_MAX_REVOKED; i++) {
    roster.revoked[i] = (struct roster_revoked){.at_seq = 3, .reason = 1};
    roster.revoked[i].id[7] = (uint8_t)i;
    roster.revocations++;
  }
  assert_true(roster_sign(&roster, identity.ik_secret));
  assert_int_equal(roster.size, ROSTER_MAX_SIZE);
  assert_true(roster_parse(&parsed, roster.encoded, roster.size));
  assert_int_equal(parsed.devices, ROSTER_MAX_DEVICES);
  assert_int_equal(parsed.revocations, ROSTER_MAX_REVOKED);
  assert_memory_equal(&parsed, &roster, sizeof parsed);
}

/* What a root key may sign and still nobody accepts: signed here over the same bytes, past roster_sign(). */
static bool accepted_when_signed(const struct roster *roster, const struct identity *identity) {
  struct roster copy = *roster, parsed;
  if (roster_sign(&copy, identity->ik_secret))
    return roster_parse(&parsed, copy.encoded, copy.size);
  return false;
}

static void what_is_not_sound_is_refused_although_signed(void **state) {
  (void)state;
  struct identity identity;
  struct roster good, bad;
  identity_make(&identity);
  roster_first(&good, &identity, 1000);
  good.seq = 2;
  good.prev[0] = 1;
  add_device(&good, &identity, 2);
  assert_true(accepted_when_signed(&good, &identity));

  bad = good; /* misbinding: a device that did not consent */
  bad.device[0].accept_sig[3] ^= 1;
  assert_false(accepted_when_signed(&bad, &identity));
  bad = good; /* an id that is not of these keys */
  bad.device[1].id[7] ^= 1;
  assert_false(accepted_when_signed(&bad, &identity));
  bad = good; /* added in the future */
  bad.device[0].added_seq = 3;
  assert_false(accepted_when_signed(&bad, &identity));
  bad = good; /* out of order */
  bad.device[0] = good.device[1];
  bad.device[1] = good.device[0];
  assert_false(accepted_when_signed(&bad, &identity));
  bad = good; /* twice */
  bad.device[1] = bad.device[0];
  assert_false(accepted_when_signed(&bad, &identity));
  bad = good; /* at once in use and revoked */
  bad.revocations = 1;
  bad.revoked[0] = (struct roster_revoked){.at_seq = 1};
  memcpy(bad.revoked[0].id, bad.device[0].id, DEVICE_ID_SIZE);
  assert_false(accepted_when_signed(&bad, &identity));
  bad = good; /* dead before it is made */
  bad.not_after = bad.issued - 1;
  assert_false(accepted_when_signed(&bad, &identity));
  bad = good; /* the first one follows nothing */
  bad.seq = 0;
  assert_false(accepted_when_signed(&bad, &identity));
}

/* The same against the parser: bytes changed after encoding and signed by the real root. */
static void the_parser_trusts_no_signature_alone(void **state) {
  (void)state;
  enum { SEQ = 42, NOT_AFTER = 95, DEVICES = 106 };
  static const struct {
    size_t at;
    uint8_t flip;
  } changes[] = {{3, 3},                                       /* another version */
                 {SEQ + 3, 3},                                 /* seq 1: the devices come from the future */
                 {NOT_AFTER + 6, 0xff},                        /* some moments before it was issued */
                 {DEVICES + 7, 1},                             /* id */
                 {DEVICES + 8, 1},                             /* DK */
                 {DEVICES + 8 + KEY_SIZE, 1},                  /* DX */
                 {DEVICES + 8 + 2 * KEY_SIZE + 7, 1},          /* added_seq 3 */
                 {DEVICES + 8 + 2 * KEY_SIZE + 8 + 40, 0x10}}; /* accept_sig */
  struct identity identity;
  struct roster roster, parsed;
  identity_make(&identity);
  roster_first(&roster, &identity, 0xff00);
  roster.not_after = 0xff00;
  roster.seq = 2;
  roster.device[0].added_seq = 2;
  roster_accept_sign(&roster.device[0], identity.ik, identity.device.dk_secret);
  assert_true(roster_sign(&roster, identity.ik_secret));
  for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
    uint8_t bytes[ROSTER_MAX_SIZE];
    size_t signed_size = roster.size - SIGNATURE_SIZE;
    memcpy(bytes, roster.encoded, signed_size);
    bytes[changes[i].at] ^= changes[i].flip;
    crypto_ed25519_sign(bytes + signed_size, identity.ik_secret, "roster", bytes, signed_size);
    assert_false(roster_parse(&parsed, bytes, roster.size));
    bytes[changes[i].at] ^= changes[i].flip;
    crypto_ed25519_sign(bytes + signed_size, identity.ik_secret, "roster", bytes, signed_size);
    assert_true(roster_parse(&parsed, bytes, roster.size));
  }
}

static void a_device_cannot_be_enrolled_by_somebody_else(void **state) {
  (void)state;
  struct identity victim, thief;
  struct roster theirs, stolen, parsed;
  identity_make(&victim);
  identity_make(&thief);
  roster_first(&theirs, &victim, 1);
  roster_first(&stolen, &thief, 1);
  stolen.device[0] = theirs.device[0]; /* with the victim's consent to the victim's own roster */
  assert_false(roster_sign(&stolen, thief.ik_secret));
  assert_false(roster_parse(&parsed, stolen.encoded, 10));
}

static void keys_of_low_order_are_refused(void **state) {
  (void)state;
  struct identity identity;
  struct roster roster;
  identity_make(&identity);
  roster_first(&roster, &identity, 1);
  static const uint8_t low[][KEY_SIZE] = {{0}, {1}}; /* the points of order 4 and 1 (RFC 7748, section 7) */
  for (size_t i = 0; i < 2; i++) {
    struct roster_device *device = &roster.device[0];
    memcpy(device->dx, low[i], KEY_SIZE);
    device_id(device->id, device->dk, device->dx);
    roster_accept_sign(device, identity.ik, identity.device.dk_secret);
    assert_false(roster_sign(&roster, identity.ik_secret));
  }
}

/* The signed part with `extra` appended, signed again. */
static size_t extend(const struct roster *roster, const struct identity *identity, const void *extra, size_t size,
                     uint8_t out[ROSTER_MAX_SIZE]) {
  struct writer w = writer_of(out, ROSTER_MAX_SIZE);
  write_bytes(&w, roster->encoded, roster->size - SIGNATURE_SIZE);
  write_bytes(&w, extra, size);
  size_t signed_size = (size_t)(w.at - out);
  crypto_ed25519_sign(write_span(&w, SIGNATURE_SIZE), identity->ik_secret, "roster", out, signed_size);
  return signed_size + SIGNATURE_SIZE;
}

static void an_unknown_extension_is_skipped_and_an_unknown_field_refused(void **state) {
  (void)state;
  struct identity identity;
  struct roster roster, parsed;
  uint8_t out[ROSTER_MAX_SIZE];
  identity_make(&identity);
  roster_first(&roster, &identity, 1);
  size_t size = extend(&roster, &identity, "\x80\0\x01x", 4, out);
  assert_true(roster_parse(&parsed, out, size));
  assert_int_equal(parsed.size, size); /* kept: it is part of what was signed */
  assert_memory_equal(parsed.encoded, out, size);
  size = extend(&roster, &identity, "\x7f\0\x01x", 4, out);
  assert_false(roster_parse(&parsed, out, size));
  size = extend(&roster, &identity, "\x80\0\x02x", 4, out);
  assert_false(roster_parse(&parsed, out, size));
  size = extend(&roster, &identity, "\x81\0\0\x80\0\0", 6, out);
  assert_false(roster_parse(&parsed, out, size));
}

UNIT_TESTS(test(the_first_roster_proves_itself), test(every_flip_and_cut_is_refused),
           test(a_full_roster_fits_and_comes_back), test(what_is_not_sound_is_refused_although_signed),
           test(the_parser_trusts_no_signature_alone), test(a_device_cannot_be_enrolled_by_somebody_else),
           test(keys_of_low_order_are_refused), test(an_unknown_extension_is_skipped_and_an_unknown_field_refused))
