#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs what is needed, builds the plugin as users get it, and measures it against the built-in:
#   tools/bench.sh               everything, in about half an hour; docs/performance.md has a run of it
#   tools/bench.sh --quick       small captures, in about five minutes
#   tools/bench.sh --help        parts of it
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/packages.sh

need "${BUILD_PACKAGES[@]}" python3 valgrind
build=${IKE_BUILD_DIR:-$PWD/build}
if [ -e "$build" ] && [ ! -w "$build" ] || [ ! -e "$build" ] && [ ! -w "$PWD" ]; then
    build=${XDG_CACHE_HOME:-$HOME/.cache}/isakmp-build
fi
build=$build-bench
cmake -S . -B "$build" -G Ninja -DBUILD_TESTING=OFF -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    --log-level=WARNING >/dev/null
ninja -C "$build" -j "$(nproc)" --quiet
cc -O2 -Wall tools/bench/generate.c -lcrypto -o "$build/generate"
cc -O2 -Wall tools/bench/traffic.c -lcrypto -o "$build/traffic"
cc -O2 -Wall -shared -fPIC tools/bench/steady.c -o "$build/steady.so"
cc -O2 -Wall -shared -fPIC tools/bench/heap.c -o "$build/heap.so"
exec python3 tools/bench/measure.py --plugins "$build/plugins" --generate "$build/generate" \
    --traffic "$build/traffic" --steady "$build/steady.so" --heap "$build/heap.so" "$@"
