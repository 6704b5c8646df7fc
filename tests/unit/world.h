/* world.h - two media sessions and the link between them in simulated time, for test_session*.c.
 *
 * Each side sends audio every 20 ms and video at 30 frames a second, in frames that carry their number; what
 * arrives is checked on the spot: content, decodability, the form of every packet, and that a retransmission is the
 * same bytes. What leaves a session is scribbled over afterwards, as SRTP does in place. One seed, one run.
 */
#ifndef WORLD_H
#define WORLD_H
#include "media/rtp/depacketizer_vp8.h"
#include "media/rtp/depacketizer_vp9.h"
#include "media/rtp/rtcp.h"
#include "media/session_parts.h"
#include "unit.h"

enum { FLIGHTS = 4096, SIDES = 2, WALL = 1700000000, SHOWN_MAX = 1024 };
enum { SEALED = 0x1b }; /* the first byte of sealed sound: were it Opus, a number of frames would follow */

struct flight {
  usec at;
  int64_t order;
  size_t size;
  uint8_t data[SESSION_PACKET_MAX];
};

struct link { /* one direction */
  uint64_t random;
  int loss;         /* per mille */
  bool loses_upper; /* every packet of the upper temporal layer */
  usec delay, jitter;
  bps rate;   /* 0: no bottleneck */
  usec queue; /* longest wait at the bottleneck */
  usec free_at;
  int64_t order, lost;
  int flights;
  struct flight flight[FLIGHTS];
};

struct side {
  struct session *session;
  struct link link;  /* towards the other */
  bool audio, video; /* sends it */
  bool whispers;     /* audio frames of all sizes */
  size_t still;      /* a video frame's size; 0: what the bitrate allows */
  usec next_audio, next_video;
  uint32_t audio_number, video_number, key_number;
  bool key_next;
  bps video_bitrate;
  int audio_samples; /* of each frame, as the session wants it */
  int audio_loss;
  bool audio_fec;
  bool layered, upper_next;
  bool upper[SHOWN_MAX]; /* by frame number: no later frame leans on it */
  int encoder_outputs, key_requests;
  usec last_key_request;
  /* received */
  int64_t audio_received, video_received, keys_received, chain_breaks, skipped;
  uint32_t last_video;
  usec last_captured, last_render, longest_delay;
  int64_t shown[SHOWN_MAX]; /* pictures by the milliseconds between capture and showing */
  usec longest_gap;         /* between two shown */
  int64_t packets, rtcp_packets, bytes, bye;
  usec last_packet;
  uint64_t wire; /* hash of what an observer on the path sees: times, sizes and RTP headers */
  size_t size[MEDIA];
  uint32_t packet_hash[MEDIA][0x10000]; /* of the plain packet by sequence number; 0: not sent */
  int64_t retransmissions, repeated;    /* the same packets again; in a source of their own */
};

struct world {
  usec now;
  uint64_t hash; /* of everything that happened */
  struct side side[SIDES];
};

static inline uint64_t world_hash(uint64_t hash, const void *data, size_t size) { /* FNV-1a */
  for (size_t i = 0; i < size; i++)
    hash = (hash ^ ((const uint8_t *)data)[i]) * 1099511628211u;
  return hash;
}

static inline usec link_deadline(const struct link *link) {
  usec deadline = USEC_NEVER;
  for (int i = 0; i < link->flights; i++)
    deadline = earlier(deadline, link->flight[i].at);
  return deadline;
}

static inline bool is_upper(const uint8_t *data, size_t size) {
  struct rtp_header header;
  struct reader payload;
  struct video_packet packet;
  if (rtp_is_rtcp(data, size) || !rtp_parse(data, size, &header, &payload))
    return false;
  bool video = header.payload_type == PAYLOAD_TYPE_VP8   ? depacketizer_vp8(payload.at, payload.left, &packet)
               : header.payload_type == PAYLOAD_TYPE_VP9 ? depacketizer_vp9(payload.at, payload.left, &packet)
                                                         : false;
  return video && packet.tid > 0;
}

static inline void link_send(struct link *link, usec now, const uint8_t *data, size_t size) {
  usec at = now;
  if (link->rate) {
    at = link->free_at > now ? link->free_at : now;
    if (at - now > link->queue) {
      link->lost++;
      return;
    }
    at += (usec)(size + 60) * 8 * SEC(1) / link->rate;
    link->free_at = at;
  }
  if ((int)(unit_random(&link->random) % 1000) < link->loss || (link->loses_upper && is_upper(data, size)) ||
      link->flights == FLIGHTS) {
    link->lost++;
    return;
  }
  struct flight *flight = &link->flight[link->flights++];
  flight->at = at + link->delay + (link->jitter ? (usec)(unit_random(&link->random) % (uint64_t)link->jitter) : 0);
  flight->order = link->order++;
  flight->size = size;
  memcpy(flight->data, data, size);
}

static inline bool link_receive(struct link *link, usec now, struct flight *out) {
  int first = -1;
  for (int i = 0; i < link->flights; i++) {
    const struct flight *flight = &link->flight[i], *best = &link->flight[first < 0 ? i : first];
    if (flight->at <= now &&
        (first < 0 || flight->at < best->at || (flight->at == best->at && flight->order < best->order)))
      first = i;
  }
  if (first < 0)
    return false;
  *out = link->flight[first];
  link->flight[first] = link->flight[--link->flights];
  return true;
}

/* A retransmission in a source of its own: inside is what was sent. */
static inline void side_check_rtx(struct side *side, const struct session_output *out) {
  const struct session_config *config = &side->session->config;
  const struct outgoing *video = &side->session->out[VIDEO];
  uint8_t packet[SESSION_PACKET_MAX];
  bool whole = (out->data[1] & 0x7f) == PAYLOAD_TYPE_RTX_RED;
  size_t size = rtx_read(out->data, out->size, whole ? PAYLOAD_TYPE_VIDEO_RED : PAYLOAD_TYPE_VP8,
                         config->video_ssrc, packet, sizeof packet);
  assert_true(size > RTP_HEADER_SIZE);
  if (!whole)
    assert_int_equal(out->data[1] & 0x7f, PAYLOAD_TYPE_RTX_VP8);
  const struct sent_packet *kept = history_find(
      &side->session->out[VIDEO].history, seq_unwrap(video->next - 1, (uint16_t)(packet[2] << 8 | packet[3])));
  assert_non_null(kept);
  bool red = (kept->data[1] & 0x7f) == PAYLOAD_TYPE_VIDEO_RED && !whole; /* is taken off */
  size_t head = session_header_size(side->session);
  assert_int_equal(size, kept->size - red);
  assert_memory_equal(packet + 2, kept->data + 2, RTP_HEADER_SIZE - 2);
  assert_memory_equal(packet + head, kept->data + head + red, size - head);
  side->repeated++;
}

static inline void side_check_rtp(struct side *side, const struct session_output *out) {
  struct rtp_header header;
  struct reader payload;
  assert_true(rtp_parse(out->data, out->size, &header, &payload));
  /* version 2, no padding or CSRC; an extension for browsers alone */
  bool again = header.ssrc == side->session->config.rtx_ssrc;
  assert_int_equal(out->data[0], side->session->config.transport_cc ? 0x90 : 0x80);
  assert_true(payload.left > 0);
  if (again) {
    side_check_rtx(side, out);
    return;
  }
  int medium = header.ssrc == side->session->config.audio_ssrc ? AUDIO : VIDEO;
  if (medium == AUDIO)
    assert_false(header.marker);
  else
    assert_int_equal(header.ssrc, side->session->config.video_ssrc);
  side->wire = world_hash(side->wire, out->data, RTP_HEADER_SIZE);
  side->size[medium] = out->size;
  uint32_t hash = (uint32_t)world_hash(14695981039346656037u, out->data, out->size) | 1;
  uint32_t *before = &side->packet_hash[medium][header.seq];
  struct sent_packet *kept = history_find(&side->session->out[medium].history,
                                          seq_unwrap(side->session->out[medium].next - 1, header.seq));
  if (kept && kept->resends > 0) {
    side->retransmissions++;
    assert_int_equal(*before, hash);
  }
  *before = hash;
}

static inline void side_send(struct world *world, struct side *side, const struct session_output *out) {
  assert_in_range(out->size, 1, SESSION_PACKET_MAX);
  assert_int_equal(out->rtcp, rtp_is_rtcp(out->data, out->size));
  if (out->rtcp)
    assert_true(rtcp_valid(out->data, out->size));
  else
    side_check_rtp(side, out);
  side->wire = world_hash(side->wire, &world->now, sizeof world->now);
  side->wire = world_hash(side->wire, &out->size, sizeof out->size);
  side->packets++;
  side->rtcp_packets += out->rtcp;
  side->bytes += (int64_t)out->size;
  side->last_packet = world->now;
  link_send(&side->link, world->now, out->data, out->size);
  memset(out->data, 0xee, out->size + SESSION_PACKET_ROOM);
}

static inline void side_take_audio(struct side *side, const struct session_output *out) {
  assert_in_range(out->size, 2, 80);
  assert_int_equal(out->data[0] | 8, side->session->config.seal_size ? SEALED : 0xf8); /* 10 or 20 ms */
  side->audio_received++;
}

static inline void side_show(struct side *side, const struct session_output *out) {
  usec delay = out->render + SEC(WALL) - out->captured;
  if (out->captured)
    side->shown[delay < MS(SHOWN_MAX) ? delay / MS(1) : SHOWN_MAX - 1]++;
  if (side->last_render && out->render - side->last_render > side->longest_gap)
    side->longest_gap = out->render - side->last_render;
  side->last_captured = out->captured;
  side->last_render = out->render;
}

/* So many per cent of the pictures were shown within this time of their capture. */
static inline usec side_delay(const struct side *side, int percent) {
  int64_t all = 0, sum = 0;
  for (int i = 0; i < SHOWN_MAX; i++)
    all += side->shown[i];
  for (int i = 0; i < SHOWN_MAX; i++)
    if ((sum += side->shown[i]) * 100 >= all * percent)
      return MS(i);
  return USEC_NEVER;
}

/* A frame: the first byte of a VP8 or VP9 one, its number, then that number's bytes over and over. */
static inline uint8_t frame_tag(enum session_video_codec codec, bool key) {
  return codec == SESSION_VP9 ? key ? 0x82 : 0x86 : key ? 0 : 1;
}

/* Frames were left out before this one: true when it leans on none of them. */
static inline bool side_skip(struct side *side, const struct side *sender, uint32_t number) {
  bool upper = true;
  for (uint32_t n = side->last_video + 1; n < number && upper; n++, side->skipped++)
    upper = sender->upper[n % SHOWN_MAX];
  return upper;
}

static inline void side_take_video(struct world *world, struct side *side, const struct session_output *out) {
  struct reader r = reader_of(out->data, out->size);
  assert_int_equal(read_u8(&r), frame_tag(side->session->config.peer_video_codec, out->key));
  uint32_t number = read_u32(&r);
  for (size_t i = 5; i < out->size; i++)
    assert_int_equal(out->data[i], (uint8_t)(number + i));
  assert_true(side->video_received == 0 || number > side->last_video);
  if (!out->key && !side_skip(side, &world->side[side == world->side], number))
    side->chain_breaks++;
  assert_true(side->video_received > 0 || out->key);
  side->last_video = number;
  side->video_received++;
  side->keys_received += out->key;
  side_show(side, out);
  usec delay = world->now + SEC(WALL) - out->captured;
  if (out->captured && delay > side->longest_delay)
    side->longest_delay = delay;
  assert_true(out->render >= world->now);
}

static inline void side_drain(struct world *world, struct side *side) {
  struct session_output out;
  int outputs = 0;
  while (session_poll(side->session, world->now, &out)) {
    assert_true(++outputs < 10000);
    world->hash = world_hash(world->hash, &world->now, sizeof world->now);
    world->hash = world_hash(world->hash, &out.type, sizeof out.type);
    if (out.size)
      world->hash = world_hash(world->hash, out.data, out.size);
    if (out.type == SESSION_OUT_PACKET)
      side_send(world, side, &out);
    else if (out.type == SESSION_OUT_AUDIO)
      side_take_audio(side, &out);
    else if (out.type == SESSION_OUT_VIDEO)
      side_take_video(world, side, &out);
    else if (out.type == SESSION_OUT_ENCODER) {
      side->encoder_outputs++;
      side->video_bitrate = out.video_bitrate;
      side->audio_samples = out.audio_samples;
      side->audio_loss = out.audio_loss;
      side->audio_fec = out.audio_fec;
      side->layered = out.layered;
      if (out.key_frame) {
        assert_true(side->key_requests == 0 || world->now - side->last_key_request >= KEY_REQUEST_SPACING);
        side->last_key_request = world->now;
        side->key_requests++;
        side->key_next = true;
      }
    }
  }
  assert_true(session_deadline(side->session) > world->now); /* drained: nothing is due any more */
}

static inline bool side_send_audio(struct world *world, struct side *side) {
  int samples = side->audio_samples;
  usec captured = world->now - MS(samples / 48);
  uint8_t payload[80] = {side->session->config.seal_size ? SEALED : samples == 960 ? 0xf8 : 0xf0};
  memset(payload + 1, (int)(side->audio_number++ & 0xff), sizeof payload - 1);
  size_t size = side->whispers ? 2 + side->audio_number * 7 % 79 : (size_t)samples / 12;
  return session_send_audio(side->session, world->now, captured, payload, size, samples);
}

static inline bool side_send_frame(struct world *world, struct side *side, size_t size, bool key) {
  static uint8_t frame[FRAME_BUFFER_FRAME_MAX + 1];
  struct writer w = writer_of(frame, sizeof frame);
  write_u8(&w, frame_tag(side->session->config.video_codec, key));
  write_u32(&w, side->video_number);
  for (size_t i = 5; i < size; i++)
    frame[i] = (uint8_t)(side->video_number + i);
  bool upper = side->layered && side->upper_next && !key;
  side->upper[side->video_number % SHOWN_MAX] = upper;
  bool sent = session_send_video(side->session, world->now, world->now, frame, size, key, upper);
  side->upper_next = sent ? !upper : side->upper_next;
  side->video_number += sent;
  side->key_number += sent && key;
  return sent;
}

static inline void side_tick(struct world *world, struct side *side) {
  if (side->audio && world->now >= side->next_audio) {
    side_send_audio(world, side);
    side->next_audio = world->now + MS(side->audio_samples / 48);
  }
  if (side->video && world->now >= side->next_video && side->video_bitrate > 0) {
    side->next_video = world->now + SEC(1) / 30;
    size_t size = side->still ? side->still : (size_t)side->video_bitrate / 8 / 30;
    bool key = side->key_next || side->video_number == 0;
    side->key_next = false;
    side_send_frame(world, side, key ? size * 4 : size, key);
  }
}

static inline usec side_deadline(const struct side *side) {
  usec deadline = earlier(session_deadline(side->session), link_deadline(&side->link));
  if (side->audio)
    deadline = earlier(deadline, side->next_audio);
  if (side->video && side->video_bitrate > 0)
    deadline = earlier(deadline, side->next_video);
  return deadline;
}

static inline void world_step(struct world *world) {
  struct flight flight;
  for (int i = 0; i < SIDES; i++) {
    struct side *side = &world->side[i], *other = &world->side[!i];
    side_tick(world, side);
    while (link_receive(&other->link, world->now, &flight)) {
      session_input(side->session, world->now, flight.data, flight.size);
      side_drain(world, side);
    }
    side_drain(world, side);
  }
}

static inline void world_run(struct world *world, usec span) {
  usec end = world->now + span;
  int64_t steps = 0;
  for (;;) {
    world_step(world);
    usec next = earlier(side_deadline(&world->side[0]), side_deadline(&world->side[1]));
    assert_true(++steps < span / 50 + 1000); /* no busy loop */
    if (next > end)
      break;
    world->now = next > world->now ? next : world->now;
  }
  world->now = end;
}

static inline void world_end(struct world *world) {
  for (int i = 0; i < SIDES; i++)
    session_free(world->side[i].session);
}

/* The one world there is, made anew. NULL: an injected allocation failure. Delay is one way. `like` is what both
 * sessions are configured like, but for what names them. */
static inline struct world *world_like(uint64_t seed, usec delay, usec jitter, int loss,
                                       const struct session_config *like) {
  static struct world the_world;
  struct world *world = &the_world;
  memset(world, 0, sizeof *world);
  world->now = SEC(5);
  world->hash = 14695981039346656037u;
  struct random random = {seed};
  for (int i = 0; i < SIDES; i++) {
    struct side *side = &world->side[i];
    struct session_config config = *like;
    config.seed = random_next(&random);
    if (i) { /* what one sends is what the other takes */
      config.video_codec = like->peer_video_codec;
      config.peer_video_codec = like->video_codec;
    }
    config.audio_ssrc = i ? 0xb1 : 0xa1;
    config.video_ssrc = i ? 0xb2 : 0xa2;
    config.peer_audio_ssrc = i ? 0xa1 : 0xb1;
    config.peer_video_ssrc = i ? 0xa2 : 0xb2;
    config.rtx_ssrc = like->rtx_ssrc ? i ? 0xb3 : 0xa3 : 0;
    config.peer_rtx_ssrc = like->rtx_ssrc ? i ? 0xa3 : 0xb3 : 0;
    memcpy(config.cname, "abcdefghijklmnop", sizeof config.cname);
    config.wall_offset = SEC(WALL);
    side->link.random = random_next(&random) | 1;
    side->link.delay = delay;
    side->link.jitter = jitter;
    side->link.loss = loss;
    side->audio = side->video = true;
    side->audio_samples = 960;
    side->next_audio = side->next_video = world->now;
    side->session = session_new(&config);
  }
  if (world->side[0].session && world->side[1].session)
    return world;
  world_end(world);
  return NULL;
}

static inline struct world *world_with(uint64_t seed, usec delay, usec jitter, int loss, bool constant_rate) {
  return world_like(seed, delay, jitter, loss, &(struct session_config){.constant_rate = constant_rate});
}

static inline struct world *world_new(uint64_t seed, usec delay, usec jitter, int loss) {
  return world_with(seed, delay, jitter, loss, false);
}

static inline struct media_stats world_stats(const struct world *world, int side) {
  struct media_stats stats;
  session_stats(world->side[side].session, world->now, &stats);
  return stats;
}

static inline void world_run_and_stop(struct world *world, usec span) {
  world_run(world, span);
  world->side[0].link.loss = world->side[1].link.loss = 0;
  world_run(world, MS(500));
  for (int i = 0; i < SIDES; i++)
    world->side[i].audio = world->side[i].video = false;
  world_run(world, SEC(1));
}

/* No parity and no padding: what is lost of these is lost for good. */
static const struct session_config world_media_alone = {
    .payload_types = {.ulpfec = PAYLOAD_TYPE_NONE, .slot = PAYLOAD_TYPE_NONE}};

#endif
