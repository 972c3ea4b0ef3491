"""All that the inputs of an agency could be, as far as extremes need it, in exact fractions."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import product

from tests.scoring.cases import WHOLES, Datum, One

NANO = Fraction(1, 10**9)
Numbers = Mapping[str, Fraction]


def worlds(one: One, row: Mapping[str, Datum]) -> list[Numbers]:
    """Every corner of what is possible, and both sides of every number that a condition names.

    A metric alone behind a division sign counts from 1, and a part is never above its whole.
    """
    ((part, whole),) = WHOLES.items()
    tie = (part, whole) if {part, whole} & {*one.names} else ()
    tie = () if any(row[name].status == 5 for name in tie) else tie
    names = list(dict.fromkeys([*one.names, *tie]))
    ends = {name: _ends(one, name, row[name]) for name in names}
    axes = {}
    for name, (low, high) in ends.items():
        cuts = [c.number + d for c in one.conditions if c.name == name for d in (-NANO, 0, NANO)]
        near = {*ends[name], *(end for other in tie for end in ends[other]), *cuts}
        axes[name] = [x for x in near if low <= x <= high]
    corners = [dict(zip(axes, corner, strict=True)) for corner in product(*axes.values())]
    return [each for each in corners if not tie or each[part] <= each[whole]]


def _ends(one: One, name: str, datum: Datum) -> tuple[Fraction, Fraction]:
    counts = f"/ {name}" in one.text and datum.low <= 0 < datum.high
    return Fraction(1) if counts else datum.low, datum.high
