# SPDX-License-Identifier: Apache-2.0
"""What apps.wandb.com/v2 brings into a cluster:
v2 is stored, v1 is served through a conversion webhook, and webhooks default and validate what is written.

    with V2(kubectl, directory):      # replaces the CRD, with all its objects; puts v1's back at the end
        ...
    with Real(kubectl, kubeconfig, directory):

V2 plays the webhooks as small as they can be: schema, defaults, refusals and conversion of the parts that the tests
touch. What it answers is held to what the real ones answered (conversions.py, transcripts/v2.json,
e2e/test_instance_webhooks.py). Real is wandb/operator's branch main itself: its CRDs and its manager, from a clone
named by WANDB_OPERATOR_MAIN in which `go build -o bin/manager ./cmd/manager` was run.
"""

import base64
import copy
import fcntl
import gzip
import hashlib
import http.server
import io
import json
import os
import pathlib
import socket
import shutil
import ssl
import subprocess
import tarfile
import tempfile
import threading
import time
import urllib.error
import urllib.request

import running

NAME = "weightsandbiases.apps.wandb.com"
DEFAULTING, VALIDATING, CONVERTING = (
    "/mutate-apps-wandb-com-v2-weightsandbiases",
    "/validate-apps-wandb-com-v2-weightsandbiases",
    "/convert",
)


def main_clone():
    """The clone of wandb/operator's main branch, None where there is none."""
    return pathlib.Path(os.environ["WANDB_OPERATOR_MAIN"]) if os.environ.get("WANDB_OPERATOR_MAIN") else None


def certificate(directory):
    """A key and a self-signed certificate for 127.0.0.1: (tls.key, tls.crt)."""
    paths = [directory / name for name in ("tls.key", "tls.crt")]
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-keyout",
            paths[0],
            "-out",
            paths[1],
            "-days",
            "2",
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
        ],
        check=True,
        capture_output=True,
    )
    return paths


# The real conversion of a v1 object looks the server manifest of its version up in this registry
# (global.imageRegistry) to find out which applications there are. It keeps what it fetched, and finds
# there what was put there instead.
REGISTRY = "registry.wandb-test.invalid"
MANIFESTS = (
    pathlib.Path("/tmp/server-manifest") / hashlib.sha256(f"{REGISTRY}/wandb/server-manifest".encode()).hexdigest()
)


def keep_manifest(version):
    """Puts a server manifest of no applications where the manager keeps what it fetched (an OCI image layout)."""

    def blob(data):
        digest = hashlib.sha256(data).hexdigest()
        (MANIFESTS / "blobs" / "sha256" / digest).write_bytes(data)
        return {"digest": f"sha256:{digest}", "size": len(data)}

    (MANIFESTS / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        text = b"features: {}\napplications: {}\n"
        member = tarfile.TarInfo(f"{version}.yaml")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    image = "application/vnd.oci.image"
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{image}.manifest.v1+json",
        "config": {"mediaType": f"{image}.config.v1+json", **blob(b"{}")},
        "layers": [{"mediaType": f"{image}.layer.v1.tar+gzip", **blob(gzip.compress(packed.getvalue()))}],
    }
    index = {
        "mediaType": f"{image}.manifest.v1+json",
        **blob(json.dumps(manifest).encode()),
        "annotations": {"org.opencontainers.image.ref.name": version},
    }
    (MANIFESTS / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [index]}))
    (MANIFESTS / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')


class Webhooks:
    """The CRD with its conversion, and the two admission webhooks, all at one server on loopback."""

    def __init__(self, kubectl, directory):
        self.kubectl, self.directory = kubectl, pathlib.Path(directory)

    def crds(self):
        raise NotImplementedError

    def start(self, key, certificate):
        """Starts the server; returns its URL."""
        raise NotImplementedError

    def stop(self):
        raise NotImplementedError

    def configuration(self, kind, name, path, client):
        return {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": kind,
            "metadata": {"name": name},
            "webhooks": [
                {
                    "name": f"{name}.wandb.com",
                    "sideEffects": "None",
                    "admissionReviewVersions": ["v1"],
                    "failurePolicy": "Fail",
                    "clientConfig": {**client, "url": f"{client['url']}{path}"},
                    "rules": [
                        {
                            "apiGroups": ["apps.wandb.com"],
                            "apiVersions": ["v2"],
                            "operations": ["CREATE", "UPDATE"],
                            "resources": ["weightsandbiases"],
                        }
                    ],
                }
            ],
        }

    def __enter__(self):
        key, pem = certificate(self.directory)
        client = {"url": None, "caBundle": base64.b64encode(pem.read_bytes()).decode()}
        self.kubectl("delete", "crd", NAME, "--ignore-not-found")
        try:
            self.prepare()
            client["url"] = self.start(key, pem)
            for crd in self.crds():
                if crd["metadata"]["name"] == NAME:
                    crd["spec"]["conversion"] = {
                        "strategy": "Webhook",
                        "webhook": {
                            "conversionReviewVersions": ["v1"],
                            "clientConfig": {**client, "url": f"{client['url']}{CONVERTING}"},
                        },
                    }
                self.establish(crd)
            self.kubectl.apply(
                [
                    self.configuration("MutatingWebhookConfiguration", "wandb-defaults", DEFAULTING, client),
                    self.configuration("ValidatingWebhookConfiguration", "wandb-checks", VALIDATING, client),
                ]
            )
            self.settle()
        except BaseException:
            self.__exit__()
            raise
        return self

    def prepare(self):
        pass

    def establish(self, crd):
        name = f"crd/{crd['metadata']['name']}"
        # a schema of this size does not fit into the annotation of a client-side apply
        self.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", input=json.dumps(crd))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            conditions = (self.kubectl.json("get", name).get("status") or {}).get("conditions") or []
            if any(each["type"] == "Established" and each["status"] == "True" for each in conditions):
                return
            time.sleep(0.1)
        raise AssertionError(f"{name} is not established")

    def settle(self):
        """A conversion and webhooks are used a moment after they were written."""
        probe = {
            "apiVersion": "apps.wandb.com/v2",
            "kind": "WeightsAndBiases",
            "metadata": {"name": "probe", "namespace": "default"},
            "spec": {"wandb": {"hostname": "https://probe.example.com", "version": "0.0.1"}},
        }
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            made = self.kubectl.run(
                "create", "--dry-run=server", "-o", "json", "-f", "-", input=json.dumps(probe), expect=None
            )
            if made.code == 0 and json.loads(made.stdout)["spec"].get("size") == "dev":
                return
            time.sleep(0.2)
        raise AssertionError(f"the webhooks do not work: {made}")

    def __exit__(self, *_):
        for kind, name in (
            ("mutatingwebhookconfiguration", "wandb-defaults"),
            ("validatingwebhookconfiguration", "wandb-checks"),
        ):
            self.kubectl("delete", kind, name, "--ignore-not-found")
        # what an operator holds by its finalizer would keep the CRD for ever; v2 needs no conversion to be read
        for item in self.kubectl.run(
            "get",
            "weightsandbiases.v2.apps.wandb.com",
            "-A",
            "-o",
            'jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name}{"\\n"}{end}',
            expect=None,
        ).stdout.splitlines():
            namespace, name = item.split()
            self.kubectl.run(
                "-n",
                namespace,
                "patch",
                "weightsandbiases.v2.apps.wandb.com",
                name,
                "--type=merge",
                "-p",
                '{"metadata":{"finalizers":null}}',
                expect=None,
            )
        self.kubectl("delete", "crd", NAME, "--ignore-not-found")
        self.stop()
        self.establish(
            json.loads(self.kubectl("create", "--dry-run=client", "--validate=false", "-o", "json", "-f", running.CRD))
        )


class Real(Webhooks):
    """wandb/operator main. Its webhooks serve every namespace, its controllers only `namespace`, when one is named."""

    PORT = 9443  # the manager has no flag for it

    def __init__(self, kubectl, kubeconfig, directory, namespace=None):
        super().__init__(kubectl, directory)
        self.kubeconfig, self.namespace, self.process = kubeconfig, namespace or "nowhere", None

    def crds(self):
        folder = main_clone() / "config" / "crd" / "bases"
        return [
            json.loads(
                self.kubectl(
                    "create",
                    "--dry-run=client",
                    "--validate=false",
                    "-o",
                    "json",
                    "-f",
                    folder / f"apps.wandb.com_{name}.yaml",
                )
            )
            for name in ("applications", "weightsandbiases")
        ]

    def prepare(self):
        # one at a time on this machine: its port and where it looks for manifests are fixed
        self.turn = open(pathlib.Path(tempfile.gettempdir()) / "wandb-operator-main.lock", "w")
        fcntl.flock(self.turn, fcntl.LOCK_EX)
        keep_manifest("0.77.1")
        # its controllers do not start without their kinds, and ask only once
        for crd in self.crds():
            self.establish(crd)

    def start(self, key, pem):
        self.log_path = self.directory / "manager.log"
        keep = {
            name: value for name, value in os.environ.items() if not name.startswith(("HELM", "KUBE", "TF_", "WANDB"))
        }
        words = [
            f"--webhook-cert-path={self.directory}",
            "--health-probe-bind-address=0",
            "--metrics-bind-address=0",
            f"--isolation-namespaces={self.namespace}",
            f"--telemetry-config-namespace={self.namespace}",
        ]
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [main_clone() / "bin" / "manager", *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                env={**keep, "KUBECONFIG": str(self.kubeconfig), "HOME": str(self.directory)},
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.PORT)) == 0:
                    return f"https://127.0.0.1:{self.PORT}"
            time.sleep(0.1)
        raise AssertionError(f"the manager did not start:\n{self.log[-3000:]}")

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    def stop(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.kubectl("delete", "crd", "applications.apps.wandb.com", "--ignore-not-found")
        shutil.rmtree(MANIFESTS, ignore_errors=True)
        self.turn.close()


# ---- ours ----------------------------------------------------------------------------------------

ANY = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
TEXT, FLAG = {"type": "string"}, {"type": "boolean"}
SECURITY = (
    "allowAnonymousPublicProjects",
    "allowUserTeamCreation",
    "disableCodeSaving",
    "disableSSOProvisioning",
    "hideUpgradeBanner",
    "insecureAllowAPIKeyAdminAccess",
)
SIZES = ("dev", "micro", "small", "medium", "large", "xlarge", "xxlarge")
EMPTY_REFERENCE = {"name": "", "key": ""}
CONNECTIONS = {
    "mysql": (
        "externalMysql",
        ("database", "host", "password", "port", "sslCa", "sslCert", "sslKey", "tls", "url", "username"),
    ),
    "redis": ("externalRedis", ("host", "password", "port", "sslCa", "tls", "url")),
    "objectStore": (
        "externalObjectStore",
        (
            "accessKey",
            "bucket",
            "endpoint",
            "forcePathStyle",
            "path",
            "port",
            "provider",
            "region",
            "secretKey",
            "tlsEnabled",
            "url",
        ),
    ),
}
CHART, VALUES, MYSQL = (f"legacy.operator.wandb.com/{name}" for name in ("v1-chart", "v1-values", "mysql-pending"))


def closed(required=(), **properties):
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}


def schema_of_v1():
    return closed(spec=closed(chart=ANY, values=ANY), status=closed(phase=TEXT, version=TEXT))


def schema_of_v2():
    wandb = closed(
        ("bucketProxy", "features", "hostname", "version"),
        hostname=TEXT,
        version=TEXT,
        license=TEXT,
        manifestRepository=TEXT,
        features=ANY,
        bucketProxy=FLAG,
        additionalHostnames={"type": "array", "items": TEXT},
        internalServiceAuth=ANY,
        oidc=ANY,
        probes=ANY,
        serviceAccount=closed(
            create={**FLAG, "default": True},
            serviceAccountName={**TEXT, "default": "wandb"},
            annotations={"type": "object", "additionalProperties": TEXT},
        ),
        security=closed(**{name: {**FLAG, "default": False} for name in SECURITY}),
    )
    spec = closed(
        ("retentionPolicy",),
        size={**TEXT, "enum": list(SIZES)},
        requireLimits=FLAG,
        affinity=ANY,
        wandb=wandb,
        kafka=ANY,
        mysql=ANY,
        redis=ANY,
        objectStore=ANY,
        clickhouse=ANY,
        networking=ANY,
        tolerations={"type": "array", "items": ANY},
        **{"global": ANY},
        retentionPolicy=closed(("onDelete",), onDelete={**TEXT, "default": "detach"}),
    )
    return closed(spec=spec, status={**ANY, "required": ["observedGeneration", "ready"]})


def over(given, defaults):
    """What was given, with defaults where it says nothing."""
    if not isinstance(given, dict) or not isinstance(defaults, dict):
        return given
    return {
        **defaults,
        **{key: over(value, defaults[key]) if key in defaults else value for key, value in given.items()},
    }


def typed(spec):
    """What a spec gains by being read into the operator's types and written again."""
    spec = over(
        spec,
        {
            "global": {},
            "kafka": {},
            "networking": {},
            "wandb": {
                "bucketProxy": False,
                "internalServiceAuth": {},
                "probes": {},
                "security": dict.fromkeys(SECURITY, False),
                "oidc": {name: EMPTY_REFERENCE for name in ("authMethod", "clientId", "clientSecret", "issuerUrl")},
                "serviceAccount": {"create": True, "serviceAccountName": "wandb"},
            },
        },
    )
    for store, (member, names) in CONNECTIONS.items():
        for instance in spec.get(store, {}).values():
            if member in instance:
                instance[member] = over(instance[member], {name: EMPTY_REFERENCE for name in names})
    return spec


def defaulted(spec, name, namespace):
    """What the defaulting webhook makes of a spec of v2."""

    def managed(kind, **more):
        return {
            "name": f"{name}-{kind}",
            "namespace": namespace,
            "telemetry": {"enabled": False},
            "config": {"resources": {}},
            **more,
        }

    def account(kind):
        return {"serviceAccount": {"create": True, "serviceAccountName": f"{name}-{kind}"}}

    def probe(period, timeout, failures):
        return {"periodSeconds": period, "timeoutSeconds": timeout, "failureThreshold": failures, "successThreshold": 1}

    spec, given = copy.deepcopy(spec), spec
    if not spec.get("retentionPolicy", {}).get("onDelete"):
        spec.pop("retentionPolicy", None)
    registry = spec.get("global", {}).get("imageRegistry")
    sentinel = {"config": {"resources": {}}, "enabled": spec.get("size", "dev") != "dev"}
    stores = {
        "mysql": ("Mysql", managed("mysql")),
        "redis": ("Redis", managed("redis", sentinel=sentinel)),
        "objectStore": (
            "ObjectStore",
            managed("seaweedfs", SeaweedObjectStoreSpec={}, config={"accessKey": "admin", "resources": {}}),
        ),
        "clickhouse": (
            "Clickhouse",
            managed("chi", keeper={"config": {"resources": {}}}, objectStorage={}, **account("chi")),
        ),
    }
    for store, (kind, fresh) in stores.items():
        for instance in spec.setdefault(store, {"default": {}}).values():
            if f"external{kind}" not in instance:
                instance[f"managed{kind}"] = over(instance.get(f"managed{kind}", {}), fresh)
            if store == "objectStore":
                instance.setdefault("bucketAttributionDisabled", False)
    spec = over(
        spec,
        {
            "size": "dev",
            "affinity": {},
            "tolerations": [],
            "retentionPolicy": {"onDelete": "detach"},
            "kafka": {
                "managedKafka": managed("kafka", config={"replicationConfig": {}, "resources": {}}, **account("kafka"))
            },
            "wandb": {
                "features": {},
                "manifestRepository": (
                    f"oci://{registry or 'us-docker.pkg.dev/wandb-production/public'}/wandb/server-manifest"
                ),
                "internalServiceAuth": {"enabled": True},
                "probes": {
                    "startupProbe": probe(5, 2, 24),
                    "livenessProbe": probe(10, 1, 3),
                    "readinessProbe": probe(10, 1, 3),
                },
            },
        },
    )
    wandb = spec["wandb"]
    if "serviceAccount" not in given.get("wandb", {}):
        wandb["serviceAccount"] = {"create": True, "serviceAccountName": "wandb-app"}
    if wandb["internalServiceAuth"]["enabled"]:
        wandb["internalServiceAuth"].setdefault("oidcIssuer", "https://kubernetes.default.svc.cluster.local")
    if "://" not in wandb["manifestRepository"]:
        wandb["manifestRepository"] = f"oci://{wandb['manifestRepository']}"
    wandb["bucketProxy"] = "managedObjectStore" in spec["objectStore"].get("default", {}) or wandb.get(
        "bucketProxy", False
    )
    return typed(spec)


def sentinels(spec):
    return {
        name: instance["managedRedis"].get("sentinel", {}).get("enabled", False)
        for name, instance in spec.get("redis", {}).items()
        if "managedRedis" in instance
    }


def complaints(spec, before):
    """What the validating webhook refuses."""
    was = sentinels(before)
    for name, enabled in sentinels(spec).items():
        if name in was and was[name] != enabled:
            yield f"spec.redis[{name}].managedRedis.sentinel.enabled: Invalid value: Redis Sentinel cannot be toggled"
    wandb = spec.get("wandb") or {}
    version = wandb.get("version", "")
    if not wandb.get("hostname", "").strip():
        yield "spec.wandb.hostname: Required value: hostname is required"
    if not version.strip():
        yield "spec.wandb.version: Required value: version is required; pin it to a published server version"
    elif version == "latest" or version != version.strip():
        yield "spec.wandb.version: Invalid value: must be pinned to a published server version"


def to_v2(object, active):
    """v1 to v2. The active spec of an operator 1.x counts more than the object's own values,
    which are kept as they are."""
    meta, spec = copy.deepcopy(object["metadata"]), object.get("spec") or {}
    values = active if active is not None else spec.get("values") or {}
    shared, ingress = values.get("global", {}), values.get("ingress", {})
    annotations = meta.setdefault("annotations", {})
    annotations |= {CHART: compact(spec.get("chart")), VALUES: compact(spec.get("values"))}
    wandb = {
        "hostname": shared.get("host", ""),
        "internalServiceAuth": {"enabled": False},
        "version": values.get("app", {}).get("image", {}).get("tag", ""),
    }
    if shared.get("license"):
        wandb["license"] = shared["license"]
    result = {"wandb": wandb, "retentionPolicy": {"onDelete": ""}}
    if size := shared.get("size"):
        if size not in SIZES:
            raise ValueError(f'spec.values.global.size: "{size}" is not a valid v2 size')
        result["size"] = size
    if ingress.get("install", True) and ingress.get("create", True):
        result["networking"] = {"mode": "ingress"}
        if ingress.get("class"):
            result["networking"]["ingress"] = {"ingressClassName": ingress["class"]}
        if ingress.get("annotations"):
            result["networking"]["annotations"] = ingress["annotations"]
        if ingress.get("additionalHosts"):
            wandb["additionalHostnames"] = ingress["additionalHosts"]
    if shared.get("mysql"):
        annotations[MYSQL] = compact({key: str(value) for key, value in shared["mysql"].items()})
        result["mysql"] = {"default": {"externalMysql": {}}}
    return {
        "apiVersion": "apps.wandb.com/v2",
        "kind": object["kind"],
        "metadata": meta,
        "spec": typed(result),
        "status": STATUS,
    }


STATUS = {"ready": False, "observedGeneration": 0, "wandb": {"hostname": ""}}


def to_v1(object):
    annotations = object["metadata"].get("annotations", {})
    spec = {name: json.loads(annotations.get(key, "{}")) for name, key in (("chart", CHART), ("values", VALUES))}
    return {
        "apiVersion": "apps.wandb.com/v1",
        "kind": object["kind"],
        "metadata": object["metadata"],
        "spec": spec,
        "status": {},
    }


def compact(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = {CONVERTING: self.convert, DEFAULTING: self.default, VALIDATING: self.validate}[
            self.path.partition("?")[0]
        ]
        request = review.pop("request")
        review["response"] = {"uid": request["uid"], **answer(request)}
        body = json.dumps(review).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def convert(self, request):
        wanted, converted = request["desiredAPIVersion"], []
        try:
            for object in request["objects"]:
                if object["apiVersion"] == wanted:
                    converted.append(object)
                else:
                    converted.append(
                        to_v1(object)
                        if wanted.endswith("/v1")
                        else to_v2(object, self.server.active_values(object["metadata"]))
                    )
        except ValueError as error:
            return {"convertedObjects": [], "result": {"status": "Failure", "message": str(error)}}
        return {"convertedObjects": converted, "result": {"status": "Success"}}

    def default(self, request):
        object = request["object"]
        spec = defaulted(object.get("spec") or {}, object["metadata"]["name"], request["namespace"])
        patch = [{"op": "add", "path": "/spec", "value": spec}]
        return {
            "allowed": True,
            "patchType": "JSONPatch",
            "patch": base64.b64encode(json.dumps(patch).encode()).decode(),
        }

    def validate(self, request):
        said = list(complaints(request["object"].get("spec") or {}, (request.get("oldObject") or {}).get("spec") or {}))
        return {
            "allowed": not said,
            **({"status": {"code": 422, "reason": "Invalid", "message": "; ".join(said)}} if said else {}),
        }

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a client that is gone


class V2(Webhooks):
    """The stand-in."""

    def __init__(self, kubectl, kubeconfig, directory):
        super().__init__(kubectl, directory)
        config = json.loads(pathlib.Path(kubeconfig).read_text())
        self.api = config["clusters"][0]["cluster"]["server"]
        self.token = next(each["user"]["token"] for each in config["users"] if each["name"] == "admin")
        self.tls = ssl.create_default_context(cafile=config["clusters"][0]["cluster"]["certificate-authority"])
        self.server = None

    def active_values(self, meta):
        request = urllib.request.Request(
            f"{self.api}/api/v1/namespaces/{meta.get('namespace', 'default')}/secrets/{meta['name']}-spec-active",
            headers={"Authorization": f"Bearer {self.token}", "User-Agent": "webhooks"},
        )
        try:
            with urllib.request.urlopen(request, context=self.tls, timeout=10) as answer:
                text = (json.load(answer).get("data") or {}).get("values")
                return json.loads(base64.b64decode(text)) if text else None
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return None

    def crds(self):
        version = {"served": True, "subresources": {"status": {}}}
        return [
            {
                "apiVersion": "apiextensions.k8s.io/v1",
                "kind": "CustomResourceDefinition",
                "metadata": {"name": NAME},
                "spec": {
                    "group": "apps.wandb.com",
                    "scope": "Namespaced",
                    "names": {
                        "kind": "WeightsAndBiases",
                        "listKind": "WeightsAndBiasesList",
                        "plural": "weightsandbiases",
                        "singular": "weightsandbiases",
                        "shortNames": ["wandb"],
                    },
                    "versions": [
                        {"name": "v1", "storage": False, "schema": {"openAPIV3Schema": schema_of_v1()}, **version},
                        {"name": "v2", "storage": True, "schema": {"openAPIV3Schema": schema_of_v2()}, **version},
                    ],
                },
            }
        ]

    def start(self, key, pem):
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.active_values = self.active_values
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(pem, key)
        self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"https://127.0.0.1:{self.server.server_port}"

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
