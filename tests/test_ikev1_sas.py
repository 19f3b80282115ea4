# SPDX-License-Identifier: GPL-2.0-or-later
"""Several IKEv1 SAs at once, each with its own algorithms: between the same hosts, with one initiator
cookie for two responders, begun again, with what was chosen unlike what was offered first."""
import pytest

from ikev1_sessions import Messages, frames_of, shown, truth_of, with_cookies
from tshark import Tshark

PAIRS = [("aes128-sha1", "3des-md5"), ("camellia256-sha512", "des-sha1"), ("second-proposal", "main-psk"),
         ("responder-quick", "aes256-sha384"), ("xauth-psk-pull", "blowfish256-sha1")]


def opens_as_logged(sessions, table):
    """sessions: the frames of all with the IV that each must show."""
    with Tshark(tables={"ikev1_decryption_table": table}) as tshark:
        got = shown(tshark, [frame for frame, _ in sessions])
    for number, ((_, right), (iv, partly, types)) in enumerate(zip(sessions, got), 1):
        assert iv == right and not partly, (number, right, iv, types)


def session(name, number=0, cookies=None, responder=None):
    """([(frame, IV)], rows of the table); the cookies may be others, and the responder's address."""
    truth = truth_of(name)
    cookies = cookies or {}
    out = []
    for frame in frames_of(name):
        changed = with_cookies(frame, cookies, number)
        if responder:
            changed = moved(changed, responder)
        out.append((changed, truth.iv.get(Messages().of(frame))))
    return out, "".join(f"{cookies.get(old, old).hex()},{key}\n" for old, key in truth.rows)


def moved(frame, responder):
    """10.9.0.2 is elsewhere."""
    head = frame[26:34].replace(bytes([10, 9, 0, 2]), bytes(responder))
    return frame[:26] + head + frame[34:]


def interleaved(*sessions):
    longest = max(map(len, sessions))
    return [one[i] for i in range(longest) for one in sessions if i < len(one)]


@pytest.mark.parametrize("first, second", PAIRS)
def test_two_sas_between_the_same_hosts(first, second):
    (one, row_one), (two, row_two) = session(first), session(second, 1)
    opens_as_logged(interleaved(one, two), row_one + row_two)


SAME = bytes.fromhex("c00c1e5a11a5ed01")


# Not mixed between the same hosts: with two first messages alike no answer tells to which it is.
@pytest.mark.parametrize("responder, mixed", [(None, False), ([10, 9, 0, 77], False), ([10, 9, 0, 77], True)])
@pytest.mark.parametrize("first, second", PAIRS)
def test_one_initiator_cookie_for_two_responders(first, second, responder, mixed):
    """The responder cookies differ; so may the responder's address. A row of the table names no responder."""
    one, row_one = session(first, 0, {truth_of(first).rows[0][0]: SAME})
    two, row_two = session(second, 1, {truth_of(second).rows[0][0]: SAME}, responder)
    opens_as_logged(interleaved(one, two) if mixed else one + two, row_one + row_two)


@pytest.mark.parametrize("name, other", [("second-proposal", "main-psk"), ("main-psk", "3des-md5"),
                                         ("aes256-sha512", "des-sha1")])
def test_main_mode_1_again_after_2_and_another_ones_changes_nothing(name, other):
    """Message 1 comes again after each message; and one with other proposals under the same cookie."""
    (one, rows), (two, _) = session(name), session(other)
    own, strange = one[0][0], with_cookies(two[0][0], {two[0][0][42:50]: one[0][0][42:50]}, 9)
    played = []
    for frame, iv in one:
        played += [(frame, iv), (own, None), (strange, None)]
    opens_as_logged(played, rows)
