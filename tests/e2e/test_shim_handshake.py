# SPDX-License-Identifier: Apache-2.0
"""How a plugin made with go.mod-free-shim/ starts, by hand and by a host.
Each test is a sentence of go.mod-free-shim/README.md."""

import datetime
import os
import select
import stat
import subprocess

import pytest
from cryptography import x509

from shim_host import COOKIE, HANG, environment

# ---- Started by hand ----


@pytest.mark.parametrize("cookie", [None, "", "wrong"])
def test_by_hand_it_explains_itself_and_exits_1(shim_echo, cookie):
    env = environment(**({} if cookie is None else {"TF_PLUGIN_MAGIC_COOKIE": cookie}))
    if cookie is None:
        del env["TF_PLUGIN_MAGIC_COOKIE"]
    done = subprocess.run([shim_echo], env=env, capture_output=True, text=True, timeout=HANG)
    assert (done.returncode, done.stdout) == (1, "")
    assert "plugin" in done.stderr and "Terraform or OpenTofu" in done.stderr


@pytest.mark.parametrize(
    "argument,expect",
    [
        ("--version", "terraform-provider-echo v1.0.0"),
        ("-version", "v1.0.0"),
        ("--help", 'source = "example.com/shim/echo"'),
    ],
)
def test_version_and_help_are_answered_before_the_cookie(shim_echo, argument, expect):
    env = {k: v for k, v in environment().items() if k not in COOKIE}
    done = subprocess.run([shim_echo, argument], env=env, capture_output=True, text=True, timeout=HANG)
    assert (done.returncode, done.stderr) == (0, "")
    assert expect in done.stdout


def test_unknown_argument_is_refused(shim_echo):
    done = subprocess.run([shim_echo, "serve"], env=environment(), capture_output=True, text=True, timeout=HANG)
    assert (done.returncode, done.stdout) == (2, "")
    assert '"serve"' in done.stderr and "--help" in done.stderr


# ---- Handshake ----


def test_handshake_line(host):
    plugin = host()
    core, protocol, network, address, kind, certificate = plugin.fields
    assert plugin.line.endswith("\n")
    assert (core, protocol, network, kind) == ("1", "6", "unix", "grpc")
    assert stat.S_ISSOCK(os.stat(address).st_mode) and stat.S_IMODE(os.stat(address).st_mode) == 0o600
    assert "=" not in certificate and "\n" not in certificate
    leaf = x509.load_pem_x509_certificate(plugin.server_pem)
    assert leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(
        x509.DNSName
    ) == ["localhost"]
    assert leaf.public_key().curve.name == "secp256r1"
    assert leaf.not_valid_before_utc < datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=20)
    assert plugin.test("Echo", b"hello") == b"hello"


def test_each_process_has_its_own_certificate_and_socket(host):
    one, two = host(), host()
    assert one.fields[5] != two.fields[5] and one.fields[3] != two.fields[3]


@pytest.mark.parametrize("offered", ["6", "6,5", "x,6,,5"])
def test_protocol_is_negotiated(host, offered):
    plugin = host(PLUGIN_PROTOCOL_VERSIONS=offered)
    assert plugin.fields[1] == "6" and plugin.stderr == ""


def test_protocol_that_host_lacks_is_told_all_the_same(host):
    plugin = host(PLUGIN_PROTOCOL_VERSIONS="5")
    assert plugin.fields[1] == "6"
    assert [line["@level"] for line in plugin.logs] == ["warn"]


def test_seventh_field_only_when_asked_for(host):
    assert host(PLUGIN_MULTIPLEX_GRPC="true").fields[6:] == ["false"]
    assert host().fields[6:] == []


def test_without_client_certificate_it_serves_plaintext(host):
    plugin = host(tls=False)
    assert len(plugin.fields) == 6 and plugin.fields[5] == ""
    assert plugin.test("Echo", b"hello") == b"hello"


def test_client_certificate_that_is_none_is_refused(host):
    plugin = host(tls=False, PLUGIN_CLIENT_CERT="nonsense")
    assert plugin.line == "" and plugin.process.wait(HANG) == 1
    assert plugin.logs[-1]["@level"] == "error" and "PLUGIN_CLIENT_CERT" in plugin.logs[-1]["@message"]


def test_stdin_is_not_read(host):
    reading, writing = os.pipe()
    os.write(writing, b"yes\n")
    plugin = host(stdin=reading)
    plugin.test("Echo")
    plugin.shutdown()
    plugin.process.wait(HANG)
    assert select.select([reading], [], [], 0)[0] and os.read(reading, 10) == b"yes\n"
    os.close(reading), os.close(writing)
