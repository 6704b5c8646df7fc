#include "names.h"

#define PICK(table, index)                                                                                         \
  ((unsigned)(index) < sizeof table / sizeof table[0] && table[index] ? table[index] : "unknown")

const char *name_of_event(sotto_event_type type) {
  static const char *const names[] = {[SOTTO_EVENT_ONLINE] = "online",
                                      [SOTTO_EVENT_OFFLINE] = "offline",
                                      [SOTTO_EVENT_CONTACT] = "contact",
                                      [SOTTO_EVENT_INVITE_FAILED] = "invite-failed",
                                      [SOTTO_EVENT_INCOMING] = "incoming",
                                      [SOTTO_EVENT_CALL_STATE] = "call-state",
                                      [SOTTO_EVENT_GATE] = "gate",
                                      [SOTTO_EVENT_SECURE] = "secure",
                                      [SOTTO_EVENT_UNVERIFIED] = "unverified",
                                      [SOTTO_EVENT_CONSENT] = "consent",
                                      [SOTTO_EVENT_SAS] = "sas",
                                      [SOTTO_EVENT_SAS_RESULT] = "sas-result",
                                      [SOTTO_EVENT_PEER_MEDIA] = "peer-media",
                                      [SOTTO_EVENT_ALARM] = "alarm",
                                      [SOTTO_EVENT_NEW_DEVICE] = "new-device",
                                      [SOTTO_EVENT_LINKED] = "linked",
                                      [SOTTO_EVENT_LINK_FAILED] = "link-failed",
                                      [SOTTO_EVENT_IDENTITY] = "identity",
                                      [SOTTO_EVENT_TOLD] = "told"};
  return PICK(names, type);
}

const char *name_of_trust(sotto_trust trust) {
  static const char *const names[] = {[SOTTO_TRUST_UNKNOWN] = "unknown",
                                      [SOTTO_TRUST_TOFU] = "tofu",
                                      [SOTTO_TRUST_VERIFIED] = "verified",
                                      [SOTTO_TRUST_CHANGED] = "changed",
                                      [SOTTO_TRUST_REVOKED] = "revoked"};
  return PICK(names, trust);
}

const char *name_of_method(sotto_method method) {
  static const char *const names[] = {[SOTTO_METHOD_NONE] = "none",
                                      [SOTTO_METHOD_QR] = "qr",
                                      [SOTTO_METHOD_SAFETY_NUMBER] = "safety-number",
                                      [SOTTO_METHOD_SAS] = "sas"};
  return PICK(names, method);
}

const char *name_of_state(sotto_call_state state) {
  static const char *const names[] = {[SOTTO_CALL_DIALING] = "dialing",
                                      [SOTTO_CALL_RINGING] = "ringing",
                                      [SOTTO_CALL_CONNECTING] = "connecting",
                                      [SOTTO_CALL_SECURING] = "securing",
                                      [SOTTO_CALL_BINDING] = "binding",
                                      [SOTTO_CALL_GATED] = "gated",
                                      [SOTTO_CALL_OPEN] = "open",
                                      [SOTTO_CALL_RECONNECTING] = "reconnecting",
                                      [SOTTO_CALL_ENDED] = "ended"};
  return PICK(names, state);
}

const char *name_of_gate(sotto_gate gate) {
  static const char *const names[] = {
      [SOTTO_GATE_SHUT] = "shut", [SOTTO_GATE_AUDIO_UNVERIFIED] = "audio-unverified", [SOTTO_GATE_OPEN] = "open"};
  return PICK(names, gate);
}

const char *name_of_reason(sotto_end_reason reason) {
  static const char *const names[] = {[SOTTO_END_NONE] = "none",          [SOTTO_END_HANGUP] = "hangup",
                                      [SOTTO_END_CANCELED] = "canceled",  [SOTTO_END_DECLINED] = "declined",
                                      [SOTTO_END_BUSY] = "busy",          [SOTTO_END_NO_ANSWER] = "no-answer",
                                      [SOTTO_END_LOST] = "lost",          [SOTTO_END_UNREACHABLE] = "unreachable",
                                      [SOTTO_END_TIMEOUT] = "timeout",    [SOTTO_END_UNVERIFIED] = "unverified",
                                      [SOTTO_END_SECURITY] = "security",  [SOTTO_END_INTERNAL] = "internal",
                                      [SOTTO_END_ELSEWHERE] = "elsewhere"};
  return PICK(names, reason);
}

const char *name_of_alarm(sotto_alarm alarm) {
  static const char *const names[] = {[SOTTO_ALARM_NONE] = "none",
                                      [SOTTO_ALARM_AUTH_FAIL] = "auth-fail",
                                      [SOTTO_ALARM_REPLAY] = "replay",
                                      [SOTTO_ALARM_SIGNALING_GAP] = "signaling-gap",
                                      [SOTTO_ALARM_BIND_MISMATCH] = "bind-mismatch",
                                      [SOTTO_ALARM_FP_MISMATCH] = "fp-mismatch",
                                      [SOTTO_ALARM_FP_CHANGED] = "fp-changed",
                                      [SOTTO_ALARM_NO_EMS] = "no-ems",
                                      [SOTTO_ALARM_PROFILE_DOWNGRADE] = "profile-downgrade",
                                      [SOTTO_ALARM_DTLS_REHANDSHAKE] = "dtls-rehandshake",
                                      [SOTTO_ALARM_SAS_MISMATCH] = "sas-mismatch",
                                      [SOTTO_ALARM_SAS_ABORTED] = "sas-aborted",
                                      [SOTTO_ALARM_SAS_COMMIT_BAD] = "sas-commit-bad",
                                      [SOTTO_ALARM_INVITE_REUSED] = "invite-reused",
                                      [SOTTO_ALARM_ID_MISMATCH] = "id-mismatch",
                                      [SOTTO_ALARM_IDENTITY_CHANGED] = "identity-changed",
                                      [SOTTO_ALARM_ROSTER_CHANGED] = "roster-changed",
                                      [SOTTO_ALARM_ROSTER_STALE] = "roster-stale",
                                      [SOTTO_ALARM_ROSTER_FORK] = "roster-fork",
                                      [SOTTO_ALARM_SELF_ROSTER_ROLLBACK] = "self-roster-rollback",
                                      [SOTTO_ALARM_SELF_ROSTER_FORK] = "self-roster-fork",
                                      [SOTTO_ALARM_DEVICE_REVOKED] = "device-revoked",
                                      [SOTTO_ALARM_STORE_ROLLBACK] = "store-rollback",
                                      [SOTTO_ALARM_STORE_UNSAVED] = "store-unsaved"};
  return PICK(names, alarm);
}

const char *name_of_status(sotto_status status) {
  static const char *const names[] = {[-SOTTO_OK] = "ok",
                                      [-SOTTO_ERR_INVALID] = "invalid",
                                      [-SOTTO_ERR_STATE] = "state",
                                      [-SOTTO_ERR_NOMEM] = "nomem",
                                      [-SOTTO_ERR_FULL] = "full",
                                      [-SOTTO_ERR_SPACE] = "space",
                                      [-SOTTO_ERR_CRYPTO] = "crypto",
                                      [-SOTTO_ERR_SYSTEM] = "system",
                                      [-SOTTO_ERR_VERSION] = "version",
                                      [-SOTTO_ERR_PASSPHRASE] = "passphrase",
                                      [-SOTTO_ERR_CORRUPT] = "corrupt",
                                      [-SOTTO_ERR_NOT_FOUND] = "not-found",
                                      [-SOTTO_ERR_EXPIRED] = "expired",
                                      [-SOTTO_ERR_TRUST] = "trust"};
  return PICK(names, -(int)status);
}
