import random
import subprocess
import sys
from pathlib import Path

from sqlalchemy import Column, func, select, text

from collector.store import Store
from collector.store.tables import cells, observations
from tests.postgres import Postgres
from tests.store.committer import ROWS
from tests.store.made import at

ROOT = Path(__file__).parents[2]
KILLS = 4


def test_what_was_committed_survives_kills_and_nothing_is_half_there(store_url: str) -> None:
    chance = random.Random(1)  # noqa: S311  a seed makes a failure come again
    told = 0

    for _ in range(KILLS):
        told = max(told, _commit_until_killed(store_url, chance))
        store = Store.open(store_url)
        head = store.head()
        assert head >= told
        _check_whole(store, head)
        store.close()

    assert told > KILLS


def test_a_server_that_is_killed_keeps_what_was_committed(own_postgres: Postgres) -> None:
    url = own_postgres.new_database()
    with _committer(url) as process:
        told = [_number(process) for _ in range(20)][-1]
        own_postgres.stop("immediate")
        assert process.wait(30) != 0
    own_postgres.start("")

    store = Store.open(url)
    assert store.head() >= told
    _check_whole(store, store.head())
    store.close()


def _commit_until_killed(url: str, chance: random.Random) -> int:
    """The last number that the process told before it was killed in the midst of the next ones."""
    with _committer(url) as process:
        assert process.stdout is not None
        numbers = [_number(process) for _ in range(chance.randrange(1, 30))]
        # Work of a random length lets the kill fall on any point of a transaction.
        sum(range(chance.randrange(200_000)))
        process.kill()
        rest = [int(line.split()[0]) for line in process.stdout if line.endswith("\n")]
    return [*numbers, *rest][-1]


def _committer(url: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.store.committer", url]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def _number(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline().split()[0])


def _check_whole(store: Store, head: int) -> None:
    """Every number has its scoreboard, its run and all their rows, and each due time is once."""
    stored = store.runs(limit=head + 10)
    assert sorted(run.due_us for run in stored) == [at(minute) for minute in range(head)]
    rows = [store.scoreboard_row(number) for number in range(1, head + 1)]
    assert [row.run_id for row in rows if row] == sorted(run.id for run in stored)
    assert _counts(store, observations.c.run_id) == {run.id: ROWS for run in stored}
    assert _counts(store, cells.c.number) == dict.fromkeys(range(1, head + 1), ROWS)
    if store.url_shown.startswith("sqlite"):
        assert _pragma(store, "integrity_check") == ["ok"]
        assert _pragma(store, "foreign_key_check") == []


def _counts(store: Store, column: Column[int]) -> dict[int, int]:
    with store._database.reader.connect() as connection:
        rows = connection.execute(select(column, func.count()).group_by(column))
        return {key: count for key, count in rows}  # noqa: C416  rows are no pairs to a checker


def _pragma(store: Store, name: str) -> list[str]:
    with store._database.reader.connect() as connection:
        return list(connection.scalars(text(f"PRAGMA {name}")))
