# SPDX-License-Identifier: GPL-2.0-or-later
"""One charon per side, each with its own settings, log and control socket, and no trace of where it ran."""
import os
import shutil
import subprocess
import time

import charon_log
from network import sh

PLUGINS = (
    "random nonce openssl gcrypt aes sha1 sha2 md5 hmac kdf xcbc cmac ctr ccm gcm chapoly "
    "curve25519 gmp mgf1 pem pkcs1 pkcs7 pkcs8 pkcs12 pubkey x509 revocation constraints "
    "eap-identity eap-md5 eap-mschapv2 eap-gtc eap-tls eap-ttls "
    "xauth-generic unity attr socket-default kernel-libipsec kernel-netlink vici"
)
CHARON = {
    "swanctl.load": "random openssl gcrypt pem pkcs1 pkcs8 pubkey x509",
    "charon-systemd.load": PLUGINS,
    "charon-systemd.install_virtual_ip_on": "lo",
    "charon-systemd.send_vendor_id": "yes",
    "charon-systemd.retransmit_timeout": "2.0",
    "charon-systemd.plugins.vici.socket": "unix:///etc/swanctl/charon.vici",
    "charon-systemd.plugins.kernel-libipsec.allow_peer_ts": "yes",
    "charon-systemd.journal.default": "-1",
    "charon-systemd.filelog.log.path": "/etc/swanctl/charon.log",
    "charon-systemd.filelog.log.time_format": "%b %e %T",
    "charon-systemd.filelog.log.flush_line": "yes",
    "charon-systemd.filelog.log.default": "1",
    "charon-systemd.filelog.log.ike": "4",
    "charon-systemd.filelog.log.chd": "4",
    "charon-systemd.filelog.log.cfg": "2",
    "charon-systemd.filelog.log.mgr": "2",
}
SHORT = {
    "conn.": "connections.c.",
    "child.": "connections.c.children.n.",
    "charon.": "charon-systemd.",
}


def expand(settings):
    """Writes the short names out: conn. is the connection c, child. its CHILD_SA n."""
    out = {}
    for key, value in settings.items():
        for short, long in SHORT.items():
            if key.startswith(short):
                key = long + key[len(short) :]
                break
        out[key] = value
    return out


def render(settings):
    """Turns {"a.b": value} into the nested sections that strongswan.conf and swanctl.conf share."""
    tree = {}
    for key, value in settings.items():
        if value is None:
            continue
        *path, leaf = key.split(".")
        node = tree
        for part in path:
            node = node.setdefault(part, {})
        node[leaf] = value
    lines = []

    def walk(node, depth):
        for name, value in node.items():
            pad = "  " * depth
            if isinstance(value, dict):
                lines.append(f"{pad}{name} {{")
                walk(value, depth + 1)
                lines.append(f"{pad}}}")
            else:
                lines.append(f"{pad}{name} = {value}")

    walk(tree, 0)
    return "\n".join(lines) + "\n"


class Charon:
    """One charon-systemd in its namespace; its folder appears to it as /etc/swanctl."""

    def __init__(self, network, side, folder, settings, root=None, preload=None):
        self.network, self.side, self.folder = network, side, folder
        self.root, self.preload = root, preload
        self.uri = f"unix://{folder}/charon.vici"
        self.log = f"{folder}/charon.log"
        settings = expand(settings)
        daemon = dict(CHARON)
        if preload:
            daemon["charon-systemd.load"] = PLUGINS.replace("kernel-libipsec ", "")
        daemon.update({k: v for k, v in settings.items() if k.startswith("charon-systemd.")})
        rest = {
            k: v
            for k, v in settings.items()
            if not k.startswith(("charon-systemd.", "pluto.", "iked."))
        }
        self.settings = rest
        os.makedirs(folder, exist_ok=True)
        if preload:  # seen by the daemon in its own folder
            shutil.copy(preload, f"{folder}/fake_kernel.so")
        for name, text in (("strongswan.conf", render(daemon)), ("swanctl.conf", render(rest))):
            with open(f"{folder}/{name}", "w", encoding="utf-8") as out:
                out.write(text)
        self.process = None

    def start(self):
        env = dict(os.environ, STRONGSWAN_CONF="/etc/swanctl/strongswan.conf")
        root = self.root or ""
        setup = f"mount --bind {self.folder} {root}/etc/swanctl && "
        if self.root:
            setup += f"mount --bind /dev {root}/dev && mount -t proc proc {root}/proc && "
        run = f"exec {'chroot ' + root if root else ''} "
        if self.preload:
            run += "env LD_PRELOAD=/etc/swanctl/fake_kernel.so "
        self.process = subprocess.Popen(
            self.network.command(
                self.side, "unshare", "-m", "sh", "-c", setup + run + "/usr/sbin/charon-systemd"
            ),
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(100):
            if os.path.exists(f"{self.folder}/charon.vici"):
                break
            if self.process.poll() is not None:
                raise RuntimeError(f"charon of the {self.side} ended at once, see {self.log}")
            time.sleep(0.1)
        self.swanctl("--load-all", "--noprompt")

    def swanctl(self, *args, check=True, timeout=60):
        """Talks to this daemon; the answer is its CompletedProcess."""
        env = dict(
            os.environ, SWANCTL_DIR=self.folder, STRONGSWAN_CONF=f"{self.folder}/strongswan.conf"
        )
        try:
            done = sh("swanctl", *args, "--uri", self.uri, check=False, env=env, timeout=timeout)
        except subprocess.TimeoutExpired:
            return None
        if check and done.returncode:
            raise RuntimeError(f"swanctl {args}: {done.stdout}{done.stderr}")
        return done

    def reconfigure(self, name, value):
        """Changes one setting of swanctl.conf and loads it."""
        self.settings.update(expand({name: value}))
        with open(f"{self.folder}/swanctl.conf", "w", encoding="utf-8") as out:
            out.write(render(self.settings))
        self.swanctl("--load-all", "--noprompt")

    def initiate(self, child="n"):
        self.swanctl("--initiate", "--child", child, "--timeout", "15", check=False)

    def rekey_ike(self):
        self.swanctl("--rekey", "--ike", "c")

    def rekey_child(self, child="n"):
        self.swanctl("--rekey", "--child", child)

    def terminate(self):
        self.swanctl("--terminate", "--ike", "c", "--timeout", "5", check=False)

    @staticmethod
    def of_interest(lines):
        return charon_log.of_interest(lines)

    def stop(self, kill=False):
        if not self.process or self.process.poll() is not None:
            return
        (self.process.kill if kill else self.process.terminate)()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def add_files(self, files):
        """Copies credentials: {"x509/me.pem": source}."""
        for name, source in files.items():
            os.makedirs(os.path.dirname(f"{self.folder}/{name}"), exist_ok=True)
            shutil.copy(source, f"{self.folder}/{name}")
