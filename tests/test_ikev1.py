# SPDX-License-Identifier: GPL-2.0-or-later
"""IKEv1 and GDOI: every number of the registries shows its name, the lab's captures show what the daemons
logged, and what no daemon sends is taken apart as the RFCs say."""
import csv
import itertools
import struct

import pytest

import packets as p
from tshark import ROOT, captures, facts, shown

CSV = ROOT / "registry" / "csv"
MAIN, INFORMATIONAL, TRANSACTION, QUICK, NEW_GROUP = 2, 5, 6, 32, 33
ISAKMP, AH, ESP, IPCOMP = 1, 2, 3, 4

# ---- the registries, row by row ------------------------------------------------------------------


def phase1(attributes):
    return p.message_v1(MAIN, [(1, p.sa_v1([p.proposal_v1(1, ISAKMP, b"", [(1, attributes)])]))])


def phase2(protocol, identifier, attributes=b""):
    return p.message_v1(QUICK, [(1, p.sa_v1([p.proposal_v1(1, protocol, b"spi4", [(identifier, attributes)])]))])


def attribute(number, form):
    return p.tlv(number, b"\0\0\0\1") if form == "V" else p.tv(number, 1)


def config(kind, attributes=b""):
    return p.message_v1(TRANSACTION, [(14, p.config_v1(kind, attributes))])


def address():
    return struct.pack("!BHB", 1, 0, 4) + bytes([10, 0, 0, 1])


def sa_kek(attributes=b""):
    return b"\x11" + address() + address() + bytes(16) + bytes(4) + attributes


def sa_tek(protocol=1, transform=12, attributes=b""):
    return bytes([protocol, 0]) + address() + address() + bytes([transform]) + b"spi4" + attributes


def sa_tek_iec(auth=1, encr=1, attributes=b""):
    oid = bytes.fromhex("06092a8648ce5683e31a01")
    return bytes([3, len(oid)]) + oid + struct.pack("!H", 0) + b"spi4" + struct.pack("!HHI", auth, encr, 60) + attributes


def group_sa(kind, body):
    return (1, struct.pack("!IIHH", 2, 0, kind, 0) + p.generic(0, body))


def group(*payloads, exchange=QUICK):
    return p.message_v1(exchange, list(payloads))


def key_packet(kind, attributes, spi=b"spi4"):
    return struct.pack("!BBHB", kind, 0, 5 + len(spi) + len(attributes), len(spi)) + spi + attributes


def key_download(*key_packets):
    return (17, struct.pack("!HH", len(key_packets), 0) + b"".join(key_packets))


# (file, table) -> how to say a number of it in a message: the message from (number, form).
BUILDERS = {
    ("isakmp-payload-types", None): lambda n, f: p.message_v1(MAIN, [(n, bytes(12))]),
    ("isakmp-exchange-types", "IPSEC"): lambda n, f: p.message_v1(n, [(13, bytes(16))]),
    ("isakmp-exchange-types", ""): lambda n, f: p.message_v1(n, [(13, bytes(16))]),
    ("isakmp-doi", None): lambda n, f: p.message_v1(MAIN, [(1, p.sa_v1([p.proposal_v1(1, 1, b"", [(1, b"")])], doi=n))]),
    ("isakmp-notify", None): lambda n, f: p.message_v1(INFORMATIONAL, [(11, p.notify_v1(n))]),
    ("ipsec-doi-notify", None): lambda n, f: p.message_v1(INFORMATIONAL, [(11, p.notify_v1(n))]),
    ("ipsec-protocol-ids", None): lambda n, f: phase2(n, 1),
    ("isakmp-transform-ids", None): lambda n, f: phase2(ISAKMP, n),
    ("ah-transform-ids", None): lambda n, f: phase2(AH, n),
    ("esp-transform-ids", None): lambda n, f: phase2(ESP, n),
    ("ipcomp-transform-ids", None): lambda n, f: phase2(IPCOMP, n),
    ("ipsec-id-types", None): lambda n, f: p.message_v1(QUICK, [(5, bytes([n, 0, 0, 0]) + b"\n\0\0\1" * 2)]),
    ("isakmp-cert-encodings", None): lambda n, f: p.message_v1(MAIN, [(7, bytes([n]))]),
    ("ike-attributes", "attributes"): lambda n, f: phase1(attribute(n, f)),
    ("ike-attributes", "encryption"): lambda n, f: phase1(p.tv(1, n)),
    ("ike-attributes", "hash"): lambda n, f: phase1(p.tv(2, n)),
    ("ike-attributes", "auth-method"): lambda n, f: phase1(p.tv(3, n)),
    ("ike-attributes", "group-description"): lambda n, f: phase1(p.tv(4, n)),
    ("ike-attributes", "group-type"): lambda n, f: phase1(p.tv(5, n)),
    ("ike-attributes", "life-type"): lambda n, f: phase1(p.tv(11, n)),
    ("ike-attributes", "asymmetric-algorithm-type"): lambda n, f: phase1(p.tv(20, n)),
    ("ipsec-sa-attributes", "attributes"): lambda n, f: phase2(ESP, 12, attribute(n, f)),
    ("ipsec-sa-attributes", "life-type"): lambda n, f: phase2(ESP, 12, p.tv(1, n)),
    ("ipsec-sa-attributes", "encapsulation-mode"): lambda n, f: phase2(ESP, 12, p.tv(4, n)),
    ("ipsec-sa-attributes", "auth-algorithm"): lambda n, f: phase2(ESP, 12, p.tv(5, n)),
    ("ipsec-sa-attributes", "ecn-tunnel"): lambda n, f: phase2(ESP, 12, p.tv(10, n)),
    ("ipsec-sa-attributes", "extended-sequence-number"): lambda n, f: phase2(ESP, 12, p.tv(11, n)),
    ("ipsec-sa-attributes", "signature-encoding"): lambda n, f: phase2(ESP, 12, p.tv(13, n)),
    ("ipsec-sa-attributes", "address-preservation"): lambda n, f: phase2(ESP, 12, p.tv(14, n)),
    ("ipsec-sa-attributes", "sa-direction"): lambda n, f: phase2(ESP, 12, p.tv(15, n)),
    ("modecfg", "types"): lambda n, f: config(n),
    ("modecfg", "modecfg-attributes"): lambda n, f: config(1, p.tlv(n, b"")),
    ("modecfg", "xauth-attributes"): lambda n, f: config(1, p.tlv(n, b"")),
    ("modecfg", "unity-attributes"): lambda n, f: config(1, p.tlv(n, b"")),
    ("modecfg", "checkpoint-attributes"): lambda n, f: config(1, p.tlv(n, b"")),
    ("modecfg", "xauth-attributes-draft-02-05"): lambda n, f: config(2, p.tv(13, 0) + p.tlv(n, b"")),
    ("modecfg", "xauth-attributes-draft-01"): lambda n, f: config(2, p.tlv(n, b"")),
    ("modecfg", "xauth-types"): lambda n, f: config(1, p.tv(16520, n)),
    ("modecfg", "xauth-status"): lambda n, f: config(3, p.tv(16527, n)),
    ("gdoi", "sa-attribute-payloads"): lambda n, f: group(group_sa(n, {15: sa_kek(), 16: sa_tek(), 22: b""}[n])),
    ("gdoi", "kek-attributes"): lambda n, f: group(group_sa(15, sa_kek(attribute(n, f)))),
    ("gdoi", "kek-management-algorithm"): lambda n, f: group(group_sa(15, sa_kek(p.tv(1, n)))),
    ("gdoi", "kek-algorithm"): lambda n, f: group(group_sa(15, sa_kek(p.tv(2, n)))),
    ("gdoi", "sig-hash-algorithm"): lambda n, f: group(group_sa(15, sa_kek(p.tv(5, n)))),
    ("gdoi", "sig-algorithm"): lambda n, f: group(group_sa(15, sa_kek(p.tv(6, n)))),
    ("gdoi", "kek-ack-requested"): lambda n, f: group(group_sa(15, sa_kek(p.tv(9, n)))),
    ("gdoi", "sa-tek-protocol-ids"): lambda n, f: group(group_sa(16, sa_tek_iec() if n == 3 else sa_tek(n))),
    ("gdoi", "gap-attributes"): lambda n, f: group(group_sa(22, attribute(n, f))),
    ("gdoi", "kd-types"): lambda n, f: group(key_download(key_packet(n, b""))),
    ("gdoi", "kd-tek-attributes"): lambda n, f: group(key_download(key_packet(1, attribute(n, f)))),
    ("gdoi", "kd-kek-attributes"): lambda n, f: group(key_download(key_packet(2, attribute(n, f)))),
    ("gdoi", "kd-lkh-attributes"): lambda n, f: group(key_download(key_packet(3, attribute(n, f)))),
    ("gdoi", "kd-sid-attributes"): lambda n, f: group(key_download(key_packet(4, attribute(n, f)))),
    ("gdoi", "iec61850-auth-algorithms"): lambda n, f: group(group_sa(16, sa_tek_iec(auth=n))),
    ("gdoi", "iec61850-enc-algorithms"): lambda n, f: group(group_sa(16, sa_tek_iec(encr=n))),
    ("gdoi", "iec61850-sa-attributes"): lambda n, f: group(group_sa(16, sa_tek_iec(attributes=attribute(n, f)))),
    ("natt-drafts", "payload"): lambda n, f: p.message_v1(MAIN, [(n, bytes(20))]),
    ("natt-drafts", "encapsulation-mode"): lambda n, f: phase2(ESP, 12, p.tv(4, n)),
}

# private-others, private-cisco, private-microsoft: `registry` -> how to say the number.
PRIVATE = {
    "notify": BUILDERS["isakmp-notify", None],
    "payload-type": BUILDERS["isakmp-payload-types", None],
    "exchange-type": BUILDERS["isakmp-exchange-types", "IPSEC"],
    "modecfg-attribute": BUILDERS["modecfg", "modecfg-attributes"],
    "config-attribute": BUILDERS["modecfg", "modecfg-attributes"],
    "xauth-attribute": BUILDERS["modecfg", "modecfg-attributes"],
    "ike-attribute": BUILDERS["ike-attributes", "attributes"],
    "ike-encryption": BUILDERS["ike-attributes", "encryption"],
    "ike-hash": BUILDERS["ike-attributes", "hash"],
    "ike-auth-method": BUILDERS["ike-attributes", "auth-method"],
    "key-exchange": BUILDERS["ike-attributes", "group-description"],
    "ipsec-sa-attribute": BUILDERS["ipsec-sa-attributes", "attributes"],
    "encapsulation-mode": BUILDERS["ipsec-sa-attributes", "encapsulation-mode"],
    "ipsec-auth-algorithm": BUILDERS["ipsec-sa-attributes", "auth-algorithm"],
    "esp-transform": BUILDERS["esp-transform-ids", None],
    "ah-transform": BUILDERS["ah-transform-ids", None],
    "authip-auth-method": lambda n, f: p.message_v1(243, [(135, struct.pack("!HH", n, 0))]),
}

# Two meanings of one number: each has a test of its own below, or belongs to a vendor. Where the registry's own
# name of a number is another than the vendor's, it wins.
AMBIGUOUS = {("isakmp-payload-types", 15), ("isakmp-payload-types", 16), ("ike-attributes", 10), ("ike-attributes", 65001),
             ("private-others", 10), ("private-microsoft", 65001), ("private-cisco", 132), ("private-microsoft", 132),
             ("private-others", 128), ("private-others", 61440)}
GROUPED = {"gdoi"}


def rows():
    """(file, number, name, message, port) of all rows that are certain and name one number."""
    for path in sorted(CSV.glob("*.csv")):
        with open(path, newline="") as file:
            for row in csv.DictReader(file):
                table = row.get("table", row.get("doi"))
                build = BUILDERS.get((path.stem, table)) or BUILDERS.get((path.stem, None))
                if path.stem.startswith("private-") and "1" in row["ike_version"]:
                    build = PRIVATE.get(row["registry"])
                if not build or row["confidence"] == "low" or not row["value"].isdigit():
                    continue
                number = int(row["value"])
                if row["name"].lower().startswith(("reserved", "unassigned")) or (path.stem, number) in AMBIGUOUS:
                    continue
                yield path.stem, number, row["name"], build(number, row.get("form", "")), 848 if path.stem in GROUPED else 500


def plain_name(name):
    """A name as far as it is the same in all files: without remarks, vendors, prefixes."""
    return name.split(" (")[0].split(", deprecated")[0].removeprefix("UNITY_").lower()


def test_every_row_of_the_registries_shows_its_name(plain):
    all_rows = list(rows())
    assert len(all_rows) > 450
    capture = p.pcap([p.udp(message, sport=port, dport=port) for *_, message, port in all_rows])
    nameless = []
    for (file, number, name, _, _), packet in zip(all_rows, plain.pdml(capture)):
        names = [text.lower() for _, _, text in shown(packet)]
        if not any(plain_name(name) in text for text in names):
            nameless.append((file, number, name))
    assert not nameless, (len(nameless), nameless[:30])


def test_numbers_with_two_meanings(plain):
    china = phase1(p.tv(1, 129) + p.tv(3, 10)).replace(b"\x01\x10", b"\x01\x11", 1)
    capture = p.pcap([
        p.udp(p.message_v1(MAIN, [(15, bytes(20))])),
        p.udp(p.message_v1(QUICK, [(16, bytes([1, 0, 0, 0, 10, 0, 0, 9]))])),
        p.udp(group(group_sa(15, sa_kek())), sport=848, dport=848),
        p.udp(group((13, b"x" * 8)), sport=848, dport=848),
        p.udp(p.message_v1(QUICK, [(13, b"x" * 8)])),
        p.udp(p.message_v1(NEW_GROUP, [(13, b"x" * 8)])),
        p.udp(p.message_v1(NEW_GROUP, [(13, b"x" * 8)]), sport=848, dport=848),
        p.udp(phase1(p.tv(3, 10))),
        p.udp(china),
    ])
    got = plain.fields(capture, ["isakmp.ike.nat_hash", "isakmp.ike.nat_original_address_ipv4", "isakmp.sak.spi",
                                 "isakmp.ike.attr.authentication_method_china"])
    assert got[0]["isakmp.ike.nat_hash"] == ["00" * 20]
    assert got[1]["isakmp.ike.nat_original_address_ipv4"] == ["10.0.0.9"]
    assert got[2]["isakmp.sak.spi"] == ["00" * 16]
    assert not got[7]["isakmp.ike.attr.authentication_method_china"]
    assert got[8]["isakmp.ike.attr.authentication_method_china"] == ["10"]
    info = plain.info(capture)
    assert info[3].startswith("GROUPKEY-PULL") and info[4].startswith("Quick Mode")
    assert info[5].startswith("New Group Mode") and info[6].startswith("GROUPKEY-PUSH")


def test_steps_of_groupkey_pull(plain):
    """RFC 6407 3.2: four messages, under the exchange type that is Quick Mode elsewhere."""
    def message(number, source, destination):
        return p.udp(p.message_v1(QUICK, [(8, bytes([number]) * 20)], message_id=7), source, destination, sport=848, dport=848)

    there, back = ("10.9.0.1", "10.9.0.2"), ("10.9.0.2", "10.9.0.1")
    capture = p.pcap([message(number, *(there if number % 2 else back)) for number in (1, 2, 3, 4)])
    steps = [frame["isakmp.step"] for frame in plain.fields(capture, ["isakmp.step"])]
    assert steps == [[f"GROUPKEY-PULL {number}/4"] for number in (1, 2, 3, 4)]


# ---- the SA payload ------------------------------------------------------------------------------


def test_lifetimes_of_any_length(plain):
    lengths = list(range(1, 10)) + [16]
    ike = phase1(b"".join(p.tlv(12, b"\1" * n) for n in lengths))
    ipsec = phase2(ESP, 12, b"".join(p.tlv(2, b"\1" * n) for n in lengths))
    got = plain.fields(p.pcap([p.udp(ike), p.udp(ipsec)]),
                       [f"isakmp.{kind}.attr.life_duration{size}" for kind in ("ike", "ipsec") for size in ("", "64", "_bytes")])
    for frame, kind in zip(got, ("ike", "ipsec")):
        value = [int("01" * n, 16) for n in lengths]
        assert frame[f"isakmp.{kind}.attr.life_duration"] == [str(v) for v in value[:4]]
        assert frame[f"isakmp.{kind}.attr.life_duration64"] == [str(v) for v in value[4:8]]
        assert frame[f"isakmp.{kind}.attr.life_duration_bytes"] == ["01" * 9, "01" * 16]


def test_labels_of_the_situation(plain):
    """RFC 2407 4.6.1: domain, secrecy level and categories, integrity level and categories, padded."""
    secrecy = struct.pack("!HH4sHH4s", 2, 0, b"\1\2\0\0", 5, 0, b"\xf8\0\0\0")
    integrity = struct.pack("!HHHH", 0, 0, 0, 0)
    proposal = p.proposal_v1(1, ISAKMP, b"", [(1, p.tv(1, 7))])
    both = p.message_v1(MAIN, [(1, p.sa_v1([proposal], situation=3, labels=struct.pack("!I", 7) + secrecy + integrity))])
    alone = p.message_v1(MAIN, [(1, p.sa_v1([proposal], situation=2, labels=struct.pack("!I", 7) + secrecy))])
    torn = p.message_v1(MAIN, [(1, p.sa_v1([], situation=2, labels=struct.pack("!IHH", 7, 900, 0)))])
    got = plain.fields(p.pcap([p.udp(m) for m in (both, alone, torn)]),
                       ["isakmp.sa.situation.domain", "isakmp.sa.situation.secrecy_level",
                        "isakmp.sa.situation.secrecy_category", "isakmp.ike.attr.encryption_algorithm",
                        "isakmp.sa.situation.labels.invalid"])
    for frame in got[:2]:
        assert frame["isakmp.sa.situation.domain"] == ["7"]
        assert frame["isakmp.sa.situation.secrecy_level"] == ["0102"]
        assert frame["isakmp.sa.situation.secrecy_category"] == ["f8"]
        assert frame["isakmp.ike.attr.encryption_algorithm"] == ["7"]
    assert got[2]["isakmp.sa.situation.labels.invalid"]


# ---- notifications, configuration ----------------------------------------------------------------


def test_data_of_notifications(plain):
    cookies = p.ISPI + p.RSPI
    lifetime = p.tv(11, 1) + p.tlv(12, struct.pack("!I", 86400))
    messages = [p.notify_v1(24576, lifetime, spi=cookies), p.notify_v1(36136, struct.pack("!I", 77), spi=cookies),
                p.notify_v1(36137, struct.pack("!I", 77), spi=cookies), p.notify_v1(40501, bytes([10, 0, 0, 7])),
                p.notify_v1(24577, struct.pack("!I", 1), protocol=3, spi=b"spi4")]
    names = ["isakmp.notify.data.resp_lifetime.ike.attr.life_duration", "isakmp.notify.data.dpd.are_you_there",
             "isakmp.notify.data.dpd.are_you_there_ack", "isakmp.notify.data.unity.load_balance",
             "isakmp.notify.data.replay_status"]
    got = plain.fields(p.pcap([p.udp(p.message_v1(INFORMATIONAL, [(11, m)])) for m in messages]), names)
    assert [frame[name] for frame, name in zip(got, names)] == [["86400"], ["77"], ["77"], ["10.0.0.7"], ["1"]]


def test_one_filter_for_the_notifications_of_both_versions(plain):
    """Errors, wrong lengths, SPIs too long, unassigned numbers; and text, which Check Point ends with zero bytes."""
    bodies = [(14, b""), (24577, b"\0" * 5), (36136, b"\0"), (20000, b""), (9101, b"Main Mode failed\0\0"), (9101, b"abc\1")]
    old = [p.message_v1(INFORMATIONAL, [(11, p.notify_v1(*body))]) for body in bodies]
    old.append(p.message_v1(INFORMATIONAL, [(11, struct.pack("!IBBH", 1, 1, 9, 36136) + b"spi4")]))
    bodies = [(14, b""), (16385, b"\0" * 5), (16385, b"\0"), (20000, b""), (9101, b"Main Mode failed\0\0"), (9101, b"abc\1")]
    new = [p.message(37, [(41, p.notify(*body))], rspi=p.RSPI) for body in bodies]
    new.append(p.message(37, [(41, struct.pack("!BBH", 1, 9, 16385) + b"spi4")], rspi=p.RSPI))
    names = ["isakmp.notify.error", "isakmp.notify.data.length", "isakmp.notify.msgtype.unknown", "isakmp.spisize.invalid",
             "isakmp.notify.data.text"]
    for messages in (old, new):
        got = [[name.removeprefix("isakmp.") for name in names if frame[name]]
               for frame in plain.fields(p.pcap([p.udp(m) for m in messages]), names)]
        assert got == [["notify.error"], ["notify.data.length"], ["notify.data.length"], ["notify.msgtype.unknown"],
                       ["notify.error", "notify.data.text"], ["notify.error"], ["spisize.invalid"]]


def test_authip_notifications_have_flags_for_the_spi_size(plain):
    message = p.message_v1(246, [(11, struct.pack("!IBBH", 1, 1, 1, 40020) + bytes.fromhex("80000001"))])
    got = plain.fields(p.pcap([p.udp(message)]), ["isakmp.notify.flags", "isakmp.spisize", "isakmp.notify.data.ms.status"])[0]
    assert got["isakmp.notify.flags"] == ["0x01"] and not got["isakmp.spisize"]
    assert got["isakmp.notify.data.ms.status"] == ["0x80000001"]


def test_unity_networks_and_old_xauth(plain):
    network = bytes([10, 1, 0, 0, 255, 255, 0, 0])
    messages = [config(2, p.tlv(28676, network + bytes(6) + network + bytes(6))), config(2, p.tlv(28676, network)),
                config(2, p.tv(13, 0) + p.tlv(14, b"alice") + p.tlv(15, b"secret")),
                config(2, p.tlv(102, b"bob")), config(2, p.tlv(13, network))]
    got = plain.fields(p.pcap([p.udp(m) for m in messages]),
                       ["isakmp.cfg.attr.unity.split_include", "isakmp.cfg.attr.xauth.user_name",
                        "isakmp.cfg.attr.internal_ip4_subnet_ip"])
    assert got[0]["isakmp.cfg.attr.unity.split_include"] == ["10.1.0.0", "10.1.0.0"]
    assert got[1]["isakmp.cfg.attr.unity.split_include"] == ["10.1.0.0"]
    assert got[2]["isakmp.cfg.attr.xauth.user_name"] == ["alice"]
    assert got[3]["isakmp.cfg.attr.xauth.user_name"] == ["bob"]
    assert got[4]["isakmp.cfg.attr.internal_ip4_subnet_ip"] == ["10.1.0.0"]


@pytest.mark.parametrize("method, encrypted", [(3, []), (4, [5, 10]), (5, [10, 4, 5, 6]), (65007, [5, 10])])
@pytest.mark.parametrize("exchange", [2, 4])
def test_bodies_that_public_key_encryption_hides(plain, exchange, method, encrypted):
    """RFC 2409 5.2 and 5.3; the payloads of 5.3 in main mode are those of aggressive mode."""
    bodies = {10: b"\1" * 64, 4: b"\2" * 128, 5: b"\1\0\0\0\x0a\0\0\1", 6: b"\4" + b"c" * 31}
    proposed = (1, p.sa_v1([p.proposal_v1(1, ISAKMP, b"", [(1, p.tv(1, 7) + p.tv(2, 2) + p.tv(3, method) + p.tv(4, 2))])]))
    rest = list(bodies.items())
    if exchange == MAIN:
        messages = [(p.message_v1(2, [proposed], rspi=bytes(8)), 0), (p.message_v1(2, [proposed]), 1),
                    (p.message_v1(2, rest), 0), (p.message_v1(2, rest), 1)]
    else:
        messages = [(p.message_v1(4, [proposed] + rest, rspi=bytes(8)), 0), (p.message_v1(4, [proposed] + rest), 1)]
    hosts = ("10.9.0.1", "10.9.0.2")
    capture = p.pcap([p.udp(m, hosts[back], hosts[1 - back]) for m, back in messages])
    got = plain.fields(capture, ["isakmp.public_key_encrypted", "isakmp.id.type", "isakmp.nonce", "isakmp.typepayload"])[-2:]
    for row in got:
        assert row["isakmp.public_key_encrypted"] == [bodies[kind].hex() for kind in bodies if kind in encrypted]
        assert bool(row["isakmp.id.type"]) == (5 not in encrypted) and bool(row["isakmp.nonce"]) == (10 not in encrypted)
    text = plain.text(capture)
    for side in ("responder", "initiator"):
        assert (f"Nonce (NONCE) (10) - encrypted with the {side}'s public key" in text) == (10 in encrypted)


# ---- GDOI ----------------------------------------------------------------------------------------


def test_group_policy_and_keys(plain):
    policy = (1, struct.pack("!IIHH", 2, 0, 15, 0) + p.generic(16, sa_kek(p.tv(2, 3) + p.tlv(4, struct.pack("!I", 86400)))) +
              p.generic(22, sa_tek(1, 12, p.tv(5, 2))) + p.generic(0, p.tv(1, 30)))
    key = struct.pack("!HBBIII", 5, 3, 0, 1, 2, 9) + b"k" * 16
    hierarchy = struct.pack("!BHB", 1, 2, 0) + key + key
    download = key_download(key_packet(1, p.tlv(1, b"e" * 16) + p.tlv(2, b"i" * 20)),
                            key_packet(3, p.tlv(1, hierarchy), bytes(16)))
    messages = [group((8, bytes(20)), (10, bytes(16)), policy), group((8, bytes(20)), (18, struct.pack("!I", 5)), download)]
    got = plain.fields(p.pcap([p.udp(m, sport=848, dport=848) for m in messages]),
                       ["isakmp.sak.attr.kek_key_lifetime", "isakmp.sat.spi", "isakmp.ipsec.attr.auth_algorithm",
                        "isakmp.gap.attr.activation_time_delay", "isakmp.seq.seq", "isakmp.key_download.tek.integrity_key",
                        "isakmp.key_download.lkh.data", "isakmp.key_download.lkh.handle"])
    assert got[0]["isakmp.sak.attr.kek_key_lifetime"] == ["86400"]
    assert got[0]["isakmp.sat.spi"] == [b"spi4".hex()]
    assert got[0]["isakmp.ipsec.attr.auth_algorithm"] == ["2"]
    assert got[0]["isakmp.gap.attr.activation_time_delay"] == ["30"]
    assert got[1]["isakmp.seq.seq"] == ["5"]
    assert got[1]["isakmp.key_download.tek.integrity_key"] == [(b"i" * 20).hex()]
    assert got[1]["isakmp.key_download.lkh.data"] == [(b"k" * 16).hex()] * 2
    assert got[1]["isakmp.key_download.lkh.handle"] == ["9", "9"]


def test_a_group_named_by_its_object_identifier(plain):
    """RFC 8052: length and DER of 1.2.840.10070.61850.1, then the length of what is specific to it."""
    oid = bytes.fromhex("06092a8648ce5683e31a01")
    identity = bytes([13, 0, 0, 0, len(oid)]) + oid + struct.pack("!H", 3) + b"key"
    messages = [group((5, identity)), group((5, identity[:-1])), group((5, bytes([13, 0, 0, 0])))]
    got = plain.fields(p.pcap([p.udp(m, sport=848, dport=848) for m in messages]),
                       ["isakmp.id.data.oid", "isakmp.id.data.oid_specific", "isakmp.id.data.length"])
    assert got[0]["isakmp.id.data.oid"] == [oid.hex()] and got[0]["isakmp.id.data.oid_specific"] == [b"key".hex()]
    assert got[1]["isakmp.id.data.length"]
    assert "1.2.840.10070.61850.1" in plain.text(p.pcap([p.udp(messages[0], sport=848, dport=848)]))


# ---- fragments -----------------------------------------------------------------------------------


def fragments_of(message, size, identifier=1):
    pieces = [message[at:at + size] for at in range(0, len(message), size)]
    return [p.message_v1(MAIN, [(132, struct.pack("!HBB", identifier, n + 1, n + 1 == len(pieces)) + piece)])
            for n, piece in enumerate(pieces)]


@pytest.mark.parametrize("order", itertools.permutations(range(3)))
def test_fragments_in_any_order(plain, order):
    first = p.message_v1(MAIN, [(4, b"\x11" * 128), (10, b"\x22" * 16)])
    second = p.message_v1(MAIN, [(4, b"\x33" * 128), (10, b"\x44" * 16)])
    sent = [fragments_of(message, 70)[place] for message in (first, second) for place in order]
    got = plain.fields(p.pcap([p.udp(m) for m in sent]), ["isakmp.nonce"])
    # The last fragment alone may as well be the true one of the message before, where the one there was forged.
    before = ["44" * 16] if order[0] == 2 else []
    assert [frame["isakmp.nonce"] for frame in got] == [[], [], ["22" * 16], before, [], ["44" * 16]]


def test_fragments_with_the_encryption_flag_are_in_clear(plain):
    whole = p.message_v1(MAIN, [(4, b"\x11" * 128), (10, b"\x22" * 16)])
    sent = [m[:19] + b"\1" + m[20:] for m in fragments_of(whole, 100)]
    got = plain.fields(p.pcap([p.udp(m) for m in sent]), ["isakmp.nonce"])
    assert [frame["isakmp.nonce"] for frame in got] == [[], ["22" * 16]]


def test_the_crypto_payload_of_authip_is_in_clear_though_the_message_is_encrypted(plain):
    body = struct.pack("!I", 9) + bytes(64)
    encrypted = p.message_v1(244, [(133, body)], flags=1)
    got = plain.fields(p.pcap([p.udp(encrypted)]), ["isakmp.authip.seq", "isakmp.authip.encrypted"])[0]
    assert got["isakmp.authip.seq"] == ["9"] and got["isakmp.authip.encrypted"] == ["00" * 64]


def test_fragments_that_do_not_make_their_message_are_not_read(plain):
    message = p.message_v1(MAIN, [(4, b"\x11" * 128), (10, b"\x22" * 16)])
    torn = fragments_of(message[:-4], 90)
    nested = fragments_of(fragments_of(message, 300)[0], 100)
    got = plain.fields(p.pcap([p.udp(m) for m in torn] + [p.udp(m, source="10.9.0.5") for m in nested]),
                       ["isakmp.nonce", "isakmp.frag.length", "isakmp.frag.nested"])
    assert not any(frame["isakmp.nonce"] for frame in got)
    assert any(frame["isakmp.frag.length"] for frame in got) and any(frame["isakmp.frag.nested"] for frame in got)


# ---- the lab's captures --------------------------------------------------------------------------

NOTATION = {1: "SA", 4: "KE", 5: "ID", 6: "CERT", 7: "CERTREQ", 8: "HASH", 9: "SIG", 10: "No", 11: "N", 12: "D", 13: "V",
            14: "CP", 20: "NAT-D", 21: "NAT-OA", 130: "NAT-D", 131: "NAT-OA", 132: "FRAG"}
EXCHANGES = {"ID_PROT": 2, "AGGRESSIVE": 4, "INFORMATIONAL_V1": 5, "TRANSACTION": 6, "QUICK_MODE": 32}


def logged_messages(capture):
    """(exchange, message ID, payloads) of every message that the daemon that saw most of them logged."""
    sides = facts(capture)["sides"]
    for message in sides[max(sides, key=lambda side: len(sides[side].get("messages", [])))].get("messages", []):
        words = [word.split("(")[0] for word in message["payloads"]]
        kinds = ["CP" if word in ("CPRQ", "CPRP", "CPS", "CPA") else word for word in words
                 if word in NOTATION.values() or word.startswith("CP")]
        if "FRAG" not in kinds:
            yield EXCHANGES[message["exchange"]], message["message_id"], tuple(kinds)


def dissected_messages(packet):
    """The same of every message in a packet of PDML, decrypted ones included."""
    for message in packet.iter("proto"):
        if message.get("name") == "isakmp":
            yield from one_message(message)


def one_message(message):
    def walk(element):
        for child in element:
            if child.tag == "proto":
                continue
            if child.get("name") == "isakmp.typepayload":
                yield int(child.get("show"))
            if child.get("name") != "isakmp.typepayload":
                yield from walk(child)

    values = {child.get("name"): child.get("show") for child in message.iter("field")}
    kinds = tuple(NOTATION.get(kind, str(kind)) for kind in walk(message))
    if kinds and "FRAG" not in kinds:
        yield int(values["isakmp.exchangetype"]), int(values["isakmp.messageid"], 16), kinds


def test_every_message_holds_the_payloads_that_the_daemon_logged(keyed):
    packets = keyed.pdml(keyed.merged(captures("ikev1")))
    found = {message for packet in packets for message in dissected_messages(packet)}
    lacking = {(capture.name, *message) for capture in captures("ikev1") for message in logged_messages(capture)
               if message not in found}
    assert len(found) > 400 and not lacking, (len(found), sorted(lacking)[:10])


CIPHERS = {"AES_CBC": 7, "CAMELLIA_CBC": 8, "3DES_CBC": 5, "DES_CBC": 1, "CAST_CBC": 6, "BLOWFISH_CBC": 3}
HASHES = {"HMAC_MD5_96": 1, "HMAC_SHA1_96": 2, "HMAC_SHA2_256_128": 4, "HMAC_SHA2_384_192": 5, "HMAC_SHA2_512_256": 6}
GROUPS = {"MODP_1024": 2, "MODP_1536": 5, "MODP_2048": 14, "MODP_3072": 15, "MODP_4096": 16, "ECP_256": 19, "ECP_384": 20,
          "ECP_521": 21}


def chosen(proposal):
    """What the daemon says it chose -> encryption, key length, hash, group by their numbers."""
    cipher, integrity, _, group_name = proposal.removeprefix("IKE:").split("/")
    name, _, bits = cipher.rpartition("_")
    if not bits.isdigit():
        name, bits = cipher, None
    return str(CIPHERS[name]), bits, str(HASHES[integrity]), str(GROUPS[group_name])


def test_the_chosen_algorithms_are_those_that_the_daemon_logged(plain):
    names = ["isakmp.ispi", "isakmp.rspi", "isakmp.ike.attr.encryption_algorithm", "isakmp.ike.attr.key_length",
             "isakmp.ike.attr.hash_algorithm", "isakmp.ike.attr.group_description"]
    checked, answers = 0, {}
    for frame in plain.fields(plain.merged(captures("ikev1")), names,
                              "isakmp.sa.doi && isakmp.rspi != 00:00:00:00:00:00:00:00"):
        answers.setdefault((frame["isakmp.ispi"][0], frame["isakmp.rspi"][0]), frame)
    for capture in captures("ikev1"):
        for side in facts(capture)["sides"].values():
            for sa in side["ike_sas"]:
                frame = answers.get((sa["spi_i"], sa["spi_r"]))
                if not frame or not sa.get("proposal"):
                    continue
                number, bits, digest, group_number = chosen(sa["proposal"])
                assert frame[names[2]] == [number] and frame[names[4]] == [digest], capture.name
                assert frame[names[5]] == [group_number], capture.name
                assert bits is None or frame[names[3]] == [bits], capture.name
                checked += 1
    assert checked > 100


def test_ivs_are_those_that_the_daemon_logged(keyed):
    logged = set()
    for capture in captures("ikev1"):
        for side in facts(capture)["sides"].values():
            for sa in side["ike_sas"]:
                logged |= {iv for _, iv in sa.get("ivs", [])} | {keys.get("initial_iv") for keys in sa["keys"]}
    used = [iv for frame in keyed.fields(keyed.merged(captures("ikev1")), ["isakmp.enc.iv_used"], "isakmp.enc.iv_used")
            for iv in frame["isakmp.enc.iv_used"]]
    assert len(used) > 500 and not set(used) - logged, (len(used), sorted(set(used) - logged)[:5])


def test_info_column_tells_the_place_in_the_exchange(keyed):
    whole = next(capture for capture in captures("ikev1") if capture.stem == "main-psk")
    info = [line for line in keyed.info(whole, "-Y", "isakmp")]
    for number in range(1, 7):
        assert f"Main Mode {number}/6 [ " in info[number - 1], info[number - 1]
    assert [line for line in info if "Quick Mode" in line][:3] == [
        "Quick Mode 1/3 [ HASH SA No ID ID ]", "Quick Mode 2/3 [ HASH SA No ID ID ]", "Quick Mode 3/3 [ HASH ]"]
    assert "Informational, Delete ESP [ HASH D ]" in info


def test_encrypted_payloads_are_shown_in_both_versions_alike(keyed):
    whole = next(capture for capture in captures("ikev1") if capture.stem == "main-psk")
    for name in ("isakmp.enc.data", "isakmp.enc.decrypted", "isakmp.enc.contained"):
        assert keyed.frames(whole, f"{name}") == keyed.frames(whole, "isakmp.flag_e == 1") != [], name


def test_a_message_without_its_iv_is_shown_from_the_second_block_on(keyed):
    """xauth-psk-pull without the request of its first transaction, whose last block is the IV of the answer."""
    whole = next(capture for capture in captures("ikev1") if capture.stem == "xauth-psk-pull").read_bytes()
    records, at = [], 24
    while at < len(whole):
        length = struct.unpack_from("<I", whole, at + 8)[0]
        records.append(whole[at:at + 16 + length])
        at += 16 + length
    lacking = whole[:24] + b"".join(records[:6] + records[7:])
    frame = keyed.fields(lacking, ["isakmp.cfg.attr.xauth.user_name", "isakmp.enc.partial", "isakmp.enc.iv_used",
                                   "isakmp.hash"], "frame.number == 7")[0]
    assert frame["isakmp.cfg.attr.xauth.user_name"] == ["carol"]
    assert frame["isakmp.enc.partial"] and not frame["isakmp.enc.iv_used"] and not frame["isakmp.hash"]
