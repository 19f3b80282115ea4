# SPDX-License-Identifier: GPL-2.0-or-later
"""The bench's captures are what they are said to be, by the built-in's word and ours, and its table says
what was measured."""
import argparse
import importlib.util
import shutil
import subprocess
import sys

import pytest

from tshark import ROOT, Tshark, plugin_dir, wireshark_version

MEASURE = ROOT / "tools" / "bench" / "measure.py"
SESSIONS, MESSAGES, ENCRYPTED = 4, 20, 18
# What opening 1,000 messages of whole sessions may take, for the versions of Wireshark that were measured: of the shorter start
# of 4.4 the plugin's is a larger part.
MOST = {(4, 0): 1.04, (4, 4): 1.06}
measured = pytest.mark.skipif(wireshark_version() not in MOST, reason="measured with Wireshark 4.0 and 4.4 (docs/performance.md)")


@pytest.fixture(scope="module")
def generate(tmp_path_factory):
    program = tmp_path_factory.mktemp("bench") / "generate"
    subprocess.run(["cc", "-O1", "-o", program, ROOT / "tools" / "bench" / "generate.c", "-lcrypto"], check=True)
    return program


@pytest.fixture(scope="module")
def measure():
    spec = importlib.util.spec_from_file_location("measure", MEASURE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("plugin", [False, True], ids=["built-in", "ours"])
@pytest.mark.parametrize("kind", ["flood", "sessions", "ikev1", "gcm", "cbc"])
def test_captures(generate, tmp_path, kind, plugin):
    """Complete, well formed, and decrypted with the table where there is one."""
    capture, table = tmp_path / "bench.pcap", tmp_path / "table"
    keys = kind in ("gcm", "cbc")
    subprocess.run([generate, kind, str(SESSIONS), capture, *([table] if keys else [])], check=True)
    tables = {"ikev2_decryption_table": table.read_text()} if keys else None
    with Tshark(plugin=plugin, tables=tables) as tshark:
        frames = tshark.fields(capture, ["isakmp.ispi", "isakmp.enc.decrypted", "isakmp.vid_string",
                                         "_ws.malformed", "isakmp.ikev2.integrity_checksum"])
    assert len(frames) == (SESSIONS if kind == "flood" else SESSIONS * MESSAGES)
    assert len({frame["isakmp.ispi"][0] for frame in frames}) == SESSIONS
    assert not any(frame["_ws.malformed"] or frame["isakmp.ikev2.integrity_checksum"] for frame in frames)
    assert sum(bool(frame["isakmp.enc.decrypted"]) for frame in frames) == (SESSIONS * ENCRYPTED if keys else 0)
    if kind == "flood":
        assert all(len(frame["isakmp.vid_string"]) == 10 for frame in frames)


def test_same_bytes_each_time(generate, tmp_path):
    """And a smaller capture is the beginning of a larger one, so that one table serves both."""
    made = []
    for name, count in (("a", "100"), ("b", "100"), ("c", "200")):
        subprocess.run([generate, "gcm", count, tmp_path / name, tmp_path / (name + ".table")], check=True)
        made.append(((tmp_path / name).read_bytes(), (tmp_path / (name + ".table")).read_bytes()))
    assert made[0] == made[1]
    assert made[2][0].startswith(made[0][0]) and made[2][1].startswith(made[0][1])


def test_ratios_are_medians_of_pairs(measure):
    """Of rounds taken in turn: a slow minute of the machine, which all three have, changes nothing."""
    class One:
        def __init__(self, cpu):
            self.cpu = cpu
    spent = [{"ours": One(2.0), "built-in": One(1.0), "floor": One(0.5)},
             {"ours": One(20.0), "built-in": One(10.0), "floor": One(5.0)},
             {"ours": One(3.0), "built-in": One(1.0), "floor": One(1.0)}]
    assert measure.cell(spent) == "2.00 (3.00 s; floor 4.00)"
    assert measure.cell([{"ours": One(1.5)}]) == "1.50 s"


def library(tmp_path_factory, name):
    made = tmp_path_factory.mktemp("bench") / f"{name}.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", made, ROOT / "tools" / "bench" / f"{name}.c"], check=True)
    return made


@pytest.fixture(scope="module")
def traffic(tmp_path_factory):
    program = tmp_path_factory.mktemp("bench") / "traffic"
    subprocess.run(["cc", "-O1", "-o", program, ROOT / "tools" / "bench" / "traffic.c", "-lcrypto"], check=True)
    return program


@pytest.mark.parametrize("plugin", [False, True], ids=["built-in", "ours"])
def test_esp_is_decrypted_by_both(traffic, tmp_path, plugin):
    capture, table = tmp_path / "esp.pcap", tmp_path / "esp_sa"
    subprocess.run([traffic, "esp", "64", capture, table], check=True)
    with Tshark(plugin=plugin, tables=None if plugin else {"esp_sa": table.read_text()}) as tshark:
        keys = ["-o", "isakmp.keylog_file:" + tshark.place(table)] if plugin else [
            "-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_authentication_check:TRUE"]
        frames = tshark.fields(capture, ["esp.spi", "udp.length", "esp.icv_bad"], None, *keys)
        assert len(frames) == 64 and len({frame["esp.spi"][0] for frame in frames}) == 16
        assert {tuple(frame["udp.length"]) for frame in frames} == {("1172",)}
        assert not any(value not in ("0", "False") for frame in frames for value in frame["esp.icv_bad"])


@pytest.fixture(scope="module")
def options(generate, traffic, tmp_path_factory):
    return argparse.Namespace(plugins=plugin_dir(), generate=generate, traffic=traffic,
                              steady=library(tmp_path_factory, "steady"), heap=library(tmp_path_factory, "heap"))


def session(measure, kind, keys=True):
    return measure.Workload("c", "", kind, 0, MESSAGES, "ikev2_decryption_table" if keys else None)


@measured
@pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind is not there")
def test_instructions_of_a_whole_run(measure, options):
    """1,000 messages of whole sessions without keys, in parts of the built-in's."""
    bench, work = measure.Bench(options), session(measure, "sessions", keys=False)
    try:
        ours, builtin = (bench.instructions(who, work, *bench.capture(work, 50), "open") for who in (measure.OURS, measure.BUILTIN))
    finally:
        bench.close()
    assert ours <= MOST[wireshark_version()] * builtin


def test_runs(options):
    """Real runs, too small to mean anything about speed."""
    done = subprocess.run(
        [sys.executable, MEASURE, "--tiny", "--only", "time", "--only", "growth", "--workload", "c", "--workload", "d+",
         *(word for name, value in vars(options).items() for word in (f"--{name}", value))],
        capture_output=True, text=True, check=True, timeout=120)
    assert "| (c) IKEv2 sessions with keys" in done.stdout and "| (d+) the same with keys" in done.stdout
    assert "bytes" in done.stdout


@measured
@pytest.mark.parametrize("kind", ["gcm", "cbc"])
def test_memory_of_a_decrypted_ike_sa(measure, options, kind):
    """At most 8 KiB for an IKE SA of 20 messages: nothing that is used up stays behind."""
    bench = measure.Bench(options)
    try:
        assert 4096 < measure.heap_of_sa(bench, session(measure, kind), 1000) <= 8192
    finally:
        bench.close()


@measured
def test_memory_of_ikev1_without_keys(measure, options):
    """At most 40 MB above the built-in for 100,000 messages, so 8 MB for 20,000: nothing waits for keys that nobody gave."""
    bench = measure.Bench(options)
    try:
        assert 0 < measure.heap_above_builtin(bench, session(measure, "ikev1", keys=False), 1000) <= 8_000_000
    finally:
        bench.close()
