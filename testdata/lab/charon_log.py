# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads a strongSwan log (ike = 4, chd = 4, cfg = 2, mgr = 2) into IKE SAs, CHILD_SAs and messages.

A hex dump belongs to the last header of the same thread. Keys belong to the IKE SA that the thread
checks in next: the manager's lines are what ties keys to SPIs.
"""
import re
from dataclasses import dataclass, field

LINE = re.compile(
    r"^(?P<time>.{15,23}?) (?P<thread>\d\d)\[(?P<group>[A-Z0-9]{3})\] "
    r"(?:<[^>]*> )?(?P<text>.*)$"
)
HEADER = re.compile(r"^(?P<name>.*) => (?P<size>\d+) bytes? @ ")
DUMP = re.compile(r"^ *\d+: (?P<hex>(?:[0-9A-F]{2} ?){1,16})")
MESSAGE = re.compile(
    r"^(?P<verb>generating|parsed) (?P<exchange>\S+) (?P<kind>request|response) "
    r"(?P<id>\d+) \[ (?P<payloads>.*?) ?\]$"
)
SPIS = re.compile(r"SPIs (?P<i>[0-9a-f]{16})_i (?P<r>[0-9a-f]{16})_r")
CHECKIN = re.compile(r"^checkin (?P<version>IKEv[12]) SA (?P<name>.*)\[(?P<number>\d+)\] with SPIs")
DESTROY = re.compile(r"^checkin and destroy IKE_SA (?P<name>.*)\[(?P<number>\d+)\]$")
CHECKED_OUT = re.compile(r"^IKE_SA (?P<name>.*)\[(?P<number>\d+)\] successfully checked out$")
ESP_SPI = re.compile(r"^  SPI 0x(?P<spi>[0-9a-f]{8}), src (?P<src>\S+) dst (?P<dst>\S+)")
ESTABLISHED = re.compile(
    r"^IKE_SA .*\[(?P<number>\d+)\] (?:established|rekeyed) between "
    r"\S+\[(?P<me>.*)\]\.\.\.\S+\[(?P<peer>.*)\]$"
)
CHILD = re.compile(
    r"CHILD_SA (?P<name>\S+) (?:established|rekeyed).*?SPIs (?P<in>[0-9a-f]{8})_i "
    r"(?P<out>[0-9a-f]{8})_o and TS (?P<local>.*) === (?P<remote>.*)$"
)
NEXT_IV = re.compile(r"^(?:next|initial) IV(?: for MID (?P<id>\d+))?$")
SA_STATE = re.compile(r"^CHILD_SA (?P<name>\S+\{\d+\}) state change: CREATED => INSTALLING$")

# charon's names of secrets -> ours
IKE_SECRETS = {
    "shared Diffie Hellman secret": "dh_shared",
    "key exchange secret": "dh_shared",
    "additional key exchange secret": "dh_additional",
    "SKEYSEED": "skeyseed",
    "Sk_d secret": "sk_d",
    "Sk_ai secret": "sk_ai",
    "Sk_ar secret": "sk_ar",
    "Sk_ei secret": "sk_ei",
    "Sk_er secret": "sk_er",
    "Sk_pi secret": "sk_pi",
    "Sk_pr secret": "sk_pr",
    "derive keys using PPK": "ppk",
    "SKEYID": "skeyid",
    "SKEYID_d": "skeyid_d",
    "SKEYID_a": "skeyid_a",
    "SKEYID_e": "skeyid_e",
    "encryption key Ka": "key",
    "initial IV": "initial_iv",
    "DH secret": "dh_shared",
}
CHILD_SECRETS = {
    "shared Diffie Hellman secret": "dh_shared",
    "key exchange secret": "dh_shared",
    "DH secret": "dh_shared",
    "additional key exchange secret": "dh_additional",
    "encryption initiator key": "encryption_i",
    "encryption responder key": "encryption_r",
    "integrity initiator key": "integrity_i",
    "integrity responder key": "integrity_r",
}
EVENTS = re.compile(
    r"notify|error|fail|retransmit|giving up|NAT|authentication of|selected proposal|established|"
    r"rekeyed|deleting|unexpected|no .* found|no proposal|virtual IP|redirect|cookie|PPK|DPD|fragment|"
    r"XAuth|EAP|received DELETE|received (?:DPD|XAuth|FRAG|NAT-T)|moved|TS_|invalid|ignor"
)


@dataclass
class IkeSa:
    number: int
    version: str = ""
    spi_i: str = ""
    spi_r: str = ""
    proposal: str = ""
    local_id: str = ""
    remote_id: str = ""
    keys: list = field(default_factory=list)  # one dict per generation of keys
    auth_secrets: list = field(default_factory=list)  # PSK or EAP MSK that AUTH was made with
    ivs: list = field(default_factory=list)  # IKEv1: [message ID, IV] in the order they came
    # Agreed on, while the keys come later and on another thread
    next_ike_proposal: str = ""
    next_child_proposal: str = ""


@dataclass
class ChildSa:
    name: str = ""
    protocol: str = "ESP"
    proposal: str = ""
    spi_in: str = ""
    spi_out: str = ""
    initiator: bool = False  # of the exchange that made it
    local_ts: str = ""
    remote_ts: str = ""
    keys: dict = field(default_factory=dict)


@dataclass
class Thread:
    """What a thread has said since it took up its IKE SA."""

    sa: int = 0
    secrets: list = field(default_factory=list)
    auth: list = field(default_factory=list)
    ivs: list = field(default_factory=list)
    ike_proposal: str = ""
    child_proposal: str = ""
    child: ChildSa = None
    child_name: str = ""
    child_keys: dict = field(default_factory=dict)
    spi_for: str = ""
    initiator: bool = False


class Log:
    """A whole log: sas by number, children, messages and events in order."""

    def __init__(self, path):
        self.sas, self.children, self.messages, self.events = {}, [], [], []
        self.threads = {}
        with open(path, encoding="utf-8", errors="replace") as lines:
            for thread, group, text, data in records(lines):
                self._take(self.threads.setdefault(thread, Thread()), group, text, data)

    def sa(self, number):
        return self.sas.setdefault(number, IkeSa(number))

    def _take(self, thread, group, text, data):
        if data is not None:
            self._secret(thread, group, text, data)
            return
        take = {
            "MGR": self._manager,
            "ENC": self._message,
            "CFG": self._config,
            "CHD": self._child,
            "IKE": self._ike,
        }.get(group)
        if take:
            take(thread, text)
        if (
            group in ("IKE", "CHD", "CFG", "NET", "ENC", "LIB", "TLS", "TNC", "ESP")
            and EVENTS.search(text)
            and not MESSAGE.match(text)
        ):
            self.events.append(text.strip())

    def _secret(self, thread, group, name, data):
        if group == "CHD" and name in CHILD_SECRETS:
            thread.child_keys[CHILD_SECRETS[name]] = data
        elif group == "IKE" and name in IKE_SECRETS:
            thread.secrets.append((IKE_SECRETS[name], data))
        elif group == "IKE" and name == "secret":
            thread.auth.append(data)
        elif group == "IKE" and (m := NEXT_IV.match(name)):
            thread.ivs.append([int(m["id"] or 0), data])

    def _manager(self, thread, text):
        if m := CHECKED_OUT.match(text):
            thread.sa = int(m["number"])
        elif m := CHECKIN.match(text):
            sa = self.sa(int(m["number"]))
            spis = SPIS.search(text)
            sa.version, sa.spi_i = m["version"], spis["i"]
            if spis["r"].strip("0"):
                sa.spi_r = spis["r"]
            self._settle(thread, sa)
        elif m := DESTROY.match(text):
            self._settle(thread, self.sa(int(m["number"])))
        elif text.startswith("checkout IKEv"):
            thread.secrets, thread.auth, thread.ivs = [], [], []
            thread.ike_proposal = thread.child_proposal = thread.child_name = ""

    def _settle(self, thread, sa):
        """Gives the thread's secrets to the SA; a name that comes again begins a new generation."""
        if sa.number == thread.sa:
            sa.next_child_proposal = thread.child_proposal or sa.next_child_proposal
        if thread.ike_proposal and sa.proposal and sa.number == thread.sa:
            sa.next_ike_proposal = thread.ike_proposal  # of the SA that will replace this one
        elif thread.ike_proposal:
            sa.proposal = thread.ike_proposal
        elif thread.secrets and not sa.proposal and thread.sa in self.sas:
            sa.proposal = self.sas[thread.sa].next_ike_proposal
        for name, data in thread.secrets:
            if not sa.keys or name in sa.keys[-1] or name == "ppk":
                sa.keys.append({})
            sa.keys[-1][name] = data
        for secret in thread.auth:
            if secret not in sa.auth_secrets:
                sa.auth_secrets.append(secret)
        sa.ivs += thread.ivs
        thread.secrets, thread.auth, thread.ivs, thread.ike_proposal = [], [], [], ""

    def _message(self, thread, text):
        if m := MESSAGE.match(text):
            self.messages.append(
                {
                    "direction": "sent" if m["verb"] == "generating" else "received",
                    "exchange": m["exchange"],
                    "kind": m["kind"],
                    "message_id": int(m["id"]),
                    "payloads": m["payloads"].split(),
                }
            )
            if m["verb"] == "parsed":
                thread.initiator = m["kind"] == "response"

    @staticmethod
    def _config(thread, text):
        if text.startswith("selected proposal: IKE:"):
            thread.ike_proposal = text.partition(": ")[2]
        elif text.startswith("selected proposal: "):
            thread.child_proposal = text.partition(": ")[2]

    def _child(self, thread, text):
        if m := SA_STATE.match(text):
            thread.child_name = m["name"]
        elif m := re.match(r"^(?:adding|registering) (inbound|outbound) (\S+) SA$", text):
            thread.spi_for = m[1]
            if m[1] == "inbound":
                proposal = thread.child_proposal or self.sa(thread.sa).next_child_proposal
                thread.child = ChildSa(
                    thread.child_name,
                    m[2],
                    proposal,
                    initiator=thread.initiator,
                    keys=thread.child_keys,
                )
                thread.child_keys = {}
                self.children.append(thread.child)
        elif (m := ESP_SPI.match(text)) and thread.spi_for and thread.child:
            side = "spi_in" if thread.spi_for == "inbound" else "spi_out"
            if not getattr(thread.child, side):  # a registered SA is added later, on any thread
                setattr(thread.child, side, m["spi"])
            thread.spi_for = ""
        self._selectors(text)

    def _selectors(self, text):
        if m := CHILD.search(text):
            for child in self.children:
                if child.spi_in == m["in"]:
                    child.name, child.spi_out = m["name"], m["out"]
                    child.local_ts, child.remote_ts = m["local"], m["remote"]

    def _ike(self, _thread, text):
        if m := ESTABLISHED.match(text):
            sa = self.sa(int(m["number"]))
            sa.local_id, sa.remote_id = m["me"], m["peer"]
        self._selectors(text)


def records(lines):
    """Yields (thread, group, text, None) for a line and (thread, group, name, hex) for a dump."""
    open_dumps = {}

    def flush(thread):
        if thread in open_dumps:
            group, name, size, data = open_dumps.pop(thread)
            if len(data) == 2 * size:
                yield thread, group, name, data

    for line in lines:
        m = LINE.match(line.rstrip("\n"))
        if not m:
            continue
        thread, group, text = m["thread"], m["group"], m["text"]
        if thread in open_dumps:
            _, _, size, data = open_dumps[thread]
            row = DUMP.match(text)
            if row and len(data) < 2 * size:
                left = size - len(data) // 2
                octets = row["hex"].replace(" ", "")[: 2 * min(16, left)].lower()
                open_dumps[thread][3] = data + octets
                continue
        yield from flush(thread)
        if h := HEADER.match(text):
            open_dumps[thread] = [group, h["name"], int(h["size"]), ""]
        else:
            yield thread, group, text, None
    for thread in list(open_dumps):
        yield from flush(thread)


def of_interest(lines):
    """The log without the daemon's start and the reading of its settings."""
    keep = False
    for line in lines:
        m = LINE.match(line)
        if m and not keep:
            keep = m["group"] in ("MGR", "NET") or "initiate" in m["text"]
        if keep and not (m and re.search(r"vici client \d+", m["text"])):
            yield line
