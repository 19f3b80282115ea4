#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts key logs into a capture: a pcapng with a Decryption Secrets Block for each, which the isakmp
plugin reads on Wireshark 4.4 and later. A pcap becomes a pcapng on the way.

    tools/inject-keys.py CAPTURE KEYLOG... -o WITH-KEYS.pcapng
"""
import argparse
import struct
import sys

SECTION, INTERFACE, ENHANCED, SECRETS = 0x0A0D0D0A, 1, 6, 0x0A
SECRETS_TYPE_IKE = 0x494B454B  # "IKEK"
BYTE_ORDER = 0x1A2B3C4D
# pcap magic as read in little endian -> (byte order, digits of a fraction of a second)
PCAP = {0xA1B2C3D4: ("<", 6), 0xD4C3B2A1: (">", 6), 0xA1B23C4D: ("<", 9), 0x4D3CB2A1: (">", 9)}


class Unreadable(Exception):
    """The capture is not what it should be."""


def block(order, kind, body):
    """One pcapng block."""
    body += bytes(-len(body) % 4)
    length = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + length + body + length


def secrets_block(order, text):
    return block(order, SECRETS, struct.pack(order + "II", SECRETS_TYPE_IKE, len(text)) + text)


def converted(capture, keys):
    """A pcap as pcapng: the blocks, one at a time. keys: the texts to go in front of the packets."""
    order, digits = PCAP[struct.unpack("<I", capture[:4])[0]]
    if len(capture) < 24:
        raise Unreadable("the header of the pcap is cut")
    snap_length, link_type = struct.unpack(order + "II", capture[16:24])
    yield block(order, SECTION, struct.pack(order + "IHHq", BYTE_ORDER, 1, 0, -1))
    # if_tsresol (9): the fraction of a second has so many decimal digits; then the end of options.
    options = struct.pack(order + "HHB3xHH", 9, 1, digits, 0, 0)
    # The upper half of the link type says how long the frame check sequence is: not pcapng's.
    yield block(order, INTERFACE, struct.pack(order + "HHI", link_type & 0xFFFF, 0, snap_length) + options)
    for text in keys:
        yield secrets_block(order, text)
    at = 24
    while at < len(capture):
        if at + 16 > len(capture):
            raise Unreadable(f"the packet at byte {at} is cut")
        seconds, fraction, captured, original = struct.unpack(order + "IIII", capture[at:at + 16])
        at += 16
        if at + captured > len(capture):
            raise Unreadable(f"the packet at byte {at - 16} is cut")
        time = seconds * 10**digits + fraction
        yield block(order, ENHANCED, struct.pack(order + "IIIII", 0, time >> 32, time & 0xFFFFFFFF,
                                                 captured, original) + capture[at:at + captured])
        at += captured


def injected(capture, keys):
    """A pcapng with the texts behind the header of its first section, where readers meet them before
    the packets."""
    magic = capture[8:12]
    order = {struct.pack(o + "I", BYTE_ORDER): o for o in "<>"}.get(magic)
    if order is None:
        raise Unreadable("the section header of the pcapng has no byte order")
    length = struct.unpack(order + "I", capture[4:8])[0]
    if length < 28 or length % 4 or length > len(capture):
        raise Unreadable("the section header of the pcapng is cut")
    added = b"".join(secrets_block(order, text) for text in keys)
    header = bytearray(capture[:length])
    section = struct.unpack(order + "q", header[16:24])[0]
    if section >= 0:
        header[16:24] = struct.pack(order + "q", section + len(added))
    yield bytes(header)
    yield added
    yield capture[length:]


def with_keys(capture, keys):
    """The bytes of a pcapng: the capture (pcap or pcapng) and key log texts."""
    if len(capture) < 12:
        raise Unreadable("too short for a capture")
    magic = struct.unpack("<I", capture[:4])[0]
    if magic == SECTION:
        return b"".join(injected(capture, keys))
    if magic in PCAP:
        return b"".join(converted(capture, keys))
    raise Unreadable("neither pcap nor pcapng")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def main():
    parser = argparse.ArgumentParser(description="Puts key logs into a capture (pcapng).")
    parser.add_argument("capture", help="pcap or pcapng")
    parser.add_argument("keylog", nargs="+", help="text as docs/keylog.md says, or a daemon's log")
    parser.add_argument("-o", "--output", required=True, help="the pcapng to write")
    arguments = parser.parse_args()
    try:
        raw = with_keys(read(arguments.capture), [read(path) for path in arguments.keylog])
        with open(arguments.output, "wb") as file:
            file.write(raw)
    except Unreadable as problem:
        sys.exit(f"{arguments.capture}: {problem}")
    except OSError as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
