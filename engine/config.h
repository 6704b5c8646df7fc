/* config.h - the embedder's sotto_config, checked and copied.
 *
 * Everything but the store's path and passphrase is kept for the engine's life; the relay's password is wiped at
 * its end. What no call could ever work with is refused here (relay_only without a relay), not in mid-call.
 */
#ifndef CONFIG_H
#define CONFIG_H
#include <stdbool.h>
#include <stddef.h>

#include "path/ice.h"
#include "sotto.h"

struct config {
  char *signaling_url, *ca_file, *local_address; /* NULL: none */
  char *stun_host, *turn_host, *turn_user, *turn_password;
  uint16_t stun_port, turn_port;
  bool relay_only, lan, browser_e2ee;
  sotto_policy policy;
  sotto_new_device new_device;
  int frame_samples;   /* at first, or */
  bool frame_fixed;    /* always */
  int64_t max_bitrate; /* 0: default */
  bool constant_rate;
  sotto_video_codec video_codec;
  int64_t cover; /* usec between two cells on average; 0: none */
};

/* VERSION, INVALID or NOMEM; *out needs config_deinit() only after OK. */
sotto_status config_init(struct config *out, const sotto_config *from);
void config_deinit(struct config *config);
/* For one agent; borrows the strings. */
struct ice_config config_ice(const struct config *config, void *context, bool controlling, bool relay_only);

/* "host:port", "host", "[v6]:port" or "[v6]"; the host is copied. false: malformed, or no memory (*nomem). */
bool config_host_port(const char *text, char **host, uint16_t *port, bool *nomem);

#endif
