#include "rtcp.h"

enum {
  FORMAT_NACK = 1,
  FORMAT_PLI = 1,
  FORMAT_FIR = 4,
  FORMAT_CCFB = 11,
  FORMAT_TRANSPORT_CC = 15,
  FORMAT_REMB = 15
};
enum { SDES_CNAME = 1, SENDER_SIZE = 20, BLOCK_SIZE = 24, FIR_SIZE = 8 };
enum { REMB_NAME = 0x52454d42, REMB_EXPONENT_SHIFT = 18, REMB_MANTISSA_MAX = (1 << REMB_EXPONENT_SHIFT) - 1 };

/*  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|  count  |      PT       |   length in words, minus one  |
 */
struct head {
  int version, count, type;
  bool padding;
  struct reader body;
};

static bool read_head(struct reader *r, struct head *head) {
  uint8_t first = read_u8(r);
  head->version = first >> 6;
  head->padding = first & 1 << 5;
  head->count = first & 31;
  head->type = read_u8(r);
  size_t size = (size_t)read_u16(r) * 4;
  const uint8_t *body = read_span(r, size);
  head->body = reader_of(body, body ? size : 0);
  return body != NULL;
}

/* By words, and only ever on a datagram's last packet; but browsers fill transport-wide feedback up to a word with
 * it, wherever that stands. */
static bool fills_word(const struct head *head) {
  return head->type == RTCP_RTPFB && head->count == FORMAT_TRANSPORT_CC;
}

static bool strip_padding(struct head *head) {
  struct reader *body = &head->body;
  size_t padding = body->left ? body->at[body->left - 1] : 0;
  if (padding == 0 || (padding % 4 && !fills_word(head)) || padding > body->left)
    return false;
  body->left -= padding;
  return true;
}

static size_t size_needed(const struct head *head) {
  size_t count = (size_t)head->count;
  switch (head->type) {
  case RTCP_SR:
    return 4 + SENDER_SIZE + count * BLOCK_SIZE;
  case RTCP_RR:
    return 4 + count * BLOCK_SIZE;
  case RTCP_BYE:
    return count * 4;
  case RTCP_RTPFB:
    return head->count == FORMAT_NACK ? 12 : head->count == FORMAT_TRANSPORT_CC ? 16 : 8;
  case RTCP_PSFB:
    return 8;
  default:
    return 0;
  }
}

bool rtcp_valid(const uint8_t *data, size_t size) {
  struct reader r = reader_of(data, size);
  struct head head;
  do {
    if (!read_head(&r, &head) || head.version != 2 || head.type < 192 || head.type > 223)
      return false;
    if (head.padding && ((r.left != 0 && !fills_word(&head)) || !strip_padding(&head)))
      return false;
    if (head.body.left < size_needed(&head))
      return false;
  } while (r.left != 0);
  return true;
}

static void read_sender(struct reader *body, struct rtcp_sender_info *sender) {
  sender->ntp = read_u64(body);
  sender->rtp_time = read_u32(body);
  sender->packets = read_u32(body);
  sender->octets = read_u32(body);
}

/* What a packet of feedback is here; RTCP_OTHER: nothing of use. */
static enum rtcp_type feedback_type(const struct head *head) {
  static const struct {
    int type, format;
    enum rtcp_type meaning;
  } known[] = {
      {RTCP_RTPFB, FORMAT_NACK, RTCP_RTPFB},
      {RTCP_RTPFB, FORMAT_CCFB, RTCP_CCFB},
      {RTCP_RTPFB, FORMAT_TRANSPORT_CC, RTCP_TRANSPORT_CC},
      {RTCP_PSFB, FORMAT_PLI, RTCP_PSFB},
      {RTCP_PSFB, FORMAT_FIR, RTCP_FIR},
      {RTCP_PSFB, FORMAT_REMB, RTCP_REMB},
  };
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (head->type == known[i].type && head->count == known[i].format)
      return known[i].meaning;
  return RTCP_OTHER;
}

bool rtcp_next(struct reader *r, struct rtcp_packet *packet) {
  struct head head;
  if (r->left == 0 || !read_head(r, &head) || (head.padding && !strip_padding(&head)))
    return false;
  *packet = (struct rtcp_packet){.type = (enum rtcp_type)head.type, .body = head.body};
  bool report = head.type == RTCP_SR || head.type == RTCP_RR;
  if (!report && head.type != RTCP_BYE)
    packet->type = feedback_type(&head);
  bool feedback = !report && head.type != RTCP_BYE && packet->type != RTCP_OTHER;
  if (report || feedback || (head.type == RTCP_BYE && head.count > 0))
    packet->ssrc = read_u32(&packet->body);
  if (head.type == RTCP_SR)
    read_sender(&packet->body, &packet->sender);
  if (report)
    packet->blocks = head.count;
  if (feedback && packet->type != RTCP_CCFB)
    packet->media_ssrc = read_u32(&packet->body);
  return true;
}

bool rtcp_read_block(struct rtcp_packet *packet, struct rtcp_block *block) {
  if (packet->blocks == 0)
    return false;
  packet->blocks--;
  struct reader *body = &packet->body;
  block->ssrc = read_u32(body);
  block->fraction_lost = read_u8(body);
  uint32_t lost = read_u24(body);
  block->lost = (int32_t)(lost ^ 0x800000) - 0x800000;
  block->highest = read_u32(body);
  block->jitter = read_u32(body);
  block->lsr = read_u32(body);
  block->dlsr = read_u32(body);
  return !body->bad;
}

bool rtcp_read_nack(struct rtcp_packet *packet, uint16_t *pid, uint16_t *mask) {
  if (packet->type != RTCP_RTPFB || packet->body.left < 4)
    return false;
  *pid = read_u16(&packet->body);
  *mask = read_u16(&packet->body);
  return true;
}

bool rtcp_read_fir(struct rtcp_packet *packet, uint32_t *ssrc) {
  if (packet->type != RTCP_FIR || packet->body.left < FIR_SIZE)
    return false;
  *ssrc = read_u32(&packet->body);
  read_u32(&packet->body); /* a number that tells a repetition: those are rate-limited anyway */
  return true;
}

/* | "REMB" | sources: 8 | exponent: 6 | mantissa: 18 | sources ... | */
bool rtcp_read_remb(struct rtcp_packet *packet, bps *bitrate) {
  if (packet->type != RTCP_REMB || read_u32(&packet->body) != REMB_NAME)
    return false;
  read_u8(&packet->body);
  uint32_t value = read_u24(&packet->body);
  int exponent = (int)(value >> REMB_EXPONENT_SHIFT);
  *bitrate = exponent > 40 ? INT64_MAX : (bps)(value & REMB_MANTISSA_MAX) << exponent;
  return !packet->body.bad;
}

static void write_head(struct writer *w, int count, int type, size_t body) {
  write_u8(w, 2u << 6 | (unsigned)count);
  write_u8(w, (unsigned)type);
  write_u16(w, (unsigned)(body / 4));
}

static void write_block(struct writer *w, const struct rtcp_block *block) {
  write_u32(w, block->ssrc);
  write_u8(w, block->fraction_lost);
  write_u24(w, (uint32_t)block->lost & 0xffffff);
  write_u32(w, block->highest);
  write_u32(w, block->jitter);
  write_u32(w, block->lsr);
  write_u32(w, block->dlsr);
}

void rtcp_write_report(struct writer *w, uint32_t ssrc, const struct rtcp_sender_info *sender,
                       const struct rtcp_block *block, int blocks) {
  size_t body = 4 + (sender ? SENDER_SIZE : 0u) + (size_t)blocks * BLOCK_SIZE;
  write_head(w, blocks, sender ? RTCP_SR : RTCP_RR, body);
  write_u32(w, ssrc);
  if (sender) {
    write_u64(w, sender->ntp);
    write_u32(w, sender->rtp_time);
    write_u32(w, sender->packets);
    write_u32(w, sender->octets);
  }
  for (int i = 0; i < blocks; i++)
    write_block(w, &block[i]);
}

/* A chunk: SSRC, item CNAME (type, length, text), then one to four zeros up to the next word. */
void rtcp_write_cname(struct writer *w, const uint32_t *ssrc, int count, const char *cname) {
  size_t length = 0;
  while (length < RTCP_CNAME_MAX && cname[length])
    length++;
  size_t chunk = (4 + 2 + length) / 4 * 4 + 4;
  write_head(w, count, RTCP_SDES, chunk * (size_t)count);
  for (int i = 0; i < count; i++) {
    write_u32(w, ssrc[i]);
    write_u8(w, SDES_CNAME);
    write_u8(w, (unsigned)length);
    write_bytes(w, cname, length);
    write_uint(w, 0, (int)(chunk - 6 - length));
  }
}

void rtcp_write_bye(struct writer *w, const uint32_t *ssrc, int count) {
  write_head(w, count, RTCP_BYE, (size_t)count * 4);
  for (int i = 0; i < count; i++)
    write_u32(w, ssrc[i]);
}

/* How many of `seq` go into one PID and mask, and that mask. */
static int gather(const int64_t *seq, int count, uint16_t *mask) {
  int taken = 1;
  for (*mask = 0; taken < count && seq[taken] - seq[0] <= 16; taken++)
    *mask |= (uint16_t)(1u << (seq[taken] - seq[0] - 1));
  return taken;
}

void rtcp_write_nack(struct writer *w, uint32_t ssrc, uint32_t media_ssrc, const int64_t *seq, int count) {
  struct writer head = *w;
  write_head(w, FORMAT_NACK, RTCP_RTPFB, 0);
  write_u32(w, ssrc);
  write_u32(w, media_ssrc);
  size_t body = 8;
  uint16_t mask;
  for (int taken; count > 0; seq += taken, count -= taken, body += 4) {
    taken = gather(seq, count, &mask);
    write_u16(w, (uint16_t)seq[0]);
    write_u16(w, mask);
  }
  write_head(&head, FORMAT_NACK, RTCP_RTPFB, body); /* now that the length is known */
}

void rtcp_write_pli(struct writer *w, uint32_t ssrc, uint32_t media_ssrc) {
  write_head(w, FORMAT_PLI, RTCP_PSFB, 8);
  write_u32(w, ssrc);
  write_u32(w, media_ssrc);
}

void rtcp_write_transport_cc_head(struct writer *w, uint32_t ssrc, uint32_t media_ssrc, size_t body) {
  write_head(w, FORMAT_TRANSPORT_CC, RTCP_RTPFB, 8 + body);
  write_u32(w, ssrc);
  write_u32(w, media_ssrc);
}

void rtcp_write_ccfb_head(struct writer *w, uint32_t ssrc, size_t body) {
  write_head(w, FORMAT_CCFB, RTCP_RTPFB, body);
  write_u32(w, ssrc);
}
