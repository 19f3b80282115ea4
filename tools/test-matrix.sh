#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds and tests the plugin on the Wireshark of other Debian releases, each in a folder that
# debootstrap makes and a later run uses again:
#   tools/test-matrix.sh [SUITE...]      default: bookworm (4.0) trixie (4.4) sid
# IKE_MATRIX_DIR: where the folders are (default: isakmp-matrix in the cache folder of the user)
# IKE_MATRIX_MIRROR: the mirror of the packages (default: debootstrap's)
# A suite that cannot be installed is reported as skipped, with the reason, never as passed.
# Exit status: 0 all passed, 1 something failed, 77 nothing failed and something was skipped.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
root=$PWD
. tools/packages.sh
. tools/chroots.sh
suites=("$@")
[ ${#suites[@]} -gt 0 ] || suites=("${SUITES[@]}")

# A step that must not fail: what fails here is our fault.
step() {
    local name=$1 log=$2
    shift 2
    if ! "$@" >"$log" 2>&1; then
        result="FAILED: $name, see $log"
        return 1
    fi
}

# test_suite SUITE: sets version and result.
test_suite() {
    local suite=$1 folder=$base/$1 logs=$base/$1.logs
    version=-
    mkdir -p "$logs" || { skip "cannot write $base" || return; }
    make_folder "$suite" "$folder" "$logs/debootstrap" || return
    # The folder must be one in which programs run: not so where the cache is mounted noexec.
    in_root "$folder" true 2>"$logs/chroot" || { skip "chroot: $(why "$logs/chroot")" || return; }
    install_packages "$folder" "$logs/packages" || return
    # shellcheck disable=SC2016 # dpkg-query's variable
    version=$(in_root "$folder" dpkg-query -W -f '${Version}' tshark)
    # A run that was stopped while it tried the package leaves it installed: the tests bring their own plugin.
    in_root "$folder" dpkg --purge wireshark-isakmp >"$logs/purge" 2>&1 || true
    copy_tree "$folder"
    chmod 1777 "$folder/tmp"
    step configure "$logs/configure" in_root "$folder" cmake -S /src -B /build -G Ninja || return
    step build "$logs/build" in_root "$folder" ninja -C /build -j "$(nproc)" || return
    step tests "$logs/tests" in_root "$folder" ctest --test-dir /build --output-on-failure --timeout 1800 \
        -j "$(nproc)" || return
    step package "$logs/package" in_root "$folder" /src/tools/test-package.sh /build || return
    local skipped
    skipped=$(grep -oE '[0-9]+ skipped' "$folder/build/Testing/Temporary/LastTest.log" |
        awk '{ sum += $1 } END { print sum + 0 }')
    result="passed, $(grep -oE 'out of [0-9]+' "$logs/tests" | tail -n 1 | grep -oE '[0-9]+') tests"
    [ "$skipped" -eq 0 ] || result+=", $skipped cases skipped (reasons in $folder/build/Testing/Temporary/LastTest.log)"
}

# `timeout` wants a program: this one again.
if [ "${1-}" = --in-root ]; then
    shift
    in_root "$@"
    exit
fi
if [ "$(id -u)" -ne 0 ] && command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    exec sudo IKE_MATRIX_DIR="$base" IKE_MATRIX_MIRROR="$mirror" "$root/tools/test-matrix.sh" "${suites[@]}"
fi

status=0
table=()
for suite in "${suites[@]}"; do
    version=-
    result=
    started=$SECONDS
    if [ "$(id -u)" -ne 0 ]; then
        skip "debootstrap and chroot are for root"
    else
        test_suite "$suite"
    fi
    case $result in
    FAILED*)
        status=1
        tail -n 60 "${result##*see }"
        ;;
    skipped*) [ "$status" -ne 0 ] || status=77 ;;
    esac
    table+=("$(printf '%-10s %-22s %5ds  %s' "$suite" "$version" $((SECONDS - started)) "$result")")
done
echo
printf '%-10s %-22s %6s  %s\n' Suite Wireshark Time Result
printf '%s\n' "${table[@]}"
exit "$status"
