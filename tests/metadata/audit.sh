#!/usr/bin/env bash
# audit.sh BUILD [--quick]: what others see of calls, a row for each check of the tests; exit 1 when one fails or is skipped.
# --quick: in simulated time alone.
set -uo pipefail
build=$1 failed=0
programs="sim_test_metadata sim_test_addresses"
[ "${2:-}" = --quick ] || programs="$programs e2e_test_wire e2e_test_audit"
for program in $programs; do
  output=$(SOTTO_BIN=$build "$build/tests/$program" 2>&1)
  status=$?
  sed -nE -e 's/^(T[0-9]+: .*)/      \1/p' -e 's/^\[ +OK +\] (.*)/ok    \1/p' -e 's/^\[ +SKIPPED +\] ([a-z].*)/SKIP  \1/p' \
    -e 's/^\[ +FAILED +\] ([a-z0-9_]+)$/FAIL  \1/p' <<<"$output" | tr _ ' ' | awk '!seen[$0]++'
  [ "$status" = 0 ] && ! grep -q '^\[ *SKIPPED *\]' <<<"$output" || failed=1
done
exit $failed
