/* golden_calls.h - the hash of each call that test_networks.c makes. Written by `./run golden`. */
#ifndef GOLDEN_CALLS_H
#define GOLDEN_CALLS_H
#include <stdint.h>

static const struct {
  const char *network;
  uint64_t seed, hash;
} golden_calls[] = {
    {"jitter", 5, 0xee0cc749e2f07474},
    {"wifi_walk_out", 5, 0xfa4dfeb0a0ec8bc5},
    {"beside_tcp", 5, 0x10b9666b7190c9c4},
    {"default", 1, 0xd00685c535f59a28},
    {"moderate", 1, 0x7ae55b792a8818f8},
    {"international", 1, 0x31a01b433f513659},
    {"spiky_loss", 1, 0x3d1ae6696802c395},
    {"simple_loss_10", 1, 0xbec41caaab3def06},
    {"simple_loss_30", 1, 0x4c2845cead7cc874},
    {"bursty_loss_20_short", 1, 0xcf697b97e4d524be},
    {"bursty_loss_20_very_long", 1, 0x0fcad7ecad6f9f7a},
    {"limited_bandwidth_2000", 1, 0xc56c6a075793b1b7},
    {"limited_bandwidth_300", 1, 0x51e0565776d42e1a},
    {"limited_bandwidth_50", 1, 0x4c2fb927014ce159},
    {"deterministic_loss_20", 1, 0x9b709d1e791491d4},
    {"trace_2g", 2, 0x2aa95d68370646f1},
    {"trace_3g", 2, 0x68cb71bc62ce47ac},
    {"trace_4g", 2, 0x1903fc3dd6da0eb4},
    {"wifi_walk_out", 2, 0xe78aa6b4927b0259},
    {"route_change", 2, 0x322c53954e5de86a},
    {"outage", 2, 0x5691820d4bc3cb49},
    {"asymmetric", 2, 0x7ff16fc4a1f9a050},
    {"skew", 2, 0xe8901f0a38be16aa},
    {"beside_tcp", 2, 0x1ba12c4c2a75d021},
    {"beside_tcp_codel", 2, 0x401aeecb7e3f744c},
    {"two_calls", 2, 0x95a69af4f501b543},
    {"loopback", 5, 0x3af9a0e55c41394c},
    {"loss", 5, 0x2fb5158a676f1918},
    {"drop", 5, 0x341b8e3f17ad0f37},
    {"steady", 5, 0x1b4096ebb6ac2438},
};

#endif
