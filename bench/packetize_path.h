/* packetize_path.h - what the media session takes to make packets of a frame, beside no cipher and no socket. */
#ifndef PACKETIZE_PATH_H
#define PACKETIZE_PATH_H
#include "bench.h"

enum bench_result packetize_path_measure(const struct bench_options *options);

#endif
