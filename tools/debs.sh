#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes the Debian packages of several releases, each in a folder that debootstrap makes and a later run
# uses again. As root, or with sudo.
#   tools/debs.sh [SUITE...]      default: bookworm (Wireshark 4.0) trixie (4.4) sid; packages go to dist/
# IKE_MATRIX_DIR, IKE_MATRIX_MIRROR: as for test-matrix.sh
# Exit status: 0 all were made, 1 some were not.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
root=$PWD
. tools/packages.sh
. tools/chroots.sh
suites=("$@")
[ ${#suites[@]} -gt 0 ] || suites=("${SUITES[@]}")
if [ "$(id -u)" -ne 0 ]; then
    exec sudo IKE_MATRIX_DIR="$base" IKE_MATRIX_MIRROR="$mirror" "$root/tools/debs.sh" "${suites[@]}"
fi

# make_package SUITE: sets `result`.
make_package() {
    local suite=$1 folder=$base/$1 logs=$base/$1.logs
    mkdir -p "$logs" dist
    make_folder "$suite" "$folder" "$logs/debootstrap" || return
    install_packages "$folder" "$logs/packages" || return
    copy_tree "$folder"
    rm -rf "$folder/packages"
    if ! in_root "$folder" sh -ec 'cmake -S /src -B /build-package -G Ninja -DBUILD_TESTING=OFF
        ninja -C /build-package
        cd /build-package && cpack -G DEB -B /packages' >"$logs/deb" 2>&1; then
        skip "see $logs/deb"
        return
    fi
    cp "$folder"/packages/*.deb dist/ && result=$(cd "$folder/packages" && echo *.deb)
}

status=0
for suite in "${suites[@]}"; do
    result=
    make_package "$suite" || status=1
    echo "$suite: $result"
done
exit "$status"
