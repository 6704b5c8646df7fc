/* siphash.h - SipHash-2-4 (Aumasson, Bernstein 2012): a keyed hash for tables that strangers fill. */
#ifndef SIPHASH_H
#define SIPHASH_H
#include <stddef.h>
#include <stdint.h>

uint64_t siphash(const uint8_t key[16], const void *data, size_t size);

#endif
