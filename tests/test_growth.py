# SPDX-License-Identifier: GPL-2.0-or-later
"""No capture costs more than its length: twice the packets take at most 2.4 times the instructions and memory, and no packet
takes long, however it is made (hostile_captures.py).

Processor time of one process, without its start, is measured first (ike_lifecycle's clock); where it says too much, the instructions are counted and
decide. IKE_GROWTH_LONG=1 takes four times the packets, IKE_GROWTH_INSTRUCTIONS=1 counts instructions everywhere (hours).
"""
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

import hostile_captures as hostile
import hostile_states
import many
import packets
from tshark import NOBODY

pytestmark = pytest.mark.skipif(many.program() is None, reason="no reader of captures for this Wireshark")

GROWTH = 2.4
WORST_MS = 400          # the worst packet: with keys a budget of trials, without them a message of 64 KB
LEAST_MS = 100          # below this nothing can be told: the capture is made larger
KB_PER_PACKET = 4
NOISE_KB = 512          # what the memory of a process varies by
LIMIT_SECONDS = 30      # N and 2 N packets that take longer have failed
CAPTURE_SECONDS = 20     # of every capture, whatever its packets: what a finding waits for comes to the same part of them
LIMIT_COUNTING = 1200   # the same where instructions are counted
ATTEMPTS = 2
COUNTING = bool(os.environ.get("IKE_GROWTH_INSTRUCTIONS"))
LONG = bool(os.environ.get("IKE_GROWTH_LONG"))
LOG_GROWS = {"long_key_log", "esp_rows_of_one_spi", "rows_of_one_ike_sa", "private_value_rows", "psk_rows", "one_long_line",
             "hexdump_without_end", "hexdumps_without_body", "daemon_words"}    # not the packets
# Messages across segments: Wireshark's reassembly keeps their bytes.
REASSEMBLED = {"tcp_large_segments", "tcp_begun_late", "tcp_one_message_in_pieces"}
# name of the generator -> (N, passes); twice passes: as Wireshark reads, which shows the packets again.
SIZES = {
    "quick_modes": 8000, "quick_modes_and_errors": 3000, "quick_modes_three_times": 6000, "dpd_under_one_message_id": 10000,
    "deletes_of_many_spis": 8000, "aggressive_starts": 6000, "esp_to_many_addresses": 20000, "esp_of_many_spis": 20000,
    "esp_with_jumping_sequence_numbers": 20000, "ah_of_many_spis": 20000, "spis_alike_in_32_bits": 10000,
    "spi_pairs_with_equal_sums": 10000, "addresses_with_equal_mixes": 10000, "fragment_sets_alike": 15000,
    "one_fragment_repeated": 20000, "many_versions_of_one_fragment": 15000, "encrypted_fragments_of_many_messages": 15000,
    "versions_of_encrypted_fragments": 15000, "flapping_addresses": 4000, "child_requests": 10000,
    "one_message_id_many_bodies": 10000, "one_message_retransmitted": 10000, "half_open": 10000, "responders_of_one_request": 5000,
    "clear_errors": 10000, "icmp_errors": 15000, "tcp_keepalives": 3000, "tcp_small_esp": 3000, "tcp_begun_late": 4000,
    "tcp_large_segments": 8000, "many_payloads": 4000, "many_transforms": 4000, "many_selectors": 4000, "many_notifies": 4000,
    "many_certificate_requests": 4000, "private_values": 4000, "private_values_of_many": 8000, "encryption_keys": 6000,
    "strangers_with_psk": 8000, "starts_with_psk": 8000, "esp_keys_without_spi": 8000, "long_key_log": 20000,
    "esp_rows_of_one_spi": 8000,
    "refused_again": 6000, "requests_of_one_spi": 10000, "cookies_and_other_groups": 6000, "main_mode_variants": 10000,
    "encrypted_phase_1": 10000, "copies_under_other_addresses": 8000, "many_mappings": 10000, "deletes_in_clear": 8000,
    "addresses_in_clear": 4000, "icmp_of_strangers": 10000, "resumptions": 10000, "group_pulls": 8000, "identities_in_clear": 6000,
    "keepalives": 20000, "tcp_retransmissions": 4000, "tcp_one_message_in_pieces": 6000, "tcp_connections": 4000,
    "many_certificates": 4000, "many_identities": 4000, "many_attributes": 4000, "many_proposals": 4000, "many_eap_attributes": 4000,
    "deep_names": 4000, "psks_of_many": 8000, "aggressive_with_psks": 8000, "rows_of_one_ike_sa": 10000, "private_value_rows": 4000,
    "psk_rows": 20000, "one_long_line": 20000, "hexdump_without_end": 20000, "hexdumps_without_body": 20000, "daemon_words": 20000,
    "esp_keys_of_many": 8000,
    "contested_roles": 8000, "encrypted_quick_modes": 8000, "versions_of_a_clear_fragment": 3000, "many_last_fragments": 6000,
    "group_members": 6000, "rekeys_in_clear": 3000, "message_ids_downwards": 10000, "vendor_ids_of_one": 6000, "nat_views": 6000,
    "eap_rounds": 5000, "icmp_of_known": 4000, "both_versions": 8000, "deletes_of_ike_sas": 6000, "configurations": 8000,
    "main_modes_of_both": 6000, "merged_copies": 40000, "cookies_of_others": 4000,
    "group_rekeys_with_keys": 16000, "child_sas_with_keys": 4000, "ike_sas_with_keys": 4000, "quick_modes_with_keys": 4000, "selectors_with_keys": 3000,
}


class Cost:
    """What reading a capture costs beyond one of one packet: processor time and memory."""

    def __init__(self, ms=0, kb=1, worst=0, timeout=False):
        self.ms, self.kb, self.worst, self.timeout = ms, kb, worst, timeout


class Captures:
    """Two captures with their key logs, and the program that reads them."""

    def __init__(self, passes, *captures):
        self.folder = Path(tempfile.mkdtemp(prefix="ike-growth-"))
        (self.folder / "data").mkdir()
        shutil.copy(many.program(), self.folder / "reader")
        self.words = []
        for number, (capture, log) in enumerate([*captures, (packets.pcap(hostile.half_open(1)), None)]):
            (self.folder / f"{number}.pcap").write_bytes(capture)
            (self.folder / f"{number}.log").write_bytes(log or b"")
            setting = ["set", f"isakmp.keylog_file:{self.folder}/{number}.log"] if log else []
            self.words.append([*setting, "open" if passes == 2 else "read", str(self.folder / f"{number}.pcap")])
        self.words, self.least = self.words[:-1], self.words[-1]
        for path in (self.folder, *self.folder.iterdir()):
            path.chmod(0o755)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, before, words):
        command = [*before, str(self.folder / "reader"), "tap", "isakmp,summary", "tap", "isakmp,report", *words]
        if os.geteuid() == 0:
            command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
        environment = {**os.environ, "HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder), "TZ": "UTC",
                       "WIRESHARK_DATA_DIR": str(self.folder / "data")}
        return subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)

    def costs(self):
        """One of each."""
        done = self._run(["timeout", str(LIMIT_SECONDS)], ["clock", *self.least, *(word for words in self.words for word in words)])
        if done.returncode == 124:
            return [Cost(timeout=True) for _ in self.words]
        assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
        lines = [line.split("\t") for line in done.stdout.decode(errors="replace").splitlines()]
        figures = {name: [float(line[2]) for line in lines if len(line) == 3 and line[1] == name]
                   for name in ("time", "memory", "slowest")}
        least, *costs = [Cost(*values) for values in zip(figures["time"], figures["memory"], figures["slowest"])]
        for cost in costs:
            cost.ms, cost.kb = max(0.1, cost.ms - least.ms), max(1, cost.kb - least.kb)
        return costs

    def instructions(self, number):
        """Millions, of a whole process without its start."""
        return self._count(self.words[number]) - self._count(self.least)

    def _count(self, words):
        done = self._run(["timeout", str(LIMIT_COUNTING), "valgrind", "--tool=cachegrind", "--cache-sim=no",
                          "--cachegrind-out-file=/dev/null"], words)
        found = re.search(rb"I +refs: +([0-9,]+)", done.stderr)
        assert found, done.stderr[-2000:]
        return int(found[1].replace(b",", b"")) / 1e6


def made(name, size):
    result = getattr(hostile, name, getattr(hostile_states, name, None))(size)
    frames, log = result if isinstance(result, tuple) else (result, None)
    return packets.pcap(frames, step=CAPTURE_SECONDS / len(frames)), log, len(frames)


def measure(name, size, passes=1):
    """(cost of N, cost of 2 N, packets of N, KB of N), with the least times of several attempts."""
    while True:
        (small, log, count), (large, large_log, _) = made(name, size), made(name, 2 * size)
        with Captures(passes, (small, log), (large, large_log)) as captures:
            once, twice = captures.costs()
            if not twice.timeout and once.ms < LEAST_MS and size < 1 << 18:
                size *= 2
                continue
            compare(name, captures, once, twice)
        return once, twice, count, len(small) // 1024


def compare(name, captures, once, twice):
    """Measures again what took too long, then counts."""
    for _ in range(ATTEMPTS - 1):
        if twice.timeout or twice.ms <= GROWTH * once.ms and once.worst < WORST_MS and twice.worst < WORST_MS:
            break
        for cost, again in zip((once, twice), captures.costs()):
            cost.ms, cost.worst = min(cost.ms, again.ms), min(cost.worst, again.worst)
    if not twice.timeout and (COUNTING or twice.ms > GROWTH * once.ms) and shutil.which("valgrind"):
        once.ms, twice.ms = captures.instructions(0), captures.instructions(1)
        print(f"{name}: {once.ms:.0f} million instructions, twice as many packets: {twice.ms:.0f}")


def test_every_generator_is_measured():
    others = {"acknowledgement", "spi", "some_spi", "init_request", "encrypted", "on_4500", "main_mode", "quick_mode", "esp", "skf", "stream", "large", "whole_starts", "keyed"}
    functions = {name for module in (hostile, hostile_states) for name, value in vars(module).items()
                 if callable(value) and getattr(value, "__module__", "") == module.__name__}
    assert functions - others == set(SIZES)


@pytest.mark.parametrize("name", SIZES)
def test_growth(name):
    size = SIZES[name] * 4 if LONG else SIZES[name] // 2
    once, twice, count, kb = measure(name, size)
    print(f"{name}: {count} packets {once.ms:.0f} ms {once.kb:.0f} KB, twice {twice.ms:.0f} ms {twice.kb:.0f} KB, worst {twice.worst:.1f} ms")
    assert not twice.timeout, f"{count} packets and twice as many take more than {LIMIT_SECONDS} s"
    assert twice.ms <= GROWTH * once.ms, f"{count} packets: {once.ms:.0f} ms, twice as many: {twice.ms:.0f} ms"
    assert twice.kb - once.kb <= GROWTH * max(once.kb, 2000) - once.kb, f"{count} packets: {once.kb:.0f} KB, twice as many: {twice.kb:.0f} KB"
    allowed = KB_PER_PACKET * count + (kb if name in REASSEMBLED else 0) + NOISE_KB
    assert name in LOG_GROWS or twice.kb - once.kb < allowed, f"{(twice.kb - once.kb) / count:.1f} KB for each packet more"
    assert max(once.worst, twice.worst) < WORST_MS, f"one packet takes {max(once.worst, twice.worst):.0f} ms"


@pytest.mark.parametrize("name", ["quick_modes_three_times", "flapping_addresses", "half_open", "refused_again", "main_mode_variants"])
def test_growth_when_shown_again(name):
    once, twice, count, _ = measure(name, SIZES[name] // 2, passes=2)
    assert twice.ms <= GROWTH * once.ms, f"{count} packets: {once.ms:.0f} ms, twice as many: {twice.ms:.0f} ms"
