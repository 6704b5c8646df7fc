/* core.h - one identity's calls, without a clock, thread, file or socket.
 *
 * Owns the signaling client, the invites under way and the calls; each call owns its Noise session, DTLS, SRTP
 * and media session. The engine (threads, libnice, sockets) and the simulator (one loop, a simulated link)
 * carry out the same outputs. After any input, drain core_poll() until it returns false, then sleep until
 * core_deadline().
 *
 * Calls are named by a handle, never 0 and never used twice. Functions that take a handle ignore one that is
 * gone: the shell's threads may be late.
 */
#ifndef CORE_H
#define CORE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../media/audio/playout.h"
#include "../media/session.h"
#include "../signaling/candidate.h"
#include "sotto.h"
#include "trust/trust.h"

struct core_config {
  struct trust *trust; /* the opened store's contents (trust/trust.h): borrowed, changed by the core */
  uint64_t seed;       /* of everything that is not key material */
  int64_t wall_offset; /* Unix time minus the monotonic clock, usec */
  sotto_policy policy;
  sotto_new_device new_device;
  bool relay; /* there is one: addresses are hidden until the peer is known, see call.h */
  bool relay_only, lan, browser_e2ee;
  bps max_bitrate; /* 0: default */
  bool constant_rate;
  int audio_samples;                    /* of each frame of sound; 0: each call's media session chooses */
  enum session_video_codec video_codec; /* that we would rather send */
  usec cover;                           /* the mean interval of cells in cover traffic; 0: none */
};

enum core_output_type {
  CORE_CONNECT,       /* connect to the signaling server now (again); then core_signaling_up() or _down() */
  CORE_DISCONNECT,    /* drop the signaling connection (the server misbehaves); no core_signaling_down() follows */
  CORE_SEND,          /* one binary message to the signaling server: data, size */
  CORE_SAVE,          /* trust changed: write the store before going on */
  CORE_EVENT,         /* for the embedder: event, with call = the handle (event.call is NULL) */
  CORE_ICE_START,     /* make an agent for `call` and gather: controlling, relay_only */
  CORE_ICE_REMOTE,    /* the peer's credentials: ufrag, pwd */
  CORE_ICE_CANDIDATE, /* one candidate of the peer's */
  CORE_ICE_RESTART,   /* new local credentials and candidates (core_ice_local() follows): relay_only */
  CORE_DATAGRAM,      /* send on the call's selected pair: data, size */
  CORE_AUDIO,         /* a received audio packet for the call's playout: data, size, seq, rtp_time, arrival */
  CORE_VIDEO,         /* an encoded frame for the call's video decoder: data, size, key, captured, render */
  CORE_ENCODER,   /* encoder targets: audio_bitrate, _samples and _loss, video_bitrate (0: do not encode), key_frame
                   */
  CORE_CALL_GONE, /* the call is over (its ENDED event went before): close its agent and workers */
};

struct core_output {
  enum core_output_type type;
  uint32_t call;
  const uint8_t *data; /* the core's memory, valid until the next call on the core */
  size_t size;
  struct sotto_event event;
  bool controlling, relay_only;
  char ufrag[257], pwd[257];
  struct candidate candidate;
  int64_t seq, rtp_time;
  usec arrival, captured, render;
  bool key, key_frame;
  bps audio_bitrate, video_bitrate;
  int audio_samples; /* of each frame of sound, 0: not known yet */
  int audio_loss;    /* per cent */
  bool audio_fec;    /* the codec's own, in-band */
  bool layered;      /* pictures, in two temporal layers */
};

struct core *core_new(const struct core_config *config); /* NULL: no memory */
void core_free(struct core *core);                       /* sends nothing more; see core_shutdown() */
bool core_poll(struct core *core, usec now, struct core_output *out);
usec core_deadline(const struct core *core);
void core_set_wall_offset(struct core *core, int64_t wall_offset);
void core_shutdown(struct core *core, usec now); /* hang up everything; drain, then free */

/* From the signaling connection. */
void core_signaling_up(struct core *core, usec now);
void core_signaling_down(struct core *core, usec now);
void core_signaling_input(struct core *core, usec now, const uint8_t *message, size_t size);

/* From a call's ICE agent. */
enum core_ice_state { CORE_ICE_CONNECTED, CORE_ICE_DISCONNECTED, CORE_ICE_FAILED };
struct core_ice_pair { /* the selected pair, for statistics and policy */
  enum candidate_type local, remote;
};
void core_ice_local(struct core *core, usec now, uint32_t call, const char *ufrag, const char *pwd);
void core_ice_local_candidate(struct core *core, usec now, uint32_t call, const struct candidate *candidate);
void core_ice_changed(struct core *core, usec now, uint32_t call, enum core_ice_state state,
                      const struct core_ice_pair *pair); /* pair with CONNECTED only */
/* data is decrypted in place. */
void core_datagram(struct core *core, usec now, uint32_t call, uint8_t *data, size_t size);

/* From the media workers. What the gate forbids is dropped and counted here, before it is a packet. */
void core_audio_encoded(struct core *core, usec now, uint32_t call, usec captured, const uint8_t *payload,
                        size_t size, int samples);
void core_video_encoded(struct core *core, usec now, uint32_t call, usec captured, const uint8_t *frame,
                        size_t size, bool key, int temporal_id);
void core_playout_delay(struct core *core, usec now, uint32_t call, usec delay);
void core_request_key_frame(struct core *core, usec now, uint32_t call); /* the decoder lost its way */

/* The embedder's commands; the meaning of each is in sotto.h. */
sotto_status core_invite_create(struct core *core, usec now, const char *name, unsigned flags, const char *url,
                                char *text, size_t size);
sotto_status core_invite_accept(struct core *core, usec now, const char *name, const char *text);
size_t core_contacts(struct core *core, sotto_contact *out, size_t max);
sotto_status core_contact_get(struct core *core, const sotto_id *id, sotto_contact *out);
sotto_status core_contact_rename(struct core *core, const sotto_id *id, const char *name);
sotto_status core_safety_number(struct core *core, const sotto_id *peer, char *text, size_t size);
sotto_status core_contact_verify_number(struct core *core, usec now, const sotto_id *peer, const char *digits);
sotto_status core_contact_verify_uri(struct core *core, usec now, const sotto_id *peer, const char *uri);
sotto_status core_contact_block(struct core *core, usec now, const sotto_id *id, bool blocked);
sotto_status core_contact_reset(struct core *core, usec now, const sotto_id *id, const char *last_digits);

sotto_status core_device_show(struct core *core, usec now, char *text, size_t size);
sotto_status core_device_add(struct core *core, usec now, const char *text);
size_t core_devices(struct core *core, sotto_device *out, size_t max);
sotto_status core_device_revoke(struct core *core, usec now, const char *id);

sotto_status core_identity_rotate(struct core *core, usec now);
sotto_status core_identity_end(struct core *core, usec now);

sotto_status core_call_start(struct core *core, usec now, const sotto_id *peer, unsigned media, uint32_t *call);
sotto_status core_call_accept(struct core *core, usec now, uint32_t call, unsigned media);
sotto_status core_call_decline(struct core *core, usec now, uint32_t call);
sotto_status core_contact_evidence(struct core *core, const sotto_id *id, uint8_t *out, size_t *size);
sotto_status core_call_acknowledge(struct core *core, usec now, uint32_t call);
sotto_status core_call_consent(struct core *core, usec now, uint32_t call);
sotto_status core_call_compare(struct core *core, usec now, uint32_t call);
sotto_status core_call_confirm(struct core *core, usec now, uint32_t call, bool sas_matches);
sotto_status core_call_set_media(struct core *core, usec now, uint32_t call, unsigned media);
sotto_status core_call_set_max_bitrate(struct core *core, usec now, uint32_t call, bps bitrate);
sotto_status core_call_restart_ice(struct core *core, usec now, uint32_t call);
void core_call_hangup(struct core *core, usec now, uint32_t call);
/* The fields that the core knows; those of playout, encoders and decoders are the shell's. */
sotto_status core_call_stats(struct core *core, usec now, uint32_t call, sotto_stats *stats);
/* The formats of both ends' pictures; true from CONNECTING on. */
bool core_call_codecs(struct core *core, uint32_t call, enum session_video_codec *ours,
                      enum session_video_codec *theirs);
/* sotto_call_free(): no more events for it. */
void core_call_forget(struct core *core, usec now, uint32_t call);

#endif
