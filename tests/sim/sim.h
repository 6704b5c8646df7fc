/* sim.h - whole calls in simulated time: two or more identities' cores, the real signaling server's core, a seeded
 * link. One loop carries out the same outputs that the engine carries out with threads and sockets; no sleeps,
 * no sockets, no clock. The same seed gives the same event log, whose hash sim_hash() is.
 */
#ifndef SIM_H
#define SIM_H
#include "engine/core.h"
#include "media/codec/codec.h"
#include "media/random.h"
#include "signaling/wire.h"

enum { SIM_PEERS = 6, SIM_LEGS = 24, SIM_SERVER = -1 };

struct sim_link {     /* each direction between two peers */
  usec delay, jitter; /* one way; uniform in +-jitter, so it reorders */
  double loss, duplicate;
};

struct sim_leg { /* what the shell keeps of one call */
  uint32_t call;
  bool used, gathered, connected, remote_known, relay_only;
  int remote_candidates;
  char ufrag[32], pwd[64], remote_ufrag[257];
  int other_peer, other_leg; /* whom the path leads to; -1: nobody yet */
  int generation;
  void *audio_encoder, *video_encoder, *video_decoder;
  struct playout *playout;
  bps audio_bitrate, video_bitrate;
  bool key_frame;
  usec next_audio, next_video, next_read;
  int64_t audio_frames_sent, video_frames_sent, video_frames_shown, samples_read, samples_heard;
  sotto_call_state state;
  sotto_gate gate;
  sotto_end_reason reason;
  sotto_sas sas;
  bool have_sas, secure, warned, wants_acknowledgement, gone, opened; /* opened: the gate was, once */
  int consent_asked;                                                  /* times */
  unsigned peer_media;
};

struct sim_peer {
  const char *name;
  struct trust *trust;
  struct core *core;
  bool connected, unplugged; /* to, and for good from, the signaling server */
  uint32_t connection;
  bool online;
  int saves, invite_failures, links, link_failures, identities, told, alarms[32], rings;
  sotto_status invite_status;
  uint32_t incoming; /* the newest call that rang; `rings` counts them */
  uint8_t tone[8];   /* what this peer says: the loudness of the eight blocks of a frame; 0: a hum */
  uint8_t mark[16];  /* the first luma bytes of what it shows */
  struct sim_leg leg[SIM_LEGS];
};

struct sim_options {
  sotto_policy policy;
  sotto_new_device new_device;
  usec cover;                /* mean interval of cover cells; 0: none */
  bool relay, relay_dead;    /* each has one, and a candidate on it unless it is dead */
  bool relay_only, no_media; /* no_media: nothing is encoded or read (faster, for signaling alone) */
};

/* Sees and may change each signaling message (from or to SIM_SERVER): false drops it. */
typedef bool sim_filter(void *user, int from, int to, uint8_t *message, size_t size);
/* The same for datagrams between peers. */
typedef bool sim_datagram_filter(void *user, int from, int to, uint8_t *data, size_t *size);

/* What a test adds to the loop: links in place of the simple one, devices, other traffic. */
struct sim_world {
  bool (*output)(void *user, int peer, const struct core_output *out); /* true: carried out */
  bool (*datagram)(void *user, int from, int to, uint32_t call, const uint8_t *data, size_t size); /* true: taken */
  void (*run)(void *user); /* does what is due at sim->now; sim_drain() after each input of a core */
  usec (*deadline)(void *user);
};

/* Each encoded frame that a peer's core hands to a decoder. */
typedef void sim_ear(void *user, int peer, uint32_t call, const uint8_t *frame, size_t size);

struct sim {
  uint64_t seed;
  struct random random;
  usec now;
  int64_t wall; /* Unix usec at time 0 */
  struct server *server;
  struct sim_peer peer[SIM_PEERS];
  int peers;
  struct sim_link link, signaling;
  bool path_broken, server_dead;
  struct sim_options options;
  sim_filter *filter;
  sim_datagram_filter *datagram_filter;
  sim_ear *ear;
  const struct sim_world *world;
  void *user;
  uint64_t hash;
  int64_t datagrams, media_datagrams; /* that were sent; those whose first byte says RTP or RTCP */
  struct sim_event *queue;            /* a heap of what is on its way */
  size_t queued, capacity;
  uint64_t order;
  bool verbose;
};

void sim_init(struct sim *sim, uint64_t seed, const struct sim_options *options);
void sim_deinit(struct sim *sim);
int sim_add(struct sim *sim, const char *name); /* its index */
/* The same with a store that is there already, which is the simulation's from now on. */
int sim_add_store(struct sim *sim, const char *name, struct trust *trust);
void sim_unplug(struct sim *sim, int peer);  /* it is off for good */
void sim_restart(struct sim *sim, int peer); /* the process dies and comes back: only its store is left */
/* One more device of `owner`'s identity, enrolled without a link: what the root signs and a copy of the contacts.
 */
int sim_add_device(struct sim *sim, int owner, const char *name);
/* The root takes a device off its list. */
void sim_revoke(struct sim *sim, int owner, int device);
void sim_run(struct sim *sim, usec span);
/* Runs until `done` or for at most `limit`; what `done` said. */
bool sim_run_until(struct sim *sim, bool done(struct sim *sim), usec limit);
void sim_drain(struct sim *sim, int peer); /* carries out what the peer's core has to say */
uint64_t sim_hash(const struct sim *sim);

struct sim_leg *sim_leg(struct sim *sim, int peer, uint32_t call);
void sim_id(struct sim *sim, int peer, sotto_id *id);
/* The pair's path fails: agents notice after the consent time-out. Mended: the next restart finds it. */
void sim_break_path(struct sim *sim, bool broken);
/* Invite, accept, both are contacts; asserts that it worked. */
void sim_introduce(struct sim *sim, int inviter, int joiner, unsigned flags);
/* `from` calls `to`, who accepts; runs until both are past binding; the handles. Asserts that it worked. */
void sim_call(struct sim *sim, int from, int to, unsigned media, uint32_t *from_call, uint32_t *to_call);

#endif
