"""Semantic faults: each is found at the first run that shows it, and told again after a restart."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from collector.clock import HOUR_US, MINUTE_US, SimulatedClock
from collector.facts import Verdict
from collector.periods import instant_us
from collector.settings.model import Settings
from collector.sources import source_views
from collector.track import worked_between
from tests.makers import AGENCIES, NOW_US, Counts, Rig, drafted, rigged
from tests.source_server import Served, SourceServer

QUARTER_US = 15 * MINUTE_US
# Wednesday noon to Monday noon in the province.
WEDNESDAY_US = instant_us(datetime(2024, 10, 16, 5, tzinfo=UTC))


def state(rig: Rig) -> str:
    (view,) = source_views(rig.settings, rig.published, {}, rig.clock.now_us())
    return view.state


def verdict(rig: Rig) -> Verdict | None:
    return rig.published.last_told["counts"].track.verdict


@contextmanager
def rig_of(
    server: SourceServer, folder: Path, url: str, *, at_us: int = NOW_US, **more: Any
) -> Iterator[Rig]:
    draft = drafted(server.url, **more)
    draft.province["province"] |= {
        "working_hours": "Mon-Fri 07:30-17:00",
        "holidays": ["2024-10-18"],
    }
    with rigged(draft.settings(folder), url, clock=SimulatedClock(at_us)) as rig:
        yield rig


def frozen_after(changes: int) -> dict[str, str | int]:
    return {"late_after": "45m", "stale_after": "3d", "frozen_after": changes}


class TestFrozen:
    def test_once_so_many_expected_changes_did_not_come(
        self, source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
    ) -> None:
        freshness = frozen_after(3)
        with rig_of(source_server, tmp_path, url, at_us=WEDNESDAY_US, freshness=freshness) as rig:
            seen = []
            for _ in range(5):
                rig.pull()
                seen.append(state(rig))
                rig.move(QUARTER_US)
            counts.say("so-tttt", spots=9)
            rig.pull()
            seen.append(state(rig))

        assert seen == ["fresh", "fresh", "fresh", "frozen", "frozen", "fresh"]

    def test_the_count_goes_on_after_a_restart(
        self, source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
    ) -> None:
        freshness, seen = frozen_after(3), []
        for step in range(4):
            at_us = WEDNESDAY_US + step * QUARTER_US
            with rig_of(source_server, tmp_path, url, at_us=at_us, freshness=freshness) as rig:
                rig.pull()
                seen.append(state(rig))
                assert rig.store.last_told() == rig.published.last_told

        assert seen == ["fresh", "fresh", "fresh", "frozen"]

    def test_nights_holidays_and_weekends_expect_no_change(
        self, source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
    ) -> None:
        """Thursday 18:00 to Monday 7:00, Friday being a holiday: nobody works in 85 hours."""
        thursday_us = instant_us(datetime(2024, 10, 17, 11, tzinfo=UTC))
        freshness = frozen_after(2)
        with rig_of(source_server, tmp_path, url, at_us=thursday_us, freshness=freshness) as rig:
            for _ in range(85):
                rig.pull()
                rig.move(HOUR_US)
            rig.pull()
            assert rig.published.last_told["counts"].track.same == 0
            for _ in range(2):
                rig.move(HOUR_US)
                rig.pull()
            assert state(rig) == "frozen"

    def test_a_failed_run_between_neither_counts_nor_begins_again(
        self, source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
    ) -> None:
        freshness = frozen_after(2)
        with rig_of(source_server, tmp_path, url, at_us=WEDNESDAY_US, freshness=freshness) as rig:
            for answer in (counts, lambda _: Served(status=503), counts, counts):
                source_server.answer = answer
                rig.pull()
                rig.move(QUARTER_US)

            assert state(rig) == "frozen"
            message = rig.published.last_runs["counts"].message
            assert message == "the same answer at 2 expected changes"
            assert rig.readings()["spots", "so-tttt"] == "8"

    def test_without_frozen_after_an_answer_may_stay_the_same(
        self, rig: Rig, counts: Counts
    ) -> None:
        for _ in range(50):
            rig.pull()
            rig.move(QUARTER_US)

        assert verdict(rig) is None


class TestRegressed:
    def test_where_a_total_fell_by_more_than_it_may(self, rig: Rig, counts: Counts) -> None:
        rig.pull()
        counts.say("so-tttt", sent=899, signed=800)
        rig.move(QUARTER_US)

        run = rig.pull().run

        assert (run.outcome, state(rig)) == ("ok", "regressed")
        assert run.message == "totals fell by more than their max_fall"
        assert rig.readings()["sent", "so-tttt"] == "1000"
        (refused,) = run.refusals
        assert (refused.value, refused.data_us) == (Decimal(899), rig.clock.now_us())

    def test_and_no_longer_once_it_is_back(self, rig: Rig, counts: Counts) -> None:
        rig.pull()
        for sent in (899, 1001):
            counts.say("so-tttt", sent=sent)
            rig.move(QUARTER_US)
            rig.pull()

        assert state(rig) == "fresh"

    def test_a_smaller_fall_is_a_restatement(self, rig: Rig, counts: Counts) -> None:
        rig.pull()
        counts.say("so-tttt", sent=900, signed=799)
        counts.say("moc-chau", sent=1001)
        counts.say("phu-yen", spots=1)
        rig.move(QUARTER_US)

        run = rig.pull().run

        assert state(rig) == "fresh"
        assert [
            (one.series.metric, one.series.agency, one.before, one.after) for one in run.restated
        ] == [
            ("sent", "so-tttt", Decimal(1000), Decimal(900)),
            ("signed", "so-tttt", Decimal(800), Decimal(799)),
        ]
        (said,) = (line for line in rig.logged() if line["event"] == "totals restated")
        assert said["restated"][0] == "sent so-tttt 2024: 1000 → 900"


class TestPartial:
    @pytest.mark.parametrize("absent", ["missing", "hold"])
    def test_while_an_agency_that_came_before_is_gone(
        self, absent: str, source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
    ) -> None:
        with rig_of(source_server, tmp_path, url, absent=absent) as rig:
            seen, whole = [], (list(counts.totals), list(counts.now))
            for step in range(5):
                if step == 1:
                    counts.leave_out("moc-chau")
                if step == 4:
                    counts.totals, counts.now = whole
                rig.pull()
                rig.move(QUARTER_US)
                seen.append((state(rig), rig.published.last_told["counts"].track.vanished))

        gone = ("partial", ("moc-chau",))
        assert seen == [("fresh", ()), gone, gone, gone, ("fresh", ())]

    def test_an_agency_that_never_came_did_not_vanish(self, rig: Rig, counts: Counts) -> None:
        counts.leave_out("moc-chau")
        for _ in range(3):
            rig.pull()
            rig.move(QUARTER_US)

        assert state(rig) == "fresh"
        assert rig.published.last_told["counts"].track.absent == ("moc-chau",)

    def test_nor_one_whose_absence_means_zero(
        self, source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
    ) -> None:
        with rig_of(source_server, tmp_path, url, absent="zero") as rig:
            rig.pull()
            counts.leave_out("moc-chau")
            rig.move(QUARTER_US)
            rig.pull()

            assert state(rig) == "fresh"

    def test_one_that_is_dissolved_is_not_expected_any_more(
        self, source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
    ) -> None:
        draft = drafted(source_server.url)
        draft.agency("moc-chau")["until"] = "2024-10-17"
        with rigged(draft.settings(tmp_path), url) as rig:
            rig.pull()
            counts.leave_out("moc-chau")
            rig.move(24 * HOUR_US)
            rig.pull()

            assert state(rig) == "fresh"

    def test_the_message_names_who_is_gone(self, rig: Rig, counts: Counts) -> None:
        rig.pull()
        for agency in AGENCIES[:2]:
            counts.leave_out(agency)
        rig.move(QUARTER_US)

        assert rig.pull().run.message == "no longer in the answer: so-gtvt, so-tttt"


class TestFuture:
    def test_a_row_of_a_time_to_come_is_refused_and_the_others_stand(
        self, rig: Rig, counts: Counts
    ) -> None:
        counts.now[0] |= {"at": "2052-10-16T00:00:00Z"}

        run = rig.pull().run

        assert (run.outcome, state(rig)) == ("ok", "future")
        assert {one.reason for one in run.refusals} == {"future"}
        assert "8 of 2052-10-16T00:00:00Z" in {one.got for one in run.refusals}
        assert ("spots", "so-tttt") not in rig.readings()
        assert rig.readings()["spots", "moc-chau"] == "8"


def halve(counts: Counts) -> None:
    for agency in AGENCIES:
        counts.say(agency, sent=500, signed=400)


def declare_more(counts: Counts) -> None:
    counts.declared = 99


def lose_one(counts: Counts) -> None:
    counts.leave_out("phu-yen")


def run_ahead(counts: Counts) -> None:
    counts.now = [one | {"at": "2024-12-24T00:00:00Z"} for one in counts.now]


def break_ranges(counts: Counts) -> None:
    for agency in AGENCIES:
        counts.say(agency, spots=501)


FAULTS: dict[Callable[[Counts], None], str] = {
    halve: "regressed",
    declare_more: "partial",
    lose_one: "partial",
    run_ahead: "future",
    break_ranges: "held",
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.__name__)
def test_a_fault_is_found_by_the_first_run_and_told_until_an_answer_is_good_again(
    fault: Callable[[Counts], None], rig: Rig, counts: Counts, source_server: SourceServer
) -> None:
    rig.pull()
    whole = deepcopy(counts)
    fault(counts)
    seen = []
    for answer in (counts, lambda _: Served(status=503), whole):
        source_server.answer = answer
        rig.move(QUARTER_US)
        rig.pull()
        seen.append(state(rig))

    assert seen == [FAULTS[fault], FAULTS[fault], "fresh"]


def moment(day: int, hour: int) -> int:
    """In October 2024, by the province's clock."""
    return instant_us(datetime(2024, 10, day, tzinfo=UTC)) + (hour - 7) * HOUR_US


@pytest.mark.parametrize(
    ("start", "end", "worked"),
    [
        ((16, 18), (17, 7), False),
        ((16, 18), (17, 8), True),
        ((16, 9), (16, 10), True),
        ((17, 17), (21, 7), False),
        ((17, 16), (21, 7), True),
        ((18, 0), (21, 0), False),
        ((16, 9), (16, 9), True),
    ],
)
def test_working_time_between(
    start: tuple[int, int], end: tuple[int, int], *, worked: bool, tmp_path: Path
) -> None:
    draft = drafted("https://register.example")
    draft.province["province"] |= {"working_hours": "Mon-Fri 07:30-17:00"}
    settings = replace(
        draft.settings(tmp_path), holidays=((date(2024, 10, 18), date(2024, 10, 19)),)
    )

    assert worked_between(settings, moment(*start), moment(*end)) is worked


def test_without_working_hours_every_moment_is_one(tmp_path: Path) -> None:
    settings: Settings = drafted("https://register.example").settings(tmp_path)

    assert worked_between(settings, moment(19, 23), moment(20, 0))
