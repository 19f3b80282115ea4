# SPDX-License-Identifier: GPL-2.0-or-later
"""Every algorithm and combination of IKEv1, IKEv2 and ESP, in sessions made by independent code (suite_sessions.py): each
encrypted message decrypts, each AUTH, HASH and SIG verifies, each ESP packet is decrypted."""
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa, utils

import algorithms as a
import suite_sessions as s
from suite_sessions import I, R, Out, Suite, V1, V2, check

PLAIN_INTEGRITY = (1, 2, 5, 6, 7, 8, 12, 13, 14)


def suites_of(numbers):
    """(encryption, bits) of each cipher and key length."""
    for number in numbers:
        if number not in a.WITH_LENGTH or number in (6, 7):
            yield number, 0
        for bits in a.WITH_LENGTH.get(number, ()):
            yield number, bits


AEADS = [n for n in a.ENCRYPTION if n != "seed" and a.ENCRYPTION[n].aead and n != 21]
OTHERS = [n for n in a.ENCRYPTION if n != "seed" and not a.ENCRYPTION[n].aead]


def established(name):
    """An IKE SA for Child SAs of any suite."""
    out = Out()
    session = V2(name, Suite(12, 128, 12), out)
    session.init()
    out.log(session.log())
    session.authenticate()
    return out, session


def test_ikev2_suites(plain):
    """All ciphers with all integrity algorithms, all PRFs with all integrity algorithms and all AEADs."""
    out = Out()
    made = [Suite(e, bits, integrity) for e, bits in suites_of(OTHERS) for integrity in PLAIN_INTEGRITY]
    made += [Suite(12, 256, integrity, prf) for prf in a.PRF for integrity in PLAIN_INTEGRITY]
    made += [Suite(e, bits, 0, prf) for e, bits in suites_of(AEADS) for prf in ((5,) if bits == 192 else a.PRF)]
    for suite in made:
        out.label = f"IKE {suite}"
        session = V2(str(suite), suite, out)
        session.init()
        out.log(session.log())
        child = session.authenticate(suite)
        session.traffic(child)
        session.delete()
    assert not check(plain, out)
    assert len(made) > 300


def test_esp_suites(plain):
    """Under one IKE SA: every cipher with every ICV, extended sequence numbers, AES-GMAC."""
    out, session = established("esp")
    made = [Suite(e, bits, integrity) for e, bits in suites_of(OTHERS) for integrity in PLAIN_INTEGRITY]
    made += [Suite(e, bits) for e, bits in suites_of([*AEADS, 21])]
    for number, suite in enumerate(made):
        for esn in (0, 1):
            out.label = f"ESP {suite} ESN {esn}"
            child, _ = session.new_child(suite, f"{suite} {esn}", side=number % 2, esn=esn)
            session.traffic(child, f"{suite} {esn}")
    assert not check(plain, out)


def test_extended_sequence_numbers_in_the_middle(plain):
    """The upper half is not on the wire (RFC 4303 2.2.1): it goes up when the lower half wraps."""
    out, session = established("esn")
    for suite in (Suite(12, 256, 12), Suite(20, 256), Suite(13, 128, 2), Suite(28)):
        out.label = str(suite)
        child, _ = session.new_child(suite, f"{suite}", esn=1)
        for high, sequence in ((0, 2**32 - 2), (0, 2**32 - 1), (1, 0), (1, 1), (0, 2**32 - 1), (2, 5), (3, 5)):
            session.traffic(child, f"{suite} {high} {sequence}", sequence=sequence, high=high)
    assert not check(plain, out)


def test_sha_256_with_96_bits(plain):
    """Old kernels send it where HMAC-SHA2-256-128 was negotiated: decrypted, and said; but a packet that lost four bytes is not
    one of these where others of its SA are intact."""
    out, session = established("sha96")
    for encryption, bits in ((12, 256), (13, 128), (3, 0), (23, 128), (11, 0)):
        suite = Suite(encryption, bits, 12)
        out.label = f"sha-256-96 {suite}"
        child, _ = session.new_child(suite, str(suite))
        child.suite = Suite(encryption, bits, "sha256-96")
        for sequence in (1, 2):
            session.traffic(child, f"{suite} {sequence}", sequence=sequence)
    first_of_cut = len(out.packets) + 1
    for encryption, bits in ((12, 256), (13, 128), (11, 0)):
        suite = Suite(encryption, bits, 12)
        child, _ = session.new_child(suite, f"cut {suite}")
        session.traffic(child, f"cut {suite}")
        for side in (I, R):
            packet = child.packet(side, b"cut", 2)
            out.add(s.p.ip(50, packet[20:-4], s.ADDRESSES[side], s.ADDRESSES[1 - side]))
        session.traffic(child, f"uncut {suite}", sequence=3)
    assert not check(plain, out)
    log = plain.place("".join(out.lines).encode(), "suites.log")
    capture, option = s.p.pcap(out.packets), ("-o", f"isakmp.keylog_file:{log}")
    shown = plain.fields(capture, ["frame.number", "udp.payload"], "esp", *option)
    dark = [int(frame["frame.number"][0]) - first_of_cut for frame in shown if not frame["udp.payload"]]
    assert dark == [n + 8 * block for block in range(3) for n in (4, 5)]
    said = plain.frames(capture, "isakmp.esp.icv.truncated", *option)
    assert len(said) == 20 and max(said) < first_of_cut


@pytest.mark.parametrize("what", ["private", "shared"])
def test_groups(plain, what):
    """The key exchange of each group: values from Python's integers and python-cryptography."""
    out = Out()
    for group, (public, private, shared) in a.exchanges().items():
        out.label = f"group {group}"
        session = V2(f"group {group}", Suite(12, 128, 12, group=group), out, shared=shared, ke=public)
        session.init()
        name = " ".join(spi.hex() for spi in session.spis)
        out.log(f"IKE_DH_PRIVATE {name} {private[group % 2].hex()}\n" if what == "private" else session.log())
        session.traffic(session.authenticate(Suite(20, 128)))
    assert not check(plain, out)


def test_rekeys(plain):
    """IKE SAs and Child SAs that replace others: by either side, with and without PFS, with another suite, PRF and group."""
    out = Out()
    old = [Suite(12, 128, 12), Suite(20, 256, 0, 7), Suite(3, 0, 2, 2), Suite(12, 256, 5, 4), Suite(28, 0, 0, 6), Suite(13, 192, 8, 8),
           Suite(12, 128, 1, 1)]
    new = [*old[1:], old[0]]
    for first, second in zip(old, new):
        for side in (I, R):
            for pfs in (False, True):
                out.label = f"{first} to {second} by {side} {'PFS' if pfs else ''}"
                session = V2(out.label, first, out)
                session.init()
                child = session.authenticate(first)
                session.traffic(child, "first")
                newer, line = session.new_child(second, "rekeyed", side=side, pfs=pfs, rekeyed=child)
                session.traffic(newer, "second")
                successor, _ = session.rekey(second, "successor", side)
                session.delete()
                last, last_line = successor.new_child(first, "of the successor", side=side, pfs=pfs)
                successor.traffic(last, "third")
                third, _ = successor.rekey(first, "third")
                third.delete()
                out.log(session.log(), line, successor.log(), last_line, third.log())
    assert not check(plain, out)


# ---- IKEv1 --------------------------------------------------------------------------------------------------------

V1_CIPHERS = [(1, 0), (5, 0), (6, 0), (6, 128), (3, 0), (3, 128), (3, 192), (3, 256), (3, 448),
              *((n, bits) for n in (7, 8) for bits in (128, 192, 256))]


@pytest.mark.parametrize("aggressive", [False, True], ids=["main mode", "aggressive mode"])
def test_ikev1_suites(plain, aggressive):
    """All ciphers, key lengths and hashes of phase 1."""
    out = Out()
    for number, (encryption, bits) in enumerate(V1_CIPHERS):
        for digest in s.V1_DIGEST:
            out.label = f"{encryption}/{bits}/{digest}"
            session = V1(f"{out.label} {aggressive}", out, encryption, bits, digest, aggressive=aggressive)
            session.phase1()
            out.log(session.log(), session.esp_session(12, 128, 2, 0x1234 + digest, pfs=digest % 2 == 0, side=number % 2))
    assert not check(plain, out)


def test_ikev1_esp_suites(plain):
    """All transforms of ESP with all authentication algorithms, under one phase 1 of each hash."""
    out = Out()
    for digest in (1, 2, 4, 6):
        session = V1(f"esp {digest}", out, digest=digest)
        session.phase1()
        out.log(session.log())
        message_id = 0x01000000 * digest
        for transform, encryption in s.V1_ESP.items():
            cipher, lengths = a.ENCRYPTION[encryption], [0, *a.WITH_LENGTH.get(encryption, ())]
            if encryption in (12, 13, 14, 15, 16, 18, 19, 20, 21, 23):
                lengths.remove(0)
            for bits in lengths:
                for auth in ([0] if cipher.aead else [n for n in s.V1_AUTH if n]):
                    message_id += 1
                    out.label = f"hash {digest} ESP {transform}/{bits}/{auth}"
                    session.esp_session(transform, bits, auth, message_id, esn=message_id % 3 == 0)
    assert not check(plain, out)


# ---- authentication ---------------------------------------------------------------------------------------------


def rs(private, data, digest):
    """An ECDSA or DSA signature as two numbers end to end (RFC 4754 7, RFC 7296 3.8)."""
    if isinstance(private, dsa.DSAPrivateKey):
        size, der = private.parameters().parameter_numbers().q.bit_length() // 8, private.sign(data, digest)
    else:
        size, der = (private.key_size + 7) // 8, private.sign(data, ec.ECDSA(digest))
    r, v = utils.decode_dss_signature(der)
    return r.to_bytes(size, "big") + v.to_bytes(size, "big")


RSA, DSA = rsa.generate_private_key(65537, 2048), dsa.generate_private_key(1024)
EC = {name: ec.derive_private_key(int.from_bytes(a.fixed(name, 27), "big"), getattr(ec, name)())
      for name in ("SECP256R1", "SECP384R1", "SECP521R1", "BrainpoolP256R1", "BrainpoolP384R1", "BrainpoolP512R1")}
ED = {"Ed25519": ed25519.Ed25519PrivateKey.from_private_bytes(a.fixed("25519", 32)),
      "Ed448": ed448.Ed448PrivateKey.from_private_bytes(a.fixed("448", 57))}
HASHES = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
HASH_OID = {"sha1": "06052b0e03021a0500", "sha256": "06096086480165030402010500", "sha384": "06096086480165030402020500",
            "sha512": "06096086480165030402030500"}


def der(tag, *parts):
    body = b"".join(parts)
    return bytes([tag, len(body)]) + body


def pss_identifier(name):
    """RFC 7427 A.4: hash, mask generation with it, and the length of the salt, which is the hash's."""
    if name == "sha1":
        return bytes.fromhex("300d06092a864886f70d01010a3000")
    of_hash = der(0x30, bytes.fromhex(HASH_OID[name]))
    mask = der(0x30, bytes.fromhex("06092a864886f70d010108"), of_hash)
    salt = der(2, bytes([HASHES[name].digest_size]))
    return der(0x30, bytes.fromhex("06092a864886f70d01010a"), der(0x30, der(0xA0, of_hash), der(0xA1, mask), der(0xA2, salt)))


IDENTIFIERS = {  # RFC 7427 appendix A, RFC 8420
    **{("rsa", name): bytes.fromhex(f"300d06092a864886f70d0101{n:02x}0500") for name, n in (("sha1", 5), ("sha256", 11), ("sha384", 12),
                                                                                           ("sha512", 13))},
    **{("pss", name): pss_identifier(name) for name in HASHES},
    ("ecdsa", "sha1"): bytes.fromhex("300906072a8648ce3d0401"),
    **{("ecdsa", name): bytes.fromhex(f"300a06082a8648ce3d04030{n}") for name, n in (("sha256", 2), ("sha384", 3), ("sha512", 4))},
    ("dsa", "sha1"): bytes.fromhex("300906072a8648ce380403"), ("dsa", "sha256"): bytes.fromhex("300b0609608648016503040302"),
    ("Ed25519", ""): bytes.fromhex("300506032b6570"), ("Ed448", ""): bytes.fromhex("300506032b6571")}


def digital(identifier, signature):
    """RFC 7427 3."""
    return bytes([14, 0, 0, 0, len(identifier)]) + identifier + signature


def methods():
    """(name, private key, data -> AUTH payload's body) of every method with a certificate."""
    yield "1 RSA SHA-1", RSA, lambda data: bytes([1, 0, 0, 0]) + RSA.sign(data, padding.PKCS1v15(), hashes.SHA1())
    yield "3 DSS", DSA, lambda data: bytes([3, 0, 0, 0]) + rs(DSA, data, hashes.SHA1())
    for number, curve, name in ((9, "SECP256R1", "sha256"), (10, "SECP384R1", "sha384"), (11, "SECP521R1", "sha512")):
        yield (f"{number} ECDSA", EC[curve],
               lambda data, n=number, c=curve, h=name: bytes([n, 0, 0, 0]) + rs(EC[c], data, HASHES[h]))
    for name, digest in HASHES.items():
        yield (f"14 RSA {name}", RSA,
               lambda data, n=name, h=digest: digital(IDENTIFIERS["rsa", n], RSA.sign(data, padding.PKCS1v15(), h)))
        yield (f"14 PSS {name}", RSA, lambda data, n=name, h=digest: digital(
            IDENTIFIERS["pss", n], RSA.sign(data, padding.PSS(padding.MGF1(h), h.digest_size), h)))
        for curve, private in EC.items():
            yield (f"14 ECDSA {curve} {name}", private, lambda data, n=name, h=digest, k=private: digital(
                IDENTIFIERS["ecdsa", n], k.sign(data, ec.ECDSA(h))))
    for name in ("sha1", "sha256"):
        yield f"14 DSA {name}", DSA, lambda data, n=name: digital(IDENTIFIERS["dsa", n], DSA.sign(data, HASHES[n]))
    for name, private in ED.items():
        yield f"14 {name}", private, lambda data, n=name, k=private: digital(IDENTIFIERS[n, ""], k.sign(data))


def test_authentication_by_signatures(plain):
    """Every method with the certificate in the message: of the right bytes, and of others."""
    out = Out()
    for name, private, sign in methods():
        for right in (True, False):
            out.label = f"{name} {'right' if right else 'wrong'}"
            session = V2(out.label, Suite(12, 128, 12, prf=6), out)
            session.init()
            out.log(session.log())
            cert = (s.CERT, b"\4" + s.certificate(private, "a.example"))

            def auth(side, session=session, right=right, sign=sign, cert=cert):
                data = session.to_sign(side) + (b"" if right else b"!")
                return [cert, (s.AUTH, sign(data))]
            session.authenticate(auth=auth, right=(right, right))
    assert not check(plain, out)


def test_authentication_by_shared_keys(plain):
    """PSK with every PRF (RFC 7296 2.15), wrong ones, and NULL authentication with SK_p (RFC 7619 2.1)."""
    out = Out()
    for prf in a.PRF:
        for name, psk, right in (("right", s.PSK.encode(), True), ("wrong", b"another", False)):
            out.label = f"{name} PSK, PRF {prf}"
            session = V2(out.label, Suite(12, 256, 12, prf), out)
            session.init()
            out.log(session.log())
            session.authenticate(auth=lambda side, x=session, k=psk: [(s.AUTH, x.psk_auth(side, k))], right=(right, right))
        for right in (True, False):
            out.label = f"NULL {right}, PRF {prf}"
            session = V2(out.label, Suite(20, 128, 0, prf), out)
            session.init()
            out.log(session.log())
            session.authenticate(auth=lambda side, x=session, r=right: [(s.AUTH, b"\x0d" + x.psk_auth(
                side, x.sk_p[side] if r else b"?")[1:])], right=(right, right))
    for label, prf in (("msk", 5), ("msk", 2), ("msk", 4)):
        out.label = f"MSK of EAP, PRF {prf}"
        session = V2(out.label, Suite(12, 128, 12, prf), out)
        session.init()
        msk = a.fixed(out.label, 64)
        out.log(session.log(), f"IKEV2_MSK {session.spis[0].hex()} {session.spis[1].hex()} {msk.hex()}\n")
        session.exchange(s.IKE_AUTH, [(s.IDI, session.identity(I))],
                         [(s.IDR, session.identity(R)), (s.AUTH, session.psk_auth(R)), (48, b"\1\1\0\5\1")])
        session.exchange(s.IKE_AUTH, [(48, b"\2\1\0\5\1")], [(48, b"\3\1\0\4")])
        message_id = session.next_id[I]
        for side in (I, R):
            authentication = b"\2\0\0\0" + session.prf(session.prf(msk, b"Key Pad for IKEv2"), session.to_sign(side))
            session.encrypted(s.IKE_AUTH, side, [(s.AUTH, authentication)], message_id, side == R)
            out.expect("isakmp.auth.verified", True)
    assert not check(plain, out)


def test_ikev1_authentication(plain):
    """HASH and SIG of each method of phase 1 (RFC 2409 5.1, 5.4), XAUTH and hybrid included."""
    out = Out()
    for method, of in ((1, 1), (2, 2), (3, 3), (65001, 1), (65003, 2), (65005, 3), (64221, 3), (64223, 2)):
        for right in (True, False):
            for aggressive in (False, True):
                out.label = f"method {method} {right} {aggressive}"
                session = V1(out.label, out, method=method, aggressive=aggressive)
                hybrid = method in (64221, 64223)
                private = RSA if of == 3 else DSA

                def authentication(side, value, of=of, hybrid=hybrid, right=right, private=private):
                    value = value if right else value[:-1] + bytes([value[-1] ^ 1])
                    if of == 1 or (hybrid and side == I):
                        return [(s.V1_HASH, value)]
                    cert = (s.V1_CERT, b"\4" + s.certificate(private, "a.example"))
                    signature = pkcs1_of_hash(value) if of == 3 else rs(DSA, value, utils.Prehashed(hashes.SHA1()))
                    return [cert, (s.V1_SIG, signature)]
                # A wrong HASH in main mode is taken for that of a forged message, and proves nothing.
                of_hash = not right and not aggressive and (of == 1 or hybrid)
                session.phase1(authentication, right, judged=(I, R) if not of_hash else (R,) if hybrid else ())
                out.log(session.log())
    assert not check(plain, out)


def pkcs1_of_hash(value):
    """RFC 2409 5.1: the HASH is encrypted with the private key, with the padding of PKCS #1 and without an identifier."""
    numbers = RSA.private_numbers()
    n = numbers.public_numbers.n
    size = (n.bit_length() + 7) // 8
    block = b"\0\1" + b"\xff" * (size - 3 - len(value)) + b"\0" + value
    return pow(int.from_bytes(block, "big"), numbers.d, n).to_bytes(size, "big")


# ---- keys that are mixed in ---------------------------------------------------------------------------------------

USE_PPK, PPK_IDENTITY, NO_PPK_AUTH, TICKET_OPAQUE, TICKET_LT_OPAQUE, INTERMEDIATE = 16435, 16436, 16437, 16413, 16409, 16438
IKE_SESSION_RESUME, IKE_INTERMEDIATE = 38, 43


@pytest.mark.parametrize("optional", [False, True])
def test_ppk(plain, optional):
    """RFC 8784 3 with every PRF: SK_d, SK_pi and SK_pr change; or NO_PPK_AUTH is used and nothing does."""
    out = Out()
    for prf in a.PRF:
        out.label = f"PPK, PRF {prf} {optional}"
        ppk = a.fixed(out.label, 32)
        session = V2(out.label, Suite(12, 128, 12, prf), out)
        ppk_id = b"\2" + out.label.replace(" ", "-").replace(",", "").encode()
        use = [(s.NOTIFY, s.p.notify(USE_PPK))]
        session.init((use, use))
        plain_auth = [session.psk_auth(side) for side in (I, R)]
        if not optional:
            session.sk_d, *sk_p = (a.prf_plus(session.prf, ppk, key, len(key)) for key in (session.sk_d, *session.sk_p))
            session.sk_p = tuple(sk_p)
        out.log(session.log(), f"IKE_PPK id={ppk_id[1:].decode()} 0x{ppk.hex()}\n")
        extra = [(s.NOTIFY, s.p.notify(PPK_IDENTITY, ppk_id)), (s.NOTIFY, s.p.notify(NO_PPK_AUTH, plain_auth[I][4:]))]
        if optional:  # the responder does not have it; the AUTH of the initiator is made with it
            mixed = a.prf_plus(session.prf, ppk, session.sk_p[I], len(session.sk_p[I]))
            signed = session.signed[I] + session.nonces[R] + session.prf(mixed, session.identity(I))
            own = b"\2\0\0\0" + session.prf(session.prf(s.PSK.encode(), b"Key Pad for IKEv2"), signed)
        child = session.authenticate(
            Suite(20, 128), auth=lambda side, x=session: [(s.AUTH, own if optional and side == I else x.psk_auth(side))],
            more=(extra, [] if optional else [(s.NOTIFY, s.p.notify(PPK_IDENTITY))]), right=(True, True))
        session.traffic(child)
        newer, line = session.new_child(Suite(12, 256, 12), "another", pfs=True)
        session.traffic(newer, "another")
        successor, _ = session.rekey(Suite(20, 256, 0, prf), "successor")
        last, _ = successor.new_child(Suite(20, 256), "of it")
        successor.traffic(last, "of it")
        out.log(line, successor.log())
    assert not check(plain, out)


def test_resumption(plain):
    """RFC 5723 5.1 with every PRF."""
    out = Out()
    for prf in a.PRF:
        out.label = f"resumption, PRF {prf}"
        suite = Suite(12, 128, 12, prf)
        old = V2(out.label, suite, out)
        old.init()
        out.log(old.log())
        ticket = a.fixed(out.label, 100)
        old.authenticate(suite, more=((), [(s.NOTIFY, s.p.notify(TICKET_LT_OPAQUE, b"\0\0\x0e\x10" + ticket))]))
        new = V2(out.label + " new", suite, out)
        bodies = ([(s.NONCE, new.nonces[I]), (s.NOTIFY, s.p.notify(TICKET_OPAQUE, ticket))], [(s.NONCE, new.nonces[R])])
        for side in (I, R):
            new.signed[side] = s.p.message(IKE_SESSION_RESUME, bodies[side], ispi=new.spis[0], rspi=new.spis[1] if side else bytes(8),
                                           flags=0x20 if side else 0x08)
            new.send(side, new.signed[side])
        new.next_id = [1, 0]
        new.set_keys(new.prf(old.sk_d, b"Resumption" + b"".join(new.nonces)))
        child = new.authenticate(suite, auth=lambda side, x=new: [(s.AUTH, b"\2\0\0\0" + x.prf(x.sk_p[side], x.signed[side]))])
        new.traffic(child)
    assert not check(plain, out)


def test_multiple_key_exchanges(plain):
    """RFC 9370: in IKE_INTERMEDIATE and, of Child SAs and of rekeyed IKE SAs, in IKE_FOLLOWUP_KE."""
    out = Out()
    for prf in a.PRF:
        for count in (1, 3):
            out.label = f"{count} additional, PRF {prf}"
            suite = Suite(12, 128, 12, prf)
            rows = [(6 + n, 31) for n in range(count)]
            session = V2(out.label, suite, out)
            session.init(([(s.NOTIFY, s.p.notify(INTERMEDIATE))],) * 2, rows)
            lines, int_auth = [session.log()], [b"", b""]
            for n in range(count):
                secret = a.fixed(f"{out.label} {n}", 32)
                lines.append(session.log_line(secret))
                for side in (I, R):
                    ke = (s.KE, b"\0\x1f\0\0" + a.fixed(f"{out.label} {n} {side}", 32))
                    session.encrypted(IKE_INTERMEDIATE, side, [ke], n + 1, side == R)
                    int_auth[side] = session.int_auth(side, int_auth[side])
                session.set_keys(session.prf(session.sk_d, secret + b"".join(session.nonces)))
            session.next_id[I] = count + 1
            session.intermediate = int_auth[I] + int_auth[R] + (count + 1).to_bytes(4, "big")
            session.traffic(session.authenticate(suite))
            child, of_child = session.new_child(suite, "child", pfs=True, rows=rows)
            session.traffic(child, "child")
            successor, of_successor = session.rekey(suite, "successor", rows=rows)
            newer, _ = successor.new_child(suite, "of it")
            successor.traffic(newer, "of it")
            out.log(*lines, of_child, session.log_line(successor.shared), of_successor)
    assert not check(plain, out)
