# SPDX-License-Identifier: Apache-2.0
"""How a plugin made with go.mod-free-shim/ ends: when it is told, by signals, with its host.
Each test is a sentence of go.mod-free-shim/README.md."""

import datetime
import os
import pathlib
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from shim_host import HANG, environment, wait_until


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
