# SPDX-License-Identifier: GPL-2.0-or-later
"""Decryption of recorded IKEv1 sessions, as they are and with packets dropped, duplicated and swapped. What is right in a
changed capture is the plaintext of the complete one; that one is held against what the daemons' logs say of keys, IVs and
ESP."""
import csv
import struct

import pytest

import decryption
from decryption import all_decrypted
from tshark import TESTDATA

IKEV1 = TESTDATA / "ikev1"
SCHEDULE = ("skeyid", "skeyid_d", "skeyid_a", "skeyid_e", "dh_shared")
JOBS = decryption.Jobs()
job = JOBS.add


@pytest.fixture(scope="module")
def read():
    """Messages by the name of a job."""
    return JOBS.read()


def capture_of(name):
    return (IKEV1 / f"{name}.pcap").read_bytes()


def table_of(name):
    return (IKEV1 / f"{name}.ikev1_decryption_table").read_text()


def tables():
    return [path.stem for path in sorted(IKEV1.glob("*.ikev1_decryption_table"))
            if any(not row[0].startswith("#") for row in csv.reader(path.read_text().splitlines()))]


def secrets_of(name, kinds, psk=None):
    psk = psk or decryption.facts_of(IKEV1 / f"{name}.pcap").get("psk")
    return decryption.secrets_of(IKEV1 / f"{name}.pcap", kinds) + (f"IKE_PSK - {psk}\n" if psk else "")


# Two keys for one IKE SA: one row of the table decrypts one direction.
TABLES = [job(f"table {name}", capture_of(name), table_of(name)) for name in tables() if "wrong-psk" not in name]


@pytest.mark.parametrize("name", TABLES)
def test_table_decrypts_every_message(name, read):
    all_decrypted(read[name], *(() if "ike-scan" in name else ("ike",)))


def test_tables_decrypt_every_message_in_tshark():
    names = [name.removeprefix("table ") for name in TABLES]
    decryption.all_decrypted_by_tshark([IKEV1 / f"{name}.pcap" for name in names],
                                       b"".join(JOBS[name][1] for name in TABLES), "ike")


ESP = [job(f"{name} {kinds[0]}", capture_of(name), secrets_of(name, kinds))
       for name in ("main-psk", "main-psk-pfs", "aggressive-psk", "aes256-sha512", "3des-md5", "esp-gcm", "esp-3des-md5",
                    "esp-null", "main-ecdsa", "xauth-psk-push", "camellia256-sha384", "hybrid")
       for kinds in (SCHEDULE, ("dh_shared",))]
TWO_PSKS = job("two PSKs", capture_of("wrong-psk"), secrets_of("wrong-psk", SCHEDULE))


@pytest.mark.parametrize("name", ESP)
def test_key_schedule_decrypts_ike_and_esp(name, read):
    all_decrypted(read[name], "ike", "esp")


def test_both_sides_of_different_psks_are_decrypted(read):
    all_decrypted(read[TWO_PSKS], "ike")


# ---- lost, duplicated, swapped -------------------------------------------------------------------------------------------


def packets_of(name):
    data, at, found = capture_of(name), 24, []
    while at + 16 <= len(data):
        size = 16 + struct.unpack("<I", data[at + 8:at + 12])[0]
        found.append(data[at:at + size])
        at += size
    return data[:24], found


def orders(count):
    complete = list(range(count))
    for i in complete:
        yield "drop", complete[:i] + complete[i + 1:]
        yield "duplicate", complete[:i + 1] + [i] + complete[i + 1:]
        yield "duplicate later", complete[:i + 3] + [i] + complete[i + 3:]
        if i + 1 < count:
            yield "swap", complete[:i] + [i + 1, i] + complete[i + 2:]


def changed(name, log, what):
    """Jobs of the changed captures: their names, with the change and the order of packets."""
    header, packets = packets_of(name)
    return [(job(f"{name} {what} {number}", header + b"".join(packets[i] for i in order), log), change, order)
            for number, (change, order) in enumerate(orders(len(packets)))]


NO_IV = "IV not known"


def known_without_iv(plain):
    """Without an IV the first block is not known, of at most 16 bytes, but for the generic header of the first payload."""
    return plain[2:8], plain[32:]


CHANGED = [(job(f"{name} {what}", capture_of(name), log), changed(name, log, what))
           for name in ("main-psk-pfs", "3des-sha1", "xauth-psk-pull", "second-proposal")
           for what, log in (("table", table_of(name)), ("schedule", secrets_of(name, SCHEDULE)))]


@pytest.mark.parametrize("complete, variants", CHANGED, ids=[complete for complete, _ in CHANGED])
def test_changed_captures_give_the_same_plaintext(complete, variants, read):
    right = {message.frame: message.plain for message in decryption.of("ike", read[complete])}
    assert right and all(right.values())
    for name, change, order in variants:
        for message in decryption.of("ike", read[name]):
            plain, true = message.plain, right[order[message.frame - 1] + 1]
            assert plain and decryption.WRONG_HASH not in message.why, (change, order, message)
            if NO_IV in message.why:
                assert change in ("drop", "swap"), (order, message)
                plain, true = known_without_iv(plain), known_without_iv(true)
            assert plain == true, (change, order, message)


HEADER, PACKETS = packets_of("main-psk")
LATE = job("late", HEADER + b"".join(PACKETS[6:]), table_of("main-psk"))


def truncated(bytes_left):
    packet = bytearray(PACKETS[6])
    ip, udp = 16 + 14, 16 + 14 + 20
    ike = udp + 8 + (4 if packet[udp:udp + 2] == b"\x11\x94" else 0)
    packet = packet[:ike + 28 + bytes_left]
    packet[8:16] = struct.pack("<II", len(packet) - 16, len(packet) - 16)
    packet[ip + 2:ip + 4] = struct.pack(">H", len(packet) - ip)
    packet[udp + 4:udp + 6] = struct.pack(">H", len(packet) - udp)
    packet[ike + 24:ike + 28] = struct.pack(">I", 28 + bytes_left)
    return HEADER + b"".join(PACKETS[:6]) + bytes(packet) + b"".join(PACKETS[6:])


TRUNCATED = [(job(f"truncated by {count}", truncated(count), table_of("main-psk")), count) for count in (1, 4, 7, 8, 15, 16, 17, 24, 40)]


def test_a_capture_that_starts_with_quick_mode_is_decrypted(read):
    first, *others = decryption.of("ike", read[LATE])
    assert NO_IV in first.why
    assert others and all(message.plain for message in others)


@pytest.mark.parametrize("name, count", TRUNCATED)
def test_short_messages_are_told_from_wrong_keys(name, count, read):
    messages = decryption.of("ike", read[name])
    short = next(message for message in messages if message.frame == 7)
    assert not short.plain
    assert ("Too short" in short.why) == (count < 16)
    assert ("block size" in short.why) == (count > 16)
    assert all(message.plain for message in messages if message is not short)


# ---- HASH and SIG ------------------------------------------------------------------------------------------------------


def log_of(name, side):
    return IKEV1 / f"{name}.{side}.log"


LOGS = [job(f"{name} {side}", capture_of(name), log_of(name, side))
        for name in ("main-psk", "main-psk-pfs", "aggressive-psk", "main-ecdsa", "hybrid", "rekey-pfs", "vpnc",
                     "xauth-psk-push", "camellia256-sha512", "des-sha1", "blowfish256-sha1", "cast128-sha1")
        for side in ("initiator", "responder") if log_of(name, side).exists()]
PSK_ALONE = [(job(f"PSK {psk}", capture_of("aggressive-psk"), f"IKE_PSK - {psk}\n"), result)
             for psk, result in ((decryption.facts_of(IKEV1 / "aggressive-psk.pcap")["psk"], "verified: PSK matches"),
                                 ("psk of no peer", "wrong: PSK does not match"))]
WRONG_LOG = job("wrong PSK, aggressive", capture_of("wrong-psk-aggressive"), log_of("wrong-psk-aggressive", "initiator"))
WRONG_PSK = job("wrong PSK, main", capture_of("main-psk"), secrets_of("main-psk", ("dh_shared",), "psk of no peer"))


@pytest.mark.parametrize("name", LOGS)
def test_a_daemons_log_decrypts_and_verifies_all(name, read):
    all_decrypted(read[name], "ike", "esp")
    found = read[name].results
    assert found and all(result.startswith("verified") for result in found), found


@pytest.mark.parametrize("side", ["initiator", "responder"])
def test_daemons_logs_decrypt_all_in_tshark(side):
    names = [name.split()[0] for name in LOGS if name.endswith(side)]
    log = b"\n".join(log_of(name, side).read_bytes() for name in names)
    decryption.all_decrypted_by_tshark([IKEV1 / f"{name}.pcap" for name in names], log, "ike", "esp")


@pytest.mark.parametrize("name, result", PSK_ALONE)
def test_aggressive_mode_tells_whether_a_psk_is_right_without_any_other_secret(name, result, read):
    assert result in read[name].results


def test_wrong_psk_in_aggressive_mode_says_so(read):
    assert "wrong: PSK does not match" in read[WRONG_LOG].results


def test_wrong_psk_in_main_mode_says_so(read):
    assert "PSK does not match" in decryption.of("ike", read[WRONG_PSK])[0].why
