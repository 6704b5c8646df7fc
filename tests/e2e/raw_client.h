/* raw_client.h - a WebSocket client without manners, for a test: what it sends is up to the test. Blocking, bounded
 * by time-outs in milliseconds.
 */
#ifndef E2E_RAW_CLIENT_H
#define E2E_RAW_CLIENT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RAW_TEXT = 1, RAW_BINARY = 2, RAW_CLOSE = 8, RAW_PING = 9, RAW_PONG = 10 };

struct raw {
  int fd;
  uint8_t held[1 << 16];
  size_t size; /* of held */
  int opcode;  /* of the frame received last, and its payload */
  uint8_t payload[1 << 14];
  size_t payload_size;
};

void raw_connect(struct raw *raw, int port, int receive_buffer);           /* TCP; 0: the system's buffer */
void raw_open(struct raw *raw, int port);                                  /* and the upgrade */
void raw_write(struct raw *raw, const void *data, size_t size);            /* as it is */
void raw_send(struct raw *raw, int opcode, const void *data, size_t size); /* one masked frame */
void raw_subscribe(struct raw *raw, const uint8_t token[32]);
void raw_put(struct raw *raw, const uint8_t mailbox[16], int ttl, uint8_t mark); /* the cell is all `mark` */

enum raw_result { RAW_GOT, RAW_NOTHING, RAW_GONE };
enum raw_result raw_receive(struct raw *raw, int ms);
/* Until it is gone; the code of the close frame, 0: there was none, -1: it is still there after `ms`. */
int raw_closed(struct raw *raw, int ms);
bool raw_got_cell(struct raw *raw, int ms, uint8_t mark);
/* The status of the answer to an HTTP request, 0: none. */
int raw_http(int port, const char *request);
void raw_end(struct raw *raw);

#endif
