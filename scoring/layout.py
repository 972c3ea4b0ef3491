"""A set laid out for whole arrays: usual formulas and like rules side by side, the rest singly."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from scoring.batches import Batch, batches
from scoring.formula import Formula
from scoring.model import Bools, Codes, Floats, Indicator, IndicatorSet, Inputs
from scoring.ranges import Ranging, ranging
from scoring.rules import Parts
from scoring.shown import BandTable

Indices = NDArray[np.intp]
Figures = TypeVar("Figures", Floats, Codes)

_ZERO_SHARES = {"not_applicable": np.nan, "zero": 0.0, "full": 1.0}


@dataclass(frozen=True)
class Single:
    """An indicator worked out on its own: its row, its metrics and their columns."""

    row: int
    formula: Formula
    columns: Mapping[str, int]
    ranging: Ranging


@dataclass(frozen=True)
class Conditions:
    """An indicator by `Parts`: its row, its rule, and the columns of its metrics."""

    row: int
    rule: Parts
    columns: Mapping[str, int]


@dataclass(frozen=True)
class Lanes:
    """Rules of one kind: their lanes from `start` to before `end`, and, as a column, their places.

    A place is a rule's index in the batch.
    """

    start: int
    end: int
    places: Indices
    batch: Batch


@dataclass(frozen=True)
class Layout:
    """Arrays have one entry an indicator, in a column where they meet whole rows.

    The usual value is a metric or the quotient of two: `sides` are their columns in the inputs,
    above in the first row and below in the second, where `lone` metrics have the 1 that stands
    behind all inputs (see `laid`). `tied`: the upper one is a part of the lower. `singles` have
    any other formula; their sides mean nothing.

    Like rules work side by side, each indicator in its `lane`; `order` says which one is in which.
    """

    sides: Indices  # 2 × indicators
    lone: Bools
    tied: Bools
    singles: tuple[Single, ...]
    lanes: Indices
    order: Indices
    batches: tuple[Lanes, ...]
    conditions: tuple[Conditions, ...]
    zero_shares: Floats
    nothing_at_zero: Bools
    most: Floats  # infinite where a value has no natural maximum
    limited: bool  # any has one
    capped: Bools  # else a value above it is held
    maxima: Floats
    averaged: Bools  # the province's value is a mean
    unsummed: Bools  # the province has none
    bands: BandTable
    parts: tuple[Indices, ...]  # columns of parts and of wholes, 2 × pairs, each once a time
    applicable: float  # all maxima


def laid(figures: Figures, agencies: slice | Indices, last: int) -> Figures:
    """Metrics × agencies of some agencies, and behind all metrics a row of that number."""
    some = figures[agencies].T
    rows = np.empty((some.shape[0] + 1, some.shape[1]), dtype=figures.dtype)
    rows[:-1] = some
    rows[-1] = last
    return rows


def laid_ends(inputs: Inputs, agencies: slice | Indices) -> Floats:
    """Lows and highs, each as `laid` has them with a 1 behind."""
    lows, highs = inputs.lows[agencies].T, inputs.highs[agencies].T
    ranges = np.empty((2, lows.shape[0] + 1, lows.shape[1]))
    ranges[0, :-1] = lows
    ranges[1, :-1] = highs
    ranges[:, -1] = 1.0
    return ranges


def layout_of(
    indicator_set: IndicatorSet, metrics: tuple[str, ...], parts: Mapping[str, str]
) -> Layout:
    indicators = indicator_set.indicators
    place = {name: column for column, name in enumerate(metrics)}
    ties = tuple(_closed(parts))
    quotients = [one.formula.quotient for one in indicators]
    usual = [(names[0], names[-1]) if names else (metrics[0],) * 2 for names in quotients]
    above = [one.above for one in indicators]
    lone = np.array([names is None or len(names) == 1 for names in quotients], dtype=np.bool_)
    sides = np.array([[place[name] for name in pair] for pair in usual], dtype=np.intp).T
    alike = batches([one.rule for one in indicators])
    order = _order(alike, len(indicators))
    return Layout(
        sides=np.array([sides[0], np.where(lone, len(metrics), sides[1])]),
        lone=lone,
        tied=np.array([names in ties for names in quotients], dtype=np.bool_),
        singles=tuple(
            Single(row, one.formula, _places(one, place), ranging(one.formula, ties))
            for row, (one, names) in enumerate(zip(indicators, quotients, strict=True))
            if names is None
        ),
        lanes=np.argsort(order),
        order=order,
        batches=tuple(_side_by_side(alike)),
        conditions=tuple(
            Conditions(row, one.rule, _places(one, place))
            for row, one in enumerate(indicators)
            if isinstance(one.rule, Parts)
        ),
        zero_shares=_figures([_ZERO_SHARES[one.when_zero] for one in indicators]),
        nothing_at_zero=_flags([one.when_zero == "not_applicable" for one in indicators]),
        most=_figures([np.inf if one is None else one.most for one in above]),
        limited=any(one is not None for one in above),
        capped=_flags([one is not None and one.does == "cap" for one in above]),
        maxima=_figures([one.points_max for one in indicators]),
        averaged=np.array([one.over_province == "mean" for one in indicators], dtype=np.bool_),
        unsummed=np.array([one.over_province == "none" for one in indicators], dtype=np.bool_),
        bands=BandTable(indicator_set.bands, indicator_set.digits),
        parts=tuple(_rounds([(place[p], place[w]) for p, w in ties if {p, w} <= place.keys()])),
        applicable=float(np.add.accumulate([one.points_max for one in indicators])[-1]),
    )


def _closed(parts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each metric with every whole that it is a part of, through others too."""
    for part in sorted(parts):
        whole, seen = parts.get(part), {part}
        while whole is not None and whole not in seen:
            yield part, whole
            seen.add(whole)
            whole = parts.get(whole)


def _order(alike: Sequence[tuple[Indices, Batch]], count: int) -> Indices:
    """Batch after batch, and last the indicators that are in none."""
    placed = np.concatenate([np.zeros(0, dtype=np.intp), *(rows for rows, _ in alike)])
    return np.concatenate([placed, np.setdiff1d(np.arange(count), placed)])


def _side_by_side(alike: Sequence[tuple[Indices, Batch]]) -> Iterator[Lanes]:
    start = 0
    for rows, batch in alike:
        yield Lanes(start, start + rows.size, np.arange(rows.size)[:, np.newaxis], batch)
        start += rows.size


def _rounds(pairs: list[tuple[int, int]]) -> Iterator[Indices]:
    """All pairs, in as many rounds as it takes for none to name a column twice."""
    while pairs:
        now: list[tuple[int, int]] = []
        for part, whole in pairs:
            if not {part, whole} & {column for pair in now for column in pair}:
                now.append((part, whole))
        pairs = [pair for pair in pairs if pair not in now]
        yield np.ascontiguousarray(np.array(now, dtype=np.intp).T)


def _places(indicator: Indicator, place: Mapping[str, int]) -> dict[str, int]:
    return {name: place[name] for name in sorted(indicator.formula.metrics)}


def _figures(entries: list[float]) -> Floats:
    return np.array(entries, dtype=np.float64)[:, np.newaxis]


def _flags(entries: list[bool]) -> Bools:
    return np.array(entries, dtype=np.bool_)[:, np.newaxis]
