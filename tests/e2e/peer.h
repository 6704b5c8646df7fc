/* peer.h - one end of a call for a test, as an embedder would write it: takes events, writes a tone and a moving
 * picture with a counter in it, and measures what it hears and sees.
 */
#ifndef E2E_PEER_H
#define E2E_PEER_H
#include "engine/sotto.h"
#include "server.h"

enum { PEER_WIDTH = 320, PEER_HEIGHT = 240, PEER_BLOCK = 480 };

struct peer {
  const char *name;
  char store[512];
  sotto_engine *engine;
  sotto_call *call; /* the newest one, ours until peer_drop() */
  double tone;      /* Hz, what it says */
  bool speaks, shows;

  /* what was learnt from events */
  bool online, incoming, consent, sas_shown, secure, unverified, has_contact, invite_failed;
  sotto_id contact;
  sotto_trust trust;
  sotto_call_state state;
  sotto_gate gate;
  sotto_end_reason reason;
  sotto_sas sas;
  bool verified, sas_local, sas_remote;
  unsigned peer_media;
  unsigned alarms; /* bit i: alarm i */

  /* what was heard and seen since peer_listen() */
  int16_t heard[48000];
  int heard_count; /* the newest fill the ring */
  int64_t pictures, picture_errors;
  int last_counter;
  int phase, frames;
};

void peer_open(struct peer *peer, const char *name, const char *directory, const struct server *server,
               sotto_policy policy);
/* The same, and its pictures are to be of this format. */
void peer_open_showing(struct peer *peer, const char *name, const char *directory, const struct server *server,
                       sotto_policy policy, sotto_video_codec codec);
void peer_close(struct peer *peer);
void peer_listen(struct peer *peer); /* forgets what was heard and seen */
void peer_drop(struct peer *peer);   /* frees its call and forgets it */
/* How much of the last half second is a tone of `hz`: 0..1; 0 too when it was silent. */
double peer_hears(const struct peer *peer, double hz);
bool peer_hears_silence(const struct peer *peer);

/* Lets time pass for both (either may be NULL), 10 ms a step, until done() or `ms` are over; its result. */
bool peers_run(struct peer *a, struct peer *b, bool done(const struct peer *, const struct peer *), int ms);

#endif
