#!/bin/sh
# instructions.sh PROGRAM [--record]: instructions of each item that sotto-count makes, by callgrind, beside what
# instructions.txt allows. Exits with 1 where one takes over 5 % more or is in one of the two alone; --record writes
# them down. 77: no valgrind here.
#
# The processor must not matter: OpenSSL is told to use AES-NI, carry-less multiplication and SSSE3 alone.
set -eu
program=$1
budget=$(dirname "$0")/instructions.txt
command -v valgrind >/dev/null && command -v callgrind_annotate >/dev/null || { echo "skipped: valgrind is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
SOTTO_SRTP_CIPHER=openssl OPENSSL_ia32cap=0x0200020207808000:0 valgrind --tool=callgrind --callgrind-out-file="$work/out" \
  "$program" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
callgrind_annotate --tree=calling --auto=no --threshold=100 "$work/out" | tr -d , |
  sed -nE 's/^ *([0-9]+) .*> .*:count_([a-z_]+) \(([0-9]+)x\).*/\2 \1 \3/p' | sort -u |
  awk '$1 ~ /_(audio|video|batch)$/ { printf "%s %d\n", $1, $2 / $3 }' >"$work/counts"
[ -s "$work/counts" ] || { echo "nothing was counted"; exit 1; }
if [ "${2:-}" = --record ]; then
  cp "$work/counts" "$budget"
fi
join -a 1 -a 2 -e - -o 0,1.2,2.2 "$work/counts" "$budget" | awk '
  BEGIN { printf "%-18s %12s %12s\n", "item", "instructions", "budget" }
  $2 == "-" || $3 == "-" { short++; printf "%-18s %12s %12s  %s\n", $1, $2, $3, $2 == "-" ? "NOT COUNTED" : "NO BUDGET"; next }
  { over = $2 > 1.05 * $3; short += over; printf "%-18s %12d %12d %+6.1f %%%s\n", $1, $2, $3, 100 * ($2 / $3 - 1), over ? "  OVER" : "" }
  END { exit short > 0 || NR == 0 }'
