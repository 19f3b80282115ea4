# SPDX-License-Identifier: GPL-2.0-or-later
"""Text that a capture brings along (identities, versions, messages of the peer) is shown without
control characters, whole characters only, in every form: no terminal obeys it, no reader of JSON or
XML stumbles."""
import json
import struct
import xml.etree.ElementTree as ET

import pytest

import packets as p
from tshark import Tshark, wireshark_version

TEXTS = [bytes(range(1, 256)), b"\0\1", b"\xff\xfe\xc0\x80\xed\xa0\x80", b'a\x1b[2Jb\r\n\x07"\\</field>\x7f\x80',
         "\u202eabc\0\ufeff".encode(), b"\xf4\x90\x80\x80", b"x" * 9000, b"", "😀".encode()[:3], "😀".encode() * 1000,
         ("a" + "é" * 119 + "b").encode(), ("C=" + "中" * 200).encode()]
ID_TYPES = (1, 2, 3, 5, 9, 11, 12, 200)
# Marks that Wireshark escapes in the values of fields; from 4.4 on it shows them as they are.
MARKS = "\u202e\u200f\ufeff" if wireshark_version() < (4, 4) else ""
IDENTITIES = len(TEXTS) * len(ID_TYPES)
TRANSFORM = p.tv(1, 7) + p.tv(14, 128) + p.tv(2, 2) + p.tv(3, 1) + p.tv(4, 2)


def spi(first, number):
    return struct.pack("!BxxxI", first, number)


def messages(kind, text, number):
    """An aggressive mode of IKEv1 and an IKE_AUTH that forgot to encrypt."""
    identity = struct.pack("!BBH", kind, 0, 0) + text
    proposal = p.sa_v1([p.proposal_v1(1, 1, b"", [(1, TRANSFORM)])])
    old = [(1, proposal), (4, bytes(128)), (10, bytes(16)), (5, identity), (13, text)]
    yield p.message_v1(4, old, ispi=spi(0x11, number), rspi=bytes(8))
    yield p.message_v1(4, [*old, (8, bytes(20)), (11, p.notify_v1(14, text))], ispi=spi(0x11, number), rspi=spi(0x22, number))
    init = [(33, p.proposal(1, 1, b"", [(1, 12, p.tv(14, 128)), (2, 2), (3, 2), (4, 2)])),
            (34, struct.pack("!HH", 2, 0) + bytes(128)), (40, bytes(16)), (43, text)]
    yield p.message(34, init, ispi=spi(0x33, number))
    configuration = b"\2\0\0\0" + p.tlv(7, text) + p.tlv(28673, text[:5000]) + p.tlv(25, text[:400])
    yield p.message(35, [(35, identity), (36, identity), (41, p.notify(24, text)), (47, configuration),
                         (48, struct.pack("!BBHB", 1, 1, 5 + len(text), 1) + text)],
                    ispi=spi(0x33, number), rspi=spi(0x44, number), message_id=1)


@pytest.fixture(name="reader", scope="module")
def fixture_reader():
    with Tshark() as tshark:
        tshark.capture = p.pcap([p.udp(message) for index, text in enumerate(TEXTS) for kind in ID_TYPES
                                 for message in messages(kind, text, 1 + index * 256 + kind)])
        yield tshark


def shown(reader, *arguments):
    """What is printed, which must be text; Wireshark's own escapes of DEL and CR in JSON and XML are not ours."""
    data = reader.raw("-r", reader.place(reader.capture), "-n", *arguments).stdout
    text = data.decode("utf-8")
    if not set(arguments) & {"json", "ek", "pdml"}:
        bad = {c for c in text if ord(c) < 32 and c not in "\n\t" or ord(c) == 127}
        assert not bad, bad
    return text


@pytest.mark.parametrize("arguments", [(), ("-V",), ("-q", "-z", "isakmp,report"), ("-q", "-z", "isakmp,summary"),
                                       ("-q", "-z", "isakmp,sas")], ids=" ".join)
def test_text(reader, arguments):
    assert shown(reader, *arguments)


def test_json_of_the_report(reader):
    sas = json.loads(shown(reader, "-q", "-z", "isakmp,report,json"))["ike_sas"]
    assert len(sas) == 2 * IDENTITIES
    assert any((sa["initiator"]["id"] or "").startswith("xxxx") for sa in sas)


def test_json_and_xml_of_packets(reader):
    assert len(json.loads(shown(reader, "-T", "json"))) == 4 * IDENTITIES
    assert sum(1 for _ in ET.fromstring(shown(reader, "-T", "pdml")).iter("packet")) == 4 * IDENTITIES
    for line in shown(reader, "-T", "ek").splitlines():
        json.loads(line)


def test_no_name_ends_a_line():
    """Separators of lines and paragraphs are no control characters, and marks of direction neither."""
    text = "a\u2028IKE SA 9\u2029\u0085\u202eb\u200f\ufeff".encode()
    part = b"\x06\x03\x55\x04\x03\x0c" + bytes([len(text)]) + text
    for tag in (0x30, 0x31, 0x30):
        part = bytes([tag, len(part)]) + part
    with Tshark() as tshark:
        capture = tshark.place(p.pcap([p.udp(message) for kind, name in ((9, part), (2, text)) for message in messages(kind, name, kind)]))
        report = tshark.raw("-r", capture, "-n", "-q", "-z", "isakmp,report").stdout.decode()
        tree = tshark.raw("-r", capture, "-n", "-V").stdout.decode()
    assert not set(report) & set("\u2028\u2029\u0085\u202e\u200f\ufeff") and "IKE SA" in report
    assert not set(tree) & set("\u0085" + MARKS) and "id-at-commonName=a" in tree


def test_names_of_files():
    """Names of key logs, one that decrypts nothing and one that is not there, in every form and on standard error."""
    name = 'k\nIKE SA 9: up\x1b[2J\x7f\u0085\u2028\u202e" (verified).log'
    with Tshark() as tshark:
        capture = tshark.place(p.pcap([p.udp(p.message(37, [(46, bytes(36))], rspi=bytes(range(8))))]))
        for log in (tshark.place(b"IKEV2_SK_EI 1111111111111111 2222222222222222 aa\n", name), name):
            for arguments in (("-V",), ("-q", "-z", "isakmp,report"), ("-q", "-z", "isakmp,summary")):
                run = tshark.raw("-r", capture, "-n", "-o", f"isakmp.keylog_file:{log}", *arguments)
                for text in (run.stdout.decode(), run.stderr.decode()):
                    assert not set(text) & set("\x1b\x7f\u0085\u2028\u202e") and "\nIKE SA 9" not in text
                assert b"IKE SA 9: up\\x1b[2J" in run.stdout + run.stderr
