from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.makers import Counts, Rig, drafted, rigged
from tests.source_server import SourceServer, serving


@pytest.fixture
def source_server() -> Iterator[SourceServer]:
    with serving() as server:
        yield server


@pytest.fixture
def counts(source_server: SourceServer) -> Counts:
    """What the source says, in its first words."""
    said = Counts()
    source_server.answer = said
    return said


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'chiso.db'}"


@pytest.fixture
def rig(source_server: SourceServer, counts: Counts, tmp_path: Path, url: str) -> Iterator[Rig]:
    """The small province, nothing pulled yet."""
    with rigged(drafted(source_server.url).settings(tmp_path / "config"), url) as made:
        yield made
