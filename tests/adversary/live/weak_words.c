/* weak_words.c - the live victim's twin has no words to compare where its gate is no gate (NOGATE): as in the
 * messengers of 2015, nobody is ever asked, and keys are what the server says.
 */
#include "engine/trust/contacts.h"
#include "weak.h"

int __real_contact_sas_runs_left(const struct contact *contact, int64_t now_unix);
int __wrap_contact_sas_runs_left(const struct contact *contact, int64_t now_unix);
int __wrap_contact_sas_runs_left(const struct contact *contact, int64_t now_unix) {
  return weak_active & WEAK_NOGATE ? 0 : __real_contact_sas_runs_left(contact, now_unix);
}
