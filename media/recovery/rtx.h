/* rtx.h - retransmissions in a source of their own (RFC 4588 section 4, multiplexed by SSRC): form and back.
 *
 * The packet under another payload type, sequence number and source; its own number is the first two bytes of the
 * payload. What a receiver measures of the first source then is not disturbed by what comes again, and nothing is
 * encrypted twice under one number. Bounded by the packet.
 */
#ifndef RTX_H
#define RTX_H
#include "../rtp/rtp.h"

enum { RTX_HEAD = 2 }; /* bytes before the payload */

/* `around` says payload type, sequence number and source of the retransmission; the rest of its header is the
 * original's. Its size; 0: no room. */
size_t rtx_write(const struct rtp_header *original, struct reader payload, const struct rtp_header *around,
                 uint8_t *out, size_t room);
/* The packet of that payload type and source that `data` repeats: whole, what follows the fixed header included.
 * Its size; 0: malformed, or nothing but padding. */
size_t rtx_read(const uint8_t *data, size_t size, uint8_t payload_type, uint32_t ssrc, uint8_t *out, size_t room);

#endif
