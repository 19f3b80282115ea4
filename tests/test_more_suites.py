# SPDX-License-Identifier: GPL-2.0-or-later
"""What RFCs allow and sessions seldom have, made by independent code (suite_sessions.py): odd nonces and padding, fragments in
IKE_INTERMEDIATE, crossing rekeys, quick modes that mix, implicit IVs, transport mode, and certificates of other forms."""
import hashlib
import struct

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305

import algorithms as a
import packets as p
import suite_sessions as s
from suite_sessions import I, R, Out, Suite, V1, V2, check
from test_suites import EC, HASHES, IDENTIFIERS, RSA, der, digital, pkcs1_of_hash

SKF, EAP, ID_NONE = 53, 48, 0
INTERMEDIATE, IKE_INTERMEDIATE = 16438, 43


# ---- IKEv2 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prf", a.PRF)
def test_nonces_of_any_length(plain, prf):
    """RFC 7296 2.10: 16 to 256 bytes; AES-XCBC and AES-CMAC take the first 8 of each for SKEYSEED, all for the rest."""
    out = Out()
    for of_i, of_r in ((16, 16), (17, 31), (33, 64), (65, 128), (255, 16), (256, 256)):
        out.label = f"nonces {of_i} {of_r} PRF {prf}"
        session = V2(out.label, Suite(12, 128, 2, prf), out)
        session.nonces = (a.fixed(out.label + " i", of_i), a.fixed(out.label + " r", of_r))
        session.init()
        child = session.authenticate(Suite(20, 128))
        session.traffic(child)
        successor, _ = session.rekey(Suite(12, 256, 12, prf), "next")
        newer, _ = successor.new_child(Suite(12, 128, 2), "child of it")
        successor.traffic(newer, "of it")
        out.log(session.log(), successor.log())
    assert not check(plain, out)


class Padded(V2):
    """Padding of any length and content (RFC 7296 3.14)."""
    pad = 0

    def encrypted(self, exchange, side, payloads, message_id, response):
        cipher = a.ENCRYPTION[self.suite.encryption]
        encrypt = cipher.encrypt

        class More:
            aead, iv, block, icv = cipher.aead, cipher.iv, cipher.block, cipher.icv
        self.count += 1
        mark = a.fixed(f"{self.name} mark {self.count}", 12)
        payloads = [*payloads, (s.VENDOR, mark)]
        plain = p.chain(payloads)
        pad = -(len(plain) + 1) % cipher.block + self.pad // cipher.block * cipher.block
        plain += a.fixed(f"pad {self.count}", pad) + bytes([pad])
        mac, _, icv = a.INTEGRITY[self.suite.integrity] if self.suite.integrity else (None, 0, More.icv)
        total = cipher.iv + len(plain) + icv
        flags = (0x20 if response else 0) | (0x08 if side == I else 0)
        head = p.message(exchange, [(s.SK, b"", {"next": payloads[0][0], "length": 4 + total})], ispi=self.spis[0],
                         rspi=self.spis[1], flags=flags, message_id=message_id, length=32 + total)
        iv = a.fixed(f"{self.name} iv {self.count}", cipher.iv)
        raw = head + iv + encrypt(self.sk_e[side], iv, plain, head)
        self.send(side, raw + (mac(self.sk_a[side], raw)[:icv] if mac else b""))
        self.out.expect("isakmp.vid_bytes", mark)


def test_padding_of_any_length(plain):
    out = Out()
    for number, suite in enumerate((Suite(12, 128, 12), Suite(3, 0, 2), Suite(20, 256), Suite(28), Suite(13, 128, 5), Suite(11, 0, 12),
                                    Suite(27, 192), Suite(24, 256, 14))):
        for pad in (16, 100, 200, 239):
            out.label = f"{suite} {pad}"
            session = Padded(out.label, suite, out)
            session.pad = pad
            session.init()
            out.log(session.log())
            session.traffic(session.authenticate(suite if suite.encryption != 11 else Suite(12, 256, 12)))
            session.delete(number % 2)
    assert not check(plain, out)


def fragments(session, exchange, side, payloads, message_id, response, size):
    """The message as SKF payloads (RFC 7383 2.5)."""
    suite, cipher = session.suite, a.ENCRYPTION[session.suite.encryption]
    whole = p.chain(payloads)
    pieces = [whole[at:at + size] for at in range(0, len(whole), size)]
    mac, _, icv = a.INTEGRITY[suite.integrity] if suite.integrity else (None, 0, cipher.icv)
    for number, piece in enumerate(pieces, 1):
        pad = -(len(piece) + 1) % cipher.block
        piece += bytes(pad) + bytes([pad])
        total = 4 + cipher.iv + len(piece) + icv
        flags = (0x20 if response else 0) | (0x08 if side == I else 0)
        following = payloads[0][0] if number == 1 else 0
        head = p.message(exchange, [(SKF, b"", {"next": following, "length": 4 + total})], ispi=session.spis[0], rspi=session.spis[1],
                         flags=flags, message_id=message_id, length=32 + total) + struct.pack("!HH", number, len(pieces))
        iv = a.fixed(f"{session.name} {exchange} {side} {message_id} {number}", cipher.iv)
        raw = head + iv + cipher.encrypt(session.sk_e[side], iv, piece, head)
        session.send(side, raw + (mac(session.sk_a[side], raw)[:icv] if mac else b""))
    whole_head = p.message(exchange, [(s.SK, b"", {"next": payloads[0][0], "length": 4 + len(whole)})], ispi=session.spis[0],
                           rspi=session.spis[1], flags=(0x20 if response else 0) | (0x08 if side == I else 0), message_id=message_id,
                           length=32 + len(whole))
    return whole_head + whole


@pytest.mark.parametrize("suite", [Suite(12, 256, 12), Suite(20, 256, 0, 7), Suite(28, 0, 0, 6), Suite(13, 128, 14), Suite(16, 128)], ids=str)
def test_fragmented_intermediate(plain, suite):
    """RFC 9242 3.3.2: IntAuth covers the message as it was before it was fragmented."""
    out = Out()
    for size in (40, 101, 500):
        out.label = f"fragments of {size} {suite}"
        session = V2(out.label, suite, out)
        session.init(([(s.NOTIFY, p.notify(INTERMEDIATE))],) * 2, [(6, 36)])
        secret, int_auth = a.fixed(out.label, 32), [b"", b""]
        for side in (I, R):
            ke = (s.KE, b"\0\x24\0\0" + a.fixed(f"{out.label} {side}", 1184 if side == I else 1088))
            clear = fragments(session, IKE_INTERMEDIATE, side, [ke], 1, side == R, size)
            int_auth[side] = session.prf(session.sk_p[side], clear)
        session.set_keys(session.prf(session.sk_d, secret + b"".join(session.nonces)))
        session.intermediate, session.next_id[I] = int_auth[I] + int_auth[R] + struct.pack("!I", 2), 2
        session.traffic(session.authenticate(Suite(20, 128)))
        out.log(session.log(), session.log_line(secret))
    assert not check(plain, out)


def test_eap_without_a_key(plain):
    """RFC 7296 2.16: a method that makes no MSK takes SK_pi and SK_pr."""
    out = Out()
    for prf in a.PRF:
        out.label = f"EAP without MSK, PRF {prf}"
        session = V2(out.label, Suite(12, 128, 12, prf), out)
        session.init()
        out.log(session.log())
        session.exchange(s.IKE_AUTH, [(s.IDI, session.identity(I))],
                         [(s.IDR, session.identity(R)), (s.AUTH, session.psk_auth(R)), (EAP, b"\1\1\0\5\6")])
        session.exchange(s.IKE_AUTH, [(EAP, b"\2\1\0\x0b\6secret")], [(EAP, b"\3\1\0\4")])
        for side in (I, R):
            auth = b"\2\0\0\0" + session.prf(session.prf(session.sk_p[side], b"Key Pad for IKEv2"), session.to_sign(side))
            session.encrypted(s.IKE_AUTH, side, [(s.AUTH, auth)], 3, side == R)
            out.expect("isakmp.auth.verified", True)
    assert not check(plain, out)


def test_a_child_sa_that_is_rekeyed_again(plain):
    """By both sides in turn, five times, with PFS in between; the old ones carry packets until they are deleted."""
    out = Out()
    session = V2("rekeyed again", Suite(12, 128, 12), out)
    session.init()
    out.log(session.log())
    child, suite = session.authenticate(Suite(20, 128)), Suite(20, 128)
    for number in range(5):
        out.label = f"rekey {number}"
        newer, line = session.new_child(suite, out.label, side=number % 2, pfs=number % 2 == 1, rekeyed=child)
        out.log(line)
        session.traffic(child, f"old {number}", sequence=100 + number)
        session.traffic(newer, f"new {number}")
        child = newer
    assert not check(plain, out)


def crossing(session, name, suite, of_ike):
    """Both sides ask to rekey at once, then both answer (RFC 7296 2.8.1). Returns two (spis, nonces, shared) by their initiator."""
    made = []
    for side in (I, R):
        label = f"{session.name} {name} {side}"
        length = 8 if of_ike else 4
        made.append(([a.fixed(f"{label} spi {n}", length) for n in (I, R)], [a.fixed(f"{label} nonce {n}", 32) for n in (I, R)],
                     a.fixed(label + " shared", 32), [a.fixed(f"{label} ke {n}", 32) for n in (I, R)]))

    def payloads(side, n):
        spis, nonces, _, ke = made[side]
        protocol = 1 if of_ike else 3
        return [(s.SA, p.proposal(1, protocol, spis[n], suite.transforms(of_ike))), (s.NONCE, nonces[n]),
                (s.KE, struct.pack("!HH", suite.group, 0) + ke[n]), *([] if of_ike else [(s.TSI, s.SELECTOR), (s.TSR, s.SELECTOR)])]
    ids = list(session.next_id)
    session.next_id = [n + 1 for n in ids]
    for side in (I, R):
        session.encrypted(s.CREATE_CHILD_SA, side, payloads(side, 0), ids[side], False)
    for side in (I, R):
        session.encrypted(s.CREATE_CHILD_SA, 1 - side, payloads(side, 1), ids[side], True)
    return made


def test_crossing_rekeys(plain):
    """Of IKE SAs and of Child SAs: both of those made are right, whichever is kept."""
    out = Out()
    for prf in (5, 7, 4):
        out.label = f"crossing, PRF {prf}"
        session = V2(out.label, Suite(12, 128, 12, prf), out)
        session.init()
        out.log(session.log())
        session.authenticate(Suite(20, 128))
        suite = Suite(12, 256, 14, prf)
        for side, (spis, nonces, shared, _) in enumerate(crossing(session, "children", suite, False)):
            keys = session.keymat(shared + b"".join(nonces), suite)
            child = s.Child(suite, spis if side == I else spis[::-1], keys)
            child.keys = child.keys if side == I else child.keys[::-1]
            session.traffic(child, f"child {side}")
            out.log(session.log_line(shared))
        for side, (spis, nonces, shared, _) in enumerate(crossing(session, "ike", suite, True)):
            new = V2(f"{out.label} successor {side}", suite, out, shared=shared)
            new.spis, new.nonces, new.turned = tuple(spis), tuple(nonces), side
            new.set_keys(new.prf(session.sk_d, shared + b"".join(nonces)) if prf == session.suite.prf else b"")
            new.delete()
            child, _ = new.new_child(Suite(20, 256), "its own", side=side)
            new.traffic(child, "its own")
            out.log(new.log())
    assert not check(plain, out)


def rekey_again(session, name, suite, out):
    """The keys that follow are derived from SK_d: an IKE SA that replaces this one, and a Child SA of it."""
    child, line = session.new_child(suite, name + " child", pfs=True)
    session.traffic(child, name + " child")
    successor, _ = session.rekey(session.suite, name + " next", R)
    newer, _ = successor.new_child(suite, "newer", side=R)
    successor.traffic(newer, "newer")
    out.log(line, successor.log())


@pytest.mark.parametrize("rows", [[], [(6, 31)], [(6, 36), (7, 0), (8, 31)]], ids=["alone", "ADDKE1", "ADDKE1 and 3"])
def test_ppk_in_intermediate(plain, rows):
    """RFC 9867 3.1 with every PRF, alone and after additional key exchanges, one of which may be NONE (RFC 9370 2.2.2)."""
    out = Out()
    for prf in a.PRF:
        out.label = f"{rows} PRF {prf}"
        suite = Suite(12, 256, 12, prf)
        session = V2(f"{len(rows)} PPK_INT {prf}", suite, out)
        uses = [(s.NOTIFY, p.notify(INTERMEDIATE)), (s.NOTIFY, p.notify(16445))]
        session.init((uses, uses), rows)
        out.log(session.log())
        int_auth, number, ppk = [b"", b""], 0, a.fixed(f"ppk {prf}", 32)
        identity = b"\2" + f"ppk-{prf}-{len(rows)}".encode()
        steps = [row[1] for row in rows if row[1]] or [None]
        for step, group in enumerate(steps):
            number += 1
            ke = [[(s.KE, struct.pack("!HH", group, 0) + a.fixed(f"{out.label} {step} {side}", 1184 if group == 36 else 32))] if group else []
                  for side in (I, R)]
            if step == len(steps) - 1:
                proof = session.prf(ppk, b"".join(session.nonces) + b"".join(session.spis))[:8]
                ke[I].append((s.NOTIFY, p.notify(16446, identity + proof)))
                ke[R].append((s.NOTIFY, p.notify(16436, identity)))
            for side in (I, R):
                session.encrypted(IKE_INTERMEDIATE, side, ke[side], number, side == R)
                int_auth[side] = session.int_auth(side, int_auth[side])
            if group:
                secret = a.fixed(f"{out.label} {step}", 32)
                out.log(session.log_line(secret))
                session.set_keys(session.prf(session.sk_d, secret + b"".join(session.nonces)))
        session.set_keys(a.prf_plus(session.prf, ppk, session.sk_d, len(session.sk_d)))
        session.next_id[I] = number + 1
        session.intermediate = int_auth[I] + int_auth[R] + struct.pack("!I", number + 1)
        session.traffic(session.authenticate(Suite(20, 128)))
        out.log(f"IKE_PPK id={identity[1:].decode()} 0x{ppk.hex()}\n")
        rekey_again(session, "again", Suite(12, 128, 12), out)
    assert not check(plain, out)


def test_key_exchanges_of_none(plain):
    """RFC 9370 2.2.2: an additional key exchange that is NONE in the response is left out, in IKE_SA_INIT and in a rekey."""
    out = Out()
    for rows in ([(6, 0)], [(6, 0), (7, 31)], [(6, 31), (7, 0), (9, 36)]):
        out.label = f"{rows}"
        suite = Suite(20, 256, 0, 6)
        session = V2(out.label, suite, out)
        session.init(([(s.NOTIFY, p.notify(INTERMEDIATE))],) * 2, rows)
        out.log(session.log())
        int_auth, number = [b"", b""], 0
        for group in (row[1] for row in rows if row[1]):
            number += 1
            for side in (I, R):
                ke = (s.KE, struct.pack("!HH", group, 0) + a.fixed(f"{out.label} {number} {side}", 1184 if group == 36 else 32))
                session.encrypted(IKE_INTERMEDIATE, side, [ke], number, side == R)
                int_auth[side] = session.int_auth(side, int_auth[side])
            secret = a.fixed(f"{out.label} {number}", 32)
            out.log(session.log_line(secret))
            session.set_keys(session.prf(session.sk_d, secret + b"".join(session.nonces)))
        session.next_id[I] = number + 1
        session.intermediate = int_auth[I] + int_auth[R] + struct.pack("!I", number + 1) if number else b""
        session.traffic(session.authenticate(Suite(20, 128)))
        rekey_again(session, "again", Suite(28), out)
    assert not check(plain, out)


def resumed(old, name, suite, ticket, use=(), ppk=None):
    """RFC 5723 4.3.2, with a PPK (RFC 8784) or without."""
    new = V2(name, suite, old.out)
    bodies = ([(s.NONCE, new.nonces[I]), (s.NOTIFY, p.notify(16413, ticket)), *use], [(s.NONCE, new.nonces[R]), *use])
    for side in (I, R):
        new.signed[side] = p.message(38, bodies[side], ispi=new.spis[0], rspi=new.spis[1] if side else bytes(8), flags=0x20 if side else 0x08)
        new.send(side, new.signed[side])
    new.next_id = [1, 0]
    new.set_keys(new.prf(old.sk_d, b"Resumption" + b"".join(new.nonces)))
    return new


def test_resumption_again(plain):
    """A resumed session gives out another ticket, with which the next one is resumed; its Child SAs and rekeys go on from its SK_d."""
    out = Out()
    for prf in a.PRF:
        out.label = f"resumed again, PRF {prf}"
        suite = Suite(12, 128, 12, prf)
        session = V2(out.label, suite, out)
        session.init()
        out.log(session.log())
        ticket = a.fixed(out.label, 80)
        session.authenticate(suite, more=((), [(s.NOTIFY, p.notify(16409, b"\0\0\x0e\x10" + ticket))]))
        for number in range(3):
            newer = a.fixed(f"{out.label} {number}", 80)
            session = resumed(session, f"{out.label} {number}", suite, ticket)
            child = session.authenticate(
                suite, more=((), [(s.NOTIFY, p.notify(16409, b"\0\0\x0e\x10" + newer))]),
                auth=lambda side, x=session: [(s.AUTH, b"\2\0\0\0" + x.prf(x.sk_p[side], x.signed[side]))])
            session.traffic(child)
            ticket = newer
        rekey_again(session, "again", Suite(20, 128), out)
    assert not check(plain, out)


def test_addresses_and_ports(plain):
    """IPv6, and port 4500 with the non-ESP marker."""
    out = Out()
    for suite in (Suite(12, 128, 12), Suite(20, 256), Suite(28)):
        out.label = str(suite)
        session = Elsewhere(f"elsewhere {suite}", suite, out)
        session.init()
        out.log(session.log())
        session.traffic(session.authenticate(Suite(20, 128)))
        rekey_again(session, "again", Suite(20, 128), out)
    assert not check(plain, out)


class Elsewhere(V2):
    """IPv6, from IKE_AUTH on at port 4500."""

    def send(self, side, message):
        ends = ("fd00::1", "fd00::2")
        floating = message[18] != s.IKE_SA_INIT
        ports = (4500, 4500) if floating else (500, 500)
        self.out.add(p.udp(p.esp_marker(message) if floating else message, ends[side], ends[1 - side], *ports))


# ---- ESP ------------------------------------------------------------------------------------------------------------


class Implicit:
    """RFC 8750: the IV is the sequence number of 64 bits, and is not sent."""
    iv, block, icv = 0, 1, 16

    def __init__(self, aead, salt, icv=16):
        self.made, self.salt, self.icv = aead, salt, icv


IMPLICIT = {29: Implicit(lambda key: AESCCM(key, tag_length=8), 3, 8), 30: Implicit(AESGCM, 4), 31: Implicit(ChaCha20Poly1305, 4)}


def esp(suite, keys, spi, sequence, payload, following, high=None, padding_more=0):
    """RFC 4303 2 with any next header and padding; the ciphers of RFC 8750 too."""
    cipher = IMPLICIT.get(suite.encryption) or a.ENCRYPTION[suite.encryption]
    head = struct.pack("!II", spi, sequence)
    pad = -(len(payload) + 2) % max(cipher.block, 4) + padding_more
    plain = payload + bytes(n % 256 for n in range(1, pad + 1)) + bytes([pad, following])
    aad = head if high is None else struct.pack("!III", spi, high, sequence)
    if suite.encryption in IMPLICIT:
        nonce = keys[0][-cipher.salt:] + struct.pack("!II", high or 0, sequence)
        return head + cipher.made(keys[0][:-cipher.salt]).encrypt(nonce, plain, aad)
    iv = a.fixed(f"iv {spi} {sequence}", cipher.iv)
    out = head + iv + cipher.encrypt(keys[0], iv, plain, aad)
    if suite.integrity:
        mac, _, icv = a.INTEGRITY[suite.integrity]
        out += mac(keys[1], out + (struct.pack("!I", high) if high is not None else b""))[:icv]
    return out


def key_lengths(suite):
    cipher = IMPLICIT.get(suite.encryption)
    return ((suite.bits or 256) // 8 + cipher.salt, 0) if cipher else suite.key_lengths()


class ImplicitSuite(Suite):
    def key_lengths(self):
        return key_lengths(self)


def test_implicit_ivs(plain):
    """RFC 8750, with extended sequence numbers and without."""
    out = Out()
    session = V2("implicit", Suite(12, 128, 12), out)
    session.init()
    out.log(session.log())
    session.authenticate()
    for encryption, bits in ((29, 128), (29, 192), (29, 256), (30, 128), (30, 192), (30, 256), (31, 0)):
        for esn in (0, 1):
            suite = ImplicitSuite(encryption, bits)
            out.label = f"implicit {suite} {esn}"
            child, _ = session.new_child(suite, out.label, side=esn, esn=esn)
            for side in (I, R):
                for sequence, high in ((1, 0), (2, 0), (2**32 - 1, 0), *(((0, 1), (5, 1)) if esn else ())):
                    text = a.fixed(f"{out.label} {side} {sequence} {high}", 24)
                    inner = p.udp(text, "10.1.0.1", "10.2.0.1", 40000, 40001)
                    spi = int.from_bytes(child.spis[1 - side], "big")
                    made = esp(suite, child.keys[side], spi, sequence, inner, 4, high if esn else None)
                    out.add(p.ip(50, made, s.ADDRESSES[side], s.ADDRESSES[1 - side]))
                    out.expect("udp.payload", text)
    assert not check(plain, out)


@pytest.mark.parametrize("outer", ["IPv4", "IPv6", "UDP 4500", "UDP 4500 on IPv6"])
def test_what_esp_carries(plain, outer):
    """Transport mode, IPv4 and IPv6 inside, TFC padding, longest padding, dummy packets between (RFC 4303 2.6, 2.7)."""
    out = Out()
    session = (Elsewhere if "6" in outer else V2)("carried " + outer, Suite(12, 128, 12), out)
    session.init()
    out.log(session.log())
    session.authenticate()
    ends = ("fd00::1", "fd00::2") if "IPv6" in outer else s.ADDRESSES
    for suite in (Suite(12, 128, 12), Suite(20, 256), Suite(28), Suite(11, 0, 12), Suite(21, 128), Suite(13, 256, 2), Suite(3, 0, 1),
                  Suite(7, 0, 2), Suite(6, 0, 2), Suite(23, 256, 14), Suite(16, 128), Suite(12, 192, 5), Suite(12, 256, 8)):
        child, _ = session.new_child(suite, f"{outer} {suite}")
        for side in (I, R):
            spi = int.from_bytes(child.spis[1 - side], "big")
            texts = [a.fixed(f"{outer} {suite} {side} {n}", 24) for n in range(6)]
            udp4 = p.udp(texts[0], "10.1.0.1", "10.2.0.1", 40000, 40001)
            udp6 = p.udp(texts[1], "fd01::1", "fd02::1", 40000, 40001)
            datagram = struct.pack("!HHHH", 40000, 40001, 8 + 24, 0) + texts[2]
            tfc = p.udp(texts[3], "10.1.0.1", "10.2.0.1", 40000, 40001) + bytes(173)
            cipher_block = max(a.ENCRYPTION[suite.encryption].block, 4)
            rows = [(udp4, 4, 0, texts[0]), (udp6, 41, 0, texts[1]), (datagram, 17, 0, texts[2]), (tfc, 4, 0, texts[3]),
                    (a.fixed("dummy", 52), 59, 0, None),
                    (p.udp(texts[5], "10.1.0.1", "10.2.0.1", 40000, 40001), 4, 224 // cipher_block * cipher_block, texts[5])]
            for sequence, (payload, following, more, text) in enumerate(rows, 1):
                made = esp(suite, child.keys[side], spi, sequence, payload, following, padding_more=more)
                out.label = f"{outer} {suite} {side} {sequence}"
                out.add(p.udp(made, ends[side], ends[1 - side], 4500, 4500) if outer.startswith("UDP") else
                        p.ip(50, made, ends[side], ends[1 - side]))
                if text:
                    out.expect("udp.payload", text)
                else:
                    out.expect("esp.protocol", "0x3b")
    assert not check(plain, out)


# ---- AUTH -----------------------------------------------------------------------------------------------------------


def pss(hash_name, mask_name, salt, explicit_trailer=False):
    """AlgorithmIdentifier of RSASSA-PSS with these parameters (RFC 4055 3.1)."""
    oid = {"sha1": "06052b0e03021a", "sha256": "0609608648016503040201", "sha384": "0609608648016503040202",
           "sha512": "0609608648016503040203", "sha224": "0609608648016503040204"}
    digest = [der(0x30, bytes.fromhex(oid[name] + "0500")) for name in (hash_name, mask_name)]
    mask = der(0x30, bytes.fromhex("06092a864886f70d010108"), digest[1])
    trailer = [der(0xA3, der(2, b"\1"))] if explicit_trailer else []
    parts = der(0x30, der(0xA0, digest[0]), der(0xA1, mask), der(0xA2, der(2, bytes([salt]))), *trailer)
    return der(0x30, bytes.fromhex("06092a864886f70d01010a"), parts)


RSA_OF = {bits: rsa.generate_private_key(exponent, bits) for bits, exponent in ((1024, 65537), (3072, 3), (4096, 65537))}
ALL_HASHES = {**HASHES, "sha224": hashes.SHA224()}


def spki(private):
    return private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def more_methods():
    """(name, CERT payload's body, data -> AUTH payload's body)"""
    cert = b"\4" + s.certificate(RSA, "a.example")

    def with_pss(hash_name, mask_name, salt, key=RSA, trailer=False):
        def sign(data):
            used = padding.PSS(padding.MGF1(ALL_HASHES[mask_name]), salt)
            return digital(pss(hash_name, mask_name, salt, trailer), key.sign(data, used, ALL_HASHES[hash_name]))
        return sign
    for hash_name, mask_name, salt in (("sha256", "sha256", 0), ("sha256", "sha256", 20), ("sha256", "sha1", 32), ("sha512", "sha256", 64),
                                       ("sha384", "sha384", 100), ("sha224", "sha224", 28), ("sha1", "sha256", 20)):
        yield f"PSS {hash_name} {mask_name} {salt}", cert, with_pss(hash_name, mask_name, salt)
    yield "PSS, trailer field", cert, with_pss("sha256", "sha256", 32, trailer=True)
    for bits, private in RSA_OF.items():
        own = b"\4" + s.certificate(private, "a.example")
        yield f"RSA {bits} SHA-256", own, lambda data, k=private: digital(IDENTIFIERS["rsa", "sha256"], k.sign(data, padding.PKCS1v15(), hashes.SHA256()))
        yield f"RSA {bits} method 1", own, lambda data, k=private: b"\1\0\0\0" + k.sign(data, padding.PKCS1v15(), hashes.SHA1())
        yield f"RSA {bits} method 1, SHA-256", own, lambda data, k=private: b"\1\0\0\0" + k.sign(data, padding.PKCS1v15(), hashes.SHA256())
    yield "RSA SHA-224", cert, lambda data: digital(bytes.fromhex("300d06092a864886f70d01010e0500"), RSA.sign(data, padding.PKCS1v15(), hashes.SHA224()))
    yield "RSA without NULL", cert, lambda data: digital(bytes.fromhex("300b06092a864886f70d01010b"), RSA.sign(data, padding.PKCS1v15(), hashes.SHA256()))
    yield ("ECDSA SHA-224", b"\4" + s.certificate(EC["SECP256R1"], "a.example"),
           lambda data: digital(bytes.fromhex("300a06082a8648ce3d040301"), EC["SECP256R1"].sign(data, ec.ECDSA(hashes.SHA224()))))
    for name, private in (("RSA", RSA), ("P-256", EC["SECP256R1"])):
        sign = (lambda data: digital(IDENTIFIERS["rsa", "sha256"], RSA.sign(data, padding.PKCS1v15(), hashes.SHA256()))) if name == "RSA" else (
            lambda data: digital(IDENTIFIERS["ecdsa", "sha256"], EC["SECP256R1"].sign(data, ec.ECDSA(hashes.SHA256()))))
        yield f"raw public key {name}", b"\x0f" + spki(private), sign
    raw = RSA.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    yield "raw RSA key", b"\x0b" + raw, lambda data: b"\1\0\0\0" + RSA.sign(data, padding.PKCS1v15(), hashes.SHA1())


def test_more_signatures(plain):
    """Parameters of PSS, hashes and keys that are seldom; keys in other forms of CERT. Each of the right bytes, and of others."""
    out = Out()
    for name, cert, sign in more_methods():
        for right in (True, False):
            out.label = f"{name} {'right' if right else 'wrong'}"
            session = V2(out.label, Suite(12, 128, 12), out)
            session.init()
            out.log(session.log())
            session.authenticate(auth=lambda side, x=session, r=right, f=sign, c=cert: [
                (s.CERT, c), (s.AUTH, f(x.to_sign(side) + (b"" if r else b"!")))], right=(right, right))
    assert not check(plain, out)


# ---- IKEv1 ----------------------------------------------------------------------------------------------------------


class V1More(V1):
    """Any group, nonces and padding."""
    pad, group = 0, 14

    def in_group(self, group):
        self.attributes = self.attributes[:-4] + p.tv(4, group)
        self.ke, self.private, self.shared = a.exchanges()[group]
        return self

    def informational(self, side, number, kind=36136):
        """Notify (RFC 3706) with HASH(1) of RFC 2409 5.7."""
        self.count += 1
        body = [(11, p.notify_v1(kind, struct.pack("!I", number), spi=b"".join(self.cookies))), (s.V1_VENDOR, a.fixed(f"{self.name} info {self.count}", 12))]
        value = self.prf(self.skeyid_a, struct.pack("!I", number) + p.chain(body))
        self.encrypted(side, 5, [(s.V1_HASH, value), *body], number, mark=False)
        self.out.expect("isakmp.vid_bytes", body[-1][1])

    def steps(self, transform, attributes, message_id, count=1, commit=False, protocol=3):
        """Quick mode of `count` SA payloads as a generator that sends one message at a time."""
        m = struct.pack("!I", message_id)
        nonces = [a.fixed(f"{self.name} {message_id} nonce {n}", 20 + message_id % 100) for n in (I, R)]
        self.made = getattr(self, "made", {})
        spis = [[a.fixed(f"{self.name} {message_id} spi {n} {c}", 4) for c in range(count)] for n in (I, R)]
        for n in (I, R):
            body = [*((s.V1_SA, p.sa_v1([p.proposal_v1(1, protocol, spis[n][c], [(transform, p.tv(4, 1) + attributes)])])) for c in range(count)),
                    (s.V1_NONCE, nonces[n]), (s.V1_VENDOR, a.fixed(f"{self.name} {message_id} mark {n}", 12))]
            value = self.prf(self.skeyid_a, m + (nonces[0] if n else b"") + p.chain(body))
            self.encrypted(n, s.QUICK, [(s.V1_HASH, value), *body], message_id, mark=False)
            self.out.expect("isakmp.vid_bytes", body[-1][1])
            yield
        value = self.prf(self.skeyid_a, b"\0" + m + nonces[0] + nonces[1])
        self.encrypted(I, s.QUICK, [(s.V1_HASH, value)], message_id, mark=False)
        self.made[message_id] = (spis, nonces)
        if commit:  # RFC 2408 3.1: CONNECTED ends the exchange
            body = [(11, p.notify_v1(16384, protocol=protocol, spi=spis[R][0])), (s.V1_VENDOR, a.fixed(f"{self.name} {message_id} done", 12))]
            value = self.prf(self.skeyid_a, m + p.chain(body))
            self.encrypted(R, s.QUICK, [(s.V1_HASH, value), *body], message_id, mark=False)
            self.out.expect("isakmp.vid_bytes", body[-1][1])
        yield

    def esp(self, message_id, suite, mode=4, what=""):
        spis, nonces = self.made[message_id]
        for sender in (I, R):
            for number, spi in enumerate(spis[1 - sender]):
                material = block = b""
                while len(material) < 160:
                    block = self.prf(self.skeyid_d, block + b"\3" + spi + nonces[0] + nonces[1])
                    material += block
                keys = s.split(material, *suite.key_lengths())
                text = a.fixed(f"{self.name} {message_id} {sender} {number} {what}", 24)
                inner = p.udp(text, "10.1.0.1", "10.2.0.1", 40000, 40001)
                self.out.add(p.ip(50, esp(suite, keys, int.from_bytes(spi, "big"), 1, inner, 4), s.ADDRESSES[sender], s.ADDRESSES[1 - sender]))
                self.out.expect("udp.payload", text)


ESP_V1 = (12, p.tv(5, 2) + p.tv(6, 256), Suite(12, 256, 2))


def test_ikev1_exchanges_that_mix(plain):
    """IVs (RFC 2409 appendix B) of quick modes whose messages alternate, with Informational messages between them, and of those
    with a fourth message."""
    out = Out()
    for digest in s.V1_DIGEST:
        out.label = f"mixed {digest}"
        session = V1More(out.label, out, digest=digest)
        session.phase1()
        out.log(session.log())
        transform, attributes, suite = ESP_V1
        rows = [session.steps(transform, attributes, 0x10203040 + n, commit=n % 2 == 1) for n in range(4)]
        for step in range(3):
            for n, row in enumerate(rows):
                next(row)
                session.informational(n % 2, 0x55000000 + 16 * step + n)
        for n in range(4):
            out.label = f"mixed {digest} ESP {n}"
            session.esp(0x10203040 + n, suite)
    assert not check(plain, out)


@pytest.mark.parametrize("what", ["private", "shared"])
def test_ikev1_groups(plain, what):
    """Phase 1 in each group, from a private value and from the shared secret."""
    out = Out()
    for group in a.exchanges():
        out.label = f"group {group}"
        session = V1More(out.label, out).in_group(group)
        session.phase1()
        name = " ".join(spi.hex() for spi in session.cookies)
        out.log(f"IKE_DH_PRIVATE {name} {session.private[group % 2].hex()}\n" if what == "private" else session.log())
        out.log(session.esp_session(12, 128, 2, 0x4711, pfs=True))
    assert not check(plain, out)


def test_ikev1_nonces_and_padding(plain):
    """Nonces of 8 to 256 bytes (RFC 2409 5), and one block of padding too many."""
    out = Out()
    for of_i, of_r in ((8, 8), (16, 255), (256, 256), (33, 9)):
        for aggressive in (False, True):
            out.label = f"nonces {of_i} {of_r} {aggressive}"
            session = V1More(out.label, out, aggressive=aggressive)
            session.nonces = (a.fixed(out.label + "i", of_i), a.fixed(out.label + "r", of_r))
            session.phase1()
            out.log(session.log(), session.esp_session(12, 256, 5, 0x99, pfs=False))
    assert not check(plain, out)


def test_ikev1_aggressive_mode_that_ends_in_clear(plain):
    """RFC 2409 5: the third message need not be encrypted; the IV of what follows is that of phase 1."""
    out = Out()
    for digest in s.V1_DIGEST:
        out.label = f"clear end {digest}"
        session = V1More(out.label, out, digest=digest, aggressive=True)
        encrypted = session.encrypted
        session.encrypted = lambda side, exchange, payloads, _id, mark=True, x=session: x.clear(side, exchange, payloads)
        session.phase1()
        session.encrypted = encrypted
        out.log(session.log(), session.esp_session(12, 128, 2, 0x42, pfs=False))
        session.informational(R, 0x77)
    assert not check(plain, out)


def test_ikev1_aes_without_key_length(plain):
    """Some leave the attribute out: it is 128 bits then, in phase 1 and for ESP."""
    out = Out()
    for encryption in (7, 8):
        out.label = f"no key length {encryption}"
        session = V1More(out.label, out, encryption=encryption, bits=0)
        session.phase1()
        out.log(session.log(), session.esp_session(12, 128, 2, 0x33))
    assert not check(plain, out)


def test_ikev1_signatures_of_each_hash(plain):
    """RFC 2409 5.1 with SHA-2 and MD5 as negotiated."""
    out = Out()
    for digest in s.V1_DIGEST:
        for aggressive in (False, True):
            out.label = f"RSA, hash {digest} {aggressive}"
            session = V1More(out.label, out, digest=digest, method=3, aggressive=aggressive)
            cert = (s.V1_CERT, b"\4" + s.certificate(RSA, "a.example"))
            session.phase1(lambda _side, value, c=cert: [c, (s.V1_SIG, pkcs1_of_hash(value))])
            out.log(session.log())
    assert not check(plain, out)
