/* The adversary's relay: what libnice asks of it, and the hook where every packet passes. */
#include "turn_server.h"

#include <arpa/inet.h>

#include "unit/unit.h"

enum { ALLOCATE = 3, SEND = 0x16, REFRESH = 4, CHANNEL = 9, FIRST_PORT = 40001 };

struct seen {
  int answers, packets, from, to;
  uint16_t to_port; /* of the last answer */
  uint8_t data[2200];
  size_t size;
  bool keeps, changes;
};

static void on_send(void *user, const struct sockaddr_in *to, const uint8_t *data, size_t size) {
  struct seen *seen = user;
  seen->answers++;
  seen->to_port = ntohs(to->sin_port);
  seen->size = size;
  memcpy(seen->data, data, size);
}

static bool on_packet(void *user, int from, int to, uint8_t *data, size_t size) {
  struct seen *seen = user;
  seen->packets++;
  seen->from = from, seen->to = to;
  if (seen->changes)
    data[size - 1] ^= 1;
  return !seen->keeps;
}

static struct sockaddr_in at(uint16_t port) {
  return (struct sockaddr_in){
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void open_server(struct turn_server *server, struct seen *seen) {
  static const char *const names[TURN_USERS] = {"alice", "bob"};
  *seen = (struct seen){0};
  turn_server_init(server, &(struct turn_callbacks){on_send, on_packet, seen}, names, "secret");
}

static size_t put(uint8_t *out, uint16_t type, const void *value, size_t size) {
  out[0] = (uint8_t)(type >> 8), out[1] = (uint8_t)type, out[2] = 0, out[3] = (uint8_t)size;
  memset(out + 4, 0, (size + 3) & ~(size_t)3);
  memcpy(out + 4, value, size);
  return 4 + ((size + 3) & ~(size_t)3);
}

/* A request or indication with up to two attributes. */
static void ask(struct turn_server *server, uint16_t client, uint16_t type, const char *user, uint16_t peer_port,
                uint16_t attribute, const void *value, size_t size) {
  uint8_t out[512] = {(uint8_t)(type >> 8), (uint8_t)type, 0, 0, 0x21, 0x12, 0xa4, 0x42, 't', 'r', 'a', 'n'};
  size_t at_byte = 20;
  uint16_t port = peer_port ^ 0x2112;
  const uint8_t peer[8] = {0, 1, (uint8_t)(port >> 8), (uint8_t)port, 0x5e, 0x12, 0xa4, 0x43};
  if (user)
    at_byte += put(out + at_byte, 0x0006, user, strlen(user));
  if (peer_port)
    at_byte += put(out + at_byte, 0x0012, peer, sizeof peer);
  if (size)
    at_byte += put(out + at_byte, attribute, value, size);
  out[3] = (uint8_t)(at_byte - 20);
  const struct sockaddr_in from = at(client);
  turn_server_input(server, &from, out, at_byte);
}

static void allocate_both(struct turn_server *server) {
  ask(server, 1000, ALLOCATE, "alice", 0, 0, NULL, 0);
  ask(server, 2000, ALLOCATE, "bob", 0, 0, NULL, 0);
}

static void who_has_no_name_is_asked_for_it(void **state) {
  struct turn_server server;
  struct seen seen;
  (void)state;
  open_server(&server, &seen);
  ask(&server, 1000, ALLOCATE, NULL, 0, 0, NULL, 0);
  assert_int_equal(seen.answers, 1);
  assert_int_equal(seen.data[0] << 8 | seen.data[1], 0x113); /* error, with realm and nonce */
  assert_non_null(memmem(seen.data, seen.size, "sotto", 5));
  ask(&server, 1000, ALLOCATE, "eve", 0, 0, NULL, 0);
  assert_int_equal(seen.data[0] << 8 | seen.data[1], 0x113);
}

static void an_allocation_has_an_address_and_keeps_it(void **state) {
  struct turn_server server;
  struct seen seen;
  uint8_t first[64];
  (void)state;
  open_server(&server, &seen);
  ask(&server, 1000, ALLOCATE, "alice", 0, 0, NULL, 0);
  assert_int_equal(seen.data[0] << 8 | seen.data[1], 0x103);
  assert_int_equal(seen.to_port, 1000);
  assert_int_equal((seen.data[26] << 8 | seen.data[27]) ^ 0x2112, FIRST_PORT);
  memcpy(first, seen.data, sizeof first);
  ask(&server, 1000, ALLOCATE, "alice", 0, 0, NULL, 0); /* its answer was lost */
  assert_memory_equal(seen.data, first, sizeof first);
}

static void a_packet_passes_the_hook_by_indication_and_by_channel(void **state) {
  struct turn_server server;
  struct seen seen;
  static const uint8_t channel[4] = {0x40, 0x00};
  (void)state;
  open_server(&server, &seen);
  allocate_both(&server);
  ask(&server, 1000, SEND, NULL, FIRST_PORT + 1, 0x0013, "hello", 5);
  assert_int_equal(seen.packets, 1);
  assert_true(seen.from == 0 && seen.to == 1 && seen.to_port == 2000);
  assert_int_equal(seen.data[0] << 8 | seen.data[1], 0x017);
  assert_non_null(memmem(seen.data, seen.size, "hello", 5));
  ask(&server, 2000, CHANNEL, "bob", FIRST_PORT, 0x000c, channel, sizeof channel);
  assert_int_equal(seen.data[0] << 8 | seen.data[1], 0x109);
  ask(&server, 1000, SEND, NULL, FIRST_PORT + 1, 0x0013, "hello", 5);
  assert_int_equal(seen.size, 9);
  assert_memory_equal(seen.data, "\x40\x00\x00\x05hello", 9);
  const struct sockaddr_in bob = at(2000);
  turn_server_input(&server, &bob, (const uint8_t *)"\x40\x00\x00\x03yes\0", 8);
  assert_true(seen.packets == 3 && seen.from == 1 && seen.to_port == 1000);
}

static void the_hook_keeps_changes_and_injects(void **state) {
  struct turn_server server;
  struct seen seen;
  (void)state;
  open_server(&server, &seen);
  allocate_both(&server);
  int answers = seen.answers;
  seen.keeps = true;
  ask(&server, 1000, SEND, NULL, FIRST_PORT + 1, 0x0013, "hello", 5);
  assert_true(seen.packets == 1 && seen.answers == answers);
  seen.keeps = false, seen.changes = true;
  ask(&server, 1000, SEND, NULL, FIRST_PORT + 1, 0x0013, "hello", 5);
  assert_non_null(memmem(seen.data, seen.size, "helln", 5));
  turn_server_inject(&server, 0, (const uint8_t *)"psst", 4);
  assert_true(seen.to_port == 1000 && memmem(seen.data, seen.size, "psst", 4));
}

/* A browser allocates once for each of its interfaces. */
static void what_is_injected_goes_where_that_user_spoke_last(void **state) {
  struct turn_server server;
  struct seen seen;
  (void)state;
  open_server(&server, &seen);
  allocate_both(&server);
  ask(&server, 2001, ALLOCATE, "bob", 0, 0, NULL, 0);
  turn_server_inject(&server, 1, (const uint8_t *)"psst", 4);
  assert_int_equal(seen.to_port, 2001);
  ask(&server, 2000, SEND, NULL, FIRST_PORT, 0x0013, "\x16 DTLS", 6);
  ask(&server, 2001, SEND, NULL, FIRST_PORT, 0x0013, "\0\1 STUN", 7);
  turn_server_inject(&server, 1, (const uint8_t *)"psst", 4);
  assert_int_equal(seen.to_port, 2000);
}

static void who_gives_up_is_still_spoken_to(void **state) {
  struct turn_server server;
  struct seen seen;
  (void)state;
  open_server(&server, &seen);
  allocate_both(&server);
  ask(&server, 1000, REFRESH, "alice", 0, 0x000d, "\0\0\0\0", 4);
  ask(&server, 2000, SEND, NULL, FIRST_PORT, 0x0013, "hello", 5);
  assert_true(seen.packets == 1 && seen.to == 0);
}

static void strangers_and_nonsense_go_nowhere(void **state) {
  struct turn_server server;
  struct seen seen;
  (void)state;
  open_server(&server, &seen);
  allocate_both(&server);
  int answers = seen.answers;
  ask(&server, 3000, SEND, NULL, FIRST_PORT, 0x0013, "hello", 5);     /* no allocation */
  ask(&server, 1000, SEND, NULL, FIRST_PORT + 7, 0x0013, "hello", 5); /* nobody there */
  const struct sockaddr_in alice = at(1000);
  turn_server_input(&server, &alice, (const uint8_t *)"\x40\x00\x00\x05hello", 9); /* no such channel */
  turn_server_input(&server, &alice, (const uint8_t *)"\x40\x00\xff\xffhello", 9);
  turn_server_input(&server, &alice, (const uint8_t *)"\0\3", 2);
  assert_true(seen.answers == answers && seen.packets == 0);
}

UNIT_TESTS(test(who_has_no_name_is_asked_for_it), test(an_allocation_has_an_address_and_keeps_it),
           test(a_packet_passes_the_hook_by_indication_and_by_channel), test(the_hook_keeps_changes_and_injects),
           test(what_is_injected_goes_where_that_user_spoke_last), test(who_gives_up_is_still_spoken_to),
           test(strangers_and_nonsense_go_nowhere))
