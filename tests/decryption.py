# SPDX-License-Identifier: GPL-2.0-or-later
"""What decryption makes of captures, each with secrets of its own, read in one process (many.py)."""
import collections
import hashlib
import json

import pytest

import many
from tshark import Tshark

NO_KEY = "No key for this SA"
WRONG_HASH = "HASH does not verify"
YES = ["1"], ["True"]  # in Wireshark 4.0 and later versions
FIELDS = ("isakmp.enc.data", "isakmp.enc.decrypted", "isakmp.enc.icd", "isakmp.version", "esp.spi", "esp.icv_good",
          "isakmp.enc.refused_key", "_ws.expert.message")

# An encrypted message. kind: "ike" or "esp"; spi: of ESP; plain: the decrypted bytes in hex, or None; icv_good: whether the
# ICV, which IKEv1 has none of, was checked and is right; why: its expert infos; refused: the key that did not decrypt it.
Message = collections.namedtuple("Message", "frame kind spi plain icv_good why refused")

# results: what the authentication of each side came to, "verified: PSK matches".
Session = collections.namedtuple("Session", "messages results")


def _values(rows):
    of = collections.defaultdict(list)
    for name, value in rows:
        of[name].append(value.strip('"'))
    return of


def _digest(plain):
    return f"{len(plain) // 2}:{hashlib.sha1(bytes.fromhex(plain)).hexdigest()}"


def _message(frame, rows, again):
    """The encrypted message of a frame, of which a later pass shows the same; None: it has none."""
    of, shown = _values(rows), _values(again)
    why, plain, refused = "; ".join(of["_ws.expert.message"]), (shown["data"] or [None])[0], "".join(of["isakmp.enc.refused_key"])
    assert of["isakmp.enc.refused_key"] == shown["isakmp.enc.refused_key"], (frame, "the second pass differs")
    assert of["data"] == [_digest(data) for data in shown["data"]], (frame, "the second pass differs")
    if of["isakmp.enc.data"]:
        checked = [text.endswith("[correct]") for text in shown["isakmp.enc.icd"]]
        good = "0x10" in of["isakmp.version"] or bool(checked) and all(checked)
        return Message(frame, "ike", None, plain if of["isakmp.enc.decrypted"] else None, good, why, refused)
    if of["esp.spi"] or why.startswith("Not decrypted: "):
        return Message(frame, "esp", (of["esp.spi"] or [None])[0], plain, of["esp.icv_good"] in YES, why, refused)
    return None


def _results(sas):
    words = {True: "verified", False: "wrong", None: "unknown"}
    return [f"{words[party['auth_verified']]}: {party['auth_reason']}"
            for sa in sas for party in (sa["initiator"], sa["responder"]) if party["auth_reason"]]


def read(captures, logs):
    """The session of each capture (bytes), read with its log (bytes or Path)."""
    if many.program() is None:
        pytest.skip("no reader of many captures for this Wireshark")
    return [Session([message for frame, rows in sorted(result.rows.items())
                     if (message := _message(frame, rows, result.again[frame]))], _results(result.sas))
            for result in many.read_all(captures, logs, FIELDS, again=True)]


class Jobs(dict):
    """Captures (bytes or Path) with their key logs (bytes or text) by a name, all read at once."""

    def add(self, name, capture, log):
        self[name] = capture, log.encode() if isinstance(log, str) else log
        return name

    def read(self):
        """The sessions by the names."""
        captures = [capture if isinstance(capture, bytes) else capture.read_bytes() for capture, _ in self.values()]
        return dict(zip(self, read(captures, [log for _, log in self.values()])))


def of(kind, session):
    return [message for message in session.messages if message.kind == kind]


def all_decrypted(session, *kinds):
    """Asserts that there are messages of each kind, all of them decrypted."""
    for kind in kinds:
        assert of(kind, session)
        for message in of(kind, session):
            assert message.plain and message.icv_good and WRONG_HASH not in message.why, message


def all_decrypted_by_tshark(captures, log, *kinds):
    """The same of all captures (paths), one after the other, with one log (bytes), in each version of Wireshark."""
    with Tshark() as tshark:
        frames = tshark.fields(tshark.merged(captures), FIELDS, "isakmp.enc.data || esp", "-o",
                               f"isakmp.keylog_file:{tshark.place(log, 'key.log')}")
    for kind in kinds:
        encrypted = [frame for frame in frames if frame["isakmp.enc.data" if kind == "ike" else "esp.spi"]]
        assert encrypted
        for frame in encrypted:
            why = "; ".join(frame["_ws.expert.message"])
            assert frame["isakmp.enc.decrypted"] if kind == "ike" else frame["esp.icv_good"] in YES, frame
            assert "ICV" not in why and "integrity" not in why.lower() and WRONG_HASH not in why, frame


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

