/* Input: one byte of role and phase, then datagrams, each behind its length (16 bits). */
#include <stdlib.h>

#include "engine/path/demux.h"
#include "media/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct reader r = reader_of(data, size);
  uint8_t how = read_u8(&r);
  struct dtls_firewall firewall;
  dtls_firewall_init(&firewall, how & 1);
  if (how & 2)
    dtls_firewall_open(&firewall);
  if (how & 4)
    dtls_firewall_complete(&firewall);
  while (!r.bad && r.left > 0) {
    size_t length = read_u16(&r);
    const uint8_t *datagram = read_span(&r, length);
    if (!datagram)
      break;
    demux_classify(datagram, length);
    uint8_t *copy = malloc(length + 1);
    if (!copy)
      break;
    memcpy(copy, datagram, length);
    size_t kept = dtls_firewall_filter(&firewall, copy, length);
    bool complete = firewall.phase == DTLS_FIREWALL_COMPLETE;
    if (kept > length || (kept > 0 && complete && copy[3] == 0 && copy[4] == 0))
      abort(); /* nothing of epoch 0 passes then */
    free(copy);
  }
  return 0;
}
