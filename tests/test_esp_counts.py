# SPDX-License-Identifier: GPL-2.0-or-later
"""ESP and AH per direction against a count of its own: the packets of a capture are read here, without tshark, and their sequence
numbers counted as RFC 4303 3.4.3 has them. Captures of the daemons, and what a bad network makes of them."""
import collections
import ipaddress
import json
import random
import struct

import pytest

from tshark import TESTDATA, Tshark

ETHERNET, UDP, ESP, AH = 14, 17, 50, 51
IKE, NAT_T = 500, 4500
LEAP = 1 << 20
FAMILIES = ("esp", "ikev1", "ikev2", "libreswan", "openiked", "failing")
COUNTS = ("packets", "bytes", "lost", "replayed", "reordered", "reused", "first_frame", "last_frame")
# Keys tell which packets are forged, so these have them.
KEYED = ("esp/aes-cbc", "esp/ikev1", "ikev2/http", "ikev2/rekey-child")


def read(path):
    """[(time in microseconds, frame)] of a classic capture of Ethernet; None for any other."""
    data = path.read_bytes()
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">"}.get(data[:4])
    if order is None or struct.unpack(order + "I", data[20:24])[0] & 0xFFFF != 1:
        return None
    frames, at = [], 24
    while at + 16 <= len(data):
        seconds, micros, size, _ = struct.unpack(order + "IIII", data[at:at + 16])
        frames.append((seconds * 1000000 + micros, data[at + 16:at + 16 + size]))
        at += 16 + size
    return frames


def write(frames):
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    return head + b"".join(struct.pack("<IIII", *divmod(time, 1000000), len(frame), len(frame)) + frame for time, frame in frames)


def esp_of(frame):
    """(place of the SPI, destination, end) of an ESP packet, on IP or in UDP on port 4500 (to or from 500 it is IKE), or
    of an AH packet on IPv4; None for any other frame."""
    kind = frame[12:14]
    if kind == b"\x08\x00":
        if struct.unpack(">H", frame[20:22])[0] & 0x3FFF:
            return None    # an IP fragment
        protocol, target, payload = frame[23], frame[30:34], ETHERNET + (frame[14] & 15) * 4
        end = ETHERNET + struct.unpack(">H", frame[16:18])[0]
    elif kind == b"\x86\xdd":
        protocol, target, payload = frame[20], frame[38:54], ETHERNET + 40
        end = payload + struct.unpack(">H", frame[18:20])[0]
    else:
        return None
    if protocol == UDP:
        ports = struct.unpack(">HH", frame[payload:payload + 4])
        payload += 8
        if NAT_T not in ports or IKE in ports or end - payload < 9 or frame[payload:payload + 4] == bytes(4):
            return None
    elif protocol == AH:
        payload += 4    # its SPI
    elif protocol != ESP:
        return None
    return payload, target, end


def extended(low, highest):
    """RFC 4303 appendix A2.1: the extended sequence number next to the highest so far."""
    near = highest & ~0xFFFFFFFF | low
    if highest and near + 0x80000000 < highest:
        return near + 0x100000000
    return near - 0x100000000 if near > highest + 0x80000000 and near >= 0x100000000 else near


def count(frames):
    """spi -> counts, by the first copy of each sequence number."""
    flows = {}
    for number, (_, frame) in enumerate(frames, 1):
        found = esp_of(frame)
        if not found:
            continue
        at, _, end = found
        spi, low = struct.unpack(">II", frame[at:at + 8])
        flow = flows.setdefault(f"{spi:08x}", {"seen": {}, "highest": 0, **dict.fromkeys(COUNTS, 0)})
        sequence = extended(low, flow["highest"])
        again = flow["seen"].get(sequence)
        if again == frame[at:end]:
            flow["replayed"] += 1
            continue
        flow["reused"] += again is not None
        if again is None:
            flow["reordered"] += sequence < flow["highest"]
            flow["seen"][sequence] = frame[at:end]
            flow["highest"] = max(flow["highest"], sequence)
        flow["packets"] += 1
        flow["bytes"] += end - at + (4 if frame[12:14] == b"\x08\x00" and frame[23] == AH else 0)
        flow["first_frame"] = flow["first_frame"] or number
        flow["last_frame"] = number
    for flow in flows.values():
        numbers = sorted(flow.pop("seen"))
        # A cluster that fails over leaps (RFC 6311 5.1): so many in a row are not lost.
        flow["lost"] = sum(after - before - 1 for before, after in zip(numbers, numbers[1:]) if after - before <= LEAP)
        del flow["highest"]
    return flows


def reported(tshark, capture, *options):
    return json.loads(tshark.run(capture, "-q", "-z", "isakmp,report,json", *options))


def told(tshark, capture, *options):
    """spi -> counts, as the report tells."""
    report = reported(tshark, capture, *options)
    found = {}
    for sa in report["ike_sas"]:
        for child in sa["child_sas"]:
            for side in ("initiator", "responder"):
                if child[f"spi_{side}"] and child[f"to_{side}"]["packets"]:
                    found[child[f"spi_{side}"]] = child[f"to_{side}"]
    for flow in report["esp_flows"]:
        assert flow["spi"] not in found
        found[flow["spi"]] = flow
    return found


def decrypted(tshark, capture, *options):
    """How many ESP packets the report calls decrypted."""
    return sum(child["esp_decrypted"] for sa in reported(tshark, capture, *options)["ike_sas"] for child in sa["child_sas"])


def compare(found, expected, names=COUNTS):
    assert set(found) == set(expected)
    for spi, flow in expected.items():
        assert {name: found[spi][name] for name in names} == {name: flow[name] for name in names}, spi


def log_of(path):
    return path.with_suffix(".initiator.log")


@pytest.fixture(scope="module")
def tshark():
    with Tshark() as one:
        yield one


def test_captures_of_the_daemons(tshark):
    """Whatever has ESP, as one capture: an SPI of 32 bits tells whose packet it is."""
    paths, expected = [], {}
    for family in FAMILIES:
        for path in sorted((TESTDATA / family).glob("*.pcap")):
            frames = read(path)
            flows = count(frames) if frames else {}
            if flows and not set(flows) & set(expected):
                paths.append(path)
                expected.update(flows)
    assert len(paths) >= 40
    compare(told(tshark, tshark.merged(paths)), expected, [name for name in COUNTS if "frame" not in name])


def lose(frames, chance, dice):
    return [one for one in frames if not esp_of(one[1]) or dice.random() >= chance]


def one_way(frames, dice):
    targets = sorted({esp_of(frame)[1] for _, frame in frames if esp_of(frame)})
    gone = dice.choice(targets)
    return [one for one in frames if not esp_of(one[1]) or esp_of(one[1])[1] != gone]


def repeated(frames, seconds, dice):
    """Some packets again, later and under the same IP Identification: replayed by somebody on the way."""
    again = [(time + seconds * 1000000, frame) for time, frame in frames if esp_of(frame) and dice.random() < 0.3]
    return sorted(frames + again, key=lambda one: one[0])


def swapped(frames, dice):
    """Some neighbours of one direction the other way round."""
    frames = list(frames)
    by_target = collections.defaultdict(list)
    for index, (_, frame) in enumerate(frames):
        if esp_of(frame):
            by_target[esp_of(frame)[1]].append(index)
    for places in by_target.values():
        for first, second in zip(places[::2], places[1::2]):
            if dice.random() < 0.5:
                frames[first], frames[second] = (frames[first][0], frames[second][1]), (frames[second][0], frames[first][1])
    return frames


DAMAGES = {
    "lost": lambda frames, dice: lose(frames, 0.3, dice),
    "one way": one_way,
    "replayed": lambda frames, dice: repeated(frames, 1, dice),
    "reordered": swapped,
    "all at once": lambda frames, dice: swapped(repeated(lose(frames, 0.2, dice), 1, dice), dice),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", KEYED)
def test_damaged(tshark, name, damage):
    path = TESTDATA / f"{name}.pcap"
    for seed in range(3):
        frames = DAMAGES[damage](read(path), random.Random(f"{name} {damage} {seed}"))
        expected = count(frames)
        compare(told(tshark, write(frames), "-o", "isakmp.keylog_file:" + tshark.place(log_of(path), "key.log")), expected)


@pytest.mark.parametrize("name", KEYED)
def test_forged(tshark, name):
    """The last byte of each second packet is changed, beginning with the first: its ICV is wrong, and it is counted as nothing
    else."""
    path = TESTDATA / f"{name}.pcap"
    frames, forged, index = read(path), collections.Counter(), collections.Counter()
    for place, (time, frame) in enumerate(frames):
        found = esp_of(frame)
        if not found:
            continue
        at, _, end = found
        spi = f"{struct.unpack('>I', frame[at:at + 4])[0]:08x}"
        index[spi] += 1
        if index[spi] % 2:
            frames[place] = (time, frame[:end - 1] + bytes([frame[end - 1] ^ 1]) + frame[end:])
            forged[spi] += 1
    genuine = [None if after != before else before for before, after in zip(read(path), frames)]
    found = told(tshark, write(frames), "-o", "isakmp.keylog_file:" + tshark.place(log_of(path), "key.log"))
    assert {spi: flow["not_authentic"] for spi, flow in found.items() if flow["not_authentic"]} == dict(forged)
    compare(found, count([one or (0, b"") for one in genuine]), COUNTS)


@pytest.mark.parametrize("name", KEYED)
def test_forged_before_the_first(tshark, name):
    """Many packets of random bytes under an SPI before its first genuine one do not keep that from being decrypted."""
    path, dice, seen, frames = TESTDATA / f"{name}.pcap", random.Random(name), set(), []
    options = "-o", "isakmp.keylog_file:" + tshark.place(log_of(path), "key.log")
    for time, frame in read(path):
        found = esp_of(frame)
        if found and frame[found[0]:found[0] + 4] not in seen:
            at, _, end = found
            seen.add(frame[at:at + 4])
            frames += [(time, frame[:at + 8] + dice.randbytes(end - at - 8) + frame[end:]) for _ in range(50)]
        frames.append((time, frame))
    assert seen and decrypted(tshark, write(frames), *options) == decrypted(tshark, path.read_bytes(), *options) > 0


@pytest.mark.parametrize("protocol", [ESP, AH])
def test_made_flows_without_ike(tshark, protocol):
    """Thousands of packets of ESP or AH alone, in both directions, lost, replayed and reordered at random."""
    dice = random.Random(4303)
    addresses = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])
    packets, numbers, time = [], [0, 0], 1700000000000000
    for _ in range(3000):
        way = dice.random() < 0.4
        numbers[way] += 1
        time += dice.randrange(300, 3000)
        if dice.random() < 0.05:
            continue
        # RFC 4302 2: next header, length in 4-byte units less 2, reserved, before what both have.
        body = bytes([UDP, 4, 0, 0]) if protocol == AH else b""
        body += struct.pack(">II", 0xC0000001 + way, numbers[way]) + dice.randbytes(dice.randrange(40, 200) * 4)
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(body), dice.randrange(1, 65536), 0, 64, protocol, 0,
                           addresses[way], addresses[not way])
        packets.append((time, bytes(12) + b"\x08\x00" + head + body))
        if dice.random() < 0.02:
            packets.append((time + dice.randrange(1000000, 3000000), packets[-1][1]))
        if dice.random() < 0.05 and len(packets) > 1:
            packets[-1], packets[-2] = (packets[-1][0], packets[-2][1]), (packets[-2][0], packets[-1][1])
    packets.sort(key=lambda one: one[0])
    compare(told(tshark, write(packets)), count(packets))


@pytest.mark.parametrize("protocol", [ESP, AH])
def test_many_flows_about_the_wrap(tshark, protocol):
    """Extended sequence numbers (RFC 4303 2.2.1) of many SAs at once, which pass 2^32 while packets are lost, late and replayed."""
    dice = random.Random(2 ** 32 + protocol)
    numbers = [2 ** 32 - dice.randrange(1, 120) for _ in range(12)]
    packets, time = [], 1700000000000000
    for _ in range(3000):
        flow = dice.randrange(len(numbers))
        numbers[flow] += 1 if dice.random() < 0.9 else dice.randrange(1, 30)
        time += dice.randrange(300, 3000)
        body = bytes([UDP, 4, 0, 0]) if protocol == AH else b""
        body += struct.pack(">II", 0xC7000001 + flow, numbers[flow] & 0xFFFFFFFF) + dice.randbytes(dice.randrange(40, 200) * 4)
        pair = bytes([10, 0, flow, 1]), bytes([10, 0, flow // 2, 2])
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(body), dice.randrange(1, 65536), 0, 64, protocol, 0, *pair)
        late = dice.randrange(20000, 60000) if dice.random() < 0.05 else 0
        packets.append((time + late, bytes(12) + b"\x08\x00" + head + body))
        if dice.random() < 0.02:
            packets.append((time + dice.randrange(1000000, 3000000), packets[-1][1]))
    packets.sort(key=lambda one: one[0])
    expected = count(packets)
    assert all(number > 2 ** 32 for number in numbers) and sum(flow["reordered"] for flow in expected.values()) > 20
    compare(told(tshark, write(packets)), expected)


def of_destination(frames):
    """(SPI, destination) -> counts: two hosts may choose one SPI."""
    flows = collections.defaultdict(list)
    for frame in frames:
        at, target, _ = esp_of(frame[1])
        flows[frame[1][at:at + 4].hex(), target].append(frame)
    return {key: count(frames)[key[0]] for key, frames in flows.items()}


def test_one_spi_of_several_hosts(tshark):
    """One SPI to three addresses over IPv6, on IP and in UDP, lost and replayed at random."""
    dice = random.Random(4301)
    here, *hosts = (bytes([0xfd]) + bytes(14) + bytes([host]) for host in range(1, 5))
    packets, numbers, time = [], [0, 0, 0], 1700000000000000
    for _ in range(1200):
        host = dice.randrange(3)
        numbers[host] += 1
        time += dice.randrange(300, 3000)
        if dice.random() < 0.07:
            continue
        body = struct.pack(">II", 0xC2000000, numbers[host]) + dice.randbytes(dice.randrange(40, 200) * 4)
        if host == 2:
            body = struct.pack(">HHHH", NAT_T, NAT_T, 8 + len(body), 0x1234) + body
        head = struct.pack(">IHBB16s16s", 6 << 28, len(body), UDP if host == 2 else ESP, 64, here, hosts[host])
        packets.append((time, bytes(12) + b"\x86\xdd" + head + body))
        if dice.random() < 0.03:
            packets.append((time + 1500000, packets[-1][1]))
    packets.sort(key=lambda one: one[0])
    found = {(flow["spi"], ipaddress.ip_address(flow["destination"]).packed): flow for flow in reported(tshark, write(packets))["esp_flows"]}
    names = [name for name in COUNTS if "frame" not in name]
    compare(found, of_destination(packets), names)


def test_tcp_encapsulation(tshark):
    """RFC 9329 3: a stream of ESP packets, each behind its length, in segments that end anywhere."""
    dice, stream, sent, time = random.Random(9329), b"IKETCP", [], 1700000000000000
    for number in range(1, 200):
        if dice.random() >= 0.1:
            sent.append(struct.pack(">II", 0xC5000000, number) + dice.randbytes(dice.randrange(40, 200) * 4))
            stream += struct.pack(">H", len(sent[-1]) + 2) + sent[-1]
    packets, at = [], 0
    while at < len(stream):
        segment = stream[at:at + dice.randrange(200, 1400)]
        body = struct.pack(">HHIIBBHHH", 33333, NAT_T, 1000 + at, 1, 0x50, 0x18, 65535, 0, 0) + segment
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(body), dice.randrange(1, 65536), 0, 64, 6, 0, b"\n\0\0\1", b"\n\0\0\2")
        packets.append((time + at, bytes(12) + b"\x08\x00" + head + body))
        at += len(segment)
    flow, = reported(tshark, write(packets))["esp_flows"]
    numbers = [struct.unpack(">I", packet[4:8])[0] for packet in sent]
    assert (flow["packets"], flow["bytes"], flow["lost"], flow["replayed"]) == (
        len(sent), sum(map(len, sent)), max(numbers) - min(numbers) + 1 - len(sent), 0)
