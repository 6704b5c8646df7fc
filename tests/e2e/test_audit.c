/* test_audit.c - what the network and the relay see of calls between the real programs: rows T1 and T5 to T9 of the
 * audit (protocol F), and that a call leaves the relay for the direct path without a gap.
 *
 * Each end has an address and a relay of its own, in a network namespace of the test's; so it needs root, and
 * coturn.
 */
#include <dirent.h>
#include <math.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include "known.h"
#include "media/rtp/slot.h"
#include "relay.h"

enum { ENDS = 2, SOURCES = 8, SHAPES = 2 };

static const char *const names[ENDS] = {"wilhelmina", "thaddeus"};
static const char *const addresses[ENDS] = {"127.0.0.2", "127.0.0.3"};
static const uint32_t raw_address[ENDS] = {0x7f000002, 0x7f000003};

struct stage {
  struct world world;
  struct person person[ENDS];
  struct capture capture;
  uint16_t relay_port[ENDS];
  pid_t relay[ENDS];
  char turn[ENDS][64], secret[WORLD_PATH], sound[WORLD_PATH];
};

static void write_secret(const char *path) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs("secret\n", file);
  fclose(file);
  chmod(path, 0600);
}

static void put_u32(uint8_t *at, uint32_t value) {
  for (int i = 0; i < 4; i++)
    at[i] = (uint8_t)(value >> 8 * i);
}

/* A second each of silence, of something like speech (bursts of noise) and of music (chords). */
static void write_sound(const char *path) {
  enum { RATE = 48000, SAMPLES = 3 * RATE };
  static uint8_t wav[44 + 2 * SAMPLES];
  uint64_t noise = 7;
  memcpy(wav, "RIFF....WAVEfmt \x10\0\0\0\1\0\1\0........\2\0\20\0data....", 44);
  put_u32(wav + 4, sizeof wav - 8);
  put_u32(wav + 24, RATE);
  put_u32(wav + 28, 2 * RATE);
  put_u32(wav + 40, 2 * SAMPLES);
  for (int i = RATE; i < SAMPLES; i++) {
    double t = (double)i / RATE, value = 3000 * (sin(2764 * t) + sin(3483 * t) + sin(4142 * t));
    if (i < 2 * RATE)
      value = i / 7200 % 2 ? (double)(unit_random(&noise) % 16000) - 8000 : 0;
    wav[44 + 2 * i] = (uint8_t)(int)value;
    wav[45 + 2 * i] = (uint8_t)((unsigned)(int)value >> 8);
  }
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(wav, 1, sizeof wav, file), sizeof wav);
  fclose(file);
}

static void open_stage(struct stage *stage) {
  *stage = (struct stage){0};
  if (!relay_installed() || !capture_own_network() || !capture_start(&stage->capture))
    unit_skip("needs coturn, and root for a network namespace and a raw socket");
  world_open(&stage->world, true);
  world_path(&stage->world, "relay-secret", stage->secret);
  world_path(&stage->world, "sound.wav", stage->sound);
  write_secret(stage->secret);
  write_sound(stage->sound);
  for (int i = 0; i < ENDS; i++) {
    stage->relay_port[i] = relay_free_port();
    stage->relay[i] = relay_start(stage->relay_port[i]);
    snprintf(stage->turn[i], sizeof stage->turn[i], "127.0.0.1:%u", stage->relay_port[i]);
    assert_true(relay_answers(stage->relay_port[i]));
  }
  world_meet(&stage->world, names[0], names[1]);
}

static void close_stage(struct stage *stage) {
  for (int i = 0; i < ENDS; i++)
    relay_stop(stage->relay[i]);
  capture_free(&stage->capture);
  world_close(&stage->world);
}

static void start(struct stage *stage, int end, const char *const *how, const char *const *what) {
  const char *words[WORLD_WORDS] = {"--local", addresses[end], "--audio", stage->sound};
  int n = 4;
  for (; how && *how; how++)
    words[n++] = *how;
  for (; *what; what++)
    words[n++] = *what;
  person_start(&stage->person[end], &stage->world, names[end], words);
  person_await(&stage->person[end], "online", NULL, NULL, 30);
}

/* One call from the first end to the second; `first` compares the words. Returns with open gates. */
static void begin_call(struct stage *stage, const char *const *how[ENDS], bool first) {
  struct person *a = &stage->person[0], *b = &stage->person[1];
  start(stage, 1, how[1], WORDS("answer", "--once", "--auto"));
  start(stage, 0, how[0], WORDS("call", names[1]));
  if (first) {
    person_await(a, "consent", NULL, NULL, 40);
    person_await(b, "consent", NULL, NULL, 40);
    world_compare(a, b);
    return;
  }
  person_await(a, "gate", "gate", "open", 40);
  person_await(b, "gate", "gate", "open", 40);
}

static void hold(struct stage *stage, int seconds) {
  int64_t until = clock_now() + (int64_t)seconds * 1000000;
  while (clock_now() < until)
    child_read(&stage->person[0].child, until);
}

static void end_call(struct stage *stage) {
  person_say(&stage->person[0], "hangup");
  person_ends(&stage->person[0], EXIT_OK, 10);
  person_ends(&stage->person[1], EXIT_OK, 10);
}

/* ---- what an RTP source shows ---- */

struct source {
  uint32_t ssrc, from_address;
  int type; /* payload type */
  size_t size, newest, packets, changes, other_sizes, marked, extended, contributed, uneven;
  struct {
    size_t size;
    uint32_t samples; /* that one packet of it stands for; 0: not known yet */
  } shape[SHAPES];
  uint32_t timestamp;
  uint16_t seq;
  int64_t first, last;
};

/* Packets of one size stand for one time: 20 ms, or 10 where the path has plenty. */
static bool is_even(struct source *s, size_t size, uint32_t samples) {
  int i = 0;
  while (i < SHAPES && s->shape[i].samples && s->shape[i].size != size)
    i++;
  if (i == SHAPES || (samples != 960 && samples != 480))
    return false;
  if (!s->shape[i].samples) {
    s->shape[i].size = size;
    s->shape[i].samples = samples;
  }
  return s->shape[i].samples == samples;
}

static void take_packet(struct source *s, const uint8_t *rtp, size_t size, int64_t at) {
  uint16_t seq = (uint16_t)(rtp[2] << 8 | rtp[3]);
  uint32_t timestamp = (uint32_t)rtp[4] << 24 | (uint32_t)rtp[5] << 16 | (uint32_t)rtp[6] << 8 | rtp[7];
  s->other_sizes += s->packets && size != s->size;
  s->changes += s->packets && size != s->newest;
  if (s->packets && (uint16_t)(seq - s->seq) == 1)
    s->uneven += !is_even(s, s->newest, timestamp - s->timestamp);
  s->newest = size;
  s->marked += rtp[1] >> 7;
  s->extended += rtp[0] >> 4 & 1;
  s->contributed += (rtp[0] & 15) != 0;
  s->first = s->packets ? s->first : at;
  s->size = s->packets++ ? s->size : size;
  s->seq = seq;
  s->timestamp = timestamp;
  s->last = at;
}

static size_t read_sources(const struct capture *capture, int64_t since, struct source source[SOURCES]) {
  size_t count = 0;
  for (size_t i = 0; i < capture->packets; i++) {
    size_t size, k = 0;
    const struct packet *p = &capture->packet[i];
    const uint8_t *rtp = capture_media(p, &size);
    if (!rtp || p->at < since || (rtp[1] >= 192 && rtp[1] <= 223))
      continue;
    uint32_t ssrc = (uint32_t)rtp[8] << 24 | (uint32_t)rtp[9] << 16 | (uint32_t)rtp[10] << 8 | rtp[11];
    while (k < count && source[k].ssrc != ssrc)
      k++;
    assert_true(k < SOURCES);
    if (k == count)
      source[count++] = (struct source){.ssrc = ssrc, .from_address = p->from_address, .type = rtp[1] & 127};
    take_packet(&source[k], rtp, size, p->at);
  }
  return count;
}

/* Sound may change its frames behind the short ones of the beginning, and once with the path: never with what is
 * said. */
static bool is_odd(const struct source *s, bool sound) {
  bool marked = (sound || s->type == PAYLOAD_TYPE_SLOT) && s->marked;
  bool sized = (sound && s->changes > 2) || (s->type == PAYLOAD_TYPE_SLOT && s->other_sizes);
  return s->extended || s->contributed || marked || sized || (sound && s->uneven);
}

static void t7_t8_sound_has_one_size_and_cadence_and_headers_say_nothing(void **state) {
  (void)state;
  static struct stage stage;
  static struct source source[SOURCES];
  open_stage(&stage);
  begin_call(&stage, (const char *const *[ENDS]){NULL, NULL}, true);
  hold(&stage, 4);
  end_call(&stage);
  int64_t second = capture_now();
  const char *const *constant = WORDS("--constant-rate");
  begin_call(&stage, (const char *const *[ENDS]){constant, constant}, false);
  hold(&stage, 3);
  end_call(&stage);
  capture_stop(&stage.capture);
  assert_false(stage.capture.overflow);

  size_t count = read_sources(&stage.capture, 0, source), sounds = 0, slots = 0;
  for (size_t i = 0; i < count; i++) {
    bool sound = source[i].type == PAYLOAD_TYPE_OPUS;
    sounds += sound;
    slots += source[i].type == PAYLOAD_TYPE_SLOT;
    print_message("%s: source %zu, type %d: %zu packets, %zu changes of size from %zu, %.2f ms apart\n",
                  sound ? "T7" : "T8", i, source[i].type, source[i].packets, source[i].changes, source[i].size,
                  (double)(source[i].last - source[i].first) / 1000 / (double)source[i].packets);
    assert_true(source[i].packets > 50);
    assert_false(is_odd(&source[i], sound));
  }
  assert_int_equal(sounds, ENDS);
  assert_int_equal(slots, 2 * ENDS); /* sound and pictures of the second call */
  count = read_sources(&stage.capture, second, source);
  assert_int_equal(count, 2 * ENDS); /* and no other */

  uint8_t planted[60] = {0x90, 0xe0 | 15, 0, 1}; /* extension, marker */
  take_packet(&source[0], planted, sizeof planted, 0);
  assert_true(is_odd(&source[0], true));
  struct source babble = {0}; /* sizes that come and go */
  for (int i = 0; i < 4; i++)
    take_packet(&babble, (const uint8_t[12]){0x80, PAYLOAD_TYPE_OPUS, 0, (uint8_t)i}, i % 2 ? 68 : 108, 0);
  assert_true(babble.changes == 3 && is_odd(&babble, true));
  close_stage(&stage);
}

/* ---- T9 ---- */

struct traits { /* how many different ones there are */
  size_t certificates, serials, ufrags, sources;
};

static size_t different_serials(const uint8_t *const *der, const size_t *size, size_t count) {
  ASN1_INTEGER *serial[8];
  size_t different = 0;
  for (size_t i = 0; i < count; i++) {
    const uint8_t *at = der[i];
    char name[64] = "";
    bool again = false;
    X509 *certificate = d2i_X509(NULL, &at, (long)size[i]);
    assert_non_null(certificate);
    X509_NAME_oneline(X509_get_subject_name(certificate), name, sizeof name);
    assert_string_equal(name, "/CN=WebRTC");
    serial[i] = ASN1_INTEGER_dup(X509_get0_serialNumber(certificate));
    X509_free(certificate);
    for (size_t k = 0; k < i; k++)
      again |= ASN1_INTEGER_cmp(serial[k], serial[i]) == 0;
    different += !again;
  }
  for (size_t i = 0; i < count; i++)
    ASN1_INTEGER_free(serial[i]);
  return different;
}

static struct traits traits_of(const struct capture *capture) {
  static char ufrag[16][257];
  static struct source source[SOURCES];
  const uint8_t *der[8];
  size_t size[8], certificates = capture_certificates(capture, der, size, 8);
  return (struct traits){.certificates = certificates,
                         .serials = different_serials(der, size, certificates),
                         .ufrags = capture_ufrags(capture, ufrag, 16),
                         .sources = read_sources(capture, 0, source)};
}

/* The first call twice, as if the second had repeated everything. */
static struct capture twice(const struct capture *capture, int64_t until) {
  struct capture again = {.packet = calloc(2 * capture->packets, sizeof *again.packet)};
  assert_non_null(again.packet);
  for (int round = 0; round < 2; round++)
    for (size_t i = 0; i < capture->packets && capture->packet[i].at < until; i++)
      again.packet[again.packets++] = capture->packet[i];
  return again;
}

static void t9_two_calls_have_nothing_in_common(void **state) {
  (void)state;
  static struct stage stage;
  open_stage(&stage);
  begin_call(&stage, (const char *const *[ENDS]){NULL, NULL}, true);
  hold(&stage, 1);
  end_call(&stage);
  int64_t second = capture_now();
  begin_call(&stage, (const char *const *[ENDS]){NULL, NULL}, false);
  hold(&stage, 1);
  end_call(&stage);
  capture_stop(&stage.capture);
  assert_false(stage.capture.overflow);

  struct traits both = traits_of(&stage.capture);
  print_message("T9: two calls: %zu certificates, %zu serials, %zu ufrags, %zu SSRCs, all different\n",
                both.certificates, both.serials, both.ufrags, both.sources);
  assert_int_equal(both.certificates, 2 * ENDS);
  assert_int_equal(both.serials, 2 * ENDS);
  assert_int_equal(both.ufrags, 2 * ENDS);
  assert_int_equal(both.sources, 4 * ENDS);

  struct capture planted = twice(&stage.capture, second);
  struct traits same = traits_of(&planted);
  assert_int_equal(same.certificates, ENDS);
  assert_int_equal(same.serials, ENDS);
  assert_int_equal(same.ufrags, ENDS);
  assert_int_equal(same.sources, 2 * ENDS);
  free(planted.packet);
  const uint8_t *der[8]; /* and a serial alone, in another certificate */
  size_t size[8];
  assert_int_equal(capture_certificates(&stage.capture, der, size, 8), 2 * ENDS);
  der[1] = der[0], size[1] = size[0];
  assert_int_equal(different_serials(der, size, 2 * ENDS), 2 * ENDS - 1);
  close_stage(&stage);
}

/* ---- T6 ---- */

static bool
is_check(const struct packet *p) { /* an ICE connectivity check: a STUN binding request with its attributes */
  return p->size >= 60 && p->size <= 160 && p->data[0] == 0 && p->data[1] == 1;
}

/* Packets of UDP that one end sent elsewhere than to its own relay, or whose STUN names the other's address.
 * libnice may send checks of its own past the relay although told not to (SECURITY.md, limits): they are counted
 * apart. */
static size_t strays(const struct stage *stage, int end, size_t *sent, size_t *checks) {
  size_t count = 0;
  *sent = *checks = 0;
  for (size_t i = 0; i < stage->capture.packets; i++) {
    const struct packet *p = &stage->capture.packet[i];
    bool out = p->from_address == raw_address[end], in = p->to_address == raw_address[end];
    if (!p->udp || (!out && !in))
      continue;
    *sent += out;
    bool elsewhere = out && (p->to_address != 0x7f000001 || p->to != stage->relay_port[end]);
    bool named = capture_stun_names(p, raw_address[1 - end]);
    *checks += elsewhere && is_check(p);
    count += named || (elsewhere && !is_check(p));
  }
  return count;
}

/* ---- T1, of the relay ---- */

/* All that passed between that end and its relay. */
static uint8_t *relay_traffic(const struct stage *stage, int end, size_t *size) {
  const struct capture *capture = &stage->capture;
  uint8_t *all = malloc(capture->used);
  assert_non_null(all);
  *size = 0;
  for (size_t i = 0; i < capture->packets; i++) {
    const struct packet *p = &capture->packet[i];
    if (!p->udp || (p->from != stage->relay_port[end] && p->to != stage->relay_port[end]))
      continue;
    memcpy(all + *size, p->data, p->size);
    *size += p->size;
  }
  return all;
}

static void check_needles_in_relay_traffic(struct stage *stage) {
  static struct needles needles, control;
  static char ufrag[16][257];
  needles.count = control.count = 0;
  for (int end = 0; end < ENDS; end++) {
    known_person(&needles, &stage->world, names[end]);
    needles_add_text(&needles, "host address", addresses[end]); /* as bytes: capture_stun_names() */
  }
  assert_int_equal(known_fingerprints(&needles, &stage->capture), ENDS);
  assert_int_equal(capture_ufrags(&stage->capture, ufrag, 16), ENDS);
  needles_add_text(&control, "ufrag", ufrag[0]); /* which ICE does show to a relay: random, for one call */
  for (int end = 0; end < ENDS; end++) {
    size_t size, planted_size;
    uint8_t *all = relay_traffic(stage, end, &size), *planted = needles_planted(&needles, &planted_size);
    print_message("T1: %zu needles in %zu bytes of %s's relay\n", needles.count, size, names[end]);
    assert_int_equal(needles_scan(&needles, all, size, false), 0);
    assert_int_equal(needles_scan(&control, all, size, true), 1);
    assert_int_equal(needles_scan(&needles, planted, planted_size, true), needles.count);
    free(planted);
    free(all);
  }
}

static const char *const *relayed(struct stage *stage, int end, bool only) {
  static const char *words[ENDS][10];
  const char *list[] = {"--turn",
                        stage->turn[end],
                        "--turn-user",
                        "someone",
                        "--turn-password-file",
                        stage->secret,
                        only ? "--relay-only" : NULL,
                        NULL};
  memcpy(words[end], list, sizeof list);
  return words[end];
}

static void t1_t6_the_relay_sees_no_name_or_key_and_no_packet_goes_elsewhere_or_names_the_other(void **state) {
  (void)state;
  static struct stage stage;
  open_stage(&stage);
  begin_call(&stage, (const char *const *[ENDS]){relayed(&stage, 0, true), relayed(&stage, 1, true)}, true);
  hold(&stage, 2);
  end_call(&stage);
  capture_stop(&stage.capture);
  assert_false(stage.capture.overflow);
  for (int end = 0; end < ENDS; end++) {
    size_t sent, checks, stray = strays(&stage, end, &sent, &checks);
    print_message("T6: %s sent %zu packets, %zu of them strays, %zu checks past the relay\n", names[end], sent,
                  stray, checks);
    assert_true(sent > 100);
    assert_int_equal(stray, 0);
    assert_true(checks <= 20);
  }
  size_t sent, checks;
  uint16_t port = stage.relay_port[0]; /* planted: had it been the other's relay, all would be strays */
  stage.relay_port[0] = stage.relay_port[1];
  assert_true(strays(&stage, 0, &sent, &checks) > 100);
  stage.relay_port[0] = port;
  check_needles_in_relay_traffic(&stage);
  close_stage(&stage);
}

/* ---- from the relay to the direct path ---- */

static void after_the_words_the_call_leaves_the_relay_without_a_gap(void **state) {
  (void)state;
  static struct stage stage;
  static uint8_t seen[0x10000];
  open_stage(&stage);
  begin_call(&stage, (const char *const *[ENDS]){relayed(&stage, 0, false), relayed(&stage, 1, false)}, true);
  hold(&stage, 4);
  end_call(&stage);
  capture_stop(&stage.capture);
  assert_false(stage.capture.overflow);

  int64_t last_relayed = 0, first_direct = 0;
  size_t packets = 0, missing = 0, relayed_packets = 0, direct_packets = 0;
  int first = -1, last = -1;
  memset(seen, 0, sizeof seen);
  for (size_t i = 0; i < stage.capture.packets; i++) {
    size_t size;
    const struct packet *p = &stage.capture.packet[i];
    const uint8_t *rtp = capture_media(p, &size);
    if (!rtp || p->from_address != raw_address[0] || (rtp[1] & 127) != PAYLOAD_TYPE_OPUS)
      continue;
    bool direct = p->to_address == raw_address[1];
    int seq = rtp[2] << 8 | rtp[3];
    first = first < 0 ? seq : first;
    last = seq;
    packets += !seen[seq];
    seen[seq] = 1;
    direct_packets += direct;
    relayed_packets += !direct;
    last_relayed = direct ? last_relayed : p->at;
    first_direct = direct && !first_direct ? p->at : first_direct;
  }
  for (int seq = first; seq != last; seq = (seq + 1) & 0xffff)
    missing += !seen[seq];
  print_message("T6: sound: %zu packets by the relay, then %zu directly, %zu missing\n", relayed_packets,
                direct_packets, missing);
  assert_true(relayed_packets > 0 && direct_packets > 20);
  assert_int_equal(missing, 0);
  assert_true(first_direct > 0 && last_relayed - first_direct < 2000000); /* it does not go back */
  close_stage(&stage);
}

/* ---- T5: the server keeps nothing ---- */

/* What a child was given to write its errors to. */
static bool inherited(const struct stat *info) {
  struct stat ours;
  for (int fd = 0; fd <= 2; fd++)
    if (fstat(fd, &ours) == 0 && ours.st_dev == info->st_dev && ours.st_ino == info->st_ino)
      return true;
  return false;
}

/* Descriptors of a process that are files of a disk. */
static int open_files(pid_t pid, bool show) {
  char path[64], target[256];
  int files = 0;
  snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
  DIR *dir = opendir(path);
  assert_non_null(dir);
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    ssize_t n = readlinkat(dirfd(dir), entry->d_name, target, sizeof target - 1);
    target[n > 0 ? n : 0] = 0;
    struct stat info;
    if (n <= 0 || fstatat(dirfd(dir), entry->d_name, &info, 0) != 0 || !S_ISREG(info.st_mode) || inherited(&info))
      continue;
    files++;
    if (show)
      print_error("open file: %s\n", target);
  }
  closedir(dir);
  return files;
}

static void t5_the_server_has_no_file_open(void **state) {
  (void)state;
  struct world world;
  world_open(&world, true);
  world_meet(&world, names[0], names[1]);
  assert_int_equal(open_files(world.server.pid, true), 0);
  FILE *planted = tmpfile();
  assert_non_null(planted);
  assert_true(open_files(getpid(), false) > 0);
  fclose(planted);
  print_message("T5: no file is open in the server\n");
  world_close(&world);
}

UNIT_TESTS(test(t5_the_server_has_no_file_open),
           test(t1_t6_the_relay_sees_no_name_or_key_and_no_packet_goes_elsewhere_or_names_the_other),
           test(after_the_words_the_call_leaves_the_relay_without_a_gap),
           test(t7_t8_sound_has_one_size_and_cadence_and_headers_say_nothing),
           test(t9_two_calls_have_nothing_in_common))
