# SPDX-License-Identifier: GPL-2.0-or-later
"""The algorithms of IKE and ESP by their IANA numbers, from python-cryptography, hashlib and the text of the RFCs: what the
plugin computes is compared with what these make."""
import functools
import hashlib
import hmac
import struct

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, x448, x25519
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.cmac import CMAC

try:  # since version 43 the old ones stand apart
    from cryptography.hazmat.decrepit.ciphers import algorithms as old
except ImportError:
    old = algorithms
CAMELLIA = getattr(algorithms, "Camellia", None) or old.Camellia
TRIPLE_DES = getattr(old, "TripleDES", None) or algorithms.TripleDES


def fixed(name, length):
    """Bytes that look random and are the same in each run."""
    out = b""
    while len(out) < length:
        out += hashlib.sha256(f"{name} {len(out)}".encode()).digest()
    return out[:length]


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


# ---- MACs and PRFs ------------------------------------------------------------------------------------------------


def aes_block(key, block):
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(block)


def xcbc(key, data):
    """AES-XCBC-MAC of 16 bytes, RFC 3566 4."""
    k1, k2, k3 = (aes_block(key, bytes([n]) * 16) for n in (1, 2, 3))
    whole = len(data) > 0 and len(data) % 16 == 0
    if not whole:
        data += b"\x80" + bytes(-(len(data) + 1) % 16)
    blocks = [data[at:at + 16] for at in range(0, len(data), 16)]
    blocks[-1] = xor(blocks[-1], k2 if whole else k3)
    state = bytes(16)
    for block in blocks:
        state = aes_block(k1, xor(state, block))
    return state


def cmac(key, data):
    """RFC 4493."""
    mac = CMAC(algorithms.AES(key))
    mac.update(data)
    return mac.finalize()


def hmac_of(digest):
    return lambda key, data: hmac.new(key, data, digest).digest()


def prf_xcbc(key, data):
    """AES-XCBC-PRF-128 with keys of any length, RFC 4434 2."""
    return xcbc(key.ljust(16, b"\0") if len(key) <= 16 else xcbc(bytes(16), key), data)


def prf_cmac(key, data):
    """AES-CMAC-PRF-128, RFC 4615 3."""
    return cmac(key if len(key) == 16 else cmac(bytes(16), key), data)


# Transform type 2: function, bytes of SK_d, whether SKEYSEED takes 8 bytes of each nonce (RFC 7296 2.14).
PRF = {1: (hmac_of("md5"), 16, False), 2: (hmac_of("sha1"), 20, False), 4: (prf_xcbc, 16, True),
       5: (hmac_of("sha256"), 32, False), 6: (hmac_of("sha384"), 48, False), 7: (hmac_of("sha512"), 64, False),
       8: (prf_cmac, 16, True)}

# Transform type 3: function, bytes of the key, bytes of the ICV.
INTEGRITY = {1: (hmac_of("md5"), 16, 12), 2: (hmac_of("sha1"), 20, 12), 5: (xcbc, 16, 12), 6: (hmac_of("md5"), 16, 16),
             7: (hmac_of("sha1"), 20, 20), 8: (cmac, 16, 12), 12: (hmac_of("sha256"), 32, 16),
             13: (hmac_of("sha384"), 48, 24), 14: (hmac_of("sha512"), 64, 32),
             "sha256-96": (hmac_of("sha256"), 32, 12), "ripemd": (hmac_of("ripemd160"), 20, 12)}


def prf_plus(prf, key, seed, length):
    """RFC 7296 2.13."""
    out = block = b""
    number = 1
    while len(out) < length:
        block = prf(key, block + seed + bytes([number]))
        out, number = out + block, number + 1
    return out[:length]


# ---- ciphers ---------------------------------------------------------------------------------------------------------


class Cbc:
    aead, salt, icv = False, 0, 0

    def __init__(self, cipher, block):
        self.cipher, self.block, self.iv = cipher, block, block

    def encrypt(self, key, iv, data, _aad=b""):
        encryptor = Cipher(self.cipher(key), modes.CBC(iv)).encryptor()
        return encryptor.update(data) + encryptor.finalize()


class Ctr:
    """RFC 3686 4, RFC 5529 3: nonce, IV and a counter from 1."""
    aead, salt, iv, block, icv = False, 4, 8, 1, 0

    def __init__(self, cipher):
        self.cipher = cipher

    def encrypt(self, key, iv, data, _aad=b""):
        ecb = Cipher(self.cipher(key[:-4]), modes.ECB()).encryptor()
        blocks = (len(data) + 15) // 16
        return xor(data, b"".join(ecb.update(key[-4:] + iv + struct.pack("!I", n + 1)) for n in range(blocks)))


class Gcm:
    aead, salt, iv, block = True, 4, 8, 1

    def __init__(self, icv):
        self.icv = icv

    def encrypt(self, key, iv, data, aad):
        encryptor = Cipher(algorithms.AES(key[:-4]), modes.GCM(key[-4:] + iv)).encryptor()
        encryptor.authenticate_additional_data(aad)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag[:self.icv]


class Gmac(Gcm):
    """RFC 4543: the data is in clear and authenticated with the IV."""

    def encrypt(self, key, iv, data, aad):
        return data + super().encrypt(key, iv, b"", aad + iv + data)


class Ccm:
    aead, salt, iv, block = True, 3, 8, 1

    def __init__(self, icv):
        self.icv = icv

    def encrypt(self, key, iv, data, aad):
        return AESCCM(key[:-3], tag_length=self.icv).encrypt(key[-3:] + iv, data, aad)


class CamelliaCcm(Ccm):
    """RFC 3610 with L of 4, RFC 5529 4."""

    def encrypt(self, key, iv, data, aad):
        ecb = Cipher(CAMELLIA(key[:-3]), modes.ECB()).encryptor()
        nonce = key[-3:] + iv
        state = ecb.update(bytes([0x40 | (self.icv - 2) // 2 << 3 | 3]) + nonce + struct.pack("!I", len(data)))
        head = struct.pack("!H", len(aad)) + aad
        for part in (head, data):
            part += bytes(-len(part) % 16)
            for at in range(0, len(part), 16):
                state = ecb.update(xor(state, part[at:at + 16]))
        stream = b"".join(ecb.update(b"\3" + nonce + struct.pack("!I", n)) for n in range((len(data) + 15) // 16 + 1))
        return xor(data, stream[16:]) + xor(state, stream)[:self.icv]


class ChaCha:
    """RFC 7634."""
    aead, salt, iv, block, icv = True, 4, 8, 1, 16

    def encrypt(self, key, iv, data, aad):
        return ChaCha20Poly1305(key[:-4]).encrypt(key[-4:] + iv, data, aad)


class Null:
    aead, salt, iv, block, icv = False, 0, 0, 1, 0

    def encrypt(self, _key, _iv, data, _aad=b""):
        return data


def des(key):
    return TRIPLE_DES(key * 3)


# Transform type 1.
ENCRYPTION = {2: Cbc(des, 8), 3: Cbc(TRIPLE_DES, 8), 6: Cbc(old.CAST5, 8), 7: Cbc(old.Blowfish, 8), 11: Null(),
              12: Cbc(algorithms.AES, 16), 13: Ctr(algorithms.AES), 14: Ccm(8), 15: Ccm(12), 16: Ccm(16), 18: Gcm(8),
              19: Gcm(12), 20: Gcm(16), 21: Gmac(16), 23: Cbc(CAMELLIA, 16), 24: Ctr(CAMELLIA), 25: CamelliaCcm(8),
              26: CamelliaCcm(12), 27: CamelliaCcm(16), 28: ChaCha(), "seed": Cbc(old.SEED, 16)}
KEY_BYTES = {2: 8, 3: 24, 6: 16, 7: 16, 11: 0, 28: 32, "seed": 16}  # where no Key Length is negotiated
WITH_LENGTH = {6: (40, 80, 128), 7: (40, 128, 192, 256, 448), **{n: (128, 192, 256) for n in (12, 13, 14, 15, 16, 18, 19, 20, 21,
                                                                                             23, 24, 25, 26, 27)}}


def key_bytes(encryption, bits):
    """Of the cipher, with the salt."""
    return (bits // 8 if bits else KEY_BYTES[encryption]) + ENCRYPTION[encryption].salt


def esp(encryption, integrity, key, integrity_key, spi, sequence, packet, high=None):
    """RFC 4303 2, 3.3, tunnel mode: high is the upper half of an extended sequence number."""
    cipher = ENCRYPTION[encryption]
    head = struct.pack("!II", spi, sequence)
    pad = -(len(packet) + 2) % max(cipher.block, 4)
    plain = packet + bytes(range(1, pad + 1)) + bytes([pad, 4])
    iv = fixed(f"iv {spi} {sequence}", cipher.iv)
    aad = head if high is None else struct.pack("!III", spi, high, sequence)
    out = head + iv + cipher.encrypt(key, iv, plain, aad)
    if cipher.aead or not integrity:
        return out
    mac, _, icv = INTEGRITY[integrity]
    return out + mac(integrity_key, out + (struct.pack("!I", high) if high is not None else b""))[:icv]


# ---- Diffie-Hellman --------------------------------------------------------------------------------------------------


def pi_bits(bits):
    """Floor of pi times 2^bits, by Machin's formula."""
    scale = 1 << (bits + 64)

    def arctan(x):
        term, total, n, sign = scale // x, 0, 1, 1
        while term:
            total += sign * (term // n)
            term, n, sign = term // (x * x), n + 2, -sign
        return total

    return (4 * (4 * arctan(5) - arctan(239))) >> 64


# RFC 2409 6, RFC 3526: 2^n - 2^(n-64) - 1 + 2^64 * ([2^(n-130) pi] + k); in brackets is the floor.
MODP = {1: (768, 149686), 2: (1024, 129093), 5: (1536, 741804), 14: (2048, 124476), 15: (3072, 1690314), 16: (4096, 240904),
        17: (6144, 929484), 18: (8192, 4743158)}


def modp_prime(group):
    bits, k = MODP[group]
    return (1 << bits) - (1 << (bits - 64)) - 1 + ((pi_bits(bits - 130) + k) << 64)


def on_curve(curve):
    """(public values, private values, shared secret), RFC 5903 7: x and y; the secret is x."""
    size = (curve.key_size + 7) // 8
    keys = [ec.derive_private_key(int.from_bytes(fixed(f"{curve.name} {side}", size), "big") % (1 << (curve.key_size - 1)), curve)
            for side in "ir"]
    numbers = [key.public_key().public_numbers() for key in keys]
    return (tuple(n.x.to_bytes(size, "big") + n.y.to_bytes(size, "big") for n in numbers),
            tuple(key.private_numbers().private_value.to_bytes(size, "big") for key in keys),
            keys[0].exchange(ec.ECDH(), keys[1].public_key()))


def modern(kind, size):
    """RFC 8031, RFC 7748."""
    private = tuple(fixed(f"{kind.__name__} {side}", size) for side in "ir")
    keys = [kind.from_private_bytes(value) for value in private]
    raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    return tuple(key.public_key().public_bytes(*raw) for key in keys), private, keys[0].exchange(keys[1].public_key())


CURVES = {19: ec.SECP256R1(), 20: ec.SECP384R1(), 21: ec.SECP521R1(), 25: ec.SECP192R1(), 26: ec.SECP224R1(), 28: ec.BrainpoolP256R1(),
          29: ec.BrainpoolP384R1(), 30: ec.BrainpoolP512R1()}


@functools.lru_cache(maxsize=None)
def exchanges():
    """Group -> (public values, private values of both sides, shared secret)."""
    out = {}
    for group in MODP:
        prime, size = modp_prime(group), MODP[group][0] // 8
        private = tuple(fixed(f"modp {group} {side}", 32) for side in "ir")
        x, y = (int.from_bytes(value, "big") for value in private)
        out[group] = (tuple(pow(2, n, prime).to_bytes(size, "big") for n in (x, y)), private,
                      pow(pow(2, x, prime), y, prime).to_bytes(size, "big"))
    out.update({group: on_curve(curve) for group, curve in CURVES.items()})
    return {**out, 31: modern(x25519.X25519PrivateKey, 32), 32: modern(x448.X448PrivateKey, 56)}
