# SPDX-License-Identifier: GPL-2.0-or-later
"""Every number of IKEv2 that a registry or 3GPP names is shown by its name: one made packet for each row."""
import csv
import re

import pytest

from packets import RSPI, message, notify, pcap, proposal, tlv, tv, udp
from tshark import ROOT, shown

REGISTRY = ROOT / "registry" / "csv"
INFORMATIONAL = 37
NO_MEANING = re.compile(r"^(Reserved|Unassigned|Private Use|Historically Reserved)", re.I)


def rows(name, registry=None):
    """The single numbers that mean something: (number, name)."""
    with open(REGISTRY / (name + ".csv"), newline="") as file:
        for row in csv.DictReader(file):
            if row["confidence"] == "low" or not row["value"].isdigit() or NO_MEANING.match(row["name"]):
                continue
            if registry is None or row.get("registry") == registry:
                yield int(row["value"]), row["name"]


def transform_of(kind):
    return lambda number: [(33, proposal(1, 1, b"", [(kind, number)]))]


def notification(number):
    return [(41, notify(number))]


def selector(number):
    sizes = {7: 16, 8: 40, 9: 24, 10: 12}
    size = sizes.get(number, 16)
    return [(44, bytes([1, 0, 0, 0]) + bytes([number, 0]) + size.to_bytes(2, "big") + bytes(size - 4))]


def attribute_of_transform(number):
    attribute = tlv(number, b"\x30\x00") if number == 18 else tv(number, 256)
    return [(33, proposal(1, 1, b"", [(1, 12, attribute)]))]


# Registry -> (field that names the number, payloads that carry it).
CASES = {
    "ikev2-payload-types": ("isakmp.typepayload", lambda n: [(n, b"\1" + bytes(39))] if n else []),
    "ikev2-transform-types": ("isakmp.tf.type", lambda n: transform_of(n)(1)),
    "ikev2-encr": ("isakmp.tf.id.encr", transform_of(1)),
    "ikev2-prf": ("isakmp.tf.id.prf", transform_of(2)),
    "ikev2-integ": ("isakmp.tf.id.integ", transform_of(3)),
    "ikev2-ke": ("isakmp.tf.id.dh", transform_of(4)),
    "ikev2-esn": ("isakmp.tf.id.esn", transform_of(5)),
    "ikev2-transform-attributes": ("isakmp.ike2.attr.type", attribute_of_transform),
    "ikev2-id-types": ("isakmp.id.type", lambda n: [(35, bytes([n, 0, 0, 0]))]),
    "ikev2-cert-encodings": ("isakmp.cert.encoding", lambda n: [(37, bytes([n]))]),
    "ikev2-auth-methods": ("isakmp.auth.method", lambda n: [(39, bytes([n, 0, 0, 0]))]),
    "ikev2-notify-errors": ("isakmp.notify.msgtype", notification),
    "ikev2-notify-status": ("isakmp.notify.msgtype", notification),
    "ikev2-ipcomp": ("isakmp.notify.data.ipcomp.transform_id",
                     lambda n: [(41, notify(16387, bytes([0x12, 0x34, n])))]),
    "ikev2-protocol-ids": ("isakmp.prop.protoid", lambda n: [(33, proposal(1, n, b"", [(1, 12)]))]),
    "ikev2-ts-types": ("isakmp.ts.type", selector),
    "ikev2-config-types": ("isakmp.cfg.type", lambda n: [(47, bytes([n, 0, 0, 0]))]),
    "ikev2-config-attributes": ("isakmp.cfg.attr.type", lambda n: [(47, bytes([1, 0, 0, 0]) + tlv(n, b""))]),
    "ikev2-gateway-id-types": ("isakmp.notify.data.redirect.gw_ident.type",
                               lambda n: [(41, notify(16407, bytes([n, 0])))]),
    "ikev2-rohc-attributes": ("isakmp.notify.data.rohc.attr.type", lambda n: [(41, notify(16416, tv(n, 1)))]),
    "ikev2-secure-password-methods": ("isakmp.notify.data.secure_password_method",
                                      lambda n: [(41, notify(16424, n.to_bytes(2, "big")))]),
    "ikev2-hash-algorithms": ("isakmp.notify.data.signature_hash_algorithms",
                              lambda n: [(41, notify(16431, n.to_bytes(2, "big")))]),
    "ikev2-ppk-id-types": ("isakmp.notify.data.ppk_id.type", lambda n: [(41, notify(16436, bytes([n]) + b"x"))]),
    "3gpp-config-attributes": ("isakmp.cfg.attr.type", lambda n: [(47, bytes([1, 0, 0, 0]) + tlv(n, b""))]),
}


def of_registry(registry):
    field, build = CASES[registry]
    return [(field, name, INFORMATIONAL, build(number)) for number, name in rows(registry) if build(number)]


# What is tried -> cases: (field, name that it must show, exchange, payloads).
GROUPS = {registry: of_registry(registry) for registry in CASES}
GROUPS["exchange types"] = [("isakmp.exchangetype", name, number, [(40, bytes(32))])
                            for number, name in rows("ikev2-exchange-types")]
GROUPS["additional key exchanges"] = [("isakmp.tf.id.dh", name, INFORMATIONAL, transform_of(kind)(number))
                                      for kind in range(6, 13) for number, name in rows("ikev2-ke")]
GROUPS["key exchange payloads"] = [("isakmp.key_exchange.dh_group", name, INFORMATIONAL,
                                    [(34, number.to_bytes(2, "big") + bytes(34))])
                                   for number, name in rows("ikev2-ke") if number]
GROUPS["notifications of 3GPP"] = [("isakmp.notify.msgtype", name, INFORMATIONAL, notification(number))
                                   for registry in ("notify-error", "notify-status")
                                   for number, name in rows("3gpp-notify", registry)]
GROUPS["device identities of 3GPP"] = [("isakmp.notify.priv.3gpp.device_identity_type", name, INFORMATIONAL,
                                        [(41, notify(41101, bytes([0, 1, number])))])
                                       for number, name in rows("3gpp-notify", "device-identity-type")]


@pytest.fixture(scope="module")
def packets(plain):
    """Every case's packet as PDML, each in an IKE SA of its own; one run of tshark for all."""
    cases = [case for group in GROUPS.values() for case in group]
    capture = pcap([udp(message(exchange, payloads, rspi=RSPI, ispi=bytes([1, 2, 3, 4]) + index.to_bytes(4, "big")))
                    for index, (_, _, exchange, payloads) in enumerate(cases)])
    found = iter(plain.pdml(capture))
    return {name: [next(found) for _ in group] for name, group in GROUPS.items()}


@pytest.mark.parametrize("group", GROUPS)
def test_every_number_is_shown_by_its_name(group, packets):
    assert GROUPS[group]
    for (field, name, _, _), packet in zip(GROUPS[group], packets[group]):
        texts = [showname for _, _, showname in shown(packet, field)]
        assert any(name in text for text in texts), (name, texts)
        unknown = [text for entry, _, text in shown(packet) if entry.endswith(".unknown")]
        assert not unknown, (name, unknown)


def test_newer_transform_types_keep_the_field_that_wireshark_4_0_had(plain):
    capture = pcap([udp(message(INFORMATIONAL, [(33, proposal(1, 1, b"", [(kind, 36) for kind in range(6, 15)]))],
                                rspi=RSPI))])
    assert [show for _, show, _ in shown(plain.pdml(capture)[0], "isakmp.tf.id")] == ["36"] * 9


def test_fibre_channel_selectors_are_in_the_order_of_rfc_4595(plain):
    selector = bytes.fromhex("09000010 00010203 00040506 11223344")
    packet = plain.pdml(pcap([udp(message(INFORMATIONAL, [(44, b"\1\0\0\0" + selector)], rspi=RSPI))]))[0]
    names = ["start_fc", "end_fc", "start_r_ctl", "end_r_ctl", "start_type", "end_type"]
    values = [int(show) for name in names for _, show, _ in shown(packet, "isakmp.ts." + name)]
    assert values == [0x010203, 0x040506, 0x11, 0x22, 0x33, 0x44]


def test_a_private_number_goes_by_the_name_of_the_vendor_that_speaks(plain):
    """8192 is strongSwan's ME_CONNECT_FAILED and 3GPP's PDN_CONNECTION_REJECTION."""
    strongswan = bytes.fromhex("882fe56d6fd20dbc2251613b2ebe5beb")  # MD5("strongSwan")
    other = bytes.fromhex("a1a2a3a4a5a6a7a8")
    capture = pcap([udp(message(34, [(43, strongswan)])),
                    udp(message(INFORMATIONAL, [(41, notify(8192))], rspi=RSPI)),
                    udp(message(INFORMATIONAL, [(41, notify(8192))], rspi=RSPI, ispi=other)),
                    udp(message(INFORMATIONAL, [(41, notify(60000))], rspi=RSPI, ispi=other))])
    names = [[text for _, _, text in shown(packet, "isakmp.notify.msgtype")] for packet in plain.pdml(capture)]
    assert names[1] == ["Notify Message Type: ME_CONNECT_FAILED (8192)"]
    assert names[2] == ["Notify Message Type: Private Use: PDN_CONNECTION_REJECTION (3GPP) or "
                        "ME_CONNECT_FAILED (strongSwan) (8192)"]
    assert names[3] == ["Notify Message Type: Private Use (60000)"]
