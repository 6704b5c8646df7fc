/* turn_server.h - a TURN server of the adversary's own (RFC 8656 over UDP), as much of it as libnice asks for.
 *
 * Allocate with long-term credentials, Refresh, CreatePermission, ChannelBind, Send and Data indications,
 * ChannelData. Its relayed addresses exist inside it only: all its clients are its own victims, and every packet
 * between two of them passes the hook, when the other has given up, too. Opens no socket. Bounds: 8 allocations
 * (the oldest goes, none before), 8 channels each.
 */
#ifndef TURN_SERVER_H
#define TURN_SERVER_H
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TURN_CLIENTS = 8, TURN_CHANNELS = 8, TURN_PACKET_MAX = 2048, TURN_USERS = 2 };

struct turn_callbacks {
  void (*send)(void *user, const struct sockaddr_in *to, const uint8_t *data, size_t size);
  /* A packet between two users (their numbers); it may be changed in place. false: it does not go on. */
  bool (*packet)(void *user, int from, int to, uint8_t *data, size_t size);
  void *user;
};

struct turn_client {
  bool used;
  int user;                   /* its number: the place in turn_server.name */
  struct sockaddr_in address; /* as we see it */
  uint16_t port;              /* relayed, on 127.0.0.1 */
  struct {
    uint16_t number, port; /* 0: free; the peer's relayed port */
  } channel[TURN_CHANNELS];
};

struct turn_server {
  struct turn_callbacks callbacks;
  const char *name[TURN_USERS], *password; /* who may allocate; one password for all */
  struct turn_client client[TURN_CLIENTS];
  struct turn_client *speaking[TURN_USERS]; /* whose packet it was that passed last, STUN apart; NULL: nobody's */
  int next;
  uint16_t next_port;
};

void turn_server_init(struct turn_server *server, const struct turn_callbacks *callbacks,
                      const char *const name[TURN_USERS], const char *password);
/* A datagram from a client. */
void turn_server_input(struct turn_server *server, const struct sockaddr_in *from, const uint8_t *data,
                       size_t size);
/* To that user's allocation that a packet passed last (STUN apart: a browser tries several), or else its newest, as
 * if the other user had sent it. */
void turn_server_inject(struct turn_server *server, int user, const uint8_t *data, size_t size);

#endif
