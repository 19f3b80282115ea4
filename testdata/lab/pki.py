# SPDX-License-Identifier: GPL-2.0-or-later
"""A throw-away certification authority for the lab, made new for every recording."""
import os
import subprocess

VALIDITY = {
    "now": ["--lifetime", "3650"],
    "past": ["--not-before", "01.01.20 00:00:00", "--not-after", "01.01.21 00:00:00"],
    "future": ["--not-before", "01.01.35 00:00:00", "--not-after", "01.01.36 00:00:00"],
}
KINDS = {
    "rsa": ["--type", "rsa", "--size", "2048"],
    "rsa1024": ["--type", "rsa", "--size", "1024"],
    "ecdsa": ["--type", "ecdsa", "--size", "256"],
    "ecdsa384": ["--type", "ecdsa", "--size", "384"],
    "ed25519": ["--type", "ed25519"],
}


def pki(*args, stdin=None):
    done = subprocess.run(["pki", *args], input=stdin, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"pki {args}: {done.stderr.decode()}")
    return done.stdout


class Authority:
    """Issues a certificate for each side; keys of the kind the scenario names."""

    def __init__(self, folder, kind="rsa"):
        self.folder, self.kind = folder, kind
        os.makedirs(folder, exist_ok=True)
        self._write("ca.key", pki("--gen", *KINDS[kind], "--outform", "pem"))
        self._write(
            "ca.pem",
            pki(
                "--self",
                "--ca",
                "--in",
                f"{folder}/ca.key",
                "--type",
                self._sort(),
                "--dn",
                "C=CH, O=Lab, CN=Lab CA",
                "--lifetime",
                "3650",
                "--outform",
                "pem",
            ),
        )

    def _sort(self):
        return {"ecdsa384": "ecdsa"}.get(self.kind, self.kind)

    def _write(self, name, data):
        with open(f"{self.folder}/{name}", "wb") as out:
            out.write(data)

    def crl(self, name):
        """The list of revoked certificates, with that of NAME."""
        self._write(
            "ca.crl",
            pki(
                "--signcrl",
                "--cacert",
                f"{self.folder}/ca.pem",
                "--cakey",
                f"{self.folder}/ca.key",
                "--reason",
                "key-compromise",
                "--cert",
                f"{self.folder}/{name}.pem",
                "--lifetime",
                "3650",
            ),
        )
        return {"x509crl/ca.crl": f"{self.folder}/ca.crl"}

    def intermediate(self, folder):
        """An authority under this one."""
        below = Authority(folder, self.kind)
        public = pki("--pub", "--in", f"{folder}/ca.key", "--type", "priv")
        below._write(
            "ca.pem",
            pki(
                "--issue",
                "--ca",
                "--cacert",
                f"{self.folder}/ca.pem",
                "--cakey",
                f"{self.folder}/ca.key",
                "--dn",
                "C=CH, O=Lab, CN=Lab Intermediate CA",
                "--lifetime",
                "3650",
                "--outform",
                "pem",
                stdin=public,
            ),
        )
        return below

    def self_signed(self, name):
        """The files of a side whose certificate has no issuer but itself."""
        host = f"{name}.lab.example"
        certificate = pki(
            "--self",
            "--in",
            f"{self.folder}/ca.key",
            "--type",
            self._sort(),
            "--dn",
            f"C=CH, O=Lab, CN={host}",
            "--san",
            host,
            "--lifetime",
            "3650",
            "--outform",
            "pem",
        )
        self._write(f"{name}.pem", certificate)
        return {"x509/me.pem": f"{self.folder}/{name}.pem", "private/me.pem": f"{self.folder}/ca.key"}

    def files(self, name, validity="now", kind=None, flags=("serverAuth", "clientAuth")):
        """The files that a side needs to prove to be NAME.lab.example; kind of its key: that of the authority's if None."""
        key = f"{self.folder}/{name}.key"
        self._write(f"{name}.key", pki("--gen", *KINDS[kind or self.kind], "--outform", "pem"))
        public = pki("--pub", "--in", key, "--type", "priv")
        host = f"{name}.lab.example"
        self._write(
            f"{name}.pem",
            pki(
                "--issue",
                "--cacert",
                f"{self.folder}/ca.pem",
                "--cakey",
                f"{self.folder}/ca.key",
                "--dn",
                f"C=CH, O=Lab, CN={host}",
                "--san",
                host,
                *(word for flag in flags for word in ("--flag", flag)),
                *VALIDITY[validity],
                "--outform",
                "pem",
                stdin=public,
            ),
        )
        return {
            "x509/me.pem": f"{self.folder}/{name}.pem",
            "private/me.pem": key,
            "x509ca/ca.pem": f"{self.folder}/ca.pem",
        }
