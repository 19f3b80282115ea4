#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A wire between interfaces of one namespace that loses, delays and duplicates IKE and ESP, where the kernel has no netem.

    wire.py DEVICE DEVICE...      settings come as lines on the standard input: "loss=5 delay=20 jitter=30 copies=10 late=900"

loss and copies are per cent, delay, jitter and late milliseconds: a copy comes that much later. What is not IKE or ESP passes at once.
"""
import heapq
import random
import selectors
import socket
import sys
import time

DEFAULTS = {"loss": 0.0, "delay": 0.0, "jitter": 0.0, "copies": 0.0, "late": 0.0}
OUTGOING = 4  # packet type: what we sent ourselves


def impaired(frame):
    """Whether a frame carries IKE or ESP, in UDP or on IPv4."""
    if frame[12:14] != b"\x08\x00":
        return False
    protocol, start = frame[23], 14 + (frame[14] & 15) * 4
    ports = {frame[start : start + 2], frame[start + 2 : start + 4]}
    return protocol == 50 or protocol in (6, 17) and bool(ports & {b"\x01\xf4", b"\x11\x94"})


class Wire:
    def __init__(self, devices):
        self.settings, self.queue, self.number = dict(DEFAULTS), [], 0
        self.chance = random.Random(1)
        self.sockets = []
        for device in devices:
            port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            port.bind((device, 0))
            self.sockets.append(port)

    def send_at(self, when, port, frame):
        self.number += 1
        heapq.heappush(self.queue, (when, self.number, port, frame))

    def take(self, port):
        frame, address = port.recvfrom(65536)
        if address[2] == OUTGOING:
            return
        settings, when = self.settings, [time.monotonic()]
        if impaired(frame):
            if self.chance.uniform(0, 100) < settings["loss"]:
                return
            when[0] += (settings["delay"] + self.chance.uniform(0, settings["jitter"])) / 1000
            if self.chance.uniform(0, 100) < settings["copies"]:
                when.append(when[0] + self.chance.uniform(0, settings["late"]) / 1000)
        for other in self.sockets:
            if other is not port:
                for each in when:
                    self.send_at(each, other, frame)

    def run(self):
        waiting = selectors.DefaultSelector()
        waiting.register(sys.stdin, selectors.EVENT_READ)
        for port in self.sockets:
            waiting.register(port, selectors.EVENT_READ)
        while True:
            until = max(0, self.queue[0][0] - time.monotonic()) if self.queue else None
            for key, _ in waiting.select(until):
                if key.fileobj is not sys.stdin:
                    self.take(key.fileobj)
                elif line := sys.stdin.readline():
                    self.settings = {**DEFAULTS, **{k: float(v) for k, v in (word.split("=") for word in line.split())}}
                else:
                    return
            while self.queue and self.queue[0][0] <= time.monotonic():
                _, _, port, frame = heapq.heappop(self.queue)
                port.send(frame)


if __name__ == "__main__":
    Wire(sys.argv[1:]).run()
