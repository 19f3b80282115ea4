#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The reports of a folder of captures, one line of JSON each, and a table of all IKE SAs in them. What was
# interrupted goes on where it was when it is started again. See docs/fleet.md.
#   tools/fleet.sh [-S HOSTS] [-t] [-j JOBS] CAPTURES OUTPUT [TSHARK-ARGUMENT...]
#     CAPTURES  folder, searched through: *.pcap, *.pcapng, *.cap, also compressed with gzip
#     OUTPUT    folder for reports.jsonl, sas.tsv, joblog
#     -S HOSTS  hosts as GNU parallel's --sshlogin takes them (":" is this one)
#     -t        the hosts do not see the captures: copy each there and remove it afterwards
#     -j JOBS   at a time on each host
# TSHARK: the program to run, tshark
# Exit status: 0 all reported, 1 some capture could not be read whole.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
jobs=100%
hosts=()
copy=()
usage() {
    sed -n '5,12s/^# \{0,1\}//p' "$0" >&2
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
captures=$(cd "$1" && pwd) && mkdir -p "$2" && output=$(cd "$2" && pwd) || exit 2
shift 2
command -v parallel >/dev/null || { echo "GNU parallel is missing" >&2; exit 2; }

# One capture: prints its line. Runs on the host that parallel chose, so it needs tshark and no more.
report_one() {
    local capture=$1 errors report status message
    shift
    quoted() {
        printf '"%s"' "$(printf %s "$1" | tr -d '\000-\037' | sed 's/\\/\\\\/g; s/"/\\"/g')"
    }
    errors=$(mktemp)
    # No string goes over a line's end, so the blanks at the beginning of lines are layout.
    report=$("$TSHARK" -q -r "$capture" "$@" -z isakmp,report,json 2>"$errors" | sed 's/^ *//' | tr -d '\n'
        exit "${PIPESTATUS[0]}")
    status=$?
    message=$(grep -v 'Running as user' "$errors" | head -n 1)
    rm -f "$errors"
    printf '{"capture": %s, "status": %d, "message": %s, "report": %s}\n' \
        "$(quoted "$capture")" "$status" "$(quoted "$message")" "${report:-null}"
    return "$status"
}
export -f report_one
export TSHARK=${TSHARK:-tshark}
# An exported function is for bash, whatever the user's own shell is.
export PARALLEL_SHELL=$BASH

# --resume counts: the list keeps its order, new captures are added at its end.
list=$output/captures
touch "$list"
find "$captures" -type f \( -name '*.pcap' -o -name '*.pcapng' -o -name '*.cap' -o -name '*.pcap.gz' \
    -o -name '*.pcapng.gz' \) ! -name $'*\n*' | LC_ALL=C sort | grep -vxFf "$list" >"$list.new"
cat "$list.new" >>"$list"
rm -f "$list.new"

run() {
    parallel --will-cite --jobs "$jobs" ${hosts[0]+"${hosts[@]}"} ${copy[0]+"${copy[@]}"} \
        --env report_one --env TSHARK "$@"
}
lines=$output/reports.jsonl
# A line that was cut by an interruption must not swallow the next one.
[ ! -s "$lines" ] || [ -z "$(tail -c 1 "$lines")" ] || echo >>"$lines"
run --joblog "$output/joblog" --resume report_one '{}' "${@@Q}" <"$list" >>"$lines" || true

# A job can be in the log whose line had not been written when everything was interrupted: again.
"$here/fleet-table.py" --missing "$list" "$lines" >"$output/missing" || exit 2
[ ! -s "$output/missing" ] || run report_one '{}' "${@@Q}" <"$output/missing" >>"$lines" || true
rm -f "$output/missing"
exec "$here/fleet-table.py" --table "$output/sas.tsv" "$list" "$lines"
