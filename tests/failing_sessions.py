# SPDX-License-Identifier: GPL-2.0-or-later
"""What each failing session of testdata/failing is: the cause code (the daemon's own word), whether the IKE SA or a
CHILD_SA fails, words that the sentence has to have (both sides' values, from the scenario), and the code that is told
without keys (None: nothing can be seen from outside)."""

IKE, CHILD = "ike", "child"
NOBODY = "AUTHENTICATION_FAILED"
NETWORKS = "10.91.0.1/32 === 10.92.0.1/32"

SESSIONS = {
    "mtu": ("MTU", IKE, ["path MTU", "1408 octets"], "MTU"),
    "port-4500": ("NO_RESPONSE", IKE, ["port 4500", "blocked"], "NO_RESPONSE"),
    "answers-blocked": ("NO_RESPONSE", IKE, ["does not reach"], "NO_RESPONSE"),
    "ikev1-to-ikev2": ("NO_PROPOSAL_CHOSEN", IKE, ["AES-CBC-128"], "NO_PROPOSAL_CHOSEN"),
    "ikev2-to-ikev1": ("NO_PROPOSAL_CHOSEN", IKE, ["ENCR_AES_CBC-256"], "NO_PROPOSAL_CHOSEN"),
    "pfs-differs": ("NO_PROPOSAL_CHOSEN", CHILD, ["256-bit random ECP group"], "UNKNOWN"),
    "responder-id": (NOBODY, IKE, ["initiator.lab.example", "PSK", "asks for gateway.lab.example"], NOBODY),
    "certificate-expired": (NOBODY, IKE, ["signature is right", "expired on 2021-01-01", "CN=initiator.lab.example"],
                            NOBODY),
    "wrong-group-twice": ("NO_PROPOSAL_CHOSEN", IKE, ["256-bit random ECP group"], "NO_PROPOSAL_CHOSEN"),
    "group-not-tried": ("INVALID_KE_PAYLOAD", IKE, ["wants the group 2048-bit MODP Group", "not 1024-bit MODP Group"],
                        "INVALID_KE_PAYLOAD"),
    "certificate-early": (NOBODY, IKE, ["10.9.0.1 (initiator.lab.example) rejects", "valid only from 2035-01-01",
                                        "CN=responder.lab.example"], NOBODY),
    "certificate-name": (NOBODY, IKE, ["gateway.lab.example", "CN=responder.lab.example"], NOBODY),
    "ikev1-certificate-expired": (NOBODY, IKE, ["by RSA", "expired on 2021-01-01"], NOBODY),
    "eap-md5-password": ("EAP_FAILED", IKE, ["EAP-MD5", "initiator.lab.example"], "EAP_FAILED"),
    "eap-method": ("EAP_FAILED", IKE, ["asks for EAP-MD5", "EAP-TLS"], "EAP_FAILED"),
    "ppk-differs": (NOBODY, IKE, ['post-quantum preshared key "ppk-1"'], NOBODY),
    "ppk-missing": (NOBODY, IKE, ["PSK matches"], NOBODY),
    "child-being-deleted": ("TEMPORARY_FAILURE", CHILD, ["rekeying or delete"], None),
    "port-closed": ("NO_RESPONSE", IKE, ["sent 5 times", "ICMP", "frame 2", "port 500"], "NO_RESPONSE"),
    "port-4500-rejected": ("NO_RESPONSE", IKE, ["sent 5 times", "ICMP", "port 4500"], "NO_RESPONSE"),
    "killed-half-way": ("NO_RESPONSE", IKE, ["sent 5 times", "ICMP errors (4", "port 4500"], "NO_RESPONSE"),
    "ip-fragments": ("MTU", IKE, ["1408 octets", "IP fragments"], "MTU"),
    "large-fragments": ("NO_RESPONSE", IKE, ["port 4500", "fragments are too large"], "NO_RESPONSE"),
    "ikev1-aggressive-refused": (NOBODY, IKE, ["initiator.lab.example", "Aggressive Mode"], NOBODY),
    "ikev1-quick-pfs": ("NO_PROPOSAL_CHOSEN", CHILD, ["2048-bit MODP Group"], "UNKNOWN"),
    "ikev1-port-4500": ("NO_RESPONSE", IKE, ["port 4500", "Main Mode 5/6"], "NO_RESPONSE"),
    "xauth-unknown-user": ("XAUTH_FAILED", IKE, ["initiator.lab.example"], None),
    "made-single-pair": ("SINGLE_PAIR_REQUIRED", CHILD, ["10.91.0.0/16 === 10.92.0.0/16"], "UNKNOWN"),
    "made-cp-required": ("FAILED_CP_REQUIRED", CHILD, ["configuration request (CP)", NETWORKS], "UNKNOWN"),
    "libreswan-psk": (NOBODY, IKE, ["PSK matches"], NOBODY),
    "libreswan-idr": (NOBODY, IKE, ["10.9.0.1 (initiator.lab.example) rejects", "asks for gateway.lab.example",
                                    "is responder.lab.example"], NOBODY),
    "libreswan-esp": ("NO_PROPOSAL_CHOSEN", CHILD, ["ENCR_AES_CBC-256", "AUTH_HMAC_SHA2_512_256"], "UNKNOWN"),
    "libreswan-ts": ("TS_UNACCEPTABLE", CHILD, [NETWORKS], "UNKNOWN"),
    "libreswan-pfs": ("NO_PROPOSAL_CHOSEN", CHILD, ["256-bit random ECP group"], "UNKNOWN"),
    "libreswan-ikev1-rejected": ("VERSION_MISMATCH", IKE, ["10.9.0.2 does not speak IKEv1"], "VERSION_MISMATCH"),
    "libreswan-ikev1-psk": ("PSK_MISMATCH", IKE, ["pre-shared keys", "sent 5 times"], "PSK_MISMATCH"),
    "libreswan-ikev1-networks": ("INVALID_ID_INFORMATION", CHILD, [NETWORKS], "UNKNOWN"),
    "libreswan-ikev1-id": ("INVALID_ID_INFORMATION", IKE, ["stranger.lab.example"], "PSK_MISMATCH"),
    "from-libreswan-ts": ("TS_UNACCEPTABLE", CHILD, [NETWORKS], "UNKNOWN"),
    "from-libreswan-esp": ("NO_PROPOSAL_CHOSEN", CHILD, ["ENCR_AES_CBC-128"], "UNKNOWN"),
    "from-libreswan-ikev1-psk": ("PSK_MISMATCH", IKE, ["PAYLOAD-MALFORMED", "pre-shared keys"], "PSK_MISMATCH"),
    "from-libreswan-ikev1-aggressive-psk": ("INVALID_HASH_INFORMATION", IKE, ["pre-shared key"],
                                            "INVALID_HASH_INFORMATION"),
    "from-libreswan-ikev1-pfs": ("NO_PROPOSAL_CHOSEN", CHILD, ["2048-bit MODP Group"], "UNKNOWN"),
    "from-libreswan-version-3": ("VERSION_MISMATCH", IKE, ["does not speak IKEv3", "INVALID_MAJOR_VERSION", "IKEv2"],
                                 "VERSION_MISMATCH"),
    "from-libreswan-critical": ("UNSUPPORTED_CRITICAL_PAYLOAD", IKE, ["marked critical", "payload type 255"], NOBODY),
    "openiked-psk": (NOBODY, IKE, ["PSK matches"], NOBODY),
    "openiked-esp": ("NO_PROPOSAL_CHOSEN", IKE, ["ENCR_AES_CBC-192", "AUTH_HMAC_SHA2_512_256"], NOBODY),
    "openiked-ikev1": ("NO_RESPONSE", IKE, ["Main Mode 1/6", "sent 5 times"], "NO_RESPONSE"),
    "openiked-cp-required": ("NO_RESPONSE", IKE, ["IKE_AUTH request", "sent 5 times"], "NO_RESPONSE"),
    "from-openiked-ts": ("TS_UNACCEPTABLE", CHILD, [NETWORKS], "UNKNOWN"),
}
# The IKE SA came up, and then one side could not go on: code, words, and the code without keys.
CAME_UP = {
    "peer-restarted": ("NO_RESPONSE", ["asked 5 times"], "NO_RESPONSE"),
    "dpd-restart": ("PEER_RESTARTED", ["10.9.0.2", "restarted", "frame 12"], "PEER_RESTARTED"),
    "initial-contact": ("PEER_RESTARTED", ["10.9.0.1 (initiator.lab.example)", "INITIAL_CONTACT", "frame 7"], None),
    "answer-large": ("MTU", ["1312 octets", "does not reach"], "MTU"),
}
