# SPDX-License-Identifier: GPL-2.0-or-later
"""charon's logs with messages in them, beside the capture of the same messages: net = 3 prints what is
received, enc = 3 what is sent."""
from scenarios.scenario import CERT, Scenario

RECEIVED = {"charon.filelog.log.net": "3"}
BOTH = {**RECEIVED, "charon.filelog.log.enc": "3"}
CBC = {"conn.proposals": "aes128-sha256-ecp256", "child.esp_proposals": "aes128-sha256"}


def one(name, shows, both, **more):
    return Scenario(f"log2pcap/{name}", shows, {**CBC, **both}, **more)


SCENARIOS = [
    one(
        "charon",
        "net = 3, enc = 3: PSK, pings, a rekey, delete",
        BOTH,
        steps=("initiate", "ping 1", "rekey-ike initiator", "sleep 1", "terminate"),
    ),
    one(
        "charon-wrong-psk",
        "net = 3, enc = 3: the PSKs differ",
        BOTH,
        responder={"secrets.ike.secret": '"another psk"'},
        steps=("initiate",),
    ),
    one("charon-ipv6", "net = 3, over IPv6", RECEIVED, network="ipv6", steps=("initiate", "terminate")),
    one(
        "charon-ikev1",
        "net = 3, enc = 3: IKEv1 main mode",
        {**BOTH, "conn.version": "1", "conn.proposals": "aes128-sha256-modp2048"},
        steps=("initiate", "terminate"),
    ),
    one(
        "charon-port-500",
        "net = 3, on port 500 throughout: no proposal chosen for the Child SA",
        RECEIVED,
        fake_kernel=True,
        responder={"child.esp_proposals": "aes256-sha512"},
        steps=("initiate",),
    ),
    one(
        "charon-fragments",
        "net = 3, enc = 3: certificates in IKE fragments",
        {**CERT, **BOTH, "conn.fragmentation": "yes", "charon.fragment_size": "400"},
        certificates="ecdsa",
        steps=("initiate",),
    ),
]
