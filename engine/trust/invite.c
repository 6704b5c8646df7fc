#include "invite.h"

#include <string.h>

#include "../../media/bytes.h"
#include "bech32.h"

static const char scheme[] = "SOTTO:I/", scheme_lower[] = "sotto:i/";
static const char label[] = "sotto-invite";
enum {
  SCHEME_SIZE = sizeof scheme - 1,
  FIXED_SIZE = 1 + 1 + 4 + 2 * KEY_SIZE + DEVICE_ID_SIZE + INVITE_SECRET_SIZE
};

/* Printable ASCII without spaces, as a URL is. Empty is allowed. */
static bool hint_is_sound(const char *hint, size_t size) {
  if (size >= INVITE_HINT_SIZE)
    return false;
  for (size_t i = 0; i < size; i++)
    if (hint[i] < 33 || hint[i] > 126)
      return false;
  return true;
}

sotto_status invite_make(struct invite *invite, const struct identity *identity, unsigned flags, const char *hint,
                         int64_t now_unix) {
  size_t size = strnlen(hint, INVITE_HINT_SIZE);
  bool in_person = flags & SOTTO_INVITE_IN_PERSON;
  int64_t expiry = now_unix + (in_person ? INVITE_LIFE_IN_PERSON : INVITE_LIFE_REMOTE);
  if (flags & ~SOTTO_INVITE_IN_PERSON || !hint_is_sound(hint, size) || now_unix < 0 || expiry > UINT32_MAX)
    return SOTTO_ERR_INVALID;
  *invite = (struct invite){.flags = (uint8_t)flags, .expiry = (uint32_t)expiry};
  memcpy(invite->ik, identity->ik, KEY_SIZE);
  memcpy(invite->dx, identity->device.dx, KEY_SIZE);
  memcpy(invite->dev_id, identity->device.id, DEVICE_ID_SIZE);
  memcpy(invite->hint, hint, size);
  crypto_random(invite->secret, sizeof invite->secret);
  return SOTTO_OK;
}

bool invite_expired(const struct invite *invite, int64_t now_unix) {
  return now_unix >= (int64_t)invite->expiry;
}

bool invite_is_too_new(const struct invite *invite, int64_t now_unix) {
  return invite->flags & SOTTO_INVITE_IN_PERSON &&
         (int64_t)invite->expiry > now_unix + INVITE_LIFE_IN_PERSON + INVITE_CLOCK_SKEW;
}

sotto_status invite_format(const struct invite *invite, char *text, size_t size) {
  uint8_t bytes[FIXED_SIZE + INVITE_HINT_SIZE];
  struct writer w = writer_of(bytes, sizeof bytes);
  write_u8(&w, INVITE_VERSION);
  write_u8(&w, invite->flags);
  write_u32(&w, invite->expiry);
  write_bytes(&w, invite->ik, KEY_SIZE);
  write_bytes(&w, invite->dx, KEY_SIZE);
  write_bytes(&w, invite->dev_id, DEVICE_ID_SIZE);
  write_bytes(&w, invite->secret, INVITE_SECRET_SIZE);
  write_bytes(&w, invite->hint, strnlen(invite->hint, INVITE_HINT_SIZE - 1));
  bool fits = size > SCHEME_SIZE &&
              base32_encode(text + SCHEME_SIZE, size - SCHEME_SIZE, label, bytes, (size_t)(w.at - bytes));
  crypto_wipe(bytes, sizeof bytes);
  if (!fits)
    return SOTTO_ERR_SPACE;
  memcpy(text, scheme, SCHEME_SIZE);
  return SOTTO_OK;
}

/* The invite's own text: all of it, or what a link carries after its '#'. NULL: neither. */
static const char *find_payload(const char *text) {
  if (strncmp(text, "https://", 8) == 0 || strncmp(text, "HTTPS://", 8) == 0) {
    text = strchr(text, '#');
    if (!text)
      return NULL;
    text++;
  }
  bool upper = strncmp(text, scheme, SCHEME_SIZE) == 0;
  if (!upper && strncmp(text, scheme_lower, SCHEME_SIZE) != 0)
    return NULL;
  text += SCHEME_SIZE;
  return strpbrk(text, upper ? "abcdefghijklmnopqrstuvwxyz" : "ABCDEFGHIJKLMNOPQRSTUVWXYZ") ? NULL : text;
}

static bool parse_bytes(const uint8_t *bytes, size_t size, struct invite *out) {
  struct reader r = reader_of(bytes, size);
  uint8_t version = read_u8(&r);
  out->flags = read_u8(&r);
  out->expiry = read_u32(&r);
  read_bytes(&r, out->ik, KEY_SIZE);
  read_bytes(&r, out->dx, KEY_SIZE);
  read_bytes(&r, out->dev_id, DEVICE_ID_SIZE);
  read_bytes(&r, out->secret, INVITE_SECRET_SIZE);
  if (r.bad || version != INVITE_VERSION || out->flags & ~SOTTO_INVITE_IN_PERSON ||
      !hint_is_sound((const char *)r.at, r.left))
    return false;
  read_bytes(&r, out->hint, r.left);
  return true;
}

sotto_status invite_parse(const char *text, struct invite *out) {
  uint8_t bytes[BASE32_MAX];
  size_t size = sizeof bytes;
  enum { LINK_MAX = 1024 };
  *out = (struct invite){0};
  if (strnlen(text, LINK_MAX) == LINK_MAX)
    return SOTTO_ERR_INVALID;
  const char *payload = find_payload(text);
  bool ok =
      payload && base32_decode(payload, strlen(payload), label, bytes, &size) && parse_bytes(bytes, size, out);
  crypto_wipe(bytes, sizeof bytes);
  if (!ok)
    crypto_wipe(out, sizeof *out);
  return ok ? SOTTO_OK : SOTTO_ERR_INVALID;
}
