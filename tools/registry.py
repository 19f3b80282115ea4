#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the C tables of names and enums of numbers from registry/csv/.

    tools/registry.py           write the generated files
    tools/registry.py --check   report whether they are current; exit status 1 when not

The generated files are committed: the build needs no Python. Only the standard library is used.
"""

import argparse
import csv
import re
import sys
from collections import namedtuple
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "registry"

Row = namedtuple("Row", "first last name reference")
Private = namedtuple("Private", "registry vendor first last name certain")


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
    "IKEV2_ESN_FORMER": [Source("ikev2-esn", name="former_name")],
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
    "IKEV1_SITUATION": [Source("ipsec-situation")],
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
    "XAUTH_ATTR": [Source("modecfg", table="xauth-attributes")],
    "UNITY_ATTR": [Source("modecfg", table="unity-attributes")],
    "CHECKPOINT_ATTR": [Source("modecfg", table="checkpoint-attributes")],
    "XAUTH_ATTR_DRAFT_02": [Source("modecfg", table="xauth-attributes-draft-02-05")],
    "XAUTH_ATTR_DRAFT_01": [Source("modecfg", table="xauth-attributes-draft-01")],
    "XAUTH_TYPE": [Source("modecfg", table="xauth-types")],
    "XAUTH_STATUS": [Source("modecfg", table="xauth-status")],
    "GDOI_EXCHANGE": [Source("isakmp-exchange-types", doi="GDOI")],
    "GDOI_SA_ATTR_PAYLOAD": [Source("gdoi", table="sa-attribute-payloads")],
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
    "NATT_PAYLOAD": [Source("natt-drafts", table="payload")],
    "NATT_ENCAPSULATION": [Source("natt-drafts", table="encapsulation-mode")],
    "NATT_PORT": [Source("natt-drafts", table="udp-port")],
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

SHORT_PREFIX = 8  # bytes: a shorter one counts only with the payload length that belongs to it


def read(file):
    with open(FOLDER / "csv" / (file + ".csv"), newline="", encoding="ascii") as stream:
        return list(csv.DictReader(stream))


def row_of(line, name):
    first, _, last = line["value"].partition("-")
    return Row(int(first), int(last or first), name, line["reference"])


def is_private(line):
    reference = line["reference"]
    return reference.startswith("private") or "not IANA" in reference or bool(line.get("vendor"))


def load_registry(registry):
    """Singles by number, the registry's own row before a private one; then the ranges."""
    singles, ranges = {}, []
    rows = [pair for source in REGISTRIES[registry] for pair in source.rows()]
    for line, row in sorted(rows, key=lambda pair: is_private(pair[0])):
        if row.first != row.last:
            ranges.append(row)
        else:
            singles.setdefault(row.first, row)
    ranges.sort()
    for before, after in zip(ranges, ranges[1:]):
        if before.last >= after.first:
            raise ValueError(f"{registry}: ranges {before} and {after} overlap")
    if not singles and not ranges:
        raise ValueError(f"{registry}: no rows")
    return [singles[value] for value in sorted(singles)], ranges


def private_vendor(file, name):
    """The vendor of a private row and the name without the vendor's."""
    name = name.replace(" (name inferred)", "")
    if PRIVATE_FILES[file]:
        return PRIVATE_FILES[file], name
    if name in VENDOR_SYNONYMS:
        return VENDOR_SYNONYMS[name], name
    text, _, bracket = name.rstrip(")").rpartition(" (")
    return VENDORS.get(bracket) or VENDOR_SYNONYMS[bracket], text


def load_private(registries):
    official = {
        (registry, row.first, row.name)
        for registry, (singles, _) in registries.items()
        for row in singles
    }
    rows = set()
    for file in PRIVATE_FILES:
        for line in read(file):
            certain = line["confidence"] != "low"
            if line["name"].startswith("unknown"):
                continue
            vendor, name = private_vendor(file, line["name"])
            row = row_of(line, name)
            for version in line["ike_version"].split(" and "):
                registry = PRIVATE_REGISTRIES[version, line["registry"]]
                if registry and not (file.startswith("3gpp") and
                                     (registry, row.first, row.name) in official):
                    name = row.name if certain else row.name + " (?)"
                    rows.add(Private(registry, vendor, row.first, row.last, name, certain))
    order = list(REGISTRIES)
    rows = sorted(rows, key=lambda row: (order.index(row.registry),) + row[2:4] + row[1:2])
    for before, after in zip(rows, rows[1:]):
        if before.registry == after.registry and before.last > after.last:
            raise ValueError(f"{before} and {after} overlap")
        if before[:4] == after[:4]:
            raise ValueError(f"{before} and {after} name the same number")
    return rows


def common_private(private, registry):
    """Private single values of a registry whose certain users all give the same name."""
    names = {}
    for row in private:
        if row.registry == registry and row.first == row.last and row.certain:
            names.setdefault(row.first, set()).add(row.name)
    return {value: found.pop() for value, found in names.items() if len(found) == 1}


# --- C ------------------------------------------------------------------------------------------


def quoted(text):
    if not text:
        return "NULL"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def hex_bytes(data):
    return ", ".join(f"0x{byte:02x}" for byte in data)


def flag(condition):
    return "true" if condition else "false"


def header(what):
    return (
        "/* SPDX-License-Identifier: GPL-2.0-or-later\n"
        f" * {what}\n"
        " * Generated by tools/registry.py from registry/csv/: change the CSV files and run it again. */\n"
        "/* clang-format off */\n"
    )


def symbol(registry):
    return registry.lower()


def names_table(registries):
    out = [header("Numbers and names of every registry, singles before ranges; and the groups.")]
    out.append('#include "registry/tables.h"\n')
    for registry, (singles, ranges) in registries.items():
        files = ", ".join(dict.fromkeys(f"csv/{s.file}.csv" for s in REGISTRIES[registry]))
        out.append(f"/* {files} */")
        out.append(f"static const ike_registry_row rows_{symbol(registry)}[] = {{")
        for row in singles + ranges:
            out.append(f"    {{{row.first}, {row.last}, {quoted(row.name)}, "
                       f"{quoted(row.reference)}}},")
        out.append("};\n")
    out.append("const ike_registry_table ike_registry_tables[IKE_REG_COUNT] = {")
    for registry, (singles, ranges) in registries.items():
        out.append(f"    [IKE_REG_{registry}] = "
                   f"{{rows_{symbol(registry)}, {len(singles)}, {len(ranges)}}},")
    out.append("};\n")
    out += groups_table()
    return "\n".join(out)


def groups_table():
    out = ["/* csv/groups.csv */", "const ike_group ike_groups[] = {"]
    lines = sorted(read("groups"), key=lambda line: int(line["value"]))
    for line in lines:
        lengths = f"{line['init_octets'] or 0}, {line['resp_octets'] or 0}"
        origin = "" if line["origin"] == "IANA" else line["origin"]
        out.append(f"    {{{line['value']}, {quoted(line['name'])}, "
                   f"IKE_GROUP_{GROUP_TYPES[line['type']]}, {lengths}, "
                   f"{flag(line['ikev1'] != 'no')}, {flag(line['ikev2'] == 'yes')}, "
                   f"{quoted(origin)}}},")
    out += ["};", f"const size_t ike_groups_count = {len(lines)};", ""]
    return out


def vendor_of(text):
    if ";" in text:
        return "SEVERAL"
    return VENDORS.get(text) or VENDOR_SYNONYMS[text]


def layout_of(line, data):
    """Layout and the offset at which it begins, inherited from the prefix it is known for."""
    for prefix, layout in VENDOR_LAYOUTS.items():
        if data.startswith(bytes.fromhex(prefix)):
            return layout, len(prefix) // 2
    if line["name"].startswith("NetScreen"):
        return "NETSCREEN", len(data)
    return "NONE", 0


VendorId = namedtuple("VendorId", "key pattern mask exact total layout body line name")


def load_vendor_ids():
    """Vendor IDs by the bytes before their first wildcard; those that begin with one come last."""
    entries = []
    for line in read("vendor-ids"):
        digits = line["value"]
        key = bytes.fromhex(digits.partition(".")[0])
        pattern = bytes.fromhex(digits.replace(".", "0"))
        mask = bytes.fromhex("".join("0" if digit == "." else "f" for digit in digits))
        exact = line["match"] == "exact"
        total = 0
        if not exact and len(pattern) < SHORT_PREFIX and line["total_octets"].isdigit():
            total = int(line["total_octets"])
        layout, body = layout_of(line, key)
        name = line["name"] + (" (?)" if line["confidence"] == "low" else "")
        entries.append(VendorId(key, pattern, mask, exact, total, layout, body, line, name))
    entries.sort(key=lambda entry: (not entry.key, entry.key))
    for before, after in zip(entries, entries[1:]):
        if before.key == after.key:
            raise ValueError(f"two vendor IDs begin with {before.key.hex()}")
    return entries


def parent_of(entries, index):
    """The longest entry that begins entry `index` without being it."""
    best = -1
    for other, entry in enumerate(entries[:index]):
        if not entry.exact and entries[index].key.startswith(entry.key):
            best = other  # the order of the table puts longer prefixes later
    return best if entries[index].key else -1


def vendor_ids_table():
    entries = load_vendor_ids()
    out = [header("Vendor IDs in the order of their bytes (csv/vendor-ids.csv).")]
    out.append('#include "registry/tables.h"\n')
    for index, entry in enumerate(entries):
        out.append(f"static const uint8_t id_{index}[] = {{{hex_bytes(entry.pattern)}}};")
        if entry.pattern != entry.key:
            out.append(f"static const uint8_t mask_{index}[] = {{{hex_bytes(entry.mask)}}};")
    out.append("\nconst ike_vendor_id ike_vendor_ids[] = {")
    for index, entry in enumerate(entries):
        mask = f"mask_{index}" if entry.pattern != entry.key else "NULL"
        out.append(f"    {{id_{index}, {mask}, {len(entry.pattern)}, {len(entry.key)}, "
                   f"{flag(entry.exact)}, {entry.total}, {entry.body}, "
                   f"IKE_VENDOR_LAYOUT_{entry.layout}, "
                   f"IKE_VENDOR_{vendor_of(entry.line['vendor'])}, "
                   f"IKE_CONFIDENCE_{entry.line['confidence'].upper()}, {quoted(entry.name)}, "
                   f"{parent_of(entries, index)}}},")
    out.append("};")
    at_start = sum(1 for entry in entries if entry.key)
    out.append(f"const size_t ike_vendor_ids_at_start = {at_start};")
    out.append(f"const size_t ike_vendor_ids_count = {len(entries)};\n")
    out.append("const char *const ike_vendor_names[IKE_VENDOR_COUNT] = {")
    out.append('    [IKE_VENDOR_UNKNOWN] = "unknown",')
    out.append('    [IKE_VENDOR_SEVERAL] = "several",')
    for text, vendor in VENDORS.items():
        if text:
            out.append(f"    [IKE_VENDOR_{vendor}] = {quoted(text)},")
    out.append("};\n")
    return "\n".join(out)


def private_table(private):
    out = [header("Private-use numbers by registry and number (csv/private-*, csv/3gpp-*).")]
    out.append('#include "registry/tables.h"\n')
    out.append("const ike_private_row ike_private_rows[] = {")
    for row in private:
        out.append(f"    {{IKE_REG_{row.registry}, {row.first}, {row.last}, "
                   f"IKE_VENDOR_{row.vendor}, {flag(row.certain)}, {quoted(row.name)}}},")
    out.append("};")
    out.append(f"const size_t ike_private_rows_count = {len(private)};\n")
    return "\n".join(out)


def strings_of(registries, private):
    """Per registry: the singles with common private names among them, and the ranges."""
    for registry, (singles, ranges) in registries.items():
        names = common_private(private, registry)
        names.update((row.first, row.name) for row in singles)
        yield symbol(registry), sorted(names.items()), ranges


def strings_header(registries, private):
    out = [header("The registries for Wireshark's fields: single values, and with the ranges.")]
    out.append("#ifndef IKE_VALUE_STRINGS_H\n#define IKE_VALUE_STRINGS_H\n")
    out.append("#include <epan/proto.h>\n")
    out.append("/* Single values in ascending order, for BASE_EXT_STRING. A private-use number is\n"
               " * there when all vendors that are known to use it give it the same name. */")
    for name, singles, _ in strings_of(registries, private):
        if singles:
            out.append(f"extern value_string_ext ike_strings_{name}_ext;")
    out.append("\n/* The same values, then the ranges (\"Unassigned\", \"Private Use\"), for"
               " BASE_RANGE_STRING. */")
    for name, _, ranges in strings_of(registries, private):
        if ranges:
            out.append(f"extern const range_string ike_ranges_{name}[];")
    out.append("\n#endif\n")
    return "\n".join(out)


def strings_source(registries, private):
    out = [header("The registries for Wireshark's fields: single values, and with the ranges.")]
    out.append('#include "dissector/base/value_strings.h"\n')
    for name, singles, ranges in strings_of(registries, private):
        if singles:
            out.append(f"static const value_string ike_strings_{name}[] = {{")
            out += [f"    {{{value}, {quoted(text)}}}," for value, text in singles]
            out.append("    {0, NULL},\n};")
            out.append(f"value_string_ext ike_strings_{name}_ext = "
                       f"VALUE_STRING_EXT_INIT(ike_strings_{name});\n")
        if ranges:
            out.append(f"const range_string ike_ranges_{name}[] = {{")
            out += [f"    {{{value}, {value}, {quoted(text)}}}," for value, text in singles]
            out += [f"    {{{row.first}, {row.last}, {quoted(row.name)}}}," for row in ranges]
            out.append("    {0, 0, NULL},\n};\n")
    return "\n".join(out)


# Enum prefix of proto/ike_numbers.h -> the rows that it names.
NUMBERS = {
    "IKEV2_EXCHANGE": [Source("ikev2-exchange-types")],
    "IKEV2_PAYLOAD": [Source("ikev2-payload-types", name="notation")],
    "IKEV2_NOTIFY": [Source("ikev2-notify-errors"), Source("ikev2-notify-status")],
    "IKEV2_NOTIFY_3GPP": [Source("3gpp-notify", registry="notify-error"),
                          Source("3gpp-notify", registry="notify-status")],
    "IKEV2_NOTIFY_STRONGSWAN": [Source("private-strongswan", registry="notify-error"),
                                Source("private-strongswan", registry="notify-status")],
    "IKEV2_NOTIFY_FORTINET": [Source("private-fortinet", registry="notify-status")],
    "IKEV2_NOTIFY_PRIVATE": [Source("private-others", registry="notify-status")],
    "IKEV2_PROTOCOL": [Source("ikev2-protocol-ids")],
    "IKEV2_TRANSFORM": [Source("ikev2-transform-types")],
    "IKEV2_TRANSFORM_ATTRIBUTE": [Source("ikev2-transform-attributes")],
    "IKEV2_AUTH": [Source("ikev2-auth-methods")],
    "IKEV2_ID": [Source("ikev2-id-types")],
    "IKEV2_CERT": [Source("ikev2-cert-encodings")],
    "IKEV2_TS": [Source("ikev2-ts-types")],
    "IKEV2_CFG": [Source("ikev2-config-types")],
    "IKEV2_CFG_ATTRIBUTE": [Source("ikev2-config-attributes"),
                            Source("3gpp-config-attributes", reference="private (before RFC 7651)")],
    "IKEV2_GATEWAY": [Source("ikev2-gateway-id-types")],
    "IKEV2_ROHC": [Source("ikev2-rohc-attributes")],
    "GIKEV2_GSA": [Source("gikev2", table="gsa-attributes")],
    "GIKEV2_GWP": [Source("gikev2", table="gw-policy-attributes")],
    "GIKEV2_KEY_BAG": [Source("gikev2", table="group-key-bag-attributes"),
                       Source("gikev2", table="member-key-bag-attributes")],
    "IKEV1_EXCHANGE": [Source("isakmp-exchange-types", doi="!GDOI")],
    "IKEV1_PAYLOAD": [Source("isakmp-payload-types")],
    "IKEV1_NOTIFY": [Source("isakmp-notify"), Source("ipsec-doi-notify")],
    "IKEV1_NOTIFY_PRIVATE": [Source("private-others", registry="notify")],
    "IKEV1_DOI": [Source("isakmp-doi")],
    "IKEV1_PROTO": [Source("ipsec-protocol-ids")],
    "IKEV1_ID": [Source("ipsec-id-types")],
    "IKEV1_CERT": [Source("isakmp-cert-encodings")],
    "IKEV1_ATTRIBUTE": [Source("ike-attributes", table="attributes")],
    "IKEV1_AUTH": [Source("ike-attributes", table="auth-method")],
    "IPSEC_ATTRIBUTE": [Source("ipsec-sa-attributes", table="attributes")],
    "MODECFG": [Source("modecfg", table="modecfg-attributes"),
                Source("modecfg", table="xauth-attributes"),
                Source("modecfg", table="unity-attributes"),
                Source("modecfg", table="checkpoint-attributes")],
    "MODECFG_DRAFT_02": [Source("modecfg", table="xauth-attributes-draft-02-05")],
    "MODECFG_DRAFT_01": [Source("modecfg", table="xauth-attributes-draft-01")],
    "GDOI_EXCHANGE": [Source("isakmp-exchange-types", doi="GDOI")],
    "GDOI_KEK_ATTRIBUTE": [Source("gdoi", table="kek-attributes")],
    "GDOI_GAP_ATTRIBUTE": [Source("gdoi", table="gap-attributes")],
    "GDOI_PROTO": [Source("gdoi", table="sa-tek-protocol-ids")],
    "GDOI_KD": [Source("gdoi", table="kd-types")],
    "GDOI_KD_TEK_ATTRIBUTE": [Source("gdoi", table="kd-tek-attributes")],
    "GDOI_KD_KEK_ATTRIBUTE": [Source("gdoi", table="kd-kek-attributes")],
    "GDOI_KD_LKH_ATTRIBUTE": [Source("gdoi", table="kd-lkh-attributes")],
    "GDOI_KD_SID_ATTRIBUTE": [Source("gdoi", table="kd-sid-attributes")],
    "GDOI_IEC61850": [Source("gdoi", table="iec61850-sa-attributes")],
}
# Names that no rule makes a good identifier of.
SHORT = {
    "Identity Protection (Main Mode)": "MAIN_MODE",
    "Aggressive": "AGGRESSIVE_MODE",
    "Transaction (Mode Config)": "TRANSACTION",
    "Ni, Nr": "NONCE",
    "NAT Discovery (NAT-D)": "NAT_D",
    "NAT Original Address (NAT-OA)": "NAT_OA",
    "Encrypted and Authenticated Fragment": "SKF",
    "Symmetric Key (SK)": "SYMMETRIC_KEY",
    "RSA Digital Signature": "RSA_SIGNATURE",
    "Shared Key Message Integrity Code": "SHARED_KEY",
    "DSS Digital Signature": "DSS_SIGNATURE",
    "ECDSA with SHA-256 on the P-256 curve": "ECDSA_256",
    "ECDSA with SHA-384 on the P-384 curve": "ECDSA_384",
    "ECDSA with SHA-512 on the P-521 curve": "ECDSA_521",
    "Generic Secure Password Authentication Method": "GSPM",
    "NULL Authentication": "NULL",
    "N": "NOTIFY",
    "D": "DELETE",
    "V": "VENDOR_ID",
    "PKCS #7 wrapped X.509 certificate": "PKCS7",
    "X.509 Certificate - Signature": "X509_SIGNATURE",
    "X.509 Certificate - Key Exchange": "X509_KEY_EXCHANGE",
    "X.509 Certificate - Attribute": "X509_ATTRIBUTE",
    "Raw RSA Key (deprecated)": "RAW_RSA_KEY",
    "Hash and URL of X.509 certificate": "HASH_AND_URL",
    "Hash and URL of X.509 bundle": "HASH_AND_URL_OF_BUNDLE",
    "IPv4 address of the VPN gateway": "IPV4",
    "IPv6 address of the VPN gateway": "IPV6",
    "FQDN of the VPN gateway": "FQDN",
    "ROHC ICV Length in bytes (ROHC_ICV_LEN)": "ICV_LENGTH",
    "Maximum Context Identifier (MAX_CID)": "MAX_CID",
    "ROHC Profile (ROHC_PROFILE)": "PROFILE",
    "ROHC Integrity Algorithm (ROHC_INTEG)": "INTEG",
    "Encryption with RSA": "RSA_ENCRYPTION",
    "Revised encryption with RSA": "RSA_REVISED_ENCRYPTION",
    "XAUTHInitRSAEncryption": "XAUTH_INIT_RSA_ENCRYPTION",
    "XAUTHRespRSAEncryption": "XAUTH_RESP_RSA_ENCRYPTION",
    "XAUTHInitRSARevisedEncryption": "XAUTH_INIT_RSA_REVISED_ENCRYPTION",
    "XAUTHRespRSARevisedEncryption": "XAUTH_RESP_RSA_REVISED_ENCRYPTION",
    "UNITY_LOCAL_LAN (SPLIT_EXCLUDE)": "UNITY_LOCAL_LAN",
    "Extended (64-bit) Sequence Number": "EXTENDED_SEQUENCE_NUMBER",
    "Group Prime/Irreducible Polynomial": "GROUP_PRIME",
    "VID": "VENDOR_ID",
}


def identifier(prefix, name):
    """KE for "Key Exchange Method (KE)", else the name in capitals, without `prefix`."""
    name = re.sub(r" \((Check Point|libreswan|internal|old private value)\)$", "", name)
    short = re.fullmatch(r".*\(([A-Z0-9]+)\)", name)
    if name in SHORT:
        name = SHORT[name]
    elif short:
        name = SHORT.get(short[1], short[1])
    else:
        name = re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_")
    parts = prefix.split("_")
    for start in range(len(parts)):
        name = name.removeprefix("_".join(parts[start:]) + "_")
    return f"{prefix}_{name}"


def numbers_header():
    out = [header("The numbers of the registries that the code names.")]
    out.append("#ifndef IKE_NUMBERS_H\n#define IKE_NUMBERS_H\n")
    for prefix, sources in NUMBERS.items():
        files = ", ".join(dict.fromkeys(f"registry/csv/{source.file}.csv" for source in sources))
        seen = set()
        out.append(f"/* {files} */\nenum {{")
        for source in sources:
            for line, row in source.rows():
                name = identifier(prefix, row.name)
                if row.first != row.last or name in seen or \
                        re.match("Reserved|Unassigned", row.name):
                    continue
                seen.add(name)
                out.append(f"    {name} = {row.first},")
        out.append("};\n")
    out.append("#endif\n")
    return "\n".join(out)


def generate():
    registries = {registry: load_registry(registry) for registry in REGISTRIES}
    private = load_private(registries)
    return {
        "registry/names_table.c": names_table(registries),
        "registry/vendor_ids_table.c": vendor_ids_table(),
        "registry/private_table.c": private_table(private),
        "proto/ike_numbers.h": numbers_header(),
        "dissector/base/value_strings.h": strings_header(registries, private),
        "dissector/base/value_strings.c": strings_source(registries, private),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only compare, write nothing")
    check = parser.parse_args().check
    stale = []
    for name, text in generate().items():
        path = ROOT / name
        if not path.exists() or path.read_text(encoding="ascii") != text:
            stale.append(name)
            if not check:
                path.write_text(text, encoding="ascii")
    for name in stale:
        print(f"{name}: {'not current, run tools/registry.py' if check else 'written'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
