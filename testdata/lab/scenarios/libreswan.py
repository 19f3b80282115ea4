# SPDX-License-Identifier: GPL-2.0-or-later
"""libreswan against strongSwan, whose log has the keys, and against itself."""
from libreswan import CONNECTION
from scenarios.scenario import Scenario

BASE = {f"pluto.{k}": v for k, v in CONNECTION.items()}
MIXED = {"initiator": "strongswan", "responder": "libreswan"}
TURNED = {"initiator": "libreswan", "responder": "strongswan"}
ALONE = {"initiator": "libreswan", "responder": "libreswan"}
STEPS = ("initiate", "sleep 0.5", "terminate", "sleep 0.5")
REKEY = (
    "initiate",
    "sleep 0.5",
    "rekey-child initiator",
    "sleep 1",
    "rekey-ike initiator",
    "sleep 1",
    "rekey-child initiator",
    "sleep 1",
    "terminate",
    "sleep 0.5",
)


def one(name, shows, kinds, both=None, **more):
    names = {"strongswan": "strongSwan 5.9.8", "libreswan": "libreswan 5.2"}
    return Scenario(
        f"libreswan/{name}",
        shows,
        {**BASE, **(both or {})},
        kinds=kinds,
        daemon=", ".join(dict.fromkeys(names[k] for k in kinds.values())),
        **{"steps": STEPS, "fake_kernel": True, **more},
    )


def proposals(charon_ike, charon_esp, pluto_ike, pluto_esp):
    return {
        "conn.proposals": charon_ike,
        "child.esp_proposals": charon_esp,
        "pluto.ike": pluto_ike,
        "pluto.esp": pluto_esp,
    }


GCM = proposals(
    "aes256gcm16-prfsha512-ecp256",
    "aes256gcm16,aes256gcm16-ecp256",
    "aes_gcm256-sha2_512-dh19",
    "aes_gcm256",
)
CBC = proposals(
    "aes256-sha256-modp2048",
    "aes128-sha256-modp2048,aes128-sha256",
    "aes256-sha2_256-dh14",
    "aes128-sha2_256",
)
IKEV1 = {"conn.version": "1", "pluto.keyexchange": "ikev1"}

TCP = {"pluto.setup.listen-tcp": "yes", "pluto.enable-tcp": "yes", "pluto.tcp-remoteport": "4500"}

SCENARIOS = [
    one("to-libreswan", "strongSwan to libreswan, AES-GCM", MIXED, GCM),
    one("to-libreswan-cbc", "strongSwan to libreswan, AES-CBC", MIXED, CBC),
    one("from-libreswan", "libreswan to strongSwan, AES-GCM", TURNED, GCM),
    one("from-libreswan-cbc", "libreswan to strongSwan, AES-CBC", TURNED, CBC),
    one(
        "from-libreswan-rekey",
        "libreswan to strongSwan, both SAs rekeyed",
        TURNED,
        GCM,
        steps=REKEY,
    ),
    one("to-libreswan-rekey", "strongSwan to libreswan, both SAs rekeyed", MIXED, CBC, steps=REKEY),
    one("alone", "libreswan with its default proposals", ALONE),
    one("alone-rekey", "libreswan, both SAs rekeyed", ALONE, steps=REKEY),
    one(
        "alone-intermediate",
        "libreswan with IKE_INTERMEDIATE and PPK",
        ALONE,
        {
            "pluto.intermediate": "yes",
            "pluto.ppk": "insist",
            "pluto.setup.secrets": '@initiator.lab.example @responder.lab.example : PPKS "ppk-1" "0011223344556677"',
        },
    ),
    one(
        "from-libreswan-ppk",
        "libreswan to strongSwan with PPK",
        TURNED,
        {
            **GCM,
            "pluto.ppk": "insist",
            "pluto.setup.secrets": '@initiator.lab.example @responder.lab.example : PPKS "ppk-1" "0011223344556677"',
            "conn.ppk_id": "ppk-1",
            "conn.ppk_required": "yes",
            "secrets.ppk.id": "ppk-1",
            "secrets.ppk.secret": '"0011223344556677"',
        },
    ),
    one("to-libreswan-ikev1", "IKEv1 main mode, strongSwan to libreswan", MIXED, {**CBC, **IKEV1}),
    one(
        "from-libreswan-ikev1", "IKEv1 main mode, libreswan to strongSwan", TURNED, {**CBC, **IKEV1}
    ),
    one("alone-ikev1", "IKEv1 main mode of libreswan", ALONE, IKEV1),
    one(
        "alone-ikev1-aggressive",
        "IKEv1 aggressive mode of libreswan",
        ALONE,
        {**IKEV1, "pluto.aggressive": "yes", "pluto.ike": "aes256-sha2_256-dh14"},
    ),
    one("tcp", "libreswan over TCP 4500 (RFC 9329)", ALONE, TCP),
    one(
        "tcp-rekey", "libreswan over TCP 4500, both SAs rekeyed", ALONE, {**TCP, **CBC}, steps=REKEY
    ),
    one(
        "tcp-fallback",
        "UDP is blocked: libreswan falls back to TCP",
        ALONE,
        {**TCP, "pluto.enable-tcp": "fallback", "pluto.retransmit-timeout": "2s"},
        steps=("block-udp responder", "initiate", "sleep 1", "terminate", "sleep 0.5"),
    ),
    one(
        "resume",
        "session resumption (RFC 5723): a ticket, then IKE_SESSION_RESUME",
        ALONE,
        {"pluto.session-resumption": "yes"},
        steps=(
            "initiate",
            "sleep 1",
            "suspend",
            "sleep 1",
            "initiate",
            "sleep 1",
            "terminate",
            "sleep 0.5",
        ),
    ),
    one(
        "redirect-init",
        "REDIRECT in IKE_SA_INIT, to an address where nothing responds (RFC 5685)",
        ALONE,
        initiator={"pluto.accept-redirect": "yes"},
        responder={
            "pluto.setup.global-redirect": "yes",
            "pluto.setup.global-redirect-to": "10.9.0.99",
        },
    ),
    one(
        "redirect-auth",
        "REDIRECT in IKE_AUTH, to an address where nothing responds (RFC 5685)",
        ALONE,
        initiator={"pluto.accept-redirect": "yes"},
        responder={"pluto.send-redirect": "yes", "pluto.redirect-to": "10.9.0.99"},
    ),
    one(
        "auth-null",
        "NULL authentication and ID_NULL on both sides (RFC 7619)",
        ALONE,
        {"pluto.authby": "null", "pluto.leftid": "%null", "pluto.rightid": "%null"},
    ),
    one(
        "iptfs",
        "IP-TFS asked for: USE_AGGFRAG (RFC 9347)",
        ALONE,
        {"pluto.iptfs": "yes"},
    ),
    one(
        "transport",
        "transport mode with IPComp",
        ALONE,
        {
            "pluto.type": "transport",
            "pluto.compress": "yes",
            "pluto.leftsubnet": None,
            "pluto.rightsubnet": None,
        },
    ),
    one(
        "wrong-psk",
        "libreswan to strongSwan, the PSKs differ",
        TURNED,
        GCM,
        responder={"secrets.ike.secret": '"another psk"'},
    ),
]
