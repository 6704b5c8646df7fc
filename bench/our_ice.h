/* our_ice.h - two of the engine's ICE agents on loopback: engine/path/ice.h as a call has it, with one socket each
 * for what is sent and one beside it for what arrives.
 */
#ifndef OUR_ICE_H
#define OUR_ICE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct our_ice;

/* Both agents, connected. NULL: no socket, or they did not find each other. */
struct our_ice *our_ice_open(void (*datagram)(void *user, uint8_t *data, size_t size), void *user);
void our_ice_close(struct our_ice *ours);
bool our_ice_send(struct our_ice *ours, uint8_t *data, size_t size); /* from one to the other */
void our_ice_flush(struct our_ice *ours);
void our_ice_receive(struct our_ice *ours); /* what has arrived, without waiting */
void our_ice_idle(struct our_ice *ours);    /* both ends' timers and checks of consent */
const char *our_ice_send_path(const struct our_ice *ours);
const char *our_ice_receive_path(const struct our_ice *ours);

#endif
