#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs what is missing, builds the plugin and shows a decrypted session:
#   tools/demo.sh                 a capture of this repository, with the daemon's log as key log
#   tools/demo.sh CAPTURE [ARG]   your capture; further arguments go to tshark (-o isakmp.keylog_file:LOG)
set -euo pipefail
caller=$PWD
cd "$(dirname "$0")/.."
root=$PWD
. tools/packages.sh

capture=$root/testdata/esp/made-plain.pcap
if [ $# -eq 0 ]; then
    set -- -o "isakmp.keylog_file:$root/testdata/esp/made-plain.initiator.log"
else
    capture=$(cd "$caller" && realpath "$1")
    shift
    [ -r "$capture" ] || { echo "cannot read $capture" >&2; exit 1; }
fi

need "${BUILD_PACKAGES[@]}"
# A private build folder if the usual one belongs to another user.
build=$root/build
if [ -e "$build" ] && [ ! -w "$build" ] || [ ! -e "$build" ] && [ ! -w "$root" ]; then
    build=${XDG_CACHE_HOME:-$HOME/.cache}/isakmp-build
fi
cmake -S . -B "$build" -G Ninja -DBUILD_TESTING=OFF --log-level=WARNING >/dev/null
ninja -C "$build" --quiet >"$build/ninja.log" || { cat "$build/ninja.log"; exit 1; }

# Wireshark ignores WIRESHARK_PLUGIN_DIR when it runs as root: then tshark runs as another user.
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
mkdir -p "$home/.config/wireshark" "$home/logs" "$home/captures"
cp -r "$build/plugins" "$home/plugins"
cp "$capture" "$home/captures"
# A copy of the key log, which the other user can read.
arguments=()
cd "$caller"
for argument; do
    log=${argument#isakmp.keylog_file:}
    if [ "$log" != "$argument" ] && [ -f "$log" ]; then
        cp "$log" "$home/logs"
        argument=isakmp.keylog_file:$home/logs/$(basename "$log")
    fi
    arguments+=("$argument")
done
chmod -R a+rX "$home"
run=(env HOME="$home" XDG_CONFIG_HOME="$home/.config" WIRESHARK_PLUGIN_DIR="$home/plugins")
if [ "$(id -u)" -eq 0 ]; then
    chown -R 65534:65534 "$home"
    run=(setpriv --reuid=65534 --regid=65534 --clear-groups "${run[@]}")
fi
show() {
    "${run[@]}" tshark -r "$home/captures/$(basename "$capture")" ${arguments[0]+"${arguments[@]}"} "$@" 2> >(grep -v 'Running as user' >&2)
}

echo "== $(basename "$capture"): every packet, with the payloads of each IKE message"
show
echo
echo "== the first encrypted message, decrypted"
tree=$(show -2 -O isakmp -Y 'isakmp.enc.decrypted' | awk '/^Frame / { frames++ } frames < 2')
echo "${tree:-No IKE message is decrypted. With the log of a VPN daemon: $0 CAPTURE -o isakmp.keylog_file:LOG}"
echo
echo "== the report"
show -q -z isakmp,report
