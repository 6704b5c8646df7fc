/* lone_call.h - one call and what it borrows, with nobody behind it: for the files of engine/call/ that decide by
 * themselves. What it says to its peer goes nowhere; what it says to the shell lies in the outbox.
 */
#ifndef LONE_CALL_H
#define LONE_CALL_H
#include "engine/call/call_parts.h"
#include "unit.h"

static struct lone {
  struct trust trust;
  struct outbox outbox;
  struct contact contact;
  struct call *calls;
  struct call_env env;
  struct call call;
} lone;

static inline struct call *lone_call(enum call_state state) {
  crypto_init();
  lone = (struct lone){0};
  lone.env = (struct call_env){.trust = &lone.trust, .outbox = &lone.outbox, .calls = &lone.calls, .random = {7}};
  lone.call = (struct call){.env = &lone.env,
                            .contact = &lone.contact,
                            .handle = 5,
                            .state = state,
                            .deadline = USEC_NEVER,
                            .sas_deadline = USEC_NEVER};
  lone.contact.state = SOTTO_TRUST_TOFU;
  transport_init(&lone.call.transport);
  need(outbox_init(&lone.outbox));
  lone.calls = &lone.call;
  if (!call_add_leg(&lone.call, true, &(struct roster_device){.added_seq = 0}, (uint8_t[SESSION_SIZE]){0}))
    outbox_deinit(&lone.outbox);
  need(lone.call.legs);
  return &lone.call;
}

static inline void lone_end(void) {
  transport_deinit(&lone.call.transport);
  call_free_legs(&lone.call);
  dtls_certificate_free(lone.call.certificate);
  outbox_deinit(&lone.outbox);
}

/* How many of these lie in the outbox; `last` is the last of them. */
static inline int lone_outputs(enum core_output_type type, struct core_output *last) {
  int count = 0;
  for (unsigned i = 0; i < lone.outbox.count; i++)
    if (lone.outbox.entry[(lone.outbox.head + i) % OUTBOX_SIZE].type == type) {
      *last = lone.outbox.entry[(lone.outbox.head + i) % OUTBOX_SIZE];
      count++;
    }
  return count;
}

static inline int lone_events(sotto_event_type type, struct sotto_event *last) {
  int count = 0;
  for (unsigned i = 0; i < lone.outbox.count; i++) {
    const struct core_output *out = &lone.outbox.entry[(lone.outbox.head + i) % OUTBOX_SIZE];
    if (out->type != CORE_EVENT || out->event.type != type)
      continue;
    *last = out->event;
    count++;
  }
  return count;
}

#endif
