/* relay_main.c - sotto-hostile: the adversary's servers for victims that somebody else starts, a page in a browser
 * among them. Does what the lines on its standard input say, and answers on standard output, a line of JSON each.
 *
 *   sotto-hostile DIR      "alice" is a program, "bob" a page: of the two ends of a call, he is the DTLS client
 *
 *   expect alice|bob       whose the next connections to the server are
 *   honest                 passes everything on, as at the beginning
 *   lose PERCENT           of the packets through the relay, in either direction
 *   delay MS               for the others: until it is told to lose or be honest again
 *   between                ends DTLS on both legs, with certificates of its own
 *   hello COUNT            that many ClientHellos to each end, from where its peer's packets come
 *   replace INVITE         takes alice's invite for itself, and says one of its own, for bob
 *   report                 what it saw since it was told what to do
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bridge.h"
#include "engine/path/demux.h"
#include "hello.h"
#include "middle.h"

enum { LINE = 4096, HELD = 1024 /* packets: beyond that they are not delayed */, HELD_SIZE = 1500 };

struct held {
  int64_t due; /* ms */
  int to;
  size_t size;
  uint8_t data[HELD_SIZE];
};

struct adversary {
  struct hostile *hostile;
  struct middle middle;
  struct bridge *bridge; /* NULL: nobody's invite was replaced */
  const char *dir;
  bool between; /* or the packets are counted here */
  int loss;     /* percent */
  uint32_t seed;
  int hellos;          /* still to be sent */
  int delay;           /* ms */
  int64_t first, next; /* of those held: by number, a ring */
  struct held held[HELD];
  int64_t passed[VICTIMS], lost[VICTIMS];
};

static bool is_lost(struct adversary *adversary) {
  adversary->seed = adversary->seed * 1664525 + 1013904223; /* Knuth's, its upper half */
  return (int)((adversary->seed >> 16) % 100) < adversary->loss;
}

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool hold(struct adversary *adversary, int to, const uint8_t *data, size_t size) {
  bool room = adversary->next - adversary->first < HELD && size <= HELD_SIZE;
  if (adversary->delay == 0 || !room)
    return false;
  struct held *held = &adversary->held[adversary->next++ % HELD];
  held->due = now_ms() + adversary->delay;
  held->to = to;
  held->size = size;
  memcpy(held->data, data, size);
  return true;
}

static bool on_packet(void *user, int from, int to, uint8_t *data, size_t size) {
  struct adversary *adversary = user;
  bool lost = is_lost(adversary);
  (lost ? adversary->lost : adversary->passed)[from]++;
  return !lost && !hold(adversary, to, data, size);
}

static void release(struct adversary *adversary) {
  int64_t now = now_ms();
  for (; adversary->first < adversary->next; adversary->first++) {
    const struct held *held = &adversary->held[adversary->first % HELD];
    if (held->due > now)
      return;
    hostile_send_packet(adversary->hostile, held->to, held->data, held->size);
  }
}

static void on_tick(void *user) {
  struct adversary *adversary = user;
  uint8_t hello[DTLS_DATAGRAM_MAX];
  release(adversary);
  if (adversary->hellos == 0)
    return;
  adversary->hellos--;
  size_t size = client_hello(hello);
  for (int v = 0; v < VICTIMS; v++)
    hostile_send_packet(adversary->hostile, v, hello, size);
}

static void begin(struct adversary *adversary, int loss, int hellos) {
  hostile_lock(adversary->hostile);
  if (adversary->between)
    middle_deinit(&adversary->middle);
  adversary->between = false;
  adversary->loss = loss;
  adversary->hellos = hellos;
  adversary->delay = 0;
  memset(adversary->passed, 0, sizeof adversary->passed);
  memset(adversary->lost, 0, sizeof adversary->lost);
  hostile_set_hooks(adversary->hostile, &(struct hostile_hooks){NULL, on_packet, on_tick, adversary});
  hostile_unlock(adversary->hostile);
}

static bool step_between(struct adversary *adversary) {
  begin(adversary, 0, 0);
  adversary->between = middle_init(&adversary->middle, adversary->hostile, MIDDLE_ENDS_DTLS);
  return adversary->between;
}

static bool replace(struct adversary *adversary, const char *invite) {
  char text[SOTTO_INVITE_TEXT_SIZE];
  if (!adversary->bridge)
    adversary->bridge = bridge_new(adversary->dir, hostile_url(adversary->hostile));
  if (!adversary->bridge || !bridge_replace_invite(adversary->bridge, invite, text, sizeof text))
    return false;
  printf("{\"event\": \"invite\", \"text\": \"%s\"}\n", text);
  return true;
}

static void report(struct adversary *adversary) {
  const struct middle *middle = &adversary->middle;
  hostile_lock(adversary->hostile);
  printf("{\"event\": \"report\", \"passed\": [%" PRId64 ", %" PRId64 "], \"lost\": [%" PRId64 ", %" PRId64 "]",
         adversary->passed[ALICE], adversary->passed[BOB], adversary->lost[ALICE], adversary->lost[BOB]);
  if (adversary->between)
    printf(", \"began\": %s, \"keys\": [%s, %s], \"sound\": [%" PRId64 ", %" PRId64 "]",
           middle->begun ? "true" : "false", middle_shares_keys(middle, ALICE) ? "true" : "false",
           middle_shares_keys(middle, BOB) ? "true" : "false", middle->sound[ALICE], middle->sound[BOB]);
  puts("}");
  hostile_unlock(adversary->hostile);
}

/* false: not understood, or it failed. */
static bool obey(struct adversary *adversary, const char *verb, const char *value) {
  if (strcmp(verb, "expect") == 0)
    hostile_expect(adversary->hostile, strcmp(value, "bob") == 0 ? BOB : ALICE);
  else if (strcmp(verb, "honest") == 0)
    begin(adversary, 0, 0);
  else if (strcmp(verb, "lose") == 0)
    begin(adversary, atoi(value), 0);
  else if (strcmp(verb, "delay") == 0)
    adversary->delay = atoi(value);
  else if (strcmp(verb, "hello") == 0)
    begin(adversary, 0, atoi(value));
  else if (strcmp(verb, "between") == 0)
    return step_between(adversary);
  else if (strcmp(verb, "replace") == 0)
    return replace(adversary, value);
  else if (strcmp(verb, "report") == 0)
    report(adversary);
  else
    return false;
  return true;
}

int main(int argc, char **argv) {
  static struct adversary adversary = {.seed = 1};
  char line[LINE];
  if (argc != 2)
    return fputs("usage: sotto-hostile DIR\n", stderr), 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  adversary.dir = argv[1];
  adversary.hostile = hostile_new();
  begin(&adversary, 0, 0);
  printf("{\"event\": \"servers\", \"url\": \"%s\", \"turn\": \"%s\", \"password\": \"%s\"}\n",
         hostile_url(adversary.hostile), hostile_turn(adversary.hostile), hostile_turn_password());
  while (fgets(line, sizeof line, stdin)) {
    char *value = strchr(line, ' ');
    line[strcspn(line, "\n")] = 0;
    if (value)
      *value++ = 0;
    if (!obey(&adversary, line, value ? value : ""))
      fprintf(stderr, "sotto-hostile: cannot: %s\n", line);
  }
  begin(&adversary, 0, 0);
  bridge_free(adversary.bridge);
  hostile_free(adversary.hostile);
  return 0;
}
