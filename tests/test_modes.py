# SPDX-License-Identifier: GPL-2.0-or-later
"""The ways in which tshark and its sisters read a capture: at once, twice, from a pipe, live, in
sessions, for programs. Whatever the way, the lab's pings come out of the tunnel."""
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tshark import TESTDATA, Tshark

CAPTURE = TESTDATA / "esp" / "aes-gcm.pcap"
LOG = TESTDATA / "esp" / "aes-gcm.initiator.log"
PINGS, PACKETS = 6, 12  # three pings and their answers; see the facts beside the capture


@pytest.fixture(scope="module")
def tshark():
    with Tshark() as configured:
        configured.keys = ("-o", "isakmp.keylog_file:" + configured.place(LOG))
        yield configured


def decrypted(text):
    """What a list of packets shows of the tunnel: (pings, ESP packets that were not decrypted)."""
    return text.count("Echo (ping)"), text.count("ESP (SPI")


@pytest.mark.parametrize("arguments", [(), ("-2",), ("-M", "100"), ("-M", "5"), ("-2", "-R", "isakmp or esp")],
                         ids=" ".join)
def test_passes_and_sessions(tshark, arguments):
    result = tshark.raw("-r", tshark.place(CAPTURE), "-n", *tshark.keys, *arguments)
    assert result.returncode == 0
    assert decrypted(result.stdout.decode()) == (PINGS, 0), result.stdout.decode()


def test_two_passes_know_what_comes_later(tshark):
    """A request shows its response only where Wireshark reads twice."""
    shown = [frame["isakmp.response_in"] for frame in
             tshark.fields(CAPTURE, ["isakmp.response_in"], "isakmp.flag_r == 0 && isakmp", "-2")]
    assert shown == [["2"], ["4"], ["12"]]


@pytest.mark.parametrize("way", ["-r", "-i"])
def test_from_a_pipe(tshark, way):
    """`-i -` is a live capture for tshark: packets come as they are written."""
    with open(CAPTURE, "rb") as pipe:
        result = tshark.raw(way, "-", "-n", *tshark.keys, stdin=pipe)
    assert result.returncode == 0, result.stderr
    assert decrypted(result.stdout.decode()) == (PINGS, 0), result.stderr


def parsed(text):
    """JSON and all names in it: tshark repeats a name where a field comes again."""
    names = set()

    def note(pairs):
        names.update(name for name, _ in pairs)
        return dict(pairs)

    return json.loads(text, object_pairs_hook=note), names


@pytest.mark.parametrize("arguments", [(), ("-x",), ("--no-duplicate-keys",)], ids=["json", "raw", "merged"])
def test_json(tshark, arguments):
    frames, names = parsed(tshark.run(CAPTURE, *tshark.keys, "-T", "json", *arguments))
    assert len(frames) == PACKETS
    assert {"isakmp.response_to", "isakmp.id.data.fqdn", "icmp.seq"} <= names


def test_ek(tshark):
    lines = [parsed(line) for line in tshark.run(CAPTURE, *tshark.keys, "-T", "ek").splitlines()]
    layers = [line["layers"] for line, _ in lines if "layers" in line]
    assert len(layers) == PACKETS
    assert sum("icmp" in layer for layer in layers) == PINGS
    assert any(name.endswith("isakmp_id_data_fqdn") for _, names in lines for name in names)


def test_pdml_and_psml(tshark):
    packets = list(ET.fromstring(tshark.run(CAPTURE, *tshark.keys, "-T", "pdml")).iter("packet"))
    assert len(packets) == PACKETS
    assert sum(any(proto.get("name") == "icmp" for proto in packet.iter("proto")) for packet in packets) == PINGS
    assert len(list(ET.fromstring(tshark.run(CAPTURE, *tshark.keys, "-T", "psml")).iter("packet"))) == PACKETS


def test_a_filter_writes_what_it_matches(tshark, tmp_path):
    """-w with -Y: the frames as they were, no matter what was shown of them."""
    target = os.path.join(tshark.home, "written.pcapng")
    result = tshark.raw("-r", tshark.place(CAPTURE), *tshark.keys, "-Y", "icmp", "-w", target)
    assert result.returncode == 0, result.stderr
    written = tmp_path / "written.pcapng"
    shutil.copyfile(target, written)
    assert len(tshark.run(written).splitlines()) == PINGS


def sharkd(tshark, *requests):
    """The answers of sharkd, by the number of the request."""
    lines = [json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters})
             for number, (method, parameters) in enumerate([*requests, ("bye", {})], 1)]
    result = tshark.raw("-", program="sharkd", input="\n".join(lines + [""]).encode())
    answers = [json.loads(line) for line in result.stdout.decode().splitlines() if line.startswith("{")]
    return {answer["id"]: answer.get("result") for answer in answers}


@pytest.mark.skipif(not shutil.which("sharkd"), reason="no sharkd in this Wireshark")
def test_sharkd(tshark):
    """The capture is opened, the key log set, the capture opened again: as in a user's window."""
    load = ("load", {"file": tshark.place(CAPTURE)})
    keys = ("setconf", {"name": "isakmp.keylog_file", "value": tshark.place(LOG)})
    answers = sharkd(tshark, load, ("frames", {}), keys, load, ("frames", {}), ("frame", {"frame": 3, "proto": True}))
    infos = {number: " ".join(" ".join(frame["c"]) for frame in answers[number]) for number in (2, 5)}
    assert decrypted(infos[2]) == (0, PINGS)
    assert decrypted(infos[5]) == (PINGS, 0)
    assert "initiator.lab.example" in json.dumps(answers[6])


def why_not_live():
    if os.geteuid() != 0:
        return "a live capture needs root"
    for program in ("ip", "unshare", "dumpcap"):
        if not shutil.which(program):
            return "no " + program
    tried = subprocess.run(["unshare", "--net", "ip", "link", "set", "lo", "up"], capture_output=True, check=False)
    return "no network namespace: " + tried.stderr.decode().strip() if tried.returncode else None


@pytest.mark.skipif(bool(why_not_live()), reason=str(why_not_live()))
def test_live_with_a_growing_key_log(tshark):
    """Packets come over a wire, the keys a little after the messages that they are for."""
    growing = os.path.join(tshark.home, "growing.log")
    Path(growing).touch(mode=0o666)
    allowed = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
               "--inh-caps=+net_raw,+net_admin", "--ambient-caps=+net_raw,+net_admin"]
    command = ["unshare", "--net", sys.executable, Path(__file__).parent / "replay_live.py",
               CAPTURE, LOG, growing, "--", *allowed, "tshark", "-l", "-n", "-i", "INTERFACE", "-c", str(PACKETS),
               "-f", "host 10.9.0.1", "-a", "duration:60", "-o", "isakmp.keylog_file:" + growing]
    result = subprocess.run(list(map(str, command)), env=tshark.environment(), capture_output=True, timeout=120,
                            check=False)
    text = result.stdout.decode()
    assert result.returncode == 0, result.stderr.decode()
    assert not re.search(r"isakmp: .*:\d+:", result.stderr.decode()), result.stderr.decode()
    assert decrypted(text) == (PINGS, 0), text
    assert "Delete IKE" in text


@pytest.mark.parametrize("name", ["failing/libreswan-ts", "failing/libreswan-psk", "ikev2/create-child-ts-unacceptable"])
def test_json_has_the_parts_of_each_finding(name):
    """Also for a reader that keeps the last of equal keys, as Python's does."""
    def parts(node, found):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
            if key in ("isakmp.finding.code", "isakmp.finding.certainty", "isakmp.finding.side"):
                found.append((key, value))
            parts(value, found)
        return found

    names = ["isakmp.finding.code", "isakmp.finding.certainty", "isakmp.finding.side"]
    with Tshark() as program:
        capture, log = TESTDATA / f"{name}.pcap", program.place(TESTDATA / f"{name}.initiator.log")
        keys = ("-o", f"isakmp.keylog_file:{log}")
        shown = program.fields(capture, names, None, *keys)
        packets = json.loads(program.run(capture, "-T", "json", *keys))
    assert len(packets) == len(shown) and any(frame[names[0]] for frame in shown)
    for packet, frame in zip(packets, shown):
        assert sorted(parts(packet, [])) == sorted((field, value) for field in names for value in frame[field])
