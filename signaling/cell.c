#include "cell.h"

#include <assert.h>
#include <string.h>

#include "../media/bytes.h"

/*  inner:  ver u8 | type u8 | device 8 | session 8 | n u32 | fragment u8 | fragments u8 | size u16 | body | 0... */

int cell_count(size_t size) {
  if (size > CELL_MESSAGE_MAX)
    return 0;
  return size <= CELL_BODY_MAX ? 1 : (int)((size + CELL_BODY_MAX - 1) / CELL_BODY_MAX);
}

void cell_seal(uint8_t out[CELL_SIZE], const uint8_t key[KEY_SIZE], const struct cell_header *header,
               const uint8_t *message, size_t size, int fragment) {
  int fragments = cell_count(size);
  assert(fragment >= 0 && fragment < fragments);
  size_t start = (size_t)fragment * CELL_BODY_MAX;
  size_t body = size - start < CELL_BODY_MAX ? size - start : CELL_BODY_MAX;
  uint8_t inner[CELL_INNER_SIZE] = {0};
  struct writer writer = writer_of(inner, sizeof inner);
  write_u8(&writer, WIRE_VERSION);
  write_u8(&writer, header->type);
  write_bytes(&writer, header->device, DEVICE_SIZE);
  write_bytes(&writer, header->session, SESSION_SIZE);
  write_u32(&writer, header->n);
  write_u8(&writer, (unsigned)fragment);
  write_u8(&writer, (unsigned)fragments);
  write_u16(&writer, (unsigned)body);
  if (body)
    write_bytes(&writer, message + start, body);
  crypto_random(out, GCM_NONCE_SIZE);
  crypto_gcm_seal(out + GCM_NONCE_SIZE, key, out, NULL, 0, inner, sizeof inner);
  crypto_wipe(inner, sizeof inner);
}

static bool all_zero(const uint8_t *data, size_t size) {
  uint8_t any = 0;
  for (size_t i = 0; i < size; i++)
    any |= data[i];
  return any == 0;
}

/* One message has one set of cells: all full but the last, which is not empty unless it is the only one. */
static bool fragment_fits(const struct cell *cell) {
  if (cell->fragments < 1 || cell->fragments > CELL_FRAGMENTS_MAX || cell->fragment >= cell->fragments)
    return false;
  if (cell->fragment < cell->fragments - 1)
    return cell->size == CELL_BODY_MAX;
  return cell->size <= CELL_BODY_MAX && (cell->fragments == 1 || cell->size > 0);
}

bool cell_parse(struct cell *cell, const uint8_t *inner, size_t size) {
  struct reader reader = reader_of(inner, size);
  uint8_t version = read_u8(&reader);
  cell->header.type = read_u8(&reader);
  read_bytes(&reader, cell->header.device, DEVICE_SIZE);
  read_bytes(&reader, cell->header.session, SESSION_SIZE);
  cell->header.n = read_u32(&reader);
  cell->fragment = read_u8(&reader);
  cell->fragments = read_u8(&reader);
  cell->size = read_u16(&reader);
  if (size != CELL_INNER_SIZE || version != WIRE_VERSION || cell->header.type < 1 ||
      cell->header.type > CELL_TYPE_LAST || !fragment_fits(cell))
    return false;
  read_bytes(&reader, cell->body, cell->size);
  return !reader.bad && all_zero(reader.at, reader.left);
}

bool cell_open(struct cell *cell, const uint8_t key[KEY_SIZE], const uint8_t sealed[CELL_SIZE]) {
  uint8_t inner[CELL_INNER_SIZE];
  bool ok = crypto_gcm_open(inner, key, sealed, NULL, 0, sealed + GCM_NONCE_SIZE, CELL_SIZE - GCM_NONCE_SIZE) &&
            cell_parse(cell, inner, sizeof inner);
  crypto_wipe(inner, sizeof inner);
  return ok;
}
