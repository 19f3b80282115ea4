# SPDX-License-Identifier: GPL-2.0-or-later
"""Secrets that are wrong, too short, or of something else: each undecrypted message says which one of them was refused, in which
line of the key log, and why. Nothing is said of the keys that are right."""
import pytest

import decryption
from decryption import line
import packets as p
from tshark import TESTDATA, Tshark

JOBS = decryption.Jobs()
V2, V1, PPK = (TESTDATA / name for name in ("esp/aes-cbc.pcap", "ikev1/main-psk.pcap", "ikev2/ppk.pcap"))
WRONG_ICV = "integrity check fails: wrong key or modified"
SK = ("sk_ei", "sk_er", "sk_ai", "sk_ar")


def sa_of(capture):
    sa = decryption.facts_of(capture)["sides"]["initiator"]["ike_sas"][0]
    return (sa["spi_i"], sa["spi_r"]), sa["keys"][0] if isinstance(sa["keys"], list) else sa["keys"]


def flip(key):
    return key[:-2] + f"{int(key[-2:], 16) ^ 0x55:02x}"


def secret(capture, kind, change=lambda key: key, label=None):
    spis, keys = sa_of(capture)
    return line(label or kind, *spis, change(keys[kind]))


def sk(kind, change):
    """The four keys of IKEv2, one of them changed."""
    return "".join(secret(V2, one, change if one == kind else lambda key: key) for one in SK)


def esp(change_integrity=lambda key: key, names=("AES_CBC_256", "HMAC_SHA2_256_128")):
    child = decryption.facts_of(V2)["sides"]["initiator"]["child_sas"][0]["esp"]
    spi, key = sorted(child.items())[0]
    return f"# one direction\nESP_KEY {spi} {names[0]} {key['encryption']} {names[1]} {change_integrity(key['integrity'])}\n"


def psk_of(capture):
    return f'IKE_PSK - 0x{decryption.facts_of(capture)["psk"].encode().hex()}\n'


# Name: (capture, log, kind of message, what its expert infos say, the key that is refused).
CASES = {
    "SK_ei": (V2, sk("sk_ei", flip), "ike", "wrong key", ":1 (SK_ei, AES-CBC)"),
    "SK_ai": (V2, sk("sk_ai", flip), "ike", WRONG_ICV, ":3 (SK_ai, HMAC_SHA2_256_128 [RFC4868])"),
    "SK_ei without its end": (V2, sk("sk_ei", lambda key: key[:-2]), "ike", "Invalid key length", ":1 (SK_ei, AES-CBC: 31 bytes, not 32)"),
    "SK_ar without its end": (V2, sk("sk_ar", lambda key: key[:40]), "ike", "Invalid key length",
                              ":4 (SK_ar, HMAC_SHA2_256_128 [RFC4868]: 20 bytes, not 32)"),
    "SKEYSEED": (V2, secret(V2, "skeyseed", flip), "ike", WRONG_ICV, ":1 (SKEYSEED, AES-CBC)"),
    "SK_d as SKEYSEED": (V2, secret(V2, "sk_d", label="skeyseed"), "ike", WRONG_ICV, ":1 (SKEYSEED, AES-CBC)"),
    "g^ir": (V2, "\n" + secret(V2, "dh_shared", flip), "ike", WRONG_ICV, ":2 (DH shared secret, AES-CBC)"),
    "g^ir without its end": (V2, secret(V2, "dh_shared", lambda key: key[:-2]), "ike", "Invalid key length",
                             ":1 (DH shared secret, 31 bytes, not 32)"),
    "private value": (V2, f"IKE_DH_PRIVATE {' '.join(sa_of(V2)[0])} {'11' * 32}\n", "ike", "makes neither public value",
                      ":1 (DH private value)"),
    "Ka": (V1, f"IKEV1_KEY {sa_of(V1)[0][0]} {'11' * 16}\n", "ike", "invalid plaintext", ":1 (Ka, AES-CBC)"),
    "Ka without its end": (V1, f"IKEV1_KEY {sa_of(V1)[0][0]} {'11' * 14}\n", "ike", "Invalid key length", ":1 (Ka, AES-CBC: 14 bytes, not 16)"),
    "PSK of IKEv1": (V1, secret(V1, "dh_shared") + "IKE_PSK - nobody's\n", "ike", "PSK does not match (or the shared secret)",
                     ":2 (PSK, AES-CBC)"),
    "g^xy of IKEv1": (V1, secret(V1, "dh_shared", flip) + psk_of(V1), "ike", "PSK does not match (or the shared secret)",
                      ":2 (PSK, AES-CBC)"),
    "no PSK": (V1, secret(V1, "dh_shared"), "ike", "no PSK for this peer", ""),
    "PSK of another peer": (V1, secret(V1, "dh_shared") + "IKE_PSK id=c.example x\n", "ike", "no PSK for this peer", ""),
    "ESP integrity": (V2, esp(change_integrity=flip), "esp", WRONG_ICV, ":2 (ESP key, HMAC_SHA2_256_128 [RFC4868])"),
    "ESP integrity without its end": (V2, esp(change_integrity=lambda key: key[:-4]), "esp", "Invalid key length",
                                      ":2 (ESP key, HMAC_SHA2_256_128 [RFC4868]: 30 bytes, not 32)"),
    "ESP with another MAC": (V2, esp(names=("AES_CBC_256", "HMAC_SHA1_96")), "esp", "Invalid key length",
                             ":2 (ESP key, HMAC_SHA1_96 [RFC2404]: 32 bytes, not 20)"),
    "PPK": (PPK, secret(PPK, "dh_shared") + psk_of(PPK) + "IKE_PPK - 0x11\n", "esp", "PPK for its PPK_ID is not known", ""),
    "no PPK": (PPK, secret(PPK, "dh_shared") + psk_of(PPK), "esp", "PPK for its PPK_ID is not known", ""),
}
for name, (capture, log, *_) in CASES.items():
    JOBS.add(name, capture, log)


@pytest.fixture(scope="module")
def read():
    return JOBS.read()


@pytest.mark.parametrize("name", CASES)
def test_reason_and_line(name, read):
    _, _, kind, why, refused = CASES[name]
    closed = [message for message in decryption.of(kind, read[name]) if not message.plain and (kind == "ike" or message.spi)]
    told = [message for message in closed if why in message.why and message.refused.endswith(refused) and
            message.refused.startswith("key log file" if refused else "")]
    other_way = [message for message in closed if message not in told]
    one_way = name.startswith(("SK_", "ESP")) and name != "SK_d as SKEYSEED"
    assert told and (one_way or not other_way), closed
    assert not any(message.refused for message in other_way if kind == "esp"), other_way


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("SK_") and name != "SK_d as SKEYSEED"])
def test_other_direction_is_decrypted(name, read):
    """Nor is a message said to be forged because the key of the other direction is right."""
    messages = decryption.of("ike", read[name])
    assert len([message for message in messages if message.plain and not message.refused]) == 2
    assert not any("Not authentic" in message.why for message in messages)


@pytest.mark.parametrize("name", ["PPK", "no PPK"])
def test_a_wrong_ppk_is_no_wrong_psk(name, read):
    assert not any(result.endswith("PSK does not match") for result in read[name].results)
    assert not any("ICV" in message.why for message in decryption.of("esp", read[name]))


def test_reason_is_the_same_when_read_again():
    """After so many packets no key is tried again: a later pass says of a short packet what the first one did, not the reason of others."""
    packets = [p.ip(50, (7).to_bytes(4, "big") + number.to_bytes(4, "big") + bytes(9 if number == 600 else 76)) for number in range(1, 1101)]
    log = f"ESP_KEY 0x7 AES_CBC_128 {'11' * 16} HMAC_SHA1_96 {'22' * 20}\n".encode()
    names = ["frame.number", "isakmp.enc.refused_key", "_ws.expert.message"]
    with Tshark() as tshark:
        option = "-o", "isakmp.keylog_file:" + tshark.place(log, "keys.log")
        once, twice = (tshark.fields(p.pcap(packets), names, "frame.number in {599, 600}", *passes, *option) for passes in ((), ("-2",)))
    reasons = [[(row[names[1]], row[names[2]][-1]) for row in rows] for rows in (once, twice)]
    assert reasons[0] == reasons[1] and [bool(refused) for refused, _ in reasons[0]] == [True, False]
