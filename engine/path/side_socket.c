#include "side_socket.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 16, ROOM = 65536, DATAGRAM_MAX = 2048, STUN_BELOW = 4 };
enum { AGENT, SIDE }; /* places in the port's group: in the order of binding */

union segment_control { /* aligned as a header must be */
  char room[CMSG_SPACE(sizeof(int))];
  struct cmsghdr header;
};

struct side_socket {
  int fd;
  bool merges;          /* UDP_GRO is on */
  bool unread;          /* nothing was received yet */
  bool early;           /* of the batch under way, some may have come before the program was there */
  unsigned count, next; /* messages, and the one whose datagrams are under way */
  size_t at, segment;   /* in it: where the next datagram is, and how large each but the last */
  struct mmsghdr messages[BATCH];
  union segment_control control[BATCH];
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

/* The agent's own socket is bound already; the kernel makes the group when the second one is bound, and takes a
 * program for a group alone: what comes in between, it spreads by its source. */
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

static bool set_merging(struct side_socket *side, int on) {
  return setsockopt(side->fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on) == 0;
}

static void prepare(struct side_socket *side) {
  for (int i = 0; i < BATCH; i++) {
    side->bytes[i] = (struct iovec){.iov_base = side->data[i], .iov_len = ROOM};
    side->messages[i].msg_hdr = (struct msghdr){.msg_name = &side->from[i],
                                                .msg_namelen = sizeof side->from[i],
                                                .msg_iov = &side->bytes[i],
                                                .msg_iovlen = 1,
                                                .msg_control = side->control[i].room,
                                                .msg_controllen = sizeof side->control[i].room};
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
  side->merges = set_merging(side, 1); /* an old kernel can't: then they come one by one */
  side->unread = true;
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

bool side_socket_merges(const struct side_socket *side) {
  return side->merges;
}

bool side_socket_receive(struct side_socket *side) {
  for (unsigned i = 0; i < side->count; i++) { /* the kernel shortened them */
    side->messages[i].msg_hdr.msg_namelen = sizeof side->from[i];
    side->messages[i].msg_hdr.msg_controllen = sizeof side->control[i].room;
  }
  side->next = side->count = 0;
  side->at = 0;
  side->early = side->unread;
  side->unread = false;
  int count = recvmmsg(side->fd, side->messages, BATCH, MSG_DONTWAIT, NULL);
  if (count > 0)
    side->count = (unsigned)count;
  return count > 0 || errno == EAGAIN || errno == EINTR || errno == ECONNREFUSED;
}

/* How large each datagram of a message is, but the last. */
static size_t segment_of(struct mmsghdr *message) {
  struct cmsghdr *header = CMSG_FIRSTHDR(&message->msg_hdr);
  int segment = 0;
  if (header && header->cmsg_level == SOL_UDP && header->cmsg_type == UDP_GRO)
    memcpy(&segment, CMSG_DATA(header), sizeof segment);
  return segment > 0 ? (size_t)segment : message->msg_len;
}

/* The next datagram of a message; false: there is no more in it. */
static bool take(struct side_socket *side, unsigned message, uint8_t **data, size_t *size) {
  size_t left = side->messages[message].msg_len - side->at;
  if (side->at == 0)
    side->segment = segment_of(&side->messages[message]);
  *data = side->data[message] + side->at;
  *size = left < side->segment ? left : side->segment;
  side->at += *size;
  return left > 0;
}

enum side_result side_socket_next(struct side_socket *side, uint8_t **data, size_t *size,
                                  const struct sockaddr **from) {
  while (side->next < side->count) {
    *from = (const struct sockaddr *)&side->from[side->next];
    bool first = side->at == 0;
    if (!take(side, side->next, data, size)) {
      side->next++;
      side->at = 0;
    } else if (**data < STUN_BELOW) {
      if (first && !side->early)
        return SIDE_STUN;
      if (!first)
        side->merges = !set_merging(side, 0);
    } else if (*size <= DATAGRAM_MAX) {
      return SIDE_DATAGRAM;
    }
  }
  return SIDE_EMPTY;
}
