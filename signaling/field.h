/* field.h - one TLV field of a message: which member it is and what it may hold (PROTOCOL.md, "Fields").
 *
 * Reading and writing apply the same bounds, so we never send what a peer would refuse.
 */
#ifndef FIELD_H
#define FIELD_H
#include "../media/bytes.h"
#include "message.h"

/* The whole field, with tag and length. false: the member is out of bounds, or there is no room. */
bool field_write(struct writer *writer, uint8_t tag, const struct message *message)
    __attribute__((warn_unused_result));
/* The value alone. false: out of bounds. */
bool field_read(struct reader value, uint8_t tag, struct message *message) __attribute__((warn_unused_result));

#endif
