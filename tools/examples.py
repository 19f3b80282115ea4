#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Renews the examples of README.md and docs/*.md, or checks that they are what tshark prints now.

    IKE_PLUGIN_DIR=build/plugins tools/examples.py [--check]

An example is a block of code behind a comment that names a capture of testdata/ without ".pcap":

    <!-- example: report failing/libreswan-psk -->

Exit status with --check: 1 when an example is not up to date.
"""
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


def renew(text):
    return MARK.sub(lambda match: match[1] + EXAMPLES[match[2]](match[3]) + match[5], text)


def main():
    stale = []
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = path.read_text(encoding="utf-8")
        renewed = renew(text)
        if renewed != text:
            stale.append(path.name)
            if "--check" not in sys.argv:
                path.write_text(renewed, encoding="utf-8")
    print(*stale, sep="\n", end="\n" if stale else "")
    return int("--check" in sys.argv and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
