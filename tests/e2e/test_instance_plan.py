# SPDX-License-Identifier: Apache-2.0
"""What a plan says about an instance before anything is written:
the operator's merge, the chart's values, Secrets, the license."""

import base64
import json
import os
import pathlib
import tarfile
import time
import types

import pytest

import channel as channels
import scenarios
from leaks import planted
from terraform import diagnostics, plain
from waiting import INSTANCE, state, timeouts, write


@pytest.fixture
def running(terraform, world):
    """An instance that runs, with a channel that says something about everything."""
    world.offer(
        values={
            "global": {"mysql": {"port": 3306}, "size": "small"},
            "ingress": {"additionalHosts": ["chan1", "chan2"]},
        }
    )
    write(terraform, world)
    terraform.apply()
    return world


def summaries(plan):
    """The warnings without what they are about."""
    return sorted(warning["summary"].partition(":")[0] for warning in plan.warnings)


def only(plan, summary):
    (warning,) = [each for each in plan.warnings if each["summary"].partition(":")[0] == summary]
    return warning["detail"]


def test_lists_that_would_be_appended_to(terraform, running):
    write(terraform, running, '{ ingress = { additionalHosts = ["cr1"] } }')
    plan = terraform.plan()
    assert plan.code == 2 and summaries(plan) == ["List will be appended to"]
    detail = only(plan, "List will be appended to")
    assert (
        "spec.values.ingress.additionalHosts has 1 item here and 2 in the release channel" in detail
        and "gets 3" in detail
    )
    terraform.apply()
    assert running.level("spec-active")["values"]["ingress"]["additionalHosts"] == ["cr1", "chan1", "chan2"]


def test_kind_mismatch(terraform, running):
    write(terraform, running, '{ global = { mysql = { port = "3306" }, size = ["a"] } }')
    plan = terraform.plan(expect=(1,))
    (error,) = diagnostics(plan.events)
    assert (
        "spec.values.global.mysql.port: string in the custom resource, number in the release channel" in error["detail"]
    )
    assert "spec.values.global.size: list in the custom resource, string in the release channel" in error["detail"]
    assert running.get(scenarios.KIND, "wandb")["metadata"]["generation"] == 1


def test_null_against_a_value(terraform, running):
    write(terraform, running, "{ global = { size = null } }")
    plan = terraform.plan(expect=(1,))
    (error,) = diagnostics(plan.events)
    assert (
        "spec.values.global.size: null in the custom resource, string in the release channel; "
        "the operator panics at that"
    ) in error["detail"]


def test_console_and_channel_that_collide_are_no_error_of_ours(terraform, running):
    running.operator.stop()
    running.console({"global": {"size": 1}})
    write(terraform, running, "{ app = { replicas = 2 } }")
    plan = terraform.plan()
    assert plan.code == 2 and summaries(plan) == ["Levels do not merge"]
    assert "spec.values.global.size: number in the System Console, string in the release channel" in only(
        plan, "Levels do not merge"
    )
    running.console({})
    running.operator.start()


def test_overrides(terraform, running):
    write(terraform, running, '{ global = { size = "large", host = "https://b.example.com" } }')
    terraform.apply()
    assert state(terraform)["overrides"] == ["global.size"]
    # The port, too, hides another of the channel's, but this spec says nothing about it.
    running.console({"global": {"host": "https://console.example.com", "mysql": {"port": 3307}}})
    write(terraform, running, '{ global = { size = "large", host = "https://c.example.com" } }')
    terraform.apply()
    assert sorted(state(terraform)["overrides"]) == ["global.host", "global.size"]


def managed_spec(world, **levels):
    """What an operator with --managed-spec-enabled reads in the release channel's stead, its cutover being complete."""
    for name, data in (
        ("wandb-managed-spec-state", {"managed": "true"}),
        ("wandb-spec-managed", {key: json.dumps(value) for key, value in levels.items()}),
    ):
        object = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}
        world.kubectl("-n", world.namespace, "apply", "--server-side", "-f", "-", input=json.dumps(object))


def test_a_managed_spec_in_the_release_channels_stead(terraform, running):
    running.operator.stop()  # it knows of no such thing
    managed_spec(
        running, values={"global": {"size": "medium", "mysql": {"port": "1"}}}, chart={"path": "/charts/x.tgz"}
    )
    write(terraform, running, '{ global = { size = "large" } }', 'wait_for = "none"')
    assert terraform.plan().code == 2
    terraform.apply()
    assert state(terraform)["overrides"] == ["global.size"]
    write(terraform, running, '{ global = { size = "large", mysql = { port = 3306 } } }', 'wait_for = "none"')
    (error,) = diagnostics(terraform.plan(expect=(1,)).events)
    assert "spec.values.global.mysql.port: number in the custom resource, string in the managed spec" in error["detail"]
    managed_spec(running, values={})
    (warning,) = [each for each in terraform.plan().warnings if each["summary"].startswith("Spec was not checked")]
    assert 'the ConfigMap wandb-spec-managed has no key "chart"' in warning["detail"]


def test_active_chart_tells_when_the_instance_moved_by_itself(terraform, running):
    assert state(terraform)["active_chart"] == {"name": "operator-wandb", "version": "0.43.8"}
    running.chart = channels.pack(running.directory, "0.44.0")
    running.offer(values=running.channel.offer["values"])
    running.console({"touched": True})  # the operator looks again
    deadline = time.monotonic() + 30
    while (
        "0.44.0" not in json.dumps(running.level("spec-active"))
        and running.level("spec-active")["values"].get("touched") is not True
        and time.monotonic() < deadline
    ):
        time.sleep(0.2)
    time.sleep(1)
    plan = terraform.plan()
    assert plan.empty and summaries(plan) == ["Moved by itself"], plan.text
    assert "from operator-wandb 0.43.8 to operator-wandb 0.44.0" in only(plan, "Moved by itself")
    terraform.apply()
    assert state(terraform)["active_chart"] == {"name": "operator-wandb", "version": "0.44.0"}
    assert not terraform.plan().warnings


def test_unknown_values(terraform, running):
    """terraform-google-wandb sets extraEnvs, which no chart reads."""
    write(
        terraform,
        running,
        '{ app = { extraEnvs = { A = "1" }, extraEnv = { B = "2" } }, weave = { extraEnvs = {} }, ingres = {} }',
    )
    plan = terraform.plan()
    assert summaries(plan) == ["Values unknown to the chart"]
    detail = only(plan, "Values unknown to the chart")
    assert "operator-wandb 0.43.8" in detail
    assert [line.strip() for line in detail.splitlines()[1:]] == [
        "spec.values.app.extraEnvs",
        "spec.values.ingres",
        "spec.values.weave.extraEnvs",
    ]


def packed_for_real(directory):
    """W&B's own chart with the parts that its repository holds; those of others are of no account here."""
    charts = pathlib.Path(os.environ["WANDB_OPERATOR_CHART"]).parent
    path = directory / "operator-wandb.tgz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(charts / "operator-wandb", "operator-wandb")
        archive.add(charts / "wandb-base", "operator-wandb/charts/wandb-base")
    return path


LABELLED = "api app console executor filemeta filestream glue parquet settingsMigrationJob weave weave-trace"
UNKNOWN = {  # what changes no rendering when it is changed by itself, every dependency being on
    "aws": ["weave.persistence"],
    "google": [
        "app.extraEnvs",
        "global.mysql.name",
        "parquet.extraEnvs",
        "stackdriver.stackdriver.serviceAccountName",
        "weave.extraEnvs",
    ],
    "azure": [
        "bufstream.pod",
        "bufstream.podLabels",
        "bufstream.serviceAccount",
        "global.azureIdentityForBucket",
        "pod",
        "podLabels",
        "weave.persistence",
        *(f"{part}.serviceAccount.labels" for part in LABELLED.split()),
    ],
}


@pytest.mark.full
@pytest.mark.parametrize("cloud", UNKNOWN)
def test_unknown_values_of_a_cloud_module(terraform, running, cloud):
    spec = pathlib.Path(__file__).parents[1] / f"golden/migration/specs/{cloud}.yaml"
    chart = packed_for_real(terraform.directory)
    write(terraform, running, f'yamldecode(file("{spec}"))', chart=f'chart = {{ path = "{chart}" }},')
    detail = only(terraform.plan(), "Values unknown to the chart")
    paths = [line.strip().removeprefix("spec.values.") for line in detail.splitlines()[1:]]
    assert sorted(paths) == sorted(UNKNOWN[cloud])


def test_a_chart_that_cannot_be_had(terraform, running):
    write(
        terraform, running, chart='chart = { url = "http://127.0.0.1:1", name = "operator-wandb", version = "0.43.8" },'
    )
    plan = terraform.plan()
    assert summaries(plan) == ["Values were not checked"] and "127.0.0.1:1" in only(plan, "Values were not checked")


PINNED = 'chart = {{ url = "{url}", name = "{name}", version = "{version}" }},'


def pinned(repository, version, name="operator-wandb"):
    return PINNED.format(url=repository.url, name=name, version=version)


def test_a_version_that_the_repository_does_not_have(terraform, running, repository):
    write(terraform, running, chart=pinned(repository, "0.43.9"))
    (error,) = diagnostics(terraform.plan(expect=(1,)).events)
    where = f"in {repository.url} repository; it has"
    assert f'chart "operator-wandb" version "0.43.9" not found {where} 0.44.0, 0.43.8' in error["detail"]
    assert "Invalid Config" in error["detail"]
    write(terraform, running, chart=pinned(repository, "0.44.0", "operator"))
    (error,) = diagnostics(terraform.plan(expect=(1,)).events)
    assert f'chart "operator" not found {where} operator-wandb' in error["detail"]
    write(terraform, running, chart=pinned(repository, "0.44.0"))
    terraform.apply()
    assert state(terraform)["active_chart"] == {"name": "operator-wandb", "version": "0.44.0"}


def test_a_version_is_looked_up_before_there_is_a_cluster(make_terraform, repository):
    terraform = make_terraform()
    anywhere = types.SimpleNamespace(namespace="default")
    write(terraform, anywhere, chart=pinned(repository, "0.43.9"))
    (error,) = diagnostics(terraform.plan(expect=(1,)).events)
    assert "it has 0.44.0, 0.43.8" in error["detail"]
    write(terraform, anywhere, chart=pinned(repository, "0.43.8"))
    assert summaries(terraform.plan()) == ["Not a license", "Spec was not checked"]
    repository.answers["/index.yaml"] = (404, b"")  # whoever says so may not be the one whom the operator asks
    write(terraform, anywhere, chart=pinned(repository, "0.43.9"))
    plan = terraform.plan()
    assert summaries(plan) == ["Chart was not looked up", "Not a license", "Spec was not checked"]
    assert "404" in only(plan, "Chart was not looked up")


def test_an_invalid_config_is_explained_by_what_the_repository_lacks(terraform, world, repository):
    """What the channel offers is no fault of the configuration: it is no error before the operator fails."""
    world.channel.offer = {
        "chart": {"url": repository.url, "name": "operator-wandb", "version": "0.43.9"},
        "values": {},
    }
    write(terraform, world, more=timeouts(60))
    text = plain(terraform.apply(expect=(1,)).stderr)
    assert 'version "0.43.9" not found' in text and "it has 0.44.0, 0.43.8" in text
    assert "the operator refused the spec (phase Invalid Config)" in text


def test_a_console_secret_that_stops_the_operator(terraform, running):
    running.operator.stop()
    running.kubectl(
        "-n",
        running.namespace,
        "patch",
        "secret",
        "wandb-spec-user",
        "--type=json",
        "-p",
        '[{"op": "remove", "path": "/data/chart"}]',
    )
    write(terraform, running, "{ app = { replicas = 2 } }")
    assert f'The Secret {running.namespace}/wandb-spec-user has no key "chart"' in only(
        terraform.plan(), "Broken Secret"
    )
    running.kubectl("-n", running.namespace, "delete", "secret", "wandb-spec-user")
    running.operator.start()


def test_secret_references(terraform, running):
    running.kubectl("-n", running.namespace, "create", "secret", "generic", "present", "--from-literal=key=x")
    write(
        terraform,
        running,
        """{ global = {
      licenseSecret = { name = "present", key = "key" }
      mysql         = { passwordSecret = { name = "absent", passwordKey = "p" } }
      redis         = { secret = { secretName = "present", secretKey = "other" } }
      extraEnvFrom  = { A = { secretKeyRef = { name = "absent", key = "a" } } }
    } }""",
    )
    plan = terraform.plan()
    missing = [
        each["detail"]
        for each in plan.warnings
        if each["summary"].startswith(f"Secret is missing: Secret/{running.namespace}/absent at spec.")
    ]
    assert len(missing) == 2 and all(
        f"The Secret {running.namespace}/absent does not exist" in each for each in missing
    )
    assert f'The Secret {running.namespace}/present has no key "other"' in only(plan, 'Key "other" is missing')


def license(**claims):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part(claims)}.{planted('signature')}"


@pytest.mark.parametrize(
    "claims, expected",
    [
        ({"expiresAt": "2020-01-02T03:04:05Z"}, ["License has expired"]),
        ({"expiresAt": "2099-01-02T03:04:05Z"}, []),
        ({"exp": 1000000000}, ["License has expired"]),
    ],
)
def test_license(terraform, world, claims, expected):
    terraform.write(
        terraform.header()
        + f"""
resource "wandb_instance" "this" {{
  name       = "wandb"
  namespace  = "{world.namespace}"
  spec       = {{ values = {{}} }}
  license_wo = "{license(**claims)}"
}}
"""
    )
    plan = terraform.plan()
    assert summaries(plan) == expected


def test_without_a_cluster(make_terraform):
    terraform = make_terraform(KUBE_HOST="https://127.0.0.1:1")
    terraform.write(
        terraform.header() + 'resource "wandb_instance" "this" {\n  name = "wandb"\n  spec = { values = {} }\n}\n'
    )
    plan = terraform.plan()
    assert plan.code == 2 and summaries(plan) == ["Spec was not checked"], plan.text


UNTAKEN = {
    "label": ('spec = {}\n  labels = { team = "no blanks" }', "labels.team"),
    "label's key": ('spec = {}\n  labels = { "a b" = "x" }', "labels"),
    "member": ("spec = { value = {} }", "spec.value"),
    "secret's member": (
        f'spec = {{}}\n  secret_values_wo = {{ global = {{ a = "{planted("member")}" }} }}',
        "secret_values_wo has the shape of spec",
    ),
    "null": ("spec = { chart = null }", "spec.chart"),
    "number": ("spec = { values = { a = [1e400] } }", "spec.values.a[0]"),
    "name": ("spec = {}", "54 characters long"),
}


@pytest.mark.parametrize("case", UNTAKEN)
def test_what_no_cluster_would_take(make_terraform, case):
    """It is seen without one, and at its place."""
    body, words = UNTAKEN[case]
    terraform = make_terraform(KUBE_HOST="https://127.0.0.1:1")
    name = "a" * 54 if case == "name" else "wandb"
    terraform.write(terraform.header() + f'resource "wandb_instance" "this" {{\n  name = "{name}"\n  {body}\n}}\n')
    plan = terraform.plan(expect=(1,))
    assert "Invalid configuration" in plan.text and words in plan.text, plan.text


def test_cluster_known_after_apply(make_terraform):
    terraform = make_terraform()
    terraform.write(
        terraform.header("kubernetes = { host = terraform_data.cluster.output }")
        + 'resource "terraform_data" "cluster" {\n  input = "https://127.0.0.1:1"\n}\n'
        'resource "wandb_instance" "this" {\n  name = "wandb"\n'
        "  spec = { values = { a = terraform_data.cluster.id } }\n}\n"
    )
    plan = terraform.plan()
    assert plan.code == 2 and summaries(plan) == ["Spec was not checked"], plan.text


# ---- merge_spec, data sources ----------------------------------------------------------------------


def test_merge_spec(make_terraform):
    terraform = make_terraform()
    terraform.write(
        terraform.header()
        + """
output "merged" {
  value = provider::wandb::merge_spec({ a = 1, l = ["x"], m = { k = "v" } }, null, { a = 2, l = ["y", "z"], m = { n = true } }, { l = [] })
}
"""  # noqa: E501
    )
    terraform.apply()
    assert terraform.outputs()["merged"] == {"a": 1, "l": ["x", "y", "z"], "m": {"k": "v", "n": True}}
    terraform.write(
        terraform.header()
        + 'output "merged" {\n  value = provider::wandb::merge_spec({ port = "3306" }, { port = 3306 })\n}\n'
    )
    text = plain(terraform.run("plan", "-no-color", expect=(1,)).stderr)
    assert "port is a string in argument 1 and a number in argument 2" in text


def test_data_instance(terraform, running):
    running.console({"global": {"email": "console"}})
    write(
        terraform,
        running,
        '{ ingress = { additionalHosts = ["cr1"] } }',
        more="""}
data "wandb_instance" "this" {
  name       = wandb_instance.this.name
  namespace  = wandb_instance.this.namespace
  depends_on = [wandb_instance.this]
}
output "all" {
  sensitive = true
  value     = data.wandb_instance.this""",
    )
    terraform.apply()
    terraform.apply()
    seen = terraform.outputs()["all"]
    assert seen["levels"]["console"]["values"] == {"global": {"email": "console"}}
    assert seen["levels"]["channel"]["values"]["global"]["size"] == "small"
    assert seen["effective_values"] == seen["levels"]["active"]["values"] and seen["problem"] is None
    assert seen["effective_values"]["ingress"]["additionalHosts"] == ["cr1", "chan1", "chan2"]
    assert seen["spec"]["values"]["global"]["host"] == "https://wandb.example.com"
    assert seen["workloads"] == [{"kind": "Deployment", "name": "wandb-app", "ready": True, "reason": None}]
    assert seen["phase"] == "Completed" and seen["status"] == {"phase": "Completed"}
    schema = next(iter(terraform.schema().values()))["data_source_schemas"]["wandb_instance"]["block"]["attributes"]
    assert all(schema[name].get("sensitive") for name in ("spec", "levels", "effective_values"))


def channel_configuration(terraform, channel, more=""):
    return terraform.write(
        terraform.header(f'deployer_url = "{channel.url}"')
        + f"""
data "wandb_release_channel" "this" {{
  license = "{planted("license")}"
  {more}
}}
output "version" {{
  value = data.wandb_release_channel.this.chart_version
}}
output "release" {{
  value = {{ id = data.wandb_release_channel.this.release_id, pin = data.wandb_release_channel.this.pin }}
}}
"""
    )


def test_release_channel(make_terraform, leaks):
    for channel in ("^state", "^plan"):
        leaks.allow(channel, "Terraform keeps what a data source was asked with")
    terraform = make_terraform()
    with channels.Channel(
        {
            "chart": {"url": "https://charts.wandb.ai", "name": "operator-wandb", "version": "0.43.8", "debug": False},
            "values": {"a": 1},
            "metadata": {"releaseId": "78"},
        }
    ) as channel:
        channel.releases["77"] = {"chart": {"name": "operator-wandb", "version": "0.40.0"}, "values": None}
        channel_configuration(terraform, channel).apply()
        assert terraform.outputs()["version"] == "0.43.8"
        pin = {"url": "https://charts.wandb.ai", "name": "operator-wandb", "version": "0.43.8"}
        assert terraform.outputs()["release"] == {"id": "78", "pin": pin}
        channel_configuration(terraform, channel, 'release_id = "77"').apply()
        assert terraform.outputs()["version"] == "0.40.0"
        assert terraform.outputs()["release"] == {"id": "77", "pin": None}  # of a chart without an address
        assert {(each["path"], each["user"], each["license"]) for each in channel.requests} == {
            ("/api/v1/operator/channel", "license", planted("license")),
            ("/api/v1/operator/channel/release/77", "license", planted("license")),
        }
        channel.failures[:] = [503, 500]
        asked = len(channel.requests)
        terraform.plan()
        assert len(channel.requests) == asked + 3
        channel.failures[:] = [401]
        text = plain(terraform.run("plan", "-no-color", expect=(1,)).stderr)
        assert "refused the license (status 401)" in text
        channel_configuration(terraform, channel, 'release_id = "none"')
        assert 'there is no release "none"' in plain(terraform.run("plan", "-no-color", expect=(1,)).stderr)


# wandb/operator v1.22.0 pkg/wandb/spec/channel/deployer: five tries of at most 30 seconds, two seconds between them
@pytest.mark.parametrize(
    "failures, seconds, code",
    [([503] * 5, 8, 1), pytest.param(["hang"], 32, 0, marks=pytest.mark.full)],
    ids=["refuses", "hangs"],
)
def test_release_channel_is_tried_as_the_operator_does(make_terraform, leaks, failures, seconds, code):
    if not code:
        leaks.allow("^plan", "Terraform keeps what a data source was asked with")
    terraform = make_terraform()
    with channels.Channel({"chart": {"name": "operator-wandb", "version": "0.43.8"}, "values": {}}) as channel:
        channel.failures[:] = failures
        channel_configuration(terraform, channel)
        began = time.monotonic()
        plan = terraform.plan(expect=(1, 2))
        assert time.monotonic() - began >= seconds
        assert len(channel.requests) == (5 if code else 2)
        assert plan.code == (code or 2)
        assert not code or "did not answer in 5 tries" in diagnostics(plan.events)[0]["detail"]


def test_a_plan_shows_which_release_comes_next(terraform, running):
    """Beside the one that is installed, before anything is applied;
    what the instance has moved to by itself is `active_chart`."""
    terraform.write(
        terraform.header(f'deployer_url = "{running.channel.url}"')
        + INSTANCE.format(namespace=running.namespace, values="{}", more="", chart="")
        + """
data "wandb_release_channel" "this" {}
output "release" {
  value = { installed = wandb_instance.this.active_chart.version, next = data.wandb_release_channel.this.chart_version }
}
"""
    )
    running.channel.offer = {
        "chart": {"url": "https://charts.example.com", "name": "operator-wandb", "version": "0.44.0"},
        "values": running.channel.offer["values"],
    }
    plan = terraform.plan()
    assert (
        plan.plan["output_changes"]["release"]["after"] == {"installed": "0.43.8", "next": "0.44.0"}
        and not plan.changes
    ), plan.text


def test_without_permission_to_read_secrets(make_terraform, cluster, kubectl, namespace, world, tmp_path):
    """Who may only manage the custom resource can do that; the levels are not theirs to see."""
    kubectl.apply(
        [
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "Role",
                "metadata": {"name": "instances", "namespace": world.namespace},
                "rules": [{"apiGroups": ["apps.wandb.com"], "resources": ["weightsandbiases"], "verbs": ["*"]}],
            },
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "RoleBinding",
                "metadata": {"name": "instances", "namespace": world.namespace},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "instances"},
                "subjects": [{"kind": "User", "name": "nobody"}],
            },
        ]
    )
    terraform = make_terraform(KUBE_CONFIG_PATH=cluster.context("nobody", tmp_path))
    write(terraform, world, more='wait_for = "none"')
    assert "Spec was not checked" in summaries(terraform.plan())
    terraform.apply()
    plan = terraform.plan()
    assert plan.empty and summaries(plan) == ["Levels were not read"], plan.text
    assert "secrets" in only(plan, "Levels were not read")
    terraform.destroy()
