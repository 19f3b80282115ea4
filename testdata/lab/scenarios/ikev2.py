# SPDX-License-Identifier: GPL-2.0-or-later
"""IKEv2 scenarios between two strongSwan daemons."""
from scenarios.scenario import CERT, Scenario


def proposals(ike, esp):
    return {"conn.proposals": ike, "child.esp_proposals": esp}


ANY_PEER = {"conn.remote_addrs": "%any"}

FIRST = [
    Scenario(
        "ikev2/psk-aes-cbc",
        "PSK, AES-CBC-256 with HMAC-SHA-256-128 for IKE and ESP",
        proposals("aes256-sha256-modp2048", "aes256-sha256"),
    ),
    Scenario(
        "ikev2/psk-aes-gcm",
        "PSK, AES-GCM-16 for IKE and ESP",
        proposals("aes256gcm16-prfsha384-ecp384", "aes256gcm16"),
    ),
    Scenario(
        "ikev2/psk-aes-ccm",
        "PSK, AES-CCM-16 for IKE and ESP",
        proposals("aes128ccm16-prfsha256-ecp256", "aes128ccm16"),
    ),
    Scenario(
        "ikev2/psk-aes-ctr",
        "PSK, AES-CTR with HMAC-SHA-256-128 for IKE and ESP",
        proposals("aes256ctr-sha256-modp2048", "aes256ctr-sha256"),
    ),
    Scenario(
        "ikev2/psk-3des",
        "PSK, 3DES with HMAC-SHA-1-96, group 2",
        proposals("3des-sha1-modp1024", "3des-sha1"),
    ),
    Scenario("ikev2/cert-rsa", "RSA certificates (RFC 7427 signatures)", CERT, certificates="rsa"),
    Scenario("ikev2/cert-ecdsa", "ECDSA certificates", CERT, certificates="ecdsa"),
    Scenario(
        "ikev2/nat-t",
        "initiator behind a masquerading router; captured outside",
        network="nat",
        steps=("initiate", "ping 3", "sleep 3", "terminate"),
        both={"charon.keep_alive": "2s"},
        responder=ANY_PEER,
    ),
    Scenario(
        "ikev2/nat-t-inside",
        "initiator behind a masquerading router; captured inside",
        network="nat",
        capture="initiator",
        both={"charon.keep_alive": "2s"},
        responder=ANY_PEER,
        steps=("initiate", "ping 3", "sleep 3", "terminate"),
    ),
    Scenario(
        "ikev2/no-proposal-chosen",
        "IKE_SA_INIT answered with NO_PROPOSAL_CHOSEN",
        responder={"conn.proposals": "aes128-sha1-modp1024"},
        steps=("initiate",),
    ),
    Scenario(
        "ikev2/wrong-psk",
        "IKE_AUTH answered with AUTHENTICATION_FAILED: the PSKs differ",
        responder={"secrets.ike.secret": '"another psk"'},
        steps=("initiate",),
    ),
]

REKEYING = [
    Scenario(
        "ikev2/rekey-ike",
        "the IKE SA rekeyed by each side in turn, pings between",
        steps=(
            "initiate",
            "ping 2",
            "rekey-ike initiator",
            "sleep 0.5",
            "ping 2",
            "rekey-ike responder",
            "sleep 0.5",
            "ping 2",
            "terminate",
        ),
    ),
    Scenario(
        "ikev2/rekey-child",
        "the Child SA rekeyed by each side without PFS",
        steps=(
            "initiate",
            "ping 2",
            "rekey-child initiator",
            "sleep 0.5",
            "ping 2",
            "rekey-child responder",
            "sleep 0.5",
            "ping 2",
            "terminate",
        ),
    ),
    Scenario(
        "ikev2/rekey-child-pfs",
        "the Child SA rekeyed by each side with PFS",
        proposals("aes256-sha256-x25519", "aes256-sha256-x25519"),
        steps=(
            "initiate",
            "ping 2",
            "rekey-child initiator",
            "sleep 0.5",
            "ping 2",
            "rekey-child responder",
            "sleep 0.5",
            "ping 2",
            "terminate",
        ),
    ),
    Scenario(
        "ikev2/rekey-ike-then-child",
        "a Child SA rekeyed with PFS under a rekeyed IKE SA (AES-GCM)",
        proposals("aes128gcm16-prfsha256-ecp256", "aes128gcm16-ecp256"),
        steps=(
            "initiate",
            "ping 2",
            "rekey-ike responder",
            "sleep 0.5",
            "rekey-child initiator",
            "sleep 0.5",
            "ping 2",
            "terminate",
        ),
    ),
    Scenario(
        "ikev2/rekey-collision",
        "both sides rekey the IKE SA and the Child SA at the same time",
        {
            **proposals("aes256-sha256-ecp256", "aes256-sha256-ecp256"),
            "charon.retransmit_timeout": "0.6",
        },
        steps=(
            "initiate",
            "ping 1",
            "both block",
            "both rekey-child",
            "both unblock",
            "sleep 2",
            "ping 1",
            "both block",
            "both rekey-ike",
            "both unblock",
            "sleep 2",
            "ping 1",
            "terminate",
        ),
    ),
    Scenario(
        "ikev2/rekey-ike-both",
        "both sides rekey the IKE SA when its time is up, again and again, at the same moment",
        {"conn.rekey_time": "2s", "conn.over_time": "3s", "conn.rand_time": "0"},
        steps=("initiate", "ping 20", "sleep 3", "ping 3", "terminate"),
        mixed_keys=True,
    ),
    Scenario(
        "ikev2/rekey-invalid-ke",
        "a Child SA rekey with the wrong group first: INVALID_KE_PAYLOAD",
        initiator={"child.esp_proposals": "aes256-sha256-ecp384-ecp256"},
        responder={"child.esp_proposals": "aes256-sha256-ecp256"},
        steps=("initiate", "ping 1", "rekey-child initiator", "sleep 0.7", "ping 1", "terminate"),
    ),
    Scenario(
        "ikev2/reauth",
        "reauthentication: a new IKE SA beside the old one, then its delete",
        steps=("initiate", "ping 1", "reauth initiator", "sleep 1", "ping 1", "terminate"),
    ),
]

SECOND_CHILD = {
    f"connections.c.children.m.{key}": value
    for key, value in {
        "local_ts": "{my_net}[icmp]",
        "remote_ts": "{peer_net}[icmp]",
        "esp_proposals": "aes256-sha384-ecp384",
    }.items()
}

FLOW = [
    Scenario(
        "ikev2/invalid-ke",
        "IKE_SA_INIT repeated after INVALID_KE_PAYLOAD",
        initiator={"conn.proposals": "aes256-sha256-ecp384-ecp256"},
        responder={"conn.proposals": "aes256-sha256-ecp256"},
    ),
    Scenario(
        "ikev2/ts-unacceptable",
        "IKE SA without Child SA: TS_UNACCEPTABLE",
        responder={"child.local_ts": "10.200.0.0/16"},
        steps=("initiate", "terminate"),
    ),
    Scenario(
        "ikev2/child-no-proposal",
        "IKE SA without Child SA: NO_PROPOSAL_CHOSEN in IKE_AUTH",
        responder={"child.esp_proposals": "aes256-sha512"},
        steps=("initiate", "terminate"),
    ),
    Scenario(
        "ikev2/create-child",
        "a second Child SA for one protocol, with its own key exchange",
        SECOND_CHILD,
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
    Scenario(
        "ikev2/create-child-ts-unacceptable",
        "CREATE_CHILD_SA answered with TS_UNACCEPTABLE",
        initiator={**SECOND_CHILD, "connections.c.children.m.remote_ts": "10.99.0.0/24"},
        steps=("initiate", "initiate m", "ping 1", "terminate"),
    ),
    Scenario(
        "ikev2/child-delete",
        "Child SA deleted by the responder, IKE SA stays and is deleted later",
        steps=(
            "initiate",
            "ping 1",
            "terminate-child responder",
            "sleep 0.5",
            "terminate responder",
        ),
    ),
    Scenario(
        "ikev2/childless",
        "childless IKE_AUTH, then CREATE_CHILD_SA (RFC 6023)",
        {"conn.childless": "force"},
        steps=("initiate", "ping 2", "terminate"),
    ),
    Scenario(
        "ikev2/childless-only",
        "childless IKE SA and nothing else",
        {"conn.childless": "force"},
        steps=("initiate-ike", "terminate"),
    ),
    Scenario(
        "ikev2/dpd",
        "empty INFORMATIONAL exchanges of both sides, then a delete",
        {"conn.dpd_delay": "1s"},
        steps=("initiate", "ping 1", "sleep 3", "terminate"),
    ),
    Scenario(
        "ikev2/dpd-timeout",
        "the responder falls silent: DPD is retransmitted until the initiator gives up",
        {
            "conn.dpd_delay": "1s",
            "charon.retransmit_timeout": "0.5",
            "charon.retransmit_tries": "3",
        },
        steps=("initiate", "ping 1", "block responder", "sleep 7"),
    ),
    Scenario(
        "ikev2/no-answer",
        "no response to IKE_SA_INIT: retransmissions",
        {"charon.retransmit_timeout": "0.5", "charon.retransmit_tries": "4"},
        steps=("block responder", "initiate", "sleep 1"),
    ),
    Scenario(
        "ikev2/lost-auth",
        "the answer to IKE_AUTH is lost twice: retransmitted request and response",
        {"charon.retransmit_timeout": "0.5"},
        steps=("lose-answers initiator 2", "initiate", "ping 1", "terminate"),
    ),
    Scenario(
        "ikev2/cookie",
        "COOKIE asked for and given back",
        {"conn.proposals": "aes256-sha256-x25519"},
        responder={
            "conn.proposals": "aes256-sha256-x25519,3des-sha1-modp1024",
            "charon.cookie_threshold": "1",
            "charon.cookie_threshold_ip": "1",
            "charon.half_open_timeout": "30",
        },
        steps=("half-open 4", "initiate", "ping 1", "terminate"),
    ),
    Scenario(
        "ikev2/mobike",
        "the initiator's address changes: MOBIKE (RFC 4555)",
        {"conn.mobike": "yes", "conn.local_addrs": "%any", "conn.remote_addrs": "%any"},
        initiator={"conn.remote_addrs": "{peer_addr}"},
        steps=(
            "initiate",
            "ping 2",
            "move initiator 10.9.0.7/24",
            "sleep 2",
            "ping 2",
            "terminate",
        ),
    ),
    Scenario(
        "ikev2/mobike-multihomed",
        "MOBIKE with additional addresses of both sides",
        {"conn.mobike": "yes"},
        initiator={"conn.local_addrs": "%any"},
        responder={"conn.remote_addrs": "%any"},
        before=(
            "run initiator ip addr add 10.9.0.11/24 dev eth0",
            "run responder ip addr add 10.9.0.12/24 dev eth0",
        ),
        steps=(
            "initiate",
            "ping 2",
            "run initiator ip addr add 10.9.0.13/24 dev eth0",
            "sleep 1",
            "run responder ip addr del 10.9.0.12/24 dev eth0",
            "sleep 1",
            "terminate",
        ),
    ),
    Scenario(
        "ikev2/redirect",
        "REDIRECT of an established SA back to the same gateway",
        responder={"conn.local_addrs": "%any"},
        before=("run responder ip addr add 10.9.0.3/24 dev eth0",),
        steps=("initiate", "ping 1", "redirect 10.9.0.3", "sleep 1.5", "ping 1", "terminate"),
    ),
    Scenario(
        "ikev2/invalid-syntax-auth",
        "AUTHENTICATION_FAILED: no peer config for that identity",
        initiator={"conn.local.id": "stranger.lab.example"},
        steps=("initiate",),
    ),
    Scenario(
        "ikev2/ike-name",
        "a log with the IKE SA's name in each line",
        {"charon.filelog.log.ike_name": "yes"},
        steps=("initiate", "ping 1", "terminate"),
    ),
    Scenario(
        "ikev2/two-sas",
        "two IKE SAs between the same hosts, their packets mixed",
        {
            **{
                f"connections.d.{k}": v
                for k, v in {
                    "version": "2",
                    "local_addrs": "{my_addr}",
                    "remote_addrs": "{peer_addr}",
                    "proposals": "aes128gcm16-prfsha512-x25519",
                    "mobike": "no",
                    "local.auth": "psk",
                    "local.id": "d.{my_name}",
                    "remote.auth": "psk",
                    "remote.id": "d.{peer_name}",
                    "children.m.local_ts": "{my_net}[udp]",
                    "children.m.remote_ts": "{peer_net}[udp]",
                    "children.m.esp_proposals": "aes256-sha256",
                }.items()
            },
            "conn.proposals": "aes256-sha256-ecp256",
            "conn.unique": "never",
        },
        steps=(
            "initiate",
            "initiate m",
            "ping 2",
            "rekey-child initiator",
            "rekey-child responder m",
            "sleep 0.5",
            "ping 2",
            "terminate",
        ),
    ),
    Scenario("ikev2/ipv6", "over IPv6, IPv6 selectors", network="ipv6"),
    Scenario("ikev2/encap", "UDP encapsulation forced by the configuration", {"conn.encap": "yes"}),
    Scenario(
        "ikev2/http",
        "a web page fetched through the tunnel: TCP in ESP",
        steps=("initiate", "http", "terminate"),
    ),
    Scenario(
        "ikev2/vendor-ids",
        "vendor IDs of strongSwan, Cisco Unity and FlexVPN",
        {"charon.cisco_unity": "yes", "charon.cisco_flexvpn": "yes"},
        steps=("initiate", "ping 1", "terminate"),
    ),
    Scenario(
        "ikev2/accept-private-algs",
        "a proposal list long enough to hold every kind of transform",
        {
            "conn.proposals": "aes128-aes192-aes256-camellia256-3des-sha256-sha384-sha512-aesxcbc-aescmac-"
            "prfsha256-prfsha512-prfaesxcbc-prfaescmac-ecp256-ecp384-modp2048-x25519,"
            "aes256gcm16-aes256ccm12-chacha20poly1305-prfsha384-ecp384-modp4096",
            "child.esp_proposals": "aes128gcm16-aes256ccm8-chacha20poly1305-x25519-noesn-esn,aes256-sha256-ecp256",
        },
    ),
]

EAP_SERVER = {"conn.local.auth": "pubkey", "conn.local.certs": "me.pem"}
EAP_USER = {"secrets.eap.id": "carol", "secrets.eap.secret": '"eap password"'}
# RFC 4739: a certificate, then EAP-MD5
TWO_ROUNDS = {
    "conn.local.auth": None,
    "conn.local.id": None,
    "connections.c.local-1.auth": "pubkey",
    "connections.c.local-1.certs": "me.pem",
    "connections.c.local-1.id": "{my_name}",
    "connections.c.local-2.auth": "eap",
    "connections.c.local-2.eap_id": "carol",
    "conn.remote.auth": "pubkey",
}
EXPECTS_TWO_ROUNDS = {
    **EAP_SERVER,
    "conn.remote.auth": None,
    "conn.remote.id": None,
    "connections.c.remote-1.auth": "pubkey",
    "connections.c.remote-1.id": "{peer_name}",
    "connections.c.remote-2.auth": "eap-md5",
    "connections.c.remote-2.eap_id": "%any",
}


def eap(method, **more):
    """The responder proves itself by certificate, the initiator by EAP."""
    return {
        "both": {
            "conn.send_certreq": "yes",
            **EAP_USER,
            **more.pop("both", {}),
        },
        "initiator": {
            "conn.local.auth": "eap",
            "conn.local.eap_id": "carol",
            "conn.remote.auth": "pubkey",
            **more.pop("initiator", {}),
        },
        "responder": {
            **EAP_SERVER,
            "conn.remote.auth": method,
            "conn.remote.eap_id": "%any",
            "conn.remote.id": "%any",
            **more.pop("responder", {}),
        },
        "certificates": "rsa",
        **more,
    }


AUTHENTICATION = [
    Scenario(
        "ikev2/eap-mschapv2",
        "EAP-MSCHAPv2 of the initiator, certificate of the responder",
        **eap("eap-mschapv2"),
    ),
    Scenario("ikev2/eap-md5", "EAP-MD5, which makes no MSK", **eap("eap-md5")),
    Scenario(
        "ikev2/eap-gtc",
        "EAP-GTC",
        **eap("eap-gtc", both={"charon.plugins.eap-gtc.backend": "generic"}),
    ),
    Scenario(
        "ikev2/eap-tls",
        "EAP-TLS, the TLS handshake inside IKE_AUTH",
        **eap(
            "eap-tls",
            initiator={
                "conn.local.certs": "me.pem",
                "conn.local.eap_id": None,
                "conn.local.id": "{my_name}",
            },
        ),
    ),
    Scenario(
        "ikev2/eap-ttls",
        "EAP-TTLS with EAP-MD5 inside",
        **eap(
            "eap-ttls",
            responder={"charon.plugins.eap-ttls.phase2_method": "md5"},
            initiator={"conn.local.aaa_id": None, "conn.local.eap_id": "carol"},
        ),
    ),
    Scenario(
        "ikev2/eap-wrong-password",
        "EAP-MSCHAPv2 with a wrong password: EAP failure",
        **eap("eap-mschapv2", initiator={"secrets.eap.secret": '"not this"'}, steps=("initiate",)),
    ),
    Scenario(
        "ikev2/eap-only",
        "EAP-only authentication (RFC 5998): EAP-TLS proves both sides, no AUTH by certificate",
        initiator={
            "conn.local.auth": "eap",
            "conn.local.certs": "me.pem",
            "conn.remote.auth": "eap-tls",
        },
        responder={
            "conn.local.auth": "eap-tls",
            "conn.local.certs": "me.pem",
            "conn.remote.auth": "eap-tls",
        },
        certificates="ecdsa",
    ),
    Scenario(
        "ikev2/eap-only-refused",
        "EAP-only with EAP-MSCHAPv2: the initiator takes both AUTH values and then refuses",
        EAP_USER,
        initiator={
            "conn.local.auth": "eap",
            "conn.local.eap_id": "carol",
            "conn.remote.auth": "eap-mschapv2",
        },
        responder={
            "conn.local.auth": "eap-mschapv2",
            "conn.remote.auth": "eap-mschapv2",
            "conn.remote.eap_id": "%any",
            "conn.remote.id": "%any",
        },
        steps=("initiate",),
    ),
    Scenario(
        "ikev2/multiple-auth",
        "two authentication rounds: certificate, then EAP-MD5 (RFC 4739)",
        EAP_USER,
        initiator=TWO_ROUNDS,
        responder=EXPECTS_TWO_ROUNDS,
        certificates="rsa",
    ),
    Scenario(
        "ikev2/ppk",
        "a post-quantum preshared key mixed in (RFC 8784)",
        {
            "conn.ppk_id": "ppk-1",
            "conn.ppk_required": "yes",
            "secrets.ppk.id": "ppk-1",
            "secrets.ppk.secret": "0x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        },
    ),
    Scenario(
        "ikev2/ppk-optional",
        "the responder does not know the PPK: NO_PPK_AUTH is used",
        initiator={
            "conn.ppk_id": "ppk-1",
            "secrets.ppk.id": "ppk-1",
            "secrets.ppk.secret": "0x0011223344",
        },
    ),
    Scenario(
        "ikev2/ppk-rekey",
        "PPK, then IKE and CHILD rekeyed",
        {
            "conn.ppk_id": "ppk-1",
            "conn.ppk_required": "yes",
            "secrets.ppk.id": "ppk-1",
            "secrets.ppk.secret": "0x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        },
        steps=(
            "initiate",
            "ping 1",
            "rekey-ike initiator",
            "sleep 0.5",
            "rekey-child initiator",
            "sleep 0.5",
            "ping 1",
            "terminate",
        ),
    ),
    Scenario("ikev2/cert-ed25519", "Ed25519 certificates", CERT, certificates="ed25519"),
    Scenario("ikev2/cert-ecdsa384", "ECDSA certificates on P-384", CERT, certificates="ecdsa384"),
    Scenario(
        "ikev2/cert-rsa-old",
        "RSA certificates, authentication method 1 (no RFC 7427)",
        {**CERT, "charon.signature_authentication": "no"},
        certificates="rsa",
    ),
    Scenario(
        "ikev2/cert-ecdsa-old",
        "ECDSA certificates, authentication method 9",
        {**CERT, "charon.signature_authentication": "no"},
        certificates="ecdsa",
    ),
    Scenario(
        "ikev2/cert-rsa-pss",
        "RSA-PSS signatures",
        {**CERT, "charon.rsa_pss": "yes"},
        certificates="rsa",
    ),
    Scenario(
        "ikev2/cert-unknown-ca",
        "certificates of two authorities that do not know each other",
        CERT,
        certificates="ecdsa",
        strangers=True,
        steps=("initiate",),
    ),
    Scenario(
        "ikev2/cert-and-psk",
        "the responder by certificate, the initiator by PSK",
        initiator={"conn.remote.auth": "pubkey"},
        responder={"conn.local.auth": "pubkey", "conn.local.certs": "me.pem"},
        certificates="ecdsa",
    ),
    Scenario(
        "ikev2/cert-dn-ids",
        "distinguished names as identities, intermediate requests for certificates",
        {**CERT, "conn.local.id": None, "conn.remote.id": "%any"},
        certificates="ecdsa",
    ),
    Scenario(
        "ikev2/id-types",
        "an address and a mail address as identities",
        initiator={"conn.local.id": "carol@lab.example", "conn.remote.id": "{peer_addr}"},
        responder={"conn.local.id": "{my_addr}", "conn.remote.id": "carol@lab.example"},
    ),
    Scenario(
        "ikev2/id-key-id",
        "a key ID as identity",
        initiator={"conn.local.id": "keyid:device-7"},
        responder={"conn.remote.id": "keyid:device-7"},
    ),
    Scenario(
        "ikev2/fragments",
        "IKE_AUTH in many fragments: certificates, fragment_size 300",
        {**CERT, "charon.fragment_size": "300"},
        certificates="rsa",
    ),
    Scenario(
        "ikev2/fragments-gcm",
        "fragments under AES-GCM",
        {**CERT, "charon.fragment_size": "400", "conn.proposals": "aes256gcm16-prfsha384-x25519"},
        certificates="rsa",
    ),
    Scenario(
        "ikev2/fragments-refused",
        "no IKE fragmentation: IKE_AUTH in IP fragments",
        {**CERT, "conn.fragmentation": "no"},
        certificates="rsa",
    ),
]

POOL = {
    "pools.p.addrs": "10.94.0.0/24",
    "pools.p.dns": "10.92.0.53,10.92.0.54",
    "pools.p.nbns": "10.92.0.55",
    "conn.pools": "p",
    "child.local_ts": "10.92.0.0/16",
    "child.remote_ts": "dynamic",
}
ROAD = {"conn.vips": "0.0.0.0", "child.local_ts": "dynamic", "child.remote_ts": "0.0.0.0/0"}

CONFIGURATION = [
    Scenario(
        "ikev2/virtual-ip",
        "configuration payload: virtual IP, DNS, NBNS; narrowed selectors",
        initiator=ROAD,
        responder={**POOL, **ANY_PEER},
        steps=("initiate", "ping 3 initiator 10.92.0.1 any", "terminate"),
    ),
    Scenario(
        "ikev2/virtual-ip6",
        "virtual IPv4 and IPv6 addresses, split DNS domain and private attributes",
        initiator={**ROAD, "conn.vips": "0.0.0.0,::"},
        responder={
            **POOL,
            **ANY_PEER,
            "conn.pools": "p,q",
            "pools.q.addrs": "fd00:94::/112",
            "pools.q.dns": "fd00:92::53",
            "pools.p.28675": "lab.example",
            "pools.p.25": "int.lab.example",
            "pools.p.subnet": "10.92.0.0/16",
        },
        steps=("initiate", "ping 1 initiator 10.92.0.1 any", "terminate"),
    ),
    Scenario(
        "ikev2/virtual-ip-fails",
        "FAILED_CP_REQUIRED / INTERNAL_ADDRESS_FAILURE: no pool at the responder",
        initiator=ROAD,
        responder={**ANY_PEER, "child.remote_ts": "dynamic"},
        steps=("initiate", "terminate"),
    ),
    Scenario(
        "ikev2/nat-mobike-vip",
        "road warrior behind NAT with a virtual IP and EAP-MSCHAPv2",
        network="nat",
        **eap(
            "eap-mschapv2",
            initiator={**ROAD, "conn.mobike": "yes"},
            responder={**POOL, **ANY_PEER, "conn.mobike": "yes"},
            steps=("initiate", "ping 3 initiator 10.92.0.1 any", "terminate"),
        ),
    ),
]


def pair(name, ike, esp, what=None):
    return Scenario(f"ikev2/{name}", what or f"IKE {ike}, ESP {esp}", proposals(ike, esp))


ALGORITHMS = [
    pair("chacha20", "chacha20poly1305-prfsha256-x25519", "chacha20poly1305-x25519"),
    pair("camellia-cbc", "camellia256-sha256-modp2048", "camellia256-sha256"),
    pair("camellia128-cbc", "camellia128-sha1-modp1536", "camellia128-sha1"),
    pair("camellia-ctr", "camellia256ctr-sha384-ecp384", "camellia256ctr-sha384"),
    pair("camellia-ccm", "camellia128ccm16-prfsha256-ecp256", "camellia128ccm16"),
    pair("camellia-ccm8", "camellia256ccm8-prfsha512-ecp521", "camellia256ccm8"),
    pair("aes-gcm8", "aes128gcm8-prfsha256-ecp256", "aes128gcm8"),
    pair("aes-gcm12", "aes192gcm12-prfsha384-ecp256", "aes192gcm12"),
    pair("aes-ccm8", "aes256ccm8-prfsha256-ecp256", "aes256ccm8"),
    pair("aes-ccm12", "aes192ccm12-prfsha384-ecp384", "aes192ccm12"),
    pair("aes128-md5", "aes128-md5-modp1024", "aes128-md5"),
    pair("aes192-sha1", "aes192-sha1-modp1536", "aes192-sha1"),
    pair("aes128-sha384", "aes128-sha384-modp3072", "aes128-sha384"),
    pair("aes256-sha512", "aes256-sha512-modp4096", "aes256-sha512"),
    pair("aes128ctr-sha1", "aes128ctr-sha1-modp1024", "aes128ctr-sha1"),
    pair("aes192ctr-sha512", "aes192ctr-sha512-ecp256", "aes192ctr-sha512"),
    pair("aesxcbc", "aes128-aesxcbc-prfaesxcbc-modp2048", "aes128-aesxcbc"),
    pair("aescmac", "aes256-aescmac-prfaescmac-ecp256", "aes256-aescmac"),
    pair("3des-md5-modp1536", "3des-md5-modp1536", "3des-md5"),
    pair("3des-sha256-modp2048", "3des-sha256-modp2048", "3des-sha256"),
    pair("des", "des-sha1-modp1024", "des-sha1"),
    pair("blowfish128", "blowfish128-sha1-modp1536", "blowfish128-sha1"),
    pair("blowfish256", "blowfish256-sha256-modp2048", "blowfish256-sha256"),
    pair("cast128", "cast128-sha1-modp1536", "cast128-sha1"),
    pair(
        "null-esp",
        "aes256-sha256-ecp256",
        "null-sha256",
        "ESP with NULL encryption, HMAC-SHA-256-128",
    ),
    pair(
        "null-esp-sha1",
        "aes128-sha1-ecp256",
        "null-sha1",
        "ESP with NULL encryption, HMAC-SHA-1-96",
    ),
    pair("x448", "aes256-sha512-x448", "aes256gcm16-x448"),
    pair("ecp521", "aes256-sha512-ecp521", "aes256gcm16-ecp521"),
    pair("ecp224", "aes128-sha256-ecp224", "aes128gcm16"),
    pair("ecp192", "aes128-sha256-ecp192", "aes128gcm16"),
    pair("brainpool256", "aes128-sha256-ecp256bp", "aes128gcm16-ecp256bp"),
    pair("brainpool384", "aes256-sha384-ecp384bp", "aes256gcm16-ecp384bp"),
    pair("brainpool512", "aes256-sha512-ecp512bp", "aes256gcm16-ecp512bp"),
    pair("modp1024s160", "aes128-sha1-modp1024s160", "aes128-sha1"),
    pair("modp2048s256", "aes128-sha256-modp2048s256", "aes128-sha256"),
    pair("modp6144", "aes256-sha256-modp6144", "aes128gcm16"),
    pair("modp8192", "aes256-sha256-modp8192", "aes128gcm16"),
    pair("modp768", "aes128-sha1-modp768", "aes128-sha1"),
    pair("mixed-prf", "aes256-sha256-prfsha512-modp2048", "aes256-sha512"),
]

NO_PING = ("initiate", "sleep 0.2", "terminate")

MANY_A = (
    "10.1.0.0/16[tcp/80], 10.2.3.4/32[udp/1000-2000], 10.3.0.1-10.3.0.77, fd00:1::/64, "
    "0.0.0.0/0[icmp/2048]"
)
MANY_B = "10.4.0.0/16[tcp], fd00:2::/48[udp/53], 10.5.0.0/24[sctp/opaque], 10.6.0.0/16"


def negotiated(name, shows, both=None, **more):
    """What libipsec cannot do: negotiated only, on port 500, without ESP."""
    return Scenario(
        f"ikev2/{name}", shows, both or {}, fake_kernel=True, **{"steps": NO_PING, **more}
    )


NEGOTIATED = [
    negotiated("port-500", "no NAT: the whole session stays on port 500"),
    negotiated(
        "transport",
        "transport mode",
        {"child.mode": "transport", "child.local_ts": "dynamic", "child.remote_ts": "dynamic"},
    ),
    negotiated("beet", "BEET mode", {"child.mode": "beet"}),
    negotiated("ipcomp", "IPCOMP_SUPPORTED: deflate under ESP", {"child.ipcomp": "yes"}),
    negotiated("esn", "extended sequence numbers", {"child.esp_proposals": "aes256-sha256-esn"}),
    negotiated(
        "ah",
        "AH instead of ESP",
        {"child.esp_proposals": None, "child.ah_proposals": "sha256-ecp256"},
    ),
    negotiated("aes-gmac", "AES-GMAC: integrity only", {"child.esp_proposals": "aes256gmac"}),
    negotiated(
        "selectors",
        "many selectors: ports, protocols, ICMP types, ranges and both families",
        initiator={"child.local_ts": MANY_A, "child.remote_ts": MANY_B},
        responder={"child.local_ts": MANY_B, "child.remote_ts": MANY_A},
    ),
    negotiated(
        "narrowed",
        "selectors narrowed by the responder",
        initiator={"child.remote_ts": "10.0.0.0/8"},
        responder={"child.local_ts": "10.92.0.0/16,10.95.1.0/24"},
    ),
    negotiated(
        "port-500-rekey",
        "no NAT, both SAs rekeyed",
        proposals("aes256-sha256-ecp256", "aes256-sha256-ecp256"),
        steps=(
            "initiate",
            "rekey-child initiator",
            "sleep 0.5",
            "rekey-ike responder",
            "sleep 0.5",
            "terminate",
        ),
    ),
    negotiated(
        "port-500-mobike",
        "MOBIKE without NAT",
        {"conn.mobike": "yes", "conn.local_addrs": "%any"},
        responder={"conn.remote_addrs": "%any"},
        steps=("initiate", "move initiator 10.9.0.7/24", "sleep 1.5", "terminate"),
    ),
    negotiated("nat-detected", "a real NAT seen by both sides", network="nat", responder=ANY_PEER),
    negotiated("ipv6-port-500", "IPv6, port 500", network="ipv6"),
    negotiated(
        "two-children",
        "a Child SA for one protocol and one for all",
        SECOND_CHILD,
        steps=("initiate", "initiate m", "sleep 0.2", "terminate"),
    ),
]

SCENARIOS = FIRST + REKEYING + FLOW + AUTHENTICATION + CONFIGURATION + ALGORITHMS + NEGOTIATED
