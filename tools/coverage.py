# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads every capture of testdata/ with the secrets beside it, in the program of a coverage build; see coverage.sh."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOBODY = 65534


def main():
    build = pathlib.Path(sys.argv[1])
    captures = sorted(path for path in (ROOT / "testdata").rglob("*") if path.suffix in (".pcap", ".pcapng"))
    with tempfile.TemporaryDirectory(prefix="ike-coverage-") as name:
        folder = pathlib.Path(name)
        (folder / "data").mkdir()
        shutil.copy(build / "tests" / "ike_lifecycle", folder / "reader")
        words = {}
        for number, capture in enumerate(captures):
            shutil.copy(capture, folder / f"{number}{capture.suffix}")
            words.setdefault(capture.parent, []).extend(["open", str(folder / f"{number}{capture.suffix}"), "close"])
        for number, place in enumerate(words):
            (folder / f"keys{number}").mkdir()
            for path in place.iterdir():
                if path.suffix in (".log", ".txt", ".keylog"):
                    shutil.copy(path, folder / f"keys{number}")
        subprocess.run(["chmod", "-R", "a+rX", name], check=True)
        command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
        for number, place in enumerate(words):
            environment = {**os.environ, "HOME": name, "XDG_CONFIG_HOME": name, "WIRESHARK_DATA_DIR": str(folder / "data"),
                           "LLVM_PROFILE_FILE": str(build / "profiles" / f"captures-{number}.profraw")}
            taps = [word for tap in ("isakmp,report", "isakmp,report,json", "isakmp,summary", "isakmp,summary,json",
                                     "isakmp,keys") for word in ("tap", tap)]
            done = subprocess.run([*command, str(folder / "reader"), "set", f"isakmp.keylog_file:{folder}/keys{number}", *taps, *words[place]],
                                  env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
            if done.returncode:
                print(place, done.returncode, done.stderr[-300:].decode(errors="replace"), file=sys.stderr)


if __name__ == "__main__":
    main()
