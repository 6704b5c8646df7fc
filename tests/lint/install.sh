#!/usr/bin/env bash
# install.sh BUILD COMPILER SANITIZE: installs the library and builds the embedding example outside of the tree, with
# pkg-config (shared, and static where there is one) and with find_package.
set -euo pipefail
build=$1 compiler=$2 sanitize=$3
examples=$(cd "$(dirname "$0")/../../examples" && pwd)
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
cmake --install "$build" --component library --prefix "$prefix" >/dev/null
export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name sotto.pc)")
sed -i "s|^prefix=.*|prefix=$prefix|" "$PKG_CONFIG_PATH/sotto.pc"
flags=(-std=c11 -I"$examples")
[ -z "$sanitize" ] || flags+=("-fsanitize=$sanitize")
usage() { # usage PROGRAM: it runs, and says how to use it
  local code=0
  env -u SOTTO_PASSPHRASE LD_LIBRARY_PATH="$(dirname "$PKG_CONFIG_PATH")" "$1" 2>"$prefix/said" || code=$?
  [ "$code" = 2 ] && grep -q '^usage' "$prefix/said" || { cat "$prefix/said"; echo "$1: exit $code"; exit 1; }
}
sources=("$examples/embed.c" "$examples/sound_card_null.c")
read -ra shared < <(pkg-config --cflags --libs sotto)
"$compiler" "${flags[@]}" "${sources[@]}" -o "$prefix/embed" "${shared[@]}" -pthread
usage "$prefix/embed"
library=$(dirname "$PKG_CONFIG_PATH")
if [ -e "$library/libsotto.a" ]; then
  leaked=$(nm -g --defined-only "$library/libsotto.a" | awk 'NF==3 && $3 !~ /^sotto_/ {print $3}')
  [ -z "$leaked" ] || { echo "the static library also defines:"; echo "$leaked"; exit 1; }
  # Ours static, the others shared (pkg-config --static would have all of theirs static as well).
  read -ra below < <(pkg-config --print-requires-private sotto | xargs)
  read -ra private < <(pkg-config --libs "${below[@]}")
  read -ra others < <(sed -n 's/^Libs.private: //p' "$PKG_CONFIG_PATH/sotto.pc")
  "$compiler" "${flags[@]}" -I"$prefix/include" "${sources[@]}" -o "$prefix/embed_static" "$library/libsotto.a" \
    "${private[@]}" "${others[@]}"
  usage "$prefix/embed_static"
fi
mkdir "$prefix/app"
cat >"$prefix/app/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(app C)
find_package(sotto $(pkg-config --modversion sotto) REQUIRED)
find_package(Threads REQUIRED)
add_compile_options(${flags[-1]})
add_link_options(${flags[-1]})
add_executable(embed ${sources[*]})
target_link_libraries(embed PRIVATE sotto::sotto Threads::Threads)
END
cmake -S "$prefix/app" -B "$prefix/app/build" -DCMAKE_C_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$prefix" >"$prefix/log" 2>&1 || { cat "$prefix/log"; exit 1; }
cmake --build "$prefix/app/build" >"$prefix/log" 2>&1 || { cat "$prefix/log"; exit 1; }
usage "$prefix/app/build/embed"
