# SPDX-License-Identifier: GPL-2.0-or-later
"""What every finding owes its reader, over all captures of testdata: a text that Wireshark does not cut, one expert info
per fact, and its parts as fields of which a script can make a table."""
import collections
import re
import shutil
import tempfile
from pathlib import Path

import pytest

from reading import SECURITY
from tshark import TESTDATA, Tshark

ITEM_LABEL_LENGTH = 240    # Wireshark's, with the terminating zero
CLAUSE = 112               # ours at most, with names of usual length; most have fewer than 100 characters
NAME = re.compile(r'"[^"]{24,}"')
CAPTURES = sorted(path for path in TESTDATA.rglob("*.pcap*") if path.suffix in (".pcap", ".pcapng"))
LOGS = sorted(path for path in TESTDATA.rglob("*") if path.suffix in (".log", ".keylog"))
PARTS = ("code", "side", "peer", "certainty", "requested", "received", "frame", "child")
FIELDS = ["frame.number", "_ws.expert.message", *(f"isakmp.finding.{part}" for part in PARTS)]
# Findings that are about one value or none: what happened is all there is to say.
WITHOUT_VALUES = {"RETRANSMISSION", "LATE_RESPONSE", "PEER_RESTARTED", "TEMPORARY_FAILURE", "UNAUTHENTICATED_ERROR", "UNKNOWN",
                  "XAUTH_FAILED", "MESSAGE_ID_GAP", "MESSAGE_ID_REUSED", "WINDOW_EXCEEDED", "SIMULTANEOUS_REKEY", "REDIRECT",
                  "OPEN_RESPONDER", "CHILD_NEVER_DELETED", "CHILD_NEVER_USED", "MALFORMED", "WRONG_FLAGS", "RESERVED_SPI",
                  "UNKNOWN_ESP", "DUPLICATE_TRANSFORM"}


def all_of(keys):
    """All captures as one, each frame's fields. The secrets of all logs serve all captures."""
    with Tshark() as tshark:
        options = []
        if keys:
            folder = Path(tempfile.mkdtemp(dir=tshark.home))
            for number, log in enumerate(LOGS):
                shutil.copyfile(log, folder / f"{number}.log")
            folder.chmod(0o755)
            for log in folder.iterdir():
                log.chmod(0o644)
            options = ["-o", f"isakmp.keylog_file:{folder}"]
        return tshark.fields(tshark.merged(CAPTURES), FIELDS, "_ws.expert", *options)


@pytest.fixture(scope="module", params=[False, True], ids=["without keys", "with keys"])
def frames(request):
    found = all_of(request.param)
    assert len(found) > 1000
    return found


def test_no_expert_text_is_truncated(frames):
    texts = {text for frame in frames for text in frame["_ws.expert.message"]}
    assert len(texts) > 200
    cut = [text for text in texts if len(text.encode()) >= ITEM_LABEL_LENGTH - 1 or text.endswith("...")]
    assert not cut, cut[:5]
    # What says more than a clause has its values in the fields. A warning about a key log begins with its path.
    lengths = sorted((len(NAME.sub('"responder.lab.example"', text)), text) for text in texts if not text.startswith('"/'))
    assert lengths[-1][0] <= CLAUSE, [text for length, text in lengths if length > CLAUSE]
    assert lengths[len(lengths) // 2][0] <= 90, lengths[len(lengths) // 2]


def test_one_expert_info_per_fact(frames):
    for frame in frames:
        again = [text for text, count in collections.Counter(frame["_ws.expert.message"]).items() if count > 1]
        # Several messages or payloads of one frame may have the same fault.
        findings = [text for text in again if text.split(":")[0] in frame["isakmp.finding.code"]]
        assert not findings, (frame["frame.number"], findings)


def test_parts_of_several_findings_are_aligned(frames):
    """The n-th value of each field is that of the n-th finding."""
    several = [frame for frame in frames if len(frame["isakmp.finding.code"]) > 1]
    assert len(several) > 50
    for frame in several:
        counts = {part: len(frame[f"isakmp.finding.{part}"]) for part in PARTS[:-1]}
        # tshark prints nothing where all values of a field are empty and one alone.
        assert set(counts.values()) == {len(frame["isakmp.finding.code"])}, (frame["frame.number"], counts)


# A value is a name, a number or a list of them; what is told of it stands in the text.
SENTENCE = re.compile(r"\b(is|are|was|were|has|have|had|does|do|not|which|that|its?|they|sent|enough|before|after|in frame)\b")
IN_BRACKETS = re.compile(r'"[^"]*"|\([^)]*\)')


def test_values_are_no_sentences(frames):
    values = {value for frame in frames for part in ("requested", "received") for value in frame[f"isakmp.finding.{part}"] if value}
    assert len(values) > 100
    assert not {value for value in values if SENTENCE.search(IN_BRACKETS.sub("", value))}


def test_refusals_have_their_parts():
    """tshark -Y 'isakmp.finding.side == "responder"' -T fields: a row for each refusal, with its values."""
    empty = []
    with Tshark() as tshark:
        for path in sorted((TESTDATA / "failing").glob("*.pcap")):
            log = next((name for side in ("initiator", "responder")
                        if (name := path.with_suffix(f".{side}.log")).exists()), None)
            options = ["-o", "isakmp.keylog_file:" + tshark.place(log, "key.log")] if log else []
            rows = tshark.fields(path, FIELDS, "isakmp.finding.side == responder", *options)
            for row in rows:
                codes = [code for code in row["isakmp.finding.code"] if code not in SECURITY]
                assert "responder" in row["isakmp.finding.side"]
                values = any(row["isakmp.finding.requested"] + row["isakmp.finding.received"])
                if codes and not values and not set(codes) & WITHOUT_VALUES:
                    empty.append((path.stem, row["frame.number"], row["_ws.expert.message"]))
    assert not empty, empty
