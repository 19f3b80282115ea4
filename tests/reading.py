# SPDX-License-Identifier: GPL-2.0-or-later
"""What one run of tshark says of a capture: the report as JSON, and fields of every frame."""
import atexit
import json
import re

from tshark import TESTDATA, Tshark

# Findings about strength and privacy, which a session that works may well have.
SECURITY = {"IKEV1", "NO_POST_QUANTUM", "NO_PFS", "WEAK_GROUP", "WEAK_CIPHER", "WEAK_HASH", "IDENTITY_EXPOSED",
            "AGGRESSIVE_PSK", "NULL_ENCRYPTION", "NULL_AUTHENTICATION", "SMALL_RSA_KEY", "SHA1_SIGNATURE", "NONCE_SHORT",
            "AUTH_NOT_ENCRYPTED"}
_shared = {}


def shared():
    """One tshark with the plugin for all readings of this process."""
    if "tshark" not in _shared:
        _shared["tshark"] = Tshark()
        atexit.register(_shared["tshark"].close)
    return _shared["tshark"]


class Reading:
    """The report of a capture, with the secrets of a log or without."""

    def __init__(self, capture, log=None, *options, fields=(), display_filter=None, timeout=120):
        """capture: Path or bytes. fields: names, of which .rows then has a dict of lists for each frame."""
        tshark = shared()
        arguments = list(options)
        if log is not None:
            arguments += ["-o", "isakmp.keylog_file:" + tshark.place(log, "key.log")]
        wanted = []
        for name in fields:
            wanted += ["-e", name]
        if display_filter:
            arguments += ["-Y", display_filter]
        if wanted:
            arguments += ["-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=\x1f", *wanted]
        else:
            arguments.append("-q")
        result = tshark.raw("-r", tshark.place(capture), "-n", *arguments, "-z", "isakmp,report,json", timeout=timeout)
        out = result.stdout.decode(errors="replace")
        self.said = [line for line in result.stderr.decode(errors="replace").splitlines()
                     if line and "Running as user" not in line]
        assert result.returncode == 0, (result.returncode, self.said[:10])
        head, _, tail = out.partition("\n{\n") if not out.startswith("{") else ("", "", out[1:])
        self.whole = json.loads("{" + tail)
        self.sas = self.whole["ike_sas"]
        self.rows = []
        for line in head.splitlines() if wanted else []:
            values = line.split("\t") + [""] * len(fields)
            self.rows.append({name: value.split("\x1f") if value else [] for name, value in zip(fields, values)})

    def sa(self, spi):
        """The IKE SA with this initiator SPI (or its beginning); exactly one."""
        found = [sa for sa in self.sas if sa["spi_initiator"].startswith(spi)]
        assert len(found) == 1, (spi, [sa["spi_initiator"] for sa in self.sas])
        return found[0]

    def only(self):
        assert len(self.sas) == 1, [(sa["spi_initiator"], sa["spi_responder"]) for sa in self.sas]
        return self.sas[0]

    def findings(self, *severities, code=None):
        return [finding for sa in self.sas for finding in sa["findings"]
                if (not severities or finding["severity"] in severities) and code in (None, finding["code"])]

    def codes(self, *severities):
        return {finding["code"] for finding in self.findings(*severities)}

    def decrypted(self):
        """(encrypted messages, decrypted messages) of all IKE SAs."""
        return (sum(sa["encrypted_messages"] for sa in self.sas), sum(sa["decrypted_messages"] for sa in self.sas))

    def esp(self):
        """(ESP packets, decrypted ones) of all Child SAs."""
        children = [child for sa in self.sas for child in sa["child_sas"]]
        return sum(child["esp_packets"] for child in children), sum(child["esp_decrypted"] for child in children)


def healthy(sa, *outcomes):
    """The IKE SA came up, has no cause, and nothing is said against it but about its strength."""
    assert sa["outcome"] in (outcomes or ("established", "deleted")), (sa["outcome"], sa["cause"])
    assert sa["cause"] is None, sa["cause"]
    bad = [finding for finding in sa["findings"] if finding["severity"] in ("error", "warn") and finding["code"] not in SECURITY]
    assert not bad, bad


def says(text, *patterns):
    """Every pattern stands somewhere in the text, in any case."""
    for pattern in patterns:
        assert re.search(pattern, text, re.IGNORECASE | re.DOTALL), (pattern, text)


def says_not(text, *patterns):
    for pattern in patterns:
        assert not re.search(pattern, text, re.IGNORECASE | re.DOTALL), (pattern, text)


def words_of(part):
    """All text of a cause or finding: its sentence and its parts (requested, received, …)."""
    return " ".join(str(value) for value in part.values()) if part else ""


__all__ = ["TESTDATA", "SECURITY", "Reading", "healthy", "says", "says_not", "shared", "words_of"]
