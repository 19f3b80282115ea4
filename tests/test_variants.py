# SPDX-License-Identifier: GPL-2.0-or-later
"""Every session of the lab as a network, a place of capture or a forger would have it (variants.py): a sample of all
variants. tools/variants.py reads them all.

STILL_WRONG names what is known to fail, strictly: who mends a kind takes it out.
"""
import collections
import functools

import pytest

import many
import test_report
import trials
import variants
from tshark import TESTDATA

pytestmark = pytest.mark.skipif(many.program() is None, reason="no reader of many captures for this Wireshark")

KINDS = ("lost", "doubled", "delayed", "swapped", "missing", "merged", "snapped", "appended", "any", "tunnel twins",
         "cut at the start", "cut at the end", "forged error")
# tools/variants.py has them all.
MORE = ("rotated", "regrouped", "clock step", "late copy", "merged late")
STILL_WRONG = set()
# Sessions of the field whose daemons came up and stayed so, with the log that has the keys.
FIELD_HEALTHY = {"v2-eap-mschapv2-cert-ok": "cap", "v1-fragments-fine": "cap", "v2-nat-both-port-forward": "cap-m",
                 "v2-mobike-into-nat-shim": "cap", "v2-reorder-duplicate-loss": "cap"}


def sessions():
    """(path, log or None, code of the failure or None)"""
    for path in test_report.ALL:
        name = test_report.name_of(path)
        if name not in test_report.TROUBLED:
            log = test_report.key_log(path)
            yield path, log if log.exists() else None, test_report.FAILING.get(name, (None,))[0]
    for name, capture in FIELD_HEALTHY.items():
        folder = TESTDATA / "field" / "sessions" / name
        yield folder / (capture + ".pcap"), folder / "charon-a.log", None


def protected(session):
    """Whether it has encrypted messages: the flag of IKEv1, or a payload SK or SKF."""
    for number in session.ike():
        _, message = session.packets[number].ike()
        if message[17] >> 4 == 1 and message[19] & 1 or message[17] >> 4 == 2 and message[16] in (46, 53):
            return True
    return False


@functools.lru_cache(maxsize=None)
def examined(keys, most=2, every=5):
    """kind -> ([(session, what, texts)], number of variants), of every fifth session"""
    wrong, total = collections.defaultdict(list), collections.Counter()
    for path, log, failing in [*sessions()][::every]:
        session = variants.Session(path)
        if not session.ike():
            continue
        truth = variants.truth_of(path, failing, protected(session))
        found, made = variants.examine(session, truth, log if keys else None, most=most, kinds=KINDS)
        total.update(made)
        for variant, texts in found:
            wrong[variant.kind].append((session.name, variant.what, texts))
    return wrong, total


@pytest.mark.parametrize("kind, keys", trials.parameters(KINDS, STILL_WRONG))
def test_variant(kind, keys):
    wrong, total = examined(keys)
    assert total[kind] > 50
    shown = "\n".join(f"{name}, {what}: {'; '.join(texts[:4])}" for name, what, texts in wrong[kind][:12])
    assert not wrong[kind], f"{len(wrong[kind])} of {total[kind]} variants are read wrong:\n{shown}"
