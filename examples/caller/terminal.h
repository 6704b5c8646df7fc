/* terminal.h - events in words, for a person at a terminal. */
#ifndef TERMINAL_H
#define TERMINAL_H
#include "sotto.h"

/* `name` is the peer's petname, or a word for somebody unknown. */
void terminal_event(const sotto_event *event, const char *name);
void terminal_sas(const sotto_sas *sas);
void terminal_stats(const sotto_stats *stats);

#endif
