# SPDX-License-Identifier: GPL-2.0-or-later
"""One forged packet changes nothing (injections.py): a sample of kinds and places in sessions of each family.
tools/inject.py injects everything.

STILL_WRONG names what is known to fail, strictly: who mends a kind takes it out.
"""
import collections
import functools

import pytest

import injections
import many
import tcp_sessions
import test_report
import trials
from tshark import TESTDATA

pytestmark = pytest.mark.skipif(many.program() is None, reason="no reader of many captures for this Wireshark")

KINDS = ("random body", "bit flipped", "other nonce or KE", "other suite", "other SPI", "wrong version", "wrong flags",
         "forged fragment", "nothing in it", "clear error", "spoofed address", "forged ICMP", "forged ESP")
MORE = ("cut", "wrong length", "other message ID", "other exchange", "other first payload", "swapped SPIs", "reflected",
         "forged vendor ID", "forged NAT-D", "critical bit", "doubled payload", "forged response", "forged delete",
         "clear message", "forged encrypted", "replayed", "changed fragment", "forged first message", "clear exchange",
         "other version", "plausible answer", "plausible encrypted", "of a stranger", "odd encrypted", "forged keepalive", "other port", "broken packet", "forged TCP")
SESSIONS = ("ikev1/main-psk", "ikev1/main-rsa", "ikev1/aggressive-psk", "ikev1/xauth-psk-push", "ikev1/fragments",
            "ikev1/rekey-pfs", "ikev1/nat-t", "ikev1/wrong-psk", "ikev2/psk-aes-cbc", "ikev2/psk-aes-gcm", "ikev2/cert-rsa",
            "ikev2/fragments", "ikev2/eap-mschapv2", "ikev2/cookie", "ikev2/invalid-ke", "ikev2/rekey-ike", "ikev2/nat-t",
            "ikev2/wrong-psk", "ikev2/ts-unacceptable", "multiple-ke/mlkem768", "libreswan/from-libreswan-cbc",
            "openiked/psk", "esp/aes-gcm", "esp/ikev1", "failing/responder-id", "failing/rekey-dead")
# A sound answer, or an encrypted message with a sound first payload and length, that came before the true one or instead of one.
STILL_WRONG = {("reflected", "no keys"), ("forged encrypted", "no keys"), ("plausible answer", "no keys")}


def sessions(names=SESSIONS):
    """(path, log or None)"""
    for name in names:
        path = TESTDATA / (name + ".pcap")
        if path.exists():
            log = test_report.key_log(path)
            yield path, log if log.exists() else None


@functools.lru_cache(maxsize=None)
def examined(keys, each=4):
    """kind -> ([(session, what, texts)], number of injections)"""
    changed, total = collections.defaultdict(list), collections.Counter()
    for path, log in sessions():
        session = injections.Target(path)
        found, made = injections.examine(session, log if keys else None, each=each, kinds=KINDS + MORE)
        total.update(made)
        for injection, texts in found:
            changed[injection.kind].append((session.name, injection.what, texts))
    return changed, total


def test_sessions_exist():
    assert len(list(sessions())) >= 24


@pytest.mark.parametrize("kind, keys", trials.parameters(KINDS + MORE, STILL_WRONG))
def test_injection(kind, keys):
    changed, total = examined(keys)
    assert total[kind] > 15
    shown = "\n".join(f"{name}, {what}: {'; '.join(texts[:4])}" for name, what, texts in changed[kind][:12])
    assert not changed[kind], f"{len(changed[kind])} of {total[kind]} forged packets change something:\n{shown}"


@pytest.mark.parametrize("name", ["ikev1/main-psk", "ikev2/fragments", "ikev2/ipv6"])
def test_forged_segment(name):
    """The session over TCP."""
    path = TESTDATA / (name + ".pcap")
    session = injections.Target(path)
    made = list(tcp_sessions.injections(session))
    over_udp, original, *results = many.read_all([path.read_bytes()] + [one.capture for one in made], test_report.key_log(path),
                                                 fields=("isakmp.stream",))
    assert [sa["outcome"] for sa in original.sas] == [sa["outcome"] for sa in over_udp.sas]
    changed = {one.what: texts for one, result in zip(made[1:], results) if (texts := injections.compare(one, original, result, True))}
    assert len(results) == 40 and not changed
