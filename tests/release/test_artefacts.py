# SPDX-License-Identifier: Apache-2.0
"""What release/make writes, and that release/verify notices when anything of it is not so."""

import json
import stat
import struct
import zipfile

import layout
import pytest
from conftest import CHANGELOG, NEW, OLD, PLATFORMS, ROOT, execute, make_key, make_release


@pytest.fixture
def verify(tmp_path, key):
    public, changelog = tmp_path / "public.asc", tmp_path / "CHANGELOG.md"
    public.write_text(key[1])
    changelog.write_text(CHANGELOG)
    return lambda release, expect=(0,): (
        execute(
            [ROOT / "release" / "verify", "--key", public, "--changelog", changelog, release.folder], expect=expect
        ).said
    )


def test_a_release(releases, verify):
    release = releases[NEW]
    assert verify(release).endswith("0 wrong\n")
    names = {path.name for path in release.folder.iterdir()}
    stem = f"terraform-provider-wandb_{NEW}"
    assert names == {
        *(f"{stem}_{platform}.{kind}" for platform in PLATFORMS for kind in ("zip", "bom.json")),
        f"{stem}_manifest.json",
        f"{stem}_SHA256SUMS",
        f"{stem}_SHA256SUMS.sig",
        "signing-key.asc",
        "release-notes.md",
        "filesystem-mirror",
        "network-mirror",
        "oci-layout",
    }
    assert release.notes.read_text() == "- Something new.\n"


def test_equal_executables_make_an_equal_release(releases, builds, key, tmp_path):
    make_release(tmp_path / "again", NEW, builds, key[0])
    for path in releases[NEW].folder.rglob("*"):
        other = tmp_path / "again" / path.relative_to(releases[NEW].folder)
        if path.is_file() and path != releases[NEW].signature:  # it holds the time
            assert other.read_bytes() == path.read_bytes(), path


# ---- each claim, broken --------------------------------------------------------------------------

AMD64 = PLATFORMS[0]


def rewrite(path, change):
    """Replaces a file by what `change` makes of its bytes; a link to it elsewhere keeps the old ones."""
    data = change(path.read_bytes())
    path.unlink()
    path.write_bytes(data)


def rezip(release, **fields):
    """The zip anew with other fields of its entry, or another content."""
    path = release.zip(AMD64)
    with zipfile.ZipFile(path) as archive:
        entry, data = archive.infolist()[0], archive.read(archive.infolist()[0])
    data = fields.pop("data", lambda same: same)(data)
    more = fields.pop("more", None)
    for name, value in fields.items():
        setattr(entry, name, value)
    path.unlink()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(entry, data)
        if more:
            archive.writestr(more, b"")


def edit_json(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.unlink()
    path.write_text(json.dumps(content))


def network(release, name):
    return release.network / layout.HOSTS[1] / layout.ADDRESS / name


def oci_manifest(release):
    """Some platform's manifest in the layout."""
    index = json.loads((release.oci / "index.json").read_text())["manifests"][0]
    return release.oci / "blobs" / index["digest"].replace(":", "/")


def mode(path, bits):
    path.chmod(bits)


BREAKS = {
    "a byte of a zip": (lambda r: rewrite(r.zip(AMD64), lambda data: data + b"x"), "is not the file whose digest"),
    "a digest": (
        lambda r: rewrite(r.sums, lambda data: data.replace(data[:1], b"0" if data[:1] != b"0" else b"1", 1)),
        "is no signature of",
    ),
    "a line too many": (lambda r: rewrite(r.sums, lambda data: data + b"0" * 64 + b"  else\n"), "instead of"),
    "a list that is none": (
        lambda r: rewrite(r.sums, lambda data: data.replace(b"  ", b" ")),
        "has a line that is not",
    ),
    "an armored signature": (
        lambda r: rewrite(r.signature, lambda data: b"-----BEGIN PGP SIGNATURE-----\n"),
        "is armored",
    ),
    "a cut signature": (lambda r: rewrite(r.signature, lambda data: data[:-9]), "is no signature of"),
    "the protocol": (
        lambda r: edit_json(r.manifest, lambda c: c["metadata"].update(protocol_versions=["5.0"])),
        "does not say protocol 6.0",
    ),
    "the mode in the zip": (lambda r: rezip(r, external_attr=0o100644 << 16), "has the mode 100644"),
    "the time in the zip": (lambda r: rezip(r, date_time=(2026, 1, 1, 0, 0, 0)), "depends on when it was made"),
    "the name in the zip": (
        lambda r: rezip(r, filename="terraform-provider-wandb"),
        "instead of terraform-provider-wandb_v",
    ),
    "a folder in the zip": (lambda r: rezip(r, more="docs/"), "instead of terraform-provider-wandb_v"),
    "another machine's executable": (
        lambda r: rezip(r, data=lambda data: data[:18] + struct.pack("<H", 183) + data[20:]),
        "does not hold an executable for linux_amd64",
    ),
    "an executable that is soft": (
        lambda r: rezip(
            r, data=lambda data: data.replace(struct.pack("<II", 0x6474E551, 6), struct.pack("<II", 0x6474E551, 7))
        ),
        "has an executable stack",
    ),
    "an executable of another version": (
        lambda r: rezip(r, data=lambda data: data.replace(NEW.encode() + b"\0", b"9.9.9\0")),
        "says of itself",
    ),
    "the bill's version": (
        lambda r: edit_json(r.bom(AMD64), lambda c: c["metadata"]["component"].update(version="9")),
        "is of another version",
    ),
    "the bill's parts": (lambda r: edit_json(r.bom(AMD64), lambda c: c["components"].pop(3)), "which is linked in"),
    "the bill's format": (lambda r: edit_json(r.bom(AMD64), lambda c: c.update(specVersion="1.0")), "is not CycloneDX"),
    "the mode in the mirror": (lambda r: mode(r.mirrored(layout.HOSTS[0], AMD64), 0o644), "has the mode 644"),
    "an executable in the mirror": (
        lambda r: rewrite(r.mirrored(layout.HOSTS[1], AMD64), lambda data: data + b"x"),
        "is not what the zip holds",
    ),
    "one more file in the mirror": (
        lambda r: r.mirrored(layout.HOSTS[0], AMD64).with_name("README").touch(),
        "holds more than the executable",
    ),
    "a host of the mirror": (lambda r: r.mirrored(layout.HOSTS[1], AMD64).unlink(), "is missing"),
    "the network mirror's versions": (
        lambda r: edit_json(network(r, "index.json"), lambda c: c["versions"].clear()),
        "does not list",
    ),
    "the network mirror's platforms": (
        lambda r: edit_json(network(r, f"{NEW}.json"), lambda c: c["archives"].pop(AMD64)),
        "offers",
    ),
    "the network mirror's h1": (
        lambda r: edit_json(
            network(r, f"{NEW}.json"), lambda c: c["archives"][AMD64]["hashes"].__setitem__(0, "h1:AAAA")
        ),
        "claims",
    ),
    "the network mirror's zh": (
        lambda r: edit_json(network(r, f"{NEW}.json"), lambda c: c["archives"][AMD64]["hashes"].pop()),
        "claims",
    ),
    "the network mirror's zip": (
        lambda r: rewrite(network(r, r.zip(AMD64).name), lambda data: data[:-1]),
        "is not terraform-provider-wandb_",
    ),
    "the tag": (
        lambda r: edit_json(r.oci / "index.json", lambda c: c["manifests"][0]["annotations"].clear()),
        "has the tags",
    ),
    "a blob": (lambda r: rewrite(oci_manifest(r), lambda data: data + b" "), "is not what its descriptor says"),
    "the notes": (lambda r: r.notes.write_text("- Nothing.\n"), "is not the section of CHANGELOG.md"),
    "a file too few": (lambda r: r.bom(AMD64).unlink(), "No such file"),
}


@pytest.mark.parametrize("what", BREAKS)
def test_the_verifier_notices(what, copy, verify):
    spoil, words = BREAKS[what]
    spoil(copy)
    said = verify(copy, expect=(1,))
    assert words in said, said


def test_a_signature_of_somebody_else(copy, verify, builds, tmp_path):
    make_release(tmp_path / "theirs", NEW, builds, make_key("somebody else")[0])
    theirs = layout.Release(tmp_path / "theirs", NEW)
    rewrite(copy.signature, lambda data: theirs.signature.read_bytes())
    assert "is no signature of" in verify(copy, expect=(1,))


# ---- what is refused -----------------------------------------------------------------------------


def test_a_key_that_a_registry_refuses(builds, tmp_path):
    said = make_release(tmp_path / "out", NEW, builds, make_key("curve", "ed25519")[0], expect=(1,)).said
    assert "the signing key must be one RSA key" in said


def test_no_key(builds, tmp_path):
    assert "WANDB_RELEASE_KEY is not set" in make_release(tmp_path / "out", NEW, builds, "", expect=(1,)).said


def test_a_build_of_another_version(builds, key, tmp_path):
    (tmp_path / "builds").mkdir()
    (tmp_path / "builds" / NEW).symlink_to(builds / OLD)
    said = make_release(tmp_path / "out", NEW, tmp_path / "builds", key[0], expect=(1,), platforms=PLATFORMS[:1]).said
    assert f"was built as version {OLD}, not {NEW}" in said


def test_no_section_in_the_changelog(builds, key, tmp_path):
    said = make_release(tmp_path / "out", "1.2.0", builds, key[0], expect=(1,), platforms=()).said
    assert "has no section `## 1.2.0`" in said


def test_a_folder_of_somebody_else_is_left_alone(builds, key, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "precious").write_text("1")
    assert "exists and is not a release" in make_release(tmp_path / "out", NEW, builds, key[0], expect=(1,)).said
    assert (tmp_path / "out" / "precious").read_text() == "1"


def test_the_mirror_can_be_run(releases):
    for host in layout.HOSTS:
        path = releases[NEW].mirrored(host, AMD64)
        assert stat.S_IMODE(path.stat().st_mode) == 0o755
        assert execute([path, "--version"]).stdout.startswith(f"terraform-provider-wandb v{NEW} (protocol 6)\n")
