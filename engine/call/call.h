/* call.h - one call, from the first knock to the end: a state machine that is told the time (protocol B.3, D).
 *
 *   caller                                    callee
 *   KNOCKING --HELLO, OFFER out--> OFFERED    HELLOED (unseen) --OFFER--> RINGING --accept, ANSWER out--> ANSWERED
 *   OFFERED --ANSWER in, CONFIRM out--,       ANSWERED --CONFIRM in--,
 *                                     CONNECTING --a pair--> SECURING --DTLS--> BINDING --BIND equal--> GATED, OPEN
 *   GATED <--the gate (gate.c)--> OPEN        GATED, OPEN <--path lost, found--> RECONNECTING
 *   any --> ENDED
 *
 * The caller forks: one leg (a channel and an OFFER of its own) for each of the contact's devices until one of them
 * answers; that leg remains, the others are canceled. The callee has one leg, the caller's device.
 *
 * Addresses (protocol F): with a relay, both agents use nothing else before the callee has answered, and towards a
 * contact who is not verified until they are. Then an ICE restart finds the direct path while the relayed one
 * serves.
 *
 * call_state.h has each state's time-out and every transition there is. The call owns its sealed channels, its
 * certificate and its transport; the contact is borrowed. It decides nothing about media: the gate does.
 */
#ifndef CALL_H
#define CALL_H
#include "../../media/random.h"
#include "../trust/sas.h"
#include "../trust/trust.h"
#include "binding.h"
#include "call_state.h"
#include "channel.h"
#include "codecs.h"
#include "description.h"
#include "end_reason.h"
#include "gate.h"
#include "outbox.h"
#include "spare_certificate.h"
#include "transport.h"

/* No path by the relay for so long: with a verified contact, look without it. */
#define CALL_RELAY_PATIENCE SEC(5)
#define CALL_UNSEEN_ALARM   SEC(10) /* alarms of knocks that have not rung come at most this often */
enum { CALL_ALARMS_MAX = 4 };       /* of one kind in one call: a peer must not flood its user's screen */

struct call_env { /* what all calls of one identity share; borrowed */
  struct trust *trust;
  struct client *client;
  struct outbox *outbox;
  struct call *const *calls; /* all there are: of two that cross, one gives way */
  struct random random;
  int64_t wall_offset;
  int64_t first_wall_offset; /* as it was when the engine began */
  uint32_t caps;             /* ours, enum wire_caps: BROWSER is of who plays a page alone */
  sotto_policy policy;
  sotto_new_device new_device;
  bool relay, relay_only, lan, browser_e2ee;
  bps max_bitrate;
  bool constant_rate;
  int audio_samples;
  enum session_video_codec video_codec; /* that we would rather send */
  usec next_unseen_alarm;               /* of knocks that have not rung */
  struct spare_certificate spare;       /* the next call's */
};

struct call_leg { /* one of their devices */
  struct channel channel;
  struct roster_head ours, theirs;      /* as both said in the handshake */
  struct roster_head known;             /* ours, as they know it */
  bool page;                            /* one end of it is a page in a browser (page.h) */
  bool server;                          /* of DTLS, we */
  bool sealed;                          /* with a page: its frames and ours are sealed end to end (frame_seal.h) */
  struct dtls_certificate *certificate; /* to a page: this session's alone; NULL: the call's */
  uint8_t fingerprint[HASH_SIZE];       /* of that one */
  struct format_list formats;           /* with a page: what was offered, then what was answered */
  bool offered;
  int candidates_told; /* of ours, in its OFFER */
  unsigned media_told; /* what it knows of ours */
  uint8_t offer_hash[HASH_SIZE];
};

struct call_ice { /* one side's; `generation` counts restarts */
  uint8_t generation;
  char ufrag[ICE_TEXT_MAX + 1], pwd[ICE_TEXT_MAX + 1];
  struct candidate candidate[CANDIDATES_MAX];
  int candidates, told; /* ours: how many the peer knows of */
};

struct call {
  struct call *next;
  uint32_t handle;
  struct call_env *env;
  struct contact *contact;
  sotto_id peer;
  bool outgoing; /* Noise initiator, DTLS server but to a page, ICE controlling */
  bool forgotten, gone;
  enum call_state state;
  usec deadline; /* of the state */
  sotto_end_reason reason;

  struct call_leg *leg[ROSTER_MAX_DEVICES]; /* leg[0] is the only one from ANSWER on, and always there until GONE */
  int legs;
  usec hello_due;
  bool hello_pending, auto_accept;
  uint8_t call_id[CALL_ID_SIZE], answer_hash[HASH_SIZE];
  unsigned media, peer_media;
  uint8_t media_generation, peer_media_generation;

  struct dtls_certificate *certificate;
  struct call_description ours, theirs;
  bool ice_started, ice_connected, restart_pending;
  bool hidden;   /* the newest generation of ours has relayed candidates only */
  bool ice_lost; /* the agent had, or looked for, a path and has none */
  struct call_ice local, remote;
  struct core_ice_pair pair;

  struct transport transport;
  struct message bind_ours, bind_theirs;
  bool bind_sent, bind_received, dtls_complete;
  uint8_t bind_sealed[CHANNEL_DATAGRAM_MAX]; /* ours, as it was sent */
  size_t bind_sealed_size;
  int64_t rehandshakes_seen;

  struct gate_facts facts;
  enum gate_want want;
  usec gated_until; /* 0: never gated yet */
  bool warned;
  sotto_gate gate;
  struct sas sas;
  bool sas_ready; /* the transcript is final */
  usec sas_deadline;

  usec started;       /* for set-up times: start or accept */
  uint8_t alarms[32]; /* told, of each kind */
  sotto_stats stats;  /* set-up times, and everything else once the transport is gone */
};

/* A call to all of the contact's devices; knocks at once. NULL: no memory. */
struct call *call_dial(struct call_env *env, uint32_t handle, struct contact *contact, unsigned media, usec now);
/* A knock that authenticates as the contact's, or NULL. It is not seen until its OFFER comes. */
struct call *call_knocked(struct call_env *env, uint32_t handle, struct contact *contact, const struct cell *knock,
                          usec now);
void call_free(struct call *call);
/* Our own call to them that nobody has answered; NULL: there is none. */
struct call *call_find_dialing(const struct call_env *env, const struct contact *contact);
/* Of two calls that cross, the one that the lower ID began survives: is that theirs? */
bool call_gives_way(const struct call_env *env, const struct contact *contact);

/* Is this cell of one of its legs? */
bool call_has_session(const struct call *call, const uint8_t session[SESSION_SIZE]);
/* What became of a DATA cell; TAKEN for others. */
enum channel_verdict call_cell(struct call *call, usec now, const struct cell *cell);
void call_ice_local(struct call *call, usec now, const char *ufrag, const char *pwd);
void call_ice_local_candidate(struct call *call, usec now, const struct candidate *candidate);
void call_ice_changed(struct call *call, usec now, enum core_ice_state state, const struct core_ice_pair *pair);
void call_datagram(struct call *call, usec now, uint8_t *data, size_t size);

sotto_status call_accept(struct call *call, usec now, unsigned media);
sotto_status call_consent(struct call *call, usec now);
sotto_status call_acknowledge(struct call *call, usec now);
sotto_status call_compare(struct call *call, usec now);
sotto_status call_confirm(struct call *call, usec now, bool matches);
sotto_status call_set_media(struct call *call, usec now, unsigned media);
sotto_status call_restart_ice(struct call *call, usec now);
/* Tells the peer what fits the state (HANGUP, CANCEL, DECLINE) and ends. */
void call_end(struct call *call, usec now, sotto_end_reason reason);
/* The contact's trust or devices changed: the gate is asked again (D.2), a revoked device is hung up on. */
void call_trust_changed(struct call *call, usec now);
void call_stats(struct call *call, usec now, sotto_stats *stats);

/* Media and DTLS packets; what is queued in the outbox goes first. GONE comes out once, at the very end. */
bool call_poll(struct call *call, usec now, struct core_output *out);
usec call_deadline(const struct call *call);

#endif
