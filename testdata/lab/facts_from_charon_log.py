#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes down what the daemons' logs say of a capture: NAME.facts.json, the truth that tests compare with.

    testdata/lab/facts_from_charon_log.py LOG...     prints the facts
"""
import json
import os
import re
import sys

import daemon_log

NOTIFY = re.compile(r"N\((\w+)\)")


def facts_of_log(path):
    """What one side saw."""
    log = daemon_log.read(path)
    return {
        "ike_sas": [
            {
                "version": sa.version,
                "spi_i": sa.spi_i,
                "spi_r": sa.spi_r,
                "proposal": sa.proposal,
                "local_id": sa.local_id,
                "remote_id": sa.remote_id,
                "keys": sa.keys,
                "auth_secrets": sa.auth_secrets,
                **({"ivs": sa.ivs} if sa.ivs else {}),
            }
            for sa in log.sas.values()
        ],
        "child_sas": [
            {
                "name": child.name,
                "protocol": child.protocol,
                "proposal": child.proposal,
                "spi_in": child.spi_in,
                "spi_out": child.spi_out,
                "exchange_initiator": child.initiator,
                "local_ts": child.local_ts,
                "remote_ts": child.remote_ts,
                "keys": child.keys,
                "esp": esp_keys(child),
            }
            for child in log.children
        ],
        "messages": log.messages,
        "notifies": sorted(
            {n for m in log.messages for n in NOTIFY.findall(" ".join(m["payloads"]))}
        ),
        "events": log.events,
    }


def esp_keys(child):
    """SPI -> keys. The exchange initiator's keys are those of what it sends."""
    out = {}
    for spi, sends in ((child.spi_in, not child.initiator), (child.spi_out, child.initiator)):
        who = "i" if sends else "r"
        if spi and child.keys:
            out[spi] = {
                "encryption": child.keys.get(f"encryption_{who}", ""),
                "integrity": child.keys.get(f"integrity_{who}", ""),
            }
    return out


def agree(sides):
    """The two daemons log the same secrets, or the reading of the logs is wrong."""
    seen = {}
    for side in sides.values():
        for spi, keys in ((s, k) for c in side["child_sas"] for s, k in c["esp"].items()):
            if seen.setdefault(spi, keys) != keys:
                raise ValueError(f"the daemons disagree on ESP {spi}")
        for sa in side["ike_sas"]:
            for number, keys in enumerate(sa["keys"]):
                for name, value in keys.items():
                    if sa["spi_r"] and seen.setdefault((sa["spi_i"], number, name), value) != value:
                        raise ValueError(f"the daemons disagree on {name} of {sa['spi_i']}")


def outcome(sides):
    """How it ended, in the daemon's own words."""
    events = [e for side in sides.values() for e in side["events"]]
    for event in events:
        if re.search(
            r"^received \S+ (?:notify error|error notify|notify, no CHILD_SA)|EAP_FAILURE|rejected by peer|^giving up after",
            event,
        ):
            return event
    if any(
        re.search(
            r"CHILD_SA.*established|established Child SA|IPsec SA established|" r"loaded SPIs", e
        )
        for e in events
    ):
        return "CHILD_SA established"
    if any("IKE_SA" in e and "established" in e for e in events):
        return "IKE_SA established"
    return "not established"


def write_facts(base, scenario, logs, pings):
    sides = {re.search(r"\.(\w+)\.log$", path)[1]: facts_of_log(path) for path in logs}
    psk = scenario.settings("initiator").get("secrets.ike.secret")
    uses_psk = "psk" in (
        scenario.settings("initiator").get("conn.local.auth"),
        scenario.settings("initiator").get("conn.remote.auth"),
    )
    if scenario.mixed_keys:
        for sa in (sa for side in sides.values() for sa in side["ike_sas"]):
            sa["keys"] = []
    if psk == scenario.settings("responder").get("secrets.ike.secret"):
        agree(sides)
    facts = {
        "name": scenario.name,
        "shows": scenario.shows,
        "daemon": scenario.daemon,
        "psk": psk.strip('"').replace("{name}", scenario.name.replace("/", "-"))
        if psk and uses_psk
        else None,
        "pings_answered": pings,
        "outcome": outcome(sides) if sides else None,
        "sides": sides,
    }
    with open(f"{base}.facts.json", "w", encoding="utf-8") as out:
        json.dump(facts, out, indent=1)
        out.write("\n")


def summary(base):
    """One line on a facts file, for the eye."""
    with open(f"{base}.facts.json", encoding="utf-8") as file:
        facts = json.load(file)
    sides = facts["sides"].values()
    keyed = max((sum(bool(s["keys"]) for s in side["ike_sas"]) for side in sides), default=0)
    esp = max((sum(len(c["esp"]) for c in side["child_sas"]) for side in sides), default=0)
    capture = next(base + end for end in (".pcap", ".pcapng") if os.path.exists(base + end))
    size = os.path.getsize(capture)
    return (
        f"{size} B, keyed IKE SAs {keyed}, ESP keys {esp}, pings {facts['pings_answered']}: "
        f"{facts['outcome']}"
    )


if __name__ == "__main__":
    json.dump({path: facts_of_log(path) for path in sys.argv[1:]}, sys.stdout, indent=1)
    print()
