#include "mailbox.h"

#include <string.h>

#include "../media/bytes.h"

#define LABEL(text)                                                                                                \
  { text, sizeof text - 1 }

void mailbox_address(uint8_t address[MAILBOX_SIZE], const uint8_t read_token[READ_TOKEN_SIZE]) {
  const struct bytes_view parts[] = {LABEL("sotto/mb"), {read_token, READ_TOKEN_SIZE}};
  uint8_t hash[HASH_SIZE];
  crypto_sha256(hash, parts, 2);
  memcpy(address, hash, MAILBOX_SIZE);
}

static void from_secret(struct mailbox *mailbox, const void *secret, size_t size, const struct bytes_view *info,
                        size_t info_count) {
  uint8_t seed[READ_TOKEN_SIZE + KEY_SIZE];
  crypto_hkdf(seed, sizeof seed, secret, size, NULL, 0, info, info_count);
  memcpy(mailbox->read_token, seed, READ_TOKEN_SIZE);
  memcpy(mailbox->key, seed + READ_TOKEN_SIZE, KEY_SIZE);
  mailbox_address(mailbox->address, mailbox->read_token);
  crypto_wipe(seed, sizeof seed);
}

void mailbox_derive(struct mailbox *mailbox, const uint8_t ps[PAIR_SECRET_SIZE], const uint8_t sender[KEY_SIZE],
                    const uint8_t recipient[KEY_SIZE], const uint8_t device[DEVICE_SIZE], uint32_t epoch) {
  uint8_t day[4];
  struct writer writer = writer_of(day, sizeof day);
  write_u32(&writer, epoch);
  const struct bytes_view info[] = {
      LABEL("sotto/mbox/1"), {sender, KEY_SIZE}, {recipient, KEY_SIZE}, {device, DEVICE_SIZE}, {day, sizeof day}};
  from_secret(mailbox, ps, PAIR_SECRET_SIZE, info, sizeof info / sizeof info[0]);
}

void mailbox_derive_invite(struct mailbox *mailbox, const uint8_t s[INVITE_TOKEN_SIZE], enum invite_role role) {
  uint8_t reader = (uint8_t)role;
  const struct bytes_view info[] = {LABEL("sotto/inv/1"), {&reader, 1}};
  from_secret(mailbox, s, INVITE_TOKEN_SIZE, info, 2);
}

void mailbox_derive_link(struct mailbox *mailbox, const uint8_t nonce[INVITE_TOKEN_SIZE], enum link_role role) {
  uint8_t reader = (uint8_t)role;
  const struct bytes_view info[] = {LABEL("sotto/dev/1"), {&reader, 1}};
  from_secret(mailbox, nonce, INVITE_TOKEN_SIZE, info, 2);
}

static int64_t second_of_day(int64_t unix_seconds) {
  int64_t second = unix_seconds % EPOCH_SECONDS;
  return second < 0 ? second + EPOCH_SECONDS : second;
}

uint32_t mailbox_epoch(int64_t unix_seconds) {
  return (uint32_t)((unix_seconds - second_of_day(unix_seconds)) / EPOCH_SECONDS);
}

int mailbox_epochs(uint32_t epochs[3], int64_t unix_seconds) {
  int64_t second = second_of_day(unix_seconds);
  epochs[0] = mailbox_epoch(unix_seconds);
  if (second >= EPOCH_OVERLAP && second < EPOCH_SECONDS - EPOCH_OVERLAP)
    return 1;
  epochs[1] = epochs[0] - 1;
  epochs[2] = epochs[0] + 1;
  return 3;
}

int64_t mailbox_epochs_change(int64_t unix_seconds) {
  int64_t second = second_of_day(unix_seconds), midnight = unix_seconds - second;
  if (second < EPOCH_OVERLAP)
    return midnight + EPOCH_OVERLAP;
  if (second < EPOCH_SECONDS - EPOCH_OVERLAP)
    return midnight + EPOCH_SECONDS - EPOCH_OVERLAP;
  return midnight + EPOCH_SECONDS;
}
