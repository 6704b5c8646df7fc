/* golden_calls.h - the hash of each call that test_networks.c makes. Written by `./run golden`. */
#ifndef GOLDEN_CALLS_H
#define GOLDEN_CALLS_H
#include <stdint.h>

static const struct {
  const char *network;
  uint64_t seed, hash;
} golden_calls[] = {
    {"jitter", 5, 0xf9e39b592be289e5},
    {"wifi_walk_out", 5, 0xe9ea89f7a146372c},
    {"beside_tcp", 5, 0x9e833bfec28b38e5},
    {"default", 1, 0xf5f26387f1bbc17d},
    {"moderate", 1, 0xcd6ffd30b655042f},
    {"international", 1, 0xe4149790580c7bab},
    {"spiky_loss", 1, 0x714429f909be5e31},
    {"simple_loss_10", 1, 0x3736bf491128ab09},
    {"simple_loss_30", 1, 0xd7e2c64728a590f6},
    {"bursty_loss_20_short", 1, 0xc162db1c105aaff6},
    {"bursty_loss_20_very_long", 1, 0x30800c48b8fbc65f},
    {"limited_bandwidth_2000", 1, 0xea84c466d3221a21},
    {"limited_bandwidth_300", 1, 0x116e52cb8a1e6353},
    {"limited_bandwidth_50", 1, 0xd869a699fa2a2579},
    {"deterministic_loss_20", 1, 0x36fa914928094a0a},
    {"trace_2g", 2, 0x9c125d81e41639da},
    {"trace_3g", 2, 0x145fd5a9114fc4d1},
    {"trace_4g", 2, 0x1b0179bc6aacb81d},
    {"wifi_walk_out", 2, 0xa048446e079866e5},
    {"route_change", 2, 0x6a06049611349386},
    {"outage", 2, 0x33bef9790090c940},
    {"far_narrow", 2, 0x678ba237877da369},
    {"asymmetric", 2, 0x8577ab9deedc0b3e},
    {"skew", 2, 0xa68c0bec3ee40bba},
    {"beside_tcp", 2, 0x040981fef6be1540},
    {"beside_tcp_codel", 2, 0x1b6a6a3e9189c01a},
    {"two_calls", 2, 0x8792237745477e30},
    {"loopback", 5, 0xcb7dd423e98697af},
    {"loss", 5, 0x9f99c5332a926e2b},
    {"drop", 5, 0xcf1cf65e616c9b68},
    {"steady", 5, 0x2bbbfd7ef5e3a86f},
};

#endif
