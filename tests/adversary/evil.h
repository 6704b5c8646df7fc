/* evil.h - an adversary that owns the server, the relay and the path, and two identities of its own.
 *
 * An attack is one function. It sets the scene (real cores in simulated time), does what it does through the hooks
 * below, and says two things: expect() what each victim must have noticed and done, and won() when the attacker got
 * what it came for. The strong program must hold every expectation and never be beaten; in the twin, which lacks
 * the one defence that the attack names, the attacker must win. What the attacker could hear is checked by
 * itself: each victim says a pilot tone and shows a pilot mark of its own (sim.h), and evil_listen() looks for
 * them in everything that the attacker sees on the wire, decrypts, or gets played by its own cores.
 */
#ifndef EVIL_H
#define EVIL_H
#include <sys/types.h>

#include "engine/call/call_parts.h"
#include "engine/core_parts.h"
#include "signaling/pair.h"
#include "signaling/post.h"
#include "signaling/server/server.h"
#include "sim/sim.h"
#include "weak.h"

enum {
  ALICE,
  BOB,
  EVE,
  GRETA,
  WIRE,
  LISTENERS
}; /* two victims; the attacker's two identities; what it sees pass */
enum { VICTIMS = 2, PEOPLE = 4, TAPE_MAX = 2048 };

struct evil_record { /* one frame between a client and the server */
  int from, to;
  size_t size;
  uint8_t bytes[FRAME_PUT_SIZE];
};

struct evil;
typedef bool evil_message(struct evil *evil, int from, int to, uint8_t *message, size_t size);
typedef bool evil_datagram(struct evil *evil, int from, int to, uint8_t *data, size_t *size);

struct evil {
  struct sim sim;
  bool running, verbose;
  uint64_t seed;
  struct random random;       /* the attacker's own choices */
  evil_message *on_message;   /* false: the server keeps it */
  evil_datagram *on_datagram; /* false: the relay keeps it */
  void *state;                /* the attack's */
  struct evil_record *tape;   /* cells as the server saw them */
  int taped;
  int64_t heard[LISTENERS][VICTIMS], seen[LISTENERS][VICTIMS]; /* frames of this victim that the listener got */
  bool guest[LISTENERS][VICTIMS];                              /* it was invited to listen: the victim called it */
  uint32_t asked[PEOPLE]; /* bit n: the attack has asked about alarm n of this peer */
  bool beaten;
  char how[96], failed[160], events[320];
};

struct attack {
  const char *id, *tried;
  uint64_t weak; /* enum weakness: what the twin goes without; 0: no twin, the design leaves nothing to take away */
  void (*run)(struct evil *evil);
};

/* Each ends with an id of NULL. */
extern const struct attack attacks_signaling[], attacks_sas[], attacks_dtls[], attacks_path[], attacks_identity[],
    attacks_metadata[], attacks_roster[], attacks_link[], attacks_downgrade[];

struct evil_result {
  pid_t pid;
  bool done, beaten;
  char how[96], failed[160], events[320];
};
void evil_run(const struct attack *attack, uint64_t seed, bool verbose, struct evil_result *result);

/* ---- what an attack says ---- */

#define expect(evil, condition) evil_expect(evil, condition, #condition, __LINE__)
void evil_expect(struct evil *evil, bool holds, const char *condition, int line);
void won(struct evil *evil, bool is, const char *how); /* `how`, if it is so */
/* For the table: what a victim's counters show of it, where no event does. */
void evil_saw(struct evil *evil, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- scenes ---- */

/* The calls of the scenes to come have real DTLS in place of the stand-in. Its timers follow the wall clock: the
 * attack may not count on a retransmission. */
extern bool evil_real_dtls;

struct evil_call {
  uint32_t a, b; /* the handles at ALICE and BOB */
};

/* Alice, Bob and the attacker's identities, online; strangers yet. A scene before is taken down. */
void evil_scene(struct evil *evil, sotto_policy policy);
void evil_scene_of_friends(struct evil *evil,
                           sotto_policy policy); /* Alice and Bob, who have met, and nobody else */
void evil_admit(struct evil *evil);              /* the attacker's identities come along */
void evil_end_scene(struct evil *evil);
void evil_wait(struct evil *evil, usec span);
uint64_t evil_choose(struct evil *evil, uint64_t below);                         /* 0..below-1, by the seed */
struct evil_call evil_ring(struct evil *evil, int from, int to, unsigned media); /* b 0: it did not ring */
struct evil_call evil_talk(struct evil *evil, int from, int to, unsigned media); /* and it was accepted */
void evil_restart(struct evil *evil, int peer); /* the program is closed and started again: memory is lost */

/* ---- looking ---- */

struct sim_leg *evil_leg(struct evil *evil, int peer, uint32_t call); /* never NULL: a blank one */
struct call *evil_inside(struct evil *evil, int peer, uint32_t call); /* the core's; NULL: none */
bool evil_is_open(struct evil *evil, int peer, uint32_t call);
/* A victim's alarm that the attack never asks about, with this, fails the run. */
int evil_alarms(struct evil *evil, int peer, sotto_alarm alarm);
sotto_trust evil_trust(struct evil *evil, int peer, int whom);
struct contact *evil_contact(struct evil *evil, int peer, int whom); /* NULL: not met */
sotto_stats evil_stats(struct evil *evil, int peer, uint32_t call);
bool evil_overheard(const struct evil *evil); /* the attacker got a pilot that was not for it */
void evil_listen(struct evil *evil, int listener, const void *plain, size_t size);

/* ---- doing ---- */

/* A frame of the server's to a client, now. */
void evil_serve(struct evil *evil, int peer, const uint8_t *frame, size_t size);
/* A message of the attacker's own choice in its own call: it is a contact, so it authenticates. */
void evil_say(struct evil *evil, int peer, uint32_t call, const struct message *message);
void evil_say_bytes(struct evil *evil, int peer, uint32_t call, const uint8_t *message, size_t size);
/* The attacker's core stays out of its own call: everything it would do by itself is done by hand. */
void evil_take_over(struct evil *evil, int peer, uint32_t call);
bool evil_is_cell(size_t size); /* a frame that hands a cell to a client */

#endif
