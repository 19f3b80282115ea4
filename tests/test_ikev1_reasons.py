# SPDX-License-Identifier: GPL-2.0-or-later
"""IKEv1: why a message is not decrypted, each reason by its own expert info; what is forged, too short or not
a multiple of the block size harms nothing that comes after it."""
import hashlib
import struct

import pytest

import packets as p
from ikev1_sessions import ENCRYPTED, HEADER, Messages, cookie, frames_of, rows_of, shown, truth_of, with_cookies
from tshark import TESTDATA, Tshark, tables_of

EXPERTS = ["isakmp.enc.no_key", "isakmp.enc.no_suite", "isakmp.enc.wrong_key", "isakmp.enc.key_length",
           "isakmp.enc.no_cipher", "isakmp.enc.iv.not_enough_data", "isakmp.enc_data_length_mult_block_size",
           "isakmp.enc.no_iv", "isakmp.enc.partial", "isakmp.enc.cut"]
WRONG = "0123456789abcdef" * 4


def reasons(tshark, frames):
    """For each frame (is it encrypted, expert infos, the reason in words)."""
    got = tshark.fields(p.pcap(frames, link=1), ["isakmp.flag_e", "_ws.expert.message", *EXPERTS])
    return [(fields["isakmp.flag_e"] in (["1"], ["True"]), {name for name in EXPERTS if fields[name]},
             " ".join(fields["_ws.expert.message"])) for fields in got]


def encrypted_reasons(frames, table):
    """(expert infos, words) of each encrypted message."""
    with Tshark(tables={"ikev1_decryption_table": table} if table else {}) as tshark:
        return [(experts, words) for encrypted, experts, words in reasons(tshark, frames) if encrypted]


def row(name, key=None):
    spi, right = rows_of(name)[0]
    return f"{spi.hex()},{key or right}\n"


def with_key_of(raw):
    return lambda name: row(name, WRONG[:2 * raw])


WHY = [
    # Of AES-128: no key of any SA, which is no expert info of each message; a wrong key.
    ("main-psk", lambda name: "", slice(None), "isakmp.enc.no_key", ""),
    ("main-psk", with_key_of(16), slice(None), "isakmp.enc.wrong_key", "invalid plaintext (wrong key?)"),
    # Of AES-256 with SHA-256: too short for the cipher and for SKEYID_e.
    ("main-psk-pfs", with_key_of(16), slice(None), "isakmp.enc.key_length", "Invalid key length"),
    # The capture begins with message 5, and the key is not the right one, so that nothing can be tried out.
    ("main-psk", with_key_of(16), slice(4, None), "isakmp.enc.no_suite", "their negotiation is not in the capture"),
    # The capture begins with message 4: algorithms are tried out, but the first block needs what is lost.
    ("main-psk", row, slice(3, 6), "isakmp.enc.partial", "the first 16 bytes are not decrypted"),
]


@pytest.mark.parametrize("name, table, part, expert, words", WHY)
def test_each_reason_has_its_expert_info(name, table, part, expert, words):
    got = encrypted_reasons(frames_of(name)[part], table(name))
    if expert == "isakmp.enc.partial":
        got = got[:1]
    assert got
    for experts, said in got:
        assert experts == {expert} and words in said, (experts, said)


def test_a_missing_legacy_provider_is_said(monkeypatch, tmp_path):
    """Blowfish and CAST live in OpenSSL's legacy provider, which a system may lack."""
    monkeypatch.setenv("OPENSSL_MODULES", str(tmp_path))
    for name in ("blowfish128-sha1", "cast128-sha1", "des-sha1"):
        for experts, said in encrypted_reasons(frames_of(name), row(name)):
            assert experts == {"isakmp.enc.no_cipher"} and "legacy provider" in said, (name, experts, said)


def test_a_cut_capture_is_said():
    frames = frames_of("main-psk")
    encrypted = [i for i, frame in enumerate(frames) if Messages().of(frame)[19] & ENCRYPTED]
    data = bytearray(p.pcap(frames[:encrypted[0] + 1], link=1))
    end = 20  # the last frame is longer on the wire than in the file
    last = len(frames[encrypted[0]])
    data[-last - 8:-last - 4] = struct.pack("<I", last - end)
    with Tshark(tables={"ikev1_decryption_table": row("main-psk")}) as tshark:
        got = tshark.fields(bytes(data[:-end]), ["isakmp.enc.cut", "isakmp.enc.decrypted"])
    assert got[-1]["isakmp.enc.cut"] and not got[-1]["isakmp.enc.decrypted"]


# ---- hostile ------------------------------------------------------------------------------------------


def forged(frame, body, number=None, exchange=None, first=None):
    """The frame with another encrypted body, its lengths right."""
    at = frame.index(Messages().of(frame))
    header = bytearray(frame[at:at + HEADER])
    if number is not None:
        header[20:24] = struct.pack(">I", number)
    header[16] = header[16] if first is None else first
    header[18] = header[18] if exchange is None else exchange
    header[24:28] = struct.pack(">I", HEADER + len(body))
    head, udp = bytearray(frame[:at]), 14 + 20
    head[16:18] = struct.pack(">H", at - 14 + HEADER + len(body))
    head[udp + 4:udp + 6] = struct.pack(">H", at - udp + HEADER + len(body))
    return bytes(head) + bytes(header) + body


def noise(length, seed=b""):
    raw = b""
    while len(raw) < length:
        seed = hashlib.sha256(seed).digest()
        raw += seed
    return raw[:length]


def attacks(frame, block):
    """Bodies that no peer sends, with the message ID at hand, none and a new one."""
    number = struct.unpack(">I", Messages().of(frame)[20:24])[0]
    for length in (0, 1, block - 1, block + 1, block, 2 * block, 64 + 3, 8 * block):
        for mid in {number, 0, 0x5EED0000 + length}:
            yield forged(frame, noise(length, bytes([length])), mid, exchange=5 if mid > 0x5EED0000 else None)
    body = Messages().of(frame)[HEADER:]
    yield forged(frame, noise(block) + body[block:], number)  # another first block
    yield forged(frame, body[:-block] + noise(block), number)  # another last block
    yield forged(frame, body[:-block], number)
    yield forged(frame, body + body, number)


@pytest.mark.parametrize("name", ["main-psk", "3des-sha1", "aggressive-psk", "xauth-psk-pull"])
def test_what_is_forged_leaves_the_chain_alone(name):
    """Attacks before each encrypted message, and again behind it: the message is decrypted to what the daemon sent."""
    frames = frames_of(name)
    truth = truth_of(name)
    block = len(next(iter(truth.iv.values()))) // 2
    table, played, expected = "", [], []
    for number, target in enumerate(i for i, frame in enumerate(frames) if Messages().of(frame) in truth.iv):
        cookies = {old: cookie(old, number) for old, _ in truth.rows}
        table += "".join(f"{cookies[old].hex()},{key}\n" for old, key in truth.rows)
        for i, frame in enumerate(frames):
            forgeries = list(attacks(frame, block)) if i == target else []
            for one, message in [(f, None) for f in forgeries] + [(frame, Messages().of(frame))] + [
                    (f, None) for f in forgeries[-12:]]:
                played.append(with_cookies(one, cookies, number))
                expected.append(truth.iv.get(message))
    with Tshark(tables={"ikev1_decryption_table": table}) as tshark:
        got = shown(tshark, played)
        words = reasons(tshark, played)
    for i, (iv, (shown_iv, partly, _)) in enumerate(zip(expected, got)):
        assert iv is None or (shown_iv == iv and not partly), (i, iv, shown_iv, words[i])
    invalid = [said for (encrypted, experts, said), iv in zip(words, expected)
               if encrypted and iv is None and "isakmp.enc.wrong_key" in experts]
    assert invalid and any("with the keys of this SA" in said for said in invalid)
    short = [experts for encrypted, experts, _ in words if "isakmp.enc.iv.not_enough_data" in experts]
    uneven = [experts for encrypted, experts, _ in words if "isakmp.enc_data_length_mult_block_size" in experts]
    assert short and uneven


def test_a_flood_of_altered_copies_does_not_wash_the_chain_away():
    """Copies whose last block is another open like the message itself, where no HASH can be checked."""
    frames, name = frames_of("main-psk"), "main-psk"
    truth = truth_of(name)
    played, right = [], []
    for frame in frames:
        message = Messages().of(frame)
        played.append(frame)
        right.append(truth.iv.get(message))
        if right[-1]:
            copies = [forged(frame, message[HEADER:-16] + noise(16, bytes([i]))) for i in range(40)]
            played += copies
            right += [None] * len(copies)
    with Tshark(tables={"ikev1_decryption_table": row(name)}) as tshark:
        for iv, (got, partly, _) in zip(right, shown(tshark, played)):
            assert iv is None or (got == iv and not partly)


def test_a_known_key_and_a_short_message_then_a_new_message_id():
    """What made others crash: fewer bytes than a block under a known key, then another message ID."""
    frames, played, table = frames_of("main-psk"), [], ""
    truth = truth_of("main-psk")
    for length in range(0, 34):
        cookies = {old: cookie(old, 500 + length) for old, _ in truth.rows}
        table += "".join(f"{cookies[old].hex()},{key}\n" for old, key in truth.rows)
        short = [forged(frames[4], noise(length), number, exchange=5, first=8) for number in (0, 77, 78)]
        played += [with_cookies(frame, cookies, length) for frame in frames[:4] + short + frames[4:6] + short + frames[6:]]
    with Tshark(tables={"ikev1_decryption_table": table}) as tshark:
        got = shown(tshark, played)
    each = len(frames) + 6
    right = [truth.iv.get(Messages().of(frame)) for frame in frames]
    for i in range(0, len(got), each):
        one = got[i:i + each]
        assert [iv for iv, _, _ in one[:4] + one[7:9] + one[12:]] == right, i // each


# ---- both passes, both versions -----------------------------------------------------------------------


def test_one_filter_finds_what_is_open_in_both_versions_and_passes():
    with Tshark(tables=tables_of("ikev1", "ikev2")) as tshark:
        files = [TESTDATA / "ikev1" / "main-psk.pcap", TESTDATA / "ikev2" / "psk-aes-cbc.pcap",
                 TESTDATA / "ikev1" / "no-answer.pcap"]
        merged = tshark.merged(files)
        names = ["frame.number", "isakmp.flag_e", "isakmp.enc.decrypted", "isakmp.enc.contained", "isakmp.typepayload"]
        once = tshark.fields(merged, names)
        assert once == tshark.fields(merged, names, None, "-2")
        encrypted = [fields for fields in once if fields["isakmp.flag_e"] in (["1"], ["True"])
                  or "46" in fields["isakmp.typepayload"]]
        numbers = [int(fields["frame.number"][0]) for fields in encrypted]
        assert len(numbers) > 8
        for name in ("isakmp.enc.decrypted", "isakmp.enc.contained"):
            assert tshark.frames(merged, name) == numbers
            assert tshark.frames(merged, name, "-2") == numbers
    with Tshark() as tshark:
        assert tshark.frames(merged, "isakmp.enc.decrypted || isakmp.enc.contained") == []
        assert tshark.frames(merged, "isakmp.enc.no_key") == numbers
