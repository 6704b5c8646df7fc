#include "codecs.h"

#include <string.h>

struct codec_list codecs_ours(enum session_video_codec preferred) {
  static const struct codec_list vp8_first = {.codec = {CODEC_VP8, CODEC_VP9}, .count = 2};
  static const struct codec_list vp9_first = {.codec = {CODEC_VP9, CODEC_VP8}, .count = 2};
  return preferred == SESSION_VP9 ? vp9_first : vp8_first;
}

static bool takes(const struct codec_list *list, uint8_t codec) {
  return memchr(list->codec, codec, (size_t)list->count);
}

/* One of the two is our own list, so nothing that we do not know is in both. */
enum session_video_codec codecs_sent(const struct codec_list *sender, const struct codec_list *receiver) {
  for (int i = 0; i < sender->count; i++)
    if (takes(receiver, sender->codec[i]))
      return sender->codec[i] == CODEC_VP9 ? SESSION_VP9 : SESSION_VP8;
  return SESSION_VP8;
}
