/* firewall_tables.c - prints as Promela what dtls_firewall_filter() does with each kind of record, in each state
 * that the firewall can be in, for firewall.pml: passes(state, record) and next(state, record).
 *
 * Real records go through the real filter. A state is 12 * phase + 6 * server + 2 * hello + server_hello_seen,
 * where hello says whose ClientHello was let in: nobody's, the peer's or a forger's. To show that a firewall with a
 * hole is found:  --hole after | alert | hello | finished | early
 */
#include <stdio.h>
#include <string.h>

#include "engine/path/demux.h"
#include "media/bytes.h"

enum { CCS = 20, ALERT = 21, HANDSHAKE = 22, DATA = 23 };
enum { NOBODYS, PEERS, FORGERS, HELLOS };
enum { STATES = 3 * 12, BODY = 40 };

static const struct record {
  const char *name;
  uint8_t content;
  uint16_t epoch;
  uint8_t message; /* handshake type */
  uint8_t random;  /* PEERS or FORGERS, in a ClientHello */
} records[] = {
    {"CLIENT_HELLO", HANDSHAKE, 0, 1, PEERS}, {"FORGED_HELLO", HANDSHAKE, 0, 1, FORGERS},
    {"SERVER_HELLO", HANDSHAKE, 0, 2, 0},     {"CERTIFICATE", HANDSHAKE, 0, 11, 0}, /* either side's */
    {"SERVER_DONE", HANDSHAKE, 0, 14, 0}, /* and for the two messages before it */
    {"CLIENT_KEY", HANDSHAKE, 0, 16, 0},      {"CLIENT_VERIFY", HANDSHAKE, 0, 15, 0},
    {"CHANGE_CIPHER", CCS, 0, 0, 0},          {"FINISHED", HANDSHAKE, 1, 0, 0},
    {"VERIFY_REQUEST", HANDSHAKE, 0, 3, 0},   {"HELLO_REQUEST", HANDSHAKE, 0, 0, 0},
    {"TICKET", HANDSHAKE, 0, 4, 0},           {"CLEAR_FINISHED", HANDSHAKE, 0, 20, 0},
    {"CLEAR_ALERT", ALERT, 0, 0, 0},          {"CLEAR_DATA", DATA, 0, 0, 0},
};
enum { RECORDS = sizeof records / sizeof *records };

static const char *hole = "";

static size_t write_record(uint8_t *out, size_t room, const struct record *record) {
  uint8_t body[BODY] = {0};
  size_t size = record->content == CCS ? 1 : record->content == ALERT ? 2 : BODY;
  memset(body + 2, record->random, 32);
  bool clear_handshake = record->content == HANDSHAKE && record->epoch == 0;
  struct writer w = writer_of(out, room);
  write_u8(&w, record->content);
  write_u16(&w, 0xfefd);
  write_u16(&w, record->epoch);
  write_uint(&w, 0, 6);
  write_u16(&w, (uint16_t)(size + (clear_handshake ? 12 : 0)));
  if (clear_handshake) {
    write_u8(&w, record->message);
    write_uint(&w, size, 3);
    write_u16(&w, 0);
    write_uint(&w, 0, 3);
    write_uint(&w, size, 3);
  }
  write_bytes(&w, body, size);
  return (size_t)(w.at - out);
}

static struct dtls_firewall firewall_in(int state) {
  struct dtls_firewall firewall;
  int hello = state % 6 / 2;
  dtls_firewall_init(&firewall, state % 12 >= 6);
  firewall.phase = (enum dtls_firewall_phase)(state / 12);
  firewall.hello_seen = hello != NOBODYS;
  memset(firewall.hello_random, hello, sizeof firewall.hello_random);
  firewall.server_hello_seen = state % 2;
  return firewall;
}

static int state_of(const struct dtls_firewall *firewall) {
  int hello = firewall->hello_seen ? firewall->hello_random[0] : NOBODYS;
  return 12 * (int)firewall->phase + 6 * firewall->server + 2 * hello + firewall->server_hello_seen;
}

/* A worse firewall's opinion, on top of ours. */
static bool falls_through(int state, const struct record *record, bool passes) {
  bool after = state / 12 == DTLS_FIREWALL_COMPLETE, during = state / 12 == DTLS_FIREWALL_HANDSHAKE;
  if (strcmp(hole, "after") == 0 && after) /* done is done: lets everything in */
    return true;
  if (strcmp(hole, "alert") == 0 && record->content == ALERT)
    return passes || during || after;
  if (strcmp(hole, "hello") == 0 && record->content == HANDSHAKE && record->message == 1 && record->epoch == 0)
    return passes || (during && state % 12 >= 6);
  if (strcmp(hole, "finished") == 0 && record->epoch > 0) /* thinks that after the end no handshake record is due */
    return passes && !after;
  if (strcmp(hole, "early") == 0 && state / 12 == DTLS_FIREWALL_WAITING)
    return record->content == HANDSHAKE;
  return passes;
}

/* One record through the filter: whether it passes, and the state after it. */
static bool judge(int *state, const struct record *record) {
  uint8_t datagram[128];
  struct dtls_firewall firewall = firewall_in(*state);
  size_t size = write_record(datagram, sizeof datagram, record);
  bool passes = dtls_firewall_filter(&firewall, datagram, size) == size;
  passes = falls_through(*state, record, passes);
  *state = state_of(&firewall);
  return passes;
}

static void print_passes(void) {
  printf("#define passes(state, record) (((0");
  for (int state = 0; state < STATES; state++) {
    unsigned mask = 0;
    for (int i = 0; i < RECORDS; i++) {
      int after = state;
      mask |= (unsigned)judge(&after, &records[i]) << i;
    }
    if (mask)
      printf(" \\\n  + ((state) == %d -> %u : 0)", state, mask);
  }
  printf(") >> (record)) & 1)\n");
}

static void print_next(void) {
  int opened = 0;
  printf("#define next(state, record) ");
  for (int state = 0; state < STATES; state++)
    for (int i = 0; i < RECORDS; i++) {
      int after = state;
      judge(&after, &records[i]);
      if (after == state)
        continue;
      printf("\\\n  ((state) == %d && (record) == %d -> %d : ", state, i, after);
      opened++;
    }
  printf("(state)");
  while (opened-- > 0)
    printf(")");
  printf("\n");
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "--hole") == 0)
    hole = argv[2];
  else if (argc != 1) {
    fprintf(stderr, "usage: %s [--hole after|alert|hello|finished|early]\n", argv[0]);
    return 2;
  }
  printf("/* made by firewall_tables.c from engine/path/demux.c: not to be edited */\n");
  for (int i = 0; i < RECORDS; i++)
    printf("#define %s %d\n", records[i].name, i);
  printf("#define RECORDS %d\n#define WAITING(server) (6 * (server))\n#define phase_of(state) ((state) / 12)\n"
         "#define with_phase(state, phase) (12 * (phase) + (state) %% 12)\n",
         RECORDS);
  print_passes();
  print_next();
  return 0;
}
