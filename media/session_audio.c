/* session_audio.c - sound into packets and out of them, with its copies (RFC 2198). */
#include "rtp/depacketizer_opus.h"
#include "rtp/red.h"
#include "session_parts.h"

enum { HANDED = 64 };

/* Slots have one size, and a peer that takes no copies has one length. */
static int fixed_samples(const struct session_config *config) {
  bool one_step =
      config->constant_rate || (!config->audio_samples && config->payload_types.red == PAYLOAD_TYPE_NONE);
  return one_step ? CONSTANT_TICK * 48 / 1000 : config->audio_samples;
}

void session_audio_init(struct session *session) {
  bool takes_copies = session->config.payload_types.red != PAYLOAD_TYPE_NONE;
  audio_steps_init(&session->steps, fixed_samples(&session->config), takes_copies ? COPIES_MAX : 0);
  session->fate = session->out[AUDIO].next;
  session->handed_newest = -1;
}

size_t session_write_audio(struct session *session, usec captured, const uint8_t *frame, size_t size, int samples,
                           uint8_t packet[SESSION_PACKET_MAX]) {
  const struct session_payload_types *types = &session->config.payload_types;
  uint8_t payload[SESSION_PACKET_MAX - RTP_HEADER_SIZE - RTP_EXT_SIZE];
  uint32_t timestamp = packetizer_opus_begin(&session->opus, captured);
  int copies = size <= COPIES_SIZE ? session->steps.now.copies : 0;
  if (copies == 0) {
    copies_keep(&session->copies, timestamp, frame, size, samples);
    return packetizer_opus_write(&session->opus, types->opus, frame, size, samples, packet);
  }
  size =
      copies_write(&session->copies, timestamp, frame, size, samples, copies, types->opus, payload, sizeof payload);
  return packetizer_opus_write(&session->opus, types->red, payload, size, samples, packet);
}

void session_step_audio(struct session *session, usec now) {
  enum packet_fate fate;
  if (session->constant.on) /* slots have one size */
    return;
  for (; (fate = feedback_fate(&session->feedback, AUDIO, session->fate)) != PACKET_UNDECIDED; session->fate++)
    if (fate != PACKET_UNTOLD)
      audio_steps_input(&session->steps, fate == PACKET_LOST);
  const struct audio_path path = {.target = session->rate.target,
                                  .audio = session->targets.audio,
                                  .shared = session->video_begun && now - session->video_sent < VIDEO_PAUSE,
                                  .round_trip = session->round_trip};
  session->targets_changed |= audio_steps_choose(&session->steps, now, &path);
  session->rate.audio_overhead = audio_steps_overhead(session->steps.now, session->targets.audio) +
                                 (bps)session->config.seal_size * 8 * 48000 / session->steps.now.samples;
}

/* Of a frame, at 48 kHz; -1: malformed. Nobody can look into a sealed one yet: its length was agreed. */
static int samples_of(const struct session *session, const struct red_block *frame) {
  if (session->config.seal_size > 0)
    return session->config.audio_samples;
  return depacketizer_opus_samples(frame->data, frame->size);
}

/* true: the first time this frame comes, in whatever packet. Of those long past the playout knows. */
static bool first_time(struct session *session, int64_t seq) {
  int64_t back = session->handed_newest - seq;
  if (session->handed_newest < 0 || back < 0) {
    session->handed = back < 0 && -back < HANDED && session->handed_newest >= 0 ? session->handed << -back : 0;
    session->handed |= 1;
    session->handed_newest = seq;
    return true;
  }
  if (back >= HANDED)
    return true;
  bool before = session->handed >> back & 1;
  session->handed |= (uint64_t)1 << back;
  return !before;
}

static void hand_over(struct session *session, usec now, int64_t seq, int64_t rtp_time,
                      const struct red_block *frame) {
  if (session->arrived_count == AUDIO_ARRIVED) { /* nobody drains */
    session->stats.audio.packets_discarded++;
    return;
  }
  if (session->arrived_count == 0)
    session->arrived_head = 0; /* always the same few places */
  int i = (session->arrived_head + session->arrived_count++) % AUDIO_ARRIVED;
  struct arrived_audio *arrived = &session->arrived[i];
  arrived->seq = seq;
  arrived->rtp_time = rtp_time;
  arrived->arrival = now;
  arrived->size = frame->size;
  memcpy(arrived->payload, frame->data, frame->size);
  av_sync_input_audio(&session->sync, now, rtp_time);
}

/* A copy comes in place of the packet that it was first sent in: what lies so many frames before this one. */
static void input_copy(struct session *session, usec now, int64_t seq, int64_t rtp_time, int samples,
                       const struct red_block *copy) {
  int back = copy->offset / samples;
  if (back == 0 || back > RED_BLOCKS || samples_of(session, copy) != samples || !first_time(session, seq - back))
    return;
  session->stats.audio.packets_repaired++;
  nack_found(&session->in[AUDIO].nack, seq - back);
  hand_over(session, now, seq - back, rtp_time - copy->offset, copy);
}

void session_input_audio(struct session *session, usec now, int64_t seq, int64_t rtp_time, uint8_t payload_type,
                         struct reader payload) {
  struct red_block block[RED_BLOCKS] = {{.data = payload.at, .size = payload.left}};
  if (payload.left == 0) /* an empty slot */
    return;
  const struct session_payload_types *types = &session->config.payload_types;
  int blocks = payload_type == types->red ? red_parse(payload, types->opus, block) : 1;
  int samples = blocks ? samples_of(session, &block[blocks - 1]) : -1;
  if (samples < 0) {
    session->stats.packets_malformed++;
    return;
  }
  for (int i = 0; i < blocks - 1; i++)
    input_copy(session, now, seq, rtp_time, samples, &block[i]);
  if (first_time(session, seq))
    hand_over(session, now, seq, rtp_time, &block[blocks - 1]);
}
