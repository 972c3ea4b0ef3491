"""What stays the same from tick to tick: who has which duty, with which target, in which block."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.model import Bools, Floats, Indicator, IndicatorSet, Roster
from scoring.rules import ToTarget

Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Plan:
    """An indicator set laid out for a roster and a period; arrays are indicators × agencies."""

    indicator_set: IndicatorSet
    metrics: tuple[str, ...]
    roster: Roster
    columns: tuple[Mapping[str, int], ...]  # an indicator's metrics and their columns in the inputs
    applies: Bools
    targets: Floats  # NaN where there is none
    maxima: Floats  # one an indicator
    blocks: tuple[tuple[str, Indices], ...]  # in the order asked; the agencies of each


def prepare(
    indicator_set: IndicatorSet,
    metrics: tuple[str, ...],
    roster: Roster,
    blocks: tuple[str, ...],
    period: str,
) -> Plan:
    """Lay a set out once; `metrics` are the columns of the inputs to come.

    Raises ValueError for a metric that is not among them, a target that is not above 0 where the
    rule needs one, an agency of a block that is not among `blocks`, and a set without indicators.
    """
    if not indicator_set.indicators:
        raise ValueError(f"{indicator_set.id} has no indicators")
    strangers = set(roster.blocks) - set(blocks)
    if strangers:
        raise ValueError(f"no such block: {', '.join(sorted(strangers))}")
    indicators = indicator_set.indicators
    applies = [_applies(indicator, roster) for indicator in indicators]
    targets = [_targets(indicator, roster, period) for indicator in indicators]
    names = np.array(roster.blocks, dtype=np.str_)
    return Plan(
        indicator_set,
        metrics,
        roster,
        tuple(_columns(indicator, metrics) for indicator in indicators),
        np.array(applies, dtype=np.bool_),
        np.array(targets, dtype=np.float64),
        np.array([indicator.points_max for indicator in indicators], dtype=np.float64),
        tuple((block, np.flatnonzero(names == block)) for block in blocks),
    )


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
    targets = [indicator.target.of(agency, period) for agency in roster.agencies]
    if isinstance(indicator.rule, ToTarget):
        who = zip(roster.agencies, targets, _applies(indicator, roster), strict=True)
        for agency, target, applies in who:
            if applies and not 0 < target < math.inf:
                raise ValueError(f"{indicator.id}: the target of {agency} is not above 0: {target}")
    return targets
