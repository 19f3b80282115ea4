# SPDX-License-Identifier: GPL-2.0-or-later
"""The ICV of AH (RFC 4302) is verified where the key is known: by negotiation, by key logs, by group policy."""
import json
import struct

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import group_sessions as g
import packets as p
from group_sessions import AhKey, ah4, ah6
from test_gikev2_keys import flipped
from tshark import TESTDATA

KEY, SPI = g.fixed("ah key", 32), 0x0a0b0c0d
LOG = f"AH_KEY 0x{SPI:08x} HMAC_SHA2_256_128 {KEY.hex()}\n"
NAMES = ("frame.number", "isakmp.ah.icv_good", "isakmp.ah.icv_bad", "isakmp.ah.icv", "isakmp.enc.key_source", "udp.port", "ah.spi")


def read(tshark, frames, log=LOG, names=NAMES):
    option = "isakmp.keylog_file:" + tshark.place(log.encode(), "ah.log")
    return tshark.fields(p.pcap(frames), list(names), None, "-o", option)


def results(tshark, frames, log=LOG):
    """True, False, or None where the ICV is not verified."""
    return [found["isakmp.ah.icv_good"][0] in ("1", "True") if found["isakmp.ah.icv_good"] else None
            for found in read(tshark, frames, log)]


def packet(text="hello"):
    return g.inner(text)


def hop_by_hop(following):
    """A router alert, which stays, an option that may change, and padding (RFC 8200 4.2)."""
    return bytes([following, 1, 5, 2, 0, 0, 0x3e, 4, 1, 2, 3, 4, 0, 0, 0, 0]), bytes([following, 1, 5, 2, 0, 0, 0x3e, 4, 0, 0, 0, 0, 0, 0, 0, 0])


def routing(following, left, *route):
    return bytes([following, 2 * len(route), 0, left, 0, 0, 0, 0]) + b"".join(p.ipaddress.ip_address(a).packed for a in route)


def test_what_may_change_on_the_way(plain):
    """DSCP, TTL, flags, checksum, options and extension headers (RFC 4302 appendix A)."""
    key = AhKey(SPI, KEY)
    alert, record = bytes([148, 4, 0, 0]), bytes([7, 7, 4, 1, 2, 3, 4, 0])    # the last byte ends the list
    source_route = bytes([131, 7, 4, 10, 9, 9, 9, 1])
    inner6 = p.ip(17, struct.pack("!HHHH", 40000, 40001, 13, 0) + b"hello", "fd01::1", "fd01::2")
    sent, kept = hop_by_hop(51)
    ahead, arrived = routing(51, 1, "fd00::9", "fd00::2"), routing(51, 0, "fd00::9", "fd00::8")
    frames = [
        ah4(key, 1, packet()), ah4(AhKey(SPI, KEY, align=4), 2, packet()), ah4(key, 3, packet(), dscp=0, ttl=1),
        ah4(key, 4, packet()[20:], following=17), ah4(key, 5, packet(), options=alert, kept=alert),
        ah4(key, 6, packet(), options=record, kept=bytes(8)),
        ah4(key, 7, packet(), options=source_route, kept=bytes(7) + b"\1", final="10.9.9.9"),
        ah6(key, 8, inner6), ah6(key, 9, inner6, before=sent, kept=kept, first=0),
        ah6(key, 10, inner6, destination="fd00::8", before=ahead, kept=arrived, first=43, final="fd00::2"),
        ah6(key, 11, inner6, before=routing(51, 0, "fd00::9"), kept=routing(51, 0, "fd00::9"), first=43),
    ]
    assert results(plain, frames) == [True] * len(frames)
    shown = read(plain, frames)
    assert all(found["udp.port"] for found in shown) and all(len(found["ah.spi"]) == 1 for found in shown)
    assert {found["isakmp.enc.key_source"][0].split(" (")[1] for found in shown} == {"AH key, HMAC_SHA2_256_128 [RFC4868])"}


def test_what_may_not_change(plain):
    good = ah4(AhKey(SPI, KEY), 1, packet())
    places = {"identification": 5, "source": 15, "destination": 19, "next header": 20, "reserved": 22, "sequence": 31, "ICV": 32 + 4,
              "padding": 32 + 18, "payload": len(good) - 1}
    frames = [good, *(flipped(good, at) for at in places.values())]
    assert results(plain, frames) == [True] + [False] * len(places)
    text = plain.text(p.pcap(frames), "-o", "isakmp.keylog_file:" + plain.place(LOG.encode(), "ah.log"), "-Y", "isakmp.ah.icv")
    assert text.count("[Expert Info (Warning/Checksum): AH ICV does not verify: modified on the way (by a NAT?) or forged]") == len(places)
    assert text.count("[incorrect]") == len(places)


def test_reassembled_packets(plain):
    """The ICV covers the whole packet (RFC 4302 3.3.4)."""
    whole = ah4(AhKey(SPI, KEY), 1, packet("x" * 300))
    pieces = list(g.fragments4(whole, 160))
    assert len(pieces) == 3 and results(plain, pieces) == [None, None, True]
    assert results(plain, [*pieces[:-1], flipped(pieces[-1], 25)]) == [None, None, False]


def fragments6(packet, before, size):
    """The packet in IPv6 fragments; `before`: bytes of extension headers that every fragment has (RFC 8200 4.5)."""
    head, kept, body = packet[:40], packet[40:40 + before], packet[40 + before:]
    for at in range(0, len(body), size):
        piece = body[at:at + size]
        header = struct.pack("!BBHI", 51, 0, at | (at + size < len(body)), 0x77aa0000 | before)
        first, others = (head[6], bytes([44]) + kept[1:]) if before else (44, b"")
        yield head[:4] + struct.pack("!HB", before + 8 + len(piece), first) + head[7:] + others + header + piece


def test_reassembled_packets_of_ipv6(plain):
    """The fragment header is no part of the packet that the ICV covers (RFC 4302 3.3.4)."""
    options = bytes([51, 0, 1, 4, 0, 0, 0, 0])
    inner = p.udp(b"x" * 300, "fd00::a", "fd00::b", 40000, 40001)
    alone = list(fragments6(g.ah6(AhKey(SPI, KEY), 1, inner), 0, 160))
    behind = list(fragments6(g.ah6(AhKey(SPI, KEY), 2, inner, before=options, kept=options, first=0), 8, 160))
    assert results(plain, [*alone, *behind]) == [None, None, True] * 2
    assert results(plain, [*behind[:-1], flipped(behind[-1], 70)]) == [None, None, False]


class AhGmac(AhKey):
    """AES-GMAC (RFC 4543 3.3): the ICV field holds an IV of 8 bytes and the tag; the key ends with the salt."""

    def __init__(self, spi, bits, counts_iv):
        super().__init__(spi, g.fixed(f"gmac {bits}", bits // 8 + 4), icv=24)
        self.counts_iv = counts_iv

    def __call__(self, covered_ip, following, sequence, payload, high=None):
        iv = struct.pack("!Q", sequence)
        clear = self.header(following, sequence, (iv if self.counts_iv else bytes(8)) + bytes(16))
        data = covered_ip(len(clear) + len(payload)) + clear + payload + (struct.pack("!I", high) if high is not None else b"")
        tag = AESGCM(self.key[:-4]).encrypt(self.key[-4:] + iv, b"", data)
        return self.header(following, sequence, iv + tag) + payload


@pytest.mark.parametrize("counts_iv", [False, True])
def test_aes_gmac(plain, counts_iv):
    """Whether the IV counts as it is or as zeros can be read both ways."""
    frames, log = [], ""
    for bits in (128, 192, 256):
        key = AhGmac(0x3000 + bits, bits, counts_iv)
        frames += [ah4(key, 1, packet()), ah4(key, 2, packet()), flipped(ah4(key, 3, packet()), 70),
                   g.ah6(key, 4, p.udp(b"six", "fd00::a", "fd00::b", 40000, 40001))]
        log += f"AH_KEY 0x{key.spi:08x} AES_{bits}_GMAC {key.key.hex()}\n"
    assert results(plain, frames, log) == [True, True, False, True] * 3


ALGORITHMS = [("HMAC_MD5_96", "md5", 16, 12), ("HMAC_SHA1_96", "sha1", 20, 12), ("HMAC_SHA2_384_192", "sha384", 48, 24),
              ("HMAC_SHA2_512_256", "sha512", 64, 32), ("HMAC_SHA2_256_128", "sha256", 32, 12)]


def test_algorithms_and_extended_sequence_numbers(plain):
    """The last one has HMAC-SHA-256 truncated to 96 bits, as by old kernels."""
    frames, log = [], ""
    for number, (name, digest, length, icv) in enumerate(ALGORITHMS):
        key = AhKey(0x1000 + number, g.fixed(name, length), digest, icv)
        frames += [ah4(key, 7, packet()), ah4(key, 8, packet())]
        log += f"AH_KEY 0x{key.spi:08x} {name} {key.key.hex()}\n"
    for spi, option, high in ((0x2000, "esn ", 3), (0x2001, "", 1), (0x2002, "no-esn ", None)):
        frames.append(ah4(AhKey(spi, KEY), 9, packet(), high=high))
        log += f"AH_KEY 0x{spi:08x} {option}HMAC_SHA2_256_128 {KEY.hex()}\n"
    frames.append(ah4(AhKey(0x2003, KEY), 9, packet(), high=1))
    log += f"AH_KEY 0x00002003 no-esn HMAC_SHA2_256_128 {KEY.hex()}\n"
    assert results(plain, frames, log) == [True] * (len(frames) - 1) + [False]


FORMS = {
    "ip xfrm state": "src 10.9.0.1 dst 10.9.0.2\n\tproto ah spi 0x{spi:08x} reqid 1 mode tunnel\n\treplay-window 32\n"
                     "\tauth-trunc hmac(sha256) 0x{key} 128\n\tanti-replay context: seq 0x0, oseq 0x0, bitmap 0x00000000\n",
    "ip xfrm state add": "ip xfrm state add src 10.9.0.1 dst 10.9.0.2 proto ah spi 0x{spi:x} mode transport auth-trunc 'hmac(sha256)' 0x{key} 128\n",
    "setkey -D": "10.9.0.1 10.9.0.2 \n\tah mode=tunnel spi={spi}(0x{spi:08x}) reqid=0(0x00000000)\n\tA: hmac-sha256  {key}\n"
                 "\tseq=0x00000000 replay=4 flags=0x00000000 state=mature \n",
    "setkey -f": "add 10.9.0.1 10.9.0.2 ah 0x{spi:x} -m tunnel -A hmac-sha256 0x{key};\n",
    "libreswan": "| AH KEYMAT\n|   inbound:\n{other}|   outbound:\n{rows}"
                 "\"a\" #2: IPsec SA established transport mode {{AH=>0x{spi:08x} <0x11223344 xfrm=HMAC_SHA2_256_128 DPD=passive}}\n",
    "no algorithm": "AH_KEY 0x{spi:08x} - {key}\nAH_KEY 0x{spi:08x} HMAC_SHA2_256_128 " + "11" * 32 + "\n",
    "no SPI": "AH_KEY - HMAC_SHA2_256_128 {key}\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_key_logs(plain, form):
    def rows(key):
        return "".join(f"|   {key[at:at + 16].hex(' ')}\n" for at in (0, 16))

    log = FORMS[form].format(spi=SPI, key=KEY.hex(), rows=rows(KEY), other=rows(bytes(32)))
    assert results(plain, [ah4(AhKey(SPI, KEY), 1, packet())], log) == [True]


def test_why_it_is_not_verified(plain):
    frames = [ah4(AhKey(SPI, KEY), 1, packet()), ah4(AhKey(SPI + 1, KEY), 1, packet())]
    log = LOG.replace(KEY.hex(), "22" * 32)
    option = "isakmp.keylog_file:" + plain.place(log.encode(), "ah.log")
    first, second = plain.text(p.pcap(frames), "-o", option).split("Frame 2:")
    assert "AH ICV does not verify: wrong key, or modified on the way" in first
    assert "Not verified: No key for this SA" in second and "isakmp.ah" not in second
    assert plain.frames(p.pcap(frames), "isakmp.ah.no_key || isakmp.ah.icv") == []


# ---- keys of negotiations ---------------------------------------------------------------------------------------------


def test_negotiated_by_a_daemon(plain):
    """charon's session with AH: the packets are made with the keys that it logged, which the plugin derives."""
    path = TESTDATA / "ikev2" / "ah.pcap"
    with open(path.with_suffix(".facts.json")) as file:
        child = json.load(file)["sides"]["initiator"]["child_sas"][0]
    data, offset, messages = path.read_bytes(), 24, []
    while offset < len(data):
        size = struct.unpack("<I", data[offset + 8:offset + 12])[0]
        messages.append(data[offset + 16:offset + 16 + size])
        offset += 16 + size
    ways = [(child["spi_in"], "10.9.0.2", "10.9.0.1"), (child["spi_out"], "10.9.0.1", "10.9.0.2")]
    packets = []
    for spi, source, destination in ways:
        key = AhKey(int(spi, 16), bytes.fromhex(child["esp"][spi]["integrity"]))
        packets += [ah4(key, number, packet(), source, destination) for number in (1, 2)]
    packets.append(flipped(packets[-1], len(packets[-1]) - 1))
    ethernet = [messages[0][:14] + made for made in packets]
    log = path.with_suffix(".initiator.log").read_text(errors="replace")
    exchanges = "".join(line for line in log.splitlines(True) if "AH SA" not in line and "integrity" not in line.lower())
    for text in (log, exchanges):
        option = "isakmp.keylog_file:" + plain.place(text.encode(), "ah.log")
        frames = p.pcap([*messages[:4], *ethernet, *messages[4:]], link=1)
        found = plain.fields(frames, ["isakmp.ah.icv_good", "isakmp.child"], "ah", "-o", option)
        assert [frame["isakmp.ah.icv_good"][0] in ("1", "True") for frame in found] == [True] * 4 + [False]
        assert all(frame["isakmp.child"] for frame in found)
        keys = plain.run(frames, "-q", "-o", option, "-z", "isakmp,keys")
        assert f"AH_KEY 0x{child['spi_in']} HMAC_SHA2_256_128 {child['esp'][child['spi_in']]['integrity']}" in keys
        again = "isakmp.keylog_file:" + plain.place(keys.encode(), "again.log")
        alone = sorted(line for line in keys.splitlines() if line.startswith("AH_KEY"))
        only = "isakmp.keylog_file:" + plain.place("\n".join(alone).encode(), "only.log")
        assert sorted(plain.run(p.pcap(ethernet, link=1), "-q", "-o", only, "-z", "isakmp,keys").splitlines()) == alone
        assert len(plain.frames(frames, "isakmp.ah.icv_good == 1", "-o", again)) == 4
        report = " ".join(plain.run(frames, "-q", "-o", option, "-z", "isakmp,report").split())
        assert "had a wrong ICV (forged or damaged)" in report


@pytest.mark.parametrize("bundle", [False, True], ids=["AH", "AH and ESP"])
def test_of_quick_mode(plain, bundle):
    """KEYMAT is named by protocol and SPI (RFC 2409 5.5); of a bundle AH has keys of its own (RFC 2408 4.2)."""
    member = g.MemberV1()

    def proposals(spis):
        ah = p.proposal_v1(1, 2, spis[2], [(5, p.tv(4, 2) + p.tv(5, 5))], last=not bundle)
        return [ah, p.proposal_v1(1, 3, spis[3], [(12, p.tv(4, 2) + p.tv(5, 2) + p.tv(6, 128))])] if bundle else [ah]

    begin = member.main_mode()
    frames, keymat = member.quick(proposals)
    ways = [("10.9.0.2", "10.9.0.1"), ("10.9.0.1", "10.9.0.2")]    # to the initiator, to the responder
    packets = []
    for (source, destination), (protocol, spi) in zip(ways, [key for key in keymat if key[0] == 2]):
        key = AhKey(int.from_bytes(spi, "big"), keymat[protocol, spi][:32])
        payload, following = packet()[20:], 17
        if bundle:
            spi3 = [key for key in keymat if key[0] == 3][len(packets)][1]
            payload, following = g.esp_cbc(int.from_bytes(spi3, "big"), keymat[3, spi3][:16], keymat[3, spi3][16:36], 1, packet(), "sha1", 12), 50
        packets.append(ah4(key, 1, payload, source, destination, following))
    found = read(plain, [*begin, *frames, *packets], member.log(), (*NAMES, "data.data"))[-2:]
    assert [frame["isakmp.ah.icv_good"][0] in ("1", "True") for frame in found] == [True, True]
    assert [bytes.fromhex(frame["data.data"][0]) for frame in found] == [b"hello"] * 2


@pytest.mark.parametrize("attribute", [2, 3], ids=["TEK_INTEGRITY_KEY", "TEK_SOURCE_AUTH_KEY"])
def test_of_a_group(plain, attribute):
    """TEKs of AH: GDOI names the Authentication Algorithm (RFC 6407 5.4), G-IKEv2 an INTEG transform."""
    gdoi, member = g.MemberV1(), g.Member()
    tek, spi = g.fixed("ah tek", 20), g.fixed("ah tek spi", 4)
    sat = bytes([2, 0]) + g.identity("0.0.0.0") + g.identity(g.GROUP) + bytes([3]) + spi + p.tv(4, 1) + p.tv(5, 2)
    kd = g.kd_gdoi(g.key_packet(1, spi, p.tlv(attribute, tek)))
    keymat, spi2 = g.fixed("ah keymat", 32), g.fixed("ah spi 2", 4)
    policy = g.policy(g.AH, spi2, (3, 12), (5, 2))
    bag = g.part(g.AH, spi2, p.tlv(1, g.wrapped(0, 0, member.gsk_w, keymat)))
    first, second = AhKey(int.from_bytes(spi, "big"), tek, "sha1", 12), AhKey(int.from_bytes(spi2, "big"), keymat)
    frames = [*gdoi.main_mode(), *gdoi.pull(g.sa_gdoi((g.SAT, sat)), kd), ah4(first, 1, packet(), destination=g.GROUP),
              *member.init(), *member.registration([(g.GSA, policy), (g.KD, bag)]), ah4(second, 1, packet(), destination=g.GROUP),
              ah4(second, 1, packet(), "10.9.0.8", g.GROUP), flipped(ah4(second, 2, packet(), destination=g.GROUP), 60)]
    found = results(plain, frames, gdoi.log() + member.log())
    assert [result for result in found if result is not None] == [True, True, True, False]


# ---- hostile ----------------------------------------------------------------------------------------------------------


def test_truncated_and_impossible_headers(plain):
    good = ah4(AhKey(SPI, KEY), 1, packet(), options=bytes([148, 4, 0, 0]), kept=bytes([148, 4, 0, 0]))
    frames = [good[:cut] for cut in range(24, len(good))]
    for length in (0, 1, 2, 5, 7, 255):
        frames.append(good[:25] + bytes([length]) + good[26:])
    for option in (b"\x07\x00\x00\x00", b"\x07\x01\x00\x00", b"\x07\xff\x00\x00", b"\x83\x03\x04\x00", b"\x01\x01\x01\x83", b"\0\0\0\0"):
        frames.append(good[:20] + option + good[24:])
    found = results(plain, [*frames, good])
    assert not any(found[:-1]) and found[-1] is True
    inner6 = p.ip(17, bytes(8), "fd01::1", "fd01::2")
    good6 = ah6(AhKey(SPI, KEY), 1, inner6, before=routing(51, 0, "fd00::9"), kept=routing(51, 0, "fd00::9"), first=43)
    frames6 = [good6[:40 + at] + bytes([value]) + good6[41 + at:] for at in range(8) for value in (0, 1, 2, 3, 51, 255)]
    assert results(plain, [good6, *frames6])[0] is True
    assert "Dissector bug" not in plain.text(p.pcap([*frames, *frames6]), "-o", "isakmp.keylog_file:" + plain.place(LOG.encode(), "ah.log"))
