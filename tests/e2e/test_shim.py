# SPDX-License-Identifier: Apache-2.0
"""go.mod-free-shim/, driven by a host written here and by the real terraform, through the tiny provider
tests/shim/echo.c. Each test is a sentence of go.mod-free-shim/README.md."""

import base64
import concurrent.futures
import contextlib
import datetime
import grp
import json
import os
import pathlib
import re
import select
import signal
import socket
import stat
import subprocess
import sys
import textwrap
import time

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

# In a build with -fsanitize=thread: gRPC itself was built without, so what it does looks unordered from outside.
os.environ.setdefault("TSAN_OPTIONS", "ignore_noninstrumented_modules=1:atexit_sleep_ms=0")

import tools

COOKIE = {"TF_PLUGIN_MAGIC_COOKIE": "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"}
MIB = 1024 * 1024
LIMITS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
FOREIGN = re.compile(r"^(TF_|PLUGIN_|SHIM_|GRPC_|TMPDIR)")


@pytest.fixture(scope="session")
def shim_echo():
    path = pathlib.Path(
        os.environ.get("SHIM_ECHO")
        or pathlib.Path(os.environ.get("BUILD_DIR", "build")) / "shim_echo" / "terraform-provider-echo"
    )
    if not path.exists():
        pytest.fail(f"{path} is missing: build the target shim_echo and set BUILD_DIR")
    return str(path.resolve())


class Identity:
    """A key and a self-signed certificate. P-256, as Python's gRPC refuses the P-521 of real hosts; the tests with
    terraform use that."""

    def __init__(self):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
        now = datetime.datetime.now(datetime.timezone.utc)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(seconds=30))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
            .add_extension(x509.BasicConstraints(True, None), True)
            .sign(key, hashes.SHA256())
        )
        self.pem = certificate.public_bytes(serialization.Encoding.PEM)
        self.key = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def environment(**extra):
    clean = {k: v for k, v in os.environ.items() if not FOREIGN.match(k)}
    return {**clean, **COOKIE, "PLUGIN_PROTOCOL_VERSIONS": "5,6", **{k: str(v) for k, v in extra.items()}}


class Host:
    """What terraform does: starts the plugin, reads its line, calls, says Shutdown."""

    def __init__(self, exe, tmp_path, tls=True, arguments=(), stdin=subprocess.DEVNULL, **env):
        self.identity = Identity()
        if tls:
            env["PLUGIN_CLIENT_CERT"] = self.identity.pem.decode()
        self.stderr_path = tmp_path / f"stderr-{time.monotonic_ns()}"
        with open(self.stderr_path, "wb") as stderr:
            # below nohup SIGHUP is ignored, and whoever is started so goes on ignoring it
            self.process = subprocess.Popen(
                ["env", "--default-signal=HUP", exe, *arguments],
                env=environment(**env),
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
            )
        self.channels, self.started = [], []
        self.line = "" if arguments else self.process.stdout.readline().decode()
        self.fields = self.line.rstrip("\n").split("|")

    @property
    def server_pem(self):
        text = self.fields[5]
        der = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        return x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM)

    @property
    def target(self):
        return f"unix:{self.fields[3]}" if self.fields[2] == "unix" else self.fields[3]

    def channel(self, identity=None, anonymous=False):
        options = [*LIMITS, ("grpc.use_local_subchannel_pool", 1), ("grpc.ssl_target_name_override", "localhost")]
        if len(self.fields) < 6 or not self.fields[5]:
            made = grpc.insecure_channel(self.target, options)
        elif anonymous:
            made = grpc.secure_channel(self.target, grpc.ssl_channel_credentials(self.server_pem), options)
        else:
            who = identity or self.identity
            made = grpc.secure_channel(
                self.target, grpc.ssl_channel_credentials(self.server_pem, who.key, who.pem), options
            )
        self.channels.append(made)
        return made

    @property
    def main(self):
        return self.channels[0] if self.channels else self.channel()

    def start(self, path, request=b""):
        self.started.append(self.main.unary_unary(path).future(request, timeout=60))  # kept: a dropped one is cancelled
        return self.started[-1]

    def call(self, path, request=b"", channel=None, timeout=60):
        return (channel or self.main).unary_unary(path)(request, timeout=timeout)

    def test(self, name, request=b""):
        return self.call(f"/echo.Test/{name}", request)

    def shutdown(self):
        with contextlib.suppress(grpc.RpcError):
            self.call("/plugin.GRPCController/Shutdown", timeout=HANG)

    @property
    def stderr(self):
        return self.stderr_path.read_text()

    @property
    def logs(self):
        return [json.loads(line) for line in self.stderr.splitlines()]

    def close(self):
        for channel in self.channels:
            channel.close()
        if self.process.poll() is None:
            self.process.kill()
            if self.fields[2:3] == ["unix"]:
                pathlib.Path(self.fields[3]).unlink(missing_ok=True)
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def host(shim_echo, tmp_path):
    hosts = []

    def start(**options):
        hosts.append(Host(shim_echo, tmp_path, **options))
        return hosts[-1]

    yield start
    for each in hosts:
        each.close()
        assert "Sanitizer" not in each.stderr, each.stderr


def code_of(error):
    return error.value.code()


HANG = 60  # seconds; what takes longer is taken to never happen


def wait_until(condition, seconds=HANG):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


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


# ---- Calls ----


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


# ---- The end ----


def test_shutdown_ends_the_process_and_removes_the_socket(host):
    plugin = host()
    assert plugin.call("/plugin.GRPCController/Shutdown") == b""
    assert plugin.process.wait(HANG) == 0
    assert not os.path.exists(plugin.fields[3]) and plugin.stderr == ""


def test_shutdown_is_not_held_up_by_a_stuck_handler(host):
    plugin = host(TF_LOG="trace")
    plugin.start("/echo.Test/Stuck", b"600000")
    assert wait_until(lambda: "call begins" in plugin.stderr)
    plugin.shutdown()
    assert plugin.process.wait(HANG) == 0
    at = {line["@message"]: datetime.datetime.fromisoformat(line["@timestamp"]) for line in plugin.logs}
    # the host kills what has not ended after two seconds;
    # told by the plugin's own clock, whatever else the machine does
    assert at["calls were still running when the process had to end"] - at[
        "the host asked this process to end"
    ] < datetime.timedelta(seconds=2)
    assert not os.path.exists(plugin.fields[3])


def test_shutdown_waits_for_a_handler_that_heeds_its_flag(host):
    plugin = host(TF_LOG="trace")
    plugin.start("/echo.Test/Sleep", b"600000")
    assert wait_until(lambda: "call begins" in plugin.stderr)
    plugin.shutdown()
    assert plugin.process.wait(HANG) == 0
    assert "call ends" in plugin.stderr and "still running" not in plugin.stderr


def test_sigint_is_ignored(host):
    plugin = host()
    for _ in range(3):
        plugin.process.send_signal(signal.SIGINT)
        time.sleep(0.05)
    assert plugin.test("Echo", b"x") == b"x"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_sigterm_kills_and_removes_the_socket(host, number):
    plugin = host()
    plugin.process.send_signal(number)
    assert plugin.process.wait(HANG) == -number
    assert not os.path.exists(plugin.fields[3])


@pytest.mark.parametrize("streams", ["pipes", "files"])
def test_the_end_of_a_killed_host_is_noticed(shim_echo, tmp_path, streams):
    """With pipes their other end is gone; with files only the parent has changed."""
    starter = textwrap.dedent("""
        import subprocess, sys, time
        out = subprocess.PIPE if sys.argv[2] == "pipes" else open(sys.argv[3], "wb")
        child = subprocess.Popen([sys.argv[1]], stdout=out, stderr=out)
        line = child.stdout.readline().decode() if sys.argv[2] == "pipes" else ""
        while not line:
            line = open(sys.argv[3]).readline()
        print(child.pid, line.split("|")[3], flush=True)
        time.sleep(600)
    """)
    parent = subprocess.Popen(
        [sys.executable, "-c", starter, shim_echo, streams, str(tmp_path / "out")],
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    pid, address = parent.stdout.readline().split()
    assert os.path.exists(address)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert wait_until(lambda: not os.path.exists(address))

    def gone():
        try:
            return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except FileNotFoundError:
            return True

    assert wait_until(gone)


def test_what_a_library_prints_does_not_reach_the_host(host):
    plugin = host()
    plugin.test("Print")
    assert "this was printed" in plugin.stderr
    plugin.shutdown()
    plugin.process.wait(HANG)
    assert plugin.process.stdout.read() == b""


# ---- Logs ----

LEVELS = ["trace", "debug", "info", "warn", "error"]


def lines_of(plugin, text=b"hello"):
    plugin.test("Log", text)
    return [line for line in plugin.logs if line["@module"] == "echo"]


def test_a_log_line(host):
    line = lines_of(host(TF_LOG_PROVIDER="error"))[0]
    assert line["@level"] == "error" and line["@message"] == line["key"] == "hello"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line["@timestamp"])
    assert line["tf_rpc"] == "Log" and re.fullmatch("[0-9a-f]{16}", line["tf_req_id"])
    assert line["tf_provider_addr"] == "example.com/shim/echo"


@pytest.mark.parametrize(
    "env,first",
    [
        ({}, "warn"),
        ({"TF_LOG": "info"}, "info"),
        ({"TF_LOG": "JSON"}, "trace"),
        ({"TF_LOG": "bogus"}, "trace"),
        ({"TF_LOG": "trace", "TF_LOG_PROVIDER": "warn"}, "warn"),
        ({"TF_LOG_PROVIDER": "error", "TF_LOG_PROVIDER_ECHO": "Debug"}, "debug"),
        ({"TF_LOG": "", "TF_LOG_PROVIDER": ""}, "warn"),
        ({"TF_LOG_PROVIDER_ECHO": "off"}, None),
    ],
)
def test_log_level_comes_from_the_environment(host, env, first):
    assert [line["@level"] for line in lines_of(host(**env))] == (LEVELS[LEVELS.index(first) :] if first else [])


def test_log_text_that_is_not_utf8_and_control_characters(host):
    line = lines_of(host(TF_LOG="error"), b'a\xffb\xc0\x80 "q" \\ \x01\n\xe2\x82\xac\xed\xa0\x80')[0]
    assert line["@message"] == 'a\ufffdb\ufffd\ufffd "q" \\ \x01\n\u20ac\ufffd\ufffd\ufffd'


def test_long_log_lines_are_cut(host):
    for text in [b"x" * 200000, b"\x01" * 200000, "\u20ac".encode() * 70000]:
        plugin = host(TF_LOG="error")
        assert lines_of(plugin, text)[0]["tf_rpc"] == "Log"
        assert max(len(line) for line in plugin.stderr_path.read_bytes().splitlines()) < 65536


# ---- The real terraform ----

CONFIG = """
terraform {
  required_providers {
    echo = { source = "example.com/shim/echo" }
  }
}
resource "echo_%s" "it" {
  input = "%s"
}
"""


class Terraform:
    def __init__(self, cli, exe, folder, kind="text"):
        self.executable = str(tools.get(cli))
        self.folder = folder
        self.kind = kind
        self.write("hello")
        rc = folder / "terraformrc"
        rc.write_text(
            'provider_installation {\n  dev_overrides {\n    "example.com/shim/echo" = "%s"\n  }\n}\n'
            % os.path.dirname(exe)
        )
        self.env = {
            **{k: v for k, v in os.environ.items() if not FOREIGN.match(k)},
            "TF_CLI_CONFIG_FILE": str(rc),
            "CHECKPOINT_DISABLE": "1",
        }

    def write(self, value):
        (self.folder / "main.tf").write_text(CONFIG % (self.kind, value))

    def start(self, *arguments, **env):
        return subprocess.Popen(
            [self.executable, *arguments, "-no-color"],
            cwd=self.folder,
            env={**self.env, **env},
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def run(self, *arguments, expect=0, **env):
        process = self.start(*arguments, **env)
        out, err = process.communicate(timeout=60)
        assert process.returncode == expect, out + err
        return out + err


@pytest.fixture(params=["terraform-1.11", "terraform-1.15", "tofu"])
def make_terraform(request, shim_echo, tmp_path):
    return lambda **options: Terraform(request.param, shim_echo, tmp_path, **options)


@pytest.fixture
def terraform(make_terraform):
    return make_terraform()


@pytest.mark.parametrize(
    "env", [{}, {"TF_DISABLE_PLUGIN_TLS": "1"}, {"SHIM_NETWORK": "tcp"}], ids=["mtls", "plaintext", "tcp"]
)
def test_terraform_plans_applies_and_destroys(terraform, env):
    terraform.run("plan", "-detailed-exitcode", expect=2, **env)
    assert "1 added" in terraform.run("apply", "-auto-approve", **env)
    terraform.run("plan", "-detailed-exitcode", **env)
    terraform.write("changed")
    assert '"hello" -> "changed"' in terraform.run("plan", "-detailed-exitcode", expect=2, **env)
    assert "1 changed" in terraform.run("apply", "-auto-approve", **env)
    assert "1 destroyed" in terraform.run("destroy", "-auto-approve", **env)


def test_terraform_sees_nothing_to_warn_about(terraform):
    log = terraform.run("apply", "-auto-approve", TF_LOG="trace")
    ours = [line for line in log.splitlines() if "terraform-provider-echo" in line]
    assert any("echo applies" in line for line in ours)
    assert not [line for line in log.splitlines() if re.search(r"\[(WARN|ERROR)\]", line)]


@pytest.mark.parametrize("level,shown", [("INFO", True), ("WARN", False)])
def test_terraform_shows_our_lines_at_their_level(terraform, level, shown):
    log = terraform.run("apply", "-auto-approve", TF_LOG_PROVIDER=level)
    found = [line for line in log.splitlines() if "echo applies" in line]
    assert bool(found) == shown
    if shown:
        assert "[INFO]  provider.terraform-provider-echo: echo applies:" in found[0]
        assert "tf_rpc=ApplyResourceChange" in found[0] and "tf_resource_type=echo_text" in found[0]


def test_ctrl_c_interrupts_an_apply_and_state_is_kept(make_terraform, tmp_path):
    terraform = make_terraform(kind="slow")
    process = terraform.start("apply", "-auto-approve", TF_LOG_PROVIDER="info", TF_LOG_PATH=str(tmp_path / "log"))
    assert wait_until(lambda: (tmp_path / "log").exists() and "echo applies" in (tmp_path / "log").read_text())
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: terraform and the plugin both get it
    out, err = process.communicate(timeout=HANG)
    assert process.returncode == 1 and "echo was interrupted" in out + err
    assert "plugin crashed" not in out + err


def test_killed_terraform_leaves_no_plugin_behind(make_terraform, tmp_path):
    terraform = make_terraform(kind="slow")
    process = terraform.start(
        "apply", "-auto-approve", TF_LOG_PROVIDER="info", TF_LOG_PATH=str(tmp_path / "log"), TMPDIR=str(tmp_path)
    )
    assert wait_until(lambda: (tmp_path / "log").exists() and "echo applies" in (tmp_path / "log").read_text())

    def plugins():
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                name, _, rest = entry.read_text().rpartition(")")  # rest: state, parent, group, session
                if "(terraform-provi" in name and rest.split()[3] == str(process.pid) and rest.split()[0] != "Z":
                    found.append(entry.parent.name)
        return found

    assert len(plugins()) == 1
    process.kill()
    process.communicate(timeout=HANG)
    assert wait_until(lambda: not plugins())


def test_debug_mode_serves_terraform_until_ctrl_c(shim_echo, tmp_path, terraform):
    env = {k: v for k, v in environment().items() if k not in COOKIE}
    with subprocess.Popen([shim_echo, "-debug"], env=env, stdout=subprocess.PIPE, text=True) as plugin:
        text = "".join(iter(plugin.stdout.readline, "\n")) + plugin.stdout.readline()
        value = re.search(r"TF_REATTACH_PROVIDERS='(.*)'", text).group(1)
        entry = json.loads(value)["example.com/shim/echo"]
        assert (entry["Pid"], entry["Protocol"], entry["ProtocolVersion"], entry["Test"]) == (
            plugin.pid,
            "grpc",
            6,
            True,
        )
        for _ in range(2):  # the same process serves one terraform after the other
            assert "1 added" in terraform.run("apply", "-auto-approve", TF_REATTACH_PROVIDERS=value)
            assert "1 destroyed" in terraform.run("destroy", "-auto-approve", TF_REATTACH_PROVIDERS=value)
        assert plugin.poll() is None
        plugin.send_signal(signal.SIGINT)
        assert plugin.wait(HANG) == 0
        assert not os.path.exists(entry["Addr"]["String"])
