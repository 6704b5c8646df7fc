#include "capture.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static uint32_t be16(const uint8_t *p) {
  return (uint32_t)p[0] << 8 | p[1];
}
static uint32_t be24(const uint8_t *p) {
  return (uint32_t)p[0] << 16 | be16(p + 1);
}
static uint32_t be32(const uint8_t *p) {
  return be16(p) << 16 | be16(p + 2);
}

bool capture_own_network(void) {
  struct ifreq request = {.ifr_name = "lo"};
  if (unshare(CLONE_NEWNET) != 0)
    return false;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bool ok = fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &request) == 0;
  request.ifr_flags |= IFF_UP | IFF_RUNNING;
  ok = ok && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  if (fd >= 0)
    close(fd);
  return ok;
}

int64_t capture_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Ethernet | IPv4 | UDP or TCP: fills what is known of a packet whose bytes are kept. */
static bool dissect(struct packet *packet, const uint8_t *frame, size_t size) {
  const uint8_t *ip = frame + ETH_HLEN;
  if (size < ETH_HLEN + 20 || be16(frame + 12) != ETH_P_IP || ip[0] >> 4 != 4)
    return false;
  size_t header = (size_t)(ip[0] & 15) * 4, total = be16(ip + 2);
  if (!total || total > size - ETH_HLEN) /* 0: segmentation offload */
    total = size - ETH_HLEN;
  const uint8_t *transport = ip + header;
  size_t left = total < header ? 0 : total - header;
  packet->udp = ip[9] == IPPROTO_UDP;
  if ((!packet->udp && ip[9] != IPPROTO_TCP) || left < (packet->udp ? 8u : 20u))
    return false;
  size_t skip = packet->udp ? 8 : (size_t)(transport[12] >> 4) * 4;
  packet->from_address = be32(ip + 12);
  packet->to_address = be32(ip + 16);
  packet->from = (uint16_t)be16(transport);
  packet->to = (uint16_t)be16(transport + 2);
  packet->seq = packet->udp ? 0 : be32(transport + 4);
  packet->data = transport + skip;
  packet->size = left < skip ? 0 : left - skip;
  return packet->size > 0;
}

static int64_t time_of(struct msghdr *message) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
      struct timespec at;
      memcpy(&at, CMSG_DATA(c), sizeof at);
      return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
    }
  return capture_now();
}

enum { GSO_UDP_L4 = 5 }; /* VIRTIO_NET_HDR_GSO_UDP_L4, newer than Debian's headers */

/* UDP datagrams of one size that left with one system call are seen as one: here they are taken apart again. */
static void add(struct capture *capture, struct packet packet, const struct virtio_net_hdr *offload) {
  bool cut = packet.udp && (offload->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) == GSO_UDP_L4;
  size_t step = cut && offload->gso_size ? offload->gso_size : packet.size;
  for (size_t left = packet.size; left && capture->packets < CAPTURE_PACKETS; left -= packet.size) {
    packet.size = left < step ? left : step;
    capture->packet[capture->packets++] = packet;
    packet.data += packet.size;
  }
}

static void take(struct capture *capture) {
  union {
    char bytes[128];
    struct cmsghdr align;
  } control;
  struct sockaddr_ll from;
  struct virtio_net_hdr offload;
  uint8_t *frame = capture->bytes + capture->used;
  struct iovec part[] = {{&offload, sizeof offload}, {frame, 70000}};
  struct msghdr message = {.msg_name = &from,
                           .msg_namelen = sizeof from,
                           .msg_iov = part,
                           .msg_iovlen = 2,
                           .msg_control = &control,
                           .msg_controllen = sizeof control};
  if (capture->used + part[1].iov_len > CAPTURE_BYTES || capture->packets == CAPTURE_PACKETS) {
    capture->overflow = true;
    usleep(10000);
    return;
  }
  ssize_t n = recvmsg(capture->socket, &message, 0) - (ssize_t)sizeof offload;
  if (n <= 0 || from.sll_pkttype != PACKET_OUTGOING) /* loopback shows each packet twice */
    return;
  struct packet packet = {.at = time_of(&message)};
  if (!dissect(&packet, frame, (size_t)n))
    return;
  add(capture, packet, &offload);
  capture->used += (size_t)n;
}

static void *run(void *argument) {
  struct capture *capture = argument;
  struct pollfd wait = {capture->socket, POLLIN, 0};
  while (!atomic_load(&capture->stop))
    if (poll(&wait, 1, 50) > 0)
      take(capture);
  return NULL;
}

bool capture_start(struct capture *capture) {
  int size = 64 << 20, on = 1;
  struct sockaddr_ll lo = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
  *capture = (struct capture){.socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL))};
  lo.sll_ifindex = (int)if_nametoindex("lo");
  if (capture->socket < 0 || bind(capture->socket, (struct sockaddr *)&lo, sizeof lo) != 0)
    return false;
  setsockopt(capture->socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  setsockopt(capture->socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  if (setsockopt(capture->socket, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) != 0)
    return false;
  capture->packet = calloc(CAPTURE_PACKETS, sizeof *capture->packet);
  capture->bytes = malloc(CAPTURE_BYTES);
  return capture->packet && capture->bytes && pthread_create(&capture->thread, NULL, run, capture) == 0;
}

void capture_stop(struct capture *capture) {
  struct tpacket_stats stats = {0};
  socklen_t size = sizeof stats;
  atomic_store(&capture->stop, true);
  pthread_join(capture->thread, NULL);
  if (getsockopt(capture->socket, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0 && stats.tp_drops)
    capture->overflow = true;
  close(capture->socket);
}

void capture_free(struct capture *capture) {
  free(capture->packet);
  free(capture->bytes);
}

/* ---- TCP and WebSocket ---- */

static bool append(struct stream *out, const uint8_t *data, size_t size) {
  uint8_t *grown = realloc(out->data, out->size + size + 1);
  if (!grown)
    return false;
  out->data = grown;
  memcpy(out->data + out->size, data, size);
  out->size += size;
  return true;
}

/* One direction of one connection, named by the client's port. Loopback keeps the order; repeats are left out. */
static bool read_connection(const struct capture *capture, uint16_t from, uint16_t to, struct stream *out) {
  uint32_t next = 0;
  bool begun = false;
  for (size_t i = 0; i < capture->packets; i++) {
    const struct packet *p = &capture->packet[i];
    if (p->udp || p->from != from || p->to != to)
      continue;
    int32_t ahead = begun ? (int32_t)(p->seq - next) : 0;
    if (ahead > 0)
      return false; /* a packet is missing: the capture is no proof */
    if ((size_t)-ahead >= p->size)
      continue;
    if (!append(out, p->data - ahead, p->size - (size_t)-ahead))
      return false;
    next = p->seq + (uint32_t)p->size;
    begun = true;
  }
  return true;
}

/* Every client port that spoke with the server. */
static size_t clients(const struct capture *capture, uint16_t port, uint16_t *out, size_t max) {
  size_t count = 0;
  for (size_t i = 0; i < capture->packets; i++) {
    const struct packet *p = &capture->packet[i];
    size_t k = 0;
    if (p->udp || p->to != port)
      continue;
    while (k < count && out[k] != p->from)
      k++;
    if (k == count && count < max)
      out[count++] = p->from;
  }
  return count;
}

/* One frame of RFC 6455 section 5.2; returns its length, 0: not whole. */
static size_t take_frame(uint8_t *p, size_t size, struct stream *out) {
  if (size < 2)
    return 0;
  uint64_t length = p[1] & 127;
  size_t at = 2;
  if (length == 126 && size >= 4) {
    length = be16(p + 2);
    at = 4;
  } else if (length >= 126) {
    return 0; /* longer than anything that sotto sends */
  }
  size_t mask = p[1] & 128 ? 4 : 0;
  if (size < at + mask + length)
    return 0;
  uint8_t *payload = p + at + mask;
  for (size_t i = 0; mask && i < length; i++)
    payload[i] ^= p[at + i % 4];
  bool message = (p[0] & 15) == 2 || (p[0] & 15) == 0;
  if (message && append(out, payload, (size_t)length) && (p[0] & 128) &&
      out->messages < sizeof out->message / sizeof out->message[0])
    out->message[out->messages++] = out->size;
  return at + mask + (size_t)length;
}

static bool take_messages(uint8_t *bytes, size_t size, struct stream *out) {
  for (size_t at = 0; at < size;) {
    size_t n = take_frame(bytes + at, size - at, out);
    if (!n)
      return true; /* cut by the end of the process */
    at += n;
  }
  return true;
}

static bool each_connection(const struct capture *capture, uint16_t port, bool to_server, struct stream *out,
                            bool (*take_bytes)(uint8_t *, size_t, struct stream *)) {
  uint16_t client[64];
  size_t count = clients(capture, port, client, 64);
  for (size_t i = 0; i < count; i++) {
    struct stream one = {0};
    bool ok = read_connection(capture, to_server ? client[i] : port, to_server ? port : client[i], &one);
    const uint8_t *end = one.size ? memmem(one.data, one.size, "\r\n\r\n", 4) : NULL;
    size_t head = end ? (size_t)(end - one.data) + 4 : one.size;
    ok = ok && (head == one.size || take_bytes(one.data + head, one.size - head, out));
    free(one.data);
    if (!ok)
      return false;
  }
  return count > 0;
}

static bool take_raw(uint8_t *bytes, size_t size, struct stream *out) {
  return append(out, bytes, size);
}

bool capture_websocket(const struct capture *capture, uint16_t port, bool to_server, struct stream *out) {
  return each_connection(capture, port, to_server, out, take_messages);
}

bool capture_tcp(const struct capture *capture, uint16_t port, bool to_server, struct stream *out) {
  return each_connection(capture, port, to_server, out, take_raw);
}

/* ---- DTLS and STUN ---- */

enum { CERTIFICATE = 11, HANDSHAKE = 22, RECORD_HEADER = 13, MESSAGE_HEADER = 12 };

/* Certificates of native peers fit one fragment; returns the DER inside, NULL: no whole certificate. */
static const uint8_t *certificate_in(const uint8_t *message, size_t size, size_t *der_size) {
  if (size < MESSAGE_HEADER + 6 || message[0] != CERTIFICATE || be24(message + 6) != 0 ||
      be24(message + 1) != be24(message + 9) || size < MESSAGE_HEADER + be24(message + 9))
    return NULL;
  *der_size = be24(message + MESSAGE_HEADER + 3);
  return *der_size <= size - MESSAGE_HEADER - 6 ? message + MESSAGE_HEADER + 6 : NULL;
}

static size_t add_certificate(const uint8_t *der[], size_t size[], size_t count, size_t max, const uint8_t *one,
                              size_t one_size) {
  for (size_t i = 0; i < count; i++)
    if (size[i] == one_size && memcmp(der[i], one, one_size) == 0)
      return count;
  if (count == max)
    return count;
  der[count] = one;
  size[count] = one_size;
  return count + 1;
}

/* A record may hold several messages. */
static size_t certificates_in_record(const uint8_t *body, size_t length, const uint8_t *der[], size_t size[],
                                     size_t count, size_t max) {
  for (size_t at = 0; length - at >= MESSAGE_HEADER;) {
    size_t der_size, whole = MESSAGE_HEADER + be24(body + at + 9);
    const uint8_t *one = certificate_in(body + at, length - at, &der_size);
    if (one)
      count = add_certificate(der, size, count, max, one, der_size);
    if (whole > length - at)
      break;
    at += whole;
  }
  return count;
}

size_t capture_certificates(const struct capture *capture, const uint8_t *der[], size_t size[], size_t max) {
  size_t count = 0;
  for (size_t i = 0; i < capture->packets; i++) {
    const struct packet *p = &capture->packet[i];
    for (size_t at = 0; p->udp && p->data[0] >= 20 && p->data[0] <= 63 && p->size - at >= RECORD_HEADER;) {
      const uint8_t *record = p->data + at;
      size_t length = be16(record + 11);
      if (length > p->size - at - RECORD_HEADER)
        break;
      if (record[0] == HANDSHAKE && be16(record + 3) == 0)
        count = certificates_in_record(record + RECORD_HEADER, length, der, size, count, max);
      at += RECORD_HEADER + length;
    }
  }
  return count;
}

static size_t add_ufrag(char ufrag[][257], size_t count, size_t max, const uint8_t *text, size_t size) {
  char one[257] = "";
  if (size < 4 || size > 256 || count == max)
    return count;
  memcpy(one, text, size);
  for (size_t i = 0; i < count; i++)
    if (strcmp(ufrag[i], one) == 0)
      return count;
  memcpy(ufrag[count], one, sizeof one);
  return count + 1;
}

size_t capture_ufrags(const struct capture *capture, char ufrag[][257], size_t max) {
  enum { USERNAME = 6, STUN_HEADER = 20 };
  size_t count = 0;
  for (size_t i = 0; i < capture->packets; i++) {
    const struct packet *p = &capture->packet[i];
    if (!p->udp || p->size < STUN_HEADER || p->data[0] > 3 || be32(p->data + 4) != 0x2112a442)
      continue;
    for (size_t at = STUN_HEADER; p->size - at >= 4;) {
      size_t length = be16(p->data + at + 2);
      if (length > p->size - at - 4)
        break;
      const uint8_t *text = p->data + at + 4, *colon = memchr(text, ':', length);
      if (be16(p->data + at) == USERNAME && colon) {
        count = add_ufrag(ufrag, count, max, text, (size_t)(colon - text));
        count = add_ufrag(ufrag, count, max, colon + 1, length - (size_t)(colon + 1 - text));
      }
      at += 4 + ((length + 3) & ~(size_t)3);
      if (at > p->size)
        break;
    }
  }
  return count;
}

static bool is_stun(const struct packet *p) {
  return p->udp && p->size >= 20 && p->data[0] <= 3 && be32(p->data + 4) == 0x2112a442;
}

bool capture_stun_names(const struct packet *p, uint32_t address) {
  enum { XOR_PEER = 0x12, XOR_RELAYED = 0x16, XOR_MAPPED = 0x20 };
  for (size_t at = 20; is_stun(p) && p->size - at >= 4;) {
    uint32_t type = be16(p->data + at), length = be16(p->data + at + 2);
    if (length > p->size - at - 4)
      break;
    bool names = type == XOR_PEER || type == XOR_RELAYED || type == XOR_MAPPED;
    if (names && length == 8 && (be32(p->data + at + 8) ^ 0x2112a442) == address)
      return true;
    at += 4 + ((length + 3) & ~3u);
    if (at > p->size)
      break;
  }
  return false;
}

const uint8_t *capture_media(const struct packet *p, size_t *size) {
  bool channel = p->udp && p->size > 4 && p->data[0] >= 0x40 && p->data[0] <= 0x4f;
  const uint8_t *media = channel ? p->data + 4 : p->data;
  *size = channel ? be16(p->data + 2) : p->size;
  if (!p->udp || (channel && *size > p->size - 4) || *size < 12 || media[0] < 128 || media[0] > 191)
    return NULL;
  return media;
}
