/* handshake.pml - M1, a call's handshake (protocol B.3, C.6) when the server is the network and Eve is a contact.
 *
 * Sessions 0 and 1 are calls that Alice makes, 2 and 3 calls that Bob takes; each honest caller means either Bob
 * or Eve. Cryptography is perfect: a sealed message can be made only by who knows its keys, so a message is what
 * its sender's session believes, and to deliver it is a guard over the two sessions' beliefs. What was sent may be
 * delivered to anyone, in any order, any number of times, or never. Eve makes whatever needs only her own keys,
 * may announce any certificate's fingerprint as hers, and connects DTLS endpoints as she likes.
 *
 *   agreement  who opens with an honest peer shares one DTLS association with it, and both mean each other (no
 *              hidden participant)
 *   known_peer who opens with Eve is connected to Eve: nobody's media goes to someone that they were not told of
 *   ring_live  a phone rings only for a caller who is there now and calls this very phone
 *
 * Variants, how the two ends bind DTLS to the handshake:
 *   (none)      both exporters compared inside the sealed channel
 *   CERTIFICATE Alice is a browser: Bob's certificate names the call, and only Alice can check that
 *   STOLEN_KEY  Eve has Bob's static key as well, and knocks in Alice's name (key compromise impersonation)
 * Weak: FINGERPRINTS_ONLY, RING_AT_KNOCK, UNSEALED_FINGERPRINT, SECOND_ASSOCIATION. OPENS: an honest call can open.
 */
#define ALICE 0
#define BOB 1
#define EVE 2
#define EVES 4 /* the one ephemeral key, certificate and endpoint that is Eve's */
#define NONE 9

#define IDLE 0
#define KNOCKED 1   /* caller */
#define GREETED 2   /* callee: HELLO is out */
#define OFFERED 3   /* caller */
#define ANSWERED 4  /* callee: rang, ANSWER is out */
#define CONFIRMED 5 /* caller */

#ifdef RING_AT_KNOCK
#define RINGS GREETED
#else
#define RINGS ANSWERED
#endif

byte step[5], peer[5] = NONE;
byte remote[5] = NONE; /* whose ephemeral key the session has */
byte pinned[5] = NONE; /* whose fingerprint it was told */
byte wire[5] = NONE;   /* whose DTLS endpoint it is connected to */
bool open[5];
bool agreement = true, known_peer = true, ring_live = true;

#define self(x) ((x) < 2 -> ALICE : BOB)
#define described(x) ((x) < 2 -> step[x] == CONFIRMED : step[x] == ANSWERED)
#define mutual(x) (remote[x] < EVES && remote[remote[x]] == x)
#define sealed(x) (peer[x] == EVE || (mutual(x) && described(remote[x])))

#if defined(FINGERPRINTS_ONLY)
#define bound(x) sealed(x)
#elif defined(CERTIFICATE)
#define names_call(x) (wire[x] == EVES || (peer[wire[x]] == ALICE && remote[wire[x]] == x && remote[x] == wire[x]))
#define bound(x) (sealed(x) && ((x) >= 2 || names_call(x)))
#else
/* Eve knows the exporters of her own associations alone */
#define same_exporter(x) (wire[x] == remote[x] && wire[remote[x]] == x)
#define bound(x) (peer[x] == EVE -> wire[x] == EVES : remote[x] < EVES && same_exporter(x))
#endif

#define one_wire(x) (wire[x] < EVES && wire[wire[x]] == x && remote[x] == wire[x] && remote[wire[x]] == x)
#define both_mean(x, y) (peer[y] == self(x) && peer[x] == self(y) && pinned[x] == y && pinned[y] == x)
#define agrees(x) (!open[x] || peer[x] == EVE || (one_wire(x) && both_mean(x, wire[x])))
#ifdef CERTIFICATE /* Bob may take a browser's endpoint for Eve's, but then that browser never opens */
#define elsewhere(x) ((x) >= 2 && wire[x] < EVES && !open[wire[x]])
#else
#define elsewhere(x) false
#endif
#define knows(x) (!open[x] || peer[x] != EVE || wire[x] == EVES || elsewhere(x))
#define lives(y) \
  (step[y] < RINGS || peer[y] != ALICE || (remote[y] < 2 && peer[remote[y]] == BOB && step[remote[y]] >= OFFERED && mutual(y)))

inline check() {
  agreement = agrees(0) && agrees(1) && agrees(2) && agrees(3);
  known_peer = knows(0) && knows(1) && knows(2) && knows(3);
  ring_live = lives(2) && lives(3);
  assert(agreement);
  assert(known_peer);
  assert(ring_live);
}

/* x is a caller, y a callee */
#define KNOCK_OUT(x) :: atomic { step[x] == IDLE -> step[x] = KNOCKED; check() }
#define KNOCK_IN(x, y) :: atomic { step[y] == IDLE && step[x] >= KNOCKED && peer[x] == BOB -> peer[y] = ALICE; remote[y] = x; step[y] = GREETED; check() }
#define KNOCK_EVE(y, as) :: atomic { step[y] == IDLE -> peer[y] = as; remote[y] = EVES; step[y] = GREETED; check() }
#define HELLO_IN(x, y) :: atomic { step[x] == KNOCKED && peer[x] == BOB && step[y] >= GREETED && peer[y] == ALICE && remote[y] == x -> remote[x] = y; step[x] = OFFERED; check() }
#define HELLO_EVE(x) :: atomic { step[x] == KNOCKED && peer[x] == EVE -> remote[x] = EVES; step[x] = OFFERED; check() }
#define OFFER_IN(x, y) :: atomic { step[y] == GREETED && peer[y] == ALICE && remote[y] == x && step[x] >= OFFERED && remote[x] == y -> pinned[y] = x; step[y] = ANSWERED; check() }
#define OFFER_EVE(y, fp) :: atomic { step[y] == GREETED && peer[y] == EVE -> pinned[y] = fp; step[y] = ANSWERED; check() }
#define ANSWER_IN(x, y) :: atomic { step[x] == OFFERED && remote[x] == y && step[y] >= ANSWERED && remote[y] == x -> pinned[x] = y; step[x] = CONFIRMED; check() }
#define ANSWER_EVE(x, fp) :: atomic { step[x] == OFFERED && peer[x] == EVE -> pinned[x] = fp; step[x] = CONFIRMED; check() }
/* DTLS connects who was told of each other's certificate, whoever carries the packets */
#define DTLS(x, y) :: atomic { described(x) && described(y) && pinned[x] == y && pinned[y] == x && wire[x] == NONE && wire[y] == NONE -> wire[x] = y; wire[y] = x; check() }
#define DTLS_EVE(x) :: atomic { described(x) && pinned[x] == EVES && wire[x] == NONE -> wire[x] = EVES; check() }
#define OPEN(x) :: atomic { described(x) && wire[x] != NONE && !open[x] && bound(x) -> open[x] = true; check() }

#define PAIRS(F) F(0, 2) F(0, 3) F(1, 2) F(1, 3)
#define ANY_FINGERPRINT(F, x) F(x, 0) F(x, 1) F(x, 2) F(x, 3) F(x, EVES)

active proctype world() {
  if :: peer[0] = BOB :: peer[0] = EVE fi;
  if :: peer[1] = BOB :: peer[1] = EVE fi;
end:
  do
  KNOCK_OUT(0) KNOCK_OUT(1) KNOCK_EVE(2, EVE) KNOCK_EVE(3, EVE) HELLO_EVE(0) HELLO_EVE(1)
  PAIRS(KNOCK_IN) PAIRS(HELLO_IN) PAIRS(OFFER_IN) PAIRS(ANSWER_IN) PAIRS(DTLS)
  ANY_FINGERPRINT(OFFER_EVE, 2) ANY_FINGERPRINT(OFFER_EVE, 3)
  ANY_FINGERPRINT(ANSWER_EVE, 0) ANY_FINGERPRINT(ANSWER_EVE, 1)
  DTLS_EVE(0) DTLS_EVE(1) DTLS_EVE(2) DTLS_EVE(3) OPEN(0) OPEN(1) OPEN(2) OPEN(3)
#ifdef STOLEN_KEY
  KNOCK_EVE(2, ALICE) KNOCK_EVE(3, ALICE)
#endif
#ifdef UNSEALED_FINGERPRINT /* a client that believes the fingerprint beside the sealed one, and compares nothing */
  :: atomic { described(0) && wire[0] == NONE -> wire[0] = EVES; open[0] = true; check() }
#endif
#ifdef SECOND_ASSOCIATION /* a client whose keys another DTLS handshake may replace */
  :: atomic { open[0] -> wire[0] = EVES; check() }
#endif
#ifdef OPENS
  :: atomic { open[0] && open[2] && peer[0] == BOB && peer[2] == ALICE -> bool honest_call_opens = false; assert(honest_call_opens) }
#endif
  od
}
