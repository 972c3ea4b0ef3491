"""The write-ahead log of a SQLite store is cut where readers let it grow."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from collector.facts import Cell
from collector.store import Store
from collector.store.sqlite import WAL_BYTES_MAX, WriteAheadLog
from tests.store.made import commit, made_run

MEGABYTE = 1_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with closing(Store.open(f"sqlite:///{path}")) as opened:
        yield opened


@contextmanager
def somebody_reads(store: Store) -> Iterator[None]:
    with store._database.reader.connect() as connection:
        connection.execute(text("SELECT number FROM head")).one()
        yield


def write(store: Store, minute: int, size: int) -> None:
    commit(store, made_run(minute), cells=[Cell("s", "province", str(minute % 10) * size)])


def log_bytes(path: Path) -> int:
    return path.with_name(f"{path.name}-wal").stat().st_size


def test_a_log_that_outgrew_its_size_is_cut_once_nobody_reads_from_it(
    store: Store, path: Path
) -> None:
    with somebody_reads(store):
        for minute in range(3):
            write(store, minute, MEGABYTE)
    before = log_bytes(path)

    WriteAheadLog(path, store._database.writer, bytes_max=MEGABYTE).tidy()

    assert before > 3 * MEGABYTE
    assert log_bytes(path) == 0
    assert store.head() == 3


def test_a_log_of_its_usual_size_is_left_alone(store: Store, path: Path) -> None:
    write(store, 1, MEGABYTE)
    before = log_bytes(path)

    WriteAheadLog(path, store._database.writer, bytes_max=2 * MEGABYTE).tidy()

    assert log_bytes(path) == before


def test_who_reads_for_long_is_waited_for_once_and_not_at_every_write(
    store: Store, path: Path
) -> None:
    log = WriteAheadLog(path, store._database.writer, bytes_max=MEGABYTE)
    with somebody_reads(store):
        write(store, 1, 2 * MEGABYTE)
        log.tidy()
        stood = log_bytes(path)
    write(store, 2, MEGABYTE // 10)

    log.tidy()  # not before it has doubled
    left = log_bytes(path)
    for minute in range(3, 6):
        with somebody_reads(store):
            write(store, minute, MEGABYTE)
    log.tidy()

    assert left >= stood > 2 * MEGABYTE
    assert log_bytes(path) == 0


def test_a_store_cuts_its_log_by_itself(store: Store, path: Path) -> None:
    with somebody_reads(store):
        for minute in range(3):
            write(store, minute, WAL_BYTES_MAX // 4)
    before = log_bytes(path)

    write(store, 3, WAL_BYTES_MAX // 4)

    assert 3 * before > 2 * WAL_BYTES_MAX
    assert log_bytes(path) == 0
