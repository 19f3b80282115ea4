# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions that came up on bad networks, with crossing exchanges, moving hosts and other clients: nothing is said against
them, with the keys of all sides, of one side and without keys. The right values are the daemons' (facts files) and an
independent count of the packets; and all views of a capture say the same."""
import collections
import functools
import json

import pytest

import captures
import many
import test_report
import variants
from reading import SECURITY, shared
from test_statistics import tables
from tshark import TESTDATA, Tshark, facts

pytestmark = pytest.mark.skipif(many.program() is None, reason="no reader of many captures for this Wireshark")

CAPTURES = sorted((TESTDATA / "healthy").glob("*.pcap*"))
UP = {"established", "deleted"}
# A rekeying that gave way to that of the other side (RFC 7296 2.25)
GAVE_WAY = {"TEMPORARY_FAILURE", "CHILD_SA_NOT_FOUND"}


def logs_of(path):
    """Each side's log, by name."""
    return {log.name.split(".")[-2]: log.read_bytes() for log in sorted(path.parent.glob(path.stem + ".*.log"))}


@functools.lru_cache(maxsize=None)
def readings(path):
    """Which keys were there -> report."""
    logs = logs_of(path)
    first = min(logs)
    keys = {"no keys": None, first: logs[first], "all keys": b"\n".join(logs.values())}
    return {name: many.read_all([path.read_bytes()], log, fields=())[0].sas for name, log in keys.items()}


def came_up(path):
    """SPIs of the IKE SAs for which two daemons have keys."""
    sides = collections.Counter(sa["spi_i"] for side in facts(path)["sides"].values() for sa in side["ike_sas"] if sa["keys"])
    return {spi for spi, count in sides.items() if count > 1}


def test_closed_as_soon_as_it_was_up():
    """A script that brings up an IKE SA and deletes it 6 ms later rejects nobody, and no key is needed to see it."""
    [sa] = many.read_all([(TESTDATA / "log2pcap/charon-ipv6.pcap").read_bytes()], None, fields=())[0].sas
    assert sa["outcome"] == "deleted" and sa["cause"] is None


def _first_messages(change):
    """Setup time of a session after `change` of its first two frames, and what answers what when it is read again."""
    path = TESTDATA / "ikev2" / "psk-aes-cbc.pcap"
    link, frames = captures.read(path)
    capture = captures.pcap(link, change(*frames[:2]) + frames[2:])
    with Tshark() as tshark:
        keys = "-o", "isakmp.keylog_file:" + tshark.place(path.with_suffix(".initiator.log"))
        [sa] = json.loads(tshark.run(capture, "-q", *keys, "-z", "isakmp,report,json"))["ike_sas"]
        rows = tshark.fields(capture, ["frame.number", "isakmp.response_to"], "isakmp.exchangetype == 34", "-2", *keys)
    return sa["setup_ms"], {row["frame.number"][0]: row["isakmp.response_to"] for row in rows}


def test_truncated_request_and_its_retransmission():
    """Keys are made of the retransmission, which is complete; the IKE SA began with the request."""
    setup_ms, answers = _first_messages(lambda request, response: [
        request._replace(time=request.time - 2, data=request.data[:-60], length=len(request.data)), request, response])
    assert 2000 < setup_ms < 2100 and answers == {"1": [], "2": [], "3": ["1"]}


def test_forged_response_answers_nothing():
    """Once a key says which response is that of the responder."""
    def forge(request, response):
        forged = response.data[:-40] + bytes((response.data[-40] ^ 1,)) + response.data[-39:]
        return [request, response._replace(time=response.time - 0.0005, data=forged), response]
    assert _first_messages(forge)[1] == {"1": [], "2": [], "3": ["1"]}


def test_closed_and_opened_again():
    """The next IKE SA, two seconds later, stays: nobody rejected the first one, which was deleted after 6 ms."""
    link, first = captures.read(TESTDATA / "ikev2" / "psk-aes-cbc.pcap")
    start = first[0].time
    first = first[:4] + [frame._replace(time=first[3].time + 0.006 + n / 1000) for n, frame in enumerate(first[10:12])]
    next_one = captures.read(TESTDATA / "ikev2" / "psk-aes-gcm.pcap")[1]
    later = [frame._replace(time=frame.time - next_one[0].time + start + 2) for frame in next_one]
    sas = many.read_all([captures.pcap(link, first + later)], None, fields=())[0].sas
    assert [(sa["outcome"], sa["cause"]) for sa in sas] == [("deleted", None)] * 2


@pytest.mark.parametrize("name", ["ikev2/psk-aes-cbc", "ikev1/aggressive-psk", "ikev1/xauth-psk-pull", "healthy/rekey-crossing-mixed", "ikev2/eap-only",
                                  "healthy/parts/quick-mode-after-informational"])
def test_a_message_that_is_read_last_so_far_is_no_end(plain, name):
    """tshark shows a message before it reads the next one."""
    assert plain.frames(TESTDATA / (name + ".pcap"), "isakmp.finding.initiator_stops || isakmp.sa_summary.cause") == []


def test_roles_of_a_late_capture_are_inferred(plain, tmp_path):
    """IKEv1 after phase 1: dead peer detection by both sides. Report, JSON and tree say so; with message 1 they are known."""
    link, frames = captures.read(TESTDATA / "healthy" / "v1-dpd-both.pcap")
    late = captures.pcap(link, frames[13:])
    path = tmp_path / "late.pcap"
    path.write_bytes(late)
    complete, cut = (many.read_all([data], None, fields=())[0].sas[0] for data in (captures.pcap(link, frames), late))
    assert (complete["roles_inferred"], cut["roles_inferred"]) == (False, True)
    assert len(plain.frames(path, "isakmp.sa_summary.roles_inferred == True")) == cut["messages"]
    assert "  Roles:     inferred" in plain.run(path, "-q", "-z", "isakmp,report")


def test_initiator_that_repeats_its_request_does_not_stop():
    """IKE_SA_INIT and its response twice: the first response was lost, and then the capture ends."""
    path = TESTDATA / "ikev2" / "psk-aes-cbc.pcap"
    link, frames = captures.read(path)
    again = [captures.Packet(link, frame.data).bytes(ip_id=9) for frame in frames[:2]]
    later = [captures.Frame(frames[0].time + 4 + n, data) for n, data in enumerate(again)]
    [sa] = many.read_all([captures.pcap(link, frames[:2] + later)], None, fields=())[0].sas
    assert sa["exchanges"][0]["retransmissions"] == 2 and (sa["cause"] is None or "stops" not in sa["cause"]["text"])


@pytest.mark.parametrize("name", ["ikev2/psk-aes-cbc", "ikev1/aggressive-psk"])
def test_first_request_gets_no_response(name):
    """The capture is stopped while the initiator waits: after two tries more in 11 s it is known, after 3 s it is not."""
    link, frames = captures.read(TESTDATA / (name + ".pcap"))
    packet = captures.Packet(link, frames[0].data)
    cut = [captures.pcap(link, [captures.Frame(frames[0].time + t, packet.bytes(ip_id=n)) for n, t in enumerate(times, 1)])
           for times in ((0, 4, 11.2), (0, 1, 3))]
    sas = [result.sas[0] for result in many.read_all(cut, None, fields=())]
    assert [sa["outcome"] for sa in sas] == ["no_response", "incomplete"]
    assert sas[0]["cause"]["code"] == "NO_RESPONSE" and sas[1]["cause"] is None


@pytest.mark.parametrize("name,side", [("nat-mapping-expired", "initiator"), ("terminate-dead", "responder"), ("child-delete-lost", "responder")])
def test_late_capture_of_a_dead_peer(name, side):
    """The capture begins when the tunnel is up: what either side sends five times gets no response."""
    link, frames = captures.read(TESTDATA / "failing" / (name + ".pcap"))
    [sa] = many.read_all([captures.pcap(link, frames[6:])], None, fields=())[0].sas
    assert (sa["outcome"], sa["cause"]["code"], sa["cause"]["side"]) == ("no_response", "NO_RESPONSE", side)


def test_message_5_that_answers_message_4_each_time():
    """A wrong PSK, and daemons with equal timers: the initiator sends message 5 again right after message 4."""
    link, frames = captures.read(TESTDATA / "failing" / "libreswan-ikev1-psk.pcap")
    again = [(after, number) for after in (0.5, 1, 2, 4) for number in (3, 4)]
    again = [captures.Frame(frames[0].time + after + number / 1000, captures.Packet(link, frames[number].data).bytes(ip_id=n))
             for n, (after, number) in enumerate(again, 77)]
    [sa] = many.read_all([captures.pcap(link, frames[:5] + again)], None, fields=())[0].sas
    assert (sa["cause"]["code"], sa["cause"]["side"]) == ("PSK_MISMATCH", "responder")


def test_capture_ends_with_quick_mode():
    """Dead peer detection comes right before the quick mode, whose response would come next."""
    link, frames = captures.read(TESTDATA / "healthy" / "parts" / "quick-mode-after-informational.pcap")
    [sa] = many.read_all([captures.pcap(link, frames[:22])], None, fields=())[0].sas
    assert sa["cause"] is None and not [f for f in sa["findings"] if f["severity"] == "error"]


def test_last_message_of_phase_1_arrives_in_the_end():
    """Message 6 is lost twice; then the initiator goes on, and the capture with it."""
    link, frames = captures.read(TESTDATA / "ikev1" / "lost-answers.pcap")
    later = frames[:-1] + [frames[-1]._replace(time=frames[-1].time + 5)]
    [sa] = many.read_all([captures.pcap(link, later)], None, fields=())[0].sas
    assert (sa["outcome"], sa["cause"]) == ("established", None)


def test_capture_ends_after_aggressive_mode_2():
    """That nothing follows is no reason to think of the pre-shared key first, as it is where the initiator had the time."""
    path = TESTDATA / "ikev1" / "aggressive-psk.pcap"
    [sa] = many.read_all([captures.pcap(*(lambda link, frames: (link, frames[:2]))(*captures.read(path)))], None, fields=())[0].sas
    assert (sa["outcome"], sa["cause"]["code"], sa["cause"]["certainty"]) == ("incomplete", "INITIATOR_STOPS", "possible")


# Parts of sessions that came up, and merged captures of both ends: (outcome, messages, copies) of each IKE SA.
PARTS = {
    # The responder repeats message 4, which message 5 answers; then the capture ends.
    "message-4-repeated.pcap": [("incomplete", 8, 0)],
    # Message 6 is missing, the initiator sends encrypted INFORMATIONALs.
    "initiator-goes-on.pcap": [("incomplete", 10, 0)],
    # Message 6 is missing, the responder deletes seconds later.
    "deleted-later.pcap": [("incomplete", 11, 0), ("incomplete", 6, 0)],
    # The response would come next, or arrived: nothing follows.
    "ends-with-retransmission.pcap": [("incomplete", 3, 0)],
    "ends-with-late-response.pcap": [("established", 8, 0)],
    # The IKE_AUTH responses are missing; the Deletes that responders send get no response.
    "responder-deletes.pcap": [("incomplete", 11, 0), ("incomplete", 10, 0)],
    # A response is lost twice, and the initiator goes on between ports 4500.
    "port-500-ikev1.pcap": [("incomplete", 8, 0)],
    "port-500-ikev2.pcap": [("incomplete", 8, 0)],
    # The responder goes on at another address; the responses before are missing.
    "moved-before-response.pcap": [("deleted", 11, 0)],
    # A response behind the NAT comes first, then the request before it.
    "merged-behind-nat.pcapng": [("deleted", 6, 0), ("deleted", 6, 0), ("deleted", 6, 5)],
    # The NAT keeps the Identification: what has another one was sent again, however soon.
    "router-any-copy.pcap": [("deleted", 13, 15), ("deleted", 8, 8), ("deleted", 2, 2)],
    # Dead peer detection comes right before a quick mode.
    "quick-mode-after-informational.pcap": [("established", 26, 0)],
    # Both sides reauthenticate at once; three IKE SAs are given up, as others are up.
    "other-is-up.pcap": [*[("deleted", 6, 0)] * 2, ("incomplete", 2, 0), *[("deleted", 2, 0)] * 2, *[("incomplete", 2, 0)] * 2, ("deleted", 6, 0),
                         *[("deleted", 2, 0)] * 2],
    # Two IKE SAs are rekeyed by both sides at once.
    "crossing-behind-nat.pcapng": [("established", 18, 18), ("established", 2, 2), ("established", 2, 2)],
    # The other capture begins with message 6 of main mode.
    "message-6-first.pcapng": [("established", 22, 1), ("established", 7, 3), ("established", 12, 7)],
}


@pytest.mark.parametrize("name", PARTS)
def test_part_of_a_session(name):
    sas = many.read_all([(TESTDATA / "healthy" / "parts" / name).read_bytes()], None, fields=())[0].sas
    assert [(sa["outcome"], sa["messages"], sa["copies"]) for sa in sas] == PARTS[name]
    assert [sa["cause"] for sa in sas] == [None] * len(sas)


def test_all_parts_are_read():
    assert {path.name for path in (TESTDATA / "healthy" / "parts").iterdir()} == set(PARTS)


def session_of(name):
    path = TESTDATA / (name + ".pcap")
    return variants.Session(path), b"\n".join(logs_of(path).values())


@pytest.mark.parametrize("keys", [True, False], ids=["keys", "no keys"])
@pytest.mark.parametrize("name, nat, place", [
    # The rekey of the Child SA comes before the IKE_AUTH request that tells its SPI.
    ("healthy/late-copies", False, 7),
    # Both sides rekey the IKE SA at once, and the response that comes first is to the rekey that is not kept.
    ("healthy/openiked-loss", True, 12),
    # The response of the last mode config comes before phase 1, from the responder.
    ("healthy/v1-xauth-loss", False, 38),
    # The last IKE SA has no messages; the one before it is seen behind the NAT first.
    ("openiked/rekey", True, 4),
    # The response to the rekey of the IKE SA comes before its first requests, without and with COOKIE.
    ("healthy/cookie-load", True, 20),
    # The rekey of the IKE SA comes before the IKE_AUTH messages with its identities.
    ("healthy/cookie-load", True, 19),
    ("healthy/nat-two-clients", False, 17),
])
def test_other_capture_begins_late(name, nat, place, keys):
    """A capture of each end with clocks 0.9 s apart, the other one from frame `place` on: it reads as the first one alone."""
    session, log = session_of(name)
    variant = variants._merged("merged late", session, nat, -0.9, None, 0.00005, place)
    truth = variants.truth_of(session.path, None, True)
    alone, merged = many.read_all([session.path.read_bytes(), variant.capture], log if keys else None, fields=())
    assert not variants.judge(variant, alone, merged, truth)


def test_responder_that_was_accepted_before_is_not_rejected():
    """Phase 1 again, and everything deleted 0.3 s later; the Delete of the IPsec SA is not in the capture."""
    session, log = session_of("healthy/v1-reauth-terminate")
    place = max(number for number in session.ike() if len(session.frames[number - 1][1].data) == 122)
    frames = [frame for number, frame in session.frames if number != place]
    sas = many.read_all([captures.pcap(session.link, frames)], log, fields=())[0].sas
    assert [(sa["outcome"], sa["cause"]) for sa in sas] == [("deleted", None)] * 2


@pytest.mark.parametrize("times, outcome", [(2, "established"), (4, "no_response")])
def test_last_response_may_have_arrived(times, outcome):
    """The IKE_AUTH request is sent again `times` times and answered each time; the capture ends 1.5 s after that."""
    link, frames = captures.read(TESTDATA / "ikev2" / "psk-aes-cbc.pcap")
    again = [captures.Frame(frames[0].time + n + side / 100, captures.Packet(link, frames[2 + side].data).bytes(ip_id=10 * n + side))
             for n in range(1, times + 1) for side in range(2)]
    other = captures.read(TESTDATA / "ikev1" / "main-psk.pcap")[1][0]._replace(time=again[-1].time + 1.5)
    sa = many.read_all([captures.pcap(link, frames[:4] + again + [other])], None, fields=())[0].sas[0]
    assert sa["outcome"] == outcome


@pytest.mark.parametrize("number", [4, 5])
def test_forged_response_of_the_initiator(number):
    """The initiator responds to no IKE_SA_INIT: what claims it, with whatever flag or version, is nothing of it."""
    session, _ = session_of("healthy/cookie-load")
    for place in [n for n in session.ike() if session.packets[n].ike()[1][18] == 34 and session.packets[n].ike()[1][19] & 32]:
        packet, time = session.packets[place], session.frames[place - 1][1].time
        forged = variants.clear_error(packet.ike()[1], number, True)
        new = captures.Frame(time - 0.00001, packet.bytes(**packet.to_sender(), payload=packet.payload[:8] + forged))
        variant = variants.written("forged error", "", session.link, session.all_frames() + [(new, 0)])
        sas = many.read_all([variant.capture], None, fields=())[0].sas
        assert [sa["cause"] for sa in sas] == [None] * 6
        assert not [f for sa in sas for f in sa["findings"] if f["severity"] in ("error", "warn") and f["code"] not in SECURITY], place


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_nothing_false(path):
    up = came_up(path)
    assert up
    for keys, sas in readings(path).items():
        assert up <= {sa["spi_initiator"] for sa in sas}, keys
        for sa in sas:
            assert sa["cause"] is None or sa["cause"]["code"] == "REDIRECT", (keys, sa["cause"])
            assert sa["outcome"] in UP or sa["spi_initiator"] not in up, (keys, sa["spi_initiator"], sa["outcome"])
            bad = [f for f in sa["findings"] if f["severity"] in ("error", "warn") and f["code"] not in SECURITY]
            assert not bad, (keys, bad)
            for child in sa["child_sas"]:
                assert child["outcome"] != "failed", (keys, child)
                assert child["cause"] is None or child["cause"]["code"] in GAVE_WAY, (keys, child)
            assert bool(sa["inferred"]) == bool(sa["inferred_from"]), keys


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_keys_decrypt_all(path):
    sas = readings(path)["all keys"]
    assert {sa["spi_initiator"] for sa in sas} >= came_up(path)
    for sa in sas:
        assert sa["decrypted_messages"] == sa["encrypted_messages"], sa["spi_initiator"]
        assert not (sa["inferred"] and sa["decrypted_messages"]) or "not decrypted" not in sa["inferred_from"], sa["inferred_from"]


@pytest.mark.parametrize("path", [path for path in CAPTURES if path.with_suffix(".ikev2_decryption_table").exists()], ids=lambda path: path.stem)
def test_times_do_not_depend_on_keys(path):
    """A message in fragments is there with the one that completes it, decrypted or not."""
    up = came_up(path)
    exchanges, set_up = [], []
    for keys in ("no keys", "all keys"):
        sas = [sa for sa in readings(path)[keys] if sa["spi_initiator"] in up]
        exchanges.append({(sa["spi_initiator"], exchange["message_id"], exchange["initiator"]): exchange["ms"]
                          for sa in sas for exchange in sa["exchanges"]})
        set_up.append({sa["spi_initiator"]: sa["setup_ms"] for sa in sas
                       if any(exchange["type"] == "IKE_SA_INIT" for exchange in sa["exchanges"])})
    assert exchanges[0] == exchanges[1] and set_up[0] == set_up[1]


def test_resumption():
    """The resumed IKE SA has the algorithms of the one that gave out its ticket (RFC 5723 5.1)."""
    path = TESTDATA / "libreswan" / "resume.pcap"
    old, new = readings(path)["all keys"]
    assert (old["resumed_from"], new["resumed_from"]) == (None, old["stream"])
    assert new["proposal"] == old["proposal"] and new["proposal"]
    assert all(sa[side]["auth_verified"] for sa in (old, new) for side in ("initiator", "responder"))
    # An encrypted Delete that is answered has an IKE SA that came up, whatever the IKE_AUTH response begins with.
    assert [sa["outcome"] for sa in readings(path)["no keys"]] == ["deleted", "deleted"]


class Packets:
    """IKE messages and ESP packets of a capture, each once: told apart by the IP Identification."""

    def __init__(self, path):
        link, frames = captures.read(path)
        self.messages, self.esp = collections.defaultdict(set), set()
        self.fragments = False
        for frame in frames:
            packet = captures.Packet(link, frame.data)
            ike = packet.ok and packet.ike()
            if ike:
                self.messages[ike[1]].add(packet.head[4:6])
                self.fragments |= ike[1][16] in (53, 132)
            elif packet.ok and packet.udp and 4500 in packet.ports and len(packet.payload) > 16:
                self.esp.add(packet.payload[8:])


@pytest.mark.parametrize("path", [path for path in CAPTURES if path.suffix == ".pcap"], ids=lambda path: path.stem)
def test_counts(path):
    packets = Packets(path)
    sent = sum(len(ids) for ids in packets.messages.values())
    for keys, sas in readings(path).items():
        assert sum(sa["messages"] for sa in sas) == sent, keys
        if not packets.fragments:   # else a message in fragments is retransmitted once
            again = sum(exchange["retransmissions"] for sa in sas for exchange in sa["exchanges"])
            assert again == sent - len(packets.messages), keys
        if keys == "all keys":
            assert sum(child["esp_packets"] for sa in sas for child in sa["child_sas"]) == len(packets.esp)


def test_counts_of_both_ends_and_a_router():
    """Merged, each packet is there up to four times; the router sees all that either end sees."""
    path = TESTDATA / "healthy" / "nat-loss.pcapng"
    again = sum(event.startswith("retransmit ") or "retransmitting response" in event for side in facts(path)["sides"].values() for event in side["events"])
    for keys, sas in readings(path).items():
        repeated = sum(exchange["retransmissions"] for sa in sas for exchange in sa["exchanges"])
        assert repeated == again == 5, (keys, repeated)
        assert sum(sa["copies"] for sa in sas) > 60, keys


# ---- all views agree -------------------------------------------------------------------------------------------

VIEWS = [TESTDATA / "healthy" / name for name in ("nat-loss.pcapng", "openiked-loss.pcap", "v1-jitter.pcap")] + [
    TESTDATA / "failing" / name for name in ("rekey-dead.pcap", "ikev1-quick-pfs.pcap")]
FIELDS = ("isakmp.stream", "isakmp.sa_summary.outcome", "isakmp.sa_summary.cause", "isakmp.sa_summary.inferred_from")


def views(path, passes, log):
    """Of one run: report and summary as JSON, table, text report, and what the tree shows of each IKE SA at its last
    message."""
    options = [*passes, *(("-o", "isakmp.keylog_file:" + shared().place(log, "key.log")) if log else ())]
    for name in FIELDS:
        options += ["-e", name]
    for view in ("report,json", "summary,json", "sas", "report"):
        options += ["-z", "isakmp," + view]
    out = shared().run(path, "-T", "fields", "-E", "occurrence=f", "-Y", "isakmp.sa_summary.outcome", *options)
    tree = {}
    for line in out.splitlines():
        cells = line.split("\t")
        if len(cells) == len(FIELDS) and cells[0].isdigit():
            tree[int(cells[0])] = tuple(cell or None for cell in cells[1:])
    objects = [json.JSONDecoder().raw_decode(out, out.index('{\n  "' + name))[0][name] for name in ("ike_sas", "summaries")]
    return objects[0], objects[1][0], tables(out), out, tree


@pytest.mark.parametrize("keys", [True, False], ids=["keys", "no keys"])
@pytest.mark.parametrize("path", VIEWS, ids=lambda path: path.stem)
def test_all_views_agree(path, keys):
    log = b"\n".join(logs_of(path).values()) if keys else None
    both = []
    for passes in ((), ("-2",)):
        sas, summary, (rows, child_rows), text, tree = views(path, passes, log)
        both.append((sas, summary, rows, child_rows))
        assert len(rows) == len(sas) == summary["ike_sas"]
        assert summary["outcomes"] == {**dict.fromkeys(summary["outcomes"], 0), **collections.Counter(sa["outcome"] for sa in sas)}
        assert summary["messages"] == sum(sa["messages"] for sa in sas)
        for sa, row in zip(sas, rows):
            cause = sa["cause"]["code"] if sa["cause"] else None
            assert (row["Outcome"], row["Cause"]) == (sa["outcome"], cause or "")
            heading = next(line for line in text.splitlines() if line.startswith(f"IKE SA {sa['stream']}: "))
            assert sa["outcome"].replace("_", " ").lower() in heading.lower()
            if passes:
                assert tree[sa["stream"]] == (sa["outcome"], cause, sa["inferred_from"] or None), sa["stream"]
            assert sa["setup_ms"] is None or f"set up in {setup_time(sa['setup_ms'])}" in heading
        children = [child for sa in sas for child in sa["child_sas"]]
        assert [row["Outcome"] for row in child_rows] == [child["outcome"] for child in children]
    assert both[0] == both[1]


def setup_time(ms):
    return f"{ms:.1f} ms" if ms < 10000 else f"{ms / 1000:.1f} s"


def test_views_of_a_concatenation():
    """Sessions one after the other in a file are read as each alone."""
    paths = [*test_report.captures("healthy")[:6], *test_report.captures("failing")[:6]]
    alone = [sa for result in many.read_all([path.read_bytes() for path in paths], fields=()) for sa in result.sas]
    merged = many.read_all([shared().merged(paths)], fields=())[0].sas
    names = ("spi_initiator", "outcome", "messages", "encrypted_messages", "setup_ms")
    code = lambda sa: (sa["cause"] or {}).get("code")  # noqa: E731
    assert [(*(sa[name] for name in names), code(sa)) for sa in merged] == [(*(sa[name] for name in names), code(sa)) for sa in alone]
