/* side_socket.h - a second socket on the port of an ICE agent's: DTLS, SRTP and SRTCP arrive there, many with one
 * system call, and everything else stays with the agent, STUN above all (RFC 7983; Linux).
 *
 * SO_REUSEPORT with a program in the kernel that goes by the first byte. Datagrams of one size that come together
 * are one message (UDP_GRO), for which the first one's first byte speaks: a STUN message behind it is lost, once.
 * It will be sent again (RFC 8489 section 6.2.1, RFC 7675), and nothing is merged any more. So is what came before
 * the program was there, in the first batch. Should STUN still turn up here, there is something else between that
 * merges: the socket says so, and must be given up. Memory is fixed: 16 messages of 64 kB, touched as far as they
 * are filled; a datagram of more than 2 kB, which no path of the Internet carries, is dropped.
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
bool side_socket_merges(const struct side_socket *side); /* datagrams of one size are one message */
/* What is there, with one system call; false: the socket is broken. */
bool side_socket_receive(struct side_socket *side);
/* The next of it; may be written to, until the next side_socket_receive(). */
enum side_result side_socket_next(struct side_socket *side, uint8_t **data, size_t *size,
                                  const struct sockaddr **from);

#endif
