#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures whole tshark runs with the plugin, with the built-in and without either. tools/bench.sh builds what
it needs and runs it; docs/performance.md explains it.

The three take turns, and each round gives one pair of ratios; the median of the rounds counts. What else the
machine does then falls on all three alike.
"""
import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from tshark import Tshark  # noqa: E402  (it knows how root runs tshark)

OURS, BUILTIN, FLOOR = "ours", "built-in", "floor"
REPORT = "report"
ESP_PREFERENCES = ["-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_authentication_check:TRUE"]
MODES = {"open": [], "-Y": ["-Y", "{filter}"], "-V": ["-V"], REPORT: ["-q", "-z", "isakmp,report"]}


class Workload:
    """A capture: how it is made, who gets which keys, and how it is read as data."""

    def __init__(self, letter, what, kind, count, per_sa=1, table=None, generator="generate", display_filter="isakmp.ispi"):
        self.letter, self.what, self.kind, self.count, self.per_sa = letter, what, kind, count, per_sa
        self.table, self.generator, self.filter = table, generator, display_filter

    def floor(self):
        """ISAKMP and ESP as data. --disable-protocol isakmp would do more than that: Wireshark then asks all its
        heuristic dissectors whose packets these may be."""
        return ["-d", "udp.port==500,data", "-d", "udp.port==4500,data", "--disable-protocol", "esp"]

    def arguments(self, who, table):
        if self.table != "esp_sa":
            return []
        return ["-o", f"isakmp.keylog_file:{table}"] if who == OURS else ESP_PREFERENCES if who == BUILTIN else []


def workloads(scale):
    sessions = "sessions of 20 messages, a hundred at a time"
    return [
        Workload("a", "IKE_SA_INIT requests of distinct IKE SAs, ten Vendor IDs each", "flood", 100_000 // scale),
        Workload("b", f"whole IKEv2 {sessions}, no keys", "sessions", 5_000 // scale, 20),
        Workload("b1", f"whole IKEv1 {sessions}, no keys", "ikev1", 5_000 // scale, 20),
        Workload("c", "IKEv2 sessions with keys: AES-CBC-128, HMAC-SHA2-256", "cbc", 5_000 // scale, 20, "ikev2_decryption_table"),
        Workload("d", "200,000 ESP packets of 1,250 bytes over 16 SAs, no keys", "esp", 200_000 // scale, 1, None,
                 "traffic", "esp.spi"),
        Workload("d+", "the same with keys: AES-CBC-256, HMAC-SHA2-256", "esp", 200_000 // scale, 1, "esp_sa", "traffic",
                 "esp.spi"),
        Workload("e", "200,000 UDP packets of 1,250 bytes, no IKE", "udp", 200_000 // scale, 1, None, "traffic", "udp.port"),
    ]


def say(text):
    print(text, file=sys.stderr, flush=True)


# ---- running tshark --------------------------------------------------------------------------------------------

class Spent:
    """What one run took."""

    def __init__(self, wall, usage):
        self.wall, self.cpu, self.memory = wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


class Bench:
    """Captures, homes with and without plugin, and runs in them."""

    def __init__(self, options):
        self.options = options
        self.folder = Path(tempfile.mkdtemp(prefix="ike-bench-"))
        self.folder.chmod(0o777)
        self.homes = {}
        self.steady, self.counter = self.folder / "steady.so", self.folder / "heap.so"
        for source, copy in ((options.steady, self.steady), (options.heap, self.counter)):
            shutil.copy(source, copy)
            copy.chmod(0o644)

    def close(self):
        for home in self.homes.values():
            home.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def capture(self, work, count=None):
        """The capture of a workload with `count` IKE SAs or packets, and the file with its keys or None."""
        count = work.count if count is None else count
        capture = self.folder / f"{work.kind}-{count}.pcap"
        table = self.folder / f"{work.kind}-{count}.table"
        if not capture.exists():
            program = self.options.generate if work.generator == "generate" else self.options.traffic
            keys = [table] if work.kind in ("cbc", "gcm", "esp") else []
            subprocess.run([program, work.kind, str(count), capture, *keys], check=True)
        return capture, table if work.table else None

    def home(self, who, work, table):
        key = (who == OURS, work.table and table)
        if key not in self.homes:
            tables = {work.table: table.read_text()} if work.table else None
            self.homes[key] = Tshark(plugin=who == OURS, plugins=self.options.plugins, tables=tables)
        return self.homes[key]

    def command(self, who, work, capture, table, mode, before=()):
        home = self.home(who, work, table)
        floor = work.floor() if who == FLOOR else []
        # What has no name without the plugin or its protocol is asked for by another one.
        shown = [word.format(filter=work.filter if who != FLOOR else "ip.addr") for word in MODES[mode]]
        tshark = ["tshark", "-n", "-r", capture, *floor, *work.arguments(who, table), *shown]
        words = home.command(*tshark[1:]) if not before else home.command(*before[1:], *tshark, program=before[0])
        return words, home.environment()

    def spend(self, who, work, capture, table, mode):
        words, environment = self.command(who, work, capture, table, mode)
        with tempfile.TemporaryFile() as errors:
            begin = time.perf_counter()
            process = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - begin
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                errors.seek(0)
                raise SystemExit(f"{' '.join(map(str, words))}: {errors.read().decode(errors='replace')}")
        return Spent(wall, usage)

    def instructions(self, who, work, capture, table, mode):
        before = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
        words, environment = self.command(who, work, capture, table, mode, before)
        return self.count(words, {**environment, "LD_PRELOAD": str(self.steady)}, r"Collected : (\d+)")

    def heap(self, who, work, capture, table):
        """The most bytes of the heap that are in use at one time, with -Y."""
        words, environment = self.command(who, work, capture, table, "-Y")
        preload = {"LD_PRELOAD": f"{self.counter} {self.steady}", "G_SLICE": "always-malloc"}
        return self.count(words, {**environment, **preload}, r"heap: (\d+)")

    @staticmethod
    def count(words, environment, pattern):
        done = subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              errors="replace", check=False)
        found = re.search(pattern, done.stderr)
        if done.returncode or not found:
            raise SystemExit(f"{' '.join(map(str, words))}: {done.stderr}")
        return int(found[1])


# ---- figures ---------------------------------------------------------------------------------------------------

def rounds(bench, work, mode, runs):
    """[{who: Spent}], one for each round; who begins changes from round to round."""
    capture, table = bench.capture(work)
    everybody = [OURS] if mode == REPORT else [OURS, BUILTIN, FLOOR]
    spent = []
    for number in range(runs):
        turn = everybody[number % len(everybody):] + everybody[:number % len(everybody)]
        spent.append({who: bench.spend(who, work, capture, table, mode) for who in turn})
    return spent


def cell(spent):
    """What the rounds of one workload and mode come to: seconds, and ratios to the built-in and the floor."""
    ours = median(one[OURS].cpu for one in spent)
    if BUILTIN not in spent[0]:
        return f"{ours:.2f} s"
    to_builtin = median(one[OURS].cpu / one[BUILTIN].cpu for one in spent)
    to_floor = median(one[OURS].cpu / one[FLOOR].cpu for one in spent)
    return f"{to_builtin:.2f} ({ours:.2f} s; floor {to_floor:.2f})"


def show(title, names, rows):
    print(f"{title}\n")
    print("| " + " | ".join(names) + " |")
    print("|---" * len(names) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


def measure_time(bench, options):
    rows = []
    for work in options.workloads:
        cells = []
        for mode in options.modes:
            cells.append(cell(rounds(bench, work, mode, options.runs)))
            say(f"  ({work.letter}) {mode}: {cells[-1]}")
        rows.append((f"({work.letter}) {work.what}", *cells))
    show("Processor time of ours / built-in (seconds of ours; ours / floor), medians of "
         f"{options.runs} rounds", ["workload", *options.modes], rows)


def measure_instructions(bench, options):
    """A tenth of each workload: valgrind takes fifty times as long."""
    rows = []
    for work in options.workloads:
        capture, table = bench.capture(work, max(work.count // 10, 1))
        cells = []
        for mode in options.modes:
            if mode == REPORT:
                continue
            count = {who: bench.instructions(who, work, capture, table, mode) for who in (OURS, BUILTIN)}
            cells.append(f"{count[OURS] / count[BUILTIN]:.2f}")
            say(f"  ({work.letter}) {mode}: {cells[-1]}")
        rows.append((f"({work.letter}) {work.what}", *cells))
    show("Instructions of ours / built-in, a tenth of each capture",
         ["workload", *(mode for mode in options.modes if mode != REPORT)], rows)


def microseconds(bench, work, count, who):
    """Processor time of an IKE message, without the start of the process; and the run."""
    empty = bench.spend(who, work, *bench.capture(work, 1), "-Y")
    run = bench.spend(who, work, *bench.capture(work, count), "-Y")
    return (run.cpu - empty.cpu) * 1e6 / count / work.per_sa, run


def measure_growth(bench, options):
    """Time of an IKE message, ours and the built-in's, and memory of an IKE SA, over the size of the capture."""
    rows = []
    for work in options.workloads:
        if work.generator != "generate":
            continue
        cells = []
        for count in (size // work.per_sa for size in options.sizes):
            # Few messages take about as long as the start: more rounds.
            spent = [[microseconds(bench, work, count, who) for who in (OURS, BUILTIN, FLOOR)]
                     for _ in range(options.runs if count * work.per_sa < options.sizes[-1] else 1)]
            ours, builtin, _ = (median(times) for times in zip(*([time for time, _ in one] for one in spent)))
            memory = (spent[0][0][1].memory - spent[0][2][1].memory) / count
            cells.append(f"{ours:.2f} µs, built-in {builtin:.2f} µs, {memory:,.0f} bytes")
            say(f"  ({work.letter}) {count * work.per_sa:,} messages: {cells[-1]}")
        rows.append((f"({work.letter}) {work.what}", *cells))
    show("Time of a message with -Y, and memory of an IKE SA beyond the floor",
         ["workload", *(f"{size:,} messages" for size in options.sizes)], rows)


def heap_of_sa(bench, work, count):
    """Bytes of an IKE SA, from `count` IKE SAs to twice as many: each hash table doubles once in between."""
    table = bench.capture(work, 2 * count)[1]
    small, large = (bench.heap(OURS, work, bench.capture(work, size)[0], table) for size in (count, 2 * count))
    return (large - small) / count


def heap_above_builtin(bench, work, count):
    return bench.heap(OURS, work, *bench.capture(work, count)) - bench.heap(BUILTIN, work, *bench.capture(work, count))


def measure_memory(bench, options):
    """Bytes of the heap: the same on every run."""
    rows = []
    for work in options.workloads:
        if work.generator != "generate":
            continue
        sa, above = heap_of_sa(bench, work, min(work.count, 1000)), heap_above_builtin(bench, work, work.count)
        rows.append((f"({work.letter}) {work.what}", f"{sa:,.0f} bytes",
                     f"{above / 1e6:.1f} MB ({work.count * work.per_sa:,} messages)"))
        say(f"  {' | '.join(rows[-1])}")
    show("Heap", ["workload", "an IKE SA", "whole run, above the built-in"], rows)


PARTS = {"time": measure_time, "instructions": measure_instructions, "growth": measure_growth, "memory": measure_memory}


def machine():
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    version = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=True).stdout
    return f"{os.cpu_count()} cores, {cpu[1] if cpu else platform.machine()}; {version.splitlines()[0]}"


def read_options():
    parser = argparse.ArgumentParser(description="Measures the plugin against the built-in dissector.")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="captures of a fifth of the size, 3 rounds")
    size.add_argument("--tiny", action="store_true", help="to see that all of it works; the figures mean nothing")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part; more than once for more")
    parser.add_argument("--workload", action="append", help="this workload, by its letter; more than once for more")
    parser.add_argument("--mode", choices=MODES, action="append", help="this way of reading")
    parser.add_argument("--runs", type=int, help="rounds")
    for name in ("plugins", "generate", "traffic", "steady", "heap"):
        parser.add_argument(f"--{name}", required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    scale = 500 if options.tiny else 5 if options.quick else 1
    options.runs = options.runs or (1 if options.tiny else 3 if options.quick else 5)
    options.sizes = [200, 400] if options.tiny else [10_000, 100_000] if options.quick else [10_000, 100_000, 1_000_000]
    options.modes = options.mode or list(MODES)
    options.workloads = [work for work in workloads(scale) if not options.workload or work.letter in options.workload]
    return options


def main():
    options = read_options()
    bench = Bench(options)
    print(machine() + "\n")
    try:
        for name, part in PARTS.items():
            if not options.only or name in options.only:
                say(f"{time.strftime('%H:%M:%S')} {name}")
                part(bench, options)
    finally:
        bench.close()


if __name__ == "__main__":
    main()
