# SPDX-License-Identifier: GPL-2.0-or-later
"""IKEv2 scenarios between two strongSwan daemons."""
from scenarios.scenario import CERT, STEPS, Scenario


def proposals(ike, esp):
    return {"conn.proposals": ike, "child.esp_proposals": esp}


ANY_PEER = {"conn.remote_addrs": "%any"}

FIRST = [
    Scenario("ikev2/psk-aes-cbc", "PSK, AES-CBC-256 with HMAC-SHA-256-128 for IKE and ESP",
             proposals("aes256-sha256-modp2048", "aes256-sha256")),
    Scenario("ikev2/psk-aes-gcm", "PSK, AES-GCM-16 for IKE and ESP",
             proposals("aes256gcm16-prfsha384-ecp384", "aes256gcm16")),
    Scenario("ikev2/psk-aes-ccm", "PSK, AES-CCM-16 for IKE and ESP",
             proposals("aes128ccm16-prfsha256-ecp256", "aes128ccm16")),
    Scenario("ikev2/psk-aes-ctr", "PSK, AES-CTR with HMAC-SHA-256-128 for IKE and ESP",
             proposals("aes256ctr-sha256-modp2048", "aes256ctr-sha256")),
    Scenario("ikev2/psk-3des", "PSK, 3DES with HMAC-SHA-1-96, group 2",
             proposals("3des-sha1-modp1024", "3des-sha1")),
    Scenario("ikev2/cert-rsa", "RSA certificates (RFC 7427 signatures)", CERT, certificates="rsa"),
    Scenario("ikev2/cert-ecdsa", "ECDSA certificates", CERT, certificates="ecdsa"),
    Scenario("ikev2/nat-t", "initiator behind a masquerading router; captured outside", network="nat",
             steps=("initiate", "ping 3", "sleep 3", "terminate"),
             both={"charon.keep_alive": "2s"}, responder=ANY_PEER),
    Scenario("ikev2/nat-t-inside", "initiator behind a masquerading router; captured inside",
             network="nat", capture="initiator", both={"charon.keep_alive": "2s"}, responder=ANY_PEER,
             steps=("initiate", "ping 3", "sleep 3", "terminate")),
    Scenario("ikev2/no-proposal-chosen", "IKE_SA_INIT answered with NO_PROPOSAL_CHOSEN",
             responder={"conn.proposals": "aes128-sha1-modp1024"}, steps=("initiate",)),
    Scenario("ikev2/wrong-psk", "IKE_AUTH answered with AUTHENTICATION_FAILED: the PSKs differ",
             responder={"secrets.ike.secret": '"another psk"'}, steps=("initiate",)),
]

CHILDREN = [
    Scenario("ikev2/rekey-ike", "the IKE SA rekeyed by each side in turn, pings between",
             steps=("initiate", "ping 2", "rekey-ike initiator", "sleep 0.5", "ping 2",
                    "rekey-ike responder", "sleep 0.5", "ping 2", "terminate")),
    Scenario("ikev2/rekey-child", "the CHILD_SA rekeyed by each side without PFS",
             steps=("initiate", "ping 2", "rekey-child initiator", "sleep 0.5", "ping 2",
                    "rekey-child responder", "sleep 0.5", "ping 2", "terminate")),
    Scenario("ikev2/rekey-child-pfs", "the CHILD_SA rekeyed by each side with PFS",
             proposals("aes256-sha256-x25519", "aes256-sha256-x25519"),
             steps=("initiate", "ping 2", "rekey-child initiator", "sleep 0.5", "ping 2",
                    "rekey-child responder", "sleep 0.5", "ping 2", "terminate")),
]

SCENARIOS = FIRST + CHILDREN
