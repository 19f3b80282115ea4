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
slow=${SLOW:-1} # a factor for all waits
home=$(mktemp -d)
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

# On a display number that is free.
Xvfb -displayfd 3 -screen 0 ${width}x${height}x24 -nolisten tcp 3>"$home/display" >/dev/null 2>&1 &
for _ in $(seq 100); do
    [ -s "$home/display" ] && break
    sleep 0.1
done
DISPLAY=:$(cat "$home/display")
export DISPLAY
openbox >/dev/null 2>&1 &

wait_for() {
    sleep "$(awk -v seconds="$1" -v slow="$slow" 'BEGIN { print seconds * slow }')"
}

# Runs a command again until it succeeds: between a search and its use, or within a search, a window may
# go, and X then ends the program.
until_done() {
    for _ in $(seq 60); do
        "$@" 2>"$home/error" && return
        sleep 0.5
    done
    echo "gave up: $*: $(cat "$home/error")" >&2
    return 1
}

# Prints the newest visible window with a name.
window_of() {
    local found
    found=$(xdotool search --onlyvisible --name "$1" | tail -n 1) && [ -n "$found" ] && echo "$found"
}

# Starts Wireshark on a capture and waits until its window has settled.
open_capture() {
    local capture=$1
    shift
    readable
    "${run[@]}" wireshark -C IKE -r "$home/$capture.pcap" -o "isakmp.keylog_file:$home/keys.log" "$@" \
        >"$home/wireshark.out" 2>&1 &
    wireshark=$!
    until_done window_of "$capture.pcap" >/dev/null
    wait_for 5
}

close_capture() {
    kill "$wireshark" 2>/dev/null || true
    wait "$wireshark" 2>/dev/null || true
    until_done no_window
}

no_window() {
    [ -z "$(xdotool search --onlyvisible --name 'pcap|Wireshark')" ]
}

place_window() {
    local window
    window=$(window_of "$1") && xdotool windowmove "$window" 5 200 windowsize --sync "$window" "$2" "$3"
}

# Gives the window with a name a size, at the left.
resize() {
    until_done place_window "$@"
    wait_for 1
}

photograph() {
    local window=root
    [ $# -lt 2 ] || window=$(window_of "$2") || return
    import -window "$window" -strip "$home/$1.png" && convert "$home/$1.png" -colors 128 -depth 8 "PNG8:docs/images/$1.png"
}

# The whole display, or the window with a name, as docs/images/NAME.png with few colours.
picture() {
    until_done photograph "$@"
    echo "docs/images/$1.png $(stat -c %s "docs/images/$1.png")"
}

# ---- the pictures --------------------------------------------------------------------------------

# Opens the subtree of the protocol on a row of the packet details, and turns the wheel `down` times.
show_details() {
    local row=$1 down=$2
    xdotool mousemove 300 $((345 + 17 * (row - 1))) click 1 key shift+Right
    wait_for 1
    [ "$down" -eq 0 ] || xdotool click --repeat "$down" --delay 50 5
    wait_for 1
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
wait_for 2
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
wait_for 1
xdotool key --delay 50 Up Up Up Up Up Up Up Up Up Up Up Return
wait_for 3
resize "Flow" 1340 600
xdotool mousemove 711 745 click 1
wait_for 1
xdotool type ik
wait_for 1
xdotool key Return
wait_for 1
xdotool mousemove 300 520
wait_for 1
picture flow "Flow"
close_capture

# File > Export Objects > ISAKMP: the third from the end, and the fifth in it.
place ikev2/cert-rsa
open_capture cert-rsa
xdotool key alt+f Up Up Up Right
wait_for 1
xdotool key Down Down Down Down Return
wait_for 3
resize "ISAKMP object list" 900 260
picture export "ISAKMP object list"
close_capture
