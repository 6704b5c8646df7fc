/* record.h - what one record of the store says: our own rosters and statements, a contact or an invite, as bytes.
 * Pure.
 *
 *   type u8 | version u8 | fields, big-endian, strings with a length before them
 *
 * Loading checks everything again (names, states, each roster's signatures), so that a store written by a
 * faulty program is CORRUPT and not half understood. Bounds: RECORD_MAX.
 */
#ifndef RECORD_H
#define RECORD_H
#include "trust.h"

enum { RECORD_MAX = 3 * ROSTER_MAX_SIZE + 1024 };

/* Each returns the size written. */
size_t record_own(uint8_t out[RECORD_MAX], const struct trust *trust);
size_t record_contact(uint8_t out[RECORD_MAX], const struct contact *contact);
/* One of our rosters, oldest first. */
size_t record_link(uint8_t out[RECORD_MAX], const struct bytes_view *link);
size_t record_statement(uint8_t out[RECORD_MAX], const struct statement *statement);
size_t record_invite(uint8_t out[RECORD_MAX], const struct pending_invite *pending);

typedef void record_sink(void *user, const uint8_t *record, size_t size);
/* Everything but the invites, which stay on their device; `scratch` has RECORD_MAX bytes. */
void record_each(const struct trust *trust, uint8_t *scratch, record_sink *sink, void *user);

/* Adds what the record says to `trust`: OK, CORRUPT or NOMEM. */
sotto_status record_load(struct trust *trust, const void *record, size_t size) __attribute__((warn_unused_result));

#endif
