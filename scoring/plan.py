"""What stays the same from tick to tick: who has which duty, with which target, in which block."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.layout import Layout, layout_of
from scoring.model import Bools, Floats, Indicator, IndicatorSet, Roster
from scoring.rules import AtMost

Indices = NDArray[np.intp]

# So many cells at once stay in the processor's cache.
_CELLS = 1 << 15


@dataclass(frozen=True)
class Plan:
    """An indicator set laid out for a roster and a period; arrays are indicators × agencies."""

    indicator_set: IndicatorSet
    metrics: tuple[str, ...]
    roster: Roster
    columns: tuple[Mapping[str, int], ...]  # an indicator's metrics and their columns in the inputs
    applies: Bools
    targets: Floats  # NaN where there is none
    targets_used: Floats  # NaN also for those without the duty
    maxima: Floats  # one an indicator
    blocks: tuple[tuple[str, Indices], ...]  # in the order asked; the agencies of each
    block_of: Indices  # of each agency, as an index of `blocks`
    everywhere: bool  # every indicator applies to every agency
    layout: Layout


def prepare(
    indicator_set: IndicatorSet,
    metrics: tuple[str, ...],
    roster: Roster,
    blocks: tuple[str, ...],
    period: str,
    parts: Mapping[str, str] | None = None,
) -> Plan:
    """Lay a set out once; `metrics` are the columns of the inputs to come.

    `parts` names for a metric the one that it is a part of and never above, for the bounds.

    Raises ValueError for a metric that is not among them, a target that is not above 0 where the
    rule needs one, an agency of a block that is not among `blocks`, and a set without indicators.
    """
    if not indicator_set.indicators:
        raise ValueError(f"{indicator_set.id} has no indicators")
    strangers = set(roster.blocks) - set(blocks)
    if strangers:
        raise ValueError(f"no such block: {', '.join(sorted(strangers))}")
    indicators = indicator_set.indicators
    shape = len(indicators), len(roster.agencies)
    applies = np.array([_applies(one, roster) for one in indicators], np.bool_).reshape(shape)
    targets = np.array([_targets(one, roster, period) for one in indicators]).reshape(shape)
    names = np.array(roster.blocks, dtype=np.str_)
    return Plan(
        indicator_set,
        metrics,
        roster,
        tuple(_columns(indicator, metrics) for indicator in indicators),
        applies,
        targets,
        np.where(applies, targets, np.nan),
        np.array([indicator.points_max for indicator in indicators], dtype=np.float64),
        tuple((block, np.flatnonzero(names == block)) for block in blocks),
        np.array([blocks.index(block) for block in roster.blocks], dtype=np.intp),
        bool(applies.all()),
        layout_of(indicator_set, metrics, parts or {}),
    )


def stretches(plan: Plan) -> Iterator[slice]:
    """All agencies, so many at once as are quickest."""
    count, rows = plan.applies.shape[1], plan.applies.shape[0]
    width = max(_CELLS // rows, 1)
    for start in range(0, count, width):
        yield slice(start, min(start + width, count))


def _columns(indicator: Indicator, metrics: tuple[str, ...]) -> dict[str, int]:
    missing = indicator.formula.metrics.difference(metrics)
    if missing:
        raise ValueError(f"{indicator.id}: no such metric: {', '.join(sorted(missing))}")
    return {name: metrics.index(name) for name in sorted(indicator.formula.metrics)}


def _applies(indicator: Indicator, roster: Roster) -> list[bool]:
    return [
        indicator.applies.to(agency, block)
        for agency, block in zip(roster.agencies, roster.blocks, strict=True)
    ]


def _targets(indicator: Indicator, roster: Roster, period: str) -> list[float]:
    who = list(zip(roster.agencies, roster.blocks, _applies(indicator, roster), strict=True))
    targets = [indicator.target.of(agency, period, block) for agency, block, _ in who]
    if indicator.rule.needs_target:
        for (agency, _, applies), target in zip(who, targets, strict=True):
            if applies:
                _check(indicator, agency, target)
    return targets


def _check(indicator: Indicator, agency: str, target: float) -> None:
    where = f"{indicator.id}: the target of {agency}"
    if not isinstance(indicator.rule, AtMost):
        if not 0 < target < math.inf:
            raise ValueError(f"{where} is not above 0: {target}")
        return
    if not 0 <= target < math.inf:
        raise ValueError(f"{where} is below 0: {target}")
    none_at = indicator.rule.none_at
    if none_at is not None and not target < none_at:
        raise ValueError(f"{where}, {target}, is not below {none_at}, where nothing is left")
