# SPDX-License-Identifier: GPL-2.0-or-later
"""The CSV files of registry/csv/: which rows make which registry, and whose a row is."""

import csv
from collections import namedtuple
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "registry"

Row = namedtuple("Row", "first last name")


def read(file):
    with open(FOLDER / "csv" / (file + ".csv"), newline="", encoding="ascii") as stream:
        return list(csv.DictReader(stream))


def row_of(line, name):
    first, _, last = line["value"].partition("-")
    return Row(int(first), int(last or first), name)


class Source:
    """The rows of one CSV file that make (a part of) a registry."""

    def __init__(self, file, name="name", **only):
        self.file, self.name, self.only = file, name, only

    def rows(self):
        for line in read(self.file):
            if any(not matches(line[column], wanted) for column, wanted in self.only.items()):
                continue
            if line["confidence"] == "low" or not line[self.name]:
                continue
            yield line, row_of(line, line[self.name])


def matches(cell, wanted):
    return cell != wanted[1:] if wanted.startswith("!") else cell == wanted


# Registry (the enum of names.h without IKE_REG_) -> the source of its rows.
REGISTRIES = {
    "IKEV2_EXCHANGE": [Source("ikev2-exchange-types")],
    "IKEV2_PAYLOAD": [Source("ikev2-payload-types")],
    "IKEV2_PAYLOAD_NOTATION": [Source("ikev2-payload-types", name="notation")],
    "IKEV2_PROTOCOL": [Source("ikev2-protocol-ids")],
    "IKEV2_TRANSFORM_TYPE": [Source("ikev2-transform-types")],
    "IKEV2_ENCR": [Source("ikev2-encr")],
    "IKEV2_PRF": [Source("ikev2-prf")],
    "IKEV2_INTEG": [Source("ikev2-integ")],
    "IKEV2_KE": [Source("ikev2-ke")],
    "IKEV2_ESN": [Source("ikev2-esn")],
    "IKEV2_TRANSFORM_ATTR": [Source("ikev2-transform-attributes")],
    "IKEV2_ID": [Source("ikev2-id-types")],
    "IKEV2_CERT": [Source("ikev2-cert-encodings")],
    "IKEV2_AUTH": [Source("ikev2-auth-methods")],
    "IKEV2_NOTIFY": [Source("ikev2-notify-errors"), Source("ikev2-notify-status")],
    "IKEV2_NOTIFY_NOTATION": [Source("ikev2-notify-status", name="notation")],
    "IKEV2_IPCOMP": [Source("ikev2-ipcomp")],
    "IKEV2_TS": [Source("ikev2-ts-types")],
    "IKEV2_CFG_TYPE": [Source("ikev2-config-types")],
    "IKEV2_CFG_ATTR": [Source("ikev2-config-attributes")],
    "IKEV2_CFG_ATTR_NOTATION": [Source("ikev2-config-attributes", name="notation")],
    "IKEV2_GATEWAY": [Source("ikev2-gateway-id-types")],
    "IKEV2_ROHC": [Source("ikev2-rohc-attributes")],
    "IKEV2_SECURE_PASSWORD": [Source("ikev2-secure-password-methods")],
    "IKEV2_HASH": [Source("ikev2-hash-algorithms")],
    "IKEV2_PPK": [Source("ikev2-ppk-id-types")],
    "3GPP_DEVICE_IDENTITY": [Source("3gpp-notify", registry="device-identity-type")],
    "GIKEV2_GSA_ATTR": [Source("gikev2", table="gsa-attributes")],
    "GIKEV2_GW_POLICY_ATTR": [Source("gikev2", table="gw-policy-attributes")],
    "GIKEV2_GROUP_KEY_BAG_ATTR": [Source("gikev2", table="group-key-bag-attributes")],
    "GIKEV2_MEMBER_KEY_BAG_ATTR": [Source("gikev2", table="member-key-bag-attributes")],
    "GIKEV2_KWA": [Source("gikev2", table="kwa-transform-ids")],
    "GIKEV2_GCAUTH": [Source("gikev2", table="gcauth-transform-ids")],
    "IKEV1_EXCHANGE": [Source("isakmp-exchange-types", doi="!GDOI")],
    "IKEV1_PAYLOAD": [Source("isakmp-payload-types")],
    "IKEV1_PAYLOAD_NOTATION": [Source("isakmp-payload-types", name="notation")],
    "IKEV1_DOI": [Source("isakmp-doi")],
    "IKEV1_NOTIFY": [Source("isakmp-notify"), Source("ipsec-doi-notify")],
    "IKEV1_PROTOCOL": [Source("ipsec-protocol-ids")],
    "IKEV1_TRANSFORM_ISAKMP": [Source("isakmp-transform-ids")],
    "IKEV1_TRANSFORM_AH": [Source("ah-transform-ids")],
    "IKEV1_TRANSFORM_ESP": [Source("esp-transform-ids")],
    "IKEV1_TRANSFORM_IPCOMP": [Source("ipcomp-transform-ids")],
    "IKEV1_ID": [Source("ipsec-id-types")],
    "IKEV1_CERT": [Source("isakmp-cert-encodings")],
    "IKEV1_ATTR": [Source("ike-attributes", table="attributes")],
    "IKEV1_ENCR": [Source("ike-attributes", table="encryption")],
    "IKEV1_HASH": [Source("ike-attributes", table="hash")],
    "IKEV1_AUTH": [Source("ike-attributes", table="auth-method")],
    "IKEV1_GROUP": [Source("ike-attributes", table="group-description")],
    "IKEV1_GROUP_TYPE": [Source("ike-attributes", table="group-type")],
    "IKEV1_LIFE_TYPE": [Source("ike-attributes", table="life-type")],
    "IKEV1_PRF": [Source("ike-attributes", table="prf")],
    "IKEV1_ASYMMETRIC": [Source("ike-attributes", table="asymmetric-algorithm-type")],
    "AUTHIP_AUTH": [Source("private-microsoft", registry="authip-auth-method")],
    "IPSEC_ATTR": [Source("ipsec-sa-attributes", table="attributes")],
    "IPSEC_LIFE_TYPE": [Source("ipsec-sa-attributes", table="life-type")],
    "IPSEC_ENCAPSULATION": [Source("ipsec-sa-attributes", table="encapsulation-mode")],
    "IPSEC_AUTH": [Source("ipsec-sa-attributes", table="auth-algorithm")],
    "IPSEC_ECN_TUNNEL": [Source("ipsec-sa-attributes", table="ecn-tunnel")],
    "IPSEC_ESN": [Source("ipsec-sa-attributes", table="extended-sequence-number")],
    "IPSEC_SIGNATURE_ENCODING": [Source("ipsec-sa-attributes", table="signature-encoding")],
    "IPSEC_ADDRESS_PRESERVATION": [Source("ipsec-sa-attributes", table="address-preservation")],
    "IPSEC_SA_DIRECTION": [Source("ipsec-sa-attributes", table="sa-direction")],
    "MODECFG_TYPE": [Source("modecfg", table="types")],
    "MODECFG_ATTR": [
        Source("modecfg", table="modecfg-attributes"),
        Source("modecfg", table="xauth-attributes"),
        Source("modecfg", table="unity-attributes"),
        Source("modecfg", table="checkpoint-attributes"),
    ],
    "MODECFG_ATTR_NOTATION": [Source("modecfg", name="notation")],
    "XAUTH_ATTR_DRAFT_02": [Source("modecfg", table="xauth-attributes-draft-02-05")],
    "XAUTH_ATTR_DRAFT_01": [Source("modecfg", table="xauth-attributes-draft-01")],
    "XAUTH_TYPE": [Source("modecfg", table="xauth-types")],
    "XAUTH_STATUS": [Source("modecfg", table="xauth-status")],
    "GDOI_EXCHANGE": [Source("isakmp-exchange-types", doi="GDOI")],
    "GDOI_KEK_ATTR": [Source("gdoi", table="kek-attributes")],
    "GDOI_KEK_MANAGEMENT": [Source("gdoi", table="kek-management-algorithm")],
    "GDOI_KEK_ALGORITHM": [Source("gdoi", table="kek-algorithm")],
    "GDOI_SIG_HASH": [Source("gdoi", table="sig-hash-algorithm")],
    "GDOI_SIG_ALGORITHM": [Source("gdoi", table="sig-algorithm")],
    "GDOI_KEK_ACK": [Source("gdoi", table="kek-ack-requested")],
    "GDOI_TEK_PROTOCOL": [Source("gdoi", table="sa-tek-protocol-ids")],
    "GDOI_GAP_ATTR": [Source("gdoi", table="gap-attributes")],
    "GDOI_KD_TYPE": [Source("gdoi", table="kd-types")],
    "GDOI_KD_TEK_ATTR": [Source("gdoi", table="kd-tek-attributes")],
    "GDOI_KD_KEK_ATTR": [Source("gdoi", table="kd-kek-attributes")],
    "GDOI_KD_LKH_ATTR": [Source("gdoi", table="kd-lkh-attributes")],
    "GDOI_KD_SID_ATTR": [Source("gdoi", table="kd-sid-attributes")],
    "IEC61850_AUTH": [Source("gdoi", table="iec61850-auth-algorithms")],
    "IEC61850_ENCR": [Source("gdoi", table="iec61850-enc-algorithms")],
    "IEC61850_SA_ATTR": [Source("gdoi", table="iec61850-sa-attributes")],
}

# (IKE version, `registry` column of the private-*.csv and 3gpp-*.csv) -> registry.
PRIVATE_REGISTRIES = {
    ("2", "exchange-type"): "IKEV2_EXCHANGE",
    ("2", "payload-type"): "IKEV2_PAYLOAD",
    ("2", "notify-error"): "IKEV2_NOTIFY",
    ("2", "notify-status"): "IKEV2_NOTIFY",
    ("2", "encr"): "IKEV2_ENCR",
    ("2", "prf"): "IKEV2_PRF",
    ("2", "integ"): "IKEV2_INTEG",
    ("2", "key-exchange"): "IKEV2_KE",
    ("2", "auth-method"): "IKEV2_AUTH",
    ("2", "config-attribute"): "IKEV2_CFG_ATTR",
    ("2", "modecfg-attribute"): "IKEV2_CFG_ATTR",
    ("1", "exchange-type"): "IKEV1_EXCHANGE",
    ("1", "payload-type"): "IKEV1_PAYLOAD",
    ("1", "notify"): "IKEV1_NOTIFY",
    ("1", "key-exchange"): "IKEV1_GROUP",
    ("1", "config-attribute"): "MODECFG_ATTR",
    ("1", "modecfg-attribute"): "MODECFG_ATTR",
    ("1", "xauth-attribute"): "MODECFG_ATTR",
    ("1", "encapsulation-mode"): "IPSEC_ENCAPSULATION",
    ("1", "ike-attribute"): "IKEV1_ATTR",
    ("1", "ike-encryption"): "IKEV1_ENCR",
    ("1", "ike-hash"): "IKEV1_HASH",
    ("1", "ike-auth-method"): "IKEV1_AUTH",
    ("1", "ipsec-sa-attribute"): "IPSEC_ATTR",
    ("1", "ipsec-auth-algorithm"): "IPSEC_AUTH",
    ("1", "esp-transform"): "IKEV1_TRANSFORM_ESP",
    ("1", "ah-transform"): "IKEV1_TRANSFORM_AH",
    # these have a registry of their own above
    ("2", "device-identity-type"): None,
    ("1", "authip-auth-method"): None,
}

PRIVATE_FILES = {
    "private-cisco": "CISCO",
    "private-microsoft": "MICROSOFT",
    "private-fortinet": "FORTINET",
    "private-strongswan": "STRONGSWAN",
    "3gpp-notify": "3GPP",
    "3gpp-config-attributes": "3GPP",
    "private-others": None,  # the vendor is in the name
}

# Vendor column, or the brackets at the end of a name in private-others -> enum of vendor_ids.h.
VENDORS = {
    "": "UNKNOWN",
    "3GPP": "3GPP",
    "Apple": "APPLE",
    "Aruba": "ARUBA",
    "Avaya": "AVAYA",
    "Check Point": "CHECKPOINT",
    "Cisco": "CISCO",
    "CryptoPro": "CRYPTOPRO",
    "CyberGuard": "CYBERGUARD",
    "DigiCert": "DIGICERT",
    "ELVIS-PLUS": "ELVIS_PLUS",
    "Fortinet": "FORTINET",
    "FreeS/WAN": "FREESWAN",
    "GM/T": "GMT",
    "IETF": "IETF",
    "Juniper": "JUNIPER",
    "KAME": "KAME",
    "Libreswan": "LIBRESWAN",
    "Lucent": "LUCENT",
    "Microsoft": "MICROSOFT",
    "NCP": "NCP",
    "Netgear": "NETGEAR",
    "Nortel": "NORTEL",
    "OpenBSD": "OPENBSD",
    "Openswan": "OPENSWAN",
    "PGP": "PGP",
    "SafeNet": "SAFENET",
    "Secure Computing": "SECURE_COMPUTING",
    "Shrew Soft": "SHREW_SOFT",
    "SonicWall": "SONICWALL",
    "SSH": "SSH",
    "Stonesoft": "STONESOFT",
    "strongSwan": "STRONGSWAN",
    "Symantec": "SYMANTEC",
    "Teldat": "TELDAT",
    "TimeStep": "TIMESTEP",
    "ZyXEL": "ZYXEL",
    "ipsec-tools": "IPSEC_TOOLS",
}
VENDOR_SYNONYMS = {
    "Juniper NetScreen": "JUNIPER",
    "libreswan": "LIBRESWAN",
    "Mocana": "DIGICERT",
    "NETSCREEN_NHTB_INFORM": "JUNIPER",
    "Check Point UDP encapsulation": "CHECKPOINT",
}

# Fixed bytes of a vendor ID -> what follows them. Longer entries that begin so inherit it.
VENDOR_LAYOUTS = {
    "1e2b516905991c7d7c96fcbfb587e461": "VERSION_U32",
    "afcad71368a1f1c96b8696fc7757": "VERSION_MAJOR_MINOR",
    "12f5f28c457168a9702d9fe274cc": "VERSION_MAJOR_MINOR",
    "1f07f70eaa6514d3b0fa96542a50": "VERSION_MAJOR_MINOR",
    "4048b7d56ebce88525e7de7f00d6c2d3": "FRAGMENTATION",
    "f4ed19e0c114eb516faaac0ee37daf2807b4381f": "CHECKPOINT",
    "8299031757a36082c6a621de": "FORTIGATE",
    "4f70656e504750": "TEXT",
    "56494120417574682050726f66696c65203a20": "TEXT",
    "526170746f7220506f77657256706e20536572766572": "TEXT",
    "54494d4553544550": "TEXT",
    "4f70656e494b4544": "TEXT",
    "4f452d4c696272657377616e2d": "TEXT",
}

GROUP_TYPES = {
    "none": "NONE",
    "MODP": "MODP",
    "ECP": "ECP",
    "EC2N": "EC2N",
    "Montgomery": "MONTGOMERY",
    "GOST": "GOST",
    "KEM": "KEM",
    "NTRU": "NTRU",
    "hybrid": "HYBRID",
}
