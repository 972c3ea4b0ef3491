"""The level ranking: each indicator at the latest data time that all agencies of a block have.

In the live ranking an agency whose source is late stands with older figures beside newer ones of
the others. Here nobody is beaten by data newer than theirs: of every indicator, a block's agencies
are scored by what speaks of one and the same instant. To that end a set is scored in which every
indicator has inputs of its own.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from collector.cells import changed_cells, merged
from collector.documents import Document, Edition, scoreboard_document
from collector.facts import Reading, Scoreboard, Series, SetBoard
from collector.insight.retrace import Traced
from collector.outlook import Outlook, SetPlan, outlook, series_of
from collector.periods import iso, local, period_of
from collector.scoreboard import Grid, Known, build
from collector.settings.model import Metric, Settings
from collector.store.store import Store
from scoring.formula import parse_comparison, parse_formula
from scoring.model import Bools, Floats, Indicator
from scoring.rules import Parts
from scoring.score import prepare

# What is known of a data time: the newest fact of each series that is not about a later one.
Facts = Callable[[int], Mapping[Series, Reading]]


@dataclass(frozen=True)
class Moment:
    """The data time of an indicator in a block.

    None where there is no instant of which all that have data have some: then the indicator tells
    nothing about who is ahead, and is left out for the block.
    """

    indicator: str
    block: str
    data_us: int | None


@dataclass(frozen=True)
class Level:
    """The level ranking of one set, as a scoreboard is shown; `indicators` are the arrays' columns.

    The edition's `data_us` is the newest moment.
    """

    set_id: str
    indicators: tuple[str, ...]
    edition: Edition
    board: SetBoard
    moments: tuple[Moment, ...]


def level_of(traced: Traced, store: Store) -> Level:
    """The level ranking beside a scoreboard; StoreError where the store does not answer.

    Its changes are against the level ranking of the end of the day before.
    """
    edition = traced.edition
    last_run = store.run_of_board(edition.number)
    facts = lru_cache(lambda data_us: store.readings(at_us=data_us, last_run=last_run))
    settings, at_us = traced.settings, edition.published_us
    level = _level(settings, traced.plan, traced.known, facts, edition.number, at_us)
    day = period_of("day", local(at_us, settings.zone).date())
    before = level_at(settings, store, traced.set_id, day.start_us(settings.zone) - 1)
    baseline = before.edition.bodies if before else {}
    return replace(level, edition=replace(level.edition, baseline=baseline))


def level_at(settings: Settings, store: Store, set_id: str, at_us: int) -> Level | None:
    """That of a past instant, by all that is known of it now; None where the set was not in force.

    It no longer changes once the data of that instant are in, however late they came.
    """
    plan = next((one for one in outlook(settings, at_us).plans if one.spec.id == set_id), None)
    if plan is None:
        return None
    facts = lru_cache(lambda data_us: store.readings(at_us=data_us))
    known = Known(facts(at_us), frozenset())
    number = store.number_at(at_us + 1) or 0
    return _level(settings, plan, known, facts, number, at_us)


def level_document(level: Level) -> Document:
    """The scoreboard's document, with the moment of each indicator in each block."""
    return {
        **scoreboard_document(level.edition, level.set_id),
        "ranking": "level",
        "moments": [
            {
                "indicator": one.indicator,
                "block": one.block,
                "data_at": None if one.data_us is None else iso(one.data_us),
            }
            for one in level.moments
        ],
    }


def _level(
    settings: Settings, plan: SetPlan, known: Known, facts: Facts, number: int, at_us: int
) -> Level:
    table = _Table(plan, known, facts, at_us)
    moments = tuple(table.fill())
    own = _own_plan(settings, plan, moments)
    grid = Grid(own, table.numbers, table.data_us, table.held)
    data_us = max((one.data_us for one in moments if one.data_us is not None), default=None)
    (board,) = build([grid], known, number=number, at_us=at_us).boards
    shown = Scoreboard(number, at_us, data_us, (board,))
    view = Outlook(plan.period.start, (own,), at_us)
    bodies = merged({}, changed_cells(settings, view, shown, None, {}))
    edition = Edition(number, at_us, data_us, bodies, {})
    return Level(plan.spec.id, tuple(one.id for one in _indicators(plan)), edition, board, moments)


class _Table:
    """The numbers of every indicator's own inputs, agencies × inputs, filled block by block."""

    def __init__(self, plan: SetPlan, known: Known, facts: Facts, at_us: int) -> None:
        self._plan, self._known, self._facts, self._at_us = plan, known, facts, at_us
        self._used = _used(plan)
        self._starts = np.cumsum([0, *(len(each) for each in self._used)]).tolist()
        shape = len(plan.roster.agencies), self._starts[-1]
        self.numbers: Floats = np.full(shape, np.nan)
        self.data_us: NDArray[np.int64] = np.full(shape, -1, dtype=np.int64)
        self.held: Bools = np.zeros(shape, dtype=np.bool_)

    def fill(self) -> Iterator[Moment]:
        """A moment for each indicator and block of which anything is known."""
        applies = self._plan.scoring.applies
        for index in range(len(self._used)):
            for block, members in self._plan.scoring.blocks:
                rows = [row for row in members.tolist() if applies[index, row]]
                yield from self._fill(index, block, rows)

    def _fill(self, index: int, block: str, rows: list[int]) -> Iterator[Moment]:
        """Who lacks an input is as in the live ranking: no earlier moment has it either."""
        whole: dict[int, list[Reading]] = {}
        for row in rows:
            live = [self._live(row, column) for column in self._used[index]]
            there = [fact for fact in live if fact is not None]
            if len(there) == len(live):
                whole[row] = there
            else:
                self._put(index, row, live, 0)
        if whole:
            least_us = min(fact.data_us for facts in whole.values() for fact in facts)
            leveled = {row: self._as_of(facts, least_us) for row, facts in whole.items()}
            sound = all(None not in facts for facts in leveled.values())
            for row, found in leveled.items() if sound else ():
                fresh = self._is_fresh(index, row, whole[row])
                # Of a source that still tells, an age is that at the moment itself; of one that
                # has fallen silent the figure is as stale as in the live ranking.
                self._put(index, row, found, self._at_us - least_us if fresh else 0)
            indicator = self._plan.spec.scoring.indicators[index]
            yield Moment(indicator.id, block, least_us if sound else None)

    def _live(self, row: int, column: int) -> Reading | None:
        if self._plan.stale_after_us[row, column] < 0:
            return None
        return self._known.readings.get(self._series(row, column))

    def _is_fresh(self, index: int, row: int, live: Sequence[Reading]) -> bool:
        ages_us = [self._at_us - fact.data_us for fact in live]
        limits_us = self._plan.stale_after_us[row, self._used[index]]
        return bool((ages_us <= limits_us).all())

    def _as_of(self, live: list[Reading], data_us: int) -> list[Reading | None]:
        return [
            fact if fact.data_us <= data_us else self._facts(data_us).get(fact.series)
            for fact in live
        ]

    def _put(self, index: int, row: int, found: Sequence[Reading | None], later_us: int) -> None:
        columns = range(self._starts[index], self._starts[index + 1])
        for at, column, fact in zip(columns, self._used[index], found, strict=True):
            self.held[row, at] = self._series(row, column) in self._known.held
            if fact is not None:
                self.numbers[row, at] = float(fact.value)
                self.data_us[row, at] = fact.data_us + later_us

    def _series(self, row: int, column: int) -> Series:
        plan = self._plan
        return series_of(plan.metrics[column], plan.roster.agencies[row], plan.period)


def _used(plan: SetPlan) -> list[list[int]]:
    """Of each indicator, the columns of its metrics among the plan's."""
    place = {metric.id: column for column, metric in enumerate(plan.metrics)}
    return [[place[name] for name in one.formula.names] for one in plan.spec.scoring.indicators]


def _own_plan(settings: Settings, plan: SetPlan, moments: Sequence[Moment]) -> SetPlan:
    """The plan of the same set, every input under a name of its own, without what is left out."""
    used = [column for columns in _used(plan) for column in columns]
    names = iter(f"m{place}" for place in range(len(used)))
    own = [{name: next(names) for name in one.formula.names} for one in _indicators(plan)]
    members = dict(plan.scoring.blocks)
    out: dict[str, frozenset[str]] = {}
    for moment in moments:
        if moment.data_us is None:
            left = {plan.roster.agencies[row] for row in members[moment.block].tolist()}
            out[moment.indicator] = out.get(moment.indicator, frozenset()) | left
    indicators = tuple(
        _renamed(one, words, out.get(one.id, frozenset()))
        for one, words in zip(_indicators(plan), own, strict=True)
    )
    scoring = replace(plan.spec.scoring, indicators=indicators)
    called = [name for words in own for name in words.values()]
    metrics = [replace(plan.metrics[at], id=name) for at, name in zip(used, called, strict=True)]
    return replace(
        plan,
        spec=replace(plan.spec, scoring=scoring),
        metrics=tuple(metrics),
        feeds=tuple(tuple(row[column] for column in used) for row in plan.feeds),
        stale_after_us=plan.stale_after_us[:, used],
        place={},
        scoring=prepare(
            scoring,
            tuple(called),
            plan.roster,
            tuple(block for block, _ in plan.scoring.blocks),
            plan.period.id,
            dict(_parts(settings.metrics, own)),
        ),
    )


def _indicators(plan: SetPlan) -> tuple[Indicator, ...]:
    return plan.spec.scoring.indicators


def _renamed(one: Indicator, words: Mapping[str, str], left_out: frozenset[str]) -> Indicator:
    def own(text: str) -> str:
        return re.sub(r"\b[A-Za-z_]\w*", lambda match: words.get(match[0], match[0]), text)

    rule = one.rule
    if isinstance(rule, Parts):
        rule = Parts(tuple((parse_comparison(own(when.text)), worth) for when, worth in rule.parts))
    applies = replace(one.applies, exceptions=one.applies.exceptions | left_out)
    return replace(one, formula=parse_formula(own(one.formula.text)), rule=rule, applies=applies)


def _parts(
    metrics: Mapping[str, Metric], own: Iterable[Mapping[str, str]]
) -> Iterator[tuple[str, str]]:
    """Each input with the nearest whole that it is a part of, of the same indicator."""
    for words in own:
        for name, called in words.items():
            whole, seen = metrics[name].at_most, {name}
            while whole is not None and whole not in words and whole not in seen:
                seen.add(whole)
                whole = metrics[whole].at_most
            if whole is not None and whole in words and whole != name:
                yield called, words[whole]
