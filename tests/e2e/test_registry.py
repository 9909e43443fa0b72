# SPDX-License-Identifier: Apache-2.0
"""Charts in OCI registries: the real registry, charts pushed by the real helm, logins of every kind."""

import base64
import hashlib
import json
import re
import urllib.request

import pytest

import chart_servers
from chart_servers import Charts, TokenService, Web, certificates, front, pack, put_blob, put_manifest
from leaks import planted

CHART_CONFIG = "application/vnd.cncf.helm.config.v1+json"
CHART_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
IMAGE_CONFIG, IMAGE_LAYER = "application/vnd.oci.image.config.v1+json", "application/vnd.oci.image.layer.v1.tar+gzip"
VERSIONS = ("1.4.0", "1.4.8", "1.5.0", "1.10.0+build.7", "2.0.0-rc.1")

# user : planted("registry")
HTPASSWD = "user:$2b$04$WLDedfeHe.pUUw68KPn5FeeCiqrbogPl65vfrF.MO7tDoCtFwjkZ2\n"


@pytest.fixture(params=["helm3", "helm4"])
def helm(request, tmp_path):
    return chart_servers.helm(request.param, tmp_path)


@pytest.fixture
def helm3(tmp_path):
    return chart_servers.helm("helm3", tmp_path)


@pytest.fixture
def registry(tmp_path):
    with chart_servers.registry(tmp_path / "registry") as host:
        yield host


def push(helm, place, host, versions=VERSIONS, *words):
    place.mkdir(exist_ok=True)
    for version in versions:
        helm("push", pack(helm, place, "app", version), f"oci://{host}/charts", "--plain-http", *words)


def flat(text):
    return re.sub(r"\s+", " ", text)


def config_file(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def auth(login):
    return {"auth": base64.b64encode(login.encode()).decode()}


def test_versions(make_terraform, helm, registry, tmp_path):
    push(helm, tmp_path / "charts", registry)
    app = f"oci://{registry}/charts/app"
    digest = "sha256:" + hashlib.sha256((tmp_path / "charts" / "app-1.4.0.tgz").read_bytes()).hexdigest()
    cases = {
        "newest": (None, "1.10.0+build.7"),
        "tilde": ("~1.4", "1.4.8"),
        "caret": ("^1.4", "1.10.0+build.7"),
        "range": (">= 1.4, < 1.5", "1.4.8"),
        "exact": ("1.4.0", "1.4.0"),
        "build": ("1.10.0+build.7", "1.10.0+build.7"),
        "prerelease": ("2.0.0-rc.1", "2.0.0-rc.1"),
        "prereleases": (">=1.0.0-0", "2.0.0-rc.1"),
        "short": ("1.5", "1.5.0"),
    }
    charts = Charts(make_terraform())
    wanted = {name: {"chart": app, **({"version": version} if version else {})} for name, (version, _) in cases.items()}
    wanted["tag"] = {"chart": f"{app}:1.4.8"}
    wanted["both"] = {"chart": f"{app}:1.4.8", "version": "~1.4"}
    wanted["repository"] = {"chart": "app", "repository": f"oci://{registry}/charts", "version": "1.5.0"}
    found = charts.get(wanted)
    expected = {name: version for name, (_, version) in cases.items()} | {
        "tag": "1.4.8",
        "both": "1.4.8",
        "repository": "1.5.0",
    }
    assert {name: each["chart_version"] for name, each in found.items()} == expected
    assert found["exact"]["chart_digest"] == digest
    del cases["short"]  # helm looks for nothing but a tag 1.5
    for name, (version, chosen) in cases.items():
        theirs = helm("template", app, "--plain-http", *(["--version", version] if version else []))
        assert f"chart: app-{chosen}" in theirs, name


def test_tags_come_in_pages(make_terraform, helm3, registry, tmp_path):
    push(helm3, tmp_path / "charts", registry)
    paged = lambda path: path if "?" in path or not path.endswith("/tags/list") else f"{path}?n=2"  # noqa: E731
    with front(registry, path=paged) as (host, seen):
        found = Charts(make_terraform()).get(
            {
                "newest": {"chart": f"oci://{host}/charts/app"},
                "last": {"chart": f"oci://{host}/charts/app", "version": ">=2.0.0-0"},
            }
        )
        assert [each["chart_version"] for each in found.values()] == ["1.10.0+build.7", "2.0.0-rc.1"]
        assert len([path for path, _ in seen if "/tags/list" in path]) >= 6


def test_what_is_not_there(make_terraform, helm3, registry, tmp_path):
    push(helm3, tmp_path / "charts", registry, ("1.4.0", "1.5.0"))
    image = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": put_blob(registry, "images/app", b"{}", IMAGE_CONFIG),
        "layers": [put_blob(registry, "images/app", b"layer", IMAGE_LAYER)],
    }
    put_manifest(registry, "images/app", "1.0.0", image, OCI_MANIFEST)
    put_manifest(
        registry,
        "charts/app",
        "v1.6.0",
        {**image, "layers": [], "config": put_blob(registry, "charts/app", b"{}", IMAGE_CONFIG)},
        OCI_MANIFEST,
    )
    app = f"oci://{registry}/charts/app"
    refused = Charts(make_terraform()).refused(
        {
            "version": {"chart": app, "version": "1.4.1"},
            "constraint": {"chart": app, "version": ">= 3"},
            "tag": {"chart": f"{app}:9.9.9"},
            "chart": {"chart": f"oci://{registry}/charts/none"},
            "exact": {"chart": f"oci://{registry}/charts/none", "version": "1.0.0"},
            "digest": {"chart": f"{app}@sha256:{'0' * 64}"},
            "image": {"chart": f"oci://{registry}/images/app", "version": "1.0.0"},
            "both": {"chart": f"{app}:1.4.0", "version": "1.5.0"},
            "written": {"chart": app, "version": "1.6.0"},
            "short": {"chart": "oci://app"},
            "dead": {"chart": f"oci://127.0.0.1:{chart_servers.free_port()}/charts/app"},
        }
    )
    text = {name: flat(each) for name, each in refused.items()}
    assert (
        "charts/app has no version 1.4.1; it has 1.5.0, 1.4.0" in text["version"]
        and "has no version 9.9.9; it has 1.5.0" in text["tag"]
    )
    assert 'no version that satisfies ">= 3"; it has 1.5.0, 1.4.0' in text["constraint"]
    assert "has no version 1.6.0, but the tag v1.6.0: write it like that" in text["written"]
    assert "there is no such chart or version" in text["chart"] and "there is no such chart or version" in text["exact"]
    assert "404" in text["digest"] and "is no Helm chart: its manifest has no layer of type" in text["image"]
    assert (
        'names a version, and version = "1.5.0" is another one' in text["both"]
        and "write oci://HOST/PATH/CHART" in text["short"]
    )
    assert "could not connect" in text["dead"]


def test_a_digest_beside_tag_and_version(make_terraform, helm, registry, tmp_path):
    push(helm, tmp_path / "charts", registry, ("1.4.0", "1.5.0"))
    app = f"oci://{registry}/charts/app"
    asked = urllib.request.Request(f"http://{registry}/v2/charts/app/manifests/1.4.0", headers={"Accept": OCI_MANIFEST})
    digest = "sha256:" + hashlib.sha256(urllib.request.urlopen(asked, timeout=10).read()).hexdigest()
    wanted = {
        "digest": {"chart": f"{app}@{digest}"},
        "version": {"chart": f"{app}@{digest}", "version": "1.4.0"},
        "constraint": {"chart": f"{app}@{digest}", "version": "~1.4"},
        "tag": {"chart": f"{app}:1.4.0@{digest}"},
        "all": {"chart": f"{app}:1.4.0@{digest}", "version": "1.4.0"},
    }
    found = Charts(make_terraform()).get(wanted)
    assert {each["chart_version"] for each in found.values()} == {"1.4.0"}
    for each in wanted.values():
        words = ["--version", each["version"]] if "version" in each else []
        assert "chart: app-1.4.0" in helm("template", each["chart"], "--plain-http", *words)
    wrong = {
        "other_tag": {"chart": f"{app}:1.5.0@{digest}"},
        "other_version": {"chart": f"{app}@{digest}", "version": "1.5.0"},
        "no_digest": {"chart": f"{app}@1.4.0"},
    }
    refused = Charts(make_terraform()).refused(wrong)
    assert "the tag 1.5.0 leads to sha256:" in flat(refused["other_tag"])
    assert "the chart of that digest is version 1.4.0" in flat(refused["other_version"])
    assert "is the digest of a manifest" in flat(refused["no_digest"])
    for each in wrong.values():
        words = ["--version", each["version"]] if "version" in each else []
        helm.run("template", each["chart"], "--plain-http", *words, expect=(1,))


def test_an_index_of_manifests(make_terraform, helm3, registry, tmp_path):
    """An image index may hold an image beside the chart; and a digest names a manifest for good."""
    tgz = pack(helm3, tmp_path, "app", "1.0.0")
    layer = put_blob(registry, "charts/app", tgz.read_bytes(), CHART_LAYER)
    old_layer = put_blob(registry, "charts/old", tgz.read_bytes(), "application/tar+gzip")
    config = lambda name: put_blob(registry, name, b'{"name":"app","version":"1.0.0"}', CHART_CONFIG)  # noqa: E731
    image = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": put_blob(registry, "charts/app", b"{}", IMAGE_CONFIG),
        "layers": [put_blob(registry, "charts/app", b"layer", IMAGE_LAYER)],
    }
    chart = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config("charts/app"), "layers": [layer]}
    manifests = [
        put_manifest(registry, "charts/app", "image", image, OCI_MANIFEST),
        put_manifest(registry, "charts/app", "chart", chart, OCI_MANIFEST),
    ]
    index = put_manifest(
        registry, "charts/app", "1.0.0", {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests}, OCI_INDEX
    )
    put_manifest(registry, "charts/app", "v3.0.0", chart, OCI_MANIFEST)  # a version that no constraint finds
    put_manifest(
        registry,
        "charts/old",
        "1.0.0",
        {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config("charts/old"), "layers": [old_layer]},
        OCI_MANIFEST,
    )
    app = f"oci://{registry}/charts/app"
    found = Charts(make_terraform()).get(
        {
            "tag": {"chart": app, "version": "1.0.0"},
            "index": {"chart": f"{app}@{index['digest']}"},
            "manifest": {"chart": f"{app}@{manifests[1]['digest']}"},
            "old": {"chart": f"oci://{registry}/charts/old", "version": "~1"},
            "loose": {"chart": app, "version": "v3.0.0"},
        }
    )
    assert {each["chart_digest"] for each in found.values()} == {layer["digest"]}
    assert {each["chart_version"] for each in found.values()} == {"1.0.0"}


def test_damaged_on_the_way(make_terraform, helm3, registry, tmp_path):
    push(helm3, tmp_path / "charts", registry, ("1.0.0",))
    other = pack(helm3, tmp_path, "app", "6.6.6").read_bytes()
    spoil = lambda path, body: other if "/blobs/" in path else body  # noqa: E731
    with front(registry, spoil) as (host, _):
        refused = Charts(make_terraform()).refused({"blob": {"chart": f"oci://{host}/charts/app", "version": "1.0.0"}})
        assert "is not what its manifest promised" in flat(refused["blob"]) and hashlib.sha256(
            other
        ).hexdigest() in flat(refused["blob"])
    spoil = lambda path, body: body + b" " if "/manifests/" in path else body  # noqa: E731
    with front(registry, spoil) as (host, _):
        digest = Charts(make_terraform()).get({"app": {"chart": f"oci://{registry}/charts/app", "version": "1.0.0"}})[
            "app"
        ]["chart_digest"]
        refused = Charts(make_terraform()).refused({"manifest": {"chart": f"oci://{host}/charts/app@{digest}"}})
        assert "404" in refused["manifest"] or "the digest is" in flat(refused["manifest"])
    for junk in (
        b"{",
        b"[]",
        b'{"layers": 5}',
        b'{"layers": [{"mediaType": "' + CHART_LAYER.encode() + b'", "digest": "../../etc"}]}',
        b'{"manifests": [{}]}',
        b"",
    ):
        with front(registry, lambda path, body, junk=junk: junk if "/manifests/" in path else body) as (host, _):
            Charts(make_terraform()).refused({"junk": {"chart": f"oci://{host}/charts/app", "version": "1.0.0"}})


def test_without_a_network(make_terraform, helm3, registry, tmp_path):
    push(helm3, tmp_path / "charts", registry, ("1.0.0",))
    down = []
    with front(registry, lambda path, body: body) as (host, seen):
        charts = Charts(make_terraform())
        exact, tag = (
            {"chart": f"oci://{host}/charts/app", "version": "1.0.0"},
            {"chart": f"oci://{host}/charts/app:1.0.0"},
        )
        charts.get({"exact": exact, "tag": tag})
        down.append(host)
    found = charts.get({"exact": exact, "tag": tag})
    assert found["exact"]["chart_version"] == "1.0.0" and "Taken from the cache: chart " in charts.result.stdout
    assert "could not connect" in charts.refused({"newest": {"chart": f"oci://{host}/charts/app"}})["newest"]


# ---- logins ----------------------------------------------------------------------------------------


@pytest.fixture
def private(tmp_path):
    """A registry that wants a user name and password."""
    (tmp_path / "htpasswd").write_text(HTPASSWD)
    with chart_servers.registry(
        tmp_path / "private", {"htpasswd": {"realm": "charts", "path": str(tmp_path / "htpasswd")}}
    ) as host:
        yield host


@pytest.fixture
def asked(leaks):
    leaks.allow(
        "^(state|stdout of output)", "Terraform keeps what a data source was asked with, and these tests print it"
    )


def helper(folder, name, script):
    path = folder / f"docker-credential-{name}"
    folder.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return folder


def test_logins(make_terraform, helm3, private, tmp_path, asked):
    login = f"user:{planted('registry')}"
    known = config_file(tmp_path / "known.json", {"auths": {private: auth(login)}})
    push(helm3, tmp_path / "charts", private, ("1.0.0",), "--registry-config", known)
    programs = helper(
        tmp_path / "programs",
        "vault",
        f'read host; [ "$1" = get ] && [ "$host" = {private} ] || '
        '{ echo "credentials not found in native keychain"; exit 1; }\n'
        f'echo \'{{"ServerURL":"","Username":"user","Secret":"{planted("registry")}"}}\'',
    )
    helper(programs, "broken", 'echo "vault is sealed" >&2; exit 3')
    path = f"{programs}:/usr/local/bin:/usr/bin:/bin"
    app = {"chart": f"oci://{private}/charts/app"}
    ours = {"user": {**app, "repository_username": "user", "repository_password": planted("registry")}}
    files = {
        "known": {"auths": {private: auth(login)}},
        "plain": {"auths": {f"https://{private}/v2/": {"username": "user", "password": planted("registry")}}},
        "helper": {"credHelpers": {private: "vault"}},
        "store": {"credsStore": "vault"},
        "empty": {"auths": {private: {}}, "credsStore": "vault"},
    }
    terraform = make_terraform()
    assert Charts(terraform).get(ours)["user"]["chart_version"] == "1.0.0"
    for name, content in files.items():
        block = f'registry_config_path = "{config_file(tmp_path / f"{name}.json", content)}"'
        assert Charts(terraform, block).get({"app": app}, env={"PATH": path})["app"]["chart_version"] == "1.0.0", name
    block = (
        f'registries = [{{ url = "oci://{private}", username = "other", password = "no" }}, '
        f'{{ url = "oci://{private}/charts", username = "user", password = "{planted("registry")}" }}]'
    )
    assert Charts(terraform, block).get({"app": app})["app"]["chart_version"] == "1.0.0"
    config_file(tmp_path / "docker" / "config.json", files["known"])
    assert (
        Charts(terraform).get({"app": app}, env={"DOCKER_CONFIG": str(tmp_path / "docker")})["app"]["chart_version"]
        == "1.0.0"
    )
    assert (
        Charts(terraform).get({"app": app}, env={"HELM_REGISTRY_CONFIG": str(known)})["app"]["chart_version"] == "1.0.0"
    )


def test_refused_logins(make_terraform, private, tmp_path):
    app = {"chart": f"oci://{private}/charts/app"}
    terraform = make_terraform()
    wrong = {"chart": app["chart"], "repository_username": "user", "repository_password": planted("wrong")}
    refused = Charts(terraform).refused({"none": app, "wrong": wrong})
    assert "the registry wants a login: give one in registries of the provider block" in flat(refused["none"])
    assert "the registry does not accept the login that was given" in flat(refused["wrong"])
    programs = helper(tmp_path / "programs", "broken", 'echo "vault is sealed" >&2; exit 3')
    helper(programs, "chatty", "echo not-json")
    for name, words in (
        ("broken", "vault is sealed"),
        ("chatty", "its answer is not JSON"),
        ("missing", "docker-credential-missing"),
        ("../evil", None),
    ):
        block = f'registry_config_path = "{config_file(tmp_path / "config.json", {"credHelpers": {private: name}})}"'
        charts = Charts(terraform, block)
        refused = charts.refused({"app": app}, env={"PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin"})
        assert "the registry wants a login" in flat(refused["app"])
        assert words is None or words in charts.result.stdout


def test_tokens(make_terraform, helm3, tmp_path, asked):
    """The token flow: Basic for a token, or a refresh token where docker's config holds one."""
    service = TokenService(tmp_path)
    with chart_servers.registry(tmp_path / "tokens", service.auth) as host:
        known = config_file(tmp_path / "known.json", {"auths": {host: auth(f"user:{planted('token')}")}})
        push(helm3, tmp_path / "charts", host, ("1.0.0", "1.1.0"), "--registry-config", known)
        service.server.seen.clear()
        app = {"chart": f"oci://{host}/charts/app"}
        terraform = make_terraform()
        found = Charts(terraform).get(
            {"user": {**app, "repository_username": "user", "repository_password": planted("token")}}
        )
        assert found["user"]["chart_version"] == "1.1.0"
        method, query, authorization = service.server.seen[0]
        assert (
            method == "GET"
            and query == {"service": ["charts registry"], "scope": ["repository:charts/app:pull"]}
            and authorization
        )
        refresh = config_file(
            tmp_path / "refresh.json",
            {"auths": {host: {**auth("00000000-0000-0000-0000-000000000000:"), "identitytoken": planted("refresh")}}},
        )
        service.server.seen.clear()
        found = Charts(terraform, f'registry_config_path = "{refresh}"').get({"app": {**app, "version": "~1.0.0"}})
        assert found["app"]["chart_version"] == "1.0.0"
        method, query, _ = service.server.seen[0]
        assert (
            method == "POST"
            and query["grant_type"] == ["refresh_token"]
            and query["scope"] == ["repository:charts/app:pull"]
        )
        refused = Charts(terraform).refused(
            {"none": app, "wrong": {**app, "repository_username": "user", "repository_password": planted("wrong")}}
        )
        assert "the token service answered HTTP 401: it may want a login" in flat(refused["none"])
        assert "the token service answered HTTP 401: is the login right?" in flat(refused["wrong"])
    service.close()


def test_certificates(make_terraform, helm3, tmp_path):
    ca, certificate, key = certificates(tmp_path / "keys")
    with chart_servers.registry(tmp_path / "secure", tls=(certificate, key)) as host:
        helm3("push", pack(helm3, tmp_path, "app", "1.0.0"), f"oci://{host}/charts", "--ca-file", ca)
        charts = Charts(make_terraform())
        found = charts.get({"trusted": {"chart": f"oci://{host}/charts/app", "repository_ca": f'file("{ca}")'}})
        assert found["trusted"]["chart_version"] == "1.0.0"
        other, *_ = certificates(tmp_path / "other")
        refused = charts.refused({"other": {"chart": f"oci://{host}/charts/app", "repository_ca": f'file("{other}")'}})
        assert "certificate" in refused["other"]


def test_an_index_that_points_into_a_registry(make_terraform, helm3, registry, tmp_path, asked):
    """As some repositories do. Their login is not the registry's."""
    push(helm3, tmp_path / "charts", registry, ("1.0.0", "1.1.0"))
    with front(registry) as (host, seen):
        (tmp_path / "index").mkdir()
        entries = [
            {"apiVersion": "v2", "name": "app", "version": version, "urls": [f"oci://{host}/charts/app:{version}"]}
            for version in ("1.0.0", "1.1.0")
        ]
        (tmp_path / "index" / "index.yaml").write_text(json.dumps({"apiVersion": "v1", "entries": {"app": entries}}))
        web = Web(tmp_path / "index", login=f"user:{planted('repository')}")
        found = Charts(make_terraform()).get(
            {
                "app": {
                    "chart": "app",
                    "repository": web.url,
                    "version": "~1.0.0",
                    "repository_username": "user",
                    "repository_password": planted("repository"),
                }
            }
        )
        assert found["app"]["chart_version"] == "1.0.0"
        assert seen and all(header is None for _, header in seen)
        web.close()
