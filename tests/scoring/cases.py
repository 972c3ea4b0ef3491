"""Made-up provinces, as exact fractions for the oracle and as the scorer's nouns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeVar

import numpy as np

from scoring.formula import parse_formula
from scoring.model import (
    Applies,
    Band,
    Indicator,
    IndicatorSet,
    Inputs,
    Roster,
    Rule,
    Target,
)
from scoring.rules import Steps, ToTarget, YesNo
from scoring.score import Plan, prepare

T = TypeVar("T")
WhenZero = Literal["not_applicable", "zero", "full"]
WHEN_ZERO: tuple[WhenZero, ...] = ("not_applicable", "zero", "full")
# Gives a whole number between two, both included: from a seed, or from hypothesis.
Pick = Callable[[int, int], int]

METRICS = ("done", "more", "state", "per_all", "per_half")
BLOCKS = ("north", "south", "empty")
PERIOD = "2024"
# Each metric stands once, so that the extremes lie at the corners of the ranges.
FORMULAS = (
    ("done / per_all", ("done", "per_all")),
    ("(done + more) / per_half", ("done", "more", "per_half")),
    ("max(done, 0.5 * more) / per_all", ("done", "more", "per_all")),
    ("done / per_all + 0.1 * more", ("done", "more", "per_all")),
    ("sum(done, more, 1)", ("done", "more")),
    ("min(done, more, 3) - 0.7", ("done", "more")),
    ("-more * 0.3 + done * state", ("done", "more", "state")),
    ("state", ("state",)),
)


@dataclass(frozen=True)
class Datum:
    """An input; its number is known or 0, and used only where the status is ok or stale."""

    status: int
    number: Fraction
    low: Fraction
    high: Fraction


@dataclass(frozen=True)
class One:
    """An indicator. `targets` and `duty` are one an agency; steps are (at least, points)."""

    text: str
    names: tuple[str, ...]
    when_zero: WhenZero
    most: Fraction
    steps: tuple[tuple[Fraction, Fraction], ...]
    targets: tuple[Fraction | None, ...]
    duty: tuple[bool, ...]


@dataclass(frozen=True)
class Case:
    ones: tuple[One, ...]
    data: tuple[dict[str, Datum], ...]
    blocks: tuple[str, ...]
    scale: Fraction
    digits: int
    exclude: bool
    min_coverage: Fraction
    of_blocks: bool
    bands: tuple[tuple[Fraction, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"agency-{number}" for number in range(len(self.blocks)))


def made_up(pick: Pick) -> Case:
    """Up to six agencies on up to five indicators, with every status, rule and policy."""
    count, scale = pick(1, 6), Fraction(_one_of(pick, (1, 100, 1000)))
    top = Fraction(_one_of(pick, (1, 5, 20)))
    data = tuple({name: _datum(pick, name, top) for name in METRICS} for _ in range(count))
    return Case(
        ones=tuple(_indicator(pick, count) for _ in range(pick(1, 5))),
        data=data,
        blocks=tuple(BLOCKS[pick(0, 1)] for _ in range(count)),
        scale=scale,
        digits=pick(0, 3),
        exclude=bool(pick(0, 1)),
        min_coverage=Fraction(_one_of(pick, ("0", "0", "0.5", "0.8"))),
        of_blocks=bool(pick(0, 1)),
        bands=((scale * 7 / 10, "fair"), (scale * 17 / 20, "good"), (scale / 2, "average")),
    )


def plan_of(case: Case) -> Plan:
    indicators = tuple(_noun(case, number) for number in range(len(case.ones)))
    spec = IndicatorSet(
        id="made-up",
        digest="",
        scale=float(case.scale),
        digits=case.digits,
        missing="exclude" if case.exclude else "zero",
        min_coverage=float(case.min_coverage),
        province="mean_of_blocks" if case.of_blocks else "mean_of_agencies",
        bands=tuple(Band(name, float(start)) for start, name in case.bands),
        indicators=indicators,
    )
    return prepare(spec, METRICS, Roster(case.names, case.blocks), BLOCKS, PERIOD)


def inputs_of(case: Case) -> Inputs:
    rows = [[row[name] for name in METRICS] for row in case.data]
    known = [[d.number if d.status < 2 else None for d in row] for row in rows]
    return Inputs(
        METRICS,
        np.array([[np.nan if x is None else float(x) for x in row] for row in known]),
        np.array([[float(d.low) for d in row] for row in rows]),
        np.array([[float(d.high) for d in row] for row in rows]),
        np.array([[d.status for d in row] for row in rows], dtype=np.int8),
    )


def _one_of(pick: Pick, choices: Sequence[T]) -> T:
    return choices[pick(0, len(choices) - 1)]


def _datum(pick: Pick, name: str, top: Fraction) -> Datum:
    status = _one_of(pick, (0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5))
    whole = name.startswith("per") or pick(0, 1)
    number = top * pick(0, 10) / 10
    number = Fraction(int(number)) if whole else number
    number = Fraction(pick(0, 2), 2) if name == "state" else number
    high = Fraction(1) if name == "state" else top
    return Datum(status, number, *((Fraction(0), high) if status else (number, number)))


def _indicator(pick: Pick, count: int) -> One:
    text, names = _one_of(pick, FORMULAS)
    most = Fraction(_one_of(pick, ("1", "2.5", "4", "10", "0.7")))
    kind = pick(0, 2)
    steps = [(Fraction(pick(-2, 12), 10), most * pick(0, 5) / 5) for _ in range(3)]
    common = Fraction(_one_of(pick, ("0.97", "0.5", "3", "1")))
    targets = [_one_of(pick, (common, common, common, Fraction("0.8"))) for _ in range(count)]
    return One(
        text=text,
        names=names,
        when_zero=_one_of(pick, WHEN_ZERO),
        most=most,
        steps=tuple(steps) if kind == 1 else (),
        targets=tuple(targets) if kind == 0 else (None,) * count,
        duty=tuple(pick(0, 5) > 0 for _ in range(count)),
    )


def _noun(case: Case, number: int) -> Indicator:
    one = case.ones[number]
    targets = zip(case.names, one.targets, strict=True)
    duties = zip(case.names, one.duty, strict=True)
    return Indicator(
        id=f"indicator-{number}",
        group="all",
        formula=parse_formula(one.text),
        when_zero=one.when_zero,
        points_max=float(one.most),
        rule=_rule(one),
        target=Target(agencies={a: float(t) for a, t in targets if t}),
        applies=Applies(exceptions=frozenset(a for a, has in duties if not has)),
    )


def _rule(one: One) -> Rule:
    if one.steps:
        return Steps(tuple((float(s), float(p)) for s, p in one.steps), float(one.most))
    return YesNo() if one.targets[0] is None else ToTarget()
