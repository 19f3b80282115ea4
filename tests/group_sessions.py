# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions of groups, made from the RFCs with independent code: G-IKEv2 (RFC 9838), GDOI (RFC 6407), and the ESP and AH of the
keys that they download. No daemon at hand sends them. The right value is the plaintext that goes in."""
import hashlib
import hmac
import struct

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding

import packets as p
from algorithms import fixed, hmac_of, prf_plus

PSK = "a secret of the group"
MEMBER, SERVER, GROUP = "10.9.0.1", "10.9.0.2", "239.1.2.3"


def prf(key, data, digest="sha256"):
    return hmac.new(key, data, digest).digest()


def cbc(key, iv, data, cipher=algorithms.AES):
    encryptor = Cipher(cipher(key), modes.CBC(iv)).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def counted(length, block):
    """Padding 1, 2, 3, ... so that `length` bytes and two more fill blocks (RFC 4303 2.4)."""
    return bytes(range(1, 1 + -(length + 2) % block))


# ---- inner packets, ESP -------------------------------------------------------------------------------------------


def inner(text, source="10.8.0.1", destination="239.7.7.7"):
    return p.udp(text.encode(), source, destination, sport=40000, dport=40001)


def esp_gcm(spi, key, sequence, packet, iv=None):
    """RFC 4106: key with salt; tunnel mode."""
    plain = packet + counted(len(packet), 4)
    plain += bytes([len(plain) - len(packet), 4])
    iv = iv or struct.pack("!Q", sequence)
    head = struct.pack("!II", spi, sequence)
    return head + iv + AESGCM(key[:-4]).encrypt(key[-4:] + iv, plain, head)


def esp_cbc(spi, key, integrity, sequence, packet, digest="sha256", icv=16, cipher=algorithms.AES, block=16):
    plain = packet + counted(len(packet), block)
    plain += bytes([len(plain) - len(packet), 4])
    iv = fixed(f"iv {spi} {sequence}", block)
    body = struct.pack("!II", spi, sequence) + iv + cbc(key, iv, plain, cipher)
    return body + hmac.new(integrity, body, digest).digest()[:icv]


def esp(packet, source="10.9.0.7", destination=GROUP):
    return p.ip(50, packet, source, destination)


# ---- G-IKEv2 --------------------------------------------------------------------------------------------------------

IDG, GSA, KD, AUTH, NONCE, KE, SA, SK, SKF = 50, 51, 52, 39, 40, 34, 33, 46, 53
GSA_AUTH, GSA_REGISTRATION, GSA_REKEY, GSA_INBAND_REKEY = 39, 40, 41, 42
WHOLE, AH, ESP, UPDATE = 0, 2, 3, 6
KW = {128: 1, 192: 2, 256: 3}


def part(protocol, spi, body):
    return struct.pack("!BBH", protocol, len(spi), 4 + len(spi) + len(body)) + spi + body


def selector(address, ports=(848, 848)):
    packed = bytes(map(int, address.split(".")))
    return struct.pack("!BBHHH", 7, 17, 16, *ports) + packed + packed


def transforms(*rows):
    return b"".join(p.transform(row[0], row[1], row[2] if len(row) > 2 else b"", last=index == len(rows) - 1)
                    for index, row in enumerate(rows))


def policy(protocol, spi, *rows, attributes=b""):
    return part(protocol, spi, selector(SERVER) + selector(GROUP) + transforms(*rows) + (attributes or p.tlv(1, struct.pack("!I", 3600))))


def wrapped(key_id, kwk_id, kwk, key):
    """RFC 9838 4.5.1, RFC 5649."""
    return struct.pack("!II", key_id, kwk_id) + aes_key_wrap_with_padding(kwk, key)


class Protection:
    """How SK payloads are encrypted: AES-GCM-16 or AES-CBC with HMAC-SHA-256-128. Keys for one direction."""

    def __init__(self, encryption, integrity=b""):
        self.encryption, self.integrity = encryption, integrity
        self.overhead = 16 + 16 if integrity else 8 + 16

    def encrypt(self, header, payload_header, plain, number):
        """header and payload_header(length of the SK body) -> the whole message"""
        if self.integrity:
            pad = -(len(plain) + 1) % 16
            body = plain + bytes(pad) + bytes([pad])
        else:
            body = plain + b"\0"
        total = self.overhead + len(body)
        head = header(28 + 4 + total) + payload_header(4 + total)
        if self.integrity:
            iv = fixed(f"sk iv {number} {len(plain)}", 16)
            head += iv + cbc(self.encryption, iv, body)
            return head + hmac.new(self.integrity, head, "sha256").digest()[:16]
        iv = struct.pack("!Q", number + 1)
        return head + iv + AESGCM(self.encryption[:-4]).encrypt(self.encryption[-4:] + iv, body, head)


def sk_message(protection, exchange, payloads, *, spis, flags, message_id):
    plain = p.chain(payloads)
    first = payloads[0][0] if payloads else 0

    def header(length):
        return spis + struct.pack("!BBBBII", SK, 0x20, exchange, flags, message_id, length)

    return protection.encrypt(header, lambda length: struct.pack("!BBH", first, 0, length), plain, message_id)


def skf_messages(protection, exchange, payloads, *, spis, flags, message_id, size):
    """RFC 7383: the payloads in pieces of `size` bytes."""
    plain = p.chain(payloads)
    pieces = [plain[at:at + size] for at in range(0, len(plain), size)]
    for number, piece in enumerate(pieces, 1):
        def header(length):
            return spis + struct.pack("!BBBBII", SKF, 0x20, exchange, flags, message_id, length + 4)

        def payload_header(length, number=number):
            return struct.pack("!BBHHH", payloads[0][0] if number == 1 else 0, 0, length + 4, number, len(pieces))
        yield protection.encrypt(header, payload_header, piece, message_id * 100 + number)


class Member:
    """The unicast IKE SA of a group member and its key server."""

    def __init__(self, name="member", address=MEMBER, kw=256, aead=True, with_kwa=True, digest="sha256"):
        self.name, self.address, self.kw, self.digest = name, address, kw, digest
        self.ispi, self.rspi = fixed(name + " spi i", 8), fixed(name + " spi r", 8)
        self.spis = self.ispi + self.rspi
        self.ni, self.nr = fixed(name + " ni", 32), fixed(name + " nr", 32)
        self.shared = fixed(name + " shared", 32)
        size = hashlib.new(digest).digest_size
        encryption, integrity = (36, 0) if aead else (32, 32)
        prf_id = {"sha256": 5, "sha384": 6, "sha512": 7}[digest]
        rows = [(1, 20 if aead else 12, p.tv(14, 256))] + ([] if aead else [(3, 12)]) + [(2, prf_id), (4, 31)]
        if with_kwa:
            rows.append((13, KW[kw]))
        self.proposal = p.proposal(1, 1, b"", rows)
        seed = prf(self.ni + self.nr, self.shared, digest)
        mac = hmac_of(digest)
        keys = prf_plus(mac, seed, self.ni + self.nr + self.spis, 3 * size + 2 * integrity + 2 * encryption)  # RFC 7296 2.14
        self.sk_d, keys = keys[:size], keys[size:]
        ai, ar, keys = keys[:integrity], keys[integrity:2 * integrity], keys[2 * integrity:]
        ei, er, keys = keys[:encryption], keys[encryption:2 * encryption], keys[2 * encryption:]
        self.sk_p = {"i": keys[:size], "r": keys[size:]}
        self.send = {"i": Protection(ei, ai), "r": Protection(er, ar)}
        self.gsk_w = prf_plus(mac, self.sk_d, b"Key Wrap for G-IKEv2", kw // 8)
        self.message_id = 0

    def log(self):
        return f"IKEV2_DH_SHARED {self.ispi.hex()} {self.rspi.hex()} {self.shared.hex()}\nIKE_PSK * \"{PSK}\"\n"

    def up(self, message, port=848):
        return p.udp(message, self.address, SERVER, port, port)

    def down(self, message, port=848):
        return p.udp(message, SERVER, self.address, port, port)

    def init(self):
        def body(nonce, side):
            return [(SA, self.proposal), (KE, struct.pack("!HH", 31, 0) + fixed(self.name + " ke " + side, 32)), (NONCE, nonce)]
        self.sent = {"i": p.message(34, body(self.ni, "i"), ispi=self.ispi),
                     "r": p.message(34, body(self.nr, "r"), ispi=self.ispi, rspi=self.rspi, flags=0x20)}
        return [self.up(self.sent["i"]), self.down(self.sent["r"])]

    def psk_auth(self, side, identity):
        """RFC 7296 2.15."""
        signed = self.sent[side] + (self.nr if side == "i" else self.ni) + prf(self.sk_p[side], identity, self.digest)
        return b"\2\0\0\0" + prf(prf(PSK.encode(), b"Key Pad for IKEv2", self.digest), signed, self.digest)

    def exchange(self, exchange, request, response, message_id=None):
        """By the member."""
        self.message_id = self.message_id + 1 if message_id is None else message_id
        return [self.up(sk_message(self.send["i"], exchange, request, spis=self.spis, flags=0x08, message_id=self.message_id)),
                self.down(sk_message(self.send["r"], exchange, response, spis=self.spis, flags=0x20, message_id=self.message_id))]

    def registration(self, payloads, exchange=GSA_AUTH):
        if exchange == GSA_AUTH:
            member, server = b"\x02\0\0\0" + self.name.encode(), b"\x02\0\0\0server.example"
            request = [(35, member), (AUTH, self.psk_auth("i", member)), (IDG, b"\x02\0\0\0group.example")]
            payloads = [(36, server), (AUTH, self.psk_auth("r", server)), *payloads]
        else:
            request = [(IDG, b"\x02\0\0\0group.example")]
        return self.exchange(exchange, request, payloads)

    def inband(self, payloads, message_id=0):
        """By the key server."""
        return [self.down(sk_message(self.send["r"], GSA_INBAND_REKEY, payloads, spis=self.spis, flags=0, message_id=message_id)),
                self.up(sk_message(self.send["i"], GSA_INBAND_REKEY, [], spis=self.spis, flags=0x28, message_id=message_id))]


ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(fixed("ed25519", 32))
ED25519_ID = bytes.fromhex("300506032b6570")
OTHER_ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(fixed("other ed25519", 32))


def spki(private):
    return private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


class RekeySa:
    """A multicast Rekey SA: GSK_e | GSK_a | GSK_w = KEYMAT (RFC 9838 3.4)."""

    def __init__(self, name="rekey", kw=256, aead=True, signed=True):
        self.name, self.kw, self.aead, self.signed = name, kw, aead, signed
        self.spis = fixed(name + " spis", 16)
        encryption, integrity = (36, 0) if aead else (32, 32)
        self.keymat = fixed(name + " keymat", encryption + integrity + kw // 8)
        self.protection = Protection(self.keymat[:encryption], self.keymat[encryption:encryption + integrity])
        self.gsk_w = self.keymat[encryption + integrity:]

    def policy(self):
        rows = [(1, 20 if self.aead else 12, p.tv(14, 256))] + ([] if self.aead else [(3, 12)]) + [(13, KW[self.kw])]
        rows.append((14, 2, p.tlv(18, ED25519_ID)) if self.signed else (14, 1))
        return policy(UPDATE, self.spis, *rows, attributes=p.tlv(1, struct.pack("!I", 86400)) + p.tlv(2, struct.pack("!I", 0)))

    def bag(self, *keys):
        """keys: (KWK ID, KWK)"""
        return part(UPDATE, self.spis, b"".join(p.tlv(1, wrapped(0, kwk_id, kwk, self.keymat)) for kwk_id, kwk in keys))

    def with_auth(self, payloads, message_id, private, exchange=GSA_REKEY):
        """RFC 9838 2.4.1.1: the signature is over A | P with lengths as if nothing were encrypted, its own bytes zero."""
        head = b"\x0e\0\0\0" + bytes([len(ED25519_ID)]) + ED25519_ID
        plain = p.chain([*payloads, (AUTH, head + bytes(64))])
        a = self.spis + struct.pack("!BBBBII", SK, 0x20, exchange, 0x08, message_id, 32 + len(plain))
        a += struct.pack("!BBH", payloads[0][0], 0, 4 + len(plain))
        return [*payloads, (AUTH, head + private.sign(a + plain))]

    def rekey(self, payloads, message_id=0, private=ED25519, fragments=0):
        """GSA_REKEY messages, as IP packets to the group."""
        if self.signed and private:
            payloads = self.with_auth(payloads, message_id, private)
        options = {"spis": self.spis, "flags": 0x08, "message_id": message_id}
        if fragments:
            messages = skf_messages(self.protection, GSA_REKEY, payloads, size=fragments, **options)
        else:
            messages = [sk_message(self.protection, GSA_REKEY, payloads, **options)]
        return [p.udp(message, SERVER, GROUP, 848, 848) for message in messages]


class DataSa:
    """An ESP SA of the group."""

    def __init__(self, name="data", aead=True):
        self.name, self.aead = name, aead
        self.spi = fixed(name + " spi", 4)
        self.keymat = fixed(name + " keymat", 20 if aead else 16 + 32)

    def policy(self):
        return policy(ESP, self.spi, *([(1, 20, p.tv(14, 128))] if self.aead else [(1, 12, p.tv(14, 128)), (3, 12)]), (5, 2))

    def bag(self, kwk, kwk_id=0):
        return part(ESP, self.spi, p.tlv(1, wrapped(0, kwk_id, kwk, self.keymat)))

    def packet(self, text, sequence=1, sender="10.9.0.7"):
        spi = int.from_bytes(self.spi, "big")
        packet = inner(text)
        made = (esp_gcm(spi, self.keymat, sequence, packet) if self.aead else
                esp_cbc(spi, self.keymat[:16], self.keymat[16:], sequence, packet))
        return esp(made, sender)


def member_bag(*attributes):
    return part(WHOLE, b"", b"".join(attributes))


# ---- GDOI -----------------------------------------------------------------------------------------------------------

MAIN, PULL, PUSH = 2, 32, 33
ID_V1, HASH_V1, SIG_V1, NONCE_V1, SA_V1, KE_V1, SAK, SAT, KD_V1, SEQ, GAP = 5, 8, 9, 10, 1, 4, 15, 16, 17, 18, 22
ENCRYPTED = 0x01


def pad_zero(data, block):
    return data + bytes(-len(data) % block)


class MemberV1:
    """Phase 1 with a PSK (RFC 2409 5.4), SHA-1 and AES-128, and GROUPKEY-PULL under it (RFC 6407 3)."""

    def __init__(self, name="gdoi member", address=MEMBER):
        self.name, self.address = name, address
        self.cookies = fixed(name + " cookie i", 8) + fixed(name + " cookie r", 8)
        self.ni, self.nr = fixed(name + " ni", 20), fixed(name + " nr", 20)
        self.ke_i, self.ke_r = fixed(name + " ke i", 256), fixed(name + " ke r", 256)
        self.shared = fixed(name + " shared", 256)
        skeyid = prf(PSK.encode(), self.ni + self.nr, "sha1")
        skeyid_d = prf(skeyid, self.shared + self.cookies + b"\0", "sha1")
        self.skeyid_a = prf(skeyid, skeyid_d + self.shared + self.cookies + b"\1", "sha1")
        self.key = prf(skeyid, self.skeyid_a + self.shared + self.cookies + b"\2", "sha1")[:16]
        self.skeyid, self.skeyid_d, self.chain = skeyid, skeyid_d, {}

    def log(self):
        return f"IKEV1_DH_SHARED {self.cookies[:8].hex()} {self.cookies[8:].hex()} {self.shared.hex()}\nIKE_PSK * \"{PSK}\"\n"

    def send(self, up, message):
        ends = (self.address, SERVER) if up else (SERVER, self.address)
        return p.udp(message, *ends, 848, 848)

    def encrypted(self, exchange, payloads, message_id):
        """RFC 2409 appendix B: the IV goes on from block to block, and each message ID has its own first one."""
        plain = pad_zero(p.chain(payloads), 16)
        iv = self.chain.get(message_id) or hashlib.sha1(self.chain[0] + struct.pack("!I", message_id)).digest()[:16]
        body = cbc(self.key, iv, plain)
        self.chain[message_id] = body[-16:]
        return self.cookies + struct.pack("!BBBBII", payloads[0][0], 0x10, exchange, ENCRYPTED, message_id, 28 + len(body)) + body

    def main_mode(self):
        attributes = p.tv(1, 7) + p.tv(14, 128) + p.tv(2, 2) + p.tv(3, 1) + p.tv(4, 14)
        sa = p.sa_v1([p.proposal_v1(1, 1, b"", [(1, attributes)])])
        i, r = self.cookies[:8], self.cookies[8:]
        options = {"ispi": i, "rspi": r}
        frames = [self.send(True, p.message_v1(MAIN, [(SA_V1, sa)], ispi=i, rspi=bytes(8))),
                  self.send(False, p.message_v1(MAIN, [(SA_V1, sa)], **options)),
                  self.send(True, p.message_v1(MAIN, [(KE_V1, self.ke_i), (NONCE_V1, self.ni)], **options)),
                  self.send(False, p.message_v1(MAIN, [(KE_V1, self.ke_r), (NONCE_V1, self.nr)], **options))]
        self.chain[0] = hashlib.sha1(self.ke_i + self.ke_r).digest()[:16]
        id_i, id_r = b"\x02\0\0\0member", b"\x02\0\0\0server"
        hash_i = prf(self.skeyid, self.ke_i + self.ke_r + i + r + sa + id_i, "sha1")
        hash_r = prf(self.skeyid, self.ke_r + self.ke_i + r + i + sa + id_r, "sha1")
        return [*frames, self.send(True, self.encrypted(MAIN, [(ID_V1, id_i), (HASH_V1, hash_i)], 0)),
                self.send(False, self.encrypted(MAIN, [(ID_V1, id_r), (HASH_V1, hash_r)], 0))]

    def pull(self, sa, kd, message_id=0x0a0b0c0d, sequence=0, wrong_hash=0, gap=b""):
        """The four messages of GROUPKEY-PULL; `wrong_hash`: the number of one whose HASH is wrong."""
        m = struct.pack("!I", message_id)
        ni, nr = fixed(f"{self.name} {message_id} ni", 20), fixed(f"{self.name} {message_id} nr", 20)
        third = [(GAP, gap)] if gap else []
        steps = [(b"", [(NONCE_V1, ni), (ID_V1, b"\x0b\0\0\0group")]), (ni, [(NONCE_V1, nr), (SA_V1, sa)]),
                 (ni + nr, third), (ni + nr, [(SEQ, struct.pack("!I", sequence)), (KD_V1, kd)])]
        frames = []
        for number, (nonces, payloads) in enumerate(steps, 1):
            value = prf(self.skeyid_a, m + nonces + p.chain(payloads), "sha1")
            if number == wrong_hash:
                value = bytes(20)
            frames.append(self.send(number % 2 == 1, self.encrypted(PULL, [(HASH_V1, value), *payloads], message_id)))
        return frames


    def quick(self, proposals, message_id=0x01020304):
        """Quick mode without PFS (RFC 2409 5.5). proposals(SPI of the sender by protocol) -> the proposals; the frames, and
        KEYMAT by (protocol, SPI)."""
        m = struct.pack("!I", message_id)
        ni, nr = fixed(f"{self.name} {message_id} qi", 20), fixed(f"{self.name} {message_id} qr", 20)
        spis = [{number: fixed(f"{self.name} {side} {number}", 4) for number in (2, 3)} for side in "ir"]
        frames = []
        for number, (nonces, payloads) in enumerate([
                (b"", [(SA_V1, p.sa_v1(proposals(spis[0]))), (NONCE_V1, ni)]),
                (ni, [(SA_V1, p.sa_v1(proposals(spis[1]))), (NONCE_V1, nr)])]):
            value = prf(self.skeyid_a, m + nonces + p.chain(payloads), "sha1")
            frames.append(self.send(number == 0, self.encrypted(32, [(HASH_V1, value), *payloads], message_id)))
        third = prf(self.skeyid_a, b"\0" + m + ni + nr, "sha1")
        frames.append(self.send(True, self.encrypted(32, [(HASH_V1, third)], message_id)))

        def keymat(protocol, spi):
            out = block = b""
            while len(out) < 64:
                block = prf(self.skeyid_d, block + bytes([protocol]) + spi + ni + nr, "sha1")
                out += block
            return out
        return frames, {(protocol, spi): keymat(protocol, spi) for side in spis for protocol, spi in side.items()}


def identity(address):
    return struct.pack("!BHB", 1, 848, 4) + bytes(map(int, address.split(".")))


def sa_gdoi(*attribute_payloads):
    """(type, body), in their order: RFC 6407 5.2."""
    out = struct.pack("!IIHH", 2, 0, attribute_payloads[0][0], 0)
    for index, (_, body) in enumerate(attribute_payloads):
        out += p.generic(attribute_payloads[index + 1][0] if index + 1 < len(attribute_payloads) else 0, body)
    return out


def key_packet(kind, spi, attributes):
    return struct.pack("!BBHB", kind, 0, 5 + len(spi) + len(attributes), len(spi)) + spi + attributes


def kd_gdoi(*key_packets):
    return struct.pack("!HH", len(key_packets), 0) + b"".join(key_packets)


RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ECDSA = ec.generate_private_key(ec.SECP256R1())


class Kek:
    """KEK_ALG_3DES (2) or KEK_ALG_AES (3), SIG_ALG_RSA (1) or SIG_ALG_ECDSA_256 (4)."""

    def __init__(self, name="kek", algorithm=3, bits=128, private=RSA, length="sent"):
        self.name, self.algorithm, self.bits, self.private, self.length = name, algorithm, bits, private, length
        self.cipher, self.block, key = (algorithms.AES, 16, bits // 8) if algorithm == 3 else (algorithms.TripleDES, 8, 24)
        self.spi, self.iv, self.key = fixed(name + " spi", 16), fixed(name + " iv", self.block), fixed(name + " key", key)
        self.sequence = 0

    def sak(self):
        body = bytes([0]) + identity(SERVER) + identity(GROUP) + self.spi + bytes(4) + p.tv(2, self.algorithm)
        if self.algorithm == 3:
            body += p.tv(3, self.bits)
        body += p.tlv(4, struct.pack("!I", 86400))
        return SAK, body + (p.tv(5, 3) + p.tv(6, 1 if self.private is RSA else 4) if self.private else b"")

    def packet(self):
        signature = p.tlv(2, spki(self.private)) if self.private else b""
        return key_packet(2, self.spi, p.tlv(1, self.iv + self.key) + signature)

    def sign(self, data, private):
        if isinstance(private, rsa.RSAPrivateKey):
            return private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        r, s = utils.decode_dss_signature(private.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def push(self, payloads, private=None, sequence=None):
        """RFC 6407 4: SIG is over "rekey", the header and the payloads before it."""
        self.sequence = self.sequence + 1 if sequence is None else sequence
        payloads = [(SEQ, struct.pack("!I", self.sequence)), *payloads]
        private = private or self.private
        size = 256 if isinstance(private, rsa.RSAPrivateKey) else 64
        clear = p.chain([*payloads, (SIG_V1, bytes(size))] if private else payloads)
        body = pad_zero(clear, self.block)
        lengths = {"sent": 28 + len(body), "payloads": 28 + len(clear), "covered": 28 + len(clear) - size - 4}

        def header(length):
            return self.spi + struct.pack("!BBBBII", SEQ, 0x10, PUSH, ENCRYPTED, 0, length)
        if private:
            covered = clear[:-size - 4]
            clear = covered + clear[len(covered):-size] + self.sign(b"rekey" + header(lengths[self.length]) + covered, private)
        body = cbc(self.key, self.iv, pad_zero(clear, self.block), self.cipher)
        return p.udp(header(28 + len(body)) + body, SERVER, GROUP, 848, 848)


class Tek:
    """ESP of the group: AES-CBC with HMAC-SHA-1, AES-GCM, or 3DES with HMAC-MD5."""

    KINDS = {"cbc": (12, 128, 2, 16, 20), "gcm": (20, 128, 0, 20, 0), "3des": (3, 0, 1, 24, 16), "ctr": (13, 256, 5, 36, 32)}

    def __init__(self, name="tek", kind="cbc"):
        self.name, self.kind = name, kind
        self.transform, self.bits, self.auth, encryption, integrity = self.KINDS[kind]
        self.spi = fixed(name + " spi", 4)
        self.encryption, self.integrity = fixed(name + " e", encryption), fixed(name + " i", integrity)

    def sat(self):
        attributes = p.tv(1, 1) + p.tv(2, 3600) + p.tv(4, 1)
        attributes += p.tv(5, self.auth) if self.auth else b""
        attributes += p.tv(6, self.bits) if self.bits else b""
        return SAT, bytes([1, 0]) + identity("0.0.0.0") + identity(GROUP) + bytes([self.transform]) + self.spi + attributes

    def packet(self):
        integrity = p.tlv(2, self.integrity) if self.integrity else b""
        return key_packet(1, self.spi, p.tlv(1, self.encryption) + integrity)

    def esp(self, text, sequence=1, sender="10.9.0.7"):
        spi, packet = int.from_bytes(self.spi, "big"), inner(text)
        if self.kind == "gcm":
            made = esp_gcm(spi, self.encryption, sequence, packet)
        elif self.kind == "ctr":
            made = esp_ctr(spi, self.encryption, self.integrity, sequence, packet)
        else:
            cipher, block, digest = (algorithms.AES, 16, "sha1") if self.kind == "cbc" else (algorithms.TripleDES, 8, "md5")
            made = esp_cbc(spi, self.encryption, self.integrity, sequence, packet, digest, 12, cipher, block)
        return esp(made, sender)


def esp_ctr(spi, key, integrity, sequence, packet):
    """RFC 3686: the nonce is at the end of the key; HMAC-SHA-256-128."""
    plain = packet + counted(len(packet), 4)
    plain += bytes([len(plain) - len(packet), 4])
    iv = struct.pack("!Q", sequence)
    encryptor = Cipher(algorithms.AES(key[:-4]), modes.CTR(key[-4:] + iv + struct.pack("!I", 1))).encryptor()
    body = struct.pack("!II", spi, sequence) + iv + encryptor.update(plain)
    return body + hmac.new(integrity, body, "sha256").digest()[:16]


# ---- AH -------------------------------------------------------------------------------------------------------------


class AhKey:
    """RFC 4302 with an HMAC. `align`: AH is a multiple of so many bytes (RFC 4302 2.6: 4 in IPv4, 8 in IPv6)."""

    def __init__(self, spi, key, digest="sha256", icv=16, align=8):
        self.spi, self.key, self.digest, self.icv, self.align = spi, key, digest, icv, align

    def header(self, following, sequence, icv):
        padding = bytes(-(12 + self.icv) % self.align)
        length = (12 + self.icv + len(padding)) // 4 - 2
        return struct.pack("!BBHII", following, length, 0, self.spi, sequence) + icv + padding

    def __call__(self, covered_ip, following, sequence, payload, high=None):
        """AH and its payload; covered_ip(bytes behind the IP header) -> the header as the ICV covers it."""
        clear = self.header(following, sequence, bytes(self.icv))
        data = covered_ip(len(clear) + len(payload)) + clear + payload
        if high is not None:
            data += struct.pack("!I", high)
        return self.header(following, sequence, hmac.new(self.key, data, self.digest).digest()[:self.icv]) + payload


def addresses(source, destination):
    return b"".join(p.ipaddress.ip_address(address).packed for address in (source, destination))


def ah4(key, sequence, payload, source="10.9.0.1", destination="10.9.0.2", following=4, high=None, options=b"", kept=b"", dscp=0x2e,
        final=None, ttl=63):
    """IPv4: `options` as sent, `kept` as the ICV covers them; `final`: the destination that it covers."""
    words = 5 + len(options) // 4

    def covered(length):
        head = struct.pack("!BBHHHBBH", 0x40 | words, 0, 4 * words + length, 0x77aa, 0, 0, 51, 0)
        return head + addresses(source, final or destination) + kept

    body = key(covered, following, sequence, payload, high)
    head = struct.pack("!BBHHHBBH", 0x40 | words, dscp << 2, 4 * words + len(body), 0x77aa, 0x4000, ttl, 51, 0)
    head += addresses(source, destination) + options
    return head[:10] + struct.pack("!H", p._checksum(head)) + head[12:] + body


def ah6(key, sequence, payload, source="fd00::1", destination="fd00::2", following=41, high=None, before=b"", kept=b"", first=51, final=None):
    """IPv6: `before` extension headers as sent, `kept` as the ICV covers them, `first` the type of the first one."""
    def covered(length):
        return struct.pack("!IHBB", 0x60000000, len(kept) + length, first, 0) + addresses(source, final or destination) + kept

    body = key(covered, following, sequence, payload, high)
    return struct.pack("!IHBB", 0x6b812345, len(before) + len(body), first, 57) + addresses(source, destination) + before + body


def fragments4(packet, size):
    """The packet in IPv4 fragments of `size` bytes."""
    head, body = packet[:20], packet[20:]
    for at in range(0, len(body), size):
        piece = body[at:at + size]
        flags = (at // 8) | (0x2000 if at + size < len(body) else 0)
        part = head[:2] + struct.pack("!H", 20 + len(piece)) + head[4:6] + struct.pack("!H", flags) + head[8:10] + b"\0\0" + head[12:]
        yield part[:10] + struct.pack("!H", p._checksum(part)) + part[12:] + piece
