# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys that a capture carries: tools/inject-keys.py and what Wireshark makes of its blocks."""
import re
import struct
import subprocess
import sys

import pytest

from tshark import ROOT, TESTDATA, Tshark, wireshark_version

SHARED = TESTDATA / "esp" / "aes-gcm.pcap"
LOG = TESTDATA / "esp" / "aes-gcm.initiator.log"
SECRETS, SECRETS_TYPE_IKE = 0x0A, 0x494B454B


def inject(tmp_path, capture, *logs):
    """Runs the program; returns the completed process and the file it was to write."""
    output = tmp_path / "with-keys.pcapng"
    return subprocess.run([sys.executable, ROOT / "tools" / "inject-keys.py", capture, *logs, "-o", output],
                          capture_output=True, text=True, check=False), output


def blocks(data, order="<"):
    """(type, body) of every block of a pcapng."""
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from(order + "II", data, at)
        assert length % 4 == 0 and struct.unpack_from(order + "I", data, at + length - 4)[0] == length
        yield kind, data[at + 8:at + length - 4]
        at += length


def packets(capture):
    """Time and bytes of every packet. IP is disabled, since a plugin that is installed would decrypt and add its bytes."""
    return subprocess.run(["tshark", "-r", capture, "-n", "-x", "-t", "e", "--disable-protocol", "ip"],
                          capture_output=True, check=True).stdout


needs_secrets = pytest.mark.skipif(wireshark_version() < (4, 4), reason="Wireshark hands secrets to plugins from 4.4 on")


def test_pcap_becomes_pcapng_with_the_text(tmp_path):
    done, output = inject(tmp_path, SHARED, LOG)
    assert done.returncode == 0, done.stderr
    secrets = [body for kind, body in blocks(output.read_bytes()) if kind == SECRETS]
    assert len(secrets) == 1
    kind, length = struct.unpack_from("<II", secrets[0])
    assert kind == SECRETS_TYPE_IKE and secrets[0][8:8 + length] == LOG.read_bytes()
    assert packets(output) == packets(SHARED)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("magic, digits", [(0xA1B2C3D4, 6), (0xA1B23C4D, 9)])
def test_every_kind_of_pcap(tmp_path, order, magic, digits):
    header = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, 101)
    packet = b"\x45" + bytes(19)
    one = struct.pack(order + "IIII", 1700000000, 10**digits - 1, len(packet), 60) + packet
    capture = tmp_path / "made.pcap"
    capture.write_bytes(header + one)
    done, output = inject(tmp_path, capture, LOG)
    assert done.returncode == 0, done.stderr
    shown = subprocess.run(["tshark", "-r", output, "-n", "-T", "fields", "-e", "frame.time_epoch", "-e", "frame.len",
                            "-e", "frame.cap_len"], capture_output=True, text=True, check=True).stdout.split()
    assert shown[1:] == ["60", "20"]
    assert shown[0].startswith("1700000000." + "9" * digits) or \
        shown[0] == "2023-11-14T22:13:20." + ("9" * digits).ljust(9, "0") + "Z"


def test_pcapng_keeps_what_it_has(tmp_path):
    plain = tmp_path / "plain.pcapng"
    subprocess.run(["editcap", "-F", "pcapng", SHARED, plain], check=True)
    done, output = inject(tmp_path, plain, LOG, LOG)
    assert done.returncode == 0, done.stderr
    before, after = list(blocks(plain.read_bytes())), list(blocks(output.read_bytes()))
    assert [kind for kind, _ in after[1:3]] == [SECRETS, SECRETS]
    assert after[:1] + after[3:] == before
    assert packets(output) == packets(SHARED)


@pytest.mark.parametrize("data", [b"", b"no capture at all, just text", SHARED.read_bytes()[:50],
                                    b"\x0a\x0d\x0d\x0a\xff\xff\xff\x00\x4d\x3c\x2b\x1a" + bytes(16)])
def test_no_capture_is_said_and_nothing_written(tmp_path, data):
    capture = tmp_path / "bad.pcap"
    capture.write_bytes(data)
    done, output = inject(tmp_path, capture, LOG)
    assert done.returncode == 1 and "bad.pcap" in done.stderr and "Traceback" not in done.stderr
    assert not output.exists()


@needs_secrets
@pytest.mark.parametrize("arguments", [(), ("-2",), ("-M", "3")], ids=["once", "two passes", "sessions reset"])
def test_the_capture_opens_itself(tmp_path, arguments):
    """The pings that the lab sent through the tunnel are there, whenever Wireshark begins again."""
    _, output = inject(tmp_path, SHARED, LOG)
    with Tshark() as tshark:
        result = tshark.raw("-r", tshark.place(output), "-n", *arguments)
        text = result.stdout.decode()
        assert text.count("Echo (ping)") == 6, text
        assert text.count("ESP (SPI") == 0, text


@needs_secrets
def test_the_block_is_named_as_the_source(tmp_path):
    _, output = inject(tmp_path, SHARED, LOG)
    with Tshark() as tshark:
        sources = {source for frame in tshark.fields(output, ["isakmp.enc.key_source"]) for source in frame["isakmp.enc.key_source"]}
        assert sources and all(re.match(r"(keys of the IKE SA from )?Decryption Secrets Block:\d+ \(", source) for source in sources), sources


@needs_secrets
def test_without_the_block_it_stays_shut(tmp_path):
    with Tshark() as tshark:
        assert "Echo (ping)" not in tshark.run(SHARED)


@needs_secrets
def test_a_broken_block_is_warned_of_once(tmp_path):
    log = tmp_path / "cut.log"
    log.write_text("IKEV2_SK_EI 0123456789abcdef fedcba9876543210 00112\n")
    _, output = inject(tmp_path, SHARED, log)
    with Tshark() as tshark:
        result = tshark.raw("-r", tshark.place(output), "-n")
        warnings = [line for line in result.stderr.decode().splitlines() if "Decryption Secrets Block" in line]
        assert len(warnings) == 1, result.stderr
        assert result.returncode == 0
