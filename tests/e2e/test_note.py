# SPDX-License-Identifier: Apache-2.0
"""Tables and handlers through the whole protocol: real command lines drive tests/note/, whose notes are files.
No cluster."""

import json
import os
import pathlib
import signal
import subprocess
import time

import pytest

from leaks import planted

ADDRESS = "example.com/test/wandb"  # the type is also the local name, as generated configuration assumes
CLIS = ("terraform-1.11", "terraform-1.15", "tofu")
FREE = """{
    mixed = [1, "x", null, 0.1, 9007199254740993, 1e30, true, "3306", 3306, "\\u00fc"]
    set   = toset(["z", "y"])
    list  = tolist([1, 2])
    map   = tomap({ k = "v" })
    null  = null
    none  = { list = [], map = {}, text = "" }
}"""


@pytest.fixture(scope="session")
def note():
    path = pathlib.Path(os.environ.get("BUILD_DIR", "build")) / "note" / "terraform-provider-note"
    if not path.exists():
        pytest.fail(f"{path} is missing: build the target note and set BUILD_DIR")
    return path.resolve()


class Notes:
    def __init__(self, terraform, folder):
        self.terraform, self.folder = terraform, folder

    def write(self, body, more=""):
        self.terraform.write(f'''
            terraform {{
              required_providers {{
                wandb = {{
                  source = "{ADDRESS}"
                }}
              }}
            }}
            resource "wandb_note" "this" {{
              {body}
            }}
            {more}
        ''')
        return self.terraform

    def read(self, name="a"):
        return json.loads((self.folder / f"{name}.json").read_text())

    def change(self, name="a", **values):
        (self.folder / f"{name}.json").write_text(json.dumps({**self.read(name), **values}, indent=1))

    def state(self):
        return self.terraform.resources()["wandb_note.this"]


@pytest.fixture(params=CLIS)
def notes(request, make_terraform, note, tmp_path):
    folder = tmp_path / "notes"
    folder.mkdir()
    return Notes(make_terraform(request.param, executable=note, addresses=(ADDRESS,), NOTE_DIR=folder), folder)


@pytest.fixture
def notes_1_11(make_terraform, note, tmp_path):
    folder = tmp_path / "notes"
    folder.mkdir()
    return Notes(make_terraform(executable=note, addresses=(ADDRESS,), NOTE_DIR=folder), folder)


def test_life(notes):
    terraform = notes.write(f'name = "a"\nfree = {FREE}\nsecret_wo = "{planted("note")}"')
    plan = terraform.plan()
    change = plan.change("wandb_note.this")
    assert change["after"]["text"] == "hello" and change["after"]["color"] == "white"
    assert change["after_unknown"] | {"free": None} == {
        "id": True,
        "revision": True,
        "secret_length": True,
        "free": None,
    }
    terraform.apply()
    assert notes.state()["secret_length"] == len(planted("note")) and notes.state()["secret_wo"] is None
    for _ in range(3):
        assert terraform.plan().empty
    notes.write('name = "a"\ntext = "new"')
    change = terraform.plan().change("wandb_note.this")
    assert change["actions"] == ["update"]
    assert change["after"]["id"] == "id-a" and change["after_unknown"]["revision"]  # stable, not stable
    terraform.apply()
    assert notes.state()["revision"] == 2 and notes.state()["free"] is None
    notes.write('name = "b"')
    change = terraform.plan().change("wandb_note.this")
    assert change["actions"] == ["delete", "create"] and change["replace_paths"] == [["name"]]
    terraform.apply()
    assert [path.name for path in notes.folder.iterdir()] == ["b.json"]
    terraform.destroy()
    assert not list(notes.folder.iterdir())


def test_nested_attributes(notes):
    terraform = notes.write("""name = "a"
        lines = [{ text = "one" }, { text = "two", weight = 5 }]
        tabs  = { x = { text = "ex" } }""")
    plan = terraform.plan().change("wandb_note.this")
    assert plan["after_unknown"]["lines"] == [{"number": True}, {"number": True}]
    terraform.apply()
    assert notes.state()["lines"] == [
        {"text": "one", "weight": 1, "number": 1},
        {"text": "two", "weight": 5, "number": 2},
    ]
    assert notes.state()["tabs"] == {"x": {"text": "ex", "weight": 1, "number": 1}}
    assert terraform.plan().empty
    notes.write('name = "a"\nlines = [{ text = "zero" }, { text = "one" }, { text = "two" }]\ntabs = {}')
    terraform.apply()
    assert [line["weight"] for line in notes.state()["lines"]] == [1, 1, 1]
    assert terraform.plan().empty
    notes.write('name = "a"\nlines = []')
    terraform.apply()
    assert notes.state()["lines"] == [] and notes.state()["tabs"] is None
    assert terraform.plan().empty


def test_unknown_values_until_apply(notes):
    more = 'resource "terraform_data" "t" {}'
    terraform = notes.write(
        """name  = "a"
        text  = terraform_data.t.id
        free  = { id = terraform_data.t.id, list = [1, terraform_data.t.id] }
        lines = [{ text = terraform_data.t.id }]""",
        more,
    )
    terraform.apply()
    assert notes.state()["free"]["id"] == notes.state()["text"] == notes.state()["lines"][0]["text"]
    assert terraform.plan().empty


def test_drift_and_loss(notes):
    terraform = notes.write(f'name = "a"\nfree = {FREE}')
    terraform.apply()
    notes.change(text="changed elsewhere")
    plan = terraform.plan()
    assert plan.change("wandb_note.this")["before"]["text"] == "changed elsewhere"
    assert plan.changes == {"wandb_note.this": ["update"]}
    terraform.apply()
    assert notes.read()["text"] == "hello"
    (notes.folder / "a.json").unlink()
    assert terraform.plan().changes == {"wandb_note.this": ["create"]}
    terraform.apply()
    assert terraform.plan().empty


def test_a_changed_secret_is_written(notes):
    terraform = notes.write(f'name = "a"\nsecret_wo = "{planted("note")}"')
    terraform.apply()
    notes.write(f'name = "a"\nsecret_wo = "{planted("longer")}"')
    assert terraform.plan().changes == {"wandb_note.this": ["update"]}
    terraform.apply()
    assert notes.state()["secret_length"] == len(planted("longer"))
    assert terraform.plan().empty


def test_failed_create_is_tainted_and_replaced(notes):
    terraform = notes.write('name = "a"')
    result = terraform.apply(expect=(1,), env={"NOTE_FAIL": "the pen broke"})
    assert "Cannot create wandb_note: timed out" in result.stderr and "the pen broke" in result.stderr
    assert "wandb_note.this is tainted" in terraform.plan_text() or terraform.plan().changes["wandb_note.this"] == [
        "delete",
        "create",
    ]
    terraform.apply()
    assert terraform.plan().empty


def test_failed_update_keeps_what_was_written(notes):
    terraform = notes.write('name = "a"')
    terraform.apply()
    notes.write('name = "a"\ntext = "new"')
    assert "Cannot update wandb_note" in terraform.apply(expect=(1,), env={"NOTE_FAIL": "x"}).stderr
    assert notes.state()["text"] == "new" and notes.state()["revision"] == 2
    assert terraform.plan().empty


def test_interrupt_ends_the_work_and_keeps_the_state(notes_1_11):
    terraform = notes_1_11.write('name = "a"')
    process = subprocess.Popen(
        [str(terraform.executable), "apply", "-no-color", "-auto-approve"],
        cwd=terraform.directory,
        env={**terraform.environment, "NOTE_SLEEP": "60000"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    while not (notes_1_11.folder / "a.json").exists():
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert "Cannot create wandb_note: interrupted" in said
    assert notes_1_11.state()["revision"] == 1


def test_import_by_id_and_by_identity(notes):
    terraform = notes.write('name = "a"\nlines = [{ text = "one" }]')
    terraform.apply()
    terraform.run("state", "rm", "wandb_note.this")
    terraform.import_("wandb_note.this", "a")
    assert notes.state()["lines"][0]["number"] == 1
    assert terraform.plan().empty
    terraform.run("state", "rm", "wandb_note.this")
    if terraform.cli == "terraform-1.11":  # has no identities
        return
    notes.write(
        'name = "a"\nlines = [{ text = "one" }]',
        'import {\n  to       = wandb_note.this\n  identity = { name = "a" }\n}',
    )
    terraform.apply()
    assert terraform.plan().empty


def test_generated_configuration_is_short_and_plans_empty(notes):
    terraform = notes.write('name = "a"\ncolor = "yellow"\nlines = [{ text = "one" }]')
    terraform.apply()
    terraform.run("state", "rm", "wandb_note.this")
    main = (terraform.directory / "main.tf").read_text().split("resource ")[0]
    terraform.write(main + 'import {\n  to = wandb_note.this\n  id = "a"\n}')
    terraform.run("plan", "-no-color", "-generate-config-out=generated.tf")
    generated = (terraform.directory / "generated.tf").read_text()
    assert '"yellow"' in generated and '"one"' in generated
    if terraform.cli == "terraform-1.15":  # the others do not ask the provider
        assert '"hello"' not in generated and "weight" not in generated.replace("weight = null", "").replace(
            "weight  = null", ""
        )
    terraform.apply()
    assert terraform.plan().empty


def test_move_from_another_provider(notes):
    terraform = notes.write('name = "z"', 'resource "terraform_data" "old" {\n  input = "a"\n}')
    terraform.apply()
    (notes.folder / "a.json").write_text(
        (notes.folder / "z.json").read_text().replace('"z"', '"a"').replace("id-z", "id-a")
    )
    notes.write(
        'name = "z"',
        (
            'resource "wandb_note" "new" {\n  name = "a"\n}\nmoved {\n  from = terraform_data.old\n'
            "  to   = wandb_note.new\n}"
        ),
    )
    assert terraform.plan().code == 0 or not terraform.plan().changes
    terraform.apply()
    assert terraform.resources()["wandb_note.new"]["id"] == "id-a"
    assert terraform.plan().empty


def test_data_source(notes):
    terraform = notes.write(
        'name = "a"',
        """
      data "wandb_note" "this" {
        name = wandb_note.this.name
      }
      output "text" { value = data.wandb_note.this.text }
    """,
    )
    terraform.apply()
    assert terraform.outputs() == {"text": "hello"}
    notes.write('name = "a"', 'data "wandb_note" "this" {\n  name = "absent"\n}')
    result = terraform.plan(expect=(1,))
    assert "There is no note" in result.text


def test_warning_points_at_the_attribute(notes_1_11):
    terraform = notes_1_11.write('name = "a"\ntext = "t"')
    (warning,) = terraform.plan(env={"NOTE_WARN": "mind this"}).warnings
    assert warning["detail"] == "mind this" and warning["snippet"]["code"].strip().startswith("text")


@pytest.mark.parametrize(
    "body, text",
    [
        ('name = "A"', 'found "A"'),
        ('name = "a"\ncolor = "red"', 'must be one of "white", "yellow"; found "red"'),
        ('name = "a"\nlines = [{ text = "x" }, { text = "" }]', "lines[1].text must not be empty"),
        ('name = "a"\ntabs = { "a b" = { text = "" } }', 'tabs["a b"].text must not be empty'),
    ],
)
def test_bad_input(notes_1_11, body, text):
    validation = notes_1_11.write(body).validate()
    (error,) = [each for each in validation["diagnostics"] if each["severity"] == "error"]
    assert text in error["detail"]
    assert not list(notes_1_11.folder.iterdir())


def test_a_breach_of_the_plan_is_logged_before_terraform_says_so(notes_1_11):
    terraform = notes_1_11.write('name = "a"')
    result, log = terraform.traced(
        lambda **options: terraform.apply(expect=(1,), **{**options, "env": {**options["env"], "NOTE_BREAK": "1"}})
    )
    assert "inconsistent result after apply" in result.stderr
    assert "inconsistent apply of wandb_note: text: the value after apply is not the planned one" in log
