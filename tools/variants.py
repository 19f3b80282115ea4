#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads all variants of the lab's sessions and lists those that are reported wrong (what that means: tests/variants.py):

    tools/variants.py [--kind KIND]... [--most N] [--seed N] [--no-keys | --keys] [--keep FOLDER] [NAME...]

NAME: parts of the names of captures (ikev1/rekey). --most: this many of each kind for each capture. --keep: saves
those captures. IKE_LIFECYCLE names another reader than build/tests/ike_lifecycle."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))
import test_variants  # noqa: E402
import trials  # noqa: E402
import variants  # noqa: E402


def main():
    options = trials.parser(__doc__, test_variants.KINDS + test_variants.MORE).parse_args()
    tally = trials.Tally(options, "are read wrong")
    for path, log, failing in test_variants.sessions():
        session = variants.Session(path)
        if options.names and not any(name in session.name for name in options.names) or not session.ike():
            continue
        truth = variants.truth_of(path, failing, test_variants.protected(session))
        for key_log in trials.with_and_without_keys(options, log):
            tally.add(session, key_log, *variants.examine(session, truth, key_log, options.seed, options.most, options.kind))
    return tally.status()


if __name__ == "__main__":
    sys.exit(main())
