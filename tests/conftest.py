# SPDX-License-Identifier: GPL-2.0-or-later
"""Configurations that many tests share."""
import pytest

from tshark import Tshark, tables_of


@pytest.fixture(scope="session")
def plain():
    """The plugin, no keys."""
    with Tshark() as tshark:
        yield tshark


@pytest.fixture(scope="session")
def builtin():
    """Wireshark as it comes."""
    with Tshark(plugin=False) as tshark:
        yield tshark


@pytest.fixture(scope="session")
def keyed():
    """The plugin with the decryption tables of all lab captures."""
    with Tshark(tables=tables_of("ikev1", "ikev2", "multiple-ke")) as tshark:
        yield tshark


@pytest.fixture(scope="session")
def builtin_keyed():
    """Wireshark as it comes, with the same tables."""
    with Tshark(plugin=False, tables=tables_of("ikev1", "ikev2", "multiple-ke")) as tshark:
        yield tshark
