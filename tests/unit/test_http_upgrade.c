#include "signaling/server/http_upgrade.h"

#include "unit.h"

/* The request and the answer of RFC 6455 section 1.3. */
#define REQUEST_LINE "GET /chat HTTP/1.1\r\n"
#define HOST         "Host: server.example.com\r\n"
#define UPGRADE      "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define KEY          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION      "Sec-WebSocket-Version: 13\r\n"
#define OTHERS       "Origin: http://example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\n"
#define GOOD         REQUEST_LINE HOST UPGRADE KEY OTHERS VERSION "\r\n"

static struct http_upgrade upgrade;

static enum http_upgrade_status parse(const char *text) {
  size_t size = strlen(text);
  char *exact; /* no byte more than there is: the sanitizer sees a read beyond */
  need(exact = malloc(size ? size : 1));
  memcpy(exact, text, size);
  enum http_upgrade_status status = http_upgrade_parse(&upgrade, exact, size);
  free(exact);
  return status;
}

static void the_request_of_the_rfc_gets_the_answer_of_the_rfc(void **state) {
  char answer[256];
  (void)state;
  assert_int_equal(parse(GOOD), HTTP_UPGRADE_OK);
  assert_string_equal(upgrade.key, "dGhlIHNhbXBsZSBub25jZQ==");
  size_t size = http_upgrade_answer(answer, sizeof answer, HTTP_UPGRADE_OK, &upgrade);
  assert_int_equal(size, strlen(answer));
  assert_non_null(strstr(answer, "HTTP/1.1 101 "));
  assert_non_null(strstr(answer, "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  assert_string_equal(answer + size - 4, "\r\n\r\n");
}

static void names_and_listed_words_are_without_case(void **state) {
  (void)state;
  assert_int_equal(parse(REQUEST_LINE "hOST:a\r\nUPGRADE: h2c , WebSocket\r\nconnection: keep-alive,\tUPGRADE \r\n"
                                      "sec-websocket-key:  dGhlIHNhbXBsZSBub25jZQ==  \r\n"
                                      "SEC-WEBSOCKET-VERSION:13\r\n\r\n"),
                   HTTP_UPGRADE_OK);
  assert_int_equal(parse(REQUEST_LINE HOST "Upgrade: websocket\r\nConnection: keep-alive\r\n"
                                           "Connection: Upgrade\r\n" KEY VERSION "\r\n"),
                   HTTP_UPGRADE_OK);
}

static void a_request_that_has_not_all_come_is_waited_for(void **state) {
  (void)state;
  for (size_t size = 0; size < strlen(GOOD); size++)
    assert_int_equal(http_upgrade_parse(&upgrade, GOOD, size), HTTP_UPGRADE_MORE);
}

static void what_is_not_an_upgrade_is_told_so(void **state) {
  (void)state;
  assert_int_equal(parse(REQUEST_LINE HOST "\r\n"), HTTP_UPGRADE_NEEDED);
  assert_int_equal(parse(REQUEST_LINE HOST UPGRADE KEY "\r\n"), HTTP_UPGRADE_NEEDED);
  assert_int_equal(parse(REQUEST_LINE HOST UPGRADE KEY "Sec-WebSocket-Version: 8\r\n\r\n"), HTTP_UPGRADE_NEEDED);
  assert_int_equal(parse(REQUEST_LINE HOST "Upgrade: websockets\r\nConnection: Upgrade\r\n" KEY VERSION "\r\n"),
                   HTTP_UPGRADE_NEEDED);
  assert_int_equal(parse(REQUEST_LINE HOST "Upgrade: websocket\r\n" KEY VERSION "\r\n"), HTTP_UPGRADE_NEEDED);
  assert_int_equal(parse("POST / HTTP/1.1\r\n" HOST UPGRADE KEY VERSION "\r\n"), HTTP_UPGRADE_METHOD);
  assert_int_equal(parse("get / HTTP/1.1\r\n" HOST UPGRADE KEY VERSION "\r\n"), HTTP_UPGRADE_METHOD);
}

static void leniencies_are_refused(void **state) {
  static const char *const bad[] = {
      "GET / HTTP/1.0\r\n" HOST UPGRADE KEY VERSION "\r\n",
      "GET  / HTTP/1.1\r\n" HOST UPGRADE KEY VERSION "\r\n",
      "GET http://a/ HTTP/1.1\r\n" HOST UPGRADE KEY VERSION "\r\n",
      "GET * HTTP/1.1\r\n" HOST UPGRADE KEY VERSION "\r\n",
      "GET /\x7f HTTP/1.1\r\n" HOST UPGRADE KEY VERSION "\r\n",
      "GET /\xc3\xa4 HTTP/1.1\r\n" HOST UPGRADE KEY VERSION "\r\n",
      "GET / HTTP/1.1 \r\n" HOST UPGRADE KEY VERSION "\r\n",
      "\r\nGET / HTTP/1.1\r\n" HOST UPGRADE KEY VERSION "\r\n",
      " GET / HTTP/1.1\r\n" HOST UPGRADE KEY VERSION "\r\n",
      "GET / HTTP/1.1\n" HOST UPGRADE KEY VERSION "\r\n",
      REQUEST_LINE "Host: a\n" UPGRADE KEY VERSION "\r\n",
      REQUEST_LINE HOST UPGRADE KEY VERSION "X: a\rb\r\n\r\n",
      REQUEST_LINE HOST UPGRADE KEY VERSION "X: a\x01\r\n\r\n",
      REQUEST_LINE HOST UPGRADE KEY VERSION "X : a\r\n\r\n",
      REQUEST_LINE HOST UPGRADE KEY VERSION ": a\r\n\r\n",
      REQUEST_LINE HOST UPGRADE KEY VERSION "X\r\n\r\n",
      REQUEST_LINE HOST UPGRADE KEY VERSION "X: a\r\n folded\r\n\r\n",
      REQUEST_LINE UPGRADE KEY VERSION "\r\n",
      REQUEST_LINE HOST HOST UPGRADE KEY VERSION "\r\n",
      REQUEST_LINE HOST UPGRADE KEY KEY VERSION "\r\n",
      REQUEST_LINE HOST UPGRADE KEY VERSION VERSION "\r\n",
      REQUEST_LINE HOST UPGRADE VERSION "\r\n",
      REQUEST_LINE HOST UPGRADE KEY VERSION "Content-Length: 1\r\n\r\n",
      REQUEST_LINE HOST UPGRADE KEY VERSION "Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
      REQUEST_LINE HOST UPGRADE KEY VERSION "Transfer-Encoding: chunked\r\n\r\n",
      GOOD "x",
      GOOD GOOD,
  };
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    if (parse(bad[i]) != HTTP_UPGRADE_BAD) {
      print_error("accepted: %s\n", bad[i]);
      fail();
    }
}

static void a_key_is_the_canonical_base64_of_16_bytes(void **state) {
  static const char *const keys[] = {"",
                                     "dGhlIHNhbXBsZSBub25jZQ=",
                                     "dGhlIHNhbXBsZSBub25jZQ===",
                                     "dGhlIHNhbXBsZSBub25jZR==",
                                     "dGhlIHNhbXBsZSBub25jZQAA",
                                     "dGhlIHNhbXBsZSBub25j-w==",
                                     "dGhlIHNhbXBsZSBub25j Q=="};
  char text[512];
  (void)state;
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    snprintf(text, sizeof text, REQUEST_LINE HOST UPGRADE VERSION "Sec-WebSocket-Key: %s\r\n\r\n", keys[i]);
    assert_int_equal(parse(text), HTTP_UPGRADE_BAD);
  }
}

static void what_can_not_become_a_request_is_refused_at_once(void **state) {
  (void)state;
  assert_int_equal(parse("\x16\x03\x01"), HTTP_UPGRADE_BAD); /* TLS spoken to a plain server */
  assert_int_equal(http_upgrade_parse(&upgrade, "\0", 1), HTTP_UPGRADE_BAD);
  assert_int_equal(parse("AAAAAAAAAAAAAAAAAAAAAAAA"), HTTP_UPGRADE_BAD);
}

static void its_length_and_its_lines_are_bounded(void **state) {
  static char text[HTTP_UPGRADE_MAX + 512];
  (void)state;
  size_t size = (size_t)sprintf(text, REQUEST_LINE "X: ");
  memset(text + size, 'a', sizeof text - size);
  assert_int_equal(http_upgrade_parse(&upgrade, text, HTTP_UPGRADE_MAX - 1), HTTP_UPGRADE_MORE);
  assert_int_equal(http_upgrade_parse(&upgrade, text, HTTP_UPGRADE_MAX), HTTP_UPGRADE_TOO_BIG);
  size = (size_t)sprintf(text, REQUEST_LINE HOST UPGRADE KEY VERSION);
  for (int i = 5; i < HTTP_UPGRADE_HEADERS; i++)
    size += (size_t)sprintf(text + size, "X: a\r\n");
  strcpy(text + size, "\r\n");
  assert_int_equal(parse(text), HTTP_UPGRADE_OK);
  strcpy(text + size, "X: a\r\n\r\n");
  assert_int_equal(parse(text), HTTP_UPGRADE_BAD);
}

static void every_flipped_bit_is_survived_and_never_changes_the_key_unnoticed(void **state) {
  char text[] = GOOD;
  size_t size = strlen(GOOD);
  (void)state;
  for (size_t bit = 0; bit < size * 8; bit++) {
    text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
    if (http_upgrade_parse(&upgrade, text, size) == HTTP_UPGRADE_OK)
      assert_non_null(strstr(text, upgrade.key));
    text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
  }
}

static void each_refusal_is_a_whole_answer_that_closes(void **state) {
  static const int statuses[] = {HTTP_UPGRADE_BAD, HTTP_UPGRADE_METHOD, HTTP_UPGRADE_NEEDED, HTTP_UPGRADE_TOO_BIG};
  char answer[256], begin[32];
  (void)state;
  for (size_t i = 0; i < 4; i++) {
    size_t size = http_upgrade_answer(answer, sizeof answer, (enum http_upgrade_status)statuses[i], &upgrade);
    snprintf(begin, sizeof begin, "HTTP/1.1 %d ", statuses[i]);
    assert_int_equal(strncmp(answer, begin, strlen(begin)), 0);
    assert_non_null(strstr(answer, "\r\nConnection: close\r\n"));
    assert_string_equal(answer + size - 4, "\r\n\r\n");
  }
  assert_non_null(strstr(answer, "431"));
  http_upgrade_answer(answer, sizeof answer, HTTP_UPGRADE_NEEDED, &upgrade);
  assert_non_null(strstr(answer, "\r\nSec-WebSocket-Version: 13\r\n"));
  assert_int_equal(http_upgrade_answer(answer, 20, HTTP_UPGRADE_BAD, &upgrade), 0);
}

UNIT_TESTS(test(the_request_of_the_rfc_gets_the_answer_of_the_rfc), test(names_and_listed_words_are_without_case),
           test(a_request_that_has_not_all_come_is_waited_for), test(what_is_not_an_upgrade_is_told_so),
           test(leniencies_are_refused), test(a_key_is_the_canonical_base64_of_16_bytes),
           test(what_can_not_become_a_request_is_refused_at_once), test(its_length_and_its_lines_are_bounded),
           test(every_flipped_bit_is_survived_and_never_changes_the_key_unnoticed),
           test(each_refusal_is_a_whole_answer_that_closes))
