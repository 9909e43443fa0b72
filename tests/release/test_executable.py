# SPDX-License-Identifier: Apache-2.0
"""The executable of a release: how it is linked, what is in it, and that nothing but the source decides its bytes."""

import json
import os
import pathlib
import re
import shutil
import struct
import subprocess

import layout
import pytest
from conftest import NEW, PLATFORMS, ROOT, execute

GATES = ROOT / "release" / "gates"
SUITE_ROOT = (
    pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    / "terraform-provider-wandb"
    / "builders"
    / "bookworm"
)
COMPILER = ["gcc", "-O2", "-x", "c", "-"]
SOUND = ["-static-pie", "-Wl,-z,relro,-z,now,-z,noexecstack"]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_it_passes_the_gates(builds, platform):
    execute([GATES, builds / NEW / platform / layout.NAME, builds / NEW / platform / "chart-template"])


def compiled(place, options, source="int main(void) { return 0; }"):
    subprocess.run([*COMPILER, *options, "-o", place], input=source, text=True, check=True, capture_output=True)
    return execute([GATES, place], expect=None)


def test_a_sound_executable(tmp_path):
    result = compiled(tmp_path / "sound", SOUND)
    assert result.returncode == 0, result.said


@pytest.mark.parametrize(
    "options, words",
    [
        (["-pie", *SOUND[1:]], ["asks for a dynamic loader", "needs the shared library libc.so.6"]),
        (["-static", *SOUND[1:]], ["is not position independent"]),
        (["-static-pie", "-Wl,-z,norelro,-z,now"], ["has no RELRO segment"]),
        (["-pie", "-Wl,-z,relro,-z,lazy"], ["binds lazily"]),
        (["-static-pie", "-Wl,-z,relro,-z,now,-z,execstack"], ["has an executable stack"]),
        (["-pie", "-Wl,-rpath,/opt"], ["has RUNPATH"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_the_gates_refuse(tmp_path, options, words):
    result = compiled(tmp_path / "weak", options)
    assert result.returncode == 1 and all(each in result.stdout for each in words), result.said


def test_the_gates_refuse_writable_code(tmp_path):
    compiled(tmp_path / "weak", SOUND)
    data = bytearray((tmp_path / "weak").read_bytes())
    start, count = struct.unpack_from("<Q", data, 32)[0], struct.unpack_from("<H", data, 56)[0]
    for at in range(start, start + 56 * count, 56):
        if struct.unpack_from("<II", data, at) == (1, 6):  # LOAD, read and write
            struct.pack_into("<I", data, at + 4, 7)
    (tmp_path / "weak").write_bytes(data)
    assert "has memory that is writable and executable" in execute([GATES, tmp_path / "weak"], expect=(1,)).stdout


def test_the_gates_refuse_the_name_service(tmp_path):
    result = compiled(
        tmp_path / "weak", [*SOUND, "-include", "pwd.h"], 'int main(void) { return getpwnam("root") != 0; }'
    )
    assert "holds the C library's name service" in result.stdout


def test_the_linker_refuses_what_needs_the_host(builds, tmp_path):
    """--fatal-warnings: a call of the name service that release/closed.c does not close ends the link."""
    source = '#include <pwd.h>\nint main(void) { return getpwnam("root") != 0; }'
    result = subprocess.run(
        [*COMPILER, *SOUND, "-Wl,--fatal-warnings", "-o", tmp_path / "weak"],
        input=source,
        text=True,
        capture_output=True,
        check=False,
    )
    assert result.returncode and "requires at runtime the shared libraries" in result.stderr
    assert "--fatal-warnings" in (ROOT / "release" / "static.cmake").read_text()


# ---- what is in it -------------------------------------------------------------------------------


def linked(executable):
    said = execute([executable, "--version"]).stdout
    return dict(item.split(" ") for item in re.search(r"^linked in: (.*)$", said, re.M)[1].split(", "))


def test_version(executable):
    assert execute([executable, "--version"]).stdout.startswith(
        f"terraform-provider-wandb v{NEW} (protocol 6)\nlinked in: "
    )
    assert {"curl", "libgrpc-dev", "libssl-dev", "libc6-dev", "libc-ares-dev", "libnghttp2-dev", "zlib1g-dev"} <= set(
        linked(executable)
    )


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_bill_of_materials_is_complete(builds, platform):
    """Every archive that the linker opened and took something from has an entry, with a package and a version."""
    folder = builds / NEW / platform
    bill = json.loads((folder / "bom.json").read_text())
    text = (folder / f"{layout.NAME}.map").read_text(errors="replace")
    opened = set(re.findall(r"^(/\S+\.a)\(", text, re.M))
    assert len(opened) > 40
    named = {each["value"] for part in bill["components"] for each in part["properties"] if each["name"] == "linked"}
    assert {os.path.basename(os.path.normpath(path)) for path in opened} <= named
    assert all(part["version"] and part["purl"].startswith("pkg:deb/debian/") for part in bill["components"])
    # and the other way round: what stands in it was really linked
    assert {name for name in named if name.endswith(".a")} <= {
        os.path.basename(path) for path in re.findall(r"\S+\.a\b", text)
    }


def test_the_bill_names_what_version_names(executable, builds):
    bill = json.loads((builds / NEW / "linux_amd64" / "bom.json").read_text())
    versions = {part["name"]: part["version"] for part in bill["components"]}
    assert linked(executable).items() <= versions.items()


def test_the_bill_refuses_what_belongs_to_no_package(builds, tmp_path):
    text = (builds / NEW / "linux_amd64" / f"{layout.NAME}.map").read_text(errors="replace")
    (tmp_path / "map").write_text(text.replace("/usr/lib/x86_64-linux-gnu/libjansson.a", "/opt/libjansson.a"))
    said = execute(
        [ROOT / "release" / "bom", "--root", SUITE_ROOT, "--version", NEW, "--arch", "amd64", tmp_path / "map"],
        expect=(1,),
    ).said
    assert "brought /opt/libjansson.a" in said


def symbols(*paths):
    """The global symbols that the archives define, weak ones aside: C++ templates are in many."""
    text = subprocess.run(
        ["nm", "-g", "--defined-only", *map(str, paths)], check=True, capture_output=True, text=True
    ).stdout
    return {name for kind, name in re.findall(r"^[0-9a-f]+ ([A-Z]) (\S+)$", text, re.M) if kind not in "WV"}


def test_no_symbol_of_ours_is_another_librarys():
    """Archives share one space of names: jansson, too, had a utf8_encode."""
    built = ROOT / "build" / "release" / "linux_amd64"
    ours = symbols(*built.glob("libroom_*.a"), built / "go.mod-free-shim" / "libshim.a")
    assert len(ours) > 500
    opened = set(re.findall(r"^(/\S+\.a)\(", (built / f"{layout.NAME}.map").read_text(errors="replace"), re.M))
    theirs = symbols(*(SUITE_ROOT / path.lstrip("/") for path in opened))
    assert not ours & theirs


# ---- how it is made ------------------------------------------------------------------------------


def test_another_folder_and_another_root_make_equal_bytes(builds, tmp_path_factory):
    """All of it anew: the root from nothing, the source in another place, another user's checkout."""
    folder = tmp_path_factory.mktemp("elsewhere")
    place, source = folder / "root", folder / "a checkout"
    shutil.copytree(
        ROOT, source, ignore=lambda folder, names: {"build", ".git"} if folder == str(ROOT) else (), symlinks=True
    )
    out = execute(
        [
            source / "release" / "build",
            "--version",
            NEW,
            "--root",
            place,
            "--place",
            "/another/place",
            "--out",
            folder / "built",
        ],
        timeout=3600,
    ).stdout.strip()
    for name in (layout.NAME, "chart-template", "bom.json"):
        assert (pathlib.Path(out) / name).read_bytes() == (builds / NEW / "linux_amd64" / name).read_bytes(), name


def test_an_old_library_is_refused(tmp_path):
    """A root, laid over the real one, whose database says that an older libssl-dev is installed."""
    for name in ("upper/var/lib/dpkg", "work", "root"):
        (tmp_path / name).mkdir(parents=True)
    status = (SUITE_ROOT / "var/lib/dpkg/status").read_text()
    (tmp_path / "upper/var/lib/dpkg/status").write_text(
        re.sub(r"(Package: libssl-dev\n(?:.+\n)*?Version: )\S+", r"\g<1>3.0.1-1", status)
    )
    overlay = (
        f"mount -t overlay overlay -o lowerdir={SUITE_ROOT},upperdir={tmp_path}/upper,workdir={tmp_path}/work "
        f"{tmp_path}/root"
    )
    build = f"'{ROOT}/release/build' --root {tmp_path}/root --keep --version {NEW} --out {tmp_path}/out"
    said = execute(["unshare", "--mount", "sh", "-c", f"{overlay} && exec {build}"], expect=(1,)).said
    assert re.search(r"holds packages that are older.*\n +libssl-dev \[3\.0\.1-1\], newest 3\.0\.", said), said
    assert not (tmp_path / "out" / layout.NAME).exists()


def test_the_version_comes_from_git(tmp_path):
    def git(*words):
        subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *words],
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )

    (tmp_path / "release").mkdir()
    shutil.copy(ROOT / "release" / "version", tmp_path / "release")
    shutil.copy(ROOT / "CMakeLists.txt", tmp_path)
    says = lambda: execute([tmp_path / "release" / "version"]).stdout.strip()  # noqa: E731
    assert re.fullmatch(r"\d+\.\d+\.\d+-dev", says())
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    assert re.fullmatch(r"\d+\.\d+\.\d+-dev\.g[0-9a-f]{12}", says())
    git("tag", "v7.8.9")
    assert says() == "7.8.9"
    (tmp_path / "CMakeLists.txt").write_text("project(x VERSION 7.9.0)")
    assert re.fullmatch(r"7\.9\.0-dev\.g[0-9a-f]{12}\.changed", says())
