/* golden_calls.h - the hash of each call that test_networks.c makes. Written by `./run golden`. */
#ifndef GOLDEN_CALLS_H
#define GOLDEN_CALLS_H
#include <stdint.h>

static const struct {
  const char *network;
  uint64_t seed, hash;
} golden_calls[] = {
    {"jitter", 5, 0x753b298c0f0e6c4c},
    {"wifi_walk_out", 5, 0xcfcf1ee01b9659b2},
    {"beside_tcp", 5, 0x99ba49487d40d1df},
    {"default", 1, 0xfb85392c842024d6},
    {"moderate", 1, 0x4e5db2d5d23c30db},
    {"international", 1, 0x331a39ffccf2fcfc},
    {"spiky_loss", 1, 0x7ee9479aafe3a0cf},
    {"simple_loss_10", 1, 0x9110cd6a12a334f2},
    {"simple_loss_30", 1, 0x4d65cc64cb326bdf},
    {"bursty_loss_20_short", 1, 0x862a4b58908c8b0d},
    {"bursty_loss_20_very_long", 1, 0xa24c0f8a38e47d01},
    {"limited_bandwidth_2000", 1, 0x0e7859f9bb940743},
    {"limited_bandwidth_300", 1, 0x8f3d52208a82d622},
    {"limited_bandwidth_50", 1, 0xd6242541ea201801},
    {"deterministic_loss_20", 1, 0x3549dcabc0754655},
    {"trace_2g", 2, 0xdeaa28ea523cc91a},
    {"trace_3g", 2, 0x7c7731716264ea6e},
    {"trace_4g", 2, 0xecffb55ddda6f0e7},
    {"wifi_walk_out", 2, 0x7b5958dbe817d176},
    {"route_change", 2, 0x7a5519a0818b44f4},
    {"outage", 2, 0x51ca213839820278},
    {"asymmetric", 2, 0x319412f9250e53a5},
    {"skew", 2, 0xd68700ded82f5c89},
    {"beside_tcp", 2, 0x0a333cae1d6fbac8},
    {"beside_tcp_codel", 2, 0x95fc9e853fe000a4},
    {"two_calls", 2, 0x2f17225626fa2feb},
    {"loopback", 5, 0x064693818213ad8d},
    {"loss", 5, 0xa008e4d74017f7a3},
    {"drop", 5, 0x647e6c0915e80f11},
    {"steady", 5, 0xd02ec6b53aacabbb},
};

#endif
