/* bare_socket.h - a datagram by a socket to itself on loopback, with nothing around it: what sending costs any
 * engine.
 */
#ifndef BARE_SOCKET_H
#define BARE_SOCKET_H
#include <stdbool.h>

int bare_socket_open(void); /* -1: none; for close() */
bool bare_socket_send(int fd);
void bare_socket_empty(int fd); /* of what has come: before the next one */

#endif
