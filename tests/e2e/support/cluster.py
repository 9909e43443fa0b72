# SPDX-License-Identifier: Apache-2.0
"""The cluster that tests run against: how it is started, asked, and what it keeps beside its kubeconfig."""

import contextlib
import http.client
import json
import os
import pathlib
import ssl

import tools
from commands import Tool, clean_environment, execute
from tools import TESTS


class Cluster:
    """A cluster of tests/cluster/up: its kubeconfig, and the directory with keys, logs and the audit log."""

    def __init__(self, kubeconfig):
        self.kubeconfig = pathlib.Path(kubeconfig)
        self.directory = self.kubeconfig.parent
        self.config = json.loads(self.kubeconfig.read_text())
        self.server = self.config["clusters"][0]["cluster"]["server"]
        self.ca = self.directory / "keys" / "ca.crt"
        self.tls = ssl.create_default_context(cafile=str(self.ca))

    def token(self, user="admin"):
        return next(each["user"]["token"] for each in self.config["users"] if each["name"] == user)

    def context(self, name, directory):
        """A kubeconfig of its own whose current context is admin, certificate or nobody."""
        path = pathlib.Path(directory) / f"kubeconfig-{name}"
        path.write_text(json.dumps({**self.config, "current-context": name}))
        return path

    def connect(self):
        return contextlib.closing(
            http.client.HTTPSConnection(self.server.removeprefix("https://"), context=self.tls, timeout=60)
        )

    def ask(self, connection, method, path, body=None, content_type="application/json"):
        """One request as admin, for what every test does, where kubectl would take most of its time;
        (status, object or text)."""
        headers = {"Authorization": f"Bearer {self.token()}", "Content-Type": content_type}
        connection.request(method, path, body if isinstance(body, (bytes, type(None))) else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if answer.getheader(
            "Content-Type"
        ) == "application/json" else text.decode()

    def audit(self, user_agent="", since=0):
        """The requests in the audit log whose user agent starts so, from the byte `since` on."""
        with open(self.directory / "audit.log", "rb") as log:
            log.seek(since)
            events = [json.loads(line) for line in log.read().splitlines() if line.endswith(b"}")]
        return [event for event in events if event.get("userAgent", "").startswith(user_agent)]

    def audit_position(self):
        return (self.directory / "audit.log").stat().st_size


def start_cluster(directory):
    result = execute([TESTS / "cluster" / "up", "--dir", directory], env=dict(os.environ), timeout=3600)
    print(result.stderr)
    return Cluster(result.stdout.strip().splitlines()[-1].split("=", 1)[1].strip("'"))


def stop_cluster(directory):
    execute([TESTS / "cluster" / "down", "--dir", directory], env=dict(os.environ))


def kubectl_for(kubeconfig, home):
    executable = tools.get("control-plane").with_name("kubectl")
    return Tool(executable, clean_environment(KUBECONFIG=kubeconfig, HOME=home))
