# SPDX-License-Identifier: GPL-2.0-or-later
"""IKE and ESP in TCP streams (RFC 8229, RFC 9329), cut into segments in every way."""
import struct

import pytest

import packets as p
from tshark import TESTDATA, Tshark, facts

PREFIX = b"IKETCP"
CLIENT, SERVER = "10.9.0.1", "10.9.0.2"
SPI = 0x1000 << 48


def ike(message):
    return p.tcp_frame(p.esp_marker(message))


def esp(spi, sequence, length=64):
    return p.tcp_frame(struct.pack("!II", spi, sequence) + bytes((7 * i) & 0xFF for i in range(length)))


def init(number, response=False, size=40):
    """An IKE_SA_INIT that is told apart by its initiator SPI."""
    return p.message(34, [(40, bytes(range(size)))], flags=0x20 if response else 0x08,
                     ispi=struct.pack("!Q", SPI + number), rspi=p.RSPI if response else bytes(8))


class Connection:
    """Both directions of a TCP connection; `ours` are the bytes of the client."""

    def __init__(self, sport, dport=4500, syn=True, first=1000):
        self.sport, self.dport = sport, dport
        self.next = {True: first, False: 5000}
        self.packets = []
        if syn:
            self.packets += [self._segment(True, b"", 0x02, 0), self._segment(False, b"", 0x12, first + 1)]
            self.next = {True: first + 1, False: 5001}

    def _segment(self, client, data, flags=0x18, ack=1, sequence=None):
        sequence = self.next[client] if sequence is None else sequence
        ends = (CLIENT, SERVER) if client else (SERVER, CLIENT)
        ports = (self.sport, self.dport) if client else (self.dport, self.sport)
        return p.tcp(data, sequence, source=ends[0], destination=ends[1], sport=ports[0], dport=ports[1],
                     flags=flags, ack=ack)

    def send(self, data, client=True, cuts=(), flags=0x18):
        """One segment, or more, cut at these offsets."""
        edges = [0, *cuts, len(data)]
        for begin, end in zip(edges, edges[1:]):
            if end > begin:
                self.packets.append(self._segment(client, data[begin:end], flags))
                self.next[client] += end - begin
        return self

    def lose(self, data, client=True):
        """Bytes that were sent, but are not in the capture."""
        self.next[client] += len(data)
        return self

    def again(self, data, client=True):
        """The last bytes once more."""
        self.packets.append(self._segment(client, data, sequence=self.next[client] - len(data)))
        return self


def messages(tshark, raw, *arguments):
    """tcp.stream -> what came out of it, in order: initiator SPIs of IKE and SPIs of ESP."""
    result = {}
    for found in tshark.fields(raw, ["tcp.stream", "isakmp.ispi", "esp.spi", "tcpencap.prefix"], None, *arguments):
        if found["tcp.stream"]:
            entry = result.setdefault(int(found["tcp.stream"][0]), {"ike": [], "esp": [], "prefix": 0})
            entry["ike"] += [int(spi.replace(":", ""), 16) for spi in found["isakmp.ispi"]]
            entry["esp"] += [int(spi, 16) for spi in found["esp.spi"]]
            entry["prefix"] += len(found["tcpencap.prefix"])
    return result


@pytest.fixture(scope="module")
def tshark():
    with Tshark() as one:
        yield one


ONE_OF_EACH = PREFIX + ike(init(1)) + esp(0xC0FFEE01, 1) + p.tcp_frame(b"\xff") + ike(init(2))
EXPECTED = {"ike": [SPI + 1, SPI + 2], "esp": [0xC0FFEE01], "prefix": 1}


@pytest.mark.parametrize("passes", [(), ("-2",)])
@pytest.mark.parametrize("port", [4500, 4433])
def test_a_stream_cut_at_every_byte_gives_the_same_messages(tshark, passes, port):
    whole = []
    for cut in range(1, len(ONE_OF_EACH)):
        whole += Connection(20000 + cut, port).send(ONE_OF_EACH, cuts=[cut]).packets
    found = messages(tshark, p.pcap(whole), *passes)
    wrong = {cut: found[cut - 1] for cut in range(1, len(ONE_OF_EACH)) if found[cut - 1] != EXPECTED}
    assert not wrong


def test_segments_of_every_size_give_the_same_messages(tshark):
    sizes = range(1, 60)
    whole = []
    for size in sizes:
        whole += Connection(20000 + size).send(ONE_OF_EACH, cuts=range(size, len(ONE_OF_EACH), size)).packets
    found = messages(tshark, p.pcap(whole), "-2")
    assert {size: found[size - 1] for size in sizes if found[size - 1] != EXPECTED} == {}


def test_the_responder_sends_no_prefix_and_is_cut_everywhere_too(tshark):
    answer = ike(init(1, response=True)) + esp(0xDEADBEE1, 1) + ike(init(3, response=True))
    whole = []
    for cut in range(1, len(answer)):
        whole += (Connection(20000 + cut).send(PREFIX + ike(init(1)))
                  .send(answer, client=False, cuts=[cut]).packets)
    found = messages(tshark, p.pcap(whole), "-2")
    expected = {"ike": [SPI + 1, SPI + 1, SPI + 3], "esp": [0xDEADBEE1], "prefix": 1}
    assert [cut for cut in range(1, len(answer)) if found[cut - 1] != expected] == []


def test_the_marker_length_and_keepalive_have_fields(tshark):
    raw = p.pcap(Connection(20001).send(ONE_OF_EACH).packets)
    frame_with_data = tshark.fields(raw, ["tcpencap.prefix", "tcpencap.length", "tcpencap.non_esp_marker",
                                             "tcpencap.nat_keepalive", "isakmp.messageid"], "tcpencap")[0]
    assert frame_with_data["tcpencap.prefix"] == ["IKETCP"]
    assert [int(x) for x in frame_with_data["tcpencap.length"]] == [78, 74, 3, 78]
    assert len(frame_with_data["tcpencap.non_esp_marker"]) == 2
    assert len(frame_with_data["tcpencap.nat_keepalive"]) == 1
    info = tshark.info(raw)[2]
    assert info.count("IKE_SA_INIT") == 2 and "ESP" in info and "NAT-keepalive" in info


def test_a_capture_that_begins_in_mid_stream_finds_the_frames(tshark):
    """The first bytes belong to a frame that began before the capture."""
    stream = esp(0xC0FFEE01, 1, 200) + ike(init(4)) + esp(0xC0FFEE01, 2, 80) + ike(init(5))
    whole = []
    for start in range(1, 205):
        whole += Connection(20000 + start, syn=False).send(stream[start:]).send(ike(init(6))).packets
    found = messages(tshark, p.pcap(whole), "-2")
    wrong = [start for start in range(1, 205) if found[start - 1]["ike"] != [SPI + 4, SPI + 5, SPI + 6]]
    assert not wrong


def test_mid_stream_with_esp_alone_resynchronises_where_a_segment_begins_with_a_frame(tshark):
    connection = Connection(20000, syn=False).send(esp(0xC0FFEE01, 1, 900)[300:])
    for number in range(2, 6):
        connection.send(esp(0xC0FFEE01, number, 100))
    found = messages(tshark, p.pcap(connection.packets), "-2")
    assert found[0]["esp"] == [0xC0FFEE01] * 4


def test_a_lost_segment_does_not_lose_what_follows(tshark):
    long = esp(0xC0FFEE01, 7, 600)
    whole = (Connection(20000).send(PREFIX + ike(init(1)) + long[:300]).lose(long[300:500])
             .send(long[500:] + ike(init(2)) + ike(init(3)))).packets
    assert messages(tshark, p.pcap(whole), "-o", "tcp.desegment_tcp_streams:FALSE")[0]["ike"] == [SPI + 1, SPI + 2, SPI + 3]
    lost = (Connection(20001).send(PREFIX + ike(init(1))).lose(ike(init(9)) + long[:100])
            .send(long[100:] + ike(init(2)) + ike(init(3)))).packets
    assert messages(tshark, p.pcap(lost), "-2")[0]["ike"] == [SPI + 1, SPI + 2, SPI + 3]


def test_a_retransmitted_segment_is_no_retransmitted_message(tshark):
    first = PREFIX + ike(init(1))
    whole = Connection(20000).send(first).again(first).send(ike(init(2))).packets
    found = messages(tshark, p.pcap(whole), "-2")
    assert found[0]["ike"] == [SPI + 1, SPI + 2]


def test_a_segment_with_fin_counts_as_any_other(tshark):
    whole = Connection(20000).send(ONE_OF_EACH, cuts=[50, 150], flags=0x19).packets
    assert messages(tshark, p.pcap(whole), "-2")[0] == EXPECTED


def test_without_desegmentation_by_tcp_the_whole_messages_are_found(tshark):
    whole = Connection(20000).send(ONE_OF_EACH + ike(init(3)), cuts=[100]).packets
    found = messages(tshark, p.pcap(whole), "-o", "tcp.desegment_tcp_streams:FALSE", "-2")
    assert found[0]["ike"][0] == SPI + 1 and found[0]["ike"][-2:] == [SPI + 2, SPI + 3]


@pytest.mark.parametrize("length", [0, 1])
def test_a_length_that_cannot_be_is_said_and_passed_over(tshark, length):
    stream = PREFIX + ike(init(1)) + struct.pack("!H", length) + b"\x01\x02\x03" + ike(init(2))
    raw = p.pcap(Connection(20000).send(stream).packets)
    assert messages(tshark, raw)[0]["ike"] == [SPI + 1, SPI + 2]
    assert tshark.frames(raw, "tcpencap.data.lost") == [3]


@pytest.mark.parametrize("inside", [b"", b"\x00", b"\x01\x02\x03", b"\0\0\0\0", b"\0\0\0\0" + bytes(10)])
def test_frames_too_short_for_anything_are_said(tshark, inside):
    raw = p.pcap(Connection(20000).send(PREFIX + p.tcp_frame(inside) + ike(init(2))).packets)
    assert SPI + 2 in messages(tshark, raw)[0]["ike"]
    assert tshark.frames(raw, "tcpencap.length.short || isakmp.header.short") == [3]


def test_another_protocol_on_the_port_is_left_alone(tshark):
    whole = Connection(20000).send(b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n").send(
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", client=False).packets
    raw = p.pcap(whole)
    assert tshark.frames(raw, "tcpencap || isakmp || esp") == []
    assert tshark.frames(raw, "http") == [3, 4]


def test_text_that_only_begins_like_the_prefix_is_not_taken(tshark):
    raw = p.pcap(Connection(20000, 4433).send(b"IKE").send(b"A opens at ten\r\n").packets)
    assert tshark.frames(raw, "tcpencap || isakmp") == []


def test_bare_messages_on_tcp_500_are_as_long_as_they_say(tshark):
    stream = init(1) + init(2) + init(3)
    whole = []
    for cut in range(1, len(stream)):
        whole += Connection(20000 + cut, 500).send(stream, cuts=[cut]).packets
    found = messages(tshark, p.pcap(whole), "-2")
    assert [cut for cut in range(1, len(stream)) if found[cut - 1]["ike"] != [SPI + 1, SPI + 2, SPI + 3]] == []


def test_the_prefix_on_tcp_500_changes_to_frames(tshark):
    connection = Connection(20000, 500).send(ONE_OF_EACH, cuts=[3]).send(ike(init(1, response=True)), client=False)
    found = messages(tshark, p.pcap(connection.packets), "-2")
    assert found[0] == {"ike": [SPI + 1, SPI + 2, SPI + 1], "esp": [0xC0FFEE01], "prefix": 1}


def datagrams(name):
    """(from the initiator?, bytes as on port 4500) of a recorded session over UDP."""
    raw = (TESTDATA / name).read_bytes()
    order = "<" if raw[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    link, = struct.unpack(order + "I", raw[20:24])
    skip = {1: 14, 101: 0, 113: 16, 276: 20}[link]
    first, at = None, 24
    while at < len(raw):
        length, = struct.unpack(order + "I", raw[at + 8:at + 12])
        packet, at = raw[at + 16 + skip:at + 16 + length], at + 16 + length
        if packet[0] >> 4 != 4 or packet[9] != 17:
            continue
        udp = packet[(packet[0] & 15) * 4:]
        source = packet[12:16]
        first = first or source
        sport, dport = struct.unpack("!HH", udp[:4])
        if 4500 in (sport, dport):
            yield source == first, udp[8:]
        elif 500 in (sport, dport):
            yield source == first, p.esp_marker(udp[8:])


RECORDED = "ikev2/nat-t.pcap"


@pytest.mark.parametrize("size", [7, 60, 523, 100000])
def test_a_recorded_session_decrypts_over_tcp_as_over_udp(size):
    """All datagrams of a session in one stream, with several messages in a segment or many segments to a message."""
    connection, pending = Connection(20000), {True: PREFIX, False: b""}
    last = True
    for client, raw in datagrams(RECORDED):
        if client != last:
            connection.send(pending[last], client=last, cuts=range(size, len(pending[last]), size))
            pending[last], last = b"", client
        pending[client] += p.tcp_frame(raw)
    connection.send(pending[last], client=last, cuts=range(size, len(pending[last]), size))
    names = ["isakmp.exchangetype", "isakmp.messageid", "isakmp.typepayload", "isakmp.notify.msgtype", "esp.sequence"]
    with Tshark(tables={"ikev2_decryption_table": (TESTDATA / RECORDED).with_suffix(".ikev2_decryption_table").read_text()}) as tshark:

        def all_of(raw):
            found = tshark.fields(raw, names, None, "-2")
            return {name: [value for one in found for value in one[name]] for name in names}
        over_udp, over_tcp = all_of(TESTDATA / RECORDED), all_of(p.pcap(connection.packets))
    assert over_tcp == over_udp
    assert "47" in over_udp["isakmp.typepayload"] or "39" in over_udp["isakmp.typepayload"]  # decrypted


@pytest.mark.parametrize("name", ["tcp", "tcp-rekey", "tcp-fallback"])
def test_a_daemons_own_stream_is_decrypted(name):
    """libreswan over TCP: every ESP SPI that its log names is found inside the encrypted messages."""
    path = TESTDATA / "libreswan" / (name + ".pcap")
    children = [child for side in facts(path)["sides"].values() for child in side["child_sas"]]
    table = path.with_suffix(".ikev2_decryption_table").read_text()
    with Tshark(tables={"ikev2_decryption_table": table}) as tshark:
        found = {spi.replace(":", "") for one in tshark.fields(path, ["isakmp.spi"], "tcpencap && isakmp.typepayload == 46")
                 for spi in one["isakmp.spi"]}
        assert tshark.frames(path, "tcpencap.data || isakmp.enc.no_key") == []
        assert len(tshark.frames(path, "tcpencap.prefix == IKETCP")) == 1
    assert children and {child[spi] for child in children for spi in ("spi_in", "spi_out")} <= found
