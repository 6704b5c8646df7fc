#include "call_state.h"

static const struct {
  sotto_call_state seen;
  int seconds;
  sotto_end_reason reason;
} states[] = {
#define CALL_STATE_ROW(name, seen, seconds, reason) [CALL_##name] = {(sotto_call_state)(seen), seconds, reason},
    CALL_STATES(CALL_STATE_ROW)
#undef CALL_STATE_ROW
};

bool call_may_go(enum call_state from, enum call_state to) {
#define TO(name) (1u << CALL_##name)
  static const unsigned next[CALL_STATE_COUNT] = {
      [CALL_KNOCKING] = TO(OFFERED) | TO(HELLOED),
      [CALL_OFFERED] = TO(CONNECTING) | TO(HELLOED),
      [CALL_HELLOED] = TO(RINGING),
      [CALL_RINGING] = TO(ANSWERED),
      [CALL_ANSWERED] = TO(CONNECTING),
      [CALL_CONNECTING] = TO(SECURING),
      [CALL_SECURING] = TO(BINDING),
      [CALL_BINDING] = TO(GATED) | TO(OPEN),
      [CALL_GATED] = TO(OPEN) | TO(RECONNECTING),
      [CALL_OPEN] = TO(GATED) | TO(RECONNECTING),
      [CALL_RECONNECTING] = TO(GATED) | TO(OPEN),
      [CALL_ENDED] = 0,
  };
  return from != CALL_ENDED && (to == CALL_ENDED || next[from] & 1u << to);
#undef TO
}

sotto_call_state call_state_seen(enum call_state state) {
  return states[state].seen;
}

usec call_state_deadline(enum call_state state, usec now) {
  return states[state].seconds ? now + SEC(states[state].seconds) : USEC_NEVER;
}

sotto_end_reason call_state_reason(enum call_state state) {
  return states[state].reason;
}
