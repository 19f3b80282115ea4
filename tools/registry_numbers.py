# SPDX-License-Identifier: GPL-2.0-or-later
"""The identifiers of proto/ikev1_numbers.h and ikev2_numbers.h: which rows get one, and how a name becomes one."""

import re

from registry_csv import Source

# Enum prefix -> the rows that it names.
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
    "IKEV2_ENCR": [Source("ikev2-encr")],
    "IKEV2_PRF": [Source("ikev2-prf")],
    "IKEV2_INTEG": [Source("ikev2-integ")],
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
    "IKEV1_DOI": [Source("isakmp-doi")],
    "IKEV1_PROTO": [Source("ipsec-protocol-ids")],
    "IKEV1_ID": [Source("ipsec-id-types")],
    "IKEV1_CERT": [Source("isakmp-cert-encodings")],
    "IKEV1_ATTRIBUTE": [Source("ike-attributes", table="attributes")],
    "IKEV1_AUTH": [Source("ike-attributes", table="auth-method")],
    "IKEV1_ENCR": [Source("ike-attributes", table="encryption")],
    "IKEV1_HASH": [Source("ike-attributes", table="hash")],
    "IKEV1_ESP": [Source("esp-transform-ids")],
    "IPSEC_AUTH": [Source("ipsec-sa-attributes", table="auth-algorithm")],
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
    "SM4-CBC (deprecated value)": "SM4_CBC_FORMER",
}


def identifier(prefix, name):
    """KE for "Key Exchange Method (KE)", else the name in capitals, without `prefix`."""
    name = re.sub(r" \((Check Point|libreswan|internal|old private value|FreeS/WAN family|SSH|KAME|DigiCert|GM/T)\)$",
                  "", name)
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
    if prefix == "IKEV2_INTEG":
        name = name.removeprefix("AUTH_")
    return f"{prefix}_{name}"
