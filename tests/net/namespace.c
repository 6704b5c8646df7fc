#include "namespace.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool set_address(int control, struct ifreq *request, unsigned long what, const char *text) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  inet_pton(AF_INET, text, &address.sin_addr);
  memcpy(&request->ifr_addr, &address, sizeof address);
  return ioctl(control, what, request) == 0;
}

static bool set_up(int control, struct ifreq *request) {
  if (ioctl(control, SIOCGIFFLAGS, request) != 0)
    return false;
  request->ifr_flags |= IFF_UP;
  return ioctl(control, SIOCSIFFLAGS, request) == 0;
}

static bool configure(struct ifreq *tun, const char *address) {
  struct ifreq loopback = {.ifr_name = "lo"};
  int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bool ok = control >= 0 && set_up(control, &loopback) && set_address(control, tun, SIOCSIFADDR, address) &&
            set_address(control, tun, SIOCSIFNETMASK, NAMESPACE_MASK) && set_up(control, tun);
  if (control >= 0)
    close(control);
  return ok;
}

bool namespace_enter_new(struct namespace *ns, const char *address) {
  struct ifreq request = {.ifr_name = "path"};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  ns->fd = ns->tun = -1;
  if (unshare(CLONE_NEWNET) != 0)
    return false;
  ns->fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  ns->tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  snprintf(ns->path, sizeof ns->path, "/proc/%d/fd/%d", (int)getpid(), ns->fd);
  return ns->fd >= 0 && ns->tun >= 0 && ioctl(ns->tun, TUNSETIFF, &request) == 0 && configure(&request, address);
}
