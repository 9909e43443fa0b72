# SPDX-License-Identifier: Apache-2.0
"""Small roots to run executables in, as other systems lay them out, with a network of their own."""

import os
import pathlib
import shutil
import stat
import sys

from conftest import execute

HERE = pathlib.Path(__file__).resolve().parent
DEVICES = {"null": (1, 3), "zero": (1, 5), "random": (1, 8), "urandom": (1, 9)}


class Place:
    """A folder that becomes the root. It starts empty: what a test wants there, it puts there."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)

    def at(self, path):
        return self.folder / path.lstrip("/")

    def put(self, path, content="", mode=0o644):
        """A file with this text, or a copy of a file or folder (a Path)."""
        place = self.at(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, pathlib.Path):
            shutil.copytree(content, place) if content.is_dir() else shutil.copy2(content, place)
        else:
            place.write_text(content)
            place.chmod(mode)
        return self

    def folders(self, *paths, mode=0o755):
        for path in paths:
            self.at(path).mkdir(parents=True, exist_ok=True)
            self.at(path).chmod(mode)
        return self

    def link(self, path, target):
        self.at(path).parent.mkdir(parents=True, exist_ok=True)
        self.at(path).symlink_to(target)
        return self

    def devices(self, *names):
        self.folders("/dev")
        for name in names or DEVICES:
            os.mknod(self.at(f"/dev/{name}"), 0o666 | stat.S_IFCHR, os.makedev(*DEVICES[name]))
            self.at(f"/dev/{name}").chmod(0o666)
        return self

    def run(self, *words, env=None, before=":", expect=(0,)):
        """Runs a command in the root after the shell's `before` outside, where $ROOT names it;
        the environment is `env` alone."""
        script = f'{before} && exec chroot "$ROOT" "$@"'
        return execute(
            ["unshare", "--mount", "sh", "-c", script, "sh", *words],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "ROOT": str(self.folder), **(env or {})},
            expect=expect,
        )

    def online(self, *words, zone=(), certificate=None, dead=(), env=None, expect=(0,)):
        """Runs a command in the root, in a network of its own with name servers on 127.0.0.1 (those of `dead` never
        answer) that know `zone`, and a chart repository over https on port 443. The result's stdout ends with what was
        asked."""
        options = [f"--zone={line}" for line in zone] + [f"--dead={address}" for address in dead]
        options += [f"--certificate={certificate[1]}", f"--key={certificate[2]}"] if certificate else []
        return execute(
            ["unshare", "--mount", "--net", sys.executable, "-B", HERE / "inside.py", *options, self.folder, *words],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **(env or {})},
            expect=expect,
        )
