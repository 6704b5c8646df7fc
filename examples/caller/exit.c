#include "exit.h"

int exit_for_status(sotto_status status) {
  switch (status) {
  case SOTTO_OK:
    return EXIT_OK;
  case SOTTO_ERR_INVALID:
    return EXIT_USAGE;
  case SOTTO_ERR_SYSTEM:
    return EXIT_SYSTEM;
  case SOTTO_ERR_PASSPHRASE:
    return EXIT_PASSPHRASE;
  case SOTTO_ERR_CORRUPT:
    return EXIT_STORE;
  case SOTTO_ERR_NOT_FOUND:
    return EXIT_NO_CONTACT;
  case SOTTO_ERR_EXPIRED:
    return EXIT_INVITE;
  case SOTTO_ERR_TRUST:
    return EXIT_TRUST;
  default:
    return EXIT_INTERNAL;
  }
}

static const struct {
  int code;
  const char *text;
} reasons[] = {
    [SOTTO_END_NONE] = {EXIT_INTERNAL, "the call ended without a reason"},
    [SOTTO_END_HANGUP] = {EXIT_OK, "hung up"},
    [SOTTO_END_CANCELED] = {EXIT_CANCELED, "they gave up before the call was answered"},
    [SOTTO_END_DECLINED] = {EXIT_DECLINED, "they declined"},
    [SOTTO_END_BUSY] = {EXIT_BUSY, "they are in another call"},
    [SOTTO_END_NO_ANSWER] = {EXIT_NO_ANSWER, "it rang, and nobody answered"},
    [SOTTO_END_UNREACHABLE] = {EXIT_UNREACHABLE, "no device of theirs answered, or no path to it was found"},
    [SOTTO_END_LOST] = {EXIT_LOST, "the connection was lost and did not come back"},
    [SOTTO_END_TIMEOUT] = {EXIT_TIMEOUT, "the secure connection was not set up in time"},
    [SOTTO_END_UNVERIFIED] = {EXIT_UNVERIFIED, "the words were not compared in time"},
    [SOTTO_END_SECURITY] = {EXIT_SECURITY, "ended for your safety: see the alarm above"},
    [SOTTO_END_INTERNAL] = {EXIT_INTERNAL, "an internal fault ended the call"},
    [SOTTO_END_ELSEWHERE] = {EXIT_OK, "another of your devices took it"},
};

static bool known(sotto_end_reason reason) {
  return (unsigned)reason < sizeof reasons / sizeof reasons[0];
}

int exit_for_reason(sotto_end_reason reason) {
  return known(reason) ? reasons[reason].code : EXIT_INTERNAL;
}

const char *exit_reason_text(sotto_end_reason reason) {
  return known(reason) ? reasons[reason].text : "the call ended for a reason that this program does not know";
}
