# SPDX-License-Identifier: GPL-2.0-or-later
"""Every form in which people have secrets (keylog_forms.py), rendered from the sessions of the lab, behind
prefixes that no reader knows: all secrets are found, for the right SPIs, without a warning."""
import base64
import os
import random
import subprocess

import pytest

import keylog_forms as forms
from test_keylog import UNBOUND, Secrets
from tshark import TESTDATA

PRINT = os.environ.get("PRINT_KEYLOG", "print_keylog")
SEED = 20261127
IKE_V2, IKE_V1, ESP = "IKEv2", "IKEv1", "ESP"


def sessions():
    for path in sorted(TESTDATA.glob("*/*.facts.json")):
        if path.parent.name in ("ikev1", "ikev2", "esp"):
            try:
                yield forms.Session(path)
            except KeyError:
                pass  # nothing came of it


SESSIONS = list(sessions())


def of_version(session, version):
    return session.ikes and all(ike.version == version and ike.keys for ike in session.ikes)


def has_v2(session):
    return of_version(session, 2) and all(keys.get("sk_ei") for ike in session.ikes for keys in ike.keys)


def has_v1(session):
    return of_version(session, 1) and all(keys.get("skeyid_e") and keys.get("initial_iv") and keys.get("dh_shared")
                                          for ike in session.ikes for keys in ike.keys)


def in_one_piece(session):
    """One derivation for each IKE SA."""
    return has_v2(session) and all(len(ike.keys) == 1 for ike in session.ikes)


def cbc(session):
    return session.esp and all(forms.is_cbc(esp) for esp in session.esp)


def cbc_or_gcm(session):
    return session.esp and all(forms.is_cbc(esp) or forms.is_gcm16(esp) for esp in session.esp)


def free5gc_like(session):
    return has_v2(session) and cbc(session) and all("AES_CBC" in ike.names[0] and ike.names[1] == "HMAC_SHA2_256_128"
                                                    for ike in session.ikes)


def vpp_like(session):
    return in_one_piece(session) and all(
        ike.names[0] in ("AES_CBC_256", "AES_CBC_128", "AES_GCM_16_256", "AES_GCM_16_128") for ike in session.ikes) and \
        all(forms.is_gcm16(esp) and esp.bits > 256 or forms.is_cbc(esp) and esp.mac == "HMAC_SHA2_256_128"
            for esp in session.esp)


def rows_like(session):
    return in_one_piece(session) and all(ike.names[0].startswith("AES_CBC_") and "192" not in ike.names[0] and
                                         ike.names[1].startswith("HMAC_SHA") for ike in session.ikes)


V2 = [name.upper() for name in forms.V2_NAMES]
SPIS = ["Initiator SPI: 0x{i}", "Responder SPI: 0x{r}"]


def pairs(value):
    return forms.groups(value, 2)[0]


def c_array(value):
    return ", ".join("0x" + byte for byte in pairs(value).split())


def go_bytes(value):
    return "[" + " ".join(str(byte) for byte in bytes.fromhex(value)) + "]"


def decimals(value):
    return ",".join(str(byte) for byte in bytes.fromhex(value))


def signed(value):
    """As Java shows bytes."""
    return ", ".join(str(byte - 256 if byte > 127 else byte) for byte in bytes.fromhex(value))


def underscores(value):
    return "_".join(forms.groups(value, 4)[0].split())


def fours(value):
    return forms.groups(value, 4)[0]


def escapes(value):
    return "".join(f"\\x{byte:02x}" for byte in bytes.fromhex(value))


def base64url(value):
    return base64.urlsafe_b64encode(bytes.fromhex(value)).decode().rstrip("=")


def python(value):
    return repr(bytes.fromhex(value))


def base64_of(value):
    return base64.b64encode(bytes.fromhex(value)).decode()


def go_syntax(value):
    return "[]byte{" + ", ".join(hex(byte) for byte in bytes.fromhex(value)) + "}"


def xxd_row(at, data):
    return f"{at:08x}: " + " ".join(data[two:two + 2].hex() for two in range(0, len(data), 2)) + "  " + \
        forms.characters(data).replace("{", "{{").replace("}", "}}")


def short_row(at, data):
    """Without the characters: those of a random row may be an escape."""
    return f"{at:04x}:  {data.hex(' ')}"


def openssl_row(at, data):
    return f"{at:04x} - {data.hex(' ')}"


def canonical_row(at, data):
    return f"{at:08x}  {data[:8].hex(' ')}  {data[8:].hex(' ')}  |{forms.characters(data)}|".replace("{", "{{").replace("}", "}}")


def od_row(at, data):
    return f"{at:07o} {data.hex(' ')}"


def gdb_row(at, data):
    return f"0x7ffe{at:04x}:\t" + "\t".join(f"0x{byte:02x}" for byte in data)


def kernel_row(at, data):
    return f"{{name}}: {at:08x}: {data.hex(' ')}  {'.' * len(data)}"


def c_backslashes(value):
    return "\\".join("0x" + byte for byte in pairs(value).split())


def named(*arguments):
    return lambda session: forms.named(session, *arguments)


def each_esp(*patterns):
    return lambda session: forms.each_esp(session, *patterns)


# name: (render, which sessions, what it holds)
FORMS = {
    "ip xfrm state": (forms.xfrm, cbc_or_gcm, ESP),
    "ip -s xfrm state": (lambda s: forms.xfrm(s, statistics=True), cbc_or_gcm, ESP),
    "ip -o xfrm state": (lambda s: forms.xfrm(s, one_line=True), cbc_or_gcm, ESP),
    "ip -s -o xfrm state": (lambda s: forms.xfrm(s, True, False, True), cbc_or_gcm, ESP),
    "ip xfrm state and policy": (lambda s: forms.xfrm(s, policies=True), cbc_or_gcm, ESP),
    "ip xfrm state add": (forms.xfrm_add, cbc_or_gcm, ESP),
    "setkey -D": (forms.setkey_list, cbc_or_gcm, ESP),
    "setkey -f": (forms.setkey_add, cbc_or_gcm, ESP),
    "ipsecctl": (forms.ipsecctl, cbc, ESP),
    "MikroTik installed-sa": (forms.mikrotik_sas, cbc_or_gcm, ESP),
    "tcpdump -E, ESP": (forms.tcpdump_esp, cbc, "ESP encryption"),
    "esp_sa": (forms.esp_sa_table, cbc_or_gcm, ESP),
    "FortiGate tunnel list": (forms.fortigate_tunnels, cbc, ESP),
    "ip xfrm state with more": (forms.xfrm_with_more, cbc_or_gcm, ESP),
    "tcpdump -E on a command line": (forms.tcpdump_command, cbc, "ESP encryption"),
    "VPP, show ipsec sa": (forms.vpp_sas, cbc, ESP),
    "VPP, ipsec sa add": (forms.vpp_add, cbc, ESP),
    "DPDK": (forms.dpdk, cbc, ESP),
    "Scapy": (forms.scapy, lambda s: cbc(s) and all("SHA2" in esp.mac for esp in s.esp), ESP),
    "IOS, session-key": (forms.ios_manual, cbc, ESP),
    "SAs in JSON": (forms.json_sas, cbc, ESP),
    "SAs in a table": (forms.esp_table, cbc, ESP),
    "FortiGate gateway list": (forms.fortigate_gateways, in_one_piece, ["SK_EI", "SK_ER"]),
    "free5GC": (forms.free5gc, free5gc_like, (V2, ESP)),
    "free5GC, dumps": (lambda s: forms.free5gc(s, dump=True), free5gc_like, (V2, ESP)),
    "SWu": (forms.swu, lambda s: has_v2(s) and (not s.esp or cbc_or_gcm(s)), (V2, ESP)),
    "VPP": (forms.vpp, vpp_like, (V2, ESP)),
    "tcpdump -E, IKE": (forms.rows_of_pluto, rows_like, ["SK_AI", "SK_AR", "SK_EI", "SK_ER"]),
    "old pluto's rows": (lambda s: forms.rows_of_pluto(s, bar=True), rows_like, ["SK_AI", "SK_AR", "SK_EI", "SK_ER"]),
    "own format": (forms.native, lambda s: has_v2(s) and (not s.esp or cbc_or_gcm(s)), (V2, ESP)),
    "OpenIKED": (forms.iked, in_one_piece, V2 + ["SKEYSEED", "DH_SHARED"]),
    "FortiGate debug": (forms.fortigate_debug, lambda s: in_one_piece(s) and (not s.esp or cbc(s)), (V2, ESP)),
    "NAME: HEX": (named("{name}: {value}", SPIS), has_v2, V2),
    "NAME = 0xHEX": (named("{name} = 0x{value}", ["SPIi = {i}", "SPIr = {r}"]), has_v2, V2),
    "name=HEX": (named("{lower}={value}", ["spi_i={i} spi_r={r}"]), has_v2, V2),
    "NAME HEX": (named("{upper} {value}", ["IKE SPIs {i}_i {r}_r"]), has_v2, V2),
    "NAME => HEX": (named("{name} => {value}", ["initiator cookie {I} responder cookie {R}"]), has_v2, V2),
    "NAME (N bytes): HEX": (named("{name} ({bytes} bytes): {value}", ["ispi={i}, rspi={r}"]), has_v2, V2),
    "NAME[N]: HEX": (named("{name}[{bytes}]: {value}", ["CKY-I {i} CKY-R {r}"]), has_v2, V2),
    'JSON-like "name": "HEX"': (named('"{name}": "{value}",', ['"spi_i": "{i}", "spi_r": "{r}",']), has_v2, V2),
    "NAME aa:bb": (named("{name}: {value}", ["SPI {i}:{r}"], forms.colons), has_v2, V2),
    "NAME aa bb": (named("{name} = {value}", ["SPI_I: {i}", "SPI_R: {r}"], pairs), has_v2, V2),
    "NAME 0xaa, 0xbb": (named("{name} = {{ {value} }};", ["spi(i) {i} spi(r) {r}"], c_array), has_v2, V2),
    "NAME [1 2 3]": (named("{name}:{value}", ["InitiatorSPI:{i} ResponderSPI:{r}"], go_bytes), has_v2, V2),
    "NAME = b'..'": (named("{name} = {value}", ["SPIi: {i}", "SPIr: {r}"], python), has_v2, V2),
    "dict of bytes": (forms.python_dict, has_v2, V2),
    "NAME: base64": (named("{name}: {value}", ["SPIi: {i}", "SPIr: {r}"], base64_of), has_v2, V2),
    "NAME: []byte{0x1, ..}": (named("{name}: {value}", ["SPIi: {i}", "SPIr: {r}"], go_syntax), has_v2, V2),
    "isakmp.ispi": (named("{name}: {value}", ["isakmp.ispi = {i}", "isakmp.rspi = {r}"]), has_v2, V2),
    "NAME......: HEX": (named("{name}.......: {value}", ["ispi={i} rspi={r}"]), has_v2, V2),
    "NAME - hexdump(len=N): HEX": (named("{name} - hexdump(len={bytes}): {value}", ["SPI_i {i} SPI_r {r}"], pairs), has_v2, V2),
    "NAME len=N hex=HEX": (named("{name} len={bytes} hex={value}", ["SPI_i {i} SPI_r {r}"]), has_v2, V2),
    "JSON of numbers": (forms.json_numbers, has_v2, V2),
    "C source": (forms.c_source, has_v2, V2),
    "camelCase": (named("{camel}: {value}", ["spiI: {i}", "spiR: {r}"]), has_v2, V2),
    "PascalCase": (named("{pascal} = {value}", ["initiatorSpi={i} responderSpi={r}"]), has_v2, V2),
    "SPIs of strongSwan": (named("{name}: {value}", ["IKE_SA n[1] {i}_i* {r}_r"]), has_v2, V2),
    "SPIs with a colon": (named("{name}: {value}", ["IKE SA {i}:{r}"]), has_v2, V2),
    "decimal SPIs": (named("{name}: {value}", ["Initiator SPI: {di}", "Responder SPI: {dr}"]), has_v2, V2),
    "SPIs aa:bb": (named("{name}: {value}", ["SPI initiator: {ci}", "SPI responder: {cr}"]), has_v2, V2),
    "SPIs in groups": (named("{name}: {value}", ["SPIi: {gi}", "SPIr: {gr}"]), has_v2, V2),
    "local and remote SPI": (named("{name}: {value}", ["local SPI: {i}", "remote SPI: {r}"]), has_v2, V2),
    "capitals": (named("{name}: 0X{VALUE}", ["SPIi: 0X{I}", "SPIr: 0X{R}"]), has_v2, V2),
    "responder first": (named("{name}: {value}", ["Responder SPI: {r}", "Initiator SPI: {i}"]), has_v2, V2),
    "NAME: HEXh": (named("{name}: {value}h", ["SPIi: {i}h", "SPIr: {r}h"]), has_v2, V2),
    "NAME;HEX": (named("{name};{value}", ["spi_i;{i}", "spi_r;{r}"]), has_v2, V2),
    "NAME<TAB>HEX": (named("{name}\t{value}", ["spi_i\t{i}", "spi_r\t{r}"]), has_v2, V2),
    "SK[ei]": (named("SK[{index}]: {value}", ["SPIi={i} SPIr={r}"]), has_v2, V2),
    "NAME N HEX": (named("{name} {bytes} {value}", ["SPI(i)={i} SPI(r)={r}"]), has_v2, V2),
    "NAME (N octets)": (named("{name} ({bytes} octets): {value}", ["Initiator Cookie = {i}", "Responder Cookie = {r}"]), has_v2, V2),
    "NAME aaaa_bbbb": (named("{name}: {value}", ["SPIi: {i}", "SPIr: {r}"], underscores), has_v2, V2),
    "NAME aaaa bbbb": (named("{name}: {value}", ["SPIi: {i}", "SPIr: {r}"], fours), has_v2, V2),
    "NAME: \\xaa\\xbb": (named("{name}: {value}", ["SPIi: {i}", "SPIr: {r}"], escapes), has_v2, V2),
    "NAME=[-1, 2]": (named("{camel}=[{value}]", ["spiI={i}, spiR={r}"], signed), has_v2, V2),
    "NAME = <<1,2>>": (named("{name} = <<{value}>>", ["spi_i={i} spi_r={r}"], decimals), has_v2, V2),
    "NAME: base64url": (named("{name}: {value}", ["SPIi: {i}", "SPIr: {r}"], base64url),
                        lambda s: has_v2(s) and all(len(k["sk_ei"]) >= 32 for i in s.ikes for k in i.keys), V2),
    "YAML": (named("    {lower}: '{value}'", ["ike_sa:", "  initiator_spi: {i}", "  responder_spi: {r}", "  keys:"]), has_v2, V2),
    "YAML, binary": (named("{name}: !!binary {value}", ["spi_i: {i}", "spi_r: {r}"], base64_of), has_v2, V2),
    "TOML": (named('{lower} = "{value}"', ['spi_i = "{i}"', 'spi_r = "{r}"']), has_v2, V2),
    "shell": (named("export {upper}={value}", ["export SPI_I={i}", "export SPI_R={r}"]), has_v2, V2),
    "XML": (named('<key name="{name}">{value}</key>', ['<sa spi_i="{i}" spi_r="{r}">']), has_v2, V2),
    "Markdown": (named("| {name} | `{value}` |", ["| SPI_i | `{i}` |", "| SPI_r | `{r}` |"]), has_v2, V2),
    "table": (lambda s: forms.table(s, ","), has_v2, V2),
    "table with ;": (lambda s: forms.table(s, ";", '"'), has_v2, V2),
    "table with tabs": (lambda s: forms.table(s, "\t", "", ("ispi", "rspi")), has_v2, V2),
    "table of Markdown": (lambda s: forms.table(s, " | ", "", ("SPI_i", "SPI_r"), "|"), has_v2, V2),
    "members of JSON": (forms.json_members, has_v2, V2),
    "pairs in JSON": (forms.json_pairs, has_v2, V2),
    "JSON of several lines": (forms.json_pretty, has_v2, V2),
    "members of logfmt": (forms.logfmt_members, has_v2, V2),
    **{f"Wireshark's rows, {name}": (lambda s, row=row: forms.wireshark_rows(s, row),
                                     lambda s: rows_like(s) and (not s.esp or cbc_or_gcm(s)),
                                     (["SK_AI", "SK_AR", "SK_EI", "SK_ER"], ESP))
       for name, row in forms.WIRESHARK_ROWS.items()},
    "xxd": (lambda s: forms.rows(s, "{name}:", xxd_row), has_v2, V2),
    "dump with short offsets": (lambda s: forms.rows(s, "dumping '{name}' ({bytes} bytes)", short_row), has_v2, V2),
    "OpenSSL's dump": (lambda s: forms.rows(s, "{name}:", openssl_row), has_v2, V2),
    "MikroTik as-value": (forms.mikrotik_as_value, cbc_or_gcm, ESP),
    "SKEYSEED": (forms.skeyseed, lambda s: has_v2(s) and all(k.get("skeyseed") for i in s.ikes for k in i.keys),
                 ["SKEYSEED"]),
    "g^ir": (forms.shared_secret, lambda s: has_v2(s) and all(k.get("dh_shared") for i in s.ikes for k in i.keys),
             ["DH_SHARED"]),
    "Openswan": (forms.openswan, has_v1, ["V1_SKEYID", "V1_SKEYID_D", "V1_SKEYID_A", "V1_SKEYID_E", "V1_KEY"]),
    "Openswan with cookies": (lambda s: forms.openswan(s, cookies=True), has_v1, ["V1_SKEYID_D", "V1_SKEYID_A", "V1_KEY"]),
    "isakmpd": (forms.isakmpd, has_v1, ["V1_SKEYID", "V1_SKEYID_D", "V1_SKEYID_A", "V1_SKEYID_E", "DH_SHARED"]),
    "racoon": (forms.racoon, has_v1, ["V1_SKEYID", "V1_SKEYID_D", "V1_SKEYID_A", "V1_SKEYID_E", "V1_KEY", "DH_SHARED"]),
    "vpnc": (forms.vpnc, has_v1, ["V1_SKEYID", "V1_SKEYID_D", "V1_SKEYID_A", "V1_SKEYID_E", "V1_KEY"]),
    "SKEYID names": (forms.skeyids, has_v1, ["V1_SKEYID", "V1_SKEYID_D", "V1_SKEYID_A", "V1_SKEYID_E"]),
    "KEYMAT of libreswan 5": (lambda s: forms.keymat(s, 5), cbc, ESP),
    "KEYMAT of libreswan 4": (lambda s: forms.keymat(s, 4), cbc, ESP),
    "KEYMAT of strongSwan 4": (lambda s: forms.keymat(s, 2), cbc, ESP),
    "KLIPS, ipsec spi": (each_esp("ipsec spi --af inet --edst {dst} --spi 0x{spi} --proto esp --src {src} --esp aes-{mac} "
                                  "--enckey 0x{key} --authkey 0x{mac_key}"), cbc, ESP),
    "ipsec.conf, manual": (each_esp("conn c{n}", "\tspi=0x{spi}", "\tesp=aes-{mac}", "\tespenckey=0x{key}",
                                    "\tespauthkey=0x{mac_key}"), cbc, ESP),
    "ipseckey add": (each_esp("add esp spi 0x{spi} src {src} dst {dst} encr_alg aes auth_alg {mac} encrkey {key} "
                              "authkey {mac_key}"), cbc, ESP),
    "Junos, manual": (each_esp("set security ipsec security-association s{n} manual direction {way}bound spi {SPI}",
                               "set security ipsec security-association s{n} manual direction {way}bound encryption "
                               "algorithm aes-{bits}-cbc key hexadecimal {key}",
                               "set security ipsec security-association s{n} manual direction {way}bound authentication "
                               "key hexadecimal {mac_key}"), cbc, ESP),
    "OpenConnect": (each_esp("Parameters for {way}going ESP: SPI 0x{spi}", "ESP encryption type AES-{bits}-CBC (RFC3602) key 0x{key}",
                             "ESP authentication type HMAC-{mac} (RFC0000) key 0x{mac_key}"), cbc, ESP),
    "VPP, API test": (each_esp("ipsec_sad_add_del_entry esp sad_id {n} spi {SPI} crypto_alg aes-cbc-{bits} crypto_key {key} "
                               "integ_key {mac_key}"), cbc, ESP),
    "keys in JSON": (each_esp("  {{", '    "spi": "0x{spi}",', '    "encryption": "aes-cbc",', '    "encryption_key": "{key}",',
                              '    "integrity": "hmac-{mac}",', '    "integrity_key": "{mac_key}"', "  }},"), cbc, ESP),
    "ipseckey dump": (forms.ipseckey_dump, cbc, ESP),
    "ipsecadm": (each_esp("ipsecadm new esp -spi {spi} -src {src} -dst {dst} -forcetunnel -enc aes -auth {mac} -key {key} "
                          "-authkey {mac_key}"), cbc, ESP),
    "keys in words": (named("{words}: {value}", ["initiator cookie {i} responder cookie {r}"]), has_v2, V2),
    "MikroTik manual-sa": (forms.mikrotik_manual, cbc, ESP),
    "Cilium": (forms.cilium, lambda s: s.esp and all(forms.is_gcm16(esp) for esp in s.esp), ESP),
    "NAME = bytes.fromhex('HEX')": (named("{upper} = bytes.fromhex('{value}')", ["SPIi: {i} SPIr: {r}"]), has_v2, V2),
    "char name[] = {..}": (named("static const char {lower}[] = {{ {value} }};", ["/* spi_i {i} spi_r {r} */"], c_array), has_v2, V2),
    "name, then 0xaa\\0xbb": (named("{lower}\n{value}", ["spi_i {i}", "spi_r {r}"], c_backslashes), has_v2, V2),
    "name, then HEX": (named("{upper}\n{value}", ["SPIs {i} {r}"]), has_v2, V2),
    "SK_e (initiator)": (named("SK_{side}: {value}", ["Initiator's SPI {i}, Responder's SPI {r}"]), has_v2, V2),
    "SPIs behind a plural": (named("{name} = {value}", ["IKE SPIs: {i}_i* {r}_r"]), has_v2, V2),
    "hexdump -C": (lambda s: forms.rows(s, "{name}:", canonical_row, "{bytes:08x}"), has_v2, V2),
    "od -tx1": (lambda s: forms.rows(s, "{name}:", od_row, "{bytes:07o}"), has_v2, V2),
    "gdb, x/32xb": (lambda s: forms.rows(s, "(gdb) x/{bytes}xb {name}", gdb_row), has_v2, V2),
    "print_hex_dump": (lambda s: forms.rows(s, "", kernel_row), has_v2, V2),
    "KEYMAT without its bars": (lambda s: [line.removeprefix("| ") for line in forms.keymat(s, 6)], cbc, ESP),
}

IN_QUOTES = ("NAME = b'..'", "dict of bytes", "NAME: \\xaa\\xbb")
KEYS_OF = {"SKEYSEED": "skeyseed", "DH_SHARED": "dh_shared", "V1_KEY": "key"}


def key_of(kind):
    return KEYS_OF.get(kind) or kind.replace("V1_", "").lower()


def missing(session, secrets, holds):
    """What of a session is not among the secrets, as it should be."""
    lost = []
    kinds = [kind for part in (holds if isinstance(holds, tuple) else (holds,)) if isinstance(part, list) for kind in part]
    for ike in session.ikes if kinds else []:
        for keys in ike.keys:
            for kind in kinds:
                value = keys.get(key_of(kind))
                found = [found for spis in ((ike.spi_i, ike.spi_r), (ike.spi_i, "0" * 16), UNBOUND)
                         for found in secrets.of(*spis, kind)]
                if value and value not in found:
                    lost.append(f"{kind} of {ike.spi_i}")
    only_encryption = holds == "ESP encryption"
    for esp in session.esp if ESP in holds else []:
        pieces = {"".join(record[4:]).replace("-", "") for record in secrets.esp[esp.spi]}
        if esp.encryption + ("" if only_encryption else esp.integrity) not in pieces:
            lost.append(f"ESP {esp.spi}")
    return lost


def read(paths):
    """What is read from each file."""
    out = subprocess.run([PRINT, *map(str, paths)], check=True, capture_output=True, text=True).stdout
    return [Secrets(part.partition("\n")[2]) for part in out.split("\nfile ")] if out else []


def read_texts(tmp_path, texts):
    """What is read from each text."""
    paths = []
    for number, text in enumerate(texts):
        path = tmp_path / f"{number}.log"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        os.utime(path, (1, 1))
        paths.append(path)
    return read(paths)


def check(tmp_path, texts):
    """texts: [(label, session, holds, text)]."""
    wrong = {}
    for (label, session, holds, _), secrets in zip(texts, read_texts(tmp_path, [text for *_, text in texts])):
        lost = missing(session, secrets, holds)
        if lost or secrets.warnings:
            wrong[f"{label}: {session.name}"] = (lost + secrets.warnings)[:3]
    assert not wrong
    assert len(texts) > 3


@pytest.mark.parametrize("form", FORMS)
def test_form_in_every_wrapping(tmp_path, form):
    """All sessions bare, and some of them in each wrapping, with lines of others between."""
    render, applies, holds = FORMS[form]
    chance = random.Random(f"{SEED} {form}")
    all_of_them = [session for session in SESSIONS if applies(session)]
    assert all_of_them, form
    texts = [("bare, no last line end", session, holds, "\n".join(render(session))) for session in all_of_them]
    for name, wrap in forms.WRAPPINGS.items():
        for session in chance.sample(all_of_them, min(3, len(all_of_them))):
            if name in ("HTML", "colours") and form in IN_QUOTES:
                continue  # whose bytes may look like its escapes
            if name.startswith(("RouterOS", "unknown")) and form == "SAs in a table":
                continue  # a prefix that looks like fields
            texts.append((name, session, holds, "\n".join(wrap(render(session), chance)) + "\n"))
            if name not in ("quoted together", "#012"):
                texts.append((f"{name}, noise", session, holds,
                              "\n".join(forms.noise(wrap(render(session), chance), chance)) + "\n"))
    check(tmp_path, texts)


SPELT = ("colons", "dashes", "fours", "eights", "h")
BYTES = {"NAME = b'..'", "dict of bytes", "NAME: \\xaa\\xbb"}  # escapes that quotes or JSON take for their own
LISTS = {"JSON of numbers", "C source"}
AMBIGUOUS = {  # forms that a handling spoils: a person could not tell either, or only from what is missing
    **{name: {"ip xfrm state", "ip -s xfrm state", "ip xfrm state and policy", "ip xfrm state with more", "NAME: HEXh",
              "local and remote SPI", "tcpdump -E, ESP", "tcpdump -E on a command line", "ip -o xfrm state", "ip -s -o xfrm state", "FortiGate debug", "table",
              "table with ;", "table with tabs", "NAME N HEX"} for name in SPELT},
    "quoted-printable": BYTES, "smart quotes": BYTES | {"Wireshark's rows, -o uat, escaped"}, "no-break spaces": BYTES,
    "thin spaces": BYTES, "paragraphs": BYTES, "&nbsp;": BYTES, "one line of HTML": BYTES,
    "terminal, quoted": {"KEYMAT without its bars", "Junos, manual", "char name[] = {..}", "gdb, x/32xb", "KEYMAT of libreswan 5", "KEYMAT of libreswan 4", "KEYMAT of strongSwan 4", "table with ;"},
    "json-pretty": LISTS | {"setkey -f"}, "unknown member": LISTS, "Splunk": LISTS, "Loki": LISTS, "Loki in one line": LISTS,
    "CSV": BYTES | LISTS | {"hexdump -C", "local and remote SPI", "SWu", "NAME: base64url"},
    "CSV, few quotes": BYTES | LISTS | {"local and remote SPI"}, "JSON in JSON": LISTS, "times between": LISTS | {"FortiGate gateway list", "SAs in a table"},
    "journalctl -o export": {"setkey -f"},
    **{name: {"members of JSON", "members of logfmt"} for name in ("soft hyphens", "word joiners", "&shy;")},
    "Python's list": BYTES, "print()": BYTES,
    "split by the logger": {"table with ;"}, "split at 60": {"esp_sa", "table with ;"}, "split at 100": {"NAME = b'..'", "table with ;"},
}
IN_A_MAIL = ("ip xfrm state", "setkey -D", "own format", "NAME: HEX", "free5GC", "FortiGate tunnel list", "ip xfrm state add", "Openswan",
             "OpenIKED", "racoon")


@pytest.mark.parametrize("handling", forms.HANDLINGS)
def test_handed_over(tmp_path, handling):
    """Quoted, mailed, exported, copied from web pages, spelt in another way: each form, of a session by chance."""
    chance = random.Random(f"{SEED} {handling}")
    texts = []
    for form in IN_A_MAIL if handling.startswith("mail") else FORMS:
        render, applies, holds = FORMS[form]
        session = chance.choice([session for session in SESSIONS if applies(session)])
        if form not in AMBIGUOUS.get(handling, ()):
            texts.append((form, session, holds, "\n".join(forms.HANDLINGS[handling](render(session), chance)) + "\n"))
    check(tmp_path, texts)


def test_variables_of_a_script(tmp_path):
    texts = [(handling, session, ESP, "\n".join(forms.HANDLINGS[handling](forms.shell_variables(session), random.Random(SEED))) + "\n")
             for handling in ("cat -n", "cat -A", "code tags", "fence", "one line of syslog", "paragraphs", "terminal session")
             for session in SESSIONS[::5] if cbc(session)]
    check(tmp_path, texts)


TERMINALS = ["ip xfrm state", "ip -s xfrm state", "ip -o xfrm state", "setkey -D", "free5GC", "SWu", "own format", "VPP",
             "NAME: HEX", "esp_sa", "FortiGate debug", "ip xfrm state add"]


@pytest.mark.parametrize("form", TERMINALS)
@pytest.mark.parametrize("width", [72, 80, 100, 132])
def test_copied_from_a_terminal(tmp_path, form, width):
    render, applies, holds = FORMS[form]
    chance = random.Random(SEED)
    texts = [("terminal", session, holds, "\n".join(forms.terminal(width)(render(session), chance)) + "\n")
             for session in SESSIONS if applies(session)]
    check(tmp_path, texts)


def test_mikrotik_terminal(tmp_path):
    render, applies, holds = FORMS["MikroTik installed-sa"]
    texts = [(str(width), session, holds, "\n".join(forms.mikrotik_terminal(width)(render(session), None)) + "\n")
             for session in SESSIONS if applies(session) for width in (60, 80, 120)]
    check(tmp_path, texts)


CHARON = [path for path in sorted(TESTDATA.glob("*/*.initiator.log"))
          if path.parent.name in ("ikev1", "ikev2", "esp") and "[IKE]" in path.read_text(errors="replace")]


@pytest.fixture(scope="module")
def charon():
    """What is read from the file logs themselves."""
    return read(CHARON)


@pytest.mark.parametrize("form", forms.CHARON_FORMS)
def test_charon_in_the_journal(tmp_path, charon, form):
    """The secrets of the file log are in each form of the journal, bound to the same SPIs or to none."""
    chance = random.Random(SEED)
    paths = []
    for number, log in enumerate(CHARON):
        text = forms.CHARON_FORMS[form](log.read_text(errors="replace"), chance)
        path = tmp_path / f"{number}.log"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        os.utime(path, (1, 1))
        paths.append(path)
    assert len(paths) > 60
    wrong = {}
    for log, plain, secrets in zip(CHARON, charon, read(paths)):
        for number, kinds in plain.sets.items():
            for kind, values in kinds.items():
                found = secrets.of(*plain.spis[number], kind) + secrets.of(*UNBOUND, kind)
                if not set(values) <= set(found) and (kind != "DH_SHARED" or form in ("json", "swanctl --log", "UTF-16")):
                    wrong.setdefault(log.stem, []).append(f"{kind} of {plain.spis[number]}")
        for spi, records in plain.esp.items():
            if not {tuple(record[4:]) for record in records} <= {tuple(record[4:]) for record in secrets.esp[spi]}:
                wrong.setdefault(log.stem, []).append(f"ESP {spi}")
        if not set(plain.peers) <= set(secrets.peers):
            wrong.setdefault(log.stem, []).append("PSK")
        if secrets.warnings:
            wrong.setdefault(log.stem, []).append(secrets.warnings[0])
    assert not wrong


@pytest.mark.parametrize("text", ["", "nothing of interest\n" * 1000, "SK_ei\nSK_er: none\nSKEYSEED: (null)\n",
                                  "src 10.0.0.1 dst 10.0.0.2\n\tproto esp reqid 1 mode tunnel\n",
                                  "12[IKE] SKEYSEED is what a key derivation begins with\n"])
def test_prose_is_no_secret(tmp_path, text):
    path = tmp_path / "log"
    path.write_text(text)
    (secrets,) = read([path])
    assert not secrets.sets and not secrets.esp and not secrets.peers
    if text:
        assert secrets.nothing and not secrets.warnings
    else:
        assert secrets.warnings[0].endswith(" 0 empty")
