# SPDX-License-Identifier: GPL-2.0-or-later
"""Variants of captures: what a network, a place of capture or a forger makes of a session, and what must stay true.

Each maker yields (kind, what was done, capture, map): map[frame number in the variant] = frame number in the original,
for frames that are original ones. The truth of a session is what its daemons logged, not what the plugin says of it.
"""
import collections
import ipaddress
import random
import struct

import captures
import many
from captures import ETHERNET, SLL2, Frame, Packet
from reading import SECURITY

Variant = collections.namedtuple("Variant", "kind what capture origin")
MOST_PLACES = 24    # of a long session, at how many frames something is done


def written(kind, what, link, frames):
    """frames: [(Frame, number of the original frame or 0)]; written in the order of time."""
    frames = sorted(frames, key=lambda entry: entry[0].time)
    origin = {number + 1: entry[1] for number, entry in enumerate(frames) if entry[1]}
    return Variant(kind, what, captures.pcap(link, [entry[0] for entry in frames]), origin)


class Session:
    """A capture of the lab with its frames taken apart."""

    def __init__(self, path):
        self.path = path
        self.name = f"{path.parent.name}/{path.stem}"
        self.link, frames = captures.read(path)
        self.frames = list(enumerate(frames, 1))
        self.packets = {number: Packet(self.link, frame.data) for number, frame in self.frames}
        self.plain_udp = all(packet.ok and not packet.fragment and packet.protocol != captures.TCP
                             for packet in self.packets.values())

    def ike(self):
        """Numbers of the frames that carry an IKE message."""
        return [number for number, packet in self.packets.items() if packet.ok and packet.ike()]

    def places(self, chance, of=None):
        numbers = of or [number for number, packet in self.packets.items() if packet.ok]
        return numbers if len(numbers) <= MOST_PLACES else sorted(chance.sample(numbers, MOST_PLACES))

    def all_frames(self):
        return [(frame, number) for number, frame in self.frames]


# ---- what a network does ---------------------------------------------------------------------------------------

def lost(session, chance):
    for place in session.places(chance):
        yield written("lost", f"frame {place} lost", session.link, [e for e in session.all_frames() if e[1] != place])


def doubled(session, chance):
    """A copy of one packet, microseconds or milliseconds later; then of every packet, as a mirror port makes them."""
    for place in session.places(chance):
        frame = session.frames[place - 1][1]
        later = frame._replace(time=frame.time + chance.choice((0.00002, 0.0005, 0.002)))
        yield written("doubled", f"frame {place} twice", session.link, session.all_frames() + [(later, place)])
    for gap in (0.000003, 0.0002):
        twice = [(frame._replace(time=frame.time + gap), number) for frame, number in session.all_frames()]
        yield written("doubled", f"every frame twice, {gap * 1e6:.0f} us apart", session.link, session.all_frames() + twice)


def delayed(session, chance):
    """One packet up to 50 ms late."""
    for place in session.places(chance):
        late = chance.uniform(0.001, 0.05)
        moved = [(frame._replace(time=frame.time + late) if number == place else frame, number)
                 for frame, number in session.all_frames()]
        yield written("delayed", f"frame {place} late by {late * 1e3:.0f} ms", session.link, moved)


def swapped(session, chance):
    """Two neighbours of one direction change places, as parallel paths and queues do it."""
    for place in session.places(chance):
        follower = next((n for n, p in session.packets.items() if n > place and p.ok and session.packets[place].ok
                         and p.source == session.packets[place].source), None)
        if not follower or session.frames[follower - 1][1].time - session.frames[place - 1][1].time > 0.05:
            continue
        a, b = session.frames[place - 1][1].time, session.frames[follower - 1][1].time
        order = {place: b, follower: a}
        yield written("swapped", f"frames {place} and {follower}", session.link,
                      [(frame._replace(time=order.get(number, frame.time)), number) for frame, number in session.all_frames()])


def rotated(session, chance):
    """Three neighbours of one direction come in another order."""
    for place in session.places(chance):
        source = session.packets[place].source
        three = [n for n, p in session.packets.items() if n >= place and p.ok and p.source == source][:3]
        times = [session.frames[n - 1][1].time for n in three]
        if len(three) < 3 or times[2] - times[0] > 0.05:
            continue
        order = dict(zip(three, times[1:] + times[:1] if chance.random() < 0.5 else times[::-1]))
        yield written("rotated", f"frames {three[0]}, {three[1]} and {three[2]}", session.link,
                      [(frame._replace(time=order.get(number, frame.time)), number) for frame, number in session.all_frames()])


def regrouped(session, chance):
    """Some messages of a row come behind the next ones; or all of one side are late, as a tap for each direction has it."""
    for place in session.places(chance, session.ike()):
        size = chance.choice((2, 3))
        block = session.frames[place - 1:place - 1 + 2 * size]
        if len(block) < 2 * size or block[-1][1].time - block[0][1].time > 0.2:
            continue
        times = dict(zip([number for number, _ in block[size:] + block[:size]], [frame.time for _, frame in block]))
        yield written("regrouped", f"{size} frames from {place} behind the next", session.link,
                      [(frame._replace(time=times.get(number, frame.time)), number) for frame, number in session.all_frames()])
    first = session.packets[session.ike()[0]].source
    for late in (0.002, -0.02, 0.3):
        moved = [(frame._replace(time=frame.time + late) if session.packets[number].ok and session.packets[number].source == first
                  else frame, number) for frame, number in session.all_frames()]
        yield written("regrouped", f"the first side {late} s late", session.link, moved)


def missing(session, chance):
    """Frames in a row, a share of all, one direction or one port are not in the capture."""
    frames, sources = session.all_frames(), sorted({p.source for p in session.packets.values() if p.ok}, key=str)

    def without(what, gone):
        rest = [entry for entry in frames if not gone(session.packets[entry[1]], entry[1])]
        return [written("missing", what, session.link, rest)] if rest and len(rest) < len(frames) else []

    for place in session.places(chance, session.ike()):
        last = place + chance.choice((1, 2, 3))
        yield from without(f"frames {place} to {last}", lambda _, number: place <= number <= last)
    for share in (0.1, 0.3):
        yield from without(f"{share:.0%} of all", lambda *_: chance.random() < share)
    for source in sources if len(sources) > 1 else ():
        yield from without(f"all from {source}", lambda packet, _: packet.ok and packet.source == source)
    yield from without("all on port 4500", lambda packet, _: packet.udp and 4500 in packet.ports)


def late_copy(session, chance):
    """A duplicate that was under way for long comes when all is over, also after the Delete."""
    end = session.frames[-1][1].time
    for place in session.places(chance, session.ike()):
        frame = session.frames[place - 1][1]
        yield written("late copy", f"frame {place} again at the end", session.link,
                      session.all_frames() + [(frame._replace(time=end + chance.choice((0.001, 0.8, 4.0))), place)])


# ---- where it is captured --------------------------------------------------------------------------------------

def _other_side(session, nat):
    """The same packets as seen behind a router, nearer to the responder: another TTL, and perhaps another address and
    port of the initiator."""
    first = session.packets[session.ike()[0]]
    inside, outside = first.source, ipaddress.ip_address("192.0.2.77" if first.source.version == 4 else "2001:db8::77")
    moved = {500: 1029, 4500: 32771}
    for frame, number in session.all_frames():
        packet = session.packets[number]
        if not packet.ok:
            yield frame, number
            continue
        change = {"ttl": max(1, packet.ttl - 1) if packet.source == inside else min(255, packet.ttl + 1)}
        if nat:
            udp = packet.udp
            if packet.source == inside:
                change["source"] = outside
                if udp:
                    change["ports"] = (moved.get(packet.ports[0], packet.ports[0]), packet.ports[1])
            if packet.destination == inside:
                change["destination"] = outside
                if udp:
                    change["ports"] = (packet.ports[0], moved.get(packet.ports[1], packet.ports[1]))
        yield frame._replace(data=packet.bytes(**change)), number


def _merged(kind, session, nat, shift, snap=None, delay=0.0015, begins=1):
    """mergecap of both sides: packets under way for a while, clocks apart, perhaps a NAT; the other file may begin later."""
    first = session.packets[session.ike()[0]].source
    both = session.all_frames()
    for frame, number in _other_side(session, nat):
        way = delay if session.packets[number].ok and session.packets[number].source == first else -delay
        if number >= begins:
            both.append((frame._replace(time=frame.time + shift + way, data=frame.data[:snap], interface=1,
                                        length=len(frame.data)), number))
    both.sort(key=lambda entry: entry[0].time)
    return Variant(kind, f"nat {nat}, clocks {shift} s apart, snap length {snap}, from frame {begins}",
                   captures.pcapng([session.link] * 2, [entry[0] for entry in both]),
                   {place + 1: entry[1] for place, entry in enumerate(both)})


def _has_two_sides(session):
    """A made capture whose sequence numbers leap by 2^31 asks for more than the 8,000 numbers that are remembered."""
    return session.plain_udp and session.ike() and not session.name.startswith("esp/made-esn")


def merged(session, _):
    for nat in (False, True) if _has_two_sides(session) else ():
        for shift in (0.0, 0.004, -0.9, 0.9):
            for snap in (None, 120):
                yield _merged("merged", session, nat, shift, snap)


def merged_late(session, chance):
    """The other side's capture began later than this one. No response is captured before its request there."""
    for place in session.places(chance, session.ike())[1:] if _has_two_sides(session) else ():
        yield _merged("merged late", session, chance.random() < 0.5, chance.choice((0.004, -0.9, 0.9)), None, 0.00005, place)


def snapped(session, _):
    for size in (60, 68, 96, 128, 200, 262):
        yield written("snapped", f"snap length {size}", session.link,
                      [(frame._replace(data=frame.data[:size], length=len(frame.data)), number) for frame, number in session.all_frames()])


def clock_step(session, chance):
    """Somebody sets the clock while it is captured; a clock with seconds only."""
    frames = [frame for _, frame in session.frames]
    origin = {number: number for number, _ in session.frames}
    for step in (-2.0, -0.3, 3600.0):
        place = chance.choice(session.ike())
        moved = [frame._replace(time=frame.time + step * (number >= place)) for number, frame in session.frames]
        yield Variant("clock step", f"clock set by {step} s at frame {place}", captures.pcap(session.link, moved), origin)
    yield Variant("clock step", "whole seconds",
                  captures.pcap(session.link, [frame._replace(time=float(int(frame.time))) for frame in frames]), origin)


def appended(session, chance):
    """Files of a ring buffer that overlap, one after the other; the same file twice. Messages in IP fragments, whose
    Identification is not known, are taken for retransmissions; of the made captures see merged()."""
    if not session.plain_udp or session.name.startswith("esp/made-esn"):
        return
    frames = [frame for _, frame in session.frames]
    middle = chance.randrange(1, len(frames) + 1)
    for again in (range(middle, len(frames) + 1), range(1, len(frames) + 1)):
        order = [*range(1, len(frames) + 1), *again]
        yield Variant("appended", f"frames from {again[0]} again behind it",
                      captures.pcap(session.link, [frames[number - 1] for number in order]), dict(enumerate(order, 1)))


def any_interface(session, _):
    """tcpdump -i any on a router: every packet in by one interface and out by the other."""
    if session.link != ETHERNET or not session.plain_udp or not session.ike():
        return
    inside = session.packets[session.ike()[0]].source
    for nat in (False, True):
        both = []
        for views in zip(session.all_frames(), _other_side(session, nat)):
            forth = session.packets[views[0][1]].ok and session.packets[views[0][1]].source == inside
            for (frame, number), interface, out in zip(views, (2, 3), (not forth, forth)):
                seen = captures.cooked(frame, session.link, interface, out)
                both.append((seen._replace(time=seen.time + 0.00003 * out), number))
        yield written("any", f"router, nat {nat}", SLL2, both)


def _tunnelled(kind, data):
    """An Ethernet frame with a tag or label, or within a packet between two other hosts."""
    six, packet = data[12:14] == b"\x86\xdd", data[14:]
    tags = {"VLAN": struct.pack("!HH", 0x8100, 42) + data[12:14], "QinQ": struct.pack("!HHHH", 0x88A8, 7, 0x8100, 42) + data[12:14],
            "MPLS": struct.pack("!HI", 0x8847, 1000 << 12 | 1 << 8 | 63),
            "PPPoE": struct.pack("!HBBHHH", 0x8864, 0x11, 0, 5, len(packet) + 2, 0x57 if six else 0x21)}
    if kind in tags:
        return data[:12] + tags[kind] + packet
    heads = {"GRE": struct.pack("!H", 0) + data[12:14], "ERSPAN": struct.pack("!HHIHHI", 0x1000, 0x88BE, 1, 0x1005, 10, 0),
             "IP in IP": b"", "VXLAN": struct.pack("!II", 0x08000000, 42 << 8),
             "GENEVE": struct.pack("!BBHI", 0, 0, 0x6558, 42 << 8)}
    inner = heads[kind] + (packet if kind in ("GRE", "IP in IP") else data)
    protocol = {"GRE": 47, "ERSPAN": 47, "IP in IP": 41 if six else 4}.get(kind, captures.UDP)
    if protocol == captures.UDP:
        inner = struct.pack("!HHHH", 50000, 4789 if kind == "VXLAN" else 6081, 8 + len(inner), 0) + inner
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(inner), 7, 0, 62, protocol, 0, bytes((198, 51, 100, 1)),
                       bytes((198, 51, 100, 2)))
    head = head[:10] + struct.pack("!H", captures.checksum(head)) + head[12:]
    return data[:12] + b"\x08\0" + head + inner


def tunnel_twins(session, _):
    """Each packet on its own and in a tunnel, as a router's mirror port shows it."""
    if session.link != ETHERNET or not session.plain_udp or not session.ike():
        return
    for kind in ("VLAN", "QinQ", "MPLS", "PPPoE", "GRE", "ERSPAN", "IP in IP", "VXLAN", "GENEVE"):
        for gap in (0.00002, -0.0003):
            twins = [(frame._replace(time=frame.time + gap, data=_tunnelled(kind, frame.data), length=None), number)
                     for frame, number in session.all_frames()]
            yield written("tunnel twins", f"{kind}, {gap * 1e6:.0f} us", session.link, session.all_frames() + twins)


def cut(session, chance):
    """The capture begins later or ends earlier."""
    for place in session.places(chance)[1:]:
        yield written("cut at the start", f"begins at frame {place}", session.link,
                      [e for e in session.all_frames() if e[1] >= place])
        yield written("cut at the end", f"ends before frame {place}", session.link,
                      [e for e in session.all_frames() if e[1] < place])


# ---- one forged error ------------------------------------------------------------------------------------------

ERRORS_V2 = {7: "INVALID_SYNTAX", 14: "NO_PROPOSAL_CHOSEN", 24: "AUTHENTICATION_FAILED", 4: "INVALID_IKE_SPI",
             11: "INVALID_SPI", 5: "INVALID_MAJOR_VERSION", 9: "INVALID_MESSAGE_ID", 1: "UNSUPPORTED_CRITICAL_PAYLOAD"}
ERRORS_V1 = {14: "NO-PROPOSAL-CHOSEN", 24: "AUTHENTICATION-FAILED", 4: "INVALID-COOKIE", 16: "PAYLOAD-MALFORMED",
             18: "INVALID-ID-INFORMATION", 23: "INVALID-HASH-INFORMATION", 5: "INVALID-MAJOR-VERSION"}


def clear_error(message, number, response):
    """An unprotected notify about this message: an answer to it, or a request of the same sender."""
    if message[17] >> 4 == 1:
        body = struct.pack("!BBHIBBH", 0, 0, 12, 1, 1, 0, number)
        return message[:16] + bytes([11, 0x10, 5, 0]) + struct.pack("!II", random.Random(number).getrandbits(32), 28 + len(body)) + body
    body = struct.pack("!BBHBBH", 0, 0, 8, 0, 0, number)
    flags = message[19] & 0x08 ^ 0x08 | 0x20 if response else message[19]
    return message[:16] + bytes([41, 0x20, message[18] if response else 37, flags]) + message[20:24] + struct.pack("!I", 28 + len(body)) + body


def forged_error(session, chance):
    places = session.places(chance, session.ike())
    for place in places:
        frame, packet = session.frames[place - 1][1], session.packets[place]
        marker, message = packet.ike()
        errors = ERRORS_V2 if message[17] >> 4 == 2 else ERRORS_V1
        for number in chance.sample(sorted(errors), 2):
            for answer in (True, False):
                forged = marker + clear_error(message, number, answer)
                data = packet.bytes(payload=packet.payload[:8] + forged)
                if answer:
                    data = packet.bytes(**packet.to_sender(), payload=packet.payload[:8] + forged)
                new = Frame(frame.time + chance.choice((-0.00001, 0.00001)), data)
                yield written("forged error", f"{errors[number]} {'to' if answer else 'by the sender of'} frame {place}",
                              session.link, session.all_frames() + [(new, 0)])


MAKERS = (lost, doubled, delayed, swapped, rotated, regrouped, missing, late_copy, merged, merged_late, snapped, clock_step,
          appended, any_interface, tunnel_twins, cut, forged_error)
# Nothing is missing and nothing is new.
SAME_PACKETS = {"doubled", "delayed", "swapped", "rotated", "regrouped", "late copy", "merged", "merged late", "clock step",
                "appended", "any", "tunnel twins"}
COPIES = {"doubled", "merged", "merged late", "clock step", "appended", "any", "tunnel twins"}
LATE = {"delayed", "swapped", "rotated", "regrouped"}


def variants_of(session, seed=1, most=None):
    """All variants, or a sample of each maker's."""
    for maker in MAKERS:
        chance = random.Random(f"{session.name} {maker.__name__} {seed}")
        made = list(maker(session, chance))
        if most is not None and len(made) > most:
            made = chance.sample(made, most)
        yield from made


# ---- the truth ------------------------------------------------------------------------------------------------

Truth = collections.namedtuple("Truth", "healthy codes protected")


def truth_of(path, failing, protected):
    """What is known of a session: whether its daemons came up, which errors their logs name, and whether it has
    protected messages. failing: the code of the cause, or None for a session that came up."""
    words = "".join(log.read_text(errors="replace") for log in
                    [*path.parent.glob(path.stem + ".*.log"), *path.parent.glob("*.log" if (path.parent / "meta.json").exists() else "-")])
    words = words.replace("-", "_").upper()
    return Truth(failing is None, _Logged(words, {failing} if failing else set()), protected)


class _Logged:
    """The codes that may be stated as certain: those that stand in a daemon's log, by their names or its own words."""
    WORDS = {"AUTHENTICATION_FAILED": "AUTH_FAILED", "PAYLOAD_MALFORMED": "MALFORMED PAYLOAD"}

    def __init__(self, words, codes):
        self.words, self.codes = words, codes

    def __contains__(self, code):
        return code in self.codes or code in self.words or self.WORDS.get(code, code) in self.words


# ---- what must stay true ---------------------------------------------------------------------------------------

COUNTS = ("messages", "encrypted_messages", "decrypted_messages")


def counts(sas):
    """Messages and ESP packets of all IKE SAs together."""
    total = {name: sum(sa[name] for sa in sas) for name in COUNTS}
    total["esp_packets"] = sum(child["esp_packets"] for sa in sas for child in sa["child_sas"])
    total["esp_decrypted"] = sum(child["esp_decrypted"] for sa in sas for child in sa["child_sas"])
    total["retransmissions"] = sum(e["retransmissions"] for sa in sas for e in sa["exchanges"])
    return total


def _key(sa):
    return sa["spi_initiator"], sa["spi_responder"]


def _code(sa):
    return (sa["cause"] or {}).get("code")


def _serious(sas):
    """Errors and warnings that are not about strength, as (code, frame)."""
    return [(f["code"], f["frame"]) for sa in sas for f in sa["findings"]
            if f["severity"] in ("error", "warn") and f["code"] not in SECURITY]


def _new_certain(result, original, truth):
    """Causes that are called certain and that no log names."""
    known = {_code(sa) for sa in original.sas} | {(c["cause"] or {}).get("code") for sa in original.sas for c in sa["child_sas"]}
    for sa in result.sas:
        for part in [sa["cause"], *(child["cause"] for child in sa["child_sas"])]:
            if part and part["certainty"] == "certain" and part["code"] not in truth.codes and part["code"] not in known:
                yield f"certain {part['code']}"


def _false_failure(variant, original, result):
    """A session that came up fails, or something is said against it."""
    for sa in result.sas:
        if sa["outcome"] in ("failed", "no_response"):
            yield f"outcome {sa['outcome']}: {_code(sa)}"
    if variant.kind in SAME_PACKETS or variant.kind == "forged error":
        before = _serious(original.sas)
        for code, frame in _serious(result.sas):
            if (code, variant.origin.get(frame)) not in before:
                yield f"{code} at frame {frame} (was {variant.origin.get(frame, 'forged')})"


def _children(sa):
    """SPIs of its Child SAs -> what they are and what became of them."""
    return {(child["spi_initiator"], child["spi_responder"]): tuple(
        child[name] for name in ("protocol", "mode", "ts_initiator", "ts_responder", "encryption", "integrity", "outcome"))
        + ((child["cause"] or {}).get("code"),) for child in sa["child_sas"]}


def _child_changes(sa, other):
    old, new = _children(sa), _children(other)
    for spis in old.keys() | new.keys():
        if old.get(spis) != new.get(spis):
            yield f"Child SA {spis[0]}: {new.get(spis)} instead of {old.get(spis)}"


def _moved(sa, side):
    """Addresses of a side that has several."""
    return {path[side].rpartition(":")[0].strip("[]") for path in sa["paths"]}


def _changes(variant, original, result, truth):
    """The IKE SAs are not what they were. Out of order a message may come before its keys: identities may then be missing
    and an encrypted delete unseen."""
    after = {_key(sa): sa for sa in result.sas}
    late = variant.kind in LATE
    for sa in original.sas:
        other = after.get(_key(sa))
        if not other:
            yield f"no IKE SA {_key(sa)[0]}"
            continue
        if other["outcome"] != sa["outcome"] and not (late and (other["outcome"] == "incomplete" or not truth.healthy
                                                                or not sa["decrypted_messages"])):
            yield f"outcome {other['outcome']} instead of {sa['outcome']}"
        if _code(other) != _code(sa) and not (late and not truth.healthy):
            yield f"cause {_code(other)} instead of {_code(sa)}"
        if not late:
            yield from _child_changes(sa, other)
        for side in ("initiator", "responder"):
            old, new = sa[side], other[side]
            if new["id"] != old["id"] and not (late and new["id"] is None):
                yield f"{side} {new['id']} instead of {old['id']}"
            # Of a host that moved the address that is first in the file is shown; and so it is behind a NAT where nobody
            # responds, for what comes from one side alone may be forged.
            one_way = variant.kind.startswith("merged") and sa["outcome"] == "no_response" and not sa["encrypted_messages"]
            if not one_way and new["address"] not in {old["address"], *(_moved(sa, side) if variant.kind == "merged late" else ())}:
                yield f"{side} {new['address']} instead of {old['address']}"
            if new["auth_verified"] != old["auth_verified"] and not (late and new["auth_verified"] is None):
                yield f"{side} verified: {new['auth_verified']} instead of {old['auth_verified']}"
    if len(result.sas) > len(original.sas):
        yield f"{len(result.sas)} IKE SAs instead of {len(original.sas)}"


def judge(variant, original, result, truth):
    """What is wrong with the reading of a variant, as texts. original: the reading of the capture as it was."""
    wrong = list(_new_certain(result, original, truth))
    if truth.healthy:
        wrong += _false_failure(variant, original, result)
    if variant.kind in SAME_PACKETS or variant.kind == "forged error":
        wrong += _changes(variant, original, result, truth)
    if variant.kind in COPIES:
        old, new = counts(original.sas), counts(result.sas)
        wrong += [f"{name} {new[name]} instead of {old[name]}" for name in old if old[name] != new[name]]
    return wrong


def examine(session, truth, log=None, seed=1, most=None, kinds=None):
    """(variant, texts) for every variant of a session that is read wrong, and a count of variants by kind."""
    made = [variant for variant in variants_of(session, seed, most)
            if (kinds is None or variant.kind in kinds) and (truth.protected or variant.kind != "forged error")]
    results = many.read_all([session.path.read_bytes()] + [variant.capture for variant in made], log, fields=())
    total = collections.Counter(variant.kind for variant in made)
    wrong = [(variant, texts) for variant, result in zip(made, results[1:])
             if (texts := judge(variant, results[0], result, truth))]
    return wrong, total
