# SPDX-License-Identifier: GPL-2.0-or-later
"""Names that users have in filters, profiles and scripts: none is lost, none is listed twice."""
import struct
from collections import Counter
from pathlib import Path

import pytest

import packets as p
from tshark import TESTDATA, Tshark



NAMES = Path(__file__).with_name("field_names.txt")
INFORMATIONAL, CONFIG = 5, 6


@pytest.fixture(scope="module")
def plain():
    with Tshark() as tshark:
        yield tshark


def listed(tshark, what):
    return [line.split("\t") for line in tshark.raw("-G", what).stdout.decode(errors="replace").splitlines()]


def test_every_name_there_ever_was_is_a_field(plain):
    now = {row[2] for row in listed(plain, "fields") if row[0] == "F"}
    once = {line for line in NAMES.read_text().splitlines() if not line.startswith("#")}
    assert len(once) > 500 and not once - now


def test_new_fields_are_in_the_list(plain):
    """A name that is dropped later is missed only if it is in the list."""
    with Tshark(plugin=False) as builtin:
        known = {row[2] for row in listed(builtin, "fields") if row[0] == "F"}
    ours = {row[2] for row in listed(plain, "fields") if row[0] == "F" and row[2].startswith("isakmp.")} - known
    assert not ours - set(NAMES.read_text().splitlines())


@pytest.mark.parametrize("what", ["fields", "protocols", "decodes", "heuristic-decodes", "dissector-tables", "plugins"])
def test_lists_have_no_doubles(plain, what):
    with Tshark(plugin=False) as builtin:
        before = Counter(map(tuple, listed(builtin, what)))
    now = Counter(map(tuple, listed(plain, what)))
    assert now and not {row: count for row, count in now.items() if count > max(1, before[row])}


def test_decodes_of_the_builtin_are_listed(plain):
    """What protocol a port or an IP protocol leads to is as it was, ESP and AH included."""
    with Tshark(plugin=False) as builtin:
        before = {tuple(row) for row in listed(builtin, "decodes")}
    assert before and not before - {tuple(row) for row in listed(plain, "decodes")}


def test_field_names_are_registered_once_or_with_the_type_of_the_first(plain):
    names = Counter((row[2], row[3]) for row in listed(plain, "fields") if row[0] == "F" and row[2].startswith("isakmp."))
    assert names and not [name for name, count in names.items() if count > 1]
    assert len({name for name, _ in names}) == len(names)


def v1(kind, body, exchange=INFORMATIONAL):
    return p.udp(p.message_v1(exchange, [(kind, body)]))


def v2(kind, body):
    return p.udp(p.message(37, [(kind, body)], rspi=p.RSPI))


NETWORK = bytes([10, 1, 0, 0, 255, 255, 0, 0]) + struct.pack("!HHH", 17, 53, 54)
PROPOSAL = p.proposal_v1(1, 1, b"", [(1, p.tv(1, 7))])
# Former name, present name, a message that has both, a message of the other version that has the present one alone.
FORMER = [
    ("isakmp.notify.error.ikev1", "isakmp.notify.error", v1(11, p.notify_v1(14, b"")), v2(41, p.notify(14, b""))),
    ("isakmp.notify.data.length.ikev1", "isakmp.notify.data.length", v1(11, p.notify_v1(36136, b"\0")),
     v2(41, p.notify(16385, b"\0"))),
    ("isakmp.notify.msgtype.unassigned", "isakmp.notify.msgtype.unknown", v1(11, p.notify_v1(20000, b"")),
     v2(41, p.notify(20000, b""))),
    ("isakmp.notify.spisize.invalid", "isakmp.spisize.invalid", v1(11, struct.pack("!IBBH", 1, 1, 9, 36136) + b"spi4"),
     v2(41, struct.pack("!BBH", 1, 9, 16385) + b"spi4")),
    ("isakmp.prop.spisize.too_long", "isakmp.prop.spisize.invalid",
     v1(1, p.sa_v1([PROPOSAL[:6] + b"\xff" + PROPOSAL[7:]]), 2), None),
    ("isakmp.prop.transforms.count", "isakmp.prop.transforms.invalid",
     v1(1, p.sa_v1([PROPOSAL[:7] + b"\x09" + PROPOSAL[8:]]), 2), None),
    ("isakmp.spinum.too_many", "isakmp.spinum.invalid", v1(12, struct.pack("!IBBH", 1, 3, 4, 9) + b"spi4"), None),
    ("isakmp.cfg.attr.unity.subnet.ip", "isakmp.cfg.attr.unity.split_include",
     v1(14, struct.pack("!BBH", 2, 0, 1) + p.tlv(28676, NETWORK), CONFIG), None),
    ("isakmp.cfg.attr.unity.subnet.netmask", "isakmp.cfg.attr.unity.local_lan.netmask",
     v1(14, struct.pack("!BBH", 2, 0, 1) + p.tlv(28678, NETWORK), CONFIG), None),
    ("isakmp.cfg.attr.unity.subnet.selector", "isakmp.cfg.attr.unity.network.dstport",
     v1(14, struct.pack("!BBH", 2, 0, 1) + p.tlv(28676, NETWORK), CONFIG), None),
    ("isakmp.cfg.attr.length.mismatch", "isakmp.cfg.attr.length.invalid",
     v1(14, struct.pack("!BBH", 2, 0, 1) + p.tlv(28676, NETWORK + b"\0"), CONFIG), None),
]


@pytest.mark.parametrize("former, present, message, other", FORMER, ids=[row[0] for row in FORMER])
def test_former_names_match_what_the_present_ones_do(plain, former, present, message, other):
    capture = p.pcap([message, *([other] if other else [])])
    assert plain.frames(capture, present) == ([1, 2] if other else [1])
    assert plain.frames(capture, former) == [1]


def test_retransmissions_have_their_former_name():
    with Tshark() as tshark:
        capture = TESTDATA / "ikev2" / "no-answer.pcap"
        found = tshark.frames(capture, "isakmp.retransmission.note")
        assert found and found == tshark.frames(capture, "isakmp.finding.retransmission")


def test_former_names_are_not_shown(plain):
    capture = p.pcap([row[2] for row in FORMER])
    assert "Former name" not in plain.run(capture, "-V")
