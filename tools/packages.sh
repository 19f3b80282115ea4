# SPDX-License-Identifier: GPL-2.0-or-later
# Installs Debian packages that are missing. Sourced.

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# need PACKAGE...: installs those that are not installed.
need() {
    local package missing=()
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
            missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    echo "Installing ${missing[*]}"
    as_root apt-get -qq update
    # Wireshark's package asks whether all users may capture: not needed here.
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
        "${missing[@]}" >/dev/null
}

BUILD_PACKAGES=(build-essential cmake ninja-build pkg-config wireshark-dev libssl-dev libglib2.0-dev tshark)
# NSS is for the key logger, which is left out where its headers are missing.
TEST_PACKAGES=(libnss3-dev libcmocka-dev python3 python3-pytest python3-cryptography iproute2 parallel valgrind)
PACKAGING_PACKAGES=(dpkg-dev file)
