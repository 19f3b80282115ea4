# SPDX-License-Identifier: GPL-2.0-or-later
"""Failures that people meet in the field: each has one cause."""
from scenarios.ikev1 import IKEV1, xauth
from scenarios.ikev2 import eap
from scenarios.scenario import CERT, Scenario

# Retransmissions soon, and an end soon.
IMPATIENT = {"charon.retransmit_timeout": "0.5", "charon.retransmit_tries": "4"}

SCENARIOS = [
    Scenario(
        "failing/mtu",
        "IKE_AUTH with certificates is too large for the path, and neither side fragments in IKE",
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
        "the responder restarts and has lost its SAs: DPD gets no response",
        {**IMPATIENT, "conn.dpd_delay": "1s"},
        steps=("initiate", "ping 1", "kill responder", "start responder", "sleep 8"),
    ),
    Scenario(
        "failing/pfs-differs",
        "the Child SA comes up and cannot be rekeyed: one side wants PFS with another group",
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


def one(name, shows, both=None, **more):
    return Scenario(
        f"failing/{name}",
        shows,
        {**IMPATIENT, **(both or {})},
        **{"steps": ("initiate", "sleep 1"), **more},
    )


def with_eap(name, shows, method, both=None, **more):
    return Scenario(
        f"failing/{name}",
        shows,
        **eap(
            method,
            both={**IMPATIENT, **(both or {})},
            **{"steps": ("initiate", "sleep 1"), **more},
        ),
    )


PPK = {
    "conn.ppk_id": "ppk-1",
    "conn.ppk_required": "yes",
    "secrets.ppk.id": "ppk-1",
    "secrets.ppk.secret": "0x0011223344",
}
MORE_CERTIFICATES = [
    one(
        "certificate-early",
        "the certificate of the responder is not valid yet",
        {**CERT, "conn.send_cert": "always"},
        certificates="ecdsa",
        early="responder",
    ),
    one(
        "certificate-name",
        "the certificate of the responder is not made out to the identity that is asked for",
        {**CERT, "conn.send_cert": "always"},
        initiator={"conn.remote.id": "gateway.lab.example"},
        responder={"conn.local.id": "gateway.lab.example"},
        certificates="rsa",
    ),
    one(
        "ikev1-certificate-expired",
        "main mode with RSA signatures: the certificate of the initiator is out of date",
        {**IKEV1, **CERT, "conn.send_cert": "always"},
        certificates="rsa",
        expired="initiator",
    ),
]

MORE_EAP = [
    with_eap(
        "eap-md5-password",
        "EAP-MD5 with a wrong password",
        "eap-md5",
        initiator={"secrets.eap.secret": '"not this"'},
    ),
    with_eap(
        "eap-method",
        "the gateway wants EAP-MD5, the client does EAP-TLS alone",
        "eap-md5",
        initiator={
            "conn.local.auth": "eap-tls",
            "conn.local.certs": "me.pem",
            "conn.local.id": "{my_name}",
        },
    ),
]

MORE_SAS = [
    one(
        "ppk-differs",
        "the post-quantum preshared keys differ",
        PPK,
        responder={"secrets.ppk.secret": "0x5566778899"},
    ),
    one(
        "ppk-missing",
        "the responder insists on a post-quantum preshared key, the initiator has none",
        responder=PPK,
    ),
    one(
        "child-being-deleted",
        "the initiator rekeys a Child SA that the responder has just deleted",
        steps=(
            "initiate",
            "ping 1",
            "both block",
            "terminate-child responder",
            "rekey-child",
            "sleep 0.1",
            "both unblock",
            "sleep 3",
        ),
    ),
    one(
        "dpd-restart",
        "the responder restarts; dead peer detection notices and sets up everything anew",
        {"conn.dpd_delay": "1s", "child.dpd_action": "restart", "child.close_action": "start"},
        steps=("initiate", "ping 1", "kill responder", "start responder", "sleep 14", "ping 1"),
    ),
    one(
        "initial-contact",
        "the initiator restarts and sets up everything anew: INITIAL_CONTACT",
        steps=(
            "initiate",
            "ping 1",
            "kill initiator",
            "start initiator",
            "initiate",
            "ping 1",
            "sleep 1",
        ),
    ),
]

MORE_SILENCE = [
    one(
        "port-closed",
        "nothing listens on the responder: ICMP port unreachable",
        also=" or icmp",
        capture="initiator",
        steps=("kill responder", "initiate", "sleep 1"),
    ),
    one(
        "port-4500-rejected",
        "port 4500 is refused with ICMP",
        also=" or icmp",
        capture="initiator",
        steps=("refuse-port responder 4500", "initiate", "sleep 1"),
    ),
    one(
        "killed-half-way",
        "the responder dies between IKE_SA_INIT and IKE_AUTH",
        also=" or icmp",
        capture="initiator",
        steps=(
            "block-port responder 4500",
            "initiate-soon",
            "kill responder",
            "unblock responder",
            "sleep 8",
        ),
    ),
    one(
        "ip-fragments",
        "IKE_AUTH in IP fragments, of which only the first pass; captured at the responder",
        {**CERT, "conn.fragmentation": "no", "conn.send_cert": "always"},
        certificates="rsa",
        steps=(
            "run initiator ip link set eth0 mtu 1000",
            "block-fragments responder",
            "initiate",
            "sleep 1",
        ),
    ),
    one(
        "large-fragments",
        "IKE fragments that are still too large for the path",
        {**CERT, "conn.send_cert": "always", "charon.fragment_size": "1000"},
        certificates="rsa",
        capture="initiator",
        steps=("block-large responder 900", "initiate", "sleep 1"),
    ),
    one(
        "answer-large",
        "the answer to IKE_AUTH is too large for the path; captured at the responder",
        {**CERT, "conn.fragmentation": "no", "conn.send_cert": "always"},
        certificates="rsa",
        steps=("block-large initiator 1000", "initiate", "sleep 1"),
    ),
]

MORE_IKEV1 = [
    one(
        "ikev1-aggressive-refused",
        "the responder allows no aggressive mode with a PSK",
        {**IKEV1, "conn.aggressive": "yes"},
        initiator={"charon.i_dont_care_about_security_and_use_aggressive_mode_psk": "yes"},
    ),
    one(
        "ikev1-quick-pfs",
        "quick mode with another PFS group than the responder wants",
        IKEV1,
        initiator={"child.esp_proposals": "aes128-sha1-modp2048"},
        responder={"child.esp_proposals": "aes128-sha1-modp3072"},
    ),
    one(
        "ikev1-port-4500",
        "main mode passes on port 500, port 4500 is blocked",
        IKEV1,
        capture="initiator",
        steps=("block-port responder 4500", "initiate", "sleep 1"),
    ),
    xauth(
        "xauth",
        "",
        initiator={"secrets.xauth.id": "dave", "connections.c.local-2.xauth_id": "dave"},
        steps=("initiate", "sleep 1"),
    ),
]
MORE_IKEV1[-1].name, MORE_IKEV1[-1].shows = (
    "failing/xauth-unknown-user",
    "XAUTH of a user that the gateway does not know",
)

MORE_SAS.append(
    one(
        "group-not-tried",
        "an initiator that offers three groups and does not come back with the one that is wanted",
        responder={"conn.proposals": "aes256-sha1-modp2048", "conn.remote_addrs": "%any"},
        steps=("half-open 1", "sleep 2", "half-open 1"),
        daemon="strongSwan 5.9.8, ike-scan 1.9.5",
    )
)

# No daemon of the lab sends these two: the answer is that of strongSwan, TS_UNACCEPTABLE, with another number.
TS_UNACCEPTABLE, SINGLE_PAIR_REQUIRED, FAILED_CP_REQUIRED = 38, 34, 37
MADE = [
    one(
        "made-single-pair",
        "SINGLE_PAIR_REQUIRED in IKE_AUTH: the responder wants one pair of addresses, and networks are asked for",
        {"child.local_ts": "10.91.0.0/16", "child.remote_ts": "10.92.0.0/16"},
        responder={"child.local_ts": "10.200.0.0/16"},
        fake_kernel=True,
        daemon="strongSwan 5.9.8, the notify made",
        made_notify=(TS_UNACCEPTABLE, SINGLE_PAIR_REQUIRED),
    ),
    one(
        "made-cp-required",
        "FAILED_CP_REQUIRED in IKE_AUTH: the responder wants to assign an address, and none is asked for",
        responder={"child.local_ts": "10.200.0.0/16"},
        fake_kernel=True,
        daemon="strongSwan 5.9.8, the notify made",
        made_notify=(TS_UNACCEPTABLE, FAILED_CP_REQUIRED),
    ),
]

SCENARIOS += MADE
SCENARIOS += MORE_CERTIFICATES + MORE_EAP + MORE_SAS + MORE_SILENCE + MORE_IKEV1

LATE = [
    one(
        "terminate-dead",
        "the IKE SA is to be deleted, and the peer is gone",
        steps=("initiate", "ping 1", "kill responder", "terminate", "sleep 5"),
    ),
    one(
        "rekey-dead",
        "the Child SA is to be rekeyed, and the peer is gone",
        steps=("initiate", "ping 1", "kill responder", "rekey-child", "sleep 6"),
    ),
]
SCENARIOS += LATE + [
    one(
        "ikev1-hybrid-unknown-ca",
        "hybrid authentication: the client does not know the authority of the gateway, and leaves",
        IKEV1,
        initiator={
            "conn.local.auth": "xauth",
            "conn.local.xauth_id": "carol",
            "conn.remote.auth": "pubkey",
            "secrets.xauth.id": "carol",
            "secrets.xauth.secret": '"x"',
        },
        responder={
            "conn.local.auth": "pubkey",
            "conn.local.certs": "me.pem",
            "conn.remote.auth": "xauth",
            "secrets.xauth.id": "carol",
            "secrets.xauth.secret": '"x"',
        },
        certificates="rsa",
        strangers=True,
    ),
    one(
        "answer-fragments",
        "the answer to IKE_AUTH comes in IKE fragments that are too large for the way back",
        {**CERT, "conn.send_cert": "always", "charon.fragment_size": "500"},
        certificates="rsa",
        capture="initiator",
        steps=("block-large initiator 400", "initiate", "sleep 1"),
    ),
    with_eap(
        "eap-tls-expired",
        "EAP-TLS with a certificate that is out of date",
        "eap-tls",
        initiator={
            "conn.local.certs": "me.pem",
            "conn.local.eap_id": None,
            "conn.local.id": "{my_name}",
        },
        expired="initiator",
    ),
]
