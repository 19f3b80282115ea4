# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys that GDOI downloads (RFC 6407) decrypt GROUPKEY-PUSH and the group's ESP; what is not authentic brings none."""
import struct

import pytest

import group_sessions as g
import packets as p
from group_sessions import Kek, MemberV1, Tek, kd_gdoi, sa_gdoi
from test_gikev2_keys import flipped, keys_of, read, words


def download(*keys):
    """The SA and KD payloads of KEKs and TEKs."""
    policies = [key.sak() if isinstance(key, Kek) else key.sat() for key in keys]
    return sa_gdoi(*policies), kd_gdoi(*(key.packet() for key in keys))


def pushed(*keys):
    sa, kd = download(*keys)
    return [(g.SA_V1, sa), (g.KD_V1, kd)]


@pytest.mark.parametrize("kek, kinds", [
    (Kek(), ("cbc", "gcm", "3des")),
    (Kek(bits=256, private=g.ECDSA, length="payloads"), ("ctr", "cbc", "gcm")),
    (Kek(algorithm=2, length="covered"), ("3des", "cbc", "ctr")),
    (Kek(private=None), ("gcm", "gcm", "cbc")),
], ids=["aes", "aes-256", "3des", "unsigned"])
def test_pull_and_push(plain, kek, kinds):
    """GROUPKEY-PULL brings a KEK and a TEK, GROUPKEY-PUSH the next of both, and that the last."""
    member = MemberV1()
    second = Kek("second", bits=192, private=kek.private)
    teks = [Tek(f"tek {number}", kind) for number, kind in enumerate(kinds)]
    frames = [*member.main_mode(), *member.pull(*download(kek, teks[0]), gap=p.tv(1, 30)),
              teks[0].esp("one"), teks[0].esp("two", 1, "10.9.0.8"), kek.push(pushed(second, teks[1])), teks[1].esp("three"),
              second.push(pushed(teks[2])), teks[2].esp("four"), teks[0].esp("five", 2)]
    assert words(plain, frames, member.log()) == ["one", "two", "three", "four", "five"]
    shown = read(plain, frames, member.log(), "isakmp.hash.name", "isakmp.auth.reason", "isakmp.enc.key_source", "isakmp.seq.seq")
    assert [name for found in shown for name in found["isakmp.hash.name"]] == [f"HASH({n}), verified" for n in (1, 2, 3, 4)]
    reason = "signature matches the group's key server" if kek.private else "not signed: any member of the group may have sent it"
    assert [found["isakmp.auth.reason"] for found in shown if found["isakmp.seq.seq"]][1:] == [[reason]] * 2
    assert shown[12]["isakmp.enc.key_source"][0].startswith("key download in frame 10 (KEK, ")
    assert shown[13]["isakmp.enc.key_source"][0].startswith("key download in frame 13 (TEK, ")
    option = "isakmp.keylog_file:" + plain.place(member.log().encode(), "group.log")
    assert plain.text(p.pcap(frames), "-2", "-o", option).count(reason) == 2


@pytest.mark.parametrize("wrong", [2, 4])
def test_a_wrong_hash_brings_nothing(plain, wrong):
    """HASH(2) protects the policy and the nonce that HASH(4) covers, HASH(4) the keys."""
    member, kek, tek, later = MemberV1(), Kek(), Tek(), Tek("later")
    frames = [*member.main_mode(), *member.pull(*download(kek, tek), wrong_hash=wrong), kek.push(pushed(later)), later.esp("later"), tek.esp("now")]
    assert words(plain, frames, member.log()) == []
    text = plain.text(p.pcap(frames), "-o", "isakmp.keylog_file:" + plain.place(member.log().encode(), "group.log"), "-Y", f"frame.number == {6 + wrong}")
    assert "HASH does not verify" in text and "), verified" not in text


def forged_pushes(kek, evil):
    good = Kek("kek").push(pushed(evil), sequence=9)
    yield "signed by another", [kek.push(pushed(evil), private=g.OTHER_RSA)], "signature does not match"
    yield "not signed", [Kek("kek", private=None).push(pushed(evil), sequence=3)], "demands a signature"
    yield "another key", [_renamed(Kek("another"), kek).push(pushed(evil))], "Invalid plaintext"
    yield "bit of the body", [flipped(good, 20 + 8 + 28 + 40)], ""
    yield "bit of the header", [flipped(good, 20 + 8 + 23)], "signature does not match"
    yield "in clear", [p.udp(p.message_v1(g.PUSH, pushed(evil), ispi=kek.spi[:8], rspi=kek.spi[8:]), g.SERVER, g.GROUP, 848, 848)], ""


def _renamed(kek, other):
    kek.spi = other.spi
    return kek


@pytest.mark.parametrize("number", range(6))
def test_forged_pushes_bring_no_key(plain, number):
    member, kek, tek, evil = MemberV1(), Kek(), Tek(), Tek("evil", "gcm")
    name, frames, said = list(forged_pushes(kek, evil))[number]
    frames = [*member.main_mode(), *member.pull(*download(kek)), *frames, evil.esp("must not be read"), kek.push(pushed(tek), sequence=20),
              tek.esp("goes on")]
    assert words(plain, frames, member.log()) == ["goes on"], name
    option = "isakmp.keylog_file:" + plain.place(member.log().encode(), "group.log")
    assert said in plain.text(p.pcap(frames), "-o", option, "-Y", "frame.number == 11"), name


def test_replays_change_nothing(plain):
    member, kek = MemberV1(), Kek()
    teks = [Tek("old"), Tek("new")]
    messages = [kek.push(pushed(tek)) for tek in teks]
    frames = [*member.main_mode(), *member.pull(*download(kek)), messages[0], messages[0], messages[1], messages[0],
              teks[0].esp("one"), teks[1].esp("two")]
    assert words(plain, frames, member.log()) == ["one", "two"]
    shown = read(plain, frames, member.log(), "isakmp.enc.key_source")
    assert [found["isakmp.enc.key_source"][0].split(" (")[0] for found in shown[-2:]] == ["key download in frame 11", "key download in frame 13"]


def test_a_hierarchy_whose_root_is_the_kek(plain):
    """LKH_DOWNLOAD_ARRAY: the path from the member's leaf to the root (RFC 6407 5.6.3.1)."""
    member, kek, tek = MemberV1(), Kek(), Tek()
    keys = [(7, g.fixed("leaf", 32)), (3, g.fixed("node", 32)), (1, kek.iv + kek.key)]
    array = struct.pack("!BHB", 1, len(keys), 0) + b"".join(struct.pack("!HBBIII", number, 3, 0, 0, 0, 5) + key for number, key in keys)
    packet = g.key_packet(3, kek.spi, p.tlv(1, array) + p.tlv(3, g.spki(g.RSA)))
    frames = [*member.main_mode(), *member.pull(sa_gdoi(kek.sak()), kd_gdoi(packet)), kek.push(pushed(tek)), tek.esp("by the root")]
    assert words(plain, frames, member.log()) == ["by the root"]


def test_keys_of_any_length(plain):
    """KEKs and TEKs whose length is not that of the policy; then the right ones."""
    member, kek, tek = MemberV1(), Kek(), Tek()
    lengths = [0, 1, 8, 15, 17, 31, 33, 48, 300]
    wrong = [g.key_packet(2, kek.spi, p.tlv(1, bytes(n))) for n in lengths] + [g.key_packet(1, tek.spi, p.tlv(1, bytes(n)) + p.tlv(2, bytes(n))) for n in lengths]
    wrong += [g.key_packet(2, kek.spi[:n], p.tlv(1, kek.iv + kek.key)) for n in (0, 4, 15)]
    sa, kd = download(kek, tek)
    frames = [*member.main_mode(), *member.pull(sa, kd_gdoi(*wrong)), tek.esp("no key"), *member.pull(sa, kd, message_id=77), tek.esp("the key", 2),
              kek.push(pushed(Tek("next"))), Tek("next").esp("pushed")]
    assert words(plain, frames, member.log()) == ["the key", "pushed"]


@pytest.mark.parametrize("kek", [Kek(), Kek(bits=256), Kek(algorithm=2)], ids=["aes", "aes-256", "3des"])
def test_keys_out_and_in_again(plain, kek):
    """-z isakmp,keys, loaded as the only key log, decrypts the same; GDOI_KEK is the IV and the key."""
    member, teks = MemberV1(), [Tek("first"), Tek("second", "gcm")]
    frames = [*member.main_mode(), *member.pull(*download(kek, teks[0])), teks[0].esp("one"), kek.push(pushed(teks[1])), teks[1].esp("two")]
    keys = keys_of(plain, frames, member.log())
    assert f"GDOI_KEK {kek.spi[:8].hex()} {kek.spi[8:].hex()} {(kek.iv + kek.key).hex()}" in keys
    assert g.PSK not in keys and member.shared.hex() not in keys
    assert words(plain, frames, keys) == ["one", "two"]
    shown = read(plain, frames, keys, "isakmp.seq.seq", "isakmp.enc.key_source")
    assert shown[11]["isakmp.seq.seq"] == ["1"] and "(KEK, " in shown[11]["isakmp.enc.key_source"][0]
    only = f"GDOI_KEK {kek.spi[:8].hex()} {kek.spi[8:].hex()} {(kek.iv + kek.key).hex()}\n"
    assert words(plain, frames, only) == ["two"]
