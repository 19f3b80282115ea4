#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Which lines of each layer the fuzz targets reach, and which the unit tests and a run over all captures reach in addition:
#   tools/coverage.sh [CORPUS]      CORPUS/TARGET has inputs beside those of tests/fuzz/corpus, as build-fuzz/runs does
# Functions that are never reached are listed in build-coverage/unreached.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/packages.sh

need "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}" clang llvm
build=${IKE_COVERAGE_BUILD_DIR:-$PWD/build-coverage} more=${1:-}
cmake -S . -B "$build" -G Ninja --log-level=WARNING -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_C_FLAGS="-fprofile-instr-generate -fcoverage-mapping" >/dev/null
ninja -C "$build" --quiet
rm -rf "$build/profiles"
mkdir -p "$build/profiles"
chmod 777 "$build/profiles"
objects=() layers="registry/ proto/ decrypt/ analysis/ dissector/ plugin/ tools/log2pcap/"

# Wireshark does not let root choose where it reads its lists.
work=$(mktemp -d) as=()
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
[ "$(id -u)" -ne 0 ] || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
for name in keylog decrypt analysis log2pcap dissector; do
    cp -r "tests/fuzz/corpus/$name" "$work/$name"
    [ ! -d "$more/$name" ] || cp -r "$more/$name/." "$work/$name/"
    cp "$build/tests/fuzz/fuzz_$name" "$work/"
    chmod -R a+rX "$work"
    LLVM_PROFILE_FILE=$build/profiles/fuzz-$name.profraw timeout 1200 "${as[@]}" env HOME=/nonexistent "$work/fuzz_$name" "$work/$name" >/dev/null 2>&1 ||
        echo "fuzz_$name: $?" >&2
    objects+=(-object "$build/tests/fuzz/fuzz_$name")
done
for test in "$build"/tests/test_*; do
    LLVM_PROFILE_FILE=$build/profiles/unit-$(basename "$test").profraw timeout 300 "$test" >/dev/null 2>&1 || echo "failed: $test" >&2
    objects+=(-object "$test")
done
/usr/bin/python3 tools/coverage.py "$build" || true
objects+=(-object "$build/tests/ike_lifecycle")

# The lines of each layer: folder, reached, all, percent.
report() {
    echo "== $1"
    shift
    llvm-profdata merge -sparse -o "$build/merged" "$@"
    llvm-cov report "${objects[@]:1}" -instr-profile "$build/merged" -ignore-filename-regex='^/usr/|/tests/|/build' |
        awk -v layers="$layers" -v root="$PWD/" '
            $1 ~ /\.[ch]$/ { file = $1; sub(root, "", file); n = split(layers, each, " ")
                for (i = 1; i <= n; i++) if (file ~ "(^|/)" each[i]) { all[each[i]] += $8; left[each[i]] += $9 } }
            END { n = split(layers, each, " "); for (i = 1; i <= n; i++) if (all[each[i]])
                printf "%-16s %6d of %6d lines  %3d %%\n", each[i], all[each[i]] - left[each[i]], all[each[i]],
                       100 * (all[each[i]] - left[each[i]]) / all[each[i]] }'
}
report "fuzz targets" "$build"/profiles/fuzz-*.profraw
report "with unit tests and all captures" "$build"/profiles/*.profraw
llvm-cov report -show-functions "${objects[@]:1}" -instr-profile "$build/merged" $(git ls-files registry proto decrypt analysis dissector plugin tools/log2pcap | grep '\.c$') 2>/dev/null |
    awk '/^File/ { file = $2 } $4 == "0.00%" { print file, $1 }' >"$build/unreached.txt"
echo "$(wc -l <"$build/unreached.txt") functions are not reached: $build/unreached.txt"
