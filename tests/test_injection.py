# SPDX-License-Identifier: GPL-2.0-or-later
"""One forged packet changes nothing (injections.py): a sample of kinds and places in sessions of each family.
tools/inject.py injects everything.

STILL_WRONG names what is known to fail, strictly: who mends a kind takes it out.
"""
import collections
import functools
import ipaddress
import random

import pytest

import attacks
import captures
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
         "other version", "plausible answer", "plausible encrypted", "of a stranger", "odd encrypted", "forged keepalive", "other port", "broken packet",
        "forged TCP", "of another session", "enclosed copy", "copy", "IP fragment", "another attempt", "damaged payload")
ATTACKS = attacks.KINDS    # of which the sample is smaller
SESSIONS = ("ikev1/main-psk", "ikev1/main-rsa", "ikev1/aggressive-psk", "ikev1/xauth-psk-push", "ikev1/fragments",
            "ikev1/rekey-pfs", "ikev1/nat-t", "ikev1/wrong-psk", "ikev2/psk-aes-cbc", "ikev2/psk-aes-gcm", "ikev2/cert-rsa",
            "ikev2/fragments", "ikev2/eap-mschapv2", "ikev2/cookie", "ikev2/invalid-ke", "ikev2/rekey-ike", "ikev2/nat-t",
            "ikev2/wrong-psk", "ikev2/create-child-ts-unacceptable", "multiple-ke/eap-mschapv2", "libreswan/from-libreswan-cbc",
            "failing/openiked-pfs", "esp/aes-gcm", "esp/ikev1", "failing/initial-contact", "failing/rekey-dead")
STILL_WRONG = set()


# Every forged packet of a kind whose description begins so, where one rule of the tracker decides: session, kind, what, keys.
DECIDED = (("failing/pfs-differs", "forged encrypted", "exchange 37, payload 42", False),
           ("failing/libreswan-pfs", "plausible encrypted", "payload 36", False),
           ("ikev2/create-child-ts-unacceptable", "other message ID", "3, after frame 6", False),
           ("failing/moved-without-mobike", "clear exchange", "CREATE_CHILD_SA request, ID 1", False),
           ("multiple-ke/eap-mschapv2", "forged encrypted", "exchange 35, payload 35", False),
           ("failing/fragment-lost", "plausible encrypted", "payload 0", False),
           ("failing/initial-contact", "clear exchange", "notify 16393, request", True),
           ("ikev1/nat-t-aggressive", "of another session", "message 2", False),
           ("ikev1/fragments", "of another session", "message 0", True),
           ("failing/mtu-icmp", "forged encrypted", "exchange 35, payload 36, ID 1", True),
           ("failing/mtu-icmp", "forged ICMP", "3/3 of a router", True),
           ("failing/fragment-lost", "changed fragment", "last byte", True),
           ("failing/fragment-lost", "forged fragment", "2 of 4", True),
           ("ikev1/wrong-psk-aggressive", "other port", "848", True),
           ("ikev1/wrong-psk-aggressive", "plausible answer", "phase 1", True),
           ("ikev1/wrong-psk-aggressive", "other first payload", "8", True),
           ("ikev1/wrong-psk-aggressive", "of another session", "message 3 of ikev1/main-psk", True),
           ("ikev1/aes192-md5", "forged first message", "main mode", True),
           ("failing/ppk-differs", "forged first message", "responder SPI set, response", True),
           ("failing/initial-contact", "other version", "main mode", True),
           ("ikev1/main-psk", "damaged payload", "half of 20", True),
           ("ikev2/wrong-psk", "damaged payload", "33, byte 43", True),
           ("failing/killed-half-way", "of another session", "message 3 of ikev2/psk-aes-cbc", True),
           ("ikev1/mode-config", "odd address", "to itself", True),
           ("ikev1/nat-t-aggressive", "odd address", "to itself", True),
           ("failing/libreswan-ikev1-psk", "other port", "4500", True),
           ("ikev2/cert-ed25519", "same SPIs elsewhere", "two strangers", True),
           ("failing/ikev1-hybrid-unknown-ca", "other exchange", "4, ", True),
           ("failing/answer-large", "other exchange", "37", False),
           ("failing/port-4500-one-way", "forged encrypted", "exchange 37, payload 42", False),
           ("failing/certificate-expired", "plausible encrypted", "payload 36, 80 bytes, flags 0x20", False),
           ("libreswan/resume", "plausible encrypted", "payload 36, 80 bytes, flags 0x20", False),
           ("failing/libreswan-ikev1-psk", "third party", "encrypted answer", False),
           ("failing/initial-contact", "spoofed address", "", True))


def sessions(names=SESSIONS):
    """(path, log or None)"""
    for name in names:
        path = TESTDATA / (name + ".pcap")
        log = test_report.key_log(path)
        yield path, log if log.exists() else None


@functools.lru_cache(maxsize=None)
def examined(keys, each=4):
    """kind -> ([(session, what, texts)], number of injections)"""
    changed, total = collections.defaultdict(list), collections.Counter()
    for path, log in sessions():
        session = injections.Target(path)
        for kinds, most in ((KINDS + MORE, each), (ATTACKS, 1)):
            found, made = injections.examine(session, log if keys else None, each=most, kinds=kinds)
            total.update(made)
            for injection, texts in found:
                changed[injection.kind].append((session.name, injection.what, texts))
    return changed, total


@pytest.mark.parametrize("kind, keys", trials.parameters(KINDS + MORE + ATTACKS, STILL_WRONG))
def test_injection(kind, keys):
    changed, total = examined(keys)
    assert total[kind] > 15
    shown = "\n".join(f"{name}, {what}: {'; '.join(texts[:4])}" for name, what, texts in changed[kind][:12])
    assert not changed[kind], f"{len(changed[kind])} of {total[kind]} forged packets change something:\n{shown}"


@pytest.mark.parametrize("name, kind, what, keys", DECIDED)
def test_decided(name, kind, what, keys):
    [(path, log)] = sessions([name])
    session = injections.Target(path)
    made = [one for one in injections.injections(session, kinds=[kind]) if one.what.startswith(what)]
    original, *results = many.read_all([path.read_bytes()] + [one.capture for one in made], log if keys else None,
                                       fields=("isakmp.stream",))
    changed = {one.what: texts for one, result in zip(made, results) if (texts := injections.compare(one, original, result, keys))}
    assert made and not changed


@pytest.mark.parametrize("name", ["ikev2/rekey-ike", "ikev2/no-answer"])
def test_forged_view_of_a_nat(name):
    """The first message again, from another address and with the highest TTL, as it is inside a NAT: nobody answers there."""
    link, frames = captures.read(TESTDATA / (name + ".pcap"))
    forged = captures.Packet(link, frames[0].data).bytes(source=ipaddress.ip_address("10.9.0.66"), ttl=255)
    spoiled = [frames[0], captures.Frame(frames[0].time + 0.0001, forged), *frames[1:]]
    before, after = many.read_all([captures.pcap(link, frames), captures.pcap(link, spoiled)], None, fields=())
    shown = [[(sa["initiator"]["address"], sa["outcome"], sa["rekeyed_to"]) for sa in one.sas] for one in (before, after)]
    assert shown[0] == shown[1]


@pytest.mark.parametrize("name", ["ikev2/psk-aes-cbc", "ikev2/cert-rsa"])
def test_first_message_from_the_other_side(name):
    """The IKE_SA_INIT request with addresses and ports exchanged, before the true one: who responds decides the roles."""
    path = TESTDATA / (name + ".pcap")
    link, frames = captures.read(path)
    first = captures.Packet(link, frames[0].data)
    spoiled = [captures.Frame(frames[0].time, first.bytes(**first.to_sender())), *frames]
    before, after = many.read_all([captures.pcap(link, frames), captures.pcap(link, spoiled)], test_report.key_log(path), fields=())
    shown = [[(sa["initiator"]["address"], sa["outcome"], sa["initiator"]["auth_verified"], sa["decrypted_messages"]) for sa in one.sas]
             for one in (before, after)]
    assert shown[0] == shown[1]


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


def test_refusal_long_after_the_response():
    """Without keys a second response to IKE_AUTH that looks like an error: one that comes a minute later refuses nothing."""
    link, frames = captures.read(TESTDATA / "ikev2" / "psk-aes-cbc.pcap")
    packet = captures.Packet(link, frames[3].data)
    marker, message = packet.ike()
    assert message[18] == 35 and message[19] & 0x20 and message[28] == 36
    body = injections.random_bytes(random.Random(1), 48)
    forged = injections.with_length(message[:28] + bytes([41, 0, 0, 4 + len(body)]) + body)
    late = frames[3]._replace(data=packet.bytes(payload=packet.payload[:8] + marker + forged), time=frames[3].time + 60)
    [result] = many.read_all([captures.pcap(link, frames[:4] + [late])], None)
    [sa] = result.sas
    assert sa["outcome"] == "established" and not sa["cause"]
