# SPDX-License-Identifier: GPL-2.0-or-later
"""One forged packet in a session of a group, with the keys, seldom changes anything; and none does while an IKE SA moves to
another TCP connection. Of a group still wrong are messages with the SPIs of the Rekey SA before its first one: of another
version, or of phase 1, they take its place."""
import random

import pytest

import captures
import group_injections
import injections
import many
import tcp_sessions
import test_report
from captures import Frame
from injections import Injection
from tshark import TESTDATA

pytestmark = pytest.mark.skipif(many.program() is None, reason="no reader of many captures for this Wireshark")
MOST = 0.1  # of all forged packets of a group: its keys, and with them the sample, are new in each run; 2 to 6 % were seen


@pytest.mark.parametrize("messages", [injections.FIRST_MESSAGES, -5], ids=["first", "last"])
@pytest.mark.parametrize("make", [group_injections.gdoi, group_injections.gikev2], ids=["GDOI", "G-IKEv2"])
def test_forged_packets_of_a_group(make, messages, tmp_path):
    session, log = group_injections.target(make, tmp_path)
    found, total = injections.examine(session, log, messages=messages, each=4)
    assert sum(total.values()) > 100
    shown = [(one.kind, one.what, texts) for one, texts in found]
    assert len(found) <= MOST * sum(total.values()), shown


@pytest.mark.parametrize("name", ["ikev2/psk-aes-cbc", "ikev2/rekey-ike", "ikev2/eap-mschapv2"])
def test_forged_segments_of_two_connections(name):
    """The client goes on in another TCP connection (RFC 9329 6.1); forged are segments of either, before and after the change."""
    path = TESTDATA / (name + ".pcap")
    session, chance = injections.Target(path), random.Random(name)
    segments = group_injections.second_connection(session, 3)
    frames = group_injections.frames_of(segments)
    made = []
    for place, (time, *parts) in enumerate(segments):
        for what, forged, before in tcp_sessions.forged_segments(chance, *parts):
            for first in (True, False) if before else (False,):
                mixed = [(old, k + 1) for k, old in enumerate(frames)]
                mixed.insert(place + (not first), (Frame(time, forged), 0))
                origin = {k + 1: old for k, (_, old) in enumerate(mixed) if old}
                made.append(Injection("forged segment", f"{what}, segment {place + 1}", captures.pcap(session.link, [one for one, _ in mixed]),
                                      origin, True))
    made = chance.sample(made, min(30, len(made)))
    original, *results = many.read_all([captures.pcap(session.link, frames)] + [one.capture for one in made], test_report.key_log(path),
                                       fields=("isakmp.stream",))
    assert {sa["outcome"] for sa in original.sas} <= {"established", "deleted"} and all(sa["decrypted_messages"] for sa in original.sas)
    changed = {one.what: texts for one, result in zip(made, results) if (texts := injections.compare(one, original, result, True))}
    assert not changed
