# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of the source tree: layers, circles, sizes, versions of Wireshark, words."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GENERATED = ("registry/names_table.c", "registry/vendor_ids_table.c", "registry/private_table.c",
             "proto/ikev1_numbers.h", "proto/ikev2_numbers.h")
# Which layers a layer may include, beside itself.
BELOW = {
    "registry": set(),
    "proto": set(),
    "analysis": {"proto", "registry"},
    "decrypt": {"proto", "registry"},
    "dissector": {"analysis", "decrypt", "proto", "registry"},
    "plugin": {"dissector", "analysis", "decrypt", "proto", "registry"},
}
# Tables whose hash can be foreseen: how many in a file, and why they do no harm.
FORESEEN = {
    "analysis/report/report_text.c": (1, "names of the project"),
    "analysis/report/summary.c": (2, "names of the project"),
    "analysis/tracker/tables.c": (3, "pointers"),
    "decrypt/crypto/openssl_context.c": (1, "names of the project"),
    "decrypt/decrypt.c": (1, "numbers that count up"),
    "decrypt/keylog/charon.c": (1, "at most THREADS_MAX"),
    "decrypt/keylog/summary.c": (3, "numbers that count up, keyed hashes"),
    "decrypt/keys/keyring.c": (1, "names of key logs"),
    "decrypt/keys/sa_keys.c": (1, "kinds and lengths, at most 4,096 of each"),
    "decrypt/log/transcript_fields.c": (1, "at most NAMES_MAX"),
    "decrypt/log/transcript_variables.c": (1, "at most VARIABLES_MAX"),
    "decrypt/search/dh_candidates.c": (1, "numbers that count up"),
    "dissector/ikev2/notify/notify.c": (1, "rows of the project"),
    "dissector/session/tap.c": (1, "frame numbers"),
    "dissector/transport/esp.c": (2, "frame numbers"),
    "tools/log2pcap/charon.c": (1, "at most MAX_THREADS"),
    "tools/log2pcap/convert.c": (1, "keyed hashes"),
    "tools/log2pcap/pluto.c": (1, "at most MAX_INTERFACES"),
    "tools/log2pcap/pluto_sent.c": (1, "at most MAX_STATES"),
}
# Words of STYLE that have a better one, as whole words.
WORDS = re.compile(
    r"\b(un)?seal(ed|s|ing)?\b|\bstays? shut\b|\bverdicts?\b|\bgarbage\b|\boctets after\b|"
    r"\bmended\b|\bbent\b|\banybody\b|\bwhoever\b|\bas ever\b|\banew\b|\bby itself\b|"
    r"\bhas not the length\b|\bcame up in\b|\bagreed on\b|\bforeign\b|\bbend(s|ing)?\b|\bwhence\b|"
    r"\bcomes? to mind\b|\bcome to terms\b", re.I)


def tracked(*patterns):
    run = subprocess.run(["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, check=True,
                         capture_output=True)
    return [Path(name) for name in run.stdout.decode().split("\0") if name]


def sources(*folders):
    wanted = folders or tuple(BELOW)
    return [path for path in tracked("*.c", "*.h") if path.parts[0] in wanted]


def text_of(path):
    return (ROOT / path).read_text(encoding="utf-8")


def includes_of(path):
    return re.findall(r'#include "([^"]+)"', text_of(path))


@pytest.fixture(scope="module", autouse=True)
def in_a_checkout():
    if not shutil.which("git") or subprocess.run(["git", "rev-parse"], cwd=ROOT, capture_output=True).returncode:
        pytest.skip("not a git checkout")


def test_every_source_names_its_licence():
    for path in tracked("*.c", "*.h", "*.py", "*.sh", "*.cmake", "*CMakeLists.txt"):
        assert "SPDX-License-Identifier: GPL-2.0-or-later" in text_of(path)[:400], path


def test_includes_go_down():
    for path in sources():
        layer = path.parts[0]
        for include in includes_of(path):
            assert (ROOT / include).exists(), f"{path}: {include} is no path from the root"
            target = Path(include).parts[0]
            assert target == layer or target in BELOW[layer], f"{path} includes {include}"


def test_epan_and_openssl_stay_in_their_layers():
    for path in sources():
        text = text_of(path)
        if path.parts[0] not in ("dissector", "plugin"):
            assert not re.search(r"#include [<\"](epan|wsutil|wiretap)/", text), path
        if path.parts[0] != "decrypt":
            assert not re.search(r"#include [<\"]openssl/", text), path


def assert_no_circle(below):
    """`below`: what each name is above of."""
    done, path = set(), []

    def visit(name):
        assert name not in path, " -> ".join(path[path.index(name):] + [name])
        if name in done:
            return
        path.append(name)
        for other in sorted(below.get(name, ())):
            visit(other)
        path.pop()
        done.add(name)

    for name in below:
        visit(name)


def test_no_circle_of_includes():
    assert_no_circle({str(path): includes_of(path) for path in sources() if path.suffix == ".h"})


def code_of(path):
    """Its text without comments and strings."""
    return re.sub(r'/\*.*?\*/|"(?:[^"\\\n]|\\.)*"', " ", text_of(path), flags=re.S)


def test_no_circle_of_calls():
    """A file that only calls down can be read alone."""
    code = {str(path): code_of(path) for path in sources() if path.suffix == ".c" and str(path) not in GENERATED}
    owner = {}
    for path, text in code.items():
        for head in re.findall(r"^(?!static)[a-z][^;{}=]*\)\n\{", text, re.M):
            owner[re.search(r"(\w+)\(", head)[1]] = path
        for name in re.findall(r"^const \w+ (\w+) = \{", text, re.M):
            owner[name] = path
    assert len(owner) > 1000
    assert_no_circle({path: {owner[name] for name in set(re.findall(r"\w+", text)) if owner.get(name, path) != path}
                      for path, text in code.items()})


def test_versions_of_wireshark_only_in_compat_h():
    for path in sources():
        if path != Path("dissector/base/compat.h"):
            assert "WIRESHARK_VERSION_M" not in text_of(path), path


def test_private_structures_of_wireshark_stay_private():
    for path in sources():
        found = re.search(r"PITEM_FINFO|->rep\b|item_label_t|->last_child|->ref_type", text_of(path))
        assert not found, f"{path}: {found[0]}"


def test_tables_have_a_keyed_hash():
    """A table whose keys a capture or a log can choose, with a hash that they can foresee, costs quadratic time."""
    made = re.compile(r"(?:g_hash_table_new|g_hash_table_new_full|wmem_map_new|wmem_map_new_autoreset)\((?:wmem_\w+\(\), )*(\w+)")
    for path in sources(*BELOW, "tools"):
        found = [name for name in made.findall(text_of(path)) if re.match(r"NULL$|g_\w+_hash$", name)]
        assert len(found) == FORESEEN.get(str(path), (0,))[0], f"{path}: {found}"


def test_files_are_short():
    for path in sources():
        if str(path) not in GENERATED:
            assert len(text_of(path).splitlines()) <= 600, path


def functions_of(text):
    """Name and length of each function, by the project's format: a brace in the first column."""
    lines = text.splitlines()
    start = None
    for number, line in enumerate(lines):
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            head = " ".join(lines[max(0, start - 6):start])
            names = re.findall(r"(\w+)\(", head)
            yield (names[-1] if names else "?", number - start - 1)
            start = None


def test_functions_are_short():
    long = [f"{path}: {name} {length}" for path in sources() if str(path) not in GENERATED
            for name, length in functions_of(text_of(path))
            if length > 60 and "register" not in name and "hf_register_info" not in text_of(path)]
    assert not long, "\n".join(long)


def test_words():
    found = []
    for path in tracked("*.c", "*.h", "*.md", "*.py", "*.sh", "*.txt"):
        if path.parts[0] == "testdata" or path.name == "test_house.py":
            continue
        for number, line in enumerate(text_of(path).splitlines(), 1):
            match = WORDS.search(line)
            if match:
                found.append(f"{path}:{number}: {match[0]}")
    assert not found, "\n".join(found)
