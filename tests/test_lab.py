# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures of real daemons against what their own logs say: nothing here comes from our output."""
import os

import pytest

from tshark import TESTDATA, Tshark, captures, facts

# Payload notations of charon to payload types.
TYPES = {"SA": 33, "KE": 34, "IDi": 35, "IDr": 36, "CERT": 37, "CERTREQ": 38, "AUTH": 39, "No": 40,
         "N": 41, "D": 42, "V": 43, "TSi": 44, "TSr": 45, "CPRQ": 47, "CPRP": 47, "EAP": 48}
FRAMING = (2, 3, 46, 53)  # proposals and transforms, SK and SKF: charon does not list them


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
    """All captures of a family as one, opened with the logs of all their daemons as one key log."""

    def __init__(self, tshark, family, side):
        self.files = logged(family)
        logs = b"".join(log_of(capture, side).read_bytes() + b"\n" for capture in self.files
                        if log_of(capture, side).exists())
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
                        ("multiple-ke", "initiator")])
def family(request, plain):
    return Family(plain, *request.param)


def has(packet, *names):
    return any(element.get("name") in names for element in packet.iter())


def is_sealed(packet):
    return (has(packet, "isakmp.enc.data") and not has(packet, "isakmp.enc.decrypted")) or \
           (has(packet, "esp.spi") and not has(packet, "esp.decrypted_data"))


# The two sides have different keys: one side's log cannot open what the other sent.
NOBODY_CAN = {"wrong-psk", "wrong-psk-aggressive"}


def test_the_daemons_log_opens_everything(family):
    """With the daemons' logs as they are, and nothing else."""
    sealed = {stem: [number for number, packet in enumerate(packets, 1) if is_sealed(packet)]
              for stem, packets in family.of.items() if stem not in NOBODY_CAN}
    assert not {stem: frames for stem, frames in sealed.items() if frames}


def payloads_of(packet):
    return [int(element.get("show")) for element in packet.iter("field")
            if element.get("name") == "isakmp.typepayload" and int(element.get("show")) not in FRAMING]


def test_the_payloads_are_those_that_the_daemon_generated(family):
    """The initiator's log lists the payloads of every message that it sent or parsed."""
    for capture in family.files:
        initiator = facts(capture)["sides"].get("initiator")
        if capture.parent.name == "ikev1" or not initiator:
            continue
        shown = [payloads_of(packet) for packet in family.of[capture.stem]]
        for message in initiator["messages"]:
            kinds = [payload.partition("(")[0].partition("/")[0] for payload in message["payloads"]]
            if kinds and all(kind in TYPES for kind in kinds):
                assert [TYPES[kind] for kind in kinds] in shown, (capture.stem, message)


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
