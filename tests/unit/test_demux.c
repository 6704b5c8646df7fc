#include "unit.h"

#include "engine/path/demux.h"
#include "media/bytes.h"

enum { CCS = 20, ALERT = 21, HANDSHAKE = 22, DATA = 23 };
enum { HELLO_REQUEST = 0, CLIENT_HELLO = 1, SERVER_HELLO = 2, HELLO_VERIFY = 3, CERTIFICATE = 11, FINISHED = 20 };

static void put_record(struct writer *w, int type, int epoch, const void *body, size_t size) {
  write_u8(w, (unsigned)type);
  write_u16(w, 0xfefd);
  write_u16(w, (unsigned)epoch);
  write_uint(w, 7, 6);
  write_u16(w, (unsigned)size);
  write_bytes(w, body, size);
}

struct part { /* of a handshake message of `length` bytes, each of which is `fill` */
  int type;
  uint32_t length, offset, size;
  uint8_t fill;
};

static void put_part(struct writer *w, struct part part) {
  uint8_t body[10000];
  struct writer b = writer_of(body, sizeof body);
  write_u8(&b, (unsigned)part.type);
  write_u24(&b, part.length);
  write_u16(&b, 0);
  write_u24(&b, part.offset);
  write_u24(&b, part.size);
  memset(write_span(&b, part.size), part.fill, part.size);
  put_record(w, HANDSHAKE, 0, body, sizeof body - b.left);
}

static size_t filter(struct dtls_firewall *firewall, const void *data, size_t size) {
  uint8_t copy[20000];
  memcpy(copy, data, size);
  return dtls_firewall_filter(firewall, copy, size);
}

static bool passes(struct dtls_firewall *firewall, struct part part) {
  uint8_t data[12000];
  struct writer w = writer_of(data, sizeof data);
  put_part(&w, part);
  size_t size = sizeof data - w.left;
  return filter(firewall, data, size) == size;
}

static bool record_passes(struct dtls_firewall *firewall, int type, int epoch, size_t size) {
  static const uint8_t body[64] = {1};
  uint8_t data[100];
  struct writer w = writer_of(data, sizeof data);
  put_record(&w, type, epoch, body, size);
  return filter(firewall, data, sizeof data - w.left) == sizeof data - w.left;
}

static struct dtls_firewall during(bool server) {
  struct dtls_firewall firewall;
  dtls_firewall_init(&firewall, server);
  dtls_firewall_open(&firewall);
  return firewall;
}

static struct part hello(uint8_t fill) {
  return (struct part){.type = CLIENT_HELLO, .length = 100, .size = 100, .fill = fill};
}

static struct part whole(int type) {
  return (struct part){.type = type, .length = 80, .size = 80};
}

static void first_bytes_sort_into_the_classes_of_rfc_7983(void **state) {
  (void)state;
  for (int first = 0; first < 256; first++) {
    uint8_t data[2] = {(uint8_t)first, 111};
    enum demux_class want = first <= 3                     ? DEMUX_STUN
                            : first >= 20 && first <= 63   ? DEMUX_DTLS
                            : first >= 128 && first <= 191 ? DEMUX_RTP
                                                           : DEMUX_UNKNOWN;
    assert_int_equal(demux_classify(data, 2), want);
  }
  assert_int_equal(demux_classify((const uint8_t *)"", 0), DEMUX_UNKNOWN);
}

static void rtcp_is_told_from_rtp_by_its_packet_type(void **state) {
  (void)state;
  for (int second = 0; second < 256; second++) {
    uint8_t data[2] = {0x80, (uint8_t)second};
    assert_int_equal(demux_classify(data, 2), second >= 192 && second <= 223 ? DEMUX_RTCP : DEMUX_RTP);
  }
  assert_int_equal(demux_classify((const uint8_t *)"\x80", 1), DEMUX_UNKNOWN);
}

static void nothing_passes_before_both_descriptions_are_authenticated(void **state) {
  (void)state;
  struct dtls_firewall firewall;
  dtls_firewall_init(&firewall, true);
  assert_false(passes(&firewall, hello(1)));
  assert_int_equal(firewall.dropped[DTLS_DROP_EARLY], 1);
  dtls_firewall_open(&firewall);
  assert_true(passes(&firewall, hello(1)));
}

static void a_fragmented_client_hello_passes_in_two_datagrams(void **state) {
  (void)state;
  struct dtls_firewall firewall = during(true);
  assert_true(passes(&firewall, (struct part){.type = CLIENT_HELLO, .length = 1401, .size = 1163, .fill = 5}));
  assert_true(passes(&firewall, (struct part){.type = CLIENT_HELLO, .length = 1401, .offset = 1163, .size = 238}));
}

static void a_repeated_client_hello_passes_and_one_of_another_random_does_not(void **state) {
  (void)state;
  struct dtls_firewall firewall = during(true);
  assert_true(passes(&firewall, hello(1)));
  assert_true(passes(&firewall, hello(1)));
  assert_false(passes(&firewall, hello(2)));
  assert_int_equal(firewall.dropped[DTLS_DROP_SECOND_HELLO], 1);
}

static void a_client_hello_that_hides_its_random_does_not_pass(void **state) {
  (void)state;
  struct dtls_firewall firewall = during(true);
  assert_false(passes(&firewall, (struct part){.type = CLIENT_HELLO, .length = 100, .size = 33}));
  assert_true(passes(&firewall, (struct part){.type = CLIENT_HELLO, .length = 100, .size = 34}));
}

static void a_hello_verify_request_passes_only_before_the_server_hello(void **state) {
  (void)state;
  struct dtls_firewall firewall = during(false);
  assert_true(passes(&firewall, whole(HELLO_VERIFY)));
  assert_true(passes(&firewall, whole(SERVER_HELLO)));
  assert_false(passes(&firewall, whole(HELLO_VERIFY)));
  assert_int_equal(firewall.dropped[DTLS_DROP_SECOND_HELLO], 1);
}

static void each_role_gets_only_the_messages_that_it_can_be_sent(void **state) {
  (void)state;
  static const int to_server[] = {1, 11, 15, 16}, to_client[] = {2, 3, 11, 12, 13, 14};
  for (int type = 0; type < 256; type++) {
    bool server = false, client = false;
    for (size_t i = 0; i < 4; i++)
      server |= to_server[i] == type;
    for (size_t i = 0; i < 6; i++)
      client |= to_client[i] == type;
    struct dtls_firewall firewall = during(true);
    assert_int_equal(passes(&firewall, whole(type)), server);
    assert_int_equal(firewall.dropped[DTLS_DROP_TYPE], !server);
    firewall = during(false);
    assert_int_equal(passes(&firewall, whole(type)), client);
  }
}

static void a_handshake_message_over_the_cap_is_refused_by_its_first_fragment(void **state) {
  (void)state;
  struct dtls_firewall firewall = during(true);
  struct part part = {.type = CERTIFICATE, .length = DTLS_HANDSHAKE_MAX, .size = 50};
  assert_true(passes(&firewall, part));
  part.length++;
  assert_false(passes(&firewall, part));
  assert_int_equal(firewall.dropped[DTLS_DROP_OVERSIZE], 1);
}

static void unauthenticated_alerts_are_ignored_and_encrypted_ones_pass(void **state) {
  (void)state;
  struct dtls_firewall firewall = during(true);
  assert_false(record_passes(&firewall, ALERT, 0, 2));
  assert_true(record_passes(&firewall, ALERT, 1, 26));
  dtls_firewall_complete(&firewall);
  assert_false(record_passes(&firewall, ALERT, 0, 2));
  assert_true(record_passes(&firewall, ALERT, 1, 26));
  assert_int_equal(firewall.dropped[DTLS_DROP_ALERT], 2);
}

static void application_data_passes_after_completion_alone(void **state) {
  (void)state;
  struct dtls_firewall firewall = during(true);
  assert_false(record_passes(&firewall, DATA, 1, 30));
  assert_false(record_passes(&firewall, DATA, 0, 30));
  dtls_firewall_complete(&firewall);
  assert_true(record_passes(&firewall, DATA, 1, 30));
  assert_false(record_passes(&firewall, DATA, 0, 30));
}

static void after_completion_nothing_of_epoch_0_passes(void **state) {
  (void)state;
  struct dtls_firewall firewall = during(true);
  assert_true(passes(&firewall, hello(1)));
  dtls_firewall_complete(&firewall);
  for (int type = 0; type < 256; type++)
    assert_false(passes(&firewall, whole(type)));
  assert_false(record_passes(&firewall, CCS, 0, 1));
  assert_true(record_passes(&firewall, HANDSHAKE, 1, 40));
}

static void a_new_handshake_after_completion_is_told_from_a_late_packet(void **state) {
  (void)state;
  struct dtls_firewall firewall = during(true);
  assert_true(passes(&firewall, hello(1)));
  dtls_firewall_complete(&firewall);
  assert_false(passes(&firewall, hello(1)));
  assert_false(passes(&firewall, whole(CERTIFICATE)));
  assert_int_equal(firewall.dropped[DTLS_DROP_STALE], 2);
  assert_int_equal(firewall.dropped[DTLS_DROP_REHANDSHAKE], 0);
  assert_false(passes(&firewall, hello(2)));
  assert_false(passes(&firewall, whole(HELLO_VERIFY)));
  assert_false(passes(&firewall, whole(HELLO_REQUEST)));
  assert_int_equal(firewall.dropped[DTLS_DROP_REHANDSHAKE], 3);
}

static void the_finished_of_a_repeated_flight_passes_without_the_rest_of_it(void **state) {
  (void)state;
  uint8_t data[300], finished[40] = {9}, ccs = 1;
  struct writer w = writer_of(data, sizeof data);
  put_part(&w, whole(CERTIFICATE));
  put_record(&w, CCS, 0, &ccs, 1);
  put_record(&w, HANDSHAKE, 1, finished, sizeof finished);
  size_t size = sizeof data - w.left;
  struct dtls_firewall firewall = during(true);
  assert_int_equal(filter(&firewall, data, size), size);
  dtls_firewall_complete(&firewall);
  assert_int_equal(dtls_firewall_filter(&firewall, data, size), 13 + sizeof finished);
  assert_int_equal(data[0], HANDSHAKE);
  assert_int_equal(data[4], 1);
  assert_memory_equal(data + 13, finished, sizeof finished);
}

static void a_datagram_whose_lengths_do_not_add_up_is_dropped_whole(void **state) {
  (void)state;
  uint8_t data[400], ccs = 1;
  struct writer w = writer_of(data, sizeof data);
  put_part(&w, hello(1));
  put_record(&w, CCS, 0, &ccs, 1);
  size_t size = sizeof data - w.left, first = 13 + 12 + 100;
  for (size_t cut = 0; cut < size; cut++) {
    struct dtls_firewall firewall = during(true);
    assert_int_equal(filter(&firewall, data, cut), cut == first ? first : 0); /* one whole record is a datagram */
    assert_int_equal(firewall.dropped[DTLS_DROP_MALFORMED], cut != first);
  }
  struct dtls_firewall firewall = during(true);
  assert_false(passes(&firewall, (struct part){.type = CLIENT_HELLO, .length = 99, .size = 100}));
  assert_false(record_passes(&firewall, CCS, 0, 2));
  assert_false(record_passes(&firewall, ALERT, 0, 3));
  assert_false(record_passes(&firewall, HANDSHAKE, 0, 0));
  assert_false(record_passes(&firewall, HANDSHAKE, 1, 0));
  assert_int_equal(firewall.dropped[DTLS_DROP_MALFORMED], 5);
}

static void no_flipped_bit_makes_a_hello_grow_or_pass_after_completion(void **state) {
  (void)state;
  uint8_t data[200];
  struct writer w = writer_of(data, sizeof data);
  put_part(&w, hello(1));
  size_t size = sizeof data - w.left;
  for (size_t bit = 0; bit < 8 * size; bit++) {
    data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    struct dtls_firewall firewall = during(true);
    size_t kept = filter(&firewall, data, size);
    assert_true(kept == 0 || kept == size);
    dtls_firewall_complete(&firewall);
    bool encrypted = data[3] || data[4]; /* the flip made the epoch not 0: the record layer's to judge */
    assert_true(filter(&firewall, data, size) == 0 || encrypted);
    data[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
}

UNIT_TESTS(test(first_bytes_sort_into_the_classes_of_rfc_7983), test(rtcp_is_told_from_rtp_by_its_packet_type),
           test(nothing_passes_before_both_descriptions_are_authenticated),
           test(a_fragmented_client_hello_passes_in_two_datagrams),
           test(a_repeated_client_hello_passes_and_one_of_another_random_does_not),
           test(a_client_hello_that_hides_its_random_does_not_pass),
           test(a_hello_verify_request_passes_only_before_the_server_hello),
           test(each_role_gets_only_the_messages_that_it_can_be_sent),
           test(a_handshake_message_over_the_cap_is_refused_by_its_first_fragment),
           test(unauthenticated_alerts_are_ignored_and_encrypted_ones_pass),
           test(application_data_passes_after_completion_alone), test(after_completion_nothing_of_epoch_0_passes),
           test(a_new_handshake_after_completion_is_told_from_a_late_packet),
           test(the_finished_of_a_repeated_flight_passes_without_the_rest_of_it),
           test(a_datagram_whose_lengths_do_not_add_up_is_dropped_whole),
           test(no_flipped_bit_makes_a_hello_grow_or_pass_after_completion))
