/* candidate.h - an ICE candidate as it crosses the sealed channel (RFC 8445), and which of a peer's we try.
 *
 * Our own code, not an SDP line: no text of the peer's is ever parsed by the ICE stack. The related address is
 * left out on purpose (it would disclose a host address beside a relayed one).
 */
#ifndef CANDIDATE_H
#define CANDIDATE_H
#include <stdbool.h>
#include <stdint.h>

#include "../media/bytes.h"

enum candidate_type { CANDIDATE_HOST = 1, CANDIDATE_SRFLX, CANDIDATE_PRFLX, CANDIDATE_RELAY };
enum candidate_transport { CANDIDATE_UDP = 1, CANDIDATE_TCP_ACTIVE, CANDIDATE_TCP_PASSIVE, CANDIDATE_TCP_SO };

enum { CANDIDATE_FOUNDATION_MAX = 32, CANDIDATES_MAX = 16 /* a side a generation, protocol B.3 */ };

struct candidate {
  uint8_t type, transport;
  uint8_t family;      /* 4 or 6 */
  uint8_t address[16]; /* 4 or 16 bytes used */
  uint16_t port;
  uint32_t priority;                             /* never 0 */
  char foundation[CANDIDATE_FOUNDATION_MAX + 1]; /* ice-char (RFC 8839), 1..32 */
};

/* Candidate hygiene (B.3, A51): false for loopback, link-local, multicast, broadcast, unspecified, documentation,
 * port 0, priority 0 or a malformed foundation; private ranges and loopback only when `lan`. */
bool candidate_allowed(const struct candidate *candidate, bool lan);

/* On the wire: type u8, transport u8, family u8, address 4 or 16, port u16, priority u32, foundation length u8
 * and bytes. Both are false for what is not well-formed, and `reader` is then spent. */
enum { CANDIDATE_ENCODED_MAX = 3 + 16 + 2 + 4 + 1 + CANDIDATE_FOUNDATION_MAX };
bool candidate_write(struct writer *writer, const struct candidate *candidate) __attribute__((warn_unused_result));
bool candidate_read(struct reader *reader, struct candidate *candidate) __attribute__((warn_unused_result));

#endif
