# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads many captures in one process: a start of tshark costs as much as some hundred small captures.

The process is ike_lifecycle (unit/lifecycle.c)."""
import collections
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tshark import NOBODY, ROOT

Result = collections.namedtuple("Result", "sas rows again")


def program():
    """Path of ike_lifecycle, or None."""
    path = Path(os.environ.get("IKE_LIFECYCLE") or ROOT / "build" / "tests" / "ike_lifecycle")
    return path if path.exists() else None


class Crash(Exception):
    """The reader died; .number is that of the capture it was at."""

    def __init__(self, number, text):
        super().__init__(text)
        self.number = number


def _parse(out):
    """Results of the output: lines of fields, then a report, for each capture."""
    results, report, passes = [], None, [collections.defaultdict(list)]

    def result(text):
        found = Result(json.loads(text)["ike_sas"], passes[0], passes[-1])
        passes[:] = [collections.defaultdict(list)]
        return found

    for line in out.split("\n"):
        if report is not None:
            report.append(line)
            if line == "}":
                results.append(result("\n".join(report)))
                report = None
        elif line == "{":
            report = [line]
        elif line == '{"ike_sas": []}' or line.startswith('{"ike_sas"'):
            results.append(result(line))
        elif line == "0\tagain\t":
            passes.append(collections.defaultdict(list))
        elif line.count("\t") >= 2:
            number, name, value = line.split("\t", 2)
            passes[-1][int(number)].append((name, value))
    return results


def read_all(captures, log=None, fields=(), options=(), batch=1500, timeout=600, again=False):
    """Result of each capture (bytes), all read with the secrets of one log (bytes or Path), or each with those of its own
    in a list, where None is none. `fields` are read of all, or a list has those of each capture.

    Result.rows: frame number -> [(field name, value)]; the name "data" stands for length and digest of decrypted bytes.
    Result.again: where the captures are dissected `again`, what is then shown: texts of items, decrypted bytes in hex."""
    folder = Path(tempfile.mkdtemp(prefix="ike-many-"))
    try:
        (folder / "data").mkdir()
        shutil.copy(program(), folder / "reader")
        words = ["tap", "isakmp,report,json"]
        for option in options:
            words += ["set", option]
        if log is not None and not isinstance(log, list):
            words += _with_log(folder, "key.log", log)
        each_has_fields = isinstance(fields, list)
        if fields is not None and not each_has_fields:
            words += ["fields", ",".join(fields)]
        results = []
        for start in range(0, len(captures), batch):
            names = []
            for index, capture in enumerate(captures[start:start + batch]):
                name = folder / f"{index}.pcap"
                name.write_bytes(capture)
                if isinstance(log, list):
                    names += _with_log(folder, f"{index}.log", log[start + index])
                if each_has_fields:
                    names += ["fields", ",".join(fields[start + index])]
                names += ["open", str(name), "close"] if again else ["read", str(name)]
            results += _run(folder, words + names, len(captures[start:start + batch]), start, timeout)
        return results
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _with_log(folder, name, log):
    """The words that set the key log."""
    if log is None:
        return ["set", "isakmp.keylog_file:"]
    (folder / name).write_bytes(log.read_bytes() if hasattr(log, "read_bytes") else log)
    return ["set", f"isakmp.keylog_file:{folder / name}"]


def _run(folder, words, expected, start, timeout):
    os.chmod(folder, 0o755)
    for path in folder.iterdir():
        os.chmod(path, 0o755)
    command = [str(folder / "reader"), *words]
    if os.geteuid() == 0:
        command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
    environment = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "TZ": "UTC",
                   "WIRESHARK_DATA_DIR": str(folder / "data")}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout,
                          check=False)
    results = _parse(done.stdout.decode(errors="replace"))
    if done.returncode != 0 or len(results) != expected:
        raise Crash(start + len(results), f"{done.returncode}, {len(results)} of {expected} read\n"
                    + done.stderr.decode(errors="replace")[-3000:])
    return results
