# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures opened, dissected again, closed, preferences changed, all in one process as in a user's window:
nothing of ours is lost or read after its end (valgrind), and no secret stays in memory."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ET

import pytest

from tshark import ROOT, TESTDATA, facts

LIFECYCLE = os.environ["IKE_LIFECYCLE"]
MIXED = ["ikev2/cert-rsa", "ikev2/rekey-ike-then-child", "ikev2/fragments", "ikev1/xauth-psk-push", "ikev1/fragments",
         "libreswan/tcp", "esp/aes-gcm", "multiple-ke/mlkem768"]
OURS = [str(ROOT / folder) for folder in ("plugin", "dissector", "analysis", "decrypt", "tests")]


@pytest.fixture(name="home")
def fixture_home():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ike-life-"))
    yield folder
    shutil.rmtree(folder)


def logs_of(names):
    return b"".join(log.read_bytes() + b"\n" for name in names for log in sorted(TESTDATA.glob(name + ".*.log")))


def run(home, *words, under=()):
    environment = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "TZ": "UTC",
                   "WIRESHARK_DATA_DIR": "/nonexistent"}
    done = subprocess.run([*under, LIFECYCLE, *map(str, words)], env=environment, capture_output=True, timeout=600,
                          check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-3000:]
    return done.stdout.decode(errors="replace")


# ---- nothing is lost ---------------------------------------------------------------------------


def complaints(home, *words):
    """What valgrind says of memory, where one of our functions is on the way to it."""
    target = home / "valgrind.xml"
    run(home, *words, under=("valgrind", "-q", "--leak-check=full", "--show-leak-kinds=definite,indirect",
                             "--num-callers=60", "--xml=yes", f"--xml-file={target}"))
    found = []
    for error in ET.parse(target).iter("error"):
        frames = [(frame.findtext("fn"), frame.findtext("dir") or "") for frame in error.iter("frame")]
        if any(folder.startswith(tuple(OURS)) for _, folder in frames):
            found.append((error.findtext("kind"), error.findtext("xwhat/text") or error.findtext("what"),
                          [name for name, _ in frames]))
    return found


@pytest.fixture(name="mixed")
def fixture_mixed(home):
    """(capture of many sessions, their logs)"""
    capture, log = home / "mixed.pcapng", home / "keys.log"
    subprocess.run(["mergecap", "-a", "-w", capture, *(TESTDATA / (name + ".pcap") for name in MIXED)], check=True)
    log.write_bytes(logs_of(MIXED))
    return capture, log


needs_valgrind = pytest.mark.skipif(not shutil.which("valgrind"), reason="no valgrind")


@needs_valgrind
def test_valgrind_is_heard(home):
    lost, = complaints(home, "lose")
    assert lost[0] == "Leak_DefinitelyLost"


@needs_valgrind
def test_open_reload_close(home, mixed):
    capture, log = mixed
    assert not complaints(home, "set", f"isakmp.keylog_file:{log}", "tap", "isakmp,report", "tap", "isakmp,report,json",
                          "tap", "isakmp,summary", "open", capture, "again", "close",
                          "open", TESTDATA / "ikev1" / "main-psk.pcap", "close")


@needs_valgrind
def test_every_preference_changed(home):
    log, capture = home / "keys.log", TESTDATA / "esp" / "aes-gcm.pcap"
    log.write_bytes(logs_of(["esp/aes-gcm"]))
    row = (TESTDATA / "ikev2" / "psk-aes-gcm.ikev2_decryption_table").read_text().strip()
    assert not complaints(home, "set", f"isakmp.keylog_file:{log}", "open", capture,
                          "set", 'uat:isakmp_psk:"*","psk of somebody"', "again",
                          "set", f"uat:ikev2_decryption_table:{row}", "again",
                          "set", 'uat:isakmp_psk:"peer.example","0xabcd"', "again", "change", "close")


def test_every_preference_is_changed(home):
    """What the words of the test before do."""
    shown = run(home, "open", TESTDATA / "esp" / "aes-gcm.pcap", "change", "close")
    assert {"isakmp.decrypt_esp", "isakmp.keylog_file"} <= set(re.findall(r"^([\w.]+):", shown, re.M))


# ---- it goes on -----------------------------------------------------------------------------------


@pytest.mark.parametrize("argument", ["isakmp,report,json,no.such.field", "isakmp,summary,==", "isakmp,keys,("])
def test_a_wrong_argument_of_a_statistic_ends_no_program_but_tshark(home, argument):
    """A program with a window takes the same way: process_stat_cmd_arg()."""
    capture = TESTDATA / "ikev2" / "no-answer.pcap"
    assert "NO_RESPONSE" in run(home, "tap", argument, "tap", "isakmp,report", "read", capture)


# ---- nothing is left of the capture before -------------------------------------------------------


def test_a_key_log_that_grows_and_another_capture(home):
    log, more = home / "keys.log", home / "more.log"
    log.touch()
    more.write_bytes(logs_of(["esp/aes-gcm"]))
    shown = run(home, "set", f"isakmp.keylog_file:{log}", "tap", "isakmp,summary", "open", TESTDATA / "esp" / "aes-gcm.pcap",
                "run", f"cat {more} >> {log}", "again", "close", "open", TESTDATA / "ikev1" / "main-psk.pcap", "close",
                "open", TESTDATA / "esp" / "aes-gcm.pcap", "set", "isakmp.decrypt_esp:FALSE", "again", "close")
    assert [int(count) for count in re.findall(r"^IKE SAs: +(\d+)", shown, re.M)] == [1] * 5
    counts_of = re.findall(r"^Encrypted: +(\d+), decrypted (\d+)", shown, re.M)
    assert [counts[0] == counts[1] for counts in counts_of] == [False, True, False, True, True]
    assert counts_of[0][1] == counts_of[2][1] == "0"


# ---- no secret stays ---------------------------------------------------------------------------


def secrets_of(name):
    """{bytes: what they are} from the facts of a capture."""
    found = {}

    def walk(value, what):
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(inner, key)
        elif isinstance(value, list):
            for inner in value:
                walk(inner, what)
        elif isinstance(value, str) and len(value) >= 24 and re.fullmatch("[0-9a-f]+", value):
            if what not in ("spi_i", "spi_r", "initial_iv"):
                found.setdefault(value, what)

    for side in facts(TESTDATA / (name + ".pcap"))["sides"].values():
        for sa in side["ike_sas"]:
            walk({"keys": sa.get("keys"), "auth": sa.get("auth_secrets")}, "")
        for child in side["child_sas"]:
            walk({"keys": child.get("keys"), "esp": child.get("esp")}, "")
    return found


def searches(secrets):
    words = []
    for raw, what in secrets.items():
        words += ["find", f"{what}-{raw[:6]}={bytes(byte ^ 0x5A for byte in bytes.fromhex(raw)).hex()}"]
    return words


def counts(shown):
    """For each search: bytes, text, dump."""
    return [tuple(map(int, line)) for line in re.findall(r"^found \S+: (\d+) bytes, (\d+) text, (\d+) dump", shown, re.M)]


@pytest.mark.parametrize("name", ["ikev2/psk-aes-cbc", "ikev2/psk-aes-gcm", "ikev2/rekey-child-pfs", "ikev2/ppk-rekey",
                                  "ikev2/cert-rsa", "ikev2/eap-mschapv2", "ikev1/main-psk", "ikev1/xauth-psk-push",
                                  "esp/aes-cbc", "multiple-ke/rekey", "libreswan/to-libreswan", "openiked/from-openiked"])
def test_no_secret_stays(home, name):
    """With the daemons' logs as the key log: SKEYSEED, keys, shared secrets, PSK and the text of the log."""
    log, secrets = home / "keys.log", secrets_of(name)
    log.write_bytes(logs_of([name]))
    shown = run(home, "set", f"isakmp.keylog_file:{log}", "open", TESTDATA / (name + ".pcap"), *searches(secrets),
                "again", "close", *searches(secrets))
    found = counts(shown)
    assert len(found) == 2 * len(secrets) and secrets
    while_open, afterwards = found[:len(secrets)], found[len(secrets):]
    assert sum(any(count) for count in while_open) > len(secrets) / 2, "what is looked for is there while it is needed"
    assert not any(any(count) for count in afterwards), shown


def test_no_secret_stays_of_what_was_derived(home):
    """Only the DH shared secret (IKEv2) is given: all else is derived from it."""
    name = "ikev2/rekey-child-pfs"
    secrets = secrets_of(name)
    sa = facts(TESTDATA / (name + ".pcap"))["sides"]["initiator"]["ike_sas"][0]
    log = home / "keys.log"
    log.write_text(f"IKEV2_DH_SHARED {sa['spi_i']} {sa['spi_r']} {sa['keys'][0]['dh_shared']}\n")
    shown = run(home, "set", f"isakmp.keylog_file:{log}", "open", TESTDATA / (name + ".pcap"), *searches(secrets), "close",
                *searches(secrets))
    found = dict(zip(secrets.values(), counts(shown)))
    assert found["sk_ei"][0] and found["sk_d"][0], shown
    assert not any(found["skeyseed"]), "nobody needs it once the keys are derived"
    assert not any(any(count) for count in counts(shown)[len(secrets):]), shown
