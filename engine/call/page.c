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
static const struct format_list ours = {
    .entry = {{111, FORMAT_OPUS, 0}, {63, FORMAT_RED_AUDIO, 111}, {96, FORMAT_VP8, 0}}, .count = 3};

void page_offer(struct format_list *formats) {
  *formats = ours;
}

bool page_answer(struct format_list *formats, const struct format_list *offer) {
  return formats_answer(formats, &ours, offer);
}

bool page_answered(struct format_list *formats, const struct format_list *answer) {
  if (!formats_are_of(answer, formats))
    return false;
  *formats = *answer;
  return true;
}
