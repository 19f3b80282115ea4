#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a table of the lines that tools/fleet.sh wrote: one row for each IKE SA of all captures.

    tools/fleet-table.py --table SAS.tsv CAPTURES REPORTS.jsonl
    tools/fleet-table.py --missing CAPTURES REPORTS.jsonl      lists the captures that have no line

Exit status of --table: 0 every capture has a line and was read whole, else 1.
"""
import argparse
import json
import sys

def side(name, member):
    return lambda sa: sa[name][member]


def agreed(member):
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
    "encryption": agreed("encryption"),
    "integrity": agreed("integrity"),
    "prf": agreed("prf"),
    "key_exchange": agreed("key_exchange"),
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
    """capture -> its last whole line; a line that an interruption cut is none."""
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
    with open(path, "w", encoding="utf-8") as table:
        print("capture", *COLUMNS, sep="\t", file=table)
        for capture in captures:
            for sa in ((found.get(capture) or {}).get("report") or {}).get("ike_sas", []):
                print(cell(capture), *(cell(show(sa)) for show in COLUMNS.values()), sep="\t", file=table)


def main():
    parser = argparse.ArgumentParser(description="One row for each IKE SA of many reports.")
    parser.add_argument("captures", help="file with a capture's name a line")
    parser.add_argument("reports", help="file with a report a line")
    parser.add_argument("--missing", action="store_true", help="list the captures without a line")
    parser.add_argument("--table", help="file to write")
    arguments = parser.parse_args()
    with open(arguments.captures, encoding="utf-8", errors="replace") as file:
        captures = file.read().splitlines()
    found = reports(arguments.reports)
    missing = [capture for capture in captures if capture not in found]
    if arguments.missing:
        print(*missing, sep="\n", end="\n" if missing else "")
        return 0
    if arguments.table:
        write_table(arguments.table, captures, found)
    broken = [entry for entry in (found.get(capture) for capture in captures) if entry and entry["status"]]
    for capture in missing:
        print(f"{capture}: no report", file=sys.stderr)
    for entry in broken:
        print(f"{entry['capture']}: {entry['message']}", file=sys.stderr)
    print(f"{len(captures)} captures, {len(broken)} not read whole, {len(missing)} without report")
    return 1 if missing or broken else 0


if __name__ == "__main__":
    sys.exit(main())
