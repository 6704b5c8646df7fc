#!/usr/bin/env bash
# lint.sh BUILD: every rule of style and layering, and the proof that each can fail.
set -uo pipefail
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.." || exit 2
passed=0 failed=0
check() { # check NAME COMMAND...
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    echo "ok      $name"
    passed=$((passed + 1))
  else
    echo "FAILED  $name"
    printf '%s\n' "$output" | tail -n 40
    failed=$((failed + 1))
  fi
}
sources() { git ls-files '*.c' '*.h'; }
format() { sources | xargs clang-format-14 --dry-run -Werror; }
tidy() { # own code that is compiled; two at a time
  git ls-files 'media/*.c' 'signaling/*.c' 'engine/*.c' 'examples/*.c' |
    xargs -P 2 -n 4 clang-tidy-14 --quiet -p "$build" --extra-arg=-Wno-unknown-warning-option 2>&1 |
    grep -vE '^[0-9]+ warnings? generated'
  return "${PIPESTATUS[1]}"
}
advice() { # sizes are advice, never a failure
  sources | grep -v '^tests/vectors/' | xargs wc -l | awk '$2 != "total" && $1 > 700 { print "advice: " $2 " has " $1 " lines" }'
}
check 'clang-format' format
check 'layering' tests/lint/layering.sh .
check 'purity of the media core' tests/lint/purity.sh "$build/libmedia_core.a"
check 'exports' tests/lint/exports.sh "$build/libsotto.so"
check 'the README shows examples/embed.c' tests/lint/readme.sh .
check 'planted violations are noticed' tests/lint/planted.sh "$build"
check 'clang-tidy' tidy
advice
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
