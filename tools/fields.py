#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Renews the list of fields in docs/fields.md from what tshark lists with the plugin and without, and adds new
names to tests/field_names.txt.

    IKE_PLUGIN_DIR=build/plugins tools/fields.py [--check]

Exit status with --check: 1 when the list is not up to date.
"""
import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from tshark import Tshark  # noqa: E402  (it knows how root runs tshark)

PAGE = ROOT / "docs" / "fields.md"
NAMES = ROOT / "tests" / "field_names.txt"
BEGIN, END = "<!-- begin: made by tools/fields.py -->", "<!-- end -->"
OURS = re.compile(r"(isakmp|esp|udpencap|tcpencap)\.")


def fields(plugin):
    """Abbreviation -> (name, type, description)."""
    with Tshark(plugin=plugin) as tshark:
        listed = tshark.raw("-G", "fields").stdout.decode()
    rows = (line.split("\t") for line in listed.splitlines() if line.startswith("F\t"))
    return {row[2]: (row[1], row[3], row[7] if len(row) > 7 else "") for row in rows if OURS.match(row[2])}


def cell(text):
    return text.replace("|", "\\|").strip()


def describe(name, description):
    """The label, and what the description adds to it."""
    if not description or description.lower() in name.lower():
        return cell(name)
    return f"{cell(name)}: {cell(description)}"


def make(with_plugin, builtin):
    new = {abbrev: row for abbrev, row in with_plugin.items() if abbrev not in builtin}
    infos = {abbrev: row for abbrev, row in new.items() if row[1] == "FT_NONE"}
    lines = [BEGIN, "", f"### Fields that the built-in does not have ({len(new) - len(infos)})", "",
             "| Field | Type | Meaning |", "|---|---|---|"]
    lines += [f"| `{abbrev}` | {row[1][3:].lower()} | {describe(row[0], row[2])} |"
              for abbrev, row in sorted(new.items()) if abbrev not in infos]
    lines += ["", f"### Expert infos that the built-in does not have ({len(infos)})", "", "| Field | Meaning |", "|---|---|"]
    lines += [f"| `{abbrev}` | {cell(row[0])} |" for abbrev, row in sorted(infos.items())]
    lines += ["", f"### Fields of the built-in ({len(builtin)})", "",
              "All of these have the built-in's name and type.", "", "| Field | Type | Meaning |", "|---|---|---|"]
    lines += [f"| `{abbrev}` | {row[1][3:].lower()} | {describe(row[0], row[2])} |" for abbrev, row in sorted(builtin.items())]
    return "\n".join([*lines, "", END])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only compare, write nothing")
    check = parser.parse_args().check
    text = PAGE.read_text(encoding="utf-8")
    with_plugin, builtin = fields(True), fields(False)
    head, _, rest = text.partition(BEGIN)
    renewed = head + make(with_plugin, builtin) + rest.partition(END)[2]
    if check:
        return int(renewed != text)
    PAGE.write_text(renewed, encoding="utf-8")
    lines = NAMES.read_text(encoding="utf-8").splitlines()
    comments = [line for line in lines if line.startswith("#")]
    names = {line for line in lines if line not in comments} | {name for name in with_plugin if name not in builtin}
    NAMES.write_text("\n".join([*comments, *sorted(names)]) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
