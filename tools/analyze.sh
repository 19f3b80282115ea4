#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Static analysis of all C code but the tests': clang's analyzer, clang-tidy's bugprone and cert checks, gcc's -fanalyzer.
#   tools/analyze.sh [clang|tidy|gcc]...        default: all three
# Fails if a finding is not listed, with its reason, in tools/analyze.known.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/packages.sh

need "${BUILD_PACKAGES[@]}" clang clang-tidy
build=${IKE_ANALYZE_BUILD_DIR:-$PWD/build-analyze}
cmake -S . -B "$build" -G Ninja --log-level=WARNING -DBUILD_TESTING=OFF -DCMAKE_C_COMPILER=gcc >/dev/null
ninja -C "$build" --quiet # generated headers
export IKE_ANALYZE_BUILD=$build
exec /usr/bin/python3 tools/analyze.py "$@"
