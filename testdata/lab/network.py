# SPDX-License-Identifier: GPL-2.0-or-later
"""Network namespaces for the lab: two hosts on one wire, or one of them behind a NAT router."""
import os
import subprocess
import sys

# Where each side lives. The inner address is what the tunnel protects; it sits on the loopback.
DIRECT = {"initiator": ("10.9.0.1/24", None), "responder": ("10.9.0.2/24", None)}
NAT = {"initiator": ("192.168.9.1/24", "192.168.9.254"), "responder": ("10.9.0.2/24", None)}
PLANS = {
    "direct": DIRECT,
    "wire": DIRECT,
    "bridge": DIRECT,
    "vxlan": DIRECT,
    "ipv6": {"initiator": ("fd00:9::1/64", None), "responder": ("fd00:9::2/64", None)},
    "nat": NAT,
    "three": {**DIRECT, "second": ("10.9.0.3/24", None)},
    "nat3": {**NAT, "second": ("192.168.8.1/24", "192.168.8.254")},
}
WIRED = ("wire", "three")  # with wire.py between the hosts
ROUTED = (*WIRED, "bridge", "nat", "nat3")  # with a host between them
OUTER = {"initiator": "10.8.0.1", "responder": "10.8.0.2"}  # between which the VXLAN goes
INNER = {"initiator": "10.91.0.1/32", "responder": "10.92.0.1/32", "second": "10.93.0.1/32"}
INNER_IPV6 = {"initiator": "fd00:91::1/128", "responder": "fd00:92::1/128"}
NAT_RULES = """
table ip nat {
  chain post {
    type nat hook postrouting priority 100
    oifname "out0" masquerade
  }
}
"""


def sh(*args, check=True, **kw):
    """Runs a command and returns its CompletedProcess with the output as text."""
    done = subprocess.run([str(a) for a in args], text=True, capture_output=True, **kw)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(map(str, args))}: {done.stdout}{done.stderr}")
    return done


class Network:
    """The namespaces of one scenario: made on entry, gone on exit."""

    def __init__(self, plan):
        self.plan = plan
        tag = f"ikelab{os.getpid()}"
        self.names = {side: f"{tag}-{side[0]}" for side in PLANS[plan]}
        self.wire = None
        if plan in ROUTED:
            self.names["router"] = f"{tag}-n"

    def address(self, side):
        return PLANS[self.plan][side][0].split("/")[0]

    def inner(self, side):
        return (INNER_IPV6 if self.plan == "ipv6" else INNER)[side]

    def exec(self, side, *args, **kw):
        return sh("ip", "netns", "exec", self.names[side], *args, **kw)

    def pids(self, side):
        return sh("ip", "netns", "pids", self.names[side]).stdout.split()

    def command(self, side, *args):
        """The argument list that runs a command inside a namespace."""
        return ["ip", "netns", "exec", self.names[side], *map(str, args)]

    def __enter__(self):
        try:
            self._make()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.wire:
            self.wire.stdin.close()
            self.wire.wait()
        for name in self.names.values():
            sh("ip", "netns", "del", name, check=False)

    def _make(self):
        for side, name in self.names.items():
            sh("ip", "netns", "add", name)
            self.exec(side, "ip", "link", "set", "lo", "up")
            self.exec(side, "sysctl", "-qw", "net.ipv4.conf.all.promote_secondaries=1")
            if self.plan != "ipv6":
                self.exec(
                    side,
                    "sysctl",
                    "-qw",
                    "net.ipv6.conf.all.disable_ipv6=1",
                    "net.ipv6.conf.default.disable_ipv6=1",
                )
            else:
                self.exec(
                    side,
                    "sysctl",
                    "-qw",
                    "net.ipv6.conf.default.accept_dad=0",
                    "net.ipv6.conf.default.router_solicitations=0",
                )
        if self.plan in WIRED:
            self._make_wire()
        elif self.plan == "bridge":
            self._make_bridge()
        elif self.plan == "vxlan":
            self._make_vxlan()
        elif self.plan.startswith("nat"):
            self._wire("initiator", "eth0", "router", "in0")
            self._wire("router", "out0", "responder", "eth0")
            self._address("router", "in0", "192.168.9.254/24")
            self._address("router", "out0", "10.9.0.254/24")
            if "second" in self.names:
                self._wire("second", "eth0", "router", "in1")
                self._address("router", "in1", "192.168.8.254/24")
            self.exec("router", "sysctl", "-qw", "net.ipv4.ip_forward=1")
            self.exec("router", "nft", "-f", "-", input=NAT_RULES)
        else:
            self._wire("initiator", "eth0", "responder", "eth0")
        for side, (address, gateway) in PLANS[self.plan].items():
            self._address(side, "eth0", address)
            self.exec(side, "ip", "addr", "add", self.inner(side), "dev", "lo")
            if gateway:
                self.exec(side, "ip", "route", "add", "default", "via", gateway)

    def _make_bridge(self):
        self.exec("router", "ip", "link", "add", "br0", "type", "bridge")
        for side, port in (("initiator", "port0"), ("responder", "port1")):
            self._wire(side, "eth0", "router", port)
            self.exec("router", "ip", "link", "set", port, "master", "br0")
        self.exec("router", "ip", "link", "set", "br0", "up")

    def _make_vxlan(self):
        self._wire("initiator", "outer", "responder", "outer")
        for side, peer in (("initiator", "responder"), ("responder", "initiator")):
            self._address(side, "outer", OUTER[side] + "/24")
            vxlan = f"type vxlan id 42 local {OUTER[side]} remote {OUTER[peer]} dstport 4789"
            self.exec(side, "ip", "link", "add", "eth0", *vxlan.split())
            self.exec(side, "ip", "link", "set", "eth0", "up")

    def _make_wire(self):
        devices = [f"w{number}" for number in range(len(PLANS[self.plan]))]
        for side, device in zip(PLANS[self.plan], devices):
            self._wire(side, "eth0", "router", device)
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "wire.py")
        self.wire = subprocess.Popen(
            self.command("router", sys.executable, program, *devices),
            stdin=subprocess.PIPE,
            text=True,
        )

    def impair(self, settings):
        """Has the wire lose, delay or duplicate from now on (wire.py)."""
        self.wire.stdin.write(settings + "\n")
        self.wire.stdin.flush()

    def _wire(self, side_a, dev_a, side_b, dev_b):
        sh(
            "ip",
            "link",
            "add",
            dev_a,
            "netns",
            self.names[side_a],
            "type",
            "veth",
            "peer",
            "name",
            dev_b,
            "netns",
            self.names[side_b],
        )
        for side, dev in ((side_a, dev_a), (side_b, dev_b)):
            self.exec(side, "ip", "link", "set", dev, "up")
            self.exec(
                side,
                "ethtool",
                "-K",
                dev,
                "tx",
                "off",
                "rx",
                "off",
                "tso",
                "off",
                "gso",
                "off",
                "gro",
                "off",
                check=False,
            )

    def _address(self, side, dev, address):
        flags = ["nodad"] if ":" in address else []
        self.exec(side, "ip", "addr", "add", address, "dev", dev, *flags)

    def _nft(self, side, table, hook, rule):
        """A table of nftables with one rule."""
        rules = f"table inet {table} {{\n chain c {{\n type filter hook {hook} priority 0\n {rule}\n }}\n}}\n"
        self.exec(side, "nft", "-f", "-", input=rules)

    def block(self, side, what="", action="drop", hook="input"):
        """Drops all that reaches a side, or what nftables is told, so that its peer hears nothing."""
        self._nft(side, "lab", hook, f"iifname eth0 {what} {action}")

    def drop(self, side, hook, what):
        """Drops what nftables is told in a table of its own, so that several rules can stand together."""
        self._nft(side, f"lab_{hook}", hook, f"{what} drop")

    def drop_first(self, side, count):
        """Drops the first COUNT packets from the peer's port 4500."""
        self._nft(side, "lab", "input", f"udp sport 4500 limit rate {count}/day burst {count} packets drop")

    def unblock(self, side):
        self.exec(side, "nft", "delete", "table", "inet", "lab")
