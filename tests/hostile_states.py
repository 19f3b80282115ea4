# SPDX-License-Identifier: GPL-2.0-or-later
"""More captures that try to cost more than their length (hostile_captures.py): what is kept for one IKE SA, of which there is
more and more."""
import ipaddress
import random
import struct

import group_sessions as groups
import packets as p
import suite_sessions as suites
from hostile_captures import A, B, C, ISPI, RSPI, SUITE, SUITE_V1, WAYS, main_mode, on_4500, some_spi

PSK_LOG = b"%any : PSK \"secret\"\n"
GCM = suites.Suite(20, 128)
DELETE, INFORMATIONAL, CREATE_CHILD_SA = suites.DELETE, suites.INFORMATIONAL, suites.CREATE_CHILD_SA


def contested_roles(n):
    """Both sides send message 1 of main mode under one cookie, in turn."""
    chance = random.Random(51)
    return [p.udp(p.message_v1(2, [(1, SUITE_V1), (13, chance.randbytes(16))], ispi=ISPI, rspi=bytes(8)), *WAYS[k % 2])
            for k in range(n)]


def encrypted_quick_modes(n):
    """One IKE SA of IKEv1, with a PSK to try: each message has a message ID of its own."""
    chance, out = random.Random(52), []
    out += [main_mode(chance, kind) for kind in range(4)]
    for k in range(n):
        body = chance.randbytes(96)
        out.append(p.udp(ISPI + RSPI + struct.pack("!BBBBII", 8, 0x10, 32, 1, k + 1, 28 + len(body)) + body, A, B))
    return out, PSK_LOG


def versions_of_a_clear_fragment(n):
    """Payload 132: a message in two fragments, each again with other bytes; all combinations have the right length."""
    chance, out = random.Random(53), []
    for k in range(n):
        message = p.message_v1(2, [(13, chance.randbytes(120)), (13, chance.randbytes(120))], ispi=ISPI, rspi=RSPI)
        half, number = (message[:150], 1) if k % 2 == 0 else (message[150:], 2)
        out.append(p.udp(p.message_v1(2, [(132, struct.pack("!HBB", 1, number, number == 2) + half)], ispi=ISPI, rspi=RSPI), A, B))
    return out


def many_last_fragments(n):
    """Payload 132: a hundred fragments, then the last one again and again."""
    chance = random.Random(54)
    message = p.message_v1(2, [(13, bytes(100)) for _ in range(100)], ispi=ISPI, rspi=RSPI)
    size = -(-len(message) // 100)
    parts = [message[at:at + size] for at in range(0, len(message), size)]

    def fragment(number, body):
        return p.udp(p.message_v1(2, [(132, struct.pack("!HBB", 1, number, number == len(parts)) + body)], ispi=ISPI, rspi=RSPI), A, B)
    return [fragment(k + 1, part) for k, part in enumerate(parts[:-1])] + \
        [fragment(len(parts), chance.randbytes(len(parts[-1]))) for _ in range(n)]


def group_members(n):
    """GROUPKEY-PULL of many members with one key server."""
    chance, out = random.Random(55), []
    for k in range(n):
        member, cookies = str(ipaddress.ip_address(0x0A000000 + k)), (some_spi(chance), some_spi(chance))
        out.append(p.udp(p.message_v1(32, [(8, bytes(20)), (10, chance.randbytes(16)), (5, struct.pack("!BBHI", 11, 0, 0, 7))], ispi=cookies[0],
                                      rspi=cookies[1], message_id=1), member, C, 848, 848))
    return out


def rekeys_in_clear(n):
    """CREATE_CHILD_SA in clear, each with the SPIs of another new IKE SA, and a message under them."""
    chance, out = random.Random(56), []
    for k in range(n):
        new = [some_spi(chance), some_spi(chance)]
        for side in (0, 1):
            body = [(33, p.proposal(1, 1, new[side], SUITE)), (40, chance.randbytes(32)), (34, struct.pack("!HH", 14, 0) + chance.randbytes(64))]
            out.append(on_4500(p.message(36, body, ispi=ISPI, rspi=RSPI, message_id=k, flags=8 if not side else 0x20), *WAYS[side]))
        out.append(on_4500(p.message(37, [(46, bytes(60))], ispi=new[0], rspi=new[1])))
    return out


def message_ids_downwards(n):
    return [on_4500(p.message(37, [(46, bytes(60))], ispi=ISPI, rspi=RSPI, message_id=n - k)) for k in range(n)]


def vendor_ids_of_one(n):
    """Sixty vendor IDs a message, never the same, all of one IKE SA."""
    chance = random.Random(57)
    return [p.udp(p.message(34, [(33, p.proposal(1, 1, b"", SUITE))] + [(43, chance.randbytes(16)) for _ in range(60)], ispi=ISPI), A, B)
            for _ in range(n // 20)]


def nat_views(n):
    """IKE_SA_INIT with other NAT detection each time, in both directions."""
    chance, out = random.Random(58), []
    for k in range(n):
        notifies = [(41, p.notify(16388 + i % 2, chance.randbytes(20))) for i in range(4)]
        side = k % 2
        out.append(p.udp(p.message(34, [(33, p.proposal(1, 1, b"", SUITE)), *notifies], ispi=ISPI, rspi=RSPI if side else bytes(8),
                                   flags=0x20 if side else 8), *WAYS[side]))
    return out


def eap_rounds(n):
    """EAP in clear: requests and responses without end."""
    def message(k, side):
        eap = struct.pack("!BBHB", 1 + side, k & 255, 25, 26) + bytes(20)
        return on_4500(p.message(35, [(48, eap)], ispi=ISPI, rspi=RSPI, message_id=k, flags=0x20 if side else 8), *WAYS[side])
    return [message(k, side) for k in range(n) for side in (0, 1)]


def icmp_of_known(n):
    """Many IKE SAs, and ICMP errors about each."""
    chance, out = random.Random(59), []
    for _ in range(n):
        message = p.udp(p.message(34, [(33, p.proposal(1, 1, b"", SUITE))], ispi=some_spi(chance)), A, B)
        out += [message, p.ip(1, struct.pack("!BBHI", 3, 3, 0, 0) + message[:60], B, A)]
    return out


def both_versions(n):
    """IKEv1 and IKEv2 under the same SPIs in turn."""
    out = []
    for k in range(n):
        if k % 2:
            out.append(p.udp(p.message_v1(5, [(11, p.notify_v1(14 + k % 5))], ispi=ISPI, rspi=RSPI, message_id=k), A, B))
        else:
            out.append(p.udp(p.message(37, [(41, p.notify(14 + k % 5))], ispi=ISPI, rspi=RSPI, message_id=k), A, B))
    return out


def deletes_of_ike_sas(n):
    """IKEv1: each message deletes 32 ISAKMP SAs by their cookies."""
    chance, out = random.Random(60), []
    for k in range(n // 8):
        body = struct.pack("!IBBH", 1, 1, 16, 32) + chance.randbytes(16 * 32)
        out.append(p.udp(p.message_v1(5, [(12, body)], ispi=ISPI, rspi=RSPI, message_id=k + 1), A, B))
    return out


def configurations(n):
    """CFG_REQUEST and CFG_REPLY in clear with 60 addresses each."""
    attributes = [b"".join(p.tlv(1, struct.pack("!I", 0x0A000000 + 60 * k + i)) for i in range(60)) for k in range(8)]
    return [on_4500(p.message(35, [(47, struct.pack("!BBH", 2, 0, 0) + attributes[k % 8])], ispi=ISPI, rspi=RSPI, message_id=k,
                              flags=0x20), B, A) for k in range(n // 8)]


def main_modes_of_both(n):
    """Encrypted main mode messages of both sides, each with a message ID of its own, after many other exchanges: the roles are
    not decided."""
    chance, out = random.Random(61), []
    for exchange in (5, 2):
        for k in range(n):
            out.append(p.udp(ISPI + RSPI + struct.pack("!BBBBII", 8, 0x10, exchange, 1, k + 1, 28 + 64) + chance.randbytes(64), *WAYS[k % 2]))
    return out


def merged_copies(n):
    """Every message twenty times within 6 ms."""
    return [(1700000000 + k * 0.1 + copy * 0.0003, on_4500(p.message(37, [(46, bytes(60))], ispi=ISPI, rspi=RSPI, message_id=k)))
            for k in range(n // 20) for copy in range(20)]


def cookies_of_others(n):
    """Each IKE_SA_INIT request has the cookie that the one before was given, and is told to use another group."""
    chance, out = random.Random(62), []
    cookie = chance.randbytes(16)
    for _ in range(n):
        ispi = some_spi(chance)
        out.append(p.udp(p.message(34, [(41, p.notify(16390, cookie)), (33, p.proposal(1, 1, b"", SUITE)),
                                        (34, struct.pack("!HH", 14, 0) + bytes(32)), (40, chance.randbytes(16))], ispi=ispi), A, B))
        cookie = chance.randbytes(16)
        for answer in (p.notify(17, struct.pack("!H", 19)), p.notify(16390, cookie)):
            out.append(p.udp(p.message(34, [(41, answer)], ispi=ispi, flags=0x20), B, A))
    return out


# ---- with the keys ---------------------------------------------------------------------------------------------


def keyed(session, out):
    """What is read with the keys of the session."""
    return out.packets, ("".join(out.lines) + session.log()).encode()


def child_sas_with_keys(n):
    """Child SAs that are rekeyed, with ESP, and deletes of them, two for each."""
    out = suites.Out()
    session = suites.V2("many", GCM, out)
    session.init()
    child = session.authenticate(GCM)
    for k in range(n // 8):
        new, _ = session.new_child(GCM, f"child {k}", rekeyed=child)
        session.traffic(new, f"traffic {k}")
        deletes = [[(DELETE, struct.pack("!BBH", 3, 4, 64) + child.spis[side] * 64)] for side in (0, 1)]
        session.exchange(INFORMATIONAL, *deletes)
        session.exchange(INFORMATIONAL, *deletes, side=1)
        child = new
    return keyed(session, out)


def selectors_with_keys(n):
    """Child SAs whose selectors are all different, and as many as a report lists."""
    out, chance = suites.Out(), random.Random(44)
    session = suites.V2("many", GCM, out)
    session.init()
    session.authenticate(GCM)
    for _ in range(n // 2):
        session.exchange(CREATE_CHILD_SA, *[[
            (suites.SA, p.proposal(1, 3, chance.randbytes(4), GCM.transforms(False, False))), (suites.NONCE, chance.randbytes(32)),
            *[(kind, b"\x10\0\0\0" + b"".join(b"\7\0\0\x10\0\0\xff\xff" + chance.randbytes(8) for _ in range(16)))
              for kind in (suites.TSI, suites.TSR)]] for _ in "ir"])
    return keyed(session, out)


def ike_sas_with_keys(n):
    """Each IKE SA takes the place of the one before."""
    out = suites.Out()
    first = session = suites.V2("many", GCM, out)
    session.init()
    session.authenticate(GCM)
    for k in range(n // 4):
        new, _ = session.rekey(GCM, f"rekey {k}")
        out.log(new.log())
        session.delete()
        new.name = f"ike sa {k}"
        session = new
    return keyed(first, out)


def quick_modes_with_keys(n):
    """Quick modes with PFS, and for each a secret of another."""
    out = suites.Out()
    session = suites.V1("many", out)
    session.phase1()
    for k in range(n // 4):
        out.log(session.log_line(suites.fixed(f"other {k}", 256)), session.quick(12, p.tv(5, 5) + p.tv(6, 128), k + 1, pfs=True)[2])
    return keyed(session, out)


def group_rekeys_with_keys(n):
    """G-IKEv2: each GSA_REKEY has another ESP SA of the group."""
    member, rekey = groups.Member(), groups.RekeySa(signed=False)
    out = [*member.init(), *member.registration([(groups.GSA, rekey.policy()), (groups.KD, rekey.bag((0, member.gsk_w)))])]
    for k in range(n):
        data = groups.DataSa(f"data {k}")
        out += rekey.rekey([(groups.GSA, data.policy()), (groups.KD, data.bag(rekey.gsk_w))], message_id=k)
    return out, member.log().encode()
