# SPDX-License-Identifier: Apache-2.0
"""Where a plugin made with go.mod-free-shim/ listens, and to whom.
Each test is a sentence of go.mod-free-shim/README.md."""

import grp
import os
import pathlib
import socket
import stat

import grpc
import pytest

from shim_host import HANG, Identity, code_of

# ---- Where it listens ----


def test_socket_directory(host, tmp_path):
    short = pathlib.Path(f"/tmp/s{os.getpid()}")
    short.mkdir()
    try:
        assert os.path.dirname(host(PLUGIN_UNIX_SOCKET_DIR=short).fields[3]) == str(short)
        assert os.path.dirname(host(TMPDIR=short).fields[3]) == str(short)
    finally:
        for left in short.iterdir():
            left.unlink()
        short.rmdir()


def test_directory_too_long_for_a_socket_falls_back(host, tmp_path):
    long = tmp_path / ("d" * 120)
    long.mkdir()
    plugin = host(TMPDIR=long)
    assert os.path.dirname(plugin.fields[3]) == "/tmp"
    assert plugin.test("Echo", b"x") == b"x"


def test_directory_that_is_missing_falls_back(host):
    assert os.path.dirname(host(TMPDIR="/nowhere").fields[3]) == "/tmp"


@pytest.mark.parametrize("by_name", [True, False])
def test_socket_group(host, by_name):
    group = grp.getgrgid(os.getgid() if os.getuid() else grp.getgrnam("daemon").gr_gid)
    address = host(PLUGIN_UNIX_SOCKET_GROUP=group.gr_name if by_name else group.gr_gid).fields[3]
    assert os.stat(address).st_gid == group.gr_gid and stat.S_IMODE(os.stat(address).st_mode) == 0o660


def test_socket_group_that_is_missing_is_refused(host):
    plugin = host(PLUGIN_UNIX_SOCKET_GROUP="no-such-group")
    assert plugin.process.wait(HANG) == 1 and plugin.logs[-1]["group"] == "no-such-group"


def test_tcp_takes_the_next_free_port_on_the_loopback(host):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        plugin = host(SHIM_NETWORK="tcp", PLUGIN_MIN_PORT=port, PLUGIN_MAX_PORT=min(port + 50, 65535))
        name, _, chosen = plugin.fields[3].partition(":")
        assert plugin.fields[2] == "tcp" and name == "127.0.0.1" and port < int(chosen) <= port + 50
        assert plugin.test("Echo", b"x") == b"x"


def test_two_tcp_plugins_do_not_share_a_port(host):
    one = host(SHIM_NETWORK="tcp", PLUGIN_MIN_PORT=21000, PLUGIN_MAX_PORT=21999)
    two = host(SHIM_NETWORK="tcp", PLUGIN_MIN_PORT=21000, PLUGIN_MAX_PORT=21999)
    assert one.fields[3] != two.fields[3]


def test_unknown_network_is_refused(host):
    plugin = host(SHIM_NETWORK="pigeon")
    assert plugin.process.wait(HANG) == 1 and plugin.logs[-1]["found"] == "pigeon"


# ---- Who gets in ----


def test_wrong_client_certificate_is_refused(host):
    plugin = host()
    with pytest.raises(grpc.RpcError) as error:
        plugin.call("/echo.Test/Echo", channel=plugin.channel(Identity()), timeout=HANG)
    assert code_of(error) == grpc.StatusCode.UNAVAILABLE


def test_no_client_certificate_is_refused(host):
    plugin = host()
    with pytest.raises(grpc.RpcError) as error:
        plugin.call("/echo.Test/Echo", channel=plugin.channel(anonymous=True), timeout=HANG)
    assert code_of(error) == grpc.StatusCode.UNAVAILABLE


def test_plaintext_is_refused_when_tls_is_on(host):
    plugin = host()
    with grpc.insecure_channel(plugin.target) as plain, pytest.raises(grpc.RpcError) as error:
        plugin.call("/echo.Test/Echo", channel=plain, timeout=HANG)
    assert code_of(error) == grpc.StatusCode.UNAVAILABLE
