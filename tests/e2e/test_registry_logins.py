# SPDX-License-Identifier: Apache-2.0
"""A registry's login belongs to the registry: no link, redirect or challenge carries it to another address."""

import json

import pytest

import hostile
from leaks import planted

PASSWORD = f'username = "me", password = "{planted("password")}"'

# name: (the registry, by password or refresh token, version or None, what the error says)
CASES = {
    "link": (hostile.links, "password", None, "goes on at another address"),
    "redirect": (hostile.redirects, "password", "1.0.0", "the registry"),
    "redirect with a refresh token": (hostile.redirects, "refresh", "1.0.0", "the registry"),
    "redirected token request": (
        hostile.redirects_tokens,
        "password",
        "1.0.0",
        "the registry does not accept the login",
    ),
    "redirected token request with a refresh token": (
        hostile.redirects_tokens,
        "refresh",
        "1.0.0",
        "the login was not sent there",
    ),
}


def docker_config(path, host):
    path.write_text(json.dumps({"auths": {host: {"identitytoken": planted("refresh")}}}))
    return path


def template(terraform, url, block, version):
    chart = url.replace("http://", "oci://") + "/charts/app"
    line = f'version = "{version}"' if version else ""
    terraform.write(
        terraform.header(block) + f'data "wandb_chart_template" "this" {{\n chart = "{chart}"\n {line}\n}}\n'
    )
    return " ".join(terraform.run("plan", "-no-color", expect=(1,)).stderr.replace("│", " ").split())


@pytest.mark.parametrize("name", CASES)
def test_the_login_stays_where_it_belongs(make_terraform, tmp_path, name):
    registry, login, version, words = CASES[name]
    with hostile.Hostile(hostile.collects) as elsewhere, hostile.Hostile(registry(elsewhere.url)) as server:
        host = server.url.removeprefix("http://")
        block = (
            f'registries = [{{ url = "oci://{host}", {PASSWORD} }}]'
            if login == "password"
            else f'registry_config_path = "{docker_config(tmp_path / "config.json", host)}"'
        )
        text = template(make_terraform(), server.url, block, version)
        assert words in text, text
        assert server.seen
        for method, path, authorization, body in elsewhere.seen:
            assert authorization is None and planted(login) not in path + body, (method, path)


@pytest.mark.parametrize("repository", ["http://charts.invalid", "oci://charts.invalid"])
def test_no_login_over_plain_http(make_terraform, repository):
    terraform = make_terraform()
    terraform.write(
        terraform.header()
        + f'''data "wandb_chart_template" "this" {{
  chart               = "app"
  repository          = "{repository}"
  repository_username = "me"
  repository_password = "{planted("password")}"
}}
'''
    )
    text = " ".join(terraform.run("plan", "-no-color", expect=(1,)).stderr.replace("│", " ").split())
    plain = "a login is not sent over plain http" in text
    assert plain == repository.startswith("http:"), text
