/* ice.h - one call's ICE agent (RFC 8445, trickle RFC 8838, consent RFC 7675), libnice wrapped in this file.
 *
 * Shell: call it on the engine's thread alone, which owns the context and has pushed it as thread-default.
 * Callbacks run from that context, never inside a call of this header, and never after ice_close(). One stream,
 * one component. FAILED is soft: consent may be back after ice_restart(). Names are resolved without blocking.
 */
#ifndef ICE_H
#define ICE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../media/units.h"
#include "../../signaling/candidate.h"

struct ice_server {
  const char *host; /* a name or a numeric address; NULL: none */
  uint16_t port;    /* 0: 3478 */
};

struct ice_config {
  void *context; /* the engine's GMainContext */
  bool controlling;
  bool relay_only;              /* no host or reflexive candidate is offered or used (until a restart without it) */
  const char *local_address;    /* numeric, the only one to use; NULL: every interface but loopback */
  struct ice_server stun, turn; /* over UDP */
  const char *turn_user, *turn_password;
};

enum ice_state { ICE_CONNECTED, ICE_DISCONNECTED, ICE_FAILED };

struct ice_callbacks {                                           /* any may be NULL */
  void (*local)(void *user, const char *ufrag, const char *pwd); /* first, and again after a restart */
  void (*candidate)(void *user, const struct candidate *candidate);
  void (*gathered)(void *user); /* no more candidates in this generation */
  /* With CONNECTED: the types of the selected pair. CONNECTED comes again when another pair is selected. */
  void (*state)(void *user, enum ice_state state, enum candidate_type local, enum candidate_type remote);
  void (*datagram)(void *user, uint8_t *data, size_t size); /* not STUN; may be written to, until it returns */
};

struct ice;

/* Starts gathering. Strings are copied. NULL: no memory, no socket or a malformed local_address. */
struct ice *ice_new(const struct ice_config *config, const struct ice_callbacks *callbacks, void *user);
/* Closes in the background: a relay is told to let go of its allocation. */
void ice_close(struct ice *ice);
/* Runs the context until every agent closed on this thread is gone, for at most `limit`; then cuts them off. */
void ice_drain(void *context, usec limit);

bool ice_set_remote(struct ice *ice, const char *ufrag, const char *pwd); /* false: malformed */
/* Candidates may come before ice_set_remote(). false: not usable (TCP, zero priority, malformed), nothing done. */
bool ice_add_candidate(struct ice *ice, const struct candidate *candidate);
/* New credentials and candidates (local() and candidate() follow); the old pair serves until another is found.
 * relay_only: as in ice_config, for this generation. */
bool ice_restart(struct ice *ice, bool relay_only);
/* Leaves with ice_flush() at the latest, together with what else is sent until then; copied. false: no pair yet, or
 * the socket is full. */
bool ice_send(struct ice *ice, const uint8_t *datagram, size_t size);
void ice_flush(struct ice *ice);
/* For statistics, what carries the selected pair: "segmented" (one system call for a batch, cut up by the kernel or
 * the network card), "merged" (the same, put together there), "batched" (one system call), "agent" (libnice, one
 * call a datagram). */
const char *ice_send_path(const struct ice *ice);
const char *ice_receive_path(const struct ice *ice); /* "merged", "batched", "agent" */

#endif
