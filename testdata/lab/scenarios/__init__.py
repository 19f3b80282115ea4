# SPDX-License-Identifier: GPL-2.0-or-later
"""All scenarios of the lab."""
from scenarios import (
    esp,
    failing,
    failing_announced,
    failing_differences,
    failing_kinds,
    failing_more,
    failing_pairs,
    healthy,
    ikev1,
    ikev2,
    keylogger,
    libreswan,
    log2pcap,
    multiple_ke,
    openiked,
)

SCENARIOS = (
    ikev2.SCENARIOS
    + multiple_ke.SCENARIOS
    + ikev1.SCENARIOS
    + libreswan.SCENARIOS
    + openiked.SCENARIOS
    + esp.SCENARIOS
    + failing.SCENARIOS
    + failing_pairs.SCENARIOS
    + failing_differences.SCENARIOS
    + failing_more.SCENARIOS
    + failing_kinds.SCENARIOS
    + failing_announced.SCENARIOS
    + healthy.SCENARIOS
    + log2pcap.SCENARIOS
    + keylogger.SCENARIOS
)
