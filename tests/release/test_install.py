# SPDX-License-Identifier: Apache-2.0
"""`terraform init` and `tofu init` install a release from every place that they know,
and refuse what was tampered with."""

import json
import pathlib
import re
import shutil
import ssl

import layout
import loopback
import pytest
import servers
from conftest import NEW, OLD, PLATFORMS, ROOT, execute


def filesystem(path):
    return f'  filesystem_mirror {{\n    path = "{path}"\n  }}'


def network(url):
    return f'  network_mirror {{\n    url = "{url}/"\n  }}'


# ---- where from ----------------------------------------------------------------------------------


def test_from_a_registry(cli, registry):
    cli.settings.write_text(registry.host(cli.host))
    said = cli.run("init")
    assert re.search(rf"Installed wandb/wandb v{NEW} \((self-)?signed", said), said
    assert "images" in cli.used()
    wanted = {layout.zip_hash(registry.releases[NEW].zip(platform)) for platform in PLATFORMS}
    assert wanted <= cli.hashes()  # a signed list vouches for every platform


def test_from_a_network_mirror(cli, releases, certificates):
    with servers.network_mirror(certificates, releases[NEW].network) as server:
        cli.installation(network(server.url))
        cli.run("init")
        cli.used()
    assert f"/{cli.host}/wandb/wandb/index.json" in server.asked


def test_from_a_filesystem_mirror(cli, releases):
    cli.installation(filesystem(releases[NEW].filesystem))
    assert f"Installed wandb/wandb v{NEW} (unauthenticated)" in cli.run("init")
    cli.used()
    assert cli.installed().is_symlink()  # it runs right out of the mirror


def test_from_a_packed_filesystem_mirror(cli, releases):
    cli.installation(filesystem(releases[NEW].network))  # the same layout: zips with their names
    cli.run("init")
    cli.used()


def test_from_the_folder_that_is_looked_at_unasked(cli, releases):
    shutil.copytree(releases[NEW].filesystem, cli.home / ".terraform.d" / "plugins")
    cli.run("init")
    cli.used()


def test_from_an_oci_registry(make_cli, releases, certificates, tmp_path):
    cli = make_cli("tofu")
    cli.configure()
    with loopback.registry(tmp_path / "registry", tls=certificates[1:]) as host:
        servers.push(releases[NEW], host, "opentofu/wandb/wandb", ssl.create_default_context(cafile=certificates[0]))
        cli.installation(
            f'  oci_mirror {{\n    repository_template = "{host}/opentofu/${{namespace}}/${{type}}"\n'
            f'    include             = ["registry.opentofu.org/*/*"]\n  }}'
        )
        cli.run("init")
        cli.used()


def test_development_overrides(cli, executable, tmp_path):
    (tmp_path / "override").mkdir()
    (tmp_path / "override" / layout.NAME).symlink_to(executable)
    cli.settings.write_text(
        f'provider_installation {{\n  dev_overrides {{\n    "wandb/wandb" = "{tmp_path}/override"\n  }}\n}}\n'
    )
    assert "development overrides" in cli.used()


# ---- what people do with it ----------------------------------------------------------------------


def test_providers_mirror(cli, registry, make_cli):
    """A machine with network fills a mirror for one that has none."""
    cli.settings.write_text(registry.host(cli.host))
    cli.run("providers", "mirror", *(f"-platform={platform}" for platform in PLATFORMS), "copied")
    made = cli.folder / "copied" / cli.host / layout.ADDRESS
    assert set(json.loads((made / f"{NEW}.json").read_text())["archives"]) == set(PLATFORMS)
    offline = make_cli(cli.name)
    offline.configure()
    offline.installation(filesystem(cli.folder / "copied"))
    offline.run("init")
    offline.used()


def test_providers_lock_for_both_platforms(cli, registry, releases):
    cli.settings.write_text(registry.host(cli.host))
    cli.run("providers", "lock", *(f"-platform={platform}" for platform in PLATFORMS))
    for platform in PLATFORMS:
        content = {releases[NEW].executable: releases[NEW].mirrored(layout.HOSTS[0], platform).read_bytes()}
        assert {layout.content_hash(content), layout.zip_hash(releases[NEW].zip(platform))} <= cli.hashes()
    before = cli.lock()
    cli.run("init", "-lockfile=readonly")
    assert cli.lock() == before
    cli.used()


def test_providers_lock_for_macos_fails_and_says_why(cli, registry):
    cli.settings.write_text(registry.host(cli.host))
    said = cli.run("providers", "lock", "-platform=darwin_arm64", expect=(1,))
    assert (
        "darwin_arm64" in said
        and "not available" in said.replace("\n", " ")
        or "no package for darwin_arm64" in said.replace("\n", " ")
    ), said


def test_a_mirrors_lock_needs_the_other_platform(cli, releases, registry):
    """What a mirror installed is vouched for on this platform only; `providers lock -fs-mirror` adds the other."""
    cli.installation(filesystem(releases[NEW].filesystem))
    cli.run("init")
    assert len(cli.hashes()) == 1
    cli.run(
        "providers",
        "lock",
        f"-fs-mirror={releases[NEW].filesystem}",
        *(f"-platform={platform}" for platform in PLATFORMS),
    )
    assert len(cli.hashes()) == 2


def test_plugin_cache(cli, registry, make_cli):
    cache = cli.home / "cache"
    cache.mkdir()
    cli.settings.write_text(f'plugin_cache_dir = "{cache}"\n{registry.host(cli.host)}')
    cli.run("init")
    cli.used()
    downloads = [path for path in registry.asked if path.endswith(".zip")]
    second = make_cli(cli.name)
    second.configure()
    second.settings.write_text(cli.settings.read_text())
    shutil.copy(cli.folder / ".terraform.lock.hcl", second.folder)
    assert "cache" in second.run("init")
    second.used()
    assert [path for path in registry.asked if path.endswith(".zip")] == downloads


def test_upgrade_and_back(cli, registry):
    cli.settings.write_text(registry.host(cli.host))
    cli.configure(OLD)
    cli.run("init")
    cli.run("apply", "-auto-approve")
    before = json.loads(cli.run("show", "-json"))["values"]
    for version, other in ((NEW, OLD), (OLD, NEW)):
        cli.configure(version)
        assert "-upgrade" in cli.run("init", expect=(1,)), "a lock file is not overruled unasked"
        assert f"v{version}" in cli.run("init", "-upgrade")
        assert "No changes." in cli.run("plan", "-detailed-exitcode")
        assert json.loads(cli.run("show", "-json"))["values"] == before
        assert f'version     = "{version}"' in cli.lock() and f'"{other}"' not in cli.lock()


# ---- what is refused -----------------------------------------------------------------------------


def rewritten(path, change):
    data = change(path.read_bytes())
    path.unlink()
    path.write_bytes(data)


TAMPERED = {
    "zip": (lambda release: rewritten(release.zip(PLATFORMS[0]), lambda data: data + b"x"), "checksum"),
    "sums": (lambda release: rewritten(release.sums, lambda data: data.replace(b"a", b"b")), "signature|checksum"),
    "signature": (lambda release: rewritten(release.signature, lambda data: data[:-8] + b"12345678"), "signature"),
    "an armored signature": (
        lambda release: rewritten(release.signature, lambda data: b"-----BEGIN PGP SIGNATURE-----\n"),
        "signature",
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_registry_that_was_tampered_with(what, cli, registry, copy):
    spoil, words = TAMPERED[what]
    cli.settings.write_text(registry.host(cli.host))
    honest = registry.answer(f"/v1/providers/wandb/wandb/{NEW}/download/linux/amd64")
    spoil(copy)
    registry.offer(copy)
    if what == "sums":  # the registry's own word on the digest stays; only the signed list was changed
        registry.download = lambda *words: honest
    said = cli.run("init", expect=(1,))
    assert re.search(words, said, re.I), said
    assert not cli.installed().exists()


def test_a_key_of_somebody_else(cli, registry):
    from conftest import make_key

    registry.public_key = make_key("somebody else")[1]
    cli.settings.write_text(registry.host(cli.host))
    assert "signature" in cli.run("init", expect=(1,))


@pytest.mark.parametrize("scheme", ["h1", "zh"])
def test_a_network_mirror_with_a_wrong_hash(cli, copy, certificates, scheme):
    described = copy.network / cli.host / layout.ADDRESS / f"{NEW}.json"
    content = json.loads(described.read_text())
    hashes = content["archives"][PLATFORMS[0]]["hashes"]
    content["archives"][PLATFORMS[0]]["hashes"] = [
        each[:-4] + "AAA=" if scheme == "h1" else each[:-4] + "0000" for each in hashes if each.startswith(scheme)
    ]
    described.write_text(json.dumps(content))
    with servers.network_mirror(certificates, copy.network) as server:
        cli.installation(network(server.url))
        assert re.search("checksum|hash", cli.run("init", expect=(1,)))


def test_a_mirror_that_is_not_what_was_locked(cli, releases, copy):
    cli.installation(filesystem(releases[NEW].filesystem))
    cli.run("init")
    rewritten(copy.mirrored(cli.host, PLATFORMS[0]), lambda data: data + b"x")
    cli.installation(filesystem(copy.filesystem))
    shutil.rmtree(cli.folder / ".terraform")
    assert "checksums" in cli.run("init", expect=(1,))


# ---- README --------------------------------------------------------------------------------------


def readme_blocks():
    text = (ROOT / "README.md").read_text()
    return re.findall(r"```(\w+)\n(.*?)```", text[: text.index("## What it does")], re.S)


def test_a_newcomer_follows_the_readme(make_cli, releases):
    """Only terraform and the mirror, from an empty folder to a plan, by the README's lines."""
    cli = make_cli("terraform-1.11")
    settings, configuration = (text for kind, text in readme_blocks() if kind == "hcl")
    commands = next(text for kind, text in readme_blocks() if kind == "console")
    (cli.home / ".terraformrc").write_text(
        settings.replace("/path/to/filesystem-mirror", str(releases[NEW].filesystem))
    )
    (cli.folder / "main.tf").write_text(configuration)
    del cli.environment["TF_CLI_CONFIG_FILE"]
    cli.environment |= {"PATH": f"{pathlib.Path(cli.executable).parent}:/usr/bin:/bin", "TF_CLI_ARGS": "-no-color"}
    said = ""
    for command in re.findall(r"^\$ (.*)$", commands, re.M):
        said = execute(["sh", "-c", command], env=cli.environment, cwd=cli.folder).said
    assert "Plan: 2 to add, 0 to change, 0 to destroy." in said, said
