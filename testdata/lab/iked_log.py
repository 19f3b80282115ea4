# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads an OpenIKED log (iked -dvvv) into the IKE SAs and CHILD_SAs of charon_log."""
import re

from charon_log import ChildSa, IkeSa

HEADER = re.compile(
    r"ikev2_pld_parse: header ispi 0x(?P<i>[0-9a-f]{16}) rspi 0x(?P<r>[0-9a-f]{16}) .*"
    r"exchange (?P<exchange>\S+) flags 0x(?P<flags>[0-9a-f]{2}) msgid (?P<id>\d+)"
)
PAYLOAD = re.compile(r"ikev2_pld_payloads: (?:decrypted )?payload (?P<name>\S+) nextpayload")
PROPOSAL = re.compile(r"ikev2_pld_sa: .* protoid (?P<protocol>\S+)")
TRANSFORM = re.compile(r"ikev2_pld_xform: .* type (?P<type>\S+) id (?P<id>\S+)")
KEY_LENGTH = re.compile(r"ikev2_pld_attr: attribute type KEY_LENGTH length (?P<bits>\d+)")
NOTIFY = re.compile(r"ikev2_pld_notify: .* type (?P<type>\S+)")
SECRET = re.compile(
    r"(?:spi=0x(?P<spi>[0-9a-f]{16}): )?ikev2_sa_keys: (?P<name>DHSECRET|SKEYSEED|SK_\w\w?) "
    r"with (?P<size>\d+) bytes"
)
KEYMAT = re.compile(r"ikev2_prfplus: Tn with (?P<size>\d+) bytes")
LENGTH = re.compile(r"ikev2_childsa_negotiate: key material length (?P<size>\d+)")
LOADED = re.compile(
    r"loaded (?:CHILD SA )?SPIs: 0x(?P<a>[0-9a-f]{8}), 0x(?P<b>[0-9a-f]{8}) "
    r"\(enc (?P<enc>[^)]*)\)"
)
HEX = re.compile(r"^[0-9a-f]{8}(?: [0-9a-f]{2,8})*$")
NAMES = {"DHSECRET": "dh_shared", "SKEYSEED": "skeyseed"}
EVENT = re.compile(r"^spi=0x|loaded|failed|error|authenticated|NAT")


class IkedLog:
    """The same picture as charon_log.Log. A message appears once, as it is parsed."""

    def __init__(self, path):
        self.sas, self.children, self.messages, self.events = {}, [], [], []
        self.header, self.transforms, self.secrets, self.keymat, self.length = None, [], {}, "", 0
        self.agreed = ""
        self.protocol, self.current, self.initiator = "", None, False
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line, data in self._dumps(lines):
                self._take(line, data)

    @staticmethod
    def _dumps(lines):
        """Yields each line with the hex that stands below it."""
        head, data = None, ""
        for line in lines:
            line = line.rstrip()
            if HEX.match(line):
                data += line.replace(" ", "")
                continue
            if head is not None:
                yield head, data
            head, data = line, ""
        if head is not None:
            yield head, data

    def _take(self, line, data):
        if m := HEADER.search(line):
            self._message(m)
        elif (m := PAYLOAD.search(line)) and self.messages:
            if m["name"] != "SK":
                self.messages[-1]["payloads"].append(m["name"])
        elif (m := NOTIFY.search(line)) and self.messages:
            self.messages[-1]["payloads"].append(f"N({m['type']})")
        elif m := PROPOSAL.search(line):
            self.protocol, self.transforms = m["protocol"], []
        elif m := TRANSFORM.search(line):
            self.transforms.append(
                {"CURVE25519": "CURVE_25519", "3DES": "3DES_CBC"}.get(m["id"], m["id"])
                if m["type"] != "PRF"
                else "PRF_" + m["id"]
            )
            self._proposal()
        elif (m := KEY_LENGTH.search(line)) and self.transforms:
            self.transforms[-1] += "_" + m["bits"]
        elif m := SECRET.search(line):
            self._secret(m, data)
        elif m := LENGTH.search(line):
            self.length = int(m["size"])
        elif KEYMAT.search(line):
            self.keymat = data
        elif m := LOADED.search(line):
            self._loaded(m)
        if "send IKE_SA_INIT req" in line:
            self.initiator = True
        if EVENT.search(line):
            self.events.append(line)

    def _message(self, m):
        self.header = m
        if m["r"].strip("0"):
            self._sa(m["i"], m["r"])
        self.messages.append(
            {
                "direction": "parsed",
                "exchange": m["exchange"],
                "kind": "response" if int(m["flags"], 16) & 0x20 else "request",
                "message_id": int(m["id"]),
                "payloads": [],
            }
        )

    def _proposal(self):
        """The answer to IKE_SA_INIT holds the chosen proposal."""
        if self.protocol == "IKE" and self.header and int(self.header["flags"], 16) & 0x20:
            sa = self._sa(self.header["i"], self.header["r"])
            names = [t.replace("_ICV", "") for t in self.transforms]
            sa.proposal = self.agreed = "IKE:" + "/".join(names)

    def _sa(self, spi_i, spi_r=None):
        for sa in self.sas.values():
            if sa.spi_i == spi_i:
                break
        else:
            sa = IkeSa(
                len(self.sas) + 1, "IKEv2", spi_i, proposal=self.agreed
            )  # a rekeyed SA's is the same
            self.sas[sa.number] = sa
        if spi_r and spi_r.strip("0"):
            sa.spi_r = spi_r
        return sa

    def _secret(self, m, data):
        name = NAMES.get(m["name"], m["name"].lower())
        if m["spi"]:
            self.current = self._sa(m["spi"])
        if name == "dh_shared" or not self.current.keys:
            self.current.keys.append({})
        self.current.keys[-1][name] = data[: 2 * int(m["size"])]

    def _loaded(self, m):
        keys = self.keymat[: 2 * self.length]
        half = len(keys) // 2
        enc = {"aes-128": 16, "aes-192": 24, "aes-256": 32, "3des": 24}.get(
            m["enc"].split()[0], 0
        ) * 2
        # The SPI of what the initiator sends stands first
        spi_in, spi_out = (m["b"], m["a"]) if self.initiator else (m["a"], m["b"])
        child = ChildSa(
            "c",
            "ESP",
            "ESP:" + m["enc"],
            spi_in,
            spi_out,
            self.initiator,
            keys={
                "encryption_i": keys[:enc],
                "integrity_i": keys[enc:half],
                "encryption_r": keys[half : half + enc],
                "integrity_r": keys[half + enc :],
            },
        )
        self.children.append(child)
