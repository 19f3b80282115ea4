# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes seeds for the fuzz targets from all captures and logs of testdata/:  seeds.py FOLDER

FOLDER/TARGET gets the files. Where tshark and the plugin (IKE_PLUGIN_DIR, as in the tests) are at
hand, the dissector's seeds also have what was encrypted in the captures, as plaintext that the target
encrypts with keys of its own (frames.h)."""
import hashlib
import itertools
import os
import pathlib
import random
import re
import shutil
import struct
import subprocess
import sys
import xml.etree.ElementTree

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS))
from captures import LINK_HEADER, read  # pylint: disable=wrong-import-position
from keylog_forms import HANDLINGS  # pylint: disable=wrong-import-position
TESTDATA = TESTS.parent / "testdata"
CHUNK, SHAPES, FRAMES, CAPTURE, TOGETHER = 3000, 6, 24, 16000, 10
SECRET = re.compile(r"key|secret|SK_|SKEY|psk|IKE|ike|spi", re.ASCII)
(UDP_500, UDP_4500, UDP_RAW, TCP_4500, TCP_RAW, ESP, ENCRYPTED, V1_SEALED, TCP_500, AH, UDP_848) = range(11)
BACK, LATE = 1, 2


def write(folder, raw):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha1(raw).hexdigest()[:16]).write_bytes(raw)


def logs():
    return sorted(path for path in TESTDATA.rglob("*") if path.suffix in (".log", ".txt", ".keylog"))


def all_captures():
    return sorted(TESTDATA.rglob("*.pcap")) + sorted(TESTDATA.rglob("*.pcapng"))


# ---- key logs ---------------------------------------------------------------------------------

def log_seeds(folder):
    """Pieces of logs whose lines have shapes that were not seen often, and each as it comes by mail, from a page, a terminal or
    an export, in turn."""
    seen, chance = {}, random.Random(1)
    handlings = itertools.cycle([*HANDLINGS.values(), lambda lines, _: lines[::-1]])
    for log in logs():
        piece = []
        for line in log.read_text(errors="replace").splitlines():
            shape = re.sub(r"[0-9a-f]+", "0", line)[-60:]
            seen[shape] = seen.get(shape, 0) + 1
            if seen[shape] <= SHAPES and (SECRET.search(line) or re.search(r"^\s*\S* *([0-9a-fA-F]{2} ){4}", line)):
                piece.append(line)
            if sum(map(len, piece)) > CHUNK:
                write(folder, b"\0" + "\n".join(piece).encode())
                write(folder, b"\0" + "\n".join(next(handlings)(piece, chance)).encode())
                piece = []
        if piece:
            write(folder, b"\x20" + "\n".join(piece).encode() + b"\n")
    for table in sorted(TESTDATA.rglob("*_decryption_table"))[::20]:
        rows = table.read_bytes()
        write(folder, b"\0" + rows)
        write(folder, b"\x01" + rows.replace(b'"', b"").replace(b",", b"\t"))
    document = (TESTS.parent / "docs" / "keylog.md").read_text()
    write(folder, b"\0" + "\n".join(line[4:] for line in document.splitlines() if line.startswith("    ")).encode())


# ---- captures ---------------------------------------------------------------------------------

def frame(way, raw, flags=0):
    return struct.pack(">BBH", way, flags, len(raw)) + raw


def packets_of(capture):
    data = capture.read_bytes()
    if data[:4] == b"\n\r\r\n":    # pcapng
        converted = subprocess.run(["editcap", "-F", "pcap", str(capture), "-"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   check=False)
        if converted.returncode != 0:
            return    # interfaces of several link types
        data = converted.stdout
    link, frames = read(data)
    for frame_read in frames:
        yield frame_read.data[LINK_HEADER.get(link, 4):]


def carried(packet):
    """(way, source, bytes) of an IP packet, or None."""
    if packet[:1] and packet[0] >> 4 == 6:
        protocol, source, body = packet[6], packet[8:24], packet[40:]
    else:
        if len(packet) < 20 or packet[6] & 0x3f or packet[7]:
            return None
        total = struct.unpack(">H", packet[2:4])[0]
        protocol, source, body = packet[9], packet[12:16], packet[(packet[0] & 15) * 4:total]
    if protocol in (50, 51):
        return ESP if protocol == 50 else AH, source, body
    if protocol == 17 and len(body) > 8:
        ports = struct.unpack(">HH", body[:4])
        if 4500 in ports:
            return (UDP_4500, source, body[12:]) if body[8:12] == bytes(4) else (UDP_RAW, source, body[8:])
        return (UDP_848 if 848 in ports else UDP_500, source, body[8:])
    if protocol == 6 and len(body) > 20:
        raw = body[(body[12] >> 4) * 4:]
        return (TCP_RAW, source, raw) if raw else None
    return None


def capture_seeds(folder):
    for capture in all_captures():
        first, out, count = None, b"", 0
        for packet in packets_of(capture):
            what = carried(packet)
            if not what or len(what[2]) > 4000 or count == FRAMES or len(out) > CAPTURE:
                continue
            first = first or what[1]
            out += frame(what[0], what[2], 0 if what[1] == first else BACK)
            count += 1
        if out:
            write(folder, out)


# ---- what was encrypted --------------------------------------------------------------------------

def value(message, name):
    field = next((f for f in message.iter("field") if f.get("name") == name), None)
    return field.get("value") if field is not None else None


def plaintext(message):
    """The payloads inside, one after the other."""
    inside = next((f for f in message.iter("field") if f.get("name") == "isakmp.enc.contained"), ())
    return "".join(f.get("value") or "" for f in inside if f.get("name") == "isakmp.typepayload")


def encrypted_frames(pdml):
    """Frames of the messages that tshark decrypted."""
    for number, packet in enumerate(xml.etree.ElementTree.fromstring(pdml).iter("packet")):
        for message in packet.iter("proto"):
            if message.get("name") != "isakmp":
                continue
            plain, exchange = plaintext(message), value(message, "isakmp.exchangetype")
            flags, identity = value(message, "isakmp.flags"), value(message, "isakmp.messageid")
            if not plain or not exchange or not flags or not identity:
                continue
            flags, identity = int(flags, 16), int(identity, 16) & 0xff
            nexts = [f.get("value") for f in message.iter("field") if f.get("name") == "isakmp.nextpayload"]
            version = value(message, "isakmp.version")
            back = BACK if flags & 0x20 or number % 2 else 0
            if version and int(version, 16) >> 4 == 1:
                first = int(nexts[0], 16) if nexts and nexts[0] else 8
                yield frame(V1_SEALED, bytes([int(exchange, 16), identity, first]) + bytes.fromhex(plain), back)
            else:
                first = int(nexts[1], 16) if len(nexts) > 1 and nexts[1] else 41
                yield frame(ENCRYPTED, bytes([len(plain) % 8, int(exchange, 16), flags, identity, first, 0, 0])
                            + bytes.fromhex(plain), back)


def encrypted_seeds(folder):
    from tshark import Tshark  # pylint: disable=import-outside-toplevel,import-error
    with Tshark() as tshark:
        for place in sorted({path.parent for path in all_captures()}):
            secrets = os.path.join(tshark.home, "secrets")
            shutil.rmtree(secrets, ignore_errors=True)
            os.mkdir(secrets)
            for path in place.iterdir():
                if path.suffix in (".log", ".txt", ".keylog"):
                    shutil.copy(path, secrets)
            os.chmod(secrets, 0o755)
            merged = tshark.place(tshark.merged([path for path in all_captures() if path.parent == place]), "merged.pcapng")
            result = subprocess.run(tshark.command("-r", merged, "-n", "-T", "pdml", "-Y", "isakmp.enc.contained", "-o",
                                                   "isakmp.keylog_file:" + secrets),
                                    env=tshark.environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
            frames = list(encrypted_frames(result.stdout))
            for start in range(0, len(frames), TOGETHER):
                write(folder, b"".join(frames[start:start + TOGETHER]))


# ---- programs ---------------------------------------------------------------------------------

def program_seeds(folder):
    """decrypt and analysis read programs: any bytes are one; libFuzzer finds the good ones."""
    chance = random.Random(7296)
    for _ in range(48):
        raw = bytes(chance.choice((0, 1, 2, 4, 33, chance.randrange(256)))
                       for _ in range(chance.choice((200, 800, 2400))))
        write(folder / "analysis", raw)
        write(folder / "decrypt", raw)
    for suite in range(8):
        for version in (0, 1):
            steps = b"".join(bytes([5, exchange, flags, identity, 41, fragments, 40]) + bytes([0, 0, 0, 40]) + bytes(36)
                             for exchange, flags, identity, fragments in
                             ((35, 8, 1, 0), (35, 32, 1, 0), (36, 8, 2, 2), (37, 0, 3, 0), (5, 8, 4, 0)))
            write(folder / "decrypt", bytes([2 | version | suite << 2]) + steps)


def converter_seeds(folder):
    """Pieces of logs with messages in them, shorter than libFuzzer's limit; the rest is in corpus/."""
    for path in logs():
        raw = path.read_bytes()
        for start in range(0, min(len(raw), 24000), 6000):
            write(folder, raw[start:start + 6000])


# ---- what no capture has ------------------------------------------------------------------------


def made_seeds(folder):
    """Sessions of groups and AH as the tests make them, policies and keys of groups and the data of private notifications as
    plaintext."""
    try:
        import group_injections  # pylint: disable=import-outside-toplevel
        import group_sessions as g  # pylint: disable=import-outside-toplevel
        import packets as p  # pylint: disable=import-outside-toplevel
    except ImportError:
        return
    for make in (group_injections.gdoi, group_injections.gikev2):
        found = [carried(packet) for packet in make()[0]]
        write(folder, b"".join(frame(way, raw, 0 if source == found[0][1] else BACK) for way, source, raw in found))
    ah = [g.ah4(g.AhKey(0x100, b"k" * 32), n, b"payload of AH " * n) for n in range(1, 5)]
    write(folder, b"".join(frame(AH, packet[20:]) for packet in ah))
    keys = [g.Kek(), g.Kek("of ECDSA", private=g.ECDSA), g.Tek(), g.Tek("aead", "gcm")]
    sa = g.sa_gdoi(*(key.sak() if isinstance(key, g.Kek) else key.sat() for key in keys))
    for chain in ([(1, sa)], [(18, bytes(4)), (17, g.kd_gdoi(*(key.packet() for key in keys)))]):
        for exchange in (32, 33):
            write(folder, frame(V1_SEALED, bytes((exchange, 7, chain[0][0])) + p.chain(chain)))
    rekey, data = g.RekeySa(), g.DataSa("data")
    chain = p.chain([(g.GSA, rekey.policy() + data.policy()), (g.KD, rekey.bag((0, bytes(32))) + data.bag(bytes(32)))])
    write(folder, frame(ENCRYPTED, bytes((0, g.GSA_AUTH, 0x20, 1, g.GSA, 0, 0)) + chain))
    numbers = sorted({int(line.split(",")[0]) for path in (TESTS.parent / "registry" / "csv").glob("*notify*.csv")
                      for line in path.read_text().splitlines() if line.split(",")[0].isdigit()})
    for at in range(0, len(numbers), 40):
        chain = p.chain([(41, p.notify(number, bytes(range(1, 1 + number % 23)))) for number in numbers[at:at + 40]])
        write(folder, frame(ENCRYPTED, bytes((0, 35, 0x20, 1, 41, 0, 0)) + chain))


def main():
    folder = pathlib.Path(sys.argv[1])
    log_seeds(folder / "keylog")
    capture_seeds(folder / "dissector")
    made_seeds(folder / "dissector")
    program_seeds(folder)
    converter_seeds(folder / "log2pcap")
    if os.environ.get("IKE_PLUGIN_DIR"):
        encrypted_seeds(folder / "dissector")
    for target in sorted(folder.iterdir()):
        print(target.name, len(list(target.iterdir())))


if __name__ == "__main__":
    main()
