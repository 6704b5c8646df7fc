#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../media/codec/codec.h"
#include "../media/limits.h"
#include "../signaling/crypto.h"

enum { TEXT_MAX = 1024, HOST_MAX = 255 };
enum { COVER_MIN = 6, COVER_MAX = 600 }; /* a minute: less hides nothing, more the server does not take */

static bool text_ok(const char *text) {
  return text && *text && strnlen(text, TEXT_MAX + 1) <= TEXT_MAX;
}

static bool text_or_null(const char *text) {
  return !text || text_ok(text);
}

static bool is_url(const char *text) {
  size_t scheme = strncasecmp(text, "wss://", 6) == 0 ? 6 : strncasecmp(text, "ws://", 5) == 0 ? 5 : 0;
  return scheme && text[scheme] && text[scheme] != '/' && text[scheme] != ':';
}

static bool is_address(const char *text) {
  struct in6_addr any;
  return inet_pton(AF_INET, text, &any) == 1 || inet_pton(AF_INET6, text, &any) == 1;
}

static bool texts_ok(const sotto_config *c) {
  return text_ok(c->store_path) && text_ok(c->store_passphrase) && text_or_null(c->signaling_url) &&
         (!c->signaling_url || is_url(c->signaling_url)) && text_or_null(c->ca_file) &&
         text_or_null(c->stun_server) && text_or_null(c->turn_server) && text_or_null(c->turn_user) &&
         text_or_null(c->turn_password) && text_or_null(c->local_address) &&
         (!c->local_address || is_address(c->local_address));
}

static bool numbers_ok(const sotto_config *c) {
  bool frame =
      c->audio_frame_ms == 0 || c->audio_frame_ms == 10 || c->audio_frame_ms == 20 || c->audio_frame_ms == 60;
  if (c->constant_rate && c->audio_frame_ms != 0 && c->audio_frame_ms != 20)
    frame = false; /* the slots' cadence */
  bool rate = c->max_bitrate == 0 || (c->max_bitrate >= RATE_MIN && c->max_bitrate <= RATE_CEILING);
  bool cover = c->cover == 0 || (c->cover >= COVER_MIN && c->cover <= COVER_MAX);
  bool codec = c->video_codec == SOTTO_VP8 || c->video_codec == SOTTO_VP9;
  return frame && rate && cover && codec && (int)c->policy >= SOTTO_POLICY_SAS_FIRST &&
         c->policy <= SOTTO_POLICY_WARN && (int)c->new_device >= SOTTO_NEW_DEVICE_ASK &&
         c->new_device <= SOTTO_NEW_DEVICE_SHOW;
}

static bool relay_ok(const sotto_config *c) {
  bool login = c->turn_user && c->turn_password;
  return c->turn_server ? login : !c->relay_only;
}

static bool parse_port(const char *text, uint16_t *port) {
  unsigned long value = 0;
  if (!*text || strlen(text) > 5)
    return false;
  for (; *text; text++) {
    if (*text < '0' || *text > '9')
      return false;
    value = value * 10 + (unsigned long)(*text - '0');
  }
  *port = (uint16_t)value;
  return value > 0 && value <= UINT16_MAX;
}

bool config_host_port(const char *text, char **host, uint16_t *port, bool *nomem) {
  bool bracket = text[0] == '[';
  const char *from = text + bracket, *end = strchr(from, bracket ? ']' : ':');
  if (!end && bracket)
    return false;
  size_t size = end ? (size_t)(end - from) : strlen(from);
  const char *rest = end ? end + bracket : from + size;
  *port = 0;
  if (!size || size > HOST_MAX || (*rest && (*rest != ':' || !parse_port(rest + 1, port))))
    return false;
  *host = malloc(size + 1);
  if (!*host) {
    *nomem = true;
    return false;
  }
  memcpy(*host, from, size);
  (*host)[size] = 0;
  return true;
}

static bool copy(char **to, const char *from) {
  *to = from ? strdup(from) : NULL;
  return *to || !from;
}

static sotto_status copy_all(struct config *out, const sotto_config *from) {
  bool nomem = false;
  if ((from->stun_server && !config_host_port(from->stun_server, &out->stun_host, &out->stun_port, &nomem)) ||
      (from->turn_server && !config_host_port(from->turn_server, &out->turn_host, &out->turn_port, &nomem)))
    return nomem ? SOTTO_ERR_NOMEM : SOTTO_ERR_INVALID;
  if (!copy(&out->signaling_url, from->signaling_url) || !copy(&out->ca_file, from->ca_file) ||
      !copy(&out->local_address, from->local_address) || !copy(&out->turn_user, from->turn_user) ||
      !copy(&out->turn_password, from->turn_password))
    return SOTTO_ERR_NOMEM;
  return SOTTO_OK;
}

sotto_status config_init(struct config *out, const sotto_config *from) {
  if (from->size != sizeof *from) /* the first version is the only one */
    return SOTTO_ERR_VERSION;
  if (!texts_ok(from) || !numbers_ok(from) || !relay_ok(from))
    return SOTTO_ERR_INVALID;
  *out = (struct config){.relay_only = from->relay_only,
                         .lan = from->lan,
                         .browser_e2ee = from->browser_e2ee,
                         .policy = from->policy,
                         .new_device = from->new_device,
                         .frame_samples = AUDIO_RATE / 1000 * (from->audio_frame_ms ? from->audio_frame_ms : 20),
                         .max_bitrate = from->max_bitrate,
                         .frame_fixed = from->audio_frame_ms != 0,
                         .constant_rate = from->constant_rate,
                         .video_codec = from->video_codec,
                         .cover = from->cover ? SEC(60) / from->cover : 0};
  sotto_status status = copy_all(out, from);
  if (status)
    config_deinit(out);
  return status;
}

void config_deinit(struct config *config) {
  if (config->turn_password)
    crypto_wipe(config->turn_password, strlen(config->turn_password));
  char *texts[] = {config->signaling_url, config->ca_file,   config->local_address, config->stun_host,
                   config->turn_host,     config->turn_user, config->turn_password};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    free(texts[i]);
  *config = (struct config){0};
}

struct ice_config config_ice(const struct config *config, void *context, bool controlling, bool relay_only) {
  return (struct ice_config){.context = context,
                             .controlling = controlling,
                             .relay_only = relay_only || config->relay_only,
                             .local_address = config->local_address,
                             .stun = {.host = config->stun_host, .port = config->stun_port},
                             .turn = {.host = config->turn_host, .port = config->turn_port},
                             .turn_user = config->turn_user,
                             .turn_password = config->turn_password};
}
