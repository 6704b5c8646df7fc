#include "listening.h"

#include <string.h>

#include "crypto.h"
#include "mailbox.h"

static int random_below(int n) {
  uint32_t value;
  crypto_random(&value, sizeof value);
  return (int)(value % (uint32_t)n);
}

static void set_slot(struct listening_slot *slot, const uint8_t token[READ_TOKEN_SIZE], bool real) {
  memmove(slot->token, token, READ_TOKEN_SIZE);
  mailbox_address(slot->mailbox, token);
  slot->real = real;
  slot->sent = false;
}

static void make_dummy(struct listening_slot *slot) {
  uint8_t token[READ_TOKEN_SIZE];
  crypto_random(token, sizeof token);
  set_slot(slot, token, false);
}

static void grow(struct listening *listening) {
  int size = listening->size ? listening->size * 2 : 16;
  for (int i = listening->size; i < size; i++)
    make_dummy(&listening->slot[i]);
  listening->size = size;
}

void listening_init(struct listening *listening) {
  memset(listening, 0, sizeof *listening);
  grow(listening);
}

void listening_deinit(struct listening *listening) {
  crypto_wipe(listening, sizeof *listening);
}

/* A sent slot leaves at most once, so there is always room. */
static void let_go(struct listening *listening, struct listening_slot *slot) {
  if (slot->sent)
    memcpy(listening->gone[listening->gone_count++], slot->mailbox, MAILBOX_SIZE);
  slot->sent = false;
}

static struct listening_slot *find(struct listening *listening, const uint8_t token[READ_TOKEN_SIZE]) {
  for (int i = 0; i < listening->size; i++)
    if (listening->slot[i].real && crypto_equal(listening->slot[i].token, token, READ_TOKEN_SIZE))
      return &listening->slot[i];
  return NULL;
}

/* Any dummy, each as likely; there always is one. */
static struct listening_slot *pick_dummy(struct listening *listening) {
  int nth = random_below(listening->size - listening->reals);
  for (int i = 0;; i++)
    if (!listening->slot[i].real && nth-- == 0)
      return &listening->slot[i];
}

bool listening_add(struct listening *listening, const uint8_t token[READ_TOKEN_SIZE]) {
  if (find(listening, token))
    return true;
  if (listening->reals == LISTENING_MAX)
    return false;
  if (listening->reals + 1 == listening->size)
    grow(listening);
  struct listening_slot *slot = pick_dummy(listening);
  let_go(listening, slot);
  set_slot(slot, token, true);
  listening->reals++;
  listening->changes++;
  return true;
}

void listening_remove(struct listening *listening, const uint8_t token[READ_TOKEN_SIZE]) {
  struct listening_slot *slot = find(listening, token);
  if (!slot)
    return;
  let_go(listening, slot);
  make_dummy(slot);
  listening->reals--;
  listening->changes++;
}

bool listening_has(const struct listening *listening, const uint8_t mailbox[MAILBOX_SIZE]) {
  for (int i = 0; i < listening->size; i++)
    if (!memcmp(listening->slot[i].mailbox, mailbox, MAILBOX_SIZE))
      return listening->slot[i].real;
  return false;
}

void listening_lost(struct listening *listening) {
  for (int i = 0; i < listening->size; i++)
    listening->slot[i].sent = false;
  listening->gone_count = 0;
}

static int sent_dummies(const struct listening *listening) {
  int count = 0;
  for (int i = 0; i < listening->size; i++)
    count += listening->slot[i].sent && !listening->slot[i].real;
  return count;
}

static void change_dummies(struct listening *listening) {
  int dummies = sent_dummies(listening);
  int share = listening->reals ? dummies * listening->changes / listening->reals : dummies;
  int left = share > LISTENING_WITH_ONE ? share : LISTENING_WITH_ONE;
  for (int i = 0; i < listening->size && left > 0; i++) { /* the slots are in random order: any of them */
    struct listening_slot *slot = &listening->slot[i];
    if (slot->real || !slot->sent)
      continue;
    let_go(listening, slot);
    make_dummy(slot);
    left--;
  }
}

static void shuffle(void *entries, int count, size_t size) {
  uint8_t held[sizeof(struct listening_slot)];
  for (int i = count - 1; i > 0; i--) {
    uint8_t *a = (uint8_t *)entries + (size_t)i * size;
    uint8_t *b = (uint8_t *)entries + (size_t)random_below(i + 1) * size;
    memcpy(held, a, size);
    memmove(a, b, size);
    memcpy(b, held, size);
  }
  crypto_wipe(held, sizeof held);
}

void listening_settle(struct listening *listening) {
  shuffle(listening->slot, listening->size, sizeof listening->slot[0]);
  if (listening->changes)
    change_dummies(listening);
  shuffle(listening->gone, listening->gone_count, MAILBOX_SIZE);
  listening->changes = 0;
}

bool listening_due(const struct listening *listening) {
  if (listening->gone_count)
    return true;
  for (int i = 0; i < listening->size; i++)
    if (!listening->slot[i].sent)
      return true;
  return false;
}

static int smaller(int a, int b) {
  return a < b ? a : b;
}

static size_t write_gone(struct listening *listening, uint8_t *out, size_t size, int *entries) {
  *entries = smaller(listening->gone_count, LISTENING_CHUNK);
  listening->gone_count -= *entries;
  return frame_write(out, size,
                     &(struct frame){.type = FRAME_UNSUBSCRIBE,
                                     .list = listening->gone[listening->gone_count],
                                     .count = *entries});
}

/* Unsubscribes first: the server's limit counts what is there at once. */
size_t listening_write(struct listening *listening, uint8_t *out, size_t size, int *entries) {
  if (listening->gone_count)
    return write_gone(listening, out, size, entries);
  uint8_t list[LISTENING_CHUNK * READ_TOKEN_SIZE];
  int count = 0;
  for (int i = 0; i < listening->size && count < LISTENING_CHUNK; i++) {
    struct listening_slot *slot = &listening->slot[i];
    if (slot->sent)
      continue;
    memcpy(list + count++ * READ_TOKEN_SIZE, slot->token, READ_TOKEN_SIZE);
    slot->sent = true;
  }
  *entries = count;
  return frame_write(out, size, &(struct frame){.type = FRAME_SUBSCRIBE, .list = list, .count = count});
}
