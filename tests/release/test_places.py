# SPDX-License-Identifier: Apache-2.0
"""The executables run where people run terraform:
roots without a C library, with a foreign one, without /tmp or HOME, with hostile settings."""

import os
import pathlib
import signal
import subprocess

import layout
import pytest
import tools
from conftest import CHART, CONFIGURATION, NEW, execute
from places import Place

COOKIE = {
    "TF_PLUGIN_MAGIC_COOKIE": "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
    "PLUGIN_PROTOCOL_VERSIONS": "5,6",
}
CHARTS = "charts.wandb.test"
ASK = ("/chart-template", "x", "app", "--repo", f"https://{CHARTS}")
RESOLVER = "nameserver 127.0.0.1\noptions timeout:1 attempts:2\n"
HOSTILE = (
    "openssl_conf = a\n[a]\nproviders = p\nalg_section = g\n[p]\nlegacy = l\nnone = n\n[l]\nactivate = 1\n"
    "module = /no/such.so\n[n]\nactivate = 1\n[g]\ndefault_properties = fips=yes\n"
)


@pytest.fixture
def empty(tmp_path, executable):
    """Nothing but the two executables."""
    place = Place(tmp_path / "root")
    return place.put(f"/{layout.NAME}", executable).put("/chart-template", executable.with_name("chart-template"))


@pytest.fixture
def client_certificate(tmp_path):
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-521",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/O=HashiCorp/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
        "-keyout",
        tmp_path / "client.key",
        "-out",
        tmp_path / "client.pem",
    ]
    subprocess.run(command, check=True, capture_output=True)
    return (tmp_path / "client.pem").read_text()


@pytest.fixture
def handshake(client_certificate):
    """Starts the provider in a place as terraform does;
    returns the fields of its line, once it is known to end well."""

    def start(place, before=":", **env):
        command = ["unshare", "--mount", "sh", "-c", f'{before} && exec chroot "$ROOT" "/{layout.NAME}"']
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "ROOT": str(place.folder),
            "PLUGIN_CLIENT_CERT": client_certificate,
            **COOKIE,
            **env,
        }
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
        assert line.count("|") == 5, f"no handshake line but {line!r}, ended with {process.returncode}: {errors}"
        return line.split("|")

    return start


# ---- roots ---------------------------------------------------------------------------------------


def test_an_empty_root(empty, handshake):
    assert empty.run(f"/{layout.NAME}", "--version").stdout.startswith(f"terraform-provider-wandb v{NEW}")
    fields = handshake(empty)
    assert fields[:2] == ["1", "6"] and fields[2] in ("unix", "tcp")


def with_tofu(place, releases):
    """Only OpenTofu, a mirror and a configuration."""
    place.put("/bin/tofu", tools.get("tofu")).put("/mirror", releases[NEW].filesystem).put("/chart", CHART).folders(
        "/tmp", mode=0o1777
    )
    place.put("/project/main.tf", CONFIGURATION % {"version": NEW, "chart": "/chart"})
    place.put("/tofurc", 'provider_installation {\n  filesystem_mirror {\n    path = "/mirror"\n  }\n}\n')
    return {"TF_CLI_CONFIG_FILE": "/tofurc", "TF_INPUT": "0", "TF_IN_AUTOMATION": "1"}


def initialised(place, env, **options):
    for words in (["init"], ["validate"]):
        place.run("/bin/tofu", "-chdir=/project", *words, "-no-color", env=env, **options)
    return place.run("/bin/tofu", "-chdir=/project", "plan", "-no-color", env=env, **options).stdout


def test_a_root_with_opentofu_alone(tmp_path, releases):
    place = Place(tmp_path / "root").devices()
    assert "images" in initialised(place, with_tofu(place, releases))


def test_a_root_as_alpine_lays_it_out(tmp_path, releases):
    """busybox, musl's loader where it is (a file that is none), no glibc; started from its shell."""
    place = (
        Place(tmp_path / "root").devices().put("/bin/busybox", pathlib.Path("/bin/busybox")).link("/bin/sh", "busybox")
    )
    place.put("/lib/ld-musl-x86_64.so.1", "not a loader", 0o755).put("/etc/alpine-release", "3.22.1\n").put(
        "/etc/os-release", "ID=alpine\n"
    )
    place.put("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n").folders("/root")
    env = with_tofu(place, releases)
    said = place.run(
        "/bin/sh",
        "-c",
        "cd /project && tofu init -no-color && tofu validate -no-color && tofu plan -no-color",
        env=env | {"HOME": "/root", "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
    ).stdout
    assert "images" in said


EXEC = """
provider "wandb" {
  kubernetes = {
    host = "https://127.0.0.1:1"
    exec = { api_version = "client.authentication.k8s.io/v1", command = "/bin/plugin" }
  }
}
resource "wandb_instance" "this" {
  name = "wandb"
  spec = {}
}
"""


def test_a_credential_plugin_without_dev_null(tmp_path, releases):
    """What is missing is /dev/null, and not the plugin."""
    place = Place(tmp_path / "root").devices("urandom").put("/bin/plugin", pathlib.Path("/bin/busybox"))
    env = with_tofu(place, releases)
    place.at("/project/main.tf").write_text(CONFIGURATION.split("data ")[0] % {"version": NEW} + EXEC)
    said = " ".join(initialised(place, env).split())
    assert 'cannot run "/bin/plugin": its input, /dev/null, cannot be opened: No such file or directory' in said, said


# ---- what is set on the machine ------------------------------------------------------------------


@pytest.mark.parametrize("how", ["/usr/lib/ssl/openssl.cnf", "/etc/ssl/openssl.cnf", "OPENSSL_CONF"])
def test_a_hostile_openssl_cnf(how, empty, handshake):
    path = "/hostile.cnf" if how == "OPENSSL_CONF" else how
    env = {"OPENSSL_CONF": path, "OPENSSL_MODULES": "/"} if how == "OPENSSL_CONF" else {}
    empty.put(path, HOSTILE)
    handshake(empty, **env)
    empty.put("/chart/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n")
    empty.put(
        "/chart/templates/c.yaml",
        (
            '{{ $c := genSelfSignedCert "a" nil nil 1 }}a: {{ $c.Cert | quote }}\nb: {{ "x" | sha256sum }}\n'
            'c: {{ derivePassword 1 "long" "p" "u" "s" }}\n'
        ),
    )
    said = empty.run("/chart-template", "x", "/chart", env=env).stdout
    assert "BEGIN CERTIFICATE" in said and "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" in said


@pytest.mark.parametrize(
    "before",
    [
        "mkdir -p $ROOT/tmp && mount -t tmpfs -o ro none $ROOT/tmp",
        ":",
        (
            "mkdir -p $ROOT/tmp && mount -t tmpfs -o size=4k none $ROOT/tmp && "
            "(head -c 9999 /dev/zero > $ROOT/tmp/full || true) 2>/dev/null"
        ),
    ],
    ids=["read-only", "missing", "full"],
)
def test_tmp(before, empty, handshake):
    handshake(empty, before=before)


def test_64_file_descriptors(empty, handshake):
    handshake(empty, before="ulimit -n 64")


def test_512_mebibytes_of_address_space(tmp_path, empty, handshake):
    handshake(empty, before="ulimit -v 524288")
    empty.put("/chart", CHART)
    assert empty.run("/chart-template", "x", "/chart", before="ulimit -v 524288").stdout.startswith("---\n")


def test_no_home(tmp_path, releases):
    place = Place(tmp_path / "root").devices()
    env = with_tofu(place, releases)
    assert "HOME" not in env
    assert "images" in initialised(place, env)


@pytest.mark.parametrize(
    "line",
    [
        "files dns myhostname",
        "files myhostname resolve [!UNAVAIL=return] dns",
        "files mdns4_minimal [NOTFOUND=return] dns",
    ],
    ids=["RHEL", "Fedora", "Ubuntu"],
)
def test_name_services_of_other_systems(line, empty, certificates):
    """The modules that the line names are there and of another C library: whoever loads one crashes."""
    empty.put("/etc/nsswitch.conf", f"passwd: files systemd\nhosts: {line}\n").put("/etc/resolv.conf", RESOLVER).put(
        "/etc/ssl/cert.pem", certificates[0]
    )
    for name in ("myhostname", "resolve", "mdns4_minimal", "files", "dns"):
        for folder in ("/lib64", "/lib/x86_64-linux-gnu", "/usr/lib64"):
            empty.put(f"{folder}/libnss_{name}.so.2", "\x7fELF and no more")
    assert served(empty.online(*ASK, zone=[f"{CHARTS} A 127.0.0.1"], certificate=certificates, expect=(1,)))
    missing = empty.online(*ASK, certificate=certificates, expect=(1,)).said
    assert "Could not resolve host" in missing or "not be found" in missing, missing


# ---- certificates --------------------------------------------------------------------------------


def served(result):
    return "served /index.yaml to" in result.stderr


def hashed(place, folder, ca):
    """As c_rehash leaves a folder: files by the hash of their subject alone."""
    name = subprocess.run(
        ["openssl", "x509", "-noout", "-subject_hash", "-in", ca], check=True, capture_output=True, text=True
    ).stdout.strip()
    place.put(f"{folder}/{name}.0", ca)


BUNDLES = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
]


@pytest.fixture
def asks(empty, certificates):
    """Asks the repository over https; says whether its certificate was trusted."""
    empty.put("/etc/hosts", f"127.0.0.1 {CHARTS}\n")

    def ask(**env):
        result = empty.online(*ASK, certificate=certificates, env=env, expect=(1,))
        assert served(result) or "certificate" in result.said, result.said
        return served(result)

    return ask


def test_no_certificates(asks, empty):
    assert not asks()


@pytest.mark.parametrize("path", BUNDLES)
def test_bundles(path, asks, empty, certificates):
    empty.put(path, certificates[0])
    assert asks()


@pytest.mark.parametrize("folder", ["/etc/ssl/certs", "/etc/pki/tls/certs"])
def test_hashed_folders_alone(folder, asks, empty, certificates):
    hashed(empty, folder, certificates[0])
    assert asks()


def test_ssl_cert_file(asks, empty, certificates):
    empty.put("/own/ca.pem", certificates[0])
    assert asks(SSL_CERT_FILE="/own/ca.pem")


def test_ssl_cert_dir(asks, empty, certificates):
    empty.put("/own/ca.pem", certificates[0]).folders("/other")
    assert asks(SSL_CERT_DIR="/other:/own") and not asks(SSL_CERT_DIR="/other")


def test_ssl_cert_dir_hashed(asks, empty, certificates):
    hashed(empty, "/own", certificates[0])
    assert asks(SSL_CERT_DIR="/own")


# ---- names ---------------------------------------------------------------------------------------

NAMES = {
    "A": (CHARTS, [f"{CHARTS} A 127.0.0.1"], ""),
    "AAAA": (CHARTS, [f"{CHARTS} AAAA ::1"], ""),
    "CNAME": (CHARTS, [f"{CHARTS} CNAME elsewhere.wandb.test", "elsewhere.wandb.test A 127.0.0.1"], ""),
    "a truncated answer": ("big.wandb.test", ["big.wandb.test A 127.0.0.1"], ""),
    "a search domain": ("charts", [f"{CHARTS} A 127.0.0.1"], "search wandb.test\n"),
    "localhost": ("localhost", [], ""),
    "a number": ("127.0.0.1", [], ""),
}


@pytest.mark.parametrize("what", NAMES)
def test_names(what, empty, certificates):
    name, zone, more = NAMES[what]
    empty.put("/etc/resolv.conf", more + RESOLVER).put("/own.pem", certificates[0])
    result = empty.online(
        *ASK[:-1],
        f"https://{name}",
        zone=zone,
        certificate=certificates,
        env={"SSL_CERT_FILE": "/own.pem"},
        expect=(1,),
    )
    if what == "a search domain":  # found, but the certificate is for the whole name
        assert f"asked {CHARTS} 1" in result.stderr and "certificate" in result.said, result.said
    else:
        assert served(result), result.said
    assert what != "a truncated answer" or "big.wandb.test 1 tcp" in result.stderr


def test_the_hosts_file(empty, certificates):
    empty.put("/etc/hosts", f"127.0.0.1 localhost\n127.0.0.1 other {CHARTS}\n").put(
        "/etc/ssl/cert.pem", certificates[0]
    )
    assert served(empty.online(*ASK, certificate=certificates, expect=(1,)))


def test_a_dead_first_name_server(empty, certificates):
    empty.put("/etc/resolv.conf", "nameserver 127.0.0.7\n" + RESOLVER).put("/etc/ssl/cert.pem", certificates[0])
    assert served(
        empty.online(*ASK, zone=[f"{CHARTS} A 127.0.0.1"], dead=["127.0.0.7"], certificate=certificates, expect=(1,))
    )


def test_a_name_that_is_not_there(empty):
    empty.put("/etc/resolv.conf", RESOLVER)
    said = empty.online(*ASK, expect=(1,)).said
    assert CHARTS in said and "resolve" in said.lower(), said


# ---- another machine's executable ----------------------------------------------------------------


def test_arm64_through_an_emulator(builds, handshake, tmp_path):
    foreign = builds / NEW / "linux_arm64"
    emulator = pathlib.Path("/usr/bin/qemu-aarch64-static")
    assert execute([emulator, foreign / layout.NAME, "--version"]).stdout.startswith(
        f"terraform-provider-wandb v{NEW} (protocol 6)"
    )
    theirs = execute([emulator, foreign / "chart-template", "x", CHART]).stdout
    assert theirs == execute([builds / NEW / "linux_amd64" / "chart-template", "x", CHART]).stdout
    assert os.access(foreign / layout.NAME, os.X_OK)
