# SPDX-License-Identifier: GPL-2.0-or-later
"""ESP on IP protocol 50: of the daemons with the UDP header taken out, or made from the keys in their logs."""
from scenarios.ikev2 import NO_PING, proposals
from scenarios.scenario import Scenario

MADE = "strongSwan 5.9.8; ESP by lab/esp.py"


def bare(name, shows, both, **more):
    return Scenario(f"esp/{name}", f"{shows}; ESP on IP protocol 50", both, bare_esp=True, **more)


def made(name, shows, plan, both, **more):
    return Scenario(
        f"esp/{name}",
        shows,
        both,
        made_esp=plan,
        fake_kernel=True,
        steps=NO_PING,
        daemon=MADE,
        **more,
    )


SCENARIOS = [
    bare(
        "aes-cbc",
        "AES-CBC-256 with HMAC-SHA-256-128",
        proposals("aes256-sha256-ecp256", "aes256-sha256"),
    ),
    bare("aes-gcm", "AES-GCM-16", proposals("aes256gcm16-prfsha256-ecp256", "aes256gcm16")),
    bare("chacha20", "ChaCha20-Poly1305", proposals("aes256-sha256-ecp256", "chacha20poly1305")),
    bare("null-sha1", "NULL with HMAC-SHA-1-96", proposals("aes256-sha256-ecp256", "null-sha1")),
    bare(
        "rekey",
        "AES-CBC-128, rekeyed with PFS",
        proposals("aes256-sha256-ecp256", "aes128-sha1-ecp256"),
        steps=("initiate", "ping 2", "rekey-child initiator", "sleep 0.7", "ping 2", "terminate"),
    ),
    bare(
        "http",
        "a web page through AES-CBC",
        proposals("aes256-sha256-ecp256", "aes256-sha1"),
        steps=("initiate", "http", "terminate"),
    ),
    bare(
        "ikev1",
        "IKEv1, quick mode with PFS",
        {"conn.version": "1", **proposals("aes128-sha1-modp1024", "aes128-sha1-modp1024")},
    ),
    bare(
        "ipv6",
        "IPv6 in IPv6, AES-GCM-16",
        proposals("aes256-sha256-ecp256", "aes128gcm16"),
        network="ipv6",
    ),
    made(
        "made-plain",
        "AES-GCM-16 on port 500 throughout",
        "plain",
        proposals("aes256-sha256-ecp256", "aes256gcm16"),
    ),
    made(
        "made-esn",
        "AES-CBC with ESN: the lower half of the sequence number wraps",
        "esn",
        proposals("aes256-sha256-ecp256", "aes256-sha256-esn"),
    ),
    made(
        "made-esn-gcm",
        "AES-GCM-16 with ESN: the lower half of the sequence number wraps",
        "esn",
        proposals("aes256-sha256-ecp256", "aes256gcm16-esn"),
    ),
    made(
        "made-gmac",
        "AES-GMAC: authenticated, not encrypted",
        "plain",
        proposals("aes256-sha256-ecp256", "aes256gmac"),
    ),
    made(
        "made-transport",
        "transport mode, ICMP and UDP",
        "transport",
        {
            **proposals("aes256-sha256-ecp256", "aes128-sha1"),
            "child.mode": "transport",
            "child.local_ts": "dynamic",
            "child.remote_ts": "dynamic",
        },
    ),
    made(
        "made-tfc",
        "traffic flow confidentiality padding and dummy packets",
        "tfc",
        proposals("aes256-sha256-ecp256", "aes128-sha256"),
    ),
    made(
        "made-ipcomp",
        "IPComp (deflate) in ESP",
        "comp",
        {**proposals("aes256-sha256-ecp256", "aes128gcm16"), "child.ipcomp": "yes"},
    ),
]
