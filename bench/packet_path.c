#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "engine/path/srtp.h"
#include "engine/path/srtp_cipher.h"
#include "measure.h"
#include "media/bytes.h"
#include "packetize_path.h"
#include "socket_path.h"
#include "stock_srtp.h"

/* Everything is measured in batches, and the batches of what is compared take turns, so that whatever else the
 * machine does meets all of them alike; so does who comes first and has to fetch the code that both run. A cold
 * sample is one packet, after other memory has pushed all of it out.
 */
enum { BATCH = 32, ROUNDS = 2000, QUICK_ROUNDS = 200, COLD_ROUNDS = 300, COLD_QUICK_ROUNDS = 30, WARM_UP = 100 };
enum { HEADER = 12, SSRC = 7, ROOM = 1300, COLD_BYTES = 4 << 20, LINE = 64 };
enum operation { PROTECT, UNPROTECT, SEAL, OPEN, OPERATIONS };
enum { STOCK, OPENSSL, IPSEC_MB, CIPHERS };

struct packets {
  uint8_t data[BATCH][ROOM];
  size_t size[BATCH];
};

struct contender { /* one cipher: in SRTP, and bare */
  const char *name;
  const struct srtp_cipher_engine *engine; /* NULL: libsrtp with the cipher that it came with, without our guards */
  struct stock_srtp stock;
  struct srtp_path *sender, *receiver;
  _Alignas(SRTP_CIPHER_ALIGNMENT) uint8_t key[SRTP_CIPHER_STATE_MAX];
  struct packets srtp, bare;
};

static const struct {
  size_t payload;
  double openssl, ipsec_mb; /* protect over the bare call; 0: no goal */
} sizes[] = {{80, 1.3, 1.6}, {160, 0, 0}, {1000, 0, 0}, {1200, 1.2, 1.35}};
static const struct srtp_master one = {.key = {1}, .salt = {2}}, two = {.key = {3}, .salt = {4}};
static const uint16_t profiles[] = {SRTP_PROFILE_AES_256_GCM, SRTP_PROFILE_AES_128_GCM};
enum { PROFILES = sizeof profiles / sizeof profiles[0] };
static struct contender all[PROFILES][CIPHERS], *contenders; /* of the profile under way */
static struct samples samples[CIPHERS][OPERATIONS];
static uint8_t other_memory[COLD_BYTES];

/* ---- what is compared ---- */

static bool open_stock(struct contender *contender, uint16_t profile) {
  contender->name = "libsrtp";
  return stock_srtp_open(&contender->stock, profile, &one);
}

static bool open_ours(struct contender *contender, const char *name, uint16_t profile) {
  contender->name = name;
  contender->engine = srtp_cipher_named(name);
  if (!contender->engine)
    return true; /* not on this machine */
  bool ok = srtp_cipher_install(contender->engine);
  contender->sender = srtp_path_new(profile, &one, &two);
  contender->receiver = srtp_path_new(profile, &two, &one);
  return ok && contender->sender && contender->receiver &&
         contender->engine->init(contender->key, srtp_profile_key_size(profile)) &&
         contender->engine->set_key(contender->key, one.key);
}

/* The stock ones first: a stream keeps the cipher that was there when it was made. */
static bool open_all(void) {
  bool ok = true;
  for (size_t i = 0; i < PROFILES; i++)
    ok = ok && open_stock(&all[i][STOCK], profiles[i]);
  for (size_t i = 0; i < PROFILES; i++)
    ok = ok && open_ours(&all[i][OPENSSL], "openssl", profiles[i]) &&
         open_ours(&all[i][IPSEC_MB], "ipsec-mb", profiles[i]);
  return ok;
}

static void close_all(void) {
  for (size_t i = 0; i < PROFILES * CIPHERS; i++) {
    struct contender *contender = &all[i / CIPHERS][i % CIPHERS];
    stock_srtp_close(&contender->stock);
    srtp_path_free(contender->sender);
    srtp_path_free(contender->receiver);
    if (contender->engine)
      contender->engine->deinit(contender->key);
  }
}

/* ---- one packet of each operation ---- */

static void fill(struct packets *packets, uint16_t seq, size_t payload) {
  for (int i = 0; i < BATCH; i++) {
    struct writer w = writer_of(packets->data[i], ROOM);
    write_u16(&w, 0x8060);
    write_u16(&w, (uint16_t)(seq + i));
    write_u32(&w, (uint32_t)(seq + i) * 960);
    write_u32(&w, SSRC);
    packets->size[i] = HEADER + payload;
  }
}

static bool run_srtp(struct contender *contender, enum operation operation, int i) {
  struct packets *packets = &contender->srtp;
  if (contender->engine && operation == PROTECT)
    return srtp_path_protect_rtp(contender->sender, packets->data[i], &packets->size[i], ROOM) == SRTP_OK;
  if (contender->engine)
    return srtp_path_unprotect_rtp(contender->receiver, packets->data[i], &packets->size[i]) == SRTP_OK;
  return operation == PROTECT ? stock_srtp_protect(&contender->stock, packets->data[i], &packets->size[i])
                              : stock_srtp_unprotect(&contender->stock, packets->data[i], &packets->size[i]);
}

/* The cipher's one call (three, of OpenSSL's), the RTP header as associated data. The nonce is put together in
 * memory, as libsrtp's is. */
static bool run_bare(struct contender *contender, enum operation operation, int i) {
  struct packets *packets = &contender->bare;
  uint8_t *packet = packets->data[i], nonce[12] = {0};
  size_t size = packets->size[i] - HEADER;
  memcpy(nonce, packet + 2, 2);
  struct srtp_cipher_text text = {nonce, packet, HEADER, packet + HEADER, size};
  return operation == SEAL
             ? contender->engine->seal(contender->key, &text, packet + HEADER + size)
             : contender->engine->open(contender->key, &text, packet + HEADER + size, SRTP_CIPHER_TAG_SIZE);
}

static bool run(struct contender *contender, enum operation operation, int first, int count) {
  bool ok = true;
  struct stopwatch watch = measure_start();
  for (int i = first; i < first + count; i++)
    ok &= operation < SEAL ? run_srtp(contender, operation, i) : run_bare(contender, operation, i);
  measure_stop(&samples[contender - contenders][operation], watch, count);
  return ok;
}

/* ---- rounds ---- */

static void forget_caches(void) {
  for (size_t i = 0; i < COLD_BYTES; i += LINE)
    other_memory[i]++;
}

static bool cold_batch(struct contender *contender, enum operation operation) {
  bool ok = true;
  for (int i = 0; ok && i < BATCH; i += BATCH / 2) {
    forget_caches();
    ok = run(contender, operation, i, 1);
  }
  return ok;
}

static bool rounds(size_t payload, bool cold, int count, uint16_t *seq) {
  bool ok = true;
  for (int round = 0; ok && round < count; round++, *seq = (uint16_t)(*seq + BATCH))
    for (int i = 0; i < CIPHERS; i++) {
      struct contender *contender = &contenders[i];
      if (!contender->engine && i != STOCK)
        continue;
      fill(&contender->srtp, *seq, payload);
      fill(&contender->bare, *seq, payload);
      for (int turn = 0; turn < OPERATIONS; turn++) {
        enum operation operation = (enum operation)((turn + (round % 2 ? SEAL : PROTECT)) % OPERATIONS);
        if (contender->engine || operation < SEAL)
          ok = ok && (cold ? cold_batch(contender, operation) : run(contender, operation, 0, BATCH));
      }
    }
  return ok;
}

/* ---- the table ---- */

struct row {
  uint16_t profile;
  size_t payload;
  bool cold;
  const char *operation;
  double median, p99, bare, stock, goal, allocations;
  int64_t packets;
};

static void print_row(const struct bench_options *options, const char *cipher, const struct row *row) {
  double ratio = row->bare > 0 ? row->median / row->bare : 0;
  const char *cache = row->cold ? "cold" : "warm";
  if (options->json) {
    printf("{\"bench\":\"packet\",\"profile\":\"%s\",\"cipher\":\"%s\",\"payload_bytes\":%zu,\"cache\":\"%s\","
           "\"operation\":\"%s\",\"median_ns\":%.1f,\"p99_ns\":%.1f,\"bare_ns\":%.1f,\"over_bare\":%.3f,"
           "\"goal\":%.2f,\"libsrtp_ns\":%.1f,\"allocations_per_packet\":%.3f,\"packets\":%lld}\n",
           srtp_profile_name(row->profile), cipher, row->payload, cache, row->operation, row->median, row->p99,
           row->bare, ratio, row->goal, row->stock, row->allocations, (long long)row->packets);
    return;
  }
  char allocations[16] = "-", over[16] = "-", goal[24] = "";
  if (measure_counts_allocations())
    snprintf(allocations, sizeof allocations, "%.0f", row->allocations);
  if (ratio > 0)
    snprintf(over, sizeof over, "%.2f", ratio);
  if (row->goal > 0)
    snprintf(goal, sizeof goal, "<= %.2f %s", row->goal, ratio <= row->goal ? "ok" : "SHORT");
  printf("%-17s %5zu B  %s  %-9s %-9s %7.0f %7.0f %6s  %5s %-13s %5.1fx\n", srtp_profile_name(row->profile),
         row->payload, cache, cipher, row->operation, row->median, row->p99, allocations, over, goal,
         row->stock / row->median);
}

/* false: short of its goal. */
static bool report(const struct bench_options *options, int cipher, enum operation operation, struct row row) {
  static const char *const names[] = {"protect", "unprotect"};
  struct samples *set = &samples[cipher][operation];
  row.operation = names[operation];
  row.median = measure_percentile(set, 50);
  row.p99 = measure_percentile(set, 99);
  row.bare = measure_percentile(&samples[cipher][operation + SEAL], 50);
  row.stock = measure_percentile(&samples[STOCK][operation], 50);
  row.allocations = measure_allocations(set);
  row.packets = set->items;
  print_row(options, contenders[cipher].name, &row);
  return row.goal <= 0 || row.median <= row.goal * row.bare;
}

static enum bench_result measure_size(const struct bench_options *options, uint16_t profile, size_t size, bool cold,
                                      uint16_t *seq) {
  int count = cold ? options->quick ? COLD_QUICK_ROUNDS : COLD_ROUNDS : options->quick ? QUICK_ROUNDS : ROUNDS;
  bool reached = true, judged = !cold && !options->quick;
  memset(samples, 0, sizeof samples);
  if (!rounds(sizes[size].payload, cold, count, seq))
    return BENCH_FAILED;
  for (enum operation operation = PROTECT; operation <= UNPROTECT; operation++)
    for (int cipher = STOCK; cipher < CIPHERS; cipher++) {
      double goal = cipher == OPENSSL ? sizes[size].openssl : cipher == IPSEC_MB ? sizes[size].ipsec_mb : 0;
      struct row row = {profile, sizes[size].payload, cold, .goal = judged && operation == PROTECT ? goal : 0};
      if (cipher == STOCK || contenders[cipher].engine)
        reached &= report(options, cipher, operation, row);
    }
  return reached ? BENCH_REACHED : BENCH_SHORT;
}

static enum bench_result measure_profile(const struct bench_options *options, uint16_t profile) {
  uint16_t seq = 0;
  enum bench_result result = rounds(sizes[0].payload, false, WARM_UP, &seq) ? BENCH_REACHED : BENCH_FAILED;
  for (size_t size = 0; size < sizeof sizes / sizeof sizes[0]; size++)
    for (int cold = 0; cold < 2; cold++)
      result = bench_worse(result, measure_size(options, profile, size, cold, &seq));
  return result;
}

enum bench_result bench_packet(const struct bench_options *options) {
  bool opened = open_all();
  enum bench_result result = opened ? BENCH_REACHED : BENCH_FAILED;
  if (!options->json)
    printf("SRTP; ns a packet\n%-17s %7s %6s %-9s %-9s %7s %7s %6s  %-19s %6s\n", "profile", "payload", "cache",
           "cipher", "operation", "median", "p99", "allocs", "over bare, goal", "stock");
  for (size_t i = 0; opened && i < PROFILES; i++) {
    contenders = all[i];
    result = bench_worse(result, measure_profile(options, profiles[i]));
  }
  struct contender *best = all[0][IPSEC_MB].engine ? &all[0][IPSEC_MB] : &all[0][OPENSSL];
  if (opened)
    result = bench_worse(result, socket_path_measure(options, &all[0][STOCK].stock, best->sender, best->receiver));
  close_all();
  return bench_worse(result, packetize_path_measure(options));
}
