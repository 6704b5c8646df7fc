/* depacketizer_opus.h - is this payload one well-formed Opus packet (RFC 6716 section 3), and how long does it
 * play.
 *
 * RFC 7587: an RTP payload is exactly one Opus packet. The seven rules R1-R7 are checked here, so that the playout
 * and the decoder see nothing malformed. The longest packet is 120 ms.
 */
#ifndef DEPACKETIZER_OPUS_H
#define DEPACKETIZER_OPUS_H
#include <stddef.h>
#include <stdint.h>

int depacketizer_opus_samples(const uint8_t *payload, size_t size); /* at 48 kHz; -1: malformed */

#endif
