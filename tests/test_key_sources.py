# SPDX-License-Identifier: GPL-2.0-or-later
"""What people give as key log: configurations with their PSK, logs in other character sets or with the newest
line first, and files that hold no key. Whatever does not help is named in the tree, in the report and on
standard error, with the reason."""
import gzip
import json
import os
import random
import re

import pytest

import keylog_forms as forms
from test_keylog_forms import FORMS, SESSIONS, read_texts
from tshark import TESTDATA

CHARON = TESTDATA / "esp" / "aes-cbc.initiator.log"
CAPTURE = TESTDATA / "esp" / "aes-cbc.pcap"


# ---- configurations ----------------------------------------------------------------------------------------------------

PSK, PPK, PASSWORD = 0, 1, 2
CONFIGURATIONS = [
    ('a.example b.example : PSK "secret of two"', PSK, ["secret of two"]),
    (': PSK "for everybody"', PSK, ["for everybody"]),
    ("%any 192.0.2.1 : PSK 0x70736b", PSK, ["psk"]),
    ("@a.example : PSK 0scHNr", PSK, ["psk"]),
    ('"C=CH, O=Example, CN=gw" 2001:db8::1 : PSK "of a DN"', PSK, ["of a DN"]),
    ("192.0.2.0/24 :PSK bare", PSK, ["bare"]),
    ("2001:db8::1 2001:db8::2: PSK 'single quotes'", PSK, ["single quotes"]),
    ('a b c d : PSK "of four" # comment', PSK, ["of four"]),
    ('carol : EAP "password"\n@dave : XAUTH "other"', PASSWORD, ["password", "other"]),
    ('a b : PPKS "ID1" "quantum"', PPK, ["quantum"]),
    ('secrets {\n  ike-1 {\n    id-a = a.example\n    id-b = @b\n    secret = "with blanks"\n  }\n}', PSK, ["with blanks"]),
    ("secrets { ike { id = %any secret = one } ike-2 { secret = two } }", PSK, ["one", "two"]),
    ("ike-x {\n secret = 0scHNr # comment\n id = 192.0.2.1\n}", PSK, ["psk"]),
    ("  ike-moon {\n     secret = two words\n  }", PSK, ["two words"]),
    ("eap-carol {\n id = carol\n secret = password\n}", PASSWORD, ["password"]),
    ('ppk-1 { id = ppk1 secret = "quantum" }', PPK, ["quantum"]),
    ('ikev2 "x" passive esp from a to b srcid a.example dstid b.example psk "of iked"', PSK, ["of iked"]),
    ("ikev2 esp from 10.1.0.0/24 to 10.2.0.0/24 peer 192.0.2.1 psk 0x70736b", PSK, ["psk"]),
    ('ike esp from a to b peer 192.0.2.9 psk "mekmitasdigoat"', PSK, ["mekmitasdigoat"]),
    ("[peer]\nAuthentication=\tmekmitasdigoat", PSK, ["mekmitasdigoat"]),
    ("crypto isakmp key S3cret address 192.0.2.1", PSK, ["S3cret"]),
    ("crypto isakmp key 0 S3cret address 0.0.0.0 0.0.0.0 no-xauth", PSK, ["S3cret"]),
    ("  pre-shared-key local S3cret\n  pre-shared-key remote 0ther", PSK, ["S3cret", "0ther"]),
    ("  pre-shared-key address 0.0.0.0 0.0.0.0 key S3cret", PSK, ["S3cret"]),
    (" ikev1 pre-shared-key S3cret\n ikev2 local-authentication pre-shared-key hex 70736b", PSK, ["S3cret", "psk"]),
    ('    pre-shared-key ascii-text "S3cret"; ## SECRET-DATA', PSK, ["S3cret"]),
    ("set security ike policy p pre-shared-key hexadecimal 70736b", PSK, ["psk"]),
    ("        set psksecret S3cret", PSK, ["S3cret"]),
    ('/ip ipsec identity\nadd peer=p secret="S3 cret"\nadd peer=q secret=0ther', PSK, ["S3 cret", "0ther"]),
    ("set vpn ipsec site-to-site peer x authentication pre-shared-secret 'S3cret'", PSK, ["S3cret"]),
    ('psk n {\n   id a\n   id b\n   secret "S3cret"\n}', PSK, ["S3cret"]),
    ("\toption pre_shared_key 'S3cret'", PSK, ["S3cret"]),
    ("<pre-shared-key>S3cret</pre-shared-key>", PSK, ["S3cret"]),
    ("IPSec gateway gw\nIPSec secret S3 cret\nIKE DH Group dh2", PSK, ["S3 cret"]),
    ("# racoon\n192.0.2.1\tS3cret\nb@example.org  other one\n*  0x70736b", PSK, ["S3cret", "other one", "psk"]),
]


def test_secrets_of_configurations(tmp_path):
    found = read_texts(tmp_path, [text + "\n" for text, _, _ in CONFIGURATIONS])
    wrong = [text for (text, kind, values), secrets in zip(CONFIGURATIONS, found)
             if {(kind, value.encode().hex()) for value in values} != set(secrets.peers) or secrets.warnings]
    assert not wrong


@pytest.mark.parametrize("text", [" ikev1 pre-shared-key *****", "crypto isakmp key 6 WVhPfEhbb address 192.0.2.1",
                                  'pre-shared-key ascii-text "$9$hLmyvW8X7"', "  set psksecret ENC gNq6mJhA"])
def test_secret_that_is_encrypted_or_left_out(tmp_path, text):
    (secrets,) = read_texts(tmp_path, [text + "\n"])
    assert not secrets.peers and "encrypted or left out" in secrets.warnings[0]


def test_logs_and_sentences_are_no_configuration(tmp_path):
    """Logs of daemons speak of pre-shared keys and have pairs of addresses."""
    texts = ["12[IKE] authentication of 'a' with pre-shared key successful\n", "10.9.0.1 10.9.0.2\n10.9.0.2 10.9.0.1\n",
             '"c" #1: initiator established IKE SA: authenticated peer using authby=secret and ID_FQDN PSK and more\n',
             "2026-11-27T04:32:00.123 gw something\n", "Nov 27 04:32:00 gw : PSK is not used here at all\n"]
    assert [secrets.peers for secrets in read_texts(tmp_path, texts)] == [[] for _ in texts]


@pytest.mark.parametrize("before", ["ike-1 {\nsomething else\n", "SPI, cookie\n", "secrets {\n", "ike-1 {\n secret = x\n"])
def test_log_behind_something_like_a_configuration(tmp_path, before):
    """What looks like the beginning of a section or table takes nothing away from the log that follows."""
    plain, behind = read_texts(tmp_path, [CHARON.read_text(), before + CHARON.read_text()])
    assert {**plain.sets} == {**behind.sets} and plain.esp == behind.esp and plain.peers == behind.peers


def test_psk_of_a_configuration_and_the_secret_of_the_exchange(plain):
    """IKEv1 needs both; g^xy is what charon's log has, the PSK what its ipsec.secrets had."""
    capture = TESTDATA / "esp" / "ikev1.pcap"
    facts = json.loads((TESTDATA / "esp" / "ikev1.facts.json").read_text())
    sa = facts["sides"]["initiator"]["ike_sas"][0]
    assert sa["keys"][0].get("dh_shared")
    shared = f"IKEV1_DH_SHARED {sa['spi_i']} {sa['spi_r']} {sa['keys'][0]['dh_shared']}\n"
    configuration = f'@a @b : PSK "{facts["psk"]}"\n'
    frames = {}
    for name, texts in {"both": [shared, configuration], "PSK": [configuration]}.items():
        logs = [plain.place(text.encode(), f"{name}-{number}.secrets") for number, text in enumerate(texts)]
        frames[name] = plain.fields(capture, ["isakmp.enc.contained", "isakmp.enc.key_source", "isakmp.enc.key_log"], "isakmp",
                                    "-o", "isakmp.keylog_file:" + ";".join(logs))
    assert sum(bool(frame["isakmp.enc.contained"]) for frame in frames["both"]) > 4
    assert any("both-1.secrets:1 (PSK" in text for frame in frames["both"] for text in frame["isakmp.enc.key_source"])
    assert not any(frame["isakmp.enc.contained"] for frame in frames["PSK"])
    lacking = [text for frame in frames["PSK"] for text in frame["isakmp.enc.key_log"]]
    assert lacking and all(text.startswith('1 PSK but no secret of a key exchange') for text in lacking)


# ---- order and character sets ------------------------------------------------------------------------------------------

def backwards(text):
    return "\n".join(reversed(text.splitlines())) + "\n"


ENCODINGS = {
    "UTF-8 with a mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "UTF-16": lambda text: b"\xff\xfe" + text.replace("\n", "\r\n").encode("utf-16-le"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "big-endian UTF-16": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "big-endian UTF-16 without a mark": lambda text: text.encode("utf-16-be"),
    "CR": lambda text: text.replace("\n", "\r").encode(),
    "CR CR LF": lambda text: text.replace("\n", "\r\r\n").encode(),
    "NUL bytes at the beginning": lambda text: bytes(8192) + text.encode(),
    "a block of NUL bytes": lambda text: text[:text.index("\n", 900) + 1].encode() + bytes(4096) +
    text[text.index("\n", 900) + 1:].encode(),
    "empty lines between": lambda text: text.replace("\n", "\n\n").encode(),
    "newest line first": lambda text: backwards(text).encode(),
    "HTML": lambda text: text.replace("<", "&lt;").replace("\n", "<br>\n").encode(),
}


@pytest.mark.parametrize("log", ["esp/aes-cbc.initiator", "esp/ikev1.responder", "ikev2/rekey-ike.initiator", "openiked/alone.initiator",
                                 "libreswan/from-libreswan-cbc.initiator"])
def test_encodings(tmp_path, log):
    text = (TESTDATA / f"{log}.log").read_text(errors="replace").encode("ascii", "replace").decode()
    original, *found = read_texts(tmp_path, [text, *(encode(text) for encode in ENCODINGS.values())])
    assert original.sets or original.esp

    def flat(secrets):
        return {(kind, value) for kinds in secrets.sets.values() for kind, values in kinds.items() for value in values}
    for name, secrets in zip(ENCODINGS, found):
        assert flat(secrets) >= flat(original), name
        assert {spi for spi in secrets.esp} >= {spi for spi in original.esp}, name
        assert not secrets.warnings, name


@pytest.mark.parametrize("form", ["journal", "OPNsense", "MikroTik"])
def test_log_view_with_newest_first(tmp_path, form):
    """Views put times before the lines; the line that is named is the one in the file."""
    lines = CHARON.read_text().splitlines()
    prefix = {"journal": "Nov 27 04:{m:02}:{s:02} gw charon[7]: ", "OPNsense": "2026-11-27T04:{m:02}:{s:02} Informational charon ",
              "MikroTik": "nov/27/2026 04:{m:02}:{s:02} ipsec,debug "}[form]
    text = "".join(prefix.format(m=number // 60 % 60, s=number % 60) + line + "\n" for number, line in enumerate(lines))
    forward, reverse = read_texts(tmp_path, [text, backwards(text)])
    assert forward.sets and {**forward.sets} == {**reverse.sets} and forward.esp == reverse.esp
    assert not reverse.warnings


def test_line_of_a_log_with_newest_first(plain):
    text = backwards("\n".join(forms.native(forms.Session(TESTDATA / "esp" / "aes-cbc.facts.json"))) + "\n" * 3 +
                     CHARON.read_text())
    log = plain.place(text.encode(), "backwards.log")
    (source,) = {frame["isakmp.enc.key_source"][0] for frame in plain.fields(
        CAPTURE, ["isakmp.enc.key_source"], "esp.contained_data || udp.port == 4500 && esp && frame.number == 5",
        "-o", f"isakmp.keylog_file:{log}") if frame["isakmp.enc.key_source"]}
    name, line = source.split(" (")[0].rsplit(":", 1)
    spi_line = text.splitlines()[int(line) - 1]
    assert name.endswith("backwards.log") and "IKEV2_SK_EI" in spi_line, source


# ---- what does not help ------------------------------------------------------------------------------------------------

OTHER = TESTDATA / "ikev2" / "3des-md5-modp1536.initiator.log"
SEE = "see docs/keylog.md"
USELESS = {  # name: (bytes, what is said of it in the tree)
    "other-session.log": (OTHER.read_bytes(), "keys of 1 IKE SA, 2 ESP SAs, 1 PSK, none for this IKE SA (285 lines; IKE "
                          "29f6fb9585dba66a 7179f1e356e0f9e3; ESP 0x4a2eb71c, 0xdfbc4b5c)"),
    "only-psk.log": (b"IKE_PSK - hunter2\n", "1 PSK but no secret of a key exchange"),
    "ipsec.secrets": (b'@a @b : PSK "x"\n', "1 PSK but no secret of a key exchange"),
    "swanctl.conf": (b"secrets {\n ike-1 {\n  secret = x\n }\n}\n", "1 PSK but no secret of a key exchange"),
    "passwords.conf": (b'carol : EAP "x"\n', "1 password but no secret of a key exchange"),
    "truncated.log": (b"IKEV2_SK_EI dccc908456cfc798 5704dca871c3a0ec 221e\n", "keys of 1 IKE SA, incomplete or wrong for this IKE SA"),
    "wrong-algorithm.log": (b"dccc908456cfc798,5704dca871c3a0ec," + b"1" * 48 + b"," + b"2" * 48 +
                            b',"3DES [RFC2451]",' + b"3" * 32 + b"," + b"4" * 32 + b',"HMAC_MD5_96 [RFC2403]"\n',
                            "keys of 1 IKE SA, incomplete or wrong for this IKE SA"),
    "only-esp.txt": (b"src 10.0.0.1 dst 10.0.0.2\n\tproto esp spi 0x01020304 reqid 1 mode tunnel\n\tauth-trunc hmac(sha1) 0x" +
                     b"ab" * 20 + b" 96\n\tenc cbc(aes) 0x" + b"cd" * 16 + b"\n", "keys of 1 ESP SA, none for this IKE SA"),
    "empty.log": (b"", "empty"),
    "binary.log": (random.Random(1).randbytes(20000), "binary data, not a key log"),
    "nul.log": (bytes(5000), f"no key recognized in 1 line of binary data: {SEE}"),
    "table.csv": (b"name,value\nmtu,1500\n", f"no key recognized in 2 lines: {SEE}"),
    "capture.log": (CAPTURE.read_bytes(), "this is a capture, not a log"),
    "charon.log.gz": (gzip.compress(CHARON.read_bytes(), mtime=0), "this is a compressed file: decompress it first"),
    "tls.log": (b"CLIENT_RANDOM 00 11\n", f"no key recognized in 1 line: a TLS key log (SSLKEYLOGFILE); {SEE}"),
    "cert.pem": (b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
                 f"no key recognized in 3 lines: a certificate, which decrypts nothing; {SEE}"),
    "key.pem": (b"-----BEGIN PRIVATE KEY-----\nMIIB\n", f"no key recognized in 2 lines: a private key, which authenticates and "
                f"decrypts nothing; {SEE}"),
    "cert.der": (b"\x30\x82\x01\x02\x30\x82", "this is a certificate or key in DER: neither decrypts IKE"),
    "charon-level-1.log": (b"12[IKE] initiating IKE_SA c[1] to 10.9.0.2\n12[ENC] generating IKE_SA_INIT request 0\n",
                           "no key recognized in 2 lines: a strongSwan log without secrets; set ike and chd to level 4; "
                           + SEE),
    "pluto.log": (b'Nov 27 04:32:00 gw pluto[7]: "c" #1: initiating IKEv2 connection\n',
                  f"no key recognized in 1 line: a libreswan log without secrets; set plutodebug=all,crypt,private; {SEE}"),
    "asa.log": (b"IKEv2-PROTO-4: (8): Processing IKE_SA_INIT message\n",
                f"no key recognized in 1 line: Cisco ASA debug output, which has no keys; the peer's log may have them; {SEE}"),
    "xfrm-hidden.txt": (b"src 10.0.0.1 dst 10.0.0.2\n\tproto esp spi 0x01020304 reqid 1 mode tunnel\n"
                        b"\tauth-trunc hmac(sha256) <<Keys hidden>> 128\n\tenc cbc(aes) <<Keys hidden>>\n", "keys are hidden"),
    "statusall.txt": (b"Security Associations (1 up, 0 connecting):\n", "SAs without keys"),
    "whack.txt": (b'006 #2: "c", type=ESP, add_time=1700000000, inBytes=84, outBytes=84, id=\'@b\'\n', "SAs without keys"),
}


@pytest.fixture(scope="module")
def useless(plain):
    """One run with all of them, and a folder, a FIFO, a file that is missing and one that may not be read."""
    paths = [plain.place(data, name) for name, (data, _) in USELESS.items()]
    folder = os.path.join(plain.home, "useless")
    os.makedirs(os.path.join(folder, "empty"), exist_ok=True)
    os.mkfifo(os.path.join(folder, "fifo"))
    secret = os.path.join(folder, "unreadable.log")
    with open(secret, "w") as file:
        file.write("IKE_PSK - x\n")
    os.chmod(secret, 0)
    os.chmod(folder, 0o755)
    paths += [os.path.join(folder, name) for name in ("fifo", "unreadable.log", "missing.log", "empty")]
    result = plain.raw("-r", plain.place(CAPTURE), "-n", "-o", "isakmp.keylog_file:" + ";".join(paths), "-T", "fields", "-e", "frame.number",
                       "-e", "isakmp.enc.key_log", "-E", "occurrence=a", "-E", "aggregator=\x1f", "-z", "isakmp,report")
    assert result.returncode == 0
    out = result.stdout.decode().splitlines()
    tree = next(line.split("\t")[1].split("\x1f") for line in out if line.startswith("3\t"))
    report = [line for line in out if line.startswith("Key log ")]
    errors = [line for line in result.stderr.decode().splitlines() if line.startswith("isakmp: ")]
    return tree, report, errors


REASONS = {"fifo": "not a regular file", "unreadable.log": "Permission denied", "missing.log": "No such file or directory",
           "empty": "a folder without files"}


@pytest.mark.parametrize("name", [*USELESS, *REASONS])
def test_reason_in_tree_report_and_on_stderr(useless, name):
    tree, report, errors = useless
    reason = USELESS[name][1] if name in USELESS else REASONS[name]
    said = re.split(", none for this|, incomplete or", reason)[0]
    assert any(said in text for text in tree), tree
    assert sum(line.startswith(f'Key log "{name}": ') and said in line for line in report) == 1, report
    assert sum(f'/{name}"' in line and said in line for line in errors) == 1 or \
        sum(f'"{name}": ' in line and said in line for line in errors) == 1, errors
    assert not any(f'{name}", line 0' in line for line in errors)


RUINS = {  # what makes a log useless: of another session, keys removed, halved, of zeros, lines cut off
    "other": lambda text: text,
    "stars": lambda text: HEX.sub("*****", text),
    "removed": lambda text: HEX.sub("", text),
    "halved": lambda text: HEX.sub(lambda match: match[0][:len(match[0]) // 2 | 1], text),
    "zeros": lambda text: HEX.sub(lambda match: "0" * len(match[0]), text),
    "cut": lambda text: "".join(line[:24] + "\n" for line in text.splitlines()),
}
HEX = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{12,}(?![0-9A-Za-z])")


def test_every_useless_log_says_so(plain):
    """A log of any form of which nothing is usable: once in the tree, once in the report, and on standard
    error once, or with its lines."""
    chance = random.Random(20261127)
    folder = os.path.join(plain.home, "ruined")
    os.mkdir(folder)
    names = []
    for number, (render, applies, _) in enumerate(FORMS.values()):
        session = chance.choice([session for session in SESSIONS if applies(session) and session.name != "aes-cbc"])
        lines = render(session)
        ruin, wrap = chance.choice(sorted(RUINS)), chance.choice(sorted(forms.WRAPPINGS))
        text = RUINS[ruin]("\n".join(lines))
        names.append(f"{number}-{ruin}.log")
        with open(os.path.join(folder, names[-1]), "w", encoding="utf-8") as file:
            file.write("\n".join(forms.WRAPPINGS[wrap](text.split("\n"), chance)) + "\n")
    os.chmod(folder, 0o755)
    result = plain.raw("-r", plain.place(CAPTURE), "-n", "-o", f"isakmp.keylog_file:{folder}", "-T", "fields", "-e", "frame.number",
                       "-e", "isakmp.enc.key_log", "-e", "isakmp.enc.decrypted", "-e", "isakmp.enc.key_source", "-E", "aggregator=\x1f",
                       "-z", "isakmp,report")
    out = result.stdout.decode().splitlines()
    rows = [line.split("\t") for line in out if line.count("\t") == 3]
    tree = next(row[1].split("\x1f") for row in rows if row[0] == "3")
    assert not any(row[2] or row[3] for row in rows)
    assert len(tree) == len(names)
    for name in names:
        assert sum(line.startswith(f'Key log "{name}": ') for line in out) == 1, name
        said = re.findall(rf'[/"]{name}"(: |, line \d+: )', result.stderr.decode())
        assert said and said.count(": ") <= 1, name  # of the file once, or of lines of it


TABLE = TESTDATA / "esp" / "aes-cbc.facts.json"


def table_row(session):
    """The row of ikev2_decryption_table, as argument of -o."""
    ike, names = session.ikes[0], ("SK_ei", "SK_er", "SK_ai", "SK_ar")
    keys = dict(next(forms.v2_keys(ike, names)))
    return (f'uat:ikev2_decryption_table:{ike.spi_i},{ike.spi_r},{keys["SK_ei"]},{keys["SK_er"]},"AES-CBC-256 [RFC3602]",'
            f'{keys["SK_ai"]},{keys["SK_ar"]},"HMAC_SHA2_256_128 [RFC4868]"')


@pytest.mark.parametrize("beside", ["key log", "decryption table", "IKE_SA_INIT alone"])
def test_log_of_no_use_beside_what_is_enough(plain, beside):
    """A key log that names no SA of the capture and decrypts nothing is named although nothing is missing. The
    other peer's log, whose keys are known already, is not."""
    logs = {name: plain.place(data, name) for name, data in {
        "good.log": CHARON.read_bytes(), "peer.log": (TESTDATA / "esp" / "aes-cbc.responder.log").read_bytes(), "idle.log": OTHER.read_bytes(),
        "500.log": b"".join(b"ESP_KEY - AES_CBC_128 %032x HMAC_SHA1_96 %040x\n" % (n, n) for n in range(1, 501))}.items()}
    if beside == "decryption table":
        del logs["good.log"]
    logs["gone.log"] = "/nowhere/gone.log"
    more = ["-o", table_row(forms.Session(TABLE))] if beside == "decryption table" else []
    more += ["-c", "2"] if beside == "IKE_SA_INIT alone" else []
    arguments = ["-r", plain.place(CAPTURE), "-n", "-q", "-o", "isakmp.keylog_file:" + ";".join(logs.values()), *more]
    text = plain.raw(*arguments, "-z", "isakmp,report")
    data = json.loads(plain.raw(*arguments, "-z", "isakmp,report,json").stdout)["key_logs"]
    said = {line.split('"')[1]: line for line in text.stdout.decode().splitlines() if line.startswith("Key log ")}
    errors = [line for line in text.stderr.decode().splitlines() if line.startswith("isakmp: ")]
    assert list(said) == list(logs) == [log["name"] for log in data]
    assert said["500.log"] == 'Key log "500.log": keys of 500 ESP SAs without SPI, none used in this capture (500 lines)'
    assert "No such file" in said["gone.log"]
    assert {name for name in said if "none used in this capture" in said[name]} == {"idle.log", "500.log"}
    assert [line.split('"')[1].rsplit("/", 1)[-1] for line in errors] == ["gone.log", "idle.log", "500.log"]
    used = {log["name"] for log in data if log["used"]}
    assert used == ({"good.log"} if beside == "key log" else {"peer.log"} if beside == "decryption table" else set())
    assert {log["name"]: log["lines"] for log in data} == {name: len(open(path, "rb").readlines()) if name != "gone.log" else 0
                                                          for name, path in logs.items()}


def test_log_with_other_keys_of_an_sa_that_is_decrypted(plain):
    """It is none of the peer's, which has the same secrets."""
    session = forms.Session(TESTDATA / "esp" / "aes-cbc.facts.json")
    wrong = re.sub(r"(?m) [0-9a-f]{2}([0-9a-f]+)$", r" 00\1", "\n".join(line for line in forms.native(session) if line.startswith("IKEV2_")))
    logs = [plain.place(data, name) for name, data in {
        "good.log": CHARON.read_bytes(), "peer.log": (TESTDATA / "esp" / "aes-cbc.responder.log").read_bytes(),
        "wrong.log": wrong.encode()}.items()]
    for order in logs, logs[::-1]:
        result = plain.raw("-r", plain.place(CAPTURE), "-n", "-q", "-o", "isakmp.keylog_file:" + ";".join(order), "-z", "isakmp,report")
        errors = [line for line in result.stderr.decode().splitlines() if line.startswith("isakmp: ")]
        assert len(errors) == 1 and errors[0].startswith('isakmp: "wrong.log": keys of 1 IKE SA, none used in this capture'), errors
        assert "decrypted 4" in result.stdout.decode()


def test_many_sas_are_named_in_short(plain):
    keys = "".join(f"IKEV2_SK_EI {n:016x} {n + 1:016x} {n:032x}\nESP_KEY {n:08x} AES_CBC_128 {n:032x} HMAC_SHA1_96 {n:040x}\n"
                   for n in range(1, 16))
    (said,) = {text for frame in plain.fields(CAPTURE, ["isakmp.enc.key_log"], "isakmp.enc.key_log", "-o",
                                              f"isakmp.keylog_file:{plain.place(keys.encode(), 'many.log')}")
               for text in frame["isakmp.enc.key_log"] if "IKE SA (" in text}
    assert said == ("keys of 15 IKE SAs, 15 ESP SAs, none for this IKE SA (30 lines; IKE 0000000000000001 0000000000000002, "
                    "0000000000000002 0000000000000003 and 13 more; ESP 0x00000001, 0x00000002, 0x00000003, 0x00000004 and 11 more)")


@pytest.mark.parametrize("row, reason", [
    ('isakmp_psk:"*","0xzz"', "begins with 0x and is not written in hex"),
    ('isakmp_psk:"*","0x123"', "begins with 0x and is not written in hex"),
    ('isakmp_psk:"*","0s!!"', "is not base64"), ('isakmp_psk:"*",""', "The PSK is empty"),
    ('isakmp_psk:"10.0.0.300","x"', "looks like an IP address"), ('isakmp_psk:"10.0.0.0/33","x"', "looks like an IP address"),
    ("ikev1_decryption_table:0123456789abcdef,zz", "The key has to be 5 to 56 bytes in hex"),
    ('ikev1_decryption_table:0123456789abcdef,""', "Must have Encryption key"),
    ("ikev1_decryption_table:0123456789abcdef,11", "5 to 56 bytes"),
    ("ikev1_decryption_table:0123456789abcdef,0011223344556677", None), ("ikev1_decryption_table:01234567,0011223344556677", "COOKIE"),
    ('isakmp_psk:"2001:db8::1","0x12"', None), ('isakmp_psk:"","x"', None)])
def test_row_on_the_command_line(plain, row, reason):
    """A row that is refused in the dialog is refused on the command line, with the same reason."""
    result = plain.raw("-r", plain.place(CAPTURE), "-c", "1", "-o", f"uat:{row}")
    assert (result.returncode == 0) == (reason is None), result.stderr
    assert (reason or "") in result.stderr.decode()


def test_key_of_one_direction(plain):
    """The other direction has no key: that is what is said of it, not a fault of the packet."""
    keys = next(forms.v2_keys(forms.Session(TESTDATA / "esp" / "aes-cbc.facts.json").ikes[0], ["SK_ei", "SK_ai"]))
    text = "".join(f"IKEV2_{name.upper()} dccc908456cfc798 5704dca871c3a0ec {value}\n" for name, value in keys)
    frames = plain.fields(CAPTURE, ["isakmp.flag_i", "isakmp.enc.contained", "isakmp.enc.key_log", "_ws.expert.message"],
                          "isakmp.exchangetype >= 35", "-o", f"isakmp.keylog_file:{plain.place(text.encode(), 'one-way.log')}")
    assert len(frames) == 4
    for frame in frames:
        from_initiator = frame["isakmp.flag_i"] in (["1"], ["True"])
        assert bool(frame["isakmp.enc.contained"]) == from_initiator
        assert from_initiator or frame["isakmp.enc.key_log"] == [
            "keys of 1 IKE SA, incomplete or wrong for this IKE SA (2 lines; IKE dccc908456cfc798 5704dca871c3a0ec)"]
        assert from_initiator or "No key for this SA" in frame["_ws.expert.message"], frame


@pytest.mark.parametrize("first", [0, 1])
def test_log_that_was_rotated_in_a_dump(plain, first):
    """What is in one file or the other is enough, in whatever order they are given."""
    lines = CHARON.read_text().splitlines(True)
    cut = next(number for number, line in enumerate(lines) if "Sk_ei secret =>" in line) + 2
    logs = [plain.place("".join(part).encode(), name) for part, name in ((lines[:cut], "charon.log.1"), (lines[cut:], "charon.log"))]
    result = plain.raw("-r", plain.place(CAPTURE), "-n", "-T", "fields", "-e", "isakmp.enc.contained", "-e", "esp.contained_data", "-Y",
                       "isakmp.enc.contained || esp.contained_data", "-o", "isakmp.keylog_file:" + ";".join(logs[::1 - 2 * first]))
    assert len(result.stdout.decode().splitlines()) == 10
    errors = [line for line in result.stderr.decode().splitlines() if line.startswith("isakmp: ")]
    assert len(errors) == 1 and errors[0].endswith(f"line {cut - 1}: the dump of this secret is incomplete")
