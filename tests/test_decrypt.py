# SPDX-License-Identifier: GPL-2.0-or-later
"""Decryption of recorded IKEv2 sessions with each kind of secret. What is right comes from the daemons' logs
(*.facts.json)."""
import csv

import pytest

import decryption
from decryption import all_decrypted
from tshark import TESTDATA, Tshark

IKEV2 = TESTDATA / "ikev2"
SK = ("sk_d", "sk_ai", "sk_ar", "sk_ei", "sk_er", "sk_pi", "sk_pr")
JOBS = decryption.Jobs()
job = JOBS.add


@pytest.fixture(scope="module")
def read():
    """Messages by the name of a job."""
    return JOBS.read()


def capture_of(name):
    return IKEV2 / f"{name}.pcap"


def secrets_of(name, kinds):
    return decryption.secrets_of(capture_of(name), kinds)


def psk_of(name):
    return decryption.facts_of(capture_of(name))["psk"]


def rows_of(name):
    with open(IKEV2 / f"{name}.ikev2_decryption_table", newline="", encoding="utf-8") as rows:
        return [row for row in csv.reader(rows) if not row[0].startswith("#")]


def table(rows):
    return "".join(",".join(f'"{field}"' if " " in field else field for field in row) + "\n" for row in rows)


# ---- rows of Wireshark's table -----------------------------------------------------------------------------------------

UNCHECKED = ["aescmac", "aesxcbc"]  # "ANY 96-bits of Authentication"
TABLES = [job(f"table {path.stem}", capture_of(path.stem), table(rows_of(path.stem)))
          for path in sorted(IKEV2.glob("*.ikev2_decryption_table")) if rows_of(path.stem) and path.stem not in UNCHECKED]


@pytest.mark.parametrize("name", TABLES)
def test_table_decrypts_every_message(name, read):
    all_decrypted(read[name], "ike")


def test_tables_decrypt_every_message_in_tshark():
    names = [name.removeprefix("table ") for name in TABLES]
    decryption.all_decrypted_by_tshark(map(capture_of, names), b"".join(JOBS[name][1] for name in TABLES), "ike")


@pytest.mark.parametrize("name", UNCHECKED)
@pytest.mark.parametrize("as_log", [False, True])
def test_table_without_integrity_algorithm_decrypts(name, as_log):
    rows = table(rows_of(name))
    with Tshark(tables={} if as_log else {"ikev2_decryption_table": rows}) as tshark:
        more = ["-o", f"isakmp.keylog_file:{tshark.place(rows.encode(), 'rows.csv')}"] if as_log else []
        frames = tshark.fields(capture_of(name), ["isakmp.enc.decrypted", "isakmp.enc.key_source"], "isakmp.enc.data", *more)
    assert frames and all(frame["isakmp.enc.decrypted"] for frame in frames)
    source = "key log file rows.csv:1 (SK_e, " if as_log else "decryption table row 1 (SK_e, "
    assert all(text.startswith(source) for frame in frames for text in frame["isakmp.enc.key_source"])


def flip(key):
    return f"{int(key[:2], 16) ^ 1:02x}" + key[2:]


def changed(name, change, *fields):
    row = rows_of(name)[0]
    return table([[change(value) if i in fields else value for i, value in enumerate(row)]])


SWAPPED = job("swapped", capture_of("psk-aes-gcm"), table([[row[1], row[0], *row[2:]] for row in rows_of("psk-aes-gcm")]))
WRONG_KEY = [(job(f"wrong key {name}", capture_of(name), changed(name, flip, 2, 3)), why)
             for name, why in (("psk-aes-cbc", "wrong key"), ("psk-aes-gcm", "integrity check fails"),
                               ("psk-aes-ccm", "integrity check fails"))]
SHORT_KEY = [job(f"short key {field}", capture_of("psk-aes-cbc"), changed("psk-aes-cbc", lambda key: key[:-2], field))
             for field in (2, 3, 5, 6)]


def test_wrong_integrity_key_shows_plaintext_and_says_so():
    """A row of the table is what the user states, unlike a line of a log."""
    def shown(row):
        with Tshark(tables={"ikev2_decryption_table": row}) as tshark:
            frames = tshark.fields(capture_of("psk-aes-cbc"), ["isakmp.ikev2.integrity_checksum"], "isakmp.enc.data")
            dumps = tshark.run(capture_of("psk-aes-cbc"), "-x", "-Y", "isakmp.enc.data")
        assert dumps.count("Decrypted IKE") == len(frames) > 0
        return [bool(frame["isakmp.ikev2.integrity_checksum"]) for frame in frames], dumps

    (right, right_dumps), (wrong, wrong_dumps) = map(shown, (table(rows_of("psk-aes-cbc")), changed("psk-aes-cbc", flip, 5, 6)))
    assert not any(right) and all(wrong)
    assert right_dumps == wrong_dumps


def test_spis_may_be_swapped_in_the_row(read):
    all_decrypted(read[SWAPPED], "ike")


@pytest.mark.parametrize("name, why", WRONG_KEY)
def test_wrong_encryption_key_shows_no_plaintext(name, why, read):
    messages = decryption.of("ike", read[name])
    assert messages and all(not message.plain and why in message.why for message in messages)


@pytest.mark.parametrize("name", SHORT_KEY)
def test_row_with_a_short_key_says_so(name, read):
    closed = [message for message in decryption.of("ike", read[name]) if not message.plain]
    assert closed and all("key length" in message.why or decryption.NO_KEY in message.why for message in closed)


# ---- one kind of secret ------------------------------------------------------------------------------------------------


def first_keys(name, kinds, bound):
    sa = decryption.facts_of(capture_of(name))["sides"]["initiator"]["ike_sas"][0]
    spis = (sa["spi_i"], sa["spi_r"]) if bound else ("-", "")
    return "".join(decryption.line(kind, *spis, sa["keys"][0][kind]) for kind in kinds if sa["keys"][0].get(kind))


ANY_SECRET = [job(f"{name} {kinds[0]} {'bound' if bound else 'unbound'}", capture_of(name), first_keys(name, kinds, bound))
              for name in ("psk-aes-cbc", "psk-3des", "psk-aes-gcm", "psk-aes-ccm", "psk-aes-ctr", "chacha20", "camellia-ctr",
                           "aescmac", "aesxcbc")
              for kinds in (("sk_ei", "sk_er", "sk_ai", "sk_ar"), ("skeyseed",), ("dh_shared",))
              for bound in (True, False)]
WITH_SK_D = [job(f"SK {name}", capture_of(name), secrets_of(name, SK))
             for name in ("psk-aes-cbc", "psk-aes-gcm", "psk-aes-ccm", "psk-3des", "chacha20", "camellia-cbc", "aesxcbc",
                          "null-esp-sha1")]
REKEYED = [job(f"DH {name}", capture_of(name), secrets_of(name, ("dh_shared",)))
           for name in ("create-child", "rekey-child", "rekey-child-pfs", "rekey-collision", "rekey-ike",
                        "rekey-ike-then-child", "rekey-invalid-ke")]


@pytest.mark.parametrize("name", ANY_SECRET)
def test_any_secret_decrypts_ike(name, read):
    all_decrypted(read[name], "ike")


@pytest.mark.parametrize("name", WITH_SK_D)
def test_esp_is_decrypted_with_sk_d(name, read):
    all_decrypted(read[name], "ike", "esp")


@pytest.mark.parametrize("name", REKEYED)
def test_rekeyed_sas_are_decrypted_with_dh_secrets_alone(name, read):
    all_decrypted(read[name], "ike", "esp")


# ---- PPKs --------------------------------------------------------------------------------------------------------------


def ppk_log(name, verified):
    keys = decryption.facts_of(capture_of(name))["sides"]["initiator"]["ike_sas"][0]["keys"]
    right = next(key["ppk"] for key in keys if key.get("ppk"))
    ppks = "".join(f"IKE_PPK - 0x{ppk}\n" for ppk in ["00", "01" * 32, "02" * 32, right, "03"])
    return secrets_of(name, ("dh_shared",)) + ppks + (f"IKE_PSK - {psk_of(name)}\n" if verified else "")


PPKS = [job(f"{name} {verified}", capture_of(name), ppk_log(name, verified))
        for name in ("ppk", "ppk-rekey") for verified in (True, False)]
OTHER_PPK = job("other PPK", capture_of("ppk"), secrets_of("ppk", ("dh_shared",)) + "IKE_PPK - another\n")
NO_PFS_SECRET = job("no secret of PFS", capture_of("rekey-child-pfs"), secrets_of("rekey-child-pfs", SK))


@pytest.mark.parametrize("name", PPKS)
def test_the_right_one_of_many_ppks_is_mixed_in(name, read):
    all_decrypted(read[name], "ike", "esp")


def test_without_its_ppk_esp_is_not_decrypted(read):
    all_decrypted(read[OTHER_PPK], "ike")
    assert not any(message.plain for message in decryption.of("esp", read[OTHER_PPK]))


def test_esp_with_pfs_and_no_shared_secret_says_so(read):
    closed = [message for message in decryption.of("esp", read[NO_PFS_SECRET]) if not message.plain]
    assert closed and all("PFS" in message.why for message in closed)


# ---- keys of ESP -------------------------------------------------------------------------------------------------------

ESP_KEYS = {spi: key for child in decryption.facts_of(capture_of("psk-aes-cbc"))["sides"]["initiator"]["child_sas"]
            for spi, key in child["esp"].items()}
ESP_LOG = job("keys of ESP", capture_of("psk-aes-cbc"),
              "".join(f"ESP_KEY {spi} - {key['encryption']} - {key['integrity']}\n" for spi, key in ESP_KEYS.items()))


def test_esp_is_decrypted_with_the_keys_of_a_log_alone(read):
    all_decrypted(read[ESP_LOG], "esp")


# ---- whole logs, and what AUTH comes to --------------------------------------------------------------------------------


def log_of(name, side):
    return TESTDATA / f"{name}.{side}.log"


LOGS = [job(f"{name} {side}", TESTDATA / f"{name}.pcap", log_of(name, side))
        for name in ("ikev2/psk-aes-cbc", "ikev2/two-sas", "ikev2/rekey-collision", "ikev2/ppk-rekey", "ikev2/cert-rsa",
                     "ikev2/cert-ecdsa", "ikev2/cert-ed25519", "ikev2/cert-rsa-pss", "ikev2/fragments",
                     "ikev2/multiple-auth", "ikev2/eap-mschapv2", "ikev2/eap-md5", "multiple-ke/mlkem768",
                     "multiple-ke/three-additional", "multiple-ke/rekey-cbc", "multiple-ke/ppk",
                     "multiple-ke/fragments-cbc", "multiple-ke/cert-rsa-fragments")
        for side in ("initiator", "responder")]
WRONG_PSK = [[job(f"{name} {side} PSK", TESTDATA / f"{name}.pcap", log_of(name, side)) for side in ("initiator", "responder")]
             for name in ("ikev2/wrong-psk", "multiple-ke/wrong-psk")]
PEERS = [(job(f"PSK {peer}", capture_of("psk-aes-cbc"),
              secrets_of("psk-aes-cbc", SK) + f"IKE_PSK {peer} {psk_of('psk-aes-cbc')}\n"), result)
         for peer, result in (("id=initiator.lab.example", "verified: PSK matches"), ("-", "verified: PSK matches"),
                              ("addr=10.9.0.1", "verified: PSK matches"),
                              ("id=somebody.else", "unknown: The PSK is not known"))]
NO_SK_P = job("no SK_p", capture_of("psk-aes-cbc"), table(rows_of("psk-aes-cbc")) + f"IKE_PSK - {psk_of('psk-aes-cbc')}\n")
PASSWORDS = [(job(f"password {who} {password}", capture_of("eap-mschapv2"),
                  secrets_of("eap-mschapv2", SK) + f"IKE_PASSWORD {who} {password}\n"), result)
             for who, password, result in (
                 ("id=carol", "eap password", "verified: EAP-MSCHAPv2 with this password matches"),
                 ("-", "eap password", "verified: EAP-MSCHAPv2 with this password matches"),
                 ("id=carol", "another", "unknown: The MSK of EAP is not known"))]


@pytest.mark.parametrize("name", LOGS)
def test_a_daemons_log_decrypts_and_verifies_all(name, read):
    all_decrypted(read[name], "ike", "esp")
    found = read[name].results
    assert len(found) >= 2 and all(result.startswith("verified") for result in found), found


@pytest.mark.parametrize("side", ["initiator", "responder"])
def test_daemons_logs_decrypt_all_in_tshark(side):
    jobs = [JOBS[name] for name in LOGS if name.endswith(side)]
    log = b"\n".join(path.read_bytes() for _, path in jobs)
    decryption.all_decrypted_by_tshark([capture for capture, _ in jobs], log, "ike", "esp")


@pytest.mark.parametrize("right, wrong", WRONG_PSK)
def test_wrong_psk_says_so(right, wrong, read):
    assert "verified: PSK matches" in read[right].results
    assert "wrong: PSK does not match" in read[wrong].results


@pytest.mark.parametrize("name, result", PEERS)
def test_psk_is_looked_up_by_peer(name, result, read):
    assert set(read[name].results) == {result}


def test_auth_is_unknown_without_sk_p(read):
    found = read[NO_SK_P].results
    assert found and all(result.startswith("unknown") for result in found)


@pytest.mark.parametrize("name, result", PASSWORDS)
def test_eap_mschapv2_is_verified_with_the_password(name, result, read):
    assert result in read[name].results
