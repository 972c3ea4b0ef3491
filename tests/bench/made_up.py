"""A made-up country to measure scoring on: ratios, steps and states, as real sets have them."""

from collections.abc import Sequence

import numpy as np

from scoring.formula import parse_formula
from scoring.history import Course
from scoring.model import STALE, Band, Floats, Indicator, IndicatorSet, Inputs, Roster, Target
from scoring.plan import Plan, prepare
from scoring.rules import Steps, ToTarget, YesNo

BLOCKS = ("provincial", "district")
BANDS = (Band("good", 85), Band("fair", 70), Band("average", 50), Band("weak", 0))
KINDS = ("ratio",) * 6 + ("steps",) * 2 + ("state",) * 2
STEPS = Steps(((4, 4), (3, 3), (2, 2), (1, 1)), 4)
TOP = 5000.0


def planned(agencies: int, indicators: int, kinds: Sequence[str] = KINDS) -> Plan:
    """Of ten indicators six are ratios to a target, two are steps and two are states."""
    ones = tuple(_indicator(number, kinds[number % len(kinds)]) for number in range(indicators))
    names = sorted({name for one in ones for name in one.formula.metrics})
    spec = IndicatorSet("made-up", "", 100, 2, "zero", 0, "mean_of_blocks", BANDS, ones)
    ids = tuple(f"agency-{number}" for number in range(agencies))
    roster = Roster(ids, tuple(BLOCKS[number % 8 > 4] for number in range(agencies)))
    parts = {name: f"of_{name}" for name in names if f"of_{name}" in names}
    return prepare(spec, tuple(names), roster, BLOCKS, "2024", parts)


def inputs_of(plan: Plan, *, stale: float = 0.0) -> Inputs:
    """Counts up to 5,000; that share of them is stale and ranges over all."""
    random = np.random.default_rng(0)
    shape = len(plan.roster.agencies), len(plan.metrics)
    numbers = _numbers(plan, random, shape[0])
    statuses = np.where(random.random(shape) < stale, np.int8(STALE), np.int8(0))
    lows, highs = np.where(statuses, 0.0, numbers), np.where(statuses, TOP, numbers)
    return Inputs(plan.metrics, numbers, lows, highs, statuses)


def course_of(plan: Plan, ticks: int, share: float) -> Course:
    """Every indicator of every agency changes in that share of the ticks.

    One answer brings all of its inputs, so that a part and its whole change together.
    """
    numbers = inputs_of(plan).numbers
    starts, at, values = [0], [], []
    for column, name in enumerate(plan.metrics):
        for row in range(len(plan.roster.agencies)):
            number = int(name.rpartition("_")[2])
            random = np.random.default_rng([number, row])
            moments = np.union1d([0], np.flatnonzero(random.random(ticks) < share))
            steps = np.arange(moments.size)
            counts = numbers[row, column] + (steps if name.startswith("of_") else steps // 2)
            ratio = KINDS[number % len(KINDS)] == "ratio"
            values.append(counts if ratio else steps % 5.0)
            at.append(moments)
            starts.append(starts[-1] + moments.size)
    size = starts[-1]
    return Course(
        plan.metrics,
        ticks,
        np.array(starts, dtype=np.intp),
        np.concatenate(at),
        np.concatenate(values).astype(np.float64),
        np.zeros(size, dtype=np.int8),
    )


def _indicator(number: int, kind: str) -> Indicator:
    name, group = f"count_{number}", f"group-{number // 7}"
    if kind == "ratio":
        formula = parse_formula(f"{name} / of_{name}")
        return Indicator(name, group, formula, "not_applicable", 10, ToTarget(), Target(0.9))
    if kind == "steps":
        return Indicator(name, group, parse_formula(name), "zero", 4, STEPS)
    formula = parse_formula(name)
    return Indicator(name, group, formula, "zero", 5, YesNo(), over_province="mean")


def _numbers(plan: Plan, random: np.random.Generator, agencies: int) -> Floats:
    """Wholes of at least 1, parts of them, small counts, and states between 0 and 1."""
    numbers = np.empty((agencies, len(plan.metrics)))
    for column, name in enumerate(plan.metrics):
        kind = KINDS[int(name.rpartition("_")[2]) % len(KINDS)]
        numbers[:, column] = random.integers(0, 6 if kind == "steps" else 3, agencies)
        if kind == "state":
            numbers[:, column] /= 2
    for column, name in enumerate(plan.metrics):
        if name.startswith("of_"):
            part = plan.metrics.index(name.removeprefix("of_"))
            numbers[:, column] = random.integers(1, int(TOP), agencies)
            numbers[:, part] = np.floor(numbers[:, column] * random.random(agencies))
    return numbers
