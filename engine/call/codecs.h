/* codecs.h - which format either end's pictures have (PROTOCOL.md section 7, "Codecs").
 *
 * Each side lists what it takes, the one first that it would rather send, and sends the first of its own list that
 * the other takes as well. VP8 every native takes.
 */
#ifndef CODECS_H
#define CODECS_H
#include "../../media/session.h"
#include "../../signaling/wire.h"

struct codec_list codecs_ours(enum session_video_codec preferred);
enum session_video_codec codecs_sent(const struct codec_list *sender, const struct codec_list *receiver);

#endif
