/* call_glare.c - two who call each other at the same time: one of the two calls survives, and which one both ends
 * know without asking (protocol B.3). The embedder, who wanted the two to talk, keeps the call that it began.
 */
#include "call_parts.h"

struct call *call_find_dialing(const struct call_env *env, const struct contact *contact) {
  for (struct call *call = *env->calls; call; call = call->next)
    if (call->contact == contact && call_is_dialing(call))
      return call;
  return NULL;
}

bool call_gives_way(const struct call_env *env, const struct contact *contact) {
  return memcmp(env->trust->identity.ik, contact->id, KEY_SIZE) > 0;
}

void call_yield(struct call *ours, struct call *theirs, usec now) {
  call_keep_leg(ours, now, NULL, REASON_CANCELED);
  call_free_legs(ours);
  ours->leg[ours->legs++] = theirs->leg[--theirs->legs];
  memcpy(ours->call_id, theirs->call_id, sizeof ours->call_id);
  ours->outgoing = false;
  ours->auto_accept = true;
  call_enter(ours, now, CALL_HELLOED);
  call_finish(theirs, now, SOTTO_END_CANCELED); /* nobody has seen it */
}
