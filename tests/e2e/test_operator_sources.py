# SPDX-License-Identifier: Apache-2.0
"""Where charts come from: a folder, a packed file, a URL, an http(s) repository with index.yaml, an OCI registry."""

import base64
import functools
import http.server
import shutil
import socket
import ssl
import subprocess
import threading
import time
import urllib.request

import pytest

import tools
from leaks import planted
from release_charts import release, write_chart
from terraform import diagnostics


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass

    def do_GET(self):
        self.server.asked.append(self.path)
        login = self.server.login
        if login and self.headers.get("Authorization") != "Basic " + base64.b64encode(login.encode()).decode():
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="charts"')
            self.end_headers()
            return
        super().do_GET()


class Repository:
    """A directory with packed charts and an index, served on loopback."""

    def __init__(self, directory, helm, login=None, certificate=None):
        self.directory, self.helm = directory, helm
        directory.mkdir(exist_ok=True)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=directory))
        self.server.asked, self.server.login = [], login
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"http{'s' if certificate else ''}://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def publish(self, chart, *versions):
        for version in versions:
            self.helm("package", write_chart(chart, version=version), "-d", self.directory)
        self.helm("repo", "index", self.directory)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def repository(tmp_path, helm3):
    repository = Repository(tmp_path / "repository", helm3)
    repository.publish(tmp_path / "chart", "1.4.0", "1.4.8", "1.5.0", "2.0.0-beta.1")
    yield repository
    repository.close()


def version(terraform):
    return terraform.resources()["wandb_operator.this"]["chart_version"]


def source(url, constraint=None):
    return f'repository = "{url}"\n  ' + (f'version = "{constraint}"' if constraint else "")


@pytest.mark.parametrize(
    "constraint, chosen",
    [
        (None, "1.5.0"),
        ("1.4.0", "1.4.0"),
        ("~> 1.4.0", "1.4.8"),
        ("^1.4", "1.5.0"),
        (">= 1.4, < 1.5", "1.4.8"),
        (">=2.0.0-0", "2.0.0-beta.1"),
        ("1.4.x", "1.4.8"),
    ],
)
def test_versions_of_a_repository(terraform, helm3, namespace, repository, constraint, chosen):
    terraform.write(terraform.header() + release(namespace, "app", more=source(repository.url, constraint)))
    terraform.apply()
    assert version(terraform) == chosen and helm3.json("list", "-n", namespace)[0]["chart"] == f"app-{chosen}"
    assert terraform.plan().empty


def test_a_version_is_chosen_once_and_kept(terraform, namespace, repository, tmp_path):
    terraform.write(terraform.header() + release(namespace, "app", more=source(repository.url, "~1.4")))
    terraform.apply()
    repository.publish(tmp_path / "chart", "1.4.9")
    asked = len(repository.server.asked)
    assert terraform.plan().empty and len(repository.server.asked) == asked  # planning needs no repository
    terraform.write(terraform.header() + release(namespace, "app", {"replicas": 2}, source(repository.url, "~1.4")))
    terraform.apply()
    assert version(terraform) == "1.4.8"
    terraform.write(
        terraform.header() + release(namespace, "app", {"replicas": 2}, source(repository.url, ">=1.4.9 <1.5"))
    )
    terraform.apply()
    assert version(terraform) == "1.4.9" and terraform.plan().empty
    terraform.write(terraform.header() + release(namespace, "app", {"replicas": 2}, source(repository.url, "1.4.0")))
    terraform.apply()
    assert version(terraform) == "1.4.0" and terraform.plan().empty


def test_a_dead_repository(terraform, namespace, repository):
    """What was downloaded once is used again."""
    terraform.write(terraform.header() + release(namespace, "app", more=source(repository.url, "1.4.8")))
    terraform.apply()
    repository.close()
    assert terraform.plan().empty
    terraform.write(terraform.header() + release(namespace, "app", {"replicas": 2}, source(repository.url, "1.4.8")))
    terraform.apply()
    assert terraform.plan().empty
    terraform.write(terraform.header() + release(namespace, "app", {"replicas": 2}, source(repository.url, "1.5.0")))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert repository.url in error["summary"] + error["detail"]
    assert version(terraform) == "1.4.8"


def test_a_version_published_anew(terraform, kubectl, namespace, repository, tmp_path):
    terraform.write(terraform.header() + release(namespace, "app", more=source(repository.url, "1.4.8")))
    terraform.apply()
    digest = terraform.resources()["wandb_operator.this"]["chart_digest"]
    chart = write_chart(tmp_path / "chart", version="1.4.8")
    (chart / "templates" / "more.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n")
    repository.helm("package", chart, "-d", repository.directory)
    repository.helm("repo", "index", repository.directory)
    assert terraform.plan().empty
    terraform.write(terraform.header() + release(namespace, "app", {"replicas": 2}, source(repository.url, "1.4.8")))
    terraform.apply()
    assert terraform.resources()["wandb_operator.this"]["chart_digest"] != digest
    kubectl("-n", namespace, "get", "configmap", "more")
    assert terraform.plan().empty


@pytest.mark.parametrize(
    "name, constraint, words", [("app", "9.9.9", "9.9.9"), ("nothing", None, "nothing"), ("app", ">= 3", ">= 3")]
)
def test_what_is_not_there(terraform, namespace, repository, name, constraint, words):
    terraform.write(terraform.header() + release(namespace, name, more=source(repository.url, constraint), name="app"))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert words in error["summary"] + error["detail"] and repository.url in error["summary"] + error["detail"]
    assert terraform.resources() == {}


def test_a_constraint_that_is_none(terraform, namespace, repository):
    terraform.write(terraform.header() + release(namespace, "app", more=source(repository.url, "latest")))
    (error,) = [each for each in terraform.validate()["diagnostics"] if each["severity"] == "error"]
    assert "latest" in error["detail"] + error["summary"] and error["range"]


def test_a_login_that_is_never_stored(terraform, namespace, helm3, tmp_path):
    repository = Repository(tmp_path / "private", helm3, login=f"user:{planted('repository')}")
    repository.publish(tmp_path / "chart", "1.0.0")
    login = f'repository_username = "user"\n  repository_password_wo = "{planted("repository")}"'
    terraform.write(terraform.header() + release(namespace, "app", more=source(repository.url)))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert "401" in error["detail"] + error["summary"]
    terraform.write(terraform.header() + release(namespace, "app", more=f"{source(repository.url)}\n  {login}"))
    terraform.traced(terraform.apply)
    assert terraform.plan().empty
    repository.close()


def test_a_repository_with_its_own_certificate(terraform, namespace, helm3, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-keyout",
            key,
            "-out",
            certificate,
            "-subj",
            "/CN=charts",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
        ],
        check=True,
        capture_output=True,
    )
    repository = Repository(tmp_path / "secure", helm3, certificate=(certificate, key))
    repository.publish(tmp_path / "chart", "1.0.0")
    terraform.write(terraform.header() + release(namespace, "app", more=source(repository.url)))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert "certificate" in error["detail"] + error["summary"]
    terraform.write(
        terraform.header()
        + release(namespace, "app", more=f'{source(repository.url)}\n  repository_ca = file("{certificate}")')
    )
    terraform.apply()
    assert terraform.plan().empty
    repository.close()


def test_a_url_and_a_file(terraform, namespace, repository, tmp_path):
    terraform.write(terraform.header() + release(namespace, f"{repository.url}/app-1.4.8.tgz"))
    terraform.apply()
    assert version(terraform) == "1.4.8" and terraform.plan().empty
    packed = shutil.copy(repository.directory / "app-1.5.0.tgz", tmp_path / "here.tgz")
    terraform.write(terraform.header() + release(namespace, packed))
    terraform.apply()
    assert version(terraform) == "1.5.0" and terraform.plan().empty
    shutil.copy(repository.directory / "app-1.4.0.tgz", packed)
    assert terraform.plan().changes == {"wandb_operator.this": ["update"]}
    terraform.apply()
    assert version(terraform) == "1.4.0" and terraform.plan().empty


def test_a_chart_that_changes_between_plan_and_apply(terraform, kubectl, namespace, tmp_path):
    chart = write_chart(tmp_path / "chart")
    terraform.write(terraform.header() + release(namespace, chart))
    plan = terraform.plan()
    (chart / "templates" / "more.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n")
    terraform.run("apply", "-no-color", plan.file)
    kubectl("-n", namespace, "get", "configmap", "more")
    assert terraform.plan().empty


# ---- OCI ------------------------------------------------------------------------------------------------


@pytest.fixture
def registry(tmp_path):
    """A real registry (distribution) on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = tmp_path / "registry.yaml"
    settings.write_text(
        f"version: 0.1\nstorage:\n  filesystem: {{rootdirectory: {tmp_path}/blobs}}\nhttp: {{addr: 127.0.0.1:{port}}}\n"
        "log: {level: error}\n"
    )
    process = subprocess.Popen(
        [tools.get("registry"), "serve", settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _ in range(100):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/", timeout=1)
            break
        except OSError:
            time.sleep(0.1)
    yield f"127.0.0.1:{port}"
    process.terminate()
    process.wait()


def test_an_oci_registry(terraform, helm3, namespace, registry, tmp_path):
    for number in ("1.4.0", "1.4.8", "1.5.0", "1.6.0+build.7", "2.0.0-rc.1"):
        helm3("package", write_chart(tmp_path / "chart", version=number), "-d", tmp_path)
        helm3("push", tmp_path / f"app-{number}.tgz", f"oci://{registry}/charts", "--plain-http")
    for more, chosen in (
        ('version = "~1.4"', "1.4.8"),
        ('version = "1.6.0+build.7"', "1.6.0+build.7"),
        ("", "1.6.0+build.7"),
        ('version = "1.4.0"', "1.4.0"),
    ):
        terraform.write(terraform.header() + release(namespace, f"oci://{registry}/charts/app", more=more))
        terraform.apply()
        assert version(terraform) == chosen
        assert terraform.plan().empty
    terraform.write(
        terraform.header()
        + release(namespace, "app", more=f'repository = "oci://{registry}/charts"\n  version = "1.5.0"')
    )
    terraform.apply()
    assert version(terraform) == "1.5.0"
    terraform.write(terraform.header() + release(namespace, f"oci://{registry}/charts/none"))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert "none" in error["detail"]
