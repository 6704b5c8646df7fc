#include "unit.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <time.h>

#include "engine/path/demux.h"
#include "raw_dtls.h"

static usec clock_now(void) { /* libssl's timers follow the wall clock, and so must we */
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return SEC(t.tv_sec) + t.tv_nsec / 1000;
}

/* ---- one of ours, behind its firewall ---- */

struct end {
  struct dtls *dtls;
  struct dtls_firewall firewall;
};

static struct dtls_certificate *one, *two; /* made once: that is slow under the sanitizers */

static void make_certificates(void) {
  if (!one)
    need(one = dtls_certificate_new(NULL));
  if (!two)
    need(two = dtls_certificate_new(NULL));
}

static struct dtls_config config_of(bool server) {
  make_certificates();
  struct dtls_config config = {.certificate = server ? one : two,
                               .server = server,
                               .profile = {SRTP_PROFILE_AES_256_GCM, SRTP_PROFILE_AES_128_GCM},
                               .profiles = 2,
                               .first_timeout = MS(20)};
  dtls_certificate_fingerprint(server ? two : one, config.peer_fingerprint);
  return config;
}

static struct end end_of(const struct dtls_config *config) {
  struct end end = {NULL, {0}};
  need(end.dtls = dtls_new(config));
  dtls_firewall_init(&end.firewall, config->server);
  dtls_firewall_open(&end.firewall);
  return end;
}

static void take(struct end *end, const uint8_t *data, size_t size) {
  uint8_t copy[RAW_DTLS_ROOM];
  memcpy(copy, data, size);
  size = dtls_firewall_filter(&end->firewall, copy, size);
  if (size)
    dtls_input(end->dtls, clock_now(), copy, size);
  if (dtls_state(end->dtls) == DTLS_CONNECTED)
    dtls_firewall_complete(&end->firewall);
}

struct pair {
  struct end server, client;
  uint64_t lose; /* bit n: the n-th datagram of the two together is lost */
  int count;
};

static struct pair pair_with(const struct dtls_config *server, const struct dtls_config *client) {
  struct pair pair = {.server = {NULL, {0}}};
  struct dtls *spare = dtls_new(server);
  if (!spare && unit_alloc_failed())
    exit(0);
  dtls_free(spare);
  pair.server = end_of(server);
  pair.client.dtls = dtls_new(client);
  if (!pair.client.dtls && unit_alloc_failed())
    exit(0);
  dtls_firewall_init(&pair.client.firewall, false);
  dtls_firewall_open(&pair.client.firewall);
  return pair;
}

static struct pair pair_of(void) {
  struct dtls_config server = config_of(true), client = config_of(false);
  return pair_with(&server, &client);
}

static void free_pair(struct pair *pair) {
  dtls_free(pair->server.dtls);
  dtls_free(pair->client.dtls);
}

/* What waits, in both directions, without waiting for a timer. */
static bool exchange_once(struct pair *pair) {
  const uint8_t *data;
  size_t size;
  bool moved = false;
  while (dtls_poll(pair->client.dtls, clock_now(), &data, &size)) {
    moved = true;
    assert_true(size <= DTLS_DATAGRAM_MAX);
    if (!(pair->count < 64 && pair->lose >> pair->count & 1))
      take(&pair->server, data, size);
    pair->count++;
  }
  while (dtls_poll(pair->server.dtls, clock_now(), &data, &size)) {
    moved = true;
    assert_true(size <= DTLS_DATAGRAM_MAX);
    if (!(pair->count < 64 && pair->lose >> pair->count & 1))
      take(&pair->client, data, size);
    pair->count++;
  }
  return moved;
}

static bool both(const struct pair *pair, enum dtls_state state) {
  return dtls_state(pair->server.dtls) == state && dtls_state(pair->client.dtls) == state;
}

static void exchange(struct pair *pair) {
  while (exchange_once(pair)) {
  }
}

/* Until both are connected, sleeping to the next retransmission where one is due. */
static void exchange_with_losses(struct pair *pair) {
  usec end = clock_now() + SEC(10);
  while (!both(pair, DTLS_CONNECTED) && clock_now() < end) {
    exchange(pair);
    usec next = earlier(dtls_deadline(pair->server.dtls), dtls_deadline(pair->client.dtls));
    usec left = earlier(next, end) - clock_now();
    if (left > 0)
      nanosleep(&(struct timespec){.tv_nsec = (long)earlier(left, MS(50)) * 1000}, NULL);
  }
}

/* ---- a peer that breaks rules ---- */

static void raw_exchange(struct raw_dtls *raw, struct end *end) {
  for (bool moved = true; moved;) {
    uint8_t flight[RAW_DTLS_ROOM];
    const uint8_t *data;
    size_t size = raw_dtls_output(raw, flight);
    if (size > 0)
      take(end, flight, size);
    moved = size > 0;
    while (dtls_poll(end->dtls, clock_now(), &data, &size)) {
      raw_dtls_input(raw, data, size);
      moved = true;
    }
  }
}

/* What becomes of one of ours that meets such a peer. */
static enum dtls_failure outcome(const struct raw_dtls_config *peer) {
  struct dtls_config config = config_of(!peer->server);
  struct raw_dtls raw = raw_dtls_new(peer, config.peer_fingerprint);
  struct dtls *dtls = dtls_new(&config);
  if (!dtls && unit_alloc_failed())
    exit(0);
  struct end end = {.dtls = dtls};
  dtls_firewall_init(&end.firewall, config.server);
  dtls_firewall_open(&end.firewall);
  raw_exchange(&raw, &end);
  enum dtls_failure failure = dtls_failure(dtls);
  if (failure == DTLS_OK) {
    assert_int_equal(dtls_state(dtls), DTLS_CONNECTED);
  } else {
    uint8_t ekm[DTLS_EXPORT_SIZE];
    struct srtp_master local, remote;
    assert_int_equal(dtls_state(dtls), DTLS_FAILED);
    assert_false(dtls_export_binding(dtls, ekm));
    assert_false(dtls_export_srtp(dtls, &local, &remote));
    assert_int_equal(dtls_profile(dtls), 0);
    assert_int_equal(dtls_deadline(dtls), USEC_NEVER);
  }
  raw_dtls_free(&raw);
  dtls_free(dtls);
  return failure;
}

static enum dtls_failure outcome_as(bool peer_is_server, struct raw_dtls_config peer) {
  peer.server = peer_is_server;
  return outcome(&peer);
}

/* ---- tests ---- */

static void two_of_ours_connect_under_each_profile_and_agree_on_the_keys(void **state) {
  (void)state;
  for (int i = 0; i < 2; i++) {
    struct dtls_config server = config_of(true), client = config_of(false);
    if (i)
      client.profile[0] = SRTP_PROFILE_AES_128_GCM, client.profiles = 1;
    struct pair pair = pair_with(&server, &client);
    exchange(&pair);
    assert_true(both(&pair, DTLS_CONNECTED));
    assert_int_equal(dtls_profile(pair.server.dtls), i ? 7 : 8);
    assert_int_equal(dtls_profile(pair.client.dtls), i ? 7 : 8);
    assert_int_equal(dtls_cipher(pair.server.dtls), 0xc02c);
    assert_string_equal(dtls_cipher_name(pair.client.dtls), "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
    uint8_t a[DTLS_EXPORT_SIZE], b[DTLS_EXPORT_SIZE];
    assert_true(dtls_export_binding(pair.server.dtls, a));
    assert_true(dtls_export_binding(pair.client.dtls, b));
    assert_memory_equal(a, b, sizeof a);
    struct srtp_master server_local, server_remote, client_local, client_remote;
    assert_true(dtls_export_srtp(pair.server.dtls, &server_local, &server_remote));
    assert_true(dtls_export_srtp(pair.client.dtls, &client_local, &client_remote));
    assert_memory_equal(&server_local, &client_remote, sizeof server_local);
    assert_memory_equal(&server_remote, &client_local, sizeof server_local);
    assert_memory_not_equal(&server_local, &server_remote, sizeof server_local);
    free_pair(&pair);
  }
}

/* RFC 5764 section 4.2, against libssl's own exporter and its order of the parts. */
static void keys_are_split_as_rfc_5764_says(void **state) {
  (void)state;
  struct raw_dtls_config peer = {.server = false};
  struct dtls_config config = config_of(true);
  struct raw_dtls raw = raw_dtls_new(&peer, config.peer_fingerprint);
  struct end end = end_of(&config);
  raw_exchange(&raw, &end);
  uint8_t material[88], binding[32], want[32];
  assert_int_equal(SSL_export_keying_material(raw.ssl, material, 88, "EXTRACTOR-dtls_srtp", 19, NULL, 0, 0), 1);
  assert_int_equal(SSL_export_keying_material(raw.ssl, want, 32, "EXPORTER-Channel-Binding", 24, NULL, 0, 0), 1);
  struct srtp_master local, remote;
  assert_true(dtls_export_srtp(end.dtls, &local, &remote));
  assert_memory_equal(remote.key, material, 32); /* the client's comes first, and we are the server */
  assert_memory_equal(local.key, material + 32, 32);
  assert_memory_equal(remote.salt, material + 64, 12);
  assert_memory_equal(local.salt, material + 76, 12);
  assert_true(dtls_export_binding(end.dtls, binding));
  assert_memory_equal(binding, want, 32);
  uint8_t seen[DTLS_FINGERPRINT_SIZE];
  assert_true(dtls_peer_fingerprint(end.dtls, seen));
  assert_memory_equal(seen, config.peer_fingerprint, sizeof seen);
  raw_dtls_free(&raw);
  dtls_free(end.dtls);
}

static void a_well_behaved_peer_connects_in_either_role(void **state) {
  (void)state;
  assert_int_equal(outcome_as(true, (struct raw_dtls_config){0}), DTLS_OK);
  assert_int_equal(outcome_as(false, (struct raw_dtls_config){0}), DTLS_OK);
  /* A browser offers CM first: the server's preference wins. */
  assert_int_equal(
      outcome_as(false, (struct raw_dtls_config){.profiles = "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM"}),
      DTLS_OK);
}

static const char chromiums_profiles[] = "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM";

static void of_a_browsers_profiles_ours_is_taken_though_it_prefers_another(void **state) {
  (void)state;
  struct raw_dtls_config peer = {.profiles = chromiums_profiles};
  struct dtls_config config = config_of(true);
  struct raw_dtls raw = raw_dtls_new(&peer, config.peer_fingerprint);
  struct end end = end_of(&config);
  raw_exchange(&raw, &end);
  assert_int_equal(dtls_profile(end.dtls), SRTP_PROFILE_AES_256_GCM);
  assert_int_equal(SSL_get_selected_srtp_profile(raw.ssl)->id, SRTP_PROFILE_AES_256_GCM);
  raw_dtls_free(&raw);
  dtls_free(end.dtls);
}

enum { RECORD_HEADER = 13, HANDSHAKE_HEADER = 12 };

/* Each record of its first flight in a datagram of its own. */
static int first_flight(struct raw_dtls *raw, uint8_t flight[RAW_DTLS_ROOM], size_t record[4]) {
  size_t size = raw_dtls_output(raw, flight), at = 0;
  int records = 0;
  while (at < size && records < 4) {
    record[records] = RECORD_HEADER + (size_t)(flight[at + 11] << 8 | flight[at + 12]);
    at += record[records++];
  }
  assert_int_equal(at, size);
  return records;
}

static size_t hello_size(void) {
  struct raw_dtls_config peer = {.profiles = chromiums_profiles};
  uint8_t flight[RAW_DTLS_ROOM], fingerprint[DTLS_FINGERPRINT_SIZE];
  size_t record[4];
  struct raw_dtls raw = raw_dtls_new(&peer, fingerprint);
  assert_int_equal(first_flight(&raw, flight, record), 1);
  raw_dtls_free(&raw);
  return record[0] - RECORD_HEADER - HANDSHAKE_HEADER;
}

/* As long as Chromium's, whose key share of a post-quantum group takes it over one datagram: 1175 and 238 bytes. */
static void a_client_hello_in_two_datagrams_connects_in_any_order(void **state) {
  (void)state;
  enum { FIRST = 1175, SECOND = 238, EXTENSION_HEADER = 4 };
  const size_t whole = FIRST + SECOND - 2 * HANDSHAKE_HEADER;
  struct raw_dtls_config peer = {.profiles = chromiums_profiles, .bulk = whole - EXTENSION_HEADER - hello_size()};
  for (int swapped = 0; swapped < 2; swapped++) {
    struct dtls_config config = config_of(true);
    struct raw_dtls raw = raw_dtls_new(&peer, config.peer_fingerprint);
    struct end end = end_of(&config);
    uint8_t flight[RAW_DTLS_ROOM];
    size_t record[4];
    SSL_set_mtu(raw.ssl, FIRST + RECORD_HEADER);
    assert_int_equal(first_flight(&raw, flight, record), 2);
    assert_int_equal(record[0], FIRST + RECORD_HEADER);
    assert_int_equal(record[1], SECOND + RECORD_HEADER);
    for (int i = 0; i < 2; i++) {
      bool second = i != swapped;
      take(&end, second ? flight + record[0] : flight, record[second]);
    }
    raw_exchange(&raw, &end);
    assert_int_equal(dtls_state(end.dtls), DTLS_CONNECTED);
    assert_int_equal(dtls_profile(end.dtls), SRTP_PROFILE_AES_256_GCM);
    raw_dtls_free(&raw);
    dtls_free(end.dtls);
  }
}

static void a_wrong_certificate_ends_the_handshake_on_the_side_that_sees_it(void **state) {
  (void)state;
  for (int wrong = 0; wrong < 2; wrong++) {
    struct dtls_config config[2] = {config_of(true), config_of(false)};
    config[wrong].peer_fingerprint[31] ^= 1;
    struct pair pair = pair_with(&config[0], &config[1]);
    struct dtls *careful = wrong ? pair.client.dtls : pair.server.dtls;
    struct dtls *other = wrong ? pair.server.dtls : pair.client.dtls;
    exchange(&pair);
    assert_int_equal(dtls_state(careful), DTLS_FAILED);
    assert_int_equal(dtls_failure(careful), DTLS_FP_MISMATCH);
    assert_int_equal(dtls_state(other), DTLS_HANDSHAKING); /* it never saw a Finished */
    uint8_t seen[DTLS_FINGERPRINT_SIZE];
    struct srtp_master local, remote;
    assert_true(dtls_peer_fingerprint(careful, seen));
    seen[31] ^= 1;
    assert_memory_equal(seen, config[wrong].peer_fingerprint, sizeof seen);
    assert_false(dtls_export_srtp(other, &local, &remote));
    free_pair(&pair);
  }
}

/* All but the server's Finished is there: BIND can be written, and the keys be had once the peer's was compared. */
static void a_client_has_its_binding_and_then_its_keys_before_the_server_s_finished(void **state) {
  (void)state;
  struct pair pair = pair_of();
  struct srtp_master local, remote, theirs[2];
  uint8_t early[DTLS_EXPORT_SIZE], late[DTLS_EXPORT_SIZE];
  assert_false(dtls_agreed(pair.client.dtls) || dtls_export_binding(pair.client.dtls, early));
  while (!dtls_agreed(pair.client.dtls)) {
    assert_false(dtls_agreed(pair.server.dtls));
    assert_true(exchange_once(&pair));
  }
  assert_int_equal(dtls_state(pair.client.dtls), DTLS_HANDSHAKING);
  assert_true(dtls_export_binding(pair.client.dtls, early));
  assert_int_equal(dtls_profile(pair.client.dtls), 8);
  assert_int_equal(dtls_cipher(pair.client.dtls), 0xc02c);
  assert_false(dtls_export_srtp(pair.client.dtls, &local, &remote));
  dtls_confirm(pair.client.dtls);
  assert_true(dtls_export_srtp(pair.client.dtls, &local, &remote));
  assert_false(dtls_write(pair.client.dtls, clock_now(), "x", 1));
  exchange(&pair);
  assert_true(dtls_export_binding(pair.server.dtls, late));
  assert_memory_equal(early, late, sizeof early);
  assert_true(dtls_export_srtp(pair.server.dtls, &theirs[0], &theirs[1]));
  assert_memory_equal(&local, &theirs[1], sizeof local);
  assert_memory_equal(&remote, &theirs[0], sizeof remote);
  free_pair(&pair);
}

static void no_binding_comes_early_without_extended_master_secret(void **state) {
  (void)state;
  struct raw_dtls_config peer = {.server = true, .no_ems = true};
  struct dtls_config config = config_of(false);
  struct raw_dtls raw = raw_dtls_new(&peer, config.peer_fingerprint);
  struct end end = end_of(&config);
  uint8_t flight[RAW_DTLS_ROOM], ekm[DTLS_EXPORT_SIZE];
  struct srtp_master local, remote;
  const uint8_t *data;
  size_t size;
  for (int turn = 0; turn < 4 && dtls_state(end.dtls) == DTLS_HANDSHAKING; turn++) {
    assert_false(dtls_agreed(end.dtls) || dtls_export_binding(end.dtls, ekm));
    dtls_confirm(end.dtls);
    assert_false(dtls_export_srtp(end.dtls, &local, &remote));
    while (dtls_poll(end.dtls, clock_now(), &data, &size))
      raw_dtls_input(&raw, data, size);
    while ((size = raw_dtls_output(&raw, flight)) > 0)
      take(&end, flight, size);
  }
  assert_int_equal(dtls_failure(end.dtls), DTLS_NO_EMS);
  raw_dtls_free(&raw);
  dtls_free(end.dtls);
}

static void a_peer_without_a_certificate_is_refused(void **state) {
  (void)state;
  assert_int_equal(outcome_as(false, (struct raw_dtls_config){.no_certificate = true}), DTLS_NO_CERTIFICATE);
}

static void a_chain_of_certificates_is_refused(void **state) {
  (void)state;
  assert_int_equal(outcome_as(false, (struct raw_dtls_config){.chain = true}), DTLS_NO_CERTIFICATE);
  assert_int_equal(outcome_as(true, (struct raw_dtls_config){.chain = true}), DTLS_NO_CERTIFICATE);
}

static void dtls_1_0_is_refused(void **state) {
  (void)state;
  assert_int_equal(outcome_as(false, (struct raw_dtls_config){.version = DTLS1_VERSION}), DTLS_VERSION);
}

static void a_peer_without_extended_master_secret_is_refused(void **state) {
  (void)state;
  assert_int_equal(outcome_as(false, (struct raw_dtls_config){.no_ems = true}), DTLS_NO_EMS);
  assert_int_equal(outcome_as(true, (struct raw_dtls_config){.no_ems = true}), DTLS_NO_EMS);
}

static void suites_other_than_ours_are_refused(void **state) {
  (void)state;
  static const char *const bad[] = {
      "ECDHE-RSA-AES256-GCM-SHA384", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES256-SHA384",  "DHE-RSA-AES128-GCM-SHA256",
      "ECDHE-ECDSA-NULL-SHA:eNULL",  "AECDH-AES256-SHA",  "PSK-AES256-GCM-SHA384:aNULL"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct raw_dtls_config peer = {.ciphers = bad[i],
                                   .rsa_bits = strstr(bad[i], "RSA") || bad[i][0] == 'A' ? 2048 : 0};
    assert_int_equal(outcome_as(false, peer), DTLS_CIPHER);
  }
}

static void an_rsa_certificate_is_refused(void **state) {
  (void)state;
  assert_int_not_equal(outcome_as(false, (struct raw_dtls_config){.rsa_bits = 2048}), DTLS_OK);
}

static void a_peer_with_no_gcm_profile_is_refused(void **state) {
  (void)state;
  struct raw_dtls_config peer = {.profiles = "SRTP_AES128_CM_SHA1_80"};
  assert_int_equal(outcome_as(false, peer), DTLS_PROFILE);
  assert_int_equal(outcome_as(true, peer), DTLS_PROFILE);
  assert_int_equal(outcome_as(false, (struct raw_dtls_config){.null_profile = true}), DTLS_PROFILE);
  assert_int_equal(outcome_as(true, (struct raw_dtls_config){.null_profile = true}), DTLS_PROFILE);
}

static void any_one_lost_datagram_is_recovered(void **state) {
  (void)state;
  for (int lost = 0; lost < 8; lost++) {
    struct pair pair = pair_of();
    pair.lose = (uint64_t)1 << lost;
    exchange_with_losses(&pair);
    assert_true(both(&pair, DTLS_CONNECTED));
    assert_int_equal(pair.server.firewall.dropped[DTLS_DROP_REHANDSHAKE], 0);
    assert_int_equal(pair.client.firewall.dropped[DTLS_DROP_REHANDSHAKE], 0);
    free_pair(&pair);
  }
}

static void every_second_datagram_lost_still_connects(void **state) {
  (void)state;
  struct pair pair = pair_of();
  pair.lose = 0x2d5b5;
  exchange_with_losses(&pair);
  assert_true(both(&pair, DTLS_CONNECTED));
  free_pair(&pair);
}

static void repeated_and_reordered_flights_change_nothing(void **state) {
  (void)state;
  struct pair pair = pair_of();
  for (int round = 0; round < 20; round++) {
    uint8_t data[2][16][2048];
    size_t size[2][16], count[2] = {0, 0};
    struct end *end[2] = {&pair.client, &pair.server};
    for (int i = 0; i < 2; i++) {
      const uint8_t *next;
      while (count[i] < 16 && dtls_poll(end[i]->dtls, clock_now(), &next, &size[i][count[i]]))
        memcpy(data[i][count[i]], next, size[i][count[i]]), count[i]++;
    }
    for (int i = 0; i < 2; i++)
      for (size_t n = count[i]; n-- > 0;)
        for (int again = 0; again < 2; again++)
          take(end[!i], data[i][n], size[i][n]);
  }
  assert_true(both(&pair, DTLS_CONNECTED));
  free_pair(&pair);
}

static void garbage_and_forged_alerts_do_not_stop_a_handshake(void **state) {
  (void)state;
  struct pair pair = pair_of();
  static const uint8_t alert[] = {21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 99, 0, 2, 2, 40};
  uint8_t garbage[64];
  uint64_t seed = 5;
  for (int i = 0; i < 200; i++) {
    for (size_t j = 0; j < sizeof garbage; j++)
      garbage[j] = (uint8_t)unit_random(&seed);
    take(&pair.server, garbage, sizeof garbage);
    take(&pair.client, garbage, sizeof garbage);
  }
  take(&pair.server, alert, sizeof alert);
  exchange_once(&pair);
  take(&pair.server, alert, sizeof alert);
  take(&pair.client, alert, sizeof alert);
  exchange(&pair);
  assert_true(both(&pair, DTLS_CONNECTED));
  take(&pair.client, alert, sizeof alert);
  assert_true(both(&pair, DTLS_CONNECTED));
  free_pair(&pair);
}

static void a_client_hello_after_completion_is_blocked_and_the_keys_stay(void **state) {
  (void)state;
  struct pair pair = pair_of(), other = pair_of();
  exchange(&pair);
  assert_true(both(&pair, DTLS_CONNECTED));
  uint8_t before[DTLS_EXPORT_SIZE], after[DTLS_EXPORT_SIZE];
  assert_true(dtls_export_binding(pair.server.dtls, before));
  const uint8_t *hello;
  size_t size;
  assert_true(dtls_poll(other.client.dtls, clock_now(), &hello, &size));
  take(&pair.server, hello, size);
  take(&pair.client, hello, size);
  assert_int_equal(pair.server.firewall.dropped[DTLS_DROP_REHANDSHAKE], 1);
  assert_int_equal(pair.client.firewall.dropped[DTLS_DROP_REHANDSHAKE], 1);
  exchange(&pair);
  assert_true(both(&pair, DTLS_CONNECTED));
  assert_true(dtls_export_binding(pair.server.dtls, after));
  assert_memory_equal(before, after, sizeof before);
  free_pair(&pair);
  free_pair(&other);
}

static void renegotiation_is_refused_and_the_association_lives(void **state) {
  (void)state;
  struct raw_dtls_config peer = {.server = false};
  struct dtls_config config = config_of(true);
  struct raw_dtls raw = raw_dtls_new(&peer, config.peer_fingerprint);
  struct end end = end_of(&config);
  raw_exchange(&raw, &end);
  uint8_t before[DTLS_EXPORT_SIZE], after[DTLS_EXPORT_SIZE], data[16];
  assert_true(dtls_export_binding(end.dtls, before));
  SSL_renegotiate(raw.ssl);
  SSL_do_handshake(raw.ssl);
  uint8_t flight[RAW_DTLS_ROOM];
  int size = BIO_read(raw.out, flight, sizeof flight);
  assert_true(size > 0 && flight[4] == 1); /* a ClientHello inside the association: the firewall can't tell */
  take(&end, flight, (size_t)size);
  assert_int_equal(dtls_state(end.dtls), DTLS_CONNECTED);
  assert_true(dtls_export_binding(end.dtls, after));
  assert_memory_equal(before, after, sizeof before);
  assert_true(dtls_write(end.dtls, clock_now(), "still", 5));
  assert_int_equal(dtls_read(end.dtls, data, sizeof data), 0);
  raw_dtls_free(&raw);
  dtls_free(end.dtls);
}

static void application_data_goes_both_ways_whole_and_in_order(void **state) {
  (void)state;
  struct pair pair = pair_of();
  uint8_t out[DTLS_MESSAGE_MAX], in[DTLS_MESSAGE_MAX + 1];
  assert_false(dtls_write(pair.client.dtls, clock_now(), out, 1)); /* not connected */
  exchange(&pair);
  for (int i = 1; i <= 4; i++) {
    memset(out, i, sizeof out);
    assert_true(dtls_write(pair.client.dtls, clock_now(), out, sizeof out));
    assert_true(dtls_write(pair.server.dtls, clock_now(), out, (size_t)i));
  }
  exchange(&pair);
  for (int i = 1; i <= 4; i++) {
    memset(out, i, sizeof out);
    assert_int_equal(dtls_read(pair.server.dtls, in, sizeof in), sizeof out);
    assert_memory_equal(in, out, sizeof out);
    assert_int_equal(dtls_read(pair.client.dtls, in, sizeof in), i);
  }
  assert_int_equal(dtls_read(pair.server.dtls, in, sizeof in), 0);
  assert_false(dtls_write(pair.client.dtls, clock_now(), in, sizeof in)); /* too long */
  free_pair(&pair);
}

static void a_flood_of_application_data_fills_the_inbox_and_no_more(void **state) {
  (void)state;
  struct pair pair = pair_of();
  uint8_t in[16];
  exchange(&pair);
  for (int i = 0; i < 100; i++) {
    assert_true(dtls_write(pair.client.dtls, clock_now(), "flood", 5));
    exchange(&pair);
  }
  int got = 0;
  while (dtls_read(pair.server.dtls, in, sizeof in))
    got++;
  assert_int_equal(got, 8);
  assert_true(dtls_write(pair.client.dtls, clock_now(), "after", 5));
  exchange(&pair);
  assert_int_equal(dtls_read(pair.server.dtls, in, sizeof in), 5);
  free_pair(&pair);
}

static void close_reaches_the_peer_and_takes_the_keys(void **state) {
  (void)state;
  struct pair pair = pair_of();
  exchange(&pair);
  dtls_close(pair.client.dtls, clock_now());
  exchange(&pair);
  assert_true(both(&pair, DTLS_CLOSED));
  uint8_t ekm[DTLS_EXPORT_SIZE];
  struct srtp_master local, remote;
  struct dtls *ends[] = {pair.client.dtls, pair.server.dtls};
  for (int i = 0; i < 2; i++) {
    assert_false(dtls_export_binding(ends[i], ekm));
    assert_false(dtls_export_srtp(ends[i], &local, &remote));
    assert_false(dtls_write(ends[i], clock_now(), "x", 1));
    assert_int_equal(dtls_deadline(ends[i]), USEC_NEVER);
  }
  free_pair(&pair);
}

static X509 *shown_certificate(struct dtls_certificate *certificate) {
  struct dtls_config config = config_of(true);
  config.certificate = certificate;
  struct raw_dtls_config peer = {.server = false};
  struct raw_dtls raw = raw_dtls_new(&peer, config.peer_fingerprint);
  struct end end = {.dtls = dtls_new(&config)};
  if (!end.dtls && unit_alloc_failed())
    exit(0);
  dtls_firewall_init(&end.firewall, true);
  dtls_firewall_open(&end.firewall);
  raw_exchange(&raw, &end);
  X509 *x509 = SSL_get1_peer_certificate(raw.ssl);
  assert_int_equal(sk_X509_num(SSL_get_peer_cert_chain(raw.ssl)), 1);
  raw_dtls_free(&raw);
  dtls_free(end.dtls);
  return x509;
}

static void a_certificate_says_webrtc_and_nothing_of_us(void **state) {
  (void)state;
  static const uint8_t serial[DTLS_SERIAL_SIZE] = {0,  0x5a, 3,  4,  5,  6,  7,  8,  9,  10,
                                                   11, 12,   13, 14, 15, 16, 17, 18, 19, 20};
  struct dtls_certificate *certificate = NULL;
  need(certificate = dtls_certificate_new(serial));
  X509 *x509 = shown_certificate(certificate);
  uint8_t want[DTLS_FINGERPRINT_SIZE], got[DTLS_FINGERPRINT_SIZE];
  dtls_certificate_fingerprint(certificate, want);
  X509_digest(x509, EVP_sha256(), got, NULL);
  assert_memory_equal(got, want, sizeof want);
  const ASN1_INTEGER *number = X509_get0_serialNumber(x509);
  assert_int_equal(ASN1_STRING_length(number), DTLS_SERIAL_SIZE - 1); /* DER drops the leading zero */
  assert_memory_equal(ASN1_STRING_get0_data(number), serial + 1, DTLS_SERIAL_SIZE - 1);
  char name[64];
  X509_NAME_oneline(X509_get_subject_name(x509), name, sizeof name);
  assert_string_equal(name, "/CN=WebRTC");
  X509_NAME_oneline(X509_get_issuer_name(x509), name, sizeof name);
  assert_string_equal(name, "/CN=WebRTC");
  int days, seconds;
  assert_true(ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(x509), X509_get0_notAfter(x509)));
  assert_int_equal(days, 31);
  assert_true(X509_cmp_current_time(X509_get0_notBefore(x509)) < 0);
  assert_int_equal(X509_get_ext_count(x509), 0);
  assert_int_equal(EVP_PKEY_get_bits(X509_get0_pubkey(x509)), 256);
  X509_free(x509);
  dtls_certificate_free(certificate);
}

/* Those of calls that follow each other are made one after the other, and lie ready: nothing in them tells when. */
static void a_certificate_does_not_say_when_it_was_made(void **state) {
  (void)state;
  enum { SOME = 4 };
  X509 *x509[SOME];
  int same = 0;
  for (int i = 0; i < SOME; i++) {
    int days, seconds;
    struct dtls_certificate *certificate = NULL;
    need(certificate = dtls_certificate_new(NULL));
    x509[i] = shown_certificate(certificate);
    dtls_certificate_free(certificate);
    assert_true(ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(x509[i]), NULL));
    assert_in_range(days, 1, 2);
    same += ASN1_TIME_compare(X509_get0_notBefore(x509[0]), X509_get0_notBefore(x509[i])) == 0;
  }
  assert_true(same < SOME);
  for (int i = 0; i < SOME; i++)
    X509_free(x509[i]);
}

static void two_certificates_share_nothing(void **state) {
  (void)state;
  make_certificates();
  X509 *a = shown_certificate(one), *b = shown_certificate(two);
  assert_int_not_equal(ASN1_INTEGER_cmp(X509_get0_serialNumber(a), X509_get0_serialNumber(b)), 0);
  assert_false(EVP_PKEY_eq(X509_get0_pubkey(a), X509_get0_pubkey(b)) == 1);
  X509_free(a);
  X509_free(b);
}

static void a_configuration_without_a_profile_of_ours_is_refused(void **state) {
  (void)state;
  struct dtls_config config = config_of(true);
  config.profiles = 0;
  assert_null(dtls_new(&config));
  config.profiles = 1;
  config.profile[0] = 1;
  assert_null(dtls_new(&config));
}

UNIT_TESTS(test(two_of_ours_connect_under_each_profile_and_agree_on_the_keys),
           test(keys_are_split_as_rfc_5764_says), test(a_well_behaved_peer_connects_in_either_role),
           test(of_a_browsers_profiles_ours_is_taken_though_it_prefers_another),
           test(a_client_hello_in_two_datagrams_connects_in_any_order),
           test(a_wrong_certificate_ends_the_handshake_on_the_side_that_sees_it),
           test(a_client_has_its_binding_and_then_its_keys_before_the_server_s_finished),
           test(no_binding_comes_early_without_extended_master_secret),
           test(a_peer_without_a_certificate_is_refused), test(a_chain_of_certificates_is_refused),
           test(dtls_1_0_is_refused), test(a_peer_without_extended_master_secret_is_refused),
           test(suites_other_than_ours_are_refused), test(an_rsa_certificate_is_refused),
           test(a_peer_with_no_gcm_profile_is_refused), test(any_one_lost_datagram_is_recovered),
           test(every_second_datagram_lost_still_connects), test(repeated_and_reordered_flights_change_nothing),
           test(garbage_and_forged_alerts_do_not_stop_a_handshake),
           test(a_client_hello_after_completion_is_blocked_and_the_keys_stay),
           test(renegotiation_is_refused_and_the_association_lives),
           test(application_data_goes_both_ways_whole_and_in_order),
           test(a_flood_of_application_data_fills_the_inbox_and_no_more),
           test(close_reaches_the_peer_and_takes_the_keys), test(a_certificate_says_webrtc_and_nothing_of_us),
           test(a_certificate_does_not_say_when_it_was_made), test(two_certificates_share_nothing),
           test(a_configuration_without_a_profile_of_ours_is_refused))
