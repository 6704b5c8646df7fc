/* golden_calls.h - the hash of each call that test_networks.c makes. Written by `./run golden`. */
#ifndef GOLDEN_CALLS_H
#define GOLDEN_CALLS_H
#include <stdint.h>

static const struct {
  const char *network;
  uint64_t seed, hash;
} golden_calls[] = {
    {"jitter", 5, 0x3e89da121e4245cf},
    {"wifi_walk_out", 5, 0xaeb489e576f1ad0c},
    {"beside_tcp", 5, 0x1faa0589ee18a50f},
    {"default", 1, 0xf7872cd469a9469c},
    {"moderate", 1, 0xecf77fbaf3b2bdbd},
    {"international", 1, 0x85d318f1738c7cd2},
    {"spiky_loss", 1, 0x82fc7bb8c2082287},
    {"simple_loss_10", 1, 0x2becb83ca5735882},
    {"simple_loss_30", 1, 0x2e96f98ce76fd820},
    {"bursty_loss_20_short", 1, 0xc75d6b395189612d},
    {"bursty_loss_20_very_long", 1, 0xe66ad14fb60de563},
    {"limited_bandwidth_2000", 1, 0x88779e2ab846d2ea},
    {"limited_bandwidth_300", 1, 0x9c33ed2eaccafcf7},
    {"limited_bandwidth_50", 1, 0xfdbd191da02328dd},
    {"deterministic_loss_20", 1, 0xa6ed3146c52997c0},
    {"trace_2g", 2, 0xa97506b18b4494ce},
    {"trace_3g", 2, 0x18df992aa5178af3},
    {"trace_4g", 2, 0x14107a54aee05ec4},
    {"wifi_walk_out", 2, 0xe767c7f73919efbb},
    {"route_change", 2, 0x541177709cd716e4},
    {"outage", 2, 0x1a26dad92b04d57c},
    {"asymmetric", 2, 0x30670e4841c1d2b6},
    {"skew", 2, 0x1d0985290fd2e5e1},
    {"beside_tcp", 2, 0xfab53259b1c8be70},
    {"beside_tcp_codel", 2, 0x1ee161675b4fc1c8},
    {"two_calls", 2, 0xbff193baeae3929b},
    {"loopback", 5, 0xcf28f34974860101},
    {"loss", 5, 0x7d6d03b0bc6a9013},
    {"drop", 5, 0xb8451283b0669258},
    {"steady", 5, 0x92901405b3f3444a},
};

#endif
