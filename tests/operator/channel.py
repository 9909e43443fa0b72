# SPDX-License-Identifier: Apache-2.0
"""A release channel like deploy.wandb.ai's, on loopback: what it offers, and who asked with which license.

with Channel() as channel:
    channel.offer = {"chart": {"path": "/path/to/chart.tgz"}, "values": {}}
    channel.releases["1234"] = {...}     # /api/v1/operator/channel/release/1234
    channel.failures = [503, "hang"]     # statuses of the next answers, before it works again; or none at all
    channel.requests                     # [{"path", "user", "license"}]
"""

import base64
import http.server
import io
import json
import pathlib
import tarfile
import threading

CHANNEL = "/api/v1/operator/channel"
CHART = pathlib.Path(__file__).resolve().with_name("chart")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        channel = self.server.channel
        user, _, license = (
            base64.b64decode(self.headers.get("Authorization", "Basic Og==").split()[1]).decode().partition(":")
        )
        channel.requests.append({"path": self.path, "user": user, "license": license})
        if channel.failures:
            status = channel.failures.pop(0)
            if status == "hang":
                return channel.ended.wait()
            return self.answer(status, {"error": "asked to fail"})
        if self.path == CHANNEL and channel.offer is not None:
            return self.answer(200, channel.offer)
        release = channel.releases.get(self.path.removeprefix(f"{CHANNEL}/release/"))
        return self.answer(200, release) if release else self.answer(404, {"error": "no such release"})

    def answer(self, status, body):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a client that is gone


class Channel:
    def __init__(self, offer=None):
        self.offer, self.releases, self.failures, self.requests, self.ended = offer, {}, [], [], threading.Event()
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.channel = self
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()


def pack(directory, version=None, **files):
    """The test chart as a .tgz in the directory (the operator takes no folder); returns its path."""
    text = (CHART / "Chart.yaml").read_text()
    version = version or "0.43.8"
    path = pathlib.Path(directory) / f"operator-wandb-{version}.tgz"
    contents = {str(file.relative_to(CHART)): file.read_text() for file in sorted(CHART.rglob("*")) if file.is_file()}
    contents.update(files, **{"Chart.yaml": text.replace("0.43.8", version)})
    with tarfile.open(path, "w:gz") as archive:
        for name, text in contents.items():
            member = tarfile.TarInfo(f"operator-wandb/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return path
