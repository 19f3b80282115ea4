# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds IKE messages byte by byte, and captures that carry them, for what no daemon sends."""
import ipaddress
import struct

ISPI = bytes.fromhex("0102030405060708")
RSPI = bytes.fromhex("1112131415161718")


def message(exchange, payloads, *, version=0x20, flags=0x08, message_id=0, ispi=ISPI, rspi=bytes(8),
            length=None, tail=b""):
    """An IKE message: payloads is a list of (type, body) or (type, body, options)."""
    body = chain(payloads)
    first = payloads[0][0] if payloads else 0
    total = 28 + len(body) if length is None else length
    return ispi + rspi + struct.pack("!BBBBII", first, version, exchange, flags, message_id, total) + body + tail


def chain(payloads, last=0):
    """Payloads with their generic headers; options: critical, length, next."""
    out = b""
    for index, entry in enumerate(payloads):
        body, options = entry[1], entry[2] if len(entry) > 2 else {}
        following = payloads[index + 1][0] if index + 1 < len(payloads) else last
        out += struct.pack("!BBH", options.get("next", following), options.get("reserved", 0x80 if options.get("critical") else 0),
                           options.get("length", 4 + len(body))) + body
    return out


def transform(kind, number, attributes=b"", last=False):
    return struct.pack("!BBHBBH", 0 if last else 3, 0, 8 + len(attributes), kind, 0, number) + attributes


def proposal(number, protocol, spi, transforms, last=True):
    """transforms: list of (type, id) or (type, id, attribute bytes)."""
    body = b"".join(transform(t[0], t[1], t[2] if len(t) > 2 else b"", last=i == len(transforms) - 1)
                    for i, t in enumerate(transforms))
    return struct.pack("!BBHBBBB", 0 if last else 2, 0, 8 + len(spi) + len(body), number, protocol,
                       len(spi), len(transforms)) + spi + body


def tv(kind, value):
    return struct.pack("!HH", 0x8000 | kind, value)


def tlv(kind, value):
    return struct.pack("!HH", kind, len(value)) + value


def notify(kind, data=b"", protocol=0, spi=b""):
    return struct.pack("!BBH", protocol, len(spi), kind) + spi + data


def message_v1(exchange, payloads, **options):
    """A message of IKEv1, in clear."""
    return message(exchange, payloads, **{"version": 0x10, "flags": 0, "rspi": RSPI, **options})


def transform_v1(number, identifier, attributes=b"", last=True):
    return struct.pack("!BBHBBH", 0 if last else 3, 0, 8 + len(attributes), number, identifier, 0) + attributes


def proposal_v1(number, protocol, spi, transforms, last=True):
    """transforms: list of (transform ID, attribute bytes)."""
    body = b"".join(transform_v1(i + 1, t[0], t[1], i == len(transforms) - 1) for i, t in enumerate(transforms))
    return struct.pack("!BBHBBBB", 0 if last else 2, 0, 8 + len(spi) + len(body), number, protocol,
                       len(spi), len(transforms)) + spi + body


def sa_v1(proposals, doi=1, situation=1, labels=b""):
    return struct.pack("!II", doi, situation) + labels + b"".join(proposals)


def notify_v1(kind, data=b"", doi=1, protocol=1, spi=b""):
    return struct.pack("!IBBH", doi, protocol, len(spi), kind) + spi + data


def config_v1(kind, attributes, identifier=0):
    return struct.pack("!BBH", kind, 0, identifier) + attributes


def generic(following, body):
    """A payload that does not stand in a chain of chain()."""
    return struct.pack("!BBH", following, 0, 4 + len(body)) + body


def _checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def udp(payload, source="10.9.0.1", destination="10.9.0.2", sport=500, dport=500):
    datagram = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload
    return ip(17, datagram, source, destination)


def ip(protocol, payload, source="10.9.0.1", destination="10.9.0.2"):
    a, b = ipaddress.ip_address(source), ipaddress.ip_address(destination)
    if a.version == 6:
        return struct.pack("!IHBB", 0x60000000, len(payload), protocol, 64) + a.packed + b.packed + payload
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0, a.packed, b.packed)
    return head[:10] + struct.pack("!H", _checksum(head)) + head[12:] + payload


def segment(payload, sequence, sport=40000, dport=4500, flags=0x18, ack=1):
    return struct.pack("!HHIIBBHHH", sport, dport, sequence, ack, 0x50, flags, 65535, 0, 0) + payload


def tcp(payload, sequence, source="10.9.0.1", destination="10.9.0.2", sport=40000, dport=4500, flags=0x18, ack=1):
    return ip(6, segment(payload, sequence, sport, dport, flags, ack), source, destination)


def tcp_frame(raw):
    """RFC 9329 3: the length counts itself."""
    return struct.pack("!H", 2 + len(raw)) + raw


def pcap(packets, start=1700000000.0, step=0.01, link=101):
    """A capture file of raw IP packets; an entry may be (time, bytes)."""
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link)]
    for index, packet in enumerate(packets):
        when = start + index * step
        if isinstance(packet, tuple):
            when, packet = packet
        seconds = int(when)
        out += [struct.pack("<IIII", seconds, int(round((when - seconds) * 1e6)), len(packet), len(packet)), packet]
    return b"".join(out)


def esp_marker(payload):
    return b"\0\0\0\0" + payload
