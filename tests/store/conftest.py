from collections.abc import Iterator

import pytest

from collector.store import Store
from tests.postgres import Postgres, running_postgres


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store.open(store_url)
    yield opened
    opened.close()


@pytest.fixture
def own_postgres(postgres: Postgres) -> Iterator[Postgres]:
    """A server of the test's own, to be stopped and started, that loses nothing by it."""
    with running_postgres(durable=True) as server:
        yield server
