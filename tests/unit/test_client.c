#include "signaling/client.h"

#include "signaling/crypto.h"
#include "signaling/mailbox.h"
#include "unit.h"

static struct client *client;

/* What one drain brought. */
static struct {
  int connect, close, up, down, subscribe, put, unsubscribe, cells, cover;
  int entries;                         /* subscribed */
  uint8_t put_mark[256], put_ttl[256]; /* the cell's 13th byte, in order */
  uint8_t cell_mark[64];
  struct frame last;
} got;

static bool covers;

static void put_cover(void) {
  uint8_t cell[CELL_SIZE] = {0}, mailbox[MAILBOX_SIZE] = {0};
  assert_true(client_put(client, 0, mailbox, 60, cell));
}

static void take(const struct client_output *out) {
  struct frame frame;
  switch (out->type) {
  case CLIENT_CONNECT:
    got.connect++;
    break;
  case CLIENT_CLOSE:
    got.close++;
    break;
  case CLIENT_COVER:
    got.cover++;
    if (covers)
      put_cover();
    break;
  case CLIENT_UP:
    got.up++;
    break;
  case CLIENT_DOWN:
    got.down++;
    break;
  case CLIENT_CELL:
    assert_int_equal(out->size, CELL_SIZE);
    assert_non_null(out->mailbox);
    got.cell_mark[got.cells++ % 64] = out->data[CELL_NONCE_SIZE];
    break;
  case CLIENT_SEND:
    assert_true(frame_parse(&frame, true, out->data, out->size));
    if (frame.type == FRAME_SUBSCRIBE)
      got.subscribe++, got.entries += frame.count;
    else if (frame.type == FRAME_UNSUBSCRIBE)
      got.unsubscribe++;
    else {
      got.put_ttl[got.put % 256] = (uint8_t)frame.ttl;
      got.put_mark[got.put++ % 256] = frame.cell[CELL_NONCE_SIZE];
    }
    break;
  }
}

static void drain(usec now) {
  struct client_output out;
  int most = 1000;
  memset(&got, 0, sizeof got);
  while (client_poll(client, now, &out)) {
    take(&out);
    assert_true(most-- > 0);
  }
  assert_true(client_deadline(client) > now); /* drained: whatever is left is for later */
}

static void start(void) {
  assert_true(crypto_init());
  need(client = client_new(1));
}

static void start_up(void) {
  start();
  drain(0);
  client_connected(client, 0);
  drain(0);
  assert_int_equal(got.up, 1);
}

static void end(void) {
  client_free(client);
  client = NULL;
}

static void make_cell(uint8_t cell[CELL_SIZE], uint8_t mark) {
  memset(cell, 0, CELL_SIZE);
  cell[0] = cell[CELL_NONCE_SIZE] = mark;
}

static bool put(usec now, int ttl, uint8_t mark) {
  static const uint8_t mailbox[MAILBOX_SIZE] = {1};
  uint8_t cell[CELL_SIZE];
  make_cell(cell, mark);
  return client_put(client, now, mailbox, ttl, cell);
}

static const uint8_t token[READ_TOKEN_SIZE] = {42};

static void deliver_numbered(usec now, const uint8_t *read_token, uint32_t number) {
  uint8_t mailbox[MAILBOX_SIZE], cell[CELL_SIZE], bytes[FRAME_CELL_SIZE];
  make_cell(cell, (uint8_t)number);
  memcpy(cell, &number, sizeof number);
  mailbox_address(mailbox, read_token);
  size_t size =
      frame_write(bytes, sizeof bytes, &(struct frame){.type = FRAME_CELL, .mailbox = mailbox, .cell = cell});
  client_input(client, now, bytes, size);
}

static void limit(usec now) {
  client_input(client, now, (const uint8_t *)"\x82\x01", 2);
}

static void it_dials_at_once_and_is_up_after_subscribing(void **state) {
  (void)state;
  start();
  assert_true(client_deadline(client) <= 0);
  drain(0);
  assert_int_equal(got.connect, 1);
  assert_int_equal(got.up + got.down + got.subscribe, 0);
  assert_true(client_deadline(client) == USEC_NEVER);
  assert_false(client_up(client));
  client_connected(client, MS(30));
  drain(MS(30));
  assert_int_equal(got.subscribe, 1);
  assert_int_equal(got.entries, 16);
  assert_int_equal(got.up, 1);
  assert_true(client_up(client));
  end();
}

static void the_back_off_grows_from_1_to_30_seconds(void **state) {
  static const int most[] = {2, 4, 8, 16, 30, 30, 30};
  usec now = 0;
  (void)state;
  start();
  for (int i = 0; i < 7; i++) {
    drain(now);
    assert_int_equal(got.connect, 1);
    client_disconnected(client, now);
    drain(now);
    assert_int_equal(got.connect, 0);
    assert_int_equal(got.down, i == 0); /* told once */
    usec wait = client_deadline(client) - now;
    assert_true(wait >= SEC(most[i]) / 2 && wait <= SEC(most[i]));
    now += wait;
  }
  end();
}

static void two_clients_do_not_come_back_together(void **state) {
  usec first = 0;
  int same = 0;
  (void)state;
  crypto_init();
  for (uint64_t seed = 0; seed < 8; seed++) {
    need(client = client_new(seed));
    drain(0);
    client_disconnected(client, 0);
    same += client_deadline(client) == first;
    first = client_deadline(client);
    end();
  }
  assert_true(same <= 1);
}

static void a_good_connection_resets_the_back_off(void **state) {
  (void)state;
  start();
  usec now = 0;
  for (int i = 0; i < 6; i++) {
    drain(now);
    client_disconnected(client, now);
    now = client_deadline(client);
  }
  drain(now);
  client_connected(client, now);
  drain(now);
  now += SEC(60);
  client_disconnected(client, now);
  drain(now);
  assert_int_equal(got.down, 1);
  assert_true(client_deadline(client) - now <= SEC(2));
  end();
}

static void a_server_that_hangs_up_at_once_is_backed_off_from(void **state) {
  (void)state;
  start();
  usec now = 0;
  for (int i = 0; i < 6; i++) {
    drain(now);
    client_connected(client, now);
    drain(now);
    client_disconnected(client, now + MS(1));
    drain(now + MS(1));
    now = client_deadline(client);
  }
  drain(now);
  client_connected(client, now);
  client_disconnected(client, now);
  assert_true(client_deadline(client) - now >= SEC(15));
  end();
}

static void what_we_listen_to_arrives_and_nothing_else(void **state) {
  static const uint8_t other[READ_TOKEN_SIZE] = {43};
  (void)state;
  start_up();
  assert_true(client_listen(client, 0, token));
  drain(0);
  assert_true(got.subscribe == 1 && got.unsubscribe == 1);
  deliver_numbered(1, token, 1);
  drain(1);
  assert_int_equal(got.cells, 1);
  deliver_numbered(2, other, 2);
  drain(2);
  assert_int_equal(got.cells, 0);
  assert_int_equal(client_counters(client)->cells_unwanted, 1);
  client_unlisten(client, 2, token);
  drain(2);
  deliver_numbered(3, token, 3);
  drain(3);
  assert_int_equal(got.cells, 0);
  end();
}

static void a_cell_is_given_once(void **state) {
  (void)state;
  start_up();
  assert_true(client_listen(client, 0, token));
  drain(0);
  for (uint32_t n = 1; n <= CLIENT_NONCES; n++) {
    usec now = n * MS(10);
    deliver_numbered(now, token, n);
    drain(now);
    assert_int_equal(got.cells, 1);
    deliver_numbered(now, token, n);
    deliver_numbered(now, token, 1);
    drain(now);
    assert_int_equal(got.cells, 0);
  }
  assert_int_equal(client_counters(client)->cells_duplicate, 2 * CLIENT_NONCES);
  deliver_numbered(SEC(60), token, CLIENT_NONCES + 1); /* pushes the first out: the ring is bounded */
  deliver_numbered(SEC(60), token, 1);
  deliver_numbered(SEC(60), token, 3);
  drain(SEC(60));
  assert_int_equal(got.cells, 2);
  end();
}

static void cells_put_while_down_leave_after_the_subscriptions_with_the_ttl_that_is_left(void **state) {
  (void)state;
  start();
  drain(0);
  assert_true(put(0, 30, 1));
  assert_true(put(SEC(4), 60, 2));
  drain(SEC(4));
  assert_int_equal(got.put, 0);
  client_connected(client, SEC(10));
  drain(SEC(10));
  assert_int_equal(got.put, 2);
  assert_memory_equal(got.put_mark, "\x01\x02", 2);
  assert_int_equal(got.put_ttl[0], 20);
  assert_int_equal(got.put_ttl[1], 54);
  end();
}

static void a_full_queue_is_reported(void **state) {
  (void)state;
  start();
  for (int i = 0; i < CLIENT_PUT_MAX; i++)
    assert_true(put(0, 60, (uint8_t)i));
  assert_false(put(0, 60, 99));
  assert_false(put(SEC(59), 60, 99));
  assert_true(put(SEC(60), 60, 99)); /* the others have expired, and are counted */
  assert_false(put(SEC(60), 0, 1));
  assert_false(put(SEC(60), 61, 1));
  drain(SEC(60));
  assert_int_equal(client_counters(client)->cells_expired, CLIENT_PUT_MAX);
  end();
}

static void what_a_lost_connection_may_have_swallowed_is_put_again(void **state) {
  (void)state;
  start_up();
  assert_true(put(SEC(1), 60, 1));
  assert_true(put(SEC(40), 60, 2));
  drain(SEC(40));
  assert_true(put(SEC(50), 60, 3));
  drain(SEC(50));
  assert_int_equal(got.put, 1);
  client_disconnected(client, SEC(52));
  drain(SEC(52));
  usec due = client_deadline(client);
  drain(due);
  client_connected(client, due);
  drain(due);
  assert_int_equal(got.subscribe, 1);
  assert_int_equal(got.put, 3); /* all were sent in the last 30 s; all still have time to live */
  assert_int_equal(client_counters(client)->cells_sent, 3);
  assert_int_equal(client_counters(client)->cells_sent_again, 3);
  drain(due + SEC(1));
  assert_int_equal(got.put, 0);
  end();
}

static void it_stays_below_the_rate_that_a_server_grants(void **state) {
  (void)state;
  start_up();
  int sent = 0;
  usec now = SEC(100);
  while (sent < 300) {
    while (put(now, 60, (uint8_t)sent))
      ;
    drain(now);
    sent += got.put;
    if (client_deadline(client) != USEC_NEVER)
      now = client_deadline(client);
  }
  assert_true(now - SEC(100) >= SEC(300 - FRAME_BURST) / FRAME_RATE);
  end();
}

static void subscriptions_are_not_starved_by_cells(void **state) {
  (void)state;
  start_up();
  usec now = SEC(1);
  for (int i = 0; i < 200; i++) { /* spends the burst */
    while (put(now, 60, 1))
      ;
    drain(now);
  }
  assert_true(client_listen(client, now, token));
  for (int i = 0, subscribed = 0; !subscribed; i++) {
    assert_true(i < 50);
    now = client_deadline(client);
    while (put(now, 60, 1))
      ;
    drain(now);
    subscribed = got.subscribe;
  }
  end();
}

static void a_limit_makes_it_pause_and_say_it_again_within_bounds(void **state) {
  (void)state;
  start_up();
  assert_true(put(SEC(5), 60, 1));
  drain(SEC(5));
  limit(SEC(5));
  drain(SEC(5));
  assert_int_equal(got.put, 0);
  assert_true(client_deadline(client) == SEC(6));
  drain(SEC(6));
  assert_int_equal(got.put, 1);
  int again = 0;
  for (int i = 0; i < 100; i++) { /* a server that says so for ever */
    usec now = SEC(6) + i * MS(1100);
    limit(now);
    drain(now);
    again += got.put + got.subscribe;
  }
  assert_true(again <= 12);
  assert_int_equal(client_counters(client)->limited, 101);
  end();
}

static void a_refused_subscription_is_said_again(void **state) {
  (void)state;
  start_up();
  limit(MS(1));
  drain(SEC(1) + MS(1));
  assert_int_equal(got.entries, 16);
  end();
}

static void garbage_is_counted_and_too_much_of_it_ends_the_connection(void **state) {
  (void)state;
  start_up();
  usec now = SEC(20);
  for (int i = 0; i < 100; i++)
    client_input(client, now, (const uint8_t *)"garbage", 7);
  drain(now);
  assert_int_equal(client_counters(client)->frames_malformed, 16);
  assert_int_equal(got.close, 1);
  assert_int_equal(got.down, 1);
  assert_int_equal(got.connect, 0);
  assert_true(client_deadline(client) >= now + SEC(1));
  deliver_numbered(now, token, 1); /* what still comes is nobody's */
  drain(now);
  assert_int_equal(got.cells + got.close, 0);
  end();
}

static void a_flood_is_bounded_work_and_then_no_connection(void **state) {
  (void)state;
  start_up();
  assert_true(client_listen(client, 0, token));
  drain(0);
  int cells = 0, closed = 0;
  for (uint32_t n = 1; n <= 20000 && !closed; n++) {
    deliver_numbered(SEC(1), token, n);
    drain(SEC(1));
    cells += got.cells;
    closed = got.close;
  }
  assert_true(closed);
  assert_true(cells <= 4096);
  assert_int_equal(client_counters(client)->closed_by_us, 1);
  end();
}

static void outputs_not_drained_are_bounded_and_counted(void **state) {
  (void)state;
  start_up();
  assert_true(client_listen(client, 0, token));
  drain(0);
  for (uint32_t n = 1; n <= 20; n++)
    deliver_numbered(0, token, n);
  drain(0);
  assert_int_equal(got.cells, 8);
  assert_int_equal(client_counters(client)->cells_overrun, 12);
  deliver_numbered(0, token, 20); /* dropped is not seen */
  drain(0);
  assert_int_equal(got.cells, 1);
  end();
}

static void reports_that_nobody_asked_for_change_nothing(void **state) {
  (void)state;
  start();
  client_connected(client, 0);
  client_disconnected(client, 0);
  deliver_numbered(0, token, 1);
  drain(0);
  assert_int_equal(got.connect, 1);
  assert_int_equal(got.up + got.down + got.cells, 0);
  client_connected(client, 0);
  client_connected(client, 0);
  drain(0);
  assert_int_equal(got.up, 1);
  assert_int_equal(client_counters(client)->connections, 1);
  end();
}

static void a_connection_that_flaps_between_drains_ends_in_the_truth(void **state) {
  (void)state;
  start_up();
  client_disconnected(client, SEC(20));
  drain(SEC(20));
  usec due = client_deadline(client);
  drain(due);
  client_connected(client, due);
  client_disconnected(client, due);
  drain(due);
  assert_int_equal(got.up, 0);
  assert_false(client_up(client));
  end();
}

static void more_mailboxes_than_the_limit_are_refused(void **state) {
  uint8_t many[READ_TOKEN_SIZE] = {0};
  (void)state;
  start_up();
  for (int i = 0; i < CLIENT_LISTEN_MAX; i++) {
    memcpy(many, &i, sizeof i);
    many[31] = 1;
    assert_true(client_listen(client, 0, many));
  }
  many[30] = 1;
  assert_false(client_listen(client, 0, many));
  end();
}

/* A minute of cover; `busy`: with a burst of real cells in it. Returns a hash of the times, and how many cells
 * left. */
static uint64_t minute_of_cover(bool busy, int *cells) {
  uint64_t hash = 14695981039346656037u;
  uint8_t cell[CELL_SIZE] = {0}, mailbox[MAILBOX_SIZE] = {0};
  start();
  client_set_cover(client, MS(500));
  drain(0);
  client_connected(client, 0);
  drain(0);
  covers = true;
  *cells = 0;
  for (usec now = client_deadline(client); now < SEC(60); now = client_deadline(client)) {
    if (busy && now > SEC(20) && now < SEC(30))
      assert_true(client_put(client, now, mailbox, 60, cell));
    drain(now);
    assert_in_range(got.put, 0, 1);
    for (int i = 0; i < got.put; i++)
      assert_int_equal(got.put_ttl[i], CELL_TTL_MAX);
    *cells += got.put;
    hash = (hash ^ (uint64_t)now ^ (uint64_t)got.put << 60) * 1099511628211u;
  }
  covers = false;
  client_free(client);
  return hash;
}

static void with_cover_the_times_of_cells_are_those_of_a_client_with_nothing_to_say(void **state) {
  (void)state;
  int idle_cells, busy_cells;
  uint64_t idle = minute_of_cover(false, &idle_cells);
  assert_true(idle == minute_of_cover(true, &busy_cells));
  assert_int_equal(idle_cells, busy_cells);
  assert_in_range(idle_cells, 80, 160); /* 120 on average */
}

static void without_a_contact_to_cover_with_nothing_leaves_and_the_clock_goes_on(void **state) {
  (void)state;
  start();
  client_set_cover(client, MS(500));
  drain(0);
  client_connected(client, 0);
  drain(0);
  int asked = 0, put = 0;
  for (usec now = client_deadline(client); now < SEC(30); now = client_deadline(client)) {
    drain(now);
    asked += got.cover;
    put += got.put;
  }
  assert_in_range(asked, 30, 100);
  assert_int_equal(put, 0);
  client_free(client);
}

UNIT_TESTS(test(with_cover_the_times_of_cells_are_those_of_a_client_with_nothing_to_say),
           test(without_a_contact_to_cover_with_nothing_leaves_and_the_clock_goes_on),
           test(it_dials_at_once_and_is_up_after_subscribing), test(the_back_off_grows_from_1_to_30_seconds),
           test(two_clients_do_not_come_back_together), test(a_good_connection_resets_the_back_off),
           test(a_server_that_hangs_up_at_once_is_backed_off_from),
           test(what_we_listen_to_arrives_and_nothing_else), test(a_cell_is_given_once),
           test(cells_put_while_down_leave_after_the_subscriptions_with_the_ttl_that_is_left),
           test(a_full_queue_is_reported), test(what_a_lost_connection_may_have_swallowed_is_put_again),
           test(it_stays_below_the_rate_that_a_server_grants), test(subscriptions_are_not_starved_by_cells),
           test(a_limit_makes_it_pause_and_say_it_again_within_bounds), test(a_refused_subscription_is_said_again),
           test(garbage_is_counted_and_too_much_of_it_ends_the_connection),
           test(a_flood_is_bounded_work_and_then_no_connection), test(outputs_not_drained_are_bounded_and_counted),
           test(reports_that_nobody_asked_for_change_nothing),
           test(a_connection_that_flaps_between_drains_ends_in_the_truth),
           test(more_mailboxes_than_the_limit_are_refused))
