#include "field.h"

#include "text.h"
#include "tlv.h"

enum kind { NOTHING, BYTES, UINT, HEAD, SSRCS, ICE_TEXT, NAME, ROSTER, PROFILES, CANDIDATES, FORMATS, CODECS };

struct field {
  enum kind kind;
  size_t offset, size; /* of the member */
  uint64_t min, max;   /* of a number, or of a text's length */
};

#define MEMBER(m) offsetof(struct message, m), sizeof((struct message *)0)->m
#define FIXED(m)                                                                                                   \
  { BYTES, MEMBER(m), 0, 0 }
#define NUMBER(m, least, most)                                                                                     \
  { UINT, MEMBER(m), least, most }

static const struct field fields[] = {
    [TAG_CALL_ID] = FIXED(call_id),
    [TAG_VERSION] = NUMBER(version, 1, UINT8_MAX),
    [TAG_CAPS] = NUMBER(caps, 0, UINT32_MAX),
    [TAG_MY_HEAD] = {HEAD, MEMBER(my_head), 0, 0},
    [TAG_YOUR_HEAD] = {HEAD, MEMBER(your_head), 0, 0},
    [TAG_TIME] = NUMBER(time, 0, UINT64_MAX),
    [TAG_ROSTER] = {ROSTER, MEMBER(roster), 1, ROSTER_BYTES_MAX},
    [TAG_OFFER_HASH] = FIXED(offer_hash),
    [TAG_ANSWER_HASH] = FIXED(answer_hash),
    [TAG_FINGERPRINT] = FIXED(fingerprint),
    [TAG_UFRAG] = {ICE_TEXT, MEMBER(ufrag), UFRAG_MIN, ICE_TEXT_MAX},
    [TAG_PWD] = {ICE_TEXT, MEMBER(pwd), PWD_MIN, ICE_TEXT_MAX},
    [TAG_SETUP] = NUMBER(setup, SETUP_ACTIVE, SETUP_PASSIVE),
    [TAG_PROFILES] = {PROFILES, MEMBER(profile_list), 1, PROFILES_MAX},
    [TAG_MEDIA] = NUMBER(media, 0, MEDIA_AUDIO | MEDIA_VIDEO),
    [TAG_SSRCS] = {SSRCS, MEMBER(audio_ssrc), 0, 0},
    [TAG_CNAME] = {ICE_TEXT, MEMBER(cname), CNAME_SIZE, CNAME_SIZE},
    [TAG_POLICY] = NUMBER(policy, POLICY_SAS_FIRST, POLICY_WARN),
    [TAG_HANDSHAKE] = FIXED(handshake),
    [TAG_CANDIDATES] = {CANDIDATES, MEMBER(candidate), 0, CANDIDATES_MAX},
    [TAG_GENERATION] = NUMBER(generation, 0, UINT8_MAX),
    [TAG_REASON] = NUMBER(reason, REASON_HANGUP, REASON_LAST),
    [TAG_EKM] = FIXED(ekm),
    [TAG_FP_SELF] = FIXED(fp_self),
    [TAG_FP_PEER] = FIXED(fp_peer),
    [TAG_DTLS_ROLE] = NUMBER(dtls_role, SETUP_ACTIVE, SETUP_PASSIVE),
    [TAG_PROFILE] = NUMBER(profile, 1, UINT16_MAX),
    [TAG_CIPHER] = NUMBER(cipher, 1, UINT16_MAX),
    [TAG_RUN] = NUMBER(run, 1, UINT8_MAX),
    [TAG_COMMITMENT] = FIXED(commitment),
    [TAG_RANDOM] = FIXED(random),
    [TAG_RESULT] = NUMBER(result, RESULT_MATCH, RESULT_CANCEL),
    [TAG_NAME] = {NAME, MEMBER(name), 1, WIRE_NAME_MAX},
    [TAG_SIGNATURE] = FIXED(signature),
    [TAG_RECORD] = {ROSTER, MEMBER(roster), 1, ROSTER_BYTES_MAX},
    [TAG_STATEMENT] = {ROSTER, MEMBER(roster), 1, ROSTER_BYTES_MAX},
    [TAG_FORMATS] = {FORMATS, MEMBER(formats), 1, FORMATS_MAX},
    [TAG_CODECS] = {CODECS, MEMBER(codecs), 1, CODECS_MAX},
    [TAG_TRANSPORT_CC] = NUMBER(transport_cc, 1, 14),
    [TAG_REPAIR_SSRC] = NUMBER(repair_ssrc, 1, UINT32_MAX),
};

static const struct field *field_of(uint8_t tag) {
  static const struct field none = {NOTHING, 0, 0, 0, 0};
  return tag < sizeof fields / sizeof fields[0] ? &fields[tag] : &none;
}

static bool text_fits(const struct field *field, const char *text, size_t size) {
  if (size < field->min || size > field->max)
    return false;
  return field->kind == NAME ? text_is_name(text, size) : text_is_ice(text, size);
}

static bool ssrcs_fit(const struct message *message) {
  return message->audio_ssrc && message->video_ssrc && message->audio_ssrc != message->video_ssrc;
}

static bool profiles_fit(const struct message *message) {
  if (message->profiles < 1 || message->profiles > PROFILES_MAX)
    return false;
  for (int i = 0; i < message->profiles; i++)
    for (int j = 0; j < i; j++)
      if (message->profile_list[i] == message->profile_list[j])
        return false;
  return true;
}

static bool codecs_fit(const struct codec_list *list) {
  if (list->count < 1 || list->count > CODECS_MAX)
    return false;
  for (int i = 0; i < list->count; i++)
    if (!list->codec[i] || memchr(list->codec, list->codec[i], (size_t)i))
      return false;
  return true;
}

/* ---- writing ---- */

static uint64_t get_uint(const void *member, size_t size) {
  switch (size) {
  case sizeof(uint8_t):
    return *(const uint8_t *)member;
  case sizeof(uint16_t):
    return *(const uint16_t *)member;
  case sizeof(uint32_t):
    return *(const uint32_t *)member;
  default:
    return *(const uint64_t *)member;
  }
}

static void set_uint(void *member, size_t size, uint64_t value) {
  switch (size) {
  case sizeof(uint8_t):
    *(uint8_t *)member = (uint8_t)value;
    break;
  case sizeof(uint16_t):
    *(uint16_t *)member = (uint16_t)value;
    break;
  case sizeof(uint32_t):
    *(uint32_t *)member = (uint32_t)value;
    break;
  default:
    *(uint64_t *)member = value;
  }
}

static bool write_number(struct writer *writer, const struct field *field, const void *member) {
  uint64_t value = get_uint(member, field->size);
  write_uint(writer, value, (int)field->size);
  return value >= field->min && value <= field->max;
}

static bool write_head(struct writer *writer, const struct wire_head *head) {
  write_u32(writer, head->seq);
  write_bytes(writer, head->hash, HASH_SIZE);
  return true;
}

static bool write_text(struct writer *writer, const struct field *field, const char *text) {
  size_t size = strnlen(text, field->size);
  write_bytes(writer, text, size);
  return text_fits(field, text, size);
}

static bool write_roster(struct writer *writer, const struct field *field, const struct message *message) {
  if (!message->roster || message->roster_size < field->min || message->roster_size > field->max)
    return false;
  write_bytes(writer, message->roster, message->roster_size);
  return true;
}

static bool write_profiles(struct writer *writer, const struct message *message) {
  if (!profiles_fit(message))
    return false;
  for (int i = 0; i < message->profiles; i++)
    write_u16(writer, message->profile_list[i]);
  return true;
}

static bool write_candidates(struct writer *writer, const struct message *message) {
  if (message->candidates < 0 || message->candidates > CANDIDATES_MAX)
    return false;
  for (int i = 0; i < message->candidates; i++)
    if (!candidate_write(writer, &message->candidate[i]))
      return false;
  return true;
}

static bool write_codecs(struct writer *writer, const struct codec_list *list) {
  if (!codecs_fit(list))
    return false;
  write_bytes(writer, list->codec, (size_t)list->count);
  return true;
}

static bool write_value(struct writer *writer, const struct field *field, const struct message *message) {
  const uint8_t *member = (const uint8_t *)message + field->offset;
  switch (field->kind) {
  case BYTES:
    write_bytes(writer, member, field->size);
    return true;
  case UINT:
    return write_number(writer, field, member);
  case HEAD:
    return write_head(writer, (const struct wire_head *)(const void *)member);
  case SSRCS:
    write_u32(writer, message->audio_ssrc);
    write_u32(writer, message->video_ssrc);
    return ssrcs_fit(message);
  case ICE_TEXT:
  case NAME:
    return write_text(writer, field, (const char *)member);
  case ROSTER:
    return write_roster(writer, field, message);
  case PROFILES:
    return write_profiles(writer, message);
  case CANDIDATES:
    return write_candidates(writer, message);
  case FORMATS:
    formats_write(writer, &message->formats);
    return formats_fit(&message->formats);
  case CODECS:
    return write_codecs(writer, &message->codecs);
  case NOTHING:
    break;
  }
  return false;
}

bool field_write(struct writer *writer, uint8_t tag, const struct message *message) {
  uint8_t *begun = tlv_begin(writer, tag);
  bool ok = write_value(writer, field_of(tag), message);
  tlv_finish(writer, begun);
  return ok && !writer->bad;
}

/* ---- reading ---- */

static bool read_number(struct reader *value, const struct field *field, void *member) {
  uint64_t number = read_uint(value, (int)field->size);
  set_uint(member, field->size, number);
  return number >= field->min && number <= field->max;
}

static bool read_head(struct reader *value, struct wire_head *head) {
  head->seq = read_u32(value);
  read_bytes(value, head->hash, HASH_SIZE);
  return true;
}

static bool read_text(struct reader *value, const struct field *field, char *text) {
  size_t size = value->left;
  if (!text_fits(field, (const char *)value->at, size))
    return false;
  read_bytes(value, text, size);
  text[size] = '\0';
  return true;
}

static bool read_roster(struct reader *value, const struct field *field, struct message *message) {
  message->roster_size = value->left;
  message->roster = read_span(value, value->left);
  return message->roster_size >= field->min && message->roster_size <= field->max;
}

static bool read_profiles(struct reader *value, struct message *message) {
  for (message->profiles = 0; value->left && message->profiles < PROFILES_MAX; message->profiles++)
    message->profile_list[message->profiles] = read_u16(value);
  return profiles_fit(message);
}

static bool read_candidates(struct reader *value, struct message *message) {
  for (message->candidates = 0; value->left && message->candidates < CANDIDATES_MAX; message->candidates++)
    if (!candidate_read(value, &message->candidate[message->candidates]))
      return false;
  return true;
}

static bool read_codecs(struct reader *value, struct codec_list *list) {
  for (list->count = 0; value->left && list->count < CODECS_MAX; list->count++)
    list->codec[list->count] = read_u8(value);
  return codecs_fit(list);
}

static bool read_value(struct reader *value, const struct field *field, struct message *message) {
  uint8_t *member = (uint8_t *)message + field->offset;
  switch (field->kind) {
  case BYTES:
    read_bytes(value, member, field->size);
    return true;
  case UINT:
    return read_number(value, field, member);
  case HEAD:
    return read_head(value, (struct wire_head *)(void *)member);
  case SSRCS:
    message->audio_ssrc = read_u32(value);
    message->video_ssrc = read_u32(value);
    return ssrcs_fit(message);
  case ICE_TEXT:
  case NAME:
    return read_text(value, field, (char *)member);
  case ROSTER:
    return read_roster(value, field, message);
  case PROFILES:
    return read_profiles(value, message);
  case CANDIDATES:
    return read_candidates(value, message);
  case FORMATS:
    formats_read(value, &message->formats);
    return formats_fit(&message->formats);
  case CODECS:
    return read_codecs(value, &message->codecs);
  case NOTHING:
    break;
  }
  return false;
}

bool field_read(struct reader value, uint8_t tag, struct message *message) {
  return read_value(&value, field_of(tag), message) && !value.bad && value.left == 0;
}
