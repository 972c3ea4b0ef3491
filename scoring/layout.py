"""A set laid out for whole arrays: usual formulas and like rules side by side, the rest singly."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.batches import Batch, batches
from scoring.formula import Formula
from scoring.model import Bools, Floats, Indicator, IndicatorSet
from scoring.ranges import Ranging, ranging
from scoring.rules import Parts
from scoring.shown import BandTable

Indices = NDArray[np.intp]

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
class Layout:
    """Arrays have one entry an indicator, in a column where they meet whole rows.

    The usual value is a metric or the quotient of two: `above` and `below` are their columns in
    the inputs, and for `lone` metrics nothing stands below. `tied`: the upper one is a part of the
    lower. `singles` have any other formula; their entries in `above` and `below` mean nothing.
    """

    above: Indices
    below: Indices
    lone: Bools
    tied: Bools
    singles: tuple[Single, ...]
    batches: tuple[tuple[Indices, Indices, Batch], ...]  # rows, and their places in the batch
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
    parts: tuple[tuple[Indices, Indices], ...]  # columns of parts and of wholes, each once a time
    applicable: float  # all maxima


def layout_of(
    indicator_set: IndicatorSet, metrics: tuple[str, ...], parts: Mapping[str, str]
) -> Layout:
    indicators = indicator_set.indicators
    place = {name: column for column, name in enumerate(metrics)}
    ties = tuple(_closed(parts))
    quotients = [one.formula.quotient for one in indicators]
    usual = [(names[0], names[-1]) if names else (metrics[0],) * 2 for names in quotients]
    above = [one.above for one in indicators]
    return Layout(
        above=np.array([place[upper] for upper, _ in usual], dtype=np.intp),
        below=np.array([place[lower] for _, lower in usual], dtype=np.intp),
        lone=np.array([names is None or len(names) == 1 for names in quotients], dtype=np.bool_),
        tied=np.array([names in ties for names in quotients], dtype=np.bool_),
        singles=tuple(
            Single(row, one.formula, _places(one, place), ranging(one.formula, ties))
            for row, (one, names) in enumerate(zip(indicators, quotients, strict=True))
            if names is None
        ),
        batches=tuple(
            (rows, np.arange(rows.size)[:, np.newaxis], batch)
            for rows, batch in batches([one.rule for one in indicators])
        ),
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


def _rounds(pairs: list[tuple[int, int]]) -> Iterator[tuple[Indices, Indices]]:
    """All pairs, in as many rounds as it takes for none to name a column twice."""
    while pairs:
        now: list[tuple[int, int]] = []
        for part, whole in pairs:
            if not {part, whole} & {column for pair in now for column in pair}:
                now.append((part, whole))
        pairs = [pair for pair in pairs if pair not in now]
        columns = np.array(now, dtype=np.intp)
        yield columns[:, 0], columns[:, 1]


def _places(indicator: Indicator, place: Mapping[str, int]) -> dict[str, int]:
    return {name: place[name] for name in sorted(indicator.formula.metrics)}


def _figures(entries: list[float]) -> Floats:
    return np.array(entries, dtype=np.float64)[:, np.newaxis]


def _flags(entries: list[bool]) -> Bools:
    return np.array(entries, dtype=np.bool_)[:, np.newaxis]
