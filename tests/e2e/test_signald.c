/* The program sotto-signald from outside: a process of its own, sockets on loopback, clients with and without
 * manners; and engine/websocket.h against it. */
#include <dirent.h>
#include <ftw.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "certificate.h"
#include "engine/websocket.h"
#include "raw_client.h"
#include "signaling/crypto.h"
#include "signaling/frame.h"
#include "signaling/mailbox.h"
#include "unit/unit.h"

static char directory[64];
static pid_t server; /* 0: none */
static int port;

static struct raw ann, bob, eve, others[8];
static uint8_t token[8][READ_TOKEN_SIZE], mailbox[8][MAILBOX_SIZE];

/* ---- the process ------------------------------------------------------ */

static void pause_ms(int ms) {
  nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static int64_t now_ms(void) {
  return g_get_monotonic_time() / 1000;
}

static pid_t run(const char *const *options, int out) {
  const char *argv[16] = {"sotto-signald"};
  char program[512];
  snprintf(program, sizeof program, "%s/sotto-signald", getenv("SOTTO_BIN"));
  for (int i = 0; options[i]; i++)
    argv[i + 1] = options[i];
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid)
    return pid;
  if (out >= 0)
    dup2(out, 1);
  closefrom(3); /* what whoever started the test left open is not the server's doing */
  execv(program, (char *const *)argv);
  _exit(127);
}

static int wait_exit(pid_t pid, int ms) {
  int status;
  for (int64_t end = now_ms() + ms; now_ms() < end; pause_ms(5))
    if (waitpid(pid, &status, WNOHANG) == pid)
      return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  return -1;
}

static void start(const char *const *more) {
  const char *options[16] = {"--listen", "127.0.0.1:0"};
  char line[64] = "";
  int out[2];
  for (int i = 0; more && more[i]; i++)
    options[2 + i] = more[i];
  assert_int_equal(pipe(out), 0);
  server = run(options, out[1]);
  close(out[1]);
  FILE *printed = fdopen(out[0], "r");
  assert_non_null(fgets(line, sizeof line, printed));
  fclose(printed);
  assert_int_equal(sscanf(line, "listening on 127.0.0.1:%d\n", &port), 1);
}

static int set_up(void **state) {
  (void)state;
  crypto_init();
  strcpy(directory, "/tmp/sotto-signald-XXXXXX");
  assert_non_null(mkdtemp(directory));
  for (uint8_t i = 0; i < 8; i++) {
    memset(token[i], i + 1, READ_TOKEN_SIZE);
    mailbox_address(mailbox[i], token[i]);
  }
  return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk) {
  (void)st, (void)type, (void)walk;
  return remove(path);
}

static int tear_down(void **state) {
  (void)state;
  if (server) {
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
  }
  server = 0;
  nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
  return 0;
}

static void stop_cleanly(void) {
  kill(server, SIGTERM);
  int status = wait_exit(server, 2000);
  if (status != -1)
    server = 0;
  assert_int_equal(status, 0);
}

static const char *path_of(const char *name) {
  static char path[4][512];
  static int next;
  next = (next + 1) % 4;
  snprintf(path[next], sizeof path[next], "%s/%s", directory, name);
  return path[next];
}

/* ---- cells ------------------------------------------------------------ */

static void others_go_on(void) {
  static uint8_t mark = 100;
  mark++;
  raw_put(&bob, mailbox[7], 1, mark);
  assert_true(raw_got_cell(&ann, 3000, mark));
}

static void open_others(void) {
  raw_open(&ann, port);
  raw_open(&bob, port);
  raw_subscribe(&ann, token[7]);
}

static void a_cell_arrives_at_once_or_waits_and_then_expires(void **state) {
  (void)state;
  start(NULL);
  raw_open(&ann, port);
  raw_open(&bob, port);
  raw_subscribe(&ann, token[0]);
  raw_put(&bob, mailbox[0], 10, 1);
  assert_true(raw_got_cell(&ann, 3000, 1));
  raw_put(&bob, mailbox[1], 30, 2); /* for somebody who is away */
  raw_put(&bob, mailbox[2], 1, 3);
  pause_ms(1300);
  raw_open(&eve, port);
  raw_subscribe(&eve, token[1]);
  assert_true(raw_got_cell(&eve, 3000, 2));
  raw_subscribe(&eve, token[2]);
  assert_int_equal(raw_receive(&eve, 300), RAW_NOTHING);
  stop_cleanly();
}

static void the_wrong_token_gets_nothing(void **state) {
  uint8_t shown[READ_TOKEN_SIZE] = {0};
  (void)state;
  start(NULL);
  raw_open(&ann, port);
  raw_open(&bob, port);
  raw_open(&eve, port);
  memcpy(shown, mailbox[0], MAILBOX_SIZE);
  raw_subscribe(&eve, shown);
  raw_subscribe(&eve, token[1]);
  raw_subscribe(&ann, token[0]);
  raw_put(&bob, mailbox[0], 10, 1);
  assert_true(raw_got_cell(&ann, 3000, 1));
  assert_int_equal(raw_receive(&eve, 300), RAW_NOTHING);
  stop_cleanly();
}

/* ---- bad manners ------------------------------------------------------ */

static void garbage_is_cut_off(void **state) {
  static uint8_t big[9000];
  (void)state;
  start(NULL);
  open_others();
  raw_open(&eve, port);
  raw_send(&eve, RAW_BINARY, "garbage", 7);
  assert_int_equal(raw_closed(&eve, 3000), 1002);
  others_go_on();
  raw_open(&eve, port);
  raw_send(&eve, RAW_BINARY, big, sizeof big);
  assert_int_equal(raw_closed(&eve, 3000), 1009);
  others_go_on();
  raw_open(&eve, port);
  raw_send(&eve, RAW_TEXT, "hello", 5);
  assert_int_equal(raw_closed(&eve, 3000), 1003);
  raw_open(&eve, port);
  raw_write(&eve, "\x82\x01x", 3); /* not masked */
  assert_int_equal(raw_closed(&eve, 3000), 1002);
  raw_open(&eve, port);
  raw_write(&eve, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12);
  assert_int_not_equal(raw_closed(&eve, 3000), -1);
  others_go_on();
  stop_cleanly();
}

static void a_flood_is_cut_off(void **state) {
  (void)state;
  start(NULL);
  open_others();
  raw_open(&eve, port);
  for (int i = 0; i < 2000; i++)
    raw_put(&eve, mailbox[i % 4], 1, (uint8_t)i);
  assert_int_not_equal(raw_closed(&eve, 3000), -1);
  others_go_on();
  raw_open(&eve, port);
  for (int i = 0; i < 5000; i++)
    raw_send(&eve, RAW_PING, "", 0);
  assert_int_not_equal(raw_closed(&eve, 3000), -1);
  others_go_on();
  raw_open(&eve, port);
  for (int i = 0; i < 5000; i++) /* a message in endless empty fragments */
    raw_write(&eve, i ? "\x00\x80\0\0\0\0" : "\x02\x80\0\0\0\0", 6);
  assert_int_not_equal(raw_closed(&eve, 3000), -1);
  others_go_on();
  stop_cleanly();
}

static void what_is_no_upgrade_is_answered_and_closed(void **state) {
  (void)state;
  start(NULL);
  assert_int_equal(raw_http(port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 426);
  assert_int_equal(raw_http(port, "POST / HTTP/1.1\r\nHost: a\r\n\r\n"), 405);
  assert_int_equal(raw_http(port, "GET / HTTP/1.0\r\n\r\n"), 400);
  assert_int_equal(raw_http(port, "\x16\x03\x01\x02"), 400);
  stop_cleanly();
}

static void slow_clients_are_cut_off(void **state) {
  static struct raw silent, half, deaf;
  (void)state;
  start(NULL);
  open_others();
  raw_connect(&silent, port, 0);
  raw_connect(&half, port, 0);
  raw_write(&half, "GET / HTTP/1.1\r\nHost: a\r\n", 25);
  raw_connect(&deaf, port, 4096); /* asks for much and reads nothing */
  static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  raw_write(&deaf, request, strlen(request));
  pause_ms(200);
  for (int i = 0; i < 7; i++)
    raw_subscribe(&deaf, token[i]);
  for (int i = 0; i < 8; i++) {
    raw_open(&others[i], port);
    for (int j = 0; j < 100; j++)
      raw_put(&others[i], mailbox[j % 7], 60, (uint8_t)(8 * j + i));
  }
  for (int i = 0; i < 12; i++) {
    others_go_on();
    raw_write(&half, "X: a\r\n", 6); /* always a little more, never the end */
    pause_ms(1000);
  }
  assert_int_equal(raw_closed(&silent, 100), 0);
  assert_int_equal(raw_closed(&half, 100), 0);
  size_t total = 0;
  for (ssize_t got = 1; got > 0; total += got > 0 ? (size_t)got : 0)
    got = recv(deaf.fd, deaf.held, sizeof deaf.held, 0);
  assert_true(total < 600 << 10);
  others_go_on();
  stop_cleanly();
}

static void connections_are_limited(void **state) {
  (void)state;
  start((const char *[]){"--max-connections", "2", NULL});
  raw_open(&ann, port);
  raw_open(&bob, port);
  raw_connect(&eve, port, 0);
  assert_int_equal(raw_closed(&eve, 3000), 0);
  raw_end(&ann);
  pause_ms(100);
  raw_open(&eve, port);
  stop_cleanly();
}

/* ---- the process's own manners ---------------------------------------- */

static void it_says_goodbye_and_exits_within_two_seconds(void **state) {
  static const int signals[] = {SIGTERM, SIGINT};
  (void)state;
  for (int i = 0; i < 2; i++) {
    start(NULL);
    raw_open(&ann, port);
    raw_connect(&eve, port, 0); /* never upgrades */
    raw_open(&bob, port);       /* never answers */
    kill(server, signals[i]);
    assert_int_equal(raw_receive(&ann, 1000), RAW_GOT);
    assert_int_equal(raw_closed(&ann, 2000), 0);
    assert_int_equal(ann.opcode, RAW_CLOSE);
    assert_memory_equal(ann.payload, "\x03\xe9", 2); /* 1001 */
    assert_int_equal(wait_exit(server, 2000), 0);
    server = 0;
  }
}

static void it_opens_no_files(void **state) {
  char path[64];
  struct stat st;
  (void)state;
  start(NULL);
  open_others();
  others_go_on();
  snprintf(path, sizeof path, "/proc/%d/fd", server);
  DIR *dir = opendir(path);
  if (!dir) { /* not dumpable, so not ours to look into: what we want, too */
    assert_int_not_equal(geteuid(), 0);
    stop_cleanly();
    return;
  }
  for (struct dirent *entry; (entry = readdir(dir));) {
    char file[512];
    if (atoi(entry->d_name) <= 2) /* the test's own */
      continue;
    snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
    assert_false(stat(file, &st) == 0 && S_ISREG(st.st_mode));
  }
  closedir(dir);
  stop_cleanly();
}

static int exit_of(const char *const *options) {
  int nowhere = fileno(fopen("/dev/null", "w"));
  int err = dup(2);
  dup2(nowhere, 2);
  pid_t pid = run(options, nowhere);
  dup2(err, 2);
  close(err);
  return wait_exit(pid, 3000);
}

static void its_exit_status_says_what_was_wrong(void **state) {
  char listen[64];
  (void)state;
  certificate_make(directory, "a");
  certificate_make(directory, "b");
  assert_int_equal(exit_of((const char *[]){"--help", NULL}), 0);
  assert_int_equal(exit_of((const char *[]){"--version", NULL}), 0);
  assert_int_equal(exit_of((const char *[]){"--what", NULL}), 2);
  assert_int_equal(exit_of((const char *[]){"what", NULL}), 2);
  assert_int_equal(exit_of((const char *[]){"--listen", "8443", NULL}), 2);
  assert_int_equal(exit_of((const char *[]){"--listen", "127.0.0.1:99999", NULL}), 2);
  assert_int_equal(exit_of((const char *[]){"--cert", "x", NULL}), 2);
  assert_int_equal(exit_of((const char *[]){"--max-connections", "0", NULL}), 2);
  start(NULL);
  snprintf(listen, sizeof listen, "127.0.0.1:%d", port);
  assert_int_equal(exit_of((const char *[]){"--listen", listen, NULL}), 3);
  assert_int_equal(exit_of((const char *[]){"--listen", "127.0.0.1:0", "--port-file", "/none/port", NULL}), 1);
  const char *cert = path_of("a-cert.pem"), *key = path_of("b-key.pem");
  assert_int_equal(exit_of((const char *[]){"--cert", cert, "--key", key, NULL}), 4);
  assert_int_equal(exit_of((const char *[]){"--cert", "/none", "--key", "/none", NULL}), 4);
  stop_cleanly();
}

/* ---- engine/websocket.h ----------------------------------------------- */

static struct {
  struct websocket *ws;
  int opened, closed, messages;
  char reason[128];
  uint8_t message[FRAME_SERVER_MAX];
  size_t size;
} seen;

static void on_opened(void *user) {
  (void)user;
  seen.opened++;
}
static void on_message(void *user, const uint8_t *data, size_t size) {
  (void)user;
  seen.messages++;
  assert_true(size <= sizeof seen.message);
  memcpy(seen.message, data, size);
  seen.size = size;
}
static void on_closed(void *user, const char *reason) {
  (void)user;
  seen.closed++;
  snprintf(seen.reason, sizeof seen.reason, "%s", reason);
}

/* Frees it in the middle of several messages that came at once. */
static void on_message_free(void *user, const uint8_t *data, size_t size) {
  on_message(user, data, size);
  websocket_free(seen.ws);
  seen.ws = NULL;
}

static const struct websocket_callbacks callbacks = {on_opened, on_message, on_closed};
static GMainContext *context;

static void dial(const char *scheme, const char *host, const char *ca_file) {
  char url[128];
  if (!context) {
    context = g_main_context_new();
    g_main_context_push_thread_default(context);
  }
  memset(&seen, 0, sizeof seen);
  snprintf(url, sizeof url, "%s://%s:%d", scheme, host, port);
  assert_non_null(seen.ws = websocket_new(url, ca_file, FRAME_SERVER_MAX, &callbacks, NULL));
}

static bool until(const int *what, int ms) {
  for (int64_t end = now_ms() + ms; !*what && now_ms() < end; pause_ms(2))
    while (g_main_context_iteration(context, FALSE))
      ;
  return *what;
}

static void hang_up(void) {
  int never = 0;
  websocket_free(seen.ws);
  until(&never, 50);
}

static void send_and_receive(void) {
  uint8_t frame[FRAME_PUT_SIZE], cell[CELL_SIZE] = {77};
  const struct frame subscribe = {.type = FRAME_SUBSCRIBE, .list = token[0], .count = 1};
  const struct frame put = {.type = FRAME_PUT, .mailbox = mailbox[0], .ttl = 10, .cell = cell};
  assert_true(websocket_send(seen.ws, frame, frame_write(frame, sizeof frame, &subscribe)));
  assert_true(websocket_send(seen.ws, frame, frame_write(frame, sizeof frame, &put)));
  assert_true(until(&seen.messages, 3000));
  assert_int_equal(seen.size, FRAME_CELL_SIZE);
  assert_int_equal(seen.message[1 + MAILBOX_SIZE], 77);
}

static void start_tls(const char *name) {
  char cert[64], key[64];
  certificate_make(directory, name);
  snprintf(cert, sizeof cert, "%s-cert.pem", name);
  snprintf(key, sizeof key, "%s-key.pem", name);
  start((const char *[]){"--cert", path_of(cert), "--key", path_of(key), NULL});
}

static void no_proxy_is_asked_for_a_server_on_this_machine(void **state) {
  (void)state;
  start(NULL);
  setenv("http_proxy", "http://127.0.0.1:9", 1); /* nobody is there */
  dial("ws", "localhost", NULL);
  assert_true(until(&seen.opened, 5000));
  hang_up();
  dial("ws", "127.0.0.1", NULL);
  assert_true(until(&seen.opened, 5000));
  unsetenv("http_proxy");
  hang_up();
  stop_cleanly();
}

static void wss_connects_with_the_right_authority(void **state) {
  (void)state;
  start_tls("good");
  dial("wss", "localhost", path_of("good-ca.pem"));
  assert_true(until(&seen.opened, 5000));
  send_and_receive();
  hang_up();
  dial("wss", "127.0.0.1", path_of("good-ca.pem"));
  assert_true(until(&seen.opened, 5000));
  kill(server, SIGTERM);
  assert_true(until(&seen.closed, 3000));
  assert_string_equal(seen.reason, "the server stopped");
  assert_int_equal(wait_exit(server, 2000), 0);
  server = 0;
  hang_up();
}

static void wss_refuses_every_other_certificate(void **state) {
  const char *authorities[3];
  (void)state;
  start_tls("good");
  certificate_make(directory, "evil");
  authorities[0] = path_of("evil-ca.pem");
  authorities[1] = NULL; /* the system's */
  for (int i = 0; i < 2; i++) {
    dial("wss", "localhost", authorities[i]);
    assert_true(until(&seen.closed, 5000));
    assert_int_equal(seen.opened, 0);
    assert_string_equal(seen.reason, "the server's certificate does not verify");
    hang_up();
  }
  dial("wss", "127.0.0.2", path_of("good-ca.pem")); /* a name that is not in it; nobody listens there either */
  assert_true(until(&seen.closed, 5000));
  assert_int_equal(seen.opened, 0);
  hang_up();
  stop_cleanly();
}

static void ws_carries_cells_and_says_why_it_ended(void **state) {
  (void)state;
  start(NULL);
  dial("ws", "127.0.0.1", NULL);
  assert_false(websocket_send(seen.ws, token[0], 1)); /* not open yet */
  assert_true(until(&seen.opened, 5000));
  send_and_receive();
  for (int i = 0; i < 300; i++)
    websocket_send(seen.ws, (const uint8_t *)"garbage", 7);
  assert_true(until(&seen.closed, 3000));
  assert_false(websocket_send(seen.ws, token[0], 1));
  hang_up();
  dial("ws", "127.0.0.1", NULL);
  hang_up();                      /* at once, while it connects */
  dial("wss", "127.0.0.1", NULL); /* TLS to a server that speaks none */
  assert_true(until(&seen.closed, 5000));
  hang_up();
  stop_cleanly();
  dial("ws", "127.0.0.1", NULL);
  assert_true(until(&seen.closed, 5000));
  assert_string_equal(seen.reason, "the server can't be reached");
  assert_int_equal(seen.closed, 1);
  hang_up();
  assert_null(websocket_new("http://a", NULL, 10, &callbacks, NULL));
  assert_null(websocket_new("ws://", NULL, 10, &callbacks, NULL));
  assert_null(websocket_new("", NULL, 10, &callbacks, NULL));
  assert_null(websocket_new("wss://a", "/none", 10, &callbacks, NULL));
}

static void it_may_be_freed_by_whom_it_calls(void **state) {
  static const struct websocket_callbacks freeing = {on_opened, on_message_free, on_closed};
  char url[64];
  uint8_t frame[64];
  int never = 0;
  const struct frame subscribe = {.type = FRAME_SUBSCRIBE, .list = token[0], .count = 1};
  (void)state;
  start(NULL);
  raw_open(&bob, port);
  for (uint8_t i = 0; i < 20; i++)
    raw_put(&bob, mailbox[0], 30, i);
  dial("ws", "127.0.0.1", NULL); /* makes the context */
  hang_up();
  memset(&seen, 0, sizeof seen);
  snprintf(url, sizeof url, "ws://127.0.0.1:%d", port);
  assert_non_null(seen.ws = websocket_new(url, NULL, FRAME_SERVER_MAX, &freeing, NULL));
  assert_true(until(&seen.opened, 5000));
  websocket_send(seen.ws, frame, frame_write(frame, sizeof frame, &subscribe));
  pause_ms(200); /* now all of them wait in the socket */
  assert_true(until(&seen.messages, 3000));
  until(&never, 100);
  assert_int_equal(seen.messages, 1);
  assert_int_equal(seen.closed, 0);
  stop_cleanly();
}

static void a_message_too_long_ends_it(void **state) {
  (void)state;
  start(NULL);
  dial("ws", "127.0.0.1", NULL);
  hang_up();
  char url[64];
  memset(&seen, 0, sizeof seen);
  snprintf(url, sizeof url, "ws://127.0.0.1:%d", port);
  assert_non_null(seen.ws = websocket_new(url, NULL, 100, &callbacks, NULL)); /* a cell is longer */
  assert_true(until(&seen.opened, 5000));
  raw_open(&bob, port);
  raw_put(&bob, mailbox[0], 10, 1);
  uint8_t frame[64];
  const struct frame subscribe = {.type = FRAME_SUBSCRIBE, .list = token[0], .count = 1};
  websocket_send(seen.ws, frame, frame_write(frame, sizeof frame, &subscribe));
  assert_true(until(&seen.closed, 3000));
  assert_int_equal(seen.messages, 0);
  hang_up();
  stop_cleanly();
}

static void a_stalled_server_is_noticed_within_30_seconds(void **state) {
  (void)state;
  start(NULL);
  dial("ws", "127.0.0.1", NULL);
  assert_true(until(&seen.opened, 5000));
  int never = 0;
  until(&never, 12000); /* a ping and its pong */
  kill(server, SIGSTOP);
  assert_true(until(&seen.closed, 31000));
  assert_string_equal(seen.reason, "the server has stalled");
  hang_up();
  int64_t began = now_ms();
  dial("ws", "127.0.0.1", NULL); /* the kernel still answers for it */
  assert_true(until(&seen.closed, 12000));
  assert_string_equal(seen.reason, "the server does not answer");
  assert_true(now_ms() - began >= 9000);
  hang_up();
  kill(server, SIGCONT);
  stop_cleanly();
}

#define signald(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

UNIT_TESTS(signald(a_cell_arrives_at_once_or_waits_and_then_expires), signald(the_wrong_token_gets_nothing),
           signald(garbage_is_cut_off), signald(a_flood_is_cut_off),
           signald(what_is_no_upgrade_is_answered_and_closed), signald(connections_are_limited),
           signald(it_says_goodbye_and_exits_within_two_seconds), signald(it_opens_no_files),
           signald(its_exit_status_says_what_was_wrong), signald(no_proxy_is_asked_for_a_server_on_this_machine),
           signald(wss_connects_with_the_right_authority), signald(wss_refuses_every_other_certificate),
           signald(ws_carries_cells_and_says_why_it_ended), signald(it_may_be_freed_by_whom_it_calls),
           signald(a_message_too_long_ends_it), signald(slow_clients_are_cut_off),
           signald(a_stalled_server_is_noticed_within_30_seconds))
