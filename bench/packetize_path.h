/* packetize_path.h - what the media session takes to make packets of a frame, beside no cipher and no socket. */
#ifndef PACKETIZE_PATH_H
#define PACKETIZE_PATH_H
#include "bench.h"

bool packetize_path_measure(const struct bench_options *options); /* false: it did not work, or it allocates */

#endif
