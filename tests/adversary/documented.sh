#!/usr/bin/env bash
# documented.sh SOTTO-EVIL SECURITY.md - every attack stands in the table as the program lists it (what is tried, what the
# twin goes without), beside the file that has it; and no other.
set -euo pipefail
here=$(dirname "$0")
listed=$("$1" --list | sed -E 's/^(A[0-9]+) +(.*[^ ]) {2,}([-A-Z0-9+]+)$/\1|\2|\3/' | sort)
table=$(sed -nE 's/^\| (A[0-9]+) \| ([^|]*[^ |]) \|.*\| ([-A-Z0-9+]+) \| ([a-z_.]+) \|$/\1|\2|\3|\4/p' "$2" | sort)
[ -n "$listed" ] && diff <(echo "$listed") <(cut -d '|' -f 1-3 <<<"$table") ||
  { echo "SECURITY.md (>) and sotto-evil --list (<) differ"; exit 1; }
while IFS='|' read -r id _ _ file; do
  grep -q "^    {\"$id\"," "$here/$file" || { echo "SECURITY.md: $id is not in $file"; exit 1; }
done <<<"$table"
