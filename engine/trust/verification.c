/* The only file that makes anybody SOTTO_TRUST_VERIFIED: an act of this device's own user each time (invariant
 * I4). record.c restores what was saved. */
#include "contacts.h"

/* UNKNOWN only when the person stood there: words and numbers compare keys that we must have met. */
static bool verify(struct contact *contact, sotto_method method, int64_t now_unix) {
  bool met = contact->state == SOTTO_TRUST_TOFU || contact->state == SOTTO_TRUST_VERIFIED;
  if (!met && !(contact->state == SOTTO_TRUST_UNKNOWN && method == SOTTO_METHOD_QR))
    return false;
  contact->state = SOTTO_TRUST_VERIFIED;
  contact->method = method;
  contact->verified_at = now_unix;
  contact->require_verified = true;
  return true;
}

bool contact_user_scanned_in_person(struct contact *contact, int64_t now_unix) {
  return verify(contact, SOTTO_METHOD_QR, now_unix);
}

bool contact_user_confirmed_sas(struct contact *contact, int64_t now_unix) {
  if (!verify(contact, SOTTO_METHOD_SAS, now_unix))
    return false;
  contact->sas_runs = 0; /* equal words: nobody is guessing */
  return true;
}

bool contact_user_compared_number(struct contact *contact, int64_t now_unix) {
  return verify(contact, SOTTO_METHOD_SAFETY_NUMBER, now_unix);
}
