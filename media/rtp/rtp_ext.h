/* rtp_ext.h - header extensions of RTP packets in the one-byte form (RFC 8285 section 4.2).
 *
 * Whatever comes is read, within its bounds. Written is one element of 16 bits, the transport-wide sequence number
 * that browsers want (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 2); what native peers send each
 * other has no extension (rtp.h).
 */
#ifndef RTP_EXT_H
#define RTP_EXT_H
#include "rtp.h"

enum { RTP_EXT_SIZE = 8, RTP_EXT_ID_MAX = 14 };

/* The element of that id in `extension` (rtp_header's); false: there is none. */
bool rtp_ext_find(struct reader extension, int id, struct reader *value);
/* Puts an extension of one element, 0 so far, behind the fixed header of a packet without one; the packet grows by
 * RTP_EXT_SIZE, for which it has room. id: 1..RTP_EXT_ID_MAX. */
void rtp_ext_insert(uint8_t *packet, size_t size, int id);
void rtp_ext_set(uint8_t *packet, uint16_t value); /* that element */
/* The value of the element of that id to zeros, wherever it is in a packet that parses; nothing where it is not. */
void rtp_ext_clear(uint8_t *packet, size_t size, int id);

#endif
