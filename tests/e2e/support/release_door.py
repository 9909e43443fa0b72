# SPDX-License-Identifier: Apache-2.0
"""A door in front of the API server that a test can watch, disturb and close.

Plain HTTP on loopback towards the provider, TLS towards the server. Every request passes `judge`, which the test
replaces: it may return None (pass on), a status (answered by the door), "drop" (the connection ends without an
answer), "lose" (the same, after the server carried the request out), or a function of the request's handler, such as
those of hostile.py; and it may do whatever it likes meanwhile, such as killing the provider.
"""

import http.client
import http.server
import json
import os
import pathlib
import secrets
import signal
import socketserver
import ssl
import threading
import time

WRITES = ("POST", "PUT", "PATCH", "DELETE")
HOP = {
    "connection",
    "keep-alive",
    "transfer-encoding",
    "upgrade",
    "host",
    "te",
    "trailer",
    "http2-settings",
    "content-length",
}


class Door(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def __init__(self, cluster):
        super().__init__(("127.0.0.1", 0), Handler)
        self.cluster, self.lock, self.log = cluster, threading.Lock(), []
        self.judge = lambda number, method, path: None
        self.host, self.port = cluster.server.removeprefix("https://").split(":")
        self.tls = ssl.create_default_context(cafile=str(cluster.ca))
        self.marker = secrets.token_hex(8)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def environment(self):
        """For a terraform whose provider goes through the door."""
        return {"KUBE_HOST": self.url, "KUBE_TOKEN": self.cluster.token(), "DOOR_MARKER": self.marker}

    def writes(self):
        return [entry for entry in self.log if entry[0] in WRITES]

    def kill_provider(self):
        """SIGKILL to the provider that was started with our environment; returns when it has ended."""
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if (
                    f"DOOR_MARKER={self.marker}" in (process / "environ").read_text(errors="replace")
                    and b"terraform-provider-wandb" in (process / "cmdline").read_bytes().split(b"\0")[0]
                ):
                    os.kill(int(process.name), signal.SIGKILL)
                    while (process / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
                        time.sleep(0.01)
            except (OSError, ProcessLookupError):
                continue

    def handle_error(self, request, client_address):
        pass  # a client that went away


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def answer(self, status, headers, chunks):
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for chunk in chunks:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def refuse(self, status):
        body = {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "message": f"the test says {status}",
            "code": status,
        }
        self.answer(status, [("Content-Type", "application/json")], [json.dumps(body).encode()])

    def handle_request(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.lock:
            number = len([entry for entry in self.server.log if entry[0] in WRITES])
            self.server.log.append((self.command, self.path))
            verdict = self.server.judge(number, self.command, self.path)
        if verdict == "drop":
            self.close_connection = True
            return
        if callable(verdict):
            verdict(self)
            return
        if verdict and verdict != "lose":
            self.refuse(verdict)
            return
        upstream = http.client.HTTPSConnection(
            self.server.host, int(self.server.port), context=self.server.tls, timeout=120
        )
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        upstream.request(self.command, self.path, body=body or None, headers=headers)
        response = upstream.getresponse()
        if verdict == "lose":
            response.read()
            self.close_connection = True
            return
        self.answer(response.status, response.getheaders(), iter(lambda: response.read1(65536), b""))
        upstream.close()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request
