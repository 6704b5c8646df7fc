#include "rates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "media/bytes.h"
#include "media/session.h"
#include "media/video/frame_buffer.h"

enum { SRTP_TAG = 16, FPS = 30, FLOW_OWNER = 2 * RATES_CALLS, WALL = 1700000000, TRACE = 500, FAST = 2000000 };

struct end {
  struct session *session;
  bool running;
  usec next_audio, next_video;
  bps video_bitrate;
  int audio_samples; /* of each frame, as the session wants it */
  bool key_next;
  uint32_t frames_sent;
  int64_t got_bits, window_bits;
  usec last_frame;
  int64_t frames_got;
};

struct rates {
  const struct rates_config *config;
  struct rates_result *result;
  struct random random;
  usec now;
  struct link *forth, *back;
  struct end end[2 * RATES_CALLS]; /* of a call: 2 i sends forth, 2 i + 1 back */
  struct flow flow;
  int64_t flow_bits;
  struct histogram audio;
  int64_t target_sum, target_count;
  usec window_from;
};

static bool measuring(const struct rates *rates) {
  return rates->now >= rates->config->measure_from;
}

static bool end_init(struct end *end, struct random *random, int number, usec start) {
  uint32_t ours = (uint32_t)number * 16, theirs = (uint32_t)(number ^ 1) * 16;
  const struct session_config config = {.seed = random_next(random),
                                        .audio_ssrc = ours + 1,
                                        .video_ssrc = ours + 2,
                                        .peer_audio_ssrc = theirs + 1,
                                        .peer_video_ssrc = theirs + 2,
                                        .cname = "abcdefghijklmnop",
                                        .wall_offset = SEC(WALL)};
  *end = (struct end){
      .session = session_new(&config), .next_audio = start, .next_video = start + MS(1), .audio_samples = 960};
  return end->session != NULL;
}

static void send_audio(struct rates *rates, struct end *end) { /* Opus of 20 or 10 ms, 32 kbit/s */
  uint8_t payload[80] = {end->audio_samples == 960 ? 0xf8 : 0xf0};
  struct writer w = writer_of(payload + 1, 8);
  write_u64(&w, (uint64_t)rates->now);
  session_send_audio(end->session, rates->now, rates->now, payload, (size_t)end->audio_samples / 12,
                     end->audio_samples);
  end->next_audio += MS(end->audio_samples / 48);
}

static void send_video(struct rates *rates, struct end *end) {
  static uint8_t frame[FRAME_BUFFER_FRAME_MAX];
  end->next_video += SEC(1) / FPS;
  if (end->video_bitrate <= 0)
    return;
  bool key = end->key_next || end->frames_sent == 0;
  size_t mean = (size_t)end->video_bitrate / 8 / FPS;
  size_t size = mean * (75 + random_below(&rates->random, 51)) / 100 * (key ? 3 : 1);
  frame[0] = key ? 0 : 1;
  if (session_send_video(end->session, rates->now, rates->now, frame, size < 10 ? 10 : size, key, 0)) {
    end->frames_sent++;
    end->key_next = false;
  }
}

static void transmit(struct rates *rates, int from, const struct session_output *out) {
  uint8_t data[LINK_DATA_MAX] = {0};
  memcpy(data, out->data, out->size);
  rates->result->hash = (rates->result->hash ^ (uint64_t)rates->now ^ (uint64_t)out->size << 40) * 1099511628211u;
  struct link *link = from % 2 ? rates->back : rates->forth;
  link_input(link, rates->now, from ^ 1, (uint32_t)out->size, data, out->size + SRTP_TAG);
}

static void take_audio(struct rates *rates, const struct session_output *out) {
  struct reader r = reader_of(out->data + 1, 8);
  if (measuring(rates))
    histogram_add(&rates->audio, rates->now - (usec)read_u64(&r), 1);
}

static void take_video(struct rates *rates, struct end *end) {
  usec gap = rates->now - end->last_frame;
  if (measuring(rates) && end->last_frame > rates->config->measure_from && gap > SEC(1) / FPS + MS(150)) {
    rates->result->freezes++;
    rates->result->freeze_s += (double)gap / 1e6;
  }
  end->frames_got += measuring(rates);
  end->last_frame = rates->now;
}

static void drain(struct rates *rates, int number) {
  struct end *end = &rates->end[number];
  struct session_output out;
  while (session_poll(end->session, rates->now, &out)) {
    if (out.type == SESSION_OUT_PACKET)
      transmit(rates, number, &out);
    else if (out.type == SESSION_OUT_AUDIO && number == 1)
      take_audio(rates, &out);
    else if (out.type == SESSION_OUT_VIDEO && number == 1)
      take_video(rates, end);
    else if (out.type == SESSION_OUT_ENCODER) {
      end->video_bitrate = out.video_bitrate;
      end->audio_samples = out.audio_samples;
      end->key_next |= out.key_frame;
    }
  }
}

static void receive(struct rates *rates, struct link *link) {
  for (const struct link_packet *packet; (packet = link_poll(link, rates->now));) {
    int64_t bits = (int64_t)(packet->size + LINK_OVERHEAD) * 8;
    if (packet->owner == FLOW_OWNER) {
      rates->flow_bits += measuring(rates) ? bits : 0;
      flow_arrived(&rates->flow, rates->now, packet->tag);
      continue;
    }
    struct end *end = &rates->end[packet->owner];
    end->got_bits += measuring(rates) ? bits : 0;
    end->window_bits += bits;
    session_input(end->session, rates->now, packet->data, packet->size - SRTP_TAG);
    drain(rates, packet->owner);
  }
}

static void run_end(struct rates *rates, int number) {
  struct end *end = &rates->end[number];
  end->running = number < 2 || rates->now >= rates->config->second_call;
  if (!end->running)
    return;
  if (rates->now >= end->next_audio)
    send_audio(rates, end);
  if (rates->now >= end->next_video)
    send_video(rates, end);
  drain(rates, number);
}

static void run_flow(struct rates *rates) {
  uint32_t number;
  if (rates->config->flow && rates->now >= rates->config->flow_start)
    while (flow_poll(&rates->flow, rates->now, &number))
      link_input(rates->forth, rates->now, FLOW_OWNER, number, NULL, FLOW_PACKET);
}

static usec next_time(const struct rates *rates) {
  usec next = earlier(link_deadline(rates->forth), link_deadline(rates->back));
  for (int i = 0; i < 2 * rates->config->calls; i++) {
    const struct end *end = &rates->end[i];
    next = earlier(next, earlier(end->next_audio, end->next_video));
    if (end->running)
      next = earlier(next, session_deadline(end->session));
  }
  if (rates->config->flow && rates->now >= rates->config->flow_start)
    next = earlier(next, flow_deadline(&rates->flow));
  else if (rates->config->flow)
    next = earlier(next, rates->config->flow_start);
  return earlier(next, rates->window_from + MS(TRACE));
}

static void close_window(struct rates *rates, bool trace) {
  struct media_stats stats;
  session_stats(rates->end[0].session, rates->now, &stats);
  bps got = rates->end[1].window_bits * 1000 / TRACE, other = rates->end[3].window_bits * 1000 / TRACE;
  if (got >= FAST && rates->result->reach_s == 0)
    rates->result->reach_s = (double)rates->now / 1e6;
  if (measuring(rates)) {
    rates->target_sum += stats.available_outgoing_bitrate;
    rates->target_count++;
  }
  if (trace)
    printf("%6.1f s: target %5lld kbit/s, got %5lld, other call %5lld, round trip %4lld ms, queue p95 %5.1f ms\n",
           (double)rates->now / 1e6, (long long)stats.available_outgoing_bitrate / 1000, (long long)got / 1000,
           (long long)other / 1000, (long long)stats.round_trip_time / 1000,
           (double)histogram_percentile(&link_stats(rates->forth)->queue_delay, 95) / 1000);
  rates->end[1].window_bits = rates->end[3].window_bits = 0;
  rates->window_from = rates->now;
}

static void run(struct rates *rates, bool trace) {
  bool reset = false;
  while (rates->now < rates->config->span) {
    if (!reset && measuring(rates)) {
      link_stats_reset(rates->forth);
      reset = true;
    }
    receive(rates, rates->forth);
    receive(rates, rates->back);
    for (int i = 0; i < 2 * rates->config->calls; i++)
      run_end(rates, i);
    run_flow(rates);
    if (rates->now >= rates->window_from + MS(TRACE))
      close_window(rates, trace);
    usec next = next_time(rates);
    rates->now = next > rates->now ? next : rates->now;
  }
}

static void conclude(struct rates *rates) {
  const struct rates_config *config = rates->config;
  struct rates_result *result = rates->result;
  const struct link_stats *stats = link_stats(rates->forth);
  double seconds = (double)(config->span - config->measure_from) / 1e6;
  int64_t capacity = link_capacity(rates->forth, config->measure_from, config->span);
  result->queue_p50_ms = (double)histogram_percentile(&stats->queue_delay, 50) / 1000;
  result->queue_p95_ms = (double)histogram_percentile(&stats->queue_delay, 95) / 1000;
  result->utilisation = capacity ? 100.0 * (double)stats->delivered_bytes * 8 / (double)capacity : 0;
  for (int i = 0; i < config->calls; i++)
    result->call_rate[i] = (double)rates->end[2 * i + 1].got_bits / seconds;
  result->flow_rate = (double)rates->flow_bits / seconds;
  result->audio_p50_ms = (double)histogram_percentile(&rates->audio, 50) / 1000;
  result->audio_p95_ms = (double)histogram_percentile(&rates->audio, 95) / 1000;
  result->fps = (double)rates->end[1].frames_got / seconds;
  result->target = rates->target_count ? (double)rates->target_sum / (double)rates->target_count : 0;
}

static bool init(struct rates *rates, const struct rates_config *config, uint64_t seed,
                 struct rates_result *result) {
  static struct link_step back;
  rates->config = config;
  rates->result = result;
  rates->random.state = seed;
  back = config->link.step[0];
  back.rate = 0;
  rates->forth = link_new(&config->link, random_next(&rates->random));
  rates->back = link_new(&(struct link_config){.step = &back, .steps = 1}, random_next(&rates->random));
  flow_init(&rates->flow, config->flow_start, back.delay);
  bool ok = rates->forth && rates->back;
  for (int i = 0; ok && i < 2 * RATES_CALLS; i++)
    ok = end_init(&rates->end[i], &rates->random, i, i < 2 ? 0 : config->second_call);
  if (ok) {
    link_start(rates->forth, 0);
    link_start(rates->back, 0);
  }
  return ok;
}

bool rates_run(const struct rates_config *config, uint64_t seed, bool trace, struct rates_result *result) {
  *result = (struct rates_result){.hash = 14695981039346656037u};
  struct rates *rates = calloc(1, sizeof *rates);
  bool ok = rates && init(rates, config, seed, result);
  if (ok) {
    run(rates, trace);
    conclude(rates);
  }
  for (int i = 0; rates && i < 2 * RATES_CALLS; i++)
    session_free(rates->end[i].session);
  if (rates) {
    link_free(rates->forth);
    link_free(rates->back);
  }
  free(rates);
  return ok;
}
