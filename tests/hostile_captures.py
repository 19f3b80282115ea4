# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures, and key logs, that try to cost more than their length: one function for each way, of a size N.

Each returns a list of IP packets, or of (time, packet); with a key log where secrets are part of the matter."""
import ipaddress
import random
import struct

import packets as p

A, B, C = "10.1.0.1", "10.1.0.2", "10.1.0.3"
ISPI, RSPI = bytes.fromhex("1111222233334444"), bytes.fromhex("5555666677778888")
WAYS = (A, B), (B, A)
SUITE = [(1, 12, p.tv(14, 256)), (2, 5), (3, 12), (4, 14)]
SUITE_V1 = p.sa_v1([p.proposal_v1(1, 1, b"", [(1, p.tv(1, 7) + p.tv(14, 128) + p.tv(2, 2) + p.tv(3, 1) + p.tv(4, 2))])])
ENCRYPTED, SKF = 46, 53
REKEY = p.message(37, [(46, bytes(36))], ispi=ISPI, rspi=RSPI)


def spi(number):
    return struct.pack("!Q", number & (1 << 64) - 1)


def some_spi(chance):
    return spi(chance.getrandbits(64) | 1 << 63)


def init_request(ispi, suite=None, payloads=()):
    return p.message(34, [(33, p.proposal(1, 1, b"", suite or SUITE)), *payloads], ispi=ispi)


def encrypted(ispi, rspi, exchange, message_id, size=36, flags=8, chance=None):
    body = chance.randbytes(size) if chance else bytes(size)
    return p.message(exchange, [(ENCRYPTED, body)], ispi=ispi, rspi=rspi, flags=flags, message_id=message_id)


def on_4500(message, source=A, destination=B):
    return p.udp(p.esp_marker(message), source, destination, 4500, 4500)


def main_mode(chance, kind, ispi=ISPI, rspi=RSPI, more=()):
    """Message 1 to 4 of main mode, kind 0 to 3."""
    payloads = [(1, SUITE_V1)] if kind < 2 else [(4, chance.randbytes(128)), (10, chance.randbytes(16))]
    return p.udp(p.message_v1(2, [*payloads, *more], ispi=ispi, rspi=rspi if kind else bytes(8)), *WAYS[kind % 2])


def quick_mode(message_id, child_spi):
    """Message 1 or 2 of quick mode, in clear."""
    transform = (12, p.tv(1, 1) + p.tv(2, 3600) + p.tv(4, 1))
    network = struct.pack("!BBH", 4, 0, 0) + ipaddress.ip_address("10.10.1.0").packed + ipaddress.ip_address("255.255.255.0").packed
    return p.message_v1(32, [(8, bytes(20)), (1, p.sa_v1([p.proposal_v1(1, 3, struct.pack("!I", child_spi), [transform])])),
                             (10, bytes(16)), (5, network), (5, network)], ispi=ISPI, rspi=RSPI, message_id=message_id)


# ---- IKEv1 in clear --------------------------------------------------------------------------------------------

def quick_modes(n):
    return [p.udp(quick_mode(k + 1, 1000 + 2 * k + answer), *WAYS[answer]) for k in range(n) for answer in (0, 1)]


def quick_modes_and_errors(n):
    errors = [(11, p.notify_v1(14))] * 20
    return [p.udp(quick_mode(k + 1, 1000 + 2 * k), A, B) for k in range(n)] + \
        [p.udp(p.message_v1(5, errors, ispi=ISPI, rspi=RSPI, message_id=0x80000000 + k), B, A) for k in range(n)]


def quick_modes_three_times(n):
    return [p.udp(quick_mode(k + 1, 1000 + 2 * k), A, B) for k in range(n) for _ in range(3)]


def dpd_under_one_message_id(n):
    def message(kind, k):
        return p.message_v1(5, [(11, p.notify_v1(kind, struct.pack("!I", k), spi=ISPI + RSPI))], ispi=ISPI, rspi=RSPI, message_id=7)
    return [packet for k in range(n) for packet in (p.udp(message(36136, k), A, B), p.udp(message(36137, k), B, A))]


def deletes_of_many_spis(n):
    """Every message deletes 64 Child SAs that do not exist."""
    out = []
    for k in range(n // 8):
        body = struct.pack("!IBBH", 1, 3, 4, 64) + b"".join(struct.pack("!I", 1000 + 64 * k + i) for i in range(64))
        out.append(p.udp(p.message_v1(5, [(12, body)], ispi=ISPI, rspi=RSPI, message_id=k + 1), A, B))
    return [p.udp(quick_mode(k + 1, 1000 + 2 * k), A, B) for k in range(n // 4)] + out


def aggressive_starts(n):
    """Each with another identity, from one address."""
    chance, out = random.Random(21), []
    sa = p.sa_v1([p.proposal_v1(1, 1, b"", [(1, p.tv(1, 7) + p.tv(2, 2) + p.tv(3, 1) + p.tv(4, 2))])])
    for k in range(n):
        identity = struct.pack("!BBH", 2, 0, 0) + b"user%d.example" % k
        out.append(p.udp(p.message_v1(4, [(1, sa), (4, bytes(128)), (10, bytes(16)), (5, identity)], ispi=some_spi(chance),
                                      rspi=bytes(8)), A, B))
    return out


# ---- ESP -------------------------------------------------------------------------------------------------------

def esp(child_spi, sequence, source=A, destination=B, size=24):
    return p.ip(50, struct.pack("!II", child_spi, sequence & 0xFFFFFFFF) + bytes(size), source, destination)


def esp_to_many_addresses(n):
    start = [p.udp(quick_mode(1, 0xAAAA0001), A, B), p.udp(quick_mode(1, 0xAAAA0002), B, A)]
    return start + [esp(0xAAAA0002, k, A, str(ipaddress.ip_address(0x0B000000 + k))) for k in range(n)]


def esp_of_many_spis(n):
    return [esp(256 + k * 7919, 1) for k in range(n)]


def esp_with_jumping_sequence_numbers(n):
    chance = random.Random(22)
    return [esp(0xAAAA0002, chance.getrandbits(32)) for _ in range(n)]


def ah_of_many_spis(n):
    return [p.ip(51, struct.pack("!BBHII", 4, 4, 0, 256 + k, 1) + bytes(12) + p.ip(1, bytes(8)), A, B) for k in range(n)]


# ---- keys of hash tables that collide, or would if the hash were weak ------------------------------------------

def spis_alike_in_32_bits(n):
    return [p.udp(init_request(spi((k + 1) << 32 | 0x12345678)), A, B) for k in range(n)]


def spi_pairs_with_equal_sums(n):
    """Responder SPI and initiator SPI tied by a multiplication, as an invertible mixing of words would have it."""
    chance, factor = random.Random(6), 0x9E3779B97F4A7C15
    add, out = chance.getrandbits(64), []
    for _ in range(n):
        responder = chance.getrandbits(64) | 1
        out.append(on_4500(encrypted(spi(responder * factor ^ add), spi(responder), 37, 5)))
    return out


def addresses_with_equal_mixes(n):
    """IPv6 addresses whose halves cancel in a multiply, rotate and xor."""
    chance, factor, mask = random.Random(7), 0xFF51AFD7ED558CCD, (1 << 64) - 1
    aim, out = chance.getrandbits(64), []
    for _ in range(n):
        first = chance.getrandbits(64)
        mixed = (0x9E3779B97F4A7C15 ^ 16 ^ first) * factor & mask
        second = (mixed >> 32 | mixed << 32) & mask ^ aim
        address = str(ipaddress.IPv6Address(struct.pack("<QQ", first, second)))
        out.append(p.udp(init_request(some_spi(chance)), "2001:db8::1", address))
    return out


def fragment_sets_alike(n):
    body = struct.pack("!HBB", 1, 1, 0) + bytes(20)
    return [p.udp(p.message_v1(2, [(132, body)], ispi=spi(0x8123456789ABCDEF ^ k << 8), rspi=spi(0x99)), A, B) for k in range(n)]


# ---- fragments -------------------------------------------------------------------------------------------------

def one_fragment_repeated(n):
    body = struct.pack("!HBB", 1, 1, 0) + bytes(20)
    return [p.udp(p.message_v1(2, [(132, body)], ispi=ISPI, rspi=spi(0x99)), A, B)] * n


def many_versions_of_one_fragment(n):
    chance = random.Random(23)
    return [p.udp(p.message_v1(2, [(132, struct.pack("!HBB", 1, 1 + k % 3, k % 3 == 2) + chance.randbytes(40))], ispi=ISPI,
                               rspi=spi(0x99)), A, B) for k in range(n)]


def skf(message_id, number, total, size=60, chance=None):
    body = struct.pack("!HH", number, total) + (chance.randbytes(size) if chance else bytes(size))
    return p.message(35, [(SKF, body)], ispi=ISPI, rspi=RSPI, message_id=message_id)


def encrypted_fragments_of_many_messages(n):
    return [on_4500(skf(k, 1 + k % 7, 9)) for k in range(n)]


def versions_of_encrypted_fragments(n):
    chance = random.Random(24)
    return [on_4500(skf(1, 1 + k % 4, 4 + k % 3, chance=chance)) for k in range(n)]


# ---- messages of one IKE SA, or of many ------------------------------------------------------------------------

def flapping_addresses(n):
    out, chance = [], random.Random(9)
    for k in range(n):
        out.append(p.udp(encrypted(ISPI, RSPI, 37, k), A, B))
    for k in range(n):
        out.append(p.udp(encrypted(ISPI, RSPI, 37, n + 2 * k), C, B))
        out.append(p.udp(encrypted(ISPI, RSPI, 37, n + 2 * k + 1), A, B))
        out.append(p.udp(encrypted(some_spi(chance), some_spi(chance), 37, 0), A, B))
    return out


def child_requests(n):
    return [on_4500(encrypted(ISPI, RSPI, 36, k, 200), A, B) for k in range(n)]


def one_message_id_many_bodies(n):
    chance = random.Random(25)
    return [on_4500(encrypted(ISPI, RSPI, 37, 5, 60, chance=chance)) for _ in range(n)]


def one_message_retransmitted(n):
    return [(1700000000.0 + k, on_4500(encrypted(ISPI, RSPI, 37, 5, 60))) for k in range(n)]


def half_open(n):
    chance = random.Random(26)
    return [p.udp(init_request(some_spi(chance)), str(ipaddress.ip_address(0x0A000000 + k % 50000)), B) for k in range(n)]


def responders_of_one_request(n):
    """One IKE_SA_INIT request, answered again and again with another responder SPI and public value."""
    chance = random.Random(27)
    request = init_request(ISPI, None, [(34, struct.pack("!HH", 14, 0) + chance.randbytes(256)), (40, chance.randbytes(32))])
    out = [p.udp(request, A, B)]
    for _ in range(n):
        out.append(p.udp(p.message(34, [(33, p.proposal(1, 1, b"", SUITE)), (34, struct.pack("!HH", 14, 0) + chance.randbytes(256)),
                                        (40, chance.randbytes(32))], ispi=ISPI, rspi=some_spi(chance), flags=0x20), B, A))
    return out


def clear_errors(n):
    return [on_4500(encrypted(ISPI, RSPI, 35, 1, 200))] + \
        [on_4500(p.message(35, [(41, p.notify(24))], ispi=ISPI, rspi=RSPI, flags=0x20, message_id=k % 3), B, A) for k in range(n)]


def icmp_errors(n):
    message = on_4500(encrypted(ISPI, RSPI, 35, 1, 200))
    body = struct.pack("!BBHI", 3, 3, 0, 0) + message[:28 + 32]
    return [message] + [p.ip(1, body, B, A) for _ in range(n)]


def refused_again(n):
    """One peer that begins again after each refusal."""
    chance, out = random.Random(31), []
    for _ in range(n):
        ispi = some_spi(chance)
        out.append(p.udp(init_request(ispi), A, B))
        out.append(p.udp(p.message(34, [(41, p.notify(14))], ispi=ispi, flags=0x20), B, A))
    return out


def requests_of_one_spi(n):
    """IKE_SA_INIT requests that differ in their nonce alone."""
    chance = random.Random(32)
    return [p.udp(init_request(ISPI, None, [(34, struct.pack("!HH", 31, 0) + chance.randbytes(32)), (40, chance.randbytes(32))]), A, B)
            for _ in range(n)]


def cookies_and_other_groups(n):
    """COOKIE and INVALID_KE_PAYLOAD in turn, each heeded."""
    chance, out = random.Random(33), []
    for k in range(n):
        cookie = chance.randbytes(16)
        answer = p.notify(16390, cookie) if k % 2 else p.notify(17, struct.pack("!H", 14 + k % 8))
        out.append(p.udp(p.message(34, [(41, p.notify(16390, cookie)), (33, p.proposal(1, 1, b"", SUITE)),
                                        (34, struct.pack("!HH", 14 + k % 8, 0) + bytes(32)), (40, bytes(32))], ispi=ISPI), A, B))
        out.append(p.udp(p.message(34, [(41, answer)], ispi=ISPI, flags=0x20), B, A))
    return out


def main_mode_variants(n):
    """Messages 1 to 4 of main mode again and again with other bodies."""
    chance, out = random.Random(34), []
    for k in range(n):
        more = [(13, chance.randbytes(16))] if k % 4 < 2 else []
        out.append(main_mode(chance, k % 4, more=more))
    return out


def encrypted_phase_1(n):
    """Encrypted messages 5 of one main mode, all different."""
    chance = random.Random(35)
    return main_mode_variants(4) + [p.udp(p.message_v1(2, [], ispi=ISPI, rspi=RSPI, flags=1)[:16] + b"\x05\x10\x02\x01" + bytes(4)
                                          + struct.pack("!I", 28 + 64) + chance.randbytes(64), A, B) for _ in range(n)]


def copies_under_other_addresses(n):
    """Each message again as a NAT has it."""
    out = []
    for k in range(n):
        message = encrypted(ISPI, RSPI, 37, k)
        out += [(1700000000 + k * 0.01, on_4500(message)), (1700000000 + k * 0.01 + 0.0004, on_4500(message, "192.0.2.9"))]
    return out


def many_mappings(n):
    """One message from another address and port each time."""
    message = encrypted(ISPI, RSPI, 37, 5)
    return [p.udp(p.esp_marker(message), str(ipaddress.ip_address(0x0A000000 + k % 60000)), B, 1024 + k % 60000, 4500) for k in range(n)]


def deletes_in_clear(n):
    """INFORMATIONAL in clear, each with 64 SPIs of ESP."""
    out = []
    for k in range(n // 8):
        body = struct.pack("!BBH", 3, 4, 64) + b"".join(struct.pack("!I", 1000 + 64 * k + i) for i in range(64))
        out.append(on_4500(p.message(37, [(42, body)], ispi=ISPI, rspi=RSPI, message_id=k)))
    return out


def addresses_in_clear(n):
    """ADDITIONAL_IP4_ADDRESS, 60 in a message, and UPDATE_SA_ADDRESSES."""
    return [on_4500(p.message(37, [(41, p.notify(16397, struct.pack("!I", 0x0A000000 + 60 * k + i))) for i in range(60)]
                              + [(41, p.notify(16400))], ispi=ISPI, rspi=RSPI, message_id=k)) for k in range(n // 20)]


def icmp_of_strangers(n):
    """ICMP errors about messages that are not in the capture."""
    chance = random.Random(36)
    return [p.ip(1, struct.pack("!BBHI", 3, 3, 0, 0) + p.udp(encrypted(some_spi(chance), some_spi(chance), 37, 0), A, B)[:60], B, A)
            for _ in range(n)]


def resumptions(n):
    """IKE_SESSION_RESUME with a ticket each (RFC 5723)."""
    chance = random.Random(37)
    return [p.udp(p.message(38, [(40, chance.randbytes(32)), (41, p.notify(16411, chance.randbytes(64)))], ispi=some_spi(chance)), A, B)
            for _ in range(n)]


def group_pulls(n):
    """GROUPKEY-PULL in clear on port 848, then rekeys of many SPIs."""
    chance, out = random.Random(38), []
    for k in range(n):
        if k % 2:
            out.append(p.udp(p.message_v1(32, [(8, bytes(20)), (10, bytes(16)), (5, struct.pack("!BBHI", 11, 0, 0, k))], ispi=ISPI,
                                          rspi=RSPI, message_id=k + 1), A, B, 848, 848))
        else:
            out.append(p.udp(encrypted(some_spi(chance), some_spi(chance), 41, 0), A, "239.1.1.1", 848, 848))
    return out


def identities_in_clear(n):
    """IKE_AUTH in clear with another identity, certificate and vendor ID each time."""
    chance, out = random.Random(39), []
    for k in range(n):
        out.append(on_4500(p.message(35, [(35, b"\2\0\0\0user%d.example" % k), (37, b"\4" + chance.randbytes(300)), (43, chance.randbytes(16))],
                                     ispi=ISPI, rspi=RSPI, message_id=1)))
    return out


def keepalives(n):
    return [p.udp(b"\xff", A, B, 4500, 4500)] * n


# ---- TCP -------------------------------------------------------------------------------------------------------

ACKNOWLEDGED = 4     # Wireshark's TCP goes through all segments that are not acknowledged with each one


def acknowledgement(sequence):
    return p.tcp(b"", 201, B, A, 4500, 40000, flags=0x10, ack=sequence)


def stream(n, unit, size, opened=True):
    out, sequence = [], 101
    if opened:
        out = [p.tcp(b"", 100, A, B, flags=2, ack=0), p.tcp(b"", 200, B, A, 4500, 40000, flags=0x12, ack=101)]
    for k in range(n):
        body = (b"IKETCP" if opened and k == 0 else b"") + unit * (size // len(unit))
        out.append(p.tcp(body, sequence, A, B))
        sequence = sequence + len(body) & 0xFFFFFFFF
        if k % ACKNOWLEDGED == 0:
            out.append(acknowledgement(sequence))
    return out


def tcp_keepalives(n):
    return stream(n // 10, b"\0\x03\xff", 1458)


def tcp_small_esp(n):
    return stream(n // 10, struct.pack("!HI", 14, 0x12345678) + bytes(8), 1456)


def tcp_begun_late(n):
    return stream(n // 10, b"\0\x10", 1460, False)


def tcp_large_segments(n):
    return stream(n // 100, b"\0\x10", 65000, False)


def tcp_retransmissions(n):
    """Every segment twice, one in eight lost."""
    unit = struct.pack("!HI", 30, 0x12345678) + bytes(24)
    whole = stream(n, unit, 300)
    return [packet for k, packet in enumerate(whole) if k < 3 or k % 9 for packet in (packet, packet)]


def tcp_one_message_in_pieces(n):
    """Messages of 60,000 bytes in segments of 100."""
    message = p.message(37, [(43, bytes(59000))], ispi=ISPI, rspi=RSPI)
    data = b"IKETCP" + p.tcp_frame(p.esp_marker(message)) * (1 + n * 100 // 59000)
    out, sequence = stream(0, b"", 1), 101
    for at in range(0, n * 100, 100):
        out.append(p.tcp(data[at:at + 100], sequence + at, A, B))
        if at // 100 % ACKNOWLEDGED == 0:
            out.append(acknowledgement(sequence + at + 100))
    return out


def tcp_connections(n):
    return [packet for k in range(n) for packet in (
        p.tcp(b"", 100, A, B, 1024 + k % 60000, flags=2, ack=0),
        p.tcp(b"IKETCP" + p.tcp_frame(p.esp_marker(REKEY)), 101, A, B, 1024 + k % 60000))]


# ---- large messages --------------------------------------------------------------------------------------------

def large(n, exchange_payloads):
    return [p.udp(exchange_payloads, A, B)] * max(1, n // 200)


def many_payloads(n):
    return large(n, p.message(34, [(43, b"v")] * 8000, ispi=ISPI))


def many_transforms(n):
    body = b"".join(p.proposal(k + 1, 1, b"", [(1, 12, p.tv(14, 128))] * 250, last=k == 19) for k in range(20))
    return large(n, p.message(34, [(33, body)], ispi=ISPI))


def many_selectors(n):
    selector = struct.pack("!BBHHH4s4s", 7, 0, 16, 0, 65535, bytes(4), b"\xff" * 4)
    return large(n, p.message(37, [(44, struct.pack("!BBH", 255, 0, 0) + selector * 3500)], ispi=ISPI, rspi=RSPI, message_id=1))


def many_notifies(n):
    return large(n, p.message(34, [(41, p.notify(14))] * 6000, ispi=ISPI))


def many_certificate_requests(n):
    return large(n, p.message(34, [(38, b"\4" + bytes(20 * 3000))], ispi=ISPI))


def many_certificates(n):
    name = b"\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03abc"
    return large(n, p.message(35, [(37, b"\4" + b"\x30\x82\x01\x00" + name * 20)] * 150, ispi=ISPI, rspi=RSPI, message_id=1))


def many_identities(n):
    return large(n, p.message(35, [(35 + k % 2, b"\2\0\0\0" + b"a" * 60) for k in range(900)], ispi=ISPI, rspi=RSPI, message_id=1))


def many_attributes(n):
    return large(n, p.message(36, [(47, b"\1\0\0\0" + struct.pack("!HH4s", 3, 4, bytes(4)) * 8000)], ispi=ISPI, rspi=RSPI, message_id=1))


def many_proposals(n):
    body = b"".join(p.proposal(k % 255 + 1, 3, b"abcd", [(1, 12, p.tv(14, 128))], last=k == 2499) for k in range(2500))
    return large(n, p.message(34, [(33, body)], ispi=ISPI))


def many_eap_attributes(n):
    body = struct.pack("!BBH", 1, 1, 60004) + b"\x17\x01\0\0" + b"\x06\x01\0\0" * 14999
    return large(n, p.message(35, [(48, body)], ispi=ISPI, rspi=RSPI, message_id=1))


def deep_names(n):
    """Distinguished names of many parts, and of structures inside each other."""
    part = b"\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03abc"
    inner = part * 4000
    name = b"\x30\x83" + len(inner).to_bytes(3, "big") + inner
    return large(n, p.message(35, [(35, b"\x09\0\0\0" + name)], ispi=ISPI, rspi=RSPI, message_id=1))


# ---- secrets that belong to no IKE SA -----------------------------------------------------------------------------

def whole_starts(n, group, size, chance):
    """IKE_SA_INIT, its response and one encrypted message, n times."""
    suite, out = [(1, 12, p.tv(14, 256)), (2, 5), (3, 12), (4, group)], []
    for _ in range(n):
        ispi, rspi = some_spi(chance), some_spi(chance)
        for flags, responder, ends in ((8, bytes(8), (A, B)), (0x20, rspi, (B, A))):
            key = struct.pack("!HH", group, 0) + b"\x7f" + chance.randbytes(size - 1)
            out.append(p.udp(p.message(34, [(33, p.proposal(1, 1, b"", suite)), (34, key), (40, chance.randbytes(32))], ispi=ispi,
                                       rspi=responder, flags=flags), *ends))
        out.append(on_4500(encrypted(ispi, rspi, 35, 1, 112, chance=chance)))
    return out


def private_values(n):
    chance = random.Random(3)
    log = "".join(f"IKE_DH_PRIVATE - {chance.randbytes(1024).hex()}\n" for _ in range(70))
    return whole_starts(max(2, n // 1000), 18, 1024, chance), log.encode()


def private_values_of_many(n):
    chance = random.Random(4)
    log = "".join(f"IKE_DH_PRIVATE - {chance.randbytes(256).hex()}\n" for _ in range(100))
    return whole_starts(max(2, n // 200), 14, 256, chance), log.encode()


def encryption_keys(n):
    chance = random.Random(5)
    log = "".join(f"IKEV2_SK_EI - {chance.randbytes(32).hex()}\nIKEV2_SK_AI - {chance.randbytes(32).hex()}\n" for _ in range(5000))
    return whole_starts(max(2, n // 50), 14, 256, chance), log.encode()


def strangers_with_psk(n):
    return spi_pairs_with_equal_sums(n), b'IKE_PSK * "a"\n'


def starts_with_psk(n):
    return half_open(n), b'IKE_PSK * "a"\n'


def esp_keys_without_spi(n):
    chance = random.Random(10)
    log = "".join(f"ESP_KEY - AES_CBC_128 {chance.randbytes(16).hex()} HMAC_SHA1_96 {chance.randbytes(20).hex()}\n" for _ in range(200))
    return [esp(0x1000 + k % 50, k, size=80) for k in range(n)], log.encode()


def long_key_log(n):
    chance = random.Random(11)
    log = "".join(f"IKEV2_SK_EI {chance.randbytes(8).hex()} {chance.randbytes(8).hex()} {chance.randbytes(32).hex()}\n" for _ in range(n))
    return whole_starts(3, 14, 256, chance), log.encode()


def esp_rows_of_one_spi(n):
    chance = random.Random(12)
    log = "".join(f"ESP_KEY 0x1000 AES_CBC_128 {chance.randbytes(16).hex()} HMAC_SHA1_96 {chance.randbytes(20).hex()}\n"
                  for _ in range(n // 10))
    return [esp(0x1000, k, size=80) for k in range(1000)], log.encode()


def psks_of_many(n):
    """Main modes and many PSKs with the private value of none."""
    chance = random.Random(41)
    log = "".join(f'IKE_PSK * "secret {k}"\n' for k in range(1000))
    out = []
    for k in range(max(2, n // 40)):
        ispi, rspi = some_spi(chance), some_spi(chance)
        out += [main_mode(chance, kind, ispi, rspi) for kind in range(4)]
        out.append(p.udp(ispi + rspi + b"\x05\x10\x02\x01" + bytes(4) + struct.pack("!I", 28 + 64) + chance.randbytes(64), A, B))
    return out, log.encode()


def aggressive_with_psks(n):
    """Aggressive modes with HASH_R, which a PSK is tried against for each."""
    chance = random.Random(42)
    log = "".join(f'IKE_PSK * "secret {k}"\n' for k in range(200))
    out = []
    for k in range(n // 20):
        ispi, rspi = some_spi(chance), some_spi(chance)
        for back in (0, 1):
            payloads = [(1, SUITE_V1), (4, chance.randbytes(128)), (10, chance.randbytes(16)), (5, b"\2\0\0\0a.example")]
            out.append(p.udp(p.message_v1(4, payloads + ([(8, chance.randbytes(20))] if back else []), ispi=ispi,
                                          rspi=rspi if back else bytes(8)), *WAYS[back]))
    return out, log.encode()


def rows_of_one_ike_sa(n):
    """Key log rows that all name the same SPIs."""
    chance = random.Random(43)
    log = "".join(f"IKEV2_SK_EI {ISPI.hex()} {RSPI.hex()} {chance.randbytes(32).hex()}\n" for _ in range(n))
    return [on_4500(encrypted(ISPI, RSPI, 35, k, 112, chance=chance)) for k in range(50)], log.encode()


def private_value_rows(n):
    chance = random.Random(44)
    log = "".join(f"IKE_DH_PRIVATE - {chance.randbytes(32).hex()}\n" for _ in range(n))
    return whole_starts(3, 31, 32, chance), log.encode()


def psk_rows(n):
    log = "".join(f'IKE_PSK peer{k}.example "secret {k}"\n' for k in range(n))
    return psks_of_many(2)[0], log.encode()


def one_long_line(n):
    return whole_starts(2, 31, 32, random.Random(45)), b"IKEV2_SK_EI " + b"0" * (100 * n)


def hexdump_without_end(n):
    """A secret of charon's log that goes on and on."""
    line = "Nov 27 10:00:00 gw charon: 07[IKE]    %d: " + "41 " * 16 + " AAAAAAAAAAAAAAAA\n"
    head = "Nov 27 10:00:00 gw charon: 07[IKE] Sk_ei secret => %d bytes @ 0x7f0000000000\n" % (16 * n)
    return whole_starts(2, 31, 32, random.Random(46)), (head + "".join(line % (16 * k) for k in range(n))).encode()


def hexdumps_without_body(n):
    head = "Nov 27 10:00:00 gw charon: %02d[IKE] Sk_ei secret => 32 bytes @ 0x7f0000000000\n"
    return whole_starts(2, 31, 32, random.Random(47)), "".join(head % (k % 97) for k in range(n)).encode()


def daemon_words(n):
    """Lines that begin what the readers of logs look for, never ended."""
    words = ["| calc_skeyseed: ", "| ikev2 keys: ", "src 10.1.0.1 dst 10.1.0.2\n\tproto esp spi 0x%08x reqid 1 mode tunnel", "| Enc key_r: 41 41 41",
             "ikev2_sa_keys: SK_ei with 32 bytes", "spi=0x%08x enc=aes-cbc", "| DH secret: 00 00", "2024 charon: [IKE] shared secret => 32 bytes @ 0x1"]
    lines = [words[k % len(words)] for k in range(n)]
    return whole_starts(2, 31, 32, random.Random(48)), "\n".join(w % k if "%" in w else w for k, w in enumerate(lines)).encode()


def esp_keys_of_many(n):
    """ESP keys without SPI and ESP of many SPIs."""
    chance = random.Random(49)
    log = "".join(f"ESP_KEY - AES_CBC_128 {chance.randbytes(16).hex()} HMAC_SHA1_96 {chance.randbytes(20).hex()}\n" for _ in range(200))
    return [esp(0x1000 + k, 1, size=80) for k in range(n)], log.encode()
