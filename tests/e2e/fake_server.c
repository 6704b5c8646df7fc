#include "fake_server.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "signaling/frame.h"
#include "unit/unit.h"

static void send_bytes(struct fake_server *fake, int fd, const void *bytes, size_t size) {
  ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n > 0)
    atomic_fetch_add(&fake->sent, (uint64_t)n);
}

static bool readable(const struct fake_server *fake, int fd) {
  struct pollfd wait = {fd, POLLIN, 0};
  while (!atomic_load(&fake->stop))
    if (poll(&wait, 1, 50) > 0)
      return true;
  return false;
}

/* RFC 6455 section 4.2.2 */
static bool upgrade(struct fake_server *fake, int fd) {
  static const char magic[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", name[] = "Sec-WebSocket-Key: ";
  char request[4096] = "", joined[256], answer[512];
  uint8_t hash[SHA_DIGEST_LENGTH], text[64];
  size_t used = 0;
  while (!strstr(request, "\r\n\r\n") && used + 1 < sizeof request) {
    ssize_t n = readable(fake, fd) ? recv(fd, request + used, sizeof request - 1 - used, 0) : 0;
    if (n <= 0)
      return false;
    used += (size_t)n;
    request[used] = 0;
  }
  const char *key = strstr(request, name);
  if (!key)
    return false;
  key += sizeof name - 1;
  snprintf(joined, sizeof joined, "%.*s%s", (int)strcspn(key, "\r"), key, magic);
  SHA1((const uint8_t *)joined, strlen(joined), hash);
  EVP_EncodeBlock(text, hash, sizeof hash);
  int n = snprintf(answer, sizeof answer,
                   "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Accept: %s\r\n\r\n",
                   (const char *)text);
  send_bytes(fake, fd, answer, (size_t)n);
  return true;
}

static void random_bytes(uint8_t *out, size_t size) {
  static _Thread_local uint64_t seed = 12345;
  for (size_t i = 0; i < size; i++)
    out[i] = (uint8_t)(unit_random(&seed) >> 33);
}

static void send_frame(struct fake_server *fake, int fd, const uint8_t *payload, uint16_t size) {
  uint8_t frame[4 + FRAME_SERVER_MAX] = {0x82, 126, (uint8_t)(size >> 8), (uint8_t)size};
  memcpy(frame + 4, payload, size);
  struct pollfd wait = {fd, POLLOUT, 0};
  if (poll(&wait, 1, 50) > 0)
    send_bytes(fake, fd, frame, (size_t)size + 4);
}

static void misbehave(struct fake_server *fake, int fd) {
  uint8_t payload[FRAME_CELL_SIZE];
  static const uint8_t huge[] = {0x82, 127, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3};
  if (fake->kind == FAKE_CLOSES)
    return;
  if (fake->kind == FAKE_GARBAGE) {
    random_bytes(payload, sizeof payload);
    send_bytes(fake, fd, payload, sizeof payload);
  }
  if (fake->kind > FAKE_GARBAGE && !upgrade(fake, fd))
    return;
  if (fake->kind == FAKE_CLOSES_LATER)
    return;
  if (fake->kind == FAKE_HUGE_FRAME)
    send_bytes(fake, fd, huge, sizeof huge);
  while (!atomic_load(&fake->stop)) {
    char ignored[4096];
    ssize_t n = recv(fd, ignored, sizeof ignored, MSG_DONTWAIT);
    if (n == 0)
      return;
    random_bytes(payload, sizeof payload);
    if (fake->kind == FAKE_FLOODS)
      payload[0] = FRAME_CELL;
    if (fake->kind == FAKE_FLOODS || fake->kind == FAKE_GARBAGE_FRAMES)
      send_frame(fake, fd, payload, fake->kind == FAKE_FLOODS ? FRAME_CELL_SIZE : (uint16_t)(payload[1] + 1));
    else
      usleep(20000);
  }
}

static void *serve(void *argument) {
  struct fake_server *fake = argument;
  while (readable(fake, fake->listening)) {
    int fd = accept(fake->listening, NULL, NULL);
    if (fd < 0)
      continue;
    atomic_fetch_add(&fake->connections, 1);
    misbehave(fake, fd);
    close(fd);
  }
  return NULL;
}

void fake_start(struct fake_server *fake, enum misbehaviour kind) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  *fake = (struct fake_server){.kind = kind};
  fake->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_true(fake->listening >= 0);
  assert_int_equal(bind(fake->listening, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal(listen(fake->listening, 8), 0);
  assert_int_equal(getsockname(fake->listening, (struct sockaddr *)&address, &size), 0);
  snprintf(fake->url, sizeof fake->url, "ws://127.0.0.1:%d", ntohs(address.sin_port));
  assert_int_equal(pthread_create(&fake->thread, NULL, serve, fake), 0);
}

void fake_stop(struct fake_server *fake) {
  atomic_store(&fake->stop, true);
  pthread_join(fake->thread, NULL);
  close(fake->listening);
}
