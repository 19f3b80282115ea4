# SPDX-License-Identifier: GPL-2.0-or-later
"""IKE and ESP on other ports: preferences, Decode As, heuristics, and protocols that are switched off.

Only the plugin shows isakmp.stream: it tells ours from the built-in."""
import struct

import pytest

import packets as p
from test_tcp import Connection, ike
from tshark import Tshark

REQUEST = p.message(34, [(40, bytes(range(32)))])
ESP = struct.pack("!II", 0xC0FFEE01, 1) + bytes(range(64))


@pytest.fixture(scope="module")
def tshark():
    with Tshark() as one:
        yield one


def ours(tshark, raw, *arguments):
    return tshark.frames(raw, "isakmp.stream && isakmp.messageid", *arguments)


def on_udp(payload, port):
    return p.pcap([p.udp(payload, dport=port, sport=40000)])


def on_tcp(stream, port):
    return p.pcap(Connection(40000, port).send(stream).packets)


@pytest.mark.parametrize("arguments", [("-o", "isakmp.udp.port:501"), ("-d", "udp.port==501,isakmp")])
def test_bare_ike_on_another_udp_port(tshark, arguments):
    assert ours(tshark, on_udp(REQUEST, 501)) == []
    assert ours(tshark, on_udp(REQUEST, 501), *arguments) == [1]


@pytest.mark.parametrize("arguments", [("-o", "udpencap.udp.port:4501"), ("-d", "udp.port==4501,udpencap")])
def test_encapsulation_on_another_udp_port(tshark, arguments):
    raw = p.pcap([p.udp(payload, sport=40000, dport=4501) for payload in (p.esp_marker(REQUEST), ESP, b"\xff")])
    assert tshark.frames(raw, "isakmp || esp || udpencap") == []
    assert ours(tshark, raw, *arguments) == [1]
    assert tshark.frames(raw, "esp", *arguments) == [2]
    assert tshark.frames(raw, "udpencap.nat_keepalive", *arguments) == [3]


@pytest.mark.parametrize("arguments", [("-o", "isakmp.tcp.port:501"), ("-d", "tcp.port==501,isakmp")])
def test_bare_ike_on_another_tcp_port(tshark, arguments):
    assert ours(tshark, on_tcp(REQUEST, 501)) == []
    assert ours(tshark, on_tcp(REQUEST, 501), *arguments) == [3]


def test_frames_without_prefix_on_another_tcp_port(tshark):
    raw = on_tcp(ike(REQUEST), 4501)
    assert ours(tshark, raw) == []
    assert ours(tshark, raw, "-d", "tcp.port==4501,tcpencap") == [3]


def test_a_preference_leaves_the_usual_ports_as_wireshark_does(tshark):
    """Wireshark's port preferences replace the port; with the built-in, 500 is IKE no longer."""
    with Tshark(plugin=False) as builtin:
        for arguments in (("-o", "isakmp.udp.port:501"), ("-o", "isakmp.udp.port:500-501")):
            raw = p.pcap([p.udp(REQUEST, dport=port, sport=40000) for port in (500, 501)])
            assert tshark.frames(raw, "isakmp", *arguments) == builtin.frames(raw, "isakmp", *arguments)


@pytest.mark.parametrize("name", ["isakmp", "udpencap", "esp", "tcpencap"])
def test_a_protocol_that_is_switched_off_is_not_shown(tshark, name):
    raw = p.pcap([p.udp(REQUEST), p.udp(p.esp_marker(REQUEST), sport=40000, dport=4500), p.udp(ESP, sport=40000, dport=4500),
                     *Connection(40000).send(b"IKETCP" + ike(REQUEST)).packets])
    assert tshark.frames(raw, name) != []
    assert tshark.frames(raw, name, "--disable-protocol", name) == []


def test_udpencap_switched_off_leaves_port_500(tshark):
    raw = p.pcap([p.udp(REQUEST), p.udp(p.esp_marker(REQUEST), sport=40000, dport=4500)])
    assert ours(tshark, raw, "--disable-protocol", "udpencap") == [1]
    assert ours(tshark, raw, "--disable-protocol", "isakmp") == []


HEURISTIC = ("--enable-heuristic", "isakmp_udp")


def test_ike_on_unusual_ports_is_found_only_when_asked_for(tshark):
    assert ours(tshark, on_udp(REQUEST, 12345)) == []
    assert ours(tshark, on_udp(REQUEST, 12345), *HEURISTIC) == [1]
    assert ours(tshark, on_udp(p.esp_marker(REQUEST), 12345), *HEURISTIC) == [1]


def test_the_conversation_stays_found(tshark):
    """Once IKE is behind a marker, ESP of the same conversation is known for what it is."""
    raw = p.pcap([p.udp(p.esp_marker(REQUEST), sport=40000, dport=12345), p.udp(ESP, sport=40000, dport=12345)])
    assert tshark.frames(raw, "esp", *HEURISTIC) == [2]


@pytest.mark.parametrize("change", [
    {"version": 0x30}, {"version": 0x21}, {"flags": 0x88}, {"flags": 0x09}, {"length": 27}, {"length": 500},
    {"ispi": bytes(8)}, {"tail": b"\0"},
])
def test_the_heuristic_is_strict(tshark, change):
    raw = on_udp(p.message(34, [(40, bytes(32))], **change), 12345)
    assert ours(tshark, raw, *HEURISTIC) == []


@pytest.mark.parametrize("exchange, payload", [(33, 40), (45, 40), (34, 0), (34, 32), (34, 200)])
def test_the_heuristic_knows_exchanges_and_payloads(tshark, exchange, payload):
    body = [(payload, bytes(32))] if payload else []
    raw = on_udp(p.message(exchange, body) + (bytes(0) if body else b""), 12345)
    assert ours(tshark, raw, *HEURISTIC) == []


def test_ikev1_is_found_too(tshark):
    main_mode = p.message(2, [(13, bytes(16))], version=0x10, flags=0)
    assert ours(tshark, on_udp(main_mode, 12345), *HEURISTIC) == [1]
