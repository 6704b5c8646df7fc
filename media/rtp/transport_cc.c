#include "transport_cc.h"

/*  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |      base sequence number     |      packet status count      |
 * |                 reference time                | fb pkt. count |
 * |  chunks of statuses, 16 bits each; deltas of 8 or 16 bits; zeros up to a word
 *
 * A chunk: |0| S |   run length   |, |1|0| 14 statuses of a bit | or |1|1| 7 of two bits |
 */
enum { NOT_ARRIVED, SMALL, LARGE, RESERVED };
enum { VECTOR = 0x8000, TWO_BITS = 0x4000, RUN_MAX = 0x1fff, BITS_IN_VECTOR = 14, PAIRS_IN_VECTOR = 7 };
enum { HEAD_SIZE = 8, TICK = 250, SMALL_MAX = 255 };

static uint8_t status_in(uint16_t chunk, int i) {
  if (!(chunk & VECTOR))
    return chunk >> 13 & 3;
  if (!(chunk & TWO_BITS))
    return chunk >> (BITS_IN_VECTOR - 1 - i) & 1;
  return chunk >> 2 * (PAIRS_IN_VECTOR - 1 - i) & 3;
}

static int statuses_in(uint16_t chunk) {
  return !(chunk & VECTOR) ? chunk & RUN_MAX : chunk & TWO_BITS ? PAIRS_IN_VECTOR : BITS_IN_VECTOR;
}

/* Of so many packets in all, the first TRANSPORT_CC_MAX. */
static bool read_statuses(struct reader *body, int count, uint8_t status[TRANSPORT_CC_MAX]) {
  for (int done = 0; done < count;) {
    uint16_t chunk = read_u16(body);
    int statuses = statuses_in(chunk);
    if (body->bad || statuses == 0)
      return false;
    for (int i = 0; i < statuses && done + i < count && done + i < TRANSPORT_CC_MAX; i++)
      status[done + i] = status_in(chunk, i);
    done += statuses;
  }
  return true;
}

bool transport_cc_read(struct rtcp_packet *packet, struct transport_cc_report *report) {
  struct reader *body = &packet->body;
  uint8_t status[TRANSPORT_CC_MAX];
  if (packet->type != RTCP_TRANSPORT_CC)
    return false;
  report->begin = read_u16(body);
  int count = read_u16(body);
  report->reference = read_u24(body);
  report->number = read_u8(body);
  if (!read_statuses(body, count, status))
    return false;
  report->count = count < TRANSPORT_CC_MAX ? count : TRANSPORT_CC_MAX;
  usec at = 0;
  for (int i = 0; i < report->count; i++) {
    if (status[i] == RESERVED)
      return false;
    if (status[i] != NOT_ARRIVED)
      at += TICK * (status[i] == SMALL ? (usec)read_u8(body) : (usec)(int16_t)read_u16(body));
    report->at[i] = status[i] == NOT_ARRIVED ? USEC_NEVER : at;
  }
  return !body->bad;
}

static int64_t ticks(usec time) { /* rounded down, before the reference, too */
  return time >= 0 ? time / TICK : -((TICK - 1 - time) / TICK);
}

/* Statuses and deltas; what no delta can say has not arrived. */
static void encode(const struct transport_cc_report *report, uint8_t *status, int16_t *delta) {
  int deltas = 0;
  int64_t before = 0;
  for (int i = 0; i < report->count; i++) {
    status[i] = NOT_ARRIVED;
    if (report->at[i] == USEC_NEVER)
      continue;
    int64_t at = ticks(report->at[i]), step = at - before;
    if (step < INT16_MIN || step > INT16_MAX)
      continue;
    status[i] = step >= 0 && step <= SMALL_MAX ? SMALL : LARGE;
    delta[deltas++] = (int16_t)step;
    before = at;
  }
}

static int run_of(const uint8_t *status, int left) {
  int run = 1;
  while (run < left && run < RUN_MAX && status[run] == status[0])
    run++;
  return run;
}

static bool bits_do(const uint8_t *status, int left) {
  for (int i = 0; i < BITS_IN_VECTOR && i < left; i++)
    if (status[i] > SMALL)
      return false;
  return true;
}

/* The chunk that says most of what is left; how many statuses it takes. */
static int next_chunk(const uint8_t *status, int left, uint16_t *chunk) {
  int run = run_of(status, left), bits = bits_do(status, left) ? 1 : 2;
  int fit = BITS_IN_VECTOR / bits, taken = left < fit ? left : fit;
  if (run >= taken) {
    *chunk = (uint16_t)(status[0] << 13 | run);
    return run;
  }
  unsigned vector = bits == 1 ? VECTOR : VECTOR | TWO_BITS;
  for (int i = 0; i < taken; i++)
    vector |= (unsigned)status[i] << bits * (fit - 1 - i);
  *chunk = (uint16_t)vector;
  return taken;
}

static void write_deltas(struct writer *w, const uint8_t *status, int count, const int16_t *delta) {
  for (int i = 0; i < count; i++)
    if (status[i] == SMALL)
      write_u8(w, (unsigned)*delta++);
    else if (status[i] == LARGE)
      write_u16(w, (uint16_t)*delta++);
}

void transport_cc_write(struct writer *w, uint32_t ssrc, uint32_t media_ssrc,
                        const struct transport_cc_report *report) {
  uint8_t status[TRANSPORT_CC_MAX];
  int16_t delta[TRANSPORT_CC_MAX];
  encode(report, status, delta);
  struct writer head = *w;
  rtcp_write_transport_cc_head(w, ssrc, media_ssrc, 0);
  size_t before = w->left;
  write_u16(w, report->begin);
  write_u16(w, (unsigned)report->count);
  write_u24(w, report->reference & 0xffffff);
  write_u8(w, report->number);
  uint16_t chunk;
  for (int done = 0; done < report->count;) {
    done += next_chunk(status + done, report->count - done, &chunk);
    write_u16(w, chunk);
  }
  write_deltas(w, status, report->count, delta);
  while (!w->bad && (before - w->left) % 4)
    write_u8(w, 0);
  rtcp_write_transport_cc_head(&head, ssrc, media_ssrc, before - w->left); /* now that the length is known */
}
