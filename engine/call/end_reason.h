/* end_reason.h - why a call ended, between the embedder's words for it and the wire's (PROTOCOL.md section 7:
 * CANCEL, DECLINE, HANGUP). Not one to one: a peer is told no more than concerns it, and what it may say that we do
 * not know is a hangup.
 */
#ifndef END_REASON_H
#define END_REASON_H
#include "../../signaling/wire.h"
#include "../sotto.h"

enum wire_reason end_reason_to_wire(sotto_end_reason reason);
sotto_end_reason end_reason_from_wire(uint8_t reason);

#endif
