/* relay.h - a foreign TURN relay (coturn) of a test's own on 127.0.0.1, for the user "someone" with "secret". */
#ifndef E2E_RELAY_H
#define E2E_RELAY_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

bool relay_installed(void);
uint16_t relay_free_port(void);
pid_t relay_start(uint16_t port);
bool relay_answers(uint16_t port); /* within a few seconds */
void relay_stop(pid_t pid);        /* and waits for its end */

#endif
