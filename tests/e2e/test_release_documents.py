# SPDX-License-Identifier: Apache-2.0
"""What a chart's YAML documents hold: nothing, several objects in a list, or no object at all.
Beside the real helm of each profile: the same objects in the cluster, the same record, and each uninstalls what the
other installed."""

import os
import pathlib

import pytest

from commands import Tool, clean_environment
from release_charts import crd, release, write_chart
from terraform import diagnostics, plain

HEAD = "apiVersion: v2\nname: app\nversion: {version}\n"
SETTINGS = (
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: {{ .Values.a | default "b" | quote }}}\n'
)
ODD = {
    "Chart.yaml": HEAD,
    "templates/settings.yaml": SETTINGS,
    # nothing but comments, nothing at all, and an object among both
    "templates/comments.yaml": "# why this file is empty\n",
    "templates/blank.yaml": " \n\n  \n",
    "templates/null.yaml": "null\n",
    "templates/among.yaml": (
        "# begins with a comment\n---\n---\n\n---\n# another\n---\nnull\n---\n~\n---\n---\n"
        "apiVersion: v1\nkind: Secret\nmetadata: {name: among}\n--- # a comment behind\n# the end\n---   \n\n---\t\n"
    ),
    "templates/first.yaml": "---\n---\n---\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: first}\n---\n",
    "templates/list.yaml": """\
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: listed, annotations: {helm.sh/hook: pre-install}}
    data: {a: {{ .Values.a | default "b" | quote }}}
  - apiVersion: v1
    kind: ServiceAccount
    metadata: {name: listed, labels: {own: "yes"}}
  {{- if not .Values.without }}
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: listed}
    spec:
      selector: {matchLabels: {app: listed}}
      template:
        metadata: {labels: {app: listed}}
        spec: {containers: [{name: main, image: example}]}
  {{- end }}
---
apiVersion: apps/v1
kind: List
items: []
---
""",
    "templates/typed.yaml": """\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleList
items:
  - metadata: {name: one}
    rules: []
  - metadata: {name: two}
    rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: v1
kind: ConfigMapList
items:
  - metadata: {name: typed}
    data: {c: d}
""",
    "templates/hooks.yaml": """\
apiVersion: v1
kind: List
metadata: {annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-delete-policy: {{ .Values.policy | default "before-hook-creation" }}}}
items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: hook-one}}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: hook-two}}
""",  # noqa: E501
}
KINDS = ("configmaps", "secrets", "serviceaccounts", "deployments", "roles")
OURS = {
    "configmaps": {"settings", "first", "listed", "typed", "hook-one", "hook-two"},
    "secrets": {"among"},
    "serviceaccounts": {"listed"},
    "deployments": {"listed"},
    "roles": {"one", "two"},
}
BY_CLUSTER = {"kube-root-ca.crt", "default"}


@pytest.fixture(params=["3", "4"])
def profile(request):
    return request.param


@pytest.fixture
def helm(request, profile):
    return request.getfixturevalue(f"helm{profile}")


@pytest.fixture
def theirs(kubectl, namespace):
    """A second namespace, for helm."""
    name = f"{namespace}-helm"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


def named(kubectl, namespace):
    """{kind: names} of what is there, records of releases aside."""
    found = {}
    for kind in KINDS:
        items = [
            each["metadata"]
            for each in kubectl.json("-n", namespace, "get", kind)["items"]
            if "deletionTimestamp" not in each["metadata"]
        ]
        found[kind] = {each["name"] for each in items if not each["name"].startswith("sh.helm.release")} - BY_CLUSTER
    return {kind: names for kind, names in found.items() if names}


def contents(kubectl, namespace):
    """The objects without what the server and the place add."""
    found = {}
    for kind in KINDS:
        for each in kubectl.json("-n", namespace, "get", kind)["items"]:
            metadata = each["metadata"]
            if metadata["name"] in BY_CLUSTER or metadata["name"].startswith("sh.helm.release"):
                continue
            kept = {key: dict(metadata.get(key, {})) for key in ("labels", "annotations")}
            kept["annotations"].pop("meta.helm.sh/release-namespace", None)
            kept["annotations"].pop("deployment.kubernetes.io/revision", None)
            found[kind, metadata["name"]] = {
                **{key: value for key, value in each.items() if key not in ("metadata", "status")},
                **kept,
            }
    return found


def write(terraform, namespace, chart, profile, values=None, more=""):
    terraform.write(terraform.header() + release(namespace, chart, values, f'profile = "{profile}"\n  {more}'))


def test_what_helm_makes_of_them(terraform, kubectl, helm, profile, namespace, theirs, tmp_path):
    chart = write_chart(tmp_path / "chart", ODD)
    helm("install", "app", chart, "-n", theirs)
    write(terraform, namespace, chart, profile)
    terraform.apply()
    assert named(kubectl, namespace) == OURS
    assert contents(kubectl, namespace) == contents(kubectl, theirs)
    for words in (["manifest"], ["hooks"]):
        assert helm("get", *words, "app", "-n", namespace) == helm("get", *words, "app", "-n", theirs)
    assert sorted(terraform.resources()["wandb_operator.this"]["objects"]) == sorted(
        f"{kind}/{namespace}/{name}"
        for kind, name in (
            ("ConfigMap", "settings"),
            ("ConfigMap", "first"),
            ("ConfigMap", "listed"),
            ("ConfigMap", "typed"),
            ("Secret", "among"),
            ("ServiceAccount", "listed"),
            ("Deployment", "listed"),
            ("Role", "one"),
            ("Role", "two"),
        )
    )
    assert terraform.plan().empty
    kubectl("-n", namespace, "patch", "configmap", "listed", "--type=merge", "-p", '{"data": {"a": "changed"}}')
    plan = terraform.plan()
    assert plan.changes == {"wandb_operator.this": ["update"]} and f"ConfigMap/{namespace}/listed" in plan.text
    helm("uninstall", "app", "-n", namespace)
    helm("uninstall", "app", "-n", theirs)
    assert named(kubectl, namespace) == named(kubectl, theirs) == {"configmaps": {"hook-one", "hook-two"}}  # hooks stay


@pytest.mark.parametrize("way", ["adopt", "import"])
def test_helms_release_goes_on_as_ours(terraform, kubectl, helm, profile, namespace, tmp_path, way):
    """Adopted or imported, upgraded so that an item of a list goes, rolled back, and uninstalled."""
    chart = write_chart(tmp_path / "chart", ODD)
    helm("install", "app", chart, "-n", namespace)
    write(terraform, namespace, chart, profile, more="adopt = true")
    if way == "import":
        terraform.import_("wandb_operator.this", f"{namespace}/app")
    terraform.apply()
    assert named(kubectl, namespace) == OURS and terraform.plan().empty
    write(
        terraform,
        namespace,
        chart,
        profile,
        {"without": True, "a": "new", "policy": "hook-succeeded"},
        more="adopt = true",
    )
    kubectl("-n", namespace, "delete", "configmap", "hook-one", "hook-two")
    terraform.apply()
    left = {
        kind: names
        for kind, names in {**OURS, "configmaps": OURS["configmaps"] - {"hook-one", "hook-two"}}.items()
        if kind != "deployments"
    }
    assert named(kubectl, namespace) == left and terraform.plan().empty
    assert kubectl.json("-n", namespace, "get", "configmap", "listed")["data"] == {"a": "new"}
    (chart / "templates" / "broken.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMapList\nitems: [{metadata: {name: fine}}, {metadata: {name: bad}, "
        "data: {not a key: x}}]\n"
    )
    write(
        terraform,
        namespace,
        chart,
        profile,
        {"a": "newer", "policy": "hook-succeeded"},
        "adopt = true\n  atomic = true",
    )
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert "not a key" in error["detail"] and "rolled back" in error["detail"]
    assert named(kubectl, namespace) == left
    assert kubectl.json("-n", namespace, "get", "configmap", "listed")["data"] == {"a": "new"}
    terraform.destroy()
    assert named(kubectl, namespace) == {}


def test_helm_goes_on_with_ours(terraform, kubectl, helm, profile, namespace, tmp_path):
    chart = write_chart(tmp_path / "chart", ODD)
    write(terraform, namespace, chart, profile)
    terraform.apply()
    helm("upgrade", "app", chart, "-n", namespace, "--set", "without=true,a=new")
    assert named(kubectl, namespace) == {kind: names for kind, names in OURS.items() if kind != "deployments"}
    helm("rollback", "app", "1", "-n", namespace)
    assert named(kubectl, namespace) == OURS
    terraform.apply()
    assert terraform.plan().empty
    helm("uninstall", "app", "-n", namespace)
    assert named(kubectl, namespace) == {"configmaps": {"hook-one", "hook-two"}}


def test_what_is_rendered_is_helms(provider, helm, profile, tmp_path):
    chart = write_chart(
        tmp_path / "chart",
        {**ODD, "crds/a.yaml": "# c\n---\nnull\n---\n" + crd("a.example.com"), "crds/b.yaml": "# nothing\n"},
    )
    build = pathlib.Path(os.environ.get("BUILD_DIR") or provider.parent)
    ours = Tool(build / "chart-template", clean_environment(HOME=tmp_path))
    for words in ([], ["--include-crds"], ["--no-hooks"], ["--show-only", "templates/among.yaml"]):
        assert ours("--profile", profile, "app", chart, *words) == helm("template", "app", chart, *words)


def test_documents_of_crds(terraform, kubectl, profile, namespace, tmp_path):
    """Comments, nulls and lists in crds/; a file with nothing in it, which helm refuses ("no objects visited"),
    is skipped, too."""
    groups = [f"{name}.{namespace}.example.com" for name in ("one", "two", "three")]
    indented = ["\n".join("    " + line for line in crd(each).splitlines()) for each in groups[:2]]
    chart = write_chart(
        tmp_path / "chart",
        {
            "Chart.yaml": HEAD,
            "templates/settings.yaml": SETTINGS,
            "crds/empty.yaml": "# none yet\n---\nnull\n---\n",
            "crds/list.yaml": "# two\n---\n---\napiVersion: v1\nkind: List\nitems:\n"
            + "\n".join("  -\n" + each for each in indented)
            + "\n---   \n",
            "crds/three.yaml": "---\nnull\n---\n# the third\n---\n" + crd(groups[2]),
        },
    )
    write(terraform, namespace, chart, profile)
    terraform.apply()
    for each in groups:
        kubectl("get", "crd", f"widgets.{each}")
    assert {f"CustomResourceDefinition/widgets.{each}" for each in groups} < set(
        terraform.resources()["wandb_operator.this"]["objects"]
    )
    assert terraform.plan().empty
    kubectl("annotate", "crd", f"widgets.{groups[1]}", "seen=yes")
    kubectl("delete", "crd", f"widgets.{groups[0]}")
    assert f"widgets.{groups[0]}" in terraform.plan().text
    terraform.apply()
    kubectl("get", "crd", f"widgets.{groups[0]}")
    kubectl("delete", "crd", "--wait=false", *[f"widgets.{each}" for each in groups])


def test_one_kind_of_two_groups(terraform, kubectl, namespace, tmp_path):
    """Of one name, too: each has drift and a baseline of its own, and a text that says which it is."""
    groups = [f"{name}.{namespace}.example.com" for name in ("one", "two")]
    widgets = [
        f"apiVersion: {group}/v1\nkind: Widget\nmetadata: {{name: same}}\nspec: {{of: {group}}}\n" for group in groups
    ]
    chart = write_chart(
        tmp_path / "chart",
        {
            "Chart.yaml": HEAD,
            "templates/settings.yaml": SETTINGS,
            "crds/all.yaml": "---\n".join(map(crd, groups)),
            "templates/widgets.yaml": "---\n".join(widgets),
        },
    )
    terraform.write(terraform.header() + release(namespace, chart))
    terraform.apply()
    texts = [f"Widget.{group}/{namespace}/same" for group in groups]
    objects = terraform.resources()["wandb_operator.this"]["objects"]
    assert {*texts, f"ConfigMap/{namespace}/settings"} < set(objects)
    assert terraform.plan().empty
    kubectl("-n", namespace, "patch", f"widgets.{groups[1]}", "same", "--type=merge", "-p", '{"spec": {"of": "me"}}')
    plan = terraform.plan()
    assert texts[1] in plan.text and texts[0] not in "".join(
        f"{each['summary']} {each['detail']}" for each in plan.warnings
    )
    terraform.apply()
    found = [kubectl.json("-n", namespace, "get", f"widgets.{group}", "same")["spec"]["of"] for group in groups]
    assert found == groups and terraform.plan().empty
    kubectl("-n", namespace, "delete", f"widgets.{groups[0]}", "same")
    plan = terraform.plan()
    assert texts[0] in "".join(f"{each['summary']} {each['detail']}" for each in plan.warnings)
    terraform.destroy()
    kubectl("delete", "crd", "--wait=false", *[f"widgets.{each}" for each in groups])


def test_one_kind_of_two_groups_while_waiting(terraform, kubectl, namespace, tmp_path):
    """What a wait ends with says which of the two it was."""
    groups = [f"{name}.{namespace}.example.com" for name in ("one", "two")]
    condition = "status: {conditions: [{type: Ready, status: '%s', reason: Tests, message: said so}]}"
    widgets = [
        f"apiVersion: {group}/v1\nkind: Widget\nmetadata: {{name: same}}\n" + condition % ready
        for group, ready in zip(groups, ("True", "False"), strict=True)
    ]
    files = {
        "Chart.yaml": HEAD,
        "templates/settings.yaml": SETTINGS,
        "crds/all.yaml": "---\n".join(map(crd, groups)),
        "templates/widgets.yaml": "\n---\n".join(widgets),
    }
    chart = write_chart(tmp_path / "chart", files)
    more = 'profile = "4"\n timeouts = { create = "8s", update = "8s", delete = "8s" }'
    terraform.write(terraform.header() + release(namespace, chart, more=more))
    text = plain(terraform.apply(expect=(1,)).stderr)
    assert f"1 of 3 objects are not ready Widget.{groups[1]}/{namespace}/same is not ready" in text
    assert groups[0] not in text
    widget = (f"widgets.{groups[0]}", "same", "--type=merge", "-p")
    kubectl("-n", namespace, "patch", *widget, '{"metadata": {"finalizers": ["example.com/tests"]}}')
    text = plain(terraform.run("destroy", "-no-color", "-auto-approve", expect=(1,)).stderr)
    assert f"still there after the time allowed: Widget.{groups[0]}/{namespace}/same, held by finalizer" in text
    kubectl("-n", namespace, "patch", *widget, '{"metadata": {"finalizers": null}}')
    terraform.destroy()
    kubectl("delete", "crd", "--wait=false", *[f"widgets.{each}" for each in groups])


def test_one_kind_of_two_groups_among_hooks(terraform, kubectl, namespace, tmp_path):
    """A hook that fails is named with its group, whether an object or another hook has its kind."""
    groups = [f"{name}.{namespace}.example.com" for name in ("one", "two", "three")]
    hook = (
        "apiVersion: %s/v1\nkind: Widget\nmetadata:\n  name: same\n"
        '  annotations: {helm.sh/hook: %s, helm.sh/hook-delete-policy: hook-succeeded, helm.sh/hook-weight: "%s"}\n'
    )
    kubectl("apply", "-f", "-", input="---\n".join(map(crd, groups)))
    for group in groups:
        kubectl.established(f"widgets.{group}")
    # what is there already cannot be created
    there = f"apiVersion: {groups[1]}/v1\nkind: Widget\nmetadata: {{name: same, namespace: {namespace}}}\n"
    kubectl("apply", "-f", "-", input=there)
    files = {
        "Chart.yaml": HEAD,
        "templates/settings.yaml": SETTINGS,
        "templates/widget.yaml": f"apiVersion: {groups[0]}/v1\nkind: Widget\nmetadata: {{name: same}}\n",
        "templates/hook.yaml": hook % (groups[1], "post-install", 0),
    }
    terraform.write(terraform.header() + release(namespace, write_chart(tmp_path / "object", files)))
    said = f"post-install hook Widget.{groups[1]} same: create Widget.{groups[1]}/{namespace}/same: "
    assert said in plain(terraform.apply(expect=(1,)).stderr)
    del files["templates/widget.yaml"]
    files["templates/hook.yaml"] = hook % (groups[1], "pre-install", 0)
    files["templates/other.yaml"] = hook % (groups[2], "pre-install", 1)
    chart = write_chart(tmp_path / "hooks", files)
    terraform.write(terraform.header() + release(namespace, chart, name="other"))
    said = f"pre-install hook Widget.{groups[1]} same: create Widget.{groups[1]}/{namespace}/same: "
    assert said in plain(terraform.apply(expect=(1,)).stderr)
    terraform.destroy()
    kubectl("delete", "crd", "--wait=false", *[f"widgets.{each}" for each in groups])


# ---- what is no object ---------------------------------------------------------------------------------

A = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n"
HOOK = "metadata: {name: h, annotations: {helm.sh/hook: post-install}}\n"
NO_OBJECTS = {
    "all three": (
        "templates/x.yaml",
        "# c\n---\n" + A + "foo: bar\n",
        "app/templates/x.yaml, document 3",
        "apiVersion, kind and metadata.name are missing",
    ),
    "two": (
        "templates/x.yaml",
        A + "kind: ConfigMap\n",
        "app/templates/x.yaml, document 2",
        "apiVersion and metadata.name are missing",
    ),
    "version": (
        "templates/x.yaml",
        "kind: ConfigMap\nmetadata: {name: x}\n",
        "app/templates/x.yaml, document 1",
        "apiVersion is missing",
    ),
    "kind": (
        "templates/x.yaml",
        A + "apiVersion: v1\nmetadata: {name: x}\n",
        "app/templates/x.yaml, document 2",
        "kind is missing",
    ),
    "name": (
        "templates/x.yaml",
        A + "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n",
        "app/templates/x.yaml, document 2",
        "metadata.name is missing",
    ),
    "an empty map": (
        "templates/x.yaml",
        A + "{}\n",
        "app/templates/x.yaml, document 2",
        "apiVersion, kind and metadata.name are missing",
    ),
    "an item": (
        "templates/x.yaml",
        A
        + (
            "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: ConfigMap, metadata: {name: item}}, "
            "{foo: bar}]\n"
        ),
        "app/templates/x.yaml, document 2: items[1]",
        "apiVersion, kind and metadata.name are missing",
    ),
    "an item of half a type": (
        "templates/x.yaml",
        "apiVersion: v1\nkind: ConfigMapList\nitems: [{kind: ConfigMap, metadata: {name: item}}]\n",
        "app/templates/x.yaml, document 1: items[0]",
        "apiVersion is missing",
    ),
    "no items": ("templates/x.yaml", A + "apiVersion: v1\nkind: List\n", "app/templates/x.yaml, document 2", "items"),
    "items of another kind": (
        "templates/x.yaml",
        A + "apiVersion: v1\nkind: List\nitems: {a: b}\n",
        "app/templates/x.yaml, document 2",
        "items",
    ),
    "a list in a list": (
        "templates/x.yaml",
        "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: List, items: []}]\n",
        "app/templates/x.yaml, document 1: items[0]",
        "list within a list",
    ),
    "a list of no kind": (
        "templates/x.yaml",
        "apiVersion: v1\nkind: NoSuchList\nitems: [{apiVersion: v1, kind: ConfigMap, metadata: {name: item}}]\n",
        "app/templates/x.yaml",
        "NoSuch",
    ),
    "a list without a version": (
        "templates/x.yaml",
        "kind: List\nitems: []\n",
        "app/templates/x.yaml, document 1",
        "apiVersion is missing",
    ),
    "a hook": (
        "templates/x.yaml",
        A + "apiVersion: v1\n" + HOOK,
        "app/templates/x.yaml, document 2",
        "kind is missing",
    ),
}


@pytest.mark.parametrize("case", NO_OBJECTS)
def test_no_object_is_refused_where_it_stands(terraform, kubectl, helm, profile, namespace, tmp_path, case):
    """Before anything is written; the real helm refuses each of them, too."""
    file, text, where, what = NO_OBJECTS[case]
    chart = write_chart(tmp_path / "chart", {"Chart.yaml": HEAD, "templates/settings.yaml": SETTINGS, file: text})
    helm.run("install", "app", chart, "-n", namespace, expect=(1,))
    helm.run("uninstall", "app", "-n", namespace, expect=None)
    before = named(kubectl, namespace)
    write(terraform, namespace, chart, profile)
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    text = error["summary"] + " " + error["detail"]
    assert where in text and what in text, text
    assert terraform.resources() == {} and named(kubectl, namespace) == before


def test_no_object_among_crds(terraform, kubectl, profile, namespace, tmp_path):
    group = f"{namespace}.example.com"
    chart = write_chart(
        tmp_path / "chart",
        {"Chart.yaml": HEAD, "templates/settings.yaml": SETTINGS, "crds/a.yaml": crd(group) + "---\nfoo: bar\n"},
    )
    write(terraform, namespace, chart, profile)
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    text = error["summary"] + " " + error["detail"]
    assert "crds/a.yaml, document 2" in text and "apiVersion, kind and metadata.name are missing" in text, text
    assert kubectl.run("get", "crd", f"widgets.{group}", expect=None).code == 1 and terraform.resources() == {}


def test_a_list_with_nothing_in_it_is_no_hook(terraform, helm, profile, namespace, tmp_path):
    """The real helm fails at it while it runs ("no objects visited")."""
    chart = write_chart(
        tmp_path / "chart",
        {
            "Chart.yaml": HEAD,
            "templates/settings.yaml": SETTINGS,
            "templates/hook.yaml": (
                "apiVersion: v1\nkind: List\nmetadata: {annotations: {helm.sh/hook: pre-install}}\nitems: []\n"
            ),
        },
    )
    write(terraform, namespace, chart, profile)
    terraform.apply()
    assert terraform.plan().empty
