#include "demux.h"

#include "../../media/bytes.h"

/* RFC 7983 section 7, first byte:
 *   0..3 STUN   16..19 ZRTP   20..63 DTLS   64..79 TURN channel   128..191 RTP, RTCP
 * RFC 5761 section 4: with the marker bit on, RTCP's packet types 192..223 look like payload types 64..95, which
 * is why no RTP here uses those. */
enum demux_class demux_classify(const uint8_t *datagram, size_t size) {
  if (size == 0)
    return DEMUX_UNKNOWN;
  if (datagram[0] <= 3)
    return DEMUX_STUN;
  if (datagram[0] >= 20 && datagram[0] <= 63)
    return DEMUX_DTLS;
  if (datagram[0] < 128 || datagram[0] > 191 || size < 2)
    return DEMUX_UNKNOWN;
  return datagram[1] >= 192 && datagram[1] <= 223 ? DEMUX_RTCP : DEMUX_RTP;
}

enum { CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, APPLICATION_DATA = 23 };
enum {
  HELLO_REQUEST = 0,
  CLIENT_HELLO = 1,
  SERVER_HELLO = 2,
  HELLO_VERIFY_REQUEST = 3,
  CERTIFICATE = 11,
  SERVER_KEY_EXCHANGE = 12,
  CERTIFICATE_REQUEST = 13,
  SERVER_HELLO_DONE = 14,
  CERTIFICATE_VERIFY = 15,
  CLIENT_KEY_EXCHANGE = 16,
};
enum { PASS = DTLS_DROP_REASONS };
enum { RANDOM_OFFSET = 2, RANDOM_SIZE = 32 }; /* in a ClientHello, behind client_version */

struct record {
  uint8_t type;
  uint16_t version, epoch;
  struct reader body;
};

/* RFC 6347 section 4.1: type 8 | version 16 | epoch 16 | sequence number 48 | length 16 | fragment */
static struct record read_record(struct reader *r) {
  struct record record = {.type = read_u8(r), .version = read_u16(r), .epoch = read_u16(r)};
  read_uint(r, 6);
  size_t length = read_u16(r);
  record.body = reader_of(read_span(r, length), length);
  return record;
}

struct fragment {
  uint8_t type;
  uint32_t length, offset, size;
  const uint8_t *data;
};

/* RFC 6347 section 4.2.2: type 8 | length 24 | message_seq 16 | fragment_offset 24 | fragment_length 24 | data */
static struct fragment read_fragment(struct reader *r) {
  struct fragment fragment = {.type = read_u8(r), .length = read_u24(r)};
  read_u16(r);
  fragment.offset = read_u24(r);
  fragment.size = read_u24(r);
  fragment.data = read_span(r, fragment.size);
  if (fragment.offset + fragment.size > fragment.length)
    r->bad = true;
  return fragment;
}

static bool fragments_fit(struct reader body) {
  do {
    read_fragment(&body);
  } while (!body.bad && body.left > 0);
  return !body.bad;
}

static bool record_fits(const struct record *record) {
  if (record->version != 0xfefd && record->version != 0xfeff) /* DTLS 1.2; the first ClientHello may say 1.0 */
    return false;
  if (record->epoch > 0) /* encrypted: nothing more can be seen */
    return record->body.left > 0;
  switch (record->type) {
  case CHANGE_CIPHER_SPEC:
    return record->body.left == 1;
  case ALERT:
    return record->body.left == 2;
  case HANDSHAKE:
    return fragments_fit(record->body);
  default:
    return true;
  }
}

static bool datagram_fits(const uint8_t *datagram, size_t size) {
  struct reader r = reader_of(datagram, size);
  do {
    struct record record = read_record(&r);
    if (r.bad || !record_fits(&record))
      return false;
  } while (r.left > 0);
  return true;
}

/* NULL: not in this fragment. */
static const uint8_t *random_of(const struct fragment *hello) {
  bool whole = hello->data && hello->offset == 0 && hello->size >= RANDOM_OFFSET + RANDOM_SIZE;
  return whole ? hello->data + RANDOM_OFFSET : NULL;
}

static bool same_hello(const struct dtls_firewall *firewall, const struct fragment *hello) {
  const uint8_t *random = random_of(hello);
  return firewall->hello_seen && random && memcmp(firewall->hello_random, random, RANDOM_SIZE) == 0;
}

static int judge_client_hello(struct dtls_firewall *firewall, const struct fragment *hello) {
  if (hello->offset > 0) /* belongs to the one whose beginning passed, or completes nothing */
    return PASS;
  const uint8_t *random = random_of(hello);
  if (!random)
    return DTLS_DROP_TYPE;
  if (firewall->hello_seen)
    return same_hello(firewall, hello) ? PASS : DTLS_DROP_SECOND_HELLO;
  firewall->hello_seen = true;
  memcpy(firewall->hello_random, random, RANDOM_SIZE);
  return PASS;
}

/* What a server, and what a client, is ever sent in the clear (RFC 5246 section 7.3). */
static int judge_fragment(struct dtls_firewall *firewall, const struct fragment *fragment) {
  if (fragment->length > DTLS_HANDSHAKE_MAX)
    return DTLS_DROP_OVERSIZE;
  switch (fragment->type) {
  case CERTIFICATE:
    return PASS;
  case CLIENT_HELLO:
    return firewall->server ? judge_client_hello(firewall, fragment) : DTLS_DROP_TYPE;
  case CLIENT_KEY_EXCHANGE:
  case CERTIFICATE_VERIFY:
    return firewall->server ? PASS : DTLS_DROP_TYPE;
  case HELLO_VERIFY_REQUEST:
    if (firewall->server)
      return DTLS_DROP_TYPE;
    return firewall->server_hello_seen ? DTLS_DROP_SECOND_HELLO : PASS;
  case SERVER_HELLO:
    firewall->server_hello_seen = true;
    return firewall->server ? DTLS_DROP_TYPE : PASS;
  case SERVER_KEY_EXCHANGE:
  case CERTIFICATE_REQUEST:
  case SERVER_HELLO_DONE:
    return firewall->server ? DTLS_DROP_TYPE : PASS;
  default: /* HelloRequest, NewSessionTicket, a Finished in the clear */
    return DTLS_DROP_TYPE;
  }
}

static int judge_handshake(struct dtls_firewall *firewall, struct reader body) {
  int verdict = PASS;
  while (verdict == PASS && body.left > 0) {
    struct fragment fragment = read_fragment(&body);
    verdict = judge_fragment(firewall, &fragment);
  }
  return verdict;
}

static int judge_during(struct dtls_firewall *firewall, const struct record *record) {
  if (record->epoch > 0)
    return record->type == HANDSHAKE || record->type == ALERT ? PASS : DTLS_DROP_TYPE;
  switch (record->type) {
  case CHANGE_CIPHER_SPEC:
    return PASS;
  case HANDSHAKE:
    return judge_handshake(firewall, record->body);
  case ALERT:
    return DTLS_DROP_ALERT;
  default:
    return DTLS_DROP_TYPE;
  }
}

/* The network may repeat our handshake's own messages late: that alone raises no alarm. */
static int judge_late_handshake(const struct dtls_firewall *firewall, struct reader body) {
  while (body.left > 0) {
    struct fragment fragment = read_fragment(&body);
    bool hello = fragment.type == CLIENT_HELLO && fragment.offset == 0;
    if (fragment.type == HELLO_REQUEST || fragment.type == HELLO_VERIFY_REQUEST ||
        (hello && !same_hello(firewall, &fragment)))
      return DTLS_DROP_REHANDSHAKE;
  }
  return DTLS_DROP_STALE;
}

static int judge_after(const struct dtls_firewall *firewall, const struct record *record) {
  if (record->epoch > 0)
    return record->type == HANDSHAKE || record->type == ALERT || record->type == APPLICATION_DATA ? PASS
                                                                                                  : DTLS_DROP_TYPE;
  if (record->type == HANDSHAKE)
    return judge_late_handshake(firewall, record->body);
  return record->type == ALERT ? DTLS_DROP_ALERT : DTLS_DROP_STALE;
}

void dtls_firewall_init(struct dtls_firewall *firewall, bool server) {
  *firewall = (struct dtls_firewall){.phase = DTLS_FIREWALL_WAITING, .server = server};
}

void dtls_firewall_open(struct dtls_firewall *firewall) {
  if (firewall->phase == DTLS_FIREWALL_WAITING)
    firewall->phase = DTLS_FIREWALL_HANDSHAKE;
}

void dtls_firewall_complete(struct dtls_firewall *firewall) {
  firewall->phase = DTLS_FIREWALL_COMPLETE;
}

size_t dtls_firewall_filter(struct dtls_firewall *firewall, uint8_t *datagram, size_t size) {
  if (firewall->phase == DTLS_FIREWALL_WAITING) {
    firewall->dropped[DTLS_DROP_EARLY]++;
    return 0;
  }
  if (!datagram_fits(datagram, size)) {
    firewall->dropped[DTLS_DROP_MALFORMED]++;
    return 0;
  }
  struct reader r = reader_of(datagram, size);
  size_t kept = 0;
  while (r.left > 0) {
    const uint8_t *start = r.at;
    struct record record = read_record(&r);
    int verdict = firewall->phase == DTLS_FIREWALL_COMPLETE ? judge_after(firewall, &record)
                                                            : judge_during(firewall, &record);
    size_t length = (size_t)(r.at - start);
    if (verdict == PASS) {
      memmove(datagram + kept, start, length);
      kept += length;
    } else {
      firewall->dropped[verdict]++;
    }
  }
  return kept;
}
