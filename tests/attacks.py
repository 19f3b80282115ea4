# SPDX-License-Identifier: GPL-2.0-or-later
"""More packets of somebody without keys, made from what was sent in the whole session: answers of third parties, parts of true
messages put together, groups and private exchanges, other encapsulations, quotations, messages late in the life of an IKE SA."""
import ipaddress
import struct

import captures
import forgeries
import packets
from forgeries import (CREATE_CHILD_SA, DELETE, DELETE_V1, FRAGMENT_V1, HASH_V1, HEADER, IDI, IKE_AUTH, IKE_SA_INIT, INFORMATIONAL,
                       INFORMATIONAL_V1, INITIATOR, NOTIFY, NOTIFY_V1, QUICK_MODE, RESPONSE, SA, SK, SKF, TRANSACTION, chain, is_two,
                       random_bytes, with_length)

KINDS = ("third party", "spliced", "private exchange", "group message", "late answer", "tunnelled", "quoted part", "odd address",
         "lying delete", "next message", "same SPIs elsewhere", "two messages", "reflected later", "overlapping fragment", "odd segment")


def stranger_to(packet):
    """An address of neither side."""
    return ipaddress.ip_address("2001:db8:99::1" if packet.six else "198.51.100.99")


def encrypted(message, first, body, exchange, flags, message_id):
    """An encrypted message under the SPIs of another."""
    if is_two(message):
        content = struct.pack("!BBH", first, 0, 4 + len(body)) + body
        return with_length(message[:16] + bytes([SK, message[17], exchange, flags]) + struct.pack("!I", message_id) + bytes(4) + content)
    return with_length(message[:16] + bytes([first, message[17], exchange, 1]) + struct.pack("!I", message_id) + bytes(4) + body)


def is_encrypted(message):
    return message[16] in (SK, SKF) if is_two(message) else message[19] & 1 or message[16] == FRAGMENT_V1


def third_party(chance, packet, message, sent):
    """What an address of neither side sends to the sender: answers, errors, encrypted messages; what the two sides never sent to
    each other."""
    stranger = stranger_to(packet)
    to_sender = {**packet.to_sender(), "source": stranger}
    for kind, what, forged, *_ in forgeries.plausible_answers(chance, message):
        yield f"{kind}, {what}", sent(forged, **to_sender)
    for kind, what, forged, *_ in forgeries.init_responses(chance, message):
        yield f"{kind}, {what}", sent(forged, **to_sender)
    two = is_two(message)
    error = (NOTIFY, packets.notify(24)) if two else (NOTIFY_V1, packets.notify_v1(24))
    flags = forgeries.answered(message) if two else 0
    yield "AUTHENTICATION_FAILED", sent(chain(message, [error], flags=flags), **to_sender)
    body = random_bytes(chance, 96)
    yield "encrypted answer", sent(encrypted(message, IDI + 1 if two else HASH_V1, body, message[18], flags, struct.unpack("!I", message[20:24])[0]),
                                   **to_sender)


def spliced(chance, session, number, message):
    """This message and earlier ones of the session put together: the header of one and the body of another, of this side and the other; halves."""
    others = [n for n in session.ike() if n < number]
    for other in chance.sample(others, min(3, len(others))):
        _, second = session.packets[other].ike()
        yield f"body of frame {other}", with_length(message[:HEADER] + second[HEADER:])
        yield f"header of frame {other}", with_length(second[:HEADER] + message[HEADER:])
        yield f"first payload and body of frame {other}", with_length(message[:16] + second[16:17] + message[17:HEADER] + second[HEADER:])
        yield f"message ID of frame {other}", message[:20] + second[20:24] + message[24:]
        yield f"message ID and exchange of frame {other}", message[:18] + second[18:24] + message[24:]
        half = (HEADER + min(len(message), len(second))) // 2 // 4 * 4
        yield f"half of frame {other}", with_length(message[:half] + second[half:])
        if second[:16] != message[:16]:
            yield f"SPIs of frame {other}", second[:16] + message[16:]


def private_exchange(chance, message):
    """Exchange types that no standard assigns, in clear and encrypted."""
    two, number = is_two(message), struct.unpack("!I", message[20:24])[0]
    notify = (NOTIFY, packets.notify(16384)) if two else (NOTIFY_V1, packets.notify_v1(24578, spi=message[:16]))
    for exchange in (243, 255, 0, 1, 36 if not two else 33):
        for flags in {message[19], message[19] ^ (RESPONSE if two else 1)}:
            yield f"{exchange}, notify, flags {flags:#x}", chain(message, [notify], exchange=exchange, flags=flags)
            yield f"{exchange}, encrypted, flags {flags:#x}", encrypted(message, NOTIFY if two else HASH_V1, random_bytes(chance, 80), exchange,
                                                                       flags, number + 1 & 0xFFFFFFFF)
        yield f"{exchange}, the same message", message[:18] + bytes([exchange]) + message[19:]


def group_message(chance, packet, message, sent):
    """GDOI and G-IKEv2 under the SPIs of the session, on its port and on 848."""
    two = is_two(message)
    for ports in (packet.ports, (848, 848)):
        for exchange in (39, 40, 41) if two else (32, 33):
            for flags in {message[19], message[19] ^ (RESPONSE if two else 1)}:
                for message_id in (0, 1):
                    made = encrypted(message, IDI if two else HASH_V1, random_bytes(chance, 96), exchange, flags, message_id)
                    yield f"exchange {exchange}, flags {flags:#x}, ID {message_id}, port {ports[1]}", sent(made, ports=ports)
        body = [(SA, random_bytes(chance, 40))] if two else [(1, struct.pack("!II", 2, 0) + random_bytes(chance, 16)), (15, random_bytes(chance, 12))]
        yield f"in clear, port {ports[1]}", sent(chain(message, body, exchange=41 if two else 33, message_id=0), ports=ports)


def late_answer(chance, message):
    """Answers of a first exchange to any message: errors, COOKIE, another group, another gateway, other versions."""
    number = struct.unpack("!I", message[20:24])[0]
    if is_two(message):
        for kind, data in ((1, b"c"), (4, b""), (5, b"\x20"), (7, b""), (9, struct.pack("!I", number)), (14, b""), (17, b"\0\x13"), (24, b""),
                           (16390, random_bytes(chance, 16)), (16407, bytes([1, 4, 198, 51, 100, 7])), (16396, b""), (16400, b"")):
            for message_id, exchange in ((number, message[18]), (0, IKE_SA_INIT), (number + 1 & 0xFFFFFFFF, INFORMATIONAL)):
                flags = forgeries.answered(message) | RESPONSE
                yield f"notify {kind}, exchange {exchange}, ID {message_id}", chain(message, [(NOTIFY, packets.notify(kind, data))], exchange=exchange,
                                                                                    flags=flags, message_id=message_id), True
        return
    for kind in (1, 4, 9, 14, 16, 17, 18, 23, 24, 29, 24576, 24578, 36136):
        for body in ([], [(HASH_V1, random_bytes(chance, 20))]):
            yield f"notify {kind}{', HASH' if body else ''}", chain(
                message, body + [(NOTIFY_V1, packets.notify_v1(kind, b"\0\0\0\1", spi=message[:16]))], exchange=INFORMATIONAL_V1, flags=0,
                message_id=chance.getrandbits(32) | 1), True


def tunnelled(packet, changed):
    """A changed copy in MPLS, PPPoE, VXLAN, GTP-U and IPv6, as another place of capture has it."""
    inner, link = changed[len(packet.link_header):], packet.link_header
    if len(link) != 14 or packet.six:
        return
    yield "MPLS", link[:12] + b"\x88\x47" + struct.pack("!I", 16 << 12 | 0x140) + inner
    yield "PPPoE", link[:12] + b"\x88\x64" + struct.pack("!BBHHH", 0x11, 0, 1, 2 + len(inner), 0x21) + inner
    for what, port, head, body in (("VXLAN", 4789, b"\x08\0\0\0\0\0\x07\0", changed), ("GTP-U", 2152, struct.pack("!BBHI", 0x30, 255, len(inner), 7), inner)):
        yield what, packet.bytes(payload=struct.pack("!HHHH", 50000, port, 0, 0) + head + body)
    six = struct.pack("!IHBB", 0x60000000, len(inner), 4, 64) + ipaddress.ip_address("2001:db8::1").packed + ipaddress.ip_address("2001:db8::2").packed
    yield "IPv6", link[:12] + b"\x86\xdd" + six + inner


def quoted_part(chance, packet, message, spis, icmp_error):
    """ICMP errors that quote eight bytes, a header, another exchange, ESP; and an echo request that carries the packet."""
    kinds = ((1, 4), (2, 0), (3, 0)) if packet.six else ((3, 3), (3, 4), (3, 2), (11, 1))
    whole = packet.bytes()[len(packet.link_header):]
    head = len(packet.head)
    parts = [("UDP header", whole[:head + 8]), ("IKE header", whole[:head + 8 + 28]), ("half", whole[:len(whole) // 2]),
             ("other exchange", packet.bytes(payload=packet.payload[:8] + message[:18] + bytes([37 if is_two(message) else 5]) + message[19:])
              [len(packet.link_header):])]
    for name, spi in spis:
        body = struct.pack("!II", spi, 77) + random_bytes(chance, 40)
        parts.append((f"ESP, {name}", packet.bytes(payload=body, protocol=captures.ESP)[len(packet.link_header):]))
    for kind, code in kinds:
        for what, quoted in parts:
            yield f"{kind}/{code}, {what}", icmp_error(packet, kind, code, mtu=600, quoted=quoted)
    yield "echo", icmp_error(packet, 128 if packet.six else 8, 0, quoted=whole)


def odd_address(packet, forged):
    """From and to addresses that are no host's, and to the sender itself."""
    any_host, group = (ipaddress.ip_address(text) for text in (("::", "ff02::1") if packet.six else ("0.0.0.0", "224.0.0.1")))
    yield "from nowhere", {"source": any_host}
    yield "to a group", {"destination": group}
    yield "from a group", {"source": group}
    yield "to itself", {"destination": packet.source}
    if not packet.six:
        yield "to all", {"destination": ipaddress.ip_address("255.255.255.255")}
    yield "port 0", {"ports": (0, packet.ports[1])}
    yield "to port 0", {"ports": (packet.ports[0], 0)}


def lying_delete(chance, message, spis):
    """Deletes in clear with counts, sizes, protocols and DOIs that are wrong, and encrypted ones of the size of a true one."""
    two, number = is_two(message), struct.unpack("!I", message[20:24])[0]
    known = b"".join(struct.pack("!I", spi) for _, spi in spis)
    bodies = [(3, 4, 0xFFFF, known), (3, 0, 2, known), (1, 8, 1, message[:8]), (2, 4, 1, known[:4]), (0, 0, 0, b""), (255, 4, 1, known[:4])]
    for protocol, size, count, body in bodies:
        made = struct.pack("!BBH", protocol, size, count) + body
        flags = message[19] & INITIATOR if two else 0
        for doi in (None,) if two else (0, 1, 2):
            content = made if two else struct.pack("!I", doi) + made
            yield f"protocol {protocol}, {count} of {size} bytes{f', DOI {doi}' if doi is not None else ''}", chain(
                message, [(DELETE if two else DELETE_V1, content)], exchange=INFORMATIONAL if two else INFORMATIONAL_V1, flags=flags,
                message_id=number + 1 & 0xFFFFFFFF if two else chance.getrandbits(32) | 1)


def next_message(chance, session, message):
    """Random bytes of the size of a true message as the next message of each side: what rekeys, deletes or asks whether the peer
    is alive, and what answers it."""
    sizes = sorted({len(other) for n in session.ike() for _, other in [session.packets[n].ike()] if is_encrypted(other)}) or [108]
    if not is_two(message):
        for exchange in (INFORMATIONAL_V1, TRANSACTION, QUICK_MODE):
            size = chance.choice(sizes) - HEADER
            made = encrypted(message, HASH_V1, random_bytes(chance, max(8, size // 16 * 16)), exchange, 1, chance.getrandbits(32) | 1)
            yield f"exchange {exchange}, {size} bytes", made
            yield f"exchange {exchange}, {size} bytes, answer", made, True
        return
    last = max((struct.unpack("!I", other[20:24])[0] for n in session.ike() for _, other in [session.packets[n].ike()]
                if other[:8] == message[:8] and other[19] & INITIATOR == message[19] & INITIATOR and not other[19] & RESPONSE), default=0)
    for exchange, first in ((CREATE_CHILD_SA, SA), (INFORMATIONAL, DELETE), (INFORMATIONAL, 0), (INFORMATIONAL, NOTIFY), (IKE_AUTH, NOTIFY), (IKE_AUTH, IDI)):
        size = max(40, chance.choice(sizes) - HEADER - 4)
        for message_id in {last, last + 1}:
            made = encrypted(message, first, random_bytes(chance, size), exchange, message[19] & INITIATOR, message_id)
            yield f"exchange {exchange}, payload {first}, {size} bytes, ID {message_id}", made
            answer = made[:19] + bytes([message[19] & INITIATOR ^ INITIATOR | RESPONSE]) + made[20:]
            yield f"exchange {exchange}, payload {first}, {size} bytes, ID {message_id}, answer", answer, True


def overlapping(chance, packet):
    """IP fragments that overlap the packet, begin in its UDP header, or are the same datagram of another protocol."""
    if packet.six:
        return
    for start, end, more in ((0, 8, 0x2000), (8, 32, 0x2000), (16, len(packet.payload), 0), (0, len(packet.payload) // 8 * 8, 0x2000)):
        body = packet.payload[start:end]
        for what, content in (("", body), (", other bytes", random_bytes(chance, len(body)))):
            head = bytearray(packet.head)
            head[2:4] = struct.pack("!H", len(head) + len(content))
            head[6:8] = struct.pack("!H", more | start // 8)
            head[10:12] = bytes(2)
            head[10:12] = struct.pack("!H", captures.checksum(bytes(head)))
            yield f"{start} to {end}{what}", packet.link_header + bytes(head) + content


def odd_segment(chance, packet, marker, message):
    """TCP that was never opened: with and without the prefix, of lengths that lie, as the first bytes, an end, in UDP."""
    framed = packets.tcp_frame(marker + message if marker else bytes(4) + message)
    for flags, name in ((2, "SYN"), (0x11, "FIN"), (4, "RST"), (0x18, "data")):
        for what, data in (("prefix", b"IKETCP"), ("prefix and message", b"IKETCP" + framed), ("long", b"IKETCP\xff\xff" + framed[2:]), ("none", b"")):
            yield f"{name}, {what}", packet.bytes(payload=packets.segment(data, 7, 40200, 4500, flags), protocol=captures.TCP)
    yield "in UDP", packet.bytes(payload=packet.payload[:8] + b"IKETCP" + framed)
    yield "in UDP, framed", packet.bytes(payload=packet.payload[:8] + framed)


def attacks(chance, session, number, icmp_error):
    """(kind, what, frame bytes) around one IKE message of a session."""
    packet = session.packets[number]
    marker, message = packet.ike()
    udp, spis = packet.payload[:8], list(session.esp_spis(chance))

    def sent(forged, **more):
        return packet.bytes(payload=udp + marker + forged, **more)

    changed = message[:-1] + bytes([message[-1] ^ 1])
    for what, data in third_party(chance, packet, message, sent):
        yield "third party", what, data
    for what, forged in spliced(chance, session, number, message):
        yield "spliced", what, sent(forged)
    for what, forged in private_exchange(chance, message):
        yield "private exchange", what, sent(forged)
    for what, data in group_message(chance, packet, message, sent):
        yield "group message", what, data
    for kind, made in (("late answer", late_answer(chance, message)), ("lying delete", lying_delete(chance, message, spis)),
                       ("next message", next_message(chance, session, message))):
        for what, forged, *back in made:
            yield kind, what, sent(forged, **(packet.to_sender() if any(back) else {}))
    for what, data in tunnelled(packet, sent(changed)):
        yield "tunnelled", what, data
    for what, data in quoted_part(chance, packet, message, spis, icmp_error):
        yield "quoted part", what, data
    for name, forged in (("", message), (", changed", changed)):
        for what, more in odd_address(packet, forged):
            yield "odd address", what + name, sent(forged, **more)
        other = ipaddress.ip_address("2001:db8:98::1" if packet.six else "192.0.2.77")
        yield "same SPIs elsewhere", "two strangers" + name, sent(forged, source=stranger_to(packet), destination=other)
        yield "same SPIs elsewhere", "two strangers, port 4500" + name, sent(forged, source=other, destination=stranger_to(packet), ports=(4500, 4500))
    for what, data in (("the same", message), ("changed", changed), ("random", random_bytes(chance, 40)), ("zeros", bytes(40))):
        yield "two messages", what, sent(message + data)
        yield "two messages", what + ", length of both", sent(with_length(message + data))
    yield "two messages", "two markers", packet.bytes(payload=udp + bytes(4) + marker + message)
    for what, data in overlapping(chance, packet):
        yield "overlapping fragment", what, data
    for what, data in odd_segment(chance, packet, marker, message):
        yield "odd segment", what, data


def reflected_later(session, chance, numbers):
    """(kind, what, frame before which it is put, frame bytes): what was sent goes back to its sender later, as it is, with the
    flags of an answer, with the next message ID."""
    for number in numbers:
        packet = session.packets[number]
        marker, message = packet.ike()
        later = [n for n in session.ike() if n > number]
        if not later:
            continue
        place, back = chance.choice(later), packet.to_sender()
        flags = bytes([forgeries.answered(message) if is_two(message) else message[19]])
        following = struct.pack("!I", struct.unpack("!I", message[20:24])[0] + 1 & 0xFFFFFFFF)
        for what, forged in (("", message), ("answer, ", message[:19] + flags + message[20:]), ("next ID, ", message[:20] + following + message[24:]),
                             ("answer, next ID, ", message[:19] + flags + following + message[24:])):
            yield "reflected later", f"{what}frame {number}", place, packet.bytes(payload=packet.payload[:8] + marker + forged, **back)
            yield "reflected later", f"{what}not reflected, frame {number}", place, packet.bytes(payload=packet.payload[:8] + marker + forged)
