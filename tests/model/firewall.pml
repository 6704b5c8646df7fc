/* firewall.pml - M6, a DTLS handshake behind the record firewall, over a network that loses and injects (D.5).
 *
 * firewall_tables.pml has passes() and next(), which are dtls_firewall_filter() itself, tried with every kind of
 * record in every state of the firewall. Around it are a client's and a server's DTLS stack by RFC 6347's flights,
 * which believe whatever reaches them; a network that may lose any three records; and a forger who injects
 * records of epoch 0 at either end, at any time, in any number. What is sealed under the new keys he can't make.
 *
 *   keys_once      nobody's keys are made a second time
 *   nothing_early  no record reaches a stack before its side has authenticated both descriptions
 *   completes      both sides finish, though each may open its firewall late and records are lost
 *
 * While the handshake runs, a forged record of just the kind that is due can't be told from the peer's by anybody:
 * it makes the handshake fail (never succeed with the forger). The forger of `completes` therefore sends anything
 * else; FORGE and FORGE_VERIFY_REQUEST let him, and show that limit. keys_once holds against him all the same.
 * Weak: the firewalls with a --hole. CONNECTS: the handshake can succeed.
 */
#include "firewall_tables.pml"

#define CLIENT 0
#define SERVER 1
#define HANDSHAKE 1 /* phases of the firewall */
#define COMPLETE 2
#define bit(record) (1 << (record))
#define FLIGHT1 bit(CLIENT_HELLO)
#define FLIGHT2 (bit(SERVER_HELLO) | bit(CERTIFICATE) | bit(SERVER_DONE))
#define FLIGHT3 (bit(CERTIFICATE) | bit(CLIENT_KEY) | bit(CLIENT_VERIFY) | bit(CHANGE_CIPHER) | bit(FINISHED))
#define FLIGHT4 (bit(CHANGE_CIPHER) | bit(FINISHED))

byte wall[2], keys[2], lost;
bool greeted[2]; /* the client has flight 2, the server flight 1 */
short got[2];    /* of the flight that is awaited */
short air[2];    /* on its way to */
bool broken[2];  /* its handshake can't succeed any more */
bool keys_once = true, nothing_early = true;

#define opened(x) (phase_of(wall[x]) != 0)
#define done(x) (keys[x] > 0)
#define has(x, flight) ((got[x] & (flight)) == (flight))

inline finish(x) {
  keys[x]++;
  wall[x] = with_phase(wall[x], COMPLETE);
}

/* A flight is repeated when nothing of it is under way. */
inline again(to, flight) {
  air[to] = (air[to] -> air[to] : flight)
}

/* What the peer's own record does to x's stack. */
inline take(x, record) {
  if
  :: broken[x]
  :: !broken[x] && done(x) -> /* the last flight was lost: once more */
     if
     :: x == SERVER && record == FINISHED -> again(CLIENT, FLIGHT4)
     :: else
     fi
  :: !broken[x] && !done(x) && x == SERVER && record == CLIENT_HELLO && greeted[x] -> again(CLIENT, FLIGHT2)
  :: !broken[x] && !done(x) && x == SERVER && record == CLIENT_HELLO && !greeted[x] -> greeted[x] = true; air[CLIENT] = FLIGHT2
  :: !broken[x] && !done(x) && x == CLIENT && !greeted[x] ->
     got[x] = got[x] | (bit(record) & FLIGHT2);
     if
     :: has(x, FLIGHT2) -> greeted[x] = true; got[x] = 0; air[SERVER] = air[SERVER] | FLIGHT3
     :: else
     fi
  :: else -> /* ChangeCipherSpec counts after all that is before it, Finished after that */
     if
     :: !greeted[x]
     :: greeted[x] && record == CHANGE_CIPHER && x == SERVER && !has(x, FLIGHT3 & ~FLIGHT4)
     :: greeted[x] && record == FINISHED && has(x, bit(CHANGE_CIPHER)) ->
        finish(x);
        got[x] = 0;
        if
        :: x == SERVER -> air[CLIENT] = air[CLIENT] | FLIGHT4
        :: else
        fi
     :: greeted[x] && record == FINISHED && !has(x, bit(CHANGE_CIPHER))
     :: else -> got[x] = got[x] | bit(record)
     fi
  fi
}

/* What a forged one does, in a stack that was never told to be careful. */
inline suffer(x, record) {
  if
  :: record == CHANGE_CIPHER -> take(x, record)
  :: record == HELLO_REQUEST && !done(x) /* a client in a handshake ignores it */
  :: done(x) && (record == FORGED_HELLO || record == HELLO_REQUEST || record == VERIFY_REQUEST) -> keys[x]++
  :: done(x) && record != FORGED_HELLO && record != HELLO_REQUEST && record != VERIFY_REQUEST && record != CLEAR_ALERT
  :: record == CLIENT_HELLO && !done(x) -> take(x, record) /* the peer's, once more */
  :: else -> broken[x] = true
  fi
}

inline check() {
  keys_once = keys[CLIENT] <= 1 && keys[SERVER] <= 1;
  assert(keys_once);
  assert(nothing_early);
}

inline through(x, record, forged) {
  if
  :: passes(wall[x], record) ->
     nothing_early = nothing_early && opened(x);
     wall[x] = next(wall[x], record);
     if
     :: forged -> suffer(x, record)
     :: else -> take(x, record)
     fi
  :: else
  fi;
  check()
}

/* The first that is under way, or its loss. */
proctype courier(byte to) {
  byte record;
end:
  do
  :: d_step {
       air[to] ->
       record = 0;
       do
       :: (air[to] & bit(record)) == 0 -> record++
       :: else -> break
       od;
       air[to] = air[to] & ~bit(record);
       through(to, record, false);
       record = 0
     }
  :: d_step {
       air[to] && lost < 3 ->
       do
       :: (air[to] & bit(record)) == 0 -> record++
       :: else -> break
       od;
       air[to] = air[to] & ~bit(record);
       record = 0;
       lost++
     }
  od
}

#define times_out(x) (!done(x) && !broken[x] && !air[1 - (x)])

/* Opens its firewall some time, and sends its flight again when nothing of it is under way. */
proctype side(byte self) {
  d_step { wall[self] = with_phase(wall[self], HANDSHAKE) };
end:
  do
  :: d_step { times_out(self) && self == CLIENT -> air[SERVER] = (greeted[self] -> FLIGHT3 : FLIGHT1) }
  :: d_step { times_out(self) && self == SERVER && greeted[self] -> air[CLIENT] = FLIGHT2 }
  od
}

/* What the firewall can't tell from the peer's own while that is due. */
#define hello_due(x) (wall[x] % 6 / 2 == 0)
#define server_hello_due(x) (wall[x] % 2 == 0)
#ifdef FORGE_VERIFY_REQUEST
#define verify_request_due(x) false
#else
#define verify_request_due(x) server_hello_due(x)
#endif
#define to_server(x, record) (x == SERVER && (record == FORGED_HELLO -> hello_due(x) : (bit(record) & FLIGHT3 & ~FLIGHT4) != 0))
#define to_client(x, record) (x == CLIENT && (record == VERIFY_REQUEST -> verify_request_due(x) : (bit(record) & FLIGHT2) != 0))
#ifdef FORGE
#define untold(x, record) false
#else
#define untold(x, record) (!done(x) && (to_server(x, record) || to_client(x, record)))
#endif

proctype forger() {
  byte x, record;
end:
  do
  :: atomic {
       select(x : CLIENT .. SERVER);
       select(record : 0 .. RECORDS - 1);
       if
       :: record != FINISHED && !untold(x, record) -> through(x, record, true)
       :: else
       fi;
       x = 0;
       record = 0
     }
  od
}

init {
  atomic {
    wall[CLIENT] = WAITING(CLIENT);
    wall[SERVER] = WAITING(SERVER);
    run side(CLIENT);
    run side(SERVER);
    run courier(CLIENT);
    run courier(SERVER);
    run forger()
  }
}

ltl completes { <> (keys[CLIENT] == 1 && keys[SERVER] == 1) }
ltl never_connects { [] !(keys[CLIENT] == 1 && keys[SERVER] == 1) }
