# SPDX-License-Identifier: GPL-2.0-or-later
"""IKEv1 scenarios: two strongSwan daemons, or ike-scan or vpnc against one."""
from dataclasses import replace

from scenarios.ikev2 import ANY_PEER, POOL
from scenarios.scenario import CERT, Scenario

IKEV1 = {
    "conn.version": "1",
    "conn.proposals": "aes128-sha1-modp1024",
    "child.esp_proposals": "aes128-sha1",
}
AGGRESSIVE = {
    "conn.aggressive": "yes",
    "charon.i_dont_care_about_security_and_use_aggressive_mode_psk": "yes",
}
PFS = {"conn.proposals": "aes256-sha256-modp2048", "child.esp_proposals": "aes256-sha256-modp2048"}
REKEY = (
    "initiate",
    "ping 2",
    "rekey-child initiator",
    "sleep 0.7",
    "ping 1",
    "rekey-child responder",
    "sleep 0.7",
    "ping 1",
    "rekey-ike initiator",
    "sleep 1",
    "ping 1",
    "rekey-child initiator",
    "sleep 0.7",
    "ping 1",
    "terminate",
)
USER = {"secrets.xauth.id": "carol", "secrets.xauth.secret": '"xauth password"'}


def proposals(ike, esp):
    return {"conn.proposals": ike, "child.esp_proposals": esp}


def one(name, shows, both=None, **more):
    return Scenario(f"ikev1/{name}", shows, {**IKEV1, **(both or {})}, **more)


def xauth(name, shows, first="psk", both=None, initiator=None, responder=None, **more):
    """Both sides authenticate as FIRST says, then the initiator with a user name and a password."""
    cert = {"certs": "me.pem"} if first == "pubkey" else {}
    user = {
        "conn.local.auth": None,
        "conn.local.id": None,
        "connections.c.local-1.auth": first,
        "connections.c.local-1.id": "{my_name}",
        **{f"connections.c.local-1.{k}": v for k, v in cert.items()},
        "connections.c.local-2.auth": "xauth",
        "connections.c.local-2.xauth_id": "carol",
        "conn.remote.auth": first,
    }
    gateway = {
        "conn.local.auth": first,
        **{f"conn.local.{k}": v for k, v in cert.items()},
        "conn.remote.auth": None,
        "conn.remote.id": None,
        "connections.c.remote-1.auth": first,
        "connections.c.remote-1.id": "{peer_name}",
        "connections.c.remote-2.auth": "xauth",
    }
    return one(
        name,
        shows,
        {**USER, **(both or {})},
        initiator={**user, **(initiator or {})},
        responder={**gateway, **(responder or {})},
        **more,
    )


ROAD = {"conn.vips": "0.0.0.0", "child.local_ts": "dynamic", "child.remote_ts": "10.92.0.0/16"}
PUSH = {"conn.pull": "no"}
VIP_STEPS = ("initiate", "ping 3 initiator 10.92.0.1 any", "terminate")

FIRST = [
    one("main-psk", "main mode with PSK, quick mode without PFS"),
    one("main-psk-pfs", "main mode with PSK, quick mode with PFS", PFS),
    one("main-rsa", "main mode with RSA signatures", CERT, certificates="rsa"),
    one(
        "main-ecdsa",
        "main mode with ECDSA signatures (RFC 4754)",
        {**CERT, **proposals("aes256-sha256-ecp256", "aes256-sha256")},
        certificates="ecdsa",
    ),
    one("aggressive-psk", "aggressive mode with PSK", AGGRESSIVE),
    one(
        "aggressive-rsa",
        "aggressive mode with RSA signatures",
        {**AGGRESSIVE, **CERT},
        certificates="rsa",
    ),
    xauth(
        "xauth-psk-pull",
        "PSK, XAUTH, mode config by pull: the client asks",
        initiator=ROAD,
        responder={**POOL, **ANY_PEER},
        steps=VIP_STEPS,
    ),
    xauth(
        "xauth-psk-push",
        "PSK, XAUTH, mode config by push: the gateway sets",
        both=PUSH,
        initiator=ROAD,
        responder={**POOL, **ANY_PEER},
        steps=VIP_STEPS,
    ),
    xauth("xauth-rsa", "RSA signatures and XAUTH", first="pubkey", certificates="rsa"),
    xauth(
        "xauth-aggressive",
        "aggressive mode with PSK, XAUTH, mode config",
        both=AGGRESSIVE,
        initiator=ROAD,
        responder={**POOL, **ANY_PEER},
        steps=VIP_STEPS,
    ),
    xauth(
        "xauth-wrong-password",
        "XAUTH with a wrong password: the status is fail",
        initiator={"secrets.xauth.secret": '"not this"'},
        steps=("initiate",),
    ),
    xauth(
        "xauth-unity",
        "XAUTH and mode config with Cisco Unity attributes: banner, split networks",
        both={"charon.cisco_unity": "yes"},
        initiator={**ROAD, "child.remote_ts": "0.0.0.0/0"},
        responder={
            **POOL,
            **ANY_PEER,
            "child.local_ts": "10.92.0.0/16",
            "pools.p.28672": "welcome to the lab",
            "pools.p.28674": "lab.example",
            "pools.p.split_include": "10.92.0.0/16",
        },
        steps=VIP_STEPS,
    ),
    one(
        "hybrid",
        "hybrid authentication: certificate of the gateway, XAUTH of the client",
        USER,
        initiator={
            "conn.local.auth": "xauth",
            "conn.local.xauth_id": "carol",
            "conn.remote.auth": "pubkey",
        },
        responder={
            "conn.local.auth": "pubkey",
            "conn.local.certs": "me.pem",
            "conn.remote.auth": "xauth",
        },
        certificates="rsa",
    ),
    one(
        "mode-config",
        "main mode PSK and mode config without XAUTH",
        initiator=ROAD,
        responder={**POOL, **ANY_PEER},
        steps=VIP_STEPS,
    ),
]

FLOW = [
    one("rekey", "both phases rekeyed, without PFS", steps=REKEY),
    one("rekey-pfs", "both phases rekeyed, with PFS", PFS, steps=REKEY),
    one(
        "two-children",
        "two quick modes under one phase 1, one of them with PFS",
        {
            f"connections.c.children.m.{k}": v
            for k, v in {
                "local_ts": "{my_net}[icmp]",
                "remote_ts": "{peer_net}[icmp]",
                "esp_proposals": "aes256-sha256-modp2048",
            }.items()
        },
        steps=(
            "initiate",
            "initiate m",
            "ping 3",
            "terminate-child initiator m",
            "sleep 0.3",
            "ping 1",
            "terminate",
        ),
    ),
    one(
        "dpd",
        "dead peer detection of both sides: R-U-THERE and its ACK",
        {"conn.dpd_delay": "1s"},
        steps=("initiate", "ping 1", "sleep 3", "terminate"),
    ),
    one(
        "dpd-timeout",
        "the peer falls silent under DPD",
        {"conn.dpd_delay": "1s", "conn.dpd_timeout": "3s"},
        steps=("initiate", "ping 1", "block responder", "sleep 5"),
    ),
    one(
        "nat-t",
        "initiator behind NAT; captured outside",
        {"charon.keep_alive": "2s"},
        network="nat",
        responder=ANY_PEER,
        steps=("initiate", "ping 3", "sleep 3", "terminate"),
    ),
    one(
        "nat-t-inside",
        "initiator behind NAT; captured inside",
        network="nat",
        capture="initiator",
        responder=ANY_PEER,
    ),
    one(
        "nat-t-aggressive",
        "aggressive mode behind NAT",
        AGGRESSIVE,
        network="nat",
        responder=ANY_PEER,
    ),
    one(
        "fragments",
        "IKE fragmentation (payload 132) forced, certificates",
        {**CERT, "conn.fragmentation": "force", "charon.fragment_size": "400"},
        certificates="rsa",
    ),
    one(
        "fragments-rekey",
        "fragments in two phase 1 SAs of the same peers",
        {**CERT, "conn.fragmentation": "force", "charon.fragment_size": "300"},
        certificates="rsa",
        steps=("initiate", "ping 1", "rekey-ike initiator", "sleep 1.5", "ping 1", "terminate"),
    ),
    one(
        "wrong-psk",
        "the PSKs differ: main mode 5 decrypts to invalid plaintext at the responder",
        responder={"secrets.ike.secret": '"another psk"'},
        steps=("initiate",),
    ),
    one(
        "wrong-psk-aggressive",
        "the PSKs differ in aggressive mode: AUTHENTICATION_FAILED",
        AGGRESSIVE,
        responder={"secrets.ike.secret": '"another psk"'},
        steps=("initiate",),
    ),
    one(
        "no-proposal-chosen",
        "phase 1 answered with NO_PROPOSAL_CHOSEN",
        responder={"conn.proposals": "aes256-sha512-modp4096"},
        steps=("initiate",),
    ),
    one(
        "quick-no-proposal",
        "quick mode answered with NO_PROPOSAL_CHOSEN",
        responder={"child.esp_proposals": "aes256-sha512"},
        steps=("initiate", "terminate"),
    ),
    one(
        "invalid-id",
        "quick mode answered with INVALID_ID_INFORMATION: no such selectors",
        responder={"child.local_ts": "10.200.0.0/16"},
        steps=("initiate", "terminate"),
    ),
    one(
        "unknown-peer",
        "identity of the initiator unknown: AUTHENTICATION_FAILED",
        initiator={"conn.local.id": "stranger.lab.example"},
        steps=("initiate",),
    ),
    one(
        "no-answer",
        "no response to main mode: retransmissions",
        {"charon.retransmit_timeout": "0.5", "charon.retransmit_tries": "4"},
        steps=("block responder", "initiate", "sleep 1"),
    ),
    one(
        "lost-answers",
        "answers lost on port 4500: main mode 5 and 6 repeated",
        {"charon.retransmit_timeout": "0.5"},
        steps=("lose-answers initiator 2", "initiate", "ping 1", "terminate"),
    ),
    one(
        "second-proposal",
        "another proposal chosen than the first offered",
        initiator={
            "conn.proposals": "aes256-sha512-modp2048,aes192-sha256-modp2048,3des-md5-modp2048"
        },
        responder={"conn.proposals": "aes192-sha256-modp2048"},
    ),
    one(
        "lifetimes",
        "short lifetimes in seconds and bytes",
        {
            "conn.reauth_time": "90000s",
            "child.life_time": "1000s",
            "child.rekey_time": "900s",
            "child.life_bytes": "500000000",
            "child.rekey_bytes": "400000000",
        },
    ),
    one("ipv6", "over IPv6", network="ipv6"),
    one(
        "responder-quick",
        "quick mode begun by the responder of phase 1",
        {
            f"connections.c.children.m.{k}": v
            for k, v in {"local_ts": "{my_net}[icmp]", "remote_ts": "{peer_net}[icmp]"}.items()
        },
        steps=("initiate", "initiate m responder", "ping 2", "terminate responder"),
    ),
    one(
        "esp-gcm",
        "ESP with AES-GCM negotiated by quick mode",
        {"child.esp_proposals": "aes128gcm16"},
    ),
    one("esp-null", "ESP without encryption", {"child.esp_proposals": "null-sha256"}),
    one("esp-3des-md5", "ESP with 3DES and HMAC-MD5-96", {"child.esp_proposals": "3des-md5"}),
    one("http", "a web page fetched through the tunnel", steps=("initiate", "http", "terminate")),
]

CIPHERS = ("3des", "aes128", "aes192", "aes256", "camellia128", "camellia192", "camellia256")
HASHES = ("md5", "sha1", "sha256", "sha384", "sha512")
GROUPS = ("modp1024", "modp1536", "modp2048", "ecp256", "ecp384")
ALGORITHMS = (
    [
        one(
            f"{cipher}-{digest}",
            f"phase 1 with {cipher}, {digest}, {group}",
            proposals(
                f"{cipher}-{digest}-{group}",
                f"{cipher if cipher != 'camellia192' else 'aes128'}-{digest}",
            ),
            steps=("initiate", "ping 1", "terminate"),
        )
        for number, cipher in enumerate(CIPHERS)
        for position, digest in enumerate(HASHES)
        for group in [GROUPS[(number + position) % len(GROUPS)]]
    ]
    + [
        one(
            f"{cipher}-sha1",
            f"phase 1 with {cipher}: an old cipher",
            {"conn.proposals": f"{cipher}-sha1-modp1024"},
            steps=("initiate", "ping 1", "terminate"),
        )
        for cipher in ("des", "cast128", "blowfish128", "blowfish256")
    ]
    + [
        one("modp3072", "group 15", {"conn.proposals": "aes256-sha256-modp3072"}),
        one("modp4096", "group 16", {"conn.proposals": "aes256-sha256-modp4096"}),
        one("ecp521", "group 21", {"conn.proposals": "aes256-sha512-ecp521"}),
    ]
)

SCAN = {**AGGRESSIVE, "conn.proposals": "aes256-sha1-modp1024,3des-sha1-modp1024,3des-md5-modp1024"}
OTHERS = [
    one(
        "ike-scan-main",
        "ike-scan: main mode 1 with its default transforms, answered",
        {"conn.proposals": "3des-sha1-modp1024"},
        steps=("kill initiator", "run initiator ike-scan --retry=2 {peer_addr}"),
    ),
    one(
        "ike-scan-aggressive",
        "ike-scan: aggressive mode, the PSK could be guessed from its answer",
        SCAN,
        responder={"conn.remote.id": "%any"},
        steps=(
            "kill initiator",
            "run initiator ike-scan --aggressive --id=vpn --dhgroup=2 --trans=7/256,2,1,2 "
            "--retry=2 {peer_addr}",
        ),
    ),
    one(
        "ike-scan-refused",
        "ike-scan: transforms that the responder rejects with NO_PROPOSAL_CHOSEN",
        {"conn.proposals": "aes256-sha512-modp4096"},
        steps=(
            "kill initiator",
            "run initiator ike-scan --trans=1,1,1,1 --vendor=4048b7d56ebce88525e7de7f00d6c2d3 "
            "--lifetime=600 --lifesize=4096 --retry=2 {peer_addr}",
        ),
    ),
    xauth(
        "vpnc",
        "vpnc against strongSwan: aggressive mode, XAUTH, mode config, Cisco Unity",
        both={
            **AGGRESSIVE,
            "conn.proposals": "aes256-sha1-modp1024,aes128-sha1-modp1024,3des-sha1-modp1024",
            "charon.cisco_unity": "yes",
        },
        responder={
            **POOL,
            **ANY_PEER,
            "connections.c.remote-1.id": "keyid:vpn",
            "conn.local.id": "{my_addr}",
            "child.local_ts": "0.0.0.0/0",
            "child.esp_proposals": "aes256-sha1,aes128-sha1,3des-sha1",
        },
        steps=("kill initiator", "vpnc"),
    ),
]

SCENARIOS = [replace(s) for s in FIRST + FLOW + ALGORITHMS + OTHERS]
