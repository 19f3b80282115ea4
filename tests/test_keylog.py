# SPDX-License-Identifier: GPL-2.0-or-later
"""The key log readers find every secret that a recorded daemon log is known to hold (facts.json), bound
to the SPIs it belongs to, and complain of nothing."""

import json
import os
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

TESTDATA = Path(__file__).resolve().parent.parent / "testdata"
PRINT = os.environ.get("PRINT_KEYLOG", "print_keylog")
FACTS = sorted(TESTDATA.glob("*/*.facts.json"))
UNBOUND = ("0" * 16, "0" * 16)
KINDS = ["skeyseed", "sk_d", "sk_ai", "sk_ar", "sk_ei", "sk_er", "sk_pi", "sk_pr"]
KINDS_V1 = {"skeyid": "V1_SKEYID", "skeyid_d": "V1_SKEYID_D", "skeyid_a": "V1_SKEYID_A",
            "skeyid_e": "V1_SKEYID_E", "key": "V1_KEY", "encryption_key": "V1_KEY"}


class Secrets:
    """What print_keylog printed."""

    def __init__(self, text):
        self.sets = defaultdict(dict)  # number -> kind -> [hex]
        self.spis = {}
        self.peers, self.warnings = [], []
        self.nothing = False  # and the user is told so
        self.esp, self.ah = defaultdict(list), defaultdict(list)
        for line in text.splitlines():
            words = line.split()
            if words[0] == "set":
                self.sets[words[1]][words[5]] = words[6].split(",")
                self.spis[words[1]] = (words[3], words[4])
            elif words[0] == "peer":
                self.peers.append((int(words[1]), words[-1]))
            elif words[0] == "esp":
                self.esp[words[1]].append(words[2:])
            elif words[0] == "ah":
                self.ah[words[1]].append(words[2:])
            elif words[0] == "warning" and "no key recognized in" in line:
                self.nothing = True
            elif words[0] == "warning":
                self.warnings.append(line)

    def of(self, spi_i, spi_r, kind):
        return [value for number, kinds in self.sets.items()
                if self.spis[number] == (spi_i, spi_r or self.spis[number][1]) for value in kinds.get(kind, [])]


def read(*paths):
    return Secrets(subprocess.run([PRINT, *map(str, paths)], check=True, capture_output=True,
                                  text=True).stdout)


def is_iked(log):
    return "ikev2_sa_keys:" in log.read_text(errors="replace")


def destroys_another(log):
    return "destroying duplicate IKE_SA" in log.read_text(errors="replace")


def sides():
    for path in FACTS:
        if path.parent.name == "keylogger":  # logs of the key logger, beside facts of pluto, which has no salts
            continue
        facts = json.loads(path.read_text())
        for side in facts.get("sides", {}):
            log = path.with_name(path.name.replace(".facts.json", f".{side}.log"))
            if log.exists():
                yield pytest.param(log, facts["sides"][side], id=f"{path.parent.name}/{log.stem}")


@pytest.mark.parametrize("log, facts", sides())
def test_log_against_facts(log, facts):
    secrets = read(log)
    left_to_trial = "IKE_REKEY collision" in log.read_text(errors="replace")
    assert not secrets.warnings
    assert secrets.nothing == (not secrets.sets and not secrets.esp and not secrets.peers)
    for sa in facts["ike_sas"]:
        spis = sa["spi_i"], sa["spi_r"]

        def found(kind):
            return secrets.of(*spis, kind) + (secrets.of(*UNBOUND, kind) if left_to_trial else [])

        for keys in sa["keys"]:
            for kind in KINDS:
                if kind in keys:
                    assert keys[kind] in found(kind.upper()), kind
            for kind, name in KINDS_V1.items():
                if kind in keys:
                    assert keys[kind] in secrets.of(*spis, name), kind
            if "dh_shared" in keys:
                assert keys["dh_shared"] in found("DH_SHARED")
            if "ppk" in keys:
                assert (1, keys["ppk"]) in secrets.peers
        for secret in sa.get("auth_secrets", []):
            assert (0, secret) in secrets.peers or secret in secrets.of(*spis, "MSK")
    for child in facts["child_sas"]:
        if child["protocol"] != "ESP":
            assert not any(secrets.esp[spi] for spi in child.get("esp", {}))
            for spi, keys in child.get("esp", {}).items():
                assert [record[-1] for record in secrets.ah[spi]] == [keys["integrity"]]
            continue
        for spi, keys in child.get("esp", {}).items():
            found = secrets.esp[spi]
            # Some logs have both keys in one piece: the ring cuts it. OpenIKED does not say which
            # direction is whose, nor charon where it destroys another IKE SA in between: then the
            # other one's keys are a second candidate.
            expected = (keys.get("encryption") or "") + (keys.get("integrity") or "")
            pieces = ["".join(record[4:]).replace("-", "") for record in found]
            assert expected in pieces, spi
            if not (is_iked(log) or destroys_another(log)):
                assert len(pieces) == 1
            assert found[0][0] != "-", "the algorithms are in the log"


def test_one_file_holds_both_sides(tmp_path):
    """Two daemons, one log: threads of the same number do not get mixed up where a prefix tells them
    apart, and where one log follows the other."""
    log = TESTDATA / "ikev2" / "psk-aes-cbc"
    sides = [log.with_name(f"{log.name}.{side}.log").read_text().splitlines()
             for side in ("initiator", "responder")]
    apart = [read(log.with_name(f"{log.name}.{side}.log")) for side in ("initiator", "responder")]
    after = tmp_path / "after.log"
    after.write_text("\n".join(sides[0] + sides[1]) + "\n")
    mixed = tmp_path / "mixed.log"
    with mixed.open("w") as out:
        for number in range(max(map(len, sides))):
            for pid, lines in enumerate(sides):
                if number < len(lines):
                    out.write(lines[number].replace("Nov 23 ", "Nov 23 ", 1)[:16]
                              + f"gw charon[{700 + pid}]: " + lines[number][16:] + "\n")
    for path in after, mixed:
        both = read(path)
        assert not both.warnings
        for side in apart:
            for number, kinds in side.sets.items():
                for kind, values in kinds.items():
                    for value in values:
                        assert value in both.of(*side.spis[number], kind)
            for spi, records in side.esp.items():
                assert all(record in both.esp[spi] for record in records)


def test_cut_at_every_line(tmp_path):
    """A log that ends anywhere gives what it has, and complains of one dump at most."""
    text = (TESTDATA / "ikev2" / "rekey-child-pfs.responder.log").read_text().splitlines(True)
    paths = []
    for number in range(len(text)):
        paths.append(tmp_path / f"{number}.log")
        paths[-1].write_text("".join(text[:number]))
        os.utime(paths[-1], (1, 1))  # nobody writes to it any more
    out = subprocess.run([PRINT, "-n", *map(str, paths)], check=True, capture_output=True,
                         text=True).stdout.splitlines()
    counts = [(int(line.split()[3]), int(line.split()[5])) for line in out]
    assert len(counts) == len(text)
    assert all(warnings <= 1 for _, warnings in counts)
    assert any(warnings == 1 for _, warnings in counts)
    assert [secrets for secrets, _ in counts] == sorted(secrets for secrets, _ in counts)


def test_every_log_was_seen():
    assert len(list(sides())) > 100


def test_lines_of_docker_that_lost_their_ends_are_no_parts(tmp_path):
    """One line with its end does not join all the others."""
    log = TESTDATA / "ikev2" / "psk-aes-cbc.responder.log"
    docker = tmp_path / "docker.log"
    lines = [json.dumps({"log": line, "stream": "stdout"}) for line in log.read_text(errors="replace").splitlines()]
    docker.write_text("\n".join([*lines, json.dumps({"log": "ready\n"})]) + "\n")
    plain, wrapped = ([line for line in subprocess.check_output([PRINT, path], text=True).splitlines()
                       if not line.startswith("file ")] for path in (log, docker))
    assert len(plain) > 8 and wrapped == plain
