
#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stun/stunagent.h>
#include <stun/usages/ice.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/path/ice.h"
#include "kernel.h"
#include "loopback.h"
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
  uint16_t offered_port; /* of the last */
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
  peer->offered_port = candidate->port;
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

static void send_now(struct peer *peer, const uint8_t *data, size_t size) {
  assert_true(ice_send(peer->ice, data, size));
  ice_flush(peer->ice);
}

static void exchange(struct peer *a, struct peer *b) {
  uint8_t out[1200];
  for (int i = 0; i < 50; i++) {
    int before_a = a->received, before_b = b->received;
    memset(out, 128 + i % 60, sizeof out);
    size_t size = (size_t)(i * 23 + 1);
    send_now(a, out, size);
    assert_true(wait_for(b->received > before_b, 1000));
    assert_int_equal(b->last_size, size);
    assert_memory_equal(b->last, out, size);
    send_now(b, out, size);
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

static int hurried; /* timers */

void __real_g_source_set_ready_time(GSource *source, gint64 at);
__attribute__((visibility("default"))) void __wrap_g_source_set_ready_time(GSource *source, gint64 at);

void __wrap_g_source_set_ready_time(GSource *source, gint64 at) {
  hurried += at == 0 && g_source_get_ready_time(source) != 0;
  __real_g_source_set_ready_time(source, at);
}

static void the_first_check_of_each_agent_does_not_wait_for_its_turn(void **state) {
  (void)state;
  struct peer a, b;
  hurried = 0;
  start(&a, &b, loopback);
  assert_true(wait_for(a.connected && b.connected, 5000));
  assert_int_equal(hurried, 2);
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

static void an_agent_may_be_closed_inside_its_own_callback(void **state) {
  (void)state;
  struct peer a, b;
  start(&a, &b, loopback);
  assert_true(wait_for(a.connected && b.connected, 5000));
  b.close_on_datagram = true;
  send_now(&a, (const uint8_t *)"\x80", 1);
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

/* ---- past the agent: batches, and a second socket on its port ---- */

enum { FRAME = 16 };

/* One frame's packets: 15 of equal size and a shorter one. */
static void send_frame(struct peer *from) {
  int before = from->other->received;
  uint8_t packet[1200];
  for (int i = 0; i < FRAME; i++) {
    memset(packet, 128 + i, sizeof packet);
    assert_true(ice_send(from->ice, packet, i == FRAME - 1 ? 700 : sizeof packet));
  }
  ice_flush(from->ice);
  assert_true(wait_for(from->other->received == before + FRAME, 2000));
  assert_int_equal(from->other->last_size, 700);
  assert_int_equal(from->other->last[699], 128 + FRAME - 1);
}

static void check_paths(const struct peer *peer, const char *send, const char *receive) {
  assert_string_equal(ice_send_path(peer->ice), send);
  assert_string_equal(ice_receive_path(peer->ice), receive);
}

static void connect_with(struct peer *a, struct peer *b, const char *address) {
  start(a, b, (struct ice_config){.local_address = address});
  check_paths(a, "agent", "agent");
  assert_true(wait_for(a->connected && b->connected, 5000));
}

static void restart(struct peer *a, struct peer *b) {
  int connects_a = a->connects, connects_b = b->connects;
  assert_true(ice_restart(a->ice, false) && ice_restart(b->ice, false));
  assert_true(wait_for(a->connects > connects_a && b->connects > connects_b, 5000));
}

static void a_frame_is_sent_with_one_system_call_and_received_with_few(void **state) {
  (void)state;
  struct peer a, b;
  connect_with(&a, &b, "127.0.0.1");
  check_paths(&a, "segmented", "merged");
  check_paths(&b, "segmented", "merged");
  int sends = kernel.sends, receives = kernel.receives;
  send_frame(&a);
  assert_int_equal(kernel.sends, sends + 1);
  assert_in_range(kernel.receives - receives, 1, FRAME / 4); /* one, unless the kernel was interrupted */
  exchange(&a, &b);
  restart(&a, &b);
  check_paths(&a, "segmented", "merged"); /* of the new pair */
  receives = kernel.receives;
  send_frame(&a);
  assert_true(kernel.receives > receives);
  stop(&a, &b);
}

static void the_same_over_ipv6_and_after_a_restart(void **state) {
  (void)state;
  struct peer a, b;
  connect_with(&a, &b, "::1");
  for (int i = 0; i < 2; i++) {
    check_paths(&a, "segmented", "merged");
    check_paths(&b, "segmented", "merged");
    send_frame(&a);
    send_frame(&b);
    exchange(&a, &b);
    restart(&a, &b);
  }
  stop(&a, &b);
}

/* As some network cards refuse it, and then, as some sandboxes do, all that goes past the agent. */
static void what_can_not_be_sent_in_one_is_sent_in_many_and_nothing_is_lost(void **state) {
  (void)state;
  static const int errors[] = {EIO, EINVAL, EMSGSIZE, EOPNOTSUPP};
  for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
    struct peer a, b;
    connect_with(&a, &b, "127.0.0.1");
    kernel.segments = errors[i];
    send_frame(&a);
    check_paths(&a, "batched", "merged");
    send_frame(&a);
    kernel.many = ENOSYS;
    send_frame(&a);
    check_paths(&a, "agent", "merged");
    send_frame(&a);
    exchange(&a, &b);
    kernel.segments = kernel.many = 0;
    restart(&a, &b);
    check_paths(&a, "segmented", "merged"); /* tried anew */
    send_frame(&a);
    stop(&a, &b);
  }
}

static void what_is_taken_in_part_is_handed_over_again_from_there(void **state) {
  (void)state;
  struct peer a, b;
  connect_with(&a, &b, "127.0.0.1");
  int sends = kernel.sends;
  kernel.segments = EIO;
  kernel.few = 3;
  send_frame(&a);
  kernel.segments = 0;
  kernel.few = 0;
  assert_int_equal(kernel.sends, sends + 1 + (FRAME + 2) / 3);
  check_paths(&a, "batched", "merged");
  stop(&a, &b);
}

/* `option` and `port`: see kernel.h */
static void check_receive_path(int option, bool port, const char *path) {
  struct peer a, b;
  kernel.option = option;
  kernel.port = port;
  connect_with(&a, &b, "127.0.0.1");
  kernel.option = kernel.port = 0;
  check_paths(&a, "segmented", path);
  int receives = kernel.receives;
  send_frame(&a);
  exchange(&a, &b);
  assert_int_equal(kernel.receives > receives, strcmp(path, "agent") != 0);
  stop(&a, &b);
}

static void where_the_port_can_not_be_shared_the_agent_receives_and_nothing_is_lost(void **state) {
  (void)state;
  check_receive_path(SO_REUSEPORT, false, "agent");
  check_receive_path(SO_ATTACH_REUSEPORT_CBPF, false, "agent");
  check_receive_path(0, true, "agent");
  check_receive_path(UDP_GRO, false, "batched"); /* Linux before 5.0 */
}

static void where_datagrams_are_merged_the_agent_gets_its_port_back(void **state) {
  (void)state;
  struct peer a, b;
  connect_with(&a, &b, "127.0.0.1");
  kernel.merge_stun = true;
  for (int i = 0; i < 2; i++) { /* in the first batch it may be from before the second socket */
    check_paths(&b, "segmented", "merged");
    int receives = kernel.receives;
    send_now(&a, (const uint8_t *)"\x80", 1);
    assert_true(wait_for(kernel.receives > receives, 2000));
  }
  kernel.merge_stun = false;
  check_paths(&b, "segmented", "agent");
  send_frame(&a);
  exchange(&a, &b);
  check_paths(&b, "segmented", "agent");
  stop(&a, &b);
}

enum { TRANSACTION = 8, TRANSACTION_END = 20 };

/* A check as a browser sends it from another of its addresses (RFC 8445 section 7.2.5), answered. */
static bool check_from(int fd, const struct peer *to, const struct peer *of) {
  static const uint16_t mandatory[] = {STUN_ATTRIBUTE_USERNAME, STUN_ATTRIBUTE_MESSAGE_INTEGRITY, 0};
  uint8_t bytes[600], answer[600];
  char username[520];
  StunAgent agent;
  StunMessage message;
  int length = snprintf(username, sizeof username, "%s:%s", to->ufrag, of->ufrag);
  stun_agent_init(&agent, mandatory, STUN_COMPATIBILITY_RFC5389,
                  STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT);
  size_t size = stun_usage_ice_conncheck_create(&agent, &message, bytes, sizeof bytes, (uint8_t *)username,
                                                (size_t)length, (uint8_t *)to->pwd, strlen(to->pwd), false, false,
                                                1, 1, NULL, STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
  const struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(to->offered_port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
  bool sent = send(fd, bytes, size, 0) == (ssize_t)size, answered = false;
  return sent &&
         wait_for(answered |= recv(fd, answer, sizeof answer, 0) > TRANSACTION_END &&
                              memcmp(answer + TRANSACTION, bytes + TRANSACTION, TRANSACTION_END - TRANSACTION) == 0,
                  2000); /* RFC 8489 section 5; its own checks come as well */
}

static void no_check_is_taken_from_the_agent_however_much_media_comes_with_it(void **state) {
  (void)state;
  enum { CHECKS = 100, MEDIA = 8 };
  struct peer a, b;
  struct sockaddr_in ignored;
  connect_with(&a, &b, "127.0.0.1");
  int browser = loopback_socket(&ignored);
  assert_true(check_from(browser, &a, &b));
  for (int i = 0; i < CHECKS; i++) {
    for (int n = 0; n < MEDIA; n++)
      assert_int_equal(send(browser, "\x80 media", 7, 0), 7);
    assert_true(check_from(browser, &a, &b));
  }
  assert_true(wait_for(a.received == CHECKS * MEDIA, 2000));
  check_paths(&a, "segmented", "merged");
  close(browser);
  stop(&a, &b);
}

static void media_from_an_address_that_was_checked_is_taken_and_from_others_not(void **state) {
  (void)state;
  struct peer a, b;
  struct sockaddr_in ignored;
  connect_with(&a, &b, "127.0.0.1");
  int checked = loopback_socket(&ignored), stranger = loopback_socket(&ignored);
  assert_true(check_from(checked, &a, &b));
  assert_int_equal(send(checked, "\x80 media", 7, 0), 7);
  assert_true(wait_for(a.received == 1, 1000));
  const struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(a.offered_port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  assert_int_equal(sendto(stranger, "\x80 media", 7, 0, (const struct sockaddr *)&address, sizeof address), 7);
  assert_false(wait_for(a.received > 1, 200));
  check_paths(&a, "segmented", "merged"); /* all of it past the agent */
  close(checked);
  close(stranger);
  stop(&a, &b);
}

/* ---- consent ---- */

enum { CONSENT_MS = 30000, CHECK_MS = 6000 }; /* RFC 7675: at most; 5 s, a fifth more or less */

/* How long consent lasts without an answer is the agent's affair, and different from one libnice to the next: a
 * peer that vanishes shows it. The other pair's checks are answered beside its media, or it would fail as well, at
 * most one check later. */
static void consent_is_lost_with_the_peer_and_not_before_and_a_restart_brings_it_back(void **state) {
  (void)state;
  struct peer a, b, c, d;
  connect_with(&a, &b, "127.0.0.1");
  connect_with(&c, &d, "127.0.0.1");
  ice_close(b.ice);
  ice_drain(context, MS(500));
  gint64 end = g_get_monotonic_time() + (CONSENT_MS + CHECK_MS) * 1000;
  for (bool failed = false; g_get_monotonic_time() < end; wait_for(false, 100)) {
    send_now(&c, (const uint8_t *)"\x80", 1);
    send_now(&d, (const uint8_t *)"\x80", 1);
    if (!failed && a.failed)
      end = g_get_monotonic_time() + CHECK_MS * 1000;
    failed = a.failed;
  }
  assert_true(a.failed);
  assert_true(c.connected && d.connected && !c.failed && !d.failed);
  check_paths(&a, "agent", "agent");
  check_paths(&c, "segmented", "merged");
  check_paths(&d, "segmented", "merged");
  stop(&c, &d);
  struct ice_config config = loopback;
  config.context = context;
  b = (struct peer){.other = &a};
  need(b.ice = ice_new(&config, &callbacks, &b));
  assert_true(ice_restart(a.ice, false));
  assert_true(wait_for(a.connected && b.connected, 5000));
  exchange(&a, &b);
  stop(&a, &b);
}

/* ---- a relay ---- */

static void relayed_agents_connect_and_disclose_no_other_address(void **state) {
  (void)state;
  if (!relay_installed())
    unit_skip("needs coturn");
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
      send_frame(&a);
      check_paths(&a, "agent", "agent"); /* its socket is the way to the relay */
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
      test(the_first_check_of_each_agent_does_not_wait_for_its_turn),
      test(loopback_is_not_gathered_unless_asked_for),
      test(a_restart_finds_a_new_pair_while_the_old_one_carries_on),
      test(a_restart_of_a_restart_connects),
      test(an_agent_may_be_closed_inside_its_own_callback),
      test(unusable_candidates_and_credentials_are_refused),
      test(a_server_whose_name_does_not_resolve_holds_nothing_up_for_long),
      test(a_frame_is_sent_with_one_system_call_and_received_with_few),
      test(the_same_over_ipv6_and_after_a_restart),
      test(what_can_not_be_sent_in_one_is_sent_in_many_and_nothing_is_lost),
      test(what_is_taken_in_part_is_handed_over_again_from_there),
      test(where_the_port_can_not_be_shared_the_agent_receives_and_nothing_is_lost),
      test(where_datagrams_are_merged_the_agent_gets_its_port_back),
      test(no_check_is_taken_from_the_agent_however_much_media_comes_with_it),
      test(media_from_an_address_that_was_checked_is_taken_and_from_others_not),
      test(relayed_agents_connect_and_disclose_no_other_address),
      test(a_relay_that_does_not_answer_does_not_hold_up_the_end),
      test(consent_is_lost_with_the_peer_and_not_before_and_a_restart_brings_it_back),
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
