#!/usr/bin/env bash
# header.sh COMPILER: sotto.h compiles alone, and the embedding example with it, as strict C11; the header as C++ too.
set -euo pipefail
cd "$(dirname "$0")/../.."
compiler=$1
strict=(-pedantic -Wall -Wextra -Wshadow -Wconversion -Werror -fsyntax-only -Iengine)
printf '#include <sotto.h>\nint main(void) { return 0; }\n' >"${TMPDIR:-/tmp}/sotto_header.$$"
trap 'rm -f "${TMPDIR:-/tmp}/sotto_header.$$"' EXIT
"$compiler" -x c -std=c11 "${strict[@]}" "${TMPDIR:-/tmp}/sotto_header.$$"
"$compiler" -x c++ -std=c++11 "${strict[@]}" "${TMPDIR:-/tmp}/sotto_header.$$"
"$compiler" -x c -std=c11 "${strict[@]}" examples/embed.c
[ "$(wc -l <examples/embed.c)" -le 72 ] || { echo "examples/embed.c is no longer small"; exit 1; }
