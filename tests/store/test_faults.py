from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from collector.facts import Series
from collector.store import Store, StoreError
from tests.postgres import Postgres, end_the_holder
from tests.store.made import SENT, commit, fact, made_run


def test_a_full_disk_loses_only_the_run_that_did_not_fit(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'store.db'}")
    commit(store, made_run(1, fact(SENT, "1", 1)))
    many = [fact(Series("m", f"agency-{n}", ""), "1", 2) for n in range(5_000)]
    pages = _limit_pages(store, 1)

    with pytest.raises(StoreError, match="disk is full") as caught:
        commit(store, made_run(2, *many))
    kept = store.head(), set(store.readings())
    _limit_pages(store, pages + 10_000)

    assert caught.value.kind == "unavailable"
    assert kept == (1, {SENT})
    assert commit(store, made_run(2, *many)) == 2
    assert len(store.readings()) == 5_001
    store.close()


def test_a_lost_server_is_told_and_work_goes_on_when_it_is_back(own_postgres: Postgres) -> None:
    store = Store.open(own_postgres.new_database())
    commit(store, made_run(1, fact(SENT, "1", 1)))

    own_postgres.stop("fast")
    for attempt in (lambda: commit(store, made_run(2)), store.readings):
        with pytest.raises(StoreError) as caught:
            attempt()
        assert caught.value.kind == "unavailable"
    own_postgres.start("")

    assert commit(store, made_run(2, fact(SENT, "2", 2))) == 2
    assert store.readings()[SENT].value == 2
    store.close()


def test_the_size_is_told_without_asking_a_server_that_may_be_away(own_postgres: Postgres) -> None:
    store = Store.open(own_postgres.new_database())
    opened = store.bytes()
    commit(
        store, made_run(1, *(fact(Series("m", f"agency-{n}", ""), "1", 2) for n in range(9_000)))
    )
    written = store.bytes()

    own_postgres.stop("fast")

    assert 0 < opened < written == store.bytes()
    own_postgres.start("")
    store.close()


def test_a_connection_lost_in_the_midst_leaves_nothing(postgres: Postgres) -> None:
    url = postgres.new_database()
    store = Store.open(url)

    with pytest.raises(StoreError) as caught:
        _lose_the_server(store, url)

    assert caught.value.kind == "unavailable"
    assert store.head() == 0
    assert commit(store, made_run(1, fact(SENT, "1", 1))) == 1
    store.close()


def test_a_hold_lost_in_the_midst_of_a_transaction_ends_it_at_once(postgres: Postgres) -> None:
    url = postgres.new_database()
    store = Store.open(url)
    store.lock_instance()

    with pytest.raises(StoreError, match="the session that held it was lost") as caught:
        _commit_while(store, lambda: end_the_holder(url))

    assert caught.value.kind == "unavailable"
    assert commit(store, made_run(1, fact(SENT, "1", 1))) == 1
    with closing(Store.open(url)) as other, pytest.raises(StoreError, match="another instance"):
        other.lock_instance()
    store.close()


def _commit_while(store: Store, happens: Callable[[], None]) -> None:
    with store.writing() as tx:
        tx.append_scoreboard(0, None, tx.append_run(made_run(1)), ())
        happens()


def test_a_server_that_turned_read_only_is_left_for_one_that_writes(postgres: Postgres) -> None:
    url = postgres.new_database()
    store = Store.open(url)
    commit(store, made_run(1))
    with store._database.writer.connect() as connection:
        connection.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
        connection.commit()

    with pytest.raises(StoreError, match="read-only") as caught:
        commit(store, made_run(2))

    assert caught.value.kind == "unavailable"
    assert commit(store, made_run(2)) == 2
    store.close()


def test_a_role_that_may_not_make_tables_is_told_so(postgres: Postgres) -> None:
    url = postgres.new_database()
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        connection.execute("CREATE ROLE guest LOGIN")

    with pytest.raises(StoreError, match="permission denied for schema public") as caught:
        Store.open(url.replace("postgres@", "guest@"))

    assert caught.value.kind == "unavailable"


def test_what_the_url_sets_stands_before_our_own_settings(postgres: Postgres) -> None:
    ours = Store.open(postgres.new_database())
    theirs = Store.open(f"{postgres.new_database()}?options=-c%20statement_timeout%3D7s")

    assert [_setting(ours, "statement_timeout"), _setting(ours, "lock_timeout")] == ["15s", "5s"]
    assert _setting(theirs, "statement_timeout") == "7s"
    ours.close()
    theirs.close()


def test_our_own_mistake_in_sql_is_no_fault_of_the_store(postgres: Postgres) -> None:
    store = Store.open(postgres.new_database())

    with pytest.raises(ProgrammingError), store._reading() as connection:
        connection.execute(text("SELECT nothing"))

    store.close()


def test_readers_beyond_the_pool_get_a_clear_error(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'store.db'}")
    reader = store._database.reader
    taken = [reader.connect() for _ in range(8)]

    with pytest.raises(StoreError, match="timeout 2") as caught:
        store.head()
    for connection in taken:
        connection.close()

    assert caught.value.kind == "unavailable"
    assert store.head() == 0
    store.close()


def _setting(store: Store, name: str) -> str:
    with store._database.writer.connect() as connection:
        return str(connection.scalar(text(f"SHOW {name}")))


def _limit_pages(store: Store, pages: int) -> int:
    """Limit the writer's file to a number of pages, or to what it has; tell the limit."""
    with store._database.writer.connect() as connection:
        return int(connection.scalar(text(f"PRAGMA max_page_count = {pages}")) or 0)


def _lose_the_server(store: Store, url: str) -> None:
    with store.writing() as tx:
        tx.append_run(made_run(1, fact(SENT, "1", 1)))
        _end_sessions(url)
        tx.append_scoreboard(0, None, None, ())


def _end_sessions(url: str) -> None:
    others = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(others)


def test_ids_are_asked_again_of_a_server_that_came_back_as_it_was_before(
    own_postgres: Postgres,
) -> None:
    url = own_postgres.new_database()
    store = Store.open(url)
    commit(store, made_run(1, fact(SENT, "1", 1)))
    with store._database.migrator.begin() as connection:
        # As after a backup was put back: the same id is another series'.
        connection.execute(text("ALTER TABLE series DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE series SET agency = 'moc-chau'"))

    own_postgres.stop("fast")
    own_postgres.start("")
    commit(store, made_run(2, fact(SENT, "2", 2)))

    assert {str(one.value) for one in store.readings().values()} == {"1", "2"}
    assert store.readings()[SENT].value == 2
    store.close()
