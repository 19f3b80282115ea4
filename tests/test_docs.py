# SPDX-License-Identifier: GPL-2.0-or-later
"""README.md and docs/: no dead link, no stale example, no name that the plugin does not have."""
import importlib.util
import re

import pytest

from tshark import ROOT, Tshark

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def tool(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in link:
            assert (page.parent / link.partition("#")[0]).exists() or link.startswith("#"), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_are_what_tshark_prints(page):
    text = page.read_text(encoding="utf-8")
    assert tool("examples").renew(text) == text, "run tools/examples.py"


def test_list_of_fields():
    """Names, not descriptions: those may be written while the list is not renewed. Later versions of Wireshark
    have more fields of their own below esp."""
    fields = tool("fields")
    listed = set(re.findall(r"^\| `([^`]+)` \|", fields.PAGE.read_text(encoding="utf-8").partition(fields.BEGIN)[2], re.M))
    found = set(fields.fields(True))
    assert listed <= found and all(name.startswith("esp.") for name in found - listed), "run tools/fields.py"


@pytest.fixture(scope="module")
def known():
    """Names of fields and preferences, and the help of -z."""
    with Tshark() as tshark:
        fields = re.findall(r"\t((?:isakmp|esp)\.[\w.]+)\t", tshark.raw("-G", "fields").stdout.decode())
        preferences = re.findall(r"^#?((?:isakmp|esp)\.[\w.]+):", tshark.raw("-G", "currentprefs").stdout.decode(), re.M)
        statistics = tshark.raw("-z", "help")
    return {*fields, *preferences}, (statistics.stdout + statistics.stderr).decode()


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "fields.md"], ids=lambda page: page.name)
def test_fields_statistics_and_preferences_exist(page, known):
    """Preferences of ports exist and are not listed."""
    names, statistics = known
    text = page.read_text(encoding="utf-8")
    for name in re.findall(r"(?<![\w/-])(isakmp\.[a-z][a-z0-9_.]*[a-z0-9_])", text):
        assert name.endswith((".so", ".port")) or any(one.startswith(name) for one in names), name
    for name in re.findall(r"-z ((?:conv|endpoints|flow),isakmp|isakmp,\w+)", text):
        assert name in statistics, name


def test_what_to_do_about_every_code():
    """docs/debugging.md says of each code of a failure what to change; those of weak algorithms stand in docs/report.md."""
    kinds = re.findall(r'\{"\w+", "([A-Z0-9_]+)",\s+"[^"]*",\s+\w+,\s+\w+,\s+(true|false)\}',
                       (ROOT / "analysis" / "findings" / "kinds.c").read_text())
    assert len(kinds) > 80
    pages = {security: (ROOT / "docs" / name).read_text() for security, name in (("false", "debugging.md"), ("true", "report.md"))}
    assert [code for code, security in kinds if f"`{code}`" not in pages[security]] == []
