# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin takes over the protocol: ports, keepalives, the header and what cannot be in it."""
import hashlib

import pytest

from packets import ISPI, RSPI, esp_marker, message, notify, pcap, proposal, tv, udp

SA = proposal(1, 1, b"", [(1, 12, tv(14, 256)), (2, 5), (3, 12), (4, 14)])
INIT = message(34, [(33, SA), (34, b"\0\x0e\0\0" + bytes(256)), (40, bytes(range(32)))])
REFUSAL = message(34, [(41, notify(14))], flags=0x20, rspi=RSPI)


def test_the_plugin_is_listed(plain):
    listed = plain.raw("-G", "plugins").stdout.decode().splitlines()
    assert any(line.startswith("isakmp.so") and "0.1.0" in line and "dissector" in line for line in listed)


def test_nothing_is_said_at_start(plain):
    assert plain.run(pcap([udp(INIT)]))  # run() refuses any word on stderr


@pytest.mark.parametrize("port", [500, 848])
def test_ports_of_ike(plain, port):
    capture = pcap([udp(INIT, sport=port, dport=port)])
    assert plain.fields(capture, ["isakmp.ispi", "isakmp.stream"]) == [
        {"isakmp.ispi": [ISPI.hex()], "isakmp.stream": ["0"]}]


def test_port_4500(plain):
    capture = pcap([
        udp(b"\xff", sport=4500, dport=4500),
        udp(esp_marker(INIT), sport=4500, dport=4500),
        udp(b"\1\2\3\4\0\0\0\1" + bytes(32), sport=4500, dport=4500),
        udp(b"ab", sport=4500, dport=4500),
    ])
    assert plain.frames(capture, "udpencap.nat_keepalive") == [1]
    assert plain.frames(capture, "udpencap.non_esp_marker && isakmp.ispi == 01:02:03:04:05:06:07:08") == [2]
    assert plain.frames(capture, "esp.spi == 0x01020304 && udpencap") == [3]
    assert plain.frames(capture, "udpencap.short == 61:62 && !_ws.malformed") == [4]


def test_keepalive_on_port_500(plain):
    assert plain.frames(pcap([udp(b"\xff")]), "isakmp.ike.nat_keepalive") == [1]


def test_info_column(plain):
    assert plain.info(pcap([udp(INIT), udp(REFUSAL, "10.9.0.2", "10.9.0.1")])) == [
        "IKE_SA_INIT MID=00 Initiator Request [ SA KE No ]",
        "IKE_SA_INIT MID=00 Responder Response [ N(NO_PROPOSAL_CHOSEN) ]"]


def test_switching_the_protocol_off(plain):
    capture = pcap([udp(INIT)])
    assert plain.frames(capture, "isakmp", "--disable-protocol", "isakmp") == []


@pytest.mark.parametrize("data, expected", [
    (INIT[:20], "isakmp.header.short"),
    (message(34, [(33, SA)], length=5000), "isakmp.length.long"),
    (message(34, [(33, SA)], length=20), "isakmp.length.short"),
    (INIT + b"trailing", "isakmp.extradata.after"),
    (message(34, [(33, SA)], version=0x31), "isakmp.version.unknown"),
    (message(99, [(33, SA)]), "isakmp.exchangetype.unknown"),
    (message(34, [(33, SA)], flags=0xC9), "isakmp.flags.unknown"),
    (message(34, [(33, SA)], ispi=bytes(8)), "isakmp.ispi.zero"),
    (message(34, [(33, SA, {"length": 3})]), "isakmp.payloadlength.invalid"),
    (message(34, [(33, SA, {"length": 9999})]), "isakmp.payloadlength.invalid"),
    (message(34, [(33, SA, {"next": 34})]), "isakmp.chain.end"),
    (message(34, [(99, b"x", {"critical": 1})]), "isakmp.criticalpayload.unknown"),
    (message(34, [(99, b"x")]), "isakmp.typepayload.unknown"),
])
def test_what_cannot_be_is_said_and_the_rest_shown(plain, data, expected):
    capture = pcap([udp(data)])
    assert plain.frames(capture, f"{expected} && isakmp") == [1]


def test_the_rest_is_shown_after_a_wrong_length(plain):
    capture = pcap([udp(message(34, [(33, SA)], length=5000))])
    assert plain.frames(capture, "isakmp.tf.id.encr == 12 && isakmp.ike2.attr.key_length == 256") == [1]


def test_sixteen_thousand_payloads_end(plain):
    chain = b"".join(bytes([43, 0, 0, 4]) for _ in range(16000))
    data = ISPI + bytes(8) + bytes([43, 0x20, 34, 8]) + bytes(4) + (28 + len(chain)).to_bytes(4, "big") + chain
    assert plain.frames(pcap([udp(data)]), "isakmp.payloads.too_many") == [1]


def test_nat_is_told_from_the_packet(plain):
    """SHA-1 over SPIs, address and port (RFC 7296 2.23), of this packet and of another address."""
    here = hashlib.sha1(ISPI + bytes(8) + bytes([10, 9, 0, 1]) + (500).to_bytes(2, "big")).digest()
    elsewhere = hashlib.sha1(ISPI + bytes(8) + bytes([192, 0, 2, 9]) + (500).to_bytes(2, "big")).digest()
    capture = pcap([udp(message(34, [(33, SA), (41, notify(16388, here)), (41, notify(16389, elsewhere))]))])
    assert plain.frames(capture, 'isakmp.nat.source contains "not translated"'
                                 ' && isakmp.nat.destination contains "a NAT is in between"') == [1]
