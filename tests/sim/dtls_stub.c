/* dtls_stub.c - engine/path/dtls.h without OpenSSL, for simulated time (libssl reads the wall clock itself).
 *
 * The same verbs, states and failures, in records that the firewall takes for DTLS 1.2: a hello each way with
 * random and certificate (with its serial number, when one was asked for), a Finished each way, retransmission.
 * There is no secrecy in it: tests only, and no target but the simulator's links it. Real DTLS has its own tests
 * (unit/test_dtls.c, e2e).
 */
#include <stdlib.h>
#include <string.h>

#include "engine/path/dtls.h"
#include "media/bytes.h"
#include "page.h"
#include "signaling/crypto.h"

enum {
  RECORD = 13,
  HANDSHAKE = 12,
  HELLO_BODY = 2 + 32 + 32,
  SERIAL_AT = HELLO_BODY,
  ALERT = 21,
  HANDSHAKES = 22,
  DATA = 23
};
enum { CLIENT_HELLO = 1, SERVER_HELLO = 2, FINISHED = 20, QUEUE = 16, CIPHER = 0xc02c };

struct dtls_certificate {
  uint8_t fingerprint[DTLS_FINGERPRINT_SIZE];
  uint8_t serial[DTLS_SERIAL_SIZE];
  bool has_serial;
};

struct message {
  uint8_t bytes[DTLS_DATAGRAM_MAX];
  size_t size;
};

struct dtls {
  struct dtls_config config;
  struct dtls_certificate own;
  uint8_t peer_fp[DTLS_FINGERPRINT_SIZE], peer_serial[DTLS_SERIAL_SIZE]; /* 0: any */
  bool have_peer, started, confirmed;
  uint8_t client_random[32], server_random[32], secret[32];
  enum dtls_state state;
  enum dtls_failure failure;
  struct message out[QUEUE], in[QUEUE];
  int outs, ins;
  struct message flight; /* what the timer sends again */
  struct message sent;
  usec due, timeout;
  uint64_t sequence;
};

struct dtls_certificate *dtls_certificate_new(const uint8_t *serial) {
  struct dtls_certificate *certificate = calloc(1, sizeof *certificate);
  if (!certificate)
    return NULL;
  crypto_random(certificate->fingerprint, sizeof certificate->fingerprint);
  certificate->has_serial = serial;
  if (serial)
    memcpy(certificate->serial, serial, sizeof certificate->serial);
  return certificate;
}

void dtls_certificate_free(struct dtls_certificate *certificate) {
  free(certificate);
}

void dtls_certificate_fingerprint(const struct dtls_certificate *certificate, uint8_t out[DTLS_FINGERPRINT_SIZE]) {
  memcpy(out, certificate->fingerprint, DTLS_FINGERPRINT_SIZE);
}

struct dtls *dtls_new(const struct dtls_config *config) {
  struct dtls *dtls = config->profiles ? calloc(1, sizeof *dtls) : NULL;
  if (!dtls)
    return NULL;
  dtls->config = *config;
  dtls->due = USEC_NEVER;
  dtls->timeout = config->first_timeout ? config->first_timeout : MS(400);
  dtls->own = *config->certificate;
  crypto_random(config->server ? dtls->server_random : dtls->client_random, 32);
  return dtls;
}

/* What a stack without rules does with another ClientHello: for the adversary's twin. */
void dtls_stub_begin_again(struct dtls *dtls);
void dtls_stub_begin_again(struct dtls *dtls) {
  dtls->state = DTLS_HANDSHAKING;
}

void dtls_set_first_timeout(struct dtls *dtls, usec timeout) {
  dtls->timeout = timeout;
}

void dtls_free(struct dtls *dtls) {
  free(dtls);
}

static void push(struct dtls *dtls, const struct message *message) {
  if (dtls->outs < QUEUE)
    dtls->out[dtls->outs++] = *message;
}

static struct message record(struct dtls *dtls, int type, int epoch, const void *body, size_t size) {
  struct message message;
  struct writer w = writer_of(message.bytes, sizeof message.bytes);
  write_u8(&w, (unsigned)type);
  write_u16(&w, 0xfefd);
  write_u16(&w, (unsigned)epoch);
  write_uint(&w, dtls->sequence++, 6);
  write_u16(&w, (unsigned)size);
  write_bytes(&w, body, size);
  message.size = RECORD + size;
  return message;
}

static struct message handshake(struct dtls *dtls, int type, int epoch, const void *body, size_t size) {
  uint8_t bytes[HANDSHAKE + HELLO_BODY + DTLS_SERIAL_SIZE];
  struct writer w = writer_of(bytes, sizeof bytes);
  write_u8(&w, (unsigned)type);
  write_u24(&w, (uint32_t)size);
  write_u16(&w, type == FINISHED);
  write_u24(&w, 0);
  write_u24(&w, (uint32_t)size);
  write_bytes(&w, body, size);
  return record(dtls, HANDSHAKES, epoch, bytes, HANDSHAKE + size);
}

static void send_flight(struct dtls *dtls, usec now, struct message message) {
  dtls->flight = message;
  dtls->due = now + dtls->timeout;
  push(dtls, &message);
}

static void send_hello(struct dtls *dtls, usec now) {
  uint8_t body[HELLO_BODY + DTLS_SERIAL_SIZE] = {0xfe, 0xfd};
  size_t size = dtls->own.has_serial ? sizeof body : HELLO_BODY;
  memcpy(body + 2, dtls->config.server ? dtls->server_random : dtls->client_random, 32);
  memcpy(body + 34, dtls->own.fingerprint, 32);
  memcpy(body + SERIAL_AT, dtls->own.serial, sizeof dtls->own.serial);
  send_flight(dtls, now, handshake(dtls, dtls->config.server ? SERVER_HELLO : CLIENT_HELLO, 0, body, size));
}

static void send_finished(struct dtls *dtls, usec now) {
  send_flight(dtls, now, handshake(dtls, FINISHED, 1, dtls->secret, sizeof dtls->secret));
}

static void refuse(struct dtls *dtls) {
  dtls->state = DTLS_FAILED;
  dtls->failure = DTLS_FP_MISMATCH;
  dtls->due = USEC_NEVER;
}

static bool take_hello(struct dtls *dtls, const uint8_t *body, size_t size) {
  if (size < HELLO_BODY)
    return false;
  memcpy(dtls->config.server ? dtls->client_random : dtls->server_random, body + 2, 32);
  memcpy(dtls->peer_fp, body + 34, 32);
  dtls->have_peer = true;
  if (!crypto_equal(dtls->peer_fp, dtls->config.peer_fingerprint, sizeof dtls->peer_fp)) {
    refuse(dtls);
    return false;
  }
  if (size == HELLO_BODY + sizeof dtls->peer_serial)
    memcpy(dtls->peer_serial, body + SERIAL_AT, sizeof dtls->peer_serial);
  const struct bytes_view parts[] = {{dtls->client_random, 32}, {dtls->server_random, 32}};
  crypto_sha256(dtls->secret, parts, 2);
  return true;
}

static void connected(struct dtls *dtls) {
  dtls->state = DTLS_CONNECTED;
  dtls->due = USEC_NEVER;
}

static void take_handshake(struct dtls *dtls, usec now, const uint8_t *body, size_t size) {
  if (size < HANDSHAKE)
    return;
  int type = body[0];
  const uint8_t *inside = body + HANDSHAKE;
  bool good = type == FINISHED && size - HANDSHAKE == 32 && memcmp(inside, dtls->secret, 32) == 0;
  if (dtls->config.server && type == CLIENT_HELLO && dtls->state == DTLS_HANDSHAKING) {
    if (take_hello(dtls, inside, size - HANDSHAKE))
      send_hello(dtls, now);
  } else if (!dtls->config.server && type == SERVER_HELLO && dtls->state == DTLS_HANDSHAKING) {
    if (take_hello(dtls, inside, size - HANDSHAKE))
      send_finished(dtls, now);
  } else if (good && dtls->config.server) { /* also when ours was lost and the client asks again */
    send_finished(dtls, now);
    connected(dtls);
  } else if (good && dtls->state == DTLS_HANDSHAKING) {
    if (page_takes(dtls, dtls->peer_serial))
      connected(dtls);
    else
      refuse(dtls);
  }
}

void dtls_input(struct dtls *dtls, usec now, const uint8_t *datagram, size_t size) {
  struct reader r = reader_of(datagram, size);
  while (r.left >= RECORD && dtls->state != DTLS_FAILED && dtls->state != DTLS_CLOSED) {
    uint8_t type = read_u8(&r);
    read_span(&r, 10);
    uint16_t length = read_u16(&r);
    const uint8_t *body = read_span(&r, length);
    if (!body)
      return;
    if (type == HANDSHAKES)
      take_handshake(dtls, now, body, length);
    else if (type == ALERT && dtls->state == DTLS_CONNECTED)
      dtls->state = DTLS_CLOSED;
    else if (type == DATA && dtls->state == DTLS_CONNECTED && dtls->ins < QUEUE) {
      memcpy(dtls->in[dtls->ins].bytes, body, length);
      dtls->in[dtls->ins++].size = length;
    }
  }
}

bool dtls_poll(struct dtls *dtls, usec now, const uint8_t **datagram, size_t *size) {
  if (!dtls->started && !dtls->config.server) {
    dtls->started = true;
    send_hello(dtls, now);
  }
  if (now >= dtls->due && dtls->state == DTLS_HANDSHAKING) {
    dtls->timeout *= 2;
    dtls->due = now + dtls->timeout;
    push(dtls, &dtls->flight);
  }
  if (!dtls->outs)
    return false;
  dtls->sent = dtls->out[0];
  memmove(dtls->out, dtls->out + 1, sizeof dtls->out[0] * (size_t)--dtls->outs);
  *datagram = dtls->sent.bytes;
  *size = dtls->sent.size;
  return true;
}

usec dtls_deadline(const struct dtls *dtls) {
  if (dtls->outs || (!dtls->started && !dtls->config.server))
    return 0;
  return dtls->state == DTLS_HANDSHAKING ? dtls->due : USEC_NEVER;
}

enum dtls_state dtls_state(const struct dtls *dtls) {
  return dtls->state;
}

enum dtls_failure dtls_failure(const struct dtls *dtls) {
  return dtls->failure;
}

bool dtls_peer_fingerprint(const struct dtls *dtls, uint8_t out[DTLS_FINGERPRINT_SIZE]) {
  memcpy(out, dtls->peer_fp, sizeof dtls->peer_fp);
  return dtls->have_peer;
}

bool dtls_agreed(const struct dtls *dtls) {
  bool sent = dtls->state == DTLS_HANDSHAKING && !dtls->config.server && dtls->have_peer &&
              page_takes(dtls, dtls->peer_serial); /* a page says nothing before it has looked */
  return sent || dtls->state == DTLS_CONNECTED;
}

void dtls_confirm(struct dtls *dtls) {
  dtls->confirmed = dtls_agreed(dtls);
}

static void expand(const struct dtls *dtls, const char *label, uint8_t *out, size_t size) {
  const struct bytes_view info = {label, strlen(label)};
  crypto_hkdf(out, size, dtls->secret, sizeof dtls->secret, NULL, 0, &info, 1);
}

bool dtls_export_binding(const struct dtls *dtls, uint8_t ekm[DTLS_EXPORT_SIZE]) {
  expand(dtls, "binding", ekm, DTLS_EXPORT_SIZE);
  return dtls_agreed(dtls);
}

bool dtls_export_srtp(const struct dtls *dtls, struct srtp_master *local, struct srtp_master *remote) {
  struct srtp_master client, server;
  expand(dtls, "client", (uint8_t *)&client, sizeof client);
  expand(dtls, "server", (uint8_t *)&server, sizeof server);
  *local = dtls->config.server ? server : client;
  *remote = dtls->config.server ? client : server;
  return dtls->state == DTLS_CONNECTED || (dtls->confirmed && dtls_agreed(dtls));
}

uint16_t dtls_profile(const struct dtls *dtls) {
  return dtls_agreed(dtls) ? dtls->config.profile[0] : 0;
}

uint16_t dtls_cipher(const struct dtls *dtls) {
  return dtls_agreed(dtls) ? CIPHER : 0;
}

const char *dtls_cipher_name(const struct dtls *dtls) {
  return dtls_agreed(dtls) ? "SIMULATED" : "";
}

bool dtls_write(struct dtls *dtls, usec now, const void *data, size_t size) {
  (void)now;
  if (dtls->state != DTLS_CONNECTED || size > DTLS_MESSAGE_MAX)
    return false;
  struct message message = record(dtls, DATA, 1, data, size);
  push(dtls, &message);
  return true;
}

size_t dtls_read(struct dtls *dtls, void *out, size_t room) {
  if (!dtls->ins)
    return 0;
  size_t size = dtls->in[0].size < room ? dtls->in[0].size : room;
  memcpy(out, dtls->in[0].bytes, size);
  memmove(dtls->in, dtls->in + 1, sizeof dtls->in[0] * (size_t)--dtls->ins);
  return size;
}

void dtls_close(struct dtls *dtls, usec now) {
  (void)now;
  if (dtls->state != DTLS_CONNECTED)
    return;
  static const uint8_t close_notify[2] = {1, 0};
  struct message message = record(dtls, ALERT, 1, close_notify, sizeof close_notify);
  push(dtls, &message);
  dtls->state = DTLS_CLOSED;
}
