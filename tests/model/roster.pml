/* roster.pml - M4, gossip of roster heads against somebody who has stolen the root key (protocol A.5).
 *
 * One owner with two devices, the first of which signs; two contacts of his who know his roster; a thief who signs
 * as the owner, and has the server to himself: he shows what he likes to whom he likes, replays what is old, and
 * holds back any message. A handshake between a device and a contact is two messages, in either order, each with
 * its sender's view of the owner's roster as it was when it was sent; links that the other lacks come along.
 * roster_tables.pml has gossip() and accept(): the code's own verdicts on real signed rosters.
 *
 *   caught       a contact who has accepted a thief's roster and then completes a handshake with any of the owner's
 *                devices: one of the two raises an alarm
 *   forward      what a contact knows never gets older
 *   quiet        without a thief nobody sees a fork, and the device that signs sees nothing at all
 *
 * Abstracted: devices, revocation, evidence; a device takes its own roster from the one that signs and from nobody
 * else. A device that has not heard of the newest roster yet raises ROLLBACK when a contact has: it can't know better.
 * CHANGES_AMIDST lets a device's own roster change while its handshake is under way: then what it says is too old, what
 * it hears looks too old, and that handshake (not the next) passes without an alarm, unless the device compares with
 * its roster's whole HISTORY and not its head alone.
 * Weak: NO_GOSSIP, OWN_FROM_CONTACTS (a device believes a contact about its own roster), and tables made with
 * --ignore. The formulas never_X must break: an alarm for both contacts, and a handshake without any.
 */
#include "roster_tables.pml"

#define evil(roster) ((roster) >= EVIL2)
#define IDLE 0
#define FIRST_SENT 1
#define REPLY_SENT 2

byte device[2] = FIRST, known[2] = FIRST;
byte stage[2], with[2], said[2]; /* the handshake of each contact: with which device, what the message under way says */
bool by_device[2];               /* who sent that */
bool deceived[2];                /* the contact was when it began */
bool met[2], alarm[2], forked, signer_alarmed, met_quietly;
bool forward = true, quiet = true;

inline learn(c, roster) {
  forward = forward && seq(roster) > seq(known[c]);
  known[c] = roster;
}

/* A contact hears a device's head, with the links it lacks. */
inline hear_own(c) {
  if
  :: gossip(known[c], said[c]) == FORK || (gossip(known[c], said[c]) == ACCEPTED && accept(known[c], said[c]) == FORK) ->
     alarm[c] = true;
     forked = true
  :: gossip(known[c], said[c]) == ACCEPTED && accept(known[c], said[c]) == ACCEPTED -> learn(c, said[c])
  :: else
  fi
}

/* A device hears what the contact knows of it. */
inline hear_known(c) {
  if
  :: gossip(device[with[c]], said[c]) == FORK -> alarm[c] = true; forked = true
  :: gossip(device[with[c]], said[c]) == ACCEPTED ->
     alarm[c] = true;
     signer_alarmed = signer_alarmed || with[c] == 0;
#ifdef OWN_FROM_CONTACTS
     device[with[c]] = (accept(device[with[c]], said[c]) == ACCEPTED -> said[c] : device[with[c]])
#endif
#ifdef HISTORY
  :: gossip(device[with[c]], said[c]) == STALE && accept(said[c], device[with[c]]) == FORK -> alarm[c] = true; forked = true
#endif
  :: else
  fi
}

inline hear(c) {
#ifdef NO_GOSSIP
  skip
#else
  if
  :: by_device[c] -> hear_own(c)
  :: else -> hear_known(c)
  fi
#endif
}

inline say(c, from_device) {
  said[c] = (from_device -> device[with[c]] : known[c]);
  by_device[c] = from_device
}

inline forget(c) {
  stage[c] = IDLE;
  with[c] = 0;
  said[c] = 0;
  by_device[c] = false;
  deceived[c] = false
}

inline check() {
#ifdef NO_THIEF
  quiet = !forked && !signer_alarmed;
#endif
  assert(forward);
  assert(quiet);
}

#define BEGIN(c, d, from_device) :: d_step { stage[c] == IDLE && !alarm[c] -> stage[c] = FIRST_SENT; with[c] = d; deceived[c] = evil(known[c]); say(c, from_device) }
#define REPLY(c) :: d_step { stage[c] == FIRST_SENT -> hear(c); stage[c] = REPLY_SENT; say(c, !by_device[c]); check() }
#define END(c) :: d_step { stage[c] == REPLY_SENT -> hear(c); met[c] = met[c] || deceived[c]; met_quietly = met_quietly || !alarm[c]; forget(c); check() }
#define LOSE(c) :: d_step { stage[c] != IDLE -> forget(c) }
#define SHOW(c, roster) :: d_step { accept(known[c], roster) == ACCEPTED -> learn(c, roster); check() }
#define CONTACTS(F) F(0) F(1)
#define SHOWN(roster) SHOW(0, roster) SHOW(1, roster)

#ifdef CHANGES_AMIDST
#define still(d) true
#else
#define still(d) ((stage[0] == IDLE || with[0] != d) && (stage[1] == IDLE || with[1] != d))
#endif

active proctype world() {
end:
  do
  :: d_step { device[0] == FIRST && still(0) -> device[0] = OWN1 }
  :: d_step { device[0] == OWN1 && still(0) -> device[0] = OWN2 }
  :: d_step { device[1] != device[0] && still(1) -> device[1] = device[0] }
  BEGIN(0, 0, true) BEGIN(0, 0, false) BEGIN(0, 1, true) BEGIN(0, 1, false)
  BEGIN(1, 0, true) BEGIN(1, 0, false) BEGIN(1, 1, true) BEGIN(1, 1, false)
  CONTACTS(REPLY) CONTACTS(END) CONTACTS(LOSE)
  SHOWN(FIRST)
  :: d_step { seq(device[0]) >= 1 && accept(known[0], OWN1) == ACCEPTED -> learn(0, OWN1); check() }
  :: d_step { seq(device[0]) >= 1 && accept(known[1], OWN1) == ACCEPTED -> learn(1, OWN1); check() }
#ifndef NO_THIEF
  SHOWN(EVIL1) SHOWN(EVIL1_2)
  :: d_step { seq(device[0]) >= 1 && accept(known[0], EVIL2) == ACCEPTED -> learn(0, EVIL2); check() }
  :: d_step { seq(device[0]) >= 1 && accept(known[1], EVIL2) == ACCEPTED -> learn(1, EVIL2); check() }
#endif
  od
}

ltl caught { [] ((met[0] -> <> alarm[0]) && (met[1] -> <> alarm[1])) }
ltl never_caught { [] !(alarm[0] && alarm[1]) }
ltl never_quiet { [] !met_quietly }
