# SPDX-License-Identifier: Apache-2.0
"""The annotation helm.sh/resource-policy in every spelling:
what the real helm keeps when it uninstalls we keep when we destroy; what says keep is not pruned either, which helm
does for some spellings only."""

import json

import pytest

from release_charts import crd, release, write_chart

# how it is written, whether the real helm leaves it when it uninstalls, and when an upgrade prunes it
WORDS = {
    "absent": (None, False, False),
    "keep": ("keep", True, True),
    "capital": ("Keep", True, False),
    "upper": ("KEEP", True, False),
    "blanks": ("  keep ", True, False),
    "lines": ("\tkEEp\r\n", True, False),
    "wide-blanks": ("\u00a0keep\u2003", True, False),
    "kelvin": ("\u212aeep", True, False),
    "unknown": ("retain", True, False),
    "delete": ("delete", True, False),
    "empty": ("", True, False),
    "two": ("keep, keep", True, False),
}
NO_KEEP = {"absent", "unknown", "delete", "empty", "two"}  # what does not read keep in any spelling


def annotated(name, word):
    annotations = {} if word is None else {"helm.sh/resource-policy": word}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "annotations": annotations}}


def documents(objects):
    return (
        "{{- if not .Values.without }}\n" + "---\n".join(json.dumps(each) + "\n" for each in objects) + "{{- end }}\n"
    )


def listing(name, items, word=None):
    return {"apiVersion": "v1", "kind": "List", "metadata": annotated(name, word)["metadata"], "items": items}


LISTS = [
    listing("kept", [annotated("list-kept", None)], "Keep"),
    listing("plain", [annotated("item-kept", "Keep"), annotated("item-plain", None)]),
]


@pytest.fixture
def chart(tmp_path):
    objects = [annotated(name, word) for name, (word, _, _) in WORDS.items()]
    return write_chart(
        tmp_path / "chart",
        {
            "Chart.yaml": "apiVersion: v2\nname: app\nversion: {version}\n",
            "templates/objects.yaml": documents(objects + LISTS),
            "templates/settings.yaml": (
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata:\n"
                '  {{ .Values.key | default "a" | quote }}: b\n'
            ),
        },
    )


@pytest.fixture(params=["3", "4"])
def profile(request):
    return request.param


@pytest.fixture
def helm(request, profile):
    return request.getfixturevalue(f"helm{profile}")


def left(kubectl, namespace):
    return {each["metadata"]["name"] for each in kubectl.json("-n", namespace, "get", "configmaps")["items"]} - {
        "kube-root-ca.crt",
        "settings",
    }


def write(terraform, namespace, chart, profile, values=None, more=""):
    terraform.write(terraform.header() + release(namespace, chart, values, f'profile = "{profile}"\n  {more}'))


def test_uninstalled_by_helm(kubectl, helm, namespace, chart):
    helm("install", "app", chart, "-n", namespace)
    helm("uninstall", "app", "-n", namespace, "--wait")
    assert left(kubectl, namespace) == {name for name, row in WORDS.items() if row[1]} | {"list-kept"}


def test_pruned_by_helm(kubectl, helm, namespace, chart):
    helm("install", "app", chart, "-n", namespace)
    helm("upgrade", "app", chart, "-n", namespace, "--set", "without=true", "--wait")
    assert left(kubectl, namespace) == {name for name, row in WORDS.items() if row[2]}


def test_destroyed_by_us(terraform, kubectl, profile, namespace, chart):
    """As helm, but that the annotation counts on an item of a list, too; what is left is named."""
    write(terraform, namespace, chart, profile)
    terraform.apply()
    text = " ".join(terraform.destroy().stdout.split())
    wanted = {name for name, row in WORDS.items() if row[1]} | {"list-kept", "item-kept"}
    assert left(kubectl, namespace) == wanted
    for name in wanted:
        assert f"ConfigMap/{namespace}/{name} stays" in text, name


def test_pruned_by_us(terraform, kubectl, profile, namespace, chart):
    write(terraform, namespace, chart, profile)
    terraform.apply()
    kubectl("-n", namespace, "annotate", "configmap", "item-plain", "helm.sh/resource-policy=Keep")
    write(terraform, namespace, chart, profile, {"without": True})
    terraform.apply()
    kept = set(WORDS) - NO_KEEP | {"list-kept", "item-kept", "item-plain"}
    assert left(kubectl, namespace) == kept
    assert terraform.plan().empty


def test_rolled_back_by_us(terraform, kubectl, profile, namespace, chart):
    """What a failed upgrade brought is pruned by rolling back; what says keep stays."""
    write(terraform, namespace, chart, profile, {"without": True})
    terraform.apply()
    write(terraform, namespace, chart, profile, {"key": "not a key"}, "atomic = true")
    # the objects come first: settings, of the same kind, are refused while the others are made
    assert "rolled back" in terraform.apply(expect=(1,)).stderr
    assert left(kubectl, namespace) == set(WORDS) - NO_KEEP | {"list-kept", "item-kept"}


def test_the_live_annotation_counts(terraform, kubectl, helm, profile, namespace, chart):
    """Set by hand, it keeps the object from us, too;
    taken away by hand, what the manifest says goes on, as with helm."""
    write(terraform, namespace, chart, profile)
    terraform.apply()
    kubectl("-n", namespace, "annotate", "configmap", "absent", "helm.sh/resource-policy= Keep ")
    kubectl("-n", namespace, "annotate", "configmap", "item-plain", "helm.sh/resource-policy=retain")
    kubectl("-n", namespace, "annotate", "configmap", "capital", "helm.sh/resource-policy-")
    terraform.destroy("-refresh=false")
    assert left(kubectl, namespace) == {name for name, row in WORDS.items() if row[1]} | {
        "absent",
        "list-kept",
        "item-kept",
    }


HOOK = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: hook
  annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/resource-policy: Keep, helm.sh/hook-delete-policy: "before-hook-creation, Hook-Succeeded"}
"""  # noqa: E501


def test_hooks_have_policies_of_their_own(terraform, kubectl, helm, profile, namespace, tmp_path):
    """helm deletes a hook as its own annotation says, whatever the resource policy;
    kept, the next run would find it in its way."""
    chart = write_chart(
        tmp_path / "chart",
        {"Chart.yaml": "apiVersion: v2\nname: app\nversion: {version}\n", "templates/hook.yaml": HOOK},
    )
    helm("install", "app", chart, "-n", namespace)
    assert left(kubectl, namespace) == set()
    helm("uninstall", "app", "-n", namespace)
    write(terraform, namespace, chart, profile)
    terraform.apply()
    assert left(kubectl, namespace) == set()


def test_definitions_in_templates(terraform, kubectl, profile, namespace, tmp_path):
    """A definition takes every object of its kind along."""
    text = crd(f"{namespace}.example.com").replace(
        "metadata:\n", "metadata:\n  annotations: {helm.sh/resource-policy: KEEP}\n"
    )
    chart = write_chart(
        tmp_path / "chart",
        {"Chart.yaml": "apiVersion: v2\nname: app\nversion: {version}\n", "templates/crd.yaml": text},
    )
    write(terraform, namespace, chart, profile)
    terraform.apply()
    terraform.destroy()
    kubectl("delete", "crd", f"widgets.{namespace}.example.com")
