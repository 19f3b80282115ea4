# SPDX-License-Identifier: GPL-2.0-or-later
"""One forged packet in a session: what somebody on the path, or anywhere, can send. Nothing of it is authentic, so nothing
that is shown of the original frames may change: decrypted bytes, authentication, roles, algorithms, outcome, cause."""
import collections
import functools
import random
import struct

import attacks
import captures
import forgeries
import many
import packets
import tshark
from captures import Frame, Packet
from forgeries import FRAGMENT_V1, HEADER, KE, KE_V1, NONCE, NONCE_V1, SA, SA_V1, SKF, is_two, payloads, random_bytes, with_length
from variants import ERRORS_V1, ERRORS_V2, Session, clear_error

Injection = collections.namedtuple("Injection", "kind what capture origin before")
FIRST_MESSAGES = 8


def replaced(chance, message, kinds):
    """The message with the bodies of these payloads random, or None."""
    out, done = bytearray(message), False
    for kind, start, end in payloads(message):
        if kind in kinds:
            start += 4 if kind == KE else 0
            out[start:end] = random_bytes(chance, end - start)
            done = True
    return bytes(out) if done else None


def other_suite(chance, message):
    """Another encryption algorithm, key length or group in the SA payload, at the same place."""
    out = bytearray(message)
    for kind, start, end in payloads(message):
        if kind == SA:
            offset = start + 8 + message[start + 6]
            while offset + 8 <= end:
                length = struct.unpack("!H", out[offset + 2:offset + 4])[0]
                if out[offset + 4] == 1:    # ENCR: AES-CBC and AES-GCM change places, or 128 and 256 bits
                    if length >= 12 and chance.random() < 0.5:
                        bits = struct.unpack("!H", out[offset + 10:offset + 12])[0]
                        out[offset + 10:offset + 12] = struct.pack("!H", 128 if bits == 256 else 256)
                    else:
                        out[offset + 6:offset + 8] = struct.pack("!H", 20 if out[offset + 7] != 20 else 12)
                    return bytes(out)
                if length < 8:
                    break
                offset += length
        if kind == SA_V1 and message[17] >> 4 == 1 and end - start > 28:
            offset = start + 8 + 8 + 8    # DOI, situation, proposal, transform
            while offset + 4 <= end:
                attribute, value = struct.unpack("!HH", out[offset:offset + 4])
                if attribute == 0x8001:
                    out[offset + 2:offset + 4] = struct.pack("!H", 5 if value != 5 else 7)
                    return bytes(out)
                if attribute == 0x8002:
                    out[offset + 2:offset + 4] = struct.pack("!H", 1 if value != 1 else 2)
                    return bytes(out)
                offset += 4 if attribute & 0x8000 else 4 + value
    return None


def forged_fragment(chance, message):
    """A fragment of this message, of a set of other size or as one of its own."""
    body = random_bytes(chance, 120)
    if message[17] >> 4 == 1:
        payload = struct.pack("!BBHHBB", 0, 0, 8 + len(body), 1, chance.choice((1, 2)), chance.choice((0, 1))) + body
        return with_length(message[:16] + bytes([FRAGMENT_V1]) + message[17:19] + b"\0" + message[20:28] + payload)
    if message[18] == 34:
        return None
    number, total = chance.choice(((1, 2), (2, 2), (2, 3), (1, 9)))
    payload = struct.pack("!BBHHH", 35 if number == 1 else 0, 0, 8 + len(body), number, total) + body
    return with_length(message[:16] + bytes([SKF]) + message[17:28] + payload)


def forged_messages(chance, message):
    """(kind, what, message) to be sent by the same sender as this message."""
    two = message[17] >> 4 == 2
    body = random_bytes(chance, len(message) - HEADER)
    yield "random body", "", message[:HEADER] + body
    encrypted = bytearray(message)
    bit = chance.randrange(8 * HEADER, 8 * len(message))
    encrypted[bit // 8] ^= 1 << bit % 8
    yield "bit flipped", f"bit {bit} of the body", bytes(encrypted)
    header = bytearray(message)
    bit = chance.choice([*range(8 * 8, 8 * 16), *range(8 * 16, 8 * 24)])
    header[bit // 8] ^= 1 << bit % 8
    yield "bit flipped", f"bit {bit} of the header", bytes(header)
    for kinds, name in (((NONCE, NONCE_V1), "nonce"), ((KE, KE_V1), "KE"), ((NONCE, NONCE_V1, KE, KE_V1), "nonce and KE")):
        changed = replaced(chance, message, kinds if two else [k for k in kinds if k < 33])
        if changed:
            yield "other nonce or KE", name, changed
    changed = other_suite(chance, message)
    if changed:
        yield "other suite", "", changed
    yield "other SPI", "responder's", message[:8] + random_bytes(chance, 8) + message[16:]
    yield "other SPI", "initiator's", random_bytes(chance, 8) + message[8:]
    if message[8:16] != bytes(8):
        yield "other SPI", "responder's is zero", message[:8] + bytes(8) + message[16:]
    yield "wrong version", "", message[:17] + bytes([0x20 if not two else 0x10]) + message[18:]
    yield "wrong version", "3", message[:17] + b"\x30" + message[18:]
    yield "wrong flags", "", message[:19] + bytes([message[19] ^ (0x28 if two else 1)]) + message[20:]
    changed = forged_fragment(chance, message)
    if changed:
        yield "forged fragment", "", changed
    empty = message[:16] + b"\0" + message[17:28]
    yield "nothing in it", "", with_length(empty)


def icmp_error(packet, kind, code, mtu=0, quoted=None, sender=None):
    """The ICMP error that the destination or `sender` would send back for a packet. quoted: what stands in it, else the
    first bytes of the packet."""
    if quoted is None:
        quoted = (packet.head + packet.payload)[:28 + (20 if packet.six else 0)]
    body = struct.pack("!BBHI", kind, code, 0, mtu) + quoted
    body = body[:2] + struct.pack("!H", captures.checksum(body)) + body[4:]
    back = {**packet.to_sender(), **({"source": sender} if sender else {})}
    return packet.bytes(**back, payload=body, protocol=captures.ICMP6 if packet.six else captures.ICMP)


def quoting(packet, message, kind, code, sender):
    """An ICMP error that quotes a whole message, which need not be the one that was sent."""
    quoted = packet.bytes(payload=packet.payload[:8] + message)[len(packet.link_header):]
    return icmp_error(packet, kind, code, quoted=quoted, sender=sender)


@functools.lru_cache(maxsize=None)
def messages_of(name):
    """What the peers of another session sent, in clear and encrypted."""
    session = Session(tshark.TESTDATA / (name + ".pcap"))
    return [session.packets[number].ike()[1] for number in session.ike()]


def transplanted(session, message):
    """True messages of other sessions under the SPIs of this one, and of the other version."""
    for name in ("ikev1/main-psk", "ikev2/psk-aes-cbc"):
        for number, other in enumerate(messages_of(name) if name != session.name else ()):
            yield f"message {number} of {name}", message[:16] + other[16:]


def enclosed(packet, data):
    """(what, frame bytes) of a frame with a tag or another IP header around the packet."""
    link = packet.link_header
    if len(link) == 14:
        yield "VLAN tag", data[:12] + b"\x81\x00\x00\x07" + data[12:]
        yield "two tags", data[:12] + b"\x88\xa8\x00\x07\x81\x00\x00\x08" + data[12:]
    if packet.six:
        return
    inner = data[len(link):]
    for what, protocol, body in (("IP in IP", 4, inner), ("GRE", 47, b"\0\0\x08\0" + inner)):
        yield what, link + packet.bytes(payload=body, protocol=protocol)[len(link):]


def last_byte_changed(data):
    return data[:-1] + bytes([data[-1] ^ 1])


def stray_packets(chance, session, number):
    """(kind, what, frame bytes): what is no IKE message of these sides, or only looks like one."""
    packet = session.packets[number]
    marker, message = packet.ike()
    udp, ports = packet.payload[:8], packet.ports
    changed, stranger = last_byte_changed(message), attacks.stranger_to(packet)
    for name, more in (("", {}), ("to the sender", packet.to_sender()), ("of a stranger", {"source": stranger}), ("on 4500", {"ports": (4500, 4500)}),
                       ("other port", {"ports": (40003, 4500)})):
        yield "forged keepalive", name, packet.bytes(payload=udp + b"\xff", **more)
        yield "forged keepalive", f"no bytes, {name}", packet.bytes(payload=udp, **more)
        yield "forged keepalive", f"zeros, {name}", packet.bytes(payload=udp + bytes(8), **more)
    delete, exchange = (forgeries.DELETE, forgeries.INFORMATIONAL) if is_two(message) else (forgeries.DELETE_V1, forgeries.INFORMATIONAL_V1)
    clear_delete = forgeries.chain(message, [(delete, b"\1\0\0\0")], exchange=exchange)
    for kind, code in ((1, 4), (3, 0)) if packet.six else ((3, 3), (3, 13), (11, 0), (12, 0), (5, 1), (4, 0)):
        for sender in (None, stranger):
            who = "a router" if sender else "the peer"
            for what, one in (("whole message", message), ("other message", changed), ("delete in clear", clear_delete)):
                yield "forged ICMP", f"{kind}/{code} of {who}, {what}", quoting(packet, marker + one, kind, code, sender)
    # The same message and a changed one on the other port, with and without the marker.
    for what, one in (("", message), ("changed, ", changed)):
        for other, head in ((500, b""), (4500, bytes(4)), (4500, b""), (500, bytes(4)), (848, b"")):
            if (other, head) != (ports[1], marker):
                yield "other port", f"{what}{other}{', marker' if head else ''}", packet.bytes(payload=udp + head + one, ports=(other, other))
    for head in (b"\0\0\0\1", b"\xff" * 4, bytes(8), b"\0"):
        yield "other port", f"marker {head.hex()}", packet.bytes(payload=udp + head + message, ports=(4500, 4500))
    for what, one in transplanted(session, message):
        yield "of another session", what, packet.bytes(payload=udp + marker + one)
    for what, data in enclosed(packet, packet.bytes(payload=udp + marker + changed)):
        yield "enclosed copy", what, data
    yield "broken packet", "checksum", _with_udp(packet.bytes(payload=udp + marker + changed), packet, checksum=0x1234)
    yield "broken packet", "checksum, the same bytes", _with_udp(packet.bytes(), packet, checksum=0x1234)
    yield "broken packet", "UDP length too large", _with_udp(packet.bytes(payload=udp + marker + changed), packet, length=0xFFFF)
    yield "broken packet", "UDP length too small", _with_udp(packet.bytes(payload=udp + marker + message), packet, length=30)
    yield "broken packet", "TTL 1", packet.bytes(payload=udp + marker + changed, ttl=1)
    # A connection that was never opened, from one of the sides.
    for name, data in (("message", message), ("changed message", changed), ("random", random_bytes(chance, 60))):
        for prefix in (b"IKETCP", b""):
            segment = packets.segment(prefix + packets.tcp_frame(packets.esp_marker(data)), 1, sport=40100)
            yield "forged TCP", f"{name}{', IKETCP' if prefix else ''}", packet.bytes(payload=segment, protocol=captures.TCP)
    for name, spi in session.esp_spis(chance):
        head = struct.pack("!BBHII", 17, 4, 0, spi, 7) + random_bytes(chance, 12)
        yield "forged ESP", f"AH, {name}", packet.bytes(payload=head + udp + message, protocol=captures.AH)


def copies(chance, packet):
    """(kind, what, frame bytes): the packet itself as another router or a replay would have it; and parts of it in IP."""
    for name, changed in (("TTL 1", {"ttl": 1}), ("TTL 255", {"ttl": 255}), ("IP ID", {"ip_id": 0x1234}), ("TTL and IP ID", {"ttl": 9, "ip_id": 0x1235}),
                          ("ports swapped", {"ports": packet.ports[::-1]})):
        yield "copy", name, packet.bytes(**changed)
    if packet.six:
        return
    half = (len(packet.payload) // 2 + 7) // 8 * 8
    for name, start, end, more in (("first", 0, half, 0x2000), ("last", half, None, 0), ("far", half, None, 0)):
        for what, body in (("", packet.payload), (", other bytes", packet.payload[:8] + random_bytes(chance, len(packet.payload) - 8))):
            yield "IP fragment", name + what, in_fragment(packet, body[start:end], more | (start + (4096 if name == "far" else 0)) // 8)


def in_fragment(packet, body, flags_and_offset):
    head = bytearray(packet.head)
    head[2:4] = struct.pack("!H", len(head) + len(body))
    head[6:8] = struct.pack("!H", flags_and_offset)
    head[10:12] = bytes(2)
    head[10:12] = struct.pack("!H", captures.checksum(bytes(head)))
    return packet.link_header + bytes(head) + body


def null_esp(spi, sequence):
    """ESP with NULL encryption, as its heuristics take it: an IP packet, padding, its length, next header."""
    inner = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28, 1, 0, 64, 17, 0, bytes([10, 66, 0, 1]), bytes([10, 66, 0, 2]))
    inner = inner[:10] + struct.pack("!H", captures.checksum(inner)) + inner[12:] + struct.pack("!HHHH", 53, 53, 8, 0)
    return struct.pack("!II", spi, sequence) + inner + b"\1\2\2\4" + bytes(12)


def _with_udp(data, packet, checksum=None, length=None):
    """A frame with another checksum or length in its UDP header."""
    at = len(packet.link_header) + len(packet.head)
    out = bytearray(data)
    if checksum is not None:
        out[at + 6:at + 8] = struct.pack("!H", checksum)
    if length is not None:
        out[at + 4:at + 6] = struct.pack("!H", length)
    return bytes(out)


def forged_packets(chance, session, number):
    """(kind, what, frame bytes) around one IKE message of a session."""
    packet = session.packets[number]
    marker, message = packet.ike()
    udp, to_sender = packet.payload[:8], packet.to_sender()

    def sent(forged, **more):
        return packet.bytes(payload=udp + marker + forged, **more)

    for kind, what, forged in forged_messages(chance, message):
        yield kind, what, sent(forged)
    for kind, what, forged, *back in forgeries.forged(chance, message, list(session.esp_spis(chance))):
        yield kind, what, sent(forged, **(to_sender if any(back) else {}))
    errors = ERRORS_V2 if is_two(message) else ERRORS_V1
    for error in sorted(errors):
        forged = clear_error(message, error, True)
        yield "clear error", errors[error] + " to the sender", sent(forged, **to_sender)
        yield "clear error", errors[error] + " by the sender", sent(clear_error(message, error, False))
    stranger = attacks.stranger_to(packet)
    yield "spoofed address", "source", packet.bytes(source=stranger)
    yield "spoofed address", "destination", packet.bytes(destination=stranger)
    yield "spoofed address", "port", packet.bytes(ports=(40001, packet.ports[1]))
    yield "of a stranger", "both, a bit flipped", sent(last_byte_changed(message), source=stranger, ports=(500, packet.ports[1]))
    yield "of a stranger", "random body", sent(message[:HEADER] + random_bytes(chance, len(message) - HEADER), source=stranger)
    yield "of a stranger", "random body, to it", sent(message[:HEADER] + random_bytes(chance, len(message) - HEADER), destination=stranger)
    for name, spi in session.esp_spis(chance):
        body = struct.pack("!II", spi, 9) + random_bytes(chance, 88)
        yield "of a stranger", f"ESP, {name}", packet.bytes(payload=body, protocol=captures.ESP, source=stranger)
        yield "of a stranger", f"ESP, {name}, to it", packet.bytes(payload=body, protocol=captures.ESP, destination=stranger)
    yield "spoofed address", "source, bit flipped", sent(last_byte_changed(message), source=stranger)
    errors = ((1, 4, 0), (1, 1, 0), (2, 0, 1280)) if packet.six else ((3, 3, 0), (3, 13, 0), (3, 4, 576), (11, 0, 0))
    for kind, code, mtu in errors:
        yield "forged ICMP", f"{kind}/{code}", icmp_error(packet, kind, code, mtu)
    yield from stray_packets(chance, session, number)
    yield from copies(chance, packet)
    for name, spi in session.esp_spis(chance):
        for sequence in (1, 0xFFFFFFFF):
            body = null_esp(spi, sequence)
            for back in ({}, {key: value for key, value in to_sender.items() if key != "ports"}):
                yield "forged ESP", f"NULL, {name}, number {sequence:x}{', to the sender' if back else ''}", (
                    packet.bytes(payload=udp + body, **({"ports": packet.ports[::-1]} if back else {}), **back) if marker
                    else packet.bytes(payload=body, protocol=captures.ESP, **back))
    for name, spi in session.esp_spis(chance):
        body = struct.pack("!II", spi, chance.choice((1, 2, 1000, 0xFFFFFFFF))) + random_bytes(chance, 88)
        if marker:
            yield "forged ESP", f"in UDP, {name}", packet.bytes(payload=udp + body)
        else:
            yield "forged ESP", name, packet.bytes(payload=body, protocol=captures.ESP)


class Target(Session):
    """A session with the SPIs of its ESP packets."""

    def esp_spis(self, chance):
        spis = set()
        for packet in self.packets.values():
            if not packet.ok or packet.fragment:
                continue
            body = packet.payload[8:] if packet.udp and 4500 in packet.ports else \
                packet.payload if packet.protocol == captures.ESP else b""
            if len(body) >= 8 and body[:4] != bytes(4):
                spis.add(struct.unpack("!I", body[:4])[0])
        if spis:
            yield "known SPI", chance.choice(sorted(spis))
        yield "unknown SPI", chance.randrange(256, 1 << 32)


def replays(session, chance, numbers):
    """(kind, what, frame before which it is put, frame bytes): what was sent, again and later."""
    later = [number for number, packet in session.packets.items() if packet.ok]
    for number in numbers:
        for place in {chance.choice([n for n in later if n > number] or [number]) for _ in range(3)} - {number}:
            packet = session.packets[number]
            yield "replayed", f"frame {number}", place, packet.bytes()
            yield "replayed", f"frame {number}, other IP ID", place, packet.bytes(ip_id=chance.randrange(1, 65536))
            yield "replayed", f"frame {number}, other port", place, packet.bytes(ports=(40002, packet.ports[1]))


def esp_changed(session, chance):
    """(kind, what, frame before which it is put, frame bytes): ESP packets of the session with other bytes."""
    found = [number for number, packet in session.packets.items()
             if packet.ok and not packet.fragment and (packet.protocol in (captures.ESP, captures.AH) or packet.udp
                                                       and 4500 in packet.ports and not packet.ike() and len(packet.payload) > 40)]
    for number in chance.sample(found, min(len(found), 4)):
        packet = session.packets[number]
        head = 8 if packet.udp else 0
        sequence, = struct.unpack("!I", packet.payload[head + 4:head + 8])
        body = packet.payload[head + 8:]
        for what, payload in (("last byte", last_byte_changed(packet.payload)),
                              ("other bytes", packet.payload[:head + 8] + random_bytes(chance, len(body))),
                              ("next number", packet.payload[:head + 4] + struct.pack("!I", sequence + 1 & 0xFFFFFFFF) + body),
                              ("far number", packet.payload[:head + 4] + struct.pack("!I", 0xF0000000) + body),
                              ("cut", packet.payload[:-5])):
            for place in (number, number + 1):
                if place in session.packets:
                    yield "forged ESP", f"frame {number}, {what}", place, packet.bytes(payload=payload)


def around(number, forged):
    """Each of them before and after a frame."""
    for kind, what, data in forged:
        # Nobody can reflect what was not sent yet.
        for before in (True, False) if kind != "reflected" else (False,):
            yield kind, f"{what}{', ' if what else ''}{'before' if before else 'after'} frame {number}", number, before, data


def more_attacks(session, seed, numbers):
    """Those of attacks.py. Their chance is their own, so that they change no sample of the others."""
    chance = random.Random(f"{session.name} {seed} attacks")
    for number in numbers:
        yield from around(number, attacks.attacks(chance, session, number, icmp_error))
    for kind, what, place, data in attacks.reflected_later(session, chance, numbers):
        yield kind, f"{what}, before frame {place}", place, True, data


def injections(session, seed=1, messages=FIRST_MESSAGES, most=None, kinds=None, each=None):
    """Every forged packet, before and after each of the first messages; or a sample: at most so many, or so many of each kind."""
    chance = random.Random(f"{session.name} {seed}")
    made = []
    numbers = session.ike()[:messages] if messages > 0 else session.ike()[messages:]
    for number in numbers:
        made += around(number, forged_packets(chance, session, number))
    for kind, what, place, data in [*replays(session, chance, numbers), *esp_changed(session, chance)]:
        made.append((kind, f"{what}, before frame {place}", place, True, data))
    if kinds is None or set(kinds) & set(attacks.KINDS):
        made += more_attacks(session, seed, numbers)
    made = [one for one in made if kinds is None or one[0] in kinds]
    if each is not None:
        of_kind = collections.defaultdict(list)
        for one in made:
            of_kind[one[0]].append(one)
        made = [one for some in of_kind.values() for one in chance.sample(some, min(each, len(some)))]
    if most is not None and len(made) > most:
        made = chance.sample(made, most)
    for kind, what, number, before, data in made:
        frames = [(old, place) for place, old in session.frames]
        at = number - 1 if before else number
        frame = session.frames[number - 1][1]
        frames.insert(at, (Frame(frame.time, data), 0))
        origin = {place + 1: entry[1] for place, entry in enumerate(frames) if entry[1]}
        yield Injection(kind, what, captures.pcap(session.link, [entry[0] for entry in frames]), origin, before)


# ---- what must not change --------------------------------------------------------------------------------------

def _side(sa, side):
    return {name: sa[side][name] for name in ("address", "id", "auth", "auth_verified")}


def _state(sa, keys, before):
    """What is said of an IKE SA. Without keys nothing decides between two proposals, so what comes first counts."""
    state = {"initiator": _side(sa, "initiator"), "responder": _side(sa, "responder"), "outcome": sa["outcome"],
             "cause": (sa["cause"] or {}).get("code")}
    if keys or not before:
        state["proposal"] = sa["proposal"]
        state["NAT"] = sa["nat"]
    state["Child SAs"] = [{name: child[name] for name in ("spi_initiator", "spi_responder", "encryption", "integrity",
                                                          "outcome", "esp_decrypted")}
                          | {"cause": (child["cause"] or {}).get("code")} for child in sa["child_sas"]]
    return state


def _decrypted(rows, origin=None):
    """Original frame number -> what was decrypted or reassembled there."""
    found = {}
    for number, entries in rows.items():
        original = origin.get(number) if origin else number
        if original:
            found[original] = [value for name, value in entries if name == "data"]
    return {number: values for number, values in found.items() if values}


def _came_up(sa, result):
    """Of an IKE SA that never encrypts nothing is authentic, so that any other word of it counts as much, with keys and without;
    but one packet does not set it up."""
    up = ("established", "deleted", "rekeyed")
    if sa["outcome"] not in up and any(other["outcome"] in up for other in result.sas
                                       if other["spi_initiator"] == sa["spi_initiator"]):
        yield "an IKE SA came up"


def _head_of_fragment(packet):
    """IKEv1: the headers of a fragment, with its number and size; None of other packets."""
    _, message = packet.ike() if packet.ok and packet.ike() else (b"", b"")
    if len(message) < HEADER + 8 or message[16] != FRAGMENT_V1 or message[17] >> 4 != 1:
        return None
    return message[:HEADER + 8]


def _is_first_of_its_number(injection):
    """Whether the forged packet is a fragment of IKEv1, enclosed or not, and came before the true one that has its number and
    size: without keys nothing decides between the two, and what comes first counts."""
    link, frames = captures.read(injection.capture)
    forged = next(number for number in range(1, len(frames) + 1) if number not in injection.origin)
    heads = [_head_of_fragment(Packet(link, frame.data)) for frame in frames[forged:]]
    return any(head and head in frames[forged - 1].data for head in heads)


def compare(injection, original, result, keys):
    """What one forged packet changed, as texts."""
    changed = []
    old, new = _decrypted(original.rows), _decrypted(result.rows, injection.origin)
    # A copy of a fragment, or one in another message header, that came first completes the message in its place.
    elsewhere = {value for number, values in _decrypted(result.rows).items() if number not in injection.origin for value in values}
    undecided = not keys and old != new and _is_first_of_its_number(injection)
    for number in sorted(set(old) | set(new)) if not undecided else ():
        lost = [value for value in old.get(number, ()) if value not in new.get(number, ())]
        gained = [value for value in new.get(number, ()) if value not in old.get(number, ())]
        if gained or any(value not in elsewhere for value in lost):
            changed.append(f"frame {number}: decrypted bytes " + ("lost" if number not in new else "new" if number not in old else "differ"))
    after = {(sa["spi_initiator"], sa["spi_responder"]): sa for sa in result.sas}
    for sa in original.sas:
        if not sa["encrypted_messages"]:
            changed += _came_up(sa, result)
            continue
        other = after.get((sa["spi_initiator"], sa["spi_responder"]))
        if not other:
            changed.append(f"no IKE SA {sa['spi_initiator']}, {sa['spi_responder']}")
            continue
        was, now = _state(sa, keys, injection.before), _state(other, keys, injection.before)
        changed += [f"{name}: {now[name]} instead of {was[name]}" for name in was if was[name] != now[name]]
    return changed


def examine(session, log=None, seed=1, messages=FIRST_MESSAGES, most=None, kinds=None, each=None):
    """(injection, what changed) for every injection that changes something, and a count of injections by kind."""
    made = list(injections(session, seed, messages, most, kinds, each))
    results = many.read_all([session.path.read_bytes()] + [one.capture for one in made], log, fields=("isakmp.stream",))
    total = collections.Counter(one.kind for one in made)
    changed = [(one, texts) for one, result in zip(made, results[1:])
               if (texts := compare(one, results[0], result, log is not None))]
    return changed, total
