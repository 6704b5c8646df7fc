#!/usr/bin/env bash
# planted.sh BUILD: each rule is shown to fail on a violation planted in a copy of the tree.
set -uo pipefail
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.." || exit 2
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
passed=0 failed=0
fresh() { rm -rf "${copy:?}"/* && cp -r media signaling engine examples tests README.md .clang-format "$copy"/; }
expect() { # expect WHAT COMMAND...: the command must fail now
  local what=$1
  shift
  if "$@" >/dev/null 2>&1; then
    echo "not noticed: $what"
    failed=$((failed + 1))
  else
    passed=$((passed + 1))
  fi
}
layering() { # layering WHAT FILE LINE
  fresh
  printf '%s\n' "$3" >>"$copy/$2"
  expect "$1" tests/lint/layering.sh "$copy"
}
fresh
tests/lint/layering.sh "$copy" || { echo "the tree itself breaks the layering"; failed=$((failed + 1)); }
layering 'a clock in the media core' media/session.c '#include <time.h>'
layering 'printf in the media core' media/recovery/nack.c '#include <stdio.h>'
layering 'media includes the engine' media/session.h '#include "../engine/core.h"'
layering 'a thread in the call' engine/call/call.c '#include <pthread.h>'
layering 'signaling includes the engine' signaling/noise.c '#include "../engine/sotto.h"'
layering 'signaling includes the media session' signaling/cell.c '#include "../media/session.h"'
layering 'an example sees the inside' examples/embed.c '#include "../engine/core.h"'
layering 'sodium outside crypto.c' signaling/noise.c '#include <sodium.h>'
layering 'OpenSSL outside its files' engine/call/call.c '#include <openssl/ssl.h>'
layering 'GLib outside its files' engine/engine.c '#include <glib.h>'
layering 'a part knows another' media/recovery/nack.c '#include "../congestion/pacer.h"'
layering 'VERIFIED without a person' engine/call/call.c 'contact->state = SOTTO_TRUST_VERIFIED;'

fresh
sed -i 's/sotto_call_accept/sotto_call_except/' "$copy/examples/embed.c"
expect 'a README behind its example' tests/lint/readme.sh "$copy"

cat >"$copy/clock.c" <<'EOF'
#include <time.h>
long planted(void) { return time(0); }
EOF
gcc -c -o "$copy/clock.o" "$copy/clock.c" && ar rc "$copy/libclock.a" "$copy/clock.o"
expect 'a call of time() in the archive' tests/lint/purity.sh "$copy/libclock.a"
gcc -shared -fPIC -o "$copy/libleak.so" "$copy/clock.o" 2>/dev/null || gcc -shared -fPIC -o "$copy/libleak.so" "$copy/clock.c"
expect 'a symbol that is not sotto_*' tests/lint/exports.sh "$copy/libleak.so"
printf 'int  planted( void ){return 0;}\n' >"$copy/ugly.c"
expect 'code that clang-format would change' clang-format-14 --dry-run -Werror --style=file:.clang-format "$copy/ugly.c"
cat >"$copy/tidy.c" <<'EOF'
#include <stdlib.h>
int planted(int x) { int *p = 0; if (x) p = malloc(4); return *p; }
EOF
expect 'what clang-tidy finds' clang-tidy-14 --quiet --config-file=.clang-tidy "$copy/tidy.c" --
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
