# SPDX-License-Identifier: GPL-2.0-or-later
"""ESP packets (RFC 4303) made from the keys in a daemon's log, for what no daemon of the lab can send here."""
import ctypes
import ctypes.util
import hashlib
import hmac
import os
import struct
import zlib

import capture

CRYPTO = ctypes.CDLL(ctypes.util.find_library("crypto"))
CRYPTO.EVP_get_cipherbyname.restype = CRYPTO.EVP_CIPHER_CTX_new.restype = ctypes.c_void_p
for _name in (
    "EVP_EncryptInit_ex",
    "EVP_EncryptUpdate",
    "EVP_EncryptFinal_ex",
    "EVP_CIPHER_CTX_ctrl",
    "EVP_CIPHER_CTX_set_padding",
    "EVP_CIPHER_CTX_free",
):
    getattr(CRYPTO, _name).argtypes = None
GET_TAG = 0x10
INTEGRITY = {"HMAC_SHA2_256_128": (hashlib.sha256, 16), "HMAC_SHA1_96": (hashlib.sha1, 12)}
ICMP, IPV4, UDP, COMP, NONE = 1, 4, 17, 108, 59


def encrypt(name, key, iv, plaintext, aad=None):
    """Ciphertext, and the tag of 16 octets where there is associated data."""
    context = ctypes.c_void_p(CRYPTO.EVP_CIPHER_CTX_new())
    cipher = ctypes.c_void_p(CRYPTO.EVP_get_cipherbyname(name.encode()))
    CRYPTO.EVP_EncryptInit_ex(context, cipher, None, key, iv)
    CRYPTO.EVP_CIPHER_CTX_set_padding(context, 0)
    out = ctypes.create_string_buffer(len(plaintext) + 32)
    size = ctypes.c_int()
    if aad is not None:
        CRYPTO.EVP_EncryptUpdate(context, None, ctypes.byref(size), aad, len(aad))
    CRYPTO.EVP_EncryptUpdate(context, out, ctypes.byref(size), plaintext, len(plaintext))
    done = size.value
    CRYPTO.EVP_EncryptFinal_ex(context, out, ctypes.byref(size))
    tag = ctypes.create_string_buffer(16)
    if aad is not None:
        CRYPTO.EVP_CIPHER_CTX_ctrl(context, GET_TAG, 16, tag)
    CRYPTO.EVP_CIPHER_CTX_free(context)
    return out.raw[:done] if aad is None else out.raw[:done] + tag.raw


class Sa:
    """One direction: SPI, keys and algorithms as the daemon logged them."""

    def __init__(self, spi, keys, proposal):
        self.spi = bytes.fromhex(spi)
        self.encryption, self.integrity = (
            bytes.fromhex(keys[k]) for k in ("encryption", "integrity")
        )
        names = proposal.partition(":")[2].split("/")
        self.cipher, self.esn = names[0], "EXT_SEQ" in names
        self.mac = next((INTEGRITY[n] for n in names if n in INTEGRITY), None)

    def packet(self, sequence, inner, next_header, tfc=0):
        """The ESP packet; SEQUENCE has 64 bits, of which ESN sends the lower ones only."""
        low, high = struct.pack(">I", sequence & 0xFFFFFFFF), struct.pack(">I", sequence >> 32)
        block = 16 if "CBC" in self.cipher else 4
        data = inner + os.urandom(tfc)
        padding = -(len(data) + 2) % block
        data += bytes(range(1, padding + 1)) + bytes([padding, next_header])
        aad = self.spi + (high if self.esn else b"") + low
        if self.cipher.startswith("AES_GCM_16"):
            iv = os.urandom(8)
            return (
                self.spi
                + low
                + iv
                + encrypt(
                    f"aes-{self.cipher[-3:]}-gcm",
                    self.encryption[:-4],
                    self.encryption[-4:] + iv,
                    data,
                    aad,
                )
            )
        if self.cipher.startswith("NULL_AES_GMAC"):
            iv = os.urandom(8)
            tag = encrypt(
                f"aes-{self.cipher[-3:]}-gcm",
                self.encryption[:-4],
                self.encryption[-4:] + iv,
                b"",
                aad + iv + data,
            )
            return self.spi + low + iv + data + tag
        iv = os.urandom(16)
        body = (
            self.spi + low + iv + encrypt(f"aes-{self.cipher[-3:]}-cbc", self.encryption, iv, data)
        )
        digest, size = self.mac
        return (
            body
            + hmac.new(self.integrity, body + (high if self.esn else b""), digest).digest()[:size]
        )


def ping(kind, number):
    """An ICMP echo request (8) or reply (0)."""
    body = struct.pack(">HH", 0x1AB, number) + bytes(range(0x20, 0x40))
    head = struct.pack(">BBH", kind, 0, 0)
    return struct.pack(">BBH", kind, 0, capture.checksum(head + body)) + body


def datagram(text):
    """A UDP datagram without checksum."""
    return struct.pack(">HHHH", 4000, 7, 8 + len(text), 0) + text


def add(path, child, outer, inner, kind, after=3):
    """Puts ESP of both directions of CHILD (initiator's view) behind the packet with the index AFTER.

    OUTER and INNER are (initiator, responder) addresses of four octets; KIND names the rows of PLANS.
    """
    packets = capture.read(path)
    out = Sa(child["spi_out"], child["esp"][child["spi_out"]], child["proposal"])
    back = Sa(child["spi_in"], child["esp"][child["spi_in"]], child["proposal"])
    macs = packets[0][2][:12]
    seconds, micros, _ = packets[after]
    made = []
    for number, (sequence, what, tfc) in enumerate(PLANS[kind]):
        for sa, here, there, reply in ((out, 0, 1, False), (back, 1, 0, True)):
            payload, next_header = WHAT[what](inner[here], inner[there], number + 1, reply)
            esp = sa.packet(sequence, payload, next_header, tfc)
            addresses = macs if not reply else macs[6:] + macs[:6]
            micros += 500
            made.append(
                (
                    seconds + micros // 1000000,
                    micros % 1000000,
                    addresses
                    + b"\x08\x00"
                    + capture.ipv4(outer[here], outer[there], 50, esp, number),
                )
            )
    packets += made
    packets.sort(key=lambda p: p[:2])
    capture.write(path, packets)
    return len(made)


def _tunnel(source, target, number, reply):
    return capture.ipv4(source, target, ICMP, ping(0 if reply else 8, number)), IPV4


def _transport(_source, _target, number, reply):
    return ping(0 if reply else 8, number), ICMP


def _transport_udp(_source, _target, number, _reply):
    return datagram(f"datagram {number}".encode()), UDP


def _compressed(_source, _target, number, reply):
    """IPComp (RFC 3173): the packet's head says DEFLATE, then the raw deflate stream."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    text = capture.ipv4(_source, _target, UDP, datagram(b"lab " * 60))
    return struct.pack(">BBH", IPV4, 0, 2) + deflate.compress(text) + deflate.flush(), COMP


def _dummy(_source, _target, _number, _reply):
    return os.urandom(48), NONE


WHAT = {
    "tunnel": _tunnel,
    "transport": _transport,
    "udp": _transport_udp,
    "comp": _compressed,
    "dummy": _dummy,
}
# (sequence number of 64 bits, what is inside, octets of TFC padding)
PLANS = {
    "plain": [(1, "tunnel", 0), (2, "tunnel", 0), (3, "tunnel", 0)],
    "esn": [
        (1, "tunnel", 0),
        (2, "tunnel", 0),
        (0x7FFFFFFF, "tunnel", 0),
        (0xFFFFFFF0, "tunnel", 0),
        (0xFFFFFFFF, "tunnel", 0),
        (0x100000000, "tunnel", 0),
        (0x100000001, "tunnel", 0),
    ],
    "transport": [(1, "transport", 0), (2, "transport", 0), (3, "udp", 0)],
    "tfc": [(1, "tunnel", 0), (2, "tunnel", 64), (3, "dummy", 0), (4, "tunnel", 200)],
    "comp": [(1, "tunnel", 0), (2, "comp", 0)],
}
