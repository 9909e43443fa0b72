# SPDX-License-Identifier: Apache-2.0
"""The documentation is what a registry shows, and its examples are right for the executable of the release."""

import json
import re

import layout
import pytest
import tools
from conftest import NEW, ROOT, execute

PAGES = sorted(path for path in (ROOT / "docs").rglob("*.md") if path.name != "ARCHITECTURE.md")


@pytest.fixture
def installed(make_cli, releases):
    cli = make_cli("terraform-1.11")
    cli.configure()
    cli.installation(f'  filesystem_mirror {{\n    path = "{releases[NEW].filesystem}"\n  }}')
    cli.run("init")
    return cli


def test_the_registrys_own_check(installed, tmp_path):
    """tfplugindocs validate: files, names, front matter and every resource, data source and function of the schema."""
    schema = execute(
        [installed.executable, "providers", "schema", "-json"], env=installed.environment, cwd=installed.folder
    ).stdout
    # it knows hashicorp's providers by their short name, and others not at all
    (tmp_path / "schema.json").write_text(schema.replace(f"{layout.HOSTS[0]}/{layout.ADDRESS}", "wandb"))
    execute(
        [
            tools.get("tfplugindocs"),
            "validate",
            "--provider-dir",
            ROOT,
            "--provider-name",
            "wandb",
            "--providers-schema",
            tmp_path / "schema.json",
        ],
        env=installed.environment,
    )


def test_every_part_of_the_schema_has_its_page(installed):
    schema = json.loads(
        execute(
            [installed.executable, "providers", "schema", "-json"], env=installed.environment, cwd=installed.folder
        ).stdout
    )
    schema = schema["provider_schemas"][f"{layout.HOSTS[0]}/{layout.ADDRESS}"]
    wanted = (
        {"index.md"}
        | {f"resources/{name[6:]}.md" for name in schema["resource_schemas"]}
        | {f"data-sources/{name[6:]}.md" for name in schema["data_source_schemas"]}
    )
    wanted |= {f"functions/{name}.md" for name in schema.get("functions", {})}
    found = {str(page.relative_to(ROOT / "docs")) for page in PAGES}
    assert {name for name in found if not name.startswith("guides/")} == wanted


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_as_a_registry_takes_it(page):
    text = page.read_text()
    front = re.match(r"---\n(.*?)\n---\n", text, re.S)
    assert front and re.search(r"^page_title: \S", front[1], re.M) and re.search(r"^description: ?\S", front[1], re.M)
    assert len(text) < 500_000


EXAMPLES = [
    (page, number, text)
    for page in PAGES
    for number, text in enumerate(re.findall(r"^```terraform\n(.*?)^```", page.read_text(), re.M | re.S))
]


@pytest.mark.parametrize(
    "page, number, text",
    EXAMPLES,
    ids=lambda value: getattr(value, "name", str(value) if isinstance(value, int) else ""),
)
def test_an_example_is_valid(page, number, text, make_cli, releases):
    """As it stands on the page, with what it refers to declared."""
    cli = make_cli("terraform-1.11")
    cli.installation(f'  filesystem_mirror {{\n    path = "{releases[NEW].filesystem}"\n  }}')
    if "required_providers" not in text:
        text = 'terraform {\n  required_providers {\n    wandb = { source = "wandb/wandb" }\n  }\n}\n' + text
    for name in sorted(set(re.findall(r"\bvar\.(\w+)", text)) - set(re.findall(r'variable "(\w+)"', text))):
        text += f'\nvariable "{name}" {{}}\n'
    # what belongs to other providers, and to modules that the page does not show: a value of any type stands for it
    rest = r"\.\w+(\[\d+\])?(\.\w+(\[\d+\])?)*"
    text = re.sub(r"\b(data\.)?(aws|google|azurerm|helm|kubernetes|random)_\w+" + rest, "var.elsewhere", text)
    if not re.search(r'^module "', text, re.M):
        text = re.sub(r"\bmodule" + rest, "var.elsewhere", text)
    if "var.elsewhere" in text:
        text += '\nvariable "elsewhere" {}\n'
    for kind, name in sorted(
        set(re.findall(r"\b(wandb_\w+)\.(\w+)", text)) - set(re.findall(r'"(wandb_\w+)" "(\w+)"', text))
    ):
        text += f'\nresource "{kind}" "{name}" {{}}\n'
    (cli.folder / "main.tf").write_text(text)
    cli.run("init")
    cli.run("validate")
