/* call_legs.c - the devices that one call rings: a channel for each until one of them answers (protocol B.3). */
#include <stdlib.h>

#include "call_parts.h"
#include "page.h"

static void free_leg(struct call_leg *leg) {
  channel_deinit(&leg->channel);
  dtls_certificate_free(leg->certificate);
  crypto_wipe(leg, sizeof *leg);
  free(leg);
}

void call_free_legs(struct call *call) {
  while (call->legs)
    free_leg(call->leg[--call->legs]);
}

struct call_leg *call_add_leg(struct call *call, bool initiator, const struct roster_device *device,
                              const uint8_t session[SESSION_SIZE]) {
  struct call_leg *leg = call->legs < ROSTER_MAX_DEVICES ? calloc(1, sizeof *leg) : NULL;
  if (!leg)
    return NULL;
  const struct identity *identity = &call->env->trust->identity;
  struct channel_config config = {.client = call->env->client,
                                  .initiator = initiator,
                                  .ps = call->contact->ps,
                                  .dx_secret = identity->device.dx_secret};
  memcpy(config.us.id, identity->ik, KEY_SIZE);
  memcpy(config.us.device, identity->device.id, DEVICE_SIZE);
  memcpy(config.us.dx, identity->device.dx, KEY_SIZE);
  memcpy(config.them.id, call->contact->id, KEY_SIZE);
  memcpy(config.them.device, device->id, DEVICE_SIZE);
  memcpy(config.them.dx, device->dx, KEY_SIZE);
  memcpy(config.session, session, SESSION_SIZE);
  channel_init(&leg->channel, &config);
  leg->ours = call->env->trust->own.head;
  leg->server = initiator;
  call->leg[call->legs++] = leg;
  return leg;
}

bool call_read_caps(const struct call *call, struct call_leg *leg, uint32_t theirs) {
  bool we_are = call->env->caps & CAPS_BROWSER, they_are = theirs & CAPS_BROWSER;
  leg->page = we_are != they_are;
  leg->server = leg->page ? they_are : leg->channel.initiator;
  leg->sealed = leg->page && call->env->caps & theirs & CAPS_SFRAME;
  return !leg->page || leg->sealed || !call->env->browser_e2ee;
}

bool call_certify(const struct call *call, struct call_leg *leg) {
  uint8_t serial[DTLS_SERIAL_SIZE];
  const struct channel *channel = &leg->channel;
  if (!leg->page || !leg->server || leg->certificate)
    return true;
  page_serial(serial, channel->h, call->call_id, channel->initiator ? &channel->us : &channel->them,
              channel->initiator ? &channel->them : &channel->us);
  leg->certificate = dtls_certificate_new(serial);
  if (leg->certificate)
    dtls_certificate_fingerprint(leg->certificate, leg->fingerprint);
  return leg->certificate;
}

bool call_has_device(const struct call *call, const uint8_t id[DEVICE_ID_SIZE]) {
  for (int i = 0; i < call->legs; i++)
    if (memcmp(call->leg[i]->channel.them.device, id, DEVICE_ID_SIZE) == 0)
      return true;
  return false;
}

bool call_leg_lives(const struct call *call, const struct call_leg *leg) {
  for (int i = 0; i < call->legs; i++)
    if (call->leg[i] == leg)
      return true;
  return false;
}

void call_dial_devices(struct call *call, usec now) {
  const struct roster *roster = &call->contact->roster;
  for (size_t i = 0; i < roster->devices && !call_ended(call); i++) {
    uint8_t session[SESSION_SIZE];
    crypto_random(session, sizeof session);
    struct call_leg *leg =
        call_has_device(call, roster->device[i].id) ? NULL : call_add_leg(call, true, &roster->device[i], session);
    if (!leg)
      continue; /* it rings already; or there is no room, and the others ring all the same */
    call_send_links_first(call, now, leg);
    if (!call_send_knock(call, now, leg))
      free_leg(call->leg[--call->legs]);
  }
}

static int place_of(const struct call *call, const struct call_leg *leg) {
  int at = 0;
  while (call->leg[at] != leg)
    at++;
  return at;
}

void call_drop_leg(struct call *call, usec now, struct call_leg *leg, sotto_end_reason reason) {
  if (call->legs == 1) { /* it stays until GONE */
    call_finish(call, now, reason);
    return;
  }
  call->leg[place_of(call, leg)] = call->leg[--call->legs];
  free_leg(leg);
}

void call_keep_leg(struct call *call, usec now, struct call_leg *kept, enum wire_reason reason) {
  const struct message cancel = {.type = MESSAGE_CANCEL, .reason = (uint8_t)reason};
  for (int i = 0; i < call->legs; i++)
    if (call->leg[i] != kept && call->leg[i]->channel.open)
      call_tell_leg(call, now, call->leg[i], &cancel, NULL);
  if (!kept)
    return;
  call->leg[place_of(call, kept)] = call->leg[0];
  call->leg[0] = kept;
  while (call->legs > 1)
    free_leg(call->leg[--call->legs]);
}
