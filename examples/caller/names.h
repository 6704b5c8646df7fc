/* names.h - the stable names of the library's enumerations, as --json-events and sotto(1) write them. */
#ifndef NAMES_H
#define NAMES_H
#include "sotto.h"

/* "unknown" for a value that this program does not know. */
const char *name_of_event(sotto_event_type type);
const char *name_of_trust(sotto_trust trust);
const char *name_of_method(sotto_method method);
const char *name_of_state(sotto_call_state state);
const char *name_of_gate(sotto_gate gate);
const char *name_of_reason(sotto_end_reason reason);
const char *name_of_alarm(sotto_alarm alarm);
const char *name_of_status(sotto_status status);

#endif
