"""The nouns of scoring: an indicator set, whom it scores, the numbers that go in and come out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from scoring.formula import Formula

Status = Literal["ok", "stale", "held", "missing", "not_connected", "not_applicable"]
# A status in an array is its index here; the worst of several is the greatest.
STATUSES: tuple[Status, ...] = ("ok", "stale", "held", "missing", "not_connected", "not_applicable")
OK, STALE, HELD, MISSING, NOT_CONNECTED, NOT_APPLICABLE = range(6)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.int8]
Ranks = NDArray[np.int64]


class Rule(Protocol):
    """How a value, with its target, becomes a share of the maximum; see `scoring.rules`."""

    @property
    def needs_target(self) -> bool: ...


@dataclass(frozen=True)
class Target:
    """One number, or by agency before block before period before default; None for no target."""

    default: float | None = None
    agencies: Mapping[str, float] = field(default_factory=dict)
    periods: Mapping[str, float] = field(default_factory=dict)
    blocks: Mapping[str, float] = field(default_factory=dict)

    def of(self, agency: str, period: str, block: str = "") -> float:
        """The target in force, NaN for none."""
        of_all = self.periods.get(period, self.default)
        value = self.agencies.get(agency, self.blocks.get(block, of_all))
        return float("nan") if value is None else value


@dataclass(frozen=True)
class Above:
    """The most that a value can naturally be, and what becomes of one above it.

    `cap` counts it as that most; `held` takes it for a mistake: the indicator is held, and earns
    what the set gives for an input that is not there.
    """

    most: float
    does: Literal["cap", "held"]


@dataclass(frozen=True)
class Applies:
    """Who has the duty: all, or some blocks or agencies, and never the exceptions."""

    blocks: frozenset[str] | None = None
    agencies: frozenset[str] | None = None
    exceptions: frozenset[str] = frozenset()

    def to(self, agency: str, block: str) -> bool:
        if agency in self.exceptions:
            return False
        named = self.blocks is None and self.agencies is None
        return named or block in (self.blocks or ()) or agency in (self.agencies or ())


@dataclass(frozen=True)
class Indicator:
    id: str
    group: str
    formula: Formula
    when_zero: Literal["not_applicable", "zero", "full"]
    points_max: float
    rule: Rule
    target: Target = Target()
    applies: Applies = Applies()
    # Of counts, the formula over their sums; of a state, the mean of its numbers; else none.
    over_province: Literal["sums", "mean", "none"] = "sums"
    above: Above | None = None


@dataclass(frozen=True)
class Band:
    """Scores from `start` on, up to the next band."""

    id: str
    start: float


@dataclass(frozen=True)
class IndicatorSet:
    """What is scored, and how; `digits` are the decimals of shown scores and points."""

    id: str
    digest: str
    scale: float
    digits: int
    missing: Literal["zero", "exclude"]
    min_coverage: float
    province: Literal["mean_of_blocks", "mean_of_agencies"]
    bands: tuple[Band, ...]
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True)
class Roster:
    """Who is scored: agency ids and, for each, its block; the order is that of the arrays."""

    agencies: tuple[str, ...]
    blocks: tuple[str, ...]


@dataclass(frozen=True)
class Inputs:
    """What is known, agencies × metrics; a number that is not known is NaN.

    `lows` and `highs` are what it could be: the number itself where it is ok, else its metric's
    declared range, which may be infinite.
    """

    metrics: tuple[str, ...]
    numbers: Floats
    lows: Floats
    highs: Floats
    statuses: Codes


@dataclass(frozen=True)
class Triple:
    """low ≤ score ≤ high; score is None where there is none to give."""

    low: float
    score: float | None
    high: float


@dataclass(frozen=True)
class BlockScore:
    id: str
    triple: Triple
    agencies_scored: int
    band: str | None


@dataclass(frozen=True)
class ProvinceScore:
    triple: Triple
    band: str | None


@dataclass(frozen=True)
class ProvinceValue:
    """An indicator over the whole province, from the agencies that have all its inputs.

    The value is None where there are none, where a divisor is 0, and where the set gives none.
    """

    value: float | None
    agencies_counted: int


@dataclass(frozen=True)
class Cells:
    """Agencies × indicators; NaN where there is none.

    `points_max` is 0 where the indicator does not apply. An indicator whose inputs are not known
    has 0 points where the set counts it as zero, and NaN where it leaves the denominator.
    """

    value: Floats
    target: Floats
    points: Floats
    points_low: Floats
    points_high: Floats
    points_max: Floats
    statuses: Codes


@dataclass(frozen=True)
class Result:
    """All that a set says of a roster, one figure an agency, in the roster's order.

    A score that is not given is NaN, and so are no other figures: `low` and `high` always hold.
    Ranks are 1 and up inside a block, 0 for none; so are their best and worst. `scorable` is who
    has a score or could have one. What stands over the whole province is worked out when it is
    first asked for, from the inputs, which must be left as they are.
    """

    cells: Cells
    score: Floats
    low: Floats
    high: Floats
    coverage: Floats
    scorable: Bools
    rank: Ranks
    rank_best: Ranks
    rank_worst: Ranks
    bands: tuple[str | None, ...]
    blocks: tuple[BlockScore, ...]
    province: ProvinceScore | None
    over_province: Callable[[], tuple[Floats, Ranks]]

    @property
    def rank_certain(self) -> Bools:
        """Where an agency has a rank that nothing which could still come would change."""
        certain: Bools = (self.rank > 0) & (self.rank_best == self.rank_worst)
        return certain

    @cached_property
    def province_values(self) -> tuple[ProvinceValue, ...]:
        """One an indicator: its value over the province, and of how many agencies."""
        values, agencies = self.over_province()
        found = zip(values.tolist(), agencies.tolist(), strict=True)
        return tuple(ProvinceValue(None if x != x else x, count) for x, count in found)  # noqa: PLR0124  NaN alone differs from itself
