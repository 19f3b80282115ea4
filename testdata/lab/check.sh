#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Opens each capture with its key table in Wireshark's own dissector: how many encrypted IKE messages
# there are and how many open. usage: check.sh CAPTURE...
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export HOME=$home XDG_CONFIG_HOME=$home/.config
mkdir -p "$home/.config/wireshark"
for capture in "$@"; do
    base=${capture%.pcap*}
    for version in 1 2; do
        table="$home/.config/wireshark/ikev${version}_decryption_table"
        cp "$base.ikev${version}_decryption_table" "$table" 2>/dev/null || : > "$table"
    done
    tshark -r "$capture" -T fields -e isakmp.flag_e -e isakmp.typepayload -e isakmp.enc.decrypted \
        -e isakmp.enc.data 2>/dev/null | awk -F'\t' -v name="$base" '
        $1 == 1 || $2 ~ /(^|,)(46|53)(,|$)/ { encrypted++ }
        $3 != "" || ($1 == 1 && $2 != "") { open++ }
        END { printf "%-50s packets %3d  encrypted %3d  open %3d\n", name, NR, encrypted, open }'
done
