/* stock_ice.h - two libnice agents on loopback, used as its manual says: nice_agent_send() a datagram, and a
 * callback a datagram. What the sockets' path is compared with.
 */
#ifndef STOCK_ICE_H
#define STOCK_ICE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stock_ice;

/* Both agents, connected. NULL: no socket, or they did not find each other. */
struct stock_ice *stock_ice_open(void (*datagram)(void *user, uint8_t *data, size_t size), void *user);
void stock_ice_close(struct stock_ice *stock);
bool stock_ice_send(struct stock_ice *stock, uint8_t *data, size_t size); /* from one to the other */
void stock_ice_receive(struct stock_ice *stock);                          /* what has arrived, without waiting */
void stock_ice_idle(struct stock_ice *stock); /* both ends' timers and checks of consent */

#endif
