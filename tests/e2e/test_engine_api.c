/* Every function of the API with an engine and a call that are real, and arguments that are not. */
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/sotto.h"
#include "unit/unit.h"

static char directory[64], store[80];
static sotto_engine *engine;
static sotto_id nobody = {{9}};

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk) {
  (void)st, (void)type, (void)walk;
  return remove(path);
}

static sotto_config config_of(void) {
  return (sotto_config){.size = sizeof(sotto_config),
                        .store_path = store,
                        .store_passphrase = "secret",
                        .signaling_url = "ws://127.0.0.1:1"}; /* nobody listens there */
}

static int set_up(void **state) {
  (void)state;
  strcpy(directory, "/tmp/sotto-api-XXXXXX");
  assert_non_null(mkdtemp(directory));
  snprintf(store, sizeof store, "%s/store", directory);
  sotto_config config = config_of();
  assert_int_equal(sotto_engine_new(&config, &engine), SOTTO_OK);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  sotto_engine_free(engine);
  return nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void structs_of_every_other_size_are_refused(void **state) {
  (void)state;
  sotto_event event = SOTTO_EVENT_INIT;
  sotto_contact contact = SOTTO_CONTACT_INIT;
  sotto_stats stats = SOTTO_STATS_INIT;
  for (uint32_t size = 0; size < 2000; size++) {
    event.size = contact.size = stats.size = size;
    if (size != sizeof event)
      assert_false(sotto_engine_wait_event(engine, &event, 0));
    if (size != sizeof contact) {
      assert_int_equal(sotto_contact_get(engine, &nobody, &contact), SOTTO_ERR_VERSION);
      assert_int_equal(sotto_contacts(engine, &contact, 1), 0);
    }
  }
  assert_false(sotto_engine_next_event(engine, NULL));
}

static void names_and_texts_are_checked(void **state) {
  (void)state;
  char long_name[SOTTO_NAME_SIZE + 1], text[SOTTO_INVITE_TEXT_SIZE], endless[2000];
  memset(long_name, 'x', sizeof long_name);
  memset(endless, '1', sizeof endless);
  long_name[SOTTO_NAME_SIZE] = endless[sizeof endless - 1] = 0;
  assert_int_equal(sotto_invite_create(engine, NULL, 0, text, sizeof text), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_invite_create(engine, "", 0, text, sizeof text), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_invite_create(engine, long_name, 0, text, sizeof text), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_invite_create(engine, "ann", 2, text, sizeof text), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_invite_create(engine, "ann", 0, NULL, sizeof text), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_invite_create(engine, "ann", 0, text, 5), SOTTO_ERR_SPACE);
  assert_int_equal(sotto_invite_create(engine, "ann", SOTTO_INVITE_IN_PERSON, text, sizeof text), SOTTO_OK);
  assert_int_equal(sotto_invite_accept(engine, "bob", text), SOTTO_ERR_INVALID); /* our own */
  assert_int_equal(sotto_invite_accept(engine, "bob", endless), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_invite_accept(engine, "bob", ""), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_contact_rename(engine, &nobody, ""), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_contact_verify_number(engine, &nobody, endless), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_contact_verify_uri(engine, &nobody, endless), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_contact_reset(engine, &nobody, endless), SOTTO_ERR_INVALID);
}

static void somebody_unknown_is_not_found(void **state) {
  (void)state;
  char text[SOTTO_SAFETY_NUMBER_SIZE];
  sotto_contact contact = SOTTO_CONTACT_INIT;
  sotto_call *call = (sotto_call *)&nobody;
  assert_int_equal(sotto_contacts(engine, NULL, 0), 0);
  assert_int_equal(sotto_contact_get(engine, &nobody, &contact), SOTTO_ERR_NOT_FOUND);
  assert_int_equal(contact.size, sizeof contact);
  assert_int_equal(sotto_contact_rename(engine, &nobody, "bob"), SOTTO_ERR_NOT_FOUND);
  assert_int_equal(sotto_safety_number(engine, &nobody, text, sizeof text), SOTTO_ERR_NOT_FOUND);
  assert_int_equal(sotto_contact_verify_number(engine, &nobody, "123"), SOTTO_ERR_NOT_FOUND);
  assert_int_equal(sotto_contact_block(engine, &nobody, true), SOTTO_ERR_NOT_FOUND);
  assert_int_equal(sotto_contact_reset(engine, &nobody, "123456"), SOTTO_ERR_NOT_FOUND);
  assert_int_equal(sotto_call_start(engine, &nobody, SOTTO_AUDIO, &call), SOTTO_ERR_NOT_FOUND);
  assert_null(call);
  assert_int_equal(sotto_call_start(engine, &nobody, 4, &call), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_call_start(engine, &nobody, 0, &call), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_call_start(engine, NULL, SOTTO_AUDIO, &call), SOTTO_ERR_INVALID);
  assert_int_equal(sotto_call_start(engine, &nobody, SOTTO_AUDIO, NULL), SOTTO_ERR_INVALID);
}

static bool alarmed(sotto_alarm alarm) {
  sotto_event event = SOTTO_EVENT_INIT;
  while (sotto_engine_wait_event(engine, &event, 3000000))
    if (event.type == SOTTO_EVENT_ALARM && event.alarm == alarm)
      return true;
  return false;
}

static void an_engine_whose_store_cant_be_written_says_so_and_goes_on(void **state) {
  (void)state;
  char text[SOTTO_INVITE_TEXT_SIZE];
  struct rlimit usual, none;
  getrlimit(RLIMIT_FSIZE, &usual);
  none = (struct rlimit){.rlim_cur = 0, .rlim_max = usual.rlim_max};
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &none); /* for root too: as on a full disk, no file grows */
  assert_int_equal(sotto_invite_create(engine, "ann", 0, text, sizeof text), SOTTO_OK);
  assert_true(alarmed(SOTTO_ALARM_STORE_UNSAVED));
  setrlimit(RLIMIT_FSIZE, &usual);
  /* It is tried again at the latest when the engine goes: the invite is there then. */
  sotto_engine_free(engine);
  engine = NULL;
  sotto_config config = config_of();
  assert_int_equal(sotto_engine_new(&config, &engine), SOTTO_OK);
  assert_int_equal(sotto_invite_create(engine, "ann", 0, text, sizeof text), SOTTO_ERR_STATE); /* the name waits */
}

static void calls_back(void *user, sotto_log_level level, const char *line) {
  (void)level, (void)line;
  sotto_contact contact = SOTTO_CONTACT_INIT;
  *(int *)user += sotto_contact_get(engine, &nobody, &contact) == SOTTO_ERR_STATE;
}

static void a_log_sink_that_calls_back_does_not_hang_the_engine(void **state) {
  (void)state;
  int refused = 0;
  sotto_event event = SOTTO_EVENT_INIT;
  sotto_set_log(SOTTO_LOG_DEBUG, calls_back, &refused);
  sotto_engine_wait_event(engine, &event, 3000000); /* "signaling is down" comes again with each attempt */
  sotto_set_log(SOTTO_LOG_DEBUG, NULL, NULL);
  assert_true(refused > 0);
}

static void the_descriptor_works_in_poll(void **state) {
  (void)state;
  struct pollfd fd = {.fd = sotto_engine_fd(engine), .events = POLLIN};
  assert_true(fd.fd >= 0);
  sotto_event event = SOTTO_EVENT_INIT;
  while (sotto_engine_next_event(engine, &event))
    continue;
  assert_int_equal(poll(&fd, 1, 0), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(structs_of_every_other_size_are_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(names_and_texts_are_checked, set_up, tear_down),
      cmocka_unit_test_setup_teardown(somebody_unknown_is_not_found, set_up, tear_down),
      cmocka_unit_test_setup_teardown(an_engine_whose_store_cant_be_written_says_so_and_goes_on, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_log_sink_that_calls_back_does_not_hang_the_engine, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_descriptor_works_in_poll, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
