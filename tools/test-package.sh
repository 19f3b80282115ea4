#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packs a build and tests the package on this system: installs it, checks that Wireshark finds what is in
# it, removes it, and checks that nothing is left. As root, on a system made for such tests.
#   tools/test-package.sh BUILD
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
build=$(realpath "$1")

fail() {
    echo "FAILED: $*" >&2
    exit 1
}
snapshot() {
    find /etc /usr /opt -xdev ! -name '*.pyc' ! -name __pycache__ -printf '%p %l\n' | LC_ALL=C sort
}

packages=$(mktemp -d)
trap 'rm -rf "$packages"; dpkg --purge wireshark-isakmp >/dev/null 2>&1' EXIT
(cd "$build" && cpack -G DEB -B "$packages" >"$packages/log") || fail "cpack: $(tail -n 3 "$packages/log")"
(cd "$build" && cpack --config CPackSourceConfig.cmake -B "$packages" >>"$packages/log") || fail "cpack of the sources"
package=$(echo "$packages"/*.deb)
basename "$package"
dpkg-deb -f "$package" Depends | tee "$packages/depends"
grep -qE 'libwireshark[0-9]+' "$packages/depends" || fail "does not depend on Wireshark's library"
grep -qE 'wireshark-common \(<< ' "$packages/depends" || fail "does not depend on one version of Wireshark"

# The sources: all that git knows, and they build.
mkdir "$packages/sources"
tar -xf "$packages"/*.tar.gz -C "$packages/sources" --strip-components=1
cmake -S "$packages/sources" -B "$packages/sources/build" -G Ninja >"$packages/log" ||
    fail "the source tarball does not configure"
ninja -C "$packages/sources/build" isakmp >"$packages/log" || fail "the source tarball does not build: $(grep -m 3 -E "error|FAILED" "$packages/log")"
if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    git ls-files -z | while IFS= read -r -d '' file; do
        [ -e "$packages/sources/$file" ] || [ ! -e "$file" ] || { echo "$file"; break; }
    done >"$packages/absent"
    [ ! -s "$packages/absent" ] || fail "not in the source tarball: $(cat "$packages/absent")"
fi

snapshot >"$packages/before"
# A user who has the plugin already is told of it.
personal=$(getent passwd root | cut -d: -f6)/.local/lib/wireshark/plugins/$(basename "$(echo "$build"/plugins/*)")/epan
mkdir -p "$personal" && cp "$build"/plugins/*/epan/isakmp.so "$personal"
dpkg -i "$package" >/dev/null 2>"$packages/log"
grep -q "remove $personal/isakmp.so" "$packages/log" || fail "not told of the plugin in $personal"
rm "$personal/isakmp.so" && rmdir -p --ignore-fail-on-non-empty "$personal"
tshark -G plugins 2>/dev/null | grep -q '^isakmp\.so' || fail "Wireshark does not find the plugin"
tshark -r "$root/testdata/esp/aes-gcm.pcap" -q -z isakmp,summary 2>/dev/null | grep -q . || fail "no report"
dpkg -L wireshark-isakmp | grep -q '/profiles/IKE/colorfilters$' || fail "no profile"
dpkg -L wireshark-isakmp | grep -q '/keylog\.md' || fail "no documentation"
# Links in the documents, and the captures that they come with.
docs=$(dpkg -L wireshark-isakmp | grep '/wireshark-isakmp/README\.md$' | head -n 1 | xargs dirname)
find "$docs" -name '*.md' | while IFS= read -r page; do
    { grep -oE '\]\([^)#]+' "$page" | grep -v :// || true; } | cut -c3- | while IFS= read -r link; do
        [ -e "$(dirname "$page")/$link" ] || echo "$page: $link"
    done
done >"$packages/dead"
[ ! -s "$packages/dead" ] || fail "dead links: $(cat "$packages/dead")"
tshark -r "$docs/samples/made-plain.pcap" -o "isakmp.keylog_file:$docs/samples/made-plain.log" -Y icmp 2>/dev/null |
    grep -q 'Echo (ping)' || fail "the sample capture is not decrypted"
# A log becomes a capture; the key logger is there if NSS was, and can be preloaded.
ike-log2pcap "$docs/samples/made-plain.log" "$packages/log.pcapng" >"$packages/log" 2>&1 ||
    fail "ike-log2pcap: $(tail -n 2 "$packages/log")"
tshark -r "$packages/log.pcapng" -Y isakmp 2>/dev/null | grep -q IKE_SA_INIT || fail "no IKE in the capture of a log"
if [ -e "$build/tools/keylogger/ike_keylog_nss.so" ]; then
    logger=$(dpkg -L wireshark-isakmp | grep '/isakmp/ike_keylog_nss\.so$') || fail "no key logger"
    LD_PRELOAD=$logger /bin/true 2>"$packages/log" && [ ! -s "$packages/log" ] ||
        fail "the key logger does not load: $(cat "$packages/log")"
fi
tshark -C IKE -r "$root/testdata/esp/aes-gcm.pcap" -c 1 >/dev/null 2>"$packages/log" ||
    fail "the profile does not load: $(tail -n 2 "$packages/log")"
dpkg -r wireshark-isakmp >/dev/null
snapshot >"$packages/after"
diff "$packages/before" "$packages/after" || fail "removing it leaves something"
echo "installed, found, removed, nothing left"
