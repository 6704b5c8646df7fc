#!/usr/bin/env bash
# fuzz.sh BUILD [--quick] [TARGET]: every libFuzzer target for a while (60 s; --quick 5 s), beginning from its corpus.
# Finds are left in BUILD/finds; what is new in coverage goes to BUILD/corpus, never into the repository by itself.
set -uo pipefail
build=$1 seconds=60
shift
if [ "${1:-}" = --quick ]; then
  seconds=5
  shift
fi
cd "$(dirname "$0")" || exit 2
build=$(cd ../.. && cd "$build" && pwd)
mkdir -p "$build/finds"
passed=0 failed=0
for source in fuzz_${1:-*}.c; do
  name=${source%.c} subject=${name#fuzz_}
  mkdir -p "$build/corpus/$subject"
  if "$build/tests/$name" -max_total_time=$seconds -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$build/finds/$subject-" \
    "$build/corpus/$subject" "corpus/$subject" >"$build/$name.log" 2>&1; then
    printf '%-24s %s\n' "$subject" "$(grep -o 'Done [0-9]* runs.*' "$build/$name.log")"
    passed=$((passed + 1))
  else
    printf '%-24s FAILED, see %s\n' "$subject" "$build/$name.log"
    failed=$((failed + 1))
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
