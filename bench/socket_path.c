#include "socket_path.h"

#include <stdio.h>
#include <string.h>

#include "engine/path/srtp.h"
#include "measure.h"
#include "media/bytes.h"
#include "our_ice.h"
#include "stock_ice.h"

/* A sample is a frame: BATCH packets to the other end and taken there, on one thread and by the sockets of
 * loopback. Either the other end is as fast as they come, and has its turn after each system call that sent some,
 * or it comes when all of them wait. The frames of what is compared take turns. */
enum { BATCH = 16, ROUNDS = 2000, QUICK_ROUNDS = 200, WARM_UP = 50, TURNS_MAX = 1000 };
enum { HEADER = 12, SSRC = 9, ROOM = 1300 };
enum way { STOCK, OURS, WAYS };
enum operation { SEND, RECEIVE, RECEIVE_WAITING, OPERATIONS };

static const char *const way_names[WAYS] = {"stock", "sotto"};
static const char *const operation_names[2][OPERATIONS] = {
    {"send", "receive", "receive, all waiting"},
    {"protect + send", "receive + unprotect", "receive + unprotect, all waiting"}};
static const double goal = 10; /* times as fast, where both protect 1200 bytes */
static const size_t payloads[] = {80, 160, 1000, 1200};

struct ends {
  struct stock_srtp *stock;
  struct srtp_path *sender, *receiver;
  struct stock_ice *stock_ice;
  struct our_ice *ours;
  bool secured; /* with SRTP around */
  uint16_t seq;
  int arrived[WAYS];
  uint8_t data[BATCH][ROOM];
  size_t size[BATCH];
};

static struct samples samples[2][WAYS][OPERATIONS]; /* without and with SRTP */

static void on_stock_datagram(void *user, uint8_t *data, size_t size) {
  struct ends *ends = user;
  ends->arrived[STOCK] += !ends->secured || stock_srtp_unprotect(ends->stock, data, &size);
}

static void on_our_datagram(void *user, uint8_t *data, size_t size) {
  struct ends *ends = user;
  ends->arrived[OURS] += !ends->secured || srtp_path_unprotect_rtp(ends->receiver, data, &size) == SRTP_OK;
}

static void fill(struct ends *ends, size_t payload) {
  for (int i = 0; i < BATCH; i++) {
    struct writer w = writer_of(ends->data[i], ROOM);
    write_u16(&w, 0x8060);
    write_u16(&w, (uint16_t)(ends->seq + i));
    write_u32(&w, (uint32_t)ends->seq * 960);
    write_u32(&w, SSRC);
    ends->size[i] = HEADER + payload + (ends->secured ? 0 : SRTP_RTP_OVERHEAD);
  }
}

static bool send_one(struct ends *ends, enum way way, int i) {
  uint8_t *data = ends->data[i];
  size_t *size = &ends->size[i];
  if (way == STOCK)
    return (!ends->secured || stock_srtp_protect(ends->stock, data, size)) &&
           stock_ice_send(ends->stock_ice, data, *size);
  return (!ends->secured || srtp_path_protect_rtp(ends->sender, data, size, ROOM) == SRTP_OK) &&
         our_ice_send(ends->ours, data, *size);
}

static bool send_all(struct ends *ends, enum way way) {
  bool ok = true;
  for (int i = 0; i < BATCH; i++)
    ok &= send_one(ends, way, i);
  if (way == OURS)
    our_ice_flush(ends->ours);
  return ok;
}

static bool take(struct ends *ends, enum way way, int until) {
  for (int turn = 0; ends->arrived[way] < until && turn < TURNS_MAX; turn++)
    if (way == STOCK)
      stock_ice_receive(ends->stock_ice);
    else
      our_ice_receive(ends->ours);
  return ends->arrived[way] == until;
}

static void idle(struct ends *ends, enum way way) {
  if (way == STOCK)
    stock_ice_idle(ends->stock_ice);
  else
    our_ice_idle(ends->ours);
}

static bool carry_and_then_take(struct ends *ends, enum way way) {
  struct samples *set = samples[ends->secured][way];
  struct stopwatch watch = measure_start();
  bool ok = send_all(ends, way);
  measure_stop(&set[SEND], watch, BATCH);
  watch = measure_start();
  ok = ok && take(ends, way, BATCH);
  measure_stop(&set[RECEIVE_WAITING], watch, BATCH);
  return ok;
}

/* Ours leave with the one system call, stock ones with a system call each. */
static bool take_as_they_come(struct ends *ends, enum way way) {
  bool ok = way == STOCK || send_all(ends, way);
  int64_t ns = 0, allocated = 0;
  for (int i = way == STOCK ? 0 : BATCH - 1; ok && i < BATCH; i++) {
    ok = way == OURS || send_one(ends, way, i);
    struct stopwatch watch = measure_start();
    ok = ok && take(ends, way, i + 1);
    ns += measure_now() - watch.started;
    allocated += measure_allocations_now() - watch.allocations;
  }
  measure_add(&samples[ends->secured][way][RECEIVE], (double)ns / BATCH, allocated, BATCH);
  return ok;
}

static bool carry_frame(struct ends *ends, enum way way, bool waiting) {
  idle(ends, way);
  ends->arrived[way] = 0;
  return waiting ? carry_and_then_take(ends, way) : take_as_they_come(ends, way);
}

/* Each with and without SRTP, taken late and at once. */
static bool round_of_all(struct ends *ends, size_t payload) {
  bool ok = true;
  for (unsigned which = 0; which < 4; which++, ends->seq = (uint16_t)(ends->seq + BATCH))
    for (enum way way = STOCK; way < WAYS; way++) {
      ends->secured = which & 1;
      fill(ends, payload);
      ok = ok && carry_frame(ends, way, which & 2);
    }
  return ok;
}

static bool rounds(struct ends *ends, size_t payload, int count) {
  bool ok = true;
  for (int round = 0; ok && round < count; round++)
    ok = round_of_all(ends, payload);
  return ok;
}

/* ---- the table ---- */

struct row {
  size_t payload;
  const char *way, *operation;
  double median, p99, faster, goal, allocations;
  int64_t packets;
};

static void print_row(const struct bench_options *options, const struct row *row) {
  if (options->json) {
    printf("{\"bench\":\"packet\",\"way\":\"%s\",\"payload_bytes\":%zu,\"batch\":%d,\"operation\":\"%s\","
           "\"median_ns\":%.1f,\"p99_ns\":%.1f,\"faster\":%.2f,\"goal\":%.0f,\"allocations_per_packet\":%.3f,"
           "\"packets\":%lld}\n",
           row->way, row->payload, BATCH, row->operation, row->median, row->p99, row->faster, row->goal,
           row->allocations, (long long)row->packets);
    return;
  }
  char allocations[16] = "-", verdict[24] = "";
  if (measure_counts_allocations())
    snprintf(allocations, sizeof allocations, "%.2f", row->allocations);
  if (row->goal > 0)
    snprintf(verdict, sizeof verdict, ">= %.0f %s", row->goal, row->faster >= row->goal ? "ok" : "SHORT");
  printf("%5zu B  %-6s %-32s %7.0f %7.0f %6s %6.1fx  %s\n", row->payload, row->way, row->operation, row->median,
         row->p99, allocations, row->faster, verdict);
}

static enum bench_result report_one(const struct bench_options *options, size_t payload, bool secured,
                                    enum operation operation, enum way way) {
  struct samples *set = &samples[secured][way][operation];
  bool judged = way == OURS && secured && operation < RECEIVE_WAITING && payload == 1200 && !options->quick;
  struct row row = {.payload = payload,
                    .way = way_names[way],
                    .operation = operation_names[secured][operation],
                    .median = measure_percentile(set, 50),
                    .p99 = measure_percentile(set, 99)};
  row.faster = measure_percentile(&samples[secured][STOCK][operation], 50) / row.median;
  row.goal = judged ? goal : 0;
  row.allocations = measure_allocations(set);
  row.packets = set->items;
  print_row(options, &row);
  if (way == OURS && !measure_allocates_nothing(set)) {
    fprintf(stderr, "sotto-bench: packet: %s allocates\n", row.operation);
    return BENCH_FAILED;
  }
  return row.faster >= row.goal ? BENCH_REACHED : BENCH_SHORT;
}

static enum bench_result report(const struct bench_options *options, size_t payload) {
  enum bench_result result = BENCH_REACHED;
  for (int secured = 0; secured < 2; secured++)
    for (enum operation operation = SEND; operation < OPERATIONS; operation++)
      for (enum way way = STOCK; way < WAYS; way++)
        result = bench_worse(result, report_one(options, payload, secured, operation, way));
  return result;
}

static enum bench_result measure_all(const struct bench_options *options, struct ends *ends) {
  enum bench_result result = rounds(ends, payloads[0], WARM_UP) ? BENCH_REACHED : BENCH_FAILED;
  if (!options->json)
    printf("\nSockets of loopback, %d packets a frame; ns a packet (sotto: sent %s, received %s)\n"
           "%7s  %-6s %-32s %7s %7s %6s %7s  %s\n",
           BATCH, our_ice_send_path(ends->ours), our_ice_receive_path(ends->ours), "payload", "way", "operation",
           "median", "p99", "allocs", "faster", "goal");
  for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
    memset(samples, 0, sizeof samples);
    if (!rounds(ends, payloads[i], options->quick ? QUICK_ROUNDS : ROUNDS)) {
      fputs("sotto-bench: packet: a datagram was lost on loopback\n", stderr);
      return BENCH_FAILED;
    }
    result = bench_worse(result, report(options, payloads[i]));
  }
  return result;
}

enum bench_result socket_path_measure(const struct bench_options *options, struct stock_srtp *stock,
                                      struct srtp_path *sender, struct srtp_path *receiver) {
  static struct ends ends;
  ends = (struct ends){.stock = stock, .sender = sender, .receiver = receiver};
  ends.stock_ice = stock_ice_open(on_stock_datagram, &ends);
  ends.ours = our_ice_open(on_our_datagram, &ends);
  enum bench_result result = ends.stock_ice && ends.ours ? measure_all(options, &ends) : BENCH_FAILED;
  stock_ice_close(ends.stock_ice);
  our_ice_close(ends.ours);
  return result;
}
