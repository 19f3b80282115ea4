# SPDX-License-Identifier: GPL-2.0-or-later
"""Fragments (RFC 7383) in every order, again, interleaved, and never complete; with keys and without."""
import random
import struct

import pytest

import packets as p
from tshark import TESTDATA, Tshark

RECORDED = TESTDATA / "ikev2" / "fragments.pcap"
OTHERS = [TESTDATA / "ikev2" / "fragments-gcm.pcap", TESTDATA / "multiple-ke" / "cert-rsa-fragments.pcap"]
INSIDE = ["isakmp.typepayload", "isakmp.notify.msgtype", "isakmp.auth.method", "isakmp.ts.start_ipv4"]


def records(path):
    """(time, packet) of a capture, and its link type."""
    raw = path.read_bytes()
    order = "<" if raw[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    link, = struct.unpack(order + "I", raw[20:24])
    at, found = 24, []
    while at < len(raw):
        seconds, micros, length, _ = struct.unpack(order + "IIII", raw[at:at + 16])
        found.append((seconds + micros / 1e6, raw[at + 16:at + 16 + length]))
        at += 16 + length
    return found, link


def table(*paths):
    return {"ikev2_decryption_table": "".join(path.with_suffix(".ikev2_decryption_table").read_text() for path in paths)}


@pytest.fixture(scope="module")
def keyed():
    with Tshark(tables=table(RECORDED, *OTHERS)) as one:
        yield one


@pytest.fixture(scope="module")
def plain():
    with Tshark() as one:
        yield one


@pytest.fixture(scope="module")
def expected():
    """What Wireshark's own dissector reads in the messages in the order they were sent, by message."""
    result = {}
    for path in (RECORDED, *OTHERS):
        with Tshark(plugin=False, tables=table(path)) as builtin:
            for key, value in inside(builtin, path).items():
                result[key] = value
    return result


def inside(tshark, capture):
    """(SPI, message ID, flags) -> what was inside the fragments, of the frame that has them all."""
    result = {}
    for found in tshark.fields(capture, ["isakmp.ispi", "isakmp.messageid", "isakmp.flags", "isakmp.fragment.count",
                                         *INSIDE], "isakmp.reassembled.length", "-2"):
        key = (found["isakmp.ispi"][0], found["isakmp.messageid"][0], found["isakmp.flags"][0])
        assert key not in result
        result[key] = (found["isakmp.fragment.count"], [found[name] for name in INSIDE])
    return result


def shuffled(path, change):
    """The capture with the fragments of each message put into another order by `change`."""
    found, link = records(path)
    numbers = fragments_of(found, link)
    times = [time for time, _ in found]
    packets = [packet for _, packet in found]
    for group in numbers:
        moved = change([packets[index] for index in group])
        for index, packet in zip(group, moved):
            packets[index] = packet
    return p.pcap(list(zip(times, packets)), link=link)


def ike_of(packet, link):
    """The IKE message in a packet."""
    packet = packet[{1: 14, 101: 0, 113: 16, 276: 20}[link]:]
    udp = packet[(packet[0] & 15) * 4:]
    raw = udp[8:]
    return raw[4:] if raw[:4] == bytes(4) else raw


def fragments_of(found, link):
    """Indices of the frames of each fragmented message."""
    groups = {}
    for index, (_, packet) in enumerate(found):
        message = ike_of(packet, link)
        if len(message) > 28 and message[16] == 53:
            groups.setdefault(message[:16] + message[19:24], []).append(index)
    return list(groups.values())


@pytest.mark.parametrize("path", [RECORDED, *OTHERS], ids=lambda path: path.stem)
def test_the_order_they_were_sent_in(keyed, expected, path):
    found = inside(keyed, path)
    assert found and all(expected[key] == value for key, value in found.items())
    assert len(found) == len(fragments_of(*records(path)))


@pytest.mark.parametrize("path", [RECORDED, *OTHERS], ids=lambda path: path.stem)
def test_every_order_gives_the_same_message(keyed, expected, path):
    orders = [lambda group: group[::-1], lambda group: group[1:] + group[:1],
              lambda group: group[1::2] + group[::2]]
    orders += [lambda group, seed=seed: random.Random(seed).sample(group, len(group)) for seed in range(2)]
    complete = inside(keyed, path)
    for change in orders:
        found = inside(keyed, shuffled(path, change))
        assert {key: value[1] for key, value in found.items()} == {key: expected[key][1] for key in complete}


def test_duplicates_are_counted_once_and_linked(keyed, expected):
    found, link = records(RECORDED)
    first = fragments_of(found, link)[0]
    doubled = []
    for index, record in enumerate(found):
        doubled += [record] * (2 if index in first else 1)
    raw = p.pcap(doubled, link=link)
    assert {key: value for key, value in inside(keyed, raw).items()} == {
        key: expected[key] for key in inside(keyed, RECORDED)}
    # Duplicates link as the others do: all but the one that completes the message, with its own copy after it.
    begin = first[0] + 1
    last = begin + 2 * len(first) - 2
    assert keyed.frames(raw, f"isakmp.reassembled.in == {last}", "-2") == [
        number for number in range(begin, begin + 2 * len(first)) if number != last]
    assert keyed.frames(raw, "isakmp.fragment.overlap", "-2") == [last]


def test_a_set_sent_again_after_it_was_whole_links_back(keyed):
    found, link = records(RECORDED)
    group = fragments_of(found, link)[0]
    again = found[:group[-1] + 1] + [found[index] for index in group] + found[group[-1] + 1:]
    raw = p.pcap(again, link=link)
    complete = group[-1] + 1
    assert keyed.frames(raw, f"isakmp.reassembled.in == {complete}", "-2") == [
        *range(group[0] + 1, complete), *range(complete + 1, complete + 1 + len(group))]
    assert len(inside(keyed, raw)) == 2
    assert keyed.frames(raw, "isakmp.fragments.incomplete", "-2") == []


def test_one_fragment_long_after_does_not_begin_a_set(keyed):
    found, link = records(RECORDED)
    group = fragments_of(found, link)[0]
    late = p.pcap(found + [(found[-1][0] + 1, found[group[2]][1])], link=link)
    assert keyed.frames(late, f"isakmp.reassembled.in == {group[-1] + 1}", "-2")[-1] == len(found) + 1
    assert keyed.frames(late, "isakmp.fragments.incomplete", "-2") == []


def test_two_ike_sas_of_the_same_hosts_do_not_mix(keyed, expected):
    """Their packets alternate."""
    sessions = [records(path) for path in (RECORDED, *OTHERS)]
    assert len({link for _, link in sessions}) == 1
    merged, longest = [], max(len(found) for found, _ in sessions)
    for index in range(longest):
        for found, _ in sessions:
            if index < len(found):
                merged.append((1700000000 + len(merged) / 1000, found[index][1]))
    found = inside(keyed, p.pcap(merged, link=sessions[0][1]))
    assert found == expected


def test_every_frame_of_a_message_links_to_the_whole_and_back(keyed):
    groups = fragments_of(*records(RECORDED))
    for group in groups:
        numbers = [index + 1 for index in group]
        assert keyed.frames(RECORDED, f"isakmp.reassembled.in == {numbers[-1]}", "-2") == numbers[:-1]
        listed = keyed.fields(RECORDED, ["isakmp.fragment"], f"frame.number == {numbers[-1]}", "-2")
        assert [int(number) for number in listed[0]["isakmp.fragment"]] == numbers


# Without keys: what cannot be decrypted is grouped all the same.

def skf(number, total, *, message_id=1, ispi=p.ISPI, filler=None, flags=0x08, size=64):
    body = struct.pack("!HH", number, total) + bytes([number & 0xFF if filler is None else filler]) * size
    return p.udp(p.message(35, [(53, body, {"next": 35 if number == 1 else 0})], message_id=message_id, ispi=ispi,
                           rspi=p.RSPI, flags=flags))


def links(tshark, raw, *arguments):
    """frame -> the frame that completes it; frames without are left out."""
    return {int(found["frame.number"][0]): int(found["isakmp.reassembled.in"][0])
            for found in tshark.fields(raw, ["frame.number", "isakmp.reassembled.in"], "isakmp.reassembled.in", "-2")}


@pytest.mark.parametrize("order", [[1, 2, 3], [3, 2, 1], [2, 3, 1], [3, 1, 2]])
def test_encrypted_fragments_are_linked_in_every_order(plain, order):
    raw = p.pcap([skf(number, 3) for number in order])
    assert links(plain, raw) == {1: 3, 2: 3}
    shown = plain.fields(raw, ["isakmp.fragment", "isakmp.fragment.count"], "isakmp.fragment", "-2")
    assert [(sorted(int(x) for x in one["isakmp.fragment"]), one["isakmp.fragment.count"]) for one in shown] == [
        ([1, 2, 3], ["3"])]


def test_encrypted_sets_of_two_ike_sas_both_directions_and_other_messages(plain):
    other = bytes(range(8, 16))
    kinds = [{}, {"ispi": other}, {"flags": 0x20}, {"message_id": 2}]
    raw = p.pcap([skf(number, 3, **kind) for number in (1, 2, 3) for kind in kinds])
    assert links(plain, raw) == {first + step: first + 8 for first in (1, 2, 3, 4) for step in (0, 4)}


@pytest.mark.parametrize("number, total", [(0, 3), (4, 3), (1, 0), (65535, 1), (0, 0)])
def test_numbers_that_cannot_be(plain, number, total):
    raw = p.pcap([skf(1, 3), skf(number, total), skf(2, 3), skf(3, 3)])
    assert plain.frames(raw, "isakmp.fragment_number.invalid") == [2]
    assert links(plain, raw) == {1: 4, 3: 4}


def test_a_total_that_changes_is_another_set(plain):
    raw = p.pcap([skf(1, 3), skf(2, 3), skf(1, 4), skf(2, 4), skf(3, 4), skf(4, 4)])
    assert links(plain, raw) == {3: 6, 4: 6, 5: 6}
    assert plain.frames(raw, "isakmp.frag.total.changed", "-2") == [3, 4, 5, 6]
    assert plain.frames(raw, "isakmp.fragments.incomplete", "-2") == [1, 2]


def test_fragments_of_the_former_total_still_find_their_set(plain):
    raw = p.pcap([skf(1, 2), skf(1, 3), skf(2, 2), skf(2, 3), skf(3, 3)])
    assert links(plain, raw) == {1: 3, 2: 5, 4: 5}


def test_what_is_never_complete_says_so_on_later_passes(plain):
    raw = p.pcap([skf(1, 3), skf(3, 3), skf(3, 3)])
    assert plain.frames(raw, "isakmp.fragments.incomplete", "-2") == [1, 2, 3]
    text = plain.run(raw, "-2", "-V")
    assert text.count("Never complete: 2 of 3 fragments are in the capture") >= 3


def test_other_bytes_under_the_same_number_are_another_set(plain):
    raw = p.pcap([skf(1, 2, filler=0xAA), skf(1, 2, filler=0xBB), skf(2, 2, filler=0xBB)])
    assert links(plain, raw) == {2: 3}
    assert plain.frames(raw, "isakmp.fragment.overlap", "-2") == []


def test_a_single_fragment_is_the_whole(plain):
    raw = p.pcap([skf(1, 1)])
    assert links(plain, raw) == {}
    assert plain.frames(raw, "isakmp.fragment.count == 1", "-2") == [1]


def test_fragments_cut_by_the_snap_length_are_left_out(plain):
    complete = p.pcap([skf(1, 2), skf(2, 2)])
    length, = struct.unpack("<I", complete[32:36])
    truncated = complete[:32] + struct.pack("<II", length - 10, length) + complete[40:40 + length - 10] + complete[40 + length:]
    assert plain.frames(truncated, "isakmp.frag.number", "-2") == [1, 2]
    assert links(plain, truncated) == {}


# Cisco's and Microsoft's fragments of IKEv1: the total is known from the last one alone, and all messages may have one ID.

def whole_v1(filler, size=300):
    return p.message(2, [(13, bytes([filler]) * size)], version=0x10, flags=0, rspi=p.RSPI)


def cisco(message, parts, identifier=1):
    """The frames that carry a message in so many fragments."""
    size = -(-len(message) // parts)
    return [p.udp(p.message(2, [(132, struct.pack("!HBB", identifier, number + 1, number + 1 == parts)
                                 + message[number * size:(number + 1) * size])], version=0x10, flags=0, rspi=p.RSPI))
            for number in range(parts)]


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [2, 0, 1], [1, 2, 0]])
def test_cisco_fragments_in_every_order(plain, order):
    frames = cisco(whole_v1(0xA1), 3)
    raw = p.pcap([frames[index] for index in order])
    assert links(plain, raw) == {1: 3, 2: 3}
    found, = plain.fields(raw, ["isakmp.vid_bytes"], "isakmp.vid_bytes", "-2")
    assert found["isakmp.vid_bytes"] == ["a1" * 300]


def test_cisco_messages_under_one_id_follow_each_other(plain):
    first, second = cisco(whole_v1(0xA1), 3), cisco(whole_v1(0xB2), 3)
    raw = p.pcap(first + second)
    assert links(plain, raw) == {1: 3, 2: 3, 4: 6, 5: 6}
    found = plain.fields(raw, ["isakmp.vid_bytes"], "isakmp.vid_bytes", "-2")
    assert [one["isakmp.vid_bytes"][0][:2] for one in found] == ["a1", "b2"]


def test_a_cisco_message_with_a_hole_does_not_spoil_the_next(plain):
    first, second = cisco(whole_v1(0xA1), 3), cisco(whole_v1(0xB2), 3)
    raw = p.pcap([first[0], first[2]] + second)
    assert links(plain, raw) == {3: 5, 4: 5}
    assert plain.frames(raw, "isakmp.fragments.incomplete", "-2") == [1, 2]


IKEV1 = TESTDATA / "ikev1" / "fragments-rekey.pcap"


def forged(packet, link):
    """The fragment with other bytes: each of the message inside is changed."""
    begin = len(packet) - len(ike_of(packet, link)) + 28 + 4 + 4
    return packet[:begin] + bytes(one_byte ^ 0x5A for one_byte in packet[begin:])


@pytest.fixture(scope="module")
def ikev1():
    with Tshark(tables={"ikev1_decryption_table": IKEV1.with_suffix(".ikev1_decryption_table").read_text()}) as one:
        yield one


@pytest.mark.parametrize("after", [0, 1], ids=["before", "after"])
def test_a_forged_cisco_fragment_does_not_prevent_the_message(ikev1, after):
    """One forged fragment of each fragmented message, first, in the middle or last."""
    found, link = records(IKEV1)
    indices = [index for index, (_, packet) in enumerate(found) if ike_of(packet, link)[16:17] == b"\x84"]
    payloads = ["isakmp.typepayload"]
    true = ikev1.fields(IKEV1, payloads, "isakmp.fragment.count", "-2")
    assert len(true) == 6
    for step in range(3):
        changed = list(found)
        for index in reversed(indices[step::5]):
            changed.insert(index + after, (found[index][0], forged(found[index][1], link)))
        seen = ikev1.fields(p.pcap(changed, link=link), payloads, "isakmp.fragment.count", "-2")
        assert [one for one in true if one not in seen] == []


def test_a_forged_encrypted_fragment_does_not_prevent_the_link(plain):
    raw = p.pcap([skf(2, 3, filler=0xEE), skf(1, 3), skf(2, 3), skf(3, 3)])
    assert links(plain, raw) == {2: 4, 3: 4}


# With the NULL cipher, fragments that are made here can be decrypted.

NULL_TABLE = f'{p.ISPI.hex()},{p.RSPI.hex()},"","","NULL [RFC2410]","","","NONE [RFC4306]"\n'


def encrypted_with_null(number, total, raw, message_id=1):
    return p.udp(p.message(35, [(53, struct.pack("!HH", number, total) + raw + b"\0", {"next": 40 if number == 1 else 0})],
                           message_id=message_id, rspi=p.RSPI))


def test_what_never_becomes_complete_is_given_up_when_it_is_too_much():
    """64 MiB wait; the oldest go first, and the newest is still completed."""
    nonce = struct.pack("!BBH", 0, 0, 36) + bytes(range(32))
    packets = [encrypted_with_null(1, 2, bytes(60000), number) for number in range(1, 1201)]
    packets += [encrypted_with_null(1, 2, nonce[:10], 5000), encrypted_with_null(2, 2, nonce[10:], 5000), encrypted_with_null(2, 2, b"late", 1)]
    with Tshark(tables={"ikev2_decryption_table": NULL_TABLE}) as tshark:
        found = tshark.fields(p.pcap(packets), ["frame.number", "isakmp.nonce", "isakmp.fragments.given_up"],
                              "isakmp.nonce || isakmp.fragments.given_up", "-2")
    assert [one["frame.number"][0] for one in found if one["isakmp.nonce"]] == ["1202"]
    given_up = [int(one["frame.number"][0]) for one in found if one["isakmp.fragments.given_up"]]
    assert given_up[0] == 1 and given_up[-1] == 1203
