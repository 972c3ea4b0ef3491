"""One year of a province, seen by all tests of the web room; they only look at it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from collector.web.app import create_app
from collector.web.server import Server
from tests.web.site_maker import World, live_a_year, rescore_it, world


@pytest.fixture(scope="session")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("year")
    with world(folder) as one:
        live_a_year(one)
        rescore_it(one, folder)
        yield one


@pytest.fixture(scope="session")
def served(year: World) -> Iterator[str]:
    """The address of a real server over that year."""
    server = Server(create_app(year.site), "127.0.0.1", 0)
    server.start()
    yield server.url
    server.stop()


@pytest.fixture
def http(served: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served, timeout=20, trust_env=False) as client:
        yield client
