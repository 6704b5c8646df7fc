#include "signaling/server/server.h"

#include "signaling/crypto.h"
#include "signaling/mailbox.h"
#include "unit.h"

static struct server *server;

/* What came out, by connection. */
enum { PEERS = 600 };
static struct {
  int cells, limits, last_limit, closed;
  uint8_t mark[1024];
} peer[PEERS + 1];

static void start_with(struct server_config config) {
  assert_true(crypto_init());
  config.seed[0] = 1;
  memset(peer, 0, sizeof peer);
  need(server = server_new(&config));
}

static void start(void) {
  start_with((struct server_config){.max_connections = PEERS});
}

static void end(void) {
  server_free(server);
  server = NULL;
}

/* Pools take memory as they grow; under an injected failure the server refuses, which other tests show. */
static bool failing(void) {
  if (!unit_alloc_failed())
    return false;
  end();
  return true;
}

static int drain(usec now) {
  struct server_output out;
  int count = 0;
  while (server_poll(server, now, &out)) {
    assert_true(++count < 100000);
    assert_in_range(out.connection, 1, PEERS);
    if (out.type == SERVER_CLOSE) {
      peer[out.connection].closed = out.code;
      continue;
    }
    struct frame frame;
    assert_true(frame_parse(&frame, false, out.data, out.size));
    if (frame.type == FRAME_LIMIT) {
      peer[out.connection].limits++;
      peer[out.connection].last_limit = (int)frame.limit;
    } else {
      peer[out.connection].mark[peer[out.connection].cells++ % 1024] = frame.cell[0];
    }
  }
  assert_true(server_deadline(server) > now);
  return count;
}

static uint32_t join(usec now) {
  return server_connected(server, now, NULL, 0);
}

static void token_of(uint8_t token[READ_TOKEN_SIZE], int n) {
  memset(token, 7, READ_TOKEN_SIZE);
  memcpy(token, &n, sizeof n);
}

static void send_list(usec now, uint32_t who, enum frame_type type, int first, int count) {
  static uint8_t list[FRAME_LIST_MAX * READ_TOKEN_SIZE], bytes[FRAME_CLIENT_MAX];
  for (int i = 0; i < count; i++) {
    uint8_t token[READ_TOKEN_SIZE];
    token_of(token, first + i);
    if (type == FRAME_SUBSCRIBE)
      memcpy(list + i * READ_TOKEN_SIZE, token, READ_TOKEN_SIZE);
    else
      mailbox_address(list + i * MAILBOX_SIZE, token);
  }
  size_t size = frame_write(bytes, sizeof bytes, &(struct frame){.type = type, .list = list, .count = count});
  server_input(server, now, who, bytes, size);
}

static void subscribe(usec now, uint32_t who, int box) {
  send_list(now, who, FRAME_SUBSCRIBE, box, 1);
}

static void put(usec now, uint32_t who, int box, int ttl, uint8_t mark) {
  uint8_t mailbox[MAILBOX_SIZE], token[READ_TOKEN_SIZE], cell[CELL_SIZE] = {mark}, bytes[FRAME_PUT_SIZE];
  token_of(token, box);
  mailbox_address(mailbox, token);
  memcpy(cell + 1, &who, sizeof who);
  const struct frame frame = {.type = FRAME_PUT, .mailbox = mailbox, .ttl = ttl, .cell = cell};
  server_input(server, now, who, bytes, frame_write(bytes, sizeof bytes, &frame));
}

static void a_cell_goes_to_those_who_read_the_mailbox(void **state) {
  (void)state;
  start();
  uint32_t a = join(0), b = join(0), c = join(0);
  subscribe(0, a, 1);
  subscribe(0, b, 2);
  put(0, c, 1, 10, 5);
  drain(0);
  if (failing())
    return;
  assert_int_equal(peer[a].cells, 1);
  assert_int_equal(peer[a].mark[0], 5);
  assert_int_equal(peer[b].cells + peer[c].cells, 0);
  end();
}

static void knowing_the_mailbox_is_not_enough_to_read_it(void **state) {
  uint8_t frame[2 + READ_TOKEN_SIZE] = {FRAME_SUBSCRIBE, 1}, token[READ_TOKEN_SIZE];
  (void)state;
  start();
  uint32_t thief = join(0), sender = join(0);
  token_of(token, 1);
  mailbox_address(frame + 2, token); /* the mailbox shown as if it were the token */
  server_input(server, 0, thief, frame, sizeof frame);
  put(0, sender, 1, 10, 5);
  drain(0);
  assert_int_equal(peer[thief].cells, 0);
  end();
}

static void cells_wait_for_a_reader_until_their_ttl(void **state) {
  (void)state;
  start();
  uint32_t sender = join(0);
  put(0, sender, 1, 5, 1);
  put(0, sender, 1, 10, 2);
  put(0, sender, 1, 10, 3);
  drain(0);
  if (failing())
    return;
  uint32_t early = join(SEC(4)), late = join(SEC(5)), latest = join(SEC(10));
  subscribe(SEC(4), early, 1);
  drain(SEC(4));
  if (failing())
    return;
  assert_int_equal(peer[early].cells, 3);
  assert_memory_equal(peer[early].mark, "\1\2\3", 3);
  subscribe(SEC(5), late, 1); /* what was read is still there: its reader may have lost it */
  drain(SEC(5));
  if (failing())
    return;
  assert_memory_equal(peer[late].mark, "\2\3", 2);
  assert_int_equal(peer[late].cells, 2);
  subscribe(SEC(10), latest, 1);
  drain(SEC(10));
  assert_int_equal(peer[latest].cells, 0);
  assert_int_equal(peer[early].cells, 3);
  end();
}

static void a_cell_is_handed_out_once_to_a_reader(void **state) {
  (void)state;
  start();
  uint32_t a = join(0), b = join(0);
  subscribe(0, a, 1);
  put(0, b, 1, 10, 1);
  put(0, b, 1, 10, 1); /* the same cell again: put again after a reconnection */
  drain(0);
  subscribe(1, a, 1);
  drain(1);
  if (failing())
    return;
  assert_int_equal(peer[a].cells, 1);
  end();
}

static void who_unsubscribes_or_leaves_gets_no_more(void **state) {
  (void)state;
  start();
  uint32_t a = join(0), b = join(0), c = join(0);
  send_list(0, a, FRAME_SUBSCRIBE, 1, 3);
  subscribe(0, b, 1);
  put(0, c, 1, 10, 1); /* not drained: pending for both */
  put(0, c, 2, 10, 2);
  put(0, c, 3, 10, 3);
  send_list(0, a, FRAME_UNSUBSCRIBE, 2, 1);
  send_list(0, a, FRAME_UNSUBSCRIBE, 99, 1);
  server_disconnected(server, 0, b);
  drain(0);
  if (failing())
    return;
  assert_int_equal(peer[a].cells, 2);
  assert_int_equal(peer[b].cells, 0);
  server_disconnected(server, 0, a);
  server_disconnected(server, 0, c);
  drain(SEC(60));
  struct server_stats stats = server_stats(server);
  assert_int_equal(stats.connections + stats.mailboxes + stats.subscriptions + stats.cells, 0);
  end();
}

static void a_blocked_reader_waits_and_others_do_not(void **state) {
  (void)state;
  start();
  uint32_t a = join(0), b = join(0), c = join(0);
  subscribe(0, a, 1);
  subscribe(0, b, 1);
  server_blocked(server, 0, a, true);
  for (uint8_t i = 1; i <= 20; i++)
    put(0, c, 1, i <= 10 ? 5 : 60, i);
  drain(0);
  if (failing())
    return;
  assert_int_equal(peer[a].cells, 0);
  assert_int_equal(peer[b].cells, 20);
  server_blocked(server, SEC(6), a, false);
  drain(SEC(6));
  assert_int_equal(peer[a].cells, 10); /* what has expired meanwhile is not handed out */
  assert_int_equal(peer[a].mark[0], 11);
  end();
}

static void connections_take_turns(void **state) {
  struct server_output out;
  (void)state;
  start();
  uint32_t a = join(0), b = join(0), c = join(0);
  subscribe(0, a, 1);
  for (uint8_t i = 0; i < 50; i++)
    put(0, c, 1, 60, i);
  subscribe(0, b, 2);
  put(0, c, 2, 60, 1);
  for (int i = 0; i < 3 && server_poll(server, 0, &out); i++)
    if (out.connection == b) {
      drain(0);
      end();
      return;
    }
  if (failing())
    return;
  fail_msg("a long queue stands before a short one");
}

static void anything_malformed_ends_the_connection(void **state) {
  static const struct {
    const char *bytes;
    size_t size;
  } bad[] = {{"", 0}, {"\x01", 1}, {"\x01\x00", 2}, {"\x04", 1}, {"\x81", 1}, {"\x82\x01", 2}, {"garbage", 7}};
  (void)state;
  start();
  uint32_t other = join(0);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    uint32_t a = join(0);
    subscribe(0, a, 1);
    server_input(server, 0, a, (const uint8_t *)bad[i].bytes, bad[i].size);
    put(0, other, 1, 10, (uint8_t)i);
    drain(0);
    if (failing())
      return;
    assert_int_equal(peer[a].closed, 1002);
    assert_int_equal(peer[a].cells, 0);
    subscribe(0, a, 1); /* closed, not yet disconnected: nothing it says counts */
    drain(0);
    assert_int_equal(peer[a].cells, 0);
    server_disconnected(server, 0, a);
    peer[a].closed = 0;
  }
  assert_int_equal(peer[other].closed, 0);
  end();
}

static void a_flooder_is_told_and_then_closed_and_others_go_on(void **state) {
  (void)state;
  start();
  uint32_t a = join(0), b = join(0), reader = join(0);
  subscribe(0, reader, 2);
  int until_closed = 0;
  for (int i = 0; i < 1000 && !peer[a].closed; i++, until_closed++) {
    put(MS(1), a, 100 + i, 10, 1);
    drain(MS(1));
    if (failing())
      return;
  }
  assert_int_equal(peer[a].closed, 1008);
  assert_in_range(until_closed, FRAME_BURST, FRAME_BURST + 70);
  assert_true(peer[a].limits > 0);
  assert_int_equal(peer[a].last_limit, FRAME_LIMIT_RATE);
  put(MS(1), b, 2, 10, 9);
  drain(MS(1));
  if (failing())
    return;
  assert_int_equal(peer[reader].cells, 1);
  assert_int_equal(peer[b].closed, 0);
  end();
}

static void the_granted_rate_is_granted(void **state) {
  (void)state;
  start();
  uint32_t a = join(0);
  for (int i = 0; i < 2000; i++) {
    put(SEC(1) * i / FRAME_RATE, a, i, 1, 1);
    drain(SEC(1) * i / FRAME_RATE);
    if (failing())
      return;
  }
  assert_int_equal(peer[a].limits, 0);
  assert_int_equal(peer[a].closed, 0);
  end();
}

static void an_address_has_a_rate_and_a_number_of_connections(void **state) {
  uint32_t handle[SERVER_CONNECTIONS_AN_ADDRESS];
  (void)state;
  start();
  for (int i = 0; i < SERVER_CONNECTIONS_AN_ADDRESS; i++) {
    handle[i] = server_connected(server, i * SEC(1), "\1\2\3\4", 4);
    assert_int_not_equal(handle[i], 0);
  }
  usec now = SEC(100);
  assert_int_equal(server_connected(server, now, "\1\2\3\4", 4), 0);
  assert_int_not_equal(server_connected(server, now, "\1\2\3\5", 4), 0);
  int limited = 0;
  for (int i = 0; i < SERVER_ADDRESS_BURST + 10; i++) { /* each stays below its own burst */
    put(now, handle[i % SERVER_CONNECTIONS_AN_ADDRESS], i % 512, 10, (uint8_t)(i >> 8));
    drain(now);
    if (failing())
      return;
  }
  for (int i = 0; i < SERVER_CONNECTIONS_AN_ADDRESS; i++)
    limited += peer[handle[i]].limits;
  assert_int_equal(limited, 10);
  server_disconnected(server, now, handle[0]);
  assert_int_not_equal(server_connected(server, now + SEC(1), "\1\2\3\4", 4), 0);
  end();
}

static void too_many_connections_from_an_address_at_once_are_refused(void **state) {
  int taken = 0;
  (void)state;
  start();
  for (int i = 0; i < 1000; i++) {
    uint32_t handle = server_connected(server, 0, "\1\2\3\4", 4);
    taken += handle != 0;
    server_disconnected(server, 0, handle);
  }
  assert_int_equal(taken, SERVER_ADDRESS_BURST / 4);
  end();
}

static void connections_are_limited_and_a_handle_is_free_again(void **state) {
  (void)state;
  start_with((struct server_config){.max_connections = 3});
  uint32_t a = join(0), b = join(0), c = join(0);
  assert_true(a && b && c && a != b && b != c && a != c);
  assert_int_equal(join(0), 0);
  server_disconnected(server, 0, b);
  server_disconnected(server, 0, b);
  assert_int_equal(join(0), b);
  assert_int_equal(join(0), 0);
  server_disconnected(server, 0, 0);
  server_disconnected(server, 0, 4);
  server_input(server, 0, 77, (const uint8_t *)"x", 1);
  end();
}

static void subscriptions_of_a_connection_are_limited(void **state) {
  (void)state;
  start();
  uint32_t a = join(0), b = join(0);
  send_list(0, a, FRAME_SUBSCRIBE, 0, 200);
  send_list(0, a, FRAME_SUBSCRIBE, 200, FRAME_SUBSCRIPTIONS - 200);
  drain(0);
  if (failing())
    return;
  assert_int_equal(peer[a].limits, 0);
  send_list(0, a, FRAME_SUBSCRIBE, 1000, 1);
  drain(0);
  assert_int_equal(peer[a].last_limit, FRAME_LIMIT_FULL);
  put(0, b, FRAME_SUBSCRIPTIONS - 1, 10, 1);
  put(0, b, 1000, 10, 2);
  drain(0);
  if (failing())
    return;
  assert_int_equal(peer[a].cells, 1);
  assert_int_equal(server_stats(server).subscriptions, FRAME_SUBSCRIPTIONS);
  end();
}

static void the_oldest_reader_gives_way(void **state) {
  uint32_t reader[SERVER_READERS_A_MAILBOX + 1];
  (void)state;
  start();
  for (int i = 0; i <= SERVER_READERS_A_MAILBOX; i++) {
    reader[i] = join(0);
    subscribe(0, reader[i], 1);
  }
  put(0, join(0), 1, 10, 1);
  drain(0);
  if (failing())
    return;
  assert_int_equal(peer[reader[0]].cells, 0);
  for (int i = 1; i <= SERVER_READERS_A_MAILBOX; i++)
    assert_int_equal(peer[reader[i]].cells, 1);
  end();
}

static void memory_has_an_end_and_the_sender_is_told(void **state) {
  (void)state;
  start_with((struct server_config){.max_connections = PEERS, .max_memory = 256 << 10});
  uint32_t reader = join(0);
  subscribe(0, reader, 0);
  int full = 0;
  for (int i = 1; i <= 500; i++) {
    uint32_t a = join(0);
    put(0, a, i, 60, 1);
    drain(0);
    if (failing())
      return;
    full += peer[a].last_limit == FRAME_LIMIT_FULL;
  }
  struct server_stats stats = server_stats(server);
  assert_true(full > 0 && stats.cells > 50 && stats.memory <= 256 << 10);
  put(SEC(61), join(SEC(61)), 0, 60, 1); /* it has all expired */
  drain(SEC(61));
  assert_int_equal(peer[reader].cells, 1);
  end();
}

static void a_failed_allocation_is_a_full_server_and_no_more(void **state) {
  (void)state;
  start();
  for (int round = 0; round < 4; round++) { /* whichever allocation fails, the next round succeeds */
    uint32_t a = join(0), b = join(0);
    memset(peer, 0, sizeof peer);
    subscribe(0, a, round);
    put(0, b, round, 10, 1);
    drain(0);
    assert_int_equal(peer[a].cells + (peer[a].limits || peer[b].limits), 1);
  }
  end();
}

static void waiting_cells_are_charged_to_who_asks_for_them(void **state) {
  (void)state;
  start();
  for (int i = 0; i < 10; i++) {
    uint32_t sender = join(0);
    for (uint8_t j = 0; j < 60; j++)
      put(0, sender, i, 60, j);
  }
  drain(0);
  if (failing())
    return;
  uint32_t greedy = join(0);
  send_list(0, greedy, FRAME_SUBSCRIBE, 0, 10);
  drain(0);
  if (failing())
    return;
  assert_int_equal(peer[greedy].cells, 600);
  send_list(0, greedy, FRAME_UNSUBSCRIBE, 0, 10); /* and now the same again: it is too early */
  drain(0);
  send_list(0, greedy, FRAME_SUBSCRIBE, 0, 10);
  drain(0);
  assert_int_equal(peer[greedy].cells, 600);
  end();
}

UNIT_TESTS(test(a_cell_goes_to_those_who_read_the_mailbox), test(knowing_the_mailbox_is_not_enough_to_read_it),
           test(cells_wait_for_a_reader_until_their_ttl), test(a_cell_is_handed_out_once_to_a_reader),
           test(who_unsubscribes_or_leaves_gets_no_more), test(a_blocked_reader_waits_and_others_do_not),
           test(connections_take_turns), test(anything_malformed_ends_the_connection),
           test(a_flooder_is_told_and_then_closed_and_others_go_on), test(the_granted_rate_is_granted),
           test(an_address_has_a_rate_and_a_number_of_connections),
           test(too_many_connections_from_an_address_at_once_are_refused),
           test(connections_are_limited_and_a_handle_is_free_again),
           test(subscriptions_of_a_connection_are_limited), test(the_oldest_reader_gives_way),
           test(memory_has_an_end_and_the_sender_is_told), test(a_failed_allocation_is_a_full_server_and_no_more),
           test(waiting_cells_are_charged_to_who_asks_for_them))
