/* A program for several connections. Each step is an opcode and its arguments: 0 connect, 1 disconnect, 2 a raw
 * message, 3 subscribe, 4 unsubscribe, 5 put, 6 blocked, 7 time passes; mailboxes are a few, so that they meet. */
#include <stdlib.h>
#include <string.h>

#include "media/bytes.h"
#include "signaling/crypto.h"
#include "signaling/mailbox.h"
#include "signaling/server/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CONNECTIONS = 4, BOXES = 8 };

static uint8_t token[BOXES][READ_TOKEN_SIZE], mailbox[BOXES][MAILBOX_SIZE], bytes[FRAME_CLIENT_MAX];
static uint32_t handle[CONNECTIONS];

static void prepare(void) {
  if (!crypto_init())
    abort();
  for (uint8_t i = 0; i < BOXES; i++) {
    memset(token[i], i + 1, READ_TOKEN_SIZE);
    mailbox_address(mailbox[i], token[i]);
  }
}

static size_t make_list(enum frame_type type, int first, int count) {
  static uint8_t list[BOXES * READ_TOKEN_SIZE];
  for (int i = 0; i < count; i++)
    if (type == FRAME_SUBSCRIBE)
      memcpy(list + i * READ_TOKEN_SIZE, token[(first + i) % BOXES], READ_TOKEN_SIZE);
    else
      memcpy(list + i * MAILBOX_SIZE, mailbox[(first + i) % BOXES], MAILBOX_SIZE);
  return frame_write(bytes, sizeof bytes, &(struct frame){.type = type, .list = list, .count = count});
}

static size_t make_put(int box, int ttl, uint8_t mark) {
  static uint8_t cell[CELL_SIZE];
  cell[0] = mark;
  return frame_write(
      bytes, sizeof bytes,
      &(struct frame){.type = FRAME_PUT, .mailbox = mailbox[box % BOXES], .ttl = ttl % 60 + 1, .cell = cell});
}

static void drain(struct server *server, usec now) {
  struct server_output out;
  struct frame frame;
  while (server_poll(server, now, &out))
    if (out.type == SERVER_SEND && !frame_parse(&frame, false, out.data, out.size))
      abort();
  if (server_deadline(server) <= now)
    abort();
}

static void step(struct server *server, usec *now, struct reader *r) {
  uint8_t what = read_u8(r), who = what >> 3 & (CONNECTIONS - 1), a = read_u8(r), b = read_u8(r);
  uint8_t address = a & 1;
  switch (what & 7) {
  case 0:
    if (!handle[who])
      handle[who] = server_connected(server, *now, &address, a >> 1 & 1);
    break;
  case 1:
    server_disconnected(server, *now, handle[who]);
    handle[who] = 0;
    break;
  case 2: {
    const uint8_t *raw = read_span(r, a);
    server_input(server, *now, handle[who], raw, raw ? a : 0);
    break;
  }
  case 3:
  case 4:
    server_input(server, *now, handle[who], bytes,
                 make_list((what & 7) == 3 ? FRAME_SUBSCRIBE : FRAME_UNSUBSCRIBE, a, b % BOXES + 1));
    break;
  case 5:
    server_input(server, *now, handle[who], bytes, make_put(a, b, b));
    break;
  case 6:
    server_blocked(server, *now, handle[who], a & 1);
    break;
  case 7:
    *now += (usec)a * a * b * 100;
    break;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct reader r = reader_of(data, size);
  usec now = SEC(1);
  prepare();
  struct server *server = server_new(&(struct server_config){.max_connections = 3, .max_memory = 64 << 10});
  if (!server)
    return 0;
  memset(handle, 0, sizeof handle);
  while (r.left && !r.bad) {
    step(server, &now, &r);
    if (r.left % 3) /* sometimes several inputs before the outputs are taken */
      drain(server, now);
  }
  for (int i = 0; i < CONNECTIONS; i++)
    server_disconnected(server, now, handle[i]);
  drain(server, now + SEC(61));
  struct server_stats stats = server_stats(server);
  if (stats.connections || stats.mailboxes || stats.subscriptions || stats.cells)
    abort();
  server_free(server);
  return 0;
}
