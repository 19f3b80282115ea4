#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures the plugin against the built-in dissector. tools/bench.sh builds what it needs and runs it.

Of several runs the fastest counts, as what else a machine does only ever adds to the time.

Each capture is read at two sizes and the difference counts, so that start-up drops out. The share of
ISAKMP is the run less the same run, without the plugin, where port 500 is decoded as data. (With
--disable-protocol isakmp Wireshark would ask all its heuristics whose octets these are, which takes
longer than to dissect them.)
"""
import argparse
import os
import platform
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from tshark import Tshark  # noqa: E402  (it knows how root runs tshark)

TABLE = "ikev2_decryption_table"
OURS, BUILTIN, OFF = "ours", "built-in", "off"
MODES = {
    "columns": [],
    "-Y isakmp.ispi": ["-Y", "isakmp.ispi"],
    "-V": ["-V"],
    "-T fields": ["-T", "fields", "-e", "isakmp.ispi", "-e", "isakmp.exchangetype", "-e", "_ws.col.Info"],
}
# letter, kind of the generator, packets of an SA, what it is
WORKLOADS = [
    ("a", "flood", 1, "IKE_SA_INIT requests of distinct SAs, ten Vendor IDs each"),
    ("b", "lives", 20, "whole IKEv2 lives, not decrypted"),
    ("c-gcm", "gcm", 20, "the same, decrypted: AES-GCM"),
    ("c-cbc", "cbc", 20, "the same, decrypted: AES-CBC and HMAC-SHA2-256"),
]


class Scale:
    """How much is measured: SAs of flood and lives, repetitions."""

    def __init__(self, instructions, counted, seconds, verbose, runs, starts, small, large, keys):
        self.instructions = instructions  # packets of the smaller capture under callgrind
        self.counted = counted            # the modes in which instructions are counted
        self.seconds = seconds            # (flood, lives) of the larger capture, in SAs
        self.verbose = verbose            # the same with -V
        self.runs = runs
        self.starts = starts              # repetitions of what takes less than a second
        self.small, self.large = small, large  # packets, for linearity
        self.keys = keys                  # lines of the key log


FULL = Scale(2000, [*MODES], (200000, 20000), (40000, 4000), 5, 15, 10000, 1000000, 1000000)
QUICK = Scale(2000, [*MODES][:2], (40000, 4000), (10000, 1000), 7, 7, 10000, 100000, 1000000)
TINY = Scale(100, [*MODES][:2], (1000, 100), (1000, 100), 1, 1, 200, 1000, 1000)


def say(text):
    print(text, file=sys.stderr, flush=True)


# ---- running tshark ----------------------------------------------------------------------------

class Spent:
    """What one run took."""

    def __init__(self, wall, usage):
        self.wall, self.cpu, self.memory = wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


class Bench:
    """Captures, homes with and without plugin, and runs in them."""

    def __init__(self, options, scale):
        self.options, self.scale = options, scale
        self.folder = Path(tempfile.mkdtemp(prefix="ike-bench-"))
        self.folder.chmod(0o777)
        self.homes = {}
        self.steady = self.folder / "steady.so"
        shutil.copy(options.steady, self.steady)
        self.steady.chmod(0o644)

    def close(self):
        for home in self.homes.values():
            home.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def capture(self, kind, count):
        """A capture of `count` IKE SAs, and the table with their keys if the kind has one."""
        capture, table = self.folder / f"{kind}-{count}.pcap", self.folder / f"{kind}-{count}.table"
        if not capture.exists():
            keys = [table] if kind in ("gcm", "cbc") else []
            subprocess.run([self.options.generate, kind, str(count), capture, *keys], check=True)
        return capture, table if table.exists() else None

    def home(self, plugin, table):
        if (plugin, table) not in self.homes:
            tables = {TABLE: table.read_text()} if table else None
            self.homes[plugin, table] = Tshark(plugin=plugin, plugins=self.options.plugins, tables=tables)
        return self.homes[plugin, table]

    def command(self, who, table, capture, arguments, before=()):
        """The command and environment of one run by `who`: OURS, BUILTIN or OFF."""
        home = self.home(who == OURS, table)
        off = ["-d", "udp.port==500,data"] if who == OFF else []
        tshark = ["tshark", "-n", "-r", capture, *off, *arguments]
        words = home.command(*tshark[1:]) if not before else \
            home.command(*before[1:], *tshark, program=before[0])
        return words, home.environment()

    def spend(self, who, table, capture, *arguments):
        words, environment = self.command(who, table, capture, arguments)
        with tempfile.TemporaryFile() as errors:
            begin = time.perf_counter()
            process = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - begin
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                errors.seek(0)
                raise SystemExit(f"{' '.join(words)}: {errors.read().decode(errors='replace')}")
        return Spent(wall, usage)

    def instructions(self, who, table, capture, *arguments):
        before = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
        words, environment = self.command(who, table, capture, arguments, before)
        environment["LD_PRELOAD"] = str(self.steady)
        done = subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True, errors="replace", check=False)
        found = re.search(r"Collected : (\d+)", done.stderr)
        if done.returncode or not found:
            raise SystemExit(f"{' '.join(words)}: {done.stderr}")
        return int(found[1])

    def repeat(self, runs, jobs):
        """Runs each of `jobs` (name -> arguments of spend) in turn, `runs` times; name -> [Spent]."""
        results = {name: [] for name in jobs}
        for _ in range(runs):
            for name, arguments in jobs.items():
                results[name].append(self.spend(*arguments))
        return results


# ---- the table ---------------------------------------------------------------------------------

class Results:
    """Rows: what, ours, built-in, ratio, aim, met."""

    def __init__(self):
        self.rows, self.missed = [], 0

    def add(self, what, ours, builtin=None, form="{:,.0f}", aim="", met=None):
        ratio = f"{ours / builtin:.2f}" if builtin and builtin > 0 else ""
        verdict = "" if met is None else "yes" if met else "NO"
        self.missed += met is False
        row = (what, form.format(ours), form.format(builtin) if builtin is not None else "", ratio, aim, verdict)
        self.rows.append(row)
        say("  " + " | ".join(row))

    def show(self):
        rows = [("what", "ours", "built-in", "ratio", "aim", "met"), *self.rows]
        widths = [max(len(row[i]) for row in rows) for i in range(6)]
        for number, row in enumerate(rows):
            cells = [cell.ljust(width) if i in (0, 4, 5) else cell.rjust(width)
                     for i, (cell, width) in enumerate(zip(row, widths))]
            print("| " + " | ".join(cells) + " |")
            if number == 0:
                print("|" + "|".join("-" * (width + 2) if i in (0, 4, 5) else "-" * (width + 1) + ":"
                                     for i, width in enumerate(widths)) + "|")


def add_share(results, what, shares, form, aim="", limit=None):
    """`shares`: who -> figure. `limit`: what the built-in's share may be multiplied with."""
    ours, builtin = shares[OURS] - shares[OFF], shares[BUILTIN] - shares[OFF]
    sound = limit is not None and builtin > 0
    results.add(what, ours, builtin, form, aim, ours <= limit * builtin if sound else None)


# ---- figures -----------------------------------------------------------------------------------

def measure_instructions(bench, results, workloads):
    jobs, modes = {}, {mode: MODES[mode] for mode in MODES if mode in bench.scale.counted}
    for letter, kind, packets, _ in workloads:
        small = bench.scale.instructions // packets or 1
        _, table = bench.capture(kind, 2 * small)
        for mode, arguments in modes.items():
            for who in (OURS, BUILTIN, OFF):
                bench.home(who == OURS, table)
                for count in (small, 2 * small):
                    jobs[letter, mode, who, count] = (who, table, bench.capture(kind, count)[0], *arguments)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        done = dict(zip(jobs, pool.map(lambda job: bench.instructions(*job), jobs.values())))
    for letter, kind, packets, _ in workloads:
        small = bench.scale.instructions // packets or 1
        for mode in modes:
            shares = {who: (done[letter, mode, who, 2 * small] - done[letter, mode, who, small])
                      / (small * packets) for who in (OURS, BUILTIN, OFF)}
            aim = () if letter.startswith("c") else ("less", 1)
            add_share(results, f"({letter}) instructions a packet, {mode}", shares, "{:,.0f}", *aim)


def measure_time(bench, results, workloads):
    """Time a packet and, of the runs with -Y, memory of an SA."""
    for letter, kind, packets, _ in workloads:
        for mode, arguments in MODES.items():
            sizes = bench.scale.verbose if mode == "-V" else bench.scale.seconds
            large = sizes[0 if kind == "flood" else 1]
            small = large // 10
            _, table = bench.capture(kind, large)
            jobs = {(who, count): (who, table, bench.capture(kind, count)[0], *arguments)
                    for count in (small, large) for who in (OURS, BUILTIN, OFF)}
            runs = bench.repeat(bench.scale.runs, jobs)

            def per(figure, unit, divide, of_runs=min):
                return {who: (of_runs(figure(run) for run in runs[who, large]) -
                              of_runs(figure(run) for run in runs[who, small])) * unit / divide
                        for who in (OURS, BUILTIN, OFF)}
            of = (large - small) * packets
            aim = ("at most half", 0.5) if letter.startswith("c") else ()
            add_share(results, f"({letter}) µs a packet, {mode}", per(lambda r: r.wall, 1e6, of), "{:,.2f}", *aim)
            add_share(results, f"({letter}) the same, processor's time", per(lambda r: r.cpu, 1e6, of), "{:,.2f}", *aim)
            if mode == "-Y isakmp.ispi":
                add_memory(results, letter, packets, per(lambda r: r.memory, 1, large - small, median))
            if table and mode == "-Y isakmp.ispi":
                measure_table(bench, results, letter, table, large)


def add_memory(results, letter, packets, shares):
    limit = 2048 + 200 * packets
    results.add(f"({letter}) octets kept for an SA of {packets} message{'s' * (packets > 1)}",
                shares[OURS] - shares[OFF], shares[BUILTIN] - shares[OFF], "{:,.0f}", f"{limit:,}",
                shares[OURS] - shares[OFF] <= limit)


def measure_table(bench, results, letter, table, rows):
    """What a row of the key table takes before the first packet."""
    empty, _ = bench.capture("lives", 0)
    jobs = {(who, name): (who, name, empty) for who in (OURS, BUILTIN) for name in (None, table)}
    runs = bench.repeat(bench.scale.runs, jobs)
    took = {who: (min(r.cpu for r in runs[who, table]) - min(r.cpu for r in runs[who, None])) * 1e6 / rows
            for who in (OURS, BUILTIN)}
    results.add(f"({letter}) µs to load a row of {rows:,}, processor's time", took[OURS], took[BUILTIN], "{:,.2f}")


def measure_linearity(bench, results, workloads):
    small, large = bench.scale.small, bench.scale.large
    empty, _ = bench.capture("lives", 0)
    for letter, kind, packets, _ in workloads:
        if letter.startswith("c"):
            continue
        everybody, arguments = (OURS, BUILTIN, OFF), MODES["-Y isakmp.ispi"]
        runs = bench.repeat(bench.scale.starts, {
            (who, count): (who, None, bench.capture(kind, count // packets)[0] if count else empty, *arguments)
            for count in (0, small) for who in everybody})
        runs.update(bench.repeat(bench.scale.runs, {
            (who, large): (who, None, bench.capture(kind, large // packets)[0], *arguments)
            for who in everybody}))

        def share(who, count):
            took = {one: min(run.cpu for run in runs[one, count]) - min(run.cpu for run in runs[one, 0])
                    for one in (who, OFF)}
            return (took[who] - took[OFF]) * 1e6 / count
        ours, builtin = ([share(who, count) for count in (small, large)] for who in (OURS, BUILTIN))
        for at, which in enumerate((small, large)):
            results.add(f"({letter}) µs a packet of {which:,}, processor's time", ours[at], builtin[at], "{:,.2f}")
        results.add(f"({letter}) {large:,} packets against {small:,}", ours[1] / ours[0], builtin[1] / builtin[0],
                    "{:.2f}", "at most 1.10", ours[1] <= 1.10 * ours[0])


def write_key_log(path, lines):
    numbers = random.Random(1)
    with open(path, "w", encoding="ascii") as file:
        for _ in range(lines // 4):
            spis = f"{numbers.randbytes(8).hex()} {numbers.randbytes(8).hex()}"
            for label in ("EI", "ER", "AI", "AR"):
                file.write(f"IKEV2_SK_{label} {spis} {numbers.randbytes(32).hex()}\n")
    path.chmod(0o644)


def measure_key_log(bench, results, _):
    """The key log is read when a capture has a message to open."""
    path = bench.folder / "keys.log"
    write_key_log(path, bench.scale.keys)
    capture, _ = bench.capture("lives", 1)
    runs = bench.repeat(bench.scale.runs, {
        name: (OURS, None, capture, *arguments)
        for name, arguments in (("with", ["-o", f"isakmp.keylog_file:{path}"]), ("without", []))})
    wall, memory = (median(figure(r) for r in runs["with"]) - median(figure(r) for r in runs["without"])
                    for figure in (lambda r: r.wall, lambda r: r.memory))
    results.add(f"seconds to load a key log of {bench.scale.keys:,} lines", wall, None, "{:.2f}", "less than 2", wall < 2)
    results.add("octets kept for a line of it", memory / bench.scale.keys)


def measure_start(bench, results, _):
    empty, _ = bench.capture("lives", 0)
    who = (OURS, BUILTIN)
    count = {one: bench.instructions(one, None, empty) for one in who}
    aim, within = "within 10 %", lambda figures: figures[OURS] <= 1.10 * figures[BUILTIN]
    results.add("start: million instructions", *(count[one] / 1e6 for one in who), "{:,.1f}", aim, within(count))
    runs = bench.repeat(3 * bench.scale.starts, {one: (one, None, empty) for one in who})
    for what, figure in (("seconds", lambda r: r.wall), ("seconds, processor's time", lambda r: r.cpu)):
        took = {one: min(map(figure, runs[one])) for one in who}
        results.add(f"start: {what}", took[OURS], took[BUILTIN], "{:.3f}", aim, within(took))


PARTS = {
    "start": measure_start,
    "instructions": measure_instructions,
    "time": measure_time,
    "linearity": measure_linearity,
    "keylog": measure_key_log,
}


# ---- all of it ---------------------------------------------------------------------------------

def machine():
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    version = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=True).stdout
    return f"{os.cpu_count()} cores, {cpu[1] if cpu else platform.machine()}; {version.splitlines()[0]}"


def read_options():
    parser = argparse.ArgumentParser(description="Measures the plugin against the built-in dissector.")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_const", dest="scale", const=QUICK, help="small captures, few runs")
    size.add_argument("--tiny", action="store_const", dest="scale", const=TINY,
                      help="to see that all of it works; the figures mean nothing")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part; more than once for more")
    parser.add_argument("--workload", choices=[row[0] for row in WORKLOADS], action="append",
                        help="this workload; more than once for more")
    parser.add_argument("--mode", choices=MODES, action="append", help="this way of reading")
    parser.add_argument("--runs", type=int, help="repetitions")
    parser.add_argument("--plugins", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--generate", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--steady", required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    options = read_options()
    scale = options.scale or FULL
    scale.runs = options.runs or scale.runs
    for mode in [mode for mode in MODES if options.mode and mode not in options.mode]:
        del MODES[mode]
    workloads = [row for row in WORKLOADS if not options.workload or row[0] in options.workload]
    bench, results = Bench(options, scale), Results()
    try:
        for name, part in PARTS.items():
            if not options.only or name in options.only:
                say(f"{time.strftime('%H:%M:%S')} {name}")
                part(bench, results, workloads)
    except KeyboardInterrupt:
        say("interrupted: what follows was measured before")
    finally:
        bench.close()
    print(machine())
    for letter, _, _, what in workloads:
        print(f"({letter}) {what}")
    print()
    results.show()
    print(f"\n{results.missed} aim(s) missed" if results.missed else "\nall aims met")


if __name__ == "__main__":
    main()
