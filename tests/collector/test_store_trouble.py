"""A store that takes nothing for a while, or is lost: said, counted, shown, and got over."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from collector.clock import SystemClock
from collector.control import ControlError, ask_service, socket_path
from collector.schedule import Pulse
from collector.store.postgres import INSTANCE_LOCK
from collector.store.store import Store
from tests.collector.test_service import running
from tests.makers import Counts, Rig, drafted, rigged
from tests.postgres import Postgres, end_the_holder, running_postgres
from tests.source_server import SourceServer
from tests.waiting import WAIT_S, until

PULSE = Pulse(boards_s=0.05, retry_s=0.2)


@pytest.fixture
def made(
    source_server: SourceServer, counts: Counts, tmp_path: Path
) -> Iterator[Callable[[str], Rig]]:
    """Makes a rig on a store, with a source that is due every second."""
    settings = drafted(source_server.url, schedule={"every": "1s"}).settings(tmp_path / "config")
    with ExitStack() as open_for_now:

        def on(url: str) -> Rig:
            return open_for_now.enter_context(rigged(settings, url, clock=SystemClock()))

        yield on


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A server to be stopped and started."""
    with running_postgres(durable=True) as server:
        yield server


def events(rig: Rig) -> list[str]:
    told = ("store begins to fail", "store recovered", "store lost", "run not stored")
    return [line["event"] for line in rig.logged() if line["event"] in told]


def told_of_it(rig: Rig) -> list[str]:
    """But for a run that finds the store in order again by the time it says why it is not there."""
    return [event for event in events(rig) if event != "run not stored"]


def failures(rig: Rig) -> float:
    return rig.metrics()["dti_store_failures_total", frozenset()]


def is_refused(url: str, request: dict[str, Any]) -> bool:
    try:
        ask_service(socket_path(url), request, timeout_s=WAIT_S)
    except ControlError:
        return True
    return False


def fill(store: Store, *, room: int = 0) -> None:
    """A disk on which the store may take so many more pages."""
    with store._database.writer.connect() as connection:
        pages = int(connection.scalar(text("PRAGMA page_count")) or 0)
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + room}")


def test_a_full_disk_is_said_once_counted_every_time_and_got_over(
    made: Callable[[str], Rig], counts: Counts, tmp_path: Path
) -> None:
    rig = made(f"sqlite:///{tmp_path / 'store.db'}")
    with running(rig, pulse=PULSE):
        assert until(lambda: rig.front.site.not_ready() is None)
        fill(rig.store)
        assert until(lambda: failures(rig) > 3)

        why = rig.front.site.not_ready()

        assert why is not None
        assert "database or disk is full" in why
        assert events(rig) == ["store begins to fail"]
        fill(rig.store, room=100_000)
        assert until(lambda: rig.front.site.not_ready() is None)
        assert events(rig) == ["store begins to fail", "store recovered"]


def test_a_server_that_is_restarted_is_held_again_and_what_was_owed_is_stored(
    made: Callable[[str], Rig], own_postgres: Postgres
) -> None:
    rig = made(own_postgres.new_database())
    rig.store.lock_instance()
    with running(rig, pulse=PULSE) as one:
        assert until(lambda: len(rig.store.runs()) > 0)
        own_postgres.stop("fast")
        assert until(lambda: rig.front.site.not_ready() is not None)
        own_postgres.start("")

        assert until(lambda: rig.front.site.not_ready() is None)

        assert events(rig) == ["store begins to fail", "store recovered"]
        assert is_held(rig.store)
        rig.engine.desk.stop.set()
        assert one.ended() == 0


def test_a_session_that_was_ended_is_begun_again_and_the_store_held(
    made: Callable[[str], Rig], postgres: Postgres
) -> None:
    url = postgres.new_database()
    rig = made(url)
    rig.store.lock_instance()
    with running(rig, pulse=PULSE):
        assert until(lambda: rig.front.site.not_ready() is None)

        end_the_holder(url)

        assert until(lambda: told_of_it(rig) == ["store begins to fail", "store recovered"])
        assert is_held(rig.store)


def test_a_service_whose_store_another_took_ends_with_75_and_writes_nothing_more(
    made: Callable[[str], Rig], postgres: Postgres
) -> None:
    url = postgres.new_database()
    rig = made(url)
    rig.store.lock_instance()
    with closing(Store.open(url)) as other, running(rig, pulse=PULSE) as one:
        assert until(lambda: rig.front.site.not_ready() is None)
        with rig.store._turn:  # it is lost between two of its transactions
            end_the_holder(url)
            other.lock_instance()
            stood = other.head()

        assert one.ended() == 75

        assert other.head() == stood
        assert events(rig)[-1] == "store lost"
        assert "another instance holds it" in str(rig.front.site.not_ready())


def is_held(store: Store) -> bool:
    """Whether no other could take it."""
    url = store._database.writer.url.render_as_string(hide_password=False)
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        taken = connection.execute("SELECT pg_try_advisory_lock(%s)", (INSTANCE_LOCK,)).fetchone()
    return taken == (False,)


def test_a_run_by_hand_that_was_not_stored_is_forgotten_once_the_store_is_in_order(
    source_server: SourceServer, counts: Counts, tmp_path: Path
) -> None:
    """Nobody owes it: the source itself may be due in a month."""
    url = f"sqlite:///{tmp_path / 'chiso.db'}"
    draft = drafted(source_server.url, schedule={"every": "12h"})
    pull = {"command": "pull", "source": "counts", "past": None}
    with (
        rigged(draft.settings(tmp_path / "config"), url, clock=SystemClock()) as rig,
        running(rig, pulse=PULSE),
    ):
        assert until(lambda: len(rig.store.runs()) > 0)
        fill(rig.store)
        assert until(lambda: is_refused(url, pull))
        assert rig.front.site.not_ready() is not None

        fill(rig.store, room=100_000)

        assert until(lambda: rig.front.site.not_ready() is None)
