#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the fuzz targets and runs one of them, or all one after the other:
#   tools/fuzz.sh [TARGET] [SECONDS]        TARGET: keylog, decrypt, analysis, log2pcap, dissector or all
# IKE_FUZZ_JOBS: how many processes share the work (default: the number of processors)
# Failing inputs are in build-fuzz/runs/TARGET/found, the grown corpus in .../corpus. A failure does not
# end the run of the other targets.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/packages.sh

target=${1:-all} seconds=${2:-300}
need "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}" clang libclang-rt-14-dev
jobs=${IKE_FUZZ_JOBS:-$(nproc)}
build=${IKE_FUZZ_BUILD_DIR:-$PWD/build-fuzz}
targets=(keylog decrypt analysis log2pcap dissector)
[ "$target" = all ] || targets=("$target")

cmake -S . -B "$build" -G Ninja --log-level=WARNING -DCMAKE_C_COMPILER=clang -DFUZZING=ON >/dev/null
ninja -C "$build" --quiet "${targets[@]/#/fuzz_}"
mkdir -p "$build/runs"
[ -d "$build/runs/seeds" ] || python3 tests/fuzz/seeds.py "$build/runs/seeds"

# Wireshark does not let root choose where it reads its lists: there the dissector's target runs as
# another user, in a folder that he may reach.
work=$build/runs as=()
if [ "$(id -u)" -eq 0 ]; then
    work=$(mktemp -d)
    chmod 755 "$work"
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi

run() {
    local name=$1 status=0
    mkdir -p "$work/$name/corpus" "$work/$name/found" "$build/runs/$name"
    cp "$build/tests/fuzz/fuzz_$name" "$work/$name/"
    cp -r "$build/runs/seeds/$name" "$work/$name/seeds"
    [ -d "tests/fuzz/corpus/$name" ] && cp -r "tests/fuzz/corpus/$name/." "$work/$name/seeds/"
    [ "$work" = "$build/runs" ] || cp -r "$build/runs/$name/." "$work/$name/"
    [ ${#as[@]} -eq 0 ] || chown -R 65534:65534 "$work/$name"
    local options=(-timeout=25 -rss_limit_mb=2500 "-max_total_time=$seconds" "-fork=$jobs"
        -ignore_crashes=1 -ignore_timeouts=1 -ignore_ooms=1)
    case $name in
    dissector) options+=(-max_len=16384) ;;
    *) options+=(-max_len=6000) ;;
    esac
    (cd "$work/$name" && "${as[@]}" env HOME="$work/$name" G_SLICE=always-malloc \
        ASAN_OPTIONS="detect_leaks=$([ "$name" = dissector ] && echo 0 || echo 1):quarantine_size_mb=32" \
        "./fuzz_$name" corpus seeds -artifact_prefix="$PWD/found/" "${options[@]}") || status=$?
    rm -rf "$work/$name/seeds" "$work/$name/fuzz_$name"
    [ "$work" = "$build/runs" ] || cp -r "$work/$name/." "$build/runs/$name/"
    return $status
}

failed=0
for name in "${targets[@]}"; do
    echo "== $name, $seconds seconds"
    run "$name" || failed=1
    find "$build/runs/$name/found" -type f | grep . && failed=1
done
[ "$work" = "$build/runs" ] || rm -rf "$work"
exit $failed
