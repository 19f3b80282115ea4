# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions of the lab for tests that change them: their messages, the daemon's IVs, and the same session
with other cookies, so that many stand in one capture."""
import csv
import functools
import hashlib
import struct
import sys

import packets as p
from tshark import ROOT, TESTDATA, Tshark, facts

sys.path.append(str(ROOT / "testdata" / "lab"))
import capture  # noqa: E402

IKEV1 = TESTDATA / "ikev1"
ENCRYPTED, HEADER, KE, FRAGMENT = 1, 28, 4, 132


def rows_of(name):
    with open(IKEV1 / f"{name}.ikev1_decryption_table", newline="") as rows:
        return [(bytes.fromhex(row[0]), row[1]) for row in csv.reader(rows) if not row[0].startswith("#")]


# ---- messages of a list of frames ---------------------------------------------------------------------


def ip_of(frame):
    """(whole key of the datagram, offset, more fragments, IP payload, protocol)"""
    if frame[12:14] == b"\x08\x00":
        ip = frame[14:14 + struct.unpack(">H", frame[16:18])[0]]
        place = struct.unpack(">H", ip[6:8])[0]
        return ip[4:6] + ip[12:20], (place & 0x1FFF) * 8, bool(place & 0x2000), ip[(ip[0] & 15) * 4:], ip[9]
    size = struct.unpack(">H", frame[18:20])[0]
    return b"", 0, False, frame[54:54 + size], frame[20]


def ike_of(datagram):
    """The IKE message in a UDP datagram, b"" when there is none."""
    ports, size = struct.unpack(">HH", datagram[:4]), struct.unpack(">H", datagram[4:6])[0]
    body = datagram[8:size]
    if 4500 in ports and 500 not in ports:
        body = body[4:] if body[:4] == bytes(4) else b""
    whole = len(body) >= HEADER and struct.unpack(">I", body[24:28])[0] == len(body) == size - 8 - (
        4 if 500 not in ports else 0)
    return body if whole else b""


class Parts(dict):
    """The fragments of one message, by number (Cisco) or offset (IP)."""
    last, whole = None, False

    def joined(self):
        """All bytes when none is missing, else b""."""
        raw, expected = b"", min(self)
        if expected > 1 or self.last is None:
            return b""
        step = expected
        for place in sorted(self):
            if place != expected:
                return b""
            raw += self[place]
            expected += 1 if step else len(self[place])
        return raw if max(self) == self.last else b""

    def takes(self, place, last, raw):
        """Whether this fragment can be of the same message. Cisco's first one has the length of all."""
        more = Parts(self)
        more[place], more.last = raw, place if last else self.last
        joined = more.joined()
        return not self.whole and place not in self and (
            0 in more or not joined or struct.unpack(">I", joined[24:28])[0] == len(joined))


class Messages:
    """Puts fragments together, the way a receiver does."""

    def __init__(self):
        self.sets = {}

    def of(self, frame):
        """The IKE message that ends with this frame, or b""; b"again" for a fragment that came before."""
        key, offset, more, payload, protocol = ip_of(frame)
        if protocol != 17:
            return b""
        if offset or more:
            payload = self.collect(key, offset, not more, payload)
            if payload in (b"", b"again"):
                return payload
        message = ike_of(payload)
        if message and message[16] == FRAGMENT:
            body = message[HEADER:]
            return self.collect(message[:16] + key[2:] + body[4:6], body[6], body[7] & 1, body[8:])
        return message

    def collect(self, key, place, last, raw):
        sets = self.sets.setdefault(key, [Parts()])
        if any(parts.get(place) == raw for parts in sets):
            return b"again"
        if not sets[-1].takes(place, last, raw):
            sets.append(Parts())
        parts = sets[-1]
        parts[place] = raw
        parts.last = place if last else parts.last
        joined = parts.joined()
        parts.whole = bool(joined)
        return joined


def message_id(message):
    return struct.unpack(">I", message[20:24])[0]


def has_ke(message):
    """A plain message of phase 1 with a key exchange payload."""
    kind, at = message[16], HEADER
    while kind and at + 4 <= len(message):
        if kind == KE:
            return True
        kind, at = message[at], at + struct.unpack(">H", message[at + 2:at + 4])[0]
    return False


# ---- what the daemon knows --------------------------------------------------------------------------


def logged_ivs(name):
    """(SPI, message ID) -> every IV that a daemon of this session logged for it."""
    ivs = {}
    for side in facts(IKEV1 / f"{name}.pcap")["sides"].values():
        for sa in side.get("ike_sas", []):
            for keys in sa.get("keys", []):
                ivs.setdefault((sa["spi_i"], 0), set()).add(keys.get("initial_iv"))
            for number, iv in sa.get("ivs", []):
                ivs.setdefault((sa["spi_i"], number), set()).add(iv)
    return ivs


FIELDS = ["frame.number", "isakmp.enc.iv_used", "isakmp.enc.partial", "isakmp.typepayload", "isakmp.ispi",
          "isakmp.messageid", "isakmp.enc.contained", "isakmp.enc.decrypted"]


def shown(tshark, frames):
    """For each frame (IV, partly, payload types)."""
    got = []
    for fields in tshark.fields(p.pcap(frames, link=1), FIELDS):
        types = [kind for kind in fields["isakmp.typepayload"] if int(kind) != FRAGMENT]
        decrypted = bool(fields["isakmp.enc.contained"])
        assert decrypted == bool(fields["isakmp.enc.decrypted"]), fields
        iv = fields["isakmp.enc.iv_used"]
        got.append((iv[0] if iv else None, bool(fields["isakmp.enc.partial"]), types if decrypted else None))
    return got


# ---- the changes --------------------------------------------------------------------------------------


def with_cookies(frame, cookies, number):
    """The frame as one of a session of its own: other initiator cookies, another IP identification."""
    for old, new in cookies.items():
        frame = frame.replace(old, new)
    if frame[12:14] == b"\x08\x00":
        identification = struct.unpack(">H", frame[18:20])[0] + 509 * number & 0xFFFF
        frame = frame[:18] + struct.pack(">H", identification) + frame[20:]
    return frame


def cookie(old, number):
    return hashlib.sha256(old + struct.pack(">I", number)).digest()[:8]


class Truth:
    """What the capture as it was recorded holds: its messages, and with which IV each is decrypted."""

    def __init__(self, name, frames):
        self.rows = rows_of(name)
        table = "".join(f"{old.hex()},{key}\n" for old, key in self.rows)
        with Tshark(tables={"ikev1_decryption_table": table}) as tshark:
            got = shown(tshark, frames)
        self.iv, self.types, self.before = {}, {}, {}
        messages, ivs, ended = Messages(), logged_ivs(name), {}
        for frame, (iv, partly, types) in zip(frames, got):
            message = messages.of(frame)
            if len(message) < HEADER:
                continue
            sa = message[:8]
            if not message[19] & ENCRYPTED:
                if has_ke(message):
                    ended.setdefault((sa, "ke"), []).append(message)
                continue
            number = message_id(message)
            assert iv and not partly, (name, number)
            assert iv in ivs[sa.hex(), number], (name, number, iv)
            if message in self.iv:
                continue
            self.iv[message], self.types[message] = iv, types
            # The message whose last block is the IV, or makes it.
            before = ended.get((sa, number)) or ended.get((sa, 0)) or ended.get((sa, "ke"), [])
            if name == "wrong-psk":  # neither side can open what the other says, and none chains from it
                before = ended.get((sa, "ke"), [])
            self.before[message] = before
            ended[sa, number] = [message]


def is_ike(frame):
    _, offset, more, payload, protocol = ip_of(frame)
    return protocol == 17 and bool(offset or more or ike_of(payload))


def frames_of(name):
    """The frames of a capture that carry IKE, or a piece of it."""
    return [frame for _, _, frame in capture.read(IKEV1 / f"{name}.pcap") if is_ike(frame)]


@functools.lru_cache(None)
def truth_of(name):
    return Truth(name, frames_of(name))
