# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys that G-IKEv2 downloads (RFC 9838) decrypt GSA_REKEY and the group's ESP; what is not authentic brings none."""
import random
import struct

import pytest

import group_sessions as g
import packets as p
from group_sessions import DataSa, Member, RekeySa, member_bag, wrapped

AUTH_KEY = p.tlv(2, g.spki(g.ED25519))


def read(tshark, frames, log, *names):
    raw = p.pcap(frames)
    option = "isakmp.keylog_file:" + tshark.place(log.encode(), "group.log")
    return tshark.fields(raw, ["frame.number", *names], None, "-o", option)


def texts(tshark, frames, log):
    """What the inner packets say, by frame; "" for what is not decrypted."""
    return [bytes.fromhex(found["data.data"][0]).decode() if found["data.data"] and found["esp.spi"] else ""
            for found in read(tshark, frames, log, "data.data", "esp.spi")]


def words(tshark, frames, log):
    return [text for text in texts(tshark, frames, log) if text]


def registration(member, rekey, *data, bags=(), exchange=g.GSA_AUTH):
    policies = b"".join(sa.policy() for sa in (rekey, *data))
    keys = rekey.bag((0, member.gsk_w)) + b"".join(sa.bag(member.gsk_w) for sa in data)
    return member.registration([(g.GSA, policies), (g.KD, keys + member_bag(AUTH_KEY, *bags))], exchange)


@pytest.mark.parametrize("kw, aead, with_kwa", [(128, True, False), (192, False, True), (256, False, False), (256, True, True)])
def test_registration_and_rekey(plain, kw, aead, with_kwa):
    """GSA_AUTH brings a Rekey SA and a data SA, GSA_REKEY the next of both, and that the last."""
    member = Member(kw=kw, aead=aead, with_kwa=with_kwa, digest={128: "sha256", 192: "sha384", 256: "sha512"}[kw])
    first, second = RekeySa("first", kw=kw, aead=aead), RekeySa("second", kw=384 - kw, aead=not aead)
    data = [DataSa(f"data {number}", aead=number % 2 == 0) for number in range(3)]
    frames = [*member.init(), *registration(member, first, data[0]),
              data[0].packet("one"), data[0].packet("two", 1, "10.9.0.8"),
              *first.rekey([(g.GSA, second.policy() + data[1].policy()), (g.KD, second.bag((0, first.gsk_w)) + data[1].bag(first.gsk_w))]),
              data[1].packet("three"), data[0].packet("four", 2),
              *second.rekey([(g.GSA, data[2].policy()), (g.KD, data[2].bag(second.gsk_w))]),
              data[2].packet("five")]
    assert words(plain, frames, member.log()) == ["one", "two", "three", "four", "five"]
    shown = read(plain, frames, member.log(), "isakmp.auth.verified", "isakmp.kd.key_id", "isakmp.enc.key_source", "esp.spi")
    assert [bool(found["isakmp.kd.key_id"]) for found in shown] == [n in (4, 7, 10) for n in range(1, len(frames) + 1)]
    assert [found["isakmp.auth.verified"] for found in shown if found["isakmp.auth.verified"]] == [["True"] if plain_true(shown) else ["1"]] * 4
    assert shown[6]["isakmp.enc.key_source"] == [f"key download in frame 4 (GSK_e, {'AES-GCM-16' if aead else 'AES-CBC'})"]
    assert shown[10]["isakmp.enc.key_source"] == ["key download in frame 10 (TEK, AES-GCM-16)"]
    again = plain.text(p.pcap(frames), "-2", "-o", "isakmp.keylog_file:" + plain.place(member.log().encode(), "group.log"))
    assert again.count("signature matches the group's key server") == 2 and "five".encode().hex() in again.replace(" ", "")


def plain_true(shown):
    return shown[2]["isakmp.auth.verified"] == ["True"]


def test_other_exchanges(plain):
    """GSA_REGISTRATION in an IKE SA that is up, and GSA_INBAND_REKEY by the key server."""
    member, rekey = Member(), RekeySa()
    data = [DataSa(f"data {number}") for number in range(3)]
    frames = [*member.init(), *registration(member, rekey, data[0]), data[0].packet("one"),
              *member.registration([(g.GSA, data[1].policy()), (g.KD, data[1].bag(member.gsk_w))], g.GSA_REGISTRATION),
              data[1].packet("two"),
              *member.inband([(g.GSA, data[2].policy()), (g.KD, data[2].bag(member.gsk_w))]), data[2].packet("three")]
    assert words(plain, frames, member.log()) == ["one", "two", "three"]


def test_key_hierarchy(plain):
    """A key path (RFC 9838 3.3): the personal key wraps the next one, that the root, and the root the new Rekey SA's. The keys stand
    in the wrong order, and another member's do not matter."""
    member, other = Member(kw=128), Member("other", "10.9.0.4", kw=128)
    first, second = RekeySa("first", kw=128), RekeySa("second", kw=128)
    personal, middle, root, renewed = (g.fixed(name, 16) for name in ("personal", "middle", "root", "renewed"))
    data = DataSa()
    path = [p.tlv(1, wrapped(3, 2, middle, root)), p.tlv(1, wrapped(2, 1, personal, middle)), p.tlv(1, wrapped(1, 0, member.gsk_w, personal))]
    others = [p.tlv(1, wrapped(7, 0, other.gsk_w, g.fixed("of others", 16))), p.tlv(1, wrapped(2, 7, g.fixed("of others", 16), g.fixed("third", 16)))]
    update = member_bag(p.tlv(1, wrapped(9, 8, g.fixed("not known", 16), g.fixed("root 2", 16))), p.tlv(1, wrapped(9, 2, middle, renewed)))
    frames = [*member.init(), *registration(member, first, bags=path), *other.init(), *registration(other, first, bags=others),
              *first.rekey([(g.GSA, second.policy()), (g.KD, update + second.bag((8, g.fixed("not known", 16)), (9, renewed)))]),
              *second.rekey([(g.GSA, data.policy()), (g.KD, data.bag(second.gsk_w))]), data.packet("under the new root")]
    assert words(plain, frames, member.log() + other.log()) == ["under the new root"]


def test_fragments(plain):
    """RFC 9838 2.4.1.2: AUTH covers the message as if it had not been in fragments."""
    member, rekey, data = Member(), RekeySa(), DataSa()
    frames = [*member.init(), *registration(member, rekey),
              *rekey.rekey([(g.GSA, data.policy()), (g.KD, data.bag(rekey.gsk_w))], fragments=90), data.packet("in pieces")]
    assert words(plain, frames, member.log()) == ["in pieces"]
    shown = read(plain, frames, member.log(), "isakmp.auth.reason")
    assert shown[-2]["isakmp.auth.reason"] == ["signature matches the group's key server"]


def test_nothing_without_the_key_log(plain):
    member, rekey, data = Member(), RekeySa(), DataSa()
    frames = [*member.init(), *registration(member, rekey, data), data.packet("one"),
              *rekey.rekey([(g.GSA, data.policy()), (g.KD, data.bag(rekey.gsk_w))])]
    assert words(plain, frames, "IKEV2_DH_SHARED " + "0" * 16 + " " + "1" * 16 + " " + "2" * 64 + "\n") == []


# ---- what is not authentic --------------------------------------------------------------------------------------------


def flipped(packet, at):
    return packet[:at] + bytes([packet[at] ^ 1]) + packet[at + 1:]


def evil_bag(data, kwk):
    return [(g.GSA, data.policy()), (g.KD, data.bag(kwk))]


def forged(member, rekey, data):
    """name -> (frames, what isakmp.auth.reason or the status says)"""
    unsigned = RekeySa("rekey", signed=False)
    yield "signed by another", rekey.rekey(evil_bag(data, rekey.gsk_w), private=g.OTHER_ED25519), "signature does not match"
    yield "not signed", unsigned.rekey(evil_bag(data, rekey.gsk_w)), "demands a signature"
    good = rekey.rekey(evil_bag(data, rekey.gsk_w), message_id=5)[0]
    yield "bit of the ICV", [flipped(good, len(good) - 1)], "Not authentic"
    yield "bit of the body", [flipped(good, 120)], "Not authentic"
    yield "bit of the message ID", [flipped(good, 20 + 8 + 23)], "Not authentic"
    clear = [(g.GSA, data.policy()), (g.KD, data.bag(rekey.gsk_w))]
    yield "in clear", [p.udp(p.message(g.GSA_REKEY, clear, ispi=rekey.spis[:8], rspi=rekey.spis[8:]), g.SERVER, g.GROUP, 848, 848)], "not encrypted"
    yield "registration in clear", [member.down(p.message(g.GSA_REGISTRATION, clear, ispi=member.ispi, rspi=member.rspi, flags=0x20, message_id=9))], "not encrypted"
    encrypted = member.exchange(g.GSA_REGISTRATION, [(g.IDG, b"\x02\0\0\0g")], [(g.GSA, data.policy()), (g.KD, data.bag(member.gsk_w))])[1]
    yield "registration with a wrong ICV", [flipped(encrypted, len(encrypted) - 3)], "Not authentic"


@pytest.mark.parametrize("number", range(8))
def test_what_is_not_authentic_brings_no_key(plain, number):
    member, rekey, data, evil = Member(), RekeySa(), DataSa(), DataSa("evil")
    begin = [*member.init(), *registration(member, rekey)]
    name, frames, said = list(forged(member, rekey, evil))[number]
    frames = [*begin, *frames, evil.packet("must not be read"),
              *rekey.rekey([(g.GSA, data.policy()), (g.KD, data.bag(rekey.gsk_w))], message_id=6), data.packet("goes on")]
    assert words(plain, frames, member.log()) == ["goes on"], name
    option = "isakmp.keylog_file:" + plain.place(member.log().encode(), "group.log")
    text = plain.text(p.pcap(frames), "-o", option, "-Y", "frame.number == 5")
    assert said in text, name


@pytest.mark.parametrize("passes", [(), ("-2",)])
def test_replays_change_nothing(plain, passes):
    """The same GSA_REKEY again, and an old one after a newer."""
    member, rekey = Member(), RekeySa()
    data = [DataSa("old"), DataSa("new")]
    messages = [rekey.rekey([(g.GSA, sa.policy()), (g.KD, sa.bag(rekey.gsk_w))], message_id=number)[0] for number, sa in enumerate(data)]
    frames = [*member.init(), *registration(member, rekey), messages[0], messages[0], messages[1], messages[0],
              data[0].packet("one"), data[1].packet("two")]
    option = "isakmp.keylog_file:" + plain.place(member.log().encode(), "group.log")
    found = plain.fields(p.pcap(frames), ["data.data", "isakmp.enc.key_source"], "esp", "-o", option, *passes)
    assert [bytes.fromhex(frame["data.data"][0]).decode() for frame in found] == ["one", "two"]
    assert [frame["isakmp.enc.key_source"][0].split(" (")[0] for frame in found] == ["key download in frame 5", "key download in frame 7"]


def test_wrapped_keys_of_any_length(plain):
    """Lengths that no wrapped key has, and keying material that is too short or too long for the policy."""
    member, rekey, data = Member(), RekeySa(), DataSa()
    right = wrapped(0, 0, member.gsk_w, data.keymat)
    bodies = [right[:cut] for cut in range(len(right))] + [right + bytes(8), right + b"\0"]
    bodies += [wrapped(0, 0, member.gsk_w, g.fixed("other", length)) for length in (1, 16, 19, 21, 36, 200)]
    bodies += [wrapped(0, 0, g.fixed("another key", 32), data.keymat), struct.pack("!II", 0, 77) + right[8:]]
    bags = b"".join(g.part(g.ESP, data.spi, p.tlv(1, body)) for body in bodies)
    bags += b"".join(g.part(g.UPDATE, rekey.spis, p.tlv(1, wrapped(0, 0, member.gsk_w, rekey.keymat[:length]))) for length in range(1, 68, 6))
    frames = [*member.init(), *member.registration([(g.GSA, data.policy() + rekey.policy()), (g.KD, bags)]), data.packet("no key")]
    assert words(plain, frames, member.log()) == []
    frames += [*member.registration([(g.KD, data.bag(member.gsk_w))], g.GSA_REGISTRATION), data.packet("the key", 2)]
    assert words(plain, frames, member.log()) == ["the key"]


# ---- keys out again -----------------------------------------------------------------------------------------------------


def keys_of(tshark, frames, log, display_filter=""):
    """What -z isakmp,keys prints."""
    option = "isakmp.keylog_file:" + tshark.place(log.encode(), "group.log")
    return tshark.run(p.pcap(frames), "-q", "-o", option, "-z", "isakmp,keys" + (f",{display_filter}" if display_filter else ""))


def test_keys_out_and_in_again(plain):
    """-z isakmp,keys, loaded as the only key log, decrypts the same; nothing else is in it."""
    member = Member()
    first, second = RekeySa("first"), RekeySa("second", aead=False)
    data = [DataSa(f"data {number}", aead=number % 2 == 0) for number in range(3)]
    frames = [*member.init(), *registration(member, first, data[0]), data[0].packet("one"),
              *first.rekey([(g.GSA, second.policy() + data[1].policy()), (g.KD, second.bag((0, first.gsk_w)) + data[1].bag(first.gsk_w))]),
              data[1].packet("two"), *second.rekey([(g.GSA, data[2].policy()), (g.KD, data[2].bag(second.gsk_w))]), data[2].packet("three")]
    keys = keys_of(plain, frames, member.log())
    assert words(plain, frames, keys) == ["one", "two", "three"]
    assert [bool(found["isakmp.kd.key_id"]) for found in read(plain, frames, keys, "isakmp.kd.key_id")] == [n in (4, 6, 8) for n in range(1, 10)]
    assert g.PSK not in keys and member.shared.hex() not in keys and first.gsk_w.hex() not in keys
    assert {line.split()[0] for line in keys.splitlines()} == {*(f"IKEV2_SK_{name}" for name in ("D", "EI", "ER", "PI", "PR", "AI", "AR")), "ESP_KEY"}
    of_one = keys_of(plain, frames, member.log(), f"isakmp.ispi == {second.spis[:8].hex(':')}")
    assert f"ESP_KEY 0x{data[2].spi.hex()} AES_GCM_16_128 {data[2].keymat.hex()}" in of_one and data[0].keymat.hex() not in of_one


def test_mutated_downloads(plain):
    """Random changes of GSA and KD in messages whose ICV is right: nothing fails, and the keys that follow are taken."""
    chance = random.Random(9838)
    member, rekey, data = Member(), RekeySa(), DataSa()
    policies, keys = rekey.policy() + data.policy(), rekey.bag((0, member.gsk_w)) + data.bag(member.gsk_w) + member_bag(AUTH_KEY)
    frames = [*member.init(), *registration(member, rekey)]
    for _ in range(150):
        bodies = [bytearray(policies), bytearray(keys)]
        for _ in range(chance.randint(1, 4)):
            body = chance.choice(bodies)
            body[chance.randrange(len(body))] = chance.choice((0, 1, 2, 3, 6, 255, chance.randrange(256)))
        cut = chance.randrange(1, len(keys)) if chance.random() < 0.2 else None
        frames += member.registration([(g.GSA, bytes(bodies[0])), (g.KD, bytes(bodies[1][:cut]))], g.GSA_REGISTRATION)
    last = DataSa("last")
    frames += [*rekey.rekey([(g.GSA, last.policy()), (g.KD, last.bag(rekey.gsk_w))]), last.packet("at last")]
    assert words(plain, frames, member.log()) == ["at last"]
    assert "Dissector bug" not in plain.text(p.pcap(frames), "-o", "isakmp.keylog_file:" + plain.place(member.log().encode(), "group.log"))
