# SPDX-License-Identifier: Apache-2.0
"""What a Helm release brought that lives: it is not taken over before that release has let go of it.
A helm_release that goes in the same apply is played by a resource whose destruction runs the real `helm uninstall`."""

import base64
import functools
import gzip
import json
import re
import threading

import pytest

from release_charts import crd as definition
from release_charts import release, write_chart
from terraform import diagnostics

KIND = "weightsandbiases.v1.apps.wandb.com"
HEAD = "apiVersion: v2\nname: wandb-cr\nversion: {version}\n"
CR = (
    "apiVersion: apps.wandb.com/v1\nkind: WeightsAndBiases\nmetadata:\n  name: wandb\n"
    "  {{- with .Values.annotations }}\n"
    "  annotations: {{ toJson . }}\n  {{- end }}\nspec:\n  values: {global: {host: https://wandb.example.com}}\n"
)
MARKS = {"meta.helm.sh/release-name", "meta.helm.sh/release-namespace"}


def instance(namespace, more=""):
    return (
        f'resource "wandb_instance" "this" {{\n  name = "wandb"\n  namespace = "{namespace}"\n  wait_for = "none"\n'
        f'  spec = {{ values = {{ global = {{ host = "https://wandb.example.com" }} }} }}\n  {more}\n}}\n'
    )


@pytest.fixture
def chart(tmp_path):
    return write_chart(tmp_path / "wandb-cr", {"Chart.yaml": HEAD, "templates/cr.yaml": CR})


@pytest.fixture(params=["helm3", "helm4"])
def helm(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def installed(helm, kubectl, crd, namespace, chart):
    """A release wandb-cr that holds the custom resource, at its second revision."""
    helm("install", "wandb-cr", chart, "-n", namespace)
    helm("upgrade", "wandb-cr", chart, "-n", namespace)
    return helm


def live(kubectl, namespace):
    return kubectl.json("-n", namespace, "get", KIND, "wandb")


def text_of(error):
    return " ".join((error["summary"] + " " + error["detail"]).split())


def refused(terraform, *words):
    """The one error of a plan, which never advises to adopt; in one line."""
    plan = terraform.plan(expect=(1,))
    (error,) = diagnostics(plan.events)
    text = text_of(error)
    for word in words:
        assert word in text, text
    assert "adopt = true" not in text
    return error["detail"]


def told(detail, kubectl):
    """Runs the commands that a message gives."""
    commands = re.findall(r"^\s*kubectl (\w+ .*)$", detail, re.MULTILINE)
    for command in commands:
        kubectl(*command.split())
    return commands


# ---- instances ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", ["", "adopt = true", "adopt = true\n  force = true"])
def test_an_instance_of_a_living_release_is_refused(terraform, kubectl, installed, namespace, more):
    before = live(kubectl, namespace)
    terraform.write(terraform.header() + instance(namespace, more))
    refused(
        terraform,
        (
            f'WeightsAndBiases/{namespace}/wandb belongs to the Helm release "wandb-cr" in namespace {namespace} '
            "(revision 2, deployed)"
        ),
        "terraform state rm",
        f"kubectl delete secret --namespace {namespace} --selector owner=helm,name=wandb-cr",
        "Nothing was changed",
    )
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert "wandb-cr" in text_of(error) and "adopt = true" not in text_of(error)
    assert live(kubectl, namespace) == before and terraform.resources() == {}


GOING = """
resource "terraform_data" "helm_release" {{
  count = {count}
  input = "{helm} uninstall wandb-cr --namespace {namespace} --wait"
  provisioner "local-exec" {{
    when    = destroy
    command = self.input
  }}
}}
"""


@pytest.mark.parametrize("cli", ["terraform-1.11", "terraform-1.15", "tofu"])
def test_a_release_that_goes_in_the_same_apply(make_terraform, cluster, kubectl, helm3, crd, namespace, chart, cli):
    """The switch that deleted everything: the release goes, the instance is adopted, both in one apply.
    It is refused before anything happens; what the message says works."""
    terraform = make_terraform(cli, KUBE_CONFIG_PATH=cluster.kubeconfig, KUBECONFIG=cluster.kubeconfig)
    helm3("install", "wandb-cr", chart, "-n", namespace)
    going = functools.partial(GOING.format, helm=helm3.executable, namespace=namespace)
    terraform.write(terraform.header() + going(count=1))
    terraform.apply()
    before = live(kubectl, namespace)
    terraform.write(terraform.header() + going(count=0) + instance(namespace, "adopt = true"))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert "wandb-cr" in text_of(error)
    assert live(kubectl, namespace) == before and list(terraform.resources()) == ["terraform_data.helm_release[0]"]
    assert helm3.json("list", "-n", namespace)[0]["status"] == "deployed"
    terraform.run("state", "rm", "terraform_data.helm_release[0]")
    assert told(error["detail"], kubectl) == [
        f"delete secret --namespace {namespace} --selector owner=helm,name=wandb-cr"
    ]
    terraform.apply()
    after = live(kubectl, namespace)["metadata"]
    assert (after["uid"], after["generation"]) == (before["metadata"]["uid"], before["metadata"]["generation"])
    assert helm3.json("list", "-n", namespace, "--all") == []
    assert terraform.plan().empty


def test_marks_of_a_release_that_is_gone_come_off(terraform, kubectl, installed, namespace):
    """A later release of that name must not take the instance for its own."""
    kubectl("-n", namespace, "annotate", KIND, "wandb", "mine=yes")
    kubectl("-n", namespace, "delete", "secret", "--selector", "owner=helm,name=wandb-cr")
    terraform.write(terraform.header() + instance(namespace))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert "exists already" in text_of(error) and "adopt = true" in text_of(error)
    terraform.write(terraform.header() + instance(namespace, "adopt = true\n  force = true"))
    terraform.apply()
    metadata = live(kubectl, namespace)["metadata"]
    assert not MARKS & set(metadata["annotations"]) and metadata["annotations"]["mine"] == "yes"
    assert "app.kubernetes.io/managed-by" not in metadata.get("labels", {})
    assert terraform.plan().empty


def test_marks_that_the_configuration_wants_stay(terraform, kubectl, installed, namespace):
    kubectl("-n", namespace, "delete", "secret", "--selector", "owner=helm,name=wandb-cr")
    terraform.write(
        terraform.header()
        + instance(namespace, 'adopt = true\n  force = true\n  labels = { "app.kubernetes.io/managed-by" = "Helm" }')
    )
    terraform.apply()
    metadata = live(kubectl, namespace)["metadata"]
    assert metadata["labels"]["app.kubernetes.io/managed-by"] == "Helm" and not MARKS & set(metadata["annotations"])
    assert terraform.plan().empty


def relabel(kubectl, namespace, status):
    """As if the newest revision had ended so; `uninstalled` is what `helm uninstall --keep-history` leaves."""
    kubectl("-n", namespace, "label", "--overwrite", "secret", "sh.helm.release.v1.wandb-cr.v2", f"status={status}")


STATUSES = {
    "deployed": True,
    "failed": True,
    "superseded": True,
    "pending-install": True,
    "pending-upgrade": True,
    "pending-rollback": True,
    "uninstalling": True,
    "unknown": True,
    "uninstalled": False,
}


@pytest.mark.parametrize("status", STATUSES)
def test_which_releases_live(terraform, kubectl, helm3, crd, namespace, chart, status):
    helm3("install", "wandb-cr", chart, "-n", namespace)
    helm3("upgrade", "wandb-cr", chart, "-n", namespace)
    relabel(kubectl, namespace, status)
    terraform.write(terraform.header() + instance(namespace, "adopt = true"))
    if STATUSES[status]:
        refused(terraform, f"(revision 2, {status})")
    else:
        terraform.apply()
        assert terraform.plan().empty


def test_uninstalled_but_kept(terraform, kubectl, installed, namespace, chart):
    """helm keeps the object and the history; nobody will delete it."""
    installed("upgrade", "wandb-cr", chart, "-n", namespace, "--set", "annotations.helm\\.sh/resource-policy=keep")
    installed("uninstall", "wandb-cr", "-n", namespace, "--keep-history")
    terraform.write(terraform.header() + instance(namespace, "adopt = true\n  force = true"))
    terraform.apply()
    assert not MARKS & set(live(kubectl, namespace)["metadata"].get("annotations", {}))


def test_a_release_that_goes_on_without_the_instance(terraform, kubectl, installed, namespace, chart):
    """Told to keep it, helm lets it go; it is free when its marks are off."""
    installed("upgrade", "wandb-cr", chart, "-n", namespace, "--set", "annotations.helm\\.sh/resource-policy=keep")
    (chart / "templates" / "cr.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: rest}\n")
    installed("upgrade", "wandb-cr", chart, "-n", namespace)
    terraform.write(terraform.header() + instance(namespace, "adopt = true\n  force = true"))
    refused(terraform, "(revision 4, deployed)")
    kubectl("-n", namespace, "annotate", KIND, "wandb", *(f"{mark}-" for mark in sorted(MARKS)))
    terraform.apply()
    installed("uninstall", "wandb-cr", "-n", namespace)
    assert terraform.plan().empty


def test_records_in_configmaps(terraform, kubectl, helm3, crd, namespace, chart):
    helm3.environment["HELM_DRIVER"] = "configmap"
    helm3("install", "wandb-cr", chart, "-n", namespace)
    terraform.write(terraform.header() + instance(namespace, "adopt = true"))
    detail = refused(terraform, "(revision 1, deployed)")
    assert told(detail, kubectl) == [f"delete configmap --namespace {namespace} --selector owner=helm,name=wandb-cr"]
    terraform.apply()
    assert helm3.json("list", "-n", namespace, "--all") == [] and terraform.plan().empty


def test_records_in_a_database(make_terraform, cluster, kubectl, helm3, crd, namespace, chart):
    """Nothing of them can be seen in the cluster; HELM_DRIVER, which helm and the helm provider read, tells."""
    helm3("install", "wandb-cr", chart, "-n", namespace)
    kubectl("-n", namespace, "delete", "secret", "--selector", "owner=helm,name=wandb-cr")
    terraform = make_terraform(KUBE_CONFIG_PATH=cluster.kubeconfig, HELM_DRIVER="sql")
    terraform.write(terraform.header() + instance(namespace, "adopt = true"))
    detail = refused(terraform, "taken for living", "HELM_DRIVER is sql")
    told(detail, kubectl)
    terraform.apply()
    assert terraform.plan().empty


@pytest.mark.parametrize("kind", ["secrets", "configmaps"])
def test_records_that_may_not_be_read(make_terraform, door, kubectl, helm3, crd, namespace, chart, kind):
    """Whoever may not look cannot know; the marks can go by hand where somebody finds that there is no such release."""
    helm3("install", "wandb-cr", chart, "-n", namespace)
    kubectl("-n", namespace, "delete", "secret", "--selector", "owner=helm,name=wandb-cr")
    terraform = make_terraform(**door.environment())
    terraform.write(terraform.header() + instance(namespace, "adopt = true"))
    door.judge = lambda number, method, path: 403 if f"/namespaces/{namespace}/{kind}?" in path else None
    detail = refused(terraform, f'the Helm release "wandb-cr" in namespace {namespace}', "taken for living", "403")
    told(detail, kubectl)
    assert not MARKS & set(live(kubectl, namespace)["metadata"].get("annotations", {}))
    assert [each for each in diagnostics(terraform.plan().events) if "wandb-cr" in text_of(each)] == []


def test_a_release_that_comes_between_plan_and_apply(terraform, kubectl, helm3, crd, namespace, chart):
    terraform.write(terraform.header() + instance(namespace, "adopt = true"))
    plan = terraform.plan()
    helm3("install", "wandb-cr", chart, "-n", namespace)
    before = live(kubectl, namespace)
    result = terraform.run("apply", "-no-color", plan.file, expect=(1,))
    assert "wandb-cr" in result.stderr and "adopt = true" not in result.stderr
    assert live(kubectl, namespace) == before


def test_a_release_that_comes_after_the_last_look(make_terraform, door, kubectl, helm3, crd, namespace, chart):
    """Between what apply plans again and what it writes: nothing is written."""
    terraform = make_terraform(**door.environment())
    terraform.write(terraform.header() + instance(namespace, "adopt = true"))
    plan = terraform.plan()
    looks = []

    def judge(number, method, path):
        if method == "GET" and path.endswith("/weightsandbiases/wandb"):
            looks.append(path)
            if len(looks) == 2:  # one while planning, one before writing
                helm3("install", "wandb-cr", chart, "-n", namespace)

    door.judge = judge
    result = terraform.run("apply", "-no-color", plan.file, expect=(1,))
    assert "wandb-cr" in result.stderr, result.stderr
    assert len(looks) >= 2 and door.writes() == []
    assert helm3.json("list", "-n", namespace)[0]["status"] == "deployed"


BLOCK = 'import {{\n  to = wandb_instance.this\n  id = "{namespace}/wandb"\n}}\n'


@pytest.mark.parametrize("way", ["block", "command"])
def test_an_import_of_a_living_releases_instance(terraform, kubectl, installed, namespace, way):
    """It is no way around: helm's uninstall would run beside it all the same."""
    text = terraform.header() + instance(namespace, "force = true")
    terraform.write(text + (BLOCK.format(namespace=namespace) if way == "block" else ""))
    if way == "command":
        terraform.import_("wandb_instance.this", f"{namespace}/wandb")
    detail = refused(terraform, 'belongs to the Helm release "wandb-cr"', "(revision 2, deployed)")
    told(detail, kubectl)
    uid = live(kubectl, namespace)["metadata"]["uid"]
    terraform.apply()
    assert live(kubectl, namespace)["metadata"]["uid"] == uid
    assert terraform.plan().empty


def test_what_is_ours_already_is_ours(terraform, kubectl, helm3, crd, namespace, chart):
    """Marks that somebody puts on an instance of ours do not stop a plan; a release that is gone leaves none behind."""
    terraform.write(terraform.header() + instance(namespace))
    terraform.apply()
    kubectl(
        "-n",
        namespace,
        "annotate",
        KIND,
        "wandb",
        "meta.helm.sh/release-name=none",
        f"meta.helm.sh/release-namespace={namespace}",
    )
    assert terraform.plan().empty
    terraform.write(terraform.header() + instance(namespace, 'labels = { a = "b" }'))
    terraform.apply()
    assert not MARKS & set(live(kubectl, namespace)["metadata"]["annotations"])
    assert terraform.plan().empty


# ---- objects of a chart --------------------------------------------------------------------------------------

SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app-settings}\ndata: {of: {{ .Release.Name }}}\n"
SECOND = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-own}\n"


@pytest.fixture
def settings(tmp_path):
    """A chart with an object of a fixed name, and one of its own."""
    return write_chart(
        tmp_path / "app",
        {"Chart.yaml": HEAD.replace("wandb-cr", "app"), "templates/a.yaml": SETTINGS, "templates/b.yaml": SECOND},
    )


@pytest.mark.parametrize("more", ["", "adopt = true"])
def test_objects_of_another_living_release_are_refused(terraform, kubectl, helm3, helm, namespace, settings, more):
    helm("install", "other", settings, "-n", namespace)
    terraform.write(terraform.header() + release(namespace, settings, more=more))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    text = text_of(error)
    assert (
        f'ConfigMap/{namespace}/app-settings belongs to the Helm release "other" in namespace {namespace} '
        "(revision 1, deployed)"
    ) in text
    assert "Nothing was changed" in text and "adopt = true" not in text
    assert kubectl.json("-n", namespace, "get", "configmap", "app-settings")["data"] == {"of": "other"}
    assert [each["name"] for each in helm3.json("list", "-n", namespace, "--all")] == [
        "other"
    ] and terraform.resources() == {}
    assert told(error["detail"], kubectl) == [f"delete secret --namespace {namespace} --selector owner=helm,name=other"]
    if not more:
        (error,) = diagnostics(terraform.apply_json(expect=(1,)))
        assert "invalid ownership metadata" in error["detail"] and "adopt = true" in error["detail"]
        terraform.write(terraform.header() + release(namespace, settings, more="adopt = true"))
    terraform.apply()
    live = kubectl.json("-n", namespace, "get", "configmap", "app-settings")
    assert live["data"] == {"of": "app"} and live["metadata"]["annotations"]["meta.helm.sh/release-name"] == "app"
    assert terraform.plan().empty


@pytest.mark.parametrize("more", ["", "adopt = true"])
def test_a_release_of_that_name_in_configmaps(terraform, kubectl, helm3, namespace, settings, more):
    """What helm does with another storage driver is not ours, whatever its name."""
    helm3.environment["HELM_DRIVER"] = "configmap"
    helm3("install", "app", settings, "-n", namespace)
    kubectl("-n", namespace, "label", "configmap", "app-settings", "seen=yes")
    terraform.write(terraform.header() + release(namespace, settings, more=more))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert (
        'belongs to the Helm release "app"' in text_of(error)
        and "Secrets" in text_of(error)
        and "adopt = true" not in text_of(error)
    )
    assert terraform.resources() == {} and kubectl("-n", namespace, "get", "secrets", "-o", "name") == ""
    assert told(error["detail"], kubectl) == [
        f"delete configmap --namespace {namespace} --selector owner=helm,name=app"
    ]
    terraform.apply()
    assert terraform.plan().empty


def test_an_upgrade_meets_another_living_release(terraform, kubectl, helm3, namespace, settings):
    """What a new version of the chart brings may be there already."""
    helm3("install", "other", settings, "-n", namespace)
    text = (settings / "templates" / "a.yaml").read_text()
    (settings / "templates" / "a.yaml").write_text("# not yet\n")
    terraform.write(terraform.header() + release(namespace, settings, more="adopt = true"))
    terraform.apply()
    (settings / "templates" / "a.yaml").write_text(text)
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert 'belongs to the Helm release "other"' in text_of(error)
    assert kubectl.json("-n", namespace, "get", "configmap", "app-settings")["data"] == {"of": "other"}
    assert helm3.json("history", "app", "-n", namespace)[-1]["status"] == "deployed"


def test_definitions_of_another_living_release(terraform, kubectl, helm3, namespace, tmp_path):
    group = f"{namespace}.example.com"
    theirs = write_chart(tmp_path / "theirs", {"Chart.yaml": HEAD, "templates/crd.yaml": definition(group)})
    ours = write_chart(
        tmp_path / "ours",
        {"Chart.yaml": HEAD.replace("wandb-cr", "app"), "crds/crd.yaml": definition(group), "templates/b.yaml": SECOND},
    )
    helm3("install", "other", theirs, "-n", namespace)
    before = kubectl.json("get", "crd", f"widgets.{group}", "--show-managed-fields")["metadata"]["managedFields"]
    terraform.write(terraform.header() + release(namespace, ours, more="adopt = true"))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    text = text_of(error)
    assert (
        f'CustomResourceDefinition/widgets.{group} belongs to the Helm release "other"' in text
        and 'crds = "install" or "skip"' in text
    )
    assert (
        kubectl.json("get", "crd", f"widgets.{group}", "--show-managed-fields")["metadata"]["managedFields"] == before
        and terraform.resources() == {}
    )
    terraform.write(terraform.header() + release(namespace, ours, more='adopt = true\n  crds = "install"'))
    terraform.apply()
    helm3("uninstall", "other", "-n", namespace)


# ---- a release of the same name --------------------------------------------------------------------------------


def test_a_release_of_others_is_taken_over_with_a_word(terraform, kubectl, helm, namespace, settings):
    helm("install", "app", settings, "-n", namespace)
    helm("upgrade", "app", settings, "-n", namespace)
    terraform.write(terraform.header() + release(namespace, settings, more="adopt = true"))
    plan = terraform.plan()
    (warning,) = plan.warnings
    text = text_of(warning)
    assert f"{namespace}/app" in warning["summary"] and 'revision 2 (deployed), made by "Helm"' in text
    assert "helm_release" in text and "terraform state rm" in text
    terraform.apply()
    plan = terraform.plan()
    assert plan.empty and not plan.warnings
    terraform.apply("-replace=wandb_operator.this")  # ours by now: nobody else's is taken over
    assert terraform.plan().empty


def test_our_own_release_is_taken_over_without(make_terraform, terraform, cluster, namespace, settings):
    terraform.write(terraform.header() + release(namespace, settings))
    terraform.apply()
    second = make_terraform(KUBE_CONFIG_PATH=cluster.kubeconfig)
    second.write(second.header() + release(namespace, settings, more="adopt = true"))
    assert not second.plan().warnings


def test_an_imported_release_of_others(terraform, helm3, namespace, settings):
    helm3("install", "app", settings, "-n", namespace)
    terraform.write(terraform.header() + release(namespace, settings))
    result = terraform.import_("wandb_operator.this", f"{namespace}/app")
    text = " ".join((result.stdout + result.stderr).replace("│", " ").split())
    assert 'revision 1 (deployed), was made by "Helm"' in text and "helm_release" in text


def during(door, wanted, action):
    """Does something once, before the first request that is wanted passes the door."""
    done = threading.Event()

    def judge(number, method, path):
        if not done.is_set() and wanted(method, path):
            done.set()
            action()

    door.judge = judge
    return done


def mark(kubectl, namespace, name, status):
    """Rewrites a record's status, as helm does when it begins to uninstall."""
    secret = kubectl.json("-n", namespace, "get", "secret", name)
    record = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(secret["data"]["release"]))))
    record["info"]["status"] = secret["metadata"]["labels"]["status"] = status
    secret["data"]["release"] = base64.b64encode(base64.b64encode(gzip.compress(json.dumps(record).encode()))).decode()
    kubectl("replace", "-f", "-", input=json.dumps(secret))


def test_a_release_that_is_being_uninstalled_is_refused(terraform, kubectl, helm3, namespace, settings):
    helm3("install", "app", settings, "-n", namespace)
    mark(kubectl, namespace, "sh.helm.release.v1.app.v1", "uninstalling")
    terraform.write(terraform.header() + release(namespace, settings, more="adopt = true"))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert "is being uninstalled" in text_of(error) and terraform.resources() == {}
    assert [each["revision"] for each in helm3.json("history", "app", "-n", namespace)] == [1]


RECORD = "/secrets"
CHANGES = {
    "uninstalled": (lambda helm, chart, namespace: helm("uninstall", "app", "-n", namespace), "is gone"),
    "upgraded": (
        lambda helm, chart, namespace: helm("upgrade", "app", chart, "-n", namespace),
        "is at revision 2 (deployed)",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_release_that_changes_after_the_last_look_is_refused(
    make_terraform, door, helm3, namespace, settings, change
):
    action, words = CHANGES[change]
    helm3("install", "app", settings, "-n", namespace)
    terraform = make_terraform(**door.environment())
    terraform.write(terraform.header() + release(namespace, settings, more="adopt = true"))
    lists, looks = [], None

    def judge(number, method, path):
        if method == "GET" and f"/namespaces/{namespace}/secrets?" in path:
            lists.append(path)
            if len(lists) == looks:
                action(helm3, settings, namespace)

    door.judge = judge
    plan = terraform.plan()
    looks = 2 * len(lists) + 1  # apply makes its own plan first
    result = terraform.run("apply", "-no-color", plan.file, expect=(1,))
    text = " ".join(result.stderr.replace("│", " ").split())
    assert "was at revision 1 (deployed) a moment ago and" in text and words in text
    assert door.writes() == [] and terraform.resources() == {}


def test_a_release_that_another_installs_at_the_same_time(make_terraform, door, helm3, namespace, settings):
    """After the history was read, before its objects are looked at: the other one's records must not be deleted."""
    terraform = make_terraform(**door.environment())
    terraform.write(terraform.header() + release(namespace, settings))
    done = []

    def judge(number, method, path):
        if method == "GET" and path.endswith("/configmaps/app-settings") and not done:
            done.append(path)
            helm3("install", "app", settings, "-n", namespace)

    door.judge = judge
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    text = text_of(error)
    assert done and f'the Helm release "app" in namespace {namespace} (revision 1, deployed) exists' in text, text
    assert "installs it at the same time" in text and "kubectl delete" not in text
    assert door.writes() == [] and terraform.resources() == {}
    assert [each["status"] for each in helm3.json("history", "app", "-n", namespace)] == ["deployed"]


def test_an_uninstall_that_began_before_our_record(make_terraform, door, kubectl, helm3, namespace, settings):
    """It does not see our record, and deletes what we are about to write: nothing is written, our record goes."""
    helm3("install", "app", settings, "-n", namespace)
    terraform = make_terraform(**door.environment())
    terraform.write(terraform.header() + release(namespace, settings, more="adopt = true"))
    done = during(
        door,
        lambda method, path: method == "POST" and path.split("?")[0].endswith("/secrets"),
        lambda: mark(kubectl, namespace, "sh.helm.release.v1.app.v1", "uninstalling"),
    )
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert done.is_set() and "was uninstalled meanwhile" in text_of(error)
    assert [method for method, _ in door.writes()] == ["POST", "DELETE"] and terraform.resources() == {}
    assert [each["revision"] for each in helm3.json("history", "app", "-n", namespace)] == [1]


@pytest.mark.parametrize("more", ["", "atomic = true"])
def test_an_uninstall_with_hooks_that_began_before(make_terraform, door, kubectl, helm3, namespace, settings, more):
    """helm runs pre-delete hooks before it marks the record: seen at the end, and never called a success."""
    helm3("install", "app", settings, "-n", namespace)
    terraform = make_terraform(**door.environment())
    terraform.write(terraform.header() + release(namespace, settings, more=f"adopt = true\n  {more}"))

    def uninstalled():
        kubectl("-n", namespace, "delete", "configmap", "app-settings", "app-own")
        kubectl("-n", namespace, "delete", "secret", "sh.helm.release.v1.app.v1")

    done = during(door, lambda method, path: method == "PATCH" and "app-own" in path, uninstalled)
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert done.is_set() and "was uninstalled meanwhile" in text_of(error)
    assert [(each["revision"], each["status"]) for each in helm3.json("history", "app", "-n", namespace)] == [
        (2, "failed")
    ]
    door.judge = lambda *_: None
    terraform.apply()
    assert kubectl.json("-n", namespace, "get", "configmap", "app-settings")["data"] == {"of": "app"}
    assert terraform.plan().empty


def test_an_uninstall_that_begins_behind_our_record(make_terraform, door, helm3, namespace, settings):
    """It takes ours for the newest and uninstalls that: an error, and nothing in the state."""
    helm3("install", "app", settings, "-n", namespace)
    terraform = make_terraform(**door.environment())
    terraform.write(terraform.header() + release(namespace, settings, more="adopt = true"))
    done = during(
        door,
        lambda method, path: method == "PATCH" and "app-own" in path,
        lambda: helm3("uninstall", "app", "-n", namespace),
    )
    terraform.apply_json(expect=(1,))
    assert done.is_set()
    door.judge = lambda *_: None
    terraform.apply()
    assert terraform.plan().empty
