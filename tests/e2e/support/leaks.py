# SPDX-License-Identifier: Apache-2.0
"""Every test is watched: no secret that it plants may show in what Terraform, the provider and the cluster keep or say.

A secret of a test is `planted("name")`: a text with a mark in it. Every Terraform of a test hands its write-only
attributes nothing else (`Leaks.configuration` insists), and the credentials of the test's cluster are watched too.
Looked at, for each command and at the end of each test:

  stdout, stderr        of every command, -json included
  provider log          TF_LOG_PROVIDER=trace, always on; what TF_LOG=trace says of the provider where a test sets that
  state, private state  every terraform.tfstate*, errored.tfstate; the provider's private part decoded
  plan                  every saved plan, the variables and values in it
  object                in the test's namespaces: the whole of each object, but of Secrets and of the custom resource
                        only metadata (labels, annotations, managedFields) and status: their content is where secrets
                        belong
  Helm release          those that the provider wrote, decoded
  request               the URL of every request that the API server logged

each in plain text, base64, hexadecimal and the escapes of URLs. Not looked at: the configuration itself, which is where
a secret comes from (*.tf, the copy of it in a saved plan, `configuration` and `variables` of `show -json`; kubectl's
copy of what a test applies with it), and what the API server itself writes into its audit log of requests that it
refuses. Anything else that a test has a reason for is `leaks.allow(channel, because)`; what is allowed must show, or
the test fails as well.
"""

import base64
import gzip
import json
import re
import time
import urllib.parse
import zipfile

MARK = "pl4nted"
MANAGER = "terraform-provider-wandb"
AROUND = 120  # characters shown beside a find

URI = re.compile(rb'"requestURI":"[^"]*"|"userAgent":"[^"]*"')
WRITE_ONLY = re.compile(r"\b(\w+_wo)\s*=\s*")
KINDS = [
    f"/api/v1/namespaces/{{}}/{kind}"
    for kind in ("configmaps", "events", "pods", "services", "serviceaccounts", "secrets")
]
KINDS += [
    f"/apis/{group}/namespaces/{{}}/{kind}"
    for group, kinds in {
        "apps/v1": ("deployments", "statefulsets", "daemonsets"),
        "batch/v1": ("jobs",),
        "rbac.authorization.k8s.io/v1": ("roles", "rolebindings"),
        "apps.wandb.com/v1": ("weightsandbiases",),
    }.items()
    for kind in kinds
]
APPLIED = "kubectl.kubernetes.io/last-applied-configuration"  # what a test itself handed to kubectl
CONTENT = {"Secret": ("data", "stringData"), "WeightsAndBiases": ("spec",)}  # where secrets belong


def planted(name):
    """A secret for a test to use."""
    return f"{MARK}-{name}-7f3a"


def base64_forms(text):
    """What of base64 shows that the text is inside, whatever precedes and follows it."""
    for before in range(3):
        bits = (before + len(text)) * 8
        yield base64.b64encode(b"\0" * before + text)[before + (before > 0) : bits // 6]


def forms(text):
    text = text.encode()
    escaped = json.dumps(text.decode())[1:-1].encode()
    return {
        text,
        escaped,
        text.hex().encode(),
        urllib.parse.quote(text, safe="").encode(),
        *base64_forms(text),
        *(each.replace(b"+", b"-").replace(b"/", b"_") for each in base64_forms(text)),
    }


class Leaks:
    """What was found so far, and what may be."""

    def __init__(self):
        self.secrets, self.allowed, self.found, self.terraforms, self.namespaces = {MARK}, [], [], [], set()
        self.cluster, self.position, self.pattern = None, 0, None

    def watch_cluster(self, cluster):
        """Its credentials are secrets of the test."""
        self.cluster, self.position = cluster, cluster.audit_position()
        key = (cluster.directory / "keys" / "admin.key").read_text().splitlines()
        self.plant(*(user["user"]["token"] for user in cluster.config["users"] if "token" in user["user"]), key[1])

    def plant(self, *texts):
        """Registers secrets that cannot carry the mark."""
        self.secrets.update(texts)
        self.pattern = None

    def allow(self, channel, because):
        """In channels whose name matches, secrets may show, for this reason."""
        assert because
        self.allowed.append([re.compile(channel), False])

    # ---- looking

    def look(self, channel, content):
        """Notes what secrets show in a text or bytes."""
        if not self.pattern:
            self.pattern = re.compile(b"|".join(map(re.escape, sorted(set().union(*map(forms, self.secrets))))))
        content = content if isinstance(content, bytes) else content.encode(errors="replace")
        for match in self.pattern.finditer(content):
            self.found.append(
                (channel, content[max(0, match.start() - AROUND) : match.end() + AROUND].decode(errors="replace"))
            )

    def configuration(self, text):
        """Insists that write-only attributes are given what the watch can see."""
        for match in WRITE_ONLY.finditer(text):
            value = text[match.end() : match.end() + extent(text[match.end() :])]
            seen = (
                MARK in value
                or any(secret in value for secret in self.secrets)
                or re.search(r"\b(var|local|data)\.|\bnull\b", value)
            )
            assert seen, f"{match[1]} is given {value!r}: give it planted(…), so that the watch of leaks sees it"

    def command(self, words, result):
        name = " ".join(str(word) for word in words[1:3])
        self.look(f"stdout of {name}", without_configuration(result.stdout) if words[1] == "show" else result.stdout)
        self.look(f"stderr of {name}", result.stderr)

    def directory(self, folder):
        """What a Terraform leaves in its directory."""
        for path in sorted(path for path in folder.iterdir() if path.is_file()):
            content = path.read_bytes()
            if "tfstate" in path.name:
                self.state(path.name, content)
            elif content.startswith(b"PK\3\4"):
                self.plan(path)
            elif re.match(r"trace.*\.log$", path.name):
                # Terraform itself logs parts of the configuration; what the provider says counts
                self.look("provider log", b"\n".join(line for line in content.splitlines() if b"provider" in line))
            elif re.match(r"crash.*\.log$", path.name):
                self.look("crash log", content)

    def state(self, name, content):
        self.look(f"state {name}", content)
        for resource in json.loads(content or b"{}").get("resources", []):
            for instance in resource["instances"]:
                self.look(f"private state {name}", base64.b64decode(instance.get("private") or ""))

    def plan(self, path):
        with zipfile.ZipFile(path) as plan:
            for name in plan.namelist():
                if not name.startswith("tfconfig"):
                    self.look(f"plan {path.name}", plan.read(name))

    def namespace(self, name):
        """The objects of a namespace of the cluster; a namespace that is gone holds none."""
        with self.cluster.connect() as connection:
            for path in [f"/api/v1/namespaces/{name}", *(kind.format(name) for kind in KINDS)]:
                answer = self.ask(connection, path)
                for item in answer.get("items", [answer]):
                    self.object(answer.get("kind", "").removesuffix("List"), item)

    def ask(self, connection, path):
        while True:
            status, answer = self.cluster.ask(connection, "GET", path)
            if status == 200:
                return answer
            assert status in (404, 429), f"{path}: {status} {answer!r}"
            if status == 404:  # the kind's definition, or the namespace, is gone
                return {"items": []}
            time.sleep(0.5)  # the kind's definition was just changed

    def object(self, kind, item):
        labels, name = item.get("metadata", {}).get("labels") or {}, item.get("metadata", {}).get("name")
        if kind == "Secret" and labels.get("owner") == "helm" and "release" in (item.get("data") or {}):
            if MANAGER in (field.get("manager") for field in item["metadata"].get("managedFields", [])):
                self.look("Helm release", gzip.decompress(base64.b64decode(base64.b64decode(item["data"]["release"]))))
        (item.get("metadata", {}).get("annotations") or {}).pop(APPLIED, None)
        kept = {key: value for key, value in item.items() if key not in CONTENT.get(kind, ())}
        self.look(f"object {kind} {name}", json.dumps(kept, ensure_ascii=False))

    def end(self):
        """Looks at what is left at the end of a test; returns what may not be, as text."""
        for terraform in self.terraforms:
            if terraform.provider_log.exists():
                self.look("provider log", terraform.provider_log.read_bytes())
            if terraform.directory.exists():
                self.directory(terraform.directory)
        if self.cluster:
            with open(self.cluster.directory / "audit.log", "rb") as log:
                log.seek(self.position)
                self.look("request", b"\n".join(URI.findall(log.read())))
        return self.report()

    def report(self):
        texts = []
        for channel, context in self.found:
            allowances = [allowance for allowance in self.allowed if allowance[0].search(channel)]
            for allowance in allowances:
                allowance[1] = True
            if not allowances:
                texts.append(f"a planted secret shows in {channel}:\n    …{context}…")
        texts += [
            f"secrets are allowed in {pattern.pattern!r}, and none shows there"
            for pattern, used in self.allowed
            if not used
        ]
        return "\n".join(dict.fromkeys(texts))


def extent(text):
    """How long the first expression of a text is: to the end of the line, or of its brackets."""
    depth, quoted, escaped = 0, False, False
    for index, char in enumerate(text):
        if quoted:
            quoted, escaped = escaped or char != '"', char == "\\" and not escaped
        elif char == '"':
            quoted = True
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        if depth < 0 or (char in "\n," and not depth and not quoted):
            return index
    return len(text)


def without_configuration(text):
    """The answer of `show -json` without the configuration that it repeats."""
    try:
        answer = json.loads(text)
    except ValueError:
        return text
    return json.dumps(
        {key: value for key, value in answer.items() if key not in ("configuration", "variables")}, ensure_ascii=False
    )
