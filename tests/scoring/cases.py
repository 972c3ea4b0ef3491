"""Made-up provinces, as exact fractions for the oracle and as the scorer's nouns."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import chain
from types import CodeType
from typing import Literal, TypeVar

import numpy as np

from scoring.formula import parse_comparison, parse_formula
from scoring.model import (
    Above,
    Applies,
    Band,
    Indicator,
    IndicatorSet,
    Inputs,
    Roster,
    Rule,
    Target,
)
from scoring.rules import AtMost, Levels, Parts, Piecewise, Steps, ToTarget, YesNo
from scoring.score import Plan, prepare

T = TypeVar("T")
WhenZero = Literal["not_applicable", "zero", "full"]
RULES = ("to_target", "to_target", "at_most", "steps", "yes_no", "levels", "piecewise", "parts")
WHEN_ZERO: tuple[WhenZero, ...] = ("not_applicable", "zero", "full")
# Gives a whole number between two, both included: from a seed, or from hypothesis.
Pick = Callable[[int, int], int]

METRICS = ("done", "more", "state", "per_all", "per_half", "part")
# Never above the metric that it is a part of, nor so in any made-up data.
WHOLES = {"part": "per_all"}
BLOCKS = ("north", "south", "empty")
PERIOD = "2024"
Work = Callable[..., Fraction]
# As text, as exact work, and whether it grows with what is done. Of all of them the extremes lie
# at the corners of the ranges, or where a part is its whole.
FORMULAS: tuple[tuple[str, Work, bool], ...] = (
    ("done / per_all", lambda done, per_all: done / per_all, True),
    ("part / per_all", lambda part, per_all: part / per_all, True),
    ("(per_all - part) / per_all", lambda per_all, part: (per_all - part) / per_all, True),
    ("(part + done) / per_all", lambda part, done, per_all: (part + done) / per_all, True),
    ("(done + more) / per_half", lambda done, more, per_half: (done + more) / per_half, True),
    ("done / (done + more + 1)", lambda done, more: done / (done + more + 1), False),
    (
        "max(done, 0.5 * more) / per_all",
        lambda done, more, per_all: max(done, more / 2) / per_all,
        True,
    ),
    (
        "done / per_all + 0.1 * more",
        lambda done, per_all, more: done / per_all + more / 10,
        True,
    ),
    ("sum(done, more, 1)", lambda done, more: done + more + 1, True),
    ("min(done, more, 3) - 0.7", lambda done, more: min(done, more, 3) - Fraction(7, 10), True),
    ("-more * 0.3 + done * state", lambda more, done, state: -more * 3 / 10 + done * state, False),
    ("part * 0.25", lambda part: part / 4, True),
    ("state", lambda state: state, True),
)
SIGNS: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True)
class Condition:
    """A metric compared with a number, and the share that it is worth."""

    name: str
    sign: str
    number: Fraction
    share: Fraction

    def holds(self, numbers: Mapping[str, Fraction]) -> bool:
        return SIGNS[self.sign](numbers[self.name], self.number)


@dataclass(frozen=True)
class Datum:
    """An input; its number is known or 0, and used only where the status is ok or stale."""

    status: int
    number: Fraction
    low: Fraction
    high: Fraction


@dataclass(frozen=True)
class One:
    """An indicator. `targets` and `duty` are one an agency.

    `table` is what steps, levels or knots say in shares. `above` is the natural maximum.
    """

    text: str
    work: Work
    grows: bool
    when_zero: WhenZero
    most: Fraction
    rule: str
    table: tuple[tuple[Fraction, Fraction], ...]
    none_at: Fraction | None
    conditions: tuple[Condition, ...]
    above: Fraction | None
    holds: bool
    targets: tuple[Fraction | None, ...]
    duty: tuple[bool, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics, in the order of the exact work."""
        code: CodeType = self.work.__code__
        return code.co_varnames


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

    @property
    def all_blocks(self) -> tuple[str, ...]:
        """In the order of the plan; one of them has no agency."""
        return tuple(dict.fromkeys((*BLOCKS, *self.blocks)))


def picking(seed: int) -> Pick:
    """From a seed, thousands of draws at once: singly they would take longer than all the rest."""
    random = np.random.default_rng(seed)
    draws = chain.from_iterable(iter(lambda: random.random(4096).tolist(), None))
    return lambda low, high: low + int(next(draws) * (high - low + 1))


def made_up(pick: Pick, provinces: int = 1) -> Case:
    """Up to six agencies on up to five indicators, with every status, rule and policy.

    More provinces under the same set have blocks, data, targets and duties of their own.
    """
    sizes = [pick(1, 6) for _ in range(provinces)]
    count, scale = sum(sizes), Fraction(_one_of(pick, (1, 100, 1000)))
    top = Fraction(_one_of(pick, (1, 5, 20)))
    data = tuple(_row(pick, top) for _ in range(count))
    return Case(
        ones=tuple(_indicator(pick, count) for _ in range(pick(1, 5))),
        data=data,
        blocks=tuple(_block(pick, n) for n, size in enumerate(sizes) for _ in range(size)),
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
    return prepare(spec, METRICS, Roster(case.names, case.blocks), case.all_blocks, PERIOD, WHOLES)


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


def _block(pick: Pick, province: int) -> str:
    name = BLOCKS[pick(0, 1)]
    return f"{name} {province}" if province else name


def _one_of(pick: Pick, choices: Sequence[T]) -> T:
    return choices[pick(0, len(choices) - 1)]


def _row(pick: Pick, top: Fraction) -> dict[str, Datum]:
    row = {name: _datum(pick, name, top) for name in METRICS}
    part, whole = row["part"], row["per_all"].number
    number = Fraction(int(whole * pick(0, 4) / 4))
    sure = part.status == 0
    ends = (number, number) if sure else (part.low, part.high)
    return {**row, "part": Datum(part.status, number, *ends)}


def _datum(pick: Pick, name: str, top: Fraction) -> Datum:
    status = _one_of(pick, (0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5))
    whole = name.startswith("per") or pick(0, 1)
    number = top * pick(0, 10) / 10
    number = Fraction(int(number)) if whole else number
    number = Fraction(pick(0, 2), 2) if name == "state" else number
    high = Fraction(1) if name == "state" else top
    return Datum(status, number, *((Fraction(0), high) if status else (number, number)))


def _indicator(pick: Pick, count: int) -> One:
    text, work, grows = _one_of(pick, FORMULAS)
    free = [name for name in ("done", "more", "state") if name in text]
    rule = _one_of(pick, RULES if free else RULES[:-1])
    common = Fraction(_one_of(pick, ("0.97", "0.5", "3", "0" if rule == "at_most" else "1")))
    targets = [_one_of(pick, (common, common, common, Fraction("0.8"))) for _ in range(count)]
    return One(
        text=text,
        work=work,
        grows=grows,
        when_zero=_one_of(pick, WHEN_ZERO),
        most=Fraction(_one_of(pick, ("1", "2.5", "4", "10", "0.7", "0"))),
        rule=rule,
        table=_table(pick, rule),
        none_at=_one_of(pick, (None, Fraction("3.5"), Fraction(7))),
        conditions=_conditions(pick, free) if rule == "parts" else (),
        above=_one_of(pick, (None, None, None, Fraction(1), Fraction("1.5"))),
        holds=bool(pick(0, 1)),
        targets=tuple(targets) if rule in {"to_target", "at_most"} else (None,) * count,
        duty=tuple(pick(0, 5) > 0 for _ in range(count)),
    )


def _table(pick: Pick, rule: str) -> tuple[tuple[Fraction, Fraction], ...]:
    """Starts that rise and, up to four, differ; the shares go up and down."""
    if rule == "yes_no":
        return ((Fraction(1), Fraction(1)),)
    if rule not in {"steps", "levels", "piecewise"}:
        return ()
    starts = {Fraction(pick(-2, 12), 10) for _ in range(3)} | {Fraction(pick(13, 20), 10)}
    return tuple((start, Fraction(pick(0, 5), 5)) for start in sorted(starts))


def _conditions(pick: Pick, free: Sequence[str]) -> tuple[Condition, ...]:
    """Up to three, each worth less than a third."""
    return tuple(
        Condition(
            name=_one_of(pick, free),
            sign=_one_of(pick, tuple(SIGNS)),
            number=Fraction(pick(0, 6), 2),
            share=Fraction(pick(1, 3), 10),
        )
        for _ in range(pick(1, 3))
    )


_parsed = cache(parse_formula)


def _noun(case: Case, number: int) -> Indicator:
    one = case.ones[number]
    targets = zip(case.names, one.targets, strict=True)
    duties = zip(case.names, one.duty, strict=True)
    above = None if one.above is None else Above(float(one.above), "held" if one.holds else "cap")
    return Indicator(
        id=f"indicator-{number}",
        group="all",
        formula=_parsed(one.text),
        when_zero=one.when_zero,
        points_max=float(one.most),
        rule=_rule(one),
        target=Target(agencies={a: float(t) for a, t in targets if t is not None}),
        applies=Applies(exceptions=frozenset(a for a, has in duties if not has)),
        above=above,
    )


def _rule(one: One) -> Rule:
    table = tuple((float(start), float(share)) for start, share in one.table)
    points = tuple((float(start), float(share * one.most)) for start, share in one.table)
    parts = [(f"{c.name} {c.sign} {float(c.number)}", float(c.share)) for c in one.conditions]
    rules: Mapping[str, Rule] = {
        "to_target": ToTarget(),
        "at_most": AtMost(None if one.none_at is None else float(one.none_at)),
        "steps": Steps(points, float(one.most)),
        "yes_no": YesNo(),
        "levels": Levels(table),
        "piecewise": Piecewise(table),
        "parts": Parts(tuple((parse_comparison(text), share) for text, share in parts)),
    }
    return rules[one.rule]
