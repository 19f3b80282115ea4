# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads a log of any daemon of the lab."""
from charon_log import LINE, Log
from iked_log import IkedLog
from pluto_log import PlutoLog


def read(path):
    """The log as a charon_log.Log or its likeness, told by its first lines."""
    with open(path, encoding="utf-8", errors="replace") as lines:
        for _, line in zip(range(20), lines):
            if LINE.match(line):
                return Log(path)
            if "proc_dispatch" in line or "armor_" in line:
                return IkedLog(path)
    return PlutoLog(path)
