# SPDX-License-Identifier: GPL-2.0-or-later
"""What docs/robustness.md promises of bytes that nobody authenticated, and of the first pass."""
import csv
import io
import json
import re

import packets as p
import pytest
from tshark import TESTDATA, Tshark

GSS_TOKEN, AUTHIP_MAIN_MODE = 129, 243
SPNEGO = bytes.fromhex("06062b0601050502")


def der(tag, *parts):
    body = b"".join(parts)
    return bytes([tag, len(body)]) + body


def table_with(name, change):
    """The rows of a session's ikev2_decryption_table, with its integrity keys passed through `change`."""
    rows = csv.reader(io.StringIO((TESTDATA / "ikev2" / f"{name}.ikev2_decryption_table").read_text()))
    return "".join(",".join(f'"{field}"' if " " in field else field
                            for field in row[:5] + [change(key) for key in row[5:7]] + row[7:]) + "\n"
                   for row in rows if not row[0].startswith("#"))


def another(key):
    return f"{int(key[:2], 16) ^ 1:02x}" + key[2:]


@pytest.fixture(scope="module", name="unverified")
def fixture_unverified():
    """Reads eap-tls with keys that decrypt, while no ICV is right."""
    with Tshark(tables={"ikev2_decryption_table": table_with("eap-tls", another)}) as tshark:
        yield tshark


EAP_TLS = TESTDATA / "ikev2" / "eap-tls.pcap"


def test_bytes_that_failed_their_integrity_check_reach_no_dissector_that_keeps_state(unverified):
    with Tshark(tables={"ikev2_decryption_table": table_with("eap-tls", str)}) as tshark:
        right = tshark.fields(EAP_TLS, ["eap.code", "tls.handshake.type"], "eap")
    assert len(right) > 4 and any(frame["tls.handshake.type"] for frame in right)
    shown = unverified.fields(EAP_TLS, ["isakmp.typepayload", "eap.code", "tls.handshake.type"], "isakmp.enc.decrypted")
    assert len([frame for frame in shown if "48" in frame["isakmp.typepayload"]]) == len(right)
    assert not any(frame["eap.code"] or frame["tls.handshake.type"] for frame in shown)


def test_what_they_say_is_not_recorded_though_exceptions_end_their_dissection(unverified):
    """A block of each message is changed; in the middle of a certificate it is malformed ASN.1."""
    body = 28 + 4 + 16  # behind header, generic header and IV
    malformed = 0
    for at in (160, 224):
        changed = bytearray(EAP_TLS.read_bytes())
        for found in re.finditer(re.escape(b"\x2e\x20"), bytes(changed)):
            if int.from_bytes(changed[found.start() + 8:found.start() + 12], "big") > 600:
                changed[found.start() - 16 + body + at] ^= 0x55
        report = json.loads(unverified.run(bytes(changed), "-q", "-z", "isakmp,report,json"))["ike_sas"][0]
        told = [report[side].get(fact) for side in ("initiator", "responder") for fact in ("id", "auth_method", "auth_verified")]
        assert report["child_sas"] == [] and not any(told)
        malformed += len(unverified.fields(bytes(changed), ["_ws.malformed"], "_ws.malformed"))
    assert malformed


def test_state_of_gssapi_is_that_of_the_first_pass():
    """The second token names no mechanism: that of the first holds. With -2 the first pass has no tree."""
    init = der(0x60, SPNEGO, der(0xA0, der(0x30, der(0xA0, der(0x30, bytes.fromhex("060a2b06010401823702020a"))))))
    answer = der(0xA1, der(0x30, der(0xA0, bytes.fromhex("0a0101"))))
    frames = [p.udp(p.message_v1(AUTHIP_MAIN_MODE, [(GSS_TOKEN, init)], rspi=bytes(8))),
              p.udp(p.message_v1(AUTHIP_MAIN_MODE, [(GSS_TOKEN, answer)]), "10.9.0.2", "10.9.0.1")]
    with Tshark() as tshark:
        once, twice = (tshark.run(p.pcap(frames), *passes, "-V") for passes in ((), ("-2",)))
    assert "negTokenInit" in once and "negTokenTarg" in once
    assert twice == once


def test_frames_that_a_read_filter_drops_leave_the_next_of_their_number_alone():
    """The first of two passes gives the number of a dropped frame to the next one."""
    capture = TESTDATA / "esp" / "aes-cbc.pcap"
    names = ["isakmp.ispi", "isakmp.messageid", "isakmp.esp.sequence", "esp.icv_good", "icmp.seq"]
    with Tshark() as tshark:
        log = ["-o", "isakmp.keylog_file:" + tshark.place(TESTDATA / "esp" / "aes-cbc.responder.log")]
        sources = {frame["ip.src"][0] for frame in tshark.fields(capture, ["ip.src"], "isakmp or isakmp.esp.sequence")}
        assert len(sources) == 2
        for source in sources:
            chosen = f"(isakmp or esp) and ip.src == {source}"
            expected = tshark.fields(capture, names, chosen, *log)
            assert sum(bool(frame["icmp.seq"]) for frame in expected) > 1
            assert tshark.fields(capture, names, None, "-2", "-R", chosen, *log) == expected
