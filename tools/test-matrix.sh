#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds and tests the plugin on the Wireshark of other Debian releases, each in a folder that
# debootstrap makes and a later run uses again:
#   tools/test-matrix.sh [SUITE...]      default: bookworm (4.0) trixie (4.4) sid
# IKE_MATRIX_DIR: where the folders are (default: isakmp-matrix in the cache folder of the user)
# IKE_MATRIX_MIRROR: whence the packages come (default: where debootstrap takes them from)
# What cannot be had is reported as skipped with the reason, never as passed.
# Exit status: 0 all passed, 1 something failed, 77 nothing failed and something was skipped.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
root=$PWD
. tools/packages.sh

base=${IKE_MATRIX_DIR:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/isakmp-matrix}
mirror=${IKE_MATRIX_MIRROR:-}
patience=900 # seconds for packages: longer than this is a network that does not work
suites=("$@")
[ ${#suites[@]} -gt 0 ] || suites=(bookworm trixie sid)

# skip REASON: sets what the table says of this suite.
skip() {
    result="skipped: $1"
    return 1
}

# The last line of a log that says what went wrong.
why() {
    grep -E '^(E:|W: Failure|.*[Cc]annot|.*denied|.*not permitted)' "$1" | tail -n 1 | grep . || tail -n 1 "$1"
}

# in_root FOLDER COMMAND...: with /proc where we may mount, in a mount namespace that goes with the command.
in_root() {
    local folder=$1
    shift
    local clean=(env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
        DEBIAN_FRONTEND=noninteractive)
    # shellcheck disable=SC2016 # the inner shell's arguments
    if unshare --mount sh -c 'mount -t proc proc "$0/proc"' "$folder" 2>/dev/null; then
        # shellcheck disable=SC2016
        unshare --mount sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"' \
            "$folder" "${clean[@]}" "$@"
    else
        chroot "$folder" "${clean[@]}" "$@"
    fi
}

# Makes the folder of a suite unless a run before did.
make_folder() {
    local suite=$1 folder=$2 log=$3
    [ -e "$folder/etc/debian_version" ] && return
    command -v debootstrap >/dev/null || (need debootstrap) >"$log" 2>&1 || {
        skip "debootstrap cannot be installed"
        return
    }
    rm -rf "$folder.part"
    if ! timeout "$patience" debootstrap --variant=minbase --include=ca-certificates \
        "$suite" "$folder.part" ${mirror:+"$mirror"} >"$log" 2>&1; then
        skip "debootstrap: $(why "$log")"
        return
    fi
    # Nothing here needs to survive a crash; and a clock that is off is no reason to be without packages.
    echo force-unsafe-io >"$folder.part/etc/dpkg/dpkg.cfg.d/unsafe-io"
    echo 'Acquire::Check-Valid-Until "false";' >"$folder.part/etc/apt/apt.conf.d/90valid-until"
    mv "$folder.part" "$folder"
}

install_packages() {
    local folder=$1 log=$2
    # shellcheck disable=SC2016 # the inner shell's arguments
    if ! timeout "$patience" "$root/tools/test-matrix.sh" --in-root "$folder" sh -c \
        'apt-get -q update && apt-get -q install -y --no-install-recommends "$@"' \
        - "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}" "${PACKAGING_PACKAGES[@]}" >"$log" 2>&1; then
        skip "packages: $(why "$log")"
    fi
}

# The tree as it is, with what was not committed yet, without what was built.
copy_tree() {
    local folder=$1
    rm -rf "$folder/src"
    mkdir "$folder/src"
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files -z --cached --others --exclude-standard |
            while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
            tar -c --null -T - | tar -x --no-same-owner -C "$folder/src"
    else
        tar -c --exclude='./build*' --exclude=./.git . | tar -x --no-same-owner -C "$folder/src"
    fi
}

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
