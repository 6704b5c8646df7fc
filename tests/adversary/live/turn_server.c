#include "turn_server.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "media/bytes.h"

/* RFC 8489 section 5:  type 16 | length 16 | magic cookie 32 | transaction 96, then attributes:
 *                      type 16 | length 16 | value, padded to a multiple of 4 */
enum {
  HEADER = 20,
  COOKIE = 0x2112a442,
  FIRST_PORT = 40001,
  LIFETIME_S = 600,
  HMAC_SIZE = 20,
  MD5_SIZE = 16,
};
enum method { ALLOCATE = 0x003, REFRESH = 0x004, SEND = 0x016, DATA = 0x017, PERMISSION = 0x008, CHANNEL = 0x009 };
enum { SUCCESS = 0x100, FAILURE = 0x110, INDICATION = 0x010 };
enum attribute {
  USERNAME = 0x0006,
  INTEGRITY = 0x0008,
  ERROR_CODE = 0x0009,
  CHANNEL_NUMBER = 0x000c,
  LIFETIME = 0x000d,
  PEER_ADDRESS = 0x0012,
  PAYLOAD = 0x0013,
  REALM = 0x0014,
  NONCE = 0x0015,
  RELAYED_ADDRESS = 0x0016,
  MAPPED_ADDRESS = 0x0020,
};
static const char realm[] = "sotto", nonce[] = "always the same";

struct request {
  uint16_t type;
  const uint8_t *transaction; /* 12 bytes */
  const uint8_t *payload;
  size_t payload_size;
  char username[64];
  uint16_t peer_port, channel;
  bool has_lifetime;
  uint32_t lifetime;
};

/* ---- reading ---- */

static void read_attribute(struct request *request, uint16_t type, struct reader value) {
  if (type == USERNAME && value.left < sizeof request->username)
    memcpy(request->username, value.at, value.left);
  else if (type == CHANNEL_NUMBER)
    request->channel = read_u16(&value);
  else if (type == LIFETIME) {
    request->lifetime = read_u32(&value);
    request->has_lifetime = true;
  } else if (type == PEER_ADDRESS && value.left >= 8)
    request->peer_port = (uint16_t)((value.at[2] << 8 | value.at[3]) ^ (COOKIE >> 16));
  else if (type == PAYLOAD) {
    request->payload = value.at;
    request->payload_size = value.left;
  }
}

static bool parse(struct request *request, const uint8_t *data, size_t size) {
  struct reader r = reader_of(data, size);
  *request = (struct request){.type = read_u16(&r)};
  size_t length = read_u16(&r);
  if (read_u32(&r) != COOKIE || length + HEADER != size)
    return false;
  request->transaction = read_span(&r, 12);
  while (!r.bad && r.left >= 4) {
    uint16_t type = read_u16(&r), left = read_u16(&r);
    const uint8_t *value = read_span(&r, left);
    size_t padding = -(size_t)left & 3;
    read_span(&r, padding < r.left ? padding : r.left);
    if (!r.bad)
      read_attribute(request, type, reader_of(value, left));
  }
  return !r.bad;
}

/* ---- writing ---- */

static struct writer begin(uint8_t *out, size_t room, uint16_t type, const uint8_t *transaction) {
  struct writer w = writer_of(out, room);
  write_u16(&w, type);
  write_u16(&w, 0); /* the length, at the end */
  write_u32(&w, COOKIE);
  write_bytes(&w, transaction, 12);
  return w;
}

static void put(struct writer *w, enum attribute type, const void *value, size_t size) {
  write_u16(w, (uint16_t)type);
  write_u16(w, (uint16_t)size);
  write_bytes(w, value, size);
  write_bytes(w, "\0\0\0", -size & 3);
}

static void put_u32(struct writer *w, enum attribute type, uint32_t value) {
  const uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
  put(w, type, bytes, sizeof bytes);
}

/* RFC 8489 section 14.2: family and address, XORed with the cookie. */
static void put_address(struct writer *w, enum attribute type, uint32_t address, uint16_t port) {
  uint8_t bytes[8] = {0, 1};
  port ^= COOKIE >> 16;
  address ^= COOKIE;
  bytes[2] = (uint8_t)(port >> 8), bytes[3] = (uint8_t)port;
  for (int i = 0; i < 4; i++)
    bytes[4 + i] = (uint8_t)(address >> (24 - 8 * i));
  put(w, type, bytes, sizeof bytes);
}

static size_t set_length(uint8_t *out, const struct writer *w, size_t more) {
  size_t size = (size_t)(w->at - out), length = size - HEADER + more;
  out[2] = (uint8_t)(length >> 8), out[3] = (uint8_t)length;
  return size;
}

/* Long-term credentials, RFC 8489 section 9.2.2. */
static void sign(const struct turn_server *server, struct writer *w, uint8_t *out, const char *username) {
  uint8_t key[MD5_SIZE], code[HMAC_SIZE];
  char text[256];
  unsigned length = sizeof code;
  int n = snprintf(text, sizeof text, "%s:%s:%s", username, realm, server->password);
  size_t size = set_length(out, w, 4 + HMAC_SIZE);
  EVP_Digest(text, (size_t)n, key, NULL, EVP_md5(), NULL);
  HMAC(EVP_sha1(), key, sizeof key, out, size, code, &length);
  put(w, INTEGRITY, code, sizeof code);
}

static void answer(const struct turn_server *server, const struct sockaddr_in *to, const uint8_t *out,
                   const struct writer *w) {
  server->callbacks.send(server->callbacks.user, to, out, (size_t)(w->at - out));
}

/* ---- requests ---- */

static int user_of(const struct turn_server *server, const char *username) {
  for (int i = 0; i < TURN_USERS; i++)
    if (strcmp(server->name[i], username) == 0)
      return i;
  return -1;
}

static struct turn_client *client_at(struct turn_server *server, const struct sockaddr_in *address) {
  for (int i = 0; i < TURN_CLIENTS; i++) {
    struct turn_client *client = &server->client[i];
    if (client->used && client->address.sin_port == address->sin_port &&
        client->address.sin_addr.s_addr == address->sin_addr.s_addr)
      return client;
  }
  return NULL;
}

static struct turn_client *allocate(struct turn_server *server, const struct sockaddr_in *from, int user) {
  struct turn_client *client = client_at(server, from);
  if (client)
    return client;
  client = &server->client[server->next++ % TURN_CLIENTS];
  *client = (struct turn_client){.used = true, .user = user, .address = *from, .port = server->next_port++};
  return client;
}

static void ask_for_credentials(const struct turn_server *server, const struct sockaddr_in *from,
                                const struct request *request) {
  static const uint8_t unauthorized[] = {0, 0, 4, 1};
  uint8_t out[256];
  struct writer w = begin(out, sizeof out, request->type | FAILURE, request->transaction);
  put(&w, ERROR_CODE, unauthorized, sizeof unauthorized);
  put(&w, REALM, realm, sizeof realm - 1);
  put(&w, NONCE, nonce, sizeof nonce - 1);
  set_length(out, &w, 0);
  answer(server, from, out, &w);
}

static void bind_channel(struct turn_client *client, uint16_t number, uint16_t port) {
  int slot = number % TURN_CHANNELS; /* libnice counts them up */
  client->channel[slot].number = number;
  client->channel[slot].port = port;
}

static void serve(struct turn_server *server, const struct sockaddr_in *from, const struct request *request) {
  uint8_t out[512];
  int user = user_of(server, request->username);
  if (user < 0) {
    ask_for_credentials(server, from, request);
    return;
  }
  struct writer w = begin(out, sizeof out, request->type | SUCCESS, request->transaction);
  struct turn_client *client = request->type == ALLOCATE ? allocate(server, from, user) : client_at(server, from);
  if (client && request->type == ALLOCATE) {
    put_address(&w, RELAYED_ADDRESS, INADDR_LOOPBACK, client->port);
    put_address(&w, MAPPED_ADDRESS, ntohl(from->sin_addr.s_addr), ntohs(from->sin_port));
  }
  if (request->type == ALLOCATE || request->type == REFRESH)
    put_u32(&w, LIFETIME, request->has_lifetime ? request->lifetime : LIFETIME_S);
  if (client && request->type == CHANNEL)
    bind_channel(client, request->channel, request->peer_port);
  sign(server, &w, out, request->username);
  answer(server, from, out, &w);
}

/* ---- packets ---- */

static void deliver(const struct turn_server *server, const struct turn_client *to, uint16_t from_port,
                    const uint8_t *data, size_t size) {
  uint8_t out[TURN_PACKET_MAX + 64];
  if (size > TURN_PACKET_MAX)
    return;
  for (int i = 0; i < TURN_CHANNELS; i++)
    if (to->channel[i].number && to->channel[i].port == from_port) {
      struct writer w = writer_of(out, sizeof out);
      write_u16(&w, to->channel[i].number);
      write_u16(&w, (uint16_t)size);
      write_bytes(&w, data, size);
      answer(server, &to->address, out, &w);
      return;
    }
  struct writer w = begin(out, sizeof out, DATA | INDICATION, (const uint8_t *)"from a relay");
  put_address(&w, PEER_ADDRESS, INADDR_LOOPBACK, from_port);
  put(&w, PAYLOAD, data, size);
  set_length(out, &w, 0);
  answer(server, &to->address, out, &w);
}

static void note_speakers(struct turn_server *server, struct turn_client *from, struct turn_client *to,
                          uint8_t first) {
  enum { STUN_FIRST_MAX = 3 }; /* RFC 7983 */
  if (first <= STUN_FIRST_MAX)
    return;
  server->speaking[from->user] = from;
  server->speaking[to->user] = to;
}

static void pass_on(struct turn_server *server, struct turn_client *from, uint16_t to_port, const uint8_t *data,
                    size_t size) {
  uint8_t copy[TURN_PACKET_MAX];
  if (size > sizeof copy)
    return;
  for (int i = 0; i < TURN_CLIENTS; i++) {
    struct turn_client *to = &server->client[i];
    if (!to->used || to->port != to_port)
      continue;
    memcpy(copy, data, size);
    note_speakers(server, from, to, size ? data[0] : 0);
    if (server->callbacks.packet(server->callbacks.user, from->user, to->user, copy, size))
      deliver(server, to, from->port, copy, size);
    return;
  }
}

static void channel_data(struct turn_server *server, struct turn_client *from, const uint8_t *data, size_t size) {
  struct reader r = reader_of(data, size);
  uint16_t number = read_u16(&r);
  size_t length = read_u16(&r);
  const uint8_t *payload = read_span(&r, length);
  for (int i = 0; !r.bad && i < TURN_CHANNELS; i++)
    if (from->channel[i].number == number)
      pass_on(server, from, from->channel[i].port, payload, length);
}

void turn_server_input(struct turn_server *server, const struct sockaddr_in *from, const uint8_t *data,
                       size_t size) {
  struct request request;
  struct turn_client *client = client_at(server, from);
  if (size >= 4 && (data[0] & 0xc0) == 0x40) {
    if (client)
      channel_data(server, client, data, size);
  } else if (!parse(&request, data, size)) {
    return;
  } else if (request.type == (SEND | INDICATION)) {
    if (client && request.payload)
      pass_on(server, client, request.peer_port, request.payload, request.payload_size);
  } else if ((request.type & FAILURE) == 0) {
    serve(server, from, &request);
  }
}

static const struct turn_client *path_of(const struct turn_server *server, int user) {
  const struct turn_client *best = server->speaking[user];
  if (best && best->used && best->user == user)
    return best;
  best = NULL;
  for (int i = 0; i < TURN_CLIENTS; i++) {
    const struct turn_client *client = &server->client[i];
    if (client->used && client->user == user && (!best || client->port > best->port))
      best = client;
  }
  return best;
}

void turn_server_inject(struct turn_server *server, int user, const uint8_t *data, size_t size) {
  const struct turn_client *to = path_of(server, user), *from = path_of(server, 1 - user);
  if (to && from)
    deliver(server, to, from->port, data, size);
}

void turn_server_init(struct turn_server *server, const struct turn_callbacks *callbacks,
                      const char *const name[TURN_USERS], const char *password) {
  *server = (struct turn_server){.callbacks = *callbacks, .password = password, .next_port = FIRST_PORT};
  for (int i = 0; i < TURN_USERS; i++)
    server->name[i] = name[i];
}
