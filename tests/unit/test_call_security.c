/* The DTLS client's end of the binding, against a server in one process whose last flight is held back. */
#include "lone_call.h"

static struct dtls *server;
static uint8_t server_print[HASH_SIZE];
static struct {
  uint8_t data[DTLS_DATAGRAM_MAX];
  size_t size;
} held[8];
static int held_count;

static void give_up(void) {
  dtls_free(server);
  lone_end();
}

static void need_made(bool made) {
  if (!made)
    give_up();
  need(made);
}

static struct call *securing(void) {
  struct call *call = lone_call(CALL_CONNECTING);
  struct dtls_certificate *certificate = dtls_certificate_new(NULL);
  server = NULL;
  held_count = 0;
  call->certificate = dtls_certificate_new(NULL);
  bool made = certificate && call->certificate;
  if (made) {
    uint8_t print[HASH_SIZE];
    const struct codec_list codecs = codecs_ours(SESSION_VP8);
    dtls_certificate_fingerprint(call->certificate, print);
    description_init(&call->ours, print, &codecs);
    dtls_certificate_fingerprint(certificate, server_print);
    description_init(&call->theirs, server_print, &codecs);
    struct dtls_config config = {.certificate = certificate, .server = true};
    memcpy(config.peer_fingerprint, print, sizeof config.peer_fingerprint);
    config.profiles = (size_t)description_profiles(&call->theirs, &call->ours, config.profile);
    server = dtls_new(&config);
  }
  dtls_certificate_free(certificate);
  need_made(server);
  call->leg[0]->server = false;
  lone.contact.state = SOTTO_TRUST_VERIFIED;
  lone.env.new_device = SOTTO_NEW_DEVICE_SHOW;
  const struct session_config session = {.seed = 1, .audio_ssrc = 1, .video_ssrc = 2, .cname = "cname"};
  transport_describe(&call->transport, &session);
  transport_open_firewall(&call->transport, false);
  call_ice_changed(call, 0, CORE_ICE_CONNECTED, NULL);
  need_made(call->state == CALL_SECURING);
  return call;
}

/* Carries what the client says to the server, and what the server says back while it is not complete. */
static void carry(struct call *call) {
  struct core_output out;
  const uint8_t *data;
  size_t size;
  for (bool any = true; any;) {
    any = false;
    while (transport_poll(&call->transport, 0, &out))
      if ((any = out.type == CORE_DATAGRAM))
        dtls_input(server, 0, out.data, out.size);
    while (dtls_poll(server, 0, &data, &size)) {
      if (dtls_state(server) == DTLS_CONNECTED && held_count < 8) {
        held[held_count].size = size;
        memcpy(held[held_count++].data, data, size);
        continue;
      }
      uint8_t copy[DTLS_DATAGRAM_MAX];
      memcpy(copy, data, size);
      transport_input(&call->transport, 0, copy, size);
      any = true;
    }
  }
  need_made(dtls_state(server) == DTLS_CONNECTED);
  call_check_dtls(call, 0);
}

static struct message their_bind(const struct call *call) {
  struct message bind = {.type = MESSAGE_BIND};
  assert_true(binding_state(&bind, server, true, server_print));
  assert_true(binding_state_keys(&bind, server, call->call_id, call->leg[0]->channel.h));
  return bind;
}

static void finish_handshake(struct call *call) {
  for (int i = 0; i < held_count; i++)
    transport_input(&call->transport, 0, held[i].data, held[i].size);
  call_check_dtls(call, 0);
}

static void their_equal_bind_opens_the_gate_before_their_finished(void **state) {
  (void)state;
  struct call *call = securing();
  carry(call);
  assert_int_equal(dtls_state(call->transport.dtls), DTLS_HANDSHAKING);
  assert_int_equal(call->state, CALL_SECURING);
  assert_true(call->bind_sent);
  assert_null(call->transport.srtp);
  const struct message bind = their_bind(call);
  call_bind_received(call, 0, &bind);
  need_made(!call_ended(call)); /* no memory for SRTP or the session: the safe end */
  assert_int_equal(call->state, CALL_OPEN);
  assert_int_equal(call->gate, SOTTO_GATE_OPEN);
  finish_handshake(call);
  assert_int_equal(dtls_state(call->transport.dtls), DTLS_CONNECTED);
  assert_int_equal(call->state, CALL_OPEN);
  give_up();
}

static void their_other_bind_ends_the_call_before_there_is_a_key(void **state) {
  (void)state;
  struct sotto_event event;
  struct call *call = securing();
  carry(call);
  struct message bind = their_bind(call);
  bind.ekm[0] ^= 1;
  call_bind_received(call, 0, &bind);
  assert_int_equal(call->state, CALL_ENDED);
  assert_int_equal(call->reason, SOTTO_END_SECURITY);
  assert_null(call->transport.srtp);
  assert_int_equal(lone_events(SOTTO_EVENT_ALARM, &event), 1);
  assert_int_equal(event.alarm, SOTTO_ALARM_BIND_MISMATCH);
  assert_int_equal(lone.contact.state, SOTTO_TRUST_CHANGED);
  give_up();
}

static void a_bind_before_our_own_finished_waits_for_it(void **state) {
  (void)state;
  struct call *call = securing();
  const struct message nonsense = {.type = MESSAGE_BIND};
  call_bind_received(call, 0, &nonsense);
  assert_int_equal(call->state, CALL_SECURING);
  assert_false(call->facts.bound);
  carry(call);
  assert_int_equal(call->state, CALL_ENDED); /* and is compared then */
  assert_null(call->transport.srtp);
  give_up();
}

static void without_their_bind_a_finished_handshake_opens_nothing(void **state) {
  (void)state;
  struct call *call = securing();
  carry(call);
  finish_handshake(call);
  assert_int_equal(call->state, CALL_BINDING);
  assert_int_equal(call->gate, SOTTO_GATE_SHUT);
  assert_null(call->transport.srtp);
  const struct message bind = their_bind(call);
  call_bind_received(call, 0, &bind);
  need_made(!call_ended(call));
  assert_int_equal(call->state, CALL_OPEN);
  give_up();
}

static void where_a_page_is_one_end_nothing_counts_before_the_finished(void **state) {
  (void)state;
  struct call *call = securing();
  call->leg[0]->page = true;
  carry(call);
  struct message bind = {.type = MESSAGE_BIND};
  assert_true(binding_state(&bind, server, true, server_print));
  call_bind_received(call, 0, &bind);
  assert_int_equal(call->state, CALL_SECURING);
  assert_false(call->bind_sent);
  finish_handshake(call);
  need_made(!call_ended(call));
  assert_int_equal(call->state, CALL_OPEN);
  give_up();
}

UNIT_TESTS(test(their_equal_bind_opens_the_gate_before_their_finished),
           test(their_other_bind_ends_the_call_before_there_is_a_key),
           test(a_bind_before_our_own_finished_waits_for_it),
           test(without_their_bind_a_finished_handshake_opens_nothing),
           test(where_a_page_is_one_end_nothing_counts_before_the_finished))
