/* call_parts.h - what the files of one call share: call.c (states, path, time), call_messages.c (what the two ends
 * tell each other), call_security.c (binding, gate, words). Nobody else includes it. */
#ifndef CALL_PARTS_H
#define CALL_PARTS_H
#include "call.h"

/* call.c */
void call_enter(struct call *call, usec now, enum call_state state);
/* The end, without telling the peer. */
void call_finish(struct call *call, usec now, sotto_end_reason reason);
struct sotto_event *call_event(struct call *call, sotto_event_type type);
void call_alarm(struct call *call, usec now, sotto_alarm alarm);
void call_changed_trust(struct call *call); /* the contact is to be saved, and its event sent */
int64_t call_unix(const struct call *call, usec now);
bool call_ended(const struct call *call);
void call_start_ice(struct call *call);
void call_path_lost(struct call *call, usec now); /* once bound: look for another */
void call_use_remote(struct call *call);          /* the peer's credentials go to the agent */
void call_add_remote(struct call *call, const struct candidate *candidate, int count);
/* Both descriptions are authenticated: look for a path, and let DTLS in. */
void call_connect(struct call *call, usec now);

/* call_messages.c */
void call_tell(struct call *call, usec now, const struct message *message, uint8_t hash[HASH_SIZE]);
void call_tell_type(struct call *call, usec now, enum message_type type, enum wire_reason reason);
bool call_send_knock(struct call *call, usec now);
void call_send_hello(struct call *call, usec now);
void call_describe(struct call *call, usec now); /* OFFER or ANSWER, with our fresh ICE credentials */
void call_send_candidates(struct call *call, usec now);
void call_send_media(struct call *call, usec now); /* when the peer does not know it yet */
void call_send_restart(struct call *call, usec now);
void call_read_messages(struct call *call, usec now);
/* Roster heads as the peer's greeting named them: its own, and ours as it knows us. false: no call with it. */
bool call_check_heads(struct call *call, usec now, const struct wire_head *its, const struct wire_head *of_us);

/* call_security.c */
void call_check_dtls(struct call *call, usec now);
void call_bind_received(struct call *call, usec now, const struct message *bind);
void call_ask_gate(struct call *call, usec now);
void call_sas_message(struct call *call, usec now, const struct message *message);
void call_sas_timer(struct call *call, usec now);
bool call_sas_start(struct call *call, usec now);

#endif
