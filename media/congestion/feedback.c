#include "feedback.h"

#include "../rtp/transport_cc.h"
#include "../seq.h"

void feedback_init(struct feedback *feedback) {
  feedback->clocked = false;
  feedback->results = 0;
  feedback->resent = 0;
  for (int stream = 0; stream < FEEDBACK_STREAMS; stream++) {
    feedback->stream[stream].settled = -1;
    for (int i = 0; i < FEEDBACK_SENT; i++)
      feedback->stream[stream].packet[i].seq = -1;
  }
}

static struct feedback_packet *slot_of(struct feedback_stream *stream, int64_t seq) {
  return &stream->packet[seq % FEEDBACK_SENT];
}

static void add_result(struct feedback *feedback, struct packet_result result) {
  if (feedback->results < FEEDBACK_RESULTS) /* reports are shorter; only a peer's invention fills it */
    feedback->result[feedback->results++] = result;
}

static void add_lost(struct feedback *feedback, const struct feedback_packet *packet) {
  add_result(feedback, (struct packet_result){
                           .sent = packet->sent, .size = packet->size, .lost = true, .again = packet->again});
}

void feedback_sent(struct feedback *feedback, usec now, int stream, int64_t seq, int size) {
  struct feedback_stream *s = &feedback->stream[stream];
  struct feedback_packet *packet = slot_of(s, seq);
  if (packet->seq == seq) { /* again: the one before is lost, or it would not have been asked for */
    if (!packet->known && seq >= s->settled) /* else the reports have told of it already */
      add_lost(feedback, packet);
    feedback->resent += size;
    *packet = (struct feedback_packet){seq, now, size, packet->known, true, packet->untold, feedback->resent};
    return;
  }
  if (s->settled < 0)
    s->settled = seq;
  if (s->settled <= seq - FEEDBACK_SENT)
    s->settled = seq - FEEDBACK_SENT + 1;
  if (s->next <= seq)
    s->next = seq + 1;
  *packet = (struct feedback_packet){seq, now, size, .resent = feedback->resent};
}

/* From a clock of `bits` that wraps. */
static void unwrap_clock(struct feedback *feedback, uint32_t time, int bits) {
  if (!feedback->clocked)
    feedback->clock = ((int64_t)1 << bits) + time;
  uint32_t step = (time - (uint32_t)(uint64_t)feedback->clock) << (32 - bits);
  feedback->clock += (int32_t)step >> (32 - bits);
  feedback->clocked = true;
}

static usec arrival(const struct feedback *feedback, int offset) {
  int64_t fine = feedback->clock - (int64_t)offset * 64; /* 1/1024 s in the timestamp's units */
  return (fine >> 16) * SEC(1) + ((fine & 0xffff) * SEC(1) >> 16);
}

void feedback_clock(struct feedback *feedback, uint32_t timestamp) {
  unwrap_clock(feedback, timestamp, 32);
  feedback->told = arrival(feedback, 0);
}

usec feedback_reference(struct feedback *feedback, uint32_t reference) {
  unwrap_clock(feedback, reference, 24);
  return feedback->told = feedback->clock * TRANSPORT_CC_REFERENCE;
}

void feedback_past(struct feedback *feedback, int stream, int64_t seq, bool told) {
  struct feedback_stream *s = &feedback->stream[stream];
  for (; s->settled >= 0 && s->settled < seq && s->settled < s->next; s->settled++) {
    struct feedback_packet *packet = slot_of(s, s->settled);
    if (packet->seq != s->settled || packet->known || packet->again)
      continue;
    packet->untold = !told;
    if (told)
      add_lost(feedback, packet);
  }
}

void feedback_arrived(struct feedback *feedback, int stream, int64_t seq, usec arrived) {
  struct feedback_stream *s = &feedback->stream[stream];
  struct feedback_packet *packet = slot_of(s, seq < 0 ? 0 : seq);
  if (s->settled < 0 || packet->seq != seq || packet->known || seq < s->settled)
    return;
  packet->known = true;
  feedback->told = arrived > feedback->told ? arrived : feedback->told;
  add_result(feedback, (struct packet_result){.sent = packet->sent,
                                              .arrived = arrived,
                                              .size = packet->size,
                                              .resent = packet->resent,
                                              .again = packet->again});
}

void feedback_report(struct feedback *feedback, int stream, const struct ccfb_report *report) {
  int64_t begin = seq_unwrap(feedback->stream[stream].next - 1, report->begin);
  feedback_past(feedback, stream, begin, true);
  for (int i = 0; i < report->count; i++) {
    int offset = ccfb_offset(report->metric[i]);
    if (report->metric[i] & CCFB_RECEIVED && offset <= CCFB_OFFSET_MAX)
      feedback_arrived(feedback, stream, begin + i, arrival(feedback, offset));
  }
}

static bool behind(struct feedback_stream *stream, usec sent) {
  const struct feedback_packet *packet = slot_of(stream, stream->settled);
  return stream->settled < stream->next &&
         (packet->seq != stream->settled || packet->sent < sent - FEEDBACK_BEHIND);
}

void feedback_all_told(struct feedback *feedback) {
  usec newest = INT64_MIN / 2;
  for (int i = 0; i < feedback->results; i++) {
    const struct packet_result *result = &feedback->result[i];
    newest = !result->lost && !result->again && result->sent > newest ? result->sent : newest;
  }
  for (int stream = 0; stream < FEEDBACK_STREAMS; stream++)
    while (feedback->stream[stream].settled >= 0 && behind(&feedback->stream[stream], newest))
      feedback_past(feedback, stream, feedback->stream[stream].settled + 1, true);
}

usec feedback_held(const struct feedback *feedback, usec arrived) {
  return feedback->told - arrived;
}

static void sort(struct packet_result *result, int count) { /* a run a stream: nearly sorted already */
  for (int i = 1; i < count; i++) {
    struct packet_result moving = result[i];
    int to = i;
    for (; to > 0 && result[to - 1].sent > moving.sent; to--)
      result[to] = result[to - 1];
    result[to] = moving;
  }
}

int feedback_take(struct feedback *feedback, const struct packet_result **result) {
  int results = feedback->results;
  sort(feedback->result, results);
  *result = feedback->result;
  feedback->results = 0;
  return results;
}

enum packet_fate feedback_fate(const struct feedback *feedback, int stream, int64_t seq) {
  const struct feedback_stream *s = &feedback->stream[stream];
  const struct feedback_packet *packet = &s->packet[seq % FEEDBACK_SENT];
  if (seq >= s->settled)
    return PACKET_UNDECIDED;
  if (packet->seq != seq)
    return PACKET_LOST;
  return packet->untold ? PACKET_UNTOLD : packet->known && !packet->again ? PACKET_ARRIVED : PACKET_LOST;
}
