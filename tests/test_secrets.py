# SPDX-License-Identifier: GPL-2.0-or-later
"""The Diffie-Hellman secrets and pre-shared keys of the lab's sessions, in our own key log format, and
nothing else: every IKE message and every ESP packet is still decrypted."""
import random
import re
from pathlib import Path

import pytest

from test_lab import KEYS_NOT_LOGGED, is_not_decrypted, logged, packet_count
from tshark import TESTDATA, facts

# The facts have no shared secret of these: where both sides rekey at once, the log does not tell
# whose is whose (the log itself still decrypts the session: test_lab.py).
NO_SECRET = {"rekey-ike-both"}


def shared_of(entry):
    """Shared secrets of one key derivation or Child SA, in the order of the exchanges."""
    additional = entry.get("dh_additional") or []
    secrets = [entry["dh_shared"]] if entry.get("dh_shared") else []
    return secrets + (additional if isinstance(additional, list) else [additional])


def native_log(capture, bound):
    """The key log of a capture, from what its daemons logged."""
    lines, psks = [], set()
    for side in facts(capture)["sides"].values():
        for sa in side["ike_sas"]:
            version = "IKEV1" if sa["version"].startswith("IKEv1") else "IKEV2"
            spis = f"{sa['spi_i']} {sa.get('spi_r') or '-'}" if bound else "-"
            for keys in sa["keys"]:
                lines += [f"{version}_DH_SHARED {spis} {secret}" for secret in shared_of(keys)]
                if keys.get("ppk"):
                    lines.append(f"IKE_PPK - 0x{keys['ppk']}")
            psks |= set(sa.get("auth_secrets") or [])
        for child in side["child_sas"]:
            lines += [f"IKE_DH_SHARED - {secret}" for secret in shared_of(child.get("keys") or {})]
    text = facts(capture).get("psk")
    lines += [f"IKE_PSK - 0x{psk}" for psk in sorted(psks)]
    lines += [f'IKE_PSK - "{text}"'] if text else []
    return list(dict.fromkeys(lines))


@pytest.mark.parametrize("bound", [True, False], ids=["bound to SPIs", "bound to nothing"])
@pytest.mark.parametrize("family", ["ikev1", "ikev2", "multiple-ke"])
def test_shared_secrets_open_everything(plain, family, bound):
    files = [capture for capture in logged(family) if capture.stem not in KEYS_NOT_LOGGED | NO_SECRET]
    log = "\n".join(line for capture in files for line in native_log(capture, bound)) + "\n"
    packets = plain.pdml(plain.merged(files), "-o",
                         f"isakmp.keylog_file:{plain.place(log.encode(), 'secrets.log')}")
    encrypted, first = {}, 0
    for capture in files:
        count = packet_count(capture)
        missed = [number for number, packet in enumerate(packets[first:first + count], 1) if is_not_decrypted(packet)]
        if missed:
            encrypted[capture.stem] = missed
        first += count
    assert not encrypted


def test_a_pair_among_a_million(plain):
    """A log of many negotiations has the PSK of one at about the place of its shared secret: such pairs come first."""
    capture, chance = TESTDATA / "ikev1" / "aes128-md5.pcap", random.Random(1)
    told = facts(capture)
    shared = told["sides"]["initiator"]["ike_sas"][0]["keys"][0]["dh_shared"]
    secrets = [chance.randbytes(len(shared) // 2).hex() for _ in range(1000)]
    psks = [chance.randbytes(20).hex() for _ in range(1000)]
    secrets[500], psks[503] = shared, told["psk"].encode().hex()
    log = "".join(f"IKEV1_DH_SHARED - {secret}\n" for secret in secrets) + "".join(f"IKE_PSK - 0x{psk}\n" for psk in psks)
    frames = plain.fields(capture, ["isakmp.enc.contained"], "isakmp.flag_e == 1", "-o",
                          f"isakmp.keylog_file:{plain.place(log.encode(), 'many.log')}")
    assert frames and all(frame["isakmp.enc.contained"] for frame in frames)


def test_the_tree_says_where_the_key_came_from(plain, keyed):
    for capture in (TESTDATA / "ikev2" / "3des-md5-modp1536.pcap", logged("ikev1")[0]):
        log = plain.place("\n".join(native_log(capture, True)).encode(), "secrets.log")
        names = ["isakmp.enc.key_source", "isakmp.enc.contained"]
        for shown, source in (
                (plain.fields(capture, names, "isakmp", "-o", f"isakmp.keylog_file:{log}"), "key log file"),
                (keyed.fields(capture, names, "isakmp"), "decryption table"),
                (plain.fields(capture, names, "isakmp"), None)):
            decrypted = [frame for frame in shown if frame["isakmp.enc.contained"]]
            assert bool(decrypted) == bool(source)
            for frame in shown:
                sources = frame["isakmp.enc.key_source"]
                assert bool(sources) == (frame in decrypted)
                place = rf"( {re.escape(Path(log).name)}:\d+| row \d+)?"
                assert all(re.match(rf"{source}{place} \(.*\)$", text) for text in sources[:1]), sources
                # What AUTH or HASH was verified with.
                assert all(re.match(rf"(PSK table|{source}){place} \(.*\)$", text) for text in sources[1:]), sources
