# SPDX-License-Identifier: Apache-2.0
"""What the tests of finding charts serve on loopback: chart repositories, an OCI registry, a token service, and the
small charts in them; and `Charts`, which asks for many charts in one run of terraform."""

import base64
import contextlib
import functools
import hashlib
import http.server
import json
import pathlib
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import tools
from commands import Tool, clean_environment
from leaks import planted
from loopback import certificates, free_port, openssl, registry  # noqa: F401 - the tests take them from here
from terraform import diagnostics

# ---- charts ----------------------------------------------------------------------------------------

TEMPLATE = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  chart: {{ .Chart.Name }}-{{ .Chart.Version }}
"""


def helm(name, home):
    """The real helm without a cluster."""
    folders = {f"HELM_{kind}_HOME": home / f"{name}-{kind.lower()}" for kind in ("CACHE", "CONFIG", "DATA")}
    return Tool(tools.get(name), clean_environment(HOME=home, **folders))


def pack(tool, place, name, version):
    """A packed chart, made by the real helm."""
    folder = place / f"source-{name}-{version}" / name
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text(f"apiVersion: v2\nname: {name}\nversion: {version}\nappVersion: app-{version}\n")
    (folder / "templates" / "map.yaml").write_text(TEMPLATE)
    return pathlib.Path(tool("package", folder, "-d", place).strip().rpartition(": ")[2])


# ---- web servers -----------------------------------------------------------------------------------


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files of a folder, with the odd things that a test asked for."""

    def log_message(self, *words):
        pass

    def do_GET(self):
        server = self.server
        path = urllib.parse.urlsplit(self.path).path
        server.seen.append((self.path, self.headers.get("Authorization")))
        if path in server.redirects:
            self.send_response(302)
            self.send_header("Location", server.redirects[path])
            return self.end_headers()
        if path in server.answers:
            return self.answer(*server.answers[path])
        if server.login and self.headers.get("Authorization") != basic(server.login):
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="charts"')
            return self.end_headers()
        return super().do_GET()

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def basic(login):
    return "Basic " + base64.b64encode(login.encode()).decode()


class Web:
    """A web server for a folder. `seen` holds (path, Authorization header) of every request; `redirects` and `answers`
    say what it does at a path instead of sending the file."""

    def __init__(self, folder, *, login=None, certificate=None, handler=Handler):
        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(handler, directory=str(folder))
        )
        self.server.seen, self.server.redirects, self.server.answers, self.server.login = [], {}, {}, login
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.folder, self.port = folder, self.server.server_address[1]
        self.url = f"http{'s' if certificate else ''}://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    seen = property(lambda self: self.server.seen)
    redirects = property(lambda self: self.server.redirects)
    answers = property(lambda self: self.server.answers)

    def logins(self, suffix):
        """The Authorization headers that came with requests for paths that end so."""
        return [header for path, header in self.seen if urllib.parse.urlsplit(path).path.endswith(suffix)]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


# ---- the registry ----------------------------------------------------------------------------------


def put_manifest(host, name, tag, manifest, media_type):
    """Stores a manifest by hand; returns its descriptor."""
    body = json.dumps(manifest).encode()
    request = urllib.request.Request(
        f"http://{host}/v2/{name}/manifests/{tag}", data=body, method="PUT", headers={"Content-Type": media_type}
    )
    urllib.request.urlopen(request, timeout=10).read()
    return {"mediaType": media_type, "digest": "sha256:" + hashlib.sha256(body).hexdigest(), "size": len(body)}


def put_blob(host, name, data, media_type):
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    started = urllib.request.urlopen(
        urllib.request.Request(f"http://{host}/v2/{name}/blobs/uploads/", data=b"", method="POST"), timeout=10
    )
    location = urllib.parse.urljoin(f"http://{host}/", started.headers["Location"])
    location += ("&" if "?" in location else "?") + "digest=" + urllib.parse.quote(digest)
    request = urllib.request.Request(
        location, data=data, method="PUT", headers={"Content-Type": "application/octet-stream"}
    )
    urllib.request.urlopen(request, timeout=10).read()
    return {"mediaType": media_type, "digest": digest, "size": len(data)}


class Front(http.server.BaseHTTPRequestHandler):
    """A proxy in front of a registry; it asks for `server.path(path)` and answers with `server.change(path, body)`."""

    def log_message(self, *words):
        pass

    def do_GET(self):
        self.server.seen.append((self.path, self.headers.get("Authorization")))
        accept = {"Accept": self.headers["Accept"]} if "Accept" in self.headers else {}
        try:
            answer = urllib.request.urlopen(
                urllib.request.Request(f"http://{self.server.behind}{self.server.path(self.path)}", headers=accept),
                timeout=10,
            )
        except urllib.error.HTTPError as error:
            answer = error
        body = self.server.change(self.path, answer.read())
        self.send_response(answer.status)
        for name in ("Content-Type", "Link"):
            if name in answer.headers:
                self.send_header(name, answer.headers[name])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextlib.contextmanager
def front(behind, change=lambda path, body: body, path=lambda path: path):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
    server.behind, server.change, server.path, server.seen = behind, change, path, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}", server.seen
    finally:
        server.shutdown()
        server.server_close()


# ---- a token service -------------------------------------------------------------------------------


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Tokens(http.server.BaseHTTPRequestHandler):
    """The token service of the distribution specification: Basic or a refresh token in, a signed token out."""

    def log_message(self, *words):
        pass

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        self.reply("GET", query, self.headers.get("Authorization") == basic(f"user:{planted('token')}"))

    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.reply("POST", form, form.get("refresh_token") == [planted("refresh")])

    def reply(self, method, query, known):
        self.server.seen.append((method, query, self.headers.get("Authorization")))
        if not known:
            self.send_response(401)
            self.send_header("Content-Length", "0")
            return self.end_headers()
        body = json.dumps(
            {"access_token" if method == "POST" else "token": self.server.token(query["scope"][0])}
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class TokenService:
    def __init__(self, folder):
        self.key, self.certificate = folder / "token.key", folder / "token.crt"
        openssl(
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            2,
            "-keyout",
            self.key,
            "-out",
            self.certificate,
            "-subj",
            "/CN=tokens",
        )
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tokens)
        self.server.seen, self.server.token = [], self.token
        self.realm = f"http://127.0.0.1:{self.server.server_address[1]}/token"
        self.auth = {
            "token": {
                "realm": self.realm,
                "service": "charts registry",
                "issuer": "tokens",
                "rootcertbundle": str(self.certificate),
            }
        }
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def token(self, scope):
        kind, _, rest = scope.partition(":")
        name, _, actions = rest.rpartition(":")
        now = int(time.time())
        chain = "".join(self.certificate.read_text().strip().splitlines()[1:-1])
        header = {"typ": "JWT", "alg": "RS256", "x5c": [chain]}
        claims = {
            "iss": "tokens",
            "aud": "charts registry",
            "sub": "user",
            "exp": now + 300,
            "nbf": now - 10,
            "iat": now,
            "jti": str(now),
            "access": [{"type": kind, "name": name, "actions": actions.split(",")}],
        }
        text = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
        signed = subprocess.run(
            ["openssl", "dgst", "-sha256", "-sign", self.key], input=text.encode(), check=True, capture_output=True
        ).stdout
        return f"{text}.{encoded(signed)}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


# ---- asking for charts -----------------------------------------------------------------------------


def hcl(value):
    return json.dumps(str(value) if isinstance(value, pathlib.Path) else value)


class Charts:
    """Many wandb_chart_template in one configuration."""

    def __init__(self, terraform, provider_block=""):
        self.terraform, self.provider_block = terraform, provider_block

    def write(self, wanted):
        blocks = [self.terraform.header(self.provider_block)]
        for name, attributes in wanted.items():
            lines = "".join(
                f"  {key} = {value if key == 'repository_ca' else hcl(value)}\n" for key, value in attributes.items()
            )
            blocks.append(
                f'data "wandb_chart_template" "{name}" {{\n{lines}}}\noutput "{name}" {{\n  sensitive = true\n'
                f"  value = data.wandb_chart_template.{name}\n}}\n"
            )
        self.terraform.write("".join(blocks))

    def get(self, wanted, **options):
        """{name: everything the data source says}."""
        self.write(wanted)
        self.result = self.terraform.apply(**options)
        outputs = self.terraform.outputs()
        return {name: outputs[name] for name in wanted}

    def refused(self, wanted, **options):
        """{name: the error's whole text}; every one of them must be refused."""
        self.write(wanted)
        self.result = self.terraform.run("plan", "-json", "-no-color", expect=(1,), **options)
        events = [json.loads(line) for line in self.result.stdout.splitlines() if line.startswith("{")]
        found = {
            each["address"].rpartition(".")[2]: f"{each['summary']}\n{each['detail']}" for each in diagnostics(events)
        }
        assert set(found) == set(wanted), f"refused: {sorted(found)}, not refused: {sorted(set(wanted) - set(found))}"
        return found
