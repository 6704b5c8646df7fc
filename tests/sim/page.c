#include "page.h"

#include "engine/call/page.h"
#include "inside.h"

static struct sim *stage; /* the simulation that has pages in it */

void sim_become_page(struct sim *sim, int peer) {
  sim->peer[peer].core->env.caps = CAPS_BROWSER;
  stage = sim;
}

void sim_forget_pages(const struct sim *sim) {
  if (stage == sim)
    stage = NULL;
}

static const struct call *call_of(const struct dtls *dtls) {
  for (int p = 0; stage && p < stage->peers; p++)
    for (const struct call *call = stage->peer[p].core->calls; call; call = call->next)
      if (call->transport.dtls == dtls)
        return call;
  return NULL;
}

bool page_takes(const struct dtls *dtls, const uint8_t serial[DTLS_SERIAL_SIZE]) {
  const struct call *call = call_of(dtls);
  if (!call || !call->leg[0]->page || call->leg[0]->server)
    return true;
  const struct channel *channel = &call->leg[0]->channel;
  uint8_t expected[DTLS_SERIAL_SIZE];
  page_serial(expected, channel->h, call->call_id, call->outgoing ? &channel->us : &channel->them,
              call->outgoing ? &channel->them : &channel->us);
  return memcmp(serial, expected, sizeof expected) == 0;
}
