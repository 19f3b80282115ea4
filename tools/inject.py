#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts one forged packet into sessions of the lab, before and after each of their first messages, and says what it changes
(tests/injections.py):

    tools/inject.py [--kind KIND]... [--all] [--messages N] [--most N] [--seed N] [--keys | --no-keys] [--keep FOLDER] [NAME...]

NAME: parts of the names of captures; without any, and without --all, those of tests/test_injection.py. --keep: writes what
changes something as captures. IKE_LIFECYCLE names another reader than build/tests/ike_lifecycle."""
import argparse
import collections
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))
import injections  # noqa: E402
import test_injection  # noqa: E402
import test_report  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--kind", action="append", choices=test_injection.KINDS + test_injection.MORE)
    parser.add_argument("--all", action="store_true", help="every session of the lab")
    parser.add_argument("--messages", type=int, default=injections.FIRST_MESSAGES)
    parser.add_argument("--most", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-keys", action="store_true")
    parser.add_argument("--keys", action="store_true")
    parser.add_argument("--show", type=int, default=5, help="how many of each kind are shown")
    parser.add_argument("--keep", type=pathlib.Path)
    options = parser.parse_args()
    names = test_injection.SESSIONS
    if options.all or options.names:
        names = [test_report.name_of(path) for path in test_report.ALL
                 if options.all or any(name in test_report.name_of(path) for name in options.names)]
    total, changed = collections.Counter(), collections.Counter()
    for path, log in test_injection.sessions(names):
        session = injections.Target(path)
        if not session.ike():
            continue
        for keys in [True] * (not options.no_keys and log is not None) + [False] * (not options.keys):
            found, made = injections.examine(session, log if keys else None, options.seed, options.messages, options.most,
                                             options.kind)
            total.update((kind, keys) for kind in made.elements())
            for injection, texts in found:
                kind = injection.kind, keys
                changed[kind] += 1
                if changed[kind] <= options.show:
                    print(f"{injection.kind}, {'keys' if keys else 'no keys'}: {session.name}, {injection.what}: {'; '.join(texts)}")
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    name = f"{session.name}-{injection.kind}-{injection.what}-{'keys' if keys else 'none'}"
                    (options.keep / (name.replace("/", "-").replace(" ", "_") + ".pcap")).write_bytes(injection.capture)
    for kind in sorted(total):
        print(f"{kind[0]}, {'keys' if kind[1] else 'no keys'}: {changed[kind]} of {total[kind]} change something")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
