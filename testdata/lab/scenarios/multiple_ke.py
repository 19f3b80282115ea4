# SPDX-License-Identifier: GPL-2.0-or-later
"""IKEv2 with several key exchanges (RFC 9370) and ML-KEM, between two strongSwan 6 daemons of Debian sid.

The daemons run in a folder made by debootstrap: IKE_LAB_SID, or /var/lib/ike-lab/sid.
"""
import os

from scenarios.ikev2 import CERT, eap, proposals
from scenarios.scenario import Scenario

ROOT = os.environ.get("IKE_LAB_SID", "/var/lib/ike-lab/sid")
GCM = "aes256gcm16-prfsha384-x25519-ke1_mlkem768"
CHILD = "aes256gcm16-x25519-ke1_mlkem768"
PPK = {
    "conn.ppk_id": "ppk-1",
    "conn.ppk_required": "yes",
    "secrets.ppk.id": "ppk-1",
    "secrets.ppk.secret": "0x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
}
REKEY = (
    "initiate",
    "ping 1",
    "rekey-child initiator",
    "sleep 0.7",
    "ping 1",
    "rekey-ike initiator",
    "sleep 0.7",
    "ping 1",
    "rekey-child responder",
    "sleep 0.7",
    "ping 1",
    "rekey-ike responder",
    "sleep 0.7",
    "ping 1",
    "terminate",
)


def one(name, shows, ike=GCM, esp=CHILD, both=None, **more):
    return Scenario(
        f"multiple-ke/{name}",
        shows,
        {**proposals(ike, esp), **(both or {})},
        daemon="strongSwan 6.1.0",
        root=ROOT,
        **more,
    )


SCENARIOS = [
    one("mlkem768", "X25519 and then ML-KEM-768 in IKE_INTERMEDIATE"),
    one(
        "mlkem512",
        "P-256 and then ML-KEM-512, AES-CBC",
        "aes128-sha256-ecp256-ke1_mlkem512",
        "aes128-sha256",
    ),
    one(
        "mlkem1024",
        "P-384 and then ML-KEM-1024",
        "aes256gcm16-prfsha512-ecp384-ke1_mlkem1024",
        "aes256gcm16",
    ),
    one(
        "mlkem-alone",
        "ML-KEM-768 as the only key exchange: it stands in IKE_SA_INIT",
        "aes256-sha256-mlkem768",
        "aes256-sha256-mlkem768",
    ),
    one(
        "two-additional",
        "two additional key exchanges, two IKE_INTERMEDIATE",
        "aes256gcm16-prfsha384-x25519-ke1_mlkem768-ke2_ecp384",
        "aes256gcm16",
    ),
    one(
        "three-additional",
        "three additional key exchanges, AES-CBC and HMAC",
        "aes256-sha512-modp2048-ke1_mlkem512-ke2_mlkem1024-ke3_ecp256",
        "aes256-sha512",
    ),
    one(
        "classic-additional",
        "two classic groups after each other",
        "aes128-sha256-ecp256-ke1_x25519",
        "aes128-sha256",
    ),
    one(
        "optional-none",
        "the responder chooses NONE for an optional additional key exchange",
        initiator=proposals("aes256gcm16-prfsha384-x25519-ke1_mlkem768-ke1_none", "aes256gcm16"),
        responder=proposals("aes256gcm16-prfsha384-x25519", "aes256gcm16"),
    ),
    one("rekey", "IKE SA and Child SA rekeyed by both sides: IKE_FOLLOWUP_KE", steps=REKEY),
    one(
        "rekey-cbc",
        "IKE SA and Child SA rekeyed with two follow-ups, AES-CBC",
        "aes256-sha256-x25519-ke1_mlkem512-ke2_ecp256",
        "aes256-sha256-x25519-ke1_mlkem512-ke2_ecp256",
        steps=REKEY,
    ),
    one(
        "create-child",
        "a second Child SA with its own X25519 and ML-KEM-768",
        both={
            f"connections.c.children.m.{k}": v
            for k, v in {
                "local_ts": "{my_net}[1]",
                "remote_ts": "{peer_net}[1]",
                "esp_proposals": CHILD,
            }.items()
        },
        steps=("initiate", "initiate m", "ping 2", "terminate"),
    ),
    one(
        "childless",
        "childless IKE SA, then CREATE_CHILD_SA and IKE_FOLLOWUP_KE",
        both={"conn.childless": "force"},
    ),
    one(
        "cert-ecdsa",
        "ECDSA certificates: the signature covers IntAuth",
        both=CERT,
        certificates="ecdsa",
    ),
    one(
        "cert-rsa-fragments",
        "RSA certificates, fragments of 500 bytes in IKE_INTERMEDIATE and IKE_AUTH",
        both={**CERT, "charon.fragment_size": "500"},
        certificates="rsa",
    ),
    one(
        "fragments-cbc",
        "IKE_INTERMEDIATE in fragments, AES-CBC",
        "aes256-sha256-x25519-ke1_mlkem1024",
        "aes256-sha256",
        both={"charon.fragment_size": "400"},
    ),
    one("ppk", "ML-KEM-768 and a PPK", both=PPK),
    one(
        "wrong-psk",
        "the PSKs differ",
        responder={"secrets.ike.secret": '"another psk"'},
        steps=("initiate",),
    ),
    one("nat-t", "ML-KEM-768 behind NAT", network="nat", responder={"conn.remote_addrs": "%any"}),
    one(
        "no-answer",
        "the responder falls silent after IKE_SA_INIT: IKE_INTERMEDIATE repeated",
        both={"charon.retransmit_timeout": "0.5", "charon.retransmit_tries": "3"},
        steps=("lose-answers initiator 2", "initiate", "ping 1", "terminate"),
    ),
    one(
        "invalid-ke",
        "INVALID_KE_PAYLOAD for an ML-KEM group",
        initiator=proposals("aes256-sha256-mlkem512-mlkem768", "aes256-sha256"),
        responder=proposals("aes256-sha256-mlkem768", "aes256-sha256"),
    ),
    one(
        "no-mlkem",
        "NO_PROPOSAL_CHOSEN: the responder has no ML-KEM",
        responder={"conn.proposals": "aes256gcm16-prfsha384-x25519"},
        steps=("initiate",),
    ),
    one(
        "six-psk",
        "strongSwan 6.1 with one key exchange, AES-CBC",
        "aes256-sha256-ecp256",
        "aes256-sha256-ecp256",
        steps=REKEY,
    ),
    one(
        "six-ike-name",
        "strongSwan 6.1, ML-KEM, a log with the IKE SA's name in each line",
        both={"charon.filelog.log.ike_name": "yes"},
        steps=REKEY,
    ),
    one(
        "six-mobike",
        "strongSwan 6.1, ML-KEM and MOBIKE",
        both={"conn.mobike": "yes", "conn.local_addrs": "%any"},
        responder={"conn.remote_addrs": "%any"},
        steps=(
            "initiate",
            "ping 1",
            "move initiator 10.9.0.7/24",
            "sleep 2",
            "ping 1",
            "terminate",
        ),
    ),
    one(
        "six-iptfs",
        "strongSwan 6.1, IP-TFS: USE_AGGFRAG (RFC 9347); negotiated only",
        both={"child.mode": "iptfs"},
        fake_kernel=True,
        steps=("initiate", "sleep 0.2", "terminate"),
    ),
    one(
        "six-per-cpu",
        "strongSwan 6.1, per-resource Child SAs (RFC 9611); negotiated only",
        both={"child.per_cpu_sas": "yes"},
        fake_kernel=True,
        steps=("initiate", "sleep 0.5", "terminate"),
    ),
    one(
        "six-port-500",
        "strongSwan 6.1, ML-KEM, no NAT: all on port 500",
        fake_kernel=True,
        steps=(
            "initiate",
            "rekey-child initiator",
            "sleep 0.5",
            "rekey-ike responder",
            "sleep 0.5",
            "terminate",
        ),
    ),
    Scenario(
        "multiple-ke/eap-mschapv2",
        "ML-KEM-768 and EAP-MSCHAPv2",
        daemon="strongSwan 6.1.0",
        root=ROOT,
        **eap("eap-mschapv2", both=proposals(GCM, CHILD)),
    ),
    Scenario(
        "multiple-ke/eap-tls",
        "ML-KEM-768 and EAP-TLS",
        daemon="strongSwan 6.1.0",
        root=ROOT,
        **eap(
            "eap-tls",
            both=proposals(GCM, CHILD),
            initiator={
                "conn.local.certs": "me.pem",
                "conn.local.eap_id": None,
                "conn.local.id": "{my_name}",
            },
        ),
    ),
]
