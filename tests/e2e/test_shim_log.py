# SPDX-License-Identifier: Apache-2.0
"""What a plugin made with go.mod-free-shim/ logs.
Each test is a sentence of go.mod-free-shim/README.md."""

import re

import pytest

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
