/* bytes.h - a bounded cursor over bytes: the only way that wire formats are read and written.
 *
 * Big-endian. A read past the end yields zeros and sets `bad`; a write past the end writes nothing
 * and sets `bad`. So a parser reads straight through and looks at `bad` once.
 */
#ifndef BYTES_H
#define BYTES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct reader {
  const uint8_t *at;
  size_t left;
  bool bad;
};

struct writer {
  uint8_t *at;
  size_t left;
  bool bad;
};

static inline struct reader reader_of(const void *data, size_t size) {
  return (struct reader){.at = data, .left = size};
}

/* The next `size` bytes in place, or NULL. */
static inline const uint8_t *read_span(struct reader *r, size_t size) {
  if (r->bad || size > r->left) {
    r->bad = true;
    return NULL;
  }
  const uint8_t *span = r->at;
  r->at += size;
  r->left -= size;
  return span;
}

static inline uint64_t read_uint(struct reader *r, int bytes) {
  const uint8_t *p = read_span(r, (size_t)bytes);
  uint64_t value = 0;
  for (int i = 0; p && i < bytes; i++)
    value = value << 8 | p[i];
  return value;
}

static inline uint8_t read_u8(struct reader *r) {
  return (uint8_t)read_uint(r, 1);
}
static inline uint16_t read_u16(struct reader *r) {
  const uint8_t *p = read_span(r, 2);
  return (uint16_t)(p ? p[0] << 8 | p[1] : 0);
}
static inline uint32_t read_u24(struct reader *r) {
  return (uint32_t)read_uint(r, 3);
}
static inline uint32_t read_u32(struct reader *r) { /* one load and one swap: on the path of every packet */
  const uint8_t *p = read_span(r, 4);
  return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}
static inline uint64_t read_u64(struct reader *r) {
  return read_uint(r, 8);
}

static inline void read_bytes(struct reader *r, void *out, size_t size) {
  const uint8_t *p = read_span(r, size);
  if (p)
    memcpy(out, p, size);
  else
    memset(out, 0, size);
}

static inline struct writer writer_of(void *data, size_t size) {
  return (struct writer){.at = data, .left = size};
}

/* Room for `size` bytes to be filled in by the caller, or NULL. */
static inline uint8_t *write_span(struct writer *w, size_t size) {
  if (w->bad || size > w->left) {
    w->bad = true;
    return NULL;
  }
  uint8_t *span = w->at;
  w->at += size;
  w->left -= size;
  return span;
}

static inline void write_uint(struct writer *w, uint64_t value, int bytes) {
  uint8_t *p = write_span(w, (size_t)bytes);
  for (int i = bytes - 1; p && i >= 0; i--, value >>= 8)
    p[i] = (uint8_t)value;
}

static inline void write_u8(struct writer *w, unsigned value) {
  write_uint(w, value, 1);
}
static inline void write_u16(struct writer *w, unsigned value) {
  write_uint(w, value, 2);
}
static inline void write_u24(struct writer *w, uint32_t value) {
  write_uint(w, value, 3);
}
static inline void write_u32(struct writer *w, uint32_t value) {
  write_uint(w, value, 4);
}
static inline void write_u64(struct writer *w, uint64_t value) {
  write_uint(w, value, 8);
}

static inline void write_bytes(struct writer *w, const void *data, size_t size) {
  uint8_t *p = write_span(w, size);
  if (p && size)
    memcpy(p, data, size);
}

#endif
