# SPDX-License-Identifier: Apache-2.0
"""A host for go.mod-free-shim/ in Python: as Terraform does, it starts a plugin (the tiny provider tests/shim/echo.c),
reads its line, calls it and ends it."""

import base64
import contextlib
import datetime
import json
import os
import pathlib
import re
import subprocess
import time

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

COOKIE = {"TF_PLUGIN_MAGIC_COOKIE": "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"}
LIMITS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
FOREIGN = re.compile(r"^(TF_|PLUGIN_|SHIM_|GRPC_|TMPDIR)")
# In a build with -fsanitize=thread: gRPC itself was built without, so what it does looks unordered from outside.
TSAN_OPTIONS = "ignore_noninstrumented_modules=1:atexit_sleep_ms=0"
HANG = 60  # seconds; what takes longer is taken to never happen


def clean_environment():
    """The environment without what would change what a host or a plugin does."""
    return {"TSAN_OPTIONS": TSAN_OPTIONS, **{k: v for k, v in os.environ.items() if not FOREIGN.match(k)}}


def environment(**extra):
    """What a plugin is started with."""
    return {
        **clean_environment(),
        **COOKIE,
        "PLUGIN_PROTOCOL_VERSIONS": "5,6",
        **{k: str(v) for k, v in extra.items()},
    }


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


def code_of(error):
    return error.value.code()


def wait_until(condition, seconds=HANG):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()
