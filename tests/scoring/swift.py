"""A plugin for `make mutants`: the tests that took least come first, whatever finds a mutant."""

import json
import resource
from pathlib import Path

import pytest

# Of the unmutated code, as mutmut writes it beside the tests it copies.
TIMES = Path("mutmut-stats.json")
# A mutant that never ends may fill a list all the while.
BYTES_MAX = 2 << 30


def pytest_configure() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (BYTES_MAX, resource.RLIM_INFINITY))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if TIMES.exists():
        times_s = json.loads(TIMES.read_text(encoding="utf-8"))["duration_by_test"]
        items.sort(key=lambda item: times_s.get(item.nodeid, 0.0))
