/* gate.h - THE gate: what may leave or enter a call now, as one pure function of the facts (protocol D.2).
 *
 * Nothing else in sotto decides that media may flow. The call keeps the facts, asks gate_evaluate() whenever one
 * of them changed, and does what it says. Every fact that only a person can make true is named user_*.
 */
#ifndef GATE_H
#define GATE_H
#include <stdbool.h>

#include "../sotto.h"

struct gate_facts {
  bool bound;            /* BIND compared equal: the DTLS association is the peer's, in this call (C.6) */
  int dtls_associations; /* ever made for this call; only 1 will do (D.3) */
  bool ended;            /* or about to end: any fatal event */
  sotto_trust trust;     /* of the contact, now */
  bool require_verified; /* sticky once the contact was VERIFIED (A.4) */
  sotto_policy policy;
  bool device_acknowledged; /* no new device of the contact waits for the user */
  bool user_consented;      /* to talk to someone unverified for a short while */
  bool consent_expired;
};

enum gate_want { /* what is missing, for the user interface */
                 GATE_WANTS_NOTHING,
                 GATE_WANTS_BIND,
                 GATE_WANTS_CONSENT, /* or a comparison by another channel */
                 GATE_WANTS_VERIFICATION,
                 GATE_WANTS_DEVICE_ACK,
                 GATE_REFUSES, /* no answer of a user's opens it in this call */
};

struct gate_verdict {
  sotto_gate gate;
  enum gate_want want;
  bool warn; /* open with someone never compared */
};

struct gate_verdict gate_evaluate(const struct gate_facts *facts);

#endif
