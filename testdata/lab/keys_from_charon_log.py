#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes rows of Wireshark's IKEv1 and IKEv2 decryption tables from strongSwan logs.

    testdata/lab/keys_from_charon_log.py LOG...      prints the rows
"""
import os
import re
import sys

import daemon_log

INTEGRITY = {
    "HMAC_MD5_96": "HMAC_MD5_96 [RFC2403]",
    "HMAC_SHA1_96": "HMAC_SHA1_96 [RFC2404]",
    "HMAC_MD5_128": "HMAC_MD5_128 [RFC4595]",
    "HMAC_SHA1_160": "HMAC_SHA1_160 [RFC4595]",
    "HMAC_SHA2_256_128": "HMAC_SHA2_256_128 [RFC4868]",
    "HMAC_SHA2_384_192": "HMAC_SHA2_384_192 [RFC4868]",
    "HMAC_SHA2_512_256": "HMAC_SHA2_512_256 [RFC4868]",
    # Known to Wireshark by their length only
    "AES_XCBC_96": "ANY 96-bits of Authentication [No Checking]",
    "AES_CMAC_96": "ANY 96-bits of Authentication [No Checking]",
}
NO_INTEGRITY = "NONE [RFC4306]"


def encryption_name(transform):
    """Wireshark's name of charon's encryption transform, None where its table has none."""
    if transform == "3DES_CBC":
        return "3DES [RFC2451]"
    if transform == "NULL":
        return "NULL [RFC2410]"
    if m := re.match(r"AES_(CBC|CTR)_(\d+)$", transform):
        return f"AES-{m[1]}-{m[2]} [{'RFC3602' if m[1] == 'CBC' else 'RFC5930'}]"
    if m := re.match(r"AES_(GCM|CCM)_(\d+)_(\d+)$", transform):
        return f"AES-{m[1]}-{m[3]} with {m[2]} octet ICV [RFC5282]"
    return None


def ikev2_rows(sa):
    """One row per set of keys that the SA has had."""
    transforms = sa.proposal.partition(":")[2].split("/")
    name = encryption_name(transforms[0])
    integrity = next((INTEGRITY[t] for t in transforms if t in INTEGRITY), NO_INTEGRITY)
    for keys in sa.keys:
        if "sk_ei" not in keys or not sa.spi_r:
            continue
        if not name:
            yield f"# {transforms[0]} is not in Wireshark's table"
            continue
        # The table takes no integrity keys where it does not check.
        integrity_keys = (
            ","
            if integrity.startswith("ANY")
            else f'{keys.get("sk_ai", "")},{keys.get("sk_ar", "")}'
        )
        yield (
            f'{sa.spi_i},{sa.spi_r},{keys["sk_ei"]},{keys["sk_er"]},"{name}",'
            f'{integrity_keys},"{integrity}"'
        )


def ikev1_rows(sa):
    for keys in sa.keys:
        if "key" in keys:
            yield f'{sa.spi_i},{keys["key"]}'


def rows(logs):
    """{"IKEv1": [row...], "IKEv2": [...]}, each row once though both sides log it."""
    tables = {"IKEv1": [], "IKEv2": []}
    for path in logs:
        for sa in daemon_log.read(path).sas.values():
            for row in {"IKEv1": ikev1_rows, "IKEv2": ikev2_rows}.get(sa.version, lambda _: ())(sa):
                if row not in tables[sa.version]:
                    tables[sa.version].append(row)
    return tables


def write_tables(base, logs):
    """Writes BASE.ikev2_decryption_table and BASE.ikev1_decryption_table where there are rows."""
    for version, lines in rows(logs).items():
        path = f"{base}.{version.lower()}_decryption_table"
        if lines:
            with open(path, "w", encoding="ascii") as out:
                out.write("\n".join(lines) + "\n")
        elif os.path.exists(path):
            os.remove(path)


if __name__ == "__main__":
    for some in rows(sys.argv[1:]).values():
        for one in some:
            print(one)
