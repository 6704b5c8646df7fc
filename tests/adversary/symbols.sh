#!/usr/bin/env bash
# symbols.sh TWIN VICTIM STRONG LIVE PRODUCT... - the weakened functions are in the twin and nowhere else.
#
# Their names are read from the sources, so that a new one can't be forgotten; that the twin shows every one of them
# proves that they would be seen.
set -euo pipefail
here=$(dirname "$0")
twin=$1 victim=$2 strong=$3 live=$4
shift 4
names=$(sed -nE 's/.*(__wrap_[a-z0-9_]+).*/\1/p; s/.*(weak_pin_equal|weak_SSL_[A-Za-z_]+)\(.*/\1/p' "$here"/weak_*.c "$here"/live/weak_*.c | sort -u)
[ "$(wc -l <<<"$names")" -gt 20 ] || { echo "hardly any weak function found in the sources"; exit 1; }

symbols() { for program in "$@"; do nm "$program" 2>/dev/null; nm -D "$program" 2>/dev/null || true; done; }

bad=0
in_twin=$(symbols "$twin" "$victim")
for name in $names; do
  grep -qE "[[:space:]]$name\$" <<<"$in_twin" || { echo "the twins lack $name"; bad=1; }
done
for file in "$strong" "$live" "$@"; do
  found=$(symbols "$file" | grep -E '__wrap_|__real_|weak_pin|weak_SSL' || true)
  [ -z "$found" ] || { echo "$file contains: $found"; bad=1; }
done
for file in "$@"; do
  found=$(symbols "$file" | grep -E 'weak_active|weak_linked|dtls_stub_begin_again|evil_|choose_weakness|any_certificate' || true)
  [ -z "$found" ] || { echo "$file contains: $found"; bad=1; }
  case "$file" in
  *.a) ! ar t "$file" | grep -E '^weak_|^attack_|^dtls_stub|^any_certificate' || { echo "$file has a weak object"; bad=1; } ;;
  esac
done
[ "$bad" = 0 ] && echo "$(wc -l <<<"$names") weak functions: in the twin alone"
exit "$bad"
