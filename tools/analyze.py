#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the analyzers over compile_commands.json; see analyze.sh. A finding is FILE, CHECK, FUNCTION; tools/analyze.known has
one on each line, with a reason after '#'."""
import concurrent.futures
import fnmatch
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ["IKE_ANALYZE_BUILD"])
# Checks of style, of platforms that are not ours, and those that every reader of bytes breaks on each line.
TIDY = ("-*,bugprone-*,cert-*,-bugprone-easily-swappable-parameters,-bugprone-reserved-identifier,-cert-dcl37-c,-cert-dcl51-cpp,"
        "-bugprone-implicit-widening-of-multiplication-result,-bugprone-narrowing-conversions,-bugprone-macro-parentheses,"
        "-bugprone-branch-clone,-bugprone-suspicious-enum-usage,-bugprone-assignment-in-if-condition")
WARNING = re.compile(r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):\d+: warning: (?P<text>.*) \[(?P<check>[^\]]+)\]$", re.MULTILINE)


def sources():
    """(file, compiler arguments without -o and -c)"""
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if BUILD in path.parents or path.suffix != ".c" or not path.is_relative_to(ROOT):
            continue
        words = shlex.split(entry["command"])
        while not words[0].endswith(("gcc", "cc")):    # a launcher
            words.pop(0)
        arguments, skip = [], False
        for word in words[1:]:
            if skip or word in ("-c", entry["file"], "-Werror"):
                skip = False
            elif word.startswith(("-flto", "-ffat-lto", "-fno-fat-lto")):
                continue    # gcc would put its analysis off until the link
            elif word == "-o":
                skip = True
            else:
                arguments.append(word)
        yield path, arguments, entry["directory"]


def run(command, directory):
    done = subprocess.run(command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    output = done.stdout.decode(errors="replace")
    if done.returncode:     # what does not compile is not analyzed
        sys.exit(f"{shlex.join(command)}: {done.returncode}\n{output[-3000:]}")
    return output


def clang(path, arguments, directory):
    return run(["clang", "--analyze", "--analyzer-output", "text", "-Wno-unknown-warning-option",
                "-Xanalyzer", "-analyzer-disable-checker=deadcode.DeadStores,security.insecureAPI.DeprecatedOrUnsafeBufferHandling",
                *arguments, str(path)], directory)


def tidy(path, arguments, directory):
    return run(["clang-tidy", "--quiet", f"--checks={TIDY}", str(path), "--", *arguments, "-Wno-unknown-warning-option"], directory)


def gcc(path, arguments, directory):
    return run(["gcc", "-fanalyzer", "-fdiagnostics-plain-output", "-Wno-error", *arguments, "-O1", "-c", "-o", "/dev/null", str(path)],
               directory)


TOOLS = {"clang": clang, "tidy": tidy, "gcc": gcc}


def function_at(path, line):
    """The function that a line is in: the last name at the beginning of a line, before an opening brace."""
    name = "-"
    for number, text in enumerate(path.read_text(errors="replace").splitlines(), 1):
        if number > line:
            break
        found = re.match(r"^[A-Za-z_].*?\b([a-zA-Z_0-9]+)\(", text)
        if found and not text.rstrip().endswith(";"):
            name = found.group(1)
    return name


def known():
    entries = []
    for line in (ROOT / "tools" / "analyze.known").read_text().splitlines():
        entry, _, reason = line.partition("#")
        if entry.strip():
            assert reason.strip(), f"no reason: {line}"
            entries.append(tuple(entry.split()))
    return entries


def main():
    names = sys.argv[1:] or list(TOOLS)
    exceptions, used, found = known(), set(), {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [(name, pool.submit(TOOLS[name], *source)) for name in names for source in sources()]
        for number, (name, job) in enumerate(jobs, 1):
            job.result()
            if sys.stderr.isatty():
                print(f"\r{number} of {len(jobs)}", end="", file=sys.stderr)
            for match in WARNING.finditer(job.result()):
                path = (ROOT / match["file"]).resolve()
                if not path.is_relative_to(ROOT) or path.is_relative_to(BUILD):
                    continue
                where = str(path.relative_to(ROOT))
                key = where, match["check"], function_at(path, int(match["line"]))
                rule = next((entry for entry in exceptions if all(fnmatch.fnmatch(k, e) for k, e in zip(key, entry))), None)
                if rule:
                    used.add(rule)
                else:
                    found[(name, where, match["line"])] = (match["check"], key[2], match["text"])
    for (name, where, line), (check, function, text) in sorted(found.items()):
        print(f"{name}: {where}:{line}: {function}: {text} [{check}]")
    if set(names) == set(TOOLS):
        for entry in exceptions:
            if entry not in used:
                print("not needed any more:", *entry)
    print(f"{len(found)} findings, {len(used)} of {len(exceptions)} exceptions used")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
