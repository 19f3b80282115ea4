# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages that somebody without keys can make of one that was seen: each maker yields (kind, what, message), sent by the
same sender as the original, or (kind, what, message, True) when the other side sends it."""
import struct

import packets

HEADER = 28
SA, KE, IDI, AUTH, NONCE, NOTIFY, DELETE, VENDOR, SK, SKF = 33, 34, 35, 39, 40, 41, 42, 43, 46, 53
SA_V1, KE_V1, ID_V1, HASH_V1, NONCE_V1, NOTIFY_V1, DELETE_V1, VENDOR_V1, NAT_D, NAT_D_DRAFT, FRAGMENT_V1 = \
    1, 4, 5, 8, 10, 11, 12, 13, 20, 130, 132
IKE_SA_INIT, IKE_AUTH, CREATE_CHILD_SA, INFORMATIONAL = 34, 35, 36, 37
INFORMATIONAL_V1, TRANSACTION, QUICK_MODE = 5, 6, 32
INITIATOR, RESPONSE = 0x08, 0x20
COOKIE, REDIRECT, INVALID_KE, NAT_SOURCE, NAT_DESTINATION = 16390, 16407, 17, 16388, 16389
DIRECTIONS = (False, ""), (True, ", to the sender")
IDENTITY = b"\2\0\0\0forged.example"
SUITE = [(1, 12, packets.tv(14, 128)), (2, 2), (3, 2), (4, 2)]
# Vendor IDs that change how messages are read: fragmentation, XAUTH, dead peer detection, Unity, GDOI, NAT-T.
VENDORS = {"fragmentation": "4048b7d56ebce88525e7de7f00d6c2d3", "XAUTH": "09002689dfd6b712", "DPD": "afcad71368a1f1c96b8696fc77570100",
           "Unity": "12f5f28c457168a9702d9fe274cc0100", "NAT-T": "4a131c81070358455c5728f20e95452f",
           "Microsoft": "1e2b516905991c7d7c96fcbfb587e461", "GDOI": "474432434b492d4f5053"}


def random_bytes(chance, count):
    return bytes(chance.getrandbits(8) for _ in range(count))


def is_two(message):
    return message[17] >> 4 == 2


def with_length(message):
    return message[:24] + struct.pack("!I", len(message)) + message[28:]


def payloads(message):
    """[(type, offset of its body, end)] of the unencrypted payloads."""
    found, kind, offset = [], message[16], HEADER
    if message[17] >> 4 == 1 and message[19] & 1:
        return found
    while kind and offset + 4 <= len(message):
        length = struct.unpack("!H", message[offset + 2:offset + 4])[0]
        if length < 4 or offset + length > len(message):
            break
        found.append((kind, offset + 4, offset + length))
        if kind in (SK, SKF) and is_two(message):
            break
        kind, offset = message[offset], offset + length
    return found


def chain(header, parts, **changed):
    """A message of payloads [(type, body)] behind the header of another; changed: exchange, flags, message_id."""
    return with_length(header[:16] + bytes([parts[0][0] if parts else 0, header[17], changed.get("exchange", header[18]),
                                            changed.get("flags", header[19])])
                       + struct.pack("!I", changed.get("message_id", struct.unpack("!I", header[20:24])[0])) + bytes(4) + packets.chain(parts))


def with_payload(message, kind, body, first=False):
    """A clear message with one more payload, at its end or its beginning."""
    parts = [(one, message[start:end]) for one, start, end in payloads(message)]
    if not parts or parts[0][0] in (SK, SKF, FRAGMENT_V1):
        return None
    return chain(message, [(kind, body)] + parts if first else parts + [(kind, body)])


def answered(message):
    """Flags of what the other side sends to a message, in IKEv2."""
    return ~message[19] & (INITIATOR | RESPONSE)


# ---- the message itself, changed -------------------------------------------------------------------------------

def cut(chance, message):
    """Shorter copies: with the length in the header as it was, and with it right."""
    for name, size in (("to its header", HEADER), ("in the middle", chance.randrange(HEADER, len(message) + 1)),
                       ("by a byte", len(message) - 1)):
        if size >= HEADER:
            yield "cut", name, message[:size]
            yield "cut", name + ", length right", with_length(message[:size])
    yield "cut", "below a header", message[:chance.randrange(1, HEADER)]


def wrong_length(chance, message):
    for name, length in (("one less", len(message) - 1), ("one more", len(message) + 1), ("zero", 0),
                         ("huge", 0xFFFFFFF0), ("header only", HEADER)):
        yield "wrong length", name, message[:24] + struct.pack("!I", length) + message[28:]
    if len(message) >= HEADER + 4:
        yield "wrong length", "payload zero", message[:HEADER + 2] + bytes(2) + message[HEADER + 4:]
        yield "wrong length", "payload huge", message[:HEADER + 2] + b"\xff\xff" + message[HEADER + 4:]
    yield "wrong length", "trailing bytes", with_length(message + random_bytes(chance, 20))


def other_header(chance, message):
    """One field of the header changed: message ID, flags, exchange type, first payload, minor version, SPIs."""
    number = struct.unpack("!I", message[20:24])[0]
    for value in {number + 1 & 0xFFFFFFFF, number - 1 & 0xFFFFFFFF, 0, 1, 0xFFFFFFFF, chance.getrandbits(32)} - {number}:
        yield "other message ID", str(value), message[:20] + struct.pack("!I", value) + message[24:]
    for flags in (0x08, 0x20, 0x28, 0x10, 0x40, 0xC7) if is_two(message) else (1, 2, 4, 3, 0xF8):
        yield "wrong flags", f"{flags:#x}", message[:19] + bytes([message[19] ^ flags]) + message[20:]
    exchanges = (34, 35, 36, 37, 38, 39, 43, 44, 240) if is_two(message) else (2, 4, 5, 6, 32, 33, 240)
    for exchange in exchanges:
        if exchange != message[18]:
            yield "other exchange", str(exchange), message[:18] + bytes([exchange]) + message[19:]
    for kind in ((SK, SKF, SA, NOTIFY, 54, 99) if is_two(message) else (SA_V1, HASH_V1, ID_V1, FRAGMENT_V1, 99)):
        if kind != message[16]:
            yield "other first payload", str(kind), message[:16] + bytes([kind]) + message[17:]
    yield "wrong version", "minor 1", message[:17] + bytes([message[17] & 0xF0 | 1]) + message[18:]
    yield "wrong version", "minor 15", message[:17] + bytes([message[17] | 15]) + message[18:]
    yield "swapped SPIs", "", message[8:16] + message[:8] + message[16:]
    yield "swapped SPIs", "the same twice", message[:8] + message[:8] + message[16:]
    yield "swapped SPIs", "the initiator's is zero", bytes(8) + message[8:]
    yield "other SPI", "both", random_bytes(chance, 16) + message[16:]


def reflected(_, message):
    """Sent back to its sender."""
    yield "reflected", "", message, True
    flags = answered(message) if is_two(message) else message[19]
    yield "reflected", "with flags of an answer", message[:19] + bytes([flags]) + message[20:], True
    yield "reflected", "SPIs swapped", message[8:16] + message[:8] + message[16:], True


def same_header(chance, message):
    """The last bytes, the first ones and those in the middle of an encrypted message changed."""
    size = len(message) - HEADER
    if size < 40:
        return
    for name, at, count in (("ICV", len(message) - 12, 12), ("last block", len(message) - 16, 16),
                            ("IV", HEADER + 4, 8), ("middle", HEADER + size // 2, 8)):
        yield "bit flipped", "all of the " + name, message[:at] + random_bytes(chance, count) + message[at + count:]
    yield "bit flipped", "a block more", with_length(message + random_bytes(chance, 16))
    yield "bit flipped", "a block less", with_length(message[:-16])


# ---- with other payloads ---------------------------------------------------------------------------------------

def more_payloads(chance, message):
    """A clear message with a Vendor ID, other NAT detection, a critical payload, a second one of its own."""
    kind = VENDOR if is_two(message) else VENDOR_V1
    for name, vendor in VENDORS.items():
        changed = with_payload(message, kind, bytes.fromhex(vendor))
        if changed:
            yield "forged vendor ID", name, changed
    changed = bytearray(message)
    touched = False
    for one, start, end in payloads(message):
        notify = struct.unpack("!H", message[start + 2:start + 4])[0] if one == NOTIFY and is_two(message) and end - start >= 4 else 0
        if notify in (NAT_SOURCE, NAT_DESTINATION) or not is_two(message) and one in (NAT_D, NAT_D_DRAFT):
            at = start + 4 if notify else start
            changed[at:end] = random_bytes(chance, end - at)
            touched = True
    if touched:
        yield "forged NAT-D", "", bytes(changed)
    if is_two(message) and payloads(message):
        yield "critical bit", "set", message[:HEADER + 1] + b"\x80" + message[HEADER + 2:]
        changed = with_payload(message, 99, random_bytes(chance, 20), True)
        if changed:
            yield "critical bit", "unknown payload", changed[:HEADER + 1] + b"\x80" + changed[HEADER + 2:]
            yield "critical bit", "clear, unknown payload", changed
    for one, start, end in payloads(message)[:4]:
        if one not in (SK, SKF, FRAGMENT_V1):
            changed = with_payload(message, one, message[start:end])
            yield "doubled payload", str(one), changed
            yield "doubled payload", f"{one}, other bytes", with_payload(message, one, random_bytes(chance, end - start))


def sa_v1(cipher, digest, group):
    """An SA payload of phase 1, with a PSK."""
    attributes = packets.tv(1, cipher) + packets.tv(2, digest) + packets.tv(3, 1) + packets.tv(4, group)
    return packets.sa_v1([packets.proposal_v1(1, 1, b"", [(1, attributes)])])


# ---- messages that were never sent -----------------------------------------------------------------------------

def init_responses(chance, message):
    """To an IKE_SA_INIT request: COOKIE, INVALID_KE_PAYLOAD, REDIRECT; to a response: another one."""
    if not is_two(message):
        return
    gateway = bytes([1, 4, 198, 51, 100, 7])
    for spi in (bytes(8), message[8:16] if message[8:16] != bytes(8) else random_bytes(chance, 8)):
        header = message[:8] + spi + message[16:]
        for kind, data in ((COOKIE, random_bytes(chance, 20)), (INVALID_KE, b"\0\x0e"), (INVALID_KE, b"\0\x13"),
                           (REDIRECT, gateway)):
            answer = chain(header, [(NOTIFY, packets.notify(kind, data))], exchange=IKE_SA_INIT, message_id=0,
                           flags=RESPONSE)
            yield "forged response", f"{kind}, SPI {'zero' if spi == bytes(8) else 'set'}", answer, bool(message[19] & INITIATOR)
    if message[18] == IKE_SA_INIT and message[19] & RESPONSE:
        changed = bytearray(message[:8] + random_bytes(chance, 8) + message[16:])
        for kind, start, end in payloads(message):
            if kind in (KE, NONCE):
                start += 4 if kind == KE else 0
                changed[start:end] = random_bytes(chance, end - start)
        yield "forged response", "with SPI, nonce and KE of its own", bytes(changed)


def clear_messages(chance, message, spis):
    """Deletes, keepalives and successes in clear. spis: of ESP, known or not."""
    parties = (("by the sender", False), ("to the sender", True))
    if is_two(message):
        number = struct.unpack("!I", message[20:24])[0]
        for who, back in parties:
            flags = (~message[19] if back else message[19]) & INITIATOR
            for name, body in (("IKE SA", b"\x01\0\0\0"), *((f"ESP, {name}", struct.pack("!BBHI", 3, 4, 1, spi)) for name, spi in spis)):
                if name != "IKE SA":
                    yield "clear error", f"INVALID_SPI of {name}, {who}", chain(
                        message, [(NOTIFY, packets.notify(11, body[4:]))], exchange=INFORMATIONAL, flags=flags, message_id=0), back
                for other in (number, number + 1 & 0xFFFFFFFF):
                    yield "forged delete", f"{name}, ID {other}, {who}", chain(
                        message, [(DELETE, body)], exchange=INFORMATIONAL, flags=flags, message_id=other), back
            yield "clear message", f"empty INFORMATIONAL, {who}", chain(message, [], exchange=INFORMATIONAL, flags=flags,
                                                                        message_id=number + 1 & 0xFFFFFFFF), back
            auth = b"\x02\0\0\0" + random_bytes(chance, 32)
            yield "clear message", f"IKE_AUTH response, {who}", chain(
                message, [(IDI + 1, IDENTITY), (AUTH, auth)], exchange=IKE_AUTH, flags=flags | RESPONSE, message_id=1), back
            yield "clear message", f"IKE_AUTH request, {who}", chain(
                message, [(IDI, IDENTITY), (AUTH, auth)], exchange=IKE_AUTH, flags=flags, message_id=1), back
        return
    for who, back in parties:
        for number in (0, chance.getrandbits(32) | 1):
            deletes = [("ISAKMP SA", struct.pack("!IBBH", 1, 1, 16, 1) + message[:16])]
            deletes += [(f"ESP, {name}", struct.pack("!IBBHI", 1, 3, 4, 1, spi)) for name, spi in spis]
            for name, body in deletes:
                yield "clear error", f"INVALID-SPI of {name}, ID {number:x}, {who}", chain(
                    message, [(NOTIFY_V1, packets.notify_v1(11, protocol=body[4], spi=body[8:]))], exchange=INFORMATIONAL_V1, flags=0,
                    message_id=number), back
                yield "forged delete", f"{name}, ID {number:x}, {who}", chain(
                    message, [(DELETE_V1, body)], exchange=INFORMATIONAL_V1, flags=0, message_id=number), back
                yield "forged delete", f"{name}, ID {number:x}, HASH, {who}", chain(
                    message, [(HASH_V1, random_bytes(chance, 20)), (DELETE_V1, body)], exchange=INFORMATIONAL_V1, flags=0,
                    message_id=number), back
        yield "clear message", f"R-U-THERE, {who}", chain(
            message, [(NOTIFY_V1, struct.pack("!IBBH", 1, 1, 16, 36136) + message[:16] + b"\0\0\0\x07")],
            exchange=INFORMATIONAL_V1, flags=0, message_id=chance.getrandbits(32) | 1), back
        yield "clear message", f"INITIAL-CONTACT, {who}", chain(
            message, [(NOTIFY_V1, struct.pack("!IBBH", 1, 1, 16, 24578) + message[:16])],
            exchange=INFORMATIONAL_V1, flags=0, message_id=chance.getrandbits(32) | 1), back
        yield "clear message", f"identity and HASH, {who}", chain(
            message, [(ID_V1, IDENTITY), (HASH_V1, random_bytes(chance, 20))], exchange=2, flags=0, message_id=0), back


def encrypted_messages(chance, message):
    """Random bytes as an encrypted message of each exchange, under a message ID that was not used yet and its own."""
    number = struct.unpack("!I", message[20:24])[0]
    if is_two(message):
        for exchange, kind in ((IKE_AUTH, IDI), (IKE_AUTH, IDI + 1), (CREATE_CHILD_SA, SA), (INFORMATIONAL, DELETE), (INFORMATIONAL, 0)):
            for response in (0, RESPONSE):
                body = struct.pack("!BBH", kind, 0, 4 + 80) + random_bytes(chance, 80)
                other = chance.choice((number, number + 1 & 0xFFFFFFFF, 1))
                yield "forged encrypted", f"exchange {exchange}, payload {kind}, ID {other}{', response' if response else ''}", with_length(
                    message[:16] + bytes([SK, message[17], exchange, message[19] & INITIATOR | response])
                    + struct.pack("!I", other) + bytes(4) + body)
        return
    for exchange, kind in ((2, ID_V1), (4, HASH_V1), (INFORMATIONAL_V1, HASH_V1), (TRANSACTION, HASH_V1), (QUICK_MODE, HASH_V1)):
        for other in {number, 0 if exchange in (2, 4) else chance.getrandbits(32) | 1}:
            for back, to in DIRECTIONS:
                yield "forged encrypted", f"exchange {exchange}, ID {other:x}{to}", with_length(
                    message[:16] + bytes([kind, message[17], exchange, 1]) + struct.pack("!I", other) + bytes(4)
                    + random_bytes(chance, 96)), back


def fragments(chance, message):
    """Fragments of the set that the message belongs to, and sets of one: other bytes, other totals, again."""
    if is_two(message):
        if message[18] == IKE_SA_INIT:
            return
        found = [(start, end) for kind, start, end in payloads(message) if kind == SKF]
        number, total = struct.unpack("!HH", message[found[0][0]:found[0][0] + 4]) if found else (1, 2)
        for one, of in {(number, total), (number % total + 1, total), (total, total), (1, 1), (number, total + 1), (0, 0), (total + 1, total)}:
            body = struct.pack("!BBHHH", IDI if one == 1 else 0, 0, 8 + 120, one, of) + random_bytes(chance, 120)
            yield "forged fragment", f"{one} of {of}", with_length(message[:16] + bytes([SKF]) + message[17:28] + body)
        return
    number, last, identifier = 1, 0, 1
    if message[16] == FRAGMENT_V1 and len(message) > HEADER + 8:
        identifier, number, last = struct.unpack("!HBB", message[HEADER + 4:HEADER + 8])
    for one, is_last in {(number, last), (number, 1 - last), (number + 1, last), (max(1, number - 1), last), (9, 1)}:
        for content in (random_bytes(chance, 120), message[HEADER + 8:] if message[16] == FRAGMENT_V1 else message[:200]):
            body = struct.pack("!BBHHBB", 0, 0, 8 + len(content), identifier, one & 255, is_last) + content
            yield "forged fragment", f"{one}{', last' if is_last else ''}, {len(content)} bytes", with_length(
                message[:16] + bytes([FRAGMENT_V1]) + message[17:19] + b"\0" + message[20:28] + body)


def changed_fragments(chance, message):
    """The fragment itself with a bit flipped, under another number or total, longer, shorter, in another exchange."""
    found = [(start, end) for kind, start, end in payloads(message) if kind in (SKF, FRAGMENT_V1)]
    if not found:
        return
    start, end = found[0]
    two = is_two(message)
    body, head = start + 4, message[:start - 4]

    def rebuilt(number, content):
        return with_length(head + message[start - 4:start - 2] + struct.pack("!H", 8 + len(content)) + number + content)

    data, number = message[body:end], message[start:body]
    at = chance.randrange(len(data))
    yield "changed fragment", f"byte {at}", rebuilt(number, data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1:])
    yield "changed fragment", "last byte", rebuilt(number, data[:-1] + bytes([data[-1] ^ 1]))
    yield "changed fragment", "shorter", rebuilt(number, data[:-8])
    yield "changed fragment", "longer", rebuilt(number, data + random_bytes(chance, 8))
    yield "changed fragment", "empty", rebuilt(number, b"")
    others = ((0, 0), (0, 3), (2, 1), (1, 1), (3, 3), (1, 0xFFFF), (0xFFFF, 0xFFFF)) if two else (
        (0, 0, 0), (1, 0, 0), (1, 0, 1), (1, 1, 1), (1, 2, 1), (1, 255, 1), (1, 255, 0), (2, 1, 0), (0, 1, 1))
    for other in others:
        packed = struct.pack("!HH" if two else "!HBB", *other)
        if packed != number:
            yield "changed fragment", f"numbered {other}", rebuilt(packed, data)
    for exchange in (35, 36, 37) if two else (2, 4, 32):
        if exchange != message[18]:
            changed = rebuilt(number, data[::-1])
            yield "changed fragment", f"exchange {exchange}", changed[:18] + bytes([exchange]) + changed[19:]


def first_messages(chance, message):
    """Another first message or response under the SPIs of the session: what begins an IKE SA, forged at any time."""
    suite_v1 = sa_v1(5, 1, 2)
    key = random_bytes(chance, 128)
    zero = message[:8] + bytes(8) + message[16:]
    if is_two(message):
        parts = [(SA, packets.proposal(1, 1, b"", SUITE)), (KE, struct.pack("!HH", 2, 0) + key), (NONCE, random_bytes(chance, 32))]
        for name, header in (("", zero), ("responder SPI set, ", message[:8] + (message[8:16].strip(b"\0") or random_bytes(chance, 8)).ljust(8, b"\1")
                                          + message[16:])):
            for flags, back in ((INITIATOR, not message[19] & INITIATOR), (RESPONSE, bool(message[19] & INITIATOR))):
                yield "forged first message", f"{name}{'request' if flags == INITIATOR else 'response'}", chain(
                    header, parts, exchange=IKE_SA_INIT, flags=flags, message_id=0), back
        yield "forged first message", "with a cookie", chain(
            zero, [(NOTIFY, packets.notify(COOKIE, random_bytes(chance, 20))), *parts], exchange=IKE_SA_INIT, flags=INITIATOR, message_id=0)
        yield "forged first message", "group alone", chain(zero, parts[1:2], exchange=IKE_SA_INIT, flags=INITIATOR, message_id=0)
        yield "forged first message", "resumption", chain(
            zero, [(NONCE, random_bytes(chance, 32)), (NOTIFY, packets.notify(16412, random_bytes(chance, 60)))], exchange=38,
            flags=INITIATOR, message_id=0)
        return
    for name, header in (("", zero), ("responder cookie set, ", message)):
        for back, to in DIRECTIONS:
            yield "forged first message", f"{name}main mode{to}", chain(header, [(SA_V1, suite_v1)], exchange=2, flags=0, message_id=0), back
            yield "forged first message", f"{name}KE and nonce{to}", chain(
                header, [(KE_V1, key), (NONCE_V1, random_bytes(chance, 20))], exchange=2, flags=0, message_id=0), back
            yield "forged first message", f"{name}aggressive mode{to}", chain(
                header, [(SA_V1, suite_v1), (KE_V1, key), (NONCE_V1, random_bytes(chance, 20)), (ID_V1, IDENTITY)], exchange=4, flags=0,
                message_id=0), back
    parts = [(kind, message[start:end]) for kind, start, end in payloads(message)]
    if parts and message[18] in (2, 4):
        yield "forged first message", "as the other mode", message[:18] + bytes([6 - message[18]]) + message[19:]
        yield "forged first message", "the SA payload alone", chain(message, parts[:1])


def clear_exchanges(chance, message):
    """Whole exchanges in clear: Child SAs, rekeys, EAP, quick mode, XAUTH, configuration."""
    number = struct.unpack("!I", message[20:24])[0]
    child = struct.pack("!I", chance.randrange(256, 1 << 32))
    selector = struct.pack("!BBHBBHHH4s4s", 1, 0, 0, 7, 0, 16, 0, 0xFFFF, bytes([10, 66, 0, 0]), bytes([10, 66, 0, 255]))
    for back, to in DIRECTIONS:
        if is_two(message):
            for response in (0, RESPONSE):
                flags = (answered(message) if back else message[19]) & INITIATOR | response
                kind = f"{'response' if response else 'request'}{to}"
                esp = (SA, packets.proposal(1, 3, child, [(1, 12, packets.tv(14, 256)), (3, 12), (5, 0)]))
                parts = [esp, (NONCE, random_bytes(chance, 32)), (44, selector), (45, selector)]
                ike = [(SA, packets.proposal(1, 1, random_bytes(chance, 8), [(1, 12, packets.tv(14, 256)), (2, 5), (3, 12), (4, 14)])),
                       (NONCE, random_bytes(chance, 32)), (KE, struct.pack("!HH", 14, 0) + random_bytes(chance, 256))]
                for other in {number, number + 1 & 0xFFFFFFFF}:
                    yield "clear exchange", f"CREATE_CHILD_SA {kind}, ID {other}", chain(
                        message, parts, exchange=CREATE_CHILD_SA, flags=flags, message_id=other), back
                    yield "clear exchange", f"rekey {kind}, ID {other}", chain(
                        message, ike, exchange=CREATE_CHILD_SA, flags=flags, message_id=other), back
                    yield "clear exchange", f"IKE_AUTH {kind}, ID {other}", chain(
                        message, [(IDI + bool(response), IDENTITY), (AUTH, b"\2\0\0\0" + random_bytes(chance, 32)), *parts[:1],
                                  *parts[2:]], exchange=IKE_AUTH, flags=flags, message_id=other), back
                yield "clear exchange", f"EAP failure, {kind}", chain(message, [(48, b"\4\1\0\4")], exchange=IKE_AUTH, flags=flags), back
                for notify in (16384, 16400, 16396, 16393, 44):
                    yield "clear exchange", f"notify {notify}, {kind}", chain(
                        message, [(NOTIFY, packets.notify(notify))], exchange=INFORMATIONAL, flags=flags, message_id=number + 1 & 0xFFFFFFFF), back
            continue
        transform = (12, packets.tv(1, 1) + packets.tv(2, 3600) + packets.tv(4, 1))
        quick = [(SA_V1, packets.sa_v1([packets.proposal_v1(1, 3, child, [transform])])), (NONCE_V1, random_bytes(chance, 20))]
        for other in {number or 7, chance.getrandbits(32) | 1}:
            for name, hashed in (("", []), (" with HASH", [(HASH_V1, random_bytes(chance, 20))])):
                yield "clear exchange", f"quick mode{name}, ID {other:x}{to}", chain(
                    message, hashed + quick, exchange=QUICK_MODE, flags=0, message_id=other), back
                yield "clear exchange", f"XAUTH{name}, ID {other:x}{to}", chain(
                    message, hashed + [(14, packets.config_v1(3, packets.tv(16527, 0)))], exchange=TRANSACTION, flags=0, message_id=other), back
                for notify in (16384, 36137, 18, 24576):
                    yield "clear exchange", f"notify {notify}{name}, ID {other:x}{to}", chain(
                        message, hashed + [(NOTIFY_V1, packets.notify_v1(notify, b"\0\0\0\7", spi=message[:16]))], exchange=INFORMATIONAL_V1,
                        flags=0, message_id=other), back


def other_versions(chance, message):
    """A sound message of the other IKE version under the same SPIs."""
    for back, to in DIRECTIONS:
        if is_two(message):
            header = message[:17] + b"\x10\2\0" + message[20:]
            yield "other version", f"main mode{to}", chain(header, [(SA_V1, sa_v1(7, 2, 14))], message_id=0), back
            yield "other version", f"NO-PROPOSAL-CHOSEN{to}", chain(header, [(NOTIFY_V1, packets.notify_v1(14))], exchange=5, message_id=77), back
            yield "other version", f"encrypted quick mode{to}", with_length(
                header[:16] + bytes([HASH_V1, 0x10, QUICK_MODE, 1]) + b"\0\0\0\x77" + bytes(4) + random_bytes(chance, 96)), back
            continue
        header = message[:17] + b"\x20" + message[18:]
        parts = [(SA, packets.proposal(1, 1, b"", SUITE)), (KE, struct.pack("!HH", 2, 0) + random_bytes(chance, 128)), (NONCE, random_bytes(chance, 32))]
        for flags in (INITIATOR, RESPONSE):
            yield "other version", f"IKE_SA_INIT, flags {flags:#x}{to}", chain(header, parts, exchange=34, flags=flags, message_id=0), back
            yield "other version", f"NO_PROPOSAL_CHOSEN, flags {flags:#x}{to}", chain(
                header, [(NOTIFY, packets.notify(14))], exchange=34, flags=flags, message_id=0), back
        yield "other version", f"IKE_AUTH{to}", with_length(
            header[:16] + bytes([SK, 0x20, IKE_AUTH, INITIATOR]) + b"\0\0\0\1" + bytes(4) + struct.pack("!BBH", IDI, 0, 100) + random_bytes(chance, 96)), back


def bare_ends(chance, message):
    """An encrypted payload that is empty, too short, behind clear payloads, or twice; more after the last payload."""
    if is_two(message):
        for size in (0, 8, 16, 31):
            yield "odd encrypted", f"{size} bytes", with_length(
                message[:16] + bytes([SK]) + message[17:28] + struct.pack("!BBH", 0, 0, 4 + size) + random_bytes(chance, size))
        found = [(kind, start, end) for kind, start, end in payloads(message) if kind == SK]
        if found:
            inner, start, end = message[found[0][1] - 4], found[0][1], found[0][2]
            body = message[start:end]
            yield "odd encrypted", "behind a notify", chain(
                message, [(NOTIFY, packets.notify(16384)), (SK, body, {"next": inner})])
            yield "odd encrypted", "behind AUTHENTICATION_FAILED", chain(
                message, [(NOTIFY, packets.notify(24)), (SK, body, {"next": inner})])
            yield "odd encrypted", "other first inner payload", chain(message, [(SK, body, {"next": inner ^ 1})])
            yield "odd encrypted", "twice", chain(message, [(SK, body), (SK, body)])
        return
    if message[19] & 1:
        for kind in (HASH_V1, NOTIFY_V1, DELETE_V1, SA_V1):
            if kind != message[16]:
                yield "odd encrypted", f"first payload {kind}", message[:16] + bytes([kind]) + message[17:]
        yield "odd encrypted", "as clear", message[:19] + bytes([message[19] & ~1]) + message[20:]
        yield "odd encrypted", "no multiple of a block", with_length(message + b"\0\0\0")
        yield "odd encrypted", "blocks swapped", message[:HEADER] + message[HEADER + 16:HEADER + 32] + message[HEADER:HEADER + 16] + message[HEADER + 32:]
        yield "odd encrypted", "empty", with_length(message[:HEADER])


def plausible_answers(chance, message):
    """To a first message: what answers it soundly, with a choice of its own proposals, an own SPI, KE and nonce; and errors and
    encrypted messages that have the size and the first payload of true ones."""
    two, parts = is_two(message), {kind: message[start:end] for kind, start, end in payloads(message)}
    spi = message[8:16] if message[8:16] != bytes(8) else random_bytes(chance, 8)
    header = message[:8] + spi + message[16:]
    if two and message[18] == IKE_SA_INIT and message[19] & INITIATOR and SA in parts and KE in parts:
        answer = [(SA, chosen(parts[SA])), (KE, parts[KE][:4] + random_bytes(chance, len(parts[KE]) - 4)), (NONCE, random_bytes(chance, 32))]
        yield "plausible answer", "IKE_SA_INIT", chain(header, answer, flags=RESPONSE), True
    if two and message[18] not in (IKE_SA_INIT,) and len(message) > HEADER + 40:
        for first in (NOTIFY, AUTH, IDI + 1, 48, 0, DELETE):
            for size in (len(message) - HEADER - 4, 80):
                for flags in (message[19], message[19] ^ RESPONSE):
                    yield "plausible encrypted", f"payload {first}, {size} bytes, flags {flags:#x}", with_length(
                        message[:16] + bytes([SK]) + message[17:19] + bytes([flags]) + message[20:28]
                        + struct.pack("!BBH", first, 0, 4 + size) + random_bytes(chance, size))
    if not two and SA_V1 in parts and message[8:16] == bytes(8):
        answer = [(SA_V1, parts[SA_V1])] + [(kind, random_bytes(chance, len(parts[kind]))) for kind in (KE_V1, NONCE_V1, ID_V1) if kind in parts]
        yield "plausible answer", "phase 1", chain(header, answer), True
    if not two and KE_V1 in parts:
        yield "plausible answer", "KE and nonce", chain(header, [(KE_V1, random_bytes(chance, len(parts[KE_V1]))),
                                                                (NONCE_V1, random_bytes(chance, 20))]), True
    if not two and message[19] & 1:
        for back, to in DIRECTIONS:
            yield "plausible encrypted", f"the same size{to}", message[:HEADER] + random_bytes(chance, len(message) - HEADER), back


def other_attempts(chance, message):
    """The first messages of another IKE SA between the same peers, with INITIAL_CONTACT where that can be in clear; and what
    answers such a one."""
    own, other = random_bytes(chance, 8), random_bytes(chance, 8)
    for back, to in DIRECTIONS:
        if is_two(message):
            parts = [(SA, packets.proposal(1, 1, b"", SUITE)), (KE, struct.pack("!HH", 2, 0) + random_bytes(chance, 128)), (NONCE, random_bytes(chance, 32)),
                     (NOTIFY, packets.notify(16384))]
            made = (("request", bytes(8), IKE_SA_INIT, INITIATOR, parts), ("response", other, IKE_SA_INIT, RESPONSE, parts),
                    ("COOKIE", bytes(8), IKE_SA_INIT, RESPONSE, [(NOTIFY, packets.notify(COOKIE, own))]),
                    ("IKE_AUTH", other, IKE_AUTH, INITIATOR, [(SK, random_bytes(chance, 112), {"next": IDI})]))
            for name, spi, exchange, flags, content in made:
                yield "another attempt", f"{name}{to}", chain(own + spi + message[16:], content, exchange=exchange, flags=flags,
                                                            message_id=int(exchange == IKE_AUTH)), back
            for spis in (message[:8] + other, other + message[8:16]):
                yield "another attempt", f"INITIAL_CONTACT in clear{to}", chain(
                    spis + message[16:], [(IDI, IDENTITY), (NOTIFY, packets.notify(16384))], exchange=IKE_AUTH, flags=INITIATOR, message_id=1), back
            continue
        notify = packets.notify_v1(24578, spi=own + other)
        for name, spi, exchange, parts in (("main mode", bytes(8), 2, [(SA_V1, sa_v1(7, 2, 14))]), ("main mode 2", other, 2, [(SA_V1, sa_v1(7, 2, 14))]),
                                           ("aggressive mode", bytes(8), 4, [(SA_V1, sa_v1(7, 2, 14)), (KE_V1, random_bytes(chance, 256)),
                                                                             (NONCE_V1, random_bytes(chance, 20)), (ID_V1, IDENTITY)]),
                                           ("INITIAL-CONTACT", other, 5, [(NOTIFY_V1, notify)])):
            yield "another attempt", f"{name}{to}", chain(own + spi + message[16:], parts, exchange=exchange, flags=0, message_id=0), back


def damaged_payloads(chance, message):
    """Each payload in clear with a byte changed at its beginning, in the middle and at its end; left out; as its first half."""
    found = payloads(message)
    parts = [(kind, message[start:end]) for kind, start, end in found]
    if not parts or any(kind in (SK, SKF, FRAGMENT_V1) for kind, _ in parts):
        return
    for index, (kind, start, end) in enumerate(found[:6]):
        for at in {start, (start + end) // 2, end - 1} if end > start else ():
            yield "damaged payload", f"{kind}, byte {at - start}", message[:at] + bytes([message[at] ^ 1 << chance.randrange(8)]) + message[at + 1:]
        yield "damaged payload", f"without {kind}", chain(message, parts[:index] + parts[index + 1:])
        yield "damaged payload", f"half of {kind}", chain(message, parts[:index] + [(kind, parts[index][1][:len(parts[index][1]) // 2])] + parts[index + 1:])
    yield "damaged payload", "the other way round", chain(message, parts[::-1])


def chosen(sa):
    """The first transform of each type of the first proposal."""
    offset, transforms, seen = 8 + sa[6], [], set()
    while offset + 8 <= struct.unpack("!H", sa[2:4])[0]:
        length = struct.unpack("!H", sa[offset + 2:offset + 4])[0]
        if length < 8:
            break
        kind, number = sa[offset + 4], struct.unpack("!H", sa[offset + 6:offset + 8])[0]
        if kind not in seen:
            transforms.append((kind, number, sa[offset + 8:offset + length]))
        seen.add(kind)
        offset += length
    return packets.proposal(sa[4], sa[5], b"", transforms)


def forged(chance, message, spis):
    """All of them."""
    for maker in (cut, wrong_length, other_header, reflected, same_header, more_payloads, init_responses, encrypted_messages, fragments,
                  changed_fragments, first_messages, clear_exchanges, other_versions, bare_ends, plausible_answers, other_attempts,
                  damaged_payloads):
        yield from maker(chance, message)
    yield from clear_messages(chance, message, spis)
