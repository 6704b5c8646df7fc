/* The way of media past the agent: one agent on loopback, whose selected pair the test chooses, and raw sockets. */
#include <arpa/inet.h>
#include <errno.h>
#include <nice/agent.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/path/ice_pair.h"
#include "kernel.h"
#include "unit/unit.h"

enum { COMPONENT = 1, ENDS = 2, PACKETS = 4, SIZE = 1200 };

static struct {
  GMainContext *context;
  NiceAgent *agent;
  guint stream;
  struct ice_pair *pair;
  int fd[ENDS]; /* what may be at the other end of the pair */
  struct sockaddr_in address[ENDS];
} stage;

static bool known(void *user, const struct candidate *from) {
  (void)user, (void)from;
  return false;
}

static bool datagram(void *user, uint8_t *data, size_t size) {
  (void)user, (void)data, (void)size;
  return true;
}

static void on_agent_datagram(NiceAgent *agent, guint stream, guint component, guint size, gchar *data,
                              gpointer user) {
  (void)agent, (void)stream, (void)component, (void)size, (void)data, (void)user;
}

static void open_end(int i) {
  socklen_t size = sizeof stage.address[i];
  stage.fd[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  stage.address[i] = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  assert_int_equal(bind(stage.fd[i], (struct sockaddr *)&stage.address[i], size), 0);
  assert_int_equal(getsockname(stage.fd[i], (struct sockaddr *)&stage.address[i], &size), 0);
}

static int set_up(void **state) {
  (void)state;
  static const struct ice_pair_callbacks callbacks = {.known = known, .datagram = datagram};
  NiceAddress address;
  nice_address_init(&address);
  stage.context = g_main_context_new();
  g_main_context_push_thread_default(stage.context);
  stage.agent = nice_agent_new(stage.context, NICE_COMPATIBILITY_RFC5245);
  g_object_set(stage.agent, "upnp", FALSE, "ice-tcp", FALSE, NULL);
  assert_true(nice_address_set_from_string(&address, "127.0.0.1"));
  assert_true(nice_agent_add_local_address(stage.agent, &address));
  stage.stream = nice_agent_add_stream(stage.agent, COMPONENT);
  nice_agent_attach_recv(stage.agent, stage.stream, COMPONENT, stage.context, on_agent_datagram, NULL);
  assert_true(nice_agent_gather_candidates(stage.agent, stage.stream));
  stage.pair = ice_pair_new(stage.agent, stage.stream, stage.context, &callbacks, NULL);
  assert_non_null(stage.pair);
  for (int i = 0; i < ENDS; i++)
    open_end(i);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ice_pair_free(stage.pair);
  for (int i = 0; i < ENDS; i++)
    close(stage.fd[i]);
  nice_agent_remove_stream(stage.agent, stage.stream);
  g_object_unref(stage.agent);
  while (g_main_context_iteration(stage.context, FALSE))
    continue;
  g_main_context_pop_thread_default(stage.context);
  g_main_context_unref(stage.context);
  return 0;
}

/* Another remote address, and the agent's one socket. */
static void choose(int end) {
  NiceCandidate *candidate = nice_candidate_new(NICE_CANDIDATE_TYPE_HOST);
  nice_address_set_from_sockaddr(&candidate->addr, (struct sockaddr *)&stage.address[end]);
  candidate->base_addr = candidate->addr;
  candidate->transport = NICE_CANDIDATE_TRANSPORT_UDP;
  candidate->stream_id = stage.stream;
  candidate->component_id = COMPONENT;
  assert_true(nice_agent_set_selected_remote_candidate(stage.agent, stage.stream, COMPONENT, candidate));
  nice_candidate_free(candidate);
  ice_pair_select(stage.pair, true);
}

static void queue_packets(void) {
  uint8_t packet[SIZE];
  memset(packet, 128, sizeof packet);
  for (int i = 0; i < PACKETS; i++)
    assert_true(ice_pair_send(stage.pair, packet, sizeof packet));
}

/* It has them, and the other one has nothing. */
static void check_packets_at(int end) {
  uint8_t packet[2 * SIZE];
  for (int i = 0; i < PACKETS; i++)
    assert_int_equal(recv(stage.fd[end], packet, sizeof packet, 0), SIZE);
  for (int i = 0; i < ENDS; i++)
    assert_int_equal(recv(stage.fd[i], packet, sizeof packet, 0), -1);
}

static void check_way_to(int end, const char *way) {
  queue_packets();
  ice_pair_flush(stage.pair);
  check_packets_at(end);
  assert_string_equal(ice_pair_send_path(stage.pair), way);
}

static void each_pair_begins_with_the_fastest_way_whatever_the_one_before_refused(void **state) {
  (void)state;
  choose(0);
  check_way_to(0, "segmented");
  for (int i = 1; i < 5; i++) {
    if (i % 2)
      kernel.segments = EIO;
    else
      kernel.many = ENOSYS;
    check_way_to((i + 1) % ENDS, i % 2 ? "batched" : "agent");
    kernel.segments = kernel.many = 0;
    check_way_to((i + 1) % ENDS, i % 2 ? "batched" : "agent"); /* what was refused is not asked for again */
    choose(i % ENDS);
    check_way_to(i % ENDS, "segmented");
    assert_string_equal(ice_pair_receive_path(stage.pair), "merged");
  }
}

static void what_waits_leaves_by_the_pair_that_it_was_for(void **state) {
  (void)state;
  choose(0);
  queue_packets();
  choose(1);
  check_packets_at(0);
  queue_packets();
  ice_pair_select(stage.pair, false); /* consent is gone: it may not leave any more (RFC 7675) */
  ice_pair_flush(stage.pair);
  assert_int_equal(recv(stage.fd[1], (uint8_t[1]){0}, 1, 0), -1);
  assert_string_equal(ice_pair_send_path(stage.pair), "agent");
  assert_string_equal(ice_pair_receive_path(stage.pair), "agent");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(each_pair_begins_with_the_fastest_way_whatever_the_one_before_refused, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(what_waits_leaves_by_the_pair_that_it_was_for, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
