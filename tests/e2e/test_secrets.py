# SPDX-License-Identifier: Apache-2.0
"""On every path on which something goes wrong, nothing says a secret:
what servers, charts and helper programs repeat is masked.

The watch (leaks.py) looks at everything; these tests bring the errors about, and see that they say enough all the same.
"""

import base64
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import shutil
import signal
import socketserver
import ssl
import stat
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

import pytest

from commands import clean_environment
from leaks import planted
from release_charts import release, write_chart
from resources import instance
from terraform import diagnostics, sanitized

TOKEN, ODD = planted("token"), planted('odd "quo\\te" <&> p%ss')
MASKED = "(sensitive)"
KIND = "weightsandbiases.v1.apps.wandb.com"


def here(text):
    return json.dumps(text).replace("${", "$${").replace("%{", "%%{")


def said(events):
    return " ".join(f"{each['summary']} {each['detail']}" for each in diagnostics(events))


# ---- a server that repeats what it was sent --------------------------------------------------------


class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json", challenge=None):
        self.send_response(status)
        if challenge:
            self.send_header("WWW-Authenticate", challenge)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def serve(self):
        server, body = self.server, self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if server.cluster and self.command == "GET":
            return self.answer(*server.ask(self.path))
        if "Authorization" not in self.headers:
            return self.answer(401, b"", challenge='Basic realm="charts"')
        words = (
            f"{self.command} {self.path} {' '.join(f'{name}: {value}' for name, value in self.headers.items())} "
            f"{body.decode()}"
        )
        server.seen.append(words)
        if server.form == "status":
            status = {
                "kind": "Status",
                "apiVersion": "v1",
                "status": "Failure",
                "reason": "Invalid",
                "code": server.status,
                "message": f"refused: {words}",
            }
            return self.answer(server.status, json.dumps(status).encode())
        # a page of which only the beginning is shown: it would end inside the secret
        where = max(0, words.find(server.marked), words.find("Bearer ") + 7, words.find("Basic ") + 6)
        return self.answer(server.status, ("x" * max(0, 285 - where) + words).encode(), "text/html")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """Answers everything with `status` and what it was sent: as an API Status, or as a page. With a cluster, it passes
    on what only reads."""

    daemon_threads = True

    def __init__(self, status, form, cluster=None, marked=None):
        super().__init__(("127.0.0.1", 0), Echo)
        self.status, self.form, self.cluster, self.marked, self.seen = status, form, cluster, marked or TOKEN, []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def ask(self, path):
        request = urllib.request.Request(
            self.cluster.server + path, headers={"Authorization": f"Bearer {self.cluster.token()}"}
        )
        try:
            with urllib.request.urlopen(
                request, context=ssl.create_default_context(cafile=str(self.cluster.ca))
            ) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


def program(path, script):
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return path


def credential(**status):
    return json.dumps({"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1", "status": status})


def exec_of(command, more=""):
    return f'exec = {{ api_version = "client.authentication.k8s.io/v1", command = "{command}"{more} }}'


def kubeconfig(path, url, **user):
    path.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "c",
                "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                "clusters": [{"name": "c", "cluster": {"server": url}}],
                "users": [{"name": "u", "user": user}],
            }
        )
    )
    return path


# name: (what the provider block says, environment)
CREDENTIALS = {
    "token": lambda url, folder: (f'host = "{url}", token = "{TOKEN}"', {}),
    "password": lambda url, folder: (f'host = "{url}", username = "u", password = "{TOKEN}"', {}),
    "password with odd characters": lambda url, folder: (
        f'host = "{url}", username = "me", password = {here(ODD)}',
        {},
    ),
    "environment": lambda url, folder: ("", {"KUBE_HOST": url, "KUBE_TOKEN": TOKEN}),
    "kubeconfig": lambda url, folder: (f'config_path = "{kubeconfig(folder / "config", url, token=TOKEN)}"', {}),
    "plugin": lambda url, folder: (
        f'host = "{url}", ' + exec_of(program(folder / "plugin", f"echo '{credential(token=TOKEN)}'")),
        {},
    ),
}


@pytest.mark.parametrize("status, form", [(403, "status"), (401, "status"), (500, "page"), (400, "page")])
@pytest.mark.parametrize("name", CREDENTIALS)
def test_a_server_repeats_the_credentials(make_terraform, tmp_path, name, status, form):
    with Server(status, form) as server:
        block, variables = CREDENTIALS[name](server.url, tmp_path)
        terraform = make_terraform(**variables)
        terraform.write(
            terraform.header(f"kubernetes = {{ {block} }}") + 'data "wandb_instance" "this" { name = "wandb" }\n'
        )
        plan = terraform.plan(expect=(1,))
        assert server.seen and "authorization" in server.seen[0].lower()
        assert f"HTTP {status}" in plan.text and MASKED in plan.text, said(plan.events)


@pytest.mark.parametrize("status, form", [(422, "status"), (500, "page")])
@pytest.mark.parametrize(
    "secret", [planted("license"), ODD, planted("two\nlines-of-it\n")], ids=["plain", "odd", "lines"]
)
def test_a_server_repeats_the_object(make_terraform, cluster, crd, namespace, secret, status, form):
    with Server(status, form, cluster, marked=json.dumps(secret)[1:-1]) as server:
        terraform = make_terraform(KUBE_HOST=server.url, KUBE_TOKEN=TOKEN)
        more = (
            f"license_wo = {here(secret)}\n"
            f"  secret_values_wo = {{ values = {{ app = {{ list = [{here(secret)}] }} }} }}"
        )
        terraform.write(terraform.header() + instance(namespace, more=more))
        text = said(terraform.apply_json(expect=(1,)))
        assert json.dumps(secret)[1:-1] in server.seen[-1] and f"HTTP {status}" in text and MASKED in text


@pytest.mark.parametrize(
    "status, words",
    [(200, "did not answer with JSON"), (401, "refused the license"), (418, "answered with status 418")],
)
def test_a_deployer_repeats_the_license(make_terraform, status, words):
    with Server(status, "page") as server:
        terraform = make_terraform()
        terraform.write(
            terraform.header(f'deployer_url = "{server.url}"')
            + f'data "wandb_release_channel" "this" {{\n  license = "{TOKEN}"\n}}\n'
        )
        assert words in said(terraform.plan(expect=(1,)).events) and server.seen


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_registry_repeats_the_login(make_terraform, tmp_path, status):
    """Of the provider block, of docker's config, and of a resource."""
    with Server(status, "page") as server:
        host = server.url.removeprefix("http://")
        login = base64.b64encode(f"user:{TOKEN}".encode()).decode()
        config = text(tmp_path / "config.json", json.dumps({"auths": {host: {"auth": login}}}))
        chart = f'chart = "oci://{host}/charts/app"'
        blocks = {
            f'registries = [{{ url = "oci://{host}", username = "user", password = "{TOKEN}" }}]': chart,
            f'registry_config_path = "{config}"': chart,
            "": f'{chart}\n  repository_username = "user"\n  repository_password = "{TOKEN}"',
        }
        for block, attributes in blocks.items():
            terraform = make_terraform()
            terraform.write(terraform.header(block) + f'data "wandb_chart_template" "this" {{\n  {attributes}\n}}\n')
            server.seen.clear()
            assert host in said(terraform.plan(expect=(1,)).events)
            assert server.seen


def test_the_api_server_quotes_the_value(terraform, kubectl, crd, namespace):
    """422 with `Invalid value: "…"`, from a real schema."""
    values = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/values/properties"
    before = json.loads(kubectl("get", "crd", "weightsandbiases.apps.wandb.com", "-o", "json"))
    schema = before["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    assert "properties" not in schema["properties"]["values"]
    strict = {
        "type": "object",
        "x-kubernetes-preserve-unknown-fields": True,
        "properties": {"license": {"type": "string", "maxLength": 20, "pattern": "^[a-z]+$"}},
    }
    kubectl(
        "patch",
        "crd",
        before["metadata"]["name"],
        "--type=json",
        "-p",
        json.dumps([{"op": "add", "path": values, "value": {"global": strict}}]),
    )
    try:
        refused = {
            "apiVersion": "apps.wandb.com/v1",
            "kind": "WeightsAndBiases",
            "metadata": {"name": "x", "namespace": namespace},
            "spec": {"values": {"global": {"license": "NOT SO"}}},
        }
        while kubectl.run("create", "--dry-run=server", "-f", "-", input=json.dumps(refused), expect=None).code == 0:
            time.sleep(0.2)  # a schema holds a moment after it was written
        terraform.write(terraform.header() + instance(namespace, more=f'license_wo = "{planted("license")}"'))
        text = said(terraform.apply_json(expect=(1,)))
        assert "spec.values.global.license" in text and f'Invalid value: "{MASKED}"' in text
    finally:
        kubectl(
            "patch",
            "crd",
            before["metadata"]["name"],
            "--type=json",
            "-p",
            json.dumps([{"op": "remove", "path": values}]),
        )


# ---- credentials that do not work ------------------------------------------------------------------

KEY = f"-----BEGIN PRIVATE KEY-----\n{planted('key')}\n-----END PRIVATE KEY-----\n"

BROKEN = {
    "client key": lambda folder, cluster: (
        f'host = "{cluster.server}", client_certificate = {here(cluster.ca.read_text())}, client_key = {here(KEY)}',
        {},
        "kubernetes.client_key holds no whole PEM block",
    ),
    "client key that is no PEM": lambda folder, cluster: (
        f'host = "https://127.0.0.1:1", client_key = "{planted("key")}"',
        {},
        "client_key must be PEM",
    ),
    "proxy": lambda folder, cluster: (
        f'host = "{cluster.server}", token = "{TOKEN}", proxy_url = "http://user:{planted("proxy")}@127.0.0.1:1"',
        {},
        "127.0.0.1",
    ),
    "proxy of the environment": lambda folder, cluster: (
        f'host = "https://nowhere.example.com", token = "{TOKEN}"',
        {"KUBE_PROXY_URL": f"http://user:{planted('proxy')}@127.0.0.1:1"},
        "127.0.0.1",
    ),
    "kubeconfig that is no YAML": lambda folder, cluster: (
        f'config_path = "{text(folder / "config", "users: [{user: {token: " + TOKEN + "}")}"',
        {},
        "config",
    ),
    "kubeconfig of another kind": lambda folder, cluster: (
        f'config_path = "{text(folder / "config", "users: " + TOKEN)}"',
        {},
        "config",
    ),
    "plugin that prints no JSON": lambda folder, cluster: (
        f'host = "{cluster.server}", ' + exec_of(program(folder / "p", f"echo token: {TOKEN}")),
        {},
        "printed no JSON",
    ),
    "plugin that prints something else": lambda folder, cluster: (
        f'host = "{cluster.server}", ' + exec_of(program(folder / "p", f"echo '{credential(access=TOKEN)}'")),
        {},
        "neither status.token",
    ),
    "plugin that repeats its environment": lambda folder, cluster: (
        f'host = "{cluster.server}", '
        + exec_of(
            program(folder / "p", "env >&2; exit 3"),
            f', env = {{ AWS_SECRET_ACCESS_KEY = "{TOKEN}", AWS_PROFILE = "prod" }}',
        ),
        {},
        "exit code 3",
    ),
    "plugin that repeats its arguments": lambda folder, cluster: (
        f'host = "{cluster.server}", '
        + exec_of(
            program(folder / "p", 'echo "usage: $@" >&2; exit 3'),
            f', args = ["--token={TOKEN}", "--password", {here(ODD)}]',
        ),
        {},
        "--token=(sensitive) --password (sensitive)",
    ),
    "plugin of a kubeconfig without a command": lambda folder, cluster: (
        f'config_path = "{kubeconfig(folder / "config", cluster.server, exec={"apiVersion": "client.authentication.k8s.io/v1", "args": [TOKEN]})}"',  # noqa: E501
        {},
        "exec: command is missing",
    ),
    "encrypted client key": lambda folder, cluster: (
        (
            f'host = "{cluster.server}", client_certificate = {here(admin(cluster, "crt"))}, '
            f"client_key = {here(encrypted(folder, cluster))}"
        ),
        {},
        "client_key is encrypted",
    ),
    "encrypted client key of a kubeconfig": lambda folder, cluster: (
        f'config_path = "{kubeconfig(folder / "config", cluster.server, **{"client-certificate-data": in_base64(admin(cluster, "crt")), "client-key-data": in_base64(encrypted(folder, cluster))})}"',  # noqa: E501
        {},
        "client-key is encrypted",
    ),
    "client key of another pair": lambda folder, cluster: (
        (
            f'host = "{cluster.server}", client_certificate = {here(admin(cluster, "crt"))}, '
            f"client_key = {here((cluster.directory / 'keys' / 'server.key').read_text())}"
        ),
        {},
        "is not the key of the client certificate",
    ),
    "login over plain http": lambda folder, cluster: (
        f'host = "http://cluster.example.com", token = "{TOKEN}"',
        {},
        "Over plain http a login is sent to this machine alone",
    ),
    "proxy of HTTPS_PROXY with a port that is none": lambda folder, cluster: (
        f'host = "https://cluster.example.com", token = "{TOKEN}"',
        {"HTTPS_PROXY": f"http://user:{planted('proxy')}@127.0.0.1:99999"},
        "HTTPS_PROXY",
    ),
    "proxy of a kubeconfig with a port that is none": lambda folder, cluster: (
        f'config_path = "{proxied(folder / "config", planted("proxy"))}"',
        {},
        "not shown, it may hold a password",
    ),
    "plugin that repeats it at length": lambda folder, cluster: (
        f'host = "{cluster.server}", '
        + exec_of(
            program(folder / "p", 'printf "%s%0990d" "$A_TOKEN" 0 >&2; exit 3'), f', env = {{ A_TOKEN = "{TOKEN}" }}'
        ),
        {},
        "exit code 3",
    ),
}


def admin(cluster, what):
    return (cluster.directory / "keys" / f"admin.{what}").read_text()


def encrypted(folder, cluster):
    """The administrator's key with a passphrase, as `openssl pkcs8 -topk8` writes it."""
    command = [
        "openssl",
        "pkcs8",
        "-topk8",
        "-in",
        cluster.directory / "keys" / "admin.key",
        "-passout",
        f"pass:{planted('passphrase')}",
    ]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def in_base64(content):
    return base64.b64encode(content.encode()).decode()


def proxied(path, password):
    kubeconfig(path, "https://cluster.example.com", token=TOKEN)
    path.write_text(
        path.read_text().replace(
            '"cluster": {', f'"cluster": {{"proxy-url": "http://user:{password}@127.0.0.1:99999", '
        )
    )
    return path


def text(path, content):
    path.write_text(content)
    return path


@pytest.mark.parametrize("name", BROKEN)
def test_credentials_that_do_not_work(make_terraform, cluster, tmp_path, name):
    block, variables, words = BROKEN[name](tmp_path, cluster)
    terraform = make_terraform(**variables)
    terraform.write(
        terraform.header(f"kubernetes = {{ {block} }}") + 'data "wandb_instance" "this" { name = "wandb" }\n'
    )
    assert words in terraform.plan(expect=(1,)).text


# ---- charts that repeat values ---------------------------------------------------------------------

INSTALLED = {
    "a name that is none": ("^Helm release$", "^request$"),
    "a value that is none": ("^Helm release$",),
}  # what only the API server refuses
SCHEMA = {"properties": {"secret": {"type": "string", "pattern": "^short$"}}}

# name: (files of the chart, what the error says)
CHARTS = {
    "fail": (
        {"templates/x.yaml": '{{ fail (printf "no such license: %s" .Values.secret) }}\n'},
        "no such license: (sensitive)",
    ),
    "fail with its base64": (
        {"templates/x.yaml": '{{ fail (printf "no such license: %s" (b64enc .Values.secret)) }}\n'},
        "no such license: ",
    ),
    "fail with all values": ({"templates/x.yaml": "{{ fail (toJson .Values) }}\n"}, MASKED),
    "schema": ({"values.schema.json": json.dumps(SCHEMA)}, "secret"),
    "not YAML": ({"templates/x.yaml": "a: b: {{ .Values.secret }}\n"}, "x.yaml"),
    "a kind that is none": (
        {"templates/x.yaml": "apiVersion: v1\nkind: {{ .Values.secret }}\nmetadata: {name: x}\n"},
        MASKED,
    ),
    "a name that is none": (
        {"templates/x.yaml": 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Values.secret }} !"}\n'},
        MASKED,
    ),
    "a value that is none": (
        {
            "templates/x.yaml": (
                "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n"
                'spec: {ports: [{port: 80, name: "{{ .Values.secret }} !"}]}\n'
            )
        },
        MASKED,
    ),
    "a function": ({"templates/x.yaml": "{{ index (list 1) .Values.secret }}\n"}, "x.yaml"),
    "a number that is none": ({"templates/x.yaml": '{{ .Values.secret | mustToDate "2006" }}\n'}, "x.yaml"),
}


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_repeats_values(terraform, namespace, tmp_path, name, leaks):
    files, words = CHARTS[name]
    for channel in INSTALLED.get(name, ()):
        leaks.allow(channel, "a Helm release holds the values it was made with; a chart may name objects after them")
    chart = write_chart(tmp_path / "chart", {"Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n", **files})
    terraform.write(
        terraform.header() + release(namespace, chart, more=f'values_wo = {{ secret = "{planted("value")}" }}')
    )
    assert words in said(terraform.apply_json(expect=(1,)))


def test_objects_of_a_chart(terraform, kubectl, namespace, tmp_path, leaks):
    """What a chart makes of a secret is in its objects; drift, waits and their events say of it nothing."""
    leaks.allow(
        "^object (Deployment|Pod|Event) ",
        "this chart puts it into the environment of its container, and the test into an event",
    )
    leaks.allow("^Helm release$", "a Helm release holds the values it was made with")
    chart = write_chart(tmp_path / "chart")

    def write(name, values, more=""):
        more = f'values_wo = {{ env = {{ PLAIN = "{planted("env")}" }} }}\n  {more}'
        terraform.write(terraform.header() + release(namespace, chart, values, more, name=name))

    write("app", {})
    terraform.apply()
    kubectl("-n", namespace, "set", "env", "deployment/app-web", "PLAIN=another")
    plan = terraform.plan()
    assert plan.code == 2 and f'wanted "{MASKED}", found "another"' in plan.warnings[0]["detail"], plan.text
    terraform.refresh()
    (found,) = [
        each for each in terraform.resources()["wandb_operator.this"]["drift_found"] if each["path"].endswith(".value")
    ]
    assert MASKED in found["wanted"]
    kubectl.apply(
        {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": "said", "namespace": namespace},
            "type": "Warning",
            "reason": "Said",
            "message": "x" * 370 + planted("env"),
            "lastTimestamp": "2099-01-01T00:00:00Z",
            "involvedObject": {"kind": "Deployment", "name": "late-web", "namespace": namespace},
        }
    )
    write("late", {"stuck": True}, 'timeouts = { create = "8s" }')
    text = terraform.apply(expect=(1,)).stderr
    assert "event Said" in text and MASKED in text, text


# ---- the state file and the process ----------------------------------------------------------------


def test_what_is_remembered_takes_long_to_guess(terraform, crd, namespace):
    """Private state holds no plain hash: not of the value, not keyed with its salt."""
    more = f'license_wo = "{planted("license")}"\n  secret_values_wo = {{ values = {{ a = "{planted("license")}" }} }}'
    terraform.write(terraform.header() + instance(namespace, more=more))
    terraform.apply()
    (resource,) = json.loads((terraform.directory / "terraform.tfstate").read_text())["resources"]
    note = json.loads(base64.b64decode(resource["instances"][0]["private"]))["secrets"]
    value = json.dumps(planted("license")).encode()
    assert len(set(note["hashes"].values())) == 2  # the same secret twice does not show as the same
    assert len(note["salt"]) >= 32
    for path, kept in note["hashes"].items():
        salt = f"{note['salt']} {path}".encode()
        for digest in ("sha256", "sha512"):
            assert (
                kept != hmac.new(note["salt"].encode(), value, digest).hexdigest()
                and kept != hashlib.new(digest, value).hexdigest()
            )
        began = time.process_time()
        assert kept == hashlib.pbkdf2_hmac("sha512", value, salt, 60000, 32).hex()
        assert time.process_time() - began > 0.005


@pytest.fixture
def executable(provider):
    """A copy of the provider that every user can run."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="provider-"))
    folder.chmod(0o755)
    yield shutil.copy2(provider, folder)
    shutil.rmtree(folder)


def test_other_programs_cannot_read_the_process(executable, sanitizer_log):
    """Neither a core file nor another program of the same user gets at its memory."""
    variables = sanitized(
        clean_environment(
            TF_PLUGIN_MAGIC_COOKIE="d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
            PLUGIN_PROTOCOL_VERSIONS="6",
        ),
        sanitizer_log,
    )
    user = 65534 if os.getuid() == 0 else os.getuid()  # root may read everything

    def owner(*words):
        process = subprocess.Popen(
            [executable, *words],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            user=user,
        )
        try:
            assert process.stdout.readline()
            return os.stat(f"/proc/{process.pid}/environ").st_uid
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()

    assert owner() == 0  # the kernel gives what a process may not show to root
    assert owner("-debug") == user
