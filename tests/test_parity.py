# SPDX-License-Identifier: GPL-2.0-or-later
"""Every field that the built-in dissector shows is there, under its name and with its value."""
import collections
import re

import pytest

from tshark import captures, shown

PREFIXES = ("isakmp", "udpencap", "tcpencap", "eap", "x509", "pkix", "pkcs")


def fields_of(packet):
    found = collections.Counter()
    for element in packet.iter():
        name = element.get("name") or ""
        if element.tag in ("field", "proto") and name.startswith(PREFIXES):
            found[name, element.get("value") or "", element.get("show") or ""] += 1
    return found


def missing(theirs, ours):
    by_value, by_show = collections.Counter(), collections.Counter()
    for (name, value, show), count in ours.items():
        by_value[name, value] += count
        by_show[name, show] += count
    for (name, value, show), count in theirs.items():
        have = max(by_value[name, value] if value else 0, by_show[name, show])
        if have < count:
            yield name, show or value


def comparable(packet):
    """Not where the built-in itself says that it decrypted wrongly: it takes one key for an IKE SA that
    has had several (RFC 9370), and after a repeated message of IKEv1 another IV."""
    return not any(element.get("name") == "isakmp.ikev2.integrity_checksum" or
                   element.get("value") == "field length invalid!" for element in packet.iter())


@pytest.mark.parametrize("family", ["ikev1", "ikev2", "multiple-ke"])
def test_every_field_of_the_built_in_is_kept(family, keyed, builtin_keyed):
    whole = keyed.merged(captures(family))
    lacking = []
    for number, (theirs, ours) in enumerate(zip(builtin_keyed.pdml(whole), keyed.pdml(whole)), 1):
        if comparable(theirs):
            lacking += [(number, *field) for field in missing(fields_of(theirs), fields_of(ours))]
    assert not lacking, lacking[:20]


LABELLED = {"isakmp." + name for name in (
    "version", "mjver", "mnver", "flags", "flag_i", "flag_v", "flag_r", "flag_e", "flag_c", "flag_a", "messageid", "length",
    "prop.number", "ike2.attr", "ike2.attr.format", "ike2.attr.type", "enc.iv", "enc.icd", "enc.data", "enc.decrypted",
    "enc.contained", "enc.padding", "ts.start_port")}


def labels_of(packet):
    """Without what each says of a checksum (the algorithm, the result), and with byte for its "1 bytes"."""
    return collections.Counter((name, re.sub(r"\) ?[<\[].*", ")", showname).replace("(1 bytes)", "(1 byte)"))
                               for name, _, showname in shown(packet) if name in LABELLED)


def test_labels_laid_out_of_texts_read_as_those_that_wireshark_prints(keyed, builtin_keyed):
    """Of fields whose names and numbers have the same words in both."""
    whole = keyed.merged(captures("ikev1")[:8] + captures("ikev2")[:16])
    seen = collections.Counter()
    for number, (theirs, ours) in enumerate(zip(builtin_keyed.pdml(whole), keyed.pdml(whole)), 1):
        if comparable(theirs):
            assert not labels_of(theirs) - labels_of(ours), number
            seen += labels_of(theirs)
    assert {name for name, _ in seen} == LABELLED
