#include "client.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "listening.h"
#include "putting.h"
#include "rate.h"

enum {
  INBOX = 8,        /* cells between two drains; one input brings one */
  STRIKES = 16,     /* malformed frames a connection */
  FLOOD_RATE = 200, /* frames a second from the server; a burst is what waited for us */
  FLOOD_BURST = 4096,
  FLOOD_DEBT = 1024,
  SEND_RATE = FRAME_RATE - 5, /* stays below what the server grants */
  SEND_BURST = FRAME_BURST - 8,
  LIMITS_HEEDED = 8, /* a connection: more would let a server make us repeat ourselves for ever */
};

static const usec backoff_max = SEC(30);
static const usec stable_after = SEC(10);  /* a connection this old was a good one */
static const usec stall_noticed = SEC(30); /* a dead connection may have swallowed this much */
static const usec limit_pause = SEC(1), limit_span = SEC(2);

/*    WAITING --due--> DIALING --connected--> CONNECTED
 *       ^----failed------'                       |
 *       '---------lost, or closed by us----------'              */
enum state { WAITING, DIALING, CONNECTED };
enum presence { UNTOLD, TOLD_UP, TOLD_DOWN };

struct client {
  enum state state;
  enum presence told;
  bool close_due;
  usec due;     /* WAITING: when to dial */
  int failures; /* in a row */
  uint64_t random;
  usec connected_at, subscribed_at, paused_until;
  int strikes, limits;
  struct rate in, out;
  usec cover, cover_due; /* the mean interval, 0: off; the next time */
  bool cover_asked;      /* for this time */
  struct listening listening;
  struct putting putting;
  struct inbox_cell {
    uint8_t mailbox[MAILBOX_SIZE], cell[CELL_SIZE];
  } inbox[INBOX];
  unsigned inbox_first, inbox_count;
  uint8_t nonce[CLIENT_NONCES][CELL_NONCE_SIZE];
  unsigned nonces; /* seen; the ring holds the last of them */
  struct client_counters counters;
  uint8_t frame[FRAME_CLIENT_MAX];
};

struct client *client_new(uint64_t seed) {
  struct client *client = calloc(1, sizeof *client);
  if (!client)
    return NULL;
  client->random = seed ^ 0x9e3779b97f4a7c15u;
  listening_init(&client->listening);
  putting_init(&client->putting);
  return client;
}

void client_free(struct client *client) {
  if (!client)
    return;
  listening_deinit(&client->listening);
  free(client);
}

static uint64_t next_random(struct client *client) { /* splitmix64 */
  uint64_t z = client->random += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

/* Between half and all of 2, 4, 8, 16, 30 s. */
static usec backoff(struct client *client) {
  int step = client->failures > 5 ? 5 : client->failures;
  usec most = earlier(SEC(1) << step, backoff_max);
  return most / 2 + (usec)(next_random(client) % (uint64_t)(most / 2 + 1));
}

static void lose(struct client *client, usec now) {
  client->failures++;
  client->state = WAITING;
  client->due = now + backoff(client);
  listening_lost(&client->listening);
  putting_again(&client->putting, now, stall_noticed);
}

void client_set_cover(struct client *client, usec mean) {
  client->cover = mean;
}

/* Exponential, and so without a memory: the last time tells nothing of the next. */
static usec cover_interval(struct client *client) {
  double uniform = (double)(next_random(client) >> 11) / 9007199254740992.0; /* 2^53: 0 <= uniform < 1 */
  return (usec)(-log(1 - uniform) * (double)client->cover);
}

static void pass_cover(struct client *client) {
  client->cover_due += cover_interval(client);
  client->cover_asked = false;
}

void client_connected(struct client *client, usec now) {
  if (client->state != DIALING)
    return;
  client->state = CONNECTED;
  client->connected_at = now;
  client->paused_until = now;
  client->strikes = client->limits = 0;
  client->cover_due = now;
  pass_cover(client);
  client->counters.connections++;
  rate_init(&client->in, now, FLOOD_RATE, FLOOD_BURST);
  rate_init(&client->out, now, SEND_RATE, SEND_BURST);
}

void client_disconnected(struct client *client, usec now) {
  if (client->state == WAITING)
    return;
  if (client->state == CONNECTED && now - client->connected_at >= stable_after)
    client->failures = 0;
  lose(client, now);
}

static void close_connection(struct client *client, usec now) {
  client->counters.closed_by_us++;
  client->close_due = true;
  lose(client, now);
}

static bool seen_before(struct client *client, const uint8_t *nonce) {
  unsigned held = client->nonces < CLIENT_NONCES ? client->nonces : CLIENT_NONCES;
  for (unsigned i = 0; i < held; i++)
    if (!memcmp(client->nonce[i], nonce, CELL_NONCE_SIZE))
      return true;
  return false;
}

static void input_cell(struct client *client, const struct frame *frame) {
  if (!listening_has(&client->listening, frame->mailbox)) {
    client->counters.cells_unwanted++;
    return;
  }
  if (seen_before(client, frame->cell)) {
    client->counters.cells_duplicate++;
    return;
  }
  if (client->inbox_count == INBOX) {
    client->counters.cells_overrun++;
    return;
  }
  memcpy(client->nonce[client->nonces++ % CLIENT_NONCES], frame->cell, CELL_NONCE_SIZE);
  if (client->nonces == 2 * CLIENT_NONCES) /* the counter stays small, the ring stays full */
    client->nonces = CLIENT_NONCES;
  struct inbox_cell *in = &client->inbox[(client->inbox_first + client->inbox_count++) % INBOX];
  memcpy(in->mailbox, frame->mailbox, MAILBOX_SIZE);
  memcpy(in->cell, frame->cell, CELL_SIZE);
  client->counters.cells_received++;
}

/* The server refused one of our last frames and does not say which: slow down and say them again. */
static void input_limit(struct client *client, usec now) {
  client->counters.limited++;
  if (++client->limits > LIMITS_HEEDED)
    return;
  client->paused_until = now + limit_pause;
  putting_again(&client->putting, now, limit_span);
  if (now - client->subscribed_at <= limit_span)
    listening_lost(&client->listening);
}

static bool within_rate(struct client *client, usec now) {
  if (rate_take(&client->in, now, 1))
    return true;
  client->counters.frames_flooded++;
  if (!rate_force(&client->in, now, 1, FLOOD_DEBT))
    close_connection(client, now);
  return false;
}

void client_input(struct client *client, usec now, const uint8_t *message, size_t size) {
  if (client->state != CONNECTED || !within_rate(client, now))
    return;
  struct frame frame;
  if (!frame_parse(&frame, false, message, size)) {
    client->counters.frames_malformed++;
    if (++client->strikes == STRIKES)
      close_connection(client, now);
    return;
  }
  if (frame.type == FRAME_CELL)
    input_cell(client, &frame);
  else
    input_limit(client, now);
}

bool client_listen(struct client *client, usec now, const uint8_t read_token[READ_TOKEN_SIZE]) {
  (void)now;
  return listening_add(&client->listening, read_token);
}

void client_unlisten(struct client *client, usec now, const uint8_t read_token[READ_TOKEN_SIZE]) {
  (void)now;
  listening_remove(&client->listening, read_token);
}

bool client_put(struct client *client, usec now, const uint8_t mailbox[MAILBOX_SIZE], int ttl,
                const uint8_t cell[CELL_SIZE]) {
  if (ttl < 1 || ttl > CELL_TTL_MAX)
    return false;
  return putting_put(&client->putting, now, mailbox, ttl, cell);
}

static bool poll_cell(struct client *client, struct client_output *out) {
  if (client->inbox_count == 0)
    return false;
  const struct inbox_cell *in = &client->inbox[client->inbox_first];
  client->inbox_first = (client->inbox_first + 1) % INBOX;
  client->inbox_count--;
  *out = (struct client_output){CLIENT_CELL, in->cell, CELL_SIZE, in->mailbox};
  return true;
}

static bool may_send(struct client *client, usec now, int cost) {
  return client->state == CONNECTED && now >= client->paused_until && rate_take(&client->out, now, cost);
}

_Static_assert((int)CLIENT_LISTEN_MAX == (int)LISTENING_MAX, "what the header promises");
_Static_assert((int)CLIENT_PUT_MAX == (int)PUTTING_SIZE, "what the header promises");

enum { LIST_COST = 1 + LISTENING_CHUNK / FRAME_LIST_COST };

static bool poll_subscription(struct client *client, usec now, struct client_output *out) {
  if (!listening_due(&client->listening) || !may_send(client, now, LIST_COST))
    return false;
  if (client->listening.changes || client->listening.gone_count == 0)
    listening_settle(&client->listening);
  int entries;
  size_t size = listening_write(&client->listening, client->frame, sizeof client->frame, &entries);
  client->subscribed_at = now;
  *out = (struct client_output){CLIENT_SEND, client->frame, size, NULL};
  return true;
}

/* true: `out` asks for a cell, which is there with the next poll. */
static bool poll_cover(struct client *client, usec now, struct client_output *out) {
  if (!client->cover || client->state != CONNECTED || now < client->cover_due || putting_due(&client->putting))
    return false;
  if (client->cover_asked) { /* there was none */
    pass_cover(client);
    return false;
  }
  client->cover_asked = true;
  *out = (struct client_output){.type = CLIENT_COVER};
  return true;
}

static bool poll_put(struct client *client, usec now, struct client_output *out) {
  if (client->cover && now < client->cover_due)
    return false;
  struct putting_cell *cell = putting_next(&client->putting, now);
  client->counters.cells_expired = client->putting.expired;
  if (!cell || listening_due(&client->listening) || !may_send(client, now, 1)) /* subscriptions go first */
    return false;
  const struct frame frame = {.type = FRAME_PUT,
                              .mailbox = cell->mailbox,
                              .ttl = client->cover ? CELL_TTL_MAX : putting_ttl(cell, now),
                              .cell = cell->cell};
  size_t size = frame_write(client->frame, sizeof client->frame, &frame);
  *(cell->tries ? &client->counters.cells_sent_again : &client->counters.cells_sent) += 1;
  putting_sent(cell, now);
  if (client->cover)
    pass_cover(client);
  *out = (struct client_output){CLIENT_SEND, client->frame, size, NULL};
  return true;
}

static bool poll_presence(struct client *client, struct client_output *out) {
  enum presence is = client->state == CONNECTED ? TOLD_UP : client->failures ? TOLD_DOWN : client->told;
  if (is == client->told || (is == TOLD_UP && listening_due(&client->listening)))
    return false;
  client->told = is;
  *out = (struct client_output){.type = is == TOLD_UP ? CLIENT_UP : CLIENT_DOWN};
  return true;
}

bool client_poll(struct client *client, usec now, struct client_output *out) {
  if (client->close_due) {
    client->close_due = false;
    *out = (struct client_output){.type = CLIENT_CLOSE};
    return true;
  }
  if (poll_cell(client, out) || poll_subscription(client, now, out) || poll_presence(client, out) ||
      poll_cover(client, now, out) || poll_put(client, now, out))
    return true;
  if (client->state != WAITING || now < client->due)
    return false;
  client->state = DIALING;
  *out = (struct client_output){.type = CLIENT_CONNECT};
  return true;
}

usec client_deadline(const struct client *client) {
  if (client->state == WAITING)
    return client->due;
  if (client->state == DIALING)
    return USEC_NEVER;
  bool list = listening_due(&client->listening);
  if (!list && client->cover)
    return client->cover_due > client->paused_until ? client->cover_due : client->paused_until;
  if (!list && !putting_due(&client->putting))
    return USEC_NEVER;
  usec ready = rate_ready_at(&client->out, list ? LIST_COST : 1);
  return ready > client->paused_until ? ready : client->paused_until;
}

bool client_up(const struct client *client) {
  return client->told == TOLD_UP && client->state == CONNECTED;
}

const struct client_counters *client_counters(const struct client *client) {
  return &client->counters;
}
