#include "engine/call/channel.h"
#include "signaling/mailbox.h"
#include "unit.h"

enum { A, B, CELLS = 64, NOON = 1767268800 };

struct side {
  struct client *client;
  struct channel channel;
};

static struct side side[2];
static uint8_t ps[KEY_SIZE] = {42};

static void set_up(void) {
  struct channel_party party[2] = {0};
  uint8_t secret[2][KEY_SIZE];
  crypto_init();
  for (int i = 0; i < 2; i++) {
    crypto_random(party[i].id, KEY_SIZE);
    crypto_random(party[i].device, DEVICE_SIZE);
    crypto_x25519_keypair(party[i].dx, secret[i]);
  }
  for (int i = 0; i < 2; i++)
    side[i].client = NULL;
  for (int i = 0; i < 2; i++) {
    struct client_output out;
    need(side[i].client = client_new(1));
    client_poll(side[i].client, 0, &out);
    client_connected(side[i].client, 0);
    struct channel_config config = {
        .client = side[i].client, .initiator = i == A, .ps = ps, .dx_secret = secret[i]};
    config.us = party[i];
    config.them = party[1 - i];
    memset(config.session, 5, sizeof config.session);
    channel_init(&side[i].channel, &config);
  }
}

static void tear_down(void) {
  for (int i = 0; i < 2; i++) {
    channel_deinit(&side[i].channel);
    client_free(side[i].client);
  }
}

/* What `from` put, as the other's mailbox key opens it. The clock goes on so that no rate limit holds cells back.
 */
static int collect(int from, struct cell *cell, int max) {
  struct client_output out;
  struct frame frame;
  struct mailbox mailbox;
  const struct channel *channel = &side[from].channel;
  int count = 0;
  mailbox_derive(&mailbox, ps, channel->us.id, channel->them.id, channel->them.device, mailbox_epoch(NOON));
  for (usec now = 0; now < SEC(20); now += MS(100))
    while (client_poll(side[from].client, now, &out))
      if (out.type == CLIENT_SEND && frame_parse(&frame, true, out.data, out.size) && frame.type == FRAME_PUT) {
        assert_memory_equal(frame.mailbox, mailbox.address, MAILBOX_SIZE);
        assert_true(count < max && cell_open(&cell[count], mailbox.key, frame.cell));
        count++;
      }
  return count;
}

static struct message greeting(enum message_type type) {
  struct message message = {.type = (uint8_t)type, .version = WIRE_VERSION, .time = NOON};
  return message;
}

static void open_both(void) {
  struct cell cell;
  struct message message = greeting(MESSAGE_KNOCK), in;
  set_up();
  assert_true(channel_send_handshake(&side[A].channel, 0, NOON, &message));
  assert_int_equal(collect(A, &cell, 1), 1);
  assert_true(channel_read_handshake(&side[B].channel, &cell, &in));
  message = greeting(MESSAGE_HELLO);
  assert_true(channel_send_handshake(&side[B].channel, 0, NOON, &message));
  assert_int_equal(collect(B, &cell, 1), 1);
  assert_true(channel_read_handshake(&side[A].channel, &cell, &in));
  assert_true(side[A].channel.open && side[B].channel.open);
  assert_memory_equal(side[A].channel.h, side[B].channel.h, HASH_SIZE);
}

static void frames_have_keys_of_their_own_that_are_taken_once(void **state) {
  (void)state;
  struct frame_keys keys[2], again;
  static const struct frame_keys none;
  open_both();
  for (int i = 0; i < 2; i++) {
    channel_take_frame_keys(&side[i].channel, &keys[i]);
    channel_take_frame_keys(&side[i].channel, &again);
    assert_memory_equal(&again, &none, sizeof none);
  }
  assert_memory_equal(keys[A].send, keys[B].receive, KEY_SIZE);
  assert_memory_equal(keys[B].send, keys[A].receive, KEY_SIZE);
  assert_memory_not_equal(keys[A].send, keys[A].receive, KEY_SIZE);
  assert_memory_not_equal(keys[A].send, side[A].channel.send.key, KEY_SIZE);
  assert_memory_not_equal(keys[A].send, side[A].channel.receive.key, KEY_SIZE);
  tear_down();
}

static void send_media(int from, int generation) {
  struct message message = {.type = MESSAGE_MEDIA, .generation = (uint8_t)generation, .media = MEDIA_AUDIO};
  assert_true(channel_send(&side[from].channel, 0, NOON, &message, NULL));
}

static void expect_media(int at, int generation) {
  struct message message;
  uint8_t hash[HASH_SIZE];
  assert_true(channel_next(&side[at].channel, 0, &message, hash));
  assert_int_equal(message.type, MESSAGE_MEDIA);
  assert_int_equal(message.generation, generation);
}

static void a_handshake_opens_both_and_every_changed_bit_of_it_opens_neither(void **state) {
  (void)state;
  static struct cell knock;
  struct message message = greeting(MESSAGE_KNOCK), in;
  set_up();
  assert_true(channel_send_handshake(&side[A].channel, 0, NOON, &message));
  assert_int_equal(collect(A, &knock, 1), 1);
  for (size_t bit = 0; bit < knock.size * 8; bit += 3) {
    struct cell bad = knock;
    bad.body[bit / 8] ^= (uint8_t)(1u << bit % 8);
    assert_false(channel_read_handshake(&side[B].channel, &bad, &in));
    assert_false(side[B].channel.open);
  }
  for (size_t size = 0; size < knock.size; size++) {
    struct cell bad = knock;
    bad.size = size;
    assert_false(channel_read_handshake(&side[B].channel, &bad, &in));
  }
  assert_true(channel_read_handshake(&side[B].channel, &knock, &in)); /* the garbage did no harm */
  assert_int_equal(in.type, MESSAGE_KNOCK);
  tear_down();
}

static void messages_come_in_order_whatever_the_order_of_their_cells(void **state) {
  (void)state;
  static struct cell cell[CELLS];
  uint64_t random = 3;
  for (int round = 0; round < 20; round++) {
    open_both();
    for (int i = 0; i < 20; i++)
      send_media(A, i);
    assert_int_equal(collect(A, cell, CELLS), 20);
    for (int i = 19; i > 0; i--) {
      int k = (int)(unit_random(&random) % (unsigned)(i + 1));
      struct cell t = cell[i];
      cell[i] = cell[k];
      cell[k] = t;
    }
    int next = 0;
    for (int i = 0; i < 20; i++) {
      struct message message;
      assert_int_equal(channel_input(&side[B].channel, 0, &cell[i]), CHANNEL_TAKEN);
      assert_int_equal(channel_input(&side[B].channel, 0, &cell[i]), CHANNEL_REPLAYED);
      while (channel_next(&side[B].channel, 0, &message, NULL))
        assert_int_equal(message.generation, next++);
    }
    assert_int_equal(next, 20);
    tear_down();
  }
}

static void a_changed_message_is_rejected_and_the_true_one_still_counts(void **state) {
  (void)state;
  static struct cell cell;
  open_both();
  send_media(A, 1);
  assert_int_equal(collect(A, &cell, 1), 1);
  for (size_t bit = 0; bit < cell.size * 8; bit++) {
    struct cell bad = cell;
    bad.body[bit / 8] ^= (uint8_t)(1u << bit % 8);
    assert_int_equal(channel_input(&side[B].channel, 0, &bad), CHANNEL_REJECTED);
  }
  struct cell bad = cell;
  bad.header.n = 1; /* another number: another nonce */
  assert_int_equal(channel_input(&side[B].channel, 0, &bad), CHANNEL_REJECTED);
  assert_int_equal(channel_input(&side[B].channel, 0, &cell), CHANNEL_TAKEN);
  expect_media(B, 1);
  tear_down();
}

static void a_missing_message_is_a_gap_after_ten_seconds(void **state) {
  (void)state;
  static struct cell cell[3];
  struct message message;
  open_both();
  for (int i = 0; i < 3; i++)
    send_media(A, i);
  assert_int_equal(collect(A, cell, 3), 3);
  assert_int_equal(channel_deadline(&side[B].channel), USEC_NEVER);
  assert_int_equal(channel_input(&side[B].channel, SEC(1), &cell[2]), CHANNEL_TAKEN);
  assert_false(channel_next(&side[B].channel, SEC(1), &message, NULL));
  assert_int_equal(channel_deadline(&side[B].channel), SEC(11));
  assert_false(channel_has_gap(&side[B].channel, SEC(11) - 1));
  assert_true(channel_has_gap(&side[B].channel, SEC(11)));
  channel_input(&side[B].channel, SEC(12), &cell[0]);
  channel_input(&side[B].channel, SEC(12), &cell[1]);
  for (int i = 0; i < 3; i++)
    expect_media(B, i);
  assert_false(channel_has_gap(&side[B].channel, SEC(60)));
  tear_down();
}

static void a_message_too_far_ahead_is_rejected(void **state) {
  (void)state;
  static struct cell cell[CELLS];
  open_both();
  for (int i = 0; i <= CHANNEL_WINDOW; i++)
    send_media(A, i);
  int count = collect(A, cell, CELLS);
  assert_int_equal(count, CHANNEL_WINDOW + 1);
  assert_int_equal(channel_input(&side[B].channel, 0, &cell[CHANNEL_WINDOW]), CHANNEL_AHEAD);
  assert_int_equal(channel_input(&side[B].channel, 0, &cell[CHANNEL_WINDOW - 1]), CHANNEL_TAKEN);
  tear_down();
}

static void the_same_message_by_dtls_counts_once_and_a_hang_up_overtakes(void **state) {
  (void)state;
  static struct cell cell[2];
  uint8_t datagram[CHANNEL_DATAGRAM_MAX];
  struct message message = {.type = MESSAGE_HANGUP, .reason = REASON_HANGUP}, in;
  open_both();
  send_media(A, 1); /* held back by the server */
  assert_true(channel_send(&side[A].channel, 0, NOON, &message, NULL));
  size_t size = side[A].channel.datagram_size;
  assert_true(size > 0);
  memcpy(datagram, side[A].channel.datagram, size);
  assert_int_equal(collect(A, cell, 2), 2);
  for (size_t i = 0; i < size; i++)
    assert_int_not_equal(channel_input_datagram(&side[B].channel, 0, datagram, i), CHANNEL_TAKEN);
  for (size_t bit = 0; bit < size * 8; bit++) {
    datagram[bit / 8] ^= (uint8_t)(1u << bit % 8);
    assert_int_not_equal(channel_input_datagram(&side[B].channel, 0, datagram, size), CHANNEL_TAKEN);
    datagram[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
  assert_int_equal(channel_input_datagram(&side[B].channel, 0, datagram, size), CHANNEL_TAKEN);
  assert_int_equal(channel_input(&side[B].channel, 0, &cell[1]), CHANNEL_REPEATED);
  assert_int_equal(channel_input(&side[B].channel, 0, &cell[1]), CHANNEL_REPLAYED);
  assert_true(channel_next(&side[B].channel, 0, &in, NULL));
  assert_int_equal(in.type, MESSAGE_HANGUP);
  tear_down();
}

static void nothing_is_sent_or_taken_before_the_handshake(void **state) {
  (void)state;
  struct cell cell = {.header = {.type = CELL_DATA}, .fragments = 1, .size = 40};
  struct message message = {.type = MESSAGE_RINGING};
  set_up();
  assert_false(channel_send(&side[A].channel, 0, NOON, &message, NULL));
  assert_int_equal(channel_input(&side[B].channel, 0, &cell), CHANNEL_REJECTED);
  assert_false(channel_next(&side[B].channel, 0, &message, NULL));
  tear_down();
}

UNIT_TESTS(test(a_handshake_opens_both_and_every_changed_bit_of_it_opens_neither),
           test(frames_have_keys_of_their_own_that_are_taken_once),
           test(messages_come_in_order_whatever_the_order_of_their_cells),
           test(a_changed_message_is_rejected_and_the_true_one_still_counts),
           test(a_missing_message_is_a_gap_after_ten_seconds), test(a_message_too_far_ahead_is_rejected),
           test(the_same_message_by_dtls_counts_once_and_a_hang_up_overtakes),
           test(nothing_is_sent_or_taken_before_the_handshake))
