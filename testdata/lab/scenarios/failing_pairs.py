# SPDX-License-Identifier: GPL-2.0-or-later
"""Failures between daemons of different makers: each has its own way to say no, or says nothing."""
from libreswan import CONNECTION
from openiked import RULE
from scenarios.ikev1 import AGGRESSIVE
from scenarios.keylogger import certificates
from scenarios.libreswan import CBC, GCM
from scenarios.openiked import CBC as IKED_CBC
from scenarios.scenario import Scenario

PLUTO = {f"pluto.{k}": v for k, v in CONNECTION.items()}
NAMES = {"strongswan": "strongSwan 5.9.8", "libreswan": "libreswan 5.2", "openiked": "OpenIKED 7.4"}
IMPATIENT = {
    "charon.retransmit_timeout": "0.5",
    "charon.retransmit_tries": "4",
    "pluto.retransmit-timeout": "6s",
}
IKEV1 = {
    "conn.version": "1",
    "conn.proposals": "aes128-sha1-modp2048",
    "child.esp_proposals": "aes128-sha1",
    "pluto.keyexchange": "ikev1",
    "pluto.ike": "aes128-sha1-dh14",
    "pluto.esp": "aes128-sha1",
}
OTHER_PSK = {"secrets.ike.secret": '"another psk"'}


def one(name, shows, from_, to, both=None, **more):
    kinds = {"initiator": from_, "responder": to}
    return Scenario(
        f"failing/{name}",
        shows,
        {**PLUTO, "iked.rule": RULE, **IMPATIENT, **(both or {})},
        kinds={side: kind for side, kind in kinds.items() if kind != "strongswan"},
        daemon=", ".join(dict.fromkeys(NAMES[kind] for kind in kinds.values())),
        **{"steps": ("initiate", "sleep 1"), "fake_kernel": True, **more},
    )


def to_libreswan(name, shows, both=None, **more):
    return one(
        f"libreswan-{name}", shows, "strongswan", "libreswan", {**CBC, **(both or {})}, **more
    )


def from_libreswan(name, shows, both=None, **more):
    return one(
        f"from-libreswan-{name}", shows, "libreswan", "strongswan", {**CBC, **(both or {})}, **more
    )


def to_openiked(name, shows, both=None, **more):
    return one(
        f"openiked-{name}", shows, "strongswan", "openiked", {**IKED_CBC, **(both or {})}, **more
    )


def from_openiked(name, shows, both=None, **more):
    return one(
        f"from-openiked-{name}",
        shows,
        "openiked",
        "strongswan",
        {**IKED_CBC, **(both or {})},
        **more,
    )


LIBRESWAN = [
    to_libreswan("psk", "libreswan refuses: the PSKs differ", responder=OTHER_PSK),
    to_libreswan(
        "idr",
        "libreswan is asked to be somebody else",
        initiator={"conn.remote.id": "gateway.lab.example"},
    ),
    to_libreswan(
        "esp",
        "libreswan accepts no proposal for the Child SA",
        initiator={"child.esp_proposals": "aes256-sha512"},
    ),
    to_libreswan(
        "ts", "libreswan has other networks", responder={"pluto.leftsubnet": "10.77.0.0/16"}
    ),
    to_libreswan(
        "pfs",
        "the Child SA comes up with libreswan and cannot be rekeyed: PFS groups differ",
        initiator={"child.esp_proposals": "aes128-sha256-ecp256", "child.rekey_time": "0"},
        responder={"pluto.esp": "aes128-sha2_256-modp2048"},
        steps=("initiate", "sleep 1", "rekey-child", "sleep 2", "terminate"),
    ),
    to_libreswan(
        "ikev1-rejected",
        "an IKEv1 initiator and a libreswan that refuses IKEv1 by its version",
        IKEV1,
        responder={
            "pluto.keyexchange": "ikev2",
            "pluto.setup.ikev1-policy": "reject",
            "pluto.ike": None,
            "pluto.esp": None,
        },
        steps=("initiate", "sleep 1"),
    ),
    to_libreswan(
        "ikev1-psk", "main mode with libreswan, the PSKs differ", IKEV1, responder=OTHER_PSK
    ),
    to_libreswan(
        "ikev1-networks",
        "libreswan has other networks: quick mode is refused",
        IKEV1,
        responder={"pluto.leftsubnet": "10.77.0.0/16"},
    ),
    to_libreswan(
        "ikev1-id",
        "libreswan has no configuration for that identity in main mode",
        IKEV1,
        initiator={"conn.local.id": "stranger.lab.example"},
    ),
    from_libreswan(
        "ts",
        "strongSwan has other networks than libreswan",
        responder={"child.local_ts": "10.77.0.0/16"},
    ),
    from_libreswan(
        "esp",
        "strongSwan accepts no proposal of libreswan for the Child SA",
        responder={"child.esp_proposals": "aes256gcm16"},
    ),
    from_libreswan(
        "ikev1-psk", "main mode of libreswan, the PSKs differ", IKEV1, responder=OTHER_PSK
    ),
    from_libreswan(
        "ikev1-aggressive-psk",
        "aggressive mode of libreswan, the PSKs differ",
        {
            **IKEV1,
            **AGGRESSIVE,
            "pluto.aggressive": "yes",
            "conn.proposals": "aes128-sha1-modp2048",
        },
        responder=OTHER_PSK,
    ),
    from_libreswan(
        "ikev1-pfs",
        "quick mode of libreswan: PFS groups differ",
        IKEV1,
        responder={"child.esp_proposals": "aes128-sha1-modp3072"},
    ),
    from_libreswan(
        "version-3",
        "an initiator of IKE version 3: INVALID_MAJOR_VERSION",
        steps=("impair initiator major_version_bump", "initiate", "sleep 1"),
    ),
    from_libreswan(
        "critical",
        "an unknown payload marked critical in IKE_AUTH: UNSUPPORTED_CRITICAL_PAYLOAD",
        steps=(
            "impair initiator add_unknown_v2_payload_to_sk:IKE_AUTH",
            "impair initiator unknown_v2_payload_critical:yes",
            "initiate",
            "sleep 1",
        ),
    ),
]

def libreswan_alone(name, shows, both=None, **more):
    return one(f"libreswan-{name}", shows, "libreswan", "libreswan", both, **more)


LIBRESWAN_ALONE = [
    libreswan_alone(
        "busy",
        "both sides rekey at once: libreswan drops what comes meanwhile, and does not know the new IKE SA",
        {**certificates("ecdsa"), "keylogger": "yes", "pluto.pfs": "yes"},
        steps=(
            *("initiate", "sleep 1", "both rekey-child", "sleep 2", "both rekey-ike", "sleep 2"),
            *("both rekey-child", "sleep 2", "terminate", "sleep 0.5"),
        ),
    ),
    libreswan_alone(
        "ikev1-aggressive-psk",
        "aggressive mode, the PSKs differ: libreswan says so once, in clear",
        {**IKEV1, "pluto.aggressive": "yes"},
        responder=OTHER_PSK,
    ),
    libreswan_alone(
        "proposals",
        "IKE_SA_INIT is sent again and again, and refused each time by another SPI",
        GCM,
        responder={"pluto.ike": "aes128-sha2_256-dh15"},
    ),
]

OPENIKED = [
    to_openiked("psk", "OpenIKED refuses: the PSKs differ", responder=OTHER_PSK),
    to_openiked(
        "esp",
        "OpenIKED accepts no proposal for the Child SA",
        initiator={"child.esp_proposals": "aes192-sha512"},
    ),
    to_openiked(
        "ikev1", "an IKEv1 initiator and OpenIKED, which speaks IKEv2 alone", {"conn.version": "1"}
    ),
    to_openiked(
        "cp-required",
        "OpenIKED has an address pool for its peers, and the initiator asks for none",
        responder={"iked.options": "config address 10.94.0.0/24"},
    ),
    from_openiked(
        "ts",
        "strongSwan has other networks than OpenIKED",
        responder={"child.local_ts": "10.77.0.0/16"},
    ),
]

SCENARIOS = LIBRESWAN + LIBRESWAN_ALONE + OPENIKED
