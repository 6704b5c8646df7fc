/* format.h - which RTP payload type is what, in a call with a page (PROTOCOL.md section 9a; RFC 3551, 5761).
 *
 * Between two natives the numbers are fixed; a browser brings its own, and the callee takes some of the caller's
 * list. 16 entries at most, no heap.
 */
#ifndef FORMAT_H
#define FORMAT_H
#include "../media/bytes.h"

enum format_kind {
  FORMAT_OPUS = 1,
  FORMAT_RED_AUDIO, /* RFC 2198, of an Opus */
  FORMAT_VP8,
  FORMAT_VP9,
  FORMAT_RTX, /* RFC 4588, of a VP8, VP9 or RED_VIDEO */
  FORMAT_RED_VIDEO,
  FORMAT_ULPFEC, /* RFC 5109, within RED_VIDEO */
  FORMAT_KIND_LAST = FORMAT_ULPFEC,
};

enum { FORMATS_MAX = 16, FORMAT_TYPE_LAST = 127 };

struct format {
  uint8_t type; /* payload type: 1..63, 96..127 (those between look like RTCP, RFC 5761) */
  uint8_t kind; /* enum format_kind */
  uint8_t of;   /* the payload type that it wraps or repeats; 0: none */
};

struct format_list { /* by preference */
  struct format entry[FORMATS_MAX];
  int count;
};

/* At least one, no type twice, each of a kind that there is, `of` of one that stands in the list and may be meant.
 */
bool formats_fit(const struct format_list *list);
void formats_write(struct writer *writer, const struct format_list *list);
void formats_read(struct reader *value, struct format_list *list); /* whatever it is: see formats_fit() */

/* The first of this kind, or NULL. */
const struct format *formats_find(const struct format_list *list, enum format_kind kind);
/* The first of this kind that is of this type, or NULL. */
const struct format *formats_find_of(const struct format_list *list, enum format_kind kind, uint8_t of);
/* What of their offer we take, in the order of our own kinds; the numbers are theirs. false: not both sound and
 * pictures are possible. */
bool formats_answer(struct format_list *answer, const struct format_list *ours, const struct format_list *offer);
/* Does the answer take from our offer and nothing else, sound and pictures at least? */
bool formats_are_of(const struct format_list *answer, const struct format_list *offer);

#endif
