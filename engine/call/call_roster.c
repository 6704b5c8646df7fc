/* call_roster.c - rosters in a call's first messages (protocol A.5): each side says its own head and the other's as
 * it knows it, and sends the links that the other lacks. Nothing rings before both know of the same devices. */
#include "call_parts.h"
#include "roster_news.h"

enum { LINKS_ROOM = CHANNEL_MESSAGE_MAX - 8 }; /* in a message of one cell: type, tag, length */

void call_head(struct wire_head *out, const struct roster_head *head) {
  out->seq = head->seq;
  memcpy(out->hash, head->hash, sizeof out->hash);
}

static struct roster_head head_of(const struct wire_head *wire) {
  struct roster_head head = {.seq = wire->seq};
  memcpy(head.hash, wire->hash, sizeof head.hash);
  return head;
}

/* ---- ours ---- */

/* They know who we are: if that was news, none of our statements is. */
static void note_knowledge(struct call *call, const struct call_leg *leg) {
  struct call_env *env = call->env;
  bool news = contact_was_told(call->contact, leg->known.seq);
  if (contact_knows_us(call->contact, leg->channel.them.device)) {
    sotto_id peer;
    memcpy(peer.bytes, call->contact->id, sizeof peer.bytes);
    trust_forget_told(env->trust);
    outbox_event(env->outbox, SOTTO_EVENT_TOLD, 0, &peer);
    news = true;
  }
  if (news)
    outbox_add(env->outbox, CORE_SAVE, 0);
}

/* What they know of us. Somebody who knows more than we do, or something else, has it from whoever signs with our
 * key. */
void call_check_ours(struct call *call, usec now, const struct call_leg *leg) {
  const struct roster_head *known = &leg->known;
  const struct trust *trust = call->env->trust;
  switch (roster_links_compare(&trust->links, &trust->own.head, known)) {
  case ROSTER_FORK:
    call_alarm(call, now, SOTTO_ALARM_SELF_ROSTER_FORK);
    break;
  case ROSTER_ACCEPTED:
    call_alarm(call, now, SOTTO_ALARM_SELF_ROSTER_ROLLBACK);
    break;
  case ROSTER_SAME:
  case ROSTER_STALE:
  case ROSTER_BAD:
    note_knowledge(call, leg);
    break;
  }
}

/* What somebody with this head of ours lacks. After a fork it begins with the statement that contradicts theirs:
 * their evidence. */
struct bytes_view call_links_for(const struct trust *trust, const struct roster_head *known) {
  bool fork = roster_links_compare(&trust->links, &trust->own.head, known) == ROSTER_FORK;
  return roster_links_from(&trust->links, trust->own.seq, known->seq + (fork ? 0 : 1));
}

void call_send_links_first(struct call *call, usec now, struct call_leg *leg) {
  const struct trust *trust = call->env->trust;
  struct bytes_view part, rest = roster_links_from(&trust->links, trust->own.seq, call->contact->told_seq + 1);
  while (roster_links_next(&rest, LINKS_ROOM, &part)) {
    struct message message = {.type = MESSAGE_ROSTER, .roster = part.data, .roster_size = part.size};
    if (!channel_send_roster(&leg->channel, now, call_unix(call, now), &message))
      return; /* the KNOCK will not fit either */
  }
}

void call_send_links(struct call *call, usec now, struct call_leg *leg) {
  struct bytes_view part, rest = call_links_for(call->env->trust, &leg->known);
  while (roster_links_next(&rest, LINKS_ROOM, &part)) {
    struct message message = {.type = MESSAGE_ROSTER, .roster = part.data, .roster_size = part.size};
    call_tell_leg(call, now, leg, &message, NULL);
  }
}

/* ---- theirs ---- */

static bool device_stands(struct call *call, usec now, const struct call_leg *leg) {
  const uint8_t *device = leg->channel.them.device;
  if (roster_find(&call->contact->roster, device))
    return true;
  call_alarm(call, now, SOTTO_ALARM_DEVICE_REVOKED);
  return false;
}

/* Their head against what we know by now. false: no call with this device. */
static bool check_theirs(struct call *call, usec now, const struct call_leg *leg) {
  struct contact *contact = call->contact;
  switch (roster_compare(&contact->roster.head, &leg->theirs)) {
  case ROSTER_SAME:
    if (contact_head_confirmed(contact, &leg->theirs))
      call_changed_trust(call);
    return device_stands(call, now, leg);
  case ROSTER_STALE: /* this device has yet to hear of a roster that we have; our greeting tells it */
    call_alarm(call, now, SOTTO_ALARM_ROSTER_STALE);
    if (contact->head_unconfirmed) /* A.3: nor are we sure of ours, so somebody must agree with it first */
      return false;
    return device_stands(call, now, leg);
  case ROSTER_FORK:
    if (contact_roster_forked(contact, call_unix(call, now)))
      call_changed_trust(call);
    call_alarm(call, now, SOTTO_ALARM_ROSTER_FORK);
    return false;
  case ROSTER_ACCEPTED: /* devices that we have no signed statement of */
  case ROSTER_BAD:
    break;
  }
  call_alarm(call, now, SOTTO_ALARM_ROSTER_CHANGED);
  return false;
}

void call_note_heads(struct call_leg *leg, const struct message *greeting) {
  leg->theirs = head_of(&greeting->my_head);
  leg->known = head_of(&greeting->your_head);
}

bool call_check_heads(struct call *call, usec now, const struct call_leg *leg) {
  call_check_ours(call, now, leg);
  return check_theirs(call, now, leg);
}

/* A bad or forked chain; the accept rule has told the user what there is to tell. */
bool call_roster_received(struct call *call, usec now, const struct message *message) {
  enum roster_verdict verdict =
      roster_news_take(call->env, call->contact, call_unix(call, now), message->roster, message->roster_size);
  if (verdict == ROSTER_BAD)
    call_alarm(call, now, SOTTO_ALARM_AUTH_FAIL);
  return verdict != ROSTER_BAD && verdict != ROSTER_FORK;
}

bool call_greeted(struct call *call, usec now, struct call_leg *leg, const struct message *hello) {
  call_note_heads(leg, hello);
  call_check_ours(call, now, leg);
  return (!hello->roster || call_roster_received(call, now, hello)) && check_theirs(call, now, leg);
}
