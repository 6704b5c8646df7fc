#!/usr/bin/env bash
# portable.sh COMPILER: configures as on a machine without intel-ipsec-mb, and nothing that is built may know of it.
# What is built then, unit/test_srtp_portable and unit/test_srtp_cipher_portable run.
set -euo pipefail
cd "$(dirname "$0")/../.."
compiler=$1 build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
knows() { # knows INCLUDE LIBRARY: how many lines of the build then name it
  cmake -S . -B "$build" -G Ninja -DCMAKE_C_COMPILER="$compiler" -DIPSEC_MB_INCLUDE="$1" -DIPSEC_MB_LIBRARY="$2" \
    >"$build/log" 2>&1 || { cat "$build/log" >&2; exit 1; }
  grep -ci 'ipsec.mb' "$build/build.ninja" || true
}
[ "$(knows OFF OFF)" = 0 ] || { grep -i 'ipsec.mb' "$build/build.ninja"; exit 1; }
[ "$(knows /usr/include /usr/lib/libIPSec_MB.so)" -gt 0 ] || { echo "it would not be seen"; exit 1; }
