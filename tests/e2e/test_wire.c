/* What an eavesdropper and the server see of a real call: every byte on the loopback, and what must not be in it.
 *
 * Needs root (a network namespace and a raw socket); otherwise it says that it was skipped.
 */
#include "known.h"
#include "signaling/frame.h"
#include "world.h"

#define ALICE "wilhelmina-the-caller"
#define BOB   "thaddeus-the-answerer"
enum { HOLD_S = 2, ENDS = 2 };

static void add_from_wire(struct needles *n, const struct capture *capture) {
  char ufrag[16][257];
  assert_int_equal(known_fingerprints(n, capture), 2); /* one for each end, and one association */
  size_t ufrags = capture_ufrags(capture, ufrag, 16);
  assert_true(ufrags >= 2);
  for (size_t i = 0; i < ufrags; i++)
    needles_add_text(n, "ufrag", ufrag[i]);
  needles_add_address(n, "address", "127.0.0.1");
}

/* The scan does find what is there: a mailbox that the wire does show, and every needle once it is planted. */
static void check_scan(const struct needles *n, const struct stream *messages, const uint8_t *mailbox) {
  static struct needles control;
  size_t size;
  control.count = 0;
  needles_add(&control, "a mailbox", "raw", mailbox, MAILBOX_SIZE);
  assert_int_equal(needles_scan(&control, messages->data, messages->size, true), 1);
  uint8_t *planted = needles_planted(n, &size);
  assert_int_equal(needles_scan(n, planted, size, true), n->count);
  free(planted);
}

/* Every message is a well-formed frame; returns how many cells there are, and the first one's mailbox. */
static size_t check_frames(const struct stream *stream, bool to_server, const uint8_t **mailbox) {
  size_t cells = 0, from = 0;
  for (size_t i = 0; i < stream->messages; i++) {
    struct frame frame;
    size_t size = stream->message[i] - from;
    assert_true(frame_parse(&frame, to_server, stream->data + from, size));
    if (frame.type == FRAME_PUT || frame.type == FRAME_CELL) {
      assert_int_equal(size, frame.type == FRAME_PUT ? FRAME_PUT_SIZE : FRAME_CELL_SIZE);
      assert_ptr_equal(frame.cell + CELL_SIZE, stream->data + stream->message[i]);
      *mailbox = cells++ ? *mailbox : frame.mailbox;
    }
    from = stream->message[i];
  }
  return cells;
}

static void check_signaling(const struct needles *n, const struct capture *capture, uint16_t port, bool to_server) {
  static struct stream messages, raw;
  const uint8_t *mailbox = NULL;
  messages = raw = (struct stream){0};
  assert_true(capture_websocket(capture, port, to_server, &messages));
  assert_true(capture_tcp(capture, port, to_server, &raw));
  size_t cells = check_frames(&messages, to_server, &mailbox);
  print_message("%s the server: %zu cells, %zu bytes\n", to_server ? "to" : "from", cells, raw.size);
  assert_true(cells >= 10); /* the first contact alone takes five */
  assert_int_equal(needles_scan(n, messages.data, messages.size, false), 0);
  assert_int_equal(needles_scan(n, raw.data, raw.size, false), 0);
  check_scan(n, &messages, mailbox);
  free(messages.data);
  free(raw.data);
}

static bool is_media(const struct packet *p) {
  return p->udp && p->data[0] >= 128 && p->data[0] <= 191;
}

struct sound { /* of one end */
  uint8_t ssrc[4];
  size_t size;
  int changes;
};

/* Constant rate: one size, speech or silence. It changes behind the dozen short packets of the beginning, and when
 * the path turns out to have plenty. */
static void check_size(struct sound sound[ENDS], const struct packet *p) {
  int end = 0;
  while (end < ENDS && sound[end].size && memcmp(sound[end].ssrc, p->data + 8, 4) != 0)
    end++;
  assert_true(end < ENDS);
  memcpy(sound[end].ssrc, p->data + 8, 4);
  sound[end].changes += sound[end].size && sound[end].size != p->size;
  sound[end].size = p->size;
  assert_true(sound[end].changes <= 2);
}

/* RTP and RTCP: none before the first consent, plenty after the gates opened; RTP without extension or CSRC. */
static void check_media(const struct capture *capture, int64_t consent_at) {
  size_t before = 0, after = 0;
  struct sound sound[ENDS] = {0};
  for (size_t i = 0; i < capture->packets; i++) {
    const struct packet *p = &capture->packet[i];
    if (!is_media(p))
      continue;
    before += p->at < consent_at;
    after += p->at >= consent_at;
    if (p->data[1] >= 192 && p->data[1] <= 223) /* RTCP */
      continue;
    assert_int_equal(p->data[0] & 0x1f, 0);
    if ((p->data[1] & 127) == 111)
      check_size(sound, p);
  }
  print_message("media packets: %zu before consent, %zu after\n", before, after);
  assert_int_equal(before, 0);
  assert_true(after > 200);
}

/* Constant rate without encryption would repeat itself in silence; ciphertext never does. */
static void check_payloads_differ(const struct capture *capture) {
  const struct packet *last = NULL;
  for (size_t i = 0; i < capture->packets; i++) {
    const struct packet *p = &capture->packet[i];
    if (!is_media(p) || (p->data[1] & 127) != 111 || p->size < 28)
      continue;
    if (last && last->size == p->size)
      assert_true(memcmp(last->data + 12, p->data + 12, p->size - 12) != 0);
    last = p;
  }
}

static void hold(struct person *a, int seconds) {
  int64_t until = clock_now() + (int64_t)seconds * 1000000;
  while (clock_now() < until)
    child_read(&a->child, until);
}

static void the_wire_shows_neither_who_nor_what_and_no_media_before_consent(void **state) {
  (void)state;
  struct world world;
  struct person alice, bob;
  static struct capture capture;
  static struct needles needles;
  if (!capture_own_network() || !capture_start(&capture))
    unit_skip("needs root for a network namespace and a raw socket");
  world_open(&world, true);
  uint16_t port = (uint16_t)atoi(strrchr(world.url, ':') + 1);
  world_meet(&world, ALICE, BOB);
  world_ring(&world, &alice, ALICE, &bob, BOB, NULL);
  hold(&alice, HOLD_S); /* secure, bound, and still nobody said yes */
  int64_t consent_at = capture_now();
  world_compare(&alice, &bob);
  hold(&alice, 3);
  person_say(&alice, "hangup");
  person_ends(&alice, EXIT_OK, 10);
  person_ends(&bob, EXIT_OK, 10);
  capture_stop(&capture);
  assert_false(capture.overflow);

  needles.count = 0;
  known_person(&needles, &world, ALICE);
  known_person(&needles, &world, BOB);
  add_from_wire(&needles, &capture);
  check_signaling(&needles, &capture, port, true);
  check_signaling(&needles, &capture, port, false);
  check_media(&capture, consent_at);
  check_payloads_differ(&capture);
  capture_free(&capture);
  world_close(&world);
}

UNIT_TESTS(test(the_wire_shows_neither_who_nor_what_and_no_media_before_consent))
