# SPDX-License-Identifier: GPL-2.0-or-later
"""What decryption makes of captures, each with secrets of its own, read in one process (many.py)."""
import collections
import json

import many

NO_KEY = "No key for this SA"
FIELDS = ("isakmp.enc.data", "isakmp.enc.decrypted", "esp.spi", "esp.icv_good", "_ws.expert.message")

# An encrypted message. kind: "ike" or "esp"; spi: of ESP; plain: a digest of the decrypted bytes, or None; why: its expert
# infos.
Message = collections.namedtuple("Message", "frame kind spi plain icv_good why")

# results: what the authentication of each side came to, "verified: PSK matches".
Session = collections.namedtuple("Session", "messages results")


def _message(frame, rows):
    """The encrypted message of a frame; None: it has none."""
    of = collections.defaultdict(list)
    for name, value in rows:
        of[name].append(value.strip('"'))
    why = "; ".join(of["_ws.expert.message"])
    if of["isakmp.enc.data"]:
        plain = of["data"][0] if of["isakmp.enc.decrypted"] else None
        return Message(frame, "ike", None, plain, "integrity check fails" not in why, why)
    if of["esp.spi"] or why.startswith("Not decrypted: "):
        return Message(frame, "esp", (of["esp.spi"] or [None])[0], (of["data"] or [None])[0], of["esp.icv_good"] == ["1"], why)
    return None


def _results(sas):
    words = {True: "verified", False: "wrong", None: "unknown"}
    return [f"{words[party['auth_verified']]}: {party['auth_reason']}"
            for sa in sas for party in (sa["initiator"], sa["responder"]) if party["auth_reason"]]


def read(captures, logs):
    """The session of each capture (bytes), read with its log (bytes or Path)."""
    return [Session([message for frame, rows in sorted(result.rows.items()) if (message := _message(frame, rows))],
                    _results(result.sas))
            for result in many.read_all(captures, logs, FIELDS)]


def of(kind, session):
    return [message for message in session.messages if message.kind == kind]


def all_decrypted(session, *kinds):
    """Asserts that there are messages of each kind, all of them decrypted."""
    for kind in kinds:
        assert of(kind, session)
        for message in of(kind, session):
            assert message.plain and message.icv_good, message


LABELS = {"dh_shared": "IKE_DH_SHARED", "skeyseed": "IKEV2_SKEYSEED", "msk": "IKEV2_MSK"}


def line(kind, spi_i, spi_r, value):
    """A line of a key log; `kind` is the name of facts."""
    label = LABELS.get(kind) or ("IKEV1_" if kind.startswith("skeyid") else "IKEV2_") + kind.upper()
    return f"{label} {spi_i} {spi_r} {value}\n"


def facts_of(path):
    return json.loads(path.with_suffix(".facts.json").read_text())


def secrets_of(path, kinds):
    """Key log with the secrets of all IKE SAs and of PFS, as the daemons logged them."""
    lines = []
    for side in facts_of(path)["sides"].values():
        sas = side.get("ike_sas", [])
        owned = [(sa, keys) for sa in sas for keys in sa.get("keys", [])]
        owned += [(sas[0], child.get("keys", {})) for child in side.get("child_sas", []) if sas]
        for sa, keys in owned:
            lines += [line(kind, sa["spi_i"], sa["spi_r"], value) for kind, value in keys.items() if kind in kinds]
    return "".join(dict.fromkeys(lines))

