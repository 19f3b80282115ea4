# SPDX-License-Identifier: GPL-2.0-or-later
"""A filter for one field matches the frames that show the field: where nobody looks at the tree the
plugin builds only what a filter asks for, and nothing may be missing then."""
import collections
import os
import random
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor

import pytest

import many
from tshark import TESTDATA, Tshark, tables_of

SESSIONS = [TESTDATA / name for name in (
    "ikev2/psk-aes-cbc.pcap", "ikev2/fragments-gcm.pcap", "ikev2/rekey-ike.pcap", "ikev2/mobike.pcap",
    "ikev2/cert-rsa.pcap", "ikev2/eap-mschapv2.pcap", "ikev2/lost-auth.pcap", "ikev2/wrong-psk.pcap",
    "ikev2/virtual-ip.pcap", "ikev2/child-delete.pcap", "ikev1/main-psk.pcap", "ikev1/xauth-unity.pcap",
    "ikev1/aggressive-rsa.pcap", "ikev1/fragments.pcap", "ikev1/lost-answers.pcap")]
UDP = 42  # bytes of Ethernet, IP and UDP before an IKE header


def mutated(capture, variants=120):
    """Copies of the packets of a capture with bytes changed, in a capture of their own."""
    noise = random.Random(1)
    header, packets, at = capture[:24], [], 24
    while at < len(capture):
        length = int.from_bytes(capture[at + 8:at + 12], "little")
        packets.append(capture[at:at + 16 + length])
        at += 16 + length
    out = [header]
    for _ in range(variants):
        packet = bytearray(noise.choice(packets))
        for _ in range(noise.choice((1, 1, 3))):
            last = noise.choice((28, 60, len(packet) - 16 - UDP))
            packet[16 + UDP + noise.randrange(min(last, len(packet) - 16 - UDP))] = noise.randrange(256)
        out.append(bytes(packet))
    return b"".join(out)


def shown_in(tshark, capture):
    """Field name -> the numbers of the frames that show it, when all of the tree is seen."""
    found = collections.defaultdict(set)
    for number, packet in enumerate(ET.fromstring(tshark.run(capture, "-T", "pdml")).iter("packet"), 1):
        for element in packet.iter():
            name = element.get("name") or ""
            if name.startswith(("isakmp", "_ws.expert")) and element.tag in ("field", "proto"):
                found[name].add(number)
    return found


def matched_by_tshark(tshark, place, names):
    """Field name -> the numbers of the frames that a filter for it lets pass."""
    def matched(name):
        lines = tshark.raw("-n", "-r", place, "-Y", name).stdout.decode(errors="replace").splitlines()
        return name, {int(line.split(None, 1)[0]) for line in lines}

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(pool.map(matched, names))


def matched_in_one_process(capture, names, log):
    """The same without a start of tshark for each: the capture is read once for each field, of which epan is told as by
    a filter."""
    read = many.read_all([capture] * len(names), log, [(name,) for name in names])
    return {name: {number for number, row in result.rows.items() if any(field == name for field, _ in row)}
            for name, result in zip(names, read)}


def log_of_tables():
    return "\n".join(tables_of("ikev1", "ikev2").values()).encode()


@pytest.mark.parametrize("kind, secrets", [("sessions", True), ("mutated", False)])
def test_filter_matches_what_is_shown(kind, secrets):
    with Tshark(tables=tables_of("ikev1", "ikev2") if secrets else None) as tshark:
        capture = (tshark.merged(SESSIONS) if kind == "sessions" else
                   mutated((TESTDATA / "ikev2/cert-rsa.pcap").read_bytes()))
        shown = shown_in(tshark, capture)
        assert len(shown) > 60
        if many.program():
            content = capture if isinstance(capture, bytes) else capture.read_bytes()
            matching = matched_in_one_process(content, sorted(shown), log_of_tables() if secrets else None)
        else:
            matching = matched_by_tshark(tshark, tshark.place(capture), sorted(shown))
    wrong = [(name, len(shown[name]), len(matching[name])) for name in shown if matching[name] != shown[name]]
    assert not wrong, wrong
