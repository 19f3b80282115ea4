#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs what is missing, builds the plugin as users get it, without OpenSSL and with the sanitizers, and
# runs all tests. Arguments go to ctest: tools/test.sh -R report
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/packages.sh

need "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
build=${IKE_BUILD_DIR:-$PWD/build}
if [ -e "$build" ] && [ ! -w "$build" ] || [ ! -e "$build" ] && [ ! -w "$PWD" ]; then
    build=${XDG_CACHE_HOME:-$HOME/.cache}/isakmp-build
fi
jobs=$(nproc)

# build_in FOLDER OPTION...
build_in() {
    local folder=$1
    shift
    cmake -S . -B "$folder" -G Ninja --log-level=WARNING "$@" >/dev/null
    ninja -C "$folder" -j "$jobs" --quiet
}

echo "Building in $build, $build-plain and $build-sanitized"
build_in "$build" -DBUILD_TESTING=ON
build_in "$build-plain" -DENABLE_DECRYPT=OFF -DBUILD_TESTING=OFF
build_in "$build-sanitized" -DSANITIZE=address,undefined -DBUILD_TESTING=OFF -DCMAKE_BUILD_TYPE=Debug

export IKE_PLUGIN_DIR=$build/plugins
export IKE_PLAIN_PLUGIN_DIR=$build-plain/plugins
export IKE_SANITIZED_PLUGIN_DIR=$build-sanitized/plugins
ctest --test-dir "$build" --output-on-failure -j "$jobs" "$@"
