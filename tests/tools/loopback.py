# SPDX-License-Identifier: Apache-2.0
"""Servers on loopback that tests of several folders start: certificates, and the distribution project's registry."""

import contextlib
import json
import socket
import subprocess
import time

import tools


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


def certificates(folder, names="IP:127.0.0.1"):
    """A CA, and a certificate for these names signed by it: (ca, certificate, key)."""
    folder.mkdir()
    ca, ca_key, key, request, certificate, extensions = (
        folder / name for name in ("ca.crt", "ca.key", "key.pem", "request", "certificate.pem", "names")
    )
    extensions.write_text(f"subjectAltName={names}\n")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *curve, "-days", 2, "-keyout", ca_key, "-out", ca, "-subj", "/CN=authority of a test")
    openssl("req", *curve, "-keyout", key, "-out", request, "-subj", "/CN=test")
    openssl(
        "x509",
        "-req",
        "-in",
        request,
        "-CA",
        ca,
        "-CAkey",
        ca_key,
        "-CAcreateserial",
        "-days",
        2,
        "-extfile",
        extensions,
        "-out",
        certificate,
    )
    return ca, certificate, key


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextlib.contextmanager
def registry(folder, auth=None, tls=None):
    """The real registry of the distribution project; yields HOST:PORT. `auth`: its configuration, as an object."""
    folder.mkdir()
    host = f"127.0.0.1:{free_port()}"
    settings = {
        "version": "0.1",
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "blobs")}},
        "http": {"addr": host, "secret": "none"},
    }
    if auth:
        settings["auth"] = auth
    if tls:
        settings["http"]["tls"] = {"certificate": str(tls[0]), "key": str(tls[1])}
    (folder / "registry.yaml").write_text(json.dumps(settings))
    with open(folder / "log", "w") as log:
        process = subprocess.Popen([tools.get("registry"), "serve", folder / "registry.yaml"], stdout=log, stderr=log)
    try:
        wait_for(host, process, folder / "log")
        yield host
    finally:
        process.terminate()
        process.wait()


def wait_for(host, process, log):
    address = (host.partition(":")[0], int(host.partition(":")[2]))
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(address, timeout=1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError(f"the registry did not start:\n{log.read_text()}")
