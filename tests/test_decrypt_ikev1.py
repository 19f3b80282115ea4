# SPDX-License-Identifier: GPL-2.0-or-later
"""IKEv1 of decrypt/ on real captures, as recorded and with packets dropped, repeated and swapped.
What is right in a changed capture is the plaintext of the whole one; that one is held against what
the daemons' logs say of keys, IVs and ESP."""
import csv
import json
import os
import pathlib
import struct
import subprocess

import pytest

REPLAY = os.environ["IKE_REPLAY"]
IKEV1 = pathlib.Path(__file__).resolve().parent.parent / "testdata" / "ikev1"
FRAGMENTED = {"fragments", "fragments-rekey",  # Cisco fragments and
              "main-rsa", "aggressive-rsa", "xauth-rsa"}  # IP fragments: not reassembled by ike_replay


def replay(capture, secrets):
    text = "".join("\t".join(fields) + "\n" for fields in secrets)
    done = subprocess.run([REPLAY, str(capture)], input=text, capture_output=True, text=True,
                          check=True, timeout=60)
    assert "second pass differs" not in done.stdout
    assert "hash wrong" not in done.stdout
    return done.stdout.splitlines()


def of(kind, lines):
    return [line for line in lines if line.startswith(kind + " ")]


def table(name):
    with open(IKEV1 / f"{name}.ikev1_decryption_table", newline="") as rows:
        return [["row1", *row] for row in csv.reader(rows) if not row[0].startswith("#")]


def tables():
    names = sorted(path.name.split(".")[0] for path in IKEV1.glob("*.ikev1_decryption_table"))
    return [name for name in names if name not in FRAGMENTED and table(name)]


def secrets_of(name, kinds):
    facts = json.loads((IKEV1 / f"{name}.facts.json").read_text())
    found = []
    for side in facts["sides"].values():
        sas = side.get("ike_sas", [])
        owned = [(sa, keys) for sa in sas for keys in sa.get("keys", [])]
        owned += [(sas[0], child.get("keys", {})) for child in side.get("child_sas", []) if sas]
        for sa, keys in owned:
            found += [(kind.upper().replace("DH_SHARED", "DH"), sa["spi_i"], sa["spi_r"], value)
                      for kind, value in keys.items() if kind in kinds]
    found = [list(line) for line in dict.fromkeys(found)]
    return found + ([["psk", "*", facts["psk"]]] if facts.get("psk") else [])


@pytest.mark.parametrize("name", tables())
def test_table_opens_every_message(name):
    if "wrong-psk" in name:
        pytest.skip("two keys for one SA: one row of the table cannot open both directions")
    lines = of("ike", replay(IKEV1 / f"{name}.pcap", table(name)))
    assert lines or name.startswith("ike-scan")
    for line in lines:
        assert line.split()[5] == "ok", line


SCHEDULE = ("skeyid", "skeyid_d", "skeyid_a", "skeyid_e", "dh_shared")
ESP = ["main-psk", "main-psk-pfs", "aggressive-psk", "aes256-sha512", "3des-md5", "esp-gcm",
       "esp-3des-md5", "esp-null", "main-ecdsa", "xauth-psk-push", "camellia256-sha384", "hybrid"]


@pytest.mark.parametrize("kinds", [SCHEDULE, ("dh_shared",)])
@pytest.mark.parametrize("name", ESP)
def test_key_schedule_opens_ike_and_esp(name, kinds):
    lines = replay(IKEV1 / f"{name}.pcap", secrets_of(name, kinds))
    assert of("ike", lines) and of("esp", lines)
    for line in of("ike", lines):
        assert line.split()[5] == "ok", line
    for line in of("esp", lines):
        assert " ok " in line and "icv=1,0" not in line, line


def test_both_sides_of_different_psks_open():
    lines = of("ike", replay(IKEV1 / "wrong-psk.pcap", secrets_of("wrong-psk", SCHEDULE)))
    assert lines and all(line.split()[5] == "ok" for line in lines)


# ---- lost, repeated, swapped ------------------------------------------------------------------------


def frames(name):
    data = (IKEV1 / f"{name}.pcap").read_bytes()
    at, found = 24, []
    while at + 16 <= len(data):
        size = 16 + struct.unpack("<I", data[at + 8:at + 12])[0]
        found.append(data[at:at + size])
        at += size
    return data[:24], found


def orders(count):
    whole = list(range(count))
    for i in whole:
        yield "drop", whole[:i] + whole[i + 1:]
        yield "repeat", whole[:i + 1] + [i] + whole[i + 1:]
        yield "repeat later", whole[:i + 3] + [i] + whole[i + 3:]
        if i + 1 < count:
            yield "swap", whole[:i] + [i + 1, i] + whole[i + 2:]


CHANGED = ["main-psk-pfs", "3des-sha1", "xauth-psk-pull", "second-proposal"]


@pytest.mark.parametrize("kinds", [None, SCHEDULE])
@pytest.mark.parametrize("name", CHANGED)
def test_changed_captures_give_the_same_plaintext(name, kinds, tmp_path):
    secrets = table(name) if kinds is None else secrets_of(name, kinds)
    right = {int(line.split()[1]): line.split()[-1]
             for line in of("ike", replay(IKEV1 / f"{name}.pcap", secrets))}
    header, packets = frames(name)
    changed = tmp_path / "changed.pcap"
    for change, order in orders(min(len(packets), max(right))):
        changed.write_bytes(header + b"".join(packets[i] for i in order))
        for line in of("ike", replay(changed, secrets)):
            plain, true = line.split()[-1], right[order[int(line.split()[1]) - 1] + 1]
            if line.split()[5] == "ok":
                assert plain == true, (change, order, line)
            else:
                assert "IV is unknown" in line and change in ("drop", "swap"), (order, line)
                assert plain[32:] == true[32:] and plain[2:8] == true[2:8], (order, line)


def test_a_capture_that_starts_with_quick_mode_opens(tmp_path):
    header, packets = frames("main-psk")
    late = tmp_path / "late.pcap"
    late.write_bytes(header + b"".join(packets[6:]))
    lines = of("ike", replay(late, table("main-psk")))
    assert "IV is unknown" in lines[0]
    assert [line.split()[5] for line in lines[1:3]] == ["ok", "ok"]


@pytest.mark.parametrize("cut", [1, 4, 7, 8, 15, 16, 17, 24, 40])
def test_short_messages_are_told_from_wrong_keys(cut, tmp_path):
    header, packets = frames("main-psk")
    packet = bytearray(packets[6])
    ip, udp = 16 + 14, 16 + 14 + 20
    ike = udp + 8 + (4 if packet[udp:udp + 2] == b"\x11\x94" else 0)
    packet = packet[:ike + 28 + cut]
    packet[8:16] = struct.pack("<II", len(packet) - 16, len(packet) - 16)
    packet[ip + 2:ip + 4] = struct.pack(">H", len(packet) - ip)
    packet[udp + 4:udp + 6] = struct.pack(">H", len(packet) - udp)
    packet[ike + 24:ike + 28] = struct.pack(">I", 28 + cut)
    changed = tmp_path / "cut.pcap"
    changed.write_bytes(header + b"".join(packets[:6]) + bytes(packet) + b"".join(packets[6:]))
    lines = of("ike", replay(changed, table("main-psk")))
    short = next(line for line in lines if line.split()[1] == "7")
    assert "closed" in short
    assert ("Too short" in short) == (cut < 16)
    assert ("block size" in short) == (cut > 16)
    assert all(line.split()[5] == "ok" for line in lines if line is not short)


# ---- HASH and SIG -----------------------------------------------------------------------------------


def results(lines):
    last = {}
    for line in of("auth", lines):
        _, _, spi, side, result = line.split(" ", 4)
        last[spi, side] = result
    return last


LOGS = ["main-psk", "main-psk-pfs", "aggressive-psk", "main-ecdsa", "hybrid", "rekey-pfs", "vpnc",
        "xauth-psk-push", "camellia256-sha512", "des-sha1", "blowfish256-sha1", "cast128-sha1"]


@pytest.mark.parametrize("side", ["initiator", "responder"])
@pytest.mark.parametrize("name", LOGS)
def test_a_daemons_log_opens_and_verifies_all(name, side):
    log = IKEV1 / f"{name}.{side}.log"
    if not log.exists():
        pytest.skip("this side is no charon")
    lines = replay(IKEV1 / f"{name}.pcap", [["text", str(log)]])
    for line in of("ike", lines) + of("esp", lines):
        assert " ok icv=" in line and "icv=1,0" not in line, line
    found = results(lines).values()
    assert found and all(result.startswith("verified") for result in found), found


@pytest.mark.parametrize("psk, result", [("right", "verified: PSK matches"),
                                          ("psk of nobody", "wrong: PSK does not match")])
def test_aggressive_mode_tells_whether_a_psk_is_right_without_any_other_secret(psk, result):
    right = json.loads((IKEV1 / "aggressive-psk.facts.json").read_text())["psk"]
    lines = replay(IKEV1 / "aggressive-psk.pcap", [["psk", "*", right if psk == "right" else psk]])
    assert result in results(lines).values()


def test_wrong_psk_in_aggressive_mode_says_so():
    log = IKEV1 / "wrong-psk-aggressive.initiator.log"
    lines = replay(IKEV1 / "wrong-psk-aggressive.pcap", [["text", str(log)]])
    assert "wrong: PSK does not match" in results(lines).values()


def test_wrong_psk_in_main_mode_says_so():
    secrets = secrets_of("main-psk", ("dh_shared",))
    secrets[-1][2] = "psk of nobody"
    lines = of("ike", replay(IKEV1 / "main-psk.pcap", secrets))
    assert "The PSK does not match" in lines[0]
