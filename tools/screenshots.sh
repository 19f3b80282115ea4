#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes the pictures of docs/images: opens captures of testdata/ in Wireshark with the plugin, their keys
# and the profile IKE, on a virtual display. Build first.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
. tools/packages.sh

need wireshark xvfb openbox xdotool imagemagick x11-utils
build=${BUILD:-$root/build}
[ -d "$build/plugins" ] || { echo "no plugin in $build: build first" >&2; exit 1; }

width=1360
height=940
home=$(mktemp -d)
export DISPLAY=:${IKE_DISPLAY:-97}
run=(env HOME="$home" XDG_CONFIG_HOME="$home/.config" XDG_RUNTIME_DIR="$home" QT_QPA_PLATFORM=xcb
    LC_ALL=C.UTF-8 WIRESHARK_PLUGIN_DIR="$home/plugins")
if [ "$(id -u)" -eq 0 ]; then
    run=(setpriv --reuid=65534 --regid=65534 --clear-groups "${run[@]}")
fi
cleanup() {
    kill $(jobs -p) 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$home"
}
trap cleanup EXIT

# ---- a user with the plugin and the profile ------------------------------------------------------

profile=$home/.config/wireshark/profiles/IKE
mkdir -p "$profile" "$root/docs/images"
cp -r "$build/plugins" "$home/plugins"
cp "$build"/profile/IKE/* "$profile"
cat >>"$profile/preferences" <<END
gui.layout_content_3: NONE
gui.ask_unsaved: FALSE
gui.update.enabled: FALSE
END
cat >>"$profile/recent" <<END
gui.toolbar_main_show: FALSE
gui.geometry_main_x: 0
gui.geometry_main_y: 0
gui.geometry_main_width: $width
gui.geometry_main_height: $height
gui.geometry_main_maximized: TRUE
gui.geometry_main_upper_pane: 260
gui.geometry_main_lower_pane: 520
END

# A capture and the log of one of its daemons, where Wireshark may read them.
place() {
    cp "testdata/$1.pcap" "$home/$(basename "$1").pcap"
    cat "testdata/$1.initiator.log" >>"$home/keys.log"
}

readable() {
    chmod -R a+rX "$home"
    [ "$(id -u)" -ne 0 ] || chown -R 65534:65534 "$home"
}

# ---- the display ---------------------------------------------------------------------------------

Xvfb "$DISPLAY" -screen 0 ${width}x${height}x24 -nolisten tcp >/dev/null 2>&1 &
for _ in $(seq 50); do
    xdpyinfo >/dev/null 2>&1 && break
    sleep 0.1
done
openbox >/dev/null 2>&1 &

# Starts Wireshark on a capture and waits until its window has settled.
open_capture() {
    local capture=$1
    shift
    readable
    "${run[@]}" wireshark -C IKE -r "$home/$capture.pcap" -o "isakmp.keylog_file:$home/keys.log" "$@" \
        >"$home/wireshark.out" 2>&1 &
    wireshark=$!
    xdotool search --sync --onlyvisible --name "$capture.pcap" >/dev/null
    sleep "${SETTLE:-5}"
}

close_capture() {
    kill "$wireshark" 2>/dev/null || true
    wait "$wireshark" 2>/dev/null || true
}

# Gives the window with a name a size, at the left.
resize() {
    local window
    window=$(xdotool search --onlyvisible --name "$1" | tail -1)
    xdotool windowmove "$window" 5 200 windowsize --sync "$window" "$2" "$3"
    sleep 1
}

# The whole display, or the window with a name, as docs/images/NAME.png with few colours.
picture() {
    local name=$1 window=root
    [ $# -lt 2 ] || window=$(xdotool search --onlyvisible --name "$2" | tail -1)
    import -window "$window" -strip png:- | convert - -colors 128 -depth 8 "PNG8:docs/images/$name.png"
    echo "docs/images/$name.png $(stat -c %s "docs/images/$name.png")"
}

# ---- the pictures --------------------------------------------------------------------------------

# Opens the subtree of the protocol on a row of the packet details, and turns the wheel `down` times.
show_details() {
    local row=$1 down=$2
    xdotool mousemove 300 $((345 + 17 * (row - 1))) click 1 key shift+Right
    sleep 1
    [ "$down" -eq 0 ] || xdotool click --repeat "$down" --delay 50 5
    sleep 1
}

# Packets and the decrypted tree of the response to IKE_AUTH. No session here has forced NAT.
place esp/made-plain
open_capture made-plain -g 4
show_details 5 9
picture decrypted
close_capture

# A failure: in the packet list, in the tree, and in the list of expert infos.
place failing/libreswan-ts
open_capture libreswan-ts -g 4
show_details 5 80 # to the end, where the finding is
picture failure
xdotool key alt+a Up Return
sleep 2
resize "Expert Information" 1340 420
picture expert "Expert Information"
close_capture

# Statistics > IKE SAs over several captures.
captures=(ikev2/port-500 libreswan/to-libreswan-ikev1 failing/libreswan-psk ikev2/port-500-rekey failing/libreswan-ts
    ikev1/no-answer multiple-ke/six-port-500 failing/libreswan-ikev1-psk)
for capture in "${captures[@]}"; do
    place "$capture"
done
(cd testdata && mergecap -a -w "$home/sas.pcap" "${captures[@]/%/.pcap}")
open_capture sas -z isakmp,sas
resize "IKE SAs" 1340 420
picture sas "IKE SAs"
close_capture

# Statistics > Flow Graph, the 11th from the end, with the flow type "IKE Messages".
place ikev2/port-500-rekey
open_capture port-500-rekey
xdotool key alt+s
sleep 1
xdotool key --delay 50 Up Up Up Up Up Up Up Up Up Up Up Return
sleep 3
resize "Flow" 1340 600
xdotool mousemove 711 745 click 1
sleep 1
xdotool type ik
sleep 1
xdotool key Return
sleep 1
xdotool mousemove 300 520
sleep 1
picture flow "Flow"
close_capture

# File > Export Objects > ISAKMP: the third from the end, and the fifth in it.
place ikev2/cert-rsa
open_capture cert-rsa
xdotool key alt+f Up Up Up Right
sleep 1
xdotool key Down Down Down Down Return
sleep 3
resize "ISAKMP object list" 900 260
picture export "ISAKMP object list"
close_capture
