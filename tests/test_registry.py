# SPDX-License-Identifier: GPL-2.0-or-later
"""The generated tables of registry/ are current, sorted and say what the CSV files say."""

import csv
import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
REGISTRY = ROOT / "registry"
NAMES = (REGISTRY / "names_table.c").read_text(encoding="ascii")


def csv_rows(name):
    with open(REGISTRY / "csv" / f"{name}.csv", newline="", encoding="ascii") as stream:
        return list(csv.DictReader(stream))


def values_of(array):
    """Number -> name of the single values of an array in names_table.c, in the order they stand there."""
    body = re.search(r"rows_%s\[\] = \{\n(.*?)\n\};" % array, NAMES, re.S)
    return re.findall(r'\{(\d+), \1, "(.*)"\},', body.group(1))


def test_generated_files_are_current():
    result = subprocess.run([sys.executable, str(ROOT / "tools" / "registry.py"), "--check"],
                            capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_check_notices_a_change(tmp_path):
    tools, folder = tmp_path / "tools", tmp_path / "registry"
    for path in [*(ROOT / "tools").glob("registry*.py"), *(ROOT / "proto").glob("ikev[12]_numbers.h"),
                 *REGISTRY.glob("*.[ch]"), *(REGISTRY / "csv").glob("*.csv")]:
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    changed = folder / "csv" / "ikev2-encr.csv"
    changed.write_text(changed.read_text().replace("ENCR_AES_CBC", "ENCR_OTHER"))
    command = [sys.executable, str(tools / "registry.py")]
    result = subprocess.run(command + ["--check"], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "names_table.c" in result.stdout
    assert "ENCR_OTHER" not in (folder / "names_table.c").read_text()
    subprocess.run(command, check=True, capture_output=True)
    assert "ENCR_OTHER" in (folder / "names_table.c").read_text()


def test_values_ascend():
    arrays = re.findall(r"ike_registry_row rows_(\w+)\[\]", NAMES)
    assert len(arrays) > 80
    for array in arrays:
        numbers = [int(number) for number, _ in values_of(array)]
        assert numbers == sorted(set(numbers)), array


@pytest.mark.parametrize("array, files", [
    ("ikev2_notify", ["ikev2-notify-errors", "ikev2-notify-status"]),
    ("ikev2_encr", ["ikev2-encr"]),
    ("ikev2_cfg_attr", ["ikev2-config-attributes"]),
    ("ikev1_notify", ["isakmp-notify"]),
    ("ikev1_transform_esp", ["esp-transform-ids"]),
])
def test_every_single_value_is_there(array, files):
    found = dict(values_of(array))
    for row in (row for file in files for row in csv_rows(file)):
        if "-" not in row["value"]:
            assert found[row["value"]] == row["name"]


def test_guesses_are_no_names():
    """A row of low confidence gives no name to a field."""
    guessed = [row for row in csv_rows("ipsec-doi-notify") if row["confidence"] == "low"]
    assert guessed
    for row in guessed:
        assert row["value"] not in dict(values_of("ikev1_notify"))


def test_vendor_ids_are_the_hashes_of_their_texts():
    hashed = 0
    for row in csv_rows("vendor-ids"):
        if row["derivation"].startswith("md5") and row["verified"] == "yes" and \
                not row["derivation"].startswith("md5-freeswan"):
            text = row["text"].replace("\\n", "\n").encode("ascii")
            digest = hashlib.md5(text).hexdigest()
            fixed = row["value"].rstrip(".")
            if row["derivation"].startswith("md5-truncated-"):
                fixed = fixed[:2 * int(row["derivation"].removeprefix("md5-truncated-"))]
            assert digest.startswith(fixed) or fixed.startswith(digest), row["name"]
            hashed += 1
    assert hashed > 150
