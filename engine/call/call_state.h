/* call_state.h - the states of a call, as a table: what the embedder sees of each, when and why it ends by itself,
 * and every transition there is (the drawing is in call.h). tests/model checks it together with the gate.
 */
#ifndef CALL_STATE_H
#define CALL_STATE_H
#include "../../media/units.h"
#include "../sotto.h"

/* X(name, what the embedder sees (0: nothing), seconds until it ends by itself (0: never), and why) */
#define CALL_STATES(X)                                                                                             \
  X(KNOCKING, SOTTO_CALL_DIALING, 30, SOTTO_END_UNREACHABLE)                                                       \
  X(OFFERED, SOTTO_CALL_RINGING, 60, SOTTO_END_NO_ANSWER)                                                          \
  X(HELLOED, 0, 30, SOTTO_END_UNREACHABLE)                                                                         \
  X(RINGING, SOTTO_CALL_RINGING, 65, SOTTO_END_NO_ANSWER)                                                          \
  X(ANSWERED, SOTTO_CALL_CONNECTING, 20, SOTTO_END_UNREACHABLE)                                                    \
  X(CONNECTING, SOTTO_CALL_CONNECTING, 20, SOTTO_END_UNREACHABLE)                                                  \
  X(SECURING, SOTTO_CALL_SECURING, 10, SOTTO_END_TIMEOUT)                                                          \
  X(BINDING, SOTTO_CALL_BINDING, 10, SOTTO_END_TIMEOUT)                                                            \
  X(GATED, SOTTO_CALL_GATED, 120, SOTTO_END_UNVERIFIED)                                                            \
  X(OPEN, SOTTO_CALL_OPEN, 0, SOTTO_END_NONE)                                                                      \
  X(RECONNECTING, SOTTO_CALL_RECONNECTING, 30, SOTTO_END_LOST)                                                     \
  X(ENDED, SOTTO_CALL_ENDED, 0, SOTTO_END_NONE)

enum call_state {
#define CALL_STATE_NAME(name, seen, seconds, reason) CALL_##name,
  CALL_STATES(CALL_STATE_NAME)
#undef CALL_STATE_NAME
      CALL_STATE_COUNT
};

bool call_may_go(enum call_state from, enum call_state to);
sotto_call_state call_state_seen(enum call_state state); /* 0: nothing */
/* When a call that enters the state now ends by itself, and why. */
usec call_state_deadline(enum call_state state, usec now);
sotto_end_reason call_state_reason(enum call_state state);

#endif
