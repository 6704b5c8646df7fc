/* gate.pml - M5, a call's states and its gate (protocol D.1, D.2), with the code's own tables.
 *
 * gate_tables.pml has may_go(), timed() and verdict as engine/call has them. Around them is what call*.c does with
 * an event, restated: which event counts in which state, and that whatever changes a fact asks the gate. The
 * network, the peer and the user do what they like, when they like, and ask the gate at other times as well.
 *
 *   safe            the gate is open only with one DTLS association that is bound to the peer, in a call that has
 *                   not ended, to somebody with whom the policy allows just that (D.2, written out once more below)
 *   end_shut        after the end the gate is shut for good
 *   complete_table  no event wants a transition that the table does not have
 *   settles         when everybody falls silent, the call ends, unless it is open and the path there
 *
 * Abstracted: time is that a timed state may end at any moment; messages are only that they came.
 * SECOND_ASSOCIATION, ASK_AFTER_END: two bugs that the gate itself survives. Weak: NO_REEVALUATION (of the gate when
 * trust changes), END_LEAVES_GATE, FORGETS_PATH (a gate that is asked while the path is away makes it OPEN), and every table with something wrong in it. The formulas never_X must break: that
 * is, a call can open, talk before it is verified, and open again after the path was lost.
 */
#include "gate_tables.pml"

byte state, gate, want;
bool outgoing, connected, lost, done, bind_sent, bind_equal, bind_received, memory = true;
bool ended, bound, require_verified, device_acknowledged = true, user_consented, consent_expired;
byte associations, trust, policy;
bool complete = true, silent, went_away;
#ifdef FORGETS_PATH
#define away false
#else
#define away lost
#endif

inline enter(to) {
  if
  :: may_go(state, to) -> state = to
  :: else -> complete = false; state = ENDED
  fi
}

inline finish() {
  if
  :: state != ENDED ->
     ended = true;
#ifndef END_LEAVES_GATE
     gate = GATE_SHUT;
#endif
     enter(ENDED)
  :: else
  fi
}

inline ask() {
  want = verdict_want(verdict);
  if
  :: want == WANTS_BIND
  :: want != WANTS_BIND && verdict_gate(verdict) != gate && !memory -> gate = GATE_SHUT; finish()
  :: else ->
     gate = verdict_gate(verdict);
     if
     :: want == REFUSES -> finish()
     :: want != REFUSES && state == RECONNECTING && away
     :: else ->
        if
        :: gate == GATE_OPEN && state != OPEN -> enter(OPEN)
        :: gate != GATE_OPEN && state != GATED -> enter(GATED)
        :: else
        fi
     fi
  fi
}

/* A path that was lost while binding is looked for now. */
inline notice() {
  if
  :: away && (state == GATED || state == OPEN) -> enter(RECONNECTING)
  :: else
  fi
}

inline compare() {
  if
  :: state != BINDING
  :: else -> weigh()
  fi
}

inline weigh() {
  if
  :: bind_sent && bind_received && !bound && bind_equal -> bound = true; ask(); notice()
  :: bind_sent && bind_received && !bound && !bind_equal -> trust = CHANGED; finish()
  :: else
  fi
}

inline associate() {
  if
  :: associations == 0 -> associations = 1
  :: else
  fi
}

inline connect() {
  enter(CONNECTING);
  if
  :: outgoing -> associate()
  :: else
  fi;
  if
  :: connected -> enter(SECURING); associate()
  :: else
  fi
}

inline found() {
  connected = true;
  lost = false;
  if
  :: state == CONNECTING -> enter(SECURING); associate()
  :: state == RECONNECTING -> ask()
  :: else
  fi
}

inline lose() {
  connected = false;
  lost = true;
  if
  :: state == GATED || state == OPEN -> enter(RECONNECTING); went_away = true
  :: else
  fi
}

inline dtls_done() {
  done = true;
  if
  :: state == CONNECTING -> enter(SECURING)
  :: else
  fi;
  if
  :: state == SECURING -> enter(BINDING); bind_sent = true; compare()
  :: else
  fi
}

/* A client that has all but the server's Finished. */
inline bind_early() {
  if
  :: state == SECURING && bind_sent && bind_received && !done -> enter(BINDING); compare()
  :: else
  fi
}

inline trust_changed() {
#ifdef NO_REEVALUATION
  skip
#else
  if
  :: trust != TOFU && trust != VERIFIED -> finish()
  :: else -> ask()
  fi
#endif
}

#define lives (state != ENDED)
#define settled (state == GATED || state == OPEN || state == RECONNECTING)
#define ON(guard) :: d_step { !silent && lives && (guard) ->

active proctype world() {
  if :: outgoing = true; state = KNOCKING :: state = HELLOED fi;
  if :: trust = TOFU :: trust = VERIFIED fi;
  if :: policy = SAS_FIRST :: policy = REQUIRE_VERIFIED :: policy = WARN fi;
  if :: require_verified = true :: skip fi;
  if :: device_acknowledged = false :: skip fi;
  do
  /* messages */
  ON(state == KNOCKING) enter(OFFERED) }
  ON(state == KNOCKING || state == OFFERED) outgoing = false; enter(HELLOED) } /* glare: both knocked, we yield */
  ON(state == HELLOED) enter(RINGING) }
  ON(state == RINGING) enter(ANSWERED) }
  ON(state == OFFERED || state == ANSWERED) connect() }
  ON(!bind_received && state >= CONNECTING) bind_received = true; bind_equal = true; bind_early(); compare() }
  ON(!bind_received && state >= CONNECTING) bind_received = true; bind_early(); compare() }
  ON(true) finish() } /* HANGUP, CANCEL, DECLINE, a broken rule, our own user */
  /* the path */
  ON(!connected) found() }
  ON(connected) lose() }
  ON(associations > 0 && state == SECURING && !outgoing && !bind_sent) bind_sent = true; bind_early() }
  ON(associations > 0 && !done) dtls_done() }
  /* people */
  ON(state == GATED && want == WANTS_CONSENT) user_consented = true; ask() }
  ON(user_consented && !consent_expired) consent_expired = true; ask() }
  ON(bound) trust = VERIFIED; require_verified = true; ask() } /* the words are equal */
  ON(bound) trust = CHANGED; finish() }
  ON(trust == VERIFIED) require_verified = false; trust_changed() }
  ON(true) trust = VERIFIED; require_verified = true; trust_changed() } /* a scanned code */
  ON(true) trust = CHANGED; trust_changed() } /* a fork, another key */
  ON(true) trust = REVOKED; trust_changed() } /* blocked, or declared dead */
  ON(device_acknowledged) device_acknowledged = false; trust_changed() } /* a new device */
  ON(!device_acknowledged) device_acknowledged = true; trust_changed() }
  ON(true) ask() }
  ON(memory) memory = false }
#ifdef SECOND_ASSOCIATION /* something makes another one, whatever the firewall said */
  ON(associations == 1 && bind_sent) associations = 2; ask() }
#endif
#ifdef ASK_AFTER_END
  :: d_step { state == ENDED && !silent -> ask() }
#endif
  :: d_step { !silent -> silent = true }
  :: silent -> break
  od
}

active proctype clock() {
end:
  do
  :: d_step { timed(state) -> finish() }
  od
}

#define open_allowed ((trust == VERIFIED && device_acknowledged) || (trust == TOFU && !require_verified && policy == WARN))
#define talk_allowed (trust == TOFU && !require_verified && policy == SAS_FIRST && user_consented && !consent_expired)
#define policy_allows ((gate == GATE_OPEN && open_allowed) || (gate == GATE_AUDIO && talk_allowed))

ltl safe { [] (gate != GATE_SHUT -> (bound && associations == 1 && !ended && policy_allows)) }
ltl end_shut { [] (state == ENDED -> [] (gate == GATE_SHUT)) }
ltl complete_table { [] complete }
ltl settles { [] (silent -> <> (state == ENDED || (state == OPEN && !lost))) }
ltl never_opens { [] (state != OPEN) }
ltl never_talks { [] (gate != GATE_AUDIO) }
ltl never_reopens { [] !(went_away && state == OPEN && gate == GATE_OPEN) }
