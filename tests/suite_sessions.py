# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions of any suite, from the RFCs with the algorithms of algorithms.py: what every encrypted message carries is a Vendor ID,
and every ESP packet a UDP datagram, with bytes that are in no other."""
import datetime
import functools
import hashlib
import struct

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed448, ed25519
from cryptography.x509.oid import NameOID

import algorithms as a
import packets as p
from algorithms import fixed

PSK = "the secret of both sides"
I, R = 0, 1
ADDRESSES = ("10.9.0.1", "10.9.0.2")

SA, KE, IDI, IDR, CERT, AUTH, NONCE, NOTIFY, DELETE, VENDOR, TSI, TSR, SK = 33, 34, 35, 36, 37, 39, 40, 41, 42, 43, 44, 45, 46
IKE_SA_INIT, IKE_AUTH, CREATE_CHILD_SA, INFORMATIONAL, IKE_FOLLOWUP_KE = 34, 35, 36, 37, 44
REKEY_SA, ADDITIONAL_KEY_EXCHANGE = 16393, 16441
SELECTOR = b"\1\0\0\0\7\0\0\x10\0\0\xff\xff\0\0\0\0\xff\xff\xff\xff"


class Suite:
    """Transform numbers of IKEv2; bits 0: no Key Length."""

    def __init__(self, encryption, bits=0, integrity=0, prf=5, group=31):
        self.encryption, self.bits, self.integrity, self.prf, self.group = encryption, bits, integrity, prf, group

    def __str__(self):
        return f"{self.encryption}/{self.bits}/{self.integrity}/{self.prf}/{self.group}"

    def transforms(self, of_ike, group=True, esn=0):
        rows = [(1, self.encryption, p.tv(14, self.bits) if self.bits else b"")]
        rows += [(3, self.integrity)] if self.integrity else []
        rows += [(2, self.prf)] if of_ike else []
        rows += [(4, self.group)] if group else []
        return rows + ([] if of_ike else [(5, esn)])

    def key_lengths(self):
        return a.key_bytes(self.encryption, self.bits), a.INTEGRITY[self.integrity][1] if self.integrity else 0


def split(stream, *lengths):
    out, at = [], 0
    for length in lengths:
        out.append(stream[at:at + length])
        at += length
    return out


class Child:
    """A Child SA: keys are of the packets that a side sends."""

    def __init__(self, suite, spis, keymat, esn=False):
        self.suite, self.spis, self.esn = suite, spis, esn
        encryption, integrity = suite.key_lengths()
        ei, ai, er, ar = split(keymat, encryption, integrity, encryption, integrity)
        self.keys = ((ei, ai), (er, ar))

    def packet(self, side, text, sequence=1, high=0, turned=0):
        inner = p.udp(text, "10.1.0.1", "10.2.0.1", 40000, 40001)
        spi = int.from_bytes(self.spis[1 - side], "big")
        made = a.esp(self.suite.encryption, self.suite.integrity, *self.keys[side], spi, sequence, inner, high if self.esn else None)
        return p.ip(50, made, ADDRESSES[side ^ turned], ADDRESSES[1 - (side ^ turned)])


class V2:
    """An IKE SA of IKEv2. expected: (frame, name of a field, value) of what is to be seen."""

    def __init__(self, name, suite, out, shared=None, ke=None):
        self.name, self.suite, self.out = name, suite, out
        self.spis = (fixed(name + " spi i", 8), fixed(name + " spi r", 8))
        self.nonces = (fixed(name + " ni", 32), fixed(name + " nr", 32))
        self.shared = shared or fixed(name + " shared", 32)
        self.ke = ke or (fixed(name + " ke i", 32), fixed(name + " ke r", 32))
        self.prf, self.prf_key, self.short_nonces = a.PRF[suite.prf]
        self.next_id, self.signed, self.count = [0, 0], {}, 0
        self.turned = 0  # 1: its original initiator has the second of ADDRESSES
        self.intermediate = b""  # what IKE_INTERMEDIATE adds to AUTH (RFC 9242)

    # -- keys (RFC 7296 2.14, 2.17, 2.18)

    def derive(self):
        self.set_keys(self.prf(b"".join(nonce[:8] if self.short_nonces else nonce for nonce in self.nonces), self.shared))

    def set_keys(self, skeyseed):
        encryption, integrity = self.suite.key_lengths()
        lengths = (self.prf_key, integrity, integrity, encryption, encryption, self.prf_key, self.prf_key)
        stream = a.prf_plus(self.prf, skeyseed, b"".join(self.nonces) + b"".join(self.spis), sum(lengths))
        self.sk_d, ai, ar, ei, er, pi, pr = split(stream, *lengths)
        self.sk_a, self.sk_e, self.sk_p = (ai, ar), (ei, er), (pi, pr)

    def log_line(self, secret):
        """The line of the key log for the secret of a key exchange under this IKE SA."""
        return f"IKEV2_DH_SHARED {self.spis[0].hex()} {self.spis[1].hex()} {secret.hex()}\n"

    def log(self):
        return self.log_line(self.shared)

    # -- messages

    def send(self, side, message):
        side ^= self.turned
        self.out.add(p.udp(message, ADDRESSES[side], ADDRESSES[1 - side]))

    def init(self, more=((), ()), rows=()):
        """rows: transforms of additional key exchanges (RFC 9370)."""
        proposal = p.proposal(1, 1, b"", [*self.suite.transforms(True), *rows])
        for side in (I, R):
            payloads = [(SA, proposal), (KE, struct.pack("!HH", self.suite.group, 0) + self.ke[side]), (NONCE, self.nonces[side]),
                        *more[side]]
            self.signed[side] = p.message(IKE_SA_INIT, payloads, ispi=self.spis[0], rspi=self.spis[1] if side else bytes(8),
                                          flags=0x20 if side else 0x08)
            self.send(side, self.signed[side])
        self.derive()
        self.next_id = [1, 0]

    def encrypted(self, exchange, side, payloads, message_id, response):
        self.count += 1
        mark = fixed(f"{self.name} mark {self.count}", 12)
        payloads = [*payloads, (VENDOR, mark)]
        cipher = a.ENCRYPTION[self.suite.encryption]
        plain = p.chain(payloads)
        pad = -(len(plain) + 1) % cipher.block
        plain += bytes(pad) + bytes([pad])
        mac, _, icv = a.INTEGRITY[self.suite.integrity] if self.suite.integrity else (None, 0, cipher.icv)
        total = cipher.iv + len(plain) + icv
        flags = (0x20 if response else 0) | (0x08 if side == I else 0)
        head = p.message(exchange, [(SK, b"", {"next": payloads[0][0], "length": 4 + total})], ispi=self.spis[0], rspi=self.spis[1],
                         flags=flags, message_id=message_id, length=32 + total)
        iv = fixed(f"{self.name} iv {self.count}", cipher.iv)
        raw = head + iv + cipher.encrypt(self.sk_e[side], iv, plain, head)
        if mac:
            raw += mac(self.sk_a[side], raw)[:icv]
        self.send(side, raw)
        self.out.expect("isakmp.vid_bytes", mark)
        self.last_head, self.last_chain = head, p.chain(payloads)

    def int_auth(self, side, before):
        """IntAuth of the IKE_INTERMEDIATE message sent last: its bytes as if it were not encrypted (RFC 9242 3.3.2)."""
        head = bytearray(self.last_head)
        head[24:28] = struct.pack("!I", 32 + len(self.last_chain))
        head[30:32] = struct.pack("!H", 4 + len(self.last_chain))
        return self.prf(self.sk_p[side], before + bytes(head) + self.last_chain)

    def exchange(self, exchange, request, response, side=I):
        message_id = self.next_id[side]
        self.next_id[side] += 1
        self.encrypted(exchange, side, request, message_id, False)
        self.encrypted(exchange, 1 - side, response, message_id, True)

    # -- IKE_AUTH

    def identity(self, side):
        return b"\2\0\0\0" + f"{'ir'[side]}.{self.name.replace('/', '-').replace(' ', '-')}".encode()

    def to_sign(self, side):
        return self.signed[side] + self.nonces[1 - side] + self.prf(self.sk_p[side], self.identity(side)) + self.intermediate

    def psk_auth(self, side, psk=PSK.encode()):
        return b"\2\0\0\0" + self.prf(self.prf(psk, b"Key Pad for IKEv2"), self.to_sign(side))

    def authenticate(self, esp=None, auth=None, more=((), ()), right=(True, True)):
        """auth: side -> [payload]; PSK when None. Returns the Child SA."""
        spis = (fixed(self.name + " child i", 4), fixed(self.name + " child r", 4))
        child = [[(SA, p.proposal(1, 3, spis[side], esp.transforms(False, False))), (TSI, SELECTOR), (TSR, SELECTOR)] if esp else []
                 for side in (I, R)]
        message_id = self.next_id[I]
        self.next_id[I] += 1
        for side in (I, R):
            authentication = auth(side) if auth else [(AUTH, self.psk_auth(side))]
            self.encrypted(IKE_AUTH, side, [(IDR if side else IDI, self.identity(side)), *more[side], *authentication, *child[side]],
                           message_id, side == R)
            if right[side] is not None:
                self.out.expect("isakmp.auth.verified", right[side])
        return Child(esp, spis, self.keymat(b"".join(self.nonces), esp)) if esp else None

    def keymat(self, seed, suite):
        return a.prf_plus(self.prf, self.sk_d, seed, 2 * sum(suite.key_lengths()))

    def traffic(self, child, name="", **options):
        for side in (I, R):
            text = fixed(f"{self.name} {name} esp {side}", 24)
            self.out.add(child.packet(side, text, turned=self.turned, **options))
            self.out.expect("udp.payload", text)

    # -- CREATE_CHILD_SA

    def new_child(self, suite, name, side=I, pfs=False, rekeyed=None, esn=0, rows=()):
        """rows: transforms of additional key exchanges. Returns the Child SA and the lines of its secrets."""
        spis = [fixed(f"{self.name} {name} spi {n}", 4) for n in (I, R)]
        nonces = [fixed(f"{self.name} {name} nonce {n}", 32) for n in (I, R)]
        ke = [(KE, struct.pack("!HH", suite.group, 0) + fixed(f"{self.name} {name} ke {n}", 32)) for n in (I, R)]
        payloads = [[(SA, p.proposal(1, 3, spis[n], [*suite.transforms(False, pfs, esn), *rows])), (NONCE, nonces[n]),
                     *([ke[n]] if pfs else []), (TSI, SELECTOR), (TSR, SELECTOR)] for n in (I, R)]
        if rekeyed:
            payloads[I].insert(0, (NOTIFY, p.notify(REKEY_SA, protocol=3, spi=rekeyed.spis[side])))
        secrets, lines = self.create(name, payloads, side, rows)
        shared = fixed(f"{self.name} {name} shared", 32) if pfs else b""
        keymat = self.keymat(shared + b"".join(nonces) + secrets, suite)
        child = Child(suite, spis if side == I else spis[::-1], keymat, esn == 1)
        child.keys = child.keys if side == I else child.keys[::-1]
        return child, (self.log_line(shared) if pfs else "") + lines

    def rekey(self, suite, name, side=I, rows=()):
        """The IKE SA that takes the place of this one, whose initiator is `side`, and the lines of the secrets of `rows`."""
        new = V2(f"{self.name} {name}", suite, self.out)
        payloads = [[(SA, p.proposal(1, 1, new.spis[n], [*suite.transforms(True), *rows])), (NONCE, new.nonces[n]),
                     (KE, struct.pack("!HH", suite.group, 0) + new.ke[n])] for n in (I, R)]
        secrets, lines = self.create(name, payloads, side, rows)
        new.set_keys(self.prf(self.sk_d, new.shared + b"".join(new.nonces) + secrets))
        new.turned = self.turned ^ side
        return new, lines

    def create(self, name, payloads, side, rows):
        """CREATE_CHILD_SA, then IKE_FOLLOWUP_KE for each additional key exchange (RFC 9370 2.2.4): the secrets of these, end to end,
        and their lines of the log."""
        link = [(NOTIFY, p.notify(ADDITIONAL_KEY_EXCHANGE, f"link {name} {n}".encode())) for n in range(len(rows))]
        self.exchange(CREATE_CHILD_SA, payloads[I], [*payloads[R], *link[:1]], side=side)
        secrets = [fixed(f"{self.name} {name} followup {n}", 32) for n in range(len(rows))]
        for n in range(len(rows)):
            ke = [(KE, b"\0\x1f\0\0" + fixed(f"{self.name} {name} followup {n} {party}", 32)) for party in (I, R)]
            self.exchange(IKE_FOLLOWUP_KE, [ke[I], link[n]], [ke[R], *link[n + 1:n + 2]], side=side)
        return b"".join(secrets), "".join(map(self.log_line, secrets))

    def delete(self, side=I):
        self.exchange(INFORMATIONAL, [(DELETE, b"\1\0\0\0")], [], side=side)


class Out:
    """Packets, what is to be seen of each, and the key log."""

    def __init__(self):
        self.packets, self.expected, self.lines = [], [], [f'IKE_PSK - "{PSK}"\n']
        self.label = ""

    def add(self, packet):
        self.packets.append(packet)

    def expect(self, field, value):
        """Of the packet just added; bytes are one of the field's values, True and False all of them, text is in one of them."""
        self.expected.append((self.label, len(self.packets), field, value))

    def log(self, *lines):
        self.lines += lines


def check(tshark, out):
    """What is not as expected: (label, frame, field, expected, found)."""
    names = sorted({field for _, _, field, _ in out.expected})
    log = tshark.place("".join(out.lines).encode(), "suites.log")
    frames = tshark.fields(p.pcap(out.packets), names, None, "-o", f"isakmp.keylog_file:{log}")
    wrong = []
    for label, number, field, value in out.expected:
        found = [shown.lower().replace(":", "") for shown in frames[number - 1][field]]
        if isinstance(value, bytes):
            right = value.hex() in found
        elif isinstance(value, bool):
            right = bool(found) and all((shown in ("1", "true")) == value for shown in found)
        else:
            right = any(value.lower() in shown for shown in found)
        if not right:
            wrong.append((label, number, field, value.hex() if isinstance(value, bytes) else value, found))
    return wrong


# ---- certificates -------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=None)
def certificate(private, name):
    """Self-signed, DER."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    pure = isinstance(private, (ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey))
    start = datetime.datetime(2023, 1, 1)
    made = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(private.public_key())
            .serial_number(7).not_valid_before(start).not_valid_after(start + datetime.timedelta(days=9999))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False).sign(private, None if pure else hashes.SHA256()))
    return made.public_bytes(serialization.Encoding.DER)


# ---- IKEv1 --------------------------------------------------------------------------------------------------------

MAIN, AGGRESSIVE, QUICK = 2, 4, 32
V1_SA, V1_KE, V1_ID, V1_CERT, V1_HASH, V1_SIG, V1_NONCE, V1_VENDOR = 1, 4, 5, 6, 8, 9, 10, 13
V1_CIPHER = {1: 2, 3: 7, 5: 3, 6: 6, 7: 12, 8: 23}      # RFC 2409 appendix A -> transform type 1
V1_DIGEST = {1: "md5", 2: "sha1", 4: "sha256", 5: "sha384", 6: "sha512"}
V1_ESP = {2: 2, 3: 3, 6: 6, 7: 7, 11: 11, 12: 12, 13: 13, 14: 14, 15: 15, 16: 16, 18: 18, 19: 19, 20: 20, 21: "seed", 22: 23, 23: 21}
V1_AUTH = {0: 0, 1: 1, 2: 2, 5: 12, 6: 13, 7: 14, 8: "ripemd", 9: 5}


class V1:
    """Phase 1 of RFC 2409 with any cipher and hash, PSK or signatures, then quick mode and the like."""

    def __init__(self, name, out, encryption=7, bits=128, digest=2, method=1, aggressive=False):
        self.name, self.out, self.aggressive = name, out, aggressive
        self.encryption, self.bits, self.digest, self.method = encryption, bits, V1_DIGEST[digest], method
        self.attributes = p.tv(1, encryption) + (p.tv(14, bits) if bits else b"") + p.tv(2, digest) + p.tv(3, method) + p.tv(4, 14)
        self.cookies = (fixed(name + " cookie i", 8), fixed(name + " cookie r", 8))
        self.nonces = (fixed(name + " ni", 20), fixed(name + " nr", 20))
        self.ke = (fixed(name + " ke i", 256), fixed(name + " ke r", 256))
        self.shared = fixed(name + " shared", 256)
        self.cipher = a.ENCRYPTION[V1_CIPHER[encryption]]
        self.chain, self.count = {}, 0

    def prf(self, key, data):
        return a.hmac_of(self.digest)(key, data)

    def hash(self, data):
        return hashlib.new(self.digest, data).digest()

    def derive(self):
        """RFC 2409 5 and appendix B."""
        both, cookies = b"".join(self.nonces), b"".join(self.cookies)
        self.skeyid = self.prf(PSK.encode(), both) if self.method in (1, 65001, 65002) else self.prf(both, self.shared)
        self.skeyid_d = self.prf(self.skeyid, self.shared + cookies + b"\0")
        self.skeyid_a = self.prf(self.skeyid, self.skeyid_d + self.shared + cookies + b"\1")
        skeyid_e = self.prf(self.skeyid, self.skeyid_a + self.shared + cookies + b"\2")
        length = self.bits // 8 if self.bits else {1: 8, 3: 56, 5: 24, 6: 16, 7: 16, 8: 16}[self.encryption]
        key = skeyid_e
        if len(key) < length:
            block = key = self.prf(skeyid_e, b"\0")
            while len(key) < length:
                block = self.prf(skeyid_e, block)
                key += block
        self.key = key[:length]
        self.chain[0] = self.hash(b"".join(self.ke))[:self.cipher.block]

    def log_line(self, secret):
        return f"IKEV1_DH_SHARED {self.cookies[0].hex()} {self.cookies[1].hex()} {secret.hex()}\n"

    def log(self):
        return self.log_line(self.shared)

    def send(self, side, message):
        self.out.add(p.udp(message, ADDRESSES[side], ADDRESSES[1 - side]))

    def clear(self, side, exchange, payloads, first=False):
        self.send(side, p.message_v1(exchange, payloads, ispi=self.cookies[0], rspi=bytes(8) if first else self.cookies[1]))

    def encrypted(self, side, exchange, payloads, message_id, mark=True):
        if mark:
            self.count += 1
            payloads = [*payloads, (V1_VENDOR, fixed(f"{self.name} mark {self.count}", 12))]
        plain = p.chain(payloads)
        plain += bytes(-len(plain) % self.cipher.block)
        iv = self.chain.get(message_id) or self.hash(self.chain[0] + struct.pack("!I", message_id))[:self.cipher.block]
        body = self.cipher.encrypt(self.key, iv, plain)
        self.chain[message_id] = body[-self.cipher.block:]
        self.send(side, self.cookies[0] + self.cookies[1] + struct.pack("!BBBBII", payloads[0][0], 0x10, exchange, 1, message_id,
                                                                        28 + len(body)) + body)
        if mark:
            self.out.expect("isakmp.vid_bytes", payloads[-1][1])

    def identity(self, side):
        return b"\2\0\0\0" + f"{'ir'[side]}.{self.name.replace(' ', '-')}".encode()

    def authentication(self, side, sa):
        ke, cookies = (self.ke, self.cookies) if side == I else (self.ke[::-1], self.cookies[::-1])
        return self.prf(self.skeyid, b"".join(ke) + b"".join(cookies) + sa + self.identity(side))

    def phase1(self, sign=None, right=True, judged=(I, R)):
        """sign(side, hash) -> [payload]. judged: sides whose authentication is said to be right or wrong."""
        sa = p.sa_v1([p.proposal_v1(1, 1, b"", [(1, self.attributes)])])
        make = sign or (lambda side, value: [(V1_HASH, value)])
        keyed = [[(V1_KE, self.ke[side]), (V1_NONCE, self.nonces[side])] for side in (I, R)]
        self.derive()
        if self.aggressive:
            self.clear(I, AGGRESSIVE, [(V1_SA, sa), *keyed[I], (V1_ID, self.identity(I))], first=True)
            self.clear(R, AGGRESSIVE, [(V1_SA, sa), *keyed[R], (V1_ID, self.identity(R)), *make(R, self.authentication(R, sa))])
            self.encrypted(I, AGGRESSIVE, make(I, self.authentication(I, sa)), 0)
            self.out.expect("isakmp.auth.verified", right)
            return
        self.clear(I, MAIN, [(V1_SA, sa)], first=True)
        self.clear(R, MAIN, [(V1_SA, sa)])
        self.clear(I, MAIN, keyed[I])
        self.clear(R, MAIN, keyed[R])
        for side in (I, R):
            self.encrypted(side, MAIN, [(V1_ID, self.identity(side)), *make(side, self.authentication(side, sa))], 0)
            if side in judged:
                self.out.expect("isakmp.auth.verified", right)
            else:
                self.out.expect("isakmp.hash.wrong", "")

    def quick(self, transform, attributes, message_id, pfs=False, side=I):
        """Quick mode begun by `side` (RFC 2409 5.5). Returns SPIs (by side) and KEYMAT of an SPI as a function."""
        m = struct.pack("!I", message_id)
        spis = [fixed(f"{self.name} {message_id} spi {n}", 4) for n in (I, R)]
        nonces = [fixed(f"{self.name} {message_id} nonce {n}", 20) for n in (I, R)]
        ke = [fixed(f"{self.name} {message_id} ke {n}", 256) for n in (I, R)]
        shared = fixed(f"{self.name} {message_id} shared", 256) if pfs else b""
        attributes = p.tv(4, 1) + attributes + (p.tv(3, 14) if pfs else b"")
        order = (side, 1 - side)

        def payloads(n):
            sa = p.sa_v1([p.proposal_v1(1, 3, spis[n], [(transform, attributes)])])
            return [(V1_SA, sa), (V1_NONCE, nonces[n]), *([(V1_KE, ke[n])] if pfs else []),
                    (V1_ID, b"\4\0\0\0" + bytes(8)), (V1_ID, b"\4\0\0\0" + bytes(8))]
        for step, n in enumerate(order):
            body = [*payloads(n), (V1_VENDOR, fixed(f"{self.name} {message_id} mark {n}", 12))]
            value = self.prf(self.skeyid_a, m + (nonces[order[0]] if step else b"") + p.chain(body))
            self.encrypted(n, QUICK, [(V1_HASH, value), *body], message_id, mark=False)
            self.out.expect("isakmp.vid_bytes", body[-1][1])
        value = self.prf(self.skeyid_a, b"\0" + m + nonces[order[0]] + nonces[order[1]])
        self.encrypted(order[0], QUICK, [(V1_HASH, value)], message_id, mark=False)

        def keymat(spi):
            out = block = b""
            while len(out) < 160:
                block = self.prf(self.skeyid_d, block + shared + b"\3" + spi + nonces[order[0]] + nonces[order[1]])
                out += block
            return out
        return spis, keymat, self.log_line(shared) if pfs else ""

    def esp_session(self, transform, bits, auth, message_id, pfs=False, side=I, esn=False):
        """Quick mode and ESP of both sides."""
        attributes = (p.tv(5, auth) if auth else b"") + (p.tv(6, bits) if bits else b"") + (p.tv(11, 1) if esn else b"")
        spis, keymat, line = self.quick(transform, attributes, message_id, pfs, side)
        encryption, integrity = V1_ESP[transform], V1_AUTH[auth]
        length = a.key_bytes(encryption, bits)
        for sender in (I, R):
            spi = spis[1 - sender]
            keys = split(keymat(spi), length, a.INTEGRITY[integrity][1] if integrity else 0)
            text = fixed(f"{self.name} {message_id} esp {sender}", 24)
            inner = p.udp(text, "10.1.0.1", "10.2.0.1", 40000, 40001)
            made = a.esp(encryption, integrity, *keys, int.from_bytes(spi, "big"), 1, inner, 0 if esn else None)
            self.out.add(p.ip(50, made, ADDRESSES[sender], ADDRESSES[1 - sender]))
            self.out.expect("udp.payload", text)
        return line
