# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions that come up and look odd: bad networks, crossing exchanges, moving hosts, other clients."""
from dataclasses import replace

from scenarios import libreswan, multiple_ke, openiked
from scenarios.ikev1 import ROAD as ROAD_V1
from scenarios.ikev1 import one as ikev1
from scenarios.ikev1 import xauth
from scenarios.ikev2 import ANY_PEER, POOL, SECOND_CHILD, proposals
from scenarios.scenario import CERT, Scenario

MOBIKE = {"conn.mobike": "yes", "conn.local_addrs": "%any", "conn.remote_addrs": "%any"}
TO_PEER = {"conn.remote_addrs": "{peer_addr}"}
PFS = proposals("aes256-sha256-x25519", "aes256-sha256-x25519")
QUICK = {"charon.retransmit_timeout": "0.8"}
ONE_IDENTITY = {
    "responder": {
        **ANY_PEER,
        "conn.remote.id": "initiator.lab.example",
        "child.remote_ts": "10.0.0.0/8",
    },
    "second": {"conn.local.id": "initiator.lab.example"},
}
ANY_CLIENT = {**ANY_PEER, "conn.remote.id": "%any", "child.remote_ts": "10.0.0.0/8"}
NETWORKS = "10.92.0.0/15"  # of both gateways
SECOND_GATEWAY = {
    "pluto.leftid": "@responder.lab.example",
    "pluto.leftsubnet": "10.92.0.1/32",
    "pluto.setup.global-redirect": "no",
}
LOSSY_ROUTER = (
    "run router nft add table ip bad",
    "run router nft add chain ip bad c { type filter hook forward priority 0 ; }",
    "run router nft add rule ip bad c numgen random mod 100 < 8 drop",
)
BUSY_V1 = (
    *("initiate", "ping 5", "rekey-child initiator", "sleep 1", "ping 5"),
    *("rekey-child responder", "sleep 1", "ping 5", "rekey-ike initiator", "sleep 1.5", "ping 5"),
)
BUSY = (*BUSY_V1, "rekey-ike responder", "sleep 1.5", "ping 5")
END = ("wire", "sleep 1", "terminate")


def one(name, shows, both=None, **more):
    return Scenario(f"healthy/{name}", shows, both or {}, **more)


def wired(scenario, how, name=None, steps=BUSY, capture="initiator"):
    """The scenario over a wire that loses, delays or duplicates."""
    name = f"healthy/{name}" if name else scenario.name
    steps = (f"wire {how}", *steps, *END)
    return replace(scenario, name=name, network="wire", capture=capture, steps=steps)


NETWORK = [
    wired(
        one("loss-15", "15 % loss both ways", {**PFS, **QUICK}),
        "loss=15",
        capture="responder",
    ),
    wired(one("jitter", "reordered: each packet 5 to 45 ms late", PFS), "delay=5 jitter=40"),
    wired(
        one("late-copies", "a fourth of the packets again, up to 1.5 s later", {**PFS, **QUICK}),
        "copies=25 late=1500 delay=2",
    ),
    wired(
        one(
            "bad-fragments",
            "certificates in fragments with loss, jitter and copies",
            {**CERT, **QUICK, "charon.fragment_size": "400"},
            certificates="rsa",
        ),
        "loss=8 jitter=30 copies=10 late=300",
    ),
    wired(
        multiple_ke.one(
            "mlkem-jitter",
            "ML-KEM-768 in fragments, reordered, with copies",
            both={**QUICK, "charon.fragment_size": "500"},
        ),
        "jitter=40 copies=20 late=700",
        "mlkem-jitter",
    ),
    wired(
        openiked.one(
            "loss",
            "OpenIKED with 8 % loss, the IKE SA rekeyed by both sides",
            openiked.ALONE,
            openiked.LIVES,
        ),
        "loss=8",
        "openiked-loss",
        ("initiate", "sleep 14"),
        "responder",
    ),
    wired(
        ikev1("jitter", "main mode and quick mode reordered, with copies", QUICK),
        "delay=5 jitter=60 copies=15 late=900",
        "v1-jitter",
        BUSY_V1,
    ),
    wired(
        xauth(
            "loss",
            "XAUTH and mode config with 8 % loss, phase 1 again",
            both=QUICK,
            initiator=ROAD_V1,
            responder={**POOL, **ANY_PEER},
        ),
        "loss=8",
        "v1-xauth-loss",
        (
            "initiate",
            "ping 3 initiator 10.92.0.1 any",
            "rekey-ike initiator",
            "sleep 2",
            "ping 3 initiator 10.92.0.1 any",
        ),
        "responder",
    ),
    wired(
        one(
            "cookie-load",
            "COOKIE after half-open IKE SAs, with loss, the IKE SA rekeyed",
            QUICK,
            responder={
                "charon.cookie_threshold": "1",
                "charon.cookie_threshold_ip": "1",
                "conn.proposals": "aes256-sha256-ecp256,aes128-sha1-modp1024,aes256-sha1-modp1024",
            },
        ),
        "loss=5 delay=5 jitter=10",
        "cookie-load",
        ("half-open 4", "initiate", "ping 2", "rekey-ike responder", "sleep 2"),
        "responder",
    ),
    one(
        "bridge",
        "a bridge between the hosts, captured on all its interfaces",
        PFS,
        network="bridge",
        capture="router:any",
        steps=(*BUSY, "terminate"),
    ),
    one(
        "vxlan",
        "within VXLAN, captured on the inner and the outer interface",
        PFS,
        network="vxlan",
        capture="responder:any",
        steps=(*BUSY, "terminate"),
    ),
    one(
        "outage",
        "a wire that is dead for five seconds while DPD asks",
        {"conn.dpd_delay": "1s", "charon.retransmit_timeout": "1.5"},
        network="wire",
        steps=("initiate", "ping 3", "wire loss=100", "sleep 5", "wire", "sleep 5", "ping 3", "terminate"),
    ),
]

EXCHANGES = [
    one(
        "rekey-crossing-mixed",
        "one side rekeys the IKE SA while the other rekeys the Child SA: TEMPORARY_FAILURE",
        {**PFS, **SECOND_CHILD},
        network="wire",
        steps=(
            *("wire delay=150", "initiate", "initiate m", "ping 2"),
            *("cross", "sleep 4", "ping 2", "cross", "sleep 4", "terminate"),
        ),
    ),
    one(
        "rekey-lost-answers",
        "each side rekeys both SAs, and the first answers to it are lost",
        {**PFS, **QUICK},
        steps=(
            *("initiate", "ping 2", "lose-answers initiator 1", "rekey-child initiator", "sleep 2"),
            *("lose-answers responder 2", "rekey-child responder", "sleep 3", "ping 2"),
            *("lose-answers initiator 1", "rekey-ike initiator", "sleep 3"),
            *("lose-answers responder 2", "rekey-ike responder", "sleep 4", "ping 2", "terminate"),
        ),
    ),
    wired(
        ikev1("dpd-both", "both sides ask R-U-THERE, with loss", {**QUICK, "conn.dpd_delay": "1s"}),
        "loss=10 delay=60 jitter=30",
        "v1-dpd-both",
        ("initiate", "sleep 8", "ping 2"),
        "responder",
    ),
    replace(
        ikev1(
            "reauth-terminate",
            "phase 1 again, and its ISAKMP SA deleted at once, without a quick mode",
            steps=("initiate", "ping 2", "rekey-ike initiator", "sleep 0.3", "terminate"),
        ),
        name="healthy/v1-reauth-terminate",
    ),
    one(
        "reauth-make",
        "reauthentication, make before break",
        {"charon.make_before_break": "yes"},
        steps=("initiate", "ping 2", *("reauth initiator", "sleep 2", "ping 2") * 2, "terminate"),
    ),
    one(
        "redirect-away",
        "REDIRECT of an established SA to another gateway",
        network="three",
        second_is="responder",
        initiator={"conn.remote.id": "gateway.lab.example", "child.remote_ts": NETWORKS},
        responder={"conn.local.id": "gateway.lab.example", "child.local_ts": NETWORKS},
        steps=(
            *("initiate", "ping 2", "redirect 10.9.0.3", "sleep 2"),
            *("ping 2 initiator 10.93.0.1", "terminate"),
        ),
    ),
    replace(
        libreswan.one(
            "redirect-init",
            "REDIRECT in IKE_SA_INIT to another gateway, which comes up",
            {**libreswan.ALONE, "second": "libreswan"},
            network="three",
            second_is="responder",
            initiator={"pluto.accept-redirect": "yes"},
            responder={
                "pluto.setup.global-redirect": "yes",
                "pluto.setup.global-redirect-to": "10.9.0.3",
            },
            second=SECOND_GATEWAY,
            capture="initiator",
            steps=("initiate", "sleep 2", "terminate", "sleep 0.5"),
        ),
        name="healthy/libreswan-redirect-init",
    ),
]

HOSTS = [
    one(
        "unique-replace",
        "another host with the same identity replaces the first",
        {"conn.unique": "replace"},
        network="three",
        steps=(
            *("initiate", "ping 3", "initiate n second", "sleep 1"),
            *("ping 3 second", "terminate second"),
        ),
        **ONE_IDENTITY,
    ),
    one(
        "scan-between",
        "a scan of the gateway between real clients",
        network="three",
        responder=ANY_CLIENT,
        steps=(
            *("initiate", "ping 2", "run second ike-scan --retry=1 10.9.0.2"),
            "run second ike-scan --ikev2 --retry=2 10.9.0.2",
            *("initiate n second", "ping 2 second", "terminate", "terminate second"),
        ),
    ),
    one(
        "mobike-there-and-back",
        "MOBIKE: three addresses in turn, back to the first, and a rekeying between",
        MOBIKE,
        initiator=TO_PEER,
        steps=(
            *("initiate", "ping 2", "move initiator 10.9.0.7/24", "sleep 2", "ping 2"),
            *("move initiator 10.9.0.8/24", "sleep 2", "ping 2"),
            *("move initiator 10.9.0.1/24", "sleep 2", "ping 2", "rekey-ike responder", "sleep 1"),
            *("move initiator 10.9.0.7/24", "sleep 2", "ping 2", "terminate"),
        ),
    ),
    one(
        "nat-rebinding",
        "the NAT gives another port in the middle of the session; all interfaces of the router",
        {**MOBIKE, "conn.dpd_delay": "2s"},
        initiator=TO_PEER,
        network="nat",
        capture="router:any",
        steps=(
            *("initiate", "ping 3", "rebind 41000-41099", "ping 5", "sleep 3", "ping 3"),
            *("rebind 42000-42099", "sleep 3", "ping 3", "terminate"),
        ),
    ),
    one(
        "nat-loss",
        "8 % loss at a NAT, captured at both ends and on all interfaces of the router, merged",
        {**PFS, **QUICK},
        network="nat",
        responder=ANY_PEER,
        capture="responder router:any initiator",
        before=LOSSY_ROUTER,
        steps=(
            *("initiate", "ping 5", "rekey-ike initiator", "sleep 2", "rekey-child responder"),
            *("sleep 2", "rekey-child initiator", "sleep 2", "ping 5", "terminate"),
        ),
    ),
    one(
        "nat-two-clients",
        "two clients behind one NAT, which begin at the same time",
        PFS,
        responder=ANY_CLIENT,
        network="nat3",
        steps=(
            *("both-clients initiate", "ping 2", "ping 2 second", "rekey-ike initiator"),
            *("rekey-child second", "sleep 1", "ping 2", "ping 2 second"),
            *("terminate", "terminate second"),
        ),
    ),
]

SCENARIOS = NETWORK + EXCHANGES + HOSTS
