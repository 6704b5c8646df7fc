#!/bin/sh
# readme.sh ROOT: the README's embedding example is examples/embed.c, line for line. Silent when all is well.
cd "$1" || exit 2
awk '/^```c$/ { inside = 1; next } /^```$/ { inside = 0 } inside' README.md | diff -u examples/embed.c - >&2
