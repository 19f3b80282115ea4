#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Mutates captures in many ways and reads them with the plugin and their keys, until the time is up:

    tools/torture.py SECONDS [--seed N] [--keep FOLDER] [CAPTURE...]

Without CAPTURE, the captures of testdata/ are used. A table or log beside a capture (NAME.*_decryption_table, NAME.*.log)
has its keys. IKE_SANITIZED_PLUGIN_DIR names a build with -DSANITIZE=address,undefined (tools/test.sh makes one); without it,
the usual build is used. A failure is saved with the command that shows it again: a crash, a sanitizer report, a dissector bug,
invalid JSON or XML, or a packet that takes more than a second.

IKE_LIFECYCLE names the ike_lifecycle of a build (with -DSANITIZE=address,undefined, too). If it is set, that program reads ten
captures in one process, with the logs of the captures they come from. It finds crashes and sanitizer reports ten times as fast."""
import argparse
import collections
import json
import os
import pathlib
import random
import resource
import struct
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import many  # noqa: E402
import packets as p  # noqa: E402
import tshark as runner  # noqa: E402

SECONDS_A_PACKET = 1.0
RUN_SECONDS = 300
BAD_WORDS = ("Sanitizer", "runtime error", "Dissector bug", "CRITICAL", "ASSERT", "assertion", "ERROR")
HEADER, ENCRYPTED, FRAGMENT = 28, 46, 53
UDP, TCP, ESP = 17, 6, 50

Session = collections.namedtuple("Session", "name path packets")


# ---- reading captures --------------------------------------------------------------------------

def bytes_of(path):
    """The capture as classic pcap, whatever it is."""
    data = path.read_bytes()
    if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4"):
        return data
    return subprocess.run(["editcap", "-F", "pcap", str(path), "-"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False).stdout


def ip_packets(path):
    """(time, IP packet) of each frame of a capture."""
    data = bytes_of(path)
    order = "<" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    if len(data) < 24:
        return
    link, offset = struct.unpack(order + "I", data[20:24])[0] & 0xFFFF, 24
    while offset + 16 <= len(data):
        seconds, fraction, length = struct.unpack(order + "III", data[offset:offset + 12])
        packet = data[offset + 16:offset + 16 + length]
        offset += 16 + length
        packet = packet[{1: 14, 113: 16, 276: 20, 0: 4, 108: 4}.get(link, 0):]
        if packet[:1] and packet[0] >> 4 in (4, 6):
            yield seconds + fraction / 1e6, packet


def transport(packet):
    """(head, protocol, body): what is before the IP payload, and it."""
    if packet[0] >> 4 == 6:
        return packet[:40], packet[6], packet[40:]
    size = (packet[0] & 15) * 4
    if len(packet) < 20 or struct.unpack(">H", packet[6:8])[0] & 0x3FFF:
        return packet, 0, b""
    return packet[:size], packet[9], packet[size:]


def ends(packet):
    return (packet[8:24], packet[24:40]) if packet[0] >> 4 == 6 else (packet[12:16], packet[16:20])


def message_of(packet):
    """(bytes before the IKE message, message), or None."""
    head, protocol, body = transport(packet)
    if protocol != UDP or len(body) < 8 + HEADER:
        return None
    skip = 8 + (4 if body[8:12] == bytes(4) else 0)
    message = body[skip:]
    if len(message) < HEADER or message[17] >> 4 not in (1, 2):
        return None
    return head + body[:skip], message


def resized(packet):
    """IP and UDP lengths put right after the payload changed."""
    data = bytearray(packet)
    if data[0] >> 4 == 6:
        data[4:6] = struct.pack(">H", (len(data) - 40) & 0xFFFF)
        start = 40
    else:
        data[2:4] = struct.pack(">H", len(data) & 0xFFFF)
        start = (data[0] & 15) * 4
    if len(data) >= start + 8 and (data[6] if data[0] >> 4 == 6 else data[9]) == UDP:
        data[start + 4:start + 6] = struct.pack(">H", (len(data) - start) & 0xFFFF)
        data[start + 6:start + 8] = bytes(2)
    return bytes(data)


# ---- mutating a message -------------------------------------------------------------------------

def flip_bits(chance, data):
    data = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def other_number(chance, data):
    """Some field of one, two or four bytes gets a number that programs trip over."""
    data = bytearray(data)
    size = chance.choice((1, 2, 2, 4))
    if len(data) < size:
        return bytes(data)
    at = chance.randrange(len(data) - size + 1)
    top = (1 << 8 * size) - 1
    value = chance.choice((0, 1, 2, 3, 4, 5, 7, 8, 255, 256, top >> 1, (top >> 1) + 1, top - 1, top))
    data[at:at + size] = (value & top).to_bytes(size, "big")
    return bytes(data)


def drop_bytes(chance, data):
    at = chance.randrange(len(data) + 1)
    return data[:at] + data[at + chance.choice((1, 2, 4, 8, 40)):]


def add_bytes(chance, data):
    at = chance.randrange(len(data) + 1)
    more = chance.choice((bytes(chance.choice((1, 4, 16, 300))), chance.randbytes(chance.choice((1, 3, 8, 64))),
                          data[at:at + chance.choice((4, 8, 40, 200))] * chance.choice((1, 2, 50))))
    return data[:at] + more + data[at:]


def chain_of(first, body):
    """[(type, bytes with header)] as far as it goes, and what is behind."""
    found, kind = [], first
    while kind and len(body) >= 4:
        length = struct.unpack(">H", body[2:4])[0]
        if length < 4 or length > len(body):
            break
        found.append((kind, body[:length]))
        if kind in (ENCRYPTED, FRAGMENT):
            return found, body[length:]
        kind, body = body[0], body[length:]
    return found, body


def chained(entries, tail=b"", last=0):
    """(first type, bytes): the payloads linked again, their lengths right."""
    out = b""
    for index, (_, data) in enumerate(entries):
        following = entries[index + 1][0] if index + 1 < len(entries) else last
        if entries[index][0] in (ENCRYPTED, FRAGMENT):
            following = data[0]
        out += bytes([following]) + data[1:2] + struct.pack(">H", len(data) & 0xFFFF) + data[4:]
    return entries[0][0] if entries else last, out + tail


MUTATIONS = (flip_bits, other_number, other_number, drop_bytes, add_bytes)


def mutate_chain(chance, first, body, stock):
    """Payloads mutated inside, dropped, doubled, swapped, put in from elsewhere, renamed."""
    entries, tail = chain_of(first, body)
    if not entries:
        return first, chance.choice(MUTATIONS)(chance, body)
    for _ in range(chance.choice((1, 1, 2, 3))):
        at = chance.randrange(len(entries)) if entries else 0
        what = chance.randrange(8)
        if what < 3 and entries:
            kind, data = entries[at]
            mutated = chance.choice(MUTATIONS)(chance, data[4:])[:60000]
            entries[at] = (kind, data[:4] + mutated)
        elif what == 3 and len(entries) > 1:
            del entries[at]
        elif what == 4 and entries:
            entries[at:at] = [entries[at]] * chance.choice((1, 1, 3, 200))
        elif what == 5 and stock:
            entries.insert(at, chance.choice(stock))
        elif what == 6 and entries:
            entries[at] = (chance.randrange(256) if chance.random() < .3 else chance.randrange(33, 56), entries[at][1])
        elif entries:
            chance.shuffle(entries)
    return chained(entries, tail)


def mutate_header(chance, message, stock_spis):
    data = bytearray(message)
    what = chance.randrange(6)
    if what == 0 and stock_spis:
        data[:16] = chance.choice(stock_spis)
    elif what == 1:
        data[:16] = data[8:16] + data[:8]
    elif what == 2:
        data[17] = chance.choice((0x10, 0x11, 0x20, 0x21, 0x2f, 0x30, 0, 0xff))
    elif what == 3:
        data[18] = chance.choice((0, 1, 2, 4, 5, 6, 32, 33, 34, 35, 36, 37, 39, 43, 44, 240, 243, 244, 255))
    elif what == 4:
        data[19] ^= 1 << chance.randrange(8)
    else:
        data[20:24] = struct.pack(">I", chance.choice((0, 1, 2, 0x7fffffff, 0xffffffff, chance.getrandbits(32))))
    return bytes(data)


def with_length(message):
    return message[:24] + struct.pack(">I", len(message)) + message[28:]


# ---- messages whose keys are known are decrypted, mutated and encrypted again ---------------------------

class Encrypts:
    """The keys of IKEv2 SAs by their SPIs, from decryption tables; AES-CBC and AES-GCM."""

    HASHES = {"HMAC_SHA1_96": ("sha1", 12), "HMAC_MD5_96": ("md5", 12), "HMAC_SHA2_256_128": ("sha256", 16),
              "HMAC_SHA2_384_192": ("sha384", 24), "HMAC_SHA2_512_256": ("sha512", 32)}

    def __init__(self, tables):
        import csv
        self.rows = {}
        for table in tables:
            for row in csv.reader(table.read_text(errors="replace").splitlines()):
                if len(row) >= 8:
                    self.rows.setdefault((row[0] + row[1]).lower(), []).append(row)
        try:
            from cryptography.hazmat.primitives.ciphers import Cipher, aead, algorithms, modes
            self.aes = Cipher, aead, algorithms, modes
        except ImportError:
            self.rows = {}

    def _keys(self, row, to_responder):
        cipher, mac = row[4], row[7].split(" ")[0]
        key = bytes.fromhex(row[2 if to_responder else 3])
        auth = bytes.fromhex(row[5 if to_responder else 6] or "")
        return cipher, key, mac, auth

    def mutated(self, chance, message, stock):
        """The message with its encrypted payloads mutated; None when it cannot be decrypted here."""
        entries, _ = chain_of(message[16], message[HEADER:])
        if not entries or entries[-1][0] not in (ENCRYPTED, FRAGMENT) or message[17] >> 4 != 2:
            return None
        kind, encrypted = entries[-1]
        head = 8 if kind == FRAGMENT else 4
        for row in self.rows.get(message[:16].hex(), ()):
            cipher, key, mac, auth = self._keys(row, bool(message[19] & 8))
            try:
                plain = self._open(cipher, key, mac, message, encrypted, head)
            except Exception:  # pylint: disable=broad-except
                continue
            if plain is None:
                continue
            first, body = mutate_chain(chance, encrypted[0], plain, stock)
            number = encrypted[4:head]
            if kind == FRAGMENT and chance.random() < .3:
                number = struct.pack(">HH", chance.choice((0, 1, 2, 3, 255)), chance.choice((0, 1, 2, 3, 255)))
            return self._seal(chance, cipher, key, mac, auth, message, entries[:-1], kind, first, number, body)
        return None

    def _open(self, cipher, key, mac, message, encrypted, head):
        Cipher, aead, algorithms, modes = self.aes
        if cipher.startswith("AES-GCM") and "with 16" in cipher:
            before = message[:len(message) - len(encrypted) + head]
            iv, box = encrypted[head:head + 8], encrypted[head + 8:]
            plain = aead.AESGCM(key[:-4]).decrypt(key[-4:] + iv, box, before)
        elif cipher.startswith("AES-CBC"):
            size = self.HASHES[mac][1]
            iv, box = encrypted[head:head + 16], encrypted[head + 16:-size]
            worker = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
            plain = worker.update(box) + worker.finalize()
        else:
            return None
        return plain[:len(plain) - 1 - plain[-1]]

    def _seal(self, chance, cipher, key, mac, auth, message, before, kind, first, number, plain):
        import hashlib
        import hmac as hmac_module
        Cipher, aead, algorithms, modes = self.aes
        gcm = cipher.startswith("AES-GCM")
        tag = 16 if gcm else self.HASHES[mac][1]
        plain = plain[:60000]
        pad = 0 if gcm else -(len(plain) + 1) % 16
        iv = chance.randbytes(8 if gcm else 16)
        plain += bytes(pad) + bytes([chance.choice((pad, pad, pad, 255)) if chance.random() < .1 else pad])
        length = 4 + len(number) + len(iv) + len(plain) + tag
        outer_first, outer = chained([*before, (kind, bytes([first, 0, 0, 0]))]) if before else (kind, None)
        prefix = outer[:-4] if outer else b""
        payload = bytes([first, 0]) + struct.pack(">H", length & 0xFFFF) + number
        header = message[:16] + bytes([outer_first]) + message[17:24]
        header += struct.pack(">I", HEADER + len(prefix) + length)
        if gcm:
            box = aead.AESGCM(key[:-4]).encrypt(key[-4:] + iv, plain, header + prefix + payload)
            return header + prefix + payload + iv + box
        worker = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
        out = header + prefix + payload + iv + worker.update(plain) + worker.finalize()
        return out + hmac_module.new(auth, out, getattr(hashlib, self.HASHES[mac][0])).digest()[:tag]


# ---- mutated captures: each takes sessions and returns (capture, what was done) -------------------

class Torturer:
    def __init__(self, sessions, tables, chance, folder):
        self.sessions, self.chance, self.folder = sessions, chance, folder
        self.encrypts = Encrypts(tables)
        self.stock, self.spis = [], []
        for session in sessions:
            for _, packet in session.packets[:4]:
                found = message_of(packet)
                if found:
                    self.stock += chain_of(found[1][16], found[1][HEADER:])[0]
                    self.spis.append(found[1][:16])

    def some(self, most):
        return self.chance.sample(self.sessions, min(len(self.sessions), self.chance.randint(1, most)))

    def write(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path

    def capture(self, entries):
        """Classic pcap of raw IP, or the same packets under another link."""
        link, head4, head6 = self.chance.choice((
            (101, b"", b""), (101, b"", b""), (1, bytes(12) + b"\x08\x00", bytes(12) + b"\x86\xdd"),
            (1, bytes(12) + b"\x81\x00\x00\x07\x08\x00", bytes(12) + b"\x81\x00\x00\x07\x86\xdd"),
            (113, bytes(14) + b"\x08\x00", bytes(14) + b"\x86\xdd"), (0, b"\2\0\0\0", b"\x1e\0\0\0"),
            (9, b"\xff\x03\x00\x21", b"\xff\x03\x00\x57"), (276, b"\x08\0" + bytes(18), b"\x86\xdd" + bytes(18)),
            (1, bytes(12) + b"\x88\x47\x00\x01\x01\x40", bytes(12) + b"\x88\x47\x00\x01\x01\x40")))
        framed = [(min(max(when, 0), 2 ** 32 - 1), (head6 if packet[:1] and packet[0] >> 4 == 6 else head4) + packet) for when, packet in entries]
        return p.pcap(framed, link=link)

    def all_packets(self, most=6):
        return [entry for session in self.some(most) for entry in session.packets]

    def noise(self):
        """editcap -E, after which times and lengths of frames are as they were."""
        source = self.write("source.pcap", self.capture(self.all_packets(20)))
        share = self.chance.choice(("0.01", "0.05", "0.1", "0.2"))
        target = self.folder / "noise.pcap"
        subprocess.run(["editcap", "-E", share, "--seed", str(self.chance.randrange(1 << 30)), source, target], check=True,
                       stderr=subprocess.DEVNULL)
        return target.read_bytes()

    def noise_in_messages(self):
        """The same, with IP and UDP left whole, so that it reaches us."""
        share = self.chance.choice((.002, .01, .05, .1, .2))
        out = []
        for when, packet in self.all_packets(20):
            head, _, body = transport(packet)
            start = len(head) + (8 if len(body) > 8 else 0)
            data = bytearray(packet)
            for at in range(start, len(data)):
                if self.chance.random() < share:
                    data[at] = self.chance.randrange(256)
            out.append((when, bytes(data)))
        return self.capture(out)

    def cut_file(self):
        data = self.capture(self.all_packets())
        return data[:self.chance.randrange(24, len(data) + 1)]

    def snap_length(self):
        source = self.write("source.pcap", self.capture(self.all_packets(20)))
        target = self.folder / "snapped.pcap"
        subprocess.run(["editcap", "-s", str(self.chance.choice((20, 42, 46, 60, 68, 74, 96, 100, 128, 200, 256, 500))),
                        source, target], check=True)
        return target.read_bytes()

    def merged(self):
        """Interleaved by time, of several link types: pcapng with several interfaces."""
        parts = []
        for index in range(self.chance.randint(2, 6)):
            entries = self.all_packets(4)
            start = entries[0][0]
            entries = [(1700000000 + when - start, packet) for when, packet in entries]
            parts.append(self.write(f"part{index}.pcap", self.capture(entries)))
        target = self.folder / "merged.pcapng"
        subprocess.run(["mergecap", "-I", self.chance.choice(("none", "all")), "-w", target, *parts], check=True,
                       stderr=subprocess.DEVNULL)
        return target.read_bytes()

    def spliced(self):
        """Packets of several sessions shuffled, doubled, lost, turned round."""
        entries = self.all_packets(5)
        times = sorted(when for when, _ in entries)
        if self.chance.random() < .5:
            self.chance.shuffle(entries)
        out = []
        for when, (_, packet) in zip(times, entries):
            if self.chance.random() < .1:
                continue
            if self.chance.random() < .2 and packet[0] >> 4 == 4:
                packet = packet[:12] + packet[16:20] + packet[12:16] + packet[20:]
            out += [(when, packet)] * (1 if self.chance.random() < .9 else 3)
        return self.capture(out)

    def times(self):
        """Clocks that jump back and forth, stand still, or are of another century."""
        chance, out = self.chance, []
        for when, packet in self.all_packets(8):
            if chance.random() < .3:
                when = chance.choice((0, 1, 2 ** 31, 2 ** 32 - 1, when - 86400, when + 1e6, chance.randrange(2 ** 32)))
            out.append((when, packet))
        return self.capture(out)

    def as_one_peer(self):
        """All packets between the same two hosts and ports, under the SPIs of one session."""
        entries, spis = self.all_packets(4), self.chance.choice(self.spis or [bytes(16)])
        out = []
        for when, packet in entries:
            found = message_of(packet)
            if found:
                message = found[1]
                if self.chance.random() < .5:
                    message = spis + message[16:]
                out.append((when, p.udp(message)))
        return self.capture(out or entries)

    def messages(self, mutate):
        out = []
        for when, packet in self.all_packets(6):
            found = message_of(packet)
            if found and self.chance.random() < .5:
                head, message = found
                packet = resized((head + mutate(message))[:65000])
            out.append((when, packet))
        return self.capture(out)

    def payloads(self):
        def mutate(message):
            if self.chance.random() < .2:
                message = mutate_header(self.chance, message, self.spis)
            first, body = mutate_chain(self.chance, message[16], message[HEADER:], self.stock)
            message = message[:16] + bytes([first]) + message[17:HEADER] + body
            return with_length(message) if self.chance.random() < .9 else message
        return self.messages(mutate)

    def headers(self):
        return self.messages(lambda message: mutate_header(self.chance, message, self.spis))

    def encrypted(self):
        """Mutated behind the encryption, which is right again."""
        return self.messages(lambda message: self.encrypts.mutated(self.chance, message, self.stock) or message)

    def in_tcp(self):
        """The messages in a stream on TCP 4500 or 500, cut into segments anywhere, lost and repeated."""
        chance = self.chance
        stream, out, port = b"IKETCP", [], chance.choice((4500, 4500, 500))
        for _, packet in self.all_packets(4):
            found = message_of(packet)
            head, protocol, body = transport(packet)
            data = (bytes(4) + found[1]) if found else body if protocol == ESP else body[8:]
            size = len(data) + 2 if chance.random() < .95 else chance.choice((0, 1, 2, 3, 5, 65535))
            stream += struct.pack(">H", size & 0xFFFF) + data
        if port == 500:
            stream = stream[6:]
        at = 0
        while at < len(stream):
            size = chance.choice((1, 2, 7, 40, 300, 1400, 1400))
            segment = p.tcp(stream[at:at + size], 1 + at, dport=port)
            if chance.random() < .97:
                out.append(segment)
            if chance.random() < .05:
                out.append(segment)
            at += size
        if chance.random() < .3:
            at = chance.randrange(len(out))
            out[at:at + 6] = reversed(out[at:at + 6])
        return p.pcap(out)

    def fragmented(self):
        """In IP fragments, some of which get lost."""
        out = []
        for when, packet in self.all_packets(6):
            head, protocol, body = transport(packet)
            if packet[0] >> 4 != 4 or len(body) < 100 or not protocol:
                out.append((when, packet))
                continue
            size = self.chance.choice((16, 40, 200, 576))
            for at in range(0, len(body), size):
                piece = bytearray(head + body[at:at + size])
                more = 0x2000 if at + size < len(body) else 0
                piece[2:4] = struct.pack(">H", len(piece))
                piece[4:6] = struct.pack(">H", len(out) & 0xFFF0)
                piece[6:8] = struct.pack(">H", more | at // 8)
                if self.chance.random() < .97:
                    out.append((when, bytes(piece)))
        return self.capture(out)

    WAYS = ("noise", "noise_in_messages", "cut_file", "snap_length", "merged", "spliced", "times", "as_one_peer", "payloads",
            "payloads", "headers", "encrypted", "encrypted", "encrypted", "in_tcp", "fragmented")


# ---- running -----------------------------------------------------------------------------------

READINGS = (
    ("-2", "-V", "-z", "isakmp,report"),
    ("-2", "-V", "-x", "-z", "isakmp,sas", "-z", "isakmp,summary"),
    ("-q", "-z", "isakmp,report,json"),
    ("-2", "-q", "-z", "isakmp,report,json"),
    ("-T", "pdml"),
    ("-2", "-T", "json"),
    ("-M", "20", "-V", "-z", "isakmp,report"),
    ("-Y", "isakmp.expert || isakmp.response_in", "-V"),
    # Without a tree, only what a filter asks for is built.
    ("-Y", "isakmp.ispi"),
    ("-2", "-Y", "_ws.expert && isakmp.notify.msgtype"),
    ("-Y", "isakmp.enc.decrypted || isakmp.typepayload || isakmp.retransmission.note"),
)


class Runner:
    def __init__(self, tables, keep):
        self.sanitized = os.environ.get("IKE_SANITIZED_PLUGIN_DIR")
        self.tshark = runner.Tshark(tables=tables, plugins=self.sanitized)
        self.keep, self.failures, self.startup = keep, 0, 0.0
        self.environment = self.tshark.environment()
        if self.sanitized:
            library, behaviour = (subprocess.run(["cc", "-print-file-name=" + name], stdout=subprocess.PIPE, text=True,
                                                 check=True).stdout.strip() for name in ("libasan.so", "libubsan.so"))
            self.environment.update(LD_PRELOAD=f"{library} {behaviour}",
                                    ASAN_OPTIONS="detect_leaks=0:allocator_may_return_null=1")

    def run(self, capture, arguments):
        """(what went wrong or None, seconds of processor time)"""
        path = self.tshark.place(capture, "mutated.pcap")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            done = subprocess.run(self.tshark.command("-r", path, "-n", *arguments), env=self.environment, timeout=RUN_SECONDS,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        except subprocess.TimeoutExpired:
            return f"not done after {RUN_SECONDS} seconds", RUN_SECONDS
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return self.judged(done, arguments), used

    def judged(self, done, arguments):
        errors = "\n".join(line for line in done.stderr.decode(errors="replace").splitlines()
                           if not line.startswith("isakmp: "))
        if done.returncode not in (0, 2):  # 2: the capture file itself is damaged
            return f"exit status {done.returncode}: {errors[-2000:]}"
        for word in BAD_WORDS:
            if word in errors:
                return errors[-4000:]
        if b"Dissector bug" in done.stdout:
            return "Dissector bug: " + done.stdout[done.stdout.index(b"Dissector bug"):][:300].decode(errors="replace")
        if b"Malformed Packet: ISAKMP" in done.stdout:
            return "an exception left the dissector: Malformed Packet"
        if done.returncode == 0 and ("isakmp,report,json" in arguments or "json" in arguments):
            try:
                json.loads(done.stdout.decode("utf-8"))
            except ValueError as error:
                return f"the JSON is none: {error}"
        if done.returncode == 0 and "pdml" in arguments:
            try:
                ET.fromstring(done.stdout)
            except ET.ParseError as error:
                return f"the XML is none: {error}"
        return None

    def slowest_packet(self, capture):
        """The longest that the list waits for a packet."""
        path = self.tshark.place(capture, "mutated.pcap")
        worst, number, last = 0.0, 0, None
        with subprocess.Popen(self.tshark.command("-r", path, "-n", "-l", "-V"), env=self.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
            for line in running.stdout:
                if line.startswith(b"Frame "):
                    now = time.monotonic()
                    if last is not None and now - last > worst:
                        worst, number = now - last, line
                    last = now
        return worst, number

    def failed(self, name, capture, arguments, why):
        self.failures += 1
        self.keep.mkdir(parents=True, exist_ok=True)
        stem = self.keep / f"{name}-{self.failures}"
        stem.with_suffix(".pcap").write_bytes(capture)
        stem.with_suffix(".txt").write_text(f"tshark -n -r {stem.with_suffix('.pcap')} {' '.join(arguments)}\n{why}\n")
        print(f"{stem}: {why.strip().splitlines()[0] if why.strip() else 'nothing said'}", flush=True)


def tables_beside(captures):
    return [path for capture in captures for path in sorted(capture.parent.glob(capture.stem + ".*_decryption_table"))]


def keylog_of(captures):
    return b"".join(path.read_bytes() + b"\n" for capture in captures
                    for path in sorted(capture.parent.glob(capture.stem + ".*.log")))


def with_tshark(options, torturer, chance, run, keys):
    """A start of tshark for each, in all forms of output. Returns what is to be counted."""
    counts, packets, start = collections.Counter(), 0, time.monotonic()
    ways = options.ways.split(",") if options.ways else Torturer.WAYS
    _, run.startup = run.run(p.pcap([]), keys)
    while time.monotonic() - start < options.seconds:
        way = chance.choice(ways)
        capture = getattr(torturer, way)()
        arguments = (*keys, *chance.choice(READINGS)) if chance.random() < .9 else chance.choice(READINGS)
        why, used = run.run(capture, arguments)
        counts[way] += 1
        frames = max(1, len(capture) // 150)
        packets += frames
        if not why and used - run.startup > SECONDS_A_PACKET + frames * 0.004:
            slow, which = run.slowest_packet(capture)
            if slow > SECONDS_A_PACKET:
                why = f"a packet takes {slow:.1f} seconds, before {which!r}"
        if why:
            run.failed(f"{way}-{options.seed}", capture, arguments, why)
    return counts, packets


def in_one_process(options, torturer, chance):
    """A few sessions at a time, so that all have their turn. Returns what is to be counted."""
    os.environ.setdefault("ASAN_OPTIONS", "detect_leaks=0:allocator_may_return_null=1")
    sessions, start, at = list(torturer.sessions), time.monotonic(), 0
    chance.shuffle(sessions)
    counts, packets, failures = collections.Counter(), 0, 0
    ways = options.ways.split(",") if options.ways else Torturer.WAYS
    while time.monotonic() - start < options.seconds:
        torturer.sessions = [sessions[(at + i) % len(sessions)] for i in range(25)]
        at += 25
        logs = [path for session in torturer.sessions for path in session.path.parent.glob(session.path.stem + "*.log")]
        log = b"".join(path.read_bytes() + b"\n" for path in chance.sample(logs, min(len(logs), 12)))
        todo = [(way, getattr(torturer, way)()) for way in (chance.choice(ways) for _ in range(10))]
        counts.update(way for way, _ in todo)
        packets += sum(max(1, len(capture) // 150) for _, capture in todo)
        while todo:
            try:
                many.read_all([capture for _, capture in todo], log, ("isakmp.ispi", "data"), again=chance.random() < .5)
                todo = []
            except many.Crash as crash:
                failures += 1
                way, capture = todo[min(crash.number, len(todo) - 1)]
                options.keep.mkdir(parents=True, exist_ok=True)
                for suffix, content in ((".pcap", capture), (".log", log), (".txt", str(crash).encode())):
                    (options.keep / f"{way}-{options.seed}-{failures}{suffix}").write_bytes(content)
                print(way, str(crash).splitlines()[0], flush=True)
                todo = todo[crash.number + 1:]
    print(f"{min(at, len(sessions))} of {len(sessions)} sessions")
    return counts, packets, failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path, default=pathlib.Path("torture-found"))
    parser.add_argument("--ways", help="only these, with commas between: " + " ".join(sorted(set(Torturer.WAYS))))
    parser.add_argument("captures", nargs="*", type=pathlib.Path)
    options = parser.parse_intermixed_args()

    chance = random.Random(options.seed)
    captures = options.captures or sorted(path for path in runner.TESTDATA.rglob("*") if path.suffix in (".pcap", ".pcapng"))
    sessions = [Session(path.stem, path, list(ip_packets(path))) for path in captures]
    sessions = [session for session in sessions if session.packets]
    tables = tables_beside(captures)
    contents = {kind: "".join(path.read_text() for path in tables if path.name.endswith(kind))
                for kind in ("ikev1_decryption_table", "ikev2_decryption_table")}
    run = Runner(contents, options.keep)
    logs = [path for path in captures if list(path.parent.glob(path.stem + ".*.log"))]
    keylog = run.tshark.place(keylog_of(chance.sample(logs, min(len(logs), 60))), "keys.log")
    keys = ("-o", "isakmp.keylog_file:" + keylog)
    folder = pathlib.Path(run.tshark.home) / "work"
    folder.mkdir()
    torturer = Torturer(sessions, tables, chance, folder)
    start = time.monotonic()
    if os.environ.get("IKE_LIFECYCLE"):
        counts, packets, run.failures = in_one_process(options, torturer, chance)
    else:
        counts, packets = with_tshark(options, torturer, chance, run, keys)
    run.tshark.close()
    print(f"{sum(counts.values())} captures in {time.monotonic() - start:.0f} seconds, seed {options.seed}, about "
          f"{packets} packets, {run.failures} failures;", ", ".join(f"{way} {count}" for way, count in sorted(counts.items())))
    return 1 if run.failures else 0


if __name__ == "__main__":
    sys.exit(main())
