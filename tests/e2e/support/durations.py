# SPDX-License-Identifier: Apache-2.0
"""The order of the test files: what took longest the last time comes first, so that no worker is left alone with it at
the end.

How many seconds each file took is kept beside the tools. A file that is new counts by its tests, each of them as long
as an average one of the files that are known; where none is known, the file with the most tests comes first.
"""

import collections
import json
import os
import pathlib

import pytest

import tools

KEPT = tools.CACHE / "durations.json"


def last_time():
    """{file: seconds}, empty when nothing can be read."""
    try:
        return json.loads(KEPT.read_text())
    except (OSError, ValueError):
        return {}


def longest_first(items, seconds):
    """Sorts the tests by what their files are expected to take; those of a file stay together and in their order."""
    tests = collections.Counter(item.path.stem for item in items)
    known = [name for name in tests if name in seconds]
    average = sum(seconds[name] for name in known) / sum(tests[name] for name in known) if known else 1
    expected = {name: seconds.get(name, count * average) for name, count in tests.items()}
    items.sort(key=lambda item: (-expected[item.path.stem], item.path.stem))


class Durations:
    """A plugin of pytest: orders the tests, and adds up what they take."""

    def __init__(self, config):
        self.worker = hasattr(config, "workerinput")
        self.before = config.workerinput["durations"] if self.worker else last_time()
        self.taken = collections.Counter()

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node):
        # all workers must come to one order, also when another run ends just now
        node.workerinput["durations"] = self.before

    @pytest.hookimpl(trylast=True)  # of what is left to run
    def pytest_collection_modifyitems(self, items):
        longest_first(items, self.before)

    def pytest_runtest_logreport(self, report):
        self.taken[pathlib.Path(report.location[0]).stem] += report.duration

    def pytest_sessionfinish(self, session, exitstatus):
        options, ended = session.config.option, exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        stopped = session.shouldstop or session.shouldfail
        # some tests of a file say nothing about the whole of it
        parts = options.keyword or options.markexpr or any("::" in word for word in session.config.args)
        if self.worker or not self.taken or not ended or stopped or parts:
            return
        seconds = {**last_time(), **{name: round(taken, 1) for name, taken in self.taken.items()}}
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        unfinished = KEPT.with_suffix(f".{os.getpid()}")
        unfinished.write_text(json.dumps(seconds, indent=1, sort_keys=True) + "\n")
        unfinished.replace(KEPT)
