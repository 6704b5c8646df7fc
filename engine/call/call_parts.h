/* call_parts.h - what the files of one call share: call.c (beginning, end, time), call_glare.c (two that cross),
 * call_legs.c (devices), call_messages.c (what the two ends tell each other), call_path.c (the ICE agent),
 * call_roster.c (who their devices are), call_security.c (binding, gate), call_setup.c (from the answer to DTLS),
 * call_stats.c, call_words.c (what people compare). Nobody else includes it. */
#ifndef CALL_PARTS_H
#define CALL_PARTS_H
#include "call.h"

/* call.c */
void call_enter(struct call *call, usec now, enum call_state state);
bool call_is_dialing(const struct call *call); /* ours, and nobody has answered */
/* The end, without telling the peer. */
void call_finish(struct call *call, usec now, sotto_end_reason reason);
struct sotto_event *call_event(struct call *call, sotto_event_type type);
void call_alarm(struct call *call, usec now, sotto_alarm alarm);
void call_changed_trust(struct call *call); /* the contact is to be saved, and its event sent */
int64_t call_unix(const struct call *call, usec now);
bool call_ended(const struct call *call);

static inline struct channel *call_channel(const struct call *call) {
  return &call->leg[0]->channel;
}

/* call_glare.c */
/* Our call that dials becomes the callee of theirs, whose OFFER proves that they live; of theirs the embedder has
 * never heard. */
void call_yield(struct call *ours, struct call *theirs, usec now);

/* call_legs.c */
struct call_leg *call_add_leg(struct call *call, bool initiator, const struct roster_device *device,
                              const uint8_t session[SESSION_SIZE]); /* NULL: no memory, or no room */
/* Of their KNOCK or HELLO; false: a page that can't do what we ask of one. */
bool call_read_caps(const struct call *call, struct call_leg *leg, uint32_t theirs);
/* To a page: makes the certificate of this session, whose channel is open. false: no memory. */
bool call_certify(const struct call *call, struct call_leg *leg);
bool call_has_device(const struct call *call, const uint8_t id[DEVICE_ID_SIZE]);
void call_dial_devices(struct call *call, usec now); /* those that have no leg yet */
/* This device is out; with the last one the call ends, for this reason. */
void call_drop_leg(struct call *call, usec now, struct call_leg *leg, sotto_end_reason reason);
/* The others stop ringing. */
void call_keep_leg(struct call *call, usec now, struct call_leg *leg, enum wire_reason reason);
void call_free_legs(struct call *call);
bool call_leg_lives(const struct call *call, const struct call_leg *leg);

/* call_messages.c */
/* To leg[0]; the others are told by call_tell_leg() alone. */
void call_tell(struct call *call, usec now, const struct message *message, uint8_t hash[HASH_SIZE]);
void call_tell_leg(struct call *call, usec now, struct call_leg *leg, const struct message *message,
                   uint8_t hash[HASH_SIZE]);
void call_tell_type(struct call *call, usec now, enum message_type type, enum wire_reason reason);
bool call_send_knock(struct call *call, usec now, struct call_leg *leg);
void call_send_hello(struct call *call, usec now);
void call_describe(struct call *call, usec now); /* OFFERs or ANSWER, with our fresh ICE credentials */
void call_offer(struct call *call, usec now, struct call_leg *leg); /* once, when it and the agent are ready */
void call_send_candidates(struct call *call, usec now);
void call_send_media(struct call *call, usec now); /* when the peer does not know it yet */
void call_send_restart(struct call *call, usec now);
void call_read_messages(struct call *call, usec now, struct call_leg *leg);

/* call_path.c */
void call_start_ice(struct call *call);
void call_begin_restart(struct call *call);       /* unless one is under way */
void call_path_lost(struct call *call, usec now); /* once bound: look for another */
void call_use_remote(struct call *call);          /* the peer's credentials go to the agent */
void call_add_remote(struct call *call, const struct candidate *candidate, int count);
/* From the relay to the direct path, once it may be. */
void call_leave_relay(struct call *call, usec now);
usec call_relay_given_up(const struct call *call); /* when the relay has led nowhere; USEC_NEVER otherwise */

/* call_roster.c */
void call_head(struct wire_head *out, const struct roster_head *head);
/* What KNOCK says of heads; it counts only once the OFFER proves that its sender lives. */
void call_note_heads(struct call_leg *leg, const struct message *greeting);
/* Roster heads as the peer's greeting named them: its own, and ours as it knows us. false: no call with it. */
bool call_check_heads(struct call *call, usec now, const struct call_leg *leg);
void call_check_ours(struct call *call, usec now, const struct call_leg *leg); /* the latter half alone */
/* HELLO: its heads, and the links that came with it. false: no call with this device. */
bool call_greeted(struct call *call, usec now, struct call_leg *leg, const struct message *hello);
/* Links for somebody who knows this head of ours. */
struct bytes_view call_links_for(const struct trust *trust, const struct roster_head *known);
/* What they lack of our roster, before a KNOCK and in an open channel. */
void call_send_links_first(struct call *call, usec now, struct call_leg *leg);
void call_send_links(struct call *call, usec now, struct call_leg *leg);
/* Links that came in the channel. false: no call with this device. */
bool call_roster_received(struct call *call, usec now, const struct message *message);

/* call_security.c */
void call_check_dtls(struct call *call, usec now);
const char *call_binding_name(const struct call *call);
void call_bind_received(struct call *call, usec now, const struct message *bind);
void call_ask_gate(struct call *call, usec now);

/* call_setup.c */
/* Both descriptions are authenticated: look for a path, and let DTLS in. */
void call_connect(struct call *call, usec now);
void call_secure(struct call *call, usec now); /* a pair is selected: DTLS may begin */

/* call_stats.c */
void call_copy_text(char *out, size_t size, const char *text); /* cut to what fits; NULL: empty */

/* call_words.c */
void call_prepare_sas(struct call *call);         /* bound: the transcript is final */
bool call_sas_start(struct call *call, usec now); /* a run; false: there can be none */
void call_sas_message(struct call *call, usec now, const struct message *message);
void call_sas_timer(struct call *call, usec now);

#endif
