/* server.h - a sotto-signald of our own for a test: the program in $SOTTO_BIN on a free loopback port. */
#ifndef E2E_SERVER_H
#define E2E_SERVER_H
#include <stdbool.h>
#include <sys/types.h>

struct server {
  pid_t pid; /* 0: not running */
  int port;
  char url[64];
};

/* port 0: any free one. Fails the test when it does not listen within 10 s. */
void server_start(struct server *server, const char *directory, int port);
void server_stop(struct server *server, int signal_number); /* and waits for its end */

#endif
