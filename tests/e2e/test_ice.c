
#include <arpa/inet.h>
#include <glib.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/path/ice.h"
#include "relay.h"
#include "unit/unit.h"

/* Two agents on one context, joined as a call joins them: credentials and candidates by hand. */

struct peer {
  struct ice *ice;
  struct peer *other;
  char ufrag[257], pwd[257];
  int locals, candidates, gathered, received, connects;
  bool told;      /* the other's credentials */
  bool hold_back; /* does not pass its candidates on */
  enum ice_state state;
  bool connected, failed;
  enum candidate_type local, remote, offered[CANDIDATES_MAX];
  uint8_t last[1500];
  size_t last_size;
  bool close_on_datagram;
};

static GMainContext *context;

static void tell(struct peer *peer) {
  if (peer->other->ice && peer->locals > 0 && !peer->told) {
    peer->told = true;
    assert_true(ice_set_remote(peer->other->ice, peer->ufrag, peer->pwd));
  }
}

static void on_local(void *user, const char *ufrag, const char *pwd) {
  struct peer *peer = user;
  snprintf(peer->ufrag, sizeof peer->ufrag, "%s", ufrag);
  snprintf(peer->pwd, sizeof peer->pwd, "%s", pwd);
  peer->locals++;
  peer->told = false;
  tell(peer);
}

static void on_candidate(void *user, const struct candidate *candidate) {
  struct peer *peer = user;
  assert_true(peer->locals > 0); /* credentials come first */
  if (peer->candidates < CANDIDATES_MAX)
    peer->offered[peer->candidates] = candidate->type;
  peer->candidates++;
  if (!peer->hold_back)
    assert_true(ice_add_candidate(peer->other->ice, candidate));
}

static void on_gathered(void *user) {
  ((struct peer *)user)->gathered++;
}

static void on_state(void *user, enum ice_state state, enum candidate_type local, enum candidate_type remote) {
  struct peer *peer = user;
  peer->state = state;
  peer->connected = state == ICE_CONNECTED;
  peer->failed |= state == ICE_FAILED;
  if (state == ICE_CONNECTED) {
    peer->connects++;
    peer->local = local;
    peer->remote = remote;
  }
}

static void on_datagram(void *user, uint8_t *data, size_t size) {
  struct peer *peer = user;
  peer->received++;
  memcpy(peer->last, data, size);
  peer->last_size = size;
  memset(data, 0, size); /* allowed */
  if (peer->close_on_datagram) {
    ice_close(peer->ice);
    peer->ice = NULL;
  }
}

static const struct ice_callbacks callbacks = {
    .local = on_local,
    .candidate = on_candidate,
    .gathered = on_gathered,
    .state = on_state,
    .datagram = on_datagram,
};

static gboolean wake(gpointer user) {
  (void)user;
  return G_SOURCE_CONTINUE;
}

/* Runs the context until the condition holds; false after `ms`. */
#define wait_for(condition, ms)                                                                                    \
  ({                                                                                                               \
    gint64 wait_end = g_get_monotonic_time() + (ms)*1000;                                                          \
    while (!(condition) && g_get_monotonic_time() < wait_end)                                                      \
      g_main_context_iteration(context, TRUE);                                                                     \
    (condition);                                                                                                   \
  })

static void start(struct peer *a, struct peer *b, struct ice_config config) {
  config.context = context;
  *a = (struct peer){.other = b};
  *b = (struct peer){.other = a};
  config.controlling = true;
  need(a->ice = ice_new(&config, &callbacks, a));
  config.controlling = false;
  need(b->ice = ice_new(&config, &callbacks, b));
  assert_int_equal(a->locals + b->locals, 0); /* nothing fires inside a call */
}

static void stop(struct peer *a, struct peer *b) {
  ice_close(a->ice);
  ice_close(b->ice);
  gint64 began = g_get_monotonic_time();
  ice_drain(context, MS(500));
  assert_true(g_get_monotonic_time() - began < 700000);
}

static void exchange(struct peer *a, struct peer *b) {
  uint8_t out[1200];
  for (int i = 0; i < 50; i++) {
    int before_a = a->received, before_b = b->received;
    memset(out, 128 + i % 60, sizeof out);
    size_t size = (size_t)(i * 23 + 1);
    assert_true(ice_send(a->ice, out, size));
    assert_true(wait_for(b->received > before_b, 1000));
    assert_int_equal(b->last_size, size);
    assert_memory_equal(b->last, out, size);
    assert_true(ice_send(b->ice, out, size));
    assert_true(wait_for(a->received > before_a, 1000));
    assert_memory_equal(a->last, out, size);
  }
}

static const struct ice_config loopback = {.local_address = "127.0.0.1"};

static void two_agents_connect_on_loopback_and_exchange_datagrams(void **state) {
  (void)state;
  struct peer a, b;
  start(&a, &b, loopback);
  assert_false(ice_send(a.ice, (const uint8_t *)"\x80", 1)); /* no pair yet */
  assert_true(wait_for(a.connected && b.connected, 5000));
  assert_int_equal(a.local, CANDIDATE_HOST);
  assert_int_equal(b.remote, CANDIDATE_HOST);
  assert_true(wait_for(a.gathered == 1 && b.gathered == 1, 5000));
  exchange(&a, &b);
  stop(&a, &b);
}

static void loopback_is_not_gathered_unless_asked_for(void **state) {
  (void)state;
  struct peer a, b;
  start(&a, &b, (struct ice_config){0});
  a.hold_back = b.hold_back = true;
  wait_for(a.gathered && b.gathered, 3000);
  assert_int_equal(a.locals, 1);
  stop(&a, &b);
  start(&a, &b, loopback);
  assert_true(wait_for(a.gathered && b.gathered, 3000));
  assert_int_equal(a.candidates, 1);
  stop(&a, &b);
}

static void a_restart_finds_a_new_pair_while_the_old_one_carries_on(void **state) {
  (void)state;
  struct peer a, b;
  start(&a, &b, loopback);
  assert_true(wait_for(a.connected && b.connected, 5000));
  char before[257];
  snprintf(before, sizeof before, "%s", a.ufrag);
  int connects_a = a.connects, connects_b = b.connects, rounds = 0;
  assert_true(ice_restart(a.ice, false) && ice_restart(b.ice, false));
  while ((a.connects == connects_a || b.connects == connects_b) && rounds++ < 200) {
    exchange(&a, &b); /* not one datagram is lost */
    g_main_context_iteration(context, FALSE);
  }
  assert_true(wait_for(a.connects > connects_a && b.connects > connects_b, 5000));
  assert_int_equal(a.locals, 2);
  assert_string_not_equal(a.ufrag, before);
  assert_true(a.connected && b.connected && !a.failed && !b.failed);
  exchange(&a, &b);
  wait_for(false, 2500); /* the old pair is gone */
  exchange(&a, &b);
  stop(&a, &b);
}

static void a_restart_of_a_restart_connects(void **state) {
  (void)state;
  struct peer a, b;
  start(&a, &b, loopback);
  assert_true(wait_for(a.connected && b.connected, 5000));
  for (int i = 0; i < 3; i++) {
    int connects_a = a.connects, connects_b = b.connects;
    assert_true(ice_restart(a.ice, false) && ice_restart(b.ice, false));
    assert_true(ice_restart(a.ice, false) && ice_restart(b.ice, false));
    assert_true(wait_for(a.connects > connects_a && b.connects > connects_b, 5000));
    exchange(&a, &b);
  }
  stop(&a, &b);
}

static void a_peer_that_vanishes_is_noticed_and_a_restart_brings_it_back(void **state) {
  (void)state;
  struct peer a, b;
  start(&a, &b, loopback);
  assert_true(wait_for(a.connected && b.connected, 5000));
  ice_close(b.ice);
  ice_drain(context, MS(500));
  assert_true(wait_for(a.failed, 30000)); /* consent is gone (RFC 7675) */
  struct ice_config config = loopback;
  config.context = context;
  b = (struct peer){.other = &a};
  need(b.ice = ice_new(&config, &callbacks, &b));
  assert_true(ice_restart(a.ice, false));
  assert_true(wait_for(a.connected && b.connected, 5000));
  exchange(&a, &b);
  stop(&a, &b);
}

static void an_agent_may_be_closed_inside_its_own_callback(void **state) {
  (void)state;
  struct peer a, b;
  start(&a, &b, loopback);
  assert_true(wait_for(a.connected && b.connected, 5000));
  b.close_on_datagram = true;
  assert_true(ice_send(a.ice, (const uint8_t *)"\x80", 1));
  assert_true(wait_for(b.ice == NULL, 1000));
  stop(&a, &b);
  assert_int_equal(b.received, 1);
}

static void unusable_candidates_and_credentials_are_refused(void **state) {
  (void)state;
  struct peer a, b;
  start(&a, &b, loopback);
  const struct candidate good = {.type = CANDIDATE_HOST,
                                 .transport = CANDIDATE_UDP,
                                 .family = 4,
                                 .address = {127, 0, 0, 1},
                                 .port = 9,
                                 .priority = 1,
                                 .foundation = "1"};
  struct candidate bad[] = {good, good, good, good, good, good, good, good};
  bad[0].priority = 0;
  bad[1].transport = CANDIDATE_TCP_ACTIVE;
  bad[2].port = 0;
  bad[3].family = 5;
  bad[4].type = CANDIDATE_PRFLX;
  bad[5].type = 0;
  bad[6].foundation[0] = 0;
  bad[7].foundation[0] = ' ';
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_false(ice_add_candidate(a.ice, &bad[i]));
  for (int i = 0; i < CANDIDATES_MAX; i++)
    assert_true(ice_add_candidate(a.ice, &good));
  assert_false(ice_add_candidate(a.ice, &good)); /* one too many */
  assert_false(ice_set_remote(a.ice, "abc", "0123456789012345678901"));
  assert_false(ice_set_remote(a.ice, "abcd", "012345678901234567890"));
  assert_false(ice_set_remote(a.ice, "ab d", "0123456789012345678901"));
  assert_true(ice_set_remote(a.ice, "abcd", "0123456789012345678901"));
  stop(&a, &b);
  struct ice_config config = {.context = context, .local_address = "no address"};
  assert_null(ice_new(&config, &callbacks, &a));
}

static void a_server_whose_name_does_not_resolve_holds_nothing_up_for_long(void **state) {
  (void)state;
  struct peer a, b;
  struct ice_config config = loopback;
  config.stun.host = config.turn.host = "nowhere.invalid";
  start(&a, &b, config);
  assert_true(wait_for(a.connected && b.connected, 8000));
  stop(&a, &b);
}

/* ---- a relay ---- */

static void relayed_agents_connect_and_disclose_no_other_address(void **state) {
  (void)state;
  if (!relay_installed()) {
    print_message("skipped: no turnserver here\n");
    skip();
  }
  uint16_t port = relay_free_port();
  pid_t pid = relay_start(port);
  bool up = relay_answers(port);
  struct peer a, b;
  struct ice_config config = {.local_address = "127.0.0.1",
                              .relay_only = true,
                              .turn = {"localhost", port},
                              .stun = {"127.0.0.1", port},
                              .turn_user = "someone",
                              .turn_password = "secret"};
  bool connected = false;
  if (up) {
    start(&a, &b, config);
    connected = wait_for(a.connected && b.connected, 10000);
    if (connected) {
      exchange(&a, &b);
      int connects = a.connects;
      assert_true(ice_restart(a.ice, true) && ice_restart(b.ice, true));
      connected = wait_for(a.connects > connects, 10000);
      exchange(&a, &b);
    }
    stop(&a, &b);
  }
  relay_stop(pid);
  assert_true(up);
  assert_true(connected);
  assert_int_equal(a.local, CANDIDATE_RELAY);
  assert_true(a.candidates > 0);
  for (int i = 0; i < a.candidates; i++)
    assert_int_equal(a.offered[i], CANDIDATE_RELAY);
}

static void a_relay_that_does_not_answer_does_not_hold_up_the_end(void **state) {
  (void)state;
  struct peer a, b;
  struct ice_config config = loopback;
  config.turn = (struct ice_server){"127.0.0.1", relay_free_port()};
  config.turn_user = config.turn_password = "x";
  start(&a, &b, config);
  assert_true(wait_for(a.connected && b.connected, 5000));
  exchange(&a, &b);
  stop(&a, &b);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      test(two_agents_connect_on_loopback_and_exchange_datagrams),
      test(loopback_is_not_gathered_unless_asked_for),
      test(a_restart_finds_a_new_pair_while_the_old_one_carries_on),
      test(a_restart_of_a_restart_connects),
      test(an_agent_may_be_closed_inside_its_own_callback),
      test(unusable_candidates_and_credentials_are_refused),
      test(a_server_whose_name_does_not_resolve_holds_nothing_up_for_long),
      test(relayed_agents_connect_and_disclose_no_other_address),
      test(a_relay_that_does_not_answer_does_not_hold_up_the_end),
      test(a_peer_that_vanishes_is_noticed_and_a_restart_brings_it_back),
  };
  context = g_main_context_new();
  g_main_context_push_thread_default(context);
  GSource *tick = g_timeout_source_new(5); /* so that waiting ends */
  g_source_set_callback(tick, wake, NULL, NULL);
  g_source_attach(tick, context);
  g_source_unref(tick);
  int failed = unit_main(argc, argv, tests, sizeof tests / sizeof tests[0]);
  g_main_context_pop_thread_default(context);
  g_main_context_unref(context);
  return failed;
}
