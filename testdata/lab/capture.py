# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads and writes classic captures of Ethernet, and takes the UDP header out of ESP."""
import struct

ETHERNET = 14


def read(path):
    """[(seconds, microseconds, frame)]"""
    with open(path, "rb") as file:
        data = file.read()
    order = "<" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    packets, at = [], 24
    while at + 16 <= len(data):
        seconds, micros, size, _ = struct.unpack(order + "IIII", data[at : at + 16])
        packets.append((seconds, micros, data[at + 16 : at + 16 + size]))
        at += 16 + size
    return packets


def write(path, packets):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for seconds, micros, frame in packets:
            file.write(struct.pack("<IIII", seconds, micros, len(frame), len(frame)) + frame)


def checksum(data):
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(source, target, protocol, payload, identification=0):
    """An IPv4 packet; addresses as four octets."""
    head = struct.pack(
        ">BBHHHBBH4s4s",
        0x45,
        0,
        20 + len(payload),
        identification,
        0x4000,
        64,
        protocol,
        0,
        source,
        target,
    )
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def without_udp(frame):
    """The frame with ESP directly on IP, where it was ESP in UDP; any other frame as it is."""
    kind = frame[12:14]
    if kind == b"\x08\x00":
        ip, protocol_at, size = frame[ETHERNET:], 9, (frame[ETHERNET] & 15) * 4
    elif kind == b"\x86\xdd":
        ip, protocol_at, size = frame[ETHERNET:], 6, 40
    else:
        return frame
    udp = ip[size:]
    if (
        ip[protocol_at] != 17
        or 4500 not in struct.unpack(">HH", udp[:4])
        or len(udp) < 8 + 9
        or udp[8:12] == bytes(4)
    ):
        return frame
    if kind == b"\x86\xdd":
        head = bytearray(ip[:40])
        head[4:6] = struct.pack(">H", len(udp) - 8)
        head[6] = 50
        return frame[:ETHERNET] + bytes(head) + udp[8:]
    return frame[:ETHERNET] + ipv4(
        ip[12:16], ip[16:20], 50, udp[8:], struct.unpack(">H", ip[4:6])[0]
    )
