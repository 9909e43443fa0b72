# SPDX-License-Identifier: Apache-2.0
"""Calls of a plugin made with go.mod-free-shim/: what is answered, streamed, interrupted and refused.
Each test is a sentence of go.mod-free-shim/README.md."""

import concurrent.futures
import contextlib
import os
import socket
import time

import grpc
import pytest

from shim_host import HANG, code_of, wait_until

MIB = 1024 * 1024


@pytest.mark.parametrize(
    "path", ["/tfplugin6.Provider/NoSuchMethod", "/tfplugin5.Provider/GetSchema", "/x", "/plugin.GRPCStdio/Other"]
)
def test_unknown_method_is_unimplemented(host, path):
    with pytest.raises(grpc.RpcError) as error:
        host().call(path)
    assert code_of(error) == grpc.StatusCode.UNIMPLEMENTED


def test_status_of_a_handler(host):
    with pytest.raises(grpc.RpcError) as error:
        host().test("Fail")
    assert (code_of(error), error.value.details()) == (grpc.StatusCode.NOT_FOUND, "there is no such thing")


def test_health(host):
    plugin = host()
    check = "/grpc.health.v1.Health/Check"
    assert plugin.call(check, b"\x0a\x06plugin") == b"\x08\x01"
    assert plugin.call(check) == b"\x08\x01"
    for request, expected in [
        (b"\x0a\x05other", grpc.StatusCode.NOT_FOUND),
        (b"\xff", grpc.StatusCode.INVALID_ARGUMENT),
    ]:
        with pytest.raises(grpc.RpcError) as error:
            plugin.call(check, request)
        assert code_of(error) == expected


@pytest.mark.parametrize("size", [0, 1, 100 * MIB])
def test_messages_up_to_100_mib(host, size):
    data = os.urandom(1024) * (size // 1024) if size > 1024 else b"x" * size
    assert host().test("Echo", data) == data


def test_messages_beyond_256_mib_are_refused_and_the_server_goes_on(host):
    plugin = host()
    with pytest.raises(grpc.RpcError) as error:
        plugin.test("Fill", str(257 * MIB).encode())
    assert code_of(error) == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert plugin.test("Echo", b"still here") == b"still here"


def test_server_stream(host):
    numbers = host().main.unary_stream("/echo.Test/Count")(b"1000", timeout=30)
    assert [int(number) for number in numbers] == list(range(1000))


def test_server_stream_ends_when_it_is_cancelled(host):
    plugin = host(TF_LOG="info")
    stream = plugin.main.unary_stream("/echo.Test/Count")(b"100000000", timeout=60)
    assert next(stream) == b"0"
    stream.cancel()
    assert wait_until(lambda: "count was cancelled" in plugin.stderr)


@pytest.mark.parametrize(
    "open_stream",
    [
        lambda channel: channel.unary_stream("/plugin.GRPCStdio/StreamStdio")(b""),
        lambda channel: channel.stream_stream("/plugin.GRPCBroker/StartStream")(iter(lambda: time.sleep(600), None)),
    ],
    ids=["stdio", "broker"],
)
def test_stdio_and_broker_stay_open_until_the_host_closes_them(host, open_stream):
    plugin = host()
    stream = open_stream(plugin.channel())
    assert plugin.test("Echo", b"x") == b"x"
    time.sleep(0.5)
    assert stream.is_active()
    stream.cancel()
    plugin.shutdown()
    assert plugin.process.wait(HANG) == 0


def test_broker_reads_what_it_is_sent_and_ends_with_the_host(host):
    replies = host().main.stream_stream("/plugin.GRPCBroker/StartStream")(
        iter([b"\x08\x01", b"\x08\x02"]), timeout=HANG
    )
    assert list(replies) == [] and replies.code() == grpc.StatusCode.OK


def test_stop_gets_through_while_every_worker_is_busy(host):
    plugin = host(TF_LOG="trace")
    calls = [plugin.start("/echo.Test/Sleep", b"50000") for _ in range(80)]  # more than there may be workers
    assert wait_until(lambda: plugin.stderr.count("call begins") >= 64)
    plugin.call("/tfplugin6.Provider/StopProvider")
    running = [call.result() for call in calls[:12]]
    assert running == [b"interrupted"] * 12
    # Those that had not begun are interrupted too: the flag is the call's, not the worker's.
    assert {call.result() for call in calls} == {b"interrupted"}
    assert plugin.test("Sleep", b"20") == b"slept"  # later calls are not


@pytest.mark.parametrize("how", ["deadline", "cancel", "connection"])
def test_handler_is_told_when_nobody_waits_for_it_any_more(host, how):
    plugin = host(TF_LOG="trace")
    plugin.test("Echo")
    channel = plugin.channel()
    call = channel.unary_unary("/echo.Test/Sleep").future(b"50000", timeout=0.3 if how == "deadline" else 60)
    assert wait_until(lambda: 'tf_rpc":"Sleep' in plugin.stderr)
    {"deadline": lambda: call.exception(), "cancel": call.cancel, "connection": channel.close}[how]()
    ended = lambda: [line for line in plugin.logs if line.get("tf_rpc") == "Sleep" and line["@message"] == "call ends"]  # noqa: E731
    assert wait_until(ended)
    assert plugin.test("Echo", b"x") == b"x"


@pytest.mark.parametrize("tls", [True, False], ids=["mtls", "plaintext"])
def test_bytes_that_are_no_grpc_do_no_harm(host, tls):
    plugin = host(tls=tls)
    for data in [
        b"",
        b"GET / HTTP/1.1\r\n\r\n",
        os.urandom(70000),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + os.urandom(5000),
    ]:
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.connect(plugin.fields[3])
            with contextlib.suppress(OSError):
                stranger.sendall(data)
                stranger.settimeout(0.2)
                stranger.recv(1000)
    assert plugin.test("Echo", b"x") == b"x"


def test_silent_connections_do_not_hold_up_the_end(host):
    plugin = host(TF_LOG="trace")
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.connect(plugin.fields[3])
        plugin.test("Echo")
        plugin.shutdown()
        assert plugin.process.wait(HANG) == 0 and "still running" not in plugin.stderr


def test_many_connections(host):
    plugin = host()
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = pool.map(lambda n: plugin.call("/echo.Test/Echo", b"%d" % n, channel=plugin.channel()), range(64))
        assert list(answers) == [b"%d" % n for n in range(64)]


def test_a_burst_of_calls_of_every_kind(host):
    plugin = host()

    def one(n):
        if n % 5 == 0:
            return len(list(plugin.main.unary_stream("/echo.Test/Count")(b"20", timeout=60))) == 20
        if n % 5 == 1:
            call = plugin.start("/echo.Test/Sleep", b"5000")
            time.sleep(0.01)
            return call.cancel() or call.done()
        if n % 5 == 2:
            with pytest.raises(grpc.RpcError):
                plugin.test("NoSuch")
            return True
        return plugin.test("Echo", b"%d" % n) == b"%d" % n

    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        assert all(pool.map(one, range(600)))
    plugin.shutdown()
    assert plugin.process.wait(HANG) == 0
