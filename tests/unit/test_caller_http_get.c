#include "unit.h"

#include "../../examples/caller/http_get.h"

static struct http_get got;

static enum http_get_status parse(const char *text) {
  return http_get_parse(&got, text, strlen(text));
}

#define HOST "Host: 127.0.0.1:8444\r\n"

static void a_get_is_taken_with_its_path_and_host(void **state) {
  (void)state;
  assert_int_equal(parse("GET /peer/call.mjs HTTP/1.1\r\n" HOST "Accept: */*\r\n\r\n"), HTTP_GET_OK);
  assert_string_equal(got.path, "/peer/call.mjs");
  assert_string_equal(got.host, "127.0.0.1:8444");
  assert_int_equal(parse("GET /?x=1 HTTP/1.1\r\nhost:localhost:1\r\nContent-Length: 0\r\n\r\n"), HTTP_GET_OK);
  assert_string_equal(got.path, "/");
}

static void a_beginning_waits_for_the_rest(void **state) {
  (void)state;
  const char *whole = "GET / HTTP/1.1\r\n" HOST "\r\n";
  for (size_t size = 0; size < strlen(whole); size++)
    assert_int_equal(http_get_parse(&got, whole, size), HTTP_GET_MORE);
  assert_int_equal(http_get_parse(&got, whole, strlen(whole)), HTTP_GET_OK);
}

static void what_is_malformed_is_refused(void **state) {
  (void)state;
  static const char *const bad[] = {
      "GET / HTTP/1.0\r\n" HOST "\r\n",
      "GET  / HTTP/1.1\r\n" HOST "\r\n",
      "GET http://x/ HTTP/1.1\r\n" HOST "\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\n" HOST HOST "\r\n",
      "GET / HTTP/1.1\r\n" HOST " folded\r\n\r\n",
      "GET / HTTP/1.1\r\n" HOST "A B: c\r\n\r\n",
      "GET / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\n",
      "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n",
      "GET / HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" HOST "\r\n",
      "GET / HTTP/1.1\n" HOST "\r\n\r\n",
      "\r\n\r\n",
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_int_equal(parse(bad[i]), HTTP_GET_BAD);
}

static void other_methods_and_paths_have_their_own_answers(void **state) {
  (void)state;
  assert_int_equal(parse("POST / HTTP/1.1\r\n" HOST "\r\n"), HTTP_GET_METHOD);
  assert_int_equal(parse("get / HTTP/1.1\r\n" HOST "\r\n"), HTTP_GET_METHOD);
  assert_int_equal(parse("GET /%2e%2e/x HTTP/1.1\r\n" HOST "\r\n"), HTTP_GET_NOT_FOUND);
  assert_int_equal(
      parse("GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa HTTP/1.1\r\n" HOST
            "\r\n"),
      HTTP_GET_NOT_FOUND);
}

static void a_head_without_end_is_too_big(void **state) {
  (void)state;
  static char text[HTTP_GET_MAX];
  memset(text, 'a', sizeof text);
  assert_int_equal(http_get_parse(&got, text, sizeof text - 1), HTTP_GET_MORE);
  assert_int_equal(http_get_parse(&got, text, sizeof text), HTTP_GET_TOO_BIG);
}

UNIT_TESTS(test(a_get_is_taken_with_its_path_and_host), test(a_beginning_waits_for_the_rest),
           test(what_is_malformed_is_refused), test(other_methods_and_paths_have_their_own_answers),
           test(a_head_without_end_is_too_big))
