/* The inside of cells, one after another, into a reassembler: what comes out is no longer than a message may be.
 * Input: any number of { header 26 | body as long as the header says }, each padded here to a whole cell. */
#include "../../signaling/cell.h"

#include <stdlib.h>
#include <string.h>

#include "../../media/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void input_one(struct reassembler *reassembler, const uint8_t inner[CELL_INNER_SIZE]) {
  struct cell cell;
  const uint8_t *message;
  size_t size;
  if (!cell_parse(&cell, inner, CELL_INNER_SIZE))
    return;
  if (!reassembler_input(reassembler, &cell, &message, &size))
    return;
  if (cell_count(size) != cell.fragments)
    abort();
  uint8_t sum = 0;
  for (size_t i = 0; i < size; i++)
    sum ^= message[i];
  (void)sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct reassembler reassembler;
  static uint8_t inner[CELL_INNER_SIZE];
  struct reader input = reader_of(data, size);
  reassembler_init(&reassembler);
  while (input.left && !input.bad) {
    memset(inner, 0, sizeof inner);
    read_bytes(&input, inner, CELL_HEADER_SIZE);
    size_t body = (size_t)(inner[CELL_HEADER_SIZE - 2] << 8 | inner[CELL_HEADER_SIZE - 1]);
    if (body > CELL_BODY_MAX)
      body = CELL_BODY_MAX;
    read_bytes(&input, inner + CELL_HEADER_SIZE, body < input.left ? body : input.left);
    input_one(&reassembler, inner);
  }
  return 0;
}
