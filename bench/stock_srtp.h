/* stock_srtp.h - SRTP as the system's libsrtp comes, with nothing of ours: what the packet path is compared with.
 *
 * A stream keeps the cipher that was there when it was made: all are to be opened before another one is installed.
 */
#ifndef STOCK_SRTP_H
#define STOCK_SRTP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct srtp_master;

struct stock_srtp { /* one direction, both ends of it */
  void *sender, *receiver;
};

/* false: the library refuses, or its own cipher is no longer there. */
bool stock_srtp_open(struct stock_srtp *stock, uint16_t profile, const struct srtp_master *master);
void stock_srtp_close(struct stock_srtp *stock);
bool stock_srtp_protect(struct stock_srtp *stock, uint8_t *packet, size_t *size);
bool stock_srtp_unprotect(struct stock_srtp *stock, uint8_t *packet, size_t *size);

#endif
