#include "message.h"

#include "field.h"
#include "tlv.h"

/* The fields of each message, tags ascending. */
static const struct layout {
  const char *name;
  uint8_t optional[5]; /* these tags may be absent; ends with 0 */
  uint8_t tag[18];     /* ends with 0 */
} layouts[] = {
    [MESSAGE_KNOCK] = {"KNOCK", {0}, {TAG_CALL_ID, TAG_VERSION, TAG_CAPS, TAG_MY_HEAD, TAG_YOUR_HEAD, TAG_TIME}},
    [MESSAGE_HELLO] = {"HELLO", {TAG_ROSTER}, {TAG_VERSION, TAG_CAPS, TAG_MY_HEAD, TAG_YOUR_HEAD, TAG_ROSTER}},
    [MESSAGE_OFFER] = {"OFFER",
                       {TAG_FORMATS, TAG_CODECS, TAG_TRANSPORT_CC, TAG_REPAIR_SSRC},
                       {TAG_CALL_ID, TAG_FINGERPRINT, TAG_UFRAG, TAG_PWD, TAG_SETUP, TAG_PROFILES, TAG_MEDIA,
                        TAG_SSRCS, TAG_CNAME, TAG_POLICY, TAG_HANDSHAKE, TAG_CANDIDATES, TAG_FORMATS, TAG_CODECS,
                        TAG_TRANSPORT_CC, TAG_REPAIR_SSRC}},
    [MESSAGE_ANSWER] = {"ANSWER",
                        {TAG_FORMATS, TAG_CODECS, TAG_TRANSPORT_CC, TAG_REPAIR_SSRC},
                        {TAG_CALL_ID, TAG_OFFER_HASH, TAG_FINGERPRINT, TAG_UFRAG, TAG_PWD, TAG_SETUP, TAG_PROFILES,
                         TAG_MEDIA, TAG_SSRCS, TAG_CNAME, TAG_HANDSHAKE, TAG_CANDIDATES, TAG_FORMATS, TAG_CODECS,
                         TAG_TRANSPORT_CC, TAG_REPAIR_SSRC}},
    [MESSAGE_RINGING] = {"RINGING", {0}, {0}},
    [MESSAGE_DECLINE] = {"DECLINE", {0}, {TAG_REASON}},
    [MESSAGE_CONFIRM] = {"CONFIRM", {0}, {TAG_OFFER_HASH, TAG_ANSWER_HASH}},
    [MESSAGE_BIND] = {"BIND",
                      {TAG_EKM, TAG_PROFILE, TAG_CIPHER},
                      {TAG_EKM, TAG_FP_SELF, TAG_FP_PEER, TAG_DTLS_ROLE, TAG_PROFILE, TAG_CIPHER}},
    [MESSAGE_CAND] = {"CAND", {0}, {TAG_CANDIDATES, TAG_GENERATION}},
    [MESSAGE_RESTART] = {"RESTART", {0}, {TAG_UFRAG, TAG_PWD, TAG_CANDIDATES, TAG_GENERATION}},
    [MESSAGE_MEDIA] = {"MEDIA", {0}, {TAG_MEDIA, TAG_GENERATION}},
    [MESSAGE_SAS_COMMIT] = {"SAS_COMMIT", {0}, {TAG_RUN, TAG_COMMITMENT}},
    [MESSAGE_SAS_REPLY] = {"SAS_REPLY", {0}, {TAG_RUN, TAG_RANDOM}},
    [MESSAGE_SAS_OPEN] = {"SAS_OPEN", {0}, {TAG_RUN, TAG_RANDOM}},
    [MESSAGE_SAS_RESULT] = {"SAS_RESULT", {0}, {TAG_RUN, TAG_RESULT}},
    [MESSAGE_SAS_REQUEST] = {"SAS_REQUEST", {0}, {0}},
    [MESSAGE_HANGUP] = {"HANGUP", {0}, {TAG_REASON}},
    [MESSAGE_CANCEL] = {"CANCEL", {0}, {TAG_REASON}},
    [MESSAGE_ROSTER] = {"ROSTER", {0}, {TAG_ROSTER}},
    [MESSAGE_JOIN] = {"JOIN", {TAG_NAME}, {TAG_ROSTER, TAG_RANDOM, TAG_NAME}},
    [MESSAGE_WELCOME] = {"WELCOME", {0}, {TAG_ROSTER, TAG_RANDOM}},
    [MESSAGE_DONE] = {"DONE", {0}, {0}},
    [MESSAGE_ASK] = {"ASK", {0}, {TAG_ROSTER}},
    [MESSAGE_CONSENT] = {"CONSENT", {0}, {TAG_SIGNATURE}},
    [MESSAGE_LINK_ROSTER] = {"LINK_ROSTER", {0}, {TAG_ROSTER, TAG_RANDOM}},
    [MESSAGE_LINK_CONTACT] = {"LINK_CONTACT", {0}, {TAG_RECORD}},
    [MESSAGE_NEXT] = {"NEXT", {0}, {0}},
    [MESSAGE_STATEMENT] = {"STATEMENT", {0}, {TAG_STATEMENT}},
    [MESSAGE_HEARD] = {"HEARD", {0}, {TAG_SIGNATURE}},
};

static const struct layout *layout_of(uint8_t type) {
  return type >= MESSAGE_KNOCK && type <= MESSAGE_TYPE_LAST ? &layouts[type] : NULL;
}

static bool repair_makes_sense(const struct message *message) {
  if (!message->formats.count)
    return !message->transport_cc && !message->repair_ssrc;
  return message->repair_ssrc != message->audio_ssrc && message->repair_ssrc != message->video_ssrc;
}

/* What a field's own bounds cannot say. */
static bool makes_sense(const struct message *message) {
  switch (message->type) {
  case MESSAGE_OFFER:
  case MESSAGE_ANSWER:
    return message->media != 0 && repair_makes_sense(message);
  case MESSAGE_BIND:
    return !message->profile == !message->cipher;
  case MESSAGE_DECLINE:
    return message->reason == REASON_DECLINED || message->reason == REASON_BUSY;
  case MESSAGE_CANCEL:
    return message->reason == REASON_CANCELED || message->reason == REASON_ANSWERED_ELSEWHERE;
  default:
    return true;
  }
}

static bool may_be_absent(const struct layout *layout, uint8_t tag) {
  for (const uint8_t *optional = layout->optional; *optional; optional++)
    if (*optional == tag)
      return true;
  return false;
}

static bool is_absent(const struct message *message, uint8_t tag) {
  switch (tag) {
  case TAG_ROSTER:
    return message->roster == NULL;
  case TAG_NAME:
    return message->name[0] == '\0';
  case TAG_FORMATS:
    return message->formats.count == 0;
  case TAG_CODECS:
    return message->codecs.count == 0;
  case TAG_TRANSPORT_CC:
    return message->transport_cc == 0;
  case TAG_REPAIR_SSRC:
    return message->repair_ssrc == 0;
  default: /* EKM, PROFILE, CIPHER */
    return message->profile == 0;
  }
}

size_t message_encode(const struct message *message, uint8_t *out, size_t max) {
  const struct layout *layout = layout_of(message->type);
  if (!layout || !makes_sense(message))
    return 0;
  struct writer writer = writer_of(out, max < MESSAGE_MAX ? max : MESSAGE_MAX);
  write_u8(&writer, message->type);
  for (const uint8_t *tag = layout->tag; *tag; tag++) {
    if (may_be_absent(layout, *tag) && is_absent(message, *tag))
      continue;
    if (!field_write(&writer, *tag, message))
      return 0;
  }
  return writer.bad ? 0 : (size_t)(writer.at - out);
}

static bool parse_fields(struct tlv *tlv, const struct layout *layout, struct message *message) {
  for (const uint8_t *tag = layout->tag; *tag; tag++) {
    struct reader value;
    if (!tlv_take(tlv, *tag, &value)) {
      if (!may_be_absent(layout, *tag))
        return false;
    } else if (!field_read(value, *tag, message)) {
      return false;
    }
  }
  return tlv_end(tlv);
}

bool message_parse(const uint8_t *data, size_t size, struct message *message) {
  memset(message, 0, sizeof *message);
  const struct layout *layout = size && size <= MESSAGE_MAX ? layout_of(data[0]) : NULL;
  if (!layout)
    return false;
  message->type = data[0];
  struct tlv tlv = tlv_of(data + 1, size - 1);
  if (!parse_fields(&tlv, layout, message))
    return false;
  uint8_t again[MESSAGE_MAX];
  size_t written = message_encode(message, again, sizeof again);
  bool same = written && tlv_is_canonical(&tlv, again + 1, written - 1);
  crypto_wipe(again, written); /* shares of secrets among it */
  return same;
}

void message_hash(uint8_t hash[HASH_SIZE], const uint8_t *data, size_t size) {
  const struct bytes_view part = {data, size};
  crypto_sha256(hash, &part, 1);
}

const char *message_name(uint8_t type) {
  const struct layout *layout = layout_of(type);
  return layout ? layout->name : "?";
}
