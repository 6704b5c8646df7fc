/* capture.h - what crosses the loopback of a network namespace of the test's own: packets with their times, and
 * what can be read out of them: TCP streams, WebSocket messages, DTLS certificates, STUN user names.
 */
#ifndef CAPTURE_H
#define CAPTURE_H
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packet { /* one IPv4 packet's transport payload */
  int64_t at;   /* the kernel's time, Unix microseconds */
  bool udp;
  uint32_t from_address, to_address; /* 0x7f000001: 127.0.0.1 */
  uint16_t from, to;
  uint32_t seq; /* TCP */
  const uint8_t *data;
  size_t size;
};

enum { CAPTURE_PACKETS = 200000, CAPTURE_BYTES = 96 << 20 };

struct capture {
  int socket;
  pthread_t thread;
  atomic_bool stop;
  struct packet *packet;
  size_t packets;
  uint8_t *bytes;
  size_t used;
  bool overflow;
};

/* This process and its children get a network of their own, with nothing but a loopback. false: not allowed. */
bool capture_own_network(void);
bool capture_start(struct capture *capture);
void capture_stop(struct capture *capture); /* the packets stay */
void capture_free(struct capture *capture);
int64_t capture_now(void); /* comparable with .at */

struct stream { /* bytes, or messages end to end */
  uint8_t *data;
  size_t size;
  size_t message[20000]; /* where each message ends */
  size_t messages;
};

/* One direction of every WebSocket connection with `port`: the payloads of its binary messages, unmasked. */
bool capture_websocket(const struct capture *capture, uint16_t port, bool to_server, struct stream *out);
/* Everything after the HTTP heads, as it was on the wire. */
bool capture_tcp(const struct capture *capture, uint16_t port, bool to_server, struct stream *out);
/* DER certificates of DTLS handshakes, different ones; returns how many, at most max. */
size_t capture_certificates(const struct capture *capture, const uint8_t *der[], size_t size[], size_t max);
/* Does a STUN attribute of this packet (RFC 8489, 8656: mapped, peer's or relayed address) name it? */
bool capture_stun_names(const struct packet *packet, uint32_t address);
/* The RTP or RTCP packet that it is, or carries in a TURN channel (RFC 8656 section 12.4); NULL: neither. */
const uint8_t *capture_media(const struct packet *packet, size_t *size);
/* The halves of STUN user names (ICE ufrags), different ones. */
size_t capture_ufrags(const struct capture *capture, char ufrag[][257], size_t max);

#endif
