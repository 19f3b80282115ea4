# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages as large, as many and as deep as the protocol's length fields allow: time and memory have a
bound, and what is left out is said."""
import resource
import struct
from contextlib import contextmanager

import pytest

import packets as p
from tshark import Tshark

SECONDS = 5        # of processor time for a capture, with the start of tshark
MEBIBYTES = 400    # of memory at most, with tshark's own 150
LARGEST = 65507    # bytes of a UDP datagram's payload

IKE_SA_INIT, IKE_AUTH = 34, 35
SA, KE, IDI, CERT, NONCE, NOTIFY, DELETE, VENDOR, TSI, CP, SKF = 33, 34, 35, 37, 40, 41, 42, 43, 44, 47, 53
V1_SA, MAIN_MODE = 1, 2


@pytest.fixture(scope="module")
def tshark():
    with Tshark() as one:
        yield one


@contextmanager
def limits():
    """Fails when the programs that run in it use more than their time, or more memory."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    yield
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert used < SECONDS, f"{used:.1f} seconds of processor time"
    assert after.ru_maxrss < MEBIBYTES * 1024, f"{after.ru_maxrss / 1024:.0f} MiB"


def bounded(tshark, messages):
    """Dissects the messages twice, with all that can be seen of them; what is shown, as PDML."""
    capture = p.pcap([p.udp(message) for message in messages])
    with limits():
        return tshark.run(capture, "-2", "-V", "-T", "pdml")


def fill(payload, body, room=LARGEST - 28):
    """As many payloads of a type as a datagram has room for."""
    return [(payload, body)] * (room // (4 + len(body)))


def test_largest_message_of_one_payload(tshark):
    raw = bytes(range(256)) * 256
    shown = bounded(tshark, [p.message(IKE_SA_INIT, [(kind, raw[:LARGEST - 32])])
                             for kind in (KE, NONCE, VENDOR, NOTIFY, CERT, TSI, CP, SA, DELETE, 200)])
    assert shown.count('<proto name="isakmp"') >= 10


def test_message_that_claims_more_than_there_is(tshark):
    shown = bounded(tshark, [p.message(IKE_SA_INIT, [(NONCE, bytes(32))], length=length)
                             for length in (0xFFFFFFFF, 0x7FFFFFFF, 65536)])
    assert shown.count('name="isakmp.length.long"') == 3


def test_sixteen_thousand_payloads(tshark):
    shown = bounded(tshark, [p.message(IKE_SA_INIT, fill(kind, b"")) for kind in (NONCE, VENDOR, NOTIFY, 201)])
    assert shown.count('name="isakmp.payloads.too_many"') == 4


def test_sixteen_thousand_payloads_of_ikev1(tshark):
    shown = bounded(tshark, [p.message_v1(MAIN_MODE, fill(13, b"")), p.message_v1(MAIN_MODE, fill(8, b""))])
    assert shown.count('name="isakmp.payloads.too_many"') == 2


def test_proposal_of_255_transforms(tshark):
    transforms = [(1 + i % 4, i, p.tv(14, 8 * i)) for i in range(255)]
    shown = bounded(tshark, [p.message(IKE_SA_INIT, [(SA, p.proposal(1, 1, b"", transforms))])] * 20)
    assert shown.count('name="isakmp.tf.type"') == 255 * 20


def test_more_proposals_and_transforms_than_count(tshark):
    one = p.proposal(1, 1, b"", [(1, 20)], last=False)
    many = one * (60000 // len(one))
    row = p.transform(1, 20)
    transforms = row * (60000 // len(row))
    wide = struct.pack("!BBHBBBB", 0, 0, 8 + len(transforms), 1, 1, 0, 255) + transforms
    shown = bounded(tshark, [p.message(IKE_SA_INIT, [(SA, many)]), p.message(IKE_SA_INIT, [(SA, wide)])])
    assert shown.count('name="isakmp.prop.too_many"') == 2


def test_fifteen_thousand_attributes(tshark):
    attributes = p.tv(14, 128) * 15000
    bodies = [p.proposal(1, 1, b"", [(1, 20, attributes)]), bytes([1, 0, 0, 0]) + p.tlv(1, b"") * 15000]
    shown = bounded(tshark, [p.message(IKE_SA_INIT, [(kind, body)]) for kind, body in zip((SA, CP), bodies)])
    assert shown.count('name="isakmp.attributes.too_many"') == 2


def test_fifteen_thousand_spis_and_selectors(tshark):
    selector = bytes([7, 0]) + struct.pack("!HHH", 16, 0, 65535) + bytes(8)
    bodies = [(DELETE, struct.pack("!BBH", 3, 4, 16000) + bytes(64000)),
              (TSI, bytes([255, 0, 0, 0]) + selector * 4000)]
    bounded(tshark, [p.message(IKE_SA_INIT, [body]) for body in bodies])


@pytest.mark.parametrize("head", [b"\x30\x80", b"\xa0\x80", b"\x30\x84\x7f\xff\xff\xff", b"\x24\x80"])
def test_deep_asn1_in_a_certificate(tshark, head):
    """Constructed types in each other, as deep as 65,000 bytes make them."""
    bomb = head * (60000 // len(head))
    bounded(tshark, [p.message(IKE_SA_INIT, [(CERT, bytes([encoding]) + bomb)]) for encoding in (4, 1, 7, 11, 15)])


def test_lengths_of_asn1_that_lie(tshark):
    names = b"\x31\x82\xff\xff" * 15000
    bounded(tshark, [p.message(IKE_SA_INIT, [(CERT, b"\x04" + b"\x30\x83\xff\xff\xff" + names)])] * 5)


def test_more_certificates_than_wireshark_calls(tshark):
    """Wireshark takes 500 dissectors that were called in one packet for an endless recursion."""
    name = bytes.fromhex("300d310b300906035504061302") + b"DE"  # C=DE
    one = p.message(IKE_SA_INIT, [(IDI, bytes([9, 0, 0, 0]) + name)] * 200)
    assert bounded(tshark, [one]).count("id-at-countryName=DE") >= 200


@pytest.mark.parametrize("encoding", [4, 7, 1])
def test_more_object_identifiers_than_wireshark_calls(tshark, encoding):
    """Extensions of a certificate, entries of a CRL, attributes of a PKCS #7."""
    extensions = bytes.fromhex("300a0603551d150403") * 5000
    shown = bounded(tshark, [p.message(IKE_SA_INIT, [(CERT, bytes([encoding]) + b"\x30\x82\xe0\x00" + extensions)])])
    assert 'name="isakmp.asn1.too_many"' in shown


@pytest.mark.parametrize("unit, name", [
    (bytes(4) + p.message(IKE_SA_INIT, [(NONCE, b"")]), "isakmp"), (struct.pack("!II", 0xC0FFEE01, 1) + bytes(20), "esp"),
    (b"\xff", "tcpencap")], ids=["ike", "esp", "keepalive"])
def test_more_frames_in_a_segment_than_wireshark_calls(tshark, unit, name):
    """A segment as large as a network card reassembles it."""
    frame = p.tcp_frame(unit)
    count = 60000 // len(frame)
    with limits():
        shown = tshark.run(p.pcap([p.tcp(b"IKETCP" + frame * count, 1)]), "-2", "-T", "pdml")
    assert shown.count(f'<proto name="{name}"') >= count


def test_a_message_of_a_megabyte_in_segments_of_an_byte(tshark):
    """TCP is not asked to wait for what no IKE message is."""
    raw = p.message(IKE_SA_INIT, [(NONCE, bytes(36000))], length=1000000)
    with limits():
        tshark.run(p.pcap([p.tcp(raw[at:at + 1], 1 + at, dport=500) for at in range(len(raw))]))


def fragment(sa, number):
    return p.message(IKE_AUTH, [(SKF, struct.pack("!HH", number, 255) + bytes([number]) * 400)],
                     ispi=struct.pack("!Q", 7 << 60 | sa), rspi=bytes(7) + b"\1", message_id=1)


def test_fragments_of_messages_that_never_end(tshark):
    """255 fragments are announced, 12 come, for each of 3,000 IKE SAs."""
    messages = [fragment(sa, number) for number in range(1, 13) for sa in range(3000)]
    capture = p.pcap([p.udp(message) for message in messages])
    with limits():
        assert len(tshark.frames(capture, "isakmp.frag.total == 255", "-2")) == len(messages)


def many(tshark, messages, display_filter="isakmp", step=0.01):
    """How many of the messages a filter matches, within the limits."""
    capture = p.pcap([p.udp(message) for message in messages], step=step)
    with limits():
        return len(tshark.frames(capture, display_filter))


def first_message(number, **header):
    return p.message(IKE_SA_INIT, [(NONCE, struct.pack("!Q", number) * 4)], **header)


def test_ten_thousand_ike_sas_of_one_initiator_spi(tshark):
    """What is looked for in a chain has an end."""
    messages = [first_message(sa, rspi=struct.pack("!Q", 1 + sa), flags=0x20) for sa in range(10000)]
    assert many(tshark, messages) == 10000


def test_one_message_ten_thousand_times(tshark):
    assert many(tshark, [first_message(0)] * 10000, "isakmp.retransmission", step=1) == 9999


def test_one_exchange_of_ten_thousand_different_messages(tshark):
    assert many(tshark, [first_message(number) for number in range(10000)]) == 10000


def test_ten_thousand_requests_in_one_ike_sa(tshark):
    messages = [p.message(37, [(46, bytes(48))], rspi=p.RSPI, message_id=number) for number in range(10000)]
    assert many(tshark, messages) == 10000
