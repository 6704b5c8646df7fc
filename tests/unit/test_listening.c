#include "signaling/listening.h"

#include "signaling/crypto.h"
#include "signaling/mailbox.h"
#include "unit.h"

static struct listening set;
static uint8_t out[FRAME_CLIENT_MAX];

/* The server's view: which mailboxes are subscribed. */
static uint8_t view[FRAME_SUBSCRIPTIONS][MAILBOX_SIZE];
static int viewed, subscribed_now, unsubscribed_now;

static int find(const uint8_t *mailbox) {
  for (int i = 0; i < viewed; i++)
    if (!memcmp(view[i], mailbox, MAILBOX_SIZE))
      return i;
  return -1;
}

static void serve(void) {
  int entries;
  subscribed_now = unsubscribed_now = 0;
  while (listening_due(&set)) {
    listening_settle(&set);
    size_t size = listening_write(&set, out, sizeof out, &entries);
    struct frame frame;
    assert_true(frame_parse(&frame, true, out, size));
    assert_int_equal(frame.count, entries);
    for (int i = 0; i < entries; i++) {
      uint8_t mailbox[MAILBOX_SIZE];
      if (frame.type == FRAME_SUBSCRIBE) {
        mailbox_address(mailbox, frame.list + i * READ_TOKEN_SIZE);
        assert_int_equal(find(mailbox), -1);
        assert_true(viewed < FRAME_SUBSCRIPTIONS);
        memcpy(view[viewed++], mailbox, MAILBOX_SIZE);
        subscribed_now++;
      } else {
        int at = find(frame.list + i * MAILBOX_SIZE);
        assert_true(at >= 0);
        memcpy(view[at], view[--viewed], MAILBOX_SIZE);
        unsubscribed_now++;
      }
    }
  }
}

static void token_of(uint8_t token[READ_TOKEN_SIZE], int n) {
  memset(token, 0, READ_TOKEN_SIZE);
  memcpy(token, &n, sizeof n);
  token[31] = 0xaa;
}

static bool add(int n) {
  uint8_t token[READ_TOKEN_SIZE];
  token_of(token, n);
  return listening_add(&set, token);
}

static void take_away(int n) {
  uint8_t token[READ_TOKEN_SIZE];
  token_of(token, n);
  listening_remove(&set, token);
}

static void mailbox_of(uint8_t mailbox[MAILBOX_SIZE], int n) {
  uint8_t token[READ_TOKEN_SIZE];
  token_of(token, n);
  mailbox_address(mailbox, token);
}

static bool served(int n) {
  uint8_t mailbox[MAILBOX_SIZE];
  mailbox_of(mailbox, n);
  return find(mailbox) >= 0;
}

static void start(void) {
  assert_true(crypto_init());
  listening_init(&set);
  viewed = 0;
}

static void the_server_sees_a_power_of_two_of_16_at_least(void **state) {
  (void)state;
  start();
  serve();
  assert_int_equal(viewed, 16);
  for (int n = 1; n <= LISTENING_MAX; n++) {
    assert_true(add(n));
    serve();
    assert_true(viewed >= 16 && viewed > n && (viewed & (viewed - 1)) == 0);
    for (int i = 1; i <= n; i++)
      assert_true(served(i));
  }
  assert_false(add(LISTENING_MAX + 1));
  listening_deinit(&set);
}

static void adding_twice_is_adding_once(void **state) {
  (void)state;
  start();
  assert_true(add(1));
  assert_true(add(1));
  assert_int_equal(set.reals, 1);
  take_away(1);
  take_away(1);
  assert_int_equal(set.reals, 0);
  serve();
  assert_false(served(1));
}

static void only_a_real_mailbox_is_ours(void **state) {
  uint8_t mailbox[MAILBOX_SIZE];
  (void)state;
  start();
  assert_true(add(7));
  mailbox_of(mailbox, 7);
  assert_true(listening_has(&set, mailbox));
  for (int i = 0; i < set.size; i++)
    assert_int_equal(listening_has(&set, set.slot[i].mailbox), set.slot[i].real);
  mailbox_of(mailbox, 8);
  assert_false(listening_has(&set, mailbox));
  take_away(7);
  mailbox_of(mailbox, 7);
  assert_false(listening_has(&set, mailbox));
}

static void a_change_is_one_among_several(void **state) {
  (void)state;
  start();
  assert_true(add(1) && add(2) && add(3));
  serve();
  assert_true(add(4));
  serve();
  assert_int_equal(viewed, 16);
  assert_true(subscribed_now >= 1 + LISTENING_WITH_ONE && subscribed_now == unsubscribed_now);
  take_away(1);
  serve();
  assert_int_equal(viewed, 16);
  assert_false(served(1));
  assert_true(served(2) && served(3) && served(4));
  assert_true(unsubscribed_now >= 1 + LISTENING_WITH_ONE);
}

static void when_all_real_ones_change_so_do_all_dummies(void **state) {
  static uint8_t before[FRAME_SUBSCRIPTIONS][MAILBOX_SIZE];
  (void)state;
  start();
  for (int i = 1; i <= 5; i++)
    assert_true(add(i));
  serve();
  int was = viewed;
  memcpy(before, view, sizeof before);
  for (int i = 1; i <= 5; i++) {
    take_away(i);
    assert_true(add(100 + i));
  }
  serve();
  for (int i = 0; i < was; i++)
    assert_int_equal(find(before[i]), -1);
}

static void a_new_connection_shows_the_very_same_set(void **state) {
  static uint8_t before[FRAME_SUBSCRIPTIONS][MAILBOX_SIZE];
  (void)state;
  start();
  assert_true(add(1) && add(2));
  serve();
  memcpy(before, view, sizeof before);
  viewed = 0;
  listening_lost(&set);
  serve();
  assert_int_equal(viewed, 16);
  for (int i = 0; i < 16; i++)
    assert_true(find(before[i]) >= 0);
}

static void nothing_is_left_to_send_twice_after_changes_while_down(void **state) {
  (void)state;
  start();
  assert_true(add(1));
  serve();
  listening_lost(&set);
  viewed = 0;
  take_away(1);
  assert_true(add(2));
  serve();
  assert_int_equal(unsubscribed_now, 0);
  assert_int_equal(viewed, 16);
  assert_true(served(2) && !served(1));
}

/* Where the real one stands tells nothing: over many runs each place is taken about as often. */
static void the_place_in_the_frame_tells_nothing(void **state) {
  enum { RUNS = 1600 };
  int places[16] = {0};
  uint8_t seed[KEY_SIZE] = {1}, mine[READ_TOKEN_SIZE];
  (void)state;
  crypto_init();
  crypto_random_seed(seed);
  token_of(mine, 5);
  for (int run = 0; run < RUNS; run++) {
    int entries;
    start();
    assert_true(add(5));
    listening_settle(&set);
    listening_write(&set, out, sizeof out, &entries);
    for (int i = 0; i < entries; i++)
      places[i] += !memcmp(out + 2 + i * READ_TOKEN_SIZE, mine, READ_TOKEN_SIZE);
  }
  crypto_random_seed(NULL);
  for (int i = 0; i < 16; i++)
    assert_in_range(places[i], 50, 150); /* 100 expected, deviation 10 */
}

UNIT_TESTS(test(the_server_sees_a_power_of_two_of_16_at_least), test(adding_twice_is_adding_once),
           test(only_a_real_mailbox_is_ours), test(a_change_is_one_among_several),
           test(when_all_real_ones_change_so_do_all_dummies), test(a_new_connection_shows_the_very_same_set),
           test(nothing_is_left_to_send_twice_after_changes_while_down), test(the_place_in_the_frame_tells_nothing))
