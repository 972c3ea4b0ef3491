from math import nextafter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.model import Band
from scoring.shown import BandTable, nanos, quantised, shown
from tests.scoring.provinces import examples

BANDS = (Band("average", 50), Band("good", 85.5), Band("weak", 0), Band("fair", 70))


@pytest.mark.parametrize(
    ("score", "digits", "text"),
    [
        (79.995, 2, "80.00"),  # a float below the decimal that it stands for
        (79.99499999, 2, "79.99"),
        (79.9949999999, 2, "80.00"),  # equal to 79.995 at nine decimals
        (0.1 + 0.2, 1, "0.3"),
        (2.5, 0, "3"),
        (0.5, 0, "1"),
        (1 / 3, 9, "0.333333333"),
        (-0.125, 2, "-0.13"),
        (-0.0, 2, "0.00"),
        (-0.001, 2, "0.00"),
        (2.0**1000, 2, f"{2**1000}.00"),
    ],
)
def test_a_figure_is_shown_half_up_as_a_decimal(score: float, digits: int, text: str) -> None:
    assert str(shown(score, digits)) == text


def test_a_quantised_figure_has_nine_decimals_and_no_minus_before_zero() -> None:
    figures = [0.1 + 0.2, 2**-10, -1e-12, 2.0**64]

    texts = [f"{quantised(figure):f}" for figure in figures]

    # The second is a true tie: 0.0009765625.
    assert texts == ["0.300000000", "0.000976563", "0.000000000", f"{2**64}.000000000"]


def test_a_band_begins_at_its_start_whatever_the_order() -> None:
    figures = [0, 49.994999, 49.995, 69.99, 70, 85.49, 85.5, 100]

    found = [BandTable(BANDS, 2).of(figure) for figure in figures]

    assert found == ["weak", "weak", "average", "average", "fair", "fair", "good", "good"]


def test_below_all_bands_there_is_none() -> None:
    assert BandTable((Band("fair", 70),), 2).of(69.99) is None
    assert BandTable((), 2).of(70) is None


def test_of_two_bands_that_begin_at_the_same_score_the_first_one_holds() -> None:
    table = BandTable((Band("one", 50), Band("other", 50)), 2)

    assert table.of(60) == "one"
    assert table.of_all(np.full(9, 60.0)) == ("one",) * 9


def test_a_true_tie_of_an_array_is_rounded_away_from_zero() -> None:
    assert nanos(np.array([2.0**-10, -(2.0**-10), 3.0])).tolist() == [976563, -976563, 3 * 10**9]


near_ties = st.builds(
    lambda units, steps: _stepped((units + 0.5) / 1e9, steps),
    st.integers(-(10**13), 10**13),
    st.integers(-3, 3),
)
figures = st.one_of(
    st.floats(-9e9, 9e9), st.floats(-100, 100), near_ties, st.integers(-(10**9), 10**9).map(float)
)


def _stepped(figure: float, steps: int) -> float:
    for _ in range(abs(steps)):
        figure = nextafter(figure, np.copysign(np.inf, steps))
    return figure


@examples(300)
@given(st.lists(figures, min_size=1))
def test_whole_arrays_are_quantised_like_single_figures(numbers: list[float]) -> None:
    units = nanos(np.array(numbers))

    assert units.tolist() == [int(quantised(number).scaleb(9)) for number in numbers]


@examples(200)
@given(figures, figures, st.integers(0, 9))
def test_what_is_shown_never_contradicts_the_rank(one: float, other: float, digits: int) -> None:
    first, second = nanos(np.array([one, other])).tolist()

    assert (first < second) <= (shown(one, digits) <= shown(other, digits))
    assert (first == second) <= (shown(one, digits) == shown(other, digits))
