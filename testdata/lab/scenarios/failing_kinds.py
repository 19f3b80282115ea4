# SPDX-License-Identifier: GPL-2.0-or-later
"""Failures of further kinds: rounds of authentication, identities by type, labels, modes, mappings that ESP alone shows."""
from scenarios.failing import one, with_eap
from scenarios.failing_differences import RSA, SENT, connection, second_child
from scenarios.failing_more import PPK, ikev1
from scenarios.failing_pairs import IKEV1 as IKEV1_PAIR
from scenarios.failing_pairs import from_libreswan
from scenarios.ikev2 import ANY_PEER, EAP_SERVER, EAP_USER, EXPECTS_TWO_ROUNDS, TWO_ROUNDS
from strongswan import PLUGINS

RADIUS = {
    "charon.load": f"{PLUGINS} eap-radius",
    "charon.plugins.eap-radius.servers.a.address": "10.9.0.77",
    "charon.plugins.eap-radius.servers.a.secret": "x",
    "charon.plugins.eap-radius.servers.a.retransmit_tries": "1",
}
HOSTS = {"child.local_ts": "dynamic", "child.remote_ts": "dynamic"}

SCENARIOS = [
    one("id-address", "the initiator sends its address as identity, the responder expects a name", initiator={"conn.local.id": "{my_addr}"}),
    one(
        "multi-auth-password",
        "RFC 4739: the certificate is right, the password of the second round is not",
        EAP_USER,
        initiator={**TWO_ROUNDS, "secrets.eap.secret": '"not this"'},
        responder=EXPECTS_TWO_ROUNDS,
        **RSA,
    ),
    one(
        "multi-auth-unexpected",
        "RFC 4739: the initiator begins a second round that the responder does not expect",
        EAP_USER,
        initiator=TWO_ROUNDS,
        responder={**EAP_SERVER, "conn.remote.auth": "pubkey"},
        **RSA,
    ),
    one(
        "signature-pss",
        "the initiator signs by PKCS #1, the responder wants RSASSA-PSS",
        SENT,
        **RSA,
        initiator={"conn.local.auth": "rsa/pkcs1-sha256"},
        responder={"conn.remote.auth": "ike:rsa/pss-sha256"},
    ),
    with_eap(
        "eap-child-refused",
        "EAP is right, and the Child SA is refused after it",
        "eap-mschapv2",
        initiator={"child.esp_proposals": "aes256-sha512"},
    ),
    with_eap("eap-radius", "the gateway has no connection to its RADIUS server", "eap-radius", responder=RADIUS),
    with_eap("auth-lifetime", "the gateway limits the life of the authentication (RFC 4478)", "eap-md5", responder={"conn.reauth_time": "3600s"}),
    second_child(
        "child-cipher",
        "a second Child SA is refused for its cipher, the first one shows what is accepted",
        "aes256-sha512",
        "aes128gcm16",
    ),
    one(
        "label",
        "the security labels of the Child SA differ (RFC 9478)",
        {"child.label_mode": "simple"},
        initiator={"child.label": "system_u:object_r:a_t:s0"},
        responder={"child.label": "system_u:object_r:b_t:s0"},
    ),
    one(
        "nat-mapping-esp",
        "the router gives the initiator another port, and ESP alone shows it",
        {"conn.dpd_delay": "0s", "charon.keep_alive": "0"},
        network="nat",
        responder=ANY_PEER,
        steps=(
            "initiate",
            "ping 2",
            "rebind 6000-6100",
            "ping 3",
            "sleep 1",
        ),
    ),
    ikev1("certificate-early", "main mode: the initiator drops a responder whose certificate is not valid yet", SENT, **RSA, early="responder"),
    ikev1("transport", "quick mode in transport mode, the responder has tunnel mode", fake_kernel=True, initiator={**HOSTS, "child.mode": "transport"}, responder=HOSTS),
    ikev1(
        "unique",
        "main mode: the responder keeps the IKE SA that this identity has from another address",
        initiator=connection(
            "d",
            {
                "version": "1",
                "proposals": "aes128-sha1-modp1024",
                "local.id": "{my_name}",
                "local_addrs": "10.9.0.7",
                "children.m.local_ts": "10.95.0.0/24",
                "children.m.remote_ts": "{peer_net}",
                "children.m.esp_proposals": "aes128-sha1",
            },
        ),
        responder={**ANY_PEER, "conn.unique": "keep", "child.remote_ts": "0.0.0.0/0"},
        before=("run initiator ip addr add 10.9.0.7/24 dev eth0",),
        steps=("initiate", "sleep 1", "initiate m", "sleep 1"),
    ),
    from_libreswan("ikev1-id", "main mode: libreswan rejects the identity of the responder in message 6", IKEV1_PAIR, responder={"conn.local.id": "gw.lab.example"}),
    from_libreswan("ppk", "libreswan insists on a post-quantum preshared key that the responder does not have", initiator=PPK),
]
