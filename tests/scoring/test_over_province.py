"""Over the whole province, sums that are rounded once: thousands of agencies of every kind."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from scoring.formula import parse_formula
from scoring.model import (
    MISSING,
    NOT_APPLICABLE,
    STALE,
    Above,
    Applies,
    Floats,
    Indicator,
    IndicatorSet,
    Inputs,
    Roster,
)
from scoring.plan import prepare
from scoring.rules import YesNo
from scoring.score import score

# Enough for more than one stretch of agencies, which are scored one after the other.
COUNT = 7_000
METRICS = ("a", "b", "c")
AGENCIES = tuple(f"agency-{number}" for number in range(COUNT))
LIMIT = 900.0
OFF_DUTY = frozenset(AGENCIES[::7])
Row = Mapping[str, float]


def indicator(name: str, text: str, **changes: object) -> Indicator:
    one = Indicator(name, "all", parse_formula(text), "zero", 1, YesNo())
    return replace(one, **changes)  # type: ignore[arg-type]  # fields by name


INDICATORS = (
    indicator("ratio", "a / b"),
    indicator("lone", "a", applies=Applies(exceptions=OFF_DUTY)),
    indicator("single", "a - 0.5 * c"),
    indicator("mean of ratios", "a / b", over_province="mean"),
    indicator("mean", "c", over_province="mean"),
    indicator("limited", "c", above=Above(LIMIT, "held")),
    indicator("none", "c", over_province="none"),
)
SET = IndicatorSet("s", "", 100, 2, "zero", 0, "mean_of_agencies", (), INDICATORS)


def whole() -> Floats:
    return np.arange(COUNT * 3, dtype=np.float64).reshape(COUNT, 3) * 7 % 1000


def apart(count: int, most: float) -> Floats:
    """Up and down by much, so that what is lost of the small part shows in the sum."""
    return np.where(np.arange(count) % 2, most, -most)[:, np.newaxis]


def fine_first() -> Floats:
    numbers = whole()
    numbers[:100] = numbers[:100] * 0.1 + apart(100, 1e9)
    return numbers


def fine_last() -> Floats:
    return fine_first()[::-1]


def all_fine() -> Floats:
    return whole() + 0.1 + apart(COUNT, 1e9)


def great() -> Floats:
    """Multiples of 1/1024 all of them."""
    numbers = whole()
    numbers[:100] = numbers[:100] / 1024 + apart(100, 2.0**43)
    return numbers


@pytest.mark.parametrize(
    ("made_up", "sure"),
    [(whole, False), (fine_first, False), (fine_last, False), (all_fine, True), (great, False)],
)
def test_over_the_province_sums_are_exact_and_rounded_once(
    made_up: Callable[[], Floats], *, sure: bool
) -> None:
    numbers = made_up()
    statuses = np.zeros(numbers.shape, dtype=np.int8)
    if not sure:
        for at, (status, column) in enumerate([(STALE, 0), (MISSING, 1), (NOT_APPLICABLE, 2)]):
            statuses[at + 3 :: 11, column] = status
    numbers[statuses > STALE] = np.nan
    plan = prepare(SET, METRICS, Roster(AGENCIES, ("all",) * COUNT), ("all",), "2024")

    result = score(plan, Inputs(METRICS, numbers, numbers, numbers, statuses))

    rows: list[Row] = [dict(zip(METRICS, row, strict=True)) for row in numbers.tolist()]
    expected = [by_hand(one, rows) for one in INDICATORS]
    found = [(one.value, one.agencies_counted) for one in result.province_values]
    assert found == expected
    assert [array.dtype for array in result.over_province()] == [np.float64, np.int64]


def by_hand(one: Indicator, rows: list[Row]) -> tuple[float | None, int]:
    names = one.formula.names
    there = [row for row in _on_duty(one, rows) if not any(math.isnan(row[n]) for n in names)]
    if one.above:
        there = [row for row in there if row["c"] <= LIMIT]
    if one.over_province == "none":
        return None, len(there)
    if one.over_province == "mean":
        if names == ("c",):
            return math.fsum(row["c"] for row in there) / len(there), len(there)
        values = [row["a"] / row["b"] for row in there if row["b"]]
        return math.fsum(values) / len(values), len(there)
    sums = {name: math.fsum([row[name] for row in there]) for name in names}
    works: Mapping[str, Callable[[], float]] = {
        "ratio": lambda: sums["a"] / sums["b"],
        "single": lambda: sums["a"] - 0.5 * sums["c"],
    }
    return works.get(one.id, lambda: sums[names[0]])(), len(there)


def _on_duty(one: Indicator, rows: list[Row]) -> list[Row]:
    exempt = one.applies.exceptions
    return [row for name, row in zip(AGENCIES, rows, strict=True) if name not in exempt]
