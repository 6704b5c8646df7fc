#include "unit.h"

#include "../../signaling/mailbox.h"
#include "../vectors/hex.h"

static uint8_t ps[PAIR_SECRET_SIZE], a[KEY_SIZE], b[KEY_SIZE], device[DEVICE_SIZE], s[INVITE_TOKEN_SIZE];

static void begin(void) {
  for (uint8_t i = 0; i < PAIR_SECRET_SIZE; i++)
    ps[i] = i;
  memset(a, 0xa0, sizeof a);
  memset(b, 0xb0, sizeof b);
  for (uint8_t i = 0; i < DEVICE_SIZE; i++)
    device[i] = (uint8_t)(i + 1);
  for (uint8_t i = 0; i < INVITE_TOKEN_SIZE; i++)
    s[i] = i;
}

static void same(const struct mailbox *mailbox, const char *token, const char *key, const char *address) {
  uint8_t expected[KEY_SIZE];
  unhex(expected, token);
  assert_memory_equal(mailbox->read_token, expected, READ_TOKEN_SIZE);
  unhex(expected, key);
  assert_memory_equal(mailbox->key, expected, KEY_SIZE);
  unhex(expected, address);
  assert_memory_equal(mailbox->address, expected, MAILBOX_SIZE);
}

/* Expected values of this file: made with Python's hmac and hashlib. */
static void a_pairs_mailbox_is_derived_as_specified(void **state) {
  (void)state;
  begin();
  struct mailbox mailbox;
  mailbox_derive(&mailbox, ps, a, b, device, 19675);
  same(&mailbox, "3575617eefd43e0d1e1dc446688e28b6065ed56e51e8c25dddaf228c29f16dac",
       "ded52c3c9ddd0ca9ca58316bdab3b76967b26526a7c2e23b011a43bd1a541566", "2c8526e91d27a893fc2d3f2fb4f96501");
}

static void an_invites_mailboxes_are_derived_as_specified(void **state) {
  (void)state;
  begin();
  struct mailbox mailbox;
  mailbox_derive_invite(&mailbox, s, INVITE_INVITER);
  same(&mailbox, "2559ccd460f650096fb55f531c19082ef0f525e2d789f3cb3659f8dd63cb146c",
       "e8431626f9d503eaf494847ef5dbf21fa0528e8e1e0069c77915b21bfa5903eb", "b58e3a996b05560110551dcd35932f82");
  mailbox_derive_invite(&mailbox, s, INVITE_JOINER);
  same(&mailbox, "7a01c3f125417aa577f873beba7eac8edea2e2aca2bfbfe101d8c731e4f5fad0",
       "35db577507af2d5b1db874842002a595349296c642601f7572fc5abc6b93b4c9", "dd04441dbb17c64f745d69d7a82ba3dd");
}

static void a_links_mailboxes_are_derived_as_specified(void **state) {
  (void)state;
  begin();
  struct mailbox mailbox;
  mailbox_derive_link(&mailbox, s, LINK_PRIMARY);
  same(&mailbox, "6849c96a4c0f916ab7f9594c123edbf2dcac874e9054d527bc236a10a9dc9a8c",
       "f3eb0c2cf62ff19704278a8a057cf8f5daa5335b33d55fafc05fe7b5d0269c07", "73ea584147385232b6e5fc728007d883");
  mailbox_derive_link(&mailbox, s, LINK_DEVICE);
  same(&mailbox, "fb534801feab4cee6273818adb80b5b7fc8c19440da32543fac2543d871375df",
       "fc310ad994711cab5c9b8fcff918facdd7afd088029c3dc85c381ca2a21e8dee", "bb116048518296477df4dc9a74abdc66");
}

static void the_read_token_proves_the_address(void **state) {
  (void)state;
  begin();
  struct mailbox mailbox;
  uint8_t address[MAILBOX_SIZE];
  mailbox_derive(&mailbox, ps, a, b, device, 1);
  mailbox_address(address, mailbox.read_token);
  assert_memory_equal(address, mailbox.address, MAILBOX_SIZE);
  mailbox.read_token[0] ^= 1;
  mailbox_address(address, mailbox.read_token);
  assert_memory_not_equal(address, mailbox.address, MAILBOX_SIZE);
}

static void direction_device_day_and_secret_each_make_another_mailbox(void **state) {
  (void)state;
  begin();
  struct mailbox base, other;
  mailbox_derive(&base, ps, a, b, device, 5);
  for (int change = 0; change < 4; change++) {
    begin();
    device[7] ^= change == 1;
    ps[31] ^= change == 2;
    mailbox_derive(&other, ps, change == 0 ? b : a, change == 0 ? a : b, device, change == 3 ? 6 : 5);
    assert_memory_not_equal(other.address, base.address, MAILBOX_SIZE);
    assert_memory_not_equal(other.key, base.key, KEY_SIZE);
  }
}

static void an_epoch_is_a_day_of_utc(void **state) {
  (void)state;
  assert_int_equal(mailbox_epoch(0), 0);
  assert_int_equal(mailbox_epoch(86399), 0);
  assert_int_equal(mailbox_epoch(86400), 1);
  assert_int_equal(mailbox_epoch(1700000000), 19675);
}

static void one_listens_to_the_neighbours_around_midnight(void **state) {
  (void)state;
  enum { DAY = 86400, HOUR = 3600 };
  uint32_t epochs[3];
  assert_int_equal(mailbox_epochs(epochs, 10 * DAY + 2 * HOUR), 1);
  assert_int_equal(epochs[0], 10);
  assert_int_equal(mailbox_epochs(epochs, 10 * DAY + 22 * HOUR - 1), 1);
  assert_int_equal(mailbox_epochs(epochs, 10 * DAY + 2 * HOUR - 1), 3);
  assert_int_equal(epochs[0], 10);
  assert_int_equal(epochs[1], 9);
  assert_int_equal(epochs[2], 11);
  assert_int_equal(mailbox_epochs(epochs, 10 * DAY + 22 * HOUR), 3);
  assert_int_equal(epochs[0], 10);
}

static void it_says_when_to_look_again(void **state) {
  (void)state;
  int64_t now = 10 * 86400;
  uint32_t before[3], after[3];
  for (int i = 0; i < 12; i++) {
    int64_t change = mailbox_epochs_change(now);
    assert_true(change > now);
    int n = mailbox_epochs(before, change - 1), m = mailbox_epochs(after, change);
    assert_true(n != m || before[0] != after[0]);
    assert_int_equal(mailbox_epochs(before, now), n);
    assert_int_equal(mailbox_epoch(now), mailbox_epoch(change - 1));
    now = change;
  }
  assert_int_equal(now, 14 * 86400);
}

UNIT_TESTS(test(a_pairs_mailbox_is_derived_as_specified), test(an_invites_mailboxes_are_derived_as_specified),
           test(a_links_mailboxes_are_derived_as_specified), test(the_read_token_proves_the_address),
           test(direction_device_day_and_secret_each_make_another_mailbox), test(an_epoch_is_a_day_of_utc),
           test(one_listens_to_the_neighbours_around_midnight), test(it_says_when_to_look_again))
