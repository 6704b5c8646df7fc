/* gate_tables.c - prints as Promela what the code says of a call's states and of its gate, for gate.pml.
 *
 *   may_go(from, to)  call_may_go(), asked for every pair          timed(state)  it ends by itself, CALL_STATES
 *   verdict(facts)    gate_evaluate(), asked for all 2880 combinations of its facts, as a decision tree
 *
 * So what is checked is the code's table and not a drawing of it. To show that a wrong table is found:
 *   --ignore FACT     the gate of somebody who forgot to look at it (it counts as if it were good)
 *   --forbid FROM TO  one transition too few     --no-timeout STATE  one time-out too few
 */
#include <stdio.h>
#include <string.h>

#include "engine/call/call.h"

struct fact {
  const char *name;
  int values, good;
};
enum { ENDED, BOUND, ASSOCIATIONS, TRUST, REQUIRE_VERIFIED, POLICY, ACKNOWLEDGED, CONSENTED, EXPIRED, FACTS };
static const struct fact facts[FACTS] = {
    [ENDED] = {"ended", 2, false},
    [BOUND] = {"bound", 2, true},
    [ASSOCIATIONS] = {"associations", 3, 1},
    [TRUST] = {"trust", SOTTO_TRUST_REVOKED + 1, SOTTO_TRUST_VERIFIED},
    [REQUIRE_VERIFIED] = {"require_verified", 2, false},
    [POLICY] = {"policy", SOTTO_POLICY_WARN + 1, SOTTO_POLICY_WARN},
    [ACKNOWLEDGED] = {"device_acknowledged", 2, true},
    [CONSENTED] = {"user_consented", 2, true},
    [EXPIRED] = {"consent_expired", 2, false},
};
static const char *const state_name[] = {
#define NAME(name, seen, seconds, reason) #name,
    CALL_STATES(NAME)
#undef NAME
};
static const int state_seconds[] = {
#define SECONDS(name, seen, seconds, reason) seconds,
    CALL_STATES(SECONDS)
#undef SECONDS
};
enum { VERDICT_GATES = 8 }; /* a verdict as one number: 8 * gate + want */

static int ignored = FACTS, missing_from = -1, missing_to = -1, untimed = -1;

static int verdict_of(const int value[FACTS]) {
  int v[FACTS];
  memcpy(v, value, sizeof v);
  if (ignored < FACTS)
    v[ignored] = facts[ignored].good;
  struct gate_facts asked = {.bound = v[BOUND],
                             .dtls_associations = v[ASSOCIATIONS],
                             .ended = v[ENDED],
                             .trust = (sotto_trust)v[TRUST],
                             .require_verified = v[REQUIRE_VERIFIED],
                             .policy = (sotto_policy)v[POLICY],
                             .device_acknowledged = v[ACKNOWLEDGED],
                             .user_consented = v[CONSENTED],
                             .consent_expired = v[EXPIRED]};
  struct gate_verdict verdict = gate_evaluate(&asked);
  return VERDICT_GATES * (int)verdict.gate + (int)verdict.want;
}

/* Does the answer stay the same, whatever the facts from `fact` on are, in both of two branches? */
static bool same(int one[FACTS], int two[FACTS], int fact) {
  if (fact == FACTS)
    return verdict_of(one) == verdict_of(two);
  for (int i = 0; i < facts[fact].values; i++) {
    one[fact] = two[fact] = i;
    if (!same(one, two, fact + 1))
      return false;
  }
  return true;
}

static void print_tree(int value[FACTS], int fact) {
  if (fact == FACTS) {
    printf("%d", verdict_of(value));
    return;
  }
  int last = facts[fact].values - 1, opened = 0;
  for (int i = 0; i < last; i++) {
    int one[FACTS], two[FACTS];
    memcpy(one, value, sizeof one);
    memcpy(two, value, sizeof two);
    one[fact] = i;
    two[fact] = last;
    if (same(one, two, fact + 1))
      continue;
    printf("(%s == %d -> ", facts[fact].name, i);
    value[fact] = i;
    print_tree(value, fact + 1);
    printf(" : ");
    opened++;
  }
  value[fact] = last;
  print_tree(value, fact + 1);
  while (opened-- > 0)
    printf(")");
}

static bool may_go(int from, int to) {
  if (from == missing_from && to == missing_to)
    return false;
  return call_may_go((enum call_state)from, (enum call_state)to);
}

static void print_states(void) {
  for (int i = 0; i < CALL_STATE_COUNT; i++)
    printf("#define %s %d\n", state_name[i], i);
  printf("#define timed(s) (false");
  for (int i = 0; i < CALL_STATE_COUNT; i++)
    if (state_seconds[i] > 0 && i != untimed)
      printf(" || (s) == %s", state_name[i]);
  printf(")\n#define may_go(from, to) (false");
  for (int from = 0; from < CALL_STATE_COUNT; from++)
    for (int to = 0; to < CALL_STATE_COUNT; to++)
      if (may_go(from, to))
        printf(" \\\n  || ((from) == %s && (to) == %s)", state_name[from], state_name[to]);
  printf(")\n");
}

static void print_gate(void) {
  static const struct {
    const char *name;
    int value;
  } names[] = {
      {"GATE_SHUT", SOTTO_GATE_SHUT},
      {"GATE_AUDIO", SOTTO_GATE_AUDIO_UNVERIFIED},
      {"GATE_OPEN", SOTTO_GATE_OPEN},
      {"WANTS_BIND", GATE_WANTS_BIND},
      {"WANTS_CONSENT", GATE_WANTS_CONSENT},
      {"REFUSES", GATE_REFUSES},
      {"UNKNOWN", SOTTO_TRUST_UNKNOWN},
      {"TOFU", SOTTO_TRUST_TOFU},
      {"VERIFIED", SOTTO_TRUST_VERIFIED},
      {"CHANGED", SOTTO_TRUST_CHANGED},
      {"REVOKED", SOTTO_TRUST_REVOKED},
      {"SAS_FIRST", SOTTO_POLICY_SAS_FIRST},
      {"REQUIRE_VERIFIED", SOTTO_POLICY_REQUIRE_VERIFIED},
      {"WARN", SOTTO_POLICY_WARN},
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    printf("#define %s %d\n", names[i].name, names[i].value);
  printf("#define verdict_gate(v) ((v) / %d)\n#define verdict_want(v) ((v) %% %d)\n#define verdict ", VERDICT_GATES,
         VERDICT_GATES);
  int value[FACTS] = {0};
  print_tree(value, 0);
  printf("\n");
}

static int fact_named(const char *name) {
  int i = 0;
  while (i < FACTS && strcmp(facts[i].name, name) != 0)
    i++;
  return i;
}

static int state_named(const char *name) {
  int i = 0;
  while (i < CALL_STATE_COUNT && strcmp(state_name[i], name) != 0)
    i++;
  return i;
}

static bool read_arguments(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "--ignore") == 0) {
    ignored = fact_named(argv[2]);
    return ignored < FACTS;
  }
  if (argc == 3 && strcmp(argv[1], "--no-timeout") == 0) {
    untimed = state_named(argv[2]);
    return untimed < CALL_STATE_COUNT;
  }
  if (argc == 4 && strcmp(argv[1], "--forbid") == 0) {
    missing_from = state_named(argv[2]);
    missing_to = state_named(argv[3]);
    return missing_from < CALL_STATE_COUNT && missing_to < CALL_STATE_COUNT;
  }
  return argc == 1;
}

int main(int argc, char **argv) {
  if (!read_arguments(argc, argv)) {
    fprintf(stderr, "usage: %s [--ignore FACT | --forbid FROM TO | --no-timeout STATE]\n", argv[0]);
    return 2;
  }
  printf("/* made by gate_tables.c from engine/call: not to be edited */\n");
  print_states();
  print_gate();
  return 0;
}
