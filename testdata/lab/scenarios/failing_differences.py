# SPDX-License-Identifier: GPL-2.0-or-later
"""Paths that lose one thing, and configurations that differ in one thing."""
from scenarios.failing import one, with_eap
from scenarios.failing_pairs import from_libreswan, to_libreswan, to_openiked
from scenarios.ikev1 import IKEV1, xauth
from scenarios.ikev2 import ANY_PEER, POOL, ROAD
from scenarios.scenario import CERT

SENT = {**CERT, "conn.send_cert": "always"}
FRAGMENTS = {**SENT, "charon.fragment_size": "500"}
RSA = {"certificates": "rsa"}


def connection(name, settings):
    """Another connection of the initiator, in full."""
    base = {
        "version": "2",
        "local_addrs": "{my_addr}",
        "remote_addrs": "{peer_addr}",
        "proposals": "aes256-sha256-ecp256",
        "local.auth": "psk",
        "remote.auth": "psk",
        "remote.id": "{peer_name}",
    }
    return {f"connections.{name}.{key}": value for key, value in {**base, **settings}.items()}


def child(name, settings):
    """Another Child SA of the connection."""
    return {f"connections.c.children.{name}.{key}": value for key, value in settings.items()}


def second_child(name, shows, proposed, accepted):
    """A second Child SA, of ICMP, for which one suite is proposed and another accepted."""
    return one(
        name,
        shows,
        child("m", {"local_ts": "{my_net}[icmp]", "remote_ts": "{peer_net}[icmp]"}),
        initiator=child("m", {"esp_proposals": proposed}),
        responder={
            **child("m", {"esp_proposals": accepted}),
            "child.local_ts": "{my_net}[udp]",
            "child.remote_ts": "{peer_net}[udp]",
        },
        steps=("initiate", "initiate m", "sleep 1", "terminate"),
    )


PATHS = [
    one(
        "fragment-lost",
        "fragment 2 of the IKE_AUTH request never arrives; captured at the responder",
        FRAGMENTS,
        **RSA,
        steps=("drop-fragment initiator output 2", "initiate", "sleep 1"),
    ),
    one(
        "answer-fragment-lost",
        "fragment 3 of the IKE_AUTH response never arrives; captured at the initiator",
        FRAGMENTS,
        **RSA,
        capture="initiator",
        steps=("drop-fragment responder output 3", "initiate", "sleep 1"),
    ),
    one(
        "ikev1-fragment-lost",
        "main mode: fragment 2 of message 5 never arrives; captured at the responder",
        {**IKEV1, **FRAGMENTS},
        **RSA,
        steps=("drop-fragment-v1 initiator output 2", "initiate", "sleep 1"),
    ),
    one(
        "port-4500-one-way",
        "responses from port 4500 never arrive; captured at the responder",
        steps=("drop initiator input udp sport 4500", "initiate", "sleep 1"),
    ),
    one(
        "mtu-icmp",
        "IKE_AUTH is too large for a link behind the router, which says so",
        {**SENT, "conn.fragmentation": "no"},
        **RSA,
        network="nat",
        capture="initiator",
        also=" or icmp",
        responder=ANY_PEER,
        steps=("run router ip link set out0 mtu 1000", "initiate", "sleep 1"),
    ),
    one(
        "nat-mapping-expired",
        "the NAT mapping of the initiator expires: requests of the responder do not arrive",
        {"charon.keep_alive": "0"},
        initiator={"conn.dpd_delay": "0s"},
        network="nat",
        responder={**ANY_PEER, "conn.dpd_delay": "3s"},
        steps=(
            "run router sysctl -qw net.netfilter.nf_conntrack_udp_timeout=2",
            "run router sysctl -qw net.netfilter.nf_conntrack_udp_timeout_stream=2",
            "initiate",
            "ping 1",
            "sleep 16",
        ),
    ),
    one(
        "nat-mapping-changed",
        "the router gives the initiator another port",
        {"conn.dpd_delay": "0s", "charon.keep_alive": "0"},
        network="nat",
        responder=ANY_PEER,
        steps=(
            "initiate",
            "ping 1",
            "rebind 6000-6100",
            "rekey-child initiator",
            "sleep 1",
            "ping 2",
            "terminate",
        ),
    ),
]

ALGORITHMS = [
    one(
        "ah-esp",
        "AH is proposed, ESP is configured",
        fake_kernel=True,
        initiator={"child.esp_proposals": None, "child.ah_proposals": "sha256"},
    ),
    second_child(
        "child-first-pfs",
        "a second Child SA needs PFS, which the first one could not have",
        "aes128gcm16",
        "aes128gcm16-ecp256",
    ),
    to_libreswan(
        "esn",
        "strongSwan insists on extended sequence numbers, libreswan does without",
        initiator={"child.esp_proposals": "aes128-sha256-esn"},
        responder={"pluto.esn": "no"},
    ),
    to_libreswan(
        "transport",
        "libreswan has transport mode, strongSwan asks for tunnel mode",
        responder={"pluto.type": "transport"},
    ),
    from_libreswan(
        "invalid-ke",
        "libreswan sends a public value of zeros",
        steps=("impair initiator ke_payload:0", "initiate", "sleep 1"),
    ),
    to_openiked(
        "pfs",
        "OpenIKED wants PFS at the rekeying, strongSwan does without",
        {"iked.childsa": "enc aes-256 auth hmac-sha1 group ecp256"},
        steps=("initiate", "sleep 1", "rekey-child", "sleep 3", "terminate"),
    ),
    to_openiked(
        "ts",
        "OpenIKED answers with networks that were not proposed; strongSwan drops the Child SA",
        initiator={"child.remote_ts": "10.77.0.0/16"},
    ),
]

XAUTH_MISSING = xauth(
    "",
    "the gateway wants XAUTH, the client proposes a PSK alone",
    initiator={
        "connections.c.local-2.auth": None,
        "connections.c.local-2.xauth_id": None,
    },
    steps=("initiate", "sleep 2"),
)
XAUTH_MISSING.name = "failing/ikev1-xauth-missing"

AUTHENTICATION = [
    one(
        "cert-against-psk",
        "the initiator has a certificate, the responder expects a PSK",
        {"conn.send_cert": "always"},
        initiator={"conn.local.auth": "pubkey", "conn.local.certs": "me.pem"},
        **RSA,
    ),
    one(
        "psk-against-eap",
        "the initiator has a PSK, the responder expects EAP",
        responder={
            "conn.remote.auth": "eap-md5",
            "conn.remote.eap_id": "%any",
            "secrets.eap.id": "carol",
            "secrets.eap.secret": '"x y"',
        },
    ),
    one(
        "eap-against-psk",
        "the initiator wants EAP, the responder expects a PSK",
        initiator={
            "conn.local.auth": "eap",
            "conn.local.eap_id": "carol",
            "secrets.eap.id": "carol",
            "secrets.eap.secret": '"x y"',
        },
    ),
    with_eap(
        "eap-gateway-unknown-ca",
        "the client does not know the authority of the gateway's certificate",
        "eap-mschapv2",
        strangers=True,
    ),
    one(
        "certificate-other-id",
        "the initiator claims an identity that its certificate has not",
        SENT,
        initiator={"conn.local.id": "boss.lab.example"},
        responder={"conn.remote.id": "boss.lab.example"},
        certificates="ecdsa",
    ),
    one(
        "certificate-not-sent",
        "no certificate is sent, and the responder does not have it",
        {**CERT, "conn.send_cert": "never"},
        **RSA,
    ),
    XAUTH_MISSING,
]

CHILDREN = [
    one(
        "pool-exhausted",
        "the pool has one address, which another client has",
        {"conn.unique": "never"},
        initiator={
            **ROAD,
            **connection(
                "d",
                {
                    "vips": "0.0.0.0",
                    "local.id": "second.lab.example",
                    "children.m.local_ts": "dynamic",
                    "children.m.remote_ts": "0.0.0.0/0",
                    "children.m.esp_proposals": "aes128gcm16",
                },
            ),
        },
        responder={**POOL, **ANY_PEER, "pools.p.addrs": "10.94.0.1/32", "conn.remote.id": "%any"},
        steps=("initiate", "sleep 1", "initiate m", "sleep 1"),
    ),
    one(
        "childless-refused",
        "the responder insists on childless IKE SAs",
        responder={"conn.childless": "force"},
    ),
]

SCENARIOS = PATHS + ALGORITHMS + AUTHENTICATION + CHILDREN
