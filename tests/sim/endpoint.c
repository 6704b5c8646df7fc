#include "endpoint.h"

#include <string.h>

#include "unit/unit.h"

enum { WIDTH = 640, HEIGHT = 360, FRAME = 960, UNIT = 480, READ = 480, MARK = 16 };

static uint64_t mix(uint64_t hash, int64_t value) {
  for (int i = 0; i < 8; i++)
    hash = (hash ^ (uint8_t)(value >> 8 * i)) * 1099511628211u; /* FNV-1a */
  return hash;
}

static uint64_t hash_of(const uint8_t *data, size_t size) {
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < size; i++)
    hash = (hash ^ data[i]) * 1099511628211u;
  return hash;
}

static struct video_encoder_config video_config(bps bitrate, bool layered) {
  return (struct video_encoder_config){
      .width = WIDTH, .height = HEIGHT, .fps = ENDPOINT_FPS, .threads = 1, .bitrate = bitrate, .layered = layered};
}

void endpoint_init(struct endpoint *e, struct sim *sim, int peer, uint32_t call,
                   const struct endpoint_config *config, const struct endpoint *other) {
  const struct audio_encoder_config audio = {.frame_samples = FRAME, .bitrate = 32000};
  const struct video_encoder_config video = video_config(500000, false);
  struct random random = {config->seed};
  memset(e, 0, sizeof *e);
  e->sim = sim;
  e->config = *config;
  e->other = other;
  e->peer = peer;
  e->call = call;
  e->playout = playout_new(config->audio);
  e->audio_encoder = config->audio->encoder_new(&audio);
  e->video_encoder = video_codec_fake.encoder_new(&video);
  e->video_decoder = video_codec_fake.decoder_new();
  assert_true(e->playout && e->audio_encoder && e->video_encoder && e->video_decoder);
  e->frame = e->wanted_frame = FRAME;
  voice_init(&e->voice, random_next(&random));
  e->microphone_phase = random_below(&random, 20000);
  e->speaker_phase = random_below(&random, 10000);
  e->camera_phase = random_below(&random, 33333);
  e->spoken = config->speech ? random_below(&random, config->speech_samples) : 0;
  e->picture_due = USEC_NEVER;
  e->hash = 14695981039346656037u;
}

void endpoint_deinit(struct endpoint *e) {
  playout_free(e->playout);
  e->config.audio->encoder_free(e->audio_encoder);
  video_codec_fake.encoder_free(e->video_encoder);
  video_codec_fake.decoder_free(e->video_decoder);
}

/* ---- sending ---- */

/* When the n-th period of a device ends, by its own clock. */
static usec device_time(const struct endpoint *e, usec phase, int64_t n, usec million_periods) {
  usec ideal = n * million_periods / 1000000;
  return e->opened + phase + ideal + ideal * e->config.skew / 1000000;
}

static usec microphone_due(const struct endpoint *e) {
  int64_t units = (e->audio_samples + e->frame) / UNIT;
  return e->open ? device_time(e, e->microphone_phase, units, SEC(10000)) : USEC_NEVER;
}

static usec speaker_due(const struct endpoint *e) {
  return e->open ? device_time(e, e->speaker_phase, e->reads + 1, SEC(10000)) : USEC_NEVER;
}

static usec camera_due(const struct endpoint *e) {
  return e->open && e->config.video ? device_time(e, e->camera_phase, e->pictures, SEC(1000000) / ENDPOINT_FPS)
                                    : USEC_NEVER;
}

static void say(struct endpoint *e, int16_t *pcm, int samples) {
  if (!e->config.speech)
    voice_make(&e->voice, pcm, samples);
  for (int i = 0; e->config.speech && i < samples; i++, e->spoken = (e->spoken + 1) % e->config.speech_samples)
    pcm[i] = e->config.speech[e->spoken];
}

static void run_microphone(struct endpoint *e) {
  int16_t pcm[FRAME];
  uint8_t payload[AUDIO_PAYLOAD_MAX];
  usec now = e->sim->now, captured = device_time(e, e->microphone_phase, e->audio_samples / UNIT, SEC(10000));
  int samples = e->frame;
  say(e, pcm, samples);
  if (e->config.said)
    tape_add(e->config.said, pcm, (size_t)samples / TAPE_BLOCK, captured);
  const struct audio_encoder_config config = {
      .frame_samples = samples, .bitrate = e->audio_bitrate, .loss = e->audio_loss, .inband_fec = e->audio_fec};
  assert_true(e->config.audio->encoder_set(e->audio_encoder, &config));
  int size = e->config.audio->encode(e->audio_encoder, pcm, samples, payload, sizeof payload);
  assert_true(size > 0);
  e->payload[e->audio_frames % ENDPOINT_PAYLOADS].hash = hash_of(payload, (size_t)size);
  e->payload[e->audio_frames % ENDPOINT_PAYLOADS].captured = captured;
  e->audio_frames++;
  e->audio_samples += samples;
  e->frame = e->wanted_frame;
  e->figures.audio_bits += 8 * size;
  core_audio_encoded(e->sim->peer[e->peer].core, now, e->call, captured, payload, (size_t)size, samples);
}

static void run_camera(struct endpoint *e) {
  e->captured[e->pictures % ENDPOINT_FRAMES] = e->sim->now;
  e->sent[e->pictures % ENDPOINT_FRAMES] = false;
  if (e->video_bitrate)
    e->picture_due = e->sim->now + ENDPOINT_ENCODE;
  e->pictures++;
}

/* The picture's number is in its first luma bytes, which the synthetic codec keeps. */
static void run_encoder(struct endpoint *e) {
  static uint8_t plane[WIDTH * HEIGHT];
  int64_t number = e->pictures - 1;
  usec captured = e->captured[number % ENDPOINT_FRAMES];
  struct picture picture = {.width = WIDTH,
                            .height = HEIGHT,
                            .stride = {WIDTH, WIDTH / 2, WIDTH / 2},
                            .plane = {plane, plane, plane},
                            .captured = captured};
  struct encoded_frame frame;
  e->picture_due = USEC_NEVER;
  if (e->video_bitrate == 0)
    return;
  memcpy(plane, &number, sizeof number);
  const struct video_encoder_config config = video_config(e->video_bitrate, e->layered);
  assert_true(video_codec_fake.encoder_set(e->video_encoder, &config));
  assert_true(video_codec_fake.encode(e->video_encoder, &picture, e->key_frame, &frame));
  e->key_frame = false;
  e->sent[number % ENDPOINT_FRAMES] = true;
  e->figures.video_bits += (int64_t)frame.size * 8;
  core_video_encoded(e->sim->peer[e->peer].core, e->sim->now, e->call, captured, frame.data, frame.size, frame.key,
                     frame.temporal_id);
}

/* ---- receiving ---- */

static usec capture_of(const struct endpoint *e, int64_t rtp_time) {
  return e->heard.captured + (rtp_time - e->heard.rtp_time) * 125 / 6;
}

static void take_audio(struct endpoint *e, const struct core_output *out) {
  uint64_t hash = hash_of(out->data, out->size);
  const struct endpoint *other = e->other;
  for (int64_t n = other->audio_frames - 1; n >= 0 && n >= other->audio_frames - ENDPOINT_PAYLOADS; n--)
    if (other->payload[n % ENDPOINT_PAYLOADS].hash == hash) {
      e->heard.rtp_time = out->rtp_time;
      e->heard.captured = other->payload[n % ENDPOINT_PAYLOADS].captured;
      break;
    }
  playout_input(e->playout, out->arrival, out->seq, out->rtp_time, out->data, out->size);
  core_playout_delay(e->sim->peer[e->peer].core, e->sim->now, out->call, playout_delay(e->playout));
}

static void run_speaker(struct endpoint *e) {
  int16_t pcm[READ];
  struct playout_stats before, after;
  usec now = e->sim->now;
  playout_stats(e->playout, &before);
  playout_read(e->playout, now, pcm, READ);
  playout_stats(e->playout, &after);
  if (e->config.heard)
    tape_add(e->config.heard, pcm, READ / TAPE_BLOCK, now);
  e->reads++;
  int64_t position = playout_position(e->playout); /* of what comes after these */
  if (position < 0)
    return;
  usec delay = now + MS(10) - capture_of(e, position) + ENDPOINT_LOOK_AHEAD;
  e->hash = mix(mix(mix(e->hash, now), delay), after.concealed_samples);
  if (after.concealed_samples != before.concealed_samples)
    return;
  histogram_add(&e->figures.audio, delay, 1);
  e->newest_audio = delay;
  if (!e->first_heard)
    e->first_heard = now;
}

static usec mean_interval(const struct endpoint *e) {
  int64_t count = e->intervals < ENDPOINT_FREEZE_MEAN_OF ? e->intervals : ENDPOINT_FREEZE_MEAN_OF;
  usec sum = 0;
  for (int64_t i = 0; i < count; i++)
    sum += e->interval[i];
  return count ? sum / count : SEC(1) / ENDPOINT_FPS;
}

static bool is_freeze(const struct endpoint *e, usec interval) {
  usec mean = mean_interval(e);
  return interval > (3 * mean > mean + MS(150) ? 3 * mean : mean + MS(150));
}

static void note_shown(struct endpoint *e, usec at) {
  usec interval = at - e->last_shown;
  if (e->last_shown && interval > 0) { /* 0: the screen shows only the later of the two */
    if (is_freeze(e, interval)) {
      e->figures.freezes++;
      e->figures.freeze_time += interval;
    }
    e->interval[e->intervals++ % ENDPOINT_FREEZE_MEAN_OF] = interval;
  }
  e->last_shown = at;
}

static void take_video(struct endpoint *e, const struct core_output *out) {
  struct picture picture;
  int64_t number;
  usec now = e->sim->now, at = now + ENDPOINT_DECODE;
  if (!video_codec_fake.decode(e->video_decoder, out->data, out->size, &picture)) {
    core_request_key_frame(e->sim->peer[e->peer].core, now, out->call);
    return;
  }
  memcpy(&number, picture.plane[0], sizeof number);
  assert_in_range(number, 0, e->other->pictures - 1);
  at = out->render > at ? out->render : at;
  at = e->last_shown > at ? e->last_shown : at;
  e->shown[number % ENDPOINT_FRAMES] = true;
  e->figures.frames_shown++;
  e->hash = mix(mix(e->hash, at), number);
  e->newest_video = at - e->other->captured[number % ENDPOINT_FRAMES];
  histogram_add(&e->figures.video, e->newest_video, 1);
  note_shown(e, at);
  if (!e->first_shown)
    e->first_shown = at;
}

/* ---- */

bool endpoint_output(struct endpoint *e, const struct core_output *out) {
  switch (out->type) {
  case CORE_AUDIO:
    take_audio(e, out);
    return true;
  case CORE_VIDEO:
    take_video(e, out);
    return true;
  case CORE_ENCODER:
    e->audio_bitrate = out->audio_bitrate;
    e->audio_loss = out->audio_loss;
    e->audio_fec = out->audio_fec;
    if (out->audio_samples)
      e->wanted_frame = out->audio_samples;
    e->video_bitrate = e->config.video ? out->video_bitrate : 0;
    e->key_frame |= out->key_frame;
    e->layered = out->layered;
    if (!e->open && e->audio_bitrate) {
      e->open = true;
      e->opened = e->sim->now;
    }
    return true;
  default:
    return false;
  }
}

void endpoint_run(struct endpoint *e) {
  usec now = e->sim->now;
  for (; now >= microphone_due(e); sim_drain(e->sim, e->peer))
    run_microphone(e);
  for (; now >= e->picture_due; sim_drain(e->sim, e->peer))
    run_encoder(e);
  while (now >= camera_due(e))
    run_camera(e);
  while (now >= speaker_due(e))
    run_speaker(e);
}

usec endpoint_deadline(const struct endpoint *e) {
  return earlier(earlier(microphone_due(e), e->picture_due), earlier(camera_due(e), speaker_due(e)));
}

void endpoint_measure(struct endpoint *e) {
  memset(&e->figures, 0, sizeof e->figures);
  e->measured_from = e->sim->now;
  if (e->config.said)
    e->config.said->blocks = 0;
  if (e->config.heard)
    e->config.heard->blocks = 0;
  playout_stats(e->playout, &e->playout_before);
}

static void count_lost(struct endpoint *e) {
  const struct endpoint *other = e->other;
  int64_t n = other->pictures > ENDPOINT_FRAMES ? other->pictures - ENDPOINT_FRAMES : 0;
  for (; n < other->pictures; n++) {
    usec captured = other->captured[n % ENDPOINT_FRAMES];
    if (!other->sent[n % ENDPOINT_FRAMES] || captured < e->measured_from || captured > e->sim->now - SEC(1))
      continue;
    e->figures.frames_sent++;
    e->figures.frames_lost += !e->shown[n % ENDPOINT_FRAMES];
  }
}

void endpoint_finish(struct endpoint *e) {
  struct playout_stats stats;
  playout_stats(e->playout, &stats);
  e->figures.samples = stats.total_samples_received - e->playout_before.total_samples_received;
  e->figures.concealed = stats.concealed_samples - e->playout_before.concealed_samples;
  e->figures.silent = stats.silent_concealed_samples - e->playout_before.silent_concealed_samples;
  count_lost(e);
  if (e->config.video && e->last_shown && is_freeze(e, e->sim->now - e->last_shown)) /* and it goes on */
    note_shown(e, e->sim->now);
}
