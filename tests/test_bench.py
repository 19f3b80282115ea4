# SPDX-License-Identifier: GPL-2.0-or-later
"""The bench's captures are what they are said to be, by the built-in's word and ours, and its table says
what was measured."""
import argparse
import importlib.util
import shutil
import subprocess
import sys

import pytest

from tshark import ROOT, Tshark, plugin_dir

MEASURE = ROOT / "tools" / "bench" / "measure.py"
LIVES, MESSAGES, SEALED = 4, 20, 18


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
@pytest.mark.parametrize("kind", ["flood", "lives", "gcm", "cbc"])
def test_captures(generate, tmp_path, kind, plugin):
    """Whole, well formed, and opened with the table where there is one."""
    capture, table = tmp_path / "bench.pcap", tmp_path / "table"
    keys = kind in ("gcm", "cbc")
    subprocess.run([generate, kind, str(LIVES), capture, *([table] if keys else [])], check=True)
    tables = {"ikev2_decryption_table": table.read_text()} if keys else None
    with Tshark(plugin=plugin, tables=tables) as tshark:
        frames = tshark.fields(capture, ["isakmp.ispi", "isakmp.enc.decrypted", "isakmp.vid_string",
                                         "_ws.malformed", "isakmp.ikev2.integrity_checksum"])
    assert len(frames) == (LIVES if kind == "flood" else LIVES * MESSAGES)
    assert len({frame["isakmp.ispi"][0] for frame in frames}) == LIVES
    assert not any(frame["_ws.malformed"] or frame["isakmp.ikev2.integrity_checksum"] for frame in frames)
    assert sum(bool(frame["isakmp.enc.decrypted"]) for frame in frames) == (LIVES * SEALED if keys else 0)
    if kind == "flood":
        assert all(len(frame["isakmp.vid_string"]) == 10 for frame in frames)


def test_same_octets_each_time(generate, tmp_path):
    """And a smaller capture is the beginning of a larger one, so that one table serves both."""
    made = []
    for name, count in (("a", "100"), ("b", "100"), ("c", "200")):
        subprocess.run([generate, "gcm", count, tmp_path / name, tmp_path / (name + ".table")], check=True)
        made.append(((tmp_path / name).read_bytes(), (tmp_path / (name + ".table")).read_bytes()))
    assert made[0] == made[1]
    assert made[2][0].startswith(made[0][0]) and made[2][1].startswith(made[0][1])


def test_verdicts(measure, capsys):
    results = measure.Results()
    measure.add_share(results, "fast", {"ours": 3, "built-in": 6, "off": 1}, "{:.0f}", "at most half", 0.5)
    measure.add_share(results, "slow", {"ours": 4, "built-in": 6, "off": 1}, "{:.0f}", "at most half", 0.5)
    measure.add_share(results, "noise", {"ours": 3, "built-in": 1, "off": 2}, "{:.0f}", "at most half", 0.5)
    results.show()
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in capsys.readouterr().out.splitlines()]
    assert lines[2] == ["fast", "2", "5", "0.40", "at most half", "yes"]
    assert lines[3] == ["slow", "3", "5", "0.60", "at most half", "NO"]
    assert lines[4][5] == "" and results.missed == 1


@pytest.fixture(scope="module")
def steady(tmp_path_factory):
    library = tmp_path_factory.mktemp("bench") / "steady.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, ROOT / "tools" / "bench" / "steady.c"], check=True)
    return library


@pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind is not there")
def test_same_instructions_each_time(measure, generate, steady):
    """Nearly: addresses of environment and arguments are not the same to the last octet."""
    options = argparse.Namespace(plugins=plugin_dir(), generate=generate, steady=steady)
    bench = measure.Bench(options, measure.TINY)
    try:
        capture, _ = bench.capture("lives", 1)
        first, second = (bench.instructions(measure.OURS, None, capture) for _ in range(2))
    finally:
        bench.close()
    assert abs(first - second) < 100_000 < first / 1000


def test_runs(generate, steady):
    """Real runs, too small to say anything about speed."""
    done = subprocess.run(
        [sys.executable, MEASURE, "--plugins", plugin_dir(), "--generate", generate, "--steady", steady, "--tiny",
         "--only", "time", "--only", "keylog", "--workload", "c-cbc", "--mode", "-Y isakmp.ispi"],
        capture_output=True, text=True, check=True, timeout=60)
    assert "(c-cbc) µs a packet, -Y isakmp.ispi" in done.stdout
    assert "seconds to load a key log of 1,000 lines" in done.stdout


@pytest.mark.parametrize("kind", ["gcm", "cbc"])
def test_memory_of_an_opened_ike_sa(measure, generate, steady, kind):
    """At most half as much again as the aim: nothing that is used up stays behind with each IKE SA."""
    options = argparse.Namespace(plugins=plugin_dir(), generate=generate, steady=steady)
    bench, small, large = measure.Bench(options, measure.TINY), 200, 1200
    try:
        _, table = bench.capture(kind, large)

        def kept(who):
            peaks = [bench.spend(who, table, bench.capture(kind, count)[0], "-Y", "isakmp.ispi").memory
                     for count in (small, large)]
            return (peaks[1] - peaks[0]) / (large - small)
        assert 0 < kept(measure.OURS) - kept(measure.OFF) < 1.5 * (2048 + 200 * MESSAGES)
    finally:
        bench.close()
