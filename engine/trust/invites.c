#include "invites.h"

#include <string.h>

static void forget(struct pending_invite *pending) {
  crypto_wipe(pending, sizeof *pending);
}

size_t invites_expire(struct invites *invites, int64_t now_unix) {
  size_t gone = 0;
  for (int i = 0; i < INVITES_MAX; i++) {
    struct pending_invite *pending = &invites->slot[i];
    if (pending->state == INVITE_NONE || !invite_expired(&pending->invite, now_unix))
      continue;
    forget(pending);
    gone++;
  }
  return gone;
}

sotto_status invites_add(struct invites *invites, const struct invite *invite, const char *name, int64_t now_unix,
                         struct pending_invite **out) {
  *out = NULL;
  if (!petname_valid(name))
    return SOTTO_ERR_INVALID;
  invites_expire(invites, now_unix);
  for (int i = 0; i < INVITES_MAX; i++) {
    struct pending_invite *pending = &invites->slot[i];
    if (pending->state != INVITE_NONE)
      continue;
    *pending = (struct pending_invite){.state = INVITE_OPEN, .invite = *invite};
    memcpy(pending->name, name, strlen(name));
    *out = pending;
    return SOTTO_OK;
  }
  return SOTTO_ERR_FULL;
}

int64_t invites_deadline(const struct invites *invites) {
  int64_t deadline = INT64_MAX;
  for (int i = 0; i < INVITES_MAX; i++)
    if (invites->slot[i].state != INVITE_NONE && invites->slot[i].invite.expiry < deadline)
      deadline = invites->slot[i].invite.expiry;
  return deadline;
}

static bool is_known(const struct pending_invite *pending, const uint8_t session[INVITE_SESSION_SIZE]) {
  for (size_t i = 0; i < pending->sessions; i++)
    if (memcmp(pending->session[i], session, INVITE_SESSION_SIZE) == 0)
      return true;
  return false;
}

enum invite_use invite_session(struct pending_invite *pending, const uint8_t session[INVITE_SESSION_SIZE]) {
  bool known = is_known(pending, session);
  if (known)
    return pending->state == INVITE_OPEN ? INVITE_USE_JOINER : INVITE_USE_KNOWN;
  if (pending->state != INVITE_OPEN && pending->reuse_reported)
    return INVITE_USE_IGNORE;
  if (pending->sessions == INVITE_SESSIONS && pending->state == INVITE_OPEN)
    return INVITE_USE_IGNORE; /* eight tries without one success: whoever holds it floods it */
  if (pending->sessions < INVITE_SESSIONS)
    memcpy(pending->session[pending->sessions++], session, INVITE_SESSION_SIZE);
  if (pending->state == INVITE_OPEN)
    return INVITE_USE_JOINER;
  pending->reuse_reported = true;
  return INVITE_USE_REUSED;
}

void invite_used(struct pending_invite *pending, const uint8_t rendezvous[INVITE_RENDEZVOUS_SIZE]) {
  crypto_wipe(pending->invite.secret, sizeof pending->invite.secret);
  memcpy(pending->rendezvous, rendezvous, INVITE_RENDEZVOUS_SIZE);
  pending->state = INVITE_USED;
}
