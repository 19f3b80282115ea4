# SPDX-License-Identifier: GPL-2.0-or-later
"""The report against what the daemons logged, its filter, its totals, the table and the export of certificates.

Every expected value comes from the daemons' logs (NAME.facts.json), from Wireshark's own ESP dissector, or from the
certificates that openssl reads.
"""
import collections
import functools
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

import failing_sessions
import many
import packets
from failing_sessions import CHILD, IKE
from tshark import ROOT, TESTDATA, Tshark, captures, facts, plugin_dir

FAMILIES = ("ikev1", "ikev2", "multiple-ke", "libreswan", "openiked", "esp", "failing")
ALL = [path for family in FAMILIES for path in captures(family)]

# Sessions in which something fails: the cause code in the daemon's own words, and what fails.
FAILING = {
    "ikev1/invalid-id": ("INVALID_ID_INFORMATION", CHILD),
    "ikev1/no-answer": ("NO_RESPONSE", IKE),
    "ikev1/no-proposal-chosen": ("NO_PROPOSAL_CHOSEN", IKE),
    "ikev1/ike-scan-refused": ("NO_PROPOSAL_CHOSEN", IKE),
    "ikev1/quick-no-proposal": ("NO_PROPOSAL_CHOSEN", CHILD),
    "ikev1/unknown-peer": ("AUTHENTICATION_FAILED", IKE),
    "ikev1/wrong-psk": ("PSK_MISMATCH", IKE),
    "ikev1/wrong-psk-aggressive": ("AUTHENTICATION_FAILED", IKE),
    "ikev1/xauth-wrong-password": ("XAUTH_FAILED", IKE),
    "ikev2/cert-unknown-ca": ("AUTHENTICATION_FAILED", IKE),
    "ikev2/child-no-proposal": ("NO_PROPOSAL_CHOSEN", CHILD),
    "ikev2/create-child-ts-unacceptable": ("TS_UNACCEPTABLE", CHILD),
    "ikev2/eap-wrong-password": ("EAP_FAILED", IKE),
    "ikev2/eap-only-refused": ("AUTHENTICATION_FAILED", IKE),
    "ikev2/invalid-syntax-auth": ("AUTHENTICATION_FAILED", IKE),
    "ikev2/no-answer": ("NO_RESPONSE", IKE),
    "ikev2/no-proposal-chosen": ("NO_PROPOSAL_CHOSEN", IKE),
    "ikev2/ts-unacceptable": ("TS_UNACCEPTABLE", CHILD),
    "ikev2/virtual-ip-fails": ("INTERNAL_ADDRESS_FAILURE", CHILD),
    "ikev2/wrong-psk": ("AUTHENTICATION_FAILED", IKE),
    "libreswan/wrong-psk": ("AUTHENTICATION_FAILED", IKE),
    "multiple-ke/no-mlkem": ("NO_PROPOSAL_CHOSEN", IKE),
    "multiple-ke/wrong-psk": ("AUTHENTICATION_FAILED", IKE),
    "openiked/wrong-psk": ("AUTHENTICATION_FAILED", IKE),
    **{f"failing/{name}": session[:2] for name, session in failing_sessions.SESSIONS.items()},
}
# Sessions that work in the end, with faults on the way that are to be said: a dead peer, lost packets, scans.
TROUBLED = {"ikev1/dpd-timeout", "ikev2/dpd-timeout", "ikev1/lost-answers", "ikev2/lost-auth", "multiple-ke/no-answer",
            "libreswan/tcp-fallback", "libreswan/redirect-init", "libreswan/redirect-auth", "ikev1/ike-scan-main", "ikev1/ike-scan-aggressive", "ikev2/cookie", "failing/openiked-ts", *(f"failing/{name}" for name in [*failing_sessions.CAME_UP, *failing_sessions.REMARKS])}


def initiator(path):
    """What the initiator's daemon logged; nothing where it keeps no log."""
    return facts(path)["sides"].get("initiator", {})


def name_of(path):
    return f"{path.parent.name}/{path.stem}"


HEALTHY = [path for path in ALL if name_of(path) not in FAILING and name_of(path) not in TROUBLED]


# libreswan prints the keys of IKEv1 SAs to nobody but strongSwan's log, and lacks some when a PPK is mixed in early.
WITHOUT_KEYS = {"libreswan/alone-ikev1", "libreswan/alone-ikev1-aggressive", "libreswan/alone-intermediate"}


def key_log(path):
    """The log with the keys: libreswan's lacks some that strongSwan's has."""
    of_responder = name_of(path) == "libreswan/from-libreswan-ikev1" or name_of(path).startswith("failing/from-libreswan")
    logs = [path.parent / f"{path.stem}.{side}.log" for side in ("initiator", "responder")]
    found = [log for log in (logs[::-1] if of_responder else logs) if log.exists()]
    return found[0] if found else path.parent / f"{path.stem}.ikev2_decryption_table"


@functools.lru_cache(maxsize=None)
def reports_of_folder(folder, keys):
    """{capture: all IKE SAs that the report tells}, read in one process."""
    paths = [path for path in ALL if path.parent == folder]
    logs = [key_log(path) if keys and key_log(path).exists() else None for path in paths]
    results = many.read_all([path.read_bytes() for path in paths], logs, fields=None)
    return {path: result.sas for path, result in zip(paths, results)}


@functools.lru_cache(maxsize=None)
def reports(path, keys=True):
    """All IKE SAs that the report tells of a capture, with a daemon's log as key log."""
    if many.program() and path in ALL:
        return reports_of_folder(path.parent, keys)[path]
    with Tshark() as tshark:
        arguments = ["-q", "-z", "isakmp,report,json"]
        log = key_log(path)
        if keys and log.exists():
            arguments += ["-o", "isakmp.keylog_file:" + tshark.place(log)]
        return json.loads(tshark.run(path, *arguments))["ike_sas"]


def report_of(path, sa):
    """The report of an IKE SA that a daemon logged."""
    found = [one for one in reports(path) if one["spi_initiator"] == sa["spi_i"] and one["spi_responder"] == sa["spi_r"]]
    assert len(found) == 1, (path, sa["spi_i"], sa["spi_r"], [one["spi_initiator"] for one in reports(path)])
    return found[0]


# ---- shape -----------------------------------------------------------------------------------------------------

TEXT, NUMBER, FLAG = str, int, bool
NONE = type(None)
CAUSE = {"code": TEXT, "frame": NUMBER, "text": TEXT}
PARTY = {"address": (TEXT, NONE), "port": NUMBER, "id": (TEXT, NONE), "id_type": (TEXT, NONE), "auth": (TEXT, NONE),
         "auth_verified": (FLAG, NONE), "vendors": [TEXT]}
SHAPE = {
    "stream": NUMBER, "version": TEXT, "spi_initiator": TEXT, "spi_responder": TEXT, "initiator": PARTY,
    "responder": PARTY, "outcome": TEXT, "setup_ms": (float, int, NONE), "cause": (CAUSE, NONE),
    "proposal": {"encryption": (TEXT, NONE), "integrity": (TEXT, NONE), "prf": (TEXT, NONE), "key_exchange": [TEXT]},
    "nat": {"initiator": FLAG, "responder": FLAG}, "encrypted_messages": NUMBER, "decrypted_messages": NUMBER,
    "rekeyed_from": (NUMBER, NONE),
    "child_sas": [{"protocol": TEXT, "spi_initiator": (TEXT, NONE), "spi_responder": (TEXT, NONE), "mode": TEXT,
                   "ts_initiator": [TEXT], "ts_responder": [TEXT], "encryption": (TEXT, NONE),
                   "integrity": (TEXT, NONE), "pfs": (TEXT, NONE), "esp_packets": NUMBER, "esp_decrypted": NUMBER,
                   "outcome": TEXT, "cause": (CAUSE, NONE), "rekeyed_from": (TEXT, NONE)}],
    "exchanges": [{"type": TEXT, "message_id": NUMBER, "initiator": FLAG, "request": (NUMBER, NONE),
                   "response": (NUMBER, NONE), "retransmissions": NUMBER, "ms": (float, int, NONE)}],
    "findings": [{"severity": TEXT, "code": TEXT, "frame": NUMBER, "text": TEXT}],
}


def check_shape(value, shape, where):
    if isinstance(shape, dict):
        assert isinstance(value, dict) and set(shape) <= set(value), (where, sorted(set(shape) - set(value)))
        for key in shape:
            check_shape(value[key], shape[key], where + "." + key)
    elif isinstance(shape, list):
        assert isinstance(value, list), where
        for one in value:
            check_shape(one, shape[0], where + "[]")
    elif isinstance(shape, tuple) and isinstance(shape[0], dict):
        if value is not None:
            check_shape(value, shape[0], where)
    else:
        assert isinstance(value, shape) and (shape is not NUMBER or value is not True), (where, value)


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_shape(path):
    sas = reports(path)
    check_shape(sas, [SHAPE], "ike_sas")
    assert [sa["stream"] for sa in sas] == list(range(len(sas)))
    for sa in sas:
        assert re.fullmatch("[0-9a-f]{16}", sa["spi_initiator"]) and re.fullmatch("[0-9a-f]{16}", sa["spi_responder"])
        assert sa["outcome"] in ("established", "failed", "incomplete", "no_response", "deleted")
        assert (sa["cause"] is not None) or sa["outcome"] not in ("failed", "no_response")
        for child in sa["child_sas"]:
            assert child["outcome"] in ("established", "failed", "rekeyed", "deleted", "incomplete")
        for finding in sa["findings"]:
            assert finding["severity"] in ("error", "warn", "note", "chat")


# ---- against the daemons ---------------------------------------------------------------------------------------

# strongSwan's names of algorithms: those of IANA, but for the bits of the key. IKEv1 has names of its own.
CIPHERS = {"3DES_CBC": ("ENCR_3DES", "3DES-CBC", "ESP_3DES"), "DES_CBC": ("ENCR_DES", "DES-CBC", "ESP_DES"),
           "NULL": ("ENCR_NULL", "ESP_NULL"), "CHACHA20_POLY1305": ("ENCR_CHACHA20_POLY1305",),
           "CAST_CBC": ("ENCR_CAST", "CAST-CBC"), "BLOWFISH_CBC": ("ENCR_BLOWFISH", "Blowfish-CBC"),
           "NULL_AES_GMAC": ("ENCR_NULL_AUTH_AES_GMAC",)}
GROUPS = {"MODP_768": "768-bit MODP Group", "MODP_1024": "1024-bit MODP Group", "MODP_1536": "1536-bit MODP Group",
          "MODP_2048": "2048-bit MODP Group", "MODP2048": "2048-bit MODP Group", "MODP_3072": "3072-bit MODP Group", "MODP_4096": "4096-bit MODP Group",
          "MODP_6144": "6144-bit MODP Group", "MODP_8192": "8192-bit MODP Group",
          "MODP_1024_160": "1024-bit MODP Group with 160-bit Prime Order Subgroup",
          "MODP_2048_256": "2048-bit MODP Group with 256-bit Prime Order Subgroup",
          "ECP_192": "192-bit random ECP group", "ECP_224": "224-bit random ECP group",
          "ECP_256": "256-bit random ECP group", "ECP_384": "384-bit random ECP group",
          "ECP_521": "521-bit random ECP group", "ECP_256_BP": "brainpoolP256r1", "ECP_384_BP": "brainpoolP384r1",
          "ECP_512_BP": "brainpoolP512r1", "CURVE_25519": "Curve25519", "CURVE_448": "Curve448",
          "ML_KEM_512": "ml-kem-512", "ML_KEM_768": "ml-kem-768", "ML_KEM_1024": "ml-kem-1024"}


def cipher_names(name):
    """What a cipher of strongSwan may be called, with its key bits."""
    base, _, bits = name.rpartition("_")
    if not (bits.isdigit() and base):
        return CIPHERS.get(name, ())
    if base in CIPHERS:
        return tuple(f"{one}-{bits}" for one in CIPHERS[base])
    if base == "AES_CBC":
        return tuple(f"{one}-{bits}" for one in ("ENCR_AES_CBC", "AES-CBC", "ESP_AES-CBC", "ESP_AES"))
    if base == "CAMELLIA_CBC":
        return tuple(f"{one}-{bits}" for one in ("ENCR_CAMELLIA_CBC", "CAMELLIA-CBC", "ESP_CAMELLIA"))
    return (f"ENCR_{base}-{bits}", f"ESP_{base}-{bits}", f"ESP_{base.replace('_', '-')}-{bits}")


def plain(text):
    return text.lower().replace("-", "_").replace("group", "").strip()


@pytest.mark.parametrize("path", [p for p in ALL if "strongSwan" in facts(p)["daemon"]], ids=name_of)
def test_negotiated_algorithms(path):
    for sa in initiator(path).get("ike_sas", []):
        if not sa.get("proposal") or sa["version"] != "IKEv2" or "DH19" in sa["proposal"] or not sa.get("spi_r"):
            continue
        if set(sa["spi_r"]) == {"0"}:
            continue
        proposal = report_of(path, sa)["proposal"]
        names = sa["proposal"].split(":", 1)[1].split("/")
        assert proposal["encryption"] in cipher_names(names[0]), (proposal, names)
        integrity = [name for name in names[1:] if name.startswith(("HMAC", "AES_XCBC", "AES_CMAC"))]
        shown = plain(proposal["integrity"] or "").replace("auth_", "").replace("sha1_96", "sha1_96")
        assert shown == (plain(integrity[0]) if integrity else "")
        prf = [name for name in names if name.startswith("PRF_")]
        assert plain(proposal["prf"]) == plain(prf[0])
        groups = [GROUPS[re.sub(r"^KE\d_", "", name)] for name in names if re.sub(r"^KE\d_", "", name) in GROUPS]
        assert [plain(group) for group in proposal["key_exchange"]] == [plain(group) for group in groups]


def up(path):
    """The IKE SAs that the initiator's daemon has keys of."""
    sas = initiator(path).get("ike_sas", [])
    return [sa for sa in sas if sa.get("keys") and sa.get("spi_r") and set(sa["spi_r"]) != {"0"}]


@pytest.mark.parametrize("path", HEALTHY, ids=name_of)
def test_healthy_session(path):
    """Came up as the daemon says, and nothing is found but what weakens it."""
    sas = reports(path)
    assert sas
    for sa in sas:
        assert sa["outcome"] in ("established", "deleted") and not sa["cause"], (sa["outcome"], sa["cause"])
        bad = [f for f in sa["findings"] if f["severity"] in ("error", "warn") and not f["security"]]
        assert not bad, bad
    for sa in up(path):
        report_of(path, sa)


@pytest.mark.parametrize("path", [p for p in HEALTHY if up(p) and name_of(p) not in WITHOUT_KEYS], ids=name_of)
def test_everything_decrypted(path):
    for sa in up(path):
        report = report_of(path, sa)
        assert report["decrypted_messages"] == report["encrypted_messages"] > 0


@pytest.mark.parametrize("side", ["initiator", "responder"])
def test_keys_of_ike_sas_rekeyed_by_both_sides(side):
    """One thread of charon's log has the keys of several IKE SAs; the ICV tells whose they are."""
    path = TESTDATA / "ikev2" / "rekey-ike-both.pcap"
    log = path.with_name(f"rekey-ike-both.{side}.log")
    assert "rekey collision" in log.read_text()
    with Tshark() as tshark:
        sas = ike_sas(tshark, path, "-o", "isakmp.keylog_file:" + tshark.place(log))
    assert len(sas) > 3 and all(sa["decrypted_messages"] == sa["encrypted_messages"] for sa in sas)


def children(path):
    """The CHILD_SAs that the initiator's daemon logged, with SPIs and selectors by the roles of the IKE SA."""
    return [child for child in initiator(path).get("child_sas", []) if child.get("spi_in")]


def child_report(path, child):
    found = [(sa, one) for sa in reports(path) for one in sa["child_sas"]
             if {one["spi_initiator"], one["spi_responder"]} == {child["spi_in"], child["spi_out"]}]
    assert len(found) == 1, (child["spi_in"], child["spi_out"], [sa["child_sas"] for sa in reports(path)])
    return found[0]


def selector(text):
    """The first of a list of selectors; the log may give protocols by number."""
    return text.split()[0].replace("[1]", "[icmp]")


@pytest.fixture(scope="module")
def esp_counts(builtin):
    """ESP packets by SPI, over all captures, as Wireshark's own dissector counts them."""
    frames = builtin.fields(builtin.merged(ALL), ["esp.spi"], "esp")
    return collections.Counter(int(spi, 16) for frame in frames for spi in frame["esp.spi"])


@pytest.mark.parametrize("path", [p for p in HEALTHY if children(p) and name_of(p) not in WITHOUT_KEYS], ids=name_of)
def test_child_sas(path, esp_counts):
    for child in children(path):
        sa, report = child_report(path, child)
        assert report["protocol"] == child.get("protocol", "ESP")
        assert report["outcome"] in ("established", "rekeyed", "deleted") and report["cause"] is None
        if child.get("local_ts") and child.get("remote_ts"):
            asked = {"in": report["ts_initiator"], "out": report["ts_responder"]}
            if report["spi_initiator"] != child["spi_in"]:  # the logging side answered this IKE SA
                asked = {"in": report["ts_responder"], "out": report["ts_initiator"]}
            # Cisco Unity narrows by attributes, not by selectors.
            assert selector(child["local_ts"]) in asked["in"]
            assert selector(child["remote_ts"]) in asked["out"] or "unity" in path.stem
        packets = esp_counts[int(child["spi_in"], 16)] + esp_counts[int(child["spi_out"], 16)]
        assert report["esp_packets"] == packets
        assert report["esp_decrypted"] == packets


@pytest.mark.parametrize("path", [p for p in HEALTHY if "strongSwan" in facts(p)["daemon"]], ids=name_of)
def test_nat_as_the_daemons_see_it(path):
    sides = facts(path)["sides"]
    local, remote = "local host is behind NAT, sending keep alives", "remote host is behind NAT"
    said = {side: sides.get(side, {}).get("events", []) for side in ("initiator", "responder")}
    if not all("NATD" in str(sides.get(side, {}).get("notifies", "")) for side in said):
        pytest.skip("IKEv1 or no NAT detection in the log")
    if "mobike" in path.stem:
        pytest.skip("seen again and again at new addresses")
    first = reports(path)[0]
    if said["responder"]:
        assert first["nat"]["initiator"] == (remote in said["responder"] or local in said["initiator"])
        assert first["nat"]["responder"] == (remote in said["initiator"] or local in said["responder"])


@pytest.mark.parametrize("name", FAILING)
def test_cause(name):
    code, what = FAILING[name]
    path = TESTDATA / (name + ".pcap")
    sas = reports(path)
    if what == IKE:
        failed = [sa for sa in sas if sa["outcome"] in ("failed", "no_response")]
        assert failed and all(sa["cause"]["code"] == code for sa in failed), [(s["outcome"], s["cause"]) for s in sas]
    else:
        failed = [child for sa in sas for child in sa["child_sas"] if child["outcome"] == "failed"]
        assert failed and all(child["cause"]["code"] == code for child in failed), sas
        assert all(sa["outcome"] in ("established", "deleted") for sa in sas)
    # The daemon says the same in its own words.
    logged = re.search(r"received ([A-Z_]+) (?:error )?notify|rejected by peer: ([A-Z_]+)", facts(path)["outcome"] or "")
    if logged:
        said = logged.group(1) or logged.group(2)
        assert code == {"INVALID_MAJOR_VERSION": "VERSION_MISMATCH"}.get(said, said)


@pytest.mark.parametrize("name", ["failing/libreswan-proposals", "failing/vpnc-password"])
def test_a_refusal_is_reported_once(name):
    """A request that is retransmitted and refused each time, and a client that repeats the status that it got."""
    for sa in reports(TESTDATA / (name + ".pcap")):
        assert len([finding for finding in sa["findings"] if finding["severity"] == "error"]) == 1, sa["findings"]


def test_a_request_of_a_rekeyed_sa_is_not_the_first():
    """libreswan is busy with its own rekeying, asks for a response that it got before, and does not know the IKE SA that
    the response set up: the peer is no gateway that limits half-open IKE SAs, and nothing is lost."""
    for keys in (True, False):
        found = [finding for sa in reports(TESTDATA / "failing/libreswan-busy.pcap", keys=keys) for finding in sa["findings"]
                 if finding["code"] == "NO_RESPONSE"]
        assert [finding["frame"] for finding in found] == [28] and "limits the IKE SAs" not in str(found), found


@pytest.mark.parametrize("name", ["ikev2/wrong-psk", "ikev2/no-proposal-chosen", "ikev2/no-answer", "ikev1/no-answer",
                                  "ikev1/wrong-psk", "ikev2/cert-unknown-ca", "multiple-ke/no-mlkem"])
def test_cause_without_keys(name):
    sas = reports(TESTDATA / (name + ".pcap"), keys=False)
    assert [sa["cause"]["code"] for sa in sas if sa["cause"]] == [FAILING[name][0]]


# The response begins with IDr and AUTH, as that of a responder that accepts; the error comes behind them.
LIKE_ACCEPTED = {"failing/childless-refused"}


@pytest.mark.parametrize("path", [p for p in ALL if name_of(p) in FAILING or name_of(p).startswith("failing/")], ids=name_of)
def test_an_ike_sa_that_never_came_up(path):
    """It is not reported as up without keys, and has no Child SA: what is up at one side is not at the other."""
    for sa, without_keys in zip(reports(path), reports(path, keys=False)):
        if sa["outcome"] == "failed" and sa["setup_ms"] is None:
            assert "established" not in [child["state"] for child in sa["child_sas"]]
            assert without_keys["outcome"] != "established" or name_of(path) in LIKE_ACCEPTED, without_keys["inferred_from"]


def test_logs_of_both_sides_tell_that_the_psks_differ():
    """IKEv1 makes its keys of the PSK: with those of one daemon it is likely, with those of both it is certain."""
    path = TESTDATA / "ikev1" / "wrong-psk.pcap"
    logs = [path.with_suffix(f".{side}.log") for side in ("initiator", "responder")]
    with Tshark() as tshark:
        for used, certainty in ((logs[:1], "likely"), (logs, "certain")):
            log = ";".join(tshark.place(one) for one in used)
            document = tshark.run(path, "-q", "-z", "isakmp,report,json", "-o", f"isakmp.keylog_file:{log}")
            causes = [sa["cause"] for sa in json.loads(document)["ike_sas"]]
            assert [(cause["code"], cause["certainty"]) for cause in causes] == [("PSK_MISMATCH", certainty)]


@pytest.mark.parametrize("name, words", [
    *((f"failing/{name}", session[2]) for name, session in failing_sessions.SESSIONS.items()),
    *((f"failing/{name}", session[1]) for name, session in failing_sessions.CAME_UP.items()),
    ("ikev2/ts-unacceptable", ["10.91.0.1/32 === 10.92.0.1/32"]),
    ("ikev2/no-answer", ["sent 5 times"]),
])
def test_sentence_names_the_values(name, words):
    """What the lab's scenario made wrong stands in the sentence."""
    sas = reports(TESTDATA / (name + ".pcap"))
    text = " ".join(str(value) for sa in sas for one in (sa, *sa["child_sas"]) if one["cause"]
                    for value in one["cause"].values())
    assert [word for word in words if word not in text] == [], text


@pytest.mark.parametrize("name, differ", [("ikev2/wrong-psk", True), ("failing/id-address", False), ("ikev2/psk-aes-cbc", None)])
def test_logs_of_both_sides(plain, name, differ):
    """The responder logs the PSK with which it verified AUTH in vain: then it is known that the two differ."""
    path = TESTDATA / (name + ".pcap")
    logs = ";".join(plain.place(path.with_name(f"{path.stem}.{side}.log")) for side in ("initiator", "responder"))
    sa = json.loads(plain.run(path, "-q", "-o", f"isakmp.keylog_file:{logs}", "-z", "isakmp,report,json"))["ike_sas"][0]
    assert (sa["cause"] is None) == (differ is None)
    if sa["cause"]:
        assert ("the PSKs of the two sides differ" in sa["cause"]["text"]) == differ, sa["cause"]


@pytest.mark.parametrize("name", failing_sessions.CAME_UP)
def test_cause_of_a_session_that_came_up(name):
    sa = reports(TESTDATA / "failing" / (name + ".pcap"))[0]
    assert sa["outcome"] in ("established", "deleted") and sa["cause"]["code"] == failing_sessions.CAME_UP[name][0]


@pytest.mark.parametrize("name", failing_sessions.REMARKS)
def test_remark(name):
    code, words, seen_without_keys = failing_sessions.REMARKS[name]
    path = TESTDATA / "failing" / (name + ".pcap")
    found = [finding for sa in reports(path) for finding in sa["findings"] if finding["code"] == code]
    text = " ".join(str(value) for finding in found for value in finding.values())
    assert found and [word for word in words if word not in text] == [], text
    assert seen_without_keys == any(finding["code"] == code for sa in reports(path, keys=False) for finding in sa["findings"])


@pytest.mark.parametrize("name", [*failing_sessions.SESSIONS, *failing_sessions.CAME_UP])
def test_code_without_keys(name):
    """What is encrypted is concluded from outside or not said: never another cause."""
    expected = (failing_sessions.SESSIONS.get(name) or failing_sessions.CAME_UP[name])[-1]
    sas = reports(TESTDATA / "failing" / (name + ".pcap"), keys=False)
    codes = {one["cause"]["code"] for sa in sas for one in (sa, *sa["child_sas"]) if one["cause"]}
    assert codes == ({expected} if expected else set())


# What the gateway's log says ended EAP. In TLS and MSCHAPv2 either side may have rejected the other before.
ENDS_OF_EAP = {
    "failing/eap-md5-password": ("responder", "gateway ended EAP in frame 8"),
    "failing/eap-radius": ("responder", "gateway ended EAP in frame 8"),
    "failing/eap-method": ("responder", "gateway ended EAP in frame 8"),
    "failing/eap-tls-server-name": (None, "gateway ended EAP-TLS, TTLS or PEAP in frame 12"),
    "failing/eap-tls-expired": (None, "client ended EAP-TLS, TTLS or PEAP in frame 15"),
    "ikev2/eap-wrong-password": (None, "client ended EAP in frame 10"),
}


@pytest.mark.parametrize("name", ENDS_OF_EAP)
def test_who_ended_eap_without_keys(name):
    cause = reports(TESTDATA / (name + ".pcap"), keys=False)[0]["cause"]
    side, words = ENDS_OF_EAP[name]
    assert (cause["code"], cause["certainty"], cause["side"]) == ("EAP_FAILED", "likely", side) and words in cause["text"]


def test_client_stops_after_xauth_without_keys():
    """The status is set in the last message: that it says no is possible, and that the capture ends, too."""
    sa = reports(TESTDATA / "failing" / "xauth-unknown-user.pcap", keys=False)[0]
    assert (sa["outcome"], sa["cause"]["certainty"], sa["cause"]["side"]) == ("established", "possible", "responder")


def test_first_response_before_its_request(plain):
    """A capture may swap packets, also the two that make the IKE SA."""
    suite = packets.proposal(1, 1, b"", [(1, 12, packets.tv(14, 256)), (2, 5), (3, 12), (4, 19)])
    init = [(33, suite), (34, b"\0\x13\0\0" + bytes(range(64))), (40, bytes(range(32)))]
    request = packets.udp(packets.message(34, init))
    response = packets.udp(packets.message(34, init, flags=0x20, rspi=packets.RSPI), "10.9.0.2", "10.9.0.1")
    capture = packets.pcap([response, request])
    names = ["isakmp.stream", "isakmp.response_to", "isakmp.response_in"]
    first, second = plain.fields(capture, names, "isakmp", "-2")
    assert first == {"isakmp.stream": ["0"], "isakmp.response_to": ["2"], "isakmp.response_in": []}
    assert second == {"isakmp.stream": ["0"], "isakmp.response_to": [], "isakmp.response_in": ["1"]}


def test_icmp_errors_are_no_messages(plain):
    """They carry what was sent before: no retransmission, no member of the IKE SA, and no fault when it is cut."""
    path = TESTDATA / "failing" / "port-closed.pcap"
    errors = plain.frames(path, "icmp && isakmp")
    assert len(errors) == 5 and plain.frames(path, "icmp && isakmp.stream") == []
    assert plain.frames(path, "isakmp.retransmission") == [3, 5, 7, 9]
    sent = packets.udp(packets.message(34, [(40, bytes(range(32)))]))
    for kept in (28, 36, 60):
        error = packets.ip(1, bytes([3, 3, 0, 0, 0, 0, 0, 0]) + sent[:kept], "10.9.0.2", "10.9.0.1")
        capture = packets.pcap([sent, error])
        assert plain.frames(capture, "frame.number == 2 && (_ws.malformed || isakmp.header.short || isakmp.length.long)") == []
        assert ike_sas(plain, capture)[0]["exchanges"][0]["retransmissions"] == 0


def test_rejected_certificate_is_told_beside_the_notify():
    """The notify says AUTHENTICATION_FAILED; the certificate is out of date."""
    for name in ("certificate-expired", "certificate-early", "ikev1-certificate-expired"):
        found = [f["detail"] for f in reports(TESTDATA / "failing" / (name + ".pcap"))[0]["findings"]
                 if f["code"] == "AUTHENTICATION_FAILED"]
        advice = "Set the clock" if name == "certificate-early" else "Renew the certificate"
        assert len(found) == 1 and "CN=" in found[0] and advice in found[0]


def test_psk_verifies():
    """The key log has the PSK: both sides prove that they know it."""
    sa = reports(TESTDATA / "ikev2" / "psk-aes-cbc.pcap")[0]
    assert sa["initiator"]["auth_verified"] is True and sa["responder"]["auth_verified"] is True
    assert sa["initiator"]["id"] == "initiator.lab.example" and sa["initiator"]["id_type"] == "FQDN"
    assert sa["responder"]["id"] == "responder.lab.example"
    assert sa["initiator"]["auth"] == sa["responder"]["auth"] == "PSK"


def test_rekeyed_sas_are_linked():
    sas = reports(TESTDATA / "ikev2" / "rekey-ike.pcap")
    assert [sa["rekeyed_from"] for sa in sas] == [None, 0, 1]
    first, second = [sa["child_sas"] for sa in reports(TESTDATA / "ikev2" / "rekey-child.pcap")][0][:2]
    assert second["rekeyed_from"] == first["spi_initiator"]


# ---- the command line ------------------------------------------------------------------------------------------

def frames_of(sa):
    return {frame for exchange in sa["exchanges"] for frame in exchange["frames"]}


def ike_sas(tshark, path, *arguments, statistic="isakmp,report,json"):
    return json.loads(tshark.run(path, "-q", "-z", statistic, *arguments))["ike_sas"]


def test_filter_takes_the_ike_sas_that_match(keyed):
    path = TESTDATA / "ikev2" / "two-sas.pcap"
    both = ike_sas(keyed, path)
    assert len(both) == 2
    assert ike_sas(keyed, path, statistic="isakmp,report,json,isakmp.stream==1") == both[1:]
    # One packet of the IKE SA is enough, and an ESP packet does as well.
    one = f"isakmp,report,json,frame.number=={both[0]['first_frame']}"
    assert ike_sas(keyed, path, statistic=one) == both[:1]
    spi = both[0]["child_sas"][0]["spi_initiator"]
    assert ike_sas(keyed, path, statistic=f"isakmp,report,json,esp.spi==0x{spi}") == both[:1]
    assert "IKE SA 1:" not in keyed.run(path, "-q", "-z", "isakmp,report,isakmp.stream==0")
    assert "No IKE SA" in keyed.run(path, "-q", "-z", "isakmp,report,tcp.port==1")


@pytest.mark.parametrize("name", ["ikev2/port-500-rekey", "multiple-ke/six-port-500"])
def test_a_rekeyed_ike_sa_has_the_identities_of_the_one_before(keyed, name):
    """RFC 7296 2.18: there is no IKE_AUTH in it. The responder rekeys here, so the roles change."""
    first, second = ike_sas(keyed, TESTDATA / (name + ".pcap"))
    assert first["initiator"]["id"] == second["responder"]["id"] == "initiator.lab.example"
    assert first["responder"]["id"] == second["initiator"]["id"] == "responder.lab.example"


@pytest.mark.parametrize("name", ["ikev2/two-sas", "ikev2/no-answer", "ikev1/main-rsa", "multiple-ke/rekey"])
def test_two_passes_tell_the_same(keyed, name):
    path = TESTDATA / (name + ".pcap")
    for statistic in ("isakmp,report,json", "isakmp,report", "isakmp,summary"):
        assert keyed.run(path, "-q", "-z", statistic) == keyed.run(path, "-2", "-q", "-z", statistic)


def test_session_reset_loses_nothing_that_was_told(keyed, tmp_path):
    """tshark -M forgets everything every N packets: IKE SAs that ended before are in the report all the same."""
    one, two = (TESTDATA / "ikev2" / name for name in ("no-proposal-chosen.pcap", "psk-aes-cbc.pcap"))
    merged = keyed.merged([one, two])
    capture = keyed.place(merged, "reset.pcapng")
    expected = [sa["spi_initiator"] for path in (one, two) for sa in ike_sas(keyed, path)]
    count = len(keyed.fields(one, ["frame.number"]))
    result = keyed.raw("-r", capture, "-n", "-M", count, "-q", "-z", "isakmp,report,json")
    told = json.loads(result.stdout)["ike_sas"]
    assert [spi for spi in expected if spi not in {sa["spi_initiator"] for sa in told}] == []
    assert told[0] == ike_sas(keyed, one)[0]


def test_wrong_arguments_are_told():
    with Tshark() as tshark:
        capture = tshark.place(TESTDATA / "ikev2" / "no-answer.pcap")
        for argument in ("isakmp,reports", "isakmp,report,json,no.such.field", "isakmp,summary,=="):
            result = tshark.raw("-r", capture, "-q", "-z", argument)
            assert result.returncode != 0 and b"isakmp," in result.stderr


def test_nothing_to_report(plain):
    """A capture without IKE, and one without packets."""
    empty = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000")
    assert ike_sas(plain, empty) == []
    assert "No IKE" in plain.run(empty, "-q", "-z", "isakmp,report")
    assert re.search(r"IKE SAs:\s+0", plain.run(empty, "-q", "-z", "isakmp,summary"))


def test_text_says_the_cause_first(plain):
    text = plain.run(TESTDATA / "ikev2" / "no-proposal-chosen.pcap", "-q", "-z", "isakmp,report").splitlines()
    assert text[0].startswith("IKE SA 0: IKEv2 10.9.0.1 <-> 10.9.0.2, FAILED")
    assert text[1].strip().startswith("Cause: ") and "responder accepts no IKE proposal" in text[1]
    requested = next(line for line in text[2:5] if line.strip().startswith("Requested: "))
    assert "ENCR_AES_CBC-256" in requested


def test_summary_counts(keyed):
    """Three captures one after the other: what each is, and all of them together."""
    names = ("no-proposal-chosen", "no-answer", "two-sas")
    merged = keyed.merged([TESTDATA / "ikev2" / (name + ".pcap") for name in names])
    text = keyed.run(merged, "-q", "-z", "isakmp,summary")
    assert re.search(r"IKE SAs:\s+4\n", text)
    for count, word in ((1, "failed"), (1, "no_response"), (1, "NO_PROPOSAL_CHOSEN"), (1, "NO_RESPONSE")):
        assert re.search(rf"^\s+{count}\s+{word}$", text, re.M), (word, text)
    only = keyed.run(merged, "-q", "-z", "isakmp,summary,isakmp.exchangetype==35")
    assert re.search(r"IKE SAs:\s+2\n", only)


def test_certificates_are_exported(keyed):
    """Every certificate that was sent, in a file with the name of its subject."""
    path = TESTDATA / "ikev2" / "cert-rsa.pcap"
    folder = os.path.join(keyed.home, "certificates")
    keyed.run(path, "-q", "--export-objects", "isakmp," + folder)
    subjects = {}
    for name in os.listdir(folder):
        result = subprocess.run(["openssl", "x509", "-inform", "der", "-in", os.path.join(folder, name), "-noout",
                                 "-subject", "-nameopt", "multiline"], check=True, stdout=subprocess.PIPE)
        subjects[name] = re.search(r"commonName\s*= (.*)", result.stdout.decode()).group(1)
    assert sorted(subjects.values()) == ["initiator.lab.example", "responder.lab.example"]
    assert all(subject in name for name, subject in subjects.items())
    # None is there without the keys.
    with Tshark() as tshark:
        folder = os.path.join(tshark.home, "certificates")
        tshark.run(path, "-q", "--export-objects", "isakmp," + folder)
        assert not os.path.isdir(folder) or not os.listdir(folder)


# ---- the profile -----------------------------------------------------------------------------------------------

PROFILE = ROOT / "profile" / "IKE"


def buttons():
    """Label -> filter, as Wireshark reads them."""
    rows = [re.findall(r'"([^"]*)"', line) for line in (PROFILE / "dfilter_buttons").read_text().splitlines()
            if not line.startswith("#")]
    return {row[1]: row[2].replace(r"\x22", '"') for row in rows}


def test_buttons_of_the_profile(plain, keyed):
    filters = buttons()
    assert list(filters) == ["Failed", "Not decrypted", "Retransmissions", "This IKE SA"]
    path = TESTDATA / "ikev2" / "no-answer.pcap"
    assert plain.frames(path, filters["Retransmissions"]) == [2, 3, 4, 5]
    assert 1 in plain.frames(path, filters["Failed"], "-2")
    assert keyed.frames(TESTDATA / "ikev2" / "wrong-psk.pcap", filters["Failed"]) == [4]
    path = TESTDATA / "ikev2" / "childless-only.pcap"
    encrypted = plain.frames(path, "isakmp.exchangetype != 34")
    assert encrypted and plain.frames(path, filters["Not decrypted"]) == encrypted
    assert keyed.frames(path, filters["Not decrypted"]) == keyed.frames(path, filters["Failed"]) == []


def test_colours_of_the_profile(plain):
    """Every rule is a filter that matches something, and they are where Wireshark looks for them."""
    rules = [line.split("@")[1:3] for line in (PROFILE / "colorfilters").read_text().splitlines() if line[0] == "@"]
    captures_of = {"NAT keepalive": "ikev2/nat-detected", "IKE Child SA set up": "ikev2/rekey-child",
                   "IKE retransmission": "ikev2/no-answer", "IKE failed": "ikev2/no-proposal-chosen",
                   "ICMP error about IKE or ESP": "failing/mtu-icmp",
                   "IKE captured twice": "field/tracker/b2-triple-dpd-end"}
    for name, text in rules:
        capture = TESTDATA / (captures_of.get(name, "ikev2/rekey-child") + ".pcap")
        found = plain.frames(capture, text)
        assert found or name in ("ESP decrypted", "NAT keepalive"), (name, text)


def test_default_colours_follow_ours():
    """Other protocols keep their colours: in the built profile, Wireshark's rules come after those of IKE."""
    def names(path):
        return [line.split("@")[1] for line in path.read_text().splitlines() if line.startswith("@")]
    built = names(Path(plugin_dir()).parent / "profile" / "IKE" / "colorfilters")
    ours = names(PROFILE / "colorfilters")
    assert built[:len(ours)] == ours and {"TCP", "UDP", "Bad TCP"} <= set(built[len(ours):])


def test_widths_are_those_of_the_columns():
    columns = [re.sub(r":0:[RU]$", "", name) for name in re.findall(r'"(%[^"]*)"', (PROFILE / "preferences").read_text())]
    widths = re.search(r"^column\.width: (.*)$", (PROFILE / "recent").read_text(), re.M)[1].replace('"', "").split(", ")
    assert widths[::2] == columns and all(int(width) > 0 for width in widths[1::2])


def test_installed_for_one_user_and_removed(tmp_path):
    """The targets install-user and uninstall-user; a profile that the user has changed stays, another is renewed."""
    system, plugin = tmp_path / "system", next(Path(plugin_dir()).glob("*/epan/isakmp.so"))
    environment = {**os.environ, "HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": ""}

    def run(*options):
        return subprocess.run(
            ["cmake", f"-DPLUGIN={plugin}", "-DABI=4.0", f"-DSYSTEM_FOLDER={system}", f"-DPROFILE={PROFILE}", *options, "-P",
             ROOT / "cmake" / "install_user.cmake"], env=environment, capture_output=True, text=True, check=False)
    installed = tmp_path / "home/.local/lib/wireshark/plugins/4.0/epan/isakmp.so"
    profile = tmp_path / "home/.config/wireshark/profiles/IKE"
    assert run().returncode == 0 and installed.exists() and (profile / "colorfilters").exists()
    assert run("-DUNINSTALL=ON").returncode == 0 and not list((tmp_path / "home").iterdir())
    older = tmp_path / "older" / "IKE"
    older.mkdir(parents=True)
    (older / "colorfilters").write_text("# of an earlier version\n")
    (older / "gone").write_text("# that the profile lost since\n")
    assert run(f"-DPROFILE={older}").returncode == 0 and not (profile / "preferences").exists()
    (profile / "recent").write_text("# by Wireshark\n")
    assert run().returncode == 0 and not (profile / "gone").exists()
    assert "kept" not in run().stdout
    assert all((profile / name).read_bytes() == (PROFILE / name).read_bytes() for name in ("colorfilters", "preferences"))
    assert (profile / "recent").read_text() == "# by Wireshark\n"
    (profile / "preferences").write_text("changed\n")
    assert run().returncode == 0 and (profile / "preferences").read_text() == "changed\n"
    assert run("-DUNINSTALL=ON").returncode == 0 and not installed.exists() and profile.exists()
    (system / "epan").mkdir(parents=True)
    (system / "epan" / "isakmp.so").touch()
    done = run()
    assert done.returncode != 0 and "installed for all users" in done.stderr and not installed.exists()


def test_columns_of_the_profile(keyed):
    """The custom columns are fields that a message has."""
    fields = re.findall(r'%Cus:([^:"]*)', (PROFILE / "preferences").read_text())
    names = [name for field in fields for name in field.split(" or ")]
    assert {"isakmp.stream", "isakmp.messageid", "isakmp.ispi", "isakmp.notify.names"} <= set(names)
    frames = keyed.fields(TESTDATA / "ikev2" / "psk-aes-gcm.pcap", names)
    for name in names:
        assert any(frame[name] for frame in frames), name


# ---- the documents ---------------------------------------------------------------------------------------------

def documented_causes():
    """Capture and code of each row of docs/debugging.md."""
    text = (ROOT / "docs" / "debugging.md").read_text()
    return re.findall(r"^\| `(\w+/[\w-]+)` \| `([A-Z_-]+)` \|", text, re.M)


@pytest.mark.parametrize("name, code", documented_causes())
def test_document_says_what_the_report_says(name, code):
    sas = reports(TESTDATA / (name + ".pcap"))
    causes = [one["cause"] for sa in sas for one in (sa, *sa["child_sas"]) if one["cause"]]
    assert code in [one["code"] for one in causes + [finding for sa in sas for finding in sa["findings"]]]


def test_every_finding_is_documented(plain):
    kinds = set(re.findall(r"^\| `(\w+)` \| `[A-Z0-9_-]+` \| (?:chat|note|warn|error)", (ROOT / "docs" / "report.md").read_text(),
                           re.M))
    listed = plain.raw("-G", "fields").stdout.decode(errors="replace")
    parts = {"code", "certainty", "side", "peer", "requested", "received", "frame", "detail", "child",
             "before", "after", "expected", "found"}
    assert kinds and kinds == set(re.findall(r"\tisakmp\.finding\.(\w+)\t", listed)) - parts
