/* Input: datagrams to the adversary's relay from one of two clients, each behind its client (8 bits) and length (16
 * bits). What it answers and hands on must lie within what it was given.
 */
#include "adversary/live/turn_server.c" /* NOLINT(bugprone-suspicious-include): of no archive of the product */

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_send(void *user, const struct sockaddr_in *to, const uint8_t *data, size_t size) {
  uint8_t *sum = user;
  (void)to;
  for (size_t i = 0; i < size; i++)
    *sum ^= data[i];
  if (size > TURN_PACKET_MAX + 64)
    abort();
}

static bool on_packet(void *user, int from, int to, uint8_t *data, size_t size) {
  (void)user, (void)data, (void)size;
  if (from < 0 || from >= TURN_USERS || to < 0 || to >= TURN_USERS)
    abort();
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const names[TURN_USERS] = {"alice", "bob"};
  struct turn_server server;
  uint8_t sum = 0;
  struct reader r = reader_of(data, size);
  turn_server_init(&server, &(struct turn_callbacks){on_send, on_packet, &sum}, names, "relay");
  while (!r.bad && r.left > 0) {
    const struct sockaddr_in from = {.sin_family = AF_INET, .sin_port = htons(read_u8(&r) & 1)};
    size_t length = read_u16(&r);
    const uint8_t *datagram = read_span(&r, length);
    uint8_t *copy = datagram ? malloc(length + 1) : NULL; /* so that a read past its end is seen */
    if (!copy)
      break;
    memcpy(copy, datagram, length);
    turn_server_input(&server, &from, copy, length);
    turn_server_inject(&server, length & 1, copy, length);
    free(copy);
  }
  return 0;
}
