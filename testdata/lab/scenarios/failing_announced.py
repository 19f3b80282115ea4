# SPDX-License-Identifier: GPL-2.0-or-later
"""Failures whose cause is what a side announces, does not send or sends too late."""
from scenarios.failing import one, with_eap
from scenarios.failing_differences import RSA, SENT
from scenarios.failing_more import ikev1
from scenarios.ikev1 import xauth

NO_USER = xauth("", "the client has no password for XAUTH, and sends no user name", initiator={"secrets.xauth.id": "somebody"}, steps=("initiate", "sleep 2"))
NO_USER.name = "failing/xauth-no-user"

SCENARIOS = [
    one(
        "prf",
        "the proposals differ in the PRF alone",
        initiator={"conn.proposals": "aes256gcm16-prfsha512-ecp256"},
        responder={"conn.proposals": "aes256gcm16-prfsha256-ecp256"},
    ),
    one(
        "signature-hash",
        "the initiator verifies signatures with SHA2-512 alone, the responder is to sign with SHA2-256",
        SENT,
        **RSA,
        initiator={"conn.remote.auth": "ike:rsa-sha512"},
        responder={"conn.local.auth": "rsa-sha256"},
    ),
    with_eap("eap-no-secret", "the client has no secret for the method that the gateway requests at once", "eap-md5", responder={"conn.remote.eap_id": "dave"}),
    one("ipcomp-declined", "the initiator requests IPComp, the responder does without", fake_kernel=True, initiator={"child.ipcomp": "yes"}),
    ikev1(
        "dpd-late",
        "the responder hangs, and answers dead peer detection when the initiator has given up",
        {"conn.dpd_delay": "1s", "conn.dpd_timeout": "4s"},
        steps=("initiate", "ping 1", "signal responder STOP", "sleep 8", "signal responder CONT", "sleep 3"),
    ),
    ikev1(
        "message-3",
        "main mode: message 3 is dropped on the way",
        capture="initiator",
        steps=("drop responder input udp dport 500 meta length > 250", "initiate", "sleep 1"),
    ),
    ikev1(
        "quick-unanswered",
        "quick mode gets no response, and the initiator begins again",
        capture="initiator",
        steps=("drop responder input udp dport 4500 meta length > 190", "initiate", "sleep 3"),
    ),
    NO_USER,
]
