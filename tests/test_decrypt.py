# SPDX-License-Identifier: GPL-2.0-or-later
"""decrypt/ on real captures, without Wireshark: ike_replay plays a capture with given secrets. What is
right comes from the daemons' logs (*.facts.json)."""
import csv
import json
import os
import pathlib
import re
import subprocess

import pytest

REPLAY = os.environ["IKE_REPLAY"]
DATA = pathlib.Path(__file__).resolve().parent.parent / "testdata"
IKEV2 = DATA / "ikev2"


def replay(capture, secrets):
    text = "".join("\t".join(fields) + "\n" for fields in secrets)
    done = subprocess.run([REPLAY, str(capture)], input=text, capture_output=True, text=True,
                          check=True, timeout=60)
    assert "second pass differs" not in done.stdout
    return done.stdout.splitlines()


def encrypted(lines):
    return [line for line in lines if line.startswith("ike ")]


def is_decrypted(line):
    return line.split()[5] == "ok"


def table(name):
    with open(IKEV2 / f"{name}.ikev2_decryption_table", newline="") as rows:
        return [["row2", *row] for row in csv.reader(rows) if not row[0].startswith("#")]


def tables():
    return sorted(path.name.split(".")[0] for path in IKEV2.glob("*.ikev2_decryption_table")
                  if table(path.name.split(".")[0]))


@pytest.mark.parametrize("name", tables())
def test_table_decrypts_every_message(name):
    rows = table(name)
    lines = encrypted(replay(IKEV2 / f"{name}.pcap", rows))
    checked = "icv=0,0" if any("ANY" in field for row in rows for field in row) else "icv=1,1"
    assert lines
    for line in lines:
        assert is_decrypted(line), line
        assert checked in line


def change(row, field, to):
    return [to(value) if i == field else value for i, value in enumerate(row)]


def flip(key):
    return f"{int(key[:2], 16) ^ 1:02x}" + key[2:]


def test_wrong_integrity_key_shows_plaintext_and_says_so():
    row = table("psk-aes-cbc")[0]
    good = encrypted(replay(IKEV2 / "psk-aes-cbc.pcap", [row]))
    wrong = change(change(row, 6, flip), 7, flip)
    shown = encrypted(replay(IKEV2 / "psk-aes-cbc.pcap", [wrong]))
    assert len(shown) == len(good) > 0
    for line, right in zip(shown, good):
        assert is_decrypted(line) and "icv=1,0" in line
        assert line.split()[-1] == right.split()[-1]


def test_wrong_encryption_key_shows_no_plaintext():
    row = table("psk-aes-cbc")[0]
    wrong = change(change(row, 3, flip), 4, flip)
    lines = encrypted(replay(IKEV2 / "psk-aes-cbc.pcap", [wrong]))
    assert lines and not any(is_decrypted(line) for line in lines)


@pytest.mark.parametrize("name", ["psk-aes-gcm", "psk-aes-ccm"])
def test_wrong_key_of_an_aead_fails_the_icv(name):
    row = table(name)[0]
    wrong = change(change(row, 3, flip), 4, flip)
    lines = encrypted(replay(IKEV2 / f"{name}.pcap", [wrong]))
    assert lines and all(not is_decrypted(line) and "integrity check fails" in line for line in lines)


@pytest.mark.parametrize("field, why", [(3, "SK_ei"), (4, "SK_er"), (6, "SK_ai"), (7, "SK_ar")])
def test_row_with_a_short_key_is_refused(field, why):
    row = change(table("psk-aes-cbc")[0], field, lambda key: key[:-2])
    lines = replay(IKEV2 / "psk-aes-cbc.pcap", [row])
    assert any(line.startswith("row") and why in line for line in lines)
    assert not any(is_decrypted(line) for line in encrypted(lines))


def test_spis_may_be_swapped_in_the_row():
    row = table("psk-aes-gcm")[0]
    row[1], row[2] = row[2], row[1]
    assert all(is_decrypted(line) for line in encrypted(replay(IKEV2 / "psk-aes-gcm.pcap", [row])))


def keys_of(name):
    facts = json.loads((IKEV2 / f"{name}.facts.json").read_text())
    return facts["sides"]["initiator"]["ike_sas"][0]


@pytest.mark.parametrize("name", ["psk-aes-cbc", "psk-3des", "psk-aes-gcm", "psk-aes-ccm",
                                  "psk-aes-ctr", "chacha20", "camellia-ctr", "aescmac", "aesxcbc"])
@pytest.mark.parametrize("kinds", [("sk_ei", "sk_er", "sk_ai", "sk_ar"), ("skeyseed",),
                                   ("dh_shared",)])
@pytest.mark.parametrize("bound", [True, False])
def test_any_secret_opens(name, kinds, bound):
    sa = keys_of(name)
    spis = [sa["spi_i"], sa["spi_r"]] if bound else ["-", "-"]
    names = {"skeyseed": "SKEYSEED", "dh_shared": "DH"}
    values = sa["keys"][0]
    if not bound and len(kinds) > 1:
        pytest.skip("secrets of one set are bound in this form")
    secrets = [[names.get(kind, kind.upper()), *spis, values[kind]] for kind in kinds
               if values.get(kind)]
    lines = encrypted(replay(IKEV2 / f"{name}.pcap", secrets))
    assert lines and all(is_decrypted(line) and "icv=1,1" in line for line in lines)


# ---- CHILD_SAs and rekeyed IKE SAs ------------------------------------------------------------------


def facts_of(name):
    return json.loads((IKEV2 / f"{name}.facts.json").read_text())


def secrets_of(name, kinds, rename={"dh_shared": "DH", "skeyseed": "SKEYSEED"}):
    """Secrets of all IKE SAs and of PFS, as one side's daemon logged them."""
    facts = facts_of(name)
    found = []
    for side in facts["sides"].values():
        sas = side.get("ike_sas", [])
        owned = [(sa, keys) for sa in sas for keys in sa.get("keys", [])]
        owned += [(sas[0], child.get("keys", {})) for child in side.get("child_sas", []) if sas]
        for sa, keys in owned:
            found += [[rename.get(kind, kind.upper()), sa["spi_i"], sa["spi_r"], value]
                      for kind, value in keys.items() if kind in kinds]
    return [list(line) for line in dict.fromkeys(map(tuple, found))]


SK = ("sk_d", "sk_ai", "sk_ar", "sk_ei", "sk_er", "sk_pi", "sk_pr")
REKEYED = ["create-child", "rekey-child", "rekey-child-pfs", "rekey-collision", "rekey-ike",
           "rekey-ike-then-child", "rekey-invalid-ke"]


def all_open(lines):
    shown = [line for line in lines if line.startswith(("ike ", "esp "))]
    assert any(line.startswith("esp ") for line in shown)
    for line in shown:
        assert re.search(r" ok icv=1,1 ", line), line


@pytest.mark.parametrize("name", ["psk-aes-cbc", "psk-aes-gcm", "psk-aes-ccm", "psk-3des",
                                  "chacha20", "camellia-cbc", "aesxcbc", "null-esp-sha1"])
def test_esp_opens_with_sk_d(name):
    all_open(replay(IKEV2 / f"{name}.pcap", secrets_of(name, SK)))


@pytest.mark.parametrize("name", REKEYED)
def test_rekeyed_sas_open_with_dh_secrets_alone(name):
    all_open(replay(IKEV2 / f"{name}.pcap", secrets_of(name, ("dh_shared",))))


@pytest.mark.parametrize("name", ["ppk", "ppk-rekey"])
@pytest.mark.parametrize("verified", [True, False])
def test_the_right_one_of_many_ppks_is_mixed_in(name, verified, tmp_path):
    right = next(keys["ppk"] for keys in keys_of(name)["keys"] if keys.get("ppk"))
    log = tmp_path / "ppk.log"
    log.write_text("".join(f"IKE_PPK - 0x{ppk}\n" for ppk in ["00", "01" * 32, "02" * 32, right, "03"]))
    psk = [["psk", "*", facts_of(name)["psk"]]] if verified else []
    all_open(replay(IKEV2 / f"{name}.pcap", secrets_of(name, ("dh_shared",)) + psk + [["text", str(log)]]))


def test_without_its_ppk_esp_stays_closed():
    lines = replay(IKEV2 / "ppk.pcap", secrets_of("ppk", ("dh_shared",)) + [["ppk", "*", "another"]])
    assert all(is_decrypted(line) for line in encrypted(lines))
    assert all(" closed " in line for line in lines if line.startswith("esp "))


def test_esp_with_pfs_and_no_shared_secret_says_so():
    lines = replay(IKEV2 / "rekey-child-pfs.pcap", secrets_of("rekey-child-pfs", SK))
    closed = [line for line in lines if line.startswith("esp ") and " closed " in line]
    assert closed and all("PFS" in line for line in closed)


def test_esp_opens_with_the_keys_of_a_log_alone():
    facts = facts_of("psk-aes-cbc")
    keys = [["ESP", spi, key["encryption"], key["integrity"]]
            for child in facts["sides"]["initiator"]["child_sas"]
            for spi, key in child["esp"].items()]
    lines = [line for line in replay(IKEV2 / "psk-aes-cbc.pcap", keys) if line.startswith("esp ")]
    assert len(lines) > 3
    for line in lines:
        if line.split()[2] in (key[1] for key in keys):
            assert " ok icv=1,1 next=4 " in line, line


# ---- whole logs, and what AUTH comes to -------------------------------------------------------------


def log_of(name, side):
    return [["text", str(DATA / f"{name}.{side}.log")]]


def results(lines):
    """Of each IKE SA and side, as it stands at the end."""
    last = {}
    for line in of("auth", lines):
        _, _, spi, side, result = line.split(" ", 4)
        last[spi, side] = result
    return last


def of(kind, lines):
    return [line for line in lines if line.startswith(kind + " ")]


LOGS = ["ikev2/psk-aes-cbc", "ikev2/two-sas", "ikev2/rekey-collision", "ikev2/ppk-rekey",
        "ikev2/cert-rsa", "ikev2/cert-ecdsa", "ikev2/cert-ed25519", "ikev2/cert-rsa-pss",
        "ikev2/fragments", "ikev2/multiple-auth", "ikev2/eap-mschapv2", "ikev2/eap-md5",
        "multiple-ke/mlkem768", "multiple-ke/three-additional", "multiple-ke/rekey-cbc",
        "multiple-ke/ppk", "multiple-ke/fragments-cbc", "multiple-ke/cert-rsa-fragments"]


@pytest.mark.parametrize("side", ["initiator", "responder"])
@pytest.mark.parametrize("name", LOGS)
def test_a_daemons_log_opens_and_verifies_all(name, side):
    lines = replay(DATA / f"{name}.pcap", log_of(name, side))
    all_open(lines)
    found = [result for result in results(lines).values() if "No AUTH" not in result]
    assert len(found) >= 2
    assert all(result.startswith("verified") for result in found), found


@pytest.mark.parametrize("name", ["ikev2/wrong-psk", "multiple-ke/wrong-psk"])
def test_wrong_psk_says_so(name):
    right = results(replay(DATA / f"{name}.pcap", log_of(name, "initiator")))
    wrong = results(replay(DATA / f"{name}.pcap", log_of(name, "responder")))
    assert "verified: PSK matches" in right.values()
    assert "wrong: PSK does not match" in wrong.values()


@pytest.mark.parametrize("peer, result", [
    ("initiator.lab.example", "verified: PSK matches"), ("*", "verified: PSK matches"),
    ("10.9.0.1", "verified: PSK matches"), ("somebody.else", "unknown: The PSK is not known")])
def test_psk_is_looked_up_by_peer(peer, result):
    secrets = secrets_of("psk-aes-cbc", SK) + [["psk", peer, facts_of("psk-aes-cbc")["psk"]]]
    assert set(results(replay(IKEV2 / "psk-aes-cbc.pcap", secrets)).values()) == {result}


def test_auth_is_unknown_without_sk_p():
    secrets = table("psk-aes-cbc") + [["psk", "*", facts_of("psk-aes-cbc")["psk"]]]
    found = results(replay(IKEV2 / "psk-aes-cbc.pcap", secrets)).values()
    assert all(result.startswith("unknown") for result in found)


@pytest.mark.parametrize("who, password, result", [
    ("carol", "eap password", "verified: EAP-MSCHAPv2 with this password matches"),
    ("*", "eap password", "verified: EAP-MSCHAPv2 with this password matches"),
    ("carol", "another", "unknown: The MSK of EAP is not known")])
def test_eap_mschapv2_is_verified_with_the_password(who, password, result):
    secrets = secrets_of("eap-mschapv2", SK) + [["psk", who, password]]
    lines = of("auth", replay(IKEV2 / "eap-mschapv2.pcap", secrets))
    assert lines[-2].endswith(f"initiator {result}")
