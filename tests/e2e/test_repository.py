# SPDX-License-Identifier: Apache-2.0
"""Charts from repositories with an index.yaml that the real helm made, behind real web servers."""

import hashlib
import json
import re
import shutil

import pytest

import chart_servers
from chart_servers import Charts, Web, basic, certificates, pack
from leaks import planted
from release_charts import release
from terraform import diagnostics

VERSIONS = ("1.4.0", "1.4.8", "1.5.0", "1.10.0", "2.0.0-rc.1", "2.0.0-rc.2", "1.5.1+build.7")


@pytest.fixture(params=["helm3", "helm4"])
def helm(request, tmp_path):
    return chart_servers.helm(request.param, tmp_path)


@pytest.fixture
def helm3(tmp_path):
    return chart_servers.helm("helm3", tmp_path)


def publish(helm, place, versions=VERSIONS, name="app", url=None):
    place.mkdir(exist_ok=True)
    for version in versions:
        pack(helm, place, name, version)
    helm("repo", "index", place, *(["--url", url] if url else []))
    return place


@pytest.fixture
def serve():
    """serve(folder, …) -> a Web that ends with the test."""
    made = []

    def make(*words, **options):
        made.append(Web(*words, **options))
        return made[-1]

    yield make
    for web in made:
        web.close()


def edit_index(folder, change):
    """The index as JSON, which is YAML too, with something changed by hand."""
    index = folder / "index.yaml"
    entries = {}
    for tgz in sorted(folder.glob("*.tgz")):
        name, _, version = tgz.stem.partition("-")
        entries.setdefault(name, []).append(
            {
                "apiVersion": "v2",
                "name": name,
                "version": version,
                "urls": [tgz.name],
                "digest": hashlib.sha256(tgz.read_bytes()).hexdigest(),
            }
        )
    document = {"apiVersion": "v1", "entries": entries}
    change(document)
    index.write_text(json.dumps(document))


def test_versions(make_terraform, helm, tmp_path, serve):
    web = serve(publish(helm, tmp_path / "charts"))
    cases = {
        "newest": (None, "1.10.0"),
        "empty": ("*", "1.10.0"),
        "exact": ("1.4.0", "1.4.0"),
        "tilde": ("~1.4", "1.4.8"),
        "pessimistic": ("~> 1.4.0", "1.4.8"),
        "caret": ("^1.4", "1.10.0"),
        "range": (">= 1.4, < 1.5", "1.4.8"),
        "wild": ("1.4.x", "1.4.8"),
        "either": ("1.4.0 || 1.5.0", "1.5.0"),
        "minor": ("1.5", "1.5.1+build.7"),
        "prerelease": ("2.0.0-rc.1", "2.0.0-rc.1"),
        "prereleases": (">=1.0.0-0", "2.0.0-rc.2"),
        "build": ("1.5.1+build.7", "1.5.1+build.7"),
        "v": ("v1.4.0", "1.4.0"),
    }
    charts = Charts(make_terraform())
    found = charts.get(
        {
            name: {"chart": "app", "repository": web.url, **({"version": wanted} if wanted else {})}
            for name, (wanted, _) in cases.items()
        }
    )
    assert {name: each["chart_version"] for name, each in found.items()} == {
        name: expected for name, (_, expected) in cases.items()
    }
    # and that is what helm itself chooses
    for name, (wanted, expected) in cases.items():
        theirs = helm("template", "app", "--repo", web.url, *(["--version", wanted] if wanted else []))
        assert f"chart: app-{expected}" in theirs, name
    assert (
        found["exact"]["chart_digest"]
        == "sha256:" + hashlib.sha256((web.folder / "app-1.4.0.tgz").read_bytes()).hexdigest()
    )
    assert found["exact"]["app_version"] == "app-1.4.0"


def test_what_is_not_there(make_terraform, helm3, tmp_path, serve):
    web = serve(publish(helm3, tmp_path / "charts"))
    pack(helm3, web.folder, "other", "1.0.0")
    edit_index(web.folder, lambda index: None)
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "index.yaml").write_text("<html><body>no index</body></html>")
    page = serve(tmp_path / "page")
    (tmp_path / "page" / "list").mkdir()
    (tmp_path / "page" / "list" / "index.yaml").write_text("- 1\n- 2\n")
    charts = Charts(make_terraform())
    refused = charts.refused(
        {
            "chart": {"chart": "wandb", "repository": web.url},
            "version": {"chart": "app", "repository": web.url, "version": "9.9.9"},
            "constraint": {"chart": "app", "repository": web.url, "version": ">= 3"},
            "index": {"chart": "app", "repository": f"{web.url}/nowhere"},
            "html": {"chart": "app", "repository": page.url},
            "list": {"chart": "app", "repository": f"{page.url}/list"},
            "file": {"chart": f"{web.url}/app-9.tgz"},
            "none": {"chart": "app"},
            "path": {"chart": "./app"},
        }
    )
    # what can be seen without asking anyone is refused before anyone is asked
    refused |= charts.refused({"address": {"chart": "app", "repository": "charts.wandb.ai"}})
    text = {name: re.sub(r"\s+", " ", each) for name, each in refused.items()}
    assert f'chart "wandb" not found in {web.url} repository; it has app, other' in text["chart"]
    assert (
        'version "9.9.9" not found' in text["version"]
        and "it has 2.0.0-rc.2, 2.0.0-rc.1, 1.10.0, 1.5.1+build.7" in text["version"]
    )
    assert 'version ">= 3" not found' in text["constraint"]
    assert f"{web.url}/nowhere/index.yaml answered HTTP 404: is the address right?" in text["index"]
    assert "index" in text["html"] and "index" in text["list"]
    assert "app-9.tgz answered HTTP 404" in text["file"]
    assert 'repository must begin with https://, http:// or oci://; found "charts.wandb.ai"' in text["address"]
    assert "no repository is given" in text["none"] and 'no chart at the path "./app"' in text["path"]


def test_entries_of_an_index(make_terraform, helm3, tmp_path, serve):
    """What is broken, withdrawn or damaged in an index is passed over or refused; the rest stays usable."""
    web = serve(publish(helm3, tmp_path / "charts", ("1.0.0", "1.1.0", "1.2.0", "1.3.0")))

    def spoil(index):
        app = {each["version"]: each for each in index["entries"]["app"]}
        app["1.3.0"]["removed"] = True
        app["1.1.0"]["digest"] = "0" * 64
        app["1.0.0"]["urls"] = [f"{web.url}/app-1.0.0.tgz"]
        app["1.2.0"]["digest"] = "sha256:" + app["1.2.0"]["digest"]
        index["entries"]["app"] += [
            None,
            {"name": "app"},
            {"version": "1.9.0", "urls": ["x.tgz"]},
            {"name": "app", "version": "newest", "urls": ["x.tgz"]},
            {"apiVersion": "v2", "name": "app", "version": "0.9.0"},
            "text",
        ]
        index["entries"]["empty"] = []
        index["entries"]["nothing"] = None

    edit_index(web.folder, spoil)
    charts = Charts(make_terraform())
    found = charts.get(
        {
            "newest": {"chart": "app", "repository": web.url},
            "absolute": {"chart": "app", "repository": web.url, "version": "1.0.0"},
        }
    )
    assert {name: each["chart_version"] for name, each in found.items()} == {"newest": "1.2.0", "absolute": "1.0.0"}
    refused = charts.refused(
        {
            "damaged": {"chart": "app", "repository": web.url, "version": "1.1.0"},
            "removed": {"chart": "app", "repository": web.url, "version": "1.3.0"},
            "nameless": {"chart": "app", "repository": web.url, "version": "1.9.0"},
            "urlless": {"chart": "app", "repository": web.url, "version": "0.9.0"},
            "empty": {"chart": "empty", "repository": web.url},
            "nothing": {"chart": "nothing", "repository": web.url},
        }
    )
    assert "is not what its repository promised" in refused["damaged"] and "0" * 64 in refused["damaged"]
    assert "not found" in refused["removed"] and "not found" in refused["nameless"]
    assert (
        "gives no URL" in refused["urlless"] and "not found" in refused["empty"] and "not found" in refused["nothing"]
    )


def test_addresses(make_terraform, helm3, tmp_path, serve):
    """Relative links, links to other hosts, redirects, a slash or a query behind the repository's address."""
    elsewhere = serve(publish(helm3, tmp_path / "elsewhere", ("1.0.0",)))
    near = serve(publish(helm3, tmp_path / "near", ("1.1.0",)))
    (near.folder / "deep").mkdir()
    (near.folder / "app-1.1.0.tgz").rename(near.folder / "deep" / "app-1.1.0.tgz")
    near.server.answers["/far/index.yaml"] = (
        200,
        (elsewhere.folder / "index.yaml")
        .read_bytes()
        .replace(b"app-1.0.0.tgz", f"{elsewhere.url}/app-1.0.0.tgz".encode()),
    )
    near.server.answers["/up/there/index.yaml"] = (
        200,
        (near.folder / "index.yaml").read_bytes().replace(b"app-1.1.0.tgz", b"../../deep/app-1.1.0.tgz"),
    )
    near.server.answers["/base/index.yaml"] = (
        200,
        (near.folder / "index.yaml").read_bytes().replace(b"app-1.1.0.tgz", b"/deep/app-1.1.0.tgz"),
    )
    near.redirects["/moved/index.yaml"] = "/up/there/index.yaml"
    near.redirects["/moved/deep/app-1.1.0.tgz"] = "/deep/app-1.1.0.tgz"
    near.redirects["/deep/deep/app-1.1.0.tgz"] = "/deep/app-1.1.0.tgz"
    near.redirects["/round/index.yaml"] = "/round/index.yaml"
    near.redirects["/away.tgz"] = f"{elsewhere.url}/app-1.0.0.tgz"
    charts = Charts(make_terraform())
    found = charts.get(
        {
            "far": {"chart": "app", "repository": f"{near.url}/far"},
            "up": {"chart": "app", "repository": f"{near.url}/up/there"},
            "root": {"chart": "app", "repository": f"{near.url}/base/"},
            "query": {"chart": "app", "repository": f"{near.url}/up/there?key=secret-key"},
            "url": {"chart": f"{near.url}/deep/app-1.1.0.tgz"},
            "away": {"chart": f"{near.url}/away.tgz"},
        },
        env={"XDG_CACHE_HOME": str(tmp_path / "cache1")},
    )
    assert {name: each["chart_version"] for name, each in found.items()} == {
        "far": "1.0.0",
        "up": "1.1.0",
        "root": "1.1.0",
        "query": "1.1.0",
        "url": "1.1.0",
        "away": "1.0.0",
    }
    assert "/up/there/index.yaml?key=secret-key" in [path for path, _ in near.seen]
    refused = charts.refused(
        {
            "round": {"chart": "app", "repository": f"{near.url}/round"},
            "signed": {"chart": f"{near.url}/nothing.tgz?signature=secret-key"},
        }
    )
    refused |= charts.refused({"ftp": {"chart": "app", "repository": "ftp://127.0.0.1/charts"}})
    assert (
        "redirects" in refused["round"]
        and "404" in refused["signed"]
        and "repository must begin with https://, http:// or oci://" in refused["ftp"]
    )
    assert all("secret-key" not in each for each in refused.values())


def test_logins(make_terraform, helm3, tmp_path, serve):
    login = "user:repository-pass-word"
    attributes = {"repository_username": "user", "repository_password": "repository-pass-word"}
    private = serve(publish(helm3, tmp_path / "private", ("1.0.0",)), login=login)
    other = serve(publish(helm3, tmp_path / "other", ("1.0.0",)))
    split = serve(publish(helm3, tmp_path / "split", ("1.0.0",), url=other.url), login=login)
    shutil.copy(split.folder / "app-1.0.0.tgz", other.folder)
    hop = serve(publish(helm3, tmp_path / "hop", ("1.0.0",)), login=login)
    shutil.copy(hop.folder / "app-1.0.0.tgz", other.folder / "hop.tgz")
    hop.redirects["/app-1.0.0.tgz"] = f"{other.url}/hop.tgz"
    charts = Charts(make_terraform())
    inside = private.url.replace("://", f"://{login}@")
    found = {}
    for name, wanted in {
        "private": {"repository": private.url, **attributes},
        "inside": {"repository": inside},
        "split": {"repository": split.url, **attributes},
        "hop": {"repository": hop.url, **attributes},
        "file": {"chart": f"{private.url}/app-1.0.0.tgz", **attributes},
    }.items():
        found |= charts.get({name: {"chart": "app", **wanted}}, env={"XDG_CACHE_HOME": str(tmp_path / f"cache-{name}")})
    assert all(each["chart_version"] == "1.0.0" for each in found.values())
    assert set(private.logins(".tgz")) == {basic(login)} and len(private.logins(".tgz")) == 3
    assert split.logins("index.yaml")[-1] == basic(login)
    assert other.logins(".tgz") == [None, None]  # the login stays with the repository
    charts.get(
        {"passed": {"chart": "app", "repository": split.url, "repository_pass_credentials": True, **attributes}},
        env={"XDG_CACHE_HOME": str(tmp_path / "cache-passed")},
    )
    assert other.logins(".tgz")[2:] == [basic(login)]
    refused = charts.refused(
        {
            "none": {"chart": "app", "repository": private.url},
            "wrong": {
                "chart": "app",
                "repository": private.url,
                "repository_username": "user",
                "repository_password": "wrong-pass-word",
            },
            "inside": {"chart": "nothing", "repository": inside},
        }
    )
    assert "HTTP 401: it wants a user name and password" in refused["none"]
    assert "it does not accept the user name and password" in refused["wrong"]
    for text in refused.values():
        assert "pass-word" not in text


def test_certificates(make_terraform, helm3, tmp_path, serve):
    ca, certificate, key = certificates(tmp_path / "keys")
    other_ca, *_ = certificates(tmp_path / "other-keys")
    web = serve(publish(helm3, tmp_path / "charts", ("1.0.0",)), certificate=(certificate, key))
    charts = Charts(make_terraform())
    found = charts.get(
        {"trusted": {"chart": "app", "repository": web.url, "repository_ca": f'file("{ca}")'}},
        env={"XDG_CACHE_HOME": str(tmp_path / "cache1")},
    )
    assert found["trusted"]["chart_version"] == "1.0.0"
    found = charts.get(
        {"system": {"chart": "app", "repository": web.url}},
        env={"XDG_CACHE_HOME": str(tmp_path / "cache2"), "SSL_CERT_FILE": str(ca)},
    )
    assert found["system"]["chart_version"] == "1.0.0"
    refused = charts.refused(
        {
            "unknown": {"chart": "app", "repository": web.url},
            "other": {"chart": "app", "repository": web.url, "repository_ca": f'file("{other_ca}")'},
            "name": {
                "chart": "app",
                "repository": web.url.replace("127.0.0.1", "localhost"),
                "repository_ca": f'file("{ca}")',
            },
            "plain": {"chart": "app", "repository": web.url.replace("https", "http")},
        }
    )
    assert (
        "certificate" in refused["unknown"] and "certificate" in refused["other"] and "certificate" in refused["name"]
    )


def test_without_a_network(make_terraform, helm3, tmp_path, serve):
    """An exact version that was had before comes from the cache, with a warning; nothing else does."""
    web = serve(publish(helm3, tmp_path / "charts", ("1.0.0", "1.1.0")))
    terraform = make_terraform()
    charts = Charts(terraform)
    exact = {"chart": "app", "repository": web.url, "version": "1.0.0"}
    charts.get(
        {
            "exact": exact,
            "newest": {"chart": "app", "repository": web.url},
            "file": {"chart": f"{web.url}/app-1.1.0.tgz"},
        }
    )
    fetched = len(web.logins(".tgz"))
    charts.get({"exact": exact})
    assert len(web.logins(".tgz")) == fetched  # the index was asked again, the chart was not
    web.close()
    found = charts.get({"exact": exact, "file": {"chart": f"{web.url}/app-1.1.0.tgz"}})
    assert found["exact"]["chart_version"] == "1.0.0" and found["file"]["chart_version"] == "1.1.0"
    text = re.sub(r"[\s│]+", " ", charts.result.stdout)
    assert "Taken from the cache: chart " in text and "could not connect" in text
    refused = charts.refused(
        {
            "newest": {"chart": "app", "repository": web.url},
            "constraint": {"chart": "app", "repository": web.url, "version": "~1.0"},
            "other": {"chart": "app", "repository": web.url, "version": "1.1.0"},
        }
    )
    assert all("could not connect" in each for each in refused.values())
    (cached,) = [
        path
        for path in (tmp_path / "home").rglob("*.tgz")
        if hashlib.sha256(path.read_bytes()).hexdigest() == found["exact"]["chart_digest"][7:]
    ]
    cached.write_bytes(b"damaged")
    assert "could not connect" in charts.refused({"exact": exact})["exact"]


def test_a_server_in_trouble(make_terraform, helm3, tmp_path, serve):
    web = serve(publish(helm3, tmp_path / "charts", ("1.0.0",)))
    charts = Charts(make_terraform())
    exact = {"chart": "app", "repository": web.url, "version": "1.0.0"}
    charts.get({"exact": exact})
    web.answers["/index.yaml"] = (503, b"down")
    assert charts.get({"exact": exact})["exact"]["chart_version"] == "1.0.0"
    assert "Taken from the cache: chart " in charts.result.stdout
    web.answers["/index.yaml"] = (404, b"gone")
    assert "HTTP 404" in charts.refused({"exact": exact})["exact"]  # an answer, not trouble: the cache does not hide it
    web.answers["/page.tgz"] = (200, b"<html>login please</html>")
    assert "page.tgz" in charts.refused({"page": {"chart": f"{web.url}/page.tgz"}})["page"]


def test_the_resource(terraform, namespace, tmp_path, serve, helm3):
    """wandb_operator finds its chart in the same way."""
    password = planted("repository")
    login = f'repository_username = "user"\n  repository_password_wo = "{password}"'
    other = serve(tmp_path / "other", login=f"user:{password}")
    web = serve(publish(helm3, tmp_path / "charts", ("1.0.0",), url=other.url), login=f"user:{password}")
    (tmp_path / "other").mkdir()
    shutil.copy(web.folder / "app-1.0.0.tgz", other.folder)
    source = f'repository = "{web.url}"\n  version = "^1"\n  {login}'
    terraform.write(terraform.header() + release(namespace, "app", {}, source))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert other.url in error["detail"] and "401: it wants a user name and password" in error["detail"]
    terraform.write(
        terraform.header() + release(namespace, "app", {}, f"{source}\n  repository_pass_credentials = true")
    )
    terraform.apply()
    assert terraform.resources()["wandb_operator.this"]["chart_version"] == "1.0.0" and terraform.plan().empty
    assert other.logins(".tgz") == [None, basic(f"user:{password}")]
