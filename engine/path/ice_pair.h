/* ice_pair.h - the selected pair of an ICE agent, without the agent in between where that is possible (Linux).
 *
 * Sending: a batch by the agent's own socket (send_batch.h). Receiving: a second socket on its port
 * (side_socket.h). Each by itself falls back to the agent, which stays complete: for a relayed pair, which has no
 * socket of its own, and wherever the system refuses. Only what comes from the pair's remote address, or from one
 * that `known` knows, is passed on, as the agent would. On the engine's thread.
 */
#ifndef ICE_PAIR_H
#define ICE_PAIR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../signaling/candidate.h"

struct ice_pair;

struct ice_pair_callbacks {
  bool (*known)(void *user, const struct candidate *from); /* address, family and port are set */
  /* false: the pair is gone with whatever it belonged to. */
  bool (*datagram)(void *user, uint8_t *data, size_t size);
};

/* `agent` is a NiceAgent, `context` the thread's GMainContext; both outlive it. NULL: no memory. */
struct ice_pair *ice_pair_new(void *agent, unsigned stream, void *context,
                              const struct ice_pair_callbacks *callbacks, void *user);
void ice_pair_free(struct ice_pair *pair);
/* Another pair was selected, or none is any longer (consent is gone): the fastest way of sending is tried again,
 * and the second socket made anew unless the agent's is still the same. */
void ice_pair_select(struct ice_pair *pair, bool connected);
/* Sent at the latest with ice_pair_flush(). false: not sent, as on a full socket. */
bool ice_pair_send(struct ice_pair *pair, const uint8_t *datagram, size_t size);
void ice_pair_flush(struct ice_pair *pair);
const char *ice_pair_send_path(const struct ice_pair *pair);    /* "segmented", "batched", "agent" */
const char *ice_pair_receive_path(const struct ice_pair *pair); /* "merged", "batched", "agent" */

#endif
