# SPDX-License-Identifier: GPL-2.0-or-later
"""Sends a capture over a link of its own while a command captures there and the key log grows. To be
run as root inside a network namespace of its own (unshare --net); test_modes.py does.

    replay_live.py CAPTURE LOG GROWING -- COMMAND...     INTERFACE in COMMAND is replaced

The packets of the capture go out slowly. LOG is copied to GROWING in two pieces, cut in the middle of
a line: the first behind the second packet, the other behind the third.
"""
import socket
import struct
import subprocess
import sys
import time

INTERVAL = 1.0  # seconds; the plugin looks at the key log twice a second


def packets(path):
    """The frames of an Ethernet pcap."""
    with open(path, "rb") as file:
        raw = file.read()
    assert struct.unpack_from("<I", raw)[0] == 0xA1B2C3D4 and struct.unpack_from("<I", raw, 20)[0] == 1
    at = 24
    while at < len(raw):
        length = struct.unpack_from("<I", raw, at + 8)[0]
        yield raw[at + 16:at + 16 + length]
        at += 16 + length


def make_link():
    """Two ends of a wire: (where to send, where to capture); the loopback where the kernel has no veth."""
    if subprocess.run(["ip", "link", "add", "wire0", "type", "veth", "peer", "name", "wire1"],
                      capture_output=True, check=False).returncode:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return "lo", "lo"
    for name in ("wire0", "wire1"):
        subprocess.run(["ip", "link", "set", name, "up"], check=True)
    return "wire0", "wire1"


def grow(path, raw):
    with open(path, "ab") as file:
        file.write(raw)
    time.sleep(INTERVAL)


def main():
    capture, log, growing, dashes, *command = sys.argv[1:]
    assert dashes == "--"
    sending, capturing = make_link()
    command = [capturing if word == "INTERFACE" else word for word in command]
    with open(log, "rb") as file:
        secrets = file.read()
    half = len(secrets) // 2
    with subprocess.Popen(command, stderr=subprocess.PIPE) as tshark:
        for line in tshark.stderr:
            sys.stderr.buffer.write(line)
            if b"Capturing on" in line:
                break
        time.sleep(INTERVAL)  # dumpcap has said so before it listens
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as link:
            link.bind((sending, 0))
            for number, packet in enumerate(packets(capture), 1):
                link.send(packet)
                if number == 2:
                    grow(growing, secrets[:half])
                elif number == 3:
                    grow(growing, secrets[half:])
                time.sleep(0.05)
        sys.stderr.buffer.write(tshark.stderr.read())
    sys.exit(tshark.returncode)


if __name__ == "__main__":
    main()
