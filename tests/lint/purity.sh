#!/usr/bin/env bash
# purity.sh ARCHIVE: the media core calls these functions of the C library and no others: no clock, no file, no thread.
allowed='^(_GLOBAL_OFFSET_TABLE_|__stack_chk_fail|mem(cpy|move|set|cmp)|__mem(cpy|move|set)_chk|malloc|calloc|free|abort|qsort|bsearch|strnlen|strlen|sqrtf?|expf?|exp2f?|logf?|log2f?|powf?|sinf?|cosf?|fminf?|fmaxf?|fabsf?|floorf?|ceilf?|l?lroundf?|l?lrintf?|__(asan|ubsan|tsan|sanitizer)_.*|__assert_fail)$'
[ -r "$1" ] || { echo "$1: no such archive"; exit 2; }
defined=$(nm --defined-only "$1" 2>/dev/null | awk 'NF==3{print $3}' | sort -u)
bad=$(nm -u "$1" 2>/dev/null | awk '$1=="U"{print $2}' | sort -u | grep -vxF "$defined" | grep -vE "$allowed")
[ -z "$bad" ] || { echo "the media core may not call:"; echo "$bad"; exit 1; }
