#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Adds one forged packet to sessions of the lab, before and after each of their first messages, and reports what it changes
(tests/injections.py):

    tools/inject.py [--kind KIND]... [--all] [--messages N] [--most N] [--seed N] [--keys | --no-keys] [--keep FOLDER] [NAME...]

NAME: parts of the names of captures; without any, and without --all, those of tests/test_injection.py. --keep: saves the
captures in which something changed. IKE_LIFECYCLE names another reader than build/tests/ike_lifecycle."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))
import injections  # noqa: E402
import test_injection  # noqa: E402
import test_report  # noqa: E402
import trials  # noqa: E402


def main():
    parser = trials.parser(__doc__, test_injection.KINDS + test_injection.MORE + test_injection.ATTACKS)
    parser.add_argument("--all", action="store_true", help="every session of the lab")
    parser.add_argument("--messages", type=int, default=injections.FIRST_MESSAGES)
    options = parser.parse_args()
    names = test_injection.SESSIONS
    if options.all or options.names:
        names = [test_report.name_of(path) for path in test_report.ALL
                 if options.all or any(name in test_report.name_of(path) for name in options.names)]
    tally = trials.Tally(options, "change something")
    for path, log in test_injection.sessions(names):
        session = injections.Target(path)
        if not session.ike():
            continue
        for key_log in trials.with_and_without_keys(options, log):
            tally.add(session, key_log, *injections.examine(session, key_log, options.seed, options.messages, options.most,
                                                            options.kind))
    return tally.status()


if __name__ == "__main__":
    sys.exit(main())
