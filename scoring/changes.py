"""Why a score moved: its change split by cause and indicator, with nothing left over.

A score is moved from one board to another step by step, one indicator at a time, in a declared
order: late corrections, new data, coverage, rules; so the former rules judge the data first. A
part is what its step does to the score. In exact arithmetic the parts add up to the whole, and so
they do as quantised and as shown figures, since each of those is the difference of two.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal, get_args

Cause = Literal["late_correction", "new_data", "coverage", "rule_change"]
CAUSES: tuple[Cause, ...] = get_args(Cause)
NANO = 10**9


@dataclass(frozen=True, slots=True)
class Mark:
    """What an indicator gives: points out of the most it could, if it is counted at all."""

    points: float
    most: float
    counted: bool
    known: bool

    def stands_as(self, other: "Mark") -> bool:
        """Whether both are there in the same way, whatever their points."""
        return (self.most, self.counted, self.known) == (other.most, other.counted, other.known)

    def gives_as(self, other: "Mark") -> bool:
        mine, its = ((one.points, one.most, one.counted) for one in (self, other))
        return mine == its or not (self.counted or other.counted)


@dataclass(frozen=True, slots=True)
class Stand:
    """An agency on a board: the marks of its indicators, in the set's order."""

    scale: float
    marks: Mapping[str, Mark]


@dataclass(frozen=True, slots=True)
class Way:
    """From one board to another, over what the first would have been.

    `late`: had all been known that is known by now of its time; `after`: on the second board's
    data. Both by the rules of the first; `ruled` is the second board.
    """

    before: Stand
    late: Stand
    after: Stand
    ruled: Stand


@dataclass(frozen=True, slots=True)
class Part:
    """What one step does to a score; `nanos` and `shown` are differences of rounded scores.

    Without an indicator it is the change of the scale.
    """

    cause: Cause
    indicator: str | None
    exact: Fraction
    nanos: int
    shown: Decimal


@dataclass(frozen=True, slots=True)
class RankMove:
    """A rank's change: by my own score among the others as they were, then by the others."""

    own: int
    others: int


def parts_of(way: Way, ends: tuple[int, int], digits: int) -> tuple[Part, ...]:
    """The parts of a change in the order of the way, those that do nothing left out.

    `ends` are both boards' own scores in units of 1e-9; the parts lead from one to the other.
    """
    tally = _Tally(way.before)
    steps = list(_steps(way))
    found, exact, nanos = [], tally.score(), ends[0]
    for place, (cause, indicator, mark) in enumerate(steps, start=1):
        tally.put(indicator, mark, way.ruled.scale)
        reached = tally.score()
        # The last step ends at the board's own figure, which was added up in floats.
        at = ends[1] if place == len(steps) else nanos_of(reached)
        part = shown_of(at, digits) - shown_of(nanos, digits)
        found.append(Part(cause, indicator, reached - exact, at - nanos, part))
        exact, nanos = reached, at
    return tuple(found)


def rank_move(ranks: tuple[int, int], mine: int, others: Iterable[int]) -> RankMove:
    """`mine` is my new score, `others` are those of my rivals on the first board."""
    between = 1 + sum(one > mine for one in others)
    return RankMove(between - ranks[0], ranks[1] - between)


def nanos_of(exact: Fraction) -> int:
    """Units of 1e-9, half up (away from zero)."""
    units = (abs(exact) * NANO * 2 + 1) // 2
    return int(units if exact >= 0 else -units)


def figure(exact: Fraction) -> float:
    """Quantised at 1e-9, as documents give it."""
    return float(Decimal(nanos_of(exact)).scaleb(-9))


def shown_of(nanos: int, digits: int) -> Decimal:
    """A quantised figure as people see it, half up to that many decimals."""
    whole = Decimal(nanos).scaleb(-9)
    return whole.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


_Step = tuple[Cause, str | None, Mark | None]
_Move = tuple[str, Mark | None, Mark | None]


class _Tally:
    """A score under way, exactly: scale × points / most, over what is counted; 0 of nothing."""

    def __init__(self, stand: Stand) -> None:
        self._scale = Fraction(stand.scale)
        self._marks = dict(stand.marks)
        self._points, self._most = Fraction(0), Fraction(0)
        for mark in self._marks.values():
            self._add(mark, 1)

    def put(self, indicator: str | None, mark: Mark | None, scale: float) -> None:
        if indicator is None:
            self._scale = Fraction(scale)
            return
        self._add(self._marks.pop(indicator, None), -1)
        self._add(mark, 1)
        if mark is not None:
            self._marks[indicator] = mark

    def score(self) -> Fraction:
        return self._scale * self._points / self._most if self._most else Fraction(0)

    def _add(self, mark: Mark | None, sign: int) -> None:
        if mark is not None and mark.counted:
            self._points += sign * Fraction(mark.points)
            self._most += sign * Fraction(mark.most)


def _steps(way: Way) -> Iterator[_Step]:
    late: list[_Move] = []
    new: list[_Move] = []
    coverage: list[_Move] = []
    for indicator, before in way.before.marks.items():
        after = way.after.marks[indicator]
        if not before.stands_as(after):
            coverage.append((indicator, before, after))
            continue
        between = way.late.marks[indicator]
        between = between if between.stands_as(before) else before
        late.append((indicator, before, between))
        new.append((indicator, between, after))
    for cause, moves in zip(CAUSES, (late, new, coverage, _ruled(way)), strict=True):
        yield from _ordered(cause, moves)
    if way.ruled.scale != way.before.scale:
        yield "rule_change", None, None


def _ruled(way: Way) -> list[_Move]:
    """From the former set's indicators to the new one's; those that it lacks leave."""
    after, ruled = way.after.marks, way.ruled.marks
    names = dict.fromkeys([*ruled, *after])
    return [(name, after.get(name), ruled.get(name)) for name in names]


def _ordered(cause: Cause, moves: Iterable[_Move]) -> Iterator[_Step]:
    """What leaves the denominator does so last: before that there is always something in it."""
    changed = [move for move in moves if not _idle(move)]
    for leaves in (False, True):
        for indicator, before, after in changed:
            if _leaves(before, after) is leaves:
                yield cause, indicator, after


def _idle(move: _Move) -> bool:
    _, before, after = move
    nothing = Mark(0.0, 0.0, counted=False, known=False)
    return (before or nothing).gives_as(after or nothing)


def _leaves(before: Mark | None, after: Mark | None) -> bool:
    return bool(before and before.counted) and not (after and after.counted)
