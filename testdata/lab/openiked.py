# SPDX-License-Identifier: GPL-2.0-or-later
"""One iked (OpenIKED) per side, in Debian sid's folder, over fake_kernel.c; its folder is /etc/iked."""
import os
import shutil
import subprocess
import time

# iked.conf, one rule; {mode} is active or passive
RULE = (
    'ikev2 "c" {iked.mode} esp from {my_net} to {peer_net} local {my_addr} peer {peer_addr} '
    "ikesa {iked.ikesa} childsa {iked.childsa} srcid {my_name} dstid {peer_name} {iked.lifetime} "
    "psk {secrets.ike.secret} {iked.options}\n"
)
DEFAULTS = {
    "iked.ikesa": "enc aes-256 prf hmac-sha2-256 auth hmac-sha2-256 group curve25519",
    "iked.childsa": "enc aes-256 auth hmac-sha1 group none",
    "iked.lifetime": "ikelifetime 0",
    "iked.options": "",
}


class Iked:
    """The same calls as Charon, for OpenIKED, which begins as soon as it runs."""

    def __init__(self, network, side, folder, settings, root=None, preload=None):
        self.network, self.side, self.folder, self.root = network, side, folder, root
        self.log, self.process = f"{folder}/iked.log", None
        words = {
            **DEFAULTS,
            **settings,
            "iked.mode": "active" if side == "initiator" else "passive",
        }
        rule = settings["iked.rule"]
        for name, value in words.items():
            rule = rule.replace("{" + name + "}", str(value))
        for name in ("private", "ca", "certs", "crls", "pubkeys"):
            os.makedirs(f"{folder}/{name}", exist_ok=True)
        shutil.copy(preload, f"{folder}/fake_kernel.so")
        with open(f"{folder}/iked.conf", "w", encoding="utf-8") as out:
            out.write(rule)
        os.chmod(f"{folder}/iked.conf", 0o600)
        subprocess.run(
            [
                "openssl",
                "ecparam",
                "-name",
                "prime256v1",
                "-genkey",
                "-noout",
                "-out",
                f"{folder}/private/local.key",
            ],
            check=True,
        )

    def start(self):
        if self.side == "responder":
            self._run()

    def _run(self):
        """Now and then it asks the kernel sooner than fake_kernel.c answers, and ends: once more."""
        for _ in range(5):
            self._run_once()
            if self.process.poll() is None:
                return
        raise RuntimeError(f"iked of the {self.side} does not start, see {self.log}")

    def _run_once(self):
        root = self.root
        script = (
            f"mount --bind {self.folder} {root}/etc/iked && mount -t proc proc {root}/proc && "
            f"mount --bind /dev {root}/dev && mount -t tmpfs tmpfs {root}/run && "
            f"exec chroot {root} env LD_PRELOAD=/etc/iked/fake_kernel.so iked -dvvv -f /etc/iked/iked.conf"
        )
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                self.network.command(self.side, "unshare", "-m", "sh", "-c", script),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        time.sleep(1)

    def initiate(self, _child="n"):
        self._run()
        time.sleep(1)

    def terminate(self):
        self.stop()
        time.sleep(0.5)

    def stop(self, kill=False):
        if not self.process or self.process.poll() is not None:
            return
        self.process.terminate()  # the parent takes its children with it
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()

    @staticmethod
    def of_interest(lines):
        return lines
