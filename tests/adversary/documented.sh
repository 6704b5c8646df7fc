#!/usr/bin/env bash
# documented.sh SOTTO-EVIL SECURITY.md - every attack stands in the table, and no other.
set -euo pipefail
diff <("$1" --list | awk '{ print $1 }' | sort) <(sed -nE 's/^\| (A[0-9]+) \|.*/\1/p' "$2" | sort) ||
  { echo "SECURITY.md (>) and sotto-evil --list (<) differ"; exit 1; }
