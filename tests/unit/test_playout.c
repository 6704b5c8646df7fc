#include "unit.h"

#include <math.h>

#include "media/audio/jitter_buffer.h"
#include "media/audio/playout.h"

/* A codec that gives back a tone which is exact in time, so that any cut or jump shows: the payload carries the
 * number of its first sample and its duration. */

enum { PERIOD = 160 /* 300 Hz */, AMPLITUDE = 8000, STEEPEST = 315 /* from one sample to the next */ };

static int64_t tone_at; /* where the only decoder is */

static const int16_t *tone_from(int64_t n) { /* AUDIO_FRAME_MAX samples of it */
  static int16_t periods[PERIOD + AUDIO_FRAME_MAX];
  if (periods[1] == 0)
    for (int i = 0; i < PERIOD + AUDIO_FRAME_MAX; i++)
      periods[i] = (int16_t)(AMPLITUDE * sin(2 * 3.14159265358979 * (i % PERIOD) / PERIOD));
  return &periods[(uint64_t)n % PERIOD];
}

static int16_t tone(int64_t n) {
  return *tone_from(n);
}

static void make_tone(int16_t *pcm, int samples) {
  memcpy(pcm, tone_from(tone_at), (size_t)samples * sizeof *pcm);
  tone_at += samples;
}

static void *decoder_new(void) {
  return malloc(1);
}
static void decoder_free(void *decoder) {
  free(decoder);
}

static int packet_samples(const uint8_t *payload, size_t size) {
  return size == 9 ? payload[8] * 120 : -1;
}

static int decode(void *decoder, const uint8_t *payload, size_t size, int16_t *pcm, int samples_max) {
  (void)decoder;
  int samples = packet_samples(payload, size);
  if (samples < 0 || samples > samples_max || payload[7] == 0xff)
    return -1;
  memcpy(&tone_at, payload, sizeof tone_at);
  make_tone(pcm, samples);
  return samples;
}

static int conceal(void *decoder, int16_t *pcm, int samples) {
  (void)decoder;
  assert_true(samples > 0 && samples <= AUDIO_FRAME_MAX && samples % 120 == 0);
  make_tone(pcm, samples);
  return samples;
}

static const struct audio_codec exact = {.name = "exact",
                                         .decoder_new = decoder_new,
                                         .packet_samples = packet_samples,
                                         .decode = decode,
                                         .conceal = conceal,
                                         .decoder_free = decoder_free};

/* A packet tells all of the 40 ms before it. */
static int recover(void *decoder, const uint8_t *later, size_t size, int before, int16_t pcm[AUDIO_RECOVERED]) {
  (void)decoder;
  assert_true(packet_samples(later, size) > 0 && before >= AUDIO_RECOVERED);
  if (before > 1920)
    return -1;
  memcpy(&tone_at, later, sizeof tone_at);
  tone_at -= before;
  make_tone(pcm, AUDIO_RECOVERED);
  return AUDIO_RECOVERED;
}

/* A packet tells of the frame before it, which is as long. */
static int told_before(const uint8_t *payload, size_t size) {
  return packet_samples(payload, size);
}

static int decode_before(void *decoder, const uint8_t *later, size_t size, int16_t *pcm, int samples_max) {
  (void)decoder;
  int samples = packet_samples(later, size);
  assert_true(samples > 0 && samples <= samples_max);
  memcpy(&tone_at, later, sizeof tone_at);
  tone_at -= samples;
  make_tone(pcm, samples);
  return samples;
}

/* A sender, a network and a reader in simulated time. */

enum { QUEUE = 4096 };

struct net {
  struct playout *playout;
  uint64_t seed;
  usec now, sent_at, read_at;
  int64_t sample, seq; /* of the next packet */
  int64_t rtp_offset;  /* added to the sample number: a sender's clock that jumps */
  int frame, block;
  int burst;                       /* blocks read at one instant */
  usec delay, jitter, spike_until; /* packets due before spike_until arrive then */
  int loss_percent;
  int straggler; /* each so many packets one comes `straggle` later; 0: none */
  usec straggle;
  bool silent;  /* nothing is sent, though time goes on */
  double drift; /* of the sender's clock */
  struct queued {
    usec due;
    int64_t seq, sample, rtp_time;
    int frame;
  } queue[QUEUE];
  int queued;
  int16_t last;
  int largest_jump, loudest;
  int64_t crossings, heard; /* of zero, upwards; samples */
  double delay_sum;
  int64_t reads;
  usec delay_max;
};

static bool net_init(struct net *net) {
  *net = (struct net){.seed = 1,
                      .now = SEC(1),
                      .sent_at = SEC(1),
                      .read_at = SEC(1) + 3700,
                      .frame = 960,
                      .block = 480,
                      .burst = 1,
                      .delay = MS(20),
                      .rtp_offset = 1000000};
  net->playout = playout_new(&exact);
  return net->playout;
}

static void send_one(struct net *net) {
  usec span = jitter_usec(net->frame);
  net->sent_at += llround((double)span * (1 + net->drift));
  usec jitter = net->jitter ? (usec)(unit_random(&net->seed) % (uint64_t)(2 * net->jitter)) - net->jitter : 0;
  bool lost = unit_random(&net->seed) % 100 < (uint64_t)net->loss_percent;
  struct queued queued = {.due = net->sent_at + net->delay + jitter,
                          .seq = net->seq,
                          .sample = net->sample,
                          .rtp_time = net->sample + net->rtp_offset,
                          .frame = net->frame};
  if (net->straggler && net->seq % net->straggler == 0)
    queued.due += net->straggle;
  queued.due = queued.due < net->spike_until ? net->spike_until : queued.due;
  net->sample += net->frame;
  if (net->silent)
    return;
  net->seq++;
  if (!lost) {
    assert_true(net->queued < QUEUE);
    net->queue[net->queued++] = queued;
  }
}

static void deliver(struct net *net) {
  for (;;) {
    int first = -1;
    for (int i = 0; i < net->queued; i++)
      if (net->queue[i].due <= net->read_at && (first < 0 || net->queue[i].due < net->queue[first].due))
        first = i;
    if (first < 0)
      return;
    struct queued q = net->queue[first];
    uint8_t payload[9];
    memcpy(payload, &q.sample, sizeof q.sample);
    payload[8] = (uint8_t)(q.frame / 120);
    playout_input(net->playout, q.due, q.seq, q.rtp_time, payload, sizeof payload);
    memmove(&net->queue[first], &net->queue[first + 1], (size_t)(--net->queued - first) * sizeof q);
  }
}

static void hear(struct net *net, const int16_t *pcm) {
  for (int i = 0; i < net->block; i++) {
    int jump = abs(pcm[i] - net->last);
    net->largest_jump = jump > net->largest_jump ? jump : net->largest_jump;
    net->loudest = abs(pcm[i]) > net->loudest ? abs(pcm[i]) : net->loudest;
    net->crossings += net->last < 0 && pcm[i] >= 0;
    net->last = pcm[i];
  }
  net->heard += net->block;
}

static void run(struct net *net, usec span) {
  int16_t pcm[AUDIO_FRAME_MAX];
  for (usec end = net->read_at + span; net->read_at < end;) {
    while (net->sent_at <= net->read_at)
      send_one(net);
    deliver(net);
    playout_read(net->playout, net->read_at, pcm, net->block);
    hear(net, pcm);
    usec delay = playout_delay(net->playout);
    net->delay_sum += (double)delay;
    net->delay_max = delay > net->delay_max ? delay : net->delay_max;
    if (++net->reads % net->burst == 0)
      net->read_at += jitter_usec(net->block) * net->burst;
  }
}

static void forget(struct net *net) { /* what was measured so far */
  net->largest_jump = net->loudest = 0;
  net->crossings = net->heard = 0;
  net->delay_sum = 0;
  net->reads = 0;
  net->delay_max = 0;
}

static struct playout_stats stats_of(const struct net *net) {
  struct playout_stats stats;
  playout_stats(net->playout, &stats);
  return stats;
}

static usec mean_delay(const struct net *net) {
  return (usec)(net->delay_sum / (double)net->reads);
}

static void before_the_first_packet_there_is_silence(void **state) {
  (void)state;
  struct net net;
  need(net_init(&net));
  int16_t pcm[480];
  memset(pcm, 1, sizeof pcm);
  assert_false(playout_read(net.playout, SEC(1), pcm, 480));
  for (int i = 0; i < 480; i++)
    assert_int_equal(pcm[i], 0);
  assert_int_equal(playout_position(net.playout), -1);
  assert_int_equal(stats_of(&net).total_samples_received, 0);
  playout_free(net.playout);
}

static void the_first_packet_is_heard_with_the_first_read_that_it_is_enough_for(void **state) {
  (void)state;
  for (int block = 480; block <= 2880; block += 480) {
    struct net net;
    int16_t pcm[AUDIO_FRAME_MAX];
    need(net_init(&net));
    net.block = block;
    send_one(&net);
    net.read_at = net.sent_at + net.delay;
    deliver(&net);
    playout_read(net.playout, net.read_at, pcm, block);
    assert_int_equal(stats_of(&net).total_samples_received, block <= net.frame ? block : 0);
    assert_int_equal(stats_of(&net).concealed_samples, 0);
    playout_free(net.playout);
  }
}

static void on_a_clean_network_the_added_delay_is_a_frame_and_a_block_at_most(void **state) {
  (void)state;
  const int frames[] = {480, 960, 2880};
  for (int i = 0; i < 3; i++)
    for (usec phase = 0; phase < MS(10); phase += 3300) {
      struct net net;
      need(net_init(&net));
      net.frame = frames[i];
      net.read_at = SEC(1) + phase;
      run(&net, SEC(5));
      forget(&net);
      run(&net, SEC(5));
      struct playout_stats stats = stats_of(&net);
      assert_int_equal(stats.concealed_samples, 0);
      assert_true(net.delay_max <= MS(30));
      assert_true(net.largest_jump <= STEEPEST);
      assert_true(stats.total_samples_received >= 48000 * 97 / 10);
      playout_free(net.playout);
    }
}

static void drift(double ppm) {
  struct net net;
  need(net_init(&net));
  net.drift = ppm / 1e6;
  run(&net, SEC(600));
  struct playout_stats stats = stats_of(&net);
  assert_int_equal(stats.concealed_samples, 0);
  assert_true(net.delay_max <= MS(31));
  int64_t moved = stats.inserted_samples_for_deceleration - stats.removed_samples_for_acceleration;
  assert_in_range(fabs((double)moved - ppm * 600 * 48000 / 1e6), 0, 1500);
  assert_true(net.largest_jump <= STEEPEST);
  assert_in_range(llabs(net.crossings - net.heard / PERIOD), 0, 15); /* 36 where the pitch is what gives way */
  playout_free(net.playout);
}

static void a_drifting_clock_is_absorbed_without_concealment_in_the_same_pitch(void **state) {
  (void)state;
  drift(200);
  drift(-200);
}

/* Within a minute the delay swings by a block, and none is like the next; the hours are. */
static void hours_of_drift(double drift) {
  enum { HOURS = 3 };
  struct net net;
  usec mean[HOURS];
  need(net_init(&net));
  net.block = 960;
  net.jitter = MS(5);
  net.drift = drift;
  run(&net, SEC(60));
  for (int hour = 0; hour < HOURS; hour++) {
    int64_t concealed = stats_of(&net).concealed_samples;
    forget(&net);
    run(&net, SEC(3600));
    concealed = stats_of(&net).concealed_samples - concealed;
    mean[hour] = mean_delay(&net);
    print_message("%g, hour %d: %lld usec, at most %lld, %lld samples concealed\n", drift, hour,
                  (long long)mean[hour], (long long)net.delay_max, (long long)concealed);
    assert_true(llabs(mean[hour] - mean[0]) <= MS(1) && net.delay_max <= MS(40));
    assert_true(net.largest_jump <= 2 * STEEPEST);
    assert_true(concealed <= 48000ll * 3600 / 2000); /* 0.05 % */
  }
  playout_free(net.playout);
}

static void three_hours_of_drift_neither_creep_nor_gap(void **state) {
  (void)state;
  hours_of_drift(200e-6);
  hours_of_drift(-200e-6);
}

static void jitter_is_absorbed_at_low_delay(void **state) {
  (void)state;
  struct net net;
  need(net_init(&net));
  net.jitter = MS(10);
  run(&net, SEC(5));
  forget(&net);
  int64_t before = stats_of(&net).concealed_samples;
  run(&net, SEC(60));
  assert_true(stats_of(&net).concealed_samples - before < 48000 * 60 / 200);
  assert_true(mean_delay(&net) <= MS(25)); /* from the mean arrival; the latest comes 10 ms after it */
  assert_true(net.largest_jump <= 2 * STEEPEST);
  playout_free(net.playout);
}

static void loss_is_concealed_and_nothing_more(void **state) {
  (void)state;
  struct net net;
  need(net_init(&net));
  net.jitter = MS(10);
  net.loss_percent = 2;
  run(&net, SEC(5));
  forget(&net);
  struct playout_stats before = stats_of(&net);
  run(&net, SEC(60));
  struct playout_stats stats = stats_of(&net);
  int64_t concealed = stats.concealed_samples - before.concealed_samples;
  assert_in_range(concealed, 48000 * 60 * 1 / 100, 48000 * 60 * 3 / 100);
  assert_in_range(stats.concealment_events - before.concealment_events, 30, 90);
  assert_int_equal(stats.silent_concealed_samples, 0);
  assert_true(mean_delay(&net) <= MS(26));
  assert_true(net.largest_jump <= 2 * STEEPEST);
  playout_free(net.playout);
}

static int64_t concealed_of(const struct audio_codec *codec, int burst) {
  struct net net;
  if (!net_init(&net))
    return -1;
  playout_free(net.playout);
  if (!(net.playout = playout_new(codec)))
    return -1;
  run(&net, SEC(5));
  forget(&net);
  struct playout_stats before = stats_of(&net);
  net.loss_percent = 100;
  run(&net, MS(20) * burst);
  net.loss_percent = 0;
  run(&net, SEC(2));
  int64_t concealed = stats_of(&net).concealed_samples - before.concealed_samples;
  assert_true(net.largest_jump <= 2 * STEEPEST);
  playout_free(net.playout);
  return concealed;
}

/* What has to be heard before the later packet is there is concealed all the same. */
static void what_a_later_packet_tells_of_a_gap_is_not_concealed(void **state) {
  (void)state;
  struct audio_codec redundant = exact;
  redundant.recover = recover;
  for (int burst = 1; burst <= 3; burst++) {
    int64_t without, with;
    need((without = concealed_of(&exact, burst)) >= 0);
    need((with = concealed_of(&redundant, burst)) >= 0);
    print_message("%d packets lost: %d samples concealed, %d with redundancy\n", burst, (int)without, (int)with);
    assert_true(without >= 960 * burst && with <= without - 480);
  }
}

static void a_lost_frame_is_decoded_from_the_packet_behind_it(void **state) {
  (void)state;
  struct audio_codec inband = exact;
  inband.told_before = told_before;
  inband.decode_before = decode_before;
  struct net net;
  need(net_init(&net));
  playout_free(net.playout);
  need(net.playout = playout_new(&inband));
  net.jitter = MS(2);
  net.loss_percent = 5;
  run(&net, SEC(5));
  forget(&net);
  struct playout_stats before = stats_of(&net);
  run(&net, SEC(20));
  struct playout_stats stats = stats_of(&net);
  int64_t used = stats.fec_packets_received - stats.fec_packets_discarded;
  used -= before.fec_packets_received - before.fec_packets_discarded;
  assert_in_range(stats.fec_packets_received - before.fec_packets_received, 900, 985);
  assert_in_range(used, 25, 70);
  assert_in_range(stats.concealed_samples - before.concealed_samples, 1, 48000 * 20 * 1 / 100); /* two in a row */
  assert_true(net.largest_jump <= 2 * STEEPEST);
  playout_free(net.playout);
}

/* Of a long gap the last frame alone is told; of one that began to be concealed, the rest is taken. */
static void of_a_gap_the_last_frame_is_not_concealed(void **state) {
  (void)state;
  struct audio_codec inband = exact;
  inband.told_before = told_before;
  inband.decode_before = decode_before;
  for (int burst = 1; burst <= 3; burst++) {
    int64_t without, with;
    need((without = concealed_of(&exact, burst)) >= 0);
    need((with = concealed_of(&inband, burst)) >= 0);
    print_message("%d packets lost: %d samples concealed, %d with in-band FEC\n", burst, (int)without, (int)with);
    assert_true(without >= 960 * burst && with <= without - 480 && with >= 960 * (burst - 1));
  }
}

static int never_before(void *decoder, const uint8_t *later, size_t size, int16_t *pcm, int samples_max) {
  (void)decoder, (void)later, (void)size, (void)pcm, (void)samples_max;
  return -1;
}

static void what_the_codec_can_not_take_is_recovered_or_concealed(void **state) {
  (void)state;
  struct audio_codec inband = exact;
  inband.told_before = told_before;
  inband.decode_before = never_before;
  int64_t concealed, recovered;
  need((concealed = concealed_of(&inband, 1)) >= 0);
  inband.recover = recover;
  need((recovered = concealed_of(&inband, 1)) >= 0);
  assert_true(concealed >= 960 && recovered <= concealed - 480);
}

static void reordered_packets_are_put_in_order(void **state) {
  (void)state;
  struct net net;
  need(net_init(&net));
  net.frame = 480;
  net.jitter = MS(30); /* packets every 10 ms */
  net.delay = MS(50);
  run(&net, SEC(10));
  forget(&net);
  int64_t before = stats_of(&net).concealed_samples;
  run(&net, SEC(30));
  assert_true(stats_of(&net).concealed_samples - before < 48000 * 30 * 5 / 100);
  assert_true(mean_delay(&net) <= MS(45));
  assert_true(net.largest_jump <= 3 * STEEPEST);
  playout_free(net.playout);
}

static void any_block_size_is_filled_and_in_time(void **state) {
  (void)state;
  const int blocks[] = {1, 7, 48, 441, 480, 512, 960, 1024, 2400, 2880};
  for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
    struct net net;
    need(net_init(&net));
    net.block = blocks[i];
    run(&net, SEC(2));
    forget(&net);
    run(&net, SEC(3));
    assert_true(stats_of(&net).concealed_samples <= 3 * 960);
    assert_true(net.delay_max <= MS(32) + jitter_usec(net.block));
    assert_true(net.largest_jump <= 2 * STEEPEST);
    playout_free(net.playout);
  }
}

static void a_reader_that_comes_in_bursts_is_served(void **state) {
  (void)state;
  struct net net;
  need(net_init(&net));
  net.burst = 4; /* 40 ms at once */
  net.jitter = MS(5);
  run(&net, SEC(5));
  int64_t before = stats_of(&net).concealed_samples;
  forget(&net);
  run(&net, SEC(30));
  assert_true(stats_of(&net).concealed_samples - before <= 48000 * 30 / 200);
  assert_true(mean_delay(&net) <= MS(60));
  assert_true(net.largest_jump <= 2 * STEEPEST);
  playout_free(net.playout);
}

static void the_position_is_the_time_of_the_next_sample(void **state) {
  (void)state;
  struct net net;
  need(net_init(&net));
  run(&net, SEC(2));
  int16_t pcm[480];
  int64_t position = playout_position(net.playout);
  playout_read(net.playout, net.read_at, pcm, 480);
  assert_int_equal(playout_position(net.playout), position + 480);
  for (int i = 0; i < 480; i++)
    assert_int_equal(pcm[i], tone(position - net.rtp_offset + i));
  playout_free(net.playout);
}

static void after_a_burst_of_delay_the_buffer_shrinks_again(void **state) {
  (void)state;
  struct net net;
  need(net_init(&net));
  run(&net, SEC(5));
  net.spike_until = net.read_at + MS(300);
  run(&net, SEC(8));
  forget(&net);
  struct playout_stats before = stats_of(&net);
  run(&net, SEC(5));
  struct playout_stats stats = stats_of(&net);
  assert_int_equal(stats.concealed_samples, before.concealed_samples);
  assert_true(stats.concealed_samples <= 48000 * 4 / 10);
  assert_true(stats.removed_samples_for_acceleration > 0);
  assert_true(net.delay_max <= MS(30));
  playout_free(net.playout);
}

static void an_outage_is_concealed_then_silent_then_begun_anew(void **state) {
  (void)state;
  struct net net;
  need(net_init(&net));
  run(&net, SEC(3));
  net.loss_percent = 100;
  run(&net, SEC(5));
  struct playout_stats stats = stats_of(&net);
  assert_int_equal(stats.concealment_events, 1);
  assert_in_range(stats.concealed_samples, 48000 * 48 / 10, 48000 * 5);
  assert_in_range(stats.concealed_samples - stats.silent_concealed_samples, 9600, 9600);
  net.loss_percent = 0;
  run(&net, MS(200));
  forget(&net);
  struct playout_stats before = stats_of(&net);
  run(&net, SEC(5));
  stats = stats_of(&net);
  assert_int_equal(stats.concealed_samples, before.concealed_samples);
  assert_true(net.delay_max <= MS(32));
  playout_free(net.playout);
}

static void sound_fades_to_silence_and_comes_back_without_a_click(void **state) {
  (void)state;
  for (usec outage = MS(20); outage <= SEC(4); outage = outage * 8 / 5) {
    struct net net;
    need(net_init(&net));
    run(&net, SEC(3));
    forget(&net);
    net.loss_percent = 100;
    usec faded = MS(200) + MS(60); /* what is on its way and in the buffer is heard first */
    run(&net, earlier(outage, faded));
    int loudest_before = net.loudest;
    net.loudest = 0;
    if (outage > faded) {
      run(&net, outage - faded);
      assert_int_equal(net.loudest, 0);
    }
    net.loss_percent = 0;
    run(&net, SEC(2));
    assert_true(loudest_before > AMPLITUDE * 9 / 10 && net.loudest > AMPLITUDE * 9 / 10);
    assert_true(net.largest_jump <= 2 * STEEPEST);
    playout_free(net.playout);
  }
}

/* What is concealed when the first comes is waited for when the next ones do. */
static void a_packet_after_its_time_is_counted_as_late_and_more_of_them_are_waited_for(void **state) {
  (void)state;
  struct net net;
  need(net_init(&net));
  run(&net, SEC(10));
  usec target = stats_of(&net).jitter_buffer_target_delay;
  assert_int_equal(stats_of(&net).packets_discarded_late, 0);
  net.straggler = 10;
  net.straggle = MS(70);
  run(&net, SEC(3));
  struct playout_stats before = stats_of(&net);
  assert_true(before.packets_discarded_late > 0 && before.concealed_samples > 0);
  assert_in_range(before.jitter_buffer_target_delay, target + MS(50), MS(75));
  run(&net, SEC(10));
  assert_int_equal(stats_of(&net).packets_discarded_late, before.packets_discarded_late);
  assert_int_equal(stats_of(&net).concealed_samples, before.concealed_samples);
  net.straggler = 0;
  run(&net, SEC(5));
  assert_int_equal(stats_of(&net).jitter_buffer_target_delay, target);
  playout_free(net.playout);
}

static void a_pause_of_the_sender_is_no_reason_to_stretch(void **state) {
  (void)state;
  const usec pauses[] = {MS(100), MS(700), SEC(3), SEC(60)};
  for (int i = 0; i < 4; i++) {
    struct net net;
    need(net_init(&net));
    run(&net, SEC(3));
    net.silent = true;
    run(&net, pauses[i]);
    net.silent = false;
    run(&net, MS(500));
    forget(&net);
    struct playout_stats before = stats_of(&net);
    run(&net, SEC(5));
    struct playout_stats stats = stats_of(&net);
    assert_int_equal(stats.concealed_samples, before.concealed_samples);
    assert_true(net.delay_max <= MS(32));
    assert_true(stats.inserted_samples_for_deceleration + stats.removed_samples_for_acceleration < 2400);
    playout_free(net.playout);
  }
}

static void packets_held_up_for_seconds_are_skipped_not_played_late(void **state) {
  (void)state;
  const usec held[] = {MS(1000), MS(1900), SEC(4)};
  for (int i = 0; i < 3; i++) {
    struct net net;
    need(net_init(&net));
    run(&net, SEC(3));
    net.spike_until = net.read_at + held[i];
    run(&net, held[i] + SEC(8));
    forget(&net);
    run(&net, SEC(2));
    assert_true(net.delay_max <= MS(32));
    playout_free(net.playout);
  }
}

static void a_clock_that_jumps_is_followed(void **state) {
  (void)state;
  const int64_t jumps[] = {48000 * 10, -48000 * 10, 48000, -48000, 1ll << 40, -(1ll << 40)};
  for (int i = 0; i < 6; i++) {
    struct net net;
    need(net_init(&net));
    run(&net, SEC(3));
    net.rtp_offset += jumps[i];
    run(&net, SEC(8));
    forget(&net);
    int64_t before = stats_of(&net).concealed_samples;
    run(&net, SEC(3));
    assert_int_equal(stats_of(&net).concealed_samples, before);
    assert_true(net.delay_max <= MS(45));
    playout_free(net.playout);
  }
}

static void the_frame_duration_may_change_on_the_way(void **state) {
  (void)state;
  const int frames[] = {960, 2880, 480, 2880, 960};
  struct net net;
  need(net_init(&net));
  for (int i = 0; i < 5; i++) {
    net.frame = frames[i];
    int64_t before = stats_of(&net).concealed_samples;
    run(&net, SEC(6));
    assert_true(stats_of(&net).concealed_samples - before <= 2880);
    forget(&net);
    before = stats_of(&net).concealed_samples;
    run(&net, SEC(3));
    assert_int_equal(stats_of(&net).concealed_samples, before);
    assert_true(net.delay_max <= MS(34));
    assert_true(net.largest_jump <= STEEPEST);
  }
  playout_free(net.playout);
}

static void silence_that_is_concealed_is_counted_as_silent_when_the_codec_is_given_up(void **state) {
  (void)state;
  struct net net;
  need(net_init(&net));
  run(&net, SEC(2));
  net.loss_percent = 100;
  run(&net, MS(150));
  assert_int_equal(stats_of(&net).silent_concealed_samples, 0);
  assert_true(stats_of(&net).concealed_samples > 0);
  run(&net, MS(200));
  assert_true(stats_of(&net).silent_concealed_samples > 0);
  playout_free(net.playout);
}

static void duplicates_late_and_foreign_payloads_are_counted(void **state) {
  (void)state;
  struct net net;
  need(net_init(&net));
  run(&net, SEC(2));
  uint8_t payload[9] = {0};
  payload[8] = 8;
  int64_t seq = net.seq, late = net.sample + net.rtp_offset - 48000;
  playout_input(net.playout, net.read_at, seq - 10, late, payload, 9); /* came already */
  playout_input(net.playout, net.read_at, seq + 400, late, payload, 9);
  playout_input(net.playout, net.read_at, seq + 401, late, payload, 8);
  playout_input(net.playout, net.read_at, INT64_MAX, late, payload, 9);
  playout_input(net.playout, net.read_at, seq, INT64_MIN, payload, 9);
  payload[8] = 0;
  playout_input(net.playout, net.read_at, seq + 402, late, payload, 9);
  run(&net, MS(100));
  struct playout_stats stats = stats_of(&net);
  assert_int_equal(stats.packets_duplicated, 1);
  assert_int_equal(stats.packets_discarded_late, 1);
  assert_int_equal(stats.packets_refused, 4);
  playout_free(net.playout);
}

static void a_payload_that_does_not_decode_is_concealed(void **state) {
  (void)state;
  struct net net;
  need(net_init(&net));
  run(&net, SEC(2));
  int64_t bad = -1; /* its top byte tells the codec to fail */
  uint8_t payload[9];
  memcpy(payload, &bad, 8);
  payload[8] = 8;
  playout_input(net.playout, net.read_at, net.seq++, net.sample + net.rtp_offset, payload, 9);
  net.sample += 960;
  net.sent_at += MS(20);
  run(&net, SEC(1));
  assert_int_equal(stats_of(&net).concealment_events, 1);
  assert_in_range(stats_of(&net).concealed_samples, 960, 1440);
  playout_free(net.playout);
}

static void noise_at_its_input_never_stops_it(void **state) {
  (void)state;
  struct net net;
  need(net_init(&net));
  uint64_t seed = 77;
  int16_t pcm[AUDIO_FRAME_MAX];
  usec now = SEC(1);
  for (int n = 0; n < 100000; n++) {
    uint64_t r = unit_random(&seed);
    now += (usec)(r % 30000);
    uint8_t payload[9] = {0};
    payload[8] = (uint8_t)(r >> 16 & 31);
    payload[7] = r >> 21 & 15 ? 0 : 0xff;
    int64_t rtp = n * 480 + (int64_t)(r >> 25 & 0xffff) - (r >> 41 & 63 ? 0 : 1 << 24);
    playout_input(net.playout, now, n + (int64_t)(r >> 48 & 7), rtp, payload, 9);
    playout_read(net.playout, now, pcm, 1 + (int)(r >> 51) % AUDIO_FRAME_MAX);
  }
  playout_free(net.playout);
}

UNIT_TESTS(test(before_the_first_packet_there_is_silence),
           test(the_first_packet_is_heard_with_the_first_read_that_it_is_enough_for),
           test(on_a_clean_network_the_added_delay_is_a_frame_and_a_block_at_most),
           test(a_drifting_clock_is_absorbed_without_concealment_in_the_same_pitch),
           test(three_hours_of_drift_neither_creep_nor_gap), test(jitter_is_absorbed_at_low_delay),
           test(loss_is_concealed_and_nothing_more), test(what_a_later_packet_tells_of_a_gap_is_not_concealed),
           test(a_lost_frame_is_decoded_from_the_packet_behind_it), test(of_a_gap_the_last_frame_is_not_concealed),
           test(what_the_codec_can_not_take_is_recovered_or_concealed), test(reordered_packets_are_put_in_order),
           test(any_block_size_is_filled_and_in_time), test(a_reader_that_comes_in_bursts_is_served),
           test(the_position_is_the_time_of_the_next_sample), test(after_a_burst_of_delay_the_buffer_shrinks_again),
           test(an_outage_is_concealed_then_silent_then_begun_anew),
           test(sound_fades_to_silence_and_comes_back_without_a_click),
           test(a_packet_after_its_time_is_counted_as_late_and_more_of_them_are_waited_for),
           test(a_pause_of_the_sender_is_no_reason_to_stretch),
           test(packets_held_up_for_seconds_are_skipped_not_played_late), test(a_clock_that_jumps_is_followed),
           test(the_frame_duration_may_change_on_the_way),
           test(silence_that_is_concealed_is_counted_as_silent_when_the_codec_is_given_up),
           test(duplicates_late_and_foreign_payloads_are_counted),
           test(a_payload_that_does_not_decode_is_concealed), test(noise_at_its_input_never_stops_it))
