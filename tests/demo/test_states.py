"""A year of daily runs: how each source stood at every moment, as alerts would have seen it."""

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise

import pytest

from collector.clock import DAY_US
from collector.demo.paces import at_year_pace
from collector.demo.province import EVENTS, day_at
from collector.facts import Admitted, StoredRun
from collector.periods import local, period_of
from collector.settings.load import load
from collector.settings.model import Settings
from collector.sources import STANDINGS, SourceState, state_of
from collector.store.store import Store
from tests.years import ROOT, Year

CALLING = {one.state for one in STANDINGS if one.alert}


@dataclass(frozen=True)
class Seen:
    """A source at a moment."""

    source: str
    at_us: int
    state: SourceState


@pytest.fixture(scope="module")
def settings() -> Settings:
    return at_year_pace(load(ROOT / "config/sonla", environ=os.environ))


@pytest.fixture(scope="module")
def seen(year: Year, settings: Settings) -> tuple[Seen, ...]:
    """Every source just before and just after each run of any."""
    with closing(Store.open(year.url, read_only=True)) as store:
        runs = tuple(reversed(store.runs(limit=10_000)))
        brought = {run.id: store.admitted(run.id) for run in runs if run.admitted}
    return tuple(_walk(settings, runs, brought))


def _walk(
    settings: Settings, runs: tuple[StoredRun, ...], brought: dict[int, tuple[Admitted, ...]]
) -> Iterator[Seen]:
    last: dict[str, StoredRun] = {}
    told: dict[str, StoredRun] = {}
    newest: dict[str, dict[str, int]] = defaultdict(dict)

    def look(at_us: int) -> Iterator[Seen]:
        for name, run in last.items():
            source = settings.sources[name]
            standing = state_of(settings, source, run, told.get(name), newest[name], at_us)
            yield Seen(name, at_us, standing)

    for run in runs:
        yield from look(run.began_us)
        last[run.source] = run
        if run.outcome in {"ok", "held"}:
            told[run.source] = run
        for fact in brought.get(run.id, ()):
            ages = newest[run.source]
            ages[fact.series.metric] = max(ages.get(fact.series.metric, 0), fact.data_us)
        yield from look(run.ended_us)


def test_a_clean_year_calls_nobody_but_for_its_planned_faults(
    seen: tuple[Seen, ...], settings: Settings
) -> None:
    called = {
        (one.source, one.state, local(one.at_us, settings.zone).date().isoformat())
        for one in seen
        if one.state in CALLING
    }

    assert called == {
        *(("documents", "late", f"2024-03-0{day}") for day in (5, 6)),
        *(("documents", "stale", f"2024-03-0{day}") for day in (7, 8, 9)),
        *(("dossiers", "partial", f"2024-08-{day}") for day in (14, 15)),
    }
    assert {one.source for one in seen} == set(settings.sources)


def test_an_outage_is_late_and_then_stale_once_the_data_are_so_old(
    seen: tuple[Seen, ...], settings: Settings
) -> None:
    freshness = settings.sources["documents"].freshness
    (outage,) = (one for one in EVENTS if one.kind == "outage")
    began_us = period_of("day", outage.start).start_us(settings.zone)
    for state, age_us in (("late", freshness.late_after_us), ("stale", freshness.stale_after_us)):
        first_us = next(
            one.at_us for one in seen if one.source == "documents" and one.state == state
        )
        assert began_us < first_us <= began_us + age_us + DAY_US


def test_an_answer_that_declares_more_is_partial_from_its_first_run_to_the_next_good_one(
    seen: tuple[Seen, ...], settings: Settings
) -> None:
    (fault,) = (one for one in EVENTS if one.kind == "miscounted")
    began_us, ended_us = (
        period_of("day", day).start_us(settings.zone) for day in (fault.start, fault.until)
    )
    partial = [one.at_us for one in seen if one.state == "partial"]

    assert began_us <= min(partial) <= began_us + DAY_US
    assert ended_us <= max(partial) <= ended_us + DAY_US


def test_a_total_that_was_corrected_downwards_is_known_and_no_fault(year: Year) -> None:
    (correction,) = (one for one in EVENTS if one.kind == "overcounted")
    (agency,), (metric,) = correction.agencies, correction.metrics
    with closing(Store.open(year.url, read_only=True)) as store:
        facts = [
            (fact.value, run.began_us)
            for run in reversed(store.runs(limit=10_000))
            for fact in store.admitted(run.id)
            if (fact.series.agency, fact.series.metric) == (agency, metric)
            and fact.series.period == "2024"
        ]
    falls = [
        at_us
        for (before, _), (value, at_us) in pairwise(facts)
        if before is not None and value is not None and value < before
    ]

    (fall_us,) = falls
    assert day_at(fall_us) == correction.until
