# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions of the lab as they would be over TCP (RFC 9329), and one forged segment in them."""
import random

import captures
import packets
from captures import Frame
from forgeries import random_bytes
from injections import Injection

CLIENT, SERVER = 40022, 4500
ACK, PUSH, RST = 0x10, 0x18, 0x14


def segment(packet, ports, sequence, acknowledged, flags, data=b"", /, **more):
    payload = packets.segment(data, sequence & 0xFFFFFFFF, *ports, flags, acknowledged & 0xFFFFFFFF)
    return packet.bytes(payload=payload, protocol=captures.TCP, **more)


def over_tcp(session):
    """[(time, packet, ports, sequence, acknowledged, data)]: each message in a segment, in one connection."""
    out, sequence, client = [], {}, None
    for number in session.ike():
        packet = session.packets[number]
        _, message = packet.ike()
        client = client or packet.source
        forth = packet.source == client
        data = packets.tcp_frame(packets.esp_marker(message))
        if forth not in sequence:
            sequence[forth] = 1000
            data = (b"IKETCP" if forth else b"") + data
        ports = (CLIENT, SERVER) if forth else (SERVER, CLIENT)
        out.append((session.frames[number - 1][1].time, packet, ports, sequence[forth], sequence.get(not forth, 1000), data))
        sequence[forth] += len(data)
    return out


def forged_segments(chance, packet, ports, sequence, acknowledged, data):
    """(what, frame bytes, whether it can come before the true one): what is not the next data of the stream.

    A reset, or an end, of a sequence number far ahead is not among them: Wireshark's TCP takes all data behind it for
    retransmissions and hands it to no dissector."""
    other = random_bytes(chance, len(data))
    end = sequence + len(data)
    yield "reset", segment(packet, ports, end, acknowledged, RST), False
    yield "other bytes again", segment(packet, ports, sequence, acknowledged, PUSH, other), False
    yield "overlap", segment(packet, ports, sequence + len(data) // 2, acknowledged, PUSH, other[:len(data) - len(data) // 2]), False
    yield "bytes before the stream", segment(packet, ports, sequence - 5000, acknowledged, PUSH, other), True
    yield "one byte before the next", segment(packet, ports, end - 1, acknowledged, PUSH, b"\0"), False
    yield "another connection", segment(packet, (CLIENT + 1, SERVER), sequence, acknowledged, PUSH, data), False
    yield "another connection, other bytes", segment(packet, (CLIENT + 1, SERVER), sequence, acknowledged, PUSH, other), True
    yield "length zero in another connection", segment(packet, (CLIENT + 2, SERVER), 1, 1, PUSH, b"IKETCP\0\0" + other), True
    yield "acknowledgement", segment(packet, ports[::-1], acknowledged, end, ACK, **packet.to_sender()), False


def injections(session, seed=1, most=40):
    """The session over TCP, then (injection) for a sample of forged segments."""
    chance, segments = random.Random(f"{session.name} tcp {seed}"), over_tcp(session)
    frames = [Frame(time, segment(packet, ports, sequence, acknowledged, PUSH, data))
              for time, packet, ports, sequence, acknowledged, data in segments]
    yield Injection("original", "", captures.pcap(session.link, frames), {k + 1: k + 1 for k in range(len(frames))}, False)
    made = []
    for place, (time, *parts) in enumerate(segments):
        for what, forged, before in forged_segments(chance, *parts):
            made += [(f"{what}, {'before' if first else 'after'} segment {place + 1}", place + (not first), Frame(time, forged))
                     for first in ((True, False) if before else (False,))]
    for what, at, frame in chance.sample(made, min(most, len(made))):
        mixed = [(old, k + 1) for k, old in enumerate(frames)]
        mixed.insert(at, (frame, 0))
        origin = {k + 1: old for k, (_, old) in enumerate(mixed) if old}
        yield Injection("forged segment", what, captures.pcap(session.link, [one for one, _ in mixed]), origin, True)
