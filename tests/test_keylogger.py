# SPDX-License-Identifier: GPL-2.0-or-later
"""tools/keylogger: sessions of libreswan with the library preloaded decrypt with its key log alone."""
import concurrent.futures
import hashlib
import os
import re
import subprocess
import sys

import pytest

from reading import Reading
from tshark import Tshark, captures, facts

LIBRARY = os.environ.get("IKE_KEYLOG_NSS")
SIDES = ("initiator", "responder")
SESSIONS = [pytest.param(capture, side, id=f"{capture.stem}-{side}")
            for capture in captures("keylogger") for side in SIDES]


def key_log(capture, side):
    return capture.with_name(f"{capture.stem}.{side}.keylog")


@pytest.mark.parametrize("capture, side", SESSIONS)
def test_the_whole_session_decrypts(capture, side):
    """IKE and ESP: ESP was made with the keys that the daemon logged, of each Child SA with the keys of its own."""
    with Tshark() as tshark:
        option = ["-o", f"isakmp.keylog_file:{tshark.place(key_log(capture, side))}"]
        encrypted = tshark.frames(capture, "isakmp.flag_e == 1 || isakmp.typepayload == 46 || isakmp.typepayload == 53",
                                  *option)
        decrypted = tshark.frames(capture, "isakmp.enc.decrypted", *option)
        esp = tshark.frames(capture, "esp")
        inner = tshark.frames(capture, "esp && icmp", *option)
    assert encrypted and set(encrypted) <= set(decrypted)
    children = facts(capture)["sides"]["initiator"]["child_sas"]
    assert len(esp) == 6 * len(children) and inner == esp


@pytest.mark.parametrize("capture, side", SESSIONS)
def test_what_is_written(capture, side):
    """Lines of the native format, each once, and nothing but what IKE and ESP need: no PSK, no private value."""
    lines = key_log(capture, side).read_text().splitlines()
    assert lines and len(set(lines)) == len(lines)
    for line in lines:
        assert re.fullmatch(r"(IKEV2_(SK_(D|AI|AR|EI|ER|PI|PR)|DH_SHARED) [0-9a-f]{16} [0-9a-f]{16}|"
                            r"IKEV1_(KEY|SKEYID(_[DAE])?|DH_SHARED) [0-9a-f]{16}) ([0-9a-f]{2})+", line), line


@pytest.mark.parametrize("name", ["ikev1", "ikev1-aggressive", "ikev1-cert", "ikev1-xauth", "wrong-psk"])
def test_the_daemons_own_plaintext_is_that_of_the_keys(tmp_path, name):
    """pluto's log alone, which has no key of IKE in these sessions; a message that differs in one bit is another one."""
    capture = next(capture for capture in captures("keylogger") if capture.stem == name)
    names = ["isakmp.enc.decrypted", "isakmp.enc.contained"]
    with Tshark() as tshark:
        log, keys = tshark.place(capture.with_name(f"{name}.initiator.log")), tshark.place(key_log(capture, "initiator"))
        wanted = tshark.fields(capture, names, "isakmp", "-o", f"isakmp.keylog_file:{keys}")
        assert tshark.fields(capture, names, "isakmp", "-o", f"isakmp.keylog_file:{log}") == wanted
        assert any(frame[names[0]] for frame in wanted)
        raw, at = bytearray(capture.read_bytes()), 24
        while at < len(raw):
            at += 16 + int.from_bytes(raw[at + 8:at + 12], "little")
            raw[at - 1] ^= 1
        (tmp_path / "changed.pcap").write_bytes(raw)
        assert not tshark.frames(tmp_path / "changed.pcap", "isakmp.enc.decrypted", "-o", f"isakmp.keylog_file:{log}")


def test_a_log_without_crypt():
    """plutodebug=all,private: keys of ESP as the kernel gets them, and of IKE all but the salt."""
    capture = next(capture for capture in captures("keylogger") if capture.stem == "without-crypt")
    for side in SIDES:
        reading = Reading(capture, capture.with_name(f"without-crypt.{side}.log"))
        assert reading.decrypted()[1] == 0 and len(reading.said) == 1
        assert "no salt of this AEAD key before it: set plutodebug=all,crypt,private" in reading.said[0]
        with Tshark() as tshark:
            option = f"isakmp.keylog_file:{tshark.place(capture.with_name(f'without-crypt.{side}.log'))}"
            assert tshark.raw("-r", tshark.place(capture), "-Y", "esp && icmp", "-o", option).stdout.count(b"ICMP") == 18


@pytest.mark.parametrize("name", ["cbc", "ikev1"])
def test_keys_of_the_sa_decide_before_a_plaintext_does(tmp_path, name):
    """pluto logs what it makes of forged messages of IKEv1, too."""
    capture = next(capture for capture in captures("keylogger") if capture.stem == name)
    keys, raw = key_log(capture, "initiator").read_text(), capture.read_bytes()
    with Tshark() as tshark:
        found = tshark.fields(capture, ["udp.payload"], "isakmp.enc.decrypted", "-o",
                              f"isakmp.keylog_file:{tshark.place(key_log(capture, 'initiator'))}")
        message = bytes.fromhex(found[3]["udp.payload"][0]).removeprefix(bytes(4))
        body, forged = len(message) - 28, message[:32] + bytes([message[32] ^ 1]) + message[33:]
        plain = bytes([0, 0]) + body.to_bytes(2, "big") + bytes(body - 4) if name == "ikev1" else bytes(16)
        digest = hashlib.sha256(forged).hexdigest()
        keys += f"IKE_PLAINTEXT {digest[:16]} {digest[16:32]} {plain.hex()}\n"
        assert message in raw
        (tmp_path / "forged.pcap").write_bytes(raw.replace(message, forged))
        (tmp_path / "keys.log").write_text(keys)
        option = ["-o", f"isakmp.keylog_file:{tshark.place(tmp_path / 'keys.log')}"]
        assert not tshark.frames(tmp_path / "forged.pcap", 'isakmp.enc.key_source contains "plaintext"', *option)
        assert tshark.frames(tmp_path / "forged.pcap", '_ws.expert.message matches "not authentic|not from the peer"', *option)


@pytest.mark.skipif(not os.environ.get("IKE_LOG2PCAP"), reason="needs ike-log2pcap")
def test_the_daemons_log_as_capture_and_the_key_log(tmp_path):
    """Two texts of the daemon and no capture: the refusal is decrypted."""
    capture = next(capture for capture in captures("keylogger") if capture.stem == "wrong-psk")
    made = tmp_path / "made.pcapng"
    subprocess.run([os.environ["IKE_LOG2PCAP"], "-n", capture.with_name("wrong-psk.initiator.log"), made],
                   check=True, capture_output=True)
    with Tshark() as tshark:
        option = ["-o", f"isakmp.keylog_file:{tshark.place(key_log(capture, 'initiator'))}"]
        assert tshark.frames(made, "isakmp.enc.decrypted && isakmp.notify.msgtype == 24", *option) == \
            tshark.frames(capture, "isakmp.enc.decrypted && isakmp.notify.msgtype == 24", *option) != []


def test_both_sides_write_the_same():
    recorded = captures("keylogger")
    assert len(recorded) > 5
    for capture in recorded:
        written = [set(key_log(capture, side).read_text().split("\n")) for side in SIDES]
        assert written[0] == written[1] and len(written[0]) > 1, capture.name


@pytest.mark.skipif(not LIBRARY, reason="built where NSS's headers are")
def test_other_programs_do_not_notice(tmp_path):
    """What is started with the library and has no NSS in it runs on and writes nothing."""
    log = tmp_path / "ike.keylog"
    environment = dict(os.environ, LD_PRELOAD=LIBRARY, LD_BIND_NOW="1", IKE_KEYLOG_FILE=str(log))
    done = subprocess.run(["/bin/sh", "-c", "echo fine"], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "fine\n" and not done.stderr and not log.exists()


NSS_PROGRAM = r"""
import ctypes, struct, sys
nss = ctypes.CDLL("libnss3.so", ctypes.RTLD_GLOBAL)
me = ctypes.CDLL(None)
P, L, I = ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int
class Item(ctypes.Structure):
    _fields_ = [("type", I), ("data", P), ("len", ctypes.c_uint)]
class Plus(ctypes.Structure):
    _fields_ = [("prf", L), ("has_seed", ctypes.c_ubyte), ("seed", L), ("data", P), ("len", L)]
for name in ("PK11_GetInternalSlot", "PK11_ImportSymKey", "PK11_DeriveWithFlags"):
    getattr(me, name).restype = P
me.PK11_ImportSymKey.argtypes = [P, L, I, L, P, P]
me.PK11_DeriveWithFlags.argtypes = [P, L, P, L, L, I, L]
assert nss.NSS_NoDB_Init(None) == 0
VENDOR = 0x80000000 | 0x4E534350
HMAC, GENERIC, DERIVE, EXTRACT, PLUS = 0x251, 0x350, 0x10C, 0x365, VENDOR + 34
def item(raw):
    keep = ctypes.create_string_buffer(raw, len(raw))
    keeps.append(keep)
    return Item(0, ctypes.cast(keep, P), len(raw))
keeps = []
seed = bytes(range(48)) + bytes.fromhex("0102030405060708") + bytes.fromhex("1112131415161718")
skeyseed = item(bytes(range(32)))
base = me.PK11_ImportSymKey(me.PK11_GetInternalSlot(), GENERIC, 4, DERIVE, ctypes.byref(skeyseed), None)
data = item(seed)
plus = Plus(HMAC, 0, 0, data.data, len(seed))
param = Item(0, ctypes.cast(ctypes.pointer(plus), P), ctypes.sizeof(plus))
sizes = [int(size) for size in sys.argv[1].split(",")]
keymat = me.PK11_DeriveWithFlags(base, PLUS, ctypes.byref(param), EXTRACT, DERIVE, sum(sizes), 0)
assert keymat
at = 0
for size in sizes:
    where = item(struct.pack("@L", at * 8))
    assert me.PK11_DeriveWithFlags(keymat, EXTRACT, ctypes.byref(where), GENERIC, DERIVE, size, 0)
    at += size
"""


def prf_plus(length):
    """RFC 7296 2.13 with HMAC-SHA-256, of the program's SKEYSEED and seed."""
    import hashlib
    import hmac
    seed = bytes(range(48)) + bytes.fromhex("0102030405060708") + bytes.fromhex("1112131415161718")
    out, block, number = b"", b"", 1
    while len(out) < length:
        block = hmac.new(bytes(range(32)), block + seed + bytes([number]), hashlib.sha256).digest()
        out, number = out + block, number + 1
    return out[:length]


DERIVE_AGAIN = NSS_PROGRAM[NSS_PROGRAM.index("keymat = "):]


def run_nss(log, sizes, before="", after=""):
    environment = dict(os.environ, LD_PRELOAD=LIBRARY, IKE_KEYLOG_FILE=str(log))
    return subprocess.run([sys.executable, "-c", before + NSS_PROGRAM + after, ",".join(map(str, sizes))], env=environment,
                          capture_output=True, text=True, check=False, timeout=60)


def run_with_nss(*arguments):
    done = run_nss(*arguments)
    if "libnss3.so" in done.stderr and "cannot open" in done.stderr:
        pytest.skip("no NSS here")
    return done


@pytest.mark.skipif(not LIBRARY, reason="built where NSS's headers are")
@pytest.mark.parametrize("sizes, names", [
    ((32, 32, 32, 16, 16, 32, 32), ("D", "AI", "AR", "EI", "ER", "PI", "PR")),
    ((32, 32, 4, 32, 4, 32, 32), ("D", "EI", "", "ER", "", "PI", "PR")),
    ((32, 32, 32, 16, 4, 16, 4, 32, 32), ("D", "AI", "AR", "EI", "", "ER", "", "PI", "PR")),
    ((32, 24, 3, 24, 3, 32, 32), ("D", "EI", "", "ER", "", "PI", "PR")),
])
def test_keys_of_nss(tmp_path, sizes, names):
    """A program that derives as pluto does: integrity, AEAD, CTR, CCM. The right values are computed here."""
    log = tmp_path / "ike.keylog"
    done = run_with_nss(log, sizes)
    assert done.returncode == 0, done.stderr
    keymat, at, expected = prf_plus(sum(sizes)), 0, []
    for name, size in zip(names, sizes):
        if name:
            expected.append([f"IKEV2_SK_{name}", "0102030405060708", "1112131415161718", keymat[at:at + size].hex()])
        else:
            expected[-1][-1] += keymat[at:at + size].hex()
        at += size
    assert log.read_text().splitlines() == [" ".join(words) for words in expected]
    assert log.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(not LIBRARY, reason="built where NSS's headers are")
def test_an_unknown_split_gives_skeyseed(tmp_path):
    log = tmp_path / "ike.keylog"
    log.write_text("# kept\n")
    log.chmod(0o644)
    done = run_with_nss(log, (32,) * 5)
    assert done.returncode == 0
    assert log.read_text() == f"# kept\nIKEV2_SKEYSEED 0102030405060708 1112131415161718 {bytes(range(32)).hex()}\n"
    assert log.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(not LIBRARY, reason="built where NSS's headers are")
def test_a_symbolic_link_is_not_followed(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)
    done = run_nss(link, (32, 32, 32, 16, 16, 32, 32))
    assert not target.exists()
    assert "libnss3.so" in done.stderr or "ike_keylog_nss" in done.stderr


PLAIN = (32, 32, 32, 16, 16, 32, 32)


@pytest.mark.skipif(not LIBRARY, reason="built where NSS's headers are")
@pytest.mark.parametrize("whose", ["another user's", "with two names"])
def test_a_file_that_others_have_gets_no_keys(tmp_path, whose):
    """Also root, which may write into everybody's files and change their mode."""
    log = tmp_path / "ike.keylog"
    log.write_text("# kept\n")
    if whose == "with two names":
        os.link(log, tmp_path / "second")
    elif os.geteuid():
        pytest.skip("only root can give a file away")
    else:
        os.chown(log, 65534, 65534)
    done = run_with_nss(log, PLAIN)
    assert done.returncode == 0 and done.stderr.count("ike_keylog_nss:") == 1, done.stderr
    assert log.read_text() == "# kept\n"


@pytest.mark.skipif(not LIBRARY, reason="built where NSS's headers are")
def test_output_whose_pieces_were_not_taken(tmp_path):
    """The next IKE SA's may stand at the same place: its keys are not written under the SPIs of the first."""
    log = tmp_path / "ike.keylog"
    again = """
me.PK11_FreeSymKey.argtypes = [P]
for number in range(8):
    seed = bytes(range(48)) + bytes([number] * 8) + bytes([0x40 + number] * 8)
    data = item(seed)
    plus = Plus(HMAC, 0, 0, data.data, len(seed))
    param = Item(0, ctypes.cast(ctypes.pointer(plus), P), ctypes.sizeof(plus))
    keymat = me.PK11_DeriveWithFlags(base, PLUS, ctypes.byref(param), EXTRACT, DERIVE, sum(sizes), 0)
    if number < 7:
        me.PK11_FreeSymKey(keymat)
at = 0
for size in sizes:
    where = item(struct.pack("@L", at * 8))
    assert me.PK11_DeriveWithFlags(keymat, EXTRACT, ctypes.byref(where), GENERIC, DERIVE, size, 0)
    at += size
"""
    done = run_with_nss(log, PLAIN, "", again)
    assert done.returncode == 0, done.stderr
    assert {tuple(line.split()[1:3]) for line in log.read_text().splitlines()[len(PLAIN):]} == {("07" * 8, "47" * 8)}


@pytest.mark.skipif(not LIBRARY, reason="built where NSS's headers are")
@pytest.mark.parametrize("place", ["no-such-folder/ike.keylog", "folder", "pipe"])
def test_a_key_log_that_cannot_be_written(tmp_path, place):
    """The program goes on, and says why once; a pipe without a reader does not stop it."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    done = run_with_nss(tmp_path / place, PLAIN)
    assert done.returncode == 0 and done.stderr.count("ike_keylog_nss:") == 1, done.stderr


@pytest.mark.skipif(not LIBRARY, reason="built where NSS's headers are")
def test_a_full_disk(tmp_path):
    """What did not go into the file is ended before the next line: all other lines are whole."""
    log = tmp_path / "ike.keylog"
    before = "import resource, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n" \
             "resource.setrlimit(resource.RLIMIT_FSIZE, (250, resource.RLIM_INFINITY))\n"
    grow = "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
    done = run_with_nss(log, PLAIN, before, grow + DERIVE_AGAIN)
    assert done.returncode == 0 and "cannot be written" in done.stderr, done.stderr
    lines = log.read_text().splitlines()
    whole = [line for line in lines if len(line.split()) == 4 and len(line.split()[3]) in (32, 64)]
    assert len(lines) == 1 + 1 + 1 + len(PLAIN) and len(whole) == 2 + len(PLAIN)


@pytest.mark.skipif(not LIBRARY, reason="built where NSS's headers are")
def test_processes_that_write_at_once(tmp_path):
    """Several processes, and children that they fork, have one key log: no line is mixed with another."""
    log = tmp_path / "ike.keylog"
    fork_and_derive = "import os\nchild = os.fork()\n" + DERIVE_AGAIN * 5 + "if child: os.waitpid(child, 0)\n"
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for running in [pool.submit(run_with_nss, log, PLAIN, "", fork_and_derive) for _ in range(3)]:
            running.result()
    lines = log.read_text().splitlines()
    assert len(lines) == 3 * 11 * len(PLAIN) and len(set(lines)) == len(PLAIN)
