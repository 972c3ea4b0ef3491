"""A change of a score split by causes: exact, whole, and nothing where nothing changed."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scoring.changes import (
    CAUSES,
    Mark,
    Part,
    RankMove,
    Stand,
    Way,
    figure,
    nanos_of,
    parts_of,
    rank_move,
    shown_of,
)
from tests.scoring.provinces import examples

NAMES = tuple("abcde")
MOST = st.sampled_from([0.0, 1.0, 2.5, 10.0])


@st.composite
def marks(draw: st.DrawFn) -> Mark:
    most = draw(MOST)
    counted = draw(st.booleans())
    known = counted and draw(st.booleans())
    points = draw(st.floats(0, most)) if known else 0.0
    return Mark(points, most if counted else draw(st.sampled_from([0.0, most])), counted, known)


@st.composite
def stands(draw: st.DrawFn, scale: float = 100.0, names: tuple[str, ...] = NAMES) -> Stand:
    return Stand(scale, {name: draw(marks()) for name in names})


@st.composite
def ways(draw: st.DrawFn) -> Way:
    names = draw(st.lists(st.sampled_from("cdefg"), min_size=1, unique=True))
    ruled = draw(stands(draw(st.sampled_from([100.0, 1000.0])), tuple(names)))
    way = Way(draw(stands()), draw(stands()), draw(stands()), ruled)
    assume(exact(way.before) is not None and exact(way.ruled) is not None)
    return way


def exact(stand: Stand) -> Fraction | None:
    counted = [mark for mark in stand.marks.values() if mark.counted]
    most = sum(Fraction(mark.most) for mark in counted)
    if not most:
        return None
    return Fraction(stand.scale) * sum(Fraction(mark.points) for mark in counted) / most


def split(way: Way, digits: int = 2) -> tuple[Part, ...]:
    ends = [nanos_of(exact(stand) or Fraction(0)) for stand in (way.before, way.ruled)]
    return parts_of(way, (ends[0], ends[1]), digits)


@examples(100)
@given(ways(), st.integers(0, 6))
def test_the_parts_add_up_to_the_whole_exactly_as_quantised_and_as_shown(
    way: Way, digits: int
) -> None:
    first, last = exact(way.before) or Fraction(0), exact(way.ruled) or Fraction(0)

    parts = split(way, digits)

    assert sum(part.exact for part in parts) == last - first
    assert sum(part.nanos for part in parts) == nanos_of(last) - nanos_of(first)
    shown = [shown_of(nanos_of(end), digits) for end in (first, last)]
    assert sum((part.shown for part in parts), Decimal(0)) == shown[1] - shown[0]


@examples(100)
@given(ways())
def test_causes_follow_each_other_in_the_declared_order_and_each_step_is_made_once(
    way: Way,
) -> None:
    parts = split(way)

    causes = [part.cause for part in parts]
    assert causes == sorted(causes, key=CAUSES.index)
    steps = [(part.cause, part.indicator) for part in parts]
    assert len(set(steps)) == len(steps)


@examples(100)
@given(ways())
def test_an_indicator_that_stays_on_all_four_boards_has_no_part(way: Way) -> None:
    mark = way.before.marks["c"]
    still = Way(*(with_mark(stand, mark) for stand in boards(way)))
    assume(exact(still.before) is not None and exact(still.ruled) is not None)

    assert "c" not in {part.indicator for part in split(still)}


@examples(100)
@given(stands(), stands())
def test_without_new_rules_there_is_no_rule_change_and_without_new_data_nothing(
    first: Stand, second: Stand
) -> None:
    assume(exact(first) is not None and exact(second) is not None)

    assert "rule_change" not in {part.cause for part in split(Way(first, first, second, second))}
    assert split(Way(first, first, first, first)) == ()


@examples(100)
@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10)), min_size=1, max_size=5))
def test_back_again_each_part_is_the_same_the_other_way_round(
    points: list[tuple[float, float]],
) -> None:
    first, second = (
        Stand(100.0, {name: known(pair[side]) for name, pair in zip(NAMES, points, strict=False)})
        for side in (0, 1)
    )

    there = split(Way(first, first, second, second))
    back = split(Way(second, second, first, first))

    assert {part.indicator: part.exact for part in there} == {
        part.indicator: -part.exact for part in back
    }


@examples(100)
@given(ways())
def test_equal_agencies_have_equal_parts(way: Way) -> None:
    copy = Way(*(Stand(stand.scale, dict(stand.marks)) for stand in boards(way)))

    assert split(copy) == split(way)


def test_what_became_known_later_of_the_former_time_is_a_late_correction() -> None:
    before, late, after = (Stand(100.0, {"a": known(points)}) for points in (2.0, 4.0, 5.0))

    parts = split(Way(before, late, after, after))

    assert [(part.cause, part.shown) for part in parts] == [
        ("late_correction", Decimal("20.00")),
        ("new_data", Decimal("10.00")),
    ]


def test_what_becomes_known_gone_or_applicable_is_coverage_whatever_its_points() -> None:
    gone = Mark(0.0, 10.0, counted=False, known=False)
    before = Stand(100.0, {"a": known(5.0), "b": gone, "c": known(10.0)})
    after = Stand(100.0, {"a": known(5.0), "b": known(10.0), "c": gone})

    parts = split(Way(before, before, after, after))

    assert [(part.cause, part.indicator) for part in parts] == [
        ("coverage", "b"),
        ("coverage", "c"),
    ]
    assert sum(part.exact for part in parts) == 0


def test_what_was_never_there_and_never_counts_is_no_part() -> None:
    absent = Mark(float("nan"), 0.0, counted=False, known=False)
    before = Stand(100.0, {"a": known(5.0), "b": absent})
    after = Stand(100.0, {"a": known(6.0), "b": absent})

    assert [part.indicator for part in split(Way(before, before, after, after))] == ["a"]


def test_another_scale_is_a_rule_change_of_no_indicator() -> None:
    before = Stand(100.0, {"a": known(5.0)})

    (part,) = split(Way(before, before, before, replace(before, scale=1000.0)))

    assert (part.cause, part.indicator, part.shown) == ("rule_change", None, Decimal("450.00"))


def test_all_that_counted_may_leave_before_new_rules_count_something_else() -> None:
    gone = Mark(0.0, 10.0, counted=False, known=False)
    before, after = Stand(100.0, {"a": known(5.0)}), Stand(100.0, {"a": gone})
    ruled = Stand(100.0, {"a": Mark(0.0, 10.0, counted=True, known=False)})

    parts = split(Way(before, before, after, ruled))

    assert sum(part.exact for part in parts) == -50


def test_the_last_part_ends_at_the_scoreboards_own_figure() -> None:
    before, after = (Stand(100.0, {"a": known(points)}) for points in (1.0, 2.0))

    (part,) = parts_of(Way(before, before, after, after), (10 * 10**9, 20 * 10**9 + 1), 2)

    assert part.nanos == 10 * 10**9 + 1
    assert part.exact == 10


@examples(100)
@given(
    st.integers(0, 50),
    st.integers(0, 50),
    st.lists(st.integers(0, 50), max_size=6),
    st.lists(st.integers(0, 50), max_size=6),
)
def test_a_rank_moves_by_my_own_score_and_by_the_others_and_by_nothing_else(
    first: int, second: int, then: list[int], now: list[int]
) -> None:
    ranks = (rank(first, then), rank(second, now))

    move = rank_move(ranks, second, then)

    assert move.own + move.others == ranks[1] - ranks[0]
    if first == second:
        assert move.own == 0
    if then == now:
        assert move.others == 0


def test_a_rank_can_fall_by_the_others_while_my_own_score_rises() -> None:
    move = rank_move((7, 24), 84, [85, *range(60, 80)])

    assert move == RankMove(own=-5, others=22)


@pytest.mark.parametrize(
    ("exactly", "nanos"),
    [(Fraction(1, 3), 333_333_333), (Fraction(1, 2 * 10**9), 1), (Fraction(-1, 2 * 10**9), -1)],
)
def test_fractions_are_quantised_half_up_away_from_zero(exactly: Fraction, nanos: int) -> None:
    assert nanos_of(exactly) == nanos
    assert figure(exactly) == float(Decimal(nanos).scaleb(-9))


def known(points: float) -> Mark:
    return Mark(points, 10.0, counted=True, known=True)


def rank(score: int, others: list[int]) -> int:
    return 1 + sum(one > score for one in others)


def boards(way: Way) -> tuple[Stand, ...]:
    return way.before, way.late, way.after, way.ruled


def with_mark(stand: Stand, mark: Mark) -> Stand:
    return Stand(stand.scale, {**stand.marks, "c": mark})


def test_a_tie_is_no_loss_of_rank() -> None:
    assert rank_move((1, 1), 5, [5, 3]) == RankMove(0, 0)
    assert rank_move((1, 3), 4, [5, 4, 3]) == RankMove(1, 1)


def test_what_leaves_the_denominator_does_so_last() -> None:
    gone = Mark(0.0, 10.0, counted=False, known=False)
    before = Stand(100.0, {"a": known(5.0), "b": gone, "c": known(5.0)})
    after = Stand(100.0, {"a": gone, "b": known(10.0), "c": known(5.0)})
    ruled = Stand(100.0, {"a": gone, "b": gone, "c": Mark(5.0, 20.0, counted=True, known=True)})

    parts = split(Way(before, before, after, ruled))

    assert [(part.cause, part.indicator) for part in parts] == [
        ("coverage", "b"),
        ("coverage", "a"),
        ("rule_change", "c"),
        ("rule_change", "b"),
    ]


def test_what_was_there_in_another_way_is_no_late_correction() -> None:
    gone = Mark(0.0, 10.0, counted=False, known=False)
    before, late, after = (Stand(100.0, {"a": mark}) for mark in (known(2.0), gone, known(5.0)))

    (part,) = split(Way(before, late, after, after))

    assert (part.cause, part.shown) == ("new_data", Decimal("30.00"))


def test_what_is_shown_of_a_change_rounds_half_up() -> None:
    assert [str(shown_of(nanos, 2)) for nanos in (5_000_000, -5_000_000)] == ["0.01", "-0.01"]


def test_what_new_rules_bring_and_do_not_count_is_no_part() -> None:
    gone = Mark(0.0, 10.0, counted=False, known=False)
    before = Stand(100.0, {"a": known(5.0)})
    ruled = Stand(100.0, {"a": known(5.0), "b": gone})

    assert split(Way(before, before, before, ruled)) == ()
