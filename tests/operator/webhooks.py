# SPDX-License-Identifier: Apache-2.0
"""What apps.wandb.com/v2 brings into a cluster, as far as a client meets it: v2 is stored, v1 is served through a conversion
webhook, and a mutating webhook fills defaults in. The shapes follow wandb/operator's branch main (api/v2, internal/webhook).

    with V2(kubectl, directory):      # replaces the CRD, with all its objects; puts v1's back at the end
        ...
"""

import base64
import copy
import http.server
import json
import ssl
import subprocess
import threading

import running

NAME = "weightsandbiases.apps.wandb.com"
DEFAULTS = {"size": "dev", "affinity": {}, "tolerations": [], "retentionPolicy": {"onDelete": "detach"}}


def convert(object, version):
    """v1 values to v2 fields and back, as far as both know them; the rest is kept in annotations, as the operator does."""
    result = copy.deepcopy(object)
    result["apiVersion"] = version
    spec = object.get("spec") or {}
    annotations = result["metadata"].setdefault("annotations", {})
    if version.endswith("/v2") and object["apiVersion"].endswith("/v1"):
        annotations["legacy.operator.wandb.com/v1-values"] = json.dumps(spec.get("values"))
        result["spec"] = {"wandb": {"hostname": ((spec.get("values") or {}).get("global") or {}).get("host", "")}}
    elif version.endswith("/v1") and object["apiVersion"].endswith("/v2"):
        stashed = json.loads(annotations.pop("legacy.operator.wandb.com/v1-values", "null"))
        result["spec"] = {"values": stashed or {"global": {"host": (spec.get("wandb") or {}).get("hostname", "")}}}
    return result


def review_conversion(request):
    return {"convertedObjects": [convert(each, request["desiredAPIVersion"]) for each in request["objects"]], "result": {"status": "Success"}}


def review_defaults(request):
    spec = request["object"].get("spec") or {}
    patch = [{"op": "add", "path": f"/spec/{key}", "value": value} for key, value in DEFAULTS.items() if key not in spec]
    wandb = spec.get("wandb") or {}
    patch += [{"op": "add", "path": f"/spec/wandb/{key}", "value": value}
              for key, value in {"features": {}, "manifestRepository": "oci://example.com/manifest"}.items() if wandb and key not in wandb]
    return {"allowed": True, "patchType": "JSONPatch", "patch": base64.b64encode(json.dumps(patch).encode()).decode()}


REVIEWS = {"/convert": review_conversion, "/default": review_defaults}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        review["response"] = {"uid": review["request"]["uid"], **REVIEWS[self.path.partition("?")[0]](review.pop("request"))}
        body = json.dumps(review).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class V2:
    def __init__(self, kubectl, directory):
        self.kubectl, self.directory = kubectl, directory

    def certificate(self):
        paths = [str(self.directory / f"webhook.{suffix}") for suffix in ("key", "crt")]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", paths[0],
                        "-out", paths[1], "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
                       check=True, capture_output=True)
        return paths

    def crd(self, url, bundle):
        any_object = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": any_object, "status": any_object}}}
        version = {"served": True, "schema": schema, "subresources": {"status": {}}}
        return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": NAME}, "spec": {
            "group": "apps.wandb.com", "scope": "Namespaced",
            "names": {"kind": "WeightsAndBiases", "listKind": "WeightsAndBiasesList", "plural": "weightsandbiases", "singular": "weightsandbiases",
                      "shortNames": ["wandb"]},
            "versions": [{"name": "v1", "storage": False, **version}, {"name": "v2", "storage": True, **version}],
            "conversion": {"strategy": "Webhook", "webhook": {"conversionReviewVersions": ["v1"],
                                                              "clientConfig": {"url": f"{url}/convert", "caBundle": bundle}}}}}

    def __enter__(self):
        key, certificate = self.certificate()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        url = f"https://127.0.0.1:{self.server.server_port}"
        with open(certificate, "rb") as file:
            bundle = base64.b64encode(file.read()).decode()
        self.kubectl("delete", "crd", NAME, "--ignore-not-found")
        self.kubectl.apply(self.crd(url, bundle))
        self.kubectl("wait", "--for=condition=established", f"crd/{NAME}")
        self.kubectl.apply({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration", "metadata": {"name": "wandb-defaults"},
                            "webhooks": [{"name": "defaults.wandb.com", "sideEffects": "None", "admissionReviewVersions": ["v1"], "failurePolicy": "Fail",
                                          "clientConfig": {"url": f"{url}/default", "caBundle": bundle},
                                          "rules": [{"apiGroups": ["apps.wandb.com"], "apiVersions": ["v2"], "operations": ["CREATE", "UPDATE"],
                                                     "resources": ["weightsandbiases"]}]}]})
        return self

    def __exit__(self, *_):
        self.kubectl("delete", "mutatingwebhookconfiguration", "wandb-defaults")
        self.kubectl("delete", "crd", NAME)
        self.server.shutdown()
        self.server.server_close()
        self.kubectl("apply", "--server-side", "--force-conflicts", "-f", str(running.CRD))
        self.kubectl("wait", "--for=condition=established", f"crd/{NAME}")
