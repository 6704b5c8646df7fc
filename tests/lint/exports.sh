#!/usr/bin/env bash
# exports.sh LIBRARY: the shared library exports the names of exports.txt, those and no others.
list=$(dirname "$0")/exports.txt
[ -r "$1" ] || { echo "$1: no such library"; exit 2; }
# What a sanitizer's build adds is not ours.
found=$(nm -D --defined-only "$1" | awk 'NF==3 && $2 ~ /[A-Z]/ {sub(/@.*/, "", $3); print $3}' | grep -vE '^__(odr_)?(asan|ubsan|tsan)' | sort -u)
diff <(sort -u "$list") <(printf '%s\n' "$found") >&2 || { echo "the exports differ from $list" >&2; exit 1; }
