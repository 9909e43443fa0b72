# SPDX-License-Identifier: Apache-2.0
"""Where everything of a release lies and how registries hash it: what release/make writes and release/verify reads."""

import base64
import hashlib
import json
import pathlib
import re
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAME = "terraform-provider-wandb"
ADDRESS = "wandb/wandb"
HOSTS = (
    "registry.terraform.io",
    "registry.opentofu.org",
)  # what `source = "wandb/wandb"` means to Terraform and to OpenTofu
MANIFEST = ROOT / "terraform-registry-manifest.json"
TIME = (1980, 1, 1, 0, 0, 0)  # of every entry: equal files make an equal zip, whenever it is made
MACHINES = {"amd64": 62, "arm64": 183}  # e_machine of ELF


class ReleaseError(Exception):
    """Why there is no release, and what to do."""


class Release:
    """The names of one release's files in a folder."""

    def __init__(self, folder, version):
        self.folder, self.version = pathlib.Path(folder), version
        self.stem = f"{NAME}_{version}"
        self.executable = f"{NAME}_v{version}"
        self.manifest = self.folder / f"{self.stem}_manifest.json"
        self.sums = self.folder / f"{self.stem}_SHA256SUMS"
        self.signature = self.folder / f"{self.stem}_SHA256SUMS.sig"
        self.key = self.folder / "signing-key.asc"
        self.notes = self.folder / "release-notes.md"
        self.filesystem, self.network, self.oci = (
            self.folder / name for name in ("filesystem-mirror", "network-mirror", "oci-layout")
        )

    def zip(self, platform):
        return self.folder / f"{self.stem}_{platform}.zip"

    def bom(self, platform):
        return self.folder / f"{self.stem}_{platform}.bom.json"

    def platforms(self):
        found = sorted(
            re.findall(
                rf"^{re.escape(self.stem)}_(\w+_\w+)\.zip$",
                "\n".join(path.name for path in self.folder.iterdir()),
                re.M,
            )
        )
        if not found:
            raise ReleaseError(f"{self.folder} holds no {self.stem}_OS_ARCH.zip")
        return found

    def mirrored(self, host, platform):
        """The unpacked executable in the filesystem mirror."""
        return self.filesystem / host / ADDRESS / self.version / platform / self.executable


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def zip_hash(path):
    """`zh:`, the older scheme: the digest of the archive itself."""
    return f"zh:{sha256(path.read_bytes())}"


def content_hash(files):
    """`h1:`, over a package's files {name: bytes}, packed or not: the digest of a list of digests."""
    lines = "".join(f"{sha256(data)}  {name}\n" for name, data in sorted(files.items()))
    return f"h1:{base64.b64encode(hashlib.sha256(lines.encode()).digest()).decode()}"


def write_json(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n")


def changes(version, changelog):
    """The section of CHANGELOG.md that tells of a version; of what is to come for one that is not released yet."""
    text = changelog.read_text()
    wanted = "Unreleased" if "-" in version else version
    found = re.search(rf"^## {re.escape(wanted)}( [^\n]*)?\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    if not found or not found[2].strip():
        raise ReleaseError(f"{changelog} has no section `## {wanted}`, or nothing in it; write what changed for users")
    return found[2].strip() + "\n"


class Keyring:
    """gpg with a home of its own, so that no key of the user's takes part; a context manager."""

    def __enter__(self):
        self.home = tempfile.TemporaryDirectory()
        return self

    def __exit__(self, *_):
        subprocess.run(["gpgconf", "--homedir", self.home.name, "--kill", "all"], capture_output=True, check=False)
        self.home.cleanup()

    def run(self, *words, stdin=b"", check=True):
        result = subprocess.run(
            ["gpg", "--homedir", self.home.name, "--batch", "--no-tty", *words],
            input=stdin,
            capture_output=True,
            check=False,
        )
        if check and result.returncode:
            raise ReleaseError(f"gpg {' '.join(words)}: {result.stderr.decode(errors='replace').strip()}")
        return result

    def add(self, key):
        """Imports a key and returns its fingerprint;
        only RSA is taken, because HashiCorp's registry refuses elliptic curves."""
        self.run("--import", stdin=key)
        listing = self.run("--list-keys", "--with-colons").stdout.decode()
        keys = [line.split(":") for line in listing.splitlines() if line.startswith("pub:")]
        if len(keys) != 1 or keys[0][3] != "1":
            raise ReleaseError(
                "the signing key must be one RSA key: HashiCorp's registry takes no other kind; "
                "make one with gpg --quick-generate-key NAME rsa4096 sign"
            )
        return re.search(r"^fpr:+(\w+):", listing, re.M)[1]
