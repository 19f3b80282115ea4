# SPDX-License-Identifier: GPL-2.0-or-later
"""libreswan with tools/keylogger preloaded: its key log beside the capture."""
from scenarios.libreswan import ALONE, BASE, IKEV1, REKEY, STEPS
from scenarios.scenario import Scenario

PPK = {
    "pluto.ppk": "insist",
    "pluto.setup.secrets": '@initiator.lab.example @responder.lab.example : PPKS "ppk-1" "0011223344556677"',
}
# Quick mode again under the same ISAKMP SA
REKEY_IKEV1 = ("initiate", "sleep 0.5", "rekey-child initiator", "sleep 1", "terminate", "sleep 0.5")


def one(name, shows, both, **more):
    settings = {**BASE, "keylogger": "yes", "pluto.esn": "no", **both}
    return Scenario(
        f"keylogger/{name}",
        shows,
        settings,
        kinds=ALONE,
        daemon="libreswan 5.2; ESP by lab/esp.py",
        **{"steps": STEPS, "fake_kernel": True, "made_esp": "plain", **more},
    )


def certificates(kind):
    return {
        "nss.certificates": kind,
        "pluto.authby": f"{kind}-sha2",
        "pluto.leftcert": "{my_name}",
        "pluto.leftsendcert": "always",
    }


CERT_IKEV1 = {**IKEV1, **certificates("rsa"), "pluto.authby": "rsasig"}

XAUTH_CLIENT = {
    "pluto.leftxauthclient": "yes",
    "pluto.rightxauthserver": "yes",
    "pluto.leftusername": "carol",
    "pluto.leftmodecfgclient": "yes",
    "pluto.rightmodecfgserver": "yes",
    "pluto.modecfgpull": "yes",
    "pluto.leftsubnet": None,
}
XAUTH_SERVER = {
    "pluto.right": "%any",  # pluto 5.2 asserts that an address pool has instances
    "pluto.leftxauthserver": "yes",
    "pluto.rightxauthclient": "yes",
    "pluto.xauthby": "alwaysok",
    "pluto.leftmodecfgserver": "yes",
    "pluto.rightmodecfgclient": "yes",
    "pluto.modecfgpull": "yes",
    "pluto.rightaddresspool": "10.91.0.1-10.91.0.1",
    "pluto.rightsubnet": None,
}

SCENARIOS = [
    one("gcm", "libreswan's default proposals: AES-GCM, both SAs rekeyed with PFS", {}, steps=REKEY),
    one(
        "without-crypt",
        "plutodebug=all,private: keys of ESP in the log, but no salt of the IKE SAs",
        {"pluto.setup.plutodebug": "all,private"},
        steps=REKEY,
    ),
    one(
        "cbc",
        "AES-CBC, MODP groups, both SAs rekeyed with PFS",
        {"pluto.ike": "aes256-sha2_256-dh14", "pluto.esp": "aes128-sha2_256", "pluto.pfs": "yes"},
        steps=REKEY,
    ),
    one("ctr", "AES-CTR for IKE", {"pluto.ike": "aes_ctr256-sha2_512-dh19"}),
    one("ccm-chacha", "ChaCha20-Poly1305 for IKE", {"pluto.ike": "chacha20_poly1305-sha2_512-dh31"}),
    one("ppk", "PPK, IKE SA rekeyed", PPK, steps=REKEY),
    one("intermediate", "PPK in IKE_INTERMEDIATE", {**PPK, "pluto.intermediate": "yes"}),
    one("cert-rsa", "RSA certificates, both SAs rekeyed with PFS", certificates("rsa"), steps=REKEY),
    one(
        "cert-ecdsa-no-pfs",
        "ECDSA certificates, both SAs rekeyed, Child SAs without PFS",
        {**certificates("ecdsa"), "pluto.pfs": "no"},
        steps=REKEY,
    ),
    one("ecp-3des", "3DES and ECP-521 for IKE", {"pluto.ike": "3des-sha1-dh21"}),
    one("ikev1-cert", "IKEv1 main mode with RSA certificates", CERT_IKEV1, steps=REKEY_IKEV1),
    one("wrong-psk", "the PSKs differ", {}, made_esp="", responder={"secrets.ike.secret": '"another psk"'}),
    one(
        "invalid-ke",
        "INVALID_KE_PAYLOAD, RSA certificates, both SAs rekeyed with PFS",
        {**certificates("rsa"), "pluto.pfs": "yes"},
        initiator={"pluto.ike": "aes256-sha2_256-dh19+dh14"},
        responder={"pluto.ike": "aes256-sha2_256-dh14"},
        steps=REKEY,
    ),
    one("cookie", "COOKIE, then AES-GCM", {"pluto.setup.ddos-mode": "busy"}, steps=REKEY),
    one("ikev1", "IKEv1 main mode, quick modes with PFS", IKEV1, steps=REKEY_IKEV1),
    one(
        "ikev1-no-pfs",
        "IKEv1 main mode, 3DES: Ka is longer than SKEYID_e",
        {**IKEV1, "pluto.ike": "3des-sha1-dh14", "pluto.pfs": "no"},
    ),
    one(
        "ikev1-aggressive",
        "IKEv1 aggressive mode",
        {**IKEV1, "pluto.aggressive": "yes", "pluto.ike": "aes256-sha2_256-dh14"},
    ),
    one(
        "ikev1-xauth",
        "IKEv1 aggressive mode, XAUTH, mode config, quick mode with PFS",
        {
            **IKEV1,
            "pluto.aggressive": "yes",
            "pluto.ike": "aes128-sha1-dh14",
            "pluto.pfs": "yes",
            "pluto.setup.secrets": '@carol : XAUTH "xauth password"',
        },
        initiator=XAUTH_CLIENT,
        responder=XAUTH_SERVER,
    ),
]
