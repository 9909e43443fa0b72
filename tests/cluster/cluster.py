# SPDX-License-Identifier: Apache-2.0
"""A Kubernetes cluster without machines: etcd, kube-apiserver, kube-controller-manager and kube-scheduler
on loopback, with kwok playing one node, so that Deployments roll out with simulated pods.

A cluster is a directory: keys, logs, etcd's data, and state.json with the processes in the order of their
start. `start` leaves the processes running when the caller ends; `stop` reads the directory, ends exactly
those processes in the reverse order and waits for each.
"""

import hashlib
import json
import os
import pathlib
import random
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools"))
import tools  # noqa: E402

NODE = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {
        "name": "node-0",
        "annotations": {"kwok.x-k8s.io/node": "fake", "node.alpha.kubernetes.io/ttl": "0"},
        "labels": {
            "kubernetes.io/hostname": "node-0",
            "kubernetes.io/os": "linux",
            "kubernetes.io/arch": "amd64",
            "type": "kwok",
        },
    },
}
AUDIT_POLICY = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
"""


class ClusterError(Exception):
    """The cluster could not be started or found; the message says why and what to do."""


def directory(name):
    """Where the cluster of that name lives when no directory is given."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise ClusterError(f"cluster name {name!r}: use letters, digits, '.', '_' and '-'")
    return tools.CACHE / "clusters" / name


# ---- processes -----------------------------------------------------------------------------------


def born(pid):
    """When the process of that id was started, in clock ticks since boot; None when it is gone or a zombie."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat[stat.rindex(")") + 2 :].split()
    return None if fields[0] in "ZX" else int(fields[19])


def alive(process):
    # the time of birth guards against an id that was given to another process since
    return born(process["pid"]) == process["born"]


def end(process, patience=20.0):
    """SIGTERM, wait, and SIGKILL when it does not listen."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not alive(process):
            return
        os.kill(process["pid"], number)
        deadline = time.monotonic() + patience
        while alive(process) and time.monotonic() < deadline:
            try:
                os.waitpid(process["pid"], os.WNOHANG)  # in case it is our own child
            except ChildProcessError:
                pass
            time.sleep(0.02)
    if alive(process):
        raise ClusterError(
            f"{process['name']} (process {process['pid']}) did not end within {patience:.0f} s of SIGKILL"
        )


def stop(place, keep=False):
    """Ends what `start` started in this directory, and removes it. True when there was anything to end."""
    state = load(place)
    if state is None:
        return False
    for process in reversed(state["processes"]):
        end(process)
    if keep:
        (place / "state.json").unlink()
    else:
        shutil.rmtree(place)
    return True


def load(place):
    try:
        return json.loads((place / "state.json").read_text())
    except FileNotFoundError:
        return None


def running(place):
    """The state of the cluster in this directory when all its processes run, else None."""
    state = load(place)
    return state if state and state["ready"] and all(alive(process) for process in state["processes"]) else None


# ---- start ---------------------------------------------------------------------------------------


def free_ports(count):
    """Ports free on loopback, below the range that outgoing connections are given."""
    ports = []
    while len(ports) < count:
        port = random.randrange(18000, 32000)
        with socket.socket() as candidate:
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in ports:
            ports.append(port)
    return ports


def openssl(place, *words):
    tools.run(["openssl", *words], cwd=place)


def make_keys(place):
    """A certificate authority, the server's certificate, an administrator's, and the key of service account tokens."""

    def key(name):
        openssl(place, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")

    def certificate(name, subject, extensions):
        key(name)
        (place / f"{name}.ext").write_text(extensions)
        openssl(place, "req", "-new", "-key", f"{name}.key", "-subj", subject, "-out", f"{name}.csr")
        openssl(
            place,
            "x509",
            "-req",
            "-in",
            f"{name}.csr",
            "-CA",
            "ca.crt",
            "-CAkey",
            "ca.key",
            "-set_serial",
            f"0x{secrets.token_hex(8)}",
            "-days",
            "3650",
            "-extfile",
            f"{name}.ext",
            "-out",
            f"{name}.crt",
        )

    key("ca")
    openssl(
        place,
        "req",
        "-x509",
        "-new",
        "-key",
        "ca.key",
        "-subj",
        "/CN=test-cluster-ca",
        "-days",
        "3650",
        "-out",
        "ca.crt",
    )
    certificate(
        "server",
        "/CN=kube-apiserver",
        "subjectAltName=IP:127.0.0.1,IP:::1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes.default.svc\n",
    )
    certificate("admin", "/O=system:masters/CN=admin", "extendedKeyUsage=clientAuth\n")
    openssl(place, "genrsa", "-out", "service-account.key", "2048")


def write_kubeconfig(path, server, ca, token):
    """Contexts: admin (token), certificate (admin's client certificate), nobody (authenticated, allowed nothing)."""
    users = {
        "admin": {"token": token["admin"]},
        "certificate": {
            "client-certificate": str(path.parent / "keys/admin.crt"),
            "client-key": str(path.parent / "keys/admin.key"),
        },
        "nobody": {"token": token["nobody"]},
    }
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "admin",
        "clusters": [{"name": "test", "cluster": {"server": server, "certificate-authority": str(ca)}}],
        "users": [{"name": name, "user": user} for name, user in users.items()],
        "contexts": [{"name": name, "context": {"cluster": "test", "user": name}} for name in users],
    }
    path.write_text(json.dumps(config, indent=1) + "\n")  # JSON is YAML
    path.chmod(0o600)


class Starting:
    """The start of one cluster: its directory, what was started so far, and the way to ask its API server."""

    def __init__(self, place):
        self.place, self.keys = place, place / "keys"
        self.processes = []
        self.token = {name: secrets.token_hex(16) for name in ("admin", "nobody")}

    def save(self, ready=False):
        state = {
            "ready": ready,
            "processes": self.processes,
            "server": self.server,
            "kubeconfig": str(self.place / "kubeconfig"),
        }
        temporary = self.place / "state.json.new"
        temporary.write_text(json.dumps(state, indent=1) + "\n")
        temporary.rename(self.place / "state.json")

    def launch(self, name, executable, *words):
        with open(self.place / "logs" / f"{name}.log", "wb") as log:
            process = subprocess.Popen(
                [str(executable), *map(str, words)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.place,
                start_new_session=True,
                env=environment(self.place),
            )
        self.processes.append({"name": name, "pid": process.pid, "born": born(process.pid)})
        self.save()

    def fail(self, name, why):
        log = (self.place / "logs" / f"{name}.log").read_text(errors="replace").splitlines()[-15:]
        raise ClusterError("\n".join([f"{name} {why}; the end of its log:", *log]))

    def wait(self, name, ready, patience=60.0):
        """Polls until `ready()`; fails early when a process that was started is gone."""
        deadline = time.monotonic() + patience
        while not ready():
            for process in self.processes:
                if not alive(process):
                    self.fail(process["name"], "ended by itself")
            if time.monotonic() > deadline:
                self.fail(name, f"was not ready within {patience:.0f} s")
            time.sleep(0.03)

    def ask(self, path, body=None):
        """GET, or POST of an object; None when the server does not answer or refuses."""
        request = urllib.request.Request(
            self.server + path,
            data=json.dumps(body).encode() if body else None,
            headers={"Authorization": f"Bearer {self.token['admin']}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, context=self.tls, timeout=5) as response:
                return response.read()
        except (urllib.error.URLError, OSError):
            return None

    def begin(self):
        # the lock covers choosing the ports and taking them
        with tools.locked("ports", "  waiting for another cluster that is starting"):
            etcd_port, peer_port, api_port, self.node_port = free_ports(4)
            self.server = f"https://127.0.0.1:{api_port}"
            self.start_etcd(etcd_port, peer_port)
            self.start_apiserver(etcd_port, api_port)
            self.wait("kube-apiserver", lambda: listening(api_port))
        self.tls = ssl.create_default_context(cafile=str(self.keys / "ca.crt"))
        self.wait("kube-apiserver", lambda: self.ask("/readyz") == b"ok")

    def start_etcd(self, port, peer_port):
        client, peer = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{peer_port}"
        self.launch(
            "etcd",
            self.control_plane,
            "etcd",
            "--name=test",
            f"--data-dir={self.place / 'etcd'}",
            "--unsafe-no-fsync",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=test={peer}",
            "--log-level=warn",
        )
        self.wait("etcd", lambda: listening(port))

    def start_apiserver(self, etcd_port, port):
        keys = self.keys
        self.launch(
            "kube-apiserver",
            self.control_plane,
            "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{etcd_port}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={port}",
            "--endpoint-reconciler-type=none",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--authorization-mode=RBAC",
            f"--tls-cert-file={keys / 'server.crt'}",
            f"--tls-private-key-file={keys / 'server.key'}",
            f"--client-ca-file={keys / 'ca.crt'}",
            f"--token-auth-file={keys / 'tokens.csv'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={keys / 'service-account.key'}",
            f"--service-account-signing-key-file={keys / 'service-account.key'}",
            "--allow-privileged=true",
            f"--audit-policy-file={self.place / 'audit-policy.yaml'}",
            f"--audit-log-path={self.place / 'audit.log'}",
            "--audit-log-maxsize=1024",
            "--kubelet-preferred-address-types=InternalIP",
            # it would taint the node as not ready until the controller manager looks, five seconds later
            "--disable-admission-plugins=TaintNodesByCondition",
        )

    def finish(self, kwok):
        config, keys = self.place / "kubeconfig", self.keys
        self.launch(
            "kube-controller-manager",
            self.control_plane,
            "kube-controller-manager",
            f"--kubeconfig={config}",
            "--leader-elect=false",
            "--secure-port=0",
            "--use-service-account-credentials=true",
            "--kube-api-qps=1000",
            "--kube-api-burst=1000",  # the defaults make its own start last five seconds
            "--controllers=*,-node-ipam-controller,-node-route-controller,-cloud-node-lifecycle-controller,-service-lb-controller",
            f"--service-account-private-key-file={keys / 'service-account.key'}",
            f"--root-ca-file={keys / 'ca.crt'}",
            f"--cluster-signing-cert-file={keys / 'ca.crt'}",
            f"--cluster-signing-key-file={keys / 'ca.key'}",
        )
        self.launch(
            "kube-scheduler",
            self.control_plane,
            "kube-scheduler",
            f"--kubeconfig={config}",
            "--leader-elect=false",
            "--secure-port=0",
        )
        stages = self.place / "stages.yaml"
        logs = (HERE / "kwok" / "logs.yaml").read_text().replace("PLACE", str(self.place))
        stages.write_text(
            "\n---\n".join(
                [(kwok.parent / "stages.yaml").read_text(), (HERE / "kwok" / "stages.yaml").read_text(), logs]
            )
        )
        self.launch(
            "kwok",
            kwok,
            f"--kubeconfig={config}",
            "--manage-all-nodes=true",
            f"--config={stages}",
            "--node-lease-duration-seconds=40",
            "--node-ip=127.0.0.1",
            f"--node-port={self.node_port}",
            f"--server-address=127.0.0.1:{self.node_port}",
            f"--tls-cert-file={keys / 'server.crt'}",
            f"--tls-private-key-file={keys / 'server.key'}",
        )
        if self.ask("/api/v1/nodes", NODE) is None:
            raise ClusterError("the API server refused the node object")
        self.wait("kwok", self.node_ready)
        self.wait(
            "kube-controller-manager",
            lambda: self.ask("/api/v1/namespaces/default/serviceaccounts/default") is not None,
        )

    def node_ready(self):
        answer = self.ask(f"/api/v1/nodes/{NODE['metadata']['name']}")
        node = json.loads(answer) if answer else {}
        conditions = node.get("status", {}).get("conditions", [])
        usable = not any(
            taint["key"] == "node.kubernetes.io/not-ready" for taint in node.get("spec", {}).get("taints", [])
        )
        return usable and any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def environment(place):
    """What the processes inherit: no proxy (all is loopback), no kubeconfig of the caller's."""
    dropped = re.compile(r"(?i)^(https?_proxy|no_proxy|all_proxy|kube.*|etcd_.*)$")
    return {name: value for name, value in os.environ.items() if not dropped.match(name)} | {"HOME": str(place)}


def prepare(place):
    if place.exists() and any(place.iterdir()) and not (place / "keys").is_dir():
        raise ClusterError(f"{place} is not empty and is no cluster's directory; choose another with --dir")
    shutil.rmtree(place, ignore_errors=True)
    for folder in ("keys", "logs", "pod-logs"):
        (place / folder).mkdir(parents=True)
    place.chmod(0o700)


def start(place):
    """Starts a cluster in this directory, or finds it running there; returns its state."""
    place = place.resolve()
    key = hashlib.sha256(str(place).encode()).hexdigest()[:10]
    with tools.locked(f"cluster-{key}", f"  waiting for another process that starts the cluster in {place}"):
        state = running(place)
        if state:
            tools.say(f"  already running: {state['server']}")
            return state
        stop(place)  # what a start that was cut off may have left
        return bring_up(place, tools.get("control-plane"), tools.get("kwok"))


def bring_up(place, control_plane, kwok):
    began = time.monotonic()
    prepare(place)
    starting = Starting(place)
    starting.control_plane = control_plane
    try:
        make_keys(starting.keys)
        token = starting.token
        (starting.keys / "tokens.csv").write_text(
            f'{token["admin"]},admin,admin,"system:masters"\n{token["nobody"]},nobody,nobody\n'
        )
        (place / "audit-policy.yaml").write_text(AUDIT_POLICY)
        starting.begin()
        write_kubeconfig(place / "kubeconfig", starting.server, starting.keys / "ca.crt", token)
        starting.finish(kwok)
    except BaseException:
        for process in reversed(starting.processes):
            end(process)
        raise
    starting.save(ready=True)
    tools.say(
        f"  Kubernetes {tools.KUBERNETES} up in {time.monotonic() - began:.1f} s: {starting.server}, state in {place}"
    )
    return load(place)
