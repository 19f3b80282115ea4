#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Renews the examples of README.md and docs/*.md, or checks that they are what tshark prints now.

    IKE_PLUGIN_DIR=build/plugins tools/examples.py [--check]

An example is a block of code behind a comment that names a capture of testdata/ without ".pcap":

    <!-- example: report failing/libreswan-psk -->

The rows of a table of causes are renewed behind the comment <!-- causes -->: the first column names the
capture, the last one is kept, those between come from the reports with and without keys.

Exit status with --check: 1 when an example is not up to date.
"""
import argparse
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from tshark import Tshark  # noqa: E402  (it knows how root runs tshark)

MARK = re.compile(r"(<!-- example: (\S+) (\S+) -->\n```\n\$ [^\n]*\n)(.*?)(\n```)", re.S)


def report(capture):
    """The report of a capture with the log of its initiator, without the findings and the empty end."""
    path = ROOT / "testdata" / capture
    with Tshark() as tshark:
        log = tshark.place(path.with_name(path.name + ".initiator.log"))
        text = tshark.run(path.with_name(path.name + ".pcap"), "-q", "-o", f"isakmp.keylog_file:{log}", "-z", "isakmp,report")
    return text.strip("\n")


EXAMPLES = {"report": report}
CAUSES = re.compile(r"(<!-- causes -->\n\|[^\n]*\n\|[-|]*\n)((?:\|[^\n]*\n)+)")


def key_log(tshark, path):
    """The options for all secrets beside a capture: the logs of both daemons, and the rows of Wireshark's table."""
    suffixes = (".initiator.log", ".responder.log", ".ikev2_decryption_table")
    logs = [log for log in (path.with_name(path.name + suffix) for suffix in suffixes) if log.exists()]
    return ["-o", "isakmp.keylog_file:" + ";".join(tshark.place(log) for log in logs)] if logs else []


def cause_of(tshark, capture, code, *options):
    """The first failure of an IKE SA or Child SA with this code in a capture, else the first finding with it, else the first
    failure; None if there is none."""
    document = json.loads(tshark.run(capture, "-q", *options, "-z", "isakmp,report,json"))
    causes = [cause for sa in document["ike_sas"] for cause in [sa["cause"], *(child["cause"] for child in sa["child_sas"])] if cause]
    findings = [finding for sa in document["ike_sas"] for finding in sa["findings"]]
    with_code = [one for one in causes + findings if one["code"] == code]
    return next(iter(with_code + causes), None)


def cause_row(row):
    """The row of a table of causes with what the reports say now."""
    name, code, *_, hint = [cell.strip() for cell in row.strip().strip("|").split("|")]
    path = ROOT / "testdata" / name.strip("`")
    capture = path.with_name(path.name + ".pcap")
    with Tshark() as tshark:
        known = cause_of(tshark, capture, code.strip("`"), *key_log(tshark, path))
        blind = cause_of(tshark, capture, code.strip("`"))
    text = known["text"].replace("|", "\\|") if known else "nothing"
    code = known["code"] if known else "-"
    without = ("nothing" if not blind else "the same" if blind["code"] == code
               else f"`{blind['code']}`, {blind['certainty']}")
    return f"| {name} | `{code}` | {text} | {without} | {hint} |\n"


def causes(match):
    return match[1] + "".join(cause_row(row) for row in match[2].splitlines())


def renew(text):
    text = CAUSES.sub(causes, text)
    return MARK.sub(lambda match: match[1] + EXAMPLES[match[2]](match[3]) + match[5], text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only compare, write nothing")
    check = parser.parse_args().check
    stale = []
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = path.read_text(encoding="utf-8")
        renewed = renew(text)
        if renewed != text:
            stale.append(path.name)
            if not check:
                path.write_text(renewed, encoding="utf-8")
    print(*stale, sep="\n", end="\n" if stale else "")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
