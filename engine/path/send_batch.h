/* send_batch.h - datagrams for one address that leave together: one copy each, one system call for all (Linux).
 *
 * They lie end to end. Runs of equal size, the last of a run may be shorter, are handed over as one with
 * UDP_SEGMENT; where the path refuses that, sendmmsg() takes them one by one. At most SEND_BATCH_MAX, and nothing
 * is allocated. A full socket is loss, as on any path.
 */
#ifndef SEND_BATCH_H
#define SEND_BATCH_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;

enum { SEND_BATCH_MAX = 32, SEND_BATCH_BYTES = 48 * 1024 };

enum send_way { SEND_SEGMENTED, SEND_MANY, SEND_REFUSED }; /* each is the way out when the one before is refused */

struct send_batch {
  enum send_way way;
  size_t count, used;
  uint16_t size[SEND_BATCH_MAX];
  uint8_t data[SEND_BATCH_BYTES];
};

/* false: no room, flush it first (or larger than any datagram). */
bool send_batch_add(struct send_batch *batch, const uint8_t *datagram, size_t size);
/* Empties it. Returns how many of the first were dealt with; fewer than there were only as it becomes SEND_REFUSED:
 * the rest, whose sizes and bytes are still there, must go another way. */
size_t send_batch_flush(struct send_batch *batch, int fd, const struct sockaddr *to);

#endif
