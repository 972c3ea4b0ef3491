"""Provinces drawn by hypothesis, what may become of them, and whether two results are the same."""

import os
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import Phase, settings
from hypothesis import strategies as st

from scoring.model import NOT_APPLICABLE, OK, STALE, Result
from scoring.score import score
from tests.scoring.cases import WHOLES, Case, Datum, inputs_of, made_up, plan_of

# A sum in another order may differ in its last bits.
SLACK = 1e-9


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Drawn from a seed: a province has hundreds of choices, and each draw costs."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    return made_up(lambda low, high: int(random.integers(low, high, endpoint=True)))


def examples(most: int) -> settings:
    """The same ones in each run; for mutants fewer, and no search for the least that fails."""
    given = settings(max_examples=most, deadline=None, derandomize=True)
    if "CHISO_EXAMPLES" not in os.environ:
        return given
    few = min(most, int(os.environ["CHISO_EXAMPLES"]))
    return settings(given, max_examples=few, phases=[Phase.explicit, Phase.generate])


def of_every_province(test: Callable[..., None]) -> Callable[..., None]:
    return examples(80)(test)


def result_of(case: Case) -> Result:
    return score(plan_of(case), inputs_of(case))


def changed(case: Case, change: Callable[[str, Datum], Datum]) -> Case:
    data = tuple({name: change(name, d) for name, d in row.items()} for row in case.data)
    return replace(case, data=data)


def fresh(number: Fraction) -> Datum:
    return Datum(OK, number, number, number)


def all_fresh(case: Case) -> Case:
    """Every input is known, and no value is held for being impossible."""
    known = changed(case, lambda _, d: fresh(d.number) if d.status != NOT_APPLICABLE else d)
    return unheld(known)


def unheld(case: Case) -> Case:
    return replace(case, ones=tuple(replace(one, holds=False) for one in case.ones))


RISING = {"to_target", "steps", "yes_no"}


def same(one: Result, other: Result, agencies: Any = slice(None)) -> bool:
    """Bit for bit, all figures of the second in the order given."""
    names = ("score", "low", "high", "coverage", "rank", "rank_best", "rank_worst")
    figures = [(getattr(one, name), getattr(other, name)[agencies]) for name in names]
    figures += [(part, vars(other.cells)[name][agencies]) for name, part in vars(one.cells).items()]
    return all(np.array_equal(a, b, equal_nan=True) for a, b in figures)


def identical(one: Result, other: Result) -> bool:
    """All that two results say, bit for bit."""
    wholes = ("bands", "blocks", "province", "province_values")
    return same(one, other) and all(getattr(one, w) == getattr(other, w) for w in wholes)


def completed(case: Case, seed: int, share: float) -> Case:
    """Some inputs become known, to anything in their range; a divisor to 1 at least.

    No part comes above its whole, whichever of the two is known before.
    """
    random = np.random.default_rng(seed)

    def arrive(name: str, datum: Datum) -> Datum:
        if datum.status in {OK, NOT_APPLICABLE} or random.random() >= share:
            return datum
        least = Fraction(1) if name.startswith("per") else datum.low
        part = Fraction(int(random.integers(0, 4, endpoint=True)), 4)
        return fresh(least + part * (datum.high - least))

    after = changed(case, arrive)
    rows = zip(case.data, after.data, strict=True)
    return replace(unheld(after), data=tuple(_tied(before, row) for before, row in rows))


def _tied(before: dict[str, Datum], row: dict[str, Datum]) -> dict[str, Datum]:
    for part, whole in WHOLES.items():
        low, high = row[part], row[whole]
        if low.status > STALE or high.status > STALE or low.number <= high.number:
            continue
        if row[part] != before[part]:
            row = {**row, part: fresh(high.number)}
        else:
            row = {**row, whole: fresh(low.number)}
    return row
