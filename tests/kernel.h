/* kernel.h - a kernel that refuses what is fast, as old ones, network cards and sandboxes do: for tests.
 *
 * Linked with --wrap, it stands before the system calls of our own archives; what is zero here is let through. Set
 * before an engine starts, or between what its own thread does.
 */
#ifndef KERNEL_H
#define KERNEL_H
#include <stdatomic.h>
#include <stdbool.h>

struct kernel {
  int option;                 /* the socket option that setsockopt() does not know */
  bool port;                  /* bind() finds the port taken */
  int segments;               /* errno of a message with UDP_SEGMENT */
  int many;                   /* errno of sendmmsg() */
  unsigned few;               /* messages, more than which sendmmsg() does not take at once */
  bool merge_stun;            /* each batch received begins with what looks like STUN */
  void (*unsplit)(int);       /* called with a port's second socket bound, before its program is attached to it */
  atomic_int sends, receives; /* how often sendmmsg() and recvmmsg() were called */
};

extern struct kernel kernel;

#endif
