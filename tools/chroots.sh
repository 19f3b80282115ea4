# SPDX-License-Identifier: GPL-2.0-or-later
# Folders with other Debian releases, made by debootstrap and used again by later runs. Sourced by
# test-matrix.sh and debs.sh, with `root` set to the folder of the sources.
base=${IKE_MATRIX_DIR:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/isakmp-matrix}
mirror=${IKE_MATRIX_MIRROR:-}
SUITES=(bookworm trixie sid) # Wireshark 4.0, 4.4 and whatever is newest
patience=900 # seconds for packages: longer than this is a network that does not work

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
            tar -c --null -T - | tar -x -m --no-same-owner -C "$folder/src"
    else
        tar -c --exclude='./build*' --exclude=./.git . | tar -x -m --no-same-owner -C "$folder/src"
    fi
}
