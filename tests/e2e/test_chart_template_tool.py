# SPDX-License-Identifier: Apache-2.0
"""build/…/chart-template beside the real `helm template`:
its flags, and charts that have to be fetched from repositories with and without login and certificates, URLs, OCI
registries."""

import os
import pathlib
import shutil

import pytest

import chart_servers
from chart_servers import Web, certificates, pack
from commands import Tool, clean_environment

# user : registry-pass-word
HTPASSWD = "user:$2b$04$WLDedfeHe.pUUw68KPn5FeL/08NWcvm.VYvPepfS.3zyZAcRn84zi\n"


@pytest.fixture(params=["3", "4"])
def profile(request):
    return request.param


@pytest.fixture
def helm(profile, tmp_path):
    return chart_servers.helm(f"helm{profile}", tmp_path)


@pytest.fixture
def ours(profile, provider, tmp_path):
    """chart-template, which is built beside the provider."""
    build = pathlib.Path(os.environ.get("BUILD_DIR") or provider.parent)
    tool = Tool(build / "chart-template", clean_environment(HOME=tmp_path / "home"))

    def run(*words, **options):
        return tool.run("--profile", profile, *words, **options)

    return run


def publish(helm, folder, *versions):
    folder.mkdir()
    for version in versions:
        pack(helm, folder, "app", version)
    helm("repo", "index", folder)
    return folder


def test_a_repository(helm, ours, tmp_path):
    web = Web(publish(helm, tmp_path / "charts", "1.4.0", "1.5.0", "2.0.0-rc.1"), login="user:pass-word")
    login = ["--repo", web.url, "--username", "user", "--password", "pass-word"]
    for words in ([], ["--version", "~1.4.0"], ["--version", "1.4.0"], ["--devel"], ["--version", ">=2.0.0-0"]):
        assert ours("app", *login, *words).stdout == helm("template", "app", *login, *words), words
    assert ours("mine", "app", *login, "-n", "there").stdout == helm("template", "mine", "app", *login, "-n", "there")
    assert "user name and password" in ours("app", "--repo", web.url, expect=(1,)).stderr
    assert "9.9.9" in ours("app", *login, "--version", "9.9.9", expect=(1,)).stderr
    assert 'chart "none" not found' in ours("none", *login, expect=(1,)).stderr
    url = f"{web.url}/app-1.4.0.tgz"
    assert ours(url, *login[2:]).stdout == helm("template", url, *login[2:])
    web.close()


def test_a_repository_with_its_own_certificates(helm, ours, tmp_path):
    ca, certificate, key = certificates(tmp_path / "tls")
    web = Web(publish(helm, tmp_path / "charts", "1.0.0"), certificate=(certificate, key))
    for words in (["--ca-file", ca], ["--insecure-skip-tls-verify"]):
        assert ours("app", "--repo", web.url, *words).stdout == helm("template", "app", "--repo", web.url, *words)
    assert "certificate" in ours("app", "--repo", web.url, expect=(1,)).stderr
    assert "can't read" in ours("app", "--repo", web.url, "--ca-file", tmp_path / "none", expect=(1,)).stderr
    web.close()


def test_a_registry(helm, ours, tmp_path):
    (tmp_path / "htpasswd").write_text(HTPASSWD)
    login = ["--username", "user", "--password", "registry-pass-word"]
    with chart_servers.registry(
        tmp_path / "registry", {"htpasswd": {"realm": "charts", "path": str(tmp_path / "htpasswd")}}
    ) as host:
        for version in ("1.4.0", "1.5.0+build.7", "2.0.0-rc.1"):
            helm("push", pack(helm, tmp_path, "app", version), f"oci://{host}/charts", "--plain-http", *login)
        app = f"oci://{host}/charts/app"
        for words in ([], ["--version", "1.4.0"], ["--version", "^1.4"], ["--version", "1.5.0+build.7"], ["--devel"]):
            assert ours(app, "--plain-http", *login, *words).stdout == helm(
                "template", app, "--plain-http", *login, *words
            ), words
        assert (
            ours("app", "--repo", f"oci://{host}/charts", *login, "--version", "1.4.0").stdout
            == ours(app, *login, "--version", "1.4.0").stdout
        )
        helm("registry", "login", host, "--plain-http", "--registry-config", tmp_path / "config.json", *login)
        assert ours(app, "--registry-config", tmp_path / "config.json").stdout == helm(
            "template", app, "--plain-http", *login
        )
        assert "wants a login" in ours(app, "--registry-config", tmp_path / "none", expect=(1,)).stderr


def test_a_registry_with_tls(helm, ours, tmp_path):
    ca, certificate, key = certificates(tmp_path / "tls")
    with chart_servers.registry(tmp_path / "registry", tls=(certificate, key)) as host:
        helm("push", pack(helm, tmp_path, "app", "1.0.0"), f"oci://{host}/charts", "--ca-file", ca)
        app = f"oci://{host}/charts/app"
        assert ours(app, "--ca-file", ca).stdout == helm("template", app, "--ca-file", ca)
        assert ours(app, "--insecure-skip-tls-verify").stdout == helm("template", app, "--insecure-skip-tls-verify")
        assert "certificate" in ours(app, "--ca-file", certificates(tmp_path / "other")[0], expect=(1,)).stderr


def test_what_lies_here_needs_no_network(helm, ours, profile, tmp_path):
    packed = shutil.copy(pack(helm, tmp_path, "app", "1.0.0"), tmp_path / "here.tgz")
    assert ours(packed).stdout == helm("template", packed)
    # Helm 4 looks nowhere but in a repository that is given
    elsewhere = [packed, "--repo", "https://127.0.0.1:9"]
    code = 0 if profile == "3" else 1
    assert ours(*elsewhere, expect=(code,)).stdout == helm.run("template", *elsewhere, expect=(code,)).stdout
    for words in (["app"], ["stable/app"], ["./none"]):
        theirs = helm.run("template", *words, expect=(1,)).stderr
        assert ours(*words, expect=(1,)).stderr.strip() == theirs.strip()


CHARTS = pathlib.Path(__file__).parents[1] / "golden" / "charts"
KUBE = ("--kube-version", "1.36.3")
FLAGS = {
    "no-flags": ("loading",),
    "name": ("mine", "loading"),
    "namespace": ("mine", "loading", "-n", "elsewhere"),
    "namespace-long": ("mine", "loading", "--namespace", "elsewhere"),
    "values": ("values", "-f", "values/user.yaml"),
    "values-twice": ("values", "--values", "values/user.yaml", "--values=values/user2.yaml"),
    "values-list": ("values", "-f", "values/user.yaml,values/user2.yaml"),
    "values-missing": ("values", "-f", "values/none.yaml"),
    "set": ("values", "--set", "a.b=1,list={x,y}", "--set", "a.c=null"),
    "set-zero-width": ("values", "--set", "a\u200bb"),
    "set-not-utf8": ("values", "--set", "a\udced\udca0\udc80\u00a0b"),
    "set-string": ("values", "--set-string", "a.b=1"),
    "set-json": ("values", "--set-json", 'a={"b":[1,null]}'),
    "set-file": ("values", "--set-file", "a=values/user.yaml"),
    "set-literal": ("values", "--set-literal", "a=b,c"),
    "set-in-any-order": (
        "values",
        "--set-string",
        "a=1",
        "--set",
        "a=2",
        "--set-json",
        "a=3",
        "-f",
        "values/user.yaml",
    ),
    "kube-version": ("loading", "--kube-version", "1.30"),
    "kube-version-bad": ("loading", "--kube-version", "one"),
    "api-versions": ("loading", "--api-versions", "example.com/v1,apps/v1/Deployment", "-a", "x/v1"),
    "include-crds": ("loading", "--include-crds"),
    "is-upgrade": ("loading", "--is-upgrade"),
    "no-hooks": ("hooks", "--no-hooks"),
    "skip-tests": ("hooks", "--skip-tests"),
    "show-only": ("hooks", "--show-only", "templates/hooks.yaml"),
    "show-only-twice": ("hooks", "-s", "templates/hooks.yaml", "-s", "templates/splitting.yaml"),
    "show-only-none": ("hooks", "-s", "templates/none.yaml"),
    "skip-schema": ("schema", "--set", "replicas=9", "--skip-schema-validation"),
    "notes": ("loading", "--render-subchart-notes"),
    "unknown-flag": ("loading", "--no-such-flag"),
    "unknown-flag-with-value": ("loading", "--no-such-flag=1"),
    "unknown-letter": ("loading", "-x"),
    "no-value": ("loading", "--set"),
    "no-value-letter": ("loading", "-f"),
    "no-chart": (),
    "three-words": ("a", "b", "c"),
}


def refusal(result):
    """The line helm ends with, without how to use it; before it helm may log."""
    return [line for line in result.stderr.splitlines() if line.startswith("Error: ")]


@pytest.mark.parametrize("words", FLAGS.values(), ids=FLAGS.keys())
def test_flags(helm, ours, words, monkeypatch):
    monkeypatch.chdir(CHARTS)
    words = words if "--kube-version" in words else (*KUBE, *words)
    theirs = helm.run("template", *words, expect=(0, 1))
    found = ours(*words, expect=(theirs.code,))
    assert found.stdout == theirs.stdout
    assert refusal(found) == refusal(theirs)


def test_values_from_elsewhere(helm, ours, tmp_path):
    """-f and --set-file take URLs, and - for standard input."""
    place = tmp_path / "web"
    place.mkdir()
    (place / "user.yaml").write_text("size: 3\nfrom: a server\n")
    chart, web = str(CHARTS / "values"), Web(place)
    for words in (
        ["-f", f"{web.url}/user.yaml"],
        ["--set-file", f"a={web.url}/user.yaml"],
        ["-f", f"{web.url}/user.yaml", "--set", "size=4"],
    ):
        assert ours(chart, *KUBE, *words).stdout == helm("template", chart, *KUBE, *words), words
    for words in (["-f", "-"], ["--set-file", "a=-"]):
        text = "from: a pipe\n"
        assert ours(chart, *KUBE, *words, input=text).stdout == helm("template", chart, *KUBE, *words, input=text), (
            words
        )
    for words in (["-f", f"{web.url}/none.yaml"], ["--set-file", f"a={web.url}/none.yaml"]):
        (theirs,), (found,) = (
            refusal(helm.run("template", chart, *words, expect=(1,))),
            refusal(ours(chart, *words, expect=(1,))),
        )
        assert theirs.startswith(found) and found.endswith("none.yaml : 404")
    web.close()
