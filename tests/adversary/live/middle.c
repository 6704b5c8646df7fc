#include "middle.h"

#include <string.h>

#include "engine/path/demux.h"
#include "engine/path/dtls.h"
#include "examples/caller/clock.h"
#include "media/session.h"

/* Of two, the caller is the DTLS server (protocol D.3): towards her we are a client, towards him a server. */
static bool begin(struct middle *middle) {
  static const uint8_t anybody[DTLS_FINGERPRINT_SIZE];
  middle->begun = true;
  for (int v = 0; v < VICTIMS; v++) {
    struct dtls_certificate *certificate = dtls_certificate_new(NULL);
    struct dtls_config config = {.certificate = certificate,
                                 .server = v == BOB,
                                 .profile = {SRTP_PROFILE_AES_256_GCM, SRTP_PROFILE_AES_128_GCM},
                                 .profiles = 2};
    memcpy(config.peer_fingerprint, anybody, sizeof anybody);
    middle->leg[v].dtls = certificate ? dtls_new(&config) : NULL;
    dtls_certificate_free(certificate);
  }
  return middle->leg[ALICE].dtls && middle->leg[BOB].dtls;
}

static void take_keys(struct middle_leg *leg) {
  struct srtp_master local, remote;
  if (!leg->srtp && dtls_state(leg->dtls) == DTLS_CONNECTED && dtls_export_srtp(leg->dtls, &local, &remote))
    leg->srtp = srtp_path_new(dtls_profile(leg->dtls), &local, &remote);
}

/* Bob is answered when Alice is through: a client that refuses at once takes ICE away from her, who had no path
 * yet. */
static bool is_silent(const struct middle *middle, int victim) {
  return victim == BOB &&
         (middle->mode == MIDDLE_REDIRECTS || dtls_state(middle->leg[ALICE].dtls) == DTLS_HANDSHAKING);
}

static void pump(struct middle *middle) {
  const uint8_t *data;
  size_t size;
  for (int v = 0; v < VICTIMS; v++) {
    if (is_silent(middle, v))
      continue;
    while (dtls_poll(middle->leg[v].dtls, clock_now(), &data, &size))
      hostile_send_packet(middle->hostile, v, data, size);
    take_keys(&middle->leg[v]);
  }
}

/* Noise over DTLS: can be passed on, not read. */
static void pass_on_messages(struct middle *middle, int from) {
  uint8_t sealed[DTLS_MESSAGE_MAX];
  size_t size;
  while ((size = dtls_read(middle->leg[from].dtls, sealed, sizeof sealed)) > 0)
    if (middle->mode == MIDDLE_ENDS_DTLS)
      dtls_write(middle->leg[1 - from].dtls, clock_now(), sealed, size);
}

static void pass_on_media(struct middle *middle, int from, const uint8_t *data, size_t size) {
  uint8_t packet[SESSION_PACKET_ROOM + 2048];
  bool rtcp = demux_classify(data, size) == DEMUX_RTCP;
  struct srtp_path *in = middle->leg[from].srtp, *out = middle->leg[1 - from].srtp;
  if (!in || size > 2048)
    return;
  memcpy(packet, data, size);
  if (rtcp ? srtp_path_unprotect_rtcp(in, packet, &size) : srtp_path_unprotect_rtp(in, packet, &size))
    return;
  if (!rtcp) {
    middle->opened[from]++;
    ear_hear_rtp(&middle->ear[from], clock_now(), packet, size);
  }
  if (out && middle->mode == MIDDLE_ENDS_DTLS &&
      !(rtcp ? srtp_path_protect_rtcp(out, packet, &size, sizeof packet)
             : srtp_path_protect_rtp(out, packet, &size, sizeof packet)))
    hostile_send_packet(middle->hostile, 1 - from, packet, size);
}

static bool on_packet(void *user, int from, int to, uint8_t *data, size_t size) {
  struct middle *middle = user;
  enum demux_class class = demux_classify(data, size);
  (void)to;
  bool media = class == DEMUX_RTP || class == DEMUX_RTCP;
  middle->sound[from] += class == DEMUX_RTP && (data[1] & 0x7f) == PAYLOAD_TYPE_OPUS;
  if (middle->mode == MIDDLE_WATCHES && media)
    ear_hear_sealed(&middle->ear[from], clock_now(), data, size);
  if (middle->mode == MIDDLE_WATCHES || (!media && class != DEMUX_DTLS))
    return true;
  if (!middle->begun && !begin(middle))
    return false;
  if (media) {
    pass_on_media(middle, from, data, size);
    return false;
  }
  if (middle->mode == MIDDLE_REDIRECTS && from == BOB)
    return false;
  dtls_input(middle->leg[from].dtls, clock_now(), data, size);
  pass_on_messages(middle, from);
  pump(middle);
  return false;
}

static bool stands(const struct middle *middle) {
  return middle_shares_keys(middle, ALICE) && middle_shares_keys(middle, BOB);
}

static bool on_cell(void *user, int to, uint8_t *frame) {
  struct middle *middle = user;
  if (middle->mode != MIDDLE_ENDS_DTLS || !middle->begun || stands(middle))
    return true;
  if (middle->kept_count < MIDDLE_CELLS) {
    middle->kept[middle->kept_count].to = to;
    memcpy(middle->kept[middle->kept_count++].cell, frame + 1 + MAILBOX_SIZE, CELL_SIZE);
  }
  return false;
}

static void on_tick(void *user) {
  struct middle *middle = user;
  for (int v = 0; middle->forged && v < VICTIMS; v++)
    hostile_send_cell(middle->hostile, v, middle->forged);
  middle->forged = NULL;
  if (!middle->begun)
    return;
  pump(middle);
  if (!stands(middle))
    return;
  for (int i = 0; i < middle->kept_count; i++)
    hostile_send_cell(middle->hostile, middle->kept[i].to, middle->kept[i].cell);
  middle->kept_count = 0;
}

bool middle_init(struct middle *middle, struct hostile *hostile, enum middle_mode mode) {
  *middle = (struct middle){.hostile = hostile, .mode = mode};
  if (!ear_init(&middle->ear[ALICE]) || !ear_init(&middle->ear[BOB]))
    return false;
  hostile_set_hooks(hostile, &(struct hostile_hooks){on_cell, on_packet, on_tick, middle});
  return true;
}

void middle_deinit(struct middle *middle) {
  hostile_set_hooks(middle->hostile, NULL);
  for (int v = 0; v < VICTIMS; v++) {
    dtls_free(middle->leg[v].dtls);
    srtp_path_free(middle->leg[v].srtp);
    ear_deinit(&middle->ear[v]);
  }
}

bool middle_shares_keys(const struct middle *middle, int victim) {
  return middle->leg[victim].dtls && dtls_state(middle->leg[victim].dtls) == DTLS_CONNECTED;
}
