/* sotto.h - end-to-end-encrypted voice and video calls. The whole public API.
 *
 * One sotto_engine per local identity, one sotto_call per conversation. The
 * engine runs its own thread and never calls you back on it (the log sink is
 * the one exception): you take events with sotto_engine_next_event() on a
 * thread of your choice, and move media with sotto_{audio,video}_{write,read}().
 *
 * Threads:   every function may be called from any thread. Each media function
 *            expects one caller at a time per call and direction.
 * Ownership: inputs are copied before the function returns. Outputs go into
 *            memory you pass. What a *_new/_start gives you, a *_free takes.
 * Structs:   set .size (or use the _INIT macro); a zero field means default.
 * Time:      int64_t microseconds, monotonic unless said otherwise.
 *            Rates: int64_t bits per second.
 */
#ifndef SOTTO_H
#define SOTTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SOTTO_API     __attribute__((visibility("default")))
#define SOTTO_CHECKED __attribute__((warn_unused_result))
#else
#define SOTTO_API
#define SOTTO_CHECKED
#endif

#define SOTTO_VERSION_MAJOR 0
#define SOTTO_VERSION_MINOR 1
#define SOTTO_VERSION_PATCH 0

typedef struct sotto_engine sotto_engine;
typedef struct sotto_call sotto_call;

typedef enum sotto_status {
  SOTTO_OK = 0,
  SOTTO_ERR_INVALID = -1, /* argument outside its documented domain */
  SOTTO_ERR_STATE = -2,   /* not in this state of the call */
  SOTTO_ERR_NOMEM = -3,
  SOTTO_ERR_FULL = -4,       /* queue full: drop or retry, nothing was taken */
  SOTTO_ERR_SPACE = -5,      /* your buffer is too small */
  SOTTO_ERR_CRYPTO = -6,     /* the system's crypto or random source failed */
  SOTTO_ERR_SYSTEM = -7,     /* socket, file or thread could not be made */
  SOTTO_ERR_VERSION = -8,    /* .size names a struct this library is too old for */
  SOTTO_ERR_PASSPHRASE = -9, /* the store does not open with it */
  SOTTO_ERR_CORRUPT = -10,   /* the store is damaged or was tampered with: nothing was loaded */
  SOTTO_ERR_NOT_FOUND = -11, /* no such contact */
  SOTTO_ERR_EXPIRED = -12,   /* the invite is past its date */
  SOTTO_ERR_TRUST = -13,     /* the contact is unknown, changed or revoked */
} sotto_status;

/* ---- library ---------------------------------------------------------- */

typedef enum sotto_log_level { SOTTO_LOG_ERROR, SOTTO_LOG_WARN, SOTTO_LOG_INFO, SOTTO_LOG_DEBUG } sotto_log_level;

/* One line without a line break, from any thread; never an address or a key at INFO and above.
 * Must not call back into sotto. */
typedef void sotto_log_fn(void *user, sotto_log_level level, const char *line);

SOTTO_API unsigned sotto_version(void); /* 0x00MMmmpp of the library linked */
SOTTO_API const char *sotto_status_text(sotto_status status);
/* Process-wide; fn NULL (the default) logs nothing. Call it before the first engine. */
SOTTO_API void sotto_set_log(sotto_log_level max, sotto_log_fn *fn, void *user);

/* ---- identity and engine ---------------------------------------------- */

typedef struct sotto_id { /* a person: their root public key (Ed25519) */
  uint8_t bytes[32];
} sotto_id;

#define SOTTO_ID_TEXT_SIZE       72 /* "sotto1..." bech32m (BIP-350), with the NUL */
#define SOTTO_CONTACT_URI_SIZE   80 /* "SOTTO:C/..." for a QR code */
#define SOTTO_SAFETY_NUMBER_SIZE 72 /* 12 groups of 5 digits, spaces between, NUL */
#define SOTTO_NAME_SIZE          64 /* a petname, UTF-8, with the NUL */

SOTTO_API sotto_status sotto_id_format(const sotto_id *id, char *text, size_t size);
/* Takes the text or the contact URI, in either case. */
SOTTO_API SOTTO_CHECKED sotto_status sotto_id_parse(const char *text, sotto_id *out);
SOTTO_API sotto_status sotto_id_uri(const sotto_id *id, char *text, size_t size);

/* what a call with someone never compared may do */
typedef enum sotto_policy {
  SOTTO_POLICY_SAS_FIRST = 0,    /* a short voice call to compare words, no more */
  SOTTO_POLICY_REQUIRE_VERIFIED, /* nothing until compared over another channel */
  SOTTO_POLICY_WARN,             /* everything, with a lasting warning */
} sotto_policy;

/* a verified contact calls from a device that their root key has signed for since */
typedef enum sotto_new_device {
  SOTTO_NEW_DEVICE_ASK = 0, /* the gate waits for sotto_call_acknowledge() */
  SOTTO_NEW_DEVICE_SHOW,    /* an alarm tells, and no more */
} sotto_new_device;

/* The format of the pictures that we send, where the peer takes it; either end decides for its own. VP8 (RFC 6386)
 * costs the processor less, most of all in key frames; VP9 looks better where the network carries little. */
typedef enum sotto_video_codec { SOTTO_VP8, SOTTO_VP9 } sotto_video_codec;

typedef struct sotto_config {
  uint32_t size;
  const char *store_path;       /* required; a directory, made with the identity on first use (mode 0700) */
  const char *store_passphrase; /* required, not empty; wiped from the library's memory after opening */
  const char *signaling_url;    /* wss://host[:port], or ws:// (cells are sealed either way); NULL: stay offline,
                                    to look at the store alone */
  const char *ca_file;          /* PEM of the authorities to trust for wss; NULL: the system's */
  const char *stun_server;      /* "host:port"; NULL: none */
  const char *turn_server;      /* "host:port", UDP; NULL: no relay. With one, calls begin on it, and only VERIFIED
                                    contacts who answered learn other addresses: a direct path then takes over */
  const char *turn_user, *turn_password;
  bool relay_only;           /* relayed candidates only: the peer learns no address (its relay may: SECURITY.md) */
  const char *local_address; /* numeric: use this address only; NULL: every interface but loopback */
  bool lan;                  /* allow private and loopback addresses as the peer's candidates */
  sotto_policy policy;
  sotto_new_device new_device;
  int audio_frame_ms;  /* 10, 20 or 60; 0 (default): 20, and 10 where the rate has plenty or packets are lost */
  int64_t max_bitrate; /* of what a call sends, bit/s; default 2500000 */
  int cover; /* cover traffic: sealed cells a minute on average, 6..600; 0 (default): none. Cells then leave at
                random times whatever happens, and the server can't tell a call, or how it ended, from none. Each
                message of a call waits for its time: at 120, connecting takes some 3 s longer */
  bool constant_rate; /* what a call sends has the same sizes and times whatever is said and shown: 20 ms frames
                         only,  some 0.1 Mbit/s of sound and 0.3 or more of video, also when nothing moves */
  bool browser_e2ee;  /* with a page in a browser, frames are sealed end to end inside SRTP (RFC 9605) whenever the
                         page can; true: one that can't is not called, and does not ring */
  sotto_video_codec video_codec; /* default: VP8 */
} sotto_config;

#define SOTTO_CONFIG_INIT                                                                                          \
  { .size = sizeof(sotto_config) }

/* Opens or makes the store (up to a second: the passphrase is stretched by Argon2id) and starts the engine's
 * thread. It is ONLINE later, see events. */
SOTTO_API SOTTO_CHECKED sotto_status sotto_engine_new(const sotto_config *config, sotto_engine **out);
/* Hangs up its calls and stops, within 500 ms. Free the calls first; a call freed later is an error. */
SOTTO_API void sotto_engine_free(sotto_engine *engine);
SOTTO_API void sotto_engine_id(const sotto_engine *engine, sotto_id *out);

/* ---- contacts --------------------------------------------------------- */

typedef enum sotto_trust {
  SOTTO_TRUST_UNKNOWN,  /* never met: their calls do not ring */
  SOTTO_TRUST_TOFU,     /* the key of the first contact, never compared */
  SOTTO_TRUST_VERIFIED, /* a person compared */
  SOTTO_TRUST_CHANGED,  /* not the key it was: shut until you reset it */
  SOTTO_TRUST_REVOKED,  /* blocked by you, or its owner declared it dead */
} sotto_trust;

/* how a contact was verified, best first */
typedef enum sotto_method {
  SOTTO_METHOD_NONE,
  SOTTO_METHOD_QR,            /* scanned in person */
  SOTTO_METHOD_SAFETY_NUMBER, /* 60 digits compared */
  SOTTO_METHOD_SAS,           /* the words of a call */
} sotto_method;

typedef struct sotto_contact {
  uint32_t size;
  sotto_id id;
  char name[SOTTO_NAME_SIZE]; /* your petname for them; never from the server */
  sotto_trust trust;
  sotto_method method;
  int64_t verified_at; /* Unix seconds, 0: never */
  bool rotated;        /* CHANGED, and both keys say so: safety number and reset are of the new one */
  bool untold;         /* some device of theirs has not acknowledged sotto_identity_rotate() or _end() yet */
} sotto_contact;

#define SOTTO_CONTACT_INIT                                                                                         \
  { .size = sizeof(sotto_contact) }

#define SOTTO_INVITE_TEXT_SIZE 320
#define SOTTO_INVITE_IN_PERSON 1u /* lives 2 minutes; whoever scans it has verified you */

/* A one-time invite for one person, whom you will know as `name`. Remote ones live 24 hours. Whoever holds the
 * text can use it once; send it over a channel that you trust. The inviter's engine must be online for it to
 * be accepted (a server keeps the joiner's cells for a minute). */
SOTTO_API SOTTO_CHECKED sotto_status sotto_invite_create(sotto_engine *engine, const char *name, unsigned flags,
                                                         char *text, size_t size);
/* Starts the first contact; CONTACT or INVITE_FAILED follows within 60 s. */
SOTTO_API SOTTO_CHECKED sotto_status sotto_invite_accept(sotto_engine *engine, const char *name, const char *text);

/* Fills at most `max` entries (each with .size set by you in [0] only); returns how many there are in all. */
SOTTO_API size_t sotto_contacts(sotto_engine *engine, sotto_contact *out, size_t max);
SOTTO_API sotto_status sotto_contact_get(sotto_engine *engine, const sotto_id *id, sotto_contact *out);
SOTTO_API sotto_status sotto_contact_rename(sotto_engine *engine, const sotto_id *id, const char *name);
/* The 60 digits that both of you see (Signal's numeric fingerprint, version 0). */
SOTTO_API sotto_status sotto_safety_number(sotto_engine *engine, const sotto_id *peer, char *text, size_t size);
/* You compared all 60 digits with the person: they are VERIFIED. `digits` is what you were told, spaces ignored;
 * a difference is SOTTO_ERR_TRUST, an ALARM event, and changes nothing. */
SOTTO_API sotto_status sotto_contact_verify_number(sotto_engine *engine, const sotto_id *peer, const char *digits);
/* You scanned their contact QR in person. A mismatch is SOTTO_ERR_TRUST and an ALARM event. */
SOTTO_API sotto_status sotto_contact_verify_uri(sotto_engine *engine, const sotto_id *peer, const char *uri);
SOTTO_API sotto_status sotto_contact_block(sotto_engine *engine, const sotto_id *id, bool blocked);
/* From CHANGED back to TOFU: the last six digits of the safety number prove that you looked. After a rotation the
 * contact has the new ID from here on. STATE: not CHANGED; or two keys claim to be the new one, or you have met the
 * new one by itself: meet them anew. */
SOTTO_API sotto_status sotto_contact_reset(sotto_engine *engine, const sotto_id *id, const char *last_digits);
#define SOTTO_EVIDENCE_SIZE 4096
/* After ROSTER_FORK: the two statements that contradict each other, both signed by the contact's root key, for
 * anybody to check. NOT_FOUND: there is none. `size` has the room, and then what was written. */
SOTTO_API sotto_status sotto_contact_evidence(sotto_engine *engine, const sotto_id *id, uint8_t *out, size_t *size);
/* Needs neither engine nor store. OK: this root signed both. TRUST: it proves nothing. */
SOTTO_API sotto_status sotto_evidence_check(const sotto_id *id, const uint8_t *evidence, size_t size);

/* ---- devices: several of one identity --------------------------------- */

/* The store that made the identity is its primary: it alone has the root key, and so adds and revokes. The others
 * have the contacts of the day they were linked; whom you meet later on one device, the others do not know. */
#define SOTTO_DEVICE_TEXT_SIZE 176 /* "SOTTO:D/..." for a QR code, with the NUL */
#define SOTTO_DEVICE_ID_SIZE   17  /* 16 hexadecimal digits and the NUL */

typedef struct sotto_device {
  uint32_t size;
  char id[SOTTO_DEVICE_ID_SIZE];
  bool here;    /* this store */
  bool primary; /* and it has the root key; of other devices nobody knows */
} sotto_device;

#define SOTTO_DEVICE_INIT                                                                                          \
  { .size = sizeof(sotto_device) }

/* New device: a fresh store (STATE: this one has met somebody) offers itself for ten minutes. LINKED or LINK_FAILED
 * follows. Then it is a device of the identity that took it, and its own is gone: show the user whose it is. */
SOTTO_API SOTTO_CHECKED sotto_status sotto_device_show(sotto_engine *engine, char *text, size_t size);
/* What a device's code says, to ask the user before it is added. */
SOTTO_API SOTTO_CHECKED sotto_status sotto_device_parse(const char *text, char id[SOTTO_DEVICE_ID_SIZE]);
/* Primary: takes the device, signs for it and gives it the contacts; both are online. LINKED or LINK_FAILED
 * follows. Contacts are told one a second as far as they are online, the others with the next call. */
SOTTO_API SOTTO_CHECKED sotto_status sotto_device_add(sotto_engine *engine, const char *text);
/* Fills at most `max` entries (with .size set by you in [0] only); returns how many there are in all. */
SOTTO_API size_t sotto_devices(sotto_engine *engine, sotto_device *out, size_t max);
/* Primary: for good. Contacts are told at once, as far as they are online, and hang up on it. Of a store that was
 * restored and is not signed for yet: it goes in the step that signs for this device, and makes room for it. */
SOTTO_API sotto_status sotto_device_revoke(sotto_engine *engine, const char *id);

/* ---- the end of an identity ------------------------------------------- */

/* Primary, with no other device, call, link or first contact under way (STATE): from now on we are a new root key
 * and a new device, with the same contacts; open invites are void. IDENTITY says the new ID, at once. The old key
 * and the new one sign that they belong together, and contacts are told, one a second, and again each minute while
 * their devices have not acknowledged it: TOLD. To them we are CHANGED until they compare the new safety number and
 * reset; whatever they had verified, they verify again. There is no way back. Make a new backup. */
SOTTO_API SOTTO_CHECKED sotto_status sotto_identity_rotate(sotto_engine *engine);
/* Primary (STATE elsewhere, and a second time): this identity is dead, for good and on all of its devices. Calls
 * end, nobody can be called or met any more, contacts are told as above and keep us as REVOKED. For when the root
 * key is in somebody else's hands. */
SOTTO_API SOTTO_CHECKED sotto_status sotto_identity_end(sotto_engine *engine);

/* ---- backup: what survives the loss of the primary -------------------- */

#define SOTTO_BACKUP_CODE_SIZE 40 /* 8 groups of four characters: 128 bits and a checksum; with the NUL */
#define SOTTO_BACKUP_REPLACE   1u /* write over a file of that name */

/* Primary (STATE elsewhere, and when a file of that name is there and may not be replaced): the root key and the
 * contacts, their devices and how they were verified, into a new file (0600) that opens with `code` alone. Show the
 * code once and forget it; it is nowhere else. No device keys, no calls. Make a new backup whenever you have met
 * somebody, or added or revoked a device. SYSTEM: not written, and what was there is as it was. */
SOTTO_API SOTTO_CHECKED sotto_status sotto_backup_export(sotto_engine *engine, const char *path, unsigned flags,
                                                         char *code, size_t size);
/* Makes a store at config->store_path, where there must be none (STATE), with config->store_passphrase. INVALID: a
 * slip in the code; PASSPHRASE: another backup's code; CORRUPT: damaged, NOT_FOUND: no file; nothing was made then.
 * The store has new device keys: once its engine is online and a contact or another device of yours has answered
 * what it knows of your devices, the root signs for it and revokes the device that made the backup; LINKED follows,
 * and until then there are no calls. LINK_FAILED, FULL: eight other devices stand there; revoke one. */
SOTTO_API SOTTO_CHECKED sotto_status sotto_backup_restore(const sotto_config *config, const char *path,
                                                          const char *code);

/* ---- events: pulled, never pushed ------------------------------------- */

typedef enum sotto_event_type {
  SOTTO_EVENT_ONLINE = 1,    /* signaling is up */
  SOTTO_EVENT_OFFLINE,       /* signaling is down; calls go on, retry is automatic */
  SOTTO_EVENT_CONTACT,       /* .peer is new or its .trust changed */
  SOTTO_EVENT_INVITE_FAILED, /* .status says why: EXPIRED, NOT_FOUND (nobody answered), TRUST (refused) */
  SOTTO_EVENT_INCOMING,      /* a call rings: accept or decline it, free it at the end */
  SOTTO_EVENT_CALL_STATE,    /* .state changed */
  SOTTO_EVENT_GATE,          /* .gate changed */
  SOTTO_EVENT_SECURE,        /* bound to the identities: .verified, .binding, .sealed, .profile, .cipher */
  SOTTO_EVENT_UNVERIFIED,    /* goes on with someone never compared: keep a warning on screen */
  SOTTO_EVENT_CONSENT,       /* may you talk to someone unverified, to compare words? sotto_call_consent() */
  SOTTO_EVENT_SAS,           /* compare .sas with the peer, then sotto_call_confirm() */
  SOTTO_EVENT_SAS_RESULT,    /* .local and .remote answers; shown, the remote one never adopted */
  SOTTO_EVENT_PEER_MEDIA,    /* the peer turned audio or video on or off: .media */
  SOTTO_EVENT_ALARM,         /* something that only an attacker or a fault does; .alarm says what */
  SOTTO_EVENT_NEW_DEVICE,    /* the call is with a device that is new to you: sotto_call_acknowledge() */
  SOTTO_EVENT_LINKED,        /* the new device, or this restored one, is one of ours: .peer is the identity */
  SOTTO_EVENT_LINK_FAILED,   /* .status says why: EXPIRED, NOT_FOUND (nobody answered), TRUST (refused), FULL */
  SOTTO_EVENT_IDENTITY,      /* .peer is who we are from now on; .trust REVOKED: it is the end of this identity */
  SOTTO_EVENT_TOLD,          /* all known devices of .peer have acknowledged a new identity of ours, or our end */
} sotto_event_type;

typedef enum sotto_call_state {
  SOTTO_CALL_DIALING = 1, /* looking for the peer's device */
  SOTTO_CALL_RINGING,
  SOTTO_CALL_CONNECTING, /* ICE */
  SOTTO_CALL_SECURING,   /* DTLS */
  SOTTO_CALL_BINDING,    /* DTLS bound to the identities */
  SOTTO_CALL_GATED,      /* secure, but the policy waits for a person */
  SOTTO_CALL_OPEN,
  SOTTO_CALL_RECONNECTING,
  SOTTO_CALL_ENDED,
} sotto_call_state;

/* what may leave or enter, both ways, now */
typedef enum sotto_gate { SOTTO_GATE_SHUT, SOTTO_GATE_AUDIO_UNVERIFIED, SOTTO_GATE_OPEN } sotto_gate;

typedef enum sotto_end_reason {
  SOTTO_END_NONE,
  SOTTO_END_HANGUP,   /* either side hung up */
  SOTTO_END_CANCELED, /* the caller gave up before an answer */
  SOTTO_END_DECLINED,
  SOTTO_END_BUSY,
  SOTTO_END_NO_ANSWER,   /* it rang for 60 s */
  SOTTO_END_UNREACHABLE, /* no device answered within 30 s, or no path was found within 20 s */
  SOTTO_END_LOST,        /* the path died and did not come back within 30 s */
  SOTTO_END_TIMEOUT,     /* DTLS or the binding did not finish within 10 s */
  SOTTO_END_UNVERIFIED,  /* words were not compared in time */
  SOTTO_END_SECURITY,    /* an ALARM event says what */
  SOTTO_END_INTERNAL,
  SOTTO_END_ELSEWHERE, /* another of your devices took it */
} sotto_end_reason;

/* stable numbers (protocol D.8) */
typedef enum sotto_alarm {
  SOTTO_ALARM_NONE = 0,
  SOTTO_ALARM_AUTH_FAIL = 1, /* a cell for us did not authenticate */
  SOTTO_ALARM_REPLAY = 2,
  SOTTO_ALARM_SIGNALING_GAP = 3, /* the server lost or held back a message for 10 s */
  SOTTO_ALARM_BIND_MISMATCH = 4, /* the media keys are not the peer's */
  SOTTO_ALARM_FP_MISMATCH = 5,   /* a DTLS certificate that the peer did not announce */
  SOTTO_ALARM_FP_CHANGED = 6,
  SOTTO_ALARM_NO_EMS = 7,
  SOTTO_ALARM_PROFILE_DOWNGRADE = 8,
  SOTTO_ALARM_DTLS_REHANDSHAKE = 9, /* blocked; the call goes on */
  SOTTO_ALARM_SAS_MISMATCH = 10,
  SOTTO_ALARM_SAS_ABORTED = 11,
  SOTTO_ALARM_SAS_COMMIT_BAD = 12,
  SOTTO_ALARM_INVITE_REUSED = 13,    /* somebody else held the invite too */
  SOTTO_ALARM_ID_MISMATCH = 14,      /* a scanned code or read number is not this contact's */
  SOTTO_ALARM_IDENTITY_CHANGED = 15, /* .peer has a new root key, and both keys say so */
  SOTTO_ALARM_ROSTER_CHANGED = 16, /* .devices_added, .devices_revoked of a contact's, signed by their root; both 0:
                                      they say so and sent no proof, and there is no call */
  SOTTO_ALARM_ROSTER_STALE = 17,   /* a contact's list of devices older than we know: ignored, and they are told */
  SOTTO_ALARM_ROSTER_FORK = 18,    /* their root signed two histories: sotto_contact_evidence() */
  SOTTO_ALARM_SELF_ROSTER_ROLLBACK = 19, /* a contact knows a newer list of our devices than we do */
  SOTTO_ALARM_SELF_ROSTER_FORK = 20,     /* a contact knows another one, or a new root key that we did not make:
                                            somebody else signs with ours */
  SOTTO_ALARM_DEVICE_REVOKED = 21,       /* a device that its owner revoked, in a call or knocking */
  SOTTO_ALARM_STORE_ROLLBACK = 22,       /* the store is older than it was */
  SOTTO_ALARM_STORE_UNSAVED = 23,        /* what changed can't be written; it is tried again */
} sotto_alarm;

enum { SOTTO_AUDIO = 1, SOTTO_VIDEO = 2 }; /* bits of .media */

typedef enum sotto_content { SOTTO_CONTENT_CAMERA = 0, SOTTO_CONTENT_SCREEN } sotto_content;

typedef struct sotto_sas { /* one value, three ways to say it */
  uint8_t emoji[7];        /* indices into the 64 symbols of Matrix, see sotto_sas_emoji() */
  char words[96];          /* five PGP words */
  char digits[16];         /* "dddd dddd dddd" */
} sotto_sas;

typedef struct sotto_event {
  uint32_t size;
  sotto_event_type type;
  sotto_call *call; /* NULL for engine events; valid until you free it */
  sotto_id peer;
  sotto_trust trust;
  sotto_call_state state;
  sotto_gate gate;
  sotto_end_reason reason; /* with SOTTO_CALL_ENDED */
  sotto_status status;     /* with INVITE_FAILED */
  unsigned media;          /* SOTTO_AUDIO | SOTTO_VIDEO */
  sotto_alarm alarm;
  bool verified, local, remote;
  int devices_added, devices_revoked; /* with ROSTER_CHANGED */
  sotto_sas sas;                      /* with SAS */
  bool sealed;      /* with SECURE: the peer is a page, and frames are sealed end to end (RFC 9605)
                       with keys that DTLS has no part in */
  char binding[8];  /* with SECURE: by what: "ekm", DTLS's exporter; "cert": the peer is a page
                       in a browser, and our certificate says in which call */
  char profile[32]; /* with SECURE: SRTP profile, "AEAD_AES_256_GCM" */
  char cipher[48];  /* with SECURE: DTLS suite, IANA name */
} sotto_event;

#define SOTTO_EVENT_INIT                                                                                           \
  { .size = sizeof(sotto_event) }

SOTTO_API const char *sotto_sas_emoji(unsigned index, const char **name); /* UTF-8 and English name; NULL: > 63 */

SOTTO_API int sotto_engine_fd(const sotto_engine *engine); /* readable while events wait; do not read or close it */
SOTTO_API bool sotto_engine_next_event(sotto_engine *engine, sotto_event *event);
SOTTO_API bool sotto_engine_wait_event(sotto_engine *engine, sotto_event *event,
                                       int64_t timeout_us); /* < 0: for ever */

/* ---- calls ------------------------------------------------------------ */

/* Rings the peer. The call is yours until sotto_call_free(). STATE: they are ringing here just now, answer that. */
SOTTO_API SOTTO_CHECKED sotto_status sotto_call_start(sotto_engine *engine, const sotto_id *peer, unsigned media,
                                                      sotto_call **out);
SOTTO_API sotto_status sotto_call_accept(sotto_call *call, unsigned media);
SOTTO_API sotto_status sotto_call_decline(sotto_call *call);
/* After CONSENT: two minutes of audio with someone not verified, to compare words. A beep every 10 s, mixed into
 * what sotto_audio_read() gives, says so. */
SOTTO_API sotto_status sotto_call_consent(sotto_call *call);
/* After NEW_DEVICE: you know of it. */
SOTTO_API sotto_status sotto_call_acknowledge(sotto_call *call);
/* Compare the words again, or for the first time under another policy; SAS follows. */
SOTTO_API sotto_status sotto_call_compare(sotto_call *call);
/* After SAS: did a person find them equal? true verifies the contact; false ends the call and shuts the contact. */
SOTTO_API sotto_status sotto_call_confirm(sotto_call *call, bool sas_matches);
/* What we send: muted audio goes on as encrypted silence of the same size. Adding video needs an OPEN gate. */
SOTTO_API sotto_status sotto_call_set_media(sotto_call *call, unsigned media);
SOTTO_API sotto_status sotto_call_set_max_bitrate(sotto_call *call, int64_t bps);
/* What our pictures are of, from the next one on, at any time in a call. The rate that the network leaves decides
 * how large and how often they are encoded: a camera's become smaller first, and then fewer; a screen's keep their
 * size and sharpness, for text, and become fewer. What you write keeps its size; what the peer reads may change
 * its. */
SOTTO_API sotto_status sotto_call_set_content(sotto_call *call, sotto_content content);
SOTTO_API sotto_status sotto_call_restart_ice(sotto_call *call); /* after the network changed */
SOTTO_API void sotto_call_hangup(sotto_call *call);
SOTTO_API void sotto_call_free(sotto_call *call); /* hangs up first; no event follows */

/* A pointer of yours, NULL until set. */
SOTTO_API void sotto_call_set_user(sotto_call *call, void *user);
SOTTO_API void *sotto_call_user(const sotto_call *call);

/* Names as in W3C webrtc-stats, where one exists. Counters are since the start of the call. */
typedef struct sotto_stream_stats {
  int64_t packets_sent, bytes_sent, retransmitted_packets_sent, nack_count, pli_count;
  int64_t packets_received, bytes_received, packets_lost, packets_discarded, packets_recovered;
  int64_t red_packets_sent, red_packets_received; /* in RED (RFC 2198): pictures with parity, sound with copies */
  int64_t fec_packets_sent, fec_packets_received; /* parity of pictures (RFC 5109), of those above */
  int64_t packets_repaired;                       /* came back from parity or a copy, not asked for */
  int64_t jitter_us;
  int64_t remote_packets_lost;
  int64_t target_bitrate;
} sotto_stream_stats;

typedef struct sotto_stats {
  uint32_t size;
  sotto_stream_stats audio, video;
  int64_t current_round_trip_time_us; /* 0: not known yet */
  int64_t available_outgoing_bitrate;
  /* audio received */
  int64_t total_samples_received, concealed_samples, silent_concealed_samples, concealment_events;
  int64_t fec_packets_received, fec_packets_discarded; /* telling of the frame before, too; that was there */
  int64_t jitter_buffer_delay_us, jitter_buffer_target_delay_us; /* now */
  /* video */
  int64_t frames_captured, frames_encoded, key_frames_encoded, frames_dropped_encoder;
  int64_t frames_received, frames_decoded, key_frames_decoded, frames_rendered, frames_dropped, freeze_count;
  int64_t
      frames_discarded_on_send; /* encoded, and no packet of it left: no room, or what it leans on did not leave */
  int64_t frames_lost;          /* numbered by the peer and never decoded, though a later one was */
  int64_t total_freezes_duration_us, total_encode_time_us, total_decode_time_us;
  int frame_width, frame_height; /* last decoded */
  /* security: what was dropped, and why */
  int64_t packets_gate_dropped, packets_auth_failed, packets_replayed, packets_not_demuxed, dtls_blocked;
  int64_t cells_rejected;
  bool frames_sealed;      /* end to end inside SRTP, as in SECURE */
  int64_t frames_unopened; /* of the peer's: forged by who has SRTP's keys, or came before */
  /* set-up: spans from sotto_call_start() or _accept() until reached, 0: not yet, or not at this end */
  int64_t setup_hello_us, setup_ringing_us; /* the caller's: a device of theirs is there; it rings */
  int64_t setup_signaling_us;               /* both descriptions are there: checks begin */
  int64_t setup_ice_us;                     /* a pair is selected: DTLS begins */
  int64_t setup_dtls_us, setup_bind_us, setup_open_us;
  int64_t setup_first_audio_us; /* the first packet of sound came */
  int64_t setup_heard_us;       /* sotto_audio_read() gave the first of their sound */
  int64_t setup_first_video_us; /* the first picture is decoded */
  int64_t engine_wakeups;       /* of the engine's thread since it began, for all of its calls */
  bool relayed;
  char local_candidate_type[8], remote_candidate_type[8]; /* "host", "srflx", "prflx", "relay" */
  char quality_limitation_reason[16]; /* why our pictures are smaller or fewer: "none", "cpu", "bandwidth" */
  char audio_codec[8], video_codec[8], peer_video_codec[8]; /* "opus"; "VP8" or "VP9", ours and theirs */
  char srtp_profile[32], dtls_cipher[48];
  char binding[8];      /* "ekm", "cert", as in SECURE; "": not yet */
  char srtp_engine[16]; /* whose AES-GCM it is: "ipsec-mb", "openssl", "libsrtp"; equally strong */
  /* The system calls that carry the datagrams: "segmented" or "merged" (one for a batch, which the kernel or the
   * network card cuts up, or has put together), "batched" (one for a batch), "agent" (one each, by libnice: a
   * relayed pair, or the system refuses the others) */
  char send_path[16], receive_path[16];
} sotto_stats;

#define SOTTO_STATS_INIT                                                                                           \
  { .size = sizeof(sotto_stats) }

SOTTO_API sotto_status sotto_call_stats(sotto_call *call, sotto_stats *stats);

/* ---- media: 48 kHz mono s16 and I420 ---------------------------------- */

typedef struct sotto_frame {
  uint32_t size;
  int width, height; /* 16..4096, even */
  int stride[3];
  uint8_t *plane[3];
  int64_t timestamp_us; /* capture time, 0 on write: now; on read, the sender's capture clock */
  void *owner;          /* the library's; release it */
} sotto_frame;

#define SOTTO_FRAME_INIT                                                                                           \
  { .size = sizeof(sotto_frame) }

/* Goes nowhere while the gate is shut. FULL: the encoder is behind, these samples were dropped. */
SOTTO_API sotto_status sotto_audio_write(sotto_call *call, const int16_t *pcm, int samples);
/* Fills all of pcm, silence included; samples in 1..2880. */
SOTTO_API sotto_status sotto_audio_read(sotto_call *call, int16_t *pcm, int samples);
/* Memory of the library's to draw the next picture into: fills in stride and plane for the width and height that
 * frame says (each row as long as its plane is wide, one plane behind the other, as in a Y4M frame). Yours until
 * sotto_video_write(), which then copies nothing, or until it is lent again; never release it. */
SOTTO_API sotto_status sotto_video_lend(sotto_call *call, sotto_frame *frame);
/* Copies the frame, unless it is the lent one: that must be as it was lent. A newer frame replaces one that the
 * encoder has not begun. */
SOTTO_API sotto_status sotto_video_write(sotto_call *call, const sotto_frame *frame);
/* The newest picture that is due and was not read before; false: none. Its size is what the sender's rate was
 * enough for: scale it to what you show. Release it. */
SOTTO_API bool sotto_video_read(sotto_call *call, sotto_frame *frame);
SOTTO_API void sotto_frame_release(sotto_frame *frame);

#ifdef __cplusplus
}
#endif
#endif /* SOTTO_H */
