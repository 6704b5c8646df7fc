/* core_parts.h - what the files of the core share: core.c (life, cells, time), core_mailboxes.c (where we listen),
 * core_restore.c (back from a backup), core_statements.c (last words), core_calls.c, core_people.c and
 * core_devices.c (the embedder's commands). Nobody else includes it. */
#ifndef CORE_PARTS_H
#define CORE_PARTS_H
#include "call/call.h"
#include "core.h"
#include "device_link.h"
#include "first_contact.h"

enum {
  CALLS_MAX = 32,           /* at a time, knocks that have not rung included */
  UNANSWERED_MAX = 5,       /* knocks of one contact that no person has answered, those that ring included (B.3) */
  KNOCKS_REMEMBERED = 4096, /* ephemerals seen */
  KNOCK_BURST = 15, /* of one contact within KNOCK_BURST seconds: one a second, lasting. A server shows those
                       of a minute at once, to a process that begins: a call every four seconds */
  FIRST_CONTACTS_MAX = 8,
  FIRST_CONTACTS_OURS = 2, /* of these, kept for our own joining */
  JOINERS_MAX = 2,         /* of one invite at a time */
  MAILBOXES_MAX = CLIENT_LISTEN_MAX,
};
#define ALARM_INTERVAL SEC(10) /* AUTH_FAIL and REPLAY are told at most this often: a server can cause either */

enum mailbox_kind { MAILBOX_CONTACT, MAILBOX_INVITER, MAILBOX_JOINER, MAILBOX_LINK, MAILBOX_OWN, MAILBOX_FORMER };

struct listening {
  struct mailbox mailbox;
  enum mailbox_kind kind;
  void *owner; /* struct contact, pending_invite or first_contact; NULL of the last two */
};

struct restore {                /* core_restore.c */
  uint8_t drop[DEVICE_ID_SIZE]; /* revoked in the step that signs for us, to make room; zeros: none */
  usec ask_at;                  /* USEC_NEVER: nothing is to be restored, or we are offline */
  usec sign_at;                 /* once somebody was heard */
  size_t asked;                 /* our devices, then the contacts */
  bool round_done, heard;
};

struct knock {
  uint8_t ephemeral[8];
  const struct contact *contact;
  usec at;
};

struct core {
  struct trust *trust;
  struct client *client;
  struct outbox outbox;
  struct call_env env;
  struct call *calls;
  uint32_t last_handle;
  struct first_contact first_contact[FIRST_CONTACTS_MAX];
  struct device_link link;
  struct restore restore;
  usec next_told, next_self_alarm;
  size_t stated;     /* contacts that were looked at in this round: have they heard our statements? */
  usec state_at;     /* USEC_NEVER: there is none */
  uint32_t told_seq; /* the newest of our rosters that our other devices were told of */
  usec next_answer;
  size_t announced; /* contacts that were looked at since the last change or connection */
  usec announce_at; /* USEC_NEVER: all were */
  struct listening listening[MAILBOXES_MAX];
  int listenings;
  usec relisten_at; /* 0: at once */
  struct knock knock[KNOCKS_REMEMBERED];
  unsigned knocks;
  usec next_alarm, next_replay_alarm;
  int64_t cells_rejected;
};

int64_t core_unix(const struct core *core, usec now);
struct first_contact_env core_first_contact_env(struct core *core);
struct first_contact *core_free_first_contact(struct core *core); /* NULL: all are busy */
struct call *core_find_call(struct core *core, uint32_t handle);
int core_count_calls(const struct core *core);
uint32_t core_new_handle(struct core *core);
void core_link_call(struct core *core, struct call *call);
/* What a person or the protocol just changed about a contact counts for everything under way. */
void core_trust_changed(struct core *core, usec now);

/* core_devices.c */
struct device_link_env core_device_link_env(struct core *core);
bool core_is_enrolled(const struct core *core); /* this device stands in our own roster, and we live */
void core_own_mailbox(const struct core *core, struct mailbox *mailbox, const uint8_t device[DEVICE_ID_SIZE],
                      uint32_t epoch);
void core_own_cell(struct core *core, usec now, const struct cell *cell);
/* Our newest roster goes to our other devices at once, and to contacts who may not have it, one by one. */
void core_tell_roster(struct core *core, usec now);
void core_devices_timer(struct core *core, usec now);

void core_tell_own_devices(struct core *core, usec now);
/* Our links from `seq` on, to all devices of a contact. */
void core_post_roster(struct core *core, usec now, const struct contact *contact, uint32_t seq);
/* The newest roster that we have of a contact, to one of its devices. */
void core_post_theirs(struct core *core, usec now, const struct contact *contact,
                      const uint8_t device[DEVICE_ID_SIZE]);
void core_revoked_ourselves(struct core *core, usec now);

/* core_restore.c */
void core_restore_online(struct core *core, usec now);
/* Eight others stand in our roster: this one makes room. STATE: not restored, or enrolled by now. */
sotto_status core_restore_drop(struct core *core, const uint8_t device[DEVICE_ID_SIZE]);
void core_restore_timer(struct core *core, usec now);
/* One of our devices or a contact has told what it knows of us. */
void core_restore_heard(struct core *core, usec now, bool news);
/* A contact knows what our root key signed, and we do not. */
void core_tell_self(struct core *core, usec now, const struct contact *contact, sotto_alarm alarm);
/* A contact's newest roster of ours. */
void core_hear_of_us(struct core *core, usec now, struct contact *contact, const struct roster *newest);
/* A device of theirs has shown a roster; does it need to know what we know? */
void core_answer_roster(struct core *core, usec now, const struct contact *contact,
                        const uint8_t device[DEVICE_ID_SIZE], enum roster_verdict verdict);

/* core_statements.c */
void core_state(struct core *core, usec now); /* tells everybody, a contact a second */
void core_statements_timer(struct core *core, usec now);
void core_state_again(struct core *core, usec now, const struct contact *contact); /* who does not know yet */
void core_heard(struct core *core, usec now, struct contact *contact, const uint8_t device[DEVICE_ID_SIZE],
                const struct message *message);
/* Into a mailbox of an identity that we were. */
void core_former_cell(struct core *core, usec now, struct contact *contact, const struct cell *cell);
/* To who still speaks as a key that has said that another follows it: a thief may have said so. */
void core_tell_back(struct core *core, usec now, const struct contact *contact, const struct cell *cell);
/* false: it proves nothing about this contact. `from` is answered; NULL: it was sent to who we were. */
bool core_statement_heard(struct core *core, usec now, struct contact *contact, const struct cell_header *from,
                          const struct message *message);
void core_own_statement(struct core *core, usec now, const struct message *message);

/* core_mailboxes.c */
/* Listens to what contacts, invites and the date ask for, and to nothing else. */
void core_relisten(struct core *core, usec now);
void core_send_cover(struct core *core, usec now);

#endif
