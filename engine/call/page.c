#include "page.h"

void page_serial(uint8_t serial[DTLS_SERIAL_SIZE], const uint8_t h[HASH_SIZE], const uint8_t call_id[CALL_ID_SIZE],
                 const struct channel_party *a, const struct channel_party *b) {
  static const char label[] = "sotto/cert/1";
  uint8_t hash[HASH_SIZE];
  const struct bytes_view parts[] = {{label, sizeof label - 1}, {h, HASH_SIZE},           {call_id, CALL_ID_SIZE},
                                     {a->id, KEY_SIZE},         {a->device, DEVICE_SIZE}, {b->id, KEY_SIZE},
                                     {b->device, DEVICE_SIZE}};
  crypto_sha256(hash, parts, sizeof parts / sizeof parts[0]);
  serial[0] = 0;
  memcpy(serial + 1, hash, DTLS_SERIAL_SIZE - 1);
  serial[1] &= 0x7f;
}

/* The numbers that browsers use themselves. */
void page_offer(struct format_list *formats, enum session_video_codec preferred) {
  static const struct format opus = {111, FORMAT_OPUS, 0}, red = {63, FORMAT_RED_AUDIO, 111},
                             vp8 = {96, FORMAT_VP8, 0}, vp9 = {98, FORMAT_VP9, 0}, rtx_vp8 = {97, FORMAT_RTX, 96},
                             rtx_vp9 = {99, FORMAT_RTX, 98}, video_red = {116, FORMAT_RED_VIDEO, 0},
                             rtx_red = {118, FORMAT_RTX, 116}, ulpfec = {117, FORMAT_ULPFEC, 0};
  bool vp9_first = preferred == SESSION_VP9;
  *formats = (struct format_list){.entry = {opus, red, vp9_first ? vp9 : vp8, vp9_first ? vp8 : vp9, rtx_vp8,
                                            rtx_vp9, video_red, rtx_red, ulpfec},
                                  .count = 9};
}

bool page_answer(struct format_list *formats, const struct format_list *offer, enum session_video_codec preferred) {
  struct format_list ours;
  page_offer(&ours, preferred);
  return formats_answer(formats, &ours, offer);
}

bool page_answered(struct format_list *formats, const struct format_list *answer) {
  if (!formats_are_of(answer, formats))
    return false;
  *formats = *answer;
  return true;
}

static uint8_t type_of(const struct format_list *formats, enum format_kind kind, uint8_t of) {
  const struct format *format = formats_find_of(formats, kind, of);
  return format ? format->type : PAYLOAD_TYPE_NONE;
}

static bool is_vp9_first(const struct format_list *formats) {
  for (int i = 0; i < formats->count; i++)
    if (formats->entry[i].kind == FORMAT_VP8 || formats->entry[i].kind == FORMAT_VP9)
      return formats->entry[i].kind == FORMAT_VP9;
  return false;
}

void page_session(struct session_config *session, const struct format_list *formats) {
  uint8_t opus = type_of(formats, FORMAT_OPUS, 0), vp8 = type_of(formats, FORMAT_VP8, 0),
          vp9 = type_of(formats, FORMAT_VP9, 0), video_red = type_of(formats, FORMAT_RED_VIDEO, 0);
  session->payload_types = (struct session_payload_types){.opus = opus,
                                                          .red = type_of(formats, FORMAT_RED_AUDIO, opus),
                                                          .vp8 = vp8,
                                                          .vp9 = vp9,
                                                          .rtx_vp8 = type_of(formats, FORMAT_RTX, vp8),
                                                          .rtx_vp9 = type_of(formats, FORMAT_RTX, vp9),
                                                          .video_red = video_red,
                                                          .rtx_red = type_of(formats, FORMAT_RTX, video_red),
                                                          .ulpfec = type_of(formats, FORMAT_ULPFEC, 0),
                                                          .slot = PAYLOAD_TYPE_NONE};
  session->video_codec = session->peer_video_codec = is_vp9_first(formats) ? SESSION_VP9 : SESSION_VP8;
  session->audio_samples = 960;
  session->constant_rate = false;
  session->reports_alone = session->transport_cc == 0;
}
