#include "raw_client.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "signaling/frame.h"
#include "unit/unit.h"

static int64_t now_ms(void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void raw_connect(struct raw *raw, int port, int receive_buffer) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  raw->size = 0;
  raw->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_true(raw->fd >= 0);
  if (receive_buffer)
    setsockopt(raw->fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  assert_int_equal(connect(raw->fd, (struct sockaddr *)&to, sizeof to), 0);
}

void raw_write(struct raw *raw, const void *data, size_t size) {
  const uint8_t *at = data;
  while (size) {
    ssize_t sent = send(raw->fd, at, size, MSG_NOSIGNAL);
    if (sent <= 0)
      return; /* gone: the test sees it when it receives */
    at += sent;
    size -= (size_t)sent;
  }
}

/* More bytes into held; waits until `end`. */
static enum raw_result fill(struct raw *raw, int64_t end) {
  int64_t left = end - now_ms();
  struct pollfd readable = {.fd = raw->fd, .events = POLLIN};
  if (poll(&readable, 1, left > 0 ? (int)left : 0) != 1)
    return RAW_NOTHING;
  assert_true(raw->size < sizeof raw->held);
  ssize_t got = recv(raw->fd, raw->held + raw->size, sizeof raw->held - raw->size, 0);
  if (got <= 0)
    return RAW_GONE;
  raw->size += (size_t)got;
  return RAW_GOT;
}

static void consume(struct raw *raw, size_t size) {
  raw->size -= size;
  memmove(raw->held, raw->held + size, raw->size);
}

void raw_open(struct raw *raw, int port) {
  static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  raw_connect(raw, port, 0);
  raw_write(raw, request, strlen(request));
  const uint8_t *end = NULL;
  while (!end) {
    assert_int_equal(fill(raw, now_ms() + 5000), RAW_GOT);
    end = memmem(raw->held, raw->size, "\r\n\r\n", 4);
  }
  assert_memory_equal(raw->held, "HTTP/1.1 101 ", 13);
  consume(raw, (size_t)(end + 4 - raw->held));
}

void raw_send(struct raw *raw, int opcode, const void *data, size_t size) {
  static uint8_t frame[1 << 17];
  static const uint8_t mask[4] = {0x11, 0x22, 0x33, 0x44};
  size_t head = 2;
  frame[0] = (uint8_t)(0x80 | opcode);
  if (size < 126) {
    frame[1] = (uint8_t)(0x80 | size);
  } else {
    assert_true(size <= 0xffff);
    frame[1] = 0x80 | 126;
    frame[2] = (uint8_t)(size >> 8);
    frame[3] = (uint8_t)size;
    head = 4;
  }
  memcpy(frame + head, mask, 4);
  head += 4;
  for (size_t i = 0; i < size; i++)
    frame[head + i] = ((const uint8_t *)data)[i] ^ mask[i % 4];
  raw_write(raw, frame, head + size);
}

void raw_subscribe(struct raw *raw, const uint8_t token[32]) {
  uint8_t frame[2 + 32];
  raw_send(raw, RAW_BINARY, frame,
           frame_write(frame, sizeof frame, &(struct frame){.type = FRAME_SUBSCRIBE, .list = token, .count = 1}));
}

void raw_put(struct raw *raw, const uint8_t mailbox[16], int ttl, uint8_t mark) {
  uint8_t cell[CELL_SIZE], bytes[FRAME_PUT_SIZE];
  memset(cell, mark, sizeof cell);
  const struct frame put = {.type = FRAME_PUT, .mailbox = mailbox, .ttl = ttl, .cell = cell};
  raw_send(raw, RAW_BINARY, bytes, frame_write(bytes, sizeof bytes, &put));
}

static bool take_frame(struct raw *raw) {
  if (raw->size < 2)
    return false;
  size_t head = 2, size = raw->held[1] & 0x7f;
  assert_int_equal(raw->held[1] & 0x80, 0); /* a server never masks */
  assert_int_equal(raw->held[0] & 0xf0, 0x80);
  if (size == 126) {
    if (raw->size < 4)
      return false;
    size = (size_t)raw->held[2] << 8 | raw->held[3];
    head = 4;
  }
  assert_true(size <= sizeof raw->payload);
  if (raw->size < head + size)
    return false;
  raw->opcode = raw->held[0] & 15;
  raw->payload_size = size;
  memcpy(raw->payload, raw->held + head, size);
  consume(raw, head + size);
  return true;
}

enum raw_result raw_receive(struct raw *raw, int ms) {
  int64_t end = now_ms() + ms;
  while (!take_frame(raw)) {
    enum raw_result result = fill(raw, end);
    if (result != RAW_GOT)
      return result;
  }
  return RAW_GOT;
}

int raw_closed(struct raw *raw, int ms) {
  int64_t end = now_ms() + ms;
  int code = 0;
  for (;;) {
    enum raw_result result = raw_receive(raw, (int)(end - now_ms()));
    if (result == RAW_NOTHING)
      return -1;
    if (result == RAW_GONE)
      return code;
    if (raw->opcode == RAW_CLOSE && raw->payload_size >= 2)
      code = raw->payload[0] << 8 | raw->payload[1];
  }
}

bool raw_got_cell(struct raw *raw, int ms, uint8_t mark) {
  if (raw_receive(raw, ms) != RAW_GOT || raw->opcode != RAW_BINARY || raw->payload_size != FRAME_CELL_SIZE)
    return false;
  for (size_t i = 1 + MAILBOX_SIZE; i < FRAME_CELL_SIZE; i++)
    if (raw->payload[i] != mark)
      return false;
  return true;
}

int raw_http(int port, const char *request) {
  static struct raw raw;
  int status = 0;
  raw_connect(&raw, port, 0);
  raw_write(&raw, request, strlen(request));
  while (fill(&raw, now_ms() + 2000) == RAW_GOT && raw.size < sizeof raw.held)
    ;
  raw.held[raw.size < sizeof raw.held ? raw.size : sizeof raw.held - 1] = 0;
  if (sscanf((const char *)raw.held, "HTTP/1.1 %d ", &status) != 1)
    status = 0;
  raw_end(&raw);
  return status;
}

void raw_end(struct raw *raw) {
  close(raw->fd);
  raw->fd = -1;
}
