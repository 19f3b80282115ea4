# SPDX-License-Identifier: GPL-2.0-or-later
"""Failures of further kinds: rounds of authentication, identities by type, labels, modes, mappings that ESP alone shows."""
from dataclasses import replace

from scenarios.failing import one, with_eap
from scenarios.failing_differences import RSA, SENT, connection, second_child
from scenarios.failing_more import PPK, ikev1
from scenarios.failing_pairs import IKEV1 as IKEV1_PAIR
from scenarios.failing_pairs import from_libreswan
from scenarios.failing_pairs import one as pair
from scenarios.ikev1 import AGGRESSIVE
from scenarios.ikev1 import SCENARIOS as OF_IKEV1
from scenarios.ikev2 import ANY_PEER, EAP_SERVER, EAP_USER, EXPECTS_TWO_ROUNDS, TWO_ROUNDS
from scenarios.libreswan import CBC
from scenarios.multiple_ke import GCM, ROOT
from strongswan import PLUGINS

RADIUS = {
    "charon.load": f"{PLUGINS} eap-radius",
    "charon.plugins.eap-radius.servers.a.address": "10.9.0.77",
    "charon.plugins.eap-radius.servers.a.secret": "x",
    "charon.plugins.eap-radius.servers.a.retransmit_tries": "1",
}
HOSTS = {"child.local_ts": "dynamic", "child.remote_ts": "dynamic"}
VPNC = next(s for s in OF_IKEV1 if s.name == "ikev1/vpnc")

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
    one(
        "accepted-before",
        "the identity of the initiator was changed: the one before was accepted",
        steps=("initiate", "ping 1", "terminate", "sleep 0.3", "reconfigure initiator conn.local.id stranger.lab.example", "initiate", "sleep 1"),
    ),
    one("certificate-self-signed", "the certificate of the responder is self-signed", SENT, **RSA, self_signed="responder"),
    one("intermediate-missing-responder", "the issuer of the responder's certificate is not sent", SENT, **RSA, intermediate="responder"),
    one(
        "half-open-limit",
        "the responder has as many half-open IKE SAs as it allows, and does not respond any more",
        responder={
            "charon.init_limit_half_open": "1",
            "conn.remote_addrs": "%any",
            "conn.proposals": "aes256-sha256-ecp256,3des-sha1-modp1024",
        },
        steps=("half-open 2", "sleep 0.3", "initiate", "sleep 1"),
        daemon="strongSwan 5.9.8, ike-scan 1.9.5",
    ),
    one(
        "moved-without-mobike",
        "the initiator moves to an address for which the responder, without MOBIKE, has no configuration",
        initiator={"conn.mobike": "yes", "conn.dpd_delay": "1s", "conn.local_addrs": "%any"},
        steps=("initiate", "ping 1", "move initiator 10.9.0.7/24", "sleep 6"),
    ),
    one("child-delete-lost", "a Child SA is to be deleted, and the responder does not answer", steps=("initiate", "ping 1", "block responder", "terminate-child", "sleep 6")),
    ikev1("aggressive-responder-id", "aggressive mode: the initiator refuses the identity of the responder in clear", AGGRESSIVE, responder={"conn.local.id": "gw.lab.example"}),
    ikev1("answers-blocked", "main mode: message 2 is on the wire and does not reach the initiator", steps=("drop initiator input udp sport 500", "initiate", "sleep 1")),
    pair(
        "from-libreswan-drops-responder",
        "libreswan deletes the IKE SA of a responder with another identity, without an error",
        "libreswan",
        "libreswan",
        CBC,
        initiator={"pluto.rightid": "@gateway.lab.example"},
    ),
    pair(
        "libreswan-ikev1-unknown-id",
        "main mode: libreswan refuses the identity once, and the initiator goes on with message 5",
        "libreswan",
        "libreswan",
        IKEV1_PAIR,
        initiator={"pluto.leftid": "@stranger.lab.example"},
    ),
    pair(
        "libreswan-ikev1-quick",
        "quick mode: libreswan refuses the networks each time that they are requested",
        "libreswan",
        "libreswan",
        IKEV1_PAIR,
        initiator={"pluto.rightsubnet": "10.77.0.0/16"},
    ),
    one("certificate-usage", "the certificate of the initiator is for signing CRLs alone", SENT, **RSA, signs_crls="initiator"),
    one(
        "pfs-responder",
        "the responder rekeys the Child SA again and again with a PFS group that the initiator does not have",
        {"child.rekey_time": "2s", "child.life_time": "8s"},
        initiator={"child.esp_proposals": "aes128gcm16-ecp256"},
        responder={"child.esp_proposals": "aes128gcm16-ecp384"},
        steps=("initiate", "ping 1", "sleep 11"),
    ),
    with_eap(
        "eap-ttls-inner",
        "EAP-TTLS: the client does not have the method inside",
        "eap-ttls",
        initiator={"charon.load": PLUGINS.replace("eap-mschapv2 ", "")},
        responder={"charon.plugins.eap-ttls.phase2_method": "mschapv2"},
    ),
    with_eap(
        "eap-tls-server-name",
        "EAP-TLS: the client expects an EAP server of another name, and sends a TLS alert",
        "eap-tls",
        initiator={
            "conn.local.certs": "me.pem",
            "conn.local.eap_id": None,
            "conn.local.id": "{my_name}",
            "conn.local.aaa_id": "radius.lab.example",
        },
    ),
    one(
        "certificate-dn",
        "the initiator is a distinguished name, for which the responder has no configuration",
        SENT,
        **RSA,
        initiator={"conn.local.id": '"C=CH, O=Lab, CN=initiator.lab.example"'},
        responder={"conn.remote.id": '"C=CH, O=Other, CN=*"'},
    ),
    ikev1("dpd-dead", "the responder is gone: dead peer detection gets no response", {"conn.dpd_delay": "1s", "conn.dpd_timeout": "5s"}, capture="initiator", steps=("initiate", "ping 1", "kill responder", "sleep 9")),
    from_libreswan(
        "ikev1-transport",
        "quick mode in transport mode, without identities; strongSwan has tunnel mode",
        IKEV1_PAIR,
        initiator={"pluto.type": "transport", "pluto.leftsubnet": None, "pluto.rightsubnet": None},
        responder=HOSTS,
    ),
    one(
        "mlkem-psk",
        "the PSKs differ, and IKE_INTERMEDIATE comes before IKE_AUTH",
        {"conn.proposals": GCM, "child.esp_proposals": "aes256gcm16"},
        responder={"secrets.ike.secret": '"another psk"'},
        root=ROOT,
        daemon="strongSwan 6.1.0",
    ),
    one(
        "childless-required",
        "the initiator insists on a childless IKE SA, which the responder does not announce",
        initiator={"conn.childless": "force"},
        responder={"conn.childless": "never"},
    ),
    replace(
        VPNC,
        name="failing/ikev1-aggressive-group-password",
        shows="vpnc stops after aggressive mode 2, without a word: the group passwords differ",
        initiator={**VPNC.initiator, "secrets.ike.secret": '"another psk"'},
    ),
    replace(
        VPNC,
        name="failing/vpnc-password",
        shows="vpnc with a wrong password, which repeats the status of XAUTH",
        responder={**VPNC.responder, **{k: '"another password"' for k in VPNC.settings("responder") if k.startswith("secrets.xauth") and k.endswith("secret")}},
    ),
    one(
        "proposals-many",
        "the initiator proposes many algorithms, none of which the responder accepts",
        initiator={"conn.proposals": "aes256-sha512-modp4096,aes192-sha384-modp6144,aes256gcm16-prfsha384-ecp521"},
    ),
]
