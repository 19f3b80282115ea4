#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Records captures from real IKE daemons in network namespaces, with the keys from the daemons' logs.

    testdata/lab/record.py                 all scenarios
    testdata/lab/record.py ikev2/psk-3des  these
    testdata/lab/record.py --list          what there is

Needs root on Debian 12; installs the packages that it misses.
"""
import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
TESTDATA = os.path.dirname(HERE)
sys.path.insert(0, HERE)

import answer  # noqa: E402
import capture  # noqa: E402
import esp  # noqa: E402
import facts_from_charon_log  # noqa: E402
import keys_from_charon_log  # noqa: E402
from network import NAT_RULES, Network  # noqa: E402
from pki import Authority  # noqa: E402
from scenarios import SCENARIOS  # noqa: E402
from libreswan import Pluto  # noqa: E402
from openiked import Iked  # noqa: E402
from strongswan import Charon  # noqa: E402

PACKAGES = (
    "charon-systemd strongswan-swanctl strongswan-pki strongswan-libcharon "
    "libstrongswan-standard-plugins libstrongswan-extra-plugins libcharon-extra-plugins "
    "libcharon-extauth-plugins tcpdump iproute2 nftables conntrack ethtool iputils-ping ike-scan vpnc "
    "gcc libc6-dev libnss3-dev pkg-config"
).split()
SID_PACKAGES = (
    "charon-systemd strongswan-swanctl strongswan-libcharon libcharon-extra-plugins "
    "libstrongswan-standard-plugins libstrongswan-extra-plugins "
    "libcharon-extauth-plugins"
).split()
OTHERS_PACKAGES = "libreswan openiked libnss3-tools netbase".split()
RUN = "/run/ike-lab"
SIDES = ("initiator", "responder")
FILTERS = {
    "direct": "udp or tcp or ip proto 50 or (ip[6:2] & 0x3fff != 0)",
    "ipv6": "udp or tcp or ip6 proto 50 or ip6 proto 44",
}
DAEMONS = {"strongswan": Charon, "libreswan": Pluto, "openiked": Iked}
OTHERS_ROOT = os.environ.get(
    "IKE_LAB_OTHERS", "/var/lib/ike-lab/others"
)  # sid with libreswan, OpenIKED
OTHER = dict(zip(SIDES, reversed(SIDES)))
HOSTS = (*SIDES, "second")  # the last one is another client or another gateway


def install():
    """Installs what is missing, without a word where nothing is."""
    known = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *PACKAGES],
        text=True,
        capture_output=True,
        check=False,
    ).stdout
    missing = [p for p in PACKAGES if f"{p} installed" not in known.splitlines()]
    if missing:
        env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        subprocess.run(["apt-get", "-q", "update"], check=True, env=env)
        subprocess.run(
            ["apt-get", "-qy", "--no-install-recommends", "install", *missing], check=True, env=env
        )


def install_sid(root, packages, proof):
    """Makes a folder with Debian sid and PACKAGES, where the program PROOF is missing."""
    if os.path.exists(f"{root}/{proof}"):
        return
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    subprocess.run(["apt-get", "-qy", "install", "debootstrap"], check=True, env=env)
    subprocess.run(["debootstrap", "--variant=minbase", "sid", root], check=True)
    apt = ["chroot", root, "apt-get", "-q", "-o", "Acquire::Check-Valid-Until=false"]
    subprocess.run([*apt, "update"], check=True)
    # What a package's script cannot do in a chroot (start a service) does not matter here
    subprocess.run(
        [*apt, "-y", "--no-install-recommends", "install", *packages], check=False, env=env
    )
    if not os.path.exists(f"{root}/{proof}"):
        raise RuntimeError(f"{proof} did not get into {root}")


def build_fake_kernel():
    """The library that plays a kernel with IPsec, built where the daemons run."""
    os.makedirs(RUN, exist_ok=True)
    target = f"{RUN}/fake_kernel.so"
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-O1", "-o", target, f"{HERE}/fake_kernel.c", "-ldl"],
        check=True,
    )
    return target


class Recording:
    """One scenario: daemons started, steps taken, capture and logs kept."""

    def __init__(self, scenario, folder):
        self.scenario, self.folder = scenario, folder
        self.network = Network(scenario.network)
        self.hosts = [host for host in HOSTS if host in self.network.names]
        self.daemons, self.dumps = {}, []
        self.pings = 0
        self.restarted = set()  # sides whose log is of two runs: it does not tell them apart
        self.extra = {}  # logs of other programs: suffix -> file

    def run(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        with self.network:
            try:
                self._start()
                self._take(self.scenario.steps)
                time.sleep(0.5)
            finally:
                for daemon in self.daemons.values():
                    daemon.stop(kill=True)
                for dump in self.dumps:
                    dump.terminate()
                    dump.wait()
        self._merge()

    def _take(self, steps):
        for step in steps:
            name, *args = step.split()
            getattr(self, "do_" + name.replace("-", "_"))(*args)

    def _start(self):
        authority = None
        if self.scenario.certificates:
            authority = Authority(f"{self.folder}/ca", self.scenario.certificates)
        for side in self.hosts:
            settings = {k: self._fill(side, v) for k, v in self.scenario.settings(side).items()}
            kind = self.scenario.kind(side)
            fake = self.scenario.fake_kernel or kind != "strongswan"
            daemon = DAEMONS[kind](
                self.network,
                side,
                f"{self.folder}/{side}",
                settings,
                preload=build_fake_kernel() if fake else None,
                root=self.scenario.root if kind == "strongswan" else OTHERS_ROOT,
            )
            if self.scenario.strangers:
                authority = Authority(f"{self.folder}/ca-{side}", self.scenario.certificates)
            if authority:
                daemon.add_files(self._credentials(authority, side))
            self.daemons[side] = daemon
        if self.scenario.revoked:
            self.daemons[OTHER[self.scenario.revoked]].add_files(
                authority.crl(self.scenario.revoked)
            )
        self._capture()
        self._take(self.scenario.before)
        if self.scenario.daemons:
            for side in self.hosts:
                self.daemons[side].start()
        time.sleep(0.3)

    def _capture(self):
        """Starts tcpdump at every place of the scenario: a host, or host:device."""
        self.pcaps = []
        for place in self.scenario.capture.split():
            host, _, device = place.partition(":")
            self.pcaps.append(f"{self.folder}/capture-{len(self.pcaps)}.pcap")
            what = FILTERS.get(self.scenario.network, FILTERS["direct"]) + self.scenario.also
            command = f"tcpdump -i {device or 'eth0'} -s 0 -U --immediate-mode -Z root -w {self.pcaps[-1]}"
            dump = subprocess.Popen(
                self.network.command(host, *command.split(), what),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            dump.stderr.readline()
            self.dumps.append(dump)

    def _merge(self):
        """Several captures become one file, as mergecap makes it of both ends."""
        self.pcap = self.pcaps[0]
        if len(self.pcaps) > 1:
            self.pcap = f"{self.folder}/merged.pcapng"
            subprocess.run(["mergecap", "-F", "pcapng", "-w", self.pcap, *self.pcaps], check=True)

    def _peer(self, host):
        """Whom a host talks to."""
        return OTHER[self.scenario.second_is if host == "second" else host]

    def _credentials(self, authority, side):
        scenario = self.scenario
        issuer = authority
        if side == scenario.self_signed:
            own = Authority(f"{self.folder}/ca-{side}", scenario.certificates).self_signed(side)
            return {**own, "x509ca/ca.pem": f"{authority.folder}/ca.pem"}
        if side == scenario.intermediate:
            issuer = authority.intermediate(f"{self.folder}/ca-intermediate")
        kind = "rsa1024" if side == scenario.short_key else None
        flags = {"flags": ["crlSign"]} if side == scenario.signs_crls else {}
        files = issuer.files(side, scenario.validity(side), kind, **flags)
        return {**files, "x509ca/ca.pem": f"{authority.folder}/ca.pem"}

    def _fill(self, side, value):
        """Puts the side's names and addresses into a setting."""
        if value is None:
            return None
        words = {"name": self.scenario.name.replace("/", "-")}
        for prefix, who in (("my", side), ("peer", self._peer(side))):
            words[f"{prefix}_addr"] = self.network.address(who)
            words[f"{prefix}_net"] = self.network.inner(who)
            words[f"{prefix}_name"] = f"{who}.lab.example"
        return re.sub(r"\{(\w+)\}", lambda m: words.get(m[1], m[0]), str(value))

    # Steps: what a line of a scenario can say.

    def do_initiate(self, child="n", side="initiator"):
        self.daemons[side].initiate(child)

    def do_initiate_soon(self, child="n", side="initiator"):
        """Begins, and does not wait for what comes of it."""
        threading.Thread(target=self.do_initiate, args=(child, side), daemon=True).start()
        time.sleep(0.3)

    def do_initiate_ike(self, conn="c", side="initiator"):
        self.daemons[side].swanctl("--initiate", "--ike", conn, "--timeout", "15", check=False)

    def do_ping(self, count="3", side="initiator", target=None, source=None):
        source = source or self.network.inner(side).split("/")[0]
        target = target or self.network.inner(self._peer(side)).split("/")[0]
        done = self.network.exec(
            side,
            "ping",
            "-n",
            "-c",
            count,
            "-i",
            "0.2",
            "-W",
            "1",
            "-s",
            "56",
            *([] if source == "any" else ["-I", source]),
            target,
            check=False,
        )
        self.pings += (
            int(re.search(r"(\d+) received", done.stdout)[1]) if "received" in done.stdout else 0
        )

    def do_http(self):
        """A TCP connection through the tunnel: a page fetched from the responder."""
        inner = {s: self.network.inner(s).split("/")[0] for s in SIDES}
        server = subprocess.Popen(
            self.network.command(
                "responder",
                sys.executable,
                "-m",
                "http.server",
                "80",
                "--bind",
                inner["responder"],
                "-d",
                f"{self.folder}/ca" if self.scenario.certificates else "/usr/share/common-licenses",
            ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(0.7)
        code = (
            "import http.client as h;c=h.HTTPConnection('%s',80,timeout=5,source_address=('%s',0));"
            "c.request('GET','/BSD');print(len(c.getresponse().read()))"
        )
        self.network.exec(
            "initiator",
            sys.executable,
            "-c",
            code % (inner["responder"], inner["initiator"]),
            check=False,
        )
        server.terminate()
        server.wait()

    def do_rekey_ike(self, side="initiator"):
        self.daemons[side].rekey_ike()

    def do_reauth(self, side="initiator"):
        self.daemons[side].swanctl("--rekey", "--ike", "c", "--reauth")

    def do_rekey_child(self, side="initiator", child="n"):
        self.daemons[side].rekey_child(child)

    def do_terminate(self, side="initiator"):
        self.daemons[side].terminate()

    def do_terminate_child(self, side="initiator", child="n"):
        self.daemons[side].swanctl("--terminate", "--child", child, "--timeout", "5", check=False)

    def do_suspend(self, side="initiator"):
        self.daemons[side].suspend()

    def do_impair(self, side, what):
        """Has libreswan break the protocol on purpose."""
        self.daemons[side].whack("--impair", what)

    def do_redirect(self, gateway, side="responder"):
        self.daemons[side].swanctl("--redirect", "--ike", "c", "--gateway", gateway)

    def do_both(self, what, *args):
        """The same step on both sides at once."""
        self._at_once([(what, side, args) for side in SIDES])

    def do_both_clients(self, what):
        """The same step of two clients at once."""
        self._at_once([(what, side, ()) for side in self.hosts if side != "responder"])

    def do_cross(self):
        """One side rekeys the Child SA while the other rekeys the IKE SA."""
        self._at_once([("rekey-child", "initiator", ()), ("rekey-ike", "responder", ())])

    def _at_once(self, steps):
        threads = []
        for what, side, args in steps:
            step = getattr(self, "do_" + what.replace("-", "_"))
            args = (*(args or ["n"]), side) if what == "initiate" else (side, *args)
            threads.append(threading.Thread(target=step, args=args))
            threads[-1].start()
        for thread in threads:
            thread.join()

    def do_rebind(self, ports):
        """The NAT forgets its mappings and gives ports of this range."""
        self.network.exec("router", "nft", "flush", "ruleset")
        rules = NAT_RULES.replace("masquerade", f"meta l4proto udp masquerade to :{ports}")
        self.network.exec("router", "nft", "-f", "-", input=rules)
        self.network.exec("router", "conntrack", "-F", check=False)

    def do_half_open(self, count):
        """Opens IKE SAs at the responder and leaves them: IKE_SA_INIT of ike-scan."""
        for port in range(int(count)):
            self.network.exec(
                "initiator",
                "ike-scan",
                "--ikev2",
                f"--sport={20000 + port}",
                "--retry=1",
                "--timeout=100",
                "--dhgroup=2",
                self.network.address("responder"),
            )

    def do_lose_answers(self, side, count):
        """Drops the first IKE answers of a later exchange that reach a side on port 4500."""
        self.network.drop_first(side, int(count))

    def do_wire(self, *settings):
        """Has the wire lose, delay or duplicate IKE and ESP from now on."""
        self.network.impair(" ".join(settings))

    def do_sleep(self, seconds):
        time.sleep(float(seconds))

    def do_kill(self, side):
        self.daemons[side].stop(kill=True)

    def do_signal(self, side, name):
        """STOP and CONT: what a daemon does that hangs for a while."""
        for pid in self.network.pids(side):
            with open(f"/proc/{pid}/comm", encoding="utf-8") as comm:
                if comm.read().strip() != "tcpdump":
                    os.kill(int(pid), getattr(signal, f"SIG{name}"))

    def do_block(self, side):
        self.network.block(side)

    def do_block_large(self, side, octets):
        """What a path with a small MTU does to datagrams that must not be fragmented."""
        self.network.block(side, f"meta length > {octets}")

    def do_block_port(self, side, port):
        self.network.block(side, f"udp dport {port}")

    def do_start(self, side):
        """After a kill: what the daemon left behind does not stand for a daemon that runs."""
        socket_file = f"{self.daemons[side].folder}/charon.vici"
        if os.path.exists(socket_file):
            os.unlink(socket_file)
        self.daemons[side].start()
        self.restarted.add(side)

    def do_block_fragments(self, side):
        """What a firewall does that drops all IP fragments but the first."""
        self.network.block(side, "ip frag-off & 0x1fff != 0", hook="prerouting")

    def do_drop(self, side, hook, *what):
        """Drops what nftables is told: output is before the side's own capture, input behind it."""
        self.network.drop(side, hook, " ".join(what))

    def _drop_fragment(self, side, hook, payload, number, place, bits):
        """Drops one fragment of every message, on both ports: its number has BITS at PLACE of the message."""
        for marker in (0, 4):  # bytes before the IKE header, behind 8 bytes of UDP
            header = 8 + marker
            self.network.drop(
                side,
                hook,
                f"udp sport {4500 if marker else 500} @th,{(header + 16) * 8},8 {payload}"
                f" @th,{(header + place) * 8},{bits} {number}",
            )

    def do_drop_fragment(self, side, hook, number):
        """Drops one fragment of every IKEv2 message (RFC 7383 2.5)."""
        self._drop_fragment(side, hook, 53, number, place=32, bits=16)

    def do_drop_fragment_v1(self, side, hook, number):
        """Drops one fragment of every IKEv1 message."""
        self._drop_fragment(side, hook, 132, number, place=34, bits=8)

    def do_reconfigure(self, side, name, value):
        """Gives a strongSwan another setting while it runs."""
        self.daemons[side].reconfigure(name, self._fill(side, value))

    def do_refuse_port(self, side, port):
        """A firewall that says so: ICMP port unreachable."""
        self.network.block(side, f"udp dport {port}", action="reject")

    def do_block_udp(self, side):
        self.network.block(side, "meta l4proto udp")

    def do_unblock(self, side):
        self.network.unblock(side)

    def do_move(self, side, address):
        """Gives a side another address and takes the old one away."""
        old = self.network.exec(
            side, "ip", "-br", "-4", "addr", "show", "dev", "eth0"
        ).stdout.split()[2]
        self.network.exec(side, "ip", "addr", "add", address, "dev", "eth0")
        self.network.exec(side, "ip", "addr", "del", old, "dev", "eth0")

    def do_vpnc(self):
        """vpnc as the initiator: connects, pings, leaves. Its debug log is kept."""

        def write(name, text, mode=0o600):
            with open(f"{self.folder}/{name}", "w", encoding="utf-8") as out:
                out.write(text)
            os.chmod(f"{self.folder}/{name}", mode)
            return f"{self.folder}/{name}"

        script = write(
            "vpnc-script",
            '#!/bin/sh\nif [ "$reason" = connect ]; then\n'
            "ip addr add $INTERNAL_IP4_ADDRESS/32 dev $TUNDEV\nip link set $TUNDEV up mtu 1390\n"
            "ip route add 10.92.0.0/16 dev $TUNDEV\nfi\n",
            0o755,
        )
        secret = self._fill(
            "initiator", self.scenario.settings("initiator")["secrets.ike.secret"]
        ).strip('"')
        conf = write(
            "vpnc.conf",
            f"IPSec gateway {self.network.address('responder')}\nIPSec ID vpn\n"
            f"IPSec secret {secret}\nXauth username carol\nXauth password xauth password\n"
            f"Script {script}\nNAT Traversal Mode natt\nLocal Port 0\n"
            "Perfect Forward Secrecy nopfs\nApplication version Lab\n",
        )
        self.extra["vpnc.log"] = f"{self.folder}/vpnc.log"
        with open(self.extra["vpnc.log"], "w", encoding="utf-8") as log:
            client = subprocess.Popen(
                self.network.command(
                    "initiator", "vpnc", "--non-inter", "--no-detach", "--debug", "99", conf
                ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            time.sleep(2)
            self.do_ping("3", "initiator", "10.92.0.1", "any")
            client.terminate()
            client.wait(10)

    def do_run(self, side, *command):
        """A command of its own in a side's namespace."""
        if side in self.hosts:
            command = [self._fill(side, word) for word in command]
        self.network.exec(side, *command, check=False, timeout=40)


def keep(recording):
    """Moves what was recorded to testdata/ and makes the key table and the facts from the logs."""
    scenario = recording.scenario
    base = f"{TESTDATA}/{scenario.name}"
    os.makedirs(os.path.dirname(base), exist_ok=True)
    kept = base + os.path.splitext(recording.pcap)[1]
    shutil.copy(recording.pcap, kept)
    os.chmod(kept, 0o644)
    logs = []
    for side in recording.hosts:
        source = recording.daemons[side].log
        if not scenario.daemons or side in recording.restarted or not os.path.exists(source):
            continue
        target = f"{base}.{side}.log"
        with open(source, encoding="utf-8", errors="replace") as log:
            lines = list(recording.daemons[side].of_interest(log))
        if lines:
            with open(target, "w", encoding="utf-8") as out:
                out.writelines(lines)
            logs.append(target)
    for side in recording.hosts:
        key_log = getattr(recording.daemons.get(side), "key_log", None)
        if key_log:
            recording.extra[f"{side}.keylog"] = key_log
    for suffix, source in recording.extra.items():
        shutil.copy(source, f"{base}.{suffix}")
        os.chmod(f"{base}.{suffix}", 0o644)
    if scenario.bare_esp:
        capture.write(
            f"{base}.pcap",
            [(*time, capture.without_udp(frame)) for *time, frame in capture.read(f"{base}.pcap")],
        )
    derive(scenario, logs, recording.pings)
    if scenario.made_esp:
        make_esp(recording, base)
    if scenario.made_notify:
        make_notify(scenario, base, logs)


def make_esp(recording, base):
    """Adds ESP of each CHILD_SA made with the keys that the initiator logged."""
    with open(f"{base}.facts.json", encoding="utf-8") as file:
        children = json.load(file)["sides"]["initiator"]["child_sas"]
    network = recording.network
    outer = [socket.inet_aton(network.address(side)) for side in SIDES]
    inner = [socket.inet_aton(network.inner(side).split("/")[0]) for side in SIDES]
    for child in children:
        child["proposal"] = child["proposal"].split("-")[0]  # without the group of its own exchange
        # ESP of all CHILD_SAs behind the messages that set them up
        after = 3 if len(children) == 1 and not recording.scenario.kinds else -1
        esp.add(f"{base}.pcap", child, outer, inner, recording.scenario.made_esp, after)


def make_notify(scenario, base, logs):
    """Changes the notify of the IKE_AUTH response. The logs tell another story from there on: what stays of them is
    who the two sides are, and their keys."""
    with open(f"{base}.facts.json", encoding="utf-8") as file:
        facts = json.load(file)
    answer.replace_notify(
        f"{base}.pcap", facts["sides"]["initiator"]["ike_sas"][0]["keys"][0], *scenario.made_notify
    )
    facts["outcome"] = None
    facts["sides"] = {
        side: {"ike_sas": told["ike_sas"], "child_sas": []} for side, told in facts["sides"].items()
    }
    with open(f"{base}.facts.json", "w", encoding="utf-8") as out:
        json.dump(facts, out, indent=1)
        out.write("\n")
    for log in logs:
        os.unlink(log)


def derive(scenario, logs, pings):
    """Makes the key table and the facts from the logs."""
    base = f"{TESTDATA}/{scenario.name}"
    if not scenario.mixed_keys:
        keys_from_charon_log.write_tables(base, logs)
    facts_from_charon_log.write_facts(base, scenario, logs, pings)


def derive_again(scenario):
    """Makes them again from the logs that are there, for a capture that is kept."""
    base = f"{TESTDATA}/{scenario.name}"
    if scenario.made_notify or not os.path.exists(f"{base}.facts.json"):
        return
    with open(f"{base}.facts.json", encoding="utf-8") as file:
        pings = json.load(file)["pings_answered"]
    logs = [f"{base}.{side}.log" for side in HOSTS if os.path.exists(f"{base}.{side}.log")]
    derive(scenario, logs, pings)


def write_readme():
    """Brings the table of captures in testdata/README.md up to date."""
    path = f"{TESTDATA}/README.md"
    with open(path, encoding="utf-8") as file:
        text = file.read().partition("<!-- captures -->")[0]
    rows = ["| Capture | What it shows | Daemon | Keys |", "|---|---|---|---|"]
    for s in SCENARIOS:
        base = f"{TESTDATA}/{s.name}"
        if not any(os.path.exists(base + suffix) for suffix in (".pcap", ".pcapng")):
            continue
        keys = [v for v in ("ikev1", "ikev2") if os.path.exists(f"{base}.{v}_decryption_table")]
        logs = [side for side in HOSTS if os.path.exists(f"{base}.{side}.log")]
        have = [*(f"{v} table" for v in keys), *(["logs"] if logs else [])]
        rows.append(f"| `{s.name}` | {s.shows} | {s.daemon} | {', '.join(have) or 'none'} |")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text + "<!-- captures -->\n" + "\n".join(rows) + "\n")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--list", action="store_true", help="names of all scenarios")
    parser.add_argument(
        "--derive",
        action="store_true",
        help="record nothing: make key tables and facts again from the logs",
    )
    parser.add_argument("scenario", nargs="*", help="a name, or the beginning of one")
    args = parser.parse_args()
    chosen = [
        s
        for s in SCENARIOS
        if not args.scenario
        or s.name in args.scenario
        or any(n.endswith("*") and s.name.startswith(n[:-1]) for n in args.scenario)
    ]
    if args.list or not chosen:
        for s in SCENARIOS:
            print(f"{s.name:40} {s.shows}")
        return 0 if args.list else 1
    if args.derive:
        for scenario in chosen:
            derive_again(scenario)
        write_readme()
        return 0
    install()
    for root in {s.root for s in chosen if s.root}:
        install_sid(root, SID_PACKAGES, "usr/sbin/charon-systemd")
    if any(s.kinds for s in chosen):
        install_sid(OTHERS_ROOT, OTHERS_PACKAGES, "usr/sbin/iked")
    failed = []
    for number, scenario in enumerate(chosen):
        recording = Recording(scenario, f"{RUN}/{os.getpid()}-{number}")
        try:
            recording.run()
            keep(recording)
            print(
                f"ok      {scenario.name}  {facts_from_charon_log.summary(f'{TESTDATA}/{scenario.name}')}"
            )
            os.environ.get("KEEP") or shutil.rmtree(recording.folder)
        except Exception:
            traceback.print_exc()
            print(f"failed  {scenario.name}, see {recording.folder}")
            failed.append(scenario.name)
    write_readme()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
