/* json_events.h - every event as exactly one line of JSON on standard output, for scripts (--json-events).
 *
 * Each line is an object with "event" (its name) and "t" (the monotonic clock, microseconds). Names and fields
 * are stable and documented in sotto(1); statistics carry the names of W3C webrtc-stats where one exists.
 */
#ifndef JSON_EVENTS_H
#define JSON_EVENTS_H
#include <jansson.h>

#include "sotto.h"

/* `contact` NULL: the peer is none of ours, or the event has no peer. */
void json_event_print(const sotto_event *event, const sotto_contact *contact);
/* {"event": name, "t": now} and the fields; takes `fields`, which may be NULL. */
void json_event_say(const char *name, json_t *fields);
json_t *json_stats(const sotto_stats *stats);
json_t *json_contact(const sotto_contact *contact);

#endif
