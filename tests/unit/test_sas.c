#include "engine/trust/sas.h"
#include "unit.h"

static void fill_party(struct sas_party *party, uint8_t base) {
  memset(party->ik, base, KEY_SIZE);
  memset(party->dev_id, base + 1, DEVICE_ID_SIZE);
  memset(party->dx, base + 2, KEY_SIZE);
  party->head.seq = base + 3u;
  memset(party->head.hash, base + 4, HASH_SIZE);
  memset(party->fp, base + 5, HASH_SIZE);
}

static struct sas_transcript transcript_of(uint8_t base_i, uint8_t base_r) {
  struct sas_transcript transcript = {
      .version = 1, .mode = SAS_MODE_EKM, .srtp_profile = 8, .cipher = 0xc02c, .has_ekm = true};
  for (uint8_t i = 0; i < SAS_CALL_ID_SIZE; i++)
    transcript.call_id[i] = i;
  fill_party(&transcript.initiator, base_i);
  fill_party(&transcript.responder, base_r);
  memset(transcript.h, 0x31, HASH_SIZE);
  memset(transcript.offer, 0x32, HASH_SIZE);
  memset(transcript.answer, 0x33, HASH_SIZE);
  memset(transcript.ekm, 0x34, HASH_SIZE);
  return transcript;
}

static struct sas i, r;
static uint8_t commit[HASH_SIZE], reply[SAS_RANDOM_SIZE], opening[SAS_RANDOM_SIZE];

static void begin(void) {
  const struct sas_transcript transcript = transcript_of(0x10, 0x20);
  sas_init(&i, true, &transcript);
  sas_init(&r, false, &transcript);
}

static void run_once(void) {
  assert_true(sas_start(&i, commit));
  assert_true(sas_commit(&r, i.run, commit, reply));
  assert_true(sas_reply(&i, i.run, reply, opening));
  assert_true(sas_open(&r, i.run, opening));
}

static void both_sides_get_one_value(void **state) {
  (void)state;
  begin();
  run_once();
  assert_int_equal(i.state, SAS_READY);
  assert_int_equal(r.state, SAS_READY);
  assert_memory_equal(i.value, r.value, SAS_VALUE_SIZE);
  uint8_t first[SAS_VALUE_SIZE];
  memcpy(first, i.value, sizeof first);
  assert_true(sas_confirm(&i, SAS_MATCH) && sas_confirm(&r, SAS_MATCH));
  run_once();
  assert_int_equal(i.run, 2);
  assert_memory_equal(i.value, r.value, SAS_VALUE_SIZE);
  assert_memory_not_equal(i.value, first, SAS_VALUE_SIZE);
}

static void the_value_is_the_one_an_independent_program_computes(void **state) {
  (void)state;
  /* By a few lines of Python (hashlib, hmac) written from protocol C.2 and C.3. */
  static const uint8_t known_c[] = {0x59, 0x6b, 0x61, 0x7b, 0x06, 0x5b, 0x80, 0x12, 0x0f, 0x00, 0xaf,
                                    0x82, 0x15, 0x50, 0xd1, 0xb5, 0xaa, 0xa4, 0x28, 0x04, 0xee, 0xa4,
                                    0xb5, 0xe9, 0x53, 0x78, 0x7f, 0xd7, 0x23, 0x0b, 0x41, 0x56};
  static const uint8_t known_t[] = {0xf8, 0xd3, 0xf8, 0x42, 0xc3, 0x90, 0x4b, 0xb6, 0x49, 0xe9, 0xb9,
                                    0xfa, 0x94, 0x45, 0x06, 0xa1, 0x52, 0xf0, 0xa8, 0x3c, 0x38, 0xc8,
                                    0x7b, 0x6b, 0xc0, 0x87, 0x3d, 0xb6, 0x4f, 0x79, 0x72, 0x99};
  static const uint8_t known_s[] = {0xe7, 0x47, 0x4f, 0xf7, 0x4a, 0x64};
  uint8_t t[HASH_SIZE];
  begin();
  sas_start(&i, commit);
  memset(i.r_i, 0xaa, SAS_RANDOM_SIZE); /* as if drawn */
  memset(opening, 0xaa, sizeof opening);
  memcpy(commit, known_c, sizeof commit);
  assert_true(sas_commit(&r, 1, commit, reply));
  memset(r.r_r, 0xbb, SAS_RANDOM_SIZE);
  assert_true(sas_open(&r, 1, opening)); /* so known_c is right */
  sas_transcript_hash(t, &r.transcript, 1, known_c);
  assert_memory_equal(t, known_t, sizeof t);
  assert_memory_equal(r.value, known_s, sizeof known_s);
}

static void every_field_of_the_transcript_changes_it(void **state) {
  (void)state;
  struct sas_transcript transcript = transcript_of(0x10, 0x20);
  uint8_t all[40][HASH_SIZE], c[HASH_SIZE] = {1};
  int n = 0;
#define SAYS(change)                                                                                               \
  transcript = transcript_of(0x10, 0x20);                                                                          \
  change;                                                                                                          \
  sas_transcript_hash(all[n++], &transcript, 1, c)
#define PARTY_SAYS(who)                                                                                            \
  SAYS(transcript.who.ik[0] ^= 1);                                                                                 \
  SAYS(transcript.who.dev_id[0] ^= 1);                                                                             \
  SAYS(transcript.who.dx[0] ^= 1);                                                                                 \
  SAYS(transcript.who.head.seq ^= 1);                                                                              \
  SAYS(transcript.who.head.hash[0] ^= 1);                                                                          \
  SAYS(transcript.who.fp[0] ^= 1)
  SAYS((void)0);
  SAYS(transcript.version = 2);
  SAYS(transcript.mode = SAS_MODE_FP);
  SAYS(transcript.call_id[15] ^= 1);
  PARTY_SAYS(initiator);
  PARTY_SAYS(responder);
  SAYS(transcript.h[0] ^= 1);
  SAYS(transcript.offer[0] ^= 1);
  SAYS(transcript.answer[0] ^= 1);
  SAYS(transcript.dtls_client_is_initiator = true);
  SAYS(transcript.srtp_profile = 7);
  SAYS(transcript.cipher ^= 1);
  SAYS(transcript.ekm[0] ^= 1);
  SAYS(transcript.has_ekm = false);
  SAYS(transcript.has_group = true);
  transcript = transcript_of(0x10, 0x20);
  sas_transcript_hash(all[n++], &transcript, 2, c);
  c[0] ^= 1;
  sas_transcript_hash(all[n++], &transcript, 1, c);
  c[0] ^= 1;
  transcript = transcript_of(0x20, 0x10); /* the roles exchanged */
  sas_transcript_hash(all[n++], &transcript, 1, c);
  for (int a = 0; a < n; a++)
    for (int b = 0; b < a; b++)
      assert_memory_not_equal(all[a], all[b], HASH_SIZE);
}

static void a_wrong_opening_shows_nothing(void **state) {
  (void)state;
  for (int bit = 0; bit < SAS_RANDOM_SIZE * 8; bit++) {
    begin();
    sas_start(&i, commit);
    sas_commit(&r, 1, commit, reply);
    sas_reply(&i, 1, reply, opening);
    opening[bit / 8] ^= (uint8_t)(1 << bit % 8);
    assert_false(sas_open(&r, 1, opening));
    assert_int_equal(r.state, SAS_FAILED);
    opening[bit / 8] ^= (uint8_t)(1 << bit % 8);
    assert_false(sas_open(&r, 1, opening)); /* no second try */
  }
}

static void an_opening_of_another_run_or_call_is_refused(void **state) {
  (void)state;
  uint8_t old[SAS_RANDOM_SIZE], old_commit[HASH_SIZE];
  begin();
  run_once();
  memcpy(old, opening, sizeof old);
  memcpy(old_commit, commit, sizeof old_commit);
  sas_confirm(&i, SAS_MATCH);
  sas_confirm(&r, SAS_MATCH);
  assert_false(sas_commit(&r, 1, old_commit, reply)); /* the run before */
  assert_false(sas_commit(&r, 3, old_commit, reply)); /* one left out */
  assert_true(sas_commit(&r, 2, old_commit, reply));  /* replayed under the next number */
  assert_false(sas_open(&r, 2, old));
  assert_int_equal(r.state, SAS_FAILED);
}

static void messages_out_of_order_fail_the_run(void **state) {
  (void)state;
  begin();
  assert_false(sas_reply(&i, 1, reply, opening)); /* before COMMIT */
  assert_int_equal(i.state, SAS_IDLE);
  assert_false(sas_open(&r, 1, opening));
  assert_false(sas_start(&r, commit));            /* not the responder's to start */
  assert_false(sas_commit(&i, 1, commit, reply)); /* nor the initiator's to answer */
  sas_start(&i, commit);
  assert_false(sas_start(&i, commit));
  assert_false(sas_commit(&i, 1, commit, reply));
  assert_int_equal(i.state, SAS_FAILED);
  begin();
  sas_start(&i, commit);
  sas_commit(&r, 1, commit, reply);
  assert_false(sas_commit(&r, 1, commit, reply)); /* twice */
  assert_int_equal(r.state, SAS_FAILED);
  begin();
  sas_start(&i, commit);
  assert_false(sas_reply(&i, 2, reply, opening)); /* of another run */
  assert_int_equal(i.state, SAS_FAILED);
  begin();
  run_once();
  uint8_t value[SAS_VALUE_SIZE];
  memcpy(value, i.value, sizeof value);
  assert_false(sas_reply(&i, 1, reply, opening)); /* twice: what is on screen stays */
  assert_false(sas_open(&r, 1, opening));
  assert_memory_equal(i.value, value, sizeof value);
  assert_int_equal(i.state, SAS_READY);
}

static void a_reflected_share_is_refused(void **state) {
  (void)state;
  begin();
  sas_start(&i, commit);
  assert_false(sas_reply(&i, 1, i.r_i, opening));
  assert_int_equal(i.state, SAS_FAILED);
  begin();
  sas_commit(&r, 1, commit, reply);
  static const char label[] = "sotto/sas-commit/1"; /* even if it had been committed to */
  const uint8_t run = 1;
  const struct bytes_view parts[] = {
      {label, sizeof label - 1}, {r.transcript.call_id, SAS_CALL_ID_SIZE}, {&run, 1}, {reply, SAS_RANDOM_SIZE}};
  crypto_sha256(r.commitment, parts, 4);
  assert_false(sas_open(&r, 1, reply));
  assert_int_equal(r.state, SAS_FAILED);
}

static void a_value_on_screen_is_not_replaced_before_it_is_answered(void **state) {
  (void)state;
  begin();
  run_once();
  assert_false(sas_start(&i, commit));
  assert_false(sas_commit(&r, 2, commit, reply));
  assert_int_equal(r.state, SAS_READY);
  assert_true(sas_result(&r, 1, SAS_CANCEL)); /* the other side gave up: now it may */
  assert_true(sas_commit(&r, 2, commit, reply));
}

static void each_answer_is_taken_once(void **state) {
  (void)state;
  begin();
  assert_false(sas_confirm(&i, SAS_MATCH)); /* nothing to compare */
  run_once();
  assert_false(sas_result(&i, 2, SAS_MATCH));
  assert_false(sas_result(&i, 1, SAS_NONE));
  assert_false(sas_result(&i, 1, (enum sas_answer)9));
  assert_true(sas_result(&i, 1, SAS_MATCH));
  assert_false(sas_result(&i, 1, SAS_MISMATCH));
  assert_int_equal(i.remote, SAS_MATCH);
  assert_int_equal(i.local, SAS_NONE); /* shown, never adopted */
  assert_true(sas_confirm(&i, SAS_MISMATCH));
  assert_false(sas_confirm(&i, SAS_MATCH));
  assert_int_equal(i.local, SAS_MISMATCH);
}

static void giving_up_is_a_failure_and_only_of_a_run_under_way(void **state) {
  (void)state;
  begin();
  assert_false(sas_abort(&i));
  sas_start(&i, commit);
  assert_true(sas_under_way(&i));
  assert_true(sas_abort(&i));
  assert_int_equal(i.state, SAS_FAILED);
  assert_false(sas_abort(&i));
  sas_start(&i, commit);
  assert_true(sas_result(&i, i.run, SAS_CANCEL));
  assert_int_equal(i.state, SAS_FAILED);
  begin();
  run_once();
  assert_false(sas_abort(&i));
}

static void the_renderings_are_the_published_ones(void **state) {
  (void)state;
  sotto_sas shown;
  /* Matrix: all zeros and all ones are the ends of both scales (matrix-rust-sdk, tests of verification/sas). */
  const uint8_t zeros[SAS_VALUE_SIZE] = {0};
  sas_render(zeros, &shown);
  assert_string_equal(shown.digits, "1000 1000 1000");
  const uint8_t ones[SAS_VALUE_SIZE] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  sas_render(ones, &shown);
  assert_string_equal(shown.digits, "9191 9191 9191");
  for (int n = 0; n < 7; n++)
    assert_int_equal(shown.emoji[n], 63);
  /* Matrix's formulas by hand: bits 000000 000001 ... 000110 then six unused; decimal (B0 << 5 | B1 >> 3) + 1000,
   * ((B1 & 7) << 10 | B2 << 2 | B3 >> 6) + 1000, ((B3 & 0x3f) << 7 | B4 >> 1) + 1000. */
  const uint8_t steps[SAS_VALUE_SIZE] = {0x00, 0x10, 0x83, 0x10, 0x51, 0xbf};
  sas_render(steps, &shown);
  for (int n = 0; n < 7; n++)
    assert_int_equal(shown.emoji[n], n);
  assert_string_equal(shown.digits, "1002 1524 3088");
  /* The example of the PGP word list's page in Wikipedia begins E5 82 94 F2 E9. */
  const uint8_t words[SAS_VALUE_SIZE] = {0xe5, 0x82, 0x94, 0xf2, 0xe9, 0xa2};
  sas_render(words, &shown);
  assert_string_equal(shown.words, "topmost Istanbul Pluto vagabond treadmill");
}

/* ---- the man in the middle, who plays both legs with the real code ---- */

struct leg { /* one honest end and the attacker's view of it */
  struct sas honest;
  struct sas_transcript transcript;
};

static struct leg leg_of(bool honest_initiates, uint8_t base) {
  struct leg leg = {.transcript = transcript_of(base, (uint8_t)(base + 0x40))};
  sas_init(&leg.honest, honest_initiates, &leg.transcript);
  return leg;
}

/* Drives a leg to its end with the attacker's share; true: the honest end shows a value. */
static bool play(struct leg *leg, const uint8_t share[SAS_RANDOM_SIZE]) {
  uint8_t c[HASH_SIZE], out[SAS_RANDOM_SIZE];
  if (leg->honest.initiator)
    return sas_start(&leg->honest, c) && sas_reply(&leg->honest, 1, share, out);
  static const char label[] = "sotto/sas-commit/1";
  const uint8_t run = 1;
  const struct bytes_view parts[] = {
      {label, sizeof label - 1}, {leg->transcript.call_id, 16}, {&run, 1}, {share, SAS_RANDOM_SIZE}};
  crypto_sha256(c, parts, 4);
  return sas_commit(&leg->honest, 1, c, out) && sas_open(&leg->honest, 1, share);
}

static void a_man_in_the_middle_matches_one_byte_in_256_tries(void **state) {
  (void)state;
  enum { RUNS = 20000 };
  static const uint8_t seed[KEY_SIZE] = {42};
  int matches = 0;
  uint64_t random = 7;
  crypto_random_seed(seed);
  for (int n = 0; n < RUNS; n++) { /* each of the four assignments of roles in turn */
    struct leg a = leg_of(n & 1, 0x10), b = leg_of(n & 2, 0x50);
    uint8_t share_a[SAS_RANDOM_SIZE], share_b[SAS_RANDOM_SIZE];
    for (int k = 0; k < SAS_RANDOM_SIZE; k++) {
      share_a[k] = (uint8_t)unit_random(&random);
      share_b[k] = (uint8_t)unit_random(&random);
    }
    assert_true(play(&a, share_a) && play(&b, share_b));
    matches += a.honest.value[0] == b.honest.value[0];
  }
  crypto_random_seed(NULL);
  /* mean 78.1, sigma 8.8: within three of them */
  assert_in_range(matches, 52, 104);
}

static void without_the_commitment_the_same_man_would_always_match(void **state) {
  (void)state;
  /* Shows that the test above can fail: let him see the honest share before he has to choose his own. */
  static const uint8_t seed[KEY_SIZE] = {43};
  crypto_random_seed(seed);
  for (int n = 0; n < 20; n++) {
    struct leg b = leg_of(false, 0x50), a = leg_of(true, 0x10);
    uint8_t share[SAS_RANDOM_SIZE] = {(uint8_t)n}, c[HASH_SIZE], out[SAS_RANDOM_SIZE];
    assert_true(play(&b, share));
    assert_true(sas_start(&a.honest, c));
    bool matched = false;
    for (int try = 0; try < 5000 && !matched; try++) { /* a peek: copies of an end that has not seen his reply */
      struct sas copy = a.honest;
      share[30] = (uint8_t)(try >> 8);
      share[31] = (uint8_t)try;
      matched = sas_reply(&copy, 1, share, out) && copy.value[0] == b.honest.value[0];
    }
    assert_true(matched);
  }
  crypto_random_seed(NULL);
}

UNIT_TESTS(test(both_sides_get_one_value), test(the_value_is_the_one_an_independent_program_computes),
           test(every_field_of_the_transcript_changes_it), test(a_wrong_opening_shows_nothing),
           test(an_opening_of_another_run_or_call_is_refused), test(messages_out_of_order_fail_the_run),
           test(a_reflected_share_is_refused), test(a_value_on_screen_is_not_replaced_before_it_is_answered),
           test(each_answer_is_taken_once), test(giving_up_is_a_failure_and_only_of_a_run_under_way),
           test(the_renderings_are_the_published_ones), test(a_man_in_the_middle_matches_one_byte_in_256_tries),
           test(without_the_commitment_the_same_man_would_always_match))
