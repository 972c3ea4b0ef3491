"""A store that is not there, or is a newer version's: one clear line from every command."""

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from collector.store.store import Store
from tests.commands.calling import called

AGENCY = "so-tttt"
QUESTIONS = (
    ("scores",),
    ("history", AGENCY),
    ("explain", AGENCY),
    ("advise", AGENCY),
    ("changes", AGENCY),
    ("rescore", "--set", "test-2024"),
    ("whatif", AGENCY, "sent=1"),
    ("robust",),
    ("accept",),
)


@pytest.fixture
def newer(store: str) -> str:
    """A store whose tables a later version made."""
    with closing(Store.open(store)) as opened, opened._database.migrator.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    return store


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question[0])
def test_a_store_that_is_not_there_is_named_and_not_made(
    config: Path, store: str, question: tuple[str, ...]
) -> None:
    said = called(*question, "--config", config, "--store", store, PLANTED_KEY="k")

    assert said.code == 69
    assert said.lines() == [f"chiso: store {store}: there is no such file"]
    assert not Path(store.removeprefix("sqlite:///")).exists()


@pytest.mark.parametrize(
    "question", [*QUESTIONS, ("run", "--listen", "127.0.0.1:0")], ids=lambda question: question[0]
)
def test_a_store_of_a_later_version_is_left_alone(
    config: Path, newer: str, question: tuple[str, ...]
) -> None:
    said = called(*question, "--config", config, "--store", newer, PLANTED_KEY="k")

    assert said.code == 69
    assert said.lines() == [f"chiso: store {newer}: a newer chiso made its tables (revision 9999)"]
