#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Works on the lines that tools/fleet.sh wrote.

    tools/fleet-table.py --table SAS.tsv --summary SUMMARY.json CAPTURES REPORTS.jsonl
    tools/fleet-table.py --missing CAPTURES REPORTS.jsonl      lists the captures that have no line
    tools/fleet-table.py --lines                               what a job prints -> lines of JSON

CAPTURES has the names of the captures, each ended by NUL. Bytes that are no UTF-8 stand in JSON as lone
surrogates (os.fsdecode). Exit status of --table: 0 every capture has a line and was read completely, else 1.
"""
import argparse
import json
import os
import statistics
import sys
from collections import Counter

SLOWEST = 10


def side(name, member):
    return lambda sa: sa[name][member]


def negotiated(member):
    return lambda sa: sa["proposal"][member] if sa["proposal"] else None


def count_children(sa):
    return len(sa["child_sas"])


# Column -> what it shows of an IKE SA (docs/report.md).
COLUMNS = {
    "stream": lambda sa: sa["stream"],
    "version": lambda sa: sa["version"],
    "spi_initiator": lambda sa: sa["spi_initiator"],
    "spi_responder": lambda sa: sa["spi_responder"],
    "initiator": side("initiator", "address"),
    "initiator_id": side("initiator", "id"),
    "responder": side("responder", "address"),
    "responder_id": side("responder", "id"),
    "outcome": lambda sa: sa["outcome"],
    "setup_ms": lambda sa: sa["setup_ms"],
    "cause": lambda sa: sa["cause"] and sa["cause"]["code"],
    "encryption": negotiated("encryption"),
    "integrity": negotiated("integrity"),
    "prf": negotiated("prf"),
    "key_exchange": negotiated("key_exchange"),
    "messages": lambda sa: sa["messages"],
    "encrypted": lambda sa: sa["encrypted_messages"],
    "decrypted": lambda sa: sa["decrypted_messages"],
    "child_sas": count_children,
    "findings": lambda sa: sorted({finding["code"] for finding in sa["findings"]}),
}


def cell(value):
    """A value as text of one cell."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(map(cell, value))
    return str(value).translate({ord(c): " " for c in "\t\r\n"})


def reports(path):
    """capture -> its last complete line; a line that an interruption cut is none."""
    found = {}
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                entry = json.loads(line)
                found[entry["capture"]] = entry
            except (ValueError, KeyError, TypeError):
                continue
    return found


def write_table(path, captures, found):
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as table:
        print("capture", *COLUMNS, sep="\t", file=table)
        for capture in captures:
            for sa in ((found.get(capture) or {}).get("report") or {}).get("ike_sas", []):
                print(cell(capture), *(cell(show(sa)) for show in COLUMNS.values()), sep="\t", file=table)


# ---- totals ----------------------------------------------------------------------------------------------------

def add_counts(total, counts):
    """Lists of {name, count} into a Counter."""
    for row in counts:
        total[row["name"]] += row["count"]


def merge(entries):
    """The totals of all captures, in the form of -z isakmp,summary,json, with the number of captures."""
    numbers, outcomes, lists = Counter(), Counter(), {name: Counter() for name in ("causes", "algorithms", "versions")}
    slowest, setups, findings = [], [], []
    for entry in entries:
        setups += [sa["setup_ms"] for sa in (entry["report"] or {}).get("ike_sas", []) if sa["setup_ms"] is not None]
        for summary in (entry.get("summary") or {}).get("summaries", []):
            numbers.update({name: value for name, value in summary.items() if isinstance(value, int)})
            outcomes.update(summary["outcomes"])
            for name, total in lists.items():
                add_counts(total, summary[name])
            slowest += [{"capture": entry["capture"], **slow} for slow in summary["slowest"]]
            findings += [{"capture": entry["capture"], **finding} for finding in summary["findings"]]
    return {"captures": len(entries), **numbers, "outcomes": dict(outcomes),
            **{name: [{"name": key, "count": count} for key, count in total.most_common()] for name, total in lists.items()},
            "median_setup_ms": round(statistics.median(setups), 3) if setups else None,
            "slowest": sorted(slowest, key=lambda slow: -slow["ms"])[:SLOWEST], "findings": findings}


# ---- lines -----------------------------------------------------------------------------------------------------

def documents(text):
    """The JSON documents that a job printed one after the other."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        document, at = decoder.raw_decode(text, at)
        yield document


def make_line(job):
    """"NAME STATUS =MESSAGE REPORT", the first and third as hexadecimal digits, as a line of JSON."""
    name, status, message, report = job.rstrip("\n").split(" ", 3)
    entry = {"capture": os.fsdecode(bytes.fromhex(name)), "status": int(status),
             "message": bytes.fromhex(message[1:]).decode(errors="replace"), "report": None, "summary": None}
    try:
        for document in documents(report):
            entry["report" if "ike_sas" in document else "summary"] = document
    except ValueError:
        entry["status"] = entry["status"] or 1
    return json.dumps(entry)


def make_lines():
    for job in sys.stdin:
        print(make_line(job), flush=True)


def main():
    parser = argparse.ArgumentParser(description="One row for each IKE SA of many reports, and their totals.")
    parser.add_argument("captures", nargs="?", help="file with the names of captures, each ended by NUL")
    parser.add_argument("reports", nargs="?", help="file with a report a line")
    parser.add_argument("--missing", action="store_true", help="list the captures without a line")
    parser.add_argument("--lines", action="store_true", help="turn the output of jobs into lines of JSON")
    parser.add_argument("--table", help="file to write")
    parser.add_argument("--summary", help="file to write")
    arguments = parser.parse_args()
    if arguments.lines:
        make_lines()
        return 0
    with open(arguments.captures, "rb") as file:
        captures = [os.fsdecode(name) for name in file.read().split(b"\0") if name]
    found = reports(arguments.reports)
    missing = [capture for capture in captures if capture not in found]
    if arguments.missing:
        sys.stdout.buffer.write(b"".join(os.fsencode(capture) + b"\0" for capture in missing))
        return 0
    if arguments.table:
        write_table(arguments.table, captures, found)
    if arguments.summary:
        with open(arguments.summary, "w", encoding="utf-8") as file:
            json.dump(merge([found[capture] for capture in captures if capture in found]), file, indent=2)
            file.write("\n")
    broken = [entry for entry in (found.get(capture) for capture in captures) if entry and entry["status"]]
    for capture in missing:
        print(f"{capture!r}: no report", file=sys.stderr)
    for entry in broken:
        print(f"{entry['capture']!r}: {entry['message']}", file=sys.stderr)
    print(f"{len(captures)} captures, {len(broken)} not read completely, {len(missing)} without report")
    return 1 if missing or broken else 0


if __name__ == "__main__":
    sys.exit(main())
