/* media.c - what the workers and the sound card do: frames to encode every 20 or 33 ms, a speaker that reads. */
#include <string.h>

#include "parts.h"
#include "unit/unit.h"

static void run_audio(struct sim *sim, struct sim_peer *peer, struct sim_leg *leg) {
  int16_t pcm[960];
  uint8_t payload[AUDIO_PAYLOAD_MAX];
  for (int i = 0; i < 960; i++) {
    int level = peer->tone[i / 120];
    pcm[i] = (int16_t)(level ? level * level : (i % 96) * 100 - 4800);
  }
  int size = audio_codec_fake.encode(leg->audio_encoder, pcm, 960, payload, sizeof payload);
  assert_true(size > 0);
  leg->audio_frames_sent++;
  core_audio_encoded(peer->core, sim->now, leg->call, sim->now - MS(20), payload, (size_t)size, 960);
}

static void run_video(struct sim *sim, struct sim_peer *peer, struct sim_leg *leg) {
  static uint8_t plane[640 * 360];
  struct picture picture = {
      .width = 640, .height = 360, .stride = {640, 320, 320}, .plane = {plane, plane, plane}, .captured = sim->now};
  struct encoded_frame frame;
  memcpy(plane, peer->mark, sizeof peer->mark);
  struct video_encoder_config config = {
      .width = 640, .height = 360, .fps = 30, .threads = 1, .bitrate = leg->video_bitrate};
  assert_true(video_codec_fake.encoder_set(leg->video_encoder, &config));
  assert_true(video_codec_fake.encode(leg->video_encoder, &picture, leg->key_frame, &frame));
  leg->key_frame = false;
  leg->video_frames_sent++;
  core_video_encoded(peer->core, sim->now, leg->call, sim->now, frame.data, frame.size, frame.key, 0);
}

static void run_speaker(struct sim *sim, struct sim_leg *leg) {
  int16_t pcm[480];
  bool heard = playout_read(leg->playout, sim->now, pcm, 480);
  leg->samples_read += 480;
  for (int i = 0; heard && i < 480; i++)
    leg->samples_heard += pcm[i] != 0;
}

void sim_run_media(struct sim *sim, struct sim_peer *peer, struct sim_leg *leg) {
  if (!leg->used || leg->gone || sim->options.no_media)
    return;
  if (leg->audio_bitrate && sim->now >= leg->next_audio) {
    leg->next_audio = sim->now + MS(20);
    run_audio(sim, peer, leg);
  }
  if (leg->video_bitrate && sim->now >= leg->next_video) {
    leg->next_video = sim->now + 33333;
    run_video(sim, peer, leg);
  }
  if (leg->gate != SOTTO_GATE_SHUT && sim->now >= leg->next_read) {
    leg->next_read = sim->now + MS(10);
    run_speaker(sim, leg);
  }
}

usec sim_media_deadline(const struct sim *sim, const struct sim_leg *leg) {
  usec deadline = USEC_NEVER;
  if (!leg->used || leg->gone || sim->options.no_media)
    return deadline;
  if (leg->audio_bitrate)
    deadline = earlier(deadline, leg->next_audio);
  if (leg->video_bitrate)
    deadline = earlier(deadline, leg->next_video);
  if (leg->gate != SOTTO_GATE_SHUT)
    deadline = earlier(deadline, leg->next_read);
  return deadline;
}
