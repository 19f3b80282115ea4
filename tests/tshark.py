# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs tshark, with the plugin or without it, the way a user would, and reads what it shows.

Wireshark ignores WIRESHARK_PLUGIN_DIR for root, so root runs it as nobody. Captures and key files are
copied to where nobody may read them.
"""
import json
import os
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTDATA = ROOT / "testdata"
NOBODY = 65534


def plugin_dir():
    """The plugin folder under test: IKE_PLUGIN_DIR, else that of the usual build."""
    return os.environ.get("IKE_PLUGIN_DIR") or str(ROOT / "build" / "plugins")


class Tshark:
    """One configuration: a home with a profile, and the plugin or not. Use as a context manager."""

    def __init__(self, plugin=True, tables=None, plugins=None):
        """tables: file name in the profile -> text, for instance ikev2_decryption_table.
        plugins: another plugin folder than the usual one."""
        self.home = tempfile.mkdtemp(prefix="ike-test-")
        self.plugins = os.path.join(self.home, "plugins")
        if plugin:
            shutil.copytree(plugins or plugin_dir(), self.plugins)
        else:
            os.mkdir(self.plugins)
        self.profile = os.path.join(self.home, ".config", "wireshark")
        os.makedirs(self.profile)
        for name, text in (tables or {}).items():
            self.profile_file(name, text)
        self._open_up()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        shutil.rmtree(self.home, ignore_errors=True)

    def _open_up(self):
        for folder, folders, files in os.walk(self.home):
            os.chmod(folder, 0o777)
            for name in files:
                os.chmod(os.path.join(folder, name), 0o755)

    def profile_file(self, name, text):
        with open(os.path.join(self.profile, name), "w") as file:
            file.write(text)
        self._open_up()

    def place(self, source, name=None):
        """A copy that tshark may read, of a file (Path) or of bytes; returns its path."""
        target = os.path.join(self.home, name or (source.name if isinstance(source, Path) else "capture.pcap"))
        if isinstance(source, Path):
            shutil.copyfile(source, target)
        else:
            with open(target, "wb") as file:
                file.write(source)
        os.chmod(target, 0o644)
        return target

    def merged(self, files):
        """One capture of several, one after the other: one start of tshark instead of many."""
        target = os.path.join(self.home, "merged.pcapng")
        subprocess.run(["mergecap", "-a", "-w", target, *map(str, files)], check=True)
        return Path(target).read_bytes()

    def command(self, *arguments, program="tshark"):
        command = [program, *map(str, arguments)]
        if os.geteuid() == 0:
            command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
        return command

    def environment(self):
        environment = dict(os.environ)
        environment.update(HOME=self.home, XDG_CONFIG_HOME=os.path.join(self.home, ".config"),
                           WIRESHARK_PLUGIN_DIR=self.plugins, LC_ALL="C.UTF-8", TZ="UTC")
        return environment

    def raw(self, *arguments, program="tshark", timeout=120, **more):
        return subprocess.run(self.command(*arguments, program=program), env=self.environment(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout, check=False, **more)

    def run(self, capture, *arguments, timeout=120):
        """stdout as text; anything on stderr but the warning about root and the note about a log without
        keys is an error."""
        result = self.raw("-r", self.place(capture), "-n", *arguments, timeout=timeout)
        errors = [line for line in result.stderr.decode(errors="replace").splitlines()
                  if line and "Running as user" not in line and "no key recognized in" not in line and
                  "none used in this capture" not in line]
        assert result.returncode == 0 and not errors, (result.returncode, errors[:10])
        return result.stdout.decode(errors="replace")

    def fields(self, capture, names, display_filter=None, *arguments):
        """For each frame a dict: field name -> list of shown values."""
        more = ["-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=\x1f"]
        for name in names:
            more += ["-e", name]
        if display_filter:
            more += ["-Y", display_filter]
        frames = []
        for line in self.run(capture, *more, *arguments).splitlines():
            values = line.split("\t") + [""] * len(names)
            frames.append({name: value.split("\x1f") if value else [] for name, value in zip(names, values)})
        return frames

    def frames(self, capture, display_filter, *arguments):
        """The numbers of the frames that a filter matches."""
        return [int(frame["frame.number"][0])
                for frame in self.fields(capture, ["frame.number"], display_filter, *arguments)]

    def info(self, capture, *arguments):
        return [frame["_ws.col.Info"][0] if frame["_ws.col.Info"] else ""
                for frame in self.fields(capture, ["_ws.col.Info"], None, *arguments)]

    def pdml(self, capture, *arguments):
        """Every packet as an XML element."""
        return list(ET.fromstring(self.run(capture, "-T", "pdml", *arguments)).iter("packet"))

    def text(self, capture, *arguments):
        return self.run(capture, "-V", *arguments)


def wireshark_version():
    """(major, minor) of the tshark under test."""
    words = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, re.search(r"(\d+)\.(\d+)", words).groups()))


def steady(name, show):
    """The value as every Wireshark shows it: from 4.4 on flags are True and False, and the code of a
    mobile network has its zeros."""
    if name == "e212.mnc":
        return show.lstrip("0") or "0"
    return {"True": "1", "False": "0"}.get(show, show)


def shown(packet, name=None):
    """All (name, show, showname) of a PDML packet, or those of one field."""
    found = [(element.get("name"), steady(element.get("name"), element.get("show") or ""), element.get("showname") or "")
             for element in packet.iter() if element.tag in ("field", "proto")]
    return [entry for entry in found if name is None or entry[0] == name]


def facts(capture):
    """The facts that a lab capture's daemon logged, from NAME.facts.json beside NAME.pcap."""
    return json.loads((capture.parent / (capture.stem + ".facts.json")).read_text())


def captures(family):
    """All captures of a family of the lab."""
    return sorted((TESTDATA / family).glob("*.pcap"))


def tables_of(*families):
    """The decryption tables of all captures of these families, as profile files."""
    tables = {}
    for name in ("ikev1_decryption_table", "ikev2_decryption_table"):
        rows = "".join(path.read_text() for family in families
                       for path in sorted((TESTDATA / family).glob("*." + name)))
        if rows:
            tables[name] = rows
    return tables
