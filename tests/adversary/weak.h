/* weak.h - the defences that a twin can go without, one bit each.
 *
 * sotto-evil links the product's archives as they are; sotto-evil-twin links the same archives and replaces single
 * functions at link time (-Wl,--wrap, weak_*.c). Each replacement asks weak_active, which the attack under way
 * sets, and is the product's own function while its bit is off. Nothing of this is in any product target:
 * symbols.sh proves it.
 */
#ifndef WEAK_H
#define WEAK_H
#include <stdbool.h>
#include <stdint.h>

/* X(name, what the twin does not do) */
#define WEAKNESSES(X)                                                                                              \
  X(NOAEAD, "does not check the tag of cells and Noise messages")                                                  \
  X(NOECHO, "does not compare the handshake's hash in OFFER and ANSWER")                                           \
  X(NOPROLOGUE, "a handshake without identities, static keys and pair secret")                                     \
  X(STATICONLY, "transport keys from static keys alone")                                                           \
  X(NOPIN, "takes any DTLS certificate")                                                                           \
  X(NOSERIAL, "a page that does not look at the serial number of the certificate it is shown")                     \
  X(NOFRAMES, "frames to and from a page are sealed by SRTP alone")                                                \
  X(NOBIND, "takes any BIND for equal")                                                                            \
  X(OPENEARLY, "does not wait for the peer's BIND")                                                                \
  X(NOGATE, "has an open gate from the start")                                                                     \
  X(NOREEVAL, "does not ask the gate again when trust changes")                                                    \
  X(NOCHECK, "takes any opening of a commitment")                                                                  \
  X(NOROLE, "words that do not say who, in which call and under which keys")                                       \
  X(AUTORETRY, "repeats an aborted comparison without end")                                                        \
  X(RINGM1, "rings on KNOCK")                                                                                      \
  X(NOSEQN, "takes message numbers again")                                                                         \
  X(MULTIANS, "takes a second ANSWER")                                                                             \
  X(LATE, "a call that was hung up still takes its ANSWER")                                                        \
  X(RESTART, "takes any generation of ICE credentials")                                                            \
  X(FPSWAP, "takes a fingerprint after ANSWER")                                                                    \
  X(NOCONSENT, "does not notice that the peer's agent is silent")                                                  \
  X(CANDANY, "tries any address that a peer names")                                                                \
  X(REDTLS, "no firewall: takes another handshake in mid-call")                                                    \
  X(EARLY, "keeps DTLS that came too early for later")                                                             \
  X(ANYPROFILE, "takes any SRTP profile")                                                                          \
  X(TLSANY, "DTLS of any version, suite, group and certificate, without extended master secret")                   \
  X(NOREPLAY, "no replay window in SRTP")                                                                          \
  X(REUSE, "an invite is not used up")                                                                             \
  X(NOEXPIRY, "an invite does not expire")                                                                         \
  X(AUTOACCEPT, "a name may be given twice")                                                                       \
  X(NAME, "calls people what they call themselves")                                                                \
  X(ONEKEY, "takes a new root key that the old one did not sign")                                                  \
  X(NOGOSSIP, "does not compare roster heads")                                                                     \
  X(NOSEQ, "takes an older roster for a newer one")                                                                \
  X(NOSIG, "does not check the signatures of a roster")                                                            \
  X(ANYDEV, "takes a roster that any device in it has signed")                                                     \
  X(NOACCEPT, "lists a device that did not consent")                                                               \
  X(NOSTATIC, "takes a new device by its code alone")                                                              \
  X(NOAAD, "does not check the tag of the store")                                                                  \
  X(VBR, "a variable bit rate")

enum weakness_bit {
#define WEAK_BIT(name, text) WEAK_BIT_##name,
  WEAKNESSES(WEAK_BIT)
#undef WEAK_BIT
      WEAKNESS_COUNT
};
enum weakness {
#define WEAK_ENUM(name, text) WEAK_##name = UINT64_C(1) << WEAK_BIT_##name,
  WEAKNESSES(WEAK_ENUM)
#undef WEAK_ENUM
};

extern const bool weak_linked; /* this program is the twin */
extern uint64_t weak_active;   /* enum weakness: what is off now */

#endif
