# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads a libreswan log (plutodebug=base,crypt,private, or without crypt) into the IKE SAs and CHILD_SAs of charon_log."""
import re

from charon_log import ChildSa, IkeSa

KEYS = re.compile(
    r"\| ikev2 (?P<side>[IR]) 0x(?P<i>[0-9a-f]{16}) 0x(?P<r>[0-9a-f]{16}) "
    r"(?P<integ>[^ :]+):(?:0x(?P<ik>[0-9a-f]+))? (?P<enc>[^ :]+):0x(?P<ek>[0-9a-f]+)"
)
AGREED = re.compile(
    r"{cipher=(?P<enc>\S+) integ=(?P<integ>\S+) prf=(?P<prf>\S+) group=(?P<group>\S+)}"
)
CHILD = re.compile(
    r"(?:established|rekeyed) Child SA.*\[(?P<local>\S+)===(?P<remote>\S+)\] "
    r"{(?P<protocol>ESP|AH)[^ ]*=>0x(?P<out>[0-9a-f]{8}) <0x(?P<in>[0-9a-f]{8}) "
    r"xfrm=(?P<xfrm>\S+)"
)
QUICK = re.compile(
    r"(?:IPsec SA established|established IPsec SA).*"
    r"{(?P<protocol>ESP|AH)[^ ]*=>0x(?P<out>[0-9a-f]{8}) <0x(?P<in>[0-9a-f]{8}) "
    r"xfrm=(?P<xfrm>\S+)"
)
DUMP = re.compile(r": \|   (?P<hex>(?:[0-9a-f]{2} {1,2}){1,16})")
NAMED = {
    "our  keymat": "in",
    "peer keymat": "out",
    "  inbound:": "in",
    "  outbound:": "out",
    "ESP encrypt key:": "kernel",
    "ESP integrity key:": "kernel integrity",
}
EXTRACTED = re.compile(r"\| (?P<name>[\w ]+?):? extracted len (?P<size>\d+) bytes")
SECRETS = {"chunk_SK_pi": "sk_pi", "chunk_SK_pr": "sk_pr", "initiator salt": "salt"}
PLAIN = re.compile(r"^.{15}\.\d+: (?!\|)(?P<text>.*)$")


def key_octets(transform):
    """The size of an encryption key with its salt."""
    if transform.startswith("CHACHA20"):
        return 36
    if transform.startswith("3DES"):
        return 24
    bits = int(transform.rsplit("_", 1)[1])
    salt = {"GCM": 4, "CTR": 4, "CCM": 3}.get(transform.split("_")[1], 0)
    return bits // 8 + salt


class PlutoLog:
    """The same picture as charon_log.Log, as far as pluto's log gives it; of messages it says nothing."""

    def __init__(self, path):
        self.sas, self.children, self.messages, self.events = {}, [], [], []
        self.agreed, self.salts, self.found, self.keymat = "", [], {}, {}
        self.kernel = []  # keys of the SA that comes in, and of the one that goes out
        with open(path, encoding="utf-8", errors="replace") as lines:
            for name, data, line in self._dumps(lines):
                if name:
                    self._secret(name, data)
                else:
                    self._line(line)

    @staticmethod
    def _dumps(lines):
        """Yields (name, hex, None) for a dump and (None, None, line) for all else."""
        name, data = None, ""
        for line in lines:
            if name and (row := DUMP.search(line)):
                data += row["hex"].replace(" ", "")
                continue
            if name and "| unwrapped:" in line:
                continue
            if name:
                yield name, data, None
                name, data = None, ""
            text = line.rstrip().partition("| ")[2]
            if text in NAMED:
                name = NAMED[text]
            elif (m := EXTRACTED.search(line)) and m["name"] in SECRETS:
                name = SECRETS[m["name"]]
            else:
                yield None, None, line

    def _secret(self, name, data):
        if name == "salt":
            self.salts = (self.salts + [data[:8]])[-2:]
        elif name in ("in", "out"):
            self.keymat[name] = data
        elif name == "kernel":
            self.kernel.append(data)
        elif name == "kernel integrity":
            self.kernel[-1] += data
        else:
            self.found[name] = data

    def _line(self, line):
        if m := KEYS.search(line):
            self._keys(m)
        if m := AGREED.search(line):
            names = [
                m["enc"],
                *([m["integ"]] if m["integ"] != "n/a" else []),
                "PRF_" + m["prf"],
                m["group"],
            ]
            self.agreed = "IKE:" + "/".join(names)
            for sa in self.sas.values():
                sa.proposal = sa.proposal or self.agreed
        if m := CHILD.search(line) or QUICK.search(line):
            self._child(m)
        if m := PLAIN.match(line):
            self.events.append(m["text"])

    def _keys(self, m):
        sa = next((s for s in self.sas.values() if (s.spi_i, s.spi_r) == (m["i"], m["r"])), None)
        if not sa:
            sa = IkeSa(len(self.sas) + 1, "IKEv2", m["i"], m["r"], self.agreed)
            sa.keys.append(dict(self.found))
            self.sas[sa.number] = sa
            self.found = {}
        who = m["side"].lower()
        salt = ""
        if not m["ik"] and len(self.salts) == 2:
            salt = self.salts[0 if who == "i" else 1]
        sa.keys[0][f"sk_e{who}"] = m["ek"] + salt
        if m["ik"]:
            sa.keys[0][f"sk_a{who}"] = m["ik"]

    def _child(self, m):
        if any(child.spi_in == m["in"] for child in self.children):
            return
        enc, _, integ = m["xfrm"].partition("-")
        child = ChildSa("c", m["protocol"], f"{m['protocol']}:{enc}/{integ}", m["in"], m["out"])
        child.initiator = True
        if "local" in m.re.groupindex:
            child.local_ts, child.remote_ts = m["local"], m["remote"]
        size = 2 * key_octets(enc)
        # As if this side had begun: what it sends is "initiator", which gives each SPI its own keys
        keymat = self.keymat or dict(zip(("in", "out"), self.kernel[-2:]))
        for side, who in (("in", "r"), ("out", "i")):
            if side in keymat:
                child.keys[f"encryption_{who}"] = keymat[side][:size]
                child.keys[f"integrity_{who}"] = keymat[side][size:]
        self.keymat, self.kernel = {}, []
        self.children.append(child)
