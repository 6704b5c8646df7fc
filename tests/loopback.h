/* loopback.h - a socket for datagrams on loopback, at a port of its own: for tests. */
#ifndef LOOPBACK_H
#define LOOPBACK_H
#include <netinet/in.h>
#include <sys/socket.h>

#include "unit/unit.h"

static inline int loopback_socket(struct sockaddr_in *address) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  socklen_t size = sizeof *address;
  *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  assert_int_equal(bind(fd, (struct sockaddr *)address, size), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)address, &size), 0);
  return fd;
}

#endif
