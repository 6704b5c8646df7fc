#include "gate.h"

static struct gate_verdict shut(enum gate_want want) {
  return (struct gate_verdict){SOTTO_GATE_SHUT, want, false};
}

static struct gate_verdict for_tofu(const struct gate_facts *facts) {
  if (facts->require_verified || facts->policy == SOTTO_POLICY_REQUIRE_VERIFIED)
    return shut(GATE_WANTS_VERIFICATION);
  if (facts->policy == SOTTO_POLICY_WARN)
    return (struct gate_verdict){SOTTO_GATE_OPEN, GATE_WANTS_NOTHING, true};
  if (facts->consent_expired)
    return shut(GATE_REFUSES);
  if (facts->user_consented)
    return (struct gate_verdict){SOTTO_GATE_AUDIO_UNVERIFIED, GATE_WANTS_VERIFICATION, true};
  return shut(GATE_WANTS_CONSENT);
}

struct gate_verdict gate_evaluate(const struct gate_facts *facts) {
  if (facts->ended || facts->dtls_associations > 1)
    return shut(GATE_REFUSES);
  if (!facts->bound || facts->dtls_associations != 1)
    return shut(GATE_WANTS_BIND);
  switch (facts->trust) {
  case SOTTO_TRUST_VERIFIED:
    if (!facts->device_acknowledged)
      return shut(GATE_WANTS_DEVICE_ACK);
    return (struct gate_verdict){SOTTO_GATE_OPEN, GATE_WANTS_NOTHING, false};
  case SOTTO_TRUST_TOFU:
    return for_tofu(facts);
  case SOTTO_TRUST_UNKNOWN:
  case SOTTO_TRUST_CHANGED:
  case SOTTO_TRUST_REVOKED:
    break;
  }
  return shut(GATE_REFUSES);
}
