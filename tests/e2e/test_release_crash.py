# SPDX-License-Identifier: Apache-2.0
"""The provider is killed (SIGKILL) before its n-th write to the API server, for every n: the next run repairs."""

import itertools
import json

import pytest

from release_charts import APP, crd, release, write_chart
from release_door import WRITES

SMALL = {
    name: APP[name]
    for name in (
        "Chart.yaml",
        "values.yaml",
        "templates/_names.tpl",
        "templates/settings.yaml",
        "templates/service.yaml",
        "templates/hook.yaml",
    )
}
INSTALLED = {"hooks": True, "data": {"old": "x"}}
UPGRADED = {"hooks": True, "data": {"new": "y"}, "withService": False, "keep": False}


class Scene:
    """One namespace, one chart and one working directory, for one n."""

    def __init__(self, n, namespace, door, make_terraform, kubectl, tmp_path):
        self.namespace, self.door, self.kubectl = f"{namespace}-{n}", door, kubectl
        self.group = f"{self.namespace}.example.com"
        self.chart = write_chart(tmp_path / f"chart{n}", {**SMALL, "crds/widgets.yaml": crd(self.group)})
        self.terraform = make_terraform(**door.environment())
        door.judge, door.log = (lambda *_: None), []

    def write(self, values):
        self.terraform.write(self.terraform.header() + release(self.namespace, self.chart, values))

    def killed_at(self, n, method):
        """Runs a method with a provider that dies before write n; False when there was no such write."""
        self.door.log = []
        dead = []

        def judge(number, verb, path):
            if dead or (number == n and verb in WRITES):
                dead.append(path)
                self.door.kill_provider()
                return "drop"
            return None

        self.door.judge = judge
        result = method(expect=None)
        self.door.judge = lambda *_: None
        if not dead:
            assert result.code == 0, result
        return bool(dead)

    def names(self, kind):
        return sorted(
            each["metadata"]["name"]
            for each in self.kubectl.json("-n", self.namespace, "get", kind)["items"]
            if each["metadata"]["name"] != "kube-root-ca.crt" and "deletionTimestamp" not in each["metadata"]
        )

    def clean(self):
        self.kubectl("delete", "crd", f"widgets.{self.group}", "--ignore-not-found", "--wait=false")
        self.kubectl("delete", "namespace", self.namespace, "--ignore-not-found", "--wait=false")


@pytest.fixture
def scenes(namespace, door, make_terraform, kubectl, tmp_path):
    """Scenes for n = 0, 1, 2, …"""
    made = []

    def all_of_them():
        for n in itertools.count():
            made.append(Scene(n, namespace, door, make_terraform, kubectl, tmp_path))
            yield n, made[-1]

    yield all_of_them()
    for scene in made:
        scene.clean()


def deployed(helm, namespace):
    return [each["revision"] for each in helm.json("history", "app", "-n", namespace) if each["status"] == "deployed"]


def test_killed_while_installing(scenes, helm3):
    for n, scene in scenes:
        scene.write(INSTALLED)
        killed = scene.killed_at(n, scene.terraform.apply)
        if killed:
            scene.terraform.apply()
        plan = scene.terraform.plan()
        assert plan.empty, f"killed before write {n}: {plan.text}"
        assert scene.names("configmaps") == ["app-settings"] and scene.names("services") == ["app-web"]
        assert len(deployed(helm3, scene.namespace)) == 1
        settings = scene.kubectl.json("-n", scene.namespace, "get", "configmap", "app-settings")
        assert settings["data"]["verb"] == "install"
        if not killed:
            break
    assert n >= 6, scene.door.writes()  # namespace, CRD, record, hook, two objects, record


def test_killed_while_upgrading(scenes, helm3):
    for n, scene in scenes:
        scene.write({**INSTALLED, "keep": True})
        scene.terraform.apply()
        scene.write(UPGRADED)
        killed = scene.killed_at(n, scene.terraform.apply)
        if killed:
            scene.terraform.apply()
        plan = scene.terraform.plan()
        assert plan.empty, f"killed before write {n}: {plan.text}"
        assert scene.names("configmaps") == ["app-kept", "app-settings"] and scene.names("services") == []
        settings = scene.kubectl.json("-n", scene.namespace, "get", "configmap", "app-settings")
        assert "new" in settings["data"] and "old" not in settings["data"]
        assert len(deployed(helm3, scene.namespace)) == 1
        if not killed:
            break
    assert n >= 6, scene.door.writes()


def test_killed_while_uninstalling(scenes):
    for n, scene in scenes:
        scene.write(INSTALLED)
        scene.terraform.apply()
        killed = scene.killed_at(n, scene.terraform.destroy)
        if killed:
            scene.terraform.destroy()
        assert (scene.names("configmaps"), scene.names("services"), scene.names("secrets")) == ([], [], [])
        assert scene.terraform.resources() == {}
        if not killed:
            break
    assert n >= 3, scene.door.writes()


def test_upgraded_after_an_install_that_was_killed(scenes, door):
    """The chart changed in between: what only the killed attempt had made is removed."""
    _, scene = next(scenes)
    scene.write({**INSTALLED, "hooks": False})
    assert scene.killed_at(5, scene.terraform.apply)
    assert json.loads(scene.kubectl("-n", scene.namespace, "get", "secret", "-o", "json"))["items"]
    scene.write({**INSTALLED, "hooks": False, "withService": False})
    scene.terraform.apply()
    assert scene.names("services") == [] and scene.names("configmaps") == ["app-settings"]
    assert scene.terraform.plan().empty
