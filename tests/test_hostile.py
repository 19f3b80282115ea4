# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures that are truncated, mutated and forged, under the sanitizers where they were built: no crash, no
endless loop, no message of the program itself."""
import os
import random
import struct
import subprocess

import pytest

from packets import pcap
from tshark import TESTDATA, Tshark, captures, tables_of

SEEDS = ["ikev2/psk-aes-cbc", "ikev2/cert-rsa", "ikev2/psk-aes-gcm", "ikev1/main-psk"]


@pytest.fixture(scope="module")
def checked():
    """The sanitized plugin when there is one, else the usual one."""
    folder = os.environ.get("IKE_SANITIZED_PLUGIN_DIR")
    tshark = Tshark(tables=tables_of("ikev1", "ikev2"), plugins=folder)
    tshark.sanitized = bool(folder)
    yield tshark
    tshark.close()


def packets_of(capture):
    """(link type, packets) of a classic pcap file."""
    data = capture.read_bytes()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    link = struct.unpack(order + "I", data[20:24])[0]
    packets, offset = [], 24
    while offset + 16 <= len(data):
        length = struct.unpack(order + "I", data[offset + 8:offset + 12])[0]
        packets.append(data[offset + 16:offset + 16 + length])
        offset += 16 + length
    return link, packets


def survive(tshark, raw, *arguments):
    environment = tshark.environment()
    if tshark.sanitized:
        library = os.popen("cc -print-file-name=libasan.so").read().strip()
        ubsan = os.popen("cc -print-file-name=libubsan.so").read().strip()
        environment.update(LD_PRELOAD=f"{library} {ubsan}",
                           ASAN_OPTIONS="detect_leaks=0:allocator_may_return_null=1")
    result = subprocess.run(tshark.command("-r", tshark.place(raw), "-n", "-2", "-V", *arguments), env=environment,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=300, check=False)
    errors = result.stderr.decode(errors="replace")
    assert result.returncode == 0, errors[-3000:]
    for word in ("Sanitizer", "runtime error", "Dissector bug", "ERROR", "assert"):
        assert word not in errors, errors[-3000:]


@pytest.mark.parametrize("family", ["ikev1", "ikev2", "multiple-ke", "esp", "libreswan", "openiked"])
def test_all_captures_of_the_lab(checked, family):
    """With all their logs as the key log, so that everything is decrypted."""
    logs = b"".join(log.read_bytes() + b"\n" for log in sorted((TESTDATA / family).glob("*.log")))
    survive(checked, checked.merged(captures(family)),
            "-o", f"isakmp.keylog_file:{checked.place(logs, 'daemons.log')}")


@pytest.mark.parametrize("seed", SEEDS)
def test_cut_at_every_byte(checked, seed):
    link, packets = packets_of(TESTDATA / (seed + ".pcap"))
    truncated = []
    for packet in packets[:4]:
        truncated += packets[:2] + [packet[:length] for length in range(42, len(packet), 1 if len(packet) < 500 else 7)]
    survive(checked, pcap(truncated, link=link))


@pytest.mark.parametrize("seed", SEEDS)
def test_bits_flipped(checked, seed):
    link, packets = packets_of(TESTDATA / (seed + ".pcap"))
    chance = random.Random(seed)
    mutated = []
    for _ in range(60):
        for packet in packets[:6]:
            raw = bytearray(packet)
            for _ in range(chance.choice((1, 1, 2, 8))):
                raw[chance.randrange(42, len(raw))] ^= 1 << chance.randrange(8)
            mutated.append(bytes(raw))
    survive(checked, pcap(mutated, link=link))


@pytest.mark.parametrize("seed", SEEDS)
def test_lengths_of_every_size(checked, seed):
    link, packets = packets_of(TESTDATA / (seed + ".pcap"))
    mutated = []
    for packet in packets[:2]:
        for offset in range(42 + 28, min(len(packet) - 4, 42 + 28 + 120), 4):
            for length in (0, 1, 3, 4, 5, 7, 8, 255, 256, 0x7fff, 0x8000, 0xffff):
                raw = bytearray(packet)
                raw[offset + 2:offset + 4] = struct.pack("!H", length)
                mutated.append(bytes(raw))
    survive(checked, pcap(mutated, link=link))
