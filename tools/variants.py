#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads all variants of the lab's sessions and says which are read wrong (tests/variants.py says what that is):

    tools/variants.py [--kind KIND]... [--most N] [--seed N] [--no-keys | --keys] [--keep FOLDER] [NAME...]

NAME: parts of the names of captures (ikev1/rekey). --most: this many of each kind for each capture. --keep: writes what
is read wrong as captures. IKE_LIFECYCLE names another reader than build/tests/ike_lifecycle."""
import argparse
import collections
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))
import test_variants  # noqa: E402
import variants  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--kind", action="append", choices=test_variants.KINDS)
    parser.add_argument("--most", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-keys", action="store_true")
    parser.add_argument("--keys", action="store_true")
    parser.add_argument("--show", type=int, default=5, help="how many of each kind are shown")
    parser.add_argument("--keep", type=pathlib.Path)
    options = parser.parse_args()
    total, wrong = collections.Counter(), collections.Counter()
    for path, log, failing in test_variants.sessions():
        session = variants.Session(path)
        if options.names and not any(name in session.name for name in options.names) or not session.ike():
            continue
        truth = variants.truth_of(path, failing, test_variants.protected(session))
        for keys in [True] * (not options.no_keys) + [False] * (not options.keys):
            found, made = variants.examine(session, truth, log if keys else None, options.seed, options.most, options.kind)
            total.update((kind, keys) for kind in made.elements())
            for variant, texts in found:
                kind = variant.kind, keys
                wrong[kind] += 1
                if wrong[kind] <= options.show:
                    print(f"{variant.kind}, {'keys' if keys else 'no keys'}: {session.name}, {variant.what}: {'; '.join(texts)}")
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    name = f"{session.name}-{variant.what}-{'keys' if keys else 'none'}".replace("/", "-").replace(" ", "_")
                    (options.keep / (name + ".pcap")).write_bytes(variant.capture)
    for kind in sorted(total):
        print(f"{kind[0]}, {'keys' if kind[1] else 'no keys'}: {wrong[kind]} of {total[kind]} are read wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
