/* golden_calls.h - the hash of each call that test_networks.c makes. Written by `./run golden`. */
#ifndef GOLDEN_CALLS_H
#define GOLDEN_CALLS_H
#include <stdint.h>

static const struct {
  const char *network;
  uint64_t seed, hash;
} golden_calls[] = {
    {"jitter", 5, 0x08ba4169453fdd99},
    {"wifi_walk_out", 5, 0x6912ba7e5df0cacb},
    {"beside_tcp", 5, 0xe844213af2676e46},
    {"default", 1, 0x3bbac1a3d487e76d},
    {"moderate", 1, 0x09c5de7a0ce65b86},
    {"international", 1, 0x1dc996a52aa0e69a},
    {"spiky_loss", 1, 0x7b4446a765bb8dd3},
    {"simple_loss_10", 1, 0xd3a3f7e319130a98},
    {"simple_loss_30", 1, 0x5808c43c7a6f855c},
    {"bursty_loss_20_short", 1, 0x66c582be96f720e9},
    {"bursty_loss_20_very_long", 1, 0xfb78a540ddd9cdb5},
    {"limited_bandwidth_2000", 1, 0x849b3450afa9216b},
    {"limited_bandwidth_300", 1, 0xcf2113d3835d307e},
    {"limited_bandwidth_50", 1, 0x8566b4cc71a93aea},
    {"deterministic_loss_20", 1, 0x71eed3a77d39a844},
    {"trace_2g", 2, 0x884cfe4ce41e410c},
    {"trace_3g", 2, 0xdaeedbd21adc96bd},
    {"trace_4g", 2, 0x322a35160ec64907},
    {"wifi_walk_out", 2, 0xa1e6eecf3659e1af},
    {"route_change", 2, 0x73848ca3c1adb02d},
    {"outage", 2, 0xf1896f829638e52c},
    {"asymmetric", 2, 0xbb2f64c9f923b361},
    {"skew", 2, 0x83c4ff41efd0aee4},
    {"beside_tcp", 2, 0xb174a3c487f5d485},
    {"beside_tcp_codel", 2, 0xd80210b27950b182},
    {"two_calls", 2, 0xb9ac5fad7212ca50},
    {"loopback", 5, 0x73b5e0f5cec3ae1c},
    {"loss", 5, 0x2fc0e3289c0d9b7c},
    {"drop", 5, 0x67d218008eef8ab8},
    {"steady", 5, 0x1d341ad9dc4c0bf2},
};

#endif
