# SPDX-License-Identifier: GPL-2.0-or-later
"""Failures that people meet in the field: each has one cause."""
from scenarios.scenario import CERT, Scenario

# Retransmissions soon, and an end soon.
IMPATIENT = {"charon.retransmit_timeout": "0.5", "charon.retransmit_tries": "4"}

SCENARIOS = [
    Scenario(
        "failing/mtu",
        "IKE_AUTH with certificates is too large for the path, and nobody fragments in IKE",
        {**CERT, **IMPATIENT, "conn.fragmentation": "no", "conn.send_cert": "always"},
        certificates="rsa",
        capture="initiator",
        steps=("block-large responder 1000", "initiate", "sleep 1"),
    ),
    Scenario(
        "failing/port-4500",
        "IKE_SA_INIT passes on port 500, port 4500 is blocked",
        IMPATIENT,
        capture="initiator",
        steps=("block-port responder 4500", "initiate", "sleep 1"),
    ),
    Scenario(
        "failing/answers-blocked",
        "the answers are on the wire, and a firewall before the initiator drops them",
        IMPATIENT,
        capture="initiator",
        steps=("block initiator", "initiate", "sleep 1"),
    ),
    Scenario(
        "failing/ikev1-to-ikev2",
        "an IKEv1 initiator and a responder that is configured for IKEv2 alone",
        IMPATIENT,
        {"conn.version": "1", "conn.proposals": "aes128-sha1-modp2048"},
        steps=("initiate", "sleep 1"),
    ),
    Scenario(
        "failing/ikev2-to-ikev1",
        "an IKEv2 initiator and a responder that is configured for IKEv1 alone",
        IMPATIENT,
        responder={"conn.version": "1", "conn.proposals": "aes128-sha1-modp2048"},
        steps=("initiate", "sleep 1"),
    ),
    Scenario(
        "failing/peer-restarted",
        "the responder restarts and knows nothing of its SAs: DPD finds nobody",
        {**IMPATIENT, "conn.dpd_delay": "1s"},
        steps=("initiate", "ping 1", "kill responder", "start responder", "sleep 8"),
    ),
    Scenario(
        "failing/pfs-differs",
        "the CHILD_SA comes up and cannot be rekeyed: one side wants PFS with another group",
        {**IMPATIENT, "child.rekey_time": "0"},
        {"child.esp_proposals": "aes128gcm16-ecp256"},
        {"child.esp_proposals": "aes128gcm16-ecp384"},
        steps=("initiate", "ping 1", "rekey-child", "sleep 1", "terminate"),
    ),
    Scenario(
        "failing/responder-id",
        "the responder proves another identity than the initiator was told to expect",
        IMPATIENT,
        {"conn.remote.id": "gateway.lab.example"},
        {"conn.local.id": "responder.lab.example"},
        steps=("initiate", "sleep 1"),
    ),
    Scenario(
        "failing/certificate-expired",
        "the certificate of the initiator expired years ago",
        {**CERT, **IMPATIENT, "conn.send_cert": "always"},
        certificates="ecdsa",
        expired="initiator",
        steps=("initiate", "sleep 1"),
    ),
    Scenario(
        "failing/wrong-group-twice",
        "the responder asks for a group that the initiator does not offer",
        IMPATIENT,
        {"conn.proposals": "aes256-sha256-ecp256"},
        {"conn.proposals": "aes256-sha256-ecp384"},
        steps=("initiate", "sleep 1"),
    ),
]
