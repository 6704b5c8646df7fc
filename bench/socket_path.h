/* socket_path.h - what a datagram costs between SRTP and the kernel: the engine's ICE path beside stock parts. */
#ifndef SOCKET_PATH_H
#define SOCKET_PATH_H
#include "bench.h"
#include "stock_srtp.h"

struct srtp_path;

/* `sender` and `receiver` are each other's. */
enum bench_result socket_path_measure(const struct bench_options *options, struct stock_srtp *stock,
                                      struct srtp_path *sender, struct srtp_path *receiver);

#endif
