# SPDX-License-Identifier: GPL-2.0-or-later
"""OpenIKED against strongSwan, whose log has the keys too, and against itself."""
from openiked import RULE
from scenarios.scenario import Scenario

MIXED = {"initiator": "strongswan", "responder": "openiked"}
TURNED = {"initiator": "openiked", "responder": "strongswan"}
ALONE = {"initiator": "openiked", "responder": "openiked"}
STEPS = ("initiate", "sleep 1", "terminate", "sleep 0.5")


def one(name, shows, kinds, both=None, **more):
    names = {"strongswan": "strongSwan 5.9.8", "openiked": "OpenIKED 7.4"}
    return Scenario(
        f"openiked/{name}",
        shows,
        {"iked.rule": RULE, **(both or {})},
        kinds=kinds,
        daemon=", ".join(dict.fromkeys(names[k] for k in kinds.values())),
        **{"steps": STEPS, "fake_kernel": True, **more},
    )


CBC = {"conn.proposals": "aes256-sha256-x25519", "child.esp_proposals": "aes256-sha1"}
GCM = {
    "conn.proposals": "aes256gcm16-prfsha384-ecp384",
    "child.esp_proposals": "aes128-sha512",
    "iked.ikesa": "enc aes-256-gcm prf hmac-sha2-384 group ecp384",
    "iked.childsa": "enc aes-128 auth hmac-sha2-512 group none",
}
LIVES = {"iked.lifetime": "ikelifetime 4"}

SCENARIOS = [
    one("to-openiked", "strongSwan to OpenIKED, AES-CBC", MIXED, CBC),
    one("to-openiked-gcm", "strongSwan to OpenIKED, AES-GCM", MIXED, GCM),
    one("from-openiked", "OpenIKED to strongSwan, AES-CBC", TURNED, CBC),
    one("from-openiked-gcm", "OpenIKED to strongSwan, AES-GCM", TURNED, GCM),
    one("alone", "OpenIKED with AES-CBC and X25519", ALONE),
    one("alone-gcm", "OpenIKED with AES-GCM and P-384", ALONE, GCM),
    one(
        "alone-3des",
        "OpenIKED with 3DES, HMAC-SHA-1, group 2",
        ALONE,
        {
            "iked.ikesa": "enc 3des prf hmac-sha1 auth hmac-sha1 group modp1024",
            "iked.childsa": "enc 3des auth hmac-sha1",
        },
    ),
    one(
        "alone-rekey",
        "OpenIKED, the IKE SA rekeyed by its short life",
        ALONE,
        {"iked.childsa": "enc aes-192 auth hmac-sha2-384 group none", **LIVES},
        steps=("initiate", "sleep 8", "terminate", "sleep 0.5"),
    ),
    one(
        "rekey",
        "OpenIKED to strongSwan, the IKE SA rekeyed by its short life",
        TURNED,
        {**CBC, **LIVES},
        steps=("initiate", "sleep 8", "terminate", "sleep 0.5"),
    ),
    one(
        "wrong-psk",
        "OpenIKED to strongSwan, the PSKs differ",
        TURNED,
        CBC,
        responder={"secrets.ike.secret": '"another psk"'},
    ),
]
