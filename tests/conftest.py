"""Fixtures that several rooms share: a store's URL, on each database in turn."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Postgres, missing_postgres, running_postgres
from tests.years import Year, finished, served, sources


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for the whole session; ask it for an empty database."""
    reason = missing_postgres()
    if reason and os.environ.get("CHISO_TEST_ALL") != "1":
        pytest.skip(reason)
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a store that does not exist yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'var' / 'store.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.emptied()


@pytest.fixture(scope="session")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """The demo's year, run once to its end; look at its store, never write to it."""
    folder = tmp_path_factory.mktemp("year")
    with sources(folder / "province") as neighbour:
        yield finished(folder / "year.db", neighbour)


@pytest.fixture(scope="session")
def served_year(year: Year, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the demo, live after its year."""
    copy = tmp_path_factory.mktemp("served") / "demo.db"
    shutil.copy(year.store_file, copy)
    with served(copy) as url:
        yield url
