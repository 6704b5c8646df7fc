/* golden_calls.h - the hash of each call that test_networks.c makes. Written by `./run golden`. */
#ifndef GOLDEN_CALLS_H
#define GOLDEN_CALLS_H
#include <stdint.h>

static const struct {
  const char *network;
  uint64_t seed, hash;
} golden_calls[] = {
    {"jitter", 5, 0x128e5bba4db4a7f1},
    {"wifi_walk_out", 5, 0x8bd2bdcc89f056fc},
    {"beside_tcp", 5, 0x7bacee229e8e4c60},
    {"default", 1, 0x9d06e56cdce98a87},
    {"moderate", 1, 0x1e3105595c01ba05},
    {"international", 1, 0x2ccb10e6e6f23814},
    {"spiky_loss", 1, 0x4a36d8d195421d14},
    {"simple_loss_10", 1, 0x556d98ce86029a62},
    {"simple_loss_30", 1, 0xbcb40cba236734d9},
    {"bursty_loss_20_short", 1, 0xabfc9bc78bb994ba},
    {"bursty_loss_20_very_long", 1, 0x1e48d4c529ced817},
    {"limited_bandwidth_2000", 1, 0x3aceefd3f17a8bed},
    {"limited_bandwidth_300", 1, 0x3d311c22b44cf6e3},
    {"limited_bandwidth_50", 1, 0x1115311db6cb0289},
    {"deterministic_loss_20", 1, 0xd65b06bd1406fba6},
    {"trace_2g", 2, 0x5ef746573b8941d3},
    {"trace_3g", 2, 0x9b3ab44911a53505},
    {"trace_4g", 2, 0xb85d67d963faa182},
    {"wifi_walk_out", 2, 0x90699ea7d499a5b9},
    {"route_change", 2, 0x10048f2c49547751},
    {"outage", 2, 0xd039d75135d70483},
    {"asymmetric", 2, 0x400f4cb30611deb8},
    {"skew", 2, 0x0788d777a967add6},
    {"beside_tcp", 2, 0x53066ae51137f23a},
    {"beside_tcp_codel", 2, 0xb9ddc99d11533482},
    {"two_calls", 2, 0xdd47ede8c4c89fce},
    {"loopback", 5, 0x890368431dc29e50},
    {"loss", 5, 0xea508f5e4aec0d71},
    {"drop", 5, 0xb73753f03a68bbf6},
    {"steady", 5, 0x101df41cf3363ec7},
};

#endif
