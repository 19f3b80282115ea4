#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes what a bad network makes of a capture: each packet lost, repeated, swapped with its neighbour, or
the capture begun late, one change per file.

    testdata/lab/derange.py CAPTURE FOLDER      writes FOLDER/lost-1.pcap, repeated-1.pcap, ...
"""
import os
import sys

import capture


def changes(packets):
    """Yields (name, packets) for each change; the times stay in order."""
    frames = [packet[2] for packet in packets]
    for i, frame in enumerate(frames):
        yield f"lost-{i + 1}", frames[:i] + frames[i + 1 :]
        yield f"repeated-{i + 1}", frames[: i + 1] + [frame] + frames[i + 1 :]
        if i:
            yield f"late-{i + 1}", frames[i:]
        if i + 1 < len(frames):
            yield f"swapped-{i + 1}", frames[:i] + [frames[i + 1], frame] + frames[i + 2 :]
        yield f"delayed-{i + 1}", frames[:i] + frames[i + 1 :] + [frame]
        yield f"again-{i + 1}", frames + [frame]
        yield f"cut-{i + 1}", frames[:i] + [frame[: len(frame) * 2 // 3]] + frames[i + 1 :]


def main():
    source, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    packets = capture.read(source)
    seconds, micros, _ = packets[0]
    for name, frames in changes(packets):
        capture.write(
            f"{folder}/{name}.pcap",
            [(seconds + i // 10, micros, frame) for i, frame in enumerate(frames)],
        )


if __name__ == "__main__":
    main()
