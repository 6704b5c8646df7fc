#include "unit.h"

#include "../../examples/caller/web_files.h"
#include "../../examples/caller/web_server.h"

static char head[WEB_HEAD_SIZE], settings[WEB_SETTINGS_SIZE];
static const unsigned char *body;
static size_t body_size;

static const struct web_config config = {.server = "wss://sotto.example", .key = "", .policy = "sas-first"};
static const struct web_config with_relay = {.server = "wss://sotto.example",
                                             .relay = "{\"credential\":\"secret\"}",
                                             .key = "0123456789abcdef0123456789abcdef",
                                             .relay_only = true,
                                             .policy = "sas-first"};

static bool answers_of(const struct web_config *of, const char *request, const char *status) {
  size_t size = web_answer(of, 8444, request, strlen(request), head, settings, &body, &body_size);
  return size == strlen(head) && strncmp(head, status, strlen(status)) == 0;
}

static bool answers(const char *request, const char *status) {
  return answers_of(&config, request, status);
}

#define HOST "Host: 127.0.0.1:8444\r\n\r\n"

static void the_page_and_its_modules_are_served(void **state) {
  (void)state;
  assert_true(answers("GET / HTTP/1.1\r\n" HOST, "HTTP/1.1 200 OK\r\n"));
  assert_non_null(strstr(head, "Content-Type: text/html\r\n"));
  assert_true(body_size > 100);
  for (size_t i = 0; i < web_files_count; i++) {
    char request[200];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n" HOST, web_files[i].path);
    assert_true(answers(request, "HTTP/1.1 200 OK\r\n"));
    assert_ptr_equal(body, web_files[i].data);
  }
}

static void every_answer_forbids_what_the_page_does_not_need(void **state) {
  (void)state;
  static const char *const request[] = {"GET / HTTP/1.1\r\n" HOST, "GET /no HTTP/1.1\r\n" HOST, "nonsense\r\n\r\n"};
  for (size_t i = 0; i < 3; i++) {
    answers(request[i], "");
    assert_non_null(strstr(head, "Content-Security-Policy: default-src 'none'; script-src 'self';"));
    assert_non_null(strstr(head, "connect-src 'self' wss://sotto.example;"));
    assert_non_null(strstr(head, "nosniff"));
  }
}

static void another_name_for_this_machine_is_refused(void **state) {
  (void)state;
  assert_true(answers("GET / HTTP/1.1\r\nHost: evil.example:8444\r\n\r\n", "HTTP/1.1 400"));
  assert_true(answers("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "HTTP/1.1 400"));
  assert_true(answers("GET / HTTP/1.1\r\nHost: localhost:8444\r\n\r\n", "HTTP/1.1 200"));
  assert_int_equal(body_size > 0, true);
}

static void what_is_not_there_is_not_found(void **state) {
  (void)state;
  assert_true(answers("GET /../sotto HTTP/1.1\r\n" HOST, "HTTP/1.1 404"));
  assert_int_equal(body_size, 0);
  assert_true(answers("PUT / HTTP/1.1\r\n" HOST, "HTTP/1.1 405"));
}

static void settings_name_the_server(void **state) {
  (void)state;
  assert_true(answers("GET /settings.json HTTP/1.1\r\n" HOST, "HTTP/1.1 200"));
  const char *expected = "{\"server\":\"wss://sotto.example\",\"stun\":\"\",\"relay\":false,\"relayOnly\":false,"
                         "\"lan\":false,\"policy\":\"sas-first\"}\n";
  assert_int_equal(body_size, strlen(expected));
  assert_memory_equal(body, expected, body_size);
}

static void the_password_of_the_relay_goes_to_who_has_the_key(void **state) {
  (void)state;
  assert_true(
      answers_of(&with_relay, "GET /relay/0123456789abcdef0123456789abcdef HTTP/1.1\r\n" HOST, "HTTP/1.1 200"));
  assert_int_equal(body_size, strlen(with_relay.relay));
  assert_memory_equal(body, with_relay.relay, body_size);
  assert_non_null(strstr(head, "Content-Type: application/json\r\n"));
}

static void it_goes_to_nobody_else(void **state) {
  (void)state;
  static const char *const path[] = {"/relay/0123456789abcdef0123456789abcdee",
                                     "/relay/1123456789abcdef0123456789abcdef", "/relay/0123456789abcdef",
                                     "/relay/", "/relay"};
  for (size_t i = 0; i < 5; i++) {
    char request[200];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n" HOST, path[i]);
    assert_true(answers_of(&with_relay, request, "HTTP/1.1 404"));
    assert_int_equal(body_size, 0);
  }
  assert_true(answers("GET /relay/0123456789abcdef0123456789abcdef HTTP/1.1\r\n" HOST, "HTTP/1.1 404"));
  assert_true(answers_of(&with_relay, "GET /settings.json HTTP/1.1\r\n" HOST, "HTTP/1.1 200"));
  assert_null(memmem(body, body_size, "secret", 6));
  assert_non_null(memmem(body, body_size, "\"relay\":true,\"relayOnly\":true", 29));
}

static void an_address_can_end_no_header(void **state) {
  (void)state;
  assert_true(web_config_fits(&config));
  assert_false(web_config_fits(&(struct web_config){.server = "wss://a; script-src *"}));
  assert_false(web_config_fits(&(struct web_config){.server = "wss://a\r\nX: y"}));
  assert_false(web_config_fits(&(struct web_config){.server = "wss://a", .stun = "a\"b"}));
}

UNIT_TESTS(test(the_page_and_its_modules_are_served), test(every_answer_forbids_what_the_page_does_not_need),
           test(another_name_for_this_machine_is_refused), test(what_is_not_there_is_not_found),
           test(settings_name_the_server), test(the_password_of_the_relay_goes_to_who_has_the_key),
           test(it_goes_to_nobody_else), test(an_address_can_end_no_header))
