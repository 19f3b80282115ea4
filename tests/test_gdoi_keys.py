# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys that GDOI downloads (RFC 6407) decrypt GROUPKEY-PUSH and the group's ESP; what is not authentic brings none."""
import json
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


def test_sequence_numbers_go_up(plain):
    """A message whose sequence number is not higher is marked and brings no key, unless it is the same one again (RFC 6407 5.7)."""
    member, kek = MemberV1(), Kek()
    teks = {number: Tek(f"tek {number}") for number in (3, 7, 5, 70)}
    three, seven, five = (kek.push(pushed(teks[number]), sequence=number) for number in (3, 7, 5))
    other_seven = kek.push(pushed(teks[70]), sequence=7)
    frames = [*member.main_mode(), *member.pull(*download(kek), sequence=2), three, seven, seven, five, other_seven,
              *(teks[number].esp(str(number)) for number in teks)]
    assert words(plain, frames, member.log()) == ["3", "7"]
    option = "isakmp.keylog_file:" + plain.place(member.log().encode(), "group.log")
    for arguments in ((), ("-2",)):
        assert plain.frames(p.pcap(frames), "isakmp.seq.replayed", "-o", option, *arguments) == [14, 15]


def test_what_a_rekey_sa_is_called(plain):
    """It is no IKE SA that never came up; without its key download it says what is missing."""
    member, kek = MemberV1(), Kek()
    frames = [*member.main_mode(), *member.pull(*download(kek)), kek.push(pushed(Tek()))]
    option = "isakmp.keylog_file:" + plain.place(member.log().encode(), "group.log")
    for arguments in (("-o", option), ()):
        report = plain.run(p.pcap(frames), "-q", "-z", "isakmp,report", *arguments)
        assert "IKEv1 10.9.0.2 -> 239.1.2.3, Rekey SA of a group" in report and "incomplete" not in report
        outcomes = json.loads(plain.run(p.pcap(frames), "-q", "-z", "isakmp,report,json", *arguments))["ike_sas"]
        assert [sa["outcome"] for sa in outcomes] == ["established", "group_rekey"]
    said = plain.fields(p.pcap(frames), ["_ws.expert.message", "isakmp.state"], "frame.number == 11")[0]
    assert "No key for this Rekey SA: its key download is not in the capture, or not decrypted" in said["_ws.expert.message"]
    assert said["isakmp.state"] == ["Rekey SA of a group"]


def test_keys_combined_with_a_shared_secret(plain):
    """KE payloads of RFC 3547 3.2.1: KD is no plain list of keys then, and not malformed."""
    member, kek = MemberV1(), Kek()
    sa, kd = download(kek, Tek())
    nonces = g.fixed("kd ni", 20), g.fixed("kd nr", 20)
    mask = (g.fixed("secret", 128) * 20)[:len(kd)]
    masked = bytes(a ^ b for a, b in zip(kd, mask))
    steps = [(b"", [(g.NONCE_V1, nonces[0]), (g.ID_V1, b"\x0b\0\0\0group")]), (nonces[0], [(g.NONCE_V1, nonces[1]), (g.SA_V1, sa)]),
             (b"".join(nonces), [(g.KE_V1, g.fixed("ke i", 128))]),
             (b"".join(nonces), [(g.KE_V1, g.fixed("ke r", 128)), (g.SEQ, bytes(4)), (g.KD_V1, masked)])]
    frames = member.main_mode()
    for number, (before, payloads) in enumerate(steps):
        value = g.prf(member.skeyid_a, struct.pack("!I", 99) + before + p.chain(payloads), "sha1")
        frames.append(member.send(number % 2 == 0, member.encrypted(g.PULL, [(g.HASH_V1, value), *payloads], 99)))
    shown = read(plain, frames, member.log(), "isakmp.kd.masked", "isakmp.hash.name", "_ws.malformed", "_ws.expert.message")
    assert [name for found in shown for name in found["isakmp.hash.name"]] == [f"HASH({n}), verified" for n in (1, 2, 3, 4)]
    assert shown[9]["isakmp.kd.masked"] == [masked.hex()] and not any(found["_ws.malformed"] for found in shown)
    assert shown[9]["_ws.expert.message"] == ["Keys not decrypted: combined with the secret of the KE payloads (RFC 3547 3.2.1)"]


def test_a_hierarchy_whose_root_is_the_kek(plain):
    """LKH_DOWNLOAD_ARRAY: the path from the member's leaf to the root (RFC 6407 5.6.3.1)."""
    member, kek, tek = MemberV1(), Kek(), Tek()
    keys = [(7, g.fixed("leaf", 32)), (3, g.fixed("node", 32)), (1, kek.iv + kek.key)]
    array = struct.pack("!BHB", 1, len(keys), 0) + b"".join(struct.pack("!HBBIII", number, 3, 0, 0, 0, 5) + key for number, key in keys)
    packet = g.key_packet(3, kek.spi, p.tlv(1, array) + p.tlv(3, g.spki(g.RSA)))
    frames = [*member.main_mode(), *member.pull(sa_gdoi(kek.sak()), kd_gdoi(packet)), kek.push(pushed(tek)), tek.esp("by the root")]
    assert words(plain, frames, member.log()) == ["by the root"]


def lkh_key(number, handle, data, algorithm=3):
    return struct.pack("!HBBIII", number, algorithm, 0, 0, 0, handle) + data


def lkh_packet(kek, attribute, header, keys):
    array = struct.pack("!BHB", 1, len(keys), 0) + header + b"".join(keys)
    return g.key_packet(3, kek.spi, p.tlv(attribute, array) + p.tlv(3, g.spki(g.RSA)))


@pytest.mark.parametrize("algorithm, bits, key", [(3, 128, 16), (3, 256, 32), (2, 0, 24)], ids=["aes", "aes-256", "3des"])
def test_a_hierarchy_that_is_updated(plain, algorithm, bits, key):
    """LKH_UPDATE_ARRAY over several rekeys: each key is encrypted under the one before it, the first under the one that the header
    names, by its place and handle (RFC 6407 5.6.3.2)."""
    member = MemberV1()
    block = 16 if algorithm == 3 else 8
    cipher = g.algorithms.AES if algorithm == 3 else g.algorithms.TripleDES
    keks = [Kek(f"kek {number}", algorithm, bits) for number in range(4)]
    teks = [Tek(f"tek {number}") for number in range(4)]
    data = {name: g.fixed(f"lkh {name} {key}", block + key) for name in ("leaf", "node", "node 2", "stranger")}
    roots = [kek.iv + kek.key for kek in keks]

    def under(name, plaintext):
        return g.cbc(data[name][block:], data[name][:block], plaintext, cipher)

    first = lkh_packet(keks[0], 1, b"", [lkh_key(7, 1, data["leaf"], algorithm), lkh_key(3, 1, data["node"], algorithm),
                                         lkh_key(1, 1, roots[0], algorithm)])
    steps = [  # the node stays; the path from the leaf is new; of a subtree of others, and of this one
        [lkh_packet(keks[1], 2, struct.pack("!HHI", 3, 0, 1), [lkh_key(1, 2, under("node", roots[1]), algorithm)])],
        [lkh_packet(keks[2], 2, struct.pack("!HHI", 7, 0, 1), [lkh_key(3, 2, under("leaf", data["node 2"]), algorithm),
                                                               lkh_key(1, 3, under("node 2", roots[2]), algorithm)])],
        [lkh_packet(keks[3], 2, struct.pack("!HHI", 2, 0, 9), [lkh_key(1, 4, under("stranger", roots[3]), algorithm)]),
         lkh_packet(keks[3], 2, struct.pack("!HHI", 3, 0, 2), [lkh_key(1, 4, under("node 2", roots[3]), algorithm)])]]
    frames = [*member.main_mode(), *member.pull(sa_gdoi(keks[0].sak()), kd_gdoi(first))]
    for number, packets in enumerate(steps):
        payloads = [(g.SA_V1, sa_gdoi(keks[number + 1].sak(), teks[number].sat())), (g.KD_V1, kd_gdoi(*packets, teks[number].packet()))]
        frames += [keks[number].push(payloads), teks[number].esp(f"step {number}")]
    frames += [keks[3].push(pushed(teks[3])), teks[3].esp("step 3")]
    assert words(plain, frames, member.log()) == ["step 0", "step 1", "step 2", "step 3"]
    assert words(plain, frames, keys_of(plain, frames, member.log())) == ["step 0", "step 1", "step 2", "step 3"]


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
