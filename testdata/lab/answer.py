# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts another notify into the IKE_AUTH response of a recording, encrypted with the keys of the log, for an error that
no daemon of the lab sends."""
import hashlib
import hmac
import struct
import subprocess

import capture

ETHERNET, IP, UDP, IKE = 14, 20, 8, 28
IKE_AUTH, NOTIFY, SK, ICV, IV = 35, 41, 46, 16, 16


def aes_cbc(direction, key, iv, octets):
    """openssl does it, without padding of its own."""
    command = [
        "openssl",
        "enc",
        direction,
        "-aes-256-cbc",
        "-nopad",
        "-K",
        key.hex(),
        "-iv",
        iv.hex(),
    ]
    return subprocess.run(command, input=octets, capture_output=True, check=True).stdout


def change(plain, first, old, new):
    """The payload chain with the type of one notify changed."""
    out, at, payload = bytearray(plain), 0, first
    while payload:
        following, _, length = struct.unpack_from("!BBH", plain, at)
        if payload == NOTIFY and struct.unpack_from("!H", plain, at + 6)[0] == old:
            struct.pack_into("!H", out, at + 6, new)
            return bytes(out)
        at, payload = at + length, following
    raise ValueError(f"there is no notify {old}")


def reseal(message, keys, old, new):
    """An IKE message of AES-CBC-256 and HMAC-SHA-256-128 with its notify changed."""
    first = message[IKE]
    iv, encrypted = message[IKE + 4 : IKE + 4 + IV], message[IKE + 4 + IV : -ICV]
    key, mac = bytes.fromhex(keys["sk_er"]), bytes.fromhex(keys["sk_ar"])
    plain = change(aes_cbc("-d", key, iv, encrypted), first, old, new)
    body = message[: IKE + 4 + IV] + aes_cbc("-e", key, iv, plain)
    return body + hmac.new(mac, body, hashlib.sha256).digest()[:ICV]


def replace_notify(path, keys, old, new):
    """Rewrites the capture PATH up to the changed response; what the daemons said after it is left out."""
    packets = []
    for *time, frame in capture.read(path):
        at = ETHERNET + IP + UDP
        head = frame[at : at + IKE]
        answers = len(head) == IKE and head[16] == SK and head[18] == IKE_AUTH and head[19] & 0x20
        if answers:
            message = reseal(frame[at:], keys, old, new)
            frame = frame[: at - 2] + b"\0\0" + message  # a UDP checksum of zero is none
        packets.append((*time, frame))
        if answers:
            break
    capture.write(path, packets)
