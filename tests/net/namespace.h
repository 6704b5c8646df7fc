/* namespace.h - network namespaces of our own, each with one TUN interface whose other side is a file descriptor
 * here.
 *
 * Linux, as root. A namespace has no name and lives as long as this process holds it: its path goes to nsenter(1).
 * Whatever sends to NAMESPACE_NET from within arrives at `tun` as an IPv4 packet, a read each.
 */
#ifndef NAMESPACE_H
#define NAMESPACE_H
#include <stdbool.h>

#define NAMESPACE_NET  "10.77.0.0"
#define NAMESPACE_MASK "255.255.0.0"
enum { NAMESPACE_MTU = 1500 };

struct namespace {
  int fd, tun;
  char path[64]; /* while this process lives */
};

/* Makes one, with this address. The calling thread is in it afterwards. false: errno says why. */
bool namespace_enter_new(struct namespace *ns, const char *address);

#endif
