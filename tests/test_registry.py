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
VALUE_STRINGS = Path("dissector/base/value_strings.c")
STRINGS = (ROOT / VALUE_STRINGS).read_text(encoding="ascii")


def csv_rows(name):
    with open(REGISTRY / "csv" / f"{name}.csv", newline="", encoding="ascii") as stream:
        return list(csv.DictReader(stream))


def values_of(array):
    """Number -> name of a value_string array in value_strings.c, in the order it stands there."""
    body = re.search(r"value_string ike_strings_%s\[\] = \{\n(.*?)\n\};" % array, STRINGS, re.S)
    return re.findall(r'\{(\d+), "(.*)"\},', body.group(1))


def test_generated_files_are_current():
    result = subprocess.run([sys.executable, str(ROOT / "tools" / "registry.py"), "--check"],
                            capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_check_notices_a_change(tmp_path):
    tools, folder = tmp_path / "tools", tmp_path / "registry"
    generated = ["proto/ike_numbers.h", str(VALUE_STRINGS), str(VALUE_STRINGS.with_suffix(".h"))]
    for path in [*(ROOT / "tools").glob("registry*.py"), *(ROOT / name for name in generated),
                 *REGISTRY.glob("*.[ch]"), *(REGISTRY / "csv").glob("*.csv")]:
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    changed = folder / "csv" / "ikev2-encr.csv"
    changed.write_text(changed.read_text().replace("ENCR_AES_CBC", "ENCR_OTHER"))
    command = [sys.executable, str(tools / "registry.py")]
    result = subprocess.run(command + ["--check"], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "names_table.c" in result.stdout and "value_strings.c" in result.stdout
    assert "ENCR_OTHER" not in (tmp_path / VALUE_STRINGS).read_text()
    subprocess.run(command, check=True, capture_output=True)
    assert "ENCR_OTHER" in (tmp_path / VALUE_STRINGS).read_text()


def test_value_strings_ascend():
    arrays = re.findall(r"value_string ike_strings_(\w+)\[\]", STRINGS)
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
def test_value_strings_hold_every_single_value(array, files):
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


def test_an_ambiguous_private_number_has_no_name():
    """40961 is REACTIVATION_REQUESTED_CAUSE (3GPP) and USE_BEET_MODE (strongSwan)."""
    assert "40961" not in dict(values_of("ikev2_notify"))


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
