"""Figures of whole arrays are those of one at a time."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from collector.texts import figures
from scoring.shown import shown

NUMBERS = st.one_of(
    st.floats(-1e12, 1e12),
    st.floats(-200, 200),
    # Ties at every digit, which floats miss by their last bit.
    st.integers(-(10**12), 10**12).map(lambda whole: whole / 2e9),
    st.integers(-(10**7), 10**7).map(lambda whole: whole / 2e3),
)


@given(st.lists(NUMBERS, min_size=1, max_size=40), st.integers(0, 9))
def test_a_figure_of_an_array_is_that_of_its_number_alone(
    numbers: list[float], digits: int
) -> None:
    found = figures(np.array(numbers), digits).tolist()

    alone = [float(shown(number, digits)) for number in numbers]
    assert [repr(one) for one in found] == [repr(one) for one in alone]


def test_what_is_not_there_stays_so() -> None:
    found = figures(np.array([[1.25, np.nan], [np.nan, -0.0]]), 1)

    assert found[0, 0] == 1.3
    assert math.isnan(found[0, 1])
    assert math.isnan(found[1, 0])
    assert repr(float(found[1, 1])) == "0.0"
