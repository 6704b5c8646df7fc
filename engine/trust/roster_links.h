/* roster_links.h - signed rosters on their way: the links of a chain as one run of bytes (protocol A.5).
 *
 *   links = { size u16 | encoded roster }, oldest first, each one's prev the hash of the one before
 *
 * We keep our own newest ones, to bring up to date whoever missed some; the oldest go when ROSTER_LINKS_SIZE is
 * full. Somebody who missed more than that has to be met again.
 */
#ifndef ROSTER_LINKS_H
#define ROSTER_LINKS_H
#include "../../signaling/wire.h"
#include "roster.h"

enum {
  ROSTER_LINKS_SIZE = ROSTER_BYTES_MAX,
  ROSTER_LINKS_MAX = 44, /* a roster has at least 173 bytes, and two before each */
};

struct roster_links {
  size_t size;
  uint8_t bytes[ROSTER_LINKS_SIZE];
};

void roster_links_add(struct roster_links *links, const struct roster *newest);
/* Where each link is; returns how many, 0: malformed. */
size_t roster_links_split(const uint8_t *bytes, size_t size, struct bytes_view link[ROSTER_LINKS_MAX]);
/* Those from `seq` on, the last one being `head`; size 0: none, or that one is no longer here. */
struct bytes_view roster_links_from(const struct roster_links *links, uint32_t head, uint32_t seq);
/* Takes as many whole links off the front as fit into `max` bytes; false: none is left. */
bool roster_links_next(struct bytes_view *rest, size_t max, struct bytes_view *out);
/* What is our statement number theirs->seq against theirs? SAME, FORK, STALE (it is no longer here), ACCEPTED
 * (theirs is newer than ours). */
enum roster_verdict roster_links_compare(const struct roster_links *links, const struct roster_head *head,
                                         const struct roster_head *theirs);

#endif
