/* side_socket.h - a second socket on the port of an ICE agent's: DTLS, SRTP and SRTCP arrive there, many with one
 * system call, and everything else stays with the agent, STUN above all (RFC 7983; Linux).
 *
 * SO_REUSEPORT with a program in the kernel that goes by the first byte. Should STUN turn up here all the same,
 * there is something between that merges datagrams: the socket says so, and must be given up. Memory is fixed: 32
 * datagrams of at most 2 kB; a longer one, which no path of the Internet carries, is dropped.
 */
#ifndef SIDE_SOCKET_H
#define SIDE_SOCKET_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;
struct side_socket;

enum side_result { SIDE_EMPTY, SIDE_DATAGRAM, SIDE_STUN };

/* Beside `fd`, a bound UDP socket. NULL: the system refuses it, or no memory. */
struct side_socket *side_socket_new(int fd);
void side_socket_free(struct side_socket *side);
int side_socket_fd(const struct side_socket *side);
/* What is there, with one system call; false: the socket is broken. */
bool side_socket_receive(struct side_socket *side);
/* The next of it; may be written to, until the next side_socket_receive(). */
enum side_result side_socket_next(struct side_socket *side, uint8_t **data, size_t *size,
                                  const struct sockaddr **from);

#endif
