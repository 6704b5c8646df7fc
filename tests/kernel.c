#include "kernel.h"

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>

struct kernel kernel;

int __real_setsockopt(int fd, int level, int name, const void *value, socklen_t size);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t size);
int __real_bind(int fd, const struct sockaddr *address, socklen_t size);
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t size);
int __real_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags);
int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags);
int __real_recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout);
int __wrap_recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout);

static int refuse(int error) {
  errno = error;
  return -1;
}

int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t size) {
  if (kernel.option && name == kernel.option)
    return refuse(ENOPROTOOPT);
  if (kernel.unsplit && name == SO_ATTACH_REUSEPORT_CBPF)
    kernel.unsplit(fd);
  return __real_setsockopt(fd, level, name, value, size);
}

int __wrap_bind(int fd, const struct sockaddr *address, socklen_t size) {
  return kernel.port ? refuse(EADDRINUSE) : __real_bind(fd, address, size);
}

int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags) {
  kernel.sends++;
  if (kernel.many)
    return refuse(kernel.many);
  if (kernel.segments && messages[0].msg_hdr.msg_controllen > 0)
    return refuse(kernel.segments);
  return __real_sendmmsg(fd, messages, kernel.few && count > kernel.few ? kernel.few : count, flags);
}

int __wrap_recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout) {
  int received = __real_recvmmsg(fd, messages, count, flags, timeout);
  kernel.receives++;
  if (received > 0 && kernel.merge_stun)
    *(uint8_t *)messages[0].msg_hdr.msg_iov->iov_base = 0;
  return received;
}
