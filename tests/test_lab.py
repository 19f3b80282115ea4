# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures of real daemons against what their own logs say: nothing here comes from our output."""
import os

import pytest

from tshark import TESTDATA, Tshark, captures, facts

# Payload notations of charon to payload types.
TYPES = {"SA": 33, "KE": 34, "IDi": 35, "IDr": 36, "CERT": 37, "CERTREQ": 38, "AUTH": 39, "No": 40,
         "N": 41, "D": 42, "V": 43, "TSi": 44, "TSr": 45, "CPRQ": 47, "CPRP": 47, "EAP": 48}
IKEV1_TYPES = {"SA": 1, "KE": 4, "ID": 5, "CERT": 6, "CERTREQ": 7, "HASH": 8, "SIG": 9, "No": 10, "N": 11, "D": 12,
               "V": 13, "CPRQ": 14, "CPRP": 14, "CPS": 14, "CPA": 14, "NAT-D": 20}
IKEV1_EXCHANGES = ("ID_PROT", "AGGRESSIVE", "QUICK_MODE", "TRANSACTION", "INFORMATIONAL_V1")
# Proposals and transforms, SK and SKF, IKEv1 fragments: charon does not list them.
FRAMING = (2, 3, 46, 53, 132)


def log_of(capture, side):
    return capture.parent / f"{capture.stem}.{side}.log"


def logged(family):
    return [capture for capture in captures(family) if log_of(capture, "initiator").exists()]


def packet_count(capture):
    """Packets of a classic pcap file."""
    data, offset, count = capture.read_bytes(), 24, 0
    order = "little" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else "big"
    while offset + 16 <= len(data):
        offset += 16 + int.from_bytes(data[offset + 8:offset + 12], order)
        count += 1
    return count


class Family:
    """All captures of a family as one, decrypted with the logs of all their daemons as one key log."""

    def __init__(self, tshark, family, sides):
        self.files = logged(family)
        logs = b"".join(log_of(capture, side).read_bytes() + b"\n" for capture in self.files
                        for side in sides.split("+") if log_of(capture, side).exists())
        packets = tshark.pdml(tshark.merged(self.files),
                              "-o", f"isakmp.keylog_file:{tshark.place(logs, 'daemons.log')}")
        self.of, first = {}, 0
        for capture in self.files:
            count = packet_count(capture)
            self.of[capture.stem] = packets[first:first + count]
            first += count
        assert first == len(packets)


@pytest.fixture(scope="module", ids="-".join,
                params=[("ikev1", "initiator"), ("ikev2", "initiator"), ("ikev2", "responder"),
                        ("multiple-ke", "initiator"), ("esp", "initiator"), ("openiked", "initiator"),
                        ("libreswan", "initiator+responder")])
def family(request, plain):
    return Family(plain, *request.param)


def has(packet, *names):
    return any(element.get("name") in names for element in packet.iter())


def is_not_decrypted(packet):
    return (has(packet, "isakmp.enc.data") and not has(packet, "isakmp.enc.decrypted")) or \
           (has(packet, "esp.spi") and not has(packet, "esp.decrypted_data"))


# Where no log has the keys: the two sides have different ones, or libreswan keeps those of IKEv1 and
# the first ones of IKE_INTERMEDIATE to itself.
KEYS_NOT_LOGGED = {"wrong-psk", "wrong-psk-aggressive", "alone-ikev1", "alone-ikev1-aggressive",
              "alone-intermediate"}


def test_the_daemons_log_decrypts_everything(family):
    """With the daemons' logs as they are, and nothing else."""
    encrypted = {stem: [number for number, packet in enumerate(packets, 1) if is_not_decrypted(packet)]
              for stem, packets in family.of.items() if stem not in KEYS_NOT_LOGGED}
    assert not {stem: frames for stem, frames in encrypted.items() if frames}


def payloads_of(packet):
    return [int(element.get("show")) for element in packet.iter("field")
            if element.get("name") == "isakmp.typepayload" and int(element.get("show")) not in FRAMING]


def test_the_payloads_are_those_that_the_daemon_generated(family):
    """charon's log lists the payloads of every message that it sent or parsed."""
    for capture in family.files:
        initiator = facts(capture)["sides"].get("initiator")
        if not initiator:
            continue
        shown = [payloads_of(packet) for packet in family.of[capture.stem]]
        for message in initiator.get("messages", []):
            kinds = [payload.partition("(")[0].partition("/")[0] for payload in message["payloads"]]
            types = IKEV1_TYPES if message["exchange"] in IKEV1_EXCHANGES else TYPES
            if kinds and all(kind in types for kind in kinds) and capture.stem not in KEYS_NOT_LOGGED:
                assert [types[kind] for kind in kinds] in shown, (capture.stem, message)


def test_child_sas_are_those_that_the_daemon_installed(family):
    for capture in family.files:
        installed = {spi for side in facts(capture)["sides"].values() for child in side["child_sas"]
                     for spi in (child.get("spi_in"), child.get("spi_out"), *child.get("esp", {})) if spi}
        seen = {element.get("show").removeprefix("0x") for packet in family.of[capture.stem]
                for element in packet.iter("field") if element.get("name") == "esp.spi"}
        assert seen <= installed, capture.stem


def test_the_pings_are_all_there(family):
    """Each answered ping is in the ESP, decrypted."""
    replies = (("icmp.type", "0"), ("icmpv6.type", "129"))
    for capture in family.files:
        answered = facts(capture).get("pings_answered") or 0
        found = sum(any((element.get("name"), element.get("show")) in replies for element in packet.iter("field"))
                    for packet in family.of[capture.stem])
        assert found >= answered, capture.stem


def test_without_openssl_everything_plain_is_shown():
    """The build without OpenSSL decodes what it can and says of the rest that it cannot decrypt."""
    folder = os.environ.get("IKE_PLAIN_PLUGIN_DIR")
    if not folder:
        pytest.skip("IKE_PLAIN_PLUGIN_DIR names no build without OpenSSL")
    with Tshark(plugins=folder) as tshark:
        capture = TESTDATA / "ikev2" / "psk-aes-gcm.pcap"
        assert tshark.frames(capture, "isakmp.tf.id.encr == 20") == [1, 2]
        assert tshark.frames(capture, "isakmp.enc.not_built") == [3, 4, 11, 12]
