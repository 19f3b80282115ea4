# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions of groups, and of one IKE SA in two TCP connections, for forged packets (injections.py)."""
import captures
import group_sessions as g
import packets as p
import tcp_sessions
from captures import Frame
from injections import Target


def gikev2():
    """Registration, GSA_REKEY with the next keys, and the group's ESP of all; (frames, key log)."""
    member, first, second = g.Member(), g.RekeySa("first"), g.RekeySa("second", aead=False)
    data = [g.DataSa(f"data {number}", aead=number % 2 == 0) for number in range(3)]
    bag = first.bag((0, member.gsk_w)) + data[0].bag(member.gsk_w) + g.member_bag(p.tlv(2, g.spki(g.ED25519)))
    return [*member.init(), *member.registration([(g.GSA, first.policy() + data[0].policy()), (g.KD, bag)]),
            data[0].packet("one"),
            *first.rekey([(g.GSA, second.policy() + data[1].policy()), (g.KD, second.bag((0, first.gsk_w)) + data[1].bag(first.gsk_w))]),
            data[1].packet("two"),
            *second.rekey([(g.GSA, data[2].policy()), (g.KD, data[2].bag(second.gsk_w))]),
            data[2].packet("three"), data[0].packet("four", 2)], member.log()


def gdoi():
    """The same with GROUPKEY-PULL and two GROUPKEY-PUSH."""
    member, kek, second = g.MemberV1(), g.Kek(), g.Kek("second", bits=256)
    teks = [g.Tek(f"tek {number}", kind) for number, kind in enumerate(("cbc", "gcm", "ctr"))]

    def pushed(*keys):
        return [(g.SA_V1, g.sa_gdoi(*(key.sak() if isinstance(key, g.Kek) else key.sat() for key in keys))),
                (g.KD_V1, g.kd_gdoi(*(key.packet() for key in keys)))]
    pulled = pushed(kek, teks[0])
    return [*member.main_mode(), *member.pull(pulled[0][1], pulled[1][1]), teks[0].esp("one"), kek.push(pushed(second, teks[1])),
            teks[1].esp("two"), second.push(pushed(teks[2])), teks[2].esp("three"), teks[0].esp("four", 2)], member.log()


def target(make, folder):
    """(session, path of its key log)"""
    frames, log = make()
    path = folder / f"{make.__name__}.pcap"
    path.write_bytes(p.pcap(frames))
    path.with_suffix(".log").write_text(log)
    return Target(path), path.with_suffix(".log")


def second_connection(session, at):
    """The session over TCP whose client begins a new connection before message number `at` (RFC 9329 6.1): [(time, parts)] as
    over_tcp() has them."""
    out = []
    for number, (time, packet, ports, sequence, acknowledged, data) in enumerate(tcp_sessions.over_tcp(session)):
        if number >= at:
            first = ports[0] == tcp_sessions.CLIENT and not any(one[2][0] == tcp_sessions.CLIENT + 7 for one in out)
            data = (b"IKETCP" if first else b"") + data
            ports = tuple(port + 7 if port == tcp_sessions.CLIENT else port for port in ports)
            sequence, acknowledged = sequence + 7777, acknowledged + 7777
        out.append((time, packet, ports, sequence, acknowledged, data))
    return out


def frames_of(segments):
    return [Frame(time, tcp_sessions.segment(packet, ports, sequence, acknowledged, tcp_sessions.PUSH, data))
            for time, packet, ports, sequence, acknowledged, data in segments]
