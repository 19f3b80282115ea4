# SPDX-License-Identifier: GPL-2.0-or-later
"""A scenario: the settings of both sides, as {"dotted.name": value}, and the steps to take.

conn. stands for the connection, child. for its Child SA, charon. for strongswan.conf; {my_addr},
{peer_name} and the like are filled in for each side.
"""
from dataclasses import dataclass, field

BASE = {
    "conn.version": "2",
    "conn.local_addrs": "{my_addr}",
    "conn.remote_addrs": "{peer_addr}",
    "conn.proposals": "aes256-sha256-ecp256",
    "conn.mobike": "no",
    "conn.local.auth": "psk",
    "conn.local.id": "{my_name}",
    "conn.remote.auth": "psk",
    "conn.remote.id": "{peer_name}",
    "child.local_ts": "{my_net}",
    "child.remote_ts": "{peer_net}",
    "child.esp_proposals": "aes128gcm16",
    "secrets.ike.secret": '"psk of {name}"',
}
CERT = {"conn.local.auth": "pubkey", "conn.remote.auth": "pubkey", "conn.local.certs": "me.pem"}
STEPS = ("initiate", "ping 3", "terminate")


@dataclass
class Scenario:
    name: str  # family/name of the files
    shows: str  # what a reader finds in the capture
    both: dict = field(default_factory=dict)
    initiator: dict = field(default_factory=dict)
    responder: dict = field(default_factory=dict)
    steps: tuple = STEPS
    before: tuple = ()  # steps before the daemons start
    network: str = "direct"
    second: dict = field(default_factory=dict)  # settings of a third host
    second_is: str = "initiator"  # what the third host is besides: another client or another gateway
    capture: str = "responder"  # where tcpdump listens: hosts or host:device; several are merged
    also: str = ""  # what tcpdump takes besides: " or icmp"
    certificates: str = ""  # kind of key of the certificates, if any
    strangers: bool = False  # each side has its own certification authority
    expired: str = ""  # the side whose certificate is out of date
    early: str = ""  # the side whose certificate is not valid yet
    revoked: str = ""  # the side whose certificate is on the list of revoked ones that its peer has
    intermediate: str = ""  # the side whose certificate has an issuer that is not sent
    self_signed: str = ""  # the side whose certificate is its own issuer
    signs_crls: str = ""  # the side whose certificate is for signing CRLs alone
    short_key: str = ""  # the side whose RSA key has 1024 bits
    daemons: bool = True  # False: only the steps speak
    daemon: str = "strongSwan 5.9.8"
    kinds: dict = field(default_factory=dict)  # side -> "libreswan" or "openiked", else strongSwan
    fake_kernel: bool = False  # SAs go to fake_kernel.c: no ESP, but no NAT detection games either
    bare_esp: bool = False  # take the UDP header out of ESP afterwards
    mixed_keys: bool = False  # one thread of the log has keys of several IKE SAs: whose, trial tells
    made_notify: tuple = ()  # (old, new): the type of the notify in the IKE_AUTH response
    made_esp: str = ""  # a plan of esp.py: packets made with the keys of the log
    root: str = None  # a folder with another distribution

    def kind(self, side):
        return self.kinds.get(side, "strongswan")

    def validity(self, side):
        return {self.expired: "past", self.early: "future"}.get(side, "now")

    def settings(self, side):
        role = self.second_is if side == "second" else side
        own = self.initiator if role == "initiator" else self.responder
        return {**BASE, **self.both, **own, **(self.second if side == "second" else {})}
