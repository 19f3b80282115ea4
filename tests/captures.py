# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads and writes captures, and takes IP packets apart, for tests that change captures."""
import collections
import ipaddress
import struct

Frame = collections.namedtuple("Frame", "time data interface length", defaults=(0, None))
LINK_HEADER = {1: 14, 113: 16, 276: 20, 101: 0, 228: 0, 229: 0, 12: 0}
ETHERNET, RAW, SLL2 = 1, 101, 276
UDP, TCP, ESP, AH, ICMP, ICMP6 = 17, 6, 50, 51, 1, 58


def read(path):
    """(link type, [Frame]) of a classic pcap file."""
    data = path.read_bytes() if hasattr(path, "read_bytes") else path
    magic = data[:4]
    order = "<" if magic in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    scale = 1e9 if magic in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d") else 1e6
    assert magic in (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d"), magic
    link = struct.unpack(order + "I", data[20:24])[0] & 0xFFFF
    frames, offset = [], 24
    while offset + 16 <= len(data):
        seconds, fraction, captured, length = struct.unpack(order + "IIII", data[offset:offset + 16])
        frames.append(Frame(seconds + fraction / scale, data[offset + 16:offset + 16 + captured], 0, length))
        offset += 16 + captured
    return link, frames


def pcap(link, frames):
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link)]
    for frame in frames:
        seconds = int(frame.time)
        out.append(struct.pack("<IIII", seconds, int(round((frame.time - seconds) * 1e6)) % 1000000, len(frame.data),
                               frame.length or len(frame.data)) + frame.data)
    return b"".join(out)


def pcapng(links, frames):
    """links: link type of each interface."""
    def block(kind, body):
        body += bytes(-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)
    out = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    out += [block(1, struct.pack("<HHI", link, 0, 262144)) for link in links]
    for frame in frames:
        ticks = int(round(frame.time * 1e6))
        out.append(block(6, struct.pack("<IIIII", frame.interface, ticks >> 32, ticks & 0xFFFFFFFF, len(frame.data),
                                        frame.length or len(frame.data)) + frame.data))
    return b"".join(out)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Packet:
    """An IP packet in a frame: link header, addresses, protocol, payload. fragment: a part of an IP datagram."""

    def __init__(self, link, data):
        self.link_header = data[:LINK_HEADER[link]]
        packet = data[LINK_HEADER[link]:]
        self.ok = len(packet) >= 20 and packet[0] >> 4 in (4, 6)
        if not self.ok:
            return
        self.six = packet[0] >> 4 == 6
        size = 40 if self.six else (packet[0] & 15) * 4
        self.head, self.payload = packet[:size], packet[size:]
        self.fragment = self.six and packet[6] == 44 or not self.six and struct.unpack("!H", packet[6:8])[0] & 0x3FFF
        self.protocol = packet[6] if self.six else packet[9]
        if not self.six:
            self.payload = self.payload[:max(0, struct.unpack("!H", packet[2:4])[0] - size)]
        a, b = (packet[8:24], packet[24:40]) if self.six else (packet[12:16], packet[16:20])
        self.source, self.destination = ipaddress.ip_address(a), ipaddress.ip_address(b)

    @property
    def udp(self):
        return self.ok and self.protocol == UDP and not self.fragment and len(self.payload) >= 8

    @property
    def ports(self):
        return struct.unpack("!HH", self.payload[:4])

    def ike(self):
        """(marker, message) or None."""
        if not self.udp:
            return None
        body = self.payload[8:]
        marker = body[:4] if 4500 in self.ports and body[:4] == bytes(4) else b""
        if 4500 in self.ports and not marker:
            return None
        message = body[len(marker):]
        if len(message) < 28 or message[17] >> 4 not in (1, 2) or struct.unpack("!I", message[24:28])[0] != len(message):
            return None
        return marker, message

    def to_sender(self):
        """What bytes() changes for a packet that goes the other way."""
        return {"source": self.destination, "destination": self.source, "ports": self.ports[::-1]}

    def bytes(self, source=None, destination=None, ports=None, payload=None, ttl=None, ip_id=None, protocol=None):
        """The frame again, with what is given changed; lengths and checksums are right."""
        source, destination = source or self.source, destination or self.destination
        protocol = protocol or self.protocol
        payload = self.payload if payload is None else payload
        if protocol == UDP and not self.fragment and len(payload) >= 8:
            ports = ports or struct.unpack("!HH", payload[:4])
            payload = struct.pack("!HHHH", *ports, len(payload), 0) + payload[8:]
        head = bytearray(self.head)
        if self.six:
            head[4:6] = struct.pack("!H", len(payload))
            head[6], head[8:24], head[24:40] = protocol, source.packed, destination.packed
            head[7] = ttl if ttl is not None else head[7]
        else:
            head[2:4] = struct.pack("!H", len(head) + len(payload))
            head[8] = ttl if ttl is not None else head[8]
            if ip_id is not None:
                head[4:6] = struct.pack("!H", ip_id)
            head[9], head[12:16], head[16:20] = protocol, source.packed, destination.packed
            head[10:12] = bytes(2)
            head[10:12] = struct.pack("!H", checksum(bytes(head)))
        return self.link_header + bytes(head) + payload

    @property
    def ttl(self):
        return self.head[7] if self.six else self.head[8]


def cooked(frame, link, interface, outgoing):
    """An Ethernet frame as `tcpdump -i any` writes it (LINKTYPE_LINUX_SLL2)."""
    packet = Packet(link, frame.data)
    kind = 0x86DD if packet.ok and packet.six else 0x0800
    head = struct.pack("!HHIHBB8s", kind, 0, interface, 1, 4 if outgoing else 0, 6, bytes(8))
    return frame._replace(data=head + frame.data[LINK_HEADER[link]:], length=None)
