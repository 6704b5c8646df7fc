#include "channel.h"

#include "../../media/bytes.h"
#include "../../signaling/pair.h"
#include "../../signaling/post.h"

enum { DATAGRAM_HEADER = 2 + 4, DATAGRAM_MAGIC = 0x5354 /* "ST" */, HANDSHAKE_PAYLOAD_MAX = MESSAGE_MAX };

void channel_init(struct channel *channel, const struct channel_config *config) {
  memset(channel, 0, sizeof *channel);
  channel->client = config->client;
  channel->initiator = config->initiator;
  channel->us = config->us;
  channel->them = config->them;
  memcpy(channel->ps, config->ps, sizeof channel->ps);
  memcpy(channel->session, config->session, sizeof channel->session);
  channel->gap_since = USEC_NEVER;
  reassembler_init(&channel->reassembler);

  uint8_t psk[KEY_SIZE], prologue[CALL_PROLOGUE_SIZE];
  const struct channel_party *caller = config->initiator ? &config->us : &config->them;
  const struct channel_party *callee = config->initiator ? &config->them : &config->us;
  pair_call_psk(psk, config->ps);
  pair_call_prologue(prologue, caller->id, caller->device, callee->id, callee->device);
  noise_init(&channel->noise, &(struct noise_config){.pattern = NOISE_KKPSK0,
                                                     .initiator = config->initiator,
                                                     .prologue = prologue,
                                                     .prologue_size = sizeof prologue,
                                                     .static_secret = config->dx_secret,
                                                     .static_public = config->us.dx,
                                                     .remote_static = config->them.dx,
                                                     .psk = psk});
  crypto_wipe(psk, sizeof psk);
}

void channel_deinit(struct channel *channel) {
  crypto_wipe(channel, sizeof *channel);
  channel->gap_since = USEC_NEVER;
}

static bool put_cells(struct channel *channel, usec now, int64_t unix_seconds, enum cell_type type, uint32_t n,
                      const uint8_t *body, size_t size) {
  struct mailbox mailbox;
  struct cell_header header = {.type = (uint8_t)type, .n = n};
  memcpy(header.device, channel->us.device, sizeof header.device);
  memcpy(header.session, channel->session, sizeof header.session);
  mailbox_derive(&mailbox, channel->ps, channel->us.id, channel->them.id, channel->them.device,
                 mailbox_epoch(unix_seconds));
  bool sent = post_message(channel->client, now, &mailbox, &header, body, size);
  crypto_wipe(&mailbox, sizeof mailbox);
  if (!sent)
    channel->unsent++;
  return sent;
}

static void export_frame_keys(struct channel *channel) {
  struct frame_keys *keys = &channel->frame_keys;
  const struct bytes_view callers[] = {{"sotto/sframe/1", 14}, {"\1", 1}}, callees[] = {callers[0], {"\2", 1}};
  noise_export(&channel->noise, channel->initiator ? callers : callees, 2, keys->send);
  noise_export(&channel->noise, channel->initiator ? callees : callers, 2, keys->receive);
}

static void open_channel(struct channel *channel) {
  if (!noise_finished(&channel->noise))
    return;
  noise_hash(&channel->noise, channel->h);
  export_frame_keys(channel);
  noise_split(&channel->noise, &channel->send, &channel->receive);
  channel->open = true;
}

bool channel_send_handshake(struct channel *channel, usec now, int64_t unix_seconds,
                            const struct message *message) {
  uint8_t payload[HANDSHAKE_PAYLOAD_MAX], body[CELL_MESSAGE_MAX];
  size_t size = message_encode(message, payload, sizeof payload);
  size = size ? noise_write(&channel->noise, body, sizeof body, payload, size) : 0;
  if (!size)
    return false;
  enum cell_type type = channel->initiator ? CELL_KNOCK : CELL_HELLO;
  bool sent = put_cells(channel, now, unix_seconds, type, 0, body, size);
  open_channel(channel);
  return sent;
}

/* The bytes that a message was parsed from are gone soon. */
static void keep_roster(struct channel *channel, struct message *message) {
  if (!message->roster)
    return;
  memcpy(channel->roster, message->roster, message->roster_size);
  message->roster = channel->roster;
}

bool channel_read_handshake(struct channel *channel, const struct cell *cell, struct message *message) {
  uint8_t payload[HANDSHAKE_PAYLOAD_MAX];
  const uint8_t *body;
  size_t size, payload_size;
  if (channel->open || cell->header.type != (channel->initiator ? CELL_HELLO : CELL_KNOCK) || cell->header.n)
    return false;
  if (!reassembler_input(&channel->reassembler, cell, &body, &size))
    return false;
  struct noise before = channel->noise;
  bool good = noise_read(&channel->noise, body, size, payload, sizeof payload, &payload_size) &&
              message_parse(payload, payload_size, message) &&
              message->type == (channel->initiator ? MESSAGE_HELLO : MESSAGE_KNOCK);
  if (good) {
    keep_roster(channel, message);
    open_channel(channel);
  } else {
    channel->noise = before, channel->rejected++;
  }
  crypto_wipe(&before, sizeof before);
  return good;
}

void channel_take_frame_keys(struct channel *channel, struct frame_keys *keys) {
  *keys = channel->frame_keys;
  crypto_wipe(&channel->frame_keys, sizeof channel->frame_keys);
}

bool channel_send_roster(struct channel *channel, usec now, int64_t unix_seconds, const struct message *roster) {
  uint8_t body[CELL_BODY_MAX];
  size_t size = message_encode(roster, body, sizeof body);
  return size && put_cells(channel, now, unix_seconds, CELL_ROSTER, 0, body, size);
}

bool channel_send(struct channel *channel, usec now, int64_t unix_seconds, const struct message *message,
                  uint8_t hash[HASH_SIZE]) {
  uint8_t plain[CHANNEL_MESSAGE_MAX], sealed[CELL_BODY_MAX];
  size_t size = channel->open ? message_encode(message, plain, sizeof plain) : 0;
  channel->datagram_size = 0;
  if (!size)
    return false;
  if (hash)
    message_hash(hash, plain, size);
  uint32_t n = channel->sent++;
  noise_seal(&channel->send, n, sealed, plain, size);
  crypto_wipe(plain, sizeof plain);
  size += AEAD_TAG_SIZE;
  struct writer w = writer_of(channel->datagram, sizeof channel->datagram);
  write_u16(&w, DATAGRAM_MAGIC);
  write_u32(&w, n);
  write_bytes(&w, sealed, size);
  channel->datagram_size = w.bad ? 0 : DATAGRAM_HEADER + size;
  return put_cells(channel, now, unix_seconds, CELL_DATA, n, sealed, size);
}

/* Authenticates and keeps one message; in order or not is channel_next()'s question. */
static enum channel_verdict input_sealed(struct channel *channel, usec now, uint32_t n, const uint8_t *sealed,
                                         size_t size) {
  if (!channel->open || size <= AEAD_TAG_SIZE || size > CELL_BODY_MAX) {
    channel->rejected++;
    return CHANNEL_REJECTED;
  }
  struct channel_held *held = &channel->held[n % CHANNEL_WINDOW];
  if (n < channel->expected || (n - channel->expected < CHANNEL_WINDOW && held->used)) {
    channel->repeated++;
    return CHANNEL_REPEATED;
  }
  if (n - channel->expected >= CHANNEL_WINDOW) {
    channel->rejected++;
    return CHANNEL_AHEAD;
  }
  if (!noise_open(&channel->receive, n, held->message, sealed, size)) {
    channel->rejected++;
    return CHANNEL_REJECTED;
  }
  held->used = true;
  held->size = (uint16_t)(size - AEAD_TAG_SIZE);
  if (n != channel->expected && channel->gap_since == USEC_NEVER)
    channel->gap_since = now;
  return CHANNEL_TAKEN;
}

/* Did this number come in a cell before? (Older than 64 below the highest: not known.) */
static bool note_cell(struct channel *channel, uint32_t n) {
  if (!channel->cells_seen || n > channel->cell_top) {
    uint32_t up = channel->cells_seen ? n - channel->cell_top : 64;
    channel->cells_seen = (up < 64 ? channel->cells_seen << up : 0) | 1;
    channel->cell_top = n;
    return false;
  }
  uint64_t bit = channel->cell_top - n < 64 ? UINT64_C(1) << (channel->cell_top - n) : 0;
  bool seen = channel->cells_seen & bit;
  channel->cells_seen |= bit;
  return seen;
}

enum channel_verdict channel_input(struct channel *channel, usec now, const struct cell *cell) {
  if (cell->header.type != CELL_DATA || cell->fragments != 1) {
    channel->rejected++;
    return CHANNEL_REJECTED;
  }
  enum channel_verdict verdict = input_sealed(channel, now, cell->header.n, cell->body, cell->size);
  if (verdict != CHANNEL_TAKEN && verdict != CHANNEL_REPEATED)
    return verdict;
  return note_cell(channel, cell->header.n) ? CHANNEL_REPLAYED : verdict;
}

enum channel_verdict channel_input_datagram(struct channel *channel, usec now, const uint8_t *data, size_t size) {
  struct reader r = reader_of(data, size);
  uint16_t magic = read_u16(&r);
  uint32_t n = read_u32(&r);
  if (r.bad || magic != DATAGRAM_MAGIC) {
    channel->rejected++;
    return CHANNEL_REJECTED;
  }
  return input_sealed(channel, now, n, r.at, r.left);
}

static bool take_held(struct channel *channel, struct channel_held *held, struct message *message,
                      uint8_t hash[HASH_SIZE]) {
  bool good = message_parse(held->message, held->size, message);
  if (good && hash)
    message_hash(hash, held->message, held->size);
  if (good)
    keep_roster(channel, message);
  crypto_wipe(held, sizeof *held);
  return good;
}

static bool holds_any(const struct channel *channel) {
  for (int i = 0; i < CHANNEL_WINDOW; i++)
    if (channel->held[i].used)
      return true;
  return false;
}

/* A hang-up ends the call whatever is missing before it, so that a server can't hold it back (D.7). */
static bool take_hangup(struct channel *channel, struct message *message) {
  for (int i = 0; i < CHANNEL_WINDOW; i++) {
    struct channel_held *held = &channel->held[i];
    if (held->used && held->size && held->message[0] == MESSAGE_HANGUP)
      return take_held(channel, held, message, NULL);
  }
  return false;
}

bool channel_next(struct channel *channel, usec now, struct message *message, uint8_t hash[HASH_SIZE]) {
  struct channel_held *held;
  while ((held = &channel->held[channel->expected % CHANNEL_WINDOW])->used) {
    channel->expected++;
    bool good = take_held(channel, held, message, hash);
    channel->gap_since = holds_any(channel) ? now : USEC_NEVER;
    if (good)
      return true;
    channel->rejected++; /* the peer's own, yet not a message: skipped */
  }
  return channel->gap_since != USEC_NEVER && take_hangup(channel, message);
}

usec channel_deadline(const struct channel *channel) {
  return channel->gap_since == USEC_NEVER ? USEC_NEVER : channel->gap_since + CHANNEL_GAP;
}

bool channel_has_gap(const struct channel *channel, usec now) {
  return channel->gap_since != USEC_NEVER && now >= channel->gap_since + CHANNEL_GAP;
}
