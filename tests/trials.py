# SPDX-License-Identifier: GPL-2.0-or-later
"""What variants (variants.py) and forged messages (injections.py) share: the parameters of their tests, and options and
output of their tools. A trial is a changed capture: its kind, what was done, the capture."""
import argparse
import collections
import pathlib

import pytest


def parameters(kinds, still_wrong):
    """kind and keys of each test; those of still_wrong are expected to fail."""
    for keys in ("keys", "no keys"):
        for kind in kinds:
            marks = [pytest.mark.xfail(strict=True, reason="known to be wrong")] if (kind, keys) in still_wrong else []
            yield pytest.param(kind, keys == "keys", id=f"{kind}, {keys}", marks=marks)


def parser(description, kinds):
    found = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("names", nargs="*")
    found.add_argument("--kind", action="append", choices=kinds)
    found.add_argument("--most", type=int)
    found.add_argument("--seed", type=int, default=1)
    found.add_argument("--no-keys", action="store_true")
    found.add_argument("--keys", action="store_true")
    found.add_argument("--show", type=int, default=5, help="how many of each kind are shown")
    found.add_argument("--keep", type=pathlib.Path)
    return found


def with_and_without_keys(options, log):
    """The key log to read with, None for none: both, or what the options say."""
    if log is not None and not options.no_keys:
        yield log
    if not options.keys:
        yield None


class Tally:
    """Counts trials, prints those that fail and keeps their captures."""

    def __init__(self, options, failure):
        self.options, self.failure = options, failure
        self.total, self.failed = collections.Counter(), collections.Counter()

    def add(self, session, log, found, made):
        keys = "keys" if log else "no keys"
        self.total.update((kind, keys) for kind in made.elements())
        for trial, texts in found:
            self.failed[trial.kind, keys] += 1
            if self.failed[trial.kind, keys] <= self.options.show:
                print(f"{trial.kind}, {keys}: {session.name}, {trial.what}: {'; '.join(texts)}")
            if self.options.keep:
                self.options.keep.mkdir(parents=True, exist_ok=True)
                name = f"{session.name}-{trial.kind}-{trial.what}-{keys}".replace("/", "-").replace(" ", "_")
                (self.options.keep / (name + ".pcap")).write_bytes(trial.capture)

    def status(self):
        """Prints the totals; the exit status."""
        for kind, keys in sorted(self.total):
            print(f"{kind}, {keys}: {self.failed[kind, keys]} of {self.total[kind, keys]} {self.failure}")
        return 1 if self.failed else 0
