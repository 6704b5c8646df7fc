#include "send_batch.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

enum { DATAGRAM_MAX = 65000, SEGMENTS_MAX = 64 }; /* of one send with UDP_SEGMENT, headers left out */

struct run { /* datagrams that are one message to the kernel */
  struct iovec bytes;
  size_t count;
  union { /* aligned as a header must be */
    char room[CMSG_SPACE(sizeof(uint16_t))];
    struct cmsghdr header;
  } control;
};

bool send_batch_add(struct send_batch *batch, const uint8_t *datagram, size_t size) {
  if (batch->count == SEND_BATCH_MAX || size == 0 || size > SEND_BATCH_BYTES - batch->used)
    return false;
  memcpy(batch->data + batch->used, datagram, size);
  batch->size[batch->count++] = (uint16_t)size;
  batch->used += size;
  return true;
}

/* How many from `first` on can be one message. */
static size_t run_length(const struct send_batch *batch, size_t first) {
  size_t segment = batch->size[first], total = segment, count = 1;
  if (batch->way != SEND_SEGMENTED)
    return 1;
  while (first + count < batch->count && count < SEGMENTS_MAX) {
    size_t next = batch->size[first + count];
    if (next > segment || total + next > DATAGRAM_MAX)
      break;
    total += next;
    count++;
    if (next < segment)
      break; /* a shorter one ends the run */
  }
  return count;
}

static void set_segment(struct msghdr *message, struct run *run, uint16_t segment) {
  memset(&run->control, 0, sizeof run->control);
  message->msg_control = run->control.room;
  message->msg_controllen = sizeof run->control.room;
  struct cmsghdr *header = CMSG_FIRSTHDR(message);
  header->cmsg_level = SOL_UDP;
  header->cmsg_type = UDP_SEGMENT;
  header->cmsg_len = CMSG_LEN(sizeof segment);
  memcpy(CMSG_DATA(header), &segment, sizeof segment);
}

/* Messages of all datagrams from `first` on, which begin at `at`. */
static unsigned make_messages(struct send_batch *batch, size_t first, uint8_t *at, const struct sockaddr *to,
                              struct mmsghdr messages[SEND_BATCH_MAX], struct run runs[SEND_BATCH_MAX]) {
  unsigned made = 0;
  while (first < batch->count) {
    struct run *run = &runs[made];
    struct msghdr *message = &messages[made++].msg_hdr;
    run->count = run_length(batch, first);
    run->bytes = (struct iovec){.iov_base = at};
    for (size_t i = 0; i < run->count; i++)
      run->bytes.iov_len += batch->size[first + i];
    *message = (struct msghdr){.msg_name = (void *)to,
                               .msg_namelen = to->sa_family == AF_INET ? sizeof(struct sockaddr_in)
                                                                       : sizeof(struct sockaddr_in6),
                               .msg_iov = &run->bytes,
                               .msg_iovlen = 1};
    if (run->count > 1)
      set_segment(message, run, batch->size[first]);
    at += run->bytes.iov_len;
    first += run->count;
  }
  return made;
}

/* What to do about a first message that did not leave; false: nothing, all the rest is lost. */
static bool step_down(struct send_batch *batch, bool segmented, int error) {
  if (segmented && (error == EIO || error == EINVAL || error == EMSGSIZE || error == EOPNOTSUPP)) {
    batch->way = SEND_MANY; /* the network card or its driver can't, or a tunnel is too narrow for it */
    return true;
  }
  if (error != ENOSYS && error != EPERM && error != EBADF && error != EINVAL && error != EAFNOSUPPORT)
    return false;
  batch->way = SEND_REFUSED;
  return true;
}

size_t send_batch_flush(struct send_batch *batch, int fd, const struct sockaddr *to) {
  struct mmsghdr messages[SEND_BATCH_MAX];
  struct run runs[SEND_BATCH_MAX];
  size_t first = 0;
  uint8_t *at = batch->data;
  while (first < batch->count && batch->way != SEND_REFUSED) {
    unsigned made = make_messages(batch, first, at, to, messages, runs);
    int sent = sendmmsg(fd, messages, made, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && !step_down(batch, runs[0].count > 1, errno))
      first = batch->count;
    for (int i = 0; i < sent; i++) {
      at += runs[i].bytes.iov_len;
      first += runs[i].count;
    }
  }
  if (batch->way != SEND_REFUSED)
    batch->count = batch->used = 0;
  return first;
}
