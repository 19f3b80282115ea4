# SPDX-License-Identifier: GPL-2.0-or-later
"""More failures of one cause each: certificates that are not accepted, IPComp, lifetimes, identities that come and go, scans."""
from scenarios.failing import one, with_eap
from scenarios.failing_differences import RSA, SENT
from scenarios.failing_pairs import from_libreswan, to_libreswan
from scenarios.failing_pairs import one as pair
from scenarios.ikev1 import IKEV1
from scenarios.ikev2 import ANY_PEER, POOL, ROAD

PFS_GROUP = {"child.esp_proposals": "aes128gcm16-ecp256"}
PPK = {"pluto.ppk": "insist", "pluto.setup.secrets": '%any %any : PPKS "ppk-1" "00112233445566778899"'}
REKEY = ("initiate", "ping 1", "rekey-child", "sleep 1", "terminate")
SECOND_ADDRESS = "10.9.0.7/24"
FIRST_ADDRESS = "10.9.0.1/24"


def ikev1(name, shows, both=None, **more):
    return one(f"ikev1-{name}", shows, {**IKEV1, **(both or {})}, **more)


CERTIFICATES = [
    one("certificate-revoked", "the certificate of the initiator is revoked", SENT, **RSA, revoked="initiator"),
    one("certificate-revoked-responder", "the certificate of the responder is revoked", SENT, **RSA, revoked="responder"),
    ikev1("certificate-revoked", "main mode: the certificate of the initiator is revoked", SENT, **RSA, revoked="initiator"),
    one("key-policy", "the responder wants an RSA key of 4096 bits", SENT, **RSA, responder={"conn.remote.auth": "rsa-4096"}),
    one(
        "key-short",
        "an RSA key of 1024 bits",
        SENT,
        **RSA,
        short_key="initiator",
        responder={"conn.remote.auth": "rsa-2048"},
    ),
    one("intermediate-missing", "the issuer of the initiator's certificate is not sent", SENT, **RSA, intermediate="initiator"),
    ikev1(
        "intermediate-missing",
        "main mode: the issuer of the initiator's certificate is not sent",
        SENT,
        **RSA,
        intermediate="initiator",
    ),
]

AUTHENTICATION = [
    ikev1(
        "responder-id",
        "main mode: the responder has another identity than the initiator expects",
        responder={"conn.local.id": "gw.lab.example"},
    ),
    with_eap(
        "eap-ttls-password",
        "EAP-TTLS: the method inside fails",
        "eap-ttls",
        initiator={"secrets.eap.secret": '"not this"'},
    ),
    to_libreswan(
        "ppk-insist",
        "libreswan insists on a post-quantum preshared key in IKE_SA_INIT",
        responder=PPK,
    ),
]

CHILDREN = [
    one("pfs-none", "the responder wants PFS at the rekeying, the initiator does without", {"child.rekey_time": "0"},
        responder=PFS_GROUP, steps=REKEY),
    ikev1(
        "ipcomp",
        "quick mode with a bundle of ESP and IPComp, of which the cipher is refused",
        fake_kernel=True,
        initiator={"child.ipcomp": "yes"},
        responder={"child.esp_proposals": "aes256-sha1"},
    ),
    one(
        "pool-family",
        "an IPv6 address is requested, the pool has IPv4: two errors in one response",
        initiator={**ROAD, "conn.vips": "::"},
        responder={**POOL, **ANY_PEER},
    ),
    pair(
        "libreswan-transport-dropped",
        "the initiator insists on transport mode and deletes the Child SA that is in tunnel mode",
        "libreswan",
        "libreswan",
        initiator={"pluto.type": "transport", "pluto.leftsubnet": None, "pluto.rightsubnet": None},
        responder={"pluto.leftsubnet": None, "pluto.rightsubnet": None},
    ),
    from_libreswan(
        "ke-empty",
        "libreswan sends an empty KE payload",
        steps=("impair initiator ke_payload:empty", "initiate", "sleep 1"),
    ),
]

LIVES = [
    ikev1(
        "lifetime",
        "IPsec SAs that live for seconds",
        {"child.life_time": "20s", "child.rekey_time": "10s"},
        steps=("initiate", "ping 1", "sleep 14", "terminate"),
    ),
    one(
        "flapping",
        "one identity sets up IKE SAs from two addresses in turn, each replaces the one before",
        {"conn.unique": "replace"},
        initiator={"conn.local_addrs": "%any"},
        responder=ANY_PEER,
        before=(f"run initiator ip addr add {SECOND_ADDRESS} dev eth0",),
        steps=(
            "initiate",
            *(
                step
                for turn in range(4)
                for step in (
                    "kill initiator",
                    *([f"run initiator ip addr add {(SECOND_ADDRESS, FIRST_ADDRESS)[turn % 2]} dev eth0"] if turn else []),
                    f"run initiator ip addr del {(FIRST_ADDRESS, SECOND_ADDRESS)[turn % 2]} dev eth0",
                    "start initiator",
                    "initiate",
                )
            ),
            "ping 1",
            "sleep 1",
        ),
    ),
    one(
        "scan",
        "one address begins IKE SAs with 28 others",
        capture="initiator",
        before=tuple(f"run responder ip addr add 10.9.0.{n}/24 dev eth0" for n in range(3, 30)),
        steps=("run initiator ike-scan --retry=1 --interval=30 --sport=0 10.9.0.2-10.9.0.29", "sleep 3"),
        daemon="strongSwan 5.9.8, ike-scan 1.9.5",
    ),
    one(
        "dpd-late",
        "the responder hangs, and answers DPD when the initiator has given up",
        {"charon.retransmit_timeout": "1", "charon.retransmit_tries": "2"},
        initiator={"conn.dpd_delay": "2s"},
        steps=("initiate", "ping 1", "signal responder STOP", "sleep 10", "signal responder CONT", "sleep 4"),
    ),
]

SCENARIOS = CERTIFICATES + AUTHENTICATION + CHILDREN + LIVES
