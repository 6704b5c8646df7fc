/* hello.h - the first flight of a DTLS handshake that nobody asked for, made by the product's own dtls.c. */
#ifndef HELLO_H
#define HELLO_H
#include <stddef.h>
#include <stdint.h>

#include "engine/path/dtls.h"

size_t client_hello(uint8_t out[DTLS_DATAGRAM_MAX]); /* 0: no memory */

#endif
