#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A server that means harm, or is very tired: what a healthy API server, registry or token service does not do.

    tests/e2e/support/hostile.py trickle      # prints its address on loopback and serves until it is ended

Each of the functions in BEHAVIOURS takes a handler of http.server and answers one request.
"""

import http.server
import json
import sys
import threading
import time
import urllib.parse

DRIP, PAGE = 1.0, 0.02  # seconds between two bytes, between a request for a page and its answer


def send(handler, status, body, **headers):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", "Content-Length": len(content), **headers}.items():
        handler.send_header(name.replace("_", "-"), str(value))
    handler.end_headers()
    handler.wfile.write(content)


def trickle(handler):
    """An answer of a mebibyte, two bytes a second: never silent, never done."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(1 << 20))
    handler.end_headers()
    handler.wfile.write(b'{"')
    while True:  # until the client goes away
        time.sleep(DRIP)
        handler.wfile.write(b"aa")
        handler.wfile.flush()


def pages(handler):
    """An API server that knows one instance, and whose lists go on for ever."""
    path = urllib.parse.urlsplit(handler.path)
    parts = path.path.strip("/").split("/")
    if parts == ["apis", "apps.wandb.com", "v1"]:
        resource = {"name": "weightsandbiases", "kind": "WeightsAndBiases", "namespaced": True}
        return send(
            handler, 200, {"kind": "APIResourceList", "groupVersion": "apps.wandb.com/v1", "resources": [resource]}
        )
    if parts[-2] == "weightsandbiases":
        return send(
            handler,
            200,
            {
                "apiVersion": "apps.wandb.com/v1",
                "kind": "WeightsAndBiases",
                "spec": {"values": {}},
                "metadata": {"name": parts[-1], "namespace": parts[-3], "uid": "1", "generation": 1},
            },
        )
    if parts[-2] in ("secrets", "configmaps"):
        return send(
            handler, 404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}
        )
    time.sleep(PAGE)
    page = int(urllib.parse.parse_qs(path.query).get("continue", ["0"])[0])
    items = [{"metadata": {"name": f"item-{page}-{number}", "namespace": "default"}} for number in range(10)]
    return send(
        handler,
        200,
        {
            "kind": "List",
            "apiVersion": "v1",
            "metadata": {"resourceVersion": "1", "continue": str(page + 1)},
            "items": items,
        },
    )


# ---- a registry that would have the login sent elsewhere ----


def logged_in(handler, scheme):
    return (handler.headers.get("Authorization") or "").startswith(scheme)


def here(handler):
    return f"http://127.0.0.1:{handler.server.server_address[1]}"


def links(elsewhere):
    """Its list of tags goes on at another address."""

    def answer(handler):
        if not logged_in(handler, "Basic"):
            return send(handler, 401, {}, WWW_Authenticate='Basic realm="charts"')
        return send(
            handler,
            200,
            {"name": "charts/app", "tags": ["1.0.0"]},
            Link=f'<{elsewhere}/v2/charts/app/tags/list?last=1.0.0>; rel="next"',
        )

    return answer


def redirects(elsewhere):
    """It sends its visitors to another address, which asks for the login."""
    return lambda handler: send(handler, 307, {}, Location=f"{elsewhere}{handler.path}")


def redirects_tokens(elsewhere):
    """Its token service sends its visitors to another address."""

    def answer(handler):
        if handler.path.startswith("/token"):
            return send(handler, 307, {}, Location=f"{elsewhere}{handler.path}")
        return send(handler, 401, {}, WWW_Authenticate=f'Bearer realm="{here(handler)}/token",service="charts"')

    return answer


def collects(handler):
    """The other address: whoever comes shall say who he is."""
    if handler.path.startswith("/token"):
        return send(handler, 200, {"token": "taken", "access_token": "taken"})
    return send(handler, 401, {}, WWW_Authenticate=f'Bearer realm="{here(handler)}/token",service="charts"')


BEHAVIOURS = {"trickle": trickle, "pages": pages, "collects": collects}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append((self.command, self.path, self.headers.get("Authorization"), body.decode()))
        self.server.behaviour(self)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer


class Hostile(http.server.ThreadingHTTPServer):
    """Serves at once, in threads of its own;
    `seen` holds (method, path, Authorization header, body) of every request."""

    daemon_threads = True

    def __init__(self, behaviour):
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviour, self.seen = behaviour, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        pass  # a client that went away

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in BEHAVIOURS:
        sys.exit(f"usage: hostile.py {'|'.join(BEHAVIOURS)}")
    with Hostile(BEHAVIOURS[sys.argv[1]]) as server:
        print(server.url, flush=True)
        threading.Event().wait()
