# SPDX-License-Identifier: GPL-2.0-or-later
"""One pluto (libreswan) per side, in Debian sid's folder, over fake_kernel.c; its folder is /etc/ipsec.d."""
import os
import re
import shutil
import subprocess
import time

from network import sh

CONNECTION = {
    "left": "{my_addr}",
    "right": "{peer_addr}",
    "leftid": "@{my_name}",
    "rightid": "@{peer_name}",
    "leftsubnet": "{my_net}",
    "rightsubnet": "{peer_net}",
    "authby": "secret",
    "keyexchange": "ikev2",
    "mobike": "no",
}
SETUP = {
    "logfile": "/etc/ipsec.d/pluto.log",
    "plutodebug": "base,crypt,private",
    "nssdir": "/etc/ipsec.d/nss",
    "ipsecdir": "/etc/ipsec.d",
    "secretsfile": "/etc/ipsec.d/ipsec.secrets",
    "ikev1-policy": "accept",
}
# What fills a debug log and says nothing of the session
NOISE = re.compile(
    r": \| .*(?:addref|delref|newref|spent [\d.]+|libevent|logger: |fd@|whack|callback|cmd\(|CONCATENATE|"
    r"target:|flags: |key_size|base:|params:|mechanism|matching|comparing|State DB|routing:|emitting|popen|"
    r"slot-key|comparator|next payload chain|initialized|jam|sendrecv_xfrm|transform|substructure|"
    r"emit IKEv2|Message ID:|processing payload|let's proceed|operation:|EVENT_|executing|PLUTO_|kernel: |"
    r"kernel_|setenv|FOR_EACH|pair |next payload|last proposal|prop #|proto ID|ISAKMP version|TS type|"
    r"IP Protocol|start port|end port|af\+type|number of|ts: |\*parse|NSS |wrapper:|spd_owner|lookup_by_id|"
    r"fitness|prf: |PRF |netlink |complete_v2|st_v2|plausible|open_body|signed-octets|hash|nat: |"
    r"EXTRACT_KEY_FROM_KEY:|key-offset)|netlink response for Get SA|unexpected"
)
KEPT = re.compile(r"extracted len|keymat|unwrapped|ikev[12] [IR] ")
ROW = re.compile(r": \|   (?:[0-9a-f]{2} {1,2}){1,16}(?: |$)")


def build_keylogger(target):
    """The library of tools/keylogger; it needs NSS's headers (libnss3-dev)."""
    source = os.path.join(os.path.dirname(__file__), "../../tools/keylogger/ike_keylog_nss.c")
    flags = sh("pkg-config", "--cflags", "nss").stdout.split()
    sh("gcc", "-shared", "-fPIC", "-O1", "-fvisibility=hidden", *flags, "-o", target, source)


def make_certificates(folder, kind):
    """An NSS database with an authority and the certificates and keys of both sides; needs libnss3-tools."""
    database = f"sql:{folder}"
    if os.path.exists(f"{folder}/cert9.db"):
        return
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/noise", "wb") as out:
        out.write(os.urandom(1024))
    sort = ["-k", "ec", "-q", "secp256r1"] if kind == "ecdsa" else ["-k", "rsa", "-g", "2048"]
    common = ["-d", database, "-z", f"{folder}/noise", "-Z", "SHA256", "-v", "120", "-w", "-1", *sort]
    sh("certutil", "-N", "-d", database, "--empty-password")
    sh("certutil", "-S", "-x", "-n", "ca", "-s", "C=CH,O=Lab,CN=Lab CA", "-t", "CT,,", "-m", "1", *common)
    for number, side in enumerate(("initiator", "responder"), 2):
        name = f"{side}.lab.example"
        sh("certutil", "-S", "-c", "ca", "-n", name, "-s", f"C=CH,O=Lab,CN={name}", "-t", "u,u,u", "-m", number, "-8", name, *common)
        time.sleep(0.1)


class Pluto:
    """The same calls as Charon, for libreswan."""

    log_name = "pluto.log"
    key_log = None  # that of the preloaded tools/keylogger

    def __init__(self, network, side, folder, settings, root=None, preload=None):
        self.network, self.side, self.folder, self.root = network, side, folder, root
        self.log = f"{folder}/{self.log_name}"
        self.process = None
        mine = {k[6:]: v for k, v in settings.items() if k.startswith("pluto.")}
        setup = {
            **SETUP,
            **{
                k[6:]: v for k, v in mine.items() if k.startswith("setup.") and k != "setup.secrets"
            },
        }
        conn = {k: v for k, v in mine.items() if not k.startswith("setup.") and v is not None}
        os.makedirs(f"{folder}/nss", exist_ok=True)
        if settings.get("nss.certificates"):
            shared = f"{os.path.dirname(folder)}/nss"
            make_certificates(shared, settings["nss.certificates"])
            for name in ("cert9.db", "key4.db", "pkcs11.txt"):
                shutil.copy(f"{shared}/{name}", f"{folder}/nss/{name}")
        shutil.copy(preload, f"{folder}/fake_kernel.so")
        self.environment = ["LD_PRELOAD=/etc/ipsec.d/fake_kernel.so"]
        if settings.get("keylogger"):
            build_keylogger(f"{folder}/ike_keylog_nss.so")
            self.key_log = f"{folder}/ike.keylog"
            self.environment = [
                "LD_PRELOAD=/etc/ipsec.d/fake_kernel.so:/etc/ipsec.d/ike_keylog_nss.so",
                "IKE_KEYLOG_FILE=/etc/ipsec.d/ike.keylog",
            ]
        with open(f"{folder}/ipsec.conf", "w", encoding="utf-8") as out:
            for title, items in (("config setup", setup), ("conn c", conn)):
                out.write(title + "\n" + "".join(f"\t{k}={v}\n" for k, v in items.items()))
        with open(f"{folder}/ipsec.secrets", "w", encoding="utf-8") as out:
            out.write(f": PSK {settings['secrets.ike.secret']}\n{mine.get('setup.secrets', '')}\n")

    def start(self):
        root = self.root
        script = (
            f"mount --bind {self.folder} {root}/etc/ipsec.d && mount -t proc proc {root}/proc && "
            f"mount --bind /dev {root}/dev && mount -t tmpfs tmpfs {root}/run && mkdir {root}/run/pluto && "
            f"{{ test -e {self.folder}/nss/cert9.db || "
            f"chroot {root} certutil -N -d sql:/etc/ipsec.d/nss --empty-password; }} && "
            f"exec chroot {root} env {' '.join(self.environment)} "
            "/usr/libexec/ipsec/pluto --nofork --config /etc/ipsec.d/ipsec.conf"
        )
        self.process = subprocess.Popen(
            self.network.command(self.side, "unshare", "-m", "sh", "-c", script),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(100):
            time.sleep(0.1)
            if self.whack("--briefstatus").returncode == 0:
                break
        time.sleep(0.5)
        added = self.inside(
            "/usr/libexec/ipsec/addconn",
            "--config",
            "/etc/ipsec.d/ipsec.conf",
            "--ctlsocket",
            "/run/pluto/pluto.ctl",
            "c",
        )
        if "added" not in added.stdout + added.stderr:
            raise RuntimeError(f"addconn: {added.stdout}{added.stderr}")

    def inside(self, *args, timeout=20):
        """Runs a command where the daemon lives."""
        try:
            return sh(
                "nsenter",
                "-t",
                self.process.pid,
                "-m",
                "-n",
                "chroot",
                self.root,
                *args,
                check=False,
                timeout=timeout,
            )
        except subprocess.TimeoutExpired:
            return None

    def whack(self, *args):
        return self.inside("/usr/libexec/ipsec/whack", *args)

    def initiate(self, _child="n"):
        self.whack("--name", "c", "--initiate")

    def rekey_ike(self):
        self.whack("--name", "c", "--rekey-ike")

    def rekey_child(self, _child="n"):
        self.whack("--name", "c", "--rekey-child")

    def suspend(self):
        """Forgets the IKE SA but keeps its ticket."""
        self.whack("--name", "c", "--suspend")

    def terminate(self):
        self.whack("--name", "c", "--terminate")

    def stop(self, kill=False):
        if not self.process or self.process.poll() is not None:
            return
        (self.process.kill if kill else self.process.terminate)()
        self.process.wait(10)

    @staticmethod
    def of_interest(lines):
        """The log from the first word of the session, without the bookkeeping."""
        keep = dropped = False
        for line in lines:
            keep = keep or '"c"' in line
            if not ROW.search(line):  # the rows of a dump go with their header
                dropped = bool(NOISE.search(line)) and not KEPT.search(line)
            if keep and not dropped:
                yield line
