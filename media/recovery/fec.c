#include "fec.h"

#include "../seq.h"

/*  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |E|L|P|X|  CC   |M| PT recovery |            SN base            |
 * |                          TS recovery                          |
 * |        length recovery        |       protection length       |
 * |             mask              | mask cont. (present if L = 1) |
 * |                      mask cont.               |  ...
 *
 * E is 0. Bit n of the mask, from the left, is for the packet SN base + n.
 */
enum { LONG_BIT = 0x40, FLAG_BITS = 0x3f, EXTENSION_BIT = 0x10, VERSION = 0x80, SHORT_MASK = 16, LONG_MASK = 48 };
enum { FLAGS_AT, TYPE_AT, LENGTH_AT, TIME_AT = 4 }; /* in a block */

/* Of primitive polynomials, by their degree. */
static const unsigned polynomial[FEC_PARITIES_MAX + 1] = {0, 3, 7, 11, 19, 37, 67};

static unsigned next_power(unsigned power, int degree) {
  power <<= 1;
  return power >> degree ? power ^ polynomial[degree] : power;
}

static void add_bytes(uint8_t *into, const uint8_t *from, size_t size) {
  for (size_t i = 0; i < size; i++)
    into[i] ^= from[i];
}

static void add_block(struct fec_block *into, const struct fec_block *from) {
  if (into->size < from->size) /* as if zeros followed the shorter one */
    memset(into->data + into->size, 0, from->size - into->size);
  into->size = into->size > from->size ? into->size : from->size;
  add_bytes(into->data, from->data, from->size);
}

/* ---- sending ---- */

static void add_source(struct fec_block *sum, const struct fec_source *source) {
  size_t size = source->extension_size + source->size;
  struct fec_block block = {.size = FEC_HEAD + size};
  struct writer w = writer_of(block.data, sizeof block.data);
  write_u8(&w, source->extension_size ? EXTENSION_BIT : 0);
  write_u8(&w, (source->header.marker ? 0x80u : 0u) | source->header.payload_type);
  write_u16(&w, (unsigned)size);
  write_u32(&w, source->header.timestamp);
  write_bytes(&w, source->extension, source->extension_size);
  write_bytes(&w, source->payload, source->size);
  add_block(sum, &block);
}

static size_t write_parity(const struct fec_block *sum, uint16_t base, unsigned mask, uint8_t *out, size_t room) {
  struct writer w = writer_of(out, room);
  write_bytes(&w, &sum->data[FLAGS_AT], 2);
  write_u16(&w, base);
  write_bytes(&w, &sum->data[TIME_AT], 4);
  write_bytes(&w, &sum->data[LENGTH_AT], 2);
  write_u16(&w, (unsigned)(sum->size - FEC_HEAD));
  write_u16(&w, mask);
  write_bytes(&w, &sum->data[FEC_HEAD], sum->size - FEC_HEAD);
  return w.bad ? 0 : room - w.left;
}

size_t fec_write(const struct fec_source *source, int sources, int parity, int parities, uint8_t *out,
                 size_t room) {
  struct fec_block sum = {0};
  unsigned power = 1, mask = 0;
  for (int i = 0; i < sources; i++, power = next_power(power, parities)) {
    if (!(power >> parity & 1))
      continue;
    if (source[i].extension_size + source[i].size > sizeof sum.data - FEC_HEAD)
      return 0;
    add_source(&sum, &source[i]);
    mask |= 0x8000u >> i;
  }
  return mask ? write_parity(&sum, source[0].header.seq, mask, out, room) : 0;
}

/* ---- receiving ---- */

void fec_decoder_init(struct fec_decoder *d, uint32_t ssrc) {
  d->ssrc = ssrc;
  d->highest = d->parity = -1;
  for (int i = 0; i < FEC_WINDOW; i++)
    d->kept[i] = -1;
  for (int i = 0; i < FEC_ROWS; i++)
    d->row[i].used = false;
}

bool fec_decoder_active(const struct fec_decoder *d) {
  return d->parity >= 0 && d->highest - d->parity <= FEC_IDLE;
}

static bool keeps(const struct fec_decoder *d, int64_t seq) {
  return d->kept[seq % FEC_WINDOW] == seq;
}

static struct fec_block *keep(struct fec_decoder *d, int64_t seq) {
  d->kept[seq % FEC_WINDOW] = seq;
  return &d->packet[seq % FEC_WINDOW];
}

static uint64_t *word_of(struct fec_row *row, int64_t seq) {
  return &row->missing[seq % FEC_WINDOW / 64];
}

static uint64_t bit_of(int64_t seq) {
  return (uint64_t)1 << seq % 64;
}

static bool misses(struct fec_row *row, int64_t seq) {
  return seq >= row->first && *word_of(row, seq) & bit_of(seq);
}

static int count_missing(const struct fec_row *row) {
  int count = 0;
  for (int i = 0; i < FEC_WINDOW / 64; i++)
    for (uint64_t word = row->missing[i]; word; word &= word - 1)
      count++;
  return count;
}

static void add_row(struct fec_row *into, const struct fec_row *from) {
  for (int i = 0; i < FEC_WINDOW / 64; i++)
    into->missing[i] ^= from->missing[i];
  into->first = into->first < from->first ? into->first : from->first;
  add_block(&into->sum, &from->sum);
}

/* One of what the row misses becomes its pivot, and leaves all the others. */
static void pivot(struct fec_decoder *d, struct fec_row *row) {
  row->used = count_missing(row) > 0;
  if (!row->used)
    return;
  while (!misses(row, row->first))
    row->first++;
  row->pivot = row->first;
  for (struct fec_row *other = d->row; other < d->row + FEC_ROWS; other++)
    if (other != row && other->used && misses(other, row->pivot))
      add_row(other, row);
}

/* The packet, which is kept, is no longer missing from the row. */
static void put_in(const struct fec_decoder *d, struct fec_row *row, int64_t seq) {
  *word_of(row, seq) &= ~bit_of(seq);
  add_block(&row->sum, &d->packet[seq % FEC_WINDOW]);
}

/* false: the packet is older than the window. */
static bool move_window(struct fec_decoder *d, int64_t seq) {
  if (seq > d->highest)
    d->highest = seq;
  for (struct fec_row *row = d->row; row < d->row + FEC_ROWS; row++)
    row->used &= row->first > d->highest - FEC_WINDOW;
  return seq >= 0 && seq > d->highest - FEC_WINDOW;
}

void fec_decoder_input(struct fec_decoder *d, int64_t seq, const uint8_t *packet, size_t size) {
  if (d->parity < 0 || seq - d->parity > FEC_IDLE || size < RTP_HEADER_SIZE || size > SESSION_PACKET_MAX ||
      !move_window(d, seq) || keeps(d, seq))
    return;
  struct fec_block *block = keep(d, seq);
  struct writer w = writer_of(block->data, sizeof block->data);
  write_u8(&w, packet[0] & FLAG_BITS);
  write_u8(&w, packet[1]);
  write_u16(&w, (unsigned)(size - RTP_HEADER_SIZE));
  write_bytes(&w, packet + 4, 4);
  write_bytes(&w, packet + RTP_HEADER_SIZE, size - RTP_HEADER_SIZE);
  block->size = FEC_HEAD + size - RTP_HEADER_SIZE;
  for (struct fec_row *row = d->row; row < d->row + FEC_ROWS; row++) {
    if (!row->used || !misses(row, seq))
      continue;
    put_in(d, row, seq);
    if (row->pivot == seq)
      pivot(d, row);
  }
}

static struct fec_row *row_for(struct fec_decoder *d) { /* a free one, or the one that waits for the oldest */
  struct fec_row *oldest = d->row;
  for (struct fec_row *row = d->row; row < d->row + FEC_ROWS; row++) {
    if (!row->used)
      return row;
    if (row->first < oldest->first)
      oldest = row;
  }
  return oldest;
}

/* false: it does not read as a parity packet. What it covers has to lie before it. */
static bool read_row(struct reader *r, int64_t seq, struct fec_row *row, uint64_t *mask) {
  uint8_t flags = read_u8(r);
  row->sum.data[FLAGS_AT] = flags & FLAG_BITS;
  row->sum.data[TYPE_AT] = read_u8(r);
  row->first = seq_unwrap(seq, read_u16(r));
  read_bytes(r, &row->sum.data[TIME_AT], 4);
  read_bytes(r, &row->sum.data[LENGTH_AT], 2);
  size_t size = read_u16(r);
  *mask = flags & LONG_BIT ? read_uint(r, LONG_MASK / 8) : (uint64_t)read_u16(r) << (LONG_MASK - SHORT_MASK);
  const uint8_t *body = read_span(r, size);
  int64_t span = seq - row->first; /* the mask has so many bits at most */
  bool behind = span >= LONG_MASK || (span > 0 && (*mask & (((uint64_t)1 << (LONG_MASK - span)) - 1)) == 0);
  if (!body || *mask == 0 || row->first < 0 || !behind || size > sizeof row->sum.data - FEC_HEAD)
    return false;
  memcpy(row->sum.data + FEC_HEAD, body, size);
  row->sum.size = FEC_HEAD + size;
  return true;
}

bool fec_decoder_parity(struct fec_decoder *d, int64_t seq, struct reader payload) {
  uint64_t mask;
  struct fec_row *row = row_for(d);
  row->used = false;
  if (!read_row(&payload, seq, row, &mask))
    return false;
  if (d->parity < seq)
    d->parity = seq;
  bool recent = move_window(d, seq) && row->first > d->highest - FEC_WINDOW;
  if (!recent)
    return true; /* of no use any more */
  memset(row->missing, 0, sizeof row->missing);
  for (int64_t covered = row->first; mask; covered++, mask = mask << 1 & (((uint64_t)1 << LONG_MASK) - 1))
    if (mask >> (LONG_MASK - 1)) {
      *word_of(row, covered) |= bit_of(covered);
      if (keeps(d, covered))
        put_in(d, row, covered);
    }
  for (struct fec_row *other = d->row; other < d->row + FEC_ROWS; other++)
    if (other != row && other->used && misses(row, other->pivot))
      add_row(row, other);
  pivot(d, row);
  return true;
}

size_t fec_decoder_poll(struct fec_decoder *d, int64_t *seq, uint8_t packet[SESSION_PACKET_MAX]) {
  for (struct fec_row *row = d->row; row < d->row + FEC_ROWS; row++) {
    if (!row->used || count_missing(row) != 1)
      continue;
    struct reader r = reader_of(row->sum.data, row->sum.size);
    uint8_t flags = read_u8(&r), type = read_u8(&r);
    size_t size = read_u16(&r);
    uint32_t timestamp = read_u32(&r);
    row->used = false;
    if (size > r.left) /* some sender's fault: the parity did not cover all of it */
      continue;
    struct fec_block *block = keep(d, row->pivot);
    *seq = row->pivot;
    block->size = FEC_HEAD + size;
    memcpy(block->data, row->sum.data, block->size);
    struct writer w = writer_of(packet, SESSION_PACKET_MAX);
    write_u8(&w, VERSION | flags);
    write_u8(&w, type);
    write_u16(&w, (uint16_t)*seq);
    write_u32(&w, timestamp);
    write_u32(&w, d->ssrc);
    write_bytes(&w, r.at, size);
    return SESSION_PACKET_MAX - w.left;
  }
  return 0;
}
