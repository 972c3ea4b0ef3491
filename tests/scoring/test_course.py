"""A long course of inputs, in which hardly anything changes."""

import numpy as np
import pytest

from scoring.history import Course, score_course
from scoring.model import Roster
from scoring.plan import prepare
from tests.scoring.example import METRICS, SET

TICKS = 9_000
# Signed, sent, meetings, officer, of two agencies each; the first one signs more, late.
LATE = 8_500
SERIES = (
    ((0, 60.0), (LATE, 80.0)),
    ((0, 70.0),),
    *(((0, number),) for number in (100.0, 100.0, 2.0, 2.0, 1.0, 1.0)),
)


def test_ranks_follow_a_change_late_in_a_long_course() -> None:
    plan = prepare(SET, METRICS, Roster(("a", "b"), ("office",) * 2), ("office",), "2024")
    entries = [entry for one in SERIES for entry in one]
    course = Course(
        METRICS,
        TICKS,
        np.cumsum([0, *(len(one) for one in SERIES)]),
        np.array([tick for tick, _ in entries]),
        np.array([number for _, number in entries]),
        np.zeros(len(entries), dtype=np.int8),
    )

    history = score_course(plan, course)

    assert history.rank[:, :LATE].T.tolist() == [[2, 1]] * LATE
    assert history.rank[:, LATE:].T.tolist() == [[1, 2]] * (TICKS - LATE)
    assert np.unique(np.round(history.score[0], 9)).tolist() == [72.5, 85]
    assert (history.coverage == 1).all()
    assert history.groups == ("documents", "people")
    assert np.round(history.points[:, 0, [0, LATE]], 9).tolist() == [[7.5, 10], [7, 7]]
    assert history.rank.dtype == np.int16


def test_a_course_of_other_metrics_is_refused_in_these_words() -> None:
    plan = prepare(SET, METRICS, Roster((), ()), (), "2024")
    none = np.zeros(0)
    course = Course(("a",), 1, none.astype(int), none.astype(int), none, none.astype(np.int8))

    with pytest.raises(ValueError, match=r"^the course has other metrics than the plan$"):
        score_course(plan, course)
