# SPDX-License-Identifier: Apache-2.0
"""Hooks: events, weights, delete policies, waiting, failures.
Custom resource definitions: policies, waiting, refusals."""

import pytest

from release_charts import crd, release, write_chart
from terraform import diagnostics

EVENTS = (
    "pre-install",
    "post-install",
    "pre-upgrade",
    "post-upgrade",
    "pre-delete",
    "post-delete",
    "pre-rollback",
    "post-rollback",
    "test",
)
HEAD = "apiVersion: v2\nname: app\nversion: {version}\n"


def hook(name, events, weight=0, policy="", kind="ConfigMap", fails=False):
    spec = "data: {a: b}\n"
    if kind == "Job":
        # a suspended Job that is out of time fails without any pod
        failing = "  activeDeadlineSeconds: 1\n" if fails else ""
        command = "[sh, -c, exit 1]" if fails else "[sh]"
        spec = (
            "spec:\n  backoffLimit: 0\n"
            + failing
            + "  template:\n    spec:\n      restartPolicy: Never\n"
            + ('      nodeSelector: {nowhere: "true"}\n' if fails else "")
            + f"      containers: [{{name: main, image: example, command: {command}}}]\n"
        )
    policy = f"    helm.sh/hook-delete-policy: {policy}\n" if policy else ""
    return (
        f"apiVersion: {'batch/v1' if kind == 'Job' else 'v1'}\nkind: {kind}\nmetadata:\n  name: {name}\n"
        "  annotations:\n"
        f'    helm.sh/hook: {events}\n    helm.sh/hook-weight: "{weight}"\n{policy}{spec}'
    )


def settings(data="{a: b}"):
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata: {data}\n"


def chart_of(directory, hooks, **more):
    return write_chart(
        directory,
        {
            "Chart.yaml": HEAD,
            "templates/settings.yaml": settings(),
            "templates/hooks.yaml": "---\n".join(hooks),
            **more,
        },
    )


@pytest.fixture
def made(cluster, namespace):
    """Names of what the provider created, applied and deleted in the namespace, in order: +name, ~name, -name."""
    position = cluster.audit_position()
    marks = {"create": "+", "patch": "~", "delete": "-"}

    def listed(since=None):
        events = [
            each
            for each in cluster.audit("terraform-provider-wandb", since or position)
            if each["stage"] == "ResponseComplete"
            and each["verb"] in marks
            and each["responseStatus"]["code"] < 300
            and each["objectRef"].get("namespace") == namespace
            and each["objectRef"]["resource"] in ("configmaps", "jobs")
        ]
        return [marks[each["verb"]] + each["objectRef"].get("name", "?") for each in events]

    return listed


def test_order_and_delete_policies(terraform, kubectl, namespace, tmp_path, made):
    chart = chart_of(
        tmp_path / "chart",
        [
            hook("d", "pre-install", 5),
            hook("c", "pre-install", -5, "hook-succeeded"),
            hook("b", "pre-install", 5),
            hook("a", "pre-install,post-install", 10, "before-hook-creation,hook-succeeded"),
            hook("z", "post-install", -1, "hook-failed"),
            hook("never", "pre-install,no-such-event"),
            hook("up", "pre-upgrade"),
            hook("down", "pre-delete", 0, "hook-succeeded"),
        ],
    )
    terraform.write(terraform.header() + release(namespace, chart))
    terraform.apply()
    assert made() == ["+c", "+b", "+d", "+a", "-a", "-c", "~settings", "+z", "+a", "-a"]
    names = [each["metadata"]["name"] for each in kubectl.json("-n", namespace, "get", "configmaps")["items"]]
    assert sorted(set(names) - {"kube-root-ca.crt"}) == ["b", "d", "settings", "z"]
    assert terraform.plan().empty  # hooks are nobody's drift
    terraform.destroy()
    assert made()[-3:] == ["+down", "-settings", "-down"] or made()[-3:] == ["+down", "-down", "-settings"]


def test_every_event_runs_in_its_time(terraform, namespace, tmp_path, made):
    hooks = [hook(event, event) for event in EVENTS]
    chart = chart_of(tmp_path / "chart", hooks)
    terraform.write(terraform.header() + release(namespace, chart))
    terraform.apply()
    assert made() == ["+pre-install", "~settings", "+post-install"]
    count = len(made())
    terraform.write(terraform.header() + release(namespace, chart, {"x": 1}))
    terraform.apply()
    assert made()[count:] == ["+pre-upgrade", "~settings", "+post-upgrade"]
    count = len(made())
    (chart / "templates" / "settings.yaml").write_text(settings("{not a key: x}"))
    terraform.write(terraform.header() + release(namespace, chart, {"x": 2}, "atomic = true"))
    terraform.apply(expect=(1,))
    assert made()[count:] == ["-pre-upgrade", "+pre-upgrade", "+pre-rollback", "~settings", "+post-rollback"]
    count = len(made())
    terraform.destroy()
    assert made()[count:] == ["+pre-delete", "-settings", "+post-delete"]


def test_weights_are_read_as_go_reads_numbers(terraform, namespace, tmp_path, made):
    """What is no number is 0, and of equals the name decides; a weight has 64 bits."""
    weights = {"a": "3000000000", "b": "5", "c": " 7", "d": "+6", "e": "x", "f": "5.0", "g": "-3000000000", "h": "1e1"}
    weights["i"] = "9223372036854775808"
    chart = chart_of(tmp_path / "chart", [hook(name, "pre-install", weight) for name, weight in weights.items()])
    terraform.write(terraform.header() + release(namespace, chart))
    terraform.apply()
    assert made() == ["+g", "+c", "+e", "+f", "+h", "+i", "+b", "+d", "+a", "~settings"]


def test_jobs_are_waited_for(terraform, kubectl, namespace, tmp_path, made):
    chart = chart_of(tmp_path / "chart", [hook("job", "pre-install", kind="Job"), hook("after", "pre-install", 1)])
    terraform.write(terraform.header() + release(namespace, chart))
    terraform.apply()
    assert made() == ["+job", "+after", "~settings"]
    job = kubectl.json("-n", namespace, "get", "job", "job")
    created = kubectl.json("-n", namespace, "get", "configmap", "after")["metadata"]["creationTimestamp"]
    assert job["status"]["succeeded"] == 1 and job["status"]["completionTime"] <= created


@pytest.mark.parametrize("policy, left", [("", True), ("hook-failed", False), ("before-hook-creation", True)])
def test_a_failing_hook_ends_it(terraform, kubectl, helm3, namespace, tmp_path, made, policy, left):
    chart = chart_of(
        tmp_path / "chart",
        [
            hook("first", "pre-install", -1, "hook-succeeded"),
            hook("job", "pre-install", 0, policy, "Job", fails=True),
            hook("after", "pre-install", 1),
        ],
    )
    terraform.write(terraform.header() + release(namespace, chart))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    text = error["summary"] + error["detail"]
    assert "pre-install hook Job job" in text and "DeadlineExceeded" in text
    assert error["summary"].endswith(": a hook or workload failed")
    assert "+after" not in made() and "~settings" not in made() and made()[-1] == "-first"
    assert (kubectl.run("-n", namespace, "get", "job", "job", expect=None).code == 0) == left
    assert helm3.json("list", "-n", namespace, "--all")[0]["status"] == "failed"
    (chart / "templates" / "hooks.yaml").write_text(hook("job", "pre-install", kind="Job"))
    terraform.apply()
    assert terraform.plan().empty


def changed(cluster, namespace, position, verb):
    """What the provider did to objects of the namespace, release records aside: their resources, in order."""
    objects = [
        each["objectRef"]
        for each in cluster.audit("terraform-provider-wandb", position)
        if each["stage"] == "ResponseComplete" and each["verb"] == verb and "objectRef" in each
    ]
    return [
        each["resource"]
        for each in objects
        if each.get("namespace") == namespace and not each["name"].startswith("sh.helm")
    ]


def test_kinds_go_in_order(terraform, cluster, namespace, tmp_path):
    documents = [
        "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}], selector: {a: b}}\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData: {a: b}\n",
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: []\n",
        (
            "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: p}\n"
            "spec: {selector: {matchLabels: {a: b}}}\n"
        ),
    ]
    chart = write_chart(tmp_path / "chart", {"Chart.yaml": HEAD, "templates/all.yaml": "---\n".join(documents)})
    position = cluster.audit_position()
    terraform.write(terraform.header() + release(namespace, chart))
    terraform.apply()
    order = ["poddisruptionbudgets", "serviceaccounts", "secrets", "configmaps", "roles", "services"]
    assert changed(cluster, namespace, position, "patch") == order
    assert terraform.plan().empty
    position = cluster.audit_position()
    terraform.destroy()
    assert changed(cluster, namespace, position, "delete") == order[::-1]


# ---- custom resource definitions -------------------------------------------------------------------------


@pytest.fixture
def group(namespace, kubectl):
    yield f"{namespace}.example.com"
    kubectl("delete", "crd", f"widgets.{namespace}.example.com", "--ignore-not-found", "--wait=false")


def widget(group):
    return f"apiVersion: {group}/v1\nkind: Widget\nmetadata:\n  name: one\nspec: {{size: 3}}\n"


def crd_chart(directory, group, text=None):
    return write_chart(
        directory, {"Chart.yaml": HEAD, "templates/settings.yaml": settings(), "crds/widgets.yaml": text or crd(group)}
    )


def described(group):
    return crd(group).replace("{type: object,", "{type: object, description: newer,")


def description(kubectl, group):
    versions = kubectl.json("get", "crd", f"widgets.{group}")["spec"]["versions"]
    return versions[0]["schema"]["openAPIV3Schema"].get("description")


@pytest.mark.parametrize(
    "policy, after_install, after_upgrade", [("upgrade", True, True), ("install", True, False), ("skip", False, False)]
)
def test_crd_policies(terraform, kubectl, namespace, group, tmp_path, policy, after_install, after_upgrade):
    chart = crd_chart(tmp_path / "chart", group)
    more = f'crds = "{policy}"'
    terraform.write(terraform.header() + release(namespace, chart, more=more))
    terraform.apply()
    assert (kubectl.run("get", "crd", f"widgets.{group}", expect=None).code == 0) == after_install
    crd_chart(chart, group, described(group))
    terraform.apply()
    assert terraform.plan().empty
    if after_install:
        assert (description(kubectl, group) == "newer") == after_upgrade
    terraform.destroy()
    assert (kubectl.run("get", "crd", f"widgets.{group}", expect=None).code == 0) == after_install


def test_custom_resources_of_the_charts_own_kinds(terraform, kubectl, namespace, group, tmp_path):
    chart = crd_chart(tmp_path / "chart", group)
    (chart / "templates" / "widget.yaml").write_text(widget(group))
    terraform.write(terraform.header() + release(namespace, chart))
    terraform.apply()
    assert terraform.plan().empty
    kubectl("delete", "crd", f"widgets.{group}")
    plan = terraform.plan()
    assert plan.changes == {"wandb_operator.this": ["update"]}
    assert f"CustomResourceDefinition/widgets.{group}: wanted present, found absent" in plan.warnings[0]["detail"]
    assert f"Widget/{namespace}/one: wanted present, found absent" in plan.warnings[0]["detail"]
    terraform.apply()
    assert kubectl.json("-n", namespace, "get", f"widgets.{group}", "one")["spec"] == {"size": 3}
    assert terraform.plan().empty
    kubectl("delete", "crd", f"widgets.{group}")
    terraform.destroy()


def test_a_stored_version_is_never_taken_away(terraform, kubectl, namespace, group, tmp_path):
    chart = crd_chart(tmp_path / "chart", group)
    terraform.write(terraform.header() + release(namespace, chart))
    terraform.apply()
    crd_chart(chart, group, crd(group).replace("name: v1\n", "name: v2\n"))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    text = error["summary"] + error["detail"]
    assert f"widgets.{group}" in text and "lacks version v1" in text and "storedVersions" in text
    assert [each["name"] for each in kubectl.json("get", "crd", f"widgets.{group}")["spec"]["versions"]] == ["v1"]
    assert terraform.plan().changes == {"wandb_operator.this": ["update"]}


def test_fields_of_a_crd_that_helm_installed_can_go(terraform, kubectl, helm3, namespace, group, tmp_path):
    chart = crd_chart(tmp_path / "chart", group, described(group))
    helm3("install", "app", chart, "-n", namespace)
    crd_chart(chart, group)
    terraform.write(terraform.header() + release(namespace, chart, more="adopt = true"))
    terraform.apply()
    assert description(kubectl, group) is None
    assert terraform.plan().empty
