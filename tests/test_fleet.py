# SPDX-License-Identifier: GPL-2.0-or-later
"""tools/fleet.sh over captures of the lab: every capture has its line, whatever was interrupted."""
import csv
import json
import os
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path

import pytest

from tshark import NOBODY, ROOT, TESTDATA, Tshark, facts

pytestmark = pytest.mark.skipif(not shutil.which("parallel"), reason="no GNU parallel")

CAPTURES = sorted((TESTDATA / "ikev1").glob("*.pcap"))[:8]


class Fleet:
    """A folder of captures, an output folder and a tshark that writes down what it was run for."""

    def __init__(self, tshark):
        self.tshark = tshark
        self.home = Path(tshark.home)
        self.captures, self.output = self.home / "captures", self.home / "output"
        (self.captures / "deeper").mkdir(parents=True)
        self.output.mkdir()
        for number, path in enumerate(CAPTURES):
            shutil.copyfile(path, (self.captures / "deeper" if number % 2 else self.captures) / path.name)
        shutil.copytree(ROOT / "tools", self.home / "tools")
        self.runs = self.home / "runs"
        self.program = self.home / "slow-tshark"
        self.wrap(0)
        tshark._open_up()

    def wrap(self, seconds):
        self.program.write_text(f'#!/bin/sh\nsleep {seconds}\necho "$3" >>{self.runs}\nexec tshark "$@"\n')
        self.program.chmod(0o755)

    def start(self, *arguments, options=()):
        environment = {**self.tshark.environment(), "TSHARK": str(self.program)}
        return subprocess.Popen(
            self.tshark.command(self.home / "tools" / "fleet.sh", "-j", "2", *options, self.captures, self.output,
                                *arguments, program="bash"),
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)

    def run(self, *arguments, options=(), status=0):
        process = self.start(*arguments, options=options)
        out, err = process.communicate(timeout=300)
        assert process.returncode == status, (out, err)
        return out.decode() + err.decode()

    def lines(self):
        path = self.output / "reports.jsonl"
        return path.read_text().splitlines() if path.exists() else []

    def reports(self):
        """File name -> report; every capture once."""
        entries = [json.loads(line) for line in self.lines()]
        named = {Path(entry["capture"]).name: entry for entry in entries}
        assert len(named) == len(entries)
        return named

    def table(self):
        with open(self.output / "sas.tsv", newline="") as file:
            return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.fixture
def fleet():
    with Tshark() as tshark:
        yield Fleet(tshark)


def complete(fleet):
    reports = fleet.reports()
    assert set(reports) == {path.name for path in CAPTURES}
    for path in CAPTURES:
        spis = [sa["spi_initiator"] for sa in reports[path.name]["report"]["ike_sas"]]
        assert facts_spis(path) <= set(spis), path.name
    rows = {(Path(row["capture"]).name, row["spi_initiator"]) for row in fleet.table()}
    assert rows == {(name, sa["spi_initiator"]) for name, entry in reports.items()
                    for sa in entry["report"]["ike_sas"]}


def facts_spis(path):
    """The initiators' SPIs that the daemons logged."""
    spis = {sa["spi_i"] for side in facts(path)["sides"].values() for sa in side["ike_sas"]}
    assert spis
    return spis


def test_every_capture_has_a_line_and_its_sas_a_row(fleet):
    assert f"{len(CAPTURES)} captures, 0 not read completely, 0 without report" in fleet.run()
    complete(fleet)


def test_again_costs_nothing_and_new_captures_are_added(fleet):
    fleet.run()
    before = fleet.runs.read_text()
    fleet.run()
    assert fleet.runs.read_text() == before
    shutil.copyfile(CAPTURES[0], fleet.captures / "0-new.pcap")
    os.chmod(fleet.captures / "0-new.pcap", 0o644)
    fleet.run()
    assert fleet.runs.read_text().splitlines()[len(CAPTURES):] == [str(fleet.captures / "0-new.pcap")]
    assert len(fleet.reports()) == len(CAPTURES) + 1


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
def test_interrupted_and_resumed_without_loss(fleet, by):
    fleet.wrap(0.7)
    process = fleet.start()
    deadline = time.monotonic() + 60
    while len(fleet.lines()) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, by)
    process.communicate()
    time.sleep(1)
    done = len([line for line in fleet.lines() if line.endswith("}}")])
    assert 2 <= done < len(CAPTURES)
    with open(fleet.output / "reports.jsonl", "a") as file:
        file.write('{"capture": "torn')  # as an interruption in the middle of a line leaves it
    runs = len(fleet.runs.read_text().splitlines())
    fleet.wrap(0)
    fleet.run(status=0)
    lines = [line for line in fleet.lines() if '"torn' not in line]
    (fleet.output / "reports.jsonl").write_text("".join(line + "\n" for line in lines))
    complete(fleet)
    assert len(fleet.runs.read_text().splitlines()) - runs <= len(CAPTURES) - done


def test_a_line_that_was_lost_is_written_again(fleet):
    """The job log says that all is done; the lines are what counts."""
    fleet.run()
    kept = fleet.lines()[1:]
    (fleet.output / "reports.jsonl").write_text("".join(line + "\n" for line in kept))
    fleet.run()
    complete(fleet)


def test_a_capture_that_is_cut_is_reported_as_far_as_it_goes(fleet):
    cut = fleet.captures / 'a "cut" one.pcap'
    cut.write_bytes((TESTDATA / "ikev1" / "main-psk-pfs.pcap").read_bytes()[:1000])
    os.chmod(cut, 0o644)
    assert "cut short" in fleet.run(status=1)
    entry = fleet.reports()[cut.name]
    assert entry["status"] != 0 and "cut short" in entry["message"]
    assert len(entry["report"]["ike_sas"]) == 1


def test_names_of_any_bytes(fleet):
    """Once each, and the name in the JSON is the name of the file."""
    names = [b"line\nfeed.pcap", b"not utf-8 \xff\xfe.pcap", "naïve \u202e.pcap".encode(), b"tab\tand \\ \"quotes\' $(x).pcap",
             b"-r.pcap", b" .pcap"]
    for name in names:
        shutil.copyfile(CAPTURES[0], os.path.join(os.fsencode(fleet.captures), name))
        os.chmod(os.path.join(os.fsencode(fleet.captures), name), 0o644)
    fleet.run()
    fleet.run()
    told = [os.fsencode(json.loads(line)["capture"]) for line in fleet.lines()]
    folder = os.fsencode(fleet.captures) + b"/"
    assert sorted(name for name in told if name[len(folder):] in names) == sorted(folder + name for name in names)
    assert len(told) == len(names) + len(CAPTURES)


def test_totals_are_those_of_all_captures(fleet):
    fleet.run()
    totals = json.loads((fleet.output / "summary.json").read_text())
    sas = [sa for entry in fleet.reports().values() for sa in entry["report"]["ike_sas"]]
    assert totals["captures"] == len(CAPTURES) and totals["ike_sas"] == len(sas)
    assert totals["messages"] == sum(sa["messages"] for sa in sas)
    assert sum(totals["outcomes"].values()) == len(sas)
    assert sum(row["count"] for row in totals["versions"]) == len(sas)
    times = sorted(sa["setup_ms"] for sa in sas if sa["setup_ms"] is not None)
    assert [slow["ms"] for slow in totals["slowest"]] == times[::-1][:10]
    assert times[0] <= totals["median_setup_ms"] <= times[-1]


def test_hosts(fleet):
    """Two hosts by --sshlogin, copies of the captures and all; ssh is played by a shell here."""
    ssh = fleet.home / "ssh"
    used = fleet.home / "hosts"
    ssh.write_text(f'#!/bin/bash\nwhile [ "${{1#-}}" != "$1" ]; do shift; done\n'
                   f'host=$1; shift; [ "$1" != -- ] || shift\necho "$host" >>{used}\ncd && exec bash -c "$*"\n')
    ssh.chmod(ssh.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    if os.geteuid() == 0:
        os.chown(fleet.home, NOBODY, NOBODY)
    fleet.run(options=("-S", f"2/{ssh} north,2/{ssh} south"))
    complete(fleet)
    assert {"north", "south"} <= set(used.read_text().split())


def test_keys_reach_tshark(fleet):
    log = TESTDATA / "ikev1" / (CAPTURES[0].stem + ".initiator.log")
    if not log.exists():
        pytest.skip("this capture has no log")
    fleet.run("-o", "isakmp.keylog_file:" + fleet.tshark.place(log, "keys with blanks.log"))
    sas = fleet.reports()[CAPTURES[0].name]["report"]["ike_sas"]
    assert sum(sa["decrypted_messages"] for sa in sas) > 0
