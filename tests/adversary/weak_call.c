/* weak_call.c - the twin's binding, gate and words. */
#include <string.h>

#include "engine/call/call_parts.h"
#include "weak.h"

static bool off(enum weakness weakness) {
  return weak_active & weakness;
}

/* ---- NOPIN: what the stand-in for DTLS asks about a certificate ---- */

bool weak_pin_equal(const void *a, const void *b, size_t size);
bool weak_pin_equal(const void *a, const void *b, size_t size) {
  return off(WEAK_NOPIN) || crypto_equal(a, b, size);
}

/* ---- NOBIND, OPENEARLY ---- */

enum binding_field __real_binding_compare(const struct message *ours, const struct message *theirs);
enum binding_field __wrap_binding_compare(const struct message *ours, const struct message *theirs);
enum binding_field __wrap_binding_compare(const struct message *ours, const struct message *theirs) {
  return off(WEAK_NOBIND | WEAK_OPENEARLY) ? BINDING_EQUAL : __real_binding_compare(ours, theirs);
}

void __real_call_tell(struct call *call, usec now, const struct message *message, uint8_t hash[HASH_SIZE]);
void __wrap_call_tell(struct call *call, usec now, const struct message *message, uint8_t hash[HASH_SIZE]);
void __wrap_call_tell(struct call *call, usec now, const struct message *message, uint8_t hash[HASH_SIZE]) {
  __real_call_tell(call, now, message, hash);
  if (off(WEAK_OPENEARLY) && message->type == MESSAGE_BIND)
    call->bind_received = true; /* as if theirs had come with ours */
}

/* ---- NOGATE, NOREEVAL ---- */

struct gate_verdict __real_gate_evaluate(const struct gate_facts *facts);
struct gate_verdict __wrap_gate_evaluate(const struct gate_facts *facts);
struct gate_verdict __wrap_gate_evaluate(const struct gate_facts *facts) {
  if (off(WEAK_NOGATE))
    return (struct gate_verdict){SOTTO_GATE_OPEN, GATE_WANTS_NOTHING, false};
  return __real_gate_evaluate(facts);
}

void __real_call_trust_changed(struct call *call, usec now);
void __wrap_call_trust_changed(struct call *call, usec now);
void __wrap_call_trust_changed(struct call *call, usec now) {
  if (!off(WEAK_NOREEVAL))
    __real_call_trust_changed(call, now);
}

/* ---- NOCHECK, NOROLE, AUTORETRY ---- */

bool __real_sas_open(struct sas *sas, uint8_t run, const uint8_t open[SAS_RANDOM_SIZE]);
bool __wrap_sas_open(struct sas *sas, uint8_t run, const uint8_t open[SAS_RANDOM_SIZE]);
bool __wrap_sas_open(struct sas *sas, uint8_t run, const uint8_t open[SAS_RANDOM_SIZE]) {
  static const char label[] = "sotto/sas-commit/1";
  const struct bytes_view parts[] = {
      {label, sizeof label - 1}, {sas->transcript.call_id, SAS_CALL_ID_SIZE}, {&run, 1}, {open, SAS_RANDOM_SIZE}};
  if (off(WEAK_NOCHECK)) /* the commitment is what the opening makes of it */
    crypto_sha256(sas->commitment, parts, 4);
  return __real_sas_open(sas, run, open);
}

void __real_sas_init(struct sas *sas, bool initiator, const struct sas_transcript *transcript);
void __wrap_sas_init(struct sas *sas, bool initiator, const struct sas_transcript *transcript);
void __wrap_sas_init(struct sas *sas, bool initiator, const struct sas_transcript *transcript) {
  struct sas_transcript less = {.version = transcript->version, .mode = transcript->mode};
  memcpy(less.call_id, transcript->call_id, sizeof less.call_id);
  __real_sas_init(sas, initiator, off(WEAK_NOROLE) ? &less : transcript);
}

bool __real_contact_sas_begin(struct contact *contact, int64_t now_unix);
bool __wrap_contact_sas_begin(struct contact *contact, int64_t now_unix);
bool __wrap_contact_sas_begin(struct contact *contact, int64_t now_unix) {
  return off(WEAK_AUTORETRY) || __real_contact_sas_begin(contact, now_unix);
}
