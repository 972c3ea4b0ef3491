"""Runs and the scoreboard after them: stored and shown together, or not at all."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from collector.cells import Bodies, changed_cells, merged
from collector.clock import DAY_US, HOUR_US, MINUTE_US, SimulatedClock
from collector.documents import scoreboard_document, stored_edition
from collector.facts import Admitted, Refusal, Run, Series
from collector.outlook import outlook
from collector.periods import instant_us, local
from collector.scoreboard import Known, build, grids
from collector.settings.model import Settings
from collector.store.errors import StoreError
from collector.store.store import Store
from tests.makers import AGENCIES, NOW_US, Counts, Rig, drafted, rigged
from tests.source_server import SourceServer

MIDNIGHT_US = NOW_US + 8 * HOUR_US


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return drafted("https://register.example").settings(tmp_path_factory.mktemp("config"))


@contextmanager
def raw(url: str) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        yield connection


def cells_of(url: str, number: int) -> int:
    with raw(url) as connection:
        found = connection.execute("SELECT count(*) FROM cells WHERE number = ?", (number,))
        return int(found.fetchone()[0])


def same_as_stored(rig: Rig) -> bool:
    """Whether all that is in memory is what a new process would read."""
    known = Known(rig.store.readings(), rig.store.held())
    memory = rig.published
    row = rig.store.scoreboard_row()
    return (
        (memory.known, memory.bodies) == (known, rig.store.cells())
        and row is not None
        and (row.number, row.data_us) == (memory.board.number, memory.board.data_us)
        and (memory.last_runs, memory.last_ok) == (rig.store.last_runs(), rig.store.last_ok())
        and memory.taken == rig.store.taken_by_source()
    )


def scored_anew(rig: Rig) -> Bodies:
    """What the scoreboard would say if nothing of the one before it were used."""
    memory = rig.published
    at_us = memory.board.published_us
    view = outlook(rig.settings, at_us)
    board = build(grids(view, memory.known), memory.known, number=1, at_us=at_us)
    return merged({}, changed_cells(rig.settings, view, board, None, {}))


def test_the_first_scoreboard_stands_at_once_with_bounds_and_without_scores(rig: Rig) -> None:
    body = rig.body("agency/so-tttt")

    assert (rig.published.board.number, rig.published.board.data_us) == (1, None)
    assert (body["score"], body["low"], body["high"], body["coverage"]) == (None, 0, 100, 0)
    assert {body[key] for key in ("rank", "rank_best", "rank_worst", "band")} == {None}
    assert rig.status("so-tttt", "spots-up") == "missing"
    assert same_as_stored(rig)


def test_what_stays_is_not_stored_again(rig: Rig, url: str, counts: Counts) -> None:
    rig.pull()
    rig.move(MINUTE_US)
    rig.pull()
    rig.move(MINUTE_US)
    counts.say("so-tttt", spots=9)

    rig.pull()

    assert cells_of(url, 3) == 0
    # The cell itself, its agency, its block, the province, the province's value of it, and so-tttt
    # takes the lead: the ranks of the two that shared it.
    assert cells_of(url, 4) == 7
    assert same_as_stored(rig)


def test_a_run_that_touches_no_set_moves_the_scoreboard_and_scores_nothing(rig: Rig) -> None:
    rig.pull()
    before = rig.published.board
    rig.move(MINUTE_US)
    other = Admitted(Series("sent", "so-tttt", "2021"), Decimal(5), rig.clock.now_us())
    now_us = rig.clock.now_us()

    rig.publish(Run("counts", now_us, now_us, now_us, "ok", admitted=(other,)))

    after = rig.published.board
    assert (after.number, after.published_us) == (before.number + 1, now_us)
    assert after.data_us == now_us
    assert all(one is other for one, other in zip(after.boards, before.boards, strict=True))
    assert same_as_stored(rig)


def test_what_a_run_took_is_known_at_once(rig: Rig) -> None:
    now_us = rig.clock.now_us()
    run = Run("counts", now_us, now_us, now_us, "ok", taken=("a", "b"))

    rig.publish(run, replace(run, due_us=now_us + 1, taken=("b", "c")))

    assert rig.published.taken == {"counts": frozenset("abc")}
    assert same_as_stored(rig)


def test_a_restart_goes_on_where_the_store_stands(rig: Rig, url: str) -> None:
    rig.pull()
    bodies = dict(rig.published.bodies)

    with rigged(rig.settings, url, clock=SimulatedClock(NOW_US + MINUTE_US)) as again:
        assert again.published.board.number == 3
        assert again.published.bodies == bodies
        assert cells_of(url, 3) == 0
        assert again.engine.agenda.done_us == {"counts": NOW_US}


class TestAllOrNothing:
    def test_a_full_disk_leaves_what_stood_and_the_due_owed(self, rig: Rig, url: str) -> None:
        before = rig.published
        with rig.store._database.writer.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError) as caught:
            rig.publish(*_many(rig, 400))
        assert caught.value.kind == "unavailable"
        assert rig.published is before
        assert (rig.store.head(), rig.store.runs(), rig.store.readings()) == (1, (), {})
        with rig.store._database.writer.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1000000")

        rig.pull(due_us=NOW_US)

        assert rig.published.board.number == 2
        assert same_as_stored(rig)

    def test_of_two_runs_the_first_does_not_stay_where_the_second_cannot(self, rig: Rig) -> None:
        run = Run("counts", NOW_US, NOW_US, NOW_US, "failed")

        with pytest.raises(StoreError, match="UNIQUE"):
            rig.publish(run, run)

        assert (rig.store.head(), rig.store.runs()) == (1, ())

    def test_a_run_does_not_stay_where_its_scoreboard_cannot(self, rig: Rig) -> None:
        before = rig.published
        with rig.store._database.writer.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE cells RENAME TO elsewhere")

        with pytest.raises(StoreError):
            rig.pull()

        assert rig.published is before
        assert (rig.store.head(), rig.store.runs()) == (1, ())
        with rig.store._database.writer.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO cells")
        rig.pull()
        assert same_as_stored(rig)

    def test_no_reader_sees_a_run_without_its_scoreboard(self, rig: Rig, url: str) -> None:
        seen: set[tuple[int, int, int]] = set()
        done = threading.Event()

        def look() -> None:
            with raw(url) as connection:
                while not done.is_set():
                    seen.add(
                        connection.execute(
                            "SELECT (SELECT number FROM head), (SELECT max(id) FROM runs),"
                            " (SELECT max(run_id) FROM scoreboards)"
                        ).fetchone()
                    )

        reader = threading.Thread(target=look)
        rig.pull()
        reader.start()
        for _ in range(25):
            rig.move(MINUTE_US)
            rig.pull()
        done.set()
        reader.join()

        assert len(seen) > 3
        assert all(number - 1 == run == shown for number, run, shown in seen)

    def test_what_another_stored_meanwhile_is_shown_with_the_next_run(
        self, rig: Rig, url: str
    ) -> None:
        rig.pull()
        due_us = NOW_US + MINUTE_US
        fact = Admitted(Series("spots", "so-tttt", ""), Decimal(3), due_us)
        other = Run("counts", due_us, due_us, due_us, "ok", admitted=(fact,))
        with closing(Store.open(url)) as store, store.writing() as tx:
            tx.append_scoreboard(due_us, due_us, tx.append_run(other), ())
        rig.move(2 * MINUTE_US)

        rig.publish()

        assert rig.readings()["spots", "so-tttt"] == "3"
        assert same_as_stored(rig)

    def test_what_another_stored_meanwhile_is_not_forgotten(self, rig: Rig, url: str) -> None:
        """As after a commit whose answer was lost: the store holds more than the memory."""
        rig.pull()
        due_us = NOW_US + MINUTE_US
        fact = Admitted(Series("spots", "so-tttt", ""), Decimal(3), due_us)
        other = Run("counts", due_us, due_us, due_us, "ok", admitted=(fact,))
        with closing(Store.open(url)) as store, store.writing() as tx:
            tx.append_scoreboard(due_us, due_us, tx.append_run(other), ())
        rig.move(MINUTE_US)
        with pytest.raises(StoreError, match="UNIQUE"):
            rig.pull(due_us=due_us)

        rig.move(MINUTE_US)
        rig.publish()

        assert rig.published.board.number == 4
        assert rig.readings()["spots", "so-tttt"] == "3"
        assert same_as_stored(rig)


def _many(rig: Rig, count: int) -> list[Run]:
    refusals = tuple(Refusal("type", f"row {number}", "x" * 80) for number in range(100))
    return [
        Run("counts", NOW_US + n, NOW_US, NOW_US, "ok", refusals=refusals) for n in range(count)
    ]


class TestWithoutARun:
    def test_a_reading_that_turns_stale_is_published_the_instant_after_its_deadline(
        self, rig: Rig
    ) -> None:
        rig.pull()
        deadline_us = NOW_US + 2 * HOUR_US
        assert rig.published.change_us == deadline_us + 1
        rig.move(2 * HOUR_US)
        assert rig.publish().change_us == deadline_us + 1
        assert rig.status("so-tttt", "spots-up") == "ok"
        rig.move(1)

        rig.publish()

        assert rig.status("so-tttt", "spots-up") == "stale"
        assert rig.status("so-tttt", "signed-ratio") == "ok"
        body = rig.body("agency/so-tttt")
        assert (body["score"], body["coverage"]) == (85.0, 1.0)
        assert (body["low"], body["high"]) == (65.0, 90.0)
        assert rig.published.change_us == MIDNIGHT_US
        assert same_as_stored(rig)

    def test_an_agency_that_ends_is_gone_everywhere_at_one_number(
        self, source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
    ) -> None:
        draft = drafted(source_server.url)
        draft.agency("so-gtvt")["until"] = "2024-10-17"
        with rigged(draft.settings(tmp_path / "config"), url) as rig:
            counts.say("so-gtvt", spots=10)
            rig.pull()
            assert rig.published.change_us == NOW_US + 2 * HOUR_US + 1
            assert (rig.body("agency/so-gtvt")["rank"], rig.body("agency/so-tttt")["rank"]) == (
                1,
                2,
            )
            rig.move(8 * HOUR_US - 1)
            assert rig.publish().change_us == MIDNIGHT_US
            assert ("test-2024", "agency/so-gtvt") in rig.published.bodies
            rig.move(1)

            number = rig.publish().board.number

            edition = rig.published.edition()
            document = scoreboard_document(edition, "test-2024")
            assert "so-gtvt" not in json.dumps(document)
            assert document["blocks"][0]["agencies_scored"] == 2
            assert rig.body("agency/so-tttt")["rank"] == 1
            metrics = rig.metrics()
            assert metrics["dti_scoreboard_number", frozenset()] == number
            assert not [key for key in metrics if ("agency", "so-gtvt") in key[1]]
            gone = rig.store.history("test-2024", "agency/so-gtvt")[-1]
            assert (gone.number, gone.body) == (number, None)
            assert rig.store.history("test-2024", "agency/so-gtvt/spots-up")[-1].body is None
            assert same_as_stored(rig)

    def test_a_period_that_turns_begins_anew(
        self, source_server: SourceServer, counts: Counts, settings: Settings, url: str
    ) -> None:
        turn_us = instant_us(datetime(2025, 1, 1, tzinfo=settings.zone))
        made = drafted(source_server.url).settings(settings.folder.parent / "turning")
        with rigged(made, url, clock=SimulatedClock(turn_us - MINUTE_US)) as rig:
            rig.pull()
            assert rig.body("set")["period"]["id"] == "2024"
            assert rig.published.change_us == turn_us
            rig.move(MINUTE_US)

            rig.publish()

            assert rig.body("set")["period"]["id"] == "2025"
            assert rig.status("so-tttt", "signed-ratio") == "missing"
            assert rig.status("so-tttt", "spots-up") == "ok"
            assert same_as_stored(rig)

    def test_a_set_that_ends_leaves_nothing_behind(self, tmp_path: Path, url: str) -> None:
        draft = drafted("https://register.example")
        draft.indicators["set"]["effective"]["until"] = "2024-10-17"
        with rigged(draft.settings(tmp_path / "config"), url) as rig:
            assert rig.published.edition().set_ids() == ("test-2024",)
            rig.move(8 * HOUR_US)

            rig.publish()

            assert rig.published.edition().set_ids() == ()
            assert rig.published.bodies == {}
            assert not [one for one, _ in rig.metrics() if "agency" in one]
            assert same_as_stored(rig)


class TestChange:
    def test_is_against_the_last_scoreboard_of_the_day_before(
        self, rig: Rig, counts: Counts
    ) -> None:
        rig.pull()
        counts.say("so-tttt", spots=6)
        rig.move(HOUR_US)
        rig.pull()
        assert rig.published.edition().change("test-2024", "agency/so-tttt") is None
        rig.move(8 * HOUR_US)
        counts.say("so-tttt", spots=7)
        rig.pull()
        counts.say("so-tttt", spots=10)
        rig.move(HOUR_US)

        rig.pull()

        assert rig.published.edition().change("test-2024", "agency/so-tttt") == 10.0
        assert rig.published.edition().change("test-2024", "agency/so-gtvt") == 0.0
        stored = stored_edition(rig.store, rig.settings.zone)
        assert stored == rig.published.edition()

    def test_is_none_over_the_turn_of_a_period(
        self, source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
    ) -> None:
        made = drafted(source_server.url).settings(tmp_path / "config")
        turn_us = instant_us(datetime(2025, 1, 1, tzinfo=made.zone))
        with rigged(made, url, clock=SimulatedClock(turn_us - MINUTE_US)) as rig:
            rig.pull()
            rig.move(2 * MINUTE_US)
            rig.pull()

            assert rig.body("agency/so-tttt")["score"] == 85.0
            assert rig.published.edition().change("test-2024", "agency/so-tttt") is None


def test_a_clock_set_back_does_not_set_scoreboards_back(
    source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
) -> None:
    made = drafted(source_server.url).settings(tmp_path / "config")
    with rigged(made, url) as rig:
        rig.pull()
    with rigged(made, url, clock=SimulatedClock(NOW_US - DAY_US)) as rig:
        counts.say("so-tttt", spots=10)

        rig.pull()

        assert rig.published.board.published_us == NOW_US
        assert rig.readings()["spots", "so-tttt"] == "10"
        assert same_as_stored(rig)


Fact = tuple[str, str, int | None, int]
Step = tuple[list[Fact], list[tuple[str, str]], int]
NAMES = ("sent", "signed", "spots", "officer")
facts = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from(AGENCIES),
    st.one_of(st.none(), st.integers(0, 1)),
    st.integers(0, 3),
)
refused = st.tuples(st.sampled_from(NAMES), st.sampled_from(AGENCIES))
steps = st.tuples(
    st.lists(facts, max_size=6, unique_by=lambda one: one[:2]),
    st.lists(refused, max_size=3, unique=True),
    st.sampled_from([MINUTE_US, HOUR_US, 5 * HOUR_US, DAY_US, 100 * DAY_US]),
)


@how(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(story=st.lists(steps, min_size=1, max_size=6))
def test_memory_and_store_say_the_same_whatever_happens(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, story: list[Step]
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('store') / 'chiso.db'}"
    with rigged(settings, url) as rig:
        for given_facts, given_refusals, step_us in story:
            rig.move(step_us)
            rig.publish(_told(rig, given_facts, given_refusals))
            assert same_as_stored(rig)
            assert rig.published.bodies == scored_anew(rig)
        assert stored_edition(rig.store, rig.settings.zone) == rig.published.edition()


def _told(rig: Rig, given_facts: list[Fact], given_refusals: list[tuple[str, str]]) -> Run:
    now_us = rig.clock.now_us()
    year = str(local(now_us, rig.settings.zone).year)

    def series(metric: str, agency: str) -> Series:
        return Series(metric, agency, year if metric in {"sent", "signed"} else "")

    admitted = tuple(
        Admitted(
            series(metric, agency),
            None if value is None else Decimal(value),
            now_us - age * HOUR_US,
        )
        for metric, agency, value, age in given_facts
    )
    taken = {one.series for one in admitted}
    refusals = tuple(
        Refusal("range", "row", "x", series(metric, agency))
        for metric, agency in given_refusals
        if series(metric, agency) not in taken
    )
    return Run("counts", now_us, now_us, now_us, "ok", admitted=admitted, refusals=refusals)
