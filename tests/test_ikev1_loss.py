# SPDX-License-Identifier: GPL-2.0-or-later
"""IKEv1 when packets are lost, duplicated, delayed, swapped or truncated, or the capture begins late.

What is right comes from the daemon: its log has the IV of every message, and with its key and its IV
there is but one plaintext. Every change of a capture gets an initiator cookie of its own (neither Ka
nor the IVs depend on it) and a row of the table, so that all of them are one capture for one start of
tshark: many SAs between the same two hosts.
"""
import os

import pytest

from ikev1_sessions import HEADER, IKEV1, Messages, Truth, cookie, frames_of, message_id, shown, with_cookies
from tshark import Tshark

import derange  # of the lab, whose folder ikev1_sessions names

ALL = sorted(path.name.split(".")[0] for path in IKEV1.glob("*.ikev1_decryption_table"))
# Each kind once: ciphers, modes, fragments of both sorts, and what has many messages.
SOME = ["main-psk-pfs", "3des-sha1", "aggressive-psk", "xauth-psk-pull", "fragments", "main-rsa",
        "responder-quick", "second-proposal", "dpd-timeout", "blowfish128-sha1"]
NAMES = ALL if os.environ.get("IKE_ALL_LOSSES") else SOME
PER_CAPTURE = 60  # changes in one start of tshark
HASH = "8"


def holds(truth, had, message, got, name, change):
    """Whether a message shows as it must; True if it was decrypted completely."""
    iv, partly, types = got
    where = (name, change, message_id(message), message[18], got)
    if types is None and truth.types[message] == [HASH] and not any(had_one in truth.iv for had_one in had):
        return False  # the algorithms are not known, and nothing tells the rest of one HASH from random bytes
    assert types is not None, where
    assert types == truth.types[message], (where, truth.types[message])
    if all(before in had for before in truth.before[message]):
        assert iv == truth.iv[message] and not partly, (where, truth.iv[message])
        return True
    if partly:
        assert iv is None, where
    else:
        assert iv == truth.iv[message], (where, truth.iv[message])
    return not partly


def play(truth, name, changes, first):
    """All changes as one capture; (messages that were decrypted completely, partly)."""
    frames, places, table = [], [], ""
    for number, (change, order) in enumerate(changes, first):
        cookies = {old: cookie(old, number) for old, _ in truth.rows}
        table += "".join(f"{cookies[old].hex()},{key}\n" for old, key in truth.rows)
        frames += [with_cookies(frame, cookies, number) for frame in order]
        places.append((change, order))
    with Tshark(tables={"ikev1_decryption_table": table}) as tshark:
        got = iter(shown(tshark, frames))
    complete = partly = 0
    wrong = []
    for change, order in places:
        messages, had = Messages(), set()
        for frame in order:
            result = next(got)
            message = messages.of(frame)
            if len(message) < HEADER:
                if message != b"again" and result[2] is not None:
                    wrong.append((name, change, "decrypted an incomplete message", result))
                continue
            if message in truth.types:  # else put together of two, as fragment IDs come again
                try:
                    decrypted = holds(truth, had, message, result, name, change)
                    complete, partly = complete + decrypted, partly + (not decrypted)
                except AssertionError as error:
                    wrong.append(str(error.args[0]).partition("\n")[0])
            had.add(message)
    return complete, partly, wrong


@pytest.mark.parametrize("name", NAMES)
def test_every_change_shows_the_daemons_plaintext(name):
    frames = frames_of(name)
    truth = Truth(name, frames)
    changes = list(derange.changes([(0, 0, frame) for frame in frames]))
    complete = partly = 0
    wrong = []
    for first in range(0, len(changes), PER_CAPTURE):
        more = play(truth, name, changes[first:first + PER_CAPTURE], first)
        complete, partly, wrong = complete + more[0], partly + more[1], wrong + more[2]
    print(f"{name}: {len(changes)} changes, {complete} messages completely, {partly} partly, {len(wrong)} wrong")
    for line in wrong:
        print(line)
    assert not wrong
