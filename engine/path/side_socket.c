#include "side_socket.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 32, ROOM = 2048, STUN_BELOW = 4 };
enum { AGENT, SIDE }; /* places in the port's group: in the order of binding */

struct side_socket {
  int fd;
  unsigned count, next;
  struct mmsghdr messages[BATCH];
  struct iovec bytes[BATCH];
  struct sockaddr_storage from[BATCH];
  uint8_t data[BATCH][ROOM];
};

/* First byte 20-63: DTLS; 128-191: RTP and RTCP (RFC 7983 section 7). STUN, TURN channels and what is empty: the
 * agent's. */
static bool attach_program(int fd) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),          /* A = first byte; there is none: returns 0, AGENT */
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 192, 4, 0), /* to AGENT */
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 128, 2, 0), /* to SIDE */
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 64, 2, 0),  /* to AGENT */
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 20, 0, 1),  /* to SIDE, or AGENT */
      BPF_STMT(BPF_RET | BPF_K, SIDE),
      BPF_STMT(BPF_RET | BPF_K, AGENT),
  };
  struct sock_fprog program = {.len = sizeof code / sizeof code[0], .filter = code};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) == 0;
}

static bool copy_option(int from, int to, int level, int name) {
  int value;
  socklen_t size = sizeof value;
  return getsockopt(from, level, name, &value, &size) == 0 && setsockopt(to, level, name, &value, size) == 0;
}

/* The agent's own socket is bound already; the kernel makes the group when the second one is bound. */
static bool join_port(int agent, int fd) {
  struct sockaddr_storage address = {0};
  socklen_t size = sizeof address;
  const int one = 1;
  if (getsockname(agent, (struct sockaddr *)&address, &size) != 0 ||
      (address.ss_family == AF_INET6 && !copy_option(agent, fd, IPPROTO_IPV6, IPV6_V6ONLY)))
    return false;
  return setsockopt(agent, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) == 0 &&
         setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) == 0 &&
         bind(fd, (const struct sockaddr *)&address, size) == 0 && attach_program(fd);
}

static void prepare(struct side_socket *side) {
  for (int i = 0; i < BATCH; i++) {
    side->bytes[i] = (struct iovec){.iov_base = side->data[i], .iov_len = ROOM};
    side->messages[i].msg_hdr = (struct msghdr){.msg_name = &side->from[i],
                                                .msg_namelen = sizeof side->from[i],
                                                .msg_iov = &side->bytes[i],
                                                .msg_iovlen = 1};
  }
}

struct side_socket *side_socket_new(int fd) {
  int family = AF_UNSPEC;
  socklen_t size = sizeof family;
  if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) != 0)
    return NULL;
  struct side_socket *side = calloc(1, sizeof *side);
  if (!side)
    return NULL;
  prepare(side);
  side->fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP);
  if (side->fd < 0 || !copy_option(fd, side->fd, SOL_SOCKET, SO_RCVBUF) || !join_port(fd, side->fd)) {
    side_socket_free(side);
    return NULL;
  }
  return side;
}

void side_socket_free(struct side_socket *side) {
  if (!side)
    return;
  if (side->fd >= 0)
    close(side->fd);
  free(side);
}

int side_socket_fd(const struct side_socket *side) {
  return side->fd;
}

bool side_socket_receive(struct side_socket *side) {
  for (unsigned i = 0; i < side->count; i++)
    side->messages[i].msg_hdr.msg_namelen = sizeof side->from[i]; /* the kernel shortened it */
  side->next = side->count = 0;
  int count = recvmmsg(side->fd, side->messages, BATCH, MSG_DONTWAIT, NULL);
  if (count > 0)
    side->count = (unsigned)count;
  return count > 0 || errno == EAGAIN || errno == EINTR || errno == ECONNREFUSED;
}

enum side_result side_socket_next(struct side_socket *side, uint8_t **data, size_t *size,
                                  const struct sockaddr **from) {
  while (side->next < side->count) {
    unsigned i = side->next++;
    if (side->messages[i].msg_len == 0 || side->messages[i].msg_hdr.msg_flags & MSG_TRUNC)
      continue;
    if (side->data[i][0] < STUN_BELOW)
      return SIDE_STUN;
    *data = side->data[i];
    *size = side->messages[i].msg_len;
    *from = (const struct sockaddr *)&side->from[i];
    return SIDE_DATAGRAM;
  }
  return SIDE_EMPTY;
}
