# SPDX-License-Identifier: GPL-2.0-or-later
"""tools/log2pcap: captures made of logs, compared with the captures that were recorded beside the logs
byte by byte, and decrypted with the log as the only key log."""
import ipaddress
import json
import os
import random
import re
import struct
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

import keylog_forms as handlings
from tshark import ROOT, TESTDATA, Tshark, wireshark_version

PROGRAM = os.environ.get("IKE_LOG2PCAP") or ROOT / "build" / "tools" / "log2pcap" / "ike-log2pcap"
ENHANCED_PACKET, SECRETS = 6, 10


def convert(tmp_path, log, *options):
    """Runs the program on a file or on bytes; returns the completed process and the capture's path."""
    if not isinstance(log, Path):
        (tmp_path / "made.log").write_bytes(log)
        log = tmp_path / "made.log"
    out = tmp_path / "out.pcapng"
    out.unlink(missing_ok=True)
    environment = dict(os.environ, TZ="UTC")
    return subprocess.run([PROGRAM, *options, log, out], capture_output=True, text=True, env=environment,
                          check=False), out


def blocks(capture):
    raw, at = capture.read_bytes(), 0
    while at < len(raw):
        kind, length = struct.unpack_from("<II", raw, at)
        assert length % 4 == 0 and struct.unpack_from("<I", raw, at + length - 4)[0] == length
        yield kind, raw[at + 8:at + length - 4]
        at += length


def packets(capture):
    """(time in microseconds, IP packet, comment) of each packet that was made."""
    for kind, body in blocks(capture):
        if kind != ENHANCED_PACKET:
            continue
        _, high, low, captured, original = struct.unpack_from("<IIIII", body)
        assert captured <= original
        option, size = struct.unpack_from("<HH", body, 20 + (captured + 3) // 4 * 4)
        start = 24 + (captured + 3) // 4 * 4
        assert option == 1
        yield high << 32 | low, body[20:20 + captured], body[start:start + size].decode()


def recorded(capture):
    """IP packets of a recorded pcap of Ethernet frames."""
    raw, at = capture.read_bytes(), 24
    while at < len(raw):
        captured = struct.unpack_from("<IIII", raw, at)[2]
        yield raw[at + 30:at + 16 + captured]
        at += 16 + captured


def datagram(packet):
    """What two packets of one UDP datagram have in common: addresses, ports, payload. None for others."""
    if packet[0] >> 4 == 4:
        protocol, start, addresses = packet[9], (packet[0] & 15) * 4, packet[12:20]
    else:
        protocol, start, addresses = packet[6], 40, packet[8:40]
    if protocol != 17:
        return None
    length = struct.unpack_from("!H", packet, start + 4)[0]
    return addresses, packet[start:start + 4], packet[start + 8:start + length]


def datagrams(found):
    return Counter(d for d in map(datagram, found) if d)


def datagrams_beside(log):
    """Those of the capture that was recorded with a log."""
    return datagrams(recorded(TESTDATA / (log.split(".")[0] + ".pcap")))


def messages(name):
    """(source, source port, destination, destination port, IKE message) of a capture of the lab over IPv4."""
    for packet in recorded(TESTDATA / f"{name}.pcap"):
        found = datagram(packet)
        if not found:
            continue
        addresses, ports, payload = found
        source, destination = struct.unpack("!HH", ports)
        if destination == 4500:
            if payload[:4] != bytes(4):
                continue  # ESP
            payload = payload[4:]
        yield (str(ipaddress.ip_address(addresses[:4])), source, str(ipaddress.ip_address(addresses[4:])),
               destination, payload)


# The whole of what was on the wire is in these logs.
COMPLETE = [
    *(f"log2pcap/{name}.{side}.log" for name in ("charon-wrong-psk", "charon-ikev1", "charon-fragments")
      for side in ("initiator", "responder")),
    *(f"libreswan/{name}.{side}.log" for name in ("alone", "alone-rekey", "alone-intermediate", "alone-ikev1", "resume")
      for side in ("initiator", "responder")),
    "libreswan/from-libreswan-ikev1.initiator.log",
    "libreswan/to-libreswan-rekey.responder.log",
    "openiked/alone.initiator.log",
    "openiked/alone-gcm.responder.log",
]


@pytest.mark.parametrize("log", COMPLETE)
def test_the_capture_is_the_recorded_one(tmp_path, log):
    done, made = convert(tmp_path, TESTDATA / log)
    assert done.returncode == 0, done.stderr
    real = datagrams_beside(log)
    assert datagrams(packet for _, packet, _ in packets(made)) == real and real


@pytest.mark.parametrize("name", ["charon-ipv6", "charon-port-500"])
@pytest.mark.parametrize("side", ["initiator", "responder"])
def test_net_3_alone_has_what_was_received(tmp_path, name, side):
    """and, from AUTH, the IKE_SA_INIT message that was sent."""
    done, made = convert(tmp_path, TESTDATA / "log2pcap" / f"{name}.{side}.log")
    assert done.returncode == 0 and "without the bytes" in done.stderr
    real = datagrams(recorded(TESTDATA / "log2pcap" / f"{name}.pcap"))
    found = datagrams(packet for _, packet, _ in packets(made))
    assert found <= real
    peer = {"initiator": "responder", "responder": "initiator"}[side]
    own = ipaddress.ip_address(json_address(name, peer)).packed
    received = Counter({d: n for d, n in real.items() if d[0].startswith(own)})
    assert received <= found
    assert len(found) == len(received) + 1


def json_address(name, side):
    plan = {"charon-ipv6": ("fd00:9::1", "fd00:9::2")}.get(name, ("10.9.0.1", "10.9.0.2"))
    return plan[side == "responder"]


def test_esp_in_udp_is_taken_as_it_was_received(tmp_path):
    done, made = convert(tmp_path, TESTDATA / "log2pcap" / "charon.initiator.log")
    real = datagrams(recorded(TESTDATA / "log2pcap" / "charon.pcap"))
    found = datagrams(packet for _, packet, _ in packets(made))
    assert done.returncode == 0 and found <= real and sum(real.values()) - sum(found.values()) == 1
    assert any(ports == b"\x11\x94\x11\x94" and payload[:4] != bytes(4) for _, ports, payload in found)


def test_checksums_times_and_comments(tmp_path):
    log = TESTDATA / "log2pcap" / "charon-ipv6.initiator.log"
    done, made = convert(tmp_path, log)
    assert done.returncode == 0
    other, capture = tmp_path / "v4.pcapng", TESTDATA / "log2pcap" / "charon.initiator.log"
    subprocess.run([PROGRAM, capture, other], check=True, capture_output=True)
    with Tshark() as tshark:
        for path in (made, other):
            shown = tshark.run(path, "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-V")
            assert "[Checksum Status: Good]" in shown and "incorrect" not in shown and "Malformed" not in shown
    lines = log.read_text().splitlines()
    for _, _, comment in packets(made):
        number, text = re.match(r"line (\d+): (.*)", comment).groups()
        assert lines[int(number) - 1].startswith(text[:60])
    times = [when for when, _, _ in packets(made)]
    assert times == sorted(set(times))
    for when, _, comment in packets(made):
        assert time.strftime("%b %d %H:%M:%S", time.gmtime(when // 10**6)) in comment


@pytest.mark.parametrize("log, cause", [
    ("log2pcap/charon-wrong-psk.initiator.log", "AUTHENTICATION_FAILED"),
    ("log2pcap/charon-wrong-psk.responder.log", "AUTHENTICATION_FAILED"),
    ("log2pcap/charon-port-500.initiator.log", "NO_PROPOSAL_CHOSEN"),
    ("openiked/wrong-psk.initiator.log", "AUTHENTICATION_FAILED"),
    ("failing/libreswan-psk.responder.log", "AUTHENTICATION_FAILED: responder rejected PSK of \"initiator.lab.example\""),
    ("failing/from-libreswan-critical.initiator.log", "UNSUPPORTED_CRITICAL_PAYLOAD"),
    ("failing/from-libreswan-ikev1-id.initiator.log", "no configuration for this identity"),
    ("failing/libreswan-ikev1-quick.responder.log", "responder has no such networks"),
])
def test_a_failed_negotiation_decrypts_with_its_own_log(tmp_path, log, cause):
    done, made = convert(tmp_path, TESTDATA / log)
    assert done.returncode == 0
    with Tshark() as tshark:
        key_log = tshark.place(TESTDATA / log, "key.log")
        option = ["-o", f"isakmp.keylog_file:{key_log}"]
        frames = tshark.frames(made, "isakmp.enc.decrypted", *option)
        encrypted = tshark.frames(made, "isakmp.typepayload == 46 || isakmp.flag_e == 1", *option)
        report = tshark.run(made, "-q", "-z", "isakmp,report", *option)
    assert encrypted and set(encrypted) <= set(frames)
    assert cause in report


@pytest.mark.skipif(wireshark_version() < (4, 4), reason="Wireshark hands secrets to plugins from 4.4 on")
def test_the_capture_decrypts_by_itself(tmp_path):
    _, made = convert(tmp_path, TESTDATA / "log2pcap" / "charon-wrong-psk.initiator.log")
    with Tshark() as tshark:
        assert "AUTHENTICATION_FAILED" in tshark.run(made, "-Y", "isakmp.enc.decrypted", "-V")


def test_the_log_goes_into_the_capture_unless_asked(tmp_path):
    log = TESTDATA / "log2pcap" / "charon-wrong-psk.initiator.log"
    _, made = convert(tmp_path, log)
    bodies = [body for kind, body in blocks(made) if kind == SECRETS]
    kind, size = struct.unpack_from("<II", bodies[0])
    assert len(bodies) == 1 and kind == 0x494B454B and bodies[0][8:8 + size] == log.read_bytes()
    assert made.stat().st_mode & 0o777 == 0o600
    _, made = convert(tmp_path, log, "-n")
    assert SECRETS not in [kind for kind, _ in blocks(made)]


def without_prefix(line):
    return re.sub(r"^\w{3} +\d+ [\d:.]+ ?", "", line)


def json_record(line, number):
    return json.dumps({"__REALTIME_TIMESTAMP": str(1700000000000000 + number), "MESSAGE": line})


def docker_record(line, number):
    return json.dumps({"log": line + "\n", "stream": "stderr", "time": f"2026-11-27T04:32:{number % 60:02}.5Z"})


PREFIXES = {
    "syslog": lambda line, n: f"Nov 27 04:32:{n % 60:02} gw ipsec[341]: {line}",
    "rfc5424": lambda line, n: f"<30>1 2026-11-27T04:32:27.123456+01:00 gw charon 341 - - {line}",
    "logread": lambda line, n: f"Fri Nov 27 04:32:27 2026 daemon.debug ipsec[341]: {line}",
    "compose": lambda line, n: f"vpn-1  | {line}",
    "kubernetes": lambda line, n: f"2026-11-27T04:32:27.123456789Z stderr F {line}",
    "journal": lambda line, n: f"Fri 2026-11-27 04:32:27 UTC gw ipsec[341]: {line}",
    "crlf": lambda line, n: f"{line}\r",
    "json": json_record,
    "docker": docker_record,
    "colours": lambda line, n: f"\x1b[1;32mvpn-1 |\x1b[0m \x1b[36m{line}\x1b[0m",
    "none": lambda line, n: line,
}


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("log", ["log2pcap/charon-port-500.initiator.log", "libreswan/alone-ikev1.responder.log",
                                 "openiked/alone.initiator.log"])
def test_any_prefix(tmp_path, log, prefix):
    _, made = convert(tmp_path, TESTDATA / log)
    expected = datagrams(packet for _, packet, _ in packets(made))
    lines = [without_prefix(line) for line in (TESTDATA / log).read_text().splitlines()]
    text = "\n".join(PREFIXES[prefix](line, number) for number, line in enumerate(lines)) + "\n"
    done, made = convert(tmp_path, text.encode())
    assert done.returncode == 0, done.stderr
    assert datagrams(packet for _, packet, _ in packets(made)) == expected


def test_the_journal_of_charon_systemd(tmp_path):
    """has neither threads nor groups, and a dump is one record with line breaks."""
    log = TESTDATA / "log2pcap" / "charon-wrong-psk.responder.log"
    _, made = convert(tmp_path, log)
    expected = datagrams(packet for _, packet, _ in packets(made))
    records = []
    for line in log.read_text().splitlines():
        text = re.sub(r"^\w{3} +\d+ [\d:]+ \d+\[\w+\] (?:<[^>]*> )?", "", line)
        if re.match(r" *\d+: ", text):
            records[-1] += "\n" + text
        else:
            records.append(text)
    plain = "".join(f"Nov 27 04:32:00 gw charon-systemd[1158]: {record}\n" for record in records)
    for text in (plain, "".join(json_record(record, n) + "\n" for n, record in enumerate(records)),
                 "".join("Nov 27 04:32:00 gw charon: " + record.replace("\n", "#012") + "\n" for record in records)):
        done, made = convert(tmp_path, text.encode())
        assert done.returncode == 0
        assert datagrams(packet for _, packet, _ in packets(made)) == expected


@pytest.mark.parametrize("width", [80, 100, 132])
@pytest.mark.parametrize("log", ["log2pcap/charon-port-500.initiator.log", "libreswan/alone-ikev1.responder.log"])
def test_lines_that_a_terminal_wrapped(tmp_path, log, width):
    _, made = convert(tmp_path, TESTDATA / log)
    expected = datagrams(packet for _, packet, _ in packets(made))
    text = "".join(line[at:at + width].rstrip() + "\n" for line in (TESTDATA / log).read_text().splitlines()
                   for at in range(0, max(len(line), 1), width))
    done, made = convert(tmp_path, text.encode())
    assert done.returncode == 0
    assert datagrams(packet for _, packet, _ in packets(made)) == expected


def test_threads_that_dump_at_once(tmp_path):
    """Rows belong to the dump of their thread: two daemons' lines, mixed in small pieces."""
    names, dice = ["log2pcap/charon-wrong-psk.initiator.log", "log2pcap/charon-ikev1.initiator.log"], random.Random(3)
    logs = [[re.sub(r"(\d\d)\[([A-Z]{3})\]", lambda match, by=20 * number: f"{int(match[1]) + by:02}[{match[2]}]", line)
             for line in (TESTDATA / name).read_text().splitlines()] for number, name in enumerate(names)]
    mixed = []
    while any(logs):
        log = dice.choice([log for log in logs if log])
        count = dice.randrange(1, 6)
        mixed += log[:count]
        del log[:count]
    done, made = convert(tmp_path, ("\n".join(mixed) + "\n").encode())
    assert done.returncode == 0, done.stderr
    real = sum(map(datagrams_beside, names), Counter())
    assert datagrams(packet for _, packet, _ in packets(made)) == real


@pytest.mark.parametrize("log", ["log2pcap/charon-ikev1.initiator.log", "libreswan/alone.initiator.log", "openiked/alone.initiator.log"])
def test_logs_that_begin_or_end_in_the_middle(tmp_path, log):
    """What is left of a log gives messages of the session, of which only the last one may lack its end."""
    raw = (TESTDATA / log).read_bytes()
    real = datagrams_beside(log)
    for tenth in range(1, 10):
        at = len(raw) * tenth // 10
        for part in (raw[at:], raw[:at]):
            done, made = convert(tmp_path, part)
            assert done.returncode in (0, 1), done.stderr
            found = [datagram(packet) for _, packet, _ in packets(made)] if made.exists() else []
            assert not [one for one in found[:-1] if one not in real]
            assert not found or any(ports == found[-1][1] and whole.startswith(found[-1][2]) for _, ports, whole in real)


def groups(raw, prefix=""):
    """Rows of 32 bytes in groups of four."""
    for at in range(0, len(raw), 32):
        row = raw[at:at + 32]
        yield prefix + " ".join(row[i:i + 4].hex() for i in range(0, len(row), 4))


def fortigate(session, local, begin="ike 0:", stamp="2026-11-27 04:32:27 "):
    for source, sport, destination, dport, message in session:
        path = f"{source}:{sport}->{destination}:{dport}"
        if source == local:
            yield f"{stamp}{begin}p1:14: out {message.hex().upper()}"
            yield f"{stamp}{begin}p1:14: sent IKE msg (ident_i1send): {path}, len={len(message)}, vrf=0, id=0011223344556677/0"
        else:
            yield f"{stamp}{begin} comes {path},ifindex=6,vrf=0,len={len(message)}...."
            yield f"{stamp}{begin} IKEv1 exchange=Identity Protection id=0011223344556677/0 len={len(message)}"
            yield f"{stamp}{begin} in {message.hex().upper()}"
            yield f"{stamp}{begin}p1:14: dec {message[:28].hex().upper()}0001020304"


def racoon(session, local, ends=True):
    debug = "2026-11-27 04:32:27: DEBUG: "
    for source, sport, destination, dport, message in session:
        wire = bytes(4) * (dport == 4500) + message
        if source == local:
            yield f"{debug}{len(wire)} bytes from {source}[{sport}] to {destination}[{dport}]"
            yield f"{debug}sockname {source}[{sport}]"
            yield f"{debug}send packet from {source}[{sport}]"
            yield f"{debug}send packet to {destination}[{dport}]"
            yield f"{debug}1 times of {len(wire)} bytes message will be sent to {destination}[{dport}]"
            yield from ["2026-11-27 04:32:27: DEBUG: ", *groups(wire)]
        else:
            end = f" to {destination}[{dport}]" if ends else ""
            yield f"{debug}==="
            yield f"{debug}{len(message)} bytes message received from {source}[{sport}]{end}"
            yield from ["2026-11-27 04:32:27: DEBUG: ", *groups(message)]
        yield f"{debug}hmac(hmac_sha1)"


def routeros(session, local, stamp="nov/27/2026 04:32:27 "):
    for source, sport, destination, dport, message in session:
        path = f"from {source}[{sport}] to {destination}[{dport}]"
        if source == local:
            yield f"{stamp}ipsec,debug ===== sending {len(message)} bytes {path}"
            yield f"{stamp}ipsec,debug 1 times of {len(message)} bytes message will be sent to {destination}[{dport}]"
        else:
            yield f"{stamp}ipsec,debug ===== received {len(message)} bytes {path}"
        yield from groups(message, f"{stamp}ipsec,debug,packet ")


FORMS = {
    "FortiOS 6": fortigate,
    "FortiOS 7": lambda session, local: fortigate(session, local, "ike V=root:0:"),
    "FortiGate without times": lambda session, local: fortigate(session, local, stamp=""),
    "racoon": racoon,
    "racoon of KAME": lambda session, local: racoon(session, local, False),
    "RouterOS": routeros,
    "RouterOS terminal": lambda session, local: routeros(session, local, "echo: "),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["ikev1/aes128-sha256", "log2pcap/charon-wrong-psk"])
def test_forms_of_devices(tmp_path, form, name):
    """Logs in the form of devices that are not at hand, of messages that are: what comes out is what went in."""
    session = list(messages(name))
    text = "\n".join(FORMS[form](session, "10.9.0.1")) + "\n"
    done, made = convert(tmp_path, text.encode())
    assert done.returncode == 0, done.stderr
    found = [datagram(packet) for _, packet, _ in packets(made)]
    expected = [(ipaddress.ip_address(s).packed + ipaddress.ip_address(d).packed, struct.pack("!HH", sp, dp),
                 bytes(4) * (dp == 4500) + m) for s, sp, d, dp, m in session]
    assert found == expected


KEY_LOGS_ONLY = {"split at 60", "syslog on a terminal",  # the dumps of FortiOS and racoon are not put together again
                 "two daemons"}  # whose messages there are, too
HANDED_OVER = {**{name: lambda lines, wrap=wrap: "\n".join(wrap(lines, random.Random(1))).encode()
                  for name, wrap in handlings.HANDLINGS.items() if name not in KEY_LOGS_ONLY},
               "UTF-16": lambda lines: "\r\n".join(lines).encode("utf-16"), "CR": lambda lines: "\r".join(lines).encode(),
               "newest first": lambda lines: "\n".join(reversed(lines)).encode()}
SPOILED = {  # as a person could not tell where the messages are
    "FortiOS 7": set(),
    "racoon": {"mail", "mail, quoted"},
}


@pytest.mark.parametrize("form", ["FortiOS 7", "racoon", "charon"])
def test_handed_over(tmp_path, form):
    """What was done to a log before it came here is taken back, as with key logs."""
    if form == "charon":
        lines = (TESTDATA / "log2pcap/charon-port-500.initiator.log").read_text().splitlines()
    else:
        lines = [line for text in FORMS[form](list(messages("log2pcap/charon-wrong-psk")), "10.9.0.1") for line in text.split("\n")]
    _, made = convert(tmp_path, "\n".join(lines).encode())
    expected = datagrams(packet for _, packet, _ in packets(made))
    assert expected
    wrong = []
    for name, hand_over in HANDED_OVER.items():
        done, made = convert(tmp_path, hand_over(lines))
        if name not in SPOILED.get(form, ()) and \
                (done.returncode or datagrams(packet for _, packet, _ in packets(made)) != expected):
            wrong.append(name)
    assert not wrong


def test_a_fortigate_log_decrypts_with_itself(tmp_path):
    name = "log2pcap/charon-wrong-psk"
    row = (TESTDATA / f"{name}.ikev2_decryption_table").read_text().splitlines()[0].split(",")
    initiator, responder, *keys = (word.strip('"') for word in row)
    names = {"SK_ei": keys[0], "SK_er": keys[1], "SK_ai": keys[3], "SK_ar": keys[4]}
    lines = list(fortigate(messages(name), "10.9.0.1"))
    lines[-5:-5] = [f"2026-11-27 04:32:27 ike 0:p1:14: IKE SA {initiator}/{responder} {key} {len(value) // 2}:{value}"
                    for key, value in names.items()]
    text = "\n".join(lines).encode() + b"\n"
    done, made = convert(tmp_path, text)
    assert done.returncode == 0
    with Tshark() as tshark:
        option = ["-o", f"isakmp.keylog_file:{tshark.place(text, 'key.log')}"]
        assert tshark.frames(made, "isakmp.enc.decrypted", *option) == [3, 4]
        assert "AUTHENTICATION_FAILED" in tshark.run(made, "-q", "-z", "isakmp,report", *option)


def test_wrapped_hex_of_a_fortigate(tmp_path):
    session = list(messages("ikev1/aes128-sha256"))
    for width in (77, 91, 120):  # odd ones tear bytes
        text = "".join(line[at:at + width] + "\n" for line in fortigate(session, "10.9.0.1")
                       for at in range(0, len(line), width))
        done, made = convert(tmp_path, text.encode())
        assert done.returncode == 0
        assert len(list(packets(made))) == len(session)
        assert [datagram(p)[2][-20:] for _, p, _ in packets(made)] == [m[-20:] for *_, m in session]


def test_isakmpd_and_addresses_that_no_log_names(tmp_path):
    session = list(messages("ikev1/aes128-sha256"))
    rows = []
    for source, _, _, _, message in session:
        function = "message_send" if source == "10.9.0.1" else "message_recv"
        rows += groups(message, f"043200.123456 Mesg 70 {function}: ")
        rows.append(f"043200.123456 Mesg 90 {function}: message 0x1234")
    done, made = convert(tmp_path, ("\n".join(rows) + "\n").encode())
    assert done.returncode == 0
    assert [datagram(p)[2] for _, p, _ in packets(made)] == [m for *_, m in session]
    assert {datagram(p)[0] for _, p, _ in packets(made)} == {
        bytes([192, 0, 2, 1, 192, 0, 2, 2]), bytes([192, 0, 2, 2, 192, 0, 2, 1])}
    assert all("does not name" in comment for _, _, comment in packets(made))


def test_pluto_of_old(tmp_path):
    """names the interface and not its address, dumps without text, and writes the interfaces when it starts."""
    session = list(messages("libreswan/alone-ikev1"))
    lines = ["adding interface eth0/eth0 10.9.0.1:500", "adding interface eth0/eth0 10.9.0.1:4500"]
    for source, sport, destination, dport, message in session:
        wire = bytes(4) * (dport == 4500) + message
        if source == "10.9.0.1":
            lines.append(f"| sending {len(wire)} bytes for main_outI1 through eth0:{sport} to {destination}:{dport} (using #1)")
        else:
            lines.append(f"| *received {len(message)} bytes from {source}:{sport} on eth0 (port={dport})")
            wire = message
        lines += ["|   " + "  ".join(wire[i:i + 4].hex(" ") for i in range(at, min(at + 16, len(wire)), 4))
                  for at in range(0, len(wire), 16)]
    done, made = convert(tmp_path, ("\n".join(lines) + "\n").encode())
    assert done.returncode == 0
    assert datagrams(p for _, p, _ in packets(made)) == datagrams(recorded(TESTDATA / "libreswan" / "alone-ikev1.pcap"))


@pytest.mark.parametrize("log", ["failing/from-libreswan-ikev1-psk.initiator.log", "failing/from-libreswan-ikev1-pfs.initiator.log",
                                 "failing/from-libreswan-version-3.initiator.log", "failing/libreswan-ikev1-id.responder.log"])
def test_what_pluto_sends_again_without_a_dump(tmp_path, log):
    """libreswan 5 says "retransmission" and no more: without these a peer that is silent was asked once."""
    assert "retransmission; will wait" in (TESTDATA / log).read_text(errors="replace")
    done, made = convert(tmp_path, TESTDATA / log)
    assert done.returncode == 0, done.stderr
    real = datagrams_beside(log)
    found = datagrams(packet for _, packet, _ in packets(made))
    assert found == real and max(found.values()) > 1


def test_vpnc_is_put_together(tmp_path):
    """Of the fields that it prints: the first two messages are those of the wire, of the others the plaintext."""
    done, made = convert(tmp_path, TESTDATA / "ikev1" / "vpnc.vpnc.log")
    assert done.returncode == 0
    found = [datagram(packet)[2] for _, packet, _ in packets(made)]
    real = [m for *_, m in messages("ikev1/vpnc")]
    assert [m[-300:] for m in found[:2]] == [m[-300:] for m in real[:2]]
    with Tshark() as tshark:
        shown = tshark.text(made)
    assert "Malformed" not in shown and "XAUTH" in shown.upper()


def test_over_tcp(tmp_path):
    log = TESTDATA / "libreswan" / "tcp-rekey.initiator.log"
    done, made = convert(tmp_path, log)
    assert done.returncode == 0
    with Tshark() as tshark:
        key_log = tshark.place(log, "key.log")
        names = ["isakmp.exchangetype", "isakmp.messageid", "isakmp.length"]
        found = tshark.fields(made, names, "isakmp", "-o", f"isakmp.keylog_file:{key_log}")
        real = tshark.fields(TESTDATA / "libreswan" / "tcp-rekey.pcap", names, "isakmp")
        assert "tcp.analysis.lost_segment" not in tshark.run(made, "-V")
    assert [f for f in found] == [f for f in real if f["isakmp.exchangetype"]]


def test_nothing_usable_says_so(tmp_path):
    for text in (b"", b"\n" * 10, b"just words\n" * 100, bytes(range(256)) * 50,
                 (TESTDATA / "libreswan" / "from-libreswan-ikev1.responder.log").read_bytes()):
        done, made = convert(tmp_path, text)
        assert done.returncode == 1 and "no message" in done.stderr and not made.exists()
    for path in (tmp_path / "missing.log", tmp_path):
        done, made = convert(tmp_path, path)
        assert done.returncode == 2 and str(path) in done.stderr and not made.exists()


def hostile(kind, count):
    if kind == "headers":
        return b"08[NET] received packet => 65535 bytes @ 0x1\n| *received 65535 bytes from 1.2.3.4:500 on e\n" * count
    if kind == "threads":
        return b"".join(b"%d[NET] received packet => 100 bytes @ 0x1\n" % (n % 99999) for n in range(count))
    if kind == "mentions":
        return b"".join(b"01[NET] sending packet: from 1.2.3.4[500] to 1.2.3.5[500] (%d bytes)\n"
                        b"01[IKE] retransmit 1 of request\n" % (n % 65000) for n in range(count))
    if kind == "one line":
        return b"ike 0: in " + b"0 | 12[" * (count * 10) + b"\n"
    if kind == "bars":
        return b"| *received 500 bytes from 1.2.3.4:500 on e\n" + (b"| " * 2000 + b"00\n") * (count // 40)
    if kind == "waiting":
        return b"ike 0:p:1: out " + b"12" * 30000 + b"\n" + (b"34" * 39 + b"\n") * count
    if kind == "rows":
        return b"1 times of 65535 bytes message will be sent to 1.2.3.4[500]\n" + (b"00112233 " * 7 + b"0011\n") * count
    return b"{\"MESSAGE\":\"" + b"\\n" * (count * 10) + b"\"}\n"


@pytest.mark.parametrize("kind", ["headers", "threads", "mentions", "one line", "bars", "waiting", "rows", "json"])
def test_cost_grows_with_the_log(tmp_path, kind):
    def cost(count):
        log = tmp_path / "hostile.log"
        log.write_bytes(hostile(kind, count))
        best = float("inf")
        for _ in range(2):
            before = os.times()
            convert(tmp_path, log)
            after = os.times()
            best = min(best, after.children_user + after.children_system - before.children_user - before.children_system)
        return best

    small, large = cost(20000), cost(80000)
    # 16 times would be 0.5 s and more; below that the clock of 10 ms tells little
    assert large < 0.4 or large < 7 * small


def test_short_lines_that_stand_for_long_messages(tmp_path):
    """A line that says "retransmit" repeats a message; a log made of them does not fill the disk."""
    message = bytes(16) + b"\x22\x20\x22\x08" + bytes(4) + struct.pack("!I", 60000) + bytes(60000 - 28)
    lines = [f"01[ENC] generated data of this generator => {len(message)} bytes @ 0x1"]
    lines += [f"01[ENC] {at:4}: {message[at:at + 16].hex(' ').upper()}  ................" for at in range(0, len(message), 16)]
    sending = f"01[NET] sending packet: from 10.0.0.1[500] to 10.0.0.2[500] ({len(message)} bytes)"
    lines += [sending] + ["01[IKE] retransmit 1 of request with message ID 0", sending] * 20000
    done, made = convert(tmp_path, ("\n".join(lines) + "\n").encode())
    assert done.returncode == 0 and "without the bytes" in done.stderr
    assert 2 < len(list(packets(made))) < 2000 and made.stat().st_size < 100 << 20
