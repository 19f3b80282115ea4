# SPDX-License-Identifier: GPL-2.0-or-later
"""G-IKEv2 (RFC 9838), byte by byte from the RFC's figures: nobody here sends it."""
import struct

import pytest

import packets as p

IDG, GSA, KD, NOTIFY, DELETE = 50, 51, 52, 41, 42
WHOLE, AH, ESP, UPDATE = 0, 2, 3, 6
EXCHANGES = {39: "GSA_AUTH", 40: "GSA_REGISTRATION", 41: "GSA_REKEY", 42: "GSA_INBAND_REKEY"}
REKEY_SPI = bytes(range(0x20, 0x30))
ESP_SPI = bytes.fromhex("c0ffee01")


def part(protocol, spi, body):
    """Figures "Group Policy", "Group-wide Policy", "Group Key Bag" and "Member Key Bag"."""
    return struct.pack("!BBH", protocol, len(spi), 4 + len(spi) + len(body)) + spi + body


def selector(first, last, protocol=17, ports=(0, 65535)):
    """RFC 7296 3.13.1, IPv4."""
    return struct.pack("!BBHHH", 7, protocol, 16, *ports) + bytes(first) + bytes(last)


SOURCE = selector((10, 9, 0, 2), (10, 9, 0, 2), ports=(848, 848))
GROUP = selector((239, 1, 2, 3), (239, 1, 2, 3), ports=(848, 848))


def transforms(*rows):
    return b"".join(p.transform(kind, number, attributes, last=index == len(rows) - 1)
                    for index, (kind, number, attributes) in enumerate(rows))


REKEY_TRANSFORMS = transforms((1, 20, p.tv(14, 256)), (2, 5, b""), (13, 3, b""), (14, 2, p.tlv(18, bytes.fromhex("300506032b6570"))))
REKEY_ATTRIBUTES = p.tlv(1, struct.pack("!I", 86400)) + p.tlv(2, struct.pack("!I", 7)) + p.tlv(3, bytes(16)) + p.tlv(3, bytes([1]) * 16)
REKEY_POLICY = part(UPDATE, REKEY_SPI, SOURCE + GROUP + REKEY_TRANSFORMS + REKEY_ATTRIBUTES)
DATA_POLICY = part(ESP, ESP_SPI, SOURCE + GROUP + transforms((1, 20, p.tv(14, 128)), (5, 2, b"")) + p.tlv(1, struct.pack("!I", 3600)))
WIDE_POLICY = part(WHOLE, b"", p.tv(1, 30) + p.tv(2, 60) + p.tv(3, 8))


def wrapped(key, wrapping, raw):
    """Figure "Wrapped Key": its ID, that of the key it is wrapped with, the key."""
    return struct.pack("!II", key, wrapping) + raw


ED25519 = bytes.fromhex("302a300506032b6570032100") + bytes(range(32))
GROUP_BAG = part(UPDATE, REKEY_SPI, p.tlv(1, wrapped(0, 0x11, bytes(40))) + p.tlv(1, wrapped(0, 0x12, bytes(40))))
DATA_BAG = part(ESP, ESP_SPI, p.tlv(1, wrapped(0, 0, bytes(range(28)))))
MEMBER_BAG = part(WHOLE, b"", p.tlv(1, wrapped(0x11, 0, bytes(24))) + p.tlv(2, ED25519) + p.tlv(3, bytes([0x2A])) + p.tlv(3, bytes([0, 0, 1, 0])))


def capture(*payloads, exchange=39, flags=0x20):
    return p.pcap([p.udp(p.message(exchange, list(payloads), flags=flags, rspi=p.RSPI, message_id=1))])


def values(tshark, raw, *names):
    found, = tshark.fields(raw, list(names))
    return [found[name] for name in names]


@pytest.mark.parametrize("number", EXCHANGES)
def test_exchanges_have_names(plain, number):
    raw = capture((IDG, b"\x02\0\0\0group.example"), exchange=number, flags=0x08)
    assert EXCHANGES[number] in plain.info(raw)[0]
    assert plain.frames(raw, "isakmp.exchangetype.unknown || isakmp.typepayload.unknown") == []


def test_the_groups_identity(plain):
    raw = capture((35, b"\x02\0\0\0member.example"), (IDG, b"\x0b\0\0\0\xaa\xbb\xcc"))
    kinds, key = values(plain, raw, "isakmp.id.type", "isakmp.id.data.key_id")
    assert kinds == ["2", "11"] and key == ["aabbcc"]
    assert "Group Identification (50)" in plain.text(raw)


def test_policies(plain):
    raw = capture((GSA, REKEY_POLICY + DATA_POLICY + WIDE_POLICY))
    names = {
        "isakmp.group.protoid": ["6", "3", "0"],
        "isakmp.group.spi": [REKEY_SPI.hex(), ESP_SPI.hex()],
        "isakmp.group.length": [str(len(x)) for x in (REKEY_POLICY, DATA_POLICY, WIDE_POLICY)],
        "isakmp.ts.start_ipv4": ["10.9.0.2", "239.1.2.3"] * 2,
        "isakmp.ts.end_port": ["848"] * 4,
        "isakmp.tf.type": ["1", "2", "13", "14", "1", "5"],
        "isakmp.tf.id.encr": ["20", "20"],
        "isakmp.ike2.attr.key_length": ["256", "128"],
        "isakmp.gsa.attr.key_lifetime": ["86400", "3600"],
        "isakmp.gsa.attr.initial_message_id": ["7"],
        "isakmp.gsa.attr.next_spi": [bytes(16).hex(), (bytes([1]) * 16).hex()],
        "isakmp.gsa.attr.activation_delay": ["30"],
        "isakmp.gsa.attr.deactivation_delay": ["60"],
        "isakmp.gsa.attr.sender_id_bits": ["8"],
        "isakmp.gsa.attr.type": ["1", "2", "3", "3", "1", "1", "2", "3"],
    }
    assert dict(zip(names, values(plain, raw, *names))) == names
    text = plain.text(raw)
    for name in ("Group Policy: GIKE_UPDATE", "Group Policy: ESP", "Group-wide Policy", "GSA_KEY_LIFETIME",
                 "GSA_INITIAL_MESSAGE_ID", "GSA_NEXT_SPI", "GWP_ATD", "GWP_DTD", "GWP_SENDER_ID_BITS", "KW_5649_256",
                 "Digital Signature", "32-bit Unspecified Numbers", "Source Traffic Selector", "Destination Traffic Selector"):
        assert name in text, name
    experts = [line for line in text.splitlines() if "Expert Info" in line and "message is not encrypted" not in line]
    assert "Unknown" not in text and not experts


@pytest.mark.parametrize("body, present", [
    (SOURCE + GROUP + p.tlv(1, struct.pack("!I", 5)), True),
    (SOURCE + GROUP, False),
])
def test_a_policy_without_transforms_or_attributes(plain, body, present):
    raw = capture((GSA, part(ESP, ESP_SPI, body)))
    assert values(plain, raw, "isakmp.gsa.attr.key_lifetime")[0] == (["5"] if present else [])
    assert plain.frames(raw, "_ws.malformed || isakmp.extradata") == []


def test_a_policy_leaves_no_facts_of_the_ike_sa(plain):
    """What the tracker says of the IKE SA is not what a group's policy has."""
    sa = p.proposal(1, 1, b"", [(1, 12, p.tv(14, 256)), (2, 5), (3, 12), (4, 14)])
    answer = [(33, sa), (34, b"\0\x0e\0\0" + bytes(256)), (40, bytes(32))]
    raw = p.pcap([
        p.udp(p.message(34, answer)), p.udp(p.message(34, answer, flags=0x20, rspi=p.RSPI), "10.9.0.2", "10.9.0.1"),
        p.udp(p.message(39, [(35, b"\x02\0\0\0m"), (39, b"\x02\0\0\0" + bytes(32)), (IDG, b"\x02\0\0\0g")], rspi=p.RSPI, message_id=1)),
        p.udp(p.message(39, [(36, b"\x02\0\0\0s"), (39, b"\x02\0\0\0" + bytes(32)), (GSA, REKEY_POLICY + DATA_POLICY), (KD, GROUP_BAG)],
                        flags=0x20, rspi=p.RSPI, message_id=1), "10.9.0.2", "10.9.0.1"),
    ])
    algorithms = [found["isakmp.algorithms"] for found in plain.fields(raw, ["isakmp.algorithms"], None, "-2")]
    assert algorithms[1] and algorithms[1:] == algorithms[1:2] * 3


def test_key_bags(plain):
    raw = capture((KD, GROUP_BAG + DATA_BAG + MEMBER_BAG))
    names = {
        "isakmp.group.protoid": ["6", "3", "0"],
        "isakmp.group.spi": [REKEY_SPI.hex(), ESP_SPI.hex()],
        "isakmp.kd.key_id": ["0", "0", "0", str(0x11)],
        "isakmp.kd.kwk_id": [str(0x11), str(0x12), "0", "0"],
        "isakmp.kd.wrapped_key": [bytes(40).hex()] * 2 + [bytes(range(28)).hex(), bytes(24).hex()],
        "isakmp.kd.auth_key": [ED25519.hex()],
        "isakmp.kd.sender_id": ["42", "256"],
        "isakmp.kd.attr.type": ["1", "1", "1", "1", "2", "3", "3"],
    }
    assert dict(zip(names, values(plain, raw, *names))) == names
    text = plain.text(raw)
    for name in ("Group Key Bag: GIKE_UPDATE", "Group Key Bag: ESP", "Member Key Bag", "SA_KEY", "WRAP_KEY", "AUTH_KEY", "GM_SENDER_ID"):
        assert name in text, name
    assert plain.frames(raw, "isakmp.kd.key_id.invalid || isakmp.group.spi.invalid") == []


def test_notifications(plain):
    raw = capture((NOTIFY, p.notify(16429, struct.pack("!I", 3))), (NOTIFY, p.notify(45)), (NOTIFY, p.notify(46)),
                     (NOTIFY, p.notify(49)))
    assert values(plain, raw, "isakmp.notify.data.group_sender") == [["3"]]
    info = plain.info(raw)[0]
    for name in ("INVALID_GROUP_ID", "AUTHORIZATION_FAILED", "REGISTRATION_FAILED"):
        assert name in info
    assert "GROUP_SENDER" in plain.text(raw)
    assert plain.frames(capture((NOTIFY, p.notify(16429, b"\0\1"))), "isakmp.notify.data.group_sender.length") == [1]


def test_a_group_sa_is_deleted_by_its_spi(plain):
    raw = capture((DELETE, struct.pack("!BBH", UPDATE, 16, 1) + REKEY_SPI), exchange=41)
    assert plain.frames(raw, "_ws.malformed || isakmp.extradata") == []
    assert REKEY_SPI.hex() in plain.text(raw).replace(":", "")


@pytest.mark.parametrize("payload, body, said", [
    (GSA, b"", "isakmp.payload.short"),
    (GSA, b"\x03\x04\0", "isakmp.payload.short"),
    (KD, struct.pack("!BBH", ESP, 4, 3) + ESP_SPI, "isakmp.group.length.invalid"),
    (KD, struct.pack("!BBH", ESP, 4, 99) + ESP_SPI, "isakmp.group.length.invalid"),
    (KD, struct.pack("!BBH", ESP, 9, 8) + ESP_SPI, "isakmp.group.spi.invalid"),
    (KD, part(ESP, bytes(8), b""), "isakmp.group.spi.invalid"),
    (KD, part(UPDATE, ESP_SPI, b""), "isakmp.group.spi.invalid"),
    (GSA, part(1, bytes(4), SOURCE + GROUP), "isakmp.group.protoid.invalid"),
    (GSA, part(ESP, ESP_SPI, SOURCE), "isakmp.gsa.ts.invalid"),
    (GSA, part(ESP, ESP_SPI, SOURCE + GROUP[:9]), "isakmp.gsa.ts.invalid"),
    (GSA, part(ESP, ESP_SPI, SOURCE + GROUP + p.tlv(1, b"\0\0\0\1") + b"\0"), "isakmp.extradata.present"),
    (GSA, WIDE_POLICY + b"\0\1", "isakmp.extradata.present"),
    (KD, part(WHOLE, b"", struct.pack("!HH", 1, 90) + bytes(8)), "isakmp.attribute_length.invalid"),
    (KD, part(WHOLE, b"", p.tlv(1, b"\0\0\0")), "isakmp.kd.wrapped_key.short"),
    (KD, part(ESP, ESP_SPI, p.tlv(1, wrapped(5, 0, bytes(16)))), "isakmp.kd.key_id.invalid"),
    (KD, part(WHOLE, b"", p.tlv(1, wrapped(0, 0, bytes(16)))), "isakmp.kd.key_id.invalid"),
])
def test_what_cannot_be_is_said(plain, payload, body, said):
    raw = capture((payload, body), (40, bytes(32)))
    assert plain.frames(raw, f"{said} && isakmp.nonce") == [1]


@pytest.mark.parametrize("payload, body", [(GSA, REKEY_POLICY + DATA_POLICY + WIDE_POLICY), (KD, GROUP_BAG + DATA_BAG + MEMBER_BAG)])
def test_payloads_cut_at_every_byte_break_nothing(plain, payload, body):
    raw = p.pcap([p.udp(p.message(39, [(payload, body[:cut]), (40, bytes(32))], rspi=p.RSPI)) for cut in range(len(body))])
    assert plain.frames(raw, "!isakmp.nonce") == []
    assert "Dissector bug" not in plain.text(raw)


def test_the_ike_sa_is_up_after_gsa_auth(plain):
    """RFC 9838 2.3.1: GSA_AUTH is IKE_AUTH with a group."""
    suite = p.proposal(1, 1, b"", [(1, 12, p.tv(14, 256)), (2, 5), (3, 12), (4, 19)])
    init = [(33, suite), (34, struct.pack("!HH", 19, 0) + bytes(range(64))), (40, bytes(range(32)))]
    encrypted = bytes(16) + bytes(96) + bytes(16)
    raw = p.pcap([
        p.udp(p.message(34, init)),
        p.udp(p.message(34, init, flags=0x20, rspi=p.RSPI), "10.9.0.2", "10.9.0.1"),
        p.udp(p.message(39, [(46, encrypted, {"next": 35})], rspi=p.RSPI, message_id=1)),
        p.udp(p.message(39, [(46, encrypted, {"next": 36})], flags=0x20, rspi=p.RSPI, message_id=1), "10.9.0.2", "10.9.0.1"),
    ])
    assert plain.fields(raw, ["isakmp.state"])[3]["isakmp.state"] == ["established (inferred)"]
    assert plain.fields(raw, ["isakmp.step"])[2]["isakmp.step"] == ["GSA_AUTH request"]
