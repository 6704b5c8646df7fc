/* golden_calls.h - the hash of each call that test_networks.c makes. Written by `./run golden`. */
#ifndef GOLDEN_CALLS_H
#define GOLDEN_CALLS_H
#include <stdint.h>

static const struct {
  const char *network;
  uint64_t seed, hash;
} golden_calls[] = {
    {"jitter", 5, 0xc85094dde29b9d92},
    {"wifi_walk_out", 5, 0xbbe18d0cefce3091},
    {"beside_tcp", 5, 0x592facd7e9739a09},
    {"default", 1, 0xbe7a0180aa8d4e18},
    {"moderate", 1, 0xd19da28ab9b137f1},
    {"international", 1, 0x8630e5b3a5f35ec7},
    {"spiky_loss", 1, 0xddb38df174329273},
    {"simple_loss_10", 1, 0xa2c2b0581da4609f},
    {"simple_loss_30", 1, 0x14e8404508cc876f},
    {"bursty_loss_20_short", 1, 0xc4ef625ed8389c4f},
    {"bursty_loss_20_very_long", 1, 0xee55905deead2f80},
    {"limited_bandwidth_2000", 1, 0x7b75db1c6125b3e3},
    {"limited_bandwidth_300", 1, 0x6edc89ba91a34b94},
    {"limited_bandwidth_50", 1, 0x9cb40c103ded2e6f},
    {"deterministic_loss_20", 1, 0xe6e9df2f1e023422},
    {"trace_2g", 2, 0xa7de77bb4ca92eb9},
    {"trace_3g", 2, 0x33213e00e444a75d},
    {"trace_4g", 2, 0xe3a5cd9f0d7f579b},
    {"wifi_walk_out", 2, 0xec02dadbf7be6124},
    {"route_change", 2, 0x554a51bf0f604951},
    {"outage", 2, 0x97ea3cad83dca720},
    {"far_narrow", 2, 0x1e012baff5dc5c84},
    {"asymmetric", 2, 0x361506edaac7365b},
    {"skew", 2, 0xf991fab8d33b62e7},
    {"beside_tcp", 2, 0xbc7a9bbffa484197},
    {"beside_tcp_codel", 2, 0x9bf09b98a15e239e},
    {"two_calls", 2, 0xe02631cba4dce02d},
    {"loopback", 5, 0xe6b44752dca58b8d},
    {"loss", 5, 0x5fefc90ae8e2814b},
    {"drop", 5, 0xcdff5abe8e69ed5f},
    {"steady", 5, 0x1d341ad9dc4c0bf2},
};

#endif
