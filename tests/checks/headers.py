# SPDX-License-Identifier: Apache-2.0
"""Every header compiles alone."""

import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import tempfile

import tree


def generate(folder):
    """What protoc-c makes of proto/, for headers that include it."""
    proto = tree.ROOT / "proto"
    files = sorted(str(path.relative_to(proto)) for path in proto.rglob("*.proto"))
    if files and shutil.which("protoc-c"):
        subprocess.run(["protoc-c", "-I", str(proto), f"--c_out={folder}", *files], cwd=proto, check=True)


def compile_alone(header, generated):
    command = [
        os.environ.get("CC", "cc"),
        "-fsyntax-only",
        "-x",
        "c",
        "-std=gnu11",
        "-D_GNU_SOURCE",
        "-Wall",
        "-Wextra",
        "-Werror",
        f"-I{tree.SRC}",
        f"-I{tree.SHIM}",
        "-isystem",
        str(generated),
        "-",
    ]
    result = subprocess.run(
        command, input=f'#include "{header}"\n', stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return result.stdout.splitlines()[:12] or ["the compiler failed"] if result.returncode else []


def run(report):
    with tempfile.TemporaryDirectory() as folder:
        generate(pathlib.Path(folder))
        headers = tree.sources(".h")
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for header, problems in zip(headers, pool.map(lambda header: compile_alone(header, folder), headers)):
                report.case(tree.shown(header), problems)
