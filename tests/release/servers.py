# SPDX-License-Identifier: Apache-2.0
"""A provider registry and a network mirror, both over TLS, and what pushes an OCI layout to a real registry."""

import functools
import http.server
import json
import ssl
import threading
import urllib.request


class Server:
    """An HTTPS server on loopback; a context manager."""

    def __init__(self, certificates, handler):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates[1], certificates[2])
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.server.owner = self
        self.url = f"https://127.0.0.1:{self.server.server_address[1]}"
        self.asked = []  # the paths

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = {".json": "application/json", ".zip": "application/zip", "": "application/octet-stream"}

    def log_message(self, *words):
        self.server.owner.asked.append(self.path)


def network_mirror(certificates, folder):
    """Serves the folder, as any web server would."""
    return Server(certificates, functools.partial(Quiet, directory=str(folder)))


class RegistryHandler(Quiet):
    def do_GET(self):
        self.log_message()
        answer = self.server.owner.answer(self.path)
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(404 if answer is None else 200)
        self.send_header(
            "Content-Type", "application/octet-stream" if isinstance(answer, bytes) else "application/json"
        )
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Registry(Server):
    """The provider registry protocol over releases, each as its folder is on disk.
    `host` is the block that leads to it."""

    def __init__(self, certificates, public_key):
        super().__init__(certificates, RegistryHandler)
        self.public_key, self.releases = public_key, {}

    def offer(self, release):
        self.releases[release.version] = release

    def host(self, name):
        return f'host "{name}" {{\n  services = {{ "providers.v1" = "{self.url}/v1/providers/" }}\n}}\n'

    def answer(self, path):
        parts = path.strip("/").split("/")
        if parts[0] == "files":
            return (self.releases[parts[1]].folder / parts[2]).read_bytes()
        if parts[:4] != ["v1", "providers", "wandb", "wandb"]:
            return None
        if parts[4:] == ["versions"]:
            return {"versions": [self.version(release) for release in self.releases.values()]}
        return self.download(self.releases[parts[4]], parts[6], parts[7])

    def version(self, release):
        protocols = json.loads(release.manifest.read_text())["metadata"]["protocol_versions"]
        platforms = [dict(zip(("os", "arch"), platform.split("_"))) for platform in release.platforms()]
        return {"version": release.version, "protocols": protocols, "platforms": platforms}

    def download(self, release, system, architecture):
        package, files = release.zip(f"{system}_{architecture}"), f"{self.url}/files/{release.version}"
        if not package.exists():
            return None
        sums = dict(reversed(line.split("  ")) for line in release.sums.read_text().splitlines())
        key = {"key_id": "", "ascii_armor": self.public_key, "trust_signature": "", "source": "", "source_url": None}
        return {
            "protocols": self.version(release)["protocols"],
            "os": system,
            "arch": architecture,
            "filename": package.name,
            "download_url": f"{files}/{package.name}",
            "shasum": sums[package.name],
            "shasums_url": f"{files}/{release.sums.name}",
            "shasums_signature_url": f"{files}/{release.signature.name}",
            "signing_keys": {"gpg_public_keys": [key]},
        }


def push(release, host, name, context):
    """What `oras cp --from-oci-layout` does: every blob of the layout, then the manifests, the tag last."""

    def send(method, url, data=b"", kind="application/octet-stream"):
        request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": kind})
        return urllib.request.urlopen(request, timeout=30, context=context)

    def blob(descriptor):
        data = (release.oci / "blobs" / descriptor["digest"].replace(":", "/")).read_bytes()
        place = send("POST", f"https://{host}/v2/{name}/blobs/uploads/").headers["Location"]
        send("PUT", f"{place}{'&' if '?' in place else '?'}digest={descriptor['digest']}", data).close()

    def manifest(descriptor, tag=None):
        data = (release.oci / "blobs" / descriptor["digest"].replace(":", "/")).read_bytes()
        content = json.loads(data)
        for each in content.get("manifests", []):
            manifest(each)
        for each in [content["config"], *content["layers"]] if "layers" in content else []:
            blob(each)
        send(
            "PUT", f"https://{host}/v2/{name}/manifests/{tag or descriptor['digest']}", data, descriptor["mediaType"]
        ).close()

    for entry in json.loads((release.oci / "index.json").read_text())["manifests"]:
        manifest(entry, entry["annotations"]["org.opencontainers.image.ref.name"])
