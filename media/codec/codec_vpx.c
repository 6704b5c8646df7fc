/* codec_vpx.c - VP8 (RFC 6386) and VP9 by libvpx, with the real-time settings that browsers use.
 *
 * Constant bit rate, no lag, key frames only on demand. VP8's cpu-used is always negative: otherwise libvpx picks
 * its speed from measured time, and the same input no longer gives the same frames. The decoders read the size from
 * the frame header and refuse it before libvpx allocates anything for it.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <vpx/vp8cx.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>
#include <vpx/vpx_encoder.h>

#include "codec.h"
#include "vp9_header.h"

/* Of a frame that no later one leans on: it leaves the decoder as it was. */
#define LEAVES_NO_TRACE                                                                                            \
  (VP8_EFLAG_NO_UPD_LAST | VP8_EFLAG_NO_UPD_GF | VP8_EFLAG_NO_UPD_ARF | VP8_EFLAG_NO_UPD_ENTROPY)

enum {
  SIDE_MIN = 16,
  SIDE_MAX = 4096,
  FPS_MAX = 60,
  THREADS_MAX = 8,
  PIXELS_CIF = 352 * 288,
  PIXELS_VGA = 640 * 480,
  PIXELS_FULL_HD = 1920 * 1080,
  TICKS = 1000000,              /* a second, in the encoder's timebase: pts are usec */
  INTRA_RATE_PERCENT_MIN = 300, /* of the frame's share; with less, a key frame is unreadable */
  BUFFER_OPTIMAL_MS = 600,
  STATIC_THRESHOLD_SCREEN = 100,
  QUANTIZER_COARSEST = 63,
  AQ_CYCLIC_REFRESH = 3, /* a part of the picture in turn gets finer: VP9 has no other way back from coarse */
};

/* What the formats do not share. */
struct format {
  vpx_codec_iface_t *(*encoder)(void), *(*decoder)(void);
  unsigned quantizer_max;
  unsigned quantizer_max_screen; /* coarser text is hard to read: rather leave pictures out */
  int quantizer_offset;          /* to the VP8 quantizer that looks alike */
  unsigned undershoot_percent, overshoot_percent;
  bool (*control)(vpx_codec_ctx_t *ctx, const struct video_encoder_config *c);
  /* Of a frame to decode: false when it is none, or too large. */
  bool (*read_header)(const uint8_t *data, size_t size, bool *key);
};

struct encoder {
  const struct format *format;
  vpx_codec_ctx_t ctx;
  vpx_codec_enc_cfg_t cfg;
  struct video_encoder_config config;
  usec last_captured;
  vpx_codec_pts_t pts;
  bool begun;
  bool upper_next; /* with layers: the frame before was of the base */
};

static bool config_valid(const struct video_encoder_config *c) {
  return c->width >= SIDE_MIN && c->width <= SIDE_MAX && c->width % 2 == 0 && c->height >= SIDE_MIN &&
         c->height <= SIDE_MAX && c->height % 2 == 0 && c->fps >= 1 && c->fps <= FPS_MAX && c->threads >= 1 &&
         c->threads <= THREADS_MAX && c->bitrate >= 1000 && c->bitrate <= 100000000 && c->speed >= 0 &&
         c->speed <= VIDEO_SPEED_MAX;
}

static bool fill_cfg(const struct format *format, vpx_codec_enc_cfg_t *cfg, const struct video_encoder_config *c) {
  if (vpx_codec_enc_config_default(format->encoder(), cfg, 0))
    return false;
  cfg->g_w = (unsigned)c->width;
  cfg->g_h = (unsigned)c->height;
  cfg->g_threads = c->width * c->height <= PIXELS_VGA ? 1 : (unsigned)c->threads;
  cfg->g_timebase = (struct vpx_rational){1, TICKS};
  cfg->g_pass = VPX_RC_ONE_PASS;
  cfg->g_lag_in_frames = 0;
  /* With layers a frame is decoded without the one before it. Only so libvpx keeps to what an upper frame must
   * leave alone (VP8: its own entropy coder does not, and every so often a frame can't be decoded), and predicts no
   * motion from a frame that may be missing (VP9: hardly one could be decoded). */
  cfg->g_error_resilient = c->layered ? VPX_ERROR_RESILIENT_DEFAULT : 0;
  cfg->kf_mode = VPX_KF_DISABLED;
  cfg->kf_max_dist = INT_MAX; /* VP9 goes by it all the same */
  cfg->rc_end_usage = VPX_CBR;
  cfg->rc_target_bitrate = (unsigned)(c->bitrate / 1000);
  cfg->rc_resize_allowed = 0;
  cfg->rc_min_quantizer = 2;
  cfg->rc_max_quantizer = c->screen ? format->quantizer_max_screen : format->quantizer_max;
  cfg->rc_undershoot_pct = format->undershoot_percent;
  cfg->rc_overshoot_pct = format->overshoot_percent;
  cfg->rc_dropframe_thresh = 30;
  cfg->rc_buf_initial_sz = 500;
  cfg->rc_buf_optimal_sz = BUFFER_OPTIMAL_MS;
  cfg->rc_buf_sz = BUFFER_OPTIMAL_MS; /* no more: what was saved at a rate would be spent beyond a lower one */
  return true;
}

/* A key frame may take half of the rate buffer, as in browsers. */
static unsigned intra_rate_percent(int fps) {
  int percent = BUFFER_OPTIMAL_MS / 2 * fps / 10;
  return (unsigned)(percent > INTRA_RATE_PERCENT_MIN ? percent : INTRA_RATE_PERCENT_MIN);
}

static bool control_both(vpx_codec_ctx_t *ctx, const struct video_encoder_config *c) {
  return !vpx_codec_control(ctx, VP8E_SET_STATIC_THRESHOLD, c->screen ? STATIC_THRESHOLD_SCREEN : 1u) &&
         !vpx_codec_control(ctx, VP8E_SET_MAX_INTRA_BITRATE_PCT, intra_rate_percent(c->fps));
}

static bool control_vp8(vpx_codec_ctx_t *ctx, const struct video_encoder_config *c) {
  static const int faster[VIDEO_SPEED_MAX + 1] = {0, -8, -12};
  int cpu_used = c->speed ? faster[c->speed] : c->width * c->height < PIXELS_CIF ? -4 : -6;
  return !vpx_codec_control(ctx, VP8E_SET_CPUUSED, cpu_used) &&
         !vpx_codec_control(ctx, VP8E_SET_SCREEN_CONTENT_MODE, c->screen ? 1u : 0u) &&
         !vpx_codec_control(ctx, VP8E_SET_TOKEN_PARTITIONS, (int)VP8_ONE_TOKENPARTITION);
}

static int tile_columns_log2(int threads) {
  return threads >= 8 ? 3 : threads >= 4 ? 2 : threads >= 2 ? 1 : 0;
}

static bool control_vp9(vpx_codec_ctx_t *ctx, const struct video_encoder_config *c) {
  int pixels = c->width * c->height, cpu_used = pixels < PIXELS_CIF ? 5 : pixels < PIXELS_FULL_HD ? 7 : 9;
  if (c->speed)
    cpu_used = c->speed == VIDEO_SPEED_MAX || pixels >= PIXELS_FULL_HD ? 9 : 8;
  return !vpx_codec_control(ctx, VP8E_SET_CPUUSED, cpu_used) &&
         !vpx_codec_control(ctx, VP9E_SET_TUNE_CONTENT, c->screen ? VP9E_CONTENT_SCREEN : VP9E_CONTENT_DEFAULT) &&
         !vpx_codec_control(ctx, VP9E_SET_AQ_MODE, (unsigned)AQ_CYCLIC_REFRESH) &&
         !vpx_codec_control(ctx, VP9E_SET_FRAME_PARALLEL_DECODING, 0u) && /* smaller frames, one after the other */
         !vpx_codec_control(ctx, VP9E_SET_ROW_MT, 1u) &&
         !vpx_codec_control(ctx, VP9E_SET_TILE_COLUMNS, tile_columns_log2(c->threads));
}

static bool control_all(const struct format *format, vpx_codec_ctx_t *ctx, const struct video_encoder_config *c) {
  return control_both(ctx, c) && format->control(ctx, c);
}

static bool context_open(const struct format *format, vpx_codec_ctx_t *ctx, const vpx_codec_enc_cfg_t *cfg,
                         const struct video_encoder_config *config) {
  memset(ctx, 0, sizeof *ctx);
  if (vpx_codec_enc_init(ctx, format->encoder(), cfg, 0))
    return false;
  if (control_all(format, ctx, config))
    return true;
  vpx_codec_destroy(ctx);
  return false;
}

static void *encoder_new(const struct format *format, const struct video_encoder_config *config) {
  struct encoder *e = config_valid(config) ? calloc(1, sizeof *e) : NULL;
  if (!e)
    return NULL;
  e->format = format;
  e->config = *config;
  if (!fill_cfg(format, &e->cfg, config) || !context_open(format, &e->ctx, &e->cfg, config)) {
    free(e);
    return NULL;
  }
  return e;
}

/* libvpx cannot grow a VP8 encoder beyond its first size, and before 1.13.1 corrupts memory where it lets a VP9
 * encoder's size change (CVE-2023-44488); one that becomes error resilient makes frames that can't be decoded. So a
 * new size, and layers that begin or end, get a new context (and a key frame). The old one goes first, for both
 * together would be the most memory that a call ever takes: without memory for the new one there is none. */
static bool replace_context(struct encoder *e, const vpx_codec_enc_cfg_t *cfg,
                            const struct video_encoder_config *config) {
  vpx_codec_destroy(&e->ctx);
  e->begun = e->upper_next = false;
  return context_open(e->format, &e->ctx, cfg, config);
}

static bool encoder_set(void *encoder, const struct video_encoder_config *config) {
  struct encoder *e = encoder;
  vpx_codec_enc_cfg_t cfg;
  if (!config_valid(config) || !fill_cfg(e->format, &cfg, config))
    return false;
  bool same = cfg.g_w == e->cfg.g_w && cfg.g_h == e->cfg.g_h && cfg.g_threads == e->cfg.g_threads &&
              cfg.g_error_resilient == e->cfg.g_error_resilient;
  if (same ? vpx_codec_enc_config_set(&e->ctx, &cfg) || !control_all(e->format, &e->ctx, config)
           : !replace_context(e, &cfg, config))
    return false;
  e->cfg = cfg;
  e->config = *config;
  return true;
}

/* Time between this picture and the last: what the rate control goes by. A wild clock must not stop it. */
static vpx_codec_pts_t advance(struct encoder *e, usec captured) {
  usec nominal = SEC(1) / e->config.fps, step = captured - e->last_captured;
  if (!e->begun || step > SEC(1))
    step = nominal;
  if (step < MS(1))
    step = MS(1);
  e->begun = true;
  e->last_captured = captured;
  e->pts += step;
  return e->pts;
}

static vpx_image_t image_of(const struct picture *picture) {
  vpx_image_t image;
  vpx_img_wrap(&image, VPX_IMG_FMT_I420, (unsigned)picture->width, (unsigned)picture->height, 1, picture->plane[0]);
  for (int i = 0; i < 3; i++) {
    image.planes[i] = picture->plane[i];
    image.stride[i] = picture->stride[i];
  }
  return image;
}

static void take_frame(struct encoder *e, bool upper, struct encoded_frame *out) {
  *out = (struct encoded_frame){0};
  vpx_codec_iter_t iter = NULL;
  const vpx_codec_cx_pkt_t *packet;
  while ((packet = vpx_codec_get_cx_data(&e->ctx, &iter)))
    if (packet->kind == VPX_CODEC_CX_FRAME_PKT) {
      out->data = packet->data.frame.buf;
      out->size = packet->data.frame.sz;
      out->key = packet->data.frame.flags & VPX_FRAME_IS_KEY;
      out->temporal_id = upper;
      e->upper_next = !upper;
    }
}

/* The layers take turns: every upper frame leans on the base frame before it, every base frame as well. */
static bool encode(void *encoder, const struct picture *picture, bool key, struct encoded_frame *out) {
  struct encoder *e = encoder;
  if (picture->width != e->config.width || picture->height != e->config.height)
    return false;
  vpx_image_t image = image_of(picture);
  bool upper = e->config.layered && e->upper_next && !key;
  vpx_enc_frame_flags_t flags = key ? VPX_EFLAG_FORCE_KF : upper ? LEAVES_NO_TRACE : 0;
  unsigned long duration = (unsigned long)(SEC(1) / e->config.fps);
  if (vpx_codec_encode(&e->ctx, &image, advance(e, picture->captured), duration, flags, VPX_DL_REALTIME))
    return false;
  take_frame(e, upper, out);
  if (vpx_codec_control(&e->ctx, VP8E_GET_LAST_QUANTIZER_64, &out->quantizer))
    return false;
  out->quantizer += e->format->quantizer_offset;
  out->quantizer = out->quantizer < QUANTIZER_COARSEST ? out->quantizer : QUANTIZER_COARSEST;
  return true;
}

static void encoder_free(void *encoder) {
  struct encoder *e = encoder;
  if (!e)
    return;
  vpx_codec_destroy(&e->ctx);
  free(e);
}

struct decoder {
  const struct format *format;
  vpx_codec_ctx_t ctx;
  bool synced; /* a key frame was decoded, and all after it */
};

static void *decoder_new(const struct format *format) {
  struct decoder *d = calloc(1, sizeof *d);
  if (!d)
    return NULL;
  d->format = format;
  vpx_codec_dec_cfg_t cfg = {.threads = 1};
  if (vpx_codec_dec_init(&d->ctx, format->decoder(), &cfg, 0)) {
    free(d);
    return NULL;
  }
  return d;
}

/*  0 1 2 3 4 5 6 7
 * +-+-+-+-+-+-+-+-+  P: 0 for a key frame, which goes on with 9d 01 2a, then width and height,
 * |Size0|H| VER |P|  little-endian, 14 bits each below a scale of 2 bits (RFC 6386, section 9.1)
 */
static bool read_header_vp8(const uint8_t *data, size_t size, bool *key) {
  enum { TAG = 3, KEY_HEADER = 10 };
  if (size < TAG)
    return false;
  *key = !(data[0] & 1);
  if (!*key)
    return true;
  if (size < KEY_HEADER || data[3] != 0x9d || data[4] != 0x01 || data[5] != 0x2a)
    return false;
  int width = (data[6] | data[7] << 8) & 0x3fff, height = (data[8] | data[9] << 8) & 0x3fff;
  return width > 0 && width <= SIDE_MAX && height > 0 && height <= SIDE_MAX;
}

static bool read_header_vp9(const uint8_t *data, size_t size, bool *key) {
  struct vp9_header header;
  if (!vp9_header_read(data, size, &header))
    return false;
  *key = header.key;
  return header.width <= SIDE_MAX && header.height <= SIDE_MAX;
}

static bool header_acceptable(const struct decoder *d, const uint8_t *data, size_t size) {
  bool key;
  return size <= UINT32_MAX && d->format->read_header(data, size, &key) && (key || d->synced);
}

static bool frame_decoded(struct decoder *d, const uint8_t *data, size_t size) {
  int corrupted = 0;
  return !vpx_codec_decode(&d->ctx, data, (unsigned)size, NULL, 0) &&
         !vpx_codec_control(&d->ctx, VP8D_GET_FRAME_CORRUPTED, &corrupted) && !corrupted;
}

static bool decode(void *decoder, const uint8_t *data, size_t size, struct picture *out) {
  struct decoder *d = decoder;
  if (!header_acceptable(d, data, size))
    return false;
  d->synced = frame_decoded(d, data, size);
  if (!d->synced)
    return false;
  vpx_codec_iter_t iter = NULL;
  const vpx_image_t *image = vpx_codec_get_frame(&d->ctx, &iter);
  if (!image) /* a frame that is not to be shown; real-time senders make none */
    return false;
  *out = (struct picture){.width = (int)image->d_w, .height = (int)image->d_h};
  for (int i = 0; i < 3; i++) {
    out->plane[i] = image->planes[i];
    out->stride[i] = image->stride[i];
  }
  return true;
}

static void decoder_free(void *decoder) {
  struct decoder *d = decoder;
  if (!d)
    return;
  vpx_codec_destroy(&d->ctx);
  free(d);
}

static const struct format vp8 = {.encoder = vpx_codec_vp8_cx,
                                  .decoder = vpx_codec_vp8_dx,
                                  .quantizer_max = 56,
                                  .quantizer_max_screen = 50,
                                  .undershoot_percent = 100,
                                  .overshoot_percent = 15,
                                  .control = control_vp8,
                                  .read_header = read_header_vp8};

static const struct format vp9 = {.encoder = vpx_codec_vp9_cx,
                                  .decoder = vpx_codec_vp9_dx,
                                  .quantizer_max = 52,
                                  .quantizer_max_screen = 45,
                                  .quantizer_offset = 5,
                                  .undershoot_percent = 50,
                                  .overshoot_percent = 50,
                                  .control = control_vp9,
                                  .read_header = read_header_vp9};

static void *encoder_new_vp8(const struct video_encoder_config *config) {
  return encoder_new(&vp8, config);
}

static void *encoder_new_vp9(const struct video_encoder_config *config) {
  return encoder_new(&vp9, config);
}

static void *decoder_new_vp8(void) {
  return decoder_new(&vp8);
}

static void *decoder_new_vp9(void) {
  return decoder_new(&vp9);
}

const struct video_codec video_codec_vp8 = {
    .name = "VP8",
    .encoder_new = encoder_new_vp8,
    .encoder_set = encoder_set,
    .encode = encode,
    .encoder_free = encoder_free,
    .decoder_new = decoder_new_vp8,
    .decode = decode,
    .decoder_free = decoder_free,
};

const struct video_codec video_codec_vp9 = {
    .name = "VP9",
    .encoder_new = encoder_new_vp9,
    .encoder_set = encoder_set,
    .encode = encode,
    .encoder_free = encoder_free,
    .decoder_new = decoder_new_vp9,
    .decode = decode,
    .decoder_free = decoder_free,
};
