# SPDX-License-Identifier: Apache-2.0
"""wandb_legacy_deployment: objects from before the operator on a real API server,
and the proof of what it makes of them: the chart, rendered with the result, gives its pods the environment that the old
pod has."""

import base64
import json
import os
import pathlib
import re

import pytest
import yaml

from commands import Tool, clean_environment
from leaks import planted
from old_module import LICENSE, MYSQL, module
from terraform import diagnostics
from tools import ROOT

HERE = pathlib.Path(__file__).parent / "legacy"
CHART = pathlib.Path(os.environ.get("WANDB_CHART", HERE / "chart"))
OTHER = planted("legacy-other")

# What may differ between the old pod and the new ones, and why.
ALLOWED = {
    "LOCAL_RESTORE": "a switch for one repair of the old server",
    "WEAVE_SERVICE": "weave and parquet are charts below",
    "WEAVE_ENABLED": "likewise",
    "PARQUET_ENABLED": "likewise",
    "PARQUET_HOST": "likewise",
    "WANDB_HELM_CHART": "names the old chart",
    "DB": "the parts of MYSQL",
    "DB_HOST": "likewise",
    "DB_USER": "likewise",
    "DB_PASSWORD": "likewise",
    "OIDC_CLIENT_SECRET": "the chart calls it OIDC_SECRET",
}
ALLOWED_IN = {
    "oldchart": {
        "AWS_REGION": "the old chart put the namespace there",
        "REDIS": "one of the new chart instead of one in the pod",
        "GORILLA_CORS_ORIGINS": "the new chart adds the server itself where single sign-on is on",
    }
}
# What is compared in another form than it stands in.
FORMS = {
    "MYSQL": lambda text: re.sub(r"(@[^/:]+)(?=/)", r"\1:3306", text.split("?")[0]).replace("+", "%2B"),
    "REDIS": lambda text: redis_form(text),
}
# Without a value both are the same to the server.
EMPTY = {
    "AUTH0_DOMAIN",
    "AUTH0_CLIENT_ID",
    "OIDC_CLIENT_ID",
    "OIDC_ISSUER",
    "OIDC_SECRET",
    "OIDC_AUTH_METHOD",
    "REDIS",
    "GORILLA_CUSTOM_METRICS_PROVIDER",
}


def redis_form(text):
    address, _, query = text.partition("?")
    parameters = dict(pair.split("=", 1) for pair in query.split("&") if pair)
    parameters.setdefault("ttlInSeconds", "604800")  # the chart adds it
    if "caCertPath" in parameters:
        parameters["caCertPath"] = "mounted"
    return address, tuple(sorted(parameters.items()))


# ---- what a container gets, by the kubelet's rules ---------------------------------------------------


def data_of(objects, kind, name):
    found = next((each for each in objects if each["kind"] == kind and each["metadata"]["name"] == name), {})
    data = found.get("data") or {}
    return {key: base64.b64decode(text or "").decode() for key, text in data.items()} if kind == "Secret" else data


def expand(text, known):
    return re.sub(r"\$(\$|\(([^)]*)\))", lambda match: "$" if match[1] == "$" else known.get(match[2], match[0]), text)


def environment(objects, container):
    result = {}
    for source in container.get("envFrom") or []:
        kind = "Secret" if "secretRef" in source else "ConfigMap"
        result.update(data_of(objects, kind, source["secretRef" if kind == "Secret" else "configMapRef"]["name"]))
    for item in container.get("env") or []:
        origin = item.get("valueFrom") or {}
        kinds = {"secretKeyRef": "Secret", "configMapKeyRef": "ConfigMap"}
        ref = next((key for key in kinds if key in origin), None)
        if ref:
            data = data_of(objects, kinds[ref], origin[ref]["name"])
            if origin[ref]["key"] in data:
                result[item["name"]] = data[origin[ref]["key"]]
            else:
                assert origin[ref].get("optional"), item
        elif origin:
            result[item["name"]] = json.dumps(origin)
        else:
            result[item["name"]] = expand(item.get("value") or "", result)
    return result


def differences(old, new):
    """The variables of the old pod that the new one has otherwise."""
    form = {name: FORMS.get(name, lambda text: text) for name in old}
    return {
        name: (text, new.get(name))
        for name, text in old.items()
        if name not in ALLOWED
        and not (name in EMPTY and text in ("", "implicit", "noop://", None) and not new.get(name))
        and (name not in new or form[name](text) != form[name](new[name]))
    }


# ---- old worlds ------------------------------------------------------------------------------------


def old_chart(namespace, name="wandb-old"):
    """What the Helm chart wandb 0.3 makes: parts that make MYSQL, a bucket from a Secret, certificates of its own."""
    secret = f"{name}-secrets"
    ref = {
        key: {"valueFrom": {"secretKeyRef": {"name": secret, "key": of}}}
        for key, of in {
            "DB_PASSWORD": "MYSQL_PASSWORD",
            "LICENSE": "LICENSE",
            "OIDC_CLIENT_SECRET": "CLIENT_SECRET",
            "BUCKET": "BUCKET",
            "GORILLA_EMAIL_SINK": "SMTP_SERVER",
            "LOCAL_LDAP_BIND_PW": "LOCAL_LDAP_BIND_PW",
        }.items()
    }
    plain = {"DB_USER": "wandb", "DB": "wandb_local", "DB_HOST": "db.example.com"}
    env = {
        "DB_PASSWORD": ref.pop("DB_PASSWORD"),
        **plain,
        **ref,
        "OIDC_ISSUER": "https://sso.example.com",
        "OIDC_AUTH_METHOD": "pkce",
        "OIDC_CLIENT_ID": "client",
        "GORILLA_DISABLE_SSO_PROVISIONING": "false",
        "WANDB_HELM_CHART": f"{name}:0.3.9",
        "GORILLA_CORS_ORIGINS": "https://a.example.com,https://b.example.com",
        "AWS_REGION": namespace,
        "AWS_S3_KMS_ID": "",
        "BUCKET_QUEUE": "internal://",
        "MYSQL": "mysql://$(DB_USER):$(DB_PASSWORD)@$(DB_HOST)/$(DB)",
        "HOST": "https://wandb.example.com",
        "REDIS": "redis://127.0.0.1:6379",
        "LOCAL_LDAP_LOGIN": "true",
    }
    labels = {"app.kubernetes.io/name": "wandb", "app.kubernetes.io/instance": name}
    container = {
        "name": "wandb",
        "image": "wandb/local:0.48.0",
        "env": [{"name": key, **(text if isinstance(text, dict) else {"value": text})} for key, text in env.items()],
        "resources": {"requests": {"cpu": "1000m", "memory": "2Gi"}},
    }
    texts = {
        "MYSQL_PASSWORD": MYSQL,
        "LICENSE": LICENSE,
        "CLIENT_SECRET": OTHER,
        "BUCKET": f"s3://ak:{OTHER}@minio.example.com:9000/bucket?tls=true",
        "SMTP_SERVER": f"smtp://user:{OTHER}@mail.example.com:587",
        "LOCAL_LDAP_BIND_PW": OTHER,
    }
    meta = {"namespace": namespace, "labels": labels}
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name, **meta},
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {
                        "containers": [container],
                        "volumes": [
                            {"name": "wandb-data", "emptyDir": {}},
                            {"name": "wandb-ca-certs", "configMap": {"name": f"{name}-ca-certs"}},
                        ],
                    },
                },
            },
        },
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": f"{name}-ca-certs", **meta},
            "data": {"customCA0.crt": "CERT 0", "customCA1.crt": "CERT 1"},
        },
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": secret, **meta},
            "data": {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()},
        },
    ]


TRICKY = {
    "T_TPL": "a {{ .Values }} b",
    "T_DOLLAR": "a $$(HOST) b $$ c $d",
    "T_HOST": "at $(HOST)",
    "T_NONE": "$(NOBODY)",
    "T_QUOTES": "\"x\" \\ 'y'\nz",
    "T_EMPTY": "",
    "GORILLA_TASK_CONFIG_PATH": "/mine.yaml",
    "T_FIELD": {"valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}},
}
WORLDS = {
    "aws": lambda namespace: module(namespace, "aws"),
    "google": lambda namespace: module(
        namespace,
        "google",
        {
            "BUCKET": "gs://bucket/some/path",
            "BUCKET_QUEUE": "pubsub:/projects/p/topics/t",
            "AWS_REGION": None,
            "AWS_S3_KMS_ID": None,
            "REDIS": f"redis://:{OTHER}@10.0.0.4:6378?tls=true&ttlInSeconds=604800&caCertPath=/etc/ssl/certs/server_ca.pem",
            "GORILLA_CUSTOM_METRICS_PROVIDER": "stackdriver://p",
        },
        {"MYSQL": f"mysql://wandb:{MYSQL}@10.0.0.3/wandb_local"},
        {"server_ca.pem": "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n"},
    ),
    "azure": lambda namespace: module(
        namespace,
        "azure",
        {
            "BUCKET": "az://account/container/deep",
            "BUCKET_QUEUE": "az://account/queue",
            "AZURE_STORAGE_ACCOUNT": "account",
            "AWS_REGION": None,
            "REDIS": f"redis://:{OTHER}@redis.example.com:6380?tls=true",
            "OIDC_CLIENT_ID": "client-id",
            "OIDC_ISSUER": "https://sso.example.com",
        },
        {
            "AZURE_STORAGE_KEY": OTHER,
            "OIDC_SECRET": OTHER,
            "MYSQL": f"mysql://wandb@server:{MYSQL}%2B@mysql.example.com:3307/wandb_local?tls=true".replace(
                "wandb@server", "wandb%40server"
            ),
        },
    ),
    "s3": lambda namespace: module(
        namespace,
        "s3",
        {
            "BUCKET": f"s3://AKIA%2F1:{OTHER}%2B@minio.example.com:9000/bucket/path?region=us-east-1&tls=true",
            "REDIS": None,
            "AUTH0_DOMAIN": "d.auth0.com",
            "AUTH0_CLIENT_ID": "c",
            **TRICKY,
        },
        {"MY_SECRET": OTHER + "{{ x }}", "MYSQL": f"mysql://wandb:{MYSQL}+plus@db/wandb_local"},
    ),
    "oldchart": old_chart,
}


@pytest.fixture
def chart_template(provider, tmp_path):
    build = pathlib.Path(os.environ.get("BUILD_DIR") or provider.parent)
    return Tool(build / "chart-template", clean_environment(HOME=tmp_path / "home"))


def read(terraform, namespace, *names):
    """The data source's answers by name; its results are in the state by design, and these tests print them."""
    terraform.leaks.allow(
        "^(state|stdout of output)", "a data source's results are in the state, and these tests print them"
    )
    terraform.leaks.allow(
        "^object (Deployment|Pod) ",
        "before the operator the license was a variable of the container, and addresses with passwords may be",
    )
    terraform.write(
        terraform.header()
        + f'''data "wandb_legacy_deployment" "old" {{
  for_each  = toset({json.dumps(names)})
  name      = each.key
  namespace = "{namespace}"
}}
output "old" {{
  value     = data.wandb_legacy_deployment.old
  sensitive = true
}}
'''
    )
    terraform.apply()
    return terraform.outputs()["old"]


def merged(low, high):
    return {
        **low,
        **{key: merged(low.get(key, {}), value) if isinstance(value, dict) else value for key, value in high.items()},
    }


def test_the_new_pods_get_what_the_old_one_has(terraform, kubectl, namespace, chart_template, tmp_path):
    worlds = {name: make(namespace) for name, make in WORLDS.items()}
    names = {world: objects[0]["metadata"]["name"] for world, objects in worlds.items()}
    kubectl.apply([each for objects in worlds.values() for each in objects])
    answers = read(terraform, namespace, *names.values())
    for world, objects in worlds.items():
        answer = answers[names[world]]
        assert "pl4nted" not in json.dumps(answer["values"]), (world, answer["values"])
        values = tmp_path / f"{world}.json"
        values.write_text(json.dumps(merged(answer["values"], answer["secret_values"])))
        rendered = [each for each in yaml.safe_load_all(chart_template("wandb", CHART, "-f", values)) if each]
        deployments = {each["metadata"]["name"]: each for each in rendered if each["kind"] == "Deployment"}
        app = next(each for name, each in deployments.items() if re.fullmatch(r"wandb-app(-bc)?", name))
        old = environment(objects, objects[0]["spec"]["template"]["spec"]["containers"][0])
        new = environment(rendered, app["spec"]["template"]["spec"]["containers"][0])
        assert set(differences(old, new)) == set(ALLOWED_IN.get(world, {})), (world, differences(old, new))
        assert answer["ready_to_migrate"] is True, (world, answer["unmapped"])
        # the other containers get what is said for all of them
        other = environment(
            rendered,
            next(each for name, each in deployments.items() if name.startswith("wandb-parquet"))["spec"]["template"][
                "spec"
            ]["containers"][0],
        )
        extra = answer["values"]["global"].get("extraEnv", {})
        assert {name: other[name] for name in extra if name in old} == {
            name: new[name] for name in extra if name in old
        }, world


def test_recorded_objects(any_terraform, kubectl, namespace):
    """What the module made, to the letter."""
    kubectl.apply(module(namespace))
    answer = read(any_terraform, namespace, "wandb")["wandb"]
    assert answer["values"] == {
        "global": {
            "bucket": {
                "provider": "s3",
                "name": "operator-upgrade-file-storage",
                "region": "us-west-2",
                "kmsKey": "arn:aws:kms:us-west-2:1:key/2",
            },
            "extraEnv": {
                "GORILLA_CUSTOMER_SECRET_STORE_SOURCE": "aws-secretmanager://operator-upgrade?namespace=operator-upgrade"
            },
            "host": "https://operator-upgrade.sandbox-aws.wandb.ml",
            "mysql": {"host": "aurora.cluster.local", "port": 3306, "user": "wandb", "database": "wandb_local"},
            "redis": {"host": "master.redis.local", "port": 6379, "params": {"tls": "true"}},
        },
        "mysql": {"install": False},
        "redis": {"install": False},
    }
    assert answer["secret_values"] == {"global": {"license": LICENSE, "mysql": {"password": MYSQL}}}
    assert answer["unmapped"] == [] and answer["ready_to_migrate"] is True
    assert answer["image"] == "wandb/local:0.51.2" and any("release channel" in note for note in answer["notes"])


def test_the_example_of_the_page(terraform, kubectl, namespace):
    kubectl.apply(module(namespace, env={"LOCAL_RESTORE": "true"}))
    terraform.leaks.allow(
        "^(state|object (Deployment|Pod) )",
        "a data source's results are in the state; the license was a variable of the container",
    )
    page = (ROOT / "docs" / "data-sources" / "legacy_deployment.md").read_text()
    example = page.split("```terraform\n")[1].split("```")[0]
    terraform.write(terraform.header() + example.replace('"old" {}', f'"old" {{ namespace = "{namespace}" }}'))
    text = terraform.apply().stdout
    assert "Check block assertion failed" in text and "LOCAL_RESTORE" in text
    outputs = terraform.outputs()
    assert (
        outputs["values"]["global"]["host"] == "https://operator-upgrade.sandbox-aws.wandb.ml"
        and outputs["unmapped"][0]["what"] == "LOCAL_RESTORE"
    )


def test_what_blocks_is_said(terraform, kubectl, namespace):
    objects = module(
        namespace, "cloudsql", {"LOCAL_RESTORE": "true"}, {"MYSQL": f"cloudsql://wandb:{MYSQL}@p:r:i/wandb_local"}
    )
    objects += module(
        namespace,
        "parts",
        {
            "BUCKET": "file:///vol",
            "REDIS": "rediss://h:1/3",
            "GONE": {"valueFrom": {"secretKeyRef": {"name": "nobody", "key": "k"}}},
        },
        {"MYSQL": f"mysql://wandb:{MYSQL}@db/wandb_local?tls=false"},
    )
    kubectl.apply(objects)
    answers = read(terraform, namespace, "cloudsql", "parts")
    found = {name: {each["what"]: each["blocks"] for each in answer["unmapped"]} for name, answer in answers.items()}
    assert found == {
        "cloudsql": {"MYSQL": True, "LOCAL_RESTORE": True},
        "parts": {"BUCKET": True, "the parameters of MYSQL": False, "REDIS": True, "GONE": True},
    }
    assert not any(answer["ready_to_migrate"] for answer in answers.values())
    assert all(each["why"] and each["todo"] for answer in answers.values() for each in answer["unmapped"])
    assert "nobody" in next(each["why"] for each in answers["parts"]["unmapped"] if each["what"] == "GONE")


def test_what_is_not_there_is_an_error(terraform, kubectl, namespace):
    terraform.write(terraform.header() + f'data "wandb_legacy_deployment" "old" {{ namespace = "{namespace}" }}\n')
    assert f"there is no Deployment/{namespace}/wandb" in diagnostics(terraform.apply_json(expect=(1,)))[0]["detail"]
