/* clock.h - the monotonic clock, microseconds: the one that every end on this machine shares. */
#ifndef CLOCK_H
#define CLOCK_H
#include <stdint.h>

int64_t clock_now(void);
void clock_sleep_until(int64_t when); /* returns early on a signal */

#endif
