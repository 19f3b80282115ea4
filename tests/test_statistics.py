# SPDX-License-Identifier: GPL-2.0-or-later
"""The statistics of tshark -z: the table of IKE SAs, the flow graph, response times, conversations and the
totals, against what the report, other tools and tshark's own fields say."""
import hashlib
import json
import re
import struct
from pathlib import Path

import pytest

import packets as p
from tshark import ROOT, Tshark

TESTDATA = ROOT / "testdata"
TWO = TESTDATA / "ikev2" / "two-sas.pcap"
REKEYED = TESTDATA / "ikev2" / "rekey-child.pcap"
UNANSWERED = TESTDATA / "ikev2" / "no-answer.pcap"


@pytest.fixture(scope="module", name="tshark")
def with_keys():
    with Tshark() as tshark:
        both = Path(tshark.home) / "both.log"
        both.write_bytes(b"".join((TESTDATA / "ikev2" / f"{name}.initiator.log").read_bytes()
                                  for name in ("two-sas", "rekey-child")))
        yield tshark, f"isakmp.keylog_file:{both}"


def statistic(tshark, capture, argument, *arguments):
    program, key_log = tshark
    return program.run(capture, "-q", "-o", key_log, *arguments, "-z", argument)


def report(tshark, capture, argument="isakmp,report,json"):
    return json.loads(statistic(tshark, capture, argument))


# ---- isakmp,sas ------------------------------------------------------------------------------------------------

def tables(text):
    """Rows by column name, of the table of IKE SAs and of that of their Child SAs."""
    found, names, title = {}, None, None
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if line in ("IKE SAs", "IPsec SAs"):
            title = line
            found[title] = []
        elif line.startswith("IKE SA |"):
            names = cells
        elif title and len(cells) > 1:
            found[title].append(dict(zip(names, cells)))
    return found["IKE SAs"], found["IPsec SAs"]


@pytest.mark.parametrize("passes", [(), ("-2",)], ids=["one", "two"])
@pytest.mark.parametrize("capture", [TWO, REKEYED, UNANSWERED], ids=lambda path: path.stem)
def test_table_agrees_with_the_report(tshark, capture, passes):
    """Whatever pass the rows were made in, they are complete."""
    ike_sas, child_sas = tables(statistic(tshark, capture, "isakmp,sas", *passes))
    told = report(tshark, capture)["ike_sas"]
    assert [row["IKE SA"] for row in ike_sas] == [str(sa["stream"]) for sa in told]
    for row, sa in zip(ike_sas, told):
        assert row["Type"] == "IKEv" + sa["version"][0]
        assert row["Outcome"] == sa["outcome"]
        assert row["Cause"] == (sa["cause"]["code"] if sa["cause"] else "")
        assert row["Initiator ID or TS"] == (sa["initiator"]["id"] or "")
        assert row["IKE messages"] == str(sa["messages"])
        assert row["Encrypted"] == str(sa["encrypted_messages"])
        assert row["Decrypted"] == str(sa["decrypted_messages"])
        assert row.get("Setup (ms)", "") == ("" if sa["setup_ms"] is None else f"{sa['setup_ms']:.1f}")
    children = [(sa, child) for sa in told for child in sa["child_sas"]]
    assert len(children) == len(child_sas)
    for row, (sa, child) in zip(child_sas, children):
        assert row["IKE SA"] == str(sa["stream"])
        assert row["Type"] == f"Child SA {child['number']}: {child['protocol']} {child['mode']}"
        assert row["Outcome"] == child["outcome"]
        assert row["Initiator ID or TS"] == ", ".join(child["ts_initiator"])
        assert row["ESP packets"] == str(child["esp_packets"])


def test_table_with_a_filter(tshark):
    ike_sas, child_sas = tables(statistic(tshark, TWO, "isakmp,sas,isakmp.stream==1"))
    assert {row["IKE SA"] for row in ike_sas + child_sas} == {"1"}


def test_several_tables_at_once(tshark):
    """Each has the rows and the remark of its own filter."""
    program, key_log = tshark
    filters = ["isakmp.stream==1", "tcp", "isakmp.stream==0"]
    text = program.run(TWO, "-q", "-o", key_log, *(part for of in filters for part in ("-z", "isakmp,sas," + of)))
    parts = re.split(r"^Filter for statistics: ", text, flags=re.M)[1:]
    assert {part.splitlines()[0] for part in parts} == set(filters)
    for part in parts:
        ike_sas, child_sas = tables(part)
        expected = {"isakmp.stream==1": {"1"}, "isakmp.stream==0": {"0"}, "tcp": set()}[part.splitlines()[0]]
        assert {row["IKE SA"] for row in ike_sas + child_sas} == expected
        assert ("No IKE SA has a packet that matches the filter." in part) == (not expected)


def test_peers_are_resolved(tshark):
    """As everywhere in Wireshark: with -n the address, with a hosts file the name."""
    program, _ = tshark
    program.profile_file("hosts", "10.9.0.1 left.lab.example\n")
    try:
        ike_sas, _ = tables(program.run(TWO, "-q", "-N", "n", "-z", "isakmp,sas"))
        assert {row["Initiator"].rpartition(":")[0] for row in ike_sas} == {"left.lab.example"}
        ike_sas, _ = tables(program.run(TWO, "-q", "-n", "-z", "isakmp,sas"))
        assert {row["Initiator"].rpartition(":")[0] for row in ike_sas} == {"10.9.0.1"}
    finally:
        program.profile_file("hosts", "")


# ---- what Wireshark has for other protocols --------------------------------------------------------------------

def test_flow_graph_has_one_line_for_each_message(tshark):
    text = statistic(tshark, REKEYED, "flow,isakmp,network")
    lines = re.findall(r"^\|(\d+\.\d+) *\|.*?\|(.*)$", text, re.M)
    program, key_log = tshark
    frames = program.fields(REKEYED, ["frame.time_relative", "isakmp.exchangetype"], "isakmp", "-o", key_log)
    assert [f"{float(time):.6f}" for time, _ in lines] == [
        f"{float(frame['frame.time_relative'][0]):.6f}" for frame in frames]
    names = {"34": "IKE_SA_INIT", "35": "IKE_AUTH", "36": "CREATE_CHILD_SA", "37": "INFORMATIONAL"}
    for (_, label), frame in zip(lines, frames):
        assert names[frame["isakmp.exchangetype"][0]] in label


# strongSwan's short names of notifications for which the plugin keeps the registry's.
LONG_NAMES = {"NO_PROP": "NO_PROPOSAL_CHOSEN", "MOBIKE_SUP": "MOBIKE", "TS_UNACCEPT": "TS_UNACCEPTABLE",
              "REDIR": "REDIRECT", "REDIR_FROM": "REDIRECTED_FROM"}


def logged_messages(log):
    """What strongSwan says of the messages that it sent and understood."""
    found = re.findall(r"(?:generating|parsed) ((?:IKE_|CREATE_CHILD|INFORM)\S+ (?:request|response) \d+ \[.*?\])",
                       log.read_text(errors="replace"))
    return {re.sub(r"EF\((\d+/\d+)\)", r"SKF \1",
                   re.sub(r"N\((\w+)\)", lambda name: f"N({LONG_NAMES.get(name[1], name[1])})", line)) for line in found}


def test_packets_that_were_captured_twice_are_marked():
    """The tree, the Info column and the flow graph: the same bytes within milliseconds are one packet. The
    frame is that of the message: of a retransmission's copy, that of the first transmission."""
    capture = TESTDATA / "healthy" / "nat-loss.pcapng"
    expected, first, last = {}, {}, {}
    with Tshark() as tshark:
        rows = tshark.fields(capture, ["frame.number", "frame.time_relative", "udp.payload", "isakmp.copy_of", "_ws.col.Info"],
                             "isakmp")
        graph = tshark.run(capture, "-q", "-z", "flow,isakmp,network")
    for number, time, payload in ([row[name][0] for name in list(row)[:3]] for row in rows):
        if float(time) - last.get(payload, -1) < 0.01:
            expected[number] = first[payload]
        else:
            first.setdefault(payload, number)
            last[payload] = float(time)
    assert len(expected) > 20
    assert {row["frame.number"][0]: row["isakmp.copy_of"][0] for row in rows if row["isakmp.copy_of"]} == expected
    marks = [f"copy of frame {original}" for original in expected.values()]
    assert [re.search(r"copy of frame \d+(?= \[)", row["_ws.col.Info"][0])[0] for row in rows if row["isakmp.copy_of"]] == marks
    assert re.findall(r"copy of frame \d+", graph) == marks


# ---- follow,isakmp ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize("stream", ["0", "1", "10.9.0.1:500,10.9.0.2:500"])
def test_follow_has_one_line_for_each_message(tshark, stream):
    """The lines of the flow graph, of one IKE SA or of all between two peers; the responder's are indented."""
    program, key_log = tshark
    wanted = f"isakmp.version && isakmp.stream == {stream}" if len(stream) == 1 else "isakmp"
    frames = program.frames(TWO, wanted, "-o", key_log)
    text = statistic(tshark, TWO, f"follow,isakmp,ascii,{stream}")
    lines = re.findall(r"^(?:\t?)\d+\nframe (\d+), [0-9.]+ s: (.*)$", text, re.M)
    assert [int(frame) for frame, _ in lines] == frames and len(frames) > 2
    graph = statistic(tshark, TWO, "flow,isakmp,standard")
    assert all(line in graph for _, line in lines)


@pytest.mark.parametrize("name", ["cert-rsa", "rekey-ike", "child-no-proposal", "mobike", "virtual-ip", "eap-mschapv2",
                                  "two-children", "redirect", "create-child-ts-unacceptable", "virtual-ip", "virtual-ip6"])
def test_flow_graph_reads_like_the_log(name):
    log = TESTDATA / "ikev2" / f"{name}.initiator.log"
    with Tshark() as tshark:
        text = tshark.run(log.with_name(f"{name}.pcap"), "-q", "-o", "isakmp.keylog_file:" + tshark.place(log),
                          "-z", "flow,isakmp,network")
    shown = {line.split("ISAKMP: ")[1] for line in text.splitlines() if "ISAKMP: " in line}
    logged = logged_messages(log)
    whole = {line for line in logged if not any(
        other != line and other.startswith(line.split(" [")[0]) and "SKF" in other for other in logged)}
    assert whole and whole <= shown
    # A message in fragments: all but the fragment that completes it, which shows the message.
    assert all(line in logged for line in shown)


def test_response_times(tshark):
    """Calls and times are those of isakmp.time."""
    text = statistic(tshark, REKEYED, "isakmp,srt")
    rows = {int(row[0]): (int(row[2]), float(row[3]), float(row[4]))
            for row in re.findall(r"^\s+(\d+)\s+(\S+)\s+(\d+)\s+([\d.]+)\s+([\d.]+)\s+[\d.]+\s+[\d.]+$", text, re.M)}
    program, key_log = tshark
    times = {}
    for frame in program.fields(REKEYED, ["isakmp.exchangetype", "isakmp.time"], "isakmp.time", "-o", key_log):
        times.setdefault(int(frame["isakmp.exchangetype"][0]), []).append(float(frame["isakmp.time"][0]))
    assert times and rows.keys() == times.keys()
    for number, (calls, shortest, longest) in rows.items():
        assert calls == len(times[number])
        assert shortest == pytest.approx(min(times[number]), abs=1e-6)
        assert longest == pytest.approx(max(times[number]), abs=1e-6)
    assert [line for line in text.splitlines() if "IKE_AUTH" in line] == [
        line for line in statistic(tshark, REKEYED, "isakmp,srt,isakmp.exchangetype==35").splitlines() if " 0.0" in line]


def test_conversations_are_between_the_peers(tshark):
    """Not between the hosts behind them: ESP counts with its outer addresses."""
    program, key_log = tshark
    text = statistic(tshark, REKEYED, "conv,isakmp")
    rows = re.findall(r"^(\S+)\s+<-> (\S+)\s+\d+ \d+ \w+\s+\d+ \d+ \w+\s+(\d+)", text, re.M)
    assert [(left, right) for left, right, _ in rows] == [("10.9.0.1", "10.9.0.2")]
    frames = program.fields(REKEYED, ["frame.number"], "isakmp || esp", "-o", key_log)
    assert sum(int(count) for _, _, count in rows) == len(frames)
    text = statistic(tshark, REKEYED, "endpoints,isakmp")
    assert sorted(re.findall(r"^([\d.]+)\s+\d+", text, re.M)) == ["10.9.0.1", "10.9.0.2"]


def test_summary_as_json(tshark):
    program, _ = tshark
    totals = json.loads(program.run(TWO, "-q", "-z", "isakmp,summary,json"))["summaries"]
    text = program.run(TWO, "-q", "-z", "isakmp,summary")
    assert len(totals) == 1
    assert re.search(rf"^IKE SAs:\s+{totals[0]['ike_sas']}$", text, re.M) and totals[0]["ike_sas"] == 2
    assert sum(totals[0]["outcomes"].values()) == 2
    assert f"median {totals[0]['median_setup_ms']:.1f} ms" in text
    assert [row["count"] for row in totals[0]["versions"]] == [2]
    # Sessions that ended before are kept: tshark -M.
    cut = program.raw("-r", program.place(TWO), "-q", "-M", "8", "-z", "isakmp,summary,json")
    parts = json.loads(cut.stdout)["summaries"]
    assert len(parts) > 1
    assert sum(part["messages"] for part in parts) == totals[0]["messages"]


# ---- export ----------------------------------------------------------------------------------------------------

def test_inner_packets_are_exported(tshark):
    """Export PDUs, "OSI layer 3": what is inside ESP, and it opens without keys."""
    program, key_log = tshark
    target = str(Path(program.home) / "inner.pcapng")
    program.run(REKEYED, "-o", key_log, "-U", "OSI layer 3", "-w", target)
    wanted = program.fields(REKEYED, ["icmp.seq", "icmp.type", "icmp.checksum"], "icmp", "-o", key_log)
    with Tshark(plugin=False) as builtin:
        assert builtin.fields(Path(target), ["icmp.seq", "icmp.type", "icmp.checksum"]) == wanted and len(wanted) == 12


@pytest.mark.parametrize("capture, count", [("made-ipcomp", 4), ("made-transport", 6), ("made-tfc", 6)])
def test_each_inner_packet_is_exported_once(capture, count):
    path = TESTDATA / "esp" / f"{capture}.pcap"
    with Tshark() as program:
        key_log = "isakmp.keylog_file:" + program.place(path.with_suffix(".initiator.log"))
        target = str(Path(program.home) / "inner.pcapng")
        program.run(path, "-o", key_log, "-U", "OSI layer 3", "-w", target)
        shown = program.fields(Path(target).read_bytes(), ["icmp.seq", "udp.port"])
    # The built-in dissector of IPComp exports what is compressed as well, as data.
    assert len([frame for frame in shown if frame["icmp.seq"] or frame["udp.port"]]) == count


@pytest.mark.parametrize("capture", ["ikev2/rekey-child", "ikev2/fragments", "ikev1/aes128-md5"])
def test_decrypted_messages_are_exported(capture):
    """Export PDUs, "ISAKMP": all that was encrypted can be read without keys, also by the built-in."""
    path = TESTDATA / f"{capture}.pcap"
    names = ["isakmp.messageid", "isakmp.exchangetype", "isakmp.id.data.fqdn", "isakmp.ts.start_ipv4"]
    with Tshark() as tshark:
        key_log = "isakmp.keylog_file:" + tshark.place(path.with_suffix(".initiator.log"))
        target = str(Path(tshark.home) / "plain.pcapng")
        tshark.run(path, "-o", key_log, "-U", "ISAKMP", "-w", target)
        whole = "isakmp && !(isakmp.frag.number && !isakmp.fragments)"
        wanted = tshark.fields(path, names, whole, "-o", key_log)
        exported = Path(target).read_bytes()
        assert tshark.fields(exported, names) == wanted
    assert any(frame["isakmp.id.data.fqdn"] for frame in wanted)
    with Tshark(plugin=False) as builtin:
        assert builtin.fields(exported, names) == wanted


def test_fragments_of_ikev1_are_exported_as_one_message():
    path = TESTDATA / "ikev1" / "fragments.pcap"
    with Tshark() as program:
        target = str(Path(program.home) / "plain.pcapng")
        program.run(path, "-o", "isakmp.keylog_file:" + program.place(path.with_suffix(".initiator.log")), "-U", "ISAKMP", "-w", target)
        shown = program.fields(Path(target).read_bytes(), ["isakmp.typepayload", "isakmp.id.data.fqdn"])
    kinds = [{int(kind) for kind in frame["isakmp.typepayload"]} for frame in shown]
    assert len(shown) == 4 + 2 + 3 + 2 and not any(132 in kind for kind in kinds)
    assert [frame["isakmp.id.data.fqdn"] for frame in shown[4:6]] == [["initiator.lab.example"], ["responder.lab.example"]]


# ---- keys --------------------------------------------------------------------------------------------------------

LABELS = {"IKE_PLAINTEXT", "IKEV1_KEY", "IKEV1_SKEYID_A", "IKEV1_SKEYID_D", "IKEV1_SKEYID_E", "ESP_KEY",
          *(f"IKEV2_SK_{name}" for name in ("D", "AI", "AR", "EI", "ER", "PI", "PR"))}


@pytest.mark.parametrize("capture", ["ikev2/rekey-child", "ikev2/fragments-gcm", "ikev2/rekey-ike", "ikev1/aes128-md5",
                                     "esp/aes-cbc", "esp/aes-gcm", "multiple-ke/mlkem768", "ikev2/ppk-rekey", "libreswan/resume",
                                     "ikev1/xauth-psk-push", "keylogger/ikev1", "libreswan/alone-ikev1"])
def test_keys_alone_decrypt_the_same(capture):
    """What -z isakmp,keys prints is a key log that decrypts what the daemon's log did, and has no other secret."""
    path = TESTDATA / f"{capture}.pcap"
    names = ["isakmp.id.data.fqdn", "isakmp.enc.decrypted", "esp.decrypted_data"]
    with Tshark() as tshark:
        log = path.with_suffix(".initiator.log")
        wanted = tshark.fields(path, names, None, "-o", "isakmp.keylog_file:" + tshark.place(log))
        keys = tshark.run(path, "-q", "-o", "isakmp.keylog_file:" + tshark.place(log), "-z", "isakmp,keys")
        assert {line.split()[0] for line in keys.splitlines()} <= LABELS
        assert tshark.fields(path, names, None, "-o", "isakmp.keylog_file:" + tshark.place(keys.encode(), "keys.log")) == wanted
        esp = "".join(line + "\n" for line in keys.splitlines() if line.startswith("ESP_KEY"))
        if esp:
            alone = tshark.fields(path, names[2:], None, "-o", "isakmp.keylog_file:" + tshark.place(esp.encode(), "esp.log"))
            assert alone == [{name: frame[name] for name in names[2:]} for frame in wanted]
    assert any(frame["isakmp.enc.decrypted"] or frame["esp.decrypted_data"] for frame in wanted)


def test_no_password_among_the_keys():
    """pluto logs the plaintext of XAUTH, and no key of its IKE SA."""
    path, name = TESTDATA / "keylogger" / "ikev1-xauth.pcap", "isakmp.cfg.attr.xauth.user_password"
    with Tshark() as tshark:
        option = ["-o", "isakmp.keylog_file:" + tshark.place(path.with_suffix(".initiator.log"))]
        [password] = [value for frame in tshark.fields(path, [name], name, *option) for value in frame[name] if value]
        keys = tshark.run(path, "-q", *option, "-z", "isakmp,keys")
        shown = "isakmp.enc.decrypted"
        keyed = [tshark.fields(path, ["frame.number", name], shown, "-o", "isakmp.keylog_file:" + log)
                 for log in (option[1].split(":", 1)[1], tshark.place(keys.encode(), "keys.log"))]
    assert "IKE_PLAINTEXT" in keys and password.encode().hex() not in keys
    assert keyed[1] == [frame for frame in keyed[0] if not any(frame[name])]


PASSWORD = b"in clear to pluto"
GTC = (48, bytes((2, 7, 0, 5 + len(PASSWORD), 6)) + PASSWORD)  # EAP-Response of EAP-GTC
MODECFG = p.tlv(1, bytes((10, 0, 0, 9))) + p.tlv(10, b"user name of 15")
# Version, payloads, whether there is a password.
PLAINTEXTS = {
    "XAUTH": (1, [(14, p.config_v1(2, p.tlv(16522, PASSWORD)))], True),
    "XAUTH, drafts 02 to 05": (1, [(14, p.config_v1(2, p.tv(13, 0) + p.tlv(14, b"carol") + p.tlv(15, PASSWORD)))], True),
    "XAUTH, draft 01": (1, [(14, p.config_v1(2, p.tlv(102, b"carol") + p.tlv(103, PASSWORD)))], True),
    "XAUTH behind a Notify": (1, [(11, p.notify_v1(24576)), (14, p.config_v1(2, p.tlv(16523, PASSWORD)))], True),
    "behind an attribute that is too long": (1, [(14, p.config_v1(2, p.tlv(1, b"")[:2] + b"\x70\0" + p.tlv(16522, PASSWORD)))], True),
    "request of a password": (1, [(14, p.config_v1(1, p.tlv(16521, b"") + p.tlv(16522, b"")))], False),
    "addresses": (1, [(14, p.config_v1(2, MODECFG))], False),
    "EAP-GTC": (2, [GTC], True),
    "EAP-GTC behind a Notify": (2, [(41, p.notify(16404)), GTC], True),
    "EAP-Identity": (2, [(48, bytes((2, 7, 0, 10, 1)) + b"carol")], False),
}


@pytest.mark.parametrize("name", PLAINTEXTS)
def test_plaintext_with_a_password_is_not_printed(name):
    """What a log has of a message alone is printed, but for the messages with a password."""
    version, payloads, secret = PLAINTEXTS[name]
    if version == 1:
        payloads = [(8, bytes(20)), *payloads]
        plain = p.chain(payloads)
        plain += bytes(-len(plain) % 16)
        packet = p.ISPI + p.RSPI + bytes((8, 0x10, 6, 1, 0, 0, 0, 7)) + (28 + len(plain)).to_bytes(4, "big") + b"\xa5" * len(plain)
    else:
        plain = p.chain(payloads) + b"\0"
        packet = p.message(35, [(46, b"\xa5" * (24 + len(plain)), {"next": payloads[0][0]})], rspi=p.RSPI, message_id=2)
    digest = hashlib.sha256(packet).hexdigest()
    line = f"IKE_PLAINTEXT {digest[:16]} {digest[16:32]} {plain.hex()}\n"
    with Tshark() as tshark:
        option = ["-o", "isakmp.keylog_file:" + tshark.place(line.encode(), "keys.log")]
        capture = p.pcap([p.udp(packet)])
        assert tshark.fields(capture, ["isakmp.enc.key_source"], "isakmp.enc.decrypted", *option)
        printed = tshark.run(capture, "-q", *option, "-z", "isakmp,keys")
    assert "No key is known" in printed and plain.hex() not in printed if secret else printed == line


@pytest.mark.parametrize("first, secret", [(35, False), (48, True)], ids=["IDi", "EAP"])
def test_fragments_with_a_password_are_not_printed(first, secret):
    """What the second fragment holds began in the first: printed is that of the message that begins with IDi."""
    payloads = [(35, b"\2\0\0\0carol.example"), (39, b"\2\0\0\0" + bytes(32))] if first == 35 else [GTC]
    whole, packets, lines = p.chain(payloads), [], []
    for number, piece in enumerate((whole[:8], whole[8:]), 1):
        body = struct.pack("!HH", number, 2) + bytes([0xa5 + number]) * (24 + len(piece) + 1)
        packets.append(p.message(35, [(53, body, {"next": first if number == 1 else 0})], rspi=p.RSPI, message_id=2))
        digest = hashlib.sha256(packets[-1]).hexdigest()
        lines.append(f"IKE_PLAINTEXT {digest[:16]} {digest[16:32]} {piece.hex()}00\n")
    capture = p.pcap([p.udp(packet) for packet in packets])
    with Tshark() as tshark:
        option = ["-o", "isakmp.keylog_file:" + tshark.place("".join(lines).encode(), "keys.log")]
        assert len(tshark.frames(capture, "isakmp.enc.decrypted", *option)) == 2
        printed = tshark.run(capture, "-q", *option, "-z", "isakmp,keys")
    assert "No key is known" in printed if secret else sorted(printed.splitlines(True)) == sorted(lines)


def test_keys_of_one_ike_sa(tshark):
    told = report(tshark, TWO)["ike_sas"]
    keys = statistic(tshark, TWO, "isakmp,keys,isakmp.stream==1")
    assert told[1]["spi_initiator"] in keys and told[0]["spi_initiator"] not in keys
    assert statistic(tshark, TWO, "isakmp,keys,tcp.port==1") == "# No IKE SA and no ESP packet matches the filter.\n"


def test_no_key_is_said():
    """in a comment of the key log format: the output is used as a key log."""
    with Tshark() as keyless:
        keys = keyless.run(TESTDATA / "esp" / "aes-cbc.pcap", "-q", "-z", "isakmp,keys")
    assert keys == "# No key is known that decrypts a message or packet of this capture.\n"


@pytest.mark.parametrize("capture", ["esp/aes-cbc", "esp/aes-gcm"])
def test_keys_of_esp_alone_are_written(capture):
    """Where the log has no keys of IKE, those of ESP that decrypted something."""
    path = TESTDATA / f"{capture}.pcap"
    with Tshark() as program:
        log = program.place(path.with_suffix(".initiator.log"))
        lines = program.run(path, "-q", "-o", f"isakmp.keylog_file:{log}", "-z", "isakmp,keys").splitlines()
        wanted = sorted(line for line in lines if line.startswith("ESP_KEY"))
        log = program.place(("\n".join(wanted) + "\nESP_KEY 0x12345678 AES_CBC_128 " + "00" * 16 + "\n").encode(), "esp.log")
        found = program.run(path, "-q", "-o", f"isakmp.keylog_file:{log}", "-z", "isakmp,keys")
    assert sorted(found.splitlines()) == wanted and wanted


# ---- arguments -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("argument", [
    "isakmp,report,xml", "isakmp,report,json,json", "isakmp,report,nothing", "isakmp,summary,text", "isakmp,sas,json",
    "isakmp,report,json,pdml", "isakmp,sasx", "isakmp,sas,nothing", "isakmp,keysx", "isakmp,keys,json", "isakmp,keys,nothing", "isakmp,keys,ip.addr ==",
    "isakmp,srt,json", "isakmp,srt,pdml,udp", "isakmp,srt,nothing", "isakmp,srtx", "isakmp,srt,ip.addr ==", "isakmp,reports", "isakmp,report[,json]", "isakmp,report,foo,ip.addr==10.9.0.1", "isakmp,report,ip.addr ==", "isakmp,nothing"])
def test_wrong_arguments(tshark, argument):
    """tshark's own exit code for a wrong -z, and no report."""
    program, _ = tshark
    wrong = program.raw("-r", program.place(TWO), "-q", "-z", argument)
    usual = program.raw("-r", program.place(TWO), "-q", "-z", "io,stat")
    assert wrong.returncode == usual.returncode == 1
    assert not wrong.stdout


@pytest.mark.parametrize("argument", ["isakmp,report,esp", "isakmp,report,json,isakmp", "isakmp,summary,udp"])
def test_a_protocol_is_a_filter(tshark, argument):
    program, _ = tshark
    assert program.run(TWO, "-q", "-z", argument)


@pytest.mark.parametrize("statistic_name", ["report", "summary"])
def test_a_filter_that_matches_nothing_says_so(tshark, statistic_name):
    program, _ = tshark
    assert program.run(TWO, "-q", "-z", f"isakmp,{statistic_name},tcp.port==1") == \
        "No IKE SA has a packet that matches the filter.\n"


@pytest.mark.parametrize("argument, message", [
    ("isakmp,sas,tcp.port==1", "No IKE SA has a packet that matches the filter."),
    ("isakmp,srt,tcp.port==1", "No response matches the filter.")])
def test_an_empty_table_says_so(tshark, argument, message):
    assert statistic(tshark, TWO, argument).splitlines()[-1] == message
    assert message not in statistic(tshark, TWO, argument.replace("tcp.port==1", "isakmp"))


@pytest.mark.parametrize("name, list_name", [("report", "ike_sas"), ("summary", "summaries")])
def test_empty_json_is_json_and_says_so(tshark, name, list_name):
    program, _ = tshark
    done = program.raw("-r", program.place(TWO), "-q", "-z", f"isakmp,{name},json,tcp.port==1")
    assert b"No IKE SA has a packet that matches" in done.stderr
    assert all(summary["messages"] == 0 for summary in json.loads(done.stdout)[list_name])


def test_help_lists_the_statistics(tshark):
    program, _ = tshark
    done = program.raw("-z", "help")
    listed = re.findall(r"^\s+(\S*isakmp\S*)", (done.stdout + done.stderr).decode(), re.M)
    assert len(set(listed)) == len(listed)
    assert {"conv,isakmp", "endpoints,isakmp", "flow,isakmp", "isakmp,report", "isakmp,sas", "isakmp,srt",
            "isakmp,summary", "isakmp,report[,json][,FILTER]", "isakmp,sas[,FILTER]"} <= set(listed)


# ---- the first line of the tree --------------------------------------------------------------------------------

def test_item_of_the_ike_sa_names_the_child_sa_that_failed():
    """With the log the reason, without it what the lengths let one conclude; the IKE SA is up."""
    capture = TESTDATA / "failing" / "libreswan-ts.pcap"
    with Tshark() as program:
        key_log = program.place(capture.with_suffix(".initiator.log"))
        tree = program.run(capture, "-2", "-O", "isakmp", "-Y", "frame.number == 4", "-o", f"isakmp.keylog_file:{key_log}")
        assert "[IKE SA 0: established; Child SA 0: failed, TS_UNACCEPTABLE]" in tree
        tree = program.run(capture, "-2", "-O", "isakmp", "-Y", "frame.number == 4")
        assert re.search(r"\[IKE SA 0: established \(inferred\), Child SA refused: .*\(no key\)\]", tree)


def test_esp_that_wireshark_shows_is_said_not_to_be_decrypted():
    capture = TESTDATA / "esp" / "aes-cbc.pcap"
    with Tshark() as program:
        tree = program.run(capture, "-2", "-V", "-Y", "frame.number == 5")
    assert "[ESP of IKE SA 0, not decrypted]" in tree
    assert tree.count("\nEncapsulating Security Payload") == 1


# ---- expert infos ----------------------------------------------------------------------------------------------

REFUSED = TESTDATA / "failing" / "accepted-before.pcap"
LAST = ("12", "AUTHENTICATION_FAILED: responder rejected authentication of initiator")


@pytest.mark.parametrize("passes", [(), ("-2",)], ids=["one", "two"])
def test_findings_are_seen_without_a_tree(tshark, passes):
    """By tshark's statistic of expert infos and in its column: neither asks for a tree."""
    program, _ = tshark
    assert LAST[1] in program.run(REFUSED, "-q", *passes, "-z", "expert")
    column = program.run(REFUSED, *passes, "-o", 'gui.column.format:"No.","%m","Expert","%a"')
    assert [LAST[0], "Error"] in [line.split() for line in column.splitlines()]
