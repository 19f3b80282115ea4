# SPDX-License-Identifier: GPL-2.0-or-later
"""Renders the secrets of a session the way daemons, kernels and gateways print them, and the way logs wrap
what daemons print. The secrets are those of facts.json; nothing here comes from the plugin."""
import base64
import csv
import io
import json
import quopri
import re
import textwrap
from html import escape


# ---- a session ---------------------------------------------------------------------------------------------------------

class Ike:
    def __init__(self, facts):
        self.version = 1 if facts["version"].startswith("IKEv1") else 2
        self.spi_i, self.spi_r = facts["spi_i"], facts["spi_r"]
        self.keys = facts["keys"]
        self.names = facts.get("proposal", "")[4:].split("/")


class Esp:
    """One direction of a Child SA."""

    def __init__(self, spi, keys, proposal, inbound):
        self.spi, self.encryption, self.integrity = spi, keys["encryption"] or "", keys["integrity"] or ""
        self.names = [name for name in proposal[4:].split("/") if name]
        self.inbound = inbound
        self.src, self.dst = ("10.9.0.2", "10.9.0.1") if inbound else ("10.9.0.1", "10.9.0.2")
        self.cipher = self.names[0]
        self.mac = next((name for name in self.names[1:] if name.startswith(("HMAC", "AES_XCBC", "AES_CMAC"))), "")
        self.esn = "EXT_SEQ" in self.names

    @property
    def bits(self):
        return 4 * len(self.encryption)


class Session:
    """What one side's log knows."""

    def __init__(self, path, side="initiator"):
        facts = json.loads(path.read_text())
        own = facts["sides"][side]
        self.name = path.name.replace(".facts.json", "")
        self.psk = facts.get("psk")
        self.ikes = [Ike(sa) for sa in own["ike_sas"] if sa.get("spi_r")]
        self.children = []  # pairs: outbound, inbound
        for child in own["child_sas"]:
            if child["protocol"] != "ESP" or len(child.get("esp") or {}) != 2 or not child.get("proposal"):
                continue
            pair = [Esp(child[which], child["esp"][child[which]], child["proposal"], which == "spi_in")
                    for which in ("spi_out", "spi_in")]
            pair[0].initiator = pair[1].initiator = child.get("exchange_initiator", True)
            self.children.append(pair)

    @property
    def esp(self):
        return [direction for pair in self.children for direction in pair]


# ---- hex ---------------------------------------------------------------------------------------------------------------

def groups(hexed, digits, row=10 ** 6):
    """Groups of digits with blanks between, in rows of so many bytes."""
    rows = [hexed[at:at + 2 * row] for at in range(0, len(hexed), 2 * row)]
    return [" ".join(one[at:at + digits] for at in range(0, len(one), digits)) for one in rows]


def colons(hexed):
    return groups(hexed, 2)[0].replace(" ", ":")


def characters(data):
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data)


def go_dump(hexed):
    """As Go's hex.Dump and hexdump -C."""
    data, lines = bytes.fromhex(hexed), []
    for at in range(0, len(data), 16):
        row = data[at:at + 16]
        halves = [" ".join(f"{byte:02x}" for byte in row[half:half + 8]) for half in (0, 8)]
        lines.append(f"{at:08x}  {halves[0]:<23}  {halves[1]:<23}  |{characters(row)}|")
    return lines


def pluto_dump(hexed, ascii_column=False):
    data, lines = bytes.fromhex(hexed), []
    for at in range(0, len(data), 16):
        row = data[at:at + 16]
        fours = "  ".join(" ".join(f"{byte:02x}" for byte in row[four:four + 4]) for four in range(0, len(row), 4))
        lines.append(f"|   {fours:<50}   {characters(row)}" if ascii_column else f"|   {fours}")
    return lines


# ---- names of algorithms -----------------------------------------------------------------------------------------------

LINUX_MAC = {"HMAC_SHA1_96": ("hmac(sha1)", 96), "HMAC_SHA2_256_128": ("hmac(sha256)", 128),
             "HMAC_SHA2_384_192": ("hmac(sha384)", 192), "HMAC_SHA2_512_256": ("hmac(sha512)", 256),
             "HMAC_MD5_96": ("hmac(md5)", 96)}
BSD_MAC = {"HMAC_SHA1_96": "hmac-sha1", "HMAC_SHA2_256_128": "hmac-sha2-256", "HMAC_SHA2_384_192": "hmac-sha2-384",
           "HMAC_SHA2_512_256": "hmac-sha2-512", "HMAC_MD5_96": "hmac-md5"}
MIKROTIK_MAC = {"HMAC_SHA1_96": "sha1", "HMAC_SHA2_256_128": "sha256", "HMAC_SHA2_384_192": "sha384",
                "HMAC_SHA2_512_256": "sha512", "HMAC_MD5_96": "md5"}
FORTI_MAC = MIKROTIK_MAC
VPP_MAC = {"HMAC_SHA1_96": "sha1-96", "HMAC_SHA2_256_128": "sha-256-128", "HMAC_SHA2_384_192": "sha-384-192",
           "HMAC_SHA2_512_256": "sha-512-256", "HMAC_MD5_96": "md5-96"}
IDS = {"HMAC_MD5_96": 1, "HMAC_SHA1_96": 2, "HMAC_SHA2_256_128": 12, "HMAC_SHA2_384_192": 13, "HMAC_SHA2_512_256": 14}


def is_cbc(esp):
    return esp.cipher.startswith("AES_CBC") and esp.mac in BSD_MAC


def is_gcm16(esp):
    return esp.cipher.startswith("AES_GCM_16")


# ---- ESP: kernels ------------------------------------------------------------------------------------------------------

def xfrm_algorithms(esp, indent, with_bits):
    def key(value):
        return f"0x{value}" + (f" ({4 * len(value)} bits)" if with_bits else "")
    if is_gcm16(esp):
        return [f"{indent}aead rfc4106(gcm(aes)) {key(esp.encryption)} 128"]
    mac, truncation = LINUX_MAC[esp.mac]
    return [f"{indent}auth-trunc {mac} {key(esp.integrity)} {truncation}", f"{indent}enc cbc(aes) {key(esp.encryption)}"]


def xfrm(session, statistics=False, policies=False, one_line=False):
    lines = []
    for esp in session.esp:
        spi = f"0x{esp.spi}" + (f"({int(esp.spi, 16)})" if statistics else "")
        reqid = "1(0x00000001)" if statistics else "1"
        state = [f"src {esp.src} dst {esp.dst}", f"\tproto esp spi {spi} reqid {reqid} mode tunnel",
                 "\treplay-window 32 " + ("seq 0x00000000 " if statistics else "") + "flag af-unspec" +
                 (" esn" if esp.esn else "") + (" (0x00100000)" if statistics else "")]
        state += xfrm_algorithms(esp, "\t", statistics)
        state.append("\tanti-replay context: seq 0x0, oseq 0x0, bitmap 0x00000000")
        if statistics:
            state += ["\tlifetime config:", "\t  limit: soft (INF)(bytes), hard (INF)(bytes)",
                      "\tlifetime current:", "\t  84(bytes), 1(packets)", "\t  add 2026-11-27 04:32:00 use -"]
        lines += ["\\".join(state)] if one_line else state
        if policies:
            lines += ["src 10.91.0.1/32 dst 10.92.0.1/32 ", "\tdir out priority 1 ptype main ",
                      "\ttmpl src 10.9.0.1 dst 10.9.0.2", f"\t\tproto esp spi {spi} reqid 1 mode tunnel"]
    return lines


def xfrm_add(session):
    lines = []
    for esp in session.esp:
        algorithms = (f"aead 'rfc4106(gcm(aes))' 0x{esp.encryption} 128" if is_gcm16(esp) else
                      f"auth '{LINUX_MAC[esp.mac][0]}' 0x{esp.integrity} enc 'cbc(aes)' 0x{esp.encryption}")
        if not is_gcm16(esp) and esp.mac == "HMAC_SHA2_256_128":
            algorithms = algorithms.replace("auth ", "auth-trunc ").replace(f"0x{esp.integrity}",
                                                                           f"0x{esp.integrity} 128")
        lines.append(f"ip xfrm state add src {esp.src} dst {esp.dst} proto esp spi 0x{esp.spi} mode tunnel "
                     f"{algorithms}" + (" flag esn replay-window 32" if esp.esn else ""))
    return lines


def setkey_list(session):
    lines = []
    for esp in session.esp:
        lines += [f"{esp.src} {esp.dst} ", f"\tesp mode=tunnel spi={int(esp.spi, 16)}(0x{esp.spi}) reqid=1(0x00000001)"]
        if is_gcm16(esp):
            lines.append(f"\tE: aes-gcm-16  {groups(esp.encryption, 8)[0]}")
        else:
            lines += [f"\tE: aes-cbc  {groups(esp.encryption, 8)[0]}",
                      f"\tA: {BSD_MAC[esp.mac]}  {groups(esp.integrity, 8)[0]}"]
        lines += ["\tseq=0x00000004 replay=4 flags=0x00000000 state=mature ",
                  "\tcreated: Nov 27 04:32:00 2026\tcurrent: Nov 27 04:32:10 2026", "\tsadb_seq=1 pid=42 refcnt=1"]
    return lines


def setkey_add(session):
    lines = ["#!/usr/sbin/setkey -f", "flush;", "spdflush;"]
    for number, esp in enumerate(session.esp):
        cipher = f"-E aes-gcm-16 0x{esp.encryption}" if is_gcm16(esp) else f"-E rijndael-cbc 0x{esp.encryption}"
        mac = "" if is_gcm16(esp) else f"-A {BSD_MAC[esp.mac]} 0x{esp.integrity}"
        if number % 2:
            lines.append(f"add {esp.src} {esp.dst} esp 0x{esp.spi} -m tunnel {cipher} {mac};")
        else:
            lines += [f"add {esp.src} {esp.dst} esp {int(esp.spi, 16)}", f"\t{cipher}", f"\t{mac} ;"]
    return lines + ["spdadd 10.91.0.1 10.92.0.1 any -P out ipsec esp/tunnel/10.9.0.1-10.9.0.2/require;"]


def ipsecctl(session):
    lines = ["FLOWS:", "No flows", "", "SAD:"]
    for esp in session.esp:
        names = ("enc aes-256-gcm" if is_gcm16(esp) else f"auth {BSD_MAC[esp.mac]} enc aes-{esp.bits}")
        lines.append(f"esp tunnel from {esp.src} to {esp.dst} spi 0x{esp.spi} {names} \\")
        if not is_gcm16(esp):
            lines.append(f"\tauthkey 0x{esp.integrity} \\")
        lines.append(f"\tenckey 0x{esp.encryption}")
    return lines


def mikrotik_sas(session):
    lines = ["Flags: H - hw-aead, A - AH, E - ESP "]
    for number, esp in enumerate(session.esp):
        mac, cipher = ("null", "aes-gcm") if is_gcm16(esp) else (MIKROTIK_MAC[esp.mac], "aes-cbc")
        lines += [f" {number}  E spi=0x{esp.spi.upper()} src-address={esp.src} dst-address={esp.dst} state=mature "
                  f"auth-algorithm={mac} enc-algorithm={cipher} enc-key-size={min(esp.bits, 256)} "]
        if not is_gcm16(esp):
            lines.append(f'       auth-key="{esp.integrity}" ')
        lines += [f'       enc-key="{esp.encryption}" ', "       add-lifetime=24m/30m replay=128 ", ""]
    return lines


def mikrotik_as_value(session):
    """:put [print as-value]"""
    return [f".id=*{number};spi=0x{int(esp.spi, 16):X};src-address={esp.src};dst-address={esp.dst};state=mature;" +
            ("auth-algorithm=null;enc-algorithm=aes-gcm;" if is_gcm16(esp) else
             f"auth-algorithm={MIKROTIK_MAC[esp.mac]};enc-algorithm=aes-cbc;auth-key={esp.integrity};") +
            f"enc-key={esp.encryption};replay=128" for number, esp in enumerate(session.esp)]


def tcpdump_esp(session):
    return [f"0x{esp.spi}@{esp.dst} aes-cbc-hmac96:0x{esp.encryption}" for esp in session.esp]


def esp_sa_table(session):
    lines = []
    for esp in session.esp:
        if is_gcm16(esp):
            rest = f'"AES-GCM [RFC4106]","0x{esp.encryption}","NULL",""'
        else:
            mac = {"HMAC_SHA1_96": "HMAC-SHA-1-96 [RFC2404]", "HMAC_SHA2_256_128": "HMAC-SHA-256-128 [RFC4868]",
                   "HMAC_SHA2_384_192": "HMAC-SHA-384-192 [RFC4868]", "HMAC_MD5_96": "HMAC-MD5-96 [RFC2403]",
                   "HMAC_SHA2_512_256": "HMAC-SHA-512-256 [RFC4868]"}[esp.mac]
            rest = f'"AES-CBC [RFC3602]","0x{esp.encryption}","{mac}","0x{esp.integrity}"'
        lines.append(f'"IPv4","{esp.src}","{esp.dst}","0x{esp.spi}",{rest}')
    return lines


def fortigate_tunnels(session):
    lines = []
    for outbound, inbound in session.children:
        for word, esp in (("dec", inbound), ("enc", outbound)):
            lines += [f"  {word}: spi={esp.spi} esp=aes key={len(esp.encryption) // 2} {esp.encryption}",
                      f"       ah={FORTI_MAC[esp.mac]} key={len(esp.integrity) // 2} {esp.integrity}"]
    return lines


def xfrm_with_more(session):
    """Newer kernels print more between and behind."""
    lines = []
    for esp in session.esp:
        lines += [f"src {esp.src} dst {esp.dst}",
                  f"    proto esp spi 0x{esp.spi}({int(esp.spi, 16)}) reqid 1(0x00000001) mode tunnel",
                  "    replay-window 0 seq 0x00000000 flag af-unspec" + (" esn" if esp.esn else "") + " (0x00100000)",
                  "    output-mark 0x1/0xffffffff", "    if_id 0x2a", "    dir out",
                  "    crypto offload parameters: dev eth0 dir out mode crypto",
                  "    encap type espinudp sport 4500 dport 4500 addr 0.0.0.0", "    security context root:foo:1",
                  "    sel src 0.0.0.0/0 dst 0.0.0.0/0 uid 0"]
        lines += xfrm_algorithms(esp, "    ", True)
        lines += ["    lastused 2026-11-27 04:32:00", "    anti-replay esn context:", "     seq-hi 0x0, seq 0x0, oseq-hi 0x0, oseq 0x3",
                  "     replay_window 128, bitmap-length 4", "     00000000 00000000 00000000 00000000 "]
    return lines


def tcpdump_command(session):
    return ["tcpdump -n -r a.pcap -E '" + ",".join(tcpdump_esp(session)) + "'"]


def vpp_sas(session):
    lines = []
    for number, esp in enumerate(session.esp):
        lines += [f"[{number}] sa {number} (0x{number:x}) spi {int(esp.spi, 16)} (0x{esp.spi}) protocol:esp flags:[anti-replay ]",
                  "   locks 1", "   salt 0x0", "   thread-index:0", "   window-size: 64",
                  f"   crypto alg aes-cbc-{esp.bits} key {esp.encryption}",
                  f"   integrity alg {VPP_MAC[esp.mac]} key {esp.integrity}", "   UDP:[src:4500 dst:4500]"]
    return lines


def vpp_add(session):
    return [f"ipsec sa add {number} spi {int(esp.spi, 16)} esp crypto-key {esp.encryption} crypto-alg aes-cbc-{esp.bits} "
            f"integ-key {esp.integrity} integ-alg {VPP_MAC[esp.mac]}" for number, esp in enumerate(session.esp)]


def dpdk(session):
    """The configuration of ipsec-secgw."""
    return [f"sa {'in' if esp.inbound else 'out'} {int(esp.spi, 16)} cipher_algo aes-{esp.bits}-cbc cipher_key "
            f"{colons(esp.encryption)} auth_algo {MIKROTIK_MAC[esp.mac]}-hmac auth_key {colons(esp.integrity)} "
            f"mode ipv4-tunnel src {esp.src} dst {esp.dst}" for esp in session.esp]


def scapy(session):
    return [f"sa = SecurityAssociation(ESP, spi=0x{esp.spi}, crypt_algo='AES-CBC', crypt_key=bytes.fromhex('{esp.encryption}'), "
            f"auth_algo='SHA2-{4 * len(esp.integrity)}', auth_key=bytes.fromhex('{esp.integrity}'))" for esp in session.esp]


def each_esp(session, *patterns):
    """One line for each pattern and SA."""
    return [pattern.format(spi=esp.spi, SPI=int(esp.spi, 16), key=esp.encryption, mac_key=esp.integrity, bits=esp.bits,
                           mac=MIKROTIK_MAC[esp.mac],
                           way="in" if esp.inbound else "out", src=esp.src, dst=esp.dst, n=n)
            for n, esp in enumerate(session.esp) for pattern in patterns]


def shell_variables(session):
    """A script: first the values, then the commands."""
    lines = ["#!/bin/sh"]
    for n, esp in enumerate(session.esp):
        lines.append(f'SPI{n}=0x{esp.spi} KEY{n}="0x{esp.encryption}"; export MAC{n}=0x{esp.integrity}')
    for n, esp in enumerate(session.esp):
        lines += [f"ip xfrm state add src 10.9.0.1 dst 10.9.0.2 proto esp spi $SPI{n} mode tunnel \\",
                  f"    enc 'cbc(aes)' ${{KEY{n}}} auth '{LINUX_MAC[esp.mac][0]}' $MAC{n}"]
    return lines


def ipseckey_dump(session):
    lines = []
    for esp in session.esp:
        lines += ["Base message (version 2) type DUMP, SA type ESP.",
                  f"SA: SADB_ASSOC spi=0x{esp.spi}, replay window size=4, state=MATURE",
                  f"SA: Authentication algorithm = {LINUX_MAC[esp.mac][0].upper()}", "SA: Encryption algorithm = AES",
                  "SRC: AF_INET: port 0, 10.9.0.1.", "AUT: Authentication key.",
                  f"AUT: {esp.integrity}/{4 * len(esp.integrity)}", "ENC: Encryption key.",
                  f"ENC: {esp.encryption}/{4 * len(esp.encryption)}", "LT: Lifetime information"]
    return lines


def mikrotik_manual(session):
    """The export has both directions in one value, in alphabetical order."""
    return ["/ip ipsec manual-sa"] + [
        f"add esp-auth-algorithm={MIKROTIK_MAC[one.mac]} esp-auth-key={one.integrity}/{other.integrity} esp-enc-algorithm="
        f"aes-{one.bits}-cbc esp-enc-key={one.encryption}/{other.encryption} esp-spi=0x{one.spi}/0x{other.spi} name=sa"
        for one, other in session.children]


def cilium(session):
    return [f"{int(esp.spi, 16)} rfc4106(gcm(aes)) {esp.encryption} 128" for esp in session.esp]


def ios_manual(session):
    return [f" set session-key {'inbound' if esp.inbound else 'outbound'} esp {int(esp.spi, 16)} cipher {esp.encryption} "
            f"authenticator {esp.integrity}" for esp in session.esp]


def json_sas(session):
    return [json.dumps({"src": esp.src, "dst": esp.dst, "proto": "esp", "spi": "0x" + esp.spi,
                        "enc": {"alg": "cbc(aes)", "key": "0x" + esp.encryption},
                        "auth-trunc": {"alg": LINUX_MAC[esp.mac][0], "key": "0x" + esp.integrity,
                                       "trunc": LINUX_MAC[esp.mac][1]}}) for esp in session.esp]


def esp_table(session):
    return ["SPI,Source,Destination,Encryption Algorithm,Encryption Key,Authentication Algorithm,Authentication Key"] + \
        [f"0x{esp.spi},{esp.src},{esp.dst},AES-CBC,0x{esp.encryption},{BSD_MAC[esp.mac]},0x{esp.integrity}" for esp in session.esp]


def fortigate_gateways(session):
    lines = []
    for ike in session.ikes:
        lines += ["vd: root/0", "name: vpn", "version: 2", f"  id/spi: 1 {ike.spi_i}/{ike.spi_r}", "  direction: initiator"]
        lines += [f"  {name}: {'-'.join(groups(value, 16)[0].split())}"
                  for name, value in next(v2_keys(ike, ["SK_ei", "SK_er", "SK_ai", "SK_ar"]))]
        lines += ["  lifetime/rekey: 86400/86094"]
    return lines


# ---- IKE and ESP: daemons and clients ----------------------------------------------------------------------------------

V2_NAMES = ["SK_d", "SK_ai", "SK_ar", "SK_ei", "SK_er", "SK_pi", "SK_pr"]


def v2_keys(ike, names=V2_NAMES):
    for keys in ike.keys:
        yield [(name, keys[name.lower()]) for name in names if keys.get(name.lower())]


def free5gc(session, dump=False):
    lines = []
    for ike in session.ikes:
        for keys in v2_keys(ike, ["SK_ei", "SK_er", "SK_ai", "SK_ar", "SK_pi", "SK_pr", "SK_d"]):
            lines += ["====== IKE Security Association Info =====", f"Initiator's SPI: {ike.spi_i}",
                      f"Responder's  SPI: {ike.spi_r}", "Encryption Algorithm: 12"]
            for name, value in keys:
                lines += [f"{name}:", *go_dump(value)] if dump else [f"{name}: {value}"]
                if name == "SK_er":
                    lines.append("Integrity Algorithm: 12")
    for outbound, inbound in session.children:
        for word, esp in (("Outbound", outbound), ("Inbound", inbound)):
            spi = f"0x00000000{esp.spi}" if dump else f"0x{esp.spi}"
            lines += ["====== IPSec/Child SA Info ======", f"====== {word} ======",
                      f"IPSec SPI: {spi}" if dump else f"IPSec {word}  SPI: {spi}",
                      "[UE:10.9.0.1] -> [N3IWF:10.9.0.2]", "IPSec Encryption Algorithm: 12",
                      f"IPSec Encryption Key: 0x{esp.encryption}", f"IPSec Integrity  Algorithm: {IDS[esp.mac]}",
                      f"IPSec Integrity  Key: 0x{esp.integrity}"]
    return lines


def swu(session):
    """Keys first, SPIs behind them, and rows for Wireshark."""
    lines = []
    for ike in session.ikes:
        for keys in v2_keys(ike):
            lines += [f"{name.upper()} {value}" for name, value in keys]
            lines += [f"IKE SPI INITIATOR {ike.spi_i}", f"IKE SPI RESPONDER {ike.spi_r}"]
    return lines + (["ESP SA INFO (wireshark):"] + esp_sa_table(session) if session.esp else [])


def vpp(session):
    lines = []
    for ike in session.ikes:
        for keys in ike.keys:
            lines += [f"iip 10.9.0.1 ispi {ike.spi_i.lstrip('0')} rip 10.9.0.2 rspi {ike.spi_r.lstrip('0')}",
                      " encr:" + {"AES_CBC_256": "aes-cbc-256", "AES_CBC_128": "aes-cbc-128",
                                  "AES_GCM_16_256": "aes-gcm-16-256", "AES_GCM_16_128": "aes-gcm-16-128"}[ike.names[0]] +
                      " prf:hmac-sha2-256 integ:" +
                      {"HMAC_SHA2_256_128": "sha-256-128", "HMAC_SHA1_96": "sha1-96",
                       "HMAC_SHA2_384_192": "sha-384-192",
                       "HMAC_SHA2_512_256": "sha-512-256"}.get(ike.names[1], "none") + " dh-group:modp-2048 ",
                      " nonce i:" + "a" * 64, "       r:" + "b" * 64, f" SK_d    {keys['sk_d']}"]
            for letter in "aep":
                lines += [f" SK_{letter}  i:{keys.get(f'sk_{letter}i', '')}", f"       r:{keys.get(f'sk_{letter}r', '')}"]
            lines += [" identifier (i) fqdn initiator.lab.example", " identifier (r) fqdn responder.lab.example"]
    for number, (outbound, inbound) in enumerate(session.children):
        to_r, to_i = (outbound, inbound) if outbound.initiator else (inbound, outbound)
        lines += [f"  child sa {number}:encr:" + ("aes-gcm-16-256" if is_gcm16(to_r) else f"aes-cbc-{to_r.bits}") +
                  ("" if is_gcm16(to_r) else " integ:sha-256-128") + " esn:yes ",
                  f"    spi(i) {to_i.spi.lstrip('0')} spi(r) {to_r.spi.lstrip('0')}",
                  f"    SK_e  i:{to_r.encryption}", f"          r:{to_i.encryption}"]
        if not is_gcm16(to_r):
            lines += [f"    SK_a  i:{to_r.integrity}", f"          r:{to_i.integrity}"]
        lines += ["    traffic selectors (i):0 type 7 protocol_id 0 addr 10.91.0.1 - 10.91.0.1 port 0 - 65535",
                  "    traffic selectors (r):0 type 7 protocol_id 0 addr 10.92.0.1 - 10.92.0.1 port 0 - 65535"]
    return lines


def rows_of_pluto(session, bar=False):
    """tcpdump's file, which old pluto prints behind a bar."""
    lines = []
    for ike in session.ikes:
        keys = ike.keys[-1]
        for letter in "ir":
            cipher = {"AES_CBC_256": "aes256", "AES_CBC_128": "aes128"}[ike.names[0]]
            mac = {"HMAC_SHA2_256_128": "sha256", "HMAC_SHA1_96": "sha1", "HMAC_SHA2_512_256": "sha512",
                   "HMAC_SHA2_384_192": "sha384"}[ike.names[1]]
            lines.append(("| " if bar else "") + f"ikev2 {letter.upper()} 0x{ike.spi_i} 0x{ike.spi_r} "
                         f"{mac}:0x{keys['sk_a' + letter]} {cipher}:0x{keys['sk_e' + letter]}")
    return lines


WORDS = {"SK_ei": "encryption key initiator", "SK_er": "responder encryption key",
         "SK_ai": "Integrity Key (initiator)", "SK_ar": "authentication key responder"}


def named(session, pattern, spis, spell=lambda value: value, names=V2_NAMES):
    """Any program: `pattern` has the name and the value, `spis` the SPIs."""
    lines = []
    for ike in session.ikes:
        spellings = {"i": ike.spi_i, "r": ike.spi_r, "I": ike.spi_i.upper(), "R": ike.spi_r.upper(),
                     "di": int(ike.spi_i, 16), "dr": int(ike.spi_r, 16),
                     "ci": colons(ike.spi_i), "cr": colons(ike.spi_r),
                     "gi": groups(ike.spi_i, 8)[0], "gr": groups(ike.spi_r, 8)[0]}
        for keys in v2_keys(ike, names):
            lines += [line.format(**spellings) for line in spis]
            lines += [line for name, value in keys for line in pattern.format(
                name=name, lower=name.lower(), upper=name.upper(), value=spell(value), camel="sk" + name[3:].capitalize(),
                pascal="Sk" + name[3:].capitalize(), index=name[3:], VALUE=value.upper(), bytes=len(value) // 2,
                words=WORDS.get(name, name), side=name[3] + {"i": " (initiator)", "r": " (responder)", "": ""}[name[4:]]).split("\n")]
    return lines


# ---- tables, as spreadsheets and people write them ---------------------------------------------------------------------

def table(session, separator, quote="", heading=("Initiator SPI", "Responder SPI"), ends=""):
    """A line of names above the values."""
    lines = []

    def row(fields):
        return ends + separator.join(quote + field + quote for field in fields) + ends
    for ike in session.ikes:
        for keys in v2_keys(ike):
            lines += [row(["Time", *heading, *(name for name, _ in keys)]),
                      row(["04:32:00", ike.spi_i, ike.spi_r, *(value for _, value in keys)])]
    return lines


def wireshark_rows(session, row):
    """Rows of the tables of Wireshark, IKE and ESP, as `row` writes a list of fields."""
    lines = []
    for ike in session.ikes:
        keys = ike.keys[-1]
        lines.append(row("ikev2_decryption_table", [
            ike.spi_i, ike.spi_r, keys["sk_ei"], keys["sk_er"],
            {"AES_CBC_256": "AES-CBC-256 [RFC3602]", "AES_CBC_128": "AES-CBC-128 [RFC3602]"}[ike.names[0]],
            keys["sk_ai"], keys["sk_ar"],
            {"HMAC_SHA2_256_128": "HMAC_SHA2_256_128 [RFC4868]", "HMAC_SHA1_96": "HMAC_SHA1_96 [RFC2404]",
             "HMAC_SHA2_384_192": "HMAC_SHA2_384_192 [RFC4868]",
             "HMAC_SHA2_512_256": "HMAC_SHA2_512_256 [RFC4868]"}[ike.names[1]]]))
    return lines + [row("esp_sa", [field.strip('"') for field in line.split(",")]) for line in esp_sa_table(session)]


WIRESHARK_ROWS = {
    "no quotes": lambda name, fields: ",".join(fields),
    "all in quotes": lambda name, fields: ",".join(f'"{field}"' for field in fields),
    "semicolons": lambda name, fields: ";".join(fields),
    "semicolons and quotes": lambda name, fields: ";".join(f'"{field}"' for field in fields),
    "tabs": lambda name, fields: "\t".join(fields),
    "blanks": lambda name, fields: ", ".join(fields),
    "-o uat": lambda name, fields: f"tshark -o 'uat:{name}:" + ",".join(f'"{field}"' for field in fields) + "' -r a.pcap",
    "-o uat, escaped": lambda name, fields: f'tshark -o "uat:{name}:' + ",".join(f'\\"{field}\\"' for field in fields) + '"',
}


# ---- other members of a record than its message ------------------------------------------------------------------------

def json_members(session):
    return [json.dumps({"time": "2026-11-27T04:32:00Z", "msg": "keys derived", "spi_i": ike.spi_i, "spi_r": ike.spi_r,
                        **dict(keys)}) for ike in session.ikes for keys in v2_keys(ike)]


def json_pairs(session):
    return [json.dumps(record) for ike in session.ikes for keys in v2_keys(ike)
            for record in ({"msg": "sa", "spii": ike.spi_i, "spir": ike.spi_r},
                           *({"msg": "key", "name": name, "value": value} for name, value in keys))]


def json_pretty(session):
    return [line for ike in session.ikes for keys in v2_keys(ike)
            for line in json.dumps({"ike": {"initiator": {"spi": ike.spi_i}, "responder": {"spi": ike.spi_r},
                                            "keys": dict(keys)}}, indent=1).split("\n")]


def logfmt_members(session):
    return [f'level=debug msg="keys derived" spi_i={ike.spi_i} spi_r={ike.spi_r} ' +
            " ".join(f"{name.lower()}={value}" for name, value in keys) for ike in session.ikes for keys in v2_keys(ike)]


def python_dict(session):
    """Bytes as Python shows them."""
    return [repr({"spi_i": bytes.fromhex(ike.spi_i), "spi_r": bytes.fromhex(ike.spi_r),
                  **{name: bytes.fromhex(value) for name, value in keys}})
            for ike in session.ikes for keys in v2_keys(ike)]


def json_numbers(session):
    """Bytes as numbers, one a line."""
    return [line for ike in session.ikes for keys in v2_keys(ike)
            for line in json.dumps({"initiator_spi": ike.spi_i, "responder_spi": ike.spi_r,
                                    **{name: list(bytes.fromhex(value)) for name, value in keys}}, indent=2).split("\n")]


def rows(session, heading, row, end=""):
    """A name, and a dump of any program below it; `row` gets the offset and the bytes of a row."""
    lines = []
    for ike in session.ikes:
        for keys in v2_keys(ike):
            lines += [f"COOKIE_i: {ike.spi_i}", f"COOKIE_r: {ike.spi_r}"]
            for name, value in keys:
                data = bytes.fromhex(value)
                lines += [heading.format(name=name, bytes=len(data))] if heading else []
                lines += [row(at, data[at:at + 16]).format(name=name) for at in range(0, len(data), 16)]
                lines += [end.format(bytes=len(data))] if end else []
    return lines


def c_source(session):
    lines = []
    for ike in session.ikes:
        for keys in v2_keys(ike):
            lines += [f"/* SPI_I {ike.spi_i} SPI_R {ike.spi_r} */"]
            for name, value in keys:
                data = bytes.fromhex(value)
                lines += [f"static const unsigned char {name.lower()}[{len(data)}] = {{",
                          *("    " + " ".join(f"0x{byte:02x}," for byte in data[at:at + 8])
                            for at in range(0, len(data), 8)), "};"]
    return lines


def skeyseed(session):
    return [line for ike in session.ikes for keys in ike.keys
            for line in (f"Initiator SPI={ike.spi_i} Responder SPI={ike.spi_r}", f"SKEYSEED={keys['skeyseed']}")]


def shared_secret(session):
    return [line for ike in session.ikes for keys in ike.keys
            for line in (f"spi_i: 0x{ike.spi_i}, spi_r: 0x{ike.spi_r}", f"g^ir = {keys['dh_shared']}")]


def iked(session):
    lines = []
    for ike in session.ikes:
        for keys in ike.keys:
            for name, key in (("DHSECRET", "dh_shared"), ("SKEYSEED", "skeyseed"), *((n, n.lower()) for n in V2_NAMES)):
                if keys.get(key):
                    lines += [f"spi=0x{ike.spi_i}: ikev2_sa_keys: {name} with {len(keys[key]) // 2} bytes",
                              *groups(keys[key], 8, 32)]
    return lines


def fortigate_debug(session):
    lines = []
    for ike in session.ikes:
        for keys in ike.keys:
            lines += [f"ike 0:HQ:12: IKE SA {ike.spi_i}/{ike.spi_r} {name} {len(value) // 2}:{value}"
                      for name, value in next(v2_keys(ike), []) if keys]
    for esp in session.esp:
        lines.append(f"ike 0:HQ:12:HQ:30: IPsec SA {'dec' if esp.inbound else 'enc'} spi {esp.spi} "
                     f"key {len(esp.encryption) // 2}:{esp.encryption} auth {len(esp.integrity) // 2}:{esp.integrity}")
    return lines


def native(session):
    lines = [f"IKEV2_{name.upper()} {ike.spi_i} {ike.spi_r} {value}" for ike in session.ikes for keys in v2_keys(ike)
             for name, value in keys]
    for esp in session.esp:
        lines.append(f"ESP_KEY 0x{esp.spi} {esp.cipher} {esp.encryption}" +
                     (f" {esp.mac} {esp.integrity}" if esp.mac else ""))
    return lines


# ---- IKEv1 -------------------------------------------------------------------------------------------------------------

V1 = [("Skeyid:  ", "skeyid"), ("Skeyid_d:", "skeyid_d"), ("Skeyid_a:", "skeyid_a"), ("Skeyid_e:", "skeyid_e"),
      ("enc key:", "key")]


def v1_keys(session):
    return [(ike, keys) for ike in session.ikes for keys in ike.keys]


def openswan(session, cookies=False):
    lines = []
    for ike, keys in v1_keys(session):
        if cookies:
            lines += [f"| ICOOKIE:  {' '.join(groups(ike.spi_i, 2))}", f"| RCOOKIE:  {' '.join(groups(ike.spi_r, 2))}"]
        for name, key in V1:
            lines += [f"| {name}", *pluto_dump(keys[key])]
        lines += ["| IV:  " + groups(keys["initial_iv"], 2)[0]]
    return lines


def keymat(session, style):
    """libreswan 5 in IKEv1 and IKEv2, libreswan 3 and 4 and Openswan, strongSwan 4 and FreeS/WAN."""
    lines = []
    names = {6: ("our  keymat", "peer keymat"), 5: ("  inbound:", "  outbound:"), 4: ("  KEYMAT computed:", "  Peer KEYMAT computed:"),
             2: ("KEYMAT computed:", "Peer KEYMAT computed:")}[style]
    for outbound, inbound in session.children:
        if style != 2:
            lines.append("| ESP KEYMAT")
        for name, esp in zip(names, (inbound, outbound)):
            lines += [f"| {name}", *pluto_dump(esp.encryption + esp.integrity, style == 5)]
        xfrm_text = "" if style == 2 else f" xfrm={outbound.cipher}-{outbound.mac} NATD=none DPD=passive"
        lines.append(f'"c" #2: STATE_QUICK_I2: sent QI2, IPsec SA established {{ESP=>0x{outbound.spi} '
                     f'<0x{inbound.spi}{xfrm_text}}}')
    return lines


def isakmpd(session):
    lines = []
    for _, keys in v1_keys(session):
        for name, key in (("g^xy", "dh_shared"), ("SKEYID", "skeyid"), ("SKEYID_d", "skeyid_d"), ("SKEYID_a", "skeyid_a"),
                          ("SKEYID_e", "skeyid_e")):
            if keys.get(key):
                lines += [f"043200.123456 Negt 80 {line}" for line in
                          (f"ike_phase_1_post_exchange_KE_NONCE: {name}:", *groups(keys[key], 8, 32))]
    return lines


def racoon(session):
    lines = []
    for ike, keys in v1_keys(session):
        lines += ["DEBUG: new cookie:", ike.spi_i + " "]
        for name, key in (("compute DH's shared.", "dh_shared"), ("SKEYID computed:", "skeyid"),
                          ("SKEYID_d computed:", "skeyid_d"), ("SKEYID_a computed:", "skeyid_a"),
                          ("SKEYID_e computed:", "skeyid_e"), ("final encryption key computed:", "key")):
            if keys.get(key):
                lines += [f"DEBUG: {name}", "DEBUG: ", *groups(keys[key], 8, 32)]
    return lines


def vpnc(session):
    lines = []
    for ike, keys in v1_keys(session):
        lines += ["   i_cookie:", *groups(ike.spi_i, 8), "   r_cookie:", *groups(ike.spi_r, 8)]
        for name, key in (("skeyid", "skeyid"), ("skeyid_d", "skeyid_d"), ("skeyid_a", "skeyid_a"),
                          ("skeyid_e", "skeyid_e"), ("enc-key", "key")):
            lines += [f"   {name}:", *(f"   {row}" for row in groups(keys[key], 8, 32)), "[2026-11-27 04:32:00]"]
    return lines


def skeyids(session):
    return [f"{name}: 0x{keys[name.lower()]}" for _, keys in v1_keys(session)
            for name in ("SKEYID", "SKEYID_d", "SKEYID_a", "SKEYID_e")]


# ---- how logs wrap messages --------------------------------------------------------------------------------------------

def prefixed(prefix):
    """Every line behind a prefix of its own."""
    def wrap(lines, chance):
        return [prefix(chance) + line for line in lines]
    return wrap


def clock(chance):
    return f"{chance.randrange(24):02}:{chance.randrange(60):02}:{chance.randrange(60):02}"


def word(chance):
    return "".join(chance.choice("ghijklmnopqrstuvwxyz") for _ in range(chance.randrange(3, 9)))


PREFIXES = {
    "none": lambda c: "",
    "syslog": lambda c: f"Nov 27 {clock(c)} gw pluto[{c.randrange(9, 99999)}]: ",
    "syslog ISO": lambda c: f"2026-11-27T{clock(c)}.{c.randrange(10**6):06}+01:00 gw charon: ",
    "RFC 5424": lambda c: f"<30>1 2026-11-27T{clock(c)}.123Z gw pluto 341 - - ",
    "RFC 5424 with data": lambda c: f'<30>1 2026-11-27T{clock(c)}Z gw ipsec 341 ID1 [meta seq="{c.randrange(99)}"] ',
    "logread": lambda c: f"Fri Nov 27 {clock(c)} 2026 daemon.debug pluto[341]: ",
    "compose": lambda c: "vpn-1  | ",
    "old compose": lambda c: "\x1b[36mvpn_1  |\x1b[0m ",
    "k8s": lambda c: f"2026-11-27T{clock(c)}.123456789Z stdout F ",
    "kubectl": lambda c: f"[pod/vpn-7d9f8b6c5-x2x4z/{word(c)}] ",
    "logcat": lambda c: f"11-27 {clock(c)}.123  1234  5678 D charon  : ",
    "logcat brief": lambda c: "D/charon  ( 1234): ",
    "RouterOS": lambda c: f"nov/27 {clock(c)} ipsec,debug ",
    "RouterOS 7": lambda c: f" 2026-11-27 {clock(c)} ipsec,debug ipsec: ",
    "monotonic": lambda c: f"[{c.randrange(10**5):5}.{c.randrange(10**6):06}] gw pluto[341]: ",
    "epoch": lambda c: f"1700000000.{c.randrange(10**6):06} gw charon[7]: ",
    "quoted mail": lambda c: "> ",
    "numbered": lambda c: f"{c.randrange(1, 99999):6}  ",
    "grep": lambda c: f"/var/log/{word(c)}.log:{c.randrange(1, 9999)}:",
    "unknown": lambda c: " ".join(word(c) for _ in range(c.randrange(1, 6))) + c.choice([": ", " ", "\t", " - ", "] "]),
    "one hex word": lambda c: "3f2a91c4 ",
}


def docker_json(lines, chance):
    return [json.dumps({"log": line + "\n", "stream": "stdout", "time": "2026-11-27T04:32:00.1Z"}) for line in lines]


def logstash(lines, chance):
    return [json.dumps({"@timestamp": "2026-11-27T04:32:00Z", "host": {"name": "gw"}, "message": line, "tags": ["x"]})
            for line in lines]


def logfmt(lines, chance):
    return ['time="2026-11-27T04:32:00Z" level=debug msg=' + json.dumps(line) for line in lines]


def go_quoted_together(lines, chance):
    """A program that logs many lines in one message, quoted."""
    return ['time="2026-11-27T04:32:00Z" level=info msg=' + json.dumps("\n".join(lines[at:at + 12]) + "\n")
            for at in range(0, len(lines), 12)]


def octal_breaks(lines, chance):
    return ["Nov 27 04:32:00 gw racoon: " + "#012".join(lines[at:at + 4]).replace("\t", "#011")
            for at in range(0, len(lines), 4)]


def crlf(lines, chance):
    return [line + "\r" for line in lines]


def colours(lines, chance):
    return [f"\x1b[{chance.randrange(30, 38)}m{line[:9]}\x1b[0m{line[9:]}\x1b[K" for line in lines]


def html(lines, chance):
    return [line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;") for line in lines]


def no_break_spaces(lines, chance):
    return [line.replace("  ", " \u00a0") for line in lines]


def noise(lines, chance):
    """Other programs' lines between the records."""
    out = []
    for line in lines:
        if not line.startswith((" ", "\t", "|  ")) and chance.random() < 0.1:
            out.append(f"Nov 27 {clock(chance)} gw kernel: device {word(chance)} entered promiscuous mode")
        out.append(line)
    return out


WRAPPINGS = {name: prefixed(prefix) for name, prefix in PREFIXES.items()}
WRAPPINGS.update({"docker json": docker_json, "logstash": logstash, "logfmt": logfmt, "quoted together": go_quoted_together,
                  "#012": octal_breaks, "CRLF": crlf, "colours": colours, "HTML": html, "no-break": no_break_spaces})


def terminal(width):
    """A terminal breaks lines where they meet its edge."""
    def wrap(lines, chance):
        return [part for line in lines for part in ([line[at:at + width] for at in range(0, len(line), width)] or [""])]
    return wrap


def mikrotik_terminal(width):
    """MikroTik breaks between words, and indents what follows."""
    def wrap(lines, chance):
        return [part for line in lines for part in textwrap.wrap(line, width, subsequent_indent="      ", break_on_hyphens=False) or [""]]
    return wrap


# ---- what people do to a log before they send it ------------------------------------------------------------------------

HEX = re.compile(r"(?<![0-9A-Fa-f])(0[xX])?([0-9A-Fa-f]{32,})(?![0-9A-Fa-f])")


def respelled(spell):
    """Every long value in another spelling; `spell` gets "0x" or nothing, and the digits."""
    def wrap(lines, chance):
        return [HEX.sub(lambda match: spell(match.group(1) or "", match.group(2)), line) for line in lines]
    return wrap


def quoted_printable(lines, chance):
    return quopri.encodestring("\n".join(lines).encode()).decode().split("\n")


def attachment(lines, chance):
    encoded = base64.encodebytes(("\n".join(lines) + "\n").encode()).decode()
    return ["Content-Type: text/plain", "Content-Transfer-Encoding: base64", "", *encoded.rstrip("\n").split("\n"), "", "--x--"]


def mailed(width, quote=""):
    """A mail program breaks lines at blanks."""
    def wrap(lines, chance):
        return [quote + part for line in lines for part in
                (textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False, replace_whitespace=False,
                               expand_tabs=False) or [""])]
    return wrap


def grep_context(lines, chance):
    return [f"/var/log/ipsec-1.log{chance.choice(':-')}{number}{chance.choice('-')}{line}" for number, line in enumerate(lines, 98)]


def smart_quotes(lines, chance):
    return [re.sub('"([^"]*)"', "\u201c\\1\u201d", line).replace("'", "\u2019") for line in lines]


def table_of_log(quoting):
    def wrap(lines, chance):
        out = io.StringIO()
        writer = csv.writer(out, quoting=quoting, lineterminator="\n")
        writer.writerows(["2026-11-27T04:32:00.123Z", "gw", "pluto", line, "debug"] for line in lines)
        return out.getvalue().rstrip("\n").split("\n")
    return wrap


def journal_of(cursor, indent=""):
    """The other fields of a record stand before its message."""
    def wrap(lines, chance):
        return [part for line in lines for part in (cursor, f"{indent}_HOSTNAME=gw", f"{indent}MESSAGE={line}", "")]
    return wrap


def record(name, indent=None):
    def wrap(lines, chance):
        return [part for line in lines for part in
                json.dumps({"_HOSTNAME": "gw", "_PID": "77", name: line, "x": 1}, indent=indent).split("\n")]
    return wrap


def loki(indent):
    def wrap(lines, chance):
        values = [[str(1700000000000000000 + number), line] for number, line in enumerate(lines)]
        return json.dumps({"stream": {"job": "x"}, "values": values}, indent=indent).split("\n")
    return wrap


def nested(lines, chance):
    return [json.dumps({"log": json.dumps({"level": "debug", "msg": line}) + "\n", "stream": "stdout"}) for line in lines]


def with_times_between(lines, chance):
    return [part for line in lines for part in ((line, "2026-11-27 04:32:00.123") if chance.random() < 0.5 else (line,))]


def rsyslog_debug(lines, chance):
    """RSYSLOG_DebugFormat: a record has a line per field."""
    return [part for line in lines for part in
            ("Debug line with all properties:", "FROMHOST: 'gw', fromhost-ip: '127.0.0.1', HOSTNAME: 'gw', PRI: 30,",
             f"TIMESTAMP: 'Nov 27 {clock(chance)}', STRUCTURED-DATA: '-',", f"msg: ' {line}'", f"escaped msg: ' {line}'", "")]


def split_behind_prefix(width):
    """A logger with short records: each part of a line has the prefix."""
    def wrap(lines, chance):
        return [f"Nov 27 {clock(chance)} gw vpn[77]: {part}" for line in lines
                for part in ([line[at:at + width] for at in range(0, len(line), width)] or [""])]
    return wrap


def parts_of(line, width):
    return [line[at:at + width] for at in range(0, len(line), width)] or [""]


def cri_parts(lines, chance):
    """CRI marks a part that goes on in the next record with P."""
    return [f"2026-11-28T{clock(chance)}.123456789Z stdout {'P' if part < last else 'F'} {text}" for line in lines
            for parts in [parts_of(line, 60)] for last in [len(parts) - 1] for part, text in enumerate(parts)]


def docker_parts(lines, chance):
    """Docker has no line end behind a part that goes on."""
    return [json.dumps({"log": text + "\n" * (part == last), "stream": "stdout"}, separators=(",", ":")) for line in lines
            for parts in [parts_of(line, 90)] for last in [len(parts) - 1] for part, text in enumerate(parts)]


def inside_hex(sign):
    """A sign of which nothing is shown, where a browser may break a value."""
    return lambda lines, chance: [re.sub(r"([0-9A-Fa-f]{12})(?=[0-9A-Fa-f])", r"\1" + sign, line) for line in lines]


def two_daemons(lines, chance):
    """The same lines of another host, with other digits, between them."""
    other = [re.sub("[0-9a-f]{16,}", lambda match: match.group()[::-1], line) for line in lines]
    left, out = [("gw-a charon[11]", iter(lines)), ("gw-b charon[22]", iter(other))], []
    while left:
        sender, rest = chance.choice(left)
        line = next(rest, None)
        if line is None:
            left.remove((sender, rest))
        else:
            out.append(f"Nov 28 {clock(chance)} {sender}: {line}")
    return out


def terminal_session(lines, chance):
    """script(1): the prompt, a mistyped command, sequences of xterm."""
    return ["\x1b]0;root@gw: ~\x07root@gw:~# caz\b \b\bat log\r", *(f"\x1b(B\x1b[m{line}\x1b[K\r" for line in lines), "root@gw:~# exit\r"]


# How the text is handed over. What a handling leaves ambiguous for a form is named in test_keylog_forms.py.
HANDLINGS = {
    "cat -n": lambda lines, chance: [f"{number:6}\t{line}" for number, line in enumerate(lines, 1)],
    "grep -C": grep_context,
    "diff": lambda lines, chance: ["@@ -0,0 +1,9 @@", *("+" + line for line in lines)],
    "> >": prefixed(lambda c: "> > "),
    "fence": lambda lines, chance: ["> ```log", *("> " + line for line in lines), "> ```"],
    "backquotes": lambda lines, chance: [f"`{line}`" for line in lines],
    "cat -A": lambda lines, chance: [line.replace("\t", "^I") + "^M$" for line in lines],
    "code tags": lambda lines, chance: ["My log: [code]" + lines[0], *lines[1:-1], lines[-1] + "[/code]"],
    "XML": lambda lines, chance: [f'  <entry time="04:32:00"><msg>{escape(line)}</msg></entry>' for line in lines],
    "rsyslog's debug format": rsyslog_debug,
    "split by the logger": split_behind_prefix(200),
    "split at 60": split_behind_prefix(60), "split at 100": split_behind_prefix(100),
    "syslog on a terminal": lambda lines, chance: terminal(80)(WRAPPINGS["syslog"](lines, chance), chance),
    "line numbers": lambda lines, chance: [f"{number} | {line}" for number, line in enumerate(lines, 93)],
    "terminal session": terminal_session,
    "text behind": lambda lines, chance: [line + " host=gw" for line in lines],
    "table": lambda lines, chance: [f"| {line.ljust(max(map(len, lines)))} |" for line in lines],
    "one line of syslog": lambda lines, chance: ["Nov 27 04:32:00 gw vpn: " + "#012".join(lines)],
    "paragraphs": lambda lines, chance: [f"<p>{escape(line)}</p>" for line in lines],
    "&nbsp;": lambda lines, chance: ["<code>" + escape(line).replace(" ", "&nbsp;") + "</code><br>" for line in lines],
    "one line of HTML": lambda lines, chance: ["<pre>" + "<br>".join(escape(line) for line in lines) + "</pre>"],
    "no-break spaces": lambda lines, chance: [line.replace(" ", "\u00a0") for line in lines],
    "thin spaces": lambda lines, chance: [line.replace(" ", "\u2009") for line in lines],
    "smart quotes": smart_quotes,
    "quoted-printable": quoted_printable,
    "base64": attachment,
    "capitals": respelled(lambda prefix, digits: prefix + digits.upper()),
    "colons": respelled(lambda prefix, digits: colons(digits)),
    "dashes": respelled(lambda prefix, digits: colons(digits).replace(":", "-")),
    "fours": respelled(lambda prefix, digits: prefix + groups(digits, 4)[0]),
    "eights": respelled(lambda prefix, digits: prefix + groups(digits, 8)[0]),
    "h": respelled(lambda prefix, digits: digits + "h"),
    "terminal, quoted": lambda lines, chance: ["> " + part for part in terminal(80)(lines, chance)],
    "mail": mailed(72),
    "mail, quoted": mailed(72, "> "),
    "logcat -v long": lambda lines, chance: [part for line in lines for part in ("[ 11-27 04:32:00.123 1: 2 D/charon ]", line, "")],
    "journalctl -o export": journal_of("__CURSOR=s=0639;i=1a2"),
    "journalctl -o verbose": journal_of("Fri 2026-11-27 04:32:00.123456 UTC [s=0639c2;i=1a2;b=99]", "    "),
    "json-pretty": record("MESSAGE", 1), "Splunk": record("_raw"), "unknown member": record("LogEntry"),
    "Loki": loki(2), "Loki in one line": loki(None), "JSON in JSON": nested,
    "CSV": table_of_log(csv.QUOTE_ALL), "CSV, few quotes": table_of_log(csv.QUOTE_MINIMAL),
    "times between": with_times_between,
    "parts of CRI": cri_parts, "parts of Docker": docker_parts,
    "filled screen": lambda lines, chance: [part.ljust(80) for part in terminal(80)(lines, chance)],
    "soft hyphens": inside_hex("\u00ad"), "word joiners": inside_hex("\u2060"), "&shy;": inside_hex("&shy;"),
    "between marks of direction": lambda lines, chance: [f"\u2068{line}\u2069" for line in lines],
    "colours written out": lambda lines, chance: [f"\\e[36m{line}\\e[0m" for line in lines],
    "Python's list": lambda lines, chance: [repr(lines)], "print()": lambda lines, chance: [f"print({line!r})" for line in lines],
    "quoted-printable, quoted": lambda lines, chance: ["> " + line for line in quoted_printable(lines, chance)],
    "twice": lambda lines, chance: [line for line in lines for _ in range(2)],
    "two daemons": two_daemons,
}


# ---- strongSwan's log as the journal has it ----------------------------------------------------------------------------

TAG = re.compile(r"^(?:.*? )?(\d\d)\[([A-Z]{3})\] (?:<[^>]*> )?(.*)$")
ROW = re.compile(r"^\s*\d+: [0-9A-F]{2} ")


def messages(log):
    """The messages of charon's file log: (thread, group, text), a dump being one with line breaks."""
    out, last = [], {}
    for line in log.splitlines():
        match = TAG.match(line)
        if not match:
            continue
        thread, group, text = match.groups()
        if ROW.match(text) and thread in last:
            out[last[thread]][2] += "\n" + text
            continue
        last[thread] = len(out)
        out.append([thread, group, text])
    return out


def journal_short(prefix):
    def render(log, chance):
        lines = []
        for _, _, text in messages(log):
            first, *more = text.split("\n")
            head = prefix(chance)
            lines += [head + first, *(" " * len(head) + row for row in more)]
        return "\n".join(lines) + "\n"
    return render


def journal_cat(log, chance):
    return "".join(text + "\n" for _, _, text in messages(log))


def journal_record(thread, group, text):
    return {"__REALTIME_TIMESTAMP": "1700000000000000", "_HOSTNAME": "gw", "PRIORITY": "7",
            "SYSLOG_IDENTIFIER": "charon-systemd", "GROUP": group, "LEVEL": "4", "THREAD": str(int(thread)),
            "MESSAGE": text}


def journal_json(log, chance):
    return "".join(json.dumps(journal_record(*message)) + "\n" for message in messages(log))


def journal_json_pretty(log, chance):
    return "".join("{\n" + ",\n".join(f"\t{json.dumps(name)} : {json.dumps(value)}"
                                      for name, value in journal_record(*message).items()) + "\n}\n"
                   for message in messages(log))


def journal_json_sse(log, chance):
    return "".join("data: " + json.dumps(journal_record(*message)) + "\n\n" for message in messages(log))


def journal_json_seq(log, chance):
    return "".join("\x1e" + json.dumps(journal_record(*message)) + "\n" for message in messages(log))


def journal_json_array(log, chance):
    """As journalctl writes a message that is no UTF-8."""
    def record(message):
        return {**journal_record(*message), "MESSAGE": list(message[2].encode())}
    return "".join(json.dumps(record(message)) + "\n" for message in messages(log))


def journal_export(log, chance):
    out = b""
    for message in messages(log):
        for name, value in journal_record(*message).items():
            data = value.encode()
            out += (name.encode() + b"\n" + len(data).to_bytes(8, "little") + data + b"\n" if b"\n" in data
                    else name.encode() + b"=" + data + b"\n")
        out += b"\n"
    return out


def journal_verbose(log, chance):
    lines = []
    for message in messages(log):
        lines.append("Fri 2026-11-27 04:32:00.123456 UTC [s=0639c2;i=1a2;b=99;m=1;t=2;x=3]")
        for name, value in journal_record(*message).items():
            first, *more = value.split("\n")
            lines += [f"    {name}={first}", *(" " * 12 + row for row in more)]
    return "\n".join(lines) + "\n"


def file_json(log, chance):
    """charon's file log with json = yes: a record for each line."""
    return "".join(json.dumps({"time": "2026-11-27 04:32:00", "thread": int(thread), "group": group, "level": 4,
                               "ikesa-uniqueid": "1", "ikesa-name": "gw", "msg": row}, separators=(",", ":")) + "\n"
                   for thread, group, text in messages(log) for row in text.split("\n"))


def swanctl_log(log, chance):
    return "".join(f"{thread}[{group}] {row}\n" for thread, group, text in messages(log) for row in text.split("\n"))


def utf16(log, chance):
    return "\ufeff".encode("utf-16-le") + log.replace("\n", "\r\n").encode("utf-16-le")


CHARON_FORMS = {
    "short": journal_short(lambda c: f"Nov 27 {clock(c)} gw charon-systemd[1158]: "),
    "short-iso": journal_short(lambda c: f"2026-11-27T{clock(c)}+0100 gw charon-systemd[1158]: "),
    "short-precise": journal_short(lambda c: f"Nov 27 {clock(c)}.123456 gw charon-systemd[1158]: "),
    "short-full": journal_short(lambda c: f"Fri 2026-11-27 {clock(c)} UTC gw charon-systemd[1158]: "),
    "short-unix": journal_short(lambda c: "1700000000.123456 gw charon-systemd[1158]: "),
    "short-monotonic": journal_short(lambda c: "[  123.456789] gw charon-systemd[1158]: "),
    "with-unit": journal_short(lambda c: f"Fri 2026-11-27 {clock(c)} UTC gw strongswan.service[1158]: "),
    "cat": journal_cat, "json": journal_json, "json-pretty": journal_json_pretty, "json-sse": journal_json_sse,
    "json-seq": journal_json_seq, "json of bytes": journal_json_array, "export": journal_export,
    "verbose": journal_verbose, "swanctl --log": swanctl_log, "UTF-16": utf16,
    "file log in JSON": file_json,
}
