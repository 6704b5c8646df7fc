#include "playout.h"

#include <stdlib.h>
#include <string.h>

#include "concealment.h"
#include "jitter_buffer.h"
#include "time_stretch.h"

/* Two instants matter for a packet: when it arrives, and when a read runs out of samples and needs it. The
 * difference between now and its RTP time at the second is the offset. The jitter buffer says which offset
 * lets most packets come in time; stretching moves the real one there.
 *
 * Since packets are needed at reads only, the offset moves in steps: of the greatest common divisor of packet
 * and read. What lies between two steps delays the sound without helping any packet, and is removed too. */

enum {
  HISTORY = TIME_STRETCH_HISTORY + TIME_STRETCH_LAG_MAX,
  ROOM = HISTORY + 3 * AUDIO_FRAME_MAX, /* a read, a packet, and their stretching */
  CHUNK = 480,                          /* what concealment makes at once: a packet may come meanwhile */
  REMOVE_MIN = 240,                     /* 5 ms: less is not worth a cut */
  REMOVE_HURRY = 4800,                  /* 100 ms: cut where the sound resembles itself less, too */
  LIKENESS = 90,
  LIKENESS_HURRY = 50,
  RTP_TIME_BITS = 50, /* beyond this no unwrapped number can be; keeps the arithmetic in range */
};
#define SLACK_ABOVE MS(2)   /* of the offset over its target, before it is lowered by a step */
#define SLACK_BELOW MS(2)   /* and under it, before it is raised */
#define LEAK        500     /* usec: how fast a short offset is forgotten, each 20 ms */
#define SKIP        MS(500) /* so far over its target, the sound is skipped and not accelerated */
#define STALL       SEC(2)  /* nothing arrived for this long: begin anew with what comes */

/*   EMPTY --- first packet ---> WAITING --- it waited long enough ---> PLAYING
 *                                  ^                                      |
 *                                  +------- a stall, a jump of time ------+       */
enum state { EMPTY, WAITING, PLAYING };

struct playout {
  const struct audio_codec *codec;
  enum state state;
  bool was_playing;
  int64_t position; /* RTP time of what is decoded next */
  int pending;      /* samples made and not yet read */
  int stuck;        /* samples of concealment made while `position` stood still */
  bool seam;        /* sound was skipped: the next block does not follow the last */
  int64_t fec_used; /* packets whose word of the frame before them was taken */
  int block;        /* the reader's, samples */
  usec offset;      /* the smallest of late, slowly forgotten */
  usec delay;       /* smoothed */
  struct concealment concealment;
  struct playout_stats stats;
  int16_t pcm[ROOM]; /* HISTORY samples that were read, then the pending ones */
  struct jitter_buffer jitter;
};

struct playout *playout_new(const struct audio_codec *codec) {
  struct playout *p = calloc(1, sizeof *p);
  if (!p)
    return NULL;
  void *decoder = codec->decoder_new();
  if (!decoder) {
    free(p);
    return NULL;
  }
  p->codec = codec;
  p->concealment = (struct concealment){.codec = codec, .decoder = decoder};
  p->block = CHUNK;
  jitter_buffer_init(&p->jitter);
  return p;
}

void playout_free(struct playout *playout) {
  if (!playout)
    return;
  playout->codec->decoder_free(playout->concealment.decoder);
  free(playout);
}

static bool in_range(int64_t number) {
  return number > -(1ll << RTP_TIME_BITS) && number < 1ll << RTP_TIME_BITS;
}

void playout_input(struct playout *playout, usec arrival, int64_t seq, int64_t rtp_time, const uint8_t *payload,
                   size_t size) {
  int samples = size <= AUDIO_PAYLOAD_MAX ? playout->codec->packet_samples(payload, size) : -1;
  if (samples <= 0 || samples > AUDIO_FRAME_MAX || !in_range(seq) || !in_range(rtp_time)) {
    playout->stats.packets_refused++;
    return;
  }
  int told_before = playout->codec->told_before ? playout->codec->told_before(payload, size) : 0;
  enum jitter_verdict verdict =
      jitter_buffer_input(&playout->jitter, arrival, seq, rtp_time, samples, told_before, payload, size);
  playout->stats.fec_packets_received += told_before > 0 && verdict != JITTER_DUPLICATE;
  if (playout->state == EMPTY || verdict == JITTER_RESTARTED)
    playout->state = WAITING;
}

static int16_t *end_of(struct playout *p) {
  return p->pcm + HISTORY + p->pending;
}

static int64_t clamp(int64_t value, int64_t low, int64_t high) {
  return value < low ? low : value > high ? high : value;
}

/* Appends concealment for `wanted` samples or a little more. How many. */
static int conceal(struct playout *p, int wanted) {
  int units = (int)clamp((wanted + CONCEALMENT_UNIT - 1) / CONCEALMENT_UNIT, 1, CHUNK / CONCEALMENT_UNIT);
  int samples = units * CONCEALMENT_UNIT;
  p->stats.concealment_events += p->concealment.run == 0;
  p->stats.silent_concealed_samples += concealment_fill(&p->concealment, end_of(p), samples);
  p->stats.concealed_samples += samples;
  p->pending += samples;
  return samples;
}

static void add_recovered(struct playout *p, int16_t *block, int samples) {
  if (p->concealment.run > 0 || p->seam)
    concealment_end(&p->concealment, block, samples);
  p->seam = false;
  p->pending += samples;
  p->position += samples;
}

/* The rest of a gap, if it is no longer than the frame that the packet behind it tells of: all of that is decoded,
 * for the decoder's sake, and what was concealed of it already is left out. */
static bool decode_before(struct playout *p, const struct jitter_packet *later) {
  int gap = (int)clamp(later->rtp_time - p->position, 0, AUDIO_FRAME_MAX), samples = later->told_before;
  int16_t *block = end_of(p);
  if (gap == 0 || gap > samples ||
      p->codec->decode_before(p->concealment.decoder, later->payload, later->size, block, AUDIO_FRAME_MAX) !=
          samples)
    return false;
  memmove(block, block + samples - gap, (size_t)gap * sizeof *block);
  p->fec_used++;
  add_recovered(p, block, gap);
  return true;
}

/* The next AUDIO_RECOVERED samples of a gap, by what the packet behind it tells of them. */
static bool recover(struct playout *p, const struct jitter_packet *later) {
  int64_t gap = later->rtp_time - p->position;
  int16_t *block = end_of(p);
  if (!p->codec->recover || gap < AUDIO_RECOVERED ||
      p->codec->recover(p->concealment.decoder, later->payload, later->size, (int)gap, block) != AUDIO_RECOVERED)
    return false;
  add_recovered(p, block, AUDIO_RECOVERED);
  return true;
}

static int gcd(int a, int b) {
  while (b) {
    int rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/* A block of `samples` was decoded: remove or insert some of its sound, to move the offset to its target. */
static int stretch(struct playout *p, int16_t *block, int samples, int duration, usec target) {
  int step = gcd(duration, p->block), between = p->pending % step;
  usec over = p->offset - target;
  int64_t steps = over > SLACK_ABOVE ? jitter_samples(over - SLACK_ABOVE) / step * step : 0;
  int moved = 0;
  if (over < -SLACK_BELOW) {
    moved = time_stretch_decelerate(block, samples, TIME_STRETCH_LAG_MAX, LIKENESS);
    p->stats.inserted_samples_for_deceleration += moved;
  } else if (over >= 0 && between + steps >= REMOVE_MIN) {
    int most = (int)clamp(between + steps, 0, TIME_STRETCH_LAG_MAX);
    moved = -time_stretch_accelerate(block, samples, most, steps > REMOVE_HURRY ? LIKENESS_HURRY : LIKENESS);
    p->stats.removed_samples_for_acceleration -= moved;
  }
  int after = ((between + moved) % step + step) % step;
  p->offset += jitter_usec(moved + between - after);
  return samples + moved;
}

static void note_offset(struct playout *p, usec now, const struct jitter_packet *packet) {
  usec offset = now - jitter_usec(p->position);
  usec leaked = p->offset + LEAK * packet->samples / 960;
  p->offset = offset < leaked ? offset : leaked;
  usec delay = now + jitter_usec(p->pending - (p->position - packet->rtp_time)) - packet->arrival;
  p->delay += (delay - p->delay) / 16;
}

/* Decodes the earliest packet behind the pending samples, from `position` on. Samples, 0: not decodable. */
static int decode(struct playout *p, int16_t *to, const struct jitter_packet *packet) {
  int samples = p->codec->decode(p->concealment.decoder, packet->payload, packet->size, to, AUDIO_FRAME_MAX);
  int duration = packet->samples, skip = (int)(p->position - packet->rtp_time);
  jitter_buffer_take(&p->jitter);
  if (samples != duration)
    return 0;
  memmove(to, to + skip, (size_t)(samples - skip) * sizeof *to);
  p->position += samples - skip;
  p->stats.jitter_buffer_emitted_count += samples - skip;
  return samples - skip;
}

static void play(struct playout *p, usec now, const struct jitter_packet *packet) {
  int duration = packet->samples;
  usec target = jitter_buffer_offset(&p->jitter, duration);
  note_offset(p, now, packet);
  int16_t *block = end_of(p);
  int samples = decode(p, block, packet);
  if (samples == 0)
    return;
  /* A cut in 10 ms would find high voices only. */
  packet = jitter_buffer_first(&p->jitter, p->position);
  if (samples <= CHUNK && p->offset - target > SLACK_ABOVE && packet && packet->rtp_time == p->position)
    samples += decode(p, block + samples, packet);
  if (p->concealment.run > 0 || p->seam)
    concealment_end(&p->concealment, block, samples);
  else
    samples = stretch(p, block, samples, duration, target);
  p->seam = false;
  p->pending += samples;
}

/* Concealment was made before a packet came. It stands for the packet's time as far as the offset is above its
 * target already, and for packets that are lost; for the rest, the sound is later from now on. */
static void settle(struct playout *p, usec now, const struct jitter_packet *packet) {
  usec offset = now - jitter_usec(p->position), target = jitter_buffer_offset(&p->jitter, packet->samples);
  int64_t passed = clamp(jitter_samples(offset - target), 0, p->stuck), gap = packet->rtp_time - p->position;
  if (gap <= p->stuck && passed < gap)
    passed = gap;
  p->position += passed;
  p->offset += jitter_usec(p->stuck - passed);
  p->stuck = 0;
}

static void skip(struct playout *p, int64_t samples) {
  p->position += samples;
  p->offset -= jitter_usec(samples);
  p->seam = true;
}

/* In the beginning, a read that the first packet is enough for need not wait: who answers hears at once, and the
 * delay grows to its target while the sound plays. */
static bool old_enough(const struct playout *p, const struct jitter_packet *first, usec offset) {
  bool at_once = !p->was_playing && p->block <= first->samples;
  return at_once || offset >= jitter_buffer_offset(&p->jitter, first->samples);
}

static void begin(struct playout *p, usec now, int wanted) {
  const struct jitter_packet *first = jitter_buffer_first(&p->jitter, INT64_MIN);
  usec offset = first ? now - jitter_usec(first->rtp_time) : 0;
  if (!first || !old_enough(p, first, offset)) {
    if (p->was_playing)
      conceal(p, wanted);
    else {
      memset(end_of(p), 0, (size_t)wanted * sizeof p->pcm[0]);
      p->pending += wanted;
    }
    return;
  }
  p->state = PLAYING;
  p->was_playing = p->seam = true;
  p->position = first->rtp_time;
  p->offset = offset;
  p->delay = now - first->arrival;
  p->stuck = 0;
}

/* What is to be concealed of a gap before a packet: not what that can tell of it. */
static int64_t untold(const struct jitter_packet *later, int64_t gap) {
  return gap > later->told_before ? gap - later->told_before : gap;
}

/* Makes one more step towards `wanted` samples. */
static void produce(struct playout *p, usec now, int wanted) {
  if (p->state != PLAYING) {
    begin(p, now, wanted);
    return;
  }
  const struct jitter_packet *packet = jitter_buffer_first(&p->jitter, p->position);
  if (!packet) {
    p->stuck += conceal(p, wanted);
    if (p->stuck > jitter_samples(STALL))
      p->state = WAITING;
    return;
  }
  if (p->stuck)
    settle(p, now, packet);
  usec over = now - jitter_usec(p->position) - jitter_buffer_offset(&p->jitter, packet->samples);
  int64_t gap = packet->rtp_time - p->position;
  if (gap > jitter_samples(JITTER_JUMP))
    p->state = WAITING;
  else if (over > SKIP)
    skip(p, jitter_samples(over));
  else if (decode_before(p, packet) || recover(p, packet))
    return;
  else if (gap >= CONCEALMENT_UNIT)
    p->position += conceal(p, (int)clamp(untold(packet, gap) - CONCEALMENT_UNIT + 1, 1, wanted));
  else if (gap > 0) /* no packet is so short */
    skip(p, gap);
  else if (jitter_buffer_first(&p->jitter, p->position) == packet)
    play(p, now, packet);
}

bool playout_read(struct playout *playout, usec now, int16_t *pcm, int samples) {
  struct playout *p = playout;
  samples = (int)clamp(samples, 0, AUDIO_FRAME_MAX);
  if (p->state == EMPTY || samples == 0) {
    memset(pcm, 0, (size_t)samples * sizeof *pcm);
    return false;
  }
  p->block = samples;
  while (p->pending < samples)
    produce(p, now, samples - p->pending);
  memcpy(pcm, p->pcm + HISTORY, (size_t)samples * sizeof *pcm);
  p->pending -= samples;
  memmove(p->pcm, p->pcm + samples, (size_t)(HISTORY + p->pending) * sizeof *pcm);
  p->stats.total_samples_received += p->was_playing ? samples : 0;
  return true;
}

usec playout_delay(const struct playout *playout) {
  return playout->delay;
}

int64_t playout_position(const struct playout *playout) {
  return playout->was_playing ? playout->position - playout->pending : -1;
}

void playout_stats(const struct playout *playout, struct playout_stats *stats) {
  *stats = playout->stats;
  stats->fec_packets_discarded = stats->fec_packets_received - playout->fec_used;
  stats->packets_discarded_late = playout->jitter.discarded;
  stats->packets_duplicated = playout->jitter.duplicated;
  stats->jitter_buffer_delay = playout->delay;
  stats->jitter_buffer_target_delay = jitter_buffer_target(&playout->jitter);
}
