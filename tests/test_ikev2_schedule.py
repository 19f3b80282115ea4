# SPDX-License-Identifier: GPL-2.0-or-later
"""Key schedules of IKEv2 that no daemon of the lab runs or logs completely: post-quantum pre-shared keys in
IKE_INTERMEDIATE (RFC 9867) and session resumption (RFC 5723). The messages are encrypted here, with the
formulas of the RFCs and the HMAC of Python; the cipher is NULL, so that nothing else is needed."""
import hashlib
import hmac
import struct

import pytest

from packets import chain, message, notify, pcap, proposal, udp

SA, KE, IDI, IDR, AUTH, NONCE, NOTIFY, TSI, TSR, SK = 33, 34, 35, 36, 39, 40, 41, 44, 45, 46
IKE_SA_INIT, IKE_AUTH, IKE_SESSION_RESUME, IKE_INTERMEDIATE = 34, 35, 38, 43
INTERMEDIATE, USE_PPK_INT, PPK_IDENTITY, PPK_IDENTITY_KEY = 16438, 16445, 16436, 16446
TICKET_LT_OPAQUE, TICKET_REQUEST, TICKET_OPAQUE = 16409, 16410, 16413
FROM_INITIATOR, RESPONSE = 0x08, 0x20

DH, DH_2, PSK, PPK = bytes(range(32)), bytes(range(64, 96)), b"a shared secret", b"postquantum secret"
PPK_ID = b"\x02ppk-1"
NI, NR = b"i" * 32, b"r" * 32
SUITE = [(1, 11), (2, 5), (3, 12), (4, 31)]  # NULL, HMAC-SHA2-256 twice, X25519
TS = b"\x01\0\0\0\x07\0\0\x10\0\0\xff\xff\x0a\0\0\1\x0a\0\0\1"
ID = {IDI: b"\x02\0\0\0left.example", IDR: b"\x02\0\0\0right.example"}


def prf(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def prf_plus(key, seed, length):
    out, block, number = b"", b"", 1
    while len(out) < length:
        block = prf(key, block + seed + bytes([number]))
        out, number = out + block, number + 1
    return out[:length]


class Keys:
    """RFC 7296 2.14; there is no SK_e."""

    def __init__(self, skeyseed, spis, nonces):
        stream = prf_plus(skeyseed, nonces + spis, 5 * 32)
        self.d, self.ai, self.ar, self.pi, self.pr = (stream[i:i + 32] for i in range(0, 160, 32))
        self.spis, self.nonces = spis, nonces

    def with_secret(self, secret):
        """RFC 9370 2.2.2."""
        return Keys(prf(self.d, secret + self.nonces), self.spis, self.nonces)

    def with_ppk(self, ppk):
        """RFC 9867: SKEYSEED' = prf+(PPK, SK_d)."""
        return Keys(prf_plus(ppk, self.d, 32), self.spis, self.nonces)


class Session:
    """Messages of one IKE SA as packets."""

    def __init__(self, ispi, rspi, packets):
        self.ispi, self.rspi, self.packets, self.signed = ispi, rspi, packets, {}
        self.int_auth, self.next_id = {0: b"", RESPONSE: b""}, 0

    def spis(self):
        return self.ispi + self.rspi

    def _send(self, raw, way):
        addresses = ("10.9.0.2", "10.9.0.1") if way else ("10.9.0.1", "10.9.0.2")
        self.packets.append(udp(raw, *addresses))

    def open_(self, exchange, request, response):
        for way, payloads in ((0, request), (RESPONSE, response)):
            raw = message(exchange, payloads, flags=way or FROM_INITIATOR, ispi=self.ispi,
                             rspi=self.rspi if way else bytes(8))
            self.signed[way] = raw
            self._send(raw, way)
        self.next_id = 1

    def encrypt(self, exchange, way, payloads, keys):
        plain = chain(payloads)
        body = plain + b"\0"
        clear = message(exchange, [(SK, body + bytes(16), {"next": payloads[0][0]})], flags=way or FROM_INITIATOR,
                        ispi=self.ispi, rspi=self.rspi, message_id=self.next_id)[:-16]
        self._send(clear + prf(keys.ar if way else keys.ai, clear)[:16], way)
        if exchange == IKE_INTERMEDIATE:  # RFC 9242 3.3.2
            head = bytearray(clear[:32])
            head[24:28], head[30:32] = struct.pack("!I", 32 + len(plain)), struct.pack("!H", 4 + len(plain))
            self.int_auth[way] = prf(keys.pr if way else keys.pi, self.int_auth[way] + bytes(head) + plain)
        if way:
            self.next_id += 1

    def auth(self, way, keys, psk):
        """RFC 7296 2.15 with the IntAuth of RFC 9242."""
        identity, sk_p = (ID[IDR], keys.pr) if way else (ID[IDI], keys.pi)
        nonce = NI if way else NR
        raw = self.signed[way] + nonce + prf(sk_p, identity)
        if self.int_auth[0]:
            raw += self.int_auth[0] + self.int_auth[RESPONSE] + struct.pack("!I", self.next_id)
        return (AUTH, b"\x02\0\0\0" + prf(prf(psk, b"Key Pad for IKEv2"), raw))

    def authenticate(self, keys, more=((), ())):
        self.encrypt(IKE_AUTH, 0, [(IDI, ID[IDI]), self.auth(0, keys, PSK), *more[0]], keys)
        self.encrypt(IKE_AUTH, RESPONSE, [(IDR, ID[IDR]), self.auth(RESPONSE, keys, PSK), *more[1]], keys)


def begin(packets, notifies=(), suite=SUITE):
    session = Session(b"initiate", b"responds", packets)
    common = [(SA, proposal(1, 1, b"", suite)), (KE, b"\0\x1f\0\0" + bytes(32))]
    session.open_(IKE_SA_INIT, [*common, (NONCE, NI), *((NOTIFY, notify(n)) for n in notifies)],
                  [*common, (NONCE, NR), *((NOTIFY, notify(n)) for n in notifies)])
    return session, Keys(prf(NI + NR, DH), session.spis(), NI + NR)


def decrypted(tshark, packets, log):
    """For each encrypted frame: whether it was decrypted, and what is said of AUTH."""
    fields = tshark.fields(pcap(packets), ["isakmp.exchangetype", "isakmp.enc.decrypted", "isakmp.auth.reason"], None,
                           "-o", "isakmp.keylog_file:" + tshark.place("\n".join(log).encode() + b"\n", "keys.log"))
    return [(bool(frame["isakmp.enc.decrypted"]), *frame["isakmp.auth.reason"]) for frame in fields
            if frame["isakmp.exchangetype"][0] not in (str(IKE_SA_INIT), str(IKE_SESSION_RESUME))]


def ppk_session(key_exchange, apart=False):
    """IKE_INTERMEDIATE with a PPK: alone, with an additional key exchange, or after one."""
    packets = []
    suite = SUITE + ([(6, 31)] if key_exchange else [])
    session, keys = begin(packets, (INTERMEDIATE, USE_PPK_INT), suite)
    ke = [(KE, b"\0\x1f\0\0" + bytes(32))] if key_exchange else []
    # The confirmation: the first bytes of prf(PPK, Ni | Nr | SPIi | SPIr).
    request = (NOTIFY, notify(PPK_IDENTITY_KEY, PPK_ID + prf(PPK, NI + NR + session.spis())[:8]))
    response = (NOTIFY, notify(PPK_IDENTITY, PPK_ID))
    steps = [(ke, ke), ([request], [response])] if apart else [(ke + [request], ke + [response])]
    for number, (request, response) in enumerate(steps):
        session.encrypt(IKE_INTERMEDIATE, 0, request, keys)
        session.encrypt(IKE_INTERMEDIATE, RESPONSE, response, keys)
        if key_exchange and number == 0:
            keys = keys.with_secret(DH_2)
    session.authenticate(keys.with_ppk(PPK))
    return packets


DH_LOG = [f"IKEV2_DH_SHARED - {DH.hex()}", f"IKEV2_DH_SHARED - {DH_2.hex()}", f'IKE_PSK - "{PSK.decode()}"']


@pytest.mark.parametrize("key_exchange, apart", [(False, False), (True, False), (True, True)])
def test_a_ppk_in_ike_intermediate_makes_new_keys(plain, key_exchange, apart):
    packets = ppk_session(key_exchange, apart)
    intermediate = [(True,)] * (4 if apart else 2)
    verified = [(True, "PSK matches")] * 2
    ppks = ["IKE_PPK - 0xfeed", f'IKE_PPK id=ppk-1 "{PPK.decode()}"']
    assert decrypted(plain, packets, DH_LOG + ppks) == intermediate + verified
    assert decrypted(plain, packets, DH_LOG + [f"IKE_PPK * 0x{PPK.hex()}"]) == intermediate + verified
    assert decrypted(plain, packets, DH_LOG + ppks[:1]) == intermediate + [(False,)] * 2


def resumed_session(ticket_kind=TICKET_LT_OPAQUE, proof=None):
    """A session that gives out a ticket, and one that comes back with it."""
    packets = []
    ticket = b"the state of the session, encrypted by the responder"
    old, keys = begin(packets)
    given = ticket if ticket_kind == TICKET_OPAQUE else b"\0\0\x0e\x10" + ticket
    old.authenticate(keys, ([(NOTIFY, notify(TICKET_REQUEST))], [(NOTIFY, notify(ticket_kind, given))]))

    new = Session(b"backagai", b"welcomes", packets)
    new_ni, new_nr = b"I" * 32, b"R" * 32
    new.open_(IKE_SESSION_RESUME, [(NONCE, new_ni), (NOTIFY, notify(TICKET_OPAQUE, ticket))], [(NONCE, new_nr)])
    new_keys = Keys(prf(keys.d, b"Resumption" + new_ni + new_nr), new.spis(), new_ni + new_nr)
    for way, identity, sk_p in ((0, IDI, new_keys.pi), (RESPONSE, IDR, new_keys.pr)):
        data = proof or prf(sk_p, new.signed[way])
        new.encrypt(IKE_AUTH, way, [(identity, ID[identity]), (AUTH, b"\x02\0\0\0" + data)], new_keys)
    return packets, keys


@pytest.mark.parametrize("kind", [TICKET_LT_OPAQUE, TICKET_OPAQUE])
def test_a_resumed_session_opens_with_the_old_ones_secret(plain, kind):
    packets, _ = resumed_session(kind)
    assert decrypted(plain, packets, DH_LOG) == [(True, "PSK matches")] * 2 + [(True, "Session resumption matches")] * 2


def test_a_wrong_proof_of_resumption_is_told(plain):
    packets, _ = resumed_session(proof=bytes(32))
    assert decrypted(plain, packets, DH_LOG)[-2:] == [(True, "Session resumption does not match")] * 2
