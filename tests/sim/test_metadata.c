/* test_metadata.c - what the signaling server sees of whole calls, in simulated time: rows T1 to T5 of the audit
 * (protocol F), and that two calls repeat nothing (T9). Each row also looks at a record in which what it looks for
 * is planted, and must find it.
 */
#include <stdlib.h>

#include "engine/call/call_parts.h"
#include "engine/core_parts.h"
#include "engine/path/demux.h"
#include "inside.h"
#include "media/rtp/rtcp.h"
#include "metadata/cells.h"
#include "metadata/needles.h"
#include "signaling/frame.h"
#include "unit/unit.h"

enum { ALICE, BOB, SEEN_MAX = 8192 };

static struct record { /* the server's memory */
  size_t count, cells, bytes;
  struct seen {
    usec at;
    int from, to;
    size_t size;
    bool cell;
    uint8_t mailbox[MAILBOX_SIZE];
  } seen[SEEN_MAX];
  uint8_t cell[CELLS_MAX][CELLS_SIZE]; /* as put */
  uint8_t all[SEEN_MAX * 2200];
} record;

static bool watch(void *user, int from, int to, uint8_t *message, size_t size) {
  const struct sim *sim = user;
  struct frame frame;
  assert_true(record.count < SEEN_MAX && record.bytes + size <= sizeof record.all);
  assert_true(frame_parse(&frame, to == SIM_SERVER, message, size));
  struct seen *seen = &record.seen[record.count++];
  *seen = (struct seen){.at = sim->now, .from = from, .to = to, .size = size};
  seen->cell = frame.type == FRAME_PUT || frame.type == FRAME_CELL;
  if (seen->cell)
    memcpy(seen->mailbox, frame.mailbox, MAILBOX_SIZE);
  if (frame.type == FRAME_PUT && record.cells < CELLS_MAX)
    memcpy(record.cell[record.cells++], frame.cell, CELLS_SIZE);
  memcpy(record.all + record.bytes, message, size);
  record.bytes += size;
  return true;
}

static void forget(void) {
  record.count = record.cells = record.bytes = 0;
}

/* Two people who have met, in front of the server's memory. */
static void set_up(struct sim *sim, uint64_t seed, usec cover) {
  struct sim_options options = {.policy = SOTTO_POLICY_WARN, .no_media = true};
  sim_init(sim, seed, &options);
  sim_add(sim, "wilhelmina");
  sim_add(sim, "thaddeus");
  forget();
  sim->filter = watch;
  sim->user = sim;
  sim_introduce(sim, ALICE, BOB, 0);
  if (!cover)
    return;
  sim->options.cover = cover;
  for (int p = ALICE; p <= BOB; p++)
    sim_restart(sim, p);
  sim_run(sim, SEC(5));
}

/* ---- T1 ---- */

static void add_side(struct needles *n, struct sim *sim, int p, uint32_t handle) {
  const struct call *call = sim_inside(sim, p, handle);
  const struct trust *trust = sim->peer[p].trust;
  char text[SOTTO_ID_TEXT_SIZE];
  sotto_id id;
  sim_id(sim, p, &id);
  assert_int_equal(sotto_id_format(&id, text, sizeof text), SOTTO_OK);
  needles_add_text(n, "ID", text);
  needles_add_text(n, "petname", sim->peer[p].name);
  needles_add_key(n, "IK", trust->identity.ik, KEY_SIZE);
  needles_add_key(n, "DK", trust->own.device[0].dk, KEY_SIZE);
  needles_add_key(n, "DX", trust->own.device[0].dx, KEY_SIZE);
  needles_add_key(n, "secret DX", trust->identity.device.dx_secret, KEY_SIZE);
  needles_add_key(n, "device", trust->own.device[0].id, DEVICE_ID_SIZE);
  needles_add_key(n, "pair secret", call->contact->ps, KEY_SIZE);
  needles_add_key(n, "call id", call->call_id, CALL_ID_SIZE);
  needles_add_key(n, "fingerprint", call->ours.fingerprint, HASH_SIZE);
  needles_add_text(n, "ufrag", call->local.ufrag);
  needles_add_text(n, "pwd", call->local.pwd);
  needles_add_text(n, "CNAME", call->ours.cname);
  snprintf(text, sizeof text, "11.0.0.%d", p + 1);
  needles_add_address(n, "host address", text);
}

static void t1_the_server_sees_no_name_key_address_or_number_of_a_call(void **state) {
  (void)state;
  static struct needles needles;
  struct sim sim;
  uint32_t a, b;
  set_up(&sim, 101, 0);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  assert_int_equal(core_call_restart_ice(sim.peer[ALICE].core, sim.now, a), SOTTO_OK);
  sim_run(&sim, SEC(3));
  needles.count = 0;
  add_side(&needles, &sim, ALICE, a);
  add_side(&needles, &sim, BOB, b);
  core_call_hangup(sim.peer[ALICE].core, sim.now, a);
  sim_run(&sim, SEC(3));
  size_t size;
  uint8_t *planted = needles_planted(&needles, &size);
  print_message("T1: %zu needles in %zu bytes\n", needles.count, record.bytes);
  assert_int_equal(needles_scan(&needles, record.all, record.bytes, false), 0);
  assert_int_equal(needles_scan(&needles, planted, size, true), needles.count);
  free(planted);
  sim_deinit(&sim);
}

/* ---- T2, T3 ---- */

static size_t odd_sizes(void) {
  size_t odd = 0;
  for (size_t i = 0; i < record.count; i++)
    odd +=
        record.seen[i].cell &&
        record.seen[i].size != (record.seen[i].to == SIM_SERVER ? (size_t)FRAME_PUT_SIZE : (size_t)FRAME_CELL_SIZE);
  return odd;
}

static void t2_every_cell_has_one_size_both_ways(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  set_up(&sim, 102, 0);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  core_call_hangup(sim.peer[BOB].core, sim.now, b);
  sim_run(&sim, SEC(3));
  print_message("T2: %zu cells put, all of 2048 bytes\n", record.cells);
  assert_true(record.cells > 15);
  assert_int_equal(odd_sizes(), 0);
  size_t i = 0;
  while (!record.seen[i].cell)
    i++;
  record.seen[i].size--;
  assert_int_equal(odd_sizes(), 1); /* planted */
  sim_deinit(&sim);
}

static void t3_cells_are_evenly_spread_and_repeat_nothing(void **state) {
  (void)state;
  struct sim sim;
  set_up(&sim, 103, MS(250));
  for (int i = 0; i < 20 && record.cells * CELLS_SIZE < 1200000; i++) {
    uint32_t a, b;
    sotto_id bob;
    sim_id(&sim, BOB, &bob);
    sim.peer[BOB].incoming = 0;
    assert_int_equal(core_call_start(sim.peer[ALICE].core, sim.now, &bob, SOTTO_AUDIO, &a), SOTTO_OK);
    sim_run(&sim, SEC(10));
    b = sim.peer[BOB].incoming;
    assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, b, SOTTO_AUDIO), SOTTO_OK);
    sim_run(&sim, SEC(20));
    core_call_hangup(sim.peer[BOB].core, sim.now, b);
    sim_run(&sim, SEC(10));
  }
  size_t size = record.cells * CELLS_SIZE;
  uint8_t *bytes = &record.cell[0][0];
  print_message("T3: chi-squared %.1f of %.1f over %zu bytes\n", cells_chi_squared(bytes, size),
                CELLS_CHI_SQUARED_MAX, size);
  assert_true(size >= 1000000);
  assert_true(cells_chi_squared(bytes, size) < CELLS_CHI_SQUARED_MAX);
  assert_int_equal(cells_repeated(bytes, size), 0);
  memcpy(record.cell[9] + 160, record.cell[3] + 320, CELLS_BLOCK); /* planted */
  assert_int_equal(cells_repeated(bytes, size), 1);
  for (size_t i = 0; i < size; i += 100)
    bytes[i] = 0;
  assert_true(cells_chi_squared(bytes, size) > CELLS_CHI_SQUARED_MAX);
  sim_deinit(&sim);
}

/* ---- T4 ---- */

struct mailboxes {
  size_t count;
  uint8_t address[64][MAILBOX_SIZE];
};

static bool has(const struct mailboxes *set, const uint8_t *address) {
  for (size_t i = 0; i < set->count; i++)
    if (memcmp(set->address[i], address, MAILBOX_SIZE) == 0)
      return true;
  return false;
}

/* The mailboxes that a call's cells went to. */
static struct mailboxes call_and_collect(struct sim *sim) {
  struct mailboxes set = {0};
  uint32_t a, b;
  forget();
  sim_call(sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  core_call_hangup(sim->peer[ALICE].core, sim->now, a);
  sim_run(sim, SEC(5));
  for (size_t i = 0; i < record.count; i++)
    if (record.seen[i].cell && !has(&set, record.seen[i].mailbox) && set.count < 64)
      memcpy(set.address[set.count++], record.seen[i].mailbox, MAILBOX_SIZE);
  return set;
}

static size_t common(const struct mailboxes *a, const struct mailboxes *b) {
  size_t count = 0;
  for (size_t i = 0; i < a->count; i++)
    count += has(b, a->address[i]);
  return count;
}

static void t4_mailboxes_of_three_days_are_disjoint_and_survive_a_restart(void **state) {
  (void)state;
  struct sim sim;
  struct mailboxes day[3];
  set_up(&sim, 104, 0);
  for (int d = 0; d < 3; d++) {
    day[d] = call_and_collect(&sim);
    assert_int_equal(day[d].count, 2); /* one each way */
    for (int before = 0; before < d; before++)
      assert_int_equal(common(&day[d], &day[before]), 0);
    sim_restart(&sim, ALICE);
    sim_restart(&sim, BOB);
    sim_run(&sim, SEC(5));
    struct mailboxes again = call_and_collect(&sim);
    assert_int_equal(common(&day[d], &again), 2); /* and so two of one day are not disjoint */
    sim_run(&sim, SEC(24 * 3600));
  }
  print_message("T4: 3 days of 2 mailboxes each, none in common\n");
  sim_deinit(&sim);
}

/* ---- T5 ---- */

enum outcome { ACCEPTED, DECLINED, UNANSWERED, NO_CALL, OUTCOMES };

/* What the server sees in two minutes from a call's beginning: when, from whom, to whom, how much. */
static uint64_t shape_of(enum outcome outcome, usec cover, size_t *count) {
  struct sim sim;
  uint32_t call = 0;
  sotto_id bob;
  uint64_t hash = 14695981039346656037u;
  set_up(&sim, 105, cover);
  forget();
  sim_id(&sim, BOB, &bob);
  if (outcome != NO_CALL)
    assert_int_equal(core_call_start(sim.peer[ALICE].core, sim.now, &bob, SOTTO_AUDIO, &call), SOTTO_OK);
  sim_run(&sim, SEC(15));
  if (outcome == ACCEPTED)
    assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, sim.peer[BOB].incoming, SOTTO_AUDIO), SOTTO_OK);
  if (outcome == DECLINED)
    assert_int_equal(core_call_decline(sim.peer[BOB].core, sim.now, sim.peer[BOB].incoming), SOTTO_OK);
  sim_run(&sim, SEC(60));
  if (outcome == ACCEPTED) {
    assert_int_equal(sim_leg(&sim, ALICE, call)->state, SOTTO_CALL_OPEN);
    core_call_hangup(sim.peer[ALICE].core, sim.now, call);
  }
  sim_run(&sim, SEC(45));
  static const sotto_end_reason reasons[] = {SOTTO_END_HANGUP, SOTTO_END_DECLINED, SOTTO_END_NO_ANSWER};
  if (outcome != NO_CALL)
    assert_int_equal(sim_leg(&sim, ALICE, call)->reason, reasons[outcome]);
  for (size_t i = 0; i < record.count; i++) {
    const struct seen *seen = &record.seen[i];
    const int64_t fields[] = {seen->at, seen->from, seen->to, (int64_t)seen->size};
    for (size_t k = 0; k < sizeof fields / sizeof fields[0]; k++)
      hash = (hash ^ (uint64_t)fields[k]) * 1099511628211u;
  }
  *count = record.count;
  sim_deinit(&sim);
  return hash;
}

static void t5_with_cover_the_server_can_not_tell_how_a_call_ended_nor_whether_there_was_one(void **state) {
  (void)state;
  size_t first_count, count;
  uint64_t first = shape_of(ACCEPTED, MS(500), &first_count);
  for (enum outcome outcome = DECLINED; outcome < OUTCOMES; outcome++) {
    assert_true(shape_of(outcome, MS(500), &count) == first);
    assert_int_equal(count, first_count);
  }
  print_message("T5: %zu frames in two minutes, the same at the same times\n", first_count);
  first = shape_of(ACCEPTED, 0, &count); /* without cover, the same comparison sees them differ */
  for (enum outcome outcome = DECLINED; outcome < OUTCOMES; outcome++)
    assert_true(shape_of(outcome, 0, &count) != first);
}

/* ---- T9 ---- */

enum { TRAITS = 8 };

/* What one end says of itself in a call, to the peer or in clear. */
struct said {
  struct trait {
    const char *what;
    uint8_t bytes[64];
  } trait[TRAITS];
};

static struct tap { /* the relay, and the keys of one direction */
  struct srtp_path *path;
  char cname[64];
} tap;

/* RFC 3550 section 6.5: header 4 | SSRC 4 | item type 1, CNAME | length 1 | text */
static void read_cname(const uint8_t *rtcp, size_t size) {
  for (struct reader r = reader_of(rtcp, size); r.left >= 12;) {
    const uint8_t *head = read_span(&r, 4);
    size_t rest = 4 * (size_t)(head[2] << 8 | head[3]);
    const uint8_t *body = read_span(&r, rest);
    if (body && head[1] == RTCP_SDES && rest >= 6 && body[4] == 1 && rest >= 6u + body[5])
      snprintf(tap.cname, sizeof tap.cname, "%.*s", body[5], (const char *)body + 6);
  }
}

static bool tap_reports(void *user, int from, int to, uint8_t *data, size_t *size) {
  uint8_t copy[2048];
  size_t length = *size;
  (void)user, (void)to;
  if (from != ALICE || !tap.path || length > sizeof copy || demux_classify(data, length) != DEMUX_RTCP)
    return true;
  memcpy(copy, data, length);
  if (srtp_path_unprotect_rtcp(tap.path, copy, &length) == SRTP_OK)
    read_cname(copy, length);
  return true;
}

static struct said what_alice_said(const struct call *call) {
  const struct call_description *ours = &call->ours;
  struct said said = {0};
  int n = 0;
  const struct {
    const char *what;
    const void *bytes;
    size_t size;
  } list[TRAITS] = {{"call id", call->call_id, CALL_ID_SIZE},
                    {"fingerprint", ours->fingerprint, HASH_SIZE},
                    {"audio SSRC", &ours->audio_ssrc, 4},
                    {"video SSRC", &ours->video_ssrc, 4},
                    {"ufrag", call->local.ufrag, strlen(call->local.ufrag)},
                    {"pwd", call->local.pwd, strlen(call->local.pwd)},
                    {"CNAME", ours->cname, CNAME_SIZE},
                    {"CNAME in RTCP", tap.cname, strlen(tap.cname)}};
  for (; n < TRAITS; n++) {
    assert_in_range(list[n].size, 4, sizeof said.trait[n].bytes);
    said.trait[n].what = list[n].what;
    memcpy(said.trait[n].bytes, list[n].bytes, list[n].size);
  }
  return said;
}

static struct said call_and_listen(struct sim *sim) {
  uint32_t a, b;
  sim_call(sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  assert_int_equal(sim_leg(sim, ALICE, a)->state, SOTTO_CALL_OPEN);
  struct srtp_master local, remote;
  const struct dtls *dtls = sim_inside(sim, BOB, b)->transport.dtls;
  assert_true(dtls_export_srtp(dtls, &local, &remote));
  tap = (struct tap){.path = srtp_path_new(dtls_profile(dtls), &local, &remote)};
  sim_run(sim, SEC(6));
  const struct call *call = sim_inside(sim, ALICE, a);
  assert_string_equal(tap.cname, call->ours.cname); /* RTCP says what OFFER said */
  struct said said = what_alice_said(call);
  core_call_hangup(sim->peer[ALICE].core, sim->now, a);
  sim_run(sim, SEC(2));
  srtp_path_free(tap.path);
  tap.path = NULL;
  return said;
}

static size_t repeats(const struct said *a, const struct said *b, bool show) {
  size_t count = 0;
  for (int i = 0; i < TRAITS; i++) {
    bool same = memcmp(a->trait[i].bytes, b->trait[i].bytes, sizeof a->trait[i].bytes) == 0;
    if (same && show)
      print_error("two calls have the same %s\n", a->trait[i].what);
    count += same;
  }
  return count;
}

static void t9_two_calls_repeat_nothing_that_an_end_says_of_itself(void **state) {
  (void)state;
  struct sim sim;
  sim_friends(&sim, 109, SOTTO_POLICY_WARN);
  sim.datagram_filter = tap_reports;
  struct said first = call_and_listen(&sim), second = call_and_listen(&sim);
  assert_int_equal(repeats(&first, &second, true), 0);
  for (int i = 0; i < TRAITS; i++) { /* planted, one at a time */
    struct said planted = second;
    planted.trait[i] = first.trait[i];
    assert_int_equal(repeats(&first, &planted, false), 1);
  }
  print_message("T9: two calls: %d things said by an end, none twice\n", TRAITS);
  sim_deinit(&sim);
}

UNIT_TESTS(test(t1_the_server_sees_no_name_key_address_or_number_of_a_call),
           test(t2_every_cell_has_one_size_both_ways), test(t3_cells_are_evenly_spread_and_repeat_nothing),
           test(t4_mailboxes_of_three_days_are_disjoint_and_survive_a_restart),
           test(t5_with_cover_the_server_can_not_tell_how_a_call_ended_nor_whether_there_was_one),
           test(t9_two_calls_repeat_nothing_that_an_end_says_of_itself))
