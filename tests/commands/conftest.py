from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.makers import Counts, drafted
from tests.source_server import SourceServer, serving


@pytest.fixture(scope="module")
def source_server() -> Iterator[SourceServer]:
    with serving() as server:
        server.answer = Counts()
        yield server


@pytest.fixture(scope="module")
def config(source_server: SourceServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small province, whose source asks for a key and is due once an hour."""
    key = {"type": "api_key", "name": "key", "key": {"env": "PLANTED_KEY"}, "in": "query"}
    draft = drafted(source_server.url, auth=key, schedule={"every": "1h"})
    return draft.write(tmp_path_factory.mktemp("config") / "small province")


@pytest.fixture
def store(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'chiso.db'}"
