#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Reports a folder of captures: one line of JSON for each, their totals, and a table of all IKE SAs. If it
# is started again, it continues where it was interrupted. See docs/fleet.md.
#   tools/fleet.sh [-S HOSTS] [-t] [-j JOBS] CAPTURES OUTPUT [TSHARK-ARGUMENT...]
#     CAPTURES  folder, searched through: *.pcap, *.pcapng, *.cap, *.pcap.gz, *.pcapng.gz
#     OUTPUT    folder for reports.jsonl, summary.json, sas.tsv, joblog
#     -S HOSTS  hosts as GNU parallel's --sshlogin takes them (":" is this one)
#     -t        the hosts do not see the captures: copy each there and remove it afterwards
#     -j JOBS   at a time on each host
# TSHARK: the program to run (default: tshark)
# Exit status: 0 all captures were read completely, 1 some were not, 2 wrong arguments.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
jobs=100%
hosts=()
copy=()
usage() {
    sed -n '5,13s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
while getopts S:tj: option; do
    case $option in
    S) hosts=(--sshlogin "$OPTARG") ;;
    t) copy=(--transferfile '{}' --cleanup) ;;
    j) jobs=$OPTARG ;;
    *) usage ;;
    esac
done
shift $((OPTIND - 1))
[ $# -ge 2 ] || usage
captures=$(cd "$1" && pwd && echo .) && mkdir -p "$2" && output=$(cd "$2" && pwd) || exit 2
captures=${captures%$'\n.'} # a name may end with a line feed
shift 2
command -v parallel >/dev/null || { echo "GNU parallel is missing" >&2; exit 2; }

# One capture: prints its line, with name and message as hexadecimal digits. Runs on the host that
# parallel chose, where nothing but tshark and a shell is needed.
report_one() {
    local capture=$1 errors report status message
    shift
    hex() {
        od -An -v -tx1 | tr -d ' \n'
    }
    errors=$(mktemp)
    # No string goes over the end of a line, so blanks at the beginning of lines are layout.
    report=$("$TSHARK" -q -r "$capture" "$@" -z isakmp,report,json -z isakmp,summary,json 2>"$errors" |
        sed 's/^ *//' | tr -d '\n'
        exit "${PIPESTATUS[0]}")
    status=$?
    message=$(grep -av 'Running as user' "$errors" | head -n 1)
    rm -f "$errors"
    printf '%s %d =%s %s\n' "$(printf %s "$capture" | hex)" "$status" "$(printf %s "$message" | hex)" "$report"
    return "$status"
}
export -f report_one
export TSHARK=${TSHARK:-tshark}
# An exported function is for bash, whatever the user's own shell is.
export PARALLEL_SHELL=$BASH

# Names end with NUL: they may hold any other byte.
list=$output/captures
find "$captures" -type f \( -name '*.pcap' -o -name '*.pcapng' -o -name '*.cap' -o -name '*.pcap.gz' \
    -o -name '*.pcapng.gz' \) -print0 | LC_ALL=C sort -z >"$list"

lines=$output/reports.jsonl
touch "$lines"
# A line that was cut by an interruption must not swallow the next one.
[ ! -s "$lines" ] || [ -z "$(tail -c 1 "$lines")" ] || echo >>"$lines"
"$here/fleet-table.py" --missing "$list" "$lines" >"$output/missing" || exit 2
if [ -s "$output/missing" ]; then
    parallel --will-cite --null --jobs "$jobs" ${hosts[0]+"${hosts[@]}"} ${copy[0]+"${copy[@]}"} \
        --env report_one --env TSHARK --joblog "$output/joblog" report_one '{}' "${@@Q}" <"$output/missing" |
        "$here/fleet-table.py" --lines >>"$lines"
fi
rm -f "$output/missing"
exec "$here/fleet-table.py" --table "$output/sas.tsv" --summary "$output/summary.json" "$list" "$lines"
